"""Masks of linear models: the rules against their definitions, exact information against brute force, the brackets."""

import itertools
import math
from collections import Counter
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from exact_oracles import exact_least_squares, exact_rank
from hypothesis import given, settings
from hypothesis import strategies as st

from noprune_theory.information import (
    MASK_RULES,
    choose_masks,
    exchangeable_mask_information,
    explained_noise,
    explained_noise_ceiling,
    gaussian_mask_bracket,
    linear_mask_information,
)
from noprune_theory.models import LinearModel
from noprune_theory.pruning import METHODS
from noprune_theory.solvers import least_squares
from noprune_theory.testing import scaled_regressions

RNG = np.random.default_rng(0)


def signs(n):
    return np.array(list(itertools.product([-1.0, 1.0], repeat=n)))


@pytest.mark.parametrize("rule", ["correlation", "best_subset"])
@pytest.mark.parametrize(("n", "p", "k"), [(5, 7, 3), (4, 3, 2), (3, 5, 5), (4, 6, 0)])
def test_rules_agree_with_the_pruning_methods(rule, n, p, k):
    X = np.random.default_rng(n * p + k).standard_normal((n, p))
    model = LinearModel(np.ones(p))
    for y, mask in zip(signs(n), choose_masks(X, signs(n), k, rule), strict=True):
        expected = METHODS[rule](model, SimpleNamespace(X=X, y=y), keep=k).mask
        assert mask.tolist() == expected.tolist()


def test_magnitude_after_keeps_the_largest_trained_weights():
    rng = np.random.default_rng(0)
    for n, p in ((6, 4), (4, 6)):
        X = rng.standard_normal((n, p))
        for y, mask in zip(signs(n), choose_masks(X, signs(n), 2, "magnitude_after"), strict=True):
            weights = np.linalg.lstsq(X, y, rcond=None)[0]
            assert set(np.flatnonzero(mask)) == set(np.argsort(-np.abs(weights))[:2])


def test_orthogonal_matching_pursuit_agrees_with_scikit_learn():
    from sklearn.linear_model import orthogonal_mp

    X = np.random.default_rng(1).standard_normal((6, 9))
    X /= np.linalg.norm(X, axis=0)
    for y, mask in zip(signs(6), choose_masks(X, signs(6), 3, "orthogonal_matching_pursuit"), strict=True):
        assert set(np.flatnonzero(mask)) == set(np.flatnonzero(orthogonal_mp(X, y, n_nonzero_coefs=3)))


def test_matching_pursuit_survives_dependent_and_empty_columns():
    X = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 1.0, 0.0, 1.0]])
    Y = signs(3)
    masks = choose_masks(X, Y, 3, "orthogonal_matching_pursuit")
    assert (masks.sum(axis=1) == 3).all()
    # Two of the four columns span the rest: three steps explain all that can be explained.
    everything = explained_noise(X, Y, np.ones((8, 4), dtype=bool))
    assert explained_noise(X, Y, masks) == pytest.approx(everything, abs=1e-12)


@pytest.mark.parametrize("rule", MASK_RULES)
def test_explained_noise_is_the_residual_of_least_squares(rule):
    X = np.random.default_rng(2).standard_normal((5, 6))
    X[:, 1] = X[:, 0]
    Y = signs(5)
    masks = choose_masks(X, Y, 3, rule)
    for y, mask, explained in zip(Y, masks, explained_noise(X, Y, masks), strict=True):
        fit = X[:, mask] @ np.linalg.lstsq(X[:, mask], y, rcond=None)[0]
        assert explained == pytest.approx(y @ y - (y - fit) @ (y - fit), abs=1e-10)


@pytest.mark.parametrize("rule", MASK_RULES)
@pytest.mark.parametrize("n", [1, 2, 6])
def test_exact_information_against_counting(rule, n):
    X = np.random.default_rng(3).standard_normal((n, 5))
    result = linear_mask_information(X, 2, rule, unit="bits")
    Y = signs(n)
    masks = choose_masks(X, Y, 2, rule)
    counts = Counter(map(tuple, masks.tolist()))
    expected = -sum(c / 2**n * math.log2(c / 2**n) for c in counts.values())
    assert result.information == pytest.approx(expected, abs=1e-12)
    assert result.n_masks == len(counts)
    assert result.explained == pytest.approx(explained_noise(X, Y, masks).mean(), rel=1e-12)


