"""From scores to masks: exactly k weights kept, ties by index, pruned weights never return.

All `prune_*` functions take `keep` or `sparsity` from the same range: any number of prunable weights, from none to
those that the model's mask has left. So keep = 0 (sparsity = 1) is legal: no prunable weight survives, every layer is
reported as collapsed, and what is left are the parameters that are never pruned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from noprune_theory._display import ShortRepr
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import (
    as_array,
    as_float_array,
    check_choice,
    check_instance,
    check_integer,
    resolve_keep,
    shown,
)
from noprune_theory.models.base import Model
from noprune_theory.models.mlp import MLP
from noprune_theory.models.parameters import layer_matrices
from noprune_theory.pruning._wide import Wide

Compat: TypeAlias = Literal["exact", "threshold"]
COMPATS: tuple[Compat, ...] = ("exact", "threshold")


class SupervisedData(Protocol):
    """Anything with inputs X, shape (n, d), and labels y, shape (n,); `noprune_theory.tasks.Dataset` is one."""

    @property
    def X(self) -> FloatArray:  # noqa: N802
        """Inputs, shape (n, d)."""

    @property
    def y(self) -> FloatArray:
        """Labels, shape (n,)."""


@dataclass(frozen=True, eq=False, repr=False)
class PruningResult(ShortRepr):
    """A mask and what it was made from.

    Attributes
    ----------
    mask : ndarray of bool, shape (p,)
        True where a weight is kept.
    scores : ndarray, shape (p,), or None
        The scores whose largest entries were kept, in units of 2^scores_exponent; None where the method does not score
        weights one by one.
    collapsed_layers : tuple of int
        Layers in which no prunable weight survives, so that the network passes nothing on. A collapse is a finding:
        it is reported here and is neither raised nor avoided.
    scores_exponent : int
        0 unless scores leave the range of float64: those of weights near 1e-100 do after three layers. Then the scores
        are given in units in which the largest is in range, and so are all others if they can; one that is not reads 0,
        though the mask was made of all its digits.
    """

    mask: BoolArray
    scores: FloatArray | None
    collapsed_layers: tuple[int, ...]
    scores_exponent: int = 0

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


def as_network(model: Any, name: str = "model") -> MLP:
    """Return `model`, which must be an MLP."""
    if not isinstance(model, MLP):
        raise TypeError(f"{name} must be an MLP, got {type(model).__name__}")
    return model


def check_model(model: Any) -> None:
    """Refuse `model` unless it offers what a pruning method reads of a model."""
    check_instance("model", model, Model, ("dimension", "n_weights", "weights", "mask"))


def check_data(data: Any) -> None:
    """Refuse `data` unless it has X and y."""
    check_instance("data", data, SupervisedData, ("X", "y"))


def labelled_samples(name: str, X: Any, y: Any) -> tuple[FloatArray, FloatArray]:
    """Return X (n, d) and y (n,) as finite float64 arrays; errors call them `name`X and `name`y."""
    samples, labels = as_float_array(f"{name}X", X, ndim=2), as_float_array(f"{name}y", y, ndim=1)
    if len(labels) != len(samples):
        raise ValueError(f"{name}y must have one entry a row of {name}X, got shapes {labels.shape} and {samples.shape}")
    return samples, labels


def checked_data(model: Model, data: SupervisedData) -> tuple[FloatArray, FloatArray]:
    """Return X (n, d) and y (n,) of `data`; d must be the model's dimension."""
    check_model(model)
    check_data(data)
    X, y = labelled_samples("data.", data.X, data.y)
    if X.shape[1] != model.dimension:
        raise ValueError(f"data.X must have {model.dimension} columns, the model's dimension, got shape {X.shape}")
    return X, y


def resolve_survivors(model: Model, keep: int | None, sparsity: float | None) -> int:
    """Return how many prunable weights survive; pruned weights never return.

    `keep` and `sparsity` count prunable weights of the dense model: kept = prunable - round(sparsity * prunable). None
    at all may survive.

    Raises
    ------
    TypeError
        If `model` is no model.
    ValueError
        If not exactly one of the two is given, it is out of range, or more weights would survive than the model's mask
        has left.
    """
    check_model(model)
    prunable = prunable_weights(model)
    survivors = resolve_keep(int(prunable.sum()), keep=keep, sparsity=sparsity)
    left = int((prunable & model.mask).sum())
    if survivors > left:
        raise ValueError(
            f"keep must be <= {left}, the prunable weights that model.mask has left (a pruned weight never returns), "
            f"got keep={shown(keep)}, sparsity={shown(sparsity)}, that is {survivors} weights"
        )
    return survivors


