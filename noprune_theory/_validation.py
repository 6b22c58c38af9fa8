"""Argument checks: every error names the argument, what was given and what is allowed.

Nothing here repairs an argument. A value passes unchanged (up to its type) or the call fails.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import BoolArray, FloatArray


def _as_real(name: str, value: Any) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (numbers.Real, np.number)):
        raise TypeError(f"{name} must be a real number, got {value!r} of type {type(value).__name__}")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}")
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
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (numbers.Integral, np.integer)):
        raise TypeError(f"{name} must be an integer, got {value!r} of type {type(value).__name__}")
    number = int(value)
    if number < minimum or (maximum is not None and number > maximum):
        allowed = f">= {minimum}" if maximum is None else f"in [{minimum}, {maximum}]"
        raise ValueError(f"{name} must be {allowed}, got {number}")
    return number


def check_choice(name: str, value: Any, allowed: Iterable[str]) -> str:
    """Return `value`; it must be one of `allowed`."""
    choices = tuple(allowed)
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {value!r}")
    return value


def check_flag(name: str, value: Any) -> bool:
    """Return `value`; it must be True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r} of type {type(value).__name__}")
    return bool(value)


def check_instance(name: str, value: Any, expected: Any, attributes: Iterable[str] = ()) -> None:
    """Refuse `value` unless it is an instance of `expected`, or offers all of `attributes` where those are given."""
    wanted = tuple(attributes)
    fits = all(hasattr(value, attribute) for attribute in wanted) if wanted else isinstance(value, expected)
    if not fits:
        needs = f" (anything with {', '.join(wanted)})" if wanted else ""
        raise TypeError(f"{name} must be a {expected.__name__}{needs}, got {value!r} of type {type(value).__name__}")


def check_generator(name: str, value: Any) -> np.random.Generator:
    """Return `value`; it must be a `numpy.random.Generator`."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(
            f"{name} must be a numpy.random.Generator (numpy.random.default_rng(seed)), got {type(value).__name__}"
        )
    return value


def as_float_array(
    name: str, value: ArrayLike, *, ndim: int | tuple[int, ...], allow_empty: bool = False
) -> FloatArray:
    """Return `value` as a C-contiguous float64 array; entries finite, dimension as asked, not empty.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If the dimension is wrong, an axis is empty, or an entry is NaN or infinite.
    """
    raw = np.asarray(value)
    if raw.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be an array of real numbers, got dtype {raw.dtype}")
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    if raw.ndim not in allowed:
        expected = " or ".join(map(str, allowed))
        raise ValueError(f"{name} must have {expected} dimension(s), got shape {raw.shape}")
    if raw.size == 0 and not allow_empty:
        raise ValueError(f"{name} must not be empty, got shape {raw.shape}")
    array: FloatArray = np.asarray(raw, dtype=np.float64, order="C")
    if not np.isfinite(array).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, got {array[first]} at index {first}")
    return array


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
        If the dtype is not boolean: 0/1 integers are refused, since an index array looks the same.
    ValueError
        If the shape is not (p,) or (n_masks, p) with p = `n_weights`, or an axis is empty.
    """
    raw = np.asarray(value)
    if raw.dtype != np.bool_:
        raise TypeError(f"{name} must be boolean (True = weight kept), got dtype {raw.dtype}")
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
        raise ValueError(f"give exactly one of keep and sparsity, got keep={keep!r} and sparsity={sparsity!r}")
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
