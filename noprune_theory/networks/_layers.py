"""Dense layers as they come out of files, and the network that they chain to.

A format reader yields `DenseLayer`s in the order of the network; `assemble` is the only place that turns them into an
`MLP`. Every refusal names the layer, array or node as the file does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.models import MLP
from noprune_theory.models.parameters import layer_matrices, parameter_count
from noprune_theory.models.passes import Activation

# Entries of one dense matrix, and of a whole network, that a reader makes: 2 GiB in float64. More is refused before it
# is allocated.
LARGEST_ENTRIES = 2**28


class NetworkFormatError(ValueError):
    """A file or mapping that does not hold one masked fully connected network; the message names the key or node."""


@dataclass(frozen=True, eq=False)
class DenseLayer:
    """x -> weights x + biases, with masks.

    Attributes
    ----------
    name : str
        As the file calls it.
    weights : ndarray, shape (outputs, inputs)
        Zero where the mask is False.
    mask : ndarray of bool, shape (outputs, inputs)
    biases : ndarray, shape (outputs,), or None
    bias_mask : ndarray of bool, shape (outputs,), or None
        None exactly where `biases` is.
    """

    name: str
    weights: FloatArray
    mask: BoolArray
    biases: FloatArray | None
    bias_mask: BoolArray | None

    @property
    def outputs(self) -> int:
        """Number of units."""
        return self.weights.shape[0]

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        return self.weights.shape[1]


def refuse_large(name: str, entries: int) -> None:
    """Refuse a matrix before it is allocated."""
    if entries > LARGEST_ENTRIES:
        raise NetworkFormatError(
            f"{name} would need {entries} entries as a dense layer, more than the {LARGEST_ENTRIES} that are read"
        )


def real_array(name: str, value: Any) -> FloatArray:
    """Return an array of any tool as finite float64, exactly; floats wider than float64 are refused.

    A PyTorch tensor is detached and widened by its own methods (numpy knows no bfloat16), without importing torch.
    """
    if hasattr(value, "detach") and hasattr(value, "double"):
        if getattr(value, "is_sparse", False) or getattr(value, "is_quantized", False):
            raise NetworkFormatError(f"{name} must be a dense tensor of floats, got a sparse or quantised one")
        kind = str(value.dtype)
        if "complex" in kind:
            raise NetworkFormatError(f"{name} must hold real numbers, got dtype {kind}")
        value = value.detach().cpu().double().numpy()
    if isinstance(value, np.ma.MaskedArray):
        raise NetworkFormatError(f"{name} must be a plain array, got a masked array; give its mask apart")
    raw = np.asarray(value)
    if raw.dtype.kind not in "fiub" or raw.dtype.itemsize > 8:
        raise NetworkFormatError(f"{name} must hold real numbers of at most 64 bits, got dtype {raw.dtype}")
    refuse_large(name, raw.size)
    array = np.array(raw, dtype=np.float64, order="C")
    if raw.dtype.kind in "iu" and not np.array_equal(array.astype(raw.dtype), raw):
        raise NetworkFormatError(f"{name} must hold numbers that float64 represents, got larger integers")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise NetworkFormatError(f"{name} must be finite, got {array[where]} at index {where}")
    return array


def mask_array(name: str, value: Any, shape: tuple[int, ...]) -> BoolArray:
    """Return a mask of the shape given; its entries must be 0 or 1."""
    array = real_array(name, value)
    if array.shape != shape:
        raise NetworkFormatError(f"{name} must have the shape {shape} of what it masks, got {array.shape}")
    if not np.isin(array, (0.0, 1.0)).all():
        wrong = array[~np.isin(array, (0.0, 1.0))].ravel()[0]
        raise NetworkFormatError(f"{name} must be a mask of zeros and ones, got an entry {wrong}")
    return array == 1.0


def assemble(layers: Sequence[DenseLayer], *, activation: Activation = "relu", prune_biases: bool = False) -> MLP:
    """Return the network of layers in order.

    Where some layers have biases and others none, the missing biases are zero and masked out.

    Raises
    ------
    NetworkFormatError
        If there is no layer, or the outputs of one are not the inputs of the next.
    """
    if not layers:
        raise NetworkFormatError("no layer found")
    for before, after in pairwise(layers):
        if after.inputs != before.outputs:
            raise NetworkFormatError(
                f"{after.name} takes {after.inputs} inputs, but {before.name} before it has {before.outputs} outputs"
            )
    widths = (layers[0].inputs, *(layer.outputs for layer in layers))
    with_biases = any(layer.biases is not None for layer in layers)
    count = parameter_count(widths, with_biases)
    refuse_large("the network", count)
    weights, mask = np.zeros(count), np.zeros(count, dtype=bool)
    matrices, kept = layer_matrices(weights, widths, with_biases), layer_matrices(mask, widths, with_biases)
    for layer, matrix, chosen in zip(layers, matrices, kept, strict=True):
        matrix[:, : layer.inputs], chosen[:, : layer.inputs] = layer.weights, layer.mask
        if layer.biases is not None and layer.bias_mask is not None:
            matrix[:, -1], chosen[:, -1] = layer.biases, layer.bias_mask
    return MLP(widths, weights, mask, activation=activation, biases=with_biases, prune_biases=prune_biases)


def disassemble(model: MLP) -> list[DenseLayer]:
    """Return the layers of a network, named by their index."""
    kept = layer_matrices(model.mask, model.widths, model.biases)
    layers = []
    for index, ((weights, biases), mask) in enumerate(zip(model.layers(), kept, strict=True)):
        inputs = weights.shape[1]
        bias_mask = None if biases is None else np.array(mask[:, inputs])
        layers.append(
            DenseLayer(
                str(index),
                np.array(weights),
                np.array(mask[:, :inputs]),
                None if biases is None else np.array(biases),
                bias_mask,
            )
        )
    return layers
