"""The three engines of `noprune_theory.solvers.training`.

- Lanes: tiny networks on full batches, eight networks in the lanes of a vector (`train_lanes`).
- Lists: one network as lists of its live connections, samples in the lanes (`train_lists`); work follows the weights
  that survive. A connection is live when its source can be other than zero and its target can reach an output; all
  others have gradient zero for ever and keep their weight.
- Dense: one network as matrices, through BLAS.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.models.losses import LOSSES, loss_gradient
from noprune_theory.models.mlp import layer_matrices
from noprune_theory.solvers import _training_kernels as kernels

if TYPE_CHECKING:
    from noprune_theory.solvers.training import Optimizer, Task

_LANES_CAPACITY = 2048
"""Numbers a network may need in the lane layout: eight networks then stay in a small part of the second-level cache."""

_CHUNK_NETWORKS = 4096
"""Networks converted to the lane layout at a time; bounds memory and is the unit of work of a thread."""

_MERGED_SAMPLES = 16
"""Data sets of at most this many samples are searched for repeated samples: enumerated multisets hold many."""

_LIST_SECONDS = 3e-10
"""Seconds a live connection and sample in `train_lists`, measured; only the ratio to the next two matters."""

_DENSE_SECONDS = 2e-10
"""Seconds a weight and sample in the dense engine, measured."""

_DENSE_OVERHEAD_SECONDS = 1e-4
"""Seconds a dense step takes however small the network is, measured."""

_EVALUATION_SAMPLES = 1024
"""Samples that the dense engine evaluates together when it trains by small batches; bounds memory."""


@dataclass(frozen=True)
class _Rule:
    """An optimizer as the kernels take it."""

    code: int
    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float

    @classmethod
    def of(cls, optimizer: Optimizer) -> _Rule:
        if hasattr(optimizer, "momentum"):
            return cls(kernels.GRADIENT_DESCENT, optimizer.learning_rate, optimizer.momentum, 0.0, 0.0)
        return cls(kernels.ADAM, optimizer.learning_rate, optimizer.beta1, optimizer.beta2, optimizer.epsilon)

    def coefficients(self, done: int, steps: int) -> tuple[FloatArray, FloatArray]:
        """Return the rates and roots of the steps done + 1, ..., done + steps; see `updated` in the kernels."""
        if self.code == kernels.GRADIENT_DESCENT:
            return np.full(steps, self.learning_rate), np.ones(steps)
        t = np.arange(done + 1, done + steps + 1)
        return self.learning_rate / (1 - self.beta1**t), 1 / np.sqrt(1 - self.beta2**t)


def _aligned(size: int) -> FloatArray:
    """Return `size` zeros that start at a cache line: a vector across two lines costs two loads."""
    padded = np.zeros(size + kernels.LANES)
    skip = (-padded.ctypes.data // 8) % kernels.LANES
    return padded[skip : skip + size]


def _up(value: int, multiple: int) -> int:
    """Return the least multiple of `multiple` that is at least `value`."""
    return -(-value // multiple) * multiple


# --- Lanes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _LaneLayout:
    """Where the parameters stand in `train_lanes`; see there."""

    strides: IntArray  # (layers + 1, 3)
    positions: IntArray  # (p,): place of every parameter
    size: int  # number of places of parameters

    @classmethod
    def of(cls, widths: tuple[int, ...], biases: bool) -> _LaneLayout:
        strides, positions, start = [], [], 0
        for inputs, outputs in pairwise(widths):
            padded = _up(inputs, 4)
            # The bias has its own place only where the padding leaves none.
            row = padded + 1 if biases and padded == inputs else padded
            places = start + np.arange(outputs)[:, None] * row + np.arange(inputs + biases)
            positions.append(places.ravel())
            strides.append((inputs, kernels.LANES * padded, kernels.LANES * row))
            start += outputs * row
        strides.append((widths[-1], kernels.LANES * widths[-1], 0))
        return cls(np.array(strides, dtype=np.int64), np.concatenate(positions), start)

    def work(self, n: int) -> int:
        """Return the numbers of scratch a network needs with n samples."""
        return 5 * self.size + 2 * n + 2 * n * int(self.strides[:, 1].sum()) // kernels.LANES


def lanes_fit(task: Task) -> bool:
    """Whether the networks of a task train in lanes: tiny, full batches, no noise, no early stop."""
    training = task.training
    if training.random or training.stops_early:
        return False
    layout = _LaneLayout.of(task.template.widths, task.template.biases)
    return layout.work(task.X.shape[1]) <= _LANES_CAPACITY


def _to_lanes(rows: FloatArray) -> FloatArray:
    """Return (networks, size), networks a multiple of LANES, as (blocks, size * LANES) with the network last."""
    blocks = rows.reshape(-1, kernels.LANES, rows.shape[1]).transpose(0, 2, 1)
    return np.ascontiguousarray(blocks).reshape(len(blocks), -1)


def _from_lanes(blocks: FloatArray) -> FloatArray:
    """Undo `_to_lanes`."""
    lanes = blocks.reshape(len(blocks), -1, kernels.LANES).transpose(0, 2, 1)
    return np.ascontiguousarray(lanes).reshape(-1, lanes.shape[2])


@dataclass(frozen=True)
class _Group:
    """Networks with equally many distinct samples. A repeated sample is trained on once, with its multiplicity."""

    networks: IntArray  # (m,)
    samples: IntArray  # (m, distinct): first occurrence of every distinct sample
    shares: FloatArray  # (m, distinct): multiplicity / n
    places: IntArray  # (m, n): which distinct sample a sample is

    def part(self, start: int, stop: int) -> _Group:
        cut = slice(start, stop)
        return _Group(self.networks[cut], self.samples[cut], self.shares[cut], self.places[cut])


def _groups(task: Task) -> list[_Group]:
    """Sort the networks of a task by their number of distinct samples; large sets are taken as all distinct."""
    networks, n, dimension = task.X.shape
    same = np.broadcast_to(np.eye(n, dtype=bool), (networks, n, n))
    if n <= _MERGED_SAMPLES:
        same = task.y[:, :, None] == task.y[:, None, :]
        for k in range(dimension):
            same &= task.X[:, :, None, k] == task.X[:, None, :, k]
    earliest = same.argmax(axis=2)
    distinct = earliest == np.arange(n)
    places = np.take_along_axis(distinct.cumsum(axis=1) - 1, earliest, axis=1)
    counts = distinct.sum(axis=1)
    groups = []
    for count in np.unique(counts):
        rows = np.flatnonzero(counts == count)
        multiplicities = (places[rows, :, None] == np.arange(count)).sum(axis=1)
        samples = np.nonzero(distinct[rows])[1].reshape(len(rows), count)
        groups.append(_Group(rows, samples, multiplicities / n, places[rows]))
    return groups


def train_in_lanes(
    task: Task,
    trained: FloatArray,
    diverged_at: IntArray,
    epochs: IntArray,
    record: Callable[[IntArray, int, FloatArray], None],
    run: Callable[[Callable[[int], None], int], None],
    workers: int,
) -> None:
    """Train all networks of the task; `trained` (networks, p) and `diverged_at` (networks,) are written in place.

    Parameters
    ----------
    epochs : ndarray of int
        Epochs at which `record(networks, column, outputs)` is called, from 0 to the last.
    run : callable
        run(work, items) calls work(0), ..., work(items - 1) on the threads.
    workers : int
        Number of threads, for the size of the items.
    """
    chunk = min(_CHUNK_NETWORKS, _up(-(-len(trained) // workers), kernels.LANES))
    parts = [
        group.part(start, start + chunk) for group in _groups(task) for start in range(0, len(group.networks), chunk)
    ]

    def work(item: int) -> None:
        _train_part(task, parts[item], trained, diverged_at, epochs, record)

    run(work, len(parts))


def _train_part(
    task: Task,
    part: _Group,
    trained: FloatArray,
    diverged_at: IntArray,
    epochs: IntArray,
    record: Callable[[IntArray, int, FloatArray], None],
) -> None:
    template, rule = task.template, _Rule.of(task.training.optimizer)
    layout = _LaneLayout.of(template.widths, template.biases)
    (count, n), n_outputs = part.samples.shape, template.n_outputs
    # The last block is filled up with copies of the last network.
    filled = np.minimum(np.arange(_up(count, kernels.LANES)), count - 1)
    rows, samples = part.networks[filled], part.samples[filled]
    inputs = np.zeros((len(rows), n, int(layout.strides[0, 1]) // kernels.LANES))
    inputs[:, :, : template.dimension] = task.X[rows[:, None], samples]
    inputs[:, :, template.dimension : template.dimension + 1] = 1.0  # padding, if there is any
    padded, kept = np.zeros((len(rows), layout.size)), np.zeros((len(rows), layout.size))
    padded[:, layout.positions] = task.weights[rows]
    kept[:, layout.positions] = task.masks[rows]
    X, y = _to_lanes(inputs.reshape(len(rows), -1)), _to_lanes(task.y[rows[:, None], samples])
    shares = _to_lanes(part.shares[filled])
    weights, free = _to_lanes(padded), _to_lanes(kept)
    first, second = np.zeros((2, *weights.shape))
    diverged = np.zeros((len(weights), kernels.LANES))
    outputs = np.empty((len(weights), n * n_outputs * kernels.LANES))
    work = _aligned(layout.work(n) * kernels.LANES)
    for column, epoch in enumerate(epochs):
        ahead = int(epochs[column + 1] - epoch) if column + 1 < len(epochs) else 0
        rates, roots = rule.coefficients(int(epoch), ahead)
        kernels.train_lanes(
            layout.strides,
            int(template.activation == "tanh"),
            LOSSES.index(task.training.loss),
            rule.code,
            rule.beta1,
            rule.beta2,
            rule.epsilon,
            rates,
            roots,
            int(epoch),
            X,
            y,
            shares,
            free,
            weights,
            first,
            second,
            diverged,
            outputs,
            work,
        )
        distinct = _from_lanes(outputs).reshape(-1, n, n_outputs)[:count]
        record(part.networks, column, np.take_along_axis(distinct, part.places[:, :, None], axis=1))
    trained[part.networks] = _from_lanes(weights)[:count, layout.positions]
    diverged_at[part.networks] = diverged.reshape(-1)[:count].astype(np.int64)


# --- One network at a time --------------------------------------------------------------------------------------------


class Engine(ABC):
    """One network in training."""

    def __init__(self, task: Task, network: int) -> None:
        self.task, self.training, self.template = task, task.training, task.template
        self.n = task.X.shape[1]
        self.batch = min(self.training.batch_size or self.n, self.n)
        self.rng = None if task.rngs is None else task.rngs[network]
        self.rule = _Rule.of(self.training.optimizer)
        self.steps_done = self.epochs_done = self.diverged_at = 0

    @abstractmethod
    def advance(self, epochs: int) -> FloatArray:
        """Return the outputs (n, c) on the training inputs, then train for `epochs` epochs."""

    @abstractmethod
    def weights(self) -> FloatArray:
        """Return all p parameters."""

    def _order(self) -> IntArray | None:
        """Return the order in which an epoch visits the samples; None for full batches."""
        if self.training.batch_size is None:
            return None
        assert self.rng is not None
        return self.rng.permutation(self.n)

    def _noise(self, steps: int) -> FloatArray | None:
        """Return the gradient noise of an epoch, shape (steps, p)."""
        if self.training.gradient_noise == 0:
            return None
        assert self.rng is not None
        return self.training.gradient_noise * self.rng.standard_normal((steps, self.template.n_weights))


@dataclass(frozen=True)
class _Connections:
    """A masked network as lists; see `train_lists` for the fields, `parameters` are their places among all p."""

    inputs: IntArray
    firsts: IntArray
    sources: IntArray
    biases: IntArray
    parameters: IntArray

    @classmethod
    def of(cls, mask: BoolArray, widths: tuple[int, ...], biases: bool, live_only: bool) -> _Connections:
        """List the kept connections, or only the live ones (see the module)."""
        kept = layer_matrices(mask, widths, biases)
        places = layer_matrices(np.arange(len(mask)), widths, biases)
        reachable: list[BoolArray] = [np.ones(widths[0], dtype=bool)]
        for matrix, inputs in zip(kept, widths[:-1], strict=True):
            fed = np.any(matrix[:, :inputs] & reachable[-1], axis=1)
            reachable.append(np.asarray(fed | matrix[:, -1] if biases else fed))
        needed: list[BoolArray] = [np.ones(widths[-1], dtype=bool)]
        for matrix, inputs in zip(reversed(kept), reversed(widths[:-1]), strict=True):
            needed.insert(0, np.asarray(np.any(matrix[:, :inputs] & needed[0][:, None], axis=0)))
        if live_only:
            live = [r & s for r, s in zip(reachable, needed, strict=True)]
        else:
            live = [np.ones(width, dtype=bool) for width in widths]
        live[-1][:] = True

        first_layer = kept[0][:, : widths[0]] & live[1][:, None]
        live[0] = live[0] & first_layer.any(axis=0)
        rows, start = np.flatnonzero(live[0]), int(live[0].sum())
        inputs_used, lengths, sources, parameters, bias_places, bias_units = rows, [], [], [], [], []
        row_of = np.cumsum(live[0]) - 1
        units = 0
        for layer, (matrix, place) in enumerate(zip(kept, places, strict=True)):
            width = widths[layer]
            targets = np.flatnonzero(live[layer + 1])
            connected = matrix[targets, :width] & live[layer]
            unit, source = np.nonzero(connected)
            lengths.append(connected.sum(axis=1))
            sources.append(row_of[source])
            parameters.append(place[targets[unit], source])
            if biases:
                with_bias = np.flatnonzero(matrix[targets, width])
                bias_units.append(units + with_bias)
                bias_places.append(place[targets[with_bias], width])
            row_of = start + np.cumsum(live[layer + 1]) - 1
            start += len(targets)
            units += len(targets)
        n_connections = sum(len(s) for s in sources)
        bias_of_unit = np.full(units, -1, dtype=np.int64)
        if biases:
            holders = np.concatenate(bias_units)
            bias_of_unit[holders] = n_connections + np.arange(len(holders))
        return cls(
            inputs_used.astype(np.int64),
            np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64),
            np.concatenate(sources).astype(np.int64),
            bias_of_unit,
            np.concatenate(parameters + bias_places).astype(np.int64),
        )


class ListsEngine(Engine):
    """One network as lists of its live connections."""

    def __init__(self, task: Task, network: int) -> None:
        super().__init__(task, network)
        template = self.template
        # Noise moves weights that have no gradient, so all kept ones are listed then.
        self.lists = _Connections.of(
            task.masks[network], template.widths, template.biases, self.training.gradient_noise == 0
        )
        self.initial = task.weights[network]
        q = _up(max(len(self.lists.parameters), 1), kernels.LANES)
        self.theta, self.first, self.second = _aligned(q), _aligned(q), _aligned(q)
        self.theta[: len(self.lists.parameters)] = self.initial[self.lists.parameters]
        padded = _up(self.n, kernels.BLOCK)
        rows = np.minimum(np.arange(padded), self.n - 1)
        self.y = task.y[network][rows]
        self.everything = rows.reshape(1, -1).astype(np.int64)
        if self.training.batch_size is None:
            self.X, self.strides = np.ascontiguousarray(task.X[network].T[:, rows]), (1, padded)
        else:
            self.X, self.strides = np.ascontiguousarray(task.X[network]), (template.dimension, 1)
        self.outputs = np.empty((template.n_outputs, padded))
        rows_of_activations = len(self.lists.inputs) + len(self.lists.biases)
        self.work = _aligned(2 * q + (2 * rows_of_activations + 2) * kernels.BLOCK)

    def weights(self) -> FloatArray:
        """Return all p parameters."""
        parameters = self.initial.copy()
        parameters[self.lists.parameters] = self.theta[: len(self.lists.parameters)]
        return parameters

    def _run(self, steps: int, order: IntArray, counts: IntArray, noise: FloatArray) -> None:
        lists, rule = self.lists, self.rule
        rates, roots = rule.coefficients(self.steps_done, steps)
        failed = kernels.train_lists(
            lists.inputs,
            lists.firsts,
            lists.sources,
            lists.biases,
            self.template.n_outputs,
            int(self.template.activation == "tanh"),
            LOSSES.index(self.training.loss),
            rule.code,
            rule.beta1,
            rule.beta2,
            rule.epsilon,
            rates,
            roots,
            self.X,
            *self.strides,
            self.y,
            self.n,
            order,
            counts,
            noise,
            self.theta,
            self.first,
            self.second,
            self.outputs,
            self.work,
        )
        if failed >= 0:
            self.diverged_at = self.steps_done + failed + 1
            steps = failed
        self.steps_done += steps

    def advance(self, epochs: int) -> FloatArray:
        """Return the outputs (n, c) on the training inputs, then train for `epochs` epochs."""
        none, no_order, no_noise = np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.int64), np.empty((0, 0))
        if not self.training.random:
            self._run(epochs, no_order, none, no_noise)
            self.epochs_done = self.steps_done
            return self._outputs()
        full = self.training.batch_size is None
        self._run(0, no_order if full else self.everything, none if full else np.array([self.n]), no_noise)
        outputs = self._outputs()
        for _ in range(epochs):
            order = self._order()
            rows, counts = (no_order, none) if order is None else self._batches(order)
            steps = max(1, len(rows))
            self._run(steps, rows, counts, self._listed_noise(steps))
            if self.diverged_at:
                break
            self.epochs_done += 1
        return outputs

    def _outputs(self) -> FloatArray:
        return self.outputs[:, : self.n].T.copy()

    def _batches(self, order: IntArray) -> tuple[IntArray, IntArray]:
        """Return rows of sample indices, filled up to whole blocks with the row's first sample, and their counts."""
        starts = np.arange(0, self.n, self.batch)
        counts = np.minimum(self.batch, self.n - starts)
        columns = np.arange(_up(self.batch, kernels.BLOCK))
        places = starts[:, None] + np.where(columns < counts[:, None], columns, 0)
        return order[places].astype(np.int64), counts.astype(np.int64)

    def _listed_noise(self, steps: int) -> FloatArray:
        noise = self._noise(steps)
        if noise is None:
            return np.empty((0, 0))
        listed = np.zeros((steps, len(self.theta)))
        listed[:, : len(self.lists.parameters)] = noise[:, self.lists.parameters]
        return listed


