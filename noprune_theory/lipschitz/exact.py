"""Exact Lipschitz constants of one-hidden-layer ReLU models by enumeration of their linear regions.

The constant of f(x) = sum_j a_j relu(<w_j, x> + b_j) is the largest gradient norm over the full-dimensional cells of
the arrangement of its kinks. Deciding it is NP-hard in the dimension (Virmaux & Scaman 2018), so enumeration is
essentially optimal for a fixed one.
"""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import check_generator
from noprune_theory.lipschitz._arrangement import Arrangement, build_arrangement, checked_layer, checked_seconds
from noprune_theory.lipschitz._confirm import Confirmer
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic
from noprune_theory.lipschitz._enumeration import enumerate_maximum
from noprune_theory.lipschitz._outward import EPSILON, round_up, scaled_down, scaled_up
from noprune_theory.lipschitz._planar import MANY, METHOD, Cell, closed, generic_planar_bracket, planar_maximum
from noprune_theory.lipschitz._rounding import confirmer
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
    if b is None and W.shape[1] == 2 and a.size >= MANY:
        quick = generic_planar_bracket(W, a, start)
        if quick is not None:
            return quick
    # In the plane the sort itself brings coincident kinks together.
    arrangement = build_arrangement(W, a, b, merge=W.shape[1] + (b is not None) != 2)
    if arrangement.normals.shape[1] <= 2 or arrangement.normals.shape[0] == 0:
        return _certified(W, a, b, arrangement, planar_maximum(arrangement), start)
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
    exact = result.status == "complete" and closed(lower, upper, scaled_up(error, arrangement.exponent))
    return Bracket(lower, upper, exact, witness, "enumeration of the linear regions by circles", effort)


def _certified(
    W: FloatArray,
    a: FloatArray,
    b: FloatArray | None,
    arrangement: Arrangement,
    steepest: Cell,
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
        closed(lower, upper, scaled_up(error, arrangement.exponent)),
        witness,
        METHOD,
        {"seconds": perf_counter() - start, "hyperplanes": arrangement.normals.shape[0], "status": "complete"},
    )


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
