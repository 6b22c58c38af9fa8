"""A pruning path, every fit and its test predictions, against refactoring at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.blas import dsyr

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray, IntArray
from noprune_theory.solvers import FitPath, nested_path


def problem(n: int, p: int, n_test: int) -> tuple[FloatArray, FloatArray, IntArray, FloatArray]:
    """Return Gaussian X (n, p), y (n,), an order that prunes down to n weights, and X_test (n_test, p)."""
    rng = np.random.default_rng(2)
    return (
        rng.standard_normal((n, p)),
        rng.standard_normal(n),
        rng.permutation(p)[: p - n],
        rng.standard_normal((n_test, p)),
    )


def path_by_cholesky(
    X: FloatArray, y: FloatArray, order: IntArray, X_test: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return weights and predictions: X_S X_S^T downdated by one column, then a fresh Cholesky, each step."""
    columns, test_columns = np.ascontiguousarray(X.T), np.ascontiguousarray(X_test.T)
    gram = np.asfortranarray(X @ X.T)
    kept = np.ones(X.shape[1], dtype=bool)
    weights, predictions = np.zeros((order.size + 1, X.shape[1])), np.empty((order.size + 1, len(X_test)))
    for step in range(order.size + 1):
        if step:
            kept[order[step - 1]] = False
            gram = dsyr(-1.0, columns[order[step - 1]], lower=1, a=gram, overwrite_a=1)
        dual = cho_solve(cho_factor(gram, lower=True, check_finite=False), y, check_finite=False)
        weights[step] = np.where(kept, columns @ dual, 0.0)
        predictions[step] = weights[step] @ test_columns
    return weights, predictions


def path_by_lstsq(X: FloatArray, y: FloatArray, order: IntArray, X_test: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return weights and predictions by numpy.linalg.lstsq at every step."""
    kept = np.ones(X.shape[1], dtype=bool)
    weights = np.zeros((order.size + 1, X.shape[1]))
    for step in range(order.size + 1):
        if step:
            kept[order[step - 1]] = False
        weights[step, kept] = np.linalg.lstsq(X[:, kept], y, rcond=None)[0]
    return weights, weights @ X_test.T


def path_error(reference: FloatArray) -> Callable[[FitPath, object], float]:
    """Return the largest relative distance of the weights from a reference, over the whole path."""

    def error(path: FitPath, _: object) -> float:
        distance = np.linalg.norm(path.weights - reference, axis=1)
        return float(np.max(distance / np.linalg.norm(reference, axis=1)))

    return error


def _contests() -> Iterator[Contest]:
    n, p, n_test = 200, 1000, 100
    X, y, order, X_test = problem(n, p, n_test)
    size = {"n": n, "p": p, "fits": order.size + 1, "test": n_test}
    error = path_error(path_by_lstsq(X, y, order, X_test)[0])

    def ours() -> FitPath:
        return nested_path(X, y, order, X_test=X_test)

    yield Contest(
        "scipy.linalg.cho_factor at every step", ours, lambda: path_by_cholesky(X, y, order, X_test), size, error
    )
    every = 20
    yield Contest(
        "numpy.linalg.lstsq at every step (every 20th timed)",
        ours,
        lambda: [
            np.linalg.lstsq(X[:, np.delete(np.arange(p), order[:s])], y, rcond=None) for s in range(0, 801, every)
        ],
        size,
        error,
        peer_share=len(range(0, 801, every)) / 801,
    )


def _by_samples(n: int) -> Callable[[], FitPath]:
    X, y, order, X_test = problem(n, 5 * n, n // 2)
    return lambda: nested_path(X, y, order, X_test=X_test)


CASE = Case(
    name="nested_path",
    summary="Every minimum-norm fit, with test predictions, while 1,000 weights are pruned one by one to 200 = n.",
    accuracy="largest relative distance of the weights from numpy.linalg.lstsq along the whole path",
    contests=_contests,
    scalings=(Scaling("n (p = 5 n, one weight at a time)", (50, 100, 200, 400), 3.0, _by_samples),),
)
