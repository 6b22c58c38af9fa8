"""LipSDP bounds of deep networks, against Clarabel where it finishes, and ECLipsE and ECLipsE-Fast."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.lipsdp_one_hidden import clarabel_solver
from benchmarks.timing import Case, Contest, Scaling
from benchmarks.trained_networks import trained_network
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


def eclipse(weights: Sequence[FloatArray]) -> float:
    """Return the bound of ECLipsE (Xu & Sivaranjani 2024), whose program of one layer Clarabel solves.

    With K = (1/4) W_i M_{i-1}^{-1} W_i^T the multipliers Lambda_i maximise c subject to
    Lambda - Lambda K Lambda >= c W_{i+1}^T W_{i+1}; then M_i = Lambda_i - Lambda_i K Lambda_i, as in ECLipsE-Fast.
    """
    import cvxpy as cp

    inverse: FloatArray = np.eye(weights[0].shape[1])
    for weight, following in pairwise(weights):
        K = 0.25 * weight @ inverse @ weight.T
        # In units that bring the multipliers near one, where interior-point solvers are at their best.
        unit, size = 0.5 / float(np.linalg.eigvalsh(K)[-1]), float(np.linalg.norm(following, 2)) ** 2
        values, vectors = np.linalg.eigh(unit * K)
        root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
        multiplier, level = cp.Variable(K.shape[0], nonneg=True), cp.Variable()
        diagonal = cp.diag(multiplier)
        matrix = cp.bmat(
            [
                [diagonal - level / size * following.T @ following, diagonal @ root],
                [root @ diagonal, np.eye(K.shape[0])],
            ]
        )
        cp.Problem(cp.Maximize(level), [matrix >> 0]).solve(solver=cp.CLARABEL)
        chosen = unit * np.asarray(multiplier.value)
        inverse = np.linalg.inv(np.diag(chosen) - chosen[:, None] * K * chosen)
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
    yield Contest(
        "ECLipsE, a program a layer solved by Clarabel",
        lambda: lipsdp_deep(small),
        lambda: eclipse(small),
        {"d": 10, "width": 20, "hidden layers": 3},
        lambda ours, theirs: ours.upper / theirs - 1,
    )
    yield _against_fast(network((20, 100, 100, 100, 100, 1)), {"d": 20, "width": 100, "hidden layers": 4})
    for hidden in (3, 32):
        yield _against_fast(trained_network(hidden), {"d": 784, "width": 64, "hidden layers": hidden, "outputs": 10})


def _against_fast(weights: list[FloatArray], size: Mapping[str, float]) -> Contest:
    return Contest(
        "ECLipsE-Fast (closed form, looser: the accuracy is our bound / its bound - 1)",
        lambda: lipsdp_deep(weights),
        lambda: eclipse_fast(weights),
        size,
        lambda ours, theirs: ours.upper / theirs - 1,
    )


def _by_width(width: int) -> Callable[[], DeepBound]:
    weights = network((784, *[width] * 8, 10))
    return lambda: lipsdp_deep(weights, rtol=1e-3)


def _by_depth(depth: int) -> Callable[[], DeepBound]:
    weights = trained_network(depth)
    return lambda: lipsdp_deep(weights)


def _by_random_depth(depth: int) -> Callable[[], DeepBound]:
    weights = network((784, *[64] * depth, 10))
    return lambda: lipsdp_deep(weights, rtol=1e-2)


def _without_search(depth: int) -> Callable[[], DeepBound]:
    weights = network((16,) * depth + (1,))
    return lambda: lipsdp_deep(weights, max_seconds=1e-6)


CASE = Case(
    name="lipsdp_deep",
    summary="Neuron-wise LipSDP bound of a deep ReLU network, certified for rounding.",
    accuracy="our bound / the peer's - 1",
    contests=_contests,
    requires=("cvxpy", "clarabel"),
    # A sweep is four products of a layer with sixteen columns, a certificate a few factorisations a layer; Gaussian
    # layers need more sweeps the deeper they are.
    scalings=(
        Scaling("width (784-8w-10, Gaussian, to 1e-3)", (64, 128, 256, 512), 3.0, _by_width),
        Scaling("hidden layers (784-64x-10, trained)", (4, 8, 16, 32), 1.0, _by_depth),
        Scaling("hidden layers (784-64x-10, Gaussian, to 1e-2)", (8, 16, 32, 64), 1.0, _by_random_depth),
        Scaling("depth (width 16, closed form and certificate)", (50, 100, 200, 400), 1.0, _without_search),
    ),
)
