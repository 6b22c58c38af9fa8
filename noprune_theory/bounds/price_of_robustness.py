r"""Statements of "The Price of Robustness" (von Berg, Fono, Datres, Maskey, Kutyniok, ICLR 2026) with their constants.

The paper leaves K, K1 and K2 open; those below are proved in `verification/price_of_robustness`. Where a statement is
wrong as printed, the function returns the corrected form unless `printed` is set. Sharper bounds, without these
hypotheses, are in `noprune_theory.bounds.class_stability`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_flag
from noprune_theory.bounds._arguments import (
    Values,
    broadcasting,
    count,
    first,
    in_range,
    log1p_product,
    margin,
    nonnegative,
    number,
    positive,
)

# Where log|F| >= n: in a convex domain, in any domain; and without that hypothesis, with the exponential term.
K_CONVEX, K_ANY, K_SMOOTH = 139 / 20, 1043 / 100, 33 / 4


def _log_size(n: FloatArray, p: FloatArray) -> FloatArray:
    short = p < n
    if short.any():
        raise ValueError(f"log_size must be at least n, got log_size = {first(p, short)} and n = {first(n, short)}")
    return p


def _constant(convex: bool) -> float:
    return K_CONVEX if check_flag("convex", convex) else K_ANY


@broadcasting
def price_fact_2(d: ArrayLike, stability: ArrayLike, isoperimetry: ArrayLike) -> Values:
    """Fact 2 as printed: P(h_f < S(f)/2) <= exp(-d S^2 / (8c)), which two-sided isoperimetry gives twice as large.

    `margin_tail` is the corrected form.

    Parameters
    ----------
    d, stability, isoperimetry
        As in `margin_tail`.

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
    with np.errstate(over="ignore"):
        return number(np.exp(-d / 8 * (stability / np.sqrt(c)) ** 2))


@broadcasting
def price_theorem_4(
    n: ArrayLike,
    d: ArrayLike,
    log_size: ArrayLike,
    stability: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    convex: bool = True,
) -> Values:
    """Theorem 4 with its constant: K max(1/sqrt(n), (sqrt(c)/S) sqrt(log|F|/(nd))) bounds Rad(F), at most one.

    Parameters
    ----------
    n, d : array_like
        Samples and input dimension, at least 1.
    log_size : array_like
        log|F|, finite and at least n.
    stability : array_like
        Least S(f) > 0 in the class, in the unit of the inputs.
    isoperimetry : array_like
        Isoperimetry constant c > 0.
    convex : bool
        Whether the domain is convex: then K = 139/20, otherwise 1043/100.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `convex` is no flag.
    ValueError
        If one is out of its range (log_size < n included), or shapes do not broadcast.
    """
    n, d, p = count("n", n), count("d", d), nonnegative("log_size", log_size)
    stability, c = positive("stability", stability), positive("isoperimetry", isoperimetry)
    p = _log_size(n, p)
    with np.errstate(over="ignore"):
        rate = np.maximum(1 / np.sqrt(n), np.sqrt(c) / stability * np.sqrt(p / n) / np.sqrt(d))
    return number(np.minimum(_constant(convex) * rate, 1.0))


@broadcasting
def price_corollary_6(
    n: ArrayLike,
    d: ArrayLike,
    log_size: ArrayLike,
    epsilon: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    convex: bool = True,
) -> Values:
    """Corollary 6 with its constant: a fit of 0-1 risk R* - epsilon has S(f) below this.

    max((3K/epsilon) sqrt(c p/(nd)), sqrt((8c/d) log(6K/epsilon))), where K/sqrt(n) < epsilon/3 and
    sqrt(2 log(2/delta)/n) < epsilon/2 are assumed (not checked here).

    Parameters
    ----------
    n, d : array_like
        Samples and input dimension, at least 1.
    log_size : array_like
        p = log|F|, finite and at least n.
    epsilon : array_like
        Margin below R*, in (0, 1].
    isoperimetry : array_like
        Isoperimetry constant c > 0.
    convex : bool
        As in `price_theorem_4`.

    Returns
    -------
    float or ndarray
        Upper bound on S(f) > 0, in the unit of the inputs, of the broadcast shape.

    Raises
    ------
    TypeError
        As `price_theorem_4`.
    ValueError
        As `price_theorem_4`, or if the bound is beyond the range of doubles.
    """
    n, d, p = count("n", n), count("d", d), nonnegative("log_size", log_size)
    epsilon, c = margin("epsilon", epsilon), positive("isoperimetry", isoperimetry)
    k = _constant(convex)
    with np.errstate(over="ignore"):
        rate = 3 * k / epsilon * np.sqrt(_log_size(n, p) / n)
        result = np.sqrt(c / d) * np.maximum(rate, np.sqrt(8 * (np.log(6 * k) - np.log(epsilon))))
    return in_range("epsilon, log_size and isoperimetry", result)


