"""Compiled sweep over the arcs that lines cut out of the half circle: serial, no fastmath."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True)
def planar_sweep(order, jumps, orientation, distinct, center, flip):  # type: ignore[no-untyped-def]
    """Visit the arcs of the half circle in order; return the best value, its arc and its side.

    Parameters
    ----------
    order : ndarray of int64, shape (M,)
        Hyperplanes in the order in which the half circle crosses them.
    jumps : ndarray, shape (M, d)
        Gradient jumps along the normals.
    orientation : ndarray, shape (M,)
        +1 where the sweep crosses along the normal, -1 against it.
    distinct : ndarray of bool, shape (M,)
        Whether an arc of positive length follows event k.
    center : ndarray, shape (d,)
    flip : int
        Number of events after which the last lifted coordinate is positive; -1 when both signs count.

    Returns
    -------
    best : float
        Largest |center + r|^2 over the arcs, r the half-sum of signed jumps (antipode: -r).
    arc : int
    side : int
        +1 for the arc itself, -1 for its antipode; 0 when no arc was found.

    Notes
    -----
    Prefix sums carry their rounding errors along (two-sum), so a sum of M jumps is off by an ulp or two, not by M.
    """
    n_events, dimension = jumps.shape
    high = np.zeros(dimension)
    low = np.zeros(dimension)
    for event in range(n_events):
        for k in range(dimension):
            term = -0.5 * orientation[event] * jumps[event, k]
            total = high[k] + term
            part = total - high[k]
            low[k] += (high[k] - (total - part)) + (term - part)
            high[k] = total
    best = -1.0
    arc = -1
    side = 0
    for position in range(n_events):
        event = order[position]
        for k in range(dimension):
            term = orientation[event] * jumps[event, k]
            total = high[k] + term
            part = total - high[k]
            low[k] += (high[k] - (total - part)) + (term - part)
            high[k] = total
        if not distinct[position]:
            continue
        plus = 0.0
        minus = 0.0
        for k in range(dimension):
            r = high[k] + low[k]
            plus += (center[k] + r) * (center[k] + r)
            minus += (center[k] - r) * (center[k] - r)
        upper_half = flip < 0 or position + 1 >= flip
        lower_half = flip < 0 or position + 1 < flip
        if upper_half and plus > best:
            best, arc, side = plus, position, 1
        if lower_half and minus > best:
            best, arc, side = minus, position, -1
    return best, arc, side
