"""Exact Lipschitz constants of one-hidden-layer ReLU models by enumeration of their linear regions.

The constant of f(x) = sum_j a_j relu(<w_j, x> + b_j) is the largest gradient norm over the full-dimensional cells of
the arrangement of its kinks. Deciding it is NP-hard in the dimension (Virmaux & Scaman 2018), so enumeration is
essentially optimal for a fixed one.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cmp_to_key
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz._arrangement import Arrangement, build_arrangement, checked_layer
from noprune_theory.lipschitz._kernels import planar_sweep
from noprune_theory.lipschitz._rounding import EPSILON, cross_sign, relu_witness, round_up, scaled_up
from noprune_theory.lipschitz.result import Bracket, Witness


def exact_one_hidden(directions: ArrayLike, weights: ArrayLike, offsets: ArrayLike | None = None) -> Bracket:
    """Return the exact Lipschitz constant of f(x) = sum_j a_j relu(<w_j, x> + b_j), within rounding."""
    W, a, b = checked_layer(directions, weights, offsets)
    start = perf_counter()
    arrangement = build_arrangement(W, a, b)
    return _planar_bracket(W, a, b, arrangement, start)


def _planar_bracket(
    W: FloatArray, a: FloatArray, b: FloatArray | None, arrangement: Arrangement, start: float
) -> Bracket:
    """Return the exact bracket where the kinks are points of a circle (D <= 2)."""
    value, points = _planar_maximum(arrangement)
    return certified(W, a, b, arrangement, value, points, start)


def certified(
    W: FloatArray,
    a: FloatArray,
    b: FloatArray | None,
    arrangement: Arrangement,
    value: float,
    points: FloatArray,
    start: float,
) -> Bracket:
    """Turn the largest enumerated gradient norm and candidate points of its cell into a bracket."""
    # Computed norms are off by a few ulps of the sum of jumps on top of the arrangement's own error.
    upper = scaled_up(round_up(value) + arrangement.error + 8 * EPSILON * arrangement.total, arrangement.exponent)
    best: tuple[Witness, float] | None = None
    for point in points:
        found = relu_witness(W, a, b, point)
        if found is not None and (best is None or found[1] > best[1]):
            best = found
    lower = 0.0 if best is None else min(best[1], upper)
    seconds = perf_counter() - start
    return Bracket(
        lower,
        upper,
        lower >= upper * (1 - 1e-9),
        None if best is None else best[0],
        "angular sweep over the linear regions (the kinks are points of a circle)",
        {"seconds": seconds, "hyperplanes": arrangement.normals.shape[0], "status": "complete"},
    )


def _planar_maximum(arrangement: Arrangement) -> tuple[float, FloatArray]:
    """Return the largest gradient norm (arrangement scale) and candidate points, shape (m, d), of its region."""
    normals, jumps, center = arrangement.normals, arrangement.jumps, arrangement.center
    count, dimension = normals.shape
    if count == 0:
        return float(np.linalg.norm(center)), np.zeros((1, center.shape[0])) + _generic(center.shape[0])
    if dimension == 1:
        half = 0.5 * np.abs(normals[0, 0]) / normals[0, 0] * jumps[0]
        plus, minus = np.linalg.norm(center + half), np.linalg.norm(center - half)
        return float(max(plus, minus)), np.array([[1.0 if plus >= minus else -1.0]])
    order, orientation, distinct = _angular_order(normals)
    flip = int(np.flatnonzero(order == count - 1)[0]) + 1 if arrangement.lifted else -1
    best, arc, side = planar_sweep(order, jumps, orientation, distinct, center, flip)
    start, stop = (
        _event_direction(normals, orientation, order, arc),
        _event_direction(normals, orientation, order, arc + 1),
    )
    return math.sqrt(best), _arc_points(start, stop, side, arrangement.lifted)


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
    """Return the unit direction of event `position` on the half circle; one past the end is the antipode of the first."""
    event = int(order[position % order.size])
    alpha, beta = normals[event] * orientation[event]
    direction = np.array([beta, -alpha]) / math.hypot(alpha, beta)
    return direction if position < order.size else -direction


def _arc_points(start: FloatArray, stop: FloatArray, side: int, lifted: bool) -> FloatArray:
    """Return candidate points inside the arc, most central first, in input coordinates."""
    total, difference = start + stop, start - stop
    turned = np.array([-difference[1], difference[0]])
    middle = side * (total if np.linalg.norm(total) > np.linalg.norm(difference) else turned)
    if not lifted:
        return middle[None]
    ends = [side * end for end in (start, stop)]
    finite = [float(end[0] / end[1]) for end in ends if abs(end[1]) > 0]
    candidates = [middle[0] / middle[1]] if middle[1] > 0 else []
    if len(finite) == 2:
        candidates.append(0.5 * finite[0] + 0.5 * finite[1])
    return np.array([[candidate] for candidate in candidates if math.isfinite(candidate)])
