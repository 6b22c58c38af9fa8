"""Bounds on the probability of an event under dependence: exactness, inverses, and truth on enumerated models."""

import itertools
import math

import bounds_oracles as oracle
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory import bounds
from noprune_theory.testing import joint_distributions

probabilities = st.one_of(
    st.floats(0, 1), st.floats(1e-300, 1e-3), st.floats(1e-12, 1e-3).map(lambda gap: 1 - gap), st.just(0.0)
)
deltas = st.one_of(st.floats(1e-12, 0.999), st.floats(1e-12, 1e-3).map(lambda gap: 1 - gap))
exponents = st.floats(-3, 5).map(lambda power: 10**power)
informations = st.floats(-13, 4).map(lambda power: 10**power)
orders = st.floats(1.01, 50)


@given(probabilities)
def test_binary_entropy_at_60_digits(q):
    assert oracle.agrees(bounds.binary_entropy(q), oracle.entropy(q))


@given(probabilities, probabilities.filter(lambda r: 0 < r < 1))
def test_relative_entropy_at_60_digits(q, r):
    assert oracle.agrees(bounds.bernoulli_relative_entropy(q, r), oracle.relative_entropy(q, r))


@given(st.floats(0.01, 0.99), st.floats(1e-15, 1e-3))
def test_relative_entropy_of_close_laws_keeps_its_digits(r, step):
    q = r * (1 + step)
    assert oracle.agrees(bounds.bernoulli_relative_entropy(q, r), oracle.relative_entropy(q, r))


def test_relative_entropy_at_the_edges():
    assert bounds.bernoulli_relative_entropy(0.0, 0.0) == 0
    assert bounds.bernoulli_relative_entropy(1.0, 1.0) == 0
    assert bounds.bernoulli_relative_entropy(1.0, 0.0) == math.inf
    assert bounds.bernoulli_relative_entropy(0.5, 1.0) == math.inf
    assert bounds.bernoulli_relative_entropy(0.0, 0.5) == pytest.approx(math.log(2), rel=1e-15)


@given(exponents, informations)
def test_information_probability_solves_its_equation(exponent, information):
    value = bounds.information_probability(exponent, information)
    if information >= exponent:
        assert value == 1
        return
    q = mp.exp(-mp.mpf(exponent))

    def divergence(p):
        if p <= q:
            return mp.mpf(0)
        return oracle.relative_entropy(p, q) if p < 1 else mp.mpf(exponent)

    assert oracle.solves(divergence, information, value)


@given(deltas, informations)
def test_information_exponent_solves_its_equation(delta, information):
    value = bounds.information_exponent(delta, information)
    floor = -mp.log(mp.mpf(delta))

    def divergence(a):
        return oracle.relative_entropy(delta, mp.exp(-a)) if a > floor else mp.mpf(0)

    assert oracle.solves(divergence, information, value)


@given(exponents, informations)
def test_closed_form_probability_solves_its_equation(exponent, information):
    value = bounds.information_probability_closed_form(exponent, information)
    if information >= exponent:
        assert value == 1
    else:
        assert oracle.solves(lambda p: p * mp.mpf(exponent) - oracle.entropy(min(p, 1)), information, value)


@given(deltas, informations)
def test_closed_form_is_never_below_the_exact_inversion(delta, information):
    exact = bounds.information_exponent(delta, information)
    closed = bounds.information_exponent_closed_form(delta, information)
    assert exact <= closed * (1 + 1e-14)
    assert oracle.agrees(closed, (mp.mpf(information) + oracle.entropy(delta)) / mp.mpf(delta))


@given(exponents, informations)
def test_closed_form_probability_is_at_most_the_explicit_one(exponent, information):
    value = bounds.information_probability_closed_form(exponent, information)
    assert value <= (information + math.log(2)) / exponent * (1 + 1e-13)
    assert value >= bounds.information_probability(exponent, information) * (1 - 1e-13)


@given(deltas)
def test_no_information_is_the_fixed_index(delta):
    assert bounds.information_exponent(delta, 0.0) == -math.log(delta)
    assert bounds.information_probability(-math.log(delta), 0.0) == pytest.approx(delta, rel=1e-14)


PAIRS = {
    "information": (bounds.information_probability, bounds.information_exponent, ()),
    "closed form": (bounds.information_probability_closed_form, bounds.information_exponent_closed_form, ()),
    "leakage": (bounds.leakage_probability, bounds.leakage_exponent, ()),
    "sibson": (bounds.sibson_probability, bounds.sibson_exponent, (2.5,)),
    "density": (bounds.density_probability, bounds.density_exponent, (1e-5,)),
}


@pytest.mark.parametrize("name", PAIRS)
@given(delta=st.floats(1e-4, 0.999), information=st.floats(0, 1e4))
def test_probability_inverts_exponent(name, delta, information):
    probability, exponent, others = PAIRS[name]
    a = exponent(delta, information, *others)
    # d log P / d exponent is of order one, so that the exponent's own rounding appears as an absolute error.
    assert probability(a, information, *others) == pytest.approx(delta, rel=1e-13 * (1 + a))


