"""The tidy table of a sweep."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from noprune_theory._display import ShortRepr
from noprune_theory._files import replacing
from noprune_theory._validation import shown
from noprune_theory.sweeps.cells import Scalar, plain_value, same_value
from noprune_theory.sweeps.errors import one_line

__all__ = ["SweepTable"]


@dataclass(frozen=True, slots=True, repr=False)
class SweepTable(ShortRepr):
    """A tidy table: one row a result, columns are the parameters, the seed and the values returned."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"SweepTable(columns={self.columns!r}, rows=<{len(self.rows)} rows>)"

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
