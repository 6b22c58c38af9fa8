"""Enumerated data sets: against sequences listed one by one with fractions, and the exactness that is promised."""

import itertools
import math
from collections import Counter
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.information import (
    average_information,
    entropy,
    enumerate_datasets,
    enumeration,
    expected_plug_in_entropy,
    label_outcomes,
)

WEIGHTS = st.lists(st.integers(1, 5), min_size=1, max_size=4)


def sequences(weights, n):
    """Return every sequence of atoms with its probability as a fraction."""
    total = sum(weights)
    for sequence in itertools.product(range(len(weights)), repeat=n):
        yield sequence, math.prod(Fraction(weights[atom], total) for atom in sequence)


def entropy_of(masses):
    return -sum(float(p) * math.log(p) for p in masses if p)


@given(WEIGHTS, st.integers(1, 4))
def test_multisets_have_their_multinomial_probabilities(weights, n):
    expected = Counter()
    for sequence, probability in sequences(weights, n):
        expected[tuple(sorted(sequence))] += probability
    datasets = enumerate_datasets(weights, n)
    assert datasets.exact
    listed = dict(zip(map(tuple, datasets.indices.tolist()), datasets.weights.tolist(), strict=True))
    assert {key: Fraction(int(weight), int(datasets.total)) for key, weight in listed.items()} == expected
    assert datasets.entropy() == pytest.approx(entropy_of(expected.values()), abs=1e-13)


@given(WEIGHTS, st.integers(1, 3), st.randoms(use_true_random=False))
def test_information_of_a_random_function_against_fractions(weights, n, random):
    table = {key: random.randrange(3) for key in itertools.combinations_with_replacement(range(len(weights)), n)}
    masses = Counter()
    for sequence, probability in sequences(weights, n):
        masses[table[tuple(sorted(sequence))]] += probability
    expected = entropy_of(masses.values())
    for ordered in (False, True):
        datasets = enumerate_datasets(weights, n, ordered=ordered)
        outputs = np.array([table[tuple(sorted(row))] for row in datasets.indices.tolist()])
        assert datasets.information(outputs) == pytest.approx(expected, abs=1e-14)
        joint = datasets.joint(outputs)
        assert joint.mutual_information() == pytest.approx(expected, abs=1e-14)
        assert joint.maximal_leakage() == pytest.approx(math.log(len(set(outputs.tolist()))), abs=1e-15)
        masks = outputs[:, None] >> np.arange(2) & 1
        assert datasets.information(masks) == pytest.approx(expected, abs=1e-14)
        assert datasets.information(masks.astype(bool)) == pytest.approx(expected, abs=1e-14)


@given(WEIGHTS, st.integers(1, 3), st.integers(1, 4), st.randoms(use_true_random=False))
def test_internal_randomness(weights, n, n_random, random):
    datasets = enumerate_datasets(weights, n)
    chances = [Fraction(random.randint(1, 9)) for _ in range(n_random)]
    chances = [chance / sum(chances) for chance in chances]
    outputs = np.array([[random.randrange(3) for _ in range(datasets.n_datasets)] for _ in chances])
    joint = Counter()
    for seed, chance in enumerate(chances):
        for index, (weight, output) in enumerate(zip(datasets.weights, outputs[seed], strict=True)):
            joint[index, int(output)] += chance * Fraction(int(weight), int(datasets.total))
    data, output = Counter(), Counter()
    for (i, j), p in joint.items():
        data[i] += p
        output[j] += p
    expected = sum(float(p) * math.log(p / (data[i] * output[j])) for (i, j), p in joint.items())
    randomness = [float(chance) for chance in chances]
    information = datasets.joint(outputs, randomness).mutual_information()
    assert information == pytest.approx(expected, abs=1e-13)
    # To know the randomness, which is independent of the data, can only add: I(D; m) <= I(D; m | init).
    given_each = [datasets.information(outputs[seed]) for seed in range(n_random)]
    assert information <= np.dot(randomness, given_each) + 1e-13


def test_a_mask_that_ignores_the_data_has_exactly_no_information():
    datasets = enumerate_datasets([3, 1, 2], 4)
    assert datasets.information(np.ones((datasets.n_datasets, 5), dtype=bool)) == 0.0
    seeds = np.random.default_rng(0).integers(0, 2, (7, 1, 6)).astype(bool)
    random_masks = np.repeat(seeds, datasets.n_datasets, axis=1)
    joint = datasets.joint(random_masks, np.full(7, 1 / 7))
    assert joint.mutual_information() == 0.0
    assert joint.maximal_leakage() == 0.0
    assert joint.sibson_information(2.0) == 0.0


