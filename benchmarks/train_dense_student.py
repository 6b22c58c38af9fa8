"""The five-layer students of Figures 2 and 3, against PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray
from noprune_theory.models import MLP
from noprune_theory.solvers import Adam, Training, TrainingResult, train_networks

WIDTHS = (50, 100, 100, 100, 100, 1)
STEPS = 20


def problem(students: int, n: int) -> tuple[MLP, FloatArray, FloatArray, FloatArray]:
    """Return template, weights (students, p), X (n, 50) and y (n,)."""
    rng = np.random.default_rng(1)
    template = MLP.draw(rng, WIDTHS)
    weights = np.stack([MLP.draw(rng, WIDTHS).weights for _ in range(students)])
    return template, weights, rng.standard_normal((n, 50)), rng.standard_normal(n)


def torch_weights(
    weights: FloatArray, X: FloatArray, y: FloatArray, template: MLP, steps: int, threads: int
) -> FloatArray:
    """Return weights (students, p) after steps of torch.optim.Adam on torch.nn.Linear layers, one after the other."""
    import torch

    torch.set_num_threads(threads)
    inputs, labels = torch.from_numpy(X), torch.from_numpy(y)[:, None]
    trained = []
    for start in weights:
        linear = []
        for W, b in template.with_weights(start).layers():
            layer = torch.nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64)
            layer.weight.data, layer.bias.data = torch.tensor(W), torch.tensor(b)
            linear.append(layer)
        network = torch.nn.Sequential(*[part for layer in linear for part in (layer, torch.nn.ReLU())][:-1])
        optimizer = torch.optim.Adam(network.parameters(), 1e-3)
        for _ in range(steps):
            loss = torch.nn.functional.mse_loss(network(inputs), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        rows = [np.column_stack([layer.weight.detach(), layer.bias.detach()]).ravel() for layer in linear]
        trained.append(np.concatenate(rows))
    return np.stack(trained)


def _contest(students: int, cores: int) -> Contest:
    template, weights, X, y = problem(students, 1000)
    training = Training(STEPS, optimizer=Adam(1e-3))

    def difference(ours: TrainingResult, theirs: FloatArray) -> float:
        return float(np.abs(ours.weights - theirs).max())

    return Contest(
        f"torch.nn.Linear and torch.optim.Adam, float64, {cores} thread(s)",
        lambda: train_networks(template, weights, X, y, training, workers=cores),
        lambda: torch_weights(weights, X, y, template, STEPS, cores),
        {"students": students, "cores": cores, "weights": template.n_weights, "n": 1000, "steps": STEPS},
        difference,
    )


def _contests() -> Iterator[Contest]:
    yield _contest(students=1, cores=1)
    yield _contest(students=2, cores=2)


def _by_samples(n: int) -> Callable[[], TrainingResult]:
    template, weights, X, y = problem(1, n)
    return lambda: train_networks(template, weights, X, y, Training(STEPS))


def _by_steps(steps: int) -> Callable[[], TrainingResult]:
    template, weights, X, y = problem(1, 1000)
    return lambda: train_networks(template, weights, X, y, Training(steps))


CASE = Case(
    name="train_dense_student",
    summary="Full-batch Adam on a five-layer network of width 100 with 1,000 samples.",
    accuracy=f"largest difference of any weight from PyTorch's after {STEPS} steps",
    contests=_contests,
    requires=("torch",),
    scalings=(
        Scaling("samples", (1000, 2000, 4000), 1.0, _by_samples),
        Scaling("steps", (10, 20, 40), 1.0, _by_steps),
    ),
)
