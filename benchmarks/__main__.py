"""Command line: `python -m benchmarks [NAME...] [--json FILE] [--baseline PATH] [--list] [--readme]`.

FILE receives {"schema": 1, "cases": [...]}, one entry a case against its strongest peer; `also` holds its further
contests and `rounds` the number of pairs timed. PATH is another checkout or environment of the project: the same case
runs there in turn, and `baseline` holds its seconds, the ratio of its time to ours (today / now) and its accuracy.

Exit status: 0; 2 for a bad call or a peer that is not installed; 130 on Ctrl-C.
"""

from __future__ import annotations

import os
import signal


def _end(number: int, frame: object) -> None:
    """Answer Ctrl-C at once, whatever is being imported: before the work and after it nothing needs to be put away."""
    try:
        os.write(2, b"benchmarks: interrupted\n")
    finally:
        os._exit(130)


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not so for a command in the background
        signal.signal(signal.SIGINT, _end)

    from noprune_theory._console import run_command  # noqa: I001  (light, and to come first)
    from benchmarks.command_line import main

    run_command("benchmarks", main)
