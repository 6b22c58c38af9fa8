"""Theorem 4 in all its versions against the truth: what its constants cost.

The smallest Lipschitz constant of a masked linear fit below the noise level (as in `check_law_of_robustness`, but at
delta = 1/4) over each version of the bound: printed constants; sharp constants; the split of epsilon and delta
optimised, with the net inside the mask, for mutual information and for maximal leakage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.figure import Figure

from figures.check_law_of_robustness import Design, smoothest_fit_cell
from figures.style import BLUE, GREEN, GREY, ORANGE, Look, draw_measured, legend_below, new_figure, plain_ticks
from figures.table import ContradictionError, Row, Table, measured
from noprune_theory._types import FloatArray
from noprune_theory.bounds import (
    Constants,
    MaximalLeakage,
    MutualInformation,
    log_mask_count,
    log_net_size_per_weight,
    theorem_4,
    theorem_4_condition,
    theorem_4_optimised,
)
from noprune_theory.sweeps import Execution, run_sweep

NAME = "check_slack"
TITLE = "Measured Lipschitz constant over every version of Theorem 4"

DELTA = 0.25
DATA_RADIUS, RADIUS = 2.0, 4.0
RULES = {"random": "random masks", "correlation": "masks by correlation"}
PRINTED, LEAKAGE = "printed constants", "optimised, maximal leakage"
VERSIONS = {
    PRINTED: Look(GREY, "x", (0, (1, 1.2))),
    "sharp constants": Look(ORANGE, "s", (0, (6, 1.5))),
    "optimised, mutual information": Look(BLUE, "o", "-"),
    LEAKAGE: Look(GREEN, "^", (0, (4, 1.2, 1, 1.2))),
}


@dataclass(frozen=True)
class Settings:
    """Sizes: n samples, keep = 5n/4 weights of p = d = 2 keep, MSE at most 1 - epsilon.

    Attributes
    ----------
    seeds : mapping of int to int
        Data sets drawn for each n.
    epsilon : float
    """

    seeds: dict[int, int]
    epsilon: float


SETTINGS = {
    "quick": Settings({48: 4, 100: 4, 200: 2, 400: 2, 800: 1, 2200: 1}, 0.9),
    "paper": Settings({48: 50, 100: 50, 200: 20, 400: 20, 800: 10, 1600: 4, 2200: 3, 3200: 2}, 0.9),
}


def _bounds(design: Design, epsilon: float) -> dict[str, float]:
    """Return every version of Theorem 4 that applies to a design and proves something."""
    n, d, keep = design.n, design.dimension, design.keep
    information = 0.0 if design.rule == "random" else float(log_mask_count(d, keep))
    diameter = 2 * RADIUS * math.sqrt(n * d / keep)
    bounds = {}
    for version, constants in ((PRINTED, Constants.PAPER), ("sharp constants", Constants.SHARP)):
        if n * epsilon**2 >= theorem_4_condition(1, DELTA, constants):
            weight = float(log_net_size_per_weight(diameter, DATA_RADIUS, epsilon, constants))
            bounds[version] = float(theorem_4(n, d, 1, epsilon, DELTA, 1.0, information + keep * weight, constants))
    for version, dependence in (
        ("optimised, mutual information", MutualInformation(information)),
        (LEAKAGE, MaximalLeakage(information)),
    ):
        found = theorem_4_optimised(
            n,
            d,
            1,
            epsilon,
            DELTA,
            1.0,
            mask_size=keep,
            diameter=diameter,
            parameter_lipschitz=DATA_RADIUS,
            dependence=dependence,
        )
        if float(found.lipschitz) > 0:
            bounds[version] = float(found.lipschitz)
    return bounds


def _ratio_rows(design: Design, lipschitz: FloatArray, epsilon: float) -> list[Row]:
    label = RULES[design.rule]
    return [
        measured(f"{label}: {version}", design.n, lipschitz / bound)
        for version, bound in _bounds(design, epsilon).items()
    ]


def compute(settings: Settings, execution: Execution) -> Table:
    """Fit, and divide by every bound that applies."""
    rows = []
    for n, seeds in settings.seeds.items():
        keep = round(1.25 * n)
        designs = [Design(rule, n, 2 * keep, keep) for rule in RULES]
        cells = [
            {"rule": d.rule, "n": d.n, "dimension": d.dimension, "keep": d.keep, "epsilon": settings.epsilon}
            for d in designs
        ]
        sweep = run_sweep(smoothest_fit_cell, cells, version=1, seeds=range(seeds), execution=execution)
        table = sweep.complete_table()
        for design, cell in zip(designs, cells, strict=True):
            rows += _ratio_rows(design, table.where(**cell).column("lipschitz"), settings.epsilon)
    return Table.of(NAME, rows)


def check(table: Table) -> None:
    """Demand that no bound exceeds what was measured, and that leakage comes at least 15 times closer than printed."""
    for series in table.series:
        if not (table.points(series).y >= 1).all():
            raise ContradictionError(f"{series}: a measured Lipschitz constant is below the bound, or no fit was found")
    for label in RULES.values():
        if f"{label}: {PRINTED}" not in table.series:
            continue  # no n of these settings meets the printed condition
        printed, leakage = table.points(f"{label}: {PRINTED}"), table.points(f"{label}: {LEAKAGE}")
        if printed.y[-1] < 15 * leakage.y[leakage.x == printed.x[-1]][0]:
            raise ContradictionError(f"{label}: the leakage version is not 15 times closer than the printed one")


def caption(table: Table) -> str:
    """State the question and the ratios at the largest n."""
    largest = max(row.x for row in table.rows)
    said = []
    for label in RULES.values():
        ratios = []
        for version in VERSIONS:
            series = f"{label}: {version}"
            if series in table.series:
                points = table.points(series)
                ratios.append(f"{points.y[points.x == points.x.max()][0]:,.0f} ({version})")
        said.append(f"{label} " + ", ".join(ratios))
    return (
        "How far is each version of Theorem 4 from the smoothest linear fit below the noise? Measured Lipschitz "
        f"constant over bound, δ = {DELTA}, half of p = 5n/2 weights kept, MSE at most 0.1 on fair signs; a version "
        f"stands where its condition on n holds and it proves something. At the largest n, {largest:,.0f}: "
        f"{'; '.join(said)}. What remains with leakage is the logarithm of the net, the factor 8 of the concentration, "
        "and the half of ε that the correlation with the noise may take."
    )


def draw(table: Table) -> Figure:
    """Draw one panel a rule."""
    figure, panels = new_figure(2, width=7.4, height=3.7, sharey=True)
    for axes, label in zip(panels, RULES.values(), strict=True):
        for version, look in VERSIONS.items():
            series = f"{label}: {version}"
            if series in table.series:
                draw_measured(axes, table.points(series), look, version)
        axes.axhline(1, color="#444444", linewidth=0.8)
        axes.set(xscale="log", yscale="log", xlabel="samples $n$")
        axes.set_title(label, loc="left")
        plain_ticks(axes.xaxis)
    panels[0].set_ylabel("measured over bound")
    legend_below(figure, panels[0], columns=2)
    return figure
