"""All linear regions of few dimensions, searched exactly: walks along the edges of their arrangement.

Every cell has an edge, an arc of a circle in which s = D - 2 planes meet. The order of the crossings on a circle is
found once, and one pass of additions then gives the slopes of all cells beside it for any weights.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.solvers.smoothest.features._cells import Cells
from noprune_theory.solvers.smoothest.features._edge_kernels import (
    steepest_general,
    steepest_sides,
    steepest_spatial,
)

# Crossings that are kept at most, of four bytes each.
_LARGEST_WALK = 1 << 24
# Below this sine planes of a circle count as dependent, and a circle of a lifted arrangement as one at infinity.
_DEPENDENT = 1e-9
# Width of an arc, and share of a normal in the circle's plane, that count as more than rounding.
_WIDTH = 1e-12
# Stands for an infinite cotangent.
_FIRST = 1e300
# Circles whose crossings are sorted at a time.
_BLOCK = 1024


class Planes:
    """The distinct planes of the units, in the coordinates of what the units see of points.

    Attributes
    ----------
    normals : ndarray, shape (P, r)
        Unit normals.
    span : ndarray, shape (D, r)
    lifted : bool
    """

    def __init__(self, cells: Cells) -> None:
        self.directions, self.span, self.lifted = cells.directions, cells.span, cells.lifted
        rows = np.flatnonzero(cells.tilts.any(axis=1))
        normals: FloatArray = cells.normals[rows] @ cells.span
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        # The first entry above rounding is positive.
        lead = np.sign(normals[np.arange(len(normals)), np.argmax(np.abs(normals) > 1e-9, axis=1)])
        normals *= lead[:, None]
        _, first, inverse = np.unique(np.round(normals, 12) + 0.0, axis=0, return_index=True, return_inverse=True)
        self.normals: FloatArray = np.ascontiguousarray(normals[first])
        self.rows, self.owners, self.turned = rows, inverse.ravel(), lead

    def jumps(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the changes of the gradient (P, d or 3) across the planes, and the gradient where none is active."""
        own = weights[self.rows, None] * self.directions[self.rows]
        d = own.shape[1]
        jumps, base = np.zeros((len(self.normals), max(d, 3))), np.zeros(max(d, 3))
        np.add.at(jumps[:, :d], self.owners, self.turned[:, None] * own)
        base[:d] = own[self.turned < 0].sum(axis=0)
        return jumps, base


