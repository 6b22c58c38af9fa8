"""The set of fits that a program varies over, in coordinates in which it is well conditioned at every loss level."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from noprune_theory._types import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class FitSpace:
    """Weights a = start + basis x with |misfit + stretch x| <= radius.

    Attributes
    ----------
    start : ndarray, shape (N,)
        Weights that meet the level, strictly where there is a radius.
    basis : ndarray, shape (N, k), or None
        None for the identity.
    misfit : ndarray, shape (r,)
        Residual of `start` in the part of the sample space that the features reach; empty where the fit is prescribed
        exactly (all x are allowed then).
    stretch : ndarray, shape (r, k)
    radius : float
    """

    start: FloatArray
    basis: FloatArray | None
    misfit: FloatArray
    stretch: FloatArray
    radius: float

    @property
    def dimension(self) -> int:
        """Number k of coordinates."""
        return len(self.start) if self.basis is None else self.basis.shape[1]

    @property
    def bounded(self) -> bool:
        """Whether the residual is a constraint of its own."""
        return self.misfit.size > 0

    def embedded(self, columns: IntArray, count: int) -> FitSpace:
        """Return the space among `count` weights of which those off `columns` are 0."""
        start = np.zeros(count)
        start[columns] = self.start
        basis = np.zeros((count, self.dimension))
        basis[columns] = np.eye(self.dimension) if self.basis is None else self.basis
        return FitSpace(start, basis, self.misfit, self.stretch, self.radius)

    def moved(self, x: FloatArray) -> FloatArray:
        """Return the change of the weights, basis x."""
        return x if self.basis is None else np.asarray(self.basis @ x)

    def gathered(self, slope: FloatArray) -> FloatArray:
        """Return the derivatives in x, basis^T slope, from those in the weights (N,)."""
        return slope if self.basis is None else np.asarray(slope @ self.basis)

    def compressed(self, matrix: FloatArray) -> FloatArray:
        """Return basis^T matrix basis for a symmetric matrix (N, N)."""
        return matrix if self.basis is None else np.asarray(self.basis.T @ (matrix @ self.basis))

    def towards(self, weights: FloatArray, share: float) -> tuple[FloatArray, FloatArray]:
        """Return weights on the way from the start to those given, as far as `share` of the radius, and their residual.

        Weights that are not in the space count by their projection; columns of a basis are orthogonal.
        """
        x = weights - self.start
        if self.basis is not None:
            x = (x @ self.basis) / np.sum(self.basis**2, axis=0)
        step = self.stretch @ x
        length = 1.0
        if self.bounded:
            # |misfit + length step| = share radius.
            a, b = float(step @ step), float(self.misfit @ step)
            c = float(self.misfit @ self.misfit) - (share * self.radius) ** 2
            if a + 2 * b + c > 0:
                length = 0.0 if c > 0 else -c / (b + math.sqrt(b * b - a * c))
        return self.start + length * self.moved(x), self.misfit + length * step
