r"""Theorems 5 and 6 and Equations (12) and (13) of Appendix D: generalisation of a class that the data have chosen.

m samples, I = I(W; D), and gen_D(h) the absolute gap between the population and the empirical loss of h.

What replaces Theorem 5. For 0-1 losses and the growth function tau <= (e m / v)^v (Sauer; v the VC dimension, m >= v),
symmetrisation and a union over 2 tau sign patterns of half-width 1/2 give E sup gen <= sqrt(2 log(2 tau) / m). The
supremum changes by at most 1/m with one sample, so its upper tail is exp(-2 m u^2) (McDiarmid), and the change of
measure asks for 2 m u^2 = exponent(delta, I).

What replaces Theorem 6. E sup of the signed gap is at most 2 E Rad(l o H), for the gap and for its negative alone: for
the absolute value it is false. Each signed gap changes by at most 2b/m with one sample. Rad(l o H) changes by at most
b/m: over one sign, the mean of sup(A + sigma u) with |u| <= b lies in [sup A, sup A + b]. Hence sup gap - 2 Rad
changes by at most 4b/m, has upper tail exp(-m u^2 / (8 b^2)), and the union over two signs asks for
m u^2 / (8 b^2) = exponent(delta, I) + log 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory.bounds import change_of_measure
from noprune_theory.bounds._arguments import (
    Values,
    broadcasting,
    count,
    first,
    in_range,
    nonnegative,
    number,
    open_unit,
    positive,
)
from noprune_theory.bounds.constants import Constants


def _exponent(delta: ArrayLike, information: ArrayLike, constants: Constants) -> Values:
    if constants.lemma_1 == "binary entropy":
        return change_of_measure.information_exponent_closed_form(delta, information)
    return change_of_measure.information_exponent(delta, information)


def _growth_exponent(m: FloatArray, vc_dimension: FloatArray) -> FloatArray:
    """Logarithm of Sauer's bound (e m / v)^v on the growth function, for m >= v."""
    short = m < vc_dimension
    if short.any():
        given = f"m = {first(m, short)}, vc_dimension = {first(vc_dimension, short)}"
        raise ValueError(f"m must be at least vc_dimension (Sauer's bound starts there), got {given}")
    result: FloatArray = vc_dimension * (1 + np.log(m / vc_dimension))
    return result


@broadcasting
def theorem_5(
    m: ArrayLike,
    vc_dimension: ArrayLike,
    information: ArrayLike,
    delta: ArrayLike,
    constants: Constants = Constants.PAPER,
) -> Values:
    """Theorem 5, Equation (10): with probability 1 - delta, the largest generalisation gap in H_W is at most this.

    Printed: (4 + sqrt(v log(2em/v)) + sqrt((4 a1^2/delta)(I + delta log(2/delta)))) / sqrt(2m), which is false for
    large VC dimensions v. Repaired: (2 sqrt(log 2 + v log(em/v)) + sqrt(exponent(delta, I))) / sqrt(2m), where
    exponent(delta, I) <= I/delta + log(e/delta).

    Parameters
    ----------
    m : array_like
        Samples; more than v + 1 as printed, at least v repaired.
    vc_dimension : array_like
        VC dimension v >= 1 of every class.
    information : array_like
        I(W; D) >= 0 in nats.
    delta : array_like
        Failure probability in (0, 1).
    constants : Constants
        Of which `lemma_1` and, where that is printed, `a1_squared` are used.

    Returns
    -------
    float or ndarray
        The bound >= 0, of the broadcast shape; above one it says nothing about 0-1 losses.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `constants` are not `Constants`.
    ValueError
        If one is out of its range (m too small for v included), shapes do not broadcast, or the bound is beyond the
        range of doubles.
    """
    m, v = np.broadcast_arrays(count("m", m), count("vc_dimension", vc_dimension))
    information, delta = nonnegative("information", information), open_unit("delta", delta)
    if constants.lemma_1 != "printed":
        growth = 2 * np.sqrt(np.log(2) + _growth_exponent(m, v))
        return number((growth + np.sqrt(_exponent(delta, information, constants))) / np.sqrt(2 * m))
    short = m <= v + 1
    if short.any():
        given = f"m = {first(m, short)} and vc_dimension = {first(v, short)}"
        raise ValueError(f"m must exceed vc_dimension + 1, got {given}")
    growth = 4 + np.sqrt(v * (np.log(2) + 1 + np.log(m / v)))
    with np.errstate(over="ignore"):
        second = np.sqrt(4 * constants.a1_squared) * np.sqrt(information / delta + np.log(2) - np.log(delta))
    return in_range("information and delta", (growth + second) / np.sqrt(2 * m))


