"""Which columns of a design fit labels best: in float64 where rounding cannot matter, in integers where it could.

The rules compare lengths of projections. Columns and labels are divided by powers of two first, so that the choice does
not depend on the units in which they are measured. Float64 numbers are integers times a power of two: where two choices
come closer than a bound on the rounding errors, they are compared in integers. So every choice is that of exact
arithmetic on the given numbers, and of equal ones the first.
"""

from __future__ import annotations

import math
from collections import defaultdict
from functools import cmp_to_key
from itertools import combinations, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noprune_theory._scaling import scale, size_exponents
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.pruning._wide import Wide

Integers = NDArray[Any]
"""Array of Python integers, or of int64 where these suffice."""

_EPSILON = float(np.finfo(np.float64).eps)

_BLOCK_ENTRIES = 1 << 20
"""Entries of the largest intermediate array of a search."""

_NO_RESIDUAL = (0, 1)

_EXACT_BITS = 53
"""Bits of the integers that float64 holds."""

_INTEGER_BITS = 62
"""Bits, sign aside, that int64 arithmetic may need."""


def _integer_rows(numbers: Wide) -> list[Integers]:
    """Return every row of (m, n) divided by a power of two that leaves integers, as small as they can be."""
    mantissas, exponents = numbers.split()
    digits = np.ldexp(mantissas, 53).astype(np.int64)
    rows: list[Integers] = []
    for row, powers in zip(digits.tolist(), exponents.tolist(), strict=True):
        lowest = min((e for v, e in zip(row, powers, strict=True) if v), default=0)
        integers = [v << (e - lowest) if v else 0 for v, e in zip(row, powers, strict=True)]
        spare = min(((v & -v).bit_length() - 1 for v in integers if v), default=0)
        integers = [v >> spare for v in integers]
        small = all(v.bit_length() <= _INTEGER_BITS for v in integers)
        rows.append(np.array(integers, dtype=np.int64 if small else object))
    return rows


def _bits(integers: Integers) -> int:
    """Return the bits of the largest magnitude."""
    return max((abs(int(v)).bit_length() for v in (integers.min(initial=0), integers.max(initial=0))), default=0)


def _fitting(bits: int, *arrays: Integers) -> list[Integers]:
    """Return the arrays as int64 if that holds numbers of so many bits, as Python integers otherwise."""
    kind: Any = np.int64 if bits <= _INTEGER_BITS else object
    return [array.astype(kind) for array in arrays]


