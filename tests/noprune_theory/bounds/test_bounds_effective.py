"""Equation (1) and the ratio of Section 4.1."""

import math

import bounds_oracles as oracle
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory import bounds


@given(st.integers(1, 400), st.data())
def test_mask_count_against_exact_binomials(p, data):
    kept = data.draw(st.integers(0, p))
    assert oracle.agrees(bounds.log_mask_count(p, kept), mp.log(math.comb(p, kept)))


@given(st.integers(400, 10**12), st.floats(0, 1))
def test_mask_count_of_large_layers(p, fraction):
    kept = int(p * fraction)
    reference = mp.loggamma(p + 1) - mp.loggamma(kept + 1) - mp.loggamma(p - kept + 1)
    assert oracle.agrees(bounds.log_mask_count(p, kept), reference)


@given(st.integers(10, 10**12), st.integers(0, 40))
def test_few_weights_among_many_keep_their_digits(p, kept):
    kept = min(kept, p)
    reference = mp.log(mp.binomial(p, kept))
    assert oracle.agrees(bounds.log_mask_count(p, kept), reference)
    assert bounds.log_mask_count(p, p - kept) == bounds.log_mask_count(p, kept)


@given(st.integers(1, 10**9), st.floats(0.001, 0.999))
def test_printed_and_corrected_forms_at_60_digits(p, gamma):
    g = mp.mpf(gamma)
    printed = p * (1 - g) * mp.log(1 / (1 - g), 2) + g * mp.log(1 / g, 2)
    corrected = p * ((1 - g) * mp.log(1 / (1 - g), 2) + g * mp.log(1 / g, 2))
    assert oracle.agrees(bounds.equation_1(p, gamma, "printed"), printed)
    assert oracle.agrees(bounds.equation_1(p, gamma, "first order"), corrected)
    second = corrected - mp.log(2 * mp.pi * p * g * (1 - g), 2) / 2
    assert bounds.equation_1(p, gamma, "second order") == pytest.approx(float(second), rel=1e-12, abs=1e-12)


def test_the_factor_p_is_missing():
    values = {form: float(bounds.equation_1(1000, 0.95, form)) for form in ("exact", "second order", "printed")}
    assert values["exact"] == pytest.approx(math.log2(math.comb(1000, 50)), rel=1e-14)
    assert values["second order"] == pytest.approx(values["exact"], rel=1e-4)
    assert values["printed"] < 0.77 * values["exact"]


@given(st.integers(100, 10**9), st.floats(0.05, 0.95))
def test_first_order_is_above_and_second_order_close(p, gamma):
    gamma = round(gamma * p) / p
    exact, second, first = (bounds.equation_1(p, gamma, form) for form in ("exact", "second order", "first order"))
    assert exact <= first
    # Stirling's remainders are below 1/(12 k) each.
    assert abs(second - exact) <= 1 / (p * gamma * (1 - gamma)) + 1e-12 * first


@given(st.integers(1, 10**6), st.floats(0.01, 0.99))
def test_units(p, gamma):
    for form in ("exact", "second order", "first order", "printed"):
        bits, nats = bounds.equation_1(p, gamma, form), bounds.equation_1(p, gamma, form, unit="nats")
        assert nats == pytest.approx(bits * math.log(2), rel=1e-14)
    kept = int(p * gamma)
    assert bounds.log_mask_count(p, kept, unit="bits") * math.log(2) == pytest.approx(bounds.log_mask_count(p, kept))


@given(st.floats(0.001, 0.999), st.floats(0.01, 100))
def test_ratio(gamma, log_net):
    g = mp.mpf(gamma)
    assert oracle.agrees(
        bounds.effective_count_ratio(gamma, log_net), 1 + oracle.entropy(g) / ((1 - g) * mp.mpf(log_net))
    )


def test_ratio_in_numbers():
    log_net = math.log(1 + 60 * 1000)
    assert bounds.effective_count_ratio(0.95, log_net) == pytest.approx(1.36, abs=0.005)
    gamma = 1 - np.geomspace(1e-1, 1e-12, 40)
    assert (np.diff(bounds.effective_count_ratio(gamma, log_net)) > 0).all()


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (bounds.log_mask_count, (5, 6), "kept must be at most n_weights"),
        (bounds.log_mask_count, (0, 0), "n_weights must be a whole number >= 1"),
        (bounds.log_mask_count, (5, -1), "kept must be a whole number >= 0"),
        (bounds.equation_1, (5, 1.0), "sparsity must be in the open interval"),
        (bounds.equation_1, (5, 0.5, "rough"), "form must be one of"),
        (bounds.effective_count_ratio, (0.5, 0.0), "log_net must be finite and > 0"),
    ],
)
def test_refused_arguments(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def test_refused_units():
    with pytest.raises(ValueError, match="unit must be one of"):
        bounds.log_mask_count(5, 2, unit="digits")
