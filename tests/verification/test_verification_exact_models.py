"""Finite models against brute force, and intervals against the definition."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import bdtr, bdtrc

from noprune_theory.verifier.exact_models import (
    FiniteModel,
    SignModel,
    binomial_law,
    climb,
    entropy,
    information_bits,
    mutual_information,
    random_models,
    selection_model,
)
from noprune_theory.verifier.sweeps import clopper_pearson, compare_with_claim
from verification.no_free_prune.lemma_1 import needed_constant
from verification.no_free_prune.lemma_5 import imbalance_law


def models(count=30):
    return list(random_models(np.random.default_rng(5), count))


def test_random_models_are_probability_laws_with_centred_statistics():
    for model in models():
        assert model.joint.sum() == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(model.statistic @ model.data, 0, atol=1e-12)
        assert 2 <= model.data.size <= 6


def test_mutual_information_is_a_difference_of_entropies():
    for model in models():
        joint = model.joint
        expected = entropy(joint.sum(axis=0)) + entropy(joint.sum(axis=1)) - entropy(joint.ravel())
        assert mutual_information(joint) == pytest.approx(expected, abs=1e-12)


def test_proxy_is_the_smallest_constant_of_the_tail_bound():
    """`P(|X_t| >= s) <= 2 exp(-s^2/C)` at every value, and fails at some value for a constant 1% smaller."""
    for model in models():
        proxy = model.proxy()
        excess, slack = [], []
        for row in model.statistic:
            for s in np.abs(row[np.abs(row) > 0]):
                tail = model.data[np.abs(row) >= s].sum()
                excess.append(tail - 2 * math.exp(-(s**2) / proxy))
                slack.append(tail - 2 * math.exp(-(s**2) / (0.99 * proxy)))
        assert max(excess) <= 1e-12
        assert max(slack) > 0


def test_selected_tails_by_brute_force():
    for model in models(10):
        for u, probability in model.selected_tails():
            expected = sum(
                model.joint[d, w]
                for d, w in product(range(model.data.size), range(model.statistic.shape[0]))
                if abs(model.statistic[w, d]) >= u
            )
            assert probability == pytest.approx(expected, abs=1e-14)


def test_selection_models_need_a_constant_above_one():
    """The near-worst family reaches 1.25, so the printed form of Lemma 1 cannot hold with a1^2 = 1."""
    assert max(needed_constant(selection_model(n, hit)) for n in (5, 6) for hit in (0.45, 0.5, 0.55)) > 1.25


def test_climbing_never_loses():
    start = models(1)[0]
    value, best = climb(needed_constant, start, np.random.default_rng(0), 200)
    assert value >= needed_constant(start)
    assert value == needed_constant(best)
    assert isinstance(best, FiniteModel)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("weight", [0.3, 0.8])
@pytest.mark.parametrize("epsilon", [0.1, 0.5])
def test_sign_model_by_enumeration(n, weight, epsilon):
    """All 4^n data sets: who wins, how often anything fits, and the entropy of the output."""
    counts = dict.fromkeys(("00", "10+", "10-", "01+", "01-"), 0)
    for x in product((-1, 1), repeat=n):
        for y in product((-1, 1), repeat=n):
            products, total = sum(a * b for a, b in zip(x, y, strict=True)), sum(y)
            mask, correlation = ("10", products) if abs(products) >= abs(total) else ("01", total)
            error = weight**2 - 2 * weight * abs(correlation) / n + 1
            key = mask + ("+" if correlation > 0 else "-") if error <= 1 - epsilon + 1e-12 else "00"
            counts[key] += 1
    law = np.array(list(counts.values())) / 4**n
    model = SignModel(n, weight)
    np.testing.assert_allclose(model.output_law(epsilon), law, atol=1e-12)
    assert model.success(epsilon) == pytest.approx(1 - law[0], abs=1e-12)
    assert model.information(epsilon) == pytest.approx(entropy(law), abs=1e-12)


@given(st.integers(1, 60), st.fractions(Fraction(1, 50), Fraction(49, 50), max_denominator=60))
def test_binomial_law_against_fractions(n, p):
    exact = [float(math.comb(n, k) * p**k * (1 - p) ** (n - k)) for k in range(n + 1)]
    np.testing.assert_allclose(binomial_law(n, float(p)), exact, rtol=1e-11)


def test_imbalance_law_by_enumeration():
    values, law = imbalance_law(6, 2)
    expected = np.zeros(len(values))
    for signs in product((-1, 1), repeat=6):
        expected[abs(sum(signs[:3])) + abs(sum(signs[3:]))] += 1 / 64
    np.testing.assert_allclose(law, expected, atol=1e-15)


def test_models_are_compared_by_identity_and_shown_by_shape():
    first, second = selection_model(3, 0.5), selection_model(3, 0.5)
    assert first != second
    assert len({first, second, first}) == 2
    assert repr(first).startswith("FiniteModel(")
    assert "shape (3, 3)" in repr(first)


def test_information_of_independent_bits_is_zero_without_a_simplification():
    """In exponents of primes what cancels is zero, and the comparison needs no rounding."""
    law = {(i, j): Fraction(1, 7) * Fraction(k, 6) for i in range(7) for j, k in enumerate((1, 2, 3))}
    assert information_bits(law) is sp.S.Zero
    assert information_bits({(i, i): Fraction(1, 6) for i in range(6)}) == 1 + sp.log(3, 2)


def test_information_in_bits_is_exact():
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    assert information_bits({(0, 0): half, (1, 1): half}) == 1
    assert information_bits({(i, j): quarter for i in (0, 1) for j in (0, 1)}) == 0
    value = information_bits({(0, "a"): quarter, (0, "b"): quarter, (1, "a"): half})
    assert sp.simplify(value - (sp.Rational(3, 2) - sp.Rational(3, 4) * sp.log(3, 2))) == 0
    with pytest.raises(ValueError, match="sum to one"):
        information_bits({(0, 0): half})


@given(st.integers(1, 300), st.data())
def test_clopper_pearson_inverts_the_binomial_tails(trials, data):
    successes = data.draw(st.integers(0, trials))
    lower, upper = clopper_pearson(successes, trials)
    if successes > 0:
        assert bdtrc(successes - 1, trials, lower) == pytest.approx(0.0005, rel=1e-6)
    if successes < trials:
        assert bdtr(successes, trials, upper) == pytest.approx(0.0005, rel=1e-6)
    assert lower <= successes / trials <= upper


@pytest.mark.parametrize(
    ("successes", "claimed", "judgement"), [(0, 0.01, "supported"), (500, 0.1, "violated"), (95, 0.1, "undecided")]
)
def test_judgement_is_about_the_whole_interval(successes, claimed, judgement):
    assert compare_with_claim(successes, 1_000, claimed).judgement == judgement


@pytest.mark.parametrize("arguments", [(3, 2), (-1, 4), (0, 0)])
def test_clopper_pearson_refuses_impossible_counts(arguments):
    with pytest.raises(ValueError, match="successes"):
        clopper_pearson(*arguments)


def test_clopper_pearson_refuses_impossible_confidence():
    with pytest.raises(ValueError, match="confidence"):
        clopper_pearson(1, 2, 1.0)
