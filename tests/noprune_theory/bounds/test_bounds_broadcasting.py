"""What every function of the bounds does with shapes that do not fit, other objects, and numbers of any size."""

import inspect
import itertools
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from test_bounds_messages import FUNCTIONS, numerical

from noprune_theory import bounds
from noprune_theory.bounds import Constants, optimised

# Numbers that no sample has and whose squares and products leave the range of doubles; next to one, and the ends.
EXTREMES = (1e155, 1e308, 1.7e308, 1e-155, 1e-300, 1e-310, 5e-324, 1 - 2.0**-53)
UPPER = {"class_stability_at_split", "class_stability_law", "normalised_stability_law"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_shapes_that_do_not_fit_are_named(name):
    function, arguments = getattr(bounds, name), FUNCTIONS[name]
    for first, second in itertools.pairwise(numerical(arguments)):
        shaped = {**arguments, first: np.full(2, arguments[first]), second: np.full(3, arguments[second])}
        message = rf"^arrays must have shapes that broadcast against one another, got {first} \(2,\), {second} \(3,\)$"
        with pytest.raises(ValueError, match=message):
            function(**shaped)


def test_shapes_inside_a_dependence_and_a_split_are_named():
    arguments = {**FUNCTIONS["theorem_4_at_split"], "dependence": bounds.MutualInformation([1.0, 2.0])}
    with pytest.raises(ValueError, match=r"got dependence.nats \(2,\), split.rounding \(3,\)$"):
        bounds.theorem_4_at_split(**{**arguments, "split": bounds.Split(0.5, np.full(3, 0.5))})
    with pytest.raises(ValueError, match=r"got n \(3,\), dependence.nats \(2,\)$"):
        bounds.theorem_4_optimised(
            **{**FUNCTIONS["theorem_4_optimised"], "dependence": arguments["dependence"], "n": [1, 2, 3]}
        )
    with pytest.raises(ValueError, match=r"^delta must be a number or a rectangular array, got \[\["):
        bounds.lemma_1(1.0, 1.0, [[0.1], [0.1, 0.2]])
    with pytest.raises(ValueError, match=r"^nats must be a number or a rectangular array, got \[\["):
        bounds.MaximalLeakage([[0.1], [0.1, 0.2]])


@pytest.mark.parametrize("constants", [Constants.PAPER, Constants.CLOSED_FORM, Constants.SHARP])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_numbers_of_any_size_give_a_finite_result_or_a_named_error(name, constants, monkeypatch):
    monkeypatch.setattr(optimised, "_POINTS", 7)  # a coarse search meets the same sizes
    function, arguments = getattr(bounds, name), FUNCTIONS[name]
    options = {"constants": constants} if "constants" in inspect.signature(function).parameters else {}
    if not options and constants is not Constants.PAPER:
        return
    for key in numerical(arguments):
        for value in EXTREMES:
            with warnings.catch_warnings(), np.errstate(all="warn"):
                warnings.simplefilter("error")
                try:
                    found = function(**{**arguments, key: value}, **options)
                except ValueError as error:
                    assert key in str(error)  # noqa: PT017
                else:
                    value = getattr(found, "lipschitz", getattr(found, "stability", found))
                    # An upper bound on the class stability is infinite where nothing is proved.
                    assert np.isfinite(value).all() or (name in UPPER and not np.isnan(value).any())


@pytest.mark.parametrize(
    "call",
    [
        lambda: bounds.log_mask_count(1e308, 5e307),
        lambda: bounds.equation_1(1e308, 0.5),
        lambda: bounds.theorem_4_leakage(1e155, 1e155, 1, 0.9, 0.1, 1.0, 1.0),
        lambda: bounds.theorem_4_at_split(**{**FUNCTIONS["theorem_4_at_split"], "n": 1e155, "d": 1e155}),
        lambda: bounds.theorem_4_optimised(**{**FUNCTIONS["theorem_4_optimised"], "d": 2.0**54}),
    ],
)
def test_counts_that_doubles_cannot_tell_apart_are_refused(call):
    with pytest.raises(ValueError, match=r"^(n|d|n_weights) must be a whole number <= 2\^53, got"):
        call()


@pytest.mark.parametrize("value", [2**53 + 1, np.int64(2**53 + 1), 10**30, [5, 10**30], np.uint64(2**63)])
def test_integers_that_no_double_is_are_refused_as_they_were_given(value):
    given = max(value) if isinstance(value, list) else int(value)
    with pytest.raises(ValueError, match=rf"^m must be a whole number <= 2\^53, got {given}$"):
        bounds.massart(value, 1.0, 3)


def test_fractions_are_numbers():
    half, third = Fraction(1, 2), Fraction(1, 3)
    assert bounds.binary_entropy(half) == np.log(2)
    assert bounds.massart([3, Fraction(4)], half, 3).tolist() == bounds.massart([3, 4], 0.5, 3).tolist()
    density = bounds.InformationDensity(half, Fraction(1, 8))
    assert density.exponent(half) == bounds.density_exponent(0.5, 0.5, 0.125)
    for name in ("theorem_4_at_split", "net_class_at_split", "linear_class_at_split"):
        function, arguments = getattr(bounds, name), {**FUNCTIONS[name], "dependence": density}
        found = function(**{**arguments, "split": bounds.Split(half, third), "epsilon": half, "delta": Fraction(1, 4)})
        assert found == function(**{**arguments, "split": bounds.Split(0.5, 1 / 3), "epsilon": 0.5, "delta": 0.25})


@pytest.mark.parametrize("value", [[0.5, True], (0.25, np.True_)])
def test_a_flag_hides_in_no_list(value):
    with pytest.raises(TypeError, match=r"^q must not mix booleans with other entries, got "):
        bounds.binary_entropy(value)


@pytest.mark.parametrize("value", [[0.5, None], [0.5, "1"], Decimal("0.5"), [[True]]])
def test_what_is_no_number_hides_in_no_list(value):
    with pytest.raises(TypeError, match=r"^q must be a real number or an array of real numbers, got "):
        bounds.binary_entropy(value)


def test_numbers_outside_the_range_of_doubles_are_refused():
    wider = np.finfo(np.longdouble).tiny < np.finfo(np.float64).tiny  # not on every platform
    for value in (Fraction(1, 10**400), *([np.longdouble("1e-4000")] if wider else [])):
        with pytest.raises(ValueError, match=r"^leakage must be 0 or in the range of doubles, got "):
            bounds.leakage_exponent(0.1, value)
    for value in (10**400, Fraction(10**400, 3), *([np.longdouble("1e4000")] if wider else [])):
        with pytest.raises(ValueError, match=r"^leakage must be finite and >= 0, got inf$"):
            bounds.leakage_exponent(0.1, value)
    with pytest.raises(ValueError, match=r"^leakage must be finite and >= 0, got -inf$"):
        bounds.leakage_exponent(0.1, -(10**400))


def test_the_largest_counts_are_served():
    largest = 2.0**53
    assert bounds.log_mask_count(largest, largest / 2) == pytest.approx(largest * np.log(2), rel=1e-12)
    assert bounds.theorem_4_leakage(largest, largest, 1, 1.0, 0.5, 1e-300, 1.0) == pytest.approx(
        largest / 4 / np.sqrt(8 * (1 + np.log(4))) * 1e150, rel=1e-14
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda delta: bounds.theorem_4_leakage(1e15, 3, 1, 1.0, delta, 1.0, 1.0),
        lambda delta: bounds.theorem_1(1e15, 3, 1, 1.0, delta, 1.0, 3, 1.0, 1.0),
        lambda delta: bounds.theorem_4_at_split(**{**FUNCTIONS["theorem_4_at_split"], "delta": delta}),
        lambda delta: bounds.theorem_4_optimised(**{**FUNCTIONS["theorem_4_optimised"], "delta": delta}).lipschitz,
    ],
)
def test_a_probability_that_is_split_is_one_whose_parts_are_doubles(call):
    assert call(1e-300) > 0
    with pytest.raises(
        ValueError, match=r"^delta must be at least 1e-300, since it is split between events, got 5e-324$"
    ):
        call(5e-324)
    with pytest.raises(ValueError, match=r"^delta must be in the open interval \(0, 1\), got 0"):
        call(0.0)


