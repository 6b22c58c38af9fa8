"""The flat vector of parameters of a masked fully connected network, its layers, and draws at initialisation.

Layer after layer and unit after unit it holds the weights into the unit and then, if the network has biases, the unit's
bias; so a layer is a matrix (outputs, inputs + 1) whose last column holds the biases, and a bias is the weight from an
input that is always 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from noprune_theory._display import summary
from noprune_theory._types import RNG, BoolArray, FloatArray
from noprune_theory._validation import (
    check_choice,
    check_flag,
    check_generator,
    check_integer,
)

__all__ = [
    "INITIALISATIONS",
    "Initialisation",
    "Scalar",
    "bias_positions",
    "checked_widths",
    "initial_parameters",
    "layer_matrices",
    "parameter_count",
]

Initialisation: TypeAlias = Literal["pytorch", "he"]

INITIALISATIONS: tuple[Initialisation, ...] = ("pytorch", "he")

Scalar = TypeVar("Scalar", bound=np.generic)


def checked_widths(widths: Sequence[int]) -> tuple[int, ...]:
    """Return the widths (d, h_1, ..., outputs); at least two of them, each >= 1."""
    given: Any = widths
    # A matrix in the place of the widths would be reported entry by entry.
    nested = isinstance(given, np.ndarray) and given.ndim != 1
    if isinstance(given, str) or not isinstance(given, Iterable) or nested:
        raise TypeError(
            f"widths must be a sequence of integers (inputs, hidden widths, outputs), got {summary(given)} "
            f"of type {type(given).__name__}"
        )
    entries = list(given)
    for i, width in enumerate(entries):
        if np.ndim(width):
            raise TypeError(f"widths[{i}] must be an integer, got {summary(width)} of type {type(width).__name__}")
    checked = tuple(check_integer(f"widths[{i}]", width, 1) for i, width in enumerate(entries))
    if len(checked) < 2:
        raise ValueError(f"widths must name the input dimension and the outputs at least, got {summary(given)}")
    return checked


def parameter_count(widths: Sequence[int], biases: bool) -> int:
    """Return the number p of parameters of a network of these widths."""
    return sum(outputs * (inputs + biases) for inputs, outputs in pairwise(widths))


def layer_matrices(parameters: NDArray[Scalar], widths: Sequence[int], biases: bool) -> list[NDArray[Scalar]]:
    """Return views of the flat parameters (..., p) as layers (..., outputs, inputs + 1), biases last.

    Without biases a layer has shape (..., outputs, inputs).
    """
    matrices, start = [], 0
    for inputs, outputs in pairwise(widths):
        stop = start + outputs * (inputs + biases)
        matrices.append(parameters[..., start:stop].reshape(*parameters.shape[:-1], outputs, inputs + biases))
        start = stop
    return matrices


def bias_positions(widths: Sequence[int], biases: bool) -> BoolArray:
    """Return which of the p parameters are biases, shape (p,)."""
    positions = np.zeros(parameter_count(widths, biases), dtype=bool)
    if biases:
        for matrix in layer_matrices(positions, widths, biases):
            matrix[:, -1] = True
    return positions


def initial_parameters(
    rng: RNG, widths: Sequence[int], *, biases: bool = True, initialisation: Initialisation = "pytorch"
) -> FloatArray:
    """Draw the flat parameters, shape (p,), of a network.

    Parameters
    ----------
    rng : numpy.random.Generator or seed
    widths : sequence of int
        Input dimension, hidden widths, number of outputs.
    biases : bool
    initialisation : {"pytorch", "he"}
        "pytorch": weights and biases uniform on [-a, a], a = inputs^(-1/2), the default of `torch.nn.Linear`. "he":
        weights N(0, 2 / inputs), biases 0 (He et al. 2015).
    """
    rng = check_generator("rng", rng)
    check_choice("initialisation", initialisation, INITIALISATIONS)
    check_flag("biases", biases)
    sizes = checked_widths(widths)
    layers = []
    for inputs, outputs in pairwise(sizes):
        if initialisation == "pytorch":
            layer = rng.uniform(-1.0, 1.0, (outputs, inputs + biases)) / math.sqrt(inputs)
        else:
            layer = rng.standard_normal((outputs, inputs + biases)) * math.sqrt(2.0 / inputs)
            layer[:, inputs:] = 0.0
        layers.append(layer.ravel())
    return np.concatenate(layers)