class Problem:
    """Columns and label vectors, in floating point and, once they are asked for, in integers.

    Parameters
    ----------
    columns : Wide, shape (n, p)
    labels : ndarray, shape (m, n)
        A label vector a row.
    """

    def __init__(self, columns: Wide, labels: FloatArray) -> None:
        self.wide_columns, self.labels = columns, labels
        self.columns, _ = columns.aligned(0)
        self.label_exponents = size_exponents(labels, 1)
        self.rows = scale(labels, -self.label_exponents[:, None])
        self.lengths = np.sqrt(np.einsum("ij,ij->j", self.columns, self.columns))
        self.norms = np.sqrt(np.einsum("ij,ij->i", self.rows, self.rows))
        self._columns: dict[int, Integers] = {}
        self._labels: dict[int, Integers] = {}
        self._products: dict[tuple[int, int], int] = {}
        self._cross: dict[int, dict[int, int]] = {}
        self._squares: dict[int, int] = {}

    @property
    def n(self) -> int:
        """Number of samples."""
        return self.columns.shape[0]

    @property
    def p(self) -> int:
        """Number of columns."""
        return self.columns.shape[1]

    def scores(self) -> FloatArray:
        """Return |<x_j, y>| / |x_j| of the scaled labels, shape (m, p); 0 for a column that vanishes."""
        projections = np.abs(self.rows @ self.columns)
        return np.divide(projections, self.lengths, out=np.zeros_like(projections), where=self.lengths > 0)

    def rounding(self) -> FloatArray:
        """Return a bound on the errors of the scores, shape (m, 1)."""
        return (2 * (self.n + 8) * _EPSILON * self.norms)[:, None]

    def column(self, j: int) -> Integers:
        """Return column j in units that make it integers, shape (n,)."""
        if j not in self._columns:
            self._columns[j] = _integer_rows(self.wide_columns[:, j : j + 1].T)[0]
        return self._columns[j]

    def product(self, i: int, j: int) -> int:
        """Return <x_i, x_j> in the integers of `column`."""
        key = (i, j) if i <= j else (j, i)
        if key not in self._products:
            a, b = self.column(i), self.column(j)
            a, b = _fitting(_bits(a) + _bits(b) + self.n.bit_length(), a, b)
            self._products[key] = int(a @ b)
        return self._products[key]

    def cross(self, labels: IntArray, j: int) -> Integers:
        """Return <x_j, y> in integers for some of the label vectors, shape (len(labels),)."""
        return self._cached(self._cross.setdefault(j, {}), labels, self.column(j))

    def squares(self, labels: IntArray) -> Integers:
        """Return |y|^2 in the integers of `cross`, shape (len(labels),)."""
        return self._cached(self._squares, labels, None)

    def _cached(self, known: dict[int, int], labels: IntArray, column: Integers | None) -> Integers:
        """Return products of label vectors with a column, or with themselves, computing those that are not known."""
        missing = [label for label in labels.tolist() if label not in known]
        if missing:
            rows = self._integer_labels(missing)
            bits = max(_bits(row) for row in rows)
            bits += (bits if column is None else _bits(column)) + self.n.bit_length()
            (matrix,) = _fitting(bits, np.array(rows, dtype=np.int64 if bits <= _INTEGER_BITS else object))
            values = (matrix * matrix).sum(axis=1) if column is None else matrix @ column.astype(matrix.dtype)
            known.update(zip(missing, values.tolist(), strict=True))
        return np.array([known[label] for label in labels.tolist()], dtype=object)

    def _integer_labels(self, labels: list[int]) -> list[Integers]:
        missing = [label for label in labels if label not in self._labels]
        if missing:
            self._labels.update(zip(missing, _integer_rows(Wide(self.labels[missing])), strict=True))
        return [self._labels[label] for label in labels]


# --- One column at a time ---------------------------------------------------------------------------------------------


def score_order(problem: Problem, candidates: BoolArray, keep: int) -> FloatArray:
    """Return numbers (m, p) in the order of the exact scores as far as keeping `keep` candidates asks for it.

    The order is right around the scores number `keep` and `keep` + 1; equal scores are equal, a score of 0 is 0.
    """
    scores = problem.scores()
    counted = np.where(candidates, scores, 0.0)
    if keep in (0, problem.p):
        return scores
    rounding = problem.rounding()
    ordered = -np.sort(-counted, axis=1)
    last, next_one = ordered[:, keep - 1 : keep], ordered[:, keep : keep + 1]
    order, unclear = scores, np.flatnonzero((last - next_one <= 4 * rounding)[:, 0])
    keys = _integer_keys(problem, unclear) if unclear.size > 1 else None
    if keys is not None:
        order[unclear] = keys
        return order
    for row in unclear:
        close = np.abs(scores[row] - last[row]) <= 2 * rounding[row]
        close |= np.abs(scores[row] - next_one[row]) <= 2 * rounding[row]
        close &= candidates
        above = ~close & (scores[row] > last[row])
        label = np.array([row])
        squares = {
            j: (int(problem.cross(label, j)[0]) ** 2, problem.product(j, j)) for j in np.flatnonzero(close).tolist()
        }
        ranks = _ranks(squares)
        order[row] = np.where(above, len(ranks) + 1.0, 0.0)
        for j, rank in ranks.items():
            order[row, j] = rank
    return order


