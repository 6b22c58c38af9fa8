r"""Linear functions of Gaussian inputs: no inequality at all, or Gordon's.

x is N(0, Sigma) with largest eigenvalue c/d, independent of the noise, f = <w, x> with w supported on the mask m,
|m| <= M, Lip = |w|; E f = 0.

*Width.* Given z, sup over {|w| <= L} of X_w = L |mean z_i x_{i,m}| is at most L sqrt(c v / (n d)) chi_M, equal in law
for Sigma = I/d. So a fixed mask fails with probability P(chi_M >= (tau/sqrt(v)) sqrt(n d / c) / L) exactly, and

    Lip(f^W) >= (tau / sqrt(v)) sqrt(n d / c) / q_M(R),   R = exponent(delta - delta_1),

q_M(R) the quantile of the chi distribution with P(chi_M >= q_M) = exp(-R).

*Gordon.* For a fixed mask, Sigma = I/d and given y, Gordon's comparison (Gordon 1985; in the form P(Phi < c) <=
2 P(phi <= c) of Thrampoulidis, Oymak, Hassibi 2015) bounds Phi = min over {|w| <= L} of |y - X_m w| from below by
phi = min over {0 <= a <= L} of |y - a g/sqrt(d)| - a |h|/sqrt(d), g in R^n and h in R^M standard normal. With
alpha = L/sqrt(d), g_1 = <g, y>/|y|, q^2 = |g|^2 - g_1^2 and p = |h|, independent, phi <= sqrt(n s) asks for an
a <= alpha with n (v - s) - 2 a B + a^2 (g_1^2 + q^2 - p^2) <= 0, B = sqrt(n v) g_1 + sqrt(n s) p, that is for

    q^2 <= p^2 - g_1^2 + 2 B/a - n (v - s)/a^2   at a = alpha, or at a = n (v - s)/B if that is smaller,

whose probability is a double integral over g_1 and p of a chi-square distribution function. The bound is the L at which
twice that probability is exp(-R). Where exp(-R) is too small for the integral, a union does: g_1 <= G, q >= q_0 and
p <= p_0 each fail with a share of exp(-R)/2. Phi increases in |y| by homogeneity, so v >= sigma^2 - t_v is enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, log_ndtr, ndtri_exp

from noprune_theory._types import FloatArray
from noprune_theory.bounds._arguments import Values, broadcasting, count, margin, number, open_unit, positive
from noprune_theory.bounds._chi import chi_lower_quantile, chi_upper_quantile, log_chi_density
from noprune_theory.bounds.dependence import Dependence
from noprune_theory.bounds.noise import SECOND_MOMENT_RATE, Noise, relative_threshold
from noprune_theory.bounds.optimised import OptimisedBound, Split, _check_dependence, _search

_ROUNDING = 1 + 4 * float(np.finfo(np.float64).eps)
# The integral serves probabilities down to exp(-40) from 10 samples on, where 64 nodes give alpha to a few 1e-6 at
# worst (against 160 nodes); the margin is spent on the safe side.
_LARGEST_EXPONENT = 40.0
_FEWEST_SAMPLES = 10
_QUADRATURE = 1e-5
_PART = 64
_DOUBLINGS = 40
_SECANTS = 60
# Shares of delta tried for the fluctuations of noise that is not of fair signs.
_SHARES = (0.01, 0.05, 0.2, 0.5)


def _check_noise(noise: Noise) -> None:
    if not noise.is_independent:
        raise ValueError("noise must be independent of the inputs for this bound, got Noise(independent=False)")


@broadcasting
def gaussian_width_at_split(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike = 1.0,
    *,
    mask_size: ArrayLike,
    dependence: Dependence,
    noise: Noise,
    concentration: ArrayLike,
) -> Values:
    """Return the law for linear functions of Gaussian inputs, at a given share of delta for the noise.

    Parameters
    ----------
    n, d : array_like
        Samples and input dimension, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, sigma^2].
    delta : array_like
        Failure probability in (0, 1).
    isoperimetry : array_like
        c = d times the largest eigenvalue of the covariance, > 0.
    mask_size : array_like
        Largest number M of kept weights, at least 0.
    dependence : Dependence
        Of the mask on the data.
    noise : Noise
        Independent of the inputs.
    concentration : array_like
        Share of delta, in (0, 1), for the fluctuations of the noise.

    Returns
    -------
    float or ndarray
        Lower bound on |w|, given MSE <= sigma^2 - epsilon, outside an event of probability delta; infinite for M = 0,
        where no fit reaches the level.
    """
    _check_dependence(dependence)
    _check_noise(noise)
    n, d, delta = count("n", n), count("d", d), open_unit("delta", delta)
    epsilon, c, size = (
        margin("epsilon", epsilon),
        positive("isoperimetry", isoperimetry),
        count("mask_size", mask_size, 0),
    )
    share = open_unit("concentration", concentration)
    threshold = relative_threshold(noise, n, np.ones(()), epsilon, share * delta, centred=True)
    quantile = chi_upper_quantile(np.asarray(dependence.exponent((1 - share) * delta)), size) * _ROUNDING
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = threshold * np.sqrt(n * d) / np.sqrt(c) / quantile
    return number(np.where(threshold > 0, bound, 0.0))


@broadcasting
def gaussian_width_law(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike = 1.0,
    *,
    mask_size: ArrayLike,
    dependence: Dependence,
    noise: Noise,
) -> OptimisedBound:
    """Return the law for linear functions of Gaussian inputs, at a share of delta for the noise that makes it large.

    Parameters
    ----------
    n, d, epsilon, delta, isoperimetry, mask_size, dependence, noise
        As in `gaussian_width_at_split`.

    Examples
    --------
    >>> from noprune_theory.bounds import MaximalLeakage, Noise, gaussian_width_law
    >>> found = gaussian_width_law(
    ...     2200, 5500, 0.9, 0.25, mask_size=2750, dependence=MaximalLeakage(0.0), noise=Noise(signs=True)
    ... )
    >>> round(float(found.lipschitz), 1)
    45.0
    """

    def value(concentration: FloatArray) -> FloatArray:
        return np.asarray(
            gaussian_width_at_split(
                n,
                d,
                epsilon,
                delta,
                isoperimetry,
                mask_size=mask_size,
                dependence=dependence,
                noise=noise,
                concentration=concentration,
            )
        )

    share = _best_share(value, noise)
    return OptimisedBound(
        number(value(share)), Split(number(share), 0.5), number(_threshold(n, epsilon, delta, share, noise))
    )


def _best_share(value: Callable[[FloatArray], FloatArray], noise: Noise) -> FloatArray:
    """Return the share of delta for the noise: next to nothing for fair signs, which do not fluctuate."""
    shape = value(np.asarray(0.5)).shape
    if noise.signs:
        return np.full(shape, 1e-15)
    (share,) = _search(value, shape, dimensions=1)
    return share


def _threshold(n: ArrayLike, epsilon: ArrayLike, delta: ArrayLike, share: FloatArray, noise: Noise) -> FloatArray:
    return relative_threshold(
        noise,
        count("n", n),
        np.ones(()),
        margin("epsilon", epsilon),
        share * open_unit("delta", delta),
        centred=True,
    )


def _smallest_reach(
    n: FloatArray, s: FloatArray, v: FloatArray, G: FloatArray, q: FloatArray, p: FloatArray
) -> FloatArray:
    """Return the least a at which the auxiliary problem can reach sqrt(n s) given g_1, q, p; infinite if none does."""
    half = np.sqrt(n * v) * G + np.sqrt(n * s) * p
    gap = n * (v - s)
    discriminant = half**2 - gap * (G**2 + q**2 - p**2)
    # The smaller positive root, in the form without cancellation; for a negative leading term the positive one.
    with np.errstate(divide="ignore", invalid="ignore"):
        smallest = gap / (half + np.sqrt(np.maximum(discriminant, 0.0)))
    return np.where(gap > 0, np.where((discriminant >= 0) & (half > 0), smallest, math.inf), 0.0)


def _union_reach(n: FloatArray, size: FloatArray, v: FloatArray, s: FloatArray, exponent: FloatArray) -> FloatArray:
    """Return alpha from the union of three events, which share exp(-exponent); the best of a few splits."""
    best = np.zeros(n.shape)
    for first in (0.1, 0.33, 0.6, 0.85):
        for second in (0.1, 0.5, 0.9):
            shares = np.log(np.array([first, (1 - first) * second, (1 - first) * (1 - second)]))
            G = np.maximum(_normal_upper(exponent - shares[0]), 0.0)
            q = chi_lower_quantile(exponent - shares[1], np.maximum(n - 1, 1.0)) * (n > 1)
            p = chi_upper_quantile(exponent - shares[2], size)
            best = np.maximum(best, _smallest_reach(n, s, v, G * _ROUNDING, q / _ROUNDING, p * _ROUNDING))
    return best


def _normal_upper(exponent: FloatArray) -> FloatArray:
    """Return t with P(Z >= t) = exp(-exponent), rounded up where the tail at the root found says so."""
    found = -ndtri_exp(-exponent)
    return np.asarray(np.where(log_ndtr(-found) > -exponent, found + 1e-13 * np.abs(found), found))


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def _reach_probability(
    alpha: FloatArray, n: FloatArray, size: FloatArray, v: FloatArray, s: FloatArray, span: FloatArray
) -> FloatArray:
    """Return P(phi <= sqrt(n s)) for arguments of shape (m,), n >= 2, size >= 1.

    Gauss-Legendre quadrature over p and, split at the g_1 where the maximiser over a leaves the end, over g_1; beyond
    `span` standard deviations the mass is negligible against the tails wanted.
    """
    alpha, n, size, v, s, span = (np.asarray(x)[:, None, None] for x in (alpha, n, size, v, s, span))
    low, high = np.maximum(np.sqrt(size) - span, 0.0), np.sqrt(size) + span
    p = low + (high - low) * (_NODES + 1)[None, :, None] / 2
    weight_p = (high - low) / 2 * _WEIGHTS[None, :, None] * np.exp(log_chi_density(p, size))
    gap = n * (v - s)
    kink = np.clip((gap / alpha - np.sqrt(n * s) * p) / np.sqrt(n * v), -span, span)
    total = np.zeros(alpha.shape)
    for first, last in ((-span + 0 * kink, kink), (kink, span + 0 * kink)):
        g = first + (last - first) * (_NODES + 1)[None, None, :] / 2
        weight = (last - first) / 2 * _WEIGHTS[None, None, :] * np.exp(-0.5 * g**2) / math.sqrt(2 * math.pi)
        half = np.sqrt(n * v) * g + np.sqrt(n * s) * p
        a = np.minimum(alpha, gap / np.where(half > gap / alpha, half, gap / alpha))
        squared = np.maximum(p**2 - g**2 + 2 * half / a - gap / a**2, 0.0)
        total = total + np.sum(weight_p * weight * gammainc((n - 1) / 2, squared / 2), axis=(1, 2), keepdims=True)
    return np.asarray(total[:, 0, 0])


def _integral_reach(
    n: FloatArray, size: FloatArray, v: FloatArray, s: FloatArray, exponent: FloatArray, start: FloatArray
) -> FloatArray:
    """Return alpha with P(phi <= sqrt(n s)) = exp(-exponent), from below; `start` has a smaller probability.

    Regula falsi (Illinois) on the logarithm of the probability against that of alpha.
    """
    span = 8.0 + np.sqrt(2 * exponent)

    def excess(log_alpha: FloatArray) -> FloatArray:
        probability = _reach_probability(np.exp(log_alpha), n, size, v, s, span)
        return np.log(np.maximum(probability, 1e-300)) + exponent

    low, high = np.log(start), np.log(start)
    at_low = excess(low)
    at_high = at_low
    for _ in range(_DOUBLINGS):
        short = at_high < 0
        if not short.any():
            break
        low, at_low = np.where(short, high, low), np.where(short, at_high, at_low)
        high = np.where(short, high + math.log(2), high)
        at_high = excess(high)
    found = at_high >= 0
    for _ in range(_SECANTS):
        with np.errstate(divide="ignore", invalid="ignore"):
            point = low - at_low * (high - low) / (at_high - at_low)
        inside = np.isfinite(point) & (point > low) & (point < high)
        point = np.where(inside, point, 0.5 * (low + high))
        value = excess(point)
        below = value < 0
        # Illinois: the end that stays is weighted down.
        at_high = np.where(below, at_high / 2, value)
        at_low = np.where(below, value, at_low / 2)
        low, high = np.where(below, point, low), np.where(below, high, point)
        if ((high - low < 1e-13) | (np.abs(value) < 1e-13)).all():
            break
    return np.where(found, np.exp(low) * (1 - _QUADRATURE), math.inf)


@broadcasting
def gordon_law(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    *,
    mask_size: ArrayLike,
    dependence: Dependence,
    noise: Noise,
) -> Values:
    """Return the law for linear functions of inputs N(0, I/d) and labels y = z independent of them, by Gordon.

    Parameters
    ----------
    n, d, epsilon, delta, mask_size, dependence
        As in `gaussian_width_at_split`.
    noise : Noise
        Independent of the inputs, and the labels are the noise (g = 0).

    Returns
    -------
    float or ndarray
        Lower bound on |w|, given MSE <= sigma^2 - epsilon, outside an event of probability delta; infinite where so few
        weights are kept that no fit reaches the level.

    Examples
    --------
    >>> from noprune_theory.bounds import MaximalLeakage, Noise, gordon_law
    >>> fixed_mask, signs = MaximalLeakage(0.0), Noise(signs=True)
    >>> round(float(gordon_law(2200, 5500, 0.9, 0.25, mask_size=2750, dependence=fixed_mask, noise=signs)), 2)
    66.43
    """
    _check_dependence(dependence)
    _check_noise(noise)
    n, d, delta = count("n", n), count("d", d), open_unit("delta", delta)
    epsilon, size = margin("epsilon", epsilon), count("mask_size", mask_size, 0)
    variance = margin("sigma2", noise.sigma2)
    best: FloatArray = np.zeros(())
    for share in (0.0,) if noise.signs else _SHARES:
        lost = 0.0 if noise.signs else np.sqrt((-np.log(share) - np.log(delta)) / (SECOND_MOMENT_RATE * n))
        exponent = np.asarray(dependence.exponent((1 - share) * delta)) + math.log(2)
        arguments = np.broadcast_arrays(n, size, variance - lost, variance - epsilon, exponent)
        if (arguments[3] < 0).any():
            raise ValueError(f"epsilon must be at most sigma2, got epsilon={epsilon} and sigma2={variance}")
        shape = arguments[0].shape
        flat = [np.ravel(argument) for argument in arguments]
        best = np.maximum(best, _gordon_reach(*flat).reshape(shape))
    return number(np.asarray(best * np.sqrt(d) / _ROUNDING))


def _gordon_reach(n: FloatArray, size: FloatArray, v: FloatArray, s: FloatArray, exponent: FloatArray) -> FloatArray:
    """Return the better alpha of union and integral, for arguments of shape (m,)."""
    alpha = np.zeros(n.shape)
    proves = v > s
    alpha[proves] = _union_reach(*(x[proves] for x in (n, size, v, s, exponent)))
    fine = np.flatnonzero(
        proves & (exponent < _LARGEST_EXPONENT) & (n >= _FEWEST_SAMPLES) & (size > 0) & (alpha > 0) & np.isfinite(alpha)
    )
    for first in range(0, fine.size, _PART):
        part = fine[first : first + _PART]
        found = _integral_reach(n[part], size[part], v[part], s[part], exponent[part], alpha[part])
        alpha[part] = np.maximum(alpha[part], found)
    return alpha
