r"""Linear functions of inputs N(0, I/d) by Gordon's comparison inequality: the bound that is the truth in the limit.

For a fixed mask of M weights and given y independent of x, Gordon's comparison (Gordon 1985; in the form
P(Phi < c) <= 2 P(phi <= c) of Thrampoulidis, Oymak, Hassibi 2015) bounds Phi = min over {|w| <= L} of |y - X_m w| from
below by phi = min over {0 <= a <= L} of |y - a g/sqrt(d)| - a |h|/sqrt(d), g in R^n and h in R^M standard normal. With
alpha = L/sqrt(d), g_1 = <g, y>/|y|, q^2 = |g|^2 - g_1^2 and r = |h|, independent, phi <= sqrt(n s) asks for an
a <= alpha with n (v - s) - 2 a B + a^2 (g_1^2 + q^2 - r^2) <= 0, B = sqrt(n v) g_1 + sqrt(n s) r, that is for

    q^2 <= r^2 - g_1^2 + 2 B/a - n (v - s)/a^2   at a = alpha, or at a = n (v - s)/B if that is smaller,

whose probability is a double integral over g_1 and r of a chi-square distribution function. The bound is the L at which
twice that probability is exp(-R), R the exponent that the dependence of the mask on the data asks for. Where exp(-R)
is too small for the integral, a union does: g_1 <= G, q >= q_0 and r <= r_0 each fail with a share of exp(-R)/2. For
y = z, |y|^2 = n v and s = sigma^2 - epsilon; Phi increases in |y| by homogeneity, so v >= sigma^2 - t_v is enough.

The same for all masks at once (`noprune_theory.bounds.all_masks`), where r is another random radius: the event above
increases with r, so a radius that is larger in law gives a valid bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, log_ndtr, ndtri_exp

from noprune_theory._types import FloatArray
from noprune_theory.bounds._arguments import Values, broadcasting, count, margin, number, open_unit, share_of
from noprune_theory.bounds._chi import chi_lower_quantile, chi_upper_quantile, log_chi_density
from noprune_theory.bounds.dependence import Dependence
from noprune_theory.bounds.gaussian_class import ROUNDING, check_independent
from noprune_theory.bounds.noise import SECOND_MOMENT_RATE, Noise, fit_level
from noprune_theory.bounds.optimised import _check_dependence

# The integral serves probabilities down to exp(-40) from 10 samples on, where 64 nodes give alpha to a few 1e-6 at
# worst (against 160 nodes); the margin is spent on the safe side.
_LARGEST_EXPONENT = 40.0
_FEWEST_SAMPLES = 10
_QUADRATURE = 1e-5
_PART = 64
_DOUBLINGS = 40
_SECANTS = 60
# Error of the logarithm of the probability at which the search ends: far below what the margin allows for.
_SETTLED = 1e-9
# Shares of delta tried for the fluctuations of noise that is not of fair signs.
_SHARES = (0.01, 0.05, 0.2, 0.5)


class Radius(Protocol):
    """A random radius r, one law for each entry of a parameter array."""

    @staticmethod
    def quantile(exponent: FloatArray, parameter: FloatArray) -> FloatArray:
        """Return r_0 with P(r >= r_0) <= exp(-exponent)."""

    @staticmethod
    def support(span: FloatArray, parameter: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the interval outside of which the mass is below exp(-span^2/2)."""

    @staticmethod
    def log_density(r: FloatArray, parameter: FloatArray) -> FloatArray:
        """Return the logarithm of the density at r inside that interval."""


