import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures.statistics import clopper_pearson, log_log_slope
from figures.table import COLUMNS, Row, Table, formula, measured, read_csv

finite = st.floats(allow_nan=False, allow_infinity=False)
rows = st.builds(
    Row,
    series=st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8),
    x=finite,
    y=finite,
    stderr=finite | st.just(math.nan),
    n=st.integers(0, 10**6),
)


@given(st.lists(rows, min_size=1, max_size=20))
def test_a_table_reads_back_to_the_same_bits(tmp_path_factory, points):
    table = Table.of("some_figure", points)
    path = tmp_path_factory.mktemp("table") / "t.csv"
    table.write_csv(path)
    assert path.read_text("utf-8").splitlines()[0] == ",".join(COLUMNS)
    again = read_csv(path)
    assert again.figure == table.figure
    assert repr(again.rows) == repr(table.rows)


def test_measured_is_mean_and_standard_error():
    row = measured("a", 2, [1.0, 2.0, 4.0, 5.0])
    assert (row.x, row.y, row.n) == (2.0, 3.0, 4)
    assert row.stderr == pytest.approx(math.sqrt(10 / 3) / 2)
    assert math.isnan(measured("a", 2, [1.0]).stderr)


@pytest.mark.parametrize("values", [[], [[1.0]], 3.0])
def test_measured_refuses_what_is_not_a_sample(values):
    with pytest.raises(ValueError, match="values"):
        measured("a", 0, values)


def test_formula_points_say_that_nothing_was_measured():
    assert [(r.x, r.y, r.n) for r in formula("f", [1, 2], [3, 4])] == [(1.0, 3.0, 0), (2.0, 4.0, 0)]


def test_points_of_an_unknown_series_are_refused():
    with pytest.raises(ValueError, match="series must be one of a, got 'b'"):
        Table.of("f", [measured("a", 0, [1.0])]).points("b")


@pytest.mark.parametrize("text", ["a,b\n", "", ",".join(COLUMNS) + "\nf,a,0,0,,0\ng,a,0,0,,0\n"])
def test_foreign_csv_is_refused(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match="must h"):
        read_csv(path)


def test_slope_of_an_exact_power_law():
    x = np.array([1.0, 2.0, 5.0, 9.0])
    fit = log_log_slope(x, 3 * x**1.5)
    assert fit.value == pytest.approx(1.5)
    assert fit.lower == pytest.approx(1.5)
    assert fit.line(x) == pytest.approx(3 * x**1.5)


def test_slope_interval_covers():
    rng = np.random.default_rng(0)
    x = np.geomspace(1, 10, 8)
    fits = [log_log_slope(x, x**0.7 * np.exp(0.2 * rng.standard_normal(8))) for _ in range(400)]
    covered = sum(fit.lower <= 0.7 <= fit.upper for fit in fits)
    assert clopper_pearson(covered, 400)[0] <= 0.95 <= clopper_pearson(covered, 400)[1]


def test_clopper_pearson_against_its_definition():
    from scipy.stats import binom

    lower, upper = clopper_pearson(3, 20, confidence=0.9)
    assert binom.sf(2, 20, lower) == pytest.approx(0.05)
    assert binom.cdf(3, 20, upper) == pytest.approx(0.05)
    assert clopper_pearson(0, 5)[0] == 0
    assert clopper_pearson(5, 5)[1] == 1
