"""Masked least squares against numpy, against its optimality conditions, and against transformations of the problem."""

import math
import os
import subprocess
import sys
import tracemalloc
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from exact_oracles import exact_least_squares, exact_rank
from hypothesis import given
from hypothesis import strategies as st
from linear_oracles import (
    condition,
    exact_ridge,
    fitted_error,
    precise_weights,
    relative_error,
    representable,
    root,
)

from noprune_theory.solvers import least_squares, nested_path
from noprune_theory.solvers.regression import masked_least_squares
from noprune_theory.testing import scaled_regressions

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
    for ratio in [1e2, 1e3, 2e3, 1e4, 1e6, 1e9, 1e11]:
        X = left * np.geomspace(1.0, 1.0 / ratio, k) @ right.T
        fit = least_squares(X, X @ truth, np.ones((2, k), dtype=bool))
        # The data are consistent, so a backward stable solver errs by about condition x 1e-16; normal equations alone
        # would err by condition squared x 1e-16.
        assert np.linalg.norm(fit.weights[0] - truth) <= 5e-16 * ratio * np.linalg.norm(truth)
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


# --- Units of measurement ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("X", "y", "weights", "residual"),
    [
        ([[1e160]], [1.0], [1e-160], 0.0),
        ([[1e-160]], [1.0], [1e160], 0.0),
        ([[1.0, 0.0], [0.0, 1e160]], [3.0, 4.0], [3.0, 4e-160], 0.0),
        ([[1.0, 1e-160], [1.0, -1e-160], [0.0, 1e-160]], [1.0, 2.0, 3.0], [1.5, 2 / 3 * 1e160], math.sqrt(49 / 6)),
        ([[1.0], [1.0]], [1e160, -1e160], [0.0], math.sqrt(2) * 1e160),
        ([[1.0], [1.0]], [1e-170, -1e-170], [0.0], math.sqrt(2) * 1e-170),
        ([[5e-324]], [5e-324], [1.0], 0.0),
        ([[1e300, 1e300]], [1e300], [0.5, 0.5], 0.0),
        ([[1e300, 1e-300]], [1.0], [1e-300, 0.0], 0.0),
        ([[1e300, 0.0, 0.0], [0.0, 1e-300, 1e-300]], [1.0, 1.0], [1e-300, 5e299, 5e299], 0.0),
        ([[1.0, 1.0], [0.0, 1e-200]], [3.0, 4e-200], [-1.0, 4.0], 0.0),
        ([[1.0, 1.0, 1.0], [1e-20, 2e-20, 3e-20]], [1.0, 1e-20], [5 / 6, 1 / 3, -1 / 6], 0.0),
    ],
)
def test_squares_do_not_leave_the_range(X, y, weights, residual):
    fit = least_squares(X, y)
    np.testing.assert_allclose(fit.weights, weights, rtol=1e-14)
    assert fit.residual_norm == pytest.approx(residual, rel=1e-14, abs=4e-16 * max(map(abs, y)))
    assert (fit.rank, fit.status == "out_of_range") == (min(np.shape(X)), False)


@pytest.mark.parametrize("size", [1e-300, 1e-15, 1.0, 1e15, 1e300])
@pytest.mark.parametrize("others", [0, 40])
def test_the_rank_does_not_depend_on_the_units_of_a_column(size, others):
    a, b, c, y = np.random.default_rng(0).standard_normal((4, 50))
    noise = np.random.default_rng(1).standard_normal((50, others))
    X = np.column_stack([size * a, b, b + 1e-8 * c, noise])
    path = nested_path(X, y, np.arange(3 + others), direction="grow")
    assert path.rank.tolist() == list(range(4 + others))
    for fit in (least_squares(X, y), least_squares(X[:, ::-1], y)):
        assert (fit.rank, fit.status) == (3 + others, "ill_conditioned")
        assert path.status[-1] == fit.status
    plain = least_squares(np.column_stack([a, b, b + 1e-8 * c, noise]), y)
    assert least_squares(X, y).weights[0] * size == pytest.approx(plain.weights[0], rel=1e-6)
    # The two near-equal columns without their neighbour are deficient once they are equal.
    X[:, 2] = X[:, 1]
    assert (least_squares(X, y).rank, least_squares(X, y).status) == (2 + others, "rank_deficient")


def test_one_rank_rule_whatever_the_other_columns_are():
    X = np.array([[1.0, 0, 0, 0], [0, 3e-16, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]])
    masks = np.array([[1, 1, 1, 0], [1, 1, 1, 1], [0, 1, 0, 0], [0, 1, 1, 1]], dtype=bool)
    fit = least_squares(X, [1.0, 1.0, 1.0, 0.0], masks)
    assert fit.rank.tolist() == [3, 3, 1, 2]
    assert fit.status.tolist() == ["ok", "rank_deficient", "ok", "rank_deficient"]
    np.testing.assert_allclose(fit.weights[1], [1.0, 1 / 3e-16, 0.5, 0.5], rtol=1e-14)
    assert [least_squares(X, [1.0, 1.0, 1.0, 0.0], mask).rank for mask in masks] == [3, 3, 1, 2]


