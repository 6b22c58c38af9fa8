r"""Class stability: what a classifier that fits below the noise level, or whose class has a large one, has to obey.

The margin of f: X -> {-1, 1} at x is h_f(x), the distance to the points of the other class, and S(f) = E h_f its class
stability (von Berg, Fono, Datres, Maskey, Kutyniok 2026, "The Price of Robustness"; its statements as printed are in
`noprune_theory.bounds.price_of_robustness`). Below x is c-isoperimetric in dimension d, s = S sqrt(d/c), and theta in
(0, 1) is free. The proofs are in `verification/price_of_robustness`.

*The surrogate.* F = f min(1, h_f/gamma) with gamma = theta S(f) is (l/gamma)-Lipschitz: l = 1 where the domain is
convex, l = 2 in any domain. It differs from f by the tent T = (1 - h_f/gamma)_+, and h_f is 1-Lipschitz, hence

    P(T >= t) <= 2 exp(-s^2 (1 - theta + theta t)^2 / 2),
    E exp(lam T) <= M = 1 + 2 sqrt(2 pi) s (1 - theta) exp(-s^2 (1 - theta)^2 / 2) (Phi(s theta) - 1/2)

at lam = s^2 theta (1 - theta), Phi the normal distribution function. For f = sgn(g), |g| with its Lipschitz constant
takes the place of h_f: F = clip(g/gamma), S*(g)/L(g) in place of S(f), and l = 1 whatever the domain.

*Rademacher averages.* A variable Y with P(|Y| >= t) <= 2 exp(-t^2/2) and an independent sign have
E exp(u sigma Y) <= exp((1 + log 2) u^2). With the union over the class, p = log|F|,

    Rad(F) <= E|sum sigma|/n + (2 l/(theta s)) sqrt((1 + log 2)(p + log 2)/n) + (p/n + log M)/(s^2 theta (1 - theta)).

*Without symmetrisation.* U = y (F - E F) has log E exp(u (U - E U)) <= (kappa/2) u^2 (l/(theta s))^2 for kappa = 61/10.
Where R^(f) <= R(f) - epsilon and the mean of y is within t of its own,

    2 epsilon <= (mean U - E U) + t + mean T + E T.

For one f the first and third term are u and w with probability exp(-n (theta s u/l)^2/(2 kappa)) and
exp(-n (lam w - log M)). A union over what a mask admits, and the dependence of the mask on the data, give the law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, ndtr

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_flag
from noprune_theory.bounds._arguments import (
    ByValue,
    Values,
    broadcasting,
    count,
    in_range,
    log1p_product,
    margin,
    nonnegative,
    number,
    open_unit,
    positive,
    share_of,
)
from noprune_theory.bounds.dependence import Dependence
from noprune_theory.bounds.optimised import Split, _check_dependence, _search

# Of E exp(u sigma Y) and of E exp(u (U - E U)): twice the factor of u^2.
SIGNED_PROXY = 2 * (1 + np.log(2))
CENTRED_PROXY = 61 / 10
_ROOT_TWO_PI = float(np.sqrt(2 * np.pi))
_HALVINGS = 52
# Beyond these the bounds are one, or as good as zero.
_SMALLEST, _LARGEST = 1e-100, 1e150


def _surrogate(s: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return lam, log M and the bound on E T."""
    tilt = s * s * theta * (1 - theta)
    shift = s * (1 - theta)
    excess = 2 * _ROOT_TWO_PI * shift * np.exp(-shift * shift / 2) * (ndtr(s * theta) - 0.5)
    mean = np.minimum(2 * _ROOT_TWO_PI * (ndtr(-shift) - ndtr(-s)) / (s * theta), 1.0)
    return tilt, np.log1p(excess), mean


def _slope(convex: bool) -> float:
    return 1.0 if check_flag("convex", convex) else 2.0


