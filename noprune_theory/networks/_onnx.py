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
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.networks._arrays import needs
from noprune_theory.networks._layers import DenseLayer, NetworkFormatError, real_array, refuse_large

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Constant:
    """A constant operand; the mask is None where nothing says which entries are pruned."""

    values: Any
    mask: BoolArray | None = None


@dataclass(frozen=True, eq=False)
class _Value:
    """The computed value: its shape, and the affine map since the last activation (None for the identity)."""

    shape: Shape
    weights: FloatArray | None = None
    mask: BoolArray | None = None
    biases: FloatArray | None = None
    bias_mask: BoolArray | None = None

    @property
    def size(self) -> int:
        return math.prod(self.shape)


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


def _label(node: Any) -> str:
    return f"node {node.name or node.output[0]!r} ({node.op_type})"


class _Reader:
    """Follows the graph; `constants` by name, `current` the one computed value."""

    def __init__(self, model: Any, path: Path) -> None:
        from onnx import numpy_helper

        self.graph, self.path = model.graph, path
        self.name = ""
        self.constants: dict[str, _Constant] = {}
        self.layers: list[DenseLayer] = []
        self.activation: str | None = None
        self.opset = max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)
        for tensor in self.graph.initializer:
            refuse_large(f"initialiser {tensor.name!r}", math.prod(tensor.dims))
            self.constants[tensor.name] = _Constant(numpy_helper.to_array(tensor))
        for sparse in self.graph.sparse_initializer:
            self.constants[sparse.values.name] = _dense(sparse, numpy_helper.to_array)

    def read(self) -> tuple[list[DenseLayer], str]:
        """Return the layers and the activation."""
        current = self._input()
        if len(self.graph.output) != 1:
            raise NetworkFormatError(f"{self.path.name} must have one output, got {len(self.graph.output)}")
        self._refuse_branches()
        for node in self.graph.node:
            computed = [name for name in node.input if name and name not in self.constants]
            if node.domain not in ("", "ai.onnx"):
                raise NetworkFormatError(f"{_label(node)}: operators of the domain {node.domain!r} are not read")
            if not computed:
                self.constants[node.output[0]] = self._fold(node)
                continue
            if len(computed) > 1:
                raise NetworkFormatError(
                    f"{_label(node)} joins two computed values: residual or parallel paths are not read"
                )
            if computed[0] != self.name:
                raise NetworkFormatError(
                    f"{_label(node)} reads {computed[0]!r}, which is not on the path from the input"
                )
            current = self._apply(node, current)
            self.name = node.output[0]
        if self.name != self.graph.output[0].name:
            raise NetworkFormatError(f"output {self.graph.output[0].name!r} is not computed from the input")
        if current.weights is None:
            # The network ends with an activation, or does nothing: outputs are linear, so an identity follows.
            current = _identity(current)
        self._push(current, "output")
        return self.layers, self.activation or "relu"

    def _input(self) -> _Value:
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
        return _Value(tuple(sizes))

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
                        f"{_label(node)}: {name!r} is read by {readers[name]} too; branches are not read"
                    )
                readers[name] = _label(node)

    # -- constants -----------------------------------------------------------------------------------------------------

    def _fold(self, node: Any) -> _Constant:
        """Evaluate a node whose operands are all constant."""
        from onnx import numpy_helper

        operands = [self.constants[name] if name else None for name in node.input]
        attributes = _attributes(node)
        if node.op_type == "Constant":
            return self._constant_node(node, attributes, numpy_helper.to_array)
        first = operands[0] if operands else None
        if first is None:
            raise NetworkFormatError(f"{_label(node)}: a constant of this operator is not read")
        if node.op_type in ("Identity", "Cast"):
            return first
        if node.op_type == "Transpose":
            axes = attributes.get("perm") or list(range(np.ndim(first.values)))[::-1]
            return _Constant(
                np.transpose(first.values, axes), None if first.mask is None else np.transpose(first.mask, axes)
            )
        second = operands[1] if len(operands) > 1 else None
        if node.op_type == "Reshape" and second is not None:
            shape = _target_shape(np.shape(first.values), [int(size) for size in np.ravel(second.values)], _label(node))
            return _Constant(np.reshape(first.values, shape), None if first.mask is None else first.mask.reshape(shape))
        if node.op_type == "Mul" and second is not None:
            return _masked_product(first, second, _label(node), node.input)
        raise NetworkFormatError(f"{_label(node)}: a constant of this operator is not read")

    def _constant_node(self, node: Any, attributes: dict[str, Any], to_array: Any) -> _Constant:
        if "sparse_value" in attributes:
            return _dense(attributes["sparse_value"], to_array)
        if "value" in attributes:
            return _Constant(to_array(attributes["value"]))
        for name in ("value_float", "value_floats", "value_int", "value_ints"):
            if name in attributes:
                return _Constant(np.asarray(attributes[name]))
        raise NetworkFormatError(f"{_label(node)}: a constant of this kind is not read")

    def _operand(self, node: Any, index: int) -> _Constant | None:
        if index >= len(node.input) or not node.input[index]:
            return None
        return self.constants[node.input[index]]

    def _needed(self, node: Any, index: int) -> _Constant:
        operand = self._operand(node, index)
        if operand is None:
            raise NetworkFormatError(f"{_label(node)}: operand {index} is missing")
        return operand

    # -- nodes on the path ---------------------------------------------------------------------------------------------

    def _apply(self, node: Any, current: _Value) -> _Value:
        kind = node.op_type
        attributes = _attributes(node)
        if kind in ("Relu", "Tanh"):
            return self._activate(node, current, kind.lower())
        if kind in ("Identity", "Dropout"):
            if kind == "Dropout" and (mode := self._operand(node, 2)) is not None and np.any(mode.values):
                raise NetworkFormatError(f"{_label(node)} is in training mode")
            return current
        if kind in ("Flatten", "Reshape", "Squeeze", "Unsqueeze"):
            return replace(current, shape=self._reshaped(node, attributes, current.shape))
        if kind == "Transpose":
            return _transposed(current, attributes.get("perm") or list(range(len(current.shape)))[::-1])
        if kind in ("Add", "Sub", "Mul", "Div"):
            return self._elementwise(node, current)
        if kind == "Gemm":
            return self._gemm(node, attributes, current)
        if kind == "MatMul":
            return self._matmul(node, current)
        if kind in ("Conv", "AveragePool", "GlobalAveragePool"):
            return self._windows(node, attributes, current)
        raise NetworkFormatError(f"{_label(node)}: this operator is not read")

    def _activate(self, node: Any, current: _Value, activation: str) -> _Value:
        if self.activation not in (None, activation):
            raise NetworkFormatError(
                f"{_label(node)}: all activations must be the same, the first was {self.activation}"
            )
        self.activation = activation
        self._push(_identity(current) if current.weights is None else current, node.name or node.output[0])
        return _Value(current.shape)

    def _push(self, value: _Value, name: str) -> None:
        if value.weights is None or value.mask is None:
            raise NetworkFormatError(f"{name}: no affine map to keep")
        if not np.isfinite(value.weights).all() or (value.biases is not None and not np.isfinite(value.biases).all()):
            raise NetworkFormatError(f"the layer that ends at {name} is not finite in float64")
        self.layers.append(DenseLayer(name, value.weights, value.mask, value.biases, value.bias_mask))

    def _reshaped(self, node: Any, attributes: dict[str, Any], shape: Shape) -> Shape:
        if node.op_type == "Flatten":
            axis = int(attributes.get("axis", 1)) % (len(shape) + 1)
            return (math.prod(shape[:axis]), math.prod(shape[axis:]))
        if node.op_type == "Reshape":
            sizes = [int(size) for size in np.ravel(self._needed(node, 1).values)]
            return _target_shape(shape, sizes, _label(node))
        given = self._operand(node, 1)
        axes = [int(axis) for axis in np.ravel(given.values)] if given is not None else list(attributes.get("axes", []))
        if node.op_type == "Squeeze":
            gone = {axis % len(shape) for axis in axes} if axes else {i for i, size in enumerate(shape) if size == 1}
            if any(shape[axis] != 1 for axis in gone):
                raise NetworkFormatError(f"{_label(node)}: only axes of size 1 can go, got shape {shape}")
            return tuple(size for axis, size in enumerate(shape) if axis not in gone)
        rank = len(shape) + len(axes)
        new, rest = {axis % rank for axis in axes}, iter(shape)
        return tuple(1 if axis in new else next(rest) for axis in range(rank))

    def _elementwise(self, node: Any, current: _Value) -> _Value:
        first = node.input[0] in self.constants
        constant = self.constants[node.input[0] if first else node.input[1]]
        values = real_array(_label(node), constant.values)
        try:
            shape = np.broadcast_shapes(values.shape, current.shape)
        except ValueError:
            shape = ()
        if math.prod(shape) != current.size:
            raise NetworkFormatError(f"{_label(node)}: a constant of shape {values.shape} does not fit {current.shape}")
        flat = np.broadcast_to(values, shape).ravel()
        kind = node.op_type
        if kind == "Div" and first:
            raise NetworkFormatError(f"{_label(node)} divides by a computed value")
        if kind == "Add":
            kept = None if constant.mask is None else np.broadcast_to(constant.mask, shape).ravel()
            return _shifted(replace(current, shape=shape), flat, kept)
        if kind == "Sub":
            moved = (
                _scaled(replace(current, shape=shape), -np.ones(flat.size)) if first else replace(current, shape=shape)
            )
            return _shifted(moved, flat if first else -flat)
        if kind == "Div" and (flat == 0).any():
            raise NetworkFormatError(f"{_label(node)} divides by 0")
        return _scaled(replace(current, shape=shape), flat, divide=kind == "Div")

    def _gemm(self, node: Any, attributes: dict[str, Any], current: _Value) -> _Value:
        if node.input[0] in self.constants:
            raise NetworkFormatError(f"{_label(node)}: the computed value must be the first operand")
        if attributes.get("transA", 0) or len(current.shape) != 2 or current.shape[0] != 1:
            raise NetworkFormatError(f"{_label(node)}: the computed value must be one row, got shape {current.shape}")
        matrix = self._needed(node, 1)
        weights = real_array(node.input[1], matrix.values)
        if weights.ndim != 2:
            raise NetworkFormatError(f"{_label(node)}: {node.input[1]} must be a matrix, got shape {weights.shape}")
        mask = matrix.mask
        if not attributes.get("transB", 0):
            weights, mask = weights.T, None if mask is None else mask.T
        alpha, beta = float(attributes.get("alpha", 1.0)), float(attributes.get("beta", 1.0))
        value = _mapped(current, alpha * weights, mask, (1, weights.shape[0]), _label(node))
        offset = self._operand(node, 2)
        if offset is None:
            return value
        constant = real_array(node.input[2], offset.values)
        try:
            offsets = beta * np.broadcast_to(constant, value.shape).ravel()
            kept = None if offset.mask is None else np.broadcast_to(offset.mask, value.shape).ravel()
        except ValueError:
            raise NetworkFormatError(
                f"{_label(node)}: {node.input[2]} of shape {constant.shape} does not fit {value.shape}"
            ) from None
        return _shifted(value, offsets, kept)

    def _matmul(self, node: Any, current: _Value) -> _Value:
        left = node.input[0] in self.constants
        name = node.input[0] if left else node.input[1]
        constant = self.constants[name]
        weights = real_array(name, constant.values)
        mask = constant.mask
        if weights.ndim != 2:
            raise NetworkFormatError(f"{_label(node)}: {name} must be a matrix, got shape {weights.shape}")
        shape = current.shape
        if left:
            column = len(shape) == 1 or (shape[-1] == 1 and math.prod(shape[:-2]) == 1)
            target = (weights.shape[0],) if len(shape) == 1 else (*shape[:-2], weights.shape[0], 1)
        else:
            column = math.prod(shape[:-1]) == 1
            weights, mask = weights.T, None if mask is None else mask.T
            target = (*shape[:-1], weights.shape[0])
        if not column:
            raise NetworkFormatError(f"{_label(node)} multiplies a matrix of shape {shape}, not one sample")
        return _mapped(current, weights, mask, target, _label(node))

    def _windows(self, node: Any, attributes: dict[str, Any], current: _Value) -> _Value:
        if len(current.shape) != 4 or current.shape[0] != 1:
            raise NetworkFormatError(
                f"{_label(node)}: images of shape (1, channels, rows, columns) are read, got {current.shape}"
            )
        if node.op_type == "Conv":
            if node.input[0] in self.constants:
                raise NetworkFormatError(f"{_label(node)}: the filters must be constant")
            constant = self._needed(node, 1)
            filters = real_array(node.input[1], constant.values)
            pattern = np.ones(filters.shape, dtype=bool) if constant.mask is None else constant.mask
            weights, mask, shape = _convolution(current.shape, filters, pattern, attributes, _label(node))
            value = _mapped(current, weights, mask, shape, _label(node))
            offset = self._operand(node, 2)
            if offset is None:
                return value
            biases = real_array(node.input[2], offset.values)
            return _shifted(value, np.repeat(biases, shape[2] * shape[3]))
        weights, mask, shape = _pooling(current.shape, attributes, node.op_type == "GlobalAveragePool", _label(node))
        return _mapped(current, weights, mask, shape, _label(node))


