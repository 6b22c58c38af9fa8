"""The affine map between two activations as a dense matrix with a mask, and what nodes do to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.networks._layers import NetworkFormatError, refuse_large
from noprune_theory.networks._onnx.constants import Shape

__all__ = ["Value", "identity", "mapped", "scaled", "shifted", "transposed"]


@dataclass(frozen=True, eq=False)
class Value:
    """The computed value: its shape, and the affine map since the last activation (None for the identity)."""

    shape: Shape
    weights: FloatArray | None = None
    mask: BoolArray | None = None
    biases: FloatArray | None = None
    bias_mask: BoolArray | None = None

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)


def identity(value: Value) -> Value:
    """Return the value with its map spelled out, that of the identity if there is none."""
    weights, mask = _affine(value)
    return replace(value, weights=weights, mask=mask)


def _affine(value: Value) -> tuple[FloatArray, BoolArray]:
    """Return weights and mask of the map so far, those of the identity if there is none."""
    if value.weights is None or value.mask is None:
        refuse_large("an identity layer", value.size**2)
        return np.eye(value.size), np.eye(value.size, dtype=bool)
    return value.weights, value.mask


def mapped(value: Value, weights: FloatArray, mask: BoolArray | None, shape: Shape, label: str) -> Value:
    """Return the value after a linear map, (outputs, inputs)."""
    if weights.shape[1] != value.size:
        raise NetworkFormatError(
            f"{label} takes {weights.shape[1]} inputs, but {value.size} come (shape {value.shape})"
        )
    kept = np.ones(weights.shape, dtype=bool) if mask is None else np.array(mask)
    weights = np.where(kept, weights, 0.0)
    if value.weights is None or value.mask is None:
        return Value(shape, weights, kept)
    refuse_large(label, weights.shape[0] * value.weights.shape[1])
    # A weight of the product is kept where a path of kept weights leads.
    paths = kept.astype(np.float64) @ value.mask.astype(np.float64) > 0
    product = np.where(paths, weights @ value.weights, 0.0)
    if value.biases is None:
        return Value(shape, product, paths)
    return Value(shape, product, paths, weights @ value.biases, np.ones(weights.shape[0], dtype=bool))


def shifted(value: Value, offsets: FloatArray, kept: BoolArray | None = None) -> Value:
    """Return the value plus a constant a unit, of which `kept` says which are not pruned (all by default)."""
    if value.weights is None:
        value = identity(value)
    chosen = np.ones(offsets.shape, dtype=bool) if kept is None else np.array(kept)
    offsets = np.where(chosen, offsets, 0.0)
    if value.biases is None or value.bias_mask is None:
        return replace(value, biases=offsets, bias_mask=chosen)
    return replace(value, biases=value.biases + offsets, bias_mask=chosen | value.bias_mask)


def scaled(value: Value, factors: FloatArray, *, divide: bool = False) -> Value:
    """Return the value times (or divided by) a factor a unit; units whose factor is 0 lose their weights."""
    weights, mask = _affine(value)
    with np.errstate(over="ignore"):
        weights = weights / factors[:, None] if divide else weights * factors[:, None]
        biases = None if value.biases is None else (value.biases / factors if divide else value.biases * factors)
    return replace(value, weights=weights + 0.0, mask=mask & (factors != 0)[:, None], biases=biases)


def transposed(value: Value, axes: Sequence[int]) -> Value:
    """Return the value with its axes reordered."""
    places: IntArray = np.arange(value.size).reshape(value.shape).transpose(axes)
    if value.weights is None and np.array_equal(places.ravel(), np.arange(value.size)):
        return replace(value, shape=places.shape)
    order = places.ravel()
    weights, mask = _affine(value)
    if value.biases is None or value.bias_mask is None:
        return Value(places.shape, weights[order], mask[order])
    return Value(places.shape, weights[order], mask[order], value.biases[order], value.bias_mask[order])
