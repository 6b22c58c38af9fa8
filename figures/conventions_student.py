"""What Figures 2a, 2b, 2c and 3 leave open beside the networks: the optimizer's memory, the data sets, the noise."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from figures import fig2b, student_teacher
from figures.published import QUOTED_LEVELS, QUOTED_SECOND_ROUND, differences
from noprune_theory.sweeps import Execution

SEEDS = 2
NOISE_SEEDS = 7
NOISE_SCALES = (0.0053, 0.008, 0.009, 0.01)


def runs(seeds: int, rounds: int = 1, **options: object) -> student_teacher.Runs:
    """Return the runs of one choice, all others being as the figures take them."""
    conventions = dataclasses.replace(student_teacher.Conventions(), **options)  # type: ignore[arg-type]
    return student_teacher.Runs(seeds=seeds, epochs=100, rounds=rounds, conventions=conventions)


def line(values: list[str], chosen: bool = False) -> str:
    """Return a row of a table, in bold if the figures take it."""
    mark = "**" if chosen else ""
    return "| " + " | ".join(f"{mark}{value}{mark}" for value in values) + " |"


def head(names: list[str]) -> list[str]:
    """Return the first two lines of a table."""
    return [line(names), "|---" * len(names) + "|"]


def number(value: float) -> str:
    """Return a number to two digits, without a sign where it rounds to zero."""
    return f"{round(value, 2) + 0.0:.2f}"


def second_round(execution: Execution) -> str:
    """Return the table of correlations in the second round of pruning."""
    epochs = list(QUOTED_SECOND_ROUND)
    lines = head(["data_sets", "optimizer_state", *(f"after {epoch} epochs" for epoch in epochs)])
    chosen = student_teacher.Conventions()
    for data_sets, state in itertools.product(("one", "one a seed"), ("kept", "reset")):
        settings = runs(SEEDS, 2, data_sets=data_sets, optimizer_state=state)
        table = student_teacher.run([(1e-3, 0.0)], settings, execution)
        values = [row.y for row in student_teacher.curve("", table, [100 + epoch for epoch in epochs])]
        taken = (data_sets, state) == (chosen.data_sets, chosen.optimizer_state)
        lines.append(line([data_sets, state, *map(number, values)], taken))
    lines.append(line(["published, about", "", *map(number, QUOTED_SECOND_ROUND.values())]))
    return "\n".join(lines)


def data_sets(execution: Execution) -> str:
    """Return the table of distances from Figure 2b, and of the heights at which the curves end."""
    lines = head(["data_sets", "all series", "end at the largest rate", "of single seeds"])
    for kind in ("one", "one a seed"):
        settings = runs(SEEDS, data_sets=kind)
        gap = float(np.mean(list(differences(fig2b.compute(settings, execution)).values())))
        table = student_teacher.run([(fig2b.RATES[-1], 0.0)], settings, execution)
        ends = table.column("correlation")[table.column("epoch") == settings.epochs - 1]
        spread = f"{ends.min():.2f} to {ends.max():.2f}"
        taken = kind == student_teacher.Conventions().data_sets
        lines.append(line([kind, f"{gap:.3f}", number(ends.mean()), spread], taken))
    return "\n".join(lines)


def gradient_noise(execution: Execution) -> str:
    """Return the table of correlations at the end for every unit of the gradient noise."""
    lines = head(["noise_scale", *(f"level {level:g}" for level in QUOTED_LEVELS), "distance"])
    for scale in NOISE_SCALES:
        settings = runs(NOISE_SEEDS, noise_scale=scale)
        table = student_teacher.run([(1e-3, level) for level in QUOTED_LEVELS], settings, execution)
        last = table.where(epoch=settings.epochs)
        ends = [float(last.where(noise_level=level).column("correlation").mean()) for level in QUOTED_LEVELS]
        distance = np.abs(np.array(ends) - list(QUOTED_LEVELS.values())).mean()
        taken = scale == student_teacher.Conventions().noise_scale
        lines.append(line([f"{scale:g}", *map(number, ends), f"{distance:.3f}"], taken))
    lines.append(line(["published, about", *map(number, QUOTED_LEVELS.values()), ""]))
    return "\n".join(lines)


#: Title, what the numbers say, and the table.
PARTS = (
    (
        "Figures 2a and 3",
        f"Correlation with the label noise in the second round of pruning, mean over {SEEDS} seeds. With Adam's "
        "moments and its count of steps kept while the weights are rewound, a network learns the noise as late as "
        "published; with a fresh Adam far sooner. What delays it are the second moments: those at the end of a "
        "round remember gradients that are several times larger than the ones at the rewound weights, and steps "
        "are that much smaller until they are forgotten. So the dip after rewinding is partly the optimizer's "
        "memory, and the time that a round takes to learn the noise again says little about the mask.",
        second_round,
    ),
    (
        "Figure 2b by data sets",
        f"Mean over {SEEDS} seeds. The published curves of the three larger rates all end at 1.06 to 1.08. A "
        "network that fits every label ends at the variance of the noise drawn, which is 1 up to 0.045 for one "
        "draw of 1000 noises and 1 up to 0.009 for the mean of 25 draws: new data with every seed are excluded, by "
        "nine standard errors. The one data set that the figures take is the first whose noises have the variance "
        "1.083 up to 0.005; nothing else of the published one is known.",
        data_sets,
    ),
    (
        "Figure 2c",
        "No published curve is held, and the paper does not state the unit of its noise levels. Correlation with "
        f"the label noise after 100 epochs, mean over {NOISE_SEEDS} seeds, by the standard deviation a coordinate "
        "at level 1, and the mean distance from the published ends. Students differ: one that learns late loses "
        "most to the noise, so the unit is known to about a tenth. 0.01, 1 over the width, is not excluded by "
        "much; 0.0053, 1 over the root of the number of parameters, is. So are units that follow the gradient (its "
        "norm, largest entry or root mean square, of a layer or of all): they drown every level or none. From 0.1 "
        "on nothing is learned at any level.",
        gradient_noise,
    ),
)
