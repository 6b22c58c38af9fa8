"""Equation (13): McDiarmid's inequality for the largest generalisation gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.bounds import mcdiarmid_tail
from noprune_theory.verifier.exact_models import binomial_law
from noprune_theory.verifier.notation import Expectation, Probability, equation, event
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Events, Identity, Refutation, enclose
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    NumericAgreement,
    PlantedFault,
    Profile,
    Statement,
    Step,
    Sweep,
    Verdict,
    Without,
)
from verification.facts.concentration import CHERNOFF, HOEFFDING

m, epsilon, spread, tilt = sp.symbols("m epsilon s lambda", positive=True)
risk, empirical, changed, supremum, other = sp.symbols("R A B S T", real=True)
Y = sp.Symbol("Y", real=True)
UPPER, LOWER = event("U"), event("L")


def difference_of_gaps(factor: sp.Rational) -> Obligation:
    """Two gaps to the same risk differ by at most `factor` times the difference of the empirical risks."""
    return Obligation(
        f"||R - A| - |R - B|| ≤ {factor}|A - B|",
        sp.Le(sp.Abs(sp.Abs(risk - empirical) - sp.Abs(risk - changed)), factor * sp.Abs(empirical - changed)),
        Refutation(),
    )


BOUNDED_DIFFERENCES = Step(
    "One sample changes sup_h |R(h) - A(h)| by at most 1/m: every empirical risk A moves by at most 1/m",
    (
        difference_of_gaps(sp.Integer(1)),
        Obligation(
            "a supremum S of values within 1/m of values below T is at most T + 1/m (the values are a, b)",
            sp.Le(empirical, other + 1 / m),
            Refutation(),
            (sp.Le(empirical, changed + 1 / m), sp.Le(changed, other)),
        ),
    ),
    rests_on=("expectation",),
)
MARTINGALE = Step(
    "The m increments E[Y | x_1..x_i] - E[Y | x_1..x_{i-1}] lie, given the past, in intervals of length s/m (s = 1 "
    "here): log E exp(λ(Y - EY)) ≤ m λ²(s/m)²/8 = λ²s²/(8m)",
    (
        *HOEFFDING.obligations,
        Obligation(
            "sum of the m proxies",
            equation(lambda: m * (tilt**2 * (spread / m) ** 2 / 8), lambda: tilt**2 * spread**2 / (8 * m)),
            Identity(),
        ),
    ),
    rests_on=("expectation", "conditioning", "independence"),
)
best = 4 * m * epsilon / spread**2
TILT = Step(
    "P(Y - EY ≥ ε) ≤ exp(-2mε²/s²), at λ = 4mε/s²",
    (
        CHERNOFF.obligations[0],
        Obligation(
            "λ²s²/(8m) - λε = -2mε²/s²",
            equation(
                lambda: best**2 * spread**2 / (8 * m) - best * epsilon,
                lambda: -2 * m * epsilon**2 / spread**2,
            ),
            Identity(),
        ),
    ),
    rests_on=("expectation",),
)
TWO_SIDES = Step(
    "Both tails: P(|Y - EY| ≥ ε) ≤ 2 exp(-2mε²), so that Y - EY is (1/2m)-subgaussian",
    (
        Obligation(
            "union bound",
            sp.Le(Probability(sp.Or(UPPER, LOWER)), Probability(UPPER) + Probability(LOWER)),
            Events(),
        ),
        Obligation(
            "-ε²/C = -2mε² at C = 1/(2m)",
            equation(lambda: -(epsilon**2) / (1 / (2 * m)), lambda: -2 * m * epsilon**2),
            Identity(),
        ),
    ),
)


def fair_coin(name: str, factor: float, rate: float) -> ExactCheck:
    """P(|S/m - 1/2| >= r) for S binomial(m, 1/2), at every attained radius."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for size in (1, 2, 3, 5, 10, 30, 100, profile.largest_n):
            law = binomial_law(size, 0.5)
            tail = 2 * np.cumsum(law[::-1])[::-1]
            for heads in range(size // 2 + 1, size + 1, max(1, size // 20)):
                radius = heads / size - 0.5
                yield Comparison(
                    f"m = {size}, r = {radius:.4g}",
                    float(tail[heads]),
                    factor * float(np.exp(-rate * size * radius**2)),
                )

    return ExactCheck(name, compare)


def enumerated_suprema(name: str, rate: float) -> ExactCheck:
    """Enumerate all 3^m samples of three points for the suprema over random classes of 0-1 losses."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        rng = np.random.default_rng(13)
        for model in range(profile.random_models):
            size, functions = int(rng.integers(1, 6)), int(rng.integers(1, 5))
            losses = rng.integers(0, 2, (functions, 3)).astype(float)
            samples = np.array(list(product(range(3), repeat=size)))
            empirical_risks = losses[:, samples].mean(axis=2)
            gaps = np.abs(losses.mean(axis=1)[:, None] - empirical_risks).max(axis=0)
            deviation = np.abs(gaps - gaps.mean())
            radius = float(deviation.max())
            if radius > 1e-9:
                frequency = float(np.mean(deviation >= radius - 1e-12))
                yield Comparison(f"class {model}, m = {size}", frequency, 2 * float(np.exp(-rate * size * radius**2)))

    return ExactCheck(name, compare)


def kolmogorov(size: int, radius: float) -> Sweep:
    """Two independent Kolmogorov-Smirnov statistics (half-lines as class): Y - Y' >= 2r needs a deviation r in one."""

    def statistic(rng: np.random.Generator, trials: int) -> np.ndarray:
        x = np.sort(rng.random((trials, size)), axis=1)
        above = np.arange(1, size + 1) / size - x
        return np.asarray(np.maximum(above, 1 / size - above).max(axis=1))

    def count(rng: np.random.Generator, trials: int) -> int:
        return int(np.sum(statistic(rng, trials) - statistic(rng, trials) >= 2 * radius))

    return Sweep(
        f"Y - Y' ≥ {2 * radius}, Y the largest gap over half-lines, m = {size}",
        count,
        2 * float(np.exp(-2 * size * radius**2)),
    )


def _coin_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    mean = data["P(loss = largest)"] * data["largest loss"]
    yield Fact("R = E l is the risk of the one function", f"{mean}", mean > 0)


def _coin_conclusion(data: Mapping[str, Any]) -> Fact:
    chance, size = data["P(loss = largest)"], data["largest loss"]
    risk = chance * size
    # One function, and either m = 1 or m copies of one sample: the empirical risk is the loss of that sample.
    gaps = {risk: 1 - chance, size - risk: chance}
    mean = sum((gap * p for gap, p in gaps.items()), Fraction(0))
    radius = max(abs(gap - mean) for gap in gaps)
    probability = sum((p for gap, p in gaps.items() if abs(gap - mean) >= radius), Fraction(0))
    exponent = -2 * radius**2 * data["m"]
    bound = enclose(2 * sp.exp(sp.Rational(exponent.numerator, exponent.denominator)), {})
    holds = bool(enclose(sp.Rational(probability.numerator, probability.denominator), {}) <= bound)
    return Fact(f"P(|Y - EY| ≥ {radius}) ≤ 2 exp(-2ε²m)", f"{probability} against {float(bound):.3g}", holds)


def coin(name: str, copies: int, largest: int) -> Counterexample:
    """One function that loses 0, or `largest` with probability 1/4; m copies of one sample."""
    return Counterexample(
        name=name,
        target="claim",
        data={
            "m": Fraction(copies),
            "samples": "all equal" if copies > 1 else "one",
            "largest loss": Fraction(largest),
            "P(loss = largest)": Fraction(1, 4),
        },
        hypotheses=_coin_hypotheses,
        conclusion=_coin_conclusion,
    )


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Arguments at which the tail neither exceeds one nor underflows."""
    size = float(np.ceil(10 ** rng.uniform(0, 6)))
    return {"m": size, "epsilon": float(np.sqrt(rng.uniform(0.36, 300) / size))}


STATEMENT = Statement(
    id="equation-13",
    title="McDiarmid's inequality for the largest generalisation gap",
    source="Appendix D, Equation (13)",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=sp.Le(Probability(sp.Ge(sp.Abs(Y - Expectation(Y)), epsilon)), 2 * sp.exp(-2 * epsilon**2 * m)),
        words="Y = sup_h |E l(h(x), y) - (1/m) Σ_i l(h(x_i), y_i)| over a class H_t that is fixed before the data, as "
        "t is in Lemma 1; the loss is 0 or 1, and the m samples are independent with one law. In the paper's "
        "convention Y - EY is (1/2m)-subgaussian.",
        without=(
            Without("independent samples", coin("ten copies of one sample", 10, 1)),
            Without("a loss of 0 or 1", coin("a loss of 0 or 10", 1, 10)),
        ),
    ),
    derivation=(BOUNDED_DIFFERENCES, MARTINGALE, TILT, TWO_SIDES),
    exact=(
        fair_coin("P(|S/m - 1/2| ≥ r) ≤ 2 exp(-2mr²), S binomial", 2.0, 2.0),
        enumerated_suprema("largest deviation of sup gen, random classes on three points", 2.0),
    ),
    sweeps=(kolmogorov(50, 0.2),),
    agreement=(
        NumericAgreement(
            "bounds.mcdiarmid_tail",
            lambda m, epsilon: float(mcdiarmid_tail(epsilon, m)),
            sp.Min(1, 2 * sp.exp(-2 * epsilon**2 * m)),
            sample,
        ),
    ),
    faults=(
        PlantedFault("exponent 2 raised to 5/2", fair_coin("P ≤ 2 exp(-5mr²/2)", 2.0, 2.5)),
        PlantedFault("factor 2 of the two sides dropped", fair_coin("P ≤ exp(-2mr²)", 1.0, 2.0)),
        PlantedFault("differences halved", difference_of_gaps(sp.Rational(1, 2))),
        PlantedFault("one sample in place of ten copies", coin("one sample", 1, 1)),
    ),
    remarks=("The exponent is best possible: for one function and a fair coin it is reached in the limit of large m.",),
)
