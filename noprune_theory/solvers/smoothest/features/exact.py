"""Vectors that are orthogonal to all features, in integers: why a level cannot be reached.

If sum_i nu_i relu(<w_j, x_i> + b_j) = 0 for every unit j, then <nu, Phi a - y> = -<nu, y> for all weights a, so the
mean squared error is at least <nu, y>^2 / (n |nu|^2).
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from scipy.linalg import qr

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.solvers.smoothest.features.problem import FeaturesProblem

# Eliminations are tried up to about this many products of long integers (a second or two).
_LARGEST_ELIMINATION = 300_000
# Products up to which orthogonality is confirmed one by one.
_LARGEST_CHECK = 3_000_000
# Samples count as part of a dependence above this share of its largest entry.
_SUPPORT = 1e-9


def separator(problem: FeaturesProblem, beyond: FloatArray, rank: int) -> tuple[int, ...] | None:
    """Return a vector (n,) orthogonal to all features and near the residual of smallest loss, None if none was found.

    Parameters
    ----------
    problem : FeaturesProblem
    beyond : ndarray, shape (G,)
        Approximate residual of smallest loss, weighted.
    rank : int
        Numerical rank of the features.
    """
    per_point = [Fraction(0)] * len(problem.b)
    largest = float(np.max(np.abs(beyond), initial=0.0))
    if rank < len(problem.b) and largest > 0:
        rows = np.flatnonzero(np.abs(beyond) > _SUPPORT * largest)
        found = _dependence(problem, rows, beyond)
        if found is None and len(rows) < len(beyond):
            rows = np.arange(len(beyond))
            found = _dependence(problem, rows, beyond)
        if found is not None:
            for row, value in zip(rows, found, strict=True):
                per_point[row] = value
    vector = _on_samples(problem, per_point)
    return _as_integers(vector) if any(vector) else None


def local_separator(problem: FeaturesProblem) -> tuple[int, ...] | None:
    """Return a vector (n,) orthogonal to all features, from samples that share an activation pattern.

    There f is one affine function, so more than D such samples are dependent, whatever the units. None without any.
    """
    patterns = np.packbits(problem.points @ problem.normals.T > 0, axis=1)
    cells: dict[bytes, list[int]] = {}
    for row, pattern in enumerate(patterns):
        cells.setdefault(pattern.tobytes(), []).append(row)
    per_point = [Fraction(0)] * len(problem.b)
    counts = np.array([len(group) for group in problem.members], dtype=np.float64)
    for rows in cells.values():
        points = problem.points[rows]
        table, exponents = zip(*(_integers(point) for point in points), strict=True)
        weighted = np.sqrt(counts[rows])[:, None] * points
        residual = problem.b[rows] - weighted @ np.linalg.lstsq(weighted, problem.b[rows], rcond=None)[0]
        order = [int(row) for row in qr(weighted.T, mode="r", pivoting=True)[1]]
        echelon = [[table[row][place] for row in order] for place in range(points.shape[1])]
        pivots = _eliminate(echelon, len(rows))
        found = _completed(echelon[: len(pivots)], pivots, order, list(exponents), residual * np.sqrt(counts[rows]))
        for row, value in zip(rows, found, strict=True):
            per_point[row] = value / len(problem.members[row])
    vector = _on_samples(problem, per_point)
    return _as_integers(vector) if any(vector) else None


def nearly_separating(problem: FeaturesProblem, residual: FloatArray) -> tuple[int, ...] | None:
    """Return a residual of smallest loss (G,), weighted, as a vector (n,) that is orthogonal up to rounding."""
    counts = [len(group) for group in problem.members]
    per_point = [Fraction(float(value) / math.sqrt(count)) for value, count in zip(residual, counts, strict=True)]
    vector = _on_samples(problem, per_point)
    return _as_integers(vector) if any(vector) else None


def _on_samples(problem: FeaturesProblem, per_point: list[Fraction]) -> list[Fraction]:
    """Return deviations of the labels within groups plus a value a group, one entry a sample."""
    vector = [Fraction(0)] * sum(len(group) for group in problem.members)
    for group, mean, value, labels in zip(problem.members, problem.means, per_point, problem.labels, strict=True):
        for sample, label in zip(group, labels, strict=True):
            vector[sample] = label - mean + value
    return vector


def _as_integers(vector: list[Fraction]) -> tuple[int, ...]:
    denominator = math.lcm(*(entry.denominator for entry in vector))
    whole = [entry.numerator * (denominator // entry.denominator) for entry in vector]
    divisor = math.gcd(*whole)
    return tuple(entry // divisor for entry in whole)


def integer_features(problem: FeaturesProblem, rows: IntArray) -> tuple[list[list[int]], list[int]]:
    """Return relu(<n_j, x_i>) 2^(e_i + f_j) as integers, for the groups `rows`, and the exponents e_i."""
    normals = [_integers(row)[0] for row in problem.normals]
    table, exponents = [], []
    for row in rows:
        point, exponent = _integers(problem.points[row])
        table.append([max(0, sum(map(int.__mul__, point, normal))) for normal in normals])
        exponents.append(exponent)
    return table, exponents


def _integers(row: FloatArray) -> tuple[list[int], int]:
    """Return integers, and the exponent e, with row = integers 2^-e."""
    mantissas, exponents = np.frexp(row)
    low = int(np.min(exponents, where=row != 0, initial=2000)) - 53
    whole = [int(m * 2.0**53) << (int(e) - 53 - low) if m else 0 for m, e in zip(mantissas, exponents, strict=True)]
    return whole, -low


def _dependence(problem: FeaturesProblem, rows: IntArray, beyond: FloatArray) -> list[Fraction] | None:
    """Return nu on the groups `rows` with sum_i nu_i phi_i = 0, exactly, near beyond / sqrt(m), or None."""
    found = null_space(problem, rows)
    if found is None:
        return None
    echelon, pivots, order, exponents = found
    if len(pivots) == len(rows):
        return None
    # nu of the features themselves; spread evenly over the samples of a group.
    counts = np.array([len(problem.members[row]) for row in rows], dtype=np.float64)
    values = _completed(echelon, pivots, order, exponents, beyond[rows] * np.sqrt(counts))
    return [value / len(problem.members[row]) for row, value in zip(rows, values, strict=True)]


def _completed(
    echelon: list[list[int]], pivots: list[int], order: list[int], exponents: list[int], wanted: FloatArray
) -> list[Fraction]:
    """Return the null vector that has the entries `wanted` off the pivots, for rows 2^exponents times the true ones."""
    values: list[Fraction] = [Fraction(0)] * len(order)
    for place in set(range(len(order))) - set(pivots):
        source = order[place]
        values[place] = Fraction(float(wanted[source])) / Fraction(2) ** exponents[source]
    _back_substitute(echelon, pivots, values)
    completed: list[Fraction] = [Fraction(0)] * len(order)
    for place, source in enumerate(order):
        completed[source] = values[place] * Fraction(2) ** exponents[source]
    return completed


def null_space(
    problem: FeaturesProblem, rows: IntArray
) -> tuple[list[list[int]], list[int], list[int], list[int]] | None:
    """Return the echelon form of the transposed features of the groups `rows`, its pivots, order and exponents.

    Columns of the form are groups, in an order that brings independent ones first (pivoted QR). None where the
    elimination would be too long.
    """
    block = problem.A[rows]
    seen = np.flatnonzero(block.any(axis=0))
    if len(rows) * min(len(rows), len(seen)) * len(seen) > _LARGEST_ELIMINATION:
        return None
    table, exponents = integer_features(problem, rows)
    order = [int(row) for row in qr(block.T, mode="r", pivoting=True)[1]] if len(seen) else list(range(len(rows)))
    matrix = [[table[row][unit] for row in order] for unit in seen]
    pivots = _eliminate(matrix, len(rows))
    return matrix[: len(pivots)], pivots, order, exponents


def _eliminate(matrix: list[list[int]], width: int) -> list[int]:
    """Bring integer rows to echelon form without fractions (Bareiss 1968); return the pivot columns."""
    previous, top = 1, 0
    pivots = []
    for column in range(width):
        candidates = [row for row in range(top, len(matrix)) if matrix[row][column]]
        if not candidates:
            continue
        best = min(candidates, key=lambda row: abs(matrix[row][column]))
        matrix[top], matrix[best] = matrix[best], matrix[top]
        lead = matrix[top]
        pivot = lead[column]
        for row in range(top + 1, len(matrix)):
            entries = matrix[row]
            factor = entries[column]
            for k in range(column + 1, width):
                entries[k] = (pivot * entries[k] - factor * lead[k]) // previous
            entries[column] = 0
        previous = pivot
        pivots.append(column)
        top += 1
        if top == len(matrix):
            break
    return pivots


def _back_substitute(echelon: list[list[int]], pivots: list[int], values: list[Fraction]) -> None:
    """Fill in the entries of `values` at the pivots so that every row of the form sums to 0 with them."""
    for row, pivot in zip(reversed(echelon), reversed(pivots), strict=True):
        total = sum((row[k] * values[k] for k in range(pivot + 1, len(values)) if row[k] and values[k]), Fraction(0))
        values[pivot] = -total / row[pivot]


def is_orthogonal(problem: FeaturesProblem, vector: tuple[int, ...]) -> bool:
    """Return whether a vector (n,) is orthogonal to all features, in integers; False where that would be too long."""
    sums = [sum(vector[sample] for sample in group) for group in problem.members]
    rows = np.flatnonzero([value != 0 for value in sums])
    if len(rows) * problem.normals.size > _LARGEST_CHECK:
        return False
    table, exponents = integer_features(problem, rows)
    scaled = [sums[row] << (max(exponents, default=0) - e) for row, e in zip(rows, exponents, strict=True)]
    return not any(
        sum(value * row[unit] for value, row in zip(scaled, table, strict=True)) for unit in range(len(problem.normals))
    )


def separated_loss(problem: FeaturesProblem, vector: tuple[int, ...]) -> Fraction:
    """Return <nu, y>^2 / |nu|^2, scaled as the labels are: what |Phi a - y|^2 is at least if nu is orthogonal."""
    product = sum(
        (
            vector[sample] * label
            for group, labels in zip(problem.members, problem.labels, strict=True)
            for sample, label in zip(group, labels, strict=True)
        ),
        Fraction(0),
    )
    return product**2 / sum(entry * entry for entry in vector)
