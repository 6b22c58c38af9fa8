"""Lemma 5: correlation with the noise comes from fluctuations around component means, or from unbalanced components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from math import lcm
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory._types import FloatArray
from noprune_theory.bounds import Constants, lemma_5_failure
from noprune_theory.verifier.exact_models import binomial_law
from noprune_theory.verifier.notation import EIGHT_CUBED, Expectation, Probability, equation, event
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation, enclose
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
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
from verification.facts.concentration import CHERNOFF, HOEFFDING

epsilon, n, k = sp.symbols("epsilon n k", positive=True)
n_l, share = sp.symbols("n_l q", positive=True)
e_l, noise_sum, fluctuation, total_fz, weighted, absolute = sp.symbols("e_l S_l X F T A", real=True)
D_f, E_f, F = event("D_f"), event("E_f"), event("F")
x, l_label, z = sp.Symbol("x"), sp.Symbol("l"), sp.Symbol("z", real=True)


def split(threshold: sp.Rational) -> Obligation:
    """D_f implies E_f or F when the two thresholds add up."""
    return Obligation(
        f"mean fz = X + T ≥ ε/4 forces X ≥ {threshold} ε or A ≥ ε/8; X the fluctuation term, T = Σ e_l S_l, A = Σ "
        f"|S_l|",
        sp.Or(sp.Ge(fluctuation, threshold * epsilon), sp.Ge(absolute, epsilon / 8)),
        Refutation(),
        (equation(total_fz, fluctuation + weighted), sp.Ge(total_fz, epsilon / 4), sp.Le(weighted, absolute)),
    )


IMPLICATION = Step(
    "D_f ⟹ E_f or F, because |f| ≤ 1 (S_l = (1/n) Σ of z_i over component l, e_l the mean of f there)",
    (
        Obligation(
            "e_l S_l ≤ |S_l|, summed over l gives T ≤ A",
            sp.Le(e_l * noise_sum, sp.Abs(noise_sum)),
            Refutation(),
            (sp.Ge(e_l, -1), sp.Le(e_l, 1)),
        ),
        split(sp.Rational(1, 8)),
    ),
    expression=sp.Implies(D_f, sp.Or(E_f, F)),
)


def _label_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    law = data["law of (l, x, y)"]
    yield Fact("probabilities sum to one", str(sum(law.values())), sum(law.values()) == 1)
    for value in sorted({key[1] for key in law}):
        mass = sum(p for (_, x_value, _), p in law.items() if x_value == value)
        mean = sum(p * y for (_, x_value, y), p in law.items() if x_value == value) / mass
        yield Fact(f"g({value}) = E[y | x = {value}]", str(mean), mean == 0)
    yield Fact("both components have the same law, one fair sign", "1/2, 1/2", _identical_components(law))


def _identical_components(law: Mapping[tuple[int, int, int], Fraction]) -> bool:
    def conditional(label: int, value: int) -> Fraction:
        mass = sum(p for (other, _, _), p in law.items() if other == label)
        return (
            sum((p for (other, x_value, _), p in law.items() if other == label and x_value == value), Fraction(0))
            / mass
        )

    return all(conditional(1, value) == conditional(2, value) for value in (-1, 1))


def _label_conclusion(data: Mapping[str, Any]) -> Fact:
    law = data["law of (l, x, y)"]
    means = {
        label: sum(p * y for (other, _, y), p in law.items() if other == label)
        / sum(p for (other, _, _), p in law.items() if other == label)
        for label in (1, 2)
    }
    shown = ", ".join(f"E[z | l = {label}] = {mean}" for label, mean in means.items())
    size = data["n"]
    constant = _constant_on_components(Fraction(means[1]), Fraction(means[2]), size)
    bound = enclose(4 * sp.exp(-sp.Rational(size, 1_024)), {})
    return Fact(
        "E[z | l] = 0, and P(z constant on each component) ≤ P(F) ≤ 2k exp(-nε²/(8³k)) at ε = 1",
        f"{shown}; {float(constant):.4g} against {float(bound):.4f}",
        all(mean == 0 for mean in means.values()) and bool(bound >= constant),
    )


@cache
def _constant_on_components(first: Fraction, second: Fraction, size: int) -> sp.Rational:
    """P(the z_i of each of two equally likely components are equal), z = ±1: then (1/n) sum_l |sum z_i| = 1.

    `first` and `second` are the means of z. Of `count` signs with mean m = p/q all are equal with probability
    ((q + p)^count + (q - p)^count) / (2q)^count; the sum is taken over the common denominator.
    """
    q = lcm(first.denominator, second.denominator)

    def equal(mean: Fraction) -> list[int]:
        ups, downs = int(q + q * mean), int(q - q * mean)
        return [1, *(ups**count + downs**count for count in range(1, size + 1))]

    ones, others = equal(first), equal(second)
    total, ways = 0, 1
    for count in range(size + 1):
        total += ways * ones[count] * others[size - count]
        ways = ways * (size - count) // (count + 1)
    return sp.Rational(total, (4 * q) ** size)


def labels_and_signs(dependent: bool) -> Counterexample:
    """Two identical components; y is the sign of the component label, or an independent sign."""
    quarter, eighth = Fraction(1, 4), Fraction(1, 8)
    if dependent:
        law = {(label, x_value, (-1) ** label): quarter for label in (1, 2) for x_value in (-1, 1)}
    else:
        law = {(label, x_value, y): eighth for label in (1, 2) for x_value in (-1, 1) for y in (-1, 1)}
    return Counterexample(
        name="the label is the component",
        target="E[z | l] = 0",
        data={
            "law of (l, x, y)": law,
            "n": 2_000,
        },
        hypotheses=_label_hypotheses,
        conclusion=_label_conclusion,
    )


CENTRED_ON_COMPONENTS = Step(
    "Given the components, the z_i have mean zero (used for Hoeffding on each component)",
    expression=equation(Expectation(z, sp.Tuple(x, l_label)), 0),
    counterexample=labels_and_signs(True),
)
UNION = Step(
    "P(F) ≤ 2k exp(-nε²/(8³k)): if F then some |Σ_{S_l} z_i| ≥ (nε/8) √(n_l/(nk)); Hoeffding on each component",
    (
        Obligation(
            "√(q/k) ≤ (q + 1/k)/2, and Σ_l (q_l + 1/k)/2 = 1 for the shares q_l = n_l/n: otherwise Σ |S_l| < ε/8",
            sp.Le(sp.sqrt(share / k), (share + 1 / k) / 2),
            Refutation(),
        ),
        Obligation("Σ_l (q_l + 1/k)/2 = (1 + k/k)/2", equation(lambda: (1 + k / k) / 2, lambda: 1), Identity()),
        *HOEFFDING.obligations,
        *CHERNOFF.obligations,
        Obligation(
            "n_l terms in an interval of length 4: the exponent is nε²/(8³k)",
            equation(
                lambda: ((n * epsilon / 8) * sp.sqrt(n_l / (n * k))) ** 2 / (2 * n_l * sp.Integer(4) ** 2 / 4),
                lambda: n * epsilon**2 / (8**3 * k),
            ),
            Identity(),
        ),
    ),
    expression=sp.Le(Probability(F), 2 * k * sp.exp(-n * epsilon**2 / (8**3 * k))),
    rests_on=("expectation", "independence"),
)
mixture, component, posterior = sp.symbols("mu mu_l alpha_l", positive=True)
REDRAW = Step(
    "Draw the labels anew from P(l | x) = α_l μ_l(x)/μ(x), independently of y and of the learner: l keeps its joint "
    "law with x, and E[z | x, l] = E[z | x] = 0",
    (
        Obligation(
            "the joint density of (l, x) is again α_l μ_l(x)",
            equation(lambda: posterior * component / mixture * mixture, lambda: posterior * component),
            Identity(),
        ),
    ),
    expression=equation(Expectation(z, sp.Tuple(x, l_label)), 0),
    role=Role.OURS,
    rests_on=("conditioning",),
)
SIGN_UNION = Step(
    "P(F) ≤ 2^k exp(-nε²/128): Σ_l |S_l| is the largest of 2^k signed means of z, each with variance proxy 2²/4",
    (
        Obligation(
            "|S_l| = max(S_l, -S_l)",
            sp.Eq(sp.Abs(noise_sum), sp.Max(noise_sum, -noise_sum), evaluate=False),
            Refutation(),
        ),
        *HOEFFDING.obligations,
        *CHERNOFF.obligations,
        Obligation(
            "exponent at ε/8",
            equation(lambda: n * (epsilon / 8) ** 2 / (2 * sp.Integer(2) ** 2 / 4), lambda: n * epsilon**2 / 128),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "conditioning", "independence"),
)


def imbalance_law(n_samples: int, components: int) -> tuple[FloatArray, FloatArray]:
    """Values and exact law of `sum_l |sum of fair signs in component l|`, equal component sizes."""
    size = n_samples // components
    law = binomial_law(size, 0.5)
    values = np.abs(2 * np.arange(size + 1) - size)
    single = np.zeros(size + 1)
    np.add.at(single, values, law)
    total = single
    for _ in range(components - 1):
        total = np.convolve(total, single)
    return np.arange(len(total)).astype(float), total


def imbalance_check(name: str, rate: float, union: str) -> ExactCheck:
    """Exact P(F) for fair-sign noise in components of equal size against the bound."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for n_samples, components in product(sorted({24, 120, 960, profile.largest_n // 12 * 12}), (1, 2, 3, 4)):
            values, law = imbalance_law(n_samples, components)
            size = n_samples // components * components
            for margin in (0.5, 1.0, 2.0, 4.0):
                exponent = rate * size * margin**2
                if union == "signs":
                    bound = 2.0**components * float(np.exp(-exponent))
                else:
                    bound = 2 * components * float(np.exp(-exponent / components))
                if bound < 1:
                    probability = float(law[values >= size * margin / 8].sum())
                    yield Comparison(f"n = {size}, k = {components}, ε = {margin}", probability, bound)

    return ExactCheck(name, compare)


