"""Sums of squares of labels in exact arithmetic, and floats on a chosen side of fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic, two_to


def float_above(value: Fraction) -> float:
    """Return the smallest float64 >= value, infinite beyond the largest."""
    try:
        nearest = float(value)
    except OverflowError:
        return math.inf if value > 0 else -float(np.finfo(np.float64).max)
    return nearest if Fraction(nearest) >= value else math.nextafter(nearest, math.inf)


def float_below(value: Fraction) -> float:
    """Return the largest float64 <= value."""
    return -float_above(-value)


class Labels:
    """Labels y (n,) in groups: sums and squares, exactly.

    Attributes
    ----------
    squares : list of Fraction
        Of every group, the sum of squared deviations from the group's mean.
    means : list of Fraction
    within, total : Fraction
        Sum of `squares`; sum of squared deviations from the mean of all.
    """

    def __init__(self, y: FloatArray, group: IntArray, counts: IntArray) -> None:
        self.y = y
        exact = dyadic(y)
        unit = two_to(exact.exponent)
        sums = [0] * counts.size
        squares = [0] * counts.size
        for member, label in zip(group.tolist(), exact.digits.tolist(), strict=True):
            sums[member] += label
            squares[member] += label * label
        self.means = [Fraction(s, count) * unit for s, count in zip(sums, counts.tolist(), strict=True)]
        # Groups of one deviate by nothing; the others are summed by size, for few denominators.
        within: dict[int, int] = {}
        for s, q, count in zip(sums, squares, counts.tolist(), strict=True):
            if count > 1:
                within[count] = within.get(count, 0) + q * count - s * s
        self.within = sum((Fraction(value, count) for count, value in within.items()), Fraction(0)) * unit**2
        everything, n = sum(sums), y.size
        self.mean = Fraction(everything, n) * unit
        self.total = Fraction(sum(squares) * n - everything**2, n) * unit**2
        self._exact = exact

    def loss(self, anchor: float, offsets: FloatArray) -> Fraction:
        """Return sum_i (y_i - anchor - offsets_i)^2, exactly; `offsets` has one entry a label."""
        residual = self._exact.plus(_negative(dyadic(offsets))).plus(_negative(dyadic(np.full(1, anchor))))
        return residual.squared_norm()


def _negative(numbers: Dyadic) -> Dyadic:
    return Dyadic(-numbers.digits, numbers.exponent)
