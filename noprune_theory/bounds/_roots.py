"""Roots of increasing functions, many at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from noprune_theory._types import FloatArray

_MAX_ITERATIONS = 200  # bisection alone closes any bracket of doubles in far fewer


def increasing_root(
    function: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    target: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> FloatArray:
    """Solve function(t) = target for t, entry by entry, by Newton's method kept inside a shrinking bracket.

    Parameters
    ----------
    function : callable
        Returns value and derivative at t; the value increases on [lower, upper].
    target, lower, upper : ndarray of one shape
        The root lies in [lower, upper]; a bracket that rounding has turned round is treated as a point.

    Returns
    -------
    ndarray
        Roots, exact to the rounding of `function` and to that of t (of one, for t below one).
    """
    lower, upper = np.minimum(lower, upper), np.maximum(lower, upper)
    root: FloatArray = lower + 0.5 * (upper - lower)
    for _ in range(_MAX_ITERATIONS):
        with np.errstate(all="ignore"):
            value, derivative = function(root)
            excess = value - target
            step = excess / derivative
        lower = np.where(excess <= 0, root, lower)
        upper = np.where(excess > 0, root, upper)
        # Where the Newton step is below the rounding of t, bisection would only wander.
        resolution = 2 * np.finfo(np.float64).eps * np.maximum(np.abs(root), 1.0)
        settled = (np.abs(step) <= resolution) | (upper - lower <= resolution)
        if settled.all():
            break
        newton = root - step
        inside = (newton > lower) & (newton < upper)
        following = np.where(inside, newton, lower + 0.5 * (upper - lower))
        root = np.where(settled, root, following)
    return root
