"""Equations (8) and (9): a learner that is replaced by a fixed function where it is not Lipschitz enough."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import sympy as sp

from noprune_theory.verifier.notation import Probability, event
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Events
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

M, T, M_L = event("M"), event("T"), event("M_L")
CONCLUSION = sp.Le(Probability(sp.And(M, T)), Probability(M_L))
UNCHANGED = sp.Implies(T, sp.Equivalent(M, M_L))


def fallback(*hypotheses: sp.Basic) -> Obligation:
    """(8) is at most (9), given how the replaced learner relates to the original."""
    return Obligation("on {Lip ≤ L} the learner is unchanged", CONCLUSION, Events(), hypotheses)


STEP = Step(
    "W_L = W unless Lip(f^W) > L: the probability in (8) is at most P(MSE(f^{W_L}) ≤ σ² - ε/2)",
    (fallback(UNCHANGED),),
    expression=CONCLUSION,
)


def enumerated(name: str, fallback_mse: Fraction, keep: bool) -> ExactCheck:
    """Three data values, learners on three functions of given error and Lipschitz constant, in fractions."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        errors, slopes = (Fraction(1, 4), Fraction(1, 2), Fraction(1)), (Fraction(3), Fraction(1), Fraction(0))
        third = Fraction(1, 3)
        for choice in product(range(3), repeat=3):
            for level, limit in product(
                (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)), (Fraction(1, 2), Fraction(2))
            ):
                both = sum((third for i in choice if errors[i] <= level and slopes[i] <= limit), Fraction(0))
                replaced = [errors[i] if slopes[i] <= limit and keep else fallback_mse for i in choice]
                after = sum((third for error in replaced if error <= level), Fraction(0))
                yield Comparison(f"W = {choice}, σ² - ε/2 = {level}, L = {limit}", both, after)

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="equation-8",
    title="Replacing the learner where it is not Lipschitz",
    source="Appendix B.2, Equations (8) and (9)",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=CONCLUSION,
        hypotheses=(UNCHANGED,),
        words="M and M_L are the events that MSE(f^W) and MSE(f^{W_L}) are at most σ² - ε/2, T the event Lip(f^W) ≤ L.",
    ),
    derivation=(STEP,),
    exact=(enumerated("(8) ≤ (9) for every learner on three functions, in fractions", Fraction(1), True),),
    faults=(
        PlantedFault("learner replaced everywhere", fallback()),
        PlantedFault("always the fallback", enumerated("(8) ≤ (9), W_L constant", Fraction(1), False)),
    ),
)
