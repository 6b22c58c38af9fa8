"""What is trained: networks, masks and data, checked, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._types import RNG, BoolArray, FloatArray, IntArray
from noprune_theory._validation import as_float_array, as_masks, check_choice, check_generator, check_instance
from noprune_theory.models.losses import checked_labels
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning.selection import as_network
from noprune_theory.solvers.training.settings import STATES_AT_START, Adam, Optimizer, StateAtStart, Training


@dataclass(frozen=True, eq=False, repr=False)
class OptimizerState(ShortRepr):
    """What the optimizer of every network knows.

    Attributes
    ----------
    optimizer : GradientDescent or Adam
    steps : ndarray of int, shape (networks,)
        Steps taken since the state was zero; they count for the bias correction of Adam.
    first : ndarray, shape (networks, p)
        Adam's first moment, or the velocity of gradient descent with momentum; 0 without momentum and where a weight
        is pruned.
    second : ndarray, shape (networks, p)
        Adam's second moment; 0 for gradient descent.

    The moments of a network that diverged are NaN: a training that keeps them diverges with its first step.
    """

    optimizer: Optimizer
    steps: IntArray
    first: FloatArray
    second: FloatArray

    @classmethod
    def zero(cls, optimizer: Optimizer, networks: int, p: int) -> OptimizerState:
        """Return the state before the first step."""
        return cls(optimizer, np.zeros(networks, dtype=np.int64), np.zeros((networks, p)), np.zeros((networks, p)))

    def lose(self, networks: BoolArray, masks: BoolArray) -> None:
        """Write NaN for the moments of the networks that diverged, where there are moments."""
        lost = networks[:, None] & masks
        if isinstance(self.optimizer, Adam):
            self.first[lost] = self.second[lost] = np.nan
        elif self.optimizer.momentum > 0:
            self.first[lost] = np.nan


@dataclass(frozen=True, eq=False, repr=False)
class TrainingResult(ShortRepr):
    """Trained networks, a row each, and what was recorded on the way.

    A network that a stopping rule ends is recorded once more, in the column of the next recorded epoch. Records after
    that, or after a divergence, are NaN.

    Attributes
    ----------
    template : MLP
        Architecture of the networks.
    weights : ndarray, shape (networks, p)
        Trained weights; for a network that diverged, its last finite ones.
    masks : ndarray of bool, shape (networks, p)
    epochs : ndarray of int, shape (networks,)
        Epochs completed.
    diverged_at : ndarray of int, shape (networks,)
        Number (from 1) of the first step whose update was not finite; 0 where there was none.
    recorded_epochs : ndarray of int, shape (records,)
        Epochs of the columns below.
    losses : ndarray, shape (networks, records)
        Mean training loss.
    memorised : ndarray, shape (networks, records)
        Fraction of training points with loss below `Training.memorised_below`.
    accuracies : ndarray, shape (networks, records)
        Fraction of training points classified rightly; NaN for the mean squared loss.
    noise_correlations : ndarray, shape (networks, records), or None
        (1/n) sum_i (f(x_i) - mean f) z_i, the statistic of Figures 2 and 3 with E f estimated by the mean over the
        training inputs; None where no noise was given.
    optimizer_state : OptimizerState
        At the end, for a training that goes on from here.
    """

    template: MLP
    weights: FloatArray
    masks: BoolArray
    epochs: IntArray
    diverged_at: IntArray
    recorded_epochs: IntArray
    losses: FloatArray
    memorised: FloatArray
    accuracies: FloatArray
    noise_correlations: FloatArray | None
    optimizer_state: OptimizerState

    def model(self, index: int = 0) -> MLP:
        """Return the trained network number `index`."""
        return self.template.masked(self.masks[index]).with_weights(self.weights[index])


@dataclass(frozen=True, eq=False, repr=False)
class Task(ShortRepr):
    """Checked arrays of a training task; rows of shared arrays are repeated by stride 0, not copied."""

    template: MLP
    training: Training
    weights: FloatArray  # (networks, p)
    masks: BoolArray  # (networks, p)
    X: FloatArray  # (networks, n, d)
    y: FloatArray  # (networks, n)
    noise: FloatArray | None  # (networks, n)
    rngs: Sequence[np.random.Generator] | None
    before: OptimizerState | None  # None: zero


def _stacked(name: str, value: FloatArray, networks: int, shape: tuple[int, ...]) -> FloatArray:
    """Return `value` as (networks, *shape): given so, or given once for all networks."""
    if value.shape == shape:
        return np.broadcast_to(value, (networks, *shape))
    if value.shape == (networks, *shape):
        return value
    raise ValueError(f"{name} must have shape {shape} or {(networks, *shape)}, got {value.shape}")


def _checked_generators(rngs: Sequence[RNG] | None, networks: int, needed: bool) -> list[np.random.Generator] | None:
    if rngs is None:
        if needed:
            raise ValueError(f"rngs must hold a generator a network for small batches or noise, {networks}; got None")
        return None
    check_instance("rngs", rngs, Sequence)
    if len(rngs) != networks:
        raise ValueError(f"rngs must hold a generator a network, {networks}; got {len(rngs)}")
    return [check_generator(f"rngs[{index}]", rng) for index, rng in enumerate(rngs)]


def _checked_state(
    optimizer_state: StateAtStart, previous: TrainingResult | None, optimizer: Optimizer, masks: BoolArray
) -> OptimizerState | None:
    """Return the state to begin with, zero where a weight is pruned; None for a zero state."""
    check_choice("optimizer_state", optimizer_state, STATES_AT_START)
    if optimizer_state == "reset":
        if previous is not None:
            raise ValueError("previous is for optimizer_state='kept', got one with optimizer_state='reset'")
        return None
    if previous is None:
        raise ValueError("previous must be the training whose optimizer goes on for optimizer_state='kept', got None")
    check_instance("previous", previous, TrainingResult)
    state = previous.optimizer_state
    if type(state.optimizer) is not type(optimizer):
        raise ValueError(
            f"previous must be a training by {type(optimizer).__name__} for its state to be kept, "
            f"got {type(state.optimizer).__name__}"
        )
    if state.first.shape != masks.shape:
        raise ValueError(f"previous must hold networks and weights of shape {masks.shape}, got {state.first.shape}")
    return OptimizerState(optimizer, state.steps, np.where(masks, state.first, 0.0), np.where(masks, state.second, 0.0))


def checked_task(
    template: MLP,
    weights: ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    training: Training,
    masks: ArrayLike | None,
    noise: ArrayLike | None,
    rngs: Sequence[RNG] | None,
    optimizer_state: StateAtStart = "reset",
    previous: TrainingResult | None = None,
) -> Task:
    """Return the task after checking its arrays; arguments as in `train_networks`."""
    as_network(template, "template")
    check_instance("training", training, Training)
    start = as_float_array("weights", weights, ndim=2)
    networks, p = start.shape
    if p != template.n_weights:
        raise ValueError(f"weights must have shape (networks, {template.n_weights}), got {start.shape}")
    kept = template.mask if masks is None else as_masks("masks", masks, p)
    kept = np.broadcast_to(kept & template.mask, (networks, p)) if kept.ndim == 1 else kept & template.mask
    if kept.shape != start.shape:
        raise ValueError(f"masks must have shape ({p},) or {start.shape}, got {kept.shape}")
    if (start[~kept] != 0).any():
        raise ValueError(f"weights must be 0 where the mask is False, got {int((start[~kept] != 0).sum())} others")
    inputs = as_float_array("X", X, ndim=(2, 3))
    n = inputs.shape[-2]
    if inputs.shape[-1] != template.dimension:
        raise ValueError(f"X must have {template.dimension} columns, got shape {inputs.shape}")
    labels = _stacked("y", checked_labels(training.loss, y, template.n_outputs), networks, (n,))
    checked_noise = None
    if noise is not None:
        if template.n_outputs != 1:
            raise ValueError(f"noise needs a network with one output, got {template.n_outputs}")
        checked_noise = _stacked("noise", as_float_array("noise", noise, ndim=(1, 2)), networks, (n,))
    generators = _checked_generators(rngs, networks, training.random)
    stacked = _stacked("X", inputs, networks, (n, template.dimension))
    before = _checked_state(optimizer_state, previous, training.optimizer, kept)
    return Task(template, training, start, kept, stacked, labels, checked_noise, generators, before)
