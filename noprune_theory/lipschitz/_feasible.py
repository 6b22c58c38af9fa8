"""Whether some point has given phases: a point inside by nonnegative least squares, or a proof that there is none.

Phases are half spaces s (<a, x> + b) > 0. In all of R^d the rows s (a, b) and (0, 1) have a common vector of positive
products unless a combination with weights y >= 0 vanishes (Gordan); the combination that comes nearest to 0 gives
either the vector or y, which is then computed in integers. In a box or ball y >= 0 proves by itself that no point has
the phases where max_x sum y s (<a, x> + b) < 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import scipy

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.lipschitz._domain import Ball, Box, Domain
from noprune_theory.lipschitz._outward import EPSILON, TINY

_ZERO = 1e-9
_INSIDE = 1e-7  # margin, relative to the rows, of points that are to lie inside


class Answer(NamedTuple):
    """A point with the phases (None where none was found), and whether it is proved that there is none."""

    point: FloatArray | None
    impossible: bool


def feasible(
    rows: FloatArray,
    errors: FloatArray,
    domain: Domain | None,
    unit: float,
    exact_rows: Callable[[Sequence[int]], list[list[int]]] | None,
) -> Answer:
    """Look for a point with rows (x, 1) > 0.

    Parameters
    ----------
    rows : ndarray, shape (k, d + 1)
        s (a, b) up to rounding.
    errors : ndarray, shape (k, d + 1)
        Bounds on the errors of their entries.
    domain : Domain or None
    unit : float
        Typical distance of kinks from the centre of the domain, or from the origin.
    exact_rows : callable
        Returns some of the rows as integers, each times a positive number; asked for in all of R^d alone. None where
        no proof is wanted.
    """
    dimension = rows.shape[1] - 1
    free = np.ones(dimension, dtype=bool)
    if domain is None:
        center, size = np.zeros(dimension), unit
    else:
        center = domain.center
        low, high = domain.outer_box()
        # A large domain may hold all that happens in a small part of it.
        free, size = high > low, min(0.5 * float(np.max(high - low)) or 1.0, unit)
    # In units of the domain, in the coordinates that vary: x = center + size u.
    scaled = np.column_stack([rows[:, :-1][:, free] * size, rows[:, -1] + rows[:, :-1] @ center])
    lengths = np.linalg.norm(scaled, axis=1)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        return Answer(None, False)
    scaled = scaled / lengths[:, None]
    if isinstance(domain, Ball):
        weights, u = _nearest(scaled)
    else:
        walls = _walls(domain, free, size)
        weights, u = _between(np.vstack([scaled, walls]))
    point = None
    if u is not None:
        found = center.copy()
        found[free] += size * u
        point = found if domain is None else domain.inward(found)
    chosen = weights[: rows.shape[0]]
    if point is not None and (rows[:, :-1] @ point + rows[:, -1] > 0).all():
        return Answer(point, False)
    if exact_rows is None:
        return Answer(None, False)
    if domain is not None:
        return Answer(None, _excluded(rows, errors, chosen / lengths, domain))
    return Answer(None, _vanishes(weights, rows.shape[0], exact_rows, dimension))


def _walls(domain: Domain | None, free: BoolArray, size: float) -> FloatArray:
    """Return the rows of t > 0 and of the sides of a box, in units of the domain."""
    count = int(free.sum())
    infinity = np.zeros((1, count + 1))
    infinity[0, -1] = 1.0
    if not isinstance(domain, Box):
        return infinity
    eye, center = np.eye(count), domain.center[free]
    high, low = (domain.high[free] - center) / size, (center - domain.low[free]) / size
    sides = np.vstack([np.column_stack([-eye, high]), np.column_stack([eye, low])])
    return np.vstack([infinity, sides / np.linalg.norm(sides, axis=1, keepdims=True)])


def _solved(matrix: FloatArray, target: FloatArray) -> FloatArray:
    try:
        return np.asarray(scipy.optimize.nnls(matrix, target)[0])
    except RuntimeError:  # no convergence
        return np.zeros(matrix.shape[1])


def _between(rows: FloatArray) -> tuple[FloatArray, FloatArray | None]:
    """Return weights of the combination nearest to 0, and u with rows (u, 1) > 0 where it is not 0."""
    count = rows.shape[0]
    y = _solved(np.vstack([rows.T, np.ones((1, count))]), np.append(np.zeros(rows.shape[1]), 1.0))
    vector = rows.T @ y
    inside = float(np.min(rows @ vector)) > _ZERO * float(np.linalg.norm(vector)) and vector[-1] > 0
    return y, vector[:-1] / vector[-1] if inside else None


def _nearest(rows: FloatArray) -> tuple[FloatArray, FloatArray | None]:
    """Return weights that show how far from 0 the points with rows (u, 1) >= 0 are, and the nearest, moved inside."""
    shifts = -rows[:, -1] + _INSIDE
    y = _solved(np.vstack([rows[:, :-1].T, shifts[None]]), np.append(np.zeros(rows.shape[1] - 1), 1.0))
    residual = np.append(rows[:, :-1].T @ y, shifts @ y - 1.0)
    if np.linalg.norm(residual) < _ZERO or residual[-1] >= 0:
        return y, None
    return y, -residual[:-1] / residual[-1]


def _excluded(rows: FloatArray, errors: FloatArray, y: FloatArray, domain: Domain) -> bool:
    """Return whether sum y rows (x, 1) < 0 on all of the domain, rounding included."""
    if not y.any():
        return False
    y = y / y.max()
    total = y @ rows
    count = rows.shape[0]
    off = (y @ errors) * (1 + 1e-9) + (count + 4) * EPSILON * (y @ np.abs(rows)) + count * TINY
    slack = float(off[:-1] @ domain.sizes()) * (1 + 1e-9) + float(off[-1])
    return bool(domain.least(-total[None, :-1], -total[-1:])[0] > slack)


def _vanishes(
    weights: FloatArray, count: int, exact_rows: Callable[[Sequence[int]], list[list[int]]], dimension: int
) -> bool:
    """Return whether the rows of large weight, (0, 1) among them perhaps, have a nonnegative combination that is 0."""
    used = np.flatnonzero(weights > _ZERO * weights.max(initial=0.0)).tolist()
    units = [index for index in used if index < count]
    if not units or len(used) > dimension + 2:
        return False
    rows = exact_rows(units)
    if len(used) > len(units):
        rows.append([0] * dimension + [1])
    combination = _combination(rows)
    if combination is None:
        return False
    return min(combination) >= 0 or max(combination) <= 0


def _combination(rows: list[list[int]]) -> list[int] | None:
    """Return the integers y, unique up to a factor, with sum y_k row_k = 0; None where they are not unique.

    Fraction-free elimination (Bareiss 1968) of the columns; the last row without a pivot gives the combination.
    """
    count, width = len(rows), len(rows[0])
    extended = [list(row) + [int(i == k) for k in range(count)] for i, row in enumerate(rows)]
    rank, previous = 0, 1
    for column in range(width):
        pivot = next((i for i in range(rank, count) if extended[i][column]), None)
        if pivot is None:
            continue
        extended[rank], extended[pivot] = extended[pivot], extended[rank]
        top = extended[rank]
        for i in range(rank + 1, count):
            row, head = extended[i], extended[i][column]
            extended[i] = [(top[column] * x - head * y) // previous for x, y in zip(row, top, strict=True)]
        previous = top[column]
        rank += 1
        if rank == count:
            return None
    return extended[rank][width:] if rank == count - 1 else None
