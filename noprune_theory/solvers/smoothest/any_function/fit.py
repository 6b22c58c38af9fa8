"""The smallest Lipschitz constant of any function that fits: a floor that no class of models can go below.

For data (x_i, y_i) and a loss level::

    minimise  L   subject to   |v_i - v_j| <= L |x_i - x_j| for all pairs   and   mean (y_i - v_i)^2 <= max_mse;

such values extend to all of R^d with the same constant (McShane 1934, Whitney 1934). At level 0 that is
max |y_i - y_j| / |x_i - x_j|. In general few pairs are active: an interior-point method solves the program over a
growing set of pairs. Its multipliers, a transport plan, give the lower end of the bracket, its values the upper one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import size_exponent
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_masks, as_samples, check_nonnegative, check_positive
from noprune_theory.lipschitz import Bracket
from noprune_theory.lipschitz._dyadic import root_below, two_to
from noprune_theory.solvers.smoothest._exact_loss import float_above
from noprune_theory.solvers.smoothest.any_function._pairs import Pairs
from noprune_theory.solvers.smoothest.any_function._problem import Problem
from noprune_theory.solvers.smoothest.any_function._search import Search
from noprune_theory.solvers.smoothest.any_function._transport import NO_FLOWS, TransportCertificate, completed
from noprune_theory.solvers.smoothest.any_function.extension import LipschitzExtension

# Steepest pairs that are tried one by one.
_EXACT_PAIRS = 16


@dataclass(frozen=True, eq=False, repr=False)
class SmoothestFunctionFit(ShortRepr):
    """Values of nearly least Lipschitz constant at the samples, and certified bounds on the least one.

    Attributes
    ----------
    points : ndarray, shape (n, d)
        The samples.
    values : ndarray, shape (n,)
        v_i, each rounded to float64; NaN where infeasible.
    lipschitz : Bracket
        `lower <= min L <= upper` over all functions that meet the level; `upper` is at least the constant of `values`
        as they were before rounding. The evidence for `lower` is `certificate`. Both are infinite where infeasible.
    mse : float
        Mean squared error of the values before rounding, rounded up: at most the level. Where infeasible, the smallest
        that any function can attain.
    certificate : TransportCertificate
    status : str
        "ok", or "infeasible": equal points have labels that differ by more than the level allows.
    mask : ndarray of bool, shape (d,), or None
        Coordinates that the functions see; None for all.
    """

    points: FloatArray
    values: FloatArray
    lipschitz: Bracket
    mse: float
    certificate: TransportCertificate
    status: str
    mask: BoolArray | None = None

    def extension(self) -> LipschitzExtension:
        """Return the values extended to R^d with the Lipschitz constant `lipschitz.upper`.

        Raises
        ------
        ValueError
            If the level is infeasible.
        """
        if self.status == "infeasible":
            raise ValueError("no function meets the level: equal points have labels that differ by too much")
        return LipschitzExtension(self.points, self.values, self.lipschitz.upper, self.mask)

    def extend(self, X_new: ArrayLike) -> FloatArray:
        """Return the extended function at the rows of X_new (m, d), shape (m,)."""
        return self.extension().value(X_new)

    __call__ = extend


def smoothest_function_fit(
    X: ArrayLike,
    y: ArrayLike,
    *,
    max_mse: float,
    mask: ArrayLike | None = None,
    rtol: float = 1e-6,
    max_seconds: float = 60.0,
) -> SmoothestFunctionFit:
    """Bracket the least Lipschitz constant of all functions with a bounded mean squared error on the samples.

    Parameters
    ----------
    X : array_like, shape (n, d)
        Inputs, in any units; rows may be equal.
    y : array_like, shape (n,)
        Labels, in any units.
    max_mse : float
        Loss level >= 0, in squared units of y; at 0 the function interpolates.
    mask : array_like of bool, shape (d,), optional
        True for the coordinates that the functions see; all by default.
    rtol : float
        Stop when the bracket is relatively this narrow.
    max_seconds : float
        Start no further round after this many seconds; the bracket reached by then is returned.

    Returns
    -------
    SmoothestFunctionFit

    Raises
    ------
    TypeError
        If the data are not real.
    ValueError
        If an entry is NaN or infinite, a shape does not fit, or an argument is out of range.

    Notes
    -----
    Memory is that of X and of the pairs kept; where d > 8 and n <= 8000 the distances of all pairs are kept as well.

    Examples
    --------
    >>> fit = smoothest_function_fit([[0.0], [1.0], [3.0]], [0.0, 1.0, 0.0], max_mse=0.0)
    >>> fit.lipschitz.upper, float(fit.extend([[0.5]])[0])
    (1.0, 0.5)
    """
    samples, labels = as_samples(X, y)
    level = check_nonnegative("max_mse", max_mse)
    tolerance = check_positive("rtol", rtol)
    deadline = perf_counter() + check_positive("max_seconds", max_seconds)
    seen = None if mask is None else as_masks("mask", mask, samples.shape[1], ndim=1)
    return _solve(Problem(samples, labels, level, seen), tolerance, deadline)


def _solve(problem: Problem, rtol: float, deadline: float) -> SmoothestFunctionFit:
    """Answer the cases that need no program, or run it."""
    n, labels, group = problem.y.size, problem.labels, problem.group
    if problem.budget >= labels.total:
        bracket = Bracket(0.0, 0.0, True, None, "a constant meets the level")
        return _fit(problem, np.full(n, float(labels.mean)), bracket, labels.total, NO_FLOWS, "ok")
    if problem.budget < labels.within:
        deviations = problem.scaled(problem.y) - problem.scaled(problem.means())[group]
        evidence = completed(NO_FLOWS, group, problem.first, deviations, 1.0)
        bracket = Bracket(math.inf, math.inf, True, None, "equal points have labels that differ by too much")
        return _fit(problem, np.full(n, math.nan), bracket, labels.within, evidence, "infeasible")
    return _reachable(problem, Pairs(problem.seen[problem.first]), rtol, deadline)


def _reachable(problem: Problem, pairs: Pairs, rtol: float, deadline: float) -> SmoothestFunctionFit:
    """Return the means of the groups where the level leaves hardly more, else the result of the program."""
    means, within, group = problem.means(), problem.labels.within, problem.group
    radii = [float_above(abs(Fraction(m) - mean)) for m, mean in zip(means.tolist(), problem.labels.means, strict=True)]
    upper = pairs.certified_constant(means, np.array(radii))
    evidence, lower = _along_a_pair(problem, pairs, means)
    exact = problem.budget == within
    if exact or lower >= upper * (1.0 - 0.5 * rtol):
        bracket = Bracket(min(lower, upper), upper, exact, None, "largest slope between two points")
        return _fit(problem, means[group], bracket, within, evidence, "ok")
    search = Search(problem, pairs, rtol)
    found = search.run(deadline)
    if found is not None and found[1] <= upper:
        means, upper, loss = found
    else:
        loss = within
    plan, bound = search.evidence()
    if bound > lower:
        evidence, lower = plan, bound
    method = "interior points over a growing set of pairs: a transport plan below, values at the samples above"
    bracket = Bracket(min(lower, upper), upper, False, None, method, search.effort())
    return _fit(problem, means[group], bracket, loss, evidence, "ok")


def _along_a_pair(problem: Problem, pairs: Pairs, means: FloatArray) -> tuple[TransportCertificate, float]:
    """Return the best flow along one pair of groups, of the steepest, and its bound; exact at budgets near 0."""
    unit = size_exponent(problem.y)
    deviations = problem.scaled(problem.y) - problem.scaled(means)[problem.group]
    radius = root_below((problem.budget - problem.labels.within) * two_to(-2 * unit))
    best, evidence = 0.0, NO_FLOWS
    for pair in pairs.steepest_few(problem.scaled(means), _EXACT_PAIRS):
        alone = TransportCertificate(problem.first[pair][None], np.ones(1))
        # Two groups alone move by 1 / (price count) each, together by the radius.
        price = math.sqrt(float(np.sum(1.0 / problem.counts[pair]))) / max(radius, 2.0**-1000)
        tried = completed(alone, problem.group, problem.first, deviations, price)
        bound = tried.lower_bound(problem.seen, problem.y, problem.level)
        if bound > best:
            best, evidence = bound, tried
    return evidence, best


def _fit(
    problem: Problem,
    values: FloatArray,
    bracket: Bracket,
    loss: Fraction,
    evidence: TransportCertificate,
    status: str,
) -> SmoothestFunctionFit:
    """Return the result for values (n,) of squared loss `loss`."""
    mse, evidence = float_above(loss / problem.y.size), replace(evidence, mask=problem.mask)
    return SmoothestFunctionFit(problem.X, values, bracket, mse, evidence, status, problem.mask)
