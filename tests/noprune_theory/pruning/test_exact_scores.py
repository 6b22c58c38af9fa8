"""Scores of networks against exact arithmetic: dead, constant and duplicated units, ties, deep and tiny networks."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from noprune_theory.models import MLP
from noprune_theory.models.parameters import bias_positions, layer_matrices
from noprune_theory.pruning import (
    METHODS,
    enumerated_masks,
    prune_exhaustive,
    prune_grasp,
    prune_iterative_magnitude,
    prune_magnitude_after,
    prune_magnitude_initial,
    prune_snip,
    prune_synflow,
    unpack_masks,
)
from noprune_theory.pruning.grasp import grasp_scores
from noprune_theory.pruning.snip import snip_scores
from noprune_theory.pruning.synflow import synflow_scores
from noprune_theory.solvers import Training
from noprune_theory.testing import pruned_networks


@dataclass(frozen=True)
class Data:
    X: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Dual:
    """a + b d + c e + f d e with d^2 = e^2 = 0: values with first and mixed second derivatives, in fractions."""

    a: Fraction
    b: Fraction = Fraction(0)
    c: Fraction = Fraction(0)
    f: Fraction = Fraction(0)

    def __add__(self, o):
        return Dual(self.a + o.a, self.b + o.b, self.c + o.c, self.f + o.f)

    def __mul__(self, o):
        return Dual(
            self.a * o.a,
            self.a * o.b + self.b * o.a,
            self.a * o.c + self.c * o.a,
            self.a * o.f + self.b * o.c + self.c * o.b + self.f * o.a,
        )

    def relu(self):
        return self if self.a > 0 else Dual(Fraction(0))


def squared_loss(network, parameters, X, y, temperature=1):
    """The summed squared loss of the first output, written out for dual numbers."""
    total = Dual(Fraction(0))
    flat = np.empty(len(parameters), dtype=object)
    flat[:] = parameters
    layers = layer_matrices(flat, network.widths, network.biases)
    for x, label in zip(X, y, strict=True):
        values = [Dual(Fraction(float(v))) for v in x]
        for index, matrix in enumerate(layers):
            ones = [Dual(Fraction(1))] if network.biases else []
            values = [
                sum((w * v for w, v in zip(row, values + ones, strict=True)), Dual(Fraction(0))) for row in matrix
            ]
            if index < len(layers) - 1:
                values = [value.relu() for value in values]
        error = values[0] * Dual(Fraction(1, temperature)) + Dual(-Fraction(float(label)))
        total += error * error
    return total


def exact_gradient(network, X, y, temperature=1):
    weights = [Fraction(float(w)) for w in network.weights]
    gradient = []
    for i in range(len(weights)):
        moved = [Dual(w, Fraction(int(i == j))) for j, w in enumerate(weights)]
        gradient.append(squared_loss(network, moved, X, y, temperature).b)
    return gradient


def exact_snip(network, X, y):
    return [abs(Fraction(float(w)) * g) for w, g in zip(network.weights, exact_gradient(network, X, y), strict=True)]


def exact_grasp(network, X, y, temperature):
    weights = [Fraction(float(w)) for w in network.weights]
    candidates = network.prunable & network.mask
    gradient = exact_gradient(network, X, y, temperature)
    along = [g if kept else Fraction(0) for g, kept in zip(gradient, candidates, strict=True)]
    scores = []
    for i, weight in enumerate(weights):
        moved = [Dual(w, Fraction(int(i == j)), along[j]) for j, w in enumerate(weights)]
        scores.append(weight * squared_loss(network, moved, X, y, temperature).f)
    return scores


def exact_synflow(network):
    """R is linear in every |w_i|, so |w_i| dR/d|w_i| is what R loses without the weight."""

    def flow(weights):
        layers = layer_matrices(weights, network.widths, network.biases)
        values = np.array([1] * network.dimension, dtype=object)
        for matrix in layers:
            values = matrix.dot(np.append(values, 1) if network.biases else values)
        return sum(values.tolist())

    weights = np.array([Fraction(abs(float(w))) for w in network.weights], dtype=object)
    without = []
    for i in range(len(weights)):
        rest = weights.copy()
        rest[i] = Fraction(0)
        without.append(flow(weights) - flow(rest))
    return without


def largest(scores, candidates, keep, fixed):
    """The mask of the `keep` largest, ties to the lower index."""
    mask = fixed.copy()
    mask[sorted(np.flatnonzero(candidates), key=lambda i: (-scores[i], i))[:keep]] = True
    return mask


def whole(network):
    """The network with whole weights from -2 to 2: all arithmetic on it is exact, so ties are ties."""
    return network.with_weights(np.round(network.weights))


@st.composite
def tasks(draw, max_outputs=1, max_hidden_layers=2, biases=None):
    """A pruned network with whole weights, whole data (one sample, dead inputs and zeros among them), and k."""
    network = draw(
        pruned_networks(
            max_hidden_layers=max_hidden_layers, max_width=3, max_inputs=2, max_outputs=max_outputs, biases=biases
        )
    )
    n = draw(st.integers(1, 3))
    X = draw(hnp.arrays(np.float64, (n, network.dimension), elements=st.integers(-2, 2).map(float)))
    y = draw(hnp.arrays(np.float64, n, elements=st.integers(-3, 3).map(float)))
    keep = draw(st.integers(0, int((network.prunable & network.mask).sum())))
    return whole(network), Data(X, y), keep


def in_units(network, powers):
    """Layer l times 2^powers[l], biases so that every unit's value is multiplied by a power of two."""
    weights = network.weights.copy()
    for index, matrix in enumerate(layer_matrices(weights, network.widths, network.biases)):
        matrix[:, : network.widths[index]] *= 2.0 ** powers[index]
        matrix[:, network.widths[index] :] *= 2.0 ** sum(powers[: index + 1])
    return network.with_weights(weights)


