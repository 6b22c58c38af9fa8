"""`python -m figures [NAME...] [--list] [--profile quick|paper] [--out DIR] [--jobs N]`.

Writes DIR/NAME.csv and DIR/NAME.svg, .png and .pdf for each figure, and DIR/captions.json, an object {NAME: caption}.
Finished parts are kept in DIR/sweeps.sqlite, so that an interrupted run goes on where it was; the file may be deleted
at any time. `--backend dask --scheduler ADDRESS` computes on a Dask cluster; `--data-dir DIR` holds FashionMNIST for
fig1b.

Exit status: 0; 1 if a table contradicts its statement or a part could not be computed; 2 for a bad call; 130 on Ctrl-C.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    try:
        from figures.command_line import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write("figures: interrupted\n")
        sys.exit(130)
