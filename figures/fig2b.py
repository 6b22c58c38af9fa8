"""Figure 2b: correlation with the label noise during training, for five learning rates."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from figures import student_teacher
from figures.conventions_open import named
from figures.published import PREFIX, label_published, order_kept, published_rows, said
from figures.student_teacher import Runs
from figures.style import CYCLE, new_figure
from figures.table import ContradictionError, Table
from noprune_theory.sweeps import Execution

NAME = "fig2b"
TITLE = "Figure 2b: correlation with the noise, by learning rate"
RATES = (1e-4, 2.5e-4, 5e-4, 7.5e-4, 1e-3)
SETTINGS = {"quick": Runs(seeds=2, epochs=100), "paper": Runs(seeds=25, epochs=100)}


def _series(rate: float) -> str:
    return f"lr={rate:g}"


def compute(settings: Runs, execution: Execution) -> Table:
    """Train all seeds at all learning rates."""
    table = student_teacher.run([(rate, 0.0) for rate in RATES], settings, execution)
    rows = []
    for rate in RATES:
        rows += student_teacher.curve(_series(rate), table.where(learning_rate=rate), range(settings.epochs))
    return Table.of(NAME, rows + published_rows(NAME))


def check(table: Table) -> None:
    """Demand the published order: the larger the learning rate, the sooner the noise is learned."""
    means = [table.points(_series(rate)).y.mean() for rate in RATES]
    if (np.diff(means) <= 0).any():
        raise ContradictionError(f"mean correlations {np.round(means, 3)} do not grow with the learning rate")


def caption(table: Table) -> str:
    """State the setting and the difference from the paper."""
    final = max(table.points(PREFIX + _series(rate)).y[-1] for rate in RATES)
    return (
        "When does a network learn the noise of its labels? Mean and standard error of (1/n) Σ (f(xᵢ) − E f) zᵢ over "
        f"{table.rows[0].n} seeds while a student learns a noisy teacher with Adam; pale: published. "
        f"{said(table)} In brackets: ours less published. {order_kept(table)} Published curves end at up to "
        f"{final:.2f}, above the variance 1 of the noise: as with one draw of the data for all seeds, here one whose "
        f"noises have the variance of the published ends. {named('2b')}"
    )


def draw(table: Table) -> Figure:
    """Draw one curve a learning rate."""
    figure, (axes,) = new_figure()
    for look, rate in zip(CYCLE, reversed(RATES), strict=False):
        student_teacher.draw_curve(axes, table, _series(rate), look)
    axes.set(xlabel="epoch", ylabel="correlation with the noise", xlim=(0, 100), ylim=(-0.02, 1.12))
    label_published(axes, table.series)
    axes.legend(loc="upper left")
    return figure
