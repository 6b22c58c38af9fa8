"""Halfspaces: margins by the formula |<w, x> + b| / |w|, and their mean under normal inputs."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from noprune_theory._scaling import stable_norm
from noprune_theory._types import FloatArray
from noprune_theory._validation import as_float_array, as_samples, check_finite


def _weights(weights: ArrayLike) -> FloatArray:
    w = as_float_array("weights", weights, ndim=1)
    if not w.any():
        raise ValueError("weights must not all be zero (the classifier would be constant, its margins infinite)")
    return w


def linear_margins(weights: ArrayLike, X: ArrayLike, offset: float = 0.0) -> FloatArray:
    """Return the margins |<w, x> + b| / |w| of the classifier sgn(<w, x> + b) on R^d, in float64.

    The distances to the hyperplane in the Euclidean norm; not rounded outward, as those of `bracket` are.

    Parameters
    ----------
    weights : array_like, shape (d,)
        w, finite and not all zero.
    X : array_like, shape (n, d)
        The points x, finite.
    offset : float
        b, finite.

    Returns
    -------
    ndarray, shape (n,)
        The margins, >= 0, in the unit of X.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If a number is not finite, the weights are all zero, shapes do not fit, or a margin is beyond the range of
        doubles.

    Examples
    --------
    >>> from noprune_theory.class_stability import linear_margins
    >>> linear_margins([3.0, 4.0], [[1.0, 1.0]], offset=3.0).tolist()
    [2.0]
    """
    w, samples, b = _weights(weights), as_samples(X), check_finite("offset", offset)
    if samples.shape[1] != w.shape[0]:
        raise ValueError(f"X must have {w.shape[0]} columns, got shape {samples.shape}")
    # One power of two for weights and offset, exactly: the squares in the norm stay in range.
    exponent = math.frexp(float(np.max(np.abs(w))))[1]
    scaled = np.ldexp(w, -exponent)
    with np.errstate(over="ignore", invalid="ignore"):
        margins = np.asarray(np.abs(samples @ scaled + np.ldexp(b, -exponent)) / stable_norm(scaled))
    if not np.isfinite(margins).all():
        raise ValueError("weights, X and offset must give margins within the range of doubles")
    return margins


def gaussian_halfspace_stability(
    weights: ArrayLike, offset: float = 0.0, mean: ArrayLike | None = None, covariance: ArrayLike | None = None
) -> float:
    """Return the class stability of sgn(<w, x> + b) for x ~ N(mean, covariance); N(0, I/d) by default.

    The signed margin is normal with mean m = (<w, mean> + b)/|w| and variance t^2 = <w, covariance w>/|w|^2, so that
    S(f) = t sqrt(2/pi) exp(-m^2/(2 t^2)) + m (1 - 2 Phi(-m/t)) (the mean of a folded normal variable; Phi the normal
    distribution function). For N(0, I/d) and b = 0 it is sqrt(2/(pi d)).

    Parameters
    ----------
    weights : array_like, shape (d,)
        w, finite and not all zero.
    offset : float
        b, finite.
    mean : array_like, shape (d,), optional
        Zero by default.
    covariance : array_like, shape (d, d), optional
        Symmetric and positive semidefinite (which is checked along the weights alone). I/d by default.

    Returns
    -------
    float
        S(f) >= 0, in the unit of the inputs, to rounding.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If a number is not finite, the weights are all zero, a shape does not fit, the covariance is not symmetric (to a
        part in 10^12) or negative along the weights, or the stability is beyond the range of doubles.

    Examples
    --------
    >>> from noprune_theory.class_stability import gaussian_halfspace_stability
    >>> round(gaussian_halfspace_stability([3.0, 4.0]), 6)
    0.56419
    """
    w, b = _weights(weights), check_finite("offset", offset)
    norm = stable_norm(w)
    unit = w / norm
    with np.errstate(over="ignore", invalid="ignore"):
        stability = _gaussian_stability(unit, float(np.float64(b) / norm), mean, covariance)
    if not math.isfinite(stability):
        raise ValueError("weights, offset, mean and covariance must give a stability within the range of doubles")
    return stability


def _gaussian_stability(unit: FloatArray, centre: float, mean: ArrayLike | None, covariance: ArrayLike | None) -> float:
    d = unit.shape[0]
    if mean is not None:
        given = as_float_array("mean", mean, ndim=1)
        if given.shape != (d,):
            raise ValueError(f"mean must have shape ({d},), got {given.shape}")
        centre += float(unit @ given)
    if covariance is None:
        spread = 1 / math.sqrt(d)
    else:
        matrix = as_float_array("covariance", covariance, ndim=2)
        if matrix.shape != (d, d):
            raise ValueError(f"covariance must have shape ({d}, {d}), got {matrix.shape}")
        size = float(np.abs(unit) @ np.abs(matrix) @ np.abs(unit))
        variance = float(unit @ matrix @ unit)
        asymmetry = float(np.abs(matrix - matrix.T).max())
        if asymmetry > 1e-12 * np.abs(matrix).max():
            raise ValueError(f"covariance must be symmetric, got asymmetry {asymmetry:.3g}")
        if variance < -1e-12 * size:
            raise ValueError(f"covariance must be positive semidefinite, got <w, covariance w>/|w|^2 = {variance:.3g}")
        spread = math.sqrt(max(variance, 0.0))
    if spread == 0:
        return abs(centre)
    z = centre / spread
    return spread * math.sqrt(2 / math.pi) * math.exp(-z * z / 2) + centre * float(1 - 2 * ndtr(-z))
