"""Checks for arguments that may be numbers or arrays of numbers.

Every function of `noprune_theory.bounds` broadcasts its numerical arguments against one another; `broadcasting` refuses
shapes that do not fit. A result beyond the range of doubles is refused as well (`in_range`), not returned as infinity.
"""

from __future__ import annotations

import functools
import inspect
import numbers
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import as_float
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_array, check_flag, check_instance, shown

P = ParamSpec("P")
R = TypeVar("R")

# Doubles tell whole numbers apart up to here.
LARGEST_COUNT = 2**53
# Shares of a probability from here on are normal doubles.
_SMALLEST_DIVISIBLE = 1e-300
_SMALLEST = float(np.finfo(np.float64).smallest_subnormal)

# A float64 number where every argument is a number, an array otherwise.
Values: TypeAlias = "np.float64 | FloatArray"


class ByValue(ShortRepr):
    """Compares dataclasses (declared with `eq=False, repr=False`) by their fields, arrays entry by entry."""

    __slots__ = ()

    def _key(self) -> tuple[Any, ...]:
        described: Any = self  # `fields` wants a dataclass, which the subclass is
        values = (getattr(self, item.name) for item in fields(described))
        return tuple(value if isinstance(value, ByValue) else _comparable(value) for value in values)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))


def _comparable(value: ArrayLike) -> tuple[tuple[int, ...], bytes]:
    array = np.asarray(value, dtype=np.float64) + 0.0  # -0.0 equals 0.0
    return array.shape, array.tobytes()


def _rectangular(name: str, value: Any) -> NDArray[Any]:
    try:
        return as_array(name, value)
    except ValueError as error:
        raise ValueError(f"{name} must be a number or a rectangular array, got {shown(value)}") from error


def _checked(name: str, value: ArrayLike, allowed: str, accepts: Callable[[FloatArray], Any]) -> FloatArray:
    raw = _rectangular(name, value)
    # Fractions and integers of more than 64 bits are objects to NumPy.
    real = raw.dtype.kind in "iuf" or (raw.dtype.kind == "O" and all(map(_is_real, raw.flat)))
    if not real:
        raise TypeError(f"{name} must be a real number or an array of real numbers, got {shown(value)}")
    array = _doubles(raw)
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    with np.errstate(invalid="ignore"):
        refused: BoolArray = ~(np.isfinite(array) & accepts(array))
    if refused.any():
        raise ValueError(f"{name} must be {allowed}, got {array[refused].flat[0]}")
    if raw.dtype != array.dtype and ((array == 0) & (raw != 0)).any():
        raise ValueError(f"{name} must be 0 or in the range of doubles, got {shown(value)}")
    return array


def _is_real(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))


def _doubles(raw: NDArray[Any]) -> FloatArray:
    """Return `raw` as float64, infinite where it is too large."""
    with np.errstate(over="ignore", under="ignore"):
        if raw.dtype.kind == "O":
            raw = np.array([as_float(item) for item in raw.flat], dtype=np.float64).reshape(raw.shape)
        array: FloatArray = raw.astype(np.float64)
    return array


