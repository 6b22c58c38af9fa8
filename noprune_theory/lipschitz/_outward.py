"""Outward rounding: floats and norms with certified ends."""

from __future__ import annotations

import math

import numpy as np

from noprune_theory._types import FloatArray

EPSILON = float(np.finfo(np.float64).eps)
TINY = 2.0**-1020  # more than a product loses to underflow, even where subnormal numbers are flushed to zero


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


def column_sums(rows: FloatArray) -> FloatArray:
    """Return the sums of the columns, each off by at most (12 + log2(n + 1) / 2) EPSILON times its sum of sizes.

    numpy adds contiguous numbers pairwise in blocks of at most 128 with eight partial sums, so a number takes part in
    at most 15 + 3 + log2(n) additions. Along the first axis it would add row after row, and n roundings.
    """
    return np.asarray(np.sum(np.ascontiguousarray(rows.T), axis=1))
