"""The smoothest random-features fit below a loss level, interpolation included, bracketed.

For f(x) = sum_j a_j relu(<w_j, x> + b_j) with variable a, the Lipschitz constant is the largest |W^T diag(s_c) a| over
the activation patterns s_c of the linear regions, a convex function of a, and the problem is::

    minimise  Lip(a)   subject to   (1/n) |Phi a - y|^2 <= max_mse;

at level 0 the constraint is the equality Phi a = y, and it is solved as such. Any subset of regions gives a lower bound
on the minimum, any feasible a an upper one. One central path of a cone program supplies both: regions that are steep at
its points come in on the way and those that do not matter go, its multipliers are the lower bound, and the Lipschitz
constant of its weights is certified at the end. In few dimensions all regions are searched, by walks along the edges of
their arrangement; otherwise a sample of them is, and the weights whose LipSDP bound is least (a semidefinite program)
may give the better upper bound. Where all regions could be enumerated but for the time, fits on the units that matter
most are certified: regions grow with a power of the number of units, and the least constant changes by little.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import scale, scale_float
from noprune_theory._types import RNG, FloatArray, IntArray
from noprune_theory._validation import as_samples, check_generator, check_nonnegative, check_positive
from noprune_theory.lipschitz import Bracket, bracket
from noprune_theory.lipschitz._rounding import scaled_up
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers.smoothest.features._records import Start, layer
from noprune_theory.solvers.smoothest.features.certificate import SmoothnessCertificate
from noprune_theory.solvers.smoothest.features.exact import local_separator, nearly_separating, separator
from noprune_theory.solvers.smoothest.features.problem import (
    Evaluated,
    FeaturesProblem,
    evaluated,
    root_bounds,
    scaled_problem,
)
from noprune_theory.solvers.smoothest.features.reach import Reach
from noprune_theory.solvers.smoothest.features.search import Search

__all__ = ["SmoothestFeaturesFit", "SmoothnessCertificate", "smoothest_random_features_fit"]

_OVERFLOW = "y and the features of model differ by so many orders of magnitude that weights overflow"


@dataclass(frozen=True, eq=False, repr=False)
class SmoothestFeaturesFit(ShortRepr):
    """A fit of nearly least Lipschitz constant, and certified bounds on the least one.

    Attributes
    ----------
    weights : ndarray, shape (N,)
        Output weights, zero off the mask; NaN where infeasible.
    lipschitz : Bracket
        `lower <= min Lip <= upper`, the minimum over all weights on the mask that meet the level; `upper` is at least
        the Lipschitz constant of `weights`. It carries no witness: the evidence for `lower` is `certificate`, for
        `upper` the weights themselves. Both are infinite where infeasible; `upper` is where undecided.
    mse : float
        Mean squared error of `weights`, residuals formed in twice the precision; where infeasible, the smallest that
        the mask can attain.
    certificate : SmoothnessCertificate or None
        None where `lower` needs none (it is 0).
    status : str
        "ok": `weights` meet the level, up to `level_excess`. "infeasible": no weights on the mask meet it, and
        `certificate.separator` shows that. "undecided": the features reach the level neither within rounding nor
        provably not (their rank is not certain); `weights` are those of the smallest loss found.
    rank : int
        Numerical rank of the features on the distinct inputs: singular values, after rows and columns are brought to
        unit size by powers of two, above `rank_tolerance` times the largest.
    rank_tolerance : float
        max(n, N) x 2.2e-16, with the distinct inputs and the independent units of the mask counted.
    level_excess : float
        At least |Phi a - y| - sqrt(n max_mse) for `weights` a, in the units of y, and 0 where they meet the level for
        certain. Otherwise the level is that of the smallest loss, within rounding: every residual exceeds what the
        level allows by at most `rank_tolerance` (|Phi| |a| + |y|), or the level is below the smallest loss by at most
        1e-12 of it. `upper` then covers the distance from `weights` to weights of the smallest loss exactly, unless
        the rank is below both n and N (`lipschitz.method` says so).
    """

    weights: FloatArray
    lipschitz: Bracket
    mse: float
    certificate: SmoothnessCertificate | None
    status: str
    rank: int = 0
    rank_tolerance: float = 0.0
    level_excess: float = 0.0


def smoothest_random_features_fit(
    model: RandomFeatures,
    X: ArrayLike,
    y: ArrayLike,
    *,
    max_mse: float,
    rtol: float = 1e-4,
    max_seconds: float = 60.0,
    rng: RNG | None = None,
    start: SmoothestFeaturesFit | None = None,
) -> SmoothestFeaturesFit:
    """Bracket the least Lipschitz constant of random-features fits with a bounded mean squared error.

    Parameters
    ----------
    model : RandomFeatures
        With activation "relu". Its directions, offsets and mask are used; its weights are not. Units without direction
        are constants: features without slope.
    X : array_like, shape (n, d)
        Inputs.
    y : array_like, shape (n,)
        Labels.
    max_mse : float
        Loss level >= 0, in squared units of y. 0 asks for interpolation, Phi a = y; a level within 1e-12 (relative) of
        the smallest reachable loss asks for the fits of that loss.
    rtol : float
        Stop when the bracket is relatively this narrow.
    max_seconds : float
        Start no further round after this many seconds, the first excepted; the bracket reached by then is returned.
    rng : numpy.random.Generator or seed, optional
        Draws search directions; `numpy.random.default_rng(0)` by default.
    start : SmoothestFeaturesFit, optional
        A fit to begin with: of a neighbouring level, other labels, other data or other weights. The regions of its
        certificate and, for as many units, its weights make the search shorter; the bracket is certified as without it.

    Returns
    -------
    SmoothestFeaturesFit

    Raises
    ------
    TypeError
        If the model is not a `RandomFeatures`, the data are not real, or `start` is not a fit.
    ValueError
        If an entry is NaN or infinite, a shape does not fit, the activation is not "relu", or the weights of the fit
        leave the range of float64.

    Notes
    -----
    Units, inputs and labels are scaled by powers of two first: weights and bracket are the same numbers, up to the
    factor, when y is given in another unit (and the level in its square), or when a unit's direction and offset are.

    Examples
    --------
    >>> model = RandomFeatures([[1.0], [-1.0]], [0.0, 0.0])
    >>> fit = smoothest_random_features_fit(model, [[1.0], [-1.0]], [1.0, 1.0], max_mse=0.25)
    >>> round(fit.lipschitz.upper, 3), round(fit.mse, 3)
    (0.5, 0.25)
    >>> round(smoothest_random_features_fit(model, [[1.0], [-1.0]], [1.0, 2.0], max_mse=0.0).lipschitz.upper, 9)
    2.0
    """
    if not isinstance(model, RandomFeatures):
        raise TypeError(f"model must be a RandomFeatures model, got {type(model).__name__}")
    if model.activation != "relu":
        raise ValueError(f"activation must be 'relu' (linear regions are needed), got {model.activation!r}")
    samples, labels = as_samples(X, y)
    if samples.shape[1] != model.dimension:
        raise ValueError(f"X must have {model.dimension} columns, got shape {samples.shape}")
    level = check_nonnegative("max_mse", max_mse)
    check_positive("rtol", rtol)
    check_positive("max_seconds", max_seconds)
    generator = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    if start is not None and not isinstance(start, SmoothestFeaturesFit):
        raise TypeError(f"start must be a SmoothestFeaturesFit, got {type(start).__name__}")
    given = problem = scaled_problem(model, samples, labels, level)
    flat = _flat_fit(model, problem)
    if flat is not None:
        return flat
    with one_blas_thread():
        reach = Reach(problem)
        near = problem.with_weights_near(reach.space.start)
        if near is not problem:
            problem, reach = near, Reach(near)
        if reach.kind == "unreachable":
            refused = _infeasible(model, samples, labels, level, reach)
            if refused is not None:
                return refused
        if problem.sloped == 0:
            method = "all units of the mask are constant"
            return _result(model, problem, reach.nearest, (0.0, 0.0), method, reach=reach)

        def part(columns: IntArray, begin: Start) -> Search | None:
            units = _columns(problem)[columns]
            fewer = RandomFeatures(model.directions, model.weights, model.offsets, mask=np.isin(all_units, units))
            return _part(fewer, samples, labels, level, reach, generator, begin)

        all_units = np.arange(model.n_weights)
        search = Search(given, samples, labels, reach, generator, _start(model, problem, start), part)
        outcome = search.run(rtol, perf_counter() + max_seconds)
    if outcome.undecided:
        method = "the features reach the level neither within rounding nor provably not"
        ends, status = (outcome.lower, math.inf), "undecided"
    else:
        method = f"cone program over linear regions below; above, the fit's own constant: {outcome.evidence}"
        ends, status = (outcome.lower, outcome.upper), "ok"
    return _result(
        model,
        outcome.problem,
        outcome.fit,
        ends,
        method,
        reach=reach,
        effort=outcome.effort,
        certificate=outcome.certificate,
        status=status,
    )


def _part(
    model: RandomFeatures,
    X: FloatArray,
    y: FloatArray,
    level: float,
    whole: Reach,
    rng: np.random.Generator,
    start: Start,
) -> Search | None:
    """Return a search over the fits of a model with fewer units, None if those do not reach what all of them reach."""
    given = problem = scaled_problem(model, X, y, level)
    reach = Reach(problem)
    near = problem.with_weights_near(reach.space.start)
    if near is not problem:
        reach = Reach(near)
    if reach.kind != whole.kind or (reach.kind != "interior" and reach.rank != whole.rank):
        return None
    return Search(given, X, y, reach, rng, start)


def _start(model: RandomFeatures, problem: FeaturesProblem, fit: SmoothestFeaturesFit | None) -> Start | None:
    """Return what another fit has for a search: inputs in the regions of its certificate, and scaled weights."""
    if fit is None or fit.certificate is None or fit.certificate.points.shape[1:] != (model.dimension,):
        return None
    weights = None
    if fit.weights.shape == (model.n_weights,) and np.all(np.isfinite(fit.weights)):
        weights = scale(fit.weights[_columns(problem)], problem.unit_exponents - problem.label_exponent)
        weights = weights if np.all(np.isfinite(weights)) else None
    return Start(fit.certificate.points, weights)


def _columns(problem: FeaturesProblem) -> IntArray:
    """Return the units of the model that the columns of the problem stand for."""
    units = problem.units.sloped
    return units if problem.units.constant is None else np.append(units, problem.units.constant)


def _flat_fit(model: RandomFeatures, problem: FeaturesProblem) -> SmoothestFeaturesFit | None:
    """Return a constant that meets the level, decided exactly; None if no constant does."""
    means = [(mean, len(group)) for mean, group in zip(problem.means, problem.members, strict=True)]
    count = sum(size for _, size in means)
    total = sum((mean * mean * size for mean, size in means), Fraction(0))
    weights = np.zeros(len(problem.normals))
    units = problem.units
    if total <= problem.budget:
        return _result(model, problem, evaluated(problem, weights), (0.0, 0.0), "the constant 0 meets the level")
    average = sum((mean * size for mean, size in means), Fraction(0)) / count
    if (units.constant is None and not units.level) or total - count * average**2 > problem.budget:
        return None
    if units.constant is not None:
        weights[-1] = float(average / Fraction(float(problem.normals[-1, -1])))
        return _result(model, problem, evaluated(problem, weights), (0.0, 0.0), "a constant meets the level")
    places = {int(unit): place for place, unit in enumerate(units.sloped)}
    for unit, share in units.level:
        exponent = int(problem.unit_exponents[places[unit]])
        try:
            weights[places[unit]] = float(average * share * Fraction(2) ** exponent)
        except OverflowError:
            raise ValueError(_OVERFLOW) from None
    found = bracket(layer(problem, weights))
    method = f"opposite units form a constant that meets the level; above, the fit's own constant: {found.method}"
    return _result(model, problem, evaluated(problem, weights), (0.0, found.upper), method)


def _infeasible(
    model: RandomFeatures, X: FloatArray, y: FloatArray, level: float, reach: Reach
) -> SmoothestFeaturesFit | None:
    """Return the certified answer that no weights meet the level; None where no certificate shows that."""
    problem = reach.problem
    attempts: tuple[Callable[[], tuple[int, ...] | None], ...] = (
        lambda: local_separator(problem),
        lambda: separator(problem, reach.beyond, reach.rank),
        lambda: nearly_separating(problem, reach.nearest.residual),
    )
    for attempt in attempts:
        vector = attempt()
        if vector is None:
            continue
        evidence = SmoothnessCertificate(np.empty((0, X.shape[1])), np.empty(0), 0.0, separator=vector)
        if math.isinf(evidence.lower_bound(model, X, y, level)):
            never = Bracket(math.inf, math.inf, True, None, "no weights on the mask meet the level")
            return SmoothestFeaturesFit(
                np.full(model.n_weights, np.nan),
                never,
                _mse(problem, reach.nearest),
                evidence,
                "infeasible",
                reach.rank,
                reach.tolerance,
                math.inf,
            )
    return None


def _mse(problem: FeaturesProblem, fit: Evaluated) -> float:
    """Return the mean squared error of the unscaled fit."""
    count = sum(len(group) for group in problem.members)
    square = (float(fit.residual @ fit.residual) + float(problem.spread)) / count
    return scale_float(square, 2 * problem.label_exponent)


def _unscaled(model: RandomFeatures, problem: FeaturesProblem, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the weights (K,) on the units of the model, and back in the scaled problem, where they may be rounded.

    Only weights at the ends of the range change on the way.
    """
    units = _columns(problem)
    exponents = problem.label_exponent - problem.unit_exponents
    own = scale(weights, exponents)
    if not np.all(np.isfinite(own)):
        raise ValueError(_OVERFLOW)
    full = np.zeros(model.n_weights)
    full[units] = own
    return full, scale(own, -exponents)


