"""Marginal screening (Fan & Lv 2008): keep the features that correlate most with the labels."""

from __future__ import annotations

import numpy as np

from noprune_theory._types import RNG, FloatArray
from noprune_theory.models.base import Model
from noprune_theory.models.random_features import RandomFeatures
from noprune_theory.pruning._column_choice import Problem, score_order
from noprune_theory.pruning._wide import Wide
from noprune_theory.pruning._wide_network import wide_features
from noprune_theory.pruning.selection import (
    Compat,
    PruningResult,
    SupervisedData,
    checked_data,
    resolve_survivors,
    select,
)


def linear_features(model: Model, X: FloatArray) -> Wide:
    """Return the features (n, p) of a model that is linear in its weights, with exponents of their own.

    Raises
    ------
    TypeError
        If the model is not linear in its weights, that is, has no `features`.
    """
    if isinstance(model, RandomFeatures):
        return wide_features(model, X)
    features = getattr(model, "features", None)
    if features is None:
        raise TypeError(
            f"model must be linear in its weights (LinearModel, RandomFeatures), got {type(model).__name__}"
        )
    return Wide(np.asarray(features(X), dtype=np.float64))


def prune_correlation(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
    compat: Compat = "exact",
) -> PruningResult:
    """Keep the k features phi_j of largest |<phi_j, y>| / |phi_j|, the length of y's projection on the feature.

    A feature that vanishes on the data scores 0. The scores are not centred, since the models have no intercept. They
    do not depend on the units of the features, and are compared as in exact arithmetic on the features: of scores that
    are equal there, though not when rounded, the lower index is kept.

    Parameters
    ----------
    model : LinearModel or RandomFeatures
        Its weights are not read.
    data : SupervisedData
        X, shape (n, d), and y, shape (n,).
    keep, sparsity : int or float
        Exactly one: the number of weights kept, or the fraction of them removed.
    rng : numpy.random.Generator or seed, optional
        Not used: the method is deterministic.
    compat : {"exact", "threshold"}
        "threshold" keeps only scores strictly above the threshold, as the public reference code does.

    Returns
    -------
    PruningResult
        With the scores, in the unit of the labels.

    Raises
    ------
    TypeError
        If the model is not linear in its weights.
    ValueError
        If `keep` or `sparsity` is out of range, or the data do not fit the model.
    """
    X, y = checked_data(model, data)
    survivors = resolve_survivors(model, keep, sparsity)
    problem = Problem(linear_features(model, X), y[None])
    scores = Wide.of(problem.scores(), problem.label_exponents[:, None])[0]
    return select(model, scores, survivors, compat, order=score_order(problem, model.mask, survivors)[0])
