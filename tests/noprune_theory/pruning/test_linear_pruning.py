"""Pruning of models that are linear in their weights."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import LinearModel, RandomFeatures
from noprune_theory.pruning import (
    METHODS,
    keep_largest,
    prune_best_subset,
    prune_correlation,
    prune_magnitude_after,
    prune_random,
)
from noprune_theory.pruning.selection import above_threshold

LINEAR_METHODS = ("random", "magnitude_after", "correlation", "best_subset")


@dataclass(frozen=True)
class Data:
    X: np.ndarray
    y: np.ndarray


def drawn(seed, n=12, p=7):
    rng = np.random.default_rng(seed)
    data = Data(rng.standard_normal((n, p)), rng.choice([-1.0, 1.0], n))
    return LinearModel(rng.standard_normal(p)), data, rng


@pytest.mark.parametrize("method", LINEAR_METHODS)
@given(seed=st.integers(0, 2**32 - 1), keep=st.integers(0, 7))
def test_keeps_exactly_k(method, seed, keep):
    model, data, rng = drawn(seed)
    result = METHODS[method](model, data, keep=keep, rng=rng)
    assert result.mask.shape == (7,)
    assert result.mask.dtype == bool
    assert result.kept == keep
    assert result.collapsed_layers == ((0,) if keep == 0 else ())


@pytest.mark.parametrize("method", LINEAR_METHODS)
@given(seed=st.integers(0, 2**32 - 1), keep=st.integers(0, 4))
def test_pruned_weights_never_return(method, seed, keep):
    model, data, rng = drawn(seed)
    first = METHODS[method](model, data, keep=4, rng=rng)
    second = METHODS[method](model.masked(first.mask), data, keep=keep, rng=rng)
    assert not (second.mask & ~first.mask).any()
    assert second.kept == keep
    with pytest.raises(ValueError, match="keep must be <= 4"):
        METHODS[method](model.masked(first.mask), data, keep=5, rng=rng)


@given(seed=st.integers(0, 2**32 - 1), ties=st.integers(1, 5))
def test_equal_scores_keep_the_lower_index(seed, ties):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, ties, 9).astype(float)
    candidates = rng.random(9) < 0.7
    for keep in range(int(candidates.sum()) + 1):
        expected = sorted(np.flatnonzero(candidates), key=lambda i: (-scores[i], i))[:keep]
        assert set(np.flatnonzero(keep_largest(scores, candidates, keep))) == set(expected)


def test_keep_largest_of_rows_is_row_by_row():
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 3, (20, 6)).astype(float)
    candidates = np.ones((20, 6), dtype=bool)
    rows = keep_largest(scores, candidates, 2)
    assert all(np.array_equal(rows[i], keep_largest(scores[i], candidates[i], 2)) for i in range(20))


def test_keep_largest_refuses_nan_and_too_many():
    with pytest.raises(ValueError, match="scores must not be NaN"):
        keep_largest(np.array([1.0, np.nan]), np.ones(2, dtype=bool), 1)
    with pytest.raises(ValueError, match="number of candidates"):
        keep_largest(np.array([1.0, 2.0]), np.array([True, False]), 2)


def test_keep_largest_checks_its_arguments():
    scores, candidates = np.array([1.0, 2.0, 3.0]), np.ones(3, dtype=bool)
    for wrong, error, name in [
        ((scores, candidates, -1), ValueError, "keep must be >= 0, got -1"),
        ((scores, candidates, 9), ValueError, "keep must be <= the number of candidates, 3, got 9"),
        ((scores, candidates, None), TypeError, "keep must be an integer"),
        ((scores, candidates, True), TypeError, "keep must be an integer"),
        ((scores, candidates[:2], 1), ValueError, "candidates must have the shape"),
        ((scores, np.ones(3), 1), TypeError, "candidates must be boolean"),
        ((["a", "b", "c"], candidates, 1), TypeError, "scores must be an array of real numbers"),
        ((scores[:0], candidates[:0], 0), ValueError, "scores must have shape"),
        ((np.ones((2, 3)), np.array([[True] * 3, [True, False, False]]), 2), ValueError, "candidates, 1, got 2"),
    ]:
        with pytest.raises(error, match=name):
            keep_largest(*wrong)
    # Unsigned scores have no negatives to sort by; infinities are scores.
    assert keep_largest(np.array([0, 5, 3], dtype=np.uint8), candidates, 1).tolist() == [False, True, False]
    assert keep_largest(np.array([np.inf, -np.inf, 3]), candidates, 2).tolist() == [True, False, True]


def test_scores_with_more_digits_than_float64_keep_their_order():
    candidates = np.ones(3, dtype=bool)
    large = np.array([2**62, 2**62 + 1, 2**62 - 1])
    assert keep_largest(large, candidates, 1).tolist() == [False, True, False]
    assert keep_largest(large.astype(np.uint64) * 2, candidates, 2).tolist() == [True, True, False]
    long = np.array([1.0, 1.0, 1.0], dtype=np.longdouble)
    long[2] += np.finfo(np.longdouble).eps
    assert keep_largest(long, candidates, 1).tolist() == [False, False, True]
    for wrong, name in [
        ((np.ma.masked_greater([1.0, 2.0, 3.0], 2.5), candidates, 1), "scores must not be a masked array"),
        ((np.ones(3), np.ma.masked_array(candidates, mask=[0, 0, 1]), 1), "candidates must not be a masked array"),
    ]:
        with pytest.raises(TypeError, match=name):
            keep_largest(*wrong)


def test_threshold_rule_removes_all_ties():
    # Eight scores of zero, four above: removing 1, 4 or 8 removes all eight ties, removing 9 removes 9.
    scores = np.array([0.0] * 8 + [1.0, 2.0, 3.0, 4.0])
    prunable = np.ones(12, dtype=bool)
    kept = [int(above_threshold(scores, prunable, prunable, 12 - removed).sum()) for removed in (0, 1, 4, 8, 9)]
    assert kept == [12, 4, 4, 4, 3]


def test_threshold_compat_is_reachable_and_nested():
    model = LinearModel([0.0, 0.0, 1.0, 2.0])
    assert prune_magnitude_after(model, keep=3).kept == 3
    assert prune_magnitude_after(model, keep=3, compat="threshold").kept == 2
    with pytest.raises(ValueError, match="compat"):
        prune_magnitude_after(model, keep=3, compat="strict")
    with pytest.raises(ValueError, match="compat"):
        prune_random(model, keep=3, rng=np.random.default_rng(0), compat="strict")


def test_threshold_rule_of_rows_is_row_by_row():
    rng = np.random.default_rng(0)
    scores, candidates = rng.integers(0, 3, (20, 6)).astype(float), rng.random((20, 6)) < 0.8
    prunable = np.array([True] * 5 + [False])
    rows = above_threshold(scores, prunable, candidates & prunable, 2)
    alone = [above_threshold(s, prunable, c & prunable, 2) for s, c in zip(scores, candidates, strict=True)]
    assert np.array_equal(rows, alone)


def test_magnitude_keeps_the_largest():
    result = prune_magnitude_after(LinearModel([0.5, -3.0, 2.0, 0.0]), sparsity=0.5)
    assert result.mask.tolist() == [False, True, True, False]
    assert result.scores.tolist() == [0.5, 3.0, 2.0, 0.0]


@given(seed=st.integers(0, 2**32 - 1), scales=st.lists(st.floats(0.01, 100.0), min_size=7, max_size=7))
def test_correlation_ignores_the_scale_of_features(seed, scales):
    model, data, _ = drawn(seed)
    scaled = Data(data.X * np.array(scales), data.y)
    np.testing.assert_allclose(
        prune_correlation(model, data, keep=3).scores, prune_correlation(model, scaled, keep=3).scores, rtol=1e-12
    )


def test_correlation_picks_the_feature_that_is_the_label():
    rng = np.random.default_rng(1)
    y = rng.choice([-1.0, 1.0], 20)
    X = np.column_stack([rng.standard_normal((20, 3)), 1e-3 * y, np.zeros(20)])
    result = prune_correlation(LinearModel(np.ones(5)), Data(X, y), keep=1)
    assert result.mask.tolist() == [False, False, False, True, False]
    assert result.scores[4] == 0


@given(seed=st.integers(0, 2**32 - 1), keep=st.integers(0, 6))
def test_best_subset_beats_every_other_subset(seed, keep):
    rng = np.random.default_rng(seed)
    model = RandomFeatures.draw(rng, 6, 3)
    data = Data(rng.standard_normal((9, 3)), rng.standard_normal(9))
    features = model.features(data.X)

    def residual(columns):
        chosen = features[:, list(columns)]
        fit = np.linalg.lstsq(chosen, data.y, rcond=None)[0] if columns else np.zeros(0)
        return float(np.sum((data.y - chosen @ fit) ** 2))

    result = prune_best_subset(model, data, keep=keep)
    smallest = min(residual(columns) for columns in combinations(range(6), keep))
    assert residual(tuple(np.flatnonzero(result.mask))) <= smallest + 1e-9


def test_best_subset_with_duplicated_features():
    # The second copy explains nothing more; the lexicographically first optimum is kept.
    y = np.array([1.0, 2.0, -1.0, 0.5])
    X = np.column_stack([y, y, np.ones(4), y])
    assert prune_best_subset(LinearModel(np.ones(4)), Data(X, y), keep=1).mask.tolist() == [True, False, False, False]
    assert prune_best_subset(LinearModel(np.ones(4)), Data(X, y), keep=2).mask.tolist() == [True, True, False, False]


def test_best_subset_refuses_hopeless_searches():
    rng = np.random.default_rng(0)
    data = Data(rng.standard_normal((5, 40)), rng.standard_normal(5))
    with pytest.raises(ValueError, match=r"C\(40, 20\)"):
        prune_best_subset(LinearModel(np.ones(40)), data, keep=20)


def test_random_masks_are_uniform():
    # Each of the 10 pairs of 5 has probability 1/10: chi-square with 9 degrees of freedom, 99.9% quantile 27.9.
    rng = np.random.default_rng(7)
    model = LinearModel(np.ones(5))
    draws = 4000
    codes = [int(prune_random(model, keep=2, rng=rng).mask @ (1 << np.arange(5))) for _ in range(draws)]
    _, counts = np.unique(codes, return_counts=True)
    assert counts.size == 10
    assert ((counts - draws / 10) ** 2 / (draws / 10)).sum() < 27.9


def test_bad_arguments_are_named():
    model, data, rng = drawn(0)
    with pytest.raises(ValueError, match="exactly one of keep and sparsity"):
        prune_random(model, data, rng=rng)
    with pytest.raises(TypeError, match="rng must be a numpy"):
        prune_random(model, data, keep=1)
    with pytest.raises(ValueError, match="sparsity"):
        prune_magnitude_after(model, data, sparsity=1.5)
    with pytest.raises(ValueError, match=r"data\.X must have 7 columns"):
        prune_correlation(model, Data(np.ones((3, 2)), np.ones(3)), keep=1)
    with pytest.raises(ValueError, match="finite"):
        prune_correlation(model, Data(np.full((3, 7), np.nan), np.ones(3)), keep=1)
    with pytest.raises(ValueError, match=r"data\.y must have one entry a row of data\.X"):
        prune_correlation(model, Data(np.ones((3, 7)), np.ones(2)), keep=1)
