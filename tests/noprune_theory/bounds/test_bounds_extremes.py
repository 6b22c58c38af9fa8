"""The bounds at arguments over the whole range of doubles, against the formulas at 80 digits."""

import bounds_oracles as oracle
import mpmath as mp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory import bounds
from noprune_theory.bounds import Constants

M, log, exp, sqrt = mp.mpf, mp.log, mp.exp, mp.sqrt

positives = st.floats(-300, 300).map(lambda power: 10.0**power)
nonnegatives = st.one_of(st.just(0.0), positives)
probabilities = st.one_of(
    st.floats(-300, -1e-9).map(lambda power: 10.0**power),
    st.floats(-15.9, -0.1).map(lambda power: 1 - 10.0**power),
    st.floats(1e-3, 0.999),
)
margins = st.one_of(st.just(1.0), probabilities)
counts = st.floats(0, 15.9).map(lambda power: float(int(10**power)))
orders = st.floats(-15, 300).map(lambda power: 1 + 10.0**power)


def agrees(call, reference):
    """The value to 1e-12, or a refusal that names the range where the value (or a part of it) leaves the doubles."""
    try:
        value = float(call())
    except ValueError as error:
        assert "must give" in str(error) and "within the range of doubles" in str(error)  # noqa: PT017, PT018
        return
    reference = M(reference)
    assert abs(M(value) - reference) <= M("1e-12") * abs(reference) + M("1e-300")


@given(nonnegatives, nonnegatives, orders, probabilities, probabilities, st.floats(0, 0.999))
def test_changes_of_measure(exponent, information, order, delta, q, share):
    a, i, o, d = M(exponent), M(information), M(order), M(delta)
    closed = (i + oracle.entropy(delta)) / d
    agrees(lambda: bounds.information_exponent_closed_form(delta, information), closed)
    agrees(lambda: bounds.leakage_probability(exponent, information), min(M(1), exp(i - a)))
    agrees(lambda: bounds.leakage_exponent(delta, information), i - log(d))
    agrees(lambda: bounds.sibson_probability(exponent, information, order), min(M(1), exp((i - a) * (o - 1) / o)))
    agrees(lambda: bounds.sibson_exponent(delta, information, order), i - o / (o - 1) * log(d))
    agrees(lambda: bounds.density_probability(exponent, information, q), min(M(1), M(q) + exp(i - a)))
    spent = share * delta
    agrees(lambda: bounds.density_exponent(delta, information, spent), i - log(d - M(spent)))
    agrees(lambda: bounds.binary_entropy(q), oracle.entropy(q))
    agrees(lambda: bounds.bernoulli_relative_entropy(q, delta), oracle.relative_entropy(q, delta))


@given(
    st.floats(-10, 5).map(lambda power: 10.0**power),
    st.one_of(st.floats(0, 1), st.floats(-300, 0).map(lambda t: 10**t)),
)
def test_the_inversion_of_information_at_exponents_up_to_1e5(exponent, share):
    """The largest P with kl(P || q) <= I, for q down to exp(-100000)."""
    information = share * exponent
    found = bounds.information_probability(exponent, information)
    with mp.workdps(80):
        q = exp(-M(exponent))
        if 0 < information < exponent and found > 1e-290:
            below, above = (max(M(float(found)) * (1 + side * M("1e-11")), q) for side in (-1, 1))
            assert oracle.relative_entropy(below, q) <= M(information)
            assert above >= 1 or oracle.relative_entropy(above, q) >= M(information)
        elif information >= exponent:
            assert found == 1
        else:
            assert abs(M(float(found)) - q) <= M("1e-11") * q + M("1e-290")


