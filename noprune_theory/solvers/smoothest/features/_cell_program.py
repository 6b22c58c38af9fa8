"""The smoothest fit over finitely many linear regions: a second-order cone program and its multipliers.

For activation patterns s_1, ..., s_C, W the directions and weights a = a_0 + T x of a `FitSpace`, the program in (x, t)
is::

    minimise t   subject to   |W^T diag(s_c) a| <= t  for all c,   |misfit + stretch x| <= radius,

the last one only where the space has it (the fit is prescribed exactly otherwise). It is solved by a primal-dual
path-following method with Nesterov-Todd scaling and Mehrotra's corrector (the algorithm of Andersen, Dahl, Liu &
Vandenberghe 2011, "Interior-point methods for large-scale cone programming"); started from weights that satisfy the
loss constraint strictly, its iterates stay feasible. The Newton matrix is T^T [(S^T diag(b) S) * (W W^T) + one rank-one
term a cell] T, so cells are never stored as matrices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, blas, cho_factor, cho_solve

from noprune_theory._types import FloatArray
from noprune_theory.solvers.smoothest.features.space import FitSpace

_MAXIMUM_STEPS = 60
_TO_BOUNDARY = 0.99
# Tried one after another: where cells are few, rounding makes the matrix indefinite by about its order in units of it.
_RIDGES = (1e-14, 1e-12, 1e-10, 1e-8)


@dataclass(frozen=True, eq=False)
class CellSolution:
    """Weights and multipliers of the program over the known cells.

    Attributes
    ----------
    weights : ndarray, shape (N,)
    bound : float
        Their largest slope over the cells, up to the duality gap.
    cells : ndarray, shape (C,)
        Multipliers of the cells, >= 0 and of sum 1.
    pulled : ndarray, shape (N,)
        sum_c cells_c G_c^T G_c a at the optimum, G_c = W^T diag(s_c).
    loss : ndarray, shape (r,)
        nu with stretch^T nu = T^T pulled at the optimum.
    """

    weights: FloatArray
    bound: float
    cells: FloatArray
    pulled: FloatArray
    loss: FloatArray


class CellProgram:
    """The program for a growing set of activation patterns.

    Parameters
    ----------
    directions : ndarray, shape (N, d)
    space : FitSpace
    """

    def __init__(self, directions: FloatArray, space: FitSpace) -> None:
        self.directions, self.space = directions, space
        self.inner = directions @ directions.T
        self.stretch_gram = space.stretch.T @ space.stretch
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

    def solve(self, gap: float) -> CellSolution:
        """Return feasible weights and multipliers with relative duality gap about `gap`."""
        start = self.gradients(self.space.start)
        slopes = np.sqrt(_dot(start, start))
        steepest = float(slopes.max())
        if self.space.dimension == 0 or steepest == 0:
            # One fit alone, or one without slope: its steepest cell holds all the multipliers.
            cells = np.zeros(len(slopes))
            cells[int(np.argmax(slopes))] = 1.0
            pulled = np.sum(self.pull_back(cells[:, None] * start), axis=0)
            return CellSolution(self.space.start, steepest, cells, pulled, np.empty(0))
        iterate = _Iterate(self, start, 1.2 * steepest)
        # What leaves the range makes a matrix or a step that is refused.
        with np.errstate(all="ignore"):
            for _ in range(_MAXIMUM_STEPS):
                if iterate.complementarity() <= gap * iterate.bound and iterate.dual_defect() <= 0.1 * gap:
                    break
                if not iterate.advance():
                    break
        cells = iterate.cells.dual0 / np.sum(iterate.cells.dual0)
        pulled = -iterate.bound * np.sum(self.pull_back(iterate.cells.dual1), axis=0)
        loss = np.empty(0) if iterate.loss is None else iterate.bound * iterate.loss.dual1[0]
        return CellSolution(iterate.weights, iterate.bound, cells, pulled, loss)


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
    """A direction of the iterate: weights, bound, and (slack, dual) directions of each group of cones."""

    weights: FloatArray
    bound: float
    cones: tuple[tuple[Vectors, Vectors], ...]


class _Iterate:
    """A primal-dual point of the program: weights a, bound t, and the cones of the cells and of the loss."""

    def __init__(self, program: CellProgram, gradients: FloatArray, bound: float) -> None:
        """Start at the centred point over the start of the space, with the gradients of its cells."""
        space = program.space
        self.program, self.weights, self.bound = program, space.start, bound
        self.degree = len(gradients) + space.bounded
        mu = bound / self.degree
        self.cells = _Cones(np.full(len(gradients), bound), gradients, mu)
        self.loss = _Cones(np.array([space.radius]), space.misfit[None, :], mu) if space.bounded else None
        self.cones = (self.cells,) if self.loss is None else (self.cells, self.loss)

    def complementarity(self) -> float:
        """Return the duality gap of a feasible pair."""
        return sum(cones.complementarity() for cones in self.cones)

    def _dual_residual(self) -> tuple[FloatArray, float]:
        """Return the violation of the dual equations, in the coordinates and in t."""
        space = self.program.space
        pulled = space.gathered(np.sum(self.program.pull_back(self.cells.dual1), axis=0))
        if self.loss is not None:
            pulled = pulled + self.loss.dual1[0] @ space.stretch
        return -pulled, 1.0 - float(np.sum(self.cells.dual0))

    def dual_defect(self) -> float:
        """Return the violation of the dual equations, relative to their terms."""
        in_space, in_bound = self._dual_residual()
        scale = float(np.linalg.norm(np.sum(self.program.pull_back(self.cells.dual1), axis=0)))
        return abs(in_bound) + float(np.linalg.norm(in_space)) / max(scale, 1e-300)

    def advance(self) -> bool:
        """Take one predictor-corrector step; False if it is too short to be of use."""
        # As near to the boundary as rounding allows, the point reached stands; its bounds are evaluated apart.
        if not all(cones.is_interior() for cones in self.cones):
            return False
        for cones in self.cones:
            cones.scale()
        if not all(np.all(np.isfinite(cones.point1)) for cones in self.cones):
            return False
        mu = self.complementarity() / self.degree
        try:
            matrix = _NewtonMatrix(self.program, self.cells, self.loss)
        except LinAlgError:
            return False
        # Predictor: the right-hand side -point o point divides to -point.
        affine = self._step(matrix, [(-cones.point0, -cones.point1) for cones in self.cones])
        centring = (1.0 - min(1.0, self._longest(affine))) ** 3
        targets = []
        for cones, (slack, dual) in zip(self.cones, affine.cones, strict=True):
            s0, s1 = cones.apply_inverse(*slack)
            z0, z1 = cones.apply(*dual)
            d0 = centring * mu - (cones.point0**2 + _dot(cones.point1, cones.point1)) - (s0 * z0 + _dot(s1, z1))
            d1 = -2 * cones.point0[:, None] * cones.point1 - (s0[:, None] * z1 + z0[:, None] * s1)
            targets.append(cones.divide(d0, d1))
        step = self._step(matrix, targets)
        length = min(1.0, _TO_BOUNDARY * self._longest(step))
        if not (length > 0 and math.isfinite(step.bound) and np.all(np.isfinite(step.weights))):
            return False
        self.weights = self.weights + length * step.weights
        self.bound += length * step.bound
        for cones, (slack, dual) in zip(self.cones, step.cones, strict=True):
            cones.slack0, cones.slack1 = cones.slack0 + length * slack[0], cones.slack1 + length * slack[1]
            cones.dual0, cones.dual1 = cones.dual0 + length * dual[0], cones.dual1 + length * dual[1]
        return length > 1e-6

    def _longest(self, step: _Step) -> float:
        """Return the largest step that keeps all slacks and duals in their cones."""
        lengths = []
        for cones, (slack, dual) in zip(self.cones, step.cones, strict=True):
            lengths.append(_longest_step(cones.slack0, cones.slack1, *slack))
            lengths.append(_longest_step(cones.dual0, cones.dual1, *dual))
        return min(lengths)

    def _step(self, matrix: _NewtonMatrix, targets: list[Vectors]) -> _Step:
        """Return the Newton step for right-hand sides in scaled coordinates, one for each group of cones.

        With G x + s = h and scaling W: G dx - W^2 dz = -W target, since the primal equations hold exactly. Hence
        (G^T W^-2 G) dx = -r - G^T W^-1 target with the dual residual r, and dz = W^-1 (target + W^-1 G dx).
        """
        program, space = self.program, self.program.space
        in_space, in_bound = self._dual_residual()
        c0, c1 = self.cells.apply_inverse(*targets[0])
        right = np.empty(len(in_space) + 1)
        right[:-1] = -in_space + space.gathered(np.sum(program.pull_back(c1), axis=0))
        right[-1] = -in_bound + float(np.sum(c0))
        if self.loss is not None:
            right[:-1] += self.loss.apply_inverse(*targets[1])[1][0] @ space.stretch
        moved = matrix.solve(right)
        da, dt = space.moved(moved[:-1]), float(moved[-1])
        slacks: list[Vectors] = [(np.full(len(c0), dt), program.gradients(da))]
        if self.loss is not None:
            slacks.append((np.zeros(1), (space.stretch @ moved[:-1])[None, :]))
        steps = zip(self.cones, targets, slacks, strict=True)
        return _Step(da, dt, tuple((slack, _dual_step(cones, target, slack)) for cones, target, slack in steps))


def _dual_step(cones: _Cones, target: Vectors, slack: Vectors) -> Vectors:
    """Return W^-1 (target - W^-1 ds) for a direction ds of the slack."""
    x0, x1 = cones.apply_inverse(*slack)
    return cones.apply_inverse(target[0] - x0, target[1] - x1)


class _NewtonMatrix:
    """G^T W^-2 G, factored; every cone has W^-2 = (2 q q^T - J) / beta^2 with q = (w0, -w1)."""

    def __init__(self, program: CellProgram, cells: _Cones, loss: _Cones | None) -> None:
        space = program.space
        count = space.dimension
        # Only the lower triangle is used; the rest is zero, since leftovers in memory could overflow when scaled.
        matrix = np.zeros((count + 1, count + 1), order="F")
        inverse = 1.0 / cells.beta
        masked = np.asfortranarray((program.patterns * inverse[:, None]).T)
        pulled = np.asfortranarray((program.pull_back(cells.w1) * (np.sqrt(2.0) * inverse)[:, None]).T)
        block = program.inner * blas.dsyrk(1.0, masked, lower=1) + blas.dsyrk(1.0, pulled, lower=1)
        if space.basis is not None:
            block += np.tril(block, -1).T
            block = space.compressed(block)
        if loss is not None:
            loss_pulled = loss.w1[0] @ space.stretch
            block += (program.stretch_gram + 2.0 * np.outer(loss_pulled, loss_pulled)) / float(loss.beta[0]) ** 2
        matrix[:-1, :-1] = block
        matrix[-1, :-1] = -space.gathered(pulled @ (np.sqrt(2.0) * inverse * cells.w0))
        matrix[-1, -1] = float(np.sum(inverse**2 * (2.0 * cells.w0**2 - 1.0)))
        # Symmetric scaling to unit diagonal.
        diagonal = np.diagonal(matrix).copy()
        self.root: FloatArray = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
        scaled = matrix * self.root[:, None] * self.root
        self.factor = _factored(scaled)

    def solve(self, right: FloatArray) -> FloatArray:
        """Return the solution for one right-hand side; only the lower triangle was formed."""
        return np.asarray(self.root * cho_solve(self.factor, self.root * right, check_finite=False))


def _factored(matrix: FloatArray) -> tuple[FloatArray, bool]:
    """Return the Cholesky factor of a matrix of unit diagonal with a trace of ridge, which holds what nothing sees."""
    if not np.all(np.isfinite(matrix)):
        raise LinAlgError("the Newton matrix is not finite")
    for ridge in _RIDGES:
        shifted = matrix.copy(order="F")
        shifted[np.diag_indices_from(shifted)] += ridge
        try:
            factor, lower = cho_factor(shifted, lower=True, overwrite_a=True, check_finite=False)
        except LinAlgError:
            continue
        return factor, lower
    raise LinAlgError("the Newton matrix is not positive definite")
