"""The mask that merely encodes the data (Section 5.5 of the paper): much information, no robustness."""

from __future__ import annotations

from math import comb

import numpy as np

from noprune_theory._types import BoolArray
from noprune_theory.models.base import Model
from noprune_theory.pruning.selection import (
    PruningResult,
    SupervisedData,
    checked_data,
    collapsed_layers,
    prunable_weights,
    resolve_survivors,
)


def subset_of_rank(rank: int, size: int, keep: int) -> BoolArray:
    """Return the subset number `rank` in [0, C(size, keep)) of the lexicographic order, as a mask (size,).

    Subsets that hold the first element come first (the combinatorial number system).
    """
    if not 0 <= rank < comb(size, keep):
        raise ValueError(f"rank must be in [0, C({size}, {keep}) - 1] = [0, {comb(size, keep) - 1}], got {rank}")
    mask = np.zeros(size, dtype=bool)
    for i in range(size):
        with_i = comb(size - i - 1, keep - 1) if keep else 0
        if rank < with_i:
            mask[i] = True
            keep -= 1
        else:
            rank -= with_i
    return mask


def prune_data_encoding(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: np.random.Generator | None = None,
) -> PruningResult:
    """Keep the k weights whose positions spell the signs of the data, labels first, then inputs row by row.

    The first floor(log2 C(p, k)) signs (+ is 1) make a binary number, first sign lowest, and the mask is the subset of
    that number. Different signs give different masks, so for fair independent signs I(m; D) is that many bits, the most
    that a mask of k weights can know up to one bit; and the function that the mask allows is no better for it.

    Parameters
    ----------
    model : Model
        Its weights are not read.
    data : SupervisedData
        X, shape (n, d), and y, shape (n,).
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator, optional
        Not used: the method is deterministic.

    Raises
    ------
    ValueError
        If `keep` or `sparsity` is out of range, or the data do not fit the model.
    """
    X, y = checked_data(model, data)
    survivors = resolve_survivors(model, keep, sparsity)
    prunable = prunable_weights(model)
    candidates = np.flatnonzero(prunable & model.mask)
    capacity = comb(len(candidates), survivors).bit_length() - 1
    signs = np.concatenate([y, X.ravel()])[:capacity] > 0
    rank = sum(1 << i for i in np.flatnonzero(signs).tolist())
    mask = model.mask & ~prunable
    mask[candidates[subset_of_rank(rank, len(candidates), survivors)]] = True
    return PruningResult(mask, None, collapsed_layers(model, mask))
