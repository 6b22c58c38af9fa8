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

Columns, labels and ridge are divided by powers of two first wherever a square could leave the range of float64.
Supports that are close to deficient, or whose columns are in units too far apart for that, are solved one by one as in
`least_squares`: rank and status mean the same, and are the same, in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import blas, lapack

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import Exponents, scale, scale_float, size_exponent, size_exponents, stable_norm
from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import (
    as_array,
    as_float_array,
    as_samples,
    check_choice,
    check_integer,
    check_nonnegative,
)
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers.regression._graded import (
    ILL_CONDITIONED,
    ORDINARY_EXPONENT,
    Units,
    blurred,
    common_units,
    fit_block,
    stable_products,
    unscaled,
)
from noprune_theory.solvers.regression.masked_least_squares import REFACTOR_ABOVE, solve_positive_definite

# Columns between two factorisations while k > n: long enough for matrix products, short enough for their n x b work.
_BLOCK_COLUMNS = 64
# Amplification of rounding above which the dual solutions are refined from the data: without it the error of the
# weights stays below this x 2e-16, that is 1e-10. Above the second number a refinement would not help enough.
_REFINE_ABOVE = 5e5
_REFACTOR_BEYOND = 1e10
# Norm of the inverse of scaled columns above which a prefix of the QR factorisation is left for one with pivoting,
# which says whether it is ill-conditioned.
_DELICATE_ABOVE = 0.99 * ILL_CONDITIONED


