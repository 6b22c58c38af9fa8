"""Every function of the bounds at chosen arguments: its value at high precision, its refusals word for word.

The other tests of this folder are properties over whole domains. Here the constants differ from the named ones, so that
a constant that is not handed on shows, and every argument is refused under its own name.
"""

import inspect
import math

import bounds_oracles as oracle
import mpmath as mp
import numpy as np
import pytest

from noprune_theory import bounds
from noprune_theory.bounds import (
    Constants,
    InformationDensity,
    MaximalLeakage,
    MutualInformation,
    SibsonInformation,
    Split,
    _arguments,
    _roots,
    change_of_measure,
    effective,
    optimised,
)

# Numbers that occur nowhere else.
PRINTED = Constants("printed", a1_squared=3.0, proxy=7.0, tails=2, net=11.0, correlation=0.2)
CLOSED = Constants("binary entropy", a1_squared=3.0, proxy=5.0, tails=2, net=9.0, correlation=0.15)
SHARP = Constants("relative entropy", a1_squared=3.0, proxy=5.0, tails=2, net=9.0, correlation=0.15)
ONE_SIDED = Constants("relative entropy", a1_squared=3.0, proxy=5.0, tails=1, net=9.0, correlation=0.15)

log, exp, sqrt = mp.log, mp.exp, mp.sqrt
M = mp.mpf


def bisect(function, low, high):
    """Root of a function that changes its sign on [low, high], to about 45 digits."""
    low, high = M(low), M(high)
    sign = function(low) > 0
    for _ in range(150):
        middle = (low + high) / 2
        low, high = (middle, high) if (function(middle) > 0) == sign else (low, middle)
    return low


def exponent(delta, information):
    """log(1/q) with kl(delta || q) = information and q <= delta."""
    delta = M(delta)
    return bisect(lambda a: oracle.relative_entropy(delta, exp(-a)) - information, -log(delta), 10000)


def probability(a, information):
    """Largest P with kl(P || exp(-a)) <= information."""
    q = exp(-M(a))
    return M(1) if information >= a else bisect(lambda p: oracle.relative_entropy(p, q) - information, q, 1)


def closed_exponent(delta, information):
    return (information + oracle.entropy(delta)) / M(delta)


def closed_probability(a, information):
    return bisect(lambda p: (information + oracle.entropy(p)) / p - a, M(10) ** -40, 1)


def printed_delta(ratio, information, a1_squared):
    """Root in delta of a1^2 (I / delta + log(2 / delta)) = ratio."""
    return bisect(lambda t: a1_squared * (information / t + log(2 / t)) - ratio, M(10) ** -40, 1)


def choose(n, k):
    return mp.binomial(n, k)


N_ROBUST = {"n": 9000, "d": 40, "components": 2, "epsilon": 0.9, "delta": 0.1, "isoperimetry": 1.5}
LEARNER = {"n": 300, "d": 40, "components": 2, "epsilon": 0.9, "lipschitz": 0.7, "isoperimetry": 1.5}
SPLIT = {"mask_size": 30, "diameter": 2.0, "parameter_lipschitz": 3.0}


def law(threshold, proxy, total):
    return M(threshold) * sqrt(M(9000) * 40 / (M(proxy) * M(1.5))) / sqrt(M(total))


def half_log_net():
    """log(1 + W J / eta) at rho = 0.4 epsilon."""
    rho = M(0.9) * M(0.4)
    eta = -sqrt(1 - M(0.9)) + sqrt(1 - M(0.9) + rho)
    return log(1 + 6 / eta)


def threshold_at_split():
    spent = (2 * log(2) - log(M(0.3) * M(0.1))) / (M(2) / 17 * 9000)
    return (M(0.9) * (1 - M(0.4)) - sqrt(spent)) / 2


def sharp_concentration(n, k, left):
    return 2**k * exp(-M(2) / 17 * n * M(left) ** 2)


def learner_proxy(factor):
    return M(factor) * M(1.5) * M(0.7) ** 2 / (300 * 40)


