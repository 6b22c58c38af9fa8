"""Smallest |w| of linear fits below a loss level, for many small data sets at once: what simulations compare with."""

from __future__ import annotations

import numpy as np

from noprune_theory._types import BoolArray, FloatArray

__all__ = ["least_norms", "norms_below"]

# Of an interval of length 80: to 1e-15 of the ridge.
_HALVINGS = 56
# Data sets that tell which ridge to try on the others.
_PILOT = 64
# What rounding may do to a norm or a residual, and more.
_ROUNDING = 1e-8


def least_norms(X: FloatArray, y: FloatArray, level: float) -> FloatArray:
    """Return min |w| subject to mean (X w - y)^2 <= level for X (trials, n, k) and y (trials, n); infinite if none.

    In the eigenbasis of X X^T with eigenvalues l_i and components b_i of y, the ridge solution has the squared residual
    sum (r / (r + l_i))^2 b_i^2, which increases with the ridge r, and |w|^2 = sum l_i b_i^2 / (r + l_i)^2. Bisection on
    log r, relative to the largest eigenvalue.
    """
    return _solved(X @ np.swapaxes(X, 1, 2), y, X.shape[1] * level)[0]


def _solved(gram: FloatArray, y: FloatArray, budget: float) -> tuple[FloatArray, FloatArray]:
    """Return the least norms for Gram matrices X X^T and squared residuals of at most `budget`, and the ridges."""
    values, vectors = np.linalg.eigh(gram)
    components = np.einsum("tij,ti->tj", vectors, y) ** 2
    values = np.where(values > 1e-12 * values[:, -1:], values, 0.0)
    low, high = np.full(len(gram), -40.0), np.full(len(gram), 40.0)
    scale = np.where(values[:, -1] > 0, values[:, -1], 1.0)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        ridge = (scale * np.exp(middle))[:, None]
        residual = np.sum((ridge / (ridge + values)) ** 2 * components, axis=1)
        low, high = np.where(residual <= budget, middle, low), np.where(residual <= budget, high, middle)
    ridge = (scale * np.exp(low))[:, None]
    norms = np.sqrt(np.sum(values * components / (ridge + values) ** 2, axis=1))
    reached = low > -40.0
    if budget == 0:
        reached = (values[:, 0] > 0) & np.ones(len(gram), dtype=bool)
        norms = np.sqrt(np.sum(components / np.where(values > 0, values, 1.0), axis=1))
    return np.where(reached, norms, np.inf), ridge[:, 0]


def norms_below(X: FloatArray, y: FloatArray, level: float, radius: float) -> BoolArray:
    """Return where `least_norms` is below a radius > 0, without computing it for most data sets.

    At any ridge r, with u = (X X^T + r)^-1 y, the solution w = X^T u has the squared residual r^2 |u|^2, and no w that
    reaches the level has a squared norm below <y, u> - n level / r (weak duality). The r at which that decides is about
    the same for all data sets of one law: those that it leaves undecided are solved.
    """
    gram, budget = X @ np.swapaxes(X, 1, 2), X.shape[1] * level
    norms, ridges = _solved(gram[:_PILOT], y[:_PILOT], budget)
    below = np.zeros(len(X), dtype=bool)
    below[:_PILOT] = norms < radius
    left = np.arange(min(_PILOT, len(X)), len(X))
    if not np.isfinite(norms).any() or left.size == 0:
        ridge = 0.0
    else:
        ridge = float(np.median(ridges[np.argsort(np.abs(norms - radius))[:5]]))
    if ridge > 0:
        rest, labels = gram[left], y[left]
        u = np.linalg.solve(rest + ridge * np.eye(X.shape[1]), labels[:, :, None])[:, :, 0]
        residual, square = ridge**2 * np.sum(u**2, axis=1), np.einsum("ti,tij,tj->t", u, rest, u)
        bound = np.sum(labels * u, axis=1) - budget / ridge
        reached = residual <= budget * (1 - _ROUNDING)
        surely = reached & (square < radius**2 * (1 - _ROUNDING))
        below[left] = surely
        left = left[~surely & (bound < radius**2 * (1 + _ROUNDING))]
    below[left] = _solved(gram[left], y[left], budget)[0] < radius
    return below
