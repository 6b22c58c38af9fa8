"""Cells: a function, its declared version, named parameters and a seed."""

from __future__ import annotations

import hashlib
import inspect
import itertools
import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from noprune_theory._code_digest import code_digest, is_main, main_module_name
from noprune_theory._validation import check_integer, shown

__all__ = [
    "Cell",
    "Cells",
    "Rows",
    "Scalar",
    "digest_of",
    "function_name",
    "grid",
    "make_cells",
    "plain_value",
    "same_value",
    "without_code",
]


Scalar: TypeAlias = bool | int | float | str | None
Rows: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def grid(**axes: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the Cartesian product of the axes as parameter mappings; the last axis varies fastest.

    Parameters
    ----------
    **axes : iterable
        Values of each parameter.

    Returns
    -------
    list of dict of str to value
        One a point of the grid, with all parameters.

    Raises
    ------
    TypeError
        If an axis cannot be iterated over.
    ValueError
        If no axis is given, or an axis is empty.
    """
    if not axes:
        raise ValueError("grid needs at least one axis, got none")
    for name, axis in axes.items():
        if not isinstance(axis, Iterable):
            raise TypeError(
                f"axis {name} must be an iterable of values, got {shown(axis)} of type {type(axis).__name__}"
            )
    values = {name: list(axis) for name, axis in axes.items()}
    for name, axis in values.items():
        if not axis:
            raise ValueError(f"axis {name} must not be empty")
    return [dict(zip(values, point, strict=True)) for point in itertools.product(*values.values())]


def plain_value(value: Any) -> Any:
    """Return a value of NumPy as one of Python, and a list as a tuple."""
    if isinstance(value, (tuple, list)):
        return tuple(plain_value(item) for item in value)
    return value.item() if isinstance(value, np.generic) else value


def same_value(first: Any, second: Any) -> bool:
    """Return whether two values are equal, NaN to itself."""
    return bool(first == second) or (first != first and second != second)


def _canonical_parameter(name: str, value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return tuple(_canonical_parameter(name, item) for item in value)
    value = plain_value(value)
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise TypeError(
            f"parameter {name} must be None, a bool, a number, a string or a tuple of these, "
            f"got {shown(value)} of type {type(value).__name__}"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"parameter {name} must be finite, got {value}")
    return value


def function_name(function: Callable[..., Rows]) -> str:
    """Return `module:name`; the name is part of every key, so it has to be the same in every run."""
    qualified_name = getattr(function, "__qualname__", "")
    if not qualified_name or "<lambda>" in qualified_name:
        raise ValueError(f"function must be a named function, got {function!r}")
    module = main_module_name(function) if is_main(function) else function.__module__
    return f"{module}:{qualified_name}"


def _check_function(function: Callable[..., Rows], names: Collection[str]) -> None:
    """Raise ValueError if the result depends on something that is not part of the key."""
    if getattr(function, "__closure__", None) or inspect.ismethod(function):
        raise ValueError(
            f"function must not be a closure or a bound method, got {function.__qualname__}: "
            "what it holds is not part of the key of its cells"
        )
    try:
        accepted = list(inspect.signature(function).parameters.values())[1:]  # the first is the generator
    except (TypeError, ValueError):  # compiled code may have no signature
        return
    for parameter in accepted:
        if parameter.default is not parameter.empty and parameter.name not in names:
            raise ValueError(
                f"parameter {parameter.name} of {function.__qualname__} must be given: "
                f"its default, {parameter.default!r}, is not part of the key of its cells"
            )


# One encoder: `json.dumps` with options makes a new one at every call.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


@lru_cache(maxsize=64, typed=True)
def _frame(function: str, version: int, code: str) -> tuple[str, str]:
    """Return what stands before the parameters and after the seed in the canonical JSON of a cell."""
    known = f'"code":{_CANONICAL.encode(code)},' if code else ""
    return (
        f'{{{known}"function":{_CANONICAL.encode(function)},"parameters":',
        f',"version":{_CANONICAL.encode(version)}}}',
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """One evaluation.

    Attributes
    ----------
    function : str
        "module:name".
    version : int
        As declared.
    parameters : tuple of (str, value)
        None, bools, numbers, strings or tuples of these, by name.
    seed : int
        >= 0.
    code : str
        Digest of the source of the function and of what it calls; "" if it is not known.
    """

    function: str
    version: int
    parameters: tuple[tuple[str, Any], ...]
    seed: int
    code: str = ""

    def pieces(self) -> tuple[str, str, str, str]:
        """Return `text()` in the pieces that a store keeps: up to the parameters, these, the seed, and the rest."""
        head, tail = _frame(self.function, self.version, self.code)
        return head, f'{_CANONICAL.encode(dict(self.parameters))},"seed":', _CANONICAL.encode(self.seed), tail

    def text(self) -> str:
        """Return the cell as canonical JSON; floats are written so that they read back to the same bits."""
        return "".join(self.pieces())

    def key(self) -> str:
        """Return the SHA-256 of `text()` in hexadecimal."""
        return digest_of(self.text())


class Cells:
    """The cells of a sweep, parameters first, made when they are asked for: all together take the room of the axes."""

    def __init__(
        self,
        function: str,
        version: int,
        points: Sequence[tuple[tuple[str, Any], ...]],
        seeds: Sequence[int],
        code: str,
    ) -> None:
        self.function, self.version, self.points, self.seeds, self.code = function, version, points, seeds, code

    def __len__(self) -> int:
        return len(self.points) * len(self.seeds)

    def __getitem__(self, place: int) -> Cell:
        point, seed = divmod(place, len(self.seeds))
        return Cell(self.function, self.version, self.points[point], self.seeds[seed], self.code)

    def __iter__(self) -> Iterator[Cell]:
        return map(self.__getitem__, range(len(self)))


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def without_code(text: str) -> str:
    """Return the text of a cell as it reads without the code, which stands first."""
    return "{" + text.partition('",')[2] if text.startswith('{"code":"') else text


def make_cells(
    function: Callable[..., Rows],
    parameters: Iterable[Mapping[str, Any]],
    version: int,
    seeds: Iterable[int],
    *,
    with_code: bool,
) -> Cells:
    """Return the cells of a sweep, parameters first; raise ValueError or TypeError where one is not admissible."""
    name = function_name(function)
    code = code_digest(function) if with_code else ""
    checked_seeds = [check_integer("seeds", seed, 0) for seed in seeds]
    points = [tuple((key, _canonical_parameter(key, value)) for key, value in point.items()) for point in parameters]
    if not (points and checked_seeds):
        raise ValueError("a sweep needs at least one cell, got no parameters or no seeds")
    names = [key for key, _ in points[0]]
    _check_function(function, names)
    for point in points:
        if sorted(key for key, _ in point) != sorted(names) or "seed" in names:
            raise ValueError(
                f"all cells must have the same parameters, none of them called 'seed'; got {dict(point)} "
                f"beside {dict(points[0])}"
            )
    different = {_CANONICAL.encode(dict(point)) for point in points}
    if len(different) != len(points) or len(set(checked_seeds)) != len(checked_seeds):
        raise ValueError("a cell occurs twice: parameters or seeds repeat")
    return Cells(name, version, points, checked_seeds, code)