@pytest.mark.parametrize(("n", "p"), [(3, 2), (6, 9), (60, 40), (30, 70)])
@pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9, 1e-11, 1e-17])
def test_rank_and_status_are_those_of_the_block(n, p, gap):
    """The same from one mask or many, a path, any order of the columns, and any power of two on any column."""
    rng = np.random.default_rng(7)
    X, y = rng.standard_normal((n, p)), rng.standard_normal(n)
    if p <= n:
        X[:, 1] = X[:, 0] + gap * X[:, 1]
    else:
        X[1] = X[0] + gap * X[1]
    one = least_squares(X, y)
    units = 2.0 ** rng.integers(-40, 41, p) if p <= n else 2.0 ** rng.integers(-400, 401)
    order = rng.permutation(p)
    batch = least_squares(X[:, order] * units, 2.0**300 * y, np.ones((3, p), dtype=bool))
    path = nested_path(X, y, order[:1])
    assert one.status == ("ok" if gap == 1e-3 else "rank_deficient" if gap == 1e-17 else "ill_conditioned")
    assert {one.status, *batch.status.tolist(), path.status[0]} == {one.status}
    assert {one.rank, *batch.rank.tolist(), path.rank[0]} == {min(n, p) - (gap == 1e-17)}


@given(problem=scaled_regressions(), shift=st.integers(-300, 300), label_shift=st.integers(-300, 300))
def test_answers_follow_powers_of_two_to_the_last_bit(problem, shift, label_shift):
    X, y, masks = problem.X, problem.y, problem.masks
    scaled_X, scaled_y = np.ldexp(X, shift), np.ldexp(y, label_shift)
    if not (_lossless(X, scaled_X, shift) and _lossless(y, scaled_y, label_shift)):
        return
    fit, scaled = least_squares(X, y, masks), least_squares(scaled_X, scaled_y, masks)
    np.testing.assert_array_equal(scaled.rank, fit.rank)
    comparable = (fit.status != "out_of_range") & (scaled.status != "out_of_range")
    np.testing.assert_array_equal(scaled.status[comparable], fit.status[comparable])
    ordinary = np.abs(fit.weights) > 1e-300
    with np.errstate(over="ignore", under="ignore"):
        moved = np.ldexp(fit.weights, label_shift - shift)
    same = comparable[:, None] & ordinary & (np.abs(moved) > 1e-300) & np.isfinite(moved)
    np.testing.assert_array_equal(scaled.weights[same], moved[same])


def _lossless(values, scaled, shift):
    return bool(np.isfinite(scaled).all()) and np.array_equal(np.ldexp(scaled, -shift), values)


@given(problem=scaled_regressions(), ridge=st.sampled_from([0.0, 1e-300, 1e-9, 1.0, 1e34, 1e300]))
def test_designs_in_any_units_against_exact_fractions(problem, ridge):
    X, y = problem.X, problem.y
    fit = least_squares(X, y, problem.masks, ridge=ridge)
    for row, mask in enumerate(problem.masks):
        block, weights, status = X[:, mask], fit.weights[row, mask], fit.status[row]
        assert not fit.weights[row, ~mask].any()
        if not mask.any():
            assert (fit.rank[row], status) == (0, "ok")
            continue
        rank = exact_rank(block)
        assert fit.rank[row] == mask.sum() if ridge > 0 else fit.rank[row] <= rank
        exact, squared = exact_ridge(block, y, ridge)
        if status == "out_of_range":
            assert not representable(exact)
            continue
        if status == "ill_conditioned" or (ridge == 0 and fit.rank[row] < rank):
            continue
        difficulty = max(1.0, condition(block)) ** 2
        assert fitted_error(block, y, weights, exact) <= 1e-11 * difficulty
        digits, exponent = root(squared)
        top = np.frexp(np.abs(y).max())[1]
        residual = np.ldexp(digits, exponent - top)
        assert np.ldexp(fit.residual_norm[row], -top) == pytest.approx(residual, rel=1e-9, abs=1e-11 * difficulty)


def test_minimum_norm_in_units_far_apart():
    """|w| is a norm in the units of the data: the weights of the larger columns are the cheaper ones."""
    rng = np.random.default_rng(3)
    for _ in range(60):
        n, k = int(rng.integers(1, 5)), int(rng.integers(5, 8))
        X = rng.standard_normal((n, k)) * 2.0 ** rng.integers(-480, 481, k)
        y = rng.standard_normal(n)
        fit = least_squares(X, y)
        exact, _ = exact_least_squares(X, y)
        assert fit.rank == n
        assert fitted_error(X, y, fit.weights, exact) <= 1e-12
        assert relative_error(fit.weights, exact) <= 1e-12


