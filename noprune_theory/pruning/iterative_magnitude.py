"""Iterative magnitude pruning with rewinding (Frankle & Carbin 2018): train, prune the smallest, rewind, repeat."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._types import RNG, BoolArray
from noprune_theory._validation import (
    as_float_array,
    check_choice,
    check_generator,
    check_instance,
    check_integer,
    check_open_unit,
)
from noprune_theory.models.base import Model
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning.selection import (
    COMPATS,
    Compat,
    PruningResult,
    SupervisedData,
    as_network,
    checked_data,
    collapsed_layers,
    resolve_survivors,
    surviving,
)
from noprune_theory.solvers.training import STATES_AT_START, StateAtStart, Training, TrainingResult, train_networks

FRACTION = 0.2
"""Fraction of the remaining weights that a round removes."""


@dataclass(frozen=True, eq=False, repr=False)
class PruningRound(ShortRepr):
    """One round of iterative pruning of many networks.

    Attributes
    ----------
    kept : int
        Prunable weights that the round leaves; with `compat="threshold"` ties may leave fewer.
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

    Every round removes one weight at least, however small the fraction is. Empty if start = stop. From 1320 down: 1056,
    844, 675, 540, 432, ...

    Parameters
    ----------
    start, stop : int
        Weights before the first round and after the last, start >= stop >= 0.
    fraction : float
        Of the remaining weights that a round removes, in (0, 1). It is taken for a rounded number: (1 - fraction) k is
        an integer where it differs from one by at most 2^-52 k (0.8 * 1320 is 1056).

    Returns
    -------
    list of int
        Strictly decreasing, from below `start` to `stop`.

    Raises
    ------
    TypeError
        If a count is not an integer, or `fraction` not a real number.
    ValueError
        If an argument is outside its range, or start < stop.
    """
    left, last = check_integer("start", start, 0), check_integer("stop", stop, 0)
    if left < last:
        raise ValueError(f"start must be >= stop, got start={start} and stop={stop}")
    kept = 1 - Fraction(check_open_unit("fraction", fraction))
    counts = []
    while left > last:
        product = kept * left
        whole = round(product)
        if abs(product - whole) > Fraction(left, 2**52):
            whole = math.floor(product)
        left = max(last, min(whole, left - 1))
        counts.append(left)
    return counts


def checked_counts(name: str, counts: Iterable[int], left: int) -> list[int]:
    """Return the weights kept after every round; they must decrease strictly from below `left`."""
    check_instance(name, counts, Iterable)
    checked = []
    for count in counts:
        if check_integer(name, count, 0) >= left:
            raise ValueError(
                f"{name} must decrease strictly, below the {left} prunable weights that are left, got {count}"
            )
        left = int(count)
        checked.append(left)
    return checked


def iterative_magnitude_rounds(
    template: MLP,
    weights: ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    training: Training,
    counts: Sequence[int],
    *,
    rewind_epochs: int = 0,
    rngs: Sequence[RNG] | None = None,
    workers: int = 1,
    compat: Compat = "exact",
    optimizer_state: StateAtStart = "reset",
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
    X, y, training
        As in `noprune_theory.solvers.train_networks`.
    counts : sequence of int
        Prunable weights kept after each round, strictly decreasing.
    rewind_epochs : int
        Weights are rewound to those after this many epochs of training with the initial mask; 0 is initialisation.
    rngs, workers
        As in `noprune_theory.solvers.train_networks`.
    compat : {"exact", "threshold"}
        "threshold" keeps in every round only magnitudes strictly above the threshold, as the public reference code
        does; tied weights, such as biases that never moved from 0, are then removed together.
    optimizer_state : {"reset", "kept"}
        Of what a round's training begins with. "reset": an optimizer that knows nothing. "kept": the moments and the
        number of steps with which the training before it ended, the one to the rewinding point included, while the
        weights are rewound: one `torch.optim.Adam` for all rounds. Its steps are then small at first, since its second
        moments remember the large gradients of a network that was trained, and point where that network went.

    Yields
    ------
    PruningRound
        One a count, in their order.

    Raises
    ------
    TypeError, ValueError
        If an argument is wrong: at the call, or with the first round for those that `train_networks` checks.
    """
    as_network(template, "template")
    check_instance("training", training, Training)
    start = as_float_array("weights", weights, ndim=2)
    if start.shape[1] != template.n_weights:
        raise ValueError(f"weights must have shape (networks, {template.n_weights}), got {start.shape}")
    checked = checked_counts("counts", counts, int((template.mask & template.prunable).sum()))
    rewind = check_integer("rewind_epochs", rewind_epochs, 0)
    check_choice("compat", compat, COMPATS)
    check_choice("optimizer_state", optimizer_state, STATES_AT_START)
    # One generator a network for all rounds: a seed would begin anew with every one.
    generators = None
    if rngs is not None:
        check_instance("rngs", rngs, Sequence)
        generators = [check_generator(f"rngs[{index}]", rng) for index, rng in enumerate(rngs)]

    def rounds() -> Iterator[PruningRound]:
        rewound, trained = start, None
        if rewind:
            early = replace(training, epochs=rewind)
            trained = train_networks(template, start, X, y, early, rngs=generators, workers=workers)
            rewound = trained.weights
        prunable = template.prunable
        masks = np.broadcast_to(template.mask, start.shape)
        for count in checked:
            kept_state = optimizer_state == "kept" and trained is not None
            trained = train_networks(
                template,
                np.where(masks, rewound, 0.0),
                X,
                y,
                training,
                masks=masks,
                rngs=generators,
                workers=workers,
                optimizer_state="kept" if kept_state else "reset",
                previous=trained if kept_state else None,
            )
            kept = surviving(np.abs(trained.weights), prunable, masks & prunable, count, compat)
            masks = kept | (masks & ~prunable)
            yield PruningRound(count, masks, trained)

    return rounds()


