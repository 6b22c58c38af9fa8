"""Certified ends for the smallest Lipschitz constant of masked linear fits.

Let lambda be any vector in R^n. A fit with (1/n) |X_S w - y|^2 <= s has <lambda, X_S w> >= <lambda, y> - sqrt(n s)
|lambda| by Cauchy-Schwarz, and <lambda, X_S w> <= |X_S^T lambda| |w|, hence::

    |w| >= (<lambda, y> - sqrt(n s) |lambda|) / |X_S^T lambda|,

with equality at the optimum for the residual lambda = y - X_S w, or at interpolation for the solution of
X_S^T lambda = w. If X_S^T lambda = 0, a positive numerator proves that no fit exists.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import scale, size_exponent, size_exponents
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_masks, as_samples, check_nonnegative
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic, root_above, root_below, two_to
from noprune_theory.lipschitz._rounding import EPSILON, norm_bounds, round_up, scaled_up
from noprune_theory.solvers.regression._exact import ExactBlock, solve_semidefinite, to_integers
from noprune_theory.solvers.regression._graded import GradedBlock
from noprune_theory.solvers.smoothest._exact_loss import float_above, float_below
from noprune_theory.solvers.smoothest.features.verified import VerifiedFactor
from noprune_theory.solvers.smoothest.linear._unreachable import unreachable_direction

# Entries of a block up to which products are formed in integers.
_EXACT_ENTRIES = 20_000
# Binary digits kept of a difference that may cancel.
_DIGITS = 128
# What underflow may take from a scaled product.
_UNDERFLOW = 2.0**-1000
# A bound this close to the other end needs no other direction.
_CLOSE = 1e-10


@dataclass(frozen=True, eq=False, repr=False)
class LinearCertificate(ShortRepr):
    """Evidence for a lower bound on |w| over all weights on the mask that meet a loss level.

    |w| >= (<lambda, y> - sqrt(n max_mse) |lambda|) / |X_S^T lambda|, for any lambda, by Cauchy-Schwarz twice.

    Attributes
    ----------
    direction : ndarray, shape (n,)
        lambda; positive multiples prove the same.
    mask : ndarray of bool, shape (p,)
        S.
    separates : bool
        Whether lambda, up to its rounding, is orthogonal to the columns and not to y: no weights meet the level.
    """

    direction: FloatArray
    mask: BoolArray
    separates: bool = False

    def lower_bound(self, X: ArrayLike, y: ArrayLike, max_mse: float) -> float:
        """Evaluate the bound anew, rounded down.

        Parameters
        ----------
        X : array_like, shape (n, p)
        y : array_like, shape (n,)
        max_mse : float
            Loss level >= 0; any level, not only the one of the fit.

        Returns
        -------
        float
            At least 0. Infinite if no weights on the mask meet the level: where X_S^T lambda is exactly 0, or, for a
            vector that separates up to its rounding, where the distance of y from the columns is verified to exceed
            the level.

        Raises
        ------
        ValueError
            If the data are malformed or their shape is not that of the certificate.
        """
        samples, labels = as_samples(X, y)
        level = check_nonnegative("max_mse", max_mse)
        as_masks("mask", self.mask, samples.shape[1], ndim=1)
        if labels.size != self.direction.size:
            raise ValueError(f"y must have {self.direction.size} entries as the certificate has, got {labels.size}")
        block = samples[:, self.mask]
        if self.separates and _is_unreachable(block, labels, level):
            return math.inf
        return _bound_along(self.direction, block, labels, level)


def _bound_along(direction: FloatArray, block: FloatArray, y: FloatArray, level: float) -> float:
    """Return a number at most (<lambda, y> - sqrt(n s) |lambda|) / |X^T lambda|, and at least 0."""
    along, labels = dyadic(direction), dyadic(y)
    gain = int(along.digits @ labels.digits)
    square = y.size * Fraction(level) * int(along.digits @ along.digits) / two_to(2 * labels.exponent)
    advantage = (gain << _DIGITS) - math.isqrt(math.floor(square * two_to(2 * _DIGITS))) - (1 if square else 0)
    if advantage <= 0:
        return 0.0
    exponent = along.exponent + labels.exponent - _DIGITS
    if block.size <= _EXACT_ENTRIES:
        slope = (_transposed(dyadic(block)) @ along).squared_norm() if block.size else Fraction(0)
        if slope == 0:
            return math.inf
        return root_below((advantage * two_to(exponent)) ** 2 / slope)
    size, power = _product_above(block, direction)
    return math.inf if size == 0 else float_below(advantage * two_to(exponent - power) / Fraction(size))


def _transposed(matrix: Dyadic) -> Dyadic:
    return Dyadic(matrix.digits.T, matrix.exponent)


def _product_above(block: FloatArray, vector: FloatArray) -> tuple[float, int]:
    """Return a mantissa and an exponent whose product is at least |X^T vector|; columns in any units."""
    own, powers = size_exponent(vector), size_exponents(block, 0)
    scaled, along = scale(block, -powers), scale(vector, -own)
    products = along @ scaled
    error = (vector.size + 4) * EPSILON * (np.abs(along) @ np.abs(scaled)) + vector.size * _UNDERFLOW
    sizes = np.abs(products) + error
    top = int(np.max(np.frexp(sizes)[1] + powers))
    # Entries that underflow here are far below the rounding of the norm.
    return round_up(norm_bounds(scale(sizes, powers - top))[1] + vector.size * _UNDERFLOW), top + own


def _is_unreachable(block: FloatArray, y: FloatArray, level: float) -> bool:
    """Return whether it is verified that all weights exceed the level."""
    budget = y.size * Fraction(level)
    if ExactBlock.is_small(block) and block.shape[1]:
        return ExactBlock(block, y).squared_residual > budget
    if not block.any():
        return dyadic(y).squared_norm() > budget
    graded = GradedBlock(block, y)
    if not graded.is_exact(block, y):
        return False
    return unreachable_direction(graded, budget / two_to(2 * graded.label_exponent)) is not None


@dataclass(frozen=True)
class LinearEnds:
    """Certified ends around the smallest |w|, and the weights behind the upper one.

    Attributes
    ----------
    weights : ndarray, shape (k,)
    mse : float
        At least the mean squared error of `weights`.
    lower, upper : float
    direction : ndarray, shape (n,)
    holds : bool
        Whether `upper` is at least the smallest constant at the level itself; else at the level `mse`.
    """

    weights: FloatArray
    mse: float
    lower: float
    upper: float
    direction: FloatArray
    holds: bool


def linear_ends(block: FloatArray, y: FloatArray, level: float, weights: FloatArray) -> LinearEnds:
    """Return certified ends from weights (k,) that are optimal up to rounding.

    Where the loss exceeds the level by rounding, and the level leaves room, the weights are stretched by as little:
    that lowers the loss of a smoothest fit. Where it leaves none, as at level 0, the upper end is enlarged by the
    distance to the least-squares fit, which meets every level that can be met.
    """
    budget = y.size * Fraction(level)
    loss = _loss_above(block, weights, y)
    if loss > budget and level > 0:
        for power in range(-50, -25, 3):
            stretched = weights * (1.0 + 2.0**power)
            found = _loss_above(block, stretched, y)
            if found <= budget:
                weights, loss = stretched, found
                break
    mse, upper, holds = float_above(loss / y.size), norm_bounds(weights)[1], loss <= budget
    factor = None if holds and level > 0 else _Factor(block)
    reached = level if holds else max(level, mse)
    if not holds and factor is not None:
        exact = _exact_square(block, y)
        enlarged = root_above(exact) if exact is not None else upper + factor.correction(weights, y)
        if math.isfinite(enlarged):
            upper, holds, reached = max(upper, math.nextafter(enlarged, math.inf)), True, level
    best, direction = -1.0, y
    for tried in _directions(block, weights, y, factor):
        bound = _bound_along(tried, block, y, reached)
        if bound > best:
            best, direction = bound, tried
        if best >= upper * (1.0 - _CLOSE):
            break
    return LinearEnds(weights, mse, min(max(best, 0.0), upper), upper, direction, holds)


def _directions(block: FloatArray, weights: FloatArray, y: FloatArray, factor: _Factor | None) -> Iterator[FloatArray]:
    """Yield candidates for the best direction: the residual, and the solution of X^T lambda = w."""
    if factor is not None:
        exact = _exact_direction(block, y)
        if exact is not None:
            yield exact
        elif factor.holds:
            yield factor.direction(weights, y)
    residual = _residual(block, weights, y)
    if residual.any():
        yield residual
    scaled, target = scale(block, -size_exponent(block)), scale(weights, -size_exponent(weights))
    if scaled.any() and target.any():
        yield np.asarray(np.linalg.lstsq(scaled.T, target, rcond=None)[0])


def _residual(block: FloatArray, weights: FloatArray, y: FloatArray) -> FloatArray:
    """Return y - X w, each entry rounded once where the block is small."""
    if block.size <= _EXACT_ENTRIES:
        return (_exact_residual(block, weights, y)).floats()
    powers = size_exponents(block, 0)
    return y - scale(block, -powers) @ scale(weights, powers)


def _exact_residual(block: FloatArray, weights: FloatArray, y: FloatArray) -> Dyadic:
    if block.shape[1] == 0:
        return dyadic(y)
    product = dyadic(block) @ dyadic(weights)
    return dyadic(y).plus(Dyadic(-product.digits, product.exponent))


def _loss_above(block: FloatArray, weights: FloatArray, y: FloatArray) -> Fraction:
    """Return a number at least |X w - y|^2, the number itself where the block is small."""
    if block.size <= _EXACT_ENTRIES:
        return _exact_residual(block, weights, y).squared_norm()
    residual, error, power = _bounded_residual(block, weights, y)
    return Fraction(norm_bounds(np.abs(residual) + error)[1]) ** 2 * two_to(2 * power)


def _bounded_residual(block: FloatArray, weights: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, int]:
    """Return y - X w and bounds on its rounding errors, over 2^power, and the power."""
    power, powers = size_exponent(y), size_exponents(block, 0)
    scaled, target = scale(block, -powers), scale(y, -power)
    values = scale(weights, powers - power)
    residual = target - scaled @ values
    sizes = np.abs(target) + np.abs(scaled) @ np.abs(values)
    return residual, (values.size + 6) * EPSILON * sizes + values.size * _UNDERFLOW, power


def _exact_system(block: FloatArray, y: FloatArray) -> tuple[list[int], list[int], int, int, int] | None:
    """Return the exact solution of X X^T alpha = y: numerators, rows, denominator, exponents of X and of y.

    None where the block is large or y cannot be reached.
    """
    if not (block.size and ExactBlock.is_small(block)) or ExactBlock(block, y).squared_residual != 0:
        return None
    flat, exponent = to_integers(block.ravel())
    labels, label_exponent = to_integers(y)
    n, k = block.shape
    rows = [flat[i * k : (i + 1) * k] for i in range(n)]
    gram = [[sum(map(int.__mul__, a, b)) for b in rows] for a in rows]
    return *solve_semidefinite(gram, labels), exponent, label_exponent


def _exact_square(block: FloatArray, y: FloatArray) -> Fraction | None:
    """Return the squared norm of the shortest interpolant, y^T (X X^T)^+ y."""
    solved = _exact_system(block, y)
    if solved is None:
        return None
    numerators, rows, denominator, exponent, label_exponent = solved
    labels, _ = to_integers(y)
    total = sum(x * labels[row] for x, row in zip(numerators, rows, strict=True))
    return Fraction(total, denominator) * two_to(2 * (label_exponent - exponent))


def _exact_direction(block: FloatArray, y: FloatArray) -> FloatArray | None:
    """Return alpha with X X^T alpha = y, over its largest entry."""
    solved = _exact_system(block, y)
    if solved is None or not solved[0]:
        return None
    numerators, rows = solved[:2]
    largest = max(map(abs, numerators))
    out = np.zeros(y.size)
    out[rows] = [float(Fraction(x, largest)) for x in numerators]
    return out


class _Factor:
    """A verified factorisation of the rows of X, or of its columns where they are fewer."""

    def __init__(self, block: FloatArray) -> None:
        self.block, self.wide = block, block.shape[0] <= block.shape[1]
        self.power = size_exponent(block)
        scaled = scale(block, -self.power)
        self.factor = VerifiedFactor(np.ascontiguousarray(scaled.T if self.wide else scaled), 0.0, 0.0)
        self.holds = self.factor.holds and np.array_equal(scale(scaled, self.power), block)

    def direction(self, weights: FloatArray, y: FloatArray) -> FloatArray:
        """Return lambda with X^T lambda near a multiple of w."""
        inverse = self.factor.inverse
        if self.wide:
            return np.asarray(inverse @ (scale(y, -size_exponent(y)) @ inverse))
        return np.asarray(self.factor.image @ (scale(weights, -size_exponent(weights)) @ inverse))

    def correction(self, weights: FloatArray, y: FloatArray) -> float:
        """Return a bound on the distance to weights of least loss, infinite where the rank is not verified.

        With independent rows it is that of X^T (X X^T)^-1 e, e = y - X w; with independent columns (X^T X)^-1 X^T e.
        """
        if not self.holds:
            return math.inf
        factor = self.factor
        residual, error, label_power = _bounded_residual(self.block, weights, y)
        if self.wide:
            pulled = np.abs(residual @ factor.inverse)
            pulled += (residual.size + 8) * EPSILON * (np.abs(residual) @ np.abs(factor.inverse))
            pulled += (error @ np.abs(factor.inverse)) * (1.0 + (residual.size + 8) * EPSILON)
            size = norm_bounds(pulled)[1] / math.sqrt(1.0 - factor.defect)
        else:
            inside = factor.projected(residual, norm_bounds(error)[1])
            size = norm_bounds(factor.inverse.ravel())[1] * inside / (1.0 - factor.defect)
        return scaled_up(round_up(size, 1e-12), label_power - self.power)
