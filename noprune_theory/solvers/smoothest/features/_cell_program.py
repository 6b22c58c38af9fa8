"""The smoothest fit over finitely many linear regions: a second-order cone program and its multipliers.

For activation patterns s_1, ..., s_C, W the directions and weights a = a_0 + T x of a `FitSpace`, the program in (x, t)
is::

    minimise t   subject to   |W^T diag(s_c) a| <= t  for all c,   |misfit + stretch x| <= radius,

the last one only where the space has it (the fit is prescribed exactly otherwise). It is solved by a primal-dual
path-following method with Nesterov-Todd scaling and Mehrotra's corrector (the algorithm of Andersen, Dahl, Liu &
Vandenberghe 2011, "Interior-point methods for large-scale cone programming"); started from weights that satisfy the
loss constraint strictly, its iterates stay feasible. Cells may come and go on the way: one that is added lies inside
its cone once t is above its slope, and gets the multiplier of the central path there. The Newton matrix is
T^T [(S^T diag(b) S) * (W W^T) + one rank-one term a cell] T, so cells are never stored as matrices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import LinAlgError, blas, cho_factor, cho_solve

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.solvers.smoothest.features._cones import TO_BOUNDARY, Cones, Vectors, dot, longest_step
from noprune_theory.solvers.smoothest.features.space import FitSpace

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

    def keep(self, kept: BoolArray) -> None:
        """Leave the other patterns out."""
        self.patterns = np.ascontiguousarray(self.patterns[kept])

    def gradients(self, weights: FloatArray) -> FloatArray:
        """Return W^T diag(s_c) a for every pattern, shape (C, d)."""
        return np.asarray((self.patterns * weights) @ self.directions)

    def pull_back(self, vectors: FloatArray) -> FloatArray:
        """Return diag(s_c) W v_c for a vector v_c a cell, shape (C, N)."""
        return np.asarray(self.patterns * (vectors @ self.directions.T))

    def steepest(self, weights: FloatArray) -> CellSolution:
        """Return weights that nothing can improve on, or one fit alone: the steepest cell has all the multipliers."""
        gradients = self.gradients(weights)
        slopes = np.sqrt(dot(gradients, gradients))
        cells = np.zeros(len(slopes))
        cells[int(np.argmax(slopes))] = 1.0
        pulled = np.sum(self.pull_back(cells[:, None] * gradients), axis=0)
        return CellSolution(weights, float(slopes.max()), cells, pulled, np.empty(0))


@dataclass(frozen=True)
class Step:
    """A direction of the path: weights, bound, (slack, dual) directions of each group of cones, and a length inside."""

    weights: FloatArray
    bound: float
    cones: tuple[tuple[Vectors, Vectors], ...]
    length: float = 1.0


class CellPath:
    """A primal-dual point of the program, and its way along the central path.

    Attributes
    ----------
    weights : ndarray, shape (N,)
    bound : float
        t, above the slopes of all cells of the program.
    """

    def __init__(self, program: CellProgram, weights: FloatArray, misfit: FloatArray, bound: float, gap: float) -> None:
        """Start at the centred point over weights with their misfit, inside the loss constraint; `gap` is relative."""
        space = program.space
        self.program, self.weights, self.bound = program, weights, bound
        gradients = program.gradients(weights)
        self.degree = len(gradients) + space.bounded
        mu = gap * bound / self.degree
        self.cells = Cones(np.full(len(gradients), bound), gradients, mu)
        self.loss = Cones(np.array([space.radius]), misfit[None, :], mu) if space.bounded else None
        self.cones = (self.cells,) if self.loss is None else (self.cells, self.loss)

    def solution(self) -> CellSolution:
        """Return weights and multipliers as they are."""
        total = np.sum(self.cells.dual0)
        pulled = -(self.bound / total) * np.sum(self.program.pull_back(self.cells.dual1), axis=0)
        loss = np.empty(0) if self.loss is None else (self.bound / total) * self.loss.dual1[0]
        return CellSolution(self.weights, self.bound, self.cells.dual0 / total, pulled, loss)

    # -- cells that come and go ----------------------------------------------------------------------------------------

    def add(self, patterns: FloatArray) -> None:
        """Add cells whose slopes are below the bound, with the multipliers of the central path."""
        mu = self.complementarity() / self.degree
        self.program.add(patterns)
        gradients = np.asarray((patterns * self.weights) @ self.program.directions)
        self.cells.extend(Cones(np.full(len(gradients), self.bound), gradients, mu))
        self.degree += len(patterns)

    def keep(self, kept: BoolArray) -> None:
        """Leave the other cells out."""
        self.program.keep(kept)
        self.cells.keep(kept)
        self.degree = len(self.cells.dual0) + self.program.space.bounded

    def idle(self, room: float) -> BoolArray:
        """Return which cells have slopes below `room` and multipliers far below the average."""
        slopes = np.sqrt(dot(self.cells.slack1, self.cells.slack1))
        return np.asarray((slopes < room) & (self.cells.dual0 < 0.1 / self.degree))

    def lift(self, bound: float) -> None:
        """Raise the bound."""
        self.cells.slack0 = self.cells.slack0 + (bound - self.bound)
        self.bound = bound

    def room(self, patterns: FloatArray, step: Step) -> float:
        """Return how far along a step the slopes of further cells stay below the bound."""
        here = (patterns * self.weights) @ self.program.directions
        along = (patterns * step.weights) @ self.program.directions
        count = len(patterns)
        return longest_step(np.full(count, self.bound), here, np.full(count, step.bound), along)

    # -- the path ------------------------------------------------------------------------------------------------------

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

    def gap(self) -> float:
        """Return the duality gap of a feasible pair, relative to the bound."""
        return self.complementarity() / self.bound

    def step(self) -> Step | None:
        """Return the predictor-corrector step from here; None as near to the boundary as rounding allows.

        The point reached stands then; its bounds are evaluated apart.
        """
        # What leaves the range makes a matrix or a step that is refused.
        with np.errstate(all="ignore"):
            if not all(cones.is_interior() for cones in self.cones):
                return None
            for cones in self.cones:
                cones.scale()
            if not all(np.all(np.isfinite(cones.point1)) for cones in self.cones):
                return None
            mu = self.complementarity() / self.degree
            try:
                matrix = _NewtonMatrix(self.program, self.cells, self.loss)
            except LinAlgError:
                return None
            # Predictor: the right-hand side -point o point divides to -point.
            affine = self._direction(matrix, [(-cones.point0, -cones.point1) for cones in self.cones])
            centring = (1.0 - min(1.0, self._longest(affine))) ** 3
            targets = []
            for cones, (slack, dual) in zip(self.cones, affine.cones, strict=True):
                s0, s1 = cones.apply_inverse(*slack)
                z0, z1 = cones.apply(*dual)
                d0 = centring * mu - (cones.point0**2 + dot(cones.point1, cones.point1)) - (s0 * z0 + dot(s1, z1))
                d1 = -2 * cones.point0[:, None] * cones.point1 - (s0[:, None] * z1 + z0[:, None] * s1)
                targets.append(cones.divide(d0, d1))
            step = self._direction(matrix, targets)
            length = min(1.0, TO_BOUNDARY * self._longest(step))
        if not (length > 0 and math.isfinite(step.bound) and np.all(np.isfinite(step.weights))):
            return None
        return replace(step, length=length)

    def move(self, step: Step, length: float) -> None:
        """Go along a step."""
        self.weights = self.weights + length * step.weights
        self.bound += length * step.bound
        for cones, (slack, dual) in zip(self.cones, step.cones, strict=True):
            cones.move(slack, dual, length)

    def _longest(self, step: Step) -> float:
        """Return the largest step that keeps all slacks and duals in their cones."""
        lengths = []
        for cones, (slack, dual) in zip(self.cones, step.cones, strict=True):
            lengths.append(longest_step(cones.slack0, cones.slack1, *slack))
            lengths.append(longest_step(cones.dual0, cones.dual1, *dual))
        return min(lengths)

    def _direction(self, matrix: _NewtonMatrix, targets: list[Vectors]) -> Step:
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
        return Step(da, dt, tuple((slack, _dual_step(cones, target, slack)) for cones, target, slack in steps))


def _dual_step(cones: Cones, target: Vectors, slack: Vectors) -> Vectors:
    """Return W^-1 (target - W^-1 ds) for a direction ds of the slack."""
    x0, x1 = cones.apply_inverse(*slack)
    return cones.apply_inverse(target[0] - x0, target[1] - x1)


class _NewtonMatrix:
    """G^T W^-2 G, factored; every cone has W^-2 = (2 q q^T - J) / beta^2 with q = (w0, -w1)."""

    def __init__(self, program: CellProgram, cells: Cones, loss: Cones | None) -> None:
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
