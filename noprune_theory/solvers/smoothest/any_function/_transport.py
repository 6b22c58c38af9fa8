"""Lower bounds on the Lipschitz constant of every function that fits, from flows between samples.

Let flows lambda_k >= 0 lead from sample i_k to sample j_k, and let g_i be what leaves i less what arrives. Every
function f with |f(x_i) - f(x_j)| <= L |x_i - x_j| has <g, f> = sum_k lambda_k (f(x_i) - f(x_j)) <= L sum_k lambda_k
|x_i - x_j|, and one with mean (y_i - f(x_i))^2 <= s has <g, f> >= <g, y> - sqrt(n s) |g| by Cauchy-Schwarz, so that::

    L >= (<g, y> - sqrt(n s) |g|) / sum_k lambda_k |x_{i_k} - x_{j_k}|.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import scale, size_exponent, stable_norms
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import as_float_array, as_samples, check_nonnegative
from noprune_theory.lipschitz._dyadic import dyadic, root_above, two_to
from noprune_theory.lipschitz._rounding import EPSILON
from noprune_theory.solvers.smoothest._exact_loss import float_below
from noprune_theory.solvers.smoothest.any_function._pairs import squared_distance

# Coordinates of pairs up to which distances are evaluated in integers.
_EXACT_COORDINATES = 20_000
# Binary digits kept of a difference that may cancel.
_DIGITS = 128
# Flows inside groups over those between them, where the loss within the groups takes the whole budget.
_WITHIN = 2.0**45


@dataclass(frozen=True, eq=False, repr=False)
class TransportCertificate(ShortRepr):
    """Evidence for a lower bound on the Lipschitz constant of every function, of any class, that fits.

    With net flows g, every L-Lipschitz function f with mean (y_i - f(x_i))^2 <= max_mse has
    L >= (<g, y> - sqrt(n max_mse) |g|) / sum_k flows_k |x_{i_k} - x_{j_k}|: a transport plan (Kantorovich duality).
    Positive multiples of the flows prove the same.

    Attributes
    ----------
    pairs : ndarray of int, shape (m, 2)
        Samples (i_k, j_k): what flows leaves the first and arrives at the second.
    flows : ndarray, shape (m,)
        lambda_k >= 0.
    mask : ndarray of bool, shape (d,), or None
        Coordinates that the functions see, and that distances count; None for all.
    """

    pairs: IntArray
    flows: FloatArray
    mask: BoolArray | None = None

    def lower_bound(self, X: ArrayLike, y: ArrayLike, max_mse: float) -> float:
        """Evaluate the bound anew from the flows alone, in exact arithmetic, rounded down.

        Parameters
        ----------
        X : array_like, shape (n, d)
        y : array_like, shape (n,)
        max_mse : float
            Loss level >= 0; any level, not only the one of the fit.

        Returns
        -------
        float
            At least 0. Infinite if flows between equal points alone prove that no function fits.

        Raises
        ------
        ValueError
            If the data are malformed or have fewer samples than the pairs name.
        """
        samples, labels = as_samples(X, y)
        level = check_nonnegative("max_mse", max_mse)
        n = labels.size
        if self.pairs.size and int(self.pairs.max()) >= n:
            raise ValueError(f"X must have a row for every sample of the pairs, > {self.pairs.max()}, got {n} rows")
        if self.pairs.size and int(self.pairs.min()) < 0:
            raise ValueError(f"pairs must be >= 0, got {self.pairs.min()}")
        flows, values = dyadic(as_float_array("flows", self.flows, ndim=1, allow_empty=True)), dyadic(labels)
        amounts = flows.digits.tolist()
        if not amounts or min(amounts) < 0:
            return 0.0
        net = [0] * n
        gain = 0
        for (i, j), amount in zip(self.pairs.tolist(), amounts, strict=True):
            net[i] += amount
            net[j] -= amount
            gain += amount * (values.digits[i] - values.digits[j])
        # In units of 2^(exponents of flows and labels): gain - sqrt(square).
        square = n * Fraction(level) * sum(value * value for value in net) / two_to(2 * values.exponent)
        advantage = (gain << _DIGITS) - math.isqrt(math.floor(square * two_to(2 * _DIGITS))) - (1 if square else 0)
        if advantage <= 0:
            return 0.0
        seen = samples if self.mask is None else samples[:, self.mask]
        lengths = dyadic(_distances_above(seen, self.pairs))
        cost = sum(amount * length for amount, length in zip(amounts, lengths.digits.tolist(), strict=True))
        if cost == 0:
            return math.inf
        return float_below(Fraction(advantage, cost) * two_to(values.exponent - lengths.exponent - _DIGITS))


def _distances_above(X: FloatArray, pairs: IntArray) -> FloatArray:
    """Return numbers at least |x_i - x_j|, and 0 for equal points, shape (m,)."""
    first, second = pairs[:, 0], pairs[:, 1]
    if X.shape[1] == 0:
        return np.zeros(pairs.shape[0])
    if pairs.shape[0] * X.shape[1] <= _EXACT_COORDINATES:
        exact = np.arange(pairs.shape[0])
        out = np.empty(pairs.shape[0])
    else:
        down = max(0, size_exponent(X) - 1000)
        out = np.empty(pairs.shape[0])
        part = max(1, 2**20 // X.shape[1])
        for start in range(0, pairs.shape[0], part):
            chosen = slice(start, start + part)
            out[chosen] = stable_norms(scale(X[first[chosen]], -down) - scale(X[second[chosen]], -down))
        # Each difference, square and sum is rounded once; what scaling down lost is far below this.
        exact = np.flatnonzero(out < 2.0**-900)
        out = np.nextafter(scale(out * (1 + (X.shape[1] + 8) * EPSILON), down), math.inf)
    for k in exact:
        out[k] = root_above(squared_distance(X[first[k]], X[second[k]]))
    return out


#: No evidence: the bound is 0.
NO_FLOWS = TransportCertificate(np.empty((0, 2), dtype=np.int64), np.empty(0))


def completed(
    between: TransportCertificate, group: IntArray, first: IntArray, deviations: FloatArray, price: float
) -> TransportCertificate:
    """Return flows with others added inside groups, after which about price deviations_i leave sample i.

    Parameters
    ----------
    between : TransportCertificate
        Flows between groups.
    group : ndarray of int, shape (n,)
    first : ndarray of int, shape (N,)
        A sample of every group, through which its flows lead.
    deviations : ndarray, shape (n,)
        y - v, in any unit.
    price : float
        Cut off where flows inside groups would drown those between them.
    """
    pairs, flows = between.pairs, between.flows
    others = np.flatnonzero(first[group] != np.arange(group.size))
    size = float(np.linalg.norm(deviations[others]))
    if size > 0 and flows.size:
        price = min(price, _WITHIN * float(np.sum(flows)) / size)
    net = np.bincount(pairs[:, 0], flows, group.size) - np.bincount(pairs[:, 1], flows, group.size)
    amounts = price * deviations[others] - net[others]
    live = amounts != 0
    others, amounts, centres = others[live], amounts[live], first[group[others[live]]]
    leaving = amounts > 0
    inside = np.column_stack([np.where(leaving, others, centres), np.where(leaving, centres, others)])
    flows = np.concatenate([flows, np.abs(amounts)])
    return TransportCertificate(np.vstack([pairs, inside]), scale(flows, -size_exponent(flows)))
