"""What the features reach on the samples: rank, smallest loss, and the fits of a level in good coordinates.

With A = U diag(s) V^T over the numerical rank, a fit has residual beyond + U t, where `beyond` is the part of the
labels that no weights reach and t_i = s_i v_i a - beta_i. A level leaves |t| <= rho, rho^2 = radius^2 - |beyond|^2. At
rho = 0 the fit is prescribed, A a = U U^T b, and only the directions that the features do not see are free; that is
interpolation where beyond = 0, and the fits of smallest loss otherwise.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from scipy.linalg import lapack, qr

from noprune_theory._scaling import scale, size_exponents, stable_norm
from noprune_theory._types import FloatArray
from noprune_theory.solvers.smoothest.features.certificate import DualForm
from noprune_theory.solvers.smoothest.features.exact import null_space
from noprune_theory.solvers.smoothest.features.problem import EPSILON, Evaluated, FeaturesProblem, evaluated
from noprune_theory.solvers.smoothest.features.space import FitSpace
from noprune_theory.solvers.smoothest.features.verified import VerifiedFactor

# A level this close (relative) to the smallest loss counts as that loss: users compute it in floating point.
LEVEL_SLACK = 1e-12
# The start of a search has this share of what the level leaves above the smallest loss.
_START_SHARE = 0.8
# Above this share of the labels the residual is a constraint like any other; below, coordinates follow its axes.
_ORDINARY = 1e-3
# Singular values down to this share of the largest are accurate from an ordinary decomposition.
_SAFE_RATIO = 1e-8
# Least shares of `beyond` for rho in the multipliers, where rounding of the level hides the true one: the smaller, the
# better the bound, and the more of it rounding takes.
_BLURS = (1e-7, 1e-6, 1e-5)
# Largest root of eta: forms with a larger one would leave the range.
_LARGEST_ROOT = 1e100
# Steps from rounding outside the level towards the start of the search.
_PULLS = (4e-15, 1e-12, 1e-9, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
_SLIGHT_PULL = 1e-9


class Reach:
    """The features of a problem, decomposed.

    Attributes
    ----------
    rank : int
        Singular values, of A with rows and columns brought to unit size, above `tolerance` times the largest.
    tolerance : float
        max(G, K) EPSILON.
    kind : str
        "interior" (rho > 0), "edge" (the level is the smallest loss, within LEVEL_SLACK or rounding) or "unreachable".
    """

    def __init__(self, problem: FeaturesProblem) -> None:
        self.problem = problem
        self.tolerance = max(problem.A.shape) * EPSILON
        self.U, self.s, self.V = _decomposed(problem.A, self.tolerance)
        self.rank = len(self.s)
        b = problem.b
        self.beta: FloatArray = b @ self.U
        self.beyond: FloatArray = np.zeros_like(b)
        if self.rank < len(b):
            self.beyond = b - self.U @ self.beta
            self.beyond -= self.U @ (self.beyond @ self.U)
        self.nearest = self._least_loss()
        self.kind, self.rho = self._classified()

    # -- the smallest loss ---------------------------------------------------------------------------------------------

    def _least_loss(self) -> Evaluated:
        """Return the weights of smallest norm among those of smallest loss, refined."""
        weights: FloatArray = self.V @ (self.beta / self.s)
        return self._refined(evaluated(self.problem, weights))

    def _refined(self, fit: Evaluated) -> Evaluated:
        """Return weights nearest to those given that leave the residual `beyond`, within rounding."""
        step: FloatArray = (fit.residual @ self.U) / self.s
        for _ in range(3):
            trial = evaluated(self.problem, fit.weights + self.V @ step)
            left: FloatArray = (trial.residual @ self.U) / self.s
            if not stable_norm(left) < stable_norm(step):
                break
            fit, step = trial, left
        return fit

    def rounding(self, weights: FloatArray) -> FloatArray:
        """Return the residuals, one a group, that count as rounding: tolerance (|A| |a| + |b|).

        A weight that is 0 by cancellation of the others is only known to their rounding, on the samples that see its
        unit best.
        """
        A = self.problem.A
        sizes: FloatArray = A @ np.abs(weights) + np.abs(self.problem.b)
        largest = np.max(A, axis=0, initial=0.0)
        least = 1e-3 * largest
        seen = (A - least >= 0) * sizes[:, None]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            known = np.where(largest > 0, EPSILON * np.max(seen, axis=0, initial=0.0) / largest, 0.0)
        return np.asarray(self.tolerance * (A @ np.maximum(np.abs(weights), known) + np.abs(self.problem.b)))

    def _classified(self) -> tuple[str, float]:
        problem = self.problem
        radius = problem.radius[0]
        allowed = radius * (1 + 0.5 * LEVEL_SLACK)
        if problem.budget < 0:
            # Labels that differ at one point, by more than the level allows: by rounding alone?
            level = float(problem.budget + problem.spread)
            labels = sum((mean**2 * len(group) for mean, group in zip(problem.means, problem.members, strict=True)), 0)
            if float(-problem.budget) > LEVEL_SLACK * level + self.tolerance**2 * float(labels):
                return "unreachable", 0.0
        rounding = self.rounding(self.nearest.weights)
        noise = stable_norm(rounding)
        outside = np.maximum(np.abs(self.nearest.residual) - rounding, 0.0)
        beyond = float(np.linalg.norm(self.beyond))
        square = (radius - beyond) * (radius + beyond)
        if self.rank == len(problem.b) or not np.any(outside):
            # All labels are reached, up to rounding.
            rho = radius
            if self.rank < len(problem.b):
                rho = math.sqrt(max(square, 0.0)) if radius > 1e3 * noise else 0.0
            # A radius within the rounding of residuals is none: fits that interpolate are as near as it gets.
            return ("interior", rho) if rho > noise else ("edge", 0.0)
        # Rounding of `beyond`, from the features and from the projection.
        blurred = float(np.linalg.norm(self.nearest.error)) + 4 * math.sqrt(len(problem.b)) * EPSILON * stable_norm(
            problem.b
        )
        if square > LEVEL_SLACK * radius**2 + 4 * blurred * beyond:
            return "interior", math.sqrt(square)
        return ("edge", 0.0) if float(np.linalg.norm(outside)) <= allowed else ("unreachable", 0.0)

    # -- coordinates ---------------------------------------------------------------------------------------------------

    @cached_property
    def space(self) -> FitSpace:
        """Return the fits of the level, or those of smallest loss where `kind` is not "interior"."""
        if self.kind != "interior":
            empty = np.empty(0)
            basis = self._unseen()
            return FitSpace(self.nearest.weights, basis, empty, np.empty((0, basis.shape[1])), 0.0)
        root = self._start_root()
        # Both in forms that do not cancel, and that are 0 where a square leaves the range.
        with np.errstate(over="ignore"):
            start: FloatArray = self.V @ (self.beta / (self.s * (1.0 + (root / self.s) ** 2)))
            misfit: FloatArray = -self.beta / (1.0 + (self.s / root) ** 2)
        if self.rho >= _ORDINARY * float(np.linalg.norm(self.beta)):
            return FitSpace(start, None, misfit, self.s[:, None] * self.V.T, self.rho)
        unseen = self._unseen()
        # Coordinates in units of the residual.
        stretch = np.hstack([np.eye(self.rank), np.zeros((self.rank, unseen.shape[1]))])
        return FitSpace(start, np.hstack([self.V / self.s, unseen]), misfit, stretch, self.rho)

    def _unseen(self) -> FloatArray:
        """Return an orthonormal basis of the directions that the features do not see, shape (N, N - rank)."""
        count = len(self.V)
        if self.rank == 0:
            return np.eye(count)
        return np.ascontiguousarray(qr(self.V)[0][:, self.rank :])

    def _start_root(self) -> float:
        """Return the root of the ridge at which |t|^2 = share rho^2, t_i = beta_i / (1 + s_i^2 / ridge)."""
        target = math.sqrt(_START_SHARE) * self.rho
        if target >= float(np.linalg.norm(self.beta)):
            return 1e300
        low, high = math.log(1e-300), math.log(1e300)
        with np.errstate(over="ignore"):
            for _ in range(100):
                middle = 0.5 * (low + high)
                if np.linalg.norm(self.beta / (1.0 + (self.s / math.exp(middle)) ** 2)) < target:
                    low = middle
                else:
                    high = middle
        return math.exp(low)

    # -- weights -------------------------------------------------------------------------------------------------------

    def polished(self, weights: FloatArray, space: FitSpace) -> list[Evaluated]:
        """Return weights near those given that meet the level, or miss it by rounding alone; the nearest first.

        Pulled towards the start, inside the level, weights meet it at last; a correction of those that miss it by a
        little may cost less.
        """
        fit = evaluated(self.problem, weights)
        if not space.bounded:
            return [self._refined(fit)]
        if fit.excess == 0 or evaluated(self.problem, space.start).excess > 0:
            return [fit]
        fits = [fit]
        for pull in _PULLS:
            fit = evaluated(self.problem, weights + pull * (space.start - weights))
            if fit.excess == 0:
                # Pulled this little, weights are as good as those given.
                return [fit] if pull <= _SLIGHT_PULL else [*fits, fit]
        return fits

    def accepts(self, fit: Evaluated) -> bool:
        """Return whether the weights meet the level, or the smallest loss, up to rounding."""
        rounding = self.rounding(fit.weights)
        outside = np.maximum(np.abs(fit.residual) - 2 * rounding, 0.0)
        target = max(self.problem.radius[0], float(np.linalg.norm(self.beyond)))
        return float(np.linalg.norm(outside)) <= target * (1 + LEVEL_SLACK)

    # -- corrections ---------------------------------------------------------------------------------------------------

    def correction(self, fit: Evaluated, sizes: FloatArray) -> float:
        """Return a bound on sum sizes_j |c_j| for some c with which the weights meet the level exactly.

        The level, or the smallest loss where that is larger. Infinite where the rank of A is not certain.
        """
        if fit.excess == 0:
            return 0.0
        problem = self.problem
        count, width = problem.A.shape
        size = float(np.linalg.norm(fit.residual))
        error = float(np.linalg.norm(fit.error)) * (1 + 1e-12)
        if self.rank == count:
            rows = VerifiedFactor(problem.A.T, 0.0, problem.A_error.T)
            if not rows.holds:
                return math.inf
            # c = A^T w with A A^T w = t, t the share of the residual that is too much.
            share = min(1.0, fit.excess / size) if size > 0 and self.kind == "interior" else 1.0
            rounding = fit.error + (count + 4) * EPSILON * np.abs(fit.residual)
            pulled = np.abs(fit.residual @ rows.inverse) + rounding @ np.abs(rows.inverse)
            return float(sizes @ rows.image_row_norms()) * float(np.linalg.norm(pulled)) * share * (1 + 1e-9)
        if self.rank == width:
            columns = VerifiedFactor(problem.A, 0.0, problem.A_error)
            if not columns.holds:
                return math.inf
            return float(sizes @ columns.row_norms()) * columns.projected(fit.residual, error) * (1 + 1e-9)
        independent = self._independent
        if independent is None:
            return math.inf
        # All rows are combinations T A_I of some, T^T T >= 1; with A c = P t, P onto the range, |A_I c| <= |P t|.
        rows, columns = independent
        distance = columns.projected(fit.residual, error) / math.sqrt(1 - columns.defect)
        return float(sizes @ rows.image_row_norms()) * float(np.linalg.norm(rows.inverse)) * distance * (1 + 1e-9)

    @cached_property
    def _independent(self) -> tuple[VerifiedFactor, VerifiedFactor] | None:
        """Return factorisations of independent rows (transposed) and columns, if the rank is that many exactly."""
        found = null_space(self.problem, np.arange(len(self.problem.b)))
        if found is None or len(found[1]) != self.rank or self.rank == 0:
            return None
        chosen = [found[2][pivot] for pivot in found[1]]
        columns = qr(self.problem.A, mode="r", pivoting=True)[1][: self.rank]
        A, A_error = self.problem.A, self.problem.A_error
        rows = VerifiedFactor(np.ascontiguousarray(A[chosen].T), 0.0, A_error[chosen].T)
        spanning = VerifiedFactor(np.ascontiguousarray(A[:, columns]), 0.0, A_error[:, columns])
        return (rows, spanning) if rows.holds and spanning.holds else None

    # -- multipliers ---------------------------------------------------------------------------------------------------

    def loss_weight(self, pulled: FloatArray, loss: FloatArray, bound: float) -> float:
        """Return an eta at which both parts of the dual's quadratic form matter; 0 where there is none.

        `pulled` (N,) is sum_c lambda_c G_c^T G_c a, equal to A^T nu at the optimum, and `loss` (rank,) is U^T nu where
        the program knows it. With eta = |nu|^2 / bound^2 the parts are equal; from |nu| / rho on, the centre is b.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            nu = loss if loss.size else (pulled @ self.V) / self.s
        size = stable_norm(nu) if np.all(np.isfinite(nu)) else math.inf
        if not (0 < size < math.inf and bound > 0):
            return 0.0
        balanced = min(size / bound, _LARGEST_ROOT) ** 2
        return min(balanced, size / self.rho) if self.rho > 0 else balanced

    def blurs(self) -> tuple[float, ...]:
        """Return the values of `blur` worth trying in `centre`."""
        return _BLURS if self.rho < max(_BLURS) * float(np.linalg.norm(self.beyond)) else _BLURS[:1]

    def centre(self, form: DualForm, bound: float, blur: float) -> tuple[FloatArray, float, bool]:
        """Return the centre that is best for the cells of a form, the eta that suits it, and whether that is eta_1.

        The best bound for cells with sum_c lambda_c |G_c a|^2 = a^T M a is min a^T M a over |A a - b| <= radius, with
        multiplier nu = eta_1 (b - A a). Fits within `radius` of b are within radius + |q - b| of q = A a + nu / eta for
        every eta <= eta_1, and the two balls touch at A a; so level 0, where eta_1 is infinite, is nothing special. At
        eta_1 itself the centre is b. The radius is taken to leave at least `blur` |beyond| of what the features reach.
        """
        # In coordinates u with a = X u, the form is |u|^2 and A is W: M splits as 1 - eta s^2 along its axes.
        W = self.U.T @ form.loss_image
        P, s, _ = np.linalg.svd(W, full_matrices=False)
        parts: FloatArray = self.beta @ P
        free = np.maximum(1.0 - form.eta * s * s, 0.0)
        radius = self.problem.radius[0]
        beyond = float(np.linalg.norm(self.beyond))
        if radius <= 1e-9 * float(np.linalg.norm(self.problem.b)):
            # Too small to tell what is out of reach from rounding.
            beyond = 0.0
        rho = math.sqrt(max((radius - beyond) * (radius + beyond), (blur * beyond) ** 2))
        inverse = _inverse_multiplier(parts, free, s, rho)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            nu: FloatArray = free * parts / (inverse * free + s * s)
        nu = np.where((s > 0) & np.isfinite(nu), nu, 0.0)
        direction: FloatArray = self.U @ (P @ nu)
        if beyond > 0 and inverse > 0:
            direction = direction + self.beyond / inverse
        suited = min(stable_norm(direction) / bound, _LARGEST_ROOT) ** 2 if bound > 0 else math.inf
        at_labels = inverse > 0 and 1.0 / inverse <= suited
        if at_labels:
            suited = 1.0 / inverse
        # An eta above eta_1 would put the centre on the wrong side; b itself is as far as it goes.
        return self.problem.b + direction * max(0.0, 1.0 / form.eta - inverse), suited, at_labels


