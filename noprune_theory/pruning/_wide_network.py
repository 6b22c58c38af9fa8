"""Values and derivatives of networks as numbers with exponents of their own (`_wide`).

The formulas are those of `MLP`, step by step; there a factor that leaves the range of float64 is lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.models.losses import Loss
from noprune_theory.models.mlp import MLP
from noprune_theory.models.parameters import layer_matrices
from noprune_theory.models.passes import Activation
from noprune_theory.models.random_features import RandomFeatures
from noprune_theory.pruning._wide import Wide, concatenated, decaying

_PART = 8192
"""Samples whose activations are held at once."""

_LINEAR_TANH = 2.0**-30
"""Below this size tanh(t) is t to rounding."""

_CERTAIN = 2000.0
"""exp(-2000) beside numbers of at least exp(-700) or so is rounding, whatever the argument really is."""

Layer = tuple[Wide, Wide | None]
"""Weights (outputs, inputs) and biases (outputs,) of a layer."""


@dataclass(frozen=True, eq=False)
class _Pass:
    """Activations of all layers (the inputs first, the outputs last) and the slopes of the hidden ones."""

    values: list[Wide]
    slopes: list[Wide]


def layers_of(network: MLP, parameters: Wide) -> list[Layer]:
    """Return the weights and biases of the layers, from all parameters (p,)."""
    values = layer_matrices(parameters.value, network.widths, network.biases)
    exponents: Sequence[IntArray | None] = [None] * len(values)
    if parameters.exponent is not None:
        exponents = layer_matrices(parameters.exponent, network.widths, network.biases)
    layers: list[Layer] = []
    for value, exponent, inputs in zip(values, exponents, network.widths[:-1], strict=True):
        matrix = Wide(value, exponent)
        layers.append((matrix[:, :inputs], matrix[:, inputs] if network.biases else None))
    return layers


def _affine(layer: Layer, inputs: Wide) -> Wide:
    weights, biases = layer
    pre = inputs @ weights.T
    return pre if biases is None else pre + biases


def _tanh(pre: Wide) -> Wide:
    t = pre.floats()
    curved = np.abs(t) >= _LINEAR_TANH
    return pre.where(~curved) + Wide(np.where(curved, np.tanh(t), 0.0))


def _activated(activation: Activation, pre: Wide) -> tuple[Wide, Wide]:
    """Return the activation and its derivative; a ReLU at 0 has derivative 0."""
    if activation == "relu":
        active = pre.value > 0
        return pre.where(active), Wide(active.astype(np.float64))
    # 1 - tanh^2 without its cancellation: 4 s / (1 + s)^2, s = exp(-2 |t|).
    with np.errstate(over="ignore"):
        small = decaying(2.0 * np.abs(pre.floats()))
    return _tanh(pre), small * Wide(4.0 / (1.0 + small.floats()) ** 2)


def wide_features(model: RandomFeatures, X: FloatArray) -> Wide:
    """Return `model.features(X)`, shape (n, N)."""
    pre = _affine((Wide(model.directions), None if model.offsets is None else Wide(model.offsets)), Wide(X))
    if model.activation == "relu":
        return pre.where(pre.value > 0)
    return _tanh(pre) if model.activation == "tanh" else pre


def _forward(network: MLP, layers: list[Layer], X: Wide) -> _Pass:
    values, slopes = [X], []
    for layer in layers[:-1]:
        value, slope = _activated(network.activation, _affine(layer, values[-1]))
        values.append(value)
        slopes.append(slope)
    values.append(_affine(layers[-1], values[-1]))
    return _Pass(values, slopes)


def _decays(outputs: Wide, cut: FloatArray | None = None) -> tuple[Wide, IntArray]:
    """Return exp(f_j - max f), shape (n, c), and which output is the largest, shape (n,).

    With labels as `cut`, differences of rows whose label is not the largest end at `_CERTAIN`.
    """
    value, exponent = outputs.aligned(1)
    largest = value.argmax(axis=1)
    below = Wide.of(value.max(axis=1, keepdims=True) - value, exponent).floats()
    if cut is not None:
        below = np.minimum(below, np.where(largest == cut, np.inf, _CERTAIN)[:, None])
    return decaying(below), largest


def _hits(y: FloatArray | IntArray, n_outputs: int) -> BoolArray:
    return np.asarray(y[:, None] == np.arange(n_outputs))


def gradient_unit(loss: Loss, n: int, temperature: float) -> Wide:
    """Return the common factor of the entries of a gradient, or of H v, that `summed_gradient` leaves out.

    It is left out because integers then stay integers, so that scores that tie in exact arithmetic tie here.
    """
    unit = _reciprocal(temperature) * _reciprocal(float(n))
    return unit * _reciprocal(temperature) * Wide(np.array(2.0)) if loss == "mse" else unit


def _output_delta(loss: Loss, outputs: Wide, y: FloatArray, temperature: float) -> Wide:
    """Return the derivative of the summed loss with respect to the outputs, without its unit, shape (n, c)."""
    if loss == "mse":
        return outputs - Wide(y[:, None]) * Wide(np.array(temperature))
    outputs = outputs * _reciprocal(temperature)
    if loss == "cross_entropy":
        decays, _ = _decays(outputs)
        hit = _hits(y, outputs.shape[1])
        # The probability of the label minus 1 is minus the sum of the others, which keeps its digits.
        others = decays.where(~hit)
        delta = others + _spread(-others.sum(axis=1), hit)
        return delta * Wide(1.0 / decays.sum(axis=1).floats()[:, None])
    margin = outputs * Wide(y[:, None])
    wrong = margin.value < 0
    small = _decay_of_margin(margin)
    ratio = Wide(1.0 / (1.0 + small.floats()))
    return (small.where(~wrong) + Wide(wrong.astype(np.float64))) * ratio * Wide(-y[:, None])


def _decay_of_margin(margin: Wide) -> Wide:
    """Return exp(-|m|); for a negative margin it is only added to numbers near 1, so |m| ends at `_CERTAIN`."""
    size = np.abs(margin.floats())
    return decaying(np.where(margin.value < 0, np.minimum(size, _CERTAIN), size))


def _spread(column: Wide, where: BoolArray) -> Wide:
    """Return (n, c) with the entries (n,) of a column where the condition holds, and 0 elsewhere."""
    return (column.reshape(-1, 1) * Wide(np.ones(where.shape[1]))).where(where)


def _output_curvature(loss: Loss, outputs: Wide, direction: Wide, temperature: float) -> Wide:
    """Return the derivative of `_output_delta` along a direction (n, c) of the outputs, shape (n, c)."""
    if loss == "mse":
        return direction
    outputs, direction = outputs * _reciprocal(temperature), direction * _reciprocal(temperature)
    if loss == "cross_entropy":
        decays, largest = _decays(outputs)
        rows = np.arange(len(largest))
        # Differences from the likeliest output first: its own share of the mean would cancel them.
        moved = direction - direction[rows, largest].reshape(-1, 1)
        inverse = Wide(1.0 / decays.sum(axis=1).floats()[:, None])
        mean = (decays * moved).sum(axis=1).reshape(-1, 1) * inverse
        return decays * (moved - mean) * inverse
    small = decaying(np.abs(outputs.floats()))
    return small * direction * Wide(1.0 / (1.0 + small.floats()) ** 2)


def _outer(delta: Wide, values: Wide, per_sample: bool) -> Wide:
    """Return delta_i values_i^T summed over the samples, (outputs, inputs), or of each, (n, outputs, inputs)."""
    if not per_sample:
        return delta.T @ values
    return delta[:, :, None] * values[:, None, :]


def _gradient_of(network: MLP, delta: Wide, values: Wide, per_sample: bool) -> list[Wide]:
    """Return the derivatives with respect to a layer's weights and, if there are any, biases (..., outputs, 1)."""
    weights = _outer(delta, values, per_sample)
    if not network.biases:
        return [weights]
    return [weights, (delta if per_sample else delta.sum(axis=0))[..., None]]


