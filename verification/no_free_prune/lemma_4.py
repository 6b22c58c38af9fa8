"""Lemma 4: a function that fits below the noise level correlates with the noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

import numpy as np
import sympy as sp

from noprune_theory.bounds import Constants, lemma_4_failure
from noprune_theory.verifier.exact_models import binomial_law
from noprune_theory.verifier.notation import EIGHT_CUBED, Probability, equation, event
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Events, Identity, Refutation
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
    Sweep,
    Verdict,
)
from verification.facts.concentration import CHERNOFF, HOEFFDING, exponent_at_optimal_tilt

f, g, y, z = sp.symbols("f g y z", real=True)
epsilon, n = sp.symbols("epsilon n", positive=True)
sigma2 = sp.Symbol("sigma^2", positive=True)
mse, mean_ff, mean_fz, mean_gz, mean_zz, mean_yg = sp.symbols("MSE Q F G Z Y", real=True)
A_f, B, C, D_f, A = event("A_f"), event("B"), event("C"), event("D_f"), event("G")

QUARTER = Fraction(1, 4)
DECOMPOSITION = Step(
    "(f - y)² = (f - g)² - 2fz + 2gz + z² with y = g + z, averaged over the sample",
    (
        Obligation(
            "pointwise",
            equation((f - (g + z)) ** 2, (f - g) ** 2 - 2 * f * z + 2 * g * z + z**2),
            Identity(),
        ),
    ),
    expression=equation(mse, mean_ff - 2 * mean_fz + 2 * mean_gz + mean_zz),
    rests_on=("expectation",),
)
event_a = sp.Le(mse, sigma2 - epsilon)
event_b = sp.Ge(mean_zz, sigma2 - epsilon / 6)
event_c = sp.Ge(mean_gz, -epsilon / 6)


def implication(threshold: sp.Rational, hypotheses: tuple[sp.Basic, ...]) -> Obligation:
    """A_f, B and C force mean f z >= threshold * epsilon; F, G, Z, Q are the means of fz, gz, z^2, (f-g)^2."""
    return Obligation(
        f"mean fz ≥ {threshold} ε; F, G, Z, Q are the sample means of fz, gz, z², (f-g)²",
        sp.Ge(mean_fz, threshold * epsilon),
        Refutation(),
        (equation(mse, mean_ff - 2 * mean_fz + 2 * mean_gz + mean_zz), sp.Ge(mean_ff, 0), *hypotheses),
    )


IMPLICATION = Step(
    "A_f, B and C imply D_f",
    (implication(sp.Rational(1, 4), (event_a, event_b, event_c)),),
    expression=sp.Implies(sp.And(A_f, B, C), D_f),
)
CONCENTRATION = Step(
    "P(B^c or C^c) ≤ 2 exp(-nε²/8³): z² in [0, 4] has mean σ² and zg in [-2, 2] has mean zero (Hoeffding, t = ε/6)",
    (
        *HOEFFDING.obligations,
        *CHERNOFF.obligations,
        Obligation(
            "|z| ≤ 2, so 0 ≤ z² ≤ 4 and |zg| ≤ 2",
            sp.And(sp.Le(z**2, 4), sp.Le(z * g, 2), sp.Ge(z * g, -2)),
            Refutation(),
            (sp.Eq(z, y - g), sp.Le(y, 1), sp.Ge(y, -1), sp.Le(g, 1), sp.Ge(g, -1)),
        ),
        Obligation(
            "interval length 4, variance proxy 4²/4: the exponent at ε/6 is nε²/288",
            equation(lambda: n * (epsilon / 6) ** 2 / (2 * sp.Integer(4) ** 2 / 4), lambda: n * epsilon**2 / 288),
            Identity(),
        ),
        Obligation(
            "which is at least nε²/8³", sp.Ge(n * epsilon**2 / 288, n * epsilon**2 / 8**3, evaluate=False), Refutation()
        ),
        Obligation(
            "union bound",
            sp.Le(Probability(sp.Or(sp.Not(B), sp.Not(C))), Probability(sp.Not(B)) + Probability(sp.Not(C))),
            Events(),
        ),
    ),
    expression=sp.Le(Probability(sp.Or(sp.Not(B), sp.Not(C))), 2 * sp.exp(-n * epsilon**2 / 8**3)),
    rests_on=("expectation", "conditioning", "independence"),
)

# Sharpened: y^2 - g^2 at once, instead of z^2 and z g.

SHARP_IMPLICATION = Step(
    "A_f and the event G: mean(y² - g²) ≥ σ² - ε/2 imply D_f; G contains B and C",
    (
        Obligation("y² - g² = z² + 2gz", equation((g + z) ** 2 - g**2, z**2 + 2 * g * z), Identity()),
        Obligation(
            "mean fz ≥ ε/4; Y is the mean of y² - g²",
            sp.Ge(mean_fz, epsilon / 4),
            Refutation(),
            (
                equation(mse, mean_ff - 2 * mean_fz + mean_yg),
                sp.Ge(mean_ff, 0),
                event_a,
                sp.Ge(mean_yg, sigma2 - epsilon / 2),
            ),
        ),
        Obligation(
            "B and C give G",
            sp.Ge(mean_zz + 2 * mean_gz, sigma2 - epsilon / 2),
            Refutation(),
            (event_b, event_c),
        ),
    ),
    role=Role.OURS,
)
SHARP_CONCENTRATION = Step(
    "P(G^c) ≤ exp(-nε²/4): given x, y² lies in [0, 1] and y² - g² has mean Var(y|x), itself in [0, 1] with mean σ²",
    (
        *HOEFFDING.obligations,
        *CHERNOFF.obligations,
        Obligation("0 ≤ y² ≤ 1", sp.Le(y**2, 1), Refutation(), (sp.Le(y, 1), sp.Ge(y, -1))),
        Obligation(
            "two intervals of length 1: proxy 1/4 + 1/4",
            equation(lambda: sp.Rational(1, 4) + sp.Rational(1, 4), lambda: sp.Rational(1, 2)),
            Identity(),
        ),
        exponent_at_optimal_tilt(sp.Rational(1, 2)),
        Obligation(
            "at deviation ε/2",
            equation(lambda: -n * (epsilon / 2) ** 2 / (2 * sp.Rational(1, 2)), lambda: -n * epsilon**2 / 4),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "conditioning", "independence"),
)

# Exact models.

SKEWED = tuple(np.linspace(0.05, 0.95, 19))


def printed_failure(n_samples: int, p: float, margin: float) -> float:
    """Exact `P(B^c or C^c)` for labels +1 with probability p and -1 otherwise (g = 2p - 1)."""
    share = np.arange(n_samples + 1) / n_samples
    mean = 2 * p - 1
    squares = share * 4 * (1 - p) ** 2 + (1 - share) * 4 * p**2
    products = mean * (2 * share - 1 - mean)
    outside = (squares < 4 * p * (1 - p) - margin / 6) | (products < -margin / 6)
    return float(binomial_law(n_samples, p)[outside].sum())


def joint_failure(n_samples: int, p: float, margin: float) -> float:
    """Exact `P(G^c)` for labels 0 with probability 1 - p and ±1 with p/2 each (g = 0, sigma^2 = p)."""
    share = np.arange(n_samples + 1) / n_samples
    return float(binomial_law(n_samples, p)[share < p - margin / 2].sum())


def tail_check(name: str, probability: Callable[[int, float, float], float], rate: float, factor: float) -> ExactCheck:
    """Exact binomial probability of the failure event against `factor * exp(-rate n epsilon^2)`."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        sizes = sorted({10, 100, 1_000, profile.largest_n})
        for n_samples, p, margin in product(sizes, SKEWED, (0.1, 0.3, 0.6, 1.0)):
            bound = factor * float(np.exp(-rate * n_samples * margin**2))
            if bound < 1:
                label = f"n = {n_samples}, p = {p:.2f}, ε = {margin}"
                yield Comparison(label, probability(n_samples, p, margin), bound)

    return ExactCheck(name, compare)


