"""In passing: stability improves on Massart's rate exactly when S ≥ √(c/d)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    PlantedFault,
    Profile,
    Role,
    Statement,
    Step,
    Verdict,
)

n, d, p, c, S = sp.symbols("n d p c S", positive=True)
a, b = sp.symbols("a b", positive=True)  # sqrt(c/d), sqrt(p/n)


def equivalence(factor: sp.Rational) -> Obligation:
    """State when the rate (√c/S)√(p/(nd)) is at most √(p/n)."""
    return Obligation(
        f"(a/S)b ≤ b exactly when S ≥ {factor}a, a = √(c/d), b = √(p/n)",
        sp.Equivalent(sp.Le(a / S * b, b), sp.Ge(S, factor * a)),
        Refutation(),
    )


RATES = Step("(√c/S)√(p/(nd)) ≤ √(p/n) exactly when S ≥ √(c/d)", (equivalence(sp.S.One),))
VACUOUS = Step(
    "Where Theorem 4 applies, p ≥ n, Massart's √(2p/n) exceeds one and says nothing",
    (
        Obligation(
            "2p/n ≥ 2 > 1",
            sp.And(sp.Ge(2 * p / n, 2), sp.Gt(sp.Integer(2), 1, evaluate=False)),
            Refutation(),
            (sp.Ge(p, n),),
        ),
    ),
    role=Role.OURS,
)
BELOW = Step(
    "Halfspaces under N(0, I/d), c = 1, stay below: S√d = √(2/π) < 1",
    (Obligation("√(2/π) < 1", sp.Lt(sp.sqrt(2 / sp.pi), 1, evaluate=False), Balls()),),
    role=Role.OURS,
)


def on_a_grid(name: str, factor: float) -> ExactCheck:
    """Compare the rate with √(p/n) at S = factor √(c/d)."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for size, count, dimension, constant in ((10, 20, 3, 1.0), (1_000, 5_000, 100, 2.0), (50, 50, 7, 0.5)):
            stability = factor * np.sqrt(constant / dimension)
            rate = float(np.sqrt(constant) / stability * np.sqrt(count / (size * dimension)))
            yield Comparison(f"n = {size}, p = {count}, d = {dimension}", rate, float(np.sqrt(count / size)))

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="claim-massart-rate",
    title="When stability improves on Massart's rate",
    source="Section 3, after Theorem 4",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=sp.Equivalent(
            sp.Le(sp.sqrt(c) / S * sp.sqrt(p / (n * d)), sp.sqrt(p / n)), sp.Ge(S, sp.sqrt(c / d))
        ),
        words="Up to the constants K2 and √2; p = log|F|.",
    ),
    derivation=(RATES, VACUOUS, BELOW),
    exact=(on_a_grid("the rate of Theorem 4 ≤ √(p/n) at S = √(c/d)", 1.0),),
    faults=(
        PlantedFault("at nine tenths of it", equivalence(sp.Rational(9, 10))),
        PlantedFault("and in numbers", on_a_grid("the rate ≤ √(p/n) at S = 0.9√(c/d)", 0.9)),
    ),
    remarks=(
        "The comparison is of rates: for p ≥ n Massart's bound is above one, and the paper's own halfspaces have S = "
        "√(2/π) √(c/d), just below the threshold.",
    ),
)
