r"""Lemmas 2 and 4 to 6 and Theorem 3: how often a learner from a finite class fits below the noise level.

Setting (A1, A2): n i.i.d. samples, labels y in [-1, 1] with E[y | x, l] = g(x) and sigma^2 = E Var(y | x), z = y - g,
k = `components` mixture components with labels l, functions with values in [-1, 1].

The sharp constants replace the events B, C and F of the paper by one event. For any f and any tau,

    MSE(f) <= sigma^2 - epsilon   implies   mean(y^2 - g^2) - 2 mean(f z) <= sigma^2 - epsilon - mean (g - f)^2,

and mean(f z) = X_f + mean(e_l z), where X_f = mean((f - e_l) z), e_l = E[f | component l] in [-1, 1]. The term
mean(e_l z) is linear in (e_1, ..., e_k), so at most its largest value over sign vectors s. Hence, unless X_f >= tau,

    there is s in {-1, +1}^k with   mean T_s <= sigma^2 - (epsilon - 2 tau),   T_s = (y - s_l)^2 - (g - s_l)^2.

Given (x, l), (y - s_l)^2 lies in [0, 4] and T_s has mean Var(y | x) in [0, 1], whose mean is sigma^2. Hoeffding's lemma
twice gives the variance proxy 4 + 1/4, and the union over s

    P(some T_s is that small) <= 2^k exp(-(2/17) n (epsilon - 2 tau)^2).

The printed argument needs E[z | x, l] = 0 as well (for Lemma 5), although A1 and A2 do not give it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory.bounds._arguments import Values, broadcasting, count, margin, number, share_of
from noprune_theory.bounds.constants import Constants
from noprune_theory.bounds.subgaussian import average_proxy, correlation_tail, equation_7

# n (epsilon - 2 tau)^2 times this, less k log 2, is the exponent of the concentration event above: 1 / (2 (4 + 1/4)).
CONCENTRATION_RATE = 2 / 17


def sign_union(components: FloatArray, exponent: FloatArray) -> FloatArray:
    """min(1, 2^components exp(-exponent)), the union over sign vectors, without overflow."""
    with np.errstate(under="ignore"):
        result: FloatArray = np.exp(np.minimum(components * np.log(2) - exponent, 0.0))
    return result


@broadcasting
def lemma_2_concentration(
    n: ArrayLike, epsilon: ArrayLike, components: ArrayLike, constants: Constants = Constants.PAPER
) -> Values:
    """First term of Lemmas 2 and 6: probability of every way to fit that is not correlation with the noise.

    Printed: min(1, (2k + 2) exp(-n epsilon^2 / (8^3 k))), beside P(X_W >= epsilon/8). Sharp:
    min(1, 2^k exp(-n epsilon^2 / 34)), beside P(X_W >= epsilon/4).

    Parameters
    ----------
    n : array_like
        Samples, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, 1].
    components : array_like
        Mixture components k, at least 1.
    constants : Constants
        Of which `correlation` is used, and whether the bound is the printed one.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `constants` are not `Constants`.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    n, epsilon, k = count("n", n), margin("epsilon", epsilon), count("components", components)
    if constants.lemma_1 == "printed":
        with np.errstate(under="ignore"):
            return number(np.minimum((2 * k + 2) * np.exp(-n * epsilon**2 / (8**3 * k)), 1.0))
    left = epsilon * (1 - 2 * constants.correlation)
    return number(sign_union(k, CONCENTRATION_RATE * n * left**2))


@broadcasting
def lemma_4_failure(n: ArrayLike, epsilon: ArrayLike, constants: Constants = Constants.PAPER) -> Values:
    """Lemma 4: probability that MSE(f) <= sigma^2 - epsilon does not force mean(f z) >= epsilon/4 for every f.

    Printed: P(B^c or C^c) <= 2 exp(-n epsilon^2 / 8^3). Sharp: P(mean(y^2 - g^2) < sigma^2 - epsilon/2) <=
    exp(-n epsilon^2 / 4), since y^2 - g^2 has variance proxy 1/4 + 1/4; this event is contained in B^c or C^c.

    Parameters
    ----------
    n : array_like
        Samples, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, 1].
    constants : Constants
        Whose `lemma_1` says whether the bound is the printed one.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `lemma_2_concentration`.
    """
    n, epsilon = count("n", n), margin("epsilon", epsilon)
    with np.errstate(under="ignore"):
        if constants.lemma_1 == "printed":
            return number(np.minimum(2 * np.exp(-n * epsilon**2 / 8**3), 1.0))
        return number(np.exp(-n * epsilon**2 / 4))