def _attributes(node: Any) -> dict[str, Any]:
    from onnx import helper

    values: dict[str, Any] = {}
    for attribute in node.attribute:
        value = helper.get_attribute_value(attribute)
        values[attribute.name] = value.decode() if isinstance(value, bytes) else value
    return values


def _dense(sparse: Any, to_array: Any) -> _Constant:
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
    return _Constant(dense.reshape(shape), mask.reshape(shape))


def _masked_product(first: _Constant, second: _Constant, label: str, names: Sequence[str]) -> _Constant:
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
    return _Constant(product, mask)


def _pattern(values: FloatArray, shape: Shape) -> BoolArray | None:
    """Return where an array of zeros and ones of that shape is 1; None for any other array."""
    return values == 1.0 if values.shape == shape and np.isin(values, (0.0, 1.0)).all() else None


def _target_shape(shape: Shape, sizes: Sequence[int], label: str) -> Shape:
    """Return the shape that Reshape makes: 0 copies, -1 is what is left, and the batch stays one sample."""
    copied = [shape[axis] if size == 0 and axis < len(shape) else size for axis, size in enumerate(sizes)]
    known = math.prod(size for size in copied if size != -1)
    if copied.count(-1) == 1 and known > 0 and math.prod(shape) % known == 0:
        copied[copied.index(-1)] = math.prod(shape) // known
    if math.prod(copied) != math.prod(shape) or min(copied, default=1) < 1:
        raise NetworkFormatError(f"{label}: shape {shape} does not become {list(sizes)}")
    return tuple(copied)


