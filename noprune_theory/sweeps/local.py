"""Cells in this process, and in workers on this machine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from noprune_theory._workers import results
from noprune_theory.sweeps.evaluation import WORKER_DIED, Outcome, Task, evaluate

__all__ = ["joblib_outcomes", "serial_outcomes"]


def _end_with(parent: int) -> None:
    """Initialise a worker process: it is to end when its parent does, even if that one is killed without notice."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def serial_outcomes(tasks: Sequence[Task]) -> Iterator[Outcome]:
    """Yield the outcomes of cells computed one after the other in this process."""
    for task in tasks:
        yield evaluate(*task)


def joblib_outcomes(tasks: Sequence[Task], jobs: int, backend: str) -> Iterator[Outcome]:
    """Yield outcomes as they finish. If a worker dies, the cells it may have been computing are tried alone."""
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed, parallel_config

    # Only worker processes can be pinned through their environment, and outlive this one; other backends refuse both.
    pinned = {"inner_max_num_threads": 1} if backend == "loky" else {}
    watched = {"initializer": _end_with, "initargs": (os.getpid(),)} if backend == "loky" else {}

    def stream(batch: Sequence[Task], dispatched: list[Task]) -> Iterator[Any]:
        for task in batch:
            dispatched.append(task)
            yield delayed(evaluate)(*task)

    def run(batch: Sequence[Task], dispatched: list[Task]) -> Iterator[Outcome]:
        with parallel_config(backend=backend, n_jobs=jobs, **pinned):
            # One cell a message: joblib's batches of fast cells would keep finished cells back, and a kill lose them.
            parallel = Parallel(return_as="generator_unordered", batch_size=1, max_nbytes=None, **watched)
            yield from results(parallel, stream(batch, dispatched))

    waiting = {task[0]: task for task in tasks}
    while waiting:
        dispatched: list[Task] = []
        try:
            for outcome in run(list(waiting.values()), dispatched):
                del waiting[outcome.index]
                yield outcome
        except BrokenProcessPool:
            for task in [task for task in dispatched if task[0] in waiting]:
                del waiting[task[0]]
                try:
                    yield from run([task], [])
                except BrokenProcessPool:
                    yield Outcome(task[0], None, WORKER_DIED)
