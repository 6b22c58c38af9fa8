"""Exact information in finite models, against closed forms and against sums with fractions and 40 digits."""

import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array

from noprune_theory.information import JointDistribution, entropy

ORDERS = [0.0, 0.25, 0.5, 0.999, 1.0, 1.001, 2.0, 7.5, 100.0, 1e4, math.inf]


@st.composite
def integer_tables(draw, max_side=5):
    """Tables of integer weights, so that the distribution is known as fractions; zeros are frequent."""
    n_data = draw(st.integers(1, max_side))
    n_output = draw(st.integers(1, max_side))
    cell = st.one_of(st.just(0), st.integers(1, 3), st.integers(1, 10**6))
    table = draw(st.lists(cell, min_size=n_data * n_output, max_size=n_data * n_output).filter(any))
    return np.array(table, dtype=object).reshape(n_data, n_output)


def as_joint(table):
    return JointDistribution(np.array(table / table.sum(), dtype=float))


def oracle(table, order=1):
    """Sibson's information in nats by plain summation: rationals for probabilities, 40 digits for logarithms."""
    total = int(table.sum())
    p = [[Fraction(int(c), total) for c in row] for row in table]
    rows = [sum(row) for row in p]
    columns = [sum(column) for column in zip(*p, strict=True)]
    with mpmath.workdps(40):

        def number(q):
            return mpmath.mpf(q.numerator) / q.denominator

        cells = [(i, j) for i in range(len(p)) for j in range(len(p[0])) if p[i][j]]
        if order == 1:
            return float(sum(number(p[i][j]) * mpmath.log(number(p[i][j] / (rows[i] * columns[j]))) for i, j in cells))
        if order == math.inf:
            best = [max((p[i][j] / rows[i] for i in range(len(p)) if rows[i]), default=0) for j in range(len(columns))]
            return float(mpmath.log(number(sum(best))))
        if order == 0:
            reach = [sum(rows[i] for i in range(len(p)) if p[i][j]) for j in range(len(columns))]
            return float(-mpmath.log(number(max(reach))))
        alpha = mpmath.mpf(order)
        outer = mpmath.mpf(0)
        for j in range(len(columns)):
            inner = sum(number(rows[i]) * number(p[i][j] / rows[i]) ** alpha for i, jj in cells if jj == j)
            outer += inner ** (1 / alpha) if inner else 0
        return float(alpha / (alpha - 1) * mpmath.log(outer))


def binary_entropy_bits(q):
    return -q * math.log2(q) - (1 - q) * math.log2(1 - q)


def test_entropy_closed_forms():
    assert entropy([1.0]) == 0.0
    assert entropy([0.0, 1.0, 0.0]) == 0.0
    assert entropy(np.full(8, 0.125), unit="bits") == 3.0
    assert entropy([0.5, 0.5]) == math.log(2)
    assert entropy([0.11, 0.89], unit="bits") == pytest.approx(binary_entropy_bits(0.11), rel=1e-15)


def test_entropy_of_an_almost_certain_variable_keeps_its_relative_accuracy():
    for rare in (2.0**-20, 1e-10, 1e-17):
        with mpmath.workdps(40):
            expected = float(-mpmath.mpf(rare) * mpmath.log(rare) - (1 - mpmath.mpf(rare)) * mpmath.log1p(-rare))
        # 1 - 1e-17 is stored as 1.0: the certainty that is missing is known from the other entry alone.
        assert entropy([1 - rare, rare]) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("flip", [0.0, 0.01, 0.11, 0.5, 0.9])
def test_binary_symmetric_channel(flip):
    joint = JointDistribution.from_channel([0.5, 0.5], [[1 - flip, flip], [flip, 1 - flip]])
    noise = 0.0 if flip in (0.0, 1.0) else binary_entropy_bits(flip)
    assert joint.mutual_information(unit="bits") == pytest.approx(1 - noise, abs=1e-15)
    assert joint.conditional_entropy(unit="bits") == pytest.approx(noise, abs=1e-15)
    assert joint.maximal_leakage(unit="bits") == pytest.approx(math.log2(2 * max(flip, 1 - flip)), abs=1e-15)


@pytest.mark.parametrize("erased", [0.0, 0.25, 1.0])
def test_binary_erasure_channel(erased):
    kept = 1 - erased
    joint = JointDistribution.from_channel([0.3, 0.7], [[kept, 0, erased], [0, kept, erased]])
    assert joint.mutual_information(unit="bits") == pytest.approx(kept * binary_entropy_bits(0.3), abs=1e-15)


