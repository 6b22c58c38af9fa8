"""Exact Lipschitz constants of ReLU networks of one input: all linear pieces, in rational arithmetic.

On an interval where a layer is affine every unit of the next is affine too, and adds the point where it vanishes.
Slopes and intercepts are integers times powers of two; only the ends of intervals are fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic, two_to


class Steepest(NamedTuple):
    """The steepest piece: its squared slope, a point inside, and the number of pieces looked at."""

    square: Fraction
    point: Fraction
    pieces: int


class _Piece(NamedTuple):
    """An interval (None for an end at infinity) and slopes and intercepts of a layer's values on it, shape (h, 2)."""

    low: Fraction | None
    high: Fraction | None
    values: Dyadic


def steepest_piece(
    weights: Sequence[FloatArray], biases: Sequence[FloatArray], most_pieces: int, deadline: float
) -> Steepest | None:
    """Return the steepest piece of the network; None when there are too many pieces, or too little time.

    Parameters
    ----------
    weights : sequence of ndarray
        W_1 (h_1, 1), ..., W_m (c, h_{m-1}).
    biases : sequence of ndarray
        b_1 (h_1,), ..., b_{m-1} (h_{m-1},); what follows is not used.
    most_pieces : int
    deadline : float
        In `time.perf_counter` seconds.
    """
    pieces = [_Piece(None, None, dyadic(np.array([[1.0, 0.0]])))]
    for W, b in zip(weights[:-1], biases, strict=False):
        layer, shift = dyadic(W), dyadic(np.column_stack([np.zeros_like(b), b]))
        refined: list[_Piece] = []
        for piece in pieces:
            refined += _split(piece, (layer @ piece.values).plus(shift))
            if len(refined) > most_pieces or perf_counter() > deadline:
                return None
        pieces = refined
    last = dyadic(weights[-1])
    best, where = Fraction(-1), pieces[0]
    for piece in pieces:
        outputs = last @ piece.values
        square = Fraction(int(np.sum(outputs.digits[:, 0] ** 2))) * two_to(2 * outputs.exponent)
        # Of equally steep pieces the widest holds a float64 point most easily.
        if square > best or (square == best and _width(piece) > _width(where)):
            best, where = square, piece
    return Steepest(best, _inside(where.low, where.high), len(pieces))


def _split(piece: _Piece, pre: Dyadic) -> list[_Piece]:
    """Cut a piece where a pre-activation vanishes, and apply the ReLUs."""
    slopes, intercepts = pre.digits.T.tolist()
    roots = {Fraction(-c, s) for s, c in zip(slopes, intercepts, strict=True) if s}
    inside = sorted(t for t in roots if (piece.low is None or t > piece.low) and (piece.high is None or t < piece.high))
    parts = []
    for low, high in pairwise([piece.low, *inside, piece.high]):
        middle = _inside(low, high)
        active = pre.digits[:, 0] * middle.numerator + pre.digits[:, 1] * middle.denominator > 0
        parts.append(_Piece(low, high, pre.where(np.asarray(active, dtype=bool)[:, None])))
    return parts


def _inside(low: Fraction | None, high: Fraction | None) -> Fraction:
    """Return a point of an interval, far from its ends where it is unbounded."""
    if low is None:
        return Fraction(0) if high is None else high - abs(high) - 1
    return low + abs(low) + 1 if high is None else (low + high) / 2


def _width(piece: _Piece) -> Fraction:
    """Return the width of a piece; larger than that of any other for an unbounded one."""
    if piece.low is None or piece.high is None:
        return two_to(5000)
    return piece.high - piece.low
