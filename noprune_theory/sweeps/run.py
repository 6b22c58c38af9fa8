"""`run_sweep`: cells in, table out."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from noprune_theory._display import ShortRepr
from noprune_theory._validation import check_integer
from noprune_theory.sweeps.cells import Cell, Cells, Rows, Scalar, make_cells
from noprune_theory.sweeps.cluster import dask_outcomes
from noprune_theory.sweeps.errors import StoreWarning, SweepError
from noprune_theory.sweeps.evaluation import Outcome, Task
from noprune_theory.sweeps.execution import Execution
from noprune_theory.sweeps.local import joblib_outcomes, serial_outcomes
from noprune_theory.sweeps.progress import progress_bar
from noprune_theory.sweeps.store import ResultStore
from noprune_theory.sweeps.table import SweepTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

__all__ = ["CellFailure", "SweepResult", "run_sweep"]


@dataclass(frozen=True, slots=True)
class CellFailure:
    """A cell without a result, and why.

    Attributes
    ----------
    cell : Cell
    message : str
        Type, text and place of the error, one line.
    """

    cell: Cell
    message: str


@dataclass(frozen=True, slots=True, repr=False)
class SweepResult(ShortRepr):
    """Outcome of a sweep.

    Attributes
    ----------
    table : SweepTable
        Rows of all finished cells, in the order of the cells.
    failures : tuple of CellFailure
        Cells whose function raised or whose worker died (a rerun tries them again), and cells that returned other
        columns than the first one (they are in the store: raise the version when the function is mended).
    computed, reused : int
        Number of cells in the table that were computed now, and found in the store.
    """

    table: SweepTable
    failures: tuple[CellFailure, ...] = field(default=())
    computed: int = 0
    reused: int = 0

    def complete_table(self) -> SweepTable:
        """Return the table.

        Raises
        ------
        SweepError
            If a cell failed; the message shows the first one.
        """
        if self.failures:
            first = self.failures[0]
            raise SweepError(
                f"{len(self.failures)} of {len(self.failures) + self.computed + self.reused} cells failed; "
                f"first: {replace(first.cell, code='').text()}: {first.message}"
            )
        return self.table

    def plot(self, x: str, y: str, *, by: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw the table of the finished cells; see `SweepTable.plot`."""
        return self.table.plot(x, y, by=by, ax=ax)

    def to_pandas(self) -> DataFrame:
        """Return the table of the finished cells as a data frame (needs pandas, extra `pandas`)."""
        return self.table.to_pandas()


def _outcomes(function: Callable[..., Rows], tasks: Iterator[Task], execution: Execution) -> Iterator[list[Outcome]]:
    if execution.scheduler is not None:
        return dask_outcomes(function, tasks, execution.scheduler)
    if execution.jobs == 1:
        return serial_outcomes(tasks)
    return joblib_outcomes(tasks, execution.jobs, execution.backend)


