"""Cells on a Dask cluster."""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, TypeVar

from noprune_theory._code_digest import code_digest, is_main
from noprune_theory.sweeps.cells import Rows, function_name
from noprune_theory.sweeps.errors import SweepError, one_line
from noprune_theory.sweeps.evaluation import WORKER_DIED, Outcome, Task, evaluate_some

__all__ = ["dask_outcomes"]


def _import(module: str) -> None:
    importlib.import_module(module)


#: Seconds that a sweep on a Dask cluster waits for workers while there are none.
_WORKERLESS_SECONDS = 60.0

#: Seconds after which a message to a worker begins no other cell: what it finished meanwhile is not in the store yet.
_MESSAGE_SECONDS = 0.2

#: Cells in a message at most.
_MESSAGE_CELLS = 1000

#: Messages under way for each thread of the workers: enough to keep it busy, few enough to keep the scheduler small.
_MESSAGES_PER_THREAD = 3

_Answer = TypeVar("_Answer")


def _check_scheduler_address(scheduler: str) -> None:
    """Raise SweepError unless the address has a protocol that can be used, a host and a port; Dask's client hangs."""
    from distributed.comm import get_address_host_port, parse_address
    from distributed.security import Security

    try:
        host, port = get_address_host_port(scheduler)
        if not (host and 0 < port < 2**16):
            raise ValueError("host or port is missing or out of range")
        encrypted = parse_address(scheduler)[0] in ("tls", "wss")
        if encrypted and Security().get_connection_args("client").get("ssl_context") is None:
            raise ValueError("Dask's configuration has no certificates for it")
    except (ValueError, NotImplementedError) as error:
        raise SweepError(
            f"scheduler must be an address like tcp://10.0.0.1:8786, got {scheduler!r} ({one_line(str(error))})"
        ) from error


class _NoNews(logging.Filter):
    """Drops what asyncio reports of a result that Dask's client was fetching when its worker went away."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and record.exc_info[0] and record.exc_info[0].__name__ == "AllExit")


_NO_NEWS = _NoNews()


@contextlib.contextmanager
def _quiet_client() -> Iterator[None]:
    """Silence the log of Dask's client, which tells with tracebacks that a connection is lost: the sweep tells it."""
    logging.getLogger("asyncio").addFilter(_NO_NEWS)  # for good: it reports when garbage is collected
    logger = logging.getLogger("distributed.client")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _scheduler_gone(scheduler: str) -> SweepError:
    return SweepError(
        f"the Dask scheduler at {scheduler} went away; finished cells are kept in the store, if one is set"
    )


def _no_workers(scheduler: str) -> SweepError:
    return SweepError(
        f"the Dask scheduler at {scheduler} has had no worker for {_WORKERLESS_SECONDS:g} s; "
        "finished cells are kept in the store, if one is set"
    )


def _while_workers_live(attempt: Callable[[], _Answer], client: Any, scheduler: str) -> _Answer:
    """Repeat an attempt that may time out, as long as there is a scheduler and has been a worker lately."""
    seen = time.monotonic()
    while True:
        try:
            return attempt()
        except (TimeoutError, queue.Empty):
            pass
        if client.status != "running":
            raise _scheduler_gone(scheduler)
        if client.nthreads():
            seen = time.monotonic()
        elif time.monotonic() - seen > _WORKERLESS_SECONDS:
            raise _no_workers(scheduler)


