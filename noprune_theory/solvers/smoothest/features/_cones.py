"""Second-order cones: slack and dual vectors, their Nesterov-Todd scaling, and the steps that stay inside."""

from __future__ import annotations

import math

import numpy as np

from noprune_theory._types import BoolArray, FloatArray

TO_BOUNDARY = 0.99
Vectors = tuple[FloatArray, FloatArray]


class Cones:
    """Slack and dual vectors of second-order cones of one size, split as (head, tail), with their scaling.

    Arrays have shape (C,) and (C, m). A scaling maps x to beta (w0 x0 + w1 x1, x1 + (x0 + w1 x1 / (1 + w0)) w1).
    """

    def __init__(self, slack0: FloatArray, slack1: FloatArray, complementarity: float) -> None:
        self.slack0, self.slack1 = slack0, slack1
        # The dual point that is centred with the slack: complementarity times its Jordan inverse.
        factor = complementarity / determinant(slack0, slack1)
        self.dual0, self.dual1 = factor * slack0, -factor[:, None] * slack1

    def extend(self, others: Cones) -> None:
        """Append other cones of the same size."""
        self.slack0, self.slack1 = np.append(self.slack0, others.slack0), np.vstack([self.slack1, others.slack1])
        self.dual0, self.dual1 = np.append(self.dual0, others.dual0), np.vstack([self.dual1, others.dual1])

    def keep(self, kept: BoolArray) -> None:
        """Leave out the other cones."""
        self.slack0, self.slack1 = self.slack0[kept], self.slack1[kept]
        self.dual0, self.dual1 = self.dual0[kept], self.dual1[kept]

    def move(self, slack: Vectors, dual: Vectors, length: float) -> None:
        """Take a step."""
        self.slack0, self.slack1 = self.slack0 + length * slack[0], self.slack1 + length * slack[1]
        self.dual0, self.dual1 = self.dual0 + length * dual[0], self.dual1 + length * dual[1]

    def is_interior(self) -> bool:
        """Return whether all points lie inside their cones in floating point."""
        smallest = min(
            float(np.min(determinant(self.slack0, self.slack1))), float(np.min(determinant(self.dual0, self.dual1)))
        )
        return smallest > 0 and math.isfinite(smallest)

    def scale(self) -> None:
        """Compute the scaling at the current point, and the scaled point, common to slack and dual."""
        slack_root = np.sqrt(determinant(self.slack0, self.slack1))
        dual_root = np.sqrt(determinant(self.dual0, self.dual1))
        s0, s1 = self.slack0 / slack_root, self.slack1 / slack_root[:, None]
        z0, z1 = self.dual0 / dual_root, self.dual1 / dual_root[:, None]
        gamma = np.sqrt(0.5 * (1.0 + s0 * z0 + dot(s1, z1)))
        self.w1 = (s1 - z1) / (2 * gamma)[:, None]
        self.w0 = np.sqrt(1.0 + dot(self.w1, self.w1))
        self.beta = np.sqrt(slack_root / dual_root)
        self.point0, self.point1 = self.apply(self.dual0, self.dual1)

    def apply(self, x0: FloatArray, x1: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the scaling times x."""
        inner = dot(self.w1, x1)
        return self.beta * (self.w0 * x0 + inner), self.beta[:, None] * (
            x1 + (x0 + inner / (1.0 + self.w0))[:, None] * self.w1
        )

    def apply_inverse(self, x0: FloatArray, x1: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the inverse scaling times x."""
        inner = dot(self.w1, x1)
        return (self.w0 * x0 - inner) / self.beta, (x1 + (inner / (1.0 + self.w0) - x0)[:, None] * self.w1) / self.beta[
            :, None
        ]

    def divide(self, d0: FloatArray, d1: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return x with (scaled point) o x = d, o the Jordan product."""
        x0 = (self.point0 * d0 - dot(self.point1, d1)) / determinant(self.point0, self.point1)
        return x0, (d1 - x0[:, None] * self.point1) / self.point0[:, None]

    def complementarity(self) -> float:
        """Return the inner product of slack and dual."""
        return float(self.slack0 @ self.dual0 + np.sum(self.slack1 * self.dual1))


def dot(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ci,ci->c", a, b))


def determinant(x0: FloatArray, x1: FloatArray) -> FloatArray:
    """Return x0^2 - |x1|^2 as a product, which keeps the digits of points near the boundary."""
    tail = np.sqrt(dot(x1, x1))
    return np.asarray((x0 - tail) * (x0 + tail))


def longest_step(x0: FloatArray, x1: FloatArray, d0: FloatArray, d1: FloatArray) -> float:
    """Return the largest step in [0, 1 / 0.99] along d that stays in the cones."""
    a = d0 * d0 - dot(d1, d1)
    b = x0 * d0 - dot(x1, d1)
    c = determinant(x0, x1)
    discriminant = np.sqrt(np.maximum(b * b - a * c, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        # Smallest positive root of a x^2 + 2 b x + c, in the form that does not cancel.
        roots = np.where(b <= 0, c / (discriminant - b), (-b - discriminant) / a)
    roots = np.where((b * b - a * c >= 0) & (roots > 0), roots, np.inf)
    return float(min(np.min(roots), 1.0 / TO_BOUNDARY))
