"""The tidy table of a sweep."""

from __future__ import annotations

import csv
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from noprune_theory._display import ShortRepr, html_table
from noprune_theory._files import replacing
from noprune_theory._frames import data_frame
from noprune_theory._plots import axes_of, draw_curve
from noprune_theory._validation import shown
from noprune_theory.sweeps.cells import Scalar, plain_value, same_value
from noprune_theory.sweeps.errors import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

__all__ = ["SweepTable"]

_ROWS_SHOWN = 10


@dataclass(frozen=True, slots=True, repr=False)
class SweepTable(ShortRepr):
    """A tidy table: one row a result, columns are the parameters, the seed and the values returned.

    Attributes
    ----------
    columns : tuple of str
        Names: parameters in the order given, "seed", and what the function returns.
    rows : tuple of tuple of (bool, int, float, str or None)
        Values in the order of the columns; in the order of the cells, and within a cell in that of its rows.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"SweepTable(columns={self.columns!r}, rows=<{len(self.rows)} rows>)"

    def _repr_html_(self) -> str:
        shown_rows = [[str(value) for value in row] for row in self.rows[:_ROWS_SHOWN]]
        count = f"{len(self.rows)} rows" + (f", the first {_ROWS_SHOWN} shown" if len(self.rows) > _ROWS_SHOWN else "")
        return html_table(f"SweepTable, {count}", [list(self.columns), *shown_rows], header=True)

    def to_pandas(self) -> DataFrame:
        """Return the table as a data frame (needs pandas, extra `pandas`)."""
        return data_frame({name: self.column(name) for name in self.columns})

    def plot(self, x: str, y: str, *, by: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw means of a column over the rows that agree in another, with standard errors where rows repeat.

        Rows in which either value is None, NaN or infinite are left out.

        Parameters
        ----------
        x, y : str
            Columns of numbers.
        by : str, optional
            One curve for each value of this column, in the order of the rows.
        ax : matplotlib.axes.Axes, optional
            Those of a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ValueError
            If a column is not there, or `x` or `y` does not hold numbers.
        """
        across, along = self._index(x), self._index(y)
        split = None if by is None else self._index(by)
        curves: dict[Scalar, dict[float, list[float]]] = {}
        for row in self.rows:
            place, value = (_plotted(name, row[index]) for name, index in ((x, across), (y, along)))
            curve = curves.setdefault(None if split is None else row[split], {})
            if math.isfinite(place) and math.isfinite(value):
                curve.setdefault(place, []).append(value)
        drawn = axes_of(ax, xlabel=x, ylabel=y)
        for key, groups in curves.items():
            places = np.array(sorted(groups))
            samples = [np.array(groups[place]) for place in places.tolist()]
            means = np.array([sample.mean() for sample in samples])
            errors = np.array([s.std(ddof=1) / math.sqrt(s.size) if s.size > 1 else math.nan for s in samples])
            draw_curve(drawn, places, means, errors, None if by is None else f"{by} = {key}")
        if by is not None and curves:
            drawn.legend()
        return drawn

    def column(self, name: str) -> np.ndarray[Any, np.dtype[Any]]:
        """Return one column as an array, shape (rows,); of objects where a parameter is a tuple."""
        index = self._index(name)
        values = [row[index] for row in self.rows]
        if any(isinstance(value, tuple) for value in values):
            column = np.empty(len(values), dtype=object)
            column[:] = values
            return column
        return np.array(values)

    def where(self, **conditions: Any) -> SweepTable:
        """Return the rows whose columns equal the given values; NaN selects NaN.

        Raises
        ------
        TypeError
            If a value is an array: a column is compared with one value.
        """
        for name, value in conditions.items():
            if isinstance(value, np.ndarray):
                raise TypeError(f"{name} must be one value of its column, got {shown(value)}")
        wanted = [(self._index(name), plain_value(value)) for name, value in conditions.items()]
        return SweepTable(
            self.columns, tuple(r for r in self.rows if all(same_value(r[i], value) for i, value in wanted))
        )

    def _index(self, name: str) -> int:
        if name not in self.columns:
            raise ValueError(f"name must be one of {', '.join(self.columns)}, got {name!r}")
        return self.columns.index(name)

    def write_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the table as CSV, in one step: a reader never sees half a file."""
        with replacing(Path(path)) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(self.columns)
            writer.writerows(self.rows)

    def write_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write the table as Parquet (needs pyarrow, extra `cluster`).

        Raises
        ------
        ValueError
            If a column has no type in Parquet: mixed types, integers beyond 64 bits, or text that is not Unicode.
        """
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise ImportError("writing Parquet needs pyarrow: pip install 'noprune-theory[cluster]'") from error
        columns = {}
        for index, name in enumerate(self.columns):
            try:
                columns[name] = pyarrow.array([row[index] for row in self.rows])
            except (pyarrow.ArrowException, OverflowError, UnicodeError) as error:
                raise ValueError(
                    f"column {name} cannot be written as Parquet ({one_line(str(error))}); write CSV"
                ) from error
        with replacing(Path(path)) as temporary:
            pyarrow.parquet.write_table(pyarrow.table(columns), temporary)


def _plotted(name: str, value: Scalar) -> float:
    """Return a value of a column as a number; NaN where it is missing."""
    if value is None:
        return math.nan
    if isinstance(value, str | tuple):
        raise ValueError(f"column {name} must hold numbers to be drawn, got {shown(value)}")
    return float(value)
