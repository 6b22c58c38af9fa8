"""The page on what sampling did to Figure 4."""

from pathlib import Path

import pytest

from noprune_theory.information.toy_study import PANELS, document, main, panel_curve, table_line
from noprune_theory.pruning.enumerated import ENUMERATED_METHODS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "toy_sampling.md"


def rows():
    lines = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return lines[1:]


def test_the_page_has_every_method_on_both_panels():
    assert [row[:2] for row in rows()] == [[panel.name, f"`{m}`"] for panel in PANELS for m in ENUMERATED_METHODS]
    for row in rows():
        exact, many, few = map(float, row[3:6])
        looks_at_data = row[1] not in ("`synflow`", "`magnitude_initial`")
        assert few < many <= exact if looks_at_data else exact == many == few == 0


def test_a_method_without_training_agrees_with_the_page():
    panel = PANELS[1]
    line = table_line(panel, panel_curve(panel, "snip", 2))
    assert line in PAGE.read_text()


def test_the_verdict_is_computed():
    assert "**changes by up to" in PAGE.read_text()
    silent = [(PANELS[1], panel_curve(PANELS[1], "synflow", 1))]
    assert "**does not change**" in document(silent, 1)


def test_bad_options_are_refused(capsys):
    with pytest.raises(SystemExit) as exit_info:
        main(["--initialisations", "0"])
    assert exit_info.value.code == 2
    assert "--initialisations must be >= 1, got 0" in capsys.readouterr().err
