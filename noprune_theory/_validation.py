"""Argument checks: every error names the argument, what was given and what is allowed.

Nothing here repairs an argument. A value passes unchanged (up to its type) or the call fails. Messages show arrays by
type and shape.
"""

from __future__ import annotations

import math
import numbers
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import summary
from noprune_theory._types import BoolArray, FloatArray

# Bits beyond which an integer is shown by its size: Python refuses to write out the longest ones.
_LONG_INTEGER_BITS = 256
_LONGEST_TEXT = 60
# More integers than anybody seeds with are data in the place of a seed.
_MOST_SEEDS = 64
# `numpy.timedelta64` counts as a signed integer of NumPy, complex numbers as its numbers.
_NO_REAL_NUMBERS = (bool, np.bool_, np.timedelta64, np.complexfloating)


def shown(value: Any) -> str:
    """Return `value` for the text of an error: one line, arrays and long integers by their size."""
    if isinstance(value, int) and value.bit_length() > _LONG_INTEGER_BITS:
        return f"{'-' * (value < 0)}<integer of {value.bit_length()} bits>"
    try:
        return " ".join(summary(value).split())
    except Exception:  # a representation that fails, or holds an integer too long to be written
        return f"<{type(value).__name__}>"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."


def _typed(value: Any) -> str:
    return f"{shown(value)} of type {type(value).__name__}"


def _as_real(name: str, value: Any) -> float:
    if isinstance(value, _NO_REAL_NUMBERS) or not isinstance(value, (numbers.Real, np.number)):
        raise TypeError(f"{name} must be a real number, got {_typed(value)}")
    try:
        number = float(value)
    except OverflowError:  # an integer or a fraction
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {shown(value)}")
    if number == 0 and value != 0:
        raise ValueError(f"{name} must be 0 or in the range of a double, got {shown(value)}")
    return number


def check_finite(name: str, value: Any) -> float:
    """Return `value` as a float; it must be a finite real number."""
    return _as_real(name, value)


