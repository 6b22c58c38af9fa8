"""Theorems 1, 2 and 4 and the versions without 1/delta."""

import math

import bounds_oracles as oracle
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory import bounds
from noprune_theory.bounds import Constants
from noprune_theory.testing import theorem_arguments

ALL = {"paper": Constants.PAPER, "closed form": Constants.CLOSED_FORM, "sharp": Constants.SHARP}
every_form = pytest.mark.parametrize("constants", ALL.values(), ids=ALL)


def _arguments(case):
    return case.n, case.d, case.components, case.epsilon, case.delta, case.isoperimetry, case.information


@given(theorem_arguments())
def test_printed_theorem_at_60_digits(case):
    n, d, _, epsilon, delta, c, p_eff = map(mp.mpf, _arguments(case))
    expected = epsilon / (96 * mp.sqrt(72) * mp.sqrt(2 * c))
    expected *= mp.sqrt(n * d * delta / (p_eff + delta / 2 * mp.log(4 / delta)))
    assert oracle.agrees(bounds.theorem_4(*_arguments(case)), expected)


@given(theorem_arguments())
def test_closed_form_theorem_at_60_digits(case):
    n, d, _, epsilon, delta, c, p_eff = map(mp.mpf, _arguments(case))
    expected = epsilon / 16 * mp.sqrt(n * d * delta / (c * (p_eff + oracle.entropy(delta / 2))))
    assert oracle.agrees(bounds.theorem_4(*_arguments(case), Constants.CLOSED_FORM), expected)


@given(theorem_arguments())
def test_sharp_theorem_solves_its_equation(case):
    n, d, _, epsilon, delta, c, p_eff = map(mp.mpf, _arguments(case))
    value = bounds.theorem_4(*_arguments(case), Constants.SHARP)

    def divergence(lipschitz):
        q = mp.exp(-((epsilon / 4) ** 2) * n * d / (8 * c * lipschitz**2))
        return oracle.relative_entropy(delta / 2, q) if q < delta / 2 else mp.mpf(0)

    assert oracle.solves(lambda lipschitz: -divergence(lipschitz), -p_eff, value)


@given(theorem_arguments())
def test_lemma_6_at_the_bound_spends_delta(case):
    """A class that is as smooth as Theorem 4 excludes, without rounding, fits with probability at most delta."""
    n, d, k, epsilon, delta, c, information = _arguments(case)
    for constants in ALL.values():
        lipschitz = bounds.theorem_4(n, d, k, epsilon, delta, c, information, constants)
        probability = bounds.lemma_6(n, d, k, epsilon, lipschitz, c, information, constants)
        assert probability <= delta * (1 + 1e-9)
        # More smoothness leaves less, and half the Lipschitz constant is far from spending delta on the correlation.
        assert bounds.lemma_6(n, d, k, epsilon, lipschitz / 2, c, information, constants) <= probability


@given(theorem_arguments())
def test_sharp_constants_gain_at_least_60(case):
    printed, closed, sharp = (bounds.theorem_4(*_arguments(case), constants) for constants in ALL.values())
    assert closed >= 60 * printed
    assert sharp >= closed * (1 - 1e-13)


@every_form
@given(case=theorem_arguments(), scale=st.floats(0.1, 10))
def test_scaling_laws(constants, case, scale):
    n, d, k, epsilon, delta, c, p_eff = _arguments(case)
    value = bounds.theorem_4(n, d, k, epsilon, delta, c, p_eff, constants)
    assert bounds.theorem_4(n, 4 * d, k, epsilon, delta, c, p_eff, constants) == pytest.approx(2 * value, rel=1e-13)
    assert bounds.theorem_4(9 * n, d, k, epsilon, delta, c, p_eff, constants) == pytest.approx(3 * value, rel=1e-13)
    assert bounds.theorem_4(n, d, k, epsilon, delta, scale**2 * c, p_eff, constants) == pytest.approx(
        value / scale, rel=1e-13
    )


@every_form
def test_monotone(constants):
    base = {
        "n": 10**6,
        "d": 10,
        "components": 2,
        "epsilon": 0.5,
        "delta": 0.1,
        "isoperimetry": 1.0,
        "effective_parameters": 50.0,
    }
    rising = {"n": 10**6 + np.arange(99), "d": np.arange(1, 100), "epsilon": np.linspace(0.2, 1, 99)}
    rising["delta"] = np.linspace(0.01, 0.99, 99)
    falling = {"isoperimetry": np.geomspace(0.1, 10, 99), "effective_parameters": np.geomspace(0.1, 1e4, 99)}
    for sign, grids in ((1, rising), (-1, falling)):
        for name, grid in grids.items():
            values = bounds.theorem_4(**{**base, name: grid}, constants=constants)
            assert values.shape == (99,)
            assert (sign * np.diff(values) > 0).all(), name
    # The number of components enters the condition alone.
    assert np.ptp(bounds.theorem_4(**{**base, "components": np.arange(1, 9)}, constants=constants)) == 0


@every_form
@given(case=theorem_arguments())
def test_condition(constants, case):
    required = bounds.theorem_4_condition(case.components, case.delta, constants)
    k, delta = case.components, mp.mpf(case.delta)
    if constants is Constants.PAPER:
        assert oracle.agrees(required, 512 * k * mp.log(8 * k / delta))
    else:
        assert oracle.agrees(required, 136 * ((k + 1) * mp.log(2) + mp.log(1 / delta)))
        assert required <= bounds.theorem_4_condition(k, case.delta, Constants.PAPER)
    smallest = math.ceil(required / case.epsilon**2 * (1 + 1e-12))
    arguments = (10, k, case.epsilon, case.delta, 1.0, 1.0, constants)
    assert bounds.theorem_4(smallest, *arguments) > 0
    with pytest.raises(ValueError, match=r"n epsilon\^2 = .* is below .* condition on k"):
        bounds.theorem_4(math.floor(smallest * 0.999) - 1 or 1, *arguments)


