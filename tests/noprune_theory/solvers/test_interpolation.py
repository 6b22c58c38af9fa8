"""The front door: brackets hold in fractions, certificates re-evaluate, classes are nested, arguments are checked."""

import math
from fractions import Fraction

import numpy as np
import pytest
from exact_oracles import exact_least_squares, exact_squared_residual
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import MLP, LinearModel, RandomFeatures
from noprune_theory.solvers import (
    InterpolationRobustness,
    LinearCertificate,
    interpolation_robustness,
    smoothest_linear_fit,
)
from noprune_theory.testing import loss_levels, masked_regressions, relu_layers, scaled_regressions

LARGEST = Fraction(np.finfo(float).max)


def fractions(values):
    return [Fraction(float(value)) for value in values]


def squared_norm(values):
    return sum((value * value for value in fractions(values)), Fraction(0))


def direction_bound(certificate: LinearCertificate, X, y, level):
    """(<lambda, y> - sqrt(n s) |lambda|) / |X_S^T lambda| by its formula; the numerator's sign is exact."""
    along, labels = fractions(certificate.direction), fractions(y)
    gain = sum(a * b for a, b in zip(along, labels, strict=True))
    square = len(labels) * Fraction(level) * sum(a * a for a in along)
    if gain <= 0 or gain**2 <= square:
        return Fraction(0), Fraction(1)
    slopes = [sum(a * b for a, b in zip(along, fractions(column), strict=True)) for column in X[:, certificate.mask].T]
    # gain - sqrt(square) >= (gain^2 - square) / (2 gain), and at most twice that.
    return (gain, square), sum(slope * slope for slope in slopes)


def at_most(bound, numerator, slope):
    """Whether bound <= (gain - sqrt(square)) / sqrt(slope), decided in fractions."""
    if not isinstance(numerator, tuple):
        return bound == 0
    gain, square = numerator
    if math.isinf(bound):
        return slope == 0
    # bound sqrt(slope) <= gain - sqrt(square): by squares of both sides, twice.
    left = Fraction(bound) ** 2 * slope
    rest = gain**2 + square - left
    return left <= gain**2 and rest >= 0 and rest**2 >= 4 * gain**2 * square


@st.composite
def linear_problems(draw):
    problem = draw(st.one_of(scaled_regressions(), masked_regressions(max_samples=6, max_weights=6)))
    mask = problem.masks[0]
    level = draw(loss_levels(problem.X, problem.y, mask))
    return problem.X, problem.y, mask, level


@given(linear_problems())
def test_linear_brackets_hold_in_fractions(drawn):
    """Every mask, unit and level: the ends, the loss of the minimiser and the certificate, exactly."""
    X, y, mask, level = drawn
    found = interpolation_robustness("linear", X, y, mask, max_mse=level)
    budget = len(y) * Fraction(level)
    best, least = exact_least_squares(X[:, mask], y)
    if found.status == "infeasible":
        assert least > budget
        assert found.lipschitz.lower == found.lipschitz.upper == math.inf
        assert found.minimiser is None
        assert found.radius == (0.0, 0.0)
        assert found.certificate.lower_bound(X, y, level) == math.inf
        return
    bound = found.certificate.lower_bound(X, y, level)
    if found.certificate.separates:
        assert not math.isinf(bound) or least > budget
    else:
        assert at_most(bound, *direction_bound(found.certificate, X, y, level))
    if found.minimiser is None:
        return
    weights = found.minimiser.weights
    assert not weights[~mask].any()
    loss = exact_squared_residual(X[:, mask], y, weights[mask])
    assert loss / len(y) <= Fraction(found.mse) if math.isfinite(found.mse) else loss / len(y) > LARGEST
    upper = found.lipschitz.upper
    assert math.isinf(upper) or squared_norm(weights) <= Fraction(upper) ** 2
    # At the level itself, by the fit of least loss, whose norm no smoothest fit of a reachable level exceeds.
    if least <= budget:
        norm = sum((w * w for w in best), Fraction(0))
        assert Fraction(found.lipschitz.lower) ** 2 <= norm
        if level == 0 and "reach" not in found.lipschitz.method:
            assert math.isinf(upper) or norm <= Fraction(upper) ** 2


@given(masked_regressions(max_samples=6, max_weights=6))
def test_linear_interpolation_is_the_shortest_solution(problem):
    X, y, mask = problem.X, problem.y, problem.masks[0]
    found = interpolation_robustness("linear", X, y, mask)
    best, least = exact_least_squares(X[:, mask], y)
    assert (found.status == "infeasible") <= (least > 0)
    if least > 0 or found.status != "ok":
        return
    norm = sum((w * w for w in best), Fraction(0))
    assert Fraction(found.lipschitz.lower) ** 2 <= norm <= Fraction(found.lipschitz.upper) ** 2
    assert found.certificate.lower_bound(X, y, 0.0) >= found.lipschitz.lower * (1 - 1e-12)


