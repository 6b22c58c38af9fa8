"""Facts that several statements rest on, against other ways to compute them."""

import numpy as np
import pytest

from verification.facts import least_norms as module
from verification.facts.least_norms import least_norms, norms_below


@pytest.mark.parametrize("level", [0.0, 0.1, 0.9, 1.0])
@pytest.mark.parametrize(("n", "k"), [(4, 3), (4, 4), (6, 9), (1, 1)])
def test_norms_below_agree_with_the_norms(n, k, level):
    rng = np.random.default_rng(n + k)
    X, y = rng.standard_normal((700, n, k)), rng.choice([-1.0, 1.0], (700, n))
    norms = least_norms(X, y, level)
    finite = norms[np.isfinite(norms) & (norms > 0)]
    radii = [1e-9, *(np.quantile(finite, [0.0, 0.1, 0.5, 0.9, 1.0]) if finite.size else []), 1e6]
    for radius in radii:
        assert np.array_equal(norms_below(X, y, level, float(radius)), norms < radius)


def test_few_data_sets_and_designs_of_zeros():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((3, 5, 4)), rng.choice([-1.0, 1.0], (3, 5))
    assert np.array_equal(norms_below(X, y, 0.5, 1.0), least_norms(X, y, 0.5) < 1.0)
    assert norms_below(X[:0], y[:0], 0.5, 1.0).size == 0
    assert not norms_below(np.zeros((100, 5, 4)), np.ones((100, 5)), 0.5, 1.0).any()


def test_most_data_sets_are_decided_by_duality(monkeypatch):
    """A fit is solved for few of them, which is what the function is for."""
    solved = []
    original = module._solved
    monkeypatch.setattr(module, "_solved", lambda gram, *rest: solved.append(len(gram)) or original(gram, *rest))
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((2000, 20, 25)) / np.sqrt(50), rng.choice([-1.0, 1.0], (2000, 20))
    radius = float(np.quantile(least_norms(X, y, 0.1), 0.2))
    solved.clear()
    below = norms_below(X, y, 0.1, radius)
    assert 0.19 < below.mean() < 0.21
    assert sum(solved) < 1000
