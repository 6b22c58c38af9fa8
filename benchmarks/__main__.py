"""Command line: `python -m benchmarks [NAME...] [--json FILE] [--list] [--readme]`.

FILE receives {"schema": 1, "cases": [...]}, one entry a case against its strongest peer; `also` holds its further
contests and `rounds` the number of pairs timed.

Exit status: 0; 2 for a bad call or a peer that is not installed; 130 on Ctrl-C.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    try:
        from benchmarks.command_line import main

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write("benchmarks: interrupted\n")
        sys.exit(130)
