"""The command line of the verification: parse, run with progress, report."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from noprune_theory._console import plain
from noprune_theory._validation import UnwritableError, check_writable
from verification.evaluation import StatementAnswer
from verification.page import html_page
from verification.report import json_document, table
from verification.runner import run, worker_count
from verification.statement import PROFILES
from verification.statements import STATEMENTS

__all__ = ["main"]

# Columns of the table when the output is a file or a pipe.
WIDTH = 120


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say one line on stderr and exit with 2."""
        self.exit(2, f"verification: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m verification",
        description="Check the statements of 'No Free Prune' by machine.",
        epilog="Exit 0: every verdict is as recorded and every planted fault was caught. Exit 1: not so. Exit 2: bad "
        "usage.",
    )
    parser.add_argument(
        "ids", nargs="*", metavar="ID", help="statements to check (default: all): " + ", ".join(STATEMENTS)
    )
    parser.add_argument("--profile", choices=tuple(PROFILES), default="quick", help="amount of work (default: quick)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the answers as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one self-contained page")
    parser.add_argument("--figures", type=Path, metavar="DIR", help="folder whose figures the page embeds")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = [i for i in options.ids if i not in STATEMENTS]
    if unknown:
        parser.error(f"unknown statement {', '.join(unknown)}; known: {', '.join(STATEMENTS)}")
    if options.figures is not None and options.html is None:
        parser.error("--figures needs --html, the page that embeds them")
    if options.figures is not None and not options.figures.is_dir():
        parser.error(f"--figures: no folder {options.figures}")
    for target in (options.json, options.html):
        if target is not None:
            _check_writable(parser, target)
    answers = _run_with_progress(list(dict.fromkeys(options.ids)) or list(STATEMENTS), options.profile)
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    console.print(table(answers, console.width, console.encoding))
    if options.json is not None:
        document = json.dumps(json_document(answers), indent=1, ensure_ascii=False, allow_nan=False)
        _write(parser, options.json, document + "\n")
    if options.html is not None:
        _write(parser, options.html, html_page(answers, options.profile, options.figures))
    complaints = [f"{a.id}: {c}" for a in answers for c in a.complaints]
    for complaint in complaints:
        sys.stderr.write(plain(f"verification: {complaint}\n", sys.stderr.encoding or "utf-8"))
    return 1 if complaints else 0


def _write(parser: argparse.ArgumentParser, target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        parser.error(f"cannot write {target}: {error.strerror}")


def _check_writable(parser: argparse.ArgumentParser, target: Path) -> None:
    try:
        check_writable(target)
    except UnwritableError as error:
        parser.error(str(error))


def _run_with_progress(identifiers: list[str], profile: str) -> list[StatementAnswer]:
    """Evaluate with a progress bar on stderr when it is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("checking statements", total=len(identifiers))

        def finished(answer: StatementAnswer) -> None:
            progress.update(task, advance=1, description=f"{answer.id}: {answer.verdict}")

        return run(identifiers, profile, worker_count(), finished)
