"""Least squares on one block whose columns may be in any units: the rank rule, and answers that no unit can spoil.

Columns are scaled by powers of two to entries of at most one, X_S = A D^-1 with D = diag(2^-e_j), and so are labels.
In the scaled unknowns v = D^-1 w every column contributes to the fit in proportion to its entry of v, so that nothing
is lost to a neighbour in larger units. Rows are sorted by size and columns pivoted, which makes Householder QR
backward stable row by row (Powell & Reid 1969; Cox & Higham 1998).

Rank rule, the only one of the package: pivot j of that QR factorisation counts as zero, and with it all later ones, if
it is at most `RANK_TOLERANCE` max(n, k) 2.2e-16 times the largest entry of the j-th largest row of A. It does not
depend on the units of columns and labels nor on a common factor, and no power of two changes a bit of it.

Minimum norm (k > rank). |w| is a norm in the original units. With a basis S of columns chosen greedily in original
units, A_N = A_S M, the minimiser solves (I + M W) v_S = p and v_N = W v_S, where p is the basic solution and
W = D_N^-2 M^T D_S^2: the greedy choice bounds every entry of H = D_S M D_N^-1, and written in v no entry can overflow.

Ridge, and the smoothest fit. I + M W = L U with L = D_S^-1 C D_S for the Cholesky factor C of I + H H^T, so X_S has
the singular values of F D_S^-1, F = A_S L. The columns of that are orthogonalised by one-sided Jacobi rotations, which
find small singular values of graded columns to high relative accuracy (Demmel & Veselic 1992); the rotations are
applied to the columns of F, so that exponents are kept apart from digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import lapack

from noprune_theory._scaling import (
    Exponents,
    binary_exponent,
    scale,
    scale_float,
    size_exponent,
    size_exponents,
    stable_norm,
    stable_norms,
)
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.solvers.regression._exact import ExactBlock

EPSILON = float(np.finfo(np.float64).eps)
_SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)
RANK_TOLERANCE = 8.0
"""Pivots of exactly dependent columns come out below 3 max(n, k) 2.2e-16 of their row in all sizes tried."""
ILL_CONDITIONED = 1e5
"""Norm of the pseudo-inverse, of columns of unit norm, above which a fit with a large residual may err by 1e-6."""
ORDINARY_EXPONENT = 200
"""Squares, products and condition numbers of numbers below 2^200 and above 2^-200 stay well inside float64."""
# Columns whose units differ by less than this power of two need no special order.
_ALIKE = 6
# A weight that falls below the normal range counts as lost if it keeps fewer digits than this, and mattered.
_KEPT_DIGITS = 2.0**-40
# Share of the weights that rounding in the scaled unknowns may reach before a small block is solved exactly.
_BLUR = 1e-10
_SHARP_ORDER = 12
_SWEEPS = 60
_FAR = 1 << 12


def rank_tolerance(n: int, k: int) -> float:
    """Return the rounding that an n x k block is granted, relative to its entries."""
    return RANK_TOLERANCE * max(n, k) * EPSILON


def unscaled(values: FloatArray, exponents: Exponents) -> tuple[FloatArray, BoolArray]:
    """Return weights values * 2^exponents, shape (..., p), and whether one of them left the range of float64.

    A weight that underflows counts if its digits are lost and it was more than the rounding of its neighbours.
    """
    weights = scale(values, exponents)
    small = (np.abs(weights) < _SMALLEST_NORMAL) & (values != 0)
    beyond = ~np.isfinite(weights)
    if small.any():
        largest = np.max(np.abs(values), axis=-1, keepdims=True)
        lost = np.abs(scale(weights, -exponents) - values) > _KEPT_DIGITS * np.abs(values)
        beyond |= small & lost & (np.abs(values) > _KEPT_DIGITS * largest)
    return weights, np.any(beyond, axis=-1)


def stable_products(
    weights: FloatArray, columns: FloatArray, exponents: Exponents, chunk: int = 1 << 18
) -> tuple[FloatArray, Exponents]:
    """Return weights (m, k) @ columns (k, t), row j of columns times 2^exponents[j], as digits and exponents (m, t).

    No product leaves the range on the way. Rows of weights that are not finite give NaN.
    """
    m, (k, t) = len(weights), columns.shape
    digits, powers = np.zeros((m, t)), np.zeros((m, t), dtype=np.int64)
    if k == 0:
        return digits, powers
    column_digits, column_powers = np.frexp(columns)
    column_powers = column_powers + exponents[:, None]
    for row in range(m):
        if not np.isfinite(weights[row]).all():
            digits[row] = np.nan
            continue
        weight_digits, weight_powers = np.frexp(weights[row])
        for first in range(0, t, max(1, chunk // k)):
            part = slice(first, first + max(1, chunk // k))
            products = weight_digits[:, None] * column_digits[:, part]
            total = weight_powers[:, None] + column_powers[:, part]
            largest = np.max(np.where(products != 0, total, -_FAR * 4), axis=0)
            digits[row, part] = np.sum(np.ldexp(products, np.maximum(total - largest, -_FAR)), axis=0)
            powers[row, part] = np.where(digits[row, part] != 0, largest, 0)
    return digits, powers


@dataclass(frozen=True)
class Units:
    """Powers of two that bring a problem into the range where squares and products are safe.

    Attributes
    ----------
    columns : int
        Common exponent to divide all columns (and sqrt(ridge)) by.
    labels : int
        Exponent to divide the labels by.
    alike : bool
        Whether that suffices. If not, columns need an exponent each.
    may_blur : bool
        Whether units are so far apart that rounding of one column could hide the weights of the others.
    """

    columns: int
    labels: int
    alike: bool
    may_blur: bool

    @property
    def ordinary(self) -> bool:
        """Whether the data can stay as they are."""
        return self.alike and self.columns == 0 and self.labels == 0


def common_units(columns: FloatArray, y: FloatArray, ridge: float, exponents: Exponents | None = None) -> Units:
    """Return the units of a problem; `columns` (p, n) holds the columns as rows, times 2^exponents."""
    largest = np.abs(columns).max(axis=1)
    powers = [binary_exponent(ridge) // 2] if ridge > 0 else []
    spread, top = 0, float(largest.max())
    if top > 0:
        least = float(largest.min()) or float(largest[largest > 0].min())
        if exponents is None:
            ends = [binary_exponent(least), binary_exponent(top)]
        else:
            own = np.frexp(largest)[1] + exponents
            ends = [int(own[largest > 0].min()), int(own[largest > 0].max())]
        spread = ends[1] - ends[0]
        powers += ends
    low, high, labels = min(powers, default=0), max(powers, default=0), size_exponent(y)
    may_blur = EPSILON * 2.0 ** min(spread + 1, _FAR // 8) > _BLUR
    if max(high, -low, abs(labels)) <= ORDINARY_EXPONENT and exponents is None:
        return Units(0, 0, True, may_blur)
    return Units((low + high) // 2, labels, high - low <= 2 * ORDINARY_EXPONENT, may_blur)


def blurred(weights: FloatArray, kept: BoolArray, powers: Exponents) -> BoolArray:
    """Return for which rows rounding in scaled unknowns hides the weights; those times 2^powers are in original units.

    Blocks that are too large to be solved exactly are left as they are.
    """
    with np.errstate(divide="ignore"):
        heights = np.log2(np.max(np.abs(weights), axis=1, initial=0.0))
    noise = np.max(np.where(kept, powers, -_FAR), axis=1, initial=-_FAR)
    return np.asarray((noise + math.log2(EPSILON / _BLUR) > heights) & (np.count_nonzero(kept, axis=1) <= _SHARP_ORDER))


@dataclass(frozen=True)
class BlockFit:
    """One fit: weights (k,) in original units, rank, residual norm, and status."""

    weights: FloatArray
    rank: int
    residual_norm: float
    status: str


def fit_block(block: FloatArray, y: FloatArray, ridge: float = 0.0, exponents: Exponents | None = None) -> BlockFit:
    """Fit y by the columns of `block` (n, k), column j times 2^exponents[j], for any units; k >= 1."""
    graded = GradedBlock(block, y, exponents)
    # Rows far apart may carry scaled unknowns out of the range, which the status says.
    with np.errstate(over="ignore", invalid="ignore"):
        solution, shift = graded.ridge_solution(ridge) if ridge > 0 else (graded.least_squares(), 0)
        residual = graded.residual_norm(scale(solution, shift))
    rank = graded.k if ridge > 0 else graded.rank
    full = rank >= min(block.shape)
    weights, beyond = graded.weights(solution, shift)
    if beyond or not math.isfinite(residual):
        status = "out_of_range"
    elif not full:
        status = "rank_deficient"
    else:
        status = "ok" if graded.inverse_norm(ridge) <= ILL_CONDITIONED else "ill_conditioned"
    return BlockFit(weights, rank, residual, status)


class GradedBlock:
    """A block of columns and labels, scaled by powers of two and factored.

    Attributes
    ----------
    exponents : ndarray of int, shape (k,)
        e_j; the column is the scaled one times 2^e_j.
    label_exponent : int
    A, b : ndarray, shape (n, k) and (n,)
        Scaled columns and labels, entries of at most one.
    rank : int
        Numerical rank by the rule of this module.
    R : ndarray, shape (rank, k)
        Upper trapezoidal factor of the columns in the order `pivots`.
    projected : ndarray, shape (rank,)
        Labels in the basis of the column space.
    unreachable : float
        Norm of the part of the scaled labels outside the column space; exactly 0 if the rank is n.
    total : float
        Norm of the scaled labels.
    """

    rank: int
    pivots: IntArray
    R: FloatArray
    projected: FloatArray
    unreachable: float

    def __init__(self, block: FloatArray, y: FloatArray, exponents: Exponents | None = None) -> None:
        self.n, self.k = block.shape
        own = size_exponents(block, 0)
        self.label_exponent = size_exponent(y)
        self.A, self.b = scale(block, -own), scale(y, -self.label_exponent)
        self.exponents: Exponents = own if exponents is None else own + exponents
        # A column of zeros has no units: those of the largest column are in nobody's way.
        zero = ~self.A.any(axis=0)
        if zero.any():
            self.exponents = np.where(zero, np.max(self.exponents[~zero], initial=-_FAR), self.exponents)
        self.tolerance = rank_tolerance(self.n, self.k)
        sizes = np.max(np.abs(self.A), axis=1, initial=0.0)
        order = np.argsort(-sizes, kind="stable")
        self.total = float(np.linalg.norm(self.b))
        m = min(self.n, self.k)
        if m == 0:
            self.rank, self.unreachable = 0, self.total
            self.pivots, self.R, self.projected = np.zeros(0, dtype=np.int64), np.zeros((0, 0)), np.zeros(0)
            return
        factored, pivots, reflectors, _, _ = lapack.dgeqp3(np.asfortranarray(self.A[order]), lwork=66 * self.k + 2)
        self.sizes: FloatArray = sizes[order][:m]
        vanished = np.flatnonzero(np.abs(np.diagonal(factored)) <= self.tolerance * self.sizes)
        self.rank = int(vanished[0]) if vanished.size else m
        self.pivots = pivots.astype(np.int64) - 1
        self.R = np.triu(factored[: self.rank])
        target = np.asfortranarray(self.b[order][:, None])
        rotated = lapack.dormqr("L", "T", factored[:, :m], reflectors, target, lwork=64)[0][:, 0]
        self.projected = rotated[: self.rank]
        self.unreachable = float(np.linalg.norm(rotated[self.rank :]))

    # -- solutions, in the scaled unknowns -----------------------------------------------------------------------------

    def weights(self, solution: FloatArray, shift: int = 0) -> tuple[FloatArray, bool]:
        """Return the weights of a scaled solution times 2^shift, and whether one left the range."""
        weights, beyond = unscaled(solution, self.label_exponent + shift - self.exponents)
        if 0 < self.rank < self.k and not self._alike and np.any(np.abs(solution) < _SMALLEST_NORMAL):
            self._restore_faint(weights, solution, shift)
        return weights, bool(beyond)

    def _restore_faint(self, weights: FloatArray, solution: FloatArray, shift: int) -> None:
        """Write the weights, in the row space, whose scaled unknowns fell below the range: v_N = W v_S, unit by unit.

        Such a column adds nothing to the fit, and its weight may still be a number.
        """
        basis = self._basis
        chosen, others = self.pivots[basis.chosen], self.pivots[basis.others]
        others_faint = np.abs(solution[others]) < _SMALLEST_NORMAL
        faint = others[others_faint]
        powers = self.exponents[faint][:, None] - 2 * self.exponents[chosen] + self.label_exponent + shift
        weights[faint] = np.sum(scale(basis.mixing.T[others_faint] * solution[chosen], powers), axis=1)

    def is_exact(self, block: FloatArray, y: FloatArray) -> bool:
        """Return whether scaling lost no digit of the data (it can where entries of one column are far apart)."""
        columns, labels = scale(self.A, self.exponents), scale(self.b, self.label_exponent)
        return np.array_equal(columns, block) and np.array_equal(labels, y)

    def residual(self, solution: FloatArray) -> FloatArray:
        """Return b - A v."""
        return np.asarray(self.b - self.A @ solution)

    def residual_norm(self, solution: FloatArray) -> float:
        """Return |X w - y| in the units of y; inf beyond the range."""
        return scale_float(stable_norm(self.residual(solution)), self.label_exponent)

    def least_squares(self) -> FloatArray:
        """Return the least-squares solution v (k,) of least |w|.

        Where the rounding of a column in small units would hide all weights of others, a small block is solved exactly.
        """
        if self.is_doubtful and self.exact is not None and self.exact.rank == self.rank:
            return self.exact.weights(self.exponents)
        solution = self.minimum_norm()
        if self._blurred(solution) and self.exact is not None and self.exact.rank == self.rank:
            return self.exact.weights(self.exponents)
        return solution

    @cached_property
    def is_doubtful(self) -> bool:
        """Whether the minimum norm hangs on what is left of a column that looks like a combination of larger ones."""
        delicate = 0 < self.rank < self.k and not self._alike and min(self.n, self.k) <= _SHARP_ORDER
        return delicate and self._basis.truncated

    def _blurred(self, solution: FloatArray) -> bool:
        """Return whether rounding in the scaled unknowns shows in the original ones."""
        if self._alike or self.rank == 0 or min(self.n, self.k) > _SHARP_ORDER:
            return False
        with np.errstate(divide="ignore"):
            heights = np.log2(np.abs(solution)) - self.exponents
        live = self.A.any(axis=0)
        noise = float(np.max(-self.exponents[live])) + math.log2(EPSILON * max(1.0, float(np.max(np.abs(solution)))))
        return bool(noise > np.max(heights) + math.log2(_BLUR))

    def minimum_norm(self) -> FloatArray:
        """Return `least_squares` in floating point."""
        solution = np.zeros(self.k)
        if self.rank == 0:
            return solution
        if self.rank == self.k:
            solution[self.pivots] = _triangular_solve(self.R, self.projected)
        elif self._alike:
            units = self.exponents[self.pivots] - int(self.exponents.max())
            factored, reflectors, _, _ = lapack.dgeqrf(np.asfortranarray(scale(self.R, units).T))
            inner = np.zeros((self.k, 1), order="F")
            inner[: self.rank, 0] = _triangular_solve(factored[: self.rank], self.projected, transposed=True)
            least = lapack.dormqr("L", "N", factored, reflectors, inner, lwork=64)[0][:, 0]
            solution[self.pivots] = scale(least, units)
        else:
            solution[self.pivots] = self._basis.minimum_norm()
        return solution

    def ridge_solution(self, ridge: float) -> tuple[FloatArray, int]:
        """Return the ridge solution v and an exponent that multiplies it; ridge > 0 in original units."""
        if self.rank == 0:
            return np.zeros(self.k), 0
        digits, power = math.frexp(ridge)
        spectrum = self.spectrum
        # 1 + ridge / s^2, as digits and exponents.
        powers = power - 2 * spectrum.exponents
        ratio = digits / spectrum.sizes**2
        extra = np.maximum(powers, 0)
        damping = scale(np.ones_like(ratio), -extra) + scale(ratio, powers - extra)
        shift = -int(extra.min())
        solution = self.damped(scale(1.0 / damping, -extra - shift))
        if (self.is_doubtful or self._blurred(solution)) and self.exact is not None:
            integer, place = int(math.ldexp(digits, 53)), power - 53
            return self.exact.ridge_fit(integer, place, self.exponents - shift)[0], shift
        return solution, shift

    def damped(self, factors: FloatArray) -> FloatArray:
        """Return the solution v whose components along the singular directions are multiplied by `factors`."""
        spectrum = self.spectrum
        inner = spectrum.right @ (factors * spectrum.components / spectrum.sizes)
        solution = np.zeros(self.k)
        solution[self.pivots] = inner if self.rank == self.k else self._basis.spread(inner)
        return solution

    # -- conditioning --------------------------------------------------------------------------------------------------

    def inverse_norm(self, ridge: float = 0.0) -> float:
        """Return the Frobenius norm of the pseudo-inverse after scaling to columns of unit norm; full rank only.

        With ridge > 0, of the columns stacked on sqrt(ridge) I where k <= n. Where k > n, the condition number of
        [X_S, sqrt(ridge) I] if that is smaller.
        """
        if ridge > 0 and self.k > self.n:
            alone = self.inverse_norm() if self.rank == self.n else math.inf
            return alone if alone <= ILL_CONDITIONED else min(alone, self._row_condition(ridge))
        matrix = self.R
        if ridge > 0:
            root = math.sqrt(ridge)
            power = binary_exponent(root)
            units = power - self.exponents[self.pivots]
            larger = np.maximum(units, 0)
            diagonal = scale(np.full(self.k, math.ldexp(root, -power)), units - larger)
            matrix = np.vstack([scale(matrix, -larger), np.diag(diagonal)])
        norms = np.linalg.norm(matrix, axis=0)
        scaled = matrix / np.where(norms > 0, norms, 1.0)
        if len(scaled) != self.k:
            scaled = np.asarray(np.linalg.qr(scaled if len(scaled) > self.k else scaled.T, mode="r"))
        inverse, info = lapack.dtrtri(scaled, lower=0)
        return stable_norm(np.triu(inverse)) if info == 0 else math.inf

    def _row_condition(self, ridge: float) -> float:
        if self.rank == 0:
            return 1.0
        digits, power = math.frexp(ridge)
        squares, powers = self.spectrum.sizes**2, 2 * self.spectrum.exponents
        top = max(int(powers.max()), power)
        shifted = scale(np.append(squares, 0.0 if self.rank < self.n else math.inf), np.append(powers, top) - top)
        added = scale_float(digits, power - top)
        least = float(shifted.min()) + added
        return math.sqrt((float(shifted[:-1].max()) + added) / least) if least > 0 else math.inf

    # -- pieces that only delicate blocks need -------------------------------------------------------------------------

    @cached_property
    def exact(self) -> ExactBlock | None:
        """The same problem in integers, if it is small."""
        return ExactBlock(self.A, self.b, self.exponents) if ExactBlock.is_small(self.A, self.exponents) else None

    @cached_property
    def _alike(self) -> bool:
        """Whether the columns are in nearly the same units, so that their order does not matter."""
        return int(np.ptp(self.exponents)) <= _ALIKE

    @cached_property
    def _basis(self) -> _Basis:
        # Relative to the largest, so that a common factor changes no comparison.
        units = self.exponents[self.pivots] - int(self.exponents.max())
        return _Basis(self.R, self.projected, self.sizes[: self.rank], units, self.tolerance)

    @cached_property
    def spectrum(self) -> Spectrum:
        """The singular values of X_S in original units; rank >= 1."""
        units = self.exponents[self.pivots]
        if self.rank == self.k:
            return Spectrum.of(self.R, units, self.projected)
        basis = self._basis
        return Spectrum.of(self.R[:, basis.chosen] @ basis.lower, units[basis.chosen], self.projected)


class _Basis:
    """A basis of columns chosen greedily in original units, and the others in its terms: R_N = R_S M."""

    def __init__(
        self, R: FloatArray, projected: FloatArray, sizes: FloatArray, exponents: Exponents, tolerance: float
    ) -> None:
        # An equation may be multiplied by any number: rows to about the same size.
        rows = -np.frexp(sizes)[1].astype(np.int64)
        work, right = scale(R, rows[:, None]), scale(projected, rows)
        while True:
            found = _greedy_pivots(work, right, exponents, tolerance)
            if found is not None:
                break
            tolerance = tolerance / 8 if tolerance > EPSILON / 8 else 0.0
        order, triangle, rotated, self.truncated = found
        rank = len(R)
        self.chosen, self.others = order[:rank], order[rank:]
        self.basic: FloatArray = _triangular_solve(triangle[:, :rank], rotated)
        solved = [_triangular_solve(triangle[:, :rank], column) for column in triangle[:, rank:].T]
        self.mixing: FloatArray = np.column_stack(solved)
        units = 2 * (exponents[self.others][:, None] - exponents[self.chosen])
        self.images: FloatArray = scale(self.mixing.T, np.minimum(units, 2 * ORDINARY_EXPONENT))
        self.lower, self.upper = _scaled_cholesky(np.eye(rank) + self.mixing @ self.images)

    def minimum_norm(self) -> FloatArray:
        """Return the solution in the order of the pivots."""
        return self.spread(_triangular_solve(self.lower, self.basic, lower=True))

    def spread(self, inner: FloatArray) -> FloatArray:
        """Return all scaled unknowns from coordinates along an orthonormal basis of the row space."""
        solution = np.empty(len(self.chosen) + len(self.others))
        solution[self.chosen] = _triangular_solve(self.upper, inner)
        solution[self.others] = self.images @ solution[self.chosen]
        return solution


def _greedy_pivots(
    work: FloatArray, right: FloatArray, exponents: Exponents, tolerance: float
) -> tuple[IntArray, FloatArray, FloatArray, bool] | None:
    """Return the order of columns, the triangular factor, the rotated right-hand side, whether a column dropped out.

    None if no pivot is left. A pivot is the column with the most left in original units. What is left of a column is
    exactly zero once it is rounding beside the column itself, however large its units are.
    """
    work, right = work.copy(), right.copy()
    rank, k = work.shape
    order = np.arange(k)
    sizes = np.linalg.norm(work, axis=0)
    exponents = exponents.copy()
    rest = sizes.copy()
    dropped = False
    for step in range(rank):
        with np.errstate(divide="ignore"):
            heights = np.where(rest[step:] > tolerance * sizes[step:], np.log2(rest[step:]) + exponents[step:], -np.inf)
        best = step + int(np.argmax(heights))
        if not np.isfinite(heights[best - step]):
            return None
        for array in (order, sizes, exponents, rest):
            array[[step, best]] = array[[best, step]]
        work[:, [step, best]] = work[:, [best, step]]
        vector = work[step:, step].copy()
        vector[0] += math.copysign(float(np.linalg.norm(vector)), vector[0])
        vector /= np.linalg.norm(vector)
        work[step:, step:] -= np.outer(2.0 * vector, vector @ work[step:, step:])
        right[step:] -= 2.0 * vector * (vector @ right[step:])
        work[step + 1 :, step] = 0.0
        rest[step + 1 :] = np.linalg.norm(work[step + 1 :, step + 1 :], axis=0)
        rounding = (rest <= tolerance * sizes) & (np.arange(k) > step)
        dropped = dropped or (step + 1 < rank and bool(sizes[rounding].any()))
        work[step + 1 :, rounding] = 0.0
        rest[rounding] = 0.0
    return order, work, right, dropped


def _scaled_cholesky(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return L and U, equal on the diagonal, with L U = matrix: a diagonal similarity of a positive definite matrix.

    Without pivoting, so that every step is a step of the Cholesky factorisation in other units.
    """
    work = matrix.copy()
    for i in range(len(work)):
        pivot = math.sqrt(work[i, i])
        work[i:, i] /= pivot
        work[i, i + 1 :] /= pivot
        work[i, i] = pivot
        work[i + 1 :, i + 1 :] -= np.outer(work[i + 1 :, i], work[i, i + 1 :])
    return np.tril(work), np.triu(work)


