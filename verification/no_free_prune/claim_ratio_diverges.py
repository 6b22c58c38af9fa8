"""Claim of Section 4.1: the ratio of the effective parameter counts with and without mask information diverges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import comb, log
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.bounds import effective_count_ratio
from noprune_theory.verifier.notation import binary_entropy, equation
from noprune_theory.verifier.obligations import Obligation, instance
from noprune_theory.verifier.provers import Balls, Identity, LimitValue, Refutation
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
    Verdict,
)
from verification.no_free_prune.lemma_1 import NEAR_ONE

gamma, s, K, p, k, delta = sp.symbols("gamma s K p k delta", positive=True)
i = sp.Symbol("i", nonnegative=True)
ratio = 1 + binary_entropy(gamma) / ((1 - gamma) * K)
CEILING = 3

LIMIT_OF_WEIGHTS = Step(
    "p → ∞ at fixed γ: (p h(γ) + (1-γ)pK)/((1-γ)pK) = 1 + h(γ)/((1-γ)K), K the contribution of one kept weight",
    (
        Obligation(
            "the ratio",
            equation((p * binary_entropy(gamma) + (1 - gamma) * p * K) / ((1 - gamma) * p * K), ratio),
            Identity(),
            (sp.Lt(gamma, 1),),
        ),
    ),
)
LIMIT_OF_SPARSITY = Step(
    "then γ → 1 at fixed K: the ratio diverges, like log(1/(1-γ))/K",
    (
        Obligation(
            "limit of h(s)/s, s = 1 - γ",
            equation(sp.Limit(-sp.log(s) - (1 - s) / s * sp.log(1 - s), s, 0, "+"), sp.oo),
            LimitValue(),
        ),
    ),
)


def polynomial_size_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    """Check that W J / epsilon is the stated power of p, and that the sparsities run up to one kept weight."""
    for size, weight_range, sparsity in zip(data["p"], data["W J/ε"], data["largest sparsity"], strict=True):
        yield Fact(
            f"W J/ε is p to the power {data['power']} at p = {size}",
            str(weight_range),
            weight_range == size ** data["power"],
        )
        kept = (1 - sparsity) * size
        yield Fact(f"the largest sparsity at p = {size} keeps one weight", str(kept), kept == 1)


def ratio_exceeds(data: Mapping[str, Any]) -> Fact:
    """Compare the exact ratio of every kept count with the ceiling: C(p, k) <= (1 + 60WJ/eps)^(2k), in integers."""
    ceiling = data["ceiling"]
    worst = all(
        comb(size, kept) <= (1 + 60 * weight_range) ** ((ceiling - 1) * kept)
        for size, weight_range in zip(data["p"], data["W J/ε"], strict=True)
        for kept in range(1, size)
    )
    return Fact(
        f"the ratio exceeds {ceiling} somewhere", f"C(p, k) ≤ (1 + 60WJ/ε)^({ceiling - 1}k) everywhere", not worst
    )


def finite_networks(name: str, **changed: object) -> Counterexample:
    """Return networks with W J/epsilon = p, from the largest sparsity down, with some entries changed."""
    sizes = (10, 100, 1_000)
    data = {
        "p": sizes,
        "W J/ε": sizes,
        "power": 1,
        "largest sparsity": tuple(1 - Fraction(1, size) for size in sizes),
        "ceiling": CEILING,
    }
    return Counterexample(
        name, "divergence in finite networks", data | changed, polynomial_size_hypotheses, ratio_exceeds
    )


FINITE_NETWORKS = Step(
    "for networks of polynomial size (W J/ε a power of p) the ratio diverges as γ → 1",
    counterexample=finite_networks("W J/ε = p"),
)

# The repair: two-sided, for every p.

log_ratio = sp.Symbol("r", positive=True)
TERMWISE = Obligation(
    "(p - i)/(k - i) ≥ p/k for i < k ≤ p",
    sp.Ge((p - i) * k, p * (k - i)),
    Refutation(),
    (sp.Lt(i, k), sp.Le(k, p)),
)
LOWER = Step(
    "C(p, k) ≥ (p/k)^k, factor by factor, so log C(p, k) ≥ k log(1/(1-γ)) with k = (1-γ)p",
    (
        TERMWISE,
        Obligation(
            "p/k = 1/(1-γ)",
            equation(lambda: p / ((1 - gamma) * p), lambda: 1 / (1 - gamma)),
            Identity(),
            (sp.Lt(gamma, 1),),
        ),
    ),
    role=Role.OURS,
)
SECOND_TERM = Obligation(
    "p h(s) ≤ sp (log(1/s) + 1)",
    sp.Le(-delta * sp.log(delta) - (1 - delta) * sp.log(1 - delta), delta * (1 - sp.log(delta))),
    Refutation(),
    (instance(NEAR_ONE), sp.Lt(delta, 1)),
)
UPPER = Step(
    "C(p, k) ≤ exp(p h(k/p)) ≤ (ep/k)^k (Equation (1)), so log C(p, k) ≤ k (log(1/(1-γ)) + 1)",
    (NEAR_ONE, SECOND_TERM),
    role=Role.OURS,
)
x, y = sp.symbols("x y", positive=True)
FINITE_K = Step(
    "with K ≥ log p the ratio stays at or below 2 + 1/log p, as k ≥ 1: log(p/k) ≤ log p",
    (
        Obligation(
            "1 + (x + 1)/K ≤ 2 + 1/y for x = log(p/k) ≤ y = log p ≤ K",
            sp.Le(1 + (x + 1) / K, 2 + 1 / y),
            Refutation(),
            (sp.Le(x, y), sp.Le(y, K)),
        ),
    ),
    role=Role.OURS,
)


def two_sided(name: str, slack_above: float) -> ExactCheck:
    """Compare log C(p, k)/k of exact integers with log(p/k) from below and log(p/k) + slack from above."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for size in (2, 5, 10, 50, 200, 1_000, profile.largest_n):
            for kept in sorted({1, 2, size // 20, size // 5, size // 2, size - 1} - {0}):
                exact = log(comb(size, kept)) / kept
                yield Comparison(f"p = {size}, k = {kept}, below", log(size / kept), exact)
                yield Comparison(f"p = {size}, k = {kept}, above", exact, log(size / kept) + slack_above)

    return ExactCheck(name, compare)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Draw a sparsity and the contribution of one kept weight."""
    return {"gamma": float(rng.uniform(0.001, 0.999)), "K": float(10 ** rng.uniform(-2, 2))}


def agreement(unit: float) -> NumericAgreement:
    """Compare `bounds.effective_count_ratio` with the expression; `unit` rescales K."""

    def function(**values: float) -> float:
        return float(effective_count_ratio(values["gamma"], unit * values["K"]))

    return NumericAgreement("bounds.effective_count_ratio", function, ratio, sample)


STATEMENT = Statement(
    id="claim-ratio-diverges",
    title="The ratio of the effective parameter counts diverges",
    source="Section 4.1",
    recorded=Verdict.GAP,
    claim=Claim(
        conclusion=equation(sp.Limit(ratio, gamma, 1, "-"), sp.oo),
        words="The ratio of p_eff with maximal mask information to p_eff without is Θ~(log2(1/(1-γ))) and diverges as "
        "γ → 1; K is what one kept weight contributes to p_eff, log(1 + 60 W J/ε), hidden in the Θ~.",
    ),
    derivation=(LIMIT_OF_WEIGHTS, LIMIT_OF_SPARSITY, FINITE_NETWORKS),
    agreement=(agreement(1.0),),
    faults=(
        PlantedFault(
            "ceiling 1.5 for every sparsity",
            Obligation(
                "h(s)/s ≤ 1/2 for s in [1/10, 9/10]",
                sp.Le(binary_entropy(s), s / 2),
                Balls(),
                (sp.Ge(s, sp.Rational(1, 10)), sp.Le(s, sp.Rational(9, 10))),
            ),
        ),
        PlantedFault("K in bits where nats are meant", agreement(1 / log(2))),
        PlantedFault("counterexample with ceiling 1", finite_networks("ceiling 1", ceiling=1)),
        PlantedFault(
            "counterexample whose weights range twice as far as stated",
            finite_networks("W J/ε = 2p", **{"W J/ε": (20, 200, 2_000)}),
        ),
        PlantedFault(
            "counterexample that keeps two weights",
            finite_networks(
                "two weights", **{"largest sparsity": (Fraction(4, 5), Fraction(49, 50), Fraction(499, 500))}
            ),
        ),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.And(
                sp.Ge(ratio, 1 + sp.log(1 / (1 - gamma)) / K, evaluate=False),
                sp.Le(ratio, 1 + (sp.log(1 / (1 - gamma)) + 1) / K, evaluate=False),
            ),
            words="For every p and every whole number (1-γ)p of kept weights, in nats. The ratio diverges if and only "
            "if log(1/(1-γ))/K does; if W J/ε ≥ p it never exceeds 2 + 1/log p.",
        ),
        derivation=(LOWER, UPPER, FINITE_K),
        exact=(two_sided("log(p/k) ≤ log C(p, k)/k ≤ log(p/k) + 1, exact integers", 1.0),),
        agreement=(agreement(1.0),),
        faults=(
            PlantedFault("+1 shrunk to +0.9", two_sided("log C(p, k)/k ≤ log(p/k) + 0.9", 0.9)),
            PlantedFault(
                "factor by factor with k > p",
                Obligation("(p - i)k ≥ p(k - i)", sp.Ge((p - i) * k, p * (k - i)), Refutation(), (sp.Lt(i, k),)),
            ),
        ),
    ),
    remarks=(
        "At W J/ε = 1000 and γ = 0.95 the ratio is 1.36: the mask's information is about a third of what the kept "
        "weights contribute.",
        "To double p_eff at that K the sparsity must exceed 1 - e/60001, so one weight in 22,000 may be kept.",
    ),
)
