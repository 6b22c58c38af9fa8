"""Forward and backward passes through the layers of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import numpy as np

from noprune_theory._types import FloatArray

__all__ = ["ACTIVATIONS", "Activation", "activations", "affine", "mean_over_parts", "outer_sum", "slope_at"]

Activation: TypeAlias = Literal["relu", "tanh"]

ACTIVATIONS: tuple[Activation, ...] = ("relu", "tanh")


def affine(matrix: FloatArray, inputs: FloatArray) -> FloatArray:
    """Return the pre-activations (n, outputs) of a layer, whose biases (if any) are its last column."""
    width = inputs.shape[1]
    pre = inputs @ matrix[:, :width].T
    return pre + matrix[:, width] if matrix.shape[1] > width else pre


def outer_sum(delta: FloatArray, inputs: FloatArray, biases: bool) -> FloatArray:
    """Return sum_i delta_i (inputs_i, 1)^T, the gradient of a layer, shape (outputs, inputs + 1)."""
    weights = delta.T @ inputs
    return np.column_stack([weights, delta.sum(axis=0)]) if biases else weights


# Samples whose activations are held at once: every layer of 60,000 images would take gigabytes.
_PART = 8192


def mean_over_parts(
    function: Callable[[FloatArray, FloatArray], FloatArray], samples: FloatArray, labels: FloatArray
) -> FloatArray:
    """Return a mean over samples (n, d) and labels (n,) from those of its parts, so that the memory is bounded."""
    n = len(samples)
    if n <= _PART:
        return function(samples, labels)
    parts = [slice(first, min(first + _PART, n)) for first in range(0, n, _PART)]
    total = np.zeros(())
    for part in parts:
        total = total + (part.stop - part.start) / n * function(samples[part], labels[part])
    return total


def activations(layers: Sequence[FloatArray], X: FloatArray, activation: Activation) -> list[FloatArray]:
    """Return X, the activations of the hidden layers, and the outputs (n, c).

    Works for complex parameters and inputs too, so that derivatives can be checked by complex steps.
    """
    values = [X]
    for matrix in layers[:-1]:
        values.append(_activate(activation, affine(matrix, values[-1])))
    values.append(affine(layers[-1], values[-1]))
    return values


def _activate(activation: Activation, pre: FloatArray) -> FloatArray:
    if activation == "tanh":
        return np.tanh(pre)
    if np.iscomplexobj(pre):
        return np.where(pre.real > 0, pre, 0.0)
    return np.maximum(pre, 0.0)


def slope_at(activation: Activation, active: FloatArray) -> FloatArray:
    """Return the derivative of the activation from its value; 0 for a ReLU at 0."""
    return (active > 0).astype(np.float64) if activation == "relu" else 1.0 - active**2
