"""Magnitude pruning after training (Han et al. 2015): keep the largest trained weights."""

from __future__ import annotations

import numpy as np

from noprune_theory._types import RNG
from noprune_theory.models.base import Model
from noprune_theory.pruning.selection import (
    Compat,
    PruningResult,
    SupervisedData,
    as_network,
    resolve_survivors,
    select,
)
from noprune_theory.solvers.training import Training, train


def prune_magnitude_after(
    model: Model,
    data: SupervisedData | None = None,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
    training: Training | None = None,
    compat: Compat = "exact",
) -> PruningResult:
    """Keep the weights of largest magnitude |w_i| of a trained model.

    Parameters
    ----------
    model : Model
        With its trained weights; or, given `training`, an MLP at initialisation.
    data : SupervisedData, optional
        X, shape (n, d), and y, shape (n,), to train on. Without `training` it is not looked at, whatever it is: what
        the mask knows of the data came in through the weights.
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator or seed, optional
        Needed if the training draws random numbers; pruning itself is deterministic.
    training : Training, optional
        Train the network so first.
    compat : {"exact", "threshold"}
        "threshold" keeps only scores strictly above the threshold, as the public reference code does.

    Returns
    -------
    PruningResult
        With the magnitudes |w_i| after training as scores.

    Raises
    ------
    TypeError
        If there is something to train and the model is not an MLP.
    ValueError
        If `keep` or `sparsity` is out of range, or there is nothing to train on.
    """
    survivors = resolve_survivors(model, keep, sparsity)
    weights = model.weights
    if training is not None:
        if data is None:
            raise ValueError("training needs data, got data=None")
        weights = train(as_network(model), data, training, rng=rng).weights[0]
    return select(model, np.abs(weights), survivors, compat)
