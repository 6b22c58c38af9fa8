"""Linear and random-features models: value, gradient, masks, and the constants of Theorem 4."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import LinearModel, Model, RandomFeatures

ACTIVATIONS = ["relu", "tanh", "identity"]


def random_model(seed, activation, *, offsets=True):
    rng = np.random.default_rng(seed)
    model = RandomFeatures.draw(rng, 7, 3, activation=activation, offset_scale=0.5 if offsets else None)
    return model.with_weights(rng.standard_normal(7))


def test_both_satisfy_the_protocol():
    assert isinstance(LinearModel([1.0]), Model)
    assert isinstance(random_model(0, "relu"), Model)


@given(st.integers(0, 2**20), st.sampled_from(ACTIVATIONS), st.booleans())
def test_input_gradient_is_the_derivative_of_the_value(seed, activation, offsets):
    model = random_model(seed, activation, offsets=offsets)
    X = np.random.default_rng(seed + 1).standard_normal((4, 3))
    gradient = model.input_gradient(X)
    step = 1e-6
    kinks = np.abs(X @ model.directions.T + (0 if model.offsets is None else model.offsets)).min(axis=1) < 1e-4
    for axis in range(3):
        shift = step * np.eye(3)[axis]
        slope = (model.value(X + shift) - model.value(X - shift)) / (2 * step)
        np.testing.assert_allclose(gradient[~kinks, axis], slope[~kinks], rtol=1e-6, atol=1e-8)


@given(st.integers(0, 2**20), st.sampled_from(ACTIVATIONS))
def test_value_is_linear_in_the_weights(seed, activation):
    model = random_model(seed, activation)
    X = np.random.default_rng(seed + 1).standard_normal((5, 3))
    np.testing.assert_allclose(model.value(X), model.features(X) @ model.weights)
    np.testing.assert_allclose(model.with_weights(2 * model.weights).value(X), 2 * model.value(X))


@given(st.integers(0, 2**20), st.sampled_from(ACTIVATIONS), st.booleans())
def test_parameter_lipschitz_bounds_every_pair_of_weights(seed, activation, offsets):
    """Eq. (4) on the ball |x| <= R, attacked at points of the ball and in the worst weight direction."""
    rng = np.random.default_rng(seed)
    model = random_model(seed, activation, offsets=offsets).masked(rng.random(7) < 0.7)
    constants = model.theorem_constants(data_radius=2.0, weight_radius=3.0)
    assert constants.diameter == 6.0
    X = rng.standard_normal((200, 3))
    X *= 2.0 / np.linalg.norm(X, axis=1, keepdims=True)
    steepest = np.linalg.norm(model.features(X)[:, model.mask], axis=1).max()
    assert steepest <= constants.parameter_lipschitz * (1 + 1e-12)


def test_parameter_lipschitz_is_attained():
    assert LinearModel([1.0, 1.0]).theorem_constants(2.0, 1.0).parameter_lipschitz == 2.0
    single = RandomFeatures([[3.0, 4.0]], [1.0], [0.5])
    assert single.theorem_constants(2.0, 1.0).parameter_lipschitz == pytest.approx(10.5)
    assert single.value([[1.2, 1.6]])[0] == pytest.approx(10.5)


def test_masks_zero_the_weights_and_never_return_one():
    model = random_model(0, "relu")
    mask = np.array([True, False, True, True, False, True, True])
    pruned = model.masked(mask)
    np.testing.assert_array_equal(pruned.weights[~mask], 0)
    np.testing.assert_array_equal(pruned.weights[mask], model.weights[mask])
    np.testing.assert_array_equal(pruned.masked(~mask).mask, False)
    directions, offsets, weights = pruned.hidden_layer()
    assert directions.shape == (5, 3)
    assert offsets.shape == weights.shape == (5,)
    linear = LinearModel([1.0, 2.0]).masked([True, False])
    np.testing.assert_array_equal(linear.weights, [1, 0])
    with pytest.raises(ValueError, match=r"weights must be 0 where the mask is False, got 5\.0 at index 1"):
        linear.with_weights([1.0, 5.0])


def test_arrays_are_read_only_copies():
    weights = np.array([1.0, 2.0])
    model = LinearModel(weights)
    weights[0] = 9.0
    assert model.weights[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        model.weights[0] = 3.0


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: LinearModel([]), "weights must not be empty"),
        (lambda: LinearModel([np.inf]), "weights must be finite, got inf at index"),
        (lambda: LinearModel([[1.0]]), "weights must have 1 dimension"),
        (lambda: LinearModel(["a"]), "weights must be an array of real numbers"),
        (lambda: LinearModel([1.0, 0.0], [1, 0]), "mask must be boolean"),
        (lambda: LinearModel([1.0], [True, True]), r"mask must have shape \(1,\), got \(2,\)"),
        (lambda: LinearModel([1.0]).value([[1.0, 2.0]]), "X must have 1 columns"),
        (lambda: LinearModel([1.0]).value(np.empty((0, 1))), "X must not be empty"),
        (lambda: LinearModel([1.0]).with_weights([1.0, 2.0]), "weights must have shape"),
        (lambda: LinearModel([1.0]).theorem_constants(0.0, 1.0), "data_radius must be > 0"),
        (lambda: RandomFeatures([[1.0]], [1.0, 2.0]), "weights must have shape"),
        (lambda: RandomFeatures([[1.0]], [1.0, 2.0], mask=[True]), r"weights must have shape \(1,\), got \(2,\)"),
        (lambda: RandomFeatures([[1.0]], [1.0], [1.0, 2.0]), "offsets must have shape"),
        (lambda: RandomFeatures([[1.0]], [1.0], activation="gelu"), "activation must be one of"),
        (lambda: RandomFeatures.draw(np.random.default_rng(0), 0, 1), "n_features must be >= 1"),
        (lambda: RandomFeatures.draw(None, 1, 1), "rng must be a numpy"),
    ],
)
def test_bad_arguments_are_named(build, message):
    with pytest.raises((ValueError, TypeError), match=message):
        build()
