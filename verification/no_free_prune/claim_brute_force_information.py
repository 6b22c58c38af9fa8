"""Claim of Section 5.5: brute-force search over masks creates high mutual information."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import combinations, permutations, product
from math import comb
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.verifier.exact_models import information_bits
from noprune_theory.verifier.notation import Entropy, MutualInformation, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation, Shannon, number_sign
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Sweep,
    Verdict,
)

m, D = sp.Symbol("m"), sp.Symbol("D")
p, k, N = sp.symbols("p k N", positive=True)


def best_mask(sample: tuple[tuple[tuple[int, ...], int], ...], weights: int) -> int:
    """Return the weight whose feature agrees most often with the label, by exhaustive search; ties to the lower."""
    agreement = [sum(x[index] == y for x, y in sample) for index in range(weights)]
    return agreement.index(max(agreement))


LABELS: dict[str, Callable[[tuple[int, ...]], int]] = {"x_1": lambda x: x[0], "x_1 x_2": lambda x: x[0] * x[1]}


def joint_law(data: Mapping[str, Any]) -> dict[tuple[Any, Any], Fraction]:
    """Enumerate all samples of fair signs x with labels by the data's rule, and the mask that the search returns."""
    inputs = list(product((-1, 1), repeat=data["p"]))
    probability = Fraction(1, len(inputs) ** data["n"])
    joint = {}
    for xs in product(inputs, repeat=data["n"]):
        sample = tuple((x, LABELS[data["y"]](x)) for x in xs)
        joint[(xs, best_mask(sample, data["p"]))] = probability
    return joint


def search_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    """Check that the law is a law and that the mask is the best of all masks that keep one weight."""
    joint = joint_law(data)
    yield Fact("probabilities of all samples sum to one", str(sum(joint.values())), sum(joint.values()) == 1)
    yield Fact(f"all {data['p']} masks of one kept weight are searched", str(data["p"]), data["p"] > 1)


def information_is_high(data: Mapping[str, Any]) -> Fact:
    """Compare the information in bits with half of its largest value log2 p."""
    bits = information_bits(joint_law(data))
    return Fact("I(m; D) ≥ (1/2) log2 p", str(bits), number_sign(bits - sp.log(data["p"], 2) / 2) >= 0)


PURE_SIGNAL = Counterexample(
    "labels equal to the first input",
    "claim",
    {"p": 3, "n": 2, "y": "x_1"},
    search_hypotheses,
    information_is_high,
)
DETERMINISTIC = Step(
    "A search is a function of the data, so I(m; D) = H(m)",
    (
        Obligation(
            "H(m | D) = 0",
            equation(MutualInformation(m, D), Entropy(m)),
            Shannon(),
            (equation(Entropy(m, D), 0),),
        ),
    ),
)
HIGH_ALWAYS = Step("and H(m) is high, whatever the law of the data", counterexample=PURE_SIGNAL)
EXCHANGEABLE = Step(
    "If permuting the weights does not change the law of the data and there are no ties, all N = C(p, k) masks have "
    "equal probability x, and H(m) = log C(p, k), the largest possible value (this happens when only noise is fitted)",
    (
        Obligation("N x = 1 gives x = 1/N", equation(p, 1 / N), Refutation(), (equation(N * p, 1),)),
        Obligation("N (1/N) log N = log N", equation(-N * (1 / N) * sp.log(1 / N), sp.log(N)), Identity()),
    ),
    role=Role.USE,
)


def top_sets(weights: int, kept: int, boost: int) -> dict[tuple[int, ...], Fraction]:
    """Law of the k best of p scores in uniformly random order; `boost` is added to the score of the first weight."""
    law: dict[tuple[int, ...], Fraction] = {}
    orders = list(permutations(range(weights)))
    for scores in orders:
        moved = [score + (boost if index == 0 else 0) for index, score in enumerate(scores)]
        best = tuple(sorted(sorted(range(weights), key=lambda index: (-moved[index], index))[:kept]))
        law[best] = law.get(best, Fraction(0)) + Fraction(1, len(orders))
    return law