@broadcasting
def margin_tail(d: ArrayLike, stability: ArrayLike, isoperimetry: ArrayLike, share: ArrayLike = 0.5) -> Values:
    """Bound P(h_f < share S(f)) by min(1, 2 exp(-(1 - share)^2 d S^2 / (2c))); at share 1/2 Fact 2, corrected.

    Parameters
    ----------
    d : array_like
        Input dimension, at least 1.
    stability : array_like
        S(f) > 0, in the unit of the inputs.
    isoperimetry : array_like
        Isoperimetry constant c > 0.
    share : array_like
        Share of S(f), in (0, 1).

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    d, stability, c = count("d", d), positive("stability", stability), positive("isoperimetry", isoperimetry)
    share = open_unit("share", share)
    with np.errstate(over="ignore"):
        exponent = (1 - share) ** 2 * d / 2 * (stability / np.sqrt(c)) ** 2
    return number(np.minimum(2 * np.exp(-exponent), 1.0))


@broadcasting
def uniform_deviation(
    n: ArrayLike, rademacher: ArrayLike, delta: ArrayLike, bound: ArrayLike = 1.0, *, printed: bool = False
) -> Values:
    """Equation 1: with probability 1 - delta, no risk exceeds the empirical one by more than this.

    Sharp: 2 Rad + a sqrt(log(1/delta)/(2n)) for losses in [0, a]. Printed: 2 Rad + a sqrt(2 log(2/delta)/n).

    Parameters
    ----------
    n : array_like
        Samples, at least 1.
    rademacher : array_like
        Rad(loss o F) >= 0, without an absolute value inside the supremum (or with it).
    delta : array_like
        Failure probability in (0, 1).
    bound : array_like
        a > 0.
    printed : bool
        Whether the second term is the printed one.

    Returns
    -------
    float or ndarray
        The deviation > 0, in the unit of the loss, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `printed` is no flag.
    ValueError
        If one is out of its range, shapes do not broadcast, or the result is beyond the range of doubles.
    """
    n, rademacher, a = count("n", n), nonnegative("rademacher", rademacher), positive("bound", bound)
    delta = open_unit("delta", delta)
    spread = 2 * (np.log(2) - np.log(delta)) if check_flag("printed", printed) else -np.log(delta) / 2
    with np.errstate(over="ignore"):
        return in_range("rademacher and bound", 2 * rademacher + a * np.sqrt(spread / n))


def _mean_absolute_sum(n: FloatArray) -> FloatArray:
    """E |sum of n fair signs| / n = C(n - 1, floor(n/2)) / 2^(n - 1), rounded up; at most 1/sqrt(n)."""
    half = np.floor(n / 2)
    with np.errstate(invalid="ignore"):
        logarithm = gammaln(n) - gammaln(half + 1) - gammaln(n - half) - (n - 1) * np.log(2)
    exact = np.exp(logarithm) * (1 + 1e-9)
    return np.asarray(np.minimum(np.where(n <= 1e4, exact, np.inf), 1 / np.sqrt(n)))


@broadcasting
def stable_class_rademacher(
    n: ArrayLike,
    d: ArrayLike,
    log_size: ArrayLike,
    stability: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    convex: bool = True,
) -> Values:
    """Bound Rad(F) (absolute value inside) of finitely many classifiers of class stability at least `stability`.

    The bound of this file's head at a theta that makes it small, or Massart's sqrt(2 log(2|F|)/n), or one. It asks
    nothing of log|F|, nor of the closedness of the classes.

    Parameters
    ----------
    n, d
        As in `price_theorem_4`.
    log_size : array_like
        log|F| >= 0, finite.
    stability, isoperimetry, convex
        As in `price_theorem_4`.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `convex` is no flag.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    n, d, p = count("n", n), count("d", d), nonnegative("log_size", log_size)
    scale, c = positive("stability", stability), positive("isoperimetry", isoperimetry)
    slope = _slope(convex)
    with np.errstate(over="ignore"):
        s = np.clip(scale / np.sqrt(c) * np.sqrt(d), _SMALLEST, _LARGEST)

    def value(theta: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):
            tilt, log_moment, _ = _surrogate(s, theta)
            smooth = slope * np.sqrt(2 * SIGNED_PROXY * (p + np.log(2)) / n) / (theta * s)
            return -np.asarray(_mean_absolute_sum(n) + smooth + (p / n + log_moment) / tilt)

    shape = value(np.asarray(0.5)).shape
    (theta,) = _search(value, shape, dimensions=1)
    with np.errstate(over="ignore"):
        massart = np.sqrt(2 * (p + np.log(2)) / n)
    return number(np.minimum(np.minimum(-value(theta), massart), 1.0))


@dataclass(frozen=True, eq=False, repr=False)
class StabilityBound(ByValue):
    """An upper bound on the class stability of a classifier that fits below the noise level, and what proves it.

    Attributes
    ----------
    stability : float or ndarray
        The bound; infinite where no split proves anything.
    effective_exponent : float or ndarray
        p_eff: what the mask knows about the data plus the logarithm of the count per mask, in nats, at its share of
        delta.
    split : Split
        Shares of delta for the labels (`concentration`) and of 2 epsilon for the rounding of the weights.
    theta : float or ndarray
        Width of the ramp over the stability.
    """

    stability: Values
    effective_exponent: Values
    split: Split
    theta: Values


