"""What large runs would cost, from small ones: `python -m benchmarks.scale` prints scale.md, `--write` rewrites it.

Seconds are processor seconds of one core, so that other work on the machine counts little; each size is measured twice
and the smaller number taken. The exponent is the slope of log seconds on log size, and what was not measured continues
the last measured size with it, or with the slope between the last two where that is steeper. 100 cores are taken to do
100 times as much, except where a part is serial.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from noprune_theory.lipschitz import lipsdp_deep
from noprune_theory.models import MLP
from noprune_theory.pruning import enumerated_masks
from noprune_theory.solvers import Adam, GradientDescent, Training, train_networks
from noprune_theory.sweeps import Execution, grid, run_sweep
from noprune_theory.tasks import cube_atoms

CORES = 100
_FILE = Path(__file__).with_name("scale.md")


def short_cell(rng: np.random.Generator, n: int) -> dict[str, float]:
    """Return a cell that takes no time to speak of."""
    return {"value": float(rng.standard_normal(n).mean())}


@dataclass(frozen=True)
class Law:
    """Measured amounts at increasing sizes, and the power law through them."""

    sizes: tuple[float, ...]
    amounts: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """Slope of log amount on log size."""
        return float(np.polynomial.Polynomial.fit(np.log(self.sizes), np.log(self.amounts), 1).convert().coef[1])

    def at(self, size: float) -> float:
        """Return the amount at a size, continued from the last one by the steeper of exponent and last slope."""
        last = math.log(self.amounts[-1] / self.amounts[-2]) / math.log(self.sizes[-1] / self.sizes[-2])
        return self.amounts[-1] * (size / self.sizes[-1]) ** max(self.exponent, last)


def measured(sizes: Sequence[int], prepare: Callable[[int], Callable[[], object]]) -> Law:
    """Return processor seconds against size, the smaller of two runs after a first on the smallest size."""
    prepare(sizes[0])()
    amounts = []
    for size in sizes:
        work, runs = prepare(size), []
        for _ in range(2):
            start = time.process_time()
            work()
            runs.append(time.process_time() - start)
        amounts.append(min(runs))
    return Law(tuple(map(float, sizes)), tuple(amounts))


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    for unit, length in (("years", 365.25 * 86400.0), ("days", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds * 1e3:.3g} ms"


def _resident() -> int:
    """Return the bytes of memory that this process holds now (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def sweeps(folder: Path) -> list[str]:
    """Return the section on sweeps of short cells."""
    from distributed import LocalCluster

    lines = [
        "| cells | client, each | wall, each | memory, each | store, each, beyond its rows | reading it again, each |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    each = 0.0
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs="CRITICAL") as cluster:
        for cells in (1000, 4000, 16_000):
            path = folder / f"{cells}.sqlite"
            store = Execution(store=path, progress=False)
            spread = Execution(store=path, progress=False, backend="dask", scheduler=cluster.scheduler_address)
            before, wall, start = _resident(), time.perf_counter(), time.process_time()
            result = run_sweep(short_cell, grid(n=[10]), version=1, seeds=range(cells), execution=spread)
            each, wall = (time.process_time() - start) / cells, (time.perf_counter() - wall) / cells
            grown = max(_resident() - before, 0)
            start = time.process_time()
            again = run_sweep(short_cell, grid(n=[10]), version=1, seeds=range(cells), execution=store)
            assert again.reused == len(result.table) == cells
            rows = sum(len(f'[{{"value":{value!r}}}]') for value in result.table.column("value").tolist())
            lines.append(
                f"| {cells} | {duration(each)} | {duration(wall)} | {grown / cells:.0f} B | "
                f"{(path.stat().st_size - rows) / cells:.0f} B | {(time.process_time() - start) / cells * 1e6:.0f} us |"
            )
    lines += [
        "",
        f"The client, which also keeps the store, is serial: it feeds {CORES} cores as long as a cell takes "
        f"{duration(CORES * each)} or more. Shorter cells belong together in one.",
    ]
    return lines


def toy() -> list[str]:
    """Return the section on the exact toy of Appendix C.2."""
    network = MLP.draw(np.random.default_rng(1), (3, 4, 1), prune_biases=True)
    atoms_X, atoms_y = cube_atoms(3)
    training = Training(1000, optimizer=GradientDescent(0.05))

    def prepare(n: int) -> Callable[[], object]:
        sets = np.array(list(itertools.combinations_with_replacement(range(16), n)))
        return lambda: enumerated_masks(
            "magnitude_after", network, sets, atoms_X, atoms_y, keeps=[4, 8, 12], training=training
        )

    def count(n: int) -> int:
        return math.comb(15 + n, n)

    small = measured((3, 4, 5), prepare)
    law = Law(tuple(float(count(int(n))) for n in small.sizes), small.amounts)
    lines = [
        f"Magnitude pruning after 1,000 steps, on all multisets of n of the 16 pairs; exponent {law.exponent:.2f} in "
        "their number. Nothing is shared between data sets: they spread over any number of cores.",
        "",
        f"| n | data sets | | one core | {CORES} cores |",
        "|---:|---:|---|---:|---:|",
    ]
    for n in (3, 4, 5, 6, 8, 10, 12):
        known = float(n) in small.sizes
        seconds = small.amounts[small.sizes.index(n)] if known else law.at(count(n))
        how = "measured" if known else "extrapolated"
        lines.append(f"| {n} | {count(n):,} | {how} | {duration(seconds)} | {duration(seconds / CORES)} |")
    return lines


def paper() -> list[str]:
    """Return the section on the students of Figures 2 and 3 at the size of the paper."""
    rng = np.random.default_rng(1)
    template = MLP.draw(rng, (50, 100, 100, 100, 100, 1))
    X, y = rng.standard_normal((1000, 50)), rng.standard_normal(1000)

    def prepare(steps: int) -> Callable[[], object]:
        training = Training(steps, optimizer=Adam(1e-3), record_every=1)
        return lambda: train_networks(template, template.weights[None], X, y, training)

    law = measured((10, 20, 40), prepare)
    seed = law.at(14 * 100)
    return [
        f"A student of four hidden layers of width 100 takes {duration(law.amounts[-1] / law.sizes[-1])} a step on "
        f"1,000 samples, records included (exponent {law.exponent:.2f} in the steps). A curve of Figures 2 and 3 has "
        "25 seeds of 14 rounds of 100 steps.",
        "",
        f"| | one core | {CORES} cores |",
        "|---|---:|---:|",
        f"| one seed | {duration(seed)} | {duration(seed)}: its rounds follow each other |",
        f"| one curve of the paper, 25 seeds | {duration(25 * seed)} | {duration(seed)} |",
    ]


def networks() -> list[str]:
    """Return the section on certified bounds of trained networks."""
    rng = np.random.default_rng(2)

    def prepare(width: int) -> Callable[[], object]:
        layers = [W for W, _ in MLP.draw(rng, (64, width, width, 10)).layers()]
        return lambda: lipsdp_deep(layers)

    law = measured((64, 128, 256), prepare)
    lines = [
        f"LipSDP of a network 64-w-w-10; exponent {law.exponent:.2f} in the width. One network is serial: "
        f"{CORES} cores bound {CORES} networks in the time of one.",
        "",
        "| width | | one network |",
        "|---:|---|---:|",
    ]
    for width in (64, 128, 256, 512, 1024):
        known = float(width) in law.sizes
        seconds = law.amounts[law.sizes.index(width)] if known else law.at(width)
        lines.append(f"| {width} | {'measured' if known else 'extrapolated'} | {duration(seconds)} |")
    return lines


def document() -> str:
    """Return scale.md."""
    with threadpool_limits(limits=1), tempfile.TemporaryDirectory() as folder:
        parts = {
            "Sweeps of short cells, two Dask workers": sweeps(Path(folder)),
            "The exact toy": toy(),
            "The paper profile": paper(),
            "Bounds of trained networks": networks(),
        }
    head = (
        "# Scale\n\nThis file is generated: `python -m benchmarks.scale --write` measures and rewrites it. Seconds are "
        "processor seconds of one core (wall: of the clock, beside whatever else ran). The exponent is the slope of "
        "log seconds on log size; what is extrapolated continues the last measured size with it, or with the slope "
        "between the last two sizes where that is steeper.\n"
    )
    ends = (
        "## What breaks first\n\n"
        "- Cells shorter than the bound above: the client, not the workers, sets the pace.\n"
        "- The store: one record holds the whole text of its cell, so its size goes with the number of cells, not of "
        "sweeps; all of it is read and checked at opening.\n"
        "- The table of a sweep, and the exact toy's list of data sets, are held in memory by one process.\n"
        "- Curves of students: rounds follow each other, so no number of cores makes one seed faster.\n"
    )
    sections = "\n".join(f"## {title}\n\n" + "\n".join(lines) + "\n" for title, lines in parts.items())
    return f"{head}\n{sections}\n{ends}"


def main() -> None:
    """Print the document, or write it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--write", action="store_true", help="rewrite benchmarks/scale.md")
    write, text = parser.parse_args().write, document()
    if write:
        _FILE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
