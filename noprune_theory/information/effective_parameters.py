"""The effective number of parameters of Theorem 4, and what bounds the information of a mask.

p_eff = I(m; D) + E||m||_1 log(1 + A W J / epsilon): what the mask knows about the data, and what a net over the weights
that it keeps would cost. The paper's net has A = 60, the default throughout, as in `noprune_theory.bounds`; A = 8
follows from the isodiametric inequality.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import HtmlRepr
from noprune_theory._validation import (
    as_float_array,
    check_finite,
    check_instance,
    check_integer,
    check_nonnegative,
    check_positive,
    shown,
)
from noprune_theory.bounds import log_mask_count
from noprune_theory.bounds._arguments import LARGEST_COUNT, log1p_product, margin, nonnegative
from noprune_theory.information._arithmetic import Unit, check_probabilities, in_unit
from noprune_theory.information.finite import JointDistribution

#: The constant of the net in the paper's Theorem 4.
PAPER_NET_CONSTANT = 60.0
#: The constant of a net taken as a maximal separated set: (1 + 8 W J / epsilon)^k points at radius epsilon / (8 J).
SHARP_NET_CONSTANT = 8.0


@dataclass(frozen=True)
class EffectiveParameterCount(HtmlRepr):
    """Effective number of parameters and its two parts.

    Attributes
    ----------
    value : float
        p_eff = information + discretisation, in `unit`.
    information : float
        The information term I(m; D) (or the leakage that stands in its place), in `unit`.
    discretisation : float
        The log-size of the net, E||m||_1 log(1 + A W J / epsilon), in `unit`.
    unit : {"nats", "bits"}
        The bounds take nats; the same count in bits is valid there too, but a factor 1 / log 2 looser.
    """

    value: float
    information: float
    discretisation: float
    unit: Unit


def effective_parameter_count(
    mask_information: float,
    mean_mask_size: float,
    *,
    diameter: float,
    parameter_lipschitz: float,
    epsilon: float,
    net_constant: float = PAPER_NET_CONSTANT,
    unit: Unit = "nats",
) -> EffectiveParameterCount:
    """Effective number of parameters of Theorem 4, I(m; D) + E||m||_1 log(1 + A W J / epsilon).

    Parameters
    ----------
    mask_information : float
        I(m; D) >= 0 in `unit`.
    mean_mask_size : float
        E||m||_1 >= 0, the mean number of weights kept.
    diameter : float
        Diameter W >= 0 of the set of weights.
    parameter_lipschitz : float
        Constant J >= 0 of Eq. (4): ||f_w - f_w'||_inf <= J ||w - w'||.
    epsilon : float
        Distance of the loss below the noise level, in (0, 1].
    net_constant : float
        A = 60 in the paper (`PAPER_NET_CONSTANT`), 8 sharp (`SHARP_NET_CONSTANT`).
    unit : {"nats", "bits"}
        Unit of `mask_information` and of the result; the paper prints log2, which is "bits".

    Returns
    -------
    EffectiveParameterCount
        With its two parts, in `unit`.

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If an argument is outside its range (`mean_mask_size` at most 2^53), or the count leaves the range of doubles.

    Examples
    --------
    >>> effective_parameter_count(3.0, 10, diameter=0.25, parameter_lipschitz=0.5, epsilon=0.5, unit="bits").value
    43.0
    """
    information = check_nonnegative("mask_information", mask_information)
    size = check_nonnegative("mean_mask_size", mean_mask_size)
    if size > LARGEST_COUNT:
        raise ValueError(f"mean_mask_size must be at most 2^53, got {size}")
    log_net = _log_net(diameter, parameter_lipschitz, epsilon, net_constant)
    return _count(information, size * in_unit(log_net, unit), unit)


def _log_net(diameter: float, parameter_lipschitz: float, epsilon: float, net_constant: float) -> float:
    """Return log(1 + A W J / epsilon) in nats: what one kept weight costs."""
    return float(
        log1p_product(
            check_positive("net_constant", net_constant),
            nonnegative("diameter", check_finite("diameter", diameter)),
            nonnegative("parameter_lipschitz", check_finite("parameter_lipschitz", parameter_lipschitz)),
            margin("epsilon", check_finite("epsilon", epsilon)),
        )
    )


def _number_of_weights(value: int) -> int:
    number = check_integer("n_weights", value, 1)
    if number > LARGEST_COUNT:
        raise ValueError(f"n_weights must be at most 2^53, got {shown(number)}")
    return number


def _count(information: float, discretisation: float, unit: Unit) -> EffectiveParameterCount:
    value = information + discretisation
    if not math.isfinite(value):
        raise ValueError(f"mask_information must give a count within the range of doubles, got {information}")
    return EffectiveParameterCount(value, information, discretisation, unit)


def effective_parameter_count_of_order(
    joint: JointDistribution,
    mask_sizes: ArrayLike,
    order: float,
    *,
    diameter: float,
    parameter_lipschitz: float,
    epsilon: float,
    net_constant: float = PAPER_NET_CONSTANT,
    unit: Unit = "nats",
) -> EffectiveParameterCount:
    """Effective number of parameters for the versions of Theorem 4 by Sibson's information and maximal leakage.

    The bound on Sibson's information of the pair (mask, rounded weights) about the data, whose weights have at most
    (1 + A W J / epsilon)^||m||_1 values: order 1 is I(m; D) + E||m||_1 log(...) of Theorem 4; order infinity is the
    maximal leakage, at most that of the mask plus max ||m||_1 log(...). Use its `value` where `bounds.theorem_4_sibson`
    or `bounds.theorem_4_leakage` ask for the information or the leakage of the rounded pair.

    Parameters
    ----------
    joint : JointDistribution
        Of the data and the mask.
    mask_sizes : array_like, shape (n_output,)
        ||m||_1 of each mask, in [0, 2^53].
    order : float
        In [1, infinity].
    diameter, parameter_lipschitz, epsilon, net_constant, unit
        As in `effective_parameter_count`. Those two bounds have the sharp constants: with `SHARP_NET_CONSTANT` the
        count fits them, with that of the paper it is valid and larger.

    Returns
    -------
    EffectiveParameterCount
        `information` is Sibson's information of the mask alone, `discretisation` what the weights add; in `unit`.

    Raises
    ------
    TypeError
        If `joint` is no `JointDistribution`, or another argument is not made of real numbers.
    ValueError
        If an argument is outside its range, or `mask_sizes` has not one entry a mask.
    """
    check_instance("joint", joint, JointDistribution)
    sizes = as_float_array("mask_sizes", mask_sizes, ndim=1)
    if sizes.shape != (joint.shape[1],) or (sizes < 0).any():
        raise ValueError(f"mask_sizes must be >= 0 of shape ({joint.shape[1]},), one for each mask, got {shown(sizes)}")
    if sizes.max() > LARGEST_COUNT:
        raise ValueError(f"mask_sizes must be at most 2^53, got {sizes.max()}")
    log_net = _log_net(diameter, parameter_lipschitz, epsilon, net_constant)
    value = joint.refined_sibson_bound(order, log_net * sizes, unit=unit)
    information = joint.sibson_information(order, unit=unit)
    return EffectiveParameterCount(value, information, value - information, unit)


def finite_class_parameter_count(
    mask_information: float, mask_probabilities: ArrayLike, weight_counts: ArrayLike, *, unit: Unit = "nats"
) -> EffectiveParameterCount:
    """Effective number of parameters of Theorem 3, I(m; D) + E[log N_m] (Lemma 3).

    Parameters
    ----------
    mask_information : float
        I(m; D) >= 0 in `unit`.
    mask_probabilities : array_like, shape (n_masks,)
        P(m) >= 0, with sum 1 within 1e-12.
    weight_counts : array_like, shape (n_masks,)
        Number N_m >= 1 of weight vectors that the class allows with each mask.
    unit : {"nats", "bits"}
        Of `mask_information` and of the result.

    Returns
    -------
    EffectiveParameterCount
        `discretisation` is E[log N_m]; in `unit`.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If an argument is outside its range, the shapes differ, or the count leaves the range of doubles.
    """
    information = check_nonnegative("mask_information", mask_information)
    p = as_float_array("mask_probabilities", mask_probabilities, ndim=1)
    counts = as_float_array("weight_counts", weight_counts, ndim=1)
    check_probabilities("mask_probabilities", p)
    if counts.shape != p.shape or (counts < 1).any():
        raise ValueError(f"weight_counts must be >= 1 of shape {p.shape}, got {shown(counts)}")
    return _count(information, in_unit(math.fsum((p * np.log(counts)).tolist()), unit), unit)


def worst_case_effective_parameter_count(
    n_weights: int,
    *,
    diameter: float,
    parameter_lipschitz: float,
    epsilon: float,
    net_constant: float = PAPER_NET_CONSTANT,
    unit: Unit = "nats",
) -> EffectiveParameterCount:
    """Return the largest p_eff of Theorem 4 that any pruning of p weights can have, p log(2 + A W J / epsilon).

    The maximum of H(m) + K E||m||_1 over all distributions of masks, K = log(1 + A W J / epsilon), is the log-partition
    function p log(1 + e^K); independent weights, each kept with probability e^K / (1 + e^K), attain it. So p_eff
    exceeds the dense p K by less than p log 2, whatever the masks know: "p_eff <= p up to logarithms" holds, and
    p_eff <= p does not.

    Parameters
    ----------
    n_weights : int
        p in [1, 2^53].
    diameter, parameter_lipschitz, epsilon, net_constant, unit
        As in `effective_parameter_count`.

    Returns
    -------
    EffectiveParameterCount
        Its parts are those of the maximising distribution, in `unit`.

    Raises
    ------
    TypeError
        If `n_weights` is not an integer, or another argument not a real number.
    ValueError
        If an argument is outside its range.
    """
    p = _number_of_weights(n_weights)
    log_net = _log_net(diameter, parameter_lipschitz, epsilon, net_constant)
    # Independent weights: log(1 + e^K) is K kept + h(kept), and both parts keep their digits as e^-K vanishes.
    odds = math.exp(-log_net)
    kept = 1 / (1 + odds)
    information = p * (math.log1p(odds) + log_net * odds * kept)
    return _count(in_unit(information, unit), in_unit(p * kept * log_net, unit), unit)


def effective_parameter_ratio(
    n_weights: int,
    kept: int,
    *,
    diameter: float,
    parameter_lipschitz: float,
    epsilon: float,
    net_constant: float = PAPER_NET_CONSTANT,
) -> float:
    """Ratio of the effective counts with maximal and with no information at equal sparsity (Section 4.1), at finite p.

    1 + log C(p, k) / (k K) with K = log(1 + A W J / epsilon). `bounds.effective_count_ratio` is its limit for
    p -> infinity at fixed sparsity; at finite p it stays below 1 + log(e p / k) / K, so it does not diverge.

    Parameters
    ----------
    n_weights, kept : int
        p in [1, 2^53] and k in [1, p].
    diameter, parameter_lipschitz, epsilon, net_constant
        As in `effective_parameter_count`; W J > 0, since weights that cost nothing have no ratio.

    Returns
    -------
    float
        At least 1, and exactly 1 for k = p.

    Raises
    ------
    TypeError
        If `n_weights` or `kept` is not an integer, or another argument not a real number.
    ValueError
        If an argument is outside its range, or A W J / epsilon is 0 or so small that the ratio is no double.
    """
    p = _number_of_weights(n_weights)
    k = check_integer("kept", kept, 1, p)
    log_net = _log_net(diameter, parameter_lipschitz, epsilon, net_constant)
    ratio = 1 + float(log_mask_count(p, k)) / (k * log_net) if log_net > 0 else math.inf
    if ratio == math.inf:
        raise ValueError(
            "diameter and parameter_lipschitz must have a product > 0 here, with net_constant and epsilon so large "
            f"that the ratio is a double, got {diameter}, {parameter_lipschitz}, {net_constant} and {epsilon}"
        )
    return ratio
