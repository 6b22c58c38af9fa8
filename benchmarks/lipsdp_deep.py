"""LipSDP bounds of deep networks, against Clarabel where it finishes and ECLipsE-Fast where it does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.lipsdp_one_hidden import clarabel_solver
from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray
from noprune_theory.lipschitz import DeepBound, lipsdp_deep


def network(widths: Sequence[int], seed: int = 0) -> list[FloatArray]:
    """Return Gaussian layers of variance 2 / inputs (He et al. 2015)."""
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((outputs, inputs)) * math.sqrt(2 / inputs) for inputs, outputs in pairwise(widths)]


def lipsdp_program(weights: Sequence[FloatArray]) -> Any:
    """Return neuron-wise LipSDP (Fazlyab et al. 2019, slopes in [0, 1]) as a cvxpy problem."""
    import cvxpy as cp

    sizes = [weight.shape[1] for weight in weights]
    squared, multipliers = cp.Variable(), [cp.Variable(size, nonneg=True) for size in sizes[1:]]
    blocks: list[list[Any]] = [[np.zeros((rows, columns)) for columns in sizes] for rows in sizes]
    blocks[0][0] = squared * np.eye(sizes[0])
    for i, (weight, multiplier) in enumerate(zip(weights[:-1], multipliers, strict=True)):
        blocks[i + 1][i] = -cp.diag(multiplier) @ weight
        blocks[i][i + 1] = blocks[i + 1][i].T
        blocks[i + 1][i + 1] = 2 * cp.diag(multiplier)
    blocks[-1][-1] = blocks[-1][-1] - weights[-1].T @ weights[-1]
    return cp.Problem(cp.Minimize(squared), [cp.bmat(blocks) >> 0])


def eclipse_fast(weights: Sequence[FloatArray]) -> float:
    """Return the bound of ECLipsE-Fast (Xu & Sivaranjani 2024): one multiplier a layer, in closed form.

    With M_0 = I and lambda_i = 1 / (2 lambda_max(B_i)), B_i = (1/4) W_i M_{i-1}^{-1} W_i^T, the recursion is
    M_i = lambda_i I - lambda_i^2 B_i, and the square of the bound is lambda_max(W_m M_{m-1}^{-1} W_m^T).
    """
    inverse: FloatArray = np.eye(weights[0].shape[1])
    for weight in weights[:-1]:
        B = 0.25 * weight @ inverse @ weight.T
        scale = 1 / (2 * float(np.linalg.eigvalsh(B)[-1]))
        inverse = np.linalg.inv(scale * np.eye(B.shape[0]) - scale**2 * B)
    last = weights[-1] @ inverse @ weights[-1].T
    return math.sqrt(float(np.linalg.eigvalsh(last)[-1]))


def _contests() -> Iterator[Contest]:
    small = network((10, 20, 20, 20, 1))
    optimum = clarabel_solver(lipsdp_program(small))
    yield Contest(
        "Clarabel on the program of Fazlyab et al.",
        lambda: lipsdp_deep(small),
        optimum,
        {"d": 10, "width": 20, "hidden layers": 3},
        lambda ours, squared: ours.upper / math.sqrt(squared) - 1,
    )
    large = network((20, 100, 100, 100, 100, 1))
    yield Contest(
        "ECLipsE-Fast (closed form, looser: the accuracy is our bound / its bound - 1)",
        lambda: lipsdp_deep(large),
        lambda: eclipse_fast(large),
        {"d": 20, "width": 100, "hidden layers": 4},
        lambda ours, theirs: ours.upper / theirs - 1,
    )


def _by_width(width: int) -> Callable[[], DeepBound]:
    weights = network((20, width, width, 1))
    return lambda: lipsdp_deep(weights)


def _by_depth(depth: int) -> Callable[[], DeepBound]:
    # Without a search: the closed form and its certificate.
    weights = network((16,) * depth + (1,))
    return lambda: lipsdp_deep(weights, max_seconds=1e-6)


CASE = Case(
    name="lipsdp_deep",
    summary="Neuron-wise LipSDP bound of a deep ReLU network, certified for rounding.",
    accuracy="our bound / the peer's - 1",
    contests=_contests,
    requires=("cvxpy", "clarabel"),
    # An evaluation is a few products of width x width matrices a layer; the number of evaluations grows slowly.
    scalings=(
        Scaling("width (20-w-w-1)", (32, 64, 128), 3.0, _by_width),
        Scaling("depth (width 16, closed form and certificate)", (50, 100, 200, 400), 1.0, _by_depth),
    ),
)
