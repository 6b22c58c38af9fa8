"""Figure 2c: correlation with the label noise during training, for five levels of gradient noise."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from figures import student_teacher
from figures.conventions_open import named
from figures.published import QUOTED_LEVELS, published_rows, said
from figures.student_teacher import Runs
from figures.style import CYCLE, new_figure
from figures.table import ContradictionError, Table
from noprune_theory.sweeps import Execution

NAME = "fig2c"
TITLE = "Figure 2c: correlation with the noise, by gradient noise"
LEVELS = (0.0, 0.1, 0.2, 0.3, 0.5)
SETTINGS = {"quick": Runs(seeds=5, epochs=100), "paper": Runs(seeds=25, epochs=100)}


def series(level: float) -> str:
    """Return the name of the curve of a level."""
    return f"noise={level:g}"


def compute(settings: Runs, execution: Execution) -> Table:
    """Train all seeds at all levels of gradient noise."""
    table = student_teacher.run([(1e-3, level) for level in LEVELS], settings, execution)
    rows = []
    for level in LEVELS:
        rows += student_teacher.curve(series(level), table.where(noise_level=level), range(settings.epochs))
    return Table.of(NAME, rows + published_rows(NAME))


def check(table: Table) -> None:
    """Demand the published order: the more gradient noise, the less label noise is learned."""
    means = [table.points(series(level)).y.mean() for level in LEVELS]
    if (np.diff(means) >= 0).any():
        raise ContradictionError(f"mean correlations {np.round(means, 3)} do not fall with the gradient noise")


def caption(table: Table) -> str:
    """State the setting and the convention."""
    scale = SETTINGS["paper"].conventions.noise_scale
    return (
        "Does noise in the gradients keep a network from learning the noise of its labels? Mean and standard error of "
        f"(1/n) Σ (f(xᵢ) − E f) zᵢ over {table.rows[0].n} seeds, Adam with learning rate 0.001. The paper does not "
        f"state the unit of the noise level; here a standard deviation of {scale:g} a coordinate of the gradient of "
        f"the mean squared loss. {said(table)} Correlations at the end: {_quoted(table)}. {named('2c')}"
    )


def _quoted(table: Table) -> str:
    """Return our correlations at the end and the published ones, as read off by eye."""
    ends = {level: table.points(series(level)).y[-1] for level in LEVELS}
    return ", ".join(
        f"level {level:g} {ends[level]:.2f} (published about {value:.2f})" for level, value in QUOTED_LEVELS.items()
    )


def draw(table: Table) -> Figure:
    """Draw one curve a noise level."""
    figure, (axes,) = new_figure()
    for look, level in zip(CYCLE, LEVELS, strict=False):
        student_teacher.draw_curve(axes, table, series(level), look)
    axes.set(xlabel="epoch", ylabel="correlation with the noise", xlim=(0, 100), ylim=(-0.02, 1.12))
    axes.legend(loc="upper left")
    return figure
