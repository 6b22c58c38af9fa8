"""Growth of one case: `python -m benchmarks.growth NAME...` prints CPU seconds, their exponent and peak memory.

Every size runs in a process of its own, whose high-water mark (`resource`) is the memory; what the process holds before
the work, interpreter and libraries, is printed beside it. BLAS runs on one thread.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.readme import format_seconds
from benchmarks.timing import Scaling

_CHILD = "import benchmarks.growth, sys; benchmarks.growth.measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))"


def _peak() -> float:
    """Return the high-water mark of this process in megabytes (`resource` counts kilobytes, on macOS bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _scalings(name: str) -> tuple[Scaling, ...]:
    """Return the growth measurements of a case, or those of `benchmarks.scale`, which has no peer."""
    module = importlib.import_module(f"benchmarks.{name}")
    found: tuple[Scaling, ...] = module.SCALINGS if hasattr(module, "SCALINGS") else module.CASE.scalings
    return found


def measure(name: str, scaling: int, value: int) -> None:
    """Print the CPU seconds of the second of two runs, and the peaks before the first and after the second, as JSON."""
    chosen = _scalings(name)[scaling]
    with threadpool_limits(limits=1):
        work = chosen.prepare(value)
        before = _peak()
        work()
        start = time.process_time()
        work()
        seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "before": before, "peak": _peak()}))


def _lines(name: str) -> list[str]:
    lines = []
    for index, scaling in enumerate(_scalings(name)):
        found = []
        for value in scaling.values:
            command = [sys.executable, "-c", _CHILD, name, str(index), str(value)]
            found.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
        seconds = [entry["seconds"] for entry in found]
        slope = np.polynomial.Polynomial.fit(np.log(scaling.values), np.log(seconds), 1).convert().coef[1]
        peaks = ", ".join(f"{entry['peak']:.0f}" for entry in found)
        lines.append(
            f"| {name} | {scaling.variable} | {', '.join(map(str, scaling.values))} "
            f"| {', '.join(map(format_seconds, seconds))} | {slope:.2f} | {scaling.expected:g} "
            f"| {peaks} ({found[0]['before']:.0f} before) |"
        )
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one table for the named cases."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description="Growth of time and memory.")
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="cases, as `python -m benchmarks --list` names them, or scale: sweeps"
    )
    print("| case | variable | values | CPU seconds | fitted exponent | expected | peak memory in MB |")
    print("|---|---|---|---|---:|---:|---|")
    for name in parser.parse_args(arguments).names:
        for line in _lines(name):
            print(line, flush=True)


if __name__ == "__main__":
    main()