@broadcasting
def price_theorem_13(
    n: ArrayLike,
    d: ArrayLike,
    n_weights: ArrayLike,
    diameter: ArrayLike,
    parameter_lipschitz: ArrayLike,
    radius: ArrayLike,
    costability: ArrayLike,
    lipschitz: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    printed: bool = False,
) -> Values:
    """Theorem 13 with its constant: a bound on Rad of the classifiers sgn(g_w), at most one.

    K max(1/sqrt(n), (L/S*) sqrt(p/(nd)) sqrt(c log(1 + 60 W J/e)), 2 exp(-d S*^2/(8 c L^2)), e/S*), K = 33/4. Printed,
    the last term is (J/S*) e, which is false: it tends to zero when the weights are measured in smaller units.

    Parameters
    ----------
    n, d, n_weights : array_like
        Samples, input dimension and weights p, at least 1.
    diameter, parameter_lipschitz : array_like
        W >= 0 and J >= 0 with sup |g_w - g_w'| <= J |w - w'|.
    radius : array_like
        e > 0, free.
    costability, lipschitz : array_like
        S* > 0 and L > 0 with E|g_w| >= S* and Lip(g_w) <= L for every w.
    isoperimetry : array_like
        Isoperimetry constant c > 0.
    printed : bool
        Whether the last term is the printed one.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `printed` is no flag.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    n, d, p = count("n", n), count("d", d), count("n_weights", n_weights)
    reach = nonnegative("diameter", diameter), nonnegative("parameter_lipschitz", parameter_lipschitz)
    e, level = positive("radius", radius), positive("costability", costability)
    unit = np.sqrt(positive("isoperimetry", isoperimetry)) / np.sqrt(d)
    with np.errstate(over="ignore"):
        s = np.clip(level / positive("lipschitz", lipschitz) / unit, 1e-150, 1e150)
        rate = np.sqrt(p / n * log1p_product(60.0, *reach, e)) / s
        last = e / level * (reach[1] if check_flag("printed", printed) else 1.0)
        largest = np.maximum(np.maximum(1 / np.sqrt(n), rate), np.maximum(2 * np.exp(-s * s / 8), last))
        return number(np.minimum(K_SMOOTH * largest, 1.0))


@broadcasting
def price_corollary_15(
    n: ArrayLike,
    d: ArrayLike,
    n_weights: ArrayLike,
    diameter: ArrayLike,
    parameter_lipschitz: ArrayLike,
    radius: ArrayLike,
    epsilon: ArrayLike,
    isoperimetry: ArrayLike,
) -> Values:
    """Corollary 15 with its constant: a fit of 0-1 risk R* - epsilon by sgn(g_w) has S*(g_w)/L(g_w) below this.

    max((3K/epsilon) sqrt(p/(nd)) sqrt(c log(1 + 60 W J/e)), sqrt((8c/d) log(6K/epsilon))), K = 33/4. As printed, for
    all e > 0, it is false; it holds for the g_w with S*(g_w) >= 3 K e/epsilon, under the hypotheses of Corollary 6.

    Parameters
    ----------
    n, d, n_weights, diameter, parameter_lipschitz, radius
        As in `price_theorem_13`.
    epsilon : array_like
        Margin below R*, in (0, 1].
    isoperimetry
        As in `price_theorem_13`.

    Returns
    -------
    float or ndarray
        Upper bound on S*(g)/L(g) > 0, in the unit of the inputs, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, shapes do not broadcast, or the bound is beyond the range of doubles.
    """
    n, d, p = count("n", n), count("d", d), count("n_weights", n_weights)
    reach = nonnegative("diameter", diameter), nonnegative("parameter_lipschitz", parameter_lipschitz)
    e, epsilon = positive("radius", radius), margin("epsilon", epsilon)
    unit = np.sqrt(positive("isoperimetry", isoperimetry)) / np.sqrt(d)
    with np.errstate(over="ignore"):
        rate = 3 * K_SMOOTH / epsilon * np.sqrt(p / n * log1p_product(60.0, *reach, e))
        result = unit * np.maximum(rate, np.sqrt(8 * (np.log(6 * K_SMOOTH) - np.log(epsilon))))
    return in_range("epsilon and isoperimetry", result)
