"""Theorem 3: the law for a finite class, with an explicit failure probability."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy as sp

from noprune_theory.bounds import Constants, theorem_3
from noprune_theory.verifier.notation import Expectation, MutualInformation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Refutation
from noprune_theory.verifier.statement import (
    Claim,
    NumericAgreement,
    PlantedFault,
    Repair,
    Statement,
    Step,
    Verdict,
)
from verification.no_free_prune import equation_7, lemma_3, lemma_6
from verification.no_free_prune.lemma_2 import fitting

epsilon, n, d, k, c, L, a1 = sp.symbols("epsilon n d k c L a_1", positive=True)
information = sp.Symbol("I", positive=True)
effective, mutual = sp.symbols("p_eff I_X", nonnegative=True)
tail, other_tail = sp.symbols("t t'", real=True)

SCALE = 72 * 144 * c * L**2 / (n * d)  # a1^2 C0
DELTA_STAR = sp.Max(2**7 * SCALE * information / epsilon**2, 2 * sp.exp(-(epsilon**2) / (2**7 * SCALE)))
D, W, X, m = sp.symbols("D W X m")


def in_information(sign: int) -> Obligation:
    """Return the claim that a larger information gives a larger bound."""
    beta = sp.Symbol("beta", positive=True)
    return Obligation(
        "δ* does not decrease when I grows",
        sp.Le(sign * mutual / beta, sign * effective / beta),
        Refutation(),
        (sp.Le(mutual, effective),),
    )


EXPLICIT = Step(
    "Replace s^{-1}(ε/8) by δ* (Equation (7))",
    (*equation_7.AT_DELTA_STAR.obligations, *equation_7.DECREASING.obligations),
)
EFFECTIVE = Step(
    "I({X_t}; W) ≤ p_eff = I(m^W; D) + E log N (Lemma 3), and δ* grows with I",
    (*lemma_3.SHORTCUT.obligations, in_information(1)),
    rests_on=("conditioning", "partitions"),
)


def explicit_radius(average: float) -> Callable[[float, float], float]:
    """Return the u^2 at which delta* = P: 2 a1^2 C0 max(I/P, log(2/P)), C0 = average cL^2/(nd), with eps = 8u."""
    return lambda mutual, p: 2 * 72 * average * max(mutual / p, float(np.log(2 / p)))


STATEMENT = Statement(
    id="theorem-3",
    title="The law for a finite class",
    source="Section 5.3, Theorem 3",
    recorded=Verdict.GAP,
    claim=Claim(
        conclusion=sp.Le(fitting, (2 * k + 2) * sp.exp(-n * epsilon**2 / (8**3 * k)) + sp.Symbol("delta^*")),
        hypotheses=(
            sp.Eq(sp.Symbol("delta^*"), DELTA_STAR.subs(SCALE, a1**2 * sp.Symbol("C_0"))),
            sp.Le(sp.Symbol("I"), MutualInformation(m, D) + Expectation(sp.log(sp.Symbol("N_m")))),
        ),
        words="Every function is L-Lipschitz and C0 = 144 cL²/(nd); I = I({X_t}; W), bounded by p_eff through Lemma 3.",
    ),
    derivation=(*lemma_6.PRINTED_DERIVATION, EXPLICIT, EFFECTIVE),
    exact=(
        *lemma_6.SUMMANDS,
        lemma_6.radius_check("P(X_W ≥ ε/8) ≤ δ*, solved for ε, sign model by binomials", explicit_radius(144.0)),
    ),
    sweeps=(lemma_6.simulate(False),),
    agreement=(
        NumericAgreement(
            "bounds.theorem_3, paper's constants",
            lambda n, d, k, epsilon, L, c, I: float(  # noqa: E741
                theorem_3(int(n), int(d), int(k), epsilon, L, c, I, Constants.PAPER)
            ),
            sp.Min(1, sp.Min(1, lemma_6.PRINTED_FIRST) + sp.Min(1, DELTA_STAR)),
            lemma_6.sample,
        ),
    ),
    faults=(
        PlantedFault(
            "C0 shrunk from 144 to 0.0175 cL²/(nd)",
            lemma_6.radius_check("P(X_W ≥ ε/8) ≤ δ* with C0 = 0.0175 cL²/(nd)", explicit_radius(0.0175)),
        ),
        PlantedFault("a bound that falls with the information", in_information(-1)),
        PlantedFault("labels that are a function of x", lemma_6.simulate(True)),
    ),
    repair=Repair(
        claim=lemma_6.REPAIRED_CLAIM,
        derivation=(
            *lemma_6.REPAIRED_DERIVATION,
            EXPLICIT,
            EFFECTIVE,
        ),
        exact=lemma_6.SHARP_SUMMANDS,
        faults=lemma_6.REPAIRED_FAULTS,
    ),
    remarks=(
        "Inherits the gap of Lemma 5. Everything that is added here, Equation (7) and Lemma 3, is used in its right "
        "direction.",
    ),
)