def simulate(dependent: bool) -> Sweep:
    """Three components of random sizes; labels independent signs, or equal to a sign of the component."""
    n_samples, margin, components = 4_000, 1.0, 3

    def count(rng: np.random.Generator, trials: int) -> int:
        sizes = rng.multinomial(n_samples, [0.5, 0.3, 0.2], size=trials)
        sums = sizes if dependent else 2 * rng.binomial(sizes, 0.5) - sizes
        return int(np.sum(np.abs(sums).sum(axis=1) >= n_samples * margin / 8))

    name = "P(F), three components, " + ("y a sign of the component" if dependent else "y an independent fair sign")
    bound = 2 * components * float(np.exp(-n_samples * margin**2 / (512 * components)))
    return Sweep(f"{name}, n = {n_samples}, ε = {margin}", count, bound)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments, the bound between one and 1e-200."""
    margin, components = float(10 ** rng.uniform(-2, 0)), float(rng.integers(1, 9))
    return {"epsilon": margin, "k": components, "n": float(np.ceil(rng.uniform(1, 100) * 64 * components / margin**2))}


# Claims are kept as written: sympy does not reorder or evaluate them.
with sp.evaluate(False):
    CLAIM = Claim(
        conclusion=sp.And(
            sp.Implies(D_f, sp.Or(E_f, F)),
            sp.Le(Probability(F), 2 * k * sp.exp(-n * epsilon**2 / (EIGHT_CUBED * k))),
        ),
        words="D_f: the mean of f z is at least ε/4. E_f: the mean of (f - e_l) z is at least ε/8, e_l the mean of f "
        "on the component of the sample. F: (1/n) Σ_l |Σ of z over component l| ≥ ε/8. Values of f in [-1, 1].",
    )
    REPAIRED_CLAIM = Claim(
        conclusion=sp.And(
            sp.Le(Probability(F), 2 * k * sp.exp(-n * epsilon**2 / (EIGHT_CUBED * k))),
            sp.Le(Probability(F), 2**k * sp.exp(-n * epsilon**2 / 128)),
        ),
        hypotheses=(equation(Expectation(z, sp.Tuple(x, l_label)), 0),),
        words="The labels of the components may be drawn anew from P(l | x), independently of y and of the learner; "
        "then the hypothesis holds.",
    )

STATEMENT = Statement(
    id="lemma-5",
    title="Fluctuation around component means, or unbalanced components",
    source="Appendix B.1, Lemma 5",
    recorded=Verdict.GAP,
    claim=CLAIM,
    derivation=(IMPLICATION, CENTRED_ON_COMPONENTS, UNION),
    exact=(
        imbalance_check("P(F) ≤ 2k exp(-nε²/(512k)), independent fair signs, by convolution", 1 / 512, "components"),
    ),
    sweeps=(simulate(False),),
    agreement=(
        NumericAgreement(
            "bounds.lemma_5_failure, paper's constants",
            lambda n, epsilon, k: float(lemma_5_failure(int(n), epsilon, int(k), Constants.PAPER)),
            sp.Min(1, 2 * k * sp.exp(-n * epsilon**2 / (8**3 * k))),
            sample,
        ),
    ),
    faults=(
        PlantedFault("labels independent of the components are no counterexample", labels_and_signs(False)),
        PlantedFault("threshold of E_f raised to 1/7", split(sp.Rational(1, 7))),
        PlantedFault("noise that is constant on components", simulate(True)),
        PlantedFault(
            "exponent 1/512 raised to 1/60",
            imbalance_check("P(F) ≤ 2k exp(-nε²/(60k))", 1 / 60, "components"),
        ),
    ),
    repair=Repair(
        claim=REPAIRED_CLAIM,
        derivation=(IMPLICATION, REDRAW, UNION, SIGN_UNION),
        exact=(imbalance_check("P(F) ≤ 2^k exp(-nε²/128), independent fair signs, by convolution", 1 / 128, "signs"),),
        agreement=(
            NumericAgreement(
                "bounds.lemma_5_failure, sharp constants",
                lambda n, epsilon, k: float(lemma_5_failure(int(n), epsilon, int(k), Constants.SHARP)),
                sp.Min(1, 2**k * sp.exp(-n * epsilon**2 / 128)),
                sample,
            ),
        ),
        faults=(
            PlantedFault(
                "exponent 1/128 raised to 1/100", imbalance_check("P(F) ≤ 2^k exp(-nε²/100)", 1 / 100, "signs")
            ),
            PlantedFault(
                "only one sign vector instead of 2^k",
                Obligation("|S_l| = S_l", sp.Le(sp.Abs(noise_sum), noise_sum), Refutation()),
            ),
        ),
    ),
    remarks=(
        "A1 and A2 say nothing about how the component label depends on y given x; the printed proof needs E[z | x, "
        "l] = 0. This is a gap and not an error of the statement: since the coupling is left open, the labels may be "
        "drawn anew so that the hypothesis holds.",
    ),
)
