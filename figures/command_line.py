"""The command line: which figures, how, and where to."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from figures import FIGURES, LONGEST_FIRST, SHARED_CELLS, WORKERS_IMPORT
from figures.table import ContradictionError, Table
from noprune_theory._files import replacing
from noprune_theory.sweeps import Execution, StoreError, SweepError

PROFILES = ("quick", "paper")


class UsageError(ValueError):
    """A call that cannot be carried out as it stands."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Report one line instead of argparse's usage and message."""
        raise UsageError(message)


def positive(text: str) -> int:
    """Read an integer >= 1 from the command line."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be an integer >= 1, got {text!r}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m figures", description="Compute and draw the figures.", allow_abbrev=False)
    parser.add_argument("names", nargs="*", metavar="NAME", help="figures to make; all by default")
    parser.add_argument("--list", action="store_true", help="list the figures and stop")
    parser.add_argument("--profile", choices=PROFILES, default="quick", help="size of the computation (default: quick)")
    parser.add_argument("--out", type=Path, default=Path("build/figures"), metavar="DIR", help="default: build/figures")
    parser.add_argument("--jobs", type=positive, metavar="N", help="worker processes (default: every processor)")
    parser.add_argument("--backend", default="loky", metavar="NAME", help="'dask', or a joblib backend (default: loky)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="address of the Dask scheduler")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder with FashionMNIST's IDX files, for fig1b")
    return parser


def _selected(names: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        raise UsageError(f"unknown figure {unknown[0]!r}; known: {', '.join(FIGURES)}")
    return tuple(dict.fromkeys(names)) or FIGURES


def _prepare_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"cannot write into {folder}: {error.strerror or error}") from error


def _execution(options: argparse.Namespace) -> Execution:
    from joblib import cpu_count

    if (options.backend == "dask") != (options.scheduler is not None):
        raise UsageError("--backend dask and --scheduler ADDRESS go together")
    try:
        return Execution(
            jobs=options.jobs or cpu_count(),
            backend=options.backend,
            scheduler=options.scheduler,
            store=options.out / "sweeps.sqlite",
        )
    except ValueError as error:
        raise UsageError(f"--{error}") from error


def _settings(module: object, profile: str, data_dir: Path | None) -> object:
    settings = module.SETTINGS[profile]  # type: ignore[attr-defined]
    if data_dir is not None and hasattr(settings, "data_dir"):
        settings = dataclasses.replace(settings, data_dir=str(data_dir))
    return settings


def _write_captions(folder: Path, captions: dict[str, str]) -> None:
    """Merge the captions into DIR/captions.json, which earlier calls for other figures may have written."""
    path = folder / "captions.json"
    known: dict[str, str] = {}
    if path.exists():
        try:
            known = {k: v for k, v in json.loads(path.read_text("utf-8")).items() if k in FIGURES}
        except (ValueError, AttributeError) as error:
            raise UsageError(f"{path} is not a file of captions ({error}); delete it") from error
    merged = {**known, **captions}
    ordered = {name: merged[name] for name in FIGURES if name in merged}
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n", "utf-8")


def make_figure(name: str, profile: str, folder: Path, execution: Execution, data_dir: Path | None = None) -> str:
    """Compute, check, draw and save one figure; return its caption.

    The files are written before the check, so that a contradiction can be looked at.

    Raises
    ------
    ContradictionError
        If the table contradicts the statement that the figure is about.
    """
    return _drawn(name, folder, _computed(name, profile, execution, data_dir))


def _computed(name: str, profile: str, execution: Execution, data_dir: Path | None) -> Table:
    module = importlib.import_module(f"figures.{name}")
    table: Table = module.compute(_settings(module, profile, data_dir), execution)
    return table


def _drawn(name: str, folder: Path, table: Table) -> str:
    from figures.render import save
    from figures.style import paper_style

    module = importlib.import_module(f"figures.{name}")
    table.write_csv(folder / f"{name}.csv")
    with paper_style():
        save(module.draw(table), folder, name)
    caption = str(module.caption(table))
    _write_captions(folder, {name: caption})
    module.check(table)
    return caption


def _report(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


@dataclasses.dataclass(frozen=True)
class _Outcome:
    """What is said of a figure, and whether it failed."""

    text: str
    failed: bool = False

    @classmethod
    def of(cls, start: float, caption: Callable[[], str]) -> _Outcome:
        """Finish a figure that was begun at `start` on the monotonic clock."""
        try:
            said = caption()
        except (ContradictionError, SweepError) as error:
            return cls(f"FAILED: {error}", failed=True)
        return cls(f"done in {time.monotonic() - start:.1f} s. {said}")


def _made(names: Sequence[str], options: argparse.Namespace, execution: Execution) -> Iterator[_Outcome]:
    """Make one figure after the other."""
    for name in names:
        make = partial(make_figure, name, options.profile, options.out, execution, options.data_dir)
        yield _Outcome.of(time.monotonic(), make)


def _made_together(names: Sequence[str], options: argparse.Namespace, execution: Execution) -> Iterator[_Outcome]:
    """Make all figures on one pool of workers, each drawn as soon as its cells are there; yield in the order of names.

    If a worker dies, the figures that are left are made one after the other: the cell whose fault it was is found then.
    """
    from figures.progress import cells_bar
    from figures.stream import AbandonedError, Stream

    starts: dict[str, float] = {}

    def compute(name: str, backend: str) -> Table:
        starts[name] = time.monotonic()
        shared = dataclasses.replace(execution, backend=backend, progress=False)
        return _computed(name, options.profile, shared, options.data_dir)

    first_come = [name for name in LONGEST_FIRST if name in names]
    computations = {name: partial(compute, name) for name in (*first_come, *(n for n in names if n not in first_come))}
    outcomes: dict[str, _Outcome] = {}
    yielded = 0
    with (
        cells_bar() as bar,
        Stream(computations, SHARED_CELLS, execution.jobs, WORKERS_IMPORT, bar.update) as stream,
    ):
        for name, table, failure in stream.results():
            if isinstance(failure, AbandonedError):
                continue
            outcomes[name] = _Outcome.of(starts[name], partial(_finish, name, options.out, table, failure))
            while yielded < len(names) and names[yielded] in outcomes:
                with bar.hidden():
                    yield outcomes[names[yielded]]
                yielded += 1
    for name in names[yielded:]:
        if name in outcomes:
            yield outcomes[name]
        else:
            yield from _made([name], options, execution)


def _finish(name: str, folder: Path, table: Table | None, failure: BaseException | None) -> str:
    if failure is not None:
        raise failure
    assert table is not None
    return _drawn(name, folder, table)


def _run(options: argparse.Namespace) -> int:
    names = _selected(options.names)
    if options.list:
        for name in names:
            print(f"{name:28s} {importlib.import_module(f'figures.{name}').TITLE}")
        return 0
    execution = _execution(options)
    if options.data_dir is not None and not options.data_dir.is_dir():
        raise UsageError(f"--data-dir {options.data_dir} is not a folder")
    _prepare_folder(options.out)
    beginning = time.monotonic()
    together = execution.jobs > 1 and execution.backend == "loky" and len(names) > 1 and sys.stderr is not None
    outcomes = (_made_together if together else _made)(names, options, execution)
    wrong = 0
    for position, name in enumerate(names, start=1):
        _report(f"[{position}/{len(names)}] {name} ...")
        outcome = next(outcomes)
        wrong += outcome.failed
        _report(f"[{position}/{len(names)}] {name} {outcome.text}")
    _report(f"{len(names) - wrong} of {len(names)} figures in {time.monotonic() - beginning:.0f} s")
    return 1 if wrong else 0


def main(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status."""
    try:
        return _run(_parser().parse_args(arguments))
    except UsageError as error:
        _report(f"python -m figures: error: {error}")
        return 2
    except (StoreError, OSError) as error:
        _report(f"python -m figures: error: {error}")
        return 2
    except KeyboardInterrupt:
        _report("python -m figures: interrupted; finished parts are kept, run again to go on")
        return 130