# Function, arguments, expected value (a function, so that the table costs nothing at import).
VALUES = [
    ("binary_entropy", {"q": 0.3}, lambda: oracle.entropy(0.3)),
    ("bernoulli_relative_entropy", {"q": 0.3, "r": 0.29}, lambda: oracle.relative_entropy(0.3, 0.29)),
    ("bernoulli_relative_entropy", {"q": 0.3, "r": 0.8}, lambda: oracle.relative_entropy(0.3, 0.8)),
    ("information_probability", {"exponent": 4.0, "information": 0.5}, lambda: probability(4, 0.5)),
    ("information_probability", {"exponent": 4.0, "information": 0.0}, lambda: exp(-4)),
    ("information_probability", {"exponent": 4.0, "information": 4.0}, lambda: 1),
    ("information_exponent", {"delta": 0.1, "information": 0.5}, lambda: exponent(0.1, 0.5)),
    ("information_exponent", {"delta": 0.1, "information": 0.0}, lambda: -log(M(0.1))),
    ("information_exponent_closed_form", {"delta": 0.1, "information": 0.5}, lambda: closed_exponent(0.1, 0.5)),
    (
        "information_probability_closed_form",
        {"exponent": 4.0, "information": 0.5},
        lambda: closed_probability(4, 0.5),
    ),
    ("information_probability_closed_form", {"exponent": 0.5, "information": 0.5}, lambda: 1),
    ("leakage_probability", {"exponent": 4.0, "leakage": 0.5}, lambda: exp(M(-3.5))),
    ("leakage_probability", {"exponent": 0.4, "leakage": 0.5}, lambda: 1),
    ("leakage_exponent", {"delta": 0.1, "leakage": 0.5}, lambda: 0.5 - log(M(0.1))),
    ("sibson_probability", {"exponent": 4.0, "sibson_information": 0.5, "order": 3.0}, lambda: exp(M(-3.5) * 2 / 3)),
    ("sibson_exponent", {"delta": 0.1, "sibson_information": 0.5, "order": 3.0}, lambda: 0.5 - 1.5 * log(M(0.1))),
    ("density_probability", {"exponent": 4.0, "level": 0.5, "exceedance": 0.25}, lambda: 0.25 + exp(M(-3.5))),
    ("density_probability", {"exponent": 4.0, "level": 9.0, "exceedance": 0.25}, lambda: 1),
    ("density_exponent", {"delta": 0.5, "level": 0.5, "exceedance": 0.25}, lambda: 0.5 - log(M(0.25))),
    (
        "lemma_1",
        {"proxy": 2.0, "information": 0.3, "delta": 0.1, "constants": PRINTED},
        lambda: sqrt(6 * (M(0.3) / M(0.1) + log(2 / M(0.1)))),
    ),
    (
        "lemma_1",
        {"proxy": 2.0, "information": 0.3, "delta": 0.1, "constants": CLOSED},
        lambda: sqrt(2 * (log(2) + closed_exponent(0.1, M(0.3)))),
    ),
    (
        "lemma_1",
        {"proxy": 2.0, "information": 0.3, "delta": 0.1, "constants": SHARP},
        lambda: sqrt(2 * (log(2) + exponent(0.1, M(0.3)))),
    ),
    (
        "lemma_1_tail",
        {"radius": 5.0, "proxy": 2.0, "information": 0.3, "constants": PRINTED},
        lambda: printed_delta(M(12.5), M(0.3), 3),
    ),
    (
        "lemma_1_tail",
        {"radius": 5.0, "proxy": 0.5, "information": 1e-20, "constants": PRINTED},
        lambda: printed_delta(M(50), M(1e-20), 3),
    ),
    (
        "lemma_1_tail",
        {"radius": 5.0, "proxy": 2.0, "information": 0.0, "constants": PRINTED},
        lambda: 2 * exp(-M(12.5) / 3),
    ),
    ("lemma_1_tail", {"radius": 0.1, "proxy": 2.0, "information": 0.3, "constants": PRINTED}, lambda: 1),
    ("lemma_1_tail", {"radius": 1e-3, "proxy": 2.0, "information": 0.0, "constants": PRINTED}, lambda: 1),
    (
        "lemma_1_tail",
        {"radius": 5.0, "proxy": 2.0, "information": 0.3, "constants": CLOSED},
        lambda: closed_probability(M(12.5) - log(2), M(0.3)),
    ),
    (
        "lemma_1_tail",
        {"radius": 5.0, "proxy": 2.0, "information": 0.3, "constants": ONE_SIDED},
        lambda: probability(M(12.5) - log(2), M(0.3)),
    ),
    ("lemma_1_leakage", {"proxy": 2.0, "leakage": 0.3, "delta": 0.1}, lambda: sqrt(2 * (M(0.3) + log(2 / M(0.1))))),
    ("lemma_1_leakage_tail", {"radius": 5.0, "proxy": 2.0, "leakage": 0.3}, lambda: 2 * exp(M(0.3) - M(12.5))),
    (
        "lemma_1_sibson",
        {"proxy": 2.0, "sibson_information": 0.3, "order": 3.0, "delta": 0.1},
        lambda: sqrt(2 * (M(0.3) - 1.5 * log(M(0.1)) + log(2))),
    ),
    (
        "lemma_1_sibson_tail",
        {"radius": 5.0, "proxy": 2.0, "sibson_information": 0.3, "order": 3.0},
        lambda: (2 * exp(M(0.3) - M(12.5))) ** (M(2) / 3),
    ),
    (
        "lemma_1_density",
        {"proxy": 2.0, "level": 0.3, "exceedance": 0.25, "delta": 0.5},
        lambda: sqrt(2 * (M(0.3) + log(8))),
    ),
    (
        "lemma_1_density_tail",
        {"radius": 5.0, "proxy": 2.0, "level": 0.3, "exceedance": 0.25},
        lambda: 0.25 + 2 * exp(M(0.3) - M(12.5)),
    ),
    (
        "average_proxy",
        {"n": 300, "d": 40, "lipschitz": 0.7, "isoperimetry": 1.5, "constants": PRINTED},
        lambda: learner_proxy(7),
    ),
    (
        "correlation_tail",
        {"radius": 5.0, "proxy": 2.0, "information": 0.3, "constants": ONE_SIDED},
        lambda: probability(M(12.5), M(0.3)),
    ),
    (
        "correlation_tail",
        {"radius": 5.0, "proxy": 2.0, "information": 0.3, "constants": SHARP},
        lambda: probability(M(12.5) - log(2), M(0.3)),
    ),
    (
        "correlation_tail",
        {"radius": 5.0, "proxy": 2.0, "information": 0.3, "constants": CLOSED},
        lambda: closed_probability(M(12.5) - log(2), M(0.3)),
    ),
    (
        "correlation_tail",
        {"radius": 5.0, "proxy": 2.0, "information": 0.3, "constants": PRINTED},
        lambda: printed_delta(M(12.5), M(0.3), 3),
    ),
    (
        "equation_7",
        {"epsilon": 0.8, "proxy": 3e-4, "information": 0.05, "constants": PRINTED},
        lambda: M(128) * 3 * M(3e-4) * M(0.05) / M(0.8) ** 2,
    ),
    (
        "equation_7",
        {"epsilon": 0.8, "proxy": 3e-4, "information": 1e-6, "constants": PRINTED},
        lambda: 2 * exp(-(M(0.8) ** 2) / (M(128) * 3 * M(3e-4))),
    ),
    ("equation_7", {"epsilon": 0.8, "proxy": 3.0, "information": 1e-6, "constants": PRINTED}, lambda: 1),
    (
        "equation_7",
        {"epsilon": 0.8, "proxy": 1e-3, "information": 0.05, "constants": SHARP},
        lambda: probability(M(0.1) ** 2 / M(1e-3) - log(2), M(0.05)),
    ),
    (
        "equation_7",
        {"epsilon": 0.8, "proxy": 1e-3, "information": 0.05, "constants": CLOSED},
        lambda: closed_probability(M(0.1) ** 2 / M(1e-3) - log(2), M(0.05)),
    ),
    (
        "lemma_2_concentration",
        {"n": 9000, "epsilon": 0.5, "components": 2, "constants": PRINTED},
        lambda: 6 * exp(-M(9000) / 4 / 1024),
    ),
    (
        "lemma_2_concentration",
        {"n": 300, "epsilon": 0.9, "components": 2, "constants": SHARP},
        lambda: sharp_concentration(300, 2, M(0.9) * (1 - 2 * M(0.15))),
    ),
    ("lemma_4_failure", {"n": 3000, "epsilon": 0.9, "constants": PRINTED}, lambda: 2 * exp(-3000 * M(0.9) ** 2 / 512)),
    ("lemma_4_failure", {"n": 10, "epsilon": 0.9, "constants": PRINTED}, lambda: 1),
    ("lemma_4_failure", {"n": 10, "epsilon": 0.9, "constants": SHARP}, lambda: exp(-10 * M(0.9) ** 2 / 4)),
    (
        "lemma_5_failure",
        {"n": 9000, "epsilon": 0.9, "components": 2, "constants": PRINTED},
        lambda: 4 * exp(-9000 * M(0.9) ** 2 / 1024),
    ),
    ("lemma_5_failure", {"n": 9, "epsilon": 0.9, "components": 2, "constants": PRINTED}, lambda: 1),
    (
        "lemma_5_failure",
        {"n": 900, "epsilon": 0.9, "components": 2, "constants": SHARP},
        lambda: 4 * exp(-900 * M(0.9) ** 2 / 128),
    ),
    (
        "lemma_6",
        {**LEARNER, "n": 9000, "information": 0.01, "constants": PRINTED},
        lambda: (
            6 * exp(-9000 * M(0.9) ** 2 / 1024)
            + printed_delta((M(0.2) * M(0.9)) ** 2 / (learner_proxy(7) / 30), M(0.01), 3)
        ),
    ),
    (
        "lemma_6",
        {**LEARNER, "information": 0.3, "constants": SHARP},
        lambda: (
            sharp_concentration(300, 2, M(0.9) * (1 - 2 * M(0.15)))
            + probability((M(0.15) * M(0.9)) ** 2 / learner_proxy(5) - log(2), M(0.3))
        ),
    ),
    (
        "theorem_3",
        {**LEARNER, "n": 9000, "information": 0.01, "constants": PRINTED},
        lambda: (
            6 * exp(-9000 * M(0.9) ** 2 / 1024)
            + max(
                128 * 3 * learner_proxy(7) / 30 * M(0.01) / M(0.9) ** 2,
                2 * exp(-(M(0.9) ** 2) / (128 * 3 * learner_proxy(7) / 30)),
            )
        ),
    ),
    (
        "theorem_3",
        {**LEARNER, "information": 0.3, "constants": ONE_SIDED},
        lambda: (
            sharp_concentration(300, 2, M(0.9) * (1 - 2 * M(0.15)))
            + probability((M(0.15) * M(0.9)) ** 2 / learner_proxy(5), M(0.3))
        ),
    ),
    (
        "log_net_size_per_weight",
        {"diameter": 2.0, "parameter_lipschitz": 3.0, "epsilon": 0.4, "constants": PRINTED},
        lambda: log(1 + 66 / M(0.4)),
    ),
    ("theorem_4_condition", {"components": 2, "delta": 0.1, "constants": PRINTED}, lambda: 1024 * log(16 / M(0.1))),
    (
        "theorem_4_condition",
        {"components": 2, "delta": 0.1, "constants": SHARP},
        lambda: (3 * log(2) - log(M(0.1))) / (M(2) / 17 * (1 - 2 * M(0.15) - M(2) / 9) ** 2),
    ),
    (
        "theorem_4",
        {**N_ROBUST, "effective_parameters": 6.0, "constants": PRINTED},
        lambda: law(M(0.2) * M(0.9), 7, 3 * (12 / M(0.1) + log(4 / M(0.1)))),
    ),
    (
        "theorem_4",
        {**N_ROBUST, "effective_parameters": 6.0, "constants": CLOSED},
        lambda: law(M(0.15) * M(0.9), 5, closed_exponent(M(0.1) / 2, 6) + log(2)),
    ),
    (
        "theorem_4",
        {**N_ROBUST, "effective_parameters": 6.0, "constants": SHARP},
        lambda: law(M(0.15) * M(0.9), 5, exponent(M(0.1) / 2, 6) + log(2)),
    ),
    ("theorem_4_leakage", {**N_ROBUST, "leakage": 6.0}, lambda: law(M(0.9) / 4, 8, 6 + log(20))),
    (
        "theorem_4_sibson",
        {**N_ROBUST, "sibson_information": 6.0, "order": 3.0},
        lambda: law(M(0.9) / 4, 8, 6 + 1.5 * log(20)),
    ),
    (
        "theorem_4_density",
        {**N_ROBUST, "level": 6.0, "exceedance": 0.01},
        lambda: law(M(0.9) / 4, 8, 6 - log(M(0.1) / 2 - M(0.01))),
    ),
    (
        "theorem_1",
        {**N_ROBUST, "parameters": 7, "diameter": 2.0, "parameter_lipschitz": 3.0},
        lambda: law(M(0.9) / 4, 8, 7 * log(1 + 48 / M(0.9)) + log(20)),
    ),
    (
        "theorem_1_order",
        {"n": 90, "d": 40, "epsilon": 0.9, "sigma": 0.7, "parameters": 7},
        lambda: M(0.9) / M(0.7) * sqrt(M(3600) / 7),
    ),
    (
        "theorem_2_order",
        {"n": 90, "d": 40, "epsilon": 0.9, "effective_parameters": 6.5},
        lambda: M(0.9) * sqrt(M(3600) / M(6.5)),
    ),
    (
        "theorem_5",
        {"m": 900, "vc_dimension": 7, "information": 0.3, "delta": 0.1, "constants": PRINTED},
        lambda: (4 + sqrt(7 * log(1800 * mp.e / 7)) + sqrt(12 * (M(0.3) / M(0.1) + log(20)))) / sqrt(1800),
    ),
    (
        "theorem_5",
        {"m": 900, "vc_dimension": 7, "information": 0.3, "delta": 0.1, "constants": SHARP},
        lambda: (2 * sqrt(log(2) + 7 * log(900 * mp.e / 7)) + sqrt(exponent(0.1, M(0.3)))) / sqrt(1800),
    ),
    (
        "theorem_5",
        {"m": 7, "vc_dimension": 7, "information": 0.3, "delta": 0.1, "constants": CLOSED},
        lambda: (2 * sqrt(log(2) + 7) + sqrt(closed_exponent(0.1, M(0.3)))) / sqrt(14),
    ),
    (
        "theorem_6",
        {"m": 900, "bound": 1.7, "rademacher": 0.2, "information": 0.3, "delta": 0.1, "constants": PRINTED},
        lambda: 2 * M(0.2) + 6 / sqrt(900) * sqrt(3 * M(1.7) / M(0.1) * (M(0.3) + M(0.1) / 2 * log(40))),
    ),
    (
        "theorem_6",
        {"m": 900, "bound": 1.7, "rademacher": 0.2, "information": 0.3, "delta": 0.1, "constants": SHARP},
        lambda: 2 * M(0.2) + M(1.7) * sqrt(M(8) / 900 * (log(2) + exponent(0.1, M(0.3)))),
    ),
    (
        "theorem_6",
        {"m": 900, "bound": 1.7, "rademacher": 0.2, "information": 0.3, "delta": 0.1, "constants": CLOSED},
        lambda: 2 * M(0.2) + M(1.7) * sqrt(M(8) / 900 * (log(2) + closed_exponent(0.1, M(0.3)))),
    ),
    ("massart", {"m": 900, "bound": 1.7, "n_functions": 12}, lambda: M(1.7) * sqrt(2 * log(12) / 900)),
    ("mcdiarmid_tail", {"radius": 0.3, "m": 20, "spread": 1.7}, lambda: 2 * exp(-40 * (M(0.3) / M(1.7)) ** 2)),
    ("mcdiarmid_tail", {"radius": 0.3, "m": 20}, lambda: 2 * exp(-40 * M(0.3) ** 2)),
    ("mcdiarmid_tail", {"radius": 0.01, "m": 20}, lambda: 1),
    ("log_mask_count", {"n_weights": 50, "kept": 20}, lambda: log(choose(50, 20))),
    ("log_mask_count", {"n_weights": 5000, "kept": 4000}, lambda: log(choose(5000, 4000))),
    ("log_mask_count", {"n_weights": 33, "kept": 32, "unit": "bits"}, lambda: log(33, 2)),
    ("log_mask_count", {"n_weights": 33, "kept": 31, "unit": "bits"}, lambda: log(33 * 16, 2)),
    ("log_mask_count", {"n_weights": 33, "kept": 33}, lambda: 0),
    ("log_mask_count", {"n_weights": 1, "kept": 1}, lambda: 0),
    ("log_mask_count", {"n_weights": 1, "kept": 0}, lambda: 0),
    ("log_mask_count", {"n_weights": 64, "kept": 32}, lambda: log(choose(64, 32))),
    ("log_mask_count", {"n_weights": 63, "kept": 31}, lambda: log(choose(63, 31))),
    ("equation_1", {"n_weights": 50, "sparsity": 0.6}, lambda: log(choose(50, 20), 2)),
    (
        "equation_1",
        {"n_weights": 50, "sparsity": 0.6, "form": "first order", "unit": "nats"},
        lambda: 50 * oracle.entropy(0.6),
    ),
    (
        "equation_1",
        {"n_weights": 50, "sparsity": 0.6, "form": "second order"},
        lambda: (50 * oracle.entropy(0.6) - log(2 * mp.pi * 50 * M(0.6) * (1 - M(0.6))) / 2) / log(2),
    ),
    (
        "equation_1",
        {"n_weights": 50, "sparsity": 0.6, "form": "printed"},
        lambda: -50 * (1 - M(0.6)) * log(1 - M(0.6), 2) - M(0.6) * log(M(0.6), 2),
    ),
    (
        "effective_count_ratio",
        {"sparsity": 0.6, "log_net": 2.5},
        lambda: 1 + oracle.entropy(0.6) / ((1 - M(0.6)) * M(2.5)),
    ),
    (
        "theorem_4_at_split",
        {**N_ROBUST, **SPLIT, "dependence": MaximalLeakage(4.0), "split": Split(0.3, 0.4)},
        lambda: law(threshold_at_split(), 8, 30 * half_log_net() + 4 - log((1 - M(0.3)) * M(0.1))),
    ),
    (
        "theorem_4_at_split",
        {**N_ROBUST, **SPLIT, "mask_size": 0, "dependence": MutualInformation(4.0), "split": Split(0.3, 0.4)},
        lambda: law(threshold_at_split(), 8, exponent((1 - M(0.3)) * M(0.1), 4)),
    ),
    (
        "theorem_4_at_split",
        {**N_ROBUST, **SPLIT, "n": 10, "dependence": MutualInformation(4.0), "split": Split(0.3, 0.4)},
        lambda: 0,
    ),
    (
        "lemma_6_at_threshold",
        {**LEARNER, "dependence": MaximalLeakage(0.4), "threshold": 0.1},
        lambda: (
            sharp_concentration(300, 2, M(0.9) * (1 - 2 * M(0.1)))
            + exp(M(0.4) - (M(0.1) * M(0.9)) ** 2 / learner_proxy(8))
        ),
    ),
    ("lemma_6_at_threshold", {**LEARNER, "dependence": MaximalLeakage(0.4), "threshold": 0.6}, lambda: 1),
]