@pytest.mark.parametrize("name", PAIRS)
def test_monotone(name):
    probability, exponent, others = PAIRS[name]
    information = np.linspace(0, 50, 200)
    assert (np.diff(probability(30.0, information, *others)) >= 0).all()
    assert (np.diff(exponent(0.1, information, *others)) > 0).all()
    assert (np.diff(probability(np.linspace(0.01, 100, 200), 5.0, *others)) <= 0).all()
    assert (np.diff(exponent(np.linspace(0.01, 0.99, 200), 5.0, *others)) < 0).all()


def _events(joint):
    """Yield P(event) under the joint law and its largest probability over fixed outputs w, for every event."""
    data = joint.sum(axis=1)
    for bits in itertools.product([0, 1], repeat=joint.size):
        event = np.array(bits).reshape(joint.shape)
        yield (event * joint).sum(), (data @ event).max()


@given(joint_distributions(max_data=3, max_outputs=3), orders, st.floats(0.0, 2.0))
def test_every_event_of_an_enumerated_model(joint, order, level):
    """P(event) is below each bound, with q the largest probability of the event at a fixed output."""
    data, output = joint.sum(axis=1), joint.sum(axis=0)
    product = np.outer(data, output)
    support = joint > 0
    density = np.full(joint.shape, -np.inf)
    density[support] = np.log(joint[support] / product[support])
    information = max(float((joint[support] * density[support]).sum()), 0.0)
    kernel = np.divide(joint, data[:, None], out=np.zeros_like(joint), where=data[:, None] > 0)
    leakage = max(math.log(kernel.max(axis=0).sum()), 0.0)
    sibson = max(order / (order - 1) * math.log(((data @ kernel**order) ** (1 / order)).sum()), 0.0)
    exceedance = min(float(joint[density > level].sum()), 1.0)
    pairs = np.array(list(_events(joint)))
    probability, q = pairs[pairs[:, 1] > 0].T
    exponent = np.maximum(-np.log(q), 0.0)
    slack = 1 + 1e-9
    assert (probability <= bounds.information_probability(exponent, information) * slack).all()
    assert (probability <= bounds.leakage_probability(exponent, leakage) * slack).all()
    assert (probability <= bounds.sibson_probability(exponent, sibson, order) * slack).all()
    assert (probability <= bounds.density_probability(exponent, level, exceedance) * slack).all()


def test_information_bound_is_attained():
    """Output = indicator of the event, event of probability q when independent: kl(P || q) = I exactly."""
    q, p = 0.1, 0.7
    # D carries the event's indicator for each of two outputs; the learner picks output 1 to favour the event.
    information = bounds.bernoulli_relative_entropy(p, q)
    assert bounds.information_probability(-math.log(q), information) == pytest.approx(p, rel=1e-14)


@pytest.mark.parametrize("exponent", [1e4, 1e8, 1e300])
def test_extreme_exponents(exponent):
    assert bounds.information_probability(exponent, 0.0) == 0
    assert bounds.information_probability(exponent, exponent / 2) == pytest.approx(0.5, abs=1e-3)
    assert bounds.information_probability(exponent, 1.0) <= 2 / exponent
    assert bounds.leakage_probability(exponent, exponent / 2) == pytest.approx(0, abs=1e-300)
    assert bounds.leakage_probability(exponent, 2 * exponent) == 1
    assert bounds.information_exponent(0.5, exponent) == pytest.approx(2 * exponent, rel=1e-3)


def test_arrays_broadcast_and_agree_with_numbers():
    exponent, information = np.array([[1.0], [10.0]]), np.array([0.0, 0.5, 20.0])
    table = bounds.information_probability(exponent, information)
    assert table.shape == (2, 3)
    for i, j in np.ndindex(table.shape):
        assert table[i, j] == bounds.information_probability(exponent[i, 0], information[j])
    assert isinstance(bounds.information_probability(1.0, 0.5), float)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (bounds.binary_entropy, (1.5,), r"q must be in \[0, 1\], got 1.5"),
        (bounds.bernoulli_relative_entropy, (0.5, math.nan), "r must be in"),
        (bounds.information_probability, (-1.0, 1.0), "exponent must be finite and >= 0, got -1"),
        (bounds.information_probability, (1.0, math.inf), "information must be finite"),
        (bounds.information_exponent, (1.0, 1.0), r"delta must be in the open interval \(0, 1\), got 1.0"),
        (bounds.information_exponent, (0.5, -1e-9), "information must be"),
        (bounds.sibson_exponent, (0.5, 1.0, 1.0), "order must be finite and > 1"),
        (bounds.density_exponent, (0.1, 1.0, 0.1), "exceedance must be smaller than delta"),
        (bounds.leakage_exponent, ([], 1.0), "delta must"),
    ],
)
def test_refused_arguments(function, arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        function(*arguments)


@pytest.mark.parametrize("value", ["0.5", True, 1j, None])
def test_wrong_types(value):
    with pytest.raises(TypeError, match="q must be a real number"):
        bounds.binary_entropy(value)
