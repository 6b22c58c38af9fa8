"""Training of masked networks: gradient descent and Adam, on full or small batches, for one network or thousands.

    training = Training(loss="binary_cross_entropy", optimizer=Adam(1e-2), epochs=1000)
    result = train(network, data, training)
    result.model().value(X)

Three engines do the work, chosen by the shape of the task alone, so that a network trains to the same bits alone, in
any batch of networks, in any order and with any number of workers; see `noprune_theory.solvers.training_engines`.
Optimizers take the steps of `torch.optim.SGD` and `torch.optim.Adam`. A masked weight is zero before, during and after.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import (
    as_float_array,
    as_masks,
    check_choice,
    check_generator,
    check_instance,
    check_integer,
    check_nonnegative,
    check_positive,
)
from noprune_theory.models.losses import LOSSES, Loss, checked_labels, mean_losses, sample_losses
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning.selection import SupervisedData, as_network, check_data
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers.training_engines import Engine, choose_engine, lanes_fit, train_in_lanes

MEMORISED_BELOW = math.log(2) / 10
"""A training point is memorised when its loss is below this number (Section 6.1 of the paper)."""


@dataclass(frozen=True)
class GradientDescent:
    """Gradient descent with momentum: b <- momentum b + g, w <- w - learning_rate b.

    Attributes
    ----------
    learning_rate : float
        > 0.
    momentum : float
        In [0, 1).
    """

    learning_rate: float
    momentum: float = 0.0

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        if check_nonnegative("momentum", self.momentum) >= 1:
            raise ValueError(f"momentum must be < 1, got {self.momentum}")


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma & Ba 2015) with bias correction.

    Attributes
    ----------
    learning_rate : float
        > 0.
    beta1, beta2 : float
        Decay of the first and second moment, in [0, 1).
    epsilon : float
        Added to the root of the second moment, > 0.
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        check_positive("epsilon", self.epsilon)
        for name in ("beta1", "beta2"):
            if check_nonnegative(name, getattr(self, name)) >= 1:
                raise ValueError(f"{name} must be < 1, got {getattr(self, name)}")


Optimizer: TypeAlias = GradientDescent | Adam


@dataclass(frozen=True)
class Training:
    """How to train.

    Attributes
    ----------
    epochs : int
        Passes over the data at most, >= 0; with full batches an epoch is a step.
    loss : {"mse", "binary_cross_entropy", "cross_entropy"}
        Mean over the samples of a batch; see `noprune_theory.models.losses`.
    optimizer : GradientDescent or Adam
    batch_size : int, optional
        Samples a step; all of them by default. The last batch of an epoch may be smaller.
    gradient_noise : float
        Standard deviation of independent Gaussian noise added to every entry of every gradient, >= 0.
    record_every : int, optional
        Epochs between records; by default only epoch 0 and the last are recorded.
    stop_below : float, optional
        Stop once the mean training loss is below this number.
    stop_unchanged : int, optional
        Stop once the training accuracy has not changed for this many epochs in a row.
    unchanged_within : float
        Accuracies count as unchanged while they lie within this of each other, >= 0. Of tens of thousands of samples, a
        few change sides in every epoch.
    memorised_below : float
        A training point counts as memorised when its loss is below this number.

    Notes
    -----
    Both stopping rules are looked at before the first epoch and after every one, whatever `record_every` says: records
    do not change the training. A rule costs an evaluation of all training points an epoch.
    """

    epochs: int
    loss: Loss = "mse"
    optimizer: Optimizer = field(default_factory=Adam)
    batch_size: int | None = None
    gradient_noise: float = 0.0
    record_every: int | None = None
    stop_below: float | None = None
    stop_unchanged: int | None = None
    unchanged_within: float = 0.0
    memorised_below: float = MEMORISED_BELOW

    def __post_init__(self) -> None:
        check_integer("epochs", self.epochs, 0)
        check_choice("loss", self.loss, LOSSES)
        if not isinstance(self.optimizer, (GradientDescent, Adam)):
            raise TypeError(f"optimizer must be GradientDescent or Adam, got {type(self.optimizer).__name__}")
        for name in ("batch_size", "record_every", "stop_unchanged"):
            if getattr(self, name) is not None:
                check_integer(name, getattr(self, name), 1)
        check_nonnegative("gradient_noise", self.gradient_noise)
        check_nonnegative("unchanged_within", self.unchanged_within)
        check_positive("memorised_below", self.memorised_below)
        if self.stop_below is not None:
            check_nonnegative("stop_below", self.stop_below)
        if self.stop_unchanged is not None and self.loss == "mse":
            raise ValueError("stop_unchanged needs a classification loss, got loss='mse'")

    @property
    def recorded_epochs(self) -> IntArray:
        """Epochs at which records are made: 0, the multiples of `record_every`, the last."""
        every = self.record_every or max(self.epochs, 1)
        return np.unique(np.append(np.arange(0, self.epochs + 1, every), self.epochs))

    @property
    def random(self) -> bool:
        """Whether training draws random numbers."""
        return self.batch_size is not None or self.gradient_noise > 0

    @property
    def stops_early(self) -> bool:
        """Whether a network may stop before the last epoch."""
        return self.stop_below is not None or self.stop_unchanged is not None


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


def _right(loss: Loss, outputs: FloatArray, y: FloatArray) -> BoolArray:
    """Return which points are classified rightly, shape (..., n), for outputs (..., n, c) and labels (..., n)."""
    if loss == "cross_entropy":
        return np.asarray(outputs.argmax(axis=-1) == y)
    return np.asarray(outputs[..., 0] * y > 0)


class Recorder:
    """Turns outputs into records."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.epochs = task.training.recorded_epochs
        shape = (len(task.weights), len(self.epochs))
        self.losses, self.memorised, self.accuracies = (np.full(shape, np.nan) for _ in range(3))
        self.correlations = None if task.noise is None else np.full(shape, np.nan)

    def record(self, networks: slice | IntArray, column: int, outputs: FloatArray) -> None:
        """Record the outputs (len(networks), n, c)."""
        task, loss = self.task, self.task.training.loss
        y = task.y[networks]
        with np.errstate(all="ignore"):  # a network may be on its way to divergence
            losses = sample_losses(loss, outputs, y)
            self.losses[networks, column] = mean_losses(losses)
            self.memorised[networks, column] = (losses < task.training.memorised_below).mean(axis=1)
            if loss != "mse":
                self.accuracies[networks, column] = _right(loss, outputs, y).mean(axis=1)
            if self.correlations is not None and task.noise is not None:
                centred = outputs[..., 0] - outputs[..., 0].mean(axis=1, keepdims=True)
                self.correlations[networks, column] = (centred * task.noise[networks]).mean(axis=1)


