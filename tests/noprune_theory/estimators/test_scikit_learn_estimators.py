"""The estimators keep scikit-learn's conventions, and their fits are the solvers'."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from noprune_theory.estimators import MaskedLinearRegression, SmoothestRandomFeatures
from noprune_theory.lipschitz import bracket
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import least_squares, smoothest_random_features_fit

ROOT = Path(__file__).resolve().parents[3]


@parametrize_with_checks(
    [MaskedLinearRegression(), MaskedLinearRegression(ridge=1.0), MaskedLinearRegression(fit_intercept=False)]
)
def test_scikit_learn_finds_nothing_in_masked_regression(estimator, check):
    check(estimator)


# Features in plenty interpolate; features that are too few say so.
@pytest.mark.filterwarnings("ignore:max_mse=0.01 was not reached")
@parametrize_with_checks([SmoothestRandomFeatures(8, max_mse=1e-2, rtol=0.5)])
def test_scikit_learn_finds_nothing_in_smoothest_features(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(
    [
        SmoothestRandomFeatures(30, rtol=0.1),
        SmoothestRandomFeatures(12, fit_intercept=False, offset_scale=None, rtol=0.5),
    ]
)
def test_scikit_learn_finds_nothing_in_smoothest_interpolation(estimator, check):
    check(estimator)


def drawn(seed, n=12, d=6):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal(n), rng.random(d) < 0.6


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_fits_are_those_of_scikit_learn_on_the_columns_kept(seed, ridge, fit_intercept):
    X, y, mask = drawn(seed)
    mask[0] = True
    fit = MaskedLinearRegression(mask, ridge=ridge, fit_intercept=fit_intercept).fit(X, y)
    peer = Ridge(ridge, fit_intercept=fit_intercept) if ridge else LinearRegression(fit_intercept=fit_intercept)
    peer.fit(X[:, mask], y)
    np.testing.assert_allclose(fit.coef_[mask], peer.coef_, rtol=1e-10)
    assert not fit.coef_[~mask].any()
    assert fit.intercept_ == pytest.approx(peer.intercept_, abs=1e-12)
    np.testing.assert_allclose(fit.predict(X), peer.predict(X[:, mask]), atol=1e-12)
    assert fit.lipschitz_.lower <= np.linalg.norm(fit.coef_) * (1 + 1e-15)
    assert fit.lipschitz_.upper == pytest.approx(np.linalg.norm(fit.coef_), rel=1e-14)
    assert fit.status_ == "ok"


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 9))
def test_minimum_norm_with_an_intercept(seed, n, d):
    """Against the pseudo-inverse of the centred features: a second way to the weights of least norm."""
    X, y, _ = drawn(seed, n, d)
    fit = MaskedLinearRegression().fit(X, y)
    np.testing.assert_allclose(fit.coef_, np.linalg.pinv(X - X.mean(axis=0), rcond=1e-12) @ (y - y.mean()), atol=1e-7)
    assert fit.rank_ == min(n - 1, d)
    if d >= n - 1:
        np.testing.assert_allclose(fit.predict(X), y, atol=1e-7)


@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([0.0, 2.0]))
def test_a_weight_counts_a_sample_so_often(seed, fit_intercept, ridge):
    X, y, mask = drawn(seed, n=9)
    counts = np.random.default_rng(seed).integers(0, 4, len(y))
    counts[0] = 3
    estimator = MaskedLinearRegression(mask, ridge=ridge, fit_intercept=fit_intercept)
    weighted = clone(estimator).fit(X, y, sample_weight=counts)
    repeated = clone(estimator).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-6)
    assert weighted.intercept_ == pytest.approx(repeated.intercept_, abs=1e-6)
    assert weighted.residual_norm_ == pytest.approx(repeated.residual_norm_, abs=1e-6)
    assert weighted.rank_ == repeated.rank_


@pytest.mark.parametrize("value", [0.1, 1e300, 5e-324, -1 / 3, 0.0])
@pytest.mark.parametrize("weights", [None, [0.1, 0.2, 0.7, 1.0, 3.0, 0.0]])
def test_a_constant_feature_gets_no_weight(value, weights):
    """Its mean rounds: centred by that it would be a tiny column, which the rank rule takes as it is."""
    X, y, _ = drawn(3, n=6, d=2)
    X = np.column_stack([X[:, 0], np.full(6, value)])
    X[5, 1] = 7.0 if weights else value  # a sample of weight 0 does not make it vary
    fit = MaskedLinearRegression().fit(X, y, sample_weight=weights)
    assert fit.coef_[1] == 0.0
    assert fit.rank_ == 1


def test_units_of_powers_of_two_do_not_matter():
    X, y, _ = drawn(4)
    plain = MaskedLinearRegression().fit(X, y)
    for power in (-1000, -400, 400, 1000):
        scaled = MaskedLinearRegression().fit(np.ldexp(X, [power, 0, -power // 2, 0, 3, 0]), y)
        np.testing.assert_array_equal(np.ldexp(scaled.coef_, [power, 0, -power // 2, 0, 3, 0]), plain.coef_)
        assert scaled.intercept_ == plain.intercept_


def test_nothing_kept_is_the_mean():
    X, y, _ = drawn(5)
    fit = MaskedLinearRegression(np.zeros(6, dtype=bool)).fit(X, y)
    assert fit.lipschitz_.upper == 0
    np.testing.assert_allclose(fit.predict(X), y.mean())


@pytest.mark.parametrize(
    ("estimator", "options", "error", "said"),
    [
        (MaskedLinearRegression([True]), {}, ValueError, r"mask must have shape \(6,\)"),
        (MaskedLinearRegression([1, 0, 1, 0, 1, 0]), {}, TypeError, "mask must be boolean"),
        (MaskedLinearRegression(ridge=-1.0), {}, ValueError, "ridge must be >= 0"),
        (MaskedLinearRegression(fit_intercept=2), {}, TypeError, "fit_intercept must be True or False"),
        (MaskedLinearRegression(), {"sample_weight": [1.0]}, ValueError, r"sample_weight must have shape \(12,\)"),
        (MaskedLinearRegression(), {"sample_weight": [-1.0] * 12}, ValueError, "sample_weight must be >= 0"),
        (MaskedLinearRegression(), {"sample_weight": [0.0] * 12}, ValueError, "not all zero"),
        (SmoothestRandomFeatures(0), {}, ValueError, "n_features must be >= 1"),
        (SmoothestRandomFeatures(max_mse=-1.0), {}, ValueError, "max_mse must be >= 0"),
        (SmoothestRandomFeatures(rtol=0.0), {}, ValueError, "rtol must be > 0"),
        (SmoothestRandomFeatures(max_seconds=0.0), {}, ValueError, "max_seconds must be > 0"),
        (SmoothestRandomFeatures(offset_scale=0.0), {}, ValueError, "offset_scale must be > 0"),
        (SmoothestRandomFeatures(fit_intercept=None), {}, TypeError, "fit_intercept must be True or False"),
        (SmoothestRandomFeatures(random_state="1"), {}, ValueError, "seed"),
    ],
)
def test_bad_parameters_are_named_by_fit(estimator, options, error, said):
    X, y, _ = drawn(6)
    with pytest.raises(error, match=said):
        estimator.fit(X, y, **options)


def test_coefficients_beyond_the_range_are_refused():
    with pytest.raises(ValueError, match="coefficients that leave it"):
        MaskedLinearRegression().fit([[0.0], [5e-324]], [0.0, 1e300])


# -- the smoothest fit -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_the_smoothest_fit_is_the_solvers(fit_intercept):
    X, y, _ = drawn(7, n=8, d=2)
    fit = SmoothestRandomFeatures(40, max_mse=0.05, fit_intercept=fit_intercept, random_state=3).fit(X, y)
    assert fit.status_ == "ok"
    assert fit.mse_ == pytest.approx(np.mean((fit.predict(X) - y) ** 2), rel=1e-9)
    assert fit.mse_ <= 0.05 * (1 + 1e-9) == pytest.approx(fit.level_)
    assert fit.lipschitz_.relative_gap <= 1e-2
    assert bracket(fit.model_).lower <= fit.lipschitz_.upper
    own = RandomFeatures(fit.directions_, fit.coef_, fit.offsets_)
    np.testing.assert_allclose(fit.predict(X), own.value(X) + fit.intercept_, atol=1e-12)
    assert (fit.intercept_ != 0) == fit_intercept
    without = smoothest_random_features_fit(own, X, y, max_mse=0.05, rtol=1e-2)
    if fit_intercept:  # a constant is free, so that nothing is lost and in general something gained
        assert fit.lipschitz_.lower <= without.lipschitz.upper
    else:
        assert fit.lipschitz_.lower <= without.lipschitz.upper
        assert without.lipschitz.lower <= fit.lipschitz_.upper


def test_the_intercept_is_chosen_with_the_weights():
    """Many features on a line come near any function: labels 0, 1, 0, 1 at level 1/16 need the slope 1/2.

    The best function moves every label by 1/4 towards 1/2, an intercept at the mean included.
    """
    X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 0.0, 1.0]
    fit = SmoothestRandomFeatures(300, max_mse=1 / 16, random_state=0, offset_scale=2.0).fit(X, y)
    assert 0.499 < fit.lipschitz_.lower <= fit.lipschitz_.upper < 0.53
    shifted = SmoothestRandomFeatures(300, max_mse=1 / 16, random_state=0, offset_scale=2.0).fit(X, np.add(y, 64.0))
    assert shifted.lipschitz_.upper == pytest.approx(fit.lipschitz_.upper, rel=2e-2)


def test_a_level_out_of_reach_is_raised_to_the_smallest_error_with_a_warning():
    X, y, _ = drawn(8, n=20, d=3)
    fit = SmoothestRandomFeatures(5, random_state=0).fit(X, y)  # 0 is the smallest error there is: no warning
    with pytest.warns(UserWarning, match="max_mse=0.001 was not reached with n_components=5"):
        asked = SmoothestRandomFeatures(5, max_mse=1e-3, random_state=0).fit(X, y)
    np.testing.assert_array_equal(asked.coef_, fit.coef_)
    Phi = np.column_stack([np.maximum(X @ fit.directions_.T + fit.offsets_, 0.0), np.ones(20)])
    smallest = np.mean((Phi @ np.linalg.lstsq(Phi, y, rcond=None)[0] - y) ** 2)
    assert fit.status_ == "ok"
    assert fit.level_ == pytest.approx(smallest, rel=1e-9)
    assert fit.mse_ == pytest.approx(smallest, rel=1e-9)
    assert np.isfinite(fit.lipschitz_.upper)


def test_fewer_features_than_samples_fit_as_well_as_they_can():
    """At level 0 the solver cannot decide whether 61 features reach 120 labels; the fit is that of least squares."""
    rng = np.random.default_rng(12)
    X, y = rng.standard_normal((120, 8)), rng.standard_normal(120)
    fit = SmoothestRandomFeatures(60, rtol=0.3, random_state=0).fit(X, y)
    Phi = np.column_stack([np.maximum(X @ fit.directions_.T + fit.offsets_, 0.0), np.ones(120)])
    smallest = np.mean((Phi @ np.linalg.lstsq(Phi, y, rcond=None)[0] - y) ** 2)
    assert fit.status_ == "ok"
    assert fit.mse_ == pytest.approx(smallest, rel=1e-9)
    assert np.isfinite(fit.lipschitz_.upper)


def test_equal_seeds_give_equal_fits():
    X, y, _ = drawn(9, n=8, d=2)

    def fitted(state):
        return SmoothestRandomFeatures(30, max_mse=0.1, random_state=state).fit(X, y)

    np.testing.assert_array_equal(fitted(5).coef_, fitted(np.random.RandomState(5)).coef_)
    assert not np.array_equal(fitted(5).directions_, fitted(6).directions_)
    state = np.random.RandomState(5)
    assert not np.array_equal(fitted(state).directions_, fitted(state).directions_)


# -- in scikit-learn's tools -------------------------------------------------------------------------------------------


def test_masks_are_searched_by_cross_validation():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 4))
    y = X[:, 0] - 2 * X[:, 2] + 0.01 * rng.standard_normal(60)
    masks = [np.array(mask) for mask in ([1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 1])]
    search = GridSearchCV(
        MaskedLinearRegression(), {"mask": [mask.astype(bool) for mask in masks], "ridge": [0.0, 1e3]}, cv=3
    ).fit(X, y)
    assert search.best_params_["mask"].tolist() == [True, False, True, False]
    assert search.best_params_["ridge"] == 0.0
    assert search.best_score_ > 0.99


def test_levels_are_searched_in_a_pipeline_with_names():
    rng = np.random.default_rng(1)
    frame = pandas.DataFrame(rng.standard_normal((40, 2)) * [1.0, 100.0], columns=["near", "far"])
    y = np.abs(frame["near"]) + 0.3 * rng.standard_normal(40)
    pipeline = make_pipeline(
        StandardScaler().set_output(transform="pandas"), SmoothestRandomFeatures(60, rtol=0.05, random_state=0)
    )
    search = GridSearchCV(pipeline, {"smoothestrandomfeatures__max_mse": [0.01, 0.1, 10.0]}, cv=3).fit(frame, y)
    assert search.best_params_ == {"smoothestrandomfeatures__max_mse": 0.1}
    fitted = search.best_estimator_[-1]
    assert fitted.feature_names_in_.tolist() == ["near", "far"]
    assert fitted.n_features_in_ == 2
    assert cross_val_score(clone(pipeline).set_params(smoothestrandomfeatures__max_mse=10.0), frame, y).max() < 0.1


def test_samples_weights_are_routed():
    X, y, _ = drawn(10)
    weights = np.arange(12.0)
    pipeline = make_pipeline(StandardScaler(), MaskedLinearRegression())
    fit = pipeline.fit(X, y, maskedlinearregression__sample_weight=weights)
    peer = make_pipeline(StandardScaler(), LinearRegression()).fit(X, y, linearregression__sample_weight=weights)
    np.testing.assert_allclose(fit.predict(X), peer.predict(X), atol=1e-10)


def test_least_squares_is_the_same_as_the_solver():
    X, y, mask = drawn(11)
    fit = MaskedLinearRegression(mask, fit_intercept=False).fit(X, y)
    solved = least_squares(X, y, mask)
    np.testing.assert_array_equal(fit.coef_, solved.weights)
    assert (fit.rank_, fit.residual_norm_, fit.status_) == (solved.rank, solved.residual_norm, solved.status)


def test_without_scikit_learn_the_extra_is_named():
    code = (
        "import sys; sys.modules['sklearn'] = sys.modules['sklearn.base'] = None\n"
        "from noprune_theory import estimators\n"
        "print(estimators.__all__)\n"
        "try: estimators.MaskedLinearRegression\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "MaskedLinearRegression" in done.stdout.splitlines()[0]
    assert "needs scikit-learn 1.6 or later" in done.stdout
    assert "pip install 'noprune-theory[sklearn]'" in done.stdout
