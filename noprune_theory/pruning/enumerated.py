"""From an enumerated list of data sets to masks, in one pass: the hook for exact I(m; D | initialisation).

For the toy of Appendix C.2 the 54,264 multisets of six of the sixteen pairs (x, y) are

    X, y = cube_atoms(3)
    data_sets = np.array(list(itertools.combinations_with_replacement(range(16), 6)))
    network = MLP.draw(rng, (3, 4, 1), prune_biases=True)
    masks = enumerated_masks("iterative_magnitude", network, data_sets, X, y, keeps=[16, 12, 9, 7, 5, 4, 3, 2, 1],
                             training=Training(epochs=1000, optimizer=GradientDescent(0.1)))
    labels, counts = np.unique(masks.codes[:, 0], return_counts=True)

where row k of `masks.codes` belongs to data set k, so that rows can be weighted by the number of orderings of their
multiset. All methods here are deterministic given the initial weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from noprune_theory._display import ShortRepr
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import as_array, check_choice, check_instance, check_integer, check_positive
from noprune_theory.models.losses import LOSSES, Loss, checked_labels
from noprune_theory.models.mlp import MLP
from noprune_theory.pruning._enumerated_kernels import atom_scores, mask_codes
from noprune_theory.pruning._wide import Wide, concatenated
from noprune_theory.pruning._wide_network import summed_gradient, summed_hessian_product
from noprune_theory.pruning.grasp import RANKINGS, TEMPERATURE, Ranking, ranked
from noprune_theory.pruning.iterative_magnitude import checked_counts, iterative_magnitude_rounds
from noprune_theory.pruning.selection import as_network, labelled_samples
from noprune_theory.pruning.synflow import prune_synflow
from noprune_theory.solvers.training import Training, train_networks

MAX_PARAMETERS = 64
"""Parameters of a network whose masks are coded: bits of a code."""

_LEAST_PRODUCT = 2.0**-800
"""Products of the smallest factors that are not smaller leave room for what cancels in their sums."""

_BLOCK_ENTRIES = 1 << 20
"""Entries of the largest intermediate array of scores with exponents of their own."""

ENUMERATED_METHODS = (
    "magnitude_initial",
    "synflow",
    "snip",
    "grasp",
    "magnitude_after",
    "iterative_magnitude",
)


@dataclass(frozen=True, eq=False, repr=False)
class EnumeratedMasks(ShortRepr):
    """The masks of all data sets at all sparsities.

    Attributes
    ----------
    codes : ndarray of uint64, shape (sets, len(keeps))
        Masks: bit i is set when parameter i is kept; `unpack_masks` gives boolean masks.
    keeps : ndarray of int, shape (m,)
        Number of prunable parameters kept.
    n_weights : int
        Number p of parameters.
    trained : ndarray, shape (sets, p), or None
        Weights of the trained dense networks, for "magnitude_after".
    diverged : ndarray of bool, shape (sets,)
        Whether a training diverged; such a mask comes from the last finite weights.
    """

    codes: NDArray[np.uint64]
    keeps: IntArray
    n_weights: int
    trained: FloatArray | None
    diverged: BoolArray


def unpack_masks(codes: ArrayLike, n_weights: int) -> BoolArray:
    """Return the boolean masks of mask codes.

    Parameters
    ----------
    codes : array_like of int, shape (...)
        Bit i is set when parameter i is kept; in [0, 2^p - 1].
    n_weights : int
        Number p of parameters, in [1, 64].

    Returns
    -------
    ndarray of bool, shape (..., p)

    Raises
    ------
    TypeError
        If the codes or `n_weights` are not integers.
    ValueError
        If `n_weights` or a code is out of range, or there are no codes.
    """
    p = check_integer("n_weights", n_weights, 1, MAX_PARAMETERS)
    raw = as_array("codes", codes)
    if raw.dtype.kind not in "iu":
        raise TypeError(f"codes must be integers, got dtype {raw.dtype}")
    if raw.size == 0:
        raise ValueError(f"codes must not be empty, got shape {raw.shape}")
    if int(raw.min()) < 0 or int(raw.max()) >= 2**p:
        raise ValueError(f"codes must be in [0, 2^{p} - 1] for {p} parameters, got {raw.min()} to {raw.max()}")
    bits = raw.astype(np.uint64)[..., None] >> np.arange(p, dtype=np.uint64)
    return (bits & np.uint64(1)).astype(bool)


def _checked_keeps(keeps: Iterable[int], left: int, decreasing: bool) -> IntArray:
    check_instance("keeps", keeps, Iterable)
    checked = [check_integer(f"keeps[{i}]", keep, 0, left) for i, keep in enumerate(keeps)]
    if not checked:
        raise ValueError("keeps must not be empty")
    return np.array(checked_counts("keeps", checked, left) if decreasing else checked, dtype=np.int64)


def _derivative_scores(
    network: MLP,
    data_sets: IntArray,
    X: FloatArray,
    y: FloatArray,
    loss: Loss,
    grasp: bool,
    temperature: float,
    ranking: Ranking,
) -> FloatArray:
    """Return numbers (sets, p) in the order of the SNIP scores, or of the ranked GraSP scores, of every data set."""
    p, candidates = network.n_weights, network.prunable & network.mask
    scale = temperature if grasp else 1.0
    gradients = summed_gradient(network, X, y, loss, scale, per_sample=True)
    hessians = [
        summed_hessian_product(network, X, y, Wide(unit), loss, scale, per_sample=True)
        for unit in (np.eye(p) if grasp else ())
    ]
    if not _fits(network, gradients, hessians, data_sets.shape[1]):
        return _wide_scores(network, data_sets, gradients, hessians, candidates, ranking)
    scores, stacked = np.empty((len(data_sets), p)), np.empty((len(X) if grasp else 0, p, p))
    for i, hessian in enumerate(hessians):
        stacked[:, i] = hessian.value
    atom_scores(data_sets, gradients.value, stacked, network.weights, candidates, scores)
    return ranked(scores, ranking) if grasp else scores


def _fits(network: MLP, gradients: Wide, hessians: list[Wide], n: int) -> bool:
    """Whether sums and products of the atoms' derivatives stay in the range of float64, whatever cancels in them."""
    least, most = 1.0, float(n) ** 2 * network.n_weights
    for factor in (Wide(network.weights), gradients, *([concatenated(hessians)] if hessians else [])):
        if factor.exponent is not None:
            return False
        size = np.abs(factor.value)
        live = size[size > 0]
        if live.size == 0:
            return True
        least, most = least * min(float(live.min()), 1.0), most * max(float(live.max()), 1.0)
    return least >= _LEAST_PRODUCT and most <= 1 / _LEAST_PRODUCT