def _identity(value: _Value) -> _Value:
    weights, mask = _affine(value)
    return replace(value, weights=weights, mask=mask)


def _affine(value: _Value) -> tuple[FloatArray, BoolArray]:
    """Return weights and mask of the map so far, those of the identity if there is none."""
    if value.weights is None or value.mask is None:
        refuse_large("an identity layer", value.size**2)
        return np.eye(value.size), np.eye(value.size, dtype=bool)
    return value.weights, value.mask


def _mapped(value: _Value, weights: FloatArray, mask: BoolArray | None, shape: Shape, label: str) -> _Value:
    """Return the value after a linear map, (outputs, inputs)."""
    if weights.shape[1] != value.size:
        raise NetworkFormatError(
            f"{label} takes {weights.shape[1]} inputs, but {value.size} come (shape {value.shape})"
        )
    kept = np.ones(weights.shape, dtype=bool) if mask is None else np.array(mask)
    weights = np.where(kept, weights, 0.0)
    if value.weights is None or value.mask is None:
        return _Value(shape, weights, kept)
    refuse_large(label, weights.shape[0] * value.weights.shape[1])
    # A weight of the product is kept where a path of kept weights leads.
    paths = kept.astype(np.float64) @ value.mask.astype(np.float64) > 0
    product = np.where(paths, weights @ value.weights, 0.0)
    if value.biases is None:
        return _Value(shape, product, paths)
    return _Value(shape, product, paths, weights @ value.biases, np.ones(weights.shape[0], dtype=bool))


