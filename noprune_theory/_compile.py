"""Compiled kernels where numba's cache has no place to be, or cannot be read: compiled anew, with one warning."""

from __future__ import annotations

import os
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numba

__all__ = ["njit"]

# Tells worker processes, which inherit it, that the user knows.
_WARNED = "_NOPRUNE_THEORY_UNCACHED"
_CACHE_ERRORS = (OSError, EOFError, pickle.UnpicklingError)


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile like `numba.njit`; with `cache=True` go on without a cache where it cannot be used.

    numba itself raises RuntimeError when the module is imported if neither the folder of the source, the user's cache
    nor NUMBA_CACHE_DIR can be written to, and OSError at the first call if a disk is full or a file belongs to somebody
    else.

    Warns
    -----
    RuntimeWarning
        Once a process, and not again in its workers.
    """

    def compiled(function: Callable[..., Any]) -> Any:
        try:
            dispatcher = numba.njit(**options)(function)
        except RuntimeError as error:
            if not options.get("cache"):
                raise
            dispatcher = numba.njit(**{**options, "cache": False})(function)  # what has another cause is raised again
            _warn(error)
        if options.get("cache") and hasattr(dispatcher, "_cache"):
            dispatcher._cache = _Forgiving(dispatcher._cache)
        return dispatcher

    return compiled


class _Forgiving:
    """A cache of numba that misses where it cannot be read, and keeps nothing where it cannot be written."""

    def __init__(self, cache: Any) -> None:
        self._inner = cache

    def __getattr__(self, name: str) -> Any:
        if name == "_inner":  # of a copy that has none yet
            raise AttributeError(name)
        return getattr(self._inner, name)

    def load_overload(self, *arguments: Any) -> Any:
        try:
            return self._inner.load_overload(*arguments)
        except _CACHE_ERRORS as error:
            _warn(error)
            return None

    def save_overload(self, *arguments: Any) -> None:
        try:
            self._inner.save_overload(*arguments)
        except _CACHE_ERRORS as error:
            _warn(error)


def _warn(error: Exception) -> None:
    if _WARNED not in os.environ:
        os.environ[_WARNED] = "1"
        warnings.warn(
            f"compiled functions cannot be cached ({type(error).__name__}: {error}): each process compiles them anew, "
            "which takes a while; set NUMBA_CACHE_DIR to a folder that can be written to",
            RuntimeWarning,
            stacklevel=3,
        )
