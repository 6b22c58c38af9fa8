r"""The smoothest linear fit over all masks of a size, bracketed: the best that any pruning rule could reach on data.

    minimise  |w|   subject to   (1/n) |X w - y|^2 <= max_mse,  at most k nonzero weights.

*Above.* A mask is improved from a start: with the residual r of its smoothest fit, the columns that pull most are
those of largest |<x_j, r>| (w_j is proportional to <x_j, r> on the mask). The k of largest pull make the next mask,
with fewer and fewer exchanges until none helps; then single exchanges of the weakest inside with the strongest outside.

*Below.* For every r in R^n and every w with k nonzero weights, <r, X w> <= |X^T r|_k |w|, where |h|_k is the root of
the sum of the k largest squares, so that

    |w| >= (<r, y> - sqrt(n max_mse) |r|) / |X^T r|_k.

The right-hand side is quasiconcave in r and its maximum is the least k-support norm of a fit (Argyriou, Foygel, Srebro
2012), the tightest convex relaxation. Any r is a certificate for all masks.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_masks, as_samples, check_integer, check_nonnegative
from noprune_theory.lipschitz import Bracket
from noprune_theory.solvers.smoothest.linear.fit import smoothest_linear_fit

# Up to this many masks are tried one by one.
_EXHAUSTIVE = 5000
_EXCHANGES = 40
_FAILURES = 8
_ALTERNATIONS = 60
# The alternation ends where a step gains less than this share.
_ENOUGH = 1e-4
# A share of zero would stay zero.
_TINY_SHARE = 1e-12
# Relative rounding of the certificate's inner products, times their number, is taken off.
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False, repr=False)
class AllMasksCertificate(ShortRepr):
    """A direction r that bounds |w| from below for every mask of a size.

    Attributes
    ----------
    direction : ndarray, shape (n,)
    """

    direction: FloatArray

    def lower_bound(self, X: ArrayLike, y: ArrayLike, keep: int, max_mse: float) -> float:
        """Evaluate (<r, y> - sqrt(n max_mse) |r|) / |X^T r|_k anew, rounded down; 0 where it says nothing."""
        samples, labels = as_samples(X, y)
        count = check_integer("keep", keep, 0, samples.shape[1])
        level = check_nonnegative("max_mse", max_mse)
        return _bound_below(samples, labels, count, level, self.direction)


@dataclass(frozen=True, eq=False, repr=False)
class AllMasksFit(ShortRepr):
    """The best mask found, and a bracket of the best there is.

    Attributes
    ----------
    mask : ndarray of bool, shape (p,)
    weights : ndarray, shape (p,)
    lipschitz : Bracket
        Around the least |w| over all masks of the size; the upper end is that of `mask`. Exact where all masks were
        tried.
    certificate : AllMasksCertificate or None
        Evidence for the lower end; None where all masks were tried, or where it is 0.
    status : str
        "ok", or "infeasible": no mask that was tried reaches the level (no mask at all, if all were tried).
    """

    mask: BoolArray
    weights: FloatArray
    lipschitz: Bracket
    certificate: AllMasksCertificate | None
    status: str


def smoothest_fit_over_masks(
    X: ArrayLike, y: ArrayLike, *, keep: int, max_mse: float, starts: ArrayLike | None = None
) -> AllMasksFit:
    """Bracket the least Lipschitz constant of a linear fit over all masks of a size.

    Parameters
    ----------
    X : array_like, shape (n, p)
    y : array_like, shape (n,)
    keep : int
        Number k of kept weights, in [1, p].
    max_mse : float
        Loss level >= 0, in squared units of y.
    starts : array_like of bool, shape (n_masks, p), optional
        Masks to improve, such as those of pruning rules; the k columns of largest |<x_j, y>| are tried besides.

    Returns
    -------
    AllMasksFit

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind or shape.

    Examples
    --------
    >>> from noprune_theory.solvers import smoothest_fit_over_masks
    >>> found = smoothest_fit_over_masks([[1.0, 0.0, 2.0], [0.0, 1.0, 2.0]], [1.0, 1.0], keep=1, max_mse=0.0)
    >>> found.mask, round(found.lipschitz.upper, 12)
    (array([False, False,  True]), 0.5)
    """
    samples, labels = as_samples(X, y)
    p = samples.shape[1]
    count = check_integer("keep", keep, 1, p)
    level = check_nonnegative("max_mse", max_mse)
    given = np.zeros((0, p), dtype=bool) if starts is None else np.atleast_2d(as_masks("starts", starts, p))
    if (given.sum(axis=1) != count).any():
        raise ValueError(f"starts must keep {count} weights each, got {sorted(set(given.sum(axis=1).tolist()))}")
    if math.comb(p, count) <= _EXHAUSTIVE:
        return _exhaustive(samples, labels, count, level)
    search = _Search(samples, labels, count, level)
    relaxed, direction, lower = search.relax()
    for mask in (_largest(np.abs(samples.T @ labels), count), _largest(np.abs(relaxed), count), *given):
        search.improve(mask)
    certificate = AllMasksCertificate(direction) if lower > 0 else None
    if math.isinf(search.best):
        never = Bracket(lower, math.inf, False, None, "no mask that was tried reaches the level")
        return AllMasksFit(search.mask, np.full(p, np.nan), never, certificate, "infeasible")
    lower = min(lower, search.best)
    bracket = Bracket(
        lower, search.best, False, None, "exchanges from the masks given above, the k-support relaxation below"
    )
    return AllMasksFit(search.mask, search.weights, bracket, certificate, "ok")


def _largest(scores: FloatArray, count: int) -> BoolArray:
    """Return the mask of the `count` largest scores, ties by index."""
    mask = np.zeros(scores.size, dtype=bool)
    mask[np.argsort(-scores, kind="stable")[:count]] = True
    return mask


def _exhaustive(X: FloatArray, y: FloatArray, count: int, level: float) -> AllMasksFit:
    p = X.shape[1]
    masks = np.zeros((math.comb(p, count), p), dtype=bool)
    for row, chosen in enumerate(itertools.combinations(range(p), count)):
        masks[row, list(chosen)] = True
    fits = smoothest_linear_fit(X, y, masks, max_mse=level)
    lengths = np.where(np.asarray(fits.status) == "ok", np.asarray(fits.lipschitz), np.inf)
    best = int(np.argmin(lengths))
    if math.isinf(lengths[best]):
        never = Bracket(math.inf, math.inf, True, None, "all masks were tried, none reaches the level")
        return AllMasksFit(masks[best], np.full(p, np.nan), never, None, "infeasible")
    # The fit of one mask is a float64 solution of a convex program: good to a few roundings.
    spread = 1e-9 * float(lengths[best])
    found = Bracket(float(lengths[best]) - spread, float(lengths[best]) + spread, True, None, "all masks were tried")
    return AllMasksFit(masks[best], np.asarray(fits.weights)[best], found, None, "ok")


def _top_norm(values: FloatArray, count: int) -> float:
    """Return the root of the sum of the `count` largest squares."""
    return float(np.linalg.norm(np.partition(np.abs(values), values.size - count)[values.size - count :]))


def _bound_below(X: FloatArray, y: FloatArray, count: int, level: float, direction: FloatArray) -> float:
    if count == 0 or not direction.any():
        return 0.0
    r = direction / np.abs(direction).max()
    gain, size = float(r @ y), float(np.linalg.norm(r))
    # Each inner product of n terms is off by at most n eps times the product of the norms, twice for safety.
    slack = 2 * (len(y) + 4) * _EPSILON
    below = gain * (1 - 4 * _EPSILON) - slack * size * float(np.linalg.norm(y))
    below -= math.sqrt(len(y) * level) * size * (1 + slack)
    if below <= 0:
        return 0.0
    columns = slack * float(np.linalg.norm(X)) * size
    return below / ((_top_norm(X.T @ r, count) + columns) * (1 + slack + 2 * count * _EPSILON)) * (1 - 4 * _EPSILON)


class _Search:
    """The best mask so far and its fit."""

    def __init__(self, X: FloatArray, y: FloatArray, count: int, level: float) -> None:
        self.X, self.y, self.count, self.level = X, y, count, level
        self.best = math.inf
        self.mask = np.zeros(X.shape[1], dtype=bool)
        self.weights: FloatArray = np.zeros(X.shape[1])

    def _fit(self, mask: BoolArray) -> tuple[tuple[int, float], FloatArray]:
        """Return what to make small, |w| or, before the level is reached, the loss, and the weights."""
        fit = smoothest_linear_fit(self.X, self.y, mask, max_mse=self.level)
        if fit.status != "ok":
            weights: FloatArray = np.zeros(self.X.shape[1])
            weights[mask] = np.linalg.lstsq(self.X[:, mask], self.y, rcond=None)[0]
            return (1, float(fit.mse)), weights
        if float(fit.lipschitz) < self.best:
            self.best, self.mask, self.weights = float(fit.lipschitz), mask, fit.weights
        return (0, float(fit.lipschitz)), fit.weights

    def improve(self, mask: BoolArray) -> None:
        """Exchange many columns, then fewer, then one at a time, as long as the fit gets better."""
        value, weights = self._fit(mask)
        share, failures = 1.0, 0
        for _ in range(_EXCHANGES):
            pull = np.abs(self.X.T @ self._direction(mask, weights, value[0]))
            inside, outside = np.flatnonzero(mask), np.flatnonzero(~mask)
            # Before the level is reached the pull inside is 0: there the weights say what is weak.
            weakest = inside[np.argsort(np.abs(weights)[inside] if value[0] else pull[inside], kind="stable")]
            strongest = outside[np.argsort(-pull[outside], kind="stable")]
            pairs = min(weakest.size, strongest.size)
            wanted = int(np.count_nonzero(pull[strongest[:pairs]] > pull[weakest[:pairs]]))
            moved = max(1, int(share * wanted)) if pairs else 0
            # After failures at one exchange, other weak columns are tried.
            first = failures if share * wanted <= 1 else 0
            if not moved or failures == _FAILURES or first + moved > pairs:
                break
            trial = mask.copy()
            trial[weakest[first : first + moved]], trial[strongest[:moved]] = False, True
            found, fitted = self._fit(trial)
            if found < (value[0], value[1] * (1 - 1e-12)):
                mask, value, weights, failures = trial, found, fitted, 0
            elif share * wanted > 1:
                share *= 0.5
            else:
                failures += 1

    def _direction(self, mask: BoolArray, weights: FloatArray, unreached: int) -> FloatArray:
        """Return the residual; for an interpolating fit, the multiplier u with w = X_m^T u."""
        residual: FloatArray = np.asarray(self.y - self.X @ weights)
        small = float(np.linalg.norm(residual)) <= 1e-9 * float(np.linalg.norm(self.y))
        if not unreached and (self.level == 0 or small):
            return np.asarray(np.linalg.lstsq(self.X[:, mask].T, weights[mask], rcond=None)[0])
        return residual

    def relax(self) -> tuple[FloatArray, FloatArray, float]:
        """Return weights of nearly least k-support norm, the direction of largest bound, and that bound.

        The square of the k-support norm is the minimum of sum_j w_j^2 / s_j over s in [0, 1]^p with sum k, and jointly
        convex: alternate between the smoothest fit with columns scaled by s_j^(1/2), and the best s for its weights.
        """
        weights: FloatArray = np.zeros(self.X.shape[1])
        direction: FloatArray = self.y
        best = 0.0
        shares: FloatArray = np.full(self.X.shape[1], self.count / self.X.shape[1])
        for _ in range(_ALTERNATIONS):
            roots = np.sqrt(shares)
            fit = smoothest_linear_fit(self.X * roots, self.y, max_mse=self.level)
            if fit.status != "ok":
                break
            weights = np.asarray(fit.weights) * roots
            trial: FloatArray = self.y - self.X @ weights
            if self.level == 0:
                trial = np.asarray(np.linalg.lstsq((self.X * roots).T, np.asarray(fit.weights), rcond=None)[0])
            bound = _bound_below(self.X, self.y, self.count, self.level, trial)
            gained = bound > best * (1 + _ENOUGH)
            if bound > best:
                direction, best = trial, bound
            if not gained and bound > best * (1 - _ENOUGH):
                break
            shares = _best_shares(np.abs(weights), self.count)
        return weights, direction, best


def _best_shares(sizes: FloatArray, count: int) -> FloatArray:
    """Return the s in (0, 1]^p with sum `count` that minimises sum sizes_j^2 / s_j: min(1, sizes_j / c)."""
    if np.count_nonzero(sizes) <= count:
        return np.where(sizes > 0, 1.0, _TINY_SHARE)
    ordered = np.sort(sizes)[::-1]
    # With the t largest at 1, c = (sum of the others) / (count - t); the first t whose next size is below c.
    rest = np.cumsum(ordered[::-1])[::-1]
    t = np.arange(count)
    c = rest[:count] / (count - t)
    fits = np.flatnonzero(ordered[:count] <= c)
    scale = c[fits[0]] if fits.size else ordered[count - 1]
    return np.clip(sizes / scale, _TINY_SHARE, 1.0)
