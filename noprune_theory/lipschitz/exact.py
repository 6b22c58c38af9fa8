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
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import RNG, BoolArray, FloatArray, IntArray
from noprune_theory._validation import check_generator
from noprune_theory.lipschitz._arrangement import Arrangement, build_arrangement, checked_layer, checked_seconds
from noprune_theory.lipschitz._confirm import Confirmer
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic
from noprune_theory.lipschitz._enumeration import enumerate_maximum
from noprune_theory.lipschitz._outward import EPSILON, round_up, scaled_down, scaled_up
from noprune_theory.lipschitz._planar_kernels import planar_sweep
from noprune_theory.lipschitz._rounding import confirmer, cross_sign
from noprune_theory.lipschitz.great_circle import circle_search
from noprune_theory.lipschitz.lipsdp import lipsdp_one_hidden
from noprune_theory.lipschitz.result import Bracket, Witness

LARGEST_DIMENSION = 8  # columns the compiled sweep holds
_SECONDS_PER_KINK = 1.5e-8  # one core of a server of 2023; only the choice of a method depends on it


def exact_one_hidden(
    directions: ArrayLike,
    weights: ArrayLike,
    offsets: ArrayLike | None = None,
    *,
    max_seconds: float = math.inf,
    rng: RNG | None = None,
) -> Bracket:
    """Return the exact Lipschitz constant of f(x) = sum_j a_j relu(<w_j, x> + b_j), within rounding.

    With D = d, or d + 1 when there are offsets, and M distinct kink hyperplanes, the work is O(M^(D - 1) log M):
    D = 2 sorts the kinks on a circle once; D >= 3 sorts the kinks on the circle cut out by D - 2 of them, for
    enough (D - 2)-tuples to meet every linear region.

    Parameters
    ----------
    directions, weights, offsets : array_like, shapes (N, d), (N,), (N,)
        w_j, a_j, b_j. Zero rows, zero weights, parallel, antiparallel and duplicated units are allowed.
    max_seconds : float
        Stop after this many seconds, or at a keyboard interrupt, with the bracket reached by then.
    rng : numpy.random.Generator or seed, optional
        Draws the starting points of the search for a first incumbent; the result depends on it only when the
        enumeration stops early. `numpy.random.default_rng(0)` by default.

    Returns
    -------
    Bracket
        `exact` is True unless time ran out or kinks are so near to each other that float64 cannot order them.

    Raises
    ------
    ValueError
        If an array is not finite, shapes disagree, D > 8, or `max_seconds` is not positive.
    """
    W, a, b = checked_layer(directions, weights, offsets)
    max_seconds = checked_seconds("max_seconds", max_seconds)
    generator = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    start = perf_counter()
    # In the plane the sort itself brings coincident kinks together.
    arrangement = build_arrangement(W, a, b, merge=W.shape[1] + (b is not None) != 2)
    if arrangement.normals.shape[1] <= 2 or arrangement.normals.shape[0] == 0:
        return _certified(W, a, b, arrangement, _planar_maximum(arrangement), start)
    return _spatial_bracket(W, a, b, arrangement, start, start + max_seconds, generator)


