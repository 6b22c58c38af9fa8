"""Scaling by powers of two, which is exact: squares and products then stay in the range of float64.

A solver divides rows, columns or labels by a power of two near their size, works on numbers near one, and multiplies
back at the end. No significant bit changes on the way in; on the way back a result may leave the range, and says so.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from noprune_theory._types import FloatArray

Exponents = NDArray[np.int64]


def binary_exponent(value: float) -> int:
    """Return the e with 2^(e-1) <= |value| < 2^e, and 0 for 0."""
    return math.frexp(value)[1] if value else 0


def size_exponent(values: FloatArray) -> int:
    """Return the exponent e of the largest entry, 2^(e-1) <= max |values| < 2^e; 0 where all entries are 0."""
    return binary_exponent(float(np.max(np.abs(values), initial=0.0)))


def size_exponents(values: FloatArray, axis: int) -> Exponents:
    """Return the exponents of the largest entries along `axis`; 0 where all entries are 0."""
    return np.frexp(np.max(np.abs(values), axis=axis, initial=0.0))[1].astype(np.int64)


def scale(values: FloatArray, exponents: int | Exponents) -> FloatArray:
    """Return values * 2^exponents, broadcast; exact unless an entry leaves the range (then it is inf, or rounds to 0).

    Two steps, since an exponent may lie beyond that of the largest float64 (5e-324 * 2^2000 is representable).
    """
    half = np.asarray(exponents) // 2
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.ldexp(np.ldexp(values, half), np.asarray(exponents) - half), dtype=np.float64)


def as_float(value: Fraction | int) -> float:
    """Return the nearest float64; infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def scale_float(value: float, exponent: int) -> float:
    """Return value * 2^exponent; inf where it overflows (`math.ldexp` raises)."""
    return float(scale(np.asarray(value, dtype=np.float64), exponent))


def stable_norm(values: FloatArray) -> float:
    """Return the Euclidean norm of all entries, without overflow or underflow of their squares."""
    exponent = size_exponent(values)
    return scale_float(float(np.linalg.norm(scale(np.ravel(values), -exponent))), exponent)


def stable_norms(values: FloatArray, axis: int = -1) -> FloatArray:
    """Return the Euclidean norms along `axis`, without overflow or underflow of the squares."""
    exponents = size_exponents(values, axis)
    return scale(np.linalg.norm(scale(values, -np.expand_dims(exponents, axis)), axis=axis), exponents)
