"""Constants on balls and boxes: against all patterns, samples, gradients at points and the constant everywhere."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pattern_oracle import largest_norm

from noprune_theory.lipschitz import bracket
from noprune_theory.lipschitz._domain import Ball, Box
from noprune_theory.lipschitz._ranges import preactivation_ranges, slope_ranges
from noprune_theory.models import MLP, LinearModel, RandomFeatures


def network(rng, widths, activation="relu", keep=1.0):
    shapes = [(o, i) for i, o in pairwise(widths)]
    weights = [rng.standard_normal(s) * math.sqrt(2 / s[1]) * (rng.random(s) < keep) for s in shapes]
    biases = [0.5 * rng.standard_normal(s[0]) for s in shapes]
    return MLP.from_layers(weights, biases, activation=activation)


def norms(model, X):
    gradients = model.input_gradient(X)
    return np.linalg.norm(gradients, axis=1) if gradients.ndim == 2 else np.linalg.norm(gradients, 2, axis=(1, 2))


def inside(point, center, radius):
    return sum((Fraction(x) - Fraction(c)) ** 2 for x, c in zip(point.tolist(), center.tolist(), strict=True)) <= (
        Fraction(radius) ** 2
    )


@pytest.mark.parametrize("seed", range(6))
def test_all_patterns_agree_on_balls_boxes_and_points(seed):
    rng = np.random.default_rng(seed)
    dimension = int(rng.integers(1, 5))
    model = network(rng, (dimension, *rng.integers(1, 4, rng.integers(1, 3)), int(rng.integers(1, 3))), keep=0.9)
    weights, biases, _ = model.to_layers()
    center, radius = rng.standard_normal(dimension), float(10.0 ** rng.uniform(-1, 0.5))
    low, high = center - radius, center + radius * rng.random(dimension) + 0.01
    cases = [
        (bracket(model, ball=(center, radius)), largest_norm(weights, biases, ball=(center, radius))),
        (bracket(model, box=(low, high)), largest_norm(weights, biases, box=(low, high))),
        (bracket(model, ball=(center, 0.0)), largest_norm(weights, biases, box=(center, center), touching=True)),
    ]
    for found, truth in cases:
        assert found.exact
        assert found.lower <= truth * (1 + 1e-12)
        assert truth <= found.upper * (1 + 1e-12)
        assert found.upper <= truth * (1 + 2e-9)


@given(
    seed=st.integers(0, 10**6),
    activation=st.sampled_from(["relu", "tanh"]),
    size=st.floats(-6, 1),
    shape=st.sampled_from(["ball", "box"]),
)
@settings(max_examples=12)
def test_samples_stay_below_and_the_witness_lies_inside(seed, activation, size, shape):
    rng = np.random.default_rng(seed)
    dimension = int(rng.integers(1, 7))
    model = network(rng, (dimension, 6, 5, int(rng.integers(1, 3))), activation)
    center, radius = rng.standard_normal(dimension), 10.0**size
    domain = Ball(center, radius) if shape == "ball" else Box(center - radius, center + radius)
    where = {"ball": (center, radius)} if shape == "ball" else {"box": (domain.low, domain.high)}
    found = bracket(model, **where, max_seconds=5.0)
    X = domain.draw(rng, 2000)
    assert norms(model, X).max() <= found.upper * (1 + 1e-12)
    if found.exact:
        assert found.lower >= norms(model, X).max() * (1 - 1e-9)
    if found.lower == 0:
        return
    point = found.witness.point
    assert inside(point, center, radius) if shape == "ball" else ((domain.low <= point) & (point <= domain.high)).all()
    assert math.isclose(norms(model, point[None])[0], found.lower, rel_tol=1e-9)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("widths", [(3, 20, 1), (20, 15, 15, 3)])
def test_small_balls_have_the_gradient_norm_of_their_centre(activation, widths):
    rng = np.random.default_rng(0)
    model = network(rng, widths, activation)
    center = rng.standard_normal(widths[0])
    norm = norms(model, center[None])[0]
    gaps = []
    for radius in (1e-3, 1e-6, 1e-9, 0.0):
        found = bracket(model, ball=(center, radius))
        gaps.append(found.upper / norm - 1)
        assert found.lower <= found.upper
        assert found.lower >= norm * (1 - 1e-9)
    assert gaps[-1] < 1e-9
    assert gaps[-2] < 1e-6
    assert all(small <= large + 1e-12 for large, small in pairwise(gaps))


@pytest.mark.parametrize("seed", range(3))
def test_constant_units_whose_values_are_rounded(seed):
    """A unit without inputs adds 0.1 times a weight to the biases after it, which no float64 holds."""
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal((4, 5)), rng.standard_normal((3, 4)), rng.standard_normal((1, 3))]
    weights[0][1] = 0.0
    biases = [0.1 * np.ones(4), 0.1 * rng.standard_normal(3), np.ones(1)]
    model = MLP.from_layers(weights, biases)
    center, radius = rng.standard_normal(5), 1.5
    found = bracket(model, ball=(center, radius), max_seconds=20.0)
    truth = largest_norm(weights, biases, ball=(center, radius))
    assert found.lower <= truth * (1 + 1e-12)
    assert truth <= found.upper * (1 + 1e-12)
    assert found.upper <= 1.01 * truth


def test_kinks_count_the_regions_that_touch_them():
    # |x_1| + 3 relu(x_2): four regions around the origin.
    model = RandomFeatures([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], [1.0, 1.0, 3.0])
    at_kink = bracket(model, ball=([0.0, 0.0], 0.0))
    assert at_kink.exact
    assert math.isclose(at_kink.upper, math.sqrt(10))
    assert at_kink.witness.point is None
    assert at_kink.witness.pattern.tolist() in ([True, False, True], [False, True, True])
    assert bracket(model, ball=([2.0, 0.0], 0.0)).upper == pytest.approx(math.sqrt(10))
    assert bracket(model, ball=([2.0, -1e-9], 0.0)).upper == pytest.approx(1.0)
    # A ball around a kink has points on both sides, one that ends at it does not.
    assert bracket(model, ball=([2.0, -1.0], 1.5)).upper == pytest.approx(math.sqrt(10))
    assert bracket(model, ball=([2.0, -1.0], 1.0)).upper == pytest.approx(1.0)
    assert bracket(model, box=([1.0, -1.0], [2.0, 0.0])).upper == pytest.approx(1.0)
    flat = bracket(model, box=([1.0, 0.0], [2.0, 0.0]))
    assert flat.exact
    assert flat.upper == pytest.approx(math.sqrt(10))


def test_a_kink_of_a_deeper_layer():
    # relu(relu(x) - 1) + 2 relu(1 - relu(x)) has slopes 0, -2, 1 with kinks at 0 and 1.
    model = MLP.from_layers([[[1.0]], [[1.0], [-1.0]], [[1.0, 2.0]]], [[0.0], [-1.0, 1.0], [0.0]])
    slopes = {-1.0: 0.0, 0.0: 2.0, 0.5: 2.0, 1.0: 2.0, 1.5: 1.0}
    for x, slope in slopes.items():
        found = bracket(model, ball=([x], 0.0))
        assert found.exact
        assert found.upper == pytest.approx(slope)
    assert bracket(model, box=([1.0], [3.0])).upper == pytest.approx(1.0)
    assert bracket(model, box=(-3.0, -0.5)).upper == 0.0


def test_a_ball_too_small_for_floats_off_its_kink_is_exact():
    model = RandomFeatures([[1.0]], [5.0], [-1.0])
    found = bracket(model, ball=([1.0], 1e-30))
    assert math.isclose(found.upper, 5.0)
    assert math.isclose(found.lower, 5.0)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_never_above_the_constant_everywhere(activation):
    rng = np.random.default_rng(1)
    for model in (network(rng, (2, 8, 1), activation), network(rng, (5, 9, 7, 2), activation)):
        whole = bracket(model)
        for radius in (0.1, 10.0, 1e6):
            found = bracket(model, ball=(np.zeros(model.dimension), radius))
            assert found.upper <= whole.upper * (1 + 1e-9)
            assert found.lower <= whole.upper


def test_balls_grow():
    rng = np.random.default_rng(2)
    model = network(rng, (2, 15, 15, 1))
    uppers = [bracket(model, ball=([0.3, 0.1], radius)).upper for radius in (0.0, 0.01, 0.1, 1.0, 10.0, 1e4)]
    assert all(small <= large * (1 + 1e-9) for small, large in pairwise(uppers))
    assert uppers[-1] == pytest.approx(bracket(model).upper, rel=1e-9)


def test_other_models_and_shapes():
    assert bracket(LinearModel([3.0, 4.0]), ball=([1.0, 1.0], 0.5)).upper == pytest.approx(5.0)
    identity = RandomFeatures([[1.0, 0.0], [0.0, 2.0]], [3.0, 2.0], activation="identity")
    assert bracket(identity, box=(-1.0, 1.0)).upper == pytest.approx(5.0)
    tanh = RandomFeatures([[1.0], [1.0]], [1.0, 1.0], [0.0, 0.0], activation="tanh")
    found = bracket(tanh, box=([1.0], [2.0]))
    slope = 2 / math.cosh(1.0) ** 2
    assert found.upper == pytest.approx(slope, rel=1e-6)
    assert found.lower == pytest.approx(slope, rel=1e-6)
    assert found.lower <= slope * (1 + 1e-15)
    assert slope <= found.upper * (1 + 1e-15)
    pruned = RandomFeatures(np.eye(2), np.zeros(2))
    assert bracket(pruned, ball=([0.0, 0.0], 1.0)).upper == 0
    deep_linear = MLP.from_layers([[[3.0, 4.0]]], [[1.0]])
    assert bracket(deep_linear, ball=([0.0, 0.0], 1.0)).upper == pytest.approx(5.0)


def test_flat_boxes_count_what_touches_them():
    model = RandomFeatures([[1.0, 0.0], [0.0, 1.0]], [1.0, 7.0], [0.0, -1.0])
    found = bracket(model, box=([-1.0, 0.5], [1.0, 0.5]))
    assert found.lower <= 1.0 + 1e-12
    assert found.upper == pytest.approx(1.0, rel=1e-6)
    assert bracket(model, box=([-1.0, 2.0], [1.0, 2.0])).upper == pytest.approx(math.sqrt(50), rel=1e-6)


@given(seed=st.integers(0, 10**6), activation=st.sampled_from(["relu", "tanh"]), size=st.floats(-4, 2))
def test_ranges_hold_all_samples(seed, activation, size):
    rng = np.random.default_rng(seed)
    model = network(rng, (int(rng.integers(1, 5)), 5, 4, 3, 1), activation, keep=0.8)
    weights, biases, _ = model.to_layers()
    center, radius = rng.standard_normal(model.dimension), 10.0**size
    for domain in (Ball(center, radius), Box(center - radius, center + radius)):
        ranges = preactivation_ranges(weights, biases, activation, domain)
        slopes = slope_ranges(ranges, activation)
        values = domain.draw(rng, 300)
        for W, b, (low, high), (least, largest) in zip(weights[:-1], biases[:-1], ranges, slopes, strict=True):
            pre = values @ W.T + b
            margin = 1e-12 * (1 + np.abs(pre).max())
            assert (low <= pre.min(axis=0) + margin).all()
            assert (pre.max(axis=0) - margin <= high).all()
            slope = (pre > 0) if activation == "relu" else 1 / np.cosh(np.clip(pre, -300, 300)) ** 2
            assert (least <= slope.min(axis=0) + 1e-12).all()
            assert (slope.max(axis=0) <= largest + 1e-12).all()
            values = np.maximum(pre, 0.0) if activation == "relu" else np.tanh(pre)


def test_extreme_sizes_stay_valid():
    model = RandomFeatures([[1e200, 0.0], [0.0, 1e-200]], [1e-100, 1e150], [1.0, 0.0])
    truth = {0.0: math.hypot(1e100, 1e-50), 1.0: 1e100}
    for radius in truth:
        found = bracket(model, ball=([1.0, 1.0], radius), max_seconds=2.0)
        assert found.lower <= 1e100 * (1 + 1e-12)
        assert found.upper >= 1e100 * (1 - 1e-12)
    far = bracket(RandomFeatures([[1.0]], [2.0], [0.0]), ball=([1e300], 1e299))
    assert far.upper == pytest.approx(2.0)
    assert far.lower == pytest.approx(2.0)
    whole = bracket(RandomFeatures([[1.0]], [2.0], [0.0]), box=(-1.7e308, 1.7e308))
    assert whole.upper == pytest.approx(2.0)


def test_interrupts_return_what_there_is(monkeypatch):
    from noprune_theory.lipschitz import local

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    model = network(np.random.default_rng(3), (5, 9, 7, 1))
    for step in ("ascended", "improve"):
        with monkeypatch.context() as patch:
            patch.setattr(local, step, interrupted)
            found = bracket(model, ball=(np.zeros(5), 1.0))
        assert found.effort["status"] == "interrupted"
        assert 0 < found.lower <= found.upper < math.inf
    # Before there is an upper bound there is nothing to return.
    monkeypatch.setattr(local, "root_bound", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bracket(model, ball=(np.zeros(5), 1.0))


@pytest.mark.parametrize(
    ("where", "error", "message"),
    [
        ({"ball": ([0.0, 0.0], -1.0)}, ValueError, r"ball\[1\] must be >= 0"),
        ({"ball": ([0.0, 0.0], math.inf)}, ValueError, r"ball\[1\] must be finite"),
        ({"ball": ([0.0, 0.0], "1")}, TypeError, r"ball\[1\] must be a real number"),
        ({"ball": ([0.0], 1.0)}, ValueError, r"ball\[0\], the centre, must have shape \(2,\)"),
        ({"ball": ([0.0, math.nan], 1.0)}, ValueError, r"ball\[0\] must be finite"),
        ({"ball": 3.0}, TypeError, "ball must be a pair"),
        ({"ball": "ab"}, TypeError, "ball must be a pair"),
        ({"ball": ([0.0, 0.0],)}, ValueError, "ball must be a pair"),
        ({"box": ([0.0, 0.0], [1.0, -1.0])}, ValueError, "low <= high, got 0.0 > -1.0 at index 1"),
        ({"box": ([0.0], [1.0, 1.0])}, ValueError, r"box\[0\] must be a number or have shape \(2,\)"),
        ({"box": (0.0, math.inf)}, ValueError, r"box\[1\] must be finite"),
        ({"box": (0.0, 1.0, 2.0)}, ValueError, "box must be a pair"),
        ({"box": 1.0}, TypeError, "box must be a pair"),
        ({"ball": ([0.0, 0.0], 1.0), "box": (0.0, 1.0)}, ValueError, "at most one of ball and box"),
    ],
)
def test_bad_domains_are_refused_by_name(where, error, message):
    for model in (LinearModel([1.0, 2.0]), RandomFeatures(np.eye(2), np.ones(2)), MLP((2, 2, 1), np.ones(9))):
        with pytest.raises(error, match=message):
            bracket(model, **where)
