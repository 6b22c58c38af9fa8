"""Rounds of cone program, search for steeper regions and certification: the smoothest fit of one scaled problem."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from noprune_theory._scaling import scale, scale_float, size_exponent
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.lipschitz import bracket
from noprune_theory.lipschitz._rounding import round_up
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers.smoothest.features._cell_program import CellProgram, CellSolution
from noprune_theory.solvers.smoothest.features._cells import Cells
from noprune_theory.solvers.smoothest.features._relaxed_program import smallest_relaxed_weights
from noprune_theory.solvers.smoothest.features.certificate import DualForm, SmoothnessCertificate, dual_form
from noprune_theory.solvers.smoothest.features.problem import EPSILON, Evaluated, FeaturesProblem, evaluated
from noprune_theory.solvers.smoothest.features.reach import Reach
from noprune_theory.solvers.smoothest.features.space import FitSpace

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


def layer(problem: FeaturesProblem, weights: FloatArray) -> RandomFeatures:
    """Return the scaled model with given weights (K,), without its constant."""
    sloped = problem.sloped
    offsets = None if problem.offsets is None else problem.offsets[:sloped]
    return RandomFeatures(problem.slopes[:sloped], weights[:sloped], offsets)


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


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a search reached.

    Attributes
    ----------
    problem : FeaturesProblem
        The scaled problem of `fit` and `upper`.
    fit : Evaluated
    lower : float
        In the units of the data.
    upper : float
        Scaled.
    evidence : str
        How `upper` was found.
    certificate : SmoothnessCertificate or None
        The evidence for `lower`.
    undecided : bool
        Whether the weights miss the level by more than rounding.
    effort : dict
    """

    problem: FeaturesProblem
    fit: Evaluated
    lower: float
    upper: float
    evidence: str
    certificate: SmoothnessCertificate | None
    undecided: bool
    effort: dict[str, float | int | str]


class Search:
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

    def run(self, rtol: float, deadline: float) -> Outcome:
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
        return self._outcome(status, rtol)

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
        fit, correction = self._polished(weights)
        found = bracket(layer(self.problem, fit.weights), rtol=0.25 * rtol, max_seconds=seconds, rng=self.rng)
        self.closable = found.relative_gap < _CLOSABLE or found.effort.get("status") != "complete"
        upper = found.upper if math.isinf(correction) else round_up(found.upper + correction, EPSILON)
        if upper < self.upper:
            method = found.method
            if math.isinf(correction):
                method += "; the level is met within rounding"
            elif correction > 0:
                method += ", and a bound for the step to weights that meet the level exactly"
            self.upper, self.certified, self.evidence = upper, fit, method
        if found.witness is None or found.witness.point is None or found.lower <= inner * (1 + 0.1 * rtol):
            return False
        point = scale(found.witness.point[None], -self.problem.gradient_exponent)
        return self._add(self.cells.lift(self.problem.scaled_points(point))) > 0

    def _polished(self, weights: FloatArray) -> tuple[Evaluated, float]:
        """Return weights that meet the level, within rounding, and what a step to it exactly adds to their constant."""
        fits = self.reach.polished(weights, self.space)
        corrections = [self.reach.correction(fit, self.sizes) for fit in fits]
        if len(fits) == 1:
            return fits[0], corrections[0]
        slopes = [float(self._slopes(self.program.patterns, fit.weights).max()) for fit in fits]
        best = int(np.argmin(np.add(slopes, corrections)))
        return fits[best], corrections[best]

    def _outcome(self, status: str, rtol: float) -> Outcome:
        if self.estimate < self.upper:
            self._certify(self.weights, math.inf, rtol, perf_counter() + _LAST_SECONDS)
        certificate, lower = self._certificate()
        effort: dict[str, float | int | str] = {
            "seconds": perf_counter() - self.began,
            "rounds": self.rounds,
            "regions": len(self.points),
            "status": status,
        }
        undecided = self.reach.kind == "unreachable" or not self.reach.accepts(self.certified)
        return Outcome(self.problem, self.certified, lower, self.upper, self.evidence, certificate, undecided, effort)

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
