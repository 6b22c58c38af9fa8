"""SynFlow (Tanaka et al. 2020): iterative pruning by synaptic flow, without data."""

from __future__ import annotations

import math

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_integer
from noprune_theory.models.base import Model
from noprune_theory.models.mlp import MLP, layer_matrices
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


def synflow_scores(network: MLP) -> FloatArray:
    """Return |w dR / dw|, shape (p,), for R = sum of the outputs at x = (1, ..., 1) with all weights replaced by |w|.

    With such weights a ReLU passes everything on; a tanh is replaced by the identity. Without biases the scores of
    every layer sum to R (the conservation law of the paper).

    Raises
    ------
    OverflowError
        If R exceeds the range of float64.
    """
    widths = network.widths
    matrices = layer_matrices(np.abs(network.weights), widths, network.biases)
    ones = np.ones(int(network.biases))
    flows = [np.ones(widths[0])]
    with np.errstate(over="ignore", invalid="ignore"):
        for matrix in matrices:
            flows.append(matrix @ np.concatenate([flows[-1], ones]))
        scores = np.empty(network.n_weights)
        back = np.ones(widths[-1])
        targets = layer_matrices(scores, widths, network.biases)
        for layer in range(len(matrices) - 1, -1, -1):
            targets[layer][...] = matrices[layer] * back[:, None] * np.concatenate([flows[layer], ones])
            back = matrices[layer][:, : widths[layer]].T @ back
    if not np.isfinite(scores).all():
        raise OverflowError(f"the synaptic flow of {network!r} exceeds the range of float64; scale its weights down")
    return scores


def prune_synflow(
    model: Model,
    data: SupervisedData | None = None,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: np.random.Generator | None = None,
    rounds: int = ROUNDS,
    compat: Compat = "exact",
) -> PruningResult:
    """Prune to the kept fraction s^(r / rounds) in round r, by the scores of the network pruned so far.

    The mask does not depend on the data: I(m; D | initialisation) = 0.

    Parameters
    ----------
    model : MLP
        At initialisation.
    data : SupervisedData, optional
        Not looked at, whatever it is; accepted so that all methods are called alike.
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator, optional
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
    OverflowError
        If the flow exceeds the range of float64.
    """
    network = as_network(model)
    survivors = resolve_survivors(network, keep, sparsity)
    check_integer("rounds", rounds, 1)
    prunable = int(network.prunable.sum())
    fraction = survivors / prunable
    left = int((network.prunable & network.mask).sum())
    for r in range(1, rounds + 1):
        wanted = survivors if r == rounds else prunable - math.floor((1 - fraction ** (r / rounds)) * prunable)
        result = select(network, synflow_scores(network), min(wanted, left), compat)
        network = network.masked(result.mask)
        left = min(wanted, left, int((result.mask & network.prunable).sum()))
    return result
