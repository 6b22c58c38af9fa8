"""Compiled search for kinks that are too near to each other to be ordered: serial, no fastmath."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def doubtful_groups(  # type: ignore[no-untyped-def]
    keys, starts, limits, tied, tuples, supports, rank, bits, jumps, lengths, center, best, doubts, r
):
    """Bound the gradients between kinks that are too near to be ordered; return the number of bounds above `best`.

    Parameters
    ----------
    keys, starts, limits, tuples, bits, jumps, lengths, center : see `sweep_circles`
    tied : ndarray of int64
        The circles to look at.
    supports : ndarray of int64, shape (M,)
        Bit k is set where coordinate k of a normal is not exactly zero.
    rank : int
        Dimension D of the arrangement: hyperplanes whose zeros show a rank below D share a ray.
    best : float
        A gradient norm known to be attained.
    doubts : ndarray, shape (n, 4)
        Out: circle, first and last event of kinks too near to be ordered, and a bound on every gradient between them,
        where that bound exceeds the best value. A first event 0 includes the antipodes of the last kinks.
    r : ndarray, shape (8,)
        Overwritten.
    """
    n_events = keys.shape[1] - tuples.shape[1]
    low_bits = (1 << bits) - 1
    full_turn = np.int64(1) << (62 - bits)
    n_doubts = 0
    for circle in tied:
        row, limit = keys[circle], limits[circle]
        local = 0.0
        for i in range(tuples.shape[1]):
            local += 0.5 * lengths[tuples[circle, i]]
        for k in range(8):
            r[k] = starts[circle, k]
        # Kinks at the very end may belong to the first group: its bound has to reach over them.
        wrapped = _group_length(row, n_events, bits, limit, lengths)
        group = wrapped
        first = np.int64(0)
        before = _reach(r, center) + local
        for event in range(n_events):
            code = row[event] & low_bits
            sign = 1.0 - 2.0 * (code & 1)
            for k in range(8):
                r[k] += sign * jumps[code >> 1, k]
            group += lengths[code >> 1]
            following = row[event + 1] >> bits if event + 1 < n_events else (row[0] >> bits) + full_turn
            if following - (row[event] >> bits) <= limit + 1:
                continue
            if (
                (first < event or wrapped > 0.0)
                and before + group > best
                and not _concurrent_by_zeros(
                    row, first, event, wrapped > 0.0, n_events, bits, limit, tuples[circle], supports, rank
                )
            ):
                if n_doubts < doubts.shape[0]:
                    doubts[n_doubts, 0] = circle
                    doubts[n_doubts, 1] = first
                    doubts[n_doubts, 2] = event
                    doubts[n_doubts, 3] = before + group
                n_doubts += 1
            group = 0.0
            wrapped = 0.0
            first = np.int64(event + 1)
            before = _reach(r, center) + local
    return n_doubts


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _reach(r, center):  # type: ignore[no-untyped-def]
    """Return the larger of |center + r| and |center - r|."""
    square = 0.0
    inner = 0.0
    for k in range(8):
        square += center[k] * center[k] + r[k] * r[k]
        inner += center[k] * r[k]
    return np.sqrt(square + 2.0 * abs(inner))


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _group_length(row, n_events, bits, limit, lengths):  # type: ignore[no-untyped-def]
    """Return the sum of jump lengths of the last kinks that cannot be told from the antipode of the first."""
    low_bits = (1 << bits) - 1
    total = 0.0
    following = (row[0] >> bits) + (np.int64(1) << (62 - bits))
    event = n_events - 1
    while event > 0 and following - (row[event] >> bits) <= limit + 1:
        total += lengths[(row[event] & low_bits) >> 1]
        following = row[event] >> bits
        event -= 1
    return total


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _concurrent_by_zeros(row, first, last, wrapped, n_events, bits, limit, members, supports, rank):  # type: ignore[no-untyped-def]
    """Return whether the zeros of the members and of a group of kinks alone show a common ray (rank below D)."""
    low_bits = (1 << bits) - 1
    tail = n_events
    if wrapped:
        following = (row[0] >> bits) + (np.int64(1) << (62 - bits))
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
