"""Sweeps: a grid of cells, a pure function of a cell, a tidy table.

A *cell* is a function, its declared version, named parameters and a seed. `run_sweep` evaluates

    rows = function(rng, **parameters),      rng = numpy.random.default_rng(seed)

for every cell and returns one table whose rows stand in the order of the cells. The function returns one mapping of
column names to scalars, or a sequence of them. The generator depends on the seed alone, so cells that share a seed
share their random numbers, and a table does not depend on the number of workers, the backend, the order, or an
interruption.

With a store (`Execution.store`) finished cells are kept in an SQLite file: one writer, one commit a cell, write-ahead
log. A killed sweep loses only the cells in flight; a rerun computes only what is missing. The key of a cell is the
SHA-256 of its function name, version, parameters, seed and code as canonical JSON. The code is a digest of the source
of the function and of all that it calls in its own project and in this package, with the package's version, so neither
an edit there nor another function of the same name in the same store is taken for the same. The *declared* version is
part of the key too, because no tool can see every edit that changes a result: a computed constant, another NumPy.
Cells whose stored results come from other code, or from a time when the code was not recorded, are computed anew with
a `StoreWarning` that counts them; the old records stay in the file. Values are JSON text, never pickles: opening a
foreign file runs no code.

Example
-------
>>> from noprune_theory.sweeps import grid, run_sweep
>>> def mean_square(rng, n, scale):
...     return {"mean_square": float(((scale * rng.standard_normal(n)) ** 2).mean())}
>>> table = run_sweep(mean_square, grid(n=[10, 1000], scale=[1.0]), version=1, seeds=range(2)).table
>>> table.columns
('n', 'scale', 'seed', 'mean_square')
>>> table.column("n").tolist()
[10, 10, 1000, 1000]
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import hashlib
import importlib
import inspect
import itertools
import json
import logging
import math
import os
import queue
import sqlite3
import sys
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, TypeAlias, TypeVar

import numpy as np

from noprune_theory._code_digest import code_digest, is_main, main_module_name
from noprune_theory._console import plain
from noprune_theory._display import ShortRepr
from noprune_theory._files import replacing
from noprune_theory._validation import check_integer, shown
from noprune_theory._workers import results

__all__ = [
    "Cell",
    "CellFailure",
    "Execution",
    "ResultStore",
    "StoreError",
    "StoreWarning",
    "SweepError",
    "SweepResult",
    "SweepTable",
    "grid",
    "run_sweep",
]

Scalar: TypeAlias = bool | int | float | str | None
Rows: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class SweepError(RuntimeError):
    """Cells of a sweep failed."""


class StoreError(RuntimeError):
    """The file of results cannot be read or written, or is not what it should be."""


class StoreWarning(UserWarning):
    """Stored results of these cells were computed by other code, and are not used."""


# --------------------------------------------------------------------------------------------------------------- cells


def grid(**axes: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the Cartesian product of the axes as parameter mappings; the last axis varies fastest.

    Parameters
    ----------
    **axes : iterable
        Values of each parameter.

    Raises
    ------
    ValueError
        If no axis is given, or an axis is empty.
    """
    if not axes:
        raise ValueError("grid needs at least one axis, got none")
    values = {name: list(axis) for name, axis in axes.items()}
    for name, axis in values.items():
        if not axis:
            raise ValueError(f"axis {name} must not be empty")
    return [dict(zip(values, point, strict=True)) for point in itertools.product(*values.values())]


def _plain(value: Any) -> Any:
    """Return a value of NumPy as one of Python, and a list as a tuple."""
    if isinstance(value, (tuple, list)):
        return tuple(_plain(item) for item in value)
    return value.item() if isinstance(value, np.generic) else value


def _same(first: Any, second: Any) -> bool:
    return bool(first == second) or (first != first and second != second)