def exact_mask(network, scores, keep):
    return largest(scores, network.prunable & network.mask, keep, network.mask & ~network.prunable)


@given(tasks(), st.lists(st.integers(-320, 320), min_size=3, max_size=3))
def test_snip_is_exact_in_any_units(task, powers):
    network, data, keep = task
    expected = exact_mask(network, exact_snip(network, data.X, data.y), keep)
    result = prune_snip(network, data, keep=keep)
    assert np.array_equal(result.mask, expected)
    assert result.scores_exponent == 0
    depth = len(network.widths) - 1
    if abs(sum(powers[:depth])) < 1000:
        scaled = Data(data.X, data.y * 2.0 ** sum(powers[:depth]))
        other = prune_snip(in_units(network, powers), scaled, keep=keep)
        assert np.array_equal(other.mask, expected)
        # The scores are the same up to the unit of the loss.
        moved = 2 * sum(powers[:depth]) - other.scores_exponent
        assert np.array_equal(np.ldexp(result.scores, moved), other.scores)
    # Inputs in other units, undone by the first layer.
    rescaled = in_units(network, [-300] + [0] * (depth - 1)) if not network.biases else None
    if rescaled is not None:
        assert np.array_equal(prune_snip(rescaled, Data(data.X * 2.0**300, data.y), keep=keep).mask, expected)


@given(tasks(), st.integers(-330, 330))
def test_grasp_is_exact_in_any_units(task, power):
    network, data, keep = task
    temperature = 4
    expected = exact_mask(network, exact_grasp(network, data.X, data.y, temperature), keep)
    result = prune_grasp(network, data, keep=keep, temperature=float(temperature))
    assert np.array_equal(result.mask, expected)
    depth = len(network.widths) - 1
    if not network.biases and abs(power * depth) < 1000:
        scaled = Data(data.X, data.y * 2.0 ** (power * depth))
        other = prune_grasp(in_units(network, [power] * depth), scaled, keep=keep, temperature=float(temperature))
        assert np.array_equal(other.mask, expected)


