"""The command line, on a stand-in figure that costs nothing."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import types

import pytest

import figures.command_line as command_line
from figures.style import CYCLE, draw_measured, new_figure
from figures.table import ContradictionError, Table, measured, read_csv
from noprune_theory.sweeps import Cell, ResultStore, StoreWarning, grid, run_sweep

ROOT = command_line.__file__.rsplit("/", 2)[0]


def noise(rng, level):
    return {"value": level * float(rng.random())}


def stand_in(*, wrong=False):
    """A figure module: two points, each a mean over three seeds."""
    module = types.ModuleType("figures.stand_in")

    def compute(settings, execution):
        table = run_sweep(noise, grid(level=settings), version=1, seeds=range(3), execution=execution).complete_table()
        return Table.of("stand_in", [measured("noise", a, table.where(level=a).column("value")) for a in settings])

    def draw(table):
        figure, (axes,) = new_figure()
        draw_measured(axes, table.points("noise"), CYCLE[0], "noise")
        axes.legend()
        return figure

    def check(table):
        if wrong:
            raise ContradictionError("noise is not silent")

    module.TITLE = "A stand-in"
    module.SETTINGS = {"quick": (1.0, 2.0), "paper": (1.0, 2.0, 3.0)}
    module.compute, module.draw, module.check = compute, draw, check
    module.caption = lambda table: f"{len(table.rows)} points"
    return module


@pytest.fixture
def with_stand_in(monkeypatch):
    def install(**options):
        monkeypatch.setitem(sys.modules, "figures.stand_in", stand_in(**options))
        monkeypatch.setattr(command_line, "FIGURES", ("stand_in",))

    return install


def test_writes_table_pictures_and_caption(with_stand_in, tmp_path, capsys):
    with_stand_in()
    assert command_line.main(["--out", str(tmp_path), "--jobs", "1"]) == 0
    written = {path.name for path in tmp_path.iterdir()}
    assert {f"stand_in.{kind}" for kind in ("csv", "svg", "png", "pdf")} | {"captions.json"} <= written
    assert not [name for name in written if name.endswith(".part")]
    assert json.loads((tmp_path / "captions.json").read_text()) == {"stand_in": "2 points"}
    assert read_csv(tmp_path / "stand_in.csv").points("noise").n.tolist() == [3, 3]
    out, err = capsys.readouterr()
    assert out == ""
    assert "[1/1] stand_in done" in err


def test_the_same_bytes_in_every_run(with_stand_in, tmp_path, monkeypatch):
    with_stand_in()
    for folder, date in (("a", "0"), ("b", "1000000000")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", date)  # what matplotlib takes for today, should it write a date
        assert command_line.main(["--out", str(tmp_path / folder), "--jobs", "1"]) == 0
    for kind in ("csv", "svg", "png", "pdf"):
        first, second = ((tmp_path / folder / f"stand_in.{kind}").read_bytes() for folder in ("a", "b"))
        assert first == second, kind


def test_profiles(with_stand_in, tmp_path):
    with_stand_in()
    command_line.main(["--out", str(tmp_path), "--profile", "paper", "--jobs", "1"])
    assert len(read_csv(tmp_path / "stand_in.csv").rows) == 3


def test_a_contradiction_is_loud_and_leaves_the_picture(with_stand_in, tmp_path, capsys):
    with_stand_in(wrong=True)
    assert command_line.main(["--out", str(tmp_path), "--jobs", "1"]) == 1
    assert "stand_in FAILED: noise is not silent" in capsys.readouterr().err
    assert (tmp_path / "stand_in.png").exists()


def test_list(with_stand_in, capsys):
    with_stand_in()
    assert command_line.main(["--list"]) == 0
    assert capsys.readouterr().out.split() == ["stand_in", "A", "stand-in"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no_such_figure"], "unknown figure 'no_such_figure'"),
        (["--jobs", "0"], "must be an integer >= 1, got '0'"),
        (["--jobs", "two"], "must be an integer >= 1, got 'two'"),
        (["--profile", "slow"], "'slow'"),
        (["--colour"], "--colour"),
        (["--out", "/proc/figures"], "cannot write into /proc/figures"),
        (["--out", "/dev/null/figures"], "cannot write into /dev/null/figures"),
        (["--backend", "nothing"], "--backend must be one of dask, loky, sequential, threading, got 'nothing'"),
        (["--backend", "dask"], "go together"),
        (["--scheduler", "tcp://127.0.0.1:1"], "go together"),
        (["--data-dir", "/no/such/folder"], "/no/such/folder is not a folder"),
    ],
)
def test_a_bad_call_is_one_line_and_exit_2(with_stand_in, tmp_path, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    with_stand_in()
    assert command_line.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err


def test_captions_of_other_figures_stay(with_stand_in, tmp_path, monkeypatch):
    with_stand_in()
    monkeypatch.setattr(command_line, "FIGURES", ("other", "stand_in"))
    (tmp_path / "captions.json").write_text('{"other": "kept", "gone": "dropped"}')
    command_line.main(["stand_in", "--out", str(tmp_path), "--jobs", "1"])
    assert json.loads((tmp_path / "captions.json").read_text()) == {"other": "kept", "stand_in": "2 points"}


def test_interrupt_is_clean(tmp_path):
    """Ctrl-C reaches the whole process group, as in a terminal."""
    script = textwrap.dedent("""
        import signal, sys, types
        import figures.command_line as command_line
        module = types.ModuleType("figures.slow")
        module.SETTINGS = {"quick": None}
        module.compute = lambda settings, execution: (print("computing", flush=True), signal.pause())
        sys.modules["figures.slow"] = module
        command_line.FIGURES = ("slow",)
        sys.exit(command_line.main(["--out", sys.argv[1]]))
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    assert process.stdout.readline() == "computing\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("python -m figures: interrupted")


