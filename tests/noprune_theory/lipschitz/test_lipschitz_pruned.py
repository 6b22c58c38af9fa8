"""Brackets of pruned networks and layers in any units, against exact fractions and many digits."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from exact_lipschitz import as_network, jacobian, largest_square_slope, leading_square, tanh_square
from hypothesis import example, given
from hypothesis import strategies as st

from noprune_theory.lipschitz import (
    activation_ascent_lower,
    bracket,
    branch_and_bound,
    exact_one_hidden,
    great_circle_lower,
    lipsdp_deep,
)
from noprune_theory.models import MLP, RandomFeatures
from noprune_theory.testing import generators, pruned_networks, relu_layers

ZERO = MLP((1, 2, 1, 1), [1, 0, 0, 1, -1, -1, 0.5, 1, 0])  # relu(-relu(x) - 1 + 0.5)


def square(value):
    return Fraction(value) ** 2


def confirm(model, lower, witness):
    """The bound holds at the witness alone, in exact arithmetic or to many digits, and float64 sees the gradient."""
    if lower == 0:
        return
    assert witness is not None, "a bound without evidence"
    if witness.point is None:
        return
    if model.activation == "relu":
        J = jacobian(model, witness.point)
        assert J is not None
        assert square(lower) <= leading_square(J)
        assert square(lower) >= leading_square(J) * (1 - Fraction(1, 10**8))
    else:
        exact = tanh_square(model, witness.point)
        assert exact * mpmath.mpf(1 - 1e-8) <= mpmath.mpf(lower) ** 2 <= exact
    assert math.hypot(*witness.gradient) == pytest.approx(lower, rel=1e-8, abs=0)


@example(ZERO)
@example(ZERO.with_weights([1, 0, 0, 1, -1, 1, 0.5, 1, 0]))  # relu(-relu(x) + 1.5): slope 1
@example(MLP((1, 2, 1, 1), [1.0, 0.5, 1.0, 0.5, 1.0, -1.0, 0.0, 1.0, 0.0]))  # relu(u - u)
@example(MLP((1, 1, 1, 1), [0.0, -1.0, 1.0, 1.0, 1.0, 0.0]))  # a dead layer
@given(pruned_networks(max_inputs=1))
def test_one_input_against_all_linear_pieces(model):
    exact = largest_square_slope(model, [0.0], [1.0])
    found = bracket(model, max_seconds=5.0)
    assert square(found.lower) <= exact <= square(found.upper)
    assert found.exact
    assert (found.upper == 0) == (exact == 0)
    assert square(found.upper) <= exact * (1 + Fraction(1, 10**8))
    assert square(found.lower) >= exact * (1 - Fraction(1, 10**8)) or found.upper < 1e-300
    confirm(model, found.lower, found.witness)


@given(pruned_networks(max_inputs=1, decades=300))
def test_one_input_with_layers_in_units_over_many_decades(model):
    exact = largest_square_slope(model, [0.0], [1.0])
    found = bracket(model, max_seconds=5.0)
    assert square(found.lower) <= exact
    assert math.isinf(found.upper) or exact <= square(found.upper)
    if exact and found.exact and found.upper > 1e-300:
        assert square(found.upper) <= exact * (1 + Fraction(1, 10**8))


@example(ZERO, 0)
@given(pruned_networks(), st.integers(0, 2**32))
def test_relu_networks_along_lines(model, seed):
    """The slope along a line, in exact fractions over all of its pieces, never exceeds the upper end."""
    rng = np.random.default_rng(seed)
    found = bracket(model, max_seconds=0.5)
    confirm(model, found.lower, found.witness)
    starts = [rng.standard_normal(model.dimension), np.zeros(model.dimension)]
    if found.witness is not None and found.witness.point is not None:
        starts.append(found.witness.point)
    for start in starts:
        direction = rng.standard_normal(model.dimension)
        length = sum(square(float(x)) for x in direction)
        assert largest_square_slope(model, start, direction) <= square(found.upper) * length


@given(pruned_networks(max_hidden_layers=2, max_width=3, activation="tanh"), st.integers(0, 2**32))
def test_tanh_networks_to_many_digits(model, seed):
    rng = np.random.default_rng(seed)
    found = bracket(model, max_seconds=0.5)
    confirm(model, found.lower, found.witness)
    for scale in (0.1, 3.0):
        point = scale * rng.standard_normal(model.dimension)
        assert tanh_square(model, point, digits=50) <= mpmath.mpf(found.upper) ** 2


def within(rows, ratio):
    """Whether the entries of every row, other than zeros, are within a ratio of one another."""
    sizes = np.abs(rows)
    return (sizes.max(axis=1) <= ratio * np.min(sizes, axis=1, where=sizes > 0, initial=np.inf)).all()


@pytest.mark.parametrize("method", ["enumeration", "circles", "cones", "ascent"])
@given(layer=relu_layers(max_dimension=3), rng=generators())
def test_every_method_confirms_its_witness(method, layer, rng):
    W, a, b = layer.directions, layer.weights, layer.offsets
    model = as_network(W, a, b)
    if method != "ascent" and not within(W if b is None else np.column_stack([W, b]), 2.0**390):
        return
    if method == "circles":
        lower, witness = great_circle_lower(W, a, b, rng=rng, starts=4, rounds=4)
    elif method == "ascent":
        biases = None if b is None else [b, np.zeros(1)]
        lower, witness = activation_ascent_lower([W, a[None]], biases, rng=rng, starts=8)
    else:
        found = exact_one_hidden(W, a, b) if method == "enumeration" else branch_and_bound(W, a, b, max_seconds=0.2)
        lower, witness = found.lower, found.witness
    confirm(model, lower, witness)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("widths", [(1, 3, 1), (2, 4, 1), (3, 5, 1), (2, 4, 3, 1), (2, 4, 2)])
def test_brackets_scale_with_the_outputs_and_with_the_inputs(activation, widths):
    model = MLP.draw(np.random.default_rng(3), widths, activation=activation)
    whole = bracket(model)
    last = widths[-1] * (widths[-2] + 1)
    for factor in (2.0**-900, 2.0**-300, 2.0**900):
        outputs, inputs = model.weights.copy(), model.weights.copy()
        outputs[-last:] *= factor
        inputs[: widths[1] * (widths[0] + 1)].reshape(widths[1], -1)[:, :-1] *= factor
        for weights in (outputs, inputs):
            scaled = bracket(model.with_weights(weights))
            assert scaled.lower == pytest.approx(factor * whole.lower, rel=1e-10, abs=0)
            assert scaled.upper == pytest.approx(factor * whole.upper, rel=1e-10, abs=0)
            assert scaled.exact == whole.exact


@pytest.mark.parametrize("k", [-900, -300, 300, 900])
@pytest.mark.parametrize("offsets", [False, True])
def test_units_of_a_layer_and_of_its_neurons_do_not_matter(k, offsets):
    rng, factor = np.random.default_rng(4), 2.0**k
    W, a = rng.standard_normal((7, 3)), rng.standard_normal(7)
    b = rng.standard_normal(7) if offsets else None
    whole = bracket(RandomFeatures(W, a, b))
    neurons = 2.0 ** rng.integers(-400, 400, 7)
    moved = bracket(RandomFeatures(neurons[:, None] * W, a / neurons, None if b is None else neurons * b))
    shifted = bracket(RandomFeatures(W, a, None if b is None else factor * b))
    for other in (moved, shifted):
        assert (other.lower, other.upper) == pytest.approx((whole.lower, whole.upper), rel=1e-12, abs=0)
    for method in (exact_one_hidden, branch_and_bound):
        steep = method(factor * W, a, b)
        assert (steep.lower, steep.upper) == pytest.approx(
            [factor * end for end in (method(W, a, b).lower, method(W, a, b).upper)], rel=1e-12, abs=0
        )


def test_constants_beyond_the_range_of_float64():
    """The ends round outward: the constants are 1e400 and 1e-400."""
    largest, smallest = np.finfo(np.float64).max, 5e-324
    for model in (
        RandomFeatures([[1e200, 0.0]], [1e200]),
        RandomFeatures([[1e200, 0.0]], [1e200], activation="tanh"),
        RandomFeatures([[1e200, 0.0]], [1e200], activation="identity"),
        MLP((2, 1, 1), [1e200, 0.0, 0.0, 1e200, 0.0]),
        MLP((2, 1, 1, 1), [1e200, 0.0, 1e200, 1.0], biases=False),
        MLP((2, 1, 2), [1e200, 0.0, 1e200, 1e200], biases=False),
    ):
        found = bracket(model)
        assert largest * (1 - 1e-15) <= found.lower < math.inf
        assert found.upper == math.inf
        assert not found.exact
        small = 1 / model.weights[model.weights != 0]
        tiny = model.with_weights(np.where(model.weights != 0, 1e-200, 0.0)) if isinstance(model, MLP) else None
        if tiny is not None and small.size > 1:
            found = bracket(tiny)
            assert found.lower == 0
            assert 0 < found.upper <= 2 * smallest


@pytest.mark.parametrize("shift", [1e-300, 1e300])
def test_offsets_that_no_common_unit_brings_together(shift):
    """relu(x + b) - relu(x + 1/b) + 3 relu(-2 x): slopes up to 6, or 7 where x + b < 0 < x + 1/b."""
    offsets = [shift, 1 / shift, 0.0]
    model = as_network(np.array([[1.0], [1.0], [-2.0]]), np.array([1.0, -1.0, 3.0]), offsets)
    exact = 6 if shift > 1 else 7
    assert largest_square_slope(model, [0.0], [1.0]) == exact**2
    line = bracket(model)
    assert line.exact
    assert line.lower <= exact <= line.upper < exact + 1e-6
    plane = bracket(RandomFeatures([[1.0, 0.0], [1.0, 0.0], [-2.0, 0.0]], [1.0, -1.0, 3.0], offsets), max_seconds=2.0)
    assert 0 < plane.lower <= exact <= plane.upper < math.inf


def test_the_same_generator_gives_the_same_bracket():
    rng = np.random.default_rng(0)
    for model in (
        MLP.draw(rng, (3, 6, 5, 2)),
        MLP.draw(rng, (3, 6, 5, 1), activation="tanh"),
        RandomFeatures.draw(rng, 30, 12).with_weights(rng.standard_normal(30)),
    ):
        first, second = (bracket(model, rng=np.random.default_rng(5)) for _ in range(2))
        assert (first.lower, first.upper) == (second.lower, second.upper)
        np.testing.assert_array_equal(first.witness.point, second.witness.point)


@pytest.mark.parametrize("depth", [48, 60, 200])
def test_deep_networks(depth):
    rng = np.random.default_rng(depth)
    model = MLP.draw(rng, (16,) * depth + (1,), initialisation="he")
    weights = [W for W, _ in model.layers()]
    bound = lipsdp_deep(weights, max_seconds=0.1)
    assert 0 < bound.upper <= bound.product_of_norms
    assert bound.upper <= bound.eclipse_fast * (1 + 1e-6)
    found = bracket(model, max_seconds=0.3)
    assert 0 < found.lower <= found.upper <= bound.eclipse_fast * (1 + 1e-6)
    gradient = model.input_gradient(found.witness.point[None])[0]
    assert np.linalg.norm(gradient) == pytest.approx(found.lower, rel=1e-6, abs=0)
    assert math.isclose(np.linalg.norm(gradient - found.witness.gradient), 0, abs_tol=1e-6 * found.lower)


def test_deep_identity_has_the_constant_one():
    """Two hundred layers (x, -x) -> (x, -x) of ReLUs keep x = relu(x) - relu(-x): the layers never turn off."""
    layers = [np.array([[1.0], [-1.0]]), *[np.eye(2)] * 200, np.array([[1.0, -1.0]])]
    model = MLP((1, *[2] * 201, 1), np.concatenate([layer.ravel() for layer in layers]), biases=False)
    found = bracket(model)
    assert found.exact
    assert found.lower <= 1 <= found.upper < 1 + 1e-12
