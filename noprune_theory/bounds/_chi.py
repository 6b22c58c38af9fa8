"""Tails and quantiles of the chi distribution by their logarithms: the norm of k standard normal variables.

The tails are incomplete gamma functions, P(chi_k >= q) = Q(k/2, q^2/2). Where they underflow (scipy's quantiles return
infinity from exponents of about 700 on) the continued fraction of Q and the power series of P = 1 - Q take over, with
the common factor x^a exp(-x) / Gamma(a) by its logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaln, lambertw

from noprune_theory._compile import njit
from noprune_theory._types import FloatArray

# scipy's values are used down to here; its relative error there is a few roundings.
_SMALLEST = 1e-250
_MOST_TERMS = 1_000_000
_NEWTON_STEPS = 60
_FAR = 1e30
_STEEP = 1e8
_MANY = 1e12


@njit(cache=True)
def _stirling_excess(a: float) -> float:
    """Return log Gamma(a) - ((a - 1/2) log a - a + log(2 pi)/2), by its asymptotic series from a = 10 on."""
    shift = 0.0
    # Gamma(a) = Gamma(a + 1) / a.
    while a < 10.0:
        shift += (a + 0.5) * math.log1p(1.0 / a) - 1.0
        a += 1.0
    series = 0.0
    for coefficient in (-691.0 / 360360, 1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360, 1.0 / 12):
        series = series / (a * a) + coefficient
    return series / a + shift


@njit(cache=True)
def _log_factor(a: float, x: float) -> float:
    """Return log(x^a exp(-x) / Gamma(a)) without the cancellation of its three large terms."""
    s = x / a - 1.0
    if abs(s) < 0.1:
        # log(1 + s) - s = sum over j >= 2 of (-1)^(j+1) s^j / j.
        remainder, power = 0.0, s
        for j in range(2, 30):
            power *= -s
            remainder += power / j
    else:
        remainder = math.log(x / a) - s  # x / a - 1 would round to -1 for small x
    return a * remainder + 0.5 * math.log(a / (2.0 * math.pi)) - _stirling_excess(a)


@njit(cache=True)
def _log_upper(a: float, x: float) -> float:
    """Return log Q(a, x) for x > a + 1 by the continued fraction (DLMF 8.9.2), evaluated by Lentz's method."""
    b = x + 1.0 - a
    c, d = 1e300, 1.0 / b
    h = d
    for i in range(1, _MOST_TERMS):
        numerator = -i * (i - a)
        b += 2.0
        d = 1.0 / (numerator * d + b)
        c = b + numerator / c
        change = c * d
        h *= change
        if abs(change - 1.0) < 2e-16:
            break
    return _log_factor(a, x) + math.log(h)


@njit(cache=True)
def _log_lower(a: float, x: float) -> float:
    """Return log P(a, x) for x < a by its power series (DLMF 8.11.4)."""
    term, total = 1.0, 1.0
    for i in range(1, _MOST_TERMS):
        term *= x / (a + i)
        total += term
        if term < 1e-17 * total:
            break
    return _log_factor(a, x) - math.log(a) + math.log(total)


@njit(cache=True)
def _fill_tails(
    a: FloatArray, x: FloatArray, direct: FloatArray, other: FloatArray, upper: bool, out: FloatArray
) -> None:
    """Write the logarithms of the tails into `out`, from `direct` or 1 - `other` where these are large enough."""
    for i in range(a.size):
        if direct[i] > 0.5:
            out[i] = math.log1p(-other[i])
        elif direct[i] > _SMALLEST:
            out[i] = math.log(direct[i])
        elif x[i] == 0.0:
            out[i] = 0.0 if upper else -math.inf
        elif x[i] == math.inf:
            out[i] = -math.inf if upper else 0.0
        else:
            out[i] = _log_upper(a[i], x[i]) if upper else _log_lower(a[i], x[i])


def _log_tail(q: FloatArray, k: FloatArray, upper: bool) -> FloatArray:
    a, x = np.broadcast_arrays(np.asarray(k, dtype=np.float64) / 2, np.asarray(q, dtype=np.float64) ** 2 / 2)
    with np.errstate(under="ignore"):
        lower_tail, upper_tail = np.ravel(gammainc(a, x)), np.ravel(gammaincc(a, x))
    direct, other = (upper_tail, lower_tail) if upper else (lower_tail, upper_tail)
    out = np.empty(a.size)
    _fill_tails(a.ravel(), x.ravel(), direct, other, upper, out)
    return out.reshape(a.shape)


def log_chi_upper_tail(q: FloatArray, k: FloatArray) -> FloatArray:
    """Return log P(chi_k >= q) for q >= 0 and k >= 1, entry by entry."""
    return _log_tail(q, k, upper=True)


def log_chi_lower_tail(q: FloatArray, k: FloatArray) -> FloatArray:
    """Return log P(chi_k <= q) for q >= 0 and k >= 1, entry by entry."""
    return _log_tail(q, k, upper=False)


