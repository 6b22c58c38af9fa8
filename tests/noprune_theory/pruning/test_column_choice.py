"""Choices of columns against all subsets in fractions: any units, ties, dependent columns, one sample, one column."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import mpmath
import numpy as np
import pytest
from exact_oracles import exact_least_squares
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import LinearModel, RandomFeatures
from noprune_theory.pruning import prune_best_subset, prune_correlation
from noprune_theory.pruning._column_choice import (
    Problem,
    _pursuits_in_float,
    _pursuits_in_integers,
    _Residuals,
    best_subsets,
    matching_pursuits,
    score_order,
)
from noprune_theory.pruning._wide import Wide
from noprune_theory.pruning.best_subset import best_columns
from noprune_theory.testing import scaled_regressions


@dataclass(frozen=True)
class Data:
    X: np.ndarray
    y: np.ndarray


def fractions(numbers):
    return [Fraction(float(number)) for number in numbers]


def dot(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def squared_scores(X, y):
    """|<x_j, y>|^2 / |x_j|^2, and 0 for a column of zeros."""
    scores = []
    for column in X.T:
        x = fractions(column)
        scores.append(dot(x, y) ** 2 / dot(x, x) if any(x) else Fraction(0))
    return scores


def best_of_all(X, y, candidates, keep):
    """The lexicographically first of the subsets with the smallest residual."""
    residuals = {subset: exact_least_squares(X[:, list(subset)], y)[1] for subset in combinations(candidates, keep)}
    return min(residuals, key=lambda subset: (residuals[subset], subset))


def pursued(X, y, keep):
    """Orthogonal matching pursuit by its definition."""
    chosen = []
    for _ in range(keep):
        residual = fractions(y)
        if chosen:
            weights = exact_least_squares(X[:, chosen], y)[0]
            residual = [r - dot(fractions(x), weights) for r, x in zip(residual, X[:, chosen], strict=True)]
        scores = squared_scores(X, residual)
        chosen.append(min(set(range(X.shape[1])) - set(chosen), key=lambda j, s=scores: (-s[j], j)))
    return chosen


@st.composite
def problems(draw):
    """A regression, small integers half of the time so that ties are common, with a mask and a number to keep."""
    regression = draw(scaled_regressions())
    X, y = regression.X, regression.y
    if draw(st.booleans()):
        X, y = np.round(np.clip(X, -2, 2)), np.round(np.clip(y, -2, 2))
    mask = regression.masks[0]
    return X, y, mask, draw(st.integers(0, int(mask.sum())))


@given(problems())
def test_best_subset_is_the_best_of_all(problem):
    X, y, mask, keep = problem
    result = prune_best_subset(LinearModel(np.where(mask, 1.0, 0.0), mask), Data(X, y), keep=keep)
    assert tuple(np.flatnonzero(result.mask)) == best_of_all(X, y, np.flatnonzero(mask).tolist(), keep)
    assert result.scores is None


@given(problems())
def test_correlation_keeps_the_largest_scores(problem):
    X, y, mask, keep = problem
    model, data, p = LinearModel(np.where(mask, 1.0, 0.0), mask), Data(X, y), len(mask)
    scores = squared_scores(X, fractions(y))
    result = prune_correlation(model, data, keep=keep)
    expected = sorted(np.flatnonzero(mask), key=lambda j: (-scores[j], j))[:keep]
    assert np.flatnonzero(result.mask).tolist() == sorted(expected)
    # The rule of the reference code: strictly above the smallest but `keep`; pruned weights count with 0.
    counted = sorted(score if kept else Fraction(0) for score, kept in zip(scores, mask, strict=True))
    above = [j for j in np.flatnonzero(mask) if keep == p or scores[j] > counted[p - keep - 1]]
    assert np.flatnonzero(prune_correlation(model, data, keep=keep, compat="threshold").mask).tolist() == above
    largest = max(map(abs, fractions(y)))
    for score, square in zip(result.scores, scores, strict=True):
        got = Fraction(float(score)) * Fraction(2) ** result.scores_exponent
        assert abs(got**2 - square) <= Fraction(1, 10**12) * largest**2


@given(problems(), st.integers(0, 2**32 - 1))
def test_many_label_vectors_are_chosen_for_one_by_one(problem, seed):
    X, y, _, keep = problem
    labels = np.vstack([y, np.random.default_rng(seed).choice([-1.0, 0.0, 1.0], (3, len(y)))])
    together = Problem(Wide(X), labels)
    subsets, pursuits = best_subsets(together, keep), matching_pursuits(together, keep)
    orders = score_order(together, np.ones(X.shape[1], dtype=bool), keep)
    for row, label in enumerate(labels):
        assert tuple(subsets[row]) == best_of_all(X, label, range(X.shape[1]), keep)
        assert pursuits[row].tolist() == pursued(X, label, keep)
        scores = squared_scores(X, fractions(label))
        kept = sorted(range(X.shape[1]), key=lambda j, s=scores: (-s[j], j))[:keep]
        assert set(sorted(range(X.shape[1]), key=lambda j, o=orders[row]: (-o[j], j))[:keep]) == set(kept)


@given(problems(), st.lists(st.integers(-500, 500), min_size=6, max_size=6))
def test_choices_do_not_depend_on_units(problem, powers):
    X, y, mask, keep = problem
    X, y = np.round(np.clip(X, -2, 2), 1), np.round(np.clip(y, -2, 2), 1)
    model = LinearModel(np.where(mask, 1.0, 0.0), mask)
    scaled = Data(X * 2.0 ** np.array(powers[: len(mask)]), y * 2.0 ** powers[-1])
    for prune in (prune_best_subset, prune_correlation):
        assert np.array_equal(prune(model, Data(X, y), keep=keep).mask, prune(model, scaled, keep=keep).mask)


def test_units_do_not_hide_a_feature():
    data = Data(np.array([[1.0, 1e-170], [-1.0, 1e-170]]), np.array([1.0, 1.0]))
    result = prune_correlation(LinearModel([1.0, 1.0]), data, keep=1)
    assert result.mask.tolist() == [False, True]
    np.testing.assert_allclose(result.scores, [0.0, np.sqrt(2.0)])
    # With y = s (1, 1) the second of the columns (0, 1), (1, 1) leaves nothing.
    for s in (1.0, 1e-7, 1e-11, 1e-200, 1e200, 5e-324):
        data = Data(np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([s, s]))
        assert prune_best_subset(LinearModel([1.0, 1.0]), data, keep=1).mask.tolist() == [False, True]
        labels = Problem(Wide(data.X), data.y[None])
        assert matching_pursuits(labels, 1).tolist() == [[1]]
    columns, residual = best_columns(np.array([[3e160, 0.0], [0.0, 1e-160]]), np.array([1.0, 2.0]), 1)
    assert (columns.tolist(), residual) == ([1], 1.0)
    assert best_columns(np.ones((2, 1)), np.array([1e-170, -1e-170]), 1)[1] == 0.0
    assert best_columns(np.ones((2, 1)), np.array([1e170, -1e170]), 1)[1] == np.inf


def test_residuals_below_the_digits_of_the_labels_are_told_apart():
    # y is (1, 0, 0) up to 1e-9: what two columns leave differs by 1e-18 of |y|^2, and the better is the second.
    y = np.array([1.0, 1e-9, 0.0])
    X = np.array([[1.0, 1.0, 0.0], [-1e-9, 0.5e-9, 0.0], [0.0, 0.0, 1.0]])
    assert prune_best_subset(LinearModel(np.ones(3)), Data(X, y), keep=1).mask.tolist() == [False, True, False]
    # Dependent up to 1e-20: in exact arithmetic columns 0 and 1 span the plane.
    X = np.array([[1.0, 1.0, 0.0], [0.0, 1e-20, 0.5], [0.0, 0.0, 1.0]])
    y = np.array([1.0, 1.0, 0.0])
    assert prune_best_subset(LinearModel(np.ones(3)), Data(X, y), keep=2).mask.tolist() == [True, True, False]


def test_features_that_leave_the_range():
    # Directions and inputs of 1e-200: all products underflow, the larger correlation does not.
    X = np.array([[1.0, 2.0], [2.0, -1.0], [0.5, 1.0]]) * 1e-200
    y = np.array([1.0, -1.0, 0.5])
    for activation in ("relu", "tanh", "identity"):
        for unit in (1.0, 1e-200):
            model = RandomFeatures(np.eye(2) * unit, np.zeros(2), activation=activation)
            assert prune_correlation(model, Data(X, y), keep=1).mask.tolist() == [False, True]
            assert prune_best_subset(model, Data(X, y), keep=1).mask.tolist() == [False, True]


def test_many_ties_are_decided_in_time():
    # Interpolation, orthogonal labels, one column forty times: nothing is searched to the end that need not be.
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((5, 20)), rng.standard_normal(5)
    assert best_columns(X, y, 5)[0].tolist() == list(range(5))
    assert best_columns(np.vstack([X, np.zeros(20)]), np.array([0, 0, 0, 0, 0, 1.0]), 5)[0].tolist() == list(range(5))
    copies = np.repeat(X[:, :1], 40, axis=1)
    copies[:, 30] = X[:, 1]
    assert best_columns(copies, X[:, 1], 3)[0].tolist() == [0, 1, 30]
    signs = rng.choice([-1.0, 1.0], (6, 10))
    labels = np.array(np.meshgrid(*[[-1.0, 1.0]] * 6)).reshape(6, -1).T
    chosen = best_subsets(Problem(Wide(signs), labels), 3)
    for row in rng.choice(64, 4, replace=False):
        assert tuple(chosen[row]) == best_of_all(signs, labels[row], range(10), 3)


@pytest.mark.parametrize("n", [1, 2])
def test_one_sample_and_one_column(n):
    for p, keep in ((1, 0), (1, 1), (3, 1), (3, 3)):
        X, y = np.arange(1.0, n * p + 1).reshape(n, p), np.ones(n)
        for prune in (prune_best_subset, prune_correlation):
            assert prune(LinearModel(np.ones(p)), Data(X, y), keep=keep).kept == keep


@pytest.mark.parametrize("seed", range(40))
def test_pursuits_that_are_called_certain_are_those_in_integers(seed):
    """Gaussian, integer, badly scaled and nearly parallel columns."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(2, 12)), int(rng.integers(2, 14))
    X = [
        rng.standard_normal((n, p)),
        rng.integers(-2, 3, (n, p)).astype(float),
        rng.standard_normal((n, p)) * 10.0 ** rng.uniform(-6, 6, p),
        rng.standard_normal((n, 1)) + 1e-7 * rng.standard_normal((n, p)),
    ][seed % 4]
    problem = Problem(Wide(X), rng.choice([-1.0, 1.0], (3, n)) if seed % 3 else rng.standard_normal((3, n)))
    keep = int(rng.integers(1, p + 1))
    found, certain = _pursuits_in_float(problem, keep)
    exact = _pursuits_in_integers(problem, np.arange(3), keep)
    assert (found[certain] == exact[certain]).all()


