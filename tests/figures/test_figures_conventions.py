"""The search for what the paper leaves open: grids that hold what the figures take, and a page that says so."""

import dataclasses
from pathlib import Path

import pytest

from figures import conventions, fig1a
from figures.conventions import Search, combinations, searches, section
from figures.student_teacher import Conventions, Runs
from noprune_theory.sweeps import Execution

PAGE = Path(__file__).parents[2] / "docs" / "conventions.md"
NAMES = [search.title for search in searches()]


def _bold_row(text):
    (row,) = [line for line in text.splitlines() if line.startswith("| **")]
    return [value.strip("* ") for value in row.strip("|").split("|")]


@pytest.mark.parametrize("search", searches(), ids=NAMES)
def test_the_grid_holds_what_the_figure_takes(search):
    tried = combinations(search)
    assert tried.count(search.chosen) == 1
    assert len({repr(sorted(options.items())) for options in tried}) == len(tried)


@pytest.mark.parametrize("search", searches(), ids=NAMES)
def test_the_page_is_of_this_grid_and_marks_what_the_figure_takes(search):
    part = PAGE.read_text("utf-8").split(f"## {search.title}\n")[1].split("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("|")][2:]
    assert len(rows) == len(combinations(search))
    named = [conventions._written(search.chosen[name]) for name in (*search.axes, *search.alone)]
    assert _bold_row(part)[: len(named)] == named


def test_sorted_by_the_mean_over_all_series():
    gaps = {1: {"a": 0.1, "b": 0.5}, 2: {"a": 0.2, "b": 0.3}, 3: {"a": 0.9, "b": 0.0}}
    search = Search(
        "T", {"k": (1, 3)}, {"k": 1}, {}, "nothing", lambda tried, _: [gaps[options["k"]] for options in tried], "Note."
    )
    text = section(search, Execution())
    assert [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")] == [
        "k",
        "---",
        "**1**",
        "3",
    ]
    chosen = {"j": 7, "k": 1}
    alone = section(Search("T", {"j": (7,)}, chosen, {"k": (2,)}, "nothing", search.differences, "Note."), Execution())
    rows = [line for line in alone.splitlines() if line.startswith("|")][2:]
    assert rows[0] == "| 7 | 2 | 0.250 | 0.200 | 0.300 |"
    assert _bold_row(alone) == ["7", "1", "0.300", "0.100", "0.500"]


def test_figure_1a_by_the_code_of_the_figure(monkeypatch):
    monkeypatch.setattr(conventions, "MEMORISATION_SEEDS", 2)
    monkeypatch.setattr(fig1a, "SHOWN", fig1a.SHOWN[:3])
    options = {"optimizer": "adam", "epochs": 5, "initialisation": "he", "biases": True, "compat": "exact"}
    (first, second) = conventions._memorisation([options, {**options, "epochs": 80}], Execution(progress=False))
    assert set(first) == {"IMP", "SNIP", "Random"}
    assert first != second


def test_bad_call_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        conventions.main(["--jobs", "0"])
    assert stop.value.code == 2
    assert "--jobs: must be an integer >= 1, got '0'" in capsys.readouterr().err


def test_the_whole_page_at_a_small_size(tmp_path, capsys, monkeypatch):
    search = Search(
        "T", {"k": (1, 3)}, {"k": 1}, {}, "nothing", lambda tried, _: [{"a": o["k"]} for o in tried], "Note."
    )
    monkeypatch.setattr(conventions, "searches", lambda: (search,))
    monkeypatch.setattr(conventions, "NOISE_SCALES", (0.01,))
    monkeypatch.setattr(conventions, "NOISE_SEEDS", 1)
    small = lambda options: dataclasses.replace(Runs(1, 3, samples=20, width=4), conventions=Conventions(**options))  # noqa: E731
    monkeypatch.setattr(conventions, "_noise_runs", small)
    assert conventions.main(["--jobs", "1", "--store", str(tmp_path / "new" / "store.sqlite")]) == 0
    out, err = capsys.readouterr()
    assert "## T" in out
    assert "| **0.01** |" in out
    assert "searched in" in err


def test_an_unusable_store_is_one_line(tmp_path, capsys):
    (tmp_path / "store.sqlite").write_text("text")
    with pytest.raises(SystemExit) as stop:
        conventions.main(["--jobs", "1", "--store", str(tmp_path / "store.sqlite")])
    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
