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
        Roots, exact to the rounding of `function`.
    """
    lower, upper = np.minimum(lower, upper), np.maximum(lower, upper)
    root: FloatArray = lower + 0.5 * (upper - lower)
    for _ in range(_MAX_ITERATIONS):
        with np.errstate(all="ignore"):
            value, derivative = function(root)
            excess = value - target
            lower = np.where(excess <= 0, root, lower)
            upper = np.where(excess > 0, root, upper)
            newton = root - excess / derivative
        inside = (newton > lower) & (newton < upper)
        following = np.where(inside, newton, lower + 0.5 * (upper - lower))
        # A Newton step that no longer moves has converged although the far end of the bracket still stands.
        settled = np.abs(following - root) <= 2 * np.finfo(np.float64).eps * np.abs(root)
        root = following
        if settled.all():
            break
    return root
