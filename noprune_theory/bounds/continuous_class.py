r"""Theorems 1, 2 and 4: a pruned network that fits below the noise level has a large Lipschitz constant.

Setting of Theorem 4: f_{m,w} with w in W_m, a set of diameter at most W, ||f_{m,w} - f_{m,w'}||_inf <= J ||w - w'||,
assumptions A1 and A2, E[y | x, l] = g(x).

*Inputs in a ball.* Over all of R^d no finite J exists, not even for linear functions, so J is meant on a ball:
|f_{m,w}(x) - f_{m,w'}(x)| <= J ||w - w'|| for |x| <= R. That is enough, since the weights are rounded to change f on
the sample alone, but it fails with the inputs: every statement here then holds with P(max_i |x_i| > R) added to delta.

The sharp versions follow the paper's route with these changes.

*Keep the mask.* If Lip(f^W) <= L, replace the weights alone, by the nearest point of a net of
{w in W_m : Lip(f_{m,w}) <= L} for the same mask m = m^W; if that set is empty, return the zero function. The printed
replacement also changes the mask, and can create information.

*Round in the norm.* sqrt(MSE) is a Euclidean norm, so a net of width eta/J moves it by at most eta, and
MSE <= sigma^2 - epsilon becomes MSE <= sigma^2 - epsilon + 2 eta sqrt(1 - epsilon) + eta^2. For eta = epsilon/8 that
loses at most epsilon/4.

*Spend the rest.* With threshold tau = epsilon/4 for the correlation with the noise, epsilon/4 is left for the
concentration event of `noprune_theory.bounds.finite_class`, whose probability is at most delta/2 when
n epsilon^2 >= 136 ((k + 1) log 2 + log(1/delta)). The correlation event has probability at most delta/2 as soon as
log(1/q) reaches the exponent R that the chosen measure of dependence asks for, q = exp(-tau^2 n d / (8 c L^2)):

    Lip(f^W) >= (epsilon/4) sqrt(n d / (8 c R)).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory.bounds import change_of_measure
from noprune_theory.bounds._arguments import (
    Values,
    broadcasting,
    closed_unit,
    count,
    divisible,
    first,
    in_range,
    log1p_product,
    margin,
    nonnegative,
    number,
    open_unit,
    positive,
)
from noprune_theory.bounds.constants import Constants
from noprune_theory.bounds.finite_class import CONCENTRATION_RATE


@broadcasting
def log_net_size_per_weight(
    diameter: ArrayLike, parameter_lipschitz: ArrayLike, epsilon: ArrayLike, constants: Constants = Constants.PAPER
) -> Values:
    """log(1 + net W J / epsilon) in nats: what one kept weight contributes to the effective parameter count.

    Parameters
    ----------
    diameter, parameter_lipschitz : array_like
        W and J of Theorem 4, both >= 0; only their product counts, so that the unit of the weights does not.
    epsilon : array_like
        Margin below sigma^2, in (0, 1].
    constants : Constants
        Of which `net` is used, 60 as printed and 8 sharp; those of the bound that the count is for.

    Returns
    -------
    float or ndarray
        Nats a weight, >= 0, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `constants` are not `Constants`.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    diameter = nonnegative("diameter", diameter)
    parameter_lipschitz = nonnegative("parameter_lipschitz", parameter_lipschitz)
    return number(log1p_product(constants.net, diameter, parameter_lipschitz, margin("epsilon", epsilon)))


def _margin_left(constants: Constants) -> float:
    """Fraction of epsilon left for concentration after the correlation threshold and the rounding, 2/net at most."""
    return 1 - 2 * constants.correlation - 2 / constants.net


@broadcasting
def theorem_4_condition(components: ArrayLike, delta: ArrayLike, constants: Constants = Constants.PAPER) -> Values:
    """Smallest n epsilon^2 that Theorem 4 admits.

    Printed: 8^3 k log(8k/delta). Sharp: 136 ((k + 1) log 2 + log(1/delta)).

    Parameters
    ----------
    components : array_like
        Mixture components k, at least 1.
    delta : array_like
        Failure probability in (0, 1).
    constants : Constants
        Of which the split of epsilon is used, and whether the condition is the printed one.

    Returns
    -------
    float or ndarray
        The least n epsilon^2, of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `log_net_size_per_weight`.
    """
    k, delta = count("components", components), open_unit("delta", delta)
    if constants.lemma_1 == "printed":
        return number(8**3 * k * (np.log(8 * k) - np.log(delta)))
    rate = CONCENTRATION_RATE * _margin_left(constants) ** 2
    return number(((k + 1) * np.log(2) - np.log(delta)) / rate)


def _check_condition(
    n: FloatArray, components: ArrayLike, epsilon: FloatArray, delta: ArrayLike, constants: Constants
) -> None:
    required = theorem_4_condition(components, delta, constants)
    available, required = np.broadcast_arrays(n * epsilon**2, required)
    # One rounding of slack: an n chosen to meet the condition with equality must pass.
    short = available < required * (1 - 4 * np.finfo(np.float64).eps)
    if short.any():
        raise ValueError(
            f"n epsilon^2 = {available[short].flat[0]:.6g} is below {required[short].flat[0]:.6g}, which Theorem 4"
            " needs for this components and delta (its condition on k): raise n or epsilon"
        )