@broadcasting
def lemma_5_failure(
    n: ArrayLike, epsilon: ArrayLike, components: ArrayLike, constants: Constants = Constants.PAPER
) -> Values:
    """Lemma 5: bound on P(F), F the event (1/n) sum_l |sum of z_i in component l| >= epsilon/8.

    Printed: 2k exp(-n epsilon^2 / (8^3 k)). Sharp: 2^k exp(-n epsilon^2 / 128), as the left side is the largest of 2^k
    signed means of z, each with variance proxy 1/n. Both need E[z | x, l] = 0.

    Parameters
    ----------
    n : array_like
        Samples, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, 1].
    components : array_like
        Mixture components k, at least 1.
    constants : Constants
        Whose `lemma_1` says whether the bound is the printed one.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `lemma_2_concentration`.
    """
    n, epsilon, k = count("n", n), margin("epsilon", epsilon), count("components", components)
    if constants.lemma_1 == "printed":
        with np.errstate(under="ignore"):
            return number(np.minimum(2 * k * np.exp(-n * epsilon**2 / (8**3 * k)), 1.0))
    return number(sign_union(k, n * epsilon**2 / 128))


@broadcasting
def lemma_6(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    lipschitz: ArrayLike,
    isoperimetry: ArrayLike,
    information: ArrayLike,
    constants: Constants = Constants.PAPER,
) -> Values:
    """Lemma 6: bound on P(MSE(f^W) <= sigma^2 - epsilon), with the exact inverse of Lemma 1 (Appendix B.1.3).

    Parameters
    ----------
    n, d, components : array_like
        Samples, input dimension and mixture components k, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, 1].
    lipschitz, isoperimetry : array_like
        Largest Lipschitz constant L > 0 in the class and isoperimetry constant c > 0.
    information : array_like
        I({X_t}; W) >= 0 in nats.
    constants : Constants
        Of which all but `net` are used.

    Returns
    -------
    float or ndarray
        min(1, `lemma_2_concentration` + P(X_W >= threshold)), threshold epsilon/8 as printed and epsilon/4 sharp;
        of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `constants` are not `Constants`.
    ValueError
        If one is out of its range, shapes do not broadcast, or `average_proxy` is beyond the range of doubles.
    """
    concentration = lemma_2_concentration(n, epsilon, components, constants)
    proxy = average_proxy(n, d, lipschitz, isoperimetry, constants)
    radius = share_of(margin("epsilon", epsilon), constants.correlation)
    return number(np.minimum(concentration + correlation_tail(radius, proxy, information, constants), 1.0))


@broadcasting
def theorem_3(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    lipschitz: ArrayLike,
    isoperimetry: ArrayLike,
    information: ArrayLike,
    constants: Constants = Constants.PAPER,
) -> Values:
    """Theorem 3: `lemma_6` with the explicit delta* of Equation (7) in place of the exact inverse.

    The sharp constants have nothing to gain from an explicit expression and return `lemma_6`.

    Parameters
    ----------
    n, d, components, epsilon, lipschitz, isoperimetry, information, constants
        As in `lemma_6`.

    Returns
    -------
    float or ndarray
        min(1, `lemma_2_concentration` + `equation_7`), of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `lemma_6`.
    """
    if constants.lemma_1 != "printed":
        return lemma_6(n, d, components, epsilon, lipschitz, isoperimetry, information, constants)
    concentration = lemma_2_concentration(n, epsilon, components, constants)
    proxy = average_proxy(n, d, lipschitz, isoperimetry, constants)
    return number(np.minimum(concentration + equation_7(epsilon, proxy, information, constants), 1.0))