@pytest.mark.parametrize(
    ("name", "arguments", "expected"), VALUES, ids=[f"{name}-{i}" for i, (name, _, _) in enumerate(VALUES)]
)
def test_value(name, arguments, expected):
    value = getattr(bounds, name)(**arguments)
    reference = M(expected())
    assert isinstance(value, np.float64)
    assert abs(M(float(value)) - reference) <= M("4e-15") * max(abs(reference), M("0.1") if reference else 1), (
        value,
        reference,
    )


def test_every_function_has_a_value():
    # The sharpened laws have their values in test_bounds_law.
    printed = {"change_of_measure", "subgaussian", "finite_class", "continuous_class", "generalization", "effective"}
    home = {name: getattr(getattr(bounds, name), "__module__", "").rpartition(".")[2] for name in bounds.__all__}
    functions = {
        name
        for name in bounds.__all__
        if not isinstance(getattr(bounds, name), type) and home[name] in printed | {"optimised"}
    }
    searched = {"theorem_4_optimised", "lemma_6_optimised"}
    assert functions - searched == {name for name, _, _ in VALUES}


@pytest.mark.parametrize("name", ["theorem_5", "lemma_1", "lemma_6", "theorem_4", "correlation_tail", "equation_7"])
def test_printed_constants_are_the_default(name):
    arguments = next({**a, "constants": Constants.PAPER} for n, a, _ in VALUES if n == name)
    function = getattr(bounds, name)
    explicit = function(**arguments)
    del arguments["constants"]
    assert function(**arguments) == explicit


