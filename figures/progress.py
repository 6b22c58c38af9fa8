"""The progress bar of all figures at once: the cells that are known so far."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

__all__ = ["CellsBar", "cells_bar"]


class CellsBar:
    """A bar, or nothing where standard error is no terminal."""

    def __init__(self, progress: Any = None) -> None:
        self._progress = progress
        self._task = None if progress is None else progress.add_task("figures", total=None)

    def update(self, done: int, known: int) -> None:
        """Show how many of the cells that are known are done; any thread may call it."""
        if self._progress is not None:
            self._progress.update(self._task, completed=done, total=known)

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """Take the bar away while something else is written."""
        if self._progress is None:
            yield
            return
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()


@contextlib.contextmanager
def cells_bar() -> Iterator[CellsBar]:
    """Yield a bar on standard error that goes away at the end."""
    if sys.stderr.closed or not sys.stderr.isatty():
        yield CellsBar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, expand=True) as progress:
        yield CellsBar(progress)
