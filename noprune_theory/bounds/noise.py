r"""The exact threshold: what a fit below the noise level must correlate with the noise.

Let y = g(x) + z, v = mean z_i^2 and MSE(f) <= s = sigma^2 - epsilon. By Cauchy and Schwarz, mean z (y - f) is at most
sqrt(v s), so that for any f

    mean z f >= v + mean z g - sqrt(v s),

attained by f = a z on the samples. With X_f = mean z (f - e_l), e_l the mean of f on the component l, in [-1, 1],

    X_f >= v - sqrt(v s) + A,   A = mean z (g - e_l).

*Without fluctuations* (fair signs: y = z, |z| = 1; and e = 0): X_f >= tau = 1 - sqrt(1 - epsilon).

*With them*, for any r in [sqrt(s)/2, sqrt(sigma^2)]: the tangent of v - sqrt(v s) has slope
kappa = 1 - sqrt(s/v_0)/2 in [1/2, 1), so X_f >= mean U - s/(4 (1 - kappa)), U = kappa z^2 + z (g - e_l). A is linear in
e, so the least value is at sign vectors; given (x, l), U is a quadratic function of y in [-1, 1] whose range is at most
4 kappa long, and its mean kappa Var(y | x) lies in [0, kappa]. Hoeffding's lemma twice gives the variance proxy
(4 + 1/4) kappa^2, a union over the 2^k sign vectors (one, if all e_l = 0) the probability, and the best kappa

    tau = (sigma^2 - t) - sqrt((sigma^2 - t) s),   t = sqrt((17/2) (k log 2 + log(1/delta)) / n).

It is twice the threshold epsilon/2 at epsilon = sigma^2 = 1, where the fit interpolates, and tends to it as epsilon
does to 0. It decreases in sigma^2, so sigma^2 = 1 may stand for an unknown noise level of labels in [-1, 1].

*Given the noise.* If z is independent of x given l, the tail of X_f given z depends on v; tau(v)/sqrt(v) increases in
v, so a lower bound on v is enough, v >= sigma^2 - t_v, and A >= -t_A. Both are one-sided: E z^4 <= 4/3 (the worst
two-point law at |g| = 3^(-1/2)) and z (g - e) has variance proxy (g - e)^2 <= 4 given (x, l), or g^2 <= 1 where e = 0:

    t_v = sqrt((8/3) log(1/delta_v) / n),   t_A = sqrt(8 (k log 2 + log(1/delta_A)) / n), sqrt(2 log(1/delta_A) / n).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_flag
from noprune_theory.bounds._arguments import (
    Values,
    broadcasting,
    count,
    first,
    margin,
    nonnegative,
    number,
    open_unit,
    positive,
)
from noprune_theory.bounds.finite_class import CONCENTRATION_RATE, sign_union

# 1 / (2 E z^4), E z^4 <= 4/3: rate of the one-sided tail of mean z^2 below sigma^2 (Maurer 2003).
SECOND_MOMENT_RATE = 3 / 8


@dataclass(frozen=True)
class Noise:
    """What is known about the label noise z = y - g(x), labels in [-1, 1].

    Attributes
    ----------
    sigma2 : float or ndarray
        sigma^2 = E Var(y | x) in (0, 1]; 1, the default, is valid whatever it is.
    signs : bool
        Labels are fair signs that do not depend on the inputs: y = z = +-1, g = 0. Then v = 1 surely.
    independent : bool
        z does not depend on x given the component label (fair signs do not).
    """

    sigma2: ArrayLike = 1.0
    signs: bool = False
    independent: bool = False

    def __post_init__(self) -> None:
        margin("sigma2", self.sigma2)
        check_flag("signs", self.signs)
        check_flag("independent", self.independent)
        if self.signs and not np.all(np.asarray(self.sigma2) == 1.0):
            other = np.asarray(self.sigma2, dtype=np.float64)
            raise ValueError(f"sigma2 must be 1 for fair signs, got {first(other, other != 1)}")

    @property
    def is_independent(self) -> bool:
        """Whether z is independent of x given the component label."""
        return self.signs or self.independent


def fit_level(epsilon: ArrayLike, sigma2: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return s = sigma^2 - epsilon and sigma^2, checked."""
    gap, variance = margin("epsilon", epsilon), margin("sigma2", sigma2)
    gap, variance = np.broadcast_arrays(gap, variance)
    beyond = gap > variance
    if beyond.any():
        given = first(variance, beyond)
        raise ValueError(f"epsilon must be at most sigma2, got epsilon = {first(gap, beyond)} and sigma2 = {given}")
    return variance - gap, variance


