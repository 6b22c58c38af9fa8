"""Equation (1): the information of a mask of given sparsity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import comb, log, log2
from typing import Any, TypeAlias

import numpy as np
import sympy as sp

from noprune_theory.bounds import equation_1, log_mask_count
from noprune_theory.verifier.notation import LogTwo, binary_entropy, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, LimitValue, Monotone, Refutation, limit_value, number_sign
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

gamma, p, k, q, s = sp.symbols("gamma p k q s", positive=True)
j = sp.Symbol("j", nonnegative=True)
order = sp.Symbol("r", real=True)
Logarithm: TypeAlias = Callable[[sp.Expr], sp.Expr]


def log2_of(x: sp.Expr) -> sp.Expr:
    """Return log x / log 2."""
    return sp.log(x, 2)


def printed_terms(log: Logarithm) -> sp.Expr:
    """Return the printed right-hand side for a logarithm that is shown or spelled out."""
    return p * (1 - gamma) * log(1 / (1 - gamma)) + gamma * log(1 / gamma)


def corrected_terms(log: Logarithm) -> sp.Expr:
    """Return the right-hand side with the factor p before both terms."""
    return p * ((1 - gamma) * log(1 / (1 - gamma)) + gamma * log(1 / gamma))


printed, corrected = printed_terms(log2_of), corrected_terms(log2_of)
with sp.evaluate(False):  # shown as written
    count_bits_symbol = LogTwo(sp.binomial(p, gamma * p))
    PRINTED = equation(sp.Limit((count_bits_symbol - printed_terms(LogTwo)) / p, p, sp.oo), 0)
    CORRECTED = sp.And(
        sp.Le(corrected_terms(LogTwo) - LogTwo(p + 1), count_bits_symbol),
        sp.Le(count_bits_symbol, corrected_terms(LogTwo)),
    )


def central_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    """Check that the central coefficient is at least 2^p/(p + 1), for each p of the data."""
    for size in data["p"]:
        holds = comb(size, size // 2) * (size + 1) >= 2**size
        yield Fact(f"C({size}, {size // 2}) ({size} + 1) ≥ 2^{size}", "integers", holds)


def remainder_vanishes(data: Mapping[str, Any]) -> Fact:
    """Divide log2 C(p, p/2) less the terms by p: bounded below by an expression with a limit."""
    at_half = data["terms"].subs({gamma: data["gamma"]})
    remainder = limit_value(((p - sp.log(p + 1, 2)) - at_half) / p, p, sp.oo)
    return Fact("lim (p - log2(p + 1) - terms)/p ≤ 0", str(remainder), number_sign(remainder) <= 0)


def half_sparsity(terms: sp.Expr) -> Counterexample:
    """Terms that claim to be log2 C(p, gamma p) up to o(p), at gamma = 1/2."""
    return Counterexample(
        "sparsity one half",
        "claim",
        {"gamma": sp.Rational(1, 2), "p": (10, 100, 1_000, 10_000), "terms": terms},
        central_hypotheses,
        remainder_vanishes,
    )


HALF_SPARSITY = half_sparsity(printed)
FACTOR_P = Step(
    "p h2(γ) is written as p(1-γ) log2(1/(1-γ)) + γ log2(1/γ)",
    (Obligation("the two expressions agree", equation(corrected, printed), Identity(), (sp.Lt(gamma, 1),)),),
)

# What the paper uses: log2 C(p, gamma p) = p h2(gamma) - o(p).

UPPER = Step(
    "C(p, k) ≤ exp(p h(k/p)): one term of the binomial sum with q = k/p is at most one",
    (
        Obligation(
            "k log q + (p - k) log(1 - q) = -p h(q) at k = qp",
            equation(
                (k * sp.log(q) + (p - k) * sp.log(1 - q)).subs(k, q * p),
                -p * (-q * sp.log(q) - (1 - q) * sp.log(1 - q)),
            ),
            Identity(),
            (sp.Lt(q, 1),),
        ),
        Obligation(
            "p h(q) = p h(γ) is log 2 times the right-hand side in bits, q = 1 - γ, and s for 1 - γ",
            equation(
                corrected.subs(1 - gamma, s) * sp.log(2),
                p * binary_entropy(gamma).subs(1 - gamma, s),
            ),
            Identity(),
        ),
    ),
    role=Role.USE,
    rests_on=("expectation",),
)


def mode(shift: int) -> tuple[Obligation, Obligation]:
    """Compare consecutive terms: the ratio of term j + 1 to term j is (p-j)k/((j+1)(p-k)) at q = k/p."""
    return (
        Obligation(
            "terms increase up to k: (p - j)k ≥ (j + 1)(p - k) for j ≤ k - 1",
            sp.Ge((p - j) * k, (j + 1) * (p - k)),
            Refutation(),
            (sp.Le(j, k - 1), sp.Le(k, p)),
        ),
        Obligation(
            f"and decrease from k on: (p - j)k ≤ (j + 1)(p - k) for j ≥ k - {shift}",
            sp.Le((p - j) * k, (j + 1) * (p - k)),
            Refutation(),
            (sp.Ge(j, k - shift), sp.Le(k, p)),
        ),
    )


LOWER = Step(
    "C(p, k) ≥ exp(p h(k/p))/(p + 1): term k is the largest of p + 1 terms with sum one",
    mode(0),
    role=Role.USE,
    rests_on=("expectation",),
)
VANISHES = Step(
    "so log2 C(p, γp) = p h2(γ) - o(p), with 0 ≤ o(p) ≤ log2(p + 1)",
    (Obligation("log(p + 1)/p → 0", equation(sp.Limit(sp.log(p + 1) / p, p, sp.oo), 0), LimitValue()),),
    role=Role.USE,
)
PER_KEPT_WEIGHT = Step(
    "h(γ)/(1 - γ) lies between log(1/(1-γ)) and log(1/(1-γ)) + 1, in nats, so it is Θ(log(1/(1-γ))) as γ → 1; s = 1 - "
    "γ",
    (
        Obligation(
            "-(1 - s) log(1 - s) ≤ s",
            sp.Le(-(1 - s) * sp.log(1 - s), s),
            Monotone(s, sp.S.Zero, then=Monotone(s, sp.S.Zero, then=Refutation())),
            (sp.Lt(s, 1),),
        ),
        Obligation(
            "-(1 - s) log(1 - s) ≥ 0",
            sp.Ge(-(1 - s) * order, 0),
            Refutation(),
            (sp.Lt(s, 1), sp.Le(order, 0)),
        ),
    ),
    role=Role.USE,
)

# Exact models.

SIZES = (2, 5, 10, 30, 100, 300, 1_000)


def cells(profile: Profile) -> Iterator[tuple[int, int]]:
    """Yield numbers of weights and of removed weights."""
    for size in (*SIZES, profile.largest_n):
        for removed in sorted({1, size // 10, size // 4, size // 2, 9 * size // 10, size - 1} - {0, size}):
            yield size, removed


def entropy_bits(size: int, removed: int) -> float:
    """Return p h2(gamma)."""
    share = removed / size
    return -size * (share * log2(share) + (1 - share) * log2(1 - share))


def count_bits(size: int, removed: int) -> float:
    """Return log2 of the exact integer C(p, gamma p)."""
    return log(comb(size, removed)) / log(2)


def between(name: str, lower: Callable[[int, int], float], upper: Callable[[int, int], float]) -> ExactCheck:
    """Compare log2 of exact binomial coefficients with two expressions."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for size, removed in cells(profile):
            exact = count_bits(size, removed)
            yield Comparison(f"p = {size}, {removed} removed, below", lower(size, removed), exact)
            yield Comparison(f"p = {size}, {removed} removed, above", exact, upper(size, removed))

    return ExactCheck(name, compare)