def _smallest_lipschitz(
    n: FloatArray, d: FloatArray, isoperimetry: FloatArray, threshold: FloatArray, exponent: Values, proxy: float
) -> Values:
    """L at which exp(-threshold^2 n d / (proxy c L^2)) = exp(-exponent)."""
    return number(threshold * np.sqrt(n * d / proxy) / np.sqrt(isoperimetry) / np.sqrt(exponent))


@broadcasting
def theorem_4(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    effective_parameters: ArrayLike,
    constants: Constants = Constants.PAPER,
) -> Values:
    """Theorem 4: with probability 1 - delta, MSE(f^W) <= sigma^2 - epsilon implies Lip(f^W) >= this.

    Printed: epsilon / (96 a1 sqrt(2c)) sqrt(n d delta / (p_eff + (delta/2) log(4/delta))). In closed form:
    (epsilon/16) sqrt(n d delta / (c (p_eff + h(delta/2)))). Sharp: (epsilon/4) sqrt(n d / (8 c R)) where R is
    `change_of_measure.information_exponent` at delta/2 and p_eff.

    Parameters
    ----------
    n, d, components : array_like
        Samples, input dimension and mixture components k, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, 1].
    delta : array_like
        Failure probability in (0, 1).
    isoperimetry : array_like
        Isoperimetry constant c > 0 of every component.
    effective_parameters : array_like
        p_eff = I(m^W; D) + E||m||_1 `log_net_size_per_weight` in nats, >= 0, with the net of the same constants. (In
        bits, as printed, the bound stays valid and is looser.)
    constants : Constants

    Returns
    -------
    float or ndarray
        Lower bound on Lip(f^W), of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `constants` are not `Constants`.
    ValueError
        If one is out of its range, shapes do not broadcast, n epsilon^2 is below `theorem_4_condition`, or
        effective_parameters / delta is beyond the range of doubles.
    """
    n, d, epsilon = count("n", n), count("d", d), margin("epsilon", epsilon)
    delta, isoperimetry = open_unit("delta", delta), positive("isoperimetry", isoperimetry)
    effective = nonnegative("effective_parameters", effective_parameters)
    _check_condition(n, components, epsilon, delta, constants)
    with np.errstate(over="ignore"):
        spent = in_range("effective_parameters and delta", constants.a1_squared * (2 * effective / delta))
    if constants.lemma_1 == "printed":
        exponent = spent + constants.a1_squared * (np.log(4) - np.log(delta))
    elif constants.lemma_1 == "binary entropy":
        exponent = change_of_measure.information_exponent_closed_form(delta / 2, effective)
    else:
        exponent = change_of_measure.information_exponent(delta / 2, effective)
    if constants.lemma_1 != "printed":
        exponent = exponent + np.log(constants.tails)
    return _smallest_lipschitz(n, d, isoperimetry, constants.correlation * epsilon, exponent, constants.proxy)


def _sharp_law(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    exponent: Values,
) -> Values:
    n, d, epsilon = count("n", n), count("d", d), margin("epsilon", epsilon)
    isoperimetry = positive("isoperimetry", isoperimetry)
    _check_condition(n, components, epsilon, delta, Constants.SHARP)
    threshold = Constants.SHARP.correlation * epsilon
    return _smallest_lipschitz(n, d, isoperimetry, threshold, exponent, Constants.SHARP.proxy)


def _half(delta: ArrayLike) -> FloatArray:
    return divisible("delta", delta) / 2


@broadcasting
def theorem_4_leakage(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    leakage: ArrayLike,
) -> Values:
    """Theorem 4 without 1/delta: (epsilon/4) sqrt(n d / (8 c (leakage + log(2/delta)))).

    Parameters
    ----------
    n, d, components, epsilon, delta, isoperimetry
        As in `theorem_4`.
    leakage : array_like
        Maximal leakage in nats from D to the rounded pair of mask and weights: at most the leakage to the mask plus
        the largest mask size times `log_net_size_per_weight` with the sharp constants.

    Returns
    -------
    float or ndarray
        Lower bound on Lip(f^W), of the broadcast shape, outside an event of probability delta.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, delta < 1e-300 (it is halved), shapes do not broadcast, or n epsilon^2 is below
        `theorem_4_condition` with the sharp constants.
    """
    exponent = change_of_measure.leakage_exponent(_half(delta), leakage)
    return _sharp_law(n, d, components, epsilon, delta, isoperimetry, exponent)


