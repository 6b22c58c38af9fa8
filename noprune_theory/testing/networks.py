"""Strategies of ReLU layers and of pruned networks, degenerate ones included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_choice, check_flag, check_integer
from noprune_theory.models import MLP
from noprune_theory.models.parameters import layer_matrices, parameter_count
from noprune_theory.models.passes import ACTIVATIONS, Activation
from noprune_theory.testing._entries import MOST_DECADES, entries, units


@dataclass(frozen=True)
class ReluLayer:
    """A one-hidden-layer model a^T relu(V x + b), degenerate ones included.

    Attributes
    ----------
    directions : ndarray, shape (N, d)
    offsets : ndarray, shape (N,), or None
    weights : ndarray, shape (N,)
    """

    directions: FloatArray
    offsets: FloatArray | None
    weights: FloatArray


def relu_layers(
    max_units: int = 6, max_dimension: int = 4, *, offsets: bool | None = None
) -> st.SearchStrategy[ReluLayer]:
    """Strategy of ReLU layers: zero directions, parallel, antiparallel and duplicated units, zero output weights.

    Parameters
    ----------
    max_units, max_dimension : int
        Largest N and d, >= 1.
    offsets : bool, optional
        With (True), without (False), or either (None, the default).

    Returns
    -------
    hypothesis.strategies.SearchStrategy of ReluLayer

    Raises
    ------
    TypeError
        If a size is not an integer, or `offsets` no bool.
    ValueError
        If a size is below 1.
    """
    check_integer("max_units", max_units, 1)
    check_integer("max_dimension", max_dimension, 1)
    if offsets is not None:
        check_flag("offsets", offsets)
    return _relu_layers(max_units, max_dimension, offsets)


@st.composite
def _relu_layers(draw: st.DrawFn, max_units: int, max_dimension: int, offsets: bool | None) -> ReluLayer:
    d = draw(st.integers(1, max_dimension))
    distinct = draw(st.integers(1, max_units))
    directions = draw(hnp.arrays(np.float64, (distinct, d), elements=entries))
    n_copies = draw(st.integers(0, max_units - distinct))
    for _ in range(n_copies):
        source = draw(st.integers(0, directions.shape[0] - 1))
        factor = draw(st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0]))
        directions = np.vstack([directions, factor * directions[source]])
    count = directions.shape[0]
    weights = draw(hnp.arrays(np.float64, count, elements=entries))
    shifts = None
    if draw(st.booleans()) if offsets is None else offsets:
        shifts = draw(hnp.arrays(np.float64, count, elements=entries))
    return ReluLayer(directions, shifts, weights)


def pruned_networks(
    max_hidden_layers: int = 3,
    max_width: int = 4,
    max_inputs: int = 3,
    max_outputs: int = 2,
    *,
    activation: Activation | None = None,
    biases: bool | None = None,
    decades: int = 0,
) -> st.SearchStrategy[MLP]:
    """Strategy of masked networks as pruning leaves them.

    Among them: units whose incoming weights are all pruned while a bias of either sign stays (constant units), units
    whose outgoing weights are all pruned, layers with nothing left, duplicated units, networks without hidden layer.

    Parameters
    ----------
    max_hidden_layers, max_width, max_inputs, max_outputs : int
        Largest depth, >= 0, and largest widths, >= 1.
    activation : {"relu", "tanh"}, optional
        "relu" by default.
    biases : bool, optional
        With (True), without (False), or either (None, the default).
    decades : int
        Layers are multiplied by powers of two that span up to this many decades, in [0, 600]; by 1 for 0, the default.

    Returns
    -------
    hypothesis.strategies.SearchStrategy of MLP

    Raises
    ------
    TypeError
        If a number is not an integer, or `biases` no bool.
    ValueError
        If a number is out of range, or `activation` is none of the two.
    """
    check_integer("max_hidden_layers", max_hidden_layers, 0)
    for name, size in (("max_width", max_width), ("max_inputs", max_inputs), ("max_outputs", max_outputs)):
        check_integer(name, size, 1)
    if activation is not None:
        check_choice("activation", activation, ACTIVATIONS)
    if biases is not None:
        check_flag("biases", biases)
    check_integer("decades", decades, 0, MOST_DECADES)
    return _pruned_networks(
        max_hidden_layers, max_width, max_inputs, max_outputs, activation or "relu", biases=biases, decades=decades
    )


@st.composite
def _pruned_networks(
    draw: st.DrawFn,
    max_hidden_layers: int,
    max_width: int,
    max_inputs: int,
    max_outputs: int,
    activation: Activation,
    *,
    biases: bool | None,
    decades: int,
) -> MLP:
    hidden = draw(st.lists(st.integers(1, max_width), max_size=max_hidden_layers))
    widths = (draw(st.integers(1, max_inputs)), *hidden, draw(st.integers(1, max_outputs)))
    with_biases = draw(st.booleans()) if biases is None else biases
    count = parameter_count(widths, with_biases)
    weights = draw(hnp.arrays(np.float64, count, elements=entries))
    mask = draw(hnp.arrays(np.bool_, count, elements=st.sampled_from([True, True, True, False])))
    layers = layer_matrices(weights, widths, with_biases)
    kept = layer_matrices(mask, widths, with_biases)
    for index, inputs in enumerate(widths[:-1]):
        outputs = widths[index + 1]
        event = draw(st.sampled_from(["none", "fan-in", "fan-out", "copy", "layer"]))
        unit = draw(st.integers(0, outputs - 1))
        if event == "fan-in":
            kept[index][unit, :inputs] = False
        elif event == "fan-out" and index + 1 < len(layers):
            kept[index + 1][:, unit] = False
        elif event == "copy":
            source = draw(st.integers(0, outputs - 1))
            layers[index][unit], kept[index][unit] = layers[index][source], kept[index][source]
        elif event == "layer" and draw(st.booleans()):
            kept[index][:, :inputs] = False
        if decades:
            layers[index] *= draw(units(decades))
    return MLP(widths, weights * mask, mask, activation=activation, biases=with_biases)
