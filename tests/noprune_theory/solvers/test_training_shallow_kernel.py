"""The kernel for one hidden ReLU layer against the general one, which trains in the same lanes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noprune_theory.models import MLP
from noprune_theory.solvers import Adam, GradientDescent, Training, train_networks
from noprune_theory.solvers.training.engines import lanes as engine

OPTIMIZERS = [GradientDescent(0.1), GradientDescent(0.05, momentum=0.8), Adam(0.03), Adam(0.03, 0.0, 0.5, 1e-200)]


@pytest.fixture
def general(monkeypatch):
    """A call whose networks are trained by the general kernel; says whether the special one would have been taken."""

    def train(*arguments, **options):
        taken = []
        with monkeypatch.context() as patched:
            chosen = engine._is_shallow

            def never(*task):
                taken.append(chosen(*task))
                return False

            patched.setattr(engine, "_is_shallow", never)
            return train_networks(*arguments, **options), set(taken)

    return train


@given(
    d=st.integers(1, 4),
    hidden=st.integers(1, 9),
    biases=st.booleans(),
    masked=st.booleans(),
    loss=st.sampled_from(["mse", "binary_cross_entropy"]),
    optimizer=st.sampled_from(OPTIMIZERS),
    networks=st.integers(1, 17),
    n=st.integers(1, 7),
    seed=st.integers(0, 99),
)
@settings(max_examples=80)
def check_against_general(general, d, hidden, biases, masked, loss, optimizer, networks, n, seed):
    rng = np.random.default_rng(seed)
    template = MLP.draw(rng, (d, hidden, 1), biases=biases)
    masks = rng.random((networks, template.n_weights)) < (0.7 if masked else 1.1)
    starts = np.where(masks, rng.standard_normal(masks.shape), 0.0)
    X, y = rng.choice([-1.0, 0.5, 1.0], (networks, n, d)), rng.choice([-1.0, 1.0], (networks, n))
    training = Training(9, loss=loss, optimizer=optimizer, record_every=4)
    ours = train_networks(template, starts, X, y, training, masks=masks)
    theirs, taken = general(template, starts, X, y, training, masks=masks)
    assert taken == {d + biases <= 4}
    # To the last bit: at ties a mask depends on it.
    np.testing.assert_array_equal(ours.weights, theirs.weights)
    np.testing.assert_array_equal(ours.losses, theirs.losses)
    np.testing.assert_array_equal(ours.optimizer_state.first, theirs.optimizer_state.first)
    np.testing.assert_array_equal(ours.epochs, theirs.epochs)
    assert not ours.weights[~masks].any()


def test_the_special_kernel_does_what_the_general_one_does(general):
    check_against_general(general)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_networks_that_diverge_leave_their_neighbours_alone(general, optimizer):
    rng = np.random.default_rng(5)
    template = MLP.draw(rng, (3, 4, 1))
    starts = rng.standard_normal((11, template.n_weights))
    X, y = rng.standard_normal((11, 6, 3)), rng.standard_normal((11, 6))
    calm = train_networks(template, starts, X, y, Training(20, optimizer=optimizer))
    assert not calm.diverged_at.any()
    wild = starts.copy()
    wild[3] *= 1e120
    wild[8, -1] = 1e160  # an infinite second moment of Adam is not a divergence: its weight stays where it is
    found = train_networks(template, wild, X, y, Training(20, optimizer=optimizer))
    other, _ = general(template, wild, X, y, Training(20, optimizer=optimizer))
    assert found.diverged_at[3] > 0
    np.testing.assert_array_equal(found.diverged_at, other.diverged_at)
    assert np.isfinite(found.weights).all()
    same = np.setdiff1d(np.arange(11), [3, 8])
    np.testing.assert_array_equal(found.weights[same], calm.weights[same])


def test_a_network_trains_to_the_same_bits_alone():
    rng = np.random.default_rng(6)
    template = MLP.draw(rng, (3, 4, 1))
    starts = rng.standard_normal((13, template.n_weights))
    X, y = rng.choice([-1.0, 1.0], (13, 6, 3)), rng.choice([-1.0, 1.0], (13, 6))
    training = Training(50, optimizer=Adam(0.02))
    together = train_networks(template, starts, X, y, training, workers=2)
    for i in (0, 7, 12):
        alone = train_networks(template, starts[i : i + 1], X[i : i + 1], y[i : i + 1], training)
        np.testing.assert_array_equal(alone.weights[0], together.weights[i])
