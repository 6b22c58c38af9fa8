"""Checks for arguments that may be numbers or arrays of numbers.

Every function of `noprune_theory.bounds` broadcasts its numerical arguments against one another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import BoolArray, FloatArray

# A float64 number where every argument is a number, an array otherwise.
Values: TypeAlias = "np.float64 | FloatArray"


def _checked(name: str, value: ArrayLike, allowed: str, accepts: Callable[[FloatArray], Any]) -> FloatArray:
    raw = np.asarray(value)
    if raw.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be a real number or an array of real numbers, got {value!r}")
    array: FloatArray = raw.astype(np.float64)
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    with np.errstate(invalid="ignore"):
        refused: BoolArray = ~(np.isfinite(array) & accepts(array))
    if refused.any():
        raise ValueError(f"{name} must be {allowed}, got {array[refused].flat[0]}")
    return array


def positive(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry finite and > 0."""
    return _checked(name, value, "finite and > 0", lambda array: array > 0)


def nonnegative(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry finite and >= 0."""
    return _checked(name, value, "finite and >= 0", lambda array: array >= 0)


def above(name: str, value: ArrayLike, minimum: float) -> FloatArray:
    """Return `value` as float64; every entry finite and > `minimum`."""
    return _checked(name, value, f"finite and > {minimum:g}", lambda array: array > minimum)


def open_unit(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry in the open interval (0, 1)."""
    return _checked(name, value, "in the open interval (0, 1)", lambda array: (array > 0) & (array < 1))


def closed_unit(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry in [0, 1]."""
    return _checked(name, value, "in [0, 1]", lambda array: (array >= 0) & (array <= 1))


def margin(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry in (0, 1].

    With labels in [-1, 1] sigma^2 is at most one, and nothing fits further below it than that.
    """
    return _checked(name, value, "in (0, 1]", lambda array: (array > 0) & (array <= 1))


def count(name: str, value: ArrayLike, minimum: int = 1) -> FloatArray:
    """Return `value` as float64; every entry a whole number >= `minimum` (whole floats such as 1e6 are numbers too)."""
    return _checked(
        name, value, f"a whole number >= {minimum}", lambda array: (array >= minimum) & (array == np.floor(array))
    )


def number(array: FloatArray) -> Values:
    """Return a zero-dimensional array as a number and any other array as it is."""
    result: Values = array[()]
    return result
