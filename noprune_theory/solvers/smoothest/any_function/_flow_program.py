"""The smallest slope over given pairs of nodes whose values stay in a ball: a primal-dual interior-point method.

With unit budget, nodes v of weight omega_v and base slopes c_k over pairs k = (i, j)::

    minimise l  over u, l   subject to   s_k = l - c_k - a_k (u_i - u_j) >= 0   and
                                         f = (f_0 - sum_v omega_v u_v (2 q_v + u_v)) / 2 >= 0.

Stationarity: sum_k lambda_k = 1 and A^T lambda + eta omega (u + q) = 0, where A^T lambda are the net flows of the
multipliers. A Newton step solves a graph Laplacian plus a diagonal, bordered by two columns (l, and the ball).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.solvers.smoothest.any_function._forest_kernels import (
    forest_pivots,
    heaviest_forest,
    solve_laplacian,
)

_STEPS = 60
_TO_THE_BOUNDARY = 0.99
_ACCURACY = 1e-11
_GRADIENT_STEPS = 500
# Relative error of the dual constraints at which a solution may stop.
_FEASIBLE = 1e-8


class Solution(NamedTuple):
    """Values, slope and multipliers of a strictly feasible point near the optimum."""

    values: FloatArray
    slope: float
    multipliers: FloatArray
    ball_multiplier: float


class _Direction(NamedTuple):
    values: FloatArray
    slope: float
    slacks: FloatArray
    multipliers: FloatArray
    ball: float


class _Laplacian:
    """Systems in one graph Laplacian plus a positive diagonal."""

    def __init__(self, first: IntArray, second: IntArray, weights: FloatArray, diagonal: FloatArray) -> None:
        order = np.argsort(-weights, kind="stable")
        nodes, parents, up, loose = heaviest_forest(first, second, weights, order, diagonal.size)
        pivots = forest_pivots(nodes, parents, up, diagonal + loose)
        self._arguments = (first, second, weights, diagonal, nodes, parents, up, pivots)

    def solve(self, right: FloatArray) -> FloatArray:
        return np.asarray(solve_laplacian(*self._arguments, right, _ACCURACY, _GRADIENT_STEPS))


class FlowProgram:
    """One set of pairs; the data above.

    Parameters
    ----------
    first, second : ndarray of int, shape (m,)
        Nodes i and j of every pair; each pair should stand there in both orders.
    base_slopes, coefficients : ndarray, shape (m,)
        c_k and a_k > 0.
    weights, offset : ndarray, shape (N,)
        omega > 0 and q.
    room : float
        f_0.
    """

    def __init__(
        self,
        first: IntArray,
        second: IntArray,
        base_slopes: FloatArray,
        coefficients: FloatArray,
        weights: FloatArray,
        offset: FloatArray,
        room: float,
    ) -> None:
        self.first, self.second = first, second
        self.base_slopes, self.coefficients = base_slopes, coefficients
        self.weights, self.offset, self.room = weights, offset, room
        low, high = np.minimum(first, second), np.maximum(first, second)
        edges, self._edge = np.unique(low * weights.size + high, return_inverse=True)
        self._low, self._high = edges // weights.size, edges % weights.size

    def slopes(self, values: FloatArray) -> FloatArray:
        """Return the slopes of all pairs, shape (m,)."""
        return self.base_slopes + self._differences(values)

    def ball(self, values: FloatArray) -> float:
        """Return f."""
        return 0.5 * (self.room - float(np.dot(self.weights * values, 2.0 * self.offset + values)))

    def _differences(self, values: FloatArray) -> FloatArray:
        return np.asarray(self.coefficients * (values[self.first] - values[self.second]))

    def _net(self, multipliers: FloatArray) -> FloatArray:
        """Return A^T multipliers, shape (N,)."""
        flows, n = self.coefficients * multipliers, self.weights.size
        return np.asarray(np.bincount(self.first, flows, n) - np.bincount(self.second, flows, n))

    def dual_slope(self, multipliers: FloatArray) -> float:
        """Return the lower bound on the slope that multipliers >= 0 give, in floating point.

        Over the ball, sum_k lambda_k (c_k + a_k (u_i - u_j)) is smallest along the net flows.
        """
        net = self._net(multipliers)
        radius = math.sqrt(max(0.0, self.room + float(np.dot(self.weights * self.offset, self.offset))))
        least = float(multipliers @ self.base_slopes) - float(net @ self.offset)
        return (least - radius * float(np.linalg.norm(net / np.sqrt(self.weights)))) / float(np.sum(multipliers))

    def solve(self, values: FloatArray, slope: float, gap: float) -> Solution:
        """Return a point whose slope is relatively within about `gap` of the smallest one.

        Parameters
        ----------
        values : ndarray, shape (N,)
            With f > 0.
        slope : float
            Above all slopes of `values`.
        gap : float
        """
        # Near the end, or on data of very different sizes, numbers leave the range: the last good point is the answer.
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            return self._descend(values, slope, gap)

    def _descend(self, values: FloatArray, slope: float, gap: float) -> Solution:
        slacks = slope - self.slopes(values)
        ball = self.ball(values)
        total = float(np.sum(1.0 / slacks))
        multipliers = 1.0 / (slacks * total)
        eta = 1.0 / (total * ball)
        best = Solution(values, slope, multipliers, eta)
        for _ in range(_STEPS):
            gradient = self.weights * (values + self.offset)
            net = self._net(multipliers)
            misfit = -(net + eta * gradient)
            missing = 1.0 - float(np.sum(multipliers))
            complementarity = float(multipliers @ slacks) + eta * ball
            feasible = abs(missing) < _FEASIBLE and np.linalg.norm(misfit) <= _FEASIBLE * np.linalg.norm(net)
            if feasible and complementarity <= gap * slope:
                break
            step = self._step(slacks, ball, multipliers, eta, gradient, misfit, missing, complementarity)
            if step is None:
                break
            direction, primal, dual = step
            values = values + primal * direction.values
            slope = slope + primal * direction.slope
            multipliers = multipliers + dual * direction.multipliers
            eta = eta + dual * direction.ball
            slacks, ball = slope - self.slopes(values), self.ball(values)
            # Rounding ends the method where slacks or the ball are no longer resolved.
            if not (slacks.min() > 0 and ball > 0 and multipliers.min() > 0 and 0 < eta < math.inf):
                break
            best = Solution(values, slope, multipliers, eta)
        return best

    def _step(
        self,
        slacks: FloatArray,
        ball: float,
        multipliers: FloatArray,
        eta: float,
        gradient: FloatArray,
        misfit: FloatArray,
        missing: float,
        complementarity: float,
    ) -> tuple[_Direction, float, float] | None:
        """Return a predictor-corrector direction and the primal and dual lengths of the step (Mehrotra 1992)."""
        weights = multipliers / slacks
        conductance: FloatArray = np.bincount(self._edge, weights * self.coefficients**2, self._low.size) * 1.0
        laplacian = _Laplacian(self._low, self._high, conductance, eta * self.weights)
        border = np.column_stack([gradient, -self._net(weights)])
        inverse_border = np.column_stack([laplacian.solve(border[:, 0]), laplacian.solve(border[:, 1])])
        corner = np.array([[-ball / eta, 0.0], [0.0, float(np.sum(weights))]]) - border.T @ inverse_border
        if not np.isfinite(corner).all() or np.linalg.det(corner) == 0:
            return None

        def direction(targets: FloatArray, ball_target: float) -> _Direction:
            """Solve multipliers d(slacks) + slacks d(multipliers) = targets, and the same for the ball."""
            right = misfit - self._net(targets / slacks) - gradient * (ball_target / ball)
            values = laplacian.solve(right)
            lower = np.array([0.0, float(np.sum(targets / slacks)) - missing]) - border.T @ values
            _, slope = last = np.linalg.solve(corner, lower)
            values = values - inverse_border @ last
            change = slope - self._differences(values)
            return _Direction(
                values,
                float(slope),
                change,
                (targets - multipliers * change) / slacks,
                (ball_target + eta * float(gradient @ values)) / ball,
            )

        def lengths(step: _Direction) -> tuple[float, float]:
            """Return the largest lengths <= 1 that stay feasible."""
            primal = _length(slacks, step.slacks)
            square = 0.5 * float(np.dot(self.weights * step.values, step.values))
            descent = float(gradient @ step.values)
            root = math.sqrt(descent * descent + 4.0 * square * ball)
            if descent + root > 0:
                primal = min(primal, 2.0 * ball / (descent + root))
            return primal, min(_length(multipliers, step.multipliers), _length(np.array([eta]), np.array([step.ball])))

        affine = direction(-multipliers * slacks, -eta * ball)
        if not np.isfinite(affine.values).all():
            return None
        primal, dual = lengths(affine)
        bend = 0.5 * float(np.dot(self.weights * affine.values, affine.values))
        fall = -float(gradient @ affine.values)
        reached = float((multipliers + dual * affine.multipliers) @ (slacks + primal * affine.slacks))
        reached += (eta + dual * affine.ball) * max(0.0, ball + primal * (fall - primal * bend))
        share = min(1.0, reached / complementarity)
        centre = share * share * share * complementarity / (multipliers.size + 1)
        corrected = direction(
            centre - multipliers * slacks - affine.slacks * affine.multipliers,
            centre - eta * ball - fall * affine.ball + eta * bend,
        )
        if not (np.isfinite(corrected.values).all() and np.isfinite(corrected.multipliers).all()):
            return None
        primal, dual = lengths(corrected)
        return corrected, min(1.0, _TO_THE_BOUNDARY * primal), min(1.0, _TO_THE_BOUNDARY * dual)


def _length(values: FloatArray, changes: FloatArray) -> float:
    """Return the largest t <= 1 with values + t changes >= 0."""
    falling = changes < 0
    return min(1.0, float(np.min(-values[falling] / changes[falling], initial=1.0)))
