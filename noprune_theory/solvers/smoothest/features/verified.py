"""Bounds for least-squares problems with full column rank, valid for every matrix within rounding of the one given.

Let B have a triangular factor R with approximate inverse X. Whatever X is, B X is a matrix that can be formed, and the
distance delta of its Gram matrix from the identity bounded, rounding included (Rump 2010, "Verification methods"). If
delta < 1, then B has full column rank, and with g = B^T (B a - b) for any a at all::

    min_z |B z - b|^2 = |B a - b|^2 - g^T (B^T B)^-1 g >= |B a - b|^2 - |X^T g|^2 / (1 - delta).
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import qr, solve_triangular

from noprune_theory._scaling import scale, size_exponents
from noprune_theory._types import FloatArray
from noprune_theory.lipschitz._rounding import norm_bounds
from noprune_theory.solvers.smoothest.features.problem import EPSILON, TINY

# Beyond this distance from the identity the bounds would be of no use.
_LARGEST_DEFECT = 0.5
# Pivots below this share of the largest are left out where the rank is not certain.
_TRUNCATED = 1e-12


class VerifiedFactor:
    """A full-rank factorisation of every B* with |B* - B| <= relative |B| + absolute, entrywise.

    Attributes
    ----------
    inverse : ndarray, shape (k, k)
        X, with (B* X)^T (B* X) within `defect` of the identity. Where the rank is not certain, of shape (k, r), and
        over columns that are independent by far: good for solutions, not for bounds.
    image : ndarray, shape (m, k)
        B X in floating point; |B* X - image| <= `image_error` in the Frobenius norm.
    """

    def __init__(self, B: FloatArray, relative: float, absolute: FloatArray | float) -> None:
        self.B, self.relative, self.absolute = B, relative, absolute
        m, k = B.shape
        self.inverse: FloatArray = np.empty((k, k))
        self.image: FloatArray = np.empty((m, k))
        self.image_error = self.defect = math.inf
        self.image_size = 0.0
        self.triangle: FloatArray | None = None
        if m >= k:
            self._factor()
        if not self.holds:
            self._truncate()

    def _factor(self) -> None:
        """Form X from a triangular factor, and bound how far it is from exact."""
        B, (m, k) = self.B, self.B.shape
        triangle: FloatArray = np.asarray(np.linalg.qr(B, mode="r")) if k else np.empty((0, 0))
        self.triangle = triangle if np.all(np.isfinite(triangle)) else None
        diagonal = np.abs(np.diagonal(triangle))
        if k and not diagonal.min() > 1e-200 * diagonal.max():
            return
        with np.errstate(over="ignore", invalid="ignore"):
            self.inverse = solve_triangular(triangle, np.eye(k), check_finite=False) if k else triangle
            self.image = B @ self.inverse
            entries = ((k + 4) * EPSILON + self.relative) * (np.abs(B) @ np.abs(self.inverse))
            if np.any(self.absolute):
                entries += np.broadcast_to(np.asarray(self.absolute), B.shape) @ np.abs(self.inverse)
            error = float(np.linalg.norm(entries)) * (1 + 1e-12) + TINY
            size = float(np.linalg.norm(self.image)) * (1 + 1e-12)
            gram = float(np.linalg.norm(self.image.T @ self.image - np.eye(k)))
            defect = (gram + 2 * size * error + error**2 + (m + 4) * EPSILON * size**2) * (1 + 1e-9)
        if math.isfinite(defect):
            self.image_error, self.defect, self.image_size = error, defect, size

    def _truncate(self) -> None:
        """Form X over columns that are independent for certain, by a triangular factor with pivots."""
        small = self.B if self.triangle is None else self.triangle
        self.inverse, self.image = np.zeros((self.B.shape[1], 0)), np.empty((len(self.B), 0))
        if small.any():
            exponents = size_exponents(small, 0)
            triangle, order = qr(scale(small, -exponents), mode="r", pivoting=True, check_finite=False)
            diagonal = np.abs(np.diagonal(triangle))
            rank = int(np.count_nonzero(diagonal > _TRUNCATED * diagonal.max()))
            self.inverse = np.zeros((len(order), rank))
            self.inverse[order[:rank]] = solve_triangular(triangle[:rank, :rank], np.eye(rank), check_finite=False)
            # Of columns near one and weights for them: neither leaves the range.
            self.image = scale(self.B, -exponents) @ self.inverse
            self.inverse = scale(self.inverse, -exponents[:, None])

    @property
    def holds(self) -> bool:
        """Whether B* is known to have full column rank."""
        return self.defect < _LARGEST_DEFECT

    def solution(self, b: FloatArray) -> FloatArray:
        """Return an approximate minimiser of |B a - b|, once refined; a short one where there are many."""
        a: FloatArray = self.inverse @ (b @ self.image)
        return np.asarray(a - self.inverse @ ((self.B @ a - b) @ self.image))

    def projected(self, residual: FloatArray, error: float) -> float:
        """Return at least |(B* X)^T r*| for a residual r* within `error` of the one given."""
        size = float(np.linalg.norm(residual)) * (1 + 1e-12)
        own = float(np.linalg.norm(residual @ self.image))
        own += (len(self.B) + 4) * EPSILON * self.image_size * size
        return (own + self.image_error * (size + error) + math.sqrt(1 + self.defect) * error) * (1 + 1e-12)

    def least_square(self, residual: FloatArray, error: float) -> float:
        """Return at most min |B* a - b|^2, from a residual within `error` of B* a - b for some a; -inf unless `holds`.

        The residual counts as it is: the nearer a to the minimiser (`solution`), the better the bound.
        """
        if not self.holds:
            return -math.inf
        size = max(0.0, norm_bounds(residual)[0] - error)
        return size**2 * (1 - 2 * EPSILON) - self.projected(residual, error) ** 2 / (1 - self.defect) * (1 + 1e-12)

    def row_norms(self) -> FloatArray:
        """Return at least |X_j| for every row of X, times what (1 - defect) takes."""
        return np.asarray(np.linalg.norm(self.inverse, axis=1) * (1 + 1e-12) / (1 - self.defect))

    def image_row_norms(self) -> FloatArray:
        """Return at least |(B* X)_j| for every row, over (1 - defect)."""
        return np.asarray((np.linalg.norm(self.image, axis=1) * (1 + 1e-12) + self.image_error) / (1 - self.defect))