def _flat(layers: list[list[Wide]]) -> Wide:
    """Return all parameters (..., p) from the blocks (..., outputs, columns) of every layer."""
    rows = [concatenated(blocks) for blocks in layers]
    return concatenated([row.reshape(*row.shape[:-2], -1) for row in rows])


def _over_parts(function: Callable[[Wide, FloatArray], Wide], X: FloatArray, y: FloatArray, per_sample: bool) -> Wide:
    """Return what `function` gives of every sample, or the sum of what it sums over parts of the samples."""
    if per_sample:
        return function(Wide(X), y)
    parts = [slice(first, first + _PART) for first in range(0, len(X), _PART)]
    total = function(Wide(X[parts[0]]), y[parts[0]])
    for part in parts[1:]:
        total = total + function(Wide(X[part]), y[part])
    return total


def wide_outputs(network: MLP, X: FloatArray) -> Wide:
    """Return the outputs at the rows of X (n, d), shape (n, c)."""
    return _forward(network, layers_of(network, Wide(network.weights)), Wide(X)).values[-1]


def wide_loss(network: MLP, X: FloatArray, y: FloatArray, loss: Loss) -> Wide:
    """Return the mean loss on the samples, as an array (1,)."""
    outputs = wide_outputs(network, X)
    if loss == "mse":
        errors = outputs[:, 0] - Wide(y)
        losses = errors * errors
    elif loss == "cross_entropy":
        decays, largest = _decays(outputs, y)
        rows, labels = np.arange(len(y)), y.astype(np.int64)
        losses = _log_1p(decays.where(~_hits(largest, outputs.shape[1])).sum(axis=1))
        losses = losses + (outputs[rows, largest] - outputs[rows, labels])
    else:
        margin = outputs[:, 0] * Wide(y)
        losses = (-margin).where(margin.value < 0) + _log_1p(_decay_of_margin(margin))
    return losses.sum(axis=0).reshape(1) * _reciprocal(float(len(y)))


