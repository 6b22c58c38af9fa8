"""`noprune-theory verify`: check the statements of a file, a module or an installed paper."""

from __future__ import annotations

import argparse
from pathlib import Path

from noprune_theory._console import OneLineParser
from noprune_theory.verifier.options import EPILOG, add_options

__all__ = ["DESCRIPTION", "EPILOG", "SUMMARY", "add_arguments", "run"]

SUMMARY = "check the statements of a file, a module or an installed paper"
DESCRIPTION = (
    "Check statements in the five ways: claim, derivation, exact models, simulations, planted faults. FILE_OR_MODULE "
    "is a Python file, the dotted name of a module, or the name of an installed paper."
)
_PROVERS = {"flint", "z3"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("source", metavar="FILE_OR_MODULE", help="where the statements are")
    parser.add_argument("ids", nargs="*", metavar="ID", help="statements to check (default: all)")
    add_options(parser)
    parser.add_argument(
        "--certify",
        action="store_true",
        help="have Rocq prove every obligation too, into --certificates (default then: build/certificates)",
    )


def run(parser: OneLineParser, arguments: argparse.Namespace) -> int:
    """Check the statements, print the table, and write the files that were asked for."""
    try:
        from noprune_theory.verifier.command import check, chosen
        from noprune_theory.verifier.loading import load_papers
    except ModuleNotFoundError as error:
        if error.name not in _PROVERS:
            raise
        parser.error(f"{error}; install the provers with `pip install noprune-theory[verify]`")
    selection = chosen(load_papers(arguments.source), arguments.ids)
    if not arguments.certify:
        return check(parser, arguments, selection)
    from noprune_theory.verifier.rocq.__main__ import main as certify

    arguments.certificates = arguments.certificates or Path("build") / "certificates"
    certified = certify([arguments.source, "--out", str(arguments.certificates)])
    return check(parser, arguments, selection) or certified
