"""The optimised split: valid at every split, never worse than the fixed one, and as close as it promises."""

import math

import bounds_oracles as oracle
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory import bounds
from noprune_theory.bounds import (
    Constants,
    InformationDensity,
    MaximalLeakage,
    MutualInformation,
    SibsonInformation,
    Split,
)
from noprune_theory.testing import theorem_arguments

cases = st.fixed_dictionaries(
    {
        "n": st.integers(100, 10**7),
        "d": st.integers(1, 10**4),
        "components": st.integers(1, 10),
        "epsilon": st.floats(0.05, 1),
        "delta": st.floats(1e-4, 0.9),
        "isoperimetry": st.floats(0.1, 10),
        "mask_size": st.integers(0, 10**5),
        "diameter": st.floats(0, 1e4),
        "parameter_lipschitz": st.floats(0, 1e4),
    }
)
shares = st.floats(1e-6, 1 - 1e-6)
informations = st.floats(0, 1e4)


@given(cases, shares, shares, informations)
def test_bound_at_a_split_at_60_digits(case, concentration, rounding, leakage):
    names = ("n", "d", "components", "epsilon", "delta", "isoperimetry", "mask_size", "diameter", "parameter_lipschitz")
    n, d, k, epsilon, delta, c, size, diameter, reach = (mp.mpf(case[name]) for name in names)
    share, lost = mp.mpf(concentration), mp.mpf(rounding) * epsilon
    t = mp.sqrt(mp.mpf(17) / 2 * (k * mp.log(2) + mp.log(1 / (share * delta))) / n)
    # eta solves (sqrt(1 - epsilon) + eta)^2 = 1 - epsilon + rho.
    eta = mp.sqrt(1 - epsilon + lost) - mp.sqrt(1 - epsilon)
    tau = max(epsilon - t - lost, 0) / 2
    exponent = size * mp.log(1 + diameter * reach / eta) + leakage + mp.log(1 / ((1 - share) * delta))
    value = bounds.theorem_4_at_split(**case, dependence=MaximalLeakage(leakage), split=Split(concentration, rounding))
    reference = tau * mp.sqrt(n * d / (8 * c * exponent))
    # The subtraction in tau loses what its result has fewer digits.
    assert float(value) == pytest.approx(float(reference), rel=1e-12, abs=float(1e-14 * mp.sqrt(n * d / (8 * c))))


@given(cases, shares, shares, informations)
def test_no_split_beats_the_optimised_by_much(case, concentration, rounding, information):
    found = bounds.theorem_4_optimised(**case, dependence=MutualInformation(information))
    at_split = bounds.theorem_4_at_split(
        **case, dependence=MutualInformation(information), split=Split(concentration, rounding)
    )
    assert found.lipschitz >= at_split * (1 - 1e-3)
    again = bounds.theorem_4_at_split(**case, dependence=MutualInformation(information), split=found.split)
    assert again == found.lipschitz
    assert 0 <= found.threshold < case["epsilon"] / 2


@given(cases, informations)
def test_optimised_beats_the_fixed_split(case, information):
    """Theorem 4 with its fixed split, where it applies, is one of the splits, and its net is inside the 1/delta."""
    log_net = bounds.log_net_size_per_weight(
        case["diameter"], case["parameter_lipschitz"], case["epsilon"], Constants.SHARP
    )
    effective = information + case["mask_size"] * log_net
    leading = [case[name] for name in ("n", "d", "components", "epsilon", "delta", "isoperimetry")]
    required = bounds.theorem_4_condition(case["components"], case["delta"], Constants.SHARP)
    if case["n"] * case["epsilon"] ** 2 < required:
        return
    for dependence, fixed in (
        (MutualInformation(information), bounds.theorem_4(*leading, effective, Constants.SHARP)),
        (MaximalLeakage(information), bounds.theorem_4_leakage(*leading, effective)),
    ):
        assert bounds.theorem_4_optimised(**case, dependence=dependence).lipschitz >= fixed * (1 - 1e-3)


