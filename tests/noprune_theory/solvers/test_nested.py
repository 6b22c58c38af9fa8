"""Nested paths and random-feature sweeps against numpy at every step, through the interpolation threshold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import least_squares, nested, nested_path, random_feature_sweep


def reference(block, y, ridge):
    k = block.shape[1]
    if k == 0:
        return np.zeros(0)
    if ridge > 0:
        block, y = np.vstack([block, np.sqrt(ridge) * np.eye(k)]), np.concatenate([y, np.zeros(k)])
    return np.linalg.lstsq(block, y, rcond=None)[0]


def supports_of(order, p, direction, block):
    """Kept weights after each step, by definition."""
    kept = set(range(p)) if direction == "prune" else set()
    yield sorted(kept)
    for first in range(0, len(order), block):
        step = {int(j) for j in order[first : first + block]}
        kept = kept - step if direction == "prune" else kept | step
        yield sorted(kept)


@given(
    n=st.integers(1, 25),
    p=st.integers(1, 60),
    block=st.sampled_from([1, 2, 7]),
    direction=st.sampled_from(["prune", "grow"]),
    ridge=st.sampled_from([0.0, 0.1]),
    seed=st.integers(0, 10**6),
)
def test_every_step_agrees_with_lstsq(n, p, block, direction, ridge, seed):
    rng = np.random.default_rng(seed)
    X, y, X_test = rng.standard_normal((n, p)), rng.standard_normal(n), rng.standard_normal((3, p))
    order = rng.permutation(p)[: rng.integers(1, p + 1)]
    path = nested_path(X, y, order, direction=direction, block=block, ridge=ridge, X_test=X_test)
    supports = list(supports_of(order, p, direction, block))
    assert path.kept.tolist() == [len(support) for support in supports]
    for row, support in enumerate(supports):
        expected = np.zeros(p)
        expected[support] = reference(X[:, support], y, ridge)
        condition = np.linalg.cond(X[:, support]) if support else 1.0
        assert np.linalg.norm(path.weights[row] - expected) <= 1e-13 * (10 + condition) ** 1.5 * np.linalg.norm(
            expected
        )
        off = np.setdiff1d(np.arange(p), support)
        assert not path.weights[row, off].any()
    np.testing.assert_allclose(path.predictions, path.weights @ X_test.T, rtol=1e-9, atol=1e-9)
    residuals = np.linalg.norm(path.weights @ X.T - y, axis=1)
    np.testing.assert_allclose(path.residual_norm, residuals, rtol=1e-9, atol=1e-9 * np.linalg.norm(y))


def test_error_is_below_1e_10_through_the_threshold():
    rng = np.random.default_rng(8)
    n, p = 60, 300
    X, y = rng.standard_normal((n, p)), rng.standard_normal(n)
    order = rng.permutation(p)
    path = nested_path(X, y, order)
    for row in range(p):
        kept = np.setdiff1d(np.arange(p), order[:row])
        expected = reference(X[:, kept], y, 0.0)
        assert np.linalg.norm(path.weights[row, kept] - expected) <= 1e-10 * np.linalg.norm(expected)
    np.testing.assert_array_equal(path.rank, np.minimum(np.arange(p, -1, -1), n))


def test_ill_conditioned_wide_fits_are_refined():
    rng = np.random.default_rng(11)
    n, p = 40, 120
    mixing = np.linalg.qr(rng.standard_normal((n, n)))[0] * np.geomspace(1.0, 1e-3, n)
    X, y = mixing @ rng.standard_normal((n, p)), rng.standard_normal(n)
    path = nested_path(X, y, np.arange(p - n - 8))
    for row in range(len(path.kept)):
        expected = reference(X[:, row:], y, 0.0)
        assert np.linalg.norm(path.weights[row, row:] - expected) <= 1e-11 * np.linalg.norm(expected)


def test_pruning_and_growing_meet():
    rng = np.random.default_rng(1)
    X, y, order = rng.standard_normal((20, 50)), rng.standard_normal(20), rng.permutation(50)
    pruned, grown = nested_path(X, y, order), nested_path(X, y, order[::-1], direction="grow")
    np.testing.assert_array_equal(pruned.kept, grown.kept[::-1])
    np.testing.assert_allclose(pruned.weights, grown.weights[::-1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("ridge", [0.0, 0.2])
def test_block_length_does_not_matter(monkeypatch, ridge):
    rng = np.random.default_rng(2)
    X, y, order = rng.standard_normal((15, 90)), rng.standard_normal(15), rng.permutation(90)
    usual = nested_path(X, y, order, ridge=ridge)
    monkeypatch.setattr(nested, "_BLOCK_COLUMNS", 1)
    refactored = nested_path(X, y, order, ridge=ridge)
    np.testing.assert_allclose(usual.weights, refactored.weights, rtol=0, atol=1e-11 * np.abs(usual.weights).max())


@pytest.mark.parametrize("ridge", [0.0, 1e-3])
@pytest.mark.parametrize("defect", ["duplicate", "zero", "rows"])
def test_deficient_prefixes(defect, ridge):
    rng = np.random.default_rng(6)
    X, y = rng.standard_normal((14, 30)), rng.standard_normal(14)
    if defect == "duplicate":
        X[:, 5] = X[:, 2]
    elif defect == "zero":
        X[:, 4] = 0.0
    else:
        X[10:] = X[:4]
    path = nested_path(X, y, np.arange(30), direction="grow", ridge=ridge)
    for row, k in enumerate(path.kept):
        fit = least_squares(X, y, np.arange(30) < k, ridge=ridge)
        np.testing.assert_allclose(path.weights[row], fit.weights, rtol=0, atol=1e-9 * (1 + np.abs(fit.weights).max()))
        assert path.rank[row] == fit.rank
        assert (path.status[row] == "rank_deficient") == (fit.status == "rank_deficient")


@pytest.mark.parametrize("ridge", [0.0, 1e-2])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_feature_sweep_agrees_with_single_fits(ridge, activation):
    rng = np.random.default_rng(4)
    model = RandomFeatures.draw(rng, 70, 6, activation=activation, offset_scale=0.5).masked(rng.random(70) < 0.8)
    X, y, X_test = rng.standard_normal((25, 6)), rng.standard_normal(25), rng.standard_normal((5, 6))
    kept = np.flatnonzero(model.mask)
    sizes = np.array([0, 1, 7, 24, 25, 26, 30, kept.size])
    sweep = random_feature_sweep(model, X, y, sizes, ridge=ridge, X_test=X_test)
    for row, size in enumerate(sizes):
        mask = np.zeros(70, dtype=bool)
        mask[kept[:size]] = True
        fit = least_squares(model.features(X), y, mask, ridge=ridge)
        np.testing.assert_allclose(
            sweep.weights[row], fit.weights, rtol=1e-7, atol=1e-9 * (1 + np.abs(fit.weights).max())
        )
        predicted = model.with_weights(sweep.weights[row]).value(X_test)
        np.testing.assert_allclose(sweep.predictions[row], predicted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"order": [0, 0]}, ValueError, "order must not repeat"),
        ({"order": [5]}, ValueError, r"order must lie in \[0, 2\]"),
        ({"order": [0.5]}, TypeError, "order must be an array of integers"),
        ({"order": np.zeros(0, dtype=int)}, ValueError, "order must have shape"),
        ({"direction": "shrink"}, ValueError, "direction must be one of"),
        ({"block": 0}, ValueError, "block must be >= 1"),
        ({"ridge": -1.0}, ValueError, "ridge must be >= 0"),
        ({"X_test": [[1.0]]}, ValueError, "X_test must have 3 columns"),
        ({"X": [[1.0, np.nan, 0.0]]}, ValueError, "X must be finite"),
    ],
)
def test_bad_input_is_named(changed, error, words):
    arguments = {"X": [[1.0, 2.0, 3.0]], "y": [1.0], "order": [0, 1]} | changed
    with pytest.raises(error, match=words):
        nested_path(**arguments)


@pytest.mark.parametrize("sizes", [[3, 2], [1, 99], [-1], [1, 1]])
def test_bad_sizes_are_named(sizes):
    model = RandomFeatures.draw(np.random.default_rng(0), 5, 2)
    with pytest.raises(ValueError, match="sizes must be strictly increasing within"):
        random_feature_sweep(model, [[1.0, 2.0]], [1.0], sizes)


def test_wrong_test_inputs_are_called_by_their_name():
    model = RandomFeatures(np.eye(2), [1.0, 1.0])
    for wrong in ([[1.0]], [[1.0, np.nan]], [1.0, 2.0]):
        with pytest.raises(ValueError, match="X_test must"):
            random_feature_sweep(model, [[1.0, 2.0]], [1.0], [1], X_test=wrong)
