"""The command `noprune-theory`: one module of `noprune_theory.commands` a subcommand."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from noprune_theory import __version__
from noprune_theory._console import OneLineParser, run_command

__all__ = ["main"]

# Name of a subcommand -> its module; none of them imports anything heavy before it runs.
_COMMANDS = {
    "verify": "verify",
    "new-statement": "new_statement",
    "list": "listing",
    "inspect": "inspect",
    "warm-up": "warm_up",
}


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="noprune-theory", description="Machine-checked theory of pruning at initialisation.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module_name in _COMMANDS.items():
        module = importlib.import_module(f"noprune_theory.commands.{module_name}")
        command = commands.add_parser(
            name, help=module.SUMMARY, description=module.DESCRIPTION, epilog=getattr(module, "EPILOG", None)
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run, parser=command)
    return parser


def _run(argv: Sequence[str] | None = None) -> int:
    arguments: argparse.Namespace = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments.parser, arguments))
    except (ValueError, TypeError, ImportError, OSError) as error:
        print(f"{arguments.parser.name}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def main() -> None:
    """Run the command and exit with its status: 0, 1 where a check fails, 2 for a bad call, 130 on Ctrl-C."""
    run_command("noprune-theory", _run)
