"""Limited-memory BFGS with backtracking for smooth barriers: the objective may be infinite outside its domain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from noprune_theory._types import FloatArray

_MEMORY = 30
_LONGEST_STEP = 1.0  # in the largest coordinate: variables are logarithms
_SHORTEST_STEP = 1e-12


def minimise_smooth(
    objective: Callable[[FloatArray], tuple[float, FloatArray]],
    start: FloatArray,
    *,
    decrease: float,
    max_iterations: int,
    expired: Callable[[], bool],
) -> tuple[FloatArray, int]:
    """Return a point of lower value and the number of evaluations.

    Parameters
    ----------
    objective : callable
        point -> (value, gradient); an infinite value (with any gradient) outside the domain.
    start : ndarray
        A point of finite value.
    decrease : float
        Stop when a full step lowers the value by less than this.
    max_iterations : int
    expired : callable
        Asked before every evaluation; the search stops at the best point when it answers True.
    """
    point = start
    value, gradient = objective(point)
    evaluations = 1
    pairs: list[tuple[FloatArray, FloatArray]] = []
    for _ in range(max_iterations):
        direction = -_inverse_hessian_times(gradient, pairs)
        slope = float(direction @ gradient)
        if slope >= 0:
            pairs, direction, slope = [], -gradient, -float(gradient @ gradient)
        step = min(1.0, _LONGEST_STEP / max(float(np.abs(direction).max()), 1e-300))
        trial = value, gradient
        while step > _SHORTEST_STEP and not expired():
            trial = objective(point + step * direction)
            evaluations += 1
            if trial[0] <= value + 1e-4 * step * slope:
                break
            step *= 0.5 if np.isfinite(trial[0]) else 0.25
        else:
            return point, evaluations
        move, change = step * direction, trial[1] - gradient
        # Only pairs of positive curvature keep the inverse Hessian positive definite.
        if move @ change > 1e-12 * np.linalg.norm(move) * np.linalg.norm(change):
            pairs = [*pairs[-_MEMORY + 1 :], (move, change)]
        fallen = value - trial[0]
        point = point + move
        value, gradient = trial
        if fallen < decrease and step > 0.4:
            return point, evaluations
    return point, evaluations


def _inverse_hessian_times(gradient: FloatArray, pairs: list[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """Return H g by the two-loop recursion (Nocedal 1980)."""
    q = gradient.copy()
    weights = []
    for move, change in reversed(pairs):
        weight = (move @ q) / (move @ change)
        weights.append(weight)
        q -= weight * change
    if pairs:
        move, change = pairs[-1]
        q *= (move @ change) / (change @ change)
    for (move, change), weight in zip(pairs, reversed(weights), strict=True):
        q += (weight - (change @ q) / (move @ change)) * move
    return q
