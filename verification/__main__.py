"""Command line: `python -m verification [ID...] [--profile quick|full] [--json FILE] [--html FILE] [--figures DIR]`.

Exit status: 0 if every computed verdict equals the recorded one and every planted fault was caught, 1 if not, 2 for a
bad call, 130 on Ctrl-C.
"""

from __future__ import annotations

import sys

PROVERS = ("flint", "z3")

if __name__ == "__main__":
    try:
        from verification.command_line import main

        sys.exit(main(sys.argv[1:]))
    except ModuleNotFoundError as error:
        if error.name not in PROVERS:
            raise
        sys.stderr.write(f"verification: {error}; install the provers with `pip install noprune-theory[verify]`\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("verification: interrupted\n")
        sys.exit(130)
