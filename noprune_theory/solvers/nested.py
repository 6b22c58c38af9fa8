"""Fits along a nested family of supports: a pruning path, a growing path, a sweep over the number of random features.

Supports S_1 < S_2 < ... share almost all of their work, and none of it needs a downdate: a pruning path is computed
from its sparse end and read backwards.

- While k <= n, one QR factorisation of the columns in the order in which they appear serves every prefix. With
  X_S = Q R the fit of the first k columns is w_k = R_k^-1 (Q^T y)_k, and the inverses of the leading blocks of R are
  the leading blocks of R^-1, so w_k = w_{k-1} + (Q^T y)_k R^-1 e_k.
- While k > n, the minimum-norm fit is w = X_S^T z with K z = y, K = X_S X_S^T. Adding columns B = (b_1, b_2, ...) one
  at a time moves z by rank-one steps: with C C^T = I + B^T K^-1 B, U = K^-1 B C^-T and g = C^-1 B^T z_0, it is
  z_j = z_{j-1} - g_j u_j, because the leading blocks of C serve the steps inside the block. Then K is factored again,
  so rounding errors do not accumulate. Blocks are short near k = n, where K is nearly singular.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import blas, lapack

from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import as_float_array, as_samples, check_choice, check_integer, check_nonnegative
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers.masked_least_squares import minimum_norm, solve_positive_definite

# Columns between two factorisations while k > n: long enough for matrix products, short enough for their n x b work.
_BLOCK_COLUMNS = 64
# Condition estimate of K above which the dual solutions are refined from the data: without it the error of the weights
# stays below condition x 2e-16, that is 1e-10.
_REFINE_ABOVE = 5e5
# Condition number of scaled columns above which a prefix of the QR factorisation is left for one with pivoting.
_DEFICIENT_ABOVE = 1e11


@dataclass(frozen=True)
class FitPath:
    """Least-squares fits on nested supports, one row a fit.

    Attributes
    ----------
    kept : ndarray of int, shape (n_fits,)
        Number k of weights kept.
    weights : ndarray, shape (n_fits, p)
        Minimum-norm (or ridge) weights, zero where pruned.
    rank : ndarray of int, shape (n_fits,)
        Numerical rank of the kept columns (of the kept columns stacked on sqrt(ridge) I when ridge > 0).
    residual_norm : ndarray, shape (n_fits,)
        |X w - y|.
    status : ndarray of str, shape (n_fits,)
        "ok", "ill_conditioned" or "rank_deficient", as in `LeastSquaresFit`.
    predictions : ndarray, shape (n_fits, n_test), or None
        X_test w, where `X_test` was given.
    """

    kept: IntArray
    weights: FloatArray
    rank: IntArray
    residual_norm: FloatArray
    status: NDArray[np.str_]
    predictions: FloatArray | None


def nested_path(
    X: ArrayLike,
    y: ArrayLike,
    order: ArrayLike,
    *,
    direction: Literal["prune", "grow"] = "prune",
    block: int = 1,
    ridge: float = 0.0,
    X_test: ArrayLike | None = None,
) -> FitPath:
    """Fit y after every step of pruning or growing the support, one weight or one block of weights at a time.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data or features, one sample a row.
    y : array_like, shape (n,)
        Labels.
    order : array_like of int, shape (m,)
        Distinct weights in the order in which they are removed from the full support ("prune") or added to the empty
        one ("grow"), 1 <= m <= p.
    direction : {"prune", "grow"}
    block : int
        Weights removed or added at a step, >= 1; the last step takes what is left.
    ridge : float
        Coefficient >= 0 of |w|^2 beside the sum of squared errors.
    X_test : array_like, shape (n_test, p), optional
        Samples at which every fit predicts.

    Returns
    -------
    FitPath
        ceil(m / block) + 1 fits: row 0 before the first step.

    Raises
    ------
    TypeError
        If the data are not real or the order not of integers.
    ValueError
        If an entry is NaN or infinite, a shape does not fit, or the order repeats a weight or leaves the range.

    Examples
    --------
    >>> path = nested_path([[1.0, 0.0], [0.0, 1.0]], [1.0, 2.0], [1, 0], direction="grow")
    >>> path.kept.tolist(), path.residual_norm.round(3).tolist()
    ([0, 1, 2], [2.236, 1.0, 0.0])
    """
    samples, labels = as_samples(X, y)
    p = samples.shape[1]
    steps = _checked_order(order, p)
    check_choice("direction", direction, ("prune", "grow"))
    size = check_integer("block", block, 1)
    strength = check_nonnegative("ridge", ridge)
    test = None if X_test is None else _checked_test(X_test, p)
    taken = np.append(np.arange(0, steps.size, size), steps.size)
    if direction == "grow":
        return _fit_prefixes(samples, labels, steps, taken, strength, test)
    base = np.setdiff1d(np.arange(p), steps)
    sequence = np.concatenate([base, steps[::-1]])
    return _reversed(_fit_prefixes(samples, labels, sequence, (p - taken)[::-1], strength, test))


def random_feature_sweep(
    model: RandomFeatures,
    X: ArrayLike,
    y: ArrayLike,
    sizes: ArrayLike,
    *,
    ridge: float = 0.0,
    X_test: ArrayLike | None = None,
) -> FitPath:
    """Fit y by the first N kept features of a model, for a range of N.

    Parameters
    ----------
    model : RandomFeatures
        Its directions, offsets, activation and mask are used; its weights are not.
    X : array_like, shape (n, d)
        Inputs.
    y : array_like, shape (n,)
        Labels.
    sizes : array_like of int, shape (n_fits,)
        Numbers N of features, strictly increasing, between 0 and the number of features kept.
    ridge : float
        Coefficient >= 0 of |w|^2 beside the sum of squared errors.
    X_test : array_like, shape (n_test, d), optional
        Inputs at which every fit predicts.

    Returns
    -------
    FitPath
        One row a size; weights are those of `model`, shape (n_fits, model.n_weights).

    Raises
    ------
    TypeError
        If the model is not a `RandomFeatures`, or the sizes are not integers.
    ValueError
        If an entry is NaN or infinite, a shape does not fit, or the sizes are not increasing or out of range.
    """
    if not isinstance(model, RandomFeatures):
        raise TypeError(f"model must be a RandomFeatures model, got {type(model).__name__}")
    samples, labels = as_samples(X, y)
    sequence = np.flatnonzero(model.mask)
    counts = _as_integers("sizes", sizes)
    if counts[0] < 0 or counts[-1] > sequence.size or np.any(np.diff(counts) <= 0):
        raise ValueError(f"sizes must be strictly increasing within [0, {sequence.size}], got {counts.tolist()}")
    strength = check_nonnegative("ridge", ridge)
    test = None if X_test is None else model.features(_checked_test(X_test, model.dimension))
    return _fit_prefixes(model.features(samples), labels, sequence, counts, strength, test)


def _as_integers(name: str, value: ArrayLike) -> IntArray:
    raw = np.asarray(value)
    if raw.dtype.kind not in "iu":
        raise TypeError(f"{name} must be an array of integers, got dtype {raw.dtype}")
    if raw.ndim != 1 or raw.size == 0:
        raise ValueError(f"{name} must have shape (m,) with m >= 1, got {raw.shape}")
    return raw.astype(np.int64)


def _checked_order(order: ArrayLike, p: int) -> IntArray:
    steps = _as_integers("order", order)
    if steps.min() < 0 or steps.max() >= p:
        raise ValueError(f"order must lie in [0, {p - 1}], got values in [{steps.min()}, {steps.max()}]")
    if np.unique(steps).size != steps.size:
        raise ValueError(f"order must not repeat a weight, got {steps.size - np.unique(steps).size} repetition(s)")
    return steps


def _checked_test(X_test: ArrayLike, p: int) -> FloatArray:
    test = as_float_array("X_test", X_test, ndim=2)
    if test.shape[1] != p:
        raise ValueError(f"X_test must have {p} columns, got shape {test.shape}")
    return test


def _reversed(path: FitPath) -> FitPath:
    predictions = None if path.predictions is None else path.predictions[::-1]
    return FitPath(
        path.kept[::-1], path.weights[::-1], path.rank[::-1], path.residual_norm[::-1], path.status[::-1], predictions
    )


def _fit_prefixes(
    X: FloatArray, y: FloatArray, sequence: IntArray, stops: IntArray, ridge: float, test: FloatArray | None
) -> FitPath:
    """Fit the first `stops[i]` columns of `sequence` for every i; `stops` increases."""
    # Columns in order of appearance, contiguous: every support is a leading block.
    columns = np.ascontiguousarray(X.T[sequence])
    fits = _PrefixFits(columns, y, stops, ridge)
    with one_blas_thread():
        fits.solve_tall()
        fits.solve_wide()
        predictions = None if test is None else fits.predictions(np.ascontiguousarray(test.T[sequence]))
    weights = np.zeros((stops.size, X.shape[1]))
    weights[:, sequence] = fits.weights
    return FitPath(stops, weights, fits.rank, fits.residual, fits.status, predictions)


class _PrefixFits:
    """Fits of leading blocks of columns; `columns` (p, n) holds X^T, `weights` (n_fits, p) follow its order."""

    def __init__(self, columns: FloatArray, y: FloatArray, stops: IntArray, ridge: float) -> None:
        self.columns, self.y, self.stops, self.ridge = columns, y, stops, ridge
        self.n = y.size
        self.n_tall = int(np.count_nonzero(stops <= self.n))
        self.weights: FloatArray = np.zeros((stops.size, len(columns)))
        self.rank: IntArray = np.minimum(stops, stops if ridge > 0 else self.n)
        self.residual: FloatArray = np.full(stops.size, float(np.linalg.norm(y)))
        self.status: NDArray[np.str_] = np.full(stops.size, "ok", dtype="<U15")

    def predictions(self, columns: FloatArray) -> FloatArray:
        """Return the predictions (n_fits, n_test) from the columns (p, n_test) of the test matrix."""
        predictions = np.empty((self.stops.size, columns.shape[1]))
        # In strips of fits, so that the zeros beyond each support are mostly left out of the product.
        for first in range(0, self.stops.size, _BLOCK_COLUMNS):
            strip = slice(first, min(first + _BLOCK_COLUMNS, self.stops.size))
            widest = self.stops[strip.stop - 1]
            np.matmul(self.weights[strip, :widest], columns[:widest], out=predictions[strip])
        return predictions

    def solve_tall(self) -> None:
        """Fit every support with k <= n from one QR factorisation."""
        tall = self.stops[: self.n_tall]
        if tall.size == 0 or tall[-1] == 0:
            return
        k = int(tall[-1])
        inverse, projected = _triangular_inverse(self.columns[:k], self.y, self.ridge)
        norms = np.sqrt(np.sum(self.columns[:k] ** 2, axis=1) + self.ridge)
        with np.errstate(all="ignore"):
            # |D R^-1| of each leading block, D the column norms: the condition number of the scaled columns up to k.
            conditions = np.sqrt(np.cumsum(np.sum((norms[:, None] * inverse) ** 2, axis=0)))
            weights = np.cumsum(inverse * projected, axis=1)
        healthy = np.concatenate([[True], conditions <= _DEFICIENT_ABOVE])[tall]
        nonzero = np.flatnonzero(healthy & (tall > 0))
        self.weights[nonzero, :k] = weights.T[tall[nonzero] - 1]
        self.residual[nonzero] = np.linalg.norm(self.y - self.weights[nonzero, :k] @ self.columns[:k], axis=1)
        for row in np.flatnonzero(~healthy):
            self._solve_rank_revealing(int(row))

    def solve_wide(self) -> None:
        """Fit every support with k > n from the dual problem, a block of columns at a time."""
        n = self.n
        gram = np.zeros((n, n), order="F")
        gram[np.diag_indices(n)] = self.ridge
        row, done = self.n_tall, 0
        while row < self.stops.size:
            base = int(self.stops[row])
            gram = blas.dsyrk(1.0, self.columns[done:base].T, beta=1.0, c=gram, lower=1, overwrite_c=1)
            done = base
            reach = base + min(max((base - n) // 2, 1), _BLOCK_COLUMNS)
            end = row + int(np.searchsorted(self.stops[row:], reach, side="right"))
            if self._solve_group(row, end, gram):
                row = end
            else:
                self._solve_rank_revealing(row)
                row += 1

    def _solve_group(self, first: int, last: int, gram: FloatArray) -> bool:
        """Fit supports `first` to `last` - 1, given the lower triangle of K for the first; False if ill-conditioned."""
        base, end = int(self.stops[first]), int(self.stops[last - 1])
        added = self.columns[base:end]
        right = np.empty((self.n, 1 + len(added)), order="F")
        right[:, 0], right[:, 1:] = self.y, added.T
        solved = solve_positive_definite(gram.copy(order="F"), right)
        if solved is None:
            return False
        solution, factor, condition = solved
        steps = self.stops[first:last] - base
        update = _BlockUpdate(factor, solution[:, 1:], added)
        dual = update.apply(solution[:, 0], steps)
        weights = self.weights[first:last, :end]
        self._weights_from_dual(dual, steps, base, weights)
        if condition > _REFINE_ABOVE:
            dual += update.solve(self.y - weights @ self.columns[:end] - self.ridge * dual, steps)
            self._weights_from_dual(dual, steps, base, weights)
            fitted = weights @ self.columns[:end]
        else:
            # X w = K z without the ridge, K of the columns up to `base`, and the columns added since; n < k is cheaper.
            fitted = blas.dsymm(1.0, gram, dual.T, lower=1).T - self.ridge * dual + weights[:, base:] @ added
        self.residual[first:last] = np.linalg.norm(self.y - fitted, axis=1)
        return True

    def _weights_from_dual(self, dual: FloatArray, steps: IntArray, base: int, out: FloatArray) -> None:
        """Write X_S^T z for every row z of `dual` into `out` (n_fits, base + columns added)."""
        np.matmul(dual, self.columns[: out.shape[1]].T, out=out)
        out[:, base:][np.arange(out.shape[1] - base) >= steps[:, None]] = 0.0

    def _solve_rank_revealing(self, row: int) -> None:
        k = int(self.stops[row])
        block, target = self.columns[:k].T, self.y
        if self.ridge > 0:
            block = np.vstack([block, np.sqrt(self.ridge) * np.eye(k)])
            target = np.concatenate([target, np.zeros(k)])
        solution, rank = minimum_norm(block, target)
        self.weights[row, :k] = solution
        self.rank[row] = rank
        self.residual[row] = np.linalg.norm(self.y - solution @ self.columns[:k])
        self.status[row] = "ill_conditioned" if rank == min(block.shape) else "rank_deficient"


class _BlockUpdate:
    """Solves with K + b_1 b_1^T + ... + b_j b_j^T for all j at once, from a Cholesky factor of K and K^-1 B."""

    def __init__(self, factor: FloatArray, solved: FloatArray, added: FloatArray) -> None:
        self.factor, self.added = factor, added
        b = len(added)
        capacitance = np.asfortranarray(added @ solved)
        capacitance[np.diag_indices(b)] += 1.0
        self.triangle: FloatArray = lapack.dpotrf(capacitance, lower=1)[0] if b else capacitance
        # U = K^-1 B C^-T.
        self.directions: FloatArray = (
            blas.dtrsm(1.0, self.triangle, solved, side=1, lower=1, trans_a=1) if b else np.asarray(solved)
        )

    def apply(self, start: FloatArray, steps: IntArray) -> FloatArray:
        """Return, one a row, the solutions after `steps[i]` added columns, from the solution `start` before any."""
        gains = _lower_solve(self.triangle, self.added @ start)
        path = np.empty((len(self.added) + 1, start.size))
        path[0] = start
        np.multiply(self.directions.T, -gains[:, None], out=path[1:])
        return np.cumsum(path, axis=0, out=path)[steps]

    def solve(self, right: FloatArray, steps: IntArray) -> FloatArray:
        """Return, one a row, the solutions for the rows of `right`, row i after `steps[i]` added columns."""
        start = lapack.dpotrs(self.factor, right.T, lower=1)[0]
        gains = _lower_solve(self.triangle, self.added @ start)
        gains[np.arange(len(self.added))[:, None] >= steps] = 0.0
        return np.asarray((start - self.directions @ gains).T)


def _lower_solve(triangle: FloatArray, right: FloatArray) -> FloatArray:
    """Return triangle^-1 right for a lower triangular matrix, which may be empty."""
    if len(triangle) == 0:
        return right
    return np.asarray(lapack.dtrtrs(triangle, right, lower=1)[0])


def _triangular_inverse(columns: FloatArray, y: FloatArray, ridge: float) -> tuple[FloatArray, FloatArray]:
    """Return R^-1 (k, k) and (Q^T y)_k of the QR factorisation of X_S, stacked on sqrt(ridge) I if ridge > 0.

    From a vanishing diagonal entry of R on, the columns of R^-1 are infinite, as the caller sees in its conditions.
    """
    k, n = columns.shape
    stacked = np.zeros((n + (k if ridge > 0 else 0), k), order="F")
    stacked[:n] = columns.T
    target = np.zeros((len(stacked), 1))
    target[:n, 0] = y
    if ridge > 0:
        stacked[n:][np.diag_indices(k)] = np.sqrt(ridge)
    factored, reflectors, _, _ = lapack.dgeqrf(stacked, overwrite_a=1)
    projected = lapack.dormqr("L", "T", factored, reflectors, target, lwork=max(1, 64 * len(stacked)))[0][:k, 0]
    zeros = np.flatnonzero(np.diagonal(factored[:k]) == 0)
    regular = int(zeros[0]) if zeros.size else k
    inverse = np.full((k, k), np.inf)
    if regular:
        inverse[:regular, :regular] = np.triu(lapack.dtrtri(factored[:regular, :regular], lower=0)[0])
        inverse[regular:, :regular] = 0.0
    return inverse, projected