def _wide_scores(
    network: MLP,
    data_sets: IntArray,
    gradients: Wide,
    hessians: list[Wide],
    candidates: BoolArray,
    ranking: Ranking,
) -> FloatArray:
    """Return what `_derivative_scores` does, by scores with exponents of their own."""
    p, weights = network.n_weights, Wide(network.weights)
    ranks = np.empty((len(data_sets), p))
    step = max(1, _BLOCK_ENTRIES // (data_sets.shape[1] * p))
    for first in range(0, len(data_sets), step):
        sets = data_sets[first : first + step]
        gradient = gradients[sets].sum(axis=1)
        if not hessians:
            ranks[first : first + step] = abs(gradient * weights).ranks()
            continue
        gradient = gradient.where(candidates)
        product = Wide(np.zeros((len(sets), p)))
        for i, hessian in enumerate(hessians):
            product = product + hessian[sets].sum(axis=1) * gradient[:, i : i + 1]
        ranks[first : first + step] = ranked(product * weights, ranking).ranks()
    return ranks


def enumerated_masks(
    method: str,
    network: MLP,
    data_sets: ArrayLike,
    atoms_X: ArrayLike,
    atoms_y: ArrayLike,
    *,
    keeps: Sequence[int],
    loss: Loss = "mse",
    training: Training | None = None,
    temperature: float = TEMPERATURE,
    ranking: Ranking = "largest",
    workers: int = 1,
) -> EnumeratedMasks:
    """Return the mask that a pruning method makes of every data set, at every number of kept weights.

    Agrees with the `prune_*` function of the method called on one data set at a time, up to ties that hold in exact
    arithmetic only.

    Parameters
    ----------
    method : {"magnitude_initial", "synflow", "snip", "grasp", "magnitude_after", "iterative_magnitude"}
        The first two do not look at the data: all rows are equal.
    network : MLP
        At initialisation, with at most 64 parameters.
    data_sets : array_like of int, shape (sets, n)
        Every data set as indices of its atoms. Learners are order-blind up to rounding: write a multiset in one order.
    atoms_X : array_like, shape (atoms, d)
    atoms_y : array_like, shape (atoms,)
        The possible pairs (x, y).
    keeps : sequence of int
        Numbers of prunable parameters kept. For "iterative_magnitude" strictly decreasing, one round each;
        `geometric_counts(p, 1)` is the paper's schedule.
    loss : {"mse", "binary_cross_entropy", "cross_entropy"}
        For "snip" and "grasp"; trained methods use `training.loss`.
    training : Training, optional
        Required by "magnitude_after" and "iterative_magnitude" and refused by the others; full batches, no noise.
    temperature : float
        For "grasp", > 0.
    ranking : {"largest", "magnitude", "smallest"}
        Of the scores of "grasp"; see `prune_grasp`.
    workers : int
        Threads for training, >= 1. The result does not depend on their number.

    Returns
    -------
    EnumeratedMasks

    Raises
    ------
    TypeError
        If the network is not an MLP, `training` is not a Training, `keeps` or `workers` is not made of integers, or an
        array does not hold numbers.
    ValueError
        If an argument is out of range, an index names no atom, or the method and `training` do not go together.
    OverflowError
        If the loss of "snip" or "grasp" is flat beyond any exponent; see `prune_snip`.
    """
    check_choice("method", method, ENUMERATED_METHODS)
    if as_network(network, "network").n_weights > MAX_PARAMETERS:
        raise ValueError(
            f"network must have at most {MAX_PARAMETERS} parameters for mask codes, got {network.n_weights}"
        )
    check_choice("loss", loss, LOSSES)
    check_positive("temperature", temperature)
    check_choice("ranking", ranking, RANKINGS)
    if training is not None:
        check_instance("training", training, Training)
    X, y = labelled_samples("atoms_", atoms_X, atoms_y)
    if X.shape[1] != network.dimension:
        raise ValueError(f"atoms_X must have {network.dimension} columns, the network's dimension, got {X.shape}")
    sets = _checked_sets(data_sets, len(X))
    trained_method = method in ("magnitude_after", "iterative_magnitude")
    if trained_method != (training is not None):
        raise ValueError(
            f"method {method!r} {'needs' if trained_method else 'does not take'} a training, got {training!r}"
        )
    checked_labels(loss if training is None else training.loss, y, network.n_outputs, name="atoms_y")
    if training is not None and training.random:
        raise ValueError("training must be deterministic: full batches and no gradient noise")
    check_integer("workers", workers, 1)
    candidates = network.prunable & network.mask
    counts = _checked_keeps(keeps, int(candidates.sum()), method == "iterative_magnitude")

    codes = np.empty((len(sets), len(counts)), dtype=np.uint64)
    fixed = _code(network.mask & ~network.prunable)
    every = np.broadcast_to(candidates, (len(sets), network.n_weights))
    trained, diverged = None, np.zeros(len(sets), dtype=bool)
    if method == "synflow":
        codes[:] = [_code(prune_synflow(network, keep=int(keep)).mask) for keep in counts]
    elif method == "magnitude_initial":
        mask_codes(np.abs(network.weights)[None], candidates[None], fixed, counts, codes[:1])
        codes[:] = codes[0]
    elif training is None:
        scores = _derivative_scores(network, sets, X, y, loss, method == "grasp", temperature, ranking)
        mask_codes(scores, np.ascontiguousarray(every), fixed, counts, codes)
    else:
        weights = np.broadcast_to(network.weights, every.shape)
        if method == "magnitude_after":
            result = train_networks(network, weights, X[sets], y[sets], training, workers=workers)
            trained, diverged = result.weights, result.diverged_at > 0
            mask_codes(np.abs(trained), np.ascontiguousarray(every), fixed, counts, codes)
        else:
            rounds = iterative_magnitude_rounds(
                network, weights, X[sets], y[sets], training, counts.tolist(), workers=workers
            )
            powers = np.uint64(1) << np.arange(network.n_weights, dtype=np.uint64)
            for column, pruned in enumerate(rounds):
                codes[:, column] = (pruned.masks * powers).sum(axis=1, dtype=np.uint64)
                diverged |= pruned.trained.diverged_at > 0
    return EnumeratedMasks(codes, counts, network.n_weights, trained, diverged)


def _checked_sets(data_sets: ArrayLike, atoms: int) -> IntArray:
    sets = as_array("data_sets", data_sets)
    if sets.dtype.kind not in "iu":
        raise TypeError(f"data_sets must be integers, got dtype {sets.dtype}")
    if sets.ndim != 2 or sets.size == 0:
        raise ValueError(f"data_sets must have shape (sets, n) and not be empty, got {sets.shape}")
    if sets.min() < 0 or sets.max() >= atoms:
        raise ValueError(f"data_sets must hold atoms in [0, {atoms - 1}], got {sets.min()} to {sets.max()}")
    return np.ascontiguousarray(sets, dtype=np.int64)


def _code(mask: BoolArray) -> np.uint64:
    return np.uint64(sum(1 << int(i) for i in np.flatnonzero(mask)))
