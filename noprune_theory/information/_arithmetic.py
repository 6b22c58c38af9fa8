"""Sums and logarithms that lose no digits: what every quantity of this package is made of.

All sums are correctly rounded (`math.fsum`), and each sum is arranged so that its terms share a sign. A quantity that
is zero because every term vanishes is therefore exactly 0.0, and a small one keeps its relative accuracy. Ratios of
probabilities are kept as mantissa and exponent, so that probabilities down to the smallest double lose nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import as_array, check_choice, shown

Unit: TypeAlias = Literal["nats", "bits"]

# Probabilities computed in double precision sum to 1 within a few roundings; a larger defect is the caller's mistake.
_NORMALISATION_TOLERANCE = 1e-12
# Below this |u| the direct forms of the remainders cancel; their Taylor series take over.
_SERIES_RADIUS = 0.1
_SERIES_COEFFICIENTS = tuple((-1.0) ** order / (order * (order - 1)) for order in range(2, 20))

# A likelihood ratio this close to 1 cannot be told from 1: the ratio of a table that was built as a product of two
# float vectors differs from 1 by a few roundings. Such a cell contributes less than 1e-29 nats.
_RATIO_ROUNDING = 16 * float(np.finfo(np.float64).eps)
# exp of it is a double.
_LARGEST_EXPONENT = 700.0


def in_unit(nats: float, unit: str) -> float:
    """Convert an amount of information from nats to `unit`."""
    return nats if check_choice("unit", unit, ("nats", "bits")) == "nats" else nats / math.log(2)


def check_probabilities(name: str, values: FloatArray) -> FloatArray:
    """Return `values`; they must be >= 0 and sum to 1."""
    if (values < 0).any():
        raise ValueError(f"{name} must be >= 0, got {values.min()}")
    if (values > 2).any():  # before the sum, which may leave the range of doubles
        raise ValueError(f"{name} must sum to 1 within {_NORMALISATION_TOLERANCE}, got an entry of {values.max()}")
    total = math.fsum(values.ravel().tolist())
    if abs(total - 1.0) > _NORMALISATION_TOLERANCE:
        raise ValueError(f"{name} must sum to 1 within {_NORMALISATION_TOLERANCE}, got a sum of {total!r}")
    return values


def as_integers(name: str, value: ArrayLike, kinds: str = "iu") -> NDArray[Any]:
    """Return `value` as an array of integers (of booleans too for kinds "iub"), in the type it comes in."""
    array = as_array(name, value)
    if array.dtype.kind in "fO" and array.size:
        array = _whole_numbers(name, value, array)
    if array.dtype.kind not in kinds:
        described = "integers or booleans" if "b" in kinds else "an array of integers"
        raise TypeError(f"{name} must be {described}, got dtype {array.dtype}")
    return array


def _whole_numbers(name: str, value: ArrayLike, array: NDArray[Any]) -> NDArray[Any]:
    """Return Python's integers in 64 bits where they fit: NumPy turns such lists into doubles or objects."""
    if array.dtype.kind == "f" and not isinstance(value, (list, tuple)):
        return array
    entries = np.array(value, dtype=object).ravel().tolist()
    if not all(isinstance(entry, (int, np.integer)) and not isinstance(entry, bool) for entry in entries):
        return array
    low, high = min(entries), max(entries)
    if low < -(2**63) or high >= 2**64 or (low < 0 and high >= 2**63):
        raise ValueError(f"{name} must fit into 64 bits, at most 2^64 - 1, got {shown(low if low < 0 else high)}")
    return np.array(entries, dtype=np.int64 if high < 2**63 else np.uint64).reshape(array.shape)


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


