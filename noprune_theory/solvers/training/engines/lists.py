"""One network as lists of its live connections: work follows the weights that survive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.models.losses import LOSSES
from noprune_theory.solvers.training.engines.base import Engine, aligned, up
from noprune_theory.solvers.training.kernels._vectors import LANES
from noprune_theory.solvers.training.kernels.connections import list_connections
from noprune_theory.solvers.training.kernels.lists import BLOCK, train_lists
from noprune_theory.solvers.training.task import Task


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
        """List the kept connections, or only the live ones."""
        # A copy can be written to: the compiler takes other arrays for another type.
        return cls(*list_connections(np.array(mask), np.array(widths, dtype=np.int64), biases, live_only))


class ListsEngine(Engine):
    """One network as lists of its live connections."""

    def __init__(self, task: Task, network: int) -> None:
        super().__init__(task, network)
        template = self.template
        # Noise and moments move weights that have no gradient, so all kept ones are listed then.
        moving = self.before is not None and bool(self.before.first[network].any())
        live_only = self.training.gradient_noise == 0 and not moving
        self.lists = _Connections.of(task.masks[network], template.widths, template.biases, live_only)
        self.initial = task.weights[network]
        q = up(max(len(self.lists.parameters), 1), LANES)
        self.theta, self.first, self.second = aligned(q), aligned(q), aligned(q)
        used = len(self.lists.parameters)
        self.theta[:used] = self.initial[self.lists.parameters]
        if self.before is not None:
            self.first[:used] = self.before.first[network][self.lists.parameters]
            self.second[:used] = self.before.second[network][self.lists.parameters]
        padded = up(self.n, BLOCK)
        rows = np.minimum(np.arange(padded), self.n - 1)
        self.y = task.y[network][rows]
        self.everything = rows.reshape(1, -1).astype(np.int64)
        if self.training.batch_size is None:
            self.X, self.strides = np.ascontiguousarray(task.X[network].T[:, rows]), (1, padded)
        else:
            self.X, self.strides = np.ascontiguousarray(task.X[network]), (template.dimension, 1)
        self.outputs = np.empty((template.n_outputs, padded))
        rows_of_activations = len(self.lists.inputs) + len(self.lists.biases)
        self.work = aligned(2 * q + (2 * rows_of_activations + 2) * BLOCK)

    def weights(self) -> FloatArray:
        """Return all p parameters."""
        return self._scattered(self.theta, self.initial)

    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Return the optimizer's moments of all p parameters; of those not listed they are zero for ever."""
        zero = np.zeros_like(self.initial)
        return self._scattered(self.first, zero), self._scattered(self.second, zero)

    def _scattered(self, listed: FloatArray, others: FloatArray) -> FloatArray:
        parameters = others.copy()
        parameters[self.lists.parameters] = listed[: len(self.lists.parameters)]
        return parameters

    def _run(self, steps: int, order: IntArray, counts: IntArray, noise: FloatArray) -> None:
        lists, rule = self.lists, self.rule
        rates, roots = rule.coefficients(self.steps_before + self.steps_done, steps)
        failed = train_lists(
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
        columns = np.arange(up(self.batch, BLOCK))
        places = starts[:, None] + np.where(columns < counts[:, None], columns, 0)
        return order[places].astype(np.int64), counts.astype(np.int64)

    def _listed_noise(self, steps: int) -> FloatArray:
        noise = self._noise(steps)
        if noise is None:
            return np.empty((0, 0))
        listed = np.zeros((steps, len(self.theta)))
        listed[:, : len(self.lists.parameters)] = noise[:, self.lists.parameters]
        return listed
