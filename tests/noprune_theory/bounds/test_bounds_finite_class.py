"""Lemmas 2, 4, 5, 6 and Theorem 3: printed expressions at high precision, and truth on enumerated sign models."""

import itertools
import math
from fractions import Fraction

import bounds_oracles as oracle
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from noprune_theory import bounds
from noprune_theory.bounds import Constants

samples = st.integers(1, 10**7)
margins = st.floats(0.01, 1)
components = st.integers(1, 30)
BOTH = {"paper": Constants.PAPER, "sharp": Constants.SHARP}
both = pytest.mark.parametrize("constants", BOTH.values(), ids=BOTH)


def _close(value, reference, exponent):
    """Agreement to 1e-12 and to the rounding of the exponent itself."""
    return float(value) == pytest.approx(float(reference), rel=1e-12 + 1e-15 * float(abs(exponent)), abs=1e-300)


@given(samples, margins, components)
def test_concentration_terms_at_60_digits(n, epsilon, k):
    t = n * mp.mpf(epsilon) ** 2
    cases = [
        (bounds.lemma_2_concentration(n, epsilon, k), (2 * k + 2) * mp.exp(-t / (512 * k))),
        (bounds.lemma_2_concentration(n, epsilon, k, Constants.SHARP), 2**k * mp.exp(-t / 34)),
        (bounds.lemma_4_failure(n, epsilon), 2 * mp.exp(-t / 512)),
        (bounds.lemma_4_failure(n, epsilon, Constants.SHARP), mp.exp(-t / 4)),
        (bounds.lemma_5_failure(n, epsilon, k), 2 * k * mp.exp(-t / (512 * k))),
        (bounds.lemma_5_failure(n, epsilon, k, Constants.SHARP), 2**k * mp.exp(-t / 128)),
    ]
    for value, reference in cases:
        assert _close(value, min(reference, 1), t + k)


arguments = st.tuples(
    samples, st.integers(1, 10**4), components, margins, st.floats(0.01, 100), st.floats(0.1, 10), st.floats(0, 1e4)
)


@given(arguments)
def test_lemma_6_is_the_sum_of_its_parts(values):
    n, d, k, epsilon, lipschitz, isoperimetry, information = values
    concentration = bounds.lemma_2_concentration(n, epsilon, k)
    tail = bounds.lemma_1_tail(epsilon / 8, bounds.average_proxy(n, d, lipschitz, isoperimetry), information)
    assert bounds.lemma_6(*values) == min(1.0, concentration + tail)
    crude = bounds.equation_7(epsilon, bounds.average_proxy(n, d, lipschitz, isoperimetry), information)
    assert bounds.theorem_3(*values) == min(1.0, concentration + crude)


@given(arguments)
def test_sharp_is_never_worse_than_printed(values):
    printed, closed, sharp = (
        bounds.lemma_6(*values, constants) for constants in (Constants.PAPER, Constants.CLOSED_FORM, Constants.SHARP)
    )
    assert sharp <= closed * (1 + 1e-12)
    assert closed <= printed * (1 + 1e-12)
    assert printed <= bounds.theorem_3(*values) * (1 + 1e-12)
    assert bounds.theorem_3(*values, Constants.SHARP) == sharp


@both
def test_monotone(constants):
    base = {
        "n": 10**5,
        "d": 100,
        "components": 3,
        "epsilon": 0.5,
        "lipschitz": 0.1,
        "isoperimetry": 1.0,
        "information": 1.0,
    }
    rising = {
        "components": np.arange(1, 3000, 30),
        "lipschitz": np.geomspace(1e-3, 1e3, 99),
        "isoperimetry": np.geomspace(1e-3, 1e3, 99),
        "information": np.geomspace(1e-3, 1e6, 99),
    }
    falling = {"n": 2 ** np.arange(5, 30), "d": 2 ** np.arange(30), "epsilon": np.linspace(0.01, 1, 99)}
    for function in (bounds.lemma_6, bounds.theorem_3):
        for sign, grids in ((1, rising), (-1, falling)):
            for name, grid in grids.items():
                values = function(**{**base, name: grid}, constants=constants)
                assert (sign * np.diff(values) >= 0).all(), name
                assert values.min() < values.max() <= 1, name


