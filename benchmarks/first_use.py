"""First calls in fresh processes: `python -m benchmarks.first_use [NAME...]` prints one table.

Every call is made in two processes: the first starts from an empty numba cache of its own and compiles, the second
finds the machine code there. What the call imports, compiles or loads is part of its time; numpy and the models are
there before it. Seconds as a user waits are followed by those of the processor, which other work on the machine changes
less. The second call in the same process and the peak memory (high-water mark, `resource`) stand beside them. BLAS runs
on one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.readme import format_seconds
from noprune_theory import lipschitz
from noprune_theory._types import FloatArray
from noprune_theory.models import MLP

_CHILD = "import benchmarks.first_use, sys; benchmarks.first_use.measure(sys.argv[1])"


def calls() -> dict[str, Callable[[], object]]:
    """Return the calls by name."""
    rng = np.random.default_rng(0)
    found: dict[str, Callable[[], object]] = {}
    for dimension, biases in product((1, 2, 3, 4, 5, 20), (False, True)):
        network = MLP.draw(rng, (dimension, 24, 1), biases=biases)
        name = f"bracket, {dimension}-24-1{', biases' if biases else ''}"
        found[name] = partial(_bracket, network)
    deep = MLP.draw(rng, (6, 8, 8, 1))
    found["bracket, 6-8-8-1"] = partial(_bracket, deep)
    for units, dimension in ((1000, 2), (24, 3), (24, 4), (24, 5)):
        W, a = rng.standard_normal((units, dimension)), rng.standard_normal(units)
        name = f"exact constant, {units} units, {dimension} inputs"
        found[name] = partial(_exact, W, a)
    found["cones, 24 units, 5 inputs"] = partial(_cones, W, a)
    return found


# The functions of `lipschitz` are looked up in the call, for that is when their modules are imported.
def _bracket(network: MLP) -> object:
    return lipschitz.bracket(network)


def _exact(W: FloatArray, a: FloatArray) -> object:
    return lipschitz.exact_one_hidden(W, a)


def _cones(W: FloatArray, a: FloatArray) -> object:
    return lipschitz.branch_and_bound(W, a)


def measure(name: str) -> None:
    """Print the seconds of the first and the second call, on the clock and of the processor, and the peak, as JSON."""
    call = calls()[name]
    found: dict[str, float] = {}
    with threadpool_limits(limits=1):
        for turn in ("first", "second"):
            clock, processor = time.perf_counter(), time.process_time()
            call()
            found[turn], found[f"{turn}_cpu"] = time.perf_counter() - clock, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    print(json.dumps({**found, "peak": peak}))


def _line(name: str) -> str:
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        command = [sys.executable, "-c", _CHILD, name]
        empty, filled = (
            json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout)
            for _ in range(2)
        )
    seconds = [empty["first"], empty["first_cpu"], filled["first"], filled["first_cpu"], filled["second"]]
    return f"| {name} | {' | '.join(map(format_seconds, seconds))} | {empty['peak']:.0f}, {filled['peak']:.0f} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one table for the named calls, or for all."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.first_use", description="First calls in a fresh process."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"calls: {'; '.join(calls())} (default: all)")
    names = parser.parse_args(arguments).names
    for name in names:
        if name not in calls():
            parser.error(f"unknown call {name!r}; choose from {'; '.join(calls())}")
    print("| call | empty cache | CPU | filled cache | CPU | second call | peak memory in MB, empty and filled |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name in names or calls():
        print(_line(name), flush=True)


if __name__ == "__main__":
    main()
