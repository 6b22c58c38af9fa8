"""GraSP (Wang et al. 2020): keep the weights whose removal would reduce the gradient flow most."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar

from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import check_choice, check_positive
from noprune_theory.models.base import Model
from noprune_theory.models.losses import Loss, checked_labels
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning._wide import Wide
from noprune_theory.pruning._wide_network import gradient_unit, summed_gradient, summed_hessian_product
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


Ranking: TypeAlias = Literal["largest", "magnitude", "smallest"]
RANKINGS: tuple[Ranking, ...] = ("largest", "magnitude", "smallest")
"""Which scores are kept: the largest, those of largest absolute value, or the smallest."""

_Scores = TypeVar("_Scores", FloatArray, Wide)


def ranked(scores: _Scores, ranking: Ranking) -> _Scores:
    """Return the numbers whose largest are kept."""
    if ranking == "magnitude":
        return abs(scores)
    return -scores if ranking == "smallest" else scores


def _scores(network: MLP, X: FloatArray, y: FloatArray, loss: Loss, temperature: float) -> tuple[Wide, Wide]:
    """Return the scores (p,), and the scores without the units of the derivatives, by which they are compared."""
    scale = check_positive("temperature", temperature)
    gradient = summed_gradient(network, X, y, loss, scale).where(network.prunable & network.mask)
    compared = summed_hessian_product(network, X, y, gradient, loss, scale) * Wide(network.weights)
    unit = gradient_unit(loss, len(X), scale)
    return compared * (unit * unit), compared


def grasp_scores(network: MLP, X: FloatArray, y: FloatArray, loss: Loss, temperature: float) -> FloatArray:
    """Return w_i (H g)_i, shape (p,), with gradient and Hessian taken over the prunable weights that are left.

    Raises
    ------
    OverflowError
        If a score exceeds the range of float64 or falls below it.
    """
    return _scores(network, X, y, loss, temperature)[0].checked(f"a GraSP score of {network!r}")


def prune_grasp(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
    loss: Loss = "mse",
    temperature: float = TEMPERATURE,
    compat: Compat = "exact",
    ranking: Ranking = "largest",
) -> PruningResult:
    """Keep the weights of largest w_i (H g)_i, as Tanaka et al.'s reference code does.

    Removing weight i changes |g|^2 by -2 w_i (H g)_i to first order, so the removed weights are those whose absence
    keeps the gradient flow largest. g and H belong to the mean loss of the outputs divided by `temperature`, over all
    the data. Scores are compared whatever their size: they neither overflow nor underflow.

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
    temperature : float
        > 0.
    compat : {"exact", "threshold"}
        "threshold" keeps only scores strictly above the threshold, as the public reference code does.
    ranking : {"largest", "magnitude", "smallest"}
        "largest" is GraSP. "magnitude" keeps the weights whose removal changes the gradient flow most, either way;
        "smallest" those whose removal would raise it most.

    Returns
    -------
    PruningResult
        With the scores w_i (H g)_i, those of pruned and of unprunable weights too.

    Raises
    ------
    TypeError
        If the model is not an MLP.
    ValueError
        If `keep`, `sparsity`, `temperature` or `ranking` is out of range, or the data do not fit the model or the loss.
    OverflowError
        If the loss is flat beyond any exponent: outputs that differ by more than 2^50 under a cross-entropy.
    """
    network = as_network(model)
    X, y = checked_data(network, data)
    checked_labels(loss, y, network.n_outputs, name="data.y")
    survivors = resolve_survivors(network, keep, sparsity)
    check_choice("ranking", ranking, RANKINGS)
    scores, compared = _scores(network, X, y, loss, temperature)
    return select(network, scores, survivors, compat, order=ranked(compared, ranking).order())
