"""Random pruning: every subset of k weights is equally likely, whatever the data."""

from __future__ import annotations

import numpy as np

from noprune_theory._validation import check_generator
from noprune_theory.models.base import Model
from noprune_theory.pruning.selection import PruningResult, SupervisedData, resolve_survivors, select


def prune_random(
    model: Model,
    data: SupervisedData | None = None,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: np.random.Generator | None = None,
) -> PruningResult:
    """Keep a uniformly random subset of the weights. The mask knows nothing of the data: I(m; D) = 0.

    Parameters
    ----------
    model : Model
    data : SupervisedData, optional
        Not read; accepted so that all methods are called alike.
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator
        Required.

    Returns
    -------
    PruningResult
        The scores are the independent uniform variables whose largest were kept.

    Raises
    ------
    TypeError
        If `rng` is not a generator.
    ValueError
        If `keep` or `sparsity` is out of range.
    """
    survivors = resolve_survivors(model, keep, sparsity)
    return select(model, check_generator("rng", rng).random(model.n_weights), survivors)
