"""Lemma 1: a subgaussian process at an index that depends on it, its exact inverse, and Equation (7).

Convention (footnote 3 of the paper): X is C-subgaussian when P(|X| >= u) <= 2 exp(-u^2 / C) for u >= 0. The argument
`proxy` is C. Every function here needs that tail alone, not mean zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import wrightomega

from noprune_theory._types import FloatArray
from noprune_theory.bounds import change_of_measure
from noprune_theory.bounds._arguments import (
    Values,
    broadcasting,
    count,
    first,
    in_range,
    margin,
    nonnegative,
    number,
    open_unit,
    positive,
    share_of,
)
from noprune_theory.bounds.constants import Constants


def _radius(proxy: ArrayLike, exponent: ArrayLike) -> Values:
    """Radius at which 2 exp(-u^2 / proxy) equals exp(-exponent)."""
    return number(np.sqrt(positive("proxy", proxy)) * np.sqrt(np.log(2) + exponent))


def _squared_ratio(radius: ArrayLike, proxy: ArrayLike) -> FloatArray:
    with np.errstate(over="ignore", under="ignore"):
        ratio = positive("radius", radius) / np.sqrt(positive("proxy", proxy))
        return np.minimum(ratio * ratio, np.finfo(np.float64).max)


def tail_exponent(radius: ArrayLike, proxy: ArrayLike, tails: int = 2) -> FloatArray:
    """log(1/q) for q = min(1, tails exp(-radius^2 / proxy))."""
    return np.maximum(_squared_ratio(radius, proxy) - np.log(tails), 0.0)


@broadcasting
def lemma_1(
    proxy: ArrayLike, information: ArrayLike, delta: ArrayLike, constants: Constants = Constants.PAPER
) -> Values:
    """Lemma 1: the radius u with P(|X_W| >= u) <= delta.

    Printed: u = a1 sqrt(C (I/delta + log(2/delta))). Sharp: u = sqrt(C log(2/q)) where kl(delta || q) = I; in closed
    form u = sqrt(C ((I + h(delta))/delta + log 2)). For I = 0 the sharp radius is that of a fixed index.

    Parameters
    ----------
    proxy : array_like
        Subgaussian constant C > 0 of every X_t.
    information : array_like
        Mutual information I({X_t}; W) >= 0 in nats.
    delta : array_like
        Failure probability in (0, 1).
    constants : Constants
        Of which `lemma_1` and, where that is printed, `a1_squared` are used.

    Returns
    -------
    float or ndarray
        The radius u > 0, in the unit of X, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `constants` are not `Constants`.
    ValueError
        If one is out of its range, shapes do not broadcast, or the radius is beyond the range of doubles.
    """
    information, delta = nonnegative("information", information), open_unit("delta", delta)
    if constants.lemma_1 == "printed":
        with np.errstate(over="ignore"):
            root = np.sqrt(information / delta + np.log(2) - np.log(delta))
            radius = np.sqrt(constants.a1_squared) * np.sqrt(positive("proxy", proxy)) * root
        return in_range("information and delta", radius)
    if constants.lemma_1 == "binary entropy":
        return _radius(proxy, change_of_measure.information_exponent_closed_form(delta, information))
    return _radius(proxy, change_of_measure.information_exponent(delta, information))


def _printed_tail(squared_ratio: FloatArray, information: FloatArray, a1_squared: float) -> FloatArray:
    """Solve a1^2 (I/delta + log(2/delta)) = squared_ratio for delta, at most one.

    With x = I/delta this is x + log x = z, z = A - log 2 + log I and A = squared_ratio / a1^2: delta = I / omega(z),
    omega the Wright omega function. Where omega is small, delta = 2 exp(omega(z) - A) says the same without 0/0.
    """
    a = squared_ratio / a1_squared
    with np.errstate(divide="ignore", under="ignore"):
        z = a - np.log(2) + np.log(information)
        omega = wrightomega(z)
        small = z < 0
        delta = np.where(
            small,
            np.exp(np.minimum(np.log(2) + np.where(small, omega, 0.0) - a, 0.0)),
            information / np.where(small, 1.0, omega),
        )
    return np.minimum(delta, 1.0)


def _information_tail(exponent: FloatArray, information: FloatArray, constants: Constants) -> Values:
    if constants.lemma_1 == "binary entropy":
        return change_of_measure.information_probability_closed_form(exponent, information)
    return change_of_measure.information_probability(exponent, information)


@broadcasting
def lemma_1_tail(
    radius: ArrayLike, proxy: ArrayLike, information: ArrayLike, constants: Constants = Constants.PAPER
) -> Values:
    """Exact inverse of `lemma_1`: the smallest delta for which it proves P(|X_W| >= radius) <= delta.

    Printed: s^{-1}(u) = I / omega(A - log 2 + log I), A = u^2 / (a1^2 C), omega the Wright omega function. Sharp: the
    largest P with kl(P || 2 exp(-u^2 / C)) <= I. One where the lemma says nothing.

    Parameters
    ----------
    radius : array_like
        u > 0.
    proxy, information, constants
        As in `lemma_1`.

    Returns
    -------
    float or ndarray
        Bound on P(|X_W| >= radius) in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `constants` are not `Constants`.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    information = nonnegative("information", information)
    if constants.lemma_1 == "printed":
        ratio, information = np.broadcast_arrays(_squared_ratio(radius, proxy), information)
        return number(_printed_tail(ratio, information, constants.a1_squared))
    return _information_tail(tail_exponent(radius, proxy), information, constants)


