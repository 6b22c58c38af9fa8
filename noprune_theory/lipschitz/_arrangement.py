"""Reduction of a one-hidden-layer ReLU model to a central hyperplane arrangement with gradient jumps.

f(x) = sum_j a_j relu(<w_j, x> + b_j) has, off its kinks, the gradient

    sum_j s_j a_j w_j = h + (1/2) sum_j sigma_j v_j,   v_j = a_j w_j,   h = (1/2) sum_j v_j,   sigma_j = 2 s_j - 1.

With offsets the model is lifted: (w_j, b_j) is a normal in R^(d+1), and only the cells with x_(d+1) > 0 count, which
the extra normal (0, ..., 0, 1) with jump 0 delimits. Units whose normals are parallel (of either sign, duplicated
units included) share one hyperplane, and their jumps add with the sign of the orientation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._scaling import scale
from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import as_float_array, check_positive
from noprune_theory.lipschitz._outward import EPSILON, column_sums
from noprune_theory.lipschitz._rounding import cross_sign


class TooWideError(ValueError):
    """Directions and offsets in units that no common scale of the inputs brings together."""

    def __init__(self) -> None:
        super().__init__(
            "directions and offsets of one unit must not differ in magnitude by more than 2^400 "
            "(offsets in units of the typical offset)"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """Hyperplanes through the origin, the gradient jump across each, and the centre of all gradients.

    Attributes
    ----------
    normals : ndarray, shape (M, D)
        Rows scaled by powers of two to a largest entry in [1/2, 1). D = d, or d + 1 when lifted.
    jumps : ndarray, shape (M, d)
        Change of the gradient when a hyperplane is crossed along its normal, times 2^-exponent.
    center : ndarray, shape (d,)
        h times 2^-exponent.
    exponent : int
        Binary exponent of the largest jump.
    lifted : bool
        Whether the last normal is the hyperplane at infinity.
    total : float
        Upper bound of sum_j |v_j| 2^-exponent over the units: the scale of all rounding errors.
    error : float
        Bound on the rounding error of any gradient computed from `center` and `jumps`, their sum excepted.
    stretch : int
        Inputs x are measured in units of 2^stretch when lifted, so that offsets weigh as much as directions.
    """

    normals: FloatArray
    jumps: FloatArray
    center: FloatArray
    exponent: int
    lifted: bool
    total: float
    error: float
    stretch: int = 0

    def inputs(self, points: FloatArray) -> FloatArray:
        """Return points (m, D), of positive last coordinate when lifted, in input coordinates (m, d)."""
        return scale(points[:, :-1] / points[:, -1:], self.stretch) if self.lifted else points


def checked_layer(
    directions: ArrayLike, weights: ArrayLike, offsets: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Return directions (N, d), weights (N,), offsets (N,) or None as finite float64 arrays of matching shape."""
    rows = as_float_array("directions", directions, ndim=2, allow_empty=True)
    if rows.shape[1] == 0:
        raise ValueError(f"directions must have at least one column, got shape {rows.shape}")
    outputs = as_float_array("weights", weights, ndim=1, allow_empty=True)
    if outputs.shape[0] != rows.shape[0]:
        raise ValueError(
            f"directions and weights must have one row a unit each, got shapes {rows.shape} and {outputs.shape}"
        )
    with np.errstate(over="ignore"):
        if not np.isfinite(np.abs(outputs) @ np.abs(rows)).all():
            raise ValueError("weights times directions overflow float64; rescale them")
    if offsets is None:
        return rows, outputs, None
    shifts = as_float_array("offsets", offsets, ndim=1, allow_empty=True)
    if shifts.shape[0] != rows.shape[0]:
        raise ValueError(f"offsets must have shape ({rows.shape[0]},), got {shifts.shape}")
    return rows, outputs, shifts


def checked_seconds(name: str, value: float) -> float:
    """Return `value` as a float; it must be > 0, and may be infinite."""
    return value if isinstance(value, float) and value == math.inf else check_positive(name, value)


def largest_entries(rows: FloatArray) -> FloatArray:
    """Return the largest absolute value of every row, shape (N,); columns are combined whole, fast for few of them."""
    largest = np.zeros(rows.shape[0])
    for column in rows.T:
        np.maximum(largest, np.abs(column), out=largest)
    return largest


