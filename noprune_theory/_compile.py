"""Compiled kernels where numba's cache has no place to be, or cannot be read: compiled anew, with one warning."""

from __future__ import annotations

import contextlib
import os
import pickle
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numba
from numba.core.runtime import rtsys

__all__ = ["njit"]

# Tells worker processes, which inherit it, that the user knows.
_WARNED = "_NOPRUNE_THEORY_UNCACHED"
_CACHE_ERRORS = (OSError, EOFError, pickle.UnpicklingError)


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile like `numba.njit`; with `cache=True` go on without a cache where it cannot be used.

    What is cached is compiled anew when the file of the function changes or, other than with `numba.njit`, that of a
    compiled function which it calls by name, directly or through others.

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
            dispatcher._cache = _Forgiving(dispatcher._cache, function)
        return dispatcher

    return compiled


class _Forgiving:
    """A cache of numba that misses where it cannot be read, and keeps nothing where it cannot be written.

    It also misses where a called function's file has changed.
    """

    def __init__(self, cache: Any, function: Callable[..., Any]) -> None:
        self._inner = cache
        self._unstamped: list[Callable[..., Any]] = [function] if hasattr(cache, "_cache_file") else []

    def __getattr__(self, name: str) -> Any:
        if name == "_inner":  # of a copy that has none yet
            raise AttributeError(name)
        return getattr(self._inner, name)

    def load_overload(self, *arguments: Any) -> Any:
        # At the first call: all that the function calls has been defined by now, and saving follows a miss here.
        if self._unstamped:
            file = self._inner._cache_file
            file._source_stamp = (file._source_stamp, *_stamps_of_others(self._unstamped.pop()))
        try:
            return _loaded(self._inner, *arguments)
        except _CACHE_ERRORS as error:
            _warn(error)
            return None

    def save_overload(self, *arguments: Any) -> None:
        try:
            self._inner.save_overload(*arguments)
        except _CACHE_ERRORS as error:
            _warn(error)


def _loaded(cache: Any, signature: Any, target: Any) -> Any:
    """Load machine code like `numba.core.caching.Cache.load_overload`, but for the set-up of numba's compiler.

    The set-up takes longer than all else that a first call from the cache does. Machine code needs the memory manager
    alone; where something is to be compiled later, numba sets its compiler up before.
    """
    if not hasattr(cache, "_load_overload"):  # nothing to load from, or another numba
        return cache.load_overload(signature, target)
    rtsys.initialize(target)
    with cache._guard_against_spurious_io_errors():
        return cache._load_overload(signature, target)


def _called(function: Any) -> Iterator[Any]:
    """Yield the functions of Python below the compiled ones that a function calls by name; intrinsics count as such."""
    names = function.__code__.co_names
    found = [function.__globals__[name] for name in names if name in function.__globals__]
    for module in [value for value in found if isinstance(value, types.ModuleType)]:
        found += [vars(module)[name] for name in names if name in vars(module)]
    for value in found:
        inner = getattr(value, "py_func", getattr(value, "_defn", None))
        if isinstance(inner, types.FunctionType):
            yield inner


def _stamps_of_others(function: Any) -> list[tuple[str, int, int]]:
    """Return name, time and size of every other file that holds a function which `function` calls."""
    seen, ahead = {function}, [function]
    while ahead:
        new = set(_called(ahead.pop())) - seen
        seen |= new
        ahead += new
    stamps = []
    for path in sorted({other.__code__.co_filename for other in seen} - {function.__code__.co_filename}):
        with contextlib.suppress(OSError):  # a function that was typed into a notebook
            status = os.stat(path)
            stamps.append((os.path.basename(path), status.st_mtime_ns, status.st_size))
    return stamps


def _warn(error: Exception) -> None:
    if _WARNED not in os.environ:
        os.environ[_WARNED] = "1"
        warnings.warn(
            f"compiled functions cannot be cached ({type(error).__name__}: {error}): each process compiles them anew, "
            "which takes a while; set NUMBA_CACHE_DIR to a folder that can be written to",
            RuntimeWarning,
            stacklevel=3,
        )
