"""Best subset selection: the k features whose least-squares fit leaves the smallest residual, by exhaustive search.

This is the brute-force search over masks of Section 5.5 of the paper, for models that are linear in their weights.
"""

from __future__ import annotations

from itertools import combinations, islice
from math import comb

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.models.base import Model
from noprune_theory.pruning.correlation import linear_features
from noprune_theory.pruning.selection import (
    PruningResult,
    SupervisedData,
    checked_data,
    collapsed_layers,
    resolve_survivors,
)

MAX_SUBSETS = 1_000_000
"""Searches over more subsets than this are refused."""

TIE_TOLERANCE = 1e-12
"""Squared residuals that differ by less than this times |y|^2 are equal: the difference is rounding."""

_BLOCK_ENTRIES = 1 << 20
"""Entries of the largest intermediate array; subsets are searched in blocks of that size."""


def _residuals(columns: FloatArray, y: FloatArray) -> FloatArray:
    """Return the squared least-squares residuals, shape (b,), of y on the blocks of columns (b, n, k)."""
    left, singular, _ = np.linalg.svd(columns, full_matrices=False)
    # Numerical rank as in numpy.linalg.matrix_rank: directions below it are rounding and explain nothing.
    cutoff = singular.max(axis=1, keepdims=True) * max(columns.shape[1:]) * np.finfo(np.float64).eps
    explained = np.einsum("bnk,n->bk", left, y) * (singular > cutoff)
    return np.asarray(np.sum((y - np.einsum("bnk,bk->bn", left, explained)) ** 2, axis=1))


def best_columns(features: FloatArray, y: FloatArray, keep: int) -> tuple[IntArray, float]:
    """Return the `keep` columns with the smallest least-squares residual, and that squared residual.

    Parameters
    ----------
    features : ndarray, shape (n, p)
    y : ndarray, shape (n,)
    keep : int
        k in [0, p].

    Returns
    -------
    columns : ndarray of int, shape (k,)
        Increasing; of residuals equal within `TIE_TOLERANCE` the lexicographically first.
    residual : float
        Squared residual |y - projection|^2.

    Raises
    ------
    ValueError
        If there are more than `MAX_SUBSETS` subsets.
    """
    n, p = features.shape
    if comb(p, keep) > MAX_SUBSETS:
        raise ValueError(
            f"exhaustive search over C({p}, {keep}) = {comb(p, keep)} subsets exceeds the limit of {MAX_SUBSETS}; "
            "choose smaller p or keep"
        )
    if keep == 0:
        return np.empty(0, dtype=np.int64), float(y @ y)
    tolerance = TIE_TOLERANCE * float(y @ y)
    best, smallest = np.empty(0, dtype=np.int64), np.inf
    subsets = combinations(range(p), keep)
    while block := list(islice(subsets, max(1, _BLOCK_ENTRIES // (n * keep)))):
        columns = np.array(block)
        residuals = _residuals(features[:, columns].transpose(1, 0, 2), y)
        first = int(np.argmax(residuals <= residuals.min() + tolerance))
        if residuals[first] < smallest - tolerance:
            best, smallest = columns[first], float(residuals[first])
    return best, smallest


def prune_best_subset(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: np.random.Generator | None = None,
) -> PruningResult:
    """Keep the k weights whose least-squares fit has the smallest residual on the data, over all C(p, k) subsets.

    Parameters
    ----------
    model : LinearModel or RandomFeatures
        Its weights are not read: every subset is fitted anew.
    data : SupervisedData
        X, shape (n, d), and y, shape (n,).
    keep, sparsity : int or float
        Exactly one: the number of weights kept, or the fraction of them removed.
    rng : numpy.random.Generator, optional
        Not used: the method is deterministic.

    Returns
    -------
    PruningResult
        Without scores: the weights are judged together. Of residuals equal within `TIE_TOLERANCE` the
        lexicographically first subset is kept.

    Raises
    ------
    TypeError
        If the model is not linear in its weights.
    ValueError
        If `keep` or `sparsity` is out of range, the data do not fit the model, or there are too many subsets.
    """
    X, y = checked_data(model, data)
    survivors = resolve_survivors(model, keep, sparsity)
    candidates = np.flatnonzero(model.mask)
    columns, _ = best_columns(linear_features(model, X)[:, candidates], y, survivors)
    mask = np.zeros(model.n_weights, dtype=bool)
    mask[candidates[columns]] = True
    return PruningResult(mask, None, collapsed_layers(model, mask))