class StoppingRules:
    """The stopping rules of one network, which is shown its outputs at every epoch."""

    def __init__(self, task: Task, network: int) -> None:
        self.training, self.y = task.training, task.y[network]
        self.recent: deque[float] = deque(maxlen=(task.training.stop_unchanged or 0) + 1)

    def hold(self, outputs: FloatArray) -> bool:
        """Whether a rule says stop, now that the outputs are `outputs` (n, c)."""
        training = self.training
        with np.errstate(all="ignore"):  # the network may be on its way to divergence
            if training.stop_below is not None:
                loss = mean_losses(sample_losses(training.loss, outputs, self.y))
                if loss < training.stop_below:
                    return True
            if training.stop_unchanged is None:
                return False
            self.recent.append(float(_right(training.loss, outputs, self.y).mean()))
        spread = max(self.recent) - min(self.recent)
        return len(self.recent) > training.stop_unchanged and spread <= training.unchanged_within


def _stacked(name: str, value: FloatArray, networks: int, shape: tuple[int, ...]) -> FloatArray:
    """Return `value` as (networks, *shape): given so, or given once for all networks."""
    if value.shape == shape:
        return np.broadcast_to(value, (networks, *shape))
    if value.shape == (networks, *shape):
        return value
    raise ValueError(f"{name} must have shape {shape} or {(networks, *shape)}, got {value.shape}")


def _check_generators(rngs: Sequence[np.random.Generator] | None, networks: int, needed: bool) -> None:
    if rngs is None:
        if needed:
            raise ValueError(f"rngs must hold a generator a network for small batches or noise, {networks}; got None")
        return
    check_instance("rngs", rngs, Sequence)
    if len(rngs) != networks:
        raise ValueError(f"rngs must hold a generator a network, {networks}; got {len(rngs)}")
    for index, rng in enumerate(rngs):
        check_generator(f"rngs[{index}]", rng)


def checked_task(
    template: MLP,
    weights: ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    training: Training,
    masks: ArrayLike | None,
    noise: ArrayLike | None,
    rngs: Sequence[np.random.Generator] | None,
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
    _check_generators(rngs, networks, training.random)
    stacked = _stacked("X", inputs, networks, (n, template.dimension))
    return Task(template, training, start, kept, stacked, labels, checked_noise, rngs)


def train_one(engine: Engine, recorder: Recorder, network: int) -> tuple[FloatArray, int, int]:
    """Run one network through its records; return its weights, epochs completed, and step of divergence or 0."""
    if recorder.task.training.stops_early:
        _train_until_stopped(engine, recorder, network)
    else:
        epochs = recorder.epochs
        for column, ahead in enumerate(np.diff(epochs, append=epochs[-1]).tolist()):
            outputs = engine.advance(ahead)
            recorder.record(slice(network, network + 1), column, outputs[None])
            if engine.diverged_at:
                break
    return engine.weights(), engine.epochs_done, engine.diverged_at


def _train_until_stopped(engine: Engine, recorder: Recorder, network: int) -> None:
    """Run one network epoch by epoch until a stopping rule holds, the epochs are done, or it diverges."""
    rules, column = StoppingRules(recorder.task, network), 0
    for epoch in range(recorder.task.training.epochs + 1):
        outputs = engine.advance(0)
        stops = rules.hold(outputs)
        if stops or epoch == recorder.epochs[column]:
            recorder.record(slice(network, network + 1), column, outputs[None])
            column += 1
        if stops or column == len(recorder.epochs):
            break
        engine.advance(1)
        if engine.diverged_at:
            break


def _in_threads(work: Callable[[int], None], items: int, workers: int) -> None:
    """Call `work` on 0, ..., items - 1; the compiled loops and BLAS release the interpreter."""
    if workers == 1 or items == 1:
        for item in range(items):
            work(item)
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, range(items)):
            pass