@pytest.mark.parametrize(
    ("dependence", "a", "delta"),
    [
        (MutualInformation(0.5), exponent(0.1, 0.5), 0.1),
        (MaximalLeakage(0.5), 0.5 - log(M(0.1)), 0.1),
        (SibsonInformation(0.5, 3.0), 0.5 - 1.5 * log(M(0.1)), 0.1),
        (InformationDensity(0.5, 0.04), 0.5 - log(M(0.1) - M(0.04)), 0.1),
    ],
)
def test_dependence(dependence, a, delta):
    """Exponent from delta, and delta back from the exponent."""
    assert float(dependence.exponent(delta)) == pytest.approx(float(a), rel=1e-14)
    assert float(dependence.probability(float(a))) == pytest.approx(delta, rel=1e-13)


def test_density_that_uses_up_delta():
    found = InformationDensity(0.5, 0.04).exponent([0.05, 0.04, 0.03])
    assert found[0] == pytest.approx(0.5 - math.log(0.01), rel=1e-12)
    assert found[1:].tolist() == [math.inf, math.inf]


# --- Refusals ---------------------------------------------------------------------------------------------------------

COUNT = ("a whole number >= 1", [(0, "0.0"), (1.5, "1.5"), (math.nan, "nan"), (math.inf, "inf")])
COUNT_FROM_ZERO = ("a whole number >= 0", [(-1, "-1.0"), (0.5, "0.5")])
POSITIVE = ("finite and > 0", [(0.0, "0.0"), (math.inf, "inf"), (math.nan, "nan")])
NONNEGATIVE = ("finite and >= 0", [(-1e-9, "-1e-09"), (math.inf, "inf")])
OPEN = ("in the open interval (0, 1)", [(0.0, "0.0"), (1.0, "1.0")])
CLOSED_UNIT = ("in [0, 1]", [(-1e-9, "-1e-09"), (1.0000001, "1.0000001")])
MARGIN = ("in (0, 1]", [(0.0, "0.0"), (1.0000001, "1.0000001")])
ORDER = ("finite and > 1", [(1.0, "1.0"), (math.inf, "inf")])
KINDS = {
    **dict.fromkeys(["n", "d", "components", "m", "vc_dimension", "n_functions", "n_weights", "parameters"], COUNT),
    **dict.fromkeys(["kept", "mask_size"], COUNT_FROM_ZERO),
    **dict.fromkeys(["radius", "proxy", "lipschitz", "isoperimetry", "bound", "spread", "log_net"], POSITIVE),
    **dict.fromkeys(["exponent", "information", "leakage", "sibson_information", "level"], NONNEGATIVE),
    **dict.fromkeys(["rademacher", "diameter", "parameter_lipschitz", "effective_parameters"], NONNEGATIVE),
    **dict.fromkeys(["delta", "sparsity", "threshold"], OPEN),
    **dict.fromkeys(["q", "r", "exceedance"], CLOSED_UNIT),
    **dict.fromkeys(["epsilon", "sigma"], MARGIN),
    "order": ORDER,
}


