"""The exact threshold in Lemmas 4 to 6 and Theorems 3 and 4: at high precision, by binomials, for every dependence."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from noprune_theory.bounds import (
    Constants,
    InformationDensity,
    MaximalLeakage,
    MutualInformation,
    Noise,
    SibsonInformation,
    exact_threshold,
    gaussian_width_law,
    gordon_law,
    lemma_4_exact_threshold,
    lemma_4_failure,
    lemma_5_exact_threshold,
    lemma_6_exact_threshold,
    linear_class_law,
    net_class_law,
    theorem_3_exact_threshold,
    theorem_4_exact_threshold,
)

SIGNS = Noise(signs=True)
share = st.floats(0.01, 1.0)


@given(st.integers(1, 10**6), share, share, st.floats(1e-6, 0.999), st.integers(1, 20))
def test_against_the_definition(n, sigma2, part, lost, k):
    """The fluctuation is the one at which `exact_threshold` is tau, by bisection at 40 digits."""
    epsilon = sigma2 * part
    noise = Noise(sigma2)
    tau = float(exact_threshold(epsilon, sigma2, epsilon * lost))
    with mpmath.workdps(40):
        s, v = mpmath.mpf(sigma2) - mpmath.mpf(epsilon), (mpmath.mpf(sigma2) + mpmath.mpf(tau)) / 2
        low, high = s + mpmath.mpf(tau) / 2, mpmath.mpf(2)
        for _ in range(140):
            v = (low + high) / 2
            low, high = (v, high) if v - mpmath.sqrt(v * s) < tau else (low, v)
        t = max(mpmath.mpf(sigma2) - v, 0)
        four = mpmath.exp(-mpmath.mpf(2) / 17 * n * t**2)
        five = min(2**k * four, 1)
    scale = 1 + 2 * float(n) * float(t) * 1e-15 / 8.5 * 17
    found = float(lemma_4_exact_threshold(n, epsilon, tau, noise=noise))
    assert found == pytest.approx(float(four), rel=1e-9 * scale, abs=1e-300)
    found = float(lemma_5_exact_threshold(n, epsilon, k, tau, noise=noise))
    assert found == pytest.approx(float(five), rel=1e-9 * scale, abs=1e-300)
    assert float(lemma_5_exact_threshold(n, epsilon, k, tau, noise=noise, centred=True)) == pytest.approx(
        float(lemma_4_exact_threshold(n, epsilon, tau, noise=noise)), rel=1e-15, abs=0
    )


def test_fair_signs_do_not_fluctuate():
    tau = float(exact_threshold(0.9))
    assert float(lemma_4_exact_threshold(10, 0.9, tau, noise=SIGNS)) == 0.0
    assert float(lemma_4_exact_threshold(10, 0.9, tau * 1.001, noise=SIGNS)) == 1.0
    assert float(lemma_5_exact_threshold(10, 0.9, 2, tau, noise=SIGNS, centred=True)) == 0.0
    assert float(lemma_5_exact_threshold(10**4, 0.9, 2, tau / 2, noise=SIGNS)) > 0.0


@pytest.mark.parametrize(("n", "p"), [(50, 0.2), (200, 0.9), (400, 0.5)])
@pytest.mark.parametrize("part", [0.3, 0.9, 1.0])
def test_biased_labels_by_binomials(n, p, part):
    """Labels 1 with probability p: no fit correlates less than v + mean z g - sqrt(v s), nor X less for means +-1."""
    g, ones = 2 * p - 1, np.arange(n + 1) / n
    sigma2 = 1 - g**2
    s, noise = sigma2 * (1 - part), Noise(sigma2)
    v = ones * (1 - g) ** 2 + (1 - ones) * (1 + g) ** 2
    mean_z = ones * (1 - g) - (1 - ones) * (1 + g)
    forced = v + mean_z * g - np.sqrt(v * s)
    for tau in np.linspace(0.02, 0.98, 13) * float(exact_threshold(sigma2 * part, sigma2)):
        weights = binom.pmf(np.arange(n + 1), n, p)
        four = weights[forced < tau * (1 - 1e-12)].sum()
        five = weights[forced - np.abs(mean_z) < tau * (1 - 1e-12)].sum()
        assert four <= float(lemma_4_exact_threshold(n, sigma2 * part, tau, noise=noise)) + 1e-12
        assert five <= float(lemma_5_exact_threshold(n, sigma2 * part, 1, tau, noise=noise)) + 1e-12


def test_names_of_the_theorems():
    assert theorem_3_exact_threshold is lemma_6_exact_threshold
    assert theorem_4_exact_threshold is net_class_law


def test_lemma_4_reaches_thresholds_that_the_older_one_does_not():
    """At epsilon/4 it fails less often than with the sharp constants, and it has thresholds up to twice epsilon/2."""
    for epsilon in (0.3, 0.9, 1.0):
        old = float(lemma_4_failure(100, epsilon, Constants.SHARP))
        assert float(lemma_4_exact_threshold(100, epsilon, epsilon / 4)) < max(old, math.exp(-100 * epsilon**2 / 34))
    assert float(lemma_4_exact_threshold(10**5, 1.0, 0.9)) < 1e-30
    assert float(lemma_4_exact_threshold(10**5, 1.0, 1.1)) == 1.0


DEPENDENCES = [
    MutualInformation(1e5),
    MaximalLeakage(1e5),
    SibsonInformation(1e5, 1.5),
    InformationDensity(1e5, 1e-9),
    MutualInformation(0.0),
    MaximalLeakage(0.0),
    SibsonInformation(0.0, 3.0),
    InformationDensity(0.0, 0.0),
]


@pytest.mark.parametrize("dependence", DEPENDENCES, ids=repr)
def test_every_law_takes_every_dependence(dependence):
    """Exponents of 1e5 (5e5 for mutual information) neither underflow nor prove nothing."""
    n, d, epsilon, delta, size = 10**4, 10**5, 0.9, 0.2, 20_000
    learner = {"mask_size": size, "dependence": dependence}
    reach = {"diameter": 2.0, "parameter_lipschitz": 1.0}
    law = (n, d, 1, epsilon, delta, 1.0)
    found = {
        "net": net_class_law(*law, **learner, **reach).lipschitz,
        "net, moments": net_class_law(*law, **learner, **reach, noise=SIGNS, moment_form=True).lipschitz,
        "linear": linear_class_law(*law, **learner).lipschitz,
        "linear, moments": linear_class_law(*law, **learner, noise=SIGNS, moment_form=True).lipschitz,
        "width": gaussian_width_law(n, d, epsilon, delta, **learner, noise=SIGNS).lipschitz,
        "gordon": gordon_law(n, d, epsilon, delta, **learner, noise=SIGNS),
    }
    exponent = float(dependence.exponent(delta))
    for name, value in found.items():
        # All are of the order sqrt(n d / (M + exponent)).
        order = math.sqrt(n * d / (size + exponent))
        assert 0.05 * order < float(value) < 10 * order, name
    probability = float(lemma_6_exact_threshold(n, d, 1, epsilon, 0.5, 1.0, dependence=dependence))
    assert 0 <= probability < 1e-3


@settings(max_examples=20, deadline=None)
@given(st.integers(10, 10**5), share, st.sampled_from(DEPENDENCES[:4]))
def test_theorem_3_is_a_probability_that_falls_in_epsilon(n, epsilon, dependence):
    values = [
        float(theorem_3_exact_threshold(n, 100, 2, e, 0.1, 1.0, dependence=dependence)) for e in (epsilon / 2, epsilon)
    ]
    assert 0 <= values[1] <= values[0] * (1 + 1e-6) <= 1 + 1e-6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((10, 0.5, 0.0), "threshold must be finite and > 0"),
        ((10, 1.5, 0.1), r"epsilon must be in \(0, 1\]"),
        ((0, 0.5, 0.1), "n must be a whole number >= 1"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        lemma_4_exact_threshold(*arguments)
    with pytest.raises(ValueError, match="epsilon must be at most sigma2"):
        lemma_5_exact_threshold(10, 0.9, 1, 0.1, noise=Noise(0.5))