def test_a_one_time_pad_hides_the_data_and_its_key_reveals_them():
    datasets = enumerate_datasets([1, 1], 1)
    outputs = np.array([[0, 1], [1, 0]])
    assert datasets.joint(outputs, [0.5, 0.5]).mutual_information() == 0.0
    assert average_information([datasets.information(row, unit="bits") for row in outputs], unit="bits").value == 1.0


def test_chain_rule_of_mask_and_weights():
    # The mask keeps the more frequent atom's weight (ties: the first), the weight is its count.
    datasets = enumerate_datasets([1, 2], 5)
    counts = np.stack([(datasets.indices == atom).sum(axis=1) for atom in (0, 1)], axis=1)
    mask = counts.argmax(axis=1)
    both = np.stack([mask, counts.max(axis=1)], axis=1)
    labels, n_labels = label_outcomes(both)
    mask_of = np.empty(n_labels, dtype=int)
    mask_of[labels] = mask
    chain = datasets.joint(both).chain_rule(mask_of)
    assert chain.first == pytest.approx(datasets.information(mask), abs=1e-14)
    assert chain.total == pytest.approx(datasets.information(both), abs=1e-14)
    assert chain.first + chain.second == pytest.approx(chain.total, abs=1e-14)
    assert chain.second > 0.5


def test_the_toy_of_appendix_c2_has_the_counted_data_sets():
    datasets = enumerate_datasets(np.ones(16, dtype=int), 6)
    assert datasets.n_datasets == math.comb(21, 6) == 54_264
    assert datasets.total == 16**6
    assert datasets.exact
    distinct = enumerate_datasets(np.ones(16, dtype=int), 6, distinct=np.arange(16) // 2)
    assert distinct.n_datasets == math.comb(8, 6) * 2**6 == 1_792
    # All distinct draws have 6! orders: the conditional distribution is uniform.
    assert (distinct.weights == math.factorial(6)).all()
    assert distinct.entropy() == pytest.approx(math.log(1792), rel=1e-15)


@pytest.mark.parametrize(("weights", "n"), [([1, 1], 3), ([3, 1, 1], 4), ([2, 5], 6), ([1], 4)])
def test_expected_plug_in_against_every_sample(weights, n):
    expected = 0.0
    for sequence, probability in sequences(weights, n):
        counts = Counter(sequence).values()
        expected += float(probability) * entropy_of([Fraction(count, n) for count in counts])
    p = np.array(weights) / sum(weights)
    assert expected_plug_in_entropy(p, n) == pytest.approx(expected, abs=1e-14)
    assert expected_plug_in_entropy(p, n, unit="bits") * math.log(2) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("scratch", [1, 7, 100])
def test_expected_plug_in_does_not_depend_on_the_parts_it_is_summed_in(monkeypatch, scratch):
    p = np.random.default_rng(0).dirichlet(np.ones(40))
    whole = expected_plug_in_entropy(p, 300)
    monkeypatch.setattr(enumeration, "_SCRATCH", scratch)
    monkeypatch.setattr(enumeration, "_KNOWN_TERMS", {})
    assert expected_plug_in_entropy(p, 300) == pytest.approx(whole, rel=1e-14)


def test_expected_plug_in_of_large_samples():
    p = np.full(1000, 1e-3)
    # Second order of the bias: -(K - 1)/(2n) + (1 - sum 1/p)/(12 n^2).
    n = 10**6
    bias = -999 / (2 * n) + (1 - 1000 * 1000) / (12 * n**2)
    assert expected_plug_in_entropy(p, n) - entropy(p) == pytest.approx(bias, rel=1e-5)


def _plug_in_mean(probabilities, n):
    """The expectation, by all counts where there are few, otherwise by the central moments up to the twelfth."""
    total = mpmath.mpf(0)
    for p in (mpmath.mpf(float(q)) for q in probabilities if 0 < q < 1):
        if n <= 400:
            for k in range(1, n + 1):
                chance = mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k)
                total -= chance * k / n * mpmath.log(mpmath.mpf(k) / n)
            continue
        # mu_(j+1) = p (1 - p) (d mu_j / dp + n j mu_(j-1)), as polynomials in p.
        moments = [[mpmath.mpf(1)], [mpmath.mpf(0)]]
        for j in range(1, 12):
            slope = [i * c for i, c in enumerate(moments[j])][1:] or [mpmath.mpf(0)]
            inner = itertools.zip_longest(slope, [n * j * c for c in moments[j - 1]], fillvalue=0)
            inner = [0, *map(sum, inner), 0]
            moments.append([inner[i] - (inner[i - 1] if i else 0) for i in range(len(inner))])
        divergence = mpmath.fsum(
            (-1) ** j * mpmath.polyval(moments[j][::-1], p) / (n * p) ** j / (j * (j - 1)) for j in range(2, 13)
        )
        total += -p * mpmath.log(p) - p * divergence
    return total


