"""Random-features fits in any unit of labels, inputs and features: by powers of two the same numbers."""

import math

import numpy as np
import pytest

from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import smoothest_random_features_fit


def layer(directions, offsets=None):
    return RandomFeatures(directions, np.zeros(len(directions)), offsets)


def small_problem(offsets=True):
    rng = np.random.default_rng(4)
    shifts = rng.uniform(-1, 1, 7) if offsets else None
    return rng.standard_normal((7, 2)), shifts, rng.standard_normal((4, 2)), rng.choice([-1.0, 1.0], 4)


LEVELS = [0.0, 1e-20, 0.25]


def brackets(fit):
    return fit.lipschitz.lower, fit.lipschitz.upper


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("exponent", [-450, 37, 450])
def test_labels(level, exponent):
    W, b, X, y = small_problem()
    plain = smoothest_random_features_fit(layer(W, b), X, y, max_mse=level)
    scaled = smoothest_random_features_fit(
        layer(W, b), X, np.ldexp(y, exponent), max_mse=math.ldexp(level, 2 * exponent)
    )
    assert scaled.status == "ok"
    np.testing.assert_array_equal(scaled.weights, np.ldexp(plain.weights, exponent))
    assert brackets(scaled) == tuple(np.ldexp(brackets(plain), exponent))
    assert scaled.mse == math.ldexp(plain.mse, 2 * exponent)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("exponent", [-900, 5, 900])
def test_units(level, exponent):
    """A unit's direction and offset together are its unit of measurement; each unit has its own."""
    W, b, X, y = small_problem()
    plain = smoothest_random_features_fit(layer(W, b), X, y, max_mse=level)
    exponents = exponent * (np.arange(7) % 3 - 1)
    own = layer(np.ldexp(W, exponents[:, None]), np.ldexp(b, exponents))
    scaled = smoothest_random_features_fit(own, X, y, max_mse=level)
    np.testing.assert_array_equal(scaled.weights, np.ldexp(plain.weights, -exponents))
    assert brackets(scaled) == brackets(plain)


@pytest.mark.parametrize("offsets", [True, False])
@pytest.mark.parametrize("exponent", [-450, 450])
def test_inputs(offsets, exponent):
    """f(x / s) has the slopes of f over s; offsets go with the inputs, so features scale as a whole."""
    W, b, X, y = small_problem(offsets)
    plain = smoothest_random_features_fit(layer(W, b), X, y, max_mse=0.25)
    shifts = None if b is None else np.ldexp(b, exponent)
    scaled = smoothest_random_features_fit(layer(W, shifts), np.ldexp(X, exponent), y, max_mse=0.25)
    np.testing.assert_array_equal(scaled.weights, np.ldexp(plain.weights, -exponent))
    assert brackets(scaled) == tuple(np.ldexp(brackets(plain), -exponent))
    certificate = scaled.certificate
    model = layer(W, shifts)
    assert certificate.lower_bound(model, np.ldexp(X, exponent), y, 0.25) == scaled.lipschitz.lower


def test_squares_below_the_range():
    """Labels of 1e-100: the level is a square of 1e-200, and the answer that of labels of 1."""
    model = layer([[2.0, 1.0], [0.0, -2.0]], [0.0, 0.0])
    X = [[-1.0, -3.0], [-3.0, -3.0], [-2.0, 2.0]]
    for size in (1.0, 1e-100, 1e-150, 1e150):
        fit = smoothest_random_features_fit(model, X, np.full(3, size), max_mse=0.6 * size**2, rtol=1e-7)
        assert fit.status == "ok"
        assert fit.mse <= 0.6 * size**2
        # Only the second unit sees data: features 6, 6 and 0, so a = (1 - sqrt(0.4)) / 6 and twice that is its slope.
        expected = (1 - math.sqrt(0.4)) / 6 * 2 * size
        assert fit.lipschitz.lower <= expected * (1 + 1e-14)
        assert fit.lipschitz.upper >= expected * (1 - 1e-14)
        assert fit.lipschitz.relative_gap < 1e-6


