"""Steps shared by several statements: margins, the ramp and its tent, and moment generating functions.

Units: s = S √(d/c), so that Y = √(d/c)/L times a Lipschitz function less its mean has P(|Y| ≥ t) ≤ 2 exp(-t²/2). The
width of the ramp is γ = θS, and φ = 1 - θ.
"""

from __future__ import annotations

import sympy as sp

from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Identity, Monotone, Refutation
from noprune_theory.verifier.statement import Role, Step
from verification.facts.concentration import LOG_BELOW_TANGENT_LEFT, LOG_BELOW_TANGENT_RIGHT

__all__ = [
    "CENTRED_MGF",
    "CENTRED_PROXY",
    "MARGIN_LIPSCHITZ",
    "RAMP",
    "SIGNED_CONVEX",
    "SIGNED_DOUBLE",
    "SIGNED_MGF",
    "TENT_MEAN",
    "TENT_MGF",
    "TENT_TAIL",
    "centred_middle",
    "signed",
]

h, h_other, t, gap, first, second = sp.symbols("h h' t eta a b", nonnegative=True)
gamma, ell, s, theta, scale = sp.symbols("gamma ell s theta S", positive=True)
u, v, y, r, k = sp.symbols("u v y r k", positive=True)
x = sp.Symbol("x", real=True)
A = sp.log(2)

MARGIN_LIPSCHITZ = Step(
    "h_f(x) ≤ h_f(x') + |x - x'|, whenever f is not constant (Lemma 18)",
    (
        Obligation(
            "same class: z of the other class with |x' - z| ≤ h' + η has |x - z| ≤ |x - x'| + |x' - z| (a = |x' - "
            "z|, b = |x - z|, t = |x - x'|)",
            sp.Le(h, h_other + t + gap),
            Refutation(),
            (sp.Le(h, second), sp.Le(second, t + first), sp.Le(first, h_other + gap)),
        ),
        Obligation(
            "other class: x' itself is of the other class, so h ≤ |x - x'|",
            sp.Le(h, h_other + t),
            Refutation(),
            (sp.Le(h, t),),
        ),
    ),
)


def signed(slope: sp.Expr) -> Obligation:
    """Points of different classes: d_f differs by h + h', each at most the distance."""
    return Obligation(
        f"different classes: h + h' ≤ {slope}|x - x'|, each of the two is of the other's other class",
        sp.Le(h + h_other, slope * t),
        Refutation(),
        (sp.Le(h, t), sp.Le(h_other, t)),
    )


