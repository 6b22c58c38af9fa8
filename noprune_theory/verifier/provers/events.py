"""Probability inequalities over finitely many events, decided completely.

A probability measure, seen through finitely many events, is a point of the simplex over the atoms of the algebra that
they generate, and every such point occurs. Linear statements about probabilities are therefore linear real arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp
import z3

from noprune_theory.verifier.notation import Probability
from noprune_theory.verifier.obligations import Certificate, Obligation, Outcome, Status
from noprune_theory.verifier.provers.machines import LOCK
from noprune_theory.verifier.provers.refutation import EFFORT, Translation, decide, where_defined

__all__ = ["Events"]


class _EventTranslation(Translation):
    """Replace each probability by the sum of the weights of the atoms inside the event."""

    def __init__(self, events: tuple[sp.Symbol, ...], certain: list[sp.Basic]) -> None:
        super().__init__()
        atoms = (dict(zip(events, bits, strict=True)) for bits in product((sp.true, sp.false), repeat=len(events)))
        self.atoms = [atom for atom in atoms if all(c.subs(atom) == sp.true for c in certain)]
        self.weights = [z3.Real(f"atom {i}") for i in range(len(self.atoms))]
        self.side_conditions += [w >= 0 for w in self.weights] + [z3.Sum(self.weights) == 1]

    def real(self, expression: sp.Expr) -> Any:
        """Translate, expanding probabilities over the atoms."""
        if isinstance(expression, Probability):
            inside = [
                w for w, atom in zip(self.weights, self.atoms, strict=True) if expression.args[0].subs(atom) == sp.true
            ]
            return z3.Sum(inside) if inside else z3.RealVal(0)
        return super().real(expression)


@dataclass(frozen=True)
class Events:
    """Prove a relation between probabilities of Boolean combinations of events.

    Hypotheses without a probability or a number are read as sure implications between the events; the others as
    arithmetic conditions.

    Attributes
    ----------
    effort
        Limit on z3's own count of elementary operations.
    method
        Name shown in the report.
    """

    effort: int = EFFORT
    method: str = "event algebra, z3"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide over the simplex of atom weights."""
        with LOCK:
            return self._prove(obligation)

    def _prove(self, obligation: Obligation) -> Certificate:
        everything = (*obligation.hypotheses, obligation.conclusion)
        events = tuple(sorted({s for e in everything for p in e.atoms(Probability) for s in p.free_symbols}, key=str))
        certain = [h for h in obligation.hypotheses if not h.atoms(sp.Rel)]
        extra = {s for c in certain for s in c.free_symbols} - set(events)
        translation = _EventTranslation((*events, *sorted(extra, key=str)), certain)
        assumptions = [translation.boolean(h) for h in obligation.hypotheses if h not in certain]
        conclusion = translation.boolean(obligation.conclusion)
        certificate, model = decide(assumptions + translation.side_conditions, conclusion, self.effort)
        if model is None:
            if certificate.status is Status.PROVED:
                detail = f"{len(translation.atoms)} atoms of {len(events)} events; {certificate.detail}"
                return where_defined(Certificate(Status.PROVED, detail), obligation, self.effort)
            return certificate
        if translation.abstracted:
            return Certificate(Status.OPEN, "satisfiable with uninterpreted functions", Outcome.UNSUPPORTED)
        weights = {
            " & ".join(str(e) if v == sp.true else f"not {e}" for e, v in atom.items()): str(model.eval(w, True))
            for atom, w in zip(translation.atoms, translation.weights, strict=True)
        }
        shown = ", ".join(f"P({name}) = {w}" for name, w in weights.items() if w != "0")
        refuted = Certificate(Status.REFUTED, f"violated by the measure {shown}")
        return where_defined(refuted, obligation, self.effort)
