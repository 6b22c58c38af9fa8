"""Worker processes of joblib: they leave Ctrl-C to the main process, end with it, and may grow."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["interrupts_kept_from_workers", "results", "start_worker"]


def results(parallel: Any, calls: Iterable[Any]) -> Iterator[Any]:
    """Yield the results of delayed calls; ends the workers without a word if it is closed or interrupted before.

    Parameters
    ----------
    parallel : joblib.Parallel
        With `return_as="generator"` or `"generator_unordered"`.
    calls : iterable
        Of `joblib.delayed(function)(*arguments)`.
    """
    outcomes: Any = None
    try:
        with interrupts_kept_from_workers():  # they start here
            outcomes = parallel(calls)
        for outcome in outcomes:  # noqa: UP028  ("yield from" would close it, and warn, before `finally`)
            yield outcome
    finally:
        with warnings.catch_warnings():  # that tasks in flight are cancelled is no news when a stream is ended
            warnings.filterwarnings("ignore", r"\d+ tasks .*(executed|cancelled)", UserWarning)
            if outcomes is not None:
                outcomes.close()


@contextlib.contextmanager
def interrupts_kept_from_workers() -> Iterator[None]:
    """Let processes and threads that start inside never see Ctrl-C, which a terminal sends to the whole process group.

    The main process answers it, and ends them. A worker that is interrupted while it starts, before any of our code
    runs in it, would show a traceback from an import. An interrupt of this process waits for the end of the block.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # These start a process at first use, and the one of Python 3.11 then unblocks interrupts in this thread.
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as loky_tracker

    for tracker in (resource_tracker, loky_tracker):
        tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with(parent: int) -> None:
    """Let this worker end when its parent does, even if that one is killed without notice."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _leave_memory(jobs: int) -> None:
    """Let this worker grow to its share of half of the memory before loky takes that for a leak and starts another one.

    Loky's own limit of 300 MB is reached by what cells load and compile.
    """
    from joblib.externals.loky import process_executor

    name = "_MAX_MEMORY_LEAK_SIZE"
    if hasattr(process_executor, name) and hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        setattr(process_executor, name, max(getattr(process_executor, name), memory // (2 * jobs)))


def start_worker(parent: int, jobs: int) -> None:
    """Initialise one of `jobs` worker processes of the process `parent`."""
    _end_with(parent)
    _leave_memory(jobs)
