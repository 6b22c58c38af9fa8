"""Where a local constant is asked for: a ball or a box, with linear forms bounded over it, rounded outward."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from noprune_theory._display import summary
from noprune_theory._scaling import scale, scale_float
from noprune_theory._types import FloatArray
from noprune_theory._validation import as_float_array, check_nonnegative
from noprune_theory.lipschitz._outward import EPSILON, TINY, norm_bounds


@dataclass(frozen=True, slots=True, eq=False)
class Ball:
    """The points x with |x - center| <= radius."""

    center: FloatArray
    radius: float

    @property
    def is_solid(self) -> bool:
        """Whether it has an interior."""
        return self.radius > 0

    @property
    def is_point(self) -> bool:
        """Whether it is a single point."""
        return self.radius == 0

    def contains(self, point: FloatArray) -> bool:
        """Return whether a point lies in it, exactly."""
        if not np.isfinite(point).all():
            return False
        low, high = norm_bounds(point - self.center)
        if high < self.radius * (1 - 1e-9):
            return True
        if low > self.radius * (1 + 1e-9) + 1e-9 * norm_bounds(self.center)[1]:
            return False
        moves = (Fraction(x) - Fraction(c) for x, c in zip(point.tolist(), self.center.tolist(), strict=True))
        return sum(move * move for move in moves) <= Fraction(self.radius) ** 2

    def least(self, rows: FloatArray, shifts: FloatArray) -> FloatArray:
        """Return lower bounds of rows x + shifts over the domain, shape (k,)."""
        lengths = np.array([norm_bounds(row)[1] for row in rows])
        values, errors = _at(rows, shifts, self.center)
        reach = lengths * self.radius
        return values - reach - (errors + 4 * EPSILON * (reach + np.abs(values)) + TINY)

    def sizes(self) -> FloatArray:
        """Return upper bounds of |x_i|, shape (d,)."""
        return (np.abs(self.center) + self.radius) * (1 + 4 * EPSILON)

    def outer_box(self) -> tuple[FloatArray, FloatArray]:
        """Return the corners of a box that holds it."""
        return np.nextafter(self.center - self.radius, -np.inf), np.nextafter(self.center + self.radius, np.inf)

    def inward(self, points: FloatArray) -> FloatArray:
        """Return the points, those outside moved to the boundary (from the inside, but for rounding)."""
        moves = points - self.center
        lengths = np.linalg.norm(moves, axis=-1, keepdims=True)
        limit = self.radius * (1 - 1e-12)
        shares = np.divide(limit, lengths, out=np.ones_like(lengths), where=lengths > limit)
        return np.asarray(self.center + moves * shares)

    def scaled(self, exponent: int) -> Ball:
        """Return the ball times 2^exponent; entries may be rounded or leave the range."""
        return Ball(scale(self.center, exponent), scale_float(self.radius, exponent))

    def draw(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Return points of it, the centre first, at all distances from the centre, shape (count, d)."""
        moves = rng.standard_normal((count, self.center.size))
        moves /= np.linalg.norm(moves, axis=1, keepdims=True) + TINY
        lengths = self.radius * rng.random((count, 1)) ** rng.choice([1.0, 1.0 / self.center.size], (count, 1))
        lengths[0] = 0.0
        return self.inward(self.center + lengths * moves)


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """The points x with low <= x <= high in every coordinate."""

    low: FloatArray
    high: FloatArray

    @property
    def is_solid(self) -> bool:
        """Whether it has an interior."""
        return bool((self.low < self.high).all())

    @property
    def is_point(self) -> bool:
        """Whether it is a single point."""
        return bool((self.low == self.high).all())

    @property
    def center(self) -> FloatArray:
        """A point near the middle."""
        return np.clip(0.5 * self.low + 0.5 * self.high, self.low, self.high)

    def contains(self, point: FloatArray) -> bool:
        """Return whether a point lies in it, exactly."""
        return bool(((self.low <= point) & (point <= self.high)).all())

    def least(self, rows: FloatArray, shifts: FloatArray) -> FloatArray:
        """Return lower bounds of rows x + shifts over the domain, shape (k,)."""
        positive, negative = np.maximum(rows, 0.0), np.minimum(rows, 0.0)
        values = positive @ self.low + negative @ self.high + shifts
        sizes = np.abs(rows) @ self.sizes() + np.abs(shifts)
        return values - ((rows.shape[1] + 6) * EPSILON * sizes + (rows.shape[1] + 1) * TINY)

    def sizes(self) -> FloatArray:
        """Return upper bounds of |x_i|, shape (d,)."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    def outer_box(self) -> tuple[FloatArray, FloatArray]:
        """Return the corners of a box that holds it."""
        return self.low, self.high

    def inward(self, points: FloatArray) -> FloatArray:
        """Return the points, those outside moved to the nearest point of the box."""
        return np.clip(points, self.low, self.high)

    def scaled(self, exponent: int) -> Box:
        """Return the box times 2^exponent; entries may be rounded or leave the range."""
        return Box(scale(self.low, exponent), scale(self.high, exponent))

    def draw(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Return points of it, the centre first, shape (count, d)."""
        shares = rng.random((count, self.low.size))
        points = self.low * (1 - shares) + self.high * shares
        points[0] = self.center
        return self.inward(points)


Domain = Ball | Box


def checked_domain(ball: Any, box: Any, dimension: int) -> Domain | None:
    """Return the domain that the arguments of `bracket` describe; None for all of R^d."""
    if ball is not None and box is not None:
        raise ValueError("give at most one of ball and box, got both")
    if ball is not None:
        center, radius = _pair("ball", ball, "(centre, radius)")
        middle = as_float_array("ball[0]", center, ndim=1)
        if middle.shape != (dimension,):
            raise ValueError(f"ball[0], the centre, must have shape ({dimension},), got {middle.shape}")
        return Ball(middle.copy(), check_nonnegative("ball[1]", radius))
    if box is not None:
        ends = []
        for index, end in enumerate(_pair("box", box, "(low, high)")):
            values = as_float_array(f"box[{index}]", end, ndim=(0, 1))
            if values.shape not in ((), (dimension,)):
                raise ValueError(f"box[{index}] must be a number or have shape ({dimension},), got {values.shape}")
            ends.append(np.array(np.broadcast_to(values, (dimension,))) + 0.0)
        low, high = ends
        astray = np.flatnonzero(low > high)
        if astray.size:
            first = int(astray[0])
            raise ValueError(f"box must have low <= high, got {low[first]} > {high[first]} at index {first}")
        return Box(low, high)
    return None


def _pair(name: str, value: Any, meaning: str) -> tuple[Any, Any]:
    if isinstance(value, str) or not isinstance(value, (Sequence, np.ndarray)):
        raise TypeError(f"{name} must be a pair {meaning}, got {summary(value)} of type {type(value).__name__}")
    if len(value) != 2:
        raise ValueError(f"{name} must be a pair {meaning}, got {len(value)} entries")
    return value[0], value[1]


def _at(rows: FloatArray, shifts: FloatArray, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return rows point + shifts and bounds on the errors."""
    sizes = np.abs(rows) @ np.abs(point) + np.abs(shifts)
    return rows @ point + shifts, (rows.shape[1] + 3) * EPSILON * sizes + (rows.shape[1] + 1) * TINY


def is_bounded(domain: Domain) -> bool:
    """Return whether sums over the domain stay in the range of float64."""
    low, high = domain.outer_box()
    with np.errstate(over="ignore"):
        return bool(np.isfinite(low).all() and np.isfinite(high).all() and math.isfinite(float(np.sum(domain.sizes()))))
