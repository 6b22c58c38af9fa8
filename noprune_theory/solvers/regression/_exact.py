"""Least squares of float64 data in integers: for small blocks, and where rounding would decide.

The data are taken as the numbers that they are. Linear systems are solved by fraction-free elimination (Bareiss 1968),
in which every division is exact, so that digits grow only as fast as those of the determinants.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np

from noprune_theory._scaling import Exponents, as_float, scale_float
from noprune_theory._types import FloatArray, IntArray

Integers = list[int]
# A block is small if its elimination takes well under a second: order^2 times the digits of an entry.
_LARGEST_ORDER = 32
_LARGEST_WORK = 160_000
_DIGITS = 53


def to_integers(values: FloatArray) -> tuple[Integers, int]:
    """Return integers and the exponent e with values = integers * 2^e, exactly."""
    fractions, exponents = np.frexp(values)
    digits = [int(digit) for digit in np.ldexp(fractions, _DIGITS)]
    used = [int(e) for digit, e in zip(digits, exponents, strict=True) if digit]
    least = min(used, default=0)
    shifted = [digit << (int(e) - least) if digit else 0 for digit, e in zip(digits, exponents, strict=True)]
    return shifted, least - _DIGITS


def nearest_float(value: Fraction, exponent: int = 0) -> float:
    """Return value * 2^exponent, correctly rounded; inf beyond the range."""
    return as_float(value * _power(exponent))


def nearest_root(square: Fraction) -> float:
    """Return the square root of a fraction to about 1e-16; inf beyond the range."""
    if square == 0:
        return 0.0
    half = (square.numerator.bit_length() - square.denominator.bit_length()) // 2
    return scale_float(math.sqrt(square * _power(-2 * half)), half)


def _power(exponent: int) -> Fraction:
    return Fraction(1 << exponent) if exponent >= 0 else Fraction(1, 1 << -exponent)


def _dot(first: Integers, second: Integers) -> int:
    return sum(a * b for a, b in zip(first, second, strict=True))


def solve_semidefinite(matrix: list[Integers], right: Integers) -> tuple[Integers, list[int], int]:
    """Solve a positive semidefinite integer system on its first independent rows.

    Returns
    -------
    numerators, rows, denominator
        Solution numerators / denominator on `rows`, zero elsewhere; the denominator is positive.
    """
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    independent: list[int] = []
    previous = 1
    for j in range(len(rows)):
        pivot = rows[j][j]
        # Semidefinite: a zero on the diagonal means that the whole row has been eliminated.
        if pivot == 0:
            continue
        row = rows[j]
        for i, other in enumerate(rows):
            if i != j:
                factor = other[j]
                rows[i] = [(pivot * a - factor * b) // previous for a, b in zip(other, row, strict=True)]
        independent.append(j)
        previous = pivot
    return [rows[j][-1] for j in independent], independent, previous


class ExactBlock:
    """A block (n, k) and labels as integers; column j of the data is integers times 2^exponents[j]."""

    def __init__(self, block: FloatArray, y: FloatArray, exponents: Exponents | None = None) -> None:
        self.n, self.k = block.shape
        columns = [to_integers(column) for column in block.T]
        self.columns: list[Integers] = [column for column, _ in columns]
        base = np.zeros(self.k, dtype=np.int64) if exponents is None else exponents
        self.exponents: list[int] = [own + int(more) for (_, own), more in zip(columns, base, strict=True)]
        self.labels, self.label_exponent = to_integers(y)

    @staticmethod
    def is_small(block: FloatArray, exponents: Exponents | IntArray | None = None) -> bool:
        """Return whether exact arithmetic on a block takes well under a second."""
        nonzero = np.frexp(block[block != 0])[1] if block.any() else np.zeros(1, dtype=np.int64)
        spread = int(np.ptp(nonzero)) if exponents is None else int(np.ptp(nonzero)) + int(np.ptp(exponents))
        order = min(block.shape)
        return order <= _LARGEST_ORDER and order**2 * (2 * _DIGITS + 2 * spread) <= _LARGEST_WORK and block.size <= 4096

    @cached_property
    def _columns_solved(self) -> tuple[Integers, list[int], int]:
        gram = [[_dot(a, b) for b in self.columns] for a in self.columns]
        return solve_semidefinite(gram, [_dot(column, self.labels) for column in self.columns])

    @cached_property
    def rows(self) -> tuple[list[Integers], int]:
        """The data as integers, row by row, times one power of two."""
        used = [e for column, e in zip(self.columns, self.exponents, strict=True) if any(column)]
        least = min(used, default=0)
        shifted = [
            [entry << (e - least) for entry in column] if any(column) else column
            for column, e in zip(self.columns, self.exponents, strict=True)
        ]
        return [list(row) for row in zip(*shifted, strict=True)], least

    @cached_property
    def _rows_solved(self) -> tuple[Integers, list[int], int, int]:
        """Dual solution, rows and denominator; where rank < n, of the projected labels times their denominator."""
        rows, _ = self.rows
        gram = [[_dot(a, b) for b in rows] for a in rows]
        target, scale = self.labels, 1
        solved = solve_semidefinite(gram, target)
        if len(solved[1]) < self.n:
            numerators, chosen, scale = self._columns_solved
            target = [
                sum(x * self.columns[j][i] for x, j in zip(numerators, chosen, strict=True)) for i in range(self.n)
            ]
            solved = solve_semidefinite(gram, target)
        return *solved, scale

    @cached_property
    def rank(self) -> int:
        """Exact rank."""
        return len(self._columns_solved[1]) if self.k <= self.n else len(self._rows_solved[1])

    @cached_property
    def squared_residual(self) -> Fraction:
        """Return min_w |X w - y|^2."""
        if self.rank == self.n:
            return Fraction(0)
        numerators, chosen, denominator = self._columns_solved
        reached = sum(x * _dot(self.columns[j], self.labels) for x, j in zip(numerators, chosen, strict=True))
        return (_dot(self.labels, self.labels) - Fraction(reached, denominator)) * _power(2 * self.label_exponent)

    def residual(self) -> FloatArray:
        """Return y - X w of the least-squares fit (n,), divided by its largest entry; zero if everything is reached."""
        numerators, chosen, denominator = self._columns_solved
        rest = [
            denominator * label - sum(x * self.columns[j][i] for x, j in zip(numerators, chosen, strict=True))
            for i, label in enumerate(self.labels)
        ]
        largest = max(map(abs, rest))
        return np.array([float(Fraction(entry, largest)) if largest else 0.0 for entry in rest])

    def weights(self, powers: Exponents) -> FloatArray:
        """Return the least-squares weights of least norm (k,), times 2^powers, each correctly rounded."""
        weights = np.zeros(self.k)
        if self.k <= self.n and self.rank == self.k:
            numerators, chosen, denominator = self._columns_solved
            for x, j in zip(numerators, chosen, strict=True):
                power = self.label_exponent - self.exponents[j] + int(powers[j])
                weights[j] = nearest_float(Fraction(x, denominator), power)
            return weights
        numerators, chosen, denominator, scale = self._rows_solved
        rows, exponent = self.rows
        for j in range(self.k):
            total = sum(x * rows[i][j] for x, i in zip(numerators, chosen, strict=True))
            power = self.label_exponent - exponent + int(powers[j])
            weights[j] = nearest_float(Fraction(total, denominator * scale), power)
        return weights

    def ridge_fit(self, digits: int, power: int, powers: Exponents) -> tuple[FloatArray, Fraction]:
        """Return the weights with ridge = digits 2^power > 0, times 2^powers and correctly rounded, and |X w - y|^2."""
        rows, exponent = self.rows
        vectors = [list(column) for column in zip(*rows, strict=True)] if self.k <= self.n else rows
        gram = [[_dot(a, b) for b in vectors] for a in vectors]
        right = [_dot(v, self.labels) for v in vectors] if self.k <= self.n else self.labels
        shift = power - 2 * exponent
        left = max(0, -shift)
        added = digits << max(0, shift)
        matrix = [[(g << left) + (added if i == j else 0) for j, g in enumerate(row)] for i, row in enumerate(gram)]
        numerators, _, denominator = solve_semidefinite(matrix, [value << left for value in right])
        if self.k <= self.n:
            inner = numerators
        else:
            inner = [sum(x * row[j] for x, row in zip(numerators, rows, strict=True)) for j in range(self.k)]
        rest = [denominator * label - _dot(row, inner) for row, label in zip(rows, self.labels, strict=True)]
        base = self.label_exponent - exponent
        weights = [nearest_float(Fraction(x, denominator), base + int(p)) for x, p in zip(inner, powers, strict=True)]
        return np.array(weights), Fraction(_dot(rest, rest), denominator**2) * _power(2 * self.label_exponent)


def squared_norm(values: Sequence[float] | FloatArray) -> Fraction:
    """Return the exact sum of squares."""
    integers, exponent = to_integers(np.asarray(values, dtype=np.float64))
    return _dot(integers, integers) * _power(2 * exponent)


def exact_squared_residual(block: FloatArray, y: FloatArray, weights: FloatArray) -> Fraction:
    """Return |X w - y|^2 of float64 weights."""
    total = Fraction(0)
    factors = [Fraction(float(weight)) for weight in weights]
    for row, label in zip(block.tolist(), y.tolist(), strict=True):
        rest = sum((Fraction(x) * w for x, w in zip(row, factors, strict=True) if x), -Fraction(label))
        total += rest * rest
    return total