SIGNED_DOUBLE = Step(
    "d_f is 2-Lipschitz, whatever the domain", (*MARGIN_LIPSCHITZ.obligations, signed(sp.Integer(2))), role=Role.OURS
)
SIGNED_CONVEX = Step(
    "d_f is 1-Lipschitz where the segment [x, x'] lies in X: it holds a point z with both classes arbitrarily near, "
    "so h ≤ |x - z| + η and h' ≤ |z - x'| + η",
    (
        *MARGIN_LIPSCHITZ.obligations,
        Obligation(
            "h + h' ≤ |x - x'| + 2η (a = |x - z|)",
            sp.Le(h + h_other, t + 2 * gap),
            Refutation(),
            (sp.Le(h, first + gap), sp.Le(h_other, t - first + gap), sp.Le(first, t)),
        ),
    ),
    role=Role.OURS,
)
RAMP = Step(
    "F = f min(1, h_f/γ) is (ℓ/γ)-Lipschitz (ℓ = 1 if d_f is 1-Lipschitz, else 2) and |f - F| = T = max(0, 1 - "
    "h_f/γ), closed classes or not",
    (
        Obligation(
            "same class: |min(1, h/γ) - min(1, h'/γ)| ≤ t/γ",
            sp.Le(sp.Abs(sp.Min(1, h / gamma) - sp.Min(1, h_other / gamma)), t / gamma),
            Refutation(),
            (sp.Le(h, h_other + t), sp.Le(h_other, h + t)),
        ),
        Obligation(
            "different classes: min(1, h/γ) + min(1, h'/γ) ≤ ℓt/γ",
            sp.Le(sp.Min(1, h / gamma) + sp.Min(1, h_other / gamma), ell * t / gamma),
            Refutation(),
            (sp.Le(h + h_other, ell * t),),
        ),
        Obligation(
            "1 - min(1, h/γ) = max(0, 1 - h/γ)",
            equation(1 - sp.Min(1, h / gamma), sp.Max(0, 1 - h / gamma)),
            Refutation(),
        ),
    ),
    role=Role.OURS,
)
TENT_TAIL = Step(
    "P(T ≥ t) ≤ 2 exp(-s²(1 - θ + θt)²/2): T ≥ t means h_f ≤ γ(1 - t), and h_f is 1-Lipschitz with mean S(f) ≥ S",
    (
        Obligation(
            "then S(f) - h ≥ S(f)(1 - θ + θt), γ = θS(f)",
            sp.Ge(scale - h, scale * (1 - theta + theta * t)),
            Refutation(),
            (sp.Le(h, theta * scale * (1 - t)),),
        ),
        Obligation(
            "d(S(f)b)²/(2c) = s²b²/2 with s = S(f)√(d/c)",
            equation(lambda: v * (scale * y) ** 2 / (2 * r), lambda: (scale * sp.sqrt(v / r)) ** 2 * y**2 / 2),
            Identity(),
        ),
        Obligation(
            "a larger S(f) makes it smaller",
            sp.Le(s**2 * y**2, u**2 * y**2),
            Refutation(),
            (sp.Le(s, u),),
        ),
    ),
    role=Role.OURS,
    rests_on=("isoperimetry",),
)
phi = sp.Symbol("phi", positive=True)
TILT = s**2 * theta * phi


def gaussian_piece(rate: sp.Expr, shift: sp.Expr) -> Obligation:
    """Antiderivative of exp(-(shift + rate t)²/2)."""
    return Obligation(
        f"√(π/2)/({rate}) erf(({shift} + {rate} t)/√2) has the derivative exp(-({shift} + {rate} t)²/2)",
        equation(
            sp.Derivative(sp.sqrt(sp.pi / 2) / rate * sp.erf((shift + rate * v) / sp.sqrt(2)), v),
            sp.exp(-((shift + rate * v) ** 2) / 2),
        ),
        Identity(),
    )


