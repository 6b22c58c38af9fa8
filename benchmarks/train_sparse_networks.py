"""The sparse networks of Figure 1a, against PyTorch batched over seeds with dense masked matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.models import MLP
from noprune_theory.solvers import Adam, Training, TrainingResult, train_networks

WIDTHS = (30, 24, 24, 1)
SPARSITIES = tuple(np.round(np.arange(0.885, 0.9951, 0.01), 3).tolist())
SEEDS = 250
STEPS = 500
PEER_STEPS = 25


def problem(
    seeds: int, sparsities: tuple[float, ...], n: int = 30
) -> tuple[MLP, FloatArray, BoolArray, FloatArray, FloatArray]:
    """Return template, weights and random masks (networks, p), X (networks, n, 30), y (networks, n)."""
    rng = np.random.default_rng(1)
    template = MLP.draw(rng, WIDTHS)
    prunable = np.flatnonzero(template.prunable)
    networks = seeds * len(sparsities)
    masks = np.ones((networks, template.n_weights), dtype=bool)
    for row, sparsity in zip(masks, np.repeat(sparsities, seeds), strict=True):
        row[rng.choice(prunable, round(float(sparsity) * len(prunable)), replace=False)] = False
    weights = np.stack([MLP.draw(rng, WIDTHS).weights for _ in range(networks)]) * masks
    return template, weights, masks, rng.standard_normal((networks, n, 30)), rng.choice([-1.0, 1.0], (networks, n))


def torch_weights(
    weights: FloatArray, masks: BoolArray, X: FloatArray, y: FloatArray, template: MLP, training: Training
) -> FloatArray:
    """Return weights after steps of torch.optim.Adam on batched dense masked matrices, float64, one thread."""
    import torch
    from torch.nn.functional import softplus

    from noprune_theory.models.parameters import layer_matrices

    torch.set_num_threads(1)
    layers = [torch.tensor(layer, requires_grad=True) for layer in layer_matrices(weights, WIDTHS, True)]
    kept = [torch.tensor(layer) for layer in layer_matrices(masks, WIDTHS, True)]
    optimizer: Any = torch.optim.Adam(layers, training.optimizer.learning_rate)
    inputs, labels = torch.from_numpy(X), torch.from_numpy(y)
    for _ in range(training.epochs):
        values = inputs
        for number, (layer, mask) in enumerate(zip(layers, kept, strict=True)):
            masked = layer * mask
            values = torch.baddbmm(masked[:, None, :, -1], values, masked[:, :, :-1].transpose(1, 2))
            if number < len(layers) - 1:
                values = torch.relu(values)
        loss = softplus(-labels * values[..., 0]).mean(dim=1).sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return np.concatenate([layer.detach().numpy().reshape(len(weights), -1) for layer in layers], axis=1) * masks


def _training(steps: int) -> Training:
    return Training(steps, "binary_cross_entropy", Adam(1e-2))


def _grid() -> Contest:
    template, weights, masks, X, y = problem(SEEDS, SPARSITIES)
    # Dense matrices cost the same at every sparsity: the peer trains one of them.
    one = slice(5 * SEEDS, 6 * SEEDS)

    def difference(_: TrainingResult, theirs: FloatArray) -> float:
        ours = train_networks(template, weights[one], X[one], y[one], _training(PEER_STEPS), masks=masks[one])
        return float(np.abs(ours.weights - theirs).max())

    return Contest(
        "torch.baddbmm over 250 seeds, dense masked matrices, torch.optim.Adam, float64",
        lambda: train_networks(template, weights, X, y, _training(STEPS), masks=masks),
        lambda: torch_weights(weights[one], masks[one], X[one], y[one], template, _training(PEER_STEPS)),
        {"seeds": SEEDS, "sparsities": len(SPARSITIES), "weights": 1320, "n": 30, "steps": STEPS},
        difference,
        peer_share=PEER_STEPS / STEPS / len(SPARSITIES),
    )


def _own_dense_step(sparsity: float) -> Contest:
    seeds, steps = 50, 4000
    template, weights, masks, X, y = problem(seeds, (sparsity,))
    everything = np.ones_like(masks)

    def pruned_are_zero(ours: TrainingResult, _: Any) -> float:
        return float(np.abs(ours.weights[~masks]).max())

    return Contest(
        "the same networks without a mask, by the same kernel",
        lambda: train_networks(template, weights, X, y, _training(steps), masks=masks),
        lambda: train_networks(template, weights, X, y, _training(steps // 10), masks=everything),
        {"seeds": seeds, "sparsity": sparsity, "weights": 1320, "n": 30, "steps": steps},
        pruned_are_zero,
        peer_share=0.1,
    )


def _contests() -> Iterator[Contest]:
    yield _grid()
    yield _own_dense_step(0.99)
    yield _own_dense_step(0.95)


def _by_seeds(seeds: int) -> Callable[[], TrainingResult]:
    template, weights, masks, X, y = problem(seeds, (0.9,))
    return lambda: train_networks(template, weights, X, y, _training(500), masks=masks)


def _by_kept(kept: int) -> Callable[[], TrainingResult]:
    template, weights, masks, X, y = problem(20, (1 - kept / 1320,))
    return lambda: train_networks(template, weights, X, y, _training(2000), masks=masks)


def _by_samples(n: int) -> Callable[[], TrainingResult]:
    template, weights, masks, X, y = problem(20, (0.8,), n)
    return lambda: train_networks(template, weights, X, y, _training(300), masks=masks)


def _by_steps(steps: int) -> Callable[[], TrainingResult]:
    template, weights, masks, X, y = problem(20, (0.9,))
    return lambda: train_networks(template, weights, X, y, _training(steps), masks=masks)


CASE = Case(
    name="train_sparse_networks",
    summary="The whole grid of Figure 1a: 250 seeds at 12 sparsities from 0.885 to 0.995.",
    accuracy=(
        f"largest difference of any weight from PyTorch's after {PEER_STEPS} steps (grid), "
        "largest pruned weight (dense steps)"
    ),
    contests=_contests,
    requires=("torch",),
    scalings=(
        Scaling("seeds (sparsity 0.9)", (25, 50, 100, 200), 1.0, _by_seeds),
        Scaling("weights kept (20 networks)", (440, 660, 990, 1320), 1.0, _by_kept),
        Scaling("samples (sparsity 0.8)", (128, 256, 512, 1024), 1.0, _by_samples),
        Scaling("steps (sparsity 0.9)", (4000, 8000, 16_000, 32_000), 1.0, _by_steps),
    ),
)
