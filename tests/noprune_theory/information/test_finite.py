"""Exact information in finite models, against closed forms and against sums with fractions and 40 digits."""

import itertools
import math
from fractions import Fraction

import information_oracles as oracles
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array

from noprune_theory.information import InformationSpectrum, JointDistribution, entropy

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


@st.composite
def extreme_tables(draw, decades, max_side=4):
    """Tables whose cells are spread over `decades` powers of ten, down to the smallest doubles; zeros are frequent."""
    shape = draw(st.integers(1, max_side)), draw(st.integers(1, max_side))
    power = st.one_of(st.floats(0, 3), st.floats(0, decades), st.just(float(decades)))
    small = st.builds(lambda digit, tens: digit * 10.0**-tens, st.sampled_from([1, 3, 7]), power)
    tiniest = st.integers(1, 9).map(lambda steps: steps * 5e-324) if decades > 300 else small
    cell = st.one_of(st.just(0.0), small, small, tiniest)
    table = np.array(draw(st.lists(cell, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])))
    table[draw(st.integers(0, table.size - 1))] = 1.0
    # Cells below one half of an ulp are beside a total of one.
    return (table / table.sum()).reshape(shape)


EXTREME_ORDERS = [0.0, 1e-300, 1e-17, 1e-5, 0.25, 0.5, 0.999, 1 - 1e-14, 1.0, 1 + 1e-14, 1.001, 2.0, 100.0, 1e10, 1e300]


@given(st.sampled_from([15, 150, 320]).flatmap(extreme_tables), st.sampled_from([*EXTREME_ORDERS, math.inf]), st.data())
def test_every_measure_of_tables_down_to_the_smallest_doubles(table, order, data):
    joint = JointDistribution(table)
    with oracles.digits(900):
        exact = oracles.exact_table(table)
        rows, columns = oracles.margins(exact)
        expected = {
            "sibson": (joint.sibson_information(order), oracles.sibson(exact, order)),
            "information": (joint.mutual_information(), oracles.information(exact)),
            "transposed": (joint.transpose().mutual_information(), oracles.information(exact)),
            "leakage": (joint.maximal_leakage(), oracles.sibson(exact, math.inf)),
            "conditional": (joint.conditional_entropy(), oracles.conditional_entropy(exact)),
            "data": (joint.data_entropy(), oracles.shannon(rows)),
            "output": (joint.output_entropy(), oracles.shannon(columns)),
            "pair": (joint.entropy(), oracles.shannon([c for row in exact for c in row])),
        }
        if 1 <= order <= 100 or order == math.inf:
            sizes = data.draw(
                st.lists(st.sampled_from([0.0, 0.5, 700.0]), min_size=len(columns), max_size=len(columns))
            )
            expected["refined"] = joint.refined_sibson_bound(order, sizes), oracles.sibson(exact, order, sizes)
        density = joint.information_density()
        for i, j in np.argwhere(table > 0):
            reference = mpmath.log(exact[i][j] / (rows[i] * columns[j]))
            expected[f"density {i} {j}"] = density[i, j] + 1000, reference + 1000
        # Relatively, while the quantity itself is a normal double and no product of such with an order leaves them.
        for name, (found, reference) in expected.items():
            scale = max(abs(reference), mpmath.mpf(2) ** -960)
            assert abs(found - reference) <= 1e-12 * scale, name


def test_information_beside_a_pair_that_almost_never_occurs():
    joint = JointDistribution([[0.5, 0.25, 0], [0.125, 0.125, 0], [0, 0, 1e-170]])
    assert joint.mutual_information() == pytest.approx(0.0108908168, rel=1e-8)
    assert joint.maximal_leakage() == pytest.approx(0.7731898882, rel=1e-9)
    assert joint.sibson_information(2) == pytest.approx(0.0219474902, rel=1e-8)
    assert joint.sibson_information(0.5) == pytest.approx(0.0054151758, rel=1e-8)


def test_a_nearly_certain_output_leaks_what_the_others_hold():
    # Output 1 is certain up to 5.6e-41, and row 1 gives it even more surely: the ratio differs from 1 by that much.
    table = np.array([[5.621068788059745e-41, 1.0], [3e-320, 3.9e-190]])
    assert JointDistribution(table).maximal_leakage() == pytest.approx(5.621068788059745e-41, rel=1e-12)


