"""The tables of a store, and the view of them that is read by SQL.

The text of a cell is kept in four pieces: up to the parameters and after the seed in `functions`, the parameters in
`points`, the seed with the rows in `results`. The view `cells` puts them together.
"""

from __future__ import annotations

import re

__all__ = ["TABLES", "VIEW", "pieces_of", "stored_seed"]

#: `results` holds all that a cell costs; its records stand in the order of its key, so that no index is needed. `added`
#: is what SQL has written through the view since a `ResultStore` last opened the file, and what is no text of a cell.
TABLES = (
    "CREATE TABLE functions (id INTEGER PRIMARY KEY, head TEXT NOT NULL, tail TEXT NOT NULL)",
    "CREATE TABLE points (id INTEGER PRIMARY KEY, function INTEGER NOT NULL, parameters TEXT NOT NULL, "
    "UNIQUE (function, parameters))",
    "CREATE TABLE results (point INTEGER NOT NULL, seed NOT NULL, rows TEXT NOT NULL, key BLOB NOT NULL, "
    "digest BLOB NOT NULL, PRIMARY KEY (point, seed)) WITHOUT ROWID",
    "CREATE TABLE added (key TEXT PRIMARY KEY, cell TEXT NOT NULL, rows TEXT NOT NULL, digest TEXT NOT NULL) "
    "WITHOUT ROWID",
)


def _place_of(row: str) -> str:
    """Return SQL for point and seed of a row of the view, `OLD` or `NEW`: the seed is the digits before the tail."""
    middle = f"substr({row}.cell, length(head) + 1, length({row}.cell) - length(head) - length(tail))"
    seed = f"substr({middle}, length(parameters) + 1)"
    number = f"CAST({seed} AS INTEGER)"
    return (
        f"SELECT points.id, CASE WHEN CAST({number} AS TEXT) = {seed} THEN {number} ELSE {seed} END "
        f"FROM functions JOIN points ON function = functions.id AND parameters = rtrim({middle}, '-0123456789') "
        f"WHERE head = substr({row}.cell, 1, length(head)) AND tail = substr({row}.cell, -length(tail))"
    )


_REMOVE_OLD = (
    f"DELETE FROM results WHERE (point, seed) = ({_place_of('OLD')}) AND lower(hex(key)) = OLD.key; "
    "DELETE FROM added WHERE key = OLD.key;"
)

#: The columns and values of the table of format 1, which SQL reads, inserts into, changes and deletes from as before.
VIEW = (
    "CREATE VIEW cells AS SELECT lower(hex(key)) AS key, head || parameters || seed || tail AS cell, rows, "
    "lower(hex(digest)) AS digest FROM results JOIN points ON points.id = point JOIN functions "
    "ON functions.id = function UNION ALL SELECT key, cell, rows, digest FROM added",
    "CREATE TRIGGER cells_insert INSTEAD OF INSERT ON cells BEGIN INSERT INTO added "
    "SELECT NEW.key, NEW.cell, NEW.rows, NEW.digest "
    f"WHERE NOT EXISTS (SELECT 1 FROM results WHERE (point, seed) = ({_place_of('NEW')})); END",
    f"CREATE TRIGGER cells_delete INSTEAD OF DELETE ON cells BEGIN {_REMOVE_OLD} END",
    f"CREATE TRIGGER cells_update INSTEAD OF UPDATE ON cells BEGIN {_REMOVE_OLD} "
    "INSERT INTO added VALUES (NEW.key, NEW.cell, NEW.rows, NEW.digest); END",
)

_CELL = re.compile(r'(.*?,"parameters":)(.*,"seed":)(0|-?[1-9][0-9]*)(,"version":[0-9]+\})', re.DOTALL)


def pieces_of(text: str) -> tuple[str, str, str, str] | None:
    """Return the pieces of the text of a cell (`Cell.pieces`), None if it is none."""
    found = _CELL.fullmatch(text)
    return None if found is None else (found[1], found[2], found[3], found[4])


def stored_seed(seed: str) -> int | str:
    """Return a seed as it is stored: as a number if it is one that SQLite has."""
    number = int(seed) if seed.lstrip("-").isdigit() else 2**63
    return number if -(2**63) <= number < 2**63 else seed
