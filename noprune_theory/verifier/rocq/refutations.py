"""Scripts that a goal is false: a rational point at which the premises hold and the conclusion fails."""

from __future__ import annotations

import sympy as sp
from sympy.core.function import AppliedUndef

from noprune_theory.verifier.obligations import Obligation, unmet_assumption
from noprune_theory.verifier.provers.balls import certain, sample_points
from noprune_theory.verifier.provers.refutation import satisfying_point
from noprune_theory.verifier.rocq.translate import Translator

__all__ = ["negation_script", "violating_point"]

Point = dict[sp.Symbol, sp.Rational]
_ATTEMPTS = 400


def violating_point(obligation: Obligation) -> Point | None:
    """Return a rational point that violates an obligation, confirmed by balls, or None if none is found."""
    everything = (*obligation.hypotheses, obligation.conclusion)
    if any(e.atoms(AppliedUndef, sp.Limit, sp.Derivative) or not e.atoms(sp.Rel) for e in everything):
        return None
    for point in sample_points(obligation.variables, _ATTEMPTS):
        if _violates(obligation, point):
            return dict(point)
    found = satisfying_point((*obligation.hypotheses, sp.Not(obligation.conclusion)), obligation.variables)
    if found is not None and all(v.is_Rational for v in found.values()) and _violates(obligation, found):
        return found
    return None


def _violates(obligation: Obligation, point: Point) -> bool:
    return (
        all(unmet_assumption(s, v) is None for s, v in point.items())
        and all(certain(h, point) is True for h in obligation.hypotheses)
        and certain(obligation.conclusion, point) is False
    )


def negation_script(obligation: Obligation, point: Point, translator: Translator) -> str:
    """Return a proof that the goal of an obligation fails at a point."""
    values = [translator.term(point[s]) for s in obligation.variables]
    given = " ".join(values)
    return (
        f"intros H. specialize (H{' ' + given if given else ''}).\n"
        "repeat match type of H with ?A -> _ => match type of A with Prop =>\n"
        "  specialize (H ltac:(solve [true_at_point])) end end.\n"
        "false_at_point H."
    )
