"""Lower bounds with a witness: exact maxima of the gradient norm along great circles, and ascent for smooth slopes.

A 2-plane through the origin of input space (of the lifted space, with offsets) meets the kinks of a one-hidden-layer
ReLU model in points of a circle; sorted by angle, all gradients on the circle are prefix sums, O(N log N + N d) in all.
The search moves to the best arc, then draws the next circle through it, so the gradient norm never falls.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
import scipy
from numpy.typing import ArrayLike

from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import RNG, FloatArray, IntArray
from noprune_theory._validation import check_generator, check_integer
from noprune_theory.lipschitz._arrangement import (
    Arrangement,
    build_arrangement,
    checked_layer,
    checked_seconds,
    scaled_products,
)
from noprune_theory.lipschitz._confirm import Confirmer
from noprune_theory.lipschitz._rounding import confirmer
from noprune_theory.lipschitz.result import Witness

_EVENTS_AT_ONCE = 200_000  # circles are swept in batches of about this many kinks: a few megabytes of prefix sums


def great_circle_lower(
    directions: ArrayLike,
    weights: ArrayLike,
    offsets: ArrayLike | None = None,
    *,
    rng: RNG,
    starts: int = 64,
    rounds: int = 40,
    max_seconds: float = float("inf"),
) -> tuple[float, Witness | None]:
    """Return a certified lower bound on the Lipschitz constant of f(x) = sum_j a_j relu(<w_j, x> + b_j), with witness.

    Parameters
    ----------
    directions, weights, offsets : array_like, shapes (N, d), (N,), (N,)
        w_j, a_j, b_j.
    rng : numpy.random.Generator or seed
        Draws the circles.
    starts : int
        Searches run side by side, each from a random point.
    rounds : int
        Circles a search sweeps; a search stops early when no circle of a whole round improves any of them.
    max_seconds : float
        No new round starts after this many seconds.

    Returns
    -------
    lower : float
        At most the Lipschitz constant, rounding included. Errs below.
    witness : Witness or None
        The linear region whose gradient norm is `lower`; None when no region could be certified (`lower` is then 0).

    Raises
    ------
    TypeError
        If an array does not hold real numbers, `rng` is no generator or seed, or another argument no number.
    ValueError
        If the shapes do not fit, an entry is not finite, weights times directions overflow, `starts` or `rounds` is
        below 1, or `max_seconds` is not positive.
    """
    W, a, b = checked_layer(directions, weights, offsets)
    rng = check_generator("rng", rng)
    check_integer("starts", starts, 1)
    check_integer("rounds", rounds, 1)
    deadline = perf_counter() + checked_seconds("max_seconds", max_seconds)
    points = circle_search(build_arrangement(W, a, b), rng, starts, rounds, deadline)
    network = confirmer(W, a, b)
    for point in points:
        found = network.at(point)
        if found is not None:
            return found.lower, found.witness
    return 0.0, None


def circle_search(
    arrangement: Arrangement, rng: np.random.Generator, starts: int, rounds: int, deadline: float
) -> FloatArray:
    """Return the end points of all searches in input coordinates, steepest first, shape (starts, d)."""
    dimension = arrangement.normals.shape[1]
    points = rng.standard_normal((starts, dimension))
    if arrangement.lifted:
        points[:, -1] = np.abs(points[:, -1])
    values = np.full(starts, -1.0)
    for round_number in range(rounds if arrangement.normals.shape[0] else 0):
        headings = rng.standard_normal((starts, dimension))
        if round_number > rounds // 2:
            headings = points + headings * 0.3 / np.sqrt(dimension) if round_number % 2 else headings
        improved = _advance(arrangement, points, values, headings)
        if (not improved and round_number > 8) or perf_counter() > deadline:
            break
    order = np.argsort(-values, kind="stable")
    return arrangement.inputs(points[order])


def _advance(arrangement: Arrangement, points: FloatArray, values: FloatArray, headings: FloatArray) -> bool:
    """Move every point to the best arc of its circle (in place); return whether any value rose."""
    block = max(1, _EVENTS_AT_ONCE // max(1, arrangement.normals.shape[0]))
    improved = False
    for start in range(0, points.shape[0], block):
        part = slice(start, start + block)
        first = points[part] / np.linalg.norm(points[part], axis=1, keepdims=True)
        second = headings[part] - np.sum(headings[part] * first, axis=1, keepdims=True) * first
        second /= np.linalg.norm(second, axis=1, keepdims=True) + 1e-300
        found, where = best_on_circles(arrangement, first, second)
        better = found > values[part] * (1 + 1e-12)
        improved |= bool(better.any())
        values[part] = np.where(better, found, values[part])
        points[part] = np.where(better[:, None], where, points[part])
    return improved


def best_on_circles(arrangement: Arrangement, first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the largest gradient norm on each circle and the middle of its arc.

    Parameters
    ----------
    arrangement : Arrangement
    first, second : ndarray, shape (m, D)
        Orthonormal pairs that span the 2-planes.

    Returns
    -------
    values : ndarray, shape (m,)
        In the arrangement's scale.
    points : ndarray, shape (m, D)
        With positive last coordinate for a lifted arrangement.
    """
    normals, jumps, center = arrangement.normals, arrangement.jumps, arrangement.center
    rows = np.arange(first.shape[0])
    alpha, beta = first @ normals.T, second @ normals.T
    orientation = np.where(beta < 0, -1.0, 1.0)
    # The half circle first + tan(theta) second, theta in (-pi/2, pi/2), meets hyperplane j at tan(theta) = -alpha/beta.
    theta = np.arctan2(-alpha * orientation, np.abs(beta))
    order: IntArray = np.argsort(theta, axis=1)
    signs = np.take_along_axis(orientation, order, axis=1)
    steps = jumps[order] * signs[:, :, None]
    half_sums = np.cumsum(steps, axis=1) - 0.5 * np.sum(steps, axis=1, keepdims=True)
    sorted_theta = np.take_along_axis(theta, order, axis=1)
    following = np.concatenate([sorted_theta[:, 1:], sorted_theta[:, :1] + np.pi], axis=1)
    middle = 0.5 * (sorted_theta + following)
    open_arc = following - sorted_theta > 1e-13
    norms = np.einsum("mnd,mnd->mn", half_sums, half_sums) + center @ center
    inner = 2 * half_sums @ center
    if arrangement.lifted:
        height = np.cos(middle) * first[:, -1:] + np.sin(middle) * second[:, -1:]
        side = np.where(height < 0, -1.0, 1.0)
        open_arc &= np.abs(height) > 1e-13
    else:
        side = np.where(inner < 0, -1.0, 1.0)
    squared = np.where(open_arc, norms + side * inner, -1.0)
    best = np.argmax(squared, axis=1)
    angle = middle[rows, best][:, None]
    points = side[rows, best][:, None] * (np.cos(angle) * first + np.sin(angle) * second)
    return np.sqrt(np.maximum(squared[rows, best], 0.0)), points


