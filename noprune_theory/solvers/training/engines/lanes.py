"""Tiny networks on full batches, eight networks in the lanes of a vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.models.losses import LOSSES
from noprune_theory.solvers.training.engines.base import Rule, aligned, up
from noprune_theory.solvers.training.kernels._vectors import LANES
from noprune_theory.solvers.training.kernels.lanes import train_lanes
from noprune_theory.solvers.training.kernels.shallow import train_shallow
from noprune_theory.solvers.training.task import OptimizerState, Task

_LANES_CAPACITY = 2048
"""Numbers a network may need in the lane layout: eight networks then stay in a small part of the second-level cache."""

_CHUNK_NETWORKS = 4096
"""Networks converted to the lane layout at a time; bounds memory and is the unit of work of a thread."""

_MERGED_SAMPLES = 16
"""Data sets of at most this many samples are searched for repeated samples: enumerated multisets hold many."""


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
            padded = up(inputs, 4)
            # The bias has its own place only where the padding leaves none.
            row = padded + 1 if biases and padded == inputs else padded
            places = start + np.arange(outputs)[:, None] * row + np.arange(inputs + biases)
            positions.append(places.ravel())
            strides.append((inputs, LANES * padded, LANES * row))
            start += outputs * row
        strides.append((widths[-1], LANES * widths[-1], 0))
        return cls(np.array(strides, dtype=np.int64), np.concatenate(positions), start)

    def work(self, n: int) -> int:
        """Return the numbers of scratch a network needs with n samples."""
        return 5 * self.size + 2 * n + 2 * n * int(self.strides[:, 1].sum()) // LANES


def lanes_fit(task: Task) -> bool:
    """Whether the networks of a task train in lanes: tiny, full batches, no noise, no early stop."""
    training = task.training
    if training.random or training.stops_early:
        return False
    layout = _LaneLayout.of(task.template.widths, task.template.biases)
    return layout.work(task.X.shape[1]) <= _LANES_CAPACITY


def _is_shallow(task: Task, layout: _LaneLayout) -> bool:
    """Whether the kernel for one hidden ReLU layer, one output and four inputs with the bias can be used."""
    template = task.template
    return (
        len(template.widths) == 3
        and template.widths[2] == 1
        and template.activation == "relu"
        and bool((layout.strides[0, 1:] == 4 * LANES).all())
    )


def _to_lanes(rows: FloatArray) -> FloatArray:
    """Return (networks, size), networks a multiple of LANES, as (blocks, size * LANES) with the network last."""
    blocks = rows.reshape(-1, LANES, rows.shape[1]).transpose(0, 2, 1)
    return np.ascontiguousarray(blocks).reshape(len(blocks), -1)


def _from_lanes(blocks: FloatArray) -> FloatArray:
    """Undo `_to_lanes`."""
    lanes = blocks.reshape(len(blocks), -1, LANES).transpose(0, 2, 1)
    return np.ascontiguousarray(lanes).reshape(-1, lanes.shape[2])


@dataclass(frozen=True)
class _Group:
    """Networks with equally many distinct samples, and equally many steps behind them.

    A repeated sample is trained on once, with its multiplicity.
    """

    steps: int
    networks: IntArray  # (m,)
    samples: IntArray  # (m, distinct): first occurrence of every distinct sample
    shares: FloatArray  # (m, distinct): multiplicity / n
    places: IntArray  # (m, n): which distinct sample a sample is

    def part(self, start: int, stop: int) -> _Group:
        cut = slice(start, stop)
        return _Group(self.steps, self.networks[cut], self.samples[cut], self.shares[cut], self.places[cut])


def _groups(task: Task) -> list[_Group]:
    """Sort the networks of a task into groups; large sets of samples are taken as all distinct."""
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
    steps = np.zeros_like(counts) if task.before is None else task.before.steps
    groups = []
    # Both are small integers: one number for the pair sorts much faster than rows.
    pairs, group_of = np.unique(counts * (int(steps.max(initial=0)) + 1) + steps, return_inverse=True)
    for group in range(len(pairs)):
        rows = np.flatnonzero(group_of == group)
        count, behind = int(counts[rows[0]]), int(steps[rows[0]])
        multiplicities = (places[rows, :, None] == np.arange(count)).sum(axis=1)
        samples = np.nonzero(distinct[rows])[1].reshape(len(rows), count)
        groups.append(_Group(behind, rows, samples, multiplicities / n, places[rows]))
    return groups


def train_in_lanes(
    task: Task,
    trained: FloatArray,
    diverged_at: IntArray,
    after: OptimizerState,
    epochs: IntArray,
    record: Callable[[IntArray, int, FloatArray], None],
    run: Callable[[Callable[[int], None], int], None],
    workers: int,
) -> None:
    """Train all networks of the task.

    `trained` (networks, p), `diverged_at` (networks,) and the moments of `after` are written in place.

    Parameters
    ----------
    epochs : ndarray of int
        Epochs at which `record(networks, column, outputs)` is called, from 0 to the last.
    run : callable
        run(work, items) calls work(0), ..., work(items - 1) on the threads.
    workers : int
        Number of threads, for the size of the items.
    """
    chunk = min(_CHUNK_NETWORKS, up(-(-len(trained) // workers), LANES))
    parts = [
        group.part(start, start + chunk) for group in _groups(task) for start in range(0, len(group.networks), chunk)
    ]

    def work(item: int) -> None:
        _train_part(task, parts[item], trained, diverged_at, after, epochs, record)

    run(work, len(parts))


def _train_part(
    task: Task,
    part: _Group,
    trained: FloatArray,
    diverged_at: IntArray,
    after: OptimizerState,
    epochs: IntArray,
    record: Callable[[IntArray, int, FloatArray], None],
) -> None:
    template, rule = task.template, Rule.of(task.training.optimizer)
    layout = _LaneLayout.of(template.widths, template.biases)
    (count, n), n_outputs = part.samples.shape, template.n_outputs
    # The last block is filled up with copies of the last network.
    filled = np.minimum(np.arange(up(count, LANES)), count - 1)
    rows, samples = part.networks[filled], part.samples[filled]
    inputs = np.zeros((len(rows), n, int(layout.strides[0, 1]) // LANES))
    inputs[:, :, : template.dimension] = task.X[rows[:, None], samples]
    inputs[:, :, template.dimension : template.dimension + 1] = 1.0  # padding, if there is any

    def padded(parameters: FloatArray | BoolArray) -> FloatArray:
        spread = np.zeros((len(rows), layout.size))
        spread[:, layout.positions] = parameters[rows]
        return _to_lanes(spread)

    X, y = _to_lanes(inputs.reshape(len(rows), -1)), _to_lanes(task.y[rows[:, None], samples])
    shares = _to_lanes(part.shares[filled])
    weights, free = padded(task.weights), padded(task.masks)
    if task.before is None:
        first, second = np.zeros((2, *weights.shape))
    else:
        first, second = padded(task.before.first), padded(task.before.second)
    diverged = np.zeros((len(weights), LANES))
    outputs = np.empty((len(weights), n * n_outputs * LANES))
    work = aligned(layout.work(n) * LANES)
    loss, tanh = LOSSES.index(task.training.loss), int(template.activation == "tanh")
    arrays = X, y, shares, free, weights, first, second, diverged, outputs, work
    shallow = _is_shallow(task, layout)
    masked = int(shallow and not (free[:, : 5 * template.widths[1] * LANES] > 0).all())
    ones = int(template.dimension == 3)  # the first padding
    for column, epoch in enumerate(epochs):
        ahead = int(epochs[column + 1] - epoch) if column + 1 < len(epochs) else 0
        steps = rule.code, rule.beta1, rule.beta2, rule.epsilon, *rule.coefficients(part.steps + int(epoch), ahead)
        if shallow:
            train_shallow(template.widths[1], int(template.biases), ones, masked, loss, *steps, int(epoch), *arrays)
        else:
            train_lanes(layout.strides, tanh, loss, *steps, int(epoch), *arrays)
        distinct = _from_lanes(outputs).reshape(-1, n, n_outputs)[:count]
        record(part.networks, column, np.take_along_axis(distinct, part.places[:, :, None], axis=1))
    for whole, blocks in ((trained, weights), (after.first, first), (after.second, second)):
        whole[part.networks] = _from_lanes(blocks)[:count, layout.positions]
    diverged_at[part.networks] = diverged.reshape(-1)[:count].astype(np.int64)
