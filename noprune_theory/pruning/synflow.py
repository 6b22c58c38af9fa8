"""SynFlow (Tanaka et al. 2020): iterative pruning by synaptic flow, without data."""

from __future__ import annotations

import math

import numpy as np

from noprune_theory._types import RNG, BoolArray, FloatArray
from noprune_theory._validation import check_choice, check_integer
from noprune_theory.models.base import Model
from noprune_theory.models.mlp import MLP
from noprune_theory.models.parameters import layer_matrices
from noprune_theory.pruning._wide import Wide, concatenated
from noprune_theory.pruning._wide_network import layers_of
from noprune_theory.pruning.selection import (
    COMPATS,
    Compat,
    PruningResult,
    SupervisedData,
    as_network,
    resolve_survivors,
    select,
    surviving,
)

_PLAIN_RANGE = 1000.0
"""Powers of two up to which no product comes near the ends of float64."""

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


def _in_plain_range(network: MLP) -> bool:
    """Whether no product of weights along a path, nor a sum of such products, can leave the normal float64 numbers."""
    sizes = np.abs(network.weights[network.weights != 0])
    if not sizes.size:
        return True
    low, high = math.log2(min(float(sizes.min()), 1.0)), math.log2(max(float(sizes.max()), 1.0))
    depth, widest = len(network.widths) - 1, math.log2(max(network.widths) + 1)
    return depth * low > -_PLAIN_RANGE and depth * (high + widest) < _PLAIN_RANGE


def _plain_scores(network: MLP, sizes: FloatArray) -> FloatArray:
    """Return `wide_synflow_scores` for weights of these sizes (p,), bit for bit if nothing leaves the range."""
    matrices, inputs = layer_matrices(sizes, network.widths, network.biases), network.widths[:-1]
    flows = [np.ones((network.dimension, 1))]
    for matrix, count in zip(matrices, inputs, strict=True):
        flow = matrix[:, :count] @ flows[-1]
        flows.append(flow + matrix[:, count:] if network.biases else flow)
    scores = np.empty_like(sizes)
    targets = layer_matrices(scores, network.widths, network.biases)
    back = np.ones((network.n_outputs, 1))
    for layer in range(len(matrices) - 1, -1, -1):
        matrix, target, count = matrices[layer], targets[layer], inputs[layer]
        np.multiply(matrix, back, out=target)
        target[:, :count] *= flows[layer].T
        back = matrix[:, :count].T @ back
    return scores


def _plain_mask(network: MLP, wanted: list[int], compat: Compat) -> BoolArray:
    """Return the mask after rounds that want so many weights to be left, all in the range of float64."""
    mask, prunable = network.mask.copy(), network.prunable
    left = np.flatnonzero(mask & prunable)
    sizes = np.where(mask, np.abs(network.weights), 0.0)
    for keep in wanted:
        if keep >= len(left) and compat == "exact":
            continue
        scores = _plain_scores(network, sizes)
        if compat == "exact":
            best = np.argsort(-scores[left], kind="stable")[:keep]  # of equal scores the lower index
            remaining = np.sort(left[best])
        else:
            remaining = np.flatnonzero(surviving(scores, prunable, mask & prunable, min(keep, len(left)), compat))
        sizes[np.setdiff1d(left, remaining, assume_unique=True)] = 0.0
        mask[left], left = False, remaining
        mask[left] = True
    return mask


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
    wanted = [prunable - math.floor((1 - fraction ** (r / rounds)) * prunable) for r in range(1, rounds)] + [survivors]
    check_choice("compat", compat, COMPATS)
    if _in_plain_range(network):
        network, wanted = network.masked(_plain_mask(network, wanted[:-1], compat)), wanted[-1:]
    left = int((network.prunable & network.mask).sum())
    for keep in wanted:
        result = select(network, wide_synflow_scores(network), min(keep, left), compat)
        network = network.masked(result.mask)
        left = min(keep, left, int((result.mask & network.prunable).sum()))
    return result
