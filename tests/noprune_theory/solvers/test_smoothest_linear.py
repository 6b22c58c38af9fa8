"""The smoothest linear fit: optimality conditions, a conic solver, scalings, delicate levels."""

import math
from fractions import Fraction

import numpy as np
import pytest
from exact_oracles import exact_squared_residual, smallest_squared_residual
from hypothesis import given
from hypothesis import strategies as st
from linear_oracles import exact_ridge, relative_error

from noprune_theory.solvers import least_squares, smoothest_linear_fit
from noprune_theory.solvers.regression._graded import GradedBlock
from noprune_theory.solvers.smoothest.linear import fit as smoothest_linear
from noprune_theory.solvers.smoothest.linear._unreachable import unreachable_direction
from noprune_theory.testing import loss_levels, scaled_regressions

SHAPES = [(30, 12), (60, 50), (20, 20), (15, 40), (3, 5), (40, 1)]


def problem(n, p, n_masks, seed):
    rng = np.random.default_rng(seed)
    masks = rng.random((n_masks, p)) < 0.2 + 0.8 * rng.random((n_masks, 1))
    return rng.standard_normal((n, p)), rng.standard_normal(n), masks


@given(shape=st.sampled_from(SHAPES), fraction=st.floats(0.02, 0.98), seed=st.integers(0, 10**6))
def test_optimality_conditions(shape, fraction, seed):
    """w minimises |w| on the ball iff X_S^T (y - X w) = ridge w with ridge > 0 and the constraint is active."""
    X, y, masks = problem(*shape, 6, seed)
    smallest = least_squares(X, y, masks).residual_norm ** 2 / len(y)
    for mask, floor in zip(masks, smallest, strict=True):
        level = floor + fraction * (np.mean(y**2) - floor)
        fit = smoothest_linear_fit(X, y, mask, max_mse=level)
        if not mask.any():
            assert (fit.lipschitz, fit.status) == (0.0, "ok")
            continue
        residual = y - X @ fit.weights
        assert fit.status == "ok"
        assert fit.lipschitz == pytest.approx(np.linalg.norm(fit.weights), rel=1e-14)
        assert np.mean(residual**2) == pytest.approx(level, rel=1e-9)
        assert fit.mse == pytest.approx(level, rel=1e-9)
        assert not fit.weights[~mask].any()
        scale = fit.ridge * fit.lipschitz
        assert np.linalg.norm(X[:, mask].T @ residual - fit.ridge * fit.weights[mask]) <= 1e-9 * scale + 1e-13


@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 10**6))
def test_both_paths_agree(shape, seed):
    """One level goes by Cholesky factorisations, several by a singular value decomposition."""
    X, y, masks = problem(*shape, 4, seed)
    level = 0.6 * np.mean(y**2)
    single, several = (
        smoothest_linear_fit(X, y, masks, max_mse=level),
        smoothest_linear_fit(X, y, masks, max_mse=[level] * 2),
    )
    np.testing.assert_array_equal(single.status, several.status[:, 0])
    np.testing.assert_allclose(single.weights, several.weights[:, 1], rtol=1e-8, atol=1e-9, equal_nan=True)
    np.testing.assert_allclose(single.ridge, several.ridge[:, 0], rtol=1e-8)


def test_the_order_of_the_masks_does_not_matter():
    X, y, masks = problem(40, 60, 30, 3)
    forward = smoothest_linear_fit(X, y, masks, max_mse=0.4)
    backward = smoothest_linear_fit(X, y, masks[::-1], max_mse=0.4)
    np.testing.assert_allclose(forward.weights, backward.weights[::-1], rtol=1e-9, atol=1e-12)