@both
def test_extreme_arguments(constants):
    assert bounds.lemma_6(10**9, 10**9, 1, 1.0, 1e-9, 1e-3, 0.0, constants) == pytest.approx(0, abs=1e-300)
    assert bounds.lemma_6(1, 1, 10**6, 1e-6, 1e9, 1e9, 1e9, constants) == 1


def _binary_models():
    """Laws of (x, l, y): two inputs, two components, labels of {-1, 0, 1} whose mean given (x, l) is g(x) exactly."""
    half = Fraction(1, 2)
    for first, second in itertools.product([-1, -half, 0, half, 1], repeat=2):
        yield {(0, 0): first, (0, 1): first, (1, 0): second, (1, 1): second}


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_concentration_event_on_enumerated_models(n):
    """P(some T_s is below sigma^2 - t), summed over all outcomes, is below 2^k exp(-(2/17) n t^2)."""
    for means in _binary_models():
        # Labels +-1 with the mean asked for; inputs and components uniform.
        atoms = [
            (Fraction(1, 4) * (1 + y * g) / 2, g, s_index, y)
            for (_, s_index), g in means.items()
            for y in (-1, 1)
            if 1 + y * g > 0
        ]
        sigma2 = sum(probability * (1 - g * g) for probability, g, _, _ in atoms)
        for t in (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)):
            total = Fraction(0)
            for outcome in itertools.product(atoms, repeat=n):
                if any(
                    sum((y - s[label]) ** 2 - (g - s[label]) ** 2 for _, g, label, y in outcome) <= n * (sigma2 - t)
                    for s in itertools.product([-1, 1], repeat=2)
                ):
                    total += math.prod(probability for probability, *_ in outcome)
            assert float(total) <= min(1.0, 4 * math.exp(-2 / 17 * n * float(t) ** 2))


@pytest.mark.parametrize("n", [10, 100, 1000, 10000])
@pytest.mark.parametrize("constants", BOTH.values(), ids=BOTH)
def test_constant_functions_on_fair_signs(n, constants):
    """F = {-1, 0, 1} constant, y a fair sign, W the best of them: P(MSE <= 1 - epsilon) is a binomial tail."""
    for epsilon in (0.1, 0.3, 0.5, 0.9):
        # MSE(w) = 1 - 2 w ybar + w^2, so 1 - epsilon is reached iff 2 |ybar| - 1 >= epsilon.
        plus = math.ceil(n * (1 + (1 + epsilon) / 2) / 2 - 1e-9)
        exact = 2 * binom.sf(plus - 1, n, 0.5)
        assert exact <= bounds.lemma_6(n, 1, 1, epsilon, 1e-9, 1.0, math.log(3), constants)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 0}, "n must be a whole number >= 1"),
        ({"d": -3}, "d must be a whole number >= 1"),
        ({"components": 1.5}, "components must be a whole number >= 1, got 1.5"),
        ({"epsilon": 0.0}, r"epsilon must be in \(0, 1\]"),
        ({"epsilon": math.nan}, "epsilon must be"),
        ({"lipschitz": 0.0}, "lipschitz must be finite and > 0"),
        ({"isoperimetry": -1.0}, "isoperimetry must be finite and > 0"),
        ({"information": -0.1}, "information must be finite and >= 0"),
    ],
)
@both
@pytest.mark.parametrize("function", [bounds.lemma_6, bounds.theorem_3])
def test_refused_arguments(function, constants, change, message):
    base = {"n": 9, "d": 2, "components": 1, "epsilon": 0.5, "lipschitz": 1.0, "isoperimetry": 1.0, "information": 1.0}
    with pytest.raises(ValueError, match=message):
        function(**{**base, **change}, constants=constants)


def test_oracle_tells_wrong_from_right():
    assert not oracle.agrees(1.0 + 1e-11, 1)
    assert oracle.agrees(1.0 + 1e-13, 1)