def uniform(name: str, boost: int) -> ExactCheck:
    """Compare the probability of every mask with 1/C(p, k), in fractions, from both sides."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for weights in range(2, 7):
            for kept in range(1, weights):
                law = top_sets(weights, kept, boost)
                for mask in combinations(range(weights), kept):
                    excess = abs(law.get(mask, Fraction(0)) - Fraction(1, comb(weights, kept)))
                    yield Comparison(f"p = {weights}, mask {mask}", excess, Fraction(0))

    return ExactCheck(name, compare)


def noise_labels(name: str, share: Callable[[int], float]) -> ExactCheck:
    """Compare log2 p less the cost of ties with the enumerated information for fair coin labels independent of x."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for weights, n in ((2, 1), (2, 3), (3, 1), (3, 2), (3, 3), (4, 2)):
            inputs = list(product((-1, 1), repeat=weights))
            # The product x y of a sign with an independent fair sign is a fair sign: labels one without loss.
            counts = np.zeros(weights)
            for xs in product(inputs, repeat=n):
                counts[best_mask(tuple((x, 1) for x in xs), weights)] += 1
            law = counts / counts.sum()
            entropy = float(-(law * np.log2(law)).sum())
            yield Comparison(f"p = {weights}, n = {n}", share(weights), entropy)

    return ExactCheck(name, compare)


def gaussian_search(weights: int, claimed: float) -> Sweep:
    """Search for the best of p Gaussian features of 30 noise labels: the first wins with probability 1/p."""

    def count(rng: np.random.Generator, trials: int) -> int:
        # Given the labels the correlations are independent standard normal, whatever n.
        scores = np.abs(rng.standard_normal((trials, weights)))
        return int(np.sum(np.argmax(scores, axis=1) == 0))

    return Sweep(f"P(first of {weights} exchangeable features wins)", count, claimed)


STATEMENT = Statement(
    id="claim-brute-force-information",
    title="Brute-force search over masks creates high information",
    source="Section 5.5",
    recorded=Verdict.SLIP,
    claim=Claim(
        conclusion=sp.Ge(MutualInformation(m, D), sp.log(sp.binomial(p, k)) / 2),
        words="m is the best of all masks with k kept weights, by exhaustive search on the data D. The claim is read "
        "as: the information is a fixed share (here one half) of its largest value, whatever the law of the data.",
    ),
    derivation=(DETERMINISTIC, HIGH_ALWAYS, EXCHANGEABLE),
    counterexamples=(PURE_SIGNAL,),
    faults=(
        PlantedFault(
            "counterexample with labels that no single weight predicts",
            Counterexample(
                "parity labels", "claim", {"p": 2, "n": 1, "y": "x_1 x_2"}, search_hypotheses, information_is_high
            ),
        ),
        PlantedFault("scores of the first weight raised", uniform("uniform masks although weight 0 is favoured", 1)),
        PlantedFault(
            "information without determinism",
            Obligation("I(m; D) = H(m)", equation(MutualInformation(m, D), Entropy(m)), Shannon()),
        ),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=equation(MutualInformation(m, D), sp.log(sp.binomial(p, k))),
            words="If the law of the data does not change under permutations of the weights and ties have probability "
            "zero: the case of noise labels, which is the case that the lower bound speaks of.",
        ),
        derivation=(
            Step(DETERMINISTIC.text, DETERMINISTIC.obligations, role=Role.OURS),
            Step(EXCHANGEABLE.text, EXCHANGEABLE.obligations, role=Role.OURS),
        ),
        exact=(
            uniform("P(mask) = 1/C(p, k), all orders of up to 6 scores, in fractions", 0),
            noise_labels(
                "half of log2 p is reached in spite of ties, fair signs", lambda weights: 0.5 * np.log2(weights)
            ),
        ),
        sweeps=(gaussian_search(20, 1 / 20 + 0.01),),
        faults=(
            PlantedFault("all of log2 p in spite of ties", noise_labels("log2 p ≤ H(m)", lambda w: float(np.log2(w)))),
            PlantedFault("half the winning probability", gaussian_search(20, 1 / 40)),
        ),
    ),
    remarks=(
        "A search returns the same mask for every sample when the labels carry no noise, and then knows nothing about "
        "the data.",
    ),
)
