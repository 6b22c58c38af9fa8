"""Exact arithmetic, the part of a network that varies, and bounds from a point alone."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from exact_lipschitz import jacobian, largest_square_slope, leading_square, tanh_square
from hypothesis import assume, given
from hypothesis import strategies as st

from noprune_theory.lipschitz import (
    Bracket,
    DeepBound,
    Witness,
    bracket,
    exact_one_hidden,
    lipsdp_deep,
    lipsdp_one_hidden,
)
from noprune_theory.lipschitz._confirm import Confirmer, tanh_and_slope
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic, root_above, root_below
from noprune_theory.lipschitz._line import steepest_piece
from noprune_theory.lipschitz._reduction import reduced
from noprune_theory.lipschitz._rounding import confirmer, pattern_at
from noprune_theory.models import MLP, RandomFeatures
from noprune_theory.testing import pruned_networks

finite = st.floats(allow_nan=False, allow_infinity=False)


def parts(model):
    """Weights and biases as the methods take them."""
    layers = model.layers()
    return [W for W, _ in layers], [np.zeros(len(W)) if b is None else b for W, b in layers]


@given(st.lists(finite, min_size=1, max_size=6), st.lists(finite, min_size=6, max_size=6))
def test_dyadic_numbers_are_exact(left, right):
    a, b = np.array(left), np.array(right[: len(left)])
    x, y = [Fraction(v) for v in a.tolist()], [Fraction(v) for v in b.tolist()]

    def value(number):
        return [int(d) * Fraction(2) ** number.exponent for d in np.ravel(number.digits)]

    assert value(dyadic(a)) == x
    assert value(dyadic(a).plus(dyadic(b))) == [u + v for u, v in zip(x, y, strict=True)]
    assert value(dyadic(a).times(dyadic(b))) == [u * v for u, v in zip(x, y, strict=True)]
    assert value(dyadic(a[None]) @ dyadic(b)) == [sum(u * v for u, v in zip(x, y, strict=True))]
    assert dyadic(a).squared_norm() == sum(u * u for u in x)
    np.testing.assert_array_equal(dyadic(a).floats(), a)
    assert dyadic(a).fits_float64()
    third = dyadic(np.array([1.0, 2.0**-60])) @ dyadic(np.array([1.0, 1.0]))
    assert not third.fits_float64()


@given(finite, finite, st.integers(-3000, 3000))
def test_square_roots_round_outward(a, b, exponent):
    square = (Fraction(a) ** 2 + Fraction(b) ** 2) * Fraction(2) ** exponent
    below, above = root_below(square), root_above(square)
    assert Fraction(below) ** 2 <= square
    assert math.isinf(above) or square <= Fraction(above) ** 2
    assert above <= max(math.nextafter(math.nextafter(below, math.inf), math.inf), 1e-323)


@given(st.floats(-420.0, 420.0))
def test_tanh_and_its_slope_to_an_ulp(t):
    value, slope = tanh_and_slope(np.array([t]))
    with mpmath.workdps(400):
        exact, derivative = mpmath.tanh(t), mpmath.sech(t) ** 2
        assert abs(mpmath.mpf(value[0]) - exact) <= mpmath.mpf(math.ulp(value[0]))
        assert abs(mpmath.mpf(slope[0]) - derivative) <= mpmath.mpf(max(math.ulp(slope[0]), 1e-323))


@given(pruned_networks(), st.integers(0, 2**32))
def test_a_point_shows_the_slope_there(model, seed):
    weights, biases = parts(model)
    rng = np.random.default_rng(seed)
    # Points of few digits lie on kinks of small lattices now and then.
    point = rng.integers(-8, 9, model.dimension) / 4 if seed % 2 else rng.standard_normal(model.dimension)
    found, J = Confirmer(weights, biases, "relu").at(point), jacobian(model, point)
    if found is None:
        assert J is None or leading_square(J) < Fraction(1, 10**60)
        return
    assert Fraction(found.lower) ** 2 <= leading_square(J)
    assert Fraction(found.lower) ** 2 >= leading_square(J) * (1 - Fraction(1, 10**12))


@given(pruned_networks(max_inputs=2, decades=200), st.integers(0, 2**32))
def test_floats_that_decide_a_pattern_decide_it_right(model, seed):
    weights, biases = parts(model)
    network = Confirmer(weights, biases, "relu")
    point = np.random.default_rng(seed).standard_normal(model.dimension)
    quick = network._pattern_by_floats(point)
    exact = network._pattern_exactly(dyadic(point), Dyadic(np.array([1], dtype=object), 0))
    assume(quick is not None and exact is not None)
    for ours, theirs, needed in zip(quick, exact, network._needed, strict=True):
        np.testing.assert_array_equal(ours[needed], theirs[needed])


@given(pruned_networks(activation="tanh", max_width=3), st.integers(0, 2**32), st.sampled_from([0.1, 1.0, 30.0, 1e3]))
def test_balls_hold_the_slope_of_tanh_networks(model, seed, scale):
    """Enclosures of every precision, where units saturate too."""
    weights, biases = parts(model)
    point = scale * np.random.default_rng(seed).standard_normal(model.dimension)
    network, outputs = Confirmer(weights, biases, "tanh"), np.eye(model.n_outputs)[0]
    last = weights[-1][:1], np.zeros(1)
    flat = [np.column_stack(pair).ravel() for pair in [*zip(weights[:-1], biases[:-1], strict=True), last]]
    first_row = MLP((*model.widths[:-1], 1), np.concatenate(flat), activation="tanh")
    with mpmath.workdps(3000):
        exact = mpmath.sqrt(tanh_square(first_row, point, digits=3000))
    for bits in (64, 256):
        digits, radius, exponent = network._row_by_balls(point, outputs, bits)
        with mpmath.workdps(3000):
            unit = mpmath.mpf(2) ** exponent
            middle = mpmath.sqrt(sum(mpmath.mpf(int(d)) ** 2 for d in digits)) * unit
            assert abs(middle - exact) <= mpmath.sqrt(sum(mpmath.mpf(int(r)) ** 2 for r in radius)) * unit
    found = network.at(point)
    if found is not None:
        assert mpmath.mpf(found.lower) ** 2 <= tanh_square(model, point, digits=3000)


def test_deep_tanh_networks_need_more_than_float64():
    """Forty layers multiply float64's error bounds beyond use; integers with 128 places and more do not."""
    model = MLP.draw(np.random.default_rng(0), (8,) * 40 + (1,), activation="tanh", initialisation="he")
    network = Confirmer(*parts(model), "tanh")
    point = np.random.default_rng(1).standard_normal(8)
    slopes, doubts = network._tanh_slopes(point)
    row, error = network._row_by_floats(slopes, doubts, np.ones(1))
    assert error > np.linalg.norm(row)
    found = network.at(point)
    assert found.lower == pytest.approx(np.linalg.norm(model.input_gradient(point[None])), rel=1e-9, abs=0)