def check_positive(name: str, value: Any) -> float:
    """Return `value` as a float; it must be finite and > 0."""
    number = _as_real(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be > 0, got {number}")
    return number


def check_nonnegative(name: str, value: Any) -> float:
    """Return `value` as a float; it must be finite and >= 0."""
    number = _as_real(name, value)
    if number < 0:
        raise ValueError(f"{name} must be >= 0, got {number}")
    return number


def check_open_unit(name: str, value: Any) -> float:
    """Return `value` as a float; it must satisfy 0 < value < 1."""
    number = _as_real(name, value)
    if not 0 < number < 1:
        raise ValueError(f"{name} must satisfy 0 < {name} < 1, got {number}")
    return number


def check_closed_unit(name: str, value: Any) -> float:
    """Return `value` as a float; it must satisfy 0 <= value <= 1."""
    number = _as_real(name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} must satisfy 0 <= {name} <= 1, got {number}")
    return number


def check_integer(name: str, value: Any, minimum: int, maximum: int | None = None) -> int:
    """Return `value` as an int; it must be an integer (no bool, no float) in [minimum, maximum]."""
    if isinstance(value, _NO_REAL_NUMBERS) or not isinstance(value, (numbers.Integral, np.integer)):
        raise TypeError(f"{name} must be an integer, got {_typed(value)}")
    number = int(value)
    if number < minimum or (maximum is not None and number > maximum):
        allowed = f">= {minimum}" if maximum is None else f"in [{minimum}, {maximum}]"
        raise ValueError(f"{name} must be {allowed}, got {shown(number)}")
    return number


def check_choice(name: str, value: Any, allowed: Iterable[str]) -> str:
    """Return `value`; it must be one of `allowed`."""
    choices = tuple(allowed)
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {shown(value)}")
    return value


def check_flag(name: str, value: Any) -> bool:
    """Return `value`; it must be True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {_typed(value)}")
    return bool(value)


def check_instance(name: str, value: Any, expected: Any, attributes: Iterable[str] = ()) -> None:
    """Refuse `value` unless it is an instance of `expected`, or offers all of `attributes` where those are given."""
    wanted = tuple(attributes)
    fits = all(hasattr(value, attribute) for attribute in wanted) if wanted else isinstance(value, expected)
    if not fits:
        needs = f" (anything with {', '.join(wanted)})" if wanted else ""
        raise TypeError(f"{name} must be a {expected.__name__}{needs}, got {_typed(value)}")


def as_path(name: str, value: Any) -> Path:
    """Return `value`, a string or path, as a path."""
    try:
        return Path(value)
    except TypeError as error:
        raise TypeError(f"{name} must be a str or a path, got {_typed(value)}") from error


def check_generator(name: str, value: Any) -> np.random.Generator:
    """Return the generator that `value` is, or that it seeds: an integer, integers, `SeedSequence` or `BitGenerator`.

    The function called first turns a seed into its generator and hands that on: a seed that two functions see gives
    both the same numbers. None, which would draw a seed from the system, is refused.
    """
    if isinstance(value, np.random.Generator):
        return value
    if isinstance(value, np.random.BitGenerator | np.random.SeedSequence):
        return np.random.default_rng(value)
    words = value.tolist() if isinstance(value, np.ndarray) and value.ndim == 1 else value
    words = words if isinstance(words, Sequence) and not isinstance(words, str | bytes) else [words]
    integral = all(isinstance(word, numbers.Integral) and not isinstance(word, _NO_REAL_NUMBERS) for word in words)
    if not integral or not 0 < len(words) <= _MOST_SEEDS:
        raise TypeError(
            f"{name} must be a numpy.random.Generator or a seed for one (an integer, at most {_MOST_SEEDS} integers, a "
            f"SeedSequence or a BitGenerator), got {type(value).__name__}"
        )
    if not all(0 <= int(word) < 2**_LONG_INTEGER_BITS for word in words):
        raise ValueError(f"{name} must be made of integers in [0, 2^{_LONG_INTEGER_BITS}), got {shown(value)}")
    return np.random.default_rng([int(word) for word in words])  # one word seeds as itself does


def as_array(name: str, value: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """Return `value` as a plain array of whatever type its entries have; the first step of every conversion.

    `numpy.asarray` reads a masked array through its mask, takes a sparse matrix for one object, makes numbers of
    booleans that stand among numbers, and complains of rows of different lengths without a name. All these are refused
    here.

    Raises
    ------
    TypeError
        If `value` is a masked array or matrix of NumPy, or holds one (a list of masked arrays), or is of another
        subclass whose meaning would be lost; if it is sparse; if a list holds numbers and booleans; or if it cannot be
        turned into an array.
    ValueError
        If it is a nested list whose rows differ in length.
    """
    _refuse_subclasses(name, value)
    # A sparse matrix can exist only where its module is loaded.
    sparse = sys.modules.get("scipy.sparse")
    if sparse is not None and sparse.issparse(value):
        raise TypeError(f"{name} must be a dense array, got the sparse {type(value).__name__}; use its toarray()")
    try:
        array = np.asanyarray(value)
    except Exception as error:
        difference = _ragged(value)
        if difference is not None:
            raise ValueError(f"{name} must be an array with rows of one length, got {difference}") from error
        raise TypeError(f"{name} cannot be read as an array ({type(error).__name__}), got {_typed(value)}") from error
    _refuse_subclasses(name, array)  # what a foreign object turned itself into
    if array.dtype.kind != "b" and _hides_flag(value):
        raise TypeError(f"{name} must not mix booleans with other entries, got {_typed(value)}")
    return np.asarray(array)


def _hides_flag(value: object) -> bool:
    """Return whether nested lists and tuples hold a boolean, or an array of booleans."""
    if isinstance(value, (list, tuple)):
        return any(map(_hides_flag, value))
    return isinstance(value, (bool, np.bool_)) or (isinstance(value, np.ndarray) and value.dtype.kind == "b")


def _refuse_subclasses(name: str, value: Any) -> None:
    if isinstance(value, (list, tuple)):
        for item in value:
            if not isinstance(item, float):  # the common entry, without a call for each
                _refuse_subclasses(name, item)
    elif isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be a masked array: its mask would be ignored; fill it or drop what is masked")
    elif isinstance(value, np.ndarray) and not isinstance(value, np.memmap) and type(value) is not np.ndarray:
        kind = "numpy.matrix" if isinstance(value, np.matrix) else type(value).__name__
        raise TypeError(f"{name} must be a plain numpy array, got a {kind}; use numpy.asarray on it if that is meant")


def _ragged(value: Any) -> str | None:
    """Return where the rows of a nested list differ in shape, None if they do not."""
    if not isinstance(value, (list, tuple)):
        return None
    lengths = [len(item) if isinstance(item, (list, tuple, np.ndarray)) else None for item in value]
    for index, length in enumerate(lengths):
        if length != lengths[0]:
            sizes = ["a scalar" if size is None else f"length {size}" for size in (lengths[0], length)]
            return f"{sizes[0]} at index 0 and {sizes[1]} at index {index}"
    inner = [np.shape(item) if isinstance(item, np.ndarray) else None for item in value]
    if any(shape != inner[0] for shape in inner):
        return "arrays of different shapes"
    return next((found for item in value if (found := _ragged(item)) is not None), None)


def as_float_array(
    name: str, value: ArrayLike, *, ndim: int | tuple[int, ...], allow_empty: bool = False
) -> FloatArray:
    """Return `value` as a C-contiguous float64 array; entries finite, dimension as asked, not empty.

    Raises
    ------
    TypeError
        If the entries are not real numbers, or `value` is masked, sparse or another array that `as_array` refuses.
    ValueError
        If the dimension is wrong, rows differ in length, an axis is empty, or an entry is NaN, infinite or, in extended
        precision, outside the range of a double.
    """
    raw = as_array(name, value)
    if raw.dtype.kind == "O" and raw.ndim == 0:
        raise TypeError(f"{name} must be an array, got {_typed(value)}")
    if raw.dtype.kind not in "iuf":
        hint = " (mixed or missing entries, or integers beyond 64 bits)" if raw.dtype.kind == "O" else ""
        raise TypeError(f"{name} must be an array of real numbers, got dtype {_short(str(raw.dtype))}{hint}")
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    if raw.ndim not in allowed:
        expected = " or ".join(map(str, allowed))
        raise ValueError(f"{name} must have {expected} dimension(s), got shape {raw.shape}")
    if raw.size == 0 and not allow_empty:
        raise ValueError(f"{name} must not be empty, got shape {raw.shape}")
    with np.errstate(over="ignore", under="ignore"):
        array: FloatArray = np.asarray(raw, dtype=np.float64, order="C")
    if not np.isfinite(array).all():
        first = _first(~np.isfinite(array))
        raise ValueError(f"{name} must be finite, got {raw[first]!s} at index {first}")
    if raw.dtype.itemsize > array.dtype.itemsize and (lost := (array == 0) & (raw != 0)).any():
        first = _first(lost)
        raise ValueError(f"{name} must be 0 or in the range of a double, got {raw[first]!s} at index {first}")
    return array


def _first(flags: BoolArray) -> tuple[int, ...]:
    """Return the first index that is set."""
    return tuple(int(i) for i in np.argwhere(flags)[0])


@overload
def as_samples(X: ArrayLike) -> FloatArray: ...
@overload
def as_samples(X: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]: ...
def as_samples(X: ArrayLike, y: ArrayLike | None = None) -> FloatArray | tuple[FloatArray, FloatArray]:
    """Return X, shape (n, d) with n, d >= 1, and y, shape (n,), as finite float64 arrays."""
    samples = as_float_array("X", X, ndim=2)
    if y is None:
        return samples
    labels = as_float_array("y", y, ndim=1)
    if labels.shape[0] != samples.shape[0]:
        raise ValueError(f"y must have one entry a row of X: X has shape {samples.shape}, y has shape {labels.shape}")
    return samples, labels


def as_masks(name: str, value: ArrayLike, n_weights: int, *, ndim: int | tuple[int, ...] = (1, 2)) -> BoolArray:
    """Return `value` as a C-contiguous boolean array, shape (p,) or (n_masks, p), True where a weight is kept.

    Raises
    ------
    TypeError
        If the dtype is not boolean: 0/1 integers are refused, since an index array looks the same; or if `value` is
        masked, sparse or another array that `as_array` refuses.
    ValueError
        If the shape is not (p,) or (n_masks, p) with p = `n_weights`, or an axis is empty.
    """
    raw = as_array(name, value)
    if raw.dtype != np.bool_:
        raise TypeError(f"{name} must be boolean (True = weight kept), got dtype {_short(str(raw.dtype))}")
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    shapes = " or ".join({1: f"({n_weights},)", 2: f"(n_masks, {n_weights})"}[axis] for axis in allowed)
    if raw.ndim not in allowed or raw.shape[-1] != n_weights:
        raise ValueError(f"{name} must have shape {shapes}, got {raw.shape}")
    if raw.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {raw.shape}")
    return np.ascontiguousarray(raw)


def resolve_keep(n_weights: int, *, keep: int | None = None, sparsity: float | None = None) -> int:
    """Return the number of weights that survive, from exactly one of `keep` and `sparsity`.

    Parameters
    ----------
    n_weights : int
        Number p of weights before pruning.
    keep : int, optional
        Number of weights kept, in [0, p].
    sparsity : float, optional
        Fraction of weights removed, in [0, 1]; round(sparsity * p) weights are removed (ties to even).
    """
    if (keep is None) == (sparsity is None):
        raise ValueError(
            f"give exactly one of keep and sparsity, got keep={shown(keep)} and sparsity={shown(sparsity)}"
        )
    if keep is not None:
        return check_integer("keep", keep, 0, n_weights)
    return n_weights - round(check_closed_unit("sparsity", sparsity) * n_weights)


class UnwritableError(ValueError):
    """An output file that cannot be written; the text is one line."""


def check_writable(path: Path) -> None:
    """Refuse an output file before the work rather than after it: open it for appending, and leave no trace.

    Raises
    ------
    UnwritableError
        If the file cannot be written; one line that names it and says why.
    """
    if path.is_dir():
        raise UnwritableError(f"cannot write {path}: it is a folder")
    if not path.parent.is_dir():
        raise UnwritableError(f"cannot write {path}: no folder {path.parent}")
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        raise UnwritableError(f"cannot write {path}: {error.strerror}") from error
