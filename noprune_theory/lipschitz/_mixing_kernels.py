"""Compiled mixing ascent of the LipSDP dual of one hidden layer: serial, no fastmath."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True, no_cfunc_wrapper=True, error_model="numpy")
def mixing_sweeps(vectors, factors, G, squares, sweeps, relaxation):  # type: ignore[no-untyped-def]
    """Block coordinate ascent of |G|_F^2, G = c z_0^T + (1/2) sum_i v_i z_i^T, over unit vectors z_i.

    A step moves z_i towards the maximiser with the others fixed, which lies along G_{-i}^T v_i, and `relaxation` times
    as far (then back to unit length). `factors` (N, k) and `G` (d, k) are modified in place.

    Parameters
    ----------
    vectors : ndarray, shape (N, d)
    factors : ndarray, shape (N, k)
    G : ndarray, shape (d, k)
    squares : ndarray, shape (N,)
        |v_i|^2.
    sweeps : int
    relaxation : float
        1 never lowers the value; 1.7 converges several times faster near the maximum.
    """
    n_vectors, dimension = vectors.shape
    rank = factors.shape[1]
    y = np.empty(rank)
    for _ in range(sweeps):
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
            stretch = relaxation / np.sqrt(norm)
            norm = 0.0
            for k in range(rank):
                y[k] = stretch * y[k] + (1.0 - relaxation) * factors[i, k]
                norm += y[k] * y[k]
            if norm == 0.0:
                continue
            stretch = 1.0 / np.sqrt(norm)
            for k in range(rank):
                moved = stretch * y[k]
                y[k] = moved - factors[i, k]
                factors[i, k] = moved
            for a in range(dimension):
                entry = 0.5 * vectors[i, a]
                for k in range(rank):
                    G[a, k] += entry * y[k]
