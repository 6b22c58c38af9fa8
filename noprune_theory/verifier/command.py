"""What the command lines share: options, progress, the table, the files, the exit status."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from noprune_theory._console import OneLineParser, plain
from noprune_theory._validation import UnwritableError, check_writable
from noprune_theory.verifier.evaluation import EvaluationError, StatementAnswer
from noprune_theory.verifier.kernels import with_rocq
from noprune_theory.verifier.page import html_page
from noprune_theory.verifier.paper import Paper, PaperError
from noprune_theory.verifier.report import json_document, table
from noprune_theory.verifier.runner import Selected, run, worker_count

if TYPE_CHECKING:
    from noprune_theory.verifier.rocq.manifest import Manifest

__all__ = ["check", "chosen", "known_names"]

# Columns of the table when the output is a file or a pipe.
WIDTH = 120


def known_names(papers: Sequence[Paper], unprefixed: Paper | None = None) -> list[str]:
    """Return how the statements of some papers are called on a command line."""
    short = papers[0] if len(papers) == 1 else unprefixed
    return [i if paper is short else f"{paper.name}/{i}" for paper in papers for i in paper.statements]


def chosen(papers: Sequence[Paper], names: Sequence[str], unprefixed: Paper | None = None) -> list[Selected]:
    """Return the statements that the names on a command line stand for, each once; all without names.

    A name is an id, or "paper/id". An id alone is looked for in the paper `unprefixed`, without one in all.

    Raises
    ------
    PaperError
        If a name stands for no statement, or for several.
    """
    if not names:
        return [Selected(paper, identifier) for paper in papers for identifier in paper.statements]
    selection = []
    for name in names:
        prefix, _, identifier = name.rpartition("/")
        found = [
            Selected(paper, identifier)
            for paper in papers
            if identifier in paper.statements and (prefix == paper.name if prefix else unprefixed in (None, paper))
        ]
        if not found:
            raise PaperError(f"unknown statement {name}; known: {', '.join(known_names(papers, unprefixed))}")
        if len(found) > 1:
            raise PaperError(f"{name} stands for several: {', '.join(f'{s.paper.name}/{s.identifier}' for s in found)}")
        selection += [s for s in found if s not in selection]
    return selection


def check(
    parser: OneLineParser,
    options: argparse.Namespace,
    selection: Sequence[Selected],
    figures: Path | None = None,
) -> int:
    """Evaluate statements, print the tables, write the files that were asked for, and return the exit status.

    Parameters
    ----------
    parser : OneLineParser
        Says what is wrong.
    options : argparse.Namespace
        What `noprune_theory.verifier.options.add_options` defines.
    selection : sequence of Selected
        Which statements.
    figures : Path, optional
        Folder whose figures the page embeds.
    """
    for target in (options.json, options.html):
        if target is not None:
            try:
                check_writable(target)
            except UnwritableError as error:
                parser.error(str(error))
    manifest = None if options.certificates is None else _manifest(parser, options.certificates)
    try:
        answers = run_with_progress(selection, options.profile)
    except EvaluationError as error:
        parser.error(str(error))
    if manifest is not None:
        statuses = {digest: str(status) for digest, status in manifest.statuses().items()}
        answers = [with_rocq(answer, statuses) for answer in answers]
    papers = tuple({s.paper.name: s.paper for s in selection}.values())
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    for paper in papers:
        own = [answer for answer in answers if answer.paper == paper.name]
        console.print(table(own, console.width, console.encoding, paper.title))
    if manifest is not None:
        console.print(f"Rocq: {_decided(answers)}")
    if options.json is not None:
        document = json.dumps(json_document(answers), indent=1, ensure_ascii=False, allow_nan=False)
        _write(parser, options.json, document + "\n")
    if options.html is not None:
        theorems = manifest.theorems if manifest is not None else ()
        _write(parser, options.html, html_page(answers, options.profile, figures, papers, theorems))
    complaints = [f"{parser.name}: {a.id}: {complaint}\n" for a in answers for complaint in a.complaints]
    for complaint in complaints:
        sys.stderr.write(plain(complaint, sys.stderr.encoding or "utf-8"))
    return 1 if complaints else 0


def _manifest(parser: OneLineParser, folder: Path) -> Manifest:
    """Return what Rocq decided."""
    # Not before: the package imports the provers, and a call without them is told which are missing.
    from noprune_theory.verifier.rocq.manifest import Manifest

    try:
        return Manifest.read(folder / "manifest.json")
    except (OSError, ValueError) as error:
        parser.error(f"--certificates: {folder}: {error}")


def _decided(answers: Sequence[StatementAnswer]) -> str:
    """Return in words what Rocq decided of the obligations of all steps, each counted once."""
    steps = [step for a in answers for step in (*a.steps, *(a.repair.steps if a.repair else ()))]
    found = {o.digest: o.rocq or "not certified" for step in steps for o in step.obligations}
    counts = Counter(found.values())
    shown = (f"{counts[word]} {word}" for word in ("accepted", "refuted", "open", "not certified") if counts[word])
    return f"of {len(found)} obligations {', '.join(shown)}"


def _write(parser: OneLineParser, target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        parser.error(f"cannot write {target}: {error.strerror}")


def run_with_progress(selection: Sequence[Selected], profile: str) -> list[StatementAnswer]:
    """Evaluate with a progress bar on stderr when it is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("checking statements", total=len(selection))

        def finished(answer: StatementAnswer) -> None:
            progress.update(task, advance=1, description=f"{answer.id}: {answer.verdict}")

        return run(selection, profile, worker_count(), finished)
