"""One BLAS thread inside loops of small solves, where a second thread costs more than it brings, and inside cells."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cache
from types import TracebackType
from typing import Any

import scipy.linalg  # noqa: F401  (its BLAS must be loaded before the controller looks for libraries)
from threadpoolctl import OpenBLASController, ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    """Return the controller of the BLAS libraries of this process; finding them takes milliseconds, so only once."""
    return ThreadpoolController()


def _release_control() -> None:
    """Let any thread set the process's number of BLAS threads: threadpoolctl >= 3.8 grants that to the first only."""
    clear = getattr(OpenBLASController, "clear_controlling_thread", None)
    if clear is not None:
        clear(force=True)


class _OneBlasThread:
    """Context in which BLAS runs on one thread; any number of threads may be inside, and enter again.

    The number of BLAS threads belongs to the process: the first to enter sets it, and only the last to leave sets it
    back. Were it set back by each, whoever is still inside would go on with many threads and get other last bits.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._limits: list[Any] = []

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                _release_control()
                self._limits.append(_controller().limit(limits=1, user_api="blas"))
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                _release_control()
                while self._limits:
                    self._limits.pop().restore_original_limits()
                _release_control()

    def include(self, libraries: ThreadpoolController) -> None:
        """Limit libraries that were loaded since the first one entered; call from inside."""
        with self._lock:
            if any(library.num_threads != 1 for library in libraries.lib_controllers):
                _release_control()
                self._limits.append(libraries.limit(limits=1))


_ONE_BLAS_THREAD = _OneBlasThread()


def one_blas_thread() -> AbstractContextManager[None]:
    """Return a context in which BLAS runs on one thread."""
    return _ONE_BLAS_THREAD


class _LoadedObject(ctypes.Structure):
    """The first fields of `dl_phdr_info` in link.h; `loads` counts the shared objects that were loaded so far."""

    _fields_ = (
        ("address", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("headers", ctypes.c_void_p),
        ("n_headers", ctypes.c_uint16),
        ("loads", ctypes.c_ulonglong),
    )


_Visitor = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_LoadedObject), ctypes.c_size_t, ctypes.c_void_p)


@cache
def _visit_objects() -> Any:
    """Return the system's function that visits the loaded shared objects, None where there is none."""
    try:
        return ctypes.CDLL(None).dl_iterate_phdr
    except (AttributeError, OSError, TypeError):
        return None


def _loads() -> int | None:
    """Return how many shared objects this process has loaded so far, None where the system does not tell."""
    visit, found = _visit_objects(), []

    def first(entry: Any, size: int, _: Any) -> int:
        if size >= ctypes.sizeof(_LoadedObject):
            found.append(int(entry.contents.loads))
        return 1

    if visit is not None:
        visit(_Visitor(first), None)
    return found[0] if found else None


_found: tuple[int, ThreadpoolController] | None = None


def _libraries() -> ThreadpoolController:
    """Return the controller of all libraries, looked for anew only if something was loaded since the last time."""
    global _found
    loads = _loads()
    if loads is None:
        return ThreadpoolController()
    known = _found
    if known is None or known[0] != loads:
        known = _found = loads, ThreadpoolController()
    return known[1]


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Return a context in which BLAS, and OpenMP in this thread, run on one thread.

    Looks for libraries anew, which takes milliseconds, whenever one was loaded.
    """
    libraries = _libraries()
    with _ONE_BLAS_THREAD:
        _ONE_BLAS_THREAD.include(libraries.select(user_api="blas"))
        # OpenMP counts its threads for each calling thread by itself (also for a BLAS that is built on it).
        with libraries.select(user_api="openmp").limit(limits=1):
            yield