def _left(budget: FloatArray, cost: FloatArray, s: FloatArray, theta: FloatArray, slope: float) -> FloatArray:
    """Return what the budget 2 epsilon - t leaves at s; the law holds where it is not negative."""
    with np.errstate(over="ignore", under="ignore"):
        tilt, log_moment, mean = _surrogate(s, theta)
        smooth = slope * np.sqrt(2 * CENTRED_PROXY * cost) / (theta * s)
        result: FloatArray = budget - smooth - (cost + log_moment) / tilt - mean
    return result


def _least_stability(budget: FloatArray, cost: FloatArray, theta: FloatArray, slope: float) -> FloatArray:
    """Return an s at which something is left, the least up to bisection; infinite for an empty budget.

    What is left was computed at the s that is returned, so the bound does not rest on the search.
    """
    able = (budget > 0) & np.isfinite(cost)
    room = np.where(able, budget, 1.0)
    cost = np.where(able, cost, 1.0)
    with np.errstate(over="ignore", divide="ignore"):
        start = slope * np.sqrt(2 * CENTRED_PROXY * cost) / (theta * room)
    able = able & (start < _LARGEST)
    high = np.where(able, np.maximum(start, 1.0), 1.0)
    for _ in range(_HALVINGS):
        short = _left(room, cost, high, theta, slope) < 0
        if not short.any():
            break
        high = np.where(short, 2 * high, high)
    able = able & (_left(room, cost, high, theta, slope) >= 0)
    low = high * 1e-9
    for _ in range(_HALVINGS):
        middle = np.sqrt(low) * np.sqrt(high)
        enough = _left(room, cost, middle, theta, slope) >= 0
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    result: FloatArray = np.where(able, high, np.inf)
    return result


def _scaled(unit: FloatArray, bound: FloatArray) -> FloatArray:
    """Return S from s; infinite, which bounds nothing, where it exceeds the range of doubles."""
    with np.errstate(over="ignore"):
        return np.asarray(unit * bound)


def _optimised(
    at: Callable[[FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]], dimensions: int
) -> StabilityBound:
    """Search theta, the share of delta and, for a net, the share of the rounding."""

    def value(theta: FloatArray, share: FloatArray, rounding: FloatArray | None = None) -> FloatArray:
        bound = at(theta, share, np.asarray(1e-12) if rounding is None else rounding)[0]
        return np.asarray(-np.minimum(bound, np.finfo(np.float64).max))

    shape = value(*[np.asarray(0.5)] * dimensions).shape
    theta, share, *rest = _search(value, shape, dimensions=dimensions)
    rounding = rest[0] if rest else np.broadcast_to(np.asarray(1e-12), np.shape(share))
    bound, exponent = at(theta, share, rounding)
    return StabilityBound(number(bound), number(exponent), Split(number(share), number(rounding)), number(theta))


@broadcasting
def class_stability_at_split(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    log_count: ArrayLike,
    dependence: Dependence,
    convex: bool = True,
    share: ArrayLike = 0.5,
    theta: ArrayLike = 0.5,
) -> Values:
    """Return `class_stability_law` at a given split: valid whatever the split, infinite if nothing is left.

    Parameters
    ----------
    n, d, epsilon, delta, isoperimetry, log_count, dependence, convex
        As in `class_stability_law`.
    share : array_like
        Share of delta, in (0, 1), for the mean of the labels.
    theta : array_like
        Width of the ramp over the stability, in (0, 1).

    Returns
    -------
    float or ndarray
        Upper bound on S(f^W) in the unit of the inputs, of the broadcast shape; infinite where nothing is proved.

    Raises
    ------
    TypeError, ValueError
        As `class_stability_law`.
    """
    _check_dependence(dependence)
    n, d, epsilon, delta = count("n", n), count("d", d), margin("epsilon", epsilon), open_unit("delta", delta)
    unit = np.sqrt(positive("isoperimetry", isoperimetry)) / np.sqrt(d)
    size, slope = nonnegative("log_count", log_count), _slope(convex)
    share, theta = open_unit("share", share), open_unit("theta", theta)
    bound, _ = _at(n, epsilon, delta, size, dependence, slope, theta, share)
    return number(_scaled(unit, bound))


