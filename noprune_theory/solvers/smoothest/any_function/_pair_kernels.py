"""Passes over all pairs of points: distances, the shortest spanning tree, the steepest pairs.

Points stand in columns, shape (d, N), so that the inner loops run along contiguous memory. `table` holds the distances
of all pairs, row by row of the upper triangle, or is empty: a pass then computes them anew, and needs memory for a row.
"""

from __future__ import annotations

import math

import numpy as np

from noprune_theory._compile import njit
from noprune_theory._types import FloatArray, IntArray

# Sums of squares below 2^-1000 may have lost digits, and are formed again from scaled differences.
_SMALL_SQUARE = 2.0**-1000
# Distances below 2^-960 may have lost digits even so. Pairs this close count as infinitely steep where values differ.
THIN = 2.0**-960
_BLOCK = 8


@njit(cache=True)
def _close_distance(points: FloatArray, i: int, j: int) -> float:
    """Return |x_i - x_j| for points so close that squares underflow."""
    largest = 0.0
    for c in range(points.shape[0]):
        largest = max(largest, abs(points[c, j] - points[c, i]))
    if largest == 0.0:
        return 0.0
    total = 0.0
    for c in range(points.shape[0]):
        share = (points[c, j] - points[c, i]) / largest
        total += share * share
    return largest * math.sqrt(total)


@njit(cache=True)
def _distances_from(points: FloatArray, i: int, first: int, out: FloatArray) -> None:
    """Write |x_i - x_j| to out[j] for j >= first (modified in place)."""
    n = points.shape[1]
    for j in range(first, n):
        out[j] = 0.0
    for c in range(points.shape[0]):
        own = points[c, i]
        for j in range(first, n):
            difference = points[c, j] - own
            out[j] += difference * difference
    for j in range(first, n):
        square = out[j]
        out[j] = math.sqrt(square) if square >= _SMALL_SQUARE else _close_distance(points, i, j)