def _shifted(value: _Value, offsets: FloatArray, kept: BoolArray | None = None) -> _Value:
    """Return the value plus a constant a unit, of which `kept` says which are not pruned (all by default)."""
    if value.weights is None:
        value = _identity(value)
    chosen = np.ones(offsets.shape, dtype=bool) if kept is None else np.array(kept)
    offsets = np.where(chosen, offsets, 0.0)
    if value.biases is None or value.bias_mask is None:
        return replace(value, biases=offsets, bias_mask=chosen)
    return replace(value, biases=value.biases + offsets, bias_mask=chosen | value.bias_mask)


def _scaled(value: _Value, factors: FloatArray, *, divide: bool = False) -> _Value:
    """Return the value times (or divided by) a factor a unit; units whose factor is 0 lose their weights."""
    weights, mask = _affine(value)
    with np.errstate(over="ignore"):
        weights = weights / factors[:, None] if divide else weights * factors[:, None]
        biases = None if value.biases is None else (value.biases / factors if divide else value.biases * factors)
    return replace(value, weights=weights + 0.0, mask=mask & (factors != 0)[:, None], biases=biases)


def _transposed(value: _Value, axes: Sequence[int]) -> _Value:
    places: IntArray = np.arange(value.size).reshape(value.shape).transpose(axes)
    if value.weights is None and np.array_equal(places.ravel(), np.arange(value.size)):
        return replace(value, shape=places.shape)
    order = places.ravel()
    weights, mask = _affine(value)
    if value.biases is None or value.bias_mask is None:
        return _Value(places.shape, weights[order], mask[order])
    return _Value(places.shape, weights[order], mask[order], value.biases[order], value.bias_mask[order])


