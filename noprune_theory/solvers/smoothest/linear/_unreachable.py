"""Proofs that no weights reach a loss level: vectors orthogonal to the columns and not to the labels.

If v is orthogonal to all columns of A, then |A w - b| >= v^T (b - A w) / |v| = v^T b / |v| for every w. A proof gives a
lower bound on the smallest residual that holds in spite of rounding, and such a vector (rounded).

- Few independent columns: v is the residual of a fit, made orthogonal in thought. With G = A Y near orthonormal, Y an
  approximate inverse of the triangular factor, the part of v inside the column space has a norm of at most
  |G^T v| / (1 - |I - G^T G|)^(1/2); every product is bounded with its rounding errors (Higham 2002, section 3.5).
  Columns that are left out must be combinations of the others, exactly.
- Dependent rows: v is a combination of exact dependences, such as e_i - e_j for equal rows.

Exact statements about the data are checked in fractions.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from scipy.linalg import lapack

from noprune_theory._scaling import scale, size_exponents
from noprune_theory._types import FloatArray, IntArray
from noprune_theory.solvers.regression._exact import squared_norm
from noprune_theory.solvers.regression._graded import EPSILON, GradedBlock, rank_tolerance

_ROUNDING = EPSILON / 2
# Coefficients of exact dependences are looked for among fractions with denominators up to this one.
_DENOMINATOR = 1000
_LARGEST_CHECK = 300_000
# Covers the rounding in the evaluation of bounds, of a few hundred operations in sequence, and underflow.
_OUTWARD = 1.0 + 1e-9
_UNDERFLOW = 1e-280


def unreachable_direction(graded: GradedBlock, squared_radius: Fraction) -> FloatArray | None:
    """Return v (n,) proving that |A w - b|^2 > squared_radius for every w, in scaled units; None if none is found."""
    if graded.rank < graded.n and _rest_is_dependent(graded):
        found = _by_residual(graded.A[:, graded.pivots[: graded.rank]], graded.b, squared_radius)
        if found is not None:
            return found
    return _by_dependent_rows(graded.A, graded.b, squared_radius)


def _growth(count: int) -> float:
    """Return the relative error of `count` roundings in sequence."""
    return count * _ROUNDING / (1.0 - count * _ROUNDING)


def _by_residual(A: FloatArray, b: FloatArray, squared_radius: Fraction) -> FloatArray | None:
    """Return the residual of a fit on independent columns, if it proves the claim."""
    n, k = A.shape
    if k == 0:
        return b if squared_norm(b) > squared_radius else None
    triangle = np.asarray(np.linalg.qr(A, mode="r"))
    Y, info = lapack.dtrtri(triangle, lower=0)
    if info != 0:
        return None
    Y = np.triu(Y)
    with np.errstate(over="ignore", invalid="ignore"):
        G = A @ Y
        product = _growth(k) * float(np.linalg.norm(np.abs(A) @ np.abs(Y)))
        size = float(np.linalg.norm(G))
        skew = float(np.linalg.norm(np.eye(k) - G.T @ G)) + _growth(n + 1) * (size**2 + math.sqrt(k))
        skew = _OUTWARD * (skew + 2.0 * size * product + product**2)
        if not skew < 0.5:
            return None
        weights = Y @ (G.T @ b)
        residual = b - A @ weights
        lost = _growth(k + 2) * float(np.linalg.norm(np.abs(b) + np.abs(A) @ np.abs(weights)))
        inner = residual @ A
        error = _growth(n) * (np.abs(residual) @ np.abs(A))
        inside = np.abs(inner @ Y) + _growth(k) * (np.abs(inner) @ np.abs(Y)) + error @ np.abs(Y)
        inside_norm = float(np.linalg.norm(inside)) / math.sqrt(1.0 - skew)
    length = float(np.linalg.norm(residual)) * (1.0 - _growth(n + 4))
    bound = length - _OUTWARD * (lost + inside_norm) - _UNDERFLOW
    return residual if bound > 0 and Fraction(bound) ** 2 > squared_radius else None


def _rest_is_dependent(graded: GradedBlock) -> bool:
    """Return whether all columns but the pivots are exact combinations of the pivots."""
    rank = graded.rank
    kept, rest = graded.pivots[:rank], graded.pivots[rank:]
    if rest.size == 0:
        return True
    mixing = lapack.dtrtrs(np.asfortranarray(graded.R[:, :rank]), graded.R[:, rank:])[0] if rank else graded.R[:, rank:]
    return _combinations(graded.A.T, kept, rest, mixing) is not None


def _combinations(
    rows: FloatArray, kept: IntArray, rest: IntArray, mixing: FloatArray
) -> list[list[tuple[int, Fraction]]] | None:
    """Return the rows `rest` as exact combinations of the rows `kept`, as (row, coefficient); None if one is not.

    `mixing` (kept, rest) holds the coefficients up to rounding.
    """
    found = []
    tolerance = rank_tolerance(*rows.shape) * max(1.0, float(np.max(np.abs(mixing), initial=0.0)))
    relevant = np.abs(mixing) > tolerance
    if not np.isfinite(mixing).all() or np.count_nonzero(relevant) * rows.shape[1] > _LARGEST_CHECK:
        return None
    for column, target in enumerate(rest.tolist()):
        used = np.flatnonzero(relevant[:, column])
        pairs = [
            (int(kept[i]), Fraction(float(mixing[i, column])).limit_denominator(_DENOMINATOR)) for i in used.tolist()
        ]
        for place in range(rows.shape[1]):
            total = sum((c * Fraction(float(rows[row, place])) for row, c in pairs), Fraction(0))
            if total != Fraction(float(rows[target, place])):
                return None
        found.append(pairs)
    return found


def _by_dependent_rows(A: FloatArray, b: FloatArray, squared_radius: Fraction) -> FloatArray | None:
    """Return a combination of exact dependences among the rows, if it proves the claim."""
    n = len(A)
    powers = size_exponents(A, 1)
    factored, pivots, _, _, _ = lapack.dgeqp3(np.asfortranarray(scale(A, -powers[:, None]).T))
    diagonal = np.abs(np.diagonal(factored))
    vanished = np.flatnonzero(diagonal <= rank_tolerance(*A.shape) * diagonal.max(initial=0.0))
    rank = int(vanished[0]) if vanished.size else diagonal.size
    kept, rest = pivots[:rank] - 1, pivots[rank:] - 1
    if rest.size == 0:
        return None
    upper = np.triu(factored[:rank])
    mixing = lapack.dtrtrs(np.asfortranarray(upper[:, :rank]), upper[:, rank:])[0] if rank else np.zeros((0, rest.size))
    with np.errstate(over="ignore"):
        mixing = np.ldexp(mixing, powers[rest] - powers[kept][:, None])
    dependences = _combinations(A, kept, rest, mixing)
    if dependences is None:
        return None
    # Each dependence is e_i minus its combination; their best mixture for b, in floating point.
    vectors = np.zeros((n, rest.size))
    vectors[rest, np.arange(rest.size)] = 1.0
    for column, pairs in enumerate(dependences):
        for row, coefficient in pairs:
            vectors[row, column] -= float(coefficient)
    shares = np.linalg.lstsq(vectors, b, rcond=None)[0]
    exact = [Fraction(0)] * n
    for share, target, pairs in zip(shares.tolist(), rest.tolist(), dependences, strict=True):
        exact[target] += Fraction(share)
        for row, coefficient in pairs:
            exact[row] -= Fraction(share) * coefficient
    along = sum((v * Fraction(float(label)) for v, label in zip(exact, b, strict=True)), Fraction(0))
    length = sum((v * v for v in exact), Fraction(0))
    if along <= 0 or along**2 <= squared_radius * length:
        return None
    return np.array([float(v) for v in exact])
