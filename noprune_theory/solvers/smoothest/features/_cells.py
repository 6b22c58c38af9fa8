"""Linear regions of a one-hidden-layer ReLU model with variable output weights: lists, and tests of points.

Regions are cells of the arrangement of the normals w_j in R^D, D = d; with offsets, of (w_j, b_j) in R^D, D = d + 1, of
which those with x_D > 0 count. A cell is handed on as a point inside it, and its pattern is the set of active units.
"""

from __future__ import annotations

import numpy as np

from noprune_theory._scaling import scale, size_exponents
from noprune_theory._types import BoolArray, FloatArray

# Sine of the least angle between a point and a plane at which the point counts as inside a cell.
_CLEARANCE = 1e-12
# Share of the largest below which a singular value of the normals is one of a direction that no unit sees.
_SEEN = 2.3e-16
# Points whose products are formed at a time: they stay in the cache.
_BLOCK = 512


class Cells:
    """The linear regions of x -> sum_j a_j relu(<w_j, x> + b_j) for all output weights a.

    Parameters
    ----------
    directions : ndarray, shape (N, d)
        Gradients of the units, zero for a constant.
    normals : ndarray, shape (N, D)
        Rows (w_j, b_j), or w_j, over coordinates that may be scaled each by itself.
    """

    def __init__(self, directions: FloatArray, normals: FloatArray) -> None:
        self.directions, self.normals = directions, normals
        self.lifted = normals.shape[1] > directions.shape[1]
        self.tilts = normals[:, : directions.shape[1]]
        self.span = self._span()

    def _span(self) -> FloatArray:
        """Return an orthonormal basis (D, r) of what the units see of points, with the last axis where lifted."""
        rows = self.tilts[self.tilts.any(axis=1)]
        rows = scale(rows, -size_exponents(rows, 1)[:, None])
        d = rows.shape[1]
        _, s, Vt = np.linalg.svd(rows / np.linalg.norm(rows, axis=1, keepdims=True), full_matrices=False)
        rank = int(np.count_nonzero(s > max(rows.shape) * _SEEN * s[0]))
        if rank == d:
            return np.eye(self.normals.shape[1])
        span = np.zeros((self.normals.shape[1], rank + self.lifted))
        span[:d, :rank] = Vt[:rank].T
        if self.lifted:
            span[-1, -1] = 1.0
        return span

    def patterns(self, points: FloatArray) -> BoolArray:
        """Return the active units at points (m, D), shape (m, N)."""
        return np.asarray(points @ self.normals.T > 0)

    def slopes(self, patterns: FloatArray | BoolArray, weights: FloatArray) -> FloatArray:
        """Return the slopes of cells with given patterns, shape (m,)."""
        gradients = (patterns * weights) @ self.directions
        return np.asarray(np.sqrt(np.einsum("cd,cd->c", gradients, gradients)))

    def lift(self, X: FloatArray) -> FloatArray:
        """Return inputs (m, d) as points (m, D)."""
        return np.column_stack([X, np.ones(len(X))]) if self.lifted else X

    def lower(self, points: FloatArray) -> FloatArray:
        """Return points (m, D) as inputs (m, d)."""
        return points[:, :-1] / points[:, -1:] if self.lifted else points

    def all_points(self) -> FloatArray | None:
        """Return one point a cell, where the span has at most two dimensions; None otherwise."""
        planes: FloatArray = self.normals[self.tilts.any(axis=1)] @ self.span
        if self.lifted:
            planes = np.vstack([planes, np.eye(planes.shape[1])[-1]])
        planes = _distinct_planes(planes / np.linalg.norm(planes, axis=1, keepdims=True))
        if planes.shape[1] == 1:
            points: FloatArray = np.array([[1.0], [-1.0]])
        elif planes.shape[1] == 2:
            points = _planar_points(planes)
        else:
            return None
        return self.distinct(points @ self.span.T)

    def interior(self, points: FloatArray) -> FloatArray:
        """Return those of `points` that lie clearly inside a cell, lifted ones at x_D > 0, over powers of two."""
        points = scale(points, -size_exponents(points, 1)[:, None])
        if self.span.shape[1] < points.shape[1]:
            # Along directions that no unit sees a point may lie anywhere.
            points = (points @ self.span) @ self.span.T
            points = scale(points, -size_exponents(points, 1)[:, None])
        length = np.linalg.norm(points, axis=1)
        inside = length > 0
        if self.lifted:
            inside &= points[:, -1] > _CLEARANCE * length
        points, length = points[inside], length[inside]
        clearance = _CLEARANCE * np.linalg.norm(self.normals, axis=1)
        clear = np.ones(len(points), dtype=bool)
        for begin in range(0, len(points), _BLOCK):
            block = slice(begin, begin + _BLOCK)
            products = np.abs(points[block] @ self.normals.T)
            clear[block] = np.all(products > length[block, None] * clearance, axis=1)
        return points[clear]

    def distinct(self, points: FloatArray) -> FloatArray:
        """Return one point of each cell that clearly holds any of `points`."""
        points = self.interior(points)
        firsts: dict[bytes, int] = {}
        for place, pattern in enumerate(np.packbits(self.patterns(points), axis=1)):
            firsts.setdefault(pattern.tobytes(), place)
        return points[list(firsts.values())]


def _distinct_planes(planes: FloatArray) -> FloatArray:
    """Return one unit normal for each plane; opposite ones, and those that agree to rounding, share it."""
    lead = planes[np.arange(len(planes)), np.argmax(np.abs(planes) > 1e-9, axis=1)]
    turned = np.round(planes * np.sign(lead)[:, None], 12) + 0.0
    return planes[np.sort(np.unique(turned, axis=0, return_index=True)[1])]


def _planar_points(planes: FloatArray) -> FloatArray:
    """Return the middles of the arcs between the lines through 0 with the given unit normals."""
    angles = np.arctan2(planes[:, 1], planes[:, 0]) + 0.5 * np.pi
    angles = np.sort(np.concatenate([angles, angles + np.pi]) % (2 * np.pi))
    middles = 0.5 * (angles + np.append(angles[1:], angles[0] + 2 * np.pi))
    return np.column_stack([np.cos(middles), np.sin(middles)])
