"""Which entropy estimators may be believed, and from how many samples, on distributions whose entropy is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.statistics import clopper_pearson
from figures.style import BLACK, CYCLE, GREY, Look, draw_measured, new_figure, plain_ticks
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


def _probabilities(distribution: str, classes: int) -> FloatArray:
    if distribution != TOY:
        return zipf_distribution(classes, 0.0 if distribution == UNIFORM else 1.0)
    network = MLP.draw(np.random.default_rng(0), (3, 4, 1), prune_biases=True)
    training = Training(epochs=1000, optimizer=GradientDescent(0.5))
    return toy_mask_probabilities(network, "magnitude_after", TOY_KEPT, training=training, distinct_inputs=True)


def coverage_cell(
    rng: np.random.Generator, *, distribution: str, classes: int, size: int, repetitions: int
) -> list[dict[str, Any]]:
    """Estimate the entropy from repeated samples by all methods; return how often the intervals hold it."""
    probabilities = _probabilities(distribution, classes)
    rows = coverage_study({distribution: probabilities}, [size], repetitions=repetitions, rng=rng)
    return [
        {
            "method": row.method,
            "coverage": row.nominal_coverage,
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
        size=settings.sizes,
        repetitions=[settings.repetitions],
    )
    table = run_sweep(coverage_cell, cells, version=2, execution=execution).complete_table()
    count = settings.repetitions
    rows = []
    for distribution in DISTRIBUTIONS:
        for method in ENTROPY_ESTIMATORS:
            for size in settings.sizes:
                cell = table.where(distribution=distribution, size=size, method=method)
                share = float(cell.column("coverage")[0])
                error = math.sqrt(share * (1 - share) / count)
                rows.append(Row(f"{distribution}: {LABELS[method]}", size, share, error, count))
                if method == "plug_in":
                    safe = float(cell.column("guaranteed")[0])
                    rows.append(
                        Row(f"{distribution}: {GUARANTEED}", size, safe, math.sqrt(safe * (1 - safe) / count), count)
                    )
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


def caption(table: Table) -> str:
    """State the question and the coverage at about one sample a class."""
    at_thousand = ", ".join(
        f"{label} {np.interp(1000, table.points(f'Zipf: {label}').x, table.points(f'Zipf: {label}').y):.0%}"
        for label in LABELS.values()
    )
    return (
        "Which intervals for an entropy may be believed? Share of samples whose interval value ± 1.96 standard errors "
        "holds the exact entropy, against the number of samples: 877 classes, uniform and Zipf, and the masks of the "
        "toy network of Figure 4 (magnitude after training, 11 of 21 parameters pruned, distinct inputs). At 1,000 "
        f"samples of the Zipf law: {at_thousand}. The guaranteed interval, which needs a ceiling on the number of "
        f"classes, covers everywhere. {int(table.rows[0].n)} repetitions a point; NSB is told the number of classes."
    )


def draw(table: Table) -> Figure:
    """Draw one panel a distribution."""
    figure, panels = new_figure(3, width=8.6, height=3.7, sharey=True)
    for axes, distribution in zip(panels, DISTRIBUTIONS, strict=True):
        axes.axhline(NOMINAL, color=GREY, linewidth=0.8, linestyle=(0, (1, 1.2)))
        guaranteed = Look(BLACK, "*")
        draw_measured(axes, table.points(f"{distribution}: {GUARANTEED}"), guaranteed, GUARANTEED)
        for method, label in LABELS.items():
            draw_measured(axes, table.points(f"{distribution}: {label}"), LOOKS[method], label)
        axes.set(xscale="log", xlabel="samples", ylim=(-0.03, 1.05))
        plain_ticks(axes.xaxis, minor=(3,))
        axes.set_title(distribution, loc="left")
    panels[0].set_ylabel("coverage of nominal 95% intervals")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure
