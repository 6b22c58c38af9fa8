"""GraSP (Wang et al. 2020): keep the weights whose removal would reduce the gradient flow most."""

from __future__ import annotations

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory.models.base import Model
from noprune_theory.models.losses import Loss
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning.selection import (
    Compat,
    PruningResult,
    SupervisedData,
    as_network,
    checked_data,
    resolve_survivors,
    select,
)

TEMPERATURE = 200.0
"""The temperature of the GraSP paper and of Tanaka et al.'s reference code."""


def grasp_scores(network: MLP, X: FloatArray, y: FloatArray, loss: Loss, temperature: float) -> FloatArray:
    """Return w_i (H g)_i, shape (p,), with gradient and Hessian taken over the prunable weights that are left."""
    candidates = network.prunable & network.mask
    gradient = np.where(candidates, network.loss_gradient(X, y, loss, temperature=temperature), 0.0)
    return network.weights * network.hessian_vector_product(X, y, gradient, loss, temperature=temperature)


def prune_grasp(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: np.random.Generator | None = None,
    loss: Loss = "mse",
    temperature: float = TEMPERATURE,
    compat: Compat = "exact",
) -> PruningResult:
    """Keep the weights of largest w_i (H g)_i, as Tanaka et al.'s reference code does.

    Removing weight i changes |g|^2 by -2 w_i (H g)_i to first order, so the removed weights are those whose absence
    keeps the gradient flow largest. g and H belong to the mean loss of the outputs divided by `temperature`, over all
    the data.

    Parameters
    ----------
    model : MLP
        At initialisation.
    data : SupervisedData
        X, shape (n, d), and y, shape (n,).
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator, optional
        Not used: the method is deterministic.
    loss : {"mse", "binary_cross_entropy", "cross_entropy"}
    temperature : float
        > 0.
    compat : {"exact", "threshold"}
        "threshold" keeps only scores strictly above the threshold, as the public reference code does.

    Raises
    ------
    TypeError
        If the model is not an MLP.
    ValueError
        If `keep` or `sparsity` is out of range, or the data do not fit the model or the loss.
    """
    network = as_network(model)
    X, y = checked_data(network, data)
    survivors = resolve_survivors(network, keep, sparsity)
    return select(network, grasp_scores(network, X, y, loss, temperature), survivors, compat)
