"""Brute-force search over the masks of a tiny network (Section 5.5 of the paper)."""

from __future__ import annotations

from itertools import combinations, islice
from math import comb

import numpy as np

from noprune_theory._types import RNG, FloatArray, IntArray
from noprune_theory._validation import check_generator, check_instance
from noprune_theory.models.base import Model
from noprune_theory.pruning._wide import Wide, concatenated
from noprune_theory.pruning._wide_network import wide_loss
from noprune_theory.pruning.best_subset import MAX_SUBSETS
from noprune_theory.pruning.selection import (
    PruningResult,
    SupervisedData,
    as_network,
    checked_data,
    collapsed_layers,
    resolve_survivors,
)
from noprune_theory.solvers.training import Training, TrainingResult, train_networks

_BLOCK = 4096
"""Masks that are trained together."""

_SMALLEST_LOSS = 2.0**-900
"""Below this a mean of squares may have lost terms to underflow."""


def prune_exhaustive(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
    training: Training,
) -> PruningResult:
    """Keep the k weights with the smallest training loss after training, over all C(p, k) masks.

    With `Training(epochs=0)` the weights stay as they are: the best subnetwork of an untrained network. Each mask is
    trained from the model's weights. A network that diverges loses; of losses that are equal as computed the
    lexicographically first mask wins. A loss whose squares leave the range of float64 is compared all the same.

    Parameters
    ----------
    model : MLP
        At initialisation.
    data : SupervisedData
        X, shape (n, d), and y, shape (n,).
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator or seed, optional
        Needed if the training draws random numbers; every mask is trained with the same ones.
    training : Training

    Returns
    -------
    PruningResult
        Without scores: the weights are judged together.

    Raises
    ------
    TypeError
        If the model is not an MLP, the data have no X and y, or `training` is not a Training.
    ValueError
        If an argument is out of range, the data do not fit, there are more than `best_subset.MAX_SUBSETS` masks, or
        every network diverged.
    """
    network = as_network(model)
    X, y = checked_data(network, data)
    check_instance("training", training, Training)
    survivors = resolve_survivors(network, keep, sparsity)
    candidates = np.flatnonzero(network.prunable & network.mask)
    if comb(len(candidates), survivors) > MAX_SUBSETS:
        raise ValueError(
            f"exhaustive search over C({len(candidates)}, {survivors}) = {comb(len(candidates), survivors)} masks "
            f"exceeds the limit of {MAX_SUBSETS}; choose a smaller network or keep"
        )
    seed = None if rng is None else int(check_generator("rng", rng).integers(2**63))
    best, smallest = None, Wide(np.zeros(1))
    subsets = combinations(candidates.tolist(), survivors)
    while (best is None or smallest.value[0] > 0) and (block := list(islice(subsets, _BLOCK))):
        masks = np.repeat((network.mask & ~network.prunable)[None], len(block), axis=0)
        np.put_along_axis(masks, np.array(block, dtype=np.int64).reshape(len(block), survivors), True, axis=1)
        rngs = None if seed is None else [np.random.default_rng(seed) for _ in block]
        result = train_networks(network, network.weights * masks, X, y, training, masks=masks, rngs=rngs)
        alive = np.flatnonzero(result.diverged_at == 0)
        if alive.size == 0:
            continue
        losses = _losses(result, alive, X, y, training)
        first = int(np.argmin(losses.order()))
        if best is None or concatenated([smallest, losses[first : first + 1]]).order().argmin():
            best, smallest = masks[alive[first]], losses[first : first + 1]
    if best is None:
        raise ValueError("training diverged for every mask; lower the learning rate")
    return PruningResult(best, None, collapsed_layers(network, best))


def _losses(result: TrainingResult, networks: IntArray, X: FloatArray, y: FloatArray, training: Training) -> Wide:
    """Return the final losses of some networks; those that leave the range of float64 are computed without it."""
    # A stopping rule may end a network at any epoch; its last record is in the column of the next recorded one.
    last = np.searchsorted(result.recorded_epochs, result.epochs[networks])
    losses = result.losses[networks, last]
    ordinary = (losses >= _SMALLEST_LOSS) & (losses < np.inf)
    if ordinary.all():
        return Wide(losses)
    return concatenated(
        [
            Wide(losses[i : i + 1]) if ordinary[i] else wide_loss(result.model(network), X, y, training.loss)
            for i, network in enumerate(networks.tolist())
        ]
    )
