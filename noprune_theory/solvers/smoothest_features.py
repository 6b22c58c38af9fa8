"""The smoothest random-features fit below a loss level, interpolation included, bracketed.

For f(x) = sum_j a_j relu(<w_j, x> + b_j) with variable a, the Lipschitz constant is the largest |W^T diag(s_c) a| over
the activation patterns s_c of the linear regions, a convex function of a, and the problem is::

    minimise  Lip(a)   subject to   (1/n) |Phi a - y|^2 <= max_mse;

at level 0 the constraint is the equality Phi a = y, and it is solved as such. Any subset of regions gives a lower bound
on the minimum, any feasible a an upper one. A cone program over a growing set of regions supplies both: its dual is the
lower bound, and a search for steeper regions at its solution either finds some to add or leaves a solution whose
Lipschitz constant is then certified. Where regions are too many to search, the weights whose LipSDP bound is least (a
semidefinite program) give the better upper bound.
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
from noprune_theory._scaling import scale, scale_float, size_exponent
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_samples, check_generator, check_nonnegative, check_positive
from noprune_theory.lipschitz import Bracket, bracket
from noprune_theory.lipschitz._rounding import round_up, scaled_up
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers._cell_program import CellProgram, CellSolution
from noprune_theory.solvers._cells import Cells
from noprune_theory.solvers._relaxed_program import smallest_relaxed_weights
from noprune_theory.solvers.smoothest.features_certificate import DualForm, SmoothnessCertificate, dual_form
from noprune_theory.solvers.smoothest.features_exact import local_separator, nearly_separating, separator
from noprune_theory.solvers.smoothest.features_problem import (
    EPSILON,
    Evaluated,
    FeaturesProblem,
    evaluated,
    root_bounds,
    scaled_problem,
)
from noprune_theory.solvers.smoothest.features_reach import Reach
from noprune_theory.solvers.smoothest.features_space import FitSpace

__all__ = ["SmoothestFeaturesFit", "SmoothnessCertificate", "smoothest_random_features_fit"]

# Regions added at a time, and known ones from which a search starts.
_ADDED = 150
_SEEDS = 64
_FEW = 40
# Factor within which eta is as good as the best one.
_BALANCED = 100.0
# Dual weights below this share of the largest are left out of the certificate.
_NEGLIGIBLE = 1e-7
_RELAXED_GAP = 1e-3
# A constant certified to this relative width can be closed in on; otherwise the search ends when what more regions
# could gain is this share of what certification leaves.
_CLOSABLE = 0.02
_SHARE_TO_GAIN = 0.1
# Time for the last certification, after the deadline.
_LAST_SECONDS = 8.0


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
    rng: np.random.Generator | None = None,
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
    rng : numpy.random.Generator, optional
        Draws search directions; `numpy.random.default_rng(0)` by default.

    Returns
    -------
    SmoothestFeaturesFit

    Raises
    ------
    TypeError
        If the model is not a `RandomFeatures` or the data are not real.
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
    problem = scaled_problem(model, samples, labels, level)
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
        return _Search(model, samples, labels, level, reach, generator).run(rtol, perf_counter() + max_seconds)


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
        weights[places[unit]] = float(average * share * Fraction(2) ** exponent)
    found = bracket(_layer(problem, weights))
    method = f"opposite units form a constant that meets the level; above, the fit's own constant: {found.method}"
    return _result(model, problem, evaluated(problem, weights), (0.0, found.upper), method)


def _layer(problem: FeaturesProblem, weights: FloatArray) -> RandomFeatures:
    """Return the scaled model with given weights (K,), without its constant."""
    sloped = problem.sloped
    offsets = None if problem.offsets is None else problem.offsets[:sloped]
    return RandomFeatures(problem.slopes[:sloped], weights[:sloped], offsets)


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
    units = problem.units.sloped
    if problem.units.constant is not None:
        units = np.append(units, problem.units.constant)
    exponents = problem.label_exponent - problem.unit_exponents
    own = scale(weights, exponents)
    if not np.all(np.isfinite(own)):
        raise ValueError("y and the features of model differ by so many orders of magnitude that weights overflow")
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
        upper = max(upper, scaled_up(bracket(_layer(problem, rounded)).upper, problem.slope_exponent))
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


def _search_space(reach: Reach) -> FitSpace:
    """Return the fits to search: those of the level, without units that others stand for if all is in reach without."""
    columns = reach.problem.separate_columns()
    if len(columns) < len(reach.V):
        part = Reach(reach.problem.restricted(columns))
        if (part.kind, part.rank) == (reach.kind, reach.rank):
            return part.space.embedded(columns, len(reach.V))
    return reach.space


@dataclass(frozen=True, eq=False)
class Multipliers:
    """A point of the dual: weights of the cells (>= 0), and weight and centre of the ball that stands for the loss."""

    cells: FloatArray
    loss: float
    centre: FloatArray


class _Search:
    """Rounds of cone program, region search and certification, and the best bounds so far; all in scaled units."""

    def __init__(
        self, model: RandomFeatures, X: FloatArray, y: FloatArray, level: float, reach: Reach, rng: np.random.Generator
    ) -> None:
        self.model, self.rng, self.X, self.y, self.level = model, rng, X, y, level
        self.reach, self.space = reach, _search_space(reach)
        # Where slopes of fits of the level are far from one, their squares might leave the range.
        sizes = np.abs(reach.problem.slopes) * np.abs(self.space.start)[:, None]
        self.problem = reach.problem.with_slopes_near(size_exponent(sizes))
        self.cells = Cells(self.problem.slopes, self.problem.normals)
        self.program = CellProgram(self.problem.slopes, self.space)
        self.sizes: FloatArray = np.linalg.norm(self.problem.slopes, axis=1) * (1 + 1e-12)
        self.points: FloatArray = np.empty((0, self.cells.normals.shape[1]))
        self.known: set[bytes] = set()
        self.lower, self.upper = 0.0, math.inf
        self.weights, self.estimate = self.space.start, math.inf
        self.certified, self.evidence, self.closable = evaluated(self.problem, self.space.start), "", True
        self.multipliers = Multipliers(np.empty(0), 0.0, self.problem.b)
        self.rounds, self.began = 0, perf_counter()
        self.pool: FloatArray | None = None
        self.pool_patterns: FloatArray | None = None
        self.all_known = False

    # -- regions -------------------------------------------------------------------------------------------------------

    def _add(self, points: FloatArray) -> int:
        """Add the cells that hold `points` and are not known yet; return their number."""
        points = self.cells.interior(points)
        patterns = self.cells.patterns(points)
        fresh = []
        for row, pattern in enumerate(np.packbits(patterns, axis=1)):
            key = pattern.tobytes()
            if key not in self.known:
                self.known.add(key)
                fresh.append(row)
        self.points = np.vstack([self.points, points[fresh]])
        self.program.add(patterns[fresh].astype(np.float64))
        return len(fresh)

    def _slopes(self, patterns: FloatArray | BoolArray, weights: FloatArray) -> FloatArray:
        gradients = (patterns * weights) @ self.cells.directions
        return np.asarray(np.sqrt(np.einsum("cd,cd->c", gradients, gradients)))

    def _begin(self) -> None:
        """Add the cells of the data, of their opposites, and of some random points; list all cells where possible."""
        data = self.problem.points
        random = self.cells.lift(self.rng.standard_normal((self.problem.sloped, self.X.shape[1])))
        self._add(np.vstack([data, random] if self.cells.lifted else [data, -data, random]))
        self.pool = self.cells.all_points()
        if self.pool is not None:
            self.pool_patterns = self.cells.patterns(self.pool).astype(np.float64)
        if self.pool is not None and len(self.pool) <= 4 * self.problem.sloped + 4:
            self._add(self.pool)
            self.all_known = True

    def _steeper(self, weights: FloatArray, bound: float) -> FloatArray:
        """Return points of cells whose slope at `weights` exceeds `bound`, steepest first."""
        if self.pool is not None and self.pool_patterns is not None:
            points, slopes = self.pool, self._slopes(self.pool_patterns, weights)
        else:
            steepest = np.argsort(-self._slopes(self.program.patterns, weights), kind="stable")[:_SEEDS]
            points = self.cells.circle_points(weights, self.points[steepest], bound, self.rng)
            slopes = self._slopes(self.cells.patterns(points), weights)
        order = np.argsort(-slopes, kind="stable")
        return points[order[slopes[order] > bound]]

    # -- rounds --------------------------------------------------------------------------------------------------------

    def run(self, rtol: float, deadline: float) -> SmoothestFeaturesFit:
        """Alternate between the cone program and the search for steeper regions."""
        self._begin()
        if self.pool is None and self.space.dimension:
            slopes = self.problem.slopes[: self.problem.sloped]
            self._certify(smallest_relaxed_weights(slopes, self.space, _RELAXED_GAP), math.inf, rtol, deadline)
        gap, status = (0.25 * rtol if self.all_known else 1e-2), "complete"
        while self.lower < self.upper * (1 - rtol) and not self._hopeless():
            if self.rounds and perf_counter() > deadline:
                status = "out of time"
                break
            solution = self.program.solve(gap)
            weights = solution.weights
            self.rounds += 1
            self._raise_lower(solution)
            inner = float(self._slopes(self.program.patterns, weights).max())
            steeper = self._steeper(weights, inner * (1 + 0.1 * gap))
            worst = float(self._slopes(self.cells.patterns(steeper[:1]), weights)[0]) if len(steeper) else inner
            if worst < self.estimate:
                self.estimate, self.weights = worst, weights
            added = self._add(steeper[:_ADDED])
            # An exact constant brings the steepest region of all, worth its time once the search finds few. Half way to
            # the best weights the regions not yet known weigh less (the constant is convex), and the cut is as good.
            if added == 0:
                added = self._certify(weights, inner, rtol, deadline)
            elif added < _FEW and self.closable:
                self._certify(0.5 * (weights + self.certified.weights), inner, rtol, deadline)
            if added == 0:
                if gap <= 0.25 * rtol:
                    break
                gap = max(0.2 * gap, 0.25 * rtol)
            elif worst < inner * (1 + 3 * gap):
                gap = max(0.5 * gap, 0.25 * rtol)
        return self._result(status, rtol)

    def _hopeless(self) -> bool:
        """Return whether most of the gap is one that certification leaves, not one that more regions would close."""
        reached = max(self.estimate, self.lower)
        if self.closable or reached == 0:
            return False
        return self.estimate < self.lower * (1 + _SHARE_TO_GAIN * (self.upper / reached - 1))

    def _raise_lower(self, solution: CellSolution) -> None:
        eta = self.reach.loss_weight(solution.pulled, solution.loss, solution.bound)
        form = self._form(solution, eta)
        if form is None:
            return
        for blur in self.reach.blurs():
            centre, better = self.reach.centre(form, solution.bound, blur)
            best = form
            if not eta / _BALANCED <= better <= eta * _BALANCED:
                best = self._form(solution, better) or form
                centre, _ = self.reach.centre(best, solution.bound, blur)
            bound = best.lower_bound(centre)
            if bound > self.lower:
                self.lower, self.multipliers = bound, Multipliers(solution.cells, best.eta, centre)

    def _form(self, solution: CellSolution, eta: float) -> DualForm | None:
        return dual_form(self.problem, self.program.patterns, solution.cells, eta)

    def _certify(self, weights: FloatArray, inner: float, rtol: float, deadline: float) -> bool:
        """Certify the Lipschitz constant of `weights`; return whether that added a region steeper than `inner`."""
        seconds = max(0.25 * (deadline - perf_counter()), 1.0)
        fit = self.reach.polished(weights, self.space)
        found = bracket(_layer(self.problem, fit.weights), rtol=0.25 * rtol, max_seconds=seconds, rng=self.rng)
        self.closable = found.relative_gap < _CLOSABLE or found.effort.get("status") != "complete"
        if found.upper < self.upper:
            correction = self.reach.correction(fit, self.sizes)
            method = found.method
            if math.isinf(correction):
                method += "; the level is met within rounding"
            elif correction > 0:
                method += ", and a bound for the step to weights that meet the level exactly"
            upper = found.upper if math.isinf(correction) else round_up(found.upper + correction, EPSILON)
            if upper < self.upper:
                self.upper, self.certified, self.evidence = upper, fit, method
        if found.witness is None or found.witness.point is None or found.lower <= inner * (1 + 0.1 * rtol):
            return False
        point = scale(found.witness.point[None], -self.problem.gradient_exponent)
        return self._add(self.cells.lift(self.problem.scaled_points(point))) > 0

    def _result(self, status: str, rtol: float) -> SmoothestFeaturesFit:
        if self.estimate < self.upper:
            self._certify(self.weights, math.inf, rtol, perf_counter() + _LAST_SECONDS)
        certificate, lower = self._certificate()
        effort: dict[str, float | int | str] = {
            "seconds": perf_counter() - self.began,
            "rounds": self.rounds,
            "regions": len(self.points),
            "status": status,
        }
        method = f"cone program over linear regions below; above, the fit's own constant: {self.evidence}"
        undecided = self.reach.kind == "unreachable" or not self.reach.accepts(self.certified)
        return _result(
            self.model,
            self.problem,
            self.certified,
            (lower, math.inf if undecided else self.upper),
            "the features reach the level neither within rounding nor provably not" if undecided else method,
            reach=self.reach,
            effort=effort,
            certificate=certificate,
            status="undecided" if undecided else "ok",
        )

    def _certificate(self) -> tuple[SmoothnessCertificate | None, float]:
        """Return the evidence for the lower bound, with the regions that matter, and the bound evaluated from it."""
        problem, shares = self.problem, self.multipliers.cells
        if not shares.size:
            return None, 0.0
        used = np.flatnonzero(shares > _NEGLIGIBLE * shares.max())
        # eta is exact in either form.
        loss, exponent = scale_float(self.multipliers.loss, 2 * problem.gradient_exponent), 0
        if not 1e-300 < loss < 1e300:
            loss, exponent = self.multipliers.loss, 2 * problem.gradient_exponent
        points = scale(self.cells.lower(self.points[used]), problem.coordinate_exponents)
        centre = self._on_samples(self.multipliers.centre)
        evidence = SmoothnessCertificate(points, shares[used] / shares[used].sum(), loss, centre, exponent)
        return evidence, evidence.lower_bound(self.model, self.X, self.y, self.level)

    def _on_samples(self, centre: FloatArray) -> FloatArray:
        """Return a weighted vector of the points as one of the samples, in the units of the labels."""
        full = np.empty(len(self.y))
        for group, value in zip(self.problem.members, centre, strict=True):
            full[group] = value / math.sqrt(len(group))
        return scale(full, self.problem.label_exponent)