def _canonical_parameter(name: str, value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return tuple(_canonical_parameter(name, item) for item in value)
    value = _plain(value)
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise TypeError(
            f"parameter {name} must be None, a bool, a number, a string or a tuple of these, "
            f"got {shown(value)} of type {type(value).__name__}"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"parameter {name} must be finite, got {value}")
    return value


def _function_name(function: Callable[..., Rows]) -> str:
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


@dataclass(frozen=True, slots=True)
class Cell:
    """One evaluation: function name, declared version, parameters, seed, and a digest of the code if it is known."""

    function: str
    version: int
    parameters: tuple[tuple[str, Any], ...]
    seed: int
    code: str = ""

    def text(self) -> str:
        """Return the cell as canonical JSON; floats are written so that they read back to the same bits."""
        content: dict[str, Any] = {
            "function": self.function,
            "parameters": dict(self.parameters),
            "seed": self.seed,
            "version": self.version,
        }
        if self.code:
            content["code"] = self.code
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)

    def key(self) -> str:
        """Return the SHA-256 of `text()` in hexadecimal."""
        return _digest(self.text())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _without_code(text: str) -> str:
    """Return the text of a cell as it reads without the code, which stands first."""
    return "{" + text.partition('",')[2] if text.startswith('{"code":"') else text


def _make_cells(
    function: Callable[..., Rows],
    parameters: Iterable[Mapping[str, Any]],
    version: int,
    seeds: Iterable[int],
    *,
    with_code: bool,
) -> list[Cell]:
    name = _function_name(function)
    code = code_digest(function) if with_code else ""
    checked_seeds = [check_integer("seeds", seed, 0) for seed in seeds]
    cells = [
        Cell(name, version, tuple((key, _canonical_parameter(key, value)) for key, value in point.items()), seed, code)
        for point in parameters
        for seed in checked_seeds
    ]
    if not cells:
        raise ValueError("a sweep needs at least one cell, got no parameters or no seeds")
    names = [key for key, _ in cells[0].parameters]
    _check_function(function, names)
    for cell in cells:
        if sorted(key for key, _ in cell.parameters) != sorted(names) or "seed" in names:
            raise ValueError(
                f"all cells must have the same parameters, none of them called 'seed'; got {dict(cell.parameters)} "
                f"beside {dict(cells[0].parameters)}"
            )
    if len({cell.text() for cell in cells}) != len(cells):
        raise ValueError("a cell occurs twice: parameters or seeds repeat")
    return cells


# --------------------------------------------------------------------------------------------------------------- table


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
        wanted = [(self._index(name), _plain(value)) for name, value in conditions.items()]
        return SweepTable(self.columns, tuple(r for r in self.rows if all(_same(r[i], value) for i, value in wanted)))

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
                    f"column {name} cannot be written as Parquet ({_one_line(str(error))}); write CSV"
                ) from error
        with replacing(Path(path)) as temporary:
            pyarrow.parquet.write_table(pyarrow.table(columns), temporary)


# --------------------------------------------------------------------------------------------------------------- store


# Primary result codes of SQLite that tell about the surroundings of a file, not about its content.
_LOCKED_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_ENVIRONMENT_CODES = _LOCKED_CODES | {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
}


