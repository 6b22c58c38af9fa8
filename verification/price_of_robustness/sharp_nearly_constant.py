"""A stable classifier is nearly constant: what a large class stability means under isoperimetry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import sympy as sp
from scipy.special import ndtr

from noprune_theory.class_stability import gaussian_halfspace_stability
from noprune_theory.verifier.notation import Probability, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Identity, Refutation
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
from verification.price_of_robustness.steps import LOWEST, MEAN, SIGNED_CONVEX

d, c, S, a = sp.symbols("d c S a", positive=True)
v = sp.Symbol("v", positive=True)
signed_margin, centre, deviation = sp.symbols("d_f m z", real=True)
mean_deviation, size = sp.symbols("D h", nonnegative=True)

CONSTANT = sp.Rational(89, 50)


def mean_of_deviation(bound: sp.Rational) -> Obligation:
    """Bound E|Y| for P(|Y| ≥ t) ≤ min(1, 2 exp(-t²/2))."""
    return Obligation(f"√(2 log 2) + √(2π)(1 - erf(√(log 2))) ≤ {bound}", sp.Le(MEAN, bound, evaluate=False), Balls())


CENTRE = Step(
    "|E d_f| ≥ S - m√(c/d), m = E|Y| ≤ 89/50: E|d_f| = S and E|d_f - E d_f| ≤ m√(c/d)",
    (
        Obligation(
            "√(2π) erf(t/√2) has the derivative 2 exp(-t²/2), from t² = 2 log 2 on",
            equation(sp.Derivative(sp.sqrt(2 * sp.pi) * sp.erf(v / sp.sqrt(2)), v), 2 * sp.exp(-(v**2) / 2)),
            Identity(),
        ),
        Obligation(
            "there the tail bound is one", equation(lambda: 2 * sp.exp(-(LOWEST**2) / 2), lambda: 1), Identity()
        ),
        mean_of_deviation(CONSTANT),
        Obligation(
            "|d| ≤ |m| + |d - m|, averaged: S ≤ |m| + D",
            sp.Le(sp.Abs(signed_margin), sp.Abs(centre) + sp.Abs(signed_margin - centre)),
            Refutation(),
        ),
    ),
    rests_on=("isoperimetry", "layer cake", "expectation"),
)
ERR = Step(
    "f(x) ≠ sgn(E d_f) means |d_f - E d_f| ≥ |E d_f|",
    (
        Obligation(
            "different signs",
            sp.Ge(sp.Abs(signed_margin - centre), sp.Abs(centre)),
            Refutation(),
            (sp.Le(signed_margin * centre, 0),),
        ),
    ),
    rests_on=("isoperimetry",),
)


def halfspaces(name: str, shift: float, rate: float) -> ExactCheck:
    """Compare P(f = -1) for x_1 > -b, x ~ N(0, I/d), with 2 exp(-rate d(S - shift/√d)²)."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for offset in np.linspace(1.8, 8.0, 40):
            stability = gaussian_halfspace_stability([1.0], float(offset))
            if stability > shift:
                bound = 2 * float(np.exp(-rate * (stability - shift) ** 2))
                yield Comparison(f"b√d = {offset:.3g}", float(ndtr(-offset)), bound)

    return ExactCheck(name, compare, of_claim=True)


STATEMENT = Statement(
    id="sharp-nearly-constant",
    title="A stable classifier is nearly constant",
    source="Ours; it reads Corollary 6",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=sp.Le(
            Probability(sp.Ne(sp.Symbol("f(x)"), sp.Symbol("sgn(E d_f)"))),
            2 * sp.exp(-d * (S - CONSTANT * sp.sqrt(c / d)) ** 2 / (2 * c)),
            evaluate=False,
        ),
        hypotheses=(sp.Ge(S, CONSTANT * sp.sqrt(c / d)),),
        words="Convex domain, S = S(f).",
    ),
    derivation=(replace(SIGNED_CONVEX, role=Role.PRINTED), CENTRE, ERR),
    exact=(halfspaces("P(f = -1) ≤ 2 exp(-(S√d - 89/50)²/2), Gaussian halfspaces", 1.78, 0.5),),
    faults=(
        PlantedFault("m = 7/4", mean_of_deviation(sp.Rational(7, 4))),
        PlantedFault("exponent d(S - m√(c/d))²/c", halfspaces("P(f = -1) ≤ 2 exp(-(S√d - 1.78)²)", 1.78, 1.0)),
    ),
    remarks=(
        "So S ≫ √(c/d), where stability helps, leaves all but a fraction exp(-dS²/(2c)) of the inputs in one class: "
        "a stable interpolator has its other class in small holes around the samples. Halfspaces through the origin "
        "have S = √(2/π) √(c/d), below 89/50.",
    ),
)