def test_arguments_and_results_are_compared_by_value():
    """Arrays inside do not make a comparison ambiguous, nor an object unhashable."""
    many, again = bounds.MutualInformation(np.array([1.0, 2.0])), bounds.MutualInformation([1, 2])
    assert many == again
    assert hash(many) == hash(again)
    assert many != bounds.MutualInformation([1.0, 3.0])
    assert many != bounds.MaximalLeakage([1.0, 2.0])
    assert bounds.MutualInformation(0.0) == bounds.MutualInformation(-0.0)
    assert bounds.Split(0.5, np.full(3, 0.25)) == bounds.Split(0.5, [0.25] * 3)
    arguments = {**FUNCTIONS["theorem_4_optimised"], "n": np.array([10**6, 10**7])}
    found = bounds.theorem_4_optimised(**arguments)
    assert found == bounds.theorem_4_optimised(**arguments)
    assert len({found, many, again}) == 2
    assert found != bounds.theorem_4_optimised(**{**arguments, "d": 4})
    assert repr(bounds.MaximalLeakage(np.zeros(99))) == "MaximalLeakage(nats=<float64 array, shape (99,)>)"
    assert len(repr(bounds.theorem_4_optimised(**{**arguments, "n": np.full(500, 10**6)}))) < 400


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: bounds.lemma_1([[0.1] * 99, [0.1] * 98], 1.0, 0.5),
            r"^proxy must be a number or a rectangular array, got .{1,60}$",
        ),
        (
            lambda: bounds.binary_entropy(np.array(["x"] * 999)),
            r"^q must be a real number or an array of real numbers, got <<U1 array, shape \(999,\)>$",
        ),
        (
            lambda: bounds.theorem_5(np.arange(10, 500), 300, 0.0, 0.5),
            r"^m must exceed vc_dimension \+ 1, got m = 10.0 and vc_dimension = 300.0$",
        ),
        (
            lambda: bounds.density_exponent(0.1, 1.0, np.linspace(0, 0.5, 999)),
            r"^exceedance must be smaller than delta, got exceedance=0.1[0-9]* and delta=0.1: the",
        ),
        (
            lambda: bounds.average_proxy(10, 10, np.geomspace(1, 1e300, 999), 1.0),
            "^lipschitz and isoperimetry must give C0 within the range of doubles, got inf$",
        ),
        (lambda: bounds.log_mask_count(np.arange(1, 999), 500), "got kept = 500.0 and n_weights = 1.0$"),
    ],
)
def test_messages_tell_one_number_of_an_array(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
