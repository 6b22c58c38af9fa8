"""The optimizer's state from one training to the next: kept bit for bit, or reset."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from training_oracles import OPTIMIZERS, Data, tasks, trained_from

from noprune_theory.models import MLP
from noprune_theory.models.parameters import layer_matrices
from noprune_theory.pruning import iterative_magnitude_rounds, keep_largest, prune_iterative_magnitude
from noprune_theory.solvers import Adam, GradientDescent, Training, train, train_networks
from noprune_theory.solvers.training import Recorder, checked_task, train_one
from noprune_theory.solvers.training.engines import DenseEngine, ListsEngine, lanes_fit


def same_state(first, second):
    np.testing.assert_array_equal(first.steps, second.steps)
    np.testing.assert_array_equal(first.first, second.first)
    np.testing.assert_array_equal(first.second, second.second)


@given(tasks(), st.data())
@settings(max_examples=60)
def test_two_trainings_are_one(task, data):
    """Whatever engine the shapes choose: full batches, small ones, gradient noise."""
    network, examples, training = task
    batch = data.draw(st.sampled_from([None, 3, 50]))
    whole = replace(training, batch_size=batch, gradient_noise=data.draw(st.sampled_from([0.0, 0.1])))
    cut = data.draw(st.integers(0, training.epochs))
    rng = np.random.default_rng(5)
    uninterrupted = train(network, examples, whole, rng=np.random.default_rng(5))
    before = train(network, examples, replace(whole, epochs=cut), rng=rng)
    rest = replace(whole, epochs=training.epochs - cut)
    after = train(before.model(), examples, rest, rng=rng, optimizer_state="kept", previous=before)
    np.testing.assert_array_equal(after.weights, uninterrupted.weights)
    same_state(after.optimizer_state, uninterrupted.optimizer_state)
    assert after.losses[0, -1] == uninterrupted.losses[0, -1]


@pytest.mark.parametrize("engine", [ListsEngine, DenseEngine])
@pytest.mark.parametrize("rule", OPTIMIZERS)
@given(tasks(), st.integers(0, 12))
@settings(max_examples=20)
def test_two_trainings_are_one_in_every_engine(engine, rule, task, cut):
    network, examples, training = task
    training = replace(training, optimizer=rule)

    def run(weights, epochs, previous):
        state = "reset" if previous is None else "kept"
        made = checked_task(
            network, weights, examples.X, examples.y, replace(training, epochs=epochs), network.mask, None, None,
            state, previous,
        )  # fmt: skip
        trained = engine(made, 0)
        found = train_one(trained, Recorder(made), 0)[0].copy()
        blank = train(network.with_weights(found), examples, replace(training, epochs=0))
        state = blank.optimizer_state
        steps = trained.steps_before + trained.steps_done
        return found, replace(
            blank, optimizer_state=replace(state, steps=np.array([steps]), first=trained.moments()[0][None],
                                           second=trained.moments()[1][None]),
        )  # fmt: skip

    cut = min(cut, training.epochs)
    expected, _ = run(network.weights[None], training.epochs, None)
    middle, before = run(network.weights[None], cut, None)
    np.testing.assert_array_equal(run(middle[None], training.epochs - cut, before)[0], expected)


@given(tasks(), st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_moments_live_on_while_weights_are_set_back_and_pruned(task, seed):
    """Against the definition of the optimizers, one line each."""
    network, examples, training = task
    rng = np.random.default_rng(seed)
    first = train(network, examples, training)
    _, state = trained_from(None, network, examples, training)
    pruned = network.masked(rng.random(network.n_weights) < 0.6)
    second = train(pruned, examples, training, optimizer_state="kept", previous=first)
    expected, (steps, *moments) = trained_from(state, pruned, examples, training)
    np.testing.assert_allclose(second.weights[0], expected, rtol=1e-9, atol=1e-11)
    assert second.optimizer_state.steps[0] == steps == 2 * training.epochs
    # The velocity of gradient descent without momentum is its gradient, which is nobody's memory.
    if training.optimizer != GradientDescent(training.optimizer.learning_rate):
        np.testing.assert_allclose(second.optimizer_state.first[0], moments[0], rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(second.optimizer_state.second[0], moments[1], rtol=1e-9, atol=1e-11)
    assert not second.weights[0][~pruned.mask].any()
    assert not second.optimizer_state.first[0][~pruned.mask].any()


def test_weights_that_cannot_matter_any_more_move_by_their_moments():
    """A pruned unit's other weights have gradient zero, and Adam's first moment is not zero at once."""
    network = MLP.draw(np.random.default_rng(0), (30, 24, 24, 1))
    rng = np.random.default_rng(1)
    examples = Data(rng.standard_normal((30, 30)), rng.choice([-1.0, 1.0], 30))
    training = Training(5, "binary_cross_entropy", Adam(0.01))
    mask = network.mask.copy()
    layer_matrices(mask, network.widths, True)[1][3, :] = False  # the unit's bias as well
    layer_matrices(mask, network.widths, True)[2][:, 3] = False
    before = train(network, examples, training)
    (_, state), pruned = trained_from(None, network, examples, training), network.masked(mask)
    expected, _ = trained_from(state, pruned, examples, training)
    for engine in (ListsEngine, DenseEngine):
        made = checked_task(
            pruned, pruned.weights[None], examples.X, examples.y, training, mask, None, None, "kept", before
        )
        found = train_one(engine(made, 0), Recorder(made), 0)[0]
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
        outgoing = layer_matrices(found - pruned.weights, network.widths, True)
        assert np.abs(outgoing[0][3]).max() > 0


@pytest.mark.parametrize("workers", [1, 3])
def test_networks_in_lanes_with_different_pasts(workers):
    """Every network goes on from its own number of steps, as it would alone."""
    rng = np.random.default_rng(2)
    template = MLP.draw(rng, (3, 4, 1))
    weights = rng.standard_normal((21, template.n_weights))
    X, y = rng.standard_normal((6, 3)), rng.standard_normal((21, 6))
    training = Training(7, optimizer=Adam(0.05))
    assert lanes_fit(checked_task(template, weights, X, y, training, None, None, None))
    before = train_networks(template, weights, X, y, training)
    steps = np.arange(21) % 4 + 3
    past = replace(before, optimizer_state=replace(before.optimizer_state, steps=steps))
    together = train_networks(template, weights, X, y, training, optimizer_state="kept", previous=past, workers=workers)
    np.testing.assert_array_equal(together.optimizer_state.steps, steps + 7)
    for k in (0, 5, 20):
        state = past.optimizer_state
        alone = replace(
            train_networks(template, weights[[k]], X, y[k], training),
            optimizer_state=replace(state, steps=steps[[k]], first=state.first[[k]], second=state.second[[k]]),
        )
        one = train_networks(template, weights[[k]], X, y[k], training, optimizer_state="kept", previous=alone)
        np.testing.assert_array_equal(one.weights[0], together.weights[k])
        same_state(one.optimizer_state, replace(
            together.optimizer_state,
            steps=together.optimizer_state.steps[[k]],
            first=together.optimizer_state.first[[k]],
            second=together.optimizer_state.second[[k]],
        ))  # fmt: skip


def test_gradient_descent_without_momentum_has_no_state():
    rng = np.random.default_rng(3)
    network = MLP.draw(rng, (4, 5, 1))
    examples = Data(rng.standard_normal((9, 4)), rng.standard_normal(9))
    training = Training(6, optimizer=GradientDescent(0.1))
    before = train(network, examples, training)
    assert not before.optimizer_state.first.any()
    kept = train(network, examples, training, optimizer_state="kept", previous=before)
    np.testing.assert_array_equal(kept.weights, before.weights)


@pytest.mark.parametrize(("widths", "n"), [((2, 3, 1), 5), ((30, 24, 24, 1), 30)])
def test_what_a_network_that_diverged_leaves_behind(widths, n):
    rng = np.random.default_rng(4)
    networks = np.stack([MLP.draw(rng, widths).weights for _ in range(2)])
    template = MLP.draw(rng, widths)
    X, y = rng.standard_normal((n, widths[0])), rng.standard_normal((2, n))
    y[0] *= 1e200  # squares overflow in Adam's second moment
    training = Training(4, optimizer=Adam(1e300))
    before = train_networks(template, networks, X, y, training)
    assert before.diverged_at[0] > 0
    assert np.isnan(before.optimizer_state.first[0][template.mask]).all()
    after = train_networks(template, networks, X, y, training, optimizer_state="kept", previous=before)
    assert after.diverged_at[0] == 1
    np.testing.assert_array_equal(after.weights[0], networks[0])
    descent = Training(4, optimizer=GradientDescent(1e300))
    before = train_networks(template, networks, X, y, descent)
    after = train_networks(template, networks, X, y, descent, optimizer_state="kept", previous=before)
    np.testing.assert_array_equal(after.diverged_at, before.diverged_at)


# --- Rounds of iterative magnitude pruning ----------------------------------------------------------------------------


@pytest.mark.parametrize("rewind_epochs", [0, 3])
@pytest.mark.parametrize("optimizer_state", ["reset", "kept"])
def test_rounds_by_a_plain_loop(optimizer_state, rewind_epochs):
    rng = np.random.default_rng(6)
    network = MLP.draw(rng, (6, 8, 1))
    examples = Data(rng.standard_normal((12, 6)), rng.standard_normal(12))
    training, counts = Training(15, optimizer=Adam(0.03)), [40, 25, 9]
    rewound, state, mask = network.weights, None, network.mask
    if rewind_epochs:
        rewound, state = trained_from(None, network, examples, replace(training, epochs=rewind_epochs))
    expected = []
    for count in counts:
        start = network.masked(mask).with_weights(np.where(mask, rewound, 0.0))
        weights, state = trained_from(state if optimizer_state == "kept" else None, start, examples, training)
        mask = keep_largest(np.abs(weights), mask & network.prunable, count) | (mask & ~network.prunable)
        expected.append(mask)
    found = iterative_magnitude_rounds(
        network, network.weights[None], examples.X, examples.y, training, counts, rewind_epochs=rewind_epochs,
        optimizer_state=optimizer_state,
    )  # fmt: skip
    np.testing.assert_array_equal([pruned.masks[0] for pruned in found], expected)
    one = prune_iterative_magnitude(
        network, examples, keep=30, training=training, fraction=0.4, rewind_epochs=rewind_epochs,
        optimizer_state=optimizer_state,
    )  # fmt: skip
    assert one.mask[network.prunable].sum() == 30


def test_second_moments_of_larger_gradients_slow_the_start_of_a_round():
    """What Figures 2a and 3 show after rewinding: the first moments alone hardly matter."""
    rng = np.random.default_rng(7)
    network = MLP.draw(rng, (10, 24, 24, 24, 24, 1), initialisation="pytorch", biases=False)
    data = Data(rng.standard_normal((100, 10)), rng.standard_normal(100))
    training = Training(100, optimizer=Adam(3e-3), record_every=20)
    before = train(network, data, training)
    state = before.optimizer_state
    reset = train(network, data, training).losses[0, 1]
    kept = train(network, data, training, optimizer_state="kept", previous=before).losses[0, 1]
    without = replace(before, optimizer_state=replace(state, first=np.zeros_like(state.first)))
    second_alone = train(network, data, training, optimizer_state="kept", previous=without).losses[0, 1]
    assert kept > reset + 0.15
    assert abs(kept - second_alone) < 0.02
    gradient = network.loss_gradient(data.X, data.y, "mse")
    correction = 1 - training.optimizer.beta2**100
    assert (state.second[0] / correction).mean() > 4 * np.mean(gradient**2)


# --- Bad input --------------------------------------------------------------------------------------------------------


def test_bad_calls_name_the_argument():
    rng = np.random.default_rng(8)
    network = MLP.draw(rng, (2, 3, 1))
    examples = Data(rng.standard_normal((5, 2)), rng.standard_normal(5))
    training = Training(2)
    before = train(network, examples, training)

    def call(**options):
        return train_networks(network, network.weights[None], examples.X, examples.y, training, **options)

    with pytest.raises(ValueError, match="optimizer_state must be one of 'reset', 'kept', got 'keep'"):
        call(optimizer_state="keep", previous=before)
    with pytest.raises(ValueError, match="previous must be the training whose optimizer goes on"):
        call(optimizer_state="kept")
    with pytest.raises(ValueError, match="previous is for optimizer_state='kept'"):
        call(previous=before)
    with pytest.raises(TypeError, match="previous must be"):
        call(optimizer_state="kept", previous=before.optimizer_state)
    other = train(network, examples, Training(2, optimizer=GradientDescent(0.1)))
    with pytest.raises(ValueError, match="previous must be a training by Adam for its state to be kept, got Gradient"):
        call(optimizer_state="kept", previous=other)
    twice = train_networks(network, np.stack([network.weights] * 2), examples.X, examples.y, training)
    with pytest.raises(ValueError, match=r"previous must hold networks and weights of shape \(1, 13\), got \(2, 13\)"):
        call(optimizer_state="kept", previous=twice)
    with pytest.raises(ValueError, match="optimizer_state must be one of"):
        iterative_magnitude_rounds(
            network, network.weights[None], examples.X, examples.y, training, [3], optimizer_state=None
        )
