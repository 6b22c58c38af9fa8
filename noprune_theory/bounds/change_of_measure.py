"""From independent to dependent: how likely an event of (D, W) becomes when W is computed from D.

Let the event have probability at most q = exp(-exponent) for every fixed value of W, and hence under the product of
the marginals of D and W. Each measure of dependence bounds its probability P under the joint law:

- mutual information I(D; W), by data processing on the indicator of the event:
  kl(P || q) <= I, so that P <= (I + h(P)) / log(1/q);
- maximal leakage (Esposito, Gastpar, Issa 2021): P <= q exp(leakage);
- Sibson's information of order a > 1 (ibid.): P <= (q exp(I_a))^((a-1)/a);
- information density i(D; W) (information spectrum): P <= P(i > level) + q exp(level).

`*_probability` maps the exponent to the bound on P; `*_exponent` is the exact inverse, the smallest exponent for which
P <= delta is guaranteed. Information is in nats. h is the binary entropy and kl the relative entropy of Bernoulli laws.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlog1py, xlogy

from noprune_theory._types import FloatArray
from noprune_theory.bounds._arguments import (
    Values,
    above,
    broadcasting,
    closed_unit,
    first,
    in_range,
    nonnegative,
    number,
    open_unit,
)
from noprune_theory.bounds._roots import increasing_root

# Below this the closed forms of the two remainders lose digits to cancellation, and their power series replace them.
_SERIES_RADIUS = 0.1
_SERIES_TERMS = 20


def _by_size(
    x: FloatArray, series: Callable[[FloatArray], FloatArray], closed: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Return `series` where |x| is below the radius and `closed` elsewhere, each computed only where it is used."""
    near = np.abs(x) < _SERIES_RADIUS
    if near.all():
        return series(x)
    if not near.any():
        return closed(x)
    result = np.empty_like(x)
    result[near], result[~near] = series(x[near]), closed(x[~near])
    return result


def _log_remainder(s: FloatArray) -> FloatArray:
    """Return (1 + s) log(1 + s) - s for s >= -1; near zero by the sum over j >= 2 of (-s)^j / (j (j - 1))."""

    def series(s: FloatArray) -> FloatArray:
        total = np.zeros_like(s)
        for j in range(_SERIES_TERMS, 1, -1):
            total = total * -s + 1 / (j * (j - 1))
        return np.asarray(total * s**2)

    return _by_size(s, series, lambda s: np.asarray(xlog1py(1 + s, s) - s))


def _exp_remainder(a: FloatArray) -> FloatArray:
    """Return a + exp(-a) - 1 for a >= 0, without cancellation near zero: sum over j >= 2 of (-a)^j / j!."""

    def series(a: FloatArray) -> FloatArray:
        total = np.zeros_like(a)
        for j in range(_SERIES_TERMS, 2, -1):
            total = (total + 1) * (-a / j)
        return np.asarray((total + 1) * a**2 / 2)

    return _by_size(a, series, lambda a: np.asarray(a + np.expm1(-a)))


def _divergence_term(a: FloatArray, b: FloatArray, difference: FloatArray) -> FloatArray:
    """Return a log(a/b) - (a - b) >= 0 for a, b >= 0 and their difference; infinite where b = 0 < a."""
    near = np.abs(difference) < _SERIES_RADIUS * b
    step = np.where(near, difference, 0.0) / np.where(near, b, 1.0)
    with np.errstate(divide="ignore"):
        logarithms = xlogy(a, a) - xlogy(a, b)
    result: FloatArray = np.where(near, b * _log_remainder(step), logarithms - difference)
    return result


def binary_entropy(q: ArrayLike) -> Values:
    """Entropy in nats of a bit that is one with probability q in [0, 1]: -q log q - (1 - q) log(1 - q).

    Parameters
    ----------
    q : array_like
        Probability in [0, 1].

    Returns
    -------
    float or ndarray
        h(q) in nats, in [0, log 2], of the shape of q.

    Raises
    ------
    TypeError
        If q does not hold real numbers.
    ValueError
        If q is not in [0, 1], or empty.
    """
    q = closed_unit("q", q)
    return number(-xlogy(q, q) - xlog1py(1 - q, -q))