class Circles:
    """Circles on which some planes meet, and the order in which the others cross them.

    Parameters
    ----------
    planes : Planes
    members : ndarray of int, shape (m, s)
        Planes that contain the circle.
    P, Q : ndarray, shape (m, r)
        Orthonormal; angles from 0 to pi count, which for lifted inputs is a line if P lies at infinity.
    """

    def __init__(self, planes: Planes, members: IntArray, P: FloatArray, Q: FloatArray) -> None:
        if not planes.lifted:
            # The other half of every circle.
            members, P, Q = np.vstack([members, members]), np.vstack([P, -P]), np.vstack([Q, -Q])
        self.planes, self.members, self.P, self.Q = planes, members, P, Q
        self.entries: IntArray = np.empty((len(P), len(planes.normals) - members.shape[1]), dtype=np.int32)
        for begin in range(0, len(P), _BLOCK):
            rows = np.arange(begin, min(begin + _BLOCK, len(P)))
            self.entries[rows] = self._ordered(rows)
        self.best: FloatArray = np.zeros(len(P))
        self.place: IntArray = np.zeros(len(P), dtype=np.int64)
        self.jumps: FloatArray = np.zeros((len(planes.normals), max(planes.directions.shape[1], 3)))
        self.base: FloatArray = np.zeros(self.jumps.shape[1])
        self.spatial = self.jumps.shape[1] == 3 and 1 <= members.shape[1] <= 2

    def _crossings(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return where planes cross some circles, and the products alpha of planes and p, both of shape (m, P).

        At the angle t with alpha cos(t) + beta sin(t) = 0, given as -cot(t) = beta / alpha, which increases with t in
        [0, pi); infinite for planes that do not cross.
        """
        alpha, beta = self.P[rows] @ self.planes.normals.T, self.Q[rows] @ self.planes.normals.T
        length = np.hypot(alpha, beta)
        # Crossed at the ends alone: the state between is that of q.
        ends, none = np.abs(alpha) <= _WIDTH * length, length < _WIDTH
        places = np.divide(beta, alpha, out=np.full_like(alpha, _FIRST), where=~ends)
        alpha = np.where(ends, beta, alpha)
        places[none] = np.inf
        np.put_along_axis(places, self.members[rows], np.inf, axis=1)
        return places, alpha

    def _angles(self, rows: IntArray, entries: IntArray, without: float) -> FloatArray:
        """Return the angles in [0, pi] of one crossing for each of some circles; `without` where there is none."""
        normals = self.planes.normals[entries >> 2]
        alpha, beta = np.sum(self.P[rows] * normals, axis=1), np.sum(self.Q[rows] * normals, axis=1)
        angles = np.mod(np.arctan2(beta, alpha) + 0.5 * math.pi, math.pi)
        angles[np.abs(alpha) <= _WIDTH * np.hypot(alpha, beta)] = math.pi
        return np.where(entries < 0, without, angles)

    def _ordered(self, rows: IntArray) -> IntArray:
        """Return the entries of some circles."""
        places, alpha = self._crossings(rows)
        order = np.argsort(places, axis=1)[:, : self.entries.shape[1]]
        sorted_places = np.take_along_axis(places, order, axis=1)
        # The sine of the angle between neighbours; the last arc ends at pi.
        after = np.column_stack([sorted_places[:, 1:], np.full(len(rows), _FIRST)])
        after = np.minimum(after, _FIRST)
        with np.errstate(invalid="ignore"):
            widths = (after / np.hypot(1, after) - sorted_places / np.hypot(1, after)) / np.hypot(1, sorted_places)
        active = np.take_along_axis(alpha, order, axis=1) > 0
        entries = 4 * order + 2 * active + (widths > _WIDTH)
        return np.where(np.isinf(sorted_places), -1, entries)

    def steepest(self, weights: FloatArray) -> float:
        """Return the largest slope over all cells, and remember the steepest arc of every circle."""
        jumps, base = self.planes.jumps(weights)
        self.jumps, self.base = jumps, base
        walk = steepest_spatial if self.spatial else steepest_general
        walk(self.entries, self.members, jumps, base, self.best, self.place)
        return math.sqrt(max(float(self.best.max()), 0.0))

    def above(self, bound: float, limit: int) -> FloatArray:
        """Return points (m, D) in the steepest cells of the circles above `bound`, the steepest of `limit` circles."""
        rows = np.flatnonzero(self.best > bound * abs(bound))
        if len(rows) > limit:
            rows = rows[np.argpartition(-self.best[rows], limit - 1)[:limit]]
        return self.points(rows[np.argsort(-self.best[rows], kind="stable")])

    def points(self, rows: IntArray) -> FloatArray:
        """Return points inside the cells beside the steepest arcs of some circles."""
        sides = np.empty((len(rows), self.members.shape[1]), dtype=np.int64)
        steepest_sides(rows, self.entries, self.members, self.jumps, self.base, self.place, sides)
        every, place = np.arange(len(rows)), self.place[rows]
        padded = np.column_stack([np.full(len(rows), -1), self.entries[rows], np.full(len(rows), -1)])
        begin = self._angles(rows, padded[every, place + 1], 0.0)
        middle = 0.5 * (begin + self._angles(rows, padded[every, place + 2], math.pi))
        on_edge = np.cos(middle)[:, None] * self.P[rows] + np.sin(middle)[:, None] * self.Q[rows]
        if self.members.shape[1] == 0:
            return on_edge @ self.planes.span.T
        # Away from the circle at rate one from each of its planes, half way to the nearest other one.
        normals = self.planes.normals[self.members[rows]]
        gram = normals @ normals.transpose(0, 2, 1)
        away = np.einsum("ms,msr->mr", np.linalg.solve(gram, sides[:, :, None].astype(np.float64))[:, :, 0], normals)
        walls = self.planes.normals
        if self.planes.lifted:
            walls = np.vstack([walls, np.eye(walls.shape[1])[-1]])
        heights, rates = np.abs(on_edge @ walls.T), np.abs(away @ walls.T)
        for m in range(self.members.shape[1]):
            rates[np.arange(len(rows)), self.members[rows, m]] = 0.0
        reach = np.divide(heights, rates, out=np.full_like(heights, np.inf), where=rates > 0).min(axis=1)
        length = 0.5 * np.minimum(reach, 1.0 / np.linalg.norm(away, axis=1))
        return (on_edge + length[:, None] * away) @ self.planes.span.T


def all_edges(planes: Planes) -> Circles | None:
    """Return circles that meet all cells; None where there are fewer than three dimensions or too many crossings.

    At a vertex s + 1 planes meet, any s = r - 2 of which span an edge of each cell there. Two of three planes are both
    in the first half of the list or both in the second: for s = 2 such pairs suffice.
    """
    count, r = planes.normals.shape
    s = r - 2
    if s < 1 or count <= s or math.comb(count, s) * count > _LARGEST_WALK:
        return None
    if s == 2:
        i, j = np.triu_indices(count, 1)
        same = (i < count // 2) == (j < count // 2)
        members = np.column_stack([i[same], j[same]])
    else:
        members = np.array(list(itertools.combinations(range(count), s)), dtype=np.int64)
    basis, triangle = np.linalg.qr(planes.normals[members].transpose(0, 2, 1), mode="complete")
    independent = np.abs(np.diagonal(triangle, axis1=1, axis2=2)).min(axis=1) > _DEPENDENT
    return _oriented(planes, members[independent], basis[independent, :, -2], basis[independent, :, -1])


def circles_near(planes: Planes, members: IntArray, x: FloatArray, heading: FloatArray) -> Circles:
    """Return circles on the planes `members` (m, s) through about the points x, headed about as `heading` (m, r)."""
    normals = planes.normals[members]
    gram = normals @ normals.transpose(0, 2, 1)
    independent = np.linalg.det(gram) > _DEPENDENT
    members, normals, gram, x, heading = (v[independent] for v in (members, normals, gram, x, heading))
    both = np.stack([x, heading], axis=2)
    both = both - normals.transpose(0, 2, 1) @ np.linalg.solve(gram, normals @ both)
    basis, triangle = np.linalg.qr(both)
    lengths = np.abs(np.diagonal(triangle, axis1=1, axis2=2)).min(axis=1)
    whole = lengths > _DEPENDENT
    return _oriented(planes, members[whole], basis[whole, :, 0], basis[whole, :, 1])


def _oriented(planes: Planes, members: IntArray, p: FloatArray, q: FloatArray) -> Circles:
    """Return the circles of orthonormal p and q; where lifted, with p at infinity and q on the side of the inputs."""
    if planes.lifted:
        height = np.hypot(p[:, -1], q[:, -1])
        finite = height > _DEPENDENT
        members, p, q, height = members[finite], p[finite], q[finite], height[finite]
        cosine, sine = p[:, -1:] / height[:, None], q[:, -1:] / height[:, None]
        p, q = sine * p - cosine * q, cosine * p + sine * q
    return Circles(
        planes, np.ascontiguousarray(members, dtype=np.int64), np.ascontiguousarray(p), np.ascontiguousarray(q)
    )
