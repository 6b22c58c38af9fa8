"""The command line of the verification: parse, run with progress, report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from noprune_theory._console import OneLineParser
from noprune_theory.verifier.command import check, chosen, known_names
from noprune_theory.verifier.options import EPILOG, add_options
from noprune_theory.verifier.paper import PaperError
from verification.papers import PAPERS, UNPREFIXED

__all__ = ["main"]


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="python -m verification", description="Check the statements of papers by machine.", epilog=EPILOG
    )
    names = ", ".join(known_names(PAPERS, UNPREFIXED))
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"statements to check (default: all): {names}")
    parser.add_argument("--paper", choices=[p.name for p in PAPERS], help="its statements only; ids need no prefix")
    add_options(parser)
    parser.add_argument("--figures", type=Path, metavar="DIR", help="folder whose figures the page embeds")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    papers = [p for p in PAPERS if options.paper in (None, p.name)]
    try:
        selection = chosen(papers, options.ids, UNPREFIXED if options.paper is None else papers[0])
    except PaperError as error:
        parser.error(str(error))
    if options.figures is not None and options.html is None:
        parser.error("--figures needs --html, the page that embeds them")
    if options.figures is not None and not options.figures.is_dir():
        parser.error(f"--figures: no folder {options.figures}")
    return check(parser, options, selection, options.figures)
