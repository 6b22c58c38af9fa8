"""The search for what the paper leaves open: grids that hold what the figures take, and a page that says so."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from figures import conventions, conventions_grasp, conventions_open, conventions_student, fig1a, fig1b
from figures import fig4 as fig4_cells
from figures import fig4_regression as fig4
from figures import student_teacher as student
from figures.conventions import Search, combinations, searches, section
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
    options = dataclasses.asdict(fig1a.Settings(seeds=2, epochs=5))
    del options["seeds"], options["synflow_seeds"]
    longer = {**options, "epochs": 25}
    longest = {**options, "epochs": 150}
    tried = [options, longer, {**longer, "optimizer_state": "kept"}, longest, {**longest, "allocation": "erk"}]
    first, more, kept, most, allocated = conventions._memorisation(tried, Execution(progress=False))
    assert set(first) == {"IMP", "SNIP", "Random"}
    assert first != more
    # A choice of one method changes that method alone.
    assert kept["IMP"] != more["IMP"]
    assert {**kept, "IMP": 0} == {**more, "IMP": 0}
    assert allocated["Random"] != most["Random"]
    assert {**allocated, "Random": 0} == {**most, "Random": 0}


def test_random_masks_are_drawn_as_named(monkeypatch):
    monkeypatch.setattr(fig1a, "SHOWN", [600, 200, 40])
    networks = [fig1a.MLP.draw(np.random.default_rng(seed), fig1a.WIDTHS) for seed in (1, 2)]
    drawn = {
        how: [
            fig1a._random_masks(network, np.random.default_rng(k), "global", how) for k, network in enumerate(networks)
        ]
        for how in ("each", "nested", "one for all")
    }
    for how, (first, second) in drawn.items():
        for masks in (first, second):
            assert [int(mask[networks[0].prunable].sum()) for mask in masks] == [600, 200, 40]
            inside = all((~large <= ~small).all() for large, small in itertools.pairwise(masks))
            assert inside == (how != "each")
        assert all((a == b).all() for a, b in zip(first, second, strict=True)) == (how == "one for all")


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
    monkeypatch.setattr(conventions_student, "SEEDS", 1)
    monkeypatch.setattr(conventions_student, "NOISE_SEEDS", 1)
    monkeypatch.setattr(conventions_student, "NOISE_SCALES", (0.009,))
    monkeypatch.setattr(conventions_grasp, "INITIALISATIONS", 2)
    monkeypatch.setattr(conventions_grasp, "OPTIONS", ({}, {"temperature": 1.0}))
    tiny = conventions_student.runs
    monkeypatch.setattr(
        conventions_student, "runs", lambda *a, **o: dataclasses.replace(tiny(*a, **o), samples=20, width=4)
    )
    assert conventions.main(["--jobs", "1", "--store", str(tmp_path / "new" / "store.sqlite")]) == 0
    out, err = capsys.readouterr()
    titles = [line.removeprefix("## ") for line in out.splitlines() if line.startswith("## ")]
    assert titles == [
        "Every choice",
        "T",
        "GraSP of Figure 4 (left)",
        "Figures 2a and 3",
        "Figure 2b by data sets",
        "Figure 2c",
    ]
    assert "| **0.009** |" in out
    assert "| **one** | **kept** |" in out
    assert "| **200** | **largest** | **mse** |" in out
    assert "| 1 | largest | mse |" in out
    assert "searched in" in err


def test_the_page_holds_the_table_of_choices():
    text = PAGE.read_text("utf-8")
    assert conventions_open.table() in text
    for title, *_ in (*conventions_grasp.PARTS, *conventions_student.PARTS):
        assert f"## {title}\n" in text


@pytest.mark.parametrize(
    ("panel", "settings"),
    [
        ("1a", fig1a.SETTINGS["paper"]),
        ("1b", fig1b.SETTINGS["paper"]),
        ("2a", student.Conventions()),
        ("2c", student.Conventions()),
        ("3", student.Conventions()),
        ("4", fig4.SETTINGS["paper"]),
    ],
)
def test_the_table_of_choices_says_what_the_figures_take(panel, settings):
    rows = [row for row in conventions_open.choices() if panel in row.figures.split("; ")]
    assert rows
    for row in rows:
        assert row.status in conventions_open.STATUSES
        assert row.evidence
        if row.setting:
            assert row.taken == conventions._written(getattr(settings, row.setting)), row.setting
        assert row.taken in conventions_open.named(panel)


def test_every_convention_has_a_row():
    """What a search varies, and every convention of the students, stands in the table."""
    named = {(panel, row.setting) for row in conventions_open.choices() for panel in row.figures.split("; ")}
    for name in (*conventions.MEMORISATION, *conventions.MEMORISATION_ALONE):
        assert ("1a", name) in named
    for field in dataclasses.fields(student.Conventions):
        assert any((panel, field.name) in named for panel in ("2a", "2b", "2c", "3"))
    for name in ("distinct", "initialisation", "fraction", "epochs", "optimizer", "learning_rate"):
        assert ("4", name) in named


def test_grasp_of_the_search_is_that_of_the_figure():
    """The same initialisation, by the cell of the figure."""
    options = {"loss": "mse", "hidden": 4, "distinct": True, "initialisation": "pytorch"}
    untrained = dict.fromkeys(("optimizer", "learning_rate", "epochs", "fraction"))
    rows = fig4_cells.mask_information_cell(np.random.default_rng(5), method="grasp", **options, **untrained)
    figure = {row["pruned"]: row["plug_in_1000"] for row in rows}
    found = conventions_grasp.grasp_cell(np.random.default_rng(5), **conventions_grasp.REFERENCE)
    assert len(found) == 14
    for row in found:
        assert row["bits"] == pytest.approx(figure[row["pruned"]], rel=1e-12)
    straight = np.array([[1.0, 2.0, 3.0, *range(10)], [0.0, 9.0, 9.0, *(5 * x for x in range(10))]])
    assert conventions_grasp.roughness(straight) == 0
    assert conventions_grasp.roughness(np.array([0.0, 1.0] * 5)) == 2


def test_the_data_set_that_all_seeds_share():
    z = np.random.default_rng(student.DATA_SEED).standard_normal(51_000)[50_000:]
    assert abs(z.var() - 1.083) < 0.005
    cell = {
        "learning_rate": 0.05,
        "noise_level": 0.0,
        "epochs": 300,
        "rounds": 1,
        "samples": 20,
        "width": 30,
        **dataclasses.asdict(student.Conventions()),
        "pruned_each_round": 0.2,
    }
    rng = np.random.default_rng
    ends = {
        kind: [student.noise_correlation_cell(rng(seed), **{**cell, "data_sets": kind})[-1] for seed in (0, 1)]
        for kind in ("one", "one a seed")
    }
    apart = {kind: abs(a["correlation"] - b["correlation"]) for kind, (a, b) in ends.items()}
    assert apart["one"] < 0.02 < apart["one a seed"]


def test_an_unusable_store_is_one_line(tmp_path, capsys):
    (tmp_path / "store.sqlite").write_text("text")
    with pytest.raises(SystemExit) as stop:
        conventions.main(["--jobs", "1", "--store", str(tmp_path / "store.sqlite")])
    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
