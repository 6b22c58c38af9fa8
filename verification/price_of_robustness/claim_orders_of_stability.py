"""In passing: at p ~ n a memorising classifier has S of order √(c/d), at p ~ nd margins of order one are allowed."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from noprune_theory.bounds import price_corollary_6
from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    PlantedFault,
    Profile,
    Statement,
    Step,
    Verdict,
)

n, d, c, kappa, K, epsilon = sp.symbols("n d c kappa K epsilon", positive=True)
S = sp.Symbol("S(f)", nonnegative=True)


def at(count: sp.Expr, value: sp.Expr, name: str) -> Obligation:
    """Evaluate the threshold (3K/ε)√(cp/(nd)) at a number of parameters."""
    return Obligation(
        name,
        equation(lambda: 3 * K / epsilon * sp.sqrt(c * count / (n * d)), lambda: 3 * K / epsilon * value),
        Identity(),
    )


ORDERS = Step(
    "The threshold of Corollary 6 is (3K/ε)√κ √(c/d) at p = κn and (3K/ε)√κ √c at p = κnd",
    (
        at(kappa * n, sp.sqrt(kappa) * sp.sqrt(c / d), "p = κn"),
        at(kappa * n * d, sp.sqrt(kappa) * sp.sqrt(c), "p = κnd"),
    ),
)


def threshold(name: str, power: float) -> ExactCheck:
    """Compare the threshold at p = n with (3K/ε) d^(-power)."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for dimension in (1, 10, 1_000, 10**6):
            found = float(price_corollary_6(1_000, dimension, 1_000, 0.5, 1.0))
            yield Comparison(f"d = {dimension}", found, 6 * 6.95 * dimension**-power)

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="claim-orders-of-stability",
    title="The stability that a number of parameters allows",
    source="Section 3, after Corollary 6",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=sp.Le(S, 3 * K / epsilon * sp.sqrt(kappa) * sp.sqrt(c / d)),
        words="A fit below the noise level with p = κn; with p = κnd the right side is (3K/ε)√(κc), a constant. Both "
        "are upper bounds: that they are attained is not claimed here.",
    ),
    derivation=(ORDERS,),
    exact=(threshold("threshold at p = n ≤ (3K/ε)√(c/d)", 0.5),),
    faults=(
        PlantedFault("p = κn with √c in place of √(c/d)", at(kappa * n, sp.sqrt(kappa) * sp.sqrt(c), "p = κn")),
        PlantedFault("of order c/d", threshold("threshold at p = n ≤ (3K/ε)c/d", 1.0)),
    ),
)
