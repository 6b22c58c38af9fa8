"""Plain ReLU networks trained for the benchmarks, with layers of spectral norm between 1 and 1.03.

Ten classes of 28 x 28 images (a coarse pattern each, with noise), softmax regression on the outputs, Adam on gradients
of norm one, every layer scaled back to its norm after a step, from Gaussian matrices with the square roots of their
singular values. The networks stand in for public ones of the same shapes.
"""

from __future__ import annotations

import numpy as np

from noprune_theory._types import FloatArray, IntArray

_CLASSES, _SIDE, _BATCH, _RATE = 10, 28, 100, 3e-3


def images(rng: np.random.Generator, count: int) -> tuple[FloatArray, IntArray]:
    """Return images (count, 784) and their classes (count,)."""
    coarse = rng.standard_normal((_CLASSES, _SIDE // 4, _SIDE // 4))
    patterns = np.kron(coarse, np.ones((4, 4))).reshape(_CLASSES, _SIDE**2)
    classes = rng.integers(0, _CLASSES, count)
    brightness = 0.5 + rng.random((count, 1))
    return 0.7 * (patterns[classes] * brightness + rng.standard_normal((count, _SIDE**2))), classes


def trained_network(hidden: int, *, width: int = 64, seed: int = 3, epochs: int = 12) -> list[FloatArray]:
    """Return the weights W_1 (width, 784), ..., W_m (10, width) of a network with `hidden` hidden layers."""
    rng = np.random.default_rng(seed)
    X, classes = images(rng, 3000)
    widths = [_SIDE**2, *[width] * hidden, _CLASSES]
    norms = 1 + 0.03 * rng.random(hidden + 1)
    shapes = list(zip(widths[1:], widths[:-1], strict=True))
    weights = [
        _of_norm(_flattened(rng.standard_normal(shape)), norm) for shape, norm in zip(shapes, norms, strict=True)
    ]
    biases: list[FloatArray] = [np.zeros(rows) for rows, _ in shapes]
    parameters = [*weights, *biases]
    means, squares = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    step = 0
    for epoch in range(epochs):
        for batch in np.split(rng.permutation(classes.size), classes.size // _BATCH):
            step += 1
            gradients = _gradients(weights, biases, X[batch], classes[batch])
            for p, gradient, mean, square in zip(parameters, gradients, means, squares, strict=True):
                gradient /= np.linalg.norm(gradient) + 1e-300
                mean += 0.1 * (gradient - mean)
                square += 0.01 * (gradient**2 - square)
                size = np.sqrt(square / (1 - 0.99**step)) + 1e-8
                p -= _RATE * (1 - epoch / epochs) / (1 - 0.9**step) * mean / size
            for weight, norm in zip(weights, norms, strict=True):
                weight[:] = _of_norm(weight, norm)
    return weights


def _flattened(weight: FloatArray) -> FloatArray:
    """Return the matrix with the square roots of its singular values: signals survive more layers."""
    left, values, right = np.linalg.svd(weight, full_matrices=False)
    return np.asarray((left * np.sqrt(values)) @ right)


def _of_norm(weight: FloatArray, norm: float) -> FloatArray:
    return weight * (norm / np.linalg.norm(weight, 2))


def _gradients(
    weights: list[FloatArray], biases: list[FloatArray], X: FloatArray, classes: IntArray
) -> list[FloatArray]:
    """Return the gradients of the cross-entropy, of logits scaled to at most 30, by the weights and the biases."""
    values = [X]
    for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
        values.append(np.maximum(values[-1] @ weight.T + bias, 0.0))
    logits = values[-1] @ weights[-1].T + biases[-1]
    scale = 30.0 / max(float(np.abs(logits).max()), 1e-300)
    back = np.exp(scale * logits - (scale * logits).max(axis=1, keepdims=True))
    back /= back.sum(axis=1, keepdims=True)
    back[np.arange(classes.size), classes] -= 1.0
    by_weights, by_biases = list[FloatArray](), list[FloatArray]()
    for weight, value in zip(reversed(weights), reversed(values), strict=True):
        by_weights.append(back.T @ value)
        by_biases.append(back.sum(axis=0))
        back = (back @ weight) * (value > 0)
    return by_weights[::-1] + by_biases[::-1]
