"""Effective parameters: the formula, its units, and the traps around the entropy of a mask."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.bounds import effective_count_ratio, equation_1, log_net_size_per_weight
from noprune_theory.information import (
    SHARP_NET_CONSTANT,
    JointDistribution,
    effective_parameter_count,
    effective_parameter_count_of_order,
    effective_parameter_ratio,
    entropy,
    finite_class_parameter_count,
    worst_case_effective_parameter_count,
)

POSITIVE = st.floats(1e-3, 1e3)


@given(st.floats(0, 1e3), st.floats(0, 1e4), POSITIVE, POSITIVE, st.floats(1e-3, 1.0))
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
        ({"mean_mask_size": 1e308}, r"mean_mask_size must be at most 2\^53"),
        ({"diameter": -1.0}, "diameter must be finite and >= 0"),
        ({"parameter_lipschitz": math.inf}, "parameter_lipschitz must be finite"),
        ({"epsilon": -0.1}, r"epsilon must be in \(0, 1\]"),
        ({"epsilon": 60 / 7}, r"epsilon must be in \(0, 1\]"),
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


NET = {"diameter": 1.0, "parameter_lipschitz": 3.0, "epsilon": 0.4}


@pytest.mark.parametrize("order", [1.0, 1.0001, 1.5, 3.0, 50.0, math.inf])
def test_version_of_any_order_bounds_the_refined_information(order):
    # Mask and weights of a random learner: the bound holds for the Sibson information of the pair.
    rng = np.random.default_rng(3)
    masks, values = 3, 4
    pair = rng.dirichlet(np.full(masks * values, 0.3), size=5)
    joint = JointDistribution.from_channel(np.full(5, 0.2), pair)
    of_mask = joint.coarsen(np.arange(masks * values) // values)
    bound = of_mask.refined_sibson_bound(order, np.full(masks, math.log(values)))
    assert joint.sibson_information(order) <= bound + 1e-13
    # Equal counts: the bound is the mask's information plus their logarithm.
    assert bound == pytest.approx(of_mask.sibson_information(order) + math.log(values), abs=1e-12)


def test_refined_bound_is_attained_by_weights_that_tell_the_data():
    # One mask, N equally likely data sets, N weight vectors, one for each data set: log N at every order.
    joint = JointDistribution(np.full((4, 1), 0.25))
    for order in (1.0, 2.0, math.inf):
        assert joint.refined_sibson_bound(order, [math.log(4)]) == pytest.approx(math.log(4), rel=1e-14)


def test_versions_by_order_join_theorem_4_and_the_leakage():
    joint = JointDistribution([[0.3, 0.1, 0.0], [0.0, 0.2, 0.4]])
    sizes = [5, 2, 3]
    mean_size = float(joint.output_probabilities @ sizes)
    plain = effective_parameter_count(joint.mutual_information(), mean_size, net_constant=SHARP_NET_CONSTANT, **NET)
    counts = [
        effective_parameter_count_of_order(joint, sizes, order, net_constant=SHARP_NET_CONSTANT, **NET)
        for order in (1, 1.000001, 4, math.inf)
    ]
    assert counts[0].value == pytest.approx(plain.value, rel=1e-14)
    assert counts[1].value == pytest.approx(plain.value, rel=1e-4)
    assert [count.value for count in counts] == sorted(count.value for count in counts)
    log_net = math.log1p(8 * 3 / 0.4)
    leakage = math.log(sum(best * math.exp(log_net * k) for best, k in zip([0.75, 1 / 3, 2 / 3], sizes, strict=True)))
    assert counts[3].value == pytest.approx(leakage, rel=1e-13)
    assert counts[3].value <= joint.maximal_leakage() + 5 * log_net


def test_finite_class_of_theorem_3():
    count = finite_class_parameter_count(1.0, [0.5, 0.5], [1, 16], unit="bits")
    assert (count.value, count.information, count.discretisation) == (3.0, 1.0, 2.0)


@given(st.integers(1, 6), st.data())
def test_no_distribution_of_masks_beats_the_worst_case(p, data):
    chances = np.array(data.draw(st.lists(st.just(0.0) | st.floats(1e-6, 1), min_size=2**p, max_size=2**p).filter(sum)))
    chances /= chances.sum()
    sizes = np.array([bin(mask).count("1") for mask in range(2**p)])
    worst = worst_case_effective_parameter_count(p, **NET)
    count = effective_parameter_count(entropy(chances), float(chances @ sizes), **NET)
    assert count.value <= worst.value + 1e-12
    dense = effective_parameter_count(0.0, p, **NET)
    assert dense.value < worst.value < dense.value + p * math.log(2)


@pytest.mark.parametrize("p", [1, 7])
def test_the_worst_case_is_attained(p):
    worst = worst_case_effective_parameter_count(p, unit="bits", **NET)
    odds = 1 + 60 * 3 / 0.4
    kept = odds / (1 + odds)
    attained = effective_parameter_count(p * entropy([kept, 1 - kept], unit="bits"), p * kept, unit="bits", **NET)
    assert attained.value == pytest.approx(worst.value, rel=1e-14)
    assert attained.information == pytest.approx(worst.information, rel=1e-9)
    assert worst.value == pytest.approx(p * math.log2(2 + 60 * 3 / 0.4), rel=1e-14)


def test_ratio_of_section_4_1_at_finite_p():
    net = {"diameter": 1.0, "parameter_lipschitz": 1000.0, "epsilon": 1.0}
    limit = effective_count_ratio(0.95, math.log1p(60_000))
    assert limit == pytest.approx(1.36, abs=5e-3)
    finite = [effective_parameter_ratio(p, p // 20, **net) for p in (20, 200, 2000, 2 * 10**6)]
    assert finite == sorted(finite)
    assert finite[-1] == pytest.approx(limit, rel=1e-4)
    assert finite[-1] < limit
    # Keeping ever fewer of p weights raises the ratio only up to 1 + log(p)/K.
    p, log_net = 1000, math.log1p(60_000)
    ratios = [effective_parameter_ratio(p, k, **net) for k in range(1, p + 1)]
    assert max(ratios) == ratios[0] == pytest.approx(1 + math.log(p) / log_net, rel=1e-12)
    assert all(ratio <= 1 + math.log(math.e * p / k) / log_net for k, ratio in enumerate(ratios, 1))
    exact = math.log(math.comb(p, 50)) / (50 * log_net)
    assert ratios[49] == pytest.approx(1 + exact, rel=1e-13)


def test_traps_of_equation_1():
    # Nats for bits, or the printed formula for the exact one, change p_eff by a visible factor.
    exact = equation_1(1000, 0.95, "exact", unit="bits")
    assert exact == pytest.approx(math.log2(math.comb(1000, 50)), rel=1e-13)
    assert exact == pytest.approx(282.28, abs=5e-3)
    assert equation_1(1000, 0.95, "printed", unit="bits") == pytest.approx(216.17, abs=5e-3)
    assert equation_1(1000, 0.95, "exact", unit="nats") == pytest.approx(exact * math.log(2), rel=1e-14)
    # p_eff counts the log of a net: for the full mask it is p K, not p.
    full = effective_parameter_count(0.0, 1000, unit="bits", **NET)
    assert full.value > 8 * 1000


SIZES = st.floats(-300, 300).map(lambda power: 10.0**power)


@given(SIZES, SIZES, st.floats(-300, 0).map(lambda power: 10.0**power), st.integers(1, 2**53))
def test_counts_of_nets_of_any_size(diameter, lipschitz, epsilon, p):
    net = {"diameter": diameter, "parameter_lipschitz": lipschitz, "epsilon": epsilon}
    worst = worst_case_effective_parameter_count(p, **net)
    with mpmath.workdps(700):
        base = 60 * mpmath.mpf(diameter) * mpmath.mpf(lipschitz) / mpmath.mpf(epsilon)
        log_net = mpmath.log1p(base)
        kept = (1 + base) / (2 + base)
        exact = {
            "value": p * mpmath.log(2 + base),
            "discretisation": p * kept * log_net,
            "information": -p * (kept * mpmath.log(kept) + (1 - kept) * mpmath.log(1 - kept)),
        }
        # e^-K of a K that is rounded carries K roundings.
        for name, reference in exact.items():
            slack = 1e-12 if name == "information" else 4e-15
            assert abs(getattr(worst, name) - reference) <= slack * reference + 1e-300
    ratio = effective_parameter_ratio(p, 1, **net) if log_net > 1e-290 else None
    with mpmath.workdps(50):
        assert ratio is None or abs(ratio - (1 + mpmath.log(p) / log_net)) <= 1e-14 * ratio


def test_bad_sizes_and_orders_are_refused():
    joint = JointDistribution([[0.5], [0.5]])
    with pytest.raises(ValueError, match=r"order must be in \[1, inf\], got 0.5"):
        effective_parameter_count_of_order(joint, [1], 0.5, **NET)
    with pytest.raises(ValueError, match="mask_sizes must be >= 0"):
        effective_parameter_count_of_order(joint, [-1], 2.0, **NET)
    with pytest.raises(ValueError, match=r"^mask_sizes must be >= 0 of shape \(1,\)"):
        effective_parameter_count_of_order(joint, [1, 2], 2.0, **NET)
    with pytest.raises(ValueError, match="weight_counts must be >= 1"):
        finite_class_parameter_count(0.0, [1.0], [0])
    with pytest.raises(ValueError, match=r"^mask_sizes must be at most 2\^53, got 1e\+300"):
        effective_parameter_count_of_order(joint, [1e300], 2.0, **NET)
    with pytest.raises(
        ValueError, match=r"^mask_sizes must be >= 0 of shape \(1,\), .* got <float64 array, shape \(99,\)>"
    ):
        effective_parameter_count_of_order(joint, np.ones(99), 2.0, **NET)
    with pytest.raises(ValueError, match=r"^n_weights must be at most 2\^53, got <integer of 1329 bits>"):
        worst_case_effective_parameter_count(10**400, **NET)
    with pytest.raises(ValueError, match="n_weights must be >= 1"):
        worst_case_effective_parameter_count(0, **NET)
    with pytest.raises(ValueError, match=r"kept must be in \[1, 10\], got 0"):
        effective_parameter_ratio(10, 0, **NET)
    with pytest.raises(ValueError, match=r"^diameter and parameter_lipschitz must have a product > 0 here"):
        effective_parameter_ratio(10, 5, **{**NET, "diameter": 0.0})
    # The ratio is about 1e323 here: no double.
    with pytest.raises(ValueError, match=r"so large that the ratio is a double, got 5e-324"):
        effective_parameter_ratio(10, 5, **{**NET, "diameter": 5e-324})
    with pytest.raises(TypeError, match=r"^joint must be a JointDistribution, got 2\.0"):
        effective_parameter_count_of_order(2.0, [1], 2.0, **NET)


def test_one_rule_for_defaults_and_domains_here_and_in_the_bounds():
    joint = JointDistribution(np.full((4, 1), 0.25))
    for net in (NET, {**NET, "diameter": 0.0}, {**NET, "diameter": 1e308, "epsilon": 1e-3}):
        per_weight = float(log_net_size_per_weight(**net))
        assert effective_parameter_count(0.0, 1, **net).value == per_weight
        assert effective_parameter_count_of_order(joint, [1], math.inf, **net).value == pytest.approx(per_weight)
        assert worst_case_effective_parameter_count(1, **net).value == pytest.approx(np.logaddexp(0, per_weight))
    for wrong in ({"epsilon": 5.0}, {"epsilon": 0.0}, {"diameter": -1.0}, {"parameter_lipschitz": -1.0}):
        (name,) = wrong
        for call in (
            lambda wrong=wrong: log_net_size_per_weight(**{**NET, **wrong}),
            lambda wrong=wrong: effective_parameter_count(0.0, 1, **{**NET, **wrong}),
            lambda wrong=wrong: effective_parameter_count_of_order(joint, [1], 2.0, **{**NET, **wrong}),
            lambda wrong=wrong: worst_case_effective_parameter_count(1, **{**NET, **wrong}),
            lambda wrong=wrong: effective_parameter_ratio(2, 1, **{**NET, **wrong}),
        ):
            with pytest.raises(ValueError, match=f"^{name} must be"):
                call()