@broadcasting
def theorem_6(
    m: ArrayLike,
    bound: ArrayLike,
    rademacher: ArrayLike,
    information: ArrayLike,
    delta: ArrayLike,
    constants: Constants = Constants.PAPER,
) -> Values:
    """Theorem 6: with probability 1 - delta, the largest generalisation gap in H_W is at most this.

    Printed: 2 Rad + (6/sqrt(m)) sqrt((a1^2 b/delta)(I + (delta/2) log(4/delta))), with b where the proof gives b^2.
    Repaired: 2 Rad + b sqrt((8/m)(log 2 + exponent(delta, I))), exponent(delta, I) <= I/delta + log(e/delta).

    Parameters
    ----------
    m : array_like
        Samples, at least 1.
    bound : array_like
        Losses lie in [-b, b], b > 0, and are 1-Lipschitz in the prediction.
    rademacher : array_like
        Empirical Rademacher complexity Rad_D(H_W) >= 0, without an absolute value inside the supremum.
    information : array_like
        I(W; D) >= 0 in nats.
    delta : array_like
        Failure probability in (0, 1).
    constants : Constants
        Of which `lemma_1` and, where that is printed, `a1_squared` are used.

    Returns
    -------
    float or ndarray
        The bound >= 0, in the unit of the loss, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `constants` are not `Constants`.
    ValueError
        If one is out of its range, shapes do not broadcast, or the bound is beyond the range of doubles.
    """
    m, b, rademacher = count("m", m), positive("bound", bound), nonnegative("rademacher", rademacher)
    information, delta = nonnegative("information", information), open_unit("delta", delta)
    with np.errstate(over="ignore"):
        if constants.lemma_1 == "printed":
            bracket = information / delta + (np.log(4) - np.log(delta)) / 2
            gap = 2 * rademacher + 6 * np.sqrt(b) * np.sqrt(constants.a1_squared * bracket / m)
        else:
            exponent = _exponent(delta, information, constants) + np.log(2)
            gap = 2 * rademacher + b * np.sqrt(8 * exponent / m)
    return in_range("rademacher, bound, information and delta", gap)


@broadcasting
def massart(m: ArrayLike, bound: ArrayLike, n_functions: ArrayLike) -> Values:
    """Equation (12), Massart's lemma: Rad_D(H) <= b sqrt(2 log N / m) for N functions with values in [-b, b].

    Parameters
    ----------
    m : array_like
        Samples, at least 1.
    bound : array_like
        b > 0: values lie in [-b, b].
    n_functions : array_like
        Number N of functions, a whole number from 1 to 2^53.

    Returns
    -------
    float or ndarray
        The bound >= 0, in the unit of b, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, shapes do not broadcast, or the bound is beyond the range of doubles.
    """
    m, b, n_functions = count("m", m), positive("bound", bound), count("n_functions", n_functions)
    with np.errstate(over="ignore"):
        return in_range("bound", b * np.sqrt(2 * np.log(n_functions) / m))


@broadcasting
def mcdiarmid_tail(radius: ArrayLike, m: ArrayLike, spread: ArrayLike = 1.0) -> Values:
    """Equation (13), McDiarmid: P(|Y - E Y| >= u) <= min(1, 2 exp(-2 m u^2 / spread^2)).

    Parameters
    ----------
    radius : array_like
        u > 0, in the unit of Y.
    m : array_like
        Independent samples, at least 1.
    spread : array_like
        Y changes by at most spread/m > 0 when one sample changes; one as printed.

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
    radius, m, spread = positive("radius", radius), count("m", m), positive("spread", spread)
    with np.errstate(over="ignore", under="ignore"):
        return number(np.minimum(2 * np.exp(-2 * m * (radius / spread) ** 2), 1.0))
