"""The mask that merely encodes the data (Section 5.5 of the paper): much information, no robustness."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from noprune_theory._types import RNG, BoolArray
from noprune_theory._validation import shown
from noprune_theory.models.base import Model
from noprune_theory.pruning.selection import (
    PruningResult,
    SupervisedData,
    checked_data,
    collapsed_layers,
    prunable_weights,
    resolve_survivors,
)

_STEPS = 32
"""Elements that are decided one by one; more are split in halves."""

_GUARD = 64
"""Bits kept beyond those that the elements to be decided are worth."""


@dataclass(frozen=True)
class _Walk:
    """Elements decided, and what they make of a number u in [0, 1): (u - skipped / below) below / above.

    u is the place of a subset among those that are left, in lexicographic order: rank / C(size, keep). A share keep /
    size of them holds the first element. If u is below it, u becomes u size / keep, among the subsets of the rest with
    one element less; otherwise (u - keep / size) size / (size - keep).
    """

    taken: list[bool]
    skipped: int
    above: int
    below: int

    def then(self, after: _Walk) -> _Walk:
        """Return this walk followed by another."""
        skipped = self.skipped * after.below + self.above * after.skipped
        return _Walk(self.taken + after.taken, skipped, self.above * after.above, self.below * after.below)

    def moved(self, u: int, error: int, bits: int) -> tuple[int, int]:
        """Return where the walk leads the number u 2^-bits, and its error."""
        # Leading bits suffice: the difference loses as many as the walk is worth, and `bits` are wanted of it.
        worth = self.below.bit_length() - self.above.bit_length() + 1
        cut = max(0, self.above.bit_length() - bits - 2 * worth - _GUARD)
        skipped, above, below = self.skipped >> cut, self.above >> cut, self.below >> cut
        return (u * below - (skipped << bits)) // above, error * below // above + 3


def _walk(u: int, error: int, bits: int, size: int, keep: int, steps: int, composed: bool = True) -> _Walk:
    """Decide up to `steps` elements for a number within `error` of `u`, both in units of 2^-bits.

    Stops before an element that the error leaves open. Halves are decided from the leading bits alone, which makes the
    work nearly linear in the number of elements, as in the half of Euclid's algorithm.
    """
    if steps <= _STEPS:
        return _decide(u, error, bits, size, keep, steps)
    done: _Walk | None = None
    taken: list[bool] = []
    while len(taken) < steps:
        chunk = steps - len(taken) if taken else steps // 2
        cut = max(0, bits - 2 * chunk - _GUARD)
        step = _walk(u >> cut, (error >> cut) + 1, bits - cut, size, keep, chunk)
        if not step.taken:
            step = _decide(u, error, bits, size, keep, 1)
        if not step.taken:
            break
        u, error = step.moved(u, error, bits)
        size, keep = size - len(step.taken), keep - sum(step.taken)
        taken += step.taken
        if composed:
            done = step if done is None else done.then(step)
    return done or _Walk(taken, 0, 1, 1)


def _decide(u: int, error: int, bits: int, size: int, keep: int, steps: int) -> _Walk:
    """Do what `_walk` does, element by element."""
    taken: list[bool] = []
    skipped, above, below = 0, 1, 1
    while len(taken) < steps:
        left = u * size - (keep << bits)
        if 0 < keep < size and abs(left) <= error * size:
            break
        first = keep > 0 and (keep == size or left < 0)
        factor = keep if first else size - keep
        skipped = skipped * size + (0 if first else above * keep)
        above, below = above * factor, below * size
        u, error = (u * size if first else left) // factor, error * size // factor + 2
        size, keep = size - 1, keep - first
        taken.append(first)
    return _Walk(taken, skipped, above, below)


def subset_of_rank(rank: int, size: int, keep: int) -> BoolArray:
    """Return the subset number `rank` in [0, C(size, keep)) of the lexicographic order, as a mask (size,).

    Subsets that hold the first element come first (the combinatorial number system).
    """
    count = comb(size, keep)
    if not 0 <= rank < count:
        raise ValueError(f"rank must be in [0, C({size}, {keep}) - 1], got {shown(rank)} of {shown(count)} subsets")
    # The middle of the subset's interval: at least half an interval away from every number it is compared with.
    bits = count.bit_length() + size.bit_length() + _GUARD
    u = ((2 * rank + 1) << bits) // (2 * count)
    return np.array(_walk(u, 1, bits, size, keep, size, composed=False).taken, dtype=bool)


def prune_data_encoding(
    model: Model,
    data: SupervisedData,
    *,
    keep: int | None = None,
    sparsity: float | None = None,
    rng: RNG | None = None,
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
    rng : numpy.random.Generator or seed, optional
        Not used: the method is deterministic.

    Returns
    -------
    PruningResult
        Without scores.

    Raises
    ------
    TypeError
        If the model is none, or the data have no X and y.
    ValueError
        If `keep` or `sparsity` is out of range, or the data do not fit the model.
    """
    X, y = checked_data(model, data)
    survivors = resolve_survivors(model, keep, sparsity)
    prunable = prunable_weights(model)
    candidates = np.flatnonzero(prunable & model.mask)
    capacity = comb(len(candidates), survivors).bit_length() - 1
    signs = np.concatenate([y, X.ravel()])[:capacity] > 0
    rank = int.from_bytes(np.packbits(signs, bitorder="little").tobytes(), "little")
    mask = model.mask & ~prunable
    mask[candidates[subset_of_rank(rank, len(candidates), survivors)]] = True
    return PruningResult(mask, None, collapsed_layers(model, mask))
