"""Noise of small variance: an average of (f - E f) z is small in proportion to the standard deviation of z.

The noise may depend on the covariate. With g = f - E f, proxy v = cL²/d, and s² the variance of z given x,

    E exp(λ g z - λ² v K (z² + 2 s²)) ≤ 1 + 4 exp(3/2 - 3K)    for every λ and K ≥ 1:

where g² ≤ 6 K v the exponential is self-normalised (Delyon 2009), and elsewhere it is at most exp(g²/(4 K v)), whose
integral the isoperimetry bounds. The sum of z² + 2 s² over the sample is at most twice its mean 3 n σ², but for a
probability that is exponentially small in n σ².
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation, instance
from noprune_theory.verifier.provers import Balls, Identity, LimitValue, Monotone, Refutation
from noprune_theory.verifier.statement import Comparison, ExactCheck, Profile, Role, Step
from verification.facts.concentration import EXP_ABOVE_TANGENT

__all__ = [
    "COUNT",
    "LARGE",
    "SELF_NORMALISED",
    "SMALL_SUM",
    "TAIL",
    "exponent",
    "growth",
    "normalised_models",
    "self_normalised",
]

n, u, v, t, x = sp.symbols("n u v t x", positive=True)
tilt, K = sp.symbols("lambda K", positive=True)
sigma2 = sp.Symbol("sigma^2", positive=True)
g, z, y, m = sp.symbols("g z y m", real=True)
share = sp.Symbol("r", nonnegative=True)
log_delta = sp.Symbol("D", nonnegative=True)  # log(1/delta)
epsilon, k, expected = sp.symbols("epsilon k M", positive=True)


def self_normalised(square: sp.Rational) -> tuple[Obligation, ...]:
    """State exp(x - x²/6) ≤ 1 + x + square x² in logarithms, for x of either sign."""
    prover = Monotone(x, sp.S.Zero, then=Refutation())
    return (
        Obligation(
            f"log(1 + x + {square} x²) ≥ x - x²/6 for x ≥ 0", sp.Ge(sp.log(1 + x + square * x**2), x - x**2 / 6), prover
        ),
        Obligation(
            f"log(1 - x + {square} x²) ≥ -x - x²/6 for x ≥ 0",
            sp.Ge(sp.log(1 - x + square * x**2), -x - x**2 / 6),
            prover,
        ),
    )


SELF_NORMALISED = Step(
    "Mean-zero z with variance s²: E exp(az - a²(z² + 2s²)/6) ≤ 1 for every a, from exp(x - x²/6) ≤ 1 + x + x²/3 at "
    "x = az and 1 + a²s²/3 ≤ exp(a²s²/3); at a = λg it is an upper bound where g² ≤ 6Kv",
    (
        *self_normalised(sp.Rational(1, 3)),
        EXP_ABOVE_TANGENT,
        Obligation(
            "λ²g²/6 ≤ λ²vK where g² ≤ 6Kv",
            sp.Le(tilt**2 * g**2 / 6, tilt**2 * v * K),
            Refutation(),
            (sp.Le(g**2, 6 * K * v),),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "conditioning"),
)
LARGE = Step(
    "Elsewhere λgz - λ²vKz² ≤ g²/(4Kv)",
    (
        Obligation(
            "the difference is a square over 4Kv",
            sp.Le(tilt * g * z - tilt**2 * v * K * z**2, g**2 / (4 * K * v)),
            Refutation(),
        ),
    ),
    role=Role.OURS,
)
_BEYOND = -2 / (2 * K - 1) * sp.exp(-t * (2 * K - 1) / (4 * K))
TAIL = Step(
    "E[exp(g²/(4Kv)); g² > 6Kv] ≤ 4 exp(3/2 - 3K) for K ≥ 1: G = g²/v has P(G ≥ t) ≤ 2 exp(-t/2)",
    (
        Obligation(
            "exp(t/(4K))/(4K) · 2 exp(-t/2) has the antiderivative -2 exp(-t(2K-1)/(4K))/(2K-1)",
            equation(sp.Derivative(_BEYOND, t), sp.exp(t / (4 * K)) / (4 * K) * 2 * sp.exp(-t / 2)),
            Identity(),
            (sp.Ge(K, 1),),
        ),
        Obligation("which tends to 0", equation(sp.Limit(_BEYOND, t, sp.oo), 0), LimitValue(), (sp.Ge(K, 1),)),
        Obligation(
            "exp(6K/(4K)) P(G > 6K) + ∫ over t ≥ 6K ≤ 2 exp(3/2 - 3K) · 2K/(2K-1)",
            equation(
                sp.exp(6 * K / (4 * K)) * 2 * sp.exp(-6 * K / 2) - _BEYOND.subs(t, 6 * K),
                2 * sp.exp(sp.Rational(3, 2) - 3 * K) * 2 * K / (2 * K - 1),
            ),
            Identity(),
            (sp.Ge(K, 1),),
        ),
        Obligation("2K/(2K-1) ≤ 2", sp.Le(2 * K / (2 * K - 1), 2), Refutation(), (sp.Ge(K, 1),)),
    ),
    role=Role.OURS,
    rests_on=("isoperimetry", "layer cake"),
)


def growth() -> sp.Expr:
    """Return K, which grows as the logarithm of n."""
    return sp.Rational(1, 2) + sp.log(4 * n / sp.log(2)) / 3


_LARGE_ENOUGH = Obligation(
    "log(4n/log 2) ≥ 3/2, so that K ≥ 1",
    sp.Ge(sp.log(4 * n / sp.log(2)), sp.Rational(3, 2)),
    Monotone(n, sp.S.One, then=Refutation(), base=Balls()),
    (sp.Ge(n, 1),),
)
COUNT = Step(
    "The n factors 1 + 4 exp(3/2 - 3K) ≤ exp(4 exp(3/2 - 3K)) have a product of at most 2 at K = 1/2 + log(4n/log 2)/3",
    (
        EXP_ABOVE_TANGENT,
        _LARGE_ENOUGH,
        Obligation(
            "4n exp(3/2 - 3K) = log 2",
            equation(lambda: 4 * n * sp.exp(sp.Rational(3, 2) - 3 * growth()), lambda: sp.log(2)),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("independence",),
)


def exponent(factor: int) -> Obligation:
    """Chernoff's exponent at the best tilt, where the sum of z² + 2 s² is at most 6 n σ²."""
    best = u / (12 * v * K * sigma2)
    return Obligation(
        f"-λnu + λ²vK · 6nσ² = -nu²/({factor}vKσ²) at λ = u/(12vKσ²)",
        equation(
            lambda: -best * n * u + best**2 * v * K * 6 * n * sigma2, lambda: -n * u**2 / (factor * v * K * sigma2)
        ),
        Identity(),
    )