def likelihood_ratios(
    joint: FloatArray,
    first: FloatArray,
    second: FloatArray,
    total: float,
    complements: Iterable[tuple[FloatArray, FloatArray]] = (),
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return u = r - 1, log r and the product Q = first second / total, for the ratios r = joint / Q.

    Parameters
    ----------
    joint, first, second : array, shape (n,)
        Positive: masses of the cells, and of the row and the column that each lies in.
    total : float
        Mass of the whole table.
    complements : pairs of arrays, shape (n,)
        Pairs (p, q) with r = (1 - q) / (1 - p), known to their own relative accuracy: u = (p - q) / (1 - p) where both
        are below a half.

    Returns
    -------
    excess, log_ratio, product : array, shape (n,)
        u and log r are 0 where r cannot be told from 1. u may be infinite, and Q may underflow; log r is always finite.
    """
    parts = [np.frexp(values) for values in (joint, first, second)]
    total_mantissa, total_exponent = math.frexp(total)
    product_mantissa = parts[1][0] * parts[2][0] / total_mantissa
    product_exponent = parts[1][1] + parts[2][1] - total_exponent
    mantissa, exponent = parts[0][0] / product_mantissa, parts[0][1] - product_exponent
    with np.errstate(over="ignore", under="ignore"):
        excess = np.ldexp(mantissa, exponent) - 1.0
        product = np.ldexp(product_mantissa, product_exponent)
    resolution = np.ones_like(excess)
    for p, q in complements:
        size = np.maximum(p, q)
        better = (size < 0.5) & (size < resolution)
        excess = np.where(better, (p - q) / np.where(better, 1.0 - p, 1.0), excess)
        resolution = np.where(better, size, resolution)
    excess[np.abs(excess) <= _RATIO_ROUNDING * resolution] = 0.0
    near = np.abs(excess) < 0.5
    far = np.log(mantissa) + exponent * math.log(2)
    log_ratio = np.where(near, np.log1p(np.where(near, excess, 0.0)), far)
    return excess, log_ratio, product


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


def weighted_divergence_terms(
    joint: FloatArray, excess: FloatArray, log_ratio: FloatArray, product: FloatArray
) -> FloatArray:
    """Return Q ((1 + u) log(1 + u) - u) = P log(P/Q) - P + Q >= 0, also where u = P/Q - 1 or Q leave the doubles."""
    near = np.abs(excess) < _SERIES_RADIUS
    direct = joint * log_ratio - joint + product
    return np.where(near, product * divergence_terms(np.where(near, excess, 0.0)), np.maximum(direct, 0.0))


def log_remainder(u: FloatArray) -> FloatArray:
    """Return u - log(1 + u) >= 0 to full relative accuracy, for u > -1."""
    near = np.abs(u) < _SERIES_RADIUS
    small = np.where(near, u, 0.0)
    series = np.zeros_like(small)
    for order in range(19, 1, -1):
        series = (-1.0) ** order / order + series * small
    direct = np.where(near, 1.0, u)
    return np.where(near, series * small * small, direct - np.log1p(direct))


def exp_remainder(x: FloatArray) -> FloatArray:
    """Return exp(x) - 1 - x >= 0 to full relative accuracy; infinite where exp(x) is."""
    near = np.abs(x) < 0.5
    small = np.where(near, x, 0.0)
    series = np.zeros_like(small)
    for order in range(18, 2, -1):
        series = (1.0 + series) * small / order
    with np.errstate(over="ignore", under="ignore"):
        return np.where(near, (1.0 + series) * small * small / 2, np.expm1(np.where(near, 0.0, x)) - x)


def power_terms(
    order: float, weights: FloatArray, excess: FloatArray, log_ratio: FloatArray, reference: FloatArray
) -> FloatArray:
    """Return Q (r^a - 1 - a (r - 1)) for r = P/Q and a = `order`: of the sign of a - 1, without cancellation.

    Where P (`weights`) and Q (`reference`) sum to the same, the terms sum to that of Q (r^a - 1). Terms beyond exp(700)
    are cut off there.
    """
    s = order - 1.0
    if order >= 0.5:
        divergence = weighted_divergence_terms(weights, excess, log_ratio, reference)
        with np.errstate(over="ignore", under="ignore"):
            x = s * log_ratio
            large = np.exp(np.minimum(x + np.log(weights), _LARGEST_EXPONENT)) - weights * (1.0 + np.maximum(x, 1.0))
            remainder = np.where(x > 1.0, large, weights * exp_remainder(np.minimum(x, 1.0)))
            return np.minimum(remainder + s * divergence, math.exp(_LARGEST_EXPONENT))
    near = np.abs(excess) < _SERIES_RADIUS
    series = exp_remainder(order * log_ratio) - order * log_remainder(np.where(near, excess, 0.0))
    return np.where(near, reference * series, reference * np.expm1(order * log_ratio) - order * (weights - reference))


def log_sum_exp(exponents: FloatArray) -> float:
    """Return log sum_i exp(exponents_i), shifted by the largest: nothing overflows."""
    shift = float(exponents.max())
    if shift == -math.inf:
        return -math.inf
    with np.errstate(under="ignore"):
        return shift + math.log(math.fsum(np.exp(exponents - shift).tolist()))


def log_mean_exp(log_weights: FloatArray, exponents: FloatArray) -> float:
    """Return log(sum_i w_i exp(exponents_i)) >= 0 for weights w_i that sum to one, by their logs, and exponents >= 0.

    The sum is that of w_i (exp(exponents_i) - 1), which keeps its digits as the exponents tend to zero, and is exactly
    zero when they all are.
    """
    scaled = exponents + log_weights
    if float(scaled.max()) > _LARGEST_EXPONENT:
        return log_sum_exp(scaled)
    with np.errstate(under="ignore"):
        small, weights = exponents < 1.0, np.exp(log_weights)
        near = weights * np.expm1(np.where(small, exponents, 0.0))
        terms = np.where(small, near, np.exp(scaled) - weights)
    return math.log1p(math.fsum(terms.tolist()))


def entropy_terms(probabilities: FloatArray) -> FloatArray:
    """Return the terms -p log p >= 0 in nats of positive probabilities that sum to one, in their order.

    The log of a probability above 1/2 is taken as log1p(-(sum of the others)): the entropy of a nearly certain variable
    keeps its relative accuracy, and that of a certain one is exactly zero.
    """
    with np.errstate(under="ignore"):
        terms = -probabilities * np.log(probabilities)
    largest = int(probabilities.argmax())
    if probabilities[largest] > 0.5:
        others = math.fsum(np.delete(probabilities, largest).tolist())
        terms[largest] = -float(probabilities[largest]) * math.log1p(-others)
    return terms


def entropy_nats(probabilities: FloatArray) -> float:
    """Return -sum p log p in nats for probabilities that sum to one; zeros contribute nothing."""
    return math.fsum(entropy_terms(probabilities[probabilities > 0]).tolist()) + 0.0
