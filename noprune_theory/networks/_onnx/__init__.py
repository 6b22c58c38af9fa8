"""Networks in ONNX files."""

from noprune_theory.networks._onnx.reader import read_onnx
from noprune_theory.networks._onnx.writer import write_onnx

__all__ = ["read_onnx", "write_onnx"]
