"""What every function of the bounds does with shapes that do not fit, other objects, and numbers of any size."""

import inspect
import itertools
import warnings

import numpy as np
import pytest
from test_bounds_messages import FUNCTIONS

from noprune_theory import bounds
from noprune_theory.bounds import Constants

# Numbers that no sample has and whose squares and products leave the range of doubles.
EXTREMES = (1e155, 1e308, 1e-155, 1e-300)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_shapes_that_do_not_fit_are_named(name):
    function, arguments = getattr(bounds, name), FUNCTIONS[name]
    numerical = [key for key, value in arguments.items() if isinstance(value, (int, float))]
    for first, second in itertools.pairwise(numerical):
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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_constants_dependence_and_split_are_objects(name):
    function, arguments = getattr(bounds, name), FUNCTIONS[name]
    parameters = inspect.signature(function).parameters
    wrong = {"constants": ("sharp", None), "dependence": (2.0, None), "split": ((0.5, 0.5), 0.5)}
    for key in set(wrong) & set(parameters):
        for value in wrong[key]:
            with pytest.raises(TypeError, match=f"^{key} must be a "):
                function(**{**arguments, key: value})


@pytest.mark.parametrize("constants", [Constants.PAPER, Constants.CLOSED_FORM, Constants.SHARP])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_numbers_of_any_size_give_a_finite_result_or_a_named_error(name, constants):
    function, arguments = getattr(bounds, name), FUNCTIONS[name]
    options = {"constants": constants} if "constants" in inspect.signature(function).parameters else {}
    for key, given in arguments.items():
        for value in EXTREMES if isinstance(given, (int, float)) else ():
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                try:
                    found = function(**{**arguments, key: value}, **options)
                except ValueError as error:
                    assert key in str(error)  # noqa: PT017
                else:
                    assert np.isfinite(getattr(found, "lipschitz", found)).all()


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


def test_the_largest_counts_are_served():
    largest = 2.0**53
    assert bounds.log_mask_count(largest, largest / 2) == pytest.approx(largest * np.log(2), rel=1e-12)
    assert bounds.theorem_4_leakage(largest, largest, 1, 1.0, 0.5, 1e-300, 1.0) == pytest.approx(
        largest / 4 / np.sqrt(8 * (1 + np.log(4))) * 1e150, rel=1e-14
    )
