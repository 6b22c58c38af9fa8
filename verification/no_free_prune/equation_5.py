"""Equation (5): the events of Lemmas 4 and 5 together."""

from __future__ import annotations

import sympy as sp

from noprune_theory.verifier.notation import event
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Refutation
from noprune_theory.verifier.statement import Claim, PlantedFault, Statement, Step, Verdict
from verification.no_free_prune import lemma_4, lemma_5

A_f, B, C, D_f, E_f, F = (event(name) for name in ("A_f", "B", "C", "D_f", "E_f", "F"))
CONCLUSION = sp.Implies(A_f, sp.Or(sp.Not(B), sp.Not(C), E_f, F))


def combination(*implications: sp.Basic) -> Obligation:
    """Return the conclusion from the given implications between events."""
    return Obligation("propositional", CONCLUSION, Refutation(), implications)


lemma_4_implication = sp.Implies(sp.And(A_f, B, C), D_f)
lemma_5_implication = sp.Implies(D_f, sp.Or(E_f, F))
EVENTS = Step(
    "A_f ⟹ (B^c or C^c) or E_f or F",
    (combination(lemma_4_implication, lemma_5_implication),),
    expression=CONCLUSION,
)

STATEMENT = Statement(
    id="equation-5",
    title="Four ways to fit below the noise level",
    source="Appendix B.1, Equation (5)",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=CONCLUSION,
        hypotheses=(lemma_4_implication, lemma_5_implication),
        words="The events of Lemmas 4 and 5.",
    ),
    derivation=(lemma_4.DECOMPOSITION, lemma_4.IMPLICATION, lemma_5.IMPLICATION, EVENTS),
    exact=(lemma_4.implication_check("A_f, B and C give D_f on all two-sample data sets of a grid", lemma_4.QUARTER),),
    faults=(
        PlantedFault(
            "event F left out",
            Obligation(
                "propositional",
                sp.Implies(A_f, sp.Or(sp.Not(B), sp.Not(C), E_f)),
                Refutation(),
                (lemma_4_implication, lemma_5_implication),
            ),
        ),
        PlantedFault("Lemma 5 dropped", combination(lemma_4_implication)),
    ),
)
