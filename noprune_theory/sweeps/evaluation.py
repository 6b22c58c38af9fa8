"""One cell in a worker: what it sends back."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from noprune_theory._validation import shown
from noprune_theory.sweeps.cells import Rows
from noprune_theory.sweeps.errors import one_line

__all__ = ["Outcome", "Task", "WORKER_DIED", "evaluate", "evaluate_some", "rows_text"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker sends back: the rows as JSON text, or a message in their place."""

    index: int
    rows: str | None
    message: str


_COMPACT = json.JSONEncoder(separators=(",", ":"))

Task: TypeAlias = tuple[int, Callable[..., Rows], dict[str, Any], int]


def rows_text(rows: Any, taken: Collection[str]) -> str:
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
    return _COMPACT.encode(plain)


def evaluate(index: int, function: Callable[..., Rows], parameters: dict[str, Any], seed: int) -> Outcome:
    """Compute one cell with single-threaded linear algebra: the number of threads changes the last bits of a sum."""
    from noprune_theory.solvers._blas import one_thread

    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    try:
        with one_thread():
            rows = rows_text(function(np.random.default_rng(seed), **parameters), (*parameters, "seed"))
    except (Exception, SystemExit) as error:  # any failure of a cell is reported as such, with its place
        return Outcome(index, None, _describe(error))
    return Outcome(index, rows, "")


def evaluate_some(tasks: Sequence[Task], seconds: float) -> list[Outcome]:
    """Compute cells one after the other, the first in any case, and begin none after so many seconds."""
    from noprune_theory.solvers._blas import one_thread

    outcomes: list[Outcome] = []
    start = time.monotonic()
    with one_thread():  # cells enter again, which is cheap, because one may have loaded a library
        for task in tasks:
            outcomes.append(evaluate(*task))
            if time.monotonic() - start >= seconds:
                break
    return outcomes


def _describe(error: BaseException) -> str:
    """Return type, message and place of an error in one line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace is not None else ""
    return one_line(f"{type(error).__name__}: {error}{place}")


WORKER_DIED = "its worker died, and died again when it ran alone (killed, out of memory, or a crash in compiled code)"
