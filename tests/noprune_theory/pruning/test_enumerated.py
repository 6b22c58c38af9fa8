"""Enumerated data sets to masks."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest

from noprune_theory.models import MLP
from noprune_theory.pruning import METHODS, enumerated_masks, prune_grasp, unpack_masks
from noprune_theory.pruning.enumerated import ENUMERATED_METHODS
from noprune_theory.solvers import Adam, GradientDescent, Training
from noprune_theory.tasks import cube_atoms

X, Y = cube_atoms(3)
DATA_SETS = np.array(list(itertools.combinations_with_replacement(range(16), 6)))
TRAINING = Training(40, optimizer=GradientDescent(0.2))


@dataclass(frozen=True)
class Data:
    X: np.ndarray
    y: np.ndarray


def test_the_toy_has_54264_multisets():
    assert DATA_SETS.shape == (54264, 6)


@pytest.mark.parametrize("method", ENUMERATED_METHODS)
@pytest.mark.parametrize("prune_biases", [True, False])
def test_agrees_with_the_method_on_each_data_set(method, prune_biases):
    rng = np.random.default_rng(1)
    network = MLP.draw(rng, (3, 4, 1), prune_biases=prune_biases)
    network = network.masked(rng.random(21) < 0.9)
    options = {"training": TRAINING} if method in ("magnitude_after", "iterative_magnitude") else {}
    keeps = [10, 8, 6] if method == "iterative_magnitude" else [0, 3, 11, 6]
    if method == "iterative_magnitude":
        # One step of the schedule: the function prunes to its end in rounds of its own.
        keeps = [int((network.prunable & network.mask).sum() * 0.8 + 1e-9)]
    # SynFlow takes a hundred rounds and looks at no data.
    count = 4 if method == "synflow" else 40
    chosen = DATA_SETS[rng.choice(len(DATA_SETS), count, replace=False)]
    masks = unpack_masks(enumerated_masks(method, network, chosen, X, Y, keeps=keeps, **options).codes, 21)
    assert masks.shape == (count, len(keeps), 21)
    for k, column in itertools.product(range(count), range(len(keeps))):
        data = Data(X[chosen[k]], Y[chosen[k]])
        assert np.array_equal(masks[k, column], METHODS[method](network, data, keep=keeps[column], **options).mask)


@pytest.mark.parametrize("ranking", ["magnitude", "smallest"])
def test_other_rankings_of_grasp(ranking):
    rng = np.random.default_rng(6)
    network = MLP.draw(rng, (3, 4, 1), prune_biases=True)
    chosen = DATA_SETS[rng.choice(len(DATA_SETS), 20, replace=False)]
    result = enumerated_masks("grasp", network, chosen, X, Y, keeps=[9], ranking=ranking)
    for k in range(20):
        expected = prune_grasp(network, Data(X[chosen[k]], Y[chosen[k]]), keep=9, ranking=ranking).mask
        assert np.array_equal(unpack_masks(result.codes[k, 0], network.n_weights), expected)
    assert (result.codes != enumerated_masks("grasp", network, chosen, X, Y, keeps=[9]).codes).any()
    with pytest.raises(ValueError, match="ranking must be one of 'largest', 'magnitude', 'smallest', got 'abs'"):
        enumerated_masks("grasp", network, chosen, X, Y, keeps=[9], ranking="abs")
    with pytest.raises(ValueError, match="ranking must be one of"):
        prune_grasp(network, Data(X, Y), keep=9, ranking=None)


@pytest.mark.parametrize("method", ["snip", "grasp"])
def test_cross_entropy_scores(method):
    rng = np.random.default_rng(2)
    network = MLP.draw(rng, (3, 3, 1), prune_biases=True)
    chosen = DATA_SETS[rng.choice(len(DATA_SETS), 20, replace=False)]
    result = enumerated_masks(method, network, chosen, X, Y, keeps=[7], loss="binary_cross_entropy")
    for k in range(20):
        data = Data(X[chosen[k]], Y[chosen[k]])
        expected = METHODS[method](network, data, keep=7, loss="binary_cross_entropy").mask
        assert np.array_equal(unpack_masks(result.codes[k, 0], network.n_weights), expected)


def test_rows_do_not_depend_on_each_other_or_on_the_workers():
    network = MLP.draw(np.random.default_rng(3), (3, 4, 1), prune_biases=True)
    chosen = DATA_SETS[::601]
    training = Training(30, "binary_cross_entropy", Adam(0.05))
    for method, keeps in (("magnitude_after", [5, 15]), ("iterative_magnitude", [16, 9, 4])):
        together = enumerated_masks(method, network, chosen, X, Y, keeps=keeps, training=training, workers=2)
        backwards = enumerated_masks(method, network, chosen[::-1], X, Y, keeps=keeps, training=training)
        assert np.array_equal(together.codes, backwards.codes[::-1])
        assert not together.diverged.any()
        assert len(np.unique(together.codes[:, 0])) > 1


def test_masks_of_a_multiset_look_at_the_data_only_where_they_should():
    network = MLP.draw(np.random.default_rng(4), (3, 4, 1), prune_biases=True)
    for method in ENUMERATED_METHODS[:4]:
        codes = enumerated_masks(method, network, DATA_SETS[::97], X, Y, keeps=[11]).codes
        assert (len(np.unique(codes)) > 1) == (method in ("snip", "grasp"))


def test_divergence_is_reported():
    network = MLP.draw(np.random.default_rng(5), (3, 4, 1))
    wild = Training(50, optimizer=GradientDescent(1e9))
    result = enumerated_masks("magnitude_after", network, DATA_SETS[:20], X, Y, keeps=[3], training=wild)
    assert result.diverged.any()
    assert np.isfinite(result.trained).all()


def test_codes_that_are_no_masks_are_refused():
    assert unpack_masks(np.array([[0, 5]]), 3).tolist() == [[[False] * 3, [True, False, True]]]
    assert unpack_masks(2**64 - 1, 64).all()
    for codes, n_weights, error, name in [
        ([1], -1, ValueError, "n_weights"),
        ([1], 0, ValueError, "n_weights"),
        ([1], 70, ValueError, r"n_weights must be in \[1, 64\], got 70"),
        ([1], True, TypeError, "n_weights"),
        ([1], 3.0, TypeError, "n_weights"),
        ([1.0], 3, TypeError, "codes must be integers"),
        ([True], 3, TypeError, "codes must be integers"),
        ([-1], 3, ValueError, "codes must be in"),
        ([8], 3, ValueError, r"codes must be in \[0, 2\^3 - 1\]"),
        (np.empty(0, dtype=np.uint64), 3, ValueError, "codes must not be empty"),
    ]:
        with pytest.raises(error, match=name):
            unpack_masks(codes, n_weights)


def test_bad_arguments_are_named():
    network = MLP.draw(np.random.default_rng(0), (3, 4, 1))
    sets = DATA_SETS[:3]
    for call, name in [
        (lambda: enumerated_masks("random", network, sets, X, Y, keeps=[3]), "method"),
        (lambda: enumerated_masks("snip", network, sets, X, Y, keeps=[]), "keeps"),
        (lambda: enumerated_masks("snip", network, sets, X, Y, keeps=[17]), r"keeps\[0\]"),
        (
            lambda: enumerated_masks("snip", network, sets, X, Y, keeps=[3], training=TRAINING),
            "does not take a training",
        ),
        (lambda: enumerated_masks("magnitude_after", network, sets, X, Y, keeps=[3]), "needs a training"),
        (lambda: enumerated_masks("snip", network, sets + 14, X, Y, keeps=[3]), "atoms in"),
        (lambda: enumerated_masks("snip", network, sets[:0], X, Y, keeps=[3]), "data_sets"),
        (lambda: enumerated_masks("snip", network, sets, X * np.nan, Y, keeps=[3]), "atoms_X must be finite"),
        (lambda: enumerated_masks("snip", network, sets, X[:, :2], Y, keeps=[3]), "atoms_X must have 3 columns"),
        (lambda: enumerated_masks("snip", network, sets, X, Y * np.inf, keeps=[3]), "atoms_y must be finite"),
        (lambda: enumerated_masks("snip", network, sets, X, Y[:4], keeps=[3]), "atoms_y must have one entry a row"),
        (
            lambda: enumerated_masks("snip", network, sets, X, 0 * Y, keeps=[3], loss="binary_cross_entropy"),
            "atoms_y must be -1 or",
        ),
        (
            lambda: enumerated_masks("magnitude_after", network, sets, X, Y, keeps=[3], training=TRAINING, loss="no"),
            "loss",
        ),
        (lambda: enumerated_masks("snip", network, sets, X, Y, keeps=[3], temperature=0.0), "temperature"),
        (
            lambda: enumerated_masks("iterative_magnitude", network, sets, X, Y, keeps=[3, 3], training=TRAINING),
            "decrease strictly",
        ),
        (
            lambda: enumerated_masks("snip", MLP.draw(np.random.default_rng(0), (3, 20, 1)), sets, X, Y, keeps=[3]),
            "at most 64",
        ),
        (
            lambda: enumerated_masks(
                "magnitude_after", network, sets, X, Y, keeps=[3], training=Training(5, batch_size=2)
            ),
            "deterministic",
        ),
    ]:
        with pytest.raises(ValueError, match=name):
            call()
    with pytest.raises(TypeError, match="data_sets must not be a masked array"):
        enumerated_masks("snip", network, np.ma.masked_greater(sets, 3), X, Y, keeps=[3])
    with pytest.raises(TypeError, match="codes must not be a masked array"):
        unpack_masks(np.ma.masked_greater(np.array([1, 2]), 1), 3)
    with pytest.raises(TypeError, match="data_sets"):
        enumerated_masks("snip", network, sets.astype(float), X, Y, keeps=[3])
    with pytest.raises(TypeError, match="network must be an MLP"):
        enumerated_masks("snip", 5, sets, X, Y, keeps=[3])
    with pytest.raises(TypeError, match="atoms_y"):
        enumerated_masks("snip", network, sets, X, None, keeps=[3])
    with pytest.raises(TypeError, match="keeps must be"):
        enumerated_masks("snip", network, sets, X, Y, keeps=3)
    with pytest.raises(TypeError, match="training must be a Training"):
        enumerated_masks("magnitude_after", network, sets, X, Y, keeps=[3], training=5)
