"""Pruning of networks."""

from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import MLP, LinearModel
from noprune_theory.models.mlp import layer_matrices
from noprune_theory.pruning import (
    METHODS,
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
        (prune_synflow, {}),
        (prune_magnitude_after, {"training": SHORT}),
        (prune_iterative_magnitude, {"training": SHORT}),
    ):
        mask = prune(network, data, keep=keep, **options).mask
        scores = prune(network, data, keep=keep, **options).scores
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
            METHODS[method](network, data, keep=1, rng=5, **options)


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
