"""From scores to masks: exactly k weights kept, ties by index, pruned weights never return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import as_samples, check_choice, resolve_keep
from noprune_theory.models.base import Model
from noprune_theory.models.mlp import MLP, layer_matrices

Compat: TypeAlias = Literal["exact", "threshold"]


class SupervisedData(Protocol):
    """Anything with inputs X, shape (n, d), and labels y, shape (n,); `noprune_theory.tasks.Dataset` is one."""

    @property
    def X(self) -> FloatArray:  # noqa: N802
        """Inputs, shape (n, d)."""

    @property
    def y(self) -> FloatArray:
        """Labels, shape (n,)."""


@dataclass(frozen=True)
class PruningResult:
    """A mask and what it was made from.

    Attributes
    ----------
    mask : ndarray of bool, shape (p,)
        True where a weight is kept.
    scores : ndarray, shape (p,), or None
        The scores whose largest entries were kept; None where the method does not score weights one by one.
    collapsed_layers : tuple of int
        Layers in which no prunable weight survives, so that the network passes nothing on. A collapse is a finding:
        it is reported here and is neither raised nor avoided.
    """

    mask: BoolArray
    scores: FloatArray | None
    collapsed_layers: tuple[int, ...]

    @property
    def kept(self) -> int:
        """Number of parameters that survive, parameters that are never pruned included."""
        return int(self.mask.sum())


def prunable_weights(model: Model) -> BoolArray:
    """Return which of the p parameters a method may remove, shape (p,)."""
    return model.prunable if isinstance(model, MLP) else np.ones(model.n_weights, dtype=bool)


def layer_indices(model: Model) -> IntArray:
    """Return the layer of every parameter, shape (p,); models that are not networks have one layer."""
    index = np.zeros(model.n_weights, dtype=np.int64)
    if isinstance(model, MLP):
        for layer, matrix in enumerate(layer_matrices(index, model.widths, model.biases)):
            matrix[...] = layer
    return index


def collapsed_layers(model: Model, mask: BoolArray) -> tuple[int, ...]:
    """Return the indices of the layers in which `mask` (p,) leaves no prunable weight."""
    surviving = np.bincount(layer_indices(model), weights=mask & prunable_weights(model))
    return tuple(int(layer) for layer in np.flatnonzero(surviving == 0))


def as_network(model: Model) -> MLP:
    """Return `model`, which must be an MLP."""
    if not isinstance(model, MLP):
        raise TypeError(f"model must be an MLP, got {type(model).__name__}")
    return model


def checked_data(model: Model, data: SupervisedData) -> tuple[FloatArray, FloatArray]:
    """Return X (n, d) and y (n,) of `data`; d must be the model's dimension."""
    X, y = as_samples(data.X, data.y)
    if X.shape[1] != model.dimension:
        raise ValueError(f"data.X must have {model.dimension} columns, the model's dimension, got shape {X.shape}")
    return X, y


def resolve_survivors(model: Model, keep: int | None, sparsity: float | None) -> int:
    """Return how many prunable weights survive; pruned weights never return.

    `keep` and `sparsity` count prunable weights of the dense model: kept = prunable - round(sparsity * prunable).

    Raises
    ------
    ValueError
        If not exactly one of the two is given, it is out of range, or more weights would survive than the model's mask
        has left.
    """
    prunable = prunable_weights(model)
    survivors = resolve_keep(int(prunable.sum()), keep=keep, sparsity=sparsity)
    left = int((prunable & model.mask).sum())
    if survivors > left:
        raise ValueError(
            f"keep must be <= {left}, the prunable weights that model.mask has left (a pruned weight never returns), "
            f"got keep={keep!r}, sparsity={sparsity!r}, that is {survivors} weights"
        )
    return survivors


def keep_largest(scores: FloatArray, candidates: BoolArray, keep: int) -> BoolArray:
    """Return masks of the `keep` largest scores among the candidates; of equal scores the lower index is kept.

    Parameters
    ----------
    scores : ndarray, shape (..., p)
        No NaN; infinities are ordered as numbers.
    candidates : ndarray of bool, shape (..., p)
        The weights that may be kept; every row holds at least `keep` of them.
    keep : int
        Number of weights kept in every row.
    """
    if np.isnan(scores).any():
        raise ValueError(f"scores must not be NaN, got {int(np.isnan(scores).sum())} NaN of {scores.size}")
    # Non-candidates go last, ties by index: the sort is stable.
    order = np.lexsort((-scores, ~candidates), axis=-1)
    mask = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(mask, order[..., :keep], True, axis=-1)
    if (mask & ~candidates).any():
        raise ValueError(f"keep must be <= the number of candidates, got {keep} and {int(candidates.sum(-1).min())}")
    return mask


def above_threshold(scores: FloatArray, prunable: BoolArray, candidates: BoolArray, keep: int) -> BoolArray:
    """Return the mask "score strictly above the r-th smallest", r = prunable - keep, of Tanaka et al.'s reference code.

    Ties at the threshold are all removed, so fewer than `keep` weights may survive. Weights that are pruned already
    count with score 0, as they do there.
    """
    removed = int(prunable.sum()) - keep
    if removed == 0:
        return candidates.copy()
    counted = np.where(candidates, scores, 0.0)
    threshold = np.partition(counted[prunable], removed - 1)[removed - 1]
    return candidates & (counted > threshold)


def select(model: Model, scores: FloatArray, keep: int, compat: Compat = "exact") -> PruningResult:
    """Return the result that keeps the `keep` prunable weights of largest score, nested in `model.mask`."""
    check_choice("compat", compat, ("exact", "threshold"))
    prunable = prunable_weights(model)
    candidates = prunable & model.mask
    if compat == "exact":
        kept = keep_largest(scores, candidates, keep)
    else:
        kept = above_threshold(scores, prunable, candidates, keep)
    mask = kept | (model.mask & ~prunable)
    return PruningResult(mask, scores, collapsed_layers(model, mask))