@given(st.integers(2, 7), st.integers(1, 6), st.integers(0, 10**6), st.sampled_from(MASK_RULES), st.data())
def test_ceilings_and_lower_bounds_hold(n, p, seed, rule, data):
    k = data.draw(st.integers(1, p))
    result = linear_mask_information(np.random.default_rng(seed).standard_normal((n, p)), k, rule)
    assert result.lower_bound <= result.information + 1e-12
    assert result.information <= result.ceiling + 1e-12
    assert result.explained <= min(n, explained_noise_ceiling(result.information, k)) * (1 + 1e-9)


def test_labels_and_masks_each_limit_the_information():
    X = np.random.default_rng(8).standard_normal((3, 8))
    # Three signs, up to the common one: two bits. Eight choices of one column: three bits.
    assert linear_mask_information(X, 4, "correlation", unit="bits").ceiling == pytest.approx(2)
    assert linear_mask_information(np.vstack([X, X**2]), 1, "correlation", unit="bits").ceiling == pytest.approx(3)


def test_keeping_everything_or_having_one_choice_tells_nothing():
    X = np.random.default_rng(4).standard_normal((6, 4))
    for rule in MASK_RULES:
        assert linear_mask_information(X, 4, rule).information == 0.0
        assert linear_mask_information(X[:, :1], 1, rule).information == 0.0