def _result(
    model: RandomFeatures,
    problem: FeaturesProblem,
    fit: Evaluated,
    ends: tuple[float, float],
    method: str,
    *,
    reach: Reach | None = None,
    effort: dict[str, float | int | str] | None = None,
    certificate: SmoothnessCertificate | None = None,
    status: str = "ok",
) -> SmoothestFeaturesFit:
    """Return the answer in the units of the data; `ends` are those of the data below and scaled above."""
    weights, rounded = _unscaled(model, problem, fit.weights)
    lower, upper = ends[0], scaled_up(ends[1], problem.slope_exponent)
    if not np.array_equal(rounded, fit.weights):
        fit = evaluated(problem, rounded)
        if problem.sloped:
            upper = max(upper, scaled_up(bracket(layer(problem, rounded)).upper, problem.slope_exponent))
    excess = fit.excess
    if problem.budget < 0:
        # Part of the misfit is within groups.
        excess += root_bounds(-problem.budget)[1]
    exact = upper == 0 or math.isinf(lower)
    return SmoothestFeaturesFit(
        weights,
        Bracket(min(lower, upper), upper, exact, None, method, effort or {}),
        _mse(problem, fit),
        certificate,
        status,
        0 if reach is None else reach.rank,
        0.0 if reach is None else reach.tolerance,
        scaled_up(excess, problem.label_exponent),
    )
