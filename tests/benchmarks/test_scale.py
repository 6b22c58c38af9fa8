"""What large runs would cost: the laws and the words of benchmarks/scale.py."""

import re
from pathlib import Path

import pytest

from benchmarks import scale


def test_a_power_law_is_continued():
    law = scale.Law((10.0, 20.0, 40.0), (3.0, 12.0, 48.0))
    assert law.exponent == pytest.approx(2.0)
    assert law.at(80.0) == pytest.approx(192.0)
    growing = scale.Law((1.0, 2.0, 4.0), (1.0, 1.0, 8.0))  # the fit says 1.5, the last slope 3
    assert growing.at(8.0) == pytest.approx(64.0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0123, "12.3 ms"), (1.0, "1 s"), (90.0, "1.5 min"), (7200.0, "2 h"), (4e8, "12.7 years")],
)
def test_durations_have_the_unit_that_suits_them(seconds, text):
    assert scale.duration(seconds) == text


def test_sizes_are_measured_in_order():
    calls = []
    law = scale.measured((1, 2), lambda size: lambda: calls.append(size) or sum(range(200_000 * size)))
    assert calls == [1, 1, 1, 2, 2]
    assert law.sizes == (1.0, 2.0)
    assert all(amount > 0 for amount in law.amounts)


def test_the_document_holds_every_section():
    text = Path(scale.__file__).with_name("scale.md").read_text(encoding="utf-8")
    titles = re.findall("^## (.*)$", text, flags=re.MULTILINE)
    assert len(titles) == 5
    assert titles[-1] == "What breaks first"
    assert "`python -m benchmarks.scale --write`" in text
