"""The search for proofs: several sessions of Rocq go through the portfolios of the goals that have none."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from noprune_theory.verifier.rocq.manifest import KernelStatus
from noprune_theory.verifier.rocq.proofs import Proofs
from noprune_theory.verifier.rocq.session import Session
from noprune_theory.verifier.rocq.tasks import Task

__all__ = ["search"]

# Seconds of processor time that a proof may take: first every method briefly, then the same with patience.
_LIMITS = (6.0, 30.0)


def search(
    tasks: Sequence[Task],
    proofs: Proofs,
    folder: Path,
    requires: str,
    jobs: int,
    progress: Callable[[str, int, int], None],
) -> None:
    """Look for a proof of every goal that was translated, first the one that it has; remember those that are found.

    Parameters
    ----------
    tasks : sequence of Task
        Get what was found.
    proofs : Proofs
        Keeps it, one proof after the other, so that an interruption loses none.
    folder : Path
        With the compiled theory and what was proved by hand.
    requires : str
        Sentence that loads them.
    jobs : int
        Number of sessions.
    progress : callable
        Called with what is done, how many are done, and how many there are.
    """
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    translated = [task for task in tasks if task.statement]
    for task in translated:
        waiting.put(task)
    lock, stopped, done = threading.Lock(), threading.Event(), 0
    failures: list[BaseException] = []

    def work() -> None:
        nonlocal done
        with Session(folder / "theory", folder / "by_hand", requires, stopped) as session:
            while not stopped.is_set():
                try:
                    task = waiting.get_nowait()
                except queue.Empty:
                    return
                _try(task, session, stopped)
                if stopped.is_set():
                    return
                with lock:
                    done += 1
                    progress("looking for proofs", done, len(translated))
                    proofs.keep(task)

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            stopped.set()
            failures.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(min(max(1, jobs), len(translated)))]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        stopped.set()
        raise
    if failures:
        raise failures[0]


def _try(task: Task, session: Session, stopped: threading.Event) -> None:
    """Go through the portfolio, and through the negations where a counterexample is known."""
    if task.script and session.accepts(task.proposition, task.script, _LIMITS[-1]):
        return
    task.take_back("no method of the portfolio proves it or its negation")
    for seconds in _LIMITS:
        attempts = [
            (KernelStatus.ACCEPTED, task.statement, task.candidates),
            (KernelStatus.REFUTED, task.negation, task.negations),
        ]
        for status, statement, candidates in attempts:
            for candidate in candidates():
                if stopped.is_set():
                    return
                if session.accepts(statement, candidate.script, seconds):
                    task.status, task.method, task.script = status, candidate.method, candidate.script
                    return
