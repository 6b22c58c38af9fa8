"""Masked random-features models f(x) = sum_j w_j act(<v_j, x> + b_j)."""

from __future__ import annotations

import math
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._scaling import scale, size_exponents, stable_norm
from noprune_theory._types import RNG, BoolArray, FloatArray
from noprune_theory._validation import (
    as_float_array,
    as_masks,
    as_samples,
    check_choice,
    check_generator,
    check_integer,
    check_positive,
)
from noprune_theory.models._evaluation import activate, is_extreme, scaled_input_gradient, scaled_outputs
from noprune_theory.models.base import TheoremConstants, checked_weights

Activation = Literal["relu", "tanh", "identity"]
ACTIVATIONS: tuple[Activation, ...] = ("relu", "tanh", "identity")


class RandomFeatures:
    """One hidden layer with fixed directions and trained, masked output weights.

    f(x) = sum_j w_j act(<v_j, x> + b_j), j = 1, ..., N. All three activations are 1-Lipschitz.

    Parameters
    ----------
    directions : array_like, shape (N, d)
        Fixed first-layer weights v_j.
    weights : array_like, shape (N,)
        Output weights w: the p = N weights that training chooses and pruning removes.
    offsets : array_like, shape (N,), optional
        Fixed first-layer offsets b_j; none by default.
    activation : {"relu", "tanh", "identity"}
        The derivative of "relu" at 0 is taken as 0.
    mask : array_like of bool, shape (N,), optional
        True where a feature is kept; all kept by default. Weights must be zero elsewhere.

    Raises
    ------
    TypeError
        If an array does not hold real numbers, or the mask is not boolean.
    ValueError
        If `activation` is none of the three, a shape does not fit, an entry is not finite, or a pruned weight is not 0.
    """

    __slots__ = ("activation", "directions", "mask", "offsets", "weights")

    directions: FloatArray
    weights: FloatArray
    offsets: FloatArray | None
    activation: Activation
    mask: BoolArray

    def __init__(
        self,
        directions: ArrayLike,
        weights: ArrayLike,
        offsets: ArrayLike | None = None,
        *,
        activation: Activation = "relu",
        mask: ArrayLike | None = None,
    ) -> None:
        check_choice("activation", activation, ACTIVATIONS)
        self.activation = activation
        self.directions = as_float_array("directions", directions, ndim=2).copy()
        self.directions.setflags(write=False)
        n_features, parameters = self.directions.shape[0], as_float_array("weights", weights, ndim=1)
        if parameters.shape[0] != n_features:
            raise ValueError(f"weights must have shape ({n_features},), got {parameters.shape}")
        self.weights, self.mask = checked_weights(parameters, mask)
        self.offsets = None
        if offsets is not None:
            self.offsets = as_float_array("offsets", offsets, ndim=1).copy()
            if self.offsets.shape[0] != n_features:
                raise ValueError(f"offsets must have shape ({n_features},), got {self.offsets.shape}")
            self.offsets.setflags(write=False)

    @classmethod
    def draw(
        cls,
        rng: RNG,
        n_features: int,
        dimension: int,
        *,
        activation: Activation = "relu",
        offset_scale: float | None = None,
    ) -> Self:
        """Draw directions uniformly from the unit sphere of R^d and start with all weights kept and zero.

        Parameters
        ----------
        rng : numpy.random.Generator or seed
        n_features, dimension : int
            N >= 1 and d >= 1.
        activation : {"relu", "tanh", "identity"}
        offset_scale : float, optional
            Standard deviation of Gaussian offsets; no offsets by default.

        Returns
        -------
        RandomFeatures

        Raises
        ------
        TypeError
            If `rng` is no generator or seed, or a number is not of its kind.
        ValueError
            If an argument is out of range.
        """
        rng = check_generator("rng", rng)
        count = check_integer("n_features", n_features, 1)
        gaussian = rng.standard_normal((count, check_integer("dimension", dimension, 1)))
        directions = gaussian / np.linalg.norm(gaussian, axis=1, keepdims=True)
        offsets = None
        if offset_scale is not None:
            offsets = check_positive("offset_scale", offset_scale) * rng.standard_normal(count)
        return cls(directions, np.zeros(count), offsets, activation=activation)

    def __repr__(self) -> str:
        return (
            f"RandomFeatures(dimension={self.dimension}, features={self.n_weights}, kept={int(self.mask.sum())}, "
            f"activation={self.activation!r}, offsets={self.offsets is not None})"
        )

    @property
    def dimension(self) -> int:
        """Input dimension d."""
        return self.directions.shape[1]

    @property
    def n_weights(self) -> int:
        """Number p = N of output weights."""
        return self.weights.shape[0]

    def _samples(self, X: ArrayLike) -> FloatArray:
        samples = as_samples(X)
        if samples.shape[1] != self.dimension:
            raise ValueError(f"X must have {self.dimension} columns, got shape {samples.shape}")
        return samples

    def _layers(self) -> list[FloatArray]:
        first = self.directions if self.offsets is None else np.column_stack([self.directions, self.offsets])
        return [first, self.weights[None]]

    def _is_extreme(self, samples: FloatArray) -> bool:
        offsets = np.zeros(1) if self.offsets is None else self.offsets
        return is_extreme(samples, self.directions, offsets, self.weights)

    def _preactivation(self, X: ArrayLike) -> FloatArray:
        samples = self._samples(X)
        pre = samples @ self.directions.T
        return pre if self.offsets is None else pre + self.offsets

    def features(self, X: ArrayLike) -> FloatArray:
        """Return act(<v_j, x_i> + b_j), shape (n, N): the derivative of f with respect to the weights."""
        return activate(self.activation, self._preactivation(X))[0]

    def value(self, X: ArrayLike) -> FloatArray:
        """Return f at the rows of X (n, d), shape (n,)."""
        samples = self._samples(X)
        if self._is_extreme(samples):
            return scaled_outputs(self._layers(), samples, self.activation)[:, 0]
        return np.asarray(self.features(samples) @ self.weights)

    def input_gradient(self, X: ArrayLike) -> FloatArray:
        """Return the gradient of f at the rows of X (n, d), shape (n, d)."""
        samples = self._samples(X)
        if self._is_extreme(samples):
            return scaled_input_gradient(self._layers(), samples, self.activation)[:, 0]
        slopes = activate(self.activation, self._preactivation(samples))[1]
        return np.asarray((slopes * self.weights) @ self.directions)

    def hidden_layer(self) -> tuple[FloatArray, FloatArray | None, FloatArray]:
        """Return directions (N', d), offsets (N',) or None, and output weights (N',) of the units that count.

        A unit counts when its output weight is not zero, hence N' <= number of weights kept; N' may be 0.
        """
        live = self.weights != 0
        offsets = None if self.offsets is None else self.offsets[live]
        return self.directions[live], offsets, self.weights[live]

    def with_weights(self, weights: ArrayLike) -> Self:
        """Return the model with other output weights (N,), which must vanish off the mask."""
        return type(self)(self.directions, weights, self.offsets, activation=self.activation, mask=self.mask)

    def masked(self, mask: ArrayLike) -> Self:
        """Return the model with the features off `mask` (N,) pruned as well; pruned features stay pruned."""
        kept = as_masks("mask", mask, self.n_weights, ndim=1) & self.mask
        weights = np.where(kept, self.weights, 0.0)
        return type(self)(self.directions, weights, self.offsets, activation=self.activation, mask=kept)

    def theorem_constants(self, data_radius: float, weight_radius: float) -> TheoremConstants:
        """Return J and W of Theorem 4 on centred balls.

        The derivative of f with respect to w is the feature vector, and |act(t)| <= |t| for all three activations, so
        J = (sum_j (|v_j| R + |b_j|)^2)^(1/2) over the kept features, R = data_radius; for tanh each summand is at
        most 1. W = 2 weight_radius.

        Parameters
        ----------
        data_radius, weight_radius : float
            Radii > 0 of the centred balls that hold the inputs and the weights.

        Returns
        -------
        TheoremConstants
            J is infinite where it exceeds the largest float64.

        Raises
        ------
        TypeError
            If a radius is not a real number.
        ValueError
            If it is not positive and finite.
        """
        radius = check_positive("data_radius", data_radius)
        ball = check_positive("weight_radius", weight_radius)
        # Rows scaled before the radius comes in: their squares would leave the range of float64.
        exponents = size_exponents(self.directions, axis=1)
        largest = np.linalg.norm(scale(self.directions, -exponents[:, None]), axis=1)
        mantissa, exponent = math.frexp(radius)
        largest = scale(largest * mantissa, exponents + exponent)
        if self.offsets is not None:
            largest = largest + np.abs(self.offsets)
        if self.activation == "tanh":
            largest = np.tanh(largest)
        kept = largest[self.mask]
        J = stable_norm(kept) if np.isfinite(kept).all() else math.inf
        return TheoremConstants(J, 2 * ball, radius, ball)
