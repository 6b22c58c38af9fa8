"""Equation (1): no risk exceeds the empirical one by more than twice the Rademacher average and a deviation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import sympy as sp

from noprune_theory._types import FloatArray
from noprune_theory.bounds import uniform_deviation
from noprune_theory.verifier.notation import Probability, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Identity, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    NumericAgreement,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
)
from verification.facts.concentration import CHERNOFF, HOEFFDING

a, n, t, delta = sp.symbols("a n t delta", positive=True)
rademacher_average = sp.Symbol("Rad(loss o F)", nonnegative=True)
risk, ghost, first, second, sign = sp.symbols("R A u v sigma", real=True)
excess = sp.Symbol("sup_f R(f) - R^(f)", real=True)

SYMMETRISATION = Step(
    "E sup (R - R^) ≤ E sup (mean of l(z') - l(z)) = E sup mean σ(l(z') - l(z)) ≤ 2 Rad⁺ ≤ 2 Rad, z' a second sample",
    (
        Obligation(
            "the supremum of a mean is at most the mean of the supremum, two functions and two values of equal weight",
            sp.Le(sp.Max((first + risk) / 2, (second + ghost) / 2), (sp.Max(first, second) + sp.Max(risk, ghost)) / 2),
            Refutation(),
        ),
        Obligation(
            "exchanging z and z' changes the sign: σ = -1 stands for l(z) - l(z')",
            equation(lambda: sp.Mul(-1, first - second), lambda: second - first),
            Identity(),
        ),
        Obligation(
            "sup (a - b) ≤ sup a + sup (-b)",
            sp.Le(sp.Max(first - risk, second - ghost), sp.Max(first, second) + sp.Max(-risk, -ghost)),
            Refutation(),
        ),
        Obligation("and ≤ with absolute values", sp.Le(first, sp.Abs(first)), Refutation()),
    ),
    rests_on=("expectation", "conditioning", "independence", "induction"),
)


def deviation(rate: sp.Rational, spread: sp.Expr) -> Obligation:
    """McDiarmid's exponent at the stated deviation."""
    return Obligation(
        f"2n u²/a² = log(1/δ) at u = {spread}",
        equation(lambda: 2 * n * spread**2 / a**2, lambda: rate * t),
        Identity(),
    )


SHARP_DEVIATION = a * sp.sqrt(t / (2 * n))
TAIL = Step(
    "One sample changes sup (R - R^) by at most a/n for losses in [0, a]: P(sup - E sup ≥ u) ≤ exp(-2nu²/a²) = δ at "
    "u = a√(log(1/δ)/(2n)), t = log(1/δ)",
    (
        *HOEFFDING.obligations,
        CHERNOFF.obligations[0],
        Obligation(
            "a supremum of values that move by a/n moves by a/n",
            sp.Le(first, second + a / n),
            Refutation(),
            (sp.Le(first, ghost + a / n), sp.Le(ghost, second)),
        ),
        deviation(sp.S.One, SHARP_DEVIATION),
    ),
    rests_on=("McDiarmid", "expectation", "conditioning", "independence"),
)
two = sp.Symbol("log(2)", positive=True)
LOOSE = Step(
    "log(1/δ)/2 < 2 log(2/δ): the printed deviation is more than twice as large",
    (
        Obligation("t/2 < 2(l + t), l = log 2 > 0", sp.Lt(t / 2, 2 * (two + t), evaluate=False), Refutation()),
        Obligation("log 2 > 0", sp.Gt(sp.log(2), 0, evaluate=False), Balls()),
    ),
)


def suprema(losses: FloatArray, law: FloatArray, size: int) -> Iterator[tuple[float, float, float, float]]:
    """Yield (value, P(sup ≥ value), E sup, Rad⁺) over all samples of a finite law."""
    samples = np.array(list(product(range(len(law)), repeat=size)))
    weights = np.prod(law[samples], axis=1)
    gaps = np.max((losses @ law)[:, None] - losses[:, samples].mean(axis=2), axis=0)
    signs = np.array(list(product((-1.0, 1.0), repeat=size)))
    sums = np.einsum("si,fki->skf", signs, losses[:, samples]) / size
    average = float(weights @ sums.max(axis=2).mean(axis=0))
    mean = float(weights @ gaps)
    for value in np.unique(gaps):
        yield float(value), float(weights[gaps >= value - 1e-12].sum()), mean, average


