"""What the paper leaves open, one row a choice: the table `open_choices.csv` on the page of conventions.

A choice is *found* where published curves, or numbers read off them, tell the options apart, and *guessed* where they
do not, or no curve is held.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from pathlib import Path

STATUSES = ("found", "guessed")


@dataclass(frozen=True)
class Choice:
    """One choice that the paper does not state.

    Attributes
    ----------
    figures : str
        Panels that it concerns.
    setting : str
        Its name in the settings of the figures; empty where it is none.
    choice, tried, taken : str
    status : {"found", "guessed"}
    evidence, effect : str
        Why, and what the choice changes in the figure.
    """

    figures: str
    setting: str
    choice: str
    tried: str
    taken: str
    status: str
    evidence: str
    effect: str


def choices() -> tuple[Choice, ...]:
    """Return the rows of the table."""
    with Path(__file__).with_name("open_choices.csv").open(newline="", encoding="utf-8") as stream:
        return tuple(Choice(**row) for row in csv.DictReader(stream))


def named(figure: str) -> str:
    """Say for the caption of a figure which choices were found and which guessed; the rest is stated in the paper."""
    parts = []
    for status in STATUSES:
        rows = [row for row in choices() if row.status == status and figure in row.figures.split("; ")]
        if rows:
            parts.append(f"{status}: " + ", ".join(f"{row.choice} ({row.taken})" for row in rows))
    return f"Not stated in the paper (docs/conventions.md); {'; '.join(parts)}."


def table() -> str:
    """Return the table as it stands on the page."""
    names = [field.name for field in fields(Choice) if field.name != "setting"]
    rows = [[getattr(row, name) for name in names] for row in choices()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, ["---"] * len(names), *rows))
