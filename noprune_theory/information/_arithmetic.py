"""Sums and logarithms that lose no digits: what every quantity of this package is made of.

All sums are correctly rounded (`math.fsum`), and each sum is arranged so that its terms share a sign. A quantity that
is zero because every term vanishes is therefore exactly 0.0, and a small one keeps its relative accuracy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import check_choice

Unit: TypeAlias = Literal["nats", "bits"]

# Probabilities computed in double precision sum to 1 within a few roundings; a larger defect is the caller's mistake.
_NORMALISATION_TOLERANCE = 1e-12
# Below this |u| the direct form of (1 + u) log(1 + u) - u cancels; its Taylor series takes over.
_SERIES_RADIUS = 0.1
_SERIES_COEFFICIENTS = tuple((-1.0) ** order / (order * (order - 1)) for order in range(2, 20))

# A likelihood ratio this close to 1 cannot be told from 1: the ratio of a table that was built as a product of two
# float vectors differs from 1 by a few roundings. Such a cell contributes less than 1e-29 nats.
_RATIO_ROUNDING = 16 * float(np.finfo(np.float64).eps)


def in_unit(nats: float, unit: str) -> float:
    """Convert an amount of information from nats to `unit`."""
    return nats if check_choice("unit", unit, ("nats", "bits")) == "nats" else nats / math.log(2)


def check_probabilities(name: str, values: FloatArray) -> FloatArray:
    """Return `values`; they must be >= 0 and sum to 1."""
    if (values < 0).any():
        raise ValueError(f"{name} must be >= 0, got {values.min()}")
    total = math.fsum(values.ravel().tolist())
    if abs(total - 1.0) > _NORMALISATION_TOLERANCE:
        raise ValueError(f"{name} must sum to 1 within {_NORMALISATION_TOLERANCE}, got a sum of {total!r}")
    return values


def grouped(
    values: NDArray[Any], groups: IntArray, n_groups: int, reduce: Callable[[Iterable[Any]], Any] = math.fsum
) -> FloatArray:
    """Reduce `values` within each group; the default is the correctly rounded sum.

    Parameters
    ----------
    values : array, shape (n,)
    groups : int array, shape (n,)
        Group of each value, in [0, n_groups).
    n_groups : int
    reduce : callable
        Applied to the list of values of each group that is not empty; an empty group gives 0.

    Returns
    -------
    array, shape (n_groups,)
    """
    order = np.argsort(groups, kind="stable")
    members = values[order].tolist()
    ends = np.cumsum(np.bincount(groups, minlength=n_groups)).tolist()
    result = np.zeros(n_groups)
    start = 0
    for group, end in enumerate(ends):
        if end > start:
            result[group] = reduce(members[start:end])
        start = end
    return result


def relative_excess(probability: FloatArray, reference: FloatArray) -> FloatArray:
    """Return u = probability / reference - 1, with u = 0 where it is indistinguishable from rounding."""
    excess = probability / reference - 1.0
    excess[np.abs(excess) <= _RATIO_ROUNDING] = 0.0
    return excess


def divergence_terms(excess: FloatArray) -> FloatArray:
    """Return (1 + u) log(1 + u) - u >= 0 to full relative accuracy, for u >= -1.

    With u = P/Q - 1 and weights Q these terms sum to the relative entropy D(P || Q) without any cancellation.
    """
    near = np.abs(excess) < _SERIES_RADIUS
    small = np.where(near, excess, 0.0)
    series = np.zeros_like(excess)
    for coefficient in reversed(_SERIES_COEFFICIENTS):
        series = series * small + coefficient
    direct = np.where(near | (excess <= -1.0), 0.0, excess)
    result = np.where(near, series * small * small, (1.0 + direct) * np.log1p(direct) - direct)
    return np.where(excess <= -1.0, 1.0, result)


def log_mean_exp(weights: FloatArray, exponents: FloatArray) -> float:
    """Return log(sum_i weights_i exp(exponents_i)) for weights that sum to one.

    Small exponents go through `expm1`, so that the result keeps its digits as they tend to zero (and is exactly zero
    when they all are); large ones are shifted by their maximum, so that nothing overflows.
    """
    if float(np.abs(exponents).max()) < 0.5:
        return math.log1p(math.fsum((weights * np.expm1(exponents)).tolist()))
    shift = float(exponents.max())
    return shift + math.log(math.fsum((weights * np.exp(exponents - shift)).tolist()))


def entropy_nats(probabilities: FloatArray) -> float:
    """Return -sum p log p in nats for probabilities that sum to one; zeros contribute nothing.

    The log of a probability above 1/2 is taken as log1p(-(sum of the others)): the entropy of a nearly certain variable
    keeps its relative accuracy, and that of a certain one is exactly zero.
    """
    positive = probabilities[probabilities > 0]
    terms = -positive * np.log(positive)
    largest = int(positive.argmax())
    if positive[largest] > 0.5:
        others = math.fsum(np.delete(positive, largest).tolist())
        terms[largest] = -float(positive[largest]) * math.log1p(-others)
    return math.fsum(terms.tolist()) + 0.0