@given(theorem_arguments())
def test_condition_leaves_half_of_delta(case):
    """At the condition the concentration term is delta/2, for epsilon less what rounding and correlation take."""
    k, delta = case.components, case.delta
    required = bounds.theorem_4_condition(k, delta, Constants.SHARP)
    assert 2**k * math.exp(-2 / 17 * required / 16) == pytest.approx(delta / 2, rel=1e-12)
    printed = bounds.theorem_4_condition(k, delta, Constants.PAPER)
    assert (2 * k + 2) * math.exp(-printed / (512 * k)) <= delta / 2 * (1 + 1e-12)


@given(theorem_arguments(), st.floats(1.1, 20))
def test_versions_without_one_over_delta_at_60_digits(case, order):
    arguments = _arguments(case)
    n, d, _, epsilon, delta, c, information = map(mp.mpf, arguments)
    exceedance = case.delta / 8
    front = epsilon / 4 * mp.sqrt(n * d / (8 * c))
    spectrum = information + mp.log(1 / (delta / 2 - mp.mpf(exceedance)))
    sibson = information + mp.mpf(order) / (mp.mpf(order) - 1) * mp.log(2 / delta)
    assert oracle.agrees(bounds.theorem_4_leakage(*arguments), front / mp.sqrt(information + mp.log(2 / delta)))
    assert oracle.agrees(bounds.theorem_4_sibson(*arguments, order), front / mp.sqrt(sibson))
    assert oracle.agrees(bounds.theorem_4_density(*arguments, exceedance), front / mp.sqrt(spectrum))


@given(theorem_arguments(), st.integers(1, 10**6), st.floats(0, 1e9), st.floats(0, 1e9))
def test_law_of_robustness_with_constants(case, p, diameter, parameter_lipschitz):
    n, d, k, epsilon, delta, c, _ = _arguments(case)
    log_net = p * mp.log(1 + 8 * mp.mpf(diameter) * mp.mpf(parameter_lipschitz) / mp.mpf(epsilon))
    expected = mp.mpf(epsilon) / 4 * mp.sqrt(mp.mpf(n) * d / (8 * mp.mpf(c) * (log_net + mp.log(2 / mp.mpf(delta)))))
    value = bounds.theorem_1(n, d, k, epsilon, delta, c, p, diameter, parameter_lipschitz)
    assert oracle.agrees(value, expected)


@given(st.integers(1, 10**9), st.integers(1, 10**6), st.floats(0.01, 1), st.floats(0.01, 1), st.integers(1, 10**9))
def test_order_forms(n, d, epsilon, sigma, p):
    root = mp.sqrt(mp.mpf(n) * d / p)
    assert oracle.agrees(bounds.theorem_1_order(n, d, epsilon, sigma, p), mp.mpf(epsilon) / mp.mpf(sigma) * root)
    assert oracle.agrees(bounds.theorem_2_order(n, d, epsilon, p), mp.mpf(epsilon) * root)


def test_net_size():
    assert bounds.log_net_size_per_weight(0.0, 5.0, 0.5) == 0
    assert bounds.log_net_size_per_weight(2.0, 5.0, 0.5, Constants.PAPER) == pytest.approx(math.log(1201), rel=1e-15)
    assert bounds.log_net_size_per_weight(2.0, 5.0, 0.5, Constants.SHARP) == pytest.approx(math.log(161), rel=1e-15)
    # As for every function that takes constants, those of the paper are the default.
    assert bounds.log_net_size_per_weight(2.0, 5.0, 0.5) == pytest.approx(math.log(1201), rel=1e-15)


def test_net_of_any_size():
    for diameter, lipschitz in ((1e308, 1e308), (1e308, 1e-308), (1e-308, 1e-308), (0.0, 1e308)):
        found = bounds.log_net_size_per_weight(diameter, lipschitz, 0.5)
        expected = mp.log1p(120 * mp.mpf(diameter) * mp.mpf(lipschitz))
        assert float(found) == pytest.approx(float(expected), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 0}, "n must be a whole number"),
        ({"delta": 0.0}, r"delta must be in the open interval \(0, 1\), got 0.0"),
        ({"delta": 1.0}, "delta must be in the open interval"),
        ({"isoperimetry": 0.0}, "isoperimetry must be finite and > 0, got 0.0"),
        ({"effective_parameters": math.inf}, "effective_parameters must be finite"),
        ({"epsilon": 2.0}, r"epsilon must be in \(0, 1\], got 2.0"),
        ({"components": 0}, "components must be a whole number >= 1"),
        ({"n": 100}, r"n epsilon\^2 = 25 is below"),
    ],
)
@every_form
def test_refused_arguments(constants, change, message):
    base = {
        "n": 10**6,
        "d": 10,
        "components": 2,
        "epsilon": 0.5,
        "delta": 0.1,
        "isoperimetry": 1.0,
        "effective_parameters": 5.0,
    }
    with pytest.raises(ValueError, match=message):
        bounds.theorem_4(**{**base, **change}, constants=constants)