@given(tasks(), st.sampled_from(["largest", "magnitude", "smallest"]))
def test_grasp_by_every_ranking(task, ranking):
    network, data, keep = task
    kept = {"largest": lambda score: score, "magnitude": abs, "smallest": lambda score: -score}[ranking]
    ordered = [kept(score) for score in exact_grasp(network, data.X, data.y, 4)]
    result = prune_grasp(network, data, keep=keep, temperature=4.0, ranking=ranking)
    assert np.array_equal(result.mask, exact_mask(network, ordered, keep))
    assert np.array_equal(result.scores, prune_grasp(network, data, keep=keep, temperature=4.0).scores)


@given(
    tasks(max_outputs=2, max_hidden_layers=3),
    st.integers(1, 4),
    st.lists(st.integers(-400, 400), min_size=4, max_size=4),
)
def test_synflow_is_exact_in_any_units(task, rounds, powers):
    network, _, keep = task
    pruned, prunable = network, int(network.prunable.sum())
    left = int((network.prunable & network.mask).sum())
    for r in range(1, rounds + 1):
        share = (keep / prunable) ** (r / rounds)
        wanted = keep if r == rounds else prunable - int(np.floor((1 - share) * prunable))
        left = min(left, wanted)
        pruned = network.masked(exact_mask(pruned, exact_synflow(pruned), left))
    assert np.array_equal(prune_synflow(network, keep=keep, rounds=rounds).mask, pruned.mask)
    # Biases in units of 2^1600 are no float64 numbers: units of layers that undo each other there.
    depth = len(network.widths) - 1
    powers = powers[:depth] if not network.biases else [powers[0], -powers[0]] * 2
    other = prune_synflow(in_units(network, powers), keep=keep, rounds=rounds)
    assert np.array_equal(other.mask, pruned.mask)


def test_synflow_of_tiny_weights():
    network = MLP((1, 1, 2), [1e-170, 1e-170, 1e-169], biases=False)
    result = prune_synflow(network, keep=2)
    assert result.mask.tolist() == [True, False, True]
    scores = [Fraction(float(s)) * Fraction(2) ** result.scores_exponent for s in result.scores]
    small, large = Fraction(1e-170), Fraction(1e-169)
    for score, right in zip(scores, [small * (small + large), small * small, small * large], strict=True):
        assert abs(score - right) <= Fraction(1, 10**15) * right
    with pytest.raises(OverflowError, match="falls below the range of float64; scale its weights up"):
        synflow_scores(network)
    with pytest.raises(OverflowError, match="exceeds the range of float64; scale its weights down"):
        synflow_scores(MLP((1, 1, 2), [1e170, 1e170, 1e169], biases=False))
    assert prune_synflow(MLP((1, 1, 2), [1e170, 1e170, 1e169], biases=False), keep=2).mask.tolist() == [
        True,
        True,
        False,
    ]


def test_a_deep_network_is_pruned_like_its_layers_in_other_units():
    rng = np.random.default_rng(0)
    network = MLP.draw(rng, [4] * 61 + [1], biases=False)
    network = network.with_weights(np.abs(network.weights))  # all units are alive
    data = Data(rng.random((5, 4)), np.zeros(5))
    small = network.with_weights(network.weights * 2.0**-300)
    keep = network.n_weights // 2
    for prune in (prune_synflow, prune_snip, prune_grasp):
        options = {"rounds": 3} if prune is prune_synflow else {}
        before, after = (prune(model, data, keep=keep, **options) for model in (network, small))
        assert np.array_equal(before.mask, after.mask)
        assert after.scores_exponent < -15_000


