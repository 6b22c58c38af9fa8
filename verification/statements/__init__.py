"""The explicit list of statements: command-line id to module, in the order of the report."""

from __future__ import annotations

import importlib

from verification.statement import Statement

__all__ = ["STATEMENTS", "load"]

STATEMENTS: dict[str, str] = {
    "lemma-1": "verification.statements.lemma_1",
}


def load(identifier: str) -> Statement:
    """Import the module of a statement and return its `STATEMENT`.

    Raises
    ------
    ValueError
        If the id is not in `STATEMENTS`, or the module carries another id.
    """
    if identifier not in STATEMENTS:
        raise ValueError(f"id: unknown statement '{identifier}'; known: {', '.join(STATEMENTS)}")
    statement = importlib.import_module(STATEMENTS[identifier]).STATEMENT
    if not isinstance(statement, Statement) or statement.id != identifier:
        raise ValueError(f"id: {STATEMENTS[identifier]} does not define STATEMENT with id '{identifier}'")
    return statement
