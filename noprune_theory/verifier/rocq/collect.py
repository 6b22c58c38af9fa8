"""The obligations of statements, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.paper import Paper
from noprune_theory.verifier.statement import Statement

__all__ = ["broken_obligations", "obligations_of", "papers_obligations"]


def obligations_of(statement: Statement) -> Iterator[Obligation]:
    """Yield the obligations of the derivation and of the repair, in their order."""
    for step in statement.derivation:
        yield from step.obligations
    if statement.repair is not None:
        for step in statement.repair.derivation:
            yield from step.obligations
        yield from statement.repair.sharpens


def broken_obligations(statement: Statement) -> Iterator[Obligation]:
    """Yield the planted faults that are obligations."""
    for fault in (*statement.faults, *(statement.repair.faults if statement.repair is not None else ())):
        if isinstance(fault.broken, Obligation):
            yield fault.broken


def papers_obligations(papers: Iterable[Paper]) -> dict[str, Obligation]:
    """Return "statement.position" -> obligation; one that several statements share belongs to the first.

    The ids of a second paper are "paper.statement.position".
    """
    found: dict[Obligation, str] = {}
    for number, paper in enumerate(papers):
        prefix = f"{paper.name}." if number else ""
        for identifier in paper.statements:
            for position, obligation in enumerate(obligations_of(paper.load(identifier)), start=1):
                found.setdefault(obligation, f"{prefix}{identifier}.{position}")
    return {name: obligation for obligation, name in found.items()}