class _Messages:
    """Cells on their way to the workers and back, several in a message while they are short.

    A message a cell costs the scheduler and the client milliseconds. Unlike `distributed.as_completed` this ends when
    the cluster does.
    """

    def __init__(self, client: Any, scheduler: str) -> None:
        self.client, self.scheduler = client, scheduler
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._under_way: dict[Any, list[Task]] = {}
        self._threads, self._counted = 0, -1.0

    def send(self, cells: list[Task]) -> None:
        # As one object: Dask searches the arguments of a call, and all that they hold, for futures.
        call = functools.partial(evaluate_some, cells, _MESSAGE_SECONDS)
        future = self.client.submit(call, pure=False)
        self._under_way[future] = cells
        future.add_done_callback(self._ended.put)

    def receive(self) -> tuple[list[Task], list[Outcome]]:
        """Wait for a message to end; return its cells and the outcomes of the first of them, none if it was lost."""
        future = _while_workers_live(lambda: self._ended.get(timeout=1.0), self.client, self.scheduler)
        if future.status == "cancelled":  # nobody cancels but a client that lost its scheduler
            raise _scheduler_gone(self.scheduler)
        cells, outcomes = self._under_way.pop(future), []
        if future.status == "finished":
            outcomes = _while_workers_live(lambda: future.result(timeout=1.0), self.client, self.scheduler)
        future.release()
        return cells, outcomes

    def wanted(self) -> int:
        """Return how many more messages keep the workers busy; they are counted once a second."""
        if time.monotonic() - self._counted > 1.0:
            self._threads, self._counted = sum(self.client.nthreads().values()), time.monotonic()
        return _MESSAGES_PER_THREAD * max(self._threads, 1) - len(self._under_way)

    def __bool__(self) -> bool:
        return bool(self._under_way)


def dask_outcomes(function: Callable[..., Rows], tasks: Iterator[Task], scheduler: str) -> Iterator[list[Outcome]]:
    """Yield outcomes as they finish on a Dask cluster, those of a message together.

    Not through joblib's adapter: it waits for ever for a task whose worker died.
    """
    try:
        from distributed import Client
        from distributed.comm import CommClosedError
    except ImportError as error:
        raise ImportError("backend 'dask' needs dask: pip install 'noprune-theory[cluster]'") from error
    _check_scheduler_address(scheduler)
    try:
        client = Client(scheduler, timeout=10, set_as_default=False)
    except OSError as error:
        raise SweepError(f"no Dask scheduler answers at {scheduler}: {one_line(str(error))}") from error
    with _quiet_client(), client:
        try:
            yield from _client_outcomes(function, tasks, client, scheduler)
        except CommClosedError as error:
            raise _scheduler_gone(scheduler) from error


def _check_code(function: Callable[..., Rows], client: Any) -> None:
    """Raise SweepError unless scheduler and workers can import the function, and the workers run the same code."""
    if is_main(function):  # those of the main program travel as they are
        return
    module = function.__module__
    try:
        client.run_on_scheduler(_import, module)
        client.run(_import, module)
        codes = client.run(code_digest, function)
    except ImportError as error:
        raise SweepError(
            f"the Dask scheduler or a worker cannot import {module} ({error}): install the package there, and "
            "start them in the folder that holds the module or with that folder on PYTHONPATH"
        ) from error
    code = code_digest(function)
    for worker, found in codes.items():
        if found != code:
            raise SweepError(
                f"the Dask worker {worker} runs other code for {function_name(function)} than this process: "
                "install the same version of its modules and of noprune_theory there"
            )


def _client_outcomes(
    function: Callable[..., Rows], tasks: Iterator[Task], client: Any, scheduler: str
) -> Iterator[list[Outcome]]:
    try:
        client.wait_for_workers(1, timeout=_WORKERLESS_SECONDS)
    except TimeoutError as error:
        raise _no_workers(scheduler) from error
    _check_code(function, client)

    messages = _Messages(client, scheduler)
    again, lost = deque[Task](), list[Task]()
    size = 1

    def next_cells() -> list[Task]:
        cells = [again.popleft() for _ in range(min(size, len(again)))]
        return cells + list(islice(tasks, size - len(cells)))

    while True:
        while messages.wanted() > 0 and (cells := next_cells()):
            messages.send(cells)
        if not messages:
            break
        cells, outcomes = messages.receive()
        if not outcomes:
            lost += cells
            continue
        yield outcomes
        again.extendleft(reversed(cells[len(outcomes) :]))
        # Twice as many where the time was enough for all, those that it was enough for otherwise.
        if len(outcomes) == len(cells) == size:
            size = min(2 * size, _MESSAGE_CELLS)
        elif len(outcomes) < len(cells):
            size = len(outcomes)
    for cell in lost:  # alone: it may have been lost because it shared a worker with a cell that killed it
        messages.send([cell])
        yield messages.receive()[1] or [Outcome(cell[0], None, WORKER_DIED)]