@given(masked_regressions(max_samples=6, max_weights=4), st.floats(0, 1))
def test_no_class_goes_below_any_function(problem, level):
    """min over functions of the kept coordinates <= min over linear functions of them <= with fewer of them."""
    X, y, mask = problem.X, problem.y, problem.masks[0]
    floor = interpolation_robustness("any", X, y, mask, max_mse=level)
    linear = interpolation_robustness("linear", X, y, mask, max_mse=level)
    whole = interpolation_robustness("any", X, y, max_mse=level)
    assert whole.lipschitz.lower <= floor.lipschitz.upper
    if linear.minimiser is not None and linear.mse <= level:
        assert floor.lipschitz.lower <= linear.lipschitz.upper
    if floor.status == "infeasible":
        assert linear.status == "infeasible"
        assert floor.certificate.lower_bound(X, y, level) == math.inf


@given(relu_layers(max_units=4, max_dimension=2), st.sampled_from([0.0, 0.01, 0.3]), st.data())
def test_random_features_stay_above_the_floor(layer, level, data):
    model = RandomFeatures(layer.directions, np.zeros(len(layer.weights)), layer.offsets)
    X = np.array(data.draw(st.lists(st.integers(-3, 3), min_size=2 * model.dimension, max_size=2 * model.dimension)))
    X = X.reshape(2, model.dimension).astype(float)
    y = np.array([1.0, -0.5])
    found = interpolation_robustness(model, X, y, max_mse=level, max_seconds=2.0)
    floor = interpolation_robustness("any", X, y, max_mse=level)
    assert found.certificate.lower_bound(X, y, level) >= found.lipschitz.lower * (1 - 1e-9)
    if found.minimiser is not None and found.mse <= level:
        assert floor.lipschitz.lower <= found.lipschitz.upper
        np.testing.assert_allclose(np.mean((found.minimiser.value(X) - y) ** 2), found.mse, rtol=1e-9, atol=1e-15)


# --- Known values -----------------------------------------------------------------------------------------------------


