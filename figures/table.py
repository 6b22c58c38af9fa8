"""The table behind a figure: one row a point, the same six columns for every figure."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._files import replacing
from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import as_array

COLUMNS = ("figure", "series", "x", "y", "stderr", "n")


class ContradictionError(AssertionError):
    """The numbers of a figure contradict the statement that the figure is about."""


@dataclass(frozen=True, slots=True)
class Row:
    """One point.

    Attributes
    ----------
    series : str
        Name of the curve.
    x, y : float
        Coordinates.
    stderr : float
        Standard error of y; NaN where y is not a mean over repetitions.
    n : int
        Number of repetitions behind y. 0 says that y is not measured: it is the value of a formula, or taken from the
        paper.
    """

    series: str
    x: float
    y: float
    stderr: float
    n: int


def measured(series: str, x: float, values: ArrayLike) -> Row:
    """Return the mean of repeated measurements with its standard error.

    Parameters
    ----------
    series : str
    x : float
    values : array_like, shape (n,)
        n >= 1 repetitions; the standard error is NaN for n = 1.
    """
    sample = np.asarray(as_array("values", values), dtype=np.float64)
    if sample.ndim != 1 or sample.size == 0:
        raise ValueError(f"values must be a non-empty vector, got shape {sample.shape}")
    error = float(sample.std(ddof=1)) / math.sqrt(sample.size) if sample.size > 1 else math.nan
    return Row(series, float(x), float(sample.mean()), error, sample.size)


def formula(series: str, x: ArrayLike, y: ArrayLike) -> list[Row]:
    """Return the points of a curve that is not measured: a bound, an exact value, or a published curve."""
    abscissae, ordinates = (np.asarray(as_array(name, value), float) for name, value in (("x", x), ("y", y)))
    points = np.broadcast_arrays(np.atleast_1d(abscissae), ordinates)
    return [Row(series, float(a), float(b), math.nan, 0) for a, b in zip(*points, strict=True)]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Points(ShortRepr):
    """The points of one series, as arrays of shape (points,)."""

    x: FloatArray
    y: FloatArray
    stderr: FloatArray
    n: IntArray


@dataclass(frozen=True, slots=True, repr=False)
class Table(ShortRepr):
    """All points of one figure."""

    figure: str
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        return f"Table(figure={self.figure!r}, rows=<{len(self.rows)} rows>)"

    @classmethod
    def of(cls, figure: str, rows: Iterable[Row]) -> Table:
        """Return the table of a figure from its rows."""
        return cls(figure, tuple(rows))

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the series in order of first appearance."""
        return tuple(dict.fromkeys(row.series for row in self.rows))

    def points(self, series: str) -> Points:
        """Return the points of one series in the order of the table."""
        rows = [row for row in self.rows if row.series == series]
        if not rows:
            raise ValueError(f"series must be one of {', '.join(self.series)}, got {series!r}")
        return Points(
            np.array([row.x for row in rows]),
            np.array([row.y for row in rows]),
            np.array([row.stderr for row in rows]),
            np.array([row.n for row in rows], dtype=np.int64),
        )

    def write_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the table; numbers read back to the same bits, a missing standard error is an empty field."""
        with replacing(Path(path)) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            for row in self.rows:
                error = "" if math.isnan(row.stderr) else repr(row.stderr)
                writer.writerow((self.figure, row.series, repr(row.x), repr(row.y), error, row.n))


def read_csv(path: str | os.PathLike[str]) -> Table:
    """Read a table that `Table.write_csv` wrote.

    Raises
    ------
    ValueError
        If the columns are others, or the rows belong to several figures.
    """
    with Path(path).open(newline="", encoding="utf-8") as stream:
        reader = csv.reader(stream)
        header = tuple(next(reader, ()))
        if header != COLUMNS:
            raise ValueError(f"{path} must have the columns {', '.join(COLUMNS)}, got {', '.join(header)}")
        records = list(reader)
    names = {record[0] for record in records}
    if len(names) != 1:
        raise ValueError(f"{path} must hold one figure, got {sorted(names)}")
    rows = (Row(s, float(x), float(y), float(e) if e else math.nan, int(n)) for _, s, x, y, e, n in records)
    return Table.of(names.pop(), rows)
