"""All figures on one pool of workers: the same files and messages as one figure after the other."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import types

import pytest

import figures
import figures.command_line as command_line
from figures.style import CYCLE, draw_measured, new_figure
from figures.table import ContradictionError, Table, measured
from noprune_theory.sweeps import ResultStore, grid, run_sweep

ROOT = command_line.__file__.rsplit("/", 2)[0]


def power(rng, figure, level):
    """A cell: level -1 raises, level -2 kills its worker."""
    if level == -1:
        raise ArithmeticError("no such power")
    if level == -2:
        os._exit(1)
    return {"value": level * float(rng.random())}


def stand_in(name, levels, *, rounds=1, wrong=None):
    """A figure module: `rounds` sweeps, one after the other, of a point a level and three seeds each."""
    module = types.ModuleType(f"figures.{name}")

    def compute(settings, execution):
        rows = []
        for part in range(rounds):
            cells = grid(figure=[f"{name} {part}"], level=settings)
            table = run_sweep(power, cells, version=1, seeds=range(3), execution=execution).complete_table()
            rows += [measured(f"part {part}", a, table.where(level=a).column("value")) for a in settings]
        if isinstance(wrong, OSError):
            raise wrong
        return Table.of(name, rows)

    def draw(table):
        figure, (axes,) = new_figure()
        draw_measured(axes, table.points("part 0"), CYCLE[0], "noise")
        return figure

    def check(table):
        if isinstance(wrong, ContradictionError):
            raise wrong

    module.TITLE, module.SETTINGS = "A stand-in", {"quick": levels}
    module.compute, module.draw, module.check = compute, draw, check
    module.caption = lambda table: f"{len(table.rows)} points"
    return module


@pytest.fixture
def make(monkeypatch, tmp_path, capsys):
    """Install figures, run the command line, and return exit status, messages without seconds, and files."""

    def install(jobs, **modules):
        for name, module in modules.items():
            monkeypatch.setitem(sys.modules, f"figures.{name}", module)
        monkeypatch.setattr(command_line, "FIGURES", tuple(modules))
        monkeypatch.setattr(command_line, "WORKERS_IMPORT", ())
        out = tmp_path / f"jobs {jobs}"
        status = command_line.main(["--out", str(out), "--jobs", str(jobs)])
        lines = capsys.readouterr().err.splitlines()
        said = [re.sub(r" done in [0-9.]+ s\.", " done:", line) for line in lines]
        files = {path.name: path.read_bytes() for path in out.glob("*") if not path.name.startswith("sweeps")}
        return status, said[:-1], files, out

    return install


def test_the_order_names_figures_that_there_are():
    assert set(figures.LONGEST_FIRST) <= set(figures.FIGURES)
    assert len(set(figures.LONGEST_FIRST)) == len(figures.LONGEST_FIRST)
    assert {*figures.SHARED_CELLS, *figures.SHARED_CELLS.values()} <= set(figures.FIGURES)


def test_the_same_files_and_messages_as_one_after_the_other(make, monkeypatch):
    modules = {
        "first": stand_in("first", (1.0, 2.0, 3.0), rounds=3),
        "second": stand_in("second", (1.0,)),
        "third": stand_in("third", (1.0, 2.0), wrong=ContradictionError("not so")),
        "fourth": stand_in("fourth", (4.0, 5.0)),
    }
    monkeypatch.setattr(command_line, "LONGEST_FIRST", ("fourth", "second"))
    monkeypatch.setattr(command_line, "SHARED_CELLS", {"second": "first"})
    alone, together = make(1, **modules), make(2, **modules)
    assert alone[:3] == together[:3]
    assert together[0] == 1
    names = [line.split()[1] for line in together[1]]
    assert names == [name for name in modules for _ in range(2)]
    counts = {"first": "9 points", "second": "1 points", "third": "2 points", "fourth": "2 points"}
    assert json.loads(together[2]["captions.json"]) == counts


@pytest.mark.parametrize(("level", "said"), [(-1, "no such power"), (-2, "its worker died")])
def test_a_failing_cell_fails_its_figure_alone(make, level, said):
    modules = {
        "good": stand_in("good", (1.0, 2.0)),
        "bad": stand_in("bad", (1.0, level)),
        "late": stand_in("late", (3.0, 4.0), rounds=2),
    }
    status, lines, files, out = make(2, **modules)
    assert status == 1
    assert lines[3].startswith("[2/3] bad FAILED: 3 of 6 cells failed; first: ")
    assert said in lines[3]
    assert {"good.csv", "late.csv"} <= set(files)
    assert "bad.csv" not in files
    with ResultStore(out / "sweeps.sqlite") as store:
        assert len(store) == 6 + 3 + 12


def test_an_error_of_the_machine_ends_all(make):
    bad = stand_in("bad", (2.0,), wrong=OSError("no such images"))
    status, lines, _, _ = make(2, good=stand_in("good", (1.0,)), bad=bad)
    assert status == 2
    assert not any("bad" in line and "FAILED" in line for line in lines)


def test_an_interrupt_ends_the_workers(tmp_path):
    script = textwrap.dedent("""
        import sys
        sys.path.insert(0, sys.argv[2])
        import test_figures_stream as t
        import figures.command_line as command_line
        from noprune_theory._console import run_command
        for name in ("one", "two"):
            sys.modules[f"figures.{name}"] = t.endless(name)
        command_line.FIGURES, command_line.WORKERS_IMPORT = ("one", "two"), ()
        run_command("figures", lambda _: command_line.main(["--out", sys.argv[1], "--jobs", "2"]))
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), os.path.dirname(__file__)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    workers = {int(process.stdout.readline()) for _ in range(2)}
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1].startswith("python -m figures: interrupted")
    assert "Traceback" not in err
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def wait_for_ever(rng, figure, level):
    """A cell that says where it runs and does not end."""
    os.write(1, f"{os.getpid()}\n".encode())
    signal.pause()
    return {"value": 0.0}


def endless(name):
    """A figure of two cells that do not end."""
    module = stand_in(name, (1.0, 2.0))
    module.compute = lambda settings, execution: run_sweep(
        wait_for_ever, grid(figure=[name], level=settings), version=1, execution=execution
    )
    return module