def log_chi_density(q: FloatArray, k: FloatArray) -> FloatArray:
    """Return the logarithm of the density of chi_k at q > 0, entry by entry."""
    return np.asarray((k - 1) * np.log(q) - q**2 / 2 - (k / 2 - 1) * np.log(2) - gammaln(k / 2))


def _monotone_newton(
    start: FloatArray, step: Callable[[FloatArray, NDArray[np.intp]], FloatArray], outward: float
) -> FloatArray:
    """Follow Newton's iteration for a concave function from the side on which it converges monotonically.

    `step(points, entries)` is the change at some entries of the flat problem: those that have not come to rest.
    `outward` is +1 where the iterates lie above the root, -1 where below; a step back outward is rounding and ends it.
    """
    point = start.ravel().copy()
    going = np.arange(point.size)
    for _ in range(_NEWTON_STEPS):
        change = step(point[going], going)
        on = (outward * change < 0) & (np.abs(change) > 1e-16 * np.maximum(np.abs(point[going]), 1.0))
        going, change = going[on], change[on]
        if going.size == 0:
            break
        point[going] += change
    return point.reshape(start.shape)


def chi_upper_quantile(exponent: FloatArray, k: FloatArray) -> FloatArray:
    """Return q with P(chi_k >= q) = exp(-exponent), exponent >= 0; 0 for k = 0, where chi is 0.

    log P is concave in q, so Newton's iteration from sqrt(k) + sqrt(2 exponent), which is above the root by Gaussian
    concentration, comes down to it.
    """
    exponent, k = np.broadcast_arrays(np.asarray(exponent, dtype=np.float64), np.asarray(k, dtype=np.float64))
    size = np.maximum(k, 1.0)
    # Far out the start is the quantile to the last bit; for very many variables, where densities lose their digits, to
    # a part in 10^6 of a standard deviation and less.
    far = (exponent > _FAR * size) | (size > _MANY)
    target = np.where(far, -1.0, -exponent)

    sizes, targets, steep = (np.ravel(x) for x in (size, target, exponent > _STEEP * size))

    def step(q: FloatArray, at: NDArray[np.intp]) -> FloatArray:
        log_tail = log_chi_upper_tail(q, sizes[at])
        # d log P / dq = -density / P, at most q + 1/q in size: that is used where the two logarithms lose their digits.
        with np.errstate(over="ignore"):
            slope = -np.exp(np.where(steep[at], 0.0, log_chi_density(q, sizes[at]) - log_tail))
        slope = np.where(steep[at], -(q + 1 / q), slope)
        return np.asarray((targets[at] - log_tail) / slope)

    start = np.sqrt(size) + math.sqrt(2) * np.sqrt(exponent)
    near = _monotone_newton(np.where(far, np.sqrt(size) + 2.0, start), step, outward=1.0)
    return np.where((k > 0) & (exponent > 0), np.where(far, start, near), 0.0)


def chi_lower_quantile(exponent: FloatArray, k: FloatArray) -> FloatArray:
    """Return q with P(chi_k <= q) = exp(-exponent), exponent > 0 and k >= 1.

    log P is concave in log q, so Newton's iteration from below comes up to the root; it starts where Chernoff's bound
    (y exp(1 - y))^(k/2), y = q^2/k, equals exp(-exponent).
    """
    exponent, k = np.broadcast_arrays(np.asarray(exponent, dtype=np.float64), np.asarray(k, dtype=np.float64))
    rate = 2 * exponent / k
    # -W0(-exp(-1 - rate)); where the argument underflows, W0(w) = w to first order.
    with np.errstate(under="ignore"):
        argument = -np.exp(-1 - rate)
    share = np.where(rate < 600, -lambertw(argument).real, 0.0)
    log_share = np.where(share > 0, np.log(np.where(share > 0, share, 1.0)), -1 - rate)
    # Below 1e-150, where squares underflow, quantiles count as 0: the side that proves less.
    log_square = log_share + np.log(k)
    within = (log_square > -690.0) & (k <= _MANY)
    start, target = np.where(within, 0.5 * log_square - 1e-14, 0.5 * np.log(k)), np.where(within, -exponent, -1.0)

    sizes, targets = np.ravel(k), np.ravel(target)

    def step(log_q: FloatArray, at: NDArray[np.intp]) -> FloatArray:
        q = np.exp(log_q)
        log_tail = log_chi_lower_tail(q, sizes[at])
        slope = np.exp(log_chi_density(q, sizes[at]) + log_q - log_tail)
        return np.asarray((targets[at] - log_tail) / slope)

    found = np.where(within, np.exp(_monotone_newton(start, step, outward=-1.0)), 0.0)
    # For very many variables Gaussian concentration below the mean, which is at least sqrt(k - 1/2).
    return np.where(k > _MANY, np.maximum(np.sqrt(np.maximum(k - 0.5, 0.0)) - np.sqrt(2 * exponent), 0.0), found)
