"""Curves of the paper's own figures, read from the vector graphics of its PDF.

`paper_curves.csv` (columns figure, series, x, y) was read off the paths of the published figures of arXiv 2402.01089
version 1 and is accurate to about 1e-3 of an axis. It holds some curves of Figures 1a, 2b and 4 (left), not all.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from figures.style import GREY, Look, draw_published
from figures.table import Points, Row, Table, formula
from noprune_theory._types import FloatArray

PREFIX = "published "

QUOTED_SECOND_ROUND = {25: 0.04, 50: 0.36}
"""Of Figure 2a, of which no curve is held: correlation after so many epochs of the second round, read off by eye."""

QUOTED_LEVELS = {0.2: 0.95, 0.3: 0.60, 0.5: 0.13}
"""Of Figure 2c, of which no curve is held: correlation after 100 epochs by level of noise, read off by eye."""


@cache
def _curves() -> dict[tuple[str, str], tuple[tuple[float, float], ...]]:
    curves: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with Path(__file__).with_name("paper_curves.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            curves.setdefault((row["figure"], row["series"]), []).append((float(row["x"]), float(row["y"])))
    return {name: tuple(sorted(points)) for name, points in curves.items()}


def published_rows(figure: str) -> list[Row]:
    """Return the published curves of a figure, their series marked by `PREFIX`; n = 0, as we did not measure them."""
    rows: list[Row] = []
    for (name, series), points in _curves().items():
        if name == figure:
            x, y = np.array(points).T
            rows += formula(PREFIX + series, x, y)
    return rows


def _gaps(table: Table, suffix: str) -> dict[str, FloatArray]:
    """Return ours less theirs, for each published series that the table also measures.

    Taken at our abscissas inside the range of the published curve, which is interpolated linearly. With a suffix, our
    series of that name are compared.
    """
    result = {}
    for series in table.series:
        if series.startswith(PREFIX) and series.removeprefix(PREFIX) + suffix in table.series:
            ours, theirs = table.points(series.removeprefix(PREFIX) + suffix), table.points(series)
            inside = (ours.x >= theirs.x.min() - 1e-9) & (ours.x <= theirs.x.max() + 1e-9)
            if inside.any():
                gap = ours.y[inside] - np.interp(ours.x[inside], theirs.x, theirs.y)
                result[series.removeprefix(PREFIX)] = gap
    return result


def differences(table: Table, suffix: str = "") -> dict[str, float]:
    """Return the mean absolute difference from each published series that the table also measures.

    Parameters
    ----------
    table : Table
    suffix : str
        Compare our series whose names end so.
    """
    return {series: float(np.abs(gap).mean()) for series, gap in _gaps(table, suffix).items()}


def order_kept(table: Table, suffix: str = "", separation: float = 0.1) -> str:
    """Say at how many places two published series lie apart by more than `separation`, and how often ours keep order.

    A place is one of our abscissas inside the range of two published curves. With a suffix, our series of that name are
    compared.
    """
    compared = agreeing = 0
    known = [name.removeprefix(PREFIX) for name in table.series if name.startswith(PREFIX)]
    for names in itertools.combinations([name for name in known if name + suffix in table.series], 2):
        ours = [table.points(name + suffix) for name in names]
        theirs = [table.points(PREFIX + name) for name in names]
        for x in np.intersect1d(ours[0].x, ours[1].x):
            if all(points.x.min() - 1e-9 <= x <= points.x.max() + 1e-9 for points in theirs):
                gap = np.interp(x, theirs[0].x, theirs[0].y) - np.interp(x, theirs[1].x, theirs[1].y)
                mine = ours[0].y[ours[0].x == x][0] - ours[1].y[ours[1].x == x][0]
                compared += bool(abs(gap) > separation)
                agreeing += bool(abs(gap) > separation and mine * gap > 0)
    return (
        f"Where two published curves lie more than {separation:g} apart, ours have the same order at {agreeing} of "
        f"{compared} places."
    )


def said(table: Table) -> str:
    """Return the differences in words."""
    gaps = differences(table)
    if not gaps:
        return "No curve of this panel is held to compare with."
    overall = float(np.mean(list(gaps.values())))
    return f"Mean absolute difference from the published curves: {overall:.3f}; {each(table)}."


def each(table: Table, suffix: str = "") -> str:
    """Return in words the mean absolute difference of each series, and the mean of ours less theirs in brackets."""
    gaps = _gaps(table, suffix)
    return ", ".join(f"{name} {np.abs(gap).mean():.3f} ({gap.mean():+.3f})" for name, gap in gaps.items())


def published_points(table: Table, series: str) -> Points | None:
    """Return the published curve of a series, if the table holds it."""
    return table.points(PREFIX + series) if PREFIX + series in table.series else None


def label_published(axes: Axes, series: Iterable[str]) -> None:
    """Add an entry for the published curves to the legend, if there are any."""
    if any(name.startswith(PREFIX) for name in series):
        nowhere = Points(np.empty(0), np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
        draw_published(axes, nowhere, Look(GREY), "published")
