"""Masked least squares against numpy, against its optimality conditions, and against transformations of the problem."""

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.solvers import least_squares, masked_least_squares

SHAPES = [(30, 12), (60, 50), (20, 20), (15, 40), (1, 5), (7, 1), (90, 70)]


def problem(n, p, n_masks, seed):
    rng = np.random.default_rng(seed)
    masks = rng.random((n_masks, p)) < rng.random((n_masks, 1))
    return rng.standard_normal((n, p)), rng.standard_normal(n), masks


def reference(X, y, mask, ridge=0.0):
    """Weights (p,) and rank by numpy.linalg.lstsq on the augmented system."""
    block, target = X[:, mask], y
    k = block.shape[1]
    if ridge > 0:
        block, target = np.vstack([block, np.sqrt(ridge) * np.eye(k)]), np.concatenate([y, np.zeros(k)])
    weights = np.zeros(len(mask))
    rank = 0
    if k:
        weights[mask], _, rank, _ = np.linalg.lstsq(block, target, rcond=None)
    return weights, rank


@given(shape=st.sampled_from(SHAPES), ridge=st.sampled_from([0.0, 1e-3, 0.5, 20.0]), seed=st.integers(0, 10**6))
def test_agrees_with_lstsq(shape, ridge, seed):
    X, y, masks = problem(*shape, 7, seed)
    fit = least_squares(X, y, masks, ridge=ridge)
    for row, mask in enumerate(masks):
        expected, rank = reference(X, y, mask, ridge)
        condition = np.linalg.cond(X[:, mask]) if mask.any() else 1.0
        error = np.linalg.norm(fit.weights[row] - expected)
        assert error <= 1e-14 * condition * max(1.0, condition / 100) * (1 + np.linalg.norm(expected))
        assert fit.rank[row] == rank
        assert fit.residual_norm[row] == pytest.approx(np.linalg.norm(X @ expected - y), rel=1e-9, abs=1e-11)
        assert not fit.weights[row][~mask].any()


def test_error_is_1e_12_on_well_conditioned_blocks():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((50, 60)), rng.standard_normal(50)
    masks = np.zeros((500, 60), dtype=bool)
    np.put_along_axis(masks, np.argsort(rng.random((500, 60)), axis=1)[:, :20], True, axis=1)
    fit = least_squares(X, y, masks)
    for row, mask in enumerate(masks):
        expected, _ = reference(X, y, mask)
        assert np.linalg.norm(fit.weights[row] - expected) <= 1e-12 * np.linalg.norm(expected)
    assert set(fit.status) == {"ok"}


@given(shape=st.sampled_from(SHAPES), ridge=st.sampled_from([0.0, 0.3]), seed=st.integers(0, 10**6))
def test_normal_equations_and_minimum_norm(shape, ridge, seed):
    X, y, masks = problem(*shape, 3, seed)
    fit = least_squares(X, y, masks, ridge=ridge)
    for weights, mask in zip(fit.weights, masks, strict=True):
        block, w = X[:, mask], weights[mask]
        gradient = block.T @ (block @ w - y) + ridge * w
        scale = np.linalg.norm(block) * (np.linalg.norm(block) * np.linalg.norm(w) + np.linalg.norm(y))
        assert np.linalg.norm(gradient) <= 1e-12 * (1 + scale)
        # Of minimum norm: orthogonal to the null space, which the trailing right singular vectors span.
        if block.shape[1] > block.shape[0]:
            null_space = np.linalg.svd(block)[2][block.shape[0] :]
            assert np.linalg.norm(null_space @ w) <= 1e-12 * (1 + np.linalg.norm(w))


