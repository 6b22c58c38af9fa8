"""Random pruning: masks that know nothing of the data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from noprune_theory._types import RNG, IntArray
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


def shares_to_counts(shares: Sequence[float | Fraction], capacities: IntArray, keep: int) -> IntArray:
    """Return whole numbers proportional to `shares`, at most `capacities`, of sum `keep`.

    What a full layer cannot take goes to the others in proportion; the last units go to the largest remainders, ties to
    the lower index. Computed in fractions, so that shares that are equal stay equal.
    """
    exact, limits = [Fraction(share) for share in shares], capacities.tolist()
    wanted = [Fraction(0)] * len(exact)
    open_layers = [layer for layer, share in enumerate(exact) if share > 0 and limits[layer] > 0]
    while open_layers:
        rest = keep - sum(wanted[layer] for layer in range(len(exact)) if layer not in open_layers)
        total = sum(exact[layer] for layer in open_layers)
        for layer in open_layers:
            wanted[layer] = exact[layer] * rest / total
        full = [layer for layer in open_layers if wanted[layer] >= limits[layer]]
        if not full:
            break
        for layer in full:
            wanted[layer] = Fraction(limits[layer])
        open_layers = [layer for layer in open_layers if layer not in full]
    counts = [math.floor(number) for number in wanted]
    remainders = sorted(
        (layer for layer in range(len(exact)) if counts[layer] < limits[layer]),
        key=lambda layer: (counts[layer] - wanted[layer], layer),
    )
    for layer in remainders[: keep - sum(counts)]:
        counts[layer] += 1
    return np.array(counts, dtype=np.int64)


def _layer_shares(model: Model, allocation: Allocation, capacities: IntArray) -> list[Fraction]:
    """Return what fraction of the kept weights each layer asks for, up to a factor."""
    sizes = [Fraction(size) for size in capacities.tolist()]
    if allocation == "layerwise" or not isinstance(model, MLP):
        return sizes
    # Erdos-Renyi (Mocanu et al. 2018; Evci et al. 2020): density proportional to (inputs + outputs) / (inputs outputs).
    return [
        size * Fraction(inputs + outputs, inputs * outputs)
        for size, (inputs, outputs) in zip(sizes, pairwise(model.widths), strict=True)
    ]


def prune_random(
    model: Model,
    data: SupervisedData | None = None,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
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
    rng : numpy.random.Generator or seed
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