class DenseEngine(Engine):
    """One network as matrices.

    Activations are (units + 1, samples) with a last row of ones that carries the biases, so that a layer and its biases
    are one matrix product, forwards and backwards.
    """

    def __init__(self, task: Task, network: int) -> None:
        super().__init__(task, network)
        self.theta = task.weights[network].copy()
        self.first, self.second = np.zeros_like(self.theta), np.zeros_like(self.theta)
        self.gradient = np.empty_like(self.theta)
        self.pruned = np.flatnonzero(~task.masks[network])
        self.X, self.y = task.X[network], task.y[network]
        self._buffers: dict[int, tuple[list[FloatArray], list[FloatArray]]] = {}
        self._inputs = self._columns(slice(None)) if self.training.batch_size is None else None

    def weights(self) -> FloatArray:
        """Return all p parameters."""
        return self.theta

    def _columns(self, samples: slice | IntArray) -> FloatArray:
        """Return the inputs of the samples as columns, with the row of ones."""
        columns = self.X[samples].T
        return np.vstack([columns, np.ones((int(self.template.biases), columns.shape[1]))])

    def _matrices(self, parameters: FloatArray) -> list[FloatArray]:
        return layer_matrices(parameters, self.template.widths, self.template.biases)

    def _workspace(self, samples: int) -> tuple[list[FloatArray], list[FloatArray]]:
        """Return arrays for the activations and for the derivatives of the layers above the inputs.

        They are kept between steps: fresh ones of this size would come from the system and cost a page fault a page.
        """
        if samples not in self._buffers:
            widths = self.template.widths[1:]
            values: list[FloatArray] = [np.ones((width + self.template.biases, samples)) for width in widths]
            deltas: list[FloatArray] = [np.empty((width, samples)) for width in widths]
            self._buffers[samples] = values, deltas
        return self._buffers[samples]

    def _forward(self, inputs: FloatArray) -> list[FloatArray]:
        """Return the inputs and the activations of all layers, each with its row of ones."""
        values = [inputs, *self._workspace(inputs.shape[1])[0]]
        for layer, matrix in enumerate(self._matrices(self.theta)):
            active = values[layer + 1][: len(matrix)]
            np.matmul(matrix, values[layer], out=active)
            if layer == len(values) - 2:
                break
            if self.template.activation == "relu":
                np.maximum(active, 0.0, out=active)
            else:
                np.tanh(active, out=active)
        return values

    def _set_gradient(self, values: list[FloatArray], y: FloatArray) -> None:
        """Write the gradient of the mean loss over the samples whose activations are `values`."""
        widths, matrices = self.template.widths, self._matrices(self.theta)
        deltas = self._workspace(len(y))[1]
        deltas[-1][...] = loss_gradient(self.training.loss, values[-1][: widths[-1]].T, y).T
        for layer, target in reversed(list(enumerate(self._matrices(self.gradient)))):
            np.matmul(deltas[layer], values[layer].T, out=target)
            if layer:
                delta, active = deltas[layer - 1], values[layer][: widths[layer]]
                np.matmul(matrices[layer][:, : widths[layer]].T, deltas[layer], out=delta)
                if self.template.activation == "relu":
                    np.copyto(delta, 0.0, where=active <= 0)
                else:
                    delta *= 1.0 - active**2

    def _step(self, noise: FloatArray | None) -> bool:
        """Take the optimizer's step; return False, and change nothing, if the new weights are not all finite."""
        rule, gradient = self.rule, self.gradient
        if noise is not None:
            gradient += noise
        gradient[self.pruned] = 0.0
        (rate,), (root,) = rule.coefficients(self.steps_done, 1)
        if rule.code == kernels.GRADIENT_DESCENT:
            self.first *= rule.beta1
            self.first += gradient
            new = self.theta - rate * self.first
        else:
            self.first *= rule.beta1
            self.first += (1 - rule.beta1) * gradient
            self.second *= rule.beta2
            self.second += (1 - rule.beta2) * gradient * gradient
            new = self.theta - rate * self.first / (np.sqrt(self.second) * root + rule.epsilon)
        if not np.isfinite(new).all():
            self.diverged_at = self.steps_done + 1
            return False
        self.theta = new
        self.steps_done += 1
        return True

    def _evaluated(self) -> tuple[list[FloatArray], FloatArray]:
        """Return the activations, of full batches only, and the outputs (n, c) on the training inputs."""
        count = self.template.n_outputs
        if self._inputs is not None:
            values = self._forward(self._inputs)
            return values, values[-1][:count].T.copy()
        outputs = np.empty((self.n, count))
        for start in range(0, self.n, _EVALUATION_SAMPLES):
            samples = slice(start, start + _EVALUATION_SAMPLES)
            outputs[samples] = self._forward(self._columns(samples))[-1][:count].T
        return [], outputs

    def advance(self, epochs: int) -> FloatArray:
        """Return the outputs (n, c) on the training inputs, then train for `epochs` epochs."""
        with np.errstate(all="ignore"):
            values, outputs = self._evaluated()
            for epoch in range(epochs):
                order = self._order()
                steps = -(-self.n // self.batch)
                noise = self._noise(steps)
                for step in range(steps):
                    y = self.y
                    if self._inputs is None:
                        assert order is not None
                        samples = order[step * self.batch : (step + 1) * self.batch]
                        y, values = self.y[samples], self._forward(self._columns(samples))
                    elif epoch:
                        values = self._forward(self._inputs)
                    self._set_gradient(values, y)
                    if not self._step(None if noise is None else noise[step]):
                        return outputs
                self.epochs_done += 1
        return outputs


def choose_engine(task: Task, network: int) -> Engine:
    """Return the engine that is expected to be faster; the choice depends on this network's task alone."""
    samples = min(task.training.batch_size or task.X.shape[1], task.X.shape[1])
    lists = _LIST_SECONDS * int(task.masks[network].sum()) * _up(samples, kernels.BLOCK)
    dense = _DENSE_OVERHEAD_SECONDS + _DENSE_SECONDS * task.template.n_weights * samples
    return ListsEngine(task, network) if lists <= dense else DenseEngine(task, network)


__all__ = ["DenseEngine", "Engine", "ListsEngine", "choose_engine", "lanes_fit", "train_in_lanes"]
