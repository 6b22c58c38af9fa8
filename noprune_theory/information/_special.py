"""Special functions in the differences that entropies are made of, to full relative accuracy at any size.

log Gamma, psi and psi' of numbers near 2^64 agree in most of their digits, so their differences have none left. What is
computed here is what remains of them after the leading terms, by Stirling's series where it is exact to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainccinv, betaincinv, gammainccinv, gammaincinv, gammaln, ndtri, polygamma, psi

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.information._arithmetic import log_remainder, weighted_divergence_terms

# From here on seven terms of the series below are exact to rounding.
_SERIES_FROM = 16.0
# Both parameters of a beta law from here on: its logarithm is nearly normal.
_NEARLY_NORMAL = 1e3
# Largest parameter for which scipy's quantiles of the beta law are right (1.17 is wrong from 3e8 on beside 1000).
_LARGEST_BETA = 1e8

# Steps of the fixed-point iteration below, whose error shrinks by more than a half in each.
_STEPS = 40
_NO_DEVIATION = 1e-3

_LOG_MINUS_PSI = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)
_LOG_MINUS_PSI_HALF = (-1 / 24, 7 / 960, -31 / 8064, 127 / 30720, -511 / 67584, 1414477 / 67092480, -8191 / 98304)
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
# psi'(x + 1) = 1/x - 1/(2 x^2) + sum of these over x^3, x^5, ...
_TRIGAMMA = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)


def _in_squares(x: FloatArray, coefficients: Sequence[float]) -> FloatArray:
    """Return sum_k c_k x^(-2k), k = 0, 1, ..."""
    r = 1.0 / x
    square = r * r
    result = np.zeros_like(x)
    for coefficient in reversed(coefficients):
        result = result * square + coefficient
    return result


def _by_size(
    x: ArrayLike, small: Callable[[FloatArray], FloatArray], large: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    values = np.asarray(x, dtype=np.float64)
    far = values >= _SERIES_FROM
    with np.errstate(under="ignore"):
        return np.where(far, large(np.where(far, values, _SERIES_FROM)), small(np.where(far, 1.0, values)))


def log_minus_psi(x: ArrayLike) -> FloatArray:
    """Return log x - psi(x) > 0 for x > 0: about 1/(2x)."""
    return _by_size(
        x,
        lambda v: np.log(v) - psi(v),
        lambda v: (0.5 + _in_squares(v, _LOG_MINUS_PSI) / v) / v,
    )


def log_minus_psi_half(x: ArrayLike) -> FloatArray:
    """Return log x - psi(x + 1/2) < 0 for x >= 1: about -1/(24 x^2)."""
    return _by_size(x, lambda v: np.log(v) - psi(v + 0.5), lambda v: _in_squares(v, _LOG_MINUS_PSI_HALF) / v / v)


def psi_minus_log(x: ArrayLike) -> FloatArray:
    """Return psi(x + 1) - log x > 0 for x > 0: about 1/(2x)."""
    return _by_size(
        x,
        lambda v: psi(v + 1.0) - np.log(v),
        lambda v: (0.5 - _in_squares(v, _LOG_MINUS_PSI) / v) / v,
    )


def stirling_rest(x: ArrayLike) -> FloatArray:
    """Return log Gamma(x) - (x log x - x) for x > 0: about log(2 pi / x) / 2."""
    return _by_size(
        x,
        lambda v: gammaln(v + 1.0) - np.log(v) - v * np.log(v) + v,
        lambda v: 0.5 * (math.log(2 * math.pi) - np.log(v)) + _in_squares(v, _STIRLING) / v,
    )


def binomial_log_probabilities(k: FloatArray, n: float, p: FloatArray) -> FloatArray:
    """Return log P(C = k) for C ~ Binomial(n, p), whole k in [0, n] and 0 < p <= 1/2, to about 1e-14.

    Loader's (2000) saddle-point form, -n kl(k/n || p) with Stirling's remainders: logarithms of factorials would lose
    all digits for large n.
    """
    rest, mean = n - k, n * p
    inside = (k > 0) & (rest > 0)
    x, y = np.where(inside, k, 1.0), np.where(inside, rest, 1.0)
    # x log(x / (n p)) - x + n p and its twin: their linear parts cancel.
    deviation = np.where(inside, k - mean, 0.0)
    with np.errstate(over="ignore", under="ignore"):
        kl = weighted_divergence_terms(x, deviation / mean, np.log(x) - np.log(mean), mean)
        kl += weighted_divergence_terms(y, -deviation / (n - mean), np.log(y) - np.log(n - mean), n - mean)
        # log x! is log Gamma(x) + log x.
        rests = stirling_rest(np.array(n)) - stirling_rest(x) - stirling_rest(y) - np.log(x / n) - np.log(y)
        ends = np.where(k == 0, n * np.log1p(-p), n * np.log(p))
        return np.where(inside, rests - kl, ends)


def trigamma_rest(x: ArrayLike) -> tuple[FloatArray, BoolArray]:
    """Return t and b with x (x + 1) psi'(x + 1) - x = b/2 + t for x >= 0; b is whether x is large, |t| is small then.

    The left side increases from 0 to 1/2. Halves are told apart so that they can be counted, and cancel exactly.
    """
    values = np.asarray(x, dtype=np.float64)

    def large(v: FloatArray) -> FloatArray:
        series = _in_squares(v, _TRIGAMMA)
        # (x + 1) (1 - 1/(2x) + S/x^2) - x - 1/2 with S = 1/6 - ...
        return (series - 0.5 + series / v) / v

    return _by_size(values, lambda v: v * (v + 1.0) * polygamma(1, v + 1.0) - v, large), values >= _SERIES_FROM


def log_ratio(x: ArrayLike, y: ArrayLike, difference: ArrayLike) -> FloatArray:
    """Return log(x / y) from x, y > 0 and their exact difference x - y, to full relative accuracy."""
    with np.errstate(under="ignore"):
        relative = np.divide(difference, y)
        near = np.abs(relative) < 0.5
        far = np.log(np.asarray(x, dtype=np.float64)) - np.log(y)
        return np.where(near, np.log1p(np.where(near, relative, 0.0)), far)


def leave_one_out_rest(x: FloatArray) -> FloatArray:
    """Return 1 + (x - 1) log(1 - 1/x) for whole x >= 1: 1 at one, and about 1/(2x)."""

    def large(v: FloatArray) -> FloatArray:
        r, result = 1.0 / v, np.zeros_like(v)
        for k in range(14, 0, -1):
            result = (result + 1.0 / (k * (k + 1))) * r
        return result

    return _by_size(x, lambda v: np.where(v > 1.0, 1.0 + (v - 1.0) * np.log1p(-1.0 / np.maximum(v, 2.0)), 1.0), large)


def beta_quantiles(first: FloatArray, second: FloatArray, tail: float, *, upper: bool) -> FloatArray:
    """Return x with P(X <= x) = tail (P(X >= x) = tail if `upper`) for X ~ Beta(first, second), parameters >= 1.

    Good to 1e-9 of a standard deviation while the parameters are at most 1e8, and to about 1e-5 beyond: there the law
    is that of a gamma variable (Wise 1950), or Barndorff-Nielsen's r* is normal.
    """
    first, second = np.broadcast_arrays(np.asarray(first, np.float64), np.asarray(second, np.float64))
    result = np.empty(first.shape)
    plain = np.maximum(first, second) <= _LARGEST_BETA
    normal = ~plain & (np.minimum(first, second) >= _NEARLY_NORMAL)
    low, high = ~plain & ~normal & (first < second), ~plain & ~normal & (first >= second)
    result[plain] = (betainccinv if upper else betaincinv)(first[plain], second[plain], tail)
    if not plain.all():
        result[low] = _gamma_limit(first[low], second[low], tail, upper)
        result[high] = 1.0 - _gamma_limit(second[high], first[high], tail, not upper)
        result[normal] = _normal_limit(first[normal], second[normal], float(-ndtri(tail) if upper else ndtri(tail)))
    return result


def _gamma_limit(few: FloatArray, many: FloatArray, tail: float, upper: bool) -> FloatArray:
    gamma = (gammainccinv if upper else gammaincinv)(few, tail)
    return -np.expm1(-gamma / (many + (few - 1.0) / 2.0))


def _normal_limit(first: FloatArray, second: FloatArray, z: float) -> FloatArray:
    """Solve r + log(q/r)/r = z, r the signed root of the deviance and q the deviation in units of its own."""
    n = first + second
    scale = np.sqrt(n / first) / np.sqrt(second)

    def at(t: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return x/x0 - 1, r and q at the logit log(first/second) + scale t, x0 = first/n."""
        grow = np.expm1(scale * t)
        below = 1.0 + first / n * grow
        up, down = second / n * grow / below, -first / n * grow / below
        deviance = first * log_remainder(up) + second * log_remainder(down)
        return up, np.sign(t) * np.sqrt(2.0 * deviance), up * np.sqrt(first / second * n)

    t = np.full(first.shape, z)
    for _ in range(_STEPS):
        _, r, _ = at(t)
        # The correction has a limit at t = 0, where it is not evaluated.
        _, near_r, q = at(np.where(np.abs(t) < _NO_DEVIATION, _NO_DEVIATION, t))
        t = t + (z - (r + np.log(q / near_r) / near_r))
    return first / n * (1.0 + at(t)[0])