def _primary_code(error: Exception) -> int | None:
    """Return the primary result code of SQLite, None if Python's own layer raised."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class ResultStore:
    """Finished cells in an SQLite file; a context manager, with one commit a cell.

    Every record carries the SHA-256 of its own text and stands under the SHA-256 of its cell. All are checked at
    opening, so a damaged record is reported, and neither read as a result nor computed anew unnoticed. The write-ahead
    log keeps all committed cells through a `kill -9` of the process (`synchronous=NORMAL`: a power cut may cost the
    latest cells, not the file).

    Parameters
    ----------
    path : path
        The file; created if missing, in a folder that exists.

    Raises
    ------
    StoreError
        If the file cannot be opened or written, is not a store of sweeps, was written in another format, or is damaged.
    """

    #: Written into the SQLite header: tells a store of sweeps from any other SQLite file ("NPSW").
    APPLICATION_ID: ClassVar[int] = 0x4E505357
    #: Format of the file. A store with another number is refused.
    FORMAT: ClassVar[int] = 1
    #: Seconds to wait for another process that has locked the file.
    PATIENCE: ClassVar[float] = 60.0

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> ResultStore:
        if not self.path.parent.is_dir():
            raise StoreError(f"cannot open the store {self.path}: there is no folder {self.path.parent}")
        with self._explained("open"):
            # Autocommit: each INSERT is its own transaction.
            self._connection = sqlite3.connect(self.path, isolation_level=None, timeout=self.PATIENCE)
        try:
            with self._explained("open"):
                self._prepare()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._connection is not None:
            # A full disk may forbid the checkpoint at closing; committed cells are safe in the log.
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _prepare(self) -> None:
        with self._transaction("BEGIN"):
            header = self._header()
        if header == (0, 0, 0):
            with self._transaction("BEGIN IMMEDIATE"):
                header = self._header()  # another process may have been faster
                if header == (0, 0, 0):
                    self._create()
                    header = self._header()
        application, version, _ = header
        if application != self.APPLICATION_ID:
            raise StoreError(f"{self.path} is an SQLite file but not a store of sweeps; give another path")
        if version != self.FORMAT:
            raise StoreError(
                f"the store {self.path} has format {version}, this version reads format {self.FORMAT}; "
                "give another path, or move the file away to compute its cells anew"
            )
        self._switch_to_write_ahead_log()
        self._execute("PRAGMA synchronous=NORMAL")
        damage = self._execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            raise self._corrupted(damage)
        for key, text, rows, digest in self._execute("SELECT key, cell, rows, digest FROM cells"):
            self._check(key, text, rows, digest)

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._execute(begin)
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._execute("ROLLBACK")
            raise

    def _header(self) -> tuple[int, int, int]:
        """Return application, format and number of tables: all zero in a new file. Consistent within a transaction."""
        application = self._execute("PRAGMA application_id").fetchone()[0]
        version = self._execute("PRAGMA user_version").fetchone()[0]
        return application, version, self._execute("SELECT count(*) FROM sqlite_master").fetchone()[0]

    def _create(self) -> None:
        self._execute(
            "CREATE TABLE cells (key TEXT PRIMARY KEY, cell TEXT NOT NULL, rows TEXT NOT NULL, "
            "digest TEXT NOT NULL) WITHOUT ROWID"
        )
        self._execute(f"PRAGMA application_id={self.APPLICATION_ID}")
        self._execute(f"PRAGMA user_version={self.FORMAT}")

    def _switch_to_write_ahead_log(self) -> None:
        """Switch; SQLite does not wait for other processes by itself here."""
        deadline = time.monotonic() + self.PATIENCE
        while True:
            try:
                self._execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if _primary_code(error) not in _LOCKED_CODES or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _check(self, key: Any, text: Any, rows: Any, digest: Any) -> None:
        """Raise StoreError unless the record is what `put` has written."""
        if not (isinstance(text, str) and isinstance(rows, str)):
            raise self._corrupted("a record is not text")
        if key != _digest(text) or digest != _digest(f"{text}\n{rows}"):
            raise self._corrupted(f"the record of {text} does not match its checksum")

    def _corrupted(self, what: str) -> StoreError:
        return StoreError(
            f"the store {self.path} is corrupted: {_one_line(what)}; move it away to compute its cells anew"
        )

    def _execute(self, statement: str, arguments: tuple[str, ...] = ()) -> sqlite3.Cursor:
        if self._connection is None:
            raise StoreError(f"the store {self.path} is not open; use it in a with statement")
        return self._connection.execute(statement, arguments)

    @contextlib.contextmanager
    def _explained(self, action: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if _primary_code(error) in _ENVIRONMENT_CODES:
                raise StoreError(
                    f"cannot {action} the store {self.path}: {_one_line(str(error))}; cells finished earlier are kept"
                ) from error
            raise StoreError(
                f"the store {self.path} is corrupted or not an SQLite file ({_one_line(str(error))}); "
                "move it away to compute its cells anew"
            ) from error

    def __len__(self) -> int:
        with self._explained("read"):
            return int(self._execute("SELECT count(*) FROM cells").fetchone()[0])

    def get(self, cell: Cell) -> str | None:
        """Return the rows of a cell as JSON text, or None if it was not finished."""
        with self._explained("read"):
            record = self._execute("SELECT cell, rows, digest FROM cells WHERE key = ?", (cell.key(),)).fetchone()
        if record is None:
            return None
        self._check(cell.key(), *record)
        return str(record[1])

    def computed_by_other_code(self, cells: Iterable[Cell]) -> int:
        """Return how many of these cells, none of them stored, are there as other code or an unknown one computed them.

        Function name, version, parameters and seed are the same.
        """
        wanted = {_without_code(cell.text()) for cell in cells}
        with self._explained("read"):
            texts = self._execute("SELECT cell FROM cells")
            return len(wanted.intersection(_without_code(text) for (text,) in texts))

    def put(self, cell: Cell, rows: str) -> None:
        """Commit the rows of one finished cell, JSON text."""
        text = cell.text()
        record = (cell.key(), text, rows, _digest(f"{text}\n{rows}"))
        with self._explained("write"):
            self._execute("INSERT OR IGNORE INTO cells VALUES (?, ?, ?, ?)", record)


# ----------------------------------------------------------------------------------------------------------- execution


@dataclass(frozen=True, slots=True)
class Execution:
    """How the cells of a sweep are computed; changes no digit of the table.

    Attributes
    ----------
    jobs : int
        Number of workers; 1 computes in this process. Ignored by Dask, which uses all workers of the scheduler.
    backend : str
        "loky" (processes, the default), "threading", "sequential", "dask", or a backend registered with joblib. Not
        "multiprocessing": it hands results back at the end only, and hangs when a worker dies.
    scheduler : str, optional
        Address of a running Dask scheduler, for example "tcp://10.0.0.1:8786". Needed by and only for "dask". The
        scheduler and the workers must be able to import the module of the function.
    store : path, optional
        SQLite file that keeps finished cells; without it nothing is kept.
    progress : bool
        Show a progress bar with rate and time left, if standard error is a terminal.
    """

    jobs: int = 1
    backend: str = "loky"
    scheduler: str | None = None
    store: str | os.PathLike[str] | None = None
    progress: bool = True

    def __post_init__(self) -> None:
        check_integer("jobs", self.jobs, 1)
        if not isinstance(self.backend, str) or self.backend not in (
            "loky",
            "dask",
        ):  # the rest needs joblib, which takes a while to import
            from joblib.parallel import BACKENDS

            known = sorted({*BACKENDS, "dask"} - {"multiprocessing"})
            if not isinstance(self.backend, str) or self.backend not in known:
                raise ValueError(f"backend must be one of {', '.join(known)}, got {shown(self.backend)}")
        if (self.backend == "dask") != (self.scheduler is not None):
            raise ValueError(
                "backend 'dask' and a scheduler address go together, "
                f"got backend={self.backend!r} and scheduler={self.scheduler!r}"
            )


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


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a worker sends back: the rows as JSON text, or a message in their place."""

    index: int
    rows: str | None
    message: str