def models(profile: Profile) -> Iterator[tuple[str, FloatArray, FloatArray, int]]:
    """Yield random classes of 0-1 losses on three points."""
    rng = np.random.default_rng(31)
    for model in range(min(profile.random_models, 60)):
        size, functions = int(rng.integers(1, 5)), int(rng.integers(1, 6))
        losses = rng.integers(0, 2, (functions, 3)).astype(float)
        yield f"model {model}, n = {size}", losses, rng.dirichlet(np.ones(3)), size


def in_mean(name: str, factor: float) -> ExactCheck:
    """E sup (R - R^) against factor times Rad⁺."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, losses, law, size in models(profile):
            _, _, mean, average = next(suprema(losses, law, size))
            if average > 1e-9:  # else every loss is constant
                yield Comparison(label, mean, factor * average)

    return ExactCheck(name, compare, of_claim=True, rounding=1e-14)


def in_probability(name: str, rate: float) -> ExactCheck:
    """P(sup ≥ 2 Rad⁺ + u) against exp(-rate n u²)."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, losses, law, size in models(profile):
            for value, probability, mean, _ in suprema(losses, law, size):
                if value > mean:
                    yield Comparison(
                        f"{label}, {value:.3g}", probability, float(np.exp(-rate * size * (value - mean) ** 2))
                    )

    return ExactCheck(name, compare, rounding=1e-14)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments."""
    return {
        "n": float(rng.integers(1, 10_000)),
        "Rad(loss o F)": float(rng.uniform(0, 1)),
        "delta": float(10 ** rng.uniform(-9, -0.01)),
        "a": float(rng.uniform(0.1, 3)),
    }


def bound(printed: bool) -> NumericAgreement:
    """Return the library's function, one of the two forms."""
    form = sp.sqrt(2 * sp.log(2 / delta) / n) if printed else sp.sqrt(sp.log(1 / delta) / (2 * n))
    return NumericAgreement(
        f"bounds.uniform_deviation, {'printed' if printed else 'sharp'}",
        lambda **at: float(uniform_deviation(int(at["n"]), at["Rad(loss o F)"], at["delta"], at["a"], printed=printed)),
        2 * rademacher_average + a * form,
        sample,
    )


STATEMENT = Statement(
    id="equation-1",
    title="Uniform deviation by the Rademacher average",
    source="Section 3, Equation (1)",
    recorded=Verdict.HOLDS_LOOSE,
    claim=Claim(
        conclusion=sp.Ge(
            Probability(sp.Le(excess, 2 * rademacher_average + a * sp.sqrt(2 * sp.log(2 / delta) / n))),
            1 - delta,
            evaluate=False,
        ),
        words="Losses in [0, a]; Rad the mean over samples and signs.",
    ),
    derivation=(SYMMETRISATION, TAIL, LOOSE),
    exact=(
        in_mean("E sup (R - R^) ≤ 2 Rad⁺, all samples and signs", 2.0),
        in_probability("P(sup - E sup ≥ u) ≤ exp(-2nu²), all samples", 2.0),
    ),
    agreement=(bound(True),),
    faults=(
        PlantedFault("E sup (R - R^) ≤ Rad⁺/2", in_mean("E sup (R - R^) ≤ Rad⁺/2", 0.5)),
        PlantedFault("exponent 2 raised to 9", in_probability("P ≤ exp(-9nu²)", 9.0)),
        PlantedFault("a deviation of a√(log(1/δ)/(3n))", deviation(sp.S.One, a * sp.sqrt(t / (3 * n)))),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.Ge(
                Probability(sp.Le(excess, 2 * sp.Symbol("Rad^+(loss o F)") + a * sp.sqrt(sp.log(1 / delta) / (2 * n)))),
                1 - delta,
                evaluate=False,
            ),
            words="Rad⁺ is the average without the absolute value.",
        ),
        derivation=(replace(SYMMETRISATION, role=Role.OURS), replace(TAIL, role=Role.OURS)),
        exact=(in_mean("E sup (R - R^) ≤ 2 Rad⁺, all samples and signs", 2.0),),
        agreement=(bound(False),),
        faults=(
            PlantedFault("a factor of 1/2", in_mean("E sup (R - R^) ≤ Rad⁺/2", 0.5)),
            PlantedFault("a deviation of a√(log(1/δ)/(4n))", deviation(sp.S.One, a * sp.sqrt(t / (4 * n)))),
        ),
        sharpens=LOOSE.obligations[:1],
    ),
    remarks=("The printed deviation would cover losses in [-a, a] as well.",),
)
