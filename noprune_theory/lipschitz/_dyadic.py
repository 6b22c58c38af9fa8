"""Exact arithmetic on float64 data: integers times a common power of two, and square roots with certified ends."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from noprune_theory._types import FloatArray

Integers = NDArray[Any]  # of Python integers, which do not overflow


class Dyadic(NamedTuple):
    """The numbers digits * 2^exponent, exactly."""

    digits: Integers
    exponent: int

    def __matmul__(self, other: Dyadic) -> Dyadic:
        return Dyadic(np.asarray(self.digits @ other.digits), self.exponent + other.exponent)

    def times(self, other: Dyadic) -> Dyadic:
        """Return the product, entry by entry."""
        return Dyadic(self.digits * other.digits, self.exponent + other.exponent)

    def plus(self, other: Dyadic) -> Dyadic:
        """Return the sum, entry by entry."""
        exponent = min(self.exponent, other.exponent)
        return Dyadic(
            (self.digits << (self.exponent - exponent)) + (other.digits << (other.exponent - exponent)), exponent
        )

    def take(self, index: Any) -> Dyadic:
        """Return the numbers at an index or mask of the first axis."""
        return Dyadic(self.digits[index], self.exponent)

    def where(self, kept: Any) -> Dyadic:
        """Return the numbers where `kept` is True, and zero elsewhere."""
        return Dyadic(np.where(kept, self.digits, 0), self.exponent)

    def floats(self) -> FloatArray:
        """Return the numbers rounded to float64 (infinite where they overflow), shape as `digits`."""
        values = [to_float(digit, self.exponent) for digit in self.digits.ravel().tolist()]
        return np.array(values, dtype=np.float64).reshape(self.digits.shape)

    def fits_float64(self) -> bool:
        """Return whether every number is a float64."""
        rounded = self.floats()
        return bool(np.isfinite(rounded).all()) and all(
            Fraction(value) == digit * two_to(self.exponent)
            for value, digit in zip(rounded.ravel().tolist(), self.digits.ravel().tolist(), strict=True)
        )

    def squared_norm(self) -> Fraction:
        """Return the sum of squares."""
        return sum(digit * digit for digit in self.digits.ravel().tolist()) * two_to(2 * self.exponent)


def dyadic(values: FloatArray) -> Dyadic:
    """Return finite floats exactly."""
    mantissas, exponents = np.frexp(values)
    whole = np.ldexp(mantissas, 53).astype(np.int64)
    live = whole != 0
    if not live.any():
        return Dyadic(np.zeros(values.shape, dtype=object), 0)
    # Numbers with few digits, as in lattices and hand-made networks, stay short.
    trailing = np.frexp((whole & -whole).astype(np.float64))[1] - 1
    lowest = np.where(live, exponents.astype(np.int64) - 53 + trailing, np.iinfo(np.int64).max)
    exponent = int(lowest.min())
    shifts = np.where(live, lowest - exponent, 0)
    odd = np.where(live, whole >> np.where(live, trailing, 0), 0)
    return Dyadic(np.asarray(odd.astype(object) << shifts.astype(object)), exponent)


def two_to(exponent: int) -> Fraction:
    """Return 2^exponent."""
    return Fraction(1 << exponent) if exponent >= 0 else Fraction(1, 1 << -exponent)


def to_float(digits: int, exponent: int) -> float:
    """Return digits * 2^exponent within an ulp; infinite where it overflows."""
    surplus = max(0, digits.bit_length() - 64)
    try:
        return math.ldexp(digits >> surplus, exponent + surplus)
    except OverflowError:
        return math.inf if digits > 0 else -math.inf


def root_below(square: Fraction) -> float:
    """Return a float64 at most the square root, the largest or next to it; the largest float64 where it overflows."""
    digits, exponent = _root(square)
    value = to_float(digits, exponent)
    if math.isinf(value):
        return float(np.finfo(np.float64).max)
    return value if Fraction(value) ** 2 <= square else math.nextafter(value, 0.0)


def root_above(square: Fraction) -> float:
    """Return a float64 at least the square root, the smallest or next to it; infinite where it overflows."""
    digits, exponent = _root(square)
    value = to_float(digits, exponent)
    return value if math.isinf(value) or Fraction(value) ** 2 >= square else math.nextafter(value, math.inf)


def _root(square: Fraction) -> tuple[int, int]:
    """Return floor(2^k sqrt(square)) and -k, with a k that leaves about 54 bits."""
    size = square.numerator.bit_length() - square.denominator.bit_length()
    k = 54 - size // 2
    shifted = square.numerator << 2 * k if k >= 0 else square.numerator >> -2 * k
    return math.isqrt(shifted // square.denominator), -k
