"""Evaluate statements in parallel processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from joblib import Parallel, delayed

from noprune_theory._workers import results
from verification.evaluation import StatementAnswer, evaluate
from verification.statement import PROFILES
from verification.statements import load

__all__ = ["run", "worker_count"]


def worker_count() -> int:
    """Return the number of processes to use: the cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    identifiers: Sequence[str],
    profile: str,
    workers: int,
    finished: Callable[[StatementAnswer], None] = lambda answer: None,
) -> list[StatementAnswer]:
    """Evaluate statements and return their answers in the order given.

    Parameters
    ----------
    identifiers
        Ids from `verification.statements.STATEMENTS`.
    profile
        "quick" or "full".
    workers
        Number of processes; the answers do not depend on it.
    finished
        Called in this process with each answer as it comes in.

    Raises
    ------
    ValueError
        If an id or the profile is unknown.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile: unknown '{profile}'; allowed {', '.join(PROFILES)}")
    for identifier in identifiers:
        load(identifier)
    answers: dict[str, StatementAnswer] = {}
    if workers == 1 or len(identifiers) == 1:
        stream: Iterator[StatementAnswer] = (_evaluate(identifier, profile) for identifier in identifiers)
    else:
        pool = Parallel(n_jobs=min(workers, len(identifiers)), return_as="generator_unordered", batch_size=1)
        stream = results(pool, (delayed(_evaluate)(identifier, profile) for identifier in identifiers))
    for answer in stream:
        answers[answer.id] = answer
        finished(answer)
    return [answers[identifier] for identifier in identifiers]


def _evaluate(identifier: str, profile: str) -> StatementAnswer:
    return evaluate(load(identifier), PROFILES[profile])