def test_no_random_feasible_fit_is_smoother():
    rng = np.random.default_rng(5)
    X, y, _ = problem(12, 8, 1, 9)
    fit = smoothest_linear_fit(X, y, max_mse=0.8 * np.mean(y**2))
    best = least_squares(X, y).weights
    for _ in range(300):
        other = fit.weights + 0.3 * rng.standard_normal(8) * np.linalg.norm(fit.weights)
        # Towards the least-squares solution until feasible: the feasible set is convex.
        for t in np.linspace(0, 1, 21):
            trial = (1 - t) * other + t * best
            if np.mean((X @ trial - y) ** 2) <= fit.mse:
                assert np.linalg.norm(trial) >= fit.lipschitz * (1 - 1e-12)
                break


def test_lipschitz_decreases_with_the_level_and_vanishes_at_the_trivial_one():
    X, y, _ = problem(30, 50, 1, 2)
    levels = np.linspace(0.0, np.mean(y**2), 25)
    fit = smoothest_linear_fit(X, y, max_mse=levels)
    assert fit.weights.shape == (25, 50)
    assert np.all(np.diff(fit.lipschitz) < 0)
    assert (fit.lipschitz[-1], fit.ridge[-1]) == (0.0, np.inf)
    np.testing.assert_allclose(fit.weights[0], least_squares(X, y).weights, rtol=1e-9)


def test_levels_below_the_smallest_loss_are_infeasible():
    X, y, _ = problem(30, 10, 1, 4)
    floor = least_squares(X, y).residual_norm ** 2 / 30
    for level in (0.0, 0.5 * floor, floor * (1 - 1e-6)):
        fit = smoothest_linear_fit(X, y, max_mse=level)
        assert fit.status == "infeasible"
        assert np.isnan([fit.lipschitz, fit.ridge]).all()
        assert np.isnan(fit.weights).all()
        assert fit.mse == pytest.approx(floor, rel=1e-10)
    for level in (floor, floor * (1 + 1e-6)):
        fit = smoothest_linear_fit(X, y, max_mse=level)
        assert fit.status == "ok"
        np.testing.assert_allclose(fit.weights, least_squares(X, y).weights, rtol=0, atol=2e-3)


def test_rank_deficient_blocks():
    X, y, _ = problem(30, 10, 1, 6)
    X[:, 3], X[:, 4] = X[:, 2], 0.0
    fit = smoothest_linear_fit(X, y, max_mse=0.9 * np.mean(y**2))
    assert fit.weights[3] == pytest.approx(fit.weights[2], rel=1e-9)
    assert fit.weights[4] == pytest.approx(0.0, abs=1e-15)
    X = np.vstack([X, X])
    contradictory = np.concatenate([y, y + 1.0])
    assert smoothest_linear_fit(X, contradictory, max_mse=0.2).status == "infeasible"


@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 10**6))
def test_equivariance(shape, seed):
    X, y, masks = problem(*shape, 2, seed)
    rng = np.random.default_rng(seed)
    level = 0.7 * np.mean(y**2)
    fit = smoothest_linear_fit(X, y, masks, max_mse=level)
    columns, rows = rng.permutation(X.shape[1]), rng.permutation(X.shape[0])
    permuted = smoothest_linear_fit(X[rows][:, columns], y[rows], masks[:, columns], max_mse=level)
    np.testing.assert_allclose(permuted.weights, fit.weights[:, columns], rtol=1e-8, atol=1e-10)
    scaled = smoothest_linear_fit(4.0 * X, 3.0 * y, masks, max_mse=9.0 * level)
    np.testing.assert_allclose(scaled.lipschitz, 0.75 * fit.lipschitz, rtol=1e-9)
    rotation = np.linalg.qr(rng.standard_normal((len(y), len(y))))[0]
    rotated = smoothest_linear_fit(rotation @ X, rotation @ y, masks, max_mse=level)
    np.testing.assert_allclose(rotated.weights, fit.weights, rtol=1e-7, atol=1e-9)