def test_levels_whose_square_underflows_ask_for_interpolation():
    W, b, X, y = small_problem()
    model = layer(W, b)
    tiny = np.ldexp(y, -700)
    fit = smoothest_random_features_fit(model, X, tiny, max_mse=math.ldexp(0.25, -1400))
    plain = smoothest_random_features_fit(model, X, y, max_mse=0.0)
    assert brackets(fit) == tuple(np.ldexp(brackets(plain), -700))
    # Just above the end of the range the level is one of its few numbers, and taken for that.
    level = 5e-324
    fit = smoothest_random_features_fit(model, X, np.full(4, 3e-162), max_mse=level)
    assert fit.status == "ok"
    assert fit.mse <= level
    radius = math.sqrt(level)
    wider = smoothest_random_features_fit(model, X, np.full(4, 3e-162 / radius), max_mse=1.0)
    assert fit.lipschitz.upper == pytest.approx(radius * wider.lipschitz.upper, rel=1e-3)


def test_weights_at_the_ends_of_the_range():
    X, y = [[-1.0], [2.0]], [3.0, 1.0]
    # Subnormal weights are rounded, and the bracket is for the problem as it is.
    fit = smoothest_random_features_fit(layer([[1.0], [-1.0]]), X, np.ldexp(y, -1070), max_mse=0.0)
    assert fit.lipschitz.lower <= math.ldexp(3.0, -1070) <= fit.lipschitz.upper
    assert fit.lipschitz.upper < math.ldexp(4.0, -1070)
    with pytest.raises(ValueError, match="y and the features of model differ"):
        smoothest_random_features_fit(layer([[1e-200], [-1e-200]]), X, np.multiply(y, 1e200), max_mse=0.0)


def test_coordinates_and_units_far_apart():
    """Inputs in units of their own, with directions to match: features near one."""
    W, b, X, y = small_problem()
    plain = smoothest_random_features_fit(layer(W[:, :1], b), X[:, :1], y, max_mse=0.5)
    directions = np.column_stack([W[:, 0], np.zeros(7)])
    for size in (2.0**-900, 2.0**900):
        inputs = np.column_stack([X[:, 0], size * X[:, 1]])
        fit = smoothest_random_features_fit(layer(directions, b), inputs, y, max_mse=0.5)
        assert fit.lipschitz.upper == pytest.approx(plain.lipschitz.upper, rel=2e-4)
        # A direction of 1 / size along the second coordinate makes it count, and steep.
        steep = layer(np.column_stack([np.zeros(7), W[:, 1] / size]), b)
        other = smoothest_random_features_fit(steep, inputs, y, max_mse=0.5)
        near = smoothest_random_features_fit(layer(W[:, 1:], b), X[:, 1:], y, max_mse=0.5)
        assert other.lipschitz.upper * size == pytest.approx(near.lipschitz.upper, rel=2e-4)


def test_no_warning_for_a_tie_of_all_kinds():
    """Samples on kinks, at 0, and twice; units equal, opposite and off."""
    model = layer([[1.0, 0.0], [1.0, 0.0], [-2.0, 0.0], [0.0, 0.0], [0.0, 3.0]], [0.0, 0.0, 0.0, 0.0, -3.0])
    X = [[0.0, 0.0], [0.0, 1.0], [1.0, 2.0], [1.0, 2.0], [-1.0, 1.0]]
    fit = smoothest_random_features_fit(model, X, [0.0, 0.0, 5.0, 5.0, 1.0], max_mse=0.0, rtol=1e-6)
    # relu(x) - relu(-2 x) / 2 = x: slopes 1 / 1 behind 0 are left free, and c for the plane x_2 = 1.
    assert fit.status == "ok"
    assert fit.lipschitz.relative_gap < 1e-5
    assert fit.mse < 1e-28


def test_a_weight_near_the_end_of_the_range_overflows_nothing():
    model = RandomFeatures([[0, 0], [0, 0], [0, 0], [0, -0.125]], np.zeros(4), [0, 0, 0.125, 3.4e-192])
    fit = smoothest_random_features_fit(model, [[0, 0], [0, 1]], [1.0, -0.5], max_mse=0.0)
    # f(0, 1) = -1/2 asks for the weight -4 of the constant, f(0, 0) = 1 for 1.5 / 3.4e-192.
    slope = 1.5 / 3.4e-192 * 0.125
    assert fit.lipschitz.lower <= slope * (1 + 1e-12)
    assert fit.lipschitz.upper >= slope * (1 - 1e-12)
    assert fit.lipschitz.relative_gap < 1e-3
