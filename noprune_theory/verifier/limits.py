"""A limit on the time that one obligation may take."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

__all__ = ["TimeUpError", "remaining", "time_limit"]


class TimeUpError(BaseException):
    """The time of a computation is up; no `Exception`, so that no prover takes it for an answer of its own."""


# Of the process, as there is one alarm.
_deadline: float | None = None


def remaining() -> float | None:
    """Return the seconds left of the limit that is in force, at least a thousandth; None without one."""
    return None if _deadline is None else max(_deadline - time.monotonic(), 1e-3)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeUpError` in the block once it has taken so many seconds.

    By the alarm of the operating system, which reaches the main thread alone. Elsewhere, and while another alarm or
    another limit is set, the block runs without one.

    Parameters
    ----------
    seconds : float
        The limit, positive; `inf` for none.

    Raises
    ------
    ValueError
        If the limit is not positive.
    """
    global _deadline
    if not seconds > 0:
        raise ValueError(f"seconds: must be positive, given {seconds}")
    main = threading.current_thread() is threading.main_thread()
    if (
        not main
        or seconds == float("inf")
        or not hasattr(signal, "setitimer")
        or _deadline is not None
        or signal.getitimer(signal.ITIMER_REAL)[0] > 0
    ):
        yield
        return
    inside = True

    def alarm(_number: int, _frame: FrameType | None) -> None:
        if inside:
            raise TimeUpError

    former = signal.signal(signal.SIGALRM, alarm)
    try:
        _deadline = time.monotonic() + seconds
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        inside = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        _deadline = None
        signal.signal(signal.SIGALRM, signal.SIG_DFL if former is None else former)
