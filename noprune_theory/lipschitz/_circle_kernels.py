"""Compiled location of kinks on the great circles of an arrangement: serial, no fastmath."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit

# What `min`, `max`, `int` and `np.iinfo` do is written out in these loops: numba compiles a function for each of them.
_LAST = 2**63 - 1


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def circle_keys(normals, jumps, tuples, bases, bits, scale, keys, starts, nearest, scratch):  # type: ignore[no-untyped-def]
    """Locate all kinks on each circle cut out by a tuple of hyperplanes.

    Parameters
    ----------
    normals : ndarray, shape (D, M)
        Normals as columns.
    jumps : ndarray, shape (M, 8)
        Gradient jumps, padded with zeros.
    tuples : ndarray of int64, shape (B, D - 2)
    bases : ndarray, shape (B, 2, D)
        Orthonormal basis p, q; the half circle is p + t q, t real, and position = t / (1 + |t|).
    bits : int
        2 M <= 2^bits.
    scale : float
        Key units in half the range of positions.
    keys : ndarray of int64, shape (B, M)
        Out: position on the half circle (high bits), then hyperplane and orientation (2 hyperplane + (against)).
        Members of the tuple get the largest key.
    starts : ndarray, shape (B, 8)
        Out: half-sum of signed jumps before the first kink, tuple excluded.
    nearest : ndarray, shape (B,)
        Out: least |<p, n>| + |<q, n>| of the normals n, tuple excluded: near 0 when one contains the circle.
    scratch : ndarray, shape (3, M)
        Overwritten.
    """
    dimension, n_planes = normals.shape
    alpha, beta, signs = scratch[0], scratch[1], scratch[2]
    for circle in range(tuples.shape[0]):
        p, q = bases[circle, 0, 0], bases[circle, 1, 0]
        for j in range(n_planes):
            alpha[j] = p * normals[0, j]
            beta[j] = q * normals[0, j]
        for i in range(1, dimension):
            p, q = bases[circle, 0, i], bases[circle, 1, i]
            for j in range(n_planes):
                alpha[j] += p * normals[i, j]
                beta[j] += q * normals[i, j]
        for k in range(tuples.shape[1]):
            beta[tuples[circle, k]] = np.inf
        least = np.inf
        for j in range(n_planes):
            sign = 1.0 if beta[j] >= 0.0 else -1.0
            signs[j] = sign
            magnitude = abs(alpha[j]) + abs(beta[j])
            if magnitude < 1e-300:
                magnitude = 1e-300
            if magnitude < least:
                least = magnitude
            position = np.int64((1.0 - alpha[j] * sign / magnitude) * scale)
            keys[circle, j] = (position << bits) | (2 * j + (1 if sign < 0.0 else 0))
        nearest[circle] = least
        for k in range(tuples.shape[1]):
            keys[circle, tuples[circle, k]] = _LAST
            signs[tuples[circle, k]] = 0.0
        for k in range(8):
            starts[circle, k] = 0.0
        for j in range(n_planes):
            half = -0.5 * signs[j]
            for k in range(8):
                starts[circle, k] += half * jumps[j, k]


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def mark_later_tuples(normals, tuples, bases, chosen, limits, columns):  # type: ignore[no-untyped-def]
    """Write -2 into the `limits` of chosen circles where an earlier tuple, in index order, clearly stands for the same.

    Doubtful cases are left alone: the circle is then looked at once more, not lost. `columns` (D - 2, D) is
    overwritten.
    """
    dimension, n_planes = normals.shape
    size = tuples.shape[1]
    for circle in chosen:
        found = 0
        for j in range(n_planes):
            member = False
            for k in range(size):
                member = member or tuples[circle, k] == j
            if not member:
                alpha = 0.0
                beta = 0.0
                for i in range(dimension):
                    alpha += bases[circle, 0, i] * normals[i, j]
                    beta += bases[circle, 1, i] * normals[i, j]
                off = abs(alpha) + abs(beta)
                if off >= 1e-10:
                    continue
                if off > 1e-14:
                    break
            norm = 0.0
            for i in range(dimension):
                columns[found, i] = normals[i, j]
                norm += normals[i, j] * normals[i, j]
            for _ in range(2):
                for k in range(found):
                    inner = 0.0
                    for i in range(dimension):
                        inner += columns[k, i] * columns[found, i]
                    for i in range(dimension):
                        columns[found, i] -= inner * columns[k, i]
            rest = 0.0
            for i in range(dimension):
                rest += columns[found, i] * columns[found, i]
            if rest < 1e-24 * norm:
                continue
            if rest < 1e-12 * norm:
                break
            if not member:
                limits[circle] = -2
                break
            rest = np.sqrt(rest)
            for i in range(dimension):
                columns[found, i] /= rest
            found += 1
            if found == size:
                break