@dataclass(frozen=True)
class Spectrum:
    """Singular value decomposition of F D, D = diag(2^units): U diag(sizes 2^exponents) V^T.

    `components` is U^T b; `right` is D^-1 V diag(2^-exponents), so that F right = U diag(sizes).
    """

    sizes: FloatArray
    exponents: Exponents
    components: FloatArray
    right: FloatArray

    @classmethod
    def of(cls, F: FloatArray, units: Exponents, b: FloatArray) -> Spectrum:
        """Return the decomposition of F D."""
        top = int(units.max())
        units = units - top
        if int(np.ptp(units)) <= _ALIKE:
            U, sizes, Vt = np.linalg.svd(scale(F, units))
            right, exponents = scale(Vt.T, units[:, None]), np.zeros(len(sizes), dtype=np.int64)
            # A singular value that rounding has made zero is as small as rounding.
            sizes = np.maximum(sizes, EPSILON * sizes[0] * _SMALLEST_NORMAL)
        else:
            columns, right, exponents = F.copy(), np.eye(len(F)), units.copy()
            _orthogonalise(columns, right, exponents)
            sizes = stable_norms(columns, axis=0)
            U = columns / sizes
        digits, powers = np.frexp(sizes)
        return cls(digits, exponents + powers + top, U.T @ b, scale(right, -powers))


