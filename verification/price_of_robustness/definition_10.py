"""Definition 10 and Equation (7): the margin of sgn(g) is at least |g| over the Lipschitz constant of g."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.verifier.notation import Expectation, LipschitzConstant, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation
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
from verification.price_of_robustness.models import distances, margins

here, there = sp.symbols("g(x) g(z)", real=True)
distance = sp.Symbol("|x - z|", nonnegative=True)
lipschitz, r = sp.symbols("L r", positive=True)
margin = sp.Symbol("h_f(x)", nonnegative=True)


def below(factor: sp.Rational) -> Obligation:
    """State that points of the other class are factor |g|/L away, sgn(0) = 1."""
    return Obligation(
        f"|x - z| ≥ {factor}|g(x)|/L where sgn g(z) ≠ sgn g(x)",
        sp.Ge(distance, factor * sp.Abs(here) / lipschitz),
        Refutation(),
        (
            sp.Le(sp.Abs(here - there), lipschitz * distance),
            sp.Or(sp.And(here >= 0, there < 0), sp.And(here < 0, there >= 0)),
        ),
    )


MARGIN = Step(
    "h_f ≥ |g|/L(g) pointwise: between x and the other class g changes by |g(x)| at least", (below(sp.S.One),)
)
MEAN = Step(
    "S(f) ≥ S*(g)/L(g), and neither changes when g is multiplied by r > 0",
    (
        Obligation(
            "r|g|/(rL) = |g|/L",
            equation(lambda: r * sp.Abs(here) / (r * lipschitz), lambda: sp.Abs(here) / lipschitz),
            Identity(),
        ),
    ),
    rests_on=("expectation",),
)


def _hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    yield Fact("g: X → R", str(data["g"]), len(data["g"]) == len(data["X"]))


def _conclusion(data: Mapping[str, Any]) -> Fact:
    slopes = [
        abs(p - q) / abs(a - b)
        for i, (a, p) in enumerate(zip(data["X"], data["g"], strict=True))
        for b, q in list(zip(data["X"], data["g"], strict=True))[:i]
    ]
    return Fact("L(g) > 0, so that S*(g)/L(g) is a number", f"L(g) = {max(slopes)}", max(slopes) > 0)


def values(found: tuple[int, ...]) -> Counterexample:
    """Return a function on two points."""
    return Counterexample(
        name="a constant function",
        target="that the normalised co-stability is defined",
        data={"X": (Fraction(0), Fraction(1)), "g": tuple(map(Fraction, found))},
        hypotheses=_hypotheses,
        conclusion=_conclusion,
    )


def clouds_with_values(name: str, factor: float, averaged: bool) -> ExactCheck:
    """Compare |g|/L (or its mean) with the margins (their mean) of integer functions on integer points."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        rng = np.random.default_rng(10)
        for model in range(min(profile.random_models, 300)):
            count, dimension = int(rng.integers(2, 8)), int(rng.integers(1, 4))
            rows = np.unique(rng.integers(-4, 5, (count, dimension)), axis=0)
            g = rng.integers(-5, 6, len(rows)) if model % 2 else rows @ rng.integers(-2, 3, dimension)
            labels = tuple(int(v) for v in np.where(g >= 0, 1, -1))
            if len(set(labels)) < 2:
                continue
            points = [tuple(map(Fraction, map(int, row))) for row in rows]
            far = distances(points) + np.eye(len(points))
            slope = float(np.max(np.abs(g[:, None] - g[None]) / far))
            lower, upper = np.abs(g) / slope, margins(points, labels)
            if averaged:
                yield Comparison(f"cloud {model}", factor * float(lower.mean()), float(upper.mean()))
            else:
                for i, (low, high) in enumerate(zip(lower, upper, strict=True)):
                    yield Comparison(f"cloud {model}, point {i}", factor * float(low), float(high))

    return ExactCheck(name, compare, of_claim=averaged)


STATEMENT = Statement(
    id="definition-10",
    title="Co-stability: |g| over the Lipschitz constant",
    source="Section 4, Definition 10 and Equation (7)",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=sp.And(
            sp.Ge(margin, sp.Abs(here) / LipschitzConstant(sp.Symbol("g"))),
            sp.Ge(
                sp.Symbol("S(f)"), Expectation(sp.Abs(sp.Symbol("g", real=True))) / LipschitzConstant(sp.Symbol("g"))
            ),
        ),
        words="f = sgn(g) with sgn(0) = 1, L(g) > 0. Equality for linear functions on the whole space.",
    ),
    derivation=(MARGIN, MEAN),
    counterexamples=(values((1, 1)),),
    exact=(
        clouds_with_values("|g|/L ≤ h_f at every point, integer functions on clouds", 1.0, averaged=False),
        clouds_with_values("S*(g)/L(g) ≤ S(f), integer functions on clouds", 1.0, averaged=True),
    ),
    faults=(
        PlantedFault("11/10 |g|/L", below(sp.Rational(11, 10))),
        PlantedFault("and on clouds", clouds_with_values("1.1 |g|/L ≤ h_f", 1.1, averaged=False)),
        PlantedFault("a function that varies has L > 0", values((1, -1))),
    ),
)
