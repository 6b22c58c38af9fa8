"""SNIP (Lee et al. 2018): keep the weights whose removal changes the loss most, to first order."""

from __future__ import annotations

from noprune_theory._types import RNG, FloatArray
from noprune_theory.models.base import Model
from noprune_theory.models.losses import Loss, checked_labels
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning._wide import Wide
from noprune_theory.pruning._wide_network import gradient_unit, summed_gradient
from noprune_theory.pruning.selection import (
    Compat,
    PruningResult,
    SupervisedData,
    as_network,
    checked_data,
    resolve_survivors,
    select,
)


def _scores(network: MLP, X: FloatArray, y: FloatArray, loss: Loss) -> tuple[Wide, Wide]:
    """Return the scores (p,), and the scores without the unit of the gradient, by which they are compared."""
    compared = abs(summed_gradient(network, X, y, loss) * Wide(network.weights))
    return compared * gradient_unit(loss, len(X), 1.0), compared


def snip_scores(network: MLP, X: FloatArray, y: FloatArray, loss: Loss) -> FloatArray:
    """Return |dL / dm_i| = |w_i dL / dw_i| at the network's mask, shape (p,).

    Raises
    ------
    OverflowError
        If a score exceeds the range of float64 or falls below it.
    """
    return _scores(network, X, y, loss)[0].checked(f"a SNIP score of {network!r}")


def prune_snip(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
    loss: Loss = "mse",
    compat: Compat = "exact",
) -> PruningResult:
    """Keep the weights of largest connection sensitivity |w_i dL/dw_i|, L the mean loss over all the data.

    Scores are compared whatever their size: they neither overflow nor underflow.

    Parameters
    ----------
    model : MLP
        At initialisation.
    data : SupervisedData
        X, shape (n, d), and y, shape (n,).
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator or seed, optional
        Not used: the method is deterministic.
    loss : {"mse", "binary_cross_entropy", "cross_entropy"}
        The last needs two or more outputs, the others one; labels -1 or +1, and 0, ..., outputs - 1, for the last two.
    compat : {"exact", "threshold"}
        "threshold" keeps only scores strictly above the threshold, as the public reference code does.

    Returns
    -------
    PruningResult
        With the sensitivities as scores.

    Raises
    ------
    TypeError
        If the model is not an MLP.
    ValueError
        If `keep` or `sparsity` is out of range, or the data do not fit the model or the loss.
    OverflowError
        If the loss is flat beyond any exponent: outputs that differ by more than 2^50 under a cross-entropy.
    """
    network = as_network(model)
    X, y = checked_data(network, data)
    checked_labels(loss, y, network.n_outputs, name="data.y")
    survivors = resolve_survivors(network, keep, sparsity)
    scores, compared = _scores(network, X, y, loss)
    return select(network, scores, survivors, compat, order=compared.order())