def _refusals():
    seen = set()
    for name, arguments, _ in VALUES:
        form = getattr(arguments.get("constants"), "lemma_1", arguments.get("form"))
        for argument in arguments:
            if argument not in KINDS or (name, argument, form) in seen:
                continue
            seen.add((name, argument, form))
            allowed, bad = KINDS[argument]
            if name == "theorem_2_order" and argument == "effective_parameters":
                allowed, bad = POSITIVE
            for value, shown in bad:
                yield name, {**arguments, argument: value}, f"{argument} must be {allowed}, got {shown}"


REFUSALS = list(_refusals())


@pytest.mark.parametrize(
    ("name", "arguments", "message"), REFUSALS, ids=[f"{name}-{message[:24]}" for name, _, message in REFUSALS]
)
def test_refusal(name, arguments, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the whole message is compared)
        getattr(bounds, name)(**arguments)
    assert str(caught.value) == message


def test_every_argument_is_refused_under_its_name():
    told = {(name, message.split(" ")[0]) for name, _, message in REFUSALS}
    for name, _, _ in VALUES:
        for argument in inspect.signature(getattr(bounds, name)).parameters:
            if argument not in {"constants", "unit", "form", "dependence", "split"}:
                assert (name, argument) in told


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MutualInformation(-1.0), "nats must be finite and >= 0, got -1.0"),
        (lambda: MaximalLeakage(-1.0), "nats must be finite and >= 0, got -1.0"),
        (lambda: SibsonInformation(-1.0, 2.0), "nats must be finite and >= 0, got -1.0"),
        (lambda: SibsonInformation(1.0, 1.0), "order must be finite and > 1, got 1.0"),
        (lambda: InformationDensity(-1.0, 0.5), "level must be finite and >= 0, got -1.0"),
        (lambda: InformationDensity(1.0, 1.5), "exceedance must be in [0, 1], got 1.5"),
        (lambda: InformationDensity(1.0, 0.5).exponent(0.0), "delta must be in the open interval (0, 1), got 0.0"),
        (
            lambda: bounds.theorem_4_at_split(
                **N_ROBUST, **SPLIT, dependence=MaximalLeakage(1.0), split=Split(1.0, 0.5)
            ),
            "concentration must be in the open interval (0, 1), got 1.0",
        ),
        (
            lambda: bounds.theorem_4_at_split(
                **N_ROBUST, **SPLIT, dependence=MaximalLeakage(1.0), split=Split(0.5, 0.0)
            ),
            "rounding must be in the open interval (0, 1), got 0.0",
        ),
        (
            lambda: bounds.density_exponent(0.1, 1.0, 0.1),
            "exceedance must be smaller than delta, got exceedance=0.1 and delta=0.1: the"
            " probability that the information density exceeds the level is spent in full",
        ),
        (
            lambda: bounds.log_mask_count(3, 4),
            "kept must be at most n_weights, got kept = 4.0 and n_weights = 3.0",
        ),
        (
            lambda: bounds.theorem_5(8, 7, 0.0, 0.1, PRINTED),
            "m must exceed vc_dimension + 1, got m = 8.0 and vc_dimension = 7.0",
        ),
        (
            lambda: bounds.theorem_5(6, 7, 0.0, 0.1, SHARP),
            "m must be at least vc_dimension (Sauer's bound starts there), got m = 6.0, vc_dimension = 7.0",
        ),
        (
            lambda: bounds.theorem_4(**{**N_ROBUST, "n": 100}, effective_parameters=1.0),
            "n epsilon^2 = 81 is below 5196.98, which Theorem 4 needs for this components and delta"
            " (its condition on k): raise n or epsilon",
        ),
        (lambda: bounds.equation_1(5, 0.5, "third"), None),
        (lambda: bounds.equation_1(5, 0.5, unit="trits"), None),
        (lambda: bounds.log_mask_count(5, 2, unit="trits"), None),
    ],
)
def test_other_refusals(call, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the whole message is compared)
        call()
    if message is None:  # the names come from a shared helper: the argument and the value given are told
        assert str(caught.value).split(" ")[0] in {"form", "unit"}
        assert "'third'" in str(caught.value) or "'trits'" in str(caught.value)
    else:
        assert str(caught.value) == message


