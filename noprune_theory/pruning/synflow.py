"""SynFlow (Tanaka et al. 2020): iterative pruning by synaptic flow, without data."""

from __future__ import annotations

import math

import numpy as np

from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import check_integer
from noprune_theory.models.base import Model
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning._wide import Wide, concatenated
from noprune_theory.pruning._wide_network import layers_of
from noprune_theory.pruning.selection import (
    Compat,
    PruningResult,
    SupervisedData,
    as_network,
    resolve_survivors,
    select,
)

ROUNDS = 100
"""Pruning rounds of the SynFlow paper."""


def wide_synflow_scores(network: MLP) -> Wide:
    """Return the scores of `synflow_scores` with exponents of their own."""
    layers = layers_of(network, Wide(np.abs(network.weights)))
    one = Wide(np.ones(1))
    flows = [Wide(np.ones(network.dimension))]
    for weights, biases in layers:
        flow = weights @ flows[-1]
        flows.append(flow if biases is None else flow + biases)
    scores: list[Wide] = []
    back = Wide(np.ones(network.n_outputs))
    for (weights, biases), flow in zip(reversed(layers), reversed(flows[:-1]), strict=True):
        matrix = weights if biases is None else concatenated([weights, biases[:, None]])
        sources = flow if biases is None else concatenated([flow, one])
        scores.insert(0, (matrix * back[:, None] * sources).reshape(-1))
        back = weights.T @ back
    return concatenated(scores)


def synflow_scores(network: MLP) -> FloatArray:
    """Return |w dR / dw|, shape (p,), for R = sum of the outputs at x = (1, ..., 1) with all weights replaced by |w|.

    With such weights a ReLU passes everything on; a tanh is replaced by the identity. Without biases the scores of
    every layer sum to R (the conservation law of the paper).

    Raises
    ------
    OverflowError
        If a score exceeds the range of float64 or falls below it.
    """
    return wide_synflow_scores(network).checked(f"the synaptic flow of {network!r}")


def prune_synflow(
    model: Model,
    data: SupervisedData | None = None,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
    rounds: int = ROUNDS,
    compat: Compat = "exact",
) -> PruningResult:
    """Prune to the kept fraction s^(r / rounds) in round r, by the scores of the network pruned so far.

    Scores are compared whatever their size: they neither overflow nor underflow, however deep the network is. The mask
    does not depend on the data: I(m; D | initialisation) = 0.

    Parameters
    ----------
    model : MLP
        At initialisation.
    data : SupervisedData, optional
        Not looked at, whatever it is; accepted so that all methods are called alike.
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator or seed, optional
        Not used: the method is deterministic.
    rounds : int
        >= 1.
    compat : {"exact", "threshold"}
        "threshold" keeps only scores strictly above the threshold, as the public reference code does.

    Returns
    -------
    PruningResult
        The scores are those of the last round.

    Raises
    ------
    TypeError
        If the model is not an MLP.
    ValueError
        If `keep`, `sparsity` or `rounds` is out of range.
    """
    network = as_network(model)
    survivors = resolve_survivors(network, keep, sparsity)
    check_integer("rounds", rounds, 1)
    prunable = int(network.prunable.sum())
    fraction = survivors / prunable
    left = int((network.prunable & network.mask).sum())
    for r in range(1, rounds + 1):
        wanted = survivors if r == rounds else prunable - math.floor((1 - fraction ** (r / rounds)) * prunable)
        result = select(network, wide_synflow_scores(network), min(wanted, left), compat)
        network = network.masked(result.mask)
        left = min(wanted, left, int((result.mask & network.prunable).sum()))
    return result
