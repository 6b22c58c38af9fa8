"""Command line: `python -m verification [ID...] [--profile quick|full] [--json FILE] [--html FILE] [--figures DIR]`.

Exit status: 0 if every computed verdict equals the recorded one and every planted fault was caught, 1 if not, 2 for a
bad call, 130 on Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

PROVERS = ("flint", "z3")


def _end(number: int, frame: object) -> None:
    """Answer Ctrl-C at once, whatever is being imported: before the work and after it nothing needs to be put away."""
    try:
        os.write(2, b"verification: interrupted\n")
    finally:
        os._exit(130)


def _checked(arguments: Sequence[str]) -> int:
    """Run the command line; the statements import the provers, of which one may be missing."""
    try:
        return main(arguments)
    except ModuleNotFoundError as error:
        if error.name not in PROVERS:
            raise
        sys.stderr.write(f"verification: {error}; install the provers with `pip install noprune-theory[verify]`\n")
        return 2


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not so for a command in the background
        signal.signal(signal.SIGINT, _end)

    from noprune_theory._console import run_command
    from verification.command_line import main

    run_command("verification", _checked)