@broadcasting
def theorem_4_sibson(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    sibson_information: ArrayLike,
    order: ArrayLike,
) -> Values:
    """Theorem 4 without 1/delta: (epsilon/4) sqrt(n d / (8 c (I_a + a/(a-1) log(2/delta)))).

    Parameters
    ----------
    n, d, components, epsilon, delta, isoperimetry
        As in `theorem_4`.
    sibson_information : array_like
        Sibson's information of order a in nats of the rounded pair; at most that of the mask plus the largest mask size
        times `log_net_size_per_weight` with the sharp constants.
    order : array_like
        a > 1, finite.

    Returns
    -------
    float or ndarray
        Lower bound on Lip(f^W), of the broadcast shape, outside an event of probability delta.

    Raises
    ------
    TypeError, ValueError
        As `theorem_4_leakage`.
    """
    exponent = change_of_measure.sibson_exponent(_half(delta), sibson_information, order)
    return _sharp_law(n, d, components, epsilon, delta, isoperimetry, exponent)


@broadcasting
def theorem_4_density(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    level: ArrayLike,
    exceedance: ArrayLike,
) -> Values:
    """Theorem 4 by the information spectrum: (epsilon/4) sqrt(n d / (8 c (level + log(1/(delta/2 - exceedance))))).

    Parameters
    ----------
    n, d, components, epsilon, delta, isoperimetry
        As in `theorem_4`.
    level, exceedance : array_like
        The information density of the rounded pair exceeds `level` (nats) with probability at most `exceedance`, which
        must be smaller than delta/2.

    Returns
    -------
    float or ndarray
        Lower bound on Lip(f^W), of the broadcast shape, outside an event of probability delta.

    Raises
    ------
    TypeError, ValueError
        As `theorem_4_leakage`, and for an exceedance of delta/2 or more.
    """
    half, beyond = _half(delta), closed_unit("exceedance", exceedance)
    spent = beyond >= half
    if spent.any():
        given = f"exceedance = {first(beyond, spent)} and delta = {first(2 * half, spent)}"
        raise ValueError(f"exceedance must be smaller than delta/2, got {given}")
    exponent = change_of_measure.density_exponent(half, level, exceedance)
    return _sharp_law(n, d, components, epsilon, delta, isoperimetry, exponent)


@broadcasting
def theorem_1(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    parameters: ArrayLike,
    diameter: ArrayLike,
    parameter_lipschitz: ArrayLike,
) -> Values:
    """Law of robustness for a class with p real parameters, with every constant: for all f of the class at once.

    (epsilon/4) sqrt(n d / (8 c (p log(1 + 8 W J / epsilon) + log(2/delta)))): the union over the net, which is
    `theorem_4_leakage` with a mask that is fixed. It has no 1/sigma; the order form does.

    Parameters
    ----------
    n, d, components, epsilon, delta, isoperimetry
        As in `theorem_4`.
    parameters : array_like
        Number p of real parameters, at least 1.
    diameter, parameter_lipschitz : array_like
        W and J, both >= 0.

    Returns
    -------
    float or ndarray
        Lower bound on Lip(f), of the broadcast shape, for every f of the class outside an event of probability delta.

    Raises
    ------
    TypeError, ValueError
        As `theorem_4_leakage`.
    """
    per_weight = log_net_size_per_weight(diameter, parameter_lipschitz, epsilon, Constants.SHARP)
    log_net = count("parameters", parameters) * per_weight
    return theorem_4_leakage(n, d, components, epsilon, delta, isoperimetry, log_net)


@broadcasting
def theorem_1_order(n: ArrayLike, d: ArrayLike, epsilon: ArrayLike, sigma: ArrayLike, parameters: ArrayLike) -> Values:
    """Theorem 1 (Bubeck and Sellke) as printed, without constants and logarithms: (epsilon/sigma) sqrt(n d / p).

    Parameters
    ----------
    n, d, epsilon
        As in `theorem_4`.
    sigma : array_like
        Square root of the noise level, in (0, 1].
    parameters : array_like
        Number p of real parameters, at least 1.

    Returns
    -------
    float or ndarray
        The order of the bound on Lip(f), of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, shapes do not broadcast, or the result is beyond the range of doubles.
    """
    n, d, epsilon, p = count("n", n), count("d", d), margin("epsilon", epsilon), count("parameters", parameters)
    with np.errstate(over="ignore"):
        return in_range("epsilon and sigma", epsilon / margin("sigma", sigma) * np.sqrt(n * d / p))


@broadcasting
def theorem_2_order(n: ArrayLike, d: ArrayLike, epsilon: ArrayLike, effective_parameters: ArrayLike) -> Values:
    """Theorem 2 as printed, without constants and logarithms: epsilon sqrt(n d / p_eff).

    Parameters
    ----------
    n : array_like
        Samples, at least 1.
    d : array_like
        Input dimension, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, 1].
    effective_parameters : array_like
        p_eff > 0 in nats.

    Returns
    -------
    float or ndarray
        The order of the bound on Lip(f^W), of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    n, d, epsilon = count("n", n), count("d", d), margin("epsilon", epsilon)
    effective = positive("effective_parameters", effective_parameters)
    return number(epsilon * np.sqrt(n * d) / np.sqrt(effective))
