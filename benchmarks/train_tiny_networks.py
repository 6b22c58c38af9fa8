"""The 21-parameter toy of Appendix C.2 on all its data sets, against PyTorch batched over networks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray
from noprune_theory.models import MLP
from noprune_theory.solvers import Adam, GradientDescent, Training, TrainingResult, train_networks
from noprune_theory.tasks import cube_atoms

STEPS = 1000
PEER_STEPS = 10


def toy(networks: int = 54_264) -> tuple[MLP, FloatArray, FloatArray, FloatArray]:
    """Return the network, its initial weights (networks, 21), and the data sets X (networks, 6, 3), y (networks, 6)."""
    network = MLP.draw(np.random.default_rng(1), (3, 4, 1))
    atoms_X, atoms_y = cube_atoms(3)
    multisets = np.array(list(itertools.combinations_with_replacement(range(16), 6)))[:networks]
    return network, np.tile(network.weights, (len(multisets), 1)), atoms_X[multisets], atoms_y[multisets]


def torch_weights(X: FloatArray, y: FloatArray, network: MLP, training: Training, cores: int) -> FloatArray:
    """Return weights (networks, 21) after the first steps of torch.optim on batched matrix products, float64."""
    import torch

    torch.set_num_threads(cores)
    (W1, b1), (W2, b2) = network.layers()
    assert b1 is not None
    assert b2 is not None
    tiled = [torch.tensor(np.tile(a, (len(X), 1, 1)), requires_grad=True) for a in (W1.T, b1[None], W2.T, b2[None])]
    rule = training.optimizer
    optimizer: Any = (
        torch.optim.Adam(tiled, rule.learning_rate)
        if isinstance(rule, Adam)
        else torch.optim.SGD(tiled, rule.learning_rate)
    )
    inputs, labels = torch.from_numpy(X), torch.from_numpy(y)[:, :, None]
    for _ in range(PEER_STEPS):
        hidden = torch.relu(torch.baddbmm(tiled[1], inputs, tiled[0]))
        loss = ((torch.baddbmm(tiled[3], hidden, tiled[2]) - labels) ** 2).mean(dim=(1, 2)).sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    U1, c1, U2, c2 = (t.detach().numpy() for t in tiled)
    first = np.concatenate([U1.transpose(0, 2, 1), c1.transpose(0, 2, 1)], axis=2)
    return np.concatenate([first.reshape(len(X), -1), U2[:, :, 0], c2[:, 0]], axis=1)


def _contest(training: Training, cores: int) -> Contest:
    network, weights, X, y = toy()
    short = Training(PEER_STEPS, optimizer=training.optimizer)

    def difference(_: TrainingResult, theirs: FloatArray) -> float:
        return float(np.abs(train_networks(network, weights, X, y, short).weights - theirs).max())

    return Contest(
        f"torch.baddbmm, autograd and torch.optim.{'Adam' if isinstance(training.optimizer, Adam) else 'SGD'}, float64",
        lambda: train_networks(network, weights, X, y, training, workers=cores),
        lambda: torch_weights(X, y, network, training, cores),
        {"networks": len(X), "weights": 21, "n": 6, "steps": STEPS, "cores": cores},
        difference,
        peer_share=PEER_STEPS / STEPS,
    )


def _contests() -> Iterator[Contest]:
    gradient_descent = Training(STEPS, optimizer=GradientDescent(0.05))
    yield _contest(gradient_descent, cores=1)
    yield _contest(gradient_descent, cores=2)
    yield _contest(Training(STEPS, optimizer=Adam(1e-2)), cores=1)


def _by_networks(networks: int) -> Callable[[], TrainingResult]:
    network, weights, X, y = toy(networks)
    training = Training(100, optimizer=GradientDescent(0.05))
    return lambda: train_networks(network, weights, X, y, training)


def _by_steps(steps: int) -> Callable[[], TrainingResult]:
    network, weights, X, y = toy(2048)
    training = Training(steps, optimizer=GradientDescent(0.05))
    return lambda: train_networks(network, weights, X, y, training)


def _by_samples(samples: int) -> Callable[[], TrainingResult]:
    # Gaussian inputs: repeated samples of the cube would be merged.
    network, weights, _, _ = toy(2048)
    X, y = np.random.default_rng(2).standard_normal((2048, samples, 3)), np.ones((2048, samples))
    training = Training(400, optimizer=GradientDescent(0.05))
    return lambda: train_networks(network, weights, X, y, training)


CASE = Case(
    name="train_tiny_networks",
    summary="Full-batch training of the 21-parameter toy on all its 54,264 data sets.",
    accuracy=f"largest difference of any weight from PyTorch's after {PEER_STEPS} steps",
    contests=_contests,
    requires=("torch",),
    scalings=(
        Scaling("networks (100 steps)", (4096, 8192, 16_384, 32_768), 1.0, _by_networks),
        Scaling("steps (2048 networks)", (500, 1000, 2000, 4000), 1.0, _by_steps),
        Scaling("samples (2048 networks)", (8, 16, 32, 64), 1.0, _by_samples),
    ),
)
