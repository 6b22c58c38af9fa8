r"""Section 4.1: how much a mask can know, and what that adds to the effective parameter count."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_choice
from noprune_theory.bounds._arguments import Values, broadcasting, count, first, in_range, number, open_unit, positive
from noprune_theory.bounds.change_of_measure import binary_entropy

_NATS_PER_UNIT = {"nats": 1.0, "bits": float(np.log(2))}

# From here on four terms of Stirling's series are exact to rounding.
_STIRLING_FROM = 32.0


def _stirling_remainder(x: FloatArray) -> FloatArray:
    """Return log x! - (x log x - x + log(2 pi x) / 2) for x >= 1."""
    large = np.maximum(x, _STIRLING_FROM)
    square = large * large
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / large
    small = np.clip(x, 1.0, _STIRLING_FROM)
    direct = gammaln(small + 1) - (small * np.log(small) - small + 0.5 * np.log(2 * np.pi * small))
    result: FloatArray = np.where(x < _STIRLING_FROM, direct, series)
    return result


@broadcasting
def log_mask_count(n_weights: ArrayLike, kept: ArrayLike, *, unit: Literal["nats", "bits"] = "nats") -> Values:
    """Logarithm of the number of masks that keep exactly `kept` of `n_weights` weights: log C(p, kept).

    Parameters
    ----------
    n_weights : array_like
        p, a whole number from 1 to 2^53.
    kept : array_like
        Whole number in [0, p].
    unit : {"nats", "bits"}
        Of the result.

    Returns
    -------
    float or ndarray
        log C(p, kept) >= 0 in `unit`, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If a count is not a whole number in its range, kept > n_weights, `unit` is another, or shapes do not broadcast.

    Notes
    -----
    p h(kept/p) - log(2 pi kept (p - kept) / p) / 2 plus Stirling's remainders: the difference of log-gamma functions
    would lose every digit for few kept weights among many.
    """
    check_choice("unit", unit, _NATS_PER_UNIT)
    p, kept = np.broadcast_arrays(count("n_weights", n_weights), count("kept", kept, minimum=0))
    beyond = kept > p
    if beyond.any():
        given = f"kept = {first(kept, beyond)} and n_weights = {first(p, beyond)}"
        raise ValueError(f"kept must be at most n_weights, got {given}")
    fewer = np.minimum(kept, p - kept)
    k = np.maximum(fewer, 1.0)
    other = np.maximum(p - k, 1.0)
    leading = k * np.log(p / k) - other * np.log1p(-np.minimum(k / p, 0.5)) - 0.5 * np.log(2 * np.pi * k * other / p)
    remainder = _stirling_remainder(p) - _stirling_remainder(k) - _stirling_remainder(other)
    # With one weight aside the expression is log p to rounding; say it exactly.
    nats = np.where(fewer == 0, 0.0, np.where(fewer == 1, np.log(p), leading + remainder))
    return number(nats / _NATS_PER_UNIT[unit])


@broadcasting
def equation_1(
    n_weights: ArrayLike,
    sparsity: ArrayLike,
    form: Literal["exact", "second order", "first order", "printed"] = "exact",
    *,
    unit: Literal["nats", "bits"] = "bits",
) -> Values:
    """Equation (1): the most that a mask of given sparsity can know about the data.

    Parameters
    ----------
    n_weights : array_like
        p, a whole number from 1 to 2^53.
    sparsity : array_like
        Fraction gamma of the weights removed, in (0, 1).
    form : {"exact", "second order", "first order", "printed"}
        log C(p, round(gamma p)); p h(gamma) - log(2 pi p gamma (1 - gamma)) / 2; p h(gamma); or the paper's
        p (1 - gamma) log(1/(1 - gamma)) + gamma log(1/gamma), whose second term lacks the factor p.
    unit : {"nats", "bits"}
        The paper counts bits.

    Returns
    -------
    float or ndarray
        Information in `unit`, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, `form` or `unit` is another, or shapes do not broadcast.
    """
    check_choice("form", form, ("exact", "second order", "first order", "printed"))
    check_choice("unit", unit, _NATS_PER_UNIT)
    p, gamma = count("n_weights", n_weights), open_unit("sparsity", sparsity)
    if form == "exact":
        return log_mask_count(p, p - np.round(gamma * p), unit=unit)
    if form == "printed":
        nats = -p * (1 - gamma) * np.log1p(-gamma) - gamma * np.log(gamma)
    else:
        nats = p * np.asarray(binary_entropy(gamma))
        if form == "second order":
            nats = nats - 0.5 * np.log(2 * np.pi * p * gamma * (1 - gamma))
    return number(nats / _NATS_PER_UNIT[unit])


@broadcasting
def effective_count_ratio(sparsity: ArrayLike, log_net: ArrayLike) -> Values:
    """Limit for many weights of p_eff with maximal mask information over p_eff with none (Section 4.1).

    1 + h(gamma) / ((1 - gamma) K), where K is the contribution of one kept weight in the unit of h. The paper's
    Theta(log2(1/(1 - gamma))) holds for bounded K alone; at W J / epsilon = 1000 and gamma = 0.95 the ratio is 1.36.

    Parameters
    ----------
    sparsity : array_like
        Fraction gamma of the weights removed, in (0, 1).
    log_net : array_like
        K > 0 in nats, see `log_net_size_per_weight`.

    Returns
    -------
    float or ndarray
        The ratio >= 1, of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If one is out of its range, shapes do not broadcast, or the ratio is beyond the range of doubles.
    """
    gamma, log_net = open_unit("sparsity", sparsity), positive("log_net", log_net)
    with np.errstate(over="ignore", divide="ignore"):
        return in_range("sparsity and log_net", 1 + binary_entropy(gamma) / (1 - gamma) / log_net)
