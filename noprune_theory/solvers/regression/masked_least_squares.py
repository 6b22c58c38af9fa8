"""Least squares on the columns that a mask keeps, for one mask or very many.

For a mask with support S, |S| = k, the problem is::

    minimise  |X_S w - y|^2 + ridge |w|^2

and, where the minimiser is not unique (k > n or dependent columns, ridge = 0), the one of minimum Euclidean norm.

The path taken depends on the shape and the condition of the block:

- k <= n: normal equations on columns scaled to unit norm, within a factor sqrt(k) of the best condition number that any
  column scaling gives (van der Sluis 1969). Small blocks are factored side by side in a compiled kernel, larger ones by
  LAPACK.
- k > n: the dual normal equations X_S X_S^T z = y, w = X_S^T z.
- moderately conditioned: one step of iterative refinement from the residual of the original data (the corrected
  seminormal equations, Björck 1987).
- worse, or a pivot vanished, or units too far apart: column-pivoted QR of scaled columns, which does not square the
  condition number, decides the rank, and keeps the units of the columns apart (`_graded`).

Columns, labels and ridge are divided by powers of two first wherever a square could leave the range of float64; that is
exact, and an answer follows a change of units by powers of two to the last bit. The first three paths are taken only by
blocks that are far from deficient, so that rank and status do not depend on the path.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import blas, lapack

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import Exponents, scale, scale_float, size_exponent, size_exponents, stable_norm
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import as_masks, as_samples, check_nonnegative
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers.regression._graded import blurred, common_units, fit_block, unscaled

# Estimated condition number of the Gram block above which the normal equations are refined once, and above which they
# are left for QR: the refined error is about (condition x 2e-16) x condition.
REFINE_ABOVE = 1e3
REFACTOR_ABOVE = 1e7
# Blocks up to this size are factored in the compiled kernel; above, one LAPACK call a mask is faster.
_KERNEL_SIZE = 32
# |y|^2 - |fit|^2 loses digits when the residual is small; below this fraction of |y|^2 the residual is formed instead.
_CANCELLATION = 1e-3
# Masks are streamed in blocks whose dense temporaries stay below this many numbers.
_BLOCK_NUMBERS = 1 << 18


@dataclass(frozen=True, eq=False, repr=False)
class LeastSquaresFit(ShortRepr):
    """Least-squares fits, one a mask; scalars when a single mask was given.

    Attributes
    ----------
    weights : ndarray, shape (p,) or (n_masks, p)
        Fitted weights, zero where the mask is False.
    rank : int or ndarray of int, shape (n_masks,)
        Numerical rank of the kept columns; the number kept when ridge > 0, where the fit is unique.
    residual_norm : float or ndarray, shape (n_masks,)
        |X w - y|, in the units of y, without the ridge term.
    status : str or ndarray of str, shape (n_masks,)
        "ok".
        "ill_conditioned": of full rank, but the pseudo-inverse of the kept columns, scaled to unit norm, has a
        Frobenius norm above 1e5: the relative error of the solution may reach that norm x 2e-16 and, where the residual
        is as large as the fit, its square x 2e-16. With ridge > 0 this is said of the columns stacked on sqrt(ridge) I
        for k <= n; for k > n, of the condition number of [X_S, sqrt(ridge) I] as well.
        "rank_deficient": rank < min(n, k), the minimum-norm solution is returned.
        "out_of_range": a weight or the residual is beyond the largest float64 (then it is inf), or a weight that
        matters to the fit is below the smallest normal one (then it has lost digits, or is 0).
        A mask that keeps nothing is fitted by the zero function: zero weights, rank 0, residual |y|, "ok".

    Notes
    -----
    The numerical rank is one rule for every path, block size and function. Kept columns are scaled by powers of two to
    a largest entry in [1/2, 1) and rows sorted by their largest entry. In Householder QR with column pivoting, pivot j
    counts as zero, and so do all later ones, if it is at most 8 max(n, k) 2.2e-16 times the largest entry of row j.
    The units of columns and labels do not matter.
    """

    weights: FloatArray
    rank: int | IntArray
    residual_norm: float | FloatArray
    status: str | NDArray[np.str_]


def least_squares(X: ArrayLike, y: ArrayLike, masks: ArrayLike | None = None, *, ridge: float = 0.0) -> LeastSquaresFit:
    """Fit y by the columns of X that each mask keeps.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data or features, one sample a row. Columns may be in any units that float64 can hold.
    y : array_like, shape (n,)
        Labels.
    masks : array_like of bool, shape (p,) or (n_masks, p), optional
        True where a weight is kept; all weights kept by default.
    ridge : float
        Coefficient >= 0 of |w|^2 beside the sum (not the mean) of squared errors.

    Returns
    -------
    LeastSquaresFit

    Raises
    ------
    TypeError
        If the data are not real or the masks not boolean.
    ValueError
        If an entry is NaN or infinite, a shape does not fit, n = 0, the masks are empty, or ridge < 0.

    Examples
    --------
    >>> fit = least_squares([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]], [1.0, 2.0], [False, True, True])
    >>> fit.weights, fit.rank, fit.status
    (array([0., 1., 1.]), 1, 'rank_deficient')
    >>> least_squares([[1e160], [0.0]], [3.0, 4.0])
    LeastSquaresFit(weights=[3e-160], rank=1, residual_norm=4.0, status='ok')
    """
    samples, labels = as_samples(X, y)
    strength = check_nonnegative("ridge", ridge)
    n_weights = samples.shape[1]
    kept = np.ones(n_weights, dtype=bool) if masks is None else as_masks("masks", masks, n_weights)
    batch = np.atleast_2d(kept)
    solver = _BatchSolver(samples, labels, strength, batch)
    with one_blas_thread():
        solver.solve()
    if kept.ndim == 1:
        return LeastSquaresFit(solver.weights[0], int(solver.rank[0]), float(solver.residual[0]), str(solver.status[0]))
    return LeastSquaresFit(solver.weights, solver.rank, solver.residual, solver.status)


class _BatchSolver:
    """The batch of fits under construction: data, masks, and the results that the paths below fill in.

    `X`, `y` and `ridge` are scaled; the weights are multiplied by 2^powers at the end, residuals by 2^label_power.
    Masks whose block is delicate are collected, and solved from the `data` as given.
    """

    def __init__(self, X: FloatArray, y: FloatArray, ridge: float, masks: BoolArray) -> None:
        self.data, self.masks = (X, y, ridge), masks
        self.X, self.y, self.ridge = X, y, ridge
        n_masks = len(masks)
        self.counts: IntArray = np.count_nonzero(masks, axis=1).astype(np.int64)
        self.weights: FloatArray = np.zeros(masks.shape)
        self.rank: IntArray = np.zeros(n_masks, dtype=np.int64)
        units = common_units(X.T, y, ridge)
        self.residual: FloatArray = np.full(n_masks, np.linalg.norm(y) if units.labels == 0 else stable_norm(y))
        self.status: NDArray[np.str_] = np.full(n_masks, "ok", dtype="<U15")
        self.delicate: list[int] = []
        self.label_power = 0
        self.powers: Exponents | None = None
        self.alike = units.alike
        # What rounding in scaled unknowns is multiplied by, where that may show.
        self.noise = size_exponent(y) - size_exponents(X, 0) if units.may_blur else None
        if not units.ordinary:
            columns = np.full(X.shape[1], units.columns) if units.alike else size_exponents(X, 0)
            self.X, self.y = scale(X, -columns), scale(y, -units.labels)
            self.ridge = scale_float(ridge, -2 * units.columns) if units.alike else ridge
            self.powers, self.label_power = units.labels - columns, units.labels

    def solve(self) -> None:
        """Send every mask down the path that its block size asks for; masks that keep nothing are done already."""
        kept = self.counts > 0
        tall = self.counts <= len(self.X)
        small = tall & (self.counts <= _KERNEL_SIZE) & kept
        large = kept & ~small
        if not self.alike:
            # Columns have a unit each, in which the norm of w is not a norm of the scaled unknowns.
            plain = tall if self.ridge == 0 else np.zeros_like(tall)
            self.delicate += np.flatnonzero(kept & ~plain).tolist()
            small, large = small & plain, large & plain
        self._solve_small(np.flatnonzero(small))
        columns = np.ascontiguousarray(self.X.T) if large.any() else self.X.T
        for row in np.flatnonzero(large).tolist():
            self._solve_large(row, columns)
        if self.powers is not None or self.noise is not None:
            self._rescale(np.setdiff1d(np.flatnonzero(small | large), self.delicate))
        for row in self.delicate:
            self._solve_delicate(row)
        self.status[np.isinf(self.residual)] = "out_of_range"

    def _rescale(self, rows: IntArray) -> None:
        """Give the fits of `rows` the units of the data; pass on those whose rounding shows in these units."""
        step = max(1, _BLOCK_NUMBERS // self.X.shape[1])
        for first in range(0, rows.size, step):
            part = rows[first : first + step]
            if self.powers is not None:
                self.weights[part], beyond = unscaled(self.weights[part], self.powers)
                self.residual[part] = scale(self.residual[part], self.label_power)
                self.status[part[beyond]] = "out_of_range"
            if self.noise is not None:
                part = part[self.counts[part] <= len(self.X)]
                self.delicate += part[blurred(self.weights[part], self.masks[part], self.noise)].tolist()

    # -- many small blocks ---------------------------------------------------------------------------------------------

    def _solve_small(self, rows: IntArray) -> None:
        """Solve the masks `rows` in the compiled kernel, streamed in blocks; pass on what is ill-conditioned."""
        if rows.size == 0:
            return
        norms = np.sqrt(np.einsum("ij,ij->j", self.X, self.X) + self.ridge)
        # A zero column keeps its zero diagonal, so that its pivot vanishes and QR decides.
        unit = 1.0 / np.where(norms > 0, norms, 1.0)
        scaled = self.X * unit
        gram = scaled.T @ scaled
        gram[np.diag_indices_from(gram)] += self.ridge * unit**2
        moment = scaled.T @ self.y
        # Groups of equal block size waste no padding; a stable sort keeps equal masks side by side in memory.
        if np.any(self.counts[rows] != self.counts[rows[0]]):
            rows = rows[np.argsort(self.counts[rows], kind="stable")]
        step = max(1, _BLOCK_NUMBERS // self.X.shape[1])
        for first in range(0, rows.size, step):
            self._solve_small_block(rows[first : first + step], gram, moment, unit)

    def _solve_small_block(self, rows: IntArray, gram: FloatArray, moment: FloatArray, unit: FloatArray) -> None:
        """Solve one block of masks; refine the ill-conditioned ones, or pass them on."""
        # Consecutive masks are read and written in place.
        consecutive = rows[-1] - rows[0] + 1 == rows.size and bool(np.all(rows[1:] > rows[:-1]))
        chosen = slice(int(rows[0]), int(rows[-1]) + 1) if consecutive else rows
        weights = self.weights[chosen]
        masks, counts = self.masks[chosen], self.counts[chosen]
        explained, growth = _solve_normal(gram, moment[None, :], unit, masks, counts, weights)
        # The estimator lies within a modest factor of k |G^-1|, and 1 <= |G| <= k at unit diagonal.
        hopeless = ~(growth <= REFACTOR_ABOVE)
        if hopeless.any():
            weights[hopeless], explained[hopeless] = 0.0, 0.0
            self.delicate += rows[hopeless].tolist()
        refine = np.flatnonzero(~hopeless & (growth > REFINE_ABOVE))
        if refine.size:
            # The correction solves the same system with the residual of the normal equations, formed from the data.
            gradient = (self.y - weights[refine] @ self.X.T) @ self.X - self.ridge * weights[refine]
            correction = np.zeros(gradient.shape)
            _solve_normal(gram, gradient * unit, unit, masks[refine], counts[refine], correction)
            weights[refine] += correction
        total = float(self.y @ self.y)
        squared = total - explained
        if self.ridge > 0:
            squared -= self.ridge * np.einsum("ij,ij->i", weights, weights)
        formed = ~(squared > _CANCELLATION * total)
        formed[refine] = True
        norms = np.sqrt(np.where(formed, 0.0, squared))
        norms[formed] = np.linalg.norm(weights[formed] @ self.X.T - self.y, axis=1)
        self.residual[chosen], self.rank[chosen] = norms, counts
        if not consecutive:
            self.weights[rows] = weights

    # -- one block at a time -------------------------------------------------------------------------------------------

    def _solve_large(self, row: int, columns: FloatArray) -> None:
        """Solve one mask by LAPACK: primal normal equations if k <= n, dual ones otherwise; `columns` is X^T."""
        support = np.flatnonzero(self.masks[row])
        block = columns.take(support, axis=0).T
        n, k = block.shape
        solution = _solve_primal(block, self.y, self.ridge) if k <= n else _solve_dual(block, self.y, self.ridge)
        if solution is None:
            self.delicate.append(row)
            return
        self.weights[row, support] = solution
        self.rank[row] = k if self.ridge > 0 else min(n, k)
        self.residual[row] = blas.dnrm2(block @ solution - self.y)

    def _solve_delicate(self, row: int) -> None:
        """Solve one mask for any rank and any units."""
        X, y, ridge = self.data
        support = np.flatnonzero(self.masks[row])
        fit = fit_block(X[:, support], y, ridge)
        self.weights[row, support] = fit.weights
        self.rank[row], self.residual[row], self.status[row] = fit.rank, fit.residual_norm, fit.status


def _solve_normal(
    gram: FloatArray, moments: FloatArray, unit: FloatArray, masks: BoolArray, counts: IntArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Write the solutions into `weights`, which is zero where a mask is False; return explained and growth."""
    # Compiled on first use, so that blocks which never come here do not wait for it.
    from noprune_theory.solvers.regression._masked_kernels import solve_gram_blocks

    explained, growth = np.empty(len(masks)), np.empty(len(masks))
    # A vanishing pivot shows in `growth`; without compilation numpy would also warn about it.
    with np.errstate(all="ignore"):
        solve_gram_blocks(gram, moments, unit, masks, counts, weights, explained, growth)
    return explained, growth


