"""The effective number of parameters of Theorem 4, and what bounds the information of a mask.

p_eff = I(m; D) + E||m||_1 log(1 + A W J / epsilon): what the mask knows about the data, and what a net over the weights
that it keeps would cost. The paper's net has A = 60; A = 8 follows from the isodiametric inequality.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from noprune_theory._validation import check_nonnegative, check_positive
from noprune_theory.information._arithmetic import Unit, in_unit

#: The constant of the net in the paper's Theorem 4.
PAPER_NET_CONSTANT = 60.0
#: The constant of a net taken as a maximal separated set: (1 + 8 W J / epsilon)^k points at radius epsilon / (8 J).
SHARP_NET_CONSTANT = 8.0


@dataclass(frozen=True)
class EffectiveParameterCount:
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
        Diameter W > 0 of the set of weights.
    parameter_lipschitz : float
        Constant J > 0 of Eq. (4): ||f_w - f_w'||_inf <= J ||w - w'||.
    epsilon : float
        Distance epsilon > 0 of the loss below the noise level.
    net_constant : float
        A = 60 in the paper (`PAPER_NET_CONSTANT`), 8 sharp (`SHARP_NET_CONSTANT`).
    unit : {"nats", "bits"}
        Unit of `mask_information` and of the result; the paper prints log2, which is "bits".

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> effective_parameter_count(3.0, 10, diameter=1, parameter_lipschitz=1, epsilon=60 / 7, unit="bits").value
    33.0
    """
    information = check_nonnegative("mask_information", mask_information)
    size = check_nonnegative("mean_mask_size", mean_mask_size)
    diameter = check_positive("diameter", diameter)
    parameter_lipschitz = check_positive("parameter_lipschitz", parameter_lipschitz)
    epsilon = check_positive("epsilon", epsilon)
    constant = check_positive("net_constant", net_constant)
    discretisation = size * in_unit(math.log1p(constant * diameter * parameter_lipschitz / epsilon), unit)
    return EffectiveParameterCount(information + discretisation, information, discretisation, unit)
