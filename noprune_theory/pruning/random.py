"""Random pruning: masks that know nothing of the data."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import check_choice, check_generator
from noprune_theory.models.base import Model
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning.selection import (
    COMPATS,
    Compat,
    PruningResult,
    SupervisedData,
    collapsed_layers,
    layer_indices,
    prunable_weights,
    resolve_survivors,
    surviving,
)

Allocation: TypeAlias = Literal["global", "layerwise", "erk"]


def shares_to_counts(shares: FloatArray, capacities: IntArray, keep: int) -> IntArray:
    """Return whole numbers proportional to `shares`, at most `capacities`, of sum `keep`.

    What a full layer cannot take goes to the others in proportion; the last units go to the largest remainders, ties to
    the lower index.
    """
    exact, open_layers = np.zeros(len(shares)), (shares > 0) & (capacities > 0)
    while True:
        exact[open_layers] = shares[open_layers] * (keep - exact[~open_layers].sum()) / shares[open_layers].sum()
        full = open_layers & (exact >= capacities)
        if not full.any():
            break
        exact[full] = capacities[full]
        open_layers &= ~full
        if not open_layers.any():
            break
    counts = np.floor(exact + 1e-9).astype(np.int64)
    remainders = np.where(counts < capacities, exact - counts, -np.inf)
    for layer in np.argsort(-remainders, kind="stable")[: keep - int(counts.sum())]:
        counts[layer] += 1
    return counts


def _layer_shares(model: Model, allocation: Allocation, capacities: IntArray) -> FloatArray:
    """Return what fraction of the kept weights each layer asks for, up to a factor."""
    if allocation == "layerwise" or not isinstance(model, MLP):
        return capacities.astype(np.float64)
    # Erdos-Renyi (Mocanu et al. 2018; Evci et al. 2020): density proportional to (inputs + outputs) / (inputs outputs).
    widths = np.array(model.widths, dtype=np.float64)
    return capacities * (widths[:-1] + widths[1:]) / (widths[:-1] * widths[1:])


def prune_random(
    model: Model,
    data: SupervisedData | None = None,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: np.random.Generator | None = None,
    allocation: Allocation = "global",
    compat: Compat = "exact",
) -> PruningResult:
    """Keep a random subset of the weights. The mask knows nothing of the data: I(m; D) = 0.

    Parameters
    ----------
    model : Model
    data : SupervisedData, optional
        Not looked at, whatever it is; accepted so that all methods are called alike.
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator
        Required.
    allocation : {"global", "layerwise", "erk"}
        "global": every subset of k weights is equally likely. "layerwise": every layer keeps the same fraction. "erk":
        the density of a layer is proportional to (inputs + outputs) / (inputs * outputs), at most 1 (Evci et al. 2020).
        Within a layer all subsets are equally likely.
    compat : {"exact", "threshold"}
        "threshold" keeps only scores strictly above the threshold (of the layer, unless the allocation is global), as
        the public reference code does. Ties of these scores have a probability of about p^2 2^-54, so both rules give
        the same masks in practice.

    Returns
    -------
    PruningResult
        The scores are the independent uniform variables whose largest were kept.

    Raises
    ------
    TypeError
        If `rng` is not a generator.
    ValueError
        If `keep`, `sparsity`, `allocation` or `compat` is not allowed.
    """
    check_choice("allocation", allocation, ("global", "layerwise", "erk"))
    check_choice("compat", compat, COMPATS)
    survivors = resolve_survivors(model, keep, sparsity)
    scores = check_generator("rng", rng).random(model.n_weights)
    prunable = prunable_weights(model)
    candidates, layers = prunable & model.mask, layer_indices(model)
    if allocation == "global" or survivors == 0:
        kept = surviving(scores, prunable, candidates, survivors, compat)
    else:
        capacities = np.bincount(layers, weights=candidates).astype(np.int64)
        kept = np.zeros_like(candidates)
        counts = shares_to_counts(_layer_shares(model, allocation, capacities), capacities, survivors)
        for layer, count in enumerate(counts):
            inside = layers == layer
            kept |= surviving(scores, prunable & inside, candidates & inside, int(count), compat)
    mask = kept | (model.mask & ~prunable)
    return PruningResult(mask, scores, collapsed_layers(model, mask))
