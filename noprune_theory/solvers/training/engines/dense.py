"""One network as matrices, through BLAS."""

from __future__ import annotations

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.models.losses import loss_gradient
from noprune_theory.models.parameters import layer_matrices
from noprune_theory.solvers.training.engines.base import Engine
from noprune_theory.solvers.training.kernels.dense import adam_step, relu_slope
from noprune_theory.solvers.training.kernels.steps import GRADIENT_DESCENT
from noprune_theory.solvers.training.task import Task

_EVALUATION_SAMPLES = 1024
"""Samples that the dense engine evaluates together when it trains by small batches; bounds memory."""


class DenseEngine(Engine):
    """One network as matrices.

    Activations are (units + 1, samples) with a last row of ones that carries the biases, so that a layer and its biases
    are one matrix product, forwards and backwards.
    """

    def __init__(self, task: Task, network: int) -> None:
        super().__init__(task, network)
        self.theta = task.weights[network].copy()
        if self.before is None:
            self.first, self.second = np.zeros_like(self.theta), np.zeros_like(self.theta)
        else:
            self.first, self.second = self.before.first[network].copy(), self.before.second[network].copy()
        self.gradient, self._new = np.empty_like(self.theta), np.empty_like(self.theta)
        self.pruned = np.flatnonzero(~task.masks[network])
        self.X, self.y = task.X[network], task.y[network]
        self._buffers: dict[int, tuple[list[FloatArray], list[FloatArray]]] = {}
        self._inputs = self._columns(slice(None)) if self.training.batch_size is None else None

    def weights(self) -> FloatArray:
        """Return all p parameters."""
        return self.theta

    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Return the optimizer's moments of all p parameters."""
        return self.first, self.second

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
                    relu_slope(active, delta)
                else:
                    delta *= 1.0 - active**2

    def _step(self, noise: FloatArray | None) -> bool:
        """Take the optimizer's step; return False, and change nothing, if the new weights are not all finite."""
        rule, gradient = self.rule, self.gradient
        if noise is not None:
            gradient += noise
        gradient[self.pruned] = 0.0
        (rate,), (root,) = rule.coefficients(self.steps_before + self.steps_done, 1)
        if rule.code == GRADIENT_DESCENT:
            if rule.beta1:
                self.first *= rule.beta1
                self.first += gradient
            np.multiply(self.first if rule.beta1 else gradient, rate, out=self._new)
            np.subtract(self.theta, self._new, out=self._new)
        else:
            moments = self.first, self.second
            adam_step(self.theta, gradient, *moments, rule.beta1, rule.beta2, rule.epsilon, rate, root, self._new)
        if not np.isfinite(self._new).all():
            self.diverged_at = self.steps_done + 1
            return False
        self.theta, self._new = self._new, self.theta
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
