"""Linear regions of a one-hidden-layer ReLU model with variable output weights: lists and searches.

Regions are cells of the arrangement of the normals w_j in R^D, D = d; with offsets, of (w_j, b_j) in R^D, D = d + 1, of
which those with x_D > 0 count. A cell is handed on as a point inside it, and its pattern is the set of active units.
"""

from __future__ import annotations

import numpy as np

from noprune_theory._scaling import scale, size_exponents
from noprune_theory._types import BoolArray, FloatArray, IntArray

# All cells are listed where their number, about M^2 for M planes in R^3, stays moderate.
_LARGEST_SPATIAL_LIST = 200
# Sine of the least angle between a point and a plane at which the point counts as inside a cell.
_CLEARANCE = 1e-12
# Share of the largest below which a singular value of the normals is one of a direction that no unit sees.
_SEEN = 2.3e-16
_CIRCLE_STARTS = 96
_CIRCLE_ROUNDS = 24
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
        _, s, Vt = np.linalg.svd(rows / np.linalg.norm(rows, axis=1, keepdims=True))
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
        """Return one point a cell, where the span has at most three dimensions and planes are few; None otherwise."""
        planes: FloatArray = self.normals[self.tilts.any(axis=1)] @ self.span
        if self.lifted:
            planes = np.vstack([planes, np.eye(planes.shape[1])[-1]])
        planes = _distinct_planes(planes / np.linalg.norm(planes, axis=1, keepdims=True))
        if planes.shape[1] == 1:
            points: FloatArray = np.array([[1.0], [-1.0]])
        elif planes.shape[1] == 2:
            points = _planar_points(planes)
        elif planes.shape[1] == 3 and 2 <= len(planes) <= _LARGEST_SPATIAL_LIST:
            points = _spatial_points(planes)
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

    def circle_points(
        self, weights: FloatArray, seeds: FloatArray, bound: float, rng: np.random.Generator
    ) -> FloatArray:
        """Return points of cells steeper than `bound`, found along great circles from `seeds` and random points.

        Every start moves to the steepest arc of its circle and on from there; the steepest arcs of all circles are
        returned. (Neighbouring arcs are steep too, but cut off nearly the same weights.)
        """
        dimension = self.normals.shape[1]
        random = rng.standard_normal((_CIRCLE_STARTS, dimension))
        if self.lifted:
            random[:, -1] = np.abs(random[:, -1])
        points: FloatArray = np.vstack([seeds, random])
        values: FloatArray = np.full(len(points), -np.inf)
        found = [points[:0]]
        for round_number in range(_CIRCLE_ROUNDS):
            heading: FloatArray = rng.standard_normal(points.shape)
            if round_number % 2:
                # Towards another start: steep cells tend to lie near each other.
                heading = points[rng.permutation(len(points))] + 0.1 * heading
            sweep = _CircleSweep(self, weights, points, heading)
            steepest, better = sweep.best_points(), sweep.best > values
            values[better], points[better] = sweep.best[better], steepest[better]
            found.append(steepest[sweep.best > bound])
        return self.distinct(np.vstack(found))


class _CircleSweep:
    """Slopes on all arcs of great circles, one circle a row: gradients are prefix sums in the order of the angle.

    On the half circle cos(t) p + sin(t) q, 0 <= t <= pi, unit j changes once, at the angle where <n_j, x> = 0; on the
    opposite half the other units are active, and the gradient is the sum over all units minus this one.
    """

    def __init__(self, cells: Cells, weights: FloatArray, starts: FloatArray, headings: FloatArray) -> None:
        self.p = starts / np.linalg.norm(starts, axis=1, keepdims=True)
        self.q = headings - np.sum(headings * self.p, axis=1, keepdims=True) * self.p
        self.q /= np.linalg.norm(self.q, axis=1, keepdims=True) + 1e-300
        alpha, beta = self.p @ cells.normals.T, self.q @ cells.normals.T
        turns = np.mod(np.arctan2(beta, alpha) + 0.5 * np.pi, np.pi)
        order: IntArray = np.argsort(turns, axis=1)
        jumps = weights[:, None] * cells.directions
        active = alpha > 0
        signs = np.take_along_axis(np.where(active, -1.0, 1.0), order, axis=1)
        gradients = np.empty((len(self.p), len(weights) + 1, cells.directions.shape[1]))
        gradients[:, 0] = active @ jumps
        np.multiply(jumps[order], signs[:, :, None], out=gradients[:, 1:])
        np.cumsum(gradients, axis=1, out=gradients)
        ends = np.zeros((len(self.p), len(weights) + 2))
        ends[:, 1:-1], ends[:, -1] = np.take_along_axis(turns, order, axis=1), np.pi
        self.middles: FloatArray = 0.5 * (ends[:, 1:] + ends[:, :-1])
        opposite = jumps.sum(axis=0) - gradients
        slopes = np.stack([np.einsum("mnd,mnd->mn", g, g) for g in (gradients, opposite)], axis=1)
        open_arcs = np.broadcast_to((ends[:, 1:] - ends[:, :-1] > 1e-12)[:, None, :], slopes.shape).copy()
        if cells.lifted:
            height = np.cos(self.middles) * self.p[:, -1:] + np.sin(self.middles) * self.q[:, -1:]
            open_arcs &= np.stack([height > 1e-12, height < -1e-12], axis=1)
        # Shape (m, 2, N + 1): both half circles, all arcs.
        self.slopes: FloatArray = np.sqrt(np.where(open_arcs, slopes, 0.0))
        self.best: FloatArray = self.slopes.max(axis=(1, 2))

    def best_points(self) -> FloatArray:
        """Return the middle of the steepest arc of every circle."""
        rows = np.arange(len(self.p))
        flat = np.argmax(self.slopes.reshape(len(self.p), -1), axis=1)
        half, arc = np.divmod(flat, self.slopes.shape[2])
        angle = self.middles[rows, arc][:, None]
        side = np.where(half == 0, 1.0, -1.0)[:, None]
        return np.asarray(side * (np.cos(angle) * self.p + np.sin(angle) * self.q))


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
