"""Least squares on the columns that a mask keeps, for one mask or very many.

For a mask with support S, |S| = k, the problem is::

    minimise  |X_S w - y|^2 + ridge |w|^2

and, where the minimiser is not unique (k > n or dependent columns, ridge = 0), the one of minimum Euclidean norm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import lapack

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import as_masks, as_samples, check_nonnegative

_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class LeastSquaresFit:
    """Least-squares fits, one a mask; scalars when a single mask was given.

    Attributes
    ----------
    weights : ndarray, shape (p,) or (n_masks, p)
        Fitted weights, zero where the mask is False.
    rank : int or ndarray of int, shape (n_masks,)
        Numerical rank of the kept columns (of the augmented matrix when ridge > 0).
    residual_norm : float or ndarray, shape (n_masks,)
        |X w - y|, in the units of y, without the ridge term.
    status : str or ndarray of str, shape (n_masks,)
        "ok"; "ill_conditioned": full rank, but so close to deficient that the solution was computed by a
        rank-revealing QR factorisation and its relative error may reach condition number x 2e-16;
        "rank_deficient": rank < min(n, k), minimum-norm solution returned.
    """

    weights: FloatArray
    rank: int | IntArray
    residual_norm: float | FloatArray
    status: str | NDArray[np.str_]


def least_squares(X: ArrayLike, y: ArrayLike, masks: ArrayLike | None = None, *, ridge: float = 0.0) -> LeastSquaresFit:
    """Fit y by the columns of X that each mask keeps.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data or features, one sample a row.
    y : array_like, shape (n,)
        Labels.
    masks : array_like of bool, shape (p,) or (n_masks, p), optional
        True where a weight is kept; all weights kept by default.
    ridge : float
        Coefficient >= 0 of |w|^2 beside the sum (not the mean) of squared errors.

    Returns
    -------
    LeastSquaresFit

    Raises
    ------
    TypeError
        If the data are not real or the masks not boolean.
    ValueError
        If an entry is NaN or infinite, a shape does not fit, n = 0, the masks are empty, or ridge < 0.

    Examples
    --------
    >>> fit = least_squares([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]], [1.0, 2.0], [False, True, True])
    >>> fit.weights, fit.rank, fit.status
    (array([0., 1., 1.]), 1, 'rank_deficient')
    """
    samples, labels = as_samples(X, y)
    strength = check_nonnegative("ridge", ridge)
    n_weights = samples.shape[1]
    kept = np.ones(n_weights, dtype=bool) if masks is None else as_masks("masks", masks, n_weights)
    batch = np.atleast_2d(kept)
    weights = np.zeros(batch.shape)
    rank = np.zeros(len(batch), dtype=np.int64)
    status = np.full(len(batch), "ok", dtype="<U15")
    for row in range(len(batch)):
        rank[row], status[row] = _solve_rank_revealing(samples, labels, batch[row], strength, weights[row])
    residual = np.array([np.linalg.norm(samples @ w - labels) for w in weights])
    if kept.ndim == 1:
        return LeastSquaresFit(weights[0], int(rank[0]), float(residual[0]), str(status[0]))
    return LeastSquaresFit(weights, rank, residual, status)


def _solve_rank_revealing(
    X: FloatArray, y: FloatArray, mask: BoolArray, ridge: float, out: FloatArray
) -> tuple[int, str]:
    """Write the minimum-norm solution for one mask into `out` (p,); return rank and status."""
    support = np.flatnonzero(mask)
    k = support.size
    if k == 0:
        return 0, "ok"
    block, target = X[:, support], y
    if ridge > 0:
        block = np.vstack([block, np.sqrt(ridge) * np.eye(k)])
        target = np.concatenate([y, np.zeros(k)])
    solution, rank = minimum_norm(block, target)
    out[support] = solution
    full = min(block.shape)
    return rank, "ok" if rank == full else "rank_deficient"


def minimum_norm(A: FloatArray, b: FloatArray) -> tuple[FloatArray, int]:
    """Return the minimum-norm least-squares solution of A w = b and the numerical rank of A.

    Column-pivoted QR with incremental condition estimation, completed to an orthogonal decomposition (LAPACK dgelsy);
    singular values below max(n, k) x 2.2e-16 of the largest count as zero, the convention of `numpy.linalg.lstsq`.
    """
    n, k = A.shape
    right = np.zeros((max(n, k), 1))
    right[:n, 0] = b
    pivots = np.zeros((k, 1), dtype=np.int32)
    size, _ = lapack.dgelsy_lwork(n, k, 1, max(n, k) * _EPSILON)
    _, solution, _, rank, info = lapack.dgelsy(A, right, pivots, max(n, k) * _EPSILON, int(size))
    if info != 0:
        raise np.linalg.LinAlgError(f"dgelsy failed with info = {info}")
    return solution[:k, 0], int(rank)
