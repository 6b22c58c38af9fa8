"""Masked linear models f(x) = <w, x>."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_float_array, as_masks, as_samples, check_positive
from noprune_theory.models._evaluation import is_extreme, scaled_outputs
from noprune_theory.models.base import TheoremConstants, checked_weights


class LinearModel:
    """The linear function f(x) = <w, x> whose pruned weights are zero.

    Parameters
    ----------
    weights : array_like, shape (p,)
        Weights w; p is also the input dimension d.
    mask : array_like of bool, shape (p,), optional
        True where a weight is kept; all kept by default. Weights must be zero elsewhere.

    Raises
    ------
    TypeError
        If the weights are not real numbers, or the mask is not boolean.
    ValueError
        If a shape does not fit, a weight is not finite, or one that is pruned is not 0.

    Examples
    --------
    >>> from noprune_theory.models import LinearModel
    >>> float(LinearModel([3.0, 4.0]).value([[1.0, 1.0]])[0])
    7.0
    """

    __slots__ = ("mask", "weights")

    weights: FloatArray
    mask: BoolArray

    def __init__(self, weights: ArrayLike, mask: ArrayLike | None = None) -> None:
        self.weights, self.mask = checked_weights(weights, mask)

    def __repr__(self) -> str:
        return f"LinearModel(dimension={self.dimension}, kept={int(self.mask.sum())})"

    @property
    def dimension(self) -> int:
        """Input dimension d."""
        return self.weights.shape[0]

    @property
    def n_weights(self) -> int:
        """Number p = d of weights."""
        return self.weights.shape[0]

    def features(self, X: ArrayLike) -> FloatArray:
        """Return the derivative of f with respect to the weights at the rows of X, shape (n, p): X itself."""
        samples = as_samples(X)
        if samples.shape[1] != self.dimension:
            raise ValueError(f"X must have {self.dimension} columns, got shape {samples.shape}")
        return samples

    def value(self, X: ArrayLike) -> FloatArray:
        """Return f at the rows of X (n, d), shape (n,)."""
        samples = self.features(X)
        if is_extreme(samples, self.weights):
            return scaled_outputs([self.weights[None]], samples, "identity")[:, 0]
        return np.asarray(samples @ self.weights)

    def input_gradient(self, X: ArrayLike) -> FloatArray:
        """Return the gradient of f at the rows of X (n, d), shape (n, d): w in every row."""
        return np.tile(self.weights, (self.features(X).shape[0], 1))

    def with_weights(self, weights: ArrayLike) -> Self:
        """Return the model with other weights (p,), which must vanish off the mask."""
        checked = as_float_array("weights", weights, ndim=1)
        if checked.shape != self.weights.shape:
            raise ValueError(f"weights must have shape {self.weights.shape}, got {checked.shape}")
        return type(self)(checked, self.mask)

    def masked(self, mask: ArrayLike) -> Self:
        """Return the model with the weights off `mask` (p,) pruned as well; pruned weights stay pruned."""
        kept = as_masks("mask", mask, self.n_weights, ndim=1) & self.mask
        return type(self)(np.where(kept, self.weights, 0.0), kept)

    def theorem_constants(self, data_radius: float, weight_radius: float) -> TheoremConstants:
        """Return J = data_radius (Cauchy-Schwarz) and W = 2 weight_radius of Theorem 4.

        Parameters
        ----------
        data_radius, weight_radius : float
            Radii > 0 of the centred balls that hold the inputs and the weights.

        Returns
        -------
        TheoremConstants

        Raises
        ------
        TypeError
            If a radius is not a real number.
        ValueError
            If it is not positive and finite.
        """
        radius = check_positive("data_radius", data_radius)
        weights = check_positive("weight_radius", weight_radius)
        return TheoremConstants(radius, 2 * weights, radius, weights)