def test_exclusive_or_hides_each_bit_and_shows_both():
    # D is one fair bit, the output is the pair (key, D xor key): the key tells nothing, the pair everything.
    pairs = {(key, data ^ key): index for index, (key, data) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)])}
    table = np.zeros((2, 4))
    for data in (0, 1):
        for key in (0, 1):
            table[data, pairs[key, data ^ key]] = 0.25
    joint = JointDistribution(table)
    for part in (0, 1):
        labels = [pair[part] for pair in sorted(pairs, key=pairs.get)]
        chain = joint.chain_rule(labels, unit="bits")
        assert (chain.total, chain.first, chain.second) == (1.0, 0.0, 1.0)


@given(integer_tables(), st.sampled_from(ORDERS))
def test_sibson_information_against_fractions(table, order):
    assert as_joint(table).sibson_information(order) == pytest.approx(oracle(table, order), rel=1e-11, abs=2e-14)


@given(integer_tables())
def test_entropies_and_mutual_information_fit_together(table):
    joint = as_joint(table)
    information = joint.mutual_information()
    assert information >= 0
    assert information == pytest.approx(oracle(table), rel=1e-12, abs=1e-15)
    assert joint.transpose().mutual_information() == pytest.approx(information, rel=1e-12, abs=1e-15)
    assert joint.output_entropy() - joint.conditional_entropy() == pytest.approx(information, abs=1e-14)
    assert joint.data_entropy() + joint.output_entropy() - joint.entropy() == pytest.approx(information, abs=1e-14)
    assert information <= min(joint.data_entropy(), joint.output_entropy()) + 1e-14


@given(integer_tables())
def test_information_of_counts_agrees_with_scikit_learn(table):
    from sklearn.metrics import mutual_info_score

    counts = table.astype(np.int64)
    expected = mutual_info_score(None, None, contingency=counts)
    assert as_joint(table).mutual_information() == pytest.approx(expected, abs=1e-12)


@given(integer_tables())
def test_sibson_information_increases_with_the_order(table):
    values = [as_joint(table).sibson_information(order) for order in ORDERS]
    assert all(low <= high + 1e-13 for low, high in itertools.pairwise(values))


@given(integer_tables(), st.data())
def test_data_processing_and_chain_rule(table, data):
    joint = as_joint(table)
    labels = data.draw(st.lists(st.integers(0, 2), min_size=joint.shape[1], max_size=joint.shape[1]))
    coarse = joint.coarsen(labels)
    for order in ORDERS:
        assert coarse.sibson_information(order) <= joint.sibson_information(order) + 1e-13
    chain = joint.chain_rule(labels)
    assert chain.first + chain.second == pytest.approx(chain.total, abs=1e-14)
    assert min(chain.first, chain.second) >= 0


@given(
    st.lists(st.floats(1e-6, 1), min_size=1, max_size=6),
    st.lists(st.floats(1e-6, 1), min_size=1, max_size=6),
    st.sampled_from(ORDERS),
)
def test_independence_gives_exactly_zero(data, output, order):
    product = np.outer(data, output)
    joint = JointDistribution(product / product.sum())
    assert joint.sibson_information(order) == 0.0


@given(integer_tables(max_side=4), integer_tables(max_side=3))
def test_information_of_independent_pairs_adds(first, second):
    joint = as_joint(np.kron(first, second))
    for order in ORDERS:
        total = as_joint(first).sibson_information(order) + as_joint(second).sibson_information(order)
        assert joint.sibson_information(order) == pytest.approx(total, abs=1e-12)


def test_a_weak_dependence_keeps_its_relative_accuracy():
    # I = (1/2)[(1 + e) log(1 + e) + (1 - e) log(1 - e)] = e^2/2 + e^4/12 + ...: far below what p log p sums resolve.
    tilt = 2.0**-30
    joint = JointDistribution([[(1 + tilt) / 4, (1 - tilt) / 4], [(1 - tilt) / 4, (1 + tilt) / 4]])
    assert joint.mutual_information() == pytest.approx(tilt**2 / 2, rel=1e-9)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.sampled_from([0.5, 2.0, 3.0]))
def test_a_learner_without_randomness(outputs, order):
    joint = JointDistribution.from_function(np.full(len(outputs), 1 / len(outputs)), outputs)
    masses = joint.output_probabilities
    positive = masses[masses > 0]
    assert joint.mutual_information() == joint.output_entropy()
    assert joint.conditional_entropy() == 0.0
    assert joint.maximal_leakage() == math.log(positive.size)
    # Sibson's information of order alpha of a function is its Renyi entropy of order 1/alpha.
    renyi = math.log((positive ** (1 / order)).sum()) / (1 - 1 / order)
    assert joint.sibson_information(order) == pytest.approx(renyi, abs=1e-13)


