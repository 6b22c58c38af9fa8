"""The options of every command line that checks statements; nothing heavy is imported to declare them."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["EPILOG", "add_options"]

EPILOG = "Exit 0: every verdict is as recorded and every planted fault was caught. Exit 1: not so. Exit 2: bad usage."


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what `noprune_theory.verifier.command.check` reads."""
    parser.add_argument("--profile", choices=("quick", "full"), default="quick", help="amount of work (default: quick)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the answers as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one self-contained page")
    parser.add_argument(
        "--certificates", type=Path, metavar="FOLDER", help="say what Rocq decided, by FOLDER/manifest.json"
    )
