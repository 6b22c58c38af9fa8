"""The first 200 steps against torch.optim in float64."""

from itertools import pairwise

import numpy as np
import pytest
from training_oracles import Data

from noprune_theory.models import MLP
from noprune_theory.models.parameters import layer_matrices
from noprune_theory.solvers import Adam, GradientDescent, Training, train
from noprune_theory.solvers.training import OptimizerState, Recorder, checked_task, train_one
from noprune_theory.solvers.training.engines import DenseEngine, ListsEngine, lanes_fit, train_in_lanes

pytestmark = pytest.mark.peers

STEPS = 200
CASES = [
    ((3, 4, 1), "relu", "mse", GradientDescent(0.05)),
    ((3, 3, 1), "tanh", "binary_cross_entropy", Adam(0.01)),
    ((5, 6, 4, 3), "relu", "cross_entropy", GradientDescent(0.02, momentum=0.9)),
    ((30, 24, 24, 1), "relu", "binary_cross_entropy", Adam(0.01)),
    ((8, 20, 20, 1), "tanh", "mse", Adam(1e-3)),
]


def torch_weights(torch, networks, X, y, training, batches):
    """Weights after a torch.optim step on every batch, for each of `networks`, by one optimizer for all.

    The optimizer lives on while the weights are set to those of the next network, whose mask is another.
    """
    network = networks[0]
    functional = torch.nn.functional
    weights = [torch.tensor(np.array(W), requires_grad=True) for W, _ in network.layers()]
    biases = [torch.tensor(np.array(b), requires_grad=True) for _, b in network.layers()]
    rule, parameters = training.optimizer, [*weights, *biases]
    if isinstance(rule, Adam):
        optimizer = torch.optim.Adam(parameters, rule.learning_rate, (rule.beta1, rule.beta2), rule.epsilon)
    else:
        optimizer = torch.optim.SGD(parameters, rule.learning_rate, rule.momentum)
    X, y = torch.tensor(X), torch.tensor(y)
    found = []
    for network in networks:
        with torch.no_grad():
            for (W, b), weight, bias in zip(network.layers(), weights, biases, strict=True):
                weight.copy_(torch.tensor(np.array(W)))
                bias.copy_(torch.tensor(np.array(b)))
        masks = [torch.tensor(m) for m in layer_matrices(network.mask, network.widths, True)]
        for batch in batches:
            values = X[batch]
            for layer, (W, b, mask) in enumerate(zip(weights, biases, masks, strict=True)):
                values = values @ (W * mask[:, :-1]).T + b * mask[:, -1]
                if layer < len(weights) - 1:
                    values = torch.relu(values) if network.activation == "relu" else torch.tanh(values)
            if training.loss == "mse":
                loss = functional.mse_loss(values[:, 0], y[batch])
            elif training.loss == "binary_cross_entropy":
                loss = functional.binary_cross_entropy_with_logits(values[:, 0], (y[batch] + 1) / 2)
            else:
                loss = functional.cross_entropy(values, y[batch].long())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        rows = [np.column_stack([W.detach(), b.detach()]).ravel() for W, b in zip(weights, biases, strict=True)]
        found.append(np.concatenate(rows) * network.mask)
    return found


@pytest.mark.parametrize(("widths", "activation", "loss", "optimizer"), CASES)
@pytest.mark.parametrize("batch_size", [None, 7])
def test_the_first_steps_are_those_of_torch(widths, activation, loss, optimizer, batch_size):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(11)
    n = 28
    network = MLP.draw(rng, widths, activation=activation)
    network = network.masked(rng.random(network.n_weights) < 0.7)
    X = rng.standard_normal((n, widths[0]))
    y = rng.integers(0, widths[-1], n).astype(float) if widths[-1] > 1 else rng.choice([-1.0, 1.0], n)
    epochs = STEPS if batch_size is None else STEPS * batch_size // n
    training = Training(epochs, loss, optimizer, batch_size=batch_size)
    order = np.random.default_rng(12)
    batches = [np.arange(n)] * STEPS
    if batch_size is not None:
        batches = [batch for _ in range(epochs) for batch in order.permutation(n).reshape(-1, batch_size)]
    assert len(batches) == STEPS
    (expected,) = torch_weights(torch, [network], X, y, training, batches)
    task = checked_task(network, network.weights[None], X, y, training, network.mask, None, [np.random.default_rng(12)])
    for engine in (ListsEngine, DenseEngine):
        fresh = checked_task(
            network, network.weights[None], X, y, training, network.mask, None, [np.random.default_rng(12)]
        )
        np.testing.assert_allclose(train_one(engine(fresh, 0), Recorder(fresh), 0)[0], expected, rtol=0, atol=1e-9)
    if lanes_fit(task):
        trained, diverged = task.weights.copy(), np.zeros(1, dtype=np.int64)
        epochs_seen = training.recorded_epochs
        after = OptimizerState.zero(optimizer, *trained.shape)
        train_in_lanes(task, trained, diverged, after, epochs_seen, lambda *_: None, lambda work, _: work(0), 1)
        np.testing.assert_allclose(trained[0], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("widths", "activation", "loss", "optimizer"), CASES)
def test_an_optimizer_that_lives_on_while_weights_are_rewound_and_pruned(widths, activation, loss, optimizer):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(13)
    n, epochs = 28, 50
    network = MLP.draw(rng, widths, activation=activation)
    order = rng.random(network.n_weights)
    rounds = [network.masked(order < kept) for kept in (1.0, 0.7, 0.4)]
    X = rng.standard_normal((n, widths[0]))
    y = rng.integers(0, widths[-1], n).astype(float) if widths[-1] > 1 else rng.choice([-1.0, 1.0], n)
    training = Training(epochs, loss, optimizer)
    expected = torch_weights(torch, rounds, X, y, training, [np.arange(n)] * epochs)
    data = Data(X, y)
    results = [train(rounds[0], data, training)]
    for rewound in rounds[1:]:
        results.append(train(rewound, data, training, optimizer_state="kept", previous=results[-1]))
    for result, weights in zip(results, expected, strict=True):
        np.testing.assert_allclose(result.weights[0], weights, rtol=0, atol=1e-9)
    assert all((before.weights != after.weights).any() for before, after in pairwise(results))


@pytest.mark.parametrize("cut", [1, 70])
def test_a_training_in_two_parts_is_one_of_torch(cut):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(14)
    network = MLP.draw(rng, (5, 8, 8, 1))
    data = Data(rng.standard_normal((20, 5)), rng.standard_normal(20))
    (expected,) = torch_weights(torch, [network], data.X, data.y, Training(STEPS), [np.arange(20)] * STEPS)
    first = train(network, data, Training(cut))
    second = train(first.model(), data, Training(STEPS - cut), optimizer_state="kept", previous=first)
    np.testing.assert_allclose(second.weights[0], expected, rtol=0, atol=1e-9)