@given(integer_tables())
def test_sparse_and_dense_tables_are_the_same_model(table):
    dense = as_joint(table)
    row, column = np.indices(dense.shape)
    # Each cell is listed twice, half its mass each time.
    halves = np.concatenate([dense.probabilities.ravel() / 2] * 2)
    sparse = JointDistribution(coo_array((halves, (np.tile(row.ravel(), 2), np.tile(column.ravel(), 2))), dense.shape))
    for order in ORDERS:
        assert sparse.sibson_information(order) == dense.sibson_information(order)


def test_a_large_sparse_table_stays_sparse():
    size = 60_000
    outputs = np.arange(size) // 2
    probabilities = np.full(size, 1 / size)
    joint = JointDistribution.from_function(probabilities, outputs)
    assert joint.mutual_information() == pytest.approx(math.log(size / 2), rel=1e-14)
    noisy = JointDistribution(
        coo_array((np.tile(probabilities / 2, 2), (np.tile(np.arange(size), 2), np.r_[outputs, outputs + size // 2])))
    )
    assert noisy.mutual_information() == pytest.approx(math.log(size / 2), rel=1e-14)


@given(integer_tables())
def test_information_spectrum(table):
    joint = as_joint(table)
    spectrum = joint.information_spectrum(unit="bits")
    assert (np.diff(spectrum.values) > 0).all()
    assert math.fsum(spectrum.probabilities) == pytest.approx(1, abs=1e-15)
    assert spectrum.mean() == pytest.approx(joint.mutual_information(unit="bits"), abs=1e-14)
    assert spectrum.tail(spectrum.values[-1]) == 0.0
    assert spectrum.tail(-math.inf) == pytest.approx(1, abs=1e-15)
    density = joint.information_density(unit="bits")
    seen = np.array(table > 0, dtype=bool)
    assert np.isneginf(density[~seen]).all()
    # E[2^-i] is the product probability of the cells that occur: a change of measure.
    mass = (joint.probabilities[seen] * 2 ** -density[seen]).sum()
    product = np.outer(joint.data_probabilities, joint.output_probabilities)
    assert mass == pytest.approx(product[seen].sum(), abs=1e-12)


def test_density_of_an_extremely_unlikely_pair():
    joint = JointDistribution([[0.5, 1e-25], [1e-25, 0.5]])
    assert joint.information_density()[0, 1] == pytest.approx(math.log(4e-25), rel=1e-14)


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ([[0.5, math.nan]], ValueError, "probabilities must be finite"),
        ([[0.5, math.inf]], ValueError, "probabilities must be finite"),
        ([[1.5, -0.5]], ValueError, "probabilities must be >= 0, got -0.5"),
        ([[0.5, 0.4]], ValueError, "sum to 1"),
        ([0.5, 0.5], ValueError, "dimension"),
        (np.zeros((0, 2)), ValueError, "empty"),
        ([["a", "b"]], TypeError, "real numbers"),
    ],
)
def test_bad_tables_are_refused(table, error, message):
    with pytest.raises(error, match=message):
        JointDistribution(table)


def test_bad_arguments_are_refused():
    joint = JointDistribution([[0.5, 0.0], [0.0, 0.5]])
    with pytest.raises(ValueError, match="order must be in"):
        joint.sibson_information(-1)
    with pytest.raises(ValueError, match="order must be in"):
        joint.sibson_information(math.nan)
    with pytest.raises(TypeError, match="order must be a real number"):
        joint.sibson_information("2")
    with pytest.raises(ValueError, match="unit must be one of"):
        joint.mutual_information(unit="bans")
    with pytest.raises(ValueError, match=r"labels must have shape \(2,\)"):
        joint.coarsen([0, 1, 2])
    with pytest.raises(TypeError, match="labels must be an array of integers"):
        joint.coarsen([0.0, 1.0])
    with pytest.raises(ValueError, match="labels must be >= 0"):
        joint.chain_rule([-1, 0])
    with pytest.raises(ValueError, match="channel must have 2 rows"):
        JointDistribution.from_channel([0.5, 0.5], [[1.0]])
    with pytest.raises(ValueError, match=r"channel\[1\] must sum to 1"):
        JointDistribution.from_channel([0.5, 0.5], [[1.0], [0.5]])
    with pytest.raises(ValueError, match="sum to 1"):
        entropy([0.5, 0.6])
