"""Example 9: close parameters whose classifiers are opposite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.verifier.notation import Supremum
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    PlantedFault,
    Profile,
    Statement,
    Step,
    Verdict,
)

w, other, x = sp.symbols("w w' x", real=True)
power = sp.Symbol("E", positive=True)  # exp(2x)
height = sp.Symbol("T", real=True)  # tanh x


def close(factor: sp.Rational) -> Obligation:
    """State that the functions are as close as their parameters, up to a factor."""
    return Obligation(
        f"|wT - w'T| ≤ {factor}|w - w'| for |T| ≤ 1",
        sp.Le(sp.Abs(w * height - other * height), factor * sp.Abs(w - other)),
        Refutation(),
        (sp.Le(height, 1), sp.Ge(height, -1)),
    )


CLOSE = Step(
    "sup_x |w tanh x - w' tanh x| ≤ |w - w'|, J = 1",
    (
        Obligation(
            "|tanh x| = |E - 1|/(E + 1) ≤ 1, E = exp(2x)", sp.Le(sp.Abs((power - 1) / (power + 1)), 1), Refutation()
        ),
        close(sp.S.One),
    ),
)
OPPOSITE = Step(
    "For w > 0 and x ≠ 0: sgn(w tanh x) ≠ sgn(-w tanh x), however small w is",
    (
        Obligation(
            "tanh x has the sign of x: (E - 1)/(E + 1) > 0 for E > 1 and < 0 for E < 1",
            sp.And(
                sp.Implies(sp.Gt(power, 1), sp.Gt((power - 1) / (power + 1), 0)),
                sp.Implies(sp.Lt(power, 1), sp.Lt((power - 1) / (power + 1), 0)),
            ),
            Refutation(),
        ),
        Obligation(
            "wT and -wT are on different sides of zero",
            sp.Lt((w * height) * (-w * height), 0),
            Refutation(),
            (sp.Gt(w, 0), sp.Ne(height, 0)),
        ),
    ),
)


def _hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    yield Fact("w ≠ 0", str(data["w"]), data["w"] != 0)


def _conclusion(data: Mapping[str, Any]) -> Fact:
    values = [sign * data["w"] * data["tanh x"] for sign in (1, -1)]
    found = [1 if value >= 0 else -1 for value in values]
    return Fact("sgn(w tanh x) = -sgn(-w tanh x), sgn(0) = 1", f"{found[0]} and {found[1]}", found[0] == -found[1])


def at(value: Fraction) -> Counterexample:
    """Return the two classifiers at a point, given tanh x."""
    return Counterexample(
        name="the origin",
        target="that they are opposite everywhere",
        data={"w": Fraction(1, 1000), "tanh x": value},
        hypotheses=_hypotheses,
        conclusion=_conclusion,
    )


def on_a_grid(name: str, factor: float) -> ExactCheck:
    """Compare |w tanh x - w' tanh x| with factor |w - w'| on a grid."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        grid = np.linspace(-2, 2, 9)
        for first, second, point in product(grid, grid, (-20.0, -1.0, 0.3, 5.0)):
            if first != second:
                gap = abs(float(first * np.tanh(point) - second * np.tanh(point)))
                yield Comparison(f"w = {first}, w' = {second}, x = {point}", gap, factor * abs(float(first - second)))

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="example-9",
    title="Close parameters, opposite classifiers",
    source="Section 4, Example 9",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=sp.Le(Supremum(sp.Abs((w - other) * sp.tanh(x))), sp.Abs(w - other)),
        words="g_w(x) = w tanh x; sgn(g_w) and sgn(g_{-w}) differ at every x ≠ 0, however small w > 0 is: a net of "
        "parameters is no net of classifiers.",
    ),
    derivation=(CLOSE, OPPOSITE),
    counterexamples=(at(Fraction(0)),),
    exact=(on_a_grid("|g_w - g_w'| ≤ |w - w'| on a grid", 1.0),),
    faults=(
        PlantedFault("J = 9/10", close(sp.Rational(9, 10))),
        PlantedFault("away from the origin they are opposite", at(Fraction(1, 2))),
        PlantedFault("J = 9/10 on the grid", on_a_grid("|g_w - g_w'| ≤ 9|w - w'|/10", 0.9)),
    ),
    remarks=("At x = 0 both are 1, by the convention sgn(0) = 1.",),
)
