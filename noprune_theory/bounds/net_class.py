r"""Theorem 4 and Lemma 6 with the exact threshold (`noprune_theory.bounds.noise`), for any parametrised class.

The weights are rounded to a net of {w in W_m : Lip(f_{m,w}) <= L} for the mask that the learner chose; f moves by eta
on the sample, so that sqrt(MSE) <= sqrt(s) + eta, and tau = sqrt(v) (sqrt(v) - sqrt(s) - eta). At a fixed mask a union
gives probability (1 + W J / eta)^M exp(-tau^2 n d / (P L^2)), P = 8 c, or 2 c v given noise that is independent of the
inputs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory.bounds._arguments import (
    Values,
    broadcasting,
    count,
    log1p_product,
    margin,
    nonnegative,
    number,
    open_unit,
    positive,
    share_of,
)
from noprune_theory.bounds.constants import Constants
from noprune_theory.bounds.dependence import Dependence
from noprune_theory.bounds.finite_class import CONCENTRATION_RATE, sign_union
from noprune_theory.bounds.linear_class import MOMENT_PROXY, TAIL_PROXY
from noprune_theory.bounds.noise import Noise, exact_threshold, joint_threshold, relative_threshold
from noprune_theory.bounds.optimised import OptimisedBound, Split, _check_dependence, _search
from noprune_theory.bounds.subgaussian import average_proxy, tail_exponent


def _rounding(epsilon: FloatArray, share: FloatArray) -> FloatArray:
    """Return eta, the positive root of 2 eta sqrt(1 - epsilon) + eta^2 = share epsilon."""
    rho = epsilon * share
    return share_of(rho / (np.sqrt(1 - epsilon + rho) + np.sqrt(1 - epsilon)), 1.0)


@broadcasting
def net_class_at_split(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    mask_size: ArrayLike,
    diameter: ArrayLike,
    parameter_lipschitz: ArrayLike,
    dependence: Dependence,
    noise: Noise,
    centred: bool,
    moment_form: bool,
    split: Split,
) -> Values:
    """Return Theorem 4 with the exact threshold at a given split: valid whatever the split.

    tau sqrt(n d / (8 c R)), R = M log(1 + W J/eta) + exponent(delta - delta_1), tau = sqrt(v)(sqrt(v) - sqrt(s) - eta);
    where `moment_form` meets independent noise (tau/sqrt(v)) sqrt(n d / (2 c R)).
    Proofs: `python -m verification sharp-threshold sharp-independent-noise`.

    Parameters
    ----------
    n, d, components, epsilon, delta, isoperimetry, mask_size, diameter, parameter_lipschitz, dependence
        As in `theorem_4_at_split`.
    noise, centred, moment_form
        As in `linear_class_at_split`.
    split : Split
        As in `theorem_4_at_split`: the share of delta for the fluctuations, and of epsilon for the rounding.

    Returns
    -------
    float or ndarray
        Lower bound on Lip(f^W), given MSE(f^W) <= sigma^2 - epsilon, outside an event of probability delta;
        zero where nothing is proved. Of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `linear_class_at_split`.
    """
    _check_dependence(dependence)
    n, d, k = count("n", n), count("d", d), count("components", components)
    epsilon, delta, c = margin("epsilon", epsilon), open_unit("delta", delta), positive("isoperimetry", isoperimetry)
    size = count("mask_size", mask_size, minimum=0)
    reach = nonnegative("diameter", diameter), nonnegative("parameter_lipschitz", parameter_lipschitz)
    share, eta = split.shares[0], _rounding(epsilon, split.shares[1])
    given_noise = moment_form and noise.is_independent
    threshold = (relative_threshold if given_noise else joint_threshold)(
        noise, n, k, epsilon, share_of(delta, share), centred=centred, rounding=eta
    )
    exponent = size * log1p_product(1.0, *reach, eta) + dependence.exponent(share_of(delta, 1 - share))
    proxy = MOMENT_PROXY if given_noise else TAIL_PROXY
    return number(threshold * np.sqrt(n * d / proxy) / np.sqrt(c) / np.sqrt(exponent))


@broadcasting
def net_class_law(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    mask_size: ArrayLike,
    diameter: ArrayLike,
    parameter_lipschitz: ArrayLike,
    dependence: Dependence,
    noise: Noise | None = None,
    centred: bool = False,
    moment_form: bool = False,
) -> OptimisedBound:
    """Return Theorem 4 with the exact threshold, at a split of epsilon and delta that makes it large.

    At every split it is at least `theorem_4_at_split`.

    Parameters
    ----------
    n, d, components, epsilon, delta, isoperimetry, mask_size, diameter, parameter_lipschitz, dependence
        As in `theorem_4_at_split`.
    noise, centred, moment_form
        As in `linear_class_at_split`; `noise` is `Noise()` by default.

    Returns
    -------
    OptimisedBound
        `net_class_at_split` at the split found, entry by entry; `lipschitz` has the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `linear_class_at_split`.
    """
    known = Noise() if noise is None else noise

    def value(concentration: FloatArray, rounding: FloatArray) -> FloatArray:
        return np.asarray(
            net_class_at_split(
                n,
                d,
                components,
                epsilon,
                delta,
                isoperimetry,
                mask_size=mask_size,
                diameter=diameter,
                parameter_lipschitz=parameter_lipschitz,
                dependence=dependence,
                noise=known,
                centred=centred,
                moment_form=moment_form,
                split=Split(concentration, rounding),
            )
        )

    shape = value(np.asarray(0.5), np.asarray(0.5)).shape
    split = Split(*map(number, _search(value, shape, dimensions=2)))
    gap = margin("epsilon", epsilon)
    threshold = joint_threshold(
        known,
        count("n", n),
        count("components", components),
        gap,
        share_of(open_unit("delta", delta), np.asarray(split.concentration)),
        centred=centred,
        rounding=_rounding(gap, np.asarray(split.rounding)),
    )
    found = value(np.asarray(split.concentration), np.asarray(split.rounding))
    return OptimisedBound(number(found), split, number(threshold))


@broadcasting
def lemma_6_exact_threshold(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    lipschitz: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    dependence: Dependence,
    noise: Noise | None = None,
    centred: bool = False,
) -> Values:
    """Return Lemma 6 with the exact threshold: a bound on P(MSE(f^W) <= sigma^2 - epsilon), at most one.

    2^k exp(-(2/17) n t^2) + P_dependence(tau(t)^2 n d / (8 c L^2)), at a t that makes it small; t = 0 without the first
    term for fair signs and a centred class.

    Parameters
    ----------
    n, d, components, epsilon, lipschitz, isoperimetry : array_like
        As in `noprune_theory.bounds.lemma_6`.
    dependence : Dependence
        Of the learner's output on {X_t}, in nats.
    noise, centred
        As in `linear_class_at_split`; `noise` is `Noise()` by default.

    Returns
    -------
    float or ndarray
        The bound in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, an object is not of its class, or a flag is none.
    ValueError
        As `lemma_6_at_threshold`, and for epsilon > sigma^2.
    """
    _check_dependence(dependence)
    known = Noise() if noise is None else noise
    gap, k = margin("epsilon", epsilon), count("components", components)
    proxy = average_proxy(n, d, lipschitz, isoperimetry, Constants.SHARP)
    still = known.signs and centred

    def value(share: FloatArray) -> FloatArray:
        t = gap * share
        unions = np.zeros_like(k) if centred else k
        lost = 0.0 if still else sign_union(unions, CONCENTRATION_RATE * count("n", n) * t**2)
        tau = np.asarray(exact_threshold(gap, known.sigma2, 0.0 if still else t))
        tail = tail_exponent(np.maximum(tau, np.finfo(np.float64).tiny), proxy, tails=1)
        return -np.asarray(np.minimum(lost + dependence.probability(tail), 1.0))

    shape = value(np.asarray(0.5)).shape
    (share,) = _search(value, shape, dimensions=1)
    return number(-value(share))


#: Theorem 3 states what Lemma 6 does, with an explicit inverse that the exact one has no need of.
theorem_3_exact_threshold = lemma_6_exact_threshold
#: Theorem 4 with the exact threshold, its splits optimised.
theorem_4_exact_threshold = net_class_law