def _integer_keys(problem: Problem, labels: IntArray) -> FloatArray | None:
    """Return whole numbers (len(labels), p) in the order of the exact scores, if float64 holds them: small integers."""
    squares = [max(problem.product(j, j), 1) for j in range(problem.p)]
    common = 1
    for square in squares:
        common = math.lcm(common, square)
        if common.bit_length() > _EXACT_BITS:
            return None
    cross = [problem.cross(labels, j) for j in range(problem.p)]
    if 2 * max(_bits(c) for c in cross) + common.bit_length() > _EXACT_BITS:
        return None
    columns = [c.astype(np.float64) ** 2 * (common // square) for c, square in zip(cross, squares, strict=True)]
    return np.stack(columns, axis=1)


def _ranks(ratios: dict[int, tuple[int, int]]) -> dict[int, int]:
    """Return the ranks of fractions (numerator, denominator): 0 for 0 (and 0 / 0), equal for equal ones."""

    def compare(i: int, j: int) -> int:
        left, right = ratios[i][0] * ratios[j][1], ratios[j][0] * ratios[i][1]
        return (left > right) - (left < right)

    positive = sorted((j for j, ratio in ratios.items() if ratio[0]), key=cmp_to_key(compare))
    ranks, rank = dict.fromkeys(ratios, 0), 0
    for place, j in enumerate(positive):
        rank += place == 0 or compare(j, positive[place - 1]) != 0
        ranks[j] = rank
    return ranks


# --- Subsets ----------------------------------------------------------------------------------------------------------


def _kinds(columns: FloatArray) -> IntArray:
    """Return numbers (p,) that are equal for columns equal up to sign (and scale), and 0 for columns of zeros."""
    kinds, seen = np.zeros(columns.shape[1], dtype=np.int64), dict[bytes, int]()
    for j, column in enumerate(columns.T):
        nonzero = np.flatnonzero(column)
        if nonzero.size:
            signed = column if column[nonzero[0]] > 0 else -column
            kinds[j] = seen.setdefault((signed + 0.0).tobytes(), len(seen) + 1)
    return kinds


def _explained(columns: FloatArray, kinds: IntArray, rows: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the squared lengths of projections on spans, and what is known of their errors.

    Parameters
    ----------
    columns : ndarray, shape (b, n, k)
    kinds : ndarray of int, shape (b, k)
        See `_kinds`.
    rows : ndarray, shape (m, n)

    Returns
    -------
    explained : ndarray, shape (b, m)
    error : ndarray, shape (b,)
        Bound on the error as a share of the squared length of the row; infinite where the rank is not certain.
    full : ndarray of bool, shape (b,)
        Whether the columns span R^n for certain, so that they explain all.
    """
    n, k = columns.shape[1:]
    left, singular, _ = np.linalg.svd(columns, full_matrices=False)
    ordered = np.sort(kinds, axis=1)
    # No more directions than different columns other than 0.
    distinct = (ordered[:, :1] > 0).astype(np.int64)[:, 0] + ((np.diff(ordered, axis=1) > 0).sum(axis=1))
    rank = np.minimum(distinct, n)
    last = np.where(rank > 0, np.take_along_axis(singular, np.maximum(rank - 1, 0)[:, None], axis=1)[:, 0], 1.0)
    # Rounding moves singular values by less than `noise`, and the span by `noise` over the smallest of them.
    noise = 16 * max(n, k) * _EPSILON * singular[:, 0]
    certain = last > 4 * noise
    error = np.divide(4 * noise, last, out=np.full(len(last), np.inf), where=certain)
    basis = left.transpose(0, 2, 1) * (np.arange(left.shape[2]) < rank[:, None])[:, :, None]
    explained: FloatArray = np.sum((basis @ rows.T) ** 2, axis=1)
    return explained, error, certain & (rank == n)


def _residuals(problem: Problem, columns: tuple[int, ...], labels: IntArray) -> tuple[Integers, int]:
    """Return the squared residuals of some labels on columns, in integers (len(labels),), and their denominator.

    Fraction-free elimination (Bareiss 1968) on the Gram matrix of the columns and the labels; a column that depends on
    those before it has pivot 0 and is passed over.
    """
    k = len(columns)
    gram = [[problem.product(i, j) for j in columns] for i in columns]
    cross = [problem.cross(labels, j) for j in columns]
    squares = problem.squares(labels)
    # Every number on the way is a minor, at most the product of its diagonal (Hadamard); products of two are formed.
    bits = _bits(squares) + sum(gram[i][i].bit_length() for i in range(k))
    squares, *cross = _fitting(2 * bits + 1, squares, *cross)
    previous = 1
    for step in range(k):
        pivot = gram[step][step]
        if pivot == 0:
            continue
        for i in range(step + 1, k):
            factor = gram[i][step]
            gram[i] = [(a * pivot - factor * b) // previous for a, b in zip(gram[i], gram[step], strict=True)]
            cross[i] = (cross[i] * pivot - factor * cross[step]) // previous
        squares = (squares * pivot - cross[step] * cross[step]) // previous
        previous = pivot
    return squares, previous


def best_subsets(problem: Problem, keep: int) -> IntArray:
    """Return the `keep` columns that leave each label vector the smallest residual, shape (m, keep).

    Of equal residuals the lexicographically first subset wins.
    """
    m, p = len(problem.rows), problem.p
    first = np.tile(np.arange(keep), (m, 1))
    # Nothing to search: no label is explained by any column, or one subset only.
    rows = np.flatnonzero(_explicable(problem))
    if keep in (0, p) or rows.size == 0:
        return first
    kinds = _kinds(problem.columns)
    targets = problem.rows[rows] / problem.norms[rows, None]
    floor = np.zeros(len(rows))  # what the best subset explains at least
    found: list[tuple[IntArray, IntArray, IntArray, FloatArray]] = []
    subsets = combinations(range(p), keep)
    step = max(1, _BLOCK_ENTRIES // max(problem.n * keep, len(rows) * keep))
    while block := list(islice(subsets, step)):
        columns = np.array(block)
        explained, error, full = _explained(problem.columns[:, columns].transpose(1, 0, 2), kinds[columns], targets)
        # A subset that explains all is not beaten by any that follows.
        complete = int(np.argmax(full)) + 1 if full.any() else len(block)
        explained, error, full = explained[:complete], error[:complete, None], full[:complete, None]
        low = np.where(full, 1.0, np.where(np.isinf(error), 0.0, explained - error))
        high = np.where(full | np.isinf(error), 1.0, explained + error)
        floor = np.maximum(floor, low.max(axis=0))
        subset, label = np.nonzero(high >= floor)
        found.append((columns, subset, label, high[subset, label]))
        if full.any():
            break
    first[rows] = _decided(problem, rows, kinds, floor, found)
    return first


def _explicable(problem: Problem) -> BoolArray:
    """Return which label vectors are not orthogonal to all columns, shape (m,)."""
    explicable = np.asarray((problem.scores() > problem.rounding()).any(axis=1))
    for row in np.flatnonzero(~explicable & (problem.norms > 0)):
        explicable[row] = any(problem.cross(np.array([row]), j)[0] for j in range(problem.p))
    return explicable


def _decided(
    problem: Problem,
    rows: IntArray,
    kinds: IntArray,
    floor: FloatArray,
    found: list[tuple[IntArray, IntArray, IntArray, FloatArray]],
) -> IntArray:
    """Return the best of the subsets that were found to be possible, for every label vector, shape (len(rows), k)."""
    m = len(rows)
    kept = [
        (columns[subset[high >= floor[label]]], label[high >= floor[label]]) for columns, subset, label, high in found
    ]
    columns, labels = np.concatenate([c for c, _ in kept]), np.concatenate([label for _, label in kept])
    chosen = np.empty((m, columns.shape[1]), dtype=np.int64)
    lonely = np.bincount(labels, minlength=m)[labels] == 1
    chosen[labels[lonely]] = columns[lonely]

    # The rest is compared in integers, subset after subset in their order; one of equal spans is enough.
    members: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for subset, label in zip(columns[~lonely].tolist(), labels[~lonely].tolist(), strict=True):
        members[tuple(subset)].append(label)
    best: list[tuple[int, int] | None] = [None] * m
    seen: set[tuple[tuple[int, ...], int]] = set()
    for subset, its_labels in members.items():
        span = tuple(sorted(set(kinds[list(subset)].tolist()) - {0}))
        new = [label for label in its_labels if (span, label) not in seen and best[label] != _NO_RESIDUAL]
        if not new:
            continue
        seen.update((span, label) for label in new)
        residuals, denominator = _residuals(problem, subset, rows[new])
        for label, residual in zip(new, residuals.tolist(), strict=True):
            record = best[label]
            if record is None or residual * record[1] < record[0] * denominator:
                best[label] = (residual, denominator) if residual else _NO_RESIDUAL
                chosen[label] = subset
    return chosen


# --- Greedy selection -------------------------------------------------------------------------------------------------


def matching_pursuits(problem: Problem, keep: int) -> IntArray:
    """Return the columns that orthogonal matching pursuit selects for each label vector, in its order, shape (m, keep).

    Every step takes the column of largest |<x_j, r>| / |x_j|, r the residual of y on the columns taken before; of equal
    ones the first.
    """
    chosen, certain = _pursuits_in_float(problem, keep)
    open_rows = np.flatnonzero(~certain)
    if open_rows.size:
        chosen[open_rows] = _pursuits_in_integers(problem, open_rows, keep)
    return chosen


class _Residuals:
    """Unit vectors less their projections on the span of unit columns taken one after the other, with error bounds.

    The columns taken are D = Q R + E with E measured, so that the residual r of y on their span and the computed one,
    which is y - Q b up to its own rounding, differ by at most that rounding, |E| |R^-1| |b|, and the length of what D
    still explains, which is at most |D^T r| over the least singular value of D: all from what was computed, and none
    grows by a factor a step.

    Attributes
    ----------
    vectors : ndarray, shape (m, n)
        The residuals of m vectors, each on columns of its own.
    error : ndarray, shape (m,)
        Bounds on their distances from the exact ones; inf where nothing is known.
    unit : float
        Bound on the rounding of one product of vectors of length one.
    """

    def __init__(self, vectors: FloatArray, most: int) -> None:
        m, n = vectors.shape
        self.vectors, self.unit = vectors, 4 * (n + 8) * _EPSILON
        self.error = np.full(m, self.unit)
        self._count = 0
        self._basis, self._columns = np.zeros((m, n, most)), np.zeros((m, n, most))
        self._R, self._inverse = np.zeros((m, most, most)), np.zeros((m, most, most))
        self._misfit, self._defect = np.zeros(m), np.zeros(m)

    def take(self, column: FloatArray) -> None:
        """Take one more column for each vector, shape (m, n)."""
        step, k = self._count, self._count + 1
        self._count = k
        basis, R, inverse = self._basis[:, :, :k], self._R[:, :k, :k], self._inverse[:, :k, :k]
        parts, rest = np.zeros((len(column), step)), column
        for _ in range(2):  # twice is enough (Gram-Schmidt with reorthogonalisation)
            part = np.einsum("bnk,bn->bk", basis[:, :, :step], rest)
            parts, rest = parts + part, rest - np.einsum("bnk,bk->bn", basis[:, :, :step], part)
        length = _lengths(rest)
        sound = length > self.unit
        share = np.divide(1.0, length, out=np.zeros_like(length), where=sound)
        new = np.divide(rest, length[:, None], out=np.zeros_like(rest), where=sound[:, None])
        overlap = np.einsum("bnk,bn->bk", basis[:, :, :step], new)
        basis[:, :, step], self._columns[:, :, step] = new, column
        R[:, :step, step], R[:, step, step] = parts, length
        inverse[:, :step, step] = -np.einsum("bjk,bk->bj", inverse[:, :step, :step], parts) * share[:, None]
        inverse[:, step, step] = share
        # Twice as well: what is left of the span in the residual would count as an error.
        for _ in range(2):
            part = np.einsum("bnk,bn->bk", basis, self.vectors)
            self.vectors = self.vectors - np.einsum("bnk,bk->bn", basis, part)
        gap = column - np.einsum("bnk,bk->bn", basis, R[:, :, step])
        self._misfit += (_lengths(gap) + self.unit * k) ** 2
        self._defect += 2 * np.einsum("bk,bk->b", overlap, overlap) + (np.einsum("bn,bn->b", new, new) - 1) ** 2
        self.error = self._bound(sound)

    def _bound(self, sound: BoolArray) -> FloatArray:
        """Return the bounds on the errors, for the columns taken so far."""
        k = self._count
        R, inverse, columns = self._R[:, :k, :k], self._inverse[:, :k, :k], self._columns[:, :, :k]
        rounding = self.unit * k
        misfit = np.sqrt(self._misfit)
        size = _lengths(inverse.reshape(len(inverse), -1))
        identity = np.einsum("bij,bjk->bik", R, inverse) - np.eye(k)
        off = _lengths(identity.reshape(len(identity), -1)) + rounding * size
        loss = np.sqrt(self._defect) + rounding
        good = sound & (off < 0.5) & (loss < 0.5)
        size = np.where(good, size / np.where(good, 1 - off, 1.0), np.inf)
        turned = np.where(good, misfit * size, np.inf)
        least = np.where(good, np.sqrt(np.where(good, 1 - loss, 1.0)) / size - misfit, 0.0)
        good &= (turned < 0.25) & (least > 0)
        own = rounding + 2 * turned  # of the residual as y - D c, for some c
        explained = _lengths(np.einsum("bnk,bn->bk", columns, self.vectors)) + rounding + np.sqrt(k) * own
        return np.where(good, own + np.divide(explained, least, out=np.full_like(least, np.inf), where=good), np.inf)


def _lengths(vectors: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.einsum("bn,bn->b", vectors, vectors)))


def _pursuits_in_float(problem: Problem, keep: int) -> tuple[IntArray, BoolArray]:
    """Return the selections in floating point, and for which label vectors rounding cannot have changed them."""
    n, p, m = problem.n, problem.p, len(problem.rows)
    every, live = np.arange(m), problem.norms > 0
    directions = np.divide(problem.columns, problem.lengths, out=np.zeros((n, p)), where=problem.lengths > 0)
    targets = np.divide(problem.rows, problem.norms[:, None], out=np.zeros((m, n)), where=live[:, None])
    residuals = _Residuals(targets, min(keep, n))
    chosen = np.zeros((m, keep), dtype=np.int64)
    taken = np.zeros((m, p), dtype=bool)
    certain = np.ones(m, dtype=bool)
    for step in range(keep):
        if step < n:
            scores = np.where(taken, -1.0, np.abs(residuals.vectors @ directions))
            margin = 2 * (residuals.error + residuals.unit)
            certain &= ((scores >= scores.max(axis=1, keepdims=True) - margin[:, None]).sum(axis=1) == 1) | ~live
        else:
            scores = np.where(taken, -1.0, 0.0)  # n independent columns explain all
        chosen[:, step] = scores.argmax(axis=1)
        taken[every, chosen[:, step]] = True
        if step < n:
            residuals.take(directions[:, chosen[:, step]].T)
            certain &= np.isfinite(residuals.error) | ~live
    return chosen, certain


def _pursuits_in_integers(problem: Problem, rows: IntArray, keep: int) -> IntArray:
    """Return the exact selections; label vectors that share their first columns are worked on together."""
    p = problem.p
    chosen = np.empty((len(rows), keep), dtype=np.int64)
    diagonal = [problem.product(j, j) for j in range(p)]
    cross = [problem.cross(rows, j).astype(object) for j in range(p)]
    # Label vectors, columns taken, eliminated rows of the Gram matrix with their pivots, eliminated products.
    stack: list[tuple[IntArray, tuple[int, ...], list[tuple[int, list[int]]], list[Integers]]]
    stack = [(np.arange(len(rows)), (), [], cross)]
    while stack:
        members, taken, eliminated, products = stack.pop()
        if len(taken) == keep:
            chosen[members] = taken
            continue
        free = [j for j in range(p) if j not in taken]
        best = np.full(len(members), free[0])
        numerator, denominator = products[free[0]] ** 2, np.full(len(members), max(diagonal[free[0]], 1), dtype=object)
        for j in free[1:]:
            square = products[j] ** 2
            better = (square * denominator > numerator * max(diagonal[j], 1)).astype(bool)
            best[better] = j
            numerator, denominator = (
                np.where(better, square, numerator),
                np.where(better, max(diagonal[j], 1), denominator),
            )
        for j in np.unique(best).tolist():
            own = np.flatnonzero(best == j)
            line, previous = [problem.product(j, i) for i in range(p)], 1
            for pivot, other in eliminated:
                factor = other[j]
                line = [(a * pivot - factor * b) // previous for a, b in zip(line, other, strict=True)]
                previous = pivot
            pivot, ahead = line[j], [product[own] for product in products]
            steps = eliminated
            if pivot:
                ahead = [(a * pivot - line[i] * ahead[j]) // previous for i, a in enumerate(ahead)]
                steps = [*eliminated, (pivot, line)]
            stack.append((members[own], (*taken, j), steps, ahead))
    return chosen