@pytest.mark.parametrize("n", [1, 2, 7, 300, 5 * 10**5, 2 * 10**6, 10**9, 10**14, 10**15, 10**18, 2**63, 2**1000])
@pytest.mark.parametrize("p", [[0.5, 0.5], [0.25, 0.75], [0.1, 0.2, 0.7]])
def test_expected_plug_in_of_samples_of_any_size(p, n):
    found = expected_plug_in_entropy(p, n)
    with mpmath.workdps(60):
        reference = _plug_in_mean(p, n)
        assert abs(found - reference) <= 1e-14 * reference
    assert found <= entropy(p)
    if n == 1:
        assert found == 0


@pytest.mark.parametrize(
    ("p", "n"),
    [([1 - 1e-12, 1e-12], 2), ([1.0, 1e-17], 100), ([1.0, 1e-300], 3), ([0.5, 0.5, 1e-200], 50), ([0.999, 0.001], 300)],
)
def test_expected_plug_in_of_rare_classes_keeps_its_digits(p, n):
    with mpmath.workdps(400):
        assert expected_plug_in_entropy(p, n) == pytest.approx(float(_plug_in_mean(p, n)), rel=1e-13)


def test_expected_plug_in_joins_its_expansion():
    # Where the sum over the counts gives way to the expansion, at n p (1 - p) = 1e5.
    p = [0.25, 0.75]
    around = [expected_plug_in_entropy(p, round(1e5 / 0.1875) + step) for step in (-1, 0, 1)]
    steps = np.diff(around)
    assert steps == pytest.approx([1 / (2 * (1e5 / 0.1875) ** 2)] * 2, rel=1e-3)


@pytest.mark.parametrize("width", [1, 5, 20, 64, 70])
@given(st.data())
def test_labels_of_masks_of_every_width(width, data):
    rows = data.draw(st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=8))
    # Masks that differ in the last weight only.
    rows += [[False] * width, [False] * (width - 1) + [True]]
    masks = np.array(rows)
    labels, n_labels = label_outcomes(masks)
    assert n_labels == len({tuple(row) for row in rows}) == len(set(labels.tolist()))
    for i, j in itertools.combinations(range(len(rows)), 2):
        assert (labels[i] == labels[j]) == (rows[i] == rows[j])


def test_exactness_is_claimed_up_to_the_integers_that_doubles_hold():
    assert enumerate_datasets([10**5, 1], 3).exact
    assert not enumerate_datasets([10**6, 1], 3).exact
    assert not enumerate_datasets([0.5, 1], 3).exact


def test_float_weights_are_summed_with_compensation():
    datasets = enumerate_datasets([0.1, 0.2, 0.7], 5)
    assert not datasets.exact
    assert math.fsum(datasets.probabilities) == pytest.approx(1, abs=1e-15)
    assert datasets.output_probabilities(np.zeros(datasets.n_datasets, dtype=int)).tolist() == [1.0]


@pytest.mark.parametrize("scale", [1e-200, 1e-60, 1e60, 1e200])
def test_weights_may_have_any_unit(scale):
    expected = enumerate_datasets([1, 3, 2], 4)
    datasets = enumerate_datasets([scale, 3 * scale, 2 * scale], 4)
    assert datasets.probabilities == pytest.approx(expected.probabilities, rel=1e-12)
    assert not datasets.exact


def test_more_draws_than_orders_fit_into_a_double():
    # Fair coins: binomial probabilities.
    datasets = enumerate_datasets([1, 1], 2000)
    expected = [float(Fraction(math.comb(2000, k), 2**2000)) for k in (1000, 900, 1200)]
    heads = datasets.indices.sum(axis=1)
    assert [datasets.probabilities[heads == k][0] for k in (1000, 900, 1200)] == pytest.approx(expected, rel=1e-11)
    assert math.fsum(datasets.probabilities) == pytest.approx(1, abs=1e-14)


def test_distinct_values_and_outputs_are_codes_of_any_size():
    datasets = enumerate_datasets([1, 1, 1], 2, distinct=[2**62, -(2**63), 2**62])
    assert datasets.n_datasets == 2
    assert datasets.joint([2**63, 5]).mutual_information() == math.log(2)
    assert datasets.information([2**63, 5]) == math.log(2)