@broadcasting
def lemma_1_leakage(proxy: ArrayLike, leakage: ArrayLike, delta: ArrayLike) -> Values:
    """Lemma 1 without 1/delta: u = sqrt(C (leakage + log(2/delta))), maximal leakage from {X_t} to W in nats.

    Parameters
    ----------
    proxy : array_like
        Subgaussian constant C > 0 of every X_t.
    leakage : array_like
        Maximal leakage >= 0 in nats.
    delta : array_like
        Failure probability in (0, 1).

    Returns
    -------
    float or ndarray
        The radius u > 0, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    return _radius(proxy, change_of_measure.leakage_exponent(delta, leakage))


@broadcasting
def lemma_1_leakage_tail(radius: ArrayLike, proxy: ArrayLike, leakage: ArrayLike) -> Values:
    """Inverse of `lemma_1_leakage`: min(1, 2 exp(leakage - u^2 / C)).

    Parameters
    ----------
    radius : array_like
        u > 0.
    proxy : array_like
        Subgaussian constant C > 0 of every X_t.
    leakage : array_like
        Maximal leakage >= 0 in nats.

    Returns
    -------
    float or ndarray
        Bound on P(|X_W| >= radius) in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `lemma_1_leakage`.
    """
    return change_of_measure.leakage_probability(tail_exponent(radius, proxy), leakage)


@broadcasting
def lemma_1_sibson(proxy: ArrayLike, sibson_information: ArrayLike, order: ArrayLike, delta: ArrayLike) -> Values:
    """Lemma 1 without 1/delta: u = sqrt(C (I_a + a/(a-1) log(1/delta) + log 2)), Sibson information of order a > 1.

    Parameters
    ----------
    proxy : array_like
        Subgaussian constant C > 0 of every X_t.
    sibson_information : array_like
        Sibson's information I_a >= 0 in nats.
    order : array_like
        a > 1, finite.
    delta : array_like
        Failure probability in (0, 1).

    Returns
    -------
    float or ndarray
        The radius u > 0, of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `lemma_1_leakage`.
    """
    return _radius(proxy, change_of_measure.sibson_exponent(delta, sibson_information, order))


@broadcasting
def lemma_1_sibson_tail(radius: ArrayLike, proxy: ArrayLike, sibson_information: ArrayLike, order: ArrayLike) -> Values:
    """Inverse of `lemma_1_sibson`: min(1, (2 exp(I_a - u^2 / C))^((a-1)/a)).

    Parameters
    ----------
    radius : array_like
        u > 0.
    proxy : array_like
        Subgaussian constant C > 0 of every X_t.
    sibson_information : array_like
        Sibson's information I_a >= 0 in nats.
    order : array_like
        a > 1, finite.

    Returns
    -------
    float or ndarray
        Bound on P(|X_W| >= radius) in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `lemma_1_leakage`.
    """
    return change_of_measure.sibson_probability(tail_exponent(radius, proxy), sibson_information, order)


@broadcasting
def lemma_1_density(proxy: ArrayLike, level: ArrayLike, exceedance: ArrayLike, delta: ArrayLike) -> Values:
    """Lemma 1 by the information spectrum: u = sqrt(C (level + log(2/(delta - exceedance)))).

    The information density of {X_t} and W exceeds `level` (nats) with probability at most `exceedance` < delta.

    Parameters
    ----------
    proxy : array_like
        Subgaussian constant C > 0 of every X_t.
    level : array_like
        Level >= 0 of the information density of {X_t} and W, in nats.
    exceedance : array_like
        Bound on the probability that the information density exceeds `level`, in [0, delta).
    delta : array_like
        Failure probability in (0, 1).

    Returns
    -------
    float or ndarray
        The radius u > 0, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range (an exceedance of delta or more included), or shapes do not broadcast.
    """
    return _radius(proxy, change_of_measure.density_exponent(delta, level, exceedance))


@broadcasting
def lemma_1_density_tail(radius: ArrayLike, proxy: ArrayLike, level: ArrayLike, exceedance: ArrayLike) -> Values:
    """Inverse of `lemma_1_density`: min(1, exceedance + 2 exp(level - u^2 / C)).

    Parameters
    ----------
    radius : array_like
        u > 0.
    proxy : array_like
        Subgaussian constant C > 0 of every X_t.
    level : array_like
        Level >= 0 of the information density of {X_t} and W, in nats.
    exceedance : array_like
        Bound on the probability that the information density exceeds `level`, in [0, 1].

    Returns
    -------
    float or ndarray
        Bound on P(|X_W| >= radius) in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `lemma_1_leakage`.
    """
    return change_of_measure.density_probability(tail_exponent(radius, proxy), level, exceedance)


@broadcasting
def average_proxy(
    n: ArrayLike,
    d: ArrayLike,
    lipschitz: ArrayLike,
    isoperimetry: ArrayLike,
    constants: Constants = Constants.PAPER,
) -> Values:
    """Subgaussian constant C0 of X_t = (1/n) sum_i (f(x_i) - E f) z_i (Appendix B.1.3): 144 c L^2/(n d), sharp 8.

    Parameters
    ----------
    n, d : array_like
        Samples and input dimension, at least 1.
    lipschitz : array_like
        Lipschitz constant L > 0 of f.
    isoperimetry : array_like
        Isoperimetry constant c > 0 of every mixture component.
    constants : Constants
        Of which `proxy` is used.

    Returns
    -------
    float or ndarray
        C0 > 0, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `constants` are not `Constants`.
    ValueError
        If one is out of its range, shapes do not broadcast, or C0 is beyond the range of doubles.
    """
    n, d = count("n", n), count("d", d)
    lipschitz, isoperimetry = positive("lipschitz", lipschitz), positive("isoperimetry", isoperimetry)
    with np.errstate(over="ignore", under="ignore"):
        proxy = (lipschitz * np.sqrt(isoperimetry) * np.sqrt(constants.proxy / (n * d))) ** 2
    beyond = ~(np.isfinite(proxy) & (proxy > 0))
    if beyond.any():
        given = first(proxy, beyond)
        raise ValueError(f"lipschitz and isoperimetry must give C0 within the range of doubles, got {given}")
    return number(proxy)


@broadcasting
def correlation_tail(
    radius: ArrayLike, proxy: ArrayLike, information: ArrayLike, constants: Constants = Constants.PAPER
) -> Values:
    """Bound on P(X_W >= radius), on as many sides as `constants.tails` asks for.

    `lemma_1_tail` as printed; otherwise with q = min(1, tails exp(-u^2 / C0)) in the place of 2 exp(-u^2 / C).

    Parameters
    ----------
    radius : array_like
        u > 0.
    proxy : array_like
        C0 > 0, see `average_proxy`.
    information : array_like
        Mutual information I >= 0 in nats.
    constants : Constants
        Of which the form of Lemma 1 and `tails` are used.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `lemma_1_tail`.
    """
    if constants.lemma_1 == "printed":
        return lemma_1_tail(radius, proxy, information, constants)
    return _information_tail(
        tail_exponent(radius, proxy, constants.tails), nonnegative("information", information), constants
    )


@broadcasting
def equation_7(
    epsilon: ArrayLike, proxy: ArrayLike, information: ArrayLike, constants: Constants = Constants.PAPER
) -> Values:
    """Equation (7): a bound delta* on P(|X_W| > epsilon/8) (Appendix B.1.3).

    Printed: min(1, max(2^7 a1^2 C0 I / epsilon^2, 2 exp(-epsilon^2 / (2^7 a1^2 C0)))). The sharp constants use the
    exact inverse of Lemma 1, which is below any explicit expression.

    Parameters
    ----------
    epsilon : array_like
        Margin below sigma^2, in (0, 1].
    proxy : array_like
        C0 > 0, see `average_proxy`.
    information : array_like
        Mutual information I >= 0 in nats.
    constants : Constants
        Of which `lemma_1` and, where that is printed, `a1_squared` are used.

    Returns
    -------
    float or ndarray
        delta* in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `lemma_1_tail`.
    """
    epsilon = margin("epsilon", epsilon)
    if constants.lemma_1 != "printed":
        return lemma_1_tail(share_of(epsilon, 1 / 8), proxy, information, constants)
    proxy, information = positive("proxy", proxy), nonnegative("information", information)
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        scaled = 2**7 * constants.a1_squared * proxy / epsilon**2
        # Where `scaled` is infinite and the information zero, their product is not a number.
        first = np.where(information > 0, scaled * np.where(information > 0, information, 1.0), 0.0)
        return number(np.minimum(np.maximum(first, 2 * np.exp(-1 / scaled)), 1.0))