@pytest.mark.parametrize("loss", ["mse", "binary_cross_entropy", "cross_entropy"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_small_weights_do_not_tie(loss, activation):
    # Without biases, at weights near 0, f is negligible and scores are homogeneous in the weights.
    rng = np.random.default_rng(1)
    outputs = 3 if loss == "cross_entropy" else 1
    network = MLP.draw(rng, (3, 4, 4, outputs), activation=activation, biases=False)
    X = rng.standard_normal((6, 3))
    y = rng.integers(0, 3, 6).astype(float) if outputs > 1 else rng.choice([-1.0, 1.0], 6)
    data = Data(X, y)
    for prune in (prune_snip, prune_grasp):
        masks = [
            prune(network.with_weights(network.weights * unit), data, keep=9, loss=loss).mask
            for unit in (2.0**-60, 2.0**-200, 2.0**-333, 2.0**-1000)
        ]
        assert all(np.array_equal(mask, masks[0]) for mask in masks)
    with pytest.raises(OverflowError, match=r"a SNIP score of MLP.* falls below"):
        snip_scores(network.with_weights(network.weights * 2.0**-600), X, y, loss)
    with pytest.raises(OverflowError, match=r"a GraSP score of MLP.* falls below"):
        grasp_scores(network.with_weights(network.weights * 2.0**-333), X, y, loss, 200.0)


def test_enumerated_masks_of_tiny_weights_are_those_of_the_methods():
    rng = np.random.default_rng(2)
    X = np.array([[a, b] for a in (-1.0, 1.0) for b in (-1.0, 1.0)])
    y = np.array([1.0, -1.0, -1.0, 1.0])
    sets = np.array(list(combinations(range(4), 3)))
    # Whole weights (and sigmoids of 1/2) make ties exact.
    network = MLP((2, 3, 2, 1), rng.choice([-2.0, -1.0, 1.0, 2.0], 14), biases=False)
    keeps = [0, 3, 7, network.n_weights]
    for power in (-40, -80, -130, -330):
        small = network.with_weights(network.weights * 2.0**power)
        for method, options in (
            ("snip", {"loss": "binary_cross_entropy"}),
            ("grasp", {"loss": "mse"}),
            # Not by the smallest: what is left of a sum that cancels is 0 in one and 2^-390 of its terms in the other.
            ("grasp", {"loss": "mse", "ranking": "magnitude"}),
        ):
            masks = unpack_masks(enumerated_masks(method, small, sets, X, y, keeps=keeps, **options).codes, 14)
            for row, members in zip(masks, sets, strict=True):
                for mask, keep in zip(row, keeps, strict=True):
                    expected = METHODS[method](small, Data(X[members], y[members]), keep=keep, **options).mask
                    assert np.array_equal(mask, expected)


def test_saturated_losses_do_not_tie():
    # Every sample is classified with a margin of 1200: the scores are |w_i| exp(-1200) up to a factor.
    for weights, kept in (([400.0, 800.0], [False, True]), ([800.0, 400.0], [True, False])):
        network = MLP((2, 1), weights, biases=False)
        data = Data(np.ones((3, 2)), np.ones(3))
        result = prune_snip(network, data, keep=1, loss="binary_cross_entropy")
        assert result.mask.tolist() == kept
        with mpmath.workprec(200):
            right = mpmath.mpf(800) * mpmath.exp(-1200)
            got = mpmath.mpf(float(result.scores.max())) * mpmath.mpf(2) ** result.scores_exponent
            assert abs(got / right - 1) < 1e-13
        # w (H g) is -|w| exp(-2400) up to a factor: the smaller weight is kept.
        result = prune_grasp(network, data, keep=1, loss="binary_cross_entropy", temperature=1.0)
        assert result.mask.tolist() == kept[::-1]
    # Logits 3000, 1000, 0: the label's own score is exp(-2000), that of the last output 0 (its weight is 0).
    network = MLP((1, 3), [3000.0, 0.0, 1000.0], biases=False)
    data = Data(np.ones((1, 1)), np.zeros(1))
    assert prune_snip(network, data, keep=2, loss="cross_entropy").mask.tolist() == [True, False, True]
    # Misclassified by any margin: nothing is small there.
    wrong = MLP((2, 1), [-1e300, -2e300], biases=False)
    data = Data(np.ones((1, 2)), np.ones(1))
    assert prune_snip(wrong, data, keep=1, loss="binary_cross_entropy").mask.tolist() == [False, True]
    with pytest.raises(OverflowError, match="falls below any exponent"):
        prune_snip(MLP((2, 1), [1e300, 2e300], biases=False), data, keep=1, loss="binary_cross_entropy")


def test_saturated_tanh_units_do_not_tie():
    # The slopes of tanh at 30 and 500 are 4 exp(-60) and 4 exp(-1000), not 0; the scores of the first layer order so.
    network = MLP((1, 2, 1), [500.0, 30.0, 1.0, 1.0], activation="tanh", biases=False)
    result = prune_snip(network, Data(np.ones((1, 1)), np.zeros(1)), keep=3)
    assert result.mask.tolist() == [False, True, True, True]
    with mpmath.workprec(200):
        outputs = mpmath.tanh(500) + mpmath.tanh(30)
        for i, t in enumerate((500, 30)):
            right = 2 * outputs * t * mpmath.sech(t) ** 2
            got = mpmath.mpf(float(result.scores[i])) * mpmath.mpf(2) ** result.scores_exponent
            assert abs(got / right - 1) < 1e-13


@given(tasks(max_outputs=2), st.integers(-1000, 1000))
def test_magnitudes_do_not_depend_on_the_unit(task, power):
    network, data, keep = task
    scaled = network.with_weights(network.weights * 2.0**power)
    expected = exact_mask(network, np.abs(network.weights), keep)
    for model in (network, scaled):
        assert np.array_equal(prune_magnitude_initial(model, keep=keep).mask, expected)
        assert np.array_equal(prune_magnitude_after(model, keep=keep).mask, expected)
        if model.n_outputs == 1:
            untrained = prune_iterative_magnitude(model, data, keep=keep, training=Training(0))
            assert np.array_equal(untrained.mask, expected)


@given(tasks(max_hidden_layers=1), st.integers(-330, 330))
@settings(max_examples=15)
def test_exhaustive_search_is_exact_in_any_units(task, power):
    network, data, keep = task
    keep = min(keep, 3)
    candidates = np.flatnonzero(network.prunable & network.mask)
    losses = {}
    for subset in combinations(candidates.tolist(), keep):
        mask = network.mask & ~network.prunable
        mask[list(subset)] = True
        weights = [Dual(Fraction(float(w))) for w in np.where(mask, network.weights, 0.0)]
        losses[subset] = (squared_loss(network, weights, data.X, data.y).a, subset)
    expected = network.mask & ~network.prunable
    expected[list(min(losses.values())[1])] = True
    depth = len(network.widths) - 1
    powers = [power] * depth
    for model, labels in ((network, data.y), (in_units(network, powers), data.y * 2.0 ** sum(powers))):
        found = prune_exhaustive(model, Data(data.X, labels), keep=keep, training=Training(0))
        assert np.array_equal(found.mask, expected)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "cross_entropy"])
