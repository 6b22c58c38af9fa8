"""Right answers for linear fits in exact fractions; float64 data are taken as the numbers that they are."""

from fractions import Fraction

import mpmath
import numpy as np
from exact_oracles import exact_least_squares


def root(square):
    """Square root of a fraction as (digits, exponent): digits * 2^exponent, so that it cannot leave the range."""
    if square == 0:
        return 0.0, 0
    half = (square.numerator.bit_length() - square.denominator.bit_length()) // 2
    return float(square / Fraction(4) ** half) ** 0.5, half


def exact_ridge(X, y, ridge):
    """Weights of |X w - y|^2 + ridge |w|^2 and |X w - y|^2, by elimination with exact pivots; ridge = 0: least norm."""
    if ridge == 0:
        return exact_least_squares(X, y)
    n, k = X.shape
    data, labels = [[Fraction(float(a)) for a in row] for row in X], [Fraction(float(a)) for a in y]
    rows = []
    for a in range(k):
        gram = [sum(data[i][a] * data[i][b] for i in range(n)) for b in range(k)]
        gram[a] += Fraction(ridge)
        rows.append([*gram, sum(data[i][a] * labels[i] for i in range(n))])
    for a in range(k):
        for b in range(k):
            if b != a and rows[b][a]:
                factor = rows[b][a] / rows[a][a]
                rows[b] = [p - factor * q for p, q in zip(rows[b], rows[a], strict=True)]
    weights = [rows[a][k] / rows[a][a] for a in range(k)]
    residual = [
        label - sum(p * q for p, q in zip(row, weights, strict=True)) for row, label in zip(data, labels, strict=True)
    ]
    return weights, sum(r * r for r in residual)


def precise_weights(X, y, ridge=0.0, digits=900):
    """Least-squares weights of least norm of a block of full rank, from normal equations with 900 digits."""
    with mpmath.workdps(digits):
        data, labels = mpmath.matrix(X.tolist()), mpmath.matrix(y.tolist())
        tall = X.shape[1] <= X.shape[0]
        gram = data.T * data if tall else data * data.T
        for i in range(gram.rows):
            gram[i, i] += mpmath.mpf(ridge)
        if tall:
            return mpmath.lu_solve(gram, data.T * labels)
        return data.T * mpmath.lu_solve(gram, labels)


def relative_error(weights, exact):
    """|weights - exact| / |exact| in the Euclidean norm, without leaving the range; 0 / 0 is 0."""
    squared = sum((Fraction(float(a)) - b) ** 2 for a, b in zip(weights, exact, strict=True))
    total = sum(b * b for b in exact)
    if total == 0:
        return 0.0 if squared == 0 else np.inf
    digits, exponent = root(squared / total)
    return digits * 2.0 ** min(exponent, 1000)


def contributions(X, weights):
    """max_ij |x_ij w_j| as a fraction."""
    return max(
        (abs(Fraction(float(X[i, j])) * Fraction(weights[j])) for i, j in np.ndindex(*X.shape)), default=Fraction(0)
    )


def fitted_error(X, y, weights, exact):
    """What an error of the weights is worth in labels, in any units: max_ij |x_ij (w_j - exact_j)| / size.

    The size is max |y| or, where weights cancel each other, max_ij |x_ij exact_j|: the weights are rounded.
    """
    size = max(max(abs(Fraction(float(a))) for a in y), contributions(X, exact))
    worst = contributions(X, [Fraction(float(a)) - b for a, b in zip(weights, exact, strict=True)])
    return float(worst / size) if size else float(worst)


def representable(exact):
    """Whether every weight that is not 0 is an ordinary float64."""
    return all(a == 0 or Fraction(2) ** -1022 <= abs(a) < Fraction(2) ** 1024 for a in exact)


def condition(X):
    """1 over the smallest singular value of the columns scaled to unit norm (rank rows or columns of them)."""
    largest = np.abs(X).max(axis=0, initial=0.0)
    scaled = X[:, largest > 0] / largest[largest > 0]
    if scaled.size == 0:
        return 1.0
    values = np.linalg.svd(scaled / np.linalg.norm(scaled, axis=0), compute_uv=False)
    return 1.0 / values[values > 1e-13].min()
