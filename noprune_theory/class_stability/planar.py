r"""Exact margins of one hidden layer of ReLUs on the plane.

g is affine on every cell of the arrangement of the N lines on which a unit switches. The points of the other class
nearest to x have g = 0. Inside a cell they are the foot of the perpendicular on the zero line of its affine piece; else
they lie on one of the lines, along which g is piecewise linear and its zeros are found by one sweep. For g(x) < 0 every
zero counts, as sgn(0) = 1; for g(x) >= 0 only those in the closure of {g < 0}, that is of a cell that is negative near
its zeros. Everything is in fractions; float64 only says which candidates are worth comparing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._scaling import as_float
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_float_array, as_samples, check_finite
from noprune_theory.lipschitz._dyadic import root_above, root_below, two_to

__all__ = ["MOST_LINES", "planar_margins"]

#: Lines up to which the cells are enumerated: N^2 of them, with N signs each.
MOST_LINES = 64
# What float64 loses is below this share of the sizes that enter, and where numbers underflow below the other.
_TOLERANCE = 1e-9
_TINY = 1e-300

Pair = tuple[Fraction, Fraction]
Unit = tuple[Fraction, Fraction, Fraction, Fraction]  # w_1, w_2, b, output weight


def _dot(a: Pair, b: Pair) -> Fraction:
    return a[0] * b[0] + a[1] * b[1]


def _square(a: Pair, b: Pair) -> Fraction:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


@dataclass
class _Cell:
    gradient: Pair
    constant: Fraction
    negative: bool = False


@dataclass
class _Zero:
    """The points base + t direction, low <= t <= high (None: unbounded), on which g = 0, and the cells beside them."""

    base: Pair
    direction: Pair
    low: Fraction | None
    high: Fraction | None
    cells: tuple[int, int]

    def nearest(self, x: Pair) -> Pair:
        shifted = (x[0] - self.base[0], x[1] - self.base[1])
        t = _dot(shifted, self.direction) / _dot(self.direction, self.direction)
        if self.low is not None:
            t = max(t, self.low)
        if self.high is not None:
            t = min(t, self.high)
        return self.base[0] + t * self.direction[0], self.base[1] + t * self.direction[1]


@dataclass
class _Arrangement:
    units: list[Unit]
    constant: Fraction
    cells: dict[int, _Cell] = field(default_factory=dict)
    zeros: list[_Zero] = field(default_factory=list)

    def value(self, x: Pair) -> Fraction:
        """Return g(x)."""
        return self.constant + sum(
            (a * max(w1 * x[0] + w2 * x[1] + b, Fraction(0)) for w1, w2, b, a in self.units), Fraction(0)
        )

    def _cell(self, pattern: int) -> _Cell:
        if pattern not in self.cells:
            active = [unit for k, unit in enumerate(self.units) if pattern >> k & 1]
            gradient = (
                sum((a * w1 for w1, _, _, a in active), Fraction(0)),
                sum((a * w2 for _, w2, _, a in active), Fraction(0)),
            )
            self.cells[pattern] = _Cell(gradient, self.constant + sum((a * b for _, _, b, a in active), Fraction(0)))
        return self.cells[pattern]

    def enumerate(self) -> None:
        """Sweep along every line: its intervals are the edges of all cells."""
        seen = set()
        for w1, w2, b, _ in self.units:
            lead = w1 if w1 != 0 else w2
            line = (w1 / lead, w2 / lead, b / lead)
            if line not in seen:
                seen.add(line)
                self._sweep((w1, w2), b)
        if not self.units:
            self._cell(0)

    def _sweep(self, normal: Pair, offset: Fraction) -> None:
        size = _dot(normal, normal)
        base = (-offset * normal[0] / size, -offset * normal[1] / size)
        direction = (-normal[1], normal[0])
        active, along, sides = 0, [], [0, 0]
        turns: dict[Fraction, list[int]] = {}
        for k, (w1, w2, b, _) in enumerate(self.units):
            start, slope = _dot((w1, w2), base) + b, _dot((w1, w2), direction)
            along.append((start, slope))
            if slope != 0:
                turns.setdefault(-start / slope, []).append(k)
                active |= (1 << k) if slope < 0 else 0
            elif start == 0:
                sides[0 if _dot((w1, w2), normal) > 0 else 1] |= 1 << k
            elif start > 0:
                active |= 1 << k
        value = self.constant + sum(
            (u[3] * p[0] for k, (u, p) in enumerate(zip(self.units, along, strict=True)) if active >> k & 1),
            Fraction(0),
        )
        rise = sum(
            (u[3] * p[1] for k, (u, p) in enumerate(zip(self.units, along, strict=True)) if active >> k & 1),
            Fraction(0),
        )
        ends: list[Fraction | None] = [None, *sorted(turns), None]
        for low, high in pairwise(ends):
            if low is not None:
                for k in turns[low]:
                    sign = -1 if active >> k & 1 else 1
                    active ^= 1 << k
                    value += sign * self.units[k][3] * along[k][0]
                    rise += sign * self.units[k][3] * along[k][1]
            keys = (active | sides[0], active | sides[1])
            self._edge(base, direction, normal, (low, high), (value, rise), keys)

    def _edge(
        self,
        base: Pair,
        direction: Pair,
        normal: Pair,
        ends: tuple[Fraction | None, Fraction | None],
        line: tuple[Fraction, Fraction],
        keys: tuple[int, int],
    ) -> None:
        """Note the zeros of g = line[0] + line[1] t on an edge, and which of the two cells are negative at it."""
        (low, high), (value, rise) = ends, line
        beside = [self._cell(key) for key in keys]
        below = (rise > 0 if low is None else value + rise * low < 0) or (
            rise < 0 if high is None else value + rise * high < 0
        )
        if below or (rise == 0 and value < 0):
            beside[0].negative = beside[1].negative = True
        if rise == 0:
            if value == 0:
                beside[0].negative |= _dot(beside[0].gradient, normal) < 0
                beside[1].negative |= _dot(beside[1].gradient, normal) > 0
                self.zeros.append(_Zero(base, direction, low, high, keys))
            return
        zero = -value / rise
        if (low is None or zero >= low) and (high is None or zero <= high):
            self.zeros.append(_Zero(base, direction, zero, zero, keys))

    def inside(self, pattern: int, x: Pair) -> bool:
        """Whether a point lies in the interior of a cell."""
        for k, (w1, w2, b, _) in enumerate(self.units):
            pre = w1 * x[0] + w2 * x[1] + b
            if pre == 0 or (pre > 0) != bool(pattern >> k & 1):
                return False
        return True


def _floats(rows: Iterable[Iterable[Fraction]], columns: int) -> FloatArray:
    return np.array([[as_float(value) for value in row] for row in rows], dtype=np.float64).reshape(-1, columns)


def _affine_floats(rows: Iterable[tuple[Fraction, Fraction, Fraction]]) -> FloatArray:
    """Return affine functions (g_1, g_2, c), each divided by a power of two near its gradient g, shape (N, 3)."""
    scaled = []
    for g1, g2, constant in rows:
        steepest = max(abs(g1), abs(g2))
        unit = two_to(steepest.denominator.bit_length() - steepest.numerator.bit_length())
        scaled.append((g1 * unit, g2 * unit, constant * unit))
    return _floats(scaled, 3)


def _norms(pairs: FloatArray) -> FloatArray:
    return np.hypot(pairs[:, 0], pairs[:, 1])  # its squares stay in the range


def _known(below: FloatArray) -> FloatArray:
    """Return lower bounds on distances, 0 where a number left the range of float64."""
    return np.where(np.isfinite(below), np.maximum(below, 0.0), 0.0)


class _Nearest:
    """Nearest zeros for samples of either class."""

    def __init__(self, arrangement: _Arrangement) -> None:
        self._plane = arrangement
        self._pieces = [(key, cell) for key, cell in arrangement.cells.items() if any(cell.gradient)]
        pieces = _affine_floats((*cell.gradient, cell.constant) for _, cell in self._pieces)
        self._gradients, self._constants = pieces[:, :2], pieces[:, 2]
        self._norms = _norms(self._gradients)
        self._lines = _affine_floats(unit[:3] for unit in arrangement.units)
        self._active = np.array(
            [[key >> k & 1 for k in range(len(arrangement.units))] for key, _ in self._pieces], dtype=bool
        ).reshape(len(self._pieces), len(arrangement.units))
        zeros = arrangement.zeros
        self._points = [zero for zero in zeros if zero.low is not None and zero.low == zero.high]
        self._stretches = [zero for zero in zeros if zero.low is None or zero.low != zero.high]
        self._places = _floats([zero.nearest((Fraction(0), Fraction(0))) for zero in self._points], 2)
        self._sizes = _norms(self._places)

    def _candidates(self, position: FloatArray) -> list[tuple[_Zero, float]]:
        """Return the stretches, and the points in the order of their distance, with lower bounds on the distances."""
        slack = _TOLERANCE * (self._sizes + np.hypot(*position)) + _TINY
        below = _known(_norms(self._places - position) - slack)
        order = np.argsort(below, kind="stable")
        return [(zero, 0.0) for zero in self._stretches] + [(self._points[i], float(below[i])) for i in order]

    def _outside(self, position: FloatArray, values: FloatArray) -> BoolArray:
        """Return the cells that surely do not hold the foot of the perpendicular on their zero line."""
        feet = position - (values / self._norms**2)[:, None] * self._gradients
        pre = feet @ self._lines[:, :2].T + self._lines[:, 2]
        size = np.hypot(*position) + np.abs(values) / self._norms + np.abs(self._constants) / self._norms
        slack = _TOLERANCE * (size[:, None] * _norms(self._lines) + np.abs(self._lines[:, 2])) + _TINY
        wrong = np.where(self._active, pre < -slack, pre > slack) & np.isfinite(pre)
        return np.asarray(np.any(wrong, axis=1))

    def _feet(self, position: FloatArray) -> FloatArray:
        """Return lower bounds on the distances to the feet; infinite for cells that do not hold theirs."""
        values = self._gradients @ position + self._constants
        slack = _TOLERANCE * (self._norms * np.hypot(*position) + np.abs(self._constants)) + _TINY
        below = _known((np.abs(values) - slack) / self._norms)
        below[self._outside(position, values)] = np.inf
        return below

    def __call__(self, x: Pair) -> tuple[Fraction | None, Pair | None]:
        """Return the squared margin and the nearest boundary point; None where there is no other class."""
        inside = self._plane.value(x) >= 0
        position = np.array([float(x[0]), float(x[1])])
        best: Fraction | None = None
        where: Pair | None = None
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            candidates = self._candidates(position)
        for zero, below in candidates:
            if best is not None and below > root_above(best):
                break
            if inside and not any(self._plane.cells[key].negative for key in zero.cells):
                continue
            point = zero.nearest(x)
            square = _square(point, x)
            if best is None or square < best:
                best, where = square, point
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            nearest = self._feet(position)
        for place in np.argsort(nearest, kind="stable"):
            if np.isinf(nearest[place]):
                break
            if best is not None and nearest[place] > root_above(best):
                break
            key, cell = self._pieces[place]
            square_norm = _dot(cell.gradient, cell.gradient)
            step = (_dot(cell.gradient, x) + cell.constant) / square_norm
            square = step * step * square_norm
            point = (x[0] - step * cell.gradient[0], x[1] - step * cell.gradient[1])
            if (best is None or square < best) and self._plane.inside(key, point):
                best, where = square, point
        return best, where


def planar_margins(
    directions: ArrayLike,
    offsets: ArrayLike | None,
    output_weights: ArrayLike,
    X: ArrayLike,
    *,
    output_offset: float = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """Return certified margins of sgn(g), g(x) = sum_j a_j max(<w_j, x> + b_j, 0) + a_0, on the plane.

    Exact in fractions: nearest points where g changes its sign, cell by cell of the arrangement of its lines.

    Parameters
    ----------
    directions : array_like, shape (N, 2)
        w_j; at most `MOST_LINES` of them not zero, with output weights that are not zero.
    offsets : array_like, shape (N,), or None
        b_j; zero by default.
    output_weights : array_like, shape (N,)
        a_j.
    X : array_like, shape (n, 2)
        The points, finite.
    output_offset : float
        a_0.

    Returns
    -------
    margins : ndarray, shape (n, 2)
        Lower and upper end in the unit of X, rounded outward, next to one another; infinite where there is no other
        class.
    nearest : ndarray, shape (n, 2)
        The nearest boundary point, rounded; nan where there is none.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If a number is not finite, shapes do not fit, or there are too many lines.
    """
    W, a, samples = (
        as_float_array("directions", directions, ndim=2),
        as_float_array("output_weights", output_weights, ndim=1),
        as_samples(X),
    )
    b = np.zeros(W.shape[0]) if offsets is None else as_float_array("offsets", offsets, ndim=1)
    if W.shape[1] != 2 or samples.shape[1] != 2:
        raise ValueError(f"directions and X must have 2 columns, got shapes {W.shape} and {samples.shape}")
    if b.shape != a.shape or a.shape[0] != W.shape[0]:
        raise ValueError(
            f"directions, offsets and output_weights must have one row a unit, got {W.shape}, {b.shape} and {a.shape}"
        )
    constant = Fraction(check_finite("output_offset", output_offset))
    units: list[Unit] = []
    for (w1, w2), bias, weight in zip(W.tolist(), b.tolist(), a.tolist(), strict=True):
        if weight == 0:
            continue
        if w1 == 0 and w2 == 0:
            constant += Fraction(weight) * max(Fraction(bias), Fraction(0))
        else:
            units.append((Fraction(w1), Fraction(w2), Fraction(bias), Fraction(weight)))
    if len(units) > MOST_LINES:
        raise ValueError(f"directions must make at most {MOST_LINES} lines, got {len(units)}")
    arrangement = _Arrangement(units, constant)
    arrangement.enumerate()
    nearest_zero = _Nearest(arrangement)
    margins, nearest = np.full((samples.shape[0], 2), np.inf), np.full_like(samples, np.nan)
    for i, (x1, x2) in enumerate(samples.tolist()):
        square, point = nearest_zero((Fraction(x1), Fraction(x2)))
        if square is not None and point is not None:
            margins[i] = root_below(square), root_above(square)
            nearest[i] = as_float(point[0]), as_float(point[1])
    return margins, nearest
