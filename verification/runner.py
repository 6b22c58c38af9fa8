"""Evaluate statements by their ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from noprune_theory.verifier import runner
from noprune_theory.verifier.command import chosen
from noprune_theory.verifier.evaluation import StatementAnswer
from noprune_theory.verifier.runner import worker_count
from verification.papers import PAPERS, UNPREFIXED

__all__ = ["run", "worker_count"]


def run(
    identifiers: Sequence[str],
    profile: str,
    workers: int,
    finished: Callable[[StatementAnswer], None] = lambda answer: None,
) -> list[StatementAnswer]:
    """Evaluate statements and return their answers in the order given.

    Parameters
    ----------
    identifiers : sequence of str
        As on the command line: "theorem-4", or "paper/theorem-4" for another than the first paper.
    profile : str
        "quick" or "full".
    workers : int
        Number of processes; the answers do not depend on it.
    finished : callable
        Called in this process with each answer as it comes in.

    Raises
    ------
    ValueError
        If an id or the profile is unknown.
    """
    return runner.run(chosen(PAPERS, identifiers, UNPREFIXED) if identifiers else [], profile, workers, finished)
