"""Iterative magnitude pruning with rewinding (Frankle & Carbin 2018): train, prune the smallest, rewind, repeat."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import BoolArray
from noprune_theory._validation import as_float_array, check_integer, check_open_unit
from noprune_theory.models.base import Model
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning.selection import (
    PruningResult,
    SupervisedData,
    as_network,
    checked_data,
    collapsed_layers,
    keep_largest,
    resolve_survivors,
)
from noprune_theory.solvers.training import Training, TrainingResult, train_networks

FRACTION = 0.2
"""Fraction of the remaining weights that a round removes."""


@dataclass(frozen=True)
class PruningRound:
    """One round of iterative pruning of many networks.

    Attributes
    ----------
    kept : int
        Prunable weights that survive the round.
    masks : ndarray of bool, shape (networks, p)
        Masks after the round.
    trained : TrainingResult
        The training with the masks before the round, whose weights were judged.
    """

    kept: int
    masks: BoolArray
    trained: TrainingResult


def geometric_counts(start: int, stop: int, fraction: float = FRACTION) -> list[int]:
    """Return the weights kept after every round: floor((1 - fraction) k) of k, the last round stopping at `stop`.

    Empty if start = stop. From 1320 down: 1056, 844, 675, 540, 432, ...
    """
    check_integer("stop", stop, 0, start)
    check_open_unit("fraction", fraction)
    counts = []
    while start > stop:
        # The allowance keeps exact products such as 0.8 * 1320 from being rounded below themselves.
        start = max(stop, math.floor((1 - fraction) * start + 1e-9))
        counts.append(start)
    return counts


def iterative_magnitude_rounds(
    template: MLP,
    weights: ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    training: Training,
    counts: Sequence[int],
    *,
    rewind_epochs: int = 0,
    rngs: Sequence[np.random.Generator] | None = None,
    workers: int = 1,
) -> Iterator[PruningRound]:
    """Prune many networks of one architecture side by side; yield every round.

    A round trains all networks with their masks from the rewound weights and keeps the `count` prunable weights of
    largest magnitude; the first trains with the template's mask. One run yields every sparsity on the way.

    Parameters
    ----------
    template : MLP
        Architecture and initial mask.
    weights : array_like, shape (networks, p)
        Initial weights.
    X, y, training, rngs, workers
        As in `noprune_theory.solvers.train_networks`.
    counts : sequence of int
        Prunable weights kept after each round, strictly decreasing.
    rewind_epochs : int
        Weights are rewound to those after this many epochs of training with the initial mask; 0 is initialisation.
    """
    rewind = check_integer("rewind_epochs", rewind_epochs, 0)
    start = as_float_array("weights", weights, ndim=2)
    if rewind:
        early = replace(training, epochs=rewind)
        start = train_networks(template, start, X, y, early, rngs=rngs, workers=workers).weights
    prunable = template.prunable
    masks = np.broadcast_to(template.mask, start.shape)
    left = int((template.mask & prunable).sum())
    for count in counts:
        check_integer("counts", count, 0, left - 1)
        trained = train_networks(
            template, np.where(masks, start, 0.0), X, y, training, masks=masks, rngs=rngs, workers=workers
        )
        masks = keep_largest(np.abs(trained.weights), masks & prunable, count) | (masks & ~prunable)
        left = count
        yield PruningRound(count, masks, trained)


def prune_iterative_magnitude(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: np.random.Generator | None = None,
    training: Training,
    fraction: float = FRACTION,
    rewind_epochs: int = 0,
) -> PruningResult:
    """Train, remove a fraction of the remaining weights, rewind, and repeat until the asked number is left.

    Nothing to remove means no round: the mask is the model's own.

    Parameters
    ----------
    model : MLP
        At initialisation.
    data : SupervisedData
        X, shape (n, d), and y, shape (n,).
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator, optional
        Needed if the training draws random numbers.
    training : Training
        Of every round.
    fraction : float
        Of the remaining weights that a round removes, in (0, 1); the last round removes what is asked.
    rewind_epochs : int
        Weights are rewound to those after this many epochs; 0 is initialisation.

    Returns
    -------
    PruningResult
        Without scores: every round has its own.

    Raises
    ------
    TypeError
        If the model is not an MLP.
    ValueError
        If an argument is out of range, or the data do not fit the model or the loss.
    """
    network = as_network(model)
    X, y = checked_data(network, data)
    survivors = resolve_survivors(network, keep, sparsity)
    counts = geometric_counts(int((network.mask & network.prunable).sum()), survivors, fraction)
    rngs = None if rng is None else [rng]
    mask = network.mask
    for pruned in iterative_magnitude_rounds(
        network, network.weights[None], X, y, training, counts, rewind_epochs=rewind_epochs, rngs=rngs
    ):
        mask = pruned.masks[0]
    return PruningResult(mask, None, collapsed_layers(network, mask))