# -- convolutions and pooling as matrices ------------------------------------------------------------------------------


def _geometry(
    shape: Shape, kernel: Sequence[int], attributes: dict[str, Any], label: str
) -> tuple[list[int], list[int], list[int], list[int], list[int]]:
    """Return strides, dilations, leading and trailing pads, and output sizes of the two image axes."""
    strides = list(attributes.get("strides", [1, 1]))
    dilations = list(attributes.get("dilations", [1, 1]))
    pads = list(attributes.get("pads", [0, 0, 0, 0]))
    mode = attributes.get("auto_pad", "NOTSET")
    before, after, sizes = pads[:2], pads[2:], []
    for axis in range(2):
        size, window = shape[2 + axis], (kernel[axis] - 1) * dilations[axis] + 1
        if mode in ("SAME_UPPER", "SAME_LOWER"):
            total = max((math.ceil(size / strides[axis]) - 1) * strides[axis] + window - size, 0)
            before[axis] = total // 2 if mode == "SAME_UPPER" else total - total // 2
            after[axis] = total - before[axis]
        elif mode not in ("NOTSET", "VALID"):
            raise NetworkFormatError(f"{label}: auto_pad {mode!r} is not known")
        room = size + before[axis] + after[axis] - window
        if room < 0:
            raise NetworkFormatError(f"{label}: a window of {window} does not fit an axis of {size} with its padding")
        steps = math.ceil(room / strides[axis]) if attributes.get("ceil_mode", 0) else room // strides[axis]
        # A window that would start beyond the image and its leading padding does not count.
        if attributes.get("ceil_mode", 0) and steps * strides[axis] >= size + before[axis]:
            steps -= 1
        sizes.append(steps + 1)
    return strides, dilations, before, after, sizes


def _taps(
    shape: Shape, kernel: Sequence[int], geometry: tuple[list[int], list[int], list[int], list[int], list[int]]
) -> list[tuple[int, int, IntArray, IntArray]]:
    """Return, for every position (i, j) of the window, output pixels and the input pixels under it, flat."""
    strides, dilations, before, _, sizes = geometry
    taps = []
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            rows = np.arange(sizes[0]) * strides[0] + i * dilations[0] - before[0]
            columns = np.arange(sizes[1]) * strides[1] + j * dilations[1] - before[1]
            inside_rows = np.flatnonzero((rows >= 0) & (rows < shape[2]))
            inside_columns = np.flatnonzero((columns >= 0) & (columns < shape[3]))
            outputs = (inside_rows[:, None] * sizes[1] + inside_columns).ravel()
            inputs = (rows[inside_rows][:, None] * shape[3] + columns[inside_columns]).ravel()
            taps.append((i, j, outputs, inputs))
    return taps


