"""Evaluation of networks whose weights or inputs are so large or small that float64 products leave its range.

Every number is kept as a mantissa and an exponent of its own, since the units of inputs, and of what feeds a layer, may
differ. A result is infinite or zero only where it lies beyond the range itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from noprune_theory._scaling import Exponents, scale, size_exponent
from noprune_theory._types import FloatArray

_IN_RANGE = 500  # sum of the sizes of binary exponents that no product can turn into overflow or a loss of bits
_NEGLIGIBLE = -3000  # exponent relative to the largest term, below which ldexp would return 0 anyway


class _Graded(NamedTuple):
    """The numbers mantissas * 2^exponents, entry by entry."""

    mantissas: FloatArray
    exponents: Exponents

    def floats(self) -> FloatArray:
        return scale(self.mantissas, self.exponents)


def _graded(values: FloatArray) -> _Graded:
    mantissas, exponents = np.frexp(values)
    return _Graded(mantissas, exponents.astype(np.int64))


def is_extreme(*arrays: FloatArray) -> bool:
    """Return whether a product of entries, one of each array, may leave the range of float64."""
    return sum(abs(size_exponent(array)) for array in arrays) > _IN_RANGE


def activate(activation: str, pre: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the values and the derivatives of "relu", "tanh" or "identity"; the derivative of "relu" at 0 is 0.

    The derivative of tanh is 4 q / (1 + q)^2, q = exp(-2 |t|): 1 - tanh^2 is 0 long before it vanishes.
    """
    if activation == "relu":
        return np.maximum(pre, 0.0), (pre > 0).astype(np.float64)
    if activation == "identity":
        return pre, np.ones_like(pre)
    q = np.exp(-2 * np.abs(pre))
    return np.tanh(pre), 4 * q / (1 + q) ** 2


def scaled_outputs(layers: Sequence[FloatArray], X: FloatArray, activation: str) -> FloatArray:
    """Return the outputs (n, c) at the rows of X (n, d); layers are (outputs, inputs), biases a last column."""
    return _affine(layers[-1], _forward(layers, X, activation)[0]).floats()


def scaled_input_gradient(layers: Sequence[FloatArray], X: FloatArray, activation: str) -> FloatArray:
    """Return the derivatives of the outputs by the inputs, shape (n, c, d); arguments as for `scaled_outputs`."""
    slopes = _forward(layers, X, activation)[1]
    widths = [X.shape[1], *map(len, layers[:-1])]
    matrices = [layer[:, :width] for layer, width in zip(layers, widths, strict=True)]
    count = matrices[-1].shape[0]
    gradient = _graded(np.tile(matrices[-1], (len(X), 1)))
    for matrix, slope in zip(matrices[-2::-1], slopes[::-1], strict=True):
        rows = np.repeat(slope, count, axis=0)
        gradient = _times(_Graded(gradient.mantissas * rows, gradient.exponents), matrix.T)
    return gradient.floats().reshape(len(X), count, X.shape[1])


def _forward(layers: Sequence[FloatArray], X: FloatArray, activation: str) -> tuple[_Graded, list[FloatArray]]:
    """Return the last hidden values and the slopes of all hidden layers."""
    values = _graded(X)
    slopes: list[FloatArray] = []
    for layer in layers[:-1]:
        pre = _affine(layer, values)
        if activation == "tanh":
            active, slope = activate(activation, pre.floats())
            values = _graded(active)
        else:
            active, slope = activate(activation, pre.mantissas)
            values = _Graded(active, pre.exponents)
        slopes.append(slope)
    return values, slopes


def _affine(layer: FloatArray, values: _Graded) -> _Graded:
    """Return the pre-activations (n, outputs) of a layer."""
    if layer.shape[1] > values.mantissas.shape[1]:
        ones = np.ones((len(values.mantissas), 1))
        values = _Graded(np.hstack([values.mantissas, ones]), np.hstack([values.exponents, ones.astype(np.int64) - 1]))
    return _times(values, layer)


def _times(values: _Graded, matrix: FloatArray) -> _Graded:
    """Return values (n, k) times the transpose of a matrix (m, k), a column at a time."""
    columns = []
    for row in matrix:
        mantissas, exponents = np.frexp(row)
        terms, sizes = values.mantissas * mantissas, values.exponents + exponents
        top = np.max(sizes, axis=1, keepdims=True, where=terms != 0, initial=-(1 << 40))
        columns.append((np.sum(np.ldexp(terms, np.maximum(sizes - top, _NEGLIGIBLE)), axis=1), top[:, 0]))
    total = _graded(np.stack([column for column, _ in columns], axis=1))
    return _Graded(
        total.mantissas, np.where(total.mantissas != 0, total.exponents + np.stack([t for _, t in columns], 1), 0)
    )
