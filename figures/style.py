"""How things are drawn: one look for every figure.

Colours are those of Okabe and Ito (2008), which stay apart for all common kinds of colour blindness; every series also
has its own marker and line pattern, so that a figure reads in grey. Measured points have markers, formulas are lines
without markers, and curves taken from the paper are pale and wide, behind everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from figures.table import Points

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#777777"


@dataclass(frozen=True, slots=True)
class Look:
    """Colour, marker and line pattern of a series."""

    color: str
    marker: str = "o"
    line: str | tuple[int, tuple[float, ...]] = "-"


#: Pruning methods look the same in every figure.
METHODS: dict[str, Look] = {
    "IMP": Look(BLUE, "o", "-"),
    "SNIP": Look(ORANGE, "s", (0, (6, 1.5))),
    "Random": Look(BLACK, "x", (0, (1, 1.2))),
    "SynFlow": Look(GREEN, "^", (0, (4, 1.2, 1, 1.2))),
    "GraSP": Look(VERMILLION, "D", (0, (2.5, 1.2))),
    "MagAfter": Look(PURPLE, "v", (0, (6, 1.2, 1, 1.2, 1, 1.2))),
}

#: A sequence of looks for series that are not pruning methods.
CYCLE: tuple[Look, ...] = (
    Look(BLUE, "o", "-"),
    Look(VERMILLION, "s", (0, (6, 1.5))),
    Look(GREEN, "^", (0, (4, 1.2, 1, 1.2))),
    Look(ORANGE, "D", (0, (2.5, 1.2))),
    Look(PURPLE, "v", (0, (6, 1.2, 1, 1.2, 1, 1.2))),
    Look(SKY, "P", (0, (1, 1.2))),
    Look(BLACK, "x", (0, (3, 2))),
)


@contextmanager
def paper_style() -> Iterator[None]:
    """Draw with `paper.mplstyle`, and with nothing else that the user may have configured."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.style.use(Path(__file__).with_name("paper.mplstyle"))
        yield


def new_figure(
    columns: int = 1, *, rows: int = 1, width: float = 5.6, height: float = 3.9, sharey: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return a figure and its axes, row by row."""
    figure = Figure(figsize=(width, height))
    axes = figure.subplots(rows, columns, squeeze=False, sharey=sharey)
    return figure, list(axes.flat)


def draw_measured(axes: Axes, points: Points, look: Look, label: str, *, line: bool = True) -> None:
    """Draw measured means: markers, a band or bars of one standard error, and a line through them if asked."""
    errors = None if np.isnan(points.stderr).all() else np.nan_to_num(points.stderr)
    hollow = look.marker not in "x+"
    axes.errorbar(
        points.x,
        points.y,
        yerr=errors,
        color=look.color,
        marker=look.marker,
        markerfacecolor="white" if hollow else look.color,
        linestyle=look.line if line else "none",
        elinewidth=0.9,
        label=label,
        zorder=3,
    )


def draw_formula(axes: Axes, points: Points, look: Look, label: str) -> None:
    """Draw the values of a formula: a line without markers."""
    axes.plot(points.x, points.y, color=look.color, linestyle=look.line, label=label, zorder=2)


def draw_published(axes: Axes, points: Points, look: Look, label: str | None = None) -> None:
    """Draw a curve read off the paper's figure: wide and pale, behind ours."""
    axes.plot(
        points.x, points.y, color=look.color, alpha=0.28, linewidth=4.5, label=label, zorder=1, solid_capstyle="round"
    )


def plain_ticks(axis: Axis, *, minor: tuple[float, ...] = (2, 5)) -> None:
    """Label a logarithmic axis with plain numbers at powers of ten and at `minor` times them."""
    axis.set_major_locator(LogLocator(base=10, subs=(1.0, *minor)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def legend_below(figure: Figure, axes: Axes, *, columns: int) -> None:
    """Put one legend, with the entries of `axes`, below all panels."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=columns)