@njit(cache=True)
def all_distances(points: FloatArray) -> FloatArray:
    """Return the distances of all pairs i < j, shape (N (N - 1) / 2,), row by row."""
    n = points.shape[1]
    table = np.empty(n * (n - 1) // 2)
    squares = np.empty((_BLOCK, n))
    place = 0
    for start in range(0, n - 1, _BLOCK):
        rows = min(_BLOCK, n - 1 - start)
        squares[:] = 0.0
        # A block of rows at a time, so that a coordinate of all points is read once for all of them.
        for c in range(points.shape[0]):
            for row in range(rows):
                own = points[c, start + row]
                for j in range(start + row + 1, n):
                    difference = points[c, j] - own
                    squares[row, j] += difference * difference
        for row in range(rows):
            i = start + row
            for j in range(i + 1, n):
                square = squares[row, j]
                table[place] = math.sqrt(square) if square >= _SMALL_SQUARE else _close_distance(points, i, j)
                place += 1
    return table


@njit(cache=True)
def pair_distances(points: FloatArray, table: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    """Return the distances of some pairs of different points, shape (m,)."""
    n = points.shape[1]
    out = np.empty(first.size)
    for k in range(first.size):
        i, j = min(first[k], second[k]), max(first[k], second[k])
        if table.size > 0:
            out[k] = table[i * (2 * n - i - 1) // 2 - i - 1 + j]
            continue
        square = 0.0
        for c in range(points.shape[0]):
            difference = points[c, j] - points[c, i]
            square += difference * difference
        out[k] = math.sqrt(square) if square >= _SMALL_SQUARE else _close_distance(points, i, j)
    return out


@njit(cache=True)
def _row(points: FloatArray, table: FloatArray, i: int, out: FloatArray) -> None:
    """Write |x_i - x_j| to out[j] for j > i (modified in place)."""
    n = points.shape[1]
    if table.size == 0:
        _distances_from(points, i, i + 1, out)
        return
    start = i * (2 * n - i - 1) // 2 - i - 1
    for j in range(i + 1, n):
        out[j] = table[start + j]


@njit(cache=True)
def spanning_tree(points: FloatArray, table: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the ends and lengths of the N - 1 edges of a shortest spanning tree (Prim 1957)."""
    n = points.shape[1]
    nearest = np.zeros(n, dtype=np.int64)
    distance = np.full(n, np.inf)
    outside = np.ones(n, dtype=np.bool_)
    row = np.empty(n)
    ends, starts, lengths = np.empty(n - 1, dtype=np.int64), np.empty(n - 1, dtype=np.int64), np.empty(n - 1)
    newest = 0
    outside[0] = False
    for edge in range(n - 1):
        if table.size == 0:
            _distances_from(points, newest, 0, row)
        else:
            for j in range(newest):
                row[j] = table[j * (2 * n - j - 1) // 2 - j - 1 + newest]
            _row(points, table, newest, row)
        best, closest = np.inf, -1
        for j in range(n):
            if outside[j]:
                if row[j] < distance[j]:
                    distance[j] = row[j]
                    nearest[j] = newest
                if closest < 0 or distance[j] < best:
                    best, closest = distance[j], j
        outside[closest] = False
        starts[edge], ends[edge], lengths[edge] = nearest[closest], closest, best
        newest = closest
    return starts, ends, lengths


@njit(cache=True)
def _slope(rise: float, radii: float, distance: float) -> float:
    """Return (|rise| + radii) / distance; infinite for points too close to tell, unless the rise is 0."""
    height = abs(rise) + radii
    if height == 0.0:
        return 0.0
    return height / distance if distance >= THIN else np.inf


@njit(cache=True)
def _insert(slope: float, partner: int, slopes: FloatArray, partners: IntArray) -> None:
    """Insert into a descending list that is full from the start (modified in place)."""
    place = slopes.size - 1
    if slope <= slopes[place]:
        return
    while place > 0 and slopes[place - 1] < slope:
        slopes[place], partners[place] = slopes[place - 1], partners[place - 1]
        place -= 1
    slopes[place], partners[place] = slope, partner


@njit(cache=True)
def steepest_pairs(
    points: FloatArray, table: FloatArray, values: FloatArray, threshold: float, kept: int
) -> tuple[IntArray, IntArray, float]:
    """Return the steepest pairs of every point, in which it is the higher or the lower one, and the largest slope.

    Parameters
    ----------
    points, table : ndarray
    values : ndarray, shape (N,)
    threshold : float
        Pairs whose slope |values_i - values_j| / |x_i - x_j| is not above it are left out.
    kept : int
        Pairs kept of either kind and every point.

    Returns
    -------
    higher, lower : ndarray of int
        The pairs, some twice.
    largest : float
        The largest slope of all pairs, of any size.
    """
    n = points.shape[1]
    row = np.empty(n)
    slopes = np.full((2, n, kept), threshold)
    partners = np.full((2, n, kept), -1, dtype=np.int64)
    largest = 0.0
    for i in range(n - 1):
        _row(points, table, i, row)
        for j in range(i + 1, n):
            slope = _slope(values[i] - values[j], 0.0, row[j])
            largest = max(largest, slope)
            if slope > threshold:
                kind = 0 if values[i] >= values[j] else 1
                _insert(slope, j, slopes[kind, i], partners[kind, i])
                _insert(slope, i, slopes[1 - kind, j], partners[1 - kind, j])
    count = 0
    for kind in range(2):
        for i in range(n):
            for k in range(kept):
                if partners[kind, i, k] >= 0:
                    count += 1
    higher, lower = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    place = 0
    for kind in range(2):
        for i in range(n):
            for k in range(kept):
                partner = partners[kind, i, k]
                if partner >= 0:
                    higher[place] = i if kind == 0 else partner
                    lower[place] = partner if kind == 0 else i
                    place += 1
    return higher, lower, largest


@njit(cache=True)
def largest_slope(points: FloatArray, table: FloatArray, values: FloatArray, radii: FloatArray) -> float:
    """Return the largest (|values_i - values_j| + radii_i + radii_j) / |x_i - x_j|."""
    n = points.shape[1]
    row = np.empty(n)
    largest = 0.0
    for i in range(n - 1):
        _row(points, table, i, row)
        for j in range(i + 1, n):
            largest = max(largest, _slope(values[i] - values[j], radii[i] + radii[j], row[j]))
    return largest


@njit(cache=True)
def pairs_above(
    points: FloatArray, table: FloatArray, values: FloatArray, radii: FloatArray, threshold: float, capacity: int
) -> tuple[int, IntArray]:
    """Return the number of pairs of slope >= threshold, and the first `capacity` of them, shape (capacity, 2)."""
    n = points.shape[1]
    row = np.empty(n)
    found = np.empty((capacity, 2), dtype=np.int64)
    count = 0
    for i in range(n - 1):
        _row(points, table, i, row)
        for j in range(i + 1, n):
            if _slope(values[i] - values[j], radii[i] + radii[j], row[j]) >= threshold:
                if count < capacity:
                    found[count, 0], found[count, 1] = i, j
                count += 1
    return count, found
