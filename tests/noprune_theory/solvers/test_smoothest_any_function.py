"""The floor of all functions: exact at level 0, certified at every level, against quadratic programs and fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq, nnls

from noprune_theory.solvers import (
    LipschitzExtension,
    SmoothestFunctionFit,
    TransportCertificate,
    smoothest_function_fit,
)
from noprune_theory.testing import Regression, loss_levels, masked_regressions, scaled_regressions

# --- Oracles ----------------------------------------------------------------------------------------------------------


def exact(values):
    return [Fraction(float(value)) for value in values]


def squared_distances(X):
    rows = [exact(row) for row in X]
    return [[sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) for q in rows] for p in rows]


def steepest_square(X, y):
    """The largest squared slope between two samples, a fraction; infinite where equal points have unequal labels."""
    squares, labels = squared_distances(X), exact(y)
    largest = Fraction(0)
    for i in range(len(y)):
        for j in range(i):
            rise = (labels[i] - labels[j]) ** 2
            if squares[i][j]:
                largest = max(largest, rise / squares[i][j])
            elif rise:
                return math.inf
    return largest


def within_groups(X, y):
    """Sum of squared deviations of the labels from the means of equal points."""
    groups = {}
    for row, label in zip(X, exact(y), strict=True):
        groups.setdefault(tuple(exact(row)), []).append(label)
    return sum((sum((v - sum(g) / len(g)) ** 2 for v in g) for g in groups.values()), Fraction(0))


def deviations(y):
    labels = exact(y)
    return sum(((v - sum(labels) / len(labels)) ** 2 for v in labels), Fraction(0))


def floor_by_projection(X, y, level):
    """Smallest L at which the projection of y on the L-Lipschitz values meets the level.

    The projection is a least-distance problem, solved as nonnegative least squares (Lawson and Hanson 1974, 23.4).
    """
    n = len(y)
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    A = np.array([np.eye(n)[j] - np.eye(n)[i] for i, j in pairs])
    lengths = np.array([np.linalg.norm(X[i] - X[j]) for i, j in pairs])

    def excess(constant):
        right = -(constant * lengths) - A @ y  # A (y + u) >= -constant lengths
        E = np.vstack([A.T, right])
        f = np.zeros(n + 1)
        f[n] = 1.0
        z, _ = nnls(E, f, maxiter=1000)
        r = E @ z - f
        u = -r[:n] / r[n]
        return float(np.mean(u**2)) - level

    top = max(abs(y[i] - y[j]) / d for (i, j), d in zip(pairs, lengths, strict=True) if d > 0)
    return brentq(excess, top * 1e-9, top, xtol=top * 1e-13, rtol=1e-12)


def plan_square(certificate, X, y, level):
    """The bound of a transport plan by its formula: gain - sqrt(square), over cost, with cost rounded once a pair."""
    flows, labels = exact(certificate.flows), exact(y)
    net = [Fraction(0)] * len(y)
    cost = 0.0
    for (i, j), flow in zip(certificate.pairs, flows, strict=True):
        net[i] += flow
        net[j] -= flow
        cost += float(flow) * math.dist(X[i], X[j])
    gain = sum(a * b for a, b in zip(net, labels, strict=True))
    square = len(y) * Fraction(level) * sum(a * a for a in net)
    return (float(gain) - math.sqrt(square)) / cost


def agree(fit: SmoothestFunctionFit, X, y, level):
    """Values and slopes within what the result states, in fractions; values are rounded once."""
    squares, values, labels = squared_distances(X), exact(fit.values), exact(y)
    ulp = Fraction(2) ** -52 * max(abs(v) for v in labels)
    loss = sum((a - b) ** 2 for a, b in zip(values, labels, strict=True))
    budget = len(y) * Fraction(level)
    assert Fraction(fit.mse) <= Fraction(level)
    assert loss <= budget or loss - budget <= 4 * len(y) * ulp * (ulp + max(abs(v) for v in labels))
    assert fit.lipschitz.lower <= fit.certificate.lower_bound(X, y, level)
    if math.isinf(fit.lipschitz.upper):
        return
    steepest = Fraction(fit.lipschitz.upper) ** 2
    for i in range(len(y)):
        for j in range(i):
            rise = max(abs(values[i] - values[j]) - ulp, Fraction(0))
            assert rise**2 <= steepest * squares[i][j]


problems = st.one_of(scaled_regressions(), masked_regressions(max_weights=4))


@st.composite
def problems_with_levels(draw):
    problem = draw(problems)
    shares = [0.0, 1e-12, 1e-6, 0.01, 0.3, 0.5, 0.9, 0.999, 1.0 - 1e-9, 1.0]
    spread, inside = deviations(problem.y), within_groups(problem.X, problem.y)
    between = [(inside + Fraction(share) * (spread - inside)) / len(problem.y) for share in shares]
    near = [float(level) for level in between if level < 10**300]
    near += [math.nextafter(level, math.inf) for level in near] + [math.nextafter(level, 0.0) for level in near]
    return problem, draw(st.one_of(st.sampled_from(near), loss_levels(problem.X, problem.y)))


# --- Properties -------------------------------------------------------------------------------------------------------


@given(problems)
def test_interpolation_is_the_largest_slope(problem: Regression):
    """min L = max |y_i - y_j| / |x_i - x_j| at level 0, in any units."""
    fit = smoothest_function_fit(problem.X, problem.y, max_mse=0.0)
    truth = steepest_square(problem.X, problem.y)
    if truth == math.inf:
        assert fit.status == "infeasible"
        assert fit.lipschitz.lower == fit.lipschitz.upper == math.inf
        assert np.isnan(fit.values).all()
        assert fit.certificate.lower_bound(problem.X, problem.y, 0.0) == math.inf
        return
    assert fit.status == "ok"
    assert fit.lipschitz.exact
    assert fit.mse == 0
    np.testing.assert_array_equal(fit.values, problem.y)
    assert Fraction(fit.lipschitz.lower) ** 2 <= truth
    assert math.isinf(fit.lipschitz.upper) or truth <= Fraction(fit.lipschitz.upper) ** 2
    assert fit.lipschitz.relative_gap <= 1e-15 or truth > Fraction(10) ** 614
    assert fit.certificate.lower_bound(problem.X, problem.y, 0.0) >= fit.lipschitz.lower


@given(problems_with_levels())
def test_both_ends_hold_in_fractions_and_meet(drawn):
    """Designs in any units, levels at and next to what equal points and constants allow."""
    problem, level = drawn
    X, y = problem.X, problem.y
    fit = smoothest_function_fit(X, y, max_mse=level)
    budget = len(y) * Fraction(level)
    assert (fit.status == "infeasible") == (budget < within_groups(X, y))
    if fit.status == "infeasible":
        assert fit.certificate.lower_bound(X, y, level) == math.inf
        assert Fraction(fit.mse) >= within_groups(X, y) / len(y)
        return
    if budget >= deviations(y):
        assert fit.lipschitz.lower == fit.lipschitz.upper == 0
        assert np.ptp(fit.values) == 0
        return
    assert fit.lipschitz.upper > 0
    agree(fit, X, y, level)
    # Next to the level of a constant v = mean + t (y - mean), (1 - t)^2 = budget / deviations: two values are each off
    # by eps max|y| / 2, beside their difference t |y_i - y_j|.
    shrunk = float((deviations(y) - budget) / deviations(y)) / 2
    resolved = np.finfo(np.float64).eps * float(np.abs(y).max()) / (shrunk * float(np.ptp(y)))
    assert fit.lipschitz.relative_gap <= max(1e-6, resolved) or math.isinf(fit.lipschitz.upper)


@given(masked_regressions(max_samples=6, max_weights=3), st.floats(0.01, 0.99))
def test_bracket_holds_the_solution_of_the_quadratic_programs(problem: Regression, share):
    X, y = problem.X, problem.y
    spread, inside = float(deviations(y)), float(within_groups(X, y))
    squares = [square for row in squared_distances(X) for square in row if square]
    assume(spread > 1e-3 and inside < 0.99 * spread and all(square > 1e-6 for square in squares))
    level = (inside + share * (spread - inside)) / len(y)
    truth = floor_by_projection(X, y, level)
    fit = smoothest_function_fit(X, y, max_mse=level)
    assert fit.lipschitz.lower <= truth * (1 + 1e-7)
    assert truth <= fit.lipschitz.upper * (1 + 1e-7)
    assert fit.lipschitz.relative_gap <= 1e-6


@given(problems_with_levels(), st.integers(-40, 40), st.integers(-40, 40))
def test_units_are_powers_of_two(drawn, inputs, labels):
    """L(a X, b y, b^2 s) = (b / a) L(X, y, s), to the last bit."""
    problem, level = drawn
    small = Fraction(1, 10**200)
    sizes = [abs(v) for v in exact(np.append(problem.X, problem.y)) if v]
    assume(all(small < size < 1 / small for size in sizes) and (level == 0 or small < level < 1 / small))
    X, y, s = problem.X * 2.0**inputs, problem.y * 2.0**labels, level * 4.0**labels
    fit, scaled = smoothest_function_fit(problem.X, problem.y, max_mse=level), smoothest_function_fit(X, y, max_mse=s)
    factor = 2.0 ** (labels - inputs)
    assert scaled.lipschitz.lower == fit.lipschitz.lower * factor
    assert scaled.lipschitz.upper == fit.lipschitz.upper * factor
    np.testing.assert_array_equal(scaled.values, fit.values * 2.0**labels)


@given(masked_regressions(), st.lists(st.floats(0, 2), min_size=2, max_size=2))
def test_the_floor_falls_with_the_level(problem: Regression, levels):
    low, high = sorted(levels)
    first = smoothest_function_fit(problem.X, problem.y, max_mse=low)
    second = smoothest_function_fit(problem.X, problem.y, max_mse=high)
    assert second.lipschitz.lower <= first.lipschitz.upper
    if first.status == "ok":
        # A plan made for one level bounds at all others.
        assert first.certificate.lower_bound(problem.X, problem.y, high) <= second.lipschitz.upper
        assert second.certificate.lower_bound(problem.X, problem.y, low) <= first.lipschitz.upper


@given(masked_regressions(), st.floats(0, 1), st.data())
def test_any_flows_bound_from_below(problem: Regression, level, data):
    """Also flows that no solver made; negative ones prove nothing."""
    fit = smoothest_function_fit(problem.X, problem.y, max_mse=level)
    size = fit.certificate.flows.size
    factors = np.array(data.draw(st.lists(st.floats(0, 4), min_size=size, max_size=size)))
    changed = type(fit.certificate)(fit.certificate.pairs, fit.certificate.flows * factors)
    assert changed.lower_bound(problem.X, problem.y, level) <= fit.lipschitz.upper
    negative = type(fit.certificate)(fit.certificate.pairs, -fit.certificate.flows)
    assert negative.lower_bound(problem.X, problem.y, level) == 0


@given(masked_regressions(max_samples=6, max_weights=3), st.floats(0, 0.5), st.data())
def test_extension_keeps_values_and_constant(problem: Regression, level, data):
    X, y = problem.X, problem.y
    fit = smoothest_function_fit(X, y, max_mse=level)
    if fit.status == "infeasible":
        with pytest.raises(ValueError, match="no function meets the level"):
            fit.extend(X)
        return
    size = float(np.max(np.abs(y)))
    np.testing.assert_allclose(fit.extend(X), fit.values, rtol=0, atol=1e-14 * (size + 1e-300))
    points = np.array(data.draw(st.lists(st.floats(-3, 3), min_size=4 * X.shape[1], max_size=4 * X.shape[1])))
    points = points.reshape(4, X.shape[1])
    found = fit(points)
    for i in range(4):
        for j in range(i):
            reach = fit.lipschitz.upper * math.dist(points[i], points[j])
            assert abs(found[i] - found[j]) <= reach * (1 + 1e-12) + 1e-14 * size


# --- Known values -----------------------------------------------------------------------------------------------------


def test_two_points():
    """Both labels give way by sqrt(s): L = (|y_1 - y_2| - 2 sqrt(s)) / |x_1 - x_2|."""
    fit = smoothest_function_fit([[0.0, 0.0], [3.0, 4.0]], [1.0, -1.0], max_mse=0.25)
    assert fit.lipschitz.lower <= 0.2 <= fit.lipschitz.upper <= 0.2 * (1 + 1e-6)
    np.testing.assert_allclose(fit.values, [0.5, -0.5], rtol=1e-6)
    assert plan_square(fit.certificate, [[0.0, 0.0], [3.0, 4.0]], [1.0, -1.0], 0.25) == pytest.approx(0.2, rel=1e-6)


def test_a_path_of_three_points():
    """A symmetric tent on the line, by hand: v = (a, b, a) with b - a = L, residual (a, b - 1, a) along (1, -2, 1)."""
    fit = smoothest_function_fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 0.0], max_mse=0.02)
    truth = 1 - 3 * math.sqrt(0.06 / 6)
    assert fit.lipschitz.lower <= truth <= fit.lipschitz.upper
    assert fit.lipschitz.relative_gap <= 1e-6


def test_equal_points_share_a_value():
    """Deviations of 0.5 inside the pair take n s = 0.5 of the budget; the rest moves 0.5 and 3 together."""
    X, y = [[0.0], [0.0], [2.0]], [0.0, 1.0, 3.0]
    at_the_edge = smoothest_function_fit(X, y, max_mse=0.5 / 3)
    assert at_the_edge.status == ("ok" if Fraction(0.5 / 3) * 3 >= Fraction(1, 2) else "infeasible")
    fit = smoothest_function_fit(X, y, max_mse=0.25)
    truth = (2.5 - math.sqrt(0.25 * (1 / 2 + 1))) / 2
    assert fit.lipschitz.lower <= truth <= fit.lipschitz.upper
    assert fit.lipschitz.relative_gap <= 1e-6
    assert fit.values[0] == fit.values[1]
    exactly = smoothest_function_fit([[0.0], [0.0], [2.0], [2.0]], [0.0, 1.0, 3.0, 3.0], max_mse=0.125)
    assert exactly.lipschitz.lower <= 1.25 <= exactly.lipschitz.upper
    assert exactly.lipschitz.relative_gap < 1e-12


@pytest.mark.parametrize("unit", [1e-300, 1e-155, 1.0, 1e155, 1e300])
def test_units_of_inputs_and_labels(unit):
    X = np.array([[0.0, 1.0], [2.0, 0.0], [1.0, 1.0], [3.0, 3.0]])
    y = np.array([1.0, -1.0, 0.5, 2.0])
    expected = smoothest_function_fit(X, y, max_mse=0.0).lipschitz.upper
    assert smoothest_function_fit(X * unit, y * unit, max_mse=0.0).lipschitz.upper == pytest.approx(expected, rel=1e-12)
    if 1e-150 < unit < 1e150:
        return
    fit = smoothest_function_fit(X * unit, y, max_mse=0.1).lipschitz
    plain = smoothest_function_fit(X, y, max_mse=0.1).lipschitz
    assert fit.lower * unit == pytest.approx(plain.lower, rel=1e-9)
    assert fit.relative_gap <= 1e-6


def test_near_points_with_far_labels():
    """Points 1e-200 apart: their labels cost the budget first, and the constant is that of the others."""
    X = np.array([[0.0, 0.0], [0.0, 1e-200], [1.0, 0.0], [1.0, 1e-200]])
    y = np.array([0.0, 0.2, 1.0, 1.2])
    tight = smoothest_function_fit(X, y, max_mse=0.009)
    assert tight.lipschitz.lower > 1e197
    assert tight.lipschitz.relative_gap <= 1e-6
    loose = smoothest_function_fit(X, y, max_mse=0.02)
    truth = 1 - 2 * math.sqrt(0.02 - 0.01)
    assert loose.lipschitz.lower <= truth <= loose.lipschitz.upper * (1 + 1e-12)
    assert loose.lipschitz.relative_gap <= 1e-6


def test_labels_far_from_zero():
    """Differences of one on labels of 1e12: values are counted from their mean."""
    X = np.arange(6.0)[:, None]
    y = 1e12 + np.array([0.0, 1.0, 0.0, 2.0, 1.0, 3.0])
    fit = smoothest_function_fit(X, y, max_mse=0.2)
    plain = smoothest_function_fit(X, y - 1e12, max_mse=0.2)
    assert fit.lipschitz.relative_gap <= 1e-6
    assert fit.lipschitz.lower == pytest.approx(plain.lipschitz.lower, rel=1e-6)


def test_lattice_with_ties():
    """Equal distances and equal labels everywhere."""
    X = np.array([[a, b, c] for a in range(4) for b in range(4) for c in range(3)], dtype=float)
    y = np.array([(-1.0) ** int(sum(row)) for row in X])
    for level in (0.0, 0.04, 0.5, 0.9):
        fit = smoothest_function_fit(X, y, max_mse=level)
        truth = 2 * (1 - math.sqrt(level))
        assert fit.lipschitz.lower <= truth * (1 + 1e-12)
        assert truth <= fit.lipschitz.upper * (1 + 1e-12)
        assert fit.lipschitz.relative_gap <= 1e-6


def test_one_sample_and_constant_labels():
    for X, y in (([[2.0]], [3.0]), ([[1.0], [2.0]], [3.0, 3.0]), ([[1.0], [1.0]], [3.0, 3.0])):
        fit = smoothest_function_fit(X, y, max_mse=0.0)
        assert (fit.lipschitz.lower, fit.lipschitz.upper, fit.mse, fit.status) == (0.0, 0.0, 0.0, "ok")
        np.testing.assert_array_equal(fit.values, y)
        assert fit.certificate.lower_bound(X, y, 0.0) == 0.0
        np.testing.assert_array_equal(fit([[5.0]]), [3.0])


def test_many_points_on_a_line():
    rng = np.random.default_rng(0)
    X = rng.permutation(3000).astype(float)[:, None]
    y = np.sin(X[:, 0] / 200) + 0.3 * rng.standard_normal(3000)
    fit = smoothest_function_fit(X, y, max_mse=0.085)
    assert fit.lipschitz.relative_gap <= 1e-6
    order = np.argsort(X[:, 0])
    assert np.abs(np.diff(fit.values[order])).max() <= fit.lipschitz.upper * (1 + 1e-12)
    assert np.mean((fit.values - y) ** 2) <= 0.085 * (1 + 1e-12)


def test_a_thousand_points_in_twenty_dimensions():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((1000, 20)), rng.choice([-1.0, 1.0], 1000)
    fit = smoothest_function_fit(X, y, max_mse=0.5)
    assert fit.lipschitz.relative_gap <= 1e-6
    assert fit.lipschitz.effort["status"] == "complete"
    assert fit.lipschitz.effort["pairs"] < 20_000  # of 499,500
    distances = np.linalg.norm(X[:200, None] - X[None, :200], axis=2) + np.eye(200)
    slopes = np.abs(fit.values[:200, None] - fit.values[None, :200]) / distances
    assert slopes.max() <= fit.lipschitz.upper * (1 + 1e-12)


def test_wide_inputs_keep_no_table_of_coordinates():
    """More coordinates than the exact evaluation of distances takes."""
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((60, 5000)), rng.choice([-1.0, 1.0], 60)
    fit = smoothest_function_fit(X, y, max_mse=0.3)
    assert fit.lipschitz.relative_gap <= 1e-6


def test_out_of_time_keeps_what_it_has():
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((200, 3)), rng.choice([-1.0, 1.0], 200)
    fit = smoothest_function_fit(X, y, max_mse=0.9, max_seconds=1e-9)
    assert fit.lipschitz.effort["status"] == "out of time"
    whole = smoothest_function_fit(X, y, max_mse=0.9)
    assert 0 < fit.lipschitz.lower <= whole.lipschitz.upper
    assert whole.lipschitz.lower <= fit.lipschitz.upper


def test_narrower_on_request():
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((40, 3)), rng.standard_normal(40)
    assert smoothest_function_fit(X, y, max_mse=0.2, rtol=1e-9).lipschitz.relative_gap <= 1e-9


def test_results_are_short_and_compared_by_identity():
    fit = smoothest_function_fit(np.arange(50.0)[:, None], np.arange(50.0) % 7, max_mse=0.1)
    assert len(repr(fit)) < 900
    assert fit == fit
    assert fit != smoothest_function_fit([[0.0]], [0.0], max_mse=0.0)
    assert isinstance(hash(fit), int)
    assert isinstance(fit.extension(), LipschitzExtension)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (([[0.0]], [0.0, 1.0]), {"max_mse": 0.0}, "y must have one entry"),
        (([[0.0], [math.nan]], [0.0, 1.0]), {"max_mse": 0.0}, "X must be finite"),
        (([[0.0], [1.0]], [0.0, 1.0]), {"max_mse": -1.0}, "max_mse must be >= 0"),
        (([[0.0], [1.0]], [0.0, 1.0]), {"max_mse": 0.0, "rtol": 0.0}, "rtol must be > 0"),
        (([[0.0], [1.0]], [0.0, 1.0]), {"max_mse": 0.0, "max_seconds": 0.0}, "max_seconds must be > 0"),
    ],
)
def test_arguments_are_checked(arguments, options, said):
    with pytest.raises(ValueError, match=said):
        smoothest_function_fit(*arguments, **options)


def test_certificate_and_extension_check_their_arguments():
    fit = smoothest_function_fit([[0.0], [1.0]], [0.0, 1.0], max_mse=0.0)
    with pytest.raises(ValueError, match="X must have a row for every sample"):
        fit.certificate.lower_bound([[0.0]], [0.0], 0.0)
    bad = (([[0, -1]], [1.0], "pairs must be >= 0"), ([[0, 1]], [math.inf], "flows must be finite"))
    for pairs, flows, said in bad:
        with pytest.raises(ValueError, match=said):
            TransportCertificate(np.array(pairs), np.array(flows)).lower_bound([[0.0], [1.0]], [0.0, 1.0], 0.0)
    with pytest.raises(ValueError, match="max_mse must be >= 0"):
        fit.certificate.lower_bound([[0.0], [1.0]], [0.0, 1.0], -1.0)
    with pytest.raises(ValueError, match="X must have 1 columns"):
        fit.extend([[0.0, 1.0]])


@pytest.mark.peers
def test_against_a_conic_solver():
    cvxpy = pytest.importorskip("cvxpy")
    rng = np.random.default_rng(4)
    for n, d, level in ((30, 2, 0.1), (40, 5, 0.5), (40, 1, 0.3)):
        X, y = rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], n)
        v, constant = cvxpy.Variable(n), cvxpy.Variable()
        i, j = np.triu_indices(n, 1)
        lengths = np.linalg.norm(X[i] - X[j], axis=1)
        limits = [cvxpy.abs(v[i] - v[j]) <= constant * lengths, cvxpy.sum_squares(v - y) <= n * level]
        cvxpy.Problem(cvxpy.Minimize(constant), limits).solve(solver="CLARABEL")
        fit = smoothest_function_fit(X, y, max_mse=level)
        assert fit.lipschitz.lower <= constant.value * (1 + 1e-6)
        assert constant.value <= fit.lipschitz.upper * (1 + 1e-6)
