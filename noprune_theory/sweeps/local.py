"""Cells in this process, and in workers on this machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator

from noprune_theory._workers import results, start_worker
from noprune_theory.sweeps.evaluation import WORKER_DIED, Outcome, Task, evaluate

__all__ = ["joblib_outcomes", "serial_outcomes"]


def serial_outcomes(tasks: Iterable[Task]) -> Iterator[list[Outcome]]:
    """Yield the outcomes of cells computed one after the other in this process."""
    for task in tasks:
        yield [evaluate(*task)]


class _Pools:
    """Hands tasks out to one pool of workers after the other; remembers those that the present one has not answered."""

    def __init__(self, tasks: Iterator[Task]) -> None:
        self._tasks, self._lock = tasks, threading.Lock()  # a pool takes tasks in a thread of its own
        self.ended = False
        self.unanswered: dict[int, Task] = {}

    def stream(self) -> Iterator[Task]:
        """Yield tasks to a pool until it breaks, however late it asks for another one."""
        unanswered = self.unanswered
        while True:
            with self._lock:
                if unanswered is not self.unanswered:
                    return
                task = next(self._tasks, None)
                if task is None:
                    self.ended = True
                    return
                unanswered[task[0]] = task
            yield task

    def broken(self) -> list[Task]:
        """Return what the present pool has not answered, and give it nothing more."""
        with self._lock:
            left, self.unanswered = list(self.unanswered.values()), {}
        return left


def joblib_outcomes(tasks: Iterator[Task], jobs: int, backend: str) -> Iterator[list[Outcome]]:
    """Yield outcomes as they finish. If a worker dies, the cells it may have been computing are tried alone."""
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed, parallel_config

    # Only worker processes can be pinned through their environment, and outlive this one; other backends refuse both.
    pinned = {"inner_max_num_threads": 1} if backend == "loky" else {}
    started = {"initializer": start_worker, "initargs": (os.getpid(), jobs)} if backend == "loky" else {}

    def run(batch: Iterable[Task]) -> Iterator[Outcome]:
        with parallel_config(backend=backend, n_jobs=jobs, **pinned):
            # One cell a message: joblib's batches of fast cells would keep finished cells back, and a kill lose them.
            parallel = Parallel(return_as="generator_unordered", batch_size=1, max_nbytes=None, **started)
            yield from results(parallel, (delayed(evaluate)(*task) for task in batch))

    pools = _Pools(tasks)
    while not pools.ended:
        try:
            for outcome in run(pools.stream()):
                del pools.unanswered[outcome.index]
                yield [outcome]
        except BrokenProcessPool:
            for task in pools.broken():
                try:
                    yield from ([outcome] for outcome in run([task]))
                except BrokenProcessPool:
                    yield [Outcome(task[0], None, WORKER_DIED)]