@pytest.mark.parametrize(("n", "p"), [(40, 12), (60, 45), (12, 40)])
@pytest.mark.parametrize("defect", ["duplicate", "zero", "combination", "repeated_rows"])
def test_rank_deficient_blocks_get_their_rank_and_the_minimum_norm_solution(n, p, defect):
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((n, p)), rng.standard_normal(n)
    if defect == "duplicate":
        X[:, 3] = X[:, 1]
    elif defect == "zero":
        X[:, 3] = 0.0
    elif defect == "combination":
        X[:, 3] = X[:, 0] - 2 * X[:, 1] + X[:, 2]
    else:
        X[n // 2 :] = X[: n - n // 2]
    masks = np.ones((3, p), dtype=bool)
    masks[1, 3] = False
    masks[2, 5:9] = False
    fit = least_squares(X, y, masks)
    for row, mask in enumerate(masks):
        expected, rank = reference(X, y, mask)
        assert fit.rank[row] == rank
        assert fit.status[row] == ("ok" if rank == min(n, mask.sum()) else "rank_deficient")
        np.testing.assert_allclose(fit.weights[row], expected, rtol=0, atol=1e-11 * (1 + np.linalg.norm(expected)))
        assert fit.residual_norm[row] == pytest.approx(np.linalg.norm(X @ expected - y), rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("k", [8, 12, 40])
def test_ill_conditioned_blocks_are_solved_to_the_accuracy_of_qr(k):
    rng = np.random.default_rng(11)
    left = np.linalg.qr(rng.standard_normal((80, k)))[0]
    right = np.linalg.qr(rng.standard_normal((k, k)))[0]
    truth = rng.standard_normal(k)
    for condition in [1e2, 1e3, 2e3, 1e4, 1e6, 1e9, 1e11]:
        X = left * np.geomspace(1.0, 1.0 / condition, k) @ right.T
        fit = least_squares(X, X @ truth, np.ones((2, k), dtype=bool))
        # The data are consistent, so a backward stable solver errs by about condition x 1e-16; normal equations alone
        # would err by condition squared x 1e-16.
        assert np.linalg.norm(fit.weights[0] - truth) <= 5e-16 * condition * np.linalg.norm(truth)
        assert fit.rank[0] == k
    assert fit.status[0] == "ill_conditioned"


def test_columns_of_very_different_scale_are_full_rank():
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((30, 6)), rng.standard_normal(30)
    scale = 10.0 ** np.array([-9, 0, 5, -3, 8, 1])
    scaled, plain = least_squares(X * scale, y), least_squares(X, y)
    np.testing.assert_allclose(scaled.weights * scale, plain.weights, rtol=1e-12)
    assert scaled.rank == 6


@given(shape=st.sampled_from(SHAPES), seed=st.integers(0, 10**6))
def test_equivariance(shape, seed):
    X, y, masks = problem(*shape, 2, seed)
    rng = np.random.default_rng(seed)
    fit = least_squares(X, y, masks)
    tolerance = 1e-13 * max(np.linalg.cond(X[:, m]) ** 2 if m.any() else 1.0 for m in masks)
    scale = 1 + np.abs(fit.weights).max()
    columns, rows = rng.permutation(X.shape[1]), rng.permutation(X.shape[0])
    permuted = least_squares(X[rows][:, columns], y[rows], masks[:, columns])
    np.testing.assert_allclose(permuted.weights, fit.weights[:, columns], rtol=0, atol=tolerance * scale)
    rescaled = least_squares(8.0 * X, 4.0 * y, masks)
    np.testing.assert_allclose(rescaled.weights, fit.weights / 2, rtol=0, atol=tolerance * scale)
    np.testing.assert_allclose(rescaled.residual_norm, 4 * fit.residual_norm, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("n", "p"), [(40, 30), (20, 50)])
def test_streaming_in_blocks_and_batching_change_nothing(monkeypatch, n, p):
    X, y, masks = problem(n, p, 60, 4)
    whole = least_squares(X, y, masks, ridge=0.1)
    monkeypatch.setattr(masked_least_squares, "_BLOCK_NUMBERS", 7 * p)
    streamed = least_squares(X, y, masks, ridge=0.1)
    np.testing.assert_array_equal(streamed.weights, whole.weights)
    np.testing.assert_array_equal(streamed.residual_norm, whole.residual_norm)
    for row in (0, 17, 59):
        single = least_squares(X, y, masks[row], ridge=0.1)
        np.testing.assert_allclose(single.weights, whole.weights[row], rtol=1e-12, atol=1e-14)
        assert (single.rank, single.status) == (whole.rank[row], whole.status[row])


def test_masks_that_keep_nothing_fit_zero():
    fit = least_squares([[3.0], [4.0]], [3.0, 4.0], [False])
    assert (fit.weights.tolist(), fit.rank, fit.residual_norm, fit.status) == ([0.0], 0, 5.0, "ok")


@pytest.mark.parametrize("size", [1e-3, 1e-6, 1e-9])
def test_small_residuals_keep_their_digits(size):
    rng = np.random.default_rng(3)
    X, w = rng.standard_normal((40, 10)), rng.standard_normal(10)
    noise = size * rng.standard_normal(40)
    y = X @ w + noise
    fit = least_squares(X, y, np.ones((4, 10), dtype=bool))
    expected = np.linalg.norm(noise - X @ np.linalg.lstsq(X, noise, rcond=None)[0])
    # The labels themselves are rounded to 1e-16.
    np.testing.assert_allclose(fit.residual_norm, expected, rtol=1e-14 / size)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([[1.0, np.nan]], [1.0]), ValueError, "X must be finite"),
        (([[1.0, 2.0]], [np.inf]), ValueError, "y must be finite"),
        ((np.zeros((0, 2)), np.zeros(0)), ValueError, "X must not be empty"),
        (([[1.0, 2.0]], [1.0, 2.0]), ValueError, "y must have one entry"),
        (([[1.0, 2.0]], [1.0], [1, 0]), TypeError, "masks must be boolean"),
        (([[1.0, 2.0]], [1.0], [True]), ValueError, "masks must have shape"),
        (([[1.0, 2.0]], [1.0], np.zeros((0, 2), bool)), ValueError, "masks must not be empty"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        least_squares(*arguments)


def test_negative_ridge_is_named():
    with pytest.raises(ValueError, match="ridge must be >= 0, got -1"):
        least_squares([[1.0]], [1.0], ridge=-1.0)


def test_kernel_runs_without_compilation():
    code = (
        "import numpy as np; from noprune_theory.solvers import least_squares; rng = np.random.default_rng(0);"
        "X, y = rng.standard_normal((12, 9)), rng.standard_normal(12); X[:, 4] = X[:, 3];"
        "masks = rng.random((11, 9)) < 0.6; print(least_squares(X, y, masks).weights.tolist())"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((12, 9)), rng.standard_normal(12)
    X[:, 4] = X[:, 3]
    compiled = least_squares(X, y, rng.random((11, 9)) < 0.6).weights
    np.testing.assert_allclose(np.array(eval(printed)), compiled, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("equal_sizes", [True, False])
def test_peak_memory_is_twice_the_inputs_plus_the_outputs(equal_sizes):
    rng = np.random.default_rng(0)
    n, p, n_masks = 40, 100, 40_000
    X, y = rng.standard_normal((n, p)), rng.standard_normal(n)
    kept = np.full((n_masks, 1), 12) if equal_sizes else rng.integers(1, 20, (n_masks, 1))
    masks = np.argsort(rng.random((n_masks, p)), axis=1) < kept
    least_squares(X, y, masks[:10])
    tracemalloc.start()
    fit = least_squares(X, y, masks)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    outputs = fit.weights.nbytes + fit.rank.nbytes + fit.residual_norm.nbytes + fit.status.nbytes
    # A block of masks has fixed-size temporaries: a few times its 2 megabytes of weights.
    assert peak <= 2 * (X.nbytes + y.nbytes + masks.nbytes) + outputs + 8_000_000


@pytest.mark.parametrize("ridge", [0.0, 0.5])
def test_a_mask_that_keeps_nothing_is_fitted_by_the_zero_function(ridge):
    fit = least_squares([[1.0, 2.0], [0.0, 1.0]], [3.0, 4.0], [False, False], ridge=ridge)
    assert (fit.weights.tolist(), fit.rank, fit.residual_norm, fit.status) == ([0.0, 0.0], 0, 5.0, "ok")