class ChiRadius:
    """The norm of M standard normal variables; the parameter is M >= 1."""

    @staticmethod
    def quantile(exponent: FloatArray, parameter: FloatArray) -> FloatArray:
        """Return the quantile."""
        return chi_upper_quantile(exponent, parameter)

    @staticmethod
    def support(span: FloatArray, parameter: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return sqrt(M) -+ span."""
        return np.maximum(np.sqrt(parameter) - span, 0.0), np.sqrt(parameter) + span

    @staticmethod
    def log_density(r: FloatArray, parameter: FloatArray) -> FloatArray:
        """Return that of chi."""
        return log_chi_density(r, parameter)


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


def _union_reach(
    radius: type[Radius], n: FloatArray, parameter: FloatArray, v: FloatArray, s: FloatArray, exponent: FloatArray
) -> FloatArray:
    """Return alpha from the union of three events, which share exp(-exponent); the best of a few splits."""
    best = np.zeros(n.shape)
    for first in (0.1, 0.33, 0.6, 0.85):
        for second in (0.1, 0.5, 0.9):
            shares = np.log(np.array([first, (1 - first) * second, (1 - first) * (1 - second)]))
            G = np.maximum(_normal_upper(exponent - shares[0]), 0.0)
            q = chi_lower_quantile(exponent - shares[1], np.maximum(n - 1, 1.0)) * (n > 1)
            p = radius.quantile(exponent - shares[2], parameter)
            best = np.maximum(best, _smallest_reach(n, s, v, G * ROUNDING, q / ROUNDING, p * ROUNDING))
    return best


def _normal_upper(exponent: FloatArray) -> FloatArray:
    """Return t with P(Z >= t) = exp(-exponent), rounded up where the tail at the root found says so."""
    found = -ndtri_exp(-exponent)
    return np.asarray(np.where(log_ndtr(-found) > -exponent, found + 1e-13 * np.abs(found), found))


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def _reach_probability(
    radius: type[Radius],
    alpha: FloatArray,
    n: FloatArray,
    parameter: FloatArray,
    v: FloatArray,
    s: FloatArray,
    span: FloatArray,
) -> FloatArray:
    """Return P(phi <= sqrt(n s)) for arguments of shape (m,), n >= 2.

    Gauss-Legendre quadrature over r and, split at the g_1 where the maximiser over a leaves the end, over g_1; beyond
    `span` standard deviations the mass is negligible against the tails wanted.
    """
    alpha, n, parameter, v, s, span = (np.asarray(x)[:, None, None] for x in (alpha, n, parameter, v, s, span))
    low, high = radius.support(span, parameter)
    r = low + (high - low) * (_NODES + 1)[None, :, None] / 2
    weight_r = (high - low) / 2 * _WEIGHTS[None, :, None] * np.exp(radius.log_density(r, parameter))
    gap = n * (v - s)
    kink = np.clip((gap / alpha - np.sqrt(n * s) * r) / np.sqrt(n * v), -span, span)
    total = np.zeros(alpha.shape)
    for first, last in ((-span + 0 * kink, kink), (kink, span + 0 * kink)):
        g = first + (last - first) * (_NODES + 1)[None, None, :] / 2
        weight = (last - first) / 2 * _WEIGHTS[None, None, :] * np.exp(-0.5 * g**2) / math.sqrt(2 * math.pi)
        half = np.sqrt(n * v) * g + np.sqrt(n * s) * r
        a = np.minimum(alpha, gap / np.where(half > gap / alpha, half, gap / alpha))
        squared = np.maximum(r**2 - g**2 + 2 * half / a - gap / a**2, 0.0)
        total = total + np.sum(weight_r * weight * gammainc((n - 1) / 2, squared / 2), axis=(1, 2), keepdims=True)
    return np.asarray(total[:, 0, 0])


def _integral_reach(
    radius: type[Radius],
    n: FloatArray,
    parameter: FloatArray,
    v: FloatArray,
    s: FloatArray,
    exponent: FloatArray,
    start: FloatArray,
) -> FloatArray:
    """Return alpha with P(phi <= sqrt(n s)) = exp(-exponent), from below; `start` has a smaller probability.

    Regula falsi (Illinois) on the logarithm of the probability against that of alpha.
    """
    span = 8.0 + np.sqrt(2 * exponent)

    def excess(log_alpha: FloatArray) -> FloatArray:
        probability = _reach_probability(radius, np.exp(log_alpha), n, parameter, v, s, span)
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
    settled, was_below, was_above = (np.zeros(found.shape, dtype=bool) for _ in range(3))
    for _ in range(_SECANTS):
        with np.errstate(divide="ignore", invalid="ignore"):
            point = low - at_low * (high - low) / (at_high - at_low)
        inside = np.isfinite(point) & (point > low) & (point < high)
        point = np.where(settled, low, np.where(inside, point, 0.5 * (low + high)))
        value = excess(point)
        below = value < 0
        # Illinois: an end that stays a second time in a row is weighted down.
        at_high = np.where(below, np.where(was_below, at_high / 2, at_high), value)
        at_low = np.where(below, value, np.where(was_above, at_low / 2, at_low))
        was_below, was_above = below, ~below
        settled |= np.abs(value) < _SETTLED
        low, high = np.where(below | settled, point, low), np.where(below, high, point)
        if ((high - low < 1e-13) | settled).all():
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

    The largest L at which twice the probability that phi <= sqrt(n s) is exp(-exponent(delta)), from below; phi is the
    auxiliary problem at the head of this module. Proof: `python -m verification sharp-gordon`.

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
        weights are kept that no fit reaches the level, zero where nothing is proved. Of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `gaussian_width_at_split`.

    Examples
    --------
    >>> from noprune_theory.bounds import MaximalLeakage, Noise, gordon_law
    >>> fixed_mask, signs = MaximalLeakage(0.0), Noise(signs=True)
    >>> round(float(gordon_law(2200, 5500, 0.9, 0.25, mask_size=2750, dependence=fixed_mask, noise=signs)), 2)
    66.43
    """
    _check_dependence(dependence)
    size = count("mask_size", mask_size, 0)
    return gordon_from_radius(n, d, epsilon, delta, noise, dependence.exponent, ChiRadius, size, empty=size == 0)


def gordon_from_radius(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    noise: Noise,
    exponent: Callable[[ArrayLike], Values],
    radius: type[Radius],
    parameter: FloatArray,
    *,
    empty: FloatArray | np.ndarray,
) -> Values:
    """Return the bound for a random radius r in place of |h_m|; infinite where `empty`, for no weight is kept.

    `exponent(delta)` is the exponent R that a failure probability delta asks for.
    """
    check_independent(noise)
    n, d, epsilon, delta = count("n", n), count("d", d), margin("epsilon", epsilon), open_unit("delta", delta)
    level, variance = fit_level(epsilon, noise.sigma2)
    best: FloatArray = np.zeros(())
    for share in (0.0,) if noise.signs else _SHARES:
        lost = 0.0 if noise.signs else np.sqrt((-np.log(share) - np.log(delta)) / (SECOND_MOMENT_RATE * n))
        needed = np.asarray(exponent(share_of(delta, 1 - share) if share else delta)) + math.log(2)
        arguments = np.broadcast_arrays(n, parameter, variance - lost, level, needed, empty)
        shape = arguments[0].shape
        flat = [np.ravel(argument) for argument in arguments]
        best = np.maximum(best, _reach(radius, *flat).reshape(shape))
    return number(np.asarray(best * np.sqrt(d) / ROUNDING))


def _reach(
    radius: type[Radius],
    n: FloatArray,
    parameter: FloatArray,
    v: FloatArray,
    s: FloatArray,
    exponent: FloatArray,
    empty: FloatArray,
) -> FloatArray:
    """Return the better alpha of union and integral, for arguments of shape (m,)."""
    proves = v > s
    alpha = np.where(proves & (empty != 0), math.inf, 0.0)
    # Beyond 1e100 squares would leave the range, and nothing is claimed.
    some = proves & (empty == 0) & (exponent < 1e100)
    alpha[some] = _union_reach(radius, *(x[some] for x in (n, parameter, v, s, exponent)))
    fine = np.flatnonzero(
        some & (exponent < _LARGEST_EXPONENT) & (n >= _FEWEST_SAMPLES) & (alpha > 0) & np.isfinite(alpha)
    )
    for first in range(0, fine.size, _PART):
        part = fine[first : first + _PART]
        found = _integral_reach(radius, *(x[part] for x in (n, parameter, v, s, exponent, alpha)))
        alpha[part] = np.maximum(alpha[part], found)
    return alpha