def smooth_lower(
    directions: FloatArray,
    weights: FloatArray,
    offsets: FloatArray | None,
    *,
    rng: np.random.Generator,
    starts: int = 16,
) -> tuple[float, Witness | None]:
    """Return a certified lower bound on the Lipschitz constant of f(x) = sum_j a_j tanh(<w_j, x> + b_j), with witness.

    Quasi-Newton ascent of |grad f|^2 from random points and, as the slopes are largest there, from the origin. The
    best points are re-evaluated in outward arithmetic.
    """
    shifts = np.zeros(directions.shape[0]) if offsets is None else offsets
    # Inputs in units of 2^-exponent: rows of norm about one.
    exponent = size_exponent(directions)
    rows, products = scale(directions, -exponent), scaled_products(directions, weights)[0]
    objective = _negative_squared_slope(rows, shifts, products)
    points = rng.standard_normal((starts, rows.shape[1])) / (1e-300 + np.linalg.norm(rows, axis=1).max())
    points[0] = 0.0
    values, ends = np.empty(starts), points.copy()
    for index, point in enumerate(points):
        found = scipy.optimize.minimize(objective, point, jac=True, method="L-BFGS-B", options={"maxiter": 200})
        values[index] = objective(point)[0]
        if found.fun < values[index] and np.isfinite(found.x).all():
            values[index], ends[index] = float(found.fun), found.x
    network = Confirmer([directions, weights[None]], [shifts], "tanh")
    for index in np.argsort(values, kind="stable")[:4]:
        confirmed = network.at(scale(ends[index], -exponent))
        if confirmed is not None:
            return confirmed.lower, confirmed.witness
    return 0.0, None


def _negative_squared_slope(
    directions: FloatArray, shifts: FloatArray, products: FloatArray
) -> Callable[[FloatArray], tuple[float, FloatArray]]:
    def objective(point: FloatArray) -> tuple[float, FloatArray]:
        t = np.tanh(directions @ point + shifts)
        slopes = 1.0 - t * t
        gradient = slopes @ products
        return -float(gradient @ gradient), directions.T @ (4 * t * slopes * (products @ gradient))

    return objective
