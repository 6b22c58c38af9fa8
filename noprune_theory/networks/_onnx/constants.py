"""Constant operands of an ONNX graph, and which of their entries are pruned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.networks._layers import NetworkFormatError, real_array, refuse_large

__all__ = [
    "Constant",
    "Shape",
    "attributes_of",
    "cast",
    "from_sparse",
    "masked_product",
    "node_name",
    "refuse_narrow",
    "target_shape",
]

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Constant:
    """A constant operand; the mask is None where nothing says which entries are pruned."""

    values: Any
    mask: BoolArray | None = None


def node_name(node: Any) -> str:
    """Return how errors name a node."""
    return f"node {node.name or node.output[0]!r} ({node.op_type})"


def attributes_of(node: Any) -> dict[str, Any]:
    """Return the attributes of a node by name; texts as str."""
    from onnx import helper

    values: dict[str, Any] = {}
    for attribute in node.attribute:
        value = helper.get_attribute_value(attribute)
        values[attribute.name] = value.decode() if isinstance(value, bytes) else value
    return values


def from_sparse(sparse: Any, to_array: Any) -> Constant:
    """Return a sparse tensor (coordinate format, linear or per axis) with its stored pattern as the mask."""
    shape = tuple(sparse.dims)
    refuse_large(f"sparse initialiser {sparse.values.name!r}", math.prod(shape))
    values, indices = to_array(sparse.values), np.asarray(to_array(sparse.indices), dtype=np.int64)
    limits = math.prod(shape) if indices.ndim == 1 else np.array(shape)
    if indices.size and ((indices < 0).any() or (indices >= limits).any()):
        raise NetworkFormatError(f"sparse initialiser {sparse.values.name!r}: an index lies outside shape {shape}")
    flat = indices if indices.ndim == 1 else np.ravel_multi_index(tuple(indices.T), shape)
    dense, mask = np.zeros(math.prod(shape), dtype=values.dtype), np.zeros(math.prod(shape), dtype=bool)
    dense[flat], mask[flat] = values, True
    return Constant(dense.reshape(shape), mask.reshape(shape))


def cast(constant: Constant, to: Any, label: str) -> Constant:
    """Return the constant in another type: rounded to narrower floats, cut off to integers, "not zero" as booleans."""
    target = _numpy_type(to, label)
    values = np.asarray(constant.values)
    if target.kind in "iu" and values.dtype.kind == "f":
        values = np.trunc(values)
        limits = np.iinfo(target)
        # The upper end itself may be no float.
        if not ((values >= float(limits.min)) & (values < float(limits.max) + 1.0)).all():
            raise NetworkFormatError(f"{label}: a number lies outside {target}")
    with np.errstate(over="ignore"):
        return replace(constant, values=values.astype(target))


def refuse_narrow(to: Any, label: str) -> None:
    """Refuse to cast what is computed, other than to float32 and float64: it would not be affine any more."""
    target = _numpy_type(to, label)
    if target not in (np.float32, np.float64):
        raise NetworkFormatError(f"{label}: computed values are not cast to {target}")


def _numpy_type(to: Any, label: str) -> np.dtype[Any]:
    from onnx import helper

    try:
        target = np.dtype(helper.tensor_dtype_to_np_dtype(to))
    except (KeyError, TypeError, ValueError):
        target = np.dtype(object)
    if target.kind not in "biuf":
        raise NetworkFormatError(f"{label}: casts to the type {to!r} are not read")
    return target


def masked_product(first: Constant, second: Constant, label: str, names: Sequence[str]) -> Constant:
    """Return the product of two constants; one of zeros and ones is the mask of the other.

    Where both are of zeros and ones (weights may be), the one called a mask is it, or else the second.
    """
    left, right = real_array(label, first.values), real_array(label, second.values)
    product = left * right
    patterns = [
        constant.mask if constant.mask is not None else _pattern(values, product.shape)
        for constant, values in ((first, left), (second, right))
    ]
    if first.mask is None and second.mask is None and all(pattern is not None for pattern in patterns):
        called = ["mask" in name.lower() for name in names]
        patterns[0 if called[0] <= called[1] else 1] = None
    mask: BoolArray | None = None
    for pattern in patterns:
        if pattern is not None:
            spread = np.broadcast_to(pattern, product.shape)
            mask = spread if mask is None else mask & spread
    return Constant(product, mask)


def _pattern(values: FloatArray, shape: Shape) -> BoolArray | None:
    """Return where an array of zeros and ones of that shape is 1; None for any other array."""
    return values == 1.0 if values.shape == shape and np.isin(values, (0.0, 1.0)).all() else None


def target_shape(shape: Shape, sizes: Sequence[int], label: str) -> Shape:
    """Return the shape that Reshape makes: 0 copies, -1 is what is left, and the batch stays one sample."""
    copied = [shape[axis] if size == 0 and axis < len(shape) else size for axis, size in enumerate(sizes)]
    known = math.prod(size for size in copied if size != -1)
    if copied.count(-1) == 1 and known > 0 and math.prod(shape) % known == 0:
        copied[copied.index(-1)] = math.prod(shape) // known
    if math.prod(copied) != math.prod(shape) or min(copied, default=1) < 1:
        raise NetworkFormatError(f"{label}: shape {shape} does not become {list(sizes)}")
    return tuple(copied)
