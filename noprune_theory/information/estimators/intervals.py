"""Intervals around an estimate of an entropy: those that allow for its bias, and the guaranteed one."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import entr, psi

from noprune_theory._types import FloatArray
from noprune_theory.information._arithmetic import Unit, in_unit
from noprune_theory.information._special import (
    beta_quantiles,
)
from noprune_theory.information.estimators.fingerprint import Fingerprint
from noprune_theory.information.estimators.formulas import (
    jackknife_error,
    log_scaled_tail,
    log_tail,
    miller_madow,
    miller_madow_losses,
    zhang,
)

__all__ = ["extrapolated_interval", "guaranteed_interval", "outwards", "rare_mass_interval", "unseen_limit"]

# Least and largest multiple of the last change by which the interval is extended.
_LEAST_EXTENSION, _LARGEST_EXTENSION = 2.0, 10.0
# The parts of the guaranteed interval are computed to a few 1e-14, relatively; each is widened by this share.
_SLACK = 1e-12
# The root behind the bound on the bias is bracketed to this share of itself.
_BRACKET = 1e-9


def extrapolated_interval(f: Fingerprint, z: float) -> tuple[float, float]:
    """Return Miller & Madow's interval extended by its visible bias; see the head of the package."""
    half = f.expected_part((f.n + 1) // 2)
    quarter = f.expected_part((half.n + 1) // 2)
    whole = miller_madow(f)
    last, before = whole - miller_madow(half), miller_madow(half) - miller_madow(quarter)
    ratio = last / before if before != 0 else 0.0
    multiple = ratio / (1 - ratio) if ratio < 1 else _LARGEST_EXTENSION
    extension = last * min(max(multiple, _LEAST_EXTENSION), _LARGEST_EXTENSION)
    spread = z * jackknife_error(miller_madow_losses, f)
    return whole - spread + min(extension, 0.0), whole + spread + max(extension, 0.0)


def unseen_limit(n: int, confidence: float) -> float:
    """Return the largest probability that n samples miss with probability (1 - confidence) / 2 or more."""
    return -math.expm1(math.log((1 - confidence) / 2) / n)


def rare_mass_interval(f: Fingerprint, support_size: int | None, confidence: float) -> tuple[float, float]:
    """Return the range of the entropy as the probability of the rarer classes moves; see the head of the package."""
    c = np.repeat(f.counts, f.multiplicities.astype(np.int64))
    # Entry i is the split into the i rarest of the classes seen, beside all unseen ones, and the others.
    up_to, from_here = np.cumsum(c), np.cumsum(c[::-1])[::-1]
    rarer, others = np.append(0.0, up_to[:-1]), from_here
    classes = np.arange(c.size)
    # Entropies within a side, times its size: each class adds what joining it to those before (or after) it does.
    low_side = np.append(0.0, np.cumsum(_joining(c[1:], up_to[:-1]))[:-1]) if c.size > 1 else np.zeros(0)
    within_rarer = np.append(0.0, low_side)
    within_others = np.append(np.cumsum(_joining(c[:-1], from_here[1:])[::-1])[::-1], 0.0)
    within_rarer = (within_rarer + np.maximum(classes - 1, 0) / 2) / np.maximum(rarer, 1.0)
    within_others = (within_others + (c.size - classes - 1) / 2) / others
    tail = (1 - confidence) / 2
    low = np.append(0.0, beta_quantiles(rarer[1:], others[1:] + 1, tail, upper=False))
    high = np.append(unseen_limit(f.n, confidence), beta_quantiles(rarer[1:] + 1, others[1:], tail, upper=True))
    unseen = f.n if support_size is None else min(f.n, support_size - round(f.seen))
    if unseen > 0:
        within_rarer[0] = math.log(unseen)
    else:
        high[0] = 0.0

    def total(mass: FloatArray) -> FloatArray:
        # -(1 - m) log(1 - m), where 1 - m would round the mass away.
        certain = np.where(mass < 1.0, -(1.0 - mass) * np.log1p(-np.where(mass < 1.0, mass, 0.0)), 0.0)
        result: FloatArray = entr(mass) + certain + mass * within_rarer + (1 - mass) * within_others
        return result

    # Concave in the mass: smallest at an end, largest where the derivative vanishes or at the end nearest to that.
    largest = total(np.clip(1 / (1 + np.exp(within_others - within_rarer)), low, high))
    return float(np.minimum(total(low), total(high)).min()), float(largest.max())


def _joining(count: FloatArray, others: FloatArray) -> FloatArray:
    """Return (c + o) h(c / (c + o)): what a class of c samples adds to the entropy of o others, times their sum."""
    result: FloatArray = count * np.log1p(others / count) + others * np.log1p(count / others)
    return result


def _largest_bias_of_zhang(n: int, support_size: int) -> float:
    """Return a bound on H - E[Zhang's estimator] over all distributions on `support_size` classes.

    The bias is sum_i q(p_i) with q(p) = p sum_{k >= n} (1 - p)^k / k. q'' has the sign of n p - 1, so q is concave up
    to 1/n, and it has its maximum p* there. If 1/K <= p*, Jensen's inequality (for the concave envelope of q, which
    agrees with q up to p*) gives K q(1/K), reached by the uniform distribution; otherwise K q(p*) bounds the sum term
    by term.

    The result is rounded upwards.
    """
    if support_size >= 2**600:
        return (math.log(support_size) - float(psi(float(n)) - psi(1.0))) * (1 + _SLACK)

    def slope(t: float) -> float:
        # Of the sign of q'(p) = sum_{k >= n} (1 - p)^k / k - (1 - p)^(n - 1) at p = t/n, and log q' over the last term.
        return log_scaled_tail(n, t / n)

    # The root is sought in n p, which is of order one: a tolerance would be no small one in p.
    peak = brentq(slope, 1e-3, 1.0, xtol=1e-14)
    before, after = (1 - _BRACKET) * peak, (1 + _BRACKET) * peak
    while slope(before) < 0:
        before /= 2
    while slope(after) > 0:
        after *= 2
    p = before / n
    if support_size * p >= 1:
        return math.exp(log_tail(n, 1 / support_size)) * (1 + _SLACK)
    # The maximum lies between: q is concave, so it is at most q at the first point and the slope there times the width.
    last = math.exp((n - 1) * math.log1p(-p))
    highest = p * math.exp(log_tail(n, p)) + last * math.expm1(slope(before)) * (after - before) / n
    return support_size * highest * (1 + _SLACK)


def _largest_change_of_zhang(n: int) -> float:
    """Return the largest change of Zhang's estimator when one of n samples is replaced, (H_{n-1} + 1) / n.

    H_{n-1} is a harmonic number. A class that appears adds H_{n-1} / n, one that loses a sample takes or gives at most
    as much as the last of n equal samples, 1/n.
    """
    return float(psi(float(n)) - psi(1.0) + 1) / n


def guaranteed_interval(f: Fingerprint, support_size: int | None, confidence: float) -> tuple[float, float]:
    """Return an interval for H in nats that holds for every distribution on at most `support_size` classes.

    E[Z] <= H <= E[Z] + `_largest_bias_of_zhang` for Zhang's estimator Z, and McDiarmid's inequality bounds Z - E[Z] on
    each side by `_largest_change_of_zhang`.
    """
    radius = _largest_change_of_zhang(f.n) * math.sqrt(f.size * math.log(2 / (1 - confidence)) / 2) * (1 + _SLACK)
    value = zhang(f)
    # Outwards: the value is computed to a few 1e-14 of itself.
    lower = max(0.0, value * (1 - _SLACK) - radius) * (1 - _SLACK)
    if support_size is None:
        return lower, math.inf
    upper = (value * (1 + _SLACK) + _largest_bias_of_zhang(f.n, support_size) + radius) * (1 + _SLACK)
    return lower, upper


def _log_ceiling(support_size: int, unit: Unit) -> float:
    """Return log(support_size) in `unit`, rounded upwards; exact where it is a whole number of bits."""
    if support_size & (support_size - 1) == 0 and (unit == "bits" or support_size == 1):
        return float(support_size.bit_length() - 1)
    return math.nextafter(math.log2(support_size) if unit == "bits" else math.log(support_size), math.inf)


def outwards(ends: tuple[float, float], support_size: int | None, unit: Unit) -> tuple[float, float]:
    """Convert a proved interval from nats to `unit`, and cut it at the largest entropy that there is."""
    lower = math.nextafter(in_unit(ends[0], unit), 0.0) if ends[0] > 0 else 0.0
    if support_size is None:
        return lower, math.inf
    ceiling = _log_ceiling(support_size, unit)
    return min(lower, ceiling), min(math.nextafter(in_unit(ends[1], unit), math.inf), ceiling)
