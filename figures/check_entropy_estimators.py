"""Which entropy estimators may be believed, and from how many samples, on distributions whose entropy is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.statistics import clopper_pearson
from figures.style import BLACK, CYCLE, GREY, Look, draw_measured, legend_below, new_figure, plain_ticks
from figures.table import ContradictionError, Row, Table
from noprune_theory._types import FloatArray
from noprune_theory.information import ENTROPY_ESTIMATORS, toy_mask_probabilities
from noprune_theory.information.coverage import coverage_study, zipf_distribution
from noprune_theory.models import MLP
from noprune_theory.solvers import GradientDescent, Training
from noprune_theory.sweeps import Execution, grid, run_sweep

NAME = "check_entropy_estimators"
TITLE = "Coverage of entropy intervals against the number of samples"

UNIFORM, ZIPF, TOY = "uniform", "Zipf", "toy masks"
DISTRIBUTIONS = (UNIFORM, ZIPF, TOY)
#: Weights kept by the toy masks: magnitude after training, 21 parameters, the first initialisation.
TOY_KEPT = 10
GUARANTEED = "guaranteed interval"
#: The endings of the names of the two intervals of an estimate.
INTERVALS = {"": "value ± 1.96 standard errors", ", widened": "interval as returned"}
NOMINAL = 0.95
LABELS = {
    "plug_in": "plug-in",
    "miller_madow": "Miller-Madow",
    "grassberger": "Grassberger",
    "jackknife": "jackknife",
    "chao_shen": "Chao-Shen",
    "chao_wang_jost": "Chao-Wang-Jost",
    "nsb": "NSB",
}
LOOKS = dict(zip(LABELS, CYCLE, strict=True))


@dataclass(frozen=True)
class Settings:
    """Number of classes, sample sizes, and samples drawn for each."""

    classes: int
    sizes: tuple[int, ...]
    repetitions: int


SETTINGS = {
    "quick": Settings(877, (100, 1000, 10_000), 20),
    "paper": Settings(877, (100, 200, 500, 1000, 2000, 5000, 10_000, 32_000), 100),
}


def _probabilities(distribution: str, classes: int, toy_kept: int) -> FloatArray:
    if distribution != TOY:
        return zipf_distribution(classes, 0.0 if distribution == UNIFORM else 1.0)
    network = MLP.draw(np.random.default_rng(0), (3, 4, 1), prune_biases=True)
    training = Training(epochs=1000, optimizer=GradientDescent(0.5))
    return toy_mask_probabilities(network, "magnitude_after", toy_kept, training=training, distinct_inputs=True)


def coverage_cell(
    rng: np.random.Generator, *, distribution: str, classes: int, toy_kept: int, size: int, repetitions: int
) -> list[dict[str, Any]]:
    """Estimate the entropy from repeated samples by all methods; return how often the intervals hold it."""
    probabilities = _probabilities(distribution, classes, toy_kept)
    rows = coverage_study({distribution: probabilities}, [size], repetitions=repetitions, rng=rng)
    return [
        {
            "method": row.method,
            "nominal": row.nominal_coverage,
            "widened": row.coverage,
            "guaranteed": row.guaranteed_coverage,
            "bias": row.bias,
        }
        for row in rows
    ]


def compute(settings: Settings, execution: Execution) -> Table:
    """Run the study."""
    cells = grid(
        distribution=DISTRIBUTIONS,
        classes=[settings.classes],
        toy_kept=[TOY_KEPT],
        size=settings.sizes,
        repetitions=[settings.repetitions],
    )
    table = run_sweep(coverage_cell, cells, version=4, execution=execution).complete_table()

    def row(series: str, size: int, share: float) -> Row:
        return Row(series, size, share, math.sqrt(share * (1 - share) / settings.repetitions), settings.repetitions)

    rows = []
    for distribution in DISTRIBUTIONS:
        for method in ENTROPY_ESTIMATORS:
            label = f"{distribution}: {LABELS[method]}"
            for size in settings.sizes:
                cell = table.where(distribution=distribution, size=size, method=method)
                for ending, column in zip(INTERVALS, ("nominal", "widened"), strict=True):
                    rows.append(row(label + ending, size, float(cell.column(column)[0])))
                if method == "plug_in":
                    rows.append(row(f"{distribution}: {GUARANTEED}", size, float(cell.column("guaranteed")[0])))
    return Table.of(NAME, rows)


def check(table: Table) -> None:
    """Demand that the guaranteed interval covers, and that the plug-in interval does not at a few samples a class."""
    for distribution in DISTRIBUTIONS:
        safe = table.points(f"{distribution}: {GUARANTEED}")
        for share, count in zip(safe.y, safe.n, strict=True):
            if clopper_pearson(round(share * count), int(count))[1] < NOMINAL:
                raise ContradictionError(
                    f"{distribution}: the guaranteed interval covers in {share:.0%} of {count} samples"
                )
        plug_in = table.points(f"{distribution}: plug-in")
        if plug_in.y[plug_in.x <= 1000].max() >= NOMINAL:
            raise ContradictionError(f"{distribution}: the plug-in interval covers at 1,000 samples, against its bias")


def _at_thousand(table: Table, ending: str) -> str:
    shares = []
    for label in LABELS.values():
        points = table.points(f"Zipf: {label}{ending}")
        shares.append(f"{label} {np.interp(1000, points.x, points.y):.0%}")
    return ", ".join(shares)


def caption(table: Table) -> str:
    """State the question and the coverage at about one sample a class."""
    return (
        "Which intervals for an entropy may be believed? Share of samples whose interval holds the exact entropy, "
        "against the number of samples: 877 classes, uniform and Zipf, and the masks of the toy network of Figure 4 "
        "(magnitude after training, 11 of 21 parameters pruned, distinct inputs). Top: value ± 1.96 standard errors. "
        "Bottom: the interval that `estimate_entropy` returns, which is widened for the bias. At 1,000 "
        f"samples of the Zipf law, top: {_at_thousand(table, '')}; bottom: {_at_thousand(table, ', widened')}. The "
        "guaranteed interval, which needs a ceiling on the number of classes, covers everywhere. "
        f"{int(table.rows[0].n)} repetitions a point; NSB is told the number of classes."
    )


def draw(table: Table) -> Figure:
    """Draw one column a distribution, one row an interval."""
    figure, panels = new_figure(3, rows=2, width=8.6, height=5.8, sharey=True)
    for place, axes in enumerate(panels):
        distribution, ending = DISTRIBUTIONS[place % 3], list(INTERVALS)[place // 3]
        axes.axhline(NOMINAL, color=GREY, linewidth=0.8, linestyle=(0, (1, 1.2)))
        draw_measured(axes, table.points(f"{distribution}: {GUARANTEED}"), Look(BLACK, "*"), GUARANTEED)
        for method, label in LABELS.items():
            draw_measured(axes, table.points(f"{distribution}: {label}{ending}"), LOOKS[method], label)
        axes.set(xscale="log", ylim=(-0.03, 1.05), xlabel="samples" if ending else "")
        plain_ticks(axes.xaxis, minor=(3,))
        if not ending:
            axes.set_title(distribution, loc="left")
        if place % 3 == 0:
            axes.set_ylabel(f"coverage,\n{INTERVALS[ending]}")
    legend_below(figure, panels[0], columns=4)
    return figure
