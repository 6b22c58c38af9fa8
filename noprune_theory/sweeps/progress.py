"""The progress bar of a sweep."""

from __future__ import annotations

import contextlib
import datetime
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from noprune_theory._console import plain

__all__ = ["progress_bar"]


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
def progress_bar(label: str, total: int, reused: int, wanted: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function that counts so many more cells; draws nothing unless standard error is a terminal."""
    if not wanted or sys.stderr.closed or not sys.stderr.isatty():
        yield lambda _: None
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
        yield lambda count: progress.advance(bar, count)