def implication_check(name: str, threshold: Fraction) -> ExactCheck:
    """All data sets of two samples on a grid of f, g and signs y, with the largest margin for which A_f holds."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        grid = [Fraction(i, 2) for i in range(-2, 3)]
        for (f1, f2), (y1, y2), (g1, g2) in product(
            product(grid, repeat=2), product((Fraction(-1), Fraction(1)), repeat=2), product(grid[1:-1], repeat=2)
        ):
            noise = (2 - g1**2 - g2**2) / 2
            z1, z2 = y1 - g1, y2 - g2
            margin = noise - ((f1 - y1) ** 2 + (f2 - y2) ** 2) / 2
            in_b = (z1**2 + z2**2) / 2 >= noise - margin / 6
            in_c = (z1 * g1 + z2 * g2) / 2 >= -margin / 6
            if margin > 0 and in_b and in_c:
                label = f"f = ({f1}, {f2}), y = ({y1}, {y2}), g = ({g1}, {g2})"
                yield Comparison(label, threshold * margin, (f1 * z1 + f2 * z2) / 2)

    return ExactCheck(name, compare)


def simulate(bias: float, n_samples: int, margin: float) -> Sweep:
    """Labels ±1 with g(x) = x, x one of -1/2, 0, 1/2; `bias` breaks E[z | x] = 0 in the direction of -g."""
    values = np.array([-0.5, 0.0, 0.5])
    noise_level = 1 - float(np.mean(values**2))

    def count(rng: np.random.Generator, trials: int) -> int:
        sizes = rng.multinomial(n_samples, np.full(3, 1 / 3), size=trials)
        positive = rng.binomial(sizes, (1 + (1 - bias) * values) / 2)
        squares = (positive * (1 - values) ** 2 + (sizes - positive) * (1 + values) ** 2).sum(axis=1) / n_samples
        products = (values * (2 * positive - sizes - values * sizes)).sum(axis=1) / n_samples
        return int(np.sum((squares < noise_level - margin / 6) | (products < -margin / 6)))

    name = "P(B^c or C^c), x one of -1/2, 0, 1/2, g(x) = x" + (", noise biased against g" if bias else "")
    return Sweep(f"{name}, n = {n_samples}, ε = {margin}", count, 2 * float(np.exp(-n_samples * margin**2 / 512)))


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments with a bound that is neither one nor underflowing."""
    margin = float(10 ** rng.uniform(-2, 0))
    return {"epsilon": margin, "n": float(np.ceil(rng.uniform(1, 300) * 8 / margin**2))}


