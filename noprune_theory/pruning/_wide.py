"""Arrays of numbers with exponents of their own: scores of deep or tiny networks neither overflow nor underflow.

A score is a product of weights, inputs and derivatives through all layers: at weights of 1e-100 it leaves the range of
float64 after three factors, and then weights tie that do not. A `Wide` array holds value * 2^exponent, an int64 an
entry. Ordinary data never pay for it: as long as no product leaves the range, the exponents are left out, the
arithmetic is that of numpy and a check of the range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.pruning._wide_kernels import smallest_nonzero

_LOWEST, _HIGHEST = -1021, 1024
"""Exponents of the normal float64 numbers, written as m 2^e with 1/2 <= |m| < 1."""

_SMALLEST_NORMAL = float(np.finfo(np.float64).tiny)

_HARMLESS = 2.0**-900
"""Sums of at least this size do not feel a term that underflows: it is smaller by 2^-122 at least."""

_OF_ZERO = -(2**60)
"""Exponent of a zero: below all others."""

_ONE_FACTOR = 1000
"""Up to this exponent 2^-e is a float64 number, and multiplying by it is scaling."""

_BLOCK_ENTRIES = 1 << 20
"""Entries of the largest intermediate array of a product entry by entry."""

_LARGEST_ARGUMENT = 2.0**50
"""Exponentials of larger arguments are refused: their exponents would not leave room for products."""

_REDUCED_ARGUMENT = 2.0**20
"""Up to here an argument is reduced by log 2 in two parts."""

# log 2 as fdlibm splits it: the first part has 32 bits, so that its product with an integer below 2^21 is exact.
_LOG_2_HIGH, _LOG_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_LOG_2_BITS = 400


@cache
def _log_2_integer() -> int:
    """Return floor(2^400 log 2), from log 2 = sum_k 1 / (k 2^k)."""
    guard = _LOG_2_BITS + 20
    return sum((1 << guard) // (k << k) for k in range(1, guard)) >> 20


class Wide:
    """An array of numbers value * 2^exponent; without exponents the values are the numbers.

    Operations round as float64 does and have no range. Two arrays without exponents give one without as long as the
    result is in range to rounding. Values are finite; a value of 0 is the number 0.

    Parameters
    ----------
    value : ndarray, shape (...)
    exponent : ndarray of int, shape (...), optional
    """

    __slots__ = ("_smallest", "exponent", "value")

    value: FloatArray
    exponent: IntArray | None
    _smallest: float | None

    def __init__(self, value: FloatArray, exponent: IntArray | None = None) -> None:
        self.value, self.exponent = np.asarray(value, dtype=np.float64), exponent
        self._smallest = None

    @classmethod
    def of(cls, value: FloatArray, exponent: NDArray[np.int64] | int) -> Wide:
        """Return value * 2^exponent, without exponents where every number is in range."""
        mantissa, shift = np.frexp(value)
        exponents = np.where(mantissa == 0, _OF_ZERO, shift.astype(np.int64) + exponent)
        inside = (exponents >= _LOWEST) & (exponents <= _HIGHEST) | (mantissa == 0)
        if inside.all():
            return cls(np.ldexp(mantissa, np.where(mantissa == 0, 0, exponents)))
        return cls(mantissa, exponents)

    def split(self) -> tuple[FloatArray, IntArray]:
        """Return mantissas, 0 or in [1/2, 1) in size, and exponents, those of zeros far below all others."""
        if self.exponent is not None:
            return self.value, self.exponent
        mantissa, shift = np.frexp(self.value)
        return mantissa, np.where(mantissa == 0, _OF_ZERO, shift.astype(np.int64))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.value.shape

    @property
    def T(self) -> Wide:  # noqa: N802
        """The transpose."""
        turned = Wide(self.value.T, None if self.exponent is None else self.exponent.T)
        turned._smallest = self._smallest
        return turned

    def __getitem__(self, index: Any) -> Wide:
        return Wide(self.value[index], None if self.exponent is None else self.exponent[index])

    def reshape(self, *shape: int) -> Wide:
        """Return the numbers in another shape."""
        return Wide(self.value.reshape(*shape), None if self.exponent is None else self.exponent.reshape(*shape))

    def where(self, condition: BoolArray) -> Wide:
        """Return the numbers where the condition holds and 0 elsewhere."""
        value = np.where(condition, self.value, 0.0)
        return Wide(value, None if self.exponent is None else np.where(value == 0, _OF_ZERO, self.exponent))

    def __abs__(self) -> Wide:
        return Wide(np.abs(self.value), self.exponent)

    def __neg__(self) -> Wide:
        return Wide(-self.value, self.exponent)

    def __mul__(self, other: Wide) -> Wide:
        if self.exponent is None and other.exponent is None:
            with np.errstate(over="ignore", under="ignore"):
                product = self.value * other.value
            size = np.abs(product)
            outside = (size < _SMALLEST_NORMAL) | (size == np.inf)
            if not outside.any() or not (outside & (self.value != 0) & (other.value != 0)).any():
                return Wide(product)
        (a, e), (b, f) = self.split(), other.split()
        return Wide.of(a * b, e + f)

    def __add__(self, other: Wide) -> Wide:
        if self.exponent is None and other.exponent is None:
            with np.errstate(over="ignore"):
                total = self.value + other.value
            if np.isfinite(total).all():
                return Wide(total)
        (a, e), (b, f) = self.split(), other.split()
        top = np.maximum(e, f)
        return Wide.of(_lowered(a, e - top) + _lowered(b, f - top), top)

    def __sub__(self, other: Wide) -> Wide:
        return self + (-other)

    def sum(self, axis: int) -> Wide:
        """Return the sums along an axis."""
        if self.exponent is None:
            with np.errstate(over="ignore"):
                total = self.value.sum(axis=axis)
            if np.isfinite(total).all():
                return Wide(total)
        value, top = self.aligned(axis)
        return Wide.of(value.sum(axis=axis), np.squeeze(top, axis))

    def __matmul__(self, other: Wide) -> Wide:
        """Return the product of two matrices, or of a matrix and a vector."""
        if len(other.shape) == 1:
            return (self @ other.reshape(-1, 1)).reshape(-1)
        if self.exponent is None and other.exponent is None:
            product = _product(self, other)
            if product is not None:
                return Wide(product)
        (a, e), (b, f) = self.split(), other.split()
        # Powers of two that make every row of a, every column of a and then every column of b at most 1.
        rows = e.max(axis=1, keepdims=True)
        inner = (e - rows).max(axis=0, keepdims=True)
        f = np.where(b == 0, _OF_ZERO, f + inner.T)
        columns = f.max(axis=0, keepdims=True)
        left, right = _lowered(a, e - rows - inner), _lowered(b, f - columns)
        if not ((left == 0) & (a != 0)).any() and not ((right == 0) & (b != 0)).any():
            product = _product(Wide(left), Wide(right))
            if product is not None:
                return Wide.of(product, rows + columns)
        return _product_by_entry(a, e - inner, b, f)

    def aligned(self, axis: int) -> tuple[FloatArray, IntArray]:
        """Return values and exponents, one a line along `axis` (kept as an axis of length 1), that give the numbers.

        The largest value of a line lies in [1/2, 1) in size; numbers smaller by 2^-1074 than that read 0.
        """
        if self.exponent is None:
            powers = np.frexp(np.abs(self.value).max(axis=axis, keepdims=True, initial=0.0))[1].astype(np.int64)
            if np.abs(powers).max(initial=0) <= _ONE_FACTOR:
                with np.errstate(under="ignore"):
                    return self.value * np.ldexp(1.0, -powers), powers
        mantissa, exponents = self.split()
        top = exponents.max(axis=axis, keepdims=True)
        return _lowered(mantissa, exponents - top), np.where(top == _OF_ZERO, 0, top)

    def floats(self) -> FloatArray:
        """Return the numbers as float64; those out of range are infinite, subnormal or 0."""
        if self.exponent is None:
            return self.value
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(np.ldexp(self.value, np.clip(self.exponent, -5000, 5000)))

    def in_range(self) -> bool:
        """Whether every number is 0 or a normal float64, or there are no exponents."""
        if self.exponent is None:
            return True
        size = np.abs(self.floats())
        return bool((((size >= _SMALLEST_NORMAL) & (size < np.inf)) | (self.value == 0)).all())

    def checked(self, name: str) -> FloatArray:
        """Return the numbers, which must be in range, as float64.

        Raises
        ------
        OverflowError
            If a number exceeds the range of float64 or, not being 0, falls below its normal numbers.
        """
        if not self.in_range():
            where = "exceeds" if np.isinf(self.floats()).any() else "falls below"
            advice = "down" if where == "exceeds" else "up"
            raise OverflowError(f"{name} {where} the range of float64; scale its weights {advice}")
        return self.floats()

    def common(self) -> tuple[FloatArray, int]:
        """Return float64 values and one exponent that give the numbers.

        The exponent is 0 where all numbers are in range. Otherwise it brings the largest as high, and all others as
        well if it can, as lies in range; what stays below reads 0.
        """
        if self.in_range():
            return self.floats(), 0
        mantissa, exponents = self.split()
        live = exponents[mantissa != 0]
        top, bottom = int(live.max()), int(live.min())
        middle = (top + bottom) // 2 if top - bottom <= _HIGHEST - _LOWEST else top - _HIGHEST
        return _lowered(mantissa, exponents - middle), middle

    def order(self) -> FloatArray:
        """Return float64 numbers in the order of the numbers of every row (..., p): 0 for 0, equal for equal ones."""
        return self.value if self.exponent is None else self.ranks()

    def ranks(self) -> FloatArray:
        """Return whole numbers in the order of the numbers of every row (..., p): equal for equal ones, 0 for 0."""
        mantissa, exponents = self.split()
        sign = np.sign(mantissa)
        keys = (mantissa, np.where(sign == 0, 0, exponents) * sign.astype(np.int64), sign)
        order = np.lexsort(keys, axis=-1)
        ordered = [np.take_along_axis(key, order, axis=-1) for key in keys]
        new = np.zeros(sign.shape, dtype=bool)
        new[..., 1:] = np.any([key[..., 1:] != key[..., :-1] for key in ordered], axis=0)
        dense = np.cumsum(new, axis=-1)
        negative = (dense * (ordered[2] < 0)).max(axis=-1, keepdims=True) + (ordered[2] < 0).any(axis=-1, keepdims=True)
        dense = dense - negative + ((ordered[2] > 0) & ~(sign == 0).any(axis=-1, keepdims=True))
        ranks = np.empty(sign.shape)
        np.put_along_axis(ranks, order, dense.astype(np.float64), axis=-1)
        return ranks


def concatenated(parts: Sequence[Wide]) -> Wide:
    """Return arrays joined along their last axis."""
    if all(part.exponent is None for part in parts):
        return Wide(np.concatenate([part.value for part in parts], axis=-1))
    values, exponents = zip(*(part.split() for part in parts), strict=True)
    return Wide(np.concatenate(values, axis=-1), np.concatenate(exponents, axis=-1))


def decaying(argument: FloatArray) -> Wide:
    """Return exp(-argument) for arguments >= 0, to a few units in the last place.

    Raises
    ------
    OverflowError
        If an argument is above 2^50.
    """
    if not (argument > 700.0).any():
        return Wide(np.exp(-argument))
    largest = float(argument.max())
    if largest > _LARGEST_ARGUMENT:
        raise OverflowError(
            f"the derivative of the loss falls below any exponent: it holds exp(-{largest:.3g}); "
            "scale the weights or the data down"
        )
    m = np.rint(argument / math.log(2))
    rest = (argument - m * _LOG_2_HIGH) - m * _LOG_2_LOW
    for index in np.argwhere(argument > _REDUCED_ARGUMENT):
        place = tuple(index)
        m[place], rest[place] = _reduced(float(argument[place]))
    return Wide.of(np.exp(-rest), -m.astype(np.int64))


def _reduced(argument: float) -> tuple[int, float]:
    """Return m and r with argument = m log 2 + r, |r| <= (log 2) / 2, in integers."""
    log_2 = _log_2_integer()
    numerator, denominator = argument.as_integer_ratio()
    scaled = (numerator << _LOG_2_BITS) // denominator
    m = (2 * scaled + log_2) // (2 * log_2)
    return m, (scaled - m * log_2) / (1 << _LOG_2_BITS)


def _lowered(mantissa: FloatArray, shift: IntArray) -> FloatArray:
    """Return mantissa * 2^shift for shifts up to the range of float64; what falls below it is 0 or rounds."""
    with np.errstate(under="ignore"):
        return np.asarray(np.ldexp(mantissa, np.maximum(shift, -3000)))


def _product(left: Wide, right: Wide) -> FloatArray | None:
    """Return the matrix product of arrays without exponents, or None where underflow or overflow could matter."""
    a, b = left.value, right.value
    with np.errstate(all="ignore"):
        product: FloatArray = a @ b
    if not np.isfinite(product).all():
        return None
    if _smallest(left) * _smallest(right) >= _SMALLEST_NORMAL:
        return product
    size = np.abs(product)
    if ((size > 0) & (size < _HARMLESS)).any():
        return None
    # A 0 must be one because of where the zeros are.
    hidden = (size == 0) & ((a != 0).astype(np.float64) @ (b != 0).astype(np.float64) > 0)
    return None if hidden.any() else product


def _smallest(array: Wide) -> float:
    """Return the smallest size of a number other than 0 in an array without exponents, inf where there is none."""
    if array._smallest is None:
        array._smallest = float(smallest_nonzero(array.value.ravel(order="K")))
    return array._smallest


def _product_by_entry(a: FloatArray, e: IntArray, b: FloatArray, f: IntArray) -> Wide:
    """Return the product of the matrices a 2^e and b 2^f; every sum is aligned at its largest term."""
    values, exponents = np.empty((len(a), b.shape[1])), np.empty((len(a), b.shape[1]), dtype=np.int64)
    step = max(1, _BLOCK_ENTRIES // b.size)
    for first in range(0, len(a), step):
        rows = slice(first, first + step)
        terms = a[rows, :, None] * b
        shifts = np.where(terms == 0, _OF_ZERO, e[rows, :, None] + f)
        top = shifts.max(axis=1, keepdims=True)
        values[rows] = _lowered(terms, shifts - top).sum(axis=1)
        exponents[rows] = top[:, 0]
    return Wide.of(values, exponents)
