"""The smoothest fit over all masks: against every mask, and its certificate against any direction."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noprune_theory.solvers import smoothest_fit_over_masks, smoothest_linear_fit
from noprune_theory.solvers.smoothest.linear import over_masks


def every_mask(p, keep):
    masks = np.zeros((math.comb(p, keep), p), dtype=bool)
    for row, chosen in enumerate(itertools.combinations(range(p), keep)):
        masks[row, list(chosen)] = True
    return masks


def best_of_all(X, y, keep, level):
    fits = smoothest_linear_fit(X, y, every_mask(X.shape[1], keep), max_mse=level)
    return float(np.min(np.where(fits.status == "ok", fits.lipschitz, np.inf)))


@settings(max_examples=15)
@given(st.integers(2, 6), st.integers(2, 7), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1, 0.5]), st.data())
def test_search_and_certificate_enclose_the_best_of_all_masks(n, p, seed, level, data):
    rng = np.random.default_rng(seed)
    keep = data.draw(st.integers(1, p))
    X, y = rng.standard_normal((n, p)), rng.choice([-1.0, 1.0], n)
    best = best_of_all(X, y, keep, level)
    exact = smoothest_fit_over_masks(X, y, keep=keep, max_mse=level)
    assert exact.lipschitz.exact
    assert exact.lipschitz.lower <= best <= exact.lipschitz.upper or math.isinf(best)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(over_masks, "_EXHAUSTIVE", 0)
        found = smoothest_fit_over_masks(X, y, keep=keep, max_mse=level)
    assert found.lipschitz.lower <= best * (1 + 1e-9)
    assert best <= found.lipschitz.upper * (1 + 1e-9)
    if found.status == "ok":
        assert found.mask.sum() == keep
        assert not found.weights[~found.mask].any()
        assert np.linalg.norm(found.weights) == pytest.approx(found.lipschitz.upper, rel=1e-9)
        assert np.mean((X @ found.weights - y) ** 2) <= level * (1 + 1e-9) + 1e-20
    if found.certificate is not None:
        again = found.certificate.lower_bound(X, y, keep, level)
        assert again >= found.lipschitz.lower


@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 2**32 - 1), st.data())
def test_any_direction_gives_a_bound_that_exact_arithmetic_confirms(n, p, seed, data):
    """(<r, y> - sqrt(n level) |r|) / |X^T r|_k in fractions, squared where roots are."""
    rng = np.random.default_rng(seed)
    keep = data.draw(st.integers(1, p))
    X, y, r = rng.standard_normal((n, p)), rng.standard_normal(n), rng.standard_normal(n)
    level = data.draw(st.sampled_from([0.0, 0.25]))
    bound = over_masks.AllMasksCertificate(r).lower_bound(X, y, keep, level)
    exact_r = [Fraction(float(v)) for v in r]
    pulls = [sum((Fraction(float(X[i, j])) * exact_r[i] for i in range(n)), Fraction(0)) ** 2 for j in range(p)]
    squared = sum(sorted(pulls, reverse=True)[:keep], Fraction(0))
    gain = sum((Fraction(float(y[i])) * exact_r[i] for i in range(n)), Fraction(0))
    lost = sum((v**2 for v in exact_r), Fraction(0)) * n * Fraction(level)
    # bound |X^T r|_k <= gain - sqrt(lost)  iff  gain - bound |X^T r|_k is >= 0 and its square is >= lost.
    if bound > 0:
        with_root = float(gain) - bound * math.sqrt(float(squared))
        assert with_root >= math.sqrt(float(lost)) * (1 - 1e-12)


def test_bracket_is_narrow_at_the_proportions_of_the_figure():
    rng = np.random.default_rng(0)
    n, keep = 60, 75
    X, y = rng.standard_normal((n, 150)) / math.sqrt(150), rng.choice([-1.0, 1.0], n)
    found = smoothest_fit_over_masks(X, y, keep=keep, max_mse=0.1)
    assert found.lipschitz.relative_gap < 0.03
    correlation = np.zeros(150, dtype=bool)
    correlation[np.argsort(-np.abs(X.T @ y))[:keep]] = True
    assert found.lipschitz.upper < 0.95 * float(smoothest_linear_fit(X, y, correlation, max_mse=0.1).lipschitz)


def test_starts_are_used_and_checked():
    X = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 2.0]])
    found = smoothest_fit_over_masks(X, [1.0, 1.0], keep=1, max_mse=0.0, starts=[[True, False, False]])
    assert found.mask.tolist() == [False, False, True]
    assert found.lipschitz.upper == pytest.approx(0.5)
    with pytest.raises(ValueError, match="starts must keep 1 weights each"):
        smoothest_fit_over_masks(X, [1.0, 1.0], keep=1, max_mse=0.0, starts=[[True, True, False]])
    for keep in (0, 4):
        with pytest.raises(ValueError, match="keep must be in"):
            smoothest_fit_over_masks(X, [1.0, 1.0], keep=keep, max_mse=0.0)


def test_infeasible_for_every_mask():
    found = smoothest_fit_over_masks([[1.0, 2.0], [1.0, 2.0]], [1.0, -1.0], keep=1, max_mse=0.5)
    assert found.status == "infeasible"
    assert math.isinf(found.lipschitz.lower)
