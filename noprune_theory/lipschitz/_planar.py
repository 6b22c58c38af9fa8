"""Exact Lipschitz constants of models whose kinks are points of a circle: one sort of them by angle, and one sweep.

Two directions or one direction and offsets. Layers of many units in general position take the short way: their events
are sorted as integers that hold the angle, rounded, and the number of the unit; where two are too near for that, or
numbers so large or small that sums need scaling, the long way decides.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cmp_to_key
from time import perf_counter
from typing import NamedTuple

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz._arrangement import Arrangement
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic
from noprune_theory.lipschitz._outward import EPSILON, norm_bounds, round_down, round_up
from noprune_theory.lipschitz._planar_kernels import (
    planar_events,
    planar_generic_sweep,
    planar_gradient,
    planar_sweep,
)
from noprune_theory.lipschitz._rounding import cross_sign
from noprune_theory.lipschitz.result import Bracket, Witness

METHOD = "angular sweep over the linear regions (the kinks are points of a circle)"
MANY = 1000  # units from which the short way is taken
_MOST_BITS = 22  # of the number of a unit: plain sums of 2^22 numbers are off by less than 1e-9
_FINEST = 48  # binary digits of rounded angles: steps far above the rounding errors of a key


def closed(lower: float, upper: float, error: float) -> bool:
    """Return whether the ends differ by rounding margins alone."""
    return upper - lower <= max(1e-9 * upper, 4 * error)


def generic_planar_bracket(W: FloatArray, a: FloatArray, start: float) -> Bracket | None:
    """Return the bracket of a layer without offsets in the plane; None where the long way has to be taken.

    Parameters
    ----------
    W, a : ndarray, shapes (N, 2), (N,)
        As from `checked_layer`.
    start : float
        When the work began, in `time.perf_counter` seconds.
    """
    bits = a.size.bit_length()
    if bits > _MOST_BITS:
        return None
    events, jumps, sums, total = planar_events(W, a, bits, 2.0 ** min(_FINEST, 62 - bits))
    if total < 0 or events.size < 2:
        return None
    events.sort()
    best, arc, side = planar_generic_sweep(events, jumps, sums, bits)
    if side == 0:
        return None
    # Products are off by half an ulp each, sums with their errors by an ulp, a norm by a few.
    error = 16 * EPSILON * total * (1 + 1e-9)
    upper = round_up(math.sqrt(best) + error)
    ends = [W[events[position % events.size] & ((1 << bits) - 1)] for position in (arc, arc + 1)]
    first, second = (_crossing(row, _orientation(row)) for row in ends)
    second = second if arc + 1 < events.size else -second
    points = _arc_points(first / math.hypot(*first), second / math.hypot(*second), side, lifted=False)
    for point in points:
        active, x, y, size = planar_gradient(W, a, point[0], point[1], 5 * EPSILON)
        gradient = np.array([x, y])
        lower = round_down(max(0.0, norm_bounds(gradient)[0] - 3 * EPSILON * size * (1 + 1e-9)))
        if size >= 0 and closed(lower, upper, error):
            effort: dict[str, float | int | str] = {
                "seconds": perf_counter() - start,
                "hyperplanes": events.size,
                "status": "complete",
            }
            return Bracket(min(lower, upper), upper, True, Witness(point.copy(), gradient, active), METHOD, effort)
    return None


def _orientation(row: FloatArray) -> float:
    return math.copysign(1.0, row[1] if row[1] != 0 else row[0])


def _crossing(row: FloatArray, orientation: float) -> FloatArray:
    """Return the direction in which the sweep crosses a line, exactly."""
    alpha, beta = row * orientation
    return np.array([beta, -alpha])


class Cell(NamedTuple):
    """The largest gradient norm, candidate points (m, D) of its cell, and an exact point inside where one is known.

    In the arrangement's scale and coordinates; the last coordinate is positive when lifted.
    """

    value: float
    points: FloatArray
    inside: Dyadic | None


def planar_maximum(arrangement: Arrangement) -> Cell:
    """Return the cell with the largest gradient norm of an arrangement in the plane or on the line."""
    normals, jumps, center = arrangement.normals, arrangement.jumps, arrangement.center
    count, dimension = normals.shape
    if count == 0:
        return Cell(float(np.linalg.norm(center)), _generic(dimension)[None], None)
    if dimension == 1:
        half = 0.5 * np.abs(normals[0, 0]) / normals[0, 0] * jumps[0]
        plus, minus = np.linalg.norm(center + half), np.linalg.norm(center - half)
        return Cell(float(max(plus, minus)), np.array([[1.0 if plus >= minus else -1.0]]), None)
    order, orientation, distinct = _angular_order(normals)
    flip = int(np.flatnonzero(order == count - 1)[0]) + 1 if arrangement.lifted else -1
    best, arc, side = planar_sweep(order, jumps, orientation, distinct, center, flip)
    first, second = (_event_direction(normals, orientation, order, position) for position in (arc, arc + 1))
    middle = dyadic(side * first).plus(dyadic(side * second))
    start, stop = first / math.hypot(*first), second / math.hypot(*second)
    return Cell(math.sqrt(best), _arc_points(start, stop, side, arrangement.lifted), middle)


def _generic(dimension: int) -> FloatArray:
    """Return a fixed point that lies on no hyperplane one would write down."""
    return np.cos(1.0 + np.arange(dimension, dtype=np.float64) * math.sqrt(2.0))


def _angular_order(normals: FloatArray) -> tuple[IntArray, FloatArray, BoolArray]:
    """Sort the lines by the angle at which the half circle from (0, -1) to (0, 1) crosses them.

    Near ties are decided by exact determinants; `distinct[k]` is False when events k and k + 1 coincide exactly.
    """
    alpha, beta = normals[:, 0], normals[:, 1]
    orientation = np.where(beta != 0, np.sign(beta), np.sign(alpha))
    # Monotone in the slope -alpha / beta of the crossing, without overflow.
    key = -alpha * orientation / (np.abs(alpha) + np.abs(beta))
    order = np.argsort(key).astype(np.int64)
    near = np.flatnonzero(np.diff(key[order]) <= 4 * EPSILON)
    distinct = np.ones(order.size, dtype=bool)
    if near.size == 0:
        return order, orientation, distinct
    signs = _crossing_signs(normals, orientation, order, near)
    if (signs < 0).any():
        order = _exactly_sorted(normals, orientation, order, near)
        signs = _crossing_signs(normals, orientation, order, near)
    distinct[near[signs == 0]] = False
    return order, orientation, distinct


def _crossing_signs(normals: FloatArray, orientation: FloatArray, order: IntArray, positions: IntArray) -> IntArray:
    first, second = order[positions], order[positions + 1]
    a, b = normals[first].T * orientation[first]
    c, d = normals[second].T * orientation[second]
    return cross_sign(a, b, c, d)


def _exactly_sorted(normals: FloatArray, orientation: FloatArray, order: IntArray, near: IntArray) -> IntArray:
    """Sort every run of near ties by exact slopes."""

    def compare(first: int, second: int) -> int:
        a, b = (Fraction(float(entry)) * int(orientation[first]) for entry in normals[first])
        c, d = (Fraction(float(entry)) * int(orientation[second]) for entry in normals[second])
        determinant = a * d - b * c
        return (determinant < 0) - (determinant > 0)

    repaired = order.copy()
    runs = np.split(near, np.flatnonzero(np.diff(near) > 1) + 1)
    for run in runs:
        part = slice(int(run[0]), int(run[-1]) + 2)
        repaired[part] = sorted(order[part].tolist(), key=cmp_to_key(compare))
    return repaired


def _event_direction(normals: FloatArray, orientation: FloatArray, order: IntArray, position: int) -> FloatArray:
    """Return the direction of event `position`, exactly; past the end comes the antipode of the first."""
    event = int(order[position % order.size])
    direction = _crossing(normals[event], orientation[event])
    return direction if position < order.size else -direction


def _arc_points(start: FloatArray, stop: FloatArray, side: int, lifted: bool) -> FloatArray:
    """Return candidate points inside the arc, the middle first, of positive last coordinate when lifted.

    More than one, since a point may lie on a kink whose jumps cancel.
    """
    total, difference = start + stop, start - stop
    turned = np.array([-difference[1], difference[0]])
    middle = total if np.linalg.norm(total) > np.linalg.norm(difference) else turned
    middle = middle / np.linalg.norm(middle)
    points = side * np.array([middle, middle + 0.3 * start, middle + 0.4 * stop])
    if not lifted:
        return points
    finite = points[points[:, 1] > 0]
    if side * start[1] > 0 and side * stop[1] > 0:
        centre = side * (0.5 * start * abs(stop[1]) + 0.5 * stop * abs(start[1]))
        finite = np.vstack([centre, finite])
    return finite