@broadcasting
def bernoulli_relative_entropy(q: ArrayLike, r: ArrayLike) -> Values:
    """Relative entropy kl(q || r) in nats of Bernoulli laws; infinite where q is not absolutely continuous.

    q log(q/r) + (1 - q) log((1 - q)/(1 - r)), without cancellation where q and r are close.

    Parameters
    ----------
    q, r : array_like
        Probabilities in [0, 1].

    Returns
    -------
    float or ndarray
        kl(q || r) >= 0 in nats, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If q or r is not in [0, 1], or shapes do not broadcast.
    """
    q, r = np.broadcast_arrays(closed_unit("q", q), closed_unit("r", r))
    # The complements are rounded and their difference would not be that of q and r.
    return number(_divergence_term(q, r, q - r) + _divergence_term(1 - q, 1 - r, r - q))


def _relative_entropy_above(log_excess: FloatArray, exponent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log kl(P || q) and its derivative, both in w = log(P - q), q = exp(-exponent)."""
    excess = np.exp(log_excess)
    q, one_minus_q = np.exp(-exponent), -np.expm1(-exponent)
    log_ratio = np.logaddexp(0.0, log_excess + exponent)  # log(P/q)
    below = -excess / one_minus_q  # (1 - P)/(1 - q) - 1
    divergence = (q + excess) * _exp_remainder(log_ratio) + one_minus_q * _log_remainder(below)
    return np.log(divergence), excess * (log_ratio - np.log1p(below)) / divergence


@broadcasting
def information_probability(exponent: ArrayLike, information: ArrayLike) -> Values:
    """Largest P with kl(P || exp(-exponent)) <= information: the data-processing bound on P(event).

    One from information >= exponent on; exp(-exponent) for no information. Found by Newton's method, to rounding.

    Parameters
    ----------
    exponent : array_like
        log(1/q) >= 0, q a bound on the probability of the event under independence.
    information : array_like
        Mutual information I >= 0 in nats.

    Returns
    -------
    float or ndarray
        P in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If an argument is negative or not finite, or shapes do not broadcast.
    """
    exponent, information = np.broadcast_arrays(
        nonnegative("exponent", exponent), nonnegative("information", information)
    )
    inner = (information > 0) & (information < exponent)  # else q itself, or no better than one
    a = np.where(inner, exponent, 2.0)
    i = np.where(inner, information, 1.0)
    log_one_minus_q = np.log(-np.expm1(-a))
    # kl(P || q) is at most (P - q)^2 / (q (1 - q)) and at most P log(1/q): two lower ends for log(P - q).
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        from_square = 0.5 * (np.log(i) - a + log_one_minus_q)
        from_product = np.log(np.maximum(i / a - np.exp(-a), 0.0))
        log_excess = increasing_root(
            lambda w: _relative_entropy_above(w, a), np.log(i), np.maximum(from_square, from_product), log_one_minus_q
        )
        probability = np.exp(-a) + np.exp(log_excess)
        edge = np.where(information > 0, 1.0, np.exp(-exponent))
    return number(np.where(inner, np.minimum(probability, 1.0), edge))


def _relative_entropy_below(log_step: FloatArray, delta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log kl(delta || q) and its derivative, both in log a, q = delta exp(-a)."""
    step = np.exp(log_step)
    drop = -delta * np.expm1(-step)  # delta - q
    one_minus_q = (1 - delta) + drop
    divergence = delta * _exp_remainder(step) + one_minus_q * _log_remainder(-drop / one_minus_q)
    return np.log(divergence), step * drop / (one_minus_q * divergence)


@broadcasting
def information_exponent(delta: ArrayLike, information: ArrayLike) -> Values:
    """Smallest exponent for which `information_probability` is at most delta: log(1/q) with kl(delta || q) = I.

    Parameters
    ----------
    delta : array_like
        Failure probability in (0, 1).
    information : array_like
        Mutual information I >= 0 in nats.

    Returns
    -------
    float or ndarray
        log(1/q) >= log(1/delta) in nats, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, shapes do not broadcast, or the exponent, about I/delta, is beyond the range of
        doubles.
    """
    delta, information = np.broadcast_arrays(open_unit("delta", delta), nonnegative("information", information))
    dependent = information > 0
    i = np.where(dependent, information, 1.0)
    # delta a bounds kl from above, and delta a + (1 - delta) log(1 - delta) from below.
    log_i, log_delta = np.log(i), np.log(delta)
    upper = np.log(i - xlog1py(1 - delta, -delta)) - log_delta
    log_step = increasing_root(lambda v: _relative_entropy_below(v, delta), log_i, log_i - log_delta, upper)
    with np.errstate(over="ignore"):
        step = np.where(dependent, np.exp(log_step), 0.0)
    return in_range("information and delta", step - log_delta)


@broadcasting
def information_exponent_closed_form(delta: ArrayLike, information: ArrayLike) -> Values:
    """(I + h(delta)) / delta, an upper bound on `information_exponent` that drops (1 - delta) log(1/(1 - q)) >= 0.

    Parameters
    ----------
    delta : array_like
        Failure probability in (0, 1).
    information : array_like
        Mutual information I >= 0 in nats.

    Returns
    -------
    float or ndarray
        The exponent in nats, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        As `information_exponent`.
    """
    delta, information = open_unit("delta", delta), nonnegative("information", information)
    with np.errstate(over="ignore"):
        exponent = (information + binary_entropy(delta)) / delta
    return in_range("information and delta", exponent)


@broadcasting
def information_probability_closed_form(exponent: ArrayLike, information: ArrayLike) -> Values:
    """Smallest P with (I + h(P)) / P <= exponent, or one: the inverse of `information_exponent_closed_form`.

    Parameters
    ----------
    exponent : array_like
        log(1/q) >= 0, q a bound on the probability of the event at every fixed value of W.
    information : array_like
        Mutual information I >= 0 in nats.

    Returns
    -------
    float or ndarray
        P in [0, 1], of the broadcast shape; at least `information_probability`.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        As `information_probability`.
    """
    exponent, information = np.broadcast_arrays(
        nonnegative("exponent", exponent), nonnegative("information", information)
    )
    inner = exponent > information
    a = np.where(inner, exponent, 2.0)
    i = np.where(inner, information, 1.0)

    def slack(log_p: FloatArray) -> tuple[FloatArray, FloatArray]:
        # a - (I + h(P)) / P and its derivative in log P, with log(1 - P)/P at its limit where P underflows.
        p = np.maximum(np.exp(log_p), np.finfo(np.float64).tiny)
        below, share = np.log1p(-p) / p, np.exp(log_i - log_p)
        return a + log_p + (1 - p) * below - share, share - below

    with np.errstate(divide="ignore", under="ignore"):
        log_i = np.log(i)
        lower = np.maximum(-a, log_i - np.log(a))  # h(P) >= P log(1/P) and h(P) >= 0
        probability = np.exp(increasing_root(slack, np.zeros_like(a), lower, np.zeros_like(a)))
    return number(np.where(inner, probability, 1.0))


@broadcasting
def leakage_probability(exponent: ArrayLike, leakage: ArrayLike) -> Values:
    """min(1, q exp(leakage)) for maximal leakage in nats (Esposito, Gastpar, Issa 2021).

    Parameters
    ----------
    exponent : array_like
        log(1/q) >= 0, q a bound on the probability of the event at every fixed value of W.
    leakage : array_like
        Maximal leakage >= 0 in nats.

    Returns
    -------
    float or ndarray
        Bound on P(event) in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        As `information_probability`.
    """
    exponent, leakage = nonnegative("exponent", exponent), nonnegative("leakage", leakage)
    with np.errstate(under="ignore"):
        return number(np.exp(np.minimum(leakage - exponent, 0.0)))


@broadcasting
def leakage_exponent(delta: ArrayLike, leakage: ArrayLike) -> Values:
    """Leakage + log(1/delta): the inverse of `leakage_probability`.

    Parameters
    ----------
    delta : array_like
        Failure probability in (0, 1).
    leakage : array_like
        Maximal leakage >= 0 in nats.

    Returns
    -------
    float or ndarray
        The exponent in nats, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    return number(nonnegative("leakage", leakage) - np.log(open_unit("delta", delta)))


@broadcasting
def sibson_probability(exponent: ArrayLike, sibson_information: ArrayLike, order: ArrayLike) -> Values:
    """min(1, (q exp(I_a))^((a-1)/a)) for Sibson's information I_a in nats of order a > 1.

    Esposito, Gastpar, Issa (2021); the order 1 says nothing, and a to infinity gives `leakage_probability`.

    Parameters
    ----------
    exponent : array_like
        log(1/q) >= 0, q a bound on the probability of the event at every fixed value of W.
    sibson_information : array_like
        Sibson's information I_a >= 0 in nats.
    order : array_like
        a > 1, finite.

    Returns
    -------
    float or ndarray
        Bound on P(event) in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `leakage_exponent`.
    """
    exponent = nonnegative("exponent", exponent)
    information = nonnegative("sibson_information", sibson_information)
    order = above("order", order, 1.0)
    with np.errstate(under="ignore"):
        return number(np.exp(np.minimum(information - exponent, 0.0) * ((order - 1) / order)))


@broadcasting
def sibson_exponent(delta: ArrayLike, sibson_information: ArrayLike, order: ArrayLike) -> Values:
    """I_a + a/(a-1) log(1/delta): the inverse of `sibson_probability`.

    Parameters
    ----------
    delta : array_like
        Failure probability in (0, 1).
    sibson_information : array_like
        Sibson's information I_a >= 0 in nats.
    order : array_like
        a > 1, finite.

    Returns
    -------
    float or ndarray
        The exponent in nats, of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `leakage_exponent`.
    """
    delta = open_unit("delta", delta)
    information = nonnegative("sibson_information", sibson_information)
    order = above("order", order, 1.0)
    return number(information - order / (order - 1) * np.log(delta))


@broadcasting
def density_probability(exponent: ArrayLike, level: ArrayLike, exceedance: ArrayLike) -> Values:
    """min(1, exceedance + q exp(level)), exceedance a bound on P(i(D; W) > level), level in nats.

    A split of the event by the information spectrum: on i <= level the change of measure costs exp(level) at most.

    Parameters
    ----------
    exponent : array_like
        log(1/q) >= 0, q a bound on the probability of the event at every fixed value of W.
    level : array_like
        Level >= 0 of the information density, in nats.
    exceedance : array_like
        Bound on the probability that the information density exceeds `level`, in [0, 1].

    Returns
    -------
    float or ndarray
        Bound on P(event) in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `leakage_exponent`.
    """
    exponent, level = nonnegative("exponent", exponent), nonnegative("level", level)
    exceedance = closed_unit("exceedance", exceedance)
    with np.errstate(under="ignore"):
        return number(np.minimum(exceedance + np.exp(np.minimum(level - exponent, 0.0)), 1.0))


@broadcasting
def density_exponent(delta: ArrayLike, level: ArrayLike, exceedance: ArrayLike) -> Values:
    """Level + log(1/(delta - exceedance)): the inverse of `density_probability`; needs exceedance < delta.

    Parameters
    ----------
    delta : array_like
        Failure probability in (0, 1).
    level : array_like
        Level >= 0 of the information density, in nats.
    exceedance : array_like
        Bound on the probability that the information density exceeds `level`, in [0, delta).

    Returns
    -------
    float or ndarray
        The exponent in nats, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range (an exceedance of delta or more included), or shapes do not broadcast.
    """
    delta, level = open_unit("delta", delta), nonnegative("level", level)
    exceedance = closed_unit("exceedance", exceedance)
    spent = exceedance >= delta
    if spent.any():
        raise ValueError(
            f"exceedance must be smaller than delta, got exceedance={first(exceedance, spent)} and delta="
            f"{first(delta, spent)}: the"
            " probability that the information density exceeds the level is spent in full"
        )
    return number(level - np.log(delta - exceedance))
