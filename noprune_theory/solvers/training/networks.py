"""Training of one network, or of thousands side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import check_generator, check_integer
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning.selection import SupervisedData, as_network, check_data
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers.training.engines import Engine, choose_engine, lanes_fit, train_in_lanes
from noprune_theory.solvers.training.records import Recorder, StoppingRules
from noprune_theory.solvers.training.settings import StateAtStart, Training
from noprune_theory.solvers.training.task import OptimizerState, TrainingResult, checked_task


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
    rngs: Sequence[RNG] | None = None,
    workers: int = 1,
    optimizer_state: StateAtStart = "reset",
    previous: TrainingResult | None = None,
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
    rngs : sequence of numpy.random.Generator or seed, optional
        One a network; needed for small batches and gradient noise, so that a network does not depend on the others.
        An epoch draws the order of the samples first and then the noise of its steps.
    workers : int
        Threads >= 1. The result does not depend on their number.
    optimizer_state : {"reset", "kept"}
        "reset": the optimizer begins anew. "kept": it goes on with the moments and the number of steps with which the
        training `previous` ended, as one `torch.optim.Adam` does that lives on while the weights are set back and
        pruned; what it knew of weights that are pruned now is forgotten. From the weights at which `previous` ended,
        with the same generators, the two trainings take the steps of one, bit for bit.
    previous : TrainingResult, optional
        For "kept" alone: of as many networks of as many weights, by an optimizer of the same kind.

    Returns
    -------
    TrainingResult

    Raises
    ------
    TypeError
        If the template is not an MLP, `training` not a Training, `previous` not a TrainingResult, or an array does not
        hold numbers.
    ValueError
        If shapes do not fit, labels do not suit the loss, or generators or `previous` are missing.
    """
    task = checked_task(template, weights, X, y, training, masks, noise, rngs, optimizer_state, previous)
    threads = check_integer("workers", workers, 1)
    recorder = Recorder(task)
    trained = task.weights.copy()
    epochs = np.full(len(trained), training.epochs)
    diverged_at = np.zeros(len(trained), dtype=np.int64)
    after = OptimizerState.zero(training.optimizer, *trained.shape)
    if task.before is not None:
        after.steps[:] = task.before.steps

    if lanes_fit(task):
        train_in_lanes(
            task,
            trained,
            diverged_at,
            after,
            recorder.epochs,
            recorder.record,
            partial(_in_threads, workers=threads),
            threads,
        )
        epochs = np.where(diverged_at > 0, diverged_at - 1, training.epochs)
        after.steps[:] += epochs
        late = recorder.epochs[None, :] > epochs[:, None]
        for records in (recorder.losses, recorder.memorised, recorder.accuracies, recorder.correlations):
            if records is not None:
                records[late] = np.nan
    else:

        def work(network: int) -> None:
            engine = choose_engine(task, network)
            trained[network], epochs[network], diverged_at[network] = train_one(engine, recorder, network)
            after.first[network], after.second[network] = engine.moments()
            after.steps[network] += engine.steps_done

        # One BLAS thread for all: with more, sums could depend on the machine's load.
        with one_blas_thread():
            _in_threads(work, len(trained), threads)
    after.lose(diverged_at > 0, task.masks)
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
        after,
    )


def train(
    model: MLP,
    data: SupervisedData,
    training: Training,
    *,
    noise: ArrayLike | None = None,
    rng: RNG | None = None,
    optimizer_state: StateAtStart = "reset",
    previous: TrainingResult | None = None,
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
    rng : numpy.random.Generator or seed, optional
        Needed for small batches and gradient noise.
    optimizer_state : {"reset", "kept"}
        Whether the optimizer begins anew or goes on from the training `previous`; see `train_networks`.
    previous : TrainingResult, optional
        For "kept" alone: of one network.

    Returns
    -------
    TrainingResult
        Of one network: its arrays have a first axis of length 1.

    Raises
    ------
    TypeError, ValueError
        See `train_networks`; or `data` has no X and y.
    """
    as_network(model)
    check_data(data)
    if rng is not None:
        rng = check_generator("rng", rng)
    return train_networks(
        model,
        model.weights[None],
        data.X,
        data.y,
        training,
        masks=model.mask,
        noise=noise,
        rngs=None if rng is None else [rng],
        optimizer_state=optimizer_state,
        previous=previous,
    )