def scaled_products(directions: FloatArray, weights: FloatArray) -> tuple[FloatArray, int]:
    """Return a_j w_j 2^-exponent, shape (N, d), with the exponent that makes the largest entry at most 1."""
    if directions.shape[0] == 0:
        return directions.copy(), 0
    largest = largest_entries(directions)
    row_exponents = np.frexp(largest)[1]
    mantissas, weight_exponents = np.frexp(weights)
    exponents = row_exponents.astype(np.int64) + weight_exponents
    live = (largest > 0) & (weights != 0)
    exponent = int(np.max(exponents, where=live, initial=np.iinfo(np.int64).min)) if live.any() else 0
    shift = np.maximum(exponents - exponent, -2000).astype(np.int32)
    # Scaled apart and multiplied then: neither the product nor its factors leave the float range.
    return np.ldexp(directions, -row_exponents[:, None]) * np.ldexp(mantissas, shift)[:, None], exponent


def build_arrangement(
    directions: FloatArray, weights: FloatArray, offsets: FloatArray | None, *, merge: bool = True
) -> Arrangement:
    """Return the arrangement of the kinks of f; arguments as from `checked_layer`.

    `merge=False` leaves parallel units apart, for methods that find coincident kinks themselves.

    Raises
    ------
    ValueError
        If the entries of one unit's (w_j, b_j) differ in magnitude by more than the float range can scale exactly.
    """
    products, exponent = scaled_products(directions, weights)
    total = float(np.sum(np.sqrt(np.einsum("ij,ij->i", products, products)))) * (1 + 1e-9)
    center = 0.5 * column_sums(products)
    kinked = largest_entries(products) > 0
    stretch = 0
    if offsets is None:
        normals = directions[kinked]
    else:
        normals, stretch = _lifted(directions[kinked], offsets[kinked])
    normals, jumps = _scaled_rows(normals), products[kinked]
    n_kinked = normals.shape[0]
    if merge:
        normals, jumps = _merge_parallel(normals, jumps)
    # Products are off by half an ulp each, the pairwise sum by one ulp a level, a merged group by one ulp a member.
    largest_group = n_kinked - normals.shape[0] + 1
    error = (8 + np.log2(directions.shape[0] + 2) + largest_group) * EPSILON * total
    if offsets is not None:
        infinity = np.zeros((1, normals.shape[1]))
        infinity[0, -1] = 0.5
        normals, jumps = np.vstack([normals, infinity]), np.vstack([jumps, np.zeros((1, jumps.shape[1]))])
    return Arrangement(normals, jumps, center, exponent, offsets is not None, total, error, stretch)


def _lifted(directions: FloatArray, offsets: FloatArray) -> tuple[FloatArray, int]:
    """Return rows 2^-r_j (w_j, b_j 2^-t), and the t that brings half of the kinks within |x| <= 1, roughly."""
    exponents = np.frexp(largest_entries(directions))[1].astype(np.int64)
    shifted, stretch = offsets != 0, typical_exponent(offsets, exponents)
    last = scale(offsets, -exponents - stretch)
    if not (np.isfinite(last).all() and np.array_equal(last != 0, shifted)):
        raise TooWideError
    return np.column_stack([scale(directions, -exponents[:, None]), last]), stretch


def typical_exponent(offsets: FloatArray, exponents: IntArray) -> int:
    """Return the median exponent of |b_j| / |w_j| over offsets that are not zero, given exponents of the |w_j|."""
    shifted = offsets != 0
    return int(np.median(np.frexp(offsets[shifted])[1] - exponents[shifted])) if shifted.any() else 0


def _scaled_rows(rows: FloatArray) -> FloatArray:
    exponents = np.frexp(largest_entries(rows))[1]
    scaled: FloatArray = np.ldexp(rows, -exponents[:, None])
    if ((scaled != 0) & (np.abs(scaled) < 2.0**-400)).any() or ((scaled == 0) & (rows != 0)).any():
        raise TooWideError
    return scaled