def _orthogonalise(columns: FloatArray, right: FloatArray, exponents: Exponents) -> None:
    """Make the columns f_i 2^exponents[i] orthogonal by Jacobi rotations, applied to `right` as well; in place.

    The rotation of a pair (p, q) with t = sin / cos is f_p - t 2^d f_q and f_q + t 2^-d f_p, d = e_q - e_p, times cos;
    with p the larger one, t 2^-d is about <f_p, f_q> / |f_p|^2 whatever d is, and t 2^d smaller still.
    """
    count = columns.shape[1]
    places = np.arange(count + count % 2)
    for _ in range(_SWEEPS):
        powers = size_exponents(columns, 0)
        columns[:], right[:] = scale(columns, -powers), scale(right, -powers)
        exponents += powers
        rotated = False
        # Every pair once, in rounds of disjoint pairs.
        for _ in range(len(places) - 1):
            half = len(places) // 2
            first, second = places[:half], places[half:][::-1]
            real = (first < count) & (second < count)
            rotated |= _rotate(columns, right, exponents, first[real], second[real])
            places[1:] = np.roll(places[1:], 1)
        if not rotated:
            return


def _rotate(columns: FloatArray, right: FloatArray, exponents: Exponents, p: IntArray, q: IntArray) -> bool:
    """Rotate disjoint pairs of columns; return whether any was not orthogonal to rounding."""
    norms = stable_norms(columns, axis=0)
    heights = np.log2(norms) + exponents
    p, q = np.where(heights[p] >= heights[q], p, q), np.where(heights[p] >= heights[q], q, p)
    inner = np.einsum("ij,ij->j", columns[:, p], columns[:, q])
    needed = np.abs(inner) > len(columns) * EPSILON * norms[p] * norms[q]
    if not needed.any():
        return False
    p, q, inner = p[needed], q[needed], inner[needed]
    grade = scale(np.ones(p.size), 2 * (exponents[q] - exponents[p]))
    middle = (norms[q] ** 2 * grade - norms[p] ** 2) / (2.0 * inner)
    turn = np.copysign(1.0, middle) / (np.abs(middle) + np.sqrt(grade + middle**2))
    cosine = 1.0 / np.sqrt(1.0 + turn**2 * grade)
    for array in (columns, right):
        large, small = array[:, p], array[:, q]
        array[:, p] = cosine * (large - turn * grade * small)
        array[:, q] = cosine * (small + turn * large)
    return True


def _triangular_solve(
    triangle: FloatArray, right: FloatArray, *, lower: bool = False, transposed: bool = False
) -> FloatArray:
    """Return triangle^-1 right, or triangle^-T right; a square leading block is used."""
    size = len(right)
    if size == 0:
        return np.zeros(0)
    matrix = np.asfortranarray(triangle[:size, :size])
    return np.asarray(lapack.dtrtrs(matrix, right, lower=int(lower), trans=int(transposed))[0])
