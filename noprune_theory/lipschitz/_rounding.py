"""Outward rounding: norms with certified ends, exact signs, and gradients whose activation pattern is certain."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz.result import Witness

EPSILON = float(np.finfo(np.float64).eps)
_SPLITTER = 134217729.0  # 2^27 + 1, Veltkamp's constant for float64


def round_up(value: float, margin: float = 4 * EPSILON) -> float:
    """Return a number at least `value (1 + margin)`, for value >= 0."""
    return value if value == 0 else math.nextafter(value * (1 + margin), math.inf)


def round_down(value: float, margin: float = 4 * EPSILON) -> float:
    """Return a number at most `value (1 - margin)` and at least 0, for value >= 0."""
    return value if value == 0 else max(0.0, math.nextafter(value * (1 - margin), 0.0))


def norm_bounds(vector: FloatArray) -> tuple[float, float]:
    """Return certified lower and upper bounds of the Euclidean norm of a vector of any magnitude.

    The entries are scaled by a power of two (exactly); each square is off by half an ulp, `fsum` rounds once and the
    root once, so 4 ulps cover it.
    """
    largest = float(np.max(np.abs(vector), initial=0.0))
    if largest == 0:
        return 0.0, 0.0
    exponent = math.frexp(largest)[1]
    # Entries that underflow here are below 2^-1021 of the largest: the margin covers them too.
    scaled = np.ldexp(vector, -exponent)
    norm = math.sqrt(math.fsum(np.square(scaled)))
    return _scaled(round_down(norm), exponent, 0.0), _scaled(round_up(norm), exponent, math.inf)


def _scaled(value: float, exponent: int, toward: float) -> float:
    """Return value * 2^exponent rounded toward 0 or infinity where that leaves the normal range."""
    try:
        result = math.ldexp(value, exponent)
    except OverflowError:
        return math.inf if toward > 0 else float(np.finfo(np.float64).max)
    return result if math.ldexp(result, -exponent) == value else math.nextafter(result, toward)


def scaled_up(value: float, exponent: int) -> float:
    """Return a number at least value * 2^exponent (infinite where that overflows)."""
    return _scaled(value, exponent, math.inf)


def scaled_down(value: float, exponent: int) -> float:
    """Return a number at most value * 2^exponent."""
    return _scaled(value, exponent, 0.0)


def _two_product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return p, e with a b = p + e exactly (Dekker 1971); entries must be within 2^+-400."""
    product = a * b
    a_high = _SPLITTER * a - (_SPLITTER * a - a)
    b_high = _SPLITTER * b - (_SPLITTER * b - b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def cross_sign(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> IntArray:
    """Return the exact sign of a d - b c, entrywise, for |entries| in {0} or [2^-400, 2^400]."""
    p, p_error = _two_product(a, d)
    q, q_error = _two_product(b, c)
    # |p - q| exceeds the two errors whenever it is not 0 after rounding; on a tie the errors decide.
    signs = np.where(p == q, np.sign(p_error - q_error), np.sign(p - q)).astype(np.int64)
    near = (p != q) & (np.abs(p - q) <= 4 * EPSILON * np.abs(p))
    for index in np.flatnonzero(near):
        x, y, z, w = (Fraction(float(v[index])) for v in (a, b, c, d))
        determinant = x * w - y * z
        signs[index] = (determinant > 0) - (determinant < 0)
    return signs


def exact_sign(row: FloatArray, offset: float, point: FloatArray) -> int:
    """Return the sign of <row, point> + offset in rational arithmetic."""
    total = sum((Fraction(float(w)) * Fraction(float(x)) for w, x in zip(row, point, strict=True)), Fraction(offset))
    return (total > 0) - (total < 0)


def pattern_at(directions: FloatArray, offsets: FloatArray | None, point: FloatArray) -> BoolArray | None:
    """Return the ReLU pattern at `point`, or None when a unit that is not constant vanishes there.

    Signs within the rounding error of the dot product are decided in rational arithmetic, so the pattern is certain
    and the point lies in the interior of a linear region.
    """
    pre = directions @ point
    size = np.abs(directions) @ np.abs(point)
    if offsets is not None:
        pre = pre + offsets
        size = size + np.abs(offsets)
    active = pre > 0
    doubtful = np.abs(pre) <= (directions.shape[1] + 3) * EPSILON * size
    doubtful &= directions.any(axis=1)
    if doubtful.sum() > 64:
        return None
    for unit in np.flatnonzero(doubtful):
        sign = exact_sign(directions[unit], 0.0 if offsets is None else float(offsets[unit]), point)
        if sign == 0:
            return None
        active[unit] = sign > 0
    return np.asarray(active)


def pattern_gradient(directions: FloatArray, weights: FloatArray, pattern: BoolArray) -> tuple[FloatArray, float]:
    """Return sum_{j active} a_j w_j and a bound on the norm of its rounding error.

    Each product is off by half an ulp; numpy adds contiguous numbers pairwise in blocks of at most 128 with eight
    partial sums, so a number takes part in at most 16 + log2(n) additions and eight more.
    """
    products = np.ascontiguousarray((directions[pattern] * weights[pattern, None]).T)
    gradient = np.sum(products, axis=1)
    per_entry = (26 + math.log2(products.shape[1] + 1)) * EPSILON * np.sum(np.abs(products), axis=1)
    return gradient, norm_bounds(per_entry)[1]


def relu_witness(
    directions: FloatArray, weights: FloatArray, offsets: FloatArray | None, point: FloatArray
) -> tuple[Witness, float] | None:
    """Return the witness at `point` and the certified lower bound it gives, or None on a kink."""
    pattern = pattern_at(directions, offsets, point)
    if pattern is None:
        return None
    gradient, error = pattern_gradient(directions, weights, pattern)
    return Witness(point, gradient, pattern), round_down(max(0.0, norm_bounds(gradient)[0] - error))
