"""Best subset selection: the k features whose least-squares fit leaves the smallest residual, by exhaustive search.

This is the brute-force search over masks of Section 5.5 of the paper, for models that are linear in their weights.
"""

from __future__ import annotations

from math import comb

import numpy as np

from noprune_theory._scaling import scale, scale_float, size_exponent, size_exponents
from noprune_theory._types import RNG, FloatArray, IntArray
from noprune_theory.models.base import Model
from noprune_theory.pruning._column_choice import Problem, best_subsets
from noprune_theory.pruning._wide import Wide
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


def _search(features: Wide, y: FloatArray, keep: int) -> IntArray:
    """Return the best `keep` columns of features (n, p); see `best_columns`."""
    p = features.shape[1]
    if comb(p, keep) > MAX_SUBSETS:
        raise ValueError(
            f"exhaustive search over C({p}, {keep}) = {comb(p, keep)} subsets exceeds the limit of {MAX_SUBSETS}; "
            "choose smaller p or keep"
        )
    return best_subsets(Problem(features, y[None]), keep)[0]


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
        Increasing; of residuals that are equal in exact arithmetic the lexicographically first.
    residual : float
        Squared residual |y - projection|^2; infinite or 0 where it leaves the range of float64.

    Raises
    ------
    ValueError
        If there are more than `MAX_SUBSETS` subsets.
    """
    columns = _search(Wide(features), y, keep)
    exponent = size_exponent(y)
    scaled = scale(y, -exponent)
    chosen = scale(features[:, columns], -size_exponents(features[:, columns], 0))
    left, singular, _ = np.linalg.svd(chosen, full_matrices=False)
    # Numerical rank as in numpy.linalg.matrix_rank: directions below it are rounding and explain nothing.
    basis = left[:, singular > singular.max(initial=0.0) * max(chosen.shape) * np.finfo(np.float64).eps]
    rest = scaled - basis @ (basis.T @ scaled)
    return columns, scale_float(float(rest @ rest), 2 * exponent)


def prune_best_subset(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
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
    rng : numpy.random.Generator or seed, optional
        Not used: the method is deterministic.

    Returns
    -------
    PruningResult
        Without scores: the weights are judged together. Residuals are compared as in exact arithmetic on the features,
        whatever their units; of equal ones the lexicographically first subset is kept.

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
    mask = np.zeros(model.n_weights, dtype=bool)
    mask[candidates[_search(linear_features(model, X)[:, candidates], y, survivors)]] = True
    return PruningResult(mask, None, collapsed_layers(model, mask))