def _convolution(
    shape: Shape, filters: FloatArray, pattern: BoolArray, attributes: dict[str, Any], label: str
) -> tuple[FloatArray, BoolArray, Shape]:
    """Return a convolution as a matrix with its mask, and the shape of its value."""
    groups = int(attributes.get("group", 1))
    if filters.ndim != 4 or filters.shape[1] * groups != shape[1] or filters.shape[0] % groups:
        raise NetworkFormatError(
            f"{label}: filters of shape {filters.shape} in {groups} groups do not fit {shape[1]} channels"
        )
    geometry = _geometry(shape, filters.shape[2:], attributes, label)
    pixels, out_pixels = shape[2] * shape[3], math.prod(geometry[-1])
    target = (1, filters.shape[0], *geometry[-1])
    refuse_large(label, math.prod(target) * math.prod(shape))
    weights = np.zeros((math.prod(target), math.prod(shape)))
    mask = np.zeros(weights.shape, dtype=bool)
    per_group = filters.shape[0] // groups
    for i, j, outputs, inputs in _taps(shape, filters.shape[2:], geometry):
        for out in range(filters.shape[0]):
            first = (out // per_group) * filters.shape[1]
            for channel in range(filters.shape[1]):
                rows, columns = out * out_pixels + outputs, (first + channel) * pixels + inputs
                weights[rows, columns] = filters[out, channel, i, j]
                mask[rows, columns] = pattern[out, channel, i, j]
    return weights, mask, target


def _pooling(
    shape: Shape, attributes: dict[str, Any], everything: bool, label: str
) -> tuple[FloatArray, BoolArray, Shape]:
    """Return average pooling as a matrix with its mask, and the shape of its value."""
    kernel = list(shape[2:]) if everything else list(attributes["kernel_shape"])
    geometry = _geometry(shape, kernel, {} if everything else attributes, label)
    strides, dilations, before, after, sizes = geometry
    pixels, out_pixels = shape[2] * shape[3], math.prod(sizes)
    target = (1, shape[1], *sizes)
    refuse_large(label, math.prod(target) * math.prod(shape))
    counts = np.zeros(out_pixels)
    one = np.zeros((out_pixels, pixels))
    for _, _, outputs, inputs in _taps(shape, kernel, geometry):
        one[outputs, inputs] = 1.0
        counts[outputs] += 1.0
    if attributes.get("count_include_pad", 0) and not everything:
        # Padding counts, but not what a last window reaches beyond it.
        ends = [shape[2 + axis] + before[axis] + after[axis] for axis in range(2)]
        lengths = [
            sum(
                (np.arange(sizes[axis]) * strides[axis] + k * dilations[axis]) < ends[axis] for k in range(kernel[axis])
            )
            for axis in range(2)
        ]
        counts = np.outer(lengths[0], lengths[1]).ravel().astype(np.float64)
    one /= counts[:, None]
    weights, mask = (
        np.zeros((math.prod(target), math.prod(shape))),
        np.zeros((math.prod(target), math.prod(shape)), dtype=bool),
    )
    for channel in range(shape[1]):
        rows, columns = (
            slice(channel * out_pixels, (channel + 1) * out_pixels),
            slice(channel * pixels, (channel + 1) * pixels),
        )
        weights[rows, columns], mask[rows, columns] = one, one != 0
    return weights, mask, target


# -- writing -----------------------------------------------------------------------------------------------------------


def write_onnx(path: Path, layers: Sequence[DenseLayer], activation: str) -> None:
    """Write float64 layers as Gemm nodes; a mask that prunes is a constant that multiplies weights in a Mul node."""
    try:
        import onnx
    except ImportError as error:
        raise needs("onnx", "onnx", "writing ONNX files") from error
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants, current = [], [], "input"
    for index, layer in enumerate(layers):
        weights, biases = f"{index}.weight", f"{index}.bias"
        constants.append(numpy_helper.from_array(np.ascontiguousarray(layer.weights), weights))
        operand = weights
        if not layer.mask.all():
            constants.append(numpy_helper.from_array(layer.mask.astype(np.float64), f"{weights}_mask"))
            nodes.append(helper.make_node("Mul", [weights, f"{weights}_mask"], [f"{weights}_masked"], f"mask {index}"))
            operand = f"{weights}_masked"
        inputs = [current, operand]
        if layer.biases is not None and layer.bias_mask is not None:
            constants.append(numpy_helper.from_array(np.ascontiguousarray(layer.biases), biases))
            if not layer.bias_mask.all():
                constants.append(numpy_helper.from_array(layer.bias_mask.astype(np.float64), f"{biases}_mask"))
                nodes.append(
                    helper.make_node("Mul", [biases, f"{biases}_mask"], [f"{biases}_masked"], f"bias mask {index}")
                )
                biases = f"{biases}_masked"
            inputs.append(biases)
        last = index + 1 == len(layers)
        current = "output" if last else f"{index}.linear"
        nodes.append(helper.make_node("Gemm", inputs, [current], f"linear {index}", transB=1))
        if not last:
            nodes.append(
                helper.make_node(activation.capitalize(), [current], [f"{index}.{activation}"], f"{activation} {index}")
            )
            current = f"{index}.{activation}"
    graph = helper.make_graph(
        nodes,
        "masked network",
        [helper.make_tensor_value_info("input", TensorProto.DOUBLE, ["batch", layers[0].inputs])],
        [helper.make_tensor_value_info("output", TensorProto.DOUBLE, ["batch", layers[-1].outputs])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
