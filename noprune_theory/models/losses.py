"""Losses of networks: value, gradient and curvature with respect to the outputs.

`outputs` has shape (n, c), `y` shape (n,), and the loss of a data set is the mean over its samples, as in PyTorch:

- "mse": (f - y)^2, c = 1;
- "binary_cross_entropy": log(1 + exp(-y f)), y in {-1, +1}, c = 1;
- "cross_entropy": log sum_j exp(f_j) - f_y, y in {0, ..., c - 1}, c >= 2.

Values and derivatives are right to rounding for all finite outputs, small ones included: differences of outputs come
first (a difference t is rounded, which changes exp(-t) by a share of t 2^-53), and no number near 1 is subtracted from
another. Beyond the range of float64 a loss is infinite, or 0.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray, IntArray
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


def _decays(outputs: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return exp(f_j - max f), shape (..., c), and the place of the maximum, shape (..., 1)."""
    largest = outputs.argmax(axis=-1)[..., None]
    with np.errstate(over="ignore"):  # a difference beyond the range decays to 0 as well
        return np.exp(outputs - np.take_along_axis(outputs, largest, axis=-1)), largest


def _sigmoid(t: FloatArray) -> FloatArray:
    # The exponent is never positive, so nothing overflows.
    small = np.exp(-np.abs(t))
    return np.where(t >= 0, 1.0, small) / (1.0 + small)


def sample_losses(loss: Loss, outputs: FloatArray, y: FloatArray) -> FloatArray:
    """Return the loss of every sample, shape (..., n), for outputs (..., n, c) and labels (..., n)."""
    if loss == "cross_entropy":
        decays, largest = _decays(outputs)
        np.put_along_axis(decays, largest, 0.0, axis=-1)
        index = np.broadcast_to(y, outputs.shape[:-1]).astype(np.int64)[..., None]
        with np.errstate(over="ignore"):
            missed = np.take_along_axis(outputs, largest, axis=-1) - np.take_along_axis(outputs, index, axis=-1)
        return np.asarray(missed[..., 0] + np.log1p(decays.sum(axis=-1)))
    scalar = outputs[..., 0]
    if loss == "mse":
        with np.errstate(over="ignore"):
            return np.asarray((scalar - y) ** 2)
    margin = y * scalar
    return np.asarray(np.maximum(-margin, 0.0) + np.log1p(np.exp(-np.abs(margin))))


def mean_losses(losses: FloatArray) -> FloatArray:
    """Return the means over the last axis of sample losses (..., n), also where their sum leaves the range."""
    with np.errstate(over="ignore"):
        means: FloatArray = np.asarray(losses.mean(axis=-1))
    if np.isinf(means).any():
        means = np.where(np.isinf(means), (losses / losses.shape[-1]).sum(axis=-1), means)
    return means


def loss_gradient(loss: Loss, outputs: FloatArray, y: FloatArray) -> FloatArray:
    """Return the derivative of the mean loss with respect to the outputs, shape (n, c)."""
    n = outputs.shape[0]
    if loss == "cross_entropy":
        decays, _ = _decays(outputs)
        total = decays.sum(axis=1, keepdims=True)
        # The probability of the label minus 1 is minus the sum of the others, which keeps its digits.
        label = y.astype(np.int64)[:, None]
        np.put_along_axis(decays, label, 0.0, axis=1)
        np.put_along_axis(decays, label, -decays.sum(axis=1, keepdims=True), axis=1)
        return np.asarray(decays / total / n)
    if loss == "mse":
        return (outputs - y[:, None]) * (2.0 / n)
    return -y[:, None] * _sigmoid(-y[:, None] * outputs) / n


def loss_curvature(loss: Loss, outputs: FloatArray, y: FloatArray, direction: FloatArray) -> FloatArray:
    """Return the derivative of `loss_gradient` along `direction` (n, c) of the outputs, shape (n, c)."""
    n = outputs.shape[0]
    if loss == "cross_entropy":
        decays, largest = _decays(outputs)
        probabilities = decays / decays.sum(axis=1, keepdims=True)
        # Differences from the likeliest output first: its own share of the mean would cancel them.
        moved = direction - np.take_along_axis(direction, largest, axis=1)
        mean = (probabilities * moved).sum(axis=1, keepdims=True)
        return np.asarray(probabilities * (moved - mean) / n)
    if loss == "mse":
        return direction * (2.0 / n)
    return np.asarray(_sigmoid(outputs) * _sigmoid(-outputs) * direction / n)