def _log_1p(number: Wide) -> Wide:
    """Return log(1 + t) for t >= 0, which is t to rounding where t is small."""
    t = number.floats()
    small = t < 2.0**-60
    return number.where(small) + Wide(np.where(small, 0.0, np.log1p(t)))


def _reciprocal(number: float) -> Wide:
    mantissa, exponent = math.frexp(number)
    return Wide.of(np.array(1.0 / mantissa), -exponent)


def summed_gradient(
    network: MLP, X: FloatArray, y: FloatArray, loss: Loss, temperature: float = 1.0, *, per_sample: bool = False
) -> Wide:
    """Return the gradient of `MLP.loss_gradient` without its unit, `gradient_unit`.

    Shape (p,), or (n, p) with the part of every sample in a row.
    """
    layers = layers_of(network, Wide(network.weights))

    def gradient(part: Wide, labels: FloatArray) -> Wide:
        run = _forward(network, layers, part)
        delta = _output_delta(loss, run.values[-1], labels, temperature)
        blocks: list[list[Wide]] = []
        for layer in range(len(layers) - 1, -1, -1):
            blocks.insert(0, _gradient_of(network, delta, run.values[layer], per_sample))
            if layer:
                delta = (delta @ layers[layer][0]) * run.slopes[layer - 1]
        return _flat(blocks)

    return _over_parts(gradient, X, y, per_sample)


def summed_hessian_product(
    network: MLP,
    X: FloatArray,
    y: FloatArray,
    vector: Wide,
    loss: Loss,
    temperature: float = 1.0,
    *,
    per_sample: bool = False,
) -> Wide:
    """Return H v of `MLP.hessian_vector_product` without its unit, `gradient_unit`.

    Shape (p,), or (n, p) with the part of every sample in a row.
    """
    layers, directions = layers_of(network, Wide(network.weights)), layers_of(network, vector)

    def product(part: Wide, labels: FloatArray) -> Wide:
        run = _forward(network, layers, part)
        tangents = _tangents(layers, directions, run)
        delta = _output_delta(loss, run.values[-1], labels, temperature)
        tangent = _output_curvature(loss, run.values[-1], tangents[-1], temperature)
        blocks: list[list[Wide]] = []
        for layer in range(len(layers) - 1, -1, -1):
            own = _gradient_of(network, tangent, run.values[layer], per_sample)
            if layer:
                weights, way = layers[layer][0], directions[layer][0]
                own[0] = own[0] + _outer(delta, tangents[layer], per_sample)
                slope, back = run.slopes[layer - 1], delta @ weights
                tangent = slope * (tangent @ weights + delta @ way)
                if network.activation == "tanh":
                    # d(1 - a^2) = -2 a da.
                    tangent = tangent - run.values[layer] * tangents[layer] * back * Wide(np.array(2.0))
                delta = slope * back
            blocks.insert(0, own)
        return _flat(blocks)

    return _over_parts(product, X, y, per_sample)


def _tangents(layers: list[Layer], directions: list[Layer], run: _Pass) -> list[Wide]:
    """Return the derivatives of the activations when the parameters move along `directions`."""
    tangents = [Wide(np.zeros((1, 1)))]  # the inputs do not move
    for layer, (weights, _) in enumerate(layers):
        tangent = _affine(directions[layer], run.values[layer])
        if layer:
            tangent = tangent + tangents[-1] @ weights.T
        tangents.append(tangent * run.slopes[layer] if layer < len(run.slopes) else tangent)
    return tangents
