"""Finished cells in an SQLite file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from noprune_theory.sweeps.cells import Cell, digest_of, without_code
from noprune_theory.sweeps.errors import StoreError, one_line

__all__ = ["ResultStore"]


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
        if key != digest_of(text) or digest != digest_of(f"{text}\n{rows}"):
            raise self._corrupted(f"the record of {text} does not match its checksum")

    def _corrupted(self, what: str) -> StoreError:
        return StoreError(
            f"the store {self.path} is corrupted: {one_line(what)}; move it away to compute its cells anew"
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
                    f"cannot {action} the store {self.path}: {one_line(str(error))}; cells finished earlier are kept"
                ) from error
            raise StoreError(
                f"the store {self.path} is corrupted or not an SQLite file ({one_line(str(error))}); "
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

    def finished(self, cells: Sequence[Cell]) -> dict[int, str]:
        """Return the rows, JSON text, of those cells that are there, by their place among the cells."""
        places = {cell.key(): place for place, cell in enumerate(cells)}
        with self._explained("read"):
            records = self._execute("SELECT key, rows FROM cells")  # checked at opening
            return {place: rows for key, rows in records if (place := places.get(key)) is not None}

    def computed_by_other_code(self, cells: Iterable[Cell]) -> int:
        """Return how many of these cells, none of them stored, are there as other code or an unknown one computed them.

        Function name, version, parameters and seed are the same.
        """
        wanted = {without_code(cell.text()) for cell in cells}
        with self._explained("read"):
            texts = self._execute("SELECT cell FROM cells")
            return len(wanted.intersection(without_code(text) for (text,) in texts))

    def put(self, cell: Cell, rows: str) -> None:
        """Commit the rows of one finished cell, JSON text."""
        text = cell.text()
        record = (digest_of(text), text, rows, digest_of(f"{text}\n{rows}"))
        with self._explained("write"):
            self._execute("INSERT OR IGNORE INTO cells VALUES (?, ?, ?, ?)", record)