@given(positives, nonnegatives, probabilities, orders, st.floats(-2, 3).map(lambda power: 10.0**power))
def test_lemma_1_and_its_tails(proxy, information, delta, order, ratio):
    c, i, d, o = M(proxy), M(information), M(delta), M(order)
    agrees(lambda: bounds.lemma_1(proxy, information, delta), sqrt(72 * c * (i / d + log(2 / d))))
    closed = (i + oracle.entropy(delta)) / d + log(2)
    agrees(lambda: bounds.lemma_1(proxy, information, delta, Constants.CLOSED_FORM), sqrt(c * closed))
    agrees(lambda: bounds.lemma_1_leakage(proxy, information, delta), sqrt(c * (i + log(2 / d))))
    agrees(
        lambda: bounds.lemma_1_sibson(proxy, information, order, delta), sqrt(c * (i - o / (o - 1) * log(d) + log(2)))
    )
    radius = float(sqrt(c)) * ratio
    exponent = max(M(radius) ** 2 / c - log(2), M(0))
    if exponent < 600:
        agrees(lambda: bounds.lemma_1_leakage_tail(radius, proxy, information), min(M(1), exp(i - exponent)))
        tail = min(M(1), exp((i - exponent) * (o - 1) / o))
        agrees(lambda: bounds.lemma_1_sibson_tail(radius, proxy, information, order), tail)


@given(counts, counts, margins, positives, positives, nonnegatives, nonnegatives, st.floats(-12, -0.1), margins)
def test_laws_of_robustness(n, d, epsilon, isoperimetry, lipschitz, diameter, parameters, power, sigma):
    c, e = M(isoperimetry), M(epsilon)
    agrees(lambda: bounds.average_proxy(n, d, lipschitz, isoperimetry), 144 * c * M(lipschitz) ** 2 / (M(n) * M(d)))
    agrees(
        lambda: bounds.log_net_size_per_weight(diameter, parameters, epsilon),
        mp.log1p(60 * M(diameter) * M(parameters) / e),
    )
    agrees(lambda: bounds.theorem_1_order(n, d, epsilon, sigma, d), e / M(sigma) * sqrt(M(n)))
    agrees(lambda: bounds.theorem_2_order(n, d, epsilon, lipschitz), e * sqrt(M(n) * M(d) / M(lipschitz)))
    delta, many = 10.0**power, 10.0**15
    law = M(many) * M(d) / (8 * c)
    agrees(
        lambda: bounds.theorem_4_leakage(many, d, 3, 0.9, delta, isoperimetry, parameters),
        M(0.9) / 4 * sqrt(law / (M(parameters) + log(2 / M(delta)))),
    )
    net = M(d) * mp.log1p(8 * M(diameter) * M(parameters) / M(0.9)) + log(2 / M(delta))
    agrees(
        lambda: bounds.theorem_1(many, d, 3, 0.9, delta, isoperimetry, d, diameter, parameters),
        M(0.9) / 4 * sqrt(law / net),
    )


@given(counts, counts, positives, nonnegatives, nonnegatives, probabilities, st.floats(0, 1))
def test_generalisation_and_counts(m, v, bound, rademacher, information, delta, share):
    m, v = max(m, v) + 2, min(m, v)
    i, d, b, r = M(information), M(delta), M(bound), M(rademacher)
    spent = i / d + log(2 / d)
    agrees(
        lambda: bounds.theorem_5(m, v, information, delta),
        (4 + sqrt(v * log(2 * mp.e * M(m) / v)) + sqrt(288 * spent)) / sqrt(2 * M(m)),
    )
    agrees(
        lambda: bounds.theorem_6(m, bound, rademacher, information, delta),
        2 * r + 6 / sqrt(M(m)) * sqrt(72 * b / d * (i + d / 2 * log(4 / d))),
    )
    agrees(lambda: bounds.massart(m, bound, v), b * sqrt(2 * log(M(v)) / M(m)))
    kept = float(int(m * share))
    agrees(
        lambda: bounds.log_mask_count(m, kept),
        mp.loggamma(M(m) + 1) - mp.loggamma(M(kept) + 1) - mp.loggamma(M(m) - M(kept) + 1),
    )
    agrees(lambda: bounds.effective_count_ratio(delta, bound), 1 + oracle.entropy(delta) / ((1 - d) * b))


@pytest.mark.parametrize("factors", [(1e200, 1e200, 1e-390), (1e-200, 1e-200, 5e-324), (1e300, 1e-310, 1.0)])
def test_nets_whose_products_leave_the_doubles_on_the_way(factors):
    diameter, parameters, epsilon = factors[0], factors[1], max(factors[2], 5e-324)
    exact = mp.log1p(60 * M(diameter) * M(parameters) / M(epsilon))
    assert oracle.agrees(bounds.log_net_size_per_weight(diameter, parameters, epsilon), exact)
