"""Margins against oracles: formulas, fractions, grids of points, and mpmath."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from noprune_theory.class_stability import (
    bracket,
    gaussian_halfspace_stability,
    linear_margins,
    planar_margins,
)
from noprune_theory.lipschitz import bracket as lipschitz_bracket
from noprune_theory.models import MLP, LinearModel, RandomFeatures


def features(seed, units, dimension=2, offsets=0.5, activation="relu"):
    rng = np.random.default_rng(seed)
    model = RandomFeatures.draw(rng, units, dimension, offset_scale=offsets, activation=activation)
    return model.with_weights(rng.standard_normal(units))


def exact_class(model, point):
    """Class of sgn(g), sgn(0) = 1, in fractions."""
    total = Fraction(0)
    offsets = np.zeros(model.n_weights) if model.offsets is None else model.offsets
    for v, b, a in zip(model.directions, offsets, model.weights, strict=True):
        pre = sum((Fraction(float(p)) * Fraction(float(q)) for p, q in zip(v, point, strict=True)), Fraction(float(b)))
        total += Fraction(float(a)) * max(pre, Fraction(0))
    return 1 if total >= 0 else -1


def grid_margins(model, X, reach=5.0, steps=501):
    axis = np.linspace(-reach, reach, steps)
    grid = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    classes, own = model.value(grid) >= 0, model.value(X) >= 0
    return np.array([np.linalg.norm(grid[classes != mine] - x, axis=1).min() for x, mine in zip(X, own, strict=True)])


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 6])
def test_planar_margins_on_a_grid(seed):
    rng = np.random.default_rng(seed)
    model = features(seed, int(rng.integers(3, 12)))
    X = rng.uniform(-1, 1, (6, 2))
    found = bracket(model, X)
    assert found.exact
    brute = grid_margins(model, X)
    inner = brute < 4  # nearer than the edge of the grid
    assert inner.any()
    assert (found.margins[inner, 0] <= brute[inner] + 1e-12).all()
    assert (brute[inner] <= found.margins[inner, 1] + 0.15).all()
    assert (found.margins[:, 1] <= found.margins[:, 0] * (1 + 1e-15) + 1e-300).all()


@pytest.mark.parametrize("seed", range(4))
def test_witnesses_are_of_the_other_class_in_fractions(seed):
    model = features(seed, 8)
    X = np.random.default_rng(100 + seed).uniform(-1, 1, (5, 2))
    for found in (bracket(model, X), bracket(features(seed, 8, 3), np.c_[X, np.ones(5)])):
        model_here = model if found.witness.shape[1] == 2 else features(seed, 8, 3)
        rows = X if found.witness.shape[1] == 2 else np.c_[X, np.ones(5)]
        for x, witness, (low, high) in zip(rows, found.witness, found.margins, strict=True):
            if np.isfinite(witness).all():
                assert exact_class(model_here, witness) == -exact_class(model_here, x)
                distance = float(np.linalg.norm(witness - x))
                assert low <= distance * (1 + 1e-12)
                assert high <= distance * (1 + 1e-9) + 1e-15 if found.exact else high >= distance


def test_one_relu_by_hand():
    """g = max(x_1, 0) - 1: the other class begins at x_1 = 1; g = max(x_1, 0) has none, though g = 0 somewhere."""
    margins, nearest = planar_margins([[1.0, 0.0]], None, [1.0], [[0.0, 5.0], [3.0, 1.0], [1.0, 0.0]], output_offset=-1)
    assert margins.tolist() == [[1.0, 1.0], [2.0, 2.0], [0.0, 0.0]]
    assert nearest.tolist() == [[1.0, 5.0], [1.0, 1.0], [1.0, 0.0]]
    margins, nearest = planar_margins([[1.0, 0.0]], None, [1.0], [[-1.0, 0.0], [2.0, 0.0]])
    assert np.isinf(margins).all()
    assert np.isnan(nearest).all()


def test_a_flat_zero_region_is_of_class_one():
    """g = -max(x_1, 0): zero, hence class one, on a half-plane; the other class is the open other half."""
    margins, _ = planar_margins([[1.0, 0.0]], None, [-1.0], [[-2.0, 7.0], [0.0, 0.0], [3.0, 1.0]])
    assert margins.tolist() == [[2.0, 2.0], [0.0, 0.0], [3.0, 3.0]]


def test_touching_zero_does_not_count_for_class_one():
    """g = |x_1| touches zero on a line without being negative; -|x_1| is of class one on that line alone."""
    lines, weights = [[1.0, 0.0], [-1.0, 0.0]], np.array([1.0, 1.0])
    margins, _ = planar_margins(lines, None, weights, [[2.0, 0.0]])
    assert np.isinf(margins).all()
    margins, _ = planar_margins(lines, None, -weights, [[2.0, 0.0], [-3.0, 4.0]])
    assert margins.tolist() == [[2.0, 2.0], [3.0, 3.0]]


def test_a_negative_cell_without_negative_edges():
    """g = 1 - max(x_1, 0) is one on its only edge and negative far inside the cell."""
    margins, _ = planar_margins([[1.0, 0.0]], None, [-1.0], [[-1.0, 0.0], [0.5, 2.0], [4.0, 0.0]], output_offset=1.0)
    assert margins.tolist() == [[2.0, 2.0], [0.5, 0.5], [3.0, 3.0]]


def test_parallel_and_repeated_lines():
    """g = max(x, 0) - 2 max(x - 1, 0) + max(x - 3, 0)/1 is negative for 2 < x; repeated units add up."""
    W = [[1.0, 0.0], [1.0, 0.0], [2.0, 0.0], [0.0, 0.0]]
    margins, _ = planar_margins(W, [0.0, -1.0, -2.0, 5.0], [1.0, -1.0, -0.5, 0.0], [[1.0, 0.0], [5.0, 9.0]])
    assert margins.tolist() == [[1.0, 1.0], [3.0, 3.0]]


def test_one_input_is_a_plane_without_its_second():
    network = MLP((1, 2, 1), [1.0, -1.0, -1.0, 2.0, 1.0, 1.0, -0.25])
    found = bracket(network, [[0.0], [1.5]])
    # g = max(x - 1, 0) + max(2 - x, 0) - 1/4 >= 3/4 everywhere.
    assert found.exact
    assert np.isinf(found.margins).all()
    network = MLP((1, 2, 1), [1.0, -1.0, -1.0, 0.0, 1.0, 1.0, -0.25])
    found = bracket(network, [[0.0], [3.0], [-1.0]])
    assert found.margins.tolist() == [[0.25, 0.25], [1.75, 1.75], [0.75, 0.75]]
    assert found.witness.shape == (3, 1)


def test_the_search_finds_nearly_the_exact_margin():
    model = features(3, 20)
    X = np.random.default_rng(8).uniform(-1, 1, (40, 2))
    exact = bracket(model, X).margins
    # Three inputs, the last of which nothing depends on: the search has to do it.
    lifted = RandomFeatures(np.c_[model.directions, np.zeros(20)], model.weights, model.offsets)
    found = bracket(lifted, np.c_[X, np.zeros(40)])
    assert not found.exact
    assert (found.margins[:, 0] <= exact[:, 1]).all()
    assert (found.margins[:, 1] >= exact[:, 0]).all()
    assert np.median(found.margins[:, 1] / exact[:, 0]) < 1.01
    assert found.lipschitz >= lipschitz_bracket(model).lower


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_lower_end_is_below_every_segment(activation):
    model = features(5, 30, 4, activation=activation)
    rng = np.random.default_rng(1)
    X = rng.standard_normal((10, 4))
    found = bracket(model, X, max_seconds=5)
    for x, low, high in zip(X, *found.margins.T, strict=True):
        assert low <= high
        directions = rng.standard_normal((200, 4))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        inside = x + low * 0.999 * directions * rng.random((200, 1))
        assert ((model.value(inside) >= 0) == (model.value(x[None])[0] >= 0)).all()


def test_deep_network():
    rng = np.random.default_rng(2)
    network = MLP((3, 6, 5, 1), rng.standard_normal(3 * 6 + 6 + 6 * 5 + 5 + 5 + 1))
    X = rng.standard_normal((12, 3))
    found = bracket(network, X, max_seconds=5)
    assert 0 < found.lower <= found.upper
    classes = network.value(X) >= 0
    seen = np.isfinite(found.witness).all(axis=1)
    assert seen.any()
    assert ((network.value(found.witness[seen]) >= 0) != classes[seen]).all()


def test_linear_models_are_exact_in_any_units():
    weights, X = np.array([3.0, 4.0, 0.0]), np.array([[1.0, 1.0, 9.0], [-5.0, 0.0, 1.0]])
    for unit in (1.0, 2.0**-400, 2.0**300):
        found = bracket(LinearModel(unit * weights), X)
        assert found.exact
        assert np.allclose(found.margins, [[1.4, 1.4], [3.0, 3.0]], rtol=1e-15)
        assert np.allclose(linear_margins(unit * weights, X), [1.4, 3.0], rtol=1e-15)
    identity = RandomFeatures(np.eye(3), weights, activation="identity")
    assert np.allclose(bracket(identity, X).margins[:, 0], [1.4, 3.0], rtol=1e-15)
    assert np.isinf(bracket(LinearModel(np.zeros(3)), X).lower)


def test_linear_margins_against_fractions():
    rng = np.random.default_rng(0)
    w, X, b = rng.standard_normal(4), rng.standard_normal((5, 4)), 0.3
    for x, found in zip(X, linear_margins(w, X, b), strict=True):
        value = abs(sum(Fraction(float(p)) * Fraction(float(q)) for p, q in zip(w, x, strict=True)) + Fraction(b))
        square = value**2 / sum(Fraction(float(p)) ** 2 for p in w)
        with mpmath.workdps(40):
            assert found == pytest.approx(float(mpmath.sqrt(mpmath.mpf(square.numerator) / square.denominator)), 1e-14)


@pytest.mark.parametrize("d", [1, 2, 7, 1000])
def test_halfspaces_under_the_gaussian(d):
    assert gaussian_halfspace_stability(np.eye(d)[0]) == pytest.approx(np.sqrt(2 / (np.pi * d)), rel=1e-15)


@pytest.mark.parametrize(("offset", "mean"), [(0.5, [0.0, 0.0]), (-1.0, [2.0, 1.0]), (30.0, [0.0, 0.0])])
def test_halfspaces_under_a_normal_law_by_quadrature(offset, mean):
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    w = np.array([1.0, -2.0])
    found = gaussian_halfspace_stability(w, offset, mean, covariance)
    with mpmath.workdps(30):
        m = (mpmath.mpf(offset) + mean[0] - 2 * mean[1]) / mpmath.sqrt(5)
        t = mpmath.sqrt(mpmath.mpf(float(w @ covariance @ w)) / 5)
        density = lambda v: abs(v) * mpmath.npdf(v, m, t)  # noqa: E731
        expected = mpmath.quad(density, [m - 12 * t, min(0, m + 11 * t), max(m - 11 * t, 0), m + 12 * t])
    assert found == pytest.approx(float(expected), rel=1e-9)
    assert gaussian_halfspace_stability([0.0, 2.0], 4.0, covariance=np.zeros((2, 2))) == 2.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: bracket("model", [[0.0]]), TypeError, "model must be"),
        (lambda: bracket(LinearModel([1.0]), [[0.0, 1.0]]), ValueError, "X must have 1 columns"),
        (lambda: bracket(MLP((2, 3, 2), np.ones(17)), [[0.0, 1.0]]), ValueError, "one output"),
        (lambda: bracket(features(0, 3, 3), np.zeros((2, 3)), rounds=-1), ValueError, "rounds"),
        (lambda: bracket(features(0, 3, 3), np.zeros((2, 3)), rng=1.5), TypeError, "rng"),
        (lambda: linear_margins([0.0, 0.0], [[1.0, 1.0]]), ValueError, "weights"),
        (lambda: linear_margins([1.0], [[1.0, 1.0]]), ValueError, "X must have 1 columns"),
        (lambda: linear_margins([1.0], [[1.0]], float("nan")), ValueError, "offset"),
        (lambda: gaussian_halfspace_stability([1.0, 0.0], mean=[1.0]), ValueError, "mean"),
        (lambda: gaussian_halfspace_stability([1.0, 0.0], covariance=[[1.0]]), ValueError, "covariance"),
        (lambda: planar_margins(np.ones((65, 2)), None, np.ones(65), [[0.0, 0.0]]), ValueError, "64 lines"),
        (lambda: planar_margins(np.ones((2, 3)), None, np.ones(2), [[0.0, 0.0]]), ValueError, "2 columns"),
        (lambda: planar_margins(np.ones((2, 2)), [1.0], np.ones(2), [[0.0, 0.0]]), ValueError, "one row a unit"),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("unit", [2.0**-500, 2.0**-200, 2.0**200, 2.0**400])
@pytest.mark.parametrize("dimension", [2, 3])
def test_units_of_weights_and_inputs(unit, dimension):
    """Weights in other units leave the classes alone; inputs in other units scale the margins."""
    model = features(4, 8, dimension)
    X = np.random.default_rng(3).uniform(-1, 1, (4, dimension))
    plain = bracket(model, X)
    scaled_weights = RandomFeatures(model.directions * unit, model.weights, model.offsets * unit)
    assert np.allclose(bracket(scaled_weights, X).margins, plain.margins, rtol=1e-6)
    scaled_inputs = RandomFeatures(model.directions / unit, model.weights, model.offsets)
    found = bracket(scaled_inputs, X * unit)
    assert np.allclose(found.margins / unit, plain.margins, rtol=1e-6)
    assert found.witness.shape == X.shape


def test_magnitudes_that_do_not_fit_together():
    model = RandomFeatures(np.eye(3) * 2.0**1000, np.ones(3), np.full(3, 2.0**-1000))
    with pytest.raises(ValueError, match="mix magnitudes"):
        bracket(model, np.full((1, 3), 2.0**-900))


@pytest.mark.parametrize("exponent", [-1040, -560, -400, 400, 900])
def test_planar_margins_follow_the_unit_of_the_weights_and_of_the_points(exponent):
    rng = np.random.default_rng(2)
    # In steps of 2^-20, so that they are exact in any unit.
    W, b, X = (np.round(rng.standard_normal(shape) * 2**20) / 2**20 for shape in ((6, 2), 6, (5, 2)))
    a = rng.standard_normal(6)
    margins, nearest = planar_margins(W, b, a, X, output_offset=-0.5)
    assert np.isfinite(margins).all()
    weights = planar_margins(np.ldexp(W, exponent), np.ldexp(b, exponent), a, X, output_offset=np.ldexp(-0.5, exponent))
    assert_array_equal(weights[0], margins)
    assert_array_equal(weights[1], nearest)
    points = planar_margins(W, np.ldexp(b, exponent), a, np.ldexp(X, exponent), output_offset=np.ldexp(-0.5, exponent))
    shown = np.ldexp(margins, exponent)
    assert (points[0][:, 0] <= shown[:, 1]).all()
    assert (shown[:, 0] <= points[0][:, 1]).all()
    assert_allclose(points[1], np.ldexp(nearest, exponent), rtol=1e-5)


def test_units_of_a_planar_network_may_be_far_apart():
    W, a, b = np.array([[1.0, 2.0], [-1.0, 1.0], [0.5, -1.0]]), np.array([1.0, -1.0, 2.0]), np.array([0.5, -0.25, -1.0])
    expected = planar_margins(W, b, a, [[0.125, -2.0], [3.0, 1.0]], output_offset=-1.0)[0]
    for exponents in ([-600, 0, 500], [900, -900, 0], [-1000, -1000, 10]):
        u = np.array(exponents)
        found = planar_margins(
            np.ldexp(W, u[:, None]), np.ldexp(b, u), np.ldexp(a, -u), [[0.125, -2.0], [3.0, 1.0]], output_offset=-1.0
        )
        assert_array_equal(found[0], expected)


def test_a_boundary_beyond_the_largest_double():
    # g = 1e-300 x_1 + 1e300 - 1: its zero line lies at -1e600.
    margins, nearest = planar_margins([[1e-300, 0.0]], [1e300], [1.0], [[0.0, 0.0], [1.0, 2.0]], output_offset=-1e-300)
    assert (margins[:, 0] == np.finfo(float).max).all()
    assert np.isinf(margins[:, 1]).all()
    assert np.isneginf(nearest[:, 0]).all()
