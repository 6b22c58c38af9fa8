"""Linear regions of a one-hidden-layer ReLU model with variable output weights: lists and searches.

Regions are cells of the arrangement of the normals w_j in R^D, D = d; with offsets, of (w_j, b_j) in R^D, D = d + 1, of
which those with x_D > 0 count. A cell is handed on as a point inside it, and its pattern is the set of active units.
"""

from __future__ import annotations

import numpy as np

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.lipschitz._arrangement import build_arrangement
from noprune_theory.lipschitz.great_circle import best_on_circles

# All cells are listed where their number, about M^2 for M planes in R^3, stays moderate.
_LARGEST_SPATIAL_LIST = 200
_CIRCLE_STARTS = 96
_CIRCLE_ROUNDS = 24


class Cells:
    """The linear regions of x -> sum_j a_j relu(<w_j, x> + b_j) for all output weights a.

    Parameters
    ----------
    directions : ndarray, shape (N, d)
    offsets : ndarray, shape (N,), or None
    """

    def __init__(self, directions: FloatArray, offsets: FloatArray | None) -> None:
        self.directions, self.offsets = directions, offsets
        self.lifted = offsets is not None
        self.normals: FloatArray = directions if offsets is None else np.column_stack([directions, offsets])

    def patterns(self, points: FloatArray) -> BoolArray:
        """Return the active units at points (m, D), shape (m, N)."""
        return np.asarray(points @ self.normals.T > 0)

    def lift(self, X: FloatArray) -> FloatArray:
        """Return inputs (m, d) as points (m, D)."""
        return np.column_stack([X, np.ones(len(X))]) if self.lifted else X

    def lower(self, points: FloatArray) -> FloatArray:
        """Return points (m, D) as inputs (m, d)."""
        return points[:, :-1] / points[:, -1:] if self.lifted else points

    def all_points(self) -> FloatArray | None:
        """Return one point a cell, where D <= 3 and there are not too many planes; None otherwise."""
        planes = self.normals
        if self.lifted:
            planes = np.vstack([planes, np.eye(planes.shape[1])[-1]])
        planes = planes[planes.any(axis=1)]
        planes = planes / np.linalg.norm(planes, axis=1, keepdims=True)
        if planes.shape[1] == 1:
            points = np.array([[1.0], [-1.0]])
        elif planes.shape[1] == 2:
            points = _planar_points(planes)
        elif planes.shape[1] == 3 and 2 <= len(planes) <= _LARGEST_SPATIAL_LIST:
            points = _spatial_points(planes)
        else:
            return None
        return self.distinct(points)

    def distinct(self, points: FloatArray) -> FloatArray:
        """Return one point of each cell that holds any of `points`; lifted ones lie at x_D > 0."""
        if self.lifted:
            points = points[points[:, -1] > 1e-12 * np.linalg.norm(points, axis=1)]
        packed = np.packbits(self.patterns(points), axis=1)
        return points[np.unique(packed, axis=0, return_index=True)[1]]

    def circle_points(self, weights: FloatArray, seeds: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Return points of steep cells, found by exact searches along great circles from `seeds` and random points.

        All cells that a search passes on its way up are returned, since they are steep too.
        """
        arrangement = build_arrangement(self.directions, weights, self.offsets)
        dimension = self.normals.shape[1]
        random = rng.standard_normal((_CIRCLE_STARTS, dimension))
        if self.lifted:
            random[:, -1] = np.abs(random[:, -1])
        points = np.vstack([seeds, random])
        values = np.full(len(points), -np.inf)
        visited = []
        for _ in range(_CIRCLE_ROUNDS):
            first = points / np.linalg.norm(points, axis=1, keepdims=True)
            second = rng.standard_normal(points.shape)
            second -= np.sum(second * first, axis=1, keepdims=True) * first
            second /= np.linalg.norm(second, axis=1, keepdims=True)
            found, where = best_on_circles(arrangement, first, second)
            better = found > values
            values[better], points[better] = found[better], where[better]
            visited.append(points[better])
        return self.distinct(np.vstack(visited))


def _planar_points(planes: FloatArray) -> FloatArray:
    """Return the middles of the arcs between the lines through 0 with the given unit normals."""
    angles = np.arctan2(planes[:, 1], planes[:, 0]) + 0.5 * np.pi
    angles = np.sort(np.concatenate([angles, angles + np.pi]) % (2 * np.pi))
    middles = 0.5 * (angles + np.append(angles[1:], angles[0] + 2 * np.pi))
    return np.column_stack([np.cos(middles), np.sin(middles)])


def _spatial_points(planes: FloatArray) -> FloatArray:
    """Return points around every ray in which two planes through 0 meet: each cell in general position has such a ray.

    Beside the ray v of planes i and j the four points v + h (+-t_i +- t_j), with t_i on plane j and <n_i, t_i> = 1, lie
    in the four cells there when h is half the distance, in that direction, to the nearest other plane. Rays on further
    planes (masked normals make them) give no point.
    """
    i, j = np.triu_indices(len(planes), 1)
    ray = np.cross(planes[i], planes[j])
    length = np.linalg.norm(ray, axis=1)
    crossing = length > 1e-9
    i, j, ray = i[crossing], j[crossing], ray[crossing] / length[crossing, None]
    cosine = np.sum(planes[i] * planes[j], axis=1, keepdims=True)
    across_i = (planes[i] - cosine * planes[j]) / (1 - cosine**2)
    across_j = (planes[j] - cosine * planes[i]) / (1 - cosine**2)
    heights = np.abs(ray @ planes.T)
    rows = np.arange(len(i))
    points = []
    for sign_i in (1.0, -1.0):
        for sign_j in (1.0, -1.0):
            across = sign_i * across_i + sign_j * across_j
            slopes = np.abs(across @ planes.T)
            slopes[rows, i] = slopes[rows, j] = 0.0
            reach = np.min(np.divide(heights, slopes, out=np.full_like(slopes, np.inf), where=slopes > 0), axis=1)
            free = reach > 1e-9
            step = (0.5 * np.minimum(reach[free], 1.0))[:, None] * across[free]
            points += [ray[free] + step, -ray[free] + step]
    return np.vstack(points)
