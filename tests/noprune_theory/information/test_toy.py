"""The toy of Appendix C.2: exact values, the ceilings they obey, and what sampling does to them."""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from noprune_theory.information import (
    entropy,
    estimate_entropy,
    toy_curve,
    toy_datasets,
    toy_information,
    toy_mask_probabilities,
)
from noprune_theory.models import MLP
from noprune_theory.pruning.enumerated import enumerated_masks
from noprune_theory.solvers.training import GradientDescent, Training
from noprune_theory.tasks import cube_atoms

TRAINING = Training(epochs=100, optimizer=GradientDescent(0.1))


@pytest.fixture(scope="module")
def network():
    return MLP.draw(np.random.default_rng(0), (3, 4, 1), prune_biases=True)


@pytest.fixture(scope="module")
def snip(network):
    return toy_information(network, "snip", kept=[18, 10, 1])


@pytest.mark.parametrize("method", ["random", "synflow", "magnitude_initial"])
def test_methods_that_ignore_the_data_know_exactly_nothing(network, method):
    result = toy_information(network, method)
    assert result.kept.tolist() == list(range(20, 0, -1))
    assert (result.information == 0.0).all()
    assert (result.maximal_leakage == 0.0).all()
    assert all((values == 0.0).all() for values in result.plug_in.values())


def test_information_is_the_entropy_summed_with_fractions(network, snip):
    datasets = toy_datasets()
    masks = enumerated_masks("snip", network, datasets.indices, *cube_atoms(3), keeps=[10])
    masses = Counter()
    for code, row in zip(masks.codes[:, 0].tolist(), datasets.indices.tolist(), strict=True):
        orders = math.factorial(6) // math.prod(math.factorial(c) for c in Counter(row).values())
        masses[code] += Fraction(orders, 16**6)
    assert sum(masses.values()) == 1
    expected = -sum(float(p) * math.log2(p) for p in masses.values())
    assert snip.information[1] == pytest.approx(expected, rel=1e-13)
    assert snip.maximal_leakage[1] == pytest.approx(math.log2(len(masses)), rel=1e-14)
    assert sorted(toy_mask_probabilities(network, "snip", 10)) == [float(p) for p in sorted(masses.values())]


def test_ceilings(snip):
    assert snip.data_entropy == pytest.approx(15.414, abs=1e-3)
    for kept, information, leakage in zip(snip.kept, snip.information, snip.maximal_leakage, strict=True):
        assert 0 < information <= leakage <= math.log2(math.comb(21, kept)) + 1e-12
        assert information <= snip.data_entropy


def test_expected_plug_in_is_the_mean_over_sampled_data_sets(network, snip):
    p = toy_mask_probabilities(network, "snip", 10)
    rng = np.random.default_rng(1)
    samples = rng.multinomial(1000, p, size=200)
    values = [
        estimate_entropy(counts, method="plug_in", minimum_coverage=1e-9, unit="bits").value for counts in samples
    ]
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    assert abs(np.mean(values) - snip.plug_in[1000][1]) < 4 * error


def test_what_sampling_did_to_figure_4(network):
    result = toy_information(network, "magnitude_after", kept=[10], training=TRAINING)
    exact, few, many = result.information[0], result.plug_in[1000][0], result.plug_in[32000][0]
    # The plug-in from 1,000 data sets is not what it is from 32,000, and neither is the exact value.
    assert few < many < exact
    assert many - few > 0.5
    assert exact - few > 0.5
    assert result.n_diverged == 0
    assert result.n_datasets == 54_264


def test_trained_methods_on_distinct_inputs(network):
    for method in ("magnitude_after", "iterative_magnitude"):
        result = toy_information(network, method, kept=[15, 8, 2], training=TRAINING, distinct_inputs=True)
        assert result.n_datasets == 1792
        assert (result.information > 1).all()
        assert (result.information < math.log2(1792)).all()


def test_curves_average_over_initialisations():
    def curve(seed):
        return toy_curve(
            "grasp", width=3, n_init=2, rng=np.random.default_rng(seed), loss="binary_cross_entropy", kept=[12, 4]
        )

    first = curve(3)
    assert first.pruned.tolist() == [4, 12]
    assert first.per_initialisation.shape == (2, 2)
    assert first.information == pytest.approx(first.per_initialisation.mean(axis=0))
    assert first.standard_error == pytest.approx(first.per_initialisation.std(axis=0, ddof=1) / math.sqrt(2))
    assert (first.per_initialisation == curve(3).per_initialisation).all()
    single = toy_curve("synflow", width=3, n_init=1, rng=np.random.default_rng(0))
    assert np.isnan(single.standard_error).all()
    # 9 + 3 weights and 3 + 1 biases: the network of the classification panel has 16 parameters.
    assert single.pruned.tolist() == list(range(1, 16))


def test_one_kept_weight_of_21_is_at_most_their_logarithm(network, snip):
    assert snip.information[2] <= math.log2(21)
    assert entropy(toy_mask_probabilities(network, "snip", 1), unit="bits") == pytest.approx(snip.information[2])


def test_bad_arguments_are_refused(network):
    with pytest.raises(ValueError, match="method must be one of"):
        toy_information(network, "dense")
    with pytest.raises(ValueError, match="network must have 3 inputs, got 2"):
        toy_information(MLP.draw(np.random.default_rng(0), (2, 4, 1)), "snip")
    with pytest.raises(ValueError, match="needs a training"):
        toy_information(network, "magnitude_after")
    with pytest.raises(ValueError, match=r"^sample_sizes\[0\] must be >= 1, got 0"):
        toy_information(network, "snip", sample_sizes=[0])
    with pytest.raises(TypeError, match=r"^kept must be a Iterable, got 5"):
        toy_information(network, "snip", kept=5)
    with pytest.raises(TypeError, match=r"^kept\[1\] must be an integer, got 2.5"):
        toy_information(network, "snip", kept=[3, 2.5])
    with pytest.raises(ValueError, match=r"^kept must not be empty"):
        toy_information(network, "snip", kept=[])
    with pytest.raises(TypeError, match=r"^sample_sizes must be a Iterable, got 5"):
        toy_information(network, "snip", sample_sizes=5)
    with pytest.raises(ValueError, match=r"^sample_sizes must be at most 2\^1000, got <integer of 1002 bits>"):
        toy_information(network, "snip", sample_sizes=[2, 2**1001])
    with pytest.raises(TypeError, match=r"^sample_sizes must be a sequence of integers, got b'x'"):
        toy_information(network, "snip", sample_sizes=b"x")
    with pytest.raises(TypeError, match=r"^network must be a MLP"):
        toy_information("network", "snip")
    # Also where the method does not train.
    with pytest.raises(TypeError, match=r"^training must be a Training, got 'long'"):
        toy_information(network, "snip", training="long")
    with pytest.raises(ValueError, match=r"^workers must be >= 1, got 0"):
        toy_information(network, "snip", workers=0)
    with pytest.raises(ValueError, match=r"^kept must be in \[0, 21\], got 22"):
        toy_mask_probabilities(network, "snip", 22)
    with pytest.raises(ValueError, match=r"^width must be in \[1, 12\], got 13"):
        toy_curve("snip", width=13, n_init=1, rng=0)
    with pytest.raises(TypeError, match=r"^distinct_inputs must be True or False, got 'no'"):
        toy_datasets(distinct_inputs="no")
    with pytest.raises(TypeError, match=r"^n must be an integer, got \[\]"):
        toy_datasets(n=[])
    with pytest.raises(ValueError, match="n_init must be >= 1"):
        toy_curve("snip", width=4, n_init=0, rng=np.random.default_rng(0))
