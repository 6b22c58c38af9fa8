"""The runs behind Figure 4: exact mutual information between the mask of a toy network and its data.

Six draws from the sixteen pairs (x, y) of {-1, +1}^3 and a sign, a network with one hidden ReLU layer, full-batch
gradient descent. Given the initialisation every method here is deterministic, so that I(m; D | init) is the entropy
of the mask over the data sets, which are enumerated; the plug-in estimate from N data sets is its exact expectation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.published import differences, each, published_points, published_rows, said
from figures.style import METHODS, draw_measured, draw_published, new_figure
from figures.table import ContradictionError, Row, Table, formula, measured
from noprune_theory.information import toy_curve, toy_datasets
from noprune_theory.models.losses import Loss
from noprune_theory.pruning.iterative_magnitude import geometric_counts
from noprune_theory.solvers import GradientDescent, Training
from noprune_theory.sweeps import Execution, SweepTable, grid, run_sweep

METHOD_NAMES = {"IMP": "iterative_magnitude", "MagAfter": "magnitude_after", "SNIP": "snip", "GraSP": "grasp"}
PLUG_IN_SIZES = (1000, 32_000)
EPOCHS, LEARNING_RATE = 1000, 0.5
DATA_SETS = "log2 of the number of data sets"


@dataclass(frozen=True)
class Settings:
    """Sizes, and what the paper leaves open.

    Attributes
    ----------
    loss : str
        Mean squared loss for Figure 4 (left), cross entropy for the right.
    hidden : int
        Hidden units: 4 and 3.
    seeds : int
        Initialisations.
    distinct : bool
        Whether the six inputs are distinct: 1,792 data sets in place of the 54,264 multisets of free draws. The paper's
        "six data points drawn from {-1, +1}^3" leaves it open; free draws are taken in the paper profile.
    epochs : int
        Steps of gradient descent: long enough for the masks to settle.
    learning_rate : float
        Not stated in the paper. Of 0.02, 0.1, 0.3, 0.5 and 1 the expected plug-in estimate of MagAfter from 1,000 data
        sets is closest to the published curve at 0.5; at 1 trainings begin to diverge.
    """

    loss: Loss
    hidden: int
    seeds: int
    distinct: bool
    epochs: int = EPOCHS
    learning_rate: float = LEARNING_RATE


def _parameters(hidden: int) -> int:
    """Return the number of weights and biases of a network with three inputs and one output."""
    return 5 * hidden + 1


def mask_information_cell(
    rng: np.random.Generator,
    *,
    method: str,
    loss: Loss,
    hidden: int,
    distinct: bool,
    epochs: int,
    learning_rate: float,
) -> list[dict[str, Any]]:
    """Draw an initialisation; return the exact information and the expected plug-in estimates in bits."""
    found = toy_curve(
        method,
        width=hidden,
        n_init=1,
        rng=rng,
        training=Training(epochs=epochs, loss=loss, optimizer=GradientDescent(learning_rate)),
        loss=loss,
        kept=geometric_counts(_parameters(hidden), 1) if method == "iterative_magnitude" else None,
        distinct_inputs=distinct,
        sample_sizes=PLUG_IN_SIZES,
        unit="bits",
    )
    return [
        {
            "pruned": int(pruned),
            "exact": found.information[i],
            "diverged": found.n_diverged,
            **{f"plug_in_{size}": values[i] for size, values in found.plug_in.items()},
        }
        for i, pruned in enumerate(found.pruned)
    ]


def _curve_rows(series: str, table: SweepTable, column: str, p: int) -> list[Row]:
    """Return the mean over initialisations; nothing pruned and everything pruned know nothing, exactly."""
    pruned = sorted(set(table.column("pruned").tolist()))
    ends = [measured(series, count, np.zeros(len(set(table.column("seed").tolist())))) for count in (0, p)]
    middle = [measured(series, count, table.where(pruned=count).column(column)) for count in pruned]
    return [ends[0], *middle, ends[1]]


def compute_panel(name: str, settings: Settings, execution: Execution) -> Table:
    """Enumerate all methods and initialisations of one panel."""
    cells = grid(
        method=METHOD_NAMES.values(),
        loss=[settings.loss],
        hidden=[settings.hidden],
        distinct=[settings.distinct],
        epochs=[settings.epochs],
        learning_rate=[settings.learning_rate],
    )
    seeds = range(settings.seeds)
    sweep = run_sweep(mask_information_cell, cells, version=2, seeds=seeds, execution=execution)
    table = sweep.complete_table()
    p = _parameters(settings.hidden)
    rows: list[Row] = []
    for series, method in METHOD_NAMES.items():
        part = table.where(method=method)
        rows += _curve_rows(series, part, "exact", p)
        for size in PLUG_IN_SIZES:
            rows += _curve_rows(f"{series}, plug-in {size}", part, f"plug_in_{size}", p)
    rows += formula(DATA_SETS, [0, p], np.log2(toy_datasets(distinct_inputs=settings.distinct).n_datasets))
    return Table.of(name, rows + published_rows(name))


def check_panel(table: Table) -> None:
    """Demand that the plug-in errs low, more so from fewer samples, and that trained masks know the most."""
    for series in METHOD_NAMES:
        exact = table.points(series).y
        few, many = (table.points(f"{series}, plug-in {size}").y for size in PLUG_IN_SIZES)
        if (few > many + 1e-9).any() or (many > exact + 1e-9).any():
            raise ContradictionError(f"{series}: the expected plug-in entropy exceeds the entropy")
    if not table.points("MagAfter").y.max() > max(table.points(name).y.max() for name in ("SNIP", "GraSP")):
        raise ContradictionError("masks chosen after training know less than masks chosen at initialisation")


def caption_panel(table: Table) -> str:
    """State the question, the exact maximum, and what sampling does to it."""
    largest = []
    for series in METHOD_NAMES:
        few, many = (table.points(f"{series}, plug-in {size}").y.max() for size in PLUG_IN_SIZES)
        largest.append(f"{series} {table.points(series).y.max():.2f} (plug-in {few:.2f} and {many:.2f})")
    number = round(2 ** table.points(DATA_SETS).y[0])
    exact, few_gap = said(differences(table)), differences(table, f", plug-in {PLUG_IN_SIZES[0]}")
    compared = exact if not few_gap else f"{exact} The same for our plug-in from 1,000 data sets: {each(few_gap)}."
    kind = "data sets with distinct inputs" if number == 1792 else "multisets of free draws"
    return (
        "How many bits does the mask of a toy network know about its data, given the initialisation? Exact, by "
        f"enumeration of {number:,} {kind}; mean and standard error over {table.points('IMP').n[0]} initialisations, "
        f"gradient descent with learning rate {LEARNING_RATE:g} for {EPOCHS} steps. Thin lines: expected plug-in "
        "estimates from 1,000 (dotted) and 32,000 (dashed) data sets; pale: published. Largest values in bits: "
        f"{', '.join(largest)}. The estimate from 1,000 data sets is not the information: it grows up to 32,000 and "
        f"beyond. {compared}"
    )


def draw_panel(table: Table) -> Figure:
    """Draw exact values with markers, expected plug-in estimates as thin lines, published curves behind."""
    figure, (axes,) = new_figure()
    for series in METHOD_NAMES:
        look = METHODS[series]
        theirs = published_points(table, series)
        if theirs is not None:
            draw_published(axes, theirs, look)
        for size, pattern in zip(PLUG_IN_SIZES, (":", "--"), strict=True):
            points = table.points(f"{series}, plug-in {size}")
            axes.plot(points.x, points.y, color=look.color, linestyle=pattern, linewidth=0.8)
        draw_measured(axes, table.points(series), look, series)
    axes.set(xlabel="parameters pruned", ylabel=r"$I(m; D \mid \mathrm{init})$ (bits)")
    axes.set_ylim(bottom=0)
    axes.legend(loc="lower center", ncols=2)
    return figure