def test_threshold_tends_to_half_epsilon():
    n = 10.0 ** np.arange(3, 13)
    found = bounds.theorem_4_optimised(
        n, 10, 1, 0.5, 0.05, 1.0, mask_size=10, diameter=1.0, parameter_lipschitz=1.0, dependence=MaximalLeakage(1.0)
    )
    assert (np.diff(found.threshold) > 0).all()
    assert 0.2 < found.threshold[-1] < 0.25


def test_zero_where_nothing_is_proved():
    found = bounds.theorem_4_optimised(
        10, 10, 1, 0.1, 0.05, 1.0, mask_size=1, diameter=1.0, parameter_lipschitz=1.0, dependence=MaximalLeakage(0.0)
    )
    assert found.lipschitz == 0
    assert found.threshold == 0
    spent = InformationDensity(1.0, 0.9)
    found = bounds.theorem_4_optimised(
        10**6, 10, 1, 0.5, 0.05, 1.0, mask_size=1, diameter=1.0, parameter_lipschitz=1.0, dependence=spent
    )
    assert found.lipschitz == 0


def test_arrays_agree_with_numbers():
    n, nats = np.array([[2000], [20000]]), np.array([0.0, 1.0, 10.0])
    options = {"mask_size": 20, "diameter": 2.0, "parameter_lipschitz": 1.0}
    table = bounds.theorem_4_optimised(n, 50, 2, 0.5, 0.05, 1.0, **options, dependence=MutualInformation(nats))
    assert table.lipschitz.shape == table.threshold.shape == table.split.rounding.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        one = bounds.theorem_4_optimised(
            n[i, 0], 50, 2, 0.5, 0.05, 1.0, **options, dependence=MutualInformation(nats[j])
        )
        assert table.lipschitz[i, j] == pytest.approx(one.lipschitz, rel=1e-14)


@pytest.mark.parametrize(
    "dependence",
    [MutualInformation(3.0), MaximalLeakage(3.0), SibsonInformation(3.0, 2.0), InformationDensity(3.0, 1e-4)],
    ids=lambda dependence: type(dependence).__name__,
)
def test_every_dependence_inverts_itself(dependence):
    delta = np.linspace(0.01, 0.9, 20)
    np.testing.assert_allclose(dependence.probability(dependence.exponent(delta)), delta, rtol=1e-12)


def test_monotone_in_what_the_mask_knows():
    nats = np.linspace(0, 100, 50)
    options = {"mask_size": 20, "diameter": 2.0, "parameter_lipschitz": 1.0}
    for kind in (MutualInformation, MaximalLeakage, lambda values: SibsonInformation(values, 3.0)):
        values = bounds.theorem_4_optimised(10**5, 50, 2, 0.5, 0.05, 1.0, **options, dependence=kind(nats)).lipschitz
        assert (np.diff(values) < 0).all()


