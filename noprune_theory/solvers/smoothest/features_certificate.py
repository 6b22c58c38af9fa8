"""The evidence for a lower bound on the Lipschitz constant of every fit of a loss level, and its evaluation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import binary_exponent, scale, scale_float
from noprune_theory._types import FloatArray
from noprune_theory._validation import as_samples, check_nonnegative
from noprune_theory.lipschitz._rounding import norm_bounds, pattern_at, scaled_down
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers.smoothest.features_exact import separated_loss
from noprune_theory.solvers.smoothest.features_problem import (
    EPSILON,
    TINY,
    FeaturesProblem,
    accurate_residual,
    evaluated,
    root_bounds,
    scaled_problem,
)
from noprune_theory.solvers.smoothest.features_verified import VerifiedFactor

# Shares of the dual weights spread evenly over all cells, so that the certificate's quadratic form has full rank.
_SPREADS = (1e-8, 1e-6)
# Share of the largest dual weight below which a cell is left out at first.
_NEGLIGIBLE = 1e-7


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
        self.factor = VerifiedFactor(
            np.ascontiguousarray(stacked[:, self.used]), 2 * EPSILON, np.ascontiguousarray(absolute[:, self.used])
        )
        self.n_slopes = len(rows)
        self.total = float(np.sum(shares)) * (1 + (len(shares) + 8) * EPSILON)

    def lower_bound(self, centre: FloatArray) -> float:
        """Return a number at most the least scaled Lipschitz constant, rounding included."""
        problem, rows = self.problem, self.factor.B[: self.n_slopes]
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
        square = self.factor.least_square(residual, norm_bounds(error)[1])
        size = math.sqrt(max(square, 0.0)) * (1 - EPSILON)
        # |q - b| + radius, with the rounding of the difference.
        distance = norm_bounds(centre - problem.b)[1] * (1 + EPSILON) + norm_bounds(problem.b_error)[1]
        reach = self.root * (distance + problem.radius[1]) * (1 + 2 * EPSILON)
        # (size - reach)(size + reach), so that the squares do not cancel.
        value = (size - reach) * (size + reach)
        return math.sqrt(max(value, 0.0) / self.total) * (1 - 8 * EPSILON)


def dual_forms(
    problem: FeaturesProblem, patterns: FloatArray, multipliers: FloatArray, eta: float
) -> Iterator[DualForm]:
    """Yield the forms of full rank: of the cells that matter, which as a rule determine all weights, and of all."""
    shares = np.maximum(multipliers, 0.0)
    if shares.size == 0 or not shares.max() > 0 or not 0 < eta < math.inf:
        return
    for cells in (np.flatnonzero(shares > _NEGLIGIBLE * shares.max()), np.arange(len(shares))):
        for spread in _SPREADS:
            weights = (1 - spread) * shares[cells] / np.sum(shares[cells]) + spread / len(cells)
            form = DualForm(problem, patterns[cells], weights, eta)
            if form.factor.holds:
                yield form


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
        return self._bound(problem)

    def smallest_loss(self, model: RandomFeatures, X: ArrayLike, y: ArrayLike) -> float:
        """Return the lower bound on the mean squared error of every fit that `separator` shows; 0 without one."""
        samples, labels = as_samples(X, y)
        problem = scaled_problem(model, samples, labels, 0.0)
        root = root_bounds(self._smallest_square(problem) / len(labels))[0]
        return scaled_down(root * root * (1 - 2 * EPSILON), 2 * problem.label_exponent)

    def _smallest_square(self, problem: FeaturesProblem) -> Fraction:
        """Return a lower bound on |Phi a - y|^2 for all a, scaled as the labels are."""
        if self.separator is None:
            return Fraction(0)
        exact = separated_loss(problem, self.separator)
        if exact > 0:
            return exact
        # Orthogonal up to rounding: what all weights can gain from that is bounded by a verified factorisation.
        factor = VerifiedFactor(problem.A, 0.0, problem.A_error)
        if not factor.holds:
            return Fraction(0)
        fit = evaluated(problem, factor.solution(problem.b))
        square = factor.least_square(fit.residual, norm_bounds(fit.error)[1])
        return Fraction(max(square, 0.0)) + problem.spread

    def _bound(self, problem: FeaturesProblem) -> float:
        points = problem.scaled_points(np.asarray(self.points, dtype=np.float64))
        normals, offsets = problem.normals, None
        if problem.lifted:
            normals, offsets = np.ascontiguousarray(normals[:, :-1]), np.ascontiguousarray(normals[:, -1])
        finite = np.all(np.isfinite(points), axis=1)
        patterns = [
            pattern_at(normals, offsets, point) if sure else None for point, sure in zip(points, finite, strict=True)
        ]
        certain = np.flatnonzero([pattern is not None for pattern in patterns])
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
        chosen = np.array([patterns[c] for c in certain], dtype=np.float64)
        form = next(dual_forms(problem, chosen, weights, loss), None)
        return 0.0 if form is None else scaled_down(form.lower_bound(centre), problem.slope_exponent)
