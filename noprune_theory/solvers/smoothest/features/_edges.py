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


class Edges:
    """The edges of the arrangement of `cells`, in the coordinates of its span.

    Parameters
    ----------
    cells : Cells
    planes : ndarray, shape (P, r)
        Distinct unit normals in the span.
    owner : ndarray of int, shape (N,)
        The plane of each unit; -1 where it has no slope.
    turned : ndarray, shape (N,)
        1.0 where the unit is active where its plane's normal says, -1.0 where it is on the other side.
    """

    def __init__(self, cells: Cells, planes: FloatArray, owner: IntArray, turned: FloatArray) -> None:
        self.cells, self.planes, self.owner, self.turned = cells, planes, owner, turned
        self.members, self.P, self.Q = _circles(planes, cells.lifted)
        if not cells.lifted:
            # The other half of every circle, whose crossings come in the same order.
            self.members = np.vstack([self.members, self.members])
            self.P, self.Q = np.vstack([self.P, -self.P]), np.vstack([self.Q, -self.Q])
        self.entries: IntArray = np.empty((len(self.P), len(planes) - self.members.shape[1]), dtype=np.int32)
        for begin in range(0, len(self.P), _BLOCK):
            rows = np.arange(begin, min(begin + _BLOCK, len(self.P)))
            self.entries[rows] = self._ordered(rows)
        self.best: FloatArray = np.zeros(len(self.P))
        self.place: IntArray = np.zeros(len(self.P), dtype=np.int64)
        d = cells.directions.shape[1]
        self.spatial = d <= 3 and self.members.shape[1] <= 2
        self.jumps: FloatArray = np.zeros((len(planes), max(d, 3)))
        self.base: FloatArray = np.zeros(max(d, 3))

    @classmethod
    def of(cls, cells: Cells) -> Edges | None:
        """Return the edges; None where the span has fewer than three dimensions or crossings are too many."""
        rows = np.flatnonzero(cells.tilts.any(axis=1))
        normals: FloatArray = cells.normals[rows] @ cells.span
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        # The first entry above rounding is positive.
        lead = normals[np.arange(len(normals)), np.argmax(np.abs(normals) > 1e-9, axis=1)]
        normals *= np.sign(lead)[:, None]
        _, first, inverse = np.unique(np.round(normals, 12) + 0.0, axis=0, return_index=True, return_inverse=True)
        planes = np.ascontiguousarray(normals[first])
        s = planes.shape[1] - 2
        if s < 1 or len(planes) <= s or math.comb(len(planes), s) * len(planes) > _LARGEST_WALK:
            return None
        owner = np.full(len(cells.normals), -1, dtype=np.int64)
        turned = np.ones(len(cells.normals))
        owner[rows], turned[rows] = inverse.ravel(), np.sign(lead)
        return cls(cells, planes, owner, turned)

    def _crossings(self, rows: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return where planes cross some circles, and the products alpha of planes and p, both of shape (m, P).

        At the angle t with alpha cos(t) + beta sin(t) = 0, given as -cot(t) = beta / alpha, which increases with t in
        [0, pi); infinite for planes that do not cross.
        """
        alpha, beta = self.P[rows] @ self.planes.T, self.Q[rows] @ self.planes.T
        first, none = np.abs(alpha) < _WIDTH, np.hypot(alpha, beta) < _WIDTH
        places = np.divide(beta, alpha, out=np.full_like(alpha, -_FIRST), where=~first)
        # A plane crossed at the very beginning: the state behind it is that of q.
        alpha = np.where(first, -beta, alpha)
        places[none] = np.inf
        np.put_along_axis(places, self.members[rows], np.inf, axis=1)
        return places, alpha

    def _angles(self, rows: IntArray, entries: IntArray, without: float) -> FloatArray:
        """Return the angles in [0, pi] of one crossing for each of some circles; `without` where there is none."""
        normals = self.planes[entries >> 2]
        alpha, beta = np.sum(self.P[rows] * normals, axis=1), np.sum(self.Q[rows] * normals, axis=1)
        angles = np.mod(np.arctan2(beta, alpha) + 0.5 * math.pi, math.pi)
        angles[np.abs(alpha) < _WIDTH] = 0.0
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
        jumps = weights[:, None] * self.cells.directions
        d = jumps.shape[1]
        owned = self.owner >= 0
        self.jumps[:] = 0.0
        np.add.at(self.jumps[:, :d], self.owner[owned], self.turned[owned, None] * jumps[owned])
        self.base[:d] = jumps[owned & (self.turned < 0)].sum(axis=0)
        walk = steepest_spatial if self.spatial else steepest_general
        walk(self.entries, self.members, self.jumps, self.base, self.best, self.place)
        return math.sqrt(max(float(self.best.max()), 0.0))

    def above(self, bound: float, limit: int) -> FloatArray:
        """Return points (m, D) in the steepest cells of the circles above `bound`, the steepest of `limit` circles."""
        rows = np.flatnonzero(self.best > bound * abs(bound))
        if len(rows) > limit:
            rows = rows[np.argpartition(-self.best[rows], limit - 1)[:limit]]
        return self._points(rows[np.argsort(-self.best[rows], kind="stable")])

    def _points(self, rows: IntArray) -> FloatArray:
        """Return points inside the cells beside the steepest arcs of some circles."""
        sides = np.empty((len(rows), self.members.shape[1]), dtype=np.int64)
        steepest_sides(rows, self.entries, self.members, self.jumps, self.base, self.place, sides)
        every, place = np.arange(len(rows)), self.place[rows]
        padded = np.column_stack([np.full(len(rows), -1), self.entries[rows], np.full(len(rows), -1)])
        begin = self._angles(rows, padded[every, place + 1], 0.0)
        middle = 0.5 * (begin + self._angles(rows, padded[every, place + 2], math.pi))
        on_edge = np.cos(middle)[:, None] * self.P[rows] + np.sin(middle)[:, None] * self.Q[rows]
        # Away from the circle at rate one from each of its planes, half way to the nearest other one.
        normals = self.planes[self.members[rows]]
        gram = normals @ normals.transpose(0, 2, 1)
        away = np.einsum("ms,msr->mr", np.linalg.solve(gram, sides[:, :, None].astype(np.float64))[:, :, 0], normals)
        walls = self.planes
        if self.cells.lifted:
            walls = np.vstack([walls, np.eye(walls.shape[1])[-1]])
        heights, rates = np.abs(on_edge @ walls.T), np.abs(away @ walls.T)
        for m in range(self.members.shape[1]):
            rates[np.arange(len(rows)), self.members[rows, m]] = 0.0
        reach = np.divide(heights, rates, out=np.full_like(heights, np.inf), where=rates > 0).min(axis=1)
        length = 0.5 * np.minimum(reach, 1.0 / np.linalg.norm(away, axis=1))
        return (on_edge + length[:, None] * away) @ self.cells.span.T


def _circles(planes: FloatArray, lifted: bool) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return planes (m, s) and orthonormal p, q (m, r) of enough circles to meet all cells.

    At a vertex s + 1 planes meet, any s of which span an edge of each cell there. Two of three planes are both in the
    first half of the list or both in the second: for s = 2 such pairs suffice. Where lifted, p lies at infinity and q
    on the side of the inputs, so that angles from 0 to pi are the line.
    """
    count, r = planes.shape
    s = r - 2
    if s == 1:
        members = np.arange(count)[:, None]
    elif s == 2:
        i, j = np.triu_indices(count, 1)
        same = (i < count // 2) == (j < count // 2)
        members = np.column_stack([i[same], j[same]])
    else:
        members = np.array(list(itertools.combinations(range(count), s)), dtype=np.int64)
    basis, triangle = np.linalg.qr(planes[members].transpose(0, 2, 1), mode="complete")
    independent = np.abs(np.diagonal(triangle, axis1=1, axis2=2)).min(axis=1) > _DEPENDENT
    p, q = basis[:, :, -2], basis[:, :, -1]
    if lifted:
        height = np.hypot(p[:, -1], q[:, -1])
        independent &= height > _DEPENDENT
        cosine, sine = (np.divide(x[:, -1], height, where=height > 0, out=np.zeros_like(height)) for x in (p, q))
        p, q = sine[:, None] * p - cosine[:, None] * q, cosine[:, None] * p + sine[:, None] * q
    return (
        np.ascontiguousarray(members[independent], dtype=np.int64),
        np.ascontiguousarray(p[independent]),
        np.ascontiguousarray(q[independent]),
    )