@given(st.integers(10, 10**6), st.integers(1, 6), st.floats(0.05, 1), st.floats(0.001, 10), informations, shares)
def test_lemma_6_at_every_threshold(n, k, epsilon, lipschitz, information, share):
    arguments = (n, 30, k, epsilon, lipschitz, 1.0)
    dependence = MutualInformation(information)
    found = bounds.lemma_6_optimised(*arguments, dependence=dependence)
    assert 0 <= found <= 1
    at_threshold = bounds.lemma_6_at_threshold(*arguments, dependence=dependence, threshold=share)
    assert found <= at_threshold * (1 + 1e-2) + 1e-300
    fixed = bounds.lemma_6(*arguments, information, Constants.SHARP)
    quarter = bounds.lemma_6_at_threshold(*arguments, dependence=dependence, threshold=0.25)
    assert quarter == pytest.approx(fixed, rel=1e-13, abs=1e-300)
    t = epsilon * (1 - 2 * share)
    proxy = 8 * lipschitz**2 / (30 * n)
    expected = min(1.0, math.exp(min(0.0, k * math.log(2) - 2 / 17 * n * max(t, 0.0) ** 2)))
    expected += bounds.information_probability((share * epsilon) ** 2 / proxy, information)
    assert at_threshold == pytest.approx(min(1.0, expected), rel=1e-11, abs=1e-300)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MutualInformation(-1.0), "nats must be finite and >= 0, got -1"),
        (lambda: MaximalLeakage(math.nan), "nats must be finite"),
        (lambda: SibsonInformation(1.0, 1.0), "order must be finite and > 1"),
        (lambda: InformationDensity(1.0, 1.5), r"exceedance must be in \[0, 1\]"),
    ],
)
def test_refused_dependence(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_refused_split():
    with pytest.raises(ValueError, match=r"^concentration must be in the open interval \(0, 1\), got 0.0$"):
        Split(0.0, 0.5)
    with pytest.raises(ValueError, match=r"^rounding must be in the open interval \(0, 1\), got 1.0$"):
        Split(0.5, 1.0)
    with pytest.raises(ValueError, match=r"^concentration must be in the open interval \(0, 1\), got nan$"):
        Split(math.nan, 0.5)


def test_the_linear_class_is_within_a_factor_of_50():
    """Random signs on Gaussian inputs, all weights free: the smoothest fit against the bound, n = 2000."""
    n, d, epsilon, delta = 2000, 600, 0.2, 0.05
    rng = np.random.default_rng(1)
    X = rng.standard_normal((n, d)) / math.sqrt(d)
    y = rng.choice([-1.0, 1.0], n)
    spectrum, basis = np.linalg.eigh(X.T @ X / n)
    target = basis.T @ (X.T @ y / n)
    ridges = np.geomspace(1e-8, 1e3, 2000)
    weights = target / (spectrum + ridges[:, None])
    mse = 1 - 2 * weights @ target + weights**2 @ spectrum
    smallest = np.linalg.norm(weights[mse <= 1 - epsilon], axis=1).min()
    reach = {"mask_size": d, "diameter": 2 * smallest, "parameter_lipschitz": np.linalg.norm(X, axis=1).max()}
    found = bounds.theorem_4_optimised(n, d, 1, epsilon, delta, 1.0, **reach, dependence=MaximalLeakage(0.0))
    assert 1 < smallest / found.lipschitz < 50
    bits = d * bounds.log_net_size_per_weight(2 * smallest, reach["parameter_lipschitz"], epsilon, Constants.PAPER)
    printed = bounds.theorem_4(10**9, d, 1, epsilon, delta, 1.0, bits / math.log(2)) * math.sqrt(n / 1e9)
    assert found.lipschitz / printed > 100
    assert oracle.agrees(bits, d * mp.log(1 + 60 * mp.mpf(reach["diameter"]) * reach["parameter_lipschitz"] / epsilon))


@given(theorem_arguments(), st.integers(1, 10**5), st.floats(1e-3, 1e4))
def test_gain_of_60_everywhere(case, mask_size, reach):
    """Each theorem with the count it asks for: bits and net 60 as printed, nats and net 8 sharp."""
    leading = (case.n, case.d, case.components, case.epsilon, case.delta, case.isoperimetry)
    weight = {
        c: bounds.log_net_size_per_weight(reach, 1.0, case.epsilon, c) for c in (Constants.PAPER, Constants.SHARP)
    }
    in_bits = (case.information + mask_size * weight[Constants.PAPER]) / math.log(2)
    in_nats = case.information + mask_size * weight[Constants.SHARP]
    printed = bounds.theorem_4(*leading, in_bits)
    assert bounds.theorem_4(*leading, in_nats, Constants.SHARP) >= 60 * printed
    found = bounds.theorem_4_optimised(
        *leading,
        mask_size=mask_size,
        diameter=reach,
        parameter_lipschitz=1.0,
        dependence=MaximalLeakage(case.information),
    )
    assert found.lipschitz >= 60 * printed


def test_gain_where_delta_is_small_and_samples_are_many():
    arguments = (10**6, 1000, 1, 0.5, 0.01, 1.0)
    printed = bounds.theorem_4(
        *arguments, 500 * bounds.log_net_size_per_weight(4.0, 2.0, 0.5, Constants.PAPER) / math.log(2)
    )
    found = bounds.theorem_4_optimised(
        *arguments, mask_size=500, diameter=4.0, parameter_lipschitz=2.0, dependence=MutualInformation(0.0)
    )
    assert found.lipschitz / printed > 2000