@pytest.mark.parametrize("outputs", [[2**40, 3, 2**40], np.array([2**64 - 1, 0, 2**64 - 1], dtype=np.uint64)])
def test_codes_of_outputs_may_have_any_size(outputs):
    joint = JointDistribution.from_function([0.25, 0.25, 0.5], outputs)
    assert joint.shape == (3, 2)
    assert joint.output_probabilities.tolist() == [0.25, 0.75]
    assert joint.mutual_information() == entropy([0.25, 0.75])
    coarse = JointDistribution(np.full((2, 3), 1 / 6)).coarsen([2**50, 5, 2**50])
    assert coarse.output_probabilities == pytest.approx([1 / 3, 2 / 3], rel=1e-15)


def test_a_sparse_table_costs_what_it_holds():
    cells, places = [0.25, 0.25, 0.5], ([0, 2**39, 2**39], [2**39, 5, 2**39])
    joint = JointDistribution(coo_array((cells, places), shape=(2**40, 2**40)))
    small = JointDistribution([[0.0, 0.25], [0.25, 0.5]])
    for order in ORDERS:
        assert joint.sibson_information(order) == small.sibson_information(order)
    assert joint.conditional_entropy() == small.conditional_entropy()
    assert joint.transpose().mutual_information() == small.transpose().mutual_information()


def test_results_are_compared_as_objects_and_shown_by_shape():
    spectrum = JointDistribution(
        np.full((5, 5), 0.04) + np.diag([0.01, -0.01, 0.005, -0.005, 0.0])
    ).information_spectrum()
    assert isinstance(spectrum, InformationSpectrum)
    assert spectrum == spectrum
    assert spectrum != JointDistribution([[1.0]]).information_spectrum()
    assert len({spectrum, spectrum}) == 1
    assert "shape (" in repr(spectrum)
    assert len(repr(spectrum)) < 200
    with pytest.raises(ValueError, match=r"^threshold must be a number, got nan"):
        spectrum.tail(math.nan)


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ([[0.5, math.nan]], ValueError, "probabilities must be finite"),
        ([[0.5, math.inf]], ValueError, "probabilities must be finite"),
        ([[1.5, -0.5]], ValueError, "probabilities must be >= 0, got -0.5"),
        ([[0.5, 0.4]], ValueError, "sum to 1"),
        ([[1e308, 1e308]], ValueError, "sum to 1 within 1e-12, got an entry of 1e"),
        (np.ma.masked_less([[1.0, -1.0]], 0), TypeError, "probabilities must not be a masked array"),
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
    for threshold in ("2", True, np.timedelta64(2), [1.0], None):
        with pytest.raises(TypeError, match=r"^threshold must be a real number"):
            joint.information_spectrum().tail(threshold)
    with pytest.raises(ValueError, match=r"^threshold must be a double or infinite, got <integer of 1329 bits>"):
        joint.information_spectrum().tail(10**400)
    assert [joint.information_spectrum().tail(end) for end in (-math.inf, math.inf)] == [1.0, 0.0]
    for order in ("2", True, np.timedelta64(2), 2j):
        with pytest.raises(TypeError, match="order must be a real number"):
            joint.sibson_information(order)
    assert joint.sibson_information(Fraction(3, 2)) == joint.sibson_information(1.5)
    with pytest.raises(ValueError, match="unit must be one of"):
        joint.mutual_information(unit="bans")
    with pytest.raises(ValueError, match=r"labels must have shape \(2,\)"):
        joint.coarsen([0, 1, 2])
    with pytest.raises(TypeError, match="labels must be an array of integers"):
        joint.coarsen([0.0, 1.0])
    with pytest.raises(ValueError, match="labels must be >= 0"):
        joint.chain_rule([-1, 0])
    with pytest.raises(ValueError, match=r"outputs must fit into 64 bits, at most 2\^64 - 1, got 18446744073709551616"):
        JointDistribution.from_function([0.5, 0.5], [2**64, 1])
    with pytest.raises(ValueError, match=r"^data_probabilities must sum to 1"):
        JointDistribution.from_function([0.5, 0.6], [0, 1])
    with pytest.raises(ValueError, match=r"^data_probabilities must sum to 1"):
        JointDistribution.from_channel([0.5, 0.6], [[1.0], [1.0]])
    with pytest.raises(ValueError, match="order must be a double or infinite"):
        joint.sibson_information(10**400)
    with pytest.raises(ValueError, match=r"log_counts must be >= 0 of shape \(2,\), got <float64 array, shape \(9,\)>"):
        joint.refined_sibson_bound(2.0, np.zeros(9))
    with pytest.raises(ValueError, match="channel must have 2 rows"):
        JointDistribution.from_channel([0.5, 0.5], [[1.0]])
    with pytest.raises(ValueError, match=r"channel\[1\] must sum to 1"):
        JointDistribution.from_channel([0.5, 0.5], [[1.0], [0.5]])
    with pytest.raises(ValueError, match="sum to 1"):
        entropy([0.5, 0.6])
