"""Fits for every number of random features, against refactoring for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray, IntArray
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import FitPath, random_feature_sweep

RIDGE = 1e-2


def problem(n: int, n_features: int) -> tuple[RandomFeatures, FloatArray, FloatArray, FloatArray, IntArray]:
    """Return a ReLU model, inputs (n, 20), labels, test inputs (100, 20), and every number of features."""
    rng = np.random.default_rng(3)
    model = RandomFeatures.draw(rng, n_features, 20)
    inputs, test = rng.standard_normal((n, 20)), rng.standard_normal((100, 20))
    return model, inputs, rng.standard_normal(n), test, np.arange(1, n_features + 1)


def refactor_each(
    features: FloatArray, y: FloatArray, test_features: FloatArray, sizes: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return weights and predictions; the smaller of the two Gram matrices is formed and factored for each N."""
    n = y.size
    weights, predictions = np.zeros((sizes.size, features.shape[1])), np.empty((sizes.size, len(test_features)))
    for row, size in enumerate(sizes):
        block = features[:, :size]
        if size <= n:
            factor = cho_factor(block.T @ block + RIDGE * np.eye(size), lower=True, check_finite=False)
            weights[row, :size] = cho_solve(factor, block.T @ y, check_finite=False)
        else:
            factor = cho_factor(block @ block.T + RIDGE * np.eye(n), lower=True, check_finite=False)
            weights[row, :size] = block.T @ cho_solve(factor, y, check_finite=False)
        predictions[row] = test_features[:, :size] @ weights[row, :size]
    return weights, predictions


def _contests() -> Iterator[Contest]:
    from sklearn.linear_model import Ridge

    n, n_features = 200, 1000
    model, X, y, X_test, sizes = problem(n, n_features)
    features, test_features = model.features(X), model.features(X_test)
    reference = np.zeros((sizes.size, n_features))
    for row, size in enumerate(sizes):
        augmented = np.vstack([features[:, :size], np.sqrt(RIDGE) * np.eye(size)])
        if row % 50 == 0 or abs(size - n) < 3:
            reference[row, :size] = np.linalg.lstsq(augmented, np.concatenate([y, np.zeros(size)]), rcond=None)[0]
    checked = np.flatnonzero(reference.any(axis=1))

    def error(path: FitPath, _: object) -> float:
        distance = np.linalg.norm(path.weights[checked] - reference[checked], axis=1)
        return float(np.max(distance / np.linalg.norm(reference[checked], axis=1)))

    def ours() -> FitPath:
        return random_feature_sweep(model, X, y, sizes, ridge=RIDGE, X_test=X_test)

    size = {"n": n, "N": n_features, "fits": sizes.size, "test": 100}
    yield Contest(
        "scipy.linalg.cho_factor for each N",
        ours,
        lambda: refactor_each(features, y, test_features, sizes),
        size,
        error,
    )
    some = sizes[::50]
    yield Contest(
        "sklearn.linear_model.Ridge for each N (every 50th timed)",
        ours,
        lambda: [
            Ridge(alpha=RIDGE, fit_intercept=False).fit(features[:, :N], y).predict(test_features[:, :N]) for N in some
        ],
        size,
        error,
        peer_share=len(some) / sizes.size,
    )


def _by_features(n_features: int) -> Callable[[], FitPath]:
    model, X, y, X_test, sizes = problem(100, n_features)
    return lambda: random_feature_sweep(model, X, y, sizes, ridge=RIDGE, X_test=X_test)


CASE = Case(
    name="random_feature_sweep",
    summary="Ridge fits with test predictions for every number of random features from 1 to 1,000.",
    accuracy="largest relative distance of the weights from numpy.linalg.lstsq (augmented system, every 50th N)",
    contests=_contests,
    requires=("sklearn",),
    scalings=(Scaling("N (n = 100, every size up to N)", (250, 500, 1000, 2000), 2.0, _by_features),),
)
