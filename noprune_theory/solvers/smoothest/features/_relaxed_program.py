"""The fit whose LipSDP bound is smallest: a semidefinite program, for dimensions where regions cannot be listed.

The neuron-wise LipSDP bound (Fazlyab et al. 2019) of x -> sum_j a_j relu(<w_j, x> + b_j) is the least u^(1/2) with, for
some multipliers T = diag(t_1, ..., t_N)::

    L(a, t, u) = [[u I, W^T T, 0], [T W, 2 T, a], [0, a^T, 1]]  positive semidefinite.

L is linear in (a, t, u) together, so minimising the bound over the weights a = start + T x of a `FitSpace` as well is a
convex program. A logarithmic barrier is followed by Newton's method; all second derivatives are elementwise products of
blocks of L^-1.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from noprune_theory._types import FloatArray
from noprune_theory.solvers.smoothest.features.space import FitSpace

_GROWTH = 8.0
# Stages of the path; a program whose bound tends to zero has no relative gap to stop at.
_STAGES = 30
_NEWTON_STEPS = 40
_CENTRED = 0.1


def smallest_relaxed_weights(directions: FloatArray, space: FitSpace, gap: float) -> FloatArray:
    """Return weights of the space whose LipSDP bound is within about `gap` / 2 of the least one.

    The first rows of `directions` are those of the units, not zero; the bound does not see further weights. It is not
    returned: it is certified elsewhere.
    """
    program = _RelaxedProgram(directions, space)
    point = program.interior_point()
    order = sum(directions.shape) + 1 + space.bounded
    if not 0 < point[-1] < math.inf:
        return space.start
    sharpness = order / point[-1]
    # What leaves the range ends a stage.
    with np.errstate(all="ignore"):
        for _ in range(_STAGES):
            point = _centre(program, point, sharpness)
            if order / sharpness <= gap * point[-1]:
                break
            sharpness *= _GROWTH
    return program.weights(point)


def _centre(program: _RelaxedProgram, point: FloatArray, sharpness: float) -> FloatArray:
    """Minimise sharpness u - log det L - log(loss slack) from `point` = (x, t, u)."""
    value = program.barrier(point, sharpness)
    for _ in range(_NEWTON_STEPS):
        slope, hessian = program.derivatives(point, sharpness)
        diagonal = np.diagonal(hessian)
        # Rounding at the boundary: the point reached stands.
        if not (np.all(np.isfinite(hessian)) and np.all(diagonal > 0)):
            break
        root = 1.0 / np.sqrt(diagonal)
        scaled = hessian * root[:, None] * root
        scaled[np.diag_indices_from(scaled)] += 1e-13
        try:
            factor = cho_factor(scaled, lower=True, check_finite=False)
        except LinAlgError:
            break
        step = -root * cho_solve(factor, root * slope, check_finite=False)
        decrement = -float(slope @ step)
        if decrement <= _CENTRED:
            break
        length = 1.0
        while length > 1e-8:
            trial = program.barrier(point + length * step, sharpness)
            if trial <= value - 0.1 * length * decrement:
                break
            length *= 0.5
        else:
            break
        point, value = point + length * step, trial
    return point


class _RelaxedProgram:
    """Barrier, gradient and Hessian in (x, t, u)."""

    def __init__(self, directions: FloatArray, space: FitSpace) -> None:
        self.directions, self.space = directions, space
        self.stretch_gram = space.stretch.T @ space.stretch
        self.count, self.dimension = directions.shape
        # Weights of units without direction come last.
        self.basis = np.eye(len(space.start))[: self.count] if space.basis is None else space.basis[: self.count]

    def weights(self, point: FloatArray) -> FloatArray:
        """Return all weights at a point."""
        return np.asarray(self.space.start + self.space.moved(point[: self.space.dimension]))

    def interior_point(self) -> FloatArray:
        """Return (x, t, u) with L positive definite: sum a_j^2 / t_j = 1/2 at most, and u by the Schur complement."""
        W, weights = self.directions, self.space.start[: self.count]
        size = np.abs(weights) + 1e-3 * (float(np.abs(weights).max()) or 1.0)
        t = 2.0 * size * size.sum()
        center = 0.5 * weights @ W
        bound = 0.5 * (W.T * t) @ W + np.outer(center, center) / (1.0 - 0.5 * float(np.sum(weights**2 / t)))
        return np.concatenate([np.zeros(self.space.dimension), t, [2.0 * float(np.linalg.eigvalsh(bound)[-1])]])

    def matrix(self, point: FloatArray) -> FloatArray:
        """Return L, of order d + N + 1."""
        d, count = self.dimension, self.count
        a, t, u = self.weights(point)[:count], point[self.space.dimension : -1], point[-1]
        L = np.zeros((d + count + 1, d + count + 1))
        L[:d, :d] = u * np.eye(d)
        L[d:-1, :d] = t[:, None] * self.directions
        L[:d, d:-1] = L[d:-1, :d].T
        L[d:-1, d:-1] = np.diag(2.0 * t)
        L[d:-1, -1] = L[-1, d:-1] = a
        L[-1, -1] = 1.0
        return L

    def _loss(self, point: FloatArray) -> tuple[FloatArray, float]:
        """Return the residual, over the radius, and 1 - its square."""
        space = self.space
        residual = (space.misfit + space.stretch @ point[: space.dimension]) / space.radius
        return residual, 1.0 - float(residual @ residual)

    def barrier(self, point: FloatArray, sharpness: float) -> float:
        """Return the barrier function, infinite outside its domain."""
        slack = self._loss(point)[1] if self.space.bounded else 1.0
        if slack <= 0 or point[self.space.dimension :].min() <= 0:
            return math.inf
        try:
            factor = np.linalg.cholesky(self.matrix(point))
        except LinAlgError:
            return math.inf
        return float(sharpness * point[-1] - 2.0 * np.sum(np.log(np.diagonal(factor))) - math.log(slack))

    def derivatives(self, point: FloatArray, sharpness: float) -> tuple[FloatArray, FloatArray]:
        """Return gradient and Hessian of the barrier.

        dL/da_j = e_j f^T + f e_j^T and dL/dt_j = x_j e_j^T + e_j x_j^T, x_j = e_j + (w_j in the first block), f the
        last unit vector. With P = L^-1, tr(P (x y^T + y x^T) P (v z^T + z v^T)) = 2 (x P v)(y P z) + 2 (x P z)(y P v).
        """
        W, d, count, moves = self.directions, self.dimension, self.count, self.space.dimension
        P = np.linalg.inv(self.matrix(point))
        EE, Ef, ff = P[d:-1, d:-1], P[d:-1, -1], P[-1, -1]
        XE = W @ P[:d, d:-1] + EE
        XX = W @ P[:d, :d] @ W.T + XE + XE.T - EE
        Xf = W @ P[:d, -1] + Ef
        ED = P[d:-1, :d]
        XD = W @ P[:d, :d] + ED
        basis = self.basis
        slope = np.concatenate([-2.0 * Ef @ basis, -2.0 * np.diagonal(XE), [sharpness - float(np.trace(P[:d, :d]))]])
        hessian = np.empty((moves + count + 1, moves + count + 1))
        hessian[:moves, :moves] = basis.T @ (2.0 * (ff * EE + np.outer(Ef, Ef)) @ basis)
        hessian[moves:-1, moves:-1] = 2.0 * (XX * EE + XE * XE.T)
        hessian[:moves, moves:-1] = basis.T @ (2.0 * (XE.T * Ef + EE * Xf))
        hessian[:moves, -1] = basis.T @ (2.0 * ED @ P[:d, -1])
        hessian[moves:-1, -1] = 2.0 * np.einsum("jk,jk->j", XD, ED)
        hessian[-1, -1] = float(np.sum(P[:d, :d] ** 2))
        hessian[moves:-1, :moves] = hessian[:moves, moves:-1].T
        hessian[-1, :-1] = hessian[:-1, -1]
        if self.space.bounded:
            residual, slack = self._loss(point)
            pulled = residual @ self.space.stretch / self.space.radius
            slope[:moves] += (2.0 / slack) * pulled
            hessian[:moves, :moves] += (2.0 / slack) * self.stretch_gram / self.space.radius**2
            hessian[:moves, :moves] += (4.0 / slack**2) * np.outer(pulled, pulled)
        return slope, hessian
