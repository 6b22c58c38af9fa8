"""Exact products of a matrix with many points, by products of float64 that do not round.

Matrix and points are cut into slices of so few bits that sums of products of two slices are whole numbers below 2^53
(Ozaki, Ogita, Oishi, Rump 2012): the library for linear algebra computes them exactly, in whatever order it sums.
"""

from __future__ import annotations

import numpy as np

from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import FloatArray
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic

_MOST_SLICES = 12  # beyond these the magnitudes differ so much that integers are cheaper


def _slices(values: FloatArray, bits: int) -> tuple[list[FloatArray], int] | None:
    """Return whole numbers S_0, S_1, ... below 2^bits and e with values = sum_i S_i 2^(e - bits (i + 1)), exactly.

    None where that takes more than `_MOST_SLICES` of them.
    """
    exponent = size_exponent(values)
    rest = scale(values, bits - exponent)
    if not np.array_equal(scale(rest, exponent - bits), values):
        return None
    found: list[FloatArray] = []
    while rest.any():
        if len(found) == _MOST_SLICES:
            return None
        found.append(np.trunc(rest))
        rest = scale(rest - found[-1], bits)
    return found, exponent


class ExactProduct:
    """The product of a matrix (m, d) of finite float64 with points, exactly."""

    def __init__(self, matrix: FloatArray) -> None:
        self._matrix = matrix
        self._bits = (53 - matrix.shape[1].bit_length()) // 2
        self._sliced = _slices(matrix, self._bits)

    def __call__(self, X: FloatArray) -> Dyadic:
        """Return the product with the rows of X (n, d), finite, one column a point: shape (m, n)."""
        sliced = _slices(X, self._bits)
        if self._sliced is None or sliced is None:
            return dyadic(self._matrix) @ dyadic(np.ascontiguousarray(X.T))
        (left, e), (right, f) = self._sliced, sliced
        if not left or not right:
            return Dyadic(np.zeros((self._matrix.shape[0], X.shape[0]), dtype=object), 0)
        last = len(left) + len(right) - 2
        digits = np.zeros((self._matrix.shape[0], X.shape[0]), dtype=object)
        for place in range(last + 1):
            total = np.zeros(digits.shape, dtype=np.int64)
            for i in range(max(0, place - len(right) + 1), min(place, len(left) - 1) + 1):
                total += (left[i] @ right[place - i].T).astype(np.int64)
            digits += total.astype(object) << self._bits * (last - place)
        return Dyadic(digits, e + f - self._bits * (last + 2))
