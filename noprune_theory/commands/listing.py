"""`noprune-theory list`: the papers at hand and their statements."""

from __future__ import annotations

import argparse

from noprune_theory._console import OneLineParser

__all__ = ["DESCRIPTION", "SUMMARY", "add_arguments", "run"]

SUMMARY = "list papers and their statements"
DESCRIPTION = (
    "List the statements of a file or module; without one, of the papers that installed packages offer under the entry "
    "point group noprune_theory.papers."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("source", nargs="?", metavar="FILE_OR_MODULE", help="a file or module (default: all installed)")


def run(parser: OneLineParser, arguments: argparse.Namespace) -> int:
    """Print one line a paper and one a statement."""
    from noprune_theory.verifier.paper import GROUP, installed_papers

    if arguments.source is None:
        papers = tuple(installed_papers().values())
        if not papers:
            print(f"no installed package offers a paper (entry point group {GROUP})")
            print("`noprune-theory new-statement NAME` writes a file to start from")
    else:
        from noprune_theory.verifier.loading import load_papers

        papers = load_papers(arguments.source)
    for paper in papers:
        print(f"{paper.name}: {paper.title}" + (f" ({paper.source})" if paper.source else ""))
        for identifier in paper.statements:
            print(f"  {identifier}")
    return 0
