"""Smallest |w| of linear fits below a loss level, for many small data sets at once: what simulations compare with."""

from __future__ import annotations

import numpy as np

from noprune_theory._types import FloatArray

__all__ = ["least_norms"]

# Of an interval of length 80: to 1e-15 of the ridge.
_HALVINGS = 56


def least_norms(X: FloatArray, y: FloatArray, level: float) -> FloatArray:
    """Return min |w| subject to mean (X w - y)^2 <= level for X (trials, n, k) and y (trials, n); infinite if none.

    In the eigenbasis of X X^T with eigenvalues l_i and components b_i of y, the ridge solution has the squared residual
    sum (r / (r + l_i))^2 b_i^2, which increases with the ridge r, and |w|^2 = sum l_i b_i^2 / (r + l_i)^2. Bisection on
    log r, relative to the largest eigenvalue.
    """
    values, vectors = np.linalg.eigh(X @ np.swapaxes(X, 1, 2))
    components = np.einsum("tij,ti->tj", vectors, y) ** 2
    values = np.where(values > 1e-12 * values[:, -1:], values, 0.0)
    budget = X.shape[1] * level
    low, high = np.full(len(X), -40.0), np.full(len(X), 40.0)
    scale = np.maximum(values[:, -1], np.finfo(np.float64).tiny)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        ridge = (scale * np.exp(middle))[:, None]
        residual = np.sum((ridge / (ridge + values)) ** 2 * components, axis=1)
        low, high = np.where(residual <= budget, middle, low), np.where(residual <= budget, high, middle)
    ridge = (scale * np.exp(low))[:, None]
    norms = np.sqrt(np.sum(values * components / (ridge + values) ** 2, axis=1))
    reached = low > -40.0
    if level == 0:
        reached = (values[:, 0] > 0) & np.ones(len(X), dtype=bool)
        norms = np.sqrt(np.sum(components / np.where(values > 0, values, 1.0), axis=1))
    return np.where(reached, norms, np.inf)
