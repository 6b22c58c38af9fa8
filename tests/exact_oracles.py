"""Right answers in exact fractions, for small problems; float64 data are taken as the numbers that they are."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from noprune_theory.testing._rational import dot, fractions, orthogonal_columns, smallest_squared_residual


def exact_rank(X):
    """Rank of the float64 matrix X, shape (n, p)."""
    return len(orthogonal_columns(np.asarray(X, dtype=np.float64)))


def _solve(matrix, right):
    """Solve a square nonsingular system by elimination with exact pivots."""
    size = len(matrix)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = next(row for row in range(column, size) if rows[row][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(size):
            if row != column and rows[row][column]:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    return [rows[i][size] / rows[i][i] for i in range(size)]


def exact_least_squares(X, y):
    """Minimum-norm weights among the minimisers of |X w - y|^2, and the squared residual, as fractions.

    w = R^T z with R a basis of the rows, X R^T z closest to y: the normal equations of the full-rank matrix X R^T.
    """
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    rows = orthogonal_columns(X.T)
    data, labels = fractions(X), [Fraction(float(label)) for label in y]
    if not rows:
        return [Fraction(0)] * X.shape[1], dot(labels, labels)
    images = [[dot(sample, row) for sample in data] for row in rows]
    gram = [[dot(a, b) for b in images] for a in images]
    z = _solve(gram, [dot(image, labels) for image in images])
    weights = [sum((c * row[j] for c, row in zip(z, rows, strict=True)), Fraction(0)) for j in range(X.shape[1])]
    residual = [label - dot(sample, weights) for sample, label in zip(data, labels, strict=True)]
    return weights, dot(residual, residual)


def exact_squared_residual(X, y, weights):
    """|X w - y|^2 for weights that are float64 or fractions, as a fraction."""
    w = [Fraction(weight) for weight in weights]
    residual = [dot(sample, w) - Fraction(float(label)) for sample, label in zip(fractions(X), y, strict=True)]
    return dot(residual, residual)


__all__ = ["exact_least_squares", "exact_rank", "exact_squared_residual", "smallest_squared_residual"]
