"""Obligations about probabilities of events, over the atoms that the events generate."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import sympy as sp

from noprune_theory.verifier.notation import Probability
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.rocq.goals import Goal, domains
from noprune_theory.verifier.rocq.translate import Translator, UntranslatableError

__all__ = ["events_goal", "events_script"]


class _Events(Translator):
    """Probabilities of Boolean functions of the outcome ``w``."""

    def term(self, expression: sp.Expr) -> str:
        """Translate, an event being a function to the Booleans."""
        if isinstance(expression, Probability):
            return f"(P (fun w => {_boolean(expression.args[0], lambda s: f'({self.name(s)} w)')}))"
        return super().term(expression)


def _boolean(event: sp.Basic, write: Callable[[sp.Symbol], str]) -> str:
    """Return an event as a Boolean term, its symbols written by a function."""
    if event in (sp.true, sp.false):
        return "true" if event == sp.true else "false"
    if event.is_Symbol:
        return write(event)
    parts = [_boolean(a, write) for a in (event.args if isinstance(event, sp.Implies) else sorted(event.args, key=str))]
    if isinstance(event, sp.And | sp.Or):
        return "(" + (" && " if isinstance(event, sp.And) else " || ").join(parts) + ")"
    if isinstance(event, sp.Not):
        return f"(negb {parts[0]})"
    if isinstance(event, sp.Implies):
        return f"(implb {parts[0]} {parts[1]})"
    if isinstance(event, sp.Equivalent | sp.Equality) and len(parts) == 2:
        return f"(Bool.eqb {parts[0]} {parts[1]})"
    raise UntranslatableError(f"{type(event).__name__} of events has no counterpart: {event}")


def _parts(obligation: Obligation) -> tuple[list[sp.Symbol], list[sp.Basic], list[sp.Symbol]]:
    """Return the events, the sure relations between them, and the numbers."""
    everything = (*obligation.hypotheses, obligation.conclusion)
    sure = [h for h in obligation.hypotheses if not h.atoms(sp.Rel)]
    events = {s for e in everything for p in e.atoms(Probability) for s in p.free_symbols}
    events |= {s for relation in sure for s in relation.free_symbols}
    return sorted(events, key=str), sure, [s for s in obligation.variables if s not in events]


def events_goal(obligation: Obligation) -> tuple[Goal, Translator]:
    """Return the goal about every finitely additive probability, and its translator.

    Raises
    ------
    UntranslatableError
        If a part has no counterpart in Rocq.
    """
    translator = _Events()
    events, sure, numbers = _parts(obligation)
    binders = ["(Omega : Type) (P : (Omega -> bool) -> R)"]
    binders += [f"({translator.name(e)} : Omega -> bool)" for e in events]
    binders += [f"({translator.name(s)} : R)" for s in numbers]
    premises = ["probability P", *domains(numbers, translator)]
    premises += [f"forall w, {_boolean(h, lambda s: f'({translator.name(s)} w)')} = true" for h in sure]
    premises += [translator.proposition(h) for h in obligation.hypotheses if h not in sure]
    return Goal(tuple(binders), tuple(premises), translator.proposition(obligation.conclusion)), translator


def events_script(obligation: Obligation, translator: Translator) -> str:
    """Return a proof: every probability is the sum over its atoms, and the rest is linear."""
    events, sure, _ = _parts(obligation)
    names = [translator.name(e) for e in events]
    listed = f"({' :: '.join([*names, 'nil'])})"
    lines = ["intros Omega P " + " ".join(names) + "; intros.", "assert (HP : probability P) by assumption."]
    for position, relation in enumerate(sure):
        text = _boolean(relation, lambda s: f"({translator.name(s)} w)")
        lines.append(
            f"assert (S{position} : P (fun w => negb {text}) = 0) by (apply (p_empty P HP); intros w; "
            f"match goal with H : forall w, {text} = true |- _ => rewrite (H w); reflexivity end)."
        )
    everything = (*obligation.hypotheses, obligation.conclusion)
    measured = sorted({p.args[0] for e in everything for p in e.atoms(Probability)}, key=str)
    measured += [sp.Not(h, evaluate=False) for h in sure] + [sp.true]
    for position, event in enumerate(measured):
        lines.append(
            f"pose proof (expand P HP {listed} {_of_values(event, events)}) as X{position}; cbn in X{position}."
        )
    for bits in product((True, False), repeat=len(events)):
        atom = "true"
        for bit, name in zip(bits, names, strict=True):
            atom = f"({atom} && {name} w)" if bit else f"({atom} && negb ({name} w))"
        lines.append(f"pose proof (p_nonneg P HP (fun w => {atom})).")
    lines.append("pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].")
    return "\n".join(lines)


def _of_values(event: sp.Basic, events: list[sp.Symbol]) -> str:
    """Return an event as a function of the list of the values of all events."""
    index = {e: f"b{k}" for k, e in enumerate(events)}
    pattern = " :: ".join([*index.values(), "nil"])
    return f"(fun v => match v with {pattern} => {_boolean(event, index.__getitem__)} | _ => false end)"
