"""Cells on a Dask cluster."""

from __future__ import annotations

import contextlib
import importlib
import logging
import queue
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from noprune_theory._code_digest import code_digest, is_main
from noprune_theory.sweeps.cells import function_name
from noprune_theory.sweeps.errors import SweepError, one_line
from noprune_theory.sweeps.evaluation import WORKER_DIED, Outcome, Task, evaluate

__all__ = ["dask_outcomes"]


def _import(module: str) -> None:
    importlib.import_module(module)


#: Seconds that a sweep on a Dask cluster waits for workers while there are none.
_WORKERLESS_SECONDS = 60.0

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


def _ended_futures(futures: Iterable[Any], client: Any, scheduler: str) -> Iterator[Any]:
    """Yield futures as they end. Unlike `distributed.as_completed` this ends when the cluster does."""
    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for future in (futures := list(futures)):
        future.add_done_callback(ended.put)
    for _ in futures:
        future = _while_workers_live(lambda: ended.get(timeout=1.0), client, scheduler)
        if future.status == "cancelled":  # nobody cancels but a client that lost its scheduler
            raise _scheduler_gone(scheduler)
        yield future


def dask_outcomes(tasks: Sequence[Task], scheduler: str) -> Iterator[Outcome]:
    """Yield outcomes as they finish on a Dask cluster.

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
            yield from _client_outcomes(tasks, client, scheduler)
        except CommClosedError as error:
            raise _scheduler_gone(scheduler) from error


def _client_outcomes(tasks: Sequence[Task], client: Any, scheduler: str) -> Iterator[Outcome]:
    try:
        client.wait_for_workers(1, timeout=_WORKERLESS_SECONDS)
    except TimeoutError as error:
        raise _no_workers(scheduler) from error
    for function in {task[1] for task in tasks if not is_main(task[1])}:  # those of the main program travel as they are
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

    def outcome(future: Any) -> Outcome:
        return _while_workers_live(lambda: future.result(timeout=1.0), client, scheduler)

    futures = {client.submit(evaluate, *task, pure=False): task for task in tasks}
    lost = []
    for future in _ended_futures(futures, client, scheduler):
        if future.status == "finished":
            yield outcome(future)
        else:
            lost.append(futures[future])
        future.release()
    for task in lost:  # alone: it may have been lost because it shared a worker with a cell that killed it
        for future in _ended_futures([client.submit(evaluate, *task, pure=False)], client, scheduler):
            yield outcome(future) if future.status == "finished" else Outcome(task[0], None, WORKER_DIED)