@pytest.mark.parametrize("rule", MASK_RULES)
def test_exchangeable_columns_make_the_mask_uniform(rule):
    # All column orders of one design, each with every label: a finite exchangeable design, no sampling.
    base = np.random.default_rng(5).standard_normal((3, 4))
    masses = Counter()
    for order in itertools.permutations(range(4)):
        for mask in choose_masks(base[:, list(order)], signs(3), 2, rule).tolist():
            masses[tuple(mask)] += 1
    assert set(masses.values()) == {math.factorial(4) * 2**3 // math.comb(4, 2)}
    assert exchangeable_mask_information(4, 2, unit="bits") == pytest.approx(math.log2(6), rel=1e-14)


@pytest.mark.parametrize("rule", MASK_RULES)
def test_bracket_of_a_gaussian_design_holds_the_exact_values(rule):
    rng = np.random.default_rng(6)
    n, p, k = 8, 12, 2
    bracket = gaussian_mask_bracket(n, p, k, rule, n_runs=400, rng=rng)
    exact = np.mean([linear_mask_information(rng.standard_normal((n, p)), k, rule).information for _ in range(20)])
    assert 0 <= bracket.lower < exact < bracket.upper == pytest.approx(math.log(math.comb(p, k)))
    assert bracket.with_design == bracket.upper
    again = gaussian_mask_bracket(n, p, k, rule, n_runs=400, rng=np.random.default_rng(6))
    assert again == bracket


@pytest.mark.parametrize("rule", MASK_RULES)
@pytest.mark.parametrize(("n", "k"), [(3, 3), (3, 2), (1, 1)])
def test_information_with_the_design_where_ties_have_probability_one(rule, n, k):
    rng, p = np.random.default_rng(9), 6
    seen = {
        choose_masks(rng.standard_normal((n, p)), rng.integers(0, 2, (1, n)) * 2.0 - 1.0, k, rule).tobytes()
        for _ in range(60)
    }
    found = gaussian_mask_bracket(n, p, k, rule, n_runs=2, rng=rng).with_design
    # Either the lowest indices win every time, or the mask is uniform over all choices.
    assert found == pytest.approx(0.0 if len(seen) == 1 else math.log(math.comb(p, k)), abs=1e-12)
    assert (len(seen) == 1) == ((n, k, rule) in CONSTANT)
    assert len(seen) == 1 or len(seen) > 5


CONSTANT = {(3, 3, "best_subset")} | {(1, 1, rule) for rule in MASK_RULES if rule != "magnitude_after"}


def test_bracket_separates_the_rules_by_the_noise_they_explain():
    rng = np.random.default_rng(7)
    brackets = {
        rule: gaussian_mask_bracket(60, 120, 4, rule, n_runs=300, rng=rng)
        for rule in ("correlation", "orthogonal_matching_pursuit")
    }
    greedy, marginal = brackets["orthogonal_matching_pursuit"], brackets["correlation"]
    assert greedy.explained > marginal.explained
    assert greedy.lower > marginal.lower > 1.0


def _scores(X, residual):
    """Squared scores <x_j, r>^2 / |x_j|^2 in fractions, 0 for a column of zeros."""
    columns = [[Fraction(float(v)) for v in column] for column in X.T]
    return [
        sum(v * r for v, r in zip(column, residual, strict=True)) ** 2 / (sum(v * v for v in column) or 1)
        for column in columns
    ]


def _exact_choice(X, y, keep, rule):
    """The mask of a rule in fractions."""
    p, labels = X.shape[1], [Fraction(float(v)) for v in y]
    if rule == "correlation":
        scores = _scores(X, labels)
        return set(sorted(range(p), key=lambda j: -scores[j])[:keep])
    if rule == "best_subset":
        subsets = itertools.combinations(range(p), keep)
        return set(min(subsets, key=lambda s: exact_least_squares(X[:, list(s)], y)[1] if s else 0))
    chosen = []
    for _ in range(keep):
        weights = exact_least_squares(X[:, chosen], y)[0] if chosen else []
        fitted = [sum(w * Fraction(float(v)) for w, v in zip(weights, row[chosen], strict=True)) for row in X]
        scores = _scores(X, [label - fit for label, fit in zip(labels, fitted, strict=True)])
        chosen.append(max((j for j in range(p) if j not in chosen), key=lambda j: (scores[j], -j)))
    return set(chosen)


@pytest.mark.parametrize("rule", [rule for rule in MASK_RULES if rule != "magnitude_after"])
@given(problem=scaled_regressions(max_samples=4, max_weights=4), data=st.data())
def test_rules_choose_as_fractions_do_in_any_units(rule, problem, data):
    keep = data.draw(st.integers(0, problem.X.shape[1]))
    expected = _exact_choice(problem.X, problem.y, keep, rule)
    (mask,) = choose_masks(problem.X, problem.y[None], keep, rule)
    assert set(np.flatnonzero(mask)) == expected
    # Power-of-two units change no digit, and so no choice, unless digits fall below the range of doubles.
    units = 2.0 ** data.draw(st.integers(-200, 200))
    columns = 2.0 ** np.array(data.draw(st.lists(st.integers(-200, 200), min_size=mask.size, max_size=mask.size)))
    X, y = problem.X * columns, problem.y * units
    if (X / columns == problem.X).all() and (y / units == problem.y).all():
        assert choose_masks(X, y[None], keep, rule).tolist() == [mask.tolist()]


@settings(max_examples=60)
@given(problem=scaled_regressions(max_samples=4, max_weights=4), data=st.data())
def test_magnitude_keeps_the_largest_exact_weights_in_any_units(problem, data):
    p = problem.X.shape[1]
    keep = data.draw(st.integers(0, p))
    if least_squares(problem.X, problem.y).rank != exact_rank(problem.X):
        return  # columns dependent up to rounding
    weights = [abs(w) for w in exact_least_squares(problem.X, problem.y)[0]]
    (mask,) = choose_masks(problem.X, problem.y[None], keep, "magnitude_after")
    # The same for one label as for many, where the pseudo-inverse is formed.
    many = choose_masks(problem.X, np.tile(problem.y, (problem.X.shape[0] + 1, 1)), keep, "magnitude_after")
    for found in (mask, *many):
        kept = [weights[j] for j in np.flatnonzero(found)]
        left = [weights[j] for j in np.flatnonzero(~found)]
        assert len(kept) == keep
        # Up to the accuracy of the fit: weights far below its norm may come out as 0.
        assert not kept or not left or min(kept) >= max(left) * (1 - Fraction(1, 10**6)) - max(weights) / 10**14


@pytest.mark.parametrize("scale", [1e-300, 1e-11, 1e-7, 1.0, 1e7, 1e300])
@pytest.mark.parametrize("rule", MASK_RULES)
def test_the_unit_of_the_labels_changes_no_choice(rule, scale):
    X = [[0, 1], [1, 1]]
    assert choose_masks(X, scale * np.ones((1, 2)), 1, rule).tolist() == [[False, True]]


def test_equal_columns_have_equal_weights():
    X = np.random.default_rng(8).standard_normal((6, 3))[:, [0, 1, 0, 2, 1]] * np.array([1, 1, -1, 1, 1])
    for keep in (1, 3):
        masks = choose_masks(X, signs(6), keep, "magnitude_after")
        # The lower index of each pair wins.
        assert (masks[:, 0] >= masks[:, 2]).all()
        assert (masks[:, 1] >= masks[:, 4]).all()


def test_explained_noise_in_any_units():
    X = np.array([[1.0, 0.0, 2.0], [1.0, 1e-170, 0.0], [1.0, 0.0, 1.0]])
    masks = np.array([[True, True, False]])
    for scale in (1e-150, 1.0, 1e150):
        # The span of (1, 1, 1) and (0, 1, 0) holds ((a + c)/2, b, (a + c)/2).
        explained = explained_noise(X * np.array([1e200, 1.0, 1.0]), scale * np.array([[1.0, -1.0, 2.0]]), masks)
        assert explained[0] / scale**2 == pytest.approx(1 + 2 * 1.5**2, rel=1e-14)
    for scale in (1e-200, 1e200):
        with pytest.raises(ValueError, match=r"^labels must have squared lengths within the range of doubles"):
            explained_noise(X, scale * np.ones((1, 3)), masks)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: choose_masks(np.ones((2, 3)), np.ones((1, 2)), 4, "correlation"),
            ValueError,
            r"keep must be in \[0, 3",
        ),
        (
            lambda: choose_masks(np.ones((2, 3)), np.ones((1, 3)), 1, "correlation"),
            ValueError,
            "labels must have 2 col",
        ),
        (lambda: choose_masks(np.ones((2, 3)), np.ones((1, 2)), 1, "random"), ValueError, "rule must be one of"),
        (
            lambda: choose_masks(np.ones((2, 60)), np.ones((1, 2)), 9, "best_subset"),
            ValueError,
            r"^keep must give best_subset at most 200000 subsets to search, got C\(60, 9\) = 14783142660",
        ),
        (
            lambda: choose_masks(np.ones((1, 20_000)), np.ones((1, 1)), 10_000, "best_subset"),
            ValueError,
            r"^keep must .* got C\(20000, 10000\) = <integer of 19993 bits>",
        ),
        (
            lambda: gaussian_mask_bracket(4, 10**400, 2, "correlation", n_runs=2, rng=0),
            ValueError,
            r"^n and n_weights must have a product of at most 2\^40, got 4 and <integer of 1329 bits>",
        ),
        (
            lambda: gaussian_mask_bracket(4, 9, 2, "correlation", n_runs=10**400, rng=0),
            ValueError,
            r"^n_runs must be in \[1, 1099511627776\]",
        ),
        (lambda: linear_mask_information(np.ones((17, 3)), 1, "correlation"), ValueError, "at most 16 rows"),
        (lambda: linear_mask_information(np.ones((3, 3)), 0, "correlation"), ValueError, r"keep must be in \[1, 3\]"),
        (lambda: explained_noise(np.ones((2, 3)), np.ones((1, 2)), np.ones((1, 3))), ValueError, "masks must be bool"),
        (
            lambda: gaussian_mask_bracket(4, 9, 5, "correlation", n_runs=2, rng=np.random.default_rng()),
            ValueError,
            "keep",
        ),
        (lambda: gaussian_mask_bracket(4, 9, 2, "correlation", n_runs=2, rng=None), TypeError, "rng must be"),
    ],
)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
