"""Masks of methods that prune at initialisation, of several sparsities: what they share is computed once."""

from __future__ import annotations

from collections.abc import Sequence

from noprune_theory._types import BoolArray
from noprune_theory.models import MLP
from noprune_theory.models.losses import Loss
from noprune_theory.pruning import prune_synflow
from noprune_theory.pruning.grasp import TEMPERATURE, grasp_scores
from noprune_theory.pruning.selection import Compat, select
from noprune_theory.pruning.snip import snip_scores
from noprune_theory.tasks import Dataset


def one_shot_masks(
    method: str, network: MLP, data: Dataset, kept: Sequence[int], loss: Loss, compat: Compat = "exact"
) -> list[BoolArray]:
    """Return a mask for every number of weights kept, by "SNIP", "GraSP" or "SynFlow".

    The scores of SNIP and GraSP do not depend on the number; SynFlow computes new ones in each of its rounds.
    """
    if method == "SynFlow":
        return [prune_synflow(network, keep=keep, compat=compat).mask for keep in kept]
    if method == "SNIP":
        scores = snip_scores(network, data.X, data.y, loss)
    else:
        scores = grasp_scores(network, data.X, data.y, loss, TEMPERATURE)
    return [select(network, scores, keep, compat).mask for keep in kept]
