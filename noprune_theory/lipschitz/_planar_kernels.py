"""Compiled sweeps over the arcs that lines cut out of the half circle: serial, no fastmath."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit

# Entries, products and their squares between these, or zero, need no scaling.
_SMALLEST, _LARGEST = 2.0**-200, 2.0**200


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
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


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def planar_events(directions, weights, bits, levels):  # type: ignore[no-untyped-def]
    """Return sortable events of the half circle and the sums that the sweep starts from, in one pass over the units.

    Parameters
    ----------
    directions, weights : ndarray, shapes (N, 2), (N,)
    bits : int
        N <= 2^bits.
    levels : float
        Number of steps into which the range of the keys is divided, a power of two; bits and its logarithm are at most
        62 in sum.

    Returns
    -------
    events : ndarray of int64, shape (M,)
        Rounded key 2^bits + number of the unit, for the units with a kink.
    jumps : ndarray, shape (N, 2)
        a_j w_j along the direction of the sweep; rows of other units hold nothing.
    sums : ndarray, shape (6,)
        High and low part of the first and of the second coordinate of r, half the sum of the jumps against the sweep,
        and the centre, half the sum of a_j w_j.
    total : float
        Sum of |a_j w_j|, plainly added; negative where a number is out of range.
    """
    count = weights.shape[0]
    events = np.empty(count, dtype=np.int64)
    jumps = np.empty((count, 2))
    high_x, low_x, high_y, low_y = 0.0, 0.0, 0.0, 0.0
    center_x, rest_x, center_y, rest_y = 0.0, 0.0, 0.0, 0.0
    total, found, ranged = 0.0, 0, True
    for unit in range(count):
        x, y, weight = directions[unit, 0], directions[unit, 1], weights[unit]
        for value in (x, y, weight):
            size = abs(value)
            ranged &= size == 0.0 or (_SMALLEST <= size <= _LARGEST)
        if weight == 0.0 or (x == 0.0 and y == 0.0):
            continue
        along_x, along_y = weight * x, weight * y
        total += np.sqrt(along_x * along_x + along_y * along_y)
        term = 0.5 * along_x
        new = center_x + term
        part = new - center_x
        rest_x += (center_x - (new - part)) + (term - part)
        center_x = new
        term = 0.5 * along_y
        new = center_y + term
        part = new - center_y
        rest_y += (center_y - (new - part)) + (term - part)
        center_y = new
        turn = 1.0 if y > 0.0 or (y == 0.0 and x > 0.0) else -1.0
        term = -0.5 * (turn * along_x)
        new = high_x + term
        part = new - high_x
        low_x += (high_x - (new - part)) + (term - part)
        high_x = new
        term = -0.5 * (turn * along_y)
        new = high_y + term
        part = new - high_y
        low_y += (high_y - (new - part)) + (term - part)
        high_y = new
        jumps[unit, 0], jumps[unit, 1] = turn * along_x, turn * along_y
        key = 1.0 - turn * x / (abs(x) + abs(y))
        events[found] = (np.int64(key * (0.5 * levels)) << bits) | unit
        found += 1
    sums = np.empty(6)
    sums[0], sums[1], sums[2], sums[3] = high_x, low_x, high_y, low_y
    sums[4], sums[5] = center_x + rest_x, center_y + rest_y
    return events[:found], jumps, sums, total if ranged else -1.0


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def planar_generic_sweep(events, jumps, sums, bits):  # type: ignore[no-untyped-def]
    """Visit the arcs between sorted events; return as `planar_sweep`, or -1, -1, 0 where two events are too near.

    Events whose rounded keys differ by less than two may be out of order.
    """
    high_x, low_x, high_y, low_y = sums[0], sums[1], sums[2], sums[3]
    center_x, center_y = sums[4], sums[5]
    mask = (np.int64(1) << bits) - 1
    before = np.int64(-2)
    best, arc, side = -1.0, -1, 0
    for position in range(events.shape[0]):
        event = events[position]
        level = event >> bits
        if level - before < 2:
            return -1.0, -1, 0
        before = level
        unit = event & mask
        term = jumps[unit, 0]
        new = high_x + term
        part = new - high_x
        low_x += (high_x - (new - part)) + (term - part)
        high_x = new
        term = jumps[unit, 1]
        new = high_y + term
        part = new - high_y
        low_y += (high_y - (new - part)) + (term - part)
        high_y = new
        x, y = high_x + low_x, high_y + low_y
        plus = (center_x + x) * (center_x + x) + (center_y + y) * (center_y + y)
        minus = (center_x - x) * (center_x - x) + (center_y - y) * (center_y - y)
        if plus > best:
            best, arc, side = plus, position, 1
        if minus > best:
            best, arc, side = minus, position, -1
    return best, arc, side


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def planar_gradient(directions, weights, x, y, margin):  # type: ignore[no-untyped-def]
    """Return what sum_j a_j relu(<w_j, z>) is at z = (x, y), numbers in range.

    Returns
    -------
    active : ndarray of bool, shape (N,)
        Whether <w_j, z> > 0.
    first, second, size : float
        The gradient, from products rounded once and prefix sums with their errors, and the sum of |a_j w_j| over the
        active units in the norm |.|_1, plainly added; size is negative where a sign is not certain: |<w_j, z>| is at
        most `margin` times the sum of the sizes.
    """
    count = weights.shape[0]
    active = np.zeros(count, dtype=np.bool_)
    high_x, low_x, high_y, low_y, size = 0.0, 0.0, 0.0, 0.0, 0.0
    certain = True
    for unit in range(count):
        across, up = directions[unit, 0] * x, directions[unit, 1] * y
        slope, weight = across + up, weights[unit]
        certain &= (
            abs(slope) > margin * (abs(across) + abs(up))
            or weight == 0.0
            or (directions[unit, 0] == 0.0 and directions[unit, 1] == 0.0)
        )
        if slope > 0.0:
            active[unit] = True
            term = weight * directions[unit, 0]
            size += abs(term)
            new = high_x + term
            part = new - high_x
            low_x += (high_x - (new - part)) + (term - part)
            high_x = new
            term = weight * directions[unit, 1]
            size += abs(term)
            new = high_y + term
            part = new - high_y
            low_y += (high_y - (new - part)) + (term - part)
            high_y = new
    return active, high_x + low_x, high_y + low_y, size if certain else -1.0
