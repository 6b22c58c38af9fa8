"""Nested paths and random-feature sweeps against numpy at every step, through the interpolation threshold."""

from fractions import Fraction

import numpy as np
import pytest
from exact_oracles import exact_rank
from hypothesis import given
from hypothesis import strategies as st
from linear_oracles import condition, exact_ridge, fitted_error, precise_weights

from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import least_squares, nested_path, random_feature_sweep
from noprune_theory.solvers.regression import nested
from noprune_theory.testing import scaled_regressions


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


# --- Units of measurement ---------------------------------------------------------------------------------------------


@given(
    problem=scaled_regressions(max_masks=1),
    direction=st.sampled_from(["prune", "grow"]),
    ridge=st.sampled_from([0.0, 0.0, 1e-200, 1e-12, 1.0, 1e32]),
    data=st.data(),
)
def test_paths_in_any_units_are_those_of_single_fits_and_of_exact_fractions(problem, direction, ridge, data):
    X, y = problem.X, problem.y
    order = np.array(data.draw(st.permutations(range(X.shape[1]))))
    path = nested_path(X, y, order, direction=direction, ridge=ridge, X_test=X)
    for row, k in enumerate(path.kept):
        mask = np.zeros(X.shape[1], dtype=bool)
        mask[order[:k] if direction == "grow" else order[order.size - k :]] = True
        fit = least_squares(X, y, mask, ridge=ridge)
        weights = path.weights[row]
        assert (path.rank[row], not weights[~mask].any()) == (fit.rank, True)
        if np.isfinite(path.predictions[row]).all():
            for sample, prediction in zip(X, path.predictions[row], strict=True):
                parts = [Fraction(float(x)) * Fraction(float(w)) for x, w in zip(sample, weights, strict=True)]
                assert abs(Fraction(float(prediction)) - sum(parts)) <= 2e-15 * sum(map(abs, parts)) + 5e-324
        if path.status[row] == "out_of_range" or fit.status == "out_of_range":
            continue
        assert path.status[row] == fit.status
        if fit.status == "ill_conditioned" or k == 0:
            continue
        exact, _ = exact_ridge(X[:, mask], y, ridge)
        if fit.rank == (k if ridge > 0 else exact_rank(X[:, mask])):
            assert fitted_error(X[:, mask], y, weights[mask], exact) <= 1e-11 * max(1.0, condition(X[:, mask])) ** 2