def test_result_shapes():
    X, y, masks = problem(10, 6, 3, 0)
    assert smoothest_linear_fit(X, y, max_mse=0.5).weights.shape == (6,)
    assert smoothest_linear_fit(X, y, max_mse=[0.5, 0.6]).mse.shape == (2,)
    assert smoothest_linear_fit(X, y, masks, max_mse=0.5).status.shape == (3,)
    assert smoothest_linear_fit(X, y, masks, max_mse=[0.5, 0.6]).weights.shape == (3, 2, 6)


@pytest.mark.parametrize("level", [-1e-9, [0.1, -0.2]])
def test_negative_levels_are_named(level):
    with pytest.raises(ValueError, match="max_mse must be >= 0, got -"):
        smoothest_linear_fit([[1.0]], [1.0], max_mse=level)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([[np.nan]], [1.0]), ValueError, "X must be finite"),
        ((np.zeros((0, 2)), np.zeros(0)), ValueError, "X must not be empty"),
        (([[1.0]], [1.0], [1]), TypeError, "masks must be boolean"),
        (([[1.0]], [1.0], [True, False]), ValueError, "masks must have shape"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        smoothest_linear_fit(*arguments, max_mse=0.5)


def test_a_result_that_fails_its_conditions_is_not_returned(monkeypatch):
    """Broken on purpose: a model with a wrong solution must send the block to the decomposition."""
    X, y, _ = problem(20, 30, 1, 1)
    expected = smoothest_linear_fit(X, y, max_mse=0.3)
    good = smoothest_linear._KrylovModel.solution
    monkeypatch.setattr(smoothest_linear._KrylovModel, "solution", lambda self, ridge: 1.001 * good(self, ridge))
    np.testing.assert_allclose(smoothest_linear_fit(X, y, max_mse=0.3).weights, expected.weights, rtol=1e-8)


@pytest.mark.peers
def test_agrees_with_a_conic_solver():
    cvxpy = pytest.importorskip("cvxpy")
    X, y, masks = problem(25, 40, 4, 7)
    fit = smoothest_linear_fit(X, y, masks, max_mse=0.9 * np.mean(y**2))
    for row, mask in enumerate(masks):
        w = cvxpy.Variable(mask.sum())
        constraint = cvxpy.norm(X[:, mask] @ w - y) <= np.sqrt(25 * 0.9 * np.mean(y**2))
        smallest = cvxpy.Problem(cvxpy.Minimize(cvxpy.norm(w)), [constraint])
        smallest.solve(solver="CLARABEL", tol_gap_rel=1e-9, tol_gap_abs=1e-9, tol_feas=1e-9)
        assert fit.lipschitz[row] == pytest.approx(smallest.value, rel=1e-8)


# --- Interpolation, and levels at the edge of what can be reached -----------------------------------------------------


@pytest.mark.parametrize(
    ("X", "y", "level", "weights"),
    [
        ([[1], [2], [3]], [1, 2, 3], 0.0, [1.0]),
        ([[1, 0], [1, 0]], [1, 1], 0.0, [1.0, 0.0]),
        ([[3.0, 4.0]], [5.0], 0.0, [0.6, 0.8]),
        ([[1.0, 1.0], [2.0, 2.0]], [2.0, 4.0], 0.0, [1.0, 1.0]),
        ([[0.0]], [0.0], 0.0, [0.0]),
        ([[1e154], [1e154]], [1, 1], 0.25, [5e-155]),
        ([[1e-154], [1e-154]], [1, 1], 0.25, [5e153]),
        ([[1.0], [1.0]], [1e-170, 1e-170], 0.0, [1e-170]),
        ([[1.0], [1.0]], [1e160, 1e160], 1e308, [9.99999e159]),
        ([[1.0, 0.0], [0.0, 1e160]], [3.0, 4.0], 0.0, [3.0, 4e-160]),
        ([[1.0], [1.0]], [1.0, 2.0], 0.25, [1.5]),
        ([[1.0, 1.0], [1.0, 1.0 + 2.0**-52]], [1.0, 2.0], 0.0, [1 - 2.0**52, 2.0**52]),
    ],
)
def test_fits_at_the_edge(X, y, level, weights):
    for fit in (
        smoothest_linear_fit(X, y, max_mse=level),
        smoothest_linear_fit(X, y, np.ones((1, len(X[0])), dtype=bool), max_mse=level),
        smoothest_linear_fit(X, y, max_mse=[level]),
    ):
        np.testing.assert_allclose(fit.weights.ravel(), weights, rtol=1e-9)
        assert np.ravel(fit.lipschitz)[0] == pytest.approx(math.hypot(*weights), rel=1e-9)
        assert np.ravel(fit.status)[0] == "ok"
        assert np.ravel(fit.mse)[0] <= level * (1 + 1e-9) + (0.0 if level else 1e-30 * float(np.max(y)) ** 2) + 5e-324


def test_squares_of_the_data_do_not_leave_the_range():
    X = np.array([[1, 0, 3], [2, -3, -2], [0, 2, -3]])
    plain = smoothest_linear_fit(X, [1, 2, 2], max_mse=0.5)
    for unit in (1e-155, 1e-300, 1e155):
        fit = smoothest_linear_fit(X * unit, [1, 2, 2], max_mse=0.5)
        assert fit.lipschitz * unit == pytest.approx(plain.lipschitz, rel=1e-9)
        assert (fit.status, fit.mse) == ("ok", pytest.approx(0.5, rel=1e-9))
    assert plain.lipschitz == pytest.approx(0.9613366, rel=1e-7)


@given(problem=scaled_regressions(max_samples=4, max_weights=4, max_masks=2), data=st.data())
def test_any_units_and_any_level_against_exact_fractions(problem, data):
    """The ridge says which fit it is: it must be the ridge solution whose loss is the level, or the least-norm fit."""
    X, y = problem.X, problem.y
    level = data.draw(loss_levels(X, y, problem.masks[0]))
    fit = smoothest_linear_fit(X, y, problem.masks, max_mse=level)
    several = smoothest_linear_fit(X, y, problem.masks, max_mse=[level, 0.0])
    np.testing.assert_array_equal(several.status[:, 0], fit.status)
    for row, mask in enumerate(problem.masks):
        block, status, weights = X[:, mask], fit.status[row], fit.weights[row, mask]
        floor, budget = smallest_squared_residual(block, y), y.size * Fraction(level)
        total = sum(Fraction(float(label)) ** 2 for label in y)
        assert not fit.weights[row, ~mask].any()
        if status == "infeasible":
            assert floor > budget
            assert_is_certificate(block, y, budget, fit.certificate[row])
            continue
        # What counts as reached, by the docstring; the roots of 2 and 3 cover its own rounding.
        slack = Fraction(32 * max(block.shape)) ** 2 * Fraction(2) ** -104 * total
        assert status != "undecided"
        assert floor <= 2 * (budget + slack) or status == "ill_conditioned"
        if status != "ok":
            continue
        reached = exact_squared_residual(block, y, weights)
        assert reached <= budget * (1 + Fraction(1, 10**8)) + Fraction(1, 10**11) * total, (
            X.tolist(),
            y.tolist(),
            level,
            mask,
            fit.weights.tolist(),
        )
        if fit.ridge[row] == np.inf or not 1e-300 < fit.ridge[row] < np.inf:
            if not weights.any():
                assert total <= budget + 2 * slack + Fraction(2, 10**8) * total
            continue
        exact, squared = exact_ridge(block, y, float(fit.ridge[row]))
        assert relative_error(weights, exact) <= 1e-6
        assert abs(float(squared / budget) - 1) <= 1e-8 or abs(squared - budget) <= Fraction(1, 10**11) * total


def assert_is_certificate(block, y, budget, vector):
    """The vector shows that |X w - y|^2 > budget for every w, up to its rounding to float64."""
    direction = [Fraction(float(v)) for v in vector]
    labels = [Fraction(float(label)) for label in y]
    length = sum(v * v for v in direction)
    along = sum(v * label for v, label in zip(direction, labels, strict=True))
    assert along > 0
    assert along**2 > budget * length * (1 - Fraction(1, 10**9))
    for column in block.T:
        entries = [Fraction(float(x)) for x in column]
        inner = sum(x * v for x, v in zip(entries, direction, strict=True))
        assert inner**2 <= Fraction(1, 10**18) * sum(x * x for x in entries) * length


@pytest.mark.parametrize("shape", [(15, 80), (12, 12), (20, 7)])
def test_levels_just_above_the_smallest_join_it(shape):
    rng = np.random.default_rng(2)
    X, w = rng.standard_normal(shape), rng.standard_normal(shape[1])
    levels = [0.0, 5e-324, 1e-200, 1e-40, 1e-32, 1e-28, 1e-24, 1e-20, 1e-16, 1e-12, 1e-9]
    fit = smoothest_linear_fit(X, X @ w, max_mse=levels)
    single = [smoothest_linear_fit(X, X @ w, max_mse=level).lipschitz for level in levels]
    least = np.linalg.norm(np.linalg.lstsq(X, X @ w, rcond=None)[0])
    assert set(fit.status) == {"ok"}
    np.testing.assert_allclose(single, fit.lipschitz, rtol=1e-8)
    assert fit.lipschitz[0] == pytest.approx(least, rel=1e-12)
    assert np.all(np.diff(fit.lipschitz) <= 1e-12 * least)
    # |w(0)| - |w(level)| is at most |X^+| sqrt(n level).
    allowed = np.sqrt(shape[0] * np.array(levels)) / np.linalg.svd(X, compute_uv=False)[-1]
    assert np.all(fit.lipschitz[0] - fit.lipschitz <= 1.01 * allowed + 1e-11 * least)


@given(problem=scaled_regressions(max_samples=5, max_weights=3, max_masks=1))
def test_the_smallest_reachable_loss_is_reached(problem):
    X, y = problem.X, problem.y
    smallest = smallest_squared_residual(X, y) / y.size
    if not 0 < float(smallest) < 1e300:
        return
    fit = smoothest_linear_fit(X, y, max_mse=float(smallest))
    assert fit.status in ("ok", "out_of_range", "ill_conditioned")
    if float(smallest) > 1e-300 and smallest * 10**6 > sum(Fraction(float(a)) ** 2 for a in y):
        assert smoothest_linear_fit(X, y, max_mse=float(smallest) * (1 - 1e-6)).status == "infeasible"


def test_infeasible_is_proved_for_blocks_of_any_size():
    rng = np.random.default_rng(0)
    tall = rng.standard_normal((200, 50))
    twice = rng.standard_normal((60, 200))
    twice[30:] = twice[:30]
    factors = np.column_stack([np.eye(5)[rng.integers(0, 5, 300)], np.ones(300), rng.standard_normal((300, 4))])
    dead = np.maximum(rng.standard_normal((40, 3)) @ rng.standard_normal((3, 100)), 0.0)
    dead[3], dead[9] = 0.0, dead[8]
    units = rng.standard_normal((60, 30)) * 10.0 ** rng.integers(-100, 100, 30)
    for X in (tall, twice, factors, dead, units):
        y = rng.standard_normal(len(X))
        smallest = least_squares(X, y).residual_norm ** 2 / len(y)
        fit = smoothest_linear_fit(X, y, max_mse=smallest * np.array([0.0, 0.5, 1 - 1e-9, 1.0, 1 + 1e-9]))
        assert fit.status.tolist() == ["infeasible"] * 3 + ["ok"] * 2
        np.testing.assert_allclose(fit.mse, smallest, rtol=2e-9)
        for vector in fit.certificate[:3]:
            size = np.linalg.norm(vector)
            assert vector @ y / size == pytest.approx(np.sqrt(len(y) * smallest), rel=1e-9)
            assert np.abs(
                vector @ X / np.linalg.norm(X / np.abs(X).max(axis=0), axis=0) / np.abs(X).max(axis=0)
            ).max() <= (1e-12 * size)
        assert not fit.certificate[3:].any()


def test_what_can_be_neither_reached_nor_refuted_is_left_open():
    """A row that is a combination of two others up to rounding: exactly reachable, but not by weights of float64."""
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((60, 200)), rng.standard_normal(60)
    X[7] = 2 * X[8] - X[9]
    fit = smoothest_linear_fit(X, y, max_mse=[0.0, 0.9])
    assert fit.status.tolist() == ["undecided", "ok"]
    assert np.isnan(fit.weights[0]).all()
    assert fit.certificate is None
    assert fit.mse[0] == pytest.approx(least_squares(X, y).residual_norm ** 2 / 60, rel=1e-9)


@pytest.mark.parametrize("level", [0.1, 0.2, 0.2499])
def test_nearly_dependent_columns_of_a_small_block_are_told_apart(level):
    """Deficient by the rank rule, which would say that no less than 1/4 can be reached; in fact everything can."""
    X, y = [[1.0, 1.0], [1.0, 1.0 + 2.0**-52]], [1.0, 2.0]
    fit = smoothest_linear_fit(X, y, max_mse=level)
    exact, squared = exact_ridge(np.array(X), np.array(y), fit.ridge)
    assert float(squared / 2) == pytest.approx(level, rel=1e-12)
    assert relative_error(fit.weights, exact) <= 1e-14
    # The residual of weights of 1e15 is as uncertain as their last digit.
    assert fit.status in ("ok", "ill_conditioned")
    assert fit.mse == pytest.approx(level, abs=0.1)


def test_weights_whose_last_digits_decide_are_called_ill_conditioned():
    fit = smoothest_linear_fit([[1.0, 1.0], [0.0, 1e-20]], [1.0, 1.0], max_mse=0.0)
    np.testing.assert_allclose(fit.weights, [-1e20, 1e20])
    assert (fit.status, fit.mse) == ("ill_conditioned", 0.5)


@given(seed=st.integers(0, 10**6), exponent=st.integers(8, 54))
def test_no_reachable_level_is_refuted(seed, exponent):
    """The proofs themselves, with columns and rows that are nearly or exactly dependent, at the exact smallest loss."""
    rng = np.random.default_rng(seed)
    n, k = rng.integers(1, 6, 2)
    X, y = rng.integers(-2, 3, (n, k)).astype(float), rng.integers(-2, 3, n).astype(float)
    X[:, 0] = X[:, -1] + 2.0**-exponent * rng.integers(-2, 3, n)
    X[0] = X[-1] + 2.0**-exponent * rng.integers(-1, 2, k)
    graded = GradedBlock(X, y)
    unit = Fraction(4) ** graded.label_exponent
    smallest = smallest_squared_residual(X, y) / unit
    assert unreachable_direction(graded, smallest) is None
    assert unreachable_direction(graded, smallest + Fraction(1, 10**30)) is None
    if smallest > Fraction(1, 10**6):
        level = float(smallest * unit / n * (1 - Fraction(1, 1000)))
        assert smoothest_linear_fit(X, y, max_mse=level).status == "infeasible"


@pytest.mark.parametrize(
    ("X", "y", "lipschitz"), [([[1e200]], [1e-200], 0.0), ([[1e-200]], [1e200], np.inf), ([[5e-324]], [1.0], np.inf)]
)
def test_fits_beyond_float64_are_announced(X, y, lipschitz):
    fit = smoothest_linear_fit(X, y, max_mse=0.0)
    assert (fit.lipschitz, fit.status) == (lipschitz, "out_of_range")


def test_losses_beyond_float64_are_rounded_up():
    assert smoothest_linear_fit([[0.0]], [1e-170], max_mse=0.0).mse == 5e-324
    assert smoothest_linear_fit([[0.0]], [1e170], max_mse=0.0).mse == np.inf


@given(problem=scaled_regressions(max_samples=4, max_weights=4, max_masks=3, decades=250), shift=st.integers(-60, 60))
def test_powers_of_two_change_no_bit(problem, shift):
    X, y, masks = problem.X, problem.y, problem.masks
    level = 0.3 * np.mean(y**2) if np.abs(y).max() < 1e100 else 0.0
    scaled_X, scaled_y = np.ldexp(X, -3 * shift), np.ldexp(y, shift)
    if not (np.array_equal(np.ldexp(scaled_X, 3 * shift), X) and np.array_equal(np.ldexp(scaled_y, -shift), y)):
        return
    if level != 0 and not 1e-280 < level < 1e280:
        return
    fit = smoothest_linear_fit(X, y, masks, max_mse=level)
    scaled = smoothest_linear_fit(scaled_X, scaled_y, masks, max_mse=np.ldexp(level, 2 * shift))
    comparable = (fit.status != "out_of_range") & (scaled.status != "out_of_range")
    np.testing.assert_array_equal(scaled.status[comparable], fit.status[comparable])
    with np.errstate(over="ignore", under="ignore"):
        moved, back = np.ldexp(fit.weights, 4 * shift), np.ldexp(scaled.weights, -4 * shift)
    # Weights near the ends of the range are rounded in one of the two.
    inside = [((np.abs(w) > 1e-290) & (np.abs(w) < 1e290)) | (w == 0) for w in (fit.weights, moved, scaled.weights)]
    lost = (fit.weights == 0) & (np.abs(back) < 1e-300)
    comparable &= np.all(np.all(inside, axis=0) & (~lost | (scaled.weights == 0)), axis=1)
    np.testing.assert_array_equal(scaled.weights[comparable], moved[comparable])


def test_masks_that_keep_nothing_and_labels_that_are_zero():
    X = [[1.0, 2.0], [3.0, 4.0]]
    fit = smoothest_linear_fit(X, [1.0, 1.0], [[False, False], [True, False]], max_mse=[1.0, 0.5])
    assert fit.status.tolist() == [["ok", "infeasible"], ["ok", "ok"]]
    np.testing.assert_array_equal(fit.certificate[0, 1] / fit.certificate[0, 1, 0], [1.0, 1.0])
    zero = smoothest_linear_fit(X, [0.0, 0.0], max_mse=0.0)
    assert (zero.lipschitz, zero.mse, zero.ridge, zero.status) == (0.0, 0.0, np.inf, "ok")


def test_results_compare_by_identity_and_show_their_shapes():
    fits = [smoothest_linear_fit(np.eye(5), np.ones(5), max_mse=0.5) for _ in range(2)]
    assert fits[0] != fits[1]
    assert len(set(fits)) == 2
    assert repr(fits[0]).startswith("SmoothestLinearFit(weights=<float64 array, shape (5,)>, lipschitz=")


@pytest.mark.parametrize("name", ["X", "max_mse"])
def test_ragged_data_are_named(name):
    arguments = {"X": [[1.0, 2.0]], "max_mse": 0.0} | {name: [[1.0, 2.0], [3.0]]}
    with pytest.raises(ValueError, match=f"^{name} must be"):
        smoothest_linear_fit(arguments["X"], [1.0], max_mse=arguments["max_mse"])


@pytest.mark.parametrize("level", [1.0, 1.7e308])
@pytest.mark.parametrize("y", [[1.4356e-230], [1.0], [0.0]])
@pytest.mark.parametrize("x", [0.0, 1.0])
def test_a_level_far_above_the_labels_is_met_by_zero(x, y, level):
    fit = smoothest_linear_fit([[x]], y, max_mse=level)
    assert (fit.status, fit.lipschitz, fit.ridge) == ("ok", 0.0, math.inf)
    several = smoothest_linear_fit([[x]], y, max_mse=[level, 1.0])
    assert several.status.tolist() == ["ok", "ok"]
    assert not several.weights.any()
