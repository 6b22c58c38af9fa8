"""Least squares in exact fractions, for small problems."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from noprune_theory._types import FloatArray

Vector = list[Fraction]


def fractions(values: FloatArray) -> list[Vector]:
    """Return the rows of a float64 matrix as fractions, exactly."""
    return [[Fraction(float(entry)) for entry in row] for row in np.atleast_2d(values)]


def dot(first: Sequence[Fraction], second: Sequence[Fraction]) -> Fraction:
    """Return the inner product."""
    return sum((a * b for a, b in zip(first, second, strict=True)), Fraction(0))


def orthogonal_columns(X: FloatArray) -> list[Vector]:
    """Return an orthogonal basis (not normalised) of the span of the columns of X, shape (n, p), by Gram-Schmidt."""
    basis: list[Vector] = []
    for column in zip(*fractions(X), strict=True):
        rest = list(column)
        for direction in basis:
            share = dot(rest, direction) / dot(direction, direction)
            rest = [r - share * q for r, q in zip(rest, direction, strict=True)]
        if any(rest):
            basis.append(rest)
    return basis


def smallest_squared_residual(X: FloatArray, y: FloatArray) -> Fraction:
    """Return min_w |X w - y|^2 of the float64 data, exactly; X may have no columns."""
    rest = [Fraction(float(label)) for label in y]
    for direction in orthogonal_columns(X) if X.shape[1] else []:
        share = dot(rest, direction) / dot(direction, direction)
        rest = [r - share * q for r, q in zip(rest, direction, strict=True)]
    return dot(rest, rest)