def test_deep_relu_networks_need_more_than_float64():
    model = MLP.draw(np.random.default_rng(0), (12,) * 60 + (1,), initialisation="he")
    network = Confirmer(*parts(model), "relu")
    point = np.random.default_rng(1).standard_normal(12)
    assert network._pattern_by_floats(point) is None
    found = network.at(point)
    assert not found.firm
    assert (
        Fraction(found.lower) ** 2 <= leading_square(jacobian(model, point)) <= Fraction(found.lower * (1 + 1e-14)) ** 2
    )


def test_patterns_at_rational_points():
    # 1/3 lies between two kinks that are nearer to it than any float64.
    third, eps = 1.0 / 3.0, 2.0**-54
    W, b = np.array([[1.0], [1.0]]), np.array([-third, -np.nextafter(third, 1.0)])
    network = confirmer(W, np.array([2.0, 5.0]), b)
    found = network.at_ratio(Dyadic(np.array([1], dtype=object), 0), Dyadic(np.array([3], dtype=object), 0))
    assert found.witness.point is None
    assert found.witness.pattern.tolist() == [True, False]
    assert found.lower == pytest.approx(2.0, rel=1e-14, abs=0)
    assert network.at(np.array([third])) is None, "on a kink"
    assert network.at(np.array([third - eps])) is None, "nothing is active: the slope is 0"


def test_signs_beyond_the_range_of_float64():
    rows = np.array([[1e300, -1e300], [1e-300, -1e-300], [1e300, 1.0]])
    near = np.array([1e200, np.nextafter(1e200, 0.0)])
    with pytest.raises(FloatingPointError), np.errstate(all="raise"):
        rows @ near
    assert pattern_at(rows, None, near).tolist() == [True, True, True]
    assert pattern_at(rows, np.array([0.0, -1e300, 0.0]), near).tolist() == [True, False, True]
    tiny = 1e-200 * np.array([1.49, 1.49, -2.9])
    assert pattern_at(tiny[None] * 1e-60, None, np.full(3, 1e-64)).tolist() == [True]


@pytest.mark.parametrize(
    ("widths", "weights", "weights_left", "biases_left"),
    [
        # relu(-relu(x) - 1 + 1/2): a constant unit moves into the bias, and what it feeds never turns on.
        ((1, 2, 1, 1), [1, 0, 0, 1, -1, -1, 0.5, 1, 0], None, None),
        # relu(x) and relu(-x) pass through a layer that never turns off.
        ((1, 2, 2, 1), [1, 0, -1, 0, 1, 0, 0, 0, 1, 0, 1, -1, 0], [[[1], [-1]], [[1, -1]]], [[0, 0]]),
        # Two equal units, weighed 1 - 1 below and 1/4 + 1 above.
        ((1, 2, 2, 1), [1, 1, 1, 1, 1, -1, 0, 0.25, 1, -1, 1, -1, 0], [[[1]], [[1.25]], [[-1]]], [[1], [-1]]),
        # A unit without output, one without input, an output that is constant.
        ((2, 3, 2), [1, 2, 0, 0, 0, 5, 3, 4, 0, 1, 1, 0, 0, 0, 1, 0, 7], [[[1, 2]], [[1]]], [[0]]),
        ((2, 1), [3, 4, 1], [[[3, 4]]], []),
        ((2, 2), [0, 0, 1, 0, 0, 1], None, None),
    ],
)
def test_what_varies(widths, weights, weights_left, biases_left):
    left = reduced(*parts(MLP(widths, np.array(weights, dtype=float))), "relu")
    if weights_left is None:
        assert left is None
        return
    assert left.exact
    assert [W.tolist() for W in left.weights] == weights_left
    assert [b.tolist() for b in left.biases] == biases_left