def test_a_line_through_three_points():
    """X = (1, 2, 3), y = X: w = 1 interpolates, and nothing else does."""
    found = interpolation_robustness("linear", [[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0])
    assert found.status == "ok"
    assert found.lipschitz.lower == pytest.approx(1, rel=1e-14)
    assert found.lipschitz.lower <= 1 <= found.lipschitz.upper == pytest.approx(1, rel=1e-14)
    assert isinstance(found.minimiser, LinearModel)
    low, high = found.radius
    assert low <= 1 <= high


def test_equal_rows():
    assert interpolation_robustness("linear", [[1.0, 0.0], [1.0, 0.0]], [1.0, 1.0]).lipschitz.lower == pytest.approx(1)
    torn = interpolation_robustness("linear", [[1.0, 0.0], [1.0, 0.0]], [1.0, 2.0])
    assert torn.status == "infeasible"
    assert torn.certificate.lower_bound([[1.0, 0.0], [1.0, 0.0]], [1.0, 2.0], 0.0) == math.inf
    assert torn.certificate.lower_bound([[1.0, 0.0], [1.0, 0.0]], [1.0, 2.0], 0.26) < math.inf
    with_room = interpolation_robustness("linear", [[1.0, 0.0], [1.0, 0.0]], [1.0, 2.0], max_mse=0.5)
    assert with_room.lipschitz.lower <= 1 <= with_room.lipschitz.upper
    assert with_room.mse <= 0.5


def test_two_columns_by_hand():
    """Minimise |w| subject to w_1 = 3, 2 w_2 = 4 - 2 sqrt(s): X = diag(1, 2), s shared as the multipliers ask."""
    found = interpolation_robustness("linear", np.diag([1.0, 2.0]), [3.0, 4.0])
    truth = math.sqrt(13)
    assert found.lipschitz.lower <= truth <= found.lipschitz.upper
    assert found.lipschitz.relative_gap < 1e-14
    np.testing.assert_allclose(found.minimiser.weights, [3.0, 2.0])


def test_a_mask_without_weights():
    X, y = np.eye(2), [1.0, -1.0]
    none = interpolation_robustness("linear", X, y, [False, False])
    assert none.status == "infeasible"
    assert none.certificate.lower_bound(X, y, 0.0) == math.inf
    assert interpolation_robustness("linear", X, y, [False, False], max_mse=1.0).lipschitz.upper == 0
    blind = interpolation_robustness("any", X, y, [False, False])
    assert blind.status == "infeasible"
    assert blind.certificate.lower_bound(X, y, 0.0) == math.inf


def test_any_function_of_some_coordinates():
    X, y = np.array([[0.0, 0.0], [1.0, 7.0], [3.0, 1.0]]), [0.0, 2.0, 2.0]
    found = interpolation_robustness("any", X, y, [True, False])
    assert found.lipschitz.upper == pytest.approx(2, rel=1e-15)
    assert found.certificate.lower_bound(X, y, 0.0) == found.lipschitz.lower
    np.testing.assert_allclose(found.minimiser.value([[0.5, 100.0]]), [1.0])
    assert found.radius == (0.5, 0.5)


def test_larger_linear_fits():
    rng = np.random.default_rng(0)
    for n, p in ((120, 200), (200, 120)):
        X = rng.standard_normal((n, p))
        y = X @ rng.standard_normal(p) if n > p else rng.standard_normal(n)
        exact = smoothest_linear_fit(X, y, max_mse=0.0)
        found = interpolation_robustness("linear", X, y)
        assert found.lipschitz.lower <= exact.lipschitz * (1 + 1e-9)
        assert found.lipschitz.upper >= exact.lipschitz * (1 - 1e-15)
        assert found.lipschitz.relative_gap < 1e-9
        half = interpolation_robustness("linear", X, y, max_mse=0.5 * np.mean(y**2))
        assert half.mse <= 0.5 * np.mean(y**2)
        assert half.lipschitz.relative_gap < 1e-9
        assert half.certificate.lower_bound(X, y, half.mse) >= half.lipschitz.lower * (1 - 1e-9)
    torn = interpolation_robustness("linear", X, rng.standard_normal(200))
    assert torn.status == "infeasible"


def test_unequal_columns_of_a_large_block():
    """Columns 100 decades apart, beyond what products of plain floats hold."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((150, 160)) * np.where(np.arange(160) < 80, 1e-160, 1e160)
    y = rng.standard_normal(150)
    found = interpolation_robustness("linear", X, y, max_mse=0.2)
    assert 0 < found.lipschitz.lower <= found.lipschitz.upper


def test_random_features_interpolate():
    rng = np.random.default_rng(2)
    model = RandomFeatures.draw(rng, 40, 2, offset_scale=1.0)
    X, y = rng.standard_normal((8, 2)), rng.choice([-1.0, 1.0], 8)
    found = interpolation_robustness(model, X, y, rtol=1e-3, max_seconds=10.0, rng=np.random.default_rng(0))
    floor = interpolation_robustness("any", X, y)
    assert found.status == "ok"
    assert 0 < floor.lipschitz.upper <= found.lipschitz.upper
    np.testing.assert_allclose(found.minimiser.value(X), y, atol=1e-9)
    assert found.certificate.lower_bound(X, y, 0.0) >= found.lipschitz.lower * (1 - 1e-9)
    few = interpolation_robustness(model, X, y, np.arange(40) < 3)
    assert few.status == "infeasible"
    assert few.minimiser is None
    assert few.certificate.lower_bound(X, y, 0.0) == math.inf


def test_zero_needs_no_evidence():
    model = RandomFeatures([[1.0]], [0.0])
    found = interpolation_robustness(model, [[1.0]], [0.5], max_mse=1.0)
    assert found.lipschitz.upper == 0
    assert found.radius == (math.inf, math.inf)
    assert found.certificate.lower_bound([[1.0]], [0.5], 1.0) == 0


def test_the_class_may_be_an_instance_or_a_name():
    X, y = np.diag([1.0, 2.0]), [3.0, 4.0]
    by_name = interpolation_robustness("linear", X, y)
    for given_class in (LinearModel, LinearModel([0.0, 0.0])):
        assert interpolation_robustness(given_class, X, y).lipschitz.upper == by_name.lipschitz.upper
    masked = interpolation_robustness(LinearModel([0.0, 0.0], [True, False]), X, y)
    assert masked.status == interpolation_robustness("linear", X, y, [True, False]).status == "infeasible"


def test_results_are_short_and_compared_by_identity():
    found = interpolation_robustness("any", np.arange(20.0)[:, None], np.arange(20.0))
    assert isinstance(found, InterpolationRobustness)
    assert len(repr(found)) < 1000
    assert isinstance(hash(found), int)
    assert found != interpolation_robustness("any", [[0.0]], [0.0])


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (MLP((1, 1), [1.0, 0.0]), TypeError, "not a convex program"),
        (MLP, TypeError, "not a convex program"),
        (RandomFeatures, TypeError, "its directions are needed"),
        ("networks", ValueError, "got 'networks'"),
        (3, TypeError, "got 3 of type int"),
        (LinearModel([1.0, 2.0]), ValueError, "X must have 2 columns"),
    ],
)
def test_classes_are_checked(given, error, said):
    with pytest.raises(error, match=said):
        interpolation_robustness(given, [[0.0]], [0.0])


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"max_mse": -1.0}, ValueError, "max_mse must be >= 0"),
        ({"rtol": 0.0}, ValueError, "rtol must be > 0"),
        ({"max_seconds": -1.0}, ValueError, "max_seconds must be > 0"),
        ({"rng": 3.0}, TypeError, "rng must be"),
        ({"mask": [1]}, TypeError, "mask must be boolean"),
    ],
)
def test_options_are_checked(options, error, said):
    for name in ("any", "linear"):
        with pytest.raises(error, match=said):
            interpolation_robustness(name, [[0.0]], [0.0], **options)


def test_certificates_check_their_data():
    found = interpolation_robustness("linear", np.eye(2), [1.0, 2.0])
    with pytest.raises(ValueError, match="y must have 2 entries"):
        found.certificate.lower_bound(np.eye(2)[:1], [1.0], 0.0)
    with pytest.raises(ValueError, match="mask must have shape"):
        found.certificate.lower_bound(np.eye(3)[:2], [1.0, 2.0], 0.0)
