"""Evaluate statements in parallel processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from joblib import Parallel, delayed

from noprune_theory._validation import check_instance, check_integer
from noprune_theory._workers import results
from noprune_theory.verifier.evaluation import StatementAnswer, evaluate
from noprune_theory.verifier.paper import Paper
from noprune_theory.verifier.statement import PROFILES

__all__ = ["Selected", "run", "worker_count"]


@dataclass(frozen=True)
class Selected:
    """One statement of a paper, by name: a worker process loads it itself.

    Attributes
    ----------
    paper : Paper
        Where it belongs.
    identifier : str
        Its id there.
    """

    paper: Paper
    identifier: str


def worker_count() -> int:
    """Return the number of processes to use: the cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    selection: Sequence[Selected],
    profile: str,
    workers: int,
    finished: Callable[[StatementAnswer], None] = lambda answer: None,
) -> list[StatementAnswer]:
    """Evaluate statements and return their answers in the order given.

    Parameters
    ----------
    selection : sequence of Selected
        Which statements.
    profile : str
        "quick" or "full".
    workers : int
        Number of processes, >= 1; the answers do not depend on it.
    finished : callable
        Called in this process with each answer as it comes in.

    Returns
    -------
    list of StatementAnswer
        One for each selected statement, in that order.

    Raises
    ------
    TypeError
        If an entry of `selection` is no `Selected`, or `workers` not an integer.
    ValueError
        If the profile is unknown, `workers` is below 1, or a statement cannot be loaded (`PaperError`).
    EvaluationError
        If a check of a statement fails to run.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile: unknown '{profile}'; allowed {', '.join(PROFILES)}")
    workers = check_integer("workers", workers, 1)
    for index, selected in enumerate(selection):
        check_instance(f"selection[{index}]", selected, Selected)
    answers: dict[tuple[str, str], StatementAnswer] = {}
    if workers == 1 or len(selection) <= 1:
        for selected in selection:  # a statement that cannot be loaded is told before the others take their time
            selected.paper.load(selected.identifier)
        stream: Iterator[StatementAnswer] = (_evaluate(selected, profile) for selected in selection)
    else:
        # The workers load what they evaluate: loading all of them here takes as long as evaluating many.
        pool = Parallel(n_jobs=min(workers, len(selection)), return_as="generator_unordered", batch_size=1)
        stream = results(pool, (delayed(_evaluate)(selected, profile) for selected in selection))
    for answer in stream:
        answers[answer.paper, answer.id] = answer
        finished(answer)
    return [answers[selected.paper.name, selected.identifier] for selected in selection]


def _evaluate(selected: Selected, profile: str) -> StatementAnswer:
    return evaluate(selected.paper.load(selected.identifier), PROFILES[profile], selected.paper.name)
