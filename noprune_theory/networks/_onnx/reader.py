"""ONNX: the graph is followed from its input to its output; names play no part.

Between two activations lies an affine map, kept as a dense matrix with a mask. What the reader knows are affine nodes
with constant operands (fully connected, elementwise, convolutions, average pooling, reordering) and the activations
Relu and Tanh. A node with two computed operands (a residual connection), a branch, or any other operator is refused by
name. Two affine maps without an activation between them become one, their product in float64.

A mask is a constant of zeros and ones that multiplies another constant, the stored pattern of a sparse initialiser, or
the structure of a convolution or pooling (entries off its windows).
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from noprune_theory.networks._arrays import needs
from noprune_theory.networks._layers import DenseLayer, NetworkFormatError, real_array, refuse_large
from noprune_theory.networks._onnx.affine import Value, identity, mapped, scaled, shifted, transposed
from noprune_theory.networks._onnx.constants import (
    Constant,
    Shape,
    attributes_of,
    cast,
    from_sparse,
    masked_product,
    node_name,
    refuse_narrow,
    target_shape,
)
from noprune_theory.networks._onnx.windows import convolution, pooling

__all__ = ["read_onnx"]

# The operator set from which on elementwise operators broadcast as NumPy does.
_BROADCASTING = 7


def read_onnx(path: Path) -> tuple[list[DenseLayer], str]:
    """Return the layers and the activation ("relu" also where there is none)."""
    try:
        import onnx
    except ImportError as error:
        raise needs("onnx", "onnx", "reading ONNX files") from error
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load(str(path))
    except DecodeError as error:
        raise NetworkFormatError(f"{path.name} is not an ONNX file") from error
    except onnx.checker.ValidationError as error:
        raise NetworkFormatError(
            f"{path.name}: its external data cannot be read: {str(error).splitlines()[0]}"
        ) from error
    return _Reader(model, path).read()


class _Reader:
    """Follows the graph; `constants` by name, `current` the one computed value."""

    def __init__(self, model: Any, path: Path) -> None:
        from onnx import numpy_helper

        self.graph, self.path = model.graph, path
        self.name = ""
        self.constants: dict[str, Constant] = {}
        self.layers: list[DenseLayer] = []
        self.activation: str | None = None
        self.opset = max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)
        for tensor in self.graph.initializer:
            refuse_large(f"initialiser {tensor.name!r}", math.prod(tensor.dims))
            self.constants[tensor.name] = Constant(numpy_helper.to_array(tensor))
        for sparse in self.graph.sparse_initializer:
            self.constants[sparse.values.name] = from_sparse(sparse, numpy_helper.to_array)

    def read(self) -> tuple[list[DenseLayer], str]:
        """Return the layers and the activation."""
        current = self._input()
        if len(self.graph.output) != 1:
            raise NetworkFormatError(f"{self.path.name} must have one output, got {len(self.graph.output)}")
        self._refuse_branches()
        for node in self.graph.node:
            computed = [name for name in node.input if name and name not in self.constants]
            if node.domain not in ("", "ai.onnx"):
                raise NetworkFormatError(f"{node_name(node)}: operators of the domain {node.domain!r} are not read")
            self._refuse_old_rules(node)
            if not computed:
                self.constants[node.output[0]] = self._fold(node)
                continue
            if len(computed) > 1:
                raise NetworkFormatError(
                    f"{node_name(node)} joins two computed values: residual or parallel paths are not read"
                )
            if computed[0] != self.name:
                raise NetworkFormatError(
                    f"{node_name(node)} reads {computed[0]!r}, which is not on the path from the input"
                )
            current = self._apply(node, current)
            self.name = node.output[0]
        if self.name != self.graph.output[0].name:
            raise NetworkFormatError(f"output {self.graph.output[0].name!r} is not computed from the input")
        if current.weights is None:
            # The network ends with an activation, or does nothing: outputs are linear, so an identity follows.
            current = identity(current)
        self._push(current, "output")
        return self.layers, self.activation or "relu"

    def _input(self) -> Value:
        inputs = [entry for entry in self.graph.input if entry.name not in self.constants]
        if len(inputs) != 1:
            raise NetworkFormatError(f"{self.path.name} must have one input, got {len(inputs)}")
        self.name = inputs[0].name
        dims = inputs[0].type.tensor_type.shape.dim
        sizes = [dim.dim_value if dim.HasField("dim_value") else 0 for dim in dims]
        # The first of several axes is the batch, which is one sample here.
        if len(sizes) > 1 and sizes[0] in (0, 1):
            sizes[0] = 1
        if not sizes or min(sizes) < 1:
            raise NetworkFormatError(f"input {self.name!r} must have known sizes after the batch axis, got {sizes}")
        refuse_large(f"input {self.name!r}", math.prod(sizes))
        return Value(tuple(sizes))

    def _refuse_branches(self) -> None:
        """Refuse a computed value that two nodes read."""
        readers: dict[str, str] = {}
        constant = set(self.constants)
        for node in self.graph.node:
            if all(name in constant for name in node.input if name):
                constant.update(node.output)
        for node in self.graph.node:
            for name in node.input:
                if not name or name in constant:
                    continue
                if name in readers and node.op_type not in ("Shape",):
                    raise NetworkFormatError(
                        f"{node_name(node)}: {name!r} is read by {readers[name]} too; branches are not read"
                    )
                readers[name] = node_name(node)

    def _refuse_old_rules(self, node: Any) -> None:
        """Refuse a node to which operator sets before 7 give another meaning than later ones."""
        if self.opset >= _BROADCASTING:
            return
        attributes = attributes_of(node)
        if node.op_type in ("Add", "Sub", "Mul", "Div") and "axis" in attributes:
            raise NetworkFormatError(
                f"{node_name(node)}: broadcasting along an axis, of operator set {self.opset}, is not read"
            )
        if node.op_type == "Dropout" and not attributes.get("is_test", 0):
            raise NetworkFormatError(f"{node_name(node)} is in training mode")

    # -- constants -----------------------------------------------------------------------------------------------------

    def _fold(self, node: Any) -> Constant:
        """Evaluate a node whose operands are all constant."""
        from onnx import numpy_helper

        operands = [self.constants[name] if name else None for name in node.input]
        attributes = attributes_of(node)
        if node.op_type == "Constant":
            return self._constant_node(node, attributes, numpy_helper.to_array)
        first = operands[0] if operands else None
        if first is None:
            raise NetworkFormatError(f"{node_name(node)}: a constant of this operator is not read")
        if node.op_type == "Identity":
            return first
        if node.op_type == "Cast":
            return cast(first, attributes.get("to"), node_name(node))
        if node.op_type == "Transpose":
            axes = attributes.get("perm") or list(range(np.ndim(first.values)))[::-1]
            return Constant(
                np.transpose(first.values, axes), None if first.mask is None else np.transpose(first.mask, axes)
            )
        second = operands[1] if len(operands) > 1 else None
        if node.op_type == "Reshape" and second is not None:
            shape = target_shape(
                np.shape(first.values), [int(size) for size in np.ravel(second.values)], node_name(node)
            )
            return Constant(np.reshape(first.values, shape), None if first.mask is None else first.mask.reshape(shape))
        if node.op_type == "Mul" and second is not None:
            return masked_product(first, second, node_name(node), node.input)
        raise NetworkFormatError(f"{node_name(node)}: a constant of this operator is not read")

    def _constant_node(self, node: Any, attributes: dict[str, Any], to_array: Any) -> Constant:
        if "sparse_value" in attributes:
            return from_sparse(attributes["sparse_value"], to_array)
        if "value" in attributes:
            return Constant(to_array(attributes["value"]))
        for name in ("value_float", "value_floats", "value_int", "value_ints"):
            if name in attributes:
                return Constant(np.asarray(attributes[name]))
        raise NetworkFormatError(f"{node_name(node)}: a constant of this kind is not read")

    def _operand(self, node: Any, index: int) -> Constant | None:
        if index >= len(node.input) or not node.input[index]:
            return None
        return self.constants[node.input[index]]

    def _needed(self, node: Any, index: int) -> Constant:
        operand = self._operand(node, index)
        if operand is None:
            raise NetworkFormatError(f"{node_name(node)}: operand {index} is missing")
        return operand

    # -- nodes on the path ---------------------------------------------------------------------------------------------

    def _apply(self, node: Any, current: Value) -> Value:
        kind = node.op_type
        attributes = attributes_of(node)
        if kind in ("Relu", "Tanh"):
            return self._activate(node, current, kind.lower())
        if kind == "Cast":
            refuse_narrow(attributes.get("to"), node_name(node))
            return current
        if kind in ("Identity", "Dropout"):
            if kind == "Dropout" and (mode := self._operand(node, 2)) is not None and np.any(mode.values):
                raise NetworkFormatError(f"{node_name(node)} is in training mode")
            return current
        if kind in ("Flatten", "Reshape", "Squeeze", "Unsqueeze"):
            return replace(current, shape=self._reshaped(node, attributes, current.shape))
        if kind == "Transpose":
            return transposed(current, attributes.get("perm") or list(range(len(current.shape)))[::-1])
        if kind in ("Add", "Sub", "Mul", "Div"):
            return self._elementwise(node, current)
        if kind == "Gemm":
            return self._gemm(node, attributes, current)
        if kind == "MatMul":
            return self._matmul(node, current)
        if kind in ("Conv", "AveragePool", "GlobalAveragePool"):
            return self._windows(node, attributes, current)
        raise NetworkFormatError(f"{node_name(node)}: this operator is not read")

    def _activate(self, node: Any, current: Value, activation: str) -> Value:
        if self.activation not in (None, activation):
            raise NetworkFormatError(
                f"{node_name(node)}: all activations must be the same, the first was {self.activation}"
            )
        self.activation = activation
        self._push(identity(current) if current.weights is None else current, node.name or node.output[0])
        return Value(current.shape)

    def _push(self, value: Value, name: str) -> None:
        if value.weights is None or value.mask is None:
            raise NetworkFormatError(f"{name}: no affine map to keep")
        if not np.isfinite(value.weights).all() or (value.biases is not None and not np.isfinite(value.biases).all()):
            raise NetworkFormatError(f"the layer that ends at {name} is not finite in float64")
        self.layers.append(DenseLayer(name, value.weights, value.mask, value.biases, value.bias_mask))

    def _reshaped(self, node: Any, attributes: dict[str, Any], shape: Shape) -> Shape:
        if node.op_type == "Flatten":
            axis = int(attributes.get("axis", 1))
            axis += len(shape) if axis < 0 else 0
            if not 0 <= axis <= len(shape):
                raise NetworkFormatError(f"{node_name(node)}: axis {axis} does not fit shape {shape}")
            return (math.prod(shape[:axis]), math.prod(shape[axis:]))
        if node.op_type == "Reshape":
            sizes = [int(size) for size in np.ravel(self._needed(node, 1).values)]
            if attributes.get("allowzero", 0) and 0 in sizes:
                raise NetworkFormatError(f"{node_name(node)}: shape {sizes} has no entries")
            return target_shape(shape, sizes, node_name(node))
        given = self._operand(node, 1)
        axes = [int(axis) for axis in np.ravel(given.values)] if given is not None else list(attributes.get("axes", []))
        if node.op_type == "Squeeze":
            gone = {axis % len(shape) for axis in axes} if axes else {i for i, size in enumerate(shape) if size == 1}
            if any(shape[axis] != 1 for axis in gone):
                raise NetworkFormatError(f"{node_name(node)}: only axes of size 1 can go, got shape {shape}")
            return tuple(size for axis, size in enumerate(shape) if axis not in gone)
        rank = len(shape) + len(axes)
        new, rest = {axis % rank for axis in axes}, iter(shape)
        return tuple(1 if axis in new else next(rest) for axis in range(rank))

    def _elementwise(self, node: Any, current: Value) -> Value:
        first = node.input[0] in self.constants
        constant = self.constants[node.input[0] if first else node.input[1]]
        values = real_array(node_name(node), constant.values)
        try:
            shape = np.broadcast_shapes(values.shape, current.shape)
        except ValueError:
            shape = ()
        if math.prod(shape) != current.size:
            raise NetworkFormatError(
                f"{node_name(node)}: a constant of shape {values.shape} does not fit {current.shape}"
            )
        flat = np.broadcast_to(values, shape).ravel()
        kind = node.op_type
        if kind == "Div" and first:
            raise NetworkFormatError(f"{node_name(node)} divides by a computed value")
        if kind == "Add":
            kept = None if constant.mask is None else np.broadcast_to(constant.mask, shape).ravel()
            return shifted(replace(current, shape=shape), flat, kept)
        if kind == "Sub":
            moved = (
                scaled(replace(current, shape=shape), -np.ones(flat.size)) if first else replace(current, shape=shape)
            )
            return shifted(moved, flat if first else -flat)
        if kind == "Div" and (flat == 0).any():
            raise NetworkFormatError(f"{node_name(node)} divides by 0")
        return scaled(replace(current, shape=shape), flat, divide=kind == "Div")

    def _gemm(self, node: Any, attributes: dict[str, Any], current: Value) -> Value:
        if node.input[0] in self.constants:
            raise NetworkFormatError(f"{node_name(node)}: the computed value must be the first operand")
        if attributes.get("transA", 0) or len(current.shape) != 2 or current.shape[0] != 1:
            raise NetworkFormatError(
                f"{node_name(node)}: the computed value must be one row, got shape {current.shape}"
            )
        matrix = self._needed(node, 1)
        weights = real_array(node.input[1], matrix.values)
        if weights.ndim != 2:
            raise NetworkFormatError(f"{node_name(node)}: {node.input[1]} must be a matrix, got shape {weights.shape}")
        mask = matrix.mask
        if not attributes.get("transB", 0):
            weights, mask = weights.T, None if mask is None else mask.T
        alpha, beta = float(attributes.get("alpha", 1.0)), float(attributes.get("beta", 1.0))
        value = mapped(current, alpha * weights, mask, (1, weights.shape[0]), node_name(node))
        offset = self._operand(node, 2)
        if offset is None:
            return value
        constant = real_array(node.input[2], offset.values)
        try:
            offsets = beta * np.broadcast_to(constant, value.shape).ravel()
            kept = None if offset.mask is None else np.broadcast_to(offset.mask, value.shape).ravel()
        except ValueError:
            raise NetworkFormatError(
                f"{node_name(node)}: {node.input[2]} of shape {constant.shape} does not fit {value.shape}"
            ) from None
        return shifted(value, offsets, kept)

    def _matmul(self, node: Any, current: Value) -> Value:
        left = node.input[0] in self.constants
        name = node.input[0] if left else node.input[1]
        constant = self.constants[name]
        weights = real_array(name, constant.values)
        mask = constant.mask
        if weights.ndim != 2:
            raise NetworkFormatError(f"{node_name(node)}: {name} must be a matrix, got shape {weights.shape}")
        shape = current.shape
        if left:
            column = len(shape) == 1 or (shape[-1] == 1 and math.prod(shape[:-2]) == 1)
            target = (weights.shape[0],) if len(shape) == 1 else (*shape[:-2], weights.shape[0], 1)
        else:
            column = math.prod(shape[:-1]) == 1
            weights, mask = weights.T, None if mask is None else mask.T
            target = (*shape[:-1], weights.shape[0])
        if not column:
            raise NetworkFormatError(f"{node_name(node)} multiplies a matrix of shape {shape}, not one sample")
        return mapped(current, weights, mask, target, node_name(node))

    def _windows(self, node: Any, attributes: dict[str, Any], current: Value) -> Value:
        if len(current.shape) != 4 or current.shape[0] != 1:
            raise NetworkFormatError(
                f"{node_name(node)}: images of shape (1, channels, rows, columns) are read, got {current.shape}"
            )
        if node.op_type == "Conv":
            if node.input[0] in self.constants:
                raise NetworkFormatError(f"{node_name(node)}: the filters must be constant")
            constant = self._needed(node, 1)
            filters = real_array(node.input[1], constant.values)
            pattern = np.ones(filters.shape, dtype=bool) if constant.mask is None else constant.mask
            weights, mask, shape = convolution(current.shape, filters, pattern, attributes, node_name(node))
            value = mapped(current, weights, mask, shape, node_name(node))
            offset = self._operand(node, 2)
            if offset is None:
                return value
            biases = real_array(node.input[2], offset.values)
            return shifted(value, np.repeat(biases, shape[2] * shape[3]))
        weights, mask, shape = pooling(current.shape, attributes, node.op_type == "GlobalAveragePool", node_name(node))
        return mapped(current, weights, mask, shape, node_name(node))