def test_a_console_that_lacks_a_character_gets_the_caption(tmp_path):
    """And the files have the characters themselves."""
    script = textwrap.dedent("""
        import sys, types
        import figures.command_line as command_line
        from noprune_theory._console import run_command
        from figures.table import Table, formula
        from figures.style import new_figure
        module = types.ModuleType("figures.marked")
        module.TITLE, module.SETTINGS = "δ ≤ 1", {"quick": None}
        module.compute = lambda settings, execution: Table.of("marked", formula("γ", 1, 2))
        module.draw = lambda table: new_figure()[0]
        module.check = lambda table: None
        module.caption = lambda table: "Is δ ≤ 1? – Σ"
        sys.modules["figures.marked"] = module
        command_line.FIGURES = ("marked",)
        run_command("figures", command_line.main)
    """)
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"}
    for arguments in (["--list"], ["--out", str(tmp_path), "--jobs", "1"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=ROOT, env=environment
        )
        assert done.returncode == 0, done.stderr
        assert ("delta <= 1" in done.stdout) == (arguments == ["--list"])
    assert "Is delta <= 1? - Sigma" in done.stderr
    assert json.loads((tmp_path / "captions.json").read_text("utf-8")) == {"marked": "Is δ ≤ 1? – Σ"}
    assert read_csv(tmp_path / "marked.csv").series == ("γ",)


def test_an_interrupted_run_goes_on_where_it_was_and_says_what_it_cannot_use(with_stand_in, tmp_path, capsys):
    with_stand_in()
    call = ["--out", str(tmp_path), "--jobs", "1", "--profile"]
    assert command_line.main([*call, "quick"]) == 0
    with ResultStore(tmp_path / "sweeps.sqlite") as store:
        assert len(store) == 6
        store.put(Cell("test_figures_command_line:noise", 1, (("level", 3.0),), 0), '[{"value":9.0}]')
    with pytest.warns(StoreWarning, match="1 of the cells of test_figures_command_line:noise"):
        assert command_line.main([*call, "paper"]) == 0
    with ResultStore(tmp_path / "sweeps.sqlite") as store:
        assert len(store) == 10
    assert read_csv(tmp_path / "stand_in.csv").points("noise").y[2] < 3
