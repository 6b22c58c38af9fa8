"""What the paper leaves open, searched: `python -m figures.conventions > docs/conventions.md`.

Every combination of the recorded options is computed by the code of the figure itself and compared with the published
curves of all its series at once: nothing is chosen for one series. What the figures take stands in their settings.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import cpu_count

from figures import (
    conventions_grasp,
    conventions_open,
    conventions_student,
    fig1a,
    fig2b,
    fig4,
    fig4_regression,
    student_teacher,
)
from figures.command_line import positive
from figures.published import PREFIX, differences, published_rows
from figures.table import Row, Table
from noprune_theory.sweeps import Execution, StoreError, SweepError, SweepTable, grid


@dataclass(frozen=True)
class Search:
    """One recorded grid.

    Attributes
    ----------
    title : str
        Heading on the page.
    axes : dict of str to tuple
        Options of every convention, under its name in the settings of the figure.
    chosen : dict of str to object
        What the figure takes.
    alone : dict of str to tuple
        Options that are only tried in place of what the figure takes, all else being as chosen.
    repetitions : str
        What the curves of a combination are averaged over.
    differences : callable
        Takes the combinations and how to run them; yields for each the mean absolute difference of every series.
    note : str
        What the numbers say.
    possible : callable
        Whether a combination of the options is tried: plain gradient descent has no state to keep.
    """

    title: str
    axes: dict[str, tuple[Any, ...]]
    chosen: dict[str, Any]
    alone: dict[str, tuple[Any, ...]]
    repetitions: str
    differences: Callable[[list[dict[str, Any]], Execution], Iterable[dict[str, float]]]
    note: str
    possible: Callable[[dict[str, Any]], bool] = lambda options: True


def _chosen(settings: Any, axes: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in axes}


def _line(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"


def _head(names: Sequence[str]) -> list[str]:
    """Return the first two lines of a table of the page."""
    return [_line(names), "|---" * len(names) + "|"]


def _selected(table: SweepTable, options: dict[str, Any]) -> SweepTable:
    return table.where(**{name: value for name, value in options.items() if name in table.columns})


# ------------------------------------------------------------------------------------------------------------ Figure 1a

MEMORISATION_SEEDS = 120
MEMORISATION: dict[str, tuple[Any, ...]] = {
    "optimizer": ("adam", "gradient descent"),
    "optimizer_state": ("reset", "kept"),
    "epochs": (300, 500, 1000, 3000),
    "initialisation": ("pytorch", "he"),
    "biases": (True, False),
}
MEMORISATION_ALONE: dict[str, tuple[Any, ...]] = {
    "compat": ("threshold",),
    "allocation": ("layerwise", "erk"),
    "random_masks": ("nested", "one for all"),
}


def _memorisation(combinations: list[dict[str, Any]], execution: Execution) -> Iterable[dict[str, float]]:
    published = published_rows(fig1a.NAME)
    methods = [series for series in fig1a.SERIES if any(row.series == PREFIX + series for row in published)]
    asked = [[fig1a.cell(method, options) for method in methods] for options in combinations]
    different = {tuple(cell.items()): cell for cells in asked for cell in cells}
    table = fig1a.memorisation_table(list(different.values()), range(MEMORISATION_SEEDS), execution)
    for cells in asked:
        yield differences(Table.of(fig1a.NAME, fig1a.memorisation_rows(table, cells) + published))


# ------------------------------------------------------------------------------------------------------ Figures 2 and 3

NOISE_SEEDS = 4
STUDENT_TEACHER: dict[str, tuple[Any, ...]] = {
    "student_hidden": (3, 4, 5),
    "teacher_hidden": (2, 3),
    "initialisation": ("pytorch", "he"),
    "biases": (False, True),
}


def _noise_runs(options: dict[str, Any]) -> student_teacher.Runs:
    """Return the runs of one combination; data anew with every seed, so that no draw of them decides."""
    conventions = dataclasses.replace(student_teacher.Conventions(), data_sets="one a seed", **options)
    return student_teacher.Runs(seeds=NOISE_SEEDS, epochs=100, conventions=conventions)


def _noise_correlation(combinations: list[dict[str, Any]], execution: Execution) -> Iterable[dict[str, float]]:
    for options in combinations:
        yield differences(fig2b.compute(_noise_runs(options), execution))


# ------------------------------------------------------------------------------------------------------------- Figure 4

TRAINED_INITIALISATIONS, SCORED_INITIALISATIONS = 4, 40
TOY: dict[str, tuple[Any, ...]] = {
    "training": (
        ("gradient descent", 0.1),
        ("gradient descent", 0.3),
        ("gradient descent", 0.5),
        ("gradient descent", 1.0),
        ("adam", 0.01),
        ("adam", 0.1),
    ),
    "initialisation": ("pytorch", "he"),
    "distinct": (False, True),
    "fraction": (0.1, 0.2),
}


def _toy(combinations: list[dict[str, Any]], execution: Execution) -> Iterable[dict[str, float]]:
    """Compare the expected plug-in estimate from 1,000 data sets; each network is enumerated once."""
    name, found = fig4_regression.NAME, {}
    p, column = fig4.parameters(fig4_regression.SETTINGS["paper"].hidden), f"plug_in_{fig4.PLUG_IN_SIZES[0]}"
    for options in combinations:
        optimizer, learning_rate = options["training"]
        settings = dataclasses.replace(
            fig4_regression.SETTINGS["paper"],
            trained_seeds=TRAINED_INITIALISATIONS,
            scored_seeds=SCORED_INITIALISATIONS,
            optimizer=optimizer,
            learning_rate=learning_rate,
            **{key: options[key] for key in ("initialisation", "distinct", "fraction", "epochs")},
        )
        rows: list[Row] = []
        for series in fig4.METHOD_NAMES:
            (cell,) = fig4.cells(settings, series)
            key = tuple(cell.items())
            if key not in found:
                table = fig4.information_table(settings, series, execution)
                found[key] = fig4.curve_rows(series, table, column, p)
            rows += found[key]
        yield differences(fig4.comparable(Table.of(name, rows + published_rows(name))))


# ----------------------------------------------------------------------------------------------------------------- page


def searches() -> tuple[Search, ...]:
    """Return every recorded grid, with what the figures take."""
    toy = fig4_regression.SETTINGS["paper"]
    return (
        Search(
            "Figure 1a",
            MEMORISATION,
            _chosen(fig1a.SETTINGS["paper"], (*MEMORISATION, *MEMORISATION_ALONE)),
            MEMORISATION_ALONE,
            f"{MEMORISATION_SEEDS} seeds of network and data",
            _memorisation,
            "Two explanations are about equally good: weights by He and Adam begun anew in every round for 300 steps, "
            "which the figure takes, and PyTorch's default with Adam's state kept, which Figures 2a and 3 speak for, "
            "for 1000. Random masks stay below the published curve. Of the options for them, Erdős-Rényi densities are "
            "excluded (far above) and layerwise ones are not; how often masks are drawn does not change the mean, but "
            "one ranking of the weights for all seeds moves the whole curve by as much as its distance. The published "
            "curve is not smooth, as that of one ranking is not.",
            lambda options: (
                options["optimizer_state"] == "reset"
                or (options["optimizer"] == "adam" and options["epochs"] < 3000 and options["biases"])
            ),
        ),
        Search(
            "Figures 2 and 3 (judged by Figure 2b)",
            STUDENT_TEACHER,
            _chosen(student_teacher.Conventions(), STUDENT_TEACHER),
            {},
            f"{NOISE_SEEDS} seeds of teacher, student and data",
            _noise_correlation,
            "Data are drawn anew with every seed here, so that no draw of them decides. Steps are on full batches, one "
            "an epoch; batches are not searched.",
        ),
        Search(
            "Figure 4 (left)",
            TOY,
            {
                **_chosen(toy, ("initialisation", "distinct", "fraction", "epochs")),
                "training": (toy.optimizer, toy.learning_rate),
            },
            {"epochs": (300,)},
            f"{TRAINED_INITIALISATIONS} initialisations ({SCORED_INITIALISATIONS} for SNIP and GraSP)",
            _toy,
            "Compared is the expected plug-in estimate from 1,000 data sets, at the published abscissas. Free draws or "
            "distinct inputs: which is closer depends on the series; the figure takes free draws, as the paper's words "
            "have it (its quick profile takes distinct inputs, which are fewer). Rounds of a tenth fall on the "
            "published abscissas, those of a fifth leave most of them out. The information of GraSP is above the "
            "published curve under every convention; see the next section.",
        ),
    )


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(_written(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def combinations(search: Search) -> list[dict[str, Any]]:
    """Return every combination of the grid, and those that differ from the chosen one in an option tried alone."""
    fixed = {name: search.chosen[name] for name in search.alone}
    varied = [{**search.chosen, name: value} for name, values in search.alone.items() for value in values]
    return [{**options, **fixed} for options in grid(**search.axes) if search.possible(options)] + varied


def section(search: Search, execution: Execution) -> str:
    """Return the part of the page on one search: every combination, the closest first, the chosen one in bold."""
    tried = combinations(search)
    found = list(zip(tried, search.differences(tried, execution), strict=True))
    found.sort(key=lambda pair: float(np.mean(list(pair[1].values()))))
    series = list(found[0][1])
    lines = _head([*search.axes, *search.alone, "all series", *series])
    for options, gaps in found:
        values = [_written(options[name]) for name in (*search.axes, *search.alone)]
        values += [f"{gap:.3f}" for gap in (float(np.mean(list(gaps.values()))), *gaps.values())]
        mark = "**" if options == search.chosen else ""
        lines.append(_line([f"{mark}{value}{mark}" for value in values]))
    text = "\n".join(lines)
    words = textwrap.fill(f"Mean over {search.repetitions}. {search.note}", 120, break_on_hyphens=False)
    return f"## {search.title}\n\n{words}\n\n{text}\n"


def document(execution: Execution) -> str:
    """Return the page."""
    head = """# What the paper leaves open