_Task: TypeAlias = tuple[int, Callable[..., Rows], dict[str, Any], int]


def _rows_text(rows: Any, taken: Collection[str]) -> str:
    """Return what a cell function returned as JSON text; every value must be a scalar, no column may be `taken`."""
    if isinstance(rows, (str, bytes)) or not isinstance(rows, Iterable):
        raise TypeError(f"a cell must return a mapping or a sequence of mappings, got {type(rows).__name__}")
    listed = [rows] if isinstance(rows, Mapping) else list(rows)
    plain: list[dict[str, Any]] = []
    for row in listed:
        if not isinstance(row, Mapping):
            raise TypeError(f"a cell must return a mapping or a sequence of mappings, got {type(row).__name__} in it")
        for name in row:
            if not isinstance(name, str):
                raise TypeError(f"names of columns must be strings, got {shown(name)} of type {type(name).__name__}")
            if name in taken:
                raise ValueError(f"column {name} is there already; none may be called {', '.join(taken)}")
        if plain and row.keys() != plain[0].keys():
            raise ValueError(
                f"rows of a cell must have the same columns, got {', '.join(row)} after {', '.join(plain[0])}"
            )
        values = {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()}
        for name, value in values.items():
            if value is not None and not isinstance(value, (bool, int, float, str)):
                raise TypeError(f"column {name} must hold scalars, got {type(value).__name__}")
        plain.append(values)
    return json.dumps(plain, separators=(",", ":"))