_LOG_TWO = Obligation("log 2 ≥ 69/100", sp.Ge(sp.log(2), sp.Rational(69, 100), evaluate=False), Balls())
_CHORD = Obligation("2^r ≤ 1 + r on [0, 1]", sp.Le(sp.exp(share * sp.log(2)), 1 + share), Balls(), (sp.Le(share, 1),))
SMALL_SUM = Step(
    "P(Σ z² + 2s² ≥ 6nσ²) ≤ exp(-nσ²(log 2 - 1/2)) ≤ δ/4: the terms lie in [0, 6] and have mean 3σ²; MSE ≥ 0 leaves "
    "ε ≤ σ² ≤ 1",
    (
        Obligation(
            "z² ≤ 4 and s² ≤ 1 - g(x)² ≤ 1: labels and their conditional mean lie in [-1, 1]",
            sp.And(sp.Le((y - m) ** 2, 4), sp.Le(1 - m**2, 1), sp.Ge((1 - y) * (1 + y), 0)),
            Refutation(),
            tuple(relation for s in (y, m) for relation in (sp.Ge(s, -1), sp.Le(s, 1))),
        ),
        _CHORD,
        EXP_ABOVE_TANGENT,
        Obligation(
            "nσ²/2 - 6nσ² (log 2)/6 = -nσ²(log 2 - 1/2) at λ = (log 2)/6",
            equation(
                lambda: n * sigma2 / 2 - 6 * n * sigma2 * sp.log(2) / 6,
                lambda: -n * sigma2 * (sp.log(2) - sp.Rational(1, 2)),
            ),
            Identity(),
        ),
        Obligation(
            "nε² ≤ nσ²",
            sp.Le(n * epsilon**2, n * sigma2),
            Refutation(),
            (sp.Le(epsilon, sigma2), sp.Le(sigma2, 1)),
        ),
        _LOG_TWO,
        Obligation(
            "M(log 2 - 1/2) ≥ log(4/δ) at M = nσ² ≥ nε², D = log(1/δ)",
            sp.Ge(expected * (sp.log(2) - sp.Rational(1, 2)), log_delta + 2 * sp.log(2)),
            Refutation(),
            (sp.Ge(expected, 136 * ((k + 1) * sp.log(2) + log_delta)), sp.Ge(k, 1), instance(_LOG_TWO)),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "independence"),
)


def normalised_models(name: str, part: float = 1.0) -> ExactCheck:
    """E exp(λgz - part λ²vK(z² + 2s²)) against 1 + 4 exp(3/2 - 3K) on finite laws; v is the smallest proxy."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        rng = np.random.default_rng(9)
        for model in range(profile.random_models):
            atoms = int(rng.integers(2, 7))
            law = rng.dirichlet(np.full(atoms, 10.0 ** rng.uniform(-0.5, 1)))
            value = rng.standard_normal(atoms)
            value -= value @ law
            size = np.abs(value)
            tail = np.minimum(((size[None, :] >= size[:, None]) * law).sum(axis=1), 1.0)
            proxy = float(np.max(size**2 / (2 * np.log(2 / tail))))
            up = rng.uniform(0.01, 1.99, atoms)
            down = rng.uniform(0.0, 2 - up)
            weight = down / (up + down)
            spread = up * down
            level = float(rng.choice([1.0, 1.5, 2.0, 3.0]))
            rate = float(10 ** rng.uniform(-1.5, 1.5)) / proxy**0.5
            mean = 0.0
            for noise, chance in ((up, weight), (-down, 1 - weight)):
                power = rate * value * noise - part * rate**2 * proxy * level * (noise**2 + 2 * spread)
                mean += float(law @ (chance * np.exp(power)))
            yield Comparison(f"law {model}, K = {level}", mean, 1 + 4 * float(np.exp(1.5 - 3 * level)))

    return ExactCheck(name, compare)
