"""Distances between distinct points, in any units, and slopes of values on them with certified ends."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import FloatArray, IntArray
from noprune_theory.lipschitz._dyadic import dyadic, root_above, two_to
from noprune_theory.lipschitz._rounding import EPSILON, round_up, scaled_up
from noprune_theory.solvers.smoothest.any_function._pair_kernels import (
    all_distances,
    largest_slope,
    pair_distances,
    pairs_above,
    spanning_tree,
    steepest_pairs,
)

# The widest coordinate is scaled to this range: its squares do not overflow, those of much smaller ones do not vanish.
_RANGE_EXPONENT = 500
# Distances are kept where a pass costs more than reading them and they take at most 256 MiB.
_KEPT_DIMENSION = 8
_KEPT_DISTANCES = 2**25
# Steepest pairs that are evaluated in integers.
_EXACT_PAIRS = 64
_NO_TABLE = np.empty(0)


def squared_distance(first: FloatArray, second: FloatArray) -> Fraction:
    """Return |first - second|^2 exactly."""
    both = dyadic(np.stack([first, second]))
    differences = both.digits[0] - both.digits[1]
    return Fraction(int(differences @ differences)) * two_to(2 * both.exponent)


class Pairs:
    """All pairs of N >= 2 distinct points.

    Distances and slopes are in scaled units: the true distances are `distance 2^exponent`.

    Parameters
    ----------
    points : ndarray, shape (N, d)
        Distinct rows.
    """

    def __init__(self, points: FloatArray) -> None:
        self.points = points
        varying = points[:, (points != points[0]).any(axis=0)]
        # Half the range: it does not overflow. A column's entries exceed its range by 2^53 at most, or it is constant.
        half = 0.5 * varying.max(axis=0) - 0.5 * varying.min(axis=0)
        self.exponent = size_exponent(half) + 1 - _RANGE_EXPONENT + (varying.shape[1].bit_length() + 1) // 2
        with np.errstate(under="ignore"):
            scaled = scale(varying, -self.exponent)
        self.columns: FloatArray = np.ascontiguousarray(scaled.T)
        n, dimension = scaled.shape
        # Each difference, square and sum is rounded once; four roundings for the root, the quotient and the rise.
        self.margin = (dimension + 12) * EPSILON
        self.order: IntArray | None = None
        self.table: FloatArray = _NO_TABLE
        if dimension == 1:
            # On a line, slopes between neighbours bound all others.
            self.order = np.argsort(varying[:, 0], kind="stable")
        elif dimension > _KEPT_DIMENSION and n * (n - 1) // 2 <= _KEPT_DISTANCES:
            self.table = all_distances(self.columns)

    def __len__(self) -> int:
        return self.points.shape[0]

    # -- slopes --------------------------------------------------------------------------------------------------------

    def spanning_tree(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Return the ends and lengths of a shortest spanning tree."""
        if self.order is not None:
            line = self.columns[0, self.order]
            return self.order[:-1], self.order[1:], np.diff(line)
        first, second, lengths = spanning_tree(self.columns, self.table)
        return first, second, lengths

    def distances(self, first: IntArray, second: IntArray) -> FloatArray:
        """Return the distances of some pairs, shape (m,); 0 where they underflow."""
        return np.asarray(pair_distances(self.columns, self.table, first, second))

    def steepest(self, values: FloatArray, threshold: float, kept: int) -> tuple[IntArray, IntArray, float]:
        """Return pairs (higher, lower) steeper than `threshold` and the largest slope of all.

        Of every point, the `kept` steepest pairs in which it is the higher one, and as many in which it is the lower.
        """
        if self.order is not None:
            rises = np.diff(values[self.order])
            gaps = np.diff(self.columns[0, self.order])
            slopes = _line_slopes(np.abs(rises), gaps)
            steep = slopes > threshold
            left, right = self.order[:-1][steep], self.order[1:][steep]
            up = rises[steep] >= 0
            return np.where(up, right, left), np.where(up, left, right), float(slopes.max())
        higher, lower, largest = steepest_pairs(self.columns, self.table, values, threshold, kept)
        code = np.unique(higher * len(self) + lower)
        return code // len(self), code % len(self), float(largest)

    def steepest_few(self, values: FloatArray, count: int) -> IntArray:
        """Return the steepest pairs (higher, lower), at most `count` of those that rounding may hide, shape (m, 2)."""
        _, found_count, found = self._above(values, np.zeros_like(values))
        found = found[: min(found_count, count)]
        swap = values[found[:, 0]] < values[found[:, 1]]
        return np.where(swap[:, None], found[:, ::-1], found)

    def certified_constant(self, values: FloatArray, radii: FloatArray) -> float:
        """Return a number at least max (|values_i - values_j| + radii_i + radii_j) / |x_i - x_j|, in true units.

        The steepest pairs are evaluated in integers; the others are below them in spite of rounding.

        Parameters
        ----------
        values, radii : ndarray, shape (N,)
            In true units; `radii` >= 0.
        """
        unit = size_exponent(np.concatenate([values, radii])) + 2
        with np.errstate(under="ignore"):
            scaled, wide = scale(values, -unit), scale(radii, -unit)
        wide = np.where(radii > 0, np.nextafter(wide, np.inf), 0.0)
        top, count, found = self._above(scaled, wide)
        if top == 0.0:
            return 0.0
        if count > len(found):
            return scaled_up(round_up(top, self.margin), unit - self.exponent)
        return max(self._exact_slope(values, radii, int(i), int(j)) for i, j in found[:count])

    def _above(self, values: FloatArray, radii: FloatArray) -> tuple[float, int, IntArray]:
        """Return the largest slope, and number and pairs of those that rounding may hide behind it."""
        keep = 1.0 - 4.0 * self.margin
        if self.order is not None:
            rises = np.abs(np.diff(values[self.order])) + radii[self.order][:-1] + radii[self.order][1:]
            slopes = _line_slopes(rises, np.diff(self.columns[0, self.order]))
            top = float(slopes.max())
            near = np.flatnonzero(slopes >= keep * top)
            chosen = near[:_EXACT_PAIRS]
            return top, near.size, np.column_stack([self.order[chosen], self.order[chosen + 1]])
        top = float(largest_slope(self.columns, self.table, values, radii))
        count, found = pairs_above(self.columns, self.table, values, radii, keep * top, _EXACT_PAIRS)
        return top, int(count), found

    def _exact_slope(self, values: FloatArray, radii: FloatArray, i: int, j: int) -> float:
        rise = abs(Fraction(float(values[i])) - Fraction(float(values[j])))
        rise += Fraction(float(radii[i])) + Fraction(float(radii[j]))
        return root_above(rise**2 / squared_distance(self.points[i], self.points[j]))


def _line_slopes(rises: FloatArray, gaps: FloatArray) -> FloatArray:
    """Return rises / gaps; infinite where a gap has vanished in scaling, 0 where the rise is 0."""
    thin = gaps < 2.0**-960
    safe = np.where(thin, 1.0, gaps)
    return np.where(rises == 0, 0.0, np.where(thin, math.inf, rises / safe))


def distinct_rows(points: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the first row of every group of equal rows (N,), and the group of every row (n,)."""
    if points.shape[1] == 0:
        return np.zeros(1, dtype=np.int64), np.zeros(points.shape[0], dtype=np.int64)
    _, first, group = np.unique(points + 0.0, axis=0, return_index=True, return_inverse=True)
    return np.asarray(first), np.asarray(group).ravel()


__all__ = ["Pairs", "distinct_rows", "squared_distance"]
