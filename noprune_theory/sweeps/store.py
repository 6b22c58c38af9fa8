"""Finished cells in an SQLite file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from noprune_theory.sweeps._tables import TABLES, VIEW, pieces_of, stored_seed
from noprune_theory.sweeps.cells import Cell, without_code
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


_RECORDS = (
    "SELECT results.key, head || parameters || seed || tail, rows, digest FROM results "
    "LEFT JOIN points ON points.id = point LEFT JOIN functions ON functions.id = function"
)


class ResultStore:
    """Finished cells in an SQLite file; a context manager, with a commit for each cell, or for each message of cells.

    Every record carries the SHA-256 of its own text beside that of its cell. All are checked at opening, so a damaged
    record is reported, and neither read as a result nor computed anew unnoticed. The write-ahead log keeps all
    committed cells through a `kill -9` of the process (`synchronous=NORMAL`: a power cut may cost the latest cells, not
    the file).

    For SQL there is `cells (key, cell, rows, digest)`: the SHA-256 of the cell, the cell and its rows as JSON text, and
    the SHA-256 of `cell`, a line end and `rows`. A file of format 1, where `cells` is the only table, is rewritten in
    one transaction when it is opened.

    Parameters
    ----------
    path : path
        The file; created if missing, in a folder that exists.

    Raises
    ------
    StoreError
        If the file cannot be opened or written, is no store of sweeps, was written by a newer version, or is damaged.
    """

    #: Written into the SQLite header: tells a store of sweeps from any other SQLite file ("NPSW").
    APPLICATION_ID: ClassVar[int] = 0x4E505357
    #: Format of the file. A store of format 1 is rewritten, one with another number refused.
    FORMAT: ClassVar[int] = 2
    #: Bytes of a page of a new file: the tables that hold a few records only take one or two pages each.
    PAGE: ClassVar[int] = 2048
    #: Seconds to wait for another process that has locked the file.
    PATIENCE: ClassVar[float] = 60.0

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._connection: sqlite3.Connection | None = None
        self._last: tuple[tuple[str, str, str], int] | None = None  # the latest point and its number

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
        self._execute(f"PRAGMA page_size={self.PAGE}")  # of a new file
        with self._transaction("BEGIN"):
            header = self._header()
        if header == (0, 0, 0):
            with self._transaction("BEGIN IMMEDIATE"):
                header = self._header()  # another process may have been faster
                if header == (0, 0, 0):
                    self._create(TABLES + VIEW)
                    header = self._header()
        application, version, _ = header
        if application != self.APPLICATION_ID:
            raise StoreError(f"{self.path} is an SQLite file but not a store of sweeps; give another path")
        if version not in (1, self.FORMAT):
            newer = (
                "it was written by a newer version of noprune_theory: use that, or " if version > self.FORMAT else ""
            )
            raise StoreError(
                f"the store {self.path} has format {version}, this version reads format {self.FORMAT} and rewrites 1; "
                f"{newer}give another path, or move the file away to compute its cells anew"
            )
        self._switch_to_write_ahead_log()
        self._execute("PRAGMA synchronous=NORMAL")
        damage = self._execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            raise self._corrupted(damage)
        if version == 1:
            self._rewrite()
        self._take_in()
        for key, text, rows, digest in self._execute(_RECORDS):
            self._check(key, text, rows, digest)
        # Not part of the quick check: that the index of the points finds each of them.
        lost = self._execute(
            "SELECT count(*) FROM points AS p WHERE id IS NOT "
            "(SELECT id FROM points AS q WHERE q.function = p.function AND q.parameters = p.parameters)"
        ).fetchone()[0]
        if lost:
            raise self._corrupted("an index does not find its records")

    def _rewrite(self) -> None:
        """Rewrite a file of format 1 in one transaction; what is left of an interrupted one is that file."""
        with self._transaction("BEGIN IMMEDIATE"):
            if self._header()[1] == self.FORMAT:  # another process was faster
                return
            self._create(TABLES)
            self._take("SELECT key, cell, rows, digest FROM cells")
            self._execute("DROP TABLE cells")
            self._create(VIEW)
        with contextlib.suppress(sqlite3.Error):  # others may be reading, or the disk be full: then the file stays long
            self._execute("VACUUM")

    def _take_in(self) -> None:
        """Take into the tables what SQL has written through the view."""
        if self._execute("SELECT 1 FROM added LIMIT 1").fetchone() is None:
            return
        with self._transaction("BEGIN IMMEDIATE"):
            records = self._execute("SELECT key, cell, rows, digest FROM added").fetchall()
            self._execute("DELETE FROM added")
            self._take(records)

    def _take(self, records: str | list[tuple[Any, Any, Any, Any]]) -> None:
        """Put records of SQL, or those of a query, where they belong; a cell that is there stays."""
        for key, text, rows, digest in self._execute(records) if isinstance(records, str) else records:
            self._check(key, text, rows, digest, in_hexadecimal=True)
            pieces = pieces_of(text)
            if pieces is None:  # no text of a cell
                self._execute("INSERT OR IGNORE INTO added VALUES (?, ?, ?, ?)", (key, text, rows, digest))
            else:
                self._insert(pieces, rows)

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._execute(begin)
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            self._last = None  # may be rolled back
            with contextlib.suppress(sqlite3.Error):
                self._execute("ROLLBACK")
            raise

    def _header(self) -> tuple[int, int, int]:
        """Return application, format and number of tables: all zero in a new file. Consistent within a transaction."""
        application = self._execute("PRAGMA application_id").fetchone()[0]
        version = self._execute("PRAGMA user_version").fetchone()[0]
        return application, version, self._execute("SELECT count(*) FROM sqlite_master").fetchone()[0]

    def _create(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self._execute(statement)
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

    def _check(self, key: Any, text: Any, rows: Any, digest: Any, *, in_hexadecimal: bool = False) -> None:
        """Raise StoreError unless the record is what `put` has written."""
        if not (isinstance(text, str) and isinstance(rows, str)):
            raise self._corrupted("a record is not text")
        expected = [hashlib.sha256(part.encode()) for part in (text, f"{text}\n{rows}")]
        if [key, digest] != [part.hexdigest() if in_hexadecimal else part.digest() for part in expected]:
            raise self._corrupted(f"the record of {text} does not match its checksum")

    def _corrupted(self, what: str) -> StoreError:
        return StoreError(
            f"the store {self.path} is corrupted: {one_line(what)}; move it away to compute its cells anew"
        )

    def _execute(self, statement: str, arguments: tuple[Any, ...] = ()) -> sqlite3.Cursor:
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
            return int(
                self._execute("SELECT (SELECT count(*) FROM results) + (SELECT count(*) FROM added)").fetchone()[0]
            )

    def _function(self, head: str, tail: str) -> int | None:
        found = self._execute("SELECT id FROM functions WHERE head = ? AND tail = ?", (head, tail)).fetchone()
        return None if found is None else int(found[0])

    def _point(self, head: str, parameters: str, tail: str) -> int | None:
        """Return the number of a point, None if it has none; consecutive cells mostly share it."""
        if self._last is not None and self._last[0] == (head, parameters, tail):
            return self._last[1]
        function = self._function(head, tail)
        found = self._execute(
            "SELECT id FROM points WHERE function = ? AND parameters = ?", (function, parameters)
        ).fetchone()
        if found is None:
            return None
        self._last = (head, parameters, tail), int(found[0])
        return self._last[1]

    def _rows(self, pieces: tuple[str, str, str, str]) -> str | None:
        head, parameters, seed, tail = pieces
        point = self._point(head, parameters, tail)
        if point is None:
            return None
        found = self._execute("SELECT rows FROM results WHERE point = ? AND seed = ?", (point, stored_seed(seed)))
        return next((str(rows) for (rows,) in found), None)

    def get(self, cell: Cell) -> str | None:
        """Return the rows of a cell as JSON text, or None if it was not finished."""
        with self._explained("read"):
            return self._rows(cell.pieces())

    def stored(self, cells: Iterable[Cell]) -> Iterator[tuple[int, str]]:
        """Yield place and rows, JSON text, of those cells that are there."""
        with self._explained("read"):
            for place, cell in enumerate(cells):
                rows = self._rows(cell.pieces())
                if rows is not None:
                    yield place, rows

    def finished(self, cells: Iterable[Cell]) -> dict[int, str]:
        """Return the rows, JSON text, of those cells that are there, by their place among the cells."""
        return dict(self.stored(cells))

    def computed_by_other_code(self, cells: Iterable[Cell]) -> int:
        """Return how many of these cells, none of them stored, are there as other code or an unknown one computed them.

        Function name, version, parameters and seed are the same.
        """
        count, known, others = 0, ("", ""), list[str]()
        with self._explained("read"):
            functions = self._execute("SELECT head, tail FROM functions").fetchall()
            for cell in cells:
                head, parameters, seed, tail = cell.pieces()
                if known != (head, tail):
                    known, plain = (head, tail), without_code(head)
                    others = [h for h, t in functions if t == tail and h != head and without_code(h) == plain]
                count += any(self._rows((other, parameters, seed, tail)) is not None for other in others)
        return count

    def put(self, cell: Cell, rows: str) -> None:
        """Commit the rows of one finished cell, JSON text."""
        self.put_all([(cell, rows)])

    def put_all(self, finished: Iterable[tuple[Cell, str]]) -> None:
        """Commit finished cells and their rows, JSON text, together."""
        with self._explained("write"), self._transaction("BEGIN IMMEDIATE"):
            for cell, rows in finished:
                self._insert(cell.pieces(), rows)

    def _insert(self, pieces: tuple[str, str, str, str], rows: str) -> None:
        head, parameters, seed, tail = pieces
        point = self._point(head, parameters, tail)
        if point is None:
            function = self._function(head, tail)
            if function is None:
                function = self._execute("INSERT INTO functions (head, tail) VALUES (?, ?)", (head, tail)).lastrowid
            self._execute("INSERT INTO points (function, parameters) VALUES (?, ?)", (function, parameters))
            point = self._point(head, parameters, tail)
        text = f"{head}{parameters}{seed}{tail}"
        key, digest = (hashlib.sha256(part.encode()).digest() for part in (text, f"{text}\n{rows}"))
        self._execute(
            "INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?)", (point, stored_seed(seed), rows, key, digest)
        )
