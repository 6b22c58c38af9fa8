"""Lemma 3: the information of the learner about the data is that of its mask plus the logarithm of a count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.verifier.exact_models import information_bits, mutual_information
from noprune_theory.verifier.notation import Entropy, Expectation, MutualInformation, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Monotone, Refutation, Shannon
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
    Verdict,
)

D, W, X, m, ell, f = sp.symbols("D W X m l f")
q, r = sp.symbols("q r", positive=True)
count = sp.Symbol("N", positive=True)
log_count = sp.Symbol("Lambda", nonnegative=True)
N_m = sp.Symbol("N_m", positive=True)

LEARNER_SEES_DATA = equation(MutualInformation(W, ell, D), 0)
STATISTICS = equation(Entropy(X, sp.Tuple(D, ell)), 0)
MASK = equation(Entropy(m, W), 0)
FUNCTION = equation(Entropy(f, W), 0)

DATA_PROCESSING = Step(
    "I(W; {X_t}) ≤ I(W; D): the X_t are functions of the data and the component labels, and W sees the data only",
    (
        Obligation(
            "data processing",
            sp.Le(MutualInformation(W, X), MutualInformation(W, D)),
            Shannon(),
            (STATISTICS, LEARNER_SEES_DATA),
        ),
    ),
    expression=sp.Le(MutualInformation(W, X), MutualInformation(W, D)),
    rests_on=("partitions",),
)


def _bit_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    total = sum(data["law of D"].values())
    yield Fact("D is a random bit, W = D", str(total), total == 1)
    same = data["functions"][0] == data["functions"][1]
    yield Fact("f^0 and f^1 are the same function", "f(x) = 0", same)


def _bit_conclusion(data: Mapping[str, Any]) -> Fact:
    law = data["law of D"]
    with_index = information_bits({(bit, bit): p for bit, p in law.items()})
    values = data["functions"]
    joint: dict[tuple[int, str], Fraction] = {}
    for bit, p in law.items():
        joint[bit, values[bit]] = joint.get((bit, values[bit]), Fraction(0)) + p
    with_function = information_bits(joint)
    return Fact("I(W; D) = I(f^W; D)", f"{with_index} bit against {with_function} bit", with_index == with_function)


def two_indices(functions: tuple[str, str]) -> Counterexample:
    """Two indices of possibly the same function, chosen by a fair data bit."""
    return Counterexample(
        name="two indices of one function",
        target="claim",
        data={"law of D": {0: Fraction(1, 2), 1: Fraction(1, 2)}, "W": "W = D", "functions": functions},
        hypotheses=_bit_hypotheses,
        conclusion=_bit_conclusion,
    )


SAME_FUNCTION = two_indices(("f(x) = 0", "f(x) = 0"))
INDEX_IS_FUNCTION = Step(
    "I(W; D) = I(f^W; D)",
    (
        Obligation(
            "if W can be read off f^W (t ↦ f^t one to one)",
            sp.Eq(MutualInformation(W, D), MutualInformation(f, D)),
            Shannon(),
            (FUNCTION, equation(Entropy(W, f), 0)),
        ),
    ),
    expression=equation(MutualInformation(W, D), MutualInformation(f, D)),
    counterexample=SAME_FUNCTION,
    rests_on=("partitions",),
)
LOG_SUPPORT = (
    Obligation(
        "r log r - r + 1 ≥ 0 for r ≥ 1",
        sp.Ge(r * sp.log(r) - r + 1, 0),
        Monotone(r, sp.S.One, then=Monotone(r, sp.S.One, then=Refutation())),
        (sp.Ge(r, 1),),
    ),
    Obligation(
        "r log r - r + 1 ≥ 0 for 0 < r ≤ 1",
        sp.Ge(r * sp.log(r) - r + 1, 0),
        Monotone(r, sp.S.One, then=Monotone(r, sp.S.One, then=Refutation())),
        (sp.Le(r, 1),),
    ),
    Obligation(
        "with r = qN: -q log q = q log N - (r log r)/N, so summing over N values gives H ≤ log N",
        sp.Eq(-q * sp.log(q), q * sp.log(count) - (r * sp.log(r)).subs(r, q * count) / count, evaluate=False),
        Identity(),
    ),
)
COUNTING = Step(
    "I(f^W; D) ≤ I(m^W; D) + E log N_m: chain rule, and the entropy of one of N values is at most log N",
    (
        *LOG_SUPPORT,
        Obligation(
            "I(f; D) ≤ I(m; D) + H(W | m), and H(W | m) ≤ Λ = E log N_m",
            sp.Le(MutualInformation(f, D), MutualInformation(m, D) + log_count),
            Shannon(),
            (FUNCTION, MASK, sp.Le(Entropy(W, m), log_count)),
        ),
    ),
    expression=sp.Le(MutualInformation(f, D), MutualInformation(m, D) + Expectation(sp.log(N_m))),
    rests_on=("conditioning", "partitions"),
)
SHORTCUT = Step(
    "I(W; {X_t}) ≤ I(W; D) ≤ I(m^W; D) + E log N_m, all that Theorems 3 and 4 use",
    (
        *LOG_SUPPORT,
        Obligation(
            "in one go, with no assumption on t ↦ f^t",
            sp.And(
                sp.Le(MutualInformation(W, X), MutualInformation(W, D)),
                sp.Le(MutualInformation(W, D), MutualInformation(m, D) + log_count),
            ),
            Shannon(),
            (STATISTICS, LEARNER_SEES_DATA, MASK, sp.Le(Entropy(W, m), log_count)),
        ),
    ),
    expression=sp.And(
        sp.Le(MutualInformation(W, X), MutualInformation(W, D)),
        sp.Le(MutualInformation(W, D), MutualInformation(m, D) + Expectation(sp.log(N_m))),
    ),
    role=Role.USE,
    rests_on=("conditioning", "partitions"),
)


def _grouped(joint: FloatArray, groups: IntArray) -> FloatArray:
    """Sum the columns of a joint table over groups."""
    table = np.zeros((joint.shape[0], int(groups.max()) + 1))
    np.add.at(table.T, groups, joint.T)
    return table


def chain_check(name: str, side: str, log_factor: float = 1.0) -> ExactCheck:
    """Both inequalities on random models: W = (mask, weight), the statistics merge some values of D."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        rng = np.random.default_rng(3)
        for i in range(profile.random_models):
            n_data, masks = rng.integers(2, 7), rng.integers(1, 4)
            sizes = rng.integers(1, 4, size=masks)
            mask_of = np.repeat(np.arange(masks), sizes)
            kernel = rng.dirichlet(np.full(len(mask_of), 10.0 ** rng.uniform(-2, 1)), size=n_data)
            if i % 4 == 0:
                kernel = np.eye(len(mask_of))[rng.permutation(n_data) % len(mask_of)]
            joint = np.full((n_data, 1), 1 / n_data) * kernel
            merge = rng.integers(0, n_data, size=n_data)
            index = mutual_information(joint)
            label = f"model {i}: {n_data} data values, masks with {tuple(int(s) for s in sizes)} weights"
            if side == "statistics":
                yield Comparison(label, mutual_information(_grouped(joint.T, merge).T), index)
            else:
                mask_joint = _grouped(joint, mask_of)
                log_counts = float(mask_joint.sum(axis=0) @ np.log(sizes))
                yield Comparison(label, index, mutual_information(mask_joint) + log_factor * log_counts)

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="lemma-3",
    title="Information of the learner is mask information plus a count",
    source="Section 5.3, Lemma 3",
    recorded=Verdict.SLIP,
    claim=Claim(
        conclusion=sp.And(
            sp.Le(MutualInformation(W, X), MutualInformation(W, D)),
            equation(MutualInformation(W, D), MutualInformation(f, D)),
            sp.Le(MutualInformation(f, D), MutualInformation(m, D) + Expectation(sp.log(N_m))),
        ),
        hypotheses=(STATISTICS, LEARNER_SEES_DATA, MASK, FUNCTION),
        words="X stands for the family {X_t}, l for the component labels, f for the function f^W and m for the mask "
        "m^W; N_m is the number of weight vectors allowed with mask m. The logarithm has the unit of the "
        "information.",
    ),
    derivation=(DATA_PROCESSING, INDEX_IS_FUNCTION, COUNTING, SHORTCUT),
    counterexamples=(SAME_FUNCTION,),
    faults=(
        PlantedFault("the two indices now give different functions", two_indices(("f(x) = 0", "f(x) = 1"))),
        PlantedFault(
            "learner sees the component labels too",
            Obligation("data processing", DATA_PROCESSING.obligations[0].conclusion, Shannon(), (STATISTICS,)),
        ),
        PlantedFault(
            "count of the weights given the mask not bounded by N_m",
            Obligation(
                "counting without H(W | m) ≤ Λ",
                sp.Le(MutualInformation(f, D), MutualInformation(m, D) + log_count),
                Shannon(),
                (FUNCTION, MASK),
            ),
        ),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.And(
                sp.Le(MutualInformation(W, X), MutualInformation(W, D)),
                sp.Le(MutualInformation(W, D), MutualInformation(m, D) + Expectation(sp.log(N_m))),
            ),
            hypotheses=(STATISTICS, LEARNER_SEES_DATA, MASK),
            words="The middle term I(f^W; D) is left out; it is at most I(W; D), with equality when t ↦ f^t is one "
            "to one.",
        ),
        derivation=(SHORTCUT,),
        exact=(
            chain_check("I(W; {X_t}) ≤ I(W; D) on random finite models", "statistics"),
            chain_check("I(W; D) ≤ I(m; D) + E log N_m on random finite models", "count"),
        ),
        faults=(
            PlantedFault("log N_m shrunk by 1%", chain_check("I(W; D) ≤ I(m; D) + 0.99 E log N_m", "count", 0.99)),
            PlantedFault("count dropped", chain_check("I(W; D) ≤ I(m; D)", "count", 0.0)),
        ),
    ),
    remarks=(
        "The equality fails when two indices give the same function, the rule rather than the exception for "
        "networks; only the outer inequality is used.",
        "The first inequality needs that W is independent of the component labels given the data, which holds for "
        "any learner that is handed the data alone.",
    ),
)
