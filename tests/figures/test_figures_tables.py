"""Every figure at a small size: its table against a golden one, its checks against broken tables, its picture.

`python tests/figures/test_figures_tables.py` writes the golden tables and pictures anew.
"""

import dataclasses
import importlib
import io
import math
import sys
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from figures import FIGURES, check_law_of_robustness, fig1a, fig1b, fig4
from figures.check_law_of_robustness import Design
from figures.published import PREFIX, differences, order_kept, published_rows
from figures.student_teacher import Runs
from figures.style import paper_style
from figures.table import ContradictionError, Table, formula, measured, read_csv
from noprune_theory.sweeps import Execution

GOLDEN = Path(__file__).with_name("golden")


def _module(name):
    return importlib.import_module(f"figures.{name}")


def _law():
    small = [Design("random", n, 4 * n, 2 * n) for n in (10, 20, 40)]
    small += [Design("correlation", n, 8 * n, 2 * n) for n in (10, 20, 40)]
    small += [Design("best_subset", n, 2 * n + 2, n // 2 + 2) for n in (6, 7, 8)]
    large = (Design("random", 1200, 1300, 1300),)
    return check_law_of_robustness.Settings(0.95, 0.99, ((tuple(small), 3), (large, 1)))


def _settings(name, *arguments, **options):
    return _module(name).Settings(*arguments, **options)


#: Small settings, and the relative tolerance of the golden table: rounding for formulas, more where training adds it.
SMALL = {
    "check_law_of_robustness": (_law, 1e-6),
    "check_slack": (
        lambda: _settings("check_slack", {48: 2, 100: 1}, 0.9, 48, {2: (44,)}, 1),
        2e-2,  # the bracket of the random features is 2% wide
    ),
    "check_sharpness": (
        lambda: _settings("check_sharpness", {20: 20, 60: 10, 400: 2}, {20: 3, 40: 2}, 0.9),
        1e-5,
    ),
    "check_class_stability": (
        lambda: _settings("check_class_stability", 24, 5, (2, 6), 10, 3),
        1e-2,  # where the search for boundary points ends
    ),
    "check_tail": (lambda: _settings("check_tail", 20, 1e300), 1e-9),
    "check_generalization": (lambda: _settings("check_generalization", (10, 1000, 100_000), (1.0, 1e4), 2, 20), 1e-9),
    "check_effective_ratio": (lambda: _settings("check_effective_ratio", (100, 10_000), 10), 1e-9),
    "check_isoperimetry": (lambda: _settings("check_isoperimetry", (2, 4, 8, 16, 32, 64, 128), 4000), 1e-6),
    "check_information_capacity": (
        lambda: _settings("check_information_capacity", ((40, 60), (40, 200)), ((10, 10),), (0.05, 0.1, 0.3), 4),
        1e-6,
    ),
    "check_pruning_frontier": (
        lambda: _settings("check_pruning_frontier", (150, 450, (120, 200), 2), (12, 48, (24, 36), 1)),
        2e-2,  # the bracket of the random features is 1% wide
    ),
    "check_entropy_estimators": (lambda: _settings("check_entropy_estimators", 877, (50, 200), 5), 1e-6),
    "fig1a": (lambda: fig1a.Settings(seeds=1, epochs=20), 1e-6),
    "fig1b": (lambda: fig1b.Settings(seeds=1, samples=60, width=16, epochs=4), 1e-6),
    "fig2a": (lambda: Runs(seeds=1, epochs=100, rounds=5, samples=40, width=8), 1e-4),
    "fig2b": (lambda: Runs(seeds=2, epochs=20, samples=60, width=12), 1e-4),
    "fig2c": (lambda: Runs(seeds=1, epochs=20, samples=60, width=12), 1e-4),
    "fig3": (lambda: Runs(seeds=1, epochs=100, rounds=7, samples=40, width=8), 1e-4),
    "fig4_regression": (lambda: fig4.Settings("mse", 1, 2, 3, distinct=True, epochs=20), 1e-6),
    "fig4_classification": (lambda: fig4.Settings("binary_cross_entropy", 1, 2, 3, distinct=True, epochs=20), 1e-6),
}

_TABLES = {}


def small_table(name):
    """Compute the small table of a figure, once a worker."""
    if name not in _TABLES:
        _TABLES[name] = _module(name).compute(SMALL[name][0](), Execution(progress=False))
    return _TABLES[name]


def test_every_figure_is_tested():
    assert set(SMALL) == set(FIGURES)
    assert len(set(FIGURES)) == len(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_modules_offer_what_a_figure_needs(name):
    module = _module(name)
    assert name == module.NAME
    assert set(module.SETTINGS) == {"quick", "paper"}
    assert "\n" not in module.TITLE


@pytest.mark.parametrize("name", FIGURES)
def test_table_equals_the_golden_one(name):
    table, golden = small_table(name), read_csv(GOLDEN / f"{name}.csv")
    assert table.figure == golden.figure == name
    assert [(row.series, row.n) for row in table.rows] == [(row.series, row.n) for row in golden.rows]
    tolerance = SMALL[name][1]
    # Where below the width asked for a bracket ends is the solver's affair.
    widths = [row.y for row in table.rows if row.series.endswith("width of the brackets")]
    assert all(0 <= width <= 2e-2 for width in widths)
    compared = [i for i, row in enumerate(table.rows) if not row.series.endswith("width of the brackets")]
    for axis in ("x", "y", "stderr"):
        ours, theirs = ([getattr(t.rows[i], axis) for i in compared] for t in (table, golden))
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=1e-9, err_msg=axis)


@pytest.mark.parametrize("name", FIGURES)
def test_figure_draws_without_a_warning_and_has_a_caption(name):
    module, table = _module(name), small_table(name)
    picture = io.BytesIO()
    with paper_style():
        module.draw(table).savefig(picture, dpi=30)
    assert len(picture.getvalue()) > 2000
    assert len(module.caption(table)) > 100


def changed(table, series, factor):
    """Multiply y of the series that begin with one of the given names."""
    rows = [dataclasses.replace(r, y=r.y * factor) if r.series.startswith(series) else r for r in table.rows]
    return Table.of(table.figure, rows)


# Of each check: series, and the factor that makes its table contradict the statement.
FAULTS = [
    ("check_law_of_robustness", "random masks", 1e-3),
    ("check_law_of_robustness", "Theorem 4, sharp", 1e4),
    ("check_law_of_robustness", "Theorem 4, constants as printed", 1e5),
    ("check_law_of_robustness", "random masks, interpolation", 1e-2),
    ("check_law_of_robustness", "any function, interpolation", 1e2),
    ("check_law_of_robustness", "any function, interpolation", 0.1),
    ("check_law_of_robustness", "random masks: Gordon", 10),
    ("check_law_of_robustness", "masks by correlation: any function", 100),
    ("check_slack", "random features, d = 2: any function", 100),
    ("check_slack", "random masks: optimised", 1e-2),
    ("check_slack", "masks by correlation: optimised", math.nan),
    ("check_slack", "random features, d = 2: optimised", 1e-4),
    ("check_slack", "sign model: printed", 1e-3),
    ("check_slack", "sign model: optimised, maximal", 1e-3),
    ("check_slack", "masks by correlation: all masks at once", 0.3),
    ("check_slack", "random masks: Gordon", 0.5),
    ("check_sharpness", "best masks: all masks at once", 1.5),
    ("check_sharpness", "random masks: Gordon", 1.3),
    ("check_sharpness", "masks by correlation: all masks at once, Gaussian width", 2.0),
    ("check_sharpness", "masks by correlation: truth", 1.1),
    ("check_class_stability", "random masks: |g|/L", 30),
    ("check_class_stability", "masks by correlation: boundary", 0.1),
    ("check_class_stability", "masks by correlation: law", 1e-3),
    ("check_tail", "sign model: maximal leakage", 1e-2),
    ("check_tail", "selection model: relative entropy", 0.99),
    ("check_tail", "selection model: relative entropy", 1.01),
    ("check_tail", "selection model: Equation (7)", 0.5),
    ("check_generalization", "Theorem 5: repaired", 0.6),
    ("check_generalization", "Theorem 6: repaired", 0.25),
    ("check_generalization", "Theorem 5: as printed", 2),
    ("check_generalization", "Theorem 6: as printed", 10),
    ("check_effective_ratio", "WJ/ε = 1: p = 100", 1.2),
    ("check_effective_ratio", "WJ/ε = 1000: p = 10,000", 1.5),
    ("check_isoperimetry", "Gaussian, forced", 3),
    ("check_isoperimetry", "solid cube, guaranteed", 0.1),
    ("check_isoperimetry", "discrete cube, forced", 0),
    ("check_information_capacity", "random", 20),
    ("check_information_capacity", "best subset", 5),
    ("check_pruning_frontier", "linear: SNIP", 1e-2),
    ("check_pruning_frontier", "linear: Theorem 4", 1e3),
    ("check_pruning_frontier", "features: Random", 1e-1),
    ("check_entropy_estimators", "Zipf: guaranteed", 0.0),
    ("check_entropy_estimators", "uniform: plug-in", math.inf),
]


@pytest.mark.parametrize("name", [name for name in FIGURES if name.startswith("check_")])
def test_check_passes(name):
    _module(name).check(small_table(name))
    assert [fault for fault in FAULTS if fault[0] == name], "a check needs a fault that it catches"


@pytest.mark.parametrize(("name", "series", "factor"), FAULTS)
def test_check_fails_on_a_broken_table(name, series, factor):
    table = small_table(name)
    assert any(found.startswith(series) for found in table.series)
    if factor == math.inf:  # a coverage of one where it is zero
        rows = [dataclasses.replace(r, y=1.0) if r.series.startswith(series) else r for r in table.rows]
        broken = Table.of(name, rows)
    else:
        broken = changed(table, series, factor)
    with pytest.raises((ContradictionError, ValueError)):
        _module(name).check(broken)


def _curves(module, values):
    """A table of constant curves, one a series."""
    rows = []
    for series, level in values.items():
        rows += [measured(series, x, [level + 1e-3 * x] * 2) for x in (0.9, 0.966, 0.99)]
    return Table.of(module.NAME, rows)


def test_panel_checks_fail_when_the_order_of_the_paper_is_lost():
    levels = dict.fromkeys(fig1a.SERIES, 0.3)
    fig1a.check(_curves(fig1a, {**levels, "IMP": 0.9}))
    with pytest.raises(ContradictionError):
        fig1a.check(_curves(fig1a, levels))
    levels = dict.fromkeys(fig1b.SERIES, 30.0)
    fig1b.check(_curves(fig1b, {**levels, "IMP": 90.0}))
    with pytest.raises(ContradictionError):
        fig1b.check(_curves(fig1b, levels))
    for name, series in (("fig2b", "lr=0.0001"), ("fig2c", "noise=0.5")):
        with pytest.raises(ContradictionError):
            _module(name).check(changed(small_table(name), series, 1e3))
    for name in ("fig2a", "fig3"):
        with pytest.raises(ContradictionError):
            _module(name).check(changed(small_table(name), "IMP", 1e3))


def test_fig4_check_fails_when_a_plug_in_estimate_exceeds_the_entropy():
    fig4.check_panel(small_table("fig4_regression"))
    with pytest.raises(ContradictionError, match="plug-in"):
        fig4.check_panel(changed(small_table("fig4_regression"), "SNIP, plug-in 32000", 1.5))


def test_published_curves_are_held_and_marked_as_not_measured():
    rows = published_rows("fig2b")
    assert len(rows) == 500
    assert all(row.series.startswith(PREFIX) and row.n == 0 for row in rows)
    assert published_rows("fig3") == []


def test_differences_from_the_published_curves():
    theirs = formula(PREFIX + "a", [0.0, 1.0, 2.0], [0.0, 1.0, 2.0])
    ours = [measured("a", x, [x + 0.25]) for x in (0.5, 1.5, 3.0)]  # the last is off the published curve
    assert differences(Table.of("f", theirs + ours)) == {"a": 0.25}
    assert differences(Table.of("f", ours)) == {}


def test_figure_4_is_compared_where_something_is_published():
    places = [0.00038, 3.00038, 5.00037, 21.00035]
    theirs = formula(PREFIX + "SNIP", places, [0.0, 3.0, 5.0, 0.0])
    ours = [measured("SNIP, plug-in 1000", x, [y]) for x, y in enumerate([0.0, 9.0, 9.0, 3.5, 9.0, 5.5])]
    extremes = [measured("SNIP" + fig4.LEAST, x, [y]) for x, y in ((2, 9.0), (3, 2.0), (5, 5.2))]
    extremes += [measured("SNIP" + fig4.MOST, x, [y]) for x, y in ((2, 9.9), (3, 4.0), (5, 6.0))]
    kept = fig4.comparable(Table.of("f", [*theirs, *ours, *extremes]))
    assert kept.points("SNIP, plug-in 1000").x.tolist() == [3.0, 5.0]
    assert differences(kept, ", plug-in 1000")["SNIP"] == pytest.approx(0.5, abs=1e-3)
    assert fig4._inside(kept, "SNIP") == "SNIP 1 of 2"


def test_order_of_the_published_curves():
    theirs = formula(PREFIX + "a", [0.0, 2.0], [0.0, 2.0]) + formula(PREFIX + "b", [0.0, 2.0], [1.05, 1.05])
    # At 0 and 2 the published curves are far apart, at 1 they are not; 3 is off them.
    ours = [measured("a", x, [x]) for x in (0.0, 1.0, 2.0, 3.0)]
    level = [measured("b", x, [2.5]) for x in (0.0, 1.0, 2.0, 3.0)]
    assert "at 1 of 2 places" in order_kept(Table.of("f", theirs + ours + level))
    below = [measured("b, other", x, [0.5]) for x in (0.0, 1.0, 2.0)]
    named = [dataclasses.replace(row, series="a, other") for row in ours]
    assert "at 2 of 2 places" in order_kept(Table.of("f", theirs + named + below), ", other")


PICTURES = ("check_tail", "check_effective_ratio", "check_generalization")


def _pixels(name, path):
    with paper_style():
        _module(name).draw(read_csv(GOLDEN / f"{name}.csv")).savefig(path, dpi=50)
    return matplotlib.image.imread(path)[..., :3]


@pytest.mark.parametrize("name", PICTURES)
def test_picture_looks_like_the_baseline(name, tmp_path):
    ours, baseline = _pixels(name, tmp_path / "p.png"), matplotlib.image.imread(GOLDEN / f"{name}.png")[..., :3]
    assert ours.shape == baseline.shape
    # Other versions of matplotlib move edges by a fraction of a pixel; a missing curve or legend changes far more.
    assert np.sqrt(np.mean((ours - baseline) ** 2)) < 0.05


def test_a_missing_curve_is_seen(tmp_path):
    baseline = matplotlib.image.imread(GOLDEN / "check_generalization.png")[..., :3]
    table = changed(read_csv(GOLDEN / "check_generalization.csv"), "Theorem 5: as printed", 0.0)
    with paper_style():
        _module("check_generalization").draw(table).savefig(tmp_path / "p.png", dpi=50)
    assert np.sqrt(np.mean((matplotlib.image.imread(tmp_path / "p.png")[..., :3] - baseline) ** 2)) > 0.05


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for figure_name in sys.argv[1:] or FIGURES:
        small_table(figure_name).write_csv(GOLDEN / f"{figure_name}.csv")
        if figure_name in PICTURES:
            _pixels(figure_name, GOLDEN / f"{figure_name}.png")