def test_results_with_arrays_are_shown_by_shape_and_compared_as_objects():
    datasets = enumerate_datasets(np.ones(16), 6)
    assert repr(datasets).startswith("EnumeratedDatasets(indices=<int64 array, shape (54264, 6)>")
    average = average_information(np.arange(10.0))
    assert "<float64 array, shape (10,)>" in repr(average)
    assert average != average_information(np.arange(10.0))
    assert len({average, datasets}) == 2


def test_average_over_initialisations():
    average = average_information([1.0, 2.0, 6.0])
    assert average.value == 3.0
    assert average.standard_error == pytest.approx(math.sqrt(7 / 3))
    assert math.isnan(average_information([1.0]).standard_error)
    large = average_information([1e308, 2e307])
    assert (large.value, large.standard_error) == (6e307, pytest.approx(4e307))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: enumerate_datasets([1, 0], 2), ValueError, "atom_weights must be > 0"),
        (lambda: enumerate_datasets([1, math.nan], 2), ValueError, "atom_weights must be finite"),
        (lambda: enumerate_datasets([], 2), ValueError, "atom_weights must not be empty"),
        (lambda: enumerate_datasets([1, 1], 0), ValueError, "n must be >= 1, got 0"),
        (
            lambda: enumerate_datasets(np.ones(16), 40),
            ValueError,
            r"^n and atom_weights must give at most 5000000 .*limit",
        ),
        (
            lambda: enumerate_datasets(np.ones(1000, int), 1000),
            ValueError,
            r"^n and atom_weights must give at most 5000000 data sets, got about 10\^600\.0: n = 1000 draws from 1000",
        ),
        (
            lambda: enumerate_datasets(np.ones(1000), 10**30),
            ValueError,
            r"^n and atom_weights must give .* got more: n = ",
        ),
        (
            lambda: enumerate_datasets(np.ones(9), 10**9, ordered=True),
            ValueError,
            "^n and atom_weights must give at most",
        ),
        (
            lambda: enumerate_datasets([1.0], 10**12),
            ValueError,
            "^n must list at most 536870912 draws, got 1 data sets",
        ),
        (lambda: enumerate_datasets([1, 1], 2, ordered="no"), TypeError, "ordered must be True or False"),
        (
            lambda: expected_plug_in_entropy([0.5, 0.5], 2**1001),
            ValueError,
            r"^n must be at most 2\^1000, got <integer",
        ),
        (lambda: enumerate_datasets([1, 1], 3, distinct=[0, 1]), ValueError, "no data set of n = 3"),
        (lambda: enumerate_datasets([1, 1], 1, distinct=[0]), ValueError, "distinct must be integers of shape"),
        (lambda: enumerate_datasets([1, 1], 1).information([0, 1, 1]), ValueError, r"outputs must have shape \(2,\)"),
        (lambda: enumerate_datasets([1, 1], 1).information([0.5, 1]), TypeError, "integers or booleans"),
        (lambda: enumerate_datasets([1, 1], 1).joint([[0, 1]], [0.4]), ValueError, "randomness must sum to 1"),
        (lambda: enumerate_datasets([1, 1], 1).joint([[0, 1]], [0.5, 0.5]), ValueError, "with this randomness"),
        (lambda: expected_plug_in_entropy([0.5, 0.5], 0), ValueError, "n must be >= 1"),
        (lambda: average_information([]), ValueError, "per_initialisation must not be empty"),
        (lambda: average_information([1.0, -0.5]), ValueError, r"^per_initialisation must be >= 0, got -0\.5"),
        (lambda: average_information([1.0], unit="bans"), ValueError, "^unit must be one of"),
    ],
)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_expected_plug_in_entropy_does_not_depend_on_what_was_computed_before(monkeypatch):
    rng = np.random.default_rng(7)
    distributions = [rng.dirichlet(np.ones(size)) for size in (1, 2, 5, 40, 40, 300)]
    distributions += [np.array([3, 3, 2, 1]) / 9, np.array([0.75, 0.25]), np.array([2, 3, 4]) / 9]
    alone = []
    for p in distributions:
        for n in (1, 7, 1000, 32_000):
            monkeypatch.setattr(enumeration, "_KNOWN_TERMS", {})
            alone.append(expected_plug_in_entropy(p, n))
    for limit in (100_000, 50, 0):
        monkeypatch.setattr(enumeration, "_KNOWN_TERMS", {})
        monkeypatch.setattr(enumeration, "_TERMS_KNOWN", limit)
        for _ in range(2):
            assert [expected_plug_in_entropy(p, n) for p in distributions for n in (1, 7, 1000, 32_000)] == alone
    for n in range(1, 20):
        expected_plug_in_entropy(distributions[3], n)
    assert len(enumeration._KNOWN_TERMS) <= enumeration._SIZES_KNOWN
