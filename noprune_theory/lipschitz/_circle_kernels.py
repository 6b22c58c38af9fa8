"""Compiled location of kinks on the great circles of an arrangement, tuple after tuple: serial, no fastmath."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True, no_cfunc_wrapper=True)
def next_circles(state, n_planes, cover, tuples):  # type: ignore[no-untyped-def]
    """Fill `tuples` with the next index tuples in lexicographic order; return how many.

    Parameters
    ----------
    state : ndarray of int64, shape (t + 1,)
        Next tuple, and a last entry that is 0 once all are done. Modified in place.
    n_planes : int
    cover : bool
        Keep only a family of t-tuples of which every (t + 1)-set of planes contains one: a simple arrangement has a
        vertex on every cell, t + 1 planes through it, and an edge of the cell along each t of them.
    tuples : ndarray of int64, shape (block, t)
    """
    size = tuples.shape[1]
    filled = 0
    while filled < tuples.shape[0] and state[size] == 1:
        keep = True
        if cover and size == 1:
            keep = state[0] < n_planes - 1
        elif cover and size == 3:
            # Turan's family for triples: all in one of three parts, or two in a part and one in the next.
            a, b, c = state[0] % 3, state[1] % 3, state[2] % 3
            if a == b:
                keep = c == a or c == (a + 1) % 3
            elif a == c:
                keep = b == (a + 1) % 3
            else:
                keep = b == c and a == (b + 1) % 3
        elif cover:
            # Removing a member from a set that meets both parts gives either parity.
            odd = 0
            for k in range(size):
                odd += state[k] % 2
            keep = odd % 2 == 0 or odd == size
        if keep:
            for k in range(size):
                tuples[filled, k] = state[k]
            filled += 1
        position = size - 1
        while position >= 0 and state[position] == n_planes - size + position:
            position -= 1
        if position < 0:
            state[size] = 0
        else:
            state[position] += 1
            for k in range(position + 1, size):
                state[k] = state[k - 1] + 1
    return filled


@njit(cache=True, no_cfunc_wrapper=True)
def circle_keys(normals, supports, jumps, tuples, infinity, keys, starts, bases, limits, infinity_keys):  # type: ignore[no-untyped-def]
    """Locate all kinks on each circle cut out by a tuple of hyperplanes.

    Parameters
    ----------
    normals : ndarray, shape (D, M)
        Normals as columns.
    supports : ndarray of int64, shape (M,)
        Bit k is set where coordinate k of a normal is not exactly zero.
    jumps : ndarray, shape (M, 8)
        Gradient jumps, padded with zeros.
    tuples : ndarray of int64, shape (B, D - 2)
    infinity : int
        Index of the hyperplane at infinity, -1 for none.
    keys : ndarray of int64, shape (B, M)
        Out: position on the half circle (high bits), then hyperplane and orientation (2 hyperplane + (against)).
        Members of the tuple get the largest key.
    starts : ndarray, shape (B, 8)
        Out: half-sum of signed jumps before the first kink, tuple excluded.
    bases : ndarray, shape (B, 2, D)
        Out: orthonormal basis p, q; the half circle is p + t q, t real, and position = t / (1 + |t|).
    limits : ndarray of int64, shape (B,)
        Out: kinks nearer than this (in key units) may be in either order; -1 when the tuple is dependent to rounding
        or another hyperplane contains the circle; -2 when the tuple is dependent by its zeros, or when another tuple
        stands for the same circle.
    infinity_keys : ndarray of int64, shape (B, 2)
        Out: position of the kink at infinity and the sign of the last lifted coordinate after it (0: no kink).
    """
    dimension, n_planes = normals.shape
    size = tuples.shape[1]
    bits = 1
    while (1 << bits) < 2 * n_planes:
        bits += 1
    scale = float(1 << (61 - bits))
    reflectors = np.empty((size, dimension))
    columns = np.empty((size, dimension))
    alpha = np.empty(n_planes)
    beta = np.empty(n_planes)
    signs = np.empty(n_planes)
    for circle in range(tuples.shape[0]):
        volume = _householder(normals, tuples[circle], columns, reflectors)
        if volume < 1e-13:
            limits[circle] = -2 if _dependent_by_zeros(supports, tuples[circle]) else -1
            continue
        for axis in range(2):
            basis = bases[circle, axis]
            for i in range(dimension):
                basis[i] = 0.0
            basis[size + axis] = 1.0
            for k in range(size - 1, -1, -1):
                inner = 0.0
                for i in range(k, dimension):
                    inner += reflectors[k, i] * basis[i]
                for i in range(k, dimension):
                    basis[i] -= 2.0 * inner * reflectors[k, i]
        p, q = bases[circle, 0], bases[circle, 1]
        for j in range(n_planes):
            alpha[j] = p[0] * normals[0, j]
            beta[j] = q[0] * normals[0, j]
        for i in range(1, dimension):
            p_i, q_i = p[i], q[i]
            for j in range(n_planes):
                alpha[j] += p_i * normals[i, j]
                beta[j] += q_i * normals[i, j]
        for k in range(size):
            beta[tuples[circle, k]] = np.inf
        smallest = np.inf
        for j in range(n_planes):
            sign = 1.0 if beta[j] >= 0.0 else -1.0
            signs[j] = sign
            magnitude = max(abs(alpha[j]) + abs(beta[j]), 1e-300)
            smallest = min(smallest, magnitude)
            position = np.int64((1.0 - alpha[j] * sign / magnitude) * scale)
            keys[circle, j] = (position << bits) | (2 * j + (1 if sign < 0.0 else 0))
        # Householder's error is below 16 D^2 ulps; the circle amplifies it by 1 / volume, the angle by 1 / smallest.
        tolerance = 64.0 * dimension * dimension * 2.3e-16 / volume
        if smallest <= tolerance:
            limits[circle] = -1
            if _has_earlier_basis(normals, tuples[circle], alpha, beta, columns):
                limits[circle] = -2
            continue
        limits[circle] = np.int64(min(2.0 * tolerance / smallest, 2.0) * scale) + 2
        infinity_keys[circle, 0] = 0
        infinity_keys[circle, 1] = 0
        if infinity >= 0:
            infinity_keys[circle, 0] = keys[circle, infinity]
            infinity_keys[circle, 1] = np.int64(signs[infinity])
        for k in range(size):
            keys[circle, tuples[circle, k]] = np.iinfo(np.int64).max
            signs[tuples[circle, k]] = 0.0
            if tuples[circle, k] == infinity:
                infinity_keys[circle, 1] = 0
        start = starts[circle]
        for k in range(8):
            start[k] = 0.0
        for j in range(n_planes):
            half = -0.5 * signs[j]
            for k in range(8):
                start[k] += half * jumps[j, k]


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _dependent_by_zeros(supports, members):  # type: ignore[no-untyped-def]
    """Return whether some members have fewer coordinates between them than they are: then they are dependent."""
    for subset in range(1, 1 << members.shape[0]):
        union = 0
        surplus = 0
        for k in range(members.shape[0]):
            if (subset >> k) & 1:
                union |= supports[members[k]]
                surplus += 1
        while union:
            union &= union - 1
            surplus -= 1
        if surplus > 0:
            return True
    return False


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _has_earlier_basis(normals, members, alpha, beta, columns):  # type: ignore[no-untyped-def]
    """Return whether the hyperplanes through a circle clearly have an earlier basis, in index order, than `members`.

    Doubtful cases answer False: the circle is then looked at once more, not lost. `columns` is overwritten.
    """
    dimension, n_planes = normals.shape
    size = members.shape[0]
    chosen = 0
    for j in range(n_planes):
        member = False
        for k in range(size):
            member = member or members[k] == j
        if not member and abs(alpha[j]) + abs(beta[j]) > 1e-14:
            if abs(alpha[j]) + abs(beta[j]) < 1e-10:
                return False
            continue
        norm = 0.0
        for i in range(dimension):
            columns[chosen, i] = normals[i, j]
            norm += normals[i, j] * normals[i, j]
        for _ in range(2):
            for k in range(chosen):
                inner = 0.0
                for i in range(dimension):
                    inner += columns[k, i] * columns[chosen, i]
                for i in range(dimension):
                    columns[chosen, i] -= inner * columns[k, i]
        rest = 0.0
        for i in range(dimension):
            rest += columns[chosen, i] * columns[chosen, i]
        if rest < 1e-24 * norm:
            continue
        if rest < 1e-12 * norm:
            return False
        if not member:
            return True
        rest = np.sqrt(rest)
        for i in range(dimension):
            columns[chosen, i] /= rest
        chosen += 1
        if chosen == size:
            return False
    return False


@njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
def _householder(normals, members, columns, reflectors):  # type: ignore[no-untyped-def]
    """Triangularise the members' unit normals; return the product of the pivots, their volume."""
    dimension = normals.shape[0]
    size = members.shape[0]
    volume = 1.0
    for k in range(size):
        norm = 0.0
        for i in range(dimension):
            columns[k, i] = normals[i, members[k]]
            norm += columns[k, i] * columns[k, i]
        norm = np.sqrt(norm)
        for i in range(dimension):
            columns[k, i] /= norm
    for k in range(size):
        norm = 0.0
        for i in range(k, dimension):
            norm += columns[k, i] * columns[k, i]
        norm = np.sqrt(norm)
        volume *= norm
        if norm < 1e-14:
            return 0.0
        pivot = columns[k, k]
        for i in range(k):
            reflectors[k, i] = 0.0
        for i in range(k, dimension):
            reflectors[k, i] = columns[k, i]
        reflectors[k, k] += norm if pivot >= 0.0 else -norm
        length = 0.0
        for i in range(k, dimension):
            length += reflectors[k, i] * reflectors[k, i]
        length = np.sqrt(length)
        for i in range(k, dimension):
            reflectors[k, i] /= length
        for other in range(k + 1, size):
            inner = 0.0
            for i in range(k, dimension):
                inner += reflectors[k, i] * columns[other, i]
            for i in range(k, dimension):
                columns[other, i] -= 2.0 * inner * reflectors[k, i]
    return volume
