"""The passes between the dense engine's matrix products: bit for bit the operations of numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from noprune_theory.models import MLP
from noprune_theory.solvers import Adam, Training
from noprune_theory.solvers.training import checked_task
from noprune_theory.solvers.training.engines import DenseEngine
from noprune_theory.solvers.training.kernels.dense import adam_step, relu_slope

ANY = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, 1e200]))


@given(arrays(float, (2, 3, 7), elements=ANY))
def test_the_derivative_of_the_activation_is_zero_where_it_is_not_positive(pair):
    active, delta = pair
    expected = delta.copy()
    np.copyto(expected, 0.0, where=active <= 0)
    relu_slope(active, delta)
    assert delta.tobytes() == expected.tobytes()


@given(
    arrays(float, (4, 9), elements=ANY),
    st.sampled_from([(0.9, 0.999, 1e-8), (0.0, 0.5, 1e-3), (0.3, 0.0, 1e-300)]),
    st.integers(1, 5),
)
def test_a_step_of_adam_is_that_of_numpy(numbers, settings, t):
    theta, gradient, first, second = numbers
    second = np.abs(second)
    beta1, beta2, epsilon = settings
    rate, root = 0.01 / (1 - beta1**t), 1 / np.sqrt(1 - beta2**t)
    with np.errstate(all="ignore"):
        m = first * beta1 + (1 - beta1) * gradient
        v = second * beta2 + (1 - beta2) * gradient * gradient
        expected = theta - rate * m / (np.sqrt(v) * root + epsilon)
    new = np.empty_like(theta)
    with np.errstate(all="ignore"):
        adam_step(theta, gradient, first, second, beta1, beta2, epsilon, rate, root, new)
    for ours, numpys in ((new, expected), (first, m), (second, v)):
        np.testing.assert_array_equal(ours, numpys)  # NaN equals NaN: its sign is nobody's


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_two_advances_are_one(activation):
    rng = np.random.default_rng(4)
    network = MLP.draw(rng, (5, 9, 9, 1), activation=activation)
    X, y = rng.standard_normal((40, 5)), rng.standard_normal(40)
    task = checked_task(network, network.weights[None], X, y, Training(7, optimizer=Adam(1e-2)), None, None, None)
    one, two = DenseEngine(task, 0), DenseEngine(task, 0)
    one.advance(7)
    two.advance(3)
    between = two.weights().copy()
    two.advance(4)
    assert not np.array_equal(between, two.weights())
    np.testing.assert_array_equal(one.weights(), two.weights())
    for ours, other in zip(one.moments(), two.moments(), strict=True):
        np.testing.assert_array_equal(ours, other)