def prune_iterative_magnitude(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
    training: Training,
    fraction: float = FRACTION,
    rewind_epochs: int = 0,
    compat: Compat = "exact",
    optimizer_state: StateAtStart = "reset",
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
    rng : numpy.random.Generator or seed, optional
        Needed if the training draws random numbers.
    training : Training
        Of every round.
    fraction : float
        Of the remaining weights that a round removes, in (0, 1), one weight at least; the last round removes what is
        asked.
    rewind_epochs : int
        Weights are rewound to those after this many epochs; 0 is initialisation.
    compat : {"exact", "threshold"}
        "threshold" keeps in every round only magnitudes strictly above the threshold, as the public reference code
        does; ties may then leave fewer weights than asked for.
    optimizer_state : {"reset", "kept"}
        Whether the optimizer begins every round anew or keeps its moments and its number of steps while the weights are
        rewound; see `iterative_magnitude_rounds`.

    Returns
    -------
    PruningResult
        Without scores: every round has its own.

    Raises
    ------
    TypeError
        If the model is not an MLP, the data have no X and y, or `training` is not a Training.
    ValueError
        If an argument is out of range, or the data do not fit the model or the loss.
    """
    network = as_network(model)
    X, y = checked_data(network, data)
    if rng is not None:
        rng = check_generator("rng", rng)
    survivors = resolve_survivors(network, keep, sparsity)
    counts = geometric_counts(int((network.mask & network.prunable).sum()), survivors, fraction)
    rngs = None if rng is None else [rng]
    mask = network.mask
    for pruned in iterative_magnitude_rounds(
        network,
        network.weights[None],
        X,
        y,
        training,
        counts,
        rewind_epochs=rewind_epochs,
        rngs=rngs,
        compat=compat,
        optimizer_state=optimizer_state,
    ):
        mask = pruned.masks[0]
    return PruningResult(mask, None, collapsed_layers(network, mask))