def _checked_scores(scores: FloatArray) -> FloatArray:
    """Return the scores (..., p) as float64; infinities are scores, NaN is not.

    Scores of a type with more digits than float64 are replaced by their ranks.
    """
    raw = as_array("scores", scores)
    if raw.dtype.kind not in "iuf":
        raise TypeError(f"scores must be an array of real numbers, got dtype {raw.dtype}")
    if raw.ndim == 0 or raw.size == 0:
        raise ValueError(f"scores must have shape (..., p) and not be empty, got {raw.shape}")
    if np.isnan(raw).any():
        raise ValueError(f"scores must not be NaN, got {int(np.isnan(raw).sum())} NaN of {raw.size}")
    with np.errstate(over="ignore", under="ignore"):
        checked: FloatArray = raw.astype(np.float64, copy=False)
    if raw.dtype.itemsize >= 8 and raw.dtype != np.float64 and (checked.astype(raw.dtype) != raw).any():
        return np.unique(raw, return_inverse=True)[1].reshape(raw.shape).astype(np.float64)
    return checked


def keep_largest(scores: FloatArray, candidates: BoolArray, keep: int) -> BoolArray:
    """Return masks of the `keep` largest scores among the candidates; of equal scores the lower index is kept.

    Parameters
    ----------
    scores : ndarray, shape (..., p)
        No NaN; infinities are ordered as numbers.
    candidates : ndarray of bool, shape (..., p)
        The weights that may be kept.
    keep : int
        Number of weights kept in every row, in [0, the fewest candidates of a row].

    Returns
    -------
    ndarray of bool, shape (..., p)
        Exactly `keep` True in each row, among the candidates.

    Raises
    ------
    TypeError
        If the scores are not real numbers, the candidates are not boolean, or `keep` is not an integer.
    ValueError
        If a score is NaN, the shapes differ, there are no scores, or `keep` is out of range.
    """
    scores, candidates = _checked_scores(scores), as_array("candidates", candidates)
    if candidates.dtype != np.bool_:
        raise TypeError(f"candidates must be boolean (True = may be kept), got dtype {candidates.dtype}")
    if candidates.shape != scores.shape:
        raise ValueError(f"candidates must have the shape {scores.shape} of scores, got {candidates.shape}")
    check_integer("keep", keep, 0)
    fewest = int(candidates.sum(axis=-1).min())
    if keep > fewest:
        raise ValueError(f"keep must be <= the number of candidates, {fewest}, got {keep}")
    # Non-candidates go last, ties by index: the sort is stable.
    order = np.lexsort((-scores, ~candidates), axis=-1)
    mask = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(mask, order[..., :keep], True, axis=-1)
    return mask


def above_threshold(scores: FloatArray, prunable: BoolArray, candidates: BoolArray, keep: int) -> BoolArray:
    """Return the mask "score strictly above the r-th smallest", r = prunable - keep, of Tanaka et al.'s reference code.

    Scores and candidates have shape (..., p), `prunable` (p,); every row has a threshold of its own. Ties at
    the threshold are all removed, so fewer than `keep` weights may survive. Weights that are pruned already count with
    score 0, as they do there.
    """
    removed = int(prunable.sum()) - keep
    if removed == 0:
        return candidates.copy()
    counted = np.where(candidates, scores, 0.0)
    threshold = np.partition(counted[..., prunable], removed - 1, axis=-1)[..., removed - 1 : removed]
    return candidates & (counted > threshold)


def surviving(scores: FloatArray, prunable: BoolArray, candidates: BoolArray, keep: int, compat: Compat) -> BoolArray:
    """Return the candidates that survive by the rule that `compat` names, shape (..., p)."""
    if check_choice("compat", compat, COMPATS) == "threshold":
        return above_threshold(scores, prunable, candidates, keep)
    return keep_largest(scores, candidates, keep)


def select(
    model: Model, scores: FloatArray | Wide, keep: int, compat: Compat = "exact", *, order: FloatArray | None = None
) -> PruningResult:
    """Return the result that keeps the `keep` prunable weights of largest score, nested in `model.mask`.

    An `order` (p,) stands for the scores where weights are compared: numbers in the order of the true scores, 0 for 0.
    """
    prunable, exponent = prunable_weights(model), 0
    if isinstance(scores, Wide):
        order = scores.order() if order is None else order
        scores, exponent = scores.common()
    kept = surviving(scores if order is None else order, prunable, prunable & model.mask, keep, compat)
    mask = kept | (model.mask & ~prunable)
    return PruningResult(mask, scores, collapsed_layers(model, mask), exponent)
