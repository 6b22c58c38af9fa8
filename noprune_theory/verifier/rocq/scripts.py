"""The portfolio: candidate proofs of a goal, cheap ones first. None is trusted; only the kernel accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy as sp

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Events, Identity, Monotone, Refutation, Shannon
from noprune_theory.verifier.provers.definedness import conditions
from noprune_theory.verifier.rocq.entropies import entropies_goal, entropies_script
from noprune_theory.verifier.rocq.events import events_goal, events_script
from noprune_theory.verifier.rocq.goals import Goal, definedness_goal, goal, is_limit
from noprune_theory.verifier.rocq.hints import decay_scripts, erf_script, square_hints
from noprune_theory.verifier.rocq.identities import first_derivative, identity_scripts
from noprune_theory.verifier.rocq.inequalities import inequality_scripts
from noprune_theory.verifier.rocq.monotone import monotone_scripts
from noprune_theory.verifier.rocq.refutations import negation_script, violating_point
from noprune_theory.verifier.rocq.translate import Translator

__all__ = ["Candidate", "Export", "export"]


@dataclass(frozen=True)
class Candidate:
    """A proposed proof: its method in words, and the sentences between ``Proof.`` and ``Qed.`` in `script`."""

    method: str
    script: str


@dataclass(frozen=True)
class Export:
    """What an obligation says in Rocq, and the proofs to try.

    Attributes
    ----------
    statement
        The goal.
    defined
        The goal that everything has a value, where that needs one.
    candidates, negations, definedness
        Proofs to try of the goal, of its negation, and of `defined`; made when they are needed.
    """

    statement: Goal
    defined: Goal | None
    candidates: Callable[[], Iterator[Candidate]]
    negations: Callable[[], Iterator[Candidate]]
    definedness: Callable[[], Iterator[Candidate]]


def export(obligation: Obligation) -> Export:
    """Translate an obligation.

    Raises
    ------
    UntranslatableError
        If a part has no counterpart in Rocq.
    """
    prover = obligation.prover
    if isinstance(prover, Events):
        stated, translator = events_goal(obligation)
        script = events_script(obligation, translator)
        return Export(stated, None, lambda: iter([Candidate("atoms of events", script)]), _none, _none)
    if isinstance(prover, Shannon):
        stated, translator = entropies_goal(obligation)
        return Export(
            stated, None, lambda: iter([Candidate("elemental inequalities", entropies_script())]), _none, _none
        )
    translator = Translator()
    stated = goal(obligation, translator)
    return Export(
        stated,
        definedness_goal(obligation, translator),
        lambda: _candidates(obligation, translator),
        lambda: _negations(obligation, translator),
        lambda: _definedness(obligation, translator),
    )


def _none() -> Iterator[Candidate]:
    return iter(())


_BLIND = (
    Candidate("linear arithmetic", "intros; lra."),
    Candidate("field", "identity."),
    Candidate("nonlinear arithmetic", "intros; nra."),
    Candidate("case distinction", "by_cases."),
    Candidate("propositional logic", "by_logic."),
)


def _by_balls(obligation: Obligation, translator: Translator) -> Iterator[Candidate]:
    """Yield interval arithmetic, with a subdivision of each variable."""
    known = erf_script(obligation, translator)
    if known is not None:
        yield Candidate("interval arithmetic, erf by its integral", known)
    yield Candidate("interval arithmetic", "intros; split_hypotheses; interval.")
    yield Candidate("interval arithmetic", "intros; split_hypotheses; one_side; interval.")
    for variable in obligation.variables:
        for option in ("", ", i_autodiff {0}", ", i_taylor {0}"):
            name = translator.name(variable)
            how = f"i_bisect {name}{option.format(name)}"
            yield Candidate("interval arithmetic", f"intros; split_hypotheses; one_side; interval with ({how}).")


def _candidates(obligation: Obligation, translator: Translator) -> Iterator[Candidate]:
    prover = obligation.prover
    if isinstance(prover, Monotone):
        for script in monotone_scripts(obligation, translator):
            yield Candidate("mean value theorem", script)
    elif is_limit(obligation):
        for script in decay_scripts(obligation, translator):
            yield Candidate("exponential decay", script)
    else:
        yield from _BLIND
    if isinstance(prover, Balls):
        yield from _by_balls(obligation, translator)
    if isinstance(prover, Identity):
        for script in identity_scripts(obligation, translator):
            yield Candidate("powers of atoms", script)
    if isinstance(prover, Refutation):
        yield Candidate("part by part", "intros. split_hypotheses. pose_positive. part_by_part.")
        for script in inequality_scripts(obligation, translator):
            yield Candidate("cleared denominators", script)
    if isinstance(prover, Monotone):
        yield from _BLIND
    if not isinstance(prover, Balls) and not is_limit(obligation):
        yield from _by_balls(obligation, translator)


def _negations(obligation: Obligation, translator: Translator) -> Iterator[Candidate]:
    point = violating_point(obligation)
    if point is not None:
        shown = ", ".join(f"{s} = {v}" for s, v in point.items())
        yield Candidate(f"false at {shown}" if shown else "false", negation_script(obligation, point, translator))


def _definedness(obligation: Obligation, translator: Translator) -> Iterator[Candidate]:
    """Yield proofs that every part has a value; sums are written as the products and quotients that they are."""
    yield Candidate("definedness", "defined.")
    everything = (*obligation.hypotheses, obligation.conclusion)
    squares = "".join(square_hints(everything, s, translator) for s in obligation.variables)
    if squares:
        yield Candidate("definedness by squares", f"intros. {squares}defined.")
    yield Candidate("definedness near the limit", "intros; repeat split; first [ defined_near_limit | defined ].")
    seconds = [d for d in obligation.conclusion.atoms(sp.Derivative) if len(d.variables) == 2]
    for derivative in sorted(seconds, key=str):
        known = first_derivative(derivative, translator)
        yield Candidate("second derivative", f"intros; repeat split; first [ defined | second_exists {known} ].")
    sides = [c.lts for c, _ in conditions(obligation) if isinstance(c, sp.StrictGreaterThan | sp.GreaterThan)]
    sides += [c.gts for c, _ in conditions(obligation) if isinstance(c, sp.StrictGreaterThan | sp.GreaterThan)]
    factored = {e: sp.factor(sp.together(e)) for e in dict.fromkeys(sides) if e.is_Add}
    replaced = [
        f"try replace {translator.term(e)} with {translator.term(f)} by (field; nonzero);"
        for e, f in factored.items()
        if e != f
    ]
    if replaced:
        yield Candidate("definedness by factors", f"intros; {' '.join(replaced)} defined.")
