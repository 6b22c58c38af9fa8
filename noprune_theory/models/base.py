"""What every model offers, and the constants of Theorem 4."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._scaling import scale_float
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_float_array, as_masks


@dataclass(frozen=True)
class TheoremConstants:
    """The two constants of the parametrisation in Theorem 4.

    Attributes
    ----------
    parameter_lipschitz : float
        J of Eq. (4), `sup_{|x| <= data_radius} |f_{w1}(x) - f_{w2}(x)| <= J |w1 - w2|`. The supremum runs over a
        ball that holds the data: over all of R^d no finite J exists even for linear models.
    diameter : float
        W, the diameter of the set of weight vectors: twice `weight_radius`.
    data_radius, weight_radius : float
        The radii for which the constants hold.
    """

    parameter_lipschitz: float
    diameter: float
    data_radius: float
    weight_radius: float


@runtime_checkable
class Model(Protocol):
    """A function f(x; m, w) of inputs in R^d with p weights, of which the mask keeps some."""

    @property
    def dimension(self) -> int:
        """Input dimension d."""

    @property
    def n_weights(self) -> int:
        """Number p of weights, pruned ones included."""

    @property
    def weights(self) -> FloatArray:
        """Weight vector, shape (p,); zero where the mask is False."""

    @property
    def mask(self) -> BoolArray:
        """Mask, shape (p,); True where a weight is kept."""

    def value(self, X: ArrayLike) -> FloatArray:
        """Return f at the rows of X (n, d), shape (n,)."""

    def input_gradient(self, X: ArrayLike) -> FloatArray:
        """Return the gradient of f with respect to x at the rows of X (n, d), shape (n, d)."""

    def with_weights(self, weights: ArrayLike) -> Self:
        """Return the model with other weights, which must vanish off the mask."""

    def masked(self, mask: ArrayLike) -> Self:
        """Return the model with the weights off `mask` pruned as well."""

    def theorem_constants(self, data_radius: float, weight_radius: float) -> TheoremConstants:
        """Return J and W of Theorem 4 for inputs and weights in centred balls of the given radii."""


def root(square: Fraction) -> float:
    """Return the square root to within an ulp, infinite where it overflows."""
    exponent = (square.numerator.bit_length() - square.denominator.bit_length()) // 2
    return scale_float(math.sqrt(square / Fraction(4) ** exponent), exponent)


def checked_weights(weights: ArrayLike, mask: ArrayLike | None) -> tuple[FloatArray, BoolArray]:
    """Return weights (p,) and mask (p,), read-only; weights must vanish where the mask is False."""
    checked = as_float_array("weights", weights, ndim=1).copy()
    kept = np.ones(checked.shape[0], dtype=bool) if mask is None else as_masks("mask", mask, checked.shape[0], ndim=1)
    kept = kept.copy()
    astray = np.flatnonzero(~kept & (checked != 0))
    if astray.size:
        raise ValueError(
            f"weights must be 0 where the mask is False, got {checked[astray[0]]} at index {astray[0]} "
            f"({astray.size} such entries); prune with model.masked(mask)"
        )
    checked.setflags(write=False)
    kept.setflags(write=False)
    return checked, kept
