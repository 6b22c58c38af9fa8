"""Worker processes of joblib that leave Ctrl-C to the main process."""

from __future__ import annotations

import contextlib
import signal
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["results"]


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
        with _interrupts_kept_from_workers():  # they start here
            outcomes = parallel(calls)
        for outcome in outcomes:  # noqa: UP028  ("yield from" would close it, and warn, before `finally`)
            yield outcome
    finally:
        with warnings.catch_warnings():  # that tasks in flight are cancelled is no news when a stream is ended
            warnings.filterwarnings("ignore", r"\d+ tasks .*(executed|cancelled)", UserWarning)
            if outcomes is not None:
                outcomes.close()


@contextlib.contextmanager
def _interrupts_kept_from_workers() -> Iterator[None]:
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
