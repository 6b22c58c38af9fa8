"""What a second kernel decided, beside the answers of our provers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from noprune_theory.verifier.evaluation import ObligationAnswer, StatementAnswer, StepAnswer

__all__ = ["with_rocq"]


def with_rocq(answer: StatementAnswer, statuses: Mapping[str, str]) -> StatementAnswer:
    """Return the answers about a statement with what Rocq decided of each obligation.

    Parameters
    ----------
    answer : StatementAnswer
        What our provers decided.
    statuses : mapping of str to str
        Digest of an obligation -> "accepted", "refuted" or "open", as `noprune_theory.verifier.rocq.read_manifest`
        returns it. An obligation that was altered since it was certified has another digest, and gets None.
    """

    def obligations(found: tuple[ObligationAnswer, ...]) -> tuple[ObligationAnswer, ...]:
        return tuple(replace(o, rocq=str(statuses[o.digest]) if o.digest in statuses else None) for o in found)

    def steps(found: tuple[StepAnswer, ...]) -> tuple[StepAnswer, ...]:
        return tuple(replace(step, obligations=obligations(step.obligations)) for step in found)

    repair = answer.repair
    if repair is not None:
        repair = replace(repair, steps=steps(repair.steps), sharpens=obligations(repair.sharpens))
    return replace(answer, steps=steps(answer.steps), repair=repair)
