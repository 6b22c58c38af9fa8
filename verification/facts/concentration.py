"""Steps shared by several statements: Hoeffding's lemma, Chernoff's bound, and the subgaussian averages of B.1.3.

Each is a `Step` with its obligations, so that a statement that uses it also carries, and re-runs, its proof.
"""

from __future__ import annotations

import sympy as sp

from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation, instance
from noprune_theory.verifier.provers import Balls, Identity, LimitValue, Monotone, Refutation
from noprune_theory.verifier.statement import Role, Step

__all__ = [
    "CHERNOFF",
    "EXP_ABOVE_TANGENT",
    "HOEFFDING",
    "LAYER_CAKE",
    "PRINTED_AVERAGE",
    "SHARP_AVERAGE",
    "NOISE_PRODUCT",
    "WORST_NOISE",
    "exponent_at_optimal_tilt",
]

a, b, h, n, r, s, t, u, v, y = sp.symbols("a b h n r s t u v y", positive=True)
tilt = sp.Symbol("lambda", positive=True)
alpha, left, right, p = sp.symbols("alpha a b p", real=True)

EXP_ABOVE_TANGENT = Obligation(
    "exp(s) ≥ 1 + s for s ≥ 0",
    sp.Ge(sp.exp(s), 1 + s),
    Monotone(s, sp.S.Zero, then=Monotone(s, sp.S.Zero, then=Refutation())),
)
# E exp(sX^2) <= 1 + the integral of 2st exp(st^2) min(1, 2 exp(-t^2)), which is split at t^2 = log 2.
SPLIT = sp.sqrt(sp.log(2))
BELOW, ABOVE = sp.exp(s * t**2), -2 * s * sp.exp(-(1 - s) * t**2) / (1 - s)
LAYER_CAKE = (
    Obligation(
        "2st exp(st²) has the antiderivative exp(st²)",
        equation(sp.Derivative(BELOW, t), 2 * s * t * sp.exp(s * t**2)),
        Identity(),
    ),
    Obligation(
        "2st exp(st²) · 2 exp(-t²) has the antiderivative -2s exp(-(1-s)t²)/(1-s)",
        equation(sp.Derivative(ABOVE, t), 2 * s * t * sp.exp(s * t**2) * 2 * sp.exp(-(t**2))),
        Identity(),
        (sp.Lt(s, 1),),
    ),
    Obligation("which tends to 0", equation(sp.Limit(ABOVE, t, sp.oo), 0), LimitValue(), (sp.Lt(s, 1),)),
    Obligation(
        "E exp(sX²) ≤ 1 + ∫ 2st exp(st²) min(1, 2 exp(-t²)) dt = 2^s/(1-s) if P(|X| ≥ t) ≤ 2 exp(-t²), split at "
        "t² = log 2",
        equation(1 + BELOW.subs(t, SPLIT) - BELOW.subs(t, 0) + 0 - ABOVE.subs(t, SPLIT), 2**s / (1 - s)),
        Identity(),
        (sp.Lt(s, 1),),
    ),
)
EXP_ABOVE_TANGENT_LEFT = Obligation(
    "exp(-s) ≥ 1 - s for s ≥ 0",
    sp.Ge(sp.exp(-s), 1 - s),
    Monotone(s, sp.S.Zero, then=Monotone(s, sp.S.Zero, then=Refutation())),
)
e_right, e_left, e_middle = sp.symbols("E_b E_a E_m", positive=True)


LOG_MGF_BELOW_PARABOLA = Obligation(
    "two-point law: log(1 - p + p exp(h)) - p h ≤ h²/8 for h ≥ 0",
    sp.Le(-p * h + sp.log(1 - p + p * sp.exp(h)), h**2 / 8),
    Monotone(h, sp.S.Zero, then=Monotone(h, sp.S.Zero, then=Refutation())),
    (sp.Gt(p, 0), sp.Lt(p, 1)),
)