@dataclass(frozen=True, eq=False, repr=False)
class FitPath(ShortRepr):
    """Least-squares fits on nested supports, one row a fit.

    Attributes
    ----------
    kept : ndarray of int, shape (n_fits,)
        Number k of weights kept.
    weights : ndarray, shape (n_fits, p)
        Minimum-norm (or ridge) weights, zero where pruned.
    rank : ndarray of int, shape (n_fits,)
        Numerical rank of the kept columns, by the rule of `LeastSquaresFit`; k when ridge > 0.
    residual_norm : ndarray, shape (n_fits,)
        |X w - y|.
    status : ndarray of str, shape (n_fits,)
        "ok", "ill_conditioned", "rank_deficient" or "out_of_range", as in `LeastSquaresFit`; "out_of_range" also where
        a prediction is beyond the largest float64.
    predictions : ndarray, shape (n_fits, n_test), or None
        X_test w, where `X_test` was given; NaN where a weight is infinite.
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
    data, test_data = _Columns(samples), None if test is None else _Columns(test)
    if direction == "grow":
        return _fit_prefixes(data, labels, steps, taken, strength, test_data)
    base = np.setdiff1d(np.arange(p), steps)
    sequence = np.concatenate([base, steps[::-1]])
    return _reversed(_fit_prefixes(data, labels, sequence, (p - taken)[::-1], strength, test_data))


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
    test = None if X_test is None else _features(model, _checked_test(X_test, model.dimension))
    return _fit_prefixes(_features(model, samples), labels, sequence, counts, strength, test)


def _as_integers(name: str, value: ArrayLike) -> IntArray:
    raw = as_array(name, value)
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


@dataclass(frozen=True)
class _Columns:
    """A matrix (n, p) whose column j is multiplied by 2^exponents[j]; None for a matrix as it is."""

    values: FloatArray
    exponents: Exponents | None = None

    def take(self, sequence: IntArray) -> tuple[FloatArray, Exponents | None]:
        """Return the chosen columns as contiguous rows, and their exponents."""
        exponents = None if self.exponents is None else self.exponents[sequence]
        return np.ascontiguousarray(self.values.T[sequence]), exponents


def _features(model: RandomFeatures, X: FloatArray) -> _Columns:
    """Return the features of a model, in units of their own where they could leave the range of float64."""
    parts = [X, model.directions] if model.offsets is None else [X, model.directions, model.offsets]
    exponents = np.concatenate([np.frexp(part[part != 0])[1] for part in parts])
    if np.max(np.abs(exponents), initial=0) <= ORDINARY_EXPONENT:
        return _Columns(model.features(X))
    inputs, units = X.T, model.directions
    if model.offsets is not None:
        inputs, units = np.vstack([inputs, np.ones(len(X))]), np.column_stack([units, model.offsets])
    digits, powers = stable_products(units, inputs, np.zeros(len(inputs), dtype=np.int64))
    # One exponent a feature: that of its largest preactivation.
    heights = np.where(digits != 0, powers + np.frexp(digits)[1], np.iinfo(np.int64).min // 2)
    tops = np.where((digits != 0).any(axis=1), heights.max(axis=1), 0)
    if model.activation == "tanh":
        # The hyperbolic tangent of a small number is that number; elsewhere it is at most 1.
        linear = tops < -ORDINARY_EXPONENT
        values = np.where(linear[:, None], scale(digits, powers - tops[:, None]), np.tanh(scale(digits, powers)))
        tops = np.where(linear, tops, 0)
    else:
        values = scale(digits, powers - tops[:, None])
        if model.activation == "relu":
            values = np.maximum(values, 0.0)
    return _Columns(np.ascontiguousarray(values.T), tops)


def _fit_prefixes(
    X: _Columns, y: FloatArray, sequence: IntArray, stops: IntArray, ridge: float, test: _Columns | None
) -> FitPath:
    """Fit the first `stops[i]` columns of `sequence` for every i; `stops` increases."""
    # Columns in order of appearance, contiguous: every support is a leading block.
    columns, exponents = X.take(sequence)
    fits = _PrefixFits(columns, exponents, y, stops, ridge, sequence)
    with one_blas_thread():
        fits.solve()
        predictions = None if test is None else fits.predictions(*test.take(sequence))
    weights = np.zeros((stops.size, X.values.shape[1]))
    weights[:, sequence] = fits.weights
    return FitPath(stops, weights, fits.rank, fits.residual, fits.status, predictions)


class _PrefixFits:
    """Fits of leading blocks of columns; `columns` (p, n) holds X^T, `weights` (n_fits, p) follow its order.

    `columns`, `y` and `ridge` are scaled; at the end weights are multiplied by 2^powers, residuals by 2^label_power.
    Rows whose support is delicate are collected, and solved from the `data` as given.
    """

    def __init__(
        self,
        columns: FloatArray,
        exponents: Exponents | None,
        y: FloatArray,
        stops: IntArray,
        ridge: float,
        sequence: IntArray,
    ) -> None:
        self.data, self.sequence = (columns, exponents, y, ridge), sequence
        self.columns, self.y, self.stops, self.ridge = columns, y, stops, ridge
        self.n = y.size
        self.n_tall = int(np.count_nonzero(stops <= self.n))
        self.weights: FloatArray = np.zeros((stops.size, len(columns)))
        self.rank: IntArray = np.minimum(stops, stops if ridge > 0 else self.n)
        units = common_units(columns, y, ridge, exponents) if len(columns) else Units(0, size_exponent(y), True, False)
        self.residual: FloatArray = np.full(stops.size, np.linalg.norm(y) if units.labels == 0 else stable_norm(y))
        self.status: NDArray[np.str_] = np.full(stops.size, "ok", dtype="<U15")
        self.delicate: list[int] = []
        self.label_power = 0
        self.powers: Exponents | None = None
        self.alike = units.alike
        self.noise: Exponents | None = None
        if len(columns) == 0 or (units.ordinary and not units.may_blur):
            return
        base = np.zeros(len(columns), dtype=np.int64) if exponents is None else exponents
        own = size_exponents(columns, 1) + base
        if units.may_blur:
            # What rounding in scaled unknowns is multiplied by, where that may show.
            self.noise = size_exponent(y) - own
        if not units.ordinary:
            shift = np.full(len(columns), units.columns) if units.alike else own
            self.columns, self.y = scale(columns, (base - shift)[:, None]), scale(y, -units.labels)
            self.ridge = scale_float(ridge, -2 * units.columns) if units.alike else ridge
            self.powers, self.label_power = units.labels - shift, units.labels

    def predictions(self, columns: FloatArray, exponents: Exponents | None) -> FloatArray:
        """Return the predictions (n_fits, n_test) from the columns (p, n_test) of the test matrix."""
        ordinary = (
            exponents is None
            and self.powers is None
            and (max(columns.max(initial=0.0), -columns.min(initial=0.0)) < 2.0**ORDINARY_EXPONENT)
        )
        if not ordinary:
            shifts = np.zeros(len(columns), dtype=np.int64) if exponents is None else exponents
            products = scale(*stable_products(self.weights, columns, shifts))
            self.status[~np.isfinite(products).all(axis=1)] = "out_of_range"
            return products
        predictions = np.empty((self.stops.size, columns.shape[1]))
        # In strips of fits, so that the zeros beyond each support are mostly left out of the product.
        for first in range(0, self.stops.size, _BLOCK_COLUMNS):
            strip = slice(first, min(first + _BLOCK_COLUMNS, self.stops.size))
            widest = self.stops[strip.stop - 1]
            np.matmul(self.weights[strip, :widest], columns[:widest], out=predictions[strip])
        return predictions

    def solve(self) -> None:
        """Fit every support."""
        if self.alike:
            self.solve_tall()
            self.solve_wide()
        elif self.ridge == 0:
            # Columns have a unit each, in which the norm of w is not a norm of the scaled unknowns.
            self.solve_tall()
            self.delicate += range(self.n_tall, self.stops.size)
        else:
            self.delicate += np.flatnonzero(self.stops > 0).tolist()
        if self.powers is not None or self.noise is not None:
            self._rescale(np.setdiff1d(np.flatnonzero(self.stops > 0), self.delicate))
        for row in self.delicate:
            self._solve_delicate(row)
        self.status[np.isinf(self.residual)] = "out_of_range"

    def _rescale(self, done: IntArray) -> None:
        """Give the fits of rows `done` the units of the data; pass on those whose rounding shows in these units."""
        if self.powers is not None:
            self.weights[done], beyond = unscaled(self.weights[done], self.powers)
            self.residual[done] = scale(self.residual[done], self.label_power)
            self.status[done[beyond]] = "out_of_range"
        if self.noise is not None:
            tall = done[self.stops[done] <= self.n]
            kept = np.arange(len(self.columns)) < self.stops[tall][:, None]
            self.delicate += tall[blurred(self.weights[tall], kept, self.noise)].tolist()

    def solve_tall(self) -> None:
        """Fit every support with k <= n from one QR factorisation."""
        tall = self.stops[: self.n_tall]
        if tall.size == 0 or tall[-1] == 0:
            return
        k = int(tall[-1])
        squares = np.einsum("ij,ij->i", self.columns[:k], self.columns[:k])
        if self.ridge > 0 and squares.min() < self.ridge:
            self._solve_dominated(tall, k, squares)
            return
        inverse, projected = _triangular_inverse(self.columns[:k], self.y, self.ridge)
        norms = np.sqrt(squares + self.ridge)
        with np.errstate(all="ignore"):
            # |D R^-1| of each leading block, D the column norms: the norm of the inverse of the scaled columns up to k.
            conditions = np.sqrt(np.cumsum(np.sum((norms[:, None] * inverse) ** 2, axis=0)))
            weights = np.cumsum(inverse * projected, axis=1)
        healthy = np.concatenate([[True], conditions <= _DELICATE_ABOVE])[tall]
        nonzero = np.flatnonzero(healthy & (tall > 0))
        self.weights[nonzero, :k] = weights.T[tall[nonzero] - 1]
        self.residual[nonzero] = np.linalg.norm(self.y - self.weights[nonzero, :k] @ self.columns[:k], axis=1)
        self.delicate += np.flatnonzero(~healthy).tolist()

    def _solve_dominated(self, tall: IntArray, k: int, squares: FloatArray) -> None:
        """Fit every support with k <= n by normal equations on scaled columns, where the ridge outweighs some column.

        A reflection would take the fit of such a column from a difference of much larger numbers.
        """
        unit = 1.0 / np.sqrt(squares + self.ridge)
        scaled = self.columns[:k] * unit[:, None]
        gram = scaled @ scaled.T
        gram[np.diag_indices(k)] += self.ridge * unit**2
        factor, info = lapack.dpotrf(gram, lower=0, clean=1)
        regular = k if info == 0 else int(info) - 1
        inverse = np.full((k, k), np.inf)
        if regular:
            inverse[:regular, :regular] = np.triu(lapack.dtrtri(factor[:regular, :regular], lower=0)[0])
            inverse[regular:, :regular] = 0.0
        with np.errstate(over="ignore"):
            conditions = np.cumsum(np.sum(inverse**2, axis=0))
        healthy = np.concatenate([[True], conditions <= REFACTOR_ABOVE])[tall]
        self.delicate += np.flatnonzero(~healthy).tolist()
        rows = np.flatnonzero(healthy & (tall > 0))
        kept = np.arange(regular) < tall[rows][:, None]
        inverse, unit = inverse[:regular, :regular], unit[:regular]
        # Twice: the second solution is of the residual of the normal equations, formed from the data.
        weights = np.zeros((rows.size, regular))
        for _ in range(2):
            gradient = (self.y - weights @ self.columns[:regular]) @ self.columns[:regular].T - self.ridge * weights
            inner = np.where(kept, np.where(kept, gradient * unit, 0.0) @ inverse, 0.0)
            weights += np.where(kept, (inner @ inverse.T) * unit, 0.0)
        self.weights[rows, :regular] = weights
        self.residual[rows] = np.linalg.norm(self.y - weights @ self.columns[:regular], axis=1)

    def solve_wide(self) -> None:
        """Fit every support with k > n from the dual problem, a block of columns at a time."""
        n = self.n
        gram = np.zeros((n, n), order="F")
        gram[np.diag_indices(n)] = self.ridge
        row, done = self.n_tall, 0
        squares = np.cumsum(np.einsum("ij,ij->i", self.columns, self.columns))
        while row < self.stops.size:
            base = int(self.stops[row])
            gram = blas.dsyrk(1.0, self.columns[done:base].T, beta=1.0, c=gram, lower=1, overwrite_c=1)
            done = base
            reach = base + min(max((base - n) // 2, 1), _BLOCK_COLUMNS)
            end = row + int(np.searchsorted(self.stops[row:], reach, side="right"))
            solved = self._solve_group(row, end, gram, squares)
            if solved == 0:
                self.delicate.append(row)
            row += max(solved, 1)

    def _solve_group(self, first: int, last: int, gram: FloatArray, squares: FloatArray) -> int:
        """Fit supports `first` to `last` - 1, given the lower triangle of K for the first.

        `squares[k]` is the squared norm of columns 0 to k together. Returns the number of supports that could be fitted
        with this K; 0 if it is ill-conditioned.
        """
        base, end = int(self.stops[first]), int(self.stops[last - 1])
        added = self.columns[base:end]
        right = np.empty((self.n, 1 + len(added)), order="F")
        right[:, 0], right[:, 1:] = self.y, added.T
        solved = solve_positive_definite(gram.copy(order="F"), right)
        if solved is None:
            return 0
        solution, factor, condition = solved
        steps = self.stops[first:last] - base
        # Columns much larger than those of K would leave K + b b^T ill-conditioned.
        allowed = (squares[base - 1] / self.n + self.ridge) * (REFACTOR_ABOVE / condition - 1.0)
        if squares[end - 1] - squares[base - 1] > allowed:
            grown = squares[base + np.maximum(steps, 1) - 1] - squares[base - 1]
            steps = steps[: max(1, int(np.searchsorted(grown, allowed, side="right")))]
        update = _BlockUpdate(factor, solution[:, 1 : 1 + steps[-1]], added[: steps[-1]])
        dual = update.apply(solution[:, 0], steps)
        # What a dual solution loses in size on the way, its error does not.
        sizes = np.einsum("ij,ij->i", dual, dual)
        amplified = condition
        if steps.size > 1 and sizes[-1] > 0:
            losses = np.sqrt(np.maximum.accumulate(sizes) / sizes) * condition
            trusted = int(np.searchsorted(np.maximum.accumulate(losses), _REFACTOR_BEYOND, side="right"))
            if trusted < steps.size:
                steps, dual = steps[:trusted], dual[:trusted]
                update = _BlockUpdate(factor, solution[:, 1 : 1 + steps[-1]], added[: steps[-1]])
            amplified = float(losses[: steps.size].max())
        last, end = first + steps.size, base + int(steps[-1])
        added = added[: steps[-1]]
        weights = self.weights[first:last, :end]
        self._weights_from_dual(dual, steps, base, weights)
        if amplified > _REFINE_ABOVE:
            dual += update.solve(self.y - weights @ self.columns[:end] - self.ridge * dual, steps)
            self._weights_from_dual(dual, steps, base, weights)
            fitted = weights @ self.columns[:end]
        else:
            # X w = K z without the ridge, K of the columns up to `base`, and the columns added since; n < k is cheaper.
            fitted = blas.dsymm(1.0, gram, dual.T, lower=1).T - self.ridge * dual + weights[:, base:] @ added
        self.residual[first:last] = np.linalg.norm(self.y - fitted, axis=1)
        return steps.size

    def _weights_from_dual(self, dual: FloatArray, steps: IntArray, base: int, out: FloatArray) -> None:
        """Write X_S^T z for every row z of `dual` into `out` (n_fits, base + columns added)."""
        np.matmul(dual, self.columns[: out.shape[1]].T, out=out)
        out[:, base:][np.arange(out.shape[1] - base) >= steps[:, None]] = 0.0

    def _solve_delicate(self, row: int) -> None:
        """Solve one support for any rank and any units; columns in their own order, so that it does not matter here."""
        columns, exponents, y, ridge = self.data
        order = np.argsort(self.sequence[: self.stops[row]])
        fit = fit_block(columns[order].T, y, ridge, None if exponents is None else exponents[order])
        self.weights[row, order] = fit.weights
        self.rank[row], self.residual[row], self.status[row] = fit.rank, fit.residual_norm, fit.status


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
