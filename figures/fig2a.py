"""Figure 2a: correlation with the label noise during five rounds of iterative magnitude pruning."""

from __future__ import annotations

from matplotlib.figure import Figure

from figures import fig3, student_teacher
from figures.conventions_open import named
from figures.published import QUOTED_SECOND_ROUND
from figures.student_teacher import Runs
from figures.style import METHODS, new_figure
from figures.table import ContradictionError, Table
from noprune_theory._types import FloatArray
from noprune_theory.sweeps import Execution

NAME = "fig2a"
TITLE = "Figure 2a: correlation with the noise under IMP, to 500 epochs"
EPOCHS = 500
# The runs of Figure 3, of which this panel shows the first five rounds.
SETTINGS = fig3.SETTINGS


def compute(settings: Runs, execution: Execution) -> Table:
    """Train, prune and rewind, for all seeds."""
    table = student_teacher.run([(1e-3, 0.0)], settings, execution)
    return Table.of(NAME, student_teacher.curve("IMP", table, range(EPOCHS)))


def check(table: Table) -> None:
    """Demand that every round forgets the noise at rewinding and learns most of it again."""
    rounds = table.points("IMP").y.reshape(-1, 100)
    if (rounds[:, 0] > 0.1).any():
        raise ContradictionError("a rewound network still correlates with the noise")
    if (rounds[:, -1] < 0.5).any():
        raise ContradictionError("a network with 40% of its weights no longer learns the noise")


def caption(table: Table) -> str:
    """State the setting and the ends of the rounds."""
    points = table.points("IMP")
    ends = ", ".join(f"{value:.2f}" for value in points.y.reshape(-1, 100)[:, -1])
    return (
        "Does a pruned and rewound network learn the label noise again, and faster? Mean and standard error of "
        f"(1/n) Σ (f(xᵢ) − E f) zᵢ over {points.n[0]} seeds; every 100 epochs 20% of the remaining weights are pruned "
        "by magnitude and the rest is rewound, while Adam keeps its moments and its count of steps. Correlation at "
        f"the end of each round: {ends}; in the second round after {_quoted(points.y)}. No published curve of this "
        "panel is held to compare with. The dip after rewinding is partly the optimizer's memory: with an optimizer "
        f"begun anew, a rewound network learns the noise sooner than a fresh one. {named('2a')}"
    )


def _quoted(correlations: FloatArray) -> str:
    """Return our correlations and the published ones, as read off by eye, in the second round."""
    return ", ".join(
        f"{epoch} epochs: {correlations[100 + epoch]:.2f} (published about {value:.2f})"
        for epoch, value in QUOTED_SECOND_ROUND.items()
    )


def draw(table: Table) -> Figure:
    """Draw the correlation, with a tick of sparsity at the start of every round."""
    figure, (axes,) = new_figure(height=3.6)
    student_teacher.draw_curve(axes, table, "IMP", METHODS["IMP"])
    student_teacher.mark_rounds(axes, int(table.points("IMP").x.max()) + 1)
    axes.set(xlabel="epoch", ylabel="correlation with the noise")
    return figure
