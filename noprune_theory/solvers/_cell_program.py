"""The smoothest fit over finitely many linear regions: a second-order cone program, solved with its own certificate.

For activation patterns s_1, ..., s_C, W the directions and Phi the features, the program in (a, t) is::

    minimise t   subject to   |W^T diag(s_c) a| <= t  for all c,   |Phi a - y| <= radius.

It is solved by a primal-dual path-following method with Nesterov-Todd scaling and Mehrotra's corrector (the algorithm
of Andersen, Dahl, Liu & Vandenberghe 2011, "Interior-point methods for large-scale cone programming"); started from
weights that satisfy the loss constraint strictly, its iterates stay feasible. The Newton matrix is
(S^T diag(b) S) * (W W^T) plus one rank-one term a cell, so cells are never stored as matrices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, blas, cho_factor, cho_solve

from noprune_theory._types import FloatArray, IntArray

_EPSILON = float(np.finfo(np.float64).eps)
_MAXIMUM_STEPS = 60
_TO_BOUNDARY = 0.99
# Share of the dual weights spread evenly over all cells, so that the certificate's quadratic form has full rank.
_SPREAD = 1e-8
# Share of the largest dual weight below which a cell is left out of the certificate.
_NEGLIGIBLE = 1e-7


@dataclass(frozen=True)
class Multipliers:
    """A point of the dual: weights of the cells (>= 0, sum 1) and of the loss, and the bound t that they suggest."""

    cells: FloatArray
    loss: float


class CellProgram:
    """The program for a growing set of activation patterns.

    Parameters
    ----------
    directions : ndarray, shape (N, d)
    features : ndarray, shape (n, N)
    y : ndarray, shape (n,)
    radius : float
        Largest allowed |Phi a - y|.
    """

    def __init__(self, directions: FloatArray, features: FloatArray, y: FloatArray, radius: float) -> None:
        self.directions, self.features, self.y, self.radius = directions, features, y, radius
        self.inner = directions @ directions.T
        self.feature_gram = features.T @ features
        self.patterns: FloatArray = np.empty((0, len(directions)))

    def add(self, patterns: FloatArray) -> None:
        """Add activation patterns, one a row, as 0 and 1."""
        self.patterns = np.ascontiguousarray(np.vstack([self.patterns, patterns]))

    def gradients(self, weights: FloatArray) -> FloatArray:
        """Return W^T diag(s_c) a for every pattern, shape (C, d)."""
        return np.asarray((self.patterns * weights) @ self.directions)

    def pull_back(self, vectors: FloatArray) -> FloatArray:
        """Return diag(s_c) W v_c for a vector v_c a cell, shape (C, N)."""
        return np.asarray(self.patterns * (vectors @ self.directions.T))

    def solve(self, weights: FloatArray, gap: float) -> tuple[FloatArray, Multipliers]:
        """Return weights that are feasible, and multipliers, with relative duality gap about `gap`.

        `weights`, the start, must satisfy the loss constraint strictly.
        """
        iterate = _Iterate.start(self, weights)
        for _ in range(_MAXIMUM_STEPS):
            if iterate.complementarity() <= gap * iterate.bound and iterate.dual_defect() <= 0.1 * gap:
                break
            if not iterate.advance():
                break
        cells = iterate.cells.dual0 / np.sum(iterate.cells.dual0)
        return iterate.weights, Multipliers(cells, iterate.bound * float(iterate.loss.dual0[0]) / self.radius)

    def dual_bound(self, multipliers: Multipliers) -> float:
        """Return a number at most the least t of the program, rounding included, for any multipliers.

        For weights lambda of the cells (sum 1) and eta of the loss, t^2 is at least the minimum over a of
        |B a - b|^2 - eta radius^2, B the rows sqrt(lambda_c) W^T diag(s_c) and sqrt(eta) Phi, b = (0, sqrt(eta) y).
        At any a with residual r the least value of |B a - b|^2 is at least |r|^2 - |B^T r|^2 / sigma_min(B)^2.
        """
        shares = multipliers.cells
        # As a rule the cells that matter determine all weights; if not, all cells together do.
        for cells in (np.flatnonzero(shares > _NEGLIGIBLE * shares.max()), np.arange(len(shares))):
            spread = (1 - _SPREAD) * shares[cells] / np.sum(shares[cells]) + _SPREAD / len(cells)
            bound = self._dual_value(cells, spread, multipliers.loss)
            if bound is not None:
                return bound
        return 0.0

    def _dual_value(self, cells: IntArray, shares: FloatArray, eta: float) -> float | None:
        """Return the bound of `dual_bound`, or None if B has not full rank within rounding."""
        rows = np.sqrt(shares)[:, None, None] * self.patterns[cells][:, None, :] * self.directions.T
        stacked = np.vstack([rows.reshape(-1, len(self.directions)), np.sqrt(eta) * self.features])
        # Weights that nothing depends on.
        stacked = stacked[:, self.patterns.any(axis=0) | self.features.any(axis=0)]
        # Weights may be scaled at will; by powers of two no rounding comes in.
        stacked = np.ldexp(stacked, -np.frexp(np.linalg.norm(stacked, axis=0))[1])
        target = np.zeros(len(stacked))
        target[-len(self.y) :] = np.sqrt(eta) * self.y
        triangle: FloatArray = np.asarray(np.linalg.qr(np.column_stack([stacked, target]), mode="r"))
        width = stacked.shape[1]
        if len(triangle) < width:
            return None
        U, sigma, Vt = np.linalg.svd(triangle[:width, :width])
        rounding = 8 * np.sqrt(len(stacked) * width) * _EPSILON
        smallest = float(sigma[-1] - rounding * sigma[0])
        if smallest <= 0:
            return None
        best = Vt.T @ ((U.T @ triangle[:width, width]) / sigma)
        residual = stacked @ best - target
        size, defect = float(np.linalg.norm(residual)), float(np.linalg.norm(residual @ stacked))
        value = size**2 - eta * self.radius**2
        value -= ((defect + rounding * sigma[0] * size) / smallest) ** 2
        # Rounding of the residual itself, and of the two large terms that cancel in `value`.
        value -= rounding * (2 * size * float(sigma[0] * np.linalg.norm(best)) + size**2 + eta * self.radius**2)
        return float(np.sqrt(max(value, 0.0)) * (1 - 4 * _EPSILON))


class _Cones:
    """Slack and dual vectors of second-order cones of one size, split as (head, tail), with their scaling.

    Arrays have shape (C,) and (C, m). A scaling maps x to beta (w0 x0 + w1 x1, x1 + (x0 + w1 x1 / (1 + w0)) w1).
    """

    def __init__(self, slack0: FloatArray, slack1: FloatArray, complementarity: float) -> None:
        self.slack0, self.slack1 = slack0, slack1
        # The dual point that is centred with the slack: complementarity times its Jordan inverse.
        factor = complementarity / _determinant(slack0, slack1)
        self.dual0, self.dual1 = factor * slack0, -factor[:, None] * slack1

    def is_interior(self) -> bool:
        """Return whether all points lie inside their cones in floating point."""
        smallest = min(
            float(np.min(_determinant(self.slack0, self.slack1))), float(np.min(_determinant(self.dual0, self.dual1)))
        )
        return smallest > 0 and math.isfinite(smallest)

    def scale(self) -> None:
        """Compute the scaling at the current point, and the scaled point, common to slack and dual."""
        slack_root = np.sqrt(_determinant(self.slack0, self.slack1))
        dual_root = np.sqrt(_determinant(self.dual0, self.dual1))
        s0, s1 = self.slack0 / slack_root, self.slack1 / slack_root[:, None]
        z0, z1 = self.dual0 / dual_root, self.dual1 / dual_root[:, None]
        gamma = np.sqrt(0.5 * (1.0 + s0 * z0 + _dot(s1, z1)))
        self.w1 = (s1 - z1) / (2 * gamma)[:, None]
        self.w0 = np.sqrt(1.0 + _dot(self.w1, self.w1))
        self.beta = np.sqrt(slack_root / dual_root)
        self.point0, self.point1 = self.apply(self.dual0, self.dual1)

    def apply(self, x0: FloatArray, x1: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the scaling times x."""
        inner = _dot(self.w1, x1)
        return self.beta * (self.w0 * x0 + inner), self.beta[:, None] * (
            x1 + (x0 + inner / (1.0 + self.w0))[:, None] * self.w1
        )

    def apply_inverse(self, x0: FloatArray, x1: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the inverse scaling times x."""
        inner = _dot(self.w1, x1)
        return (self.w0 * x0 - inner) / self.beta, (x1 + (inner / (1.0 + self.w0) - x0)[:, None] * self.w1) / self.beta[
            :, None
        ]

    def divide(self, d0: FloatArray, d1: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return x with (scaled point) o x = d, o the Jordan product."""
        x0 = (self.point0 * d0 - _dot(self.point1, d1)) / _determinant(self.point0, self.point1)
        return x0, (d1 - x0[:, None] * self.point1) / self.point0[:, None]

    def complementarity(self) -> float:
        """Return the inner product of slack and dual."""
        return float(self.slack0 @ self.dual0 + np.sum(self.slack1 * self.dual1))


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ci,ci->c", a, b))


def _determinant(x0: FloatArray, x1: FloatArray) -> FloatArray:
    """Return x0^2 - |x1|^2 as a product, which keeps the digits of points near the boundary."""
    tail = np.sqrt(_dot(x1, x1))
    return np.asarray((x0 - tail) * (x0 + tail))


def _longest_step(x0: FloatArray, x1: FloatArray, d0: FloatArray, d1: FloatArray) -> float:
    """Return the largest step in [0, 1 / 0.99] along d that stays in the cones."""
    a = d0 * d0 - _dot(d1, d1)
    b = x0 * d0 - _dot(x1, d1)
    c = _determinant(x0, x1)
    discriminant = np.sqrt(np.maximum(b * b - a * c, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        # Smallest positive root of a x^2 + 2 b x + c, in the form that does not cancel.
        roots = np.where(b <= 0, c / (discriminant - b), (-b - discriminant) / a)
    roots = np.where((b * b - a * c >= 0) & (roots > 0), roots, np.inf)
    return float(min(np.min(roots), 1.0 / _TO_BOUNDARY))


Vectors = tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class _Step:
    """A direction of the iterate: weights, bound, and (slack, dual) directions of the cells and of the loss."""

    weights: FloatArray
    bound: float
    cones: tuple[tuple[Vectors, Vectors], tuple[Vectors, Vectors]]


class _Iterate:
    """A primal-dual point of the program: weights a, bound t, and the cones of the cells and of the loss."""

    def __init__(self, program: CellProgram, weights: FloatArray, bound: float, cells: _Cones, loss: _Cones) -> None:
        self.program, self.weights, self.bound = program, weights, bound
        self.cells, self.loss = cells, loss
        self.degree = len(program.patterns) + 1

    @classmethod
    def start(cls, program: CellProgram, weights: FloatArray) -> _Iterate:
        """Return the centred point over given weights."""
        gradients = program.gradients(weights)
        bound = 1.2 * float(np.sqrt(np.max(_dot(gradients, gradients))))
        residual = program.features @ weights - program.y
        mu = bound / (len(gradients) + 1)
        cells = _Cones(np.full(len(gradients), bound), gradients, mu)
        return cls(program, weights, bound, cells, _Cones(np.array([program.radius]), residual[None, :], mu))

    def complementarity(self) -> float:
        """Return the duality gap of a feasible pair."""
        return self.cells.complementarity() + self.loss.complementarity()

    def _dual_residual(self) -> tuple[FloatArray, float]:
        """Return the violation of the dual equations, in the weights and in t."""
        program = self.program
        pulled = np.sum(program.pull_back(self.cells.dual1), axis=0) + self.loss.dual1[0] @ program.features
        return -pulled, 1.0 - float(np.sum(self.cells.dual0))

    def dual_defect(self) -> float:
        """Return the violation of the dual equations, relative to their terms."""
        in_weights, in_bound = self._dual_residual()
        scale = float(np.linalg.norm(self.loss.dual1[0] @ self.program.features))
        return abs(in_bound) + float(np.linalg.norm(in_weights)) / scale

    def advance(self) -> bool:
        """Take one predictor-corrector step; False if it is too short to be of use."""
        both = (self.cells, self.loss)
        # As near to the boundary as rounding allows, the point reached stands; its bounds are evaluated apart.
        if not all(cones.is_interior() for cones in both):
            return False
        for cones in both:
            cones.scale()
        mu = self.complementarity() / self.degree
        try:
            matrix = _NewtonMatrix(self.program, self.cells, self.loss)
        except LinAlgError:
            return False
        # Predictor: the right-hand side -point o point divides to -point.
        affine = self._step(matrix, (-self.cells.point0, -self.cells.point1), (-self.loss.point0, -self.loss.point1))
        centring = (1.0 - min(1.0, self._longest(affine))) ** 3
        targets = []
        for cones, (slack, dual) in zip(both, affine.cones, strict=True):
            s0, s1 = cones.apply_inverse(*slack)
            z0, z1 = cones.apply(*dual)
            d0 = centring * mu - (cones.point0**2 + _dot(cones.point1, cones.point1)) - (s0 * z0 + _dot(s1, z1))
            d1 = -2 * cones.point0[:, None] * cones.point1 - (s0[:, None] * z1 + z0[:, None] * s1)
            targets.append(cones.divide(d0, d1))
        step = self._step(matrix, *targets)
        length = min(1.0, _TO_BOUNDARY * self._longest(step))
        self.weights = self.weights + length * step.weights
        self.bound += length * step.bound
        for cones, (slack, dual) in zip(both, step.cones, strict=True):
            cones.slack0, cones.slack1 = cones.slack0 + length * slack[0], cones.slack1 + length * slack[1]
            cones.dual0, cones.dual1 = cones.dual0 + length * dual[0], cones.dual1 + length * dual[1]
        return length > 1e-6

    def _longest(self, step: _Step) -> float:
        """Return the largest step that keeps all slacks and duals in their cones."""
        lengths = []
        for cones, (slack, dual) in zip((self.cells, self.loss), step.cones, strict=True):
            lengths.append(_longest_step(cones.slack0, cones.slack1, *slack))
            lengths.append(_longest_step(cones.dual0, cones.dual1, *dual))
        return min(lengths)

    def _step(self, matrix: _NewtonMatrix, cell_target: Vectors, loss_target: Vectors) -> _Step:
        """Return the Newton step for a right-hand side in scaled coordinates.

        With G x + s = h and scaling W: G dx - W^2 dz = -W target, since the primal equations hold exactly. Hence
        (G^T W^-2 G) dx = -r - G^T W^-1 target with the dual residual r, and dz = W^-1 (target + W^-1 G dx).
        """
        program, cells, loss = self.program, self.cells, self.loss
        in_weights, in_bound = self._dual_residual()
        c0, c1 = cells.apply_inverse(*cell_target)
        _, l1 = loss.apply_inverse(*loss_target)
        right = np.empty(len(in_weights) + 1)
        right[:-1] = -in_weights + np.sum(program.pull_back(c1), axis=0) + l1[0] @ program.features
        right[-1] = -in_bound + float(np.sum(c0))
        moved = matrix.solve(right)
        da, dt = moved[:-1], float(moved[-1])
        cell_slack: Vectors = (np.full(len(c0), dt), program.gradients(da))
        loss_slack: Vectors = (np.zeros(1), (program.features @ da)[None, :])
        cell_dual = _dual_step(cells, cell_target, cell_slack)
        loss_dual = _dual_step(loss, loss_target, loss_slack)
        return _Step(da, dt, ((cell_slack, cell_dual), (loss_slack, loss_dual)))


def _dual_step(cones: _Cones, target: Vectors, slack: Vectors) -> Vectors:
    """Return W^-1 (target - W^-1 ds) for a direction ds of the slack."""
    x0, x1 = cones.apply_inverse(*slack)
    return cones.apply_inverse(target[0] - x0, target[1] - x1)


class _NewtonMatrix:
    """G^T W^-2 G, factored; every cone has W^-2 = (2 q q^T - J) / beta^2 with q = (w0, -w1)."""

    def __init__(self, program: CellProgram, cells: _Cones, loss: _Cones) -> None:
        n_weights = len(program.directions)
        # Only the lower triangle is used; the rest is zero, since leftovers in memory could overflow when scaled.
        matrix = np.zeros((n_weights + 1, n_weights + 1), order="F")
        inverse = 1.0 / cells.beta
        masked = np.asfortranarray((program.patterns * inverse[:, None]).T)
        pulled = np.asfortranarray((program.pull_back(cells.w1) * (np.sqrt(2.0) * inverse)[:, None]).T)
        block = program.inner * blas.dsyrk(1.0, masked, lower=1) + blas.dsyrk(1.0, pulled, lower=1)
        loss_pulled = loss.w1[0] @ program.features
        block += (program.feature_gram + 2.0 * np.outer(loss_pulled, loss_pulled)) / float(loss.beta[0]) ** 2
        matrix[:-1, :-1] = block
        matrix[-1, :-1] = -(pulled @ (np.sqrt(2.0) * inverse * cells.w0))
        matrix[-1, -1] = float(np.sum(inverse**2 * (2.0 * cells.w0**2 - 1.0)))
        # Symmetric scaling to unit diagonal; a trace of ridge holds weights that nothing depends on.
        diagonal = np.diagonal(matrix).copy()
        self.root: FloatArray = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
        scaled = matrix * self.root[:, None] * self.root
        scaled[np.diag_indices_from(scaled)] += 1e-14
        self.factor = cho_factor(scaled, lower=True, check_finite=False)

    def solve(self, right: FloatArray) -> FloatArray:
        """Return the solution for one right-hand side; only the lower triangle was formed."""
        return np.asarray(self.root * cho_solve(self.factor, self.root * right, check_finite=False))
