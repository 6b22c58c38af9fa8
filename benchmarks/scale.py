"""What large runs would cost, from small ones: `python -m benchmarks.scale` prints scale.md, `--write` rewrites it.

Seconds are processor seconds of one core, so that other work on the machine counts little; each size is measured twice
and the smaller number taken. The exponent is the slope of log seconds on log size, and what was not measured continues
the last measured size with it, or with the slope between the last two where that is steeper. 100 cores are taken to do
100 times as much, except where a part is serial.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.timing import Scaling
from benchmarks.trained_networks import trained_network
from figures import fig1a, fig1b
from noprune_theory._types import FloatArray
from noprune_theory.lipschitz import bracket, lipsdp_deep
from noprune_theory.models import MLP
from noprune_theory.pruning import enumerated_masks
from noprune_theory.pruning.iterative_magnitude import geometric_counts
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
        """Return the amount at a size, continued from the last one by exponent or last slope, the steeper; or flat."""
        last = math.log(self.amounts[-1] / self.amounts[-2]) / math.log(self.sizes[-1] / self.sizes[-2])
        return self.amounts[-1] * (size / self.sizes[-1]) ** max(self.exponent, last, 0.0)


def measured(sizes: Sequence[int], prepare: Callable[[int], Callable[[], object]], repeats: int = 2) -> Law:
    """Return processor seconds against size, the smallest of so many runs after a first on the smallest size."""
    prepare(sizes[0])()
    amounts = []
    for size in sizes:
        work, runs = prepare(size), []
        for _ in range(repeats):
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


@contextlib.contextmanager
def _cluster(folder: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """Start a scheduler and two workers; yield its address and the process ids of all, this one as the client."""
    from distributed import Client

    file, dask = folder / "scheduler.json", [sys.executable, "-m", "dask"]
    options = ["--scheduler-file", str(file), "--no-dashboard"]
    commands = {
        "scheduler": [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *options],
        "worker 1": [*dask, "worker", *options, "--no-nanny", "--nthreads", "1", "--local-directory", str(folder)],
    }
    commands["worker 2"] = commands["worker 1"]
    started = {
        name: subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for name, command in commands.items()
    }
    try:
        with Client(scheduler_file=str(file), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
            address = client.scheduler.address
        yield address, {"client": os.getpid(), **{name: process.pid for name, process in started.items()}}
    finally:
        for process in started.values():
            process.kill()
            process.wait()


def _used(processes: dict[str, int]) -> dict[str, tuple[float, int]]:
    """Return processor seconds and bytes of memory of each process."""
    import psutil  # type: ignore[import-untyped]  # comes with Dask

    found = {name: psutil.Process(number) for name, number in processes.items()}
    return {name: (sum(p.cpu_times()[:2]), p.memory_info().rss) for name, p in found.items()}


def sweeps(folder: Path) -> list[str]:
    """Return the section on sweeps of short cells."""
    lines = [
        "| cells | client | scheduler | each worker | wall | memory of the client | its table | "
        "store, beyond its rows | reading it again |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    serial = 0.0
    with _cluster(folder) as (scheduler, processes):
        for cells in (1000, 4000, 16_000, 100_000):
            path = folder / f"{cells}.sqlite"
            store = Execution(store=path, progress=False)
            spread = dataclasses.replace(store, backend="dask", scheduler=scheduler)
            before, wall = _used(processes), time.perf_counter()
            result = run_sweep(short_cell, grid(n=[10]), version=1, seeds=range(cells), execution=spread)
            wall, after = (time.perf_counter() - wall) / cells, _used(processes)
            each = {name: (after[name][0] - before[name][0]) / cells for name in processes}
            grown = max(after["client"][1] - before["client"][1], 0)
            table = sum(sys.getsizeof(row) + sum(map(sys.getsizeof, row[1:])) for row in result.table.rows)
            start = time.process_time()
            again = run_sweep(short_cell, grid(n=[10]), version=1, seeds=range(cells), execution=store)
            reading = (time.process_time() - start) / cells
            assert again.reused == len(result.table) == cells
            rows = sum(len(f'[{{"value":{value!r}}}]') for value in result.table.column("value").tolist())
            serial = max(each["client"], each["scheduler"])
            lines.append(
                f"| {cells} | {duration(each['client'])} | {duration(each['scheduler'])} | "
                f"{duration((each['worker 1'] + each['worker 2']) / 2)} | {duration(wall)} | {grown / cells:.0f} B | "
                f"{table / cells + 8:.0f} B | {(path.stat().st_size - rows) / cells:.0f} B | {reading * 1e6:.0f} us |"
            )
    lines += [
        "",
        "All of it divided by the number of cells. The table is what the sweep returns, a tuple and its numbers for "
        "each row; beside it the client holds two pointers and a byte a cell. The client, which also keeps the store, "
        f"is serial, and so is the scheduler: they feed {CORES} cores as long as a cell takes "
        f"{duration(CORES * serial)} or more. Shorter cells belong together in one.",
    ]
    return lines


def _sweep_of(cells: int) -> Callable[[], object]:
    """Return a sweep of short cells in this process, with a store."""

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            execution = Execution(store=Path(folder) / "store.sqlite", progress=False)
            run_sweep(short_cell, grid(n=[10]), version=1, seeds=range(cells), execution=execution)

    return run


def _resumed(cells: int) -> Callable[[], object]:
    """Return the rerun of a sweep whose cells are all in its store."""
    folder = tempfile.TemporaryDirectory()
    execution = Execution(store=Path(folder.name) / "store.sqlite", progress=False)

    def run() -> object:
        assert folder.name
        return run_sweep(short_cell, grid(n=[10]), version=1, seeds=range(cells), execution=execution)

    run()
    return run


#: For `python -m benchmarks.growth scale`.
SCALINGS = (
    Scaling("cells of a sweep with a store, one process", (2000, 4000, 8000, 16_000), 1.0, _sweep_of),
    Scaling("cells of a sweep that is resumed", (2000, 4000, 8000, 16_000), 1.0, _resumed),
)


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


def _figure_1a() -> list[str]:
    """Return the cost of Figure 1a: its cells are measured at their full size, one seed each."""
    settings = dataclasses.asdict(fig1a.SETTINGS["paper"])
    seeds = settings.pop("seeds")
    settings.pop("synflow_seeds")

    def prepare(method: str) -> Callable[[], object]:
        return lambda: fig1a.memorisation_cell(np.random.default_rng(1), **fig1a.cell(method, settings))

    seconds = {m: measured((1,), lambda _, m=m: prepare(m)).amounts[0] for m in fig1a.SERIES}  # type: ignore[misc]
    total, slowest = seeds * sum(seconds.values()), max(seconds.values())
    each = ", ".join(f"{method} {duration(amount)}" for method, amount in seconds.items())
    return [
        f"Figure 1a: a cell is a method and a seed, and takes at its full size {each}. {len(seconds) * seeds:,} cells:",
        "",
        f"| | one core | {CORES} cores |",
        "|---|---:|---:|",
        f"| Figure 1a, {seeds} seeds (extrapolated, exponent 1) | {duration(total)} | "
        f"{duration(max(total / CORES, slowest))} |",
    ]


def _figure_1b() -> list[str]:
    """Return the cost of Figure 1b: on digits by samples and width, on FashionMNIST by the steps of one training."""
    settings = fig1b.SETTINGS["paper"]

    def seconds(method: str, samples: int, width: int) -> float:
        start = time.process_time()
        fig1b.image_cell(
            np.random.default_rng(0),
            method=method,
            samples=samples,
            width=width,
            epochs=settings.epochs,
            patience=settings.patience,
            unchanged_within=0.0,
            optimizer_state=settings.optimizer_state if method == "IMP" else None,
            noise_variance=fig1b.NOISE_VARIANCE,
            sparsities=fig1b.SPARSITIES,
            data_dir=None,
            digest=None,
        )
        return time.process_time() - start

    lines = [
        "Figure 1b on the digits that stand in for FashionMNIST: trainings end when nothing changes, so exponents are "
        "rough. A cell is a method and a seed; measured once on 50, 100 and 200 images with width 50, and on 100 with "
        f"width 25, 50 and 100; extrapolated to {settings.samples:,} images and width {settings.width}.",
        "",
        "| method | 200 images, width 50 | exponent in images, in width | one cell | "
        f"{settings.seeds} seeds, one core |",
        "|---|---:|---:|---:|---:|",
    ]
    cells = {}
    seconds("Random", 50, 50)
    for method in fig1b.SERIES:
        middle = seconds(method, 100, 50)
        images = Law((50.0, 100.0, 200.0), (seconds(method, 50, 50), middle, seconds(method, 200, 50)))
        widths = Law((25.0, 50.0, 100.0), (seconds(method, 100, 25), middle, seconds(method, 100, 100)))
        cells[method] = images.at(settings.samples) * widths.at(settings.width) / middle
        lines.append(
            f"| {method} | {duration(images.amounts[-1])} | {images.exponent:.2f}, {widths.exponent:.2f} | "
            f"{duration(cells[method])} | {duration(settings.seeds * cells[method])} |"
        )
    total, slowest = settings.seeds * sum(cells.values()), max(cells.values())
    rng = np.random.default_rng(1)
    network = MLP.draw(rng, (784, 200, 200, 10))
    prunable = int(network.prunable.sum())
    rounds = len(geometric_counts(prunable, int((1 - fig1b.SPARSITIES[1]) * prunable)))
    training = Training(1, loss="cross_entropy", optimizer=Adam(1e-3), batch_size=64)

    def epoch(samples: int) -> Callable[[], object]:
        X, y = rng.standard_normal((samples, 784)), rng.integers(0, 10, samples).astype(float)
        return lambda: train_networks(network, network.weights[None], X, y, training, rngs=[np.random.default_rng(0)])

    law = measured((1000, 2000, 4000), epoch)
    once = law.at(60_000)
    return [
        *lines,
        f"| all | | | | {duration(total)}; {CORES} cores: {duration(max(total / CORES, slowest))} |",
        "",
        f"On the 60,000 images of FashionMNIST an epoch of 784-200-200-10 takes {duration(once)} (measured on 1,000 to "
        f"4,000, exponent {law.exponent:.2f}). A cell of IMP is {rounds + 1} trainings after each other, of at most "
        f"{settings.epochs} epochs: at most {duration((rounds + 1) * settings.epochs * once)} on any number of cores.",
    ]


def paper() -> list[str]:
    """Return the section on the figures at the size of the paper."""
    rng = np.random.default_rng(1)
    template = MLP.draw(rng, (50, 100, 100, 100, 100, 1))
    X, y = rng.standard_normal((1000, 50)), rng.standard_normal(1000)

    def prepare(steps: int) -> Callable[[], object]:
        training = Training(steps, optimizer=Adam(1e-3), record_every=1)
        return lambda: train_networks(template, template.weights[None], X, y, training)

    law = measured((10, 20, 40), prepare)
    seed = law.at(14 * 100)
    return [
        *_figure_1a(),
        "",
        *_figure_1b(),
        "",
        f"Figures 2 and 3: a student of four hidden layers of width 100 takes "
        f"{duration(law.amounts[-1] / law.sizes[-1])} a step on 1,000 samples, records included (exponent "
        f"{law.exponent:.2f} in the steps). A curve has 25 seeds of 14 rounds of 100 steps.",
        "",
        f"| | one core | {CORES} cores |",
        "|---|---:|---:|",
        f"| one seed | {duration(seed)} | {duration(seed)}: its rounds follow each other |",
        f"| one curve of the paper, 25 seeds | {duration(25 * seed)} | {duration(seed)} |",
    ]


def _bounded(title: str, sizes: Sequence[int], known: int, layers: Callable[[int], Sequence[FloatArray]]) -> list[str]:
    """Return a table of LipSDP and of brackets; the sizes after the first `known` are extrapolated."""
    networks = {size: layers(size) for size in sizes[:known]}
    bounds = measured(sizes[:known], lambda size: lambda: lipsdp_deep(networks[size]))
    widths: dict[int, float] = {}

    def bracketed(size: int) -> Callable[[], object]:
        def run() -> None:
            found = bracket(MLP.from_layers(list(networks[size])), max_seconds=5.0)
            widths[size] = found.upper / found.lower - 1

        return run

    brackets = measured(sizes[:known], bracketed, 1)
    lines = [
        f"| {title} | | LipSDP (exponent {bounds.exponent:.2f}) | bracket (exponent {brackets.exponent:.2f}) | "
        "upper / lower - 1 |",
        "|---:|---|---:|---:|---:|",
    ]
    for size in sizes:
        how, width = ("measured", f"{widths[size]:.2g}") if size in widths else ("extrapolated", "")
        one, both = (law.amounts[sizes.index(size)] if size in widths else law.at(size) for law in (bounds, brackets))
        lines.append(f"| {size} | {how} | {duration(one)} | {duration(both)} | {width} |")
    return lines


def networks() -> list[str]:
    """Return the section on certified bounds of trained networks."""
    return [
        "Networks trained on images of 784 pixels in ten classes, layers of spectral norm 1.00 to 1.03 "
        "(`benchmarks.trained_networks`, two epochs). A bracket is LipSDP above and searches below, here for 5 s at "
        f"most. One network is serial: {CORES} cores bracket {CORES} networks in the time of one.",
        "",
        *_bounded("w of 784-w-w-10", (128, 256, 512, 1024, 2048), 3, lambda w: trained_network(2, width=w, epochs=2)),
        "",
        *_bounded("hidden layers of width 64", (4, 8, 16, 32, 64), 3, lambda h: trained_network(h, epochs=2)),
    ]


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
        "- Cells shorter than the bound above: the client and the scheduler, not the workers, set the pace.\n"
        "- The store: its size goes with the number of cells, and all of it is read and checked at opening, whatever "
        "sweep is resumed.\n"
        "- The table of a sweep, and the exact toy's list of data sets, are held in memory by one process.\n"
        "- Rounds of iterative magnitude pruning follow each other, so no number of cores makes one seed faster: a "
        "seed of IMP on FashionMNIST is the longest chain of all, and sets the time of the paper profile on many "
        "cores.\n"
        "- Brackets of deep networks: not time but the gap, which grows with depth and which more cores do not close, "
        "since the search of one network is serial.\n"
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
