"""Chebyshev's inequality for the mean of fair signs: replace it by your own theorem.

`noprune-theory verify FILE.py` answers five questions about it and computes a verdict from the answers. Every part
below is one of the five; the comments say what belongs there.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import comb

import numpy as np
import sympy as sp

from noprune_theory.verifier import (
    Claim,
    Comparison,
    ExactCheck,
    Identity,
    Obligation,
    PlantedFault,
    Probability,
    Profile,
    Refutation,
    Statement,
    Step,
    Sweep,
    Verdict,
    equation,
    event,
)

# The symbols. Their assumptions are hypotheses: the provers use them, and nothing else.
n, t, u = sp.symbols("n t u", positive=True)
s = sp.Symbol("s", real=True)

# 1. The claim, as a sympy expression. `event` names an event, `Probability` its probability.
FAR = event("F")
CLAIM = Claim(
    conclusion=sp.Le(Probability(FAR), 1 / (n * u**2)),
    words="F is the event that the mean of n independent fair signs is at least u > 0 in absolute value.",
)


# 2. The derivation. A step is proved when all its obligations are; each names the prover that has to discharge it:
# `Identity` (equations), `Refutation` (polynomials, rational functions and logic, by z3), `Monotone` (by the sign of a
# derivative), `Balls` (transcendental inequalities on a box), `LimitValue`, `Events`, `Shannon`.
def indicator_below_square(factor: int) -> Obligation:
    """Return that the indicator of |s| >= t is at most s^2/(factor t^2)."""
    return Obligation(
        "the indicator of |s| ≥ t is at most s²/t²",
        sp.Implies(sp.Ge(s**2, t**2), sp.Ge(s**2 / (factor * t**2), 1)),
        Refutation(),
    )


# `rests_on` names the facts of probability theory that lift the obligations to the step (`RULES` lists them).
MARKOV = Step(
    "P(|S| ≥ t) ≤ E S²/t², for the sum S of the signs",
    (indicator_below_square(1), Obligation("and never negative", sp.Ge(s**2 / t**2, 0), Refutation())),
    rests_on=("expectation",),
)
VARIANCE = Step(
    "E S² = n: one more sign adds one",
    (Obligation("the average over the next sign", equation(((s + 1) ** 2 + (s - 1) ** 2) / 2, s**2 + 1), Identity()),),
    rests_on=("independence", "induction"),
)
CONCLUSION = Step(
    "P(F) ≤ n/t² = 1/(nu²) at t = nu",
    (Obligation("t = nu", equation(lambda: n / (n * u) ** 2, lambda: 1 / (n * u**2)), Identity()),),
)


# 3. Exact models: the inequality where everything can be enumerated. Fractions are compared exactly.
def enumerated(name: str, factor: Fraction) -> ExactCheck:
    """Return the check of P(F) <= factor/(n u^2) for all n up to 12 and every value u of |mean|."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for size in range(1, 13):
            for reached in range(size, 0, -2):
                sums = (k for k in range(size + 1) if abs(2 * k - size) >= reached)
                probability = Fraction(sum(comb(size, k) for k in sums), 2**size)
                level = Fraction(reached, size)
                yield Comparison(f"n = {size}, u = {level}", probability, factor / (size * level**2))

    return ExactCheck(name, compare, of_claim=True)


# 4. A simulation in which the hypotheses hold by construction. The generator is handed in: never make one yourself.
def simulate(rng: np.random.Generator, trials: int) -> int:
    """Return in how many trials the mean of ten signs is at least 1/2 in absolute value."""
    sums = 2 * rng.binomial(10, 0.5, size=trials) - 10
    return int(np.count_nonzero(np.abs(sums) >= 5))


SWEEP = Sweep("ten signs, u = 1/2", simulate, claimed=1 / (10 * 0.5**2))

# 5. Planted faults: the same checks run on broken versions, which have to fail. At least two.
FAULTS = (
    PlantedFault("constant 1 shrunk to 1/2 in the exact models", enumerated("P(F) ≤ 1/(2nu²)", Fraction(1, 2))),
    PlantedFault("constant 1 shrunk to 1/2 in the first step", indicator_below_square(2)),
)

# `recorded` is the verdict that you expect: the command exits with 1 when the computed one differs.
STATEMENT = Statement(
    id="statement-name",
    title="Chebyshev's inequality for the mean of fair signs",
    source="Chebyshev 1867",
    recorded=Verdict.HOLDS,
    claim=CLAIM,
    derivation=(MARKOV, VARIANCE, CONCLUSION),
    exact=(enumerated("P(F) ≤ 1/(nu²)", Fraction(1)),),
    sweeps=(SWEEP,),
    faults=FAULTS,
)