TENT_MGF = Step(
    "E exp(λT) ≤ M = 1 + √(2π) sφ exp(-s²φ²/2) erf(sθ/√2) at λ = s²θφ, φ = 1 - θ",
    (
        Obligation(
            "λt - s²(φ + θt)²/2 = -s²φ²/2 - s²θ²t²/2",
            equation(
                lambda: TILT * v - s**2 * (phi + theta * v) ** 2 / 2,
                lambda: -(s**2) * phi**2 / 2 - (s * theta * v) ** 2 / 2,
            ),
            Identity(),
        ),
        gaussian_piece(s * theta, sp.S.Zero),
        Obligation(
            "2λ exp(-s²φ²/2) √(π/2)/(sθ) erf(sθ/√2) is the second term of M",
            equation(
                lambda: (
                    2
                    * TILT
                    * sp.exp(-(s**2) * phi**2 / 2)
                    * sp.sqrt(sp.pi / 2)
                    / (s * theta)
                    * sp.erf(s * theta / sp.sqrt(2))
                ),
                lambda: sp.sqrt(2 * sp.pi) * s * phi * sp.exp(-(s**2) * phi**2 / 2) * sp.erf(s * theta / sp.sqrt(2)),
            ),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("layer cake",),
)
TENT_MEAN = Step(
    "E T ≤ (√(2π)/(sθ)) (erf(s/√2) - erf(sφ/√2)), the integral of the tail over [0, 1]",
    (
        gaussian_piece(s * theta, s * phi),
        Obligation("2√(π/2) = √(2π)", equation(lambda: 2 * sp.sqrt(sp.pi / 2), lambda: sp.sqrt(2 * sp.pi)), Identity()),
    ),
    role=Role.OURS,
    rests_on=("layer cake",),
)


NEXT_TERM = Obligation(
    "2(k+1+a)(k+1)/((2k+1)(2k+2)) ≤ 1 + a, a = log 2: induction from equality at k = 1",
    sp.Le(2 * (k + 1 + v) * (k + 1), (1 + v) * (2 * k + 1) * (2 * k + 2)),
    Refutation(),
    (sp.Ge(k, 1),),
)
MOMENT = Obligation(
    "the derivative of -(a + w)^k exp(-w) is (a + w)^k exp(-w) - k (a + w)^(k-1) exp(-w): m_k = a^k + k m_{k-1} for "
    "m_k = E (a + w)^k",
    equation(
        sp.Derivative(-((u + y) ** k) * sp.exp(-y), y),
        (u + y) ** k * sp.exp(-y) - k * (u + y) ** (k - 1) * sp.exp(-y),
    ),
    Identity(),
)
SIGNED_MGF = Step(
    "If P(|Y| ≥ t) ≤ 2 exp(-t²/2) and σ is an independent fair sign, E exp(uσY) = E cosh(uY) ≤ exp((1 + log 2)u²): "
    "Y²/2 is at most a + w in law, a = log 2 and w exponential, and the terms u^{2k} E Y^{2k}/(2k)! are compared",
    (
        Obligation(
            "2 exp(-(a + w)) = exp(-w) at a = log 2",
            equation(lambda: 2 * sp.exp(-(sp.log(2) + y)), lambda: sp.exp(-y)),
            Identity(),
        ),
        MOMENT,
        Obligation(
            "m_{k+1} = a^{k+1} + (k+1) m_k ≤ (k + 1 + a) m_k, as m_k ≥ a^k",
            sp.Le(v * r + (k + 1) * u, (k + 1 + v) * u),
            Refutation(),
            (sp.Ge(u, r),),
        ),
        Obligation(
            "k = 1: 2 m_1/2! = 1 + a, the term of exp((1 + a)u²)",
            equation(lambda: 2 * (v + 1) / 2, lambda: 1 + v),
            Identity(),
        ),
        NEXT_TERM,
    ),
    role=Role.OURS,
    rests_on=("expectation", "independence", "induction", "power series", "layer cake"),
)

# U with |U| <= |Y|: log E exp(u(U - EU)) <= kappa u^2/2. M(u) = E exp(u|Y|), m = E|Y|, G = M - 1 - um.
CENTRED_PROXY = sp.Rational(61, 10)
LOWEST = sp.sqrt(2 * sp.log(2))
MEAN = LOWEST + sp.sqrt(2 * sp.pi) * (1 - sp.erf(LOWEST / sp.sqrt(2)))
MGF = sp.exp(u * LOWEST) + u * sp.sqrt(2 * sp.pi) * sp.exp(u**2 / 2) * (1 + sp.erf((u - LOWEST) / sp.sqrt(2)))
EXCESS = MGF - 1 - u * MEAN
SWITCH, LARGE = sp.Rational(13, 20), sp.Rational(5, 2)
growth, shift = sp.Symbol("G", positive=True), sp.Symbol("m", nonnegative=True)


def centred_middle(proxy: sp.Rational) -> Obligation:
    """State the bound on the box that needs the constant: the ratio is 6.062 at u = 0.841."""
    return Obligation(
        f"13/20 ≤ u ≤ 5/2: log(1 + G - um) + um ≤ {proxy}u²/2",
        sp.Le(sp.log(1 + EXCESS - u * MEAN) + u * MEAN, proxy * u**2 / 2),
        Balls(),
        (sp.Ge(u, SWITCH), sp.Le(u, LARGE)),
    )


CENTRED_MGF = Step(
    "If |U| ≤ |Y|, P(|Y| ≥ t) ≤ 2 exp(-t²/2): log E exp(u(U - EU)) ≤ κu²/2, κ = 61/10. With ξ = uEU and G = "
    "E[exp(u|Y|) - 1 - u|Y|] it is at most log(1 + ξ + G) - ξ, ξ ≥ -um, m = E|Y|",
    (
        Obligation(
            "exp(v) - 1 - v ≤ exp(|v|) - 1 - |v|: exp(w) - exp(-w) ≥ 2w",
            sp.Ge(sp.exp(y) - sp.exp(-y) - 2 * y, 0),
            Monotone(y, sp.S.Zero, then=Monotone(y, sp.S.Zero, then=Refutation())),
        ),
        LOG_BELOW_TANGENT_RIGHT,
        LOG_BELOW_TANGENT_LEFT,
        Obligation(
            "it is at most G: log(1 + ξ + G) ≤ ξ + G",
            sp.Le(sp.log(r) - x, growth),
            Refutation(),
            (equation(r, 1 + x + growth), sp.Le(sp.log(r), r - 1)),
        ),
        Obligation(
            "and where G ≥ um, at most log(1 + G - um) + um: with q = (1 + ξ + G)/(1 + G - um), log q ≤ q - 1 ≤ ξ + um",
            sp.Le(v - x, y + shift),
            Refutation(),
            (
                sp.Ge(growth, shift),
                sp.Ge(x, -shift),
                sp.Le(v - y, (1 + x + growth) / (1 + growth - shift) - 1),
            ),
        ),
        Obligation(
            "u√(2π) exp(u²/2) erf((t - u)/√2) has the derivative 2u exp(ut - t²/2): M and m by the layer cake from "
            "t² = 2 log 2",
            equation(
                sp.Derivative(u * sp.sqrt(2 * sp.pi) * sp.exp(u**2 / 2) * sp.erf((v - u) / sp.sqrt(2)), v),
                2 * u * sp.exp(u * v - v**2 / 2),
            ),
            Identity(),
        ),
        Obligation(
            "u ≤ 13/20: G/u² = Σ_{k ≥ 2} u^{k-2} E|Y|^k/k! increases, and G ≤ κu²/2 at u = 13/20",
            sp.Le(EXCESS.subs(u, SWITCH), CENTRED_PROXY * SWITCH**2 / 2, evaluate=False),
            Balls(),
        ),
        Obligation(
            "u ≥ 13/20: so does G/u, and G ≥ um at u = 13/20",
            sp.Ge(EXCESS.subs(u, SWITCH), SWITCH * MEAN, evaluate=False),
            Balls(),
        ),
        centred_middle(CENTRED_PROXY),
        Obligation(
            "u ≥ 5/2: M ≤ (1 + 2√(2π)u) exp(u²/2), as u√(2 log 2) ≤ 6u/5 ≤ u²/2",
            sp.Le(sp.Rational(6, 5) * u, u**2 / 2),
            Refutation(),
            (sp.Ge(u, LARGE),),
        ),
        *(
            Obligation(name, sp.Le(value, bound, evaluate=False), Balls())
            for name, value, bound in (
                ("√(2 log 2) ≤ 6/5", LOWEST, sp.Rational(6, 5)),
                ("m ≤ 89/50", MEAN, sp.Rational(89, 50)),
                ("√(2π) ≤ 251/100", sp.sqrt(2 * sp.pi), sp.Rational(251, 100)),
                ("log 16 ≤ 14/5", sp.log(16), sp.Rational(14, 5)),
            )
        ),
        Obligation(
            "u ≥ 5/2: log(1 + 2√(2π)u) ≤ log 16 + (1 + 2√(2π)u)/16 - 1, plus u²/2 + um, is at most κu²/2",
            sp.Le(
                sp.Rational(14, 5) + (1 + sp.Rational(251, 50) * u) / 16 - 1 + u**2 / 2 + sp.Rational(89, 50) * u,
                CENTRED_PROXY * u**2 / 2,
            ),
            Refutation(),
            (sp.Ge(u, LARGE),),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "layer cake", "power series"),
)