@pytest.mark.parametrize("ridge", [0.0, 1e-40, 1e60])
@pytest.mark.parametrize("k", [14, 30])
def test_larger_blocks_in_units_far_apart(k, ridge):
    """Too large to be solved in exact arithmetic by the library."""
    rng = np.random.default_rng(k)
    X, y = rng.standard_normal((20, k)) * 2.0 ** rng.integers(-300, 301, k), rng.standard_normal(20)
    fit, exact = least_squares(X, y, ridge=ridge), precise_weights(X, y, ridge)
    with mpmath.workdps(900):
        errors = [abs(mpmath.mpf(float(w)) - e) for w, e in zip(fit.weights, exact, strict=True)]
        assert max(errors) <= 1e-11 * max(abs(e) for e in exact)
        assert max(error * float(np.abs(x).max()) for error, x in zip(errors, X.T, strict=True)) <= 1e-11
    assert fit.rank == (k if ridge > 0 else min(20, k))


@pytest.mark.parametrize(
    ("X", "y"),
    [([[1e-320]], [1e300]), ([[1e300]], [1e-30]), ([[1.0], [1.0]], [1.7e308, -1.7e308]), ([[1e200, 1e-200]], [1e-200])],
)
def test_results_beyond_float64_are_announced(X, y):
    assert least_squares(X, y).status == "out_of_range"
    assert least_squares(X, y, np.ones((2, len(X[0])), dtype=bool)).status.tolist() == ["out_of_range"] * 2
    assert nested_path(X, y, [0], direction="grow").status[-1] == "out_of_range" or len(X[0]) > 1


def test_labels_beyond_float64_in_norm_are_announced_for_the_zero_function_too():
    fit = least_squares([[1.0], [1.0]], [1.7e308, 1.7e308], [False])
    assert (fit.residual_norm, fit.status) == (math.inf, "out_of_range")


@pytest.mark.parametrize("ridge", [5e-324, 1e-300, 1e-34, 1.0, 1e16, 1e34, 1e200, 1.7e308])
def test_any_ridge(ridge):
    exact = 1 / (2 + Fraction(ridge))
    for fit in (
        least_squares([[1], [1]], [1, 0], ridge=ridge),
        least_squares([[1], [1]], [1, 0], [[True]], ridge=ridge),
    ):
        assert np.ravel(fit.weights)[0] == pytest.approx(float(exact), rel=1e-15)
    wide = least_squares([[1.0, 1.0, 0.0]], [1.0], ridge=ridge)
    np.testing.assert_allclose(wide.weights, [float(exact), float(exact), 0.0], rtol=1e-15)
    assert (wide.rank, wide.status) == (3, "ok")


def test_ordinary_data_leak_no_warning():
    """Nearly equal columns: a pivot is lost to rounding in the kernel, among masks whose pivots are not."""
    X = [[1, 1], [1, 1 + 1e-9], [3, 3]]
    fit = least_squares(X, [1, 2, 3], [[True, True], [True, False]])
    assert fit.status.tolist() == ["ill_conditioned", "ok"]
    exact, _ = exact_least_squares(X, [1, 2, 3])
    np.testing.assert_allclose(fit.weights[0], [float(a) for a in exact], rtol=1e-6)


def test_results_compare_by_identity_and_show_their_shapes():
    fit, other = least_squares(np.eye(5), np.ones(5)), least_squares(np.eye(5), np.ones(5))
    assert fit == fit
    assert fit != other
    assert len({fit, other}) == 2
    assert repr(fit).startswith("LeastSquaresFit(weights=<float64 array, shape (5,)>, rank=5, residual_norm=")
    assert len(repr(least_squares(np.eye(5), np.ones(5), np.ones((200, 5), dtype=bool)))) < 250


def test_ragged_data_are_named():
    with pytest.raises(ValueError, match=r"^X must be"):
        least_squares([[1.0, 2.0], [3.0]], [1.0, 2.0])


@pytest.mark.parametrize("ridge", [0.0, 1e-3])
def test_a_column_too_small_to_matter_has_its_weight_of_least_norm(ridge):
    columns = [0.0, 0.125, 9.3e-217, 0.0, 2.0**-400]
    fit = least_squares([columns], [0.125], ridge=ridge)
    exact = [
        Fraction(0.125) * Fraction(x) / (sum(Fraction(z) ** 2 for z in columns) + Fraction(ridge)) for x in columns
    ]
    assert fit.weights == pytest.approx([float(w) for w in exact], rel=1e-14, abs=0)


def test_faint_columns_of_several_rows():
    fit = least_squares([[1.0, 0.0, 9.3e-217, 0.0], [0.0, 1e-3, 0.0, 3e-250]], [1.0, 2.0])
    assert fit.weights == pytest.approx([1.0, 2e3, 9.3e-217, 6e-244], rel=1e-14, abs=0)