def _evaluate(index: int, function: Callable[..., Rows], parameters: dict[str, Any], seed: int) -> _Outcome:
    """Compute one cell with single-threaded linear algebra: the number of threads changes the last bits of a sum."""
    from noprune_theory.solvers._blas import one_thread

    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    try:
        with one_thread():
            rows = _rows_text(function(np.random.default_rng(seed), **parameters), (*parameters, "seed"))
    except (Exception, SystemExit) as error:  # any failure of a cell is reported as such, with its place
        return _Outcome(index, None, _describe(error))
    return _Outcome(index, rows, "")


def _end_with(parent: int) -> None:
    """Initialise a worker process: it is to end when its parent does, even if that one is killed without notice."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _describe(error: BaseException) -> str:
    """Return type, message and place of an error in one line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace is not None else ""
    return _one_line(f"{type(error).__name__}: {error}{place}")


_WORKER_DIED = "its worker died, and died again when it ran alone (killed, out of memory, or a crash in compiled code)"


def _serial_outcomes(tasks: Sequence[_Task]) -> Iterator[_Outcome]:
    for task in tasks:
        yield _evaluate(*task)


def _joblib_outcomes(tasks: Sequence[_Task], jobs: int, backend: str) -> Iterator[_Outcome]:
    """Yield outcomes as they finish. If a worker dies, the cells it may have been computing are tried alone."""
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed, parallel_config

    # Only worker processes can be pinned through their environment, and outlive this one; other backends refuse both.
    pinned = {"inner_max_num_threads": 1} if backend == "loky" else {}
    watched = {"initializer": _end_with, "initargs": (os.getpid(),)} if backend == "loky" else {}

    def stream(batch: Sequence[_Task], dispatched: list[_Task]) -> Iterator[Any]:
        for task in batch:
            dispatched.append(task)
            yield delayed(_evaluate)(*task)

    def run(batch: Sequence[_Task], dispatched: list[_Task]) -> Iterator[_Outcome]:
        with parallel_config(backend=backend, n_jobs=jobs, **pinned):
            # One cell a message: joblib's batches of fast cells would keep finished cells back, and a kill lose them.
            parallel = Parallel(return_as="generator_unordered", batch_size=1, max_nbytes=None, **watched)
            yield from results(parallel, stream(batch, dispatched))

    waiting = {task[0]: task for task in tasks}
    while waiting:
        dispatched: list[_Task] = []
        try:
            for outcome in run(list(waiting.values()), dispatched):
                del waiting[outcome.index]
                yield outcome
        except BrokenProcessPool:
            for task in [task for task in dispatched if task[0] in waiting]:
                del waiting[task[0]]
                try:
                    yield from run([task], [])
                except BrokenProcessPool:
                    yield _Outcome(task[0], None, _WORKER_DIED)


def _import(module: str) -> None:
    importlib.import_module(module)


#: Seconds that a sweep on a Dask cluster waits for workers while there are none.
_WORKERLESS_SECONDS = 60.0

_Answer = TypeVar("_Answer")


