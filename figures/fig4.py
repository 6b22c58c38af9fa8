"""The runs behind Figure 4: exact mutual information between the mask of a toy network and its data.

Six draws from the sixteen pairs (x, y) of {-1, +1}^3 and a sign, a network with one hidden ReLU layer, full-batch
gradient descent. Given the initialisation every method here is deterministic, so that I(m; D | init) is the entropy
of the mask over the data sets, which are enumerated; the plug-in estimate from N data sets is its exact expectation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.conventions_open import named
from figures.published import (
    PREFIX,
    differences,
    each,
    label_published,
    order_kept,
    published_points,
    published_rows,
    said,
)
from figures.style import GREY, METHODS, draw_measured, draw_published, legend_below, new_figure
from figures.table import ContradictionError, Row, Table, formula, measured
from noprune_theory.information import toy_curve, toy_datasets
from noprune_theory.models.losses import Loss
from noprune_theory.models.parameters import Initialisation
from noprune_theory.pruning.iterative_magnitude import geometric_counts
from noprune_theory.solvers import Adam, GradientDescent, Training
from noprune_theory.sweeps import Execution, SweepTable, grid, run_sweep

TRAINED = {"IMP": "iterative_magnitude", "MagAfter": "magnitude_after"}
SCORED = {"SNIP": "snip", "GraSP": "grasp"}
METHOD_NAMES = TRAINED | SCORED
PATTERNS = {1000: ":", 32_000: "--"}
PLUG_IN_SIZES = tuple(PATTERNS)
AS_PUBLISHED = f", plug-in {PLUG_IN_SIZES[0]}"
LEAST, MOST = (f"{AS_PUBLISHED}, {which} of the initialisations" for which in ("least", "most"))
DIVERGED = "trainings that diverged"
DATA_SETS = "log2 of the number of data sets"


@dataclass(frozen=True)
class Settings:
    """Sizes, and what the paper leaves open: chosen by `figures.conventions`, for all series together.

    Attributes
    ----------
    loss : str
        Mean squared loss for Figure 4 (left), cross entropy for the right.
    hidden : int
        Hidden units: 4 and 3.
    trained_seeds, scored_seeds : int
        Initialisations for the methods that train (IMP, MagAfter) and for those that look at derivatives (SNIP, GraSP),
        whose information differs by more than a bit from one initialisation to the next. The paper does not say how
        many it took.
    distinct : bool
        Whether the six inputs are distinct: 1,792 data sets in place of the 54,264 multisets of free draws. The paper's
        "drawn from {-1, +1}^3" reads as free draws. Which is closer to the published curves depends on the series.
    optimizer : {"gradient descent", "adam"}
        On full batches.
    learning_rate : float
        Of gradient descent, 0.5 is closest to the published curves.
    epochs : int
        Steps. 300 are hardly further from the published curves.
    initialisation : str
        PyTorch's default. From He's the masks of SNIP and MagAfter know too little.
    fraction : float
        Of the remaining parameters that a round of IMP removes, rounded up. The published abscissas are 3, 5, 7, 9, 11
        and then every number of parameters removed: rounds of a tenth.
    """

    loss: Loss
    hidden: int
    trained_seeds: int
    scored_seeds: int
    distinct: bool
    optimizer: str = "gradient descent"
    learning_rate: float = 0.5
    epochs: int = 1000
    initialisation: Initialisation = "pytorch"
    fraction: float = 0.1


def parameters(hidden: int) -> int:
    """Return the number of weights and biases of a network with three inputs and one output."""
    return 5 * hidden + 1


def mask_information_cell(
    rng: np.random.Generator,
    *,
    method: str,
    loss: Loss,
    hidden: int,
    distinct: bool,
    initialisation: Initialisation,
    optimizer: str | None,
    learning_rate: float | None,
    epochs: int | None,
    fraction: float | None,
) -> list[dict[str, Any]]:
    """Draw an initialisation; return the exact information and the expected plug-in estimates in bits.

    The scored methods take no `optimizer`, `learning_rate` and `epochs`. `fraction` is that of the rounds of iterative
    pruning; without it, all numbers of parameters kept are masks of one network.
    """
    training = None
    if optimizer is not None:
        rule = {"adam": Adam, "gradient descent": GradientDescent}[optimizer]
        training = Training(epochs=epochs, loss=loss, optimizer=rule(learning_rate))  # type: ignore[arg-type]
    found = toy_curve(
        method,
        width=hidden,
        n_init=1,
        rng=rng,
        training=training,
        loss=loss,
        kept=None if fraction is None else geometric_counts(parameters(hidden), 1, fraction),
        distinct_inputs=distinct,
        initialisation=initialisation,
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


def cells(settings: Settings, series: str) -> list[dict[str, Any]]:
    """Return the parameters of `mask_information_cell` for one series."""
    trained = series in TRAINED
    return grid(
        method=[METHOD_NAMES[series]],
        loss=[settings.loss],
        hidden=[settings.hidden],
        distinct=[settings.distinct],
        initialisation=[settings.initialisation],
        optimizer=[settings.optimizer if trained else None],
        learning_rate=[settings.learning_rate if trained else None],
        epochs=[settings.epochs if trained else None],
        fraction=[settings.fraction if series == "IMP" else None],
    )


def information_table(settings: Settings, series: str, execution: Execution) -> SweepTable:
    """Enumerate one series for all its initialisations."""
    seeds = range(settings.trained_seeds if series in TRAINED else settings.scored_seeds)
    return run_sweep(
        mask_information_cell, cells(settings, series), version=3, seeds=seeds, execution=execution
    ).complete_table()


def curve_rows(series: str, table: SweepTable, column: str, p: int) -> list[Row]:
    """Return the mean over initialisations; nothing pruned and everything pruned know nothing, exactly."""
    pruned = sorted(set(table.column("pruned").tolist()))
    ends = [measured(series, count, np.zeros(len(set(table.column("seed").tolist())))) for count in (0, p)]
    middle = [measured(series, count, table.where(pruned=count).column(column)) for count in pruned]
    return [ends[0], *middle, ends[1]]


def _range_rows(series: str, table: SweepTable) -> list[Row]:
    """Return the least and the most that the plug-in estimate shows for a single initialisation."""
    pruned = sorted(set(table.column("pruned").tolist()))
    samples = {count: table.where(pruned=count).column(f"plug_in_{PLUG_IN_SIZES[0]}") for count in pruned}
    return [
        Row(series + suffix, float(count), float(extreme(sample)), math.nan, sample.size)
        for suffix, extreme in ((LEAST, np.min), (MOST, np.max))
        for count, sample in samples.items()
    ]


def compute_panel(name: str, settings: Settings, execution: Execution) -> Table:
    """Enumerate all methods and initialisations of one panel."""
    p = parameters(settings.hidden)
    rows: list[Row] = []
    diverged = 0
    for series in METHOD_NAMES:
        table = information_table(settings, series, execution)
        # Every row of a network says how many of its trainings diverged.
        diverged += int(table.where(pruned=min(table.column("pruned"))).column("diverged").sum())
        rows += curve_rows(series, table, "exact", p)
        for size in PLUG_IN_SIZES:
            rows += curve_rows(f"{series}, plug-in {size}", table, f"plug_in_{size}", p)
        rows += _range_rows(series, table)
    rows += formula(DATA_SETS, [0, p], np.log2(toy_datasets(distinct_inputs=settings.distinct).n_datasets))
    rows.append(Row(DIVERGED, 0.0, diverged, math.nan, settings.trained_seeds))
    return Table.of(name, rows + published_rows(name))


def comparable(table: Table) -> Table:
    """Return the table with our curves at the published abscissas alone, without the ends, where all know nothing.

    The published abscissas, counts read off a drawing, leave out some that we have; a line between them is no curve.
    """
    places = {
        series.removeprefix(PREFIX): set(np.round(table.points(series).x).tolist()[1:-1])
        for series in table.series
        if series.startswith(PREFIX)
    }
    kept = [row for row in table.rows if row.x in places.get(row.series.partition(",")[0], {row.x})]
    return Table.of(table.figure, kept)


def check_panel(table: Table) -> None:
    """Demand that the plug-in errs low, more so from fewer samples, and that trained masks know the most."""
    for series in METHOD_NAMES:
        exact = table.points(series).y
        few, many = (table.points(f"{series}, plug-in {size}").y for size in PLUG_IN_SIZES)
        if (few > many + 1e-9).any() or (many > exact + 1e-9).any():
            raise ContradictionError(f"{series}: the expected plug-in entropy exceeds the entropy")
    if not table.points("MagAfter").y.max() > max(table.points(name).y.max() for name in SCORED):
        raise ContradictionError("masks chosen after training know less than masks chosen at initialisation")


def _inside(table: Table, series: str) -> str:
    """Say at how many places the published value lies between the extremes of single initialisations."""
    theirs = table.points(PREFIX + series)
    least, most = (table.points(series + suffix) for suffix in (LEAST, MOST))
    published = np.interp(least.x, theirs.x, theirs.y)
    inside = (least.y <= published) & (published <= most.y)
    return f"{series} {inside.sum()} of {inside.size}"


def caption_panel(table: Table) -> str:
    """State the question, the exact maximum, and what sampling does to it."""
    largest = []
    for series in METHOD_NAMES:
        few, many = (table.points(f"{series}, plug-in {size}").y.max() for size in PLUG_IN_SIZES)
        largest.append(f"{series} {table.points(series).y.max():.2f} (plug-in {few:.2f} and {many:.2f})")
    number = round(2 ** table.points(DATA_SETS).y[0])
    distinct = number == toy_datasets(distinct_inputs=True).n_datasets
    kind = "data sets with distinct inputs" if distinct else "multisets of free draws"
    trained, scored = (table.points(name).n[0] for name in ("IMP", "SNIP"))
    few, many = PLUG_IN_SIZES
    return (
        "How many bits does the mask of a toy network know about its data, given the initialisation? Exact, by "
        f"enumeration of {number:,} {kind}; mean and standard error over {trained} initialisations (SNIP and GraSP: "
        f"{scored}); {table.points(DIVERGED).y[0]:.0f} trainings diverged. Lines without markers: expected plug-in "
        f"estimates from {few:,} (dotted) and {many:,} (dashed) data sets; pale: published. Largest values in bits: "
        f"{', '.join(largest)}. The estimate from {few:,} data sets is not the information. {_compared(table)}"
    )


def _compared(table: Table) -> str:
    ours = comparable(table)
    if not differences(ours):
        return said(ours)
    names = [series for series in METHOD_NAMES if PREFIX + series in table.series]
    return (
        f"Mean absolute difference of our plug-in from {PLUG_IN_SIZES[0]:,} data sets from the published curves: "
        f"{each(ours, AS_PUBLISHED)}; of the exact curves: {each(ours)}; in brackets: ours less published. GraSP stays "
        "above the published curve under every convention tried, which is as rough as that of a single initialisation. "
        "Places at which the published "
        "value lies between the extremes of our single initialisations: "
        f"{', '.join(_inside(ours, series) for series in names)}. {order_kept(ours, AS_PUBLISHED)} {named('4')}"
    )


def draw_panel(table: Table) -> Figure:
    """Draw exact values with markers, expected plug-in estimates as thin lines, published curves behind."""
    figure, (axes,) = new_figure()
    for series in METHOD_NAMES:
        look = METHODS[series]
        theirs = published_points(table, series)
        if theirs is not None:
            draw_published(axes, theirs, look)
        for size, pattern in PATTERNS.items():
            points = table.points(f"{series}, plug-in {size}")
            axes.plot(points.x, points.y, color=look.color, linestyle=pattern, linewidth=0.8)
        draw_measured(axes, table.points(series), look, series)
    axes.set(xlabel="parameters pruned", ylabel=r"$I(m; D \mid \mathrm{init})$ (bits)")
    axes.set_ylim(bottom=0)
    for size, pattern in reversed(PATTERNS.items()):
        axes.plot([], [], color=GREY, linestyle=pattern, linewidth=0.8, label=f"{size:,} data sets sampled")
    label_published(axes, table.series)
    legend_below(figure, axes, columns=4)
    return figure