def test_borders_of_every_kind():
    for kind in ("positive", "open_unit"):
        assert getattr(_arguments, kind)("x", 5e-324) == 5e-324
    for kind in ("nonnegative", "closed_unit"):
        assert getattr(_arguments, kind)("x", 0) == 0
    for kind in ("closed_unit", "margin", "count"):
        assert getattr(_arguments, kind)("x", 1) == 1
    assert _arguments.open_unit("x", math.nextafter(1, 0)) < 1
    assert _arguments.above("x", math.nextafter(2, 3), 2.0) > 2
    assert _arguments.count("x", 2.0**53) == 2**53
    assert _arguments.count("x", [3, 4], minimum=3).tolist() == [3, 4]


def test_arrays_of_arguments():
    assert _arguments.positive("x", np.array([1, 2], dtype=np.uint8)).dtype == np.float64
    with pytest.raises(ValueError, match=r"^x must be finite and > 0, got -2.0$"):
        _arguments.positive("x", [[1.0, -2.0], [-3.0, 4.0]])
    with pytest.raises(ValueError, match=r"^x must not be empty, got shape \(0, 2\)$"):
        _arguments.positive("x", np.empty((0, 2)))
    for wrong in ("1", 1j, True, None):
        with pytest.raises(TypeError) as caught:
            _arguments.positive("x", wrong)
        assert str(caught.value) == f"x must be a real number or an array of real numbers, got {wrong!r}"
    assert isinstance(_arguments.number(np.array(2.0)), np.float64)
    assert isinstance(_arguments.number(np.ones(2)), np.ndarray)


# --- Numerical care ---------------------------------------------------------------------------------------------------


