"""Extensions of values at points to a function on the whole space, without a greater Lipschitz constant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_samples

# Distances formed at a time.
_PART = 2**22
# Rises are cut off here, above all differences of values that are not next to overflow themselves: sums stay finite.
_LARGEST = 0.25 * float(np.finfo(np.float64).max)


@dataclass(frozen=True, eq=False, repr=False)
class LipschitzExtension(ShortRepr):
    """The function half way between the largest and the smallest Lipschitz extension of values at points.

    f(x) = (min_i (v_i + L |x - x_i|) + max_i (v_i - L |x - x_i|)) / 2 (McShane 1934, Whitney 1934), cut off at the
    smallest and the largest v_i. f(x_i) = v_i up to rounding, and f is L-Lipschitz on R^d.

    Attributes
    ----------
    points : ndarray, shape (n, d)
    values : ndarray, shape (n,)
        v_i.
    constant : float
        L, at least the largest slope between two points.
    mask : ndarray of bool, shape (d,), or None
        Coordinates that the function sees; None for all.
    """

    points: FloatArray
    values: FloatArray
    constant: float
    mask: BoolArray | None = None

    def value(self, X: ArrayLike) -> FloatArray:
        """Return f at the rows of X (m, d), shape (m,).

        Raises
        ------
        ValueError
            If X does not have as many columns as the points, or an entry is NaN or infinite.
        """
        samples = as_samples(X)
        n, dimension = self.points.shape
        if samples.shape[1] != dimension:
            raise ValueError(f"X must have {dimension} columns, got shape {samples.shape}")
        points = self.points
        if self.mask is not None:
            samples, points = samples[:, self.mask], points[:, self.mask]
        out = np.empty(samples.shape[0])
        part = max(1, _PART // n)
        for start in range(0, samples.shape[0], part):
            rises = self._rises(samples[start : start + part], points)
            out[start : start + part] = 0.5 * np.min(self.values + rises, axis=1) + 0.5 * np.max(
                self.values - rises, axis=1
            )
        return np.clip(out, self.values.min(), self.values.max())

    __call__ = value

    def _rises(self, samples: FloatArray, points: FloatArray) -> FloatArray:
        """Return L |x - x_i|, cut off at a large number, shape (m, n)."""
        exponent = max(size_exponent(samples), size_exponent(points)) + 2
        # Coordinate by coordinate: (m, n), never (m, n, d).
        squares = np.zeros((samples.shape[0], points.shape[0]))
        with np.errstate(under="ignore"):
            near, far = scale(samples, 450 - exponent), scale(points, 450 - exponent)
            for c in range(samples.shape[1]):
                squares += np.square(near[:, c, None] - far[None, :, c])
        distances = np.sqrt(squares)
        with np.errstate(over="ignore", invalid="ignore"):
            rises = scale(distances, exponent - 450) * self.constant
        return np.where(distances > 0, np.minimum(rises, _LARGEST), 0.0)
