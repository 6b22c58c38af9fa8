"""The data of one problem: distinct points, exact sums of the labels, and what their deviations may add up to."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.solvers.smoothest._exact_loss import Labels
from noprune_theory.solvers.smoothest.any_function._pairs import distinct_rows

__all__ = ["Problem"]


class Problem:
    """Groups of equal points, their labels, and the budget n max_mse of squared deviations.

    Attributes
    ----------
    X, y : ndarray, shapes (n, d) and (n,)
    level : float
    mask : ndarray of bool, shape (d,), or None
    seen : ndarray
        The coordinates that functions see, of all samples.
    first, group : ndarray of int, shapes (N,) and (n,)
        A sample of every distinct point, and the point of every sample.
    counts : ndarray of int, shape (N,)
    labels : Labels
    budget : Fraction
    """

    def __init__(self, X: FloatArray, y: FloatArray, level: float, mask: BoolArray | None) -> None:
        self.X, self.y, self.level, self.mask = X, y, level, mask
        self.seen = X if mask is None else X[:, mask]
        self.first, self.group = distinct_rows(self.seen)
        self.counts = np.bincount(self.group)
        self.labels = Labels(y, self.group, self.counts)
        self.budget = y.size * Fraction(level)

    def means(self) -> FloatArray:
        """Return the mean label of every distinct point, shape (N,)."""
        return np.array([float(mean) for mean in self.labels.means])

    def scaled(self, values: FloatArray) -> FloatArray:
        """Return values in the unit of the labels, a power of two."""
        return scale(values, -size_exponent(self.y))