def test_the_condition_of_theorem_4_may_hold_with_equality():
    for n in range(7000, 7400):
        required = bounds.theorem_4_condition(2, 0.1)
        epsilon = float(np.sqrt(required / n))
        assert bounds.theorem_4(n, 5, 2, epsilon, 0.1, 1.0, 3.0) > 0
        with pytest.raises(ValueError, match="its condition on k"):
            bounds.theorem_4(n, 5, 2, epsilon * (1 - 1e-14), 0.1, 1.0, 3.0)


EXTREMES = [
    lambda: bounds.lemma_2_concentration(10**12, 1.0, 1, PRINTED),
    lambda: bounds.lemma_2_concentration(10**12, 1.0, 1, SHARP),
    lambda: bounds.lemma_4_failure(10**12, 1.0, PRINTED),
    lambda: bounds.lemma_4_failure(10**12, 1.0, SHARP),
    lambda: bounds.lemma_5_failure(10**12, 1.0, 1, PRINTED),
    lambda: bounds.lemma_5_failure(10**12, 1.0, 1, SHARP),
    lambda: bounds.mcdiarmid_tail(1e200, 10),
    lambda: bounds.leakage_probability(1e9, 1.0),
    lambda: bounds.sibson_probability(1e9, 1.0, 2.0),
    lambda: bounds.density_probability(1e9, 1.0, 0.0),
    lambda: bounds.lemma_1_tail(1e200, 1e-9, 0.0, PRINTED),
    lambda: bounds.lemma_1_tail(1e3, 1.0, 0.0, PRINTED),
    lambda: bounds.lemma_1_tail(1e200, 1e-9, 0.0, SHARP),
    lambda: bounds.lemma_1_tail(1e200, 1e-9, 0.0, CLOSED),
    lambda: bounds.equation_7(1e-3, 1e-320, 0.0, PRINTED),
    lambda: bounds.information_probability(1e4, 0.0),
    lambda: bounds.information_probability_closed_form(1e4, 0.0),
]


@pytest.mark.parametrize("call", EXTREMES)
def test_underflow_is_silent_where_it_is_harmless(call):
    """Even for those who let numpy raise: a probability that is too small for a float is zero."""
    with np.errstate(all="raise"):
        assert 0 <= call() < 1e-290


@pytest.mark.parametrize(
    "call",
    [
        lambda: bounds.lemma_1_tail(1e-200, 1e9, 1.0, PRINTED),
        lambda: bounds.lemma_1_tail(1e-200, 1e9, 1.0, SHARP),
        lambda: bounds.lemma_1_tail(1e-200, 1e9, 1.0, CLOSED),
        lambda: bounds.mcdiarmid_tail(1e-200, 1),
        lambda: bounds.equation_7(1e-3, 1e305, 1e300, PRINTED),
        lambda: bounds.information_probability(1.0, 1e300),
        lambda: bounds.lemma_2_concentration(1, 1e-9, 10**9, SHARP),
    ],
)
def test_overflow_is_silent_where_it_is_harmless(call):
    with np.errstate(all="raise"):
        assert call() == 1


def test_entropies_near_equality():
    """Where the two laws nearly agree the closed form would cancel."""
    for gap in (1e-3, 1e-6, 1e-9, -1e-6):
        q, r = 0.3, 0.3 + gap
        reference = oracle.relative_entropy(q, r)
        assert float(bounds.bernoulli_relative_entropy(q, r)) == pytest.approx(float(reference), rel=1e-13)
    assert bounds.bernoulli_relative_entropy(0.0, 0.0) == 0
    assert bounds.bernoulli_relative_entropy(0.5, 0.0) == math.inf
    assert bounds.bernoulli_relative_entropy(1.0, 1.0) == 0


@pytest.mark.parametrize("information", [1e-25, 1e-12, 1e-3, 1.0, 50.0, 900.0])
@pytest.mark.parametrize("delta", [1e-8, 0.01, 0.5, 0.99])
def test_inverses_over_many_scales(delta, information):
    a = bounds.information_exponent(delta, information)
    assert float(a) == pytest.approx(float(bisect_exponent(delta, information)), rel=1e-14)
    assert bounds.information_probability(a, information) == pytest.approx(delta, rel=1e-11)
    closed = bounds.information_exponent_closed_form(delta, information)
    assert bounds.information_probability_closed_form(closed, information) == pytest.approx(delta, rel=1e-9)


def bisect_exponent(delta, information):
    delta = M(delta)
    high = (information - log(1 - delta)) / delta - log(delta) + 1
    return bisect(lambda a: oracle.relative_entropy(delta, exp(-a)) - M(information), -log(delta), high)


# --- Optimised bounds -------------------------------------------------------------------------------------------------


def test_optimised_split_is_near_the_best_of_a_fine_grid():
    arguments = {**N_ROBUST, **SPLIT, "dependence": MutualInformation(4.0)}
    found = bounds.theorem_4_optimised(**arguments)
    shares = 1 / (1 + np.exp(-np.linspace(-12, 6, 250)))
    grid = bounds.theorem_4_at_split(**arguments, split=Split(shares[:, None], shares[None, :]))
    assert found.lipschitz >= grid.max() * (1 - 1e-12)
    assert found.lipschitz <= grid.max() * (1 + 1e-3)
    assert found.lipschitz == bounds.theorem_4_at_split(**arguments, split=found.split)
    spent = (2 * math.log(2) - math.log(found.split.concentration * 0.1)) / (2 / 17 * 9000)
    assert found.threshold == pytest.approx((0.9 * (1 - found.split.rounding) - math.sqrt(spent)) / 2, rel=1e-13)
    assert isinstance(found.split.rounding, np.float64)


def test_optimised_threshold_is_near_the_best_of_a_fine_grid():
    arguments = {**LEARNER, "dependence": MaximalLeakage(0.4)}
    found = bounds.lemma_6_optimised(**arguments)
    grid = bounds.lemma_6_at_threshold(**arguments, threshold=np.linspace(0.001, 0.499, 5000))
    assert grid.min() * (1 - 1e-4) <= found <= grid.min() * (1 + 1e-9)


