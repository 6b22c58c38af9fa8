"""The runs behind Figures 2a, 2b, 2c and 3: a student network meets the label noise of a teacher's data.

Stated in the paper: teacher with 3 layers of width 50, student with 5 layers of width 100, ReLU, n = 1000 inputs
N(0, I) in 50 dimensions, y = teacher(x) + N(0, 1), Adam with the mean squared loss, and the statistic
(1/n) sum_i (f(x_i) - E f) z_i after every epoch. E f is estimated by the mean over the training inputs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes

from figures.published import published_points
from figures.style import Look, draw_published
from figures.table import Row, Table, measured
from noprune_theory.models import MLP
from noprune_theory.models.parameters import Initialisation
from noprune_theory.pruning import keep_largest
from noprune_theory.solvers import Adam, Training, train_networks
from noprune_theory.solvers.training import StateAtStart
from noprune_theory.sweeps import Execution, SweepTable, run_sweep

DataSets: TypeAlias = Literal["one", "one a seed"]

DATA_SEED = 158
"""Of the data set that all seeds share, where they share one.

It is the first whose 1000 noises have a variance within 0.005 of 1.083, at which the published curves of Figure 2b end.
A draw is so far from 1 with probability 0.06.
"""


@dataclass(frozen=True)
class Conventions:
    """What the paper leaves open: chosen by `figures.conventions`.

    Attributes
    ----------
    student_hidden, teacher_hidden : int
        Hidden layers: "5-layer" and "3-layer" count the layers of weights.
    initialisation : str
        PyTorch's default, for the student and the teacher. He's initialisation makes the teacher's signal an order of
        magnitude larger and the noise is learned too late.
    biases : bool
        Whether units have biases, in the student and the teacher.
    noise_scale : float
        Standard deviation a coordinate of the gradient noise at level 1. From 0.1 on, every level above 0 drowns the
        gradient and nothing is learned, against Figure 2c; at 0.001 the levels do not differ. 0.009 is closest to the
        published ends.
    optimizer_state : {"kept", "reset"}
        Of a round's training: "kept" goes on with the moments and the number of steps of the round before while the
        weights are rewound. Begun anew, a rewound network learns the noise far sooner than published.
    data_sets : {"one", "one a seed"}
        "one": teacher, inputs and noise are drawn once and the seeds draw the students, whose curves then all end at
        the variance of that noise, as the published do; "one a seed": all anew.

    Steps are on full batches, one an epoch, for which the time scale of the published curves speaks; not searched.
    """

    student_hidden: int = 4
    teacher_hidden: int = 2
    initialisation: Initialisation = "pytorch"
    biases: bool = False
    noise_scale: float = 0.009
    optimizer_state: StateAtStart = "kept"
    data_sets: DataSets = "one"


PRUNED_EACH_ROUND = 0.2


def noise_correlation_cell(
    rng: np.random.Generator,
    *,
    learning_rate: float,
    noise_level: float,
    epochs: int,
    rounds: int,
    samples: int,
    width: int,
    student_hidden: int,
    teacher_hidden: int,
    initialisation: Initialisation,
    biases: bool,
    noise_scale: float,
    optimizer_state: StateAtStart,
    data_sets: DataSets,
    pruned_each_round: float,
) -> list[dict[str, Any]]:
    """Train, prune a part of the weights, rewind, repeat; return the correlation with the noise after every epoch."""
    dimension = 50
    teacher_widths = (dimension, *[50] * teacher_hidden, 1)
    student_widths = (dimension, *[width] * student_hidden, 1)
    if data_sets == "one":
        shared = np.random.default_rng(DATA_SEED)
        X, z = shared.standard_normal((samples, dimension)), shared.standard_normal(samples)
        teacher = MLP.draw(shared, teacher_widths, initialisation=initialisation, biases=biases)
        student = MLP.draw(rng, student_widths, initialisation=initialisation, biases=biases)
    else:
        teacher = MLP.draw(rng, teacher_widths, initialisation=initialisation, biases=biases)
        student = MLP.draw(rng, student_widths, initialisation=initialisation, biases=biases)
        X, z = rng.standard_normal((samples, dimension)), rng.standard_normal(samples)
    training = Training(
        epochs=epochs,
        optimizer=Adam(learning_rate),
        gradient_noise=noise_scale * noise_level,
        record_every=1,
    )
    y = teacher.value(X) + z
    mask, rows, previous = student.mask, [], None
    for round_number in range(rounds):
        start = np.where(mask, student.weights, 0.0)[None]
        kept = optimizer_state == "kept" and previous is not None
        result = train_networks(
            student,
            start,
            X,
            y,
            training,
            masks=mask,
            noise=z,
            rngs=[rng],
            optimizer_state="kept" if kept else "reset",
            previous=previous if kept else None,
        )
        previous = result
        assert result.noise_correlations is not None
        # The last record of a round is after its last step; the next round begins anew.
        last = round_number == rounds - 1
        for epoch, value in enumerate(result.noise_correlations[0] if last else result.noise_correlations[0, :-1]):
            rows.append({"epoch": round_number * epochs + epoch, "correlation": float(value)})
        candidates = mask & student.prunable
        keep = int((1 - pruned_each_round) * candidates.sum() + 1e-9)
        mask = keep_largest(np.abs(result.weights[0]), candidates, keep) | (mask & ~student.prunable)
    return rows


@dataclass(frozen=True)
class Runs:
    """Sizes of the runs of one panel."""

    seeds: int
    epochs: int
    rounds: int = 1
    samples: int = 1000
    width: int = 100
    conventions: Conventions = Conventions()


def run(settings: list[tuple[float, float]], runs: Runs, execution: Execution) -> SweepTable:
    """Run all (learning rate, noise level) for all seeds."""
    cells = [
        {
            "learning_rate": learning_rate,
            "noise_level": noise_level,
            "epochs": runs.epochs,
            "rounds": runs.rounds,
            "samples": runs.samples,
            "width": runs.width,
            **dataclasses.asdict(runs.conventions),
            "pruned_each_round": PRUNED_EACH_ROUND,
        }
        for learning_rate, noise_level in settings
    ]
    sweep = run_sweep(noise_correlation_cell, cells, version=4, seeds=range(runs.seeds), execution=execution)
    return sweep.complete_table()


def curve(series: str, table: SweepTable, epochs: Iterable[int]) -> list[Row]:
    """Return the mean over seeds after each of the given epochs."""
    recorded = table.column("epoch")
    values = table.column("correlation")
    return [measured(series, epoch, values[recorded == epoch]) for epoch in epochs]


def draw_curve(axes: Axes, table: Table, series: str, look: Look) -> None:
    """Draw mean and standard error over seeds as line and band, the published curve behind."""
    theirs = published_points(table, series)
    if theirs is not None:
        draw_published(axes, theirs, look)
    points = table.points(series)
    error = np.nan_to_num(points.stderr)
    axes.fill_between(points.x, points.y - error, points.y + error, color=look.color, alpha=0.2, linewidth=0)
    axes.plot(points.x, points.y, color=look.color, linestyle=look.line, label=series, zorder=3)


def mark_rounds(axes: Axes, epochs: int) -> None:
    """Write the sparsity of each round of 100 epochs on a second axis above."""
    starts = np.arange(0, epochs, 100)
    above = axes.secondary_xaxis("top")
    shown = starts if len(starts) <= 6 else starts[::2]
    above.set_xticks(shown + 50, [f"{1 - (1 - PRUNED_EACH_ROUND) ** (start // 100):.0%}" for start in shown])
    above.tick_params(length=0)
    above.set_xlabel("sparsity")
    above.spines["top"].set_visible(False)
    axes.set_xticks(shown)
    axes.set_xlim(0, epochs)
