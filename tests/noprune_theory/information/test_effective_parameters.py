"""Effective parameters: the formula, its units, and the traps around the entropy of a mask."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.information import SHARP_NET_CONSTANT, effective_parameter_count

POSITIVE = st.floats(1e-3, 1e3)


@given(st.floats(0, 1e3), st.floats(0, 1e4), POSITIVE, POSITIVE, POSITIVE)
def test_formula_and_units(information, size, diameter, lipschitz, epsilon):
    given_nats = effective_parameter_count(
        information, size, diameter=diameter, parameter_lipschitz=lipschitz, epsilon=epsilon
    )
    assert given_nats.value == pytest.approx(
        information + size * math.log(1 + 60 * diameter * lipschitz / epsilon), rel=1e-12
    )
    given_bits = effective_parameter_count(
        information / math.log(2),
        size,
        diameter=diameter,
        parameter_lipschitz=lipschitz,
        epsilon=epsilon,
        unit="bits",
    )
    assert given_bits.value * math.log(2) == pytest.approx(given_nats.value, rel=1e-12)
    sharp = effective_parameter_count(
        information,
        size,
        diameter=diameter,
        parameter_lipschitz=lipschitz,
        epsilon=epsilon,
        net_constant=SHARP_NET_CONSTANT,
    )
    assert sharp.value <= given_nats.value
    assert sharp.information == given_nats.information == information


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mask_information": -1.0}, "mask_information must be >= 0"),
        ({"mask_information": math.nan}, "mask_information must be finite"),
        ({"mean_mask_size": -1}, "mean_mask_size must be >= 0"),
        ({"diameter": 0.0}, "diameter must be > 0"),
        ({"parameter_lipschitz": math.inf}, "parameter_lipschitz must be finite"),
        ({"epsilon": -0.1}, "epsilon must be > 0"),
        ({"net_constant": 0}, "net_constant must be > 0"),
        ({"unit": "digits"}, "unit must be one of"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    arguments = {"mask_information": 1.0, "mean_mask_size": 2.0, "diameter": 1.0, "parameter_lipschitz": 1.0} | {
        "epsilon": 0.1
    }
    with pytest.raises(ValueError, match=message):
        effective_parameter_count(**arguments | change)
