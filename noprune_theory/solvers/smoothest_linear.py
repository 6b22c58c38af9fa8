"""The smoothest linear fit below a loss level.

A linear function has Lipschitz constant |w|, so for the support S of a mask the problem is::

    minimise  |w|   subject to   (1/n) |X_S w - y|^2 <= max_mse.

It is convex. Where the constraint binds, the minimiser is the ridge solution whose loss equals the level, and the ridge
parameter is the root of a scalar (secular) equation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from noprune_theory._types import FloatArray
from noprune_theory._validation import as_float_array, as_masks, as_samples

_EPSILON = float(np.finfo(np.float64).eps)
# A level this close (relative) to the smallest reachable loss counts as that loss: the two are equal up to rounding.
_LEVEL_SLACK = 1e-12


@dataclass(frozen=True)
class SmoothestLinearFit:
    """Fits of least Lipschitz constant at given loss levels.

    Every attribute has the leading shape `batch + levels`, where batch is () for one mask and (n_masks,) for many, and
    levels is () for a scalar `max_mse` and (n_levels,) for an array. Scalars where that shape is ().

    Attributes
    ----------
    weights : ndarray, shape batch + levels + (p,)
        Fitted weights, zero where the mask is False; NaN where infeasible.
    lipschitz : float or ndarray
        |w|, the exact Lipschitz constant; NaN where infeasible.
    mse : float or ndarray
        Mean squared error attained; where infeasible, the smallest one that the mask can attain.
    ridge : float or ndarray
        Parameter of the equivalent problem |X_S w - y|^2 + ridge |w|^2; inf when w = 0, NaN where infeasible.
    status : str or ndarray of str
        "ok", or "infeasible": no weights on this mask reach the level.
    """

    weights: FloatArray
    lipschitz: float | FloatArray
    mse: float | FloatArray
    ridge: float | FloatArray
    status: str | NDArray[np.str_]


def smoothest_linear_fit(
    X: ArrayLike, y: ArrayLike, masks: ArrayLike | None = None, *, max_mse: ArrayLike
) -> SmoothestLinearFit:
    """Minimise the Lipschitz constant of a masked linear fit subject to a bound on its mean squared error.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, one sample a row.
    y : array_like, shape (n,)
        Labels.
    masks : array_like of bool, shape (p,) or (n_masks, p), optional
        True where a weight is kept; all weights kept by default.
    max_mse : float or array_like, shape (n_levels,)
        Loss level(s) >= 0, in squared units of y. All levels share the factorisation of a mask.

    Returns
    -------
    SmoothestLinearFit

    Raises
    ------
    TypeError
        If the data are not real or the masks not boolean.
    ValueError
        If an entry is NaN or infinite, a shape does not fit, n = 0, the masks are empty, or a level is negative.

    Examples
    --------
    >>> fit = smoothest_linear_fit([[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0], max_mse=0.5)
    >>> round(fit.mse, 12), bool(fit.lipschitz < 1.0)
    (0.5, True)
    """
    samples, labels = as_samples(X, y)
    n_weights = samples.shape[1]
    kept = np.ones(n_weights, dtype=bool) if masks is None else as_masks("masks", masks, n_weights)
    levels = as_float_array("max_mse", max_mse, ndim=(0, 1))
    if levels.min() < 0:
        raise ValueError(f"max_mse must be >= 0, got {levels.min()}")
    batch = np.atleast_2d(kept)
    shape = (len(batch), levels.size)
    weights, mse, ridge = np.zeros((*shape, n_weights)), np.empty(shape), np.empty(shape)
    for row, mask in enumerate(batch):
        support = np.flatnonzero(mask)
        weights[row][:, support], mse[row], ridge[row] = _spectral_fits(samples[:, support], labels, np.ravel(levels))
    return _assemble(weights, mse, ridge, kept.shape[:-1] + levels.shape)


def _assemble(weights: FloatArray, mse: FloatArray, ridge: FloatArray, shape: tuple[int, ...]) -> SmoothestLinearFit:
    """Give the results the leading shape of the call; a NaN ridge marks an infeasible level."""
    lipschitz = np.linalg.norm(weights, axis=-1)
    status = np.where(np.isnan(ridge), "infeasible", "ok")
    if shape == ():
        return SmoothestLinearFit(
            weights[0, 0], float(lipschitz[0, 0]), float(mse[0, 0]), float(ridge[0, 0]), str(status[0, 0])
        )
    p = weights.shape[-1]
    return SmoothestLinearFit(
        weights.reshape(*shape, p),
        lipschitz.reshape(shape),
        mse.reshape(shape),
        ridge.reshape(shape),
        status.reshape(shape),
    )


def _spectral_fits(block: FloatArray, y: FloatArray, levels: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weights (n_levels, k), mse and ridge (n_levels,) for one block (n, k), from one SVD.

    With X_S = U diag(s) V^T and beta = U^T y, the residual splits into a part that no weights reach and
    beta_i / (1 + mu s_i^2), mu = 1 / ridge.
    """
    n, k = block.shape
    U, s, Vt = np.linalg.svd(block, full_matrices=False) if k else (np.zeros((n, 0)), np.zeros(0), np.zeros((0, 0)))
    rank = int(np.count_nonzero(s > max(n, k) * _EPSILON * s.max(initial=0.0)))
    U, s, Vt = U[:, :rank], s[:rank], Vt[:rank]
    beta = U.T @ y
    unreachable = 0.0 if rank == n else float(np.sum((y - U @ beta) ** 2))
    weights, mse, ridge = np.zeros((levels.size, k)), np.empty(levels.size), np.empty(levels.size)
    for i, level in enumerate(levels):
        ridge[i] = secular_root(s, beta, n * level - unreachable, _LEVEL_SLACK * n * level)
        if np.isnan(ridge[i]):
            weights[i], mse[i] = np.nan, unreachable / n
            continue
        # s / (s^2 + ridge), written so that ridge = 0 and ridge = inf are both exact.
        weights[i] = (beta / (s * (1.0 + (ridge[i] / s) / s))) @ Vt if ridge[i] < np.inf else 0.0
        mse[i] = np.mean((block @ weights[i] - y) ** 2)
    return weights, mse, ridge


def secular_root(s: FloatArray, beta: FloatArray, budget: float, slack: float) -> float:
    """Return the ridge for which sum_i (beta_i / (1 + s_i^2 / ridge))^2 = budget, s > 0.

    inf if the budget holds the whole of beta, 0 if it is zero up to `slack`, NaN if it is negative.

    Newton's method on 1/h(mu) = 1/sqrt(budget), h(mu) = |beta / (1 + mu s^2)|, mu = 1 / ridge. 1/h is increasing and
    concave (Reinsch 1971; Moré & Sorensen 1983), so from mu = 0 the iterates increase to the root without safeguards.
    """
    total = float(beta @ beta)
    if budget >= total:
        return math.inf
    if budget <= slack:
        return 0.0 if budget >= -slack else math.nan
    target = math.sqrt(budget)
    squares = s * s
    mu = 0.0
    for _ in range(200):
        damping = 1.0 / (1.0 + mu * squares)
        residual = beta * damping
        h2 = float(residual @ residual)
        slope = float(residual @ (residual * squares * damping))
        step = (math.sqrt(h2) / target - 1.0) * h2 / slope
        if not step > 4 * _EPSILON * mu:
            break
        mu += step
    return 1.0 / mu