def _check_scheduler_address(scheduler: str) -> None:
    """Raise SweepError unless the address has a protocol that can be used, a host and a port; Dask's client hangs."""
    from distributed.comm import get_address_host_port, parse_address
    from distributed.security import Security

    try:
        host, port = get_address_host_port(scheduler)
        if not (host and 0 < port < 2**16):
            raise ValueError("host or port is missing or out of range")
        encrypted = parse_address(scheduler)[0] in ("tls", "wss")
        if encrypted and Security().get_connection_args("client").get("ssl_context") is None:
            raise ValueError("Dask's configuration has no certificates for it")
    except (ValueError, NotImplementedError) as error:
        raise SweepError(
            f"scheduler must be an address like tcp://10.0.0.1:8786, got {scheduler!r} ({_one_line(str(error))})"
        ) from error


class _NoNews(logging.Filter):
    """Drops what asyncio reports of a result that Dask's client was fetching when its worker went away."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and record.exc_info[0] and record.exc_info[0].__name__ == "AllExit")


_NO_NEWS = _NoNews()


@contextlib.contextmanager
def _quiet_client() -> Iterator[None]:
    """Silence the log of Dask's client, which tells with tracebacks that a connection is lost: the sweep tells it."""
    logging.getLogger("asyncio").addFilter(_NO_NEWS)  # for good: it reports when garbage is collected
    logger = logging.getLogger("distributed.client")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _scheduler_gone(scheduler: str) -> SweepError:
    return SweepError(
        f"the Dask scheduler at {scheduler} went away; finished cells are kept in the store, if one is set"
    )


def _no_workers(scheduler: str) -> SweepError:
    return SweepError(
        f"the Dask scheduler at {scheduler} has had no worker for {_WORKERLESS_SECONDS:g} s; "
        "finished cells are kept in the store, if one is set"
    )


def _while_workers_live(attempt: Callable[[], _Answer], client: Any, scheduler: str) -> _Answer:
    """Repeat an attempt that may time out, as long as there is a scheduler and has been a worker lately."""
    seen = time.monotonic()
    while True:
        try:
            return attempt()
        except (TimeoutError, queue.Empty):
            pass
        if client.status != "running":
            raise _scheduler_gone(scheduler)
        if client.nthreads():
            seen = time.monotonic()
        elif time.monotonic() - seen > _WORKERLESS_SECONDS:
            raise _no_workers(scheduler)


def _ended_futures(futures: Iterable[Any], client: Any, scheduler: str) -> Iterator[Any]:
    """Yield futures as they end. Unlike `distributed.as_completed` this ends when the cluster does."""
    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for future in (futures := list(futures)):
        future.add_done_callback(ended.put)
    for _ in futures:
        future = _while_workers_live(lambda: ended.get(timeout=1.0), client, scheduler)
        if future.status == "cancelled":  # nobody cancels but a client that lost its scheduler
            raise _scheduler_gone(scheduler)
        yield future


def _dask_outcomes(tasks: Sequence[_Task], scheduler: str) -> Iterator[_Outcome]:
    """Yield outcomes as they finish on a Dask cluster.

    Not through joblib's adapter: it waits for ever for a task whose worker died.
    """
    try:
        from distributed import Client
        from distributed.comm import CommClosedError
    except ImportError as error:
        raise ImportError("backend 'dask' needs dask: pip install 'noprune-theory[cluster]'") from error
    _check_scheduler_address(scheduler)
    try:
        client = Client(scheduler, timeout=10, set_as_default=False)
    except OSError as error:
        raise SweepError(f"no Dask scheduler answers at {scheduler}: {_one_line(str(error))}") from error
    with _quiet_client(), client:
        try:
            yield from _client_outcomes(tasks, client, scheduler)
        except CommClosedError as error:
            raise _scheduler_gone(scheduler) from error