def _merge_parallel(normals: FloatArray, jumps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Merge exactly parallel rows into one hyperplane and drop hyperplanes without a jump.

    Rows that are exactly parallel have the same entries after division by their largest entry, for a correctly
    rounded quotient depends on the exact ratio alone. Candidates found that way are confirmed by exact determinants.
    """
    groups = _groups_of_parallel(normals)
    return (normals, jumps) if groups is None else _merge_groups(normals, jumps, groups)


def parallel_families(arrangement: Arrangement) -> tuple[IntArray, IntArray, FloatArray]:
    """Sort the kinks of a lifted arrangement by families of exactly parallel w_j, each in order of crossing.

    Oriented along a common u, the kinks of a family are where <u, x> + level_j changes sign. The signs never rise along
    a family sorted by falling levels: m members have m + 1 patterns out of 2^m. Without offsets parallel kinks are one.

    Returns
    -------
    order : ndarray of int, shape (M,)
        Hyperplanes, the members of a family next to each other by falling level.
    families : ndarray of int, shape (M,)
        Number of the family of hyperplane `order[i]`.
    senses : ndarray, shape (M,)
        +1 where the normal of hyperplane `order[i]` points along u, -1 else.
    """
    count = arrangement.normals.shape[0]
    groups = _groups_of_parallel(arrangement.normals[:-1, :-1]) if arrangement.lifted else None
    if groups is None:
        return np.arange(count), np.arange(count), np.ones(count)
    families, senses, order = np.append(groups, count - 1), np.ones(count), list[int]()
    for family in np.unique(families):
        members = np.flatnonzero(families == family)
        pivot = int(np.argmax(np.abs(arrangement.normals[members[0], :-1])))
        if members.size > 1:
            along, shift = arrangement.normals[members, pivot], arrangement.normals[members, -1]
            senses[members] = np.sign(along)
            levels = [Fraction(b) / Fraction(w) for b, w in zip(shift.tolist(), along.tolist(), strict=True)]
            members = members[sorted(range(members.size), key=levels.__getitem__, reverse=True)]
        order += members.tolist()
    return np.array(order), families[order], senses[order]


def _groups_of_parallel(rows: FloatArray) -> IntArray | None:
    """Return a group number a row, equal exactly where rows are parallel; None when no two are."""
    if rows.shape[0] < 2 or rows.shape[1] == 1:
        return np.zeros(rows.shape[0], dtype=np.int64)
    pivot = np.argmax(np.abs(rows), axis=1)
    ratios = rows / rows[np.arange(rows.shape[0]), pivot][:, None]
    # Equal rows have equal keys; the fixed irrational-looking coefficients only make other collisions unlikely.
    key = ratios @ np.sin(1.0 + np.arange(rows.shape[1])) + pivot
    order = np.argsort(key, kind="stable")
    doubtful = key[order[1:]] - key[order[:-1]] <= 1e-14 * (1 + np.abs(key[order[1:]]))
    return _parallel_groups(rows, order, doubtful) if doubtful.any() else None


def _parallel_groups(normals: FloatArray, order: IntArray, doubtful: Any) -> IntArray:
    """Return a group number a row; rows get the same number exactly when they are parallel."""
    groups = np.arange(normals.shape[0])
    starts = np.concatenate([[0], np.flatnonzero(~doubtful) + 1, [order.size]])
    for start, stop in pairwise(starts.tolist()):
        rest = order[start:stop]
        while rest.size > 1:
            parallel = _parallel_to(normals, int(rest[0]), rest)
            groups[rest[parallel]] = rest[0]
            rest = rest[~parallel]
    return groups


def _parallel_to(normals: FloatArray, reference: int, rows: IntArray) -> Any:
    """Return which rows are exactly parallel to the reference row."""
    fixed = normals[reference]
    pivot = int(np.argmax(np.abs(fixed)))
    parallel = np.ones(rows.size, dtype=bool)
    for column in range(normals.shape[1]):
        a, b = np.full(rows.size, fixed[pivot]), np.full(rows.size, fixed[column])
        parallel &= cross_sign(a, b, normals[rows, pivot], normals[rows, column]) == 0
    return parallel


def _merge_groups(normals: FloatArray, jumps: FloatArray, groups: IntArray) -> tuple[FloatArray, FloatArray]:
    leaders, inverse = np.unique(groups, return_inverse=True)
    if leaders.size == 0:
        return normals, jumps
    kept = normals[leaders]
    pivot = np.argmax(np.abs(kept), axis=1)[inverse]
    rows = np.arange(normals.shape[0])
    orientation = np.sign(normals[rows, pivot]) * np.sign(kept[inverse, pivot])
    merged = np.zeros((leaders.size, jumps.shape[1]))
    np.add.at(merged, inverse, orientation[:, None] * jumps)
    live = merged.any(axis=1)
    return kept[live], merged[live]
