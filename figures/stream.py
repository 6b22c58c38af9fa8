"""All figures at once: one pool of workers takes the cells of whichever figures have some left.

A figure computes its table in a thread of its own, through the same `run_sweep` as alone; under it lies a backend of
joblib that puts the cells of all figures in one queue. Threads only prepare cells and gather results, one at a time.
The next figure begins when the queue runs short, so that no worker waits for the last cells of a figure.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from joblib.externals.loky import ProcessPoolExecutor
from joblib.parallel import BACKENDS, ParallelBackendBase, register_parallel_backend

from noprune_theory._workers import interrupts_kept_from_workers, start_worker

__all__ = ["AbandonedError", "Stream"]

#: More cells than most sweeps have: joblib is to hand them all over at once.
_ALL = 100_000
#: Cells handed to the pool for each worker: the next one is there when a worker is free.
_AHEAD = 2


class AbandonedError(Exception):
    """The pool broke, or the stream was closed, before a table was complete."""


class _Backend(ParallelBackendBase):
    """The queue of a stream as joblib sees it, for the thread of one figure."""

    supports_retrieve_callback = True

    def __init__(self, stream: Stream, rank: int, **options: Any) -> None:
        super().__init__(**options)
        self._stream, self._rank = stream, rank

    def effective_n_jobs(self, n_jobs: int) -> int:
        return _ALL

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], Any] | None = None) -> Future[Any]:
        future: Future[Any] = Future()
        if callback is not None:
            future.add_done_callback(callback)
        self._stream.put(self._rank, func, future)
        return future

    def retrieve_result_callback(self, out: Future[Any]) -> Any:
        return out.result()

    @contextlib.contextmanager
    def retrieval_context(self) -> Iterator[None]:
        with self._stream.waiting_for_cells():
            yield


class Stream:
    """Computes the tables of several figures on one pool of worker processes; a context manager.

    Parameters
    ----------
    computations : mapping of str to callable
        `computations[name](backend)` returns the table of a figure, its cells computed by that backend of joblib.
        Begun in this order, as workers become free.
    after : mapping of str to str
        Figures that are not begun before another one is done, since it computes their cells.
    jobs : int
        Number of workers.
    warm_up : sequence of str
        Modules that the workers import while the first cells are prepared.
    progress : callable, optional
        Called with the numbers of cells done and known, from any thread.
    """

    def __init__(
        self,
        computations: Mapping[str, Callable[[str], Any]],
        after: Mapping[str, str],
        jobs: int,
        warm_up: Sequence[str] = (),
        progress: Callable[[int, int], None] = lambda done, known: None,
    ) -> None:
        self._computations, self._after, self._jobs, self._warm_up = dict(computations), after, jobs, warm_up
        self._left = list(computations)
        self._unfinished = set(computations)
        self._changed = threading.Condition()
        self._cells: list[tuple[int, int, Callable[[], Any], Future[Any]]] = []
        self._numbers = itertools.count()
        self._running: set[Future[Any]] = set()
        self._preparing = 0
        self._closed = False
        self._one_at_a_time = threading.Lock()
        self._results: queue.SimpleQueue[tuple[str, Any, BaseException | None]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._executor: Any = None
        self._progress, self._known, self._done = progress, 0, 0

    # The caller's thread

    def __enter__(self) -> Stream:
        for rank, name in enumerate(self._computations):
            register_parallel_backend(self._backend(name), lambda rank=rank, **options: _Backend(self, rank, **options))
        self._start(self._feed)
        return self

    def __exit__(self, *error: object) -> None:
        self._end()
        for name in self._computations:
            BACKENDS.pop(self._backend(name), None)
        for thread in self._threads:
            thread.join(timeout=1.0)

    def results(self) -> Iterator[tuple[str, Any, BaseException | None]]:
        """Yield name, table and None, or name, None and the exception, as figures are done.

        `AbandonedError` is the exception of all that were not done when the pool broke; their finished cells are
        stored.
        """
        for _ in self._computations:
            yield self._results.get()

    def _end(self) -> None:
        """Stop the pool; whoever waits for a cell gets `AbandonedError`."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            abandoned = [cell[-1] for cell in self._cells] + list(self._running)
            unbegun, executor = self._left, self._executor
            self._cells, self._left = [], []
            self._changed.notify_all()
        for name in unbegun:
            self._results.put((name, None, AbandonedError()))
        if executor is not None:
            executor.shutdown(wait=True, kill_workers=True)
        for future in abandoned:
            _answer(future, None, AbandonedError())

    # Threads of figures

    @staticmethod
    def _backend(name: str) -> str:
        return f"figures: {name}"

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _compute(self, name: str) -> None:
        table, failure = None, None
        try:
            with self._one_at_a_time:
                table = self._computations[name](self._backend(name))
        except BaseException as error:
            failure = error
        with self._changed:
            self._preparing -= 1
            self._unfinished.discard(name)
            self._changed.notify_all()
        self._results.put((name, table, failure))

    @contextlib.contextmanager
    def waiting_for_cells(self) -> Iterator[None]:
        """Let other figures prepare their cells for the time of the block."""
        self._one_at_a_time.release()
        self._count_preparing(-1)
        try:
            yield
        finally:
            self._count_preparing(1)
            self._one_at_a_time.acquire()

    def _count_preparing(self, change: int) -> None:
        with self._changed:
            self._preparing += change
            self._changed.notify_all()

    def put(self, rank: int, call: Callable[[], Any], future: Future[Any]) -> None:
        """Queue a call; its result, or exception, will be that of the future."""
        with self._changed:
            closed = self._closed
            if not closed:
                heapq.heappush(self._cells, (rank, next(self._numbers), call, future))
                self._known += 1
                self._changed.notify_all()
        if closed:
            _answer(future, None, AbandonedError())

    # The thread that feeds the pool: no lock of joblib is held in it, nor in the callbacks of the pool

    def _feed(self) -> None:
        with interrupts_kept_from_workers():
            try:
                self._executor = ProcessPoolExecutor(
                    self._jobs,
                    initializer=start_worker,
                    initargs=(os.getpid(), self._jobs),
                    env={name: "1" for name in ParallelBackendBase.MAX_NUM_THREADS_VARS},
                )
                for _ in range(self._jobs):
                    self._executor.submit(_import, self._warm_up)
                while self._take():
                    pass
            except Exception:  # whoever computes what is left says what is wrong
                self._break()

    def _take(self) -> bool:
        """Hand one cell to the pool, or begin a figure, or wait for something to change; return whether to go on."""
        with self._changed:
            if self._closed:
                return False
            if self._cells and len(self._running) < _AHEAD * self._jobs:
                _, _, call, future = heapq.heappop(self._cells)
                self._running.add(future)
            elif len(self._cells) < self._jobs and not self._preparing and (name := self._next()) is not None:
                self._left.remove(name)
                self._preparing += 1
                self._start(self._compute, name)
                return True
            else:
                self._changed.wait()
                return True
        try:
            answer = self._executor.submit(call)
        except (BrokenProcessPool, RuntimeError):
            self._break()
            return False
        answer.add_done_callback(lambda answer: self._finish(future, answer))
        return True

    def _next(self) -> str | None:
        return next((name for name in self._left if self._after.get(name) not in self._unfinished), None)

    def _finish(self, future: Future[Any], answer: Future[Any]) -> None:
        failure = None if answer.cancelled() else answer.exception()
        if answer.cancelled() or isinstance(failure, BrokenProcessPool):
            self._break()
            return
        with self._changed:
            self._running.discard(future)
            self._done += 1
            self._changed.notify_all()
            done, known = self._done, self._known
        self._progress(done, known)
        _answer(future, None if failure else answer.result(), failure)

    def _break(self) -> None:
        """Give up: a worker died, which may have been the fault of any cell that was running."""
        # In a thread of its own: the end waits for the pool, and the pool for its callbacks.
        threading.Thread(target=self._end, daemon=True).start()


def _answer(future: Future[Any], result: Any, failure: BaseException | None) -> None:
    """Answer a future unless it has been answered."""
    with contextlib.suppress(Exception):
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)


def _import(modules: Sequence[str]) -> None:
    import importlib

    for module in modules:
        importlib.import_module(module)