@broadcasting
def exact_threshold(epsilon: ArrayLike, sigma2: ArrayLike = 1.0, fluctuation: ArrayLike = 0.0) -> Values:
    """Threshold tau = v - sqrt(v s), v = sigma^2 - t, s = sigma^2 - epsilon, for the correlation with the noise.

    Proof: `python -m verification sharp-threshold`.

    Parameters
    ----------
    epsilon : array_like
        Margin below sigma^2, in (0, sigma^2].
    sigma2 : array_like
        sigma^2 in (0, 1].
    fluctuation : array_like
        t >= 0, see `noise_fluctuation`.

    Returns
    -------
    float or ndarray
        tau, between (epsilon - t)/2 and epsilon - t; zero where t >= epsilon. Of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range (epsilon > sigma2 included), or shapes do not broadcast.

    Examples
    --------
    >>> from noprune_theory.bounds import exact_threshold
    >>> round(float(exact_threshold(0.9)), 6), float(exact_threshold(1.0))
    (0.683772, 1.0)
    """
    s, _ = fit_level(epsilon, sigma2)
    left = np.maximum(margin("epsilon", epsilon) - nonnegative("fluctuation", fluctuation), 0.0)
    v = s + left
    # v - sqrt(v s) = (v - s) / (1 + sqrt(s/v)), which does not cancel.
    return number(left / (1 + np.sqrt(s / np.where(v > 0, v, 1.0))))


@broadcasting
def noise_fluctuation(n: ArrayLike, components: ArrayLike, delta: ArrayLike, *, centred: bool = False) -> Values:
    """Return t = sqrt((17/2) (k log 2 + log(1/delta)) / n); without k log 2 where all component means of f vanish.

    Parameters
    ----------
    n, components : array_like
        Samples and mixture components k, at least 1.
    delta : array_like
        Probability in (0, 1) that the noise fluctuates by more.
    centred : bool
        Whether E[f | component] = 0 for every function of the class.

    Returns
    -------
    float or ndarray
        t > 0, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `centred` is no flag.
    ValueError
        If one is out of its range, or shapes do not broadcast.
    """
    unions = 0.0 if check_flag("centred", centred) else count("components", components) * np.log(2)
    spent = (unions - np.log(open_unit("delta", delta))) / (CONCENTRATION_RATE * count("n", n))
    return number(np.sqrt(spent))


@broadcasting
def lemma_4_exact_threshold(
    n: ArrayLike, epsilon: ArrayLike, threshold: ArrayLike, *, noise: Noise | None = None
) -> Values:
    """Lemma 4 with any threshold: probability that MSE(f) <= sigma^2 - epsilon does not force mean(f z) >= tau.

    exp(-(2/17) n t^2), t the fluctuation at which `exact_threshold` is tau: e = 0 above. It is for every f at once.

    Parameters
    ----------
    n : array_like
        Samples, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, sigma^2].
    threshold : array_like
        tau > 0; the bound is 1 above the threshold without fluctuations.
    noise : Noise
        `Noise()` by default; for fair signs the bound is 0 up to that threshold.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `noise` is no `Noise`.
    ValueError
        If one is out of its range (epsilon > sigma2 included), or shapes do not broadcast.

    Examples
    --------
    >>> from noprune_theory.bounds import lemma_4_exact_threshold
    >>> round(float(lemma_4_exact_threshold(1000, 0.9, 0.9 / 4)), 30) < 1e-12
    True
    """
    return _not_forced(n, epsilon, np.zeros(()), threshold, Noise() if noise is None else noise, still=True)


