"""Section 4.1: p_eff of masks that know as much as they can, over p_eff of masks that know nothing.

At sparsity gamma the mask keeps k = (1 - gamma) p weights and knows at most log C(p, k); every kept weight adds
K = log(1 + 60 W J / epsilon). The ratio is 1 + log C(p, k) / (k K): the paper's Theta(log2(1 / (1 - gamma))) up to a
constant that depends on K, and never more than 1 + log(p) / K.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from figures.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILLION, Look, draw_formula, legend_below, new_figure
from figures.table import ContradictionError, Table, formula
from noprune_theory.bounds import Constants, effective_count_ratio, log_mask_count, log_net_size_per_weight
from noprune_theory.sweeps import Execution

NAME = "check_effective_ratio"
TITLE = "Section 4.1's ratio of effective parameter counts at finite p"

REACHES = (1.0, 1000.0)
LIMIT, ORDER = "p → ∞", "log2 1/(1 − γ), printed order"
LOOKS = (
    Look(BLUE, line=(0, (1, 1.2))),
    Look(GREEN, line=(0, (2.5, 1.2))),
    Look(ORANGE, line=(0, (6, 1.5))),
    Look(VERMILLION, line=(0, (4, 1.2, 1, 1.2))),
)


@dataclass(frozen=True)
class Settings:
    """Numbers of weights p, and points a curve."""

    weights: tuple[int, ...]
    points: int


SETTINGS = {"quick": Settings((100, 10_000, 1_000_000), 60), "paper": Settings((100, 1000, 10_000, 1_000_000), 200)}


def _series(reach: float, name: str) -> str:
    return f"WJ/ε = {reach:g}: {name}"


def compute(settings: Settings, execution: Execution) -> Table:
    """Evaluate the exact ratio at finite p, its limit, and the printed order."""
    rows = []
    for reach in REACHES:
        net = float(log_net_size_per_weight(reach, 1.0, 1.0, Constants.PAPER))
        for p in settings.weights:
            kept = np.unique(np.round(np.geomspace(1, 0.9 * p, settings.points)))[::-1]
            ratio = 1 + np.asarray(log_mask_count(p, kept)) / (kept * net)
            rows += formula(_series(reach, f"p = {p:,}"), p / kept, ratio)
        removed = 1 - 1 / np.geomspace(1.1, 1e6, settings.points)
        rows += formula(_series(reach, LIMIT), 1 / (1 - removed), effective_count_ratio(removed, net))
        rows += formula(_series(reach, ORDER), 1 / (1 - removed), -np.log2(1 - removed))
    return Table.of(NAME, rows)


def check(table: Table) -> None:
    """Compare with two facts: log C(p, k) <= p h(k / p), and the ratio is at most 1 + log(p) / K."""
    for reach in REACHES:
        net = float(log_net_size_per_weight(reach, 1.0, 1.0, Constants.PAPER))
        for name in (name for name in table.series if name.startswith(_series(reach, "p = "))):
            points = table.points(name)
            several = points.x < points.x.max()
            limit = np.asarray(effective_count_ratio(1 - 1 / points.x, net))
            if (points.y > limit * (1 + 1e-9)).any():
                raise ContradictionError(f"{name} exceeds its limit for many weights")
            p = points.x.max()
            if (points.y > 1 + np.log(p) / net + 1e-9).any() or (np.diff(points.y[several]) < -1e-12).any():
                raise ContradictionError(f"{name} is not increasing up to 1 + log(p) / K")


def caption(table: Table) -> str:
    """State the question and the numbers at 95% sparsity."""
    numbers = []
    for reach in REACHES:
        net = float(log_net_size_per_weight(reach, 1.0, 1.0, Constants.PAPER))
        numbers.append(f"{float(effective_count_ratio(0.95, net)):.2f} for WJ/ε = {reach:g}")
    return (
        "How many times more effective parameters can a mask bring by knowing the data? Exact ratio of the two "
        "counts of Section 4.1 at finite p, its limit, and the printed order log2 1/(1 − γ). At 95% sparsity the "
        f"printed order is {np.log2(20):.2f}, the limit {' and '.join(numbers)}: the logarithm of the net divides it. "
        "The ratio diverges only if p grows first; at finite p it ends at 1 + log(p)/K. All curves are formulas."
    )


def draw(table: Table) -> Figure:
    """Draw one panel for each value of WJ / epsilon."""
    figure, panels = new_figure(2, width=7.4, height=3.5, sharey=True)
    for axes, reach in zip(panels, REACHES, strict=True):
        prefix = _series(reach, "")
        names = [name.removeprefix(prefix) for name in table.series if name.startswith(prefix)]
        finite = [name for name in names if name.startswith("p = ")]
        draw_formula(axes, table.points(prefix + LIMIT), Look(BLACK), LIMIT)
        for name, look in zip(finite, LOOKS, strict=False):
            draw_formula(axes, table.points(prefix + name), look, name)
        axes.set_ylim(1, 6.5)
        draw_formula(
            axes, table.points(prefix + ORDER), Look(GREY, line=(0, (3, 2))), r"$\log_2 1/(1-\gamma)$, printed"
        )
        axes.set(xscale="log", xlabel=r"$1 / (1 - \gamma)$")
        axes.set_title(f"$WJ/\\varepsilon = {reach:g}$", loc="left")
    panels[0].set_ylabel(r"$p_{\mathrm{eff}}$ of informed over blind masks")
    legend_below(figure, panels[1], columns=3)
    return figure
