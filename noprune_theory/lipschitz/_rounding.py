"""Exact signs, and gradients whose activation pattern is certain."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz._confirm import Confirmer
from noprune_theory.lipschitz._dyadic import dyadic
from noprune_theory.lipschitz._outward import (
    EPSILON,
    TINY,
    norm_bounds,
    round_down,
    round_up,
    scaled_down,
    scaled_up,
)
from noprune_theory.lipschitz.result import Witness

__all__ = [
    "EPSILON",
    "confirmer",
    "cross_sign",
    "norm_bounds",
    "pattern_at",
    "relu_witness",
    "round_down",
    "round_up",
    "scaled_down",
    "scaled_up",
]

_SPLITTER = 134217729.0  # 2^27 + 1, Veltkamp's constant for float64


def _two_product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return p, e with a b = p + e exactly (Dekker 1971); entries must be within 2^+-400."""
    product = a * b
    a_high = _SPLITTER * a - (_SPLITTER * a - a)
    b_high = _SPLITTER * b - (_SPLITTER * b - b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def cross_sign(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> IntArray:
    """Return the exact sign of a d - b c, entrywise, for |entries| in {0} or [2^-400, 2^400]."""
    p, p_error = _two_product(a, d)
    q, q_error = _two_product(b, c)
    # |p - q| exceeds the two errors whenever it is not 0 after rounding; on a tie the errors decide.
    signs = np.where(p == q, np.sign(p_error - q_error), np.sign(p - q)).astype(np.int64)
    near = (p != q) & (np.abs(p - q) <= 4 * EPSILON * np.abs(p))
    for index in np.flatnonzero(near):
        x, y, z, w = (Fraction(float(v[index])) for v in (a, b, c, d))
        determinant = x * w - y * z
        signs[index] = (determinant > 0) - (determinant < 0)
    return signs


def pattern_at(directions: FloatArray, offsets: FloatArray | None, point: FloatArray) -> BoolArray | None:
    """Return the ReLU pattern at `point`, or None when a unit that is not constant vanishes there.

    Signs within the rounding error of the dot product are decided in exact arithmetic, so the pattern is certain and
    the point lies in the interior of a linear region.
    """
    shifts = np.zeros(directions.shape[0]) if offsets is None else offsets
    with np.errstate(over="ignore", invalid="ignore"):
        pre = directions @ point + shifts
        size = np.abs(directions) @ np.abs(point) + np.abs(shifts)
        margin = (directions.shape[1] + 3) * EPSILON * size + directions.shape[1] * TINY
        doubtful = np.flatnonzero(~(np.abs(pre) > margin))
    active = pre > 0
    if doubtful.size:
        digits = (dyadic(directions[doubtful]) @ dyadic(point)).plus(dyadic(shifts[doubtful])).digits
        if ((digits == 0) & directions[doubtful].any(axis=1)).any():
            return None
        active[doubtful] = digits > 0
    return np.asarray(active)


def relu_witness(
    directions: FloatArray, weights: FloatArray, offsets: FloatArray | None, point: FloatArray
) -> tuple[Witness, float] | None:
    """Return the witness at `point` and the certified lower bound it gives, or None on a kink."""
    found = confirmer(directions, weights, offsets).at(point)
    return None if found is None else (found.witness, found.lower)


def confirmer(directions: FloatArray, weights: FloatArray, offsets: FloatArray | None) -> Confirmer:
    """Return what re-evaluates sum_j a_j relu(<w_j, x> + b_j) at single points."""
    shifts = np.zeros(directions.shape[0]) if offsets is None else offsets
    return Confirmer([directions, weights[None]], [shifts], "relu")
