"""Right answers for tiny ReLU networks: all activation patterns, each decided by z3 in exact rationals.

Balls are the exception: the distance of a region from the centre comes from projections on all of its faces.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import z3


def largest_norm(weights, biases, ball=None, box=None, touching=False):
    """Largest spectral norm of the Jacobian over the regions that meet the domain; float64.

    Regions are open, and so is the domain, unless `touching`: then closed regions count that meet the closed domain
    and have an interior anywhere.
    """
    return _Search(weights, biases, ball, box, touching).layer(0, _unit_maps(weights[0].shape[1]), [])


def _unit_maps(dimension):
    """The inputs as linear forms of (x, 1)."""
    return [[Fraction(int(i == k)) for k in range(dimension + 1)] for i in range(dimension)]


class _Search:
    def __init__(self, weights, biases, ball, box, touching):
        self.weights = [[[Fraction(float(w)) for w in row] for row in W] for W in weights]
        self.biases = [[Fraction(float(b)) for b in shift] for shift in biases]
        self.ball, self.touching = ball, touching
        self.x = [z3.Real(f"x{i}") for i in range(weights[0].shape[1])]
        self.solver, self.elsewhere = z3.Solver(), z3.Solver()
        if box is not None:
            for k, (low, high) in enumerate(zip(*box, strict=True)):
                axis = [Fraction(int(i == k)) for i in range(len(self.x))]
                self.side([*axis, -Fraction(float(low))], [self.solver], not touching)
                self.side([*(-a for a in axis), Fraction(float(high))], [self.solver], not touching)

    def side(self, row, solvers, strict):
        value = z3.Sum(*[z3.Q(a.numerator, a.denominator) * v for a, v in zip(row, [*self.x, z3.Q(1, 1)], strict=True)])
        for solver in solvers:
            solver.add(value > 0 if strict else value >= 0)

    def layer(self, index, maps, rows):
        """Largest norm over the regions of a part of the domain, on which the inputs of a layer are linear."""
        W = self.weights[index]
        pre = [[sum(w * m[k] for w, m in zip(row, maps, strict=True)) for k in range(len(self.x) + 1)] for row in W]
        if index + 1 == len(self.weights):
            if self.ball is not None and not _within(np.array(rows, dtype=float), *self.ball):
                return 0.0
            return float(np.linalg.norm(np.array([row[:-1] for row in pre], dtype=float), 2))
        for row, b in zip(pre, self.biases[index], strict=True):
            row[-1] += b
        return self.unit(index, pre, [], rows)

    def unit(self, index, pre, done, rows):
        if len(done) == len(pre):
            return self.layer(index + 1, done, rows)
        row = pre[len(done)]
        zero = [Fraction(0)] * len(row)
        if not any(row[:-1]):
            # A constant unit has one phase.
            return self.unit(index, pre, [*done, row if row[-1] > 0 else zero], rows)
        best = 0.0
        for sign in (1, -1):
            signed = [sign * a for a in row]
            self.solver.push()
            self.elsewhere.push()
            self.side(signed, [self.solver], not self.touching)
            self.side(signed, [self.elsewhere], True)
            if self.solver.check() == z3.sat and (not self.touching or self.elsewhere.check() == z3.sat):
                best = max(best, self.unit(index, pre, [*done, row if sign > 0 else zero], [*rows, signed]))
            self.solver.pop()
            self.elsewhere.pop()
        return best


def _within(rows, center, radius):
    """Whether the ball meets { x : rows (x, 1) >= 0 }, which has an interior."""
    if len(rows) == 0:
        return True
    A, b = rows[:, :-1], rows[:, -1] + rows[:, :-1] @ center
    for size in range(min(len(center), len(b)) + 1):
        for chosen in map(list, combinations(range(len(b)), size)):
            u = np.linalg.lstsq(A[chosen], -b[chosen], rcond=None)[0] if chosen else np.zeros(len(center))
            if np.linalg.norm(u) < radius * (1 + 1e-12) and (A @ u + b > -1e-9 * (1 + np.abs(b))).all():
                return True
    return False