def test_exhaustive_search_among_losses_that_underflow(loss):
    # Two candidates of margins 900 and 1000: the losses are exp(-900) and exp(-1000).
    if loss == "cross_entropy":
        network, label = MLP((2, 2), [900.0, 1000.0, 0.0, 0.0], biases=False), 0.0
    else:
        network, label = MLP((2, 1), [900.0, 1000.0], biases=False), 1.0
    found = prune_exhaustive(network, Data(np.ones((2, 2)), np.full(2, label)), keep=1, training=Training(0, loss=loss))
    assert found.mask.tolist()[:2] == [False, True]
    # Squares that overflow are compared as well.
    large = MLP((2, 1), [3e200, 2e200], biases=False)
    found = prune_exhaustive(large, Data(np.ones((1, 2)), np.zeros(1)), keep=1, training=Training(0))
    assert found.mask.tolist() == [False, True]


@given(tasks(max_outputs=1))
def test_rules_keep_exactly_k_of_what_is_left(task):
    network, data, keep = task
    options = {"synflow": {"rounds": 3}, "iterative_magnitude": {"training": Training(2)}}
    left = int((network.prunable & network.mask).sum())
    for method in set(METHODS) - {"correlation", "best_subset", "exhaustive"}:
        for k in {0, keep, left}:
            rng = np.random.default_rng(0)
            result = METHODS[method](network, data, keep=k, rng=rng, **options.get(method, {}))
            assert int((result.mask & network.prunable).sum()) == k
            assert not (result.mask & ~network.mask).any()
            assert (result.mask | ~network.mask)[bias_positions(network.widths, network.biases)].all()
            nested = METHODS[method](network.masked(result.mask), data, keep=k, rng=rng, **options.get(method, {}))
            assert np.array_equal(nested.mask, result.mask)
