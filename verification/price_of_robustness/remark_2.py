"""Remark 2 (Lemmas 17 and 18): the margin and the signed margin are 1-Lipschitz, and f is the sign of the latter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import sympy as sp

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
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
)
from verification.price_of_robustness.models import Point, clouds, distances, margins, squared_distance
from verification.price_of_robustness.steps import MARGIN_LIPSCHITZ, SIGNED_CONVEX, SIGNED_DOUBLE, signed

h, distance = sp.symbols("h D", nonnegative=True)
label = sp.Symbol("f", real=True)
signed_here, signed_there = sp.symbols("d_f(x) d_f(x')", real=True)

SIGN = Step(
    "If f⁻¹(1) is closed then f = sgn(d_f), sgn(0) = 1: where f = -1 the class 1 has a positive distance",
    (
        Obligation("f = 1: d_f = h ≥ 0", sp.Ge(label * h, 0), Refutation(), (sp.Eq(label, 1),)),
        Obligation(
            "f = -1: d_f = -h < 0, as h > 0", sp.Lt(label * h, 0), Refutation(), (sp.Eq(label, -1), sp.Gt(h, 0))
        ),
    ),
)
USE = replace(
    SIGNED_DOUBLE,
    text="Theorem 4 needs d_f to be Lipschitz with an absolute constant only: 2 will do, whatever the domain",
    role=Role.USE,
)


def to_segment(x: Point, a: Point, b: Point) -> Fraction:
    """Return the squared distance from a point to a segment, exactly."""
    way = tuple(q - p for p, q in zip(a, b, strict=True))
    length = sum(v * v for v in way)
    t = sum((p - q) * v for p, q, v in zip(x, a, way, strict=True)) / length if length else Fraction(0)
    t = min(max(t, Fraction(0)), Fraction(1))
    return squared_distance(x, tuple(p + t * v for p, v in zip(a, way, strict=True)))


def _square_margin(data: Mapping[str, Any], x: Point, other: str) -> Fraction:
    return min(to_segment(x, a, b) for a, b in pairwise(data[other]))


def _horseshoe_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    left, right = data["class 1"], data["class -1"]
    yield Fact(
        "X, the union of the two paths, is path-connected: they meet", f"{left[-1]} = {right[0]}", left[-1] == right[0]
    )
    yield Fact("class 1 is its path with both ends, hence closed", str(left), len(left) > 1)
    for name, path in (("x", left), ("x'", right)):
        yield Fact(
            f"{name} lies on its path",
            str(data[name]),
            any(to_segment(data[name], a, b) == 0 for a, b in pairwise(path)),
        )


def _horseshoe_conclusion(data: Mapping[str, Any]) -> Fact:
    squares = (
        _square_margin(data, data["x"], "class -1"),
        _square_margin(data, data["x'"], "class 1"),
        squared_distance(data["x"], data["x'"]),
    )
    roots = [Fraction(str(sp.sqrt(sp.Rational(v.numerator, v.denominator)))) for v in squares]
    text = "d_f(x) - d_f(x') = h(x) + h(x') ≤ |x - x'|"
    return Fact(text, f"{roots[0]} + {roots[1]} against {roots[2]}", roots[0] + roots[1] <= roots[2])


def horseshoe(height: int) -> Counterexample:
    """Return the two ends of a path that bends back: their distance is the margin of both."""
    zero, one, half = Fraction(0), Fraction(1), Fraction(1, 2)
    tall = Fraction(height)
    return Counterexample(
        name="a horseshoe",
        target="claim",
        data={
            "class 1": ((zero, tall), (zero, zero), (half, zero)),
            "class -1": ((half, zero), (one, zero), (one, tall)),
            "x": (zero, tall),
            "x'": (one, tall),
        },
        hypotheses=_horseshoe_hypotheses,
        conclusion=_horseshoe_conclusion,
    )


def _open_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    yield Fact("X = [0, 1], f = 1 on (0, 1] or [0, 1/2], else -1", str(data["f(0)"]), data["f(0)"] in (-1, 1))


def _open_conclusion(data: Mapping[str, Any]) -> Fact:
    signed_margin = data["f(0)"] * data["h(0)"]
    found = 1 if signed_margin >= 0 else -1
    return Fact("f(0) = sgn(d_f(0)), sgn(0) = 1", f"{data['f(0)']} against {found}", found == data["f(0)"])


def open_class(label_at_zero: int, margin: Fraction) -> Counterexample:
    """Return the class (0, 1], which is not closed: zero is of class -1 at distance zero."""
    return Counterexample(
        name="the class (0, 1]",
        target="f = sgn(d_f) where f⁻¹(1) is not closed",
        data={"f(0)": label_at_zero, "h(0)": margin},
        hypotheses=_open_hypotheses,
        conclusion=_open_conclusion,
    )


def all_pairs(name: str, factor: float, signed_margin: bool) -> ExactCheck:
    """Compare differences of margins, or of signed margins of two classes, with factor times the distance."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label_of, points, labels in clouds(profile, 2):
            found = margins(points, labels) * (np.array(labels) if signed_margin else 1)
            far = factor * distances(points)
            for i, j in combinations(range(len(points)), 2):
                if not signed_margin or labels[i] != labels[j]:
                    yield Comparison(f"{label_of}: {i}, {j}", float(abs(found[i] - found[j])), float(far[i, j]))

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="remark-2",
    title="Margins are Lipschitz functions",
    source="Remark 2; Lemmas 17 and 18",
    recorded=Verdict.SLIP,
    claim=Claim(
        conclusion=sp.Le(sp.Abs(signed_here - signed_there), sp.Symbol("|x - x'|", nonnegative=True)),
        words="d_f = f h_f, X path-connected; h_f is 1-Lipschitz as well; and f = sgn(d_f) with sgn(0) = 1 if f⁻¹(1) "
        "is closed.",
    ),
    derivation=(MARGIN_LIPSCHITZ, SIGN, USE),
    counterexamples=(horseshoe(2), open_class(-1, Fraction(0))),
    exact=(all_pairs("|h(x) - h(x')| ≤ |x - x'|, all classifiers of sign cubes and clouds", 1.0, signed_margin=False),),
    faults=(
        PlantedFault("a path that does not bend back", horseshoe(0)),
        PlantedFault("a closed class", open_class(1, Fraction(1, 2))),
        PlantedFault("margins 9/10-Lipschitz", all_pairs("|h(x) - h(x')| ≤ 9|x - x'|/10", 0.9, signed_margin=False)),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.Le(sp.Abs(signed_here - signed_there), 2 * sp.Symbol("|x - x'|", nonnegative=True)),
            words="On any X, if f is not constant; with 1 in place of 2 where the segment from x to x' lies in X, so "
            "in convex domains.",
        ),
        derivation=(SIGNED_DOUBLE, SIGNED_CONVEX),
        exact=(
            all_pairs("|d_f(x) - d_f(x')| ≤ 2|x - x'|, two classes (equality for two points)", 2.0, signed_margin=True),
        ),
        faults=(
            PlantedFault("factor 2 lowered to 19/10", signed(sp.Rational(19, 10))),
            PlantedFault("and on point sets", all_pairs("|d_f(x) - d_f(x')| ≤ 19|x - x'|/10", 1.9, signed_margin=True)),
        ),
    ),
    remarks=(
        "Distances are straight, paths are not: between the ends of a horseshoe whose middle is the boundary both "
        "margins equal the distance. Convexity is what the argument needs; the factor 2 costs Theorem 4 a larger "
        "constant.",
    ),
)