def _inverse_multiplier(parts: FloatArray, free: FloatArray, s: FloatArray, rho: float) -> float:
    """Return z = 1 / eta_1 with sum_i (parts_i z free_i / (z free_i + s_i^2))^2 = rho^2; 0 where rho is 0."""
    active = (s > 0) & (free > 0)
    if rho == 0 or not np.any(active):
        return 0.0
    parts, inverse = parts[active], (s[active] / np.sqrt(free[active])) ** 2
    if float(np.linalg.norm(parts)) <= rho:
        return 0.0
    low, high = math.log(1e-300), math.log(1e300)
    with np.errstate(over="ignore"):
        for _ in range(80):
            middle = 0.5 * (low + high)
            if float(np.linalg.norm(parts / (1.0 + inverse / math.exp(middle)))) < rho:
                low = middle
            else:
                high = middle
    return math.exp(low)


def _decomposed(A: FloatArray, tolerance: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return U, s, V over the numerical rank."""
    if 0 in A.shape or not A.any():
        return np.empty((A.shape[0], 0)), np.empty(0), np.empty((A.shape[1], 0))
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    if s[-1] > _SAFE_RATIO * s[0]:
        return U, s, np.ascontiguousarray(Vt.T)
    rank = _numerical_rank(A, tolerance)
    if s[rank - 1] <= _SAFE_RATIO * s[0]:
        U, s, Vt = _graded(A, rank) or (U, s, Vt)
    return U[:, :rank], s[:rank], np.ascontiguousarray(Vt[:rank].T)


def _numerical_rank(A: FloatArray, tolerance: float) -> int:
    """Return the rank of A with rows and columns scaled to unit size by powers of two."""
    scaled = A
    for _ in range(3):
        scaled = scale(scaled, -size_exponents(scaled, 1)[:, None])
        scaled = scale(scaled, -size_exponents(scaled, 0)[None, :])
    s = np.linalg.svd(scaled, compute_uv=False)
    return int(np.count_nonzero(s > tolerance * s[0]))


def _graded(A: FloatArray, rank: int) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Return U, s, V^T by one-sided Jacobi rotations: small singular values of graded matrices keep their digits."""
    wide = A.shape[0] < A.shape[1]
    sigma, left, right, work, _, info = lapack.dgejsv(np.asfortranarray(A.T if wide else A), joba=2, jobu=0, jobv=0)
    s = sigma * (work[0] / work[1])
    if info != 0 or not np.all(np.isfinite(s)) or not np.all(s[:rank] > 0):
        return None
    return (right, s, left.T) if wide else (left, s, right.T)
