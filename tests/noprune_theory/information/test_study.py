"""The coverage study and the page it writes."""

from pathlib import Path

import pytest

from noprune_theory.information import DEFAULT_ENTROPY_ESTIMATOR, ENTROPY_ESTIMATORS
from noprune_theory.information.study import DISTRIBUTIONS, cell_line, document, main, study_cell

PAGE = Path(__file__).resolve().parents[3] / "docs" / "entropy_estimators.md"


def page_rows(columns):
    lines = (line.strip("|").split("|") for line in PAGE.read_text().splitlines() if line.startswith("| "))
    return [[entry.strip() for entry in line] for line in lines if len(line) == columns]


def test_the_page_has_every_cell_and_every_method():
    cells = [[name, str(size)] for name, (_, sizes) in DISTRIBUTIONS.items() for size in sizes]
    assert [row[:2] for row in page_rows(6)[1:]] == cells
    assert [row[:3] for row in page_rows(8)[1:]] == [[*cell, f"`{m}`"] for cell in cells for m in ENTROPY_ESTIMATORS]
    assert f"**Default: `{DEFAULT_ENTROPY_ESTIMATOR}`.**" in PAGE.read_text()


def test_the_page_agrees_with_the_code():
    name, size = "uniform, 100 classes", 100
    rows = {row.method: row for row in study_cell(name, size, 40)}
    for entries in page_rows(8)[1:]:
        if entries[:2] == [name, str(size)]:
            row = rows[entries[2].strip("`")]
            # The mean error over 40 samples, against that over more: the standard deviation of one is at most 0.12.
            assert float(entries[3]) == pytest.approx(row.bias, abs=4 * 0.12 / 40**0.5)
            assert float(entries[6]) == pytest.approx(row.coverage, abs=0.1)
    assert cell_line(rows["nsb"]) == cell_line(rows["plug_in"])


def test_every_interval_of_the_page_covers_and_no_nominal_one_does():
    rows = page_rows(8)[1:]
    assert min(float(row[6]) for row in rows) >= 0.9
    for method in ENTROPY_ESTIMATORS:
        assert min(float(row[5]) for row in rows if row[2] == f"`{method}`") < 0.5
    assert all(float(row[4]) >= 0.95 for row in page_rows(6)[1:])


def test_the_page_says_how_far_off_estimates_without_a_warning_are():
    seen = {tuple(row[:2]): float(row[2]) for row in page_rows(6)[1:]}
    errors = {True: [], False: []}
    for row in page_rows(8)[1:]:
        if row[2] == f"`{DEFAULT_ENTROPY_ESTIMATOR}`":
            errors[seen[tuple(row[:2])] < 0.75 or int(row[1]) <= 12].append(float(row[4]))
    page = " ".join(PAGE.read_text().split())
    assert (
        f"is at most {max(errors[False]):.2f} nats over the study; with it, it reaches {max(errors[True]):.2f}" in page
    )


def test_a_study_that_prefers_another_estimator_is_an_error():
    rows = study_cell("uniform, 100 classes", 100, 3)
    worse = [row for row in rows if row.method in ("plug_in", "miller_madow")]
    renamed = [
        type(row)(**{**vars(row), "method": method})
        for row in worse
        for method in ENTROPY_ESTIMATORS
        if (method == "chao_wang_jost") == (row.method == "plug_in")
    ]
    with pytest.raises(ValueError, match="the default is chao_wang_jost"):
        document(renamed, 3)


def test_bad_options_are_refused(capsys):
    with pytest.raises(SystemExit) as exit_info:
        main(["--repetitions", "0"])
    assert exit_info.value.code == 2
    assert "--repetitions must be >= 1, got 0" in capsys.readouterr().err