def _client_outcomes(tasks: Sequence[_Task], client: Any, scheduler: str) -> Iterator[_Outcome]:
    try:
        client.wait_for_workers(1, timeout=_WORKERLESS_SECONDS)
    except TimeoutError as error:
        raise _no_workers(scheduler) from error
    for function in {task[1] for task in tasks if not is_main(task[1])}:  # those of the main program travel as they are
        module = function.__module__
        try:
            client.run_on_scheduler(_import, module)
            client.run(_import, module)
            codes = client.run(code_digest, function)
        except ImportError as error:
            raise SweepError(
                f"the Dask scheduler or a worker cannot import {module} ({error}): install the package there, and "
                "start them in the folder that holds the module or with that folder on PYTHONPATH"
            ) from error
        code = code_digest(function)
        for worker, found in codes.items():
            if found != code:
                raise SweepError(
                    f"the Dask worker {worker} runs other code for {_function_name(function)} than this process: "
                    "install the same version of its modules and of noprune_theory there"
                )

    def outcome(future: Any) -> _Outcome:
        return _while_workers_live(lambda: future.result(timeout=1.0), client, scheduler)

    futures = {client.submit(_evaluate, *task, pure=False): task for task in tasks}
    lost = []
    for future in _ended_futures(futures, client, scheduler):
        if future.status == "finished":
            yield outcome(future)
        else:
            lost.append(futures[future])
        future.release()
    for task in lost:  # alone: it may have been lost because it shared a worker with a cell that killed it
        for future in _ended_futures([client.submit(_evaluate, *task, pure=False)], client, scheduler):
            yield outcome(future) if future.status == "finished" else _Outcome(task[0], None, _WORKER_DIED)


def _outcomes(tasks: Sequence[_Task], execution: Execution) -> Iterator[_Outcome]:
    if execution.scheduler is not None:
        return _dask_outcomes(tasks, execution.scheduler)
    if execution.jobs == 1:
        return _serial_outcomes(tasks)
    return _joblib_outcomes(tasks, execution.jobs, execution.backend)


def _pace(done: int, left: int, seconds: float) -> str:
    """Return rate and time left, or nothing before the first cell is done.

    Measured over the whole run: an estimate from the latest cells alone says nothing while slow ones run.
    """
    if done == 0 or seconds <= 0:
        return ""
    remaining = datetime.timedelta(seconds=round(left * seconds / done))
    return f"{done / seconds:.3g} cells/s, {remaining} left"


#: Columns of a terminal that bar, count and pace need beside the label.
_PROGRESS_WIDTH = 60


@contextlib.contextmanager
def _progress_bar(label: str, total: int, reused: int, wanted: bool) -> Iterator[Callable[[], None]]:
    """Yield a function that counts one more cell; draws nothing unless standard error is a terminal."""
    if not wanted or sys.stderr.closed or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn
    from rich.table import Column
    from rich.text import Text

    start = time.monotonic()

    class Pace(ProgressColumn):
        def render(self, task: Any) -> Text:
            done = int(task.completed)
            return Text(_pace(done - reused, total - done, time.monotonic() - start))

    console = Console(stderr=True)
    if console.width < len(label) + _PROGRESS_WIDTH:
        label = label.rpartition(":")[2]
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        Pace(table_column=Column(no_wrap=True)),
    )
    label = plain(label, console.encoding)
    with Progress(*columns, console=console, transient=True, expand=True) as progress:
        bar = progress.add_task(label, total=total, completed=reused)
        yield lambda: progress.advance(bar)


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
    cells = _make_cells(function, parameters, checked_version, seeds, with_code=execution.store is not None)
    finished: dict[int, str] = {}
    failures: dict[int, CellFailure] = {}
    with contextlib.ExitStack() as stack:
        if sys.stderr is None:  # closed by the caller; loky and its workers use it all the same
            nowhere = stack.enter_context(open(os.devnull, "w"))
            os.set_inheritable(nowhere.fileno(), True)
            stack.enter_context(contextlib.redirect_stderr(nowhere))
        store = None if execution.store is None else stack.enter_context(ResultStore(execution.store))
        if store is not None:
            finished = {i: rows for i, cell in enumerate(cells) if (rows := store.get(cell)) is not None}
            _warn_of_other_code(store, [cell for i, cell in enumerate(cells) if i not in finished])
        known = set(finished)
        tasks = [(i, function, dict(cell.parameters), cell.seed) for i, cell in enumerate(cells) if i not in finished]
        advance = stack.enter_context(_progress_bar(cells[0].function, len(cells), len(known), execution.progress))
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