@broadcasting
def lemma_5_exact_threshold(
    n: ArrayLike,
    epsilon: ArrayLike,
    components: ArrayLike,
    threshold: ArrayLike,
    *,
    noise: Noise | None = None,
    centred: bool = False,
) -> Values:
    """Lemmas 4 and 5 together: probability that MSE(f) <= sigma^2 - epsilon does not force X_f >= tau.

    2^k exp(-(2/17) n t^2), t as in `lemma_4_exact_threshold`; without 2^k for a centred class. It is for every f with
    component means in [-1, 1] at once; X_f is the mean of z (f - E[f | component]).

    Parameters
    ----------
    n, epsilon
        As in `lemma_4_exact_threshold`.
    components : array_like
        Mixture components k, at least 1.
    threshold, noise
        As in `lemma_4_exact_threshold`.
    centred : bool
        Whether E[f | component] = 0 for every function of the class.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, `noise` is no `Noise`, or `centred` no flag.
    ValueError
        As `lemma_4_exact_threshold`.
    """
    unions = np.zeros(()) if check_flag("centred", centred) else count("components", components)
    return _not_forced(n, epsilon, unions, threshold, Noise() if noise is None else noise, still=centred)


def _not_forced(
    n: ArrayLike, epsilon: ArrayLike, unions: FloatArray, threshold: ArrayLike, noise: Noise, *, still: bool
) -> Values:
    """Return 2^unions exp(-(2/17) n t^2); where nothing fluctuates (`still`, fair signs) 0 instead."""
    s, variance = fit_level(epsilon, noise.sigma2)
    gap, tau = variance - s, positive("threshold", threshold)
    # v - sqrt(v s) = tau at v = (sqrt(s) + sqrt(s + 4 tau))^2 / 4, in a form without cancellation at s = 0.
    with np.errstate(over="ignore"):
        root = np.sqrt(s) * np.sqrt(s + 4 * tau)
    t = gap - tau - 2 * s * tau / np.where(s > 0, root + s, 1.0)
    if still and noise.signs:
        return number(np.where(t >= -4 * np.finfo(np.float64).eps, 0.0, 1.0) + 0.0 * count("n", n))
    t = np.maximum(t, 0.0)
    return number(sign_union(unions, CONCENTRATION_RATE * count("n", n) * t**2))


def joint_threshold(
    noise: Noise,
    n: FloatArray,
    components: FloatArray,
    epsilon: FloatArray,
    delta: FloatArray,
    *,
    centred: bool,
    rounding: FloatArray | float = 0.0,
) -> FloatArray:
    """Return tau outside an event of probability `delta`, for a fit whose sqrt(MSE) may grow by `rounding`.

    MSE(f) <= (sqrt(s) + eta)^2 is what rounding the weights leaves.
    """
    s, variance = fit_level(epsilon, noise.sigma2)
    t = 0.0 if noise.signs and centred else np.asarray(noise_fluctuation(n, components, delta, centred=centred))
    v = np.maximum(variance - t, 0.0)
    # sqrt(v) (sqrt(v) - sqrt(s) - eta) with sqrt(v) - sqrt(s) = (v - s) / (sqrt(v) + sqrt(s)).
    roots = np.sqrt(v) + np.sqrt(s)
    difference = (epsilon - t) / np.where(roots > 0, roots, 1.0) - rounding
    return np.asarray(np.sqrt(v) * np.maximum(difference, 0.0))


def relative_threshold(
    noise: Noise,
    n: FloatArray,
    components: FloatArray,
    epsilon: FloatArray,
    delta: FloatArray,
    *,
    centred: bool,
    rounding: FloatArray | float = 0.0,
) -> FloatArray:
    """Return tau / sqrt(v) outside an event of probability `delta`, for noise that is independent of the inputs.

    sqrt(v) - sqrt(s) - eta - t_A / sqrt(v) at v = sigma^2 - t_v; delta is halved between t_v and t_A if both count.
    """
    s, variance = fit_level(epsilon, noise.sigma2)
    parts = (not noise.signs) + (not (noise.signs and centred))
    log_inverse = np.log(max(parts, 1)) - np.log(delta)
    lost_v = 0.0 if noise.signs else np.sqrt(log_inverse / (SECOND_MOMENT_RATE * n))
    # For fair signs z e has variance proxy e^2 <= 1; otherwise z (g - e) has 4, or 1 where e = 0.
    proxy = 1.0 if noise.signs or centred else 4.0
    unions = 0.0 if centred else components * np.log(2)
    lost_a = 0.0 if noise.signs and centred else np.sqrt(2 * proxy * (unions + log_inverse) / n)
    v = variance - lost_v
    root = np.sqrt(np.where(v > 0, v, 1.0))
    difference = (epsilon - lost_v) / (root + np.sqrt(s)) - rounding - lost_a / root
    return np.where(v > 0, np.maximum(difference, 0.0), 0.0)
