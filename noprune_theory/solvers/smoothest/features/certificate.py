"""The evidence for a lower bound on the Lipschitz constant of every fit of a loss level, and its evaluation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import binary_exponent, scale, scale_float
from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import as_samples, check_nonnegative
from noprune_theory.lipschitz._rounding import norm_bounds, pattern_at, scaled_down
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers.smoothest.features.exact import is_orthogonal, separated_loss
from noprune_theory.solvers.smoothest.features.problem import (
    EPSILON,
    TINY,
    FeaturesProblem,
    accurate_residual,
    evaluated,
    root_bounds,
    scaled_problem,
)
from noprune_theory.solvers.smoothest.features.verified import VerifiedFactor

# Share of the dual weights spread evenly over the cells, which conditions the quadratic form.
_SPREAD = 1e-8
# Share of the largest dual weight below which a cell is left out.
_NEGLIGIBLE = 1e-7
# Pivots above this share of the largest leave no doubt about the rank.
_CERTAIN = 1e-7


class DualForm:
    """The quadratic form sum_c lambda_c |G_c a|^2 + eta |A a - q|^2 of the dual, G_c = W^T diag(s_c), for any centre q.

    Fits of the level lie within R = |q - b| + radius of the centre, hence::

        Lip(a)^2 sum_c lambda_c >= min_a { sum_c lambda_c |G_c a|^2 + eta |A a - q|^2 } - eta R^2.
    """

    def __init__(self, problem: FeaturesProblem, patterns: FloatArray, shares: FloatArray, eta: float) -> None:
        self.problem, self.eta, self.root = problem, eta, math.sqrt(eta)
        rows = np.sqrt(shares)[:, None, None] * patterns[:, None, :] * problem.slopes.T
        rows = rows.reshape(-1, patterns.shape[1])
        stacked = np.vstack([rows, self.root * problem.A])
        # Weights that nothing depends on are left out.
        self.used = stacked.any(axis=0) | problem.A_error.any(axis=0)
        absolute = np.vstack([np.zeros_like(rows), self.root * problem.A_error * (1 + 4 * EPSILON)]) + TINY
        self.stacked = np.ascontiguousarray(stacked[:, self.used])
        self.absolute = np.ascontiguousarray(absolute[:, self.used])
        self.n_slopes = len(rows)
        self.total = float(np.sum(shares)) * (1 + (len(shares) + 8) * EPSILON)

    @cached_property
    def factor(self) -> VerifiedFactor:
        """Return a factorisation with bounds."""
        return VerifiedFactor(self.stacked, 2 * EPSILON, self.absolute)

    @cached_property
    def loss_image(self) -> FloatArray:
        """Return A X for an X with which the form is |u|^2, a = X u, about."""
        if "factor" not in self.__dict__ and self.stacked.shape[0] >= self.stacked.shape[1] > 0:
            triangle: FloatArray = np.asarray(np.linalg.qr(self.stacked, mode="r"))
            diagonal = np.abs(np.diagonal(triangle))
            if diagonal.min() > _CERTAIN * diagonal.max():
                A = self.problem.A[:, self.used]
                return np.asarray(solve_triangular(triangle, A.T, trans="T", check_finite=False).T)
        return np.asarray(self.factor.image[self.n_slopes :] / self.root)

    def lower_bound(self, centre: FloatArray) -> float:
        """Return a number at most the least scaled Lipschitz constant, rounding included."""
        problem, rows = self.problem, self.stacked[: self.n_slopes]
        target = np.append(np.zeros(self.n_slopes), self.root * centre)
        weights = self.factor.solution(target)
        # The two large terms of the bound nearly cancel at small radii: the loss is formed in twice the precision.
        A, A_error = problem.A[:, self.used], problem.A_error[:, self.used]
        loss, loss_error = accurate_residual(A, weights, centre)
        loss_error = loss_error + A_error @ np.abs(weights) * (1 + 1e-12)
        slopes = rows @ weights
        slopes_error = (len(weights) + 6) * EPSILON * (np.abs(rows) @ np.abs(weights)) + TINY
        residual = np.append(slopes, -self.root * loss)
        error = np.append(slopes_error, self.root * (loss_error + EPSILON * np.abs(loss)))
        # |q - b| + radius, with the rounding of the difference.
        distance = norm_bounds(centre - problem.b)[1] * (1 + EPSILON) + norm_bounds(problem.b_error)[1]
        reach = self.root * (distance + problem.radius[1]) * (1 + 2 * EPSILON)
        best = self._by_weights(weights, residual, error, reach)
        square = self.factor.least_square(residual, norm_bounds(error)[1])
        if math.isfinite(square):
            # (size - reach)(size + reach), so that the squares do not cancel.
            size = math.sqrt(max(square, 0.0)) * (1 - EPSILON)
            value = (size - reach) * (size + reach)
            best = max(best, math.sqrt(max(value, 0.0) / self.total))
        return best * (1 - 8 * EPSILON)

    def _by_weights(self, weights: FloatArray, residual: FloatArray, error: FloatArray, reach: float) -> float:
        """Return a lower bound for which the form may be singular: kinks of f bound its weights by L = Lip(a).

        Across the plane of unit j, away from the others, the gradient jumps by a_j slopes_j: |a_j| |slopes_j| <= 2 L.
        Of opposite units, a relu(u) + a' relu(-c u) = (a + c a') relu(u) - c a' u, the first term has the kink.

        With h the distance from the weights given, r their residual in B a - q and g = B^T r, the form is at least
        |r|^2 - 2 |<g, h>| + |B h|^2. For kinks |h_j| <= 2 L / |slopes_j| + |a_j|; for the few other weights, whose
        columns B_u have full rank, |<g_u, h_u>| <= gamma (|B h| + sum_j |B_j| |h_j|) over the kinks. So
        L^2 total + 2 p L >= v, a quadratic inequality for L.
        """
        problem = self.problem
        shape = (len(self.stacked), len(problem.normals))
        B, absolute, a = np.zeros(shape), np.zeros(shape), np.zeros(shape[1])
        B[:, self.used], absolute[:, self.used], a[self.used] = self.stacked, self.absolute, weights
        first, second, factors = problem.opposite
        kinks = np.arange(problem.sloped)
        if first.size or problem.sloped < shape[1]:
            a[first] += factors * a[second]
            kinks = np.setdiff1d(kinks, second)
            constant = np.arange(problem.sloped, shape[1])
            # Entries of opposite units are never both other than 0.
            others = np.hstack([B[:, first] - B[:, second] / factors, B[:, constant]])
            rounding = np.hstack([absolute[:, first] + absolute[:, second] / factors * 2, absolute[:, constant]])
            factor = VerifiedFactor(others, 6 * EPSILON, rounding)
            if not factor.holds:
                return 0.0
            gamma = factor.projected(residual, norm_bounds(error)[1]) / math.sqrt(1 - factor.defect) * (1 + 1e-12)
        else:
            gamma = 0.0
        own, own_error = np.abs(B[:, kinks]), absolute[:, kinks]
        sizes = np.abs(residual) * ((len(B) + 6) * EPSILON) + error
        slopes = np.linalg.norm(problem.slopes[kinks], axis=1) * (1 - 1e-12)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            slope = np.abs(residual @ B[:, kinks]) + sizes @ own + (np.abs(residual) + error) @ own_error
            slope += gamma * np.linalg.norm(own + own_error, axis=0)
            linear = float(np.sum(slope / slopes)) * 2 * (1 + 1e-12)
            fixed = float(slope @ np.abs(a[kinks])) * 2 * (1 + 1e-12) + gamma**2 * (1 + 1e-12)
        size = norm_bounds(residual)[0] - norm_bounds(error)[1]
        value = (size - reach) * (size + reach) * (1 - 4 * EPSILON) - fixed
        if not (value > 0 and linear < math.inf):
            return 0.0
        return value / (linear + math.hypot(linear, math.sqrt(self.total * value))) * (1 - 16 * EPSILON)


def dual_form(problem: FeaturesProblem, patterns: FloatArray, multipliers: FloatArray, eta: float) -> DualForm | None:
    """Return the form of the cells whose multipliers matter; None where there is none, or no eta."""
    shares = np.maximum(multipliers, 0.0)
    if shares.size == 0 or not 0 < shares.max() < math.inf or not 0 < eta < math.inf:
        return None
    cells = np.flatnonzero(shares > _NEGLIGIBLE * shares.max())
    weights = (1 - _SPREAD) * shares[cells] / np.sum(shares[cells]) + _SPREAD / len(cells)
    return DualForm(problem, patterns[cells], weights, eta)


@dataclass(frozen=True, eq=False, repr=False)
class SmoothnessCertificate(ShortRepr):
    """Evidence for a lower bound on the Lipschitz constant of every fit of the loss level.

    For the linear regions that hold `points`, with weights lambda_c >= 0 of sum 1, eta >= 0 and a centre q in the space
    of the labels, every a with (1/n) |Phi a - y|^2 <= max_mse has |Phi a - q| <= R = |q - y| + sqrt(n max_mse), hence::

        Lip(a)^2 >= min_a { sum_c lambda_c |grad f_a(point_c)|^2 + eta |Phi a - q|^2 } - eta R^2.

    The centre makes the bound work at level 0: nu = eta (q - y) is the multiplier of the equality Phi a = y. Where no
    weights reach the level, `separator` shows that instead.

    Attributes
    ----------
    points : ndarray, shape (C, d)
    region_weights : ndarray, shape (C,)
    loss_weight : float
        eta, up to the factor 2^loss_exponent.
    centre : ndarray, shape (n,), or None
        q; None for y itself.
    loss_exponent : int
        0 unless eta is out of the range of float64.
    separator : tuple of int, or None
        A vector nu in R^n, orthogonal to all kept features and not to y: every fit has a mean squared error of at least
        <nu, y>^2 / (n |nu|^2). Integers, so that it can be orthogonal exactly.
    """

    points: FloatArray
    region_weights: FloatArray
    loss_weight: float
    centre: FloatArray | None = None
    loss_exponent: int = 0
    separator: tuple[int, ...] | None = None

    def lower_bound(self, model: RandomFeatures, X: ArrayLike, y: ArrayLike, max_mse: float) -> float:
        """Evaluate the bound anew from the fields alone; regions whose pattern is not certain are left out.

        Parameters
        ----------
        model : RandomFeatures
        X : array_like, shape (n, d)
        y : array_like, shape (n,)
        max_mse : float
            Loss level >= 0, in squared units of y; any level, not only the one that the certificate was made for.

        Returns
        -------
        float
            At most the Lipschitz constant of every fit of the level, rounding included; inf where the certificate shows
            that there is none.
        """
        samples, labels = as_samples(X, y)
        level = check_nonnegative("max_mse", max_mse)
        problem = scaled_problem(model, samples, labels, level)
        if self.separator is not None and self._smallest_square(problem) > problem.budget + problem.spread:
            return math.inf
        return self.lower_bound_of(problem)

    def smallest_loss(self, model: RandomFeatures, X: ArrayLike, y: ArrayLike) -> float:
        """Return the lower bound on the mean squared error of every fit that `separator` shows; 0 without one."""
        samples, labels = as_samples(X, y)
        problem = scaled_problem(model, samples, labels, 0.0)
        root = root_bounds(self._smallest_square(problem) / len(labels))[0]
        return scaled_down(root * root * (1 - 2 * EPSILON), 2 * problem.label_exponent)

    def _smallest_square(self, problem: FeaturesProblem) -> Fraction:
        """Return a lower bound on |Phi a - y|^2 for all a, scaled as the labels are."""
        samples = sum(len(group) for group in problem.members)
        if self.separator is None or len(self.separator) != samples or not any(self.separator):
            return Fraction(0)
        square = separated_loss(problem, self.separator)
        if square == 0 or is_orthogonal(problem, self.separator):
            return square
        # Orthogonal up to rounding: what all weights can gain from that is bounded by a verified factorisation.
        factor = VerifiedFactor(problem.A, 0.0, problem.A_error)
        if not factor.holds:
            return Fraction(0)
        fit = evaluated(problem, factor.solution(problem.b))
        verified = factor.least_square(fit.residual, norm_bounds(fit.error)[1])
        return min(square, Fraction(max(verified, 0.0)) + problem.spread)

    def lower_bound_of(self, problem: FeaturesProblem) -> float:
        """Return `lower_bound` for a scaled problem, the separator apart."""
        points = problem.scaled_points(np.asarray(self.points, dtype=np.float64))
        normals, offsets = problem.normals, None
        if problem.lifted:
            normals, offsets = np.ascontiguousarray(normals[:, :-1]), np.ascontiguousarray(normals[:, -1])
        certain, patterns = _certain_patterns(normals, offsets, points)
        if certain.size == 0:
            return 0.0
        centre = problem.b
        if self.centre is not None:
            if len(self.centre) != sum(len(group) for group in problem.members):
                raise ValueError(f"y must have {len(self.centre)} entries as the certificate's centre has")
            first = [group[0] for group in problem.members]
            counts = np.array([len(group) for group in problem.members], dtype=np.float64)
            centre = np.sqrt(counts) * scale(np.asarray(self.centre), -problem.label_exponent)[first]
        # The bound is about sqrt(eta) R.
        distance = float(np.linalg.norm(centre - problem.b)) + problem.radius[1]
        mantissa, exponent = math.frexp(self.loss_weight)
        exponent += self.loss_exponent
        typical = (exponent + 2 * binary_exponent(distance)) // 2 - problem.gradient_exponent
        problem = problem.with_slopes_near(typical)
        loss = scale_float(mantissa, exponent - 2 * problem.gradient_exponent)
        weights = np.asarray(self.region_weights)[certain]
        form = dual_form(problem, patterns, weights, loss)
        return 0.0 if form is None else scaled_down(form.lower_bound(centre), problem.slope_exponent)


def _certain_patterns(
    normals: FloatArray, offsets: FloatArray | None, points: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Return which of some points (m, d) have a certain pattern, and these patterns, as 0 and 1."""
    shifts = np.zeros(len(normals)) if offsets is None else offsets
    finite = np.all(np.isfinite(points), axis=1)
    inside = np.where(finite[:, None], points, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        values = inside @ normals.T + shifts
        sizes = np.abs(inside) @ np.abs(normals).T + np.abs(shifts)
        sure = np.abs(values) > 2 * (normals.shape[1] + 3) * EPSILON * sizes + normals.shape[1] * TINY
    patterns = (values > 0).astype(np.float64)
    kept = finite.copy()
    # Signs within rounding are decided in exact arithmetic.
    for row in np.flatnonzero(finite & ~np.all(sure, axis=1)):
        pattern = pattern_at(normals, offsets, points[row])
        kept[row] = pattern is not None
        if pattern is not None:
            patterns[row] = pattern
    return np.flatnonzero(kept), patterns[kept]
