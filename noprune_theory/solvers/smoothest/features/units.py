"""Units of a ReLU layer that are independent as functions, and the constants that they can form.

Proportional units act through one sum of their weights. Opposite ones differ by a linear function,
relu(-u) = relu(u) - u, so of several opposite pairs only as many add something as their rows (w, b) are independent.
A unit without direction and with a positive offset is a constant: a feature like any other, but without slope.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.models import RandomFeatures


@dataclass(frozen=True)
class Units:
    """The kept units that count.

    Attributes
    ----------
    sloped : ndarray of int, shape (K,)
        Units with a direction; together with the constant they are linearly independent as functions on R^d.
    constant : int or None
        A unit that is a positive constant.
    pairs : tuple of (int, int)
        Sloped units that are opposite to each other.
    level : tuple of (int, Fraction)
        Output weights of sloped units whose sum is the constant 1, where there is no unit `constant` and opposite pairs
        form it; empty otherwise.
    """

    sloped: IntArray
    constant: int | None
    pairs: tuple[tuple[int, int], ...] = ()
    level: tuple[tuple[int, Fraction], ...] = ()


def independent_units(model: RandomFeatures) -> Units:
    """Return the units of the mask that count; decided in rational arithmetic."""
    rows = unit_rows(model)
    offsets = np.zeros(len(rows)) if model.offsets is None else model.offsets
    sloped = model.directions.any(axis=1)
    constants = np.flatnonzero(model.mask & ~sloped & (offsets > 0))
    constant = int(constants[0]) if constants.size else None
    pairs: list[tuple[int, int]] = []
    chosen: list[int] = []
    for positive, negative in _distinct_lines(rows, np.flatnonzero(model.mask & sloped)):
        chosen.append(positive)
        if negative is not None:
            pairs.append((positive, negative))
    span = _Span()
    unit_offset = [Fraction(0)] * model.dimension + [Fraction(1)]
    if constant is not None:
        span.add(unit_offset)
    kept_pairs = []
    for positive, negative in pairs:
        if len(span.rows) == rows.shape[1]:
            break
        if span.add([Fraction(float(entry)) for entry in rows[positive]]):
            chosen.append(negative)
            kept_pairs.append((positive, negative))
    level: tuple[tuple[int, Fraction], ...] = ()
    if constant is None and model.offsets is not None and kept_pairs:
        shares = span.coordinates(unit_offset)
        if shares is not None:
            level = _as_weights(rows, kept_pairs, shares)
    return Units(np.array(sorted(chosen), dtype=np.int64), constant, tuple(kept_pairs), level)


def unit_rows(model: RandomFeatures) -> FloatArray:
    """Return the rows (w_j, b_j), or w_j where there are no offsets."""
    return model.directions if model.offsets is None else np.column_stack([model.directions, model.offsets])


def _distinct_lines(rows: FloatArray, units: IntArray) -> list[tuple[int, int | None]]:
    """Return one unit of every line through 0 that holds rows, and one opposite to it where there is any.

    Proportional rows have equal entries after division by their largest entry, for a correctly rounded quotient depends
    on the exact ratio alone; candidates found that way are confirmed in rational arithmetic.
    """
    lines: dict[bytes, list[list[int | None]]] = {}
    order: list[list[int | None]] = []
    for unit in map(int, units):
        row = rows[unit]
        lead = row[np.argmax(row != 0)]
        scaled = np.copysign(1.0, lead) * (row / np.abs(row).max()) + 0.0
        members = lines.setdefault(scaled.tobytes(), [])
        for member in members:
            other = member[0] if member[0] is not None else member[1]
            sign = _proportion(row, rows[other])
            if sign:
                # The first of a line sets what is positive on it.
                side = 0 if sign > 0 else 1
                if member[side] is None:
                    member[side] = unit
                break
        else:
            fresh: list[int | None] = [unit, None]
            members.append(fresh)
            order.append(fresh)
    return [(positive, negative) for positive, negative in order if positive is not None]


def _proportion(row: FloatArray, other: FloatArray) -> int:
    """Return the sign of the factor between two proportional rows, 0 where they are not proportional, exactly."""
    pivot = int(np.argmax(np.abs(row)))
    top, other_top = Fraction(float(row[pivot])), Fraction(float(other[pivot]))
    if not all(Fraction(float(a)) * other_top == Fraction(float(b)) * top for a, b in zip(row, other, strict=True)):
        return 0
    return 1 if (top > 0) == (other_top > 0) else -1


class _Span:
    """A growing basis in fractions, reduced, with the combination of the rows added that each basis row is."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, list[Fraction], list[Fraction]]] = []

    def _reduced(self, row: list[Fraction]) -> tuple[list[Fraction], list[Fraction]]:
        left, combination = list(row), [Fraction(0)] * len(self.rows)
        for pivot, basis, parts in self.rows:
            if left[pivot]:
                factor = left[pivot] / basis[pivot]
                left = [a - factor * b for a, b in zip(left, basis, strict=True)]
                for place, part in enumerate(parts):
                    combination[place] += factor * part
        return left, combination

    def add(self, row: list[Fraction]) -> bool:
        """Add a row if it is independent of those added before; return whether it is."""
        left, combination = self._reduced(row)
        pivot = next((place for place, entry in enumerate(left) if entry), None)
        if pivot is None:
            return False
        self.rows.append((pivot, left, [-part for part in combination] + [Fraction(1)]))
        return True

    def coordinates(self, row: list[Fraction]) -> list[Fraction] | None:
        """Return the coefficients of `row` in the rows added, None if it is not in their span."""
        left, combination = self._reduced(row)
        return None if any(left) else combination


def _as_weights(
    rows: FloatArray, pairs: list[tuple[int, int]], shares: list[Fraction]
) -> tuple[tuple[int, Fraction], ...]:
    """Return output weights of sum_k shares_k u_k, u = relu(u) - relu(-u), for opposite pairs with rows u and -c u."""
    weights = []
    for (positive, negative), share in zip(pairs, shares, strict=True):
        pivot = int(np.argmax(np.abs(rows[positive])))
        ratio = -Fraction(float(rows[negative, pivot])) / Fraction(float(rows[positive, pivot]))
        if share:
            weights += [(positive, share), (negative, -share / ratio)]
    return tuple(weights)