@given(pruned_networks(), st.integers(0, 2**32))
def test_the_part_that_varies_has_the_slopes_of_the_network(model, seed):
    left = reduced(*parts(model), "relu")
    rng = np.random.default_rng(seed)
    start, direction = rng.standard_normal((2, model.dimension))
    exact = largest_square_slope(model, start, direction)
    if left is None:
        assert exact == 0
        return
    assume(left.exact)
    widths = (model.dimension, *map(len, left.weights))
    shifts = [*left.biases, np.zeros(widths[-1])]
    flat = np.concatenate([np.column_stack(pair).ravel() for pair in zip(left.weights, shifts, strict=True)])
    assert largest_square_slope(MLP(widths, flat), start, direction) == exact


@given(pruned_networks(activation="tanh"), st.integers(0, 2**32))
def test_the_part_of_a_tanh_network_that_varies(model, seed):
    left = reduced(*parts(model), "tanh")
    X = np.random.default_rng(seed).standard_normal((5, model.dimension))
    gradients = model.input_gradient(X).reshape(5, model.n_outputs, model.dimension)
    if left is None:
        np.testing.assert_array_equal(gradients, 0)
        return
    widths = (model.dimension, *map(len, left.weights))
    shifts = [*left.biases, np.zeros(widths[-1])]
    flat = np.concatenate([np.column_stack(pair).ravel() for pair in zip(left.weights, shifts, strict=True)])
    smaller = MLP(widths, flat, activation="tanh").input_gradient(X).reshape(5, widths[-1], model.dimension)
    np.testing.assert_allclose(np.sum(smaller**2, axis=(1, 2)), np.sum(gradients**2, axis=(1, 2)), rtol=1e-9)


def test_pieces_of_a_line():
    # relu(2x - 1) - relu(x - 3/7): slopes 0, then 1 or 2 in between.
    model = MLP((1, 2, 1), [2.0, -1.0, 1.0, -0.75, 1.0, -4.0, 0.0])
    found = steepest_piece(*parts(model), 100, math.inf)
    assert (found.square, found.pieces) == (4, 3)
    assert found.point == Fraction(5, 8) or found.point > Fraction(3, 4)
    assert steepest_piece(*parts(model), 2, math.inf) is None
    assert steepest_piece(*parts(model), 100, 0.0) is None


def test_representations_are_short_and_equality_is_identity():
    wide = np.arange(1000.0)
    witness = Witness(wide, wide, wide > 3)
    found = Bracket(1.0, 2.0, False, witness, "a method", {"seconds": 1.0})
    bound = lipsdp_deep([np.ones((50, 40)), np.ones((1, 50))], max_seconds=1e-6)
    shallow = lipsdp_one_hidden(np.ones((50, 40)), np.ones(50))
    for result in (found, witness, bound, shallow, bracket(RandomFeatures(np.eye(20), np.ones(20)), max_seconds=0.1)):
        assert len(repr(result)) < 500
        assert "\n" not in repr(result)
        assert result == result
        assert hash(result) == hash(result)
    assert "shape (1000,)" in repr(found)
    assert found != Bracket(1.0, 2.0, False, witness, "a method", {"seconds": 1.0})
    assert isinstance(bound, DeepBound)
    with pytest.raises(TypeError, match="weights must be a sequence") as error:
        lipsdp_deep({i: wide for i in range(100)})
    assert len(str(error.value)) < 200


def test_overflow_is_an_infinite_bound_or_a_refusal():
    shallow = lipsdp_one_hidden([[1e200]], [1e200])
    assert (shallow.upper, shallow.relaxation_lower) == (math.inf, np.finfo(np.float64).max)
    deep = lipsdp_deep([[[1e200]], [[1e200]], [[1.0]]])
    assert (deep.upper, deep.product_of_norms) == (math.inf, math.inf)
    assert 0 < lipsdp_deep([[[1e-200]], [[1e-200]], [[1.0]]]).upper < 1e-322
    mixed = lipsdp_deep([[[1e300]], [[1e300]], [[1e-300]], [[1e-300]]])
    exact = float(Fraction(1e300) ** 2 * Fraction(1e-300) ** 2)
    assert mixed.product_of_norms == exact
    assert exact <= mixed.upper <= exact * (1 + 1e-8)
    with pytest.raises(ValueError, match="weights times directions overflow"):
        exact_one_hidden([[1e200]], [1e200])
