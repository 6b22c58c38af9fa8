"""`run_sweep`: cells in, table out."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from noprune_theory._display import ShortRepr
from noprune_theory._validation import check_integer
from noprune_theory.sweeps.cells import Cell, Rows, Scalar, make_cells
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
    """A cell without a result, and why."""

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


def _outcomes(tasks: Sequence[Task], execution: Execution) -> Iterator[Outcome]:
    if execution.scheduler is not None:
        return dask_outcomes(tasks, execution.scheduler)
    if execution.jobs == 1:
        return serial_outcomes(tasks)
    return joblib_outcomes(tasks, execution.jobs, execution.backend)


def _table(cells: Sequence[Cell], finished: Mapping[int, str]) -> tuple[SweepTable, dict[int, CellFailure]]:
    """Gather the finished cells in their own order; a cell whose columns are not those of the first one fails."""
    parameter_names = [name for name, _ in cells[0].parameters]
    columns: tuple[str, ...] | None = None
    rows: list[tuple[Scalar, ...]] = []
    failures: dict[int, CellFailure] = {}
    for index, cell in enumerate(cells):
        if index not in finished:
            continue
        parameters = dict(cell.parameters)
        prefix = (*(parameters[name] for name in parameter_names), cell.seed)
        for values in json.loads(finished[index]):
            columns = columns or tuple(values)
            if set(values) != set(columns):
                failures[index] = CellFailure(
                    cell, f"cells must return the same columns, got {', '.join(values)} after {', '.join(columns)}"
                )
                break
            rows.append((*prefix, *(values[name] for name in columns)))
    return SweepTable((*parameter_names, "seed", *(columns or ())), tuple(rows)), failures


def _warn_of_other_code(store: ResultStore, missing: Sequence[Cell]) -> None:
    count = store.computed_by_other_code(missing)
    if count:
        warnings.warn(
            f"{count} of the cells of {missing[0].function} that the store {store.path} holds were computed by other "
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
    finished: dict[int, str] = {}
    failures: dict[int, CellFailure] = {}
    with contextlib.ExitStack() as stack:
        if sys.stderr is None:  # closed by the caller; loky and its workers use it all the same
            nowhere = stack.enter_context(open(os.devnull, "w"))
            os.set_inheritable(nowhere.fileno(), True)
            stack.enter_context(contextlib.redirect_stderr(nowhere))
        store = None if execution.store is None else stack.enter_context(ResultStore(execution.store))
        if store is not None:
            finished = store.finished(cells)
            _warn_of_other_code(store, [cell for i, cell in enumerate(cells) if i not in finished])
        known = set(finished)
        tasks = [(i, function, dict(cell.parameters), cell.seed) for i, cell in enumerate(cells) if i not in finished]
        advance = stack.enter_context(progress_bar(cells[0].function, len(cells), len(known), execution.progress))
        with contextlib.closing(_outcomes(tasks, execution)) as outcomes:  # type: ignore[type-var]
            for outcome in outcomes:
                if outcome.rows is None:
                    failures[outcome.index] = CellFailure(cells[outcome.index], outcome.message)
                else:
                    finished[outcome.index] = outcome.rows
                    if store is not None:
                        store.put(cells[outcome.index], outcome.rows)
                advance()
    table, misfits = _table(cells, finished)
    failures |= misfits
    return SweepResult(
        table=table,
        failures=tuple(failures[index] for index in sorted(failures)),
        computed=len(finished.keys() - known - misfits.keys()),
        reused=len(known - misfits.keys()),
    )
