"""`python -m figures [NAME...] [--list] [--profile quick|paper] [--out DIR] [--jobs N]`.

Writes DIR/NAME.csv and DIR/NAME.svg, .png and .pdf for each figure, and DIR/captions.json, an object {NAME: caption}.
Finished parts are kept in DIR/sweeps.sqlite, so that an interrupted run goes on where it was; the file may be deleted
at any time. `--backend dask --scheduler ADDRESS` computes on a Dask cluster; `--data-dir DIR` holds FashionMNIST for
fig1b.

Exit status: 0; 1 if a table contradicts its statement or a part could not be computed; 2 for a bad call; 130 on Ctrl-C.
"""

from __future__ import annotations

import os
import signal


def _end(number: int, frame: object) -> None:
    """Answer Ctrl-C at once, whatever is being imported: before the work and after it nothing needs to be put away."""
    try:
        os.write(2, b"figures: interrupted\n")
    finally:
        os._exit(130)


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not so for a command in the background
        signal.signal(signal.SIGINT, _end)

    from noprune_theory._console import run_command  # noqa: I001  (light, and to come first)
    from figures.command_line import main

    run_command("figures", main)
