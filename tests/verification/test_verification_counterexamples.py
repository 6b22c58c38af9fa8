"""Every counterexample of Lemmas 2 to 6, Equations (5), (7), (8) and Theorems 3, 4, worked out again with fractions.

Nothing below uses the evaluation of the statements: the objects are rebuilt from their description.
"""

import math
from fractions import Fraction
from itertools import product

import pytest

from noprune_theory.verifier.evaluation import evaluate
from noprune_theory.verifier.statement import PROFILES
from verification.no_free_prune import STATEMENTS, load

half = Fraction(1, 2)
OURS = [f"lemma-{i}" for i in range(1, 7)] + ["equation-5", "equation-7", "equation-8", "theorem-3", "theorem-4"]


def mutual_information(joint):
    """Mutual information in bits by the definition, as a float from exact ratios; exactly zero for independence."""
    rows, columns = {}, {}
    for (a, b), p in joint.items():
        rows[a] = rows.get(a, 0) + p
        columns[b] = columns.get(b, 0) + p
    return sum(float(p) * math.log2(p / (rows[a] * columns[b])) for (a, b), p in joint.items() if p)


def test_names_are_the_ones_worked_out_here():
    """A new counterexample has to be worked out in this file as well."""
    names = set()
    for identifier in OURS:
        statement = load(identifier)
        steps = statement.derivation + (statement.repair.derivation if statement.repair else ())
        names |= {c.name for c in (*statement.counterexamples, *(s.counterexample for s in steps if s.counterexample))}
    assert names == {
        "two indices of one function",
        "the label is the component",
        "a learner that remembers the component",
        "s at δ*",
        "one fifth of each label",
        "s at two probabilities",
        "the fallback tells the data",
        "two fast sines",
        "clip(w x)",
    }


def test_two_indices_of_one_function():
    index = {(bit, bit): half for bit in (0, 1)}
    function = {(bit, "f"): half for bit in (0, 1)}
    assert mutual_information(index) == 1
    assert mutual_information(function) == 0


def test_the_label_is_the_component():
    """Two components with the same law of x = ±1, y = (-1)^l: E[y | x] = 0, yet z is constant on components."""
    law = {(label, x): Fraction(1, 4) for label in (1, 2) for x in (-1, 1)}
    for x in (-1, 1):
        assert sum(p * (-1) ** label for (label, value), p in law.items() if value == x) == 0
    for labels in product((1, 2), repeat=5):
        noise = [(-1) ** label for label in labels]
        imbalance = Fraction(0)
        for component in (1, 2):
            imbalance += abs(sum(z for z, label in zip(noise, labels, strict=True) if label == component))
        assert imbalance / 5 == 1  # so F happens for every data set and every epsilon up to one


def test_a_learner_that_remembers_the_component():
    p, epsilon, n = Fraction(1, 4), half, 8_000
    g = {u: (1 - p) * u + p * -u for u in (-1, 1)}
    assert g == {1: half, -1: -half}
    variance = 1 - g[1] ** 2
    on_sample = {y: Fraction(y, 2) for y in (-1, 1)}
    for y in (-1, 1):
        assert (on_sample[y] - y) ** 2 <= variance - epsilon
        mean_elsewhere = (1 - p) * y + p * -y
        assert on_sample[y] == mean_elsewhere  # zero fluctuation around the component mean
    assert 6 * math.exp(-n * epsilon**2 / (512 * 2)) < 0.86
    assert 6 * math.exp(-1_000 * epsilon**2 / (512 * 2)) > 1


def test_s_at_delta_star():
    b, information = 2, 0.25
    delta = max(information / b, 2 * math.exp(-b))
    assert information / delta + math.log(2 / delta) < 2 * b


def test_one_fifth_of_each_label():
    n, epsilon, variance = 6_000, half, Fraction(1)
    assert 512 * math.log(8 / 0.5) <= n * epsilon**2
    error = (Fraction(1, 5) - 1) ** 2
    assert variance - epsilon < error <= variance - epsilon / 2


def test_s_at_two_probabilities():
    def s_squared(delta):
        return 1 / delta + math.log(2 / delta)

    assert s_squared(0.25) > s_squared(0.5)


def test_the_fallback_tells_the_data():
    slope = {0: 1, 1: 10}
    mask = {bit: (1, 0) if slope[bit] <= 1 else (0, 1) for bit in (0, 1)}
    before = {(bit, (1, 0)): half for bit in (0, 1)}
    after = {(bit, mask[bit]): half for bit in (0, 1)}
    assert mutual_information(before) == 0
    assert mutual_information(after) == 1
    assert sum(p * sum(m) for (_, m), p in after.items()) == 1


@pytest.mark.parametrize("fallback", list(product((0, 1), repeat=2)))
def test_two_fast_sines(fallback):
    """Steep exactly when D = 1, so every fallback mask leaks more than the slack of the factor 60."""
    frequency, weights = 10**6, {0: Fraction(1, 10**6), 1: Fraction(1, 10**5)}
    joint = {}
    for bit in (0, 1):
        for mask in ((1, 0), (0, 1)):
            kept = mask if frequency * weights[bit] <= 5 else fallback
            joint[bit, kept] = joint.get((bit, kept), 0) + Fraction(1, 4)
    diameter, parameter_lipschitz, epsilon = 2 * weights[1], math.sqrt(2), half
    slack = math.log2(1 + 60 * diameter * parameter_lipschitz / epsilon)
    assert mutual_information(joint) > 60 * slack


def test_clip():
    bound = Fraction(1_000)
    weight, point = 1 / (2 * bound), Fraction(2_000)
    difference = min(Fraction(1), weight * point)
    assert difference == 1
    assert difference > bound * weight


@pytest.mark.parametrize("identifier", ["lemma-3", "equation-7"])
def test_the_report_says_the_same(identifier):
    """The evaluated counterexamples to the printed claims are violations, with all hypotheses satisfied."""
    answer = evaluate(load(identifier), PROFILES["quick"])
    assert answer.counterexamples
    for example in answer.counterexamples:
        *hypotheses, conclusion = example.facts
        assert example.violates
        assert all(holds for _, _, holds in hypotheses)
        assert not conclusion[2]


def test_every_statement_of_this_file_is_listed():
    assert set(OURS) <= set(STATEMENTS)