def _at(
    n: FloatArray,
    epsilon: FloatArray,
    delta: FloatArray,
    size: FloatArray,
    dependence: Dependence,
    slope: float,
    theta: FloatArray,
    share: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return s and p_eff; epsilon is what the rounding of the weights leaves."""
    exponent = np.asarray(size + dependence.exponent(share_of(delta, 1 - share)))
    budget = 2 * epsilon - np.sqrt(2 * (np.log(2) - np.log(share_of(delta, share))) / n)
    budget, cost, theta = np.broadcast_arrays(budget, (exponent + np.log(2)) / n, theta)
    return _least_stability(budget, cost, theta, slope), exponent


@broadcasting
def class_stability_law(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    log_count: ArrayLike,
    dependence: Dependence,
    convex: bool = True,
) -> StabilityBound:
    """Return the law for pruned classifiers: outside an event of probability delta, R^(f^W) <= R* - epsilon has S < it.

    With p_eff = log(classifiers per mask) + dependence.exponent(delta_2) and delta_1 + delta_2 = delta, the least
    S = s sqrt(c/d) with

        2 epsilon >= sqrt(2 log(2/delta_1)/n) + (l/(theta s)) sqrt(2 kappa q) + (q + log M)/lam + E T,
        q = (p_eff + log 2)/n.

    R* is the least risk in the class, or anything below it. Without masks: MaximalLeakage(0) and log_count = log|F|.

    Parameters
    ----------
    n, d : array_like
        Samples and input dimension, at least 1.
    epsilon : array_like
        Margin below R*, in (0, 1].
    delta : array_like
        Failure probability in (0, 1).
    isoperimetry : array_like
        Isoperimetry constant c > 0.
    log_count : array_like
        Logarithm of the number of classifiers that one mask admits (at most), >= 0.
    dependence : Dependence
        Of the mask on the data, in nats.
    convex : bool
        Whether the domain is convex (l = 1) or any subset (l = 2).

    Returns
    -------
    StabilityBound
        Its fields have the broadcast shape; the split is found entry by entry.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, `dependence` lacks a method of `Dependence`, or `convex` is no flag.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    _check_dependence(dependence)
    n, d, epsilon, delta = count("n", n), count("d", d), margin("epsilon", epsilon), open_unit("delta", delta)
    unit = np.sqrt(positive("isoperimetry", isoperimetry)) / np.sqrt(d)
    size, slope = nonnegative("log_count", log_count), _slope(convex)

    def at(theta: FloatArray, share: FloatArray, _: FloatArray) -> tuple[FloatArray, FloatArray]:
        bound, exponent = _at(n, epsilon, delta, size, dependence, slope, theta, share)
        return _scaled(unit, bound), exponent

    return _optimised(at, dimensions=2)


@broadcasting
def normalised_stability_law(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    mask_size: ArrayLike,
    diameter: ArrayLike,
    parameter_lipschitz: ArrayLike,
    least_costability: ArrayLike,
    dependence: Dependence,
) -> StabilityBound:
    """Return the law for f = sgn(g_{m,w}): a fit of risk R* - epsilon has S*(g)/L(g) below it, if S*(g) >= the least.

    The weights kept by a mask are rounded within the class to a net of radius r, J r = rho theta S*: the count per mask
    is (1 + W J/(rho theta S*))^size, and 2 rho of the budget 2 epsilon is lost. It takes the place of Corollary 15,
    whose term (J/S*) e changes with the units of the weights.

    Parameters
    ----------
    n, d, epsilon, delta, isoperimetry
        As in `class_stability_law`.
    mask_size : array_like
        Weights that a mask keeps (at most), at least 0.
    diameter, parameter_lipschitz : array_like
        W >= 0 and J >= 0: the weights kept by a mask lie in a set of diameter W, sup |g_w - g_w'| <= J |w - w'|.
    least_costability : array_like
        Lower bound > 0 on S*(g) = E|g| over the class.
    dependence
        As in `class_stability_law`.

    Returns
    -------
    StabilityBound
        Of which `stability` bounds S*(g)/L(g), in the unit of the inputs, with fields of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `dependence` lacks a method of `Dependence`.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    _check_dependence(dependence)
    n, d, epsilon, delta = count("n", n), count("d", d), margin("epsilon", epsilon), open_unit("delta", delta)
    unit = np.sqrt(positive("isoperimetry", isoperimetry)) / np.sqrt(d)
    kept = count("mask_size", mask_size, minimum=0)
    reach = nonnegative("diameter", diameter), nonnegative("parameter_lipschitz", parameter_lipschitz)
    least = positive("least_costability", least_costability)

    def at(theta: FloatArray, share: FloatArray, rounding: FloatArray) -> tuple[FloatArray, FloatArray]:
        radius = share_of(np.asarray(epsilon * rounding), theta * least)
        size = np.asarray(kept * log1p_product(1.0, *reach, radius))
        bound, exponent = _at(n, np.asarray(epsilon * (1 - rounding)), delta, size, dependence, 1.0, theta, share)
        return _scaled(unit, bound), exponent

    return _optimised(at, dimensions=3)
