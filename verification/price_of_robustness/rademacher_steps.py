"""The Rademacher average of a finite class with surrogates: its parts, and how they add up to one constant.

q = √(P/n)/s with P = log of the size of the class and s = S √(d/c); ω = ℓ/(θs) is the Lipschitz constant of the ramp.
"""

from __future__ import annotations

import sympy as sp

from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Identity, Refutation
from noprune_theory.verifier.statement import Role, Step

__all__ = ["MEANS", "SMOOTH", "TENTS", "add_up", "constant"]

n, P, s, K, q, omega, y = sp.symbols("n P s K q omega y", positive=True)
theta, phi, ell = sp.symbols("theta phi ell", positive=True)
v = sp.Symbol("v", real=True)
A = sp.Symbol("a", positive=True)  # log 2
first, smooth, squared, exponential, largest = sp.symbols("T_1 T_2 T_3 T_4 M", nonnegative=True)

MEANS = Step(
    "Σσ_i F(x_i) = Σσ_i (F - EF) + EF Σσ_i, |EF| ≤ 1, and E|Σσ_i| ≤ √n",
    (
        Obligation(
            "|v| ≤ (v²/√n + √n)/2, and E v² = n for v = Σσ_i (y for √n)",
            sp.Le(sp.Abs(v), (v**2 / y + y) / 2),
            Refutation(),
        ),
        Obligation(
            "(n/√n + √n)/(2n) = 1/√n",
            equation(lambda: (n / sp.sqrt(n) + sp.sqrt(n)) / (2 * n), 1 / sp.sqrt(n)),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "independence"),
)
SMOOTH = Step(
    "E sup |Σσ_i (F - EF)|/n ≤ 2ω√((1 + a)(P + a)/n), a = log 2: the union of 2|F| terms with log E exp(λ·) ≤ n(1 + "
    "a)λ²ω²",
    (
        Obligation(
            "(P + a)/λ + n(1 + a)λω² = 2ω√(n(1 + a)(P + a)) at λ = √((P + a)/(n(1 + a)))/ω",
            equation(
                lambda: (
                    (P + A) / (sp.sqrt((P + A) / (n * (1 + A))) / omega)
                    + n * (1 + A) * (sp.sqrt((P + A) / (n * (1 + A))) / omega) * omega**2
                ),
                lambda: 2 * omega * sp.sqrt(n * (1 + A) * (P + A)),
            ),
            Identity(),
        ),
        Obligation(
            "the largest of two positive numbers is at most their sum",
            sp.Le(sp.Max(first, smooth), first + smooth),
            Refutation(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "independence", "induction"),
)
tilt = s**2 * theta * phi
TENTS = Step(
    "E sup mean T ≤ (P/n + log M)/λ with λ = s²θφ: q²/(θφ) + √(2π) exp(-s²φ²/2)/(θs)",
    (
        Obligation(
            "P/(nλ) = q²/(θφ)",
            equation(lambda: P / (n * tilt), lambda: (sp.sqrt(P / n) / s) ** 2 / (theta * phi)),
            Identity(),
        ),
        Obligation(
            "log M ≤ M - 1 and erf ≤ 1: √(2π)sφ exp(-s²φ²/2)/λ is the second term",
            equation(
                lambda: sp.sqrt(2 * sp.pi) * s * phi * sp.exp(-(s**2) * phi**2 / 2) / tilt,
                lambda: sp.sqrt(2 * sp.pi) * sp.exp(-(s**2) * phi**2 / 2) / (theta * s),
            ),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "independence", "union bound"),
)


def constant(value: sp.Rational, slope: int, ramp: sp.Rational) -> Obligation:
    """Add the coefficients of 1/√n and q at a given θ: they stay below K."""
    total = (
        1
        + 2 * slope * (1 + sp.log(2)) / ramp
        + 1 / (value * ramp * (1 - ramp))
        + sp.sqrt(2 * sp.pi) / ramp * sp.exp(-(value**2) * (1 - ramp) ** 2 / 2)
    )
    return Obligation(
        f"1 + 2ℓ(1 + a)/θ + 1/(Kθφ) + √(2π) exp(-K²φ²/2)/θ ≤ K = {value} at ℓ = {slope}, θ = {ramp}",
        sp.Le(total, value, evaluate=False),
        Balls(),
    )


def add_up(obligations: tuple[Obligation, ...]) -> Step:
    """Return the step that adds the parts up, where Kq < 1 (else Rad ≤ 1 says it)."""
    return Step(
        "With P ≥ n the sum is at most K max(1/√n, q), unless Kq ≥ 1, where Rad ≤ 1 does it",
        (
            Obligation("P + a ≤ (1 + a)P for P ≥ 1", sp.Le(P + A, (1 + A) * P), Refutation(), (sp.Ge(P, 1),)),
            Obligation(
                "2ω√((1 + a)²P/n) = (2ℓ(1 + a)/θ) q",
                equation(
                    lambda: 2 * (ell / (theta * s)) * sp.sqrt((1 + A) ** 2 * P / n),
                    lambda: 2 * ell * (1 + A) / theta * (sp.sqrt(P / n) / s),
                ),
                Identity(),
            ),
            Obligation("P ≥ n gives q ≥ 1/s", sp.Ge(sp.sqrt(P / n) / s, 1 / s), Refutation(), (sp.Ge(P, n),)),
            Obligation("so s ≥ K where Kq < 1", sp.Ge(s, K), Refutation(), (sp.Ge(q, 1 / s), sp.Lt(K * q, 1))),
            Obligation("and q² ≤ q/K", sp.Le(q**2, q / K), Refutation(), (sp.Lt(K * q, 1),)),
            Obligation(
                "the sum of the four terms, M the larger of 1/√n and q",
                sp.Le(1 * first + omega * q + y * q + A * q, (1 + omega + y + A) * largest),
                Refutation(),
                (sp.Le(first, largest), sp.Le(q, largest)),
            ),
            *obligations,
        ),
        role=Role.OURS,
    )