@pytest.mark.parametrize("closeness", [0.0, 1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("seed", range(5))
def test_residuals_are_as_close_to_the_exact_ones_as_they_say(seed, closeness):
    """Columns taken in any order, nearly parallel ones too, against Gram-Schmidt with 200 digits."""
    rng = np.random.default_rng(seed)
    n, k = 9, 6
    columns = rng.standard_normal((n, k))
    if closeness:
        columns[:, 1::2] = columns[:, ::2] + closeness * rng.standard_normal((n, 3))
    columns /= np.linalg.norm(columns, axis=0)
    y = rng.standard_normal(n)
    y /= np.linalg.norm(y)
    residuals = _Residuals(y[None], k)
    with mpmath.workdps(200):
        basis, exact = [], [mpmath.mpf(v) for v in y]
        for j in range(k):
            residuals.take(columns[:, j][None])
            rest = [mpmath.mpf(v) for v in columns[:, j]]
            for vector in basis:
                share = mpmath.fdot(vector, rest)
                rest = [a - share * b for a, b in zip(rest, vector, strict=True)]
            basis.append([a / mpmath.norm(rest) for a in rest])
            share = mpmath.fdot(basis[-1], exact)
            exact = [a - share * b for a, b in zip(exact, basis[-1], strict=True)]
            distance = float(mpmath.norm([a - mpmath.mpf(b) for a, b in zip(exact, residuals.vectors[0], strict=True)]))
            assert distance <= residuals.error[0]
    assert closeness or residuals.error[0] <= 1e-9


def test_long_pursuits_stay_certain():
    """Error bounds do not grow by a factor a step: integers would take a hundred times as long."""
    rng = np.random.default_rng(0)
    problem = Problem(Wide(rng.standard_normal((100, 400))), rng.choice([-1.0, 1.0], (4, 100)))
    assert _pursuits_in_float(problem, 80)[1].all()
