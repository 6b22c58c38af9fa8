"""Many unrelated masks at once, against batched and looped numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.solvers import LeastSquaresFit, least_squares


def random_masks(rng: np.random.Generator, n_masks: int, p: int, k: int) -> BoolArray:
    """Return masks (n_masks, p) that keep k weights each, drawn uniformly."""
    masks = np.zeros((n_masks, p), dtype=bool)
    np.put_along_axis(masks, np.argsort(rng.random((n_masks, p)), axis=1)[:, :k], True, axis=1)
    return masks


def problem(n: int, p: int, k: int, n_masks: int) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return Gaussian data X (n, p), labels (n,) and masks."""
    rng = np.random.default_rng(1)
    return rng.standard_normal((n, p)), rng.standard_normal(n), random_masks(rng, n_masks, p, k)


def batched_solve(X: FloatArray, y: FloatArray, supports: IntArray) -> FloatArray:
    """Return weights (n_masks, k): gathered Gram blocks, one call of numpy.linalg.solve for all of them."""
    gram, moment = X.T @ X, X.T @ y
    blocks = gram[supports[:, :, None], supports[:, None, :]]
    return np.linalg.solve(blocks, moment[supports][:, :, None])[:, :, 0]


def looped_lstsq(X: FloatArray, y: FloatArray, supports: IntArray) -> FloatArray:
    """Return weights (n_masks, k): numpy.linalg.lstsq, mask by mask."""
    return np.stack([np.linalg.lstsq(X[:, support], y, rcond=None)[0] for support in supports])


def looped_dual(X: FloatArray, y: FloatArray, supports: IntArray) -> FloatArray:
    """Return minimum-norm weights (n_masks, k), k > n, by a Cholesky solve with X_S X_S^T, mask by mask."""
    columns = np.ascontiguousarray(X.T)
    fits = []
    for support in supports:
        block = columns[support]
        fits.append(
            block @ cho_solve(cho_factor(block.T @ block, lower=True, check_finite=False), y, check_finite=False)
        )
    return np.stack(fits)


def _contests() -> Iterator[Contest]:
    n, p, k, n_masks = 50, 100, 20, 10_000
    X, y, masks = problem(n, p, k, n_masks)
    # The peers are given the supports as index arrays, which spares them the search through the masks.
    supports = np.nonzero(masks)[1].reshape(n_masks, k)

    def ours() -> LeastSquaresFit:
        return least_squares(X, y, masks)

    size = {"n": n, "p": p, "k": k, "masks": n_masks}
    error = error_of(X, y, supports)
    yield Contest("batched numpy.linalg.solve", ours, lambda: batched_solve(X, y, supports), size, error)
    yield Contest("looped numpy.linalg.lstsq", ours, lambda: looped_lstsq(X, y, supports), size, error)
    yield _wide_contest(100, 400, 200, 1000)


def _wide_contest(n: int, p: int, k: int, n_masks: int) -> Contest:
    X, y, masks = problem(n, p, k, n_masks)
    supports = np.nonzero(masks)[1].reshape(n_masks, k)
    return Contest(
        "looped dual solves by scipy.linalg.cho_solve (minimum norm)",
        lambda: least_squares(X, y, masks),
        lambda: looped_dual(X, y, supports),
        {"n": n, "p": p, "k": k, "masks": n_masks},
        error_of(X, y, supports),
    )


def error_of(X: FloatArray, y: FloatArray, supports: IntArray) -> Callable[[LeastSquaresFit, Any], float]:
    """Return the largest relative distance of the weights from numpy.linalg.lstsq, whatever the peer computed."""
    reference = looped_lstsq(X, y, supports)

    def error(fit: LeastSquaresFit, _: Any) -> float:
        ours = np.take_along_axis(fit.weights, supports, axis=1)
        return float(np.max(np.linalg.norm(ours - reference, axis=1) / np.linalg.norm(reference, axis=1)))

    return error


def _by_masks(n_masks: int) -> Callable[[], LeastSquaresFit]:
    X, y, masks = problem(50, 100, 20, n_masks)
    return lambda: least_squares(X, y, masks)


def _by_kept(k: int) -> Callable[[], LeastSquaresFit]:
    X, y, masks = problem(60, 100, k, 4000)
    return lambda: least_squares(X, y, masks)


def _wide_by_samples(n: int) -> Callable[[], LeastSquaresFit]:
    X, y, masks = problem(n, 4 * n, 2 * n, 100)
    return lambda: least_squares(X, y, masks)


CASE = Case(
    name="masked_least_squares",
    summary="Least squares on the columns that each of 10,000 unrelated masks keeps.",
    accuracy="largest relative distance of the weights from numpy.linalg.lstsq",
    contests=_contests,
    scalings=(
        Scaling("masks (n = 50, k = 20)", (1000, 4000, 16_000, 64_000), 1.0, _by_masks),
        Scaling("k (n = 60, 4,000 masks)", (8, 16, 24, 32), 3.0, _by_kept),
        Scaling("n (k = 2 n, minimum norm, 100 masks)", (50, 100, 200, 400), 3.0, _wide_by_samples),
    ),
)
