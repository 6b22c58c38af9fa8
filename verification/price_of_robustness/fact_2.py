"""Fact 2: the margin is rarely below half of the class stability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.bounds import margin_tail, price_fact_2
from noprune_theory.verifier.notation import Probability, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation, enclose
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
from verification.price_of_robustness.models import isoperimetry_of_two_points
from verification.price_of_robustness.steps import MARGIN_LIPSCHITZ

d, S, c, n, k = sp.symbols("d S c n k", positive=True)
theta = sp.Symbol("theta", positive=True)
h = sp.Symbol("h_f(x)", nonnegative=True)


def exponent(rate: sp.Rational) -> Obligation:
    """State the exponent of isoperimetry at deviation S/2."""
    return Obligation(
        f"d(S/2)²/(2c) = {rate} dS²/c",
        equation(lambda: d * (S / 2) ** 2 / (2 * c), lambda: rate * d * S**2 / c),
        Identity(),
    )


DEVIATION = Step(
    "h_f < S/2 is a deviation by more than S/2 of a 1-Lipschitz function with mean S",
    (
        *MARGIN_LIPSCHITZ.obligations,
        Obligation("S - h > S/2", sp.Gt(S - h, S / 2), Refutation(), (sp.Lt(h, S / 2),)),
        exponent(sp.Rational(1, 8)),
    ),
    rests_on=("isoperimetry",),
)
USE = Step(
    "Theorem 4 sums (P(h_f < S/2))^k over at most 2^n sets of k ≤ n samples: the factor 2 makes them 4^n at most, "
    "which its constant absorbs",
    (
        Obligation(
            "n log 2 + k log 2 ≤ 2n log 2",
            sp.Le(n * sp.log(2) + k * sp.log(2), 2 * n * sp.log(2)),
            Refutation(),
            (sp.Le(k, n),),
        ),
    ),
    role=Role.USE,
)
SHARE = Step(
    "P(h_f < θS) ≤ 2 exp(-(1 - θ)²dS²/(2c)), both tails of Definition 3 in one bound",
    (
        *MARGIN_LIPSCHITZ.obligations,
        Obligation("S - h > (1 - θ)S", sp.Gt(S - h, (1 - theta) * S), Refutation(), (sp.Lt(h, theta * S),)),
        exponent(sp.Rational(1, 8)),
    ),
    role=Role.OURS,
    rests_on=("isoperimetry",),
)


def _rational(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def _tail(deviation: Fraction, constant: Fraction) -> sp.Expr:
    return 2 * sp.exp(-(_rational(deviation) ** 2) / (2 * _rational(constant)))


def _hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    seldom, gap, constant = data["P(x = a)"], data["b"] - data["a"], data["c"]
    yield Fact(
        "0 < a < b lie in X = [-2, 2], f = sgn: h_f = x there",
        f"{data['a']}, {data['b']}",
        0 < data["a"] < data["b"] <= 2,
    )
    for deviation, mass in (((1 - seldom) * gap, seldom), (seldom * gap, Fraction(1))):
        allowed = enclose(_tail(deviation, constant), {})
        yield Fact(
            f"c-isoperimetric, d = 1: a 1-Lipschitz function deviates by {deviation} with probability at most {mass}",
            f"{mass} ≤ {float(allowed):.6f}",
            bool(allowed >= enclose(_rational(mass), {})),
        )


def _conclusion(data: Mapping[str, Any]) -> Fact:
    seldom, constant = data["P(x = a)"], data["c"]
    stability = seldom * data["a"] + (1 - seldom) * data["b"]
    probability = seldom if data["a"] < stability / 2 else Fraction(0)
    bound = enclose(data["factor"] * sp.exp(-(_rational(stability) ** 2) / (8 * _rational(constant))), {})
    text = f"P(h_f < S/2) ≤ {data['factor']} exp(-S²/(8c)), S = {stability}"
    return Fact(text, f"{probability} against {float(bound):.6f}", bool(bound >= enclose(_rational(probability), {})))


def two_points(factor: int) -> Counterexample:
    """Return two points on the line, on the positive side; c is the least that they allow, rounded up."""
    return Counterexample(
        name="two points",
        target="claim",
        data={
            "d": 1,
            "a": Fraction(74, 100),
            "b": Fraction(174, 100),
            "P(x = a)": Fraction(1, 4),
            "c": Fraction(1_353, 10_000),
            "factor": factor,
        },
        hypotheses=_hypotheses,
        conclusion=_conclusion,
    )


def two_point_laws(name: str, factor: float) -> ExactCheck:
    """Compare P(h < S/2) with factor exp(-S²/(8c)) at the least c, for all shares and positions."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for mass in np.linspace(0.01, 0.5, 50):
            for near in np.linspace(0.01, 0.999, 40):
                a = near * (1 - mass)  # below S/2 exactly for near < 1
                stability = a + (1 - mass)
                bound = factor * float(np.exp(-(stability**2) / (8 * isoperimetry_of_two_points(float(mass), 1.0))))
                yield Comparison(f"P(a) = {mass:.2f}, a = {a:.4f}", float(mass), bound)

    return ExactCheck(name, compare, of_claim=True)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments."""
    return {"d": float(rng.integers(1, 1000)), "S": float(rng.uniform(0.01, 2)), "c": float(rng.uniform(0.3, 5))}


PRINTED = sp.exp(-d * S**2 / (8 * c))
STATEMENT = Statement(
    id="fact-2",
    title="The margin is rarely below half of the class stability",
    source="Section 2, Fact 2",
    recorded=Verdict.SLIP,
    claim=Claim(
        conclusion=sp.Le(Probability(sp.Lt(h, S / 2)), PRINTED, evaluate=False),
        words="S = S(f), x c-isoperimetric as in Definition 3, with both tails in one bound 2 exp(-dt²/(2cL²)).",
    ),
    derivation=(DEVIATION, USE),
    counterexamples=(two_points(1),),
    agreement=(
        NumericAgreement("bounds.price_fact_2", lambda d, S, c: float(price_fact_2(int(d), S, c)), PRINTED, sample),
    ),
    faults=(
        PlantedFault("with the factor 2 it is no counterexample", two_points(2)),
        PlantedFault("exponent dS²/(4c)", exponent(sp.Rational(1, 4))),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.Le(
                Probability(sp.Lt(h, theta * S)), 2 * sp.exp(-((1 - theta) ** 2) * d * S**2 / (2 * c)), evaluate=False
            ),
            words="For every θ in (0, 1); at θ = 1/2 twice the printed bound. As printed it holds where one tail "
            "alone is at most exp(-dt²/(2cL²)), so under a logarithmic Sobolev inequality: normal laws, spheres.",
        ),
        derivation=(SHARE,),
        exact=(two_point_laws("P(h < S/2) ≤ 2 exp(-S²/(8c)) on two points, at the least c", 2.0),),
        agreement=(
            NumericAgreement(
                "bounds.margin_tail",
                lambda d, S, c, theta: float(margin_tail(int(d), S, c, theta)),
                sp.Min(1, 2 * sp.exp(-((1 - theta) ** 2) * d * S**2 / (2 * c))),
                lambda rng: sample(rng) | {"theta": float(rng.uniform(0.01, 0.99))},
            ),
        ),
        faults=(
            PlantedFault("without the factor 2", two_point_laws("P(h < S/2) ≤ exp(-S²/(8c)) on two points", 1.0)),
            PlantedFault("with 19/10", two_point_laws("P(h < S/2) ≤ 1.9 exp(-S²/(8c)) on two points", 1.9)),
        ),
    ),
    remarks=(
        "Definition 3 bounds both tails together by 2 exp(-dt²/(2cL²)); nothing in it halves one of them. The factor "
        "2 is needed: on two points the ratio tends to one.",
    ),
)