def positive(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry finite and > 0."""
    return _checked(name, value, "finite and > 0", lambda array: array > 0)


def nonnegative(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry finite and >= 0."""
    return _checked(name, value, "finite and >= 0", lambda array: array >= 0)


def above(name: str, value: ArrayLike, minimum: float) -> FloatArray:
    """Return `value` as float64; every entry finite and > `minimum`."""
    return _checked(name, value, f"finite and > {minimum:g}", lambda array: array > minimum)


def open_unit(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry in the open interval (0, 1)."""
    return _checked(name, value, "in the open interval (0, 1)", lambda array: (array > 0) & (array < 1))


def divisible(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry in the open interval (0, 1), and so large that its shares are doubles."""
    open_unit(name, value)
    allowed = f"at least {_SMALLEST_DIVISIBLE:g}, since it is split between events"
    return _checked(name, value, allowed, lambda array: array >= _SMALLEST_DIVISIBLE)


def closed_unit(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry in [0, 1]."""
    return _checked(name, value, "in [0, 1]", lambda array: (array >= 0) & (array <= 1))


def margin(name: str, value: ArrayLike) -> FloatArray:
    """Return `value` as float64; every entry in (0, 1].

    With labels in [-1, 1] sigma^2 is at most one, and nothing fits further below it than that.
    """
    return _checked(name, value, "in (0, 1]", lambda array: (array > 0) & (array <= 1))


def count(name: str, value: ArrayLike, minimum: int = 1) -> FloatArray:
    """Return `value` as float64; every entry a whole number from `minimum` to 2^53 (1e6 is a whole number too)."""
    array = _checked(
        name, value, f"a whole number >= {minimum}", lambda array: (array >= minimum) & (array == np.floor(array))
    )
    raw = _rectangular(name, value)
    beyond = np.asarray(raw > LARGEST_COUNT, dtype=bool)  # exact, while 2^53 + 1 is 2^53 to a double
    if beyond.any():
        raise ValueError(f"{name} must be a whole number <= 2^53, got {shown(raw[beyond].flat[0])}")
    return array


def share_of(value: FloatArray, share: float | FloatArray) -> FloatArray:
    """Return a share of a positive number, positive too where the product underflows."""
    return np.asarray(np.maximum(value * share, _SMALLEST), dtype=np.float64)


def first(array: FloatArray, where: BoolArray) -> float:
    """Return the first entry of an array at which `where` is set, both broadcast: what a message tells of it."""
    values, flags = np.broadcast_arrays(array, where)
    return float(values[flags].flat[0])


def number(array: FloatArray) -> Values:
    """Return a zero-dimensional array as a number and any other array as it is."""
    result: Values = array[()]
    return result


def in_range(names: str, array: FloatArray) -> Values:
    """Return `array` as `number` does; where it is infinite, the arguments `names` are too large and refused."""
    finite: BoolArray = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"{names} must give a result within the range of doubles, got {first(array, ~finite)}")
    return number(array)


def log1p_product(factor: float, first: FloatArray, second: FloatArray, divisor: FloatArray) -> FloatArray:
    """Return log(1 + factor first second / divisor), also where products or the quotient leave the range of doubles."""
    parts = [np.frexp(values) for values in (first, second, divisor, np.float64(factor))]
    mantissa = parts[0][0] * parts[1][0] / parts[2][0] * parts[3][0]
    exponent = parts[0][1] + parts[1][1] - parts[2][1] + parts[3][1]
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        product = np.ldexp(mantissa, exponent)
        logarithms = np.log(mantissa) + exponent * np.log(2)
        result: FloatArray = np.where(np.isfinite(product), np.log1p(product), logarithms)
    return result


def _named_values(arguments: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the numerical arguments, and those inside a `Split` or a measure of dependence, by name."""
    for name, value in arguments.items():
        if name == "constants":  # plain numbers and a word
            continue
        if is_dataclass(value):
            yield from ((f"{name}.{field.name}", getattr(value, field.name)) for field in fields(value))
        else:
            yield name, value


def check_shapes(**arguments: Any) -> None:
    """Refuse arguments whose shapes do not broadcast, by name."""
    shapes = {name: _rectangular(name, value).shape for name, value in _named_values(arguments)}
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError as error:
        given = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(f"arrays must have shapes that broadcast against one another, got {given}") from error


def _classes(function: Callable[..., Any]) -> Iterator[tuple[str, type, bool]]:
    """Yield the parameters annotated as flags or with a class of this package: name, class, whether None will do."""
    for name, parameter in inspect.signature(function).parameters.items():
        written = str(parameter.annotation)
        kind = bool if written == "bool" else function.__globals__.get(written.removesuffix(" | None"))
        # A protocol is what offers its methods: the function says which.
        if isinstance(kind, type) and not getattr(kind, "_is_protocol", False):
            yield name, kind, parameter.default is None


def broadcasting(function: Callable[P, R]) -> Callable[P, R]:
    """Let `function` see only numerical arguments whose shapes fit, flags that are flags and objects of their class.

    What is too small for a double is zero in every bound, also for callers who let NumPy raise.
    """
    names = tuple(inspect.signature(function).parameters)
    classes = tuple(_classes(function))

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        given = {**dict(zip(names, args, strict=False)), **{k: v for k, v in kwargs.items() if k in names}}
        for name, kind, optional in classes:
            if name not in given or (optional and given[name] is None):
                continue
            if kind is bool:
                check_flag(name, given[name])
            else:
                check_instance(name, given[name], kind)
        check_shapes(**given)
        with np.errstate(under="ignore"):
            return function(*args, **kwargs)

    return checked