def test_optimised_bounds_of_arrays():
    n = np.array([[2000], [9000]])
    nats = np.array([0.0, 4.0, 40.0])
    found = bounds.theorem_4_optimised(**{**N_ROBUST, "n": n}, **SPLIT, dependence=MaximalLeakage(nats))
    assert found.lipschitz.shape == found.threshold.shape == found.split.rounding.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            one = bounds.theorem_4_optimised(
                **{**N_ROBUST, "n": int(n[i, 0])}, **SPLIT, dependence=MaximalLeakage(float(nats[j]))
            )
            assert found.lipschitz[i, j] == pytest.approx(one.lipschitz, rel=1e-9)
    assert bounds.theorem_4_optimised(**{**N_ROBUST, "n": 3}, **SPLIT, dependence=MaximalLeakage(0.0)).lipschitz == 0


@pytest.mark.parametrize("argument", ["n", "components", "epsilon", "delta"])
def test_optimised_refusals(argument):
    allowed, ((value, shown), *_) = KINDS[argument]
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the whole message is compared)
        bounds.theorem_4_optimised(**{**N_ROBUST, argument: value}, **SPLIT, dependence=MaximalLeakage(0.0))
    assert str(caught.value) == f"{argument} must be {allowed}, got {shown}"


def test_zoom_keeps_the_neighbours_of_the_best_point():
    grid = np.array([0.0, 1.0, 3.0, 7.0, 15.0])[:, None] + np.array([0.0, 100.0, 200.0])
    found = optimised._zoom(grid, np.array([0, 2, 4]))
    expected = [np.linspace(0, 1, 5), np.linspace(101, 107, 5), np.linspace(207, 215, 5)]
    np.testing.assert_array_equal(found.T, expected)


def test_search_looks_at_the_whole_range_and_then_around_the_best_point():
    seen = []

    def value(share):
        seen.append(np.log(share / (1 - share))[:, 0])
        return -((seen[-1][:, None] - 3.7) ** 2)

    (best,) = optimised._search(value, (1,), dimensions=1)
    assert len(seen) == 6
    np.testing.assert_allclose(seen[0], np.linspace(-30, 10, 25), rtol=1e-4)
    step = 40 / 24
    nearest = -30 + step * round((3.7 + 30) / step)
    np.testing.assert_allclose(seen[1], np.linspace(nearest - step, nearest + step, 25), rtol=1e-4)
    np.testing.assert_allclose(np.log(best / (1 - best)), 3.7, atol=1e-5)


def test_optimised_lemma_6_of_arrays():
    nats = np.array([0.0, 0.4, 2.0])
    found = bounds.lemma_6_optimised(**LEARNER, dependence=MaximalLeakage(nats))
    each = [bounds.lemma_6_optimised(**LEARNER, dependence=MaximalLeakage(float(value))) for value in nats]
    np.testing.assert_allclose(found, each, rtol=1e-9)


def test_one_weight_among_many_is_the_plain_logarithm():
    p = np.arange(2, 500)
    np.testing.assert_array_equal(bounds.log_mask_count(p, 1), np.log(p))
    np.testing.assert_array_equal(bounds.log_mask_count(p, p - 1), np.log(p))


def test_remainder_of_stirlings_formula():
    """To ten digits below the threshold, where a difference is taken, and to rounding above, where the series is."""
    for value in (1.0, 1.5, 2.0, 7.0, 31.0, 32.0, 33.0, 1e3, 1e9):
        reference = mp.loggamma(value + 1) - (value * log(value) - value + log(2 * mp.pi * value) / 2)
        found = effective._stirling_remainder(np.array([value]))[0]
        assert float(found) == pytest.approx(float(reference), rel=2e-13 if value >= 32 else 1e-10)


def test_roots_by_newton_not_by_bisection():
    calls = []

    def exponential(t):
        calls.append(t)
        return np.exp(t), np.exp(t)

    target = np.array([0.5, 3.0, 20.0])
    found = _roots.increasing_root(exponential, target, np.full(3, -5.0), np.full(3, 5.0))
    np.testing.assert_allclose(found, np.log(target), rtol=1e-15, atol=1e-15)
    assert len(calls) <= 12


def test_roots_where_the_derivative_vanishes():
    with np.errstate(all="raise"):
        found = _roots.increasing_root(
            lambda t: (t**3, 3 * t**2), np.zeros(2), np.array([-1.0, -1.0]), np.array([1.0, 2])
        )
    np.testing.assert_allclose(found, 0, atol=1e-5)


def test_no_probability_above_one():
    assert bounds.sibson_probability(0.4, 0.5, 3.0) == 1
    assert bounds.leakage_probability(0.4, 0.5) == 1
    assert bounds.density_probability(0.4, 0.5, 0.0) == 1


@pytest.mark.parametrize("a", [1e-12, 1e-6, 1e-3, 0.05, 0.0999, 0.1001, 0.5, 3.0])
def test_remainders_keep_their_digits_near_zero(a):
    t = M(a)
    assert float(change_of_measure._exp_remainder(np.array(a))) == pytest.approx(float(t + mp.expm1(-t)), rel=2e-14)
    for s in (t, -t):
        if s > -1:
            reference = (1 + s) * mp.log1p(s) - s
            found = change_of_measure._log_remainder(np.array(float(s)))
            assert float(found) == pytest.approx(float(reference), rel=2e-14)


def test_infinite_divergence_is_silent():
    with np.errstate(all="raise"):
        assert bounds.bernoulli_relative_entropy(0.5, 0.0) == math.inf
        assert bounds.bernoulli_relative_entropy(0.5, 1.0) == math.inf
