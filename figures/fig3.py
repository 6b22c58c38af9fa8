"""Figure 3: correlation with the label noise during iterative magnitude pruning, to nearly complete sparsity."""

from __future__ import annotations

from matplotlib.figure import Figure

from figures import student_teacher
from figures.conventions_open import named
from figures.student_teacher import PRUNED_EACH_ROUND, Runs
from figures.style import METHODS, new_figure
from figures.table import ContradictionError, Table
from noprune_theory.sweeps import Execution

NAME = "fig3"
TITLE = "Figure 3: correlation with the noise under IMP, to 1400 epochs"
SETTINGS = {"quick": Runs(seeds=2, epochs=100, rounds=14), "paper": Runs(seeds=25, epochs=100, rounds=14)}


def compute(settings: Runs, execution: Execution) -> Table:
    """Train, prune and rewind, for all seeds."""
    table = student_teacher.run([(1e-3, 0.0)], settings, execution)
    return Table.of(NAME, student_teacher.curve("IMP", table, range(settings.epochs * settings.rounds)))


def check(table: Table) -> None:
    """Demand that every round forgets the noise at rewinding, and that late rounds learn less of it than the first."""
    points = table.points("IMP")
    rounds = points.y.reshape(-1, 100)
    if (rounds[:, 0] > 0.1).any():
        raise ContradictionError("a rewound network still correlates with the noise")
    if not rounds[-1, -1] < rounds[0, -1]:
        raise ContradictionError("the sparsest network learns as much of the noise as the dense one")


def caption(table: Table) -> str:
    """State the setting and the ends of the rounds."""
    points = table.points("IMP")
    ends = points.y.reshape(-1, 100)[:, -1]
    left = (1 - PRUNED_EACH_ROUND) ** (len(ends) - 1)
    return (
        "How much of the label noise can the surviving weights still learn? Mean and standard error of "
        f"(1/n) Σ (f(xᵢ) − E f) zᵢ over {points.n[0]} seeds; every 100 epochs 20% of the remaining weights are pruned "
        "by magnitude and the rest is rewound, while Adam keeps its moments and its count of steps. The correlation "
        f"at the end of a round goes from {ends[0]:.2f} (dense) over a maximum of {ends.max():.2f} to {ends[-1]:.2f} "
        f"at {left:.1%} of the weights. No published curve of this panel is held to compare with. The slow start of a "
        f"round is the optimizer's memory of larger gradients, not a property of the mask. {named('3')}"
    )


def draw(table: Table) -> Figure:
    """Draw the correlation, with a tick of sparsity at the start of every round."""
    figure, (axes,) = new_figure(height=3.6)
    student_teacher.draw_curve(axes, table, "IMP", METHODS["IMP"])
    student_teacher.mark_rounds(axes, int(table.points("IMP").x.max()) + 1)
    axes.set(xlabel="epoch", ylabel="correlation with the noise")
    return figure
