"""Definition 1: the margin, class stability, and what they are for halfspaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.class_stability import linear_margins
from noprune_theory.verifier.notation import Expectation, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    NumericAgreement,
    PlantedFault,
    Profile,
    Statement,
    Step,
    Verdict,
)
from verification.price_of_robustness.models import classifiers, line_margins, line_stability

w, slack = sp.symbols("w eta", positive=True)
inner, shift, distance = sp.symbols("u b D", nonnegative=True)
value, other = sp.symbols("g_x g_z", real=True)
MARGIN, S = sp.Symbol("h_f(x)", nonnegative=True), sp.Symbol("S(f)")


def halfspace_below(factor: sp.Rational) -> Obligation:
    """State that points of the other side of <w, x> + b = 0 are factor |g(x)|/|w| away."""
    return Obligation(
        f"D ≥ {factor}|g(x)|/|w| where g(z) has the other sign, |g(x) - g(z)| ≤ |w| D",
        sp.Ge(distance, factor * sp.Abs(value) / w),
        Refutation(),
        (
            sp.Le(sp.Abs(value - other), w * distance),
            sp.Or(sp.And(value >= 0, other < 0), sp.And(value < 0, other >= 0)),
        ),
    )


HALFSPACE = Step(
    "f = sgn(<w, x> + b) on R^d: h_f = |g|/|w|, below by Cauchy and Schwarz and above at z = x - g(x)(1 + η)w/|w|²",
    (
        halfspace_below(sp.S.One),
        Obligation(
            "g(z) = -η g(x) at that z, on the other side",
            equation(lambda: value - value * (1 + slack) * w**2 / w**2, lambda: -slack * value),
            Identity(),
        ),
        Obligation(
            "at distance (1 + η)|g(x)|/|w|",
            equation(lambda: sp.Abs(value) * (1 + slack) * w / w**2, lambda: (1 + slack) * sp.Abs(value) / w),
            Identity(),
        ),
    ),
)
SCALE = Step(
    "h_f does not change with f → -f, and x → rx multiplies h_f and S(f) by r",
    (
        Obligation(
            "|rx - rz| = r|x - z|",
            equation(sp.sqrt((w * inner - w * shift) ** 2), w * sp.Abs(inner - shift)),
            Identity(),
        ),
    ),
    rests_on=("expectation",),
)


def _constant_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    yield Fact("f: X → {-1, 1}", str(data["f"]), set(data["f"]) <= {-1, 1})


def _constant_conclusion(data: Mapping[str, Any]) -> Fact:
    others = [z for z, label in zip(data["X"], data["f"], strict=True) if label != data["f"][0]]
    return Fact("h_f(x) is a number: some z in X has f(z) ≠ f(x)", f"{len(others)} such points", bool(others))


def constant(labels: tuple[int, ...]) -> Counterexample:
    """Return a constant classifier, whose margin is an infimum over the empty set (or one with both classes)."""
    return Counterexample(
        name="a constant classifier",
        target="that S(f) is finite",
        data={"X": (Fraction(0), Fraction(1)), "f": labels},
        hypotheses=_constant_hypotheses,
        conclusion=_constant_conclusion,
    )


def at_least_the_gap(name: str, factor: Fraction) -> ExactCheck:
    """Compare the least gap between the classes of points on a line with S(f)/factor: h_f is nowhere smaller."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        rng = np.random.default_rng(1)
        for model in range(min(profile.random_models, 60)):
            count = int(rng.integers(2, 6))
            points = sorted({Fraction(int(v), 4) for v in rng.integers(-20, 21, count)})
            masses = [Fraction(int(v)) for v in rng.integers(1, 10, len(points))]
            total = sum(masses)
            for labels in classifiers(len(points)):
                gap = min(
                    abs(a - b) for (a, p), (b, q) in product(zip(points, labels, strict=True), repeat=2) if p != q
                )
                stability = line_stability(points, labels, [m / total for m in masses])
                yield Comparison(f"line {model}, {labels}", factor * gap, stability)
                yield Comparison(
                    f"line {model}, {labels}: symmetric",
                    line_margins(points, labels)[0],
                    line_margins(points, tuple(-v for v in labels))[0],
                )

    return ExactCheck(name, compare, of_claim=True)


STATEMENT = Statement(
    id="definition-1",
    title="Margin and class stability",
    source="Section 2, Definition 1",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=sp.And(equation(S, Expectation(MARGIN)), equation(MARGIN, sp.Abs(value) / w)),
        words="h_f(x) is the distance from x to the points of the other class, S(f) its mean; the second equation is "
        "for f = sgn(<w, x> + b) on R^d, g_x = <w, x> + b and w the norm of the weights.",
    ),
    derivation=(HALFSPACE, SCALE),
    counterexamples=(constant((1, 1)),),
    exact=(
        at_least_the_gap(
            "gap between the classes ≤ S(f), all classifiers of points on a line, in fractions", Fraction(1)
        ),
    ),
    agreement=(
        NumericAgreement(
            "class_stability.linear_margins",
            lambda w_1, w_2, x_1, x_2, b: float(linear_margins([w_1, w_2], [[x_1, x_2]], b)[0]),
            sp.Abs(sp.Symbol("w_1") * sp.Symbol("x_1") + sp.Symbol("w_2") * sp.Symbol("x_2") + sp.Symbol("b"))
            / sp.sqrt(sp.Symbol("w_1") ** 2 + sp.Symbol("w_2") ** 2),
            lambda rng: {name: float(rng.uniform(0.1, 3)) for name in ("w_1", "w_2", "x_1", "x_2", "b")},
        ),
    ),
    faults=(
        PlantedFault("halfspace margin enlarged by a tenth", halfspace_below(sp.Rational(11, 10))),
        PlantedFault("S(f) at least twice the gap", at_least_the_gap("2 gap ≤ S(f)", Fraction(2))),
        PlantedFault("a classifier with both classes has finite margins", constant((1, -1))),
    ),
    remarks=(
        "A constant classifier has h_f = ∞ by the convention for an empty infimum; every lower bound S(f) > S holds "
        "for it.",
        "The paper asks for a bounded domain, which the Gaussian of its example is not; nothing below needs "
        "boundedness.",
    ),
)
