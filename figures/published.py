"""Curves of the paper's own figures, read from the vector graphics of its PDF.

`paper_curves.csv` (columns figure, series, x, y) was read off the paths of the published figures of arXiv 2402.01089
version 1 and is accurate to about 1e-3 of an axis. It holds some curves of Figures 1a, 2b and 4 (left), not all.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

from figures.table import Points, Row, Table, formula

PREFIX = "published "


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


def differences(table: Table, suffix: str = "") -> dict[str, float]:
    """Return, for each published series that the table also measures, the mean absolute difference.

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
                result[series.removeprefix(PREFIX)] = float(np.abs(gap).mean())
    return result


def said(gaps: dict[str, float]) -> str:
    """Return the differences in words."""
    if not gaps:
        return "No curve of this panel is held to compare with."
    overall = float(np.mean(list(gaps.values())))
    return f"Mean absolute difference from the published curves: {overall:.3f} ({each(gaps)})."


def each(gaps: dict[str, float]) -> str:
    """Return the differences of each series in words."""
    return ", ".join(f"{name} {gap:.3f}" for name, gap in gaps.items())


def published_points(table: Table, series: str) -> Points | None:
    """Return the published curve of a series, if the table holds it."""
    return table.points(PREFIX + series) if PREFIX + series in table.series else None
