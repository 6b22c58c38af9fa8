"""Losses of networks: value, gradient and curvature with respect to the outputs.

`outputs` has shape (n, c), `y` shape (n,), and the loss of a data set is the mean over its samples, as in PyTorch:

- "mse": (f - y)^2, c = 1;
- "binary_cross_entropy": log(1 + exp(-y f)), y in {-1, +1}, c = 1;
- "cross_entropy": log sum_j exp(f_j) - f_y, y in {0, ..., c - 1}, c >= 2.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory._validation import as_float_array, check_choice

Loss: TypeAlias = Literal["mse", "binary_cross_entropy", "cross_entropy"]
LOSSES: tuple[Loss, ...] = ("mse", "binary_cross_entropy", "cross_entropy")


def checked_labels(loss: Loss, y: ArrayLike, n_outputs: int, *, name: str = "y") -> FloatArray:
    """Return the labels, shape (n,) or (networks, n), after checking that they suit the loss and the outputs.

    Errors call the labels `name`.

    Raises
    ------
    ValueError
        If the loss does not exist, does not fit the number of outputs, or a label is not one of its labels.
    """
    check_choice("loss", loss, LOSSES)
    labels = as_float_array(name, y, ndim=(1, 2))
    if (loss == "cross_entropy") != (n_outputs > 1):
        needed = "two or more outputs" if loss == "cross_entropy" else "one output"
        raise ValueError(f"loss {loss!r} needs a network with {needed}, got {n_outputs}")
    if loss == "binary_cross_entropy":
        allowed, wrong = "-1 or +1", np.abs(labels) != 1
    elif loss == "cross_entropy":
        allowed = f"an integer in [0, {n_outputs - 1}]"
        wrong = (labels != np.floor(labels)) | (labels < 0) | (labels >= n_outputs)
    else:
        return labels
    if wrong.any():
        raise ValueError(f"{name} must be {allowed} for loss {loss!r}, got {labels[wrong].flat[0]}")
    return labels


def _one_hot(y: FloatArray, n_outputs: int) -> FloatArray:
    return (y[..., None] == np.arange(n_outputs)).astype(np.float64)


def _softmax(outputs: FloatArray) -> FloatArray:
    shifted = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _sigmoid(t: FloatArray) -> FloatArray:
    # The exponent is never positive, so nothing overflows.
    small = np.exp(-np.abs(t))
    return np.where(t >= 0, 1.0, small) / (1.0 + small)


def sample_losses(loss: Loss, outputs: FloatArray, y: FloatArray) -> FloatArray:
    """Return the loss of every sample, shape (..., n), for outputs (..., n, c) and labels (..., n)."""
    if loss == "cross_entropy":
        largest = outputs.max(axis=-1)
        spread = np.log(np.exp(outputs - largest[..., None]).sum(axis=-1))
        index = np.broadcast_to(y, largest.shape).astype(np.int64)[..., None]
        return np.asarray(spread + largest - np.take_along_axis(outputs, index, axis=-1)[..., 0])
    scalar = outputs[..., 0]
    if loss == "mse":
        return np.asarray((scalar - y) ** 2)
    margin = y * scalar
    return np.asarray(np.maximum(-margin, 0.0) + np.log1p(np.exp(-np.abs(margin))))


def loss_gradient(loss: Loss, outputs: FloatArray, y: FloatArray) -> FloatArray:
    """Return the derivative of the mean loss with respect to the outputs, shape (n, c)."""
    n = outputs.shape[0]
    if loss == "cross_entropy":
        return (_softmax(outputs) - _one_hot(y, outputs.shape[1])) / n
    if loss == "mse":
        return (outputs - y[:, None]) * (2.0 / n)
    return -y[:, None] * _sigmoid(-y[:, None] * outputs) / n


def loss_curvature(loss: Loss, outputs: FloatArray, y: FloatArray, direction: FloatArray) -> FloatArray:
    """Return the derivative of `loss_gradient` along `direction` (n, c) of the outputs, shape (n, c)."""
    n = outputs.shape[0]
    if loss == "cross_entropy":
        probabilities = _softmax(outputs)
        mean = (probabilities * direction).sum(axis=1, keepdims=True)
        return np.asarray(probabilities * (direction - mean) / n)
    if loss == "mse":
        return direction * (2.0 / n)
    return np.asarray(_sigmoid(outputs) * _sigmoid(-outputs) * direction / n)
