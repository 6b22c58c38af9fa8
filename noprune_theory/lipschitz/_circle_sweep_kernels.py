"""Compiled visit of the cells next to the arcs of great circles: serial, no fastmath."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True, no_cfunc_wrapper=True)
def sweep_circles(keys, starts, limits, infinity_keys, tuples, supports, rank, jumps, center, incumbent, found, doubts):  # type: ignore[no-untyped-def]
    """Visit all cells next to the arcs of each circle; return the best norm, the number of doubts and of ties.

    Parameters
    ----------
    keys, starts, limits, infinity_keys, tuples, supports : see `circle_keys`; the keys are sorted along each circle.
    rank : int
        Dimension D of the arrangement: hyperplanes whose zeros show a rank below D share a ray.
    jumps : ndarray, shape (M, 8)
    center : ndarray, shape (8,)
    incumbent : float
        A gradient norm known to be attained: arcs that cannot beat it are passed over.
    found : ndarray of int64, shape (4,)
        Out, when the incumbent is beaten: circle, event before the arc, signs of the tuple (bits), side +-1.
    doubts : ndarray, shape (n, 4)
        Out: circle, first and last event of kinks too near to be ordered, and a bound on every gradient between them,
        where that bound exceeds the best value. A first event 0 includes the antipodes of the last kinks.

    Notes
    -----
    Between two arcs m kinks apart the norm changes by at most m times the largest jump, so most arcs are skipped.
    """
    n_planes = jumps.shape[0]
    size = tuples.shape[1]
    n_events = n_planes - size
    bits = 1
    while (1 << bits) < 2 * n_planes:
        bits += 1
    low_bits = (1 << bits) - 1
    full_turn = np.int64(1) << np.int64(62 - bits)
    lengths = np.empty(n_planes)
    for j in range(n_planes):
        square = 0.0
        for k in range(8):
            square += jumps[j, k] * jumps[j, k]
        lengths[j] = np.sqrt(square)
    longest = 0.0
    for j in range(n_planes):
        longest = max(longest, lengths[j])
    center_square = 0.0
    for k in range(8):
        center_square += center[k] * center[k]
    best = incumbent
    n_doubts = 0
    n_ties = 0
    r = np.empty(8)
    for circle in range(keys.shape[0]):
        if limits[circle] < 0:
            continue
        row = keys[circle]
        nearest = (row[0] >> bits) + full_turn - (row[n_events - 1] >> bits)
        for event in range(n_events - 1):
            nearest = min(nearest, (row[event + 1] - row[event]) >> bits)
        tied = nearest <= limits[circle]
        n_ties += tied
        local = 0.0
        for k in range(size):
            local += 0.5 * lengths[tuples[circle, k]]
        for k in range(8):
            r[k] = starts[circle, k]
        wrapped = 0.0
        if tied:
            # Kinks at the very end may belong to the first group: its bound has to reach over them.
            wrapped = _group_length(row, 0, n_events, bits, limits[circle], lengths, full_turn)
        group = wrapped
        group_start = np.int64(0)
        before = _reach(r, center, center_square) + local
        skip = 0
        for event in range(n_events):
            code = row[event] & low_bits
            sign = 1.0 - 2.0 * (code & 1)
            plane = code >> 1
            for k in range(8):
                r[k] += sign * jumps[plane, k]
            if skip > 0:
                skip -= 1
                continue
            bound = _reach(r, center, center_square) + local
            if tied:
                group += lengths[plane]
                following = row[event + 1] >> bits if event + 1 < n_events else (row[0] >> bits) + full_turn
                if following - (row[event] >> bits) <= limits[circle] + 1:
                    continue
                if (
                    (group_start < event or wrapped > 0.0)
                    and before + group > best
                    and not _concurrent_by_zeros(
                        row,
                        group_start,
                        event,
                        wrapped > 0.0,
                        n_events,
                        bits,
                        limits[circle],
                        tuples[circle],
                        supports,
                        rank,
                    )
                ):
                    if n_doubts < doubts.shape[0]:
                        doubts[n_doubts, 0] = circle
                        doubts[n_doubts, 1] = group_start
                        doubts[n_doubts, 2] = event
                        doubts[n_doubts, 3] = before + group
                    n_doubts += 1
                group = 0.0
                wrapped = 0.0
                group_start = np.int64(event + 1)
                before = bound
            if bound < best:
                if not tied:
                    skip = int((best - bound) / longest)
                continue
            side = infinity_keys[circle, 1]
            if side != 0 and row[event] < infinity_keys[circle, 0]:
                side = -side
            best = _best_local_cell(r, tuples[circle], jumps, center, side, best, found, circle, event)
    return best, n_doubts, n_ties


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _reach(r, center, center_square):  # type: ignore[no-untyped-def]
    """Return the larger of |center + r| and |center - r|."""
    square = center_square
    inner = 0.0
    for k in range(8):
        square += r[k] * r[k]
        inner += center[k] * r[k]
    return np.sqrt(square + 2.0 * abs(inner))


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _group_length(row, first, n_events, bits, limit, lengths, full_turn):  # type: ignore[no-untyped-def]
    """Return the sum of jump lengths of the last kinks that cannot be told from the antipode of the first."""
    low_bits = (1 << bits) - 1
    total = 0.0
    following = (row[first] >> bits) + full_turn
    event = n_events - 1
    while event > first and following - (row[event] >> bits) <= limit + 1:
        total += lengths[(row[event] & low_bits) >> 1]
        following = row[event] >> bits
        event -= 1
    return total


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _concurrent_by_zeros(row, first, last, wrapped, n_events, bits, limit, members, supports, rank):  # type: ignore[no-untyped-def]
    """Return whether the zeros of the members and of a group of kinks alone show a common ray (rank below D)."""
    low_bits = (1 << bits) - 1
    full_turn = np.int64(1) << np.int64(62 - bits)
    tail = n_events
    if wrapped:
        following = (row[0] >> bits) + full_turn
        while tail - 1 > last and following - (row[tail - 1] >> bits) <= limit + 1:
            tail -= 1
            following = row[tail] >> bits
    for subset in range(1, 1 << rank):
        # By Hall's theorem the rank is deficient when fewer rows touch some coordinates than they are.
        rows_left = 0
        coordinates = subset
        while coordinates:
            coordinates &= coordinates - 1
            rows_left += 1
        for k in range(members.shape[0]):
            rows_left -= (supports[members[k]] & subset) != 0
        event = first
        while event < n_events and rows_left > 0:
            rows_left -= (supports[(row[event] & low_bits) >> 1] & subset) != 0
            event = tail if event == last else event + 1
        if rows_left > 0:
            return True
    return False


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _best_local_cell(r, members, jumps, center, side, best, found, circle, event):  # type: ignore[no-untyped-def]
    """Try every side of every hyperplane through the arc; return the best norm, recording it when it improves."""
    for pattern in range(1 << members.shape[0]):
        plus = 0.0
        minus = 0.0
        for k in range(8):
            total = r[k]
            for i in range(members.shape[0]):
                half = 0.5 if (pattern >> i) & 1 else -0.5
                total += half * jumps[members[i], k]
            plus += (center[k] + total) * (center[k] + total)
            minus += (center[k] - total) * (center[k] - total)
        plus = np.sqrt(plus)
        minus = np.sqrt(minus)
        if side >= 0 and plus > best:
            best = plus
            found[0], found[1], found[2], found[3] = circle, event, pattern, 1
        if side <= 0 and minus > best:
            best = minus
            found[0], found[1], found[2], found[3] = circle, event, pattern, -1
    return best
