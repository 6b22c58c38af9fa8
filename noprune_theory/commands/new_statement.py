"""`noprune-theory new-statement`: a file to start from, which runs as it is."""

from __future__ import annotations

import argparse
import re
from importlib import resources
from pathlib import Path

from noprune_theory._console import OneLineParser

__all__ = ["DESCRIPTION", "SUMMARY", "add_arguments", "run"]

SUMMARY = "write a statement file to start from"
DESCRIPTION = (
    "Write NAME.py into the current folder: a commented statement with a claim, a derivation, an exact model, a "
    "simulation and two planted faults, which `noprune-theory verify NAME.py` checks as it is."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", metavar="NAME", help="letters, digits, hyphens and underscores, such as lemma-1")


def run(parser: OneLineParser, arguments: argparse.Namespace) -> int:
    """Write the file; one that is there already stays as it is."""
    name: str = arguments.name
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*", name) is None:
        parser.error(f"NAME: needs a letter, then letters, digits, single hyphens or underscores, given '{name}'")
    target = Path(f"{name}.py")
    template = resources.files("noprune_theory.commands").joinpath("_statement_template.py").read_text("utf-8")
    identifier = name.lower().replace("_", "-")
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(template.replace('"statement-name"', f'"{identifier}"'))
    except FileExistsError:
        parser.error(f"NAME: {target} exists already")
    print(f"wrote {target}; check it with `noprune-theory verify {target}`")
    return 0