def _spatial_bracket(
    W: FloatArray,
    a: FloatArray,
    b: FloatArray | None,
    arrangement: Arrangement,
    start: float,
    deadline: float,
    rng: np.random.Generator,
) -> Bracket:
    """Return the bracket from the circles cut out by D - 2 hyperplanes."""
    if W.shape[1] > LARGEST_DIMENSION:
        raise ValueError(f"directions must have at most {LARGEST_DIMENSION} columns, got {W.shape[1]}")
    # A first incumbent lets the sweep skip most arcs; finding it should cost a few percent of the sweep.
    n_circles = math.comb(arrangement.normals.shape[0], arrangement.normals.shape[1] - 2)
    points = circle_search(arrangement, rng, min(32, max(4, n_circles // 200)), 12, deadline)
    network = confirmer(W, a, b)
    witness, lower = best_witness(network, points[:4])
    result = enumerate_maximum(arrangement, math.ldexp(lower, -arrangement.exponent), deadline)
    if result.points:
        rays = np.array(result.points)
        ahead = rays[rays[:, -1] > 0] if arrangement.lifted else rays
        enough = scaled_down(result.value, arrangement.exponent) * (1 - 1e-9)
        found = best_witness(network, arrangement.inputs(ahead), enough)
        if max(found[1], lower) < enough and arrangement.lifted:
            # The cell may be too thin to hold a float64 point; the ray of the lifted point is in it all the same.
            for ray in ahead:
                found = _better(network, arrangement, dyadic(ray), *found)
        if found[1] > lower:
            witness, lower = found
    count = arrangement.normals.shape[0]
    error = arrangement.error + 4 * (count + 16) * EPSILON * arrangement.total
    upper = scaled_up(round_up(max(result.value, result.unreached)) + error, arrangement.exponent)
    if result.status != "complete" or math.isinf(upper):
        upper = lipsdp_one_hidden(W, a).upper
    lower = min(lower, upper)
    effort: dict[str, float | int | str] = {
        "seconds": perf_counter() - start,
        "hyperplanes": count,
        "circles": result.circles,
        "tied circles": result.ties,
        "status": result.status,
    }
    exact = result.status == "complete" and _closed(lower, upper, scaled_up(error, arrangement.exponent))
    return Bracket(lower, upper, exact, witness, "enumeration of the linear regions by circles", effort)


def _certified(
    W: FloatArray,
    a: FloatArray,
    b: FloatArray | None,
    arrangement: Arrangement,
    steepest: _Cell,
    start: float,
) -> Bracket:
    """Turn the largest enumerated gradient norm and candidate points of its cell into a bracket."""
    # Computed norms are off by a few ulps of the sum of jumps on top of the arrangement's own error.
    error = arrangement.error + 8 * EPSILON * arrangement.total
    upper = scaled_up(round_up(steepest.value) + error, arrangement.exponent)
    network, enough = confirmer(W, a, b), upper * (1 - 1e-9)
    witness, lower = best_witness(network, arrangement.inputs(steepest.points), enough)
    if lower < enough and steepest.inside is not None:
        witness, lower = _better(network, arrangement, steepest.inside, witness, lower)
    lower = min(lower, upper)
    return Bracket(
        lower,
        upper,
        _closed(lower, upper, scaled_up(error, arrangement.exponent)),
        witness,
        "angular sweep over the linear regions (the kinks are points of a circle)",
        {"seconds": perf_counter() - start, "hyperplanes": arrangement.normals.shape[0], "status": "complete"},
    )


def _closed(lower: float, upper: float, error: float) -> bool:
    """Return whether the ends differ by rounding margins alone."""
    return upper - lower <= max(1e-9 * upper, 4 * error)


def enumeration_seconds(count: int, rank: int) -> float:
    """Return a forecast of the time to enumerate the cells of `count` hyperplanes in general position in R^rank."""
    circles = math.comb(count, rank - 2) * {3: 1.0, 4: 0.5, 5: 4 / 9}.get(rank, 0.5)
    return circles * count * _SECONDS_PER_KINK


def best_witness(network: Confirmer, points: FloatArray, enough: float = math.inf) -> tuple[Witness | None, float]:
    """Return the steepest certified witness among points (m, d), with its lower bound; (None, 0) when all fail.

    The first bound of at least `enough` is taken.
    """
    best: tuple[Witness | None, float] = (None, 0.0)
    firm = False
    for point in points:
        found = network.at(point)
        # Of equally steep points one is preferred at which float64 evaluation sees the same pattern.
        wanted = 1 + 1e-9 if firm else (1 - 1e-9 if found is not None and found.firm else 1.0)
        if found is not None and found.lower > best[1] * wanted:
            best, firm = (found.witness, found.lower), found.firm
        if firm and best[1] >= enough:
            break
    return best


def _better(
    network: Confirmer, arrangement: Arrangement, inside: Dyadic, witness: Witness | None, lower: float
) -> tuple[Witness | None, float]:
    """Return the witness and bound given, or those at an exact point (D,) inside a cell where they are larger."""
    numerators, denominator = inside, Dyadic(np.array([1], dtype=object), 0)
    if arrangement.lifted:
        numerators, denominator = inside.take(slice(-1)), inside.take(slice(-1, None))
        numerators = Dyadic(numerators.digits, numerators.exponent + arrangement.stretch)
    shown = network.at_ratio(numerators, denominator)
    return (witness, lower) if shown is None or shown.lower <= lower else (shown.witness, shown.lower)


class _Cell(NamedTuple):
    """The largest gradient norm, candidate points (m, D) of its cell, and an exact point inside where one is known.

    In the arrangement's scale and coordinates; the last coordinate is positive when lifted.
    """

    value: float
    points: FloatArray
    inside: Dyadic | None


def _planar_maximum(arrangement: Arrangement) -> _Cell:
    """Return the cell with the largest gradient norm of an arrangement in the plane or on the line."""
    normals, jumps, center = arrangement.normals, arrangement.jumps, arrangement.center
    count, dimension = normals.shape
    if count == 0:
        return _Cell(float(np.linalg.norm(center)), _generic(dimension)[None], None)
    if dimension == 1:
        half = 0.5 * np.abs(normals[0, 0]) / normals[0, 0] * jumps[0]
        plus, minus = np.linalg.norm(center + half), np.linalg.norm(center - half)
        return _Cell(float(max(plus, minus)), np.array([[1.0 if plus >= minus else -1.0]]), None)
    order, orientation, distinct = _angular_order(normals)
    flip = int(np.flatnonzero(order == count - 1)[0]) + 1 if arrangement.lifted else -1
    best, arc, side = planar_sweep(order, jumps, orientation, distinct, center, flip)
    first, second = (_event_direction(normals, orientation, order, position) for position in (arc, arc + 1))
    middle = dyadic(side * first).plus(dyadic(side * second))
    start, stop = first / math.hypot(*first), second / math.hypot(*second)
    return _Cell(math.sqrt(best), _arc_points(start, stop, side, arrangement.lifted), middle)


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
    alpha, beta = normals[event] * orientation[event]
    direction = np.array([beta, -alpha])
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