HOEFFDING = Step(
    "Hoeffding's lemma: X with mean zero in an interval of length ℓ has log E exp(λX) ≤ λ²ℓ²/8 (interval [-pℓ, "
    "(1-p)ℓ], h = λℓ)",
    (
        EXP_ABOVE_TANGENT,
        EXP_ABOVE_TANGENT_LEFT,
        Obligation(
            "the chord lies above: exp(m) ≤ α exp(b) + (1-α) exp(a) at m = αb + (1-α)a, from the tangent at m",
            sp.Ge(alpha * e_right + (1 - alpha) * e_left, e_middle),
            Refutation(),
            (
                sp.Ge(alpha, 0),
                sp.Le(alpha, 1),
                sp.Ge(e_right, e_middle * (1 + (1 - alpha) * (right - left))),
                sp.Ge(e_left, e_middle * (1 - alpha * (right - left))),
            ),
        ),
        LOG_MGF_BELOW_PARABOLA,
        Obligation(
            "and for -h, which exchanges p and 1 - p",
            sp.Eq(
                sp.exp(p * h) * (1 - p + p * sp.exp(-h)),
                sp.exp(-(1 - p) * h) * (p + (1 - p) * sp.exp(h)),
            ),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation",),
)


def exponent_at_optimal_tilt(proxy: sp.Expr) -> Obligation:
    """Return Chernoff's exponent for variance proxy v, at the tilt u/v."""
    return Obligation(
        "n(vλ²/2 - λu) = -nu²/(2v) at λ = u/v",
        equation(lambda: n * (proxy * (u / proxy) ** 2 / 2 - u / proxy * u), lambda: -n * u**2 / (2 * proxy)),
        Identity(),
    )


CHERNOFF = Step(
    "Chernoff: if log E exp(λX) ≤ vλ²/2 for λ ≥ 0 then P(mean of n copies ≥ u) ≤ exp(-nu²/(2v))",
    (
        Obligation(
            "the indicator of t ≥ 0 is at most exp(λnt)",
            sp.Ge(sp.exp(s), 1),
            Refutation(),
            (instance(EXP_ABOVE_TANGENT),),
        ),
        exponent_at_optimal_tilt(v),
    ),
    role=Role.OURS,
    rests_on=("expectation", "independence"),
)

# Noise z with mean zero in an interval of length 2, the worst position of the interval: psi(v) = sup log E exp(v z).

LOG_BELOW_TANGENT_RIGHT = Obligation(
    "log r ≤ r - 1 for r ≥ 1", sp.Le(sp.log(r), r - 1), Monotone(r, sp.S.One, then=Refutation()), (sp.Ge(r, 1),)
)
LOG_BELOW_TANGENT_LEFT = Obligation(
    "log r ≤ r - 1 for 0 < r ≤ 1", sp.Le(sp.log(r), r - 1), Monotone(r, sp.S.One, then=Refutation()), (sp.Le(r, 1),)
)
growth = sp.Symbol("E", positive=True)  # exp(h) - 1
WORST_NOISE = Step(
    "Mean-zero z in an interval of length 2: log E exp(vz) ≤ ψ(h) = log((exp(h) - 1)/h) - 1 + h/(exp(h) - 1), h = 2|v|",
    (
        *HOEFFDING.obligations,
        LOG_BELOW_TANGENT_RIGHT,
        LOG_BELOW_TANGENT_LEFT,
        Obligation(
            "two-point law: -ph + log K + ((1 + pE)/K - 1) with E = exp(h) - 1, K = E/h no longer depends on p",
            sp.Eq(
                -p * h + sp.log(growth / h) + (1 + p * growth) / (growth / h) - 1, sp.log(growth / h) - 1 + h / growth
            ),
            Identity(),
        ),
        Obligation(
            "ψ' = exp(h) (2h sinh h - h² - 2 cosh h + 2)/(h (exp(h) - 1)²)",
            equation(
                sp.Derivative(sp.log(sp.exp(h) - 1) - sp.log(h) - 1 + h / (sp.exp(h) - 1), h)
                * h
                * (sp.exp(h) - 1) ** 2,
                sp.exp(h) * (2 * h * sp.sinh(h) - h**2 - 2 * sp.cosh(h) + 2),
            ),
            Identity(),
            (instance(EXP_ABOVE_TANGENT, {s: h}),),
        ),
        Obligation(
            "so ψ increases",
            sp.Ge(2 * h * sp.sinh(h) - h**2 - 2 * sp.cosh(h) + 2, 0),
            Monotone(h, sp.S.Zero, then=Monotone(h, sp.S.Zero, then=Monotone(h, sp.S.Zero, then=Refutation()))),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation",),
)

# The product (f - E f) z with P(|f - E f| >= t) <= 2 exp(-t^2/2), unit s^2 = c L^2/d: variance proxy 4.

ell = sp.Symbol("ell", positive=True)  # lambda^2
centre = sp.Symbol("m", real=True)
NODES = (sp.sqrt(2 * sp.log(2)), sp.Rational(7, 4), sp.Rational(5, 2))


def _piece(lower: sp.Expr, upper: sp.Expr | None) -> sp.Expr:
    """Return the integral of `(exp(2 lambda t) - 1) exp(-t^2/2)` over a piece, times the largest weight on it."""

    def gaussian(shift: sp.Expr) -> sp.Expr:
        top = 1 if upper is None else sp.erf((upper - shift) / sp.sqrt(2))
        return sp.sqrt(sp.pi / 2) * (top - sp.erf((lower - shift) / sp.sqrt(2)))

    h_lower = 2 * tilt * lower
    weight = sp.exp(h_lower / (sp.exp(h_lower) - 1) - 1)
    return weight * (gaussian(2 * tilt) - sp.exp(-2 * tilt**2) * gaussian(sp.S.Zero))


_PIECES = sum((_piece(lo, hi) for lo, hi in zip(NODES, (*NODES[1:], None), strict=True)), sp.S.Zero)
SMALL_TILT, LARGE_TILT = sp.Rational(3, 5), sp.Rational(5, 4)
SHRINKING = Obligation(
    "h/(exp(h) - 1) decreases: exp(h) - 1 - h exp(h) ≤ 0",
    sp.Le(sp.exp(h) - 1 - h * sp.exp(h), 0),
    Monotone(h, sp.S.Zero, then=Refutation()),
)


def product_bound(factor: sp.Rational) -> tuple[Obligation, ...]:
    """`E exp(lambda (f - E f) z) <= exp(factor lambda^2 / 2)`: small tilts, a box of middle ones, and large ones."""
    half = factor / 2
    constant = sp.exp(2 * LARGE_TILT * NODES[0] / (sp.exp(2 * LARGE_TILT * NODES[0]) - 1) - 1)
    return (
        Obligation(
            f"λ ≤ {SMALL_TILT}: E exp(λ²Y²/2) ≤ 2^ℓ/(1-ℓ) ≤ exp({factor}ℓ/2), ℓ = λ²",
            sp.Le(ell * sp.log(2) - sp.log(1 - ell), half * ell),
            Balls(),
            (sp.Ge(ell, sp.Rational(1, 100)), sp.Le(ell, SMALL_TILT**2)),
        ),
        Obligation(
            "the same for ℓ ≤ 1/100",
            sp.Le(ell * sp.log(2) - sp.log(1 - ell), half * ell),
            Monotone(ell, sp.S.Zero, then=Balls()),
            (sp.Le(ell, sp.Rational(1, 100)),),
        ),
        Obligation(
            f"{SMALL_TILT} ≤ λ ≤ {LARGE_TILT}: (1/λ) Σ over pieces, divided by exp({factor}λ²/2), is below one",
            sp.Lt(sp.exp((2 - half) * tilt**2) * _PIECES / tilt, 1),
            Balls(),
            (sp.Ge(tilt, SMALL_TILT), sp.Le(tilt, LARGE_TILT)),
        ),
        Obligation(
            f"λ ≥ {LARGE_TILT}: √(2π)/λ exp(h/(exp(h)-1) - 1) exp(2λ²) ≤ exp({factor}λ²/2) in logarithms, h at its "
            "smallest value",
            sp.Ge(half * tilt**2, sp.log(sp.sqrt(2 * sp.pi) * constant) - sp.log(tilt) + 2 * tilt**2),
            Monotone(tilt, LARGE_TILT, then=Refutation(), base=Balls()),
            (sp.Ge(tilt, LARGE_TILT),),
        ),
    )


NOISE_PRODUCT = Step(
    "If Y = Y(x) has P(|Y| ≥ t) ≤ 2 exp(-t²/2) and z, given x, has mean zero in an interval of length 2, then log E "
    "exp(λYz) ≤ 4λ²/2 (layer cake: E exp(ψ(2λ|Y|)) ≤ ∫ 2t exp(-t²/2 + ψ(2λt)) dt from t² = 2 log 2)",
    (
        *HOEFFDING.obligations,
        *LAYER_CAKE,
        SHRINKING,
        Obligation(
            "2t (exp(h) - 1)/h = (exp(h) - 1)/λ at h = 2λt; E stands for exp(h) - 1",
            equation(lambda: 2 * t * growth / (2 * tilt * t), lambda: growth / tilt),
            Identity(),
        ),
        Obligation(
            "2λt - t²/2 = 2λ² - (t - 2λ)²/2",
            equation(lambda: 2 * tilt * t - t**2 / 2, lambda: 2 * tilt**2 - (t - 2 * tilt) ** 2 / 2),
            Identity(),
        ),
        Obligation(
            "√(π/2) erf((t - m)/√2) has derivative exp(-(t - m)²/2)",
            equation(
                sp.Derivative(sp.sqrt(sp.pi / 2) * sp.erf((t - centre) / sp.sqrt(2)), t),
                sp.exp(-((t - centre) ** 2) / 2),
            ),
            Identity(),
        ),
        Obligation(
            "the tail bound is one at t² = 2 log 2",
            equation(lambda: 2 * sp.exp(-(NODES[0] ** 2) / 2), lambda: 1),
            Identity(),
        ),
        *product_bound(sp.Integer(4)),
    ),
    role=Role.OURS,
    rests_on=("expectation", "conditioning", "layer cake"),
)


# Appendix B.1.3 as printed: from the tail of f - E f to that of the mean of n products, with C = 144 c L^2/(n d).

length, scale, samples, constant = sp.symbols("L c n C", positive=True)
dimension = sp.Symbol("d", positive=True)
PRINTED_AVERAGE = Step(
    "X_t is C0-subgaussian with C0 = 144 cL²/(nd) (B.1.3): √(d/c)(f - Ef)/L is 2-subgaussian, times |z| ≤ 2 it is "
    "8-subgaussian, and the mean of n costs a factor 18/n (footnote 5 and Chernoff)",
    (
        *CHERNOFF.obligations,
        Obligation(
            "d t²/(2cL²) = y²/2 at t = yL√(c/d)",
            equation(
                lambda: dimension * (y * length * sp.sqrt(scale / dimension)) ** 2 / (2 * scale * length**2),
                lambda: y**2 / 2,
            ),
            Identity(),
        ),
        Obligation("(t/2)²/2 = t²/8", equation(lambda: (t / 2) ** 2 / 2, lambda: t**2 / 8), Identity()),
        Obligation(
            "log E exp(λX) ≤ 9Cλ²/2 for each of n terms: P(mean ≥ u) ≤ exp(-nu²/(18C))",
            equation(lambda: -samples * u**2 / (2 * 9 * constant), lambda: -(u**2) / (18 * constant / samples)),
            Identity(),
        ),
        Obligation("18 · 8 = 144", equation(lambda: sp.Mul(18, 8, evaluate=False), lambda: 144), Identity()),
    ),
    rests_on=("isoperimetry", "expectation", "independence"),
)
SHARP_AVERAGE = Step(
    "P(X_t ≥ u) ≤ exp(-u² nd/(8cL²)): variance proxy 4cL²/d for each product, and Chernoff",
    (
        *CHERNOFF.obligations,
        Obligation(
            "nu²/(2v) = u² nd/(8cL²) at v = 4cL²/d",
            equation(
                lambda: samples * u**2 / (2 * (4 * scale * length**2 / dimension)),
                lambda: u**2 * samples * dimension / (8 * scale * length**2),
            ),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("isoperimetry", "expectation", "independence"),
)
