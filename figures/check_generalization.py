"""Theorems 5 and 6 of the paper against classes whose generalisation gap is known.

*Theorem 5.* H holds the indicators of at most v points, x is uniform on [0, 1], y = 1, and there are m = v + 2 samples;
W is constant, so that I = 0. The indicator of v of the sample points errs on 2 of them and on everything else: the gap
is v / (v + 2), in every draw.

*Theorem 6.* One function h(x) = b x, x a fair sign, the loss is the prediction, clipped to [-b, b], and there is one
sample: the gap is b, in every draw, and the Rademacher complexity of one function has mean 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.style import BLACK, BLUE, VERMILLION, Look, draw_formula, draw_measured, new_figure
from figures.table import ContradictionError, Table, formula, measured
from noprune_theory.bounds import Constants, theorem_5, theorem_6
from noprune_theory.sweeps import Execution, grid, run_sweep

NAME = "check_generalization"
TITLE = "Theorems 5 and 6, printed and repaired, against measured gaps"

MEASURED, PRINTED, REPAIRED = "measured gap", "as printed", "repaired"
FIFTH, SIXTH = "Theorem 5: ", "Theorem 6: "
DELTA = 0.5


@dataclass(frozen=True)
class Settings:
    """VC dimensions and loss bounds at which the gap is measured, seeds, and points a curve."""

    dimensions: tuple[int, ...]
    loss_bounds: tuple[float, ...]
    seeds: int
    points: int


SETTINGS = {
    "quick": Settings((1, 10, 100, 1000, 10_000, 100_000), (1.0, 10.0, 100.0, 1e3, 1e4, 1e5), 2, 80),
    "paper": Settings(
        (1, 3, 10, 30, 100, 300, 1000, 10_000, 30_000, 100_000, 1_000_000), (1.0, 10.0, 100.0, 1e3, 1e4, 1e5), 20, 200
    ),
}


def indicator_gap(rng: np.random.Generator, *, dimension: int) -> dict[str, Any]:
    """Draw m = v + 2 points, keep the indicator of v of them, and measure its gap on 1,000 new points."""
    sample, fresh = rng.random(dimension + 2), rng.random(1000)
    chosen = np.sort(rng.permutation(sample)[:dimension])

    def loss(points: Any) -> float:
        position = np.minimum(np.searchsorted(chosen, points), dimension - 1)
        return float(np.mean(chosen[position] != points))

    return {"gap": abs(loss(fresh) - loss(sample))}


def single_function_gap(rng: np.random.Generator, *, loss_bound: float) -> dict[str, Any]:
    """Draw one sign; the loss b x has mean 0, exactly, over the two equally likely signs."""
    sign = float(rng.choice([-1.0, 1.0]))
    losses = np.clip(loss_bound * np.array([-1.0, 1.0]), -loss_bound, loss_bound)
    return {"gap": abs(float(losses.mean()) - float(np.clip(loss_bound * sign, -loss_bound, loss_bound)))}


def compute(settings: Settings, execution: Execution) -> Table:
    """Measure both gaps, and evaluate both theorems with I = 0 and delta = 1/2."""
    rows = []
    seeds = range(settings.seeds)
    gaps = run_sweep(
        indicator_gap, grid(dimension=settings.dimensions), version=1, seeds=seeds, execution=execution
    ).complete_table()
    rows += [measured(FIFTH + MEASURED, v, gaps.where(dimension=v).column("gap")) for v in settings.dimensions]
    v = np.unique(np.round(np.geomspace(1, max(settings.dimensions), settings.points)))
    rows += formula(FIFTH + PRINTED, v, theorem_5(v + 2, v, 0.0, DELTA, Constants.PAPER))
    rows += formula(FIFTH + REPAIRED, v, theorem_5(v + 2, v, 0.0, DELTA, Constants.SHARP))

    gaps = run_sweep(
        single_function_gap, grid(loss_bound=settings.loss_bounds), version=1, seeds=seeds, execution=execution
    ).complete_table()
    rows += [measured(SIXTH + MEASURED, b, gaps.where(loss_bound=b).column("gap")) for b in settings.loss_bounds]
    b = np.geomspace(min(settings.loss_bounds), max(settings.loss_bounds), settings.points)
    rows += formula(SIXTH + PRINTED, b, theorem_6(1, b, 0.0, 0.0, DELTA, Constants.PAPER))
    rows += formula(SIXTH + REPAIRED, b, theorem_6(1, b, 0.0, 0.0, DELTA, Constants.SHARP))
    return Table.of(NAME, rows)


def _at(table: Table, name: str, theorem: str) -> Any:
    """Return a bound at the abscissas of the measurements."""
    points = table.points(theorem + name)
    return np.interp(np.log(table.points(theorem + MEASURED).x), np.log(points.x), points.y)


def check(table: Table) -> None:
    """Demand that the repaired theorems hold and that the measurements refute the printed ones."""
    for theorem in (FIFTH, SIXTH):
        gap = table.points(theorem + MEASURED)
        if (gap.y > _at(table, REPAIRED, theorem) * (1 + 1e-9)).any():
            raise ContradictionError(f"{theorem}the repaired bound is below a measured gap")
        if not (gap.y > _at(table, PRINTED, theorem)).any():
            raise ContradictionError(
                f"{theorem}the printed bound is nowhere below a measured gap, although it is refuted"
            )


def _crossing(table: Table, theorem: str) -> float:
    gap = table.points(theorem + MEASURED)
    return float(gap.x[gap.y > _at(table, PRINTED, theorem)].min())


def caption(table: Table) -> str:
    """State the question and where the printed theorems fail."""
    return (
        "Do Theorems 5 and 6 hold? Left: largest generalisation gap of indicators of at most v points on v + 2 "
        f"samples, where the printed Theorem 5 fails from v = {_crossing(table, FIFTH):,.0f} on among those measured. "
        "Right: one function with losses in [-b, b] and one sample, where the printed Theorem 6, which has b in place "
        f"of b², fails from b = {_crossing(table, SIXTH):,.0f} on. The repaired theorems hold in both. I = 0, δ = 1/2; "
        "the gap is the same in every draw."
    )


def draw(table: Table) -> Figure:
    """Draw one panel a theorem."""
    figure, panels = new_figure(2, width=7.4, height=3.4)
    labels = {FIFTH: ("VC dimension $v$", "generalisation gap"), SIXTH: ("largest loss $b$", "")}
    for axes, theorem in zip(panels, labels, strict=True):
        gap, printed = table.points(theorem + MEASURED), table.points(theorem + PRINTED)
        draw_formula(axes, table.points(theorem + REPAIRED), Look(BLUE), REPAIRED)
        draw_formula(axes, printed, Look(VERMILLION, line=(0, (6, 1.5))), PRINTED)
        draw_measured(axes, gap, Look(BLACK), MEASURED, line=False)
        axes.axvspan(
            _crossing(table, theorem),
            gap.x.max() * 3,
            color="#f3d9cc",
            linewidth=0,
            zorder=0,
            label="printed bound below the gap",
        )
        axes.set(
            xscale="log", xlabel=labels[theorem][0], ylabel=labels[theorem][1], xlim=(gap.x.min() / 2, gap.x.max() * 3)
        )
        axes.set_title(theorem.rstrip(": "), loc="left")
    panels[0].set_ylim(0, 6)
    panels[1].set_yscale("log")
    panels[1].legend(loc="upper left")
    return figure
