"""Every version of the law of robustness beside what `check_law_of_robustness` measures."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from figures.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, Look, plain_ticks
from figures.table import Table
from noprune_theory._types import FloatArray

__all__ = ["LAW_DELTA", "VERSIONS", "draw_ratios", "measured_over", "versions_of"]

#: The versions of the law by the statements that prove them; a series has the label of the rule before the version.
VERSIONS = {
    "sharp-gordon": ("Gordon", Look(BLACK, "*")),
    "sharp-gaussian-width": ("Gaussian width", Look(VERMILLION, "P")),
    "sharp-all-masks": ("all masks at once", Look(ORANGE, "h")),
    "sharp-independent-noise": ("linear class", Look(PURPLE, "D")),
    "sharp-linear-class": ("linear class, Definition 1 alone", Look(SKY, "v")),
    "sharp-threshold": ("Theorem 4, exact threshold", Look(BLUE, "s")),
    "theorem-4": ("Theorem 4, optimised", Look(GREEN, "^")),
    "sharp-any-function": ("any function at all", Look(GREY, "X")),
}
LAW_DELTA = 0.1


def measured_over(table: Table, series: str) -> tuple[FloatArray, FloatArray]:
    """Return the abscissas of a version of the law, and measured over bound there: the series of the rule has them."""
    measured_at: dict[float, list[float]] = {}
    points = table.points(series.split(": ", maxsplit=1)[0])
    for x, y in zip(points.x.tolist(), points.y.tolist(), strict=True):
        measured_at.setdefault(x, []).append(y)
    points = table.points(series)
    ratios = [max(measured_at[x]) / y for x, y in zip(points.x.tolist(), points.y.tolist(), strict=True)]
    return points.x, np.array(ratios)


def versions_of(table: Table, label: str) -> dict[str, Look]:
    """Return the series of the versions of one rule for masks, with their looks."""
    named = {f"{label}: {version}": look for version, look in VERSIONS.values()}
    return {series: look for series, look in named.items() if series in table.series}


def draw_ratios(axes: Axes, table: Table) -> None:
    """Draw measured over bound for every version: filled for random masks, open for masks by correlation."""
    for rule in ("random masks", "masks by correlation"):
        for series, look in versions_of(table, rule).items():
            x, ratios = measured_over(table, series)
            filled = rule == "random masks"
            axes.plot(
                x,
                ratios,
                color=look.color,
                marker=look.marker,
                markersize=4.5,
                markerfacecolor=look.color if filled else "white",
                linestyle="none",
                label=series.split(": ")[1] if filled else None,
            )
    axes.axhline(1, color="#444444", linewidth=0.8)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel=r"$\sqrt{n d / p_{\mathrm{eff}}}$",
        ylabel="measured over bound",
        ylim=(0.8, None),
    )
    axes.set_title("every version: random masks (filled), by correlation (open)", loc="left", fontsize=9)
    plain_ticks(axes.xaxis)
