"""The named constants, and the combinations that are refused."""

from dataclasses import replace

import pytest

from noprune_theory import bounds
from noprune_theory.bounds import Constants


def test_the_paper_to_the_digit():
    assert (Constants.PAPER.a1_squared, Constants.PAPER.proxy, Constants.PAPER.net) == (72, 144, 60)
    assert Constants.PAPER.correlation == 1 / 8


def test_closed_form_differs_in_lemma_1_alone():
    assert replace(Constants.CLOSED_FORM, lemma_1="relative entropy") == Constants.SHARP


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lemma_1": "chaining"}, "lemma_1 must be one of"),
        ({"proxy": 0.0}, "proxy must be > 0"),
        ({"a1_squared": -1.0}, "a1_squared must be > 0"),
        ({"tails": 3}, r"tails must be in \[1, 2\]"),
        ({"net": 4.0}, "must leave a part of epsilon"),
        ({"correlation": 0.5}, "must leave a part of epsilon"),
    ],
)
def test_refused_constants(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(Constants.SHARP, **changes)


def test_other_splits_are_valid_constants():
    """A smaller threshold leaves more to concentration: a smaller n is admitted, and a smaller bound returned."""
    careful = replace(Constants.CLOSED_FORM, correlation=1 / 8)
    assert bounds.theorem_4_condition(2, 0.1, careful) == pytest.approx(
        bounds.theorem_4_condition(2, 0.1, Constants.CLOSED_FORM) / 4, rel=1e-14
    )
    arguments = (10**5, 10, 2, 0.5, 0.1, 1.0, 100.0)
    assert bounds.theorem_4(*arguments, careful) == pytest.approx(
        bounds.theorem_4(*arguments, Constants.CLOSED_FORM) / 2, rel=1e-14
    )
    two_sided = replace(Constants.CLOSED_FORM, tails=2)
    assert bounds.theorem_4(*arguments, two_sided) < bounds.theorem_4(*arguments, Constants.CLOSED_FORM)
    assert bounds.lemma_6(10**5, 10, 2, 0.5, 0.1, 1.0, 1.0, two_sided) > bounds.lemma_6(
        10**5, 10, 2, 0.5, 0.1, 1.0, 1.0, Constants.CLOSED_FORM
    )


def test_the_printed_form_of_the_sharp_constants_follows_from_the_closed_form():
    printed = replace(Constants.SHARP, lemma_1="printed")
    for delta in (0.01, 0.3, 0.588, 0.9):
        closed = bounds.lemma_1(1.0, 2.0, delta, Constants.CLOSED_FORM)
        assert closed <= bounds.lemma_1(1.0, 2.0, delta, printed) < bounds.lemma_1(1.0, 2.0, delta)
    # And it is nearly attained without information.
    assert bounds.lemma_1(1.0, 0.0, 0.588, printed) == pytest.approx(
        bounds.lemma_1(1.0, 0.0, 0.588, Constants.CLOSED_FORM), rel=1e-4
    )