@pytest.mark.parametrize("ridge", [1e-300, 1e-30, 1e-8, 1.0, 1e8, 1e16, 1e32, 1e34, 1e200, 1e308])
@pytest.mark.parametrize(("n", "p"), [(2, 1), (9, 4), (4, 9), (14, 12), (10, 20)])
def test_any_ridge(n, p, ridge):
    rng = np.random.default_rng(p)
    X, y = rng.integers(-4, 5, (n, p)).astype(float), rng.integers(-4, 5, n).astype(float)
    X[:, 0] += 1.0
    path = nested_path(X, y, np.arange(p), direction="grow", ridge=ridge)
    for row in {1, p // 2, p} - {0}:
        k = int(path.kept[row])
        exact = precise_weights(X[:, :k], y, ridge)
        size = max(abs(e) for e in exact)
        assert max(abs(w - e) for w, e in zip(path.weights[row], exact, strict=False)) <= 1e-9 * size
    np.testing.assert_array_equal(path.rank, path.kept)
    assert nested_path([[1], [1]], [1, 0], [0], direction="grow", ridge=ridge).weights[1, 0] == pytest.approx(
        float(1 / (2 + Fraction(ridge))), rel=1e-14
    )


@pytest.mark.parametrize("ridge", [0.0, 1e-6, 3.0])
def test_a_column_far_larger_than_those_before_it(ridge):
    """K + b b^T has forgotten K: the dual solution shrinks by 1e12, and its error must shrink with it."""
    rng = np.random.default_rng(4)
    for size in (1e6, 1e12, 1e100):
        X, y = rng.standard_normal((4, 30)), rng.standard_normal(4)
        X[:, 20:25] *= size
        path = nested_path(X, y, np.arange(30), direction="grow", ridge=ridge)
        for row in range(5, 31):
            exact = precise_weights(X[:, :row], y, ridge)
            error = max(abs(w - e) for w, e in zip(path.weights[row], exact, strict=False))
            assert error <= 1e-10 * max(abs(e) for e in exact)
        assert set(path.status[5:]) == {"ok"}


def test_a_small_ridge_beside_columns_that_it_outweighs():
    """No order of rows suits one reflection: X above the ridge loses the small columns, below it the large ones."""
    rng = np.random.default_rng(9)
    X, y = rng.standard_normal((12, 6)) * [1e10, 1.0, 1e-17, 1e-9, 1.0, 1e5], rng.standard_normal(12)
    path = nested_path(X, y, np.arange(6), direction="grow", ridge=1.0)
    for k in range(1, 7):
        exact = precise_weights(X[:, :k], y, 1.0)
        for w, e in zip(path.weights[k], exact, strict=False):
            assert abs(w - e) <= 1e-11 * abs(e)
    assert set(path.status) == {"ok"}


@pytest.mark.parametrize("shift", [-900, -300, 300, 900])
def test_predictions_in_any_units(shift):
    rng = np.random.default_rng(5)
    X, y, X_test = rng.standard_normal((6, 9)), rng.standard_normal(6), rng.standard_normal((3, 9))
    plain = nested_path(X, y, np.arange(9), X_test=X_test)
    units = np.ldexp(1.0, shift * (-1) ** np.arange(9))
    for factors in (np.ldexp(np.ones(9), shift), units):
        scaled = nested_path(X * factors, y, np.arange(9), X_test=X_test * factors)
        rows = slice(None) if np.ptp(factors) == 0 else plain.kept <= 6
        np.testing.assert_allclose(scaled.predictions[rows], plain.predictions[rows], rtol=1e-9)
    beyond = nested_path(X, y, np.arange(9), X_test=1e308 * np.ones((1, 9)))
    assert (np.isinf(beyond.predictions[:, 0]) == (beyond.status == "out_of_range")).all()


@pytest.mark.parametrize("activation", ["relu", "identity", "tanh"])
@pytest.mark.parametrize(("inputs", "directions"), [(500, 700), (600, -600), (-500, -450), (0, -400), (900, -100)])
def test_feature_sweeps_in_any_units(activation, inputs, directions):
    """Features of relu and identity are measured in units of directions times units of inputs."""
    rng = np.random.default_rng(6)
    V, b, X, y, X_test = (rng.standard_normal(shape) for shape in [(12, 3), 12, (6, 3), 6, (2, 3)])
    large, sizes = inputs + directions, [0, 2, 5, 6, 7, 12]
    model = RandomFeatures(np.ldexp(V, directions), np.zeros(12), np.ldexp(b, large) if abs(large) < 1000 else None)
    offsets = None if model.offsets is None else b
    model = RandomFeatures(model.directions, np.zeros(12), model.offsets, activation=activation)
    sweep = random_feature_sweep(model, np.ldexp(X, inputs), y, sizes, X_test=np.ldexp(X_test, inputs))
    # Far from 0 the hyperbolic tangent is a sign, near 0 the identity.
    reference = "identity" if activation == "tanh" else activation
    plain = RandomFeatures(V, np.zeros(12), offsets, activation=reference)
    if activation == "tanh" and large >= 0:
        if large == 0:
            return
        signs, test_signs = np.sign(plain.features(X)), np.sign(plain.features(X_test))
        expected = nested_path(signs, y, np.arange(12), direction="grow", X_test=test_signs)
        np.testing.assert_array_equal(sweep.rank, expected.rank[sizes])
        np.testing.assert_allclose(sweep.predictions, expected.predictions[sizes], rtol=1e-9, atol=1e-12)
        return
    expected = random_feature_sweep(plain, X, y, sizes, X_test=X_test)
    np.testing.assert_array_equal(sweep.rank, expected.rank)
    assert (sweep.status[1:] == "out_of_range").all() == (large > 1050)
    if large < 1050:
        np.testing.assert_allclose(sweep.predictions, expected.predictions, rtol=1e-9)
        np.testing.assert_allclose(sweep.weights, np.ldexp(expected.weights, -large), rtol=1e-9)


def test_results_compare_by_identity_and_show_their_shapes():
    paths = [nested_path(np.eye(5), np.ones(5), np.arange(5)) for _ in range(2)]
    assert paths[0] != paths[1]
    assert len(set(paths)) == 2
    assert repr(paths[0]).startswith("FitPath(kept=<int64 array, shape (6,)>, weights=<float64 array, shape (6, 5)>")


@pytest.mark.parametrize("name", ["X", "X_test"])
def test_ragged_data_are_named(name):
    arguments = {"X": [[1.0, 2.0]], "X_test": [[1.0, 2.0]]} | {name: [[1.0, 2.0], [3.0]]}
    with pytest.raises(ValueError, match=f"^{name} must be"):
        nested_path(arguments["X"], [1.0], [0, 1], X_test=arguments["X_test"])