@cache
def _probe(n: int) -> FloatArray:
    """Return a fixed vector of unit root mean square that is aligned with no structured direction."""
    probe = np.sin(1.0 + np.arange(n, dtype=np.float64) ** 2)
    return np.asarray(probe * np.sqrt(n) / np.linalg.norm(probe))


def solve_positive_definite(gram: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray, float] | None:
    """Solve gram z = right by Cholesky; return z (n, m), the factor and a condition estimate.

    `gram`, Fortran-ordered and given by its lower triangle, is overwritten; `right` has shape (n,) or (n, m). None if
    the matrix is not positive definite or too ill-conditioned for normal equations. The estimate is the Frobenius norm,
    at most sqrt(2) too large, times |gram^-1 e| for the probe e, which falls below |gram^-1| only as far as e and the
    least eigenvector are close to orthogonal.
    """
    norm = np.sqrt(2.0) * blas.dnrm2(gram.ravel(order="F"))
    factor, info = lapack.dpotrf(gram, lower=1, clean=0, overwrite_a=1)
    if info != 0 or not np.isfinite(norm):
        return None
    n = len(right)
    both = np.empty((n, 1 + right.size // n), order="F")
    both[:, 0], both[:, 1:] = _probe(n), right.reshape(n, -1)
    solved, _ = lapack.dpotrs(factor, both, lower=1, overwrite_b=1)
    condition = float(norm * blas.dnrm2(solved[:, 0]))
    return (solved[:, 1:], factor, condition) if condition <= REFACTOR_ABOVE else None


def _solve_primal(block: FloatArray, y: FloatArray, ridge: float) -> FloatArray | None:
    """Return w with (X_S^T X_S + ridge I) w = X_S^T y; None if ill-conditioned or if a column is zero."""
    norms = np.sqrt(np.einsum("ij,ij->j", block, block) + ridge)
    if not np.all(norms > 0):
        return None
    unit = 1.0 / norms
    scaled = np.asfortranarray(block * unit)
    gram = blas.dsyrk(1.0, scaled, trans=1, lower=1)
    if ridge > 0:
        gram[np.diag_indices_from(gram)] += ridge * unit**2
    solved = solve_positive_definite(gram, scaled.T @ y)
    if solved is None:
        return None
    solution, factor, condition = solved
    solution = unit * solution[:, 0]
    if condition > REFINE_ABOVE:
        gradient = (y - block @ solution) @ block - ridge * solution
        solution += unit * lapack.dpotrs(factor, unit * gradient, lower=1)[0]
    return solution


def _solve_dual(block: FloatArray, y: FloatArray, ridge: float) -> FloatArray | None:
    """Return w = X_S^T z with (X_S X_S^T + ridge I) z = y; None if ill-conditioned."""
    gram = blas.dsyrk(1.0, block, lower=1)
    if ridge > 0:
        gram[np.diag_indices_from(gram)] += ridge
    solved = solve_positive_definite(gram, y)
    if solved is None:
        return None
    dual, factor, condition = solved
    dual = dual[:, 0]
    solution = dual @ block
    if condition > REFINE_ABOVE:
        dual = dual + lapack.dpotrs(factor, y - block @ solution - ridge * dual, lower=1)[0]
        solution = dual @ block
    return np.asarray(solution)