def literal_bits(size: int, removed: int) -> float:
    """Return the printed terms."""
    share = removed / size
    return -size * (1 - share) * log2(1 - share) - share * log2(share)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Draw a number of weights and a sparsity."""
    return {"p": float(np.ceil(10 ** rng.uniform(0, 9))), "gamma": float(rng.uniform(0.001, 0.999))}


def sample_whole(rng: np.random.Generator) -> dict[str, float]:
    """Draw a number of weights and a sparsity that removes a whole number of them: dyadic, so exact in binary."""
    size = 2.0 ** rng.integers(1, 30)
    return {"p": size, "gamma": float(rng.integers(1, int(size)) / size)}


def agreement(
    form: Any, expression: sp.Expr, draw: Callable[[np.random.Generator], dict[str, float]]
) -> NumericAgreement:
    """Compare `bounds.equation_1` in one form with its expression."""
    return NumericAgreement(
        f"bounds.equation_1, {form}", lambda p, gamma: float(equation_1(int(p), gamma, form)), expression, draw
    )


log_gammas = (sp.loggamma(p + 1) - sp.loggamma(gamma * p + 1) - sp.loggamma((1 - gamma) * p + 1)) / sp.log(2)
second_order = corrected - sp.log(2 * sp.pi * p * gamma * (1 - gamma), 2) / 2

STATEMENT = Statement(
    id="equation-1",
    title="Information of a mask of given sparsity",
    source="Section 4.1, Equation (1)",
    recorded=Verdict.SLIP,
    claim=Claim(
        conclusion=PRINTED,
        hypotheses=(sp.Lt(gamma, 1),),
        words="I(m; D) = log2 C(p, γp) for a mask that is uniform over all masks of sparsity γ and determined by the "
        "data; the printed right side is exact up to o(p).",
    ),
    derivation=(FACTOR_P, UPPER, LOWER, VANISHES, PER_KEPT_WEIGHT),
    counterexamples=(HALF_SPARSITY,),
    agreement=(agreement("printed", printed, sample), agreement("exact", log_gammas, sample_whole)),
    faults=(
        PlantedFault("printed terms as an upper bound", between("log2 C ≤ printed", lambda *_: 0.0, literal_bits)),
        PlantedFault(
            "counterexample applied to the corrected terms",
            half_sparsity(corrected),
        ),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=CORRECTED,
            hypotheses=(sp.Lt(gamma, 1),),
            words="γp is a whole number. The factor p multiplies both terms.",
        ),
        derivation=tuple(
            Step(x.text, x.obligations, role=Role.OURS, rests_on=x.rests_on) for x in (UPPER, LOWER, VANISHES)
        ),
        exact=(
            between("p h2 - log2(p+1) ≤ log2 C ≤ p h2", lambda n, r: entropy_bits(n, r) - log2(n + 1), entropy_bits),
        ),
        agreement=(
            NumericAgreement(
                "bounds.log_mask_count",
                lambda p, gamma: float(log_mask_count(int(p), int(p - gamma * p), unit="bits")),
                log_gammas,
                sample_whole,
            ),
            agreement("first order", corrected, sample),
            agreement("second order", second_order, sample),
        ),
        faults=(
            PlantedFault(
                "p h2 less one bit as a lower bound",
                between("p h2 - 1 ≤ log2 C", lambda n, r: entropy_bits(n, r) - 1, entropy_bits),
            ),
            PlantedFault("decrease claimed one term early", mode(2)[1]),
            PlantedFault("first order against the printed terms", agreement("first order", printed, sample)),
        ),
    ),
    remarks=(
        "p = 1000 and γ = 0.95: exactly 282.28 bits, with the factor 286.40, with the second-order term 282.29, and "
        "216.17 as printed.",
    ),
)
