"""One network as lists of its live connections: work follows the weights that survive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.models.losses import LOSSES
from noprune_theory.models.parameters import layer_matrices
from noprune_theory.solvers.training.engines.base import Engine, aligned, up
from noprune_theory.solvers.training.kernels._vectors import LANES
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