class _Gathered:
    """Rows of finished cells as they come; all that is held of them while others are computed."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._names = [name for name, _ in cells.points[0]]
        # Of each cell its rows as those of the table, and the names of their columns.
        self._rows: list[tuple[tuple[Scalar, ...], ...] | None] = [None] * len(cells)
        self._columns: list[tuple[str, ...] | None] = [None] * len(cells)
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._ragged: dict[int, tuple[str, ...]] = {}

    def __contains__(self, place: int) -> bool:
        return self._rows[place] is not None

    def add(self, place: int, text: str) -> None:
        """Take the rows of a cell, JSON text."""
        rows = json.loads(text)
        columns = tuple(rows[0]) if rows else ()
        self._columns[place] = self._known.setdefault(columns, columns)
        for row in rows:
            if row.keys() != rows[0].keys():  # not of `run_sweep`, which refuses such a cell
                self._rows[place], self._ragged[place] = (), tuple(row)
                return
        cell = self._cells[place]
        parameters = dict(cell.parameters)
        prefix = (*(parameters[name] for name in self._names), cell.seed)
        self._rows[place] = tuple([(*prefix, *(row[name] for name in columns)) for row in rows])

    def table(self) -> tuple[SweepTable, dict[int, CellFailure]]:
        """Return the rows in the order of the cells; a cell whose columns are not those of the first one fails."""
        columns = next((names for names in self._columns if names), ())
        width = len(self._names) + 1
        rows: list[tuple[Scalar, ...]] = []
        failures: dict[int, CellFailure] = {}
        for place, (part, names) in enumerate(zip(self._rows, self._columns, strict=True)):
            other = self._ragged.get(place) or (names if names and set(names) != set(columns) else None)
            if other:
                failures[place] = CellFailure(
                    self._cells[place],
                    f"cells must return the same columns, got {', '.join(other)} after {', '.join(columns)}",
                )
            elif part and names and names != columns:
                order = [*range(width), *(width + names.index(name) for name in columns)]
                rows += [tuple([row[index] for index in order]) for row in part]
            else:
                rows += part or ()
        return SweepTable((*self._names, "seed", *columns), tuple(rows)), failures


def _missing(cells: Cells, function: Callable[..., Rows], gathered: _Gathered) -> Iterator[Task]:
    """Yield the tasks of the cells that are not there yet; those of a point share its parameters."""
    place = 0
    for point in cells.points:
        parameters = dict(point)
        for seed in cells.seeds:
            if place not in gathered:
                yield place, function, parameters, seed
            place += 1


def _warn_of_other_code(store: ResultStore, function: str, missing: Iterable[Cell]) -> None:
    count = store.computed_by_other_code(missing)
    if count:
        warnings.warn(
            f"{count} of the cells of {function} that the store {store.path} holds were computed by other "
            "code (an edit of the function or of what it calls, another version of noprune_theory, another function of "
            "this name, or a time when the code was not recorded); they stay there and are computed anew",
            StoreWarning,
            stacklevel=3,
        )


def run_sweep(
    function: Callable[..., Rows],
    parameters: Iterable[Mapping[str, Any]],
    *,
    version: int,
    seeds: Iterable[int] = (0,),
    execution: Execution | None = None,
) -> SweepResult:
    """Evaluate a function on every pair (parameters, seed) and return a tidy table.

    Parameters
    ----------
    function : callable
        `function(rng, **parameters)` returns a mapping of column names to scalars, or a sequence of such mappings; all
        with the same columns, none of them called like a parameter or "seed". It must be pure (the result depends on
        the arguments alone) and importable by the workers: no closure, no bound method, and no default that
        `parameters` leaves in force, since none of these would be part of the key.
    parameters : iterable of mappings
        For example `grid(n=[10, 20], rule=["random"])`. Values: None, bool, int, finite float, str, or tuples of these.
    version : int
        Declared version of the function, >= 0: raise it when a change that its source does not show changes results.
    seeds : iterable of int
        Every parameter mapping is evaluated for each of these seeds, all >= 0.
    execution : Execution, optional
        Workers, backend, store; by default in this process and without a store.

    Returns
    -------
    SweepResult

    Raises
    ------
    ValueError, TypeError
        If the function or a cell is not admissible, or a cell repeats.
    StoreError
        If the store cannot be read or written, or is damaged. What was finished before stays in it.
    SweepError
        If the scheduler's address is malformed, or it does not answer, goes away, loses all workers, cannot import the
        function or runs other code. A failing cell does not raise: see `SweepResult.failures`.

    Warns
    -----
    StoreWarning
        If the store holds some of these cells as other code computed them: they are computed anew.
    """
    execution = execution or Execution()
    checked_version = check_integer("version", version, 0)
    cells = make_cells(function, parameters, checked_version, seeds, with_code=execution.store is not None)
    gathered = _Gathered(cells)
    reused = bytearray(len(cells))  # by place: one byte, where a set of numbers takes a hundred
    failures: dict[int, CellFailure] = {}
    with contextlib.ExitStack() as stack:
        if sys.stderr is None:  # closed by the caller; loky and its workers use it all the same
            nowhere = stack.enter_context(open(os.devnull, "w"))
            os.set_inheritable(nowhere.fileno(), True)
            stack.enter_context(contextlib.redirect_stderr(nowhere))
        store = None if execution.store is None else stack.enter_context(ResultStore(execution.store))
        if store is not None:
            for place, rows in store.stored(cells):
                gathered.add(place, rows)
                reused[place] = True
            missing = (cell for place, cell in enumerate(cells) if not reused[place])
            _warn_of_other_code(store, cells.function, missing)
        tasks = _missing(cells, function, gathered)
        advance = stack.enter_context(progress_bar(cells.function, len(cells), sum(reused), execution.progress))
        with contextlib.closing(_outcomes(function, tasks, execution)) as outcomes:  # type: ignore[type-var]
            for together in outcomes:
                finished = [(outcome.index, outcome.rows) for outcome in together if outcome.rows is not None]
                if store is not None and len(together) == 1:
                    for place, rows in finished:
                        store.put(cells[place], rows)
                elif store is not None:  # a commit a message, not a cell
                    store.put_all((cells[place], rows) for place, rows in finished)
                for place, rows in finished:
                    gathered.add(place, rows)
                for outcome in together:
                    if outcome.rows is None:
                        failures[outcome.index] = CellFailure(cells[outcome.index], outcome.message)
                advance(len(together))
    table, misfits = gathered.table()
    failures |= misfits
    return SweepResult(
        table=table,
        failures=tuple(failures[index] for index in sorted(failures)),
        computed=sum(place in gathered and place not in misfits and not reused[place] for place in range(len(cells))),
        reused=sum(reused) - sum(reused[place] for place in misfits),
    )
