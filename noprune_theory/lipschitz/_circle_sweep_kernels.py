"""Compiled visit of the cells next to the arcs of great circles: serial, no fastmath."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def sweep_circles(  # type: ignore[no-untyped-def]
    keys, starts, limits, infinity_keys, tuples, bits, jumps, lengths, longest, center, best, found, tied
):
    """Visit the cells next to the arcs of each circle, but for arcs that may be points; return the best norm.

    Parameters
    ----------
    keys, starts, tuples, bits : see `circle_keys`; the keys are sorted along each circle.
    limits, infinity_keys : see `Block`.
    jumps : ndarray, shape (M, 8), and lengths : ndarray, shape (M,)
        The jumps and their norms.
    longest : float
        The largest norm.
    center : ndarray, shape (8,)
    best : float
        A gradient norm known to be attained: arcs that cannot beat it are passed over.
    found : ndarray of int64, shape (4,)
        Out, when it is beaten: circle, event before the arc, signs of the tuple (bits), side +-1.
    tied : ndarray of bool, shape (B,)
        Out: whether two kinks of the circle are too near to be ordered.

    Notes
    -----
    Between two arcs m kinks apart the norm changes by at most m times the largest jump, so most arcs are skipped.
    """
    size = tuples.shape[1]
    n_events = keys.shape[1] - size
    low_bits = (1 << bits) - 1
    full_turn = 1 << (62 - bits)
    center_square = 0.0
    for k in range(8):
        center_square += center[k] * center[k]
    r = np.empty(8)
    for circle in range(keys.shape[0]):
        limit = limits[circle]
        tied[circle] = False
        if limit < 0:
            continue
        row = keys[circle]
        nearest = (row[0] >> bits) + full_turn - (row[n_events - 1] >> bits)
        for event in range(n_events - 1):
            apart = (row[event + 1] - row[event]) >> bits
            if apart < nearest:
                nearest = apart
        tied[circle] = nearest <= limit
        local = 0.0
        for i in range(size):
            local += 0.5 * lengths[tuples[circle, i]]
        for k in range(8):
            r[k] = starts[circle, k]
        skip = np.int64(0)
        for event in range(n_events):
            key = row[event]
            sign = 1.0 - 2.0 * (key & 1)
            plane = (key & low_bits) >> 1
            for k in range(8):
                r[k] += sign * jumps[plane, k]
            if skip > 0:
                skip -= 1
                continue
            square = center_square
            inner = 0.0
            for k in range(0, 8, 2):
                square += r[k] * r[k] + r[k + 1] * r[k + 1]
                inner += center[k] * r[k] + center[k + 1] * r[k + 1]
            bound = np.sqrt(square + 2.0 * abs(inner)) + local
            if bound < best:
                skip = np.int64((best - bound) / longest)
                continue
            following = row[event + 1] >> bits if event + 1 < n_events else (row[0] >> bits) + full_turn
            if nearest <= limit and following - (key >> bits) <= limit + 1:
                continue
            side = infinity_keys[circle, 1] if key >= infinity_keys[circle, 0] else -infinity_keys[circle, 1]
            for pattern in range(1 << size):
                plus = 0.0
                minus = 0.0
                for k in range(8):
                    total = r[k]
                    for i in range(size):
                        total += (((pattern >> i) & 1) - 0.5) * jumps[tuples[circle, i], k]
                    ahead = center[k] + total
                    behind = center[k] - total
                    plus += ahead * ahead
                    minus += behind * behind
                forward = side > 0 or (side == 0 and plus >= minus)
                norm = np.sqrt(plus if forward else minus)
                if norm > best:
                    best = norm
                    found[0] = circle
                    found[1] = event
                    found[2] = pattern
                    found[3] = 1 if forward else -1
    return best