# Claims are kept as written: sympy does not reorder or evaluate them.
with sp.evaluate(False):
    CLAIM = Claim(
        conclusion=sp.And(
            sp.Implies(sp.And(A_f, B, C), D_f),
            sp.Le(Probability(sp.Or(sp.Not(B), sp.Not(C))), 2 * sp.exp(-n * epsilon**2 / EIGHT_CUBED)),
        ),
        hypotheses=(event_a, event_b, event_c, sp.Ge(mean_fz, epsilon / 4)),
        words="The four formulas are the events A_f, B, C and D_f; Z, G and F are the sample means of z², z g and f "
        "z. Assumption A2: labels in [-1, 1], samples independent.",
    )
    REPAIRED_CLAIM = Claim(
        conclusion=sp.And(sp.Implies(sp.And(A_f, A), D_f), sp.Le(Probability(sp.Not(A)), sp.exp(-n * epsilon**2 / 4))),
        hypotheses=(sp.Ge(mean_yg, sigma2 - epsilon / 2),),
        words="G is the event that the sample mean Y of y² - g² is at least σ² - ε/2. It contains B and C together.",
    )

STATEMENT = Statement(
    id="lemma-4",
    title="Fitting below the noise level forces correlation with the noise",
    source="Appendix B.1, Lemma 4",
    recorded=Verdict.HOLDS_LOOSE,
    claim=CLAIM,
    derivation=(DECOMPOSITION, IMPLICATION, CONCENTRATION),
    exact=(
        implication_check("ε/4 ≤ mean fz on all two-sample data sets of a grid, in fractions", QUARTER),
        tail_check("P(B^c or C^c) ≤ 2 exp(-nε²/512), labels ±1 with bias, by binomials", printed_failure, 1 / 512, 2.0),
    ),
    sweeps=(simulate(0.0, 1_200, 1.0),),
    agreement=(
        NumericAgreement(
            "bounds.lemma_4_failure, paper's constants",
            lambda n, epsilon: float(lemma_4_failure(int(n), epsilon, Constants.PAPER)),
            sp.Min(1, 2 * sp.exp(-n * epsilon**2 / 8**3)),
            sample,
        ),
    ),
    faults=(
        PlantedFault("threshold 1/4 raised to 26/100", implication(sp.Rational(26, 100), (event_a, event_b, event_c))),
        PlantedFault("event C dropped", implication(sp.Rational(1, 4), (event_a, event_b))),
        PlantedFault("threshold 1/4 raised to 3/4", implication_check("3ε/4 ≤ mean fz on two samples", Fraction(3, 4))),
        PlantedFault("exponent 1/512 raised to 1/40", tail_check("P ≤ 2 exp(-nε²/40)", printed_failure, 1 / 40, 2.0)),
        PlantedFault("noise biased against g", simulate(2.0, 1_200, 1.0)),
    ),
    repair=Repair(
        claim=REPAIRED_CLAIM,
        derivation=(DECOMPOSITION, SHARP_IMPLICATION, SHARP_CONCENTRATION),
        exact=(tail_check("P(G^c) ≤ exp(-nε²/4), labels 0 and ±1, by binomials", joint_failure, 1 / 4, 1.0),),
        agreement=(
            NumericAgreement(
                "bounds.lemma_4_failure, sharp constants",
                lambda n, epsilon: float(lemma_4_failure(int(n), epsilon, Constants.SHARP)),
                sp.exp(-n * epsilon**2 / 4),
                sample,
            ),
        ),
        faults=(
            PlantedFault("exponent 1/4 raised to 3/5", tail_check("P(G^c) ≤ exp(-3nε²/5)", joint_failure, 3 / 5, 1.0)),
            PlantedFault(
                "G weakened to σ² - 3ε/5",
                Obligation(
                    "mean fz ≥ ε/4",
                    sp.Ge(mean_fz, epsilon / 4),
                    Refutation(),
                    (
                        equation(mse, mean_ff - 2 * mean_fz + mean_yg),
                        sp.Ge(mean_ff, 0),
                        event_a,
                        sp.Ge(mean_yg, sigma2 - 3 * epsilon / 5),
                    ),
                ),
            ),
        ),
        sharpens=(
            Obligation(
                "nε²/4 > nε²/8³", sp.Gt(n * epsilon**2 / 4, n * epsilon**2 / 8**3, evaluate=False), Refutation()
            ),
            SHARP_IMPLICATION.obligations[2],
        ),
    ),
    remarks=(
        "1/4 = (1 - 1/6 - 2/6)/2. Hoeffding already gives 1/288 where 1/512 is printed; taken together the two "
        "events cost 1/4.",
    ),
)
