"""Drawn tasks of training, and the optimizers by their definitions."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from noprune_theory.models import MLP
from noprune_theory.solvers import Adam, GradientDescent, Training

OPTIMIZERS = [GradientDescent(0.1), GradientDescent(0.05, momentum=0.9), Adam(0.02)]


@dataclass(frozen=True)
class Data:
    X: np.ndarray
    y: np.ndarray


@st.composite
def tasks(draw):
    """A drawn masked network with data and a training."""
    loss = draw(st.sampled_from(["mse", "binary_cross_entropy", "cross_entropy"]))
    outputs = draw(st.integers(2, 5)) if loss == "cross_entropy" else 1
    widths = (draw(st.integers(1, 6)), *draw(st.lists(st.integers(1, 6), max_size=3)), outputs)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = MLP.draw(rng, widths, activation=draw(st.sampled_from(["relu", "tanh"])), biases=draw(st.booleans()))
    network = network.masked(rng.random(network.n_weights) < draw(st.floats(0.0, 1.0)))
    n = draw(st.integers(1, 40))
    X = rng.standard_normal((n, widths[0]))
    y = rng.integers(0, outputs, n).astype(float) if outputs > 1 else rng.choice([-1.0, 1.0], n)
    training = Training(draw(st.integers(0, 12)), loss, draw(st.sampled_from(OPTIMIZERS)))
    return network, Data(X, y), training


def trained_from(state, network, data, training, batches=None, noise=None):
    """The definition of the optimizers, one line each, on the gradients of `MLP`.

    The state is the number of steps and the two moments, or None for a fresh optimizer. Returns the weights and the
    state at the end.
    """
    rule, weights = training.optimizer, network.weights.copy()
    behind, first, second = state or (0, np.zeros_like(weights), np.zeros_like(weights))
    first, second = np.where(network.mask, first, 0.0), np.where(network.mask, second, 0.0)
    everything, t = np.arange(len(data.y)), behind
    for step, batch in enumerate(batches or [everything] * training.epochs):
        t += 1
        gradient = network.with_weights(weights).loss_gradient(data.X[batch], data.y[batch], training.loss)
        gradient = np.where(network.mask, gradient + (0.0 if noise is None else noise[step]), 0.0)
        if isinstance(rule, GradientDescent):
            first = rule.momentum * first + gradient
            weights = weights - rule.learning_rate * first
        else:
            first = rule.beta1 * first + (1 - rule.beta1) * gradient
            second = rule.beta2 * second + (1 - rule.beta2) * gradient**2
            mean, square = first / (1 - rule.beta1**t), second / (1 - rule.beta2**t)
            weights = weights - rule.learning_rate * mean / (np.sqrt(square) + rule.epsilon)
    return weights, (t, first, second)


def plainly_trained(network, data, training, batches=None, noise=None):
    """Weights after a training by a fresh optimizer."""
    return trained_from(None, network, data, training, batches, noise)[0]
