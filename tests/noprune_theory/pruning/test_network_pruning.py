"""Pruning of networks."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from math import comb, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import MLP, LinearModel
from noprune_theory.models.parameters import layer_matrices
from noprune_theory.pruning import (
    METHODS,
    enumerated_masks,
    geometric_counts,
    iterative_magnitude_rounds,
    prune_data_encoding,
    prune_exhaustive,
    prune_grasp,
    prune_iterative_magnitude,
    prune_magnitude_after,
    prune_magnitude_initial,
    prune_random,
    prune_snip,
    prune_synflow,
)
from noprune_theory.pruning.data_encoding import subset_of_rank
from noprune_theory.pruning.grasp import grasp_scores
from noprune_theory.pruning.random import shares_to_counts
from noprune_theory.pruning.snip import snip_scores
from noprune_theory.pruning.synflow import synflow_scores
from noprune_theory.solvers import Adam, GradientDescent, Training, train

SHORT = Training(15, optimizer=Adam(0.05))
NETWORK_METHODS = {
    "random": {},
    "magnitude_initial": {},
    "magnitude_after": {"training": SHORT},
    "snip": {"loss": "mse"},
    "grasp": {"loss": "mse"},
    "synflow": {"rounds": 10},
    "iterative_magnitude": {"training": SHORT},
    "exhaustive": {"training": Training(0)},
    "data_encoding": {},
}


@dataclass(frozen=True)
class Data:
    X: np.ndarray
    y: np.ndarray


ARCHITECTURES = ((2, 3, 1), (3, 2, 2, 1), (2, 5, 1))


@st.composite
def tasks(draw, architectures=ARCHITECTURES):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = MLP.draw(
        rng, draw(st.sampled_from(architectures)), biases=draw(st.booleans()), prune_biases=draw(st.booleans())
    )
    n = draw(st.integers(2, 8))
    return network, Data(rng.standard_normal((n, network.dimension)), rng.choice([-1.0, 1.0], n)), rng


def test_registry_covers_the_methods():
    assert set(NETWORK_METHODS) == set(METHODS) - {"correlation", "best_subset"}


@pytest.mark.parametrize("method", NETWORK_METHODS)
@given(st.data())
def test_masks_hold_exactly_k_and_are_nested(method, data):
    # All masks of the larger architectures would be too many to train.
    network, samples, rng = data.draw(tasks([(2, 2, 1)]) if method == "exhaustive" else tasks())
    prunable = network.prunable
    first_keep = data.draw(st.integers(0, int(prunable.sum())))
    first = METHODS[method](network, samples, keep=first_keep, rng=rng, **NETWORK_METHODS[method])
    assert (first.mask & prunable).sum() == first_keep
    assert first.mask[~prunable].all()
    second_keep = data.draw(st.integers(0, first_keep))
    options = NETWORK_METHODS[method]
    second = METHODS[method](network.masked(first.mask), samples, keep=second_keep, rng=rng, **options)
    assert (second.mask & prunable).sum() == second_keep
    assert not (second.mask & ~first.mask).any()


@pytest.mark.parametrize("method", NETWORK_METHODS)
@given(tasks())
def test_layer_collapse_is_reported(method, task):
    network, samples, rng = task
    result = METHODS[method](network, samples, keep=2, rng=rng, **NETWORK_METHODS[method])
    matrices = layer_matrices(result.mask & network.prunable, network.widths, network.biases)
    assert result.collapsed_layers == tuple(layer for layer, kept in enumerate(matrices) if not kept.any())


@given(tasks(), st.floats(0.1, 10.0))
def test_snip_scores_do_not_change_when_units_are_rescaled(task, factor):
    network, data, rng = task
    parameters = network.weights.copy()
    matrices = layer_matrices(parameters, network.widths, network.biases)
    unit = rng.integers(network.widths[1])
    matrices[0][unit] *= factor
    matrices[1][:, unit] /= factor
    np.testing.assert_allclose(
        snip_scores(network.with_weights(parameters), data.X, data.y, "mse"),
        snip_scores(network, data.X, data.y, "mse"),
        rtol=1e-9,
        atol=1e-12,
    )


@given(tasks())
def test_snip_scores_of_a_hidden_relu_unit_are_conserved(task):
    # A ReLU unit's function is unchanged by scaling its inputs up and its outputs down, so the signed scores w dL/dw
    # into it (bias included) and out of it have equal sums.
    network, data, _ = task
    products = network.weights * network.loss_gradient(data.X, data.y)
    matrices = layer_matrices(products, network.widths, network.biases)
    width = network.widths[1]
    np.testing.assert_allclose(matrices[0].sum(axis=1), matrices[1][:, :width].sum(axis=0), rtol=1e-9, atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 6), min_size=2, max_size=6), st.floats(0.0, 0.8))
def test_synflow_is_conserved_from_layer_to_layer(seed, widths, sparsity):
    rng = np.random.default_rng(seed)
    network = MLP.draw(rng, widths, biases=False)
    network = network.masked(rng.random(network.n_weights) >= sparsity)
    scores = synflow_scores(network)
    sums = [matrix.sum() for matrix in layer_matrices(scores, network.widths, False)]
    np.testing.assert_allclose(sums, sums[0], rtol=1e-11, atol=0)
    flow = network.with_weights(np.abs(network.weights)).outputs(np.ones((1, network.dimension))).sum()
    assert sums[0] == pytest.approx(flow, rel=1e-11)


@given(tasks())
def test_synflow_scores_by_complex_steps(task):
    network, _, _ = task
    scores = synflow_scores(network)
    for i in range(network.n_weights):
        moved = np.abs(network.weights).astype(complex)
        moved[i] += 1e-30j
        values = np.ones(network.dimension, dtype=complex)
        for matrix in layer_matrices(moved, network.widths, network.biases):
            values = matrix @ np.concatenate([values, np.ones(int(network.biases))])
        derivative = values.sum().imag / 1e-30
        assert scores[i] == pytest.approx(abs(network.weights[i]) * derivative, rel=1e-11)


def test_synflow_stays_finite_where_single_precision_overflows():
    network = MLP((4, *([200] * 20), 1), 20.0 * np.ones(4 * 200 + 19 * 200 * 200 + 200), biases=False)
    scores = synflow_scores(network)
    assert np.isfinite(scores).all()
    assert scores.max() > np.finfo(np.float32).max
    assert prune_synflow(network, sparsity=0.5, rounds=2).kept == network.n_weights // 2
    with pytest.raises(OverflowError, match="float64"):
        synflow_scores(MLP((4, *([200] * 20), 1), 1e15 * network.weights, biases=False))


def test_synflow_avoids_the_collapse_of_one_shot_pruning():
    rng = np.random.default_rng(0)
    network = MLP.draw(rng, (20, 50, 50, 1), biases=False)
    assert prune_synflow(network, keep=30).collapsed_layers == ()
    assert prune_synflow(network, keep=30, rounds=1).collapsed_layers != ()


@given(tasks())
def test_masks_follow_permuted_hidden_units(task):
    network, data, rng = task
    width = network.widths[1]
    order = rng.permutation(width)
    index = np.arange(network.n_weights)
    matrices = layer_matrices(index, network.widths, network.biases)
    matrices[0][:] = matrices[0][order]
    matrices[1][:, :width] = matrices[1][:, :width][:, order]
    permuted = network.with_weights(network.weights[index])
    keep = int(network.prunable.sum()) // 2
    for prune, options in (
        (prune_magnitude_initial, {}),
        (prune_snip, {}),
        (prune_grasp, {}),
        (prune_synflow, {"rounds": 20}),
        (prune_magnitude_after, {"training": SHORT}),
        (prune_iterative_magnitude, {"training": SHORT}),
    ):
        found = prune(network, data, keep=keep, **options)
        mask, scores = found.mask, found.scores
        if scores is not None and not _clear_cut(scores[network.prunable], keep):
            continue
        assert np.array_equal(prune(permuted, data, keep=keep, **options).mask, mask[index])


def _clear_cut(scores, keep):
    """Whether rounding cannot decide between the last score kept and the first pruned (dead units have score 0)."""
    ordered = np.sort(scores)[::-1]
    return ordered[keep - 1] - ordered[keep] > 1e-9 * np.abs(ordered).max()


def test_iterative_magnitude_counts_are_the_papers():
    counts = geometric_counts(1320, 8)
    assert counts[:5] == [1056, 844, 675, 540, 432]
    assert counts[-8:] == [44, 35, 28, 22, 17, 13, 10, 8]
    assert geometric_counts(10, 10) == []
    assert geometric_counts(10, 7) == [8, 7]
    for start, stop, fraction, error, name in [
        (5, 6, 0.2, ValueError, "start must be >= stop, got start=5 and stop=6"),
        (np.nan, 3, 0.2, TypeError, "start must be an integer, got nan"),
        (np.inf, 3, 0.2, TypeError, "start must be an integer, got inf"),
        (None, 3, 0.2, TypeError, "start must be an integer, got None"),
        (-1, -2, 0.2, ValueError, "start must be >= 0"),
        (5, True, 0.2, TypeError, "stop must be an integer"),
        (5, 3, 1.0, ValueError, "fraction"),
    ]:
        with pytest.raises(error, match=name):
            geometric_counts(start, stop, fraction)


@given(st.integers(0, 400), st.integers(0, 400), st.floats(1e-320, 1.0, exclude_max=True))
def test_every_round_removes_a_weight(start, stop, fraction):
    start, stop = max(start, stop), min(start, stop)
    counts = geometric_counts(start, stop, fraction)
    before = [start, *counts]
    assert all(a > b for a, b in zip(before, counts, strict=False))
    assert before[-1] == stop
    for k, left in zip(before, counts, strict=False):
        product = (1 - Fraction(fraction)) * k
        # The fraction's own rounding may make an integer of a product just below one.
        assert left in {max(stop, min(k - 1, floor(product + slack))) for slack in (0, Fraction(k, 2**52))}


@given(st.integers(0, 2000), st.integers(0, 50), st.sampled_from(["0.2", "0.1", "0.3", "0.5", "0.05", "0.9", "0.01"]))
def test_decimal_fractions_are_meant_as_they_are_written(start, stop, fraction):
    kept, counts, left = 1 - Fraction(fraction), [], start
    while left > stop:
        left = max(stop, min(left - 1, floor(kept * left)))
        counts.append(left)
    if start >= stop:
        assert geometric_counts(start, stop, float(fraction)) == counts


def test_a_tiny_fraction_ends():
    assert geometric_counts(10, 5, fraction=1e-10) == [9, 8, 7, 6, 5]
    assert geometric_counts(3, 0, fraction=5e-324) == [2, 1, 0]
    assert geometric_counts(3, 0, fraction=np.nextafter(1.0, 0.0)) == [0]
    network = MLP.draw(np.random.default_rng(0), (2, 3, 1))
    data = Data(np.ones((2, 2)), np.ones(2))
    assert prune_iterative_magnitude(network, data, keep=6, training=Training(1), fraction=1e-10).kept == 6 + 4


@given(tasks())
def test_iterative_magnitude_without_rounds_is_the_identity(task):
    network, data, rng = task
    network = network.masked(rng.random(network.n_weights) < 0.7)
    left = int((network.prunable & network.mask).sum())
    result = prune_iterative_magnitude(network, data, keep=left, training=SHORT)
    assert np.array_equal(result.mask, network.mask)


@given(tasks(), st.integers(0, 5))
def test_iterative_magnitude_step_by_step(task, rewind_epochs):
    network, data, _ = task
    start = train(network, data, replace(SHORT, epochs=rewind_epochs)).weights[0]
    mask, prunable = network.mask, network.prunable
    total = int(prunable.sum())
    for keep in geometric_counts(total, total // 2):
        rewound = network.masked(mask).with_weights(np.where(mask, start, 0.0))
        trained = np.abs(train(rewound, data, SHORT).weights[0])
        ranked = sorted(np.flatnonzero(mask & prunable), key=lambda i, w=trained: (-w[i], i))
        mask = network.mask & ~prunable
        mask[ranked[:keep]] = True
    result = prune_iterative_magnitude(network, data, keep=total // 2, training=SHORT, rewind_epochs=rewind_epochs)
    assert np.array_equal(result.mask, mask)


def test_rounds_of_many_networks_are_those_of_each():
    rng = np.random.default_rng(3)
    template = MLP.draw(rng, (3, 4, 1))
    weights = np.stack([MLP.draw(rng, (3, 4, 1)).weights for _ in range(11)])
    X, y = rng.standard_normal((11, 6, 3)), rng.standard_normal((11, 6))
    rounds = list(iterative_magnitude_rounds(template, weights, X, y, SHORT, [12, 9, 7]))
    assert [pruned.kept for pruned in rounds] == [12, 9, 7]
    for k in range(11):
        network = template.with_weights(weights[k])
        alone = list(iterative_magnitude_rounds(template, weights[k : k + 1], X[k], y[k], SHORT, [12, 9, 7]))
        assert np.array_equal(alone[-1].masks[0], rounds[-1].masks[k])
        assert not (rounds[1].masks & ~rounds[0].masks).any()
        assert network.masked(rounds[0].masks[k]).prunable.sum() == 16
    # Arguments are refused at the call, not at the first round.
    for options, error, name in [
        ({"counts": [12, 12]}, ValueError, "counts must decrease strictly"),
        ({"counts": 12}, TypeError, "counts must be"),
        ({"template": None}, TypeError, "template must be an MLP"),
        ({"training": 5}, TypeError, "training must be a Training"),
        ({"weights": weights[:, :3]}, ValueError, "weights must have shape"),
        ({"rewind_epochs": -1}, ValueError, "rewind_epochs"),
        ({"compat": "strict"}, ValueError, "compat"),
    ]:
        arguments = {"template": template, "weights": weights, "X": X, "y": y, "training": SHORT, "counts": [12]}
        with pytest.raises(error, match=name):
            iterative_magnitude_rounds(**(arguments | options))


def test_threshold_rule_in_every_round_of_iterative_pruning():
    # Without training the magnitudes are the initial ones: He biases tie at 0 and go together.
    network = MLP.draw(np.random.default_rng(5), (3, 4, 1), initialisation="he", prune_biases=True)
    kept = {
        compat: [
            int(pruned.masks.sum())
            for pruned in iterative_magnitude_rounds(
                network, network.weights[None], np.ones((2, 3)), np.ones(2), Training(0), [19, 17, 14, 9], compat=compat
            )
        ]
        for compat in ("exact", "threshold")
    }
    assert kept == {"exact": [19, 17, 14, 9], "threshold": [16, 16, 14, 9]}
    data = Data(np.ones((2, 3)), np.ones(2))
    assert prune_iterative_magnitude(network, data, keep=18, training=Training(0), compat="threshold").kept == 16
    assert prune_iterative_magnitude(network, data, keep=18, training=Training(0)).kept == 18


@pytest.mark.parametrize("allocation", ["global", "layerwise", "erk"])
def test_random_scores_do_not_tie(allocation):
    network = MLP.draw(np.random.default_rng(6), (5, 8, 1), prune_biases=True)
    network = network.masked(np.random.default_rng(7).random(network.n_weights) < 0.8)
    exact, threshold = (
        prune_random(network, keep=20, rng=np.random.default_rng(8), allocation=allocation, compat=compat)
        for compat in ("exact", "threshold")
    )
    assert np.array_equal(exact.mask, threshold.mask)
    assert exact.kept == 20


@given(tasks(), st.sampled_from(["layerwise", "erk"]), st.floats(0.0, 1.0))
def test_layer_allocations(task, allocation, sparsity):
    network, _, rng = task
    result = prune_random(network, sparsity=sparsity, rng=rng, allocation=allocation)
    kept = [matrix.sum() for matrix in layer_matrices(result.mask & network.prunable, network.widths, network.biases)]
    sizes = [matrix.sum() for matrix in layer_matrices(network.prunable, network.widths, network.biases)]
    keep = sum(sizes) - round(sparsity * sum(sizes))
    assert sum(kept) == keep
    if allocation == "layerwise":
        assert all(abs(k - keep * s / sum(sizes)) < 1 for k, s in zip(kept, sizes, strict=True))


def test_erk_densities():
    # (30, 60, 10): densities ask for 90 / 1800 = 0.05 and 70 / 600 = 0.1167 a unit; at 500 of 2400 the factor is
    # 500 / (1800 * 0.05 + 600 * 0.11667) = 3.125.
    network = MLP.draw(np.random.default_rng(0), (30, 60, 10), biases=False)
    mask = prune_random(network, keep=500, rng=np.random.default_rng(1), allocation="erk").mask
    assert [int(m.sum()) for m in layer_matrices(mask, network.widths, False)] == [281, 219]
    # A full layer passes what it cannot take to the others.
    assert shares_to_counts(np.array([1.0, 1.0, 2.0]), np.array([100, 100, 5]), 25).tolist() == [10, 10, 5]


@given(st.data(), st.integers(1, 5), st.integers(0, 60))
def test_shares_are_exact(data, layers, keep):
    capacities = np.array(data.draw(st.lists(st.integers(0, 30), min_size=layers, max_size=layers)))
    shares = data.draw(st.lists(st.fractions(0, 10), min_size=layers, max_size=layers))
    keep = min(keep, int(capacities[[share > 0 for share in shares]].sum()))
    counts = shares_to_counts(shares, capacities, keep)
    assert counts.sum() == keep
    assert (counts <= capacities).all()
    # Layers that are not full get what is theirs to within one; equal shares get the same, up to the last units.
    free = [i for i in range(layers) if 0 < counts[i] < capacities[i]]
    for i in free:
        for j in free:
            assert abs(counts[i] * shares[j] - counts[j] * shares[i]) <= shares[i] + shares[j]
    if layers > 1 and shares[0] == shares[1] and capacities[0] == capacities[1]:
        assert counts[0] - counts[1] in (0, 1)


def test_equal_shares_get_equal_counts():
    # Three thirds in floating point: remainders that tie go to the lower index.
    assert shares_to_counts([0.1, 0.1, 0.1], np.array([9, 9, 9]), 10).tolist() == [4, 3, 3]
    assert shares_to_counts([Fraction(1, 3)] * 3, np.array([9, 9, 9]), 11).tolist() == [4, 4, 3]
    assert shares_to_counts([1e-300, 1e300], np.array([9, 9]), 9).tolist() == [0, 9]
    assert shares_to_counts([1.0, 1.0], np.array([10**17, 10**17]), 10**17 + 1).tolist() == [5 * 10**16 + 1, 5 * 10**16]


def numbered_step_by_step(rank, size, keep):
    """The subset of a rank by its definition: a binomial coefficient at every element."""
    mask = np.zeros(size, dtype=bool)
    for i in range(size):
        with_i = comb(size - i - 1, keep - 1) if keep else 0
        if rank < with_i:
            mask[i] = True
            keep -= 1
        else:
            rank -= with_i
    return mask


@given(st.integers(1, 300), st.data())
def test_large_subsets_are_numbered_as_by_definition(size, data):
    keep = data.draw(st.one_of(st.integers(0, size), st.sampled_from([0, 1, size - 1, size])))
    count = comb(size, keep)
    middle = comb(size - 1, keep - 1) if keep else 0
    edges = [0, count - 1, count // 2, min(middle, count - 1), max(middle - 1, 0)]
    rank = data.draw(st.one_of(st.sampled_from(edges), st.integers(0, count - 1)))
    assert np.array_equal(subset_of_rank(rank, size, keep), numbered_step_by_step(rank, size, keep))


def test_a_subset_of_thousands_is_found_again():
    size, keep = 6000, 2000
    rank = int.from_bytes(np.random.default_rng(0).bytes(700), "little") % comb(size, keep)
    mask = subset_of_rank(rank, size, keep)
    assert mask.sum() == keep
    # Back by the combinatorial number system, coefficient from coefficient.
    found, left, coefficient = 0, keep, comb(size, keep)
    for i in range(size):
        with_i = coefficient * left // (size - i)
        if mask[i]:
            coefficient, left = with_i, left - 1
        else:
            found += with_i
            coefficient -= with_i
    assert found == rank


@given(st.integers(1, 8), st.data())
def test_subsets_are_numbered_lexicographically(size, data):
    keep = data.draw(st.integers(0, size))
    expected = list(combinations(range(size), keep))
    numbered = [tuple(np.flatnonzero(subset_of_rank(rank, size, keep))) for rank in range(comb(size, keep))]
    assert numbered == expected
    with pytest.raises(ValueError, match="rank"):
        subset_of_rank(comb(size, keep), size, keep)


def test_data_encoding_masks_tell_the_labels():
    # C(8, 4) = 70 subsets hold six signs.
    X = np.ones((6, 8))
    codes = set()
    for signs in np.ndindex(*(2,) * 6):
        y = 2.0 * np.array(signs) - 1
        codes.add(prune_data_encoding(LinearModel(np.ones(8)), Data(X, y), keep=4).mask.tobytes())
    assert len(codes) == 64


@given(st.integers(0, 2**32 - 1), st.integers(0, 9))
def test_data_encoding_is_its_definition(seed, keep):
    rng = np.random.default_rng(seed)
    data = Data(rng.standard_normal((4, 9)), rng.choice([-1.0, 0.0, 1.0], 4))
    signs = np.concatenate([data.y, data.X.ravel()])[: comb(9, keep).bit_length() - 1] > 0
    rank = sum(1 << i for i in np.flatnonzero(signs).tolist())
    mask = prune_data_encoding(LinearModel(np.ones(9)), data, keep=keep).mask
    assert np.array_equal(mask, numbered_step_by_step(rank, 9, keep))


@given(tasks([(2, 2, 1)]), st.integers(1, 4))
def test_exhaustive_search_finds_the_smallest_loss(task, keep):
    network, data, _ = task
    for training in (Training(0), Training(8, optimizer=GradientDescent(0.1))):
        losses = {}
        for columns in combinations(np.flatnonzero(network.prunable), keep):
            mask = network.mask & ~network.prunable
            mask[list(columns)] = True
            losses[columns] = train(network.masked(mask), data, training).losses[0, -1]
        found = prune_exhaustive(network, data, keep=keep, training=training).mask
        assert losses[tuple(np.flatnonzero(found & network.prunable))] == min(losses.values())


def test_magnitude_after_training_trains():
    rng = np.random.default_rng(1)
    network = MLP.draw(rng, (3, 4, 1))
    data = Data(rng.standard_normal((8, 3)), rng.standard_normal(8))
    result = prune_magnitude_after(network, data, keep=5, training=SHORT)
    assert np.array_equal(result.scores, np.abs(train(network, data, SHORT).weights[0]))
    assert np.array_equal(prune_magnitude_after(network, keep=5).mask, prune_magnitude_initial(network, keep=5).mask)
    with pytest.raises(ValueError, match="data=None"):
        prune_magnitude_after(network, keep=5, training=SHORT)


@pytest.mark.parametrize("method", METHODS)
def test_arguments_of_the_wrong_kind_are_named(method):
    network, rng = MLP.draw(np.random.default_rng(0), (3, 2, 1)), np.random.default_rng(0)
    data = Data(np.ones((4, 3)), np.ones(4))
    options = NETWORK_METHODS.get(method, {})
    for model in (5, None, "network", data):
        with pytest.raises(TypeError, match="model must be a"):
            METHODS[method](model, data, keep=1, rng=rng, **options)
    if method not in ("random", "magnitude_initial", "synflow"):
        for wrong in (5, (data.X, data.y), {"X": data.X, "y": data.y}):
            with pytest.raises(TypeError, match="data must be a SupervisedData"):
                METHODS[method](network, wrong, keep=1, rng=rng, **options)
    if "training" in options:
        with pytest.raises(TypeError, match="training must be a Training"):
            METHODS[method](network, data, keep=1, training=5)
        with pytest.raises(TypeError, match="rng must be a numpy"):
            METHODS[method](network, data, keep=1, rng="5", **options)


def test_exhaustive_search_with_a_stopping_rule():
    # Networks end between two records; the search judges what they end with.
    rng = np.random.default_rng(1)
    network, data = MLP.draw(rng, (2, 2, 1)), Data(rng.standard_normal((6, 2)), rng.standard_normal(6))
    training = Training(40, optimizer=GradientDescent(0.1), stop_below=2.08, record_every=15)
    losses, epochs = {}, set()
    for columns in combinations(np.flatnonzero(network.prunable), 4):
        mask = ~network.prunable
        mask[list(columns)] = True
        result = train(network.masked(mask), data, training)
        losses[columns] = result.model().loss(data.X, data.y)
        epochs.add(int(result.epochs[0]))
    assert min(epochs) > 0
    assert len({epoch for epoch in epochs if epoch < 30}) > 1
    found = prune_exhaustive(network, data, keep=4, training=training).mask
    chosen = losses[tuple(np.flatnonzero(found & network.prunable))]
    assert chosen == pytest.approx(min(losses.values()), rel=1e-12)


def test_results_are_compared_by_identity_and_shown_in_one_line():
    rng = np.random.default_rng(0)
    network = MLP.draw(rng, (20, 30, 1))
    data = Data(rng.standard_normal((6, 20)), rng.standard_normal(6))
    rounds = iterative_magnitude_rounds(network, network.weights[None], data.X, data.y, SHORT, [400])
    sets = np.zeros((9, 2), dtype=int)
    small = MLP.draw(rng, (3, 2, 1))
    results = {
        prune_snip(network, data, keep=9): "PruningResult(mask=<bool array, shape (661,)>, scores=<float64 array",
        next(rounds): "PruningRound(kept=400, masks=<bool array, shape (1, 661)>, trained=TrainingResult(",
        train(network, data, SHORT): "TrainingResult(template=",
        enumerated_masks("snip", small, sets, np.ones((1, 3)), [1.0], keeps=[2]): "EnumeratedMasks(codes=<uint64 array",
    }
    for result, beginning in results.items():
        copy = replace(result)
        assert result == result
        assert result != copy
        assert repr(result).startswith(beginning)
        assert repr(copy) == repr(result)
        assert "\n" not in repr(result)
        assert len(repr(result)) < 1000


@pytest.mark.parametrize("prune", [prune_snip, prune_grasp])
def test_losses_and_labels_that_do_not_fit_are_refused(prune):
    X, rng = np.ones((3, 2)), np.random.default_rng(0)
    one, two = MLP.draw(rng, (2, 3, 1)), MLP.draw(rng, (2, 3, 2))
    for network, loss, y, message in [
        (one, "hinge", [1, -1, 1], "^loss must be one of 'mse', 'binary_cross_entropy', 'cross_entropy', got 'hinge'"),
        (one, None, [1, -1, 1], "^loss must be one of"),
        (one, "binary_cross_entropy", [0.5, -1, 1], r"^data\.y must be -1 or \+1 .*, got 0\.5"),
        (one, "cross_entropy", [0, 0, 0], "^loss 'cross_entropy' needs a network with two or more outputs, got 1"),
        (two, "mse", [1, -1, 1], "^loss 'mse' needs a network with one output, got 2"),
        (two, "cross_entropy", [0, 2, 1], r"^data\.y must be an integer in \[0, 1\] .*, got 2\.0"),
    ]:
        with pytest.raises(ValueError, match=message):
            prune(network, Data(X, np.array(y, dtype=float)), keep=1, loss=loss)
    assert prune(two, Data(X, np.array([0.0, 1.0, 1.0])), keep=1, loss="cross_entropy").mask.sum() >= 1


def test_networks_only():
    model, data = LinearModel(np.ones(3)), Data(np.ones((2, 3)), np.ones(2))
    for method in ("snip", "grasp", "synflow", "iterative_magnitude", "exhaustive"):
        with pytest.raises(TypeError, match="must be an MLP, got LinearModel"):
            METHODS[method](model, data, keep=1, **NETWORK_METHODS[method])
    network = MLP((3, 1), np.ones(4))
    for method in ("correlation", "best_subset"):
        with pytest.raises(TypeError, match="linear in its weights"):
            METHODS[method](network, data, keep=1)


@pytest.mark.peers
@given(tasks(), st.sampled_from(["mse", "binary_cross_entropy"]))
def test_scores_agree_with_automatic_differentiation(task, loss):
    torch = pytest.importorskip("torch")
    network, data, _ = task
    X, y = torch.tensor(data.X), torch.tensor(data.y)
    prunable = torch.tensor(network.prunable)

    def mean_loss(parameters, temperature):
        values, start = X, 0
        for layer, (W, _) in enumerate(network.layers()):
            size = W.shape[0] * (W.shape[1] + network.biases)
            matrix = parameters[start : start + size].reshape(W.shape[0], -1)
            start += size
            values = values @ matrix[:, : W.shape[1]].T + (matrix[:, -1] if network.biases else 0.0)
            values = torch.relu(values) if layer < len(network.widths) - 2 else values
        outputs = values[:, 0] / temperature
        return ((outputs - y) ** 2).mean() if loss == "mse" else torch.nn.functional.softplus(-y * outputs).mean()

    weights = torch.tensor(np.array(network.weights), requires_grad=True)
    gates = torch.ones_like(weights, requires_grad=True)
    (sensitivity,) = torch.autograd.grad(mean_loss(weights.detach() * gates, 1.0), gates)
    np.testing.assert_allclose(
        snip_scores(network, data.X, data.y, loss), np.abs(sensitivity.numpy()), rtol=1e-10, atol=1e-14
    )
    (gradient,) = torch.autograd.grad(mean_loss(weights, 200.0), weights, create_graph=True)
    stopped = torch.where(prunable, gradient.detach(), 0.0)
    (product,) = torch.autograd.grad(gradient @ stopped, weights)
    ours = grasp_scores(network, data.X, data.y, loss, 200.0)
    scale = np.abs(ours).max()
    np.testing.assert_allclose(ours, (weights * product).detach().numpy(), rtol=1e-10, atol=1e-10 * scale)
