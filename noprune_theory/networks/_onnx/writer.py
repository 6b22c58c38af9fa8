"""ONNX files of masked networks: float64 Gemm nodes, masks as constants that multiply weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from noprune_theory.networks._arrays import needs
from noprune_theory.networks._layers import DenseLayer

__all__ = ["write_onnx"]


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
