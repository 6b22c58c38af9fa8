"""Magnitude pruning at initialisation: keep the largest initial weights."""

from __future__ import annotations

import numpy as np

from noprune_theory._types import RNG
from noprune_theory.models.base import Model
from noprune_theory.pruning.selection import Compat, PruningResult, SupervisedData, resolve_survivors, select


def prune_magnitude_initial(
    model: Model,
    data: SupervisedData | None = None,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
    compat: Compat = "exact",
) -> PruningResult:
    """Keep the weights of largest magnitude |w_i| of a model at initialisation: I(m; D | initialisation) = 0.

    Parameters
    ----------
    model : Model
        With its initial weights.
    data : SupervisedData, optional
        Not looked at, whatever it is; accepted so that all methods are called alike.
    keep, sparsity : int or float
        Exactly one: the number of prunable weights kept, or the fraction of them removed.
    rng : numpy.random.Generator or seed, optional
        Not used: the method is deterministic.
    compat : {"exact", "threshold"}
        "threshold" keeps only scores strictly above the threshold, as the public reference code does.

    Returns
    -------
    PruningResult
        With the magnitudes |w_i| as scores.

    Raises
    ------
    TypeError
        If the model is none.
    ValueError
        If `keep` or `sparsity` is out of range.
    """
    survivors = resolve_survivors(model, keep, sparsity)
    return select(model, np.abs(model.weights), survivors, compat)