Generated by `python -m figures.conventions`. Mean absolute differences from the published curves, taken at our
abscissas: every combination of the recorded options, the closest first, what the figures take in bold. One choice
serves all series of a figure. The paper profile of the figures repeats the bold rows with more seeds.
"""
    parts = [("Every choice", CHOICES_NOTE, lambda _: conventions_open.table())]
    found = [section(search, execution) for search in searches()]
    more = (*conventions_grasp.PARTS, *conventions_student.PARTS)
    return "\n".join(
        [head, *(_remark(*part, execution) for part in parts), *found, *(_remark(*part, execution) for part in more)]
    )


CHOICES_NOTE = (
    "Found: published curves, or numbers read off them, tell the options apart. Guessed: they do not, or no curve is "
    "held. The sections below have the numbers."
)


def _remark(title: str, note: str, table: Callable[[Execution], str], execution: Execution) -> str:
    return f"## {title}\n\n{textwrap.fill(note, 120, break_on_hyphens=False)}\n\n{table(execution)}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page."""
    parser = argparse.ArgumentParser(prog="python -m figures.conventions", description=__doc__)
    parser.add_argument("--jobs", type=positive, metavar="N", help="worker processes (default: every processor)")
    parser.add_argument(
        "--store", type=Path, default=Path("build/conventions.sqlite"), metavar="FILE",
        help="keeps finished cells, so that an interrupted search goes on (default: build/conventions.sqlite)",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    start = time.monotonic()
    try:
        options.store.parent.mkdir(parents=True, exist_ok=True)
        sys.stdout.write(document(Execution(jobs=options.jobs or cpu_count(), store=options.store)))
    except (OSError, StoreError, SweepError) as error:
        parser.exit(2, f"{parser.prog}: error: {error}\n")
    except KeyboardInterrupt:
        parser.exit(130, f"{parser.prog}: interrupted; finished parts are kept, run again to go on\n")
    sys.stderr.write(f"searched in {time.monotonic() - start:.0f} s\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
