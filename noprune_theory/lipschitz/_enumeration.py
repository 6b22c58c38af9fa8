"""Largest gradient norm over all cells of a central hyperplane arrangement in R^D, D >= 3, with a point of its cell.

Every cell of an arrangement of rank D has an edge, that is an arc of a circle in which D - 2 independent hyperplanes
meet. The sweep sorts the kinks along each circle and looks at every arc, with every side of the hyperplanes through it.

In a simple arrangement a cell has a vertex, on D - 1 hyperplanes, and edges along each D - 2 of them, so the circles of
a family of (D - 2)-sets that meets every (D - 1)-set suffice: half of the pairs, four ninths of the triples (Turan).

Kinks nearer than rounding can order are doubts. A doubt that could beat the maximum is settled in rational arithmetic:
either all its hyperplanes share a ray (masked weights do that), then no cell lies between them, or their exact order
is used. Tuples to which float64 finds a further hyperplane through the same circle are treated once a circle, with the
cells of the smaller arrangement of all hyperplanes through it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cmp_to_key
from itertools import combinations, pairwise
from time import perf_counter
from typing import Any

import numpy as np
import scipy

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.lipschitz._arrangement import Arrangement
from noprune_theory.lipschitz._circle_doubt_kernels import doubtful_groups
from noprune_theory.lipschitz._circle_sweep_kernels import sweep_circles
from noprune_theory.lipschitz._circles import Block, circle_blocks

_WIDTH = 8  # jumps are padded to this many columns, which the compiled loops unroll
_MAX_DOUBTS = 1 << 14
_FLAT = 1e-11  # directions with a smaller component off a flat are candidates for lying in it, then checked exactly


@dataclass(slots=True, eq=False)
class Enumeration:
    """State of one enumeration: the best cell so far and what could not be decided.

    Attributes
    ----------
    value : float
        Largest gradient norm found (arrangement scale).
    points : list of ndarray, shape (D,)
        Candidate points of the best cell, empty while the incumbent stands.
    unreached : float
        Bound on gradients of cells that exist or not within rounding; 0 when all doubts were settled.
    circles, ties : int
    status : str
    """

    value: float
    points: list[FloatArray] = field(default_factory=list)
    unreached: float = 0.0
    circles: int = 0
    ties: int = 0
    status: str = "complete"


@dataclass(frozen=True, slots=True, eq=False)
class Essential:
    """An arrangement in coordinates of the span of its normals.

    Attributes
    ----------
    normals : ndarray, shape (M, D)
    original : ndarray, shape (M, D0)
        The normals as given, for exact rank computations.
    embedding : ndarray, shape (D0, D)
        Points of the span in original coordinates.
    supports : ndarray of int64, shape (M,)
        Bit k set where coordinate k of a normal is not exactly zero.
    jumps : ndarray, shape (M, 8), and lengths : ndarray, shape (M,)
        Gradient jumps, padded with zeros, and their norms.
    center : ndarray, shape (8,)
    infinity : int
        Index of the hyperplane at infinity, -1 for none.
    """

    normals: FloatArray
    original: FloatArray
    embedding: FloatArray
    supports: IntArray
    jumps: FloatArray
    lengths: FloatArray
    center: FloatArray
    infinity: int


def essential(arrangement: Arrangement) -> Essential:
    """Return the arrangement in coordinates of the span of its normals; only zero columns go where the rank is full."""
    normals, jumps = arrangement.normals, arrangement.jumps
    count, width = normals.shape
    used = normals.any(axis=0)
    embedding = np.eye(width)[:, used]
    reduced = normals[:, used]
    if np.linalg.matrix_rank(reduced, tol=_FLAT) < reduced.shape[1] and exact_rank(reduced) < reduced.shape[1]:
        span = scipy.linalg.orth(reduced.T, rcond=_FLAT)
        embedding, reduced = embedding @ span, reduced @ span
    padded = np.zeros((count, _WIDTH))
    padded[:, : jumps.shape[1]] = jumps
    center = np.zeros(_WIDTH)
    center[: jumps.shape[1]] = arrangement.center
    # After a rotation no coordinate is exactly zero any more.
    zeros_known = reduced.shape[1] == used.sum()
    bits = (reduced != 0) if zeros_known else np.ones(reduced.shape, dtype=bool)
    supports = bits.astype(np.int64) @ (1 << np.arange(reduced.shape[1], dtype=np.int64))
    lengths, infinity = np.linalg.norm(padded, axis=1), count - 1 if arrangement.lifted else -1
    return Essential(reduced, normals, embedding, supports, padded, lengths, center, infinity)


def integer_rows(rows: FloatArray) -> list[list[int]]:
    """Return each row times a power of two as exact integers."""
    mantissas, exponents = np.frexp(rows)
    shifts = exponents - np.min(exponents, axis=1, where=rows != 0, initial=2000)[:, None]
    whole = np.ldexp(mantissas, 53)
    return [
        [int(m) << int(e) if m else 0 for m, e in zip(row, shift, strict=True)]
        for row, shift in zip(whole.tolist(), shifts.tolist(), strict=True)
    ]


def exact_rank(rows: FloatArray) -> int:
    """Return the rank of a float matrix, by fraction-free elimination in integers."""
    basis: list[tuple[int, list[int]]] = []
    for row in integer_rows(np.asarray(rows)):
        if len(basis) == rows.shape[1]:
            break
        rest = row
        for pivot, vector in basis:
            if rest[pivot]:
                scale, factor = vector[pivot], rest[pivot]
                rest = [scale * x - factor * y for x, y in zip(rest, vector, strict=True)]
        leading = next((k for k, entry in enumerate(rest) if entry), None)
        if leading is not None:
            divisor = math.gcd(*rest)
            basis.append((leading, [entry // divisor for entry in rest]))
    return len(basis)


def exact_plane(rows: FloatArray) -> list[list[Fraction]]:
    """Return a rational basis of the null space of a float matrix."""
    reduced: list[tuple[int, list[Fraction]]] = []
    for integers in integer_rows(rows):
        row = [Fraction(entry) for entry in integers]
        for pivot, vector in reduced:
            row = [x - row[pivot] * y for x, y in zip(row, vector, strict=True)]
        leading = next((k for k, entry in enumerate(row) if entry), None)
        if leading is None:
            continue
        row = [entry / row[leading] for entry in row]
        reduced = [
            (pivot, [x - vector[leading] * y for x, y in zip(vector, row, strict=True)]) for pivot, vector in reduced
        ]
        reduced.append((leading, row))
    pivots = dict(reduced)
    return [
        [-pivots[k][free] if k in pivots else Fraction(int(k == free)) for k in range(rows.shape[1])]
        for free in range(rows.shape[1])
        if free not in pivots
    ]


def enumerate_maximum(arrangement: Arrangement, incumbent: float, deadline: float) -> Enumeration:
    """Return the largest gradient norm over all cells, at least `incumbent`, a norm known to be attained."""
    system = essential(arrangement)
    if system.normals.shape[1] == 1:
        return _single_plane(system, incumbent)
    simple = Enumeration(incumbent)
    if _sweep(system, simple, deadline, simple=True):
        return simple
    # Not in general position: the short family of circles may miss cells, so all circles are swept.
    general = Enumeration(simple.value, simple.points)
    _sweep(system, general, deadline, simple=False)
    return general


def _single_plane(system: Essential, incumbent: float) -> Enumeration:
    half = 0.5 * np.sign(system.normals[0, 0]) * system.jumps[0]
    plus, minus = np.linalg.norm(system.center + half), np.linalg.norm(system.center - half)
    side = 1.0 if plus >= minus else -1.0
    return Enumeration(max(incumbent, float(plus), float(minus)), [side * system.embedding[:, 0]])


def _sweep(system: Essential, result: Enumeration, deadline: float, *, simple: bool) -> bool:
    """Sweep the circles into `result`; return False as soon as `simple` turns out to be a wrong assumption."""
    resolver = DoubtResolver(system, result)
    try:
        for block in circle_blocks(system, simple=simple):
            result.circles += block.tuples.shape[0]
            tied = _sweep_block(system, result, block)
            result.ties += tied.size
            if simple and (tied.size or (block.limits < 0).any()):
                return False
            if tied.size:
                _collect_doubts(system, result, resolver, block, tied)
            for circle in np.flatnonzero(block.limits == -1):
                resolver.sweep_flat(block.tuples[circle])
            if perf_counter() > deadline:
                result.status = "out of time"
                return True
    except KeyboardInterrupt:
        result.status = "interrupted"
        return True
    resolver.settle()
    return True


def _sweep_block(system: Essential, result: Enumeration, block: Block) -> IntArray:
    """Visit the cells along a block of circles; return the circles with kinks that are too near to be ordered."""
    found, tied = np.full(4, -1, dtype=np.int64), np.empty(block.limits.shape[0], dtype=np.bool_)
    value = sweep_circles(
        block.keys, block.starts, block.limits, block.infinity_keys, block.tuples, block.bits, system.jumps,
        system.lengths, system.lengths.max(), system.center, result.value, found, tied,
    )  # fmt: skip
    if value > result.value:
        result.value = value
        result.points = _cell_points(system, block, found)
    return np.flatnonzero(tied)


def _collect_doubts(
    system: Essential, result: Enumeration, resolver: DoubtResolver, block: Block, tied: IntArray
) -> None:
    doubts = np.empty((_MAX_DOUBTS, 4))
    n_doubts = doubtful_groups(
        block.keys, block.starts, block.limits, tied, block.tuples, system.supports, system.normals.shape[1],
        block.bits, system.jumps, system.lengths, system.center, result.value, doubts, np.empty(_WIDTH),
    )  # fmt: skip
    if n_doubts > _MAX_DOUBTS:
        result.unreached = math.inf
    for circle, first, last, bound in doubts[: min(n_doubts, _MAX_DOUBTS)]:
        resolver.add(block, int(circle), int(first), int(last), float(bound))


def _cell_points(system: Essential, block: Block, found: IntArray) -> list[FloatArray]:
    """Return points of the cell next to an arc: from inside the arc, part of the way to the nearest hyperplane.

    More than one, since a point may lie on a kink whose jumps cancel.
    """
    circle, event, pattern, side = (int(entry) for entry in found)
    members = block.tuples[circle]
    events = block.hyperplanes(circle)
    n_events = events.size - members.size
    p, q = block.bases[circle]
    angles = _angles(system.normals[events[:n_events]], p, q)
    following = angles[event + 1] if event + 1 < n_events else angles[0] + math.pi
    signs = np.array([1.0 if (pattern >> k) & 1 else -1.0 for k in range(members.size)])
    points = []
    for fraction in (0.5, 0.37, 0.61):
        angle = angles[event] + fraction * (following - angles[event])
        points += off_circle(system, math.cos(angle) * p + math.sin(angle) * q, members, signs)
    return [side * (system.embedding @ point) for point in points]


def _angles(normals: FloatArray, p: FloatArray, q: FloatArray) -> FloatArray:
    """Return where the half circle p + tan(theta) q meets hyperplanes, theta in [-pi/2, pi/2]."""
    alpha, beta = normals @ p, normals @ q
    return np.asarray(np.arctan2(-alpha * np.where(beta < 0, -1.0, 1.0), np.abs(beta)))


def off_circle(system: Essential, point: FloatArray, members: IntArray, signs: FloatArray) -> list[FloatArray]:
    """Step from an arc to the given sides of its hyperplanes, staying inside all others."""
    others = np.setdiff1d(np.arange(system.normals.shape[0]), members)
    if members.size == 0:
        return [point]
    step = np.linalg.lstsq(system.normals[members], signs, rcond=None)[0]
    distance, rate = system.normals[others] @ point, system.normals[others] @ step
    closing = distance * rate < 0
    reach = float(np.min(np.abs(distance[closing] / rate[closing]), initial=1.0))
    return [point + fraction * reach * step for fraction in (0.5, 0.1, 0.9)]


class DoubtResolver:
    """Settles, in rational arithmetic, what rounding leaves open. One instance serves one sweep."""

    def __init__(self, system: Essential, result: Enumeration) -> None:
        self._system = system
        self._result = result
        self._rank = system.normals.shape[1]
        self._concurrent: dict[bytes, bool] = {}
        self._open: list[tuple[float, tuple[int, ...], tuple[int, ...]]] = []
        self._flats: set[bytes] = set()
        # Exact coordinates on a circle are available as long as the essential arrangement was not rotated.
        self._axes_kept = bool(np.isin(system.embedding, (0.0, 1.0)).all())

    def add(self, block: Block, circle: int, first: int, last: int, bound: float) -> None:
        """Take up the kinks `first` to `last` of a circle, whose gradients are at most `bound`."""
        members, events = block.tuples[circle], block.hyperplanes(circle)
        group = events[first : last + 1]
        if first == 0:
            positions = _angles(self._system.normals[events[: events.size - members.size]], *block.bases[circle])
            near = np.flatnonzero(positions[0] + math.pi - positions <= 1e-6)
            group = np.concatenate([group, events[near]])
        self._take(members, group, bound)

    def _take(self, members: IntArray, group: IntArray, bound: float) -> None:
        planes = np.unique(np.concatenate([members, group]))
        key = planes.tobytes()
        if key not in self._concurrent:
            self._concurrent[key] = exact_rank(self._system.original[planes]) < self._rank
        if not self._concurrent[key]:
            self._open.append((bound, tuple(members.tolist()), tuple(group.tolist())))

    def settle(self) -> None:
        """Visit the cells between kinks that are distinct but nearer than float64 can order."""
        for bound, members, group in self._open:
            if bound > self._result.value:
                self._visit_between(np.array(members, dtype=np.int64), np.array(group, dtype=np.int64), bound)

    def _visit_between(self, members: IntArray, group: IntArray, bound: float) -> None:
        """Sort a group of kinks on the circle of `members` exactly and visit the arcs between them."""
        system = self._system
        basis = exact_plane(system.normals[members])
        if not self._axes_kept or len(basis) != 2:
            self._result.unreached = max(self._result.unreached, bound)
            return
        rows = integer_rows(system.normals[group])
        slopes = [(_inner(row, basis[0]), _inner(row, basis[1])) for row in rows]
        rays = [(beta, -alpha) for alpha, beta in slopes if alpha or beta]
        # All kinks of a group lie within one small angle, up to antipodes: compare them on one side of the first.
        rays = [ray if ray[0] * rays[0][0] + ray[1] * rays[0][1] > 0 else (-ray[0], -ray[1]) for ray in rays]
        rays.sort(key=cmp_to_key(_counterclockwise))
        frame = np.array([[float(entry) for entry in axis] for axis in basis])
        local = cell_signs(system.normals[members] @ scipy.linalg.orth(system.normals[members].T, rcond=_FLAT))
        for u, v in pairwise(rays):
            if u[0] * v[1] == u[1] * v[0]:
                continue
            size = abs(u[0]) + abs(u[1]), abs(v[0]) + abs(v[1])
            ray = u[0] / size[0] + v[0] / size[1], u[1] / size[0] + v[1] / size[1]
            exact_signs = [(h > 0) - (h < 0) for h in (ray[0] * alpha + ray[1] * beta for alpha, beta in slopes)]
            point = np.array([float(entry) for entry in ray]) @ frame
            signs = np.sign(system.normals @ point)
            signs[group] = exact_signs
            signs[members] = 0.0
            height = 0.0 if system.infinity < 0 else float(signs[system.infinity])
            self._visit(0.5 * signs[None] @ system.jumps, np.array([height]), point[None], members, local)

    def sweep_flat(self, members: IntArray) -> None:
        """Visit the cells around a circle in which more than D - 2 hyperplanes meet, once for all their tuples."""
        system, size = self._system, members.size
        if exact_rank(system.original[members]) < size:
            return
        plane = scipy.linalg.null_space(system.normals[members], rcond=_FLAT)
        if plane.shape[1] != 2:
            self._result.unreached = math.inf
            return
        p, q = plane.T
        through = np.flatnonzero(np.hypot(system.normals @ p, system.normals @ q) <= _FLAT)
        if through.tobytes() in self._flats:
            return
        self._flats.add(through.tobytes())
        if not set(members.tolist()) <= set(through.tolist()) or exact_rank(system.original[through]) > size:
            self._result.unreached = math.inf
            return
        local = cell_signs(system.normals[through] @ scipy.linalg.orth(system.normals[through].T, rcond=_FLAT))
        self._sweep_arcs(p, q, through, local)

    def _sweep_arcs(self, p: FloatArray, q: FloatArray, through: IntArray, local: FloatArray) -> None:
        """Visit the arcs of one circle with all cells of the hyperplanes through it."""
        system = self._system
        others = np.setdiff1d(np.arange(system.normals.shape[0]), through)
        angles = _angles(system.normals[others], p, q)
        order = np.argsort(angles)
        others, angles = others[order], angles[order]
        signs = np.where(system.normals[others] @ q < 0, -1.0, 1.0)
        steps = signs[:, None] * system.jumps[others]
        arcs = np.cumsum(steps, axis=0) - 0.5 * np.sum(steps, axis=0)
        gaps = np.diff(angles, append=angles[0] + math.pi)
        offsets = 0.5 * local @ system.jumps[through]
        self._doubt_groups(through, others, gaps, arcs, steps, float(np.linalg.norm(offsets, axis=1).max()))
        arcs, angles, gaps = arcs[gaps > _FLAT], angles[gaps > _FLAT], gaps[gaps > _FLAT]
        middles = angles + 0.5 * gaps
        points = np.cos(middles)[:, None] * p + np.sin(middles)[:, None] * q
        height = np.zeros(middles.size)
        if system.infinity >= 0 and system.infinity not in through:
            height = points @ system.normals[system.infinity]
        self._visit(arcs, height, points, through, local)

    def _doubt_groups(
        self, through: IntArray, others: IntArray, gaps: FloatArray, arcs: FloatArray, steps: FloatArray, local: float
    ) -> None:
        """Take up every run of kinks whose order is open."""
        tied = np.flatnonzero(gaps <= _FLAT)
        for run in np.split(tied, np.flatnonzero(np.diff(tied) > 1) + 1) if tied.size else []:
            group = np.unique(np.concatenate([run, (run + 1) % others.size]))
            size = float(np.sum(np.linalg.norm(steps[group], axis=1)))
            center = float(np.linalg.norm(self._system.center))
            bound = center + float(np.linalg.norm(arcs[run[0]])) + local + size
            if bound > self._result.value:
                self._take(through, others[group], bound)

    def _visit(
        self, arcs: FloatArray, height: FloatArray, points: FloatArray, through: IntArray, local: FloatArray
    ) -> None:
        """Try all cells `local` of the hyperplanes through a circle at each of its arcs.

        `arcs` (A, 8) are half-sums without those hyperplanes; `height` (A,) has the sign of the last lifted
        coordinate, 0 where both signs count; `points` (A, D) lie inside the arcs.
        """
        system, result = self._system, self._result
        offsets = 0.5 * local @ system.jumps[through]
        even = np.sum(arcs**2, axis=1)[:, None] + np.sum(offsets**2, axis=1) + 2 * arcs @ offsets.T
        odd = 2 * ((arcs @ system.center)[:, None] + offsets @ system.center)
        heights = np.broadcast_to(height[:, None], even.shape)
        if system.infinity in through:
            heights = np.broadcast_to(local[:, int(np.flatnonzero(through == system.infinity)[0])], even.shape)
        for side in (1.0, -1.0):
            squares = np.where(side * heights >= 0, even + side * odd, -np.inf) + system.center @ system.center
            arc, cell = np.unravel_index(int(np.argmax(squares)), squares.shape)
            norm = float(np.linalg.norm(system.center + side * (arcs[arc] + offsets[cell])))
            if squares[arc, cell] > -np.inf and norm > result.value:
                result.value = norm
                inside = off_circle(system, points[arc], through, local[cell])
                result.points = [side * (system.embedding @ where) for where in inside]


def _inner(row: list[int], axis: list[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(row, axis, strict=True)), Fraction(0))


def _counterclockwise(u: tuple[Fraction, Fraction], v: tuple[Fraction, Fraction]) -> int:
    """Return -1 where the turn from ray u to ray v is counterclockwise, 1 where it is clockwise, 0 on the same line."""
    determinant = u[0] * v[1] - u[1] * v[0]
    return (determinant < 0) - (determinant > 0)


def cell_signs(normals: FloatArray) -> FloatArray:
    """Return the sign vectors of all cells of a central arrangement of full rank, shape (cells, M).

    Small arrangements only: each circle is swept for all its arcs and duplicates are removed at the end.
    """
    count, dimension = normals.shape
    if dimension == 0:
        return np.zeros((1, count))
    if dimension == 1:
        return np.sign(normals[:, 0]) * np.array([[1.0], [-1.0]])
    cells: list[FloatArray] = []
    seen: set[bytes] = set()
    for members in combinations(range(count), dimension - 2):
        plane = scipy.linalg.null_space(normals[list(members)], rcond=_FLAT) if members else np.eye(2)
        if plane.shape[1] != 2:
            continue
        p, q = plane.T
        through = np.flatnonzero(np.hypot(normals @ p, normals @ q) <= _FLAT)
        if through.tobytes() in seen:
            continue
        seen.add(through.tobytes())
        cells.append(_cells_around(normals, p, q, through))
    return np.asarray(np.unique(np.concatenate(cells), axis=0))


def _cells_around(normals: FloatArray, p: FloatArray, q: FloatArray, through: IntArray) -> FloatArray:
    """Return the sign vectors of the cells next to the arcs of one circle."""
    angles: Any = np.sort(_angles(np.delete(normals, through, axis=0), p, q))
    gaps = np.diff(angles, append=angles[0] + math.pi)
    middles = (angles + 0.5 * gaps)[gaps > _FLAT]
    points = np.cos(middles)[:, None] * p + np.sin(middles)[:, None] * q
    on_arc = np.sign(np.concatenate([points, -points]) @ normals.T)
    basis = scipy.linalg.orth(normals[through].T, rcond=_FLAT) if through.size else np.zeros((normals.shape[1], 0))
    local = cell_signs(normals[through] @ basis)
    cells = np.repeat(on_arc, local.shape[0], axis=0)
    cells[:, through] = np.tile(local, (on_arc.shape[0], 1))
    return cells
