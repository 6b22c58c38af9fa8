"""Compiled inner loops of the Lipschitz room: serial, no fastmath, arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numba import njit


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


@njit(cache=True)
def mixing_sweeps(vectors, factors, G, squares, sweeps):  # type: ignore[no-untyped-def]
    """Block coordinate ascent of |G|_F^2, G = c z_0^T + (1/2) sum_i v_i z_i^T, over unit vectors z_i.

    Each step puts z_i along G_{-i}^T v_i, the maximiser with the others fixed. `factors` (N, k) and `G` (d, k) are
    modified in place.

    Parameters
    ----------
    vectors : ndarray, shape (N, d)
    factors : ndarray, shape (N, k)
    G : ndarray, shape (d, k)
    squares : ndarray, shape (N,)
        |v_i|^2.
    sweeps : int

    Returns
    -------
    largest : float
        Largest |change of z_i|^2 in the last sweep.
    """
    n_vectors, dimension = vectors.shape
    rank = factors.shape[1]
    y = np.empty(rank)
    largest = 0.0
    for _ in range(sweeps):
        largest = 0.0
        for i in range(n_vectors):
            for k in range(rank):
                y[k] = -0.5 * squares[i] * factors[i, k]
            for a in range(dimension):
                entry = vectors[i, a]
                for k in range(rank):
                    y[k] += entry * G[a, k]
            norm = 0.0
            for k in range(rank):
                norm += y[k] * y[k]
            if norm == 0.0:
                continue
            norm = 1.0 / np.sqrt(norm)
            change = 0.0
            for k in range(rank):
                y[k] = y[k] * norm - factors[i, k]
                change += y[k] * y[k]
                factors[i, k] += y[k]
            largest = max(largest, change)
            for a in range(dimension):
                entry = 0.5 * vectors[i, a]
                for k in range(rank):
                    G[a, k] += entry * y[k]
    return largest
