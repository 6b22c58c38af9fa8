"""The smoothest linear fit: optimality conditions, a conic solver, scalings, delicate levels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.solvers import least_squares, smoothest_linear, smoothest_linear_fit

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
