"""The first 200 steps against torch.optim in float64."""

import numpy as np
import pytest

from noprune_theory.models import MLP
from noprune_theory.models.mlp import layer_matrices
from noprune_theory.solvers import Adam, GradientDescent, Training
from noprune_theory.solvers.training import Recorder, checked_task, train_one
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


def torch_weights(torch, network, X, y, training, batches):
    """Weights after a torch.optim step on every batch."""
    functional = torch.nn.functional
    weights = [torch.tensor(np.array(W), requires_grad=True) for W, _ in network.layers()]
    biases = [torch.tensor(np.array(b), requires_grad=True) for _, b in network.layers()]
    masks = [torch.tensor(m) for m in layer_matrices(network.mask, network.widths, True)]
    rule, parameters = training.optimizer, [*weights, *biases]
    if isinstance(rule, Adam):
        optimizer = torch.optim.Adam(parameters, rule.learning_rate, (rule.beta1, rule.beta2), rule.epsilon)
    else:
        optimizer = torch.optim.SGD(parameters, rule.learning_rate, rule.momentum)
    X, y = torch.tensor(X), torch.tensor(y)
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
    return np.concatenate(rows) * network.mask


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
    expected = torch_weights(torch, network, X, y, training, batches)
    task = checked_task(network, network.weights[None], X, y, training, network.mask, None, [np.random.default_rng(12)])
    for engine in (ListsEngine, DenseEngine):
        fresh = checked_task(
            network, network.weights[None], X, y, training, network.mask, None, [np.random.default_rng(12)]
        )
        np.testing.assert_allclose(train_one(engine(fresh, 0), Recorder(fresh), 0)[0], expected, rtol=0, atol=1e-9)
    if lanes_fit(task):
        trained, diverged = task.weights.copy(), np.zeros(1, dtype=np.int64)
        epochs_seen = training.recorded_epochs
        train_in_lanes(task, trained, diverged, epochs_seen, lambda *_: None, lambda work, _: work(0), 1)
        np.testing.assert_allclose(trained[0], expected, rtol=0, atol=1e-9)