def train_networks(
    template: MLP,
    weights: ArrayLike,
    X: ArrayLike,
    y: ArrayLike,
    training: Training,
    *,
    masks: ArrayLike | None = None,
    noise: ArrayLike | None = None,
    rngs: Sequence[np.random.Generator] | None = None,
    workers: int = 1,
) -> TrainingResult:
    """Train many networks of one architecture, each from its own weights, with its own mask and data.

    Parameters
    ----------
    template : MLP
        Architecture; its weights are not read, its mask holds for all networks.
    weights : array_like, shape (networks, p)
        Initial weights, zero where pruned.
    X : array_like, shape (n, d) or (networks, n, d)
        Inputs, shared or a set a network.
    y : array_like, shape (n,) or (networks, n)
        Labels that suit the loss.
    training : Training
    masks : array_like of bool, shape (p,) or (networks, p), optional
        True where a weight is kept; all that the template keeps by default.
    noise : array_like, shape (n,) or (networks, n), optional
        Label noise z, for the record of its correlation with the outputs.
    rngs : sequence of numpy.random.Generator, optional
        One a network; needed for small batches and gradient noise, so that a network does not depend on the others.
        An epoch draws the order of the samples first and then the noise of its steps.
    workers : int
        Threads >= 1. The result does not depend on their number.

    Returns
    -------
    TrainingResult

    Raises
    ------
    TypeError
        If the template is not an MLP, `training` not a Training, or an array does not hold numbers.
    ValueError
        If shapes do not fit, labels do not suit the loss, or generators are missing.
    """
    task = checked_task(template, weights, X, y, training, masks, noise, rngs)
    threads = check_integer("workers", workers, 1)
    recorder = Recorder(task)
    trained = task.weights.copy()
    epochs = np.full(len(trained), training.epochs)
    diverged_at = np.zeros(len(trained), dtype=np.int64)

    if lanes_fit(task):
        train_in_lanes(
            task, trained, diverged_at, recorder.epochs, recorder.record, partial(_in_threads, workers=threads), threads
        )
        epochs = np.where(diverged_at > 0, diverged_at - 1, training.epochs)
        late = recorder.epochs[None, :] > epochs[:, None]
        for records in (recorder.losses, recorder.memorised, recorder.accuracies, recorder.correlations):
            if records is not None:
                records[late] = np.nan
    else:

        def work(network: int) -> None:
            engine = choose_engine(task, network)
            trained[network], epochs[network], diverged_at[network] = train_one(engine, recorder, network)

        # One BLAS thread for all: with more, sums could depend on the machine's load.
        with one_blas_thread():
            _in_threads(work, len(trained), threads)
    return TrainingResult(
        template,
        trained,
        np.array(task.masks),
        epochs,
        diverged_at,
        recorder.epochs,
        recorder.losses,
        recorder.memorised,
        recorder.accuracies,
        recorder.correlations,
    )


def train(
    model: MLP,
    data: SupervisedData,
    training: Training,
    *,
    noise: ArrayLike | None = None,
    rng: np.random.Generator | None = None,
) -> TrainingResult:
    """Train one network from its weights; `result.model()` is the trained network.

    Parameters
    ----------
    model : MLP
        With its initial weights and its mask.
    data : SupervisedData
        X, shape (n, d), and y, shape (n,).
    training : Training
    noise : array_like, shape (n,), optional
        Label noise z, for the record of its correlation with the outputs.
    rng : numpy.random.Generator, optional
        Needed for small batches and gradient noise.

    Raises
    ------
    TypeError, ValueError
        See `train_networks`; or `data` has no X and y.
    """
    as_network(model)
    check_data(data)
    if rng is not None:
        check_generator("rng", rng)
    return train_networks(
        model,
        model.weights[None],
        data.X,
        data.y,
        training,
        masks=model.mask,
        noise=noise,
        rngs=None if rng is None else [rng],
    )
