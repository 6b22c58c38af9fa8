"""ACAS Xu's .nnet text files: ReLU networks with the normalisation of their inputs and outputs.

After comments (``//``): a line with the numbers of layers, inputs, outputs and the largest width; the widths; an unused
line; lower and upper limits of the inputs; means and ranges of the inputs and, last, of all outputs. Then, layer by
layer, the rows of the weights and one bias a line. The function of the physical input x is
``range_out * net((x - mean) / range) + mean_out``, x limited to its box first; the limits are not part of the network
returned.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory.networks._layers import DenseLayer, NetworkFormatError, refuse_large


class _Lines:
    """The lines that are not comments, with their numbers for messages."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = self._rows()

    def _rows(self) -> Iterator[tuple[int, str]]:
        with self.path.open(encoding="ascii") as file:
            for number, line in enumerate(file, start=1):
                if line.strip() and not line.lstrip().startswith("//"):
                    yield number, line

    def numbers(self, what: str, count: int | None = None) -> FloatArray:
        """Return the numbers on the next line, exactly `count` of them where given."""
        try:
            number, line = next(self.rows)
        except StopIteration:
            raise NetworkFormatError(f"{self.path.name} ends before {what}") from None
        except UnicodeDecodeError:
            raise NetworkFormatError(f"{self.path.name} is not a .nnet text file") from None
        try:
            values = np.array([float(part) for part in line.split(",") if part.strip()])
        except ValueError:
            raise NetworkFormatError(
                f"{self.path.name}, line {number}: {what} must be numbers, got {line[:40]!r}"
            ) from None
        if count is not None and values.size != count:
            raise NetworkFormatError(
                f"{self.path.name}, line {number}: {what} must be {count} numbers, got {values.size}"
            )
        if not np.isfinite(values).all():
            raise NetworkFormatError(f"{self.path.name}, line {number}: {what} must be finite")
        return values

    def integers(self, what: str, count: int) -> list[int]:
        """Return the next line's `count` positive integers."""
        values = self.numbers(what)
        if values.size < count or not (values == np.floor(values)).all() or (values[:count] < 1).any():
            raise NetworkFormatError(
                f"{self.path.name}: {what} must be {count} positive integers, got {values[:8].tolist()}"
            )
        return [int(value) for value in values[:count]]


def read_nnet(path: Path, *, normalisation: bool) -> list[DenseLayer]:
    """Return the layers of a .nnet file.

    With `normalisation`, those of the function of physical inputs and outputs: its first layer divides by the ranges,
    its last one multiplies by that of the outputs. Without, those of the file as they are.
    """
    lines = _Lines(path)
    n_layers, n_inputs, n_outputs, _ = lines.integers("the header (layers, inputs, outputs, largest width)", 4)
    widths = lines.integers("the widths", n_layers + 1)
    if (widths[0], widths[-1]) != (n_inputs, n_outputs):
        raise NetworkFormatError(
            f"{path.name}: the header says {n_inputs} inputs and {n_outputs} outputs, the widths {widths}"
        )
    lines.numbers("the unused line")
    lines.numbers("the lower limits of the inputs", n_inputs)
    lines.numbers("the upper limits of the inputs", n_inputs)
    means = lines.numbers("the means", n_inputs + 1)
    ranges = lines.numbers("the ranges", n_inputs + 1)
    if (ranges == 0).any():
        raise NetworkFormatError(f"{path.name}: a range is 0, so that dividing by it says nothing")
    layers = []
    for index in range(n_layers):
        inputs, outputs = widths[index], widths[index + 1]
        refuse_large(f"layer {index}", inputs * outputs)
        weights = np.array([lines.numbers(f"a row of weights of layer {index}", inputs) for _ in range(outputs)])
        biases = np.array([lines.numbers(f"a bias of layer {index}", 1)[0] for _ in range(outputs)])
        if normalisation and index == 0:
            biases = biases - weights @ (means[:-1] / ranges[:-1])
            weights = weights / ranges[:-1]
        if normalisation and index == n_layers - 1:
            weights, biases = weights * ranges[-1], biases * ranges[-1] + means[-1]
        kept = np.ones(weights.shape, dtype=bool)
        layers.append(DenseLayer(f"layer {index}", weights, kept, biases, np.ones(outputs, dtype=bool)))
    return layers


def write_nnet(path: Path, layers: list[DenseLayer]) -> None:
    """Write layers with a normalisation that does nothing and limits that allow every float64."""
    widths = [layers[0].inputs, *(layer.outputs for layer in layers)]
    inputs = widths[0]
    largest = repr(float(np.finfo(np.float64).max))

    def row(values: FloatArray | list[float]) -> str:
        return "".join(f"{float(value)!r}," for value in values) + "\n"

    with path.open("w", encoding="ascii") as file:
        file.write("// a ReLU network; the normalisation is the identity\n")
        file.write(f"{len(layers)},{inputs},{widths[-1]},{max(widths)},\n")
        file.write("".join(f"{width}," for width in widths) + "\n0,\n")
        file.write(f"-{largest}," * inputs + "\n" + f"{largest}," * inputs + "\n")
        file.write(row([0.0] * (inputs + 1)) + row([1.0] * (inputs + 1)))
        for layer in layers:
            for weights in layer.weights:
                file.write(row(weights))
            for bias in np.zeros(layer.outputs) if layer.biases is None else layer.biases:
                file.write(f"{float(bias)!r},\n")
