"""Residuals in twice the precision, row by row."""

from __future__ import annotations

from noprune_theory._compile import njit
from noprune_theory._types import BoolArray, FloatArray

_SPLITTER = 134217729.0


@njit(cache=True)
def add_products(A: FloatArray, factors: FloatArray, total: FloatArray, lost: FloatArray, inexact: BoolArray) -> None:
    """Add A factors to `total`, what rounding lost to `lost`, and say where any was; in place.

    Sums by Knuth, products by Dekker (1971), whose errors are exact unless they underflow.
    """
    for row in range(A.shape[0]):
        value, rest, rounded = total[row], lost[row], inexact[row]
        for column in range(A.shape[1]):
            a, b = A[row, column], factors[column]
            product = a * b
            a_high = _SPLITTER * a - (_SPLITTER * a - a)
            b_high = _SPLITTER * b - (_SPLITTER * b - b)
            a_low, b_low = a - a_high, b - b_high
            error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
            larger = value + product
            part = larger - value
            carry = (value - (larger - part)) + (product - part)
            value = larger
            rest += carry + error
            rounded = rounded or carry != 0 or error != 0
        total[row], lost[row], inexact[row] = value, rest, rounded
