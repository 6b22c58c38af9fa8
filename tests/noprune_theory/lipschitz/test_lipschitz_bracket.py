"""The front door, great-circle search, and the rounding of brackets."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lipschitz_oracles import layer, sampled_slope

from noprune_theory.lipschitz import Bracket, bracket, dispatch, exact_one_hidden, great_circle_lower
from noprune_theory.lipschitz._rounding import norm_bounds, pattern_at, relu_witness
from noprune_theory.models import MLP, LinearModel, RandomFeatures


def random_features(rng, n_units, dimension, activation="relu", offset_scale=None):
    model = RandomFeatures.draw(rng, n_units, dimension, activation=activation, offset_scale=offset_scale)
    return model.with_weights(rng.standard_normal(n_units))


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=8))
def test_linear_model_has_the_norm_of_its_weights(weights):
    result = bracket(LinearModel(weights))
    assert result.exact
    assert result.lower <= math.hypot(*weights) * (1 + 1e-15)
    assert math.hypot(*weights) <= result.upper * (1 + 1e-15)
    assert result.upper <= result.lower * (1 + 1e-14) or result.upper < 1e-300


def test_norm_bounds_enclose_the_exact_norm():
    from fractions import Fraction

    rng = np.random.default_rng(0)
    for _ in range(200):
        vector = rng.standard_normal(5) * 10.0 ** rng.integers(-20, 20)
        square = sum(Fraction(float(x)) ** 2 for x in vector)
        lower, upper = norm_bounds(vector)
        assert Fraction(lower) ** 2 <= square <= Fraction(upper) ** 2


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
@pytest.mark.parametrize("offset_scale", [None, 0.5])
@pytest.mark.parametrize(("dimension", "n_units"), [(1, 9), (2, 12), (4, 15), (12, 30)])
def test_random_features(activation, offset_scale, dimension, n_units):
    rng = np.random.default_rng(dimension)
    model = random_features(rng, n_units, dimension, activation, offset_scale)
    result = bracket(model)
    again = np.linalg.norm(model.input_gradient(result.witness.point[None])[0])
    assert result.lower <= again * (1 + 1e-12)
    assert again <= result.upper * (1 + 1e-12)
    assert (
        np.linalg.norm(model.input_gradient(3 * rng.standard_normal((2000, dimension))), axis=1).max() <= result.upper
    )
    assert result.exact or activation == "tanh" or dimension == 12
    assert result.lower > (0.3 if activation == "tanh" else 0.6) * result.upper


def test_identity_features_have_a_constant_gradient():
    model = RandomFeatures([[1.0, 0.0], [0.0, 2.0]], [3.0, 2.0], activation="identity")
    result = bracket(model)
    assert result.exact
    assert math.isclose(result.upper, 5.0, rel_tol=1e-14)


def test_pruned_features_do_not_count():
    rng = np.random.default_rng(1)
    model = random_features(rng, 10, 2)
    mask = np.arange(10) < 4
    pruned = bracket(model.masked(mask)).upper
    assert math.isclose(pruned, exact_one_hidden(model.directions[:4], model.weights[:4]).upper, rel_tol=1e-12)
    nothing = bracket(model.masked(np.zeros(10, dtype=bool)))
    assert nothing.exact
    assert nothing.upper == 0


def test_tanh_of_one_sign_is_steepest_at_the_origin():
    W = np.abs(np.random.default_rng(0).standard_normal((5, 3)))
    result = bracket(RandomFeatures(W, np.ones(5), activation="tanh"))
    assert math.isclose(result.lower, np.linalg.norm(W.sum(axis=0)), rel_tol=1e-9)
    assert math.isclose(result.upper, result.lower, rel_tol=1e-5)


def test_the_method_says_what_was_picked_and_why():
    rng = np.random.default_rng(0)
    assert "linear" in bracket(LinearModel([1.0])).method
    assert "enumeration" in bracket(random_features(rng, 20, 3)).method
    assert "LipSDP" in bracket(random_features(rng, 60, 30)).method
    short = bracket(random_features(rng, 300, 5), max_seconds=0.5)
    assert "branch and bound" in short.method
    assert "enumeration would take" in short.method


@given(seed=st.integers(0, 10**6), dimension=st.integers(1, 4), n_units=st.integers(1, 20), offsets=st.booleans())
def test_great_circles_stay_below_the_exact_constant(seed, dimension, n_units, offsets):
    rng = np.random.default_rng(seed)
    W, a, b = layer(rng, n_units, dimension, "masked", offsets)
    exact = exact_one_hidden(W, a, b)
    lower, witness = great_circle_lower(W, a, b, rng=rng, starts=16)
    assert lower <= exact.upper
    assert lower >= 0.9 * exact.lower
    if witness is not None:
        pre = W @ witness.point + (0.0 if b is None else b)
        assert np.array_equal(witness.pattern[a != 0], (pre > 0)[a != 0])


def test_great_circles_beat_sampling():
    rng = np.random.default_rng(2)
    W, a, _ = layer(rng, 200, 20)
    assert great_circle_lower(W, a, rng=rng, starts=16)[0] > sampled_slope(W, a, None, rng)


def test_patterns_near_kinks_are_decided_exactly():
    # <w, x> = 0.1 * 3 - 0.3 * 1: float64 says 5.6e-17, and so do the exact values of these floats, up to sign.
    W = np.array([[0.1, -0.3]])
    point = np.array([3.0, 1.0])
    exact_is_positive = 3 * 3602879701896397 * 4 > 5404319552844595 * 8
    pattern = pattern_at(W, None, point)
    assert pattern is not None
    assert bool(pattern[0]) is exact_is_positive
    assert pattern_at(np.array([[1.0, -1.0]]), None, np.array([2.0, 2.0])) is None
    assert relu_witness(np.array([[1.0, -1.0]]), np.ones(1), None, np.array([2.0, 2.0])) is None


def test_bad_input_is_refused():
    with pytest.raises(TypeError, match="model must be"):
        bracket(np.ones(3))
    with pytest.raises(ValueError, match="rtol must be > 0"):
        bracket(LinearModel([1.0]), rtol=-1.0)
    with pytest.raises(ValueError, match="max_seconds must be > 0"):
        bracket(LinearModel([1.0]), max_seconds=0.0)
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        bracket(LinearModel([1.0]), rng=np.random.RandomState(3))
    with pytest.raises(ValueError, match="lower <= upper"):
        Bracket(2.0, 1.0, False, None, "none")


@pytest.mark.parametrize("search", ["great_circle_lower", "activation_ascent_lower", "branch_and_bound"])
def test_interrupt_returns_the_bracket_reached(monkeypatch, search):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    rng = np.random.default_rng(8)
    if search == "activation_ascent_lower":
        models = [random_features(rng, 40, 12), MLP([3, 4, 4, 1], rng.standard_normal(41))]
    else:
        models = [random_features(rng, 300, 5)]
    whole = [bracket(model, max_seconds=0.5) for model in models]
    monkeypatch.setattr(dispatch, search, interrupted)
    for model, reference in zip(models, whole, strict=True):
        stopped = bracket(model, max_seconds=0.5)
        assert stopped.effort["status"] == "interrupted"
        assert reference.lower <= stopped.upper < math.inf
        assert stopped.lower <= reference.upper
        assert (stopped.witness is None) == (stopped.lower == 0)


@pytest.mark.parametrize("seed", range(6))
def test_networks_without_hidden_units_and_with_several_outputs(seed):
    """Their constant is the largest singular value, whether others come near it or not."""
    rng = np.random.default_rng(seed)
    matrix = [[1.0, -1.0], [1.0, 1.0]] if seed == 0 else np.add(4 * np.eye(2), rng.choice([-2, -1, 0, 1, 2], (2, 2)))
    found = bracket(MLP((2, 2), np.ravel(matrix), biases=False), max_seconds=2.0)
    largest = np.linalg.norm(matrix, 2)
    assert found.lower <= largest * (1 + 1e-12)
    assert largest * (1 - 1e-12) <= found.upper
    assert found.relative_gap < 1e-6
