"""Rounds of cone program, search for steeper regions and certification: the smoothest fit of one scaled problem."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np

from noprune_theory._scaling import scale, scale_float, size_exponent
from noprune_theory._types import FloatArray, IntArray
from noprune_theory.lipschitz import bracket
from noprune_theory.lipschitz._rounding import round_up, scaled_up
from noprune_theory.solvers.smoothest.features._affordable import Pace
from noprune_theory.solvers.smoothest.features._cell_program import CellPath, CellProgram, CellSolution
from noprune_theory.solvers.smoothest.features._cells import Cells
from noprune_theory.solvers.smoothest.features._records import Multipliers, Outcome, Start, layer
from noprune_theory.solvers.smoothest.features._regions import regions_of
from noprune_theory.solvers.smoothest.features._relaxed_program import smallest_relaxed_weights
from noprune_theory.solvers.smoothest.features.certificate import DualForm, SmoothnessCertificate, dual_form
from noprune_theory.solvers.smoothest.features.problem import EPSILON, Evaluated, FeaturesProblem, evaluated
from noprune_theory.solvers.smoothest.features.reach import Reach
from noprune_theory.solvers.smoothest.features.space import FitSpace

# Regions added at a time by a sample.
_ADDED = 150
_FEW = 40
# All regions are in the program from the start where they are at most this many a unit.
_FEW_IN_ALL = 4
# Regions count as near where their slack is less than this share of the bound, or than the gap.
_NEAR = 0.3
# Share of the gap by which the bound is lifted above the steepest region.
_LIFT = 0.1
# A step that leads above the bound by more than the gap ends this far towards the first region on its way.
_TO_REGION = 0.9
# Regions with this many gaps of slack may be left out, from this gap on.
_IDLE, _IDLE_FROM = 3.0, 0.3
# Factor within which eta is as good as the best one.
_BALANCED = 100.0
# Dual weights below this share of the largest are left out of the certificate.
_NEGLIGIBLE = 1e-7
_RELAXED_GAP, _RELAXED_SECONDS = 1e-3, 1.0
# Gap of the path at the first search of a sample; shares of the time left for searches and for a certification.
_FIRST_GAP = 1e-2
_SHARE_OF_SEARCH, _SHARE_OF_CERTIFICATE = 0.3, 0.9
# A constant certified to this relative width can be closed in on; otherwise the search ends when what more regions
# could gain is this share of what certification leaves.
_CLOSABLE = 0.02
_SHARE_TO_GAIN = 0.03
# Time for the last certification, after the deadline.
_LAST_SECONDS = 8.0
# Shares of the time left for a fit on fewer units, and for one enumeration of its regions, at first and by experience.
# There are more units the next time, at least by this factor, or it is not worth it.
_SHARE_OF_PART, _SHARE_AT_FIRST, _SHARE_LATER, _MORE_UNITS = 0.7, 0.2, 0.5, 1.05
# Share of the time for searches where such a fit is to come, or is searched for.
_SHARE_BEFORE_PART = 0.15
_MOST_STEPS = 500
# Violation of the dual equations, in roots of the gap asked for, at which bounds are tried: they lose its square.
_DEFECT = 5.0
# Steps shorter than this lead nowhere.
_SHORTEST = 1e-6
_RESTARTS = 3
# From weights of another fit: share of the radius that they may use, and the bound over their slope.
_WARM_SHARE, _WARM_BOUND = 0.99, 2.0
# Times that the gap of the path is made smaller where the bracket is still too wide.
_ATTEMPTS = 5


def _seconds(deadline: float) -> float:
    return max(0.5 * (deadline - perf_counter()), 1.0)


def _search_space(reach: Reach) -> FitSpace:
    """Return the fits to search: those of the level, without units that others stand for if all is in reach without."""
    columns = reach.problem.separate_columns()
    if len(columns) < len(reach.V):
        part = Reach(reach.problem.restricted(columns))
        if (part.kind, part.rank) == (reach.kind, reach.rank):
            return part.space.embedded(columns, len(reach.V))
    return reach.space


class Search:
    """Rounds of cone program, region search and certification, and the best bounds so far; all in scaled units."""

    def __init__(
        self,
        given: FeaturesProblem,
        X: FloatArray,
        y: FloatArray,
        reach: Reach,
        rng: np.random.Generator,
        start: Start | None = None,
        part: Callable[[IntArray, Start], Search | None] | None = None,
    ) -> None:
        """Begin; `part` returns a search over fits on some of the units (columns) alone, None where they do not do."""
        self.given, self.rng, self.X, self.y, self.part = given, rng, X, y, part
        self.reach, self.space = reach, _search_space(reach)
        # Where slopes of fits of the level are far from one, their squares might leave the range.
        sizes = np.abs(reach.problem.slopes) * np.abs(self.space.start)[:, None]
        self.problem = reach.problem.with_slopes_near(size_exponent(sizes))
        self.cells = Cells(self.problem.slopes, self.problem.normals)
        self.program = CellProgram(self.problem.slopes, self.space)
        self.sizes: FloatArray = np.linalg.norm(self.problem.slopes, axis=1) * (1 + 1e-12)
        self.regions = regions_of(self.cells, rng)
        self.points: FloatArray = np.empty((0, self.cells.normals.shape[1]))
        self.left_out: FloatArray = self.points
        self.keys: list[bytes] = []
        self.retired: set[bytes] = set()
        self.lower, self.upper = 0.0, math.inf
        self.weights, self.estimate = self.space.start, math.inf
        self.certified, self.evidence, self.closable = evaluated(self.problem, self.space.start), "", True
        self.multipliers = Multipliers(self.points, np.empty(0), 0.0, self.problem.b)
        self.all_known, self.start = False, start
        self.pace = Pace(self.cells.span.shape[1], self.cells.lifted)
        self.part_outcome: Outcome | None = None
        self.part_count = 0
        self.steps, self.rounds, self.began = 0, 0, perf_counter()

    # -- regions -------------------------------------------------------------------------------------------------------

    def _search(self, weights: FloatArray, bound: float, limit: int) -> tuple[float, FloatArray]:
        """Return the largest slope found, and points of regions above the bound."""
        known = (self.points, self.program.patterns)
        if not self.regions.exact and len(self.left_out):
            # Regions left out earlier count as well.
            slopes = self.cells.slopes(self.cells.patterns(self.left_out), weights)
            again = np.argsort(-slopes, kind="stable")[: limit // 2]
            again = again[slopes[again] > bound]
            points, patterns = self.left_out[again], self.cells.patterns(self.left_out[again])
            known = (np.vstack([known[0], points]), np.vstack([known[1], patterns]))
            largest, found = self.regions.search(weights, bound, limit, known)
            points = np.vstack([points, found])
        else:
            largest, points = self.regions.search(weights, bound, limit, known)
        if largest < self.estimate:
            self.estimate, self.weights = largest, weights
        return largest, points

    def _fresh(self, points: FloatArray) -> FloatArray:
        """Take in the cells that hold `points` and are not known yet; return their patterns, for the program."""
        points = self.cells.interior(points)
        patterns = self.cells.patterns(points)
        known, fresh = set(self.keys), []
        for row, pattern in enumerate(np.packbits(patterns, axis=1)):
            key = pattern.tobytes()
            if key not in known:
                known.add(key)
                self.keys.append(key)
                fresh.append(row)
        self.points = np.vstack([self.points, points[fresh]])
        return patterns[fresh].astype(np.float64)

    def _begin(self) -> float:
        """Add the steepest cells at the start, or those of the data; return the largest slope."""
        count = self.problem.sloped
        if self.regions.exact:
            listed = self.regions.count
            self.all_known = listed is not None and listed <= _FEW_IN_ALL * count
            limit = listed if self.all_known and listed is not None else max(count, 30)
            steepest, points = self._search(self.space.start, -1.0, limit)
        else:
            data, random = self.problem.points, self.rng.standard_normal((count, self.X.shape[1]))
            points = np.vstack([data, self.cells.lift(random)] if self.cells.lifted else [data, -data, random])
        self.program.add(self._fresh(points))
        inner = float(self.cells.slopes(self.program.patterns, self.space.start).max(initial=0.0))
        return max(steepest, inner) if self.regions.exact else inner

    # -- rounds --------------------------------------------------------------------------------------------------------

    def run(self, rtol: float, deadline: float) -> Outcome:
        """Follow the central path of the cone program while regions come in, then certify."""
        steepest = self._begin()
        if self.start is not None:
            points = self.cells.lift(self.problem.scaled_points(self.start.points))
            self.program.add(self._fresh(points[np.all(np.isfinite(points), axis=1)]))
        if self.space.dimension == 0 or steepest == 0:
            status = self._settle(rtol, deadline)
        elif self.regions.exact:
            status = self._follow(steepest, rtol, deadline)
        else:
            if self.part is not None:
                slopes = self.problem.slopes[: self.problem.sloped]
                # The bound for these weights is that of LipSDP: there is little to add.
                relaxed = smallest_relaxed_weights(slopes, self.space, _RELAXED_GAP)
                self._certify(relaxed, math.inf, rtol, _RELAXED_SECONDS)
            status = self._follow_sample(steepest, rtol, deadline)
        return self._outcome(status, rtol)

    def _closed(self, rtol: float) -> bool:
        return self.lower >= self.upper * (1 - rtol)

    def _settle(self, rtol: float, deadline: float) -> str:
        """Bracket the one fit that there is, or one without slope."""
        weights = self.space.start
        while True:
            solution = self.program.steepest(weights)
            self.rounds += 1
            self._raise_lower(solution, self.points, self.program.patterns)
            _, points = self._search(weights, solution.bound, _ADDED)
            fresh = self._fresh(points)
            if len(fresh) == 0:
                fresh = self._certify(weights, solution.bound, rtol, _seconds(deadline))
            if len(fresh) == 0:
                return "complete"
            if perf_counter() > deadline:
                return "out of time"
            self.program.add(fresh)

    def _follow(self, steepest: float, rtol: float, deadline: float) -> str:
        """Go down the path with all regions in sight: the bound stays above the slopes of all of them."""
        path, target, attempts, restarts = self._path(steepest), 0.25 * rtol, 0, 0
        while True:
            stalled = not (self._descend(path, target) if self.all_known else self._advance(path))
            late = perf_counter() > deadline
            if stalled and path.gap() > target and restarts < _RESTARTS and not late:
                restarts += 1
                path = self._path(self._search(self.space.start, math.inf, 1)[0])
                continue
            reached = path.gap() <= target and path.dual_defect() <= _DEFECT * math.sqrt(target)
            if not (reached or stalled or (late and path.gap() < 0.1) or self.steps > _MOST_STEPS):
                continue
            solution = path.solution()
            self.rounds += 1
            self._raise_lower(solution, self.points, self.program.patterns)
            fresh = self._certify(solution.weights, solution.bound, rtol, _seconds(deadline))
            if self._closed(rtol):
                return "complete"
            if late or self.steps > _MOST_STEPS:
                return "out of time"
            if len(fresh):
                self._include(path, fresh)
                continue
            attempts += 1
            if stalled or attempts > _ATTEMPTS:
                return "complete"
            target *= 0.2

    def _advance(self, path: CellPath) -> bool:
        """Take a step of the path, and the regions on its way in; return whether it led anywhere."""
        step = path.step()
        if step is None:
            return False
        self.steps += 1
        limit = max(30, self.problem.sloped // 2)
        length = step.length
        fresh: FloatArray = np.empty((0, len(self.problem.slopes)))
        weights, bound = path.weights + length * step.weights, path.bound + length * step.bound
        gap = path.gap()
        steepest, points = self._search(weights, (1 - min(gap, _NEAR)) * bound, limit)
        if steepest > max(bound * (1 + gap), path.bound):
            fresh = self._fresh(points)
            if len(fresh):
                length = min(length, _TO_REGION * path.room(fresh, step))
            path.move(step, length)
            _, points = self._search(path.weights, (1 - min(path.gap(), _NEAR)) * path.bound, limit)
        else:
            path.move(step, length)
        self._retire(path, len(fresh))
        fresh = np.vstack([fresh, self._fresh(points)])
        self._include(path, fresh)
        return length > _SHORTEST or len(fresh) > 0

    def _retire(self, path: CellPath, waiting: int) -> None:
        """Leave out cells that no longer matter, each once; `waiting` known ones are not on the path yet."""
        if path.gap() > _IDLE_FROM:
            return
        idle = path.idle((1 - _IDLE * path.gap()) * path.bound)
        idle &= np.array([key not in self.retired for key in self.keys[: len(idle)]], dtype=bool)
        if np.count_nonzero(idle) <= _FEW // 2:
            return
        kept = np.append(~idle, np.ones(waiting, dtype=bool))
        self.retired.update(key for key, stays in zip(self.keys, kept, strict=True) if not stays)
        self.keys = [key for key, stays in zip(self.keys, kept, strict=True) if stays]
        self.left_out = np.vstack([self.left_out, self.points[~kept]])
        self.points = self.points[kept]
        path.keep(~idle)

    def _include(self, path: CellPath, fresh: FloatArray) -> None:
        """Add cells to the path, above which the bound is lifted where it must."""
        if len(fresh) == 0:
            return
        steepest = float(self.cells.slopes(fresh, path.weights).max())
        if steepest >= path.bound * (1 - 1e-3 * path.gap()):
            path.lift(steepest * (1 + _LIFT * path.gap()))
        path.add(fresh)

    def _follow_sample(self, steepest: float, rtol: float, deadline: float) -> str:
        """Go down the path with a sample of the regions in sight, and certify where it finds no more of them."""
        path, restarts = self._path(steepest), 0
        target, gap = 0.25 * rtol, _FIRST_GAP
        # Certification takes what is left of the time, the first time round.
        whole = self.part is not None and self._enumerable(deadline)
        share = _SHARE_OF_SEARCH if whole else _SHARE_BEFORE_PART
        turn = self.began + share * (deadline - self.began)
        solution, known = self.program.steepest(self.space.start), (self.points, self.program.patterns)
        while True:
            stalled = not self._descend(path, gap)
            self.rounds += 1
            if stalled and restarts < _RESTARTS:
                # From afar again: cells that came in late may have left the point too near to the boundary.
                restarts += 1
                path = self._path(float(self.cells.slopes(self.program.patterns, self.space.start).max()))
                continue
            if not stalled:
                solution, known = path.solution(), (self.points, self.program.patterns)
            inner = path.bound
            worst, points = self._search(path.weights, inner * (1 + 0.1 * gap), _ADDED)
            fresh = self._fresh(points)
            late = perf_counter() > (turn if self.closable else deadline)
            searched = len(fresh) == 0 and (gap <= target or stalled) and not self.regions.more()
            hopeless = self._hopeless(solution.bound) and not self.regions.more()
            if late or searched or hopeless or solution.bound >= self.upper * (1 - 0.5 * rtol):
                self._raise_lower(solution, *known)
                late = perf_counter() > deadline
                if late or hopeless or self._closed(rtol):
                    return "out of time" if late and not self._closed(rtol) else "complete"
                found = self._certify_in_time(inner, rtol, deadline)
                turn = perf_counter() + _SHARE_OF_SEARCH * (deadline - perf_counter())
                if self._closed(rtol) or (len(fresh) + len(found) == 0 and (gap <= target or stalled)):
                    return "complete"
                fresh = np.vstack([fresh, found])
            self._retire(path, len(fresh))
            self._include(path, fresh)
            if len(fresh) == 0 or worst < inner * (1 + 3 * gap):
                gap = max((0.2 if len(fresh) == 0 else 0.5) * gap, target)

    def _path(self, steepest: float) -> CellPath:
        """Return a path from the weights to begin with, once, if there are any; else from the start of the space."""
        given, self.start = self.start, None
        if given is not None and given.weights is not None:
            weights, misfit = self.space.towards(given.weights, _WARM_SHARE)
            there = max(self._search(weights, math.inf, 1)[0], 0.0)
            there = max(there, float(self.cells.slopes(self.program.patterns, weights).max()))
            if 0 < there < steepest:
                return CellPath(self.program, weights, misfit, _WARM_BOUND * there, 1.0)
        return CellPath(self.program, self.space.start, self.space.misfit, 1.2 * steepest, 1.0)

    def _descend(self, path: CellPath, gap: float) -> bool:
        """Take steps until the gap is reached; return whether it was."""
        for _ in range(_MOST_STEPS):
            if path.gap() <= gap and path.dual_defect() <= _DEFECT * gap:
                return True
            step = path.step()
            if step is None or step.length < _SHORTEST:
                return False
            self.steps += 1
            path.move(step, step.length)
        return False

    def _hopeless(self, lower: float) -> bool:
        """Return whether most of the gap is one that certification leaves, not one that more regions would close."""
        if self.closable or self.upper == math.inf or lower == 0:
            return False
        return self.estimate < lower * (1 + _SHARE_TO_GAIN * (self.upper / max(self.estimate, lower) - 1))

    def _raise_lower(self, solution: CellSolution, points: FloatArray, patterns: FloatArray) -> None:
        eta = self.reach.loss_weight(solution.pulled, solution.loss, solution.bound)
        form = self._form(solution, patterns, eta)
        if form is None:
            return
        for blur in self.reach.blurs():
            centre, better, at_labels = self.reach.centre(form, solution.bound, blur)
            best = form
            if at_labels or not eta / _BALANCED <= better <= eta * _BALANCED:
                best = self._form(solution, patterns, better) or form
                at_labels = at_labels and best is not form
                centre = self.problem.b if at_labels else self.reach.centre(best, solution.bound, blur)[0]
            bound = best.lower_bound(centre)
            if bound > self.lower:
                self.lower, self.multipliers = bound, Multipliers(points, solution.cells, best.eta, centre)

    def _form(self, solution: CellSolution, patterns: FloatArray, eta: float) -> DualForm | None:
        return dual_form(self.problem, patterns, solution.cells, eta)

    def _certify(self, weights: FloatArray, inner: float, rtol: float, seconds: float) -> FloatArray:
        """Certify the Lipschitz constant of `weights`; return the pattern of a new region above `inner`, if any."""
        fit, correction = self._polished(weights)
        began = perf_counter()
        found = bracket(layer(self.problem, fit.weights), rtol=0.25 * rtol, max_seconds=seconds, rng=self.rng)
        if "tied circles" in found.effort and found.effort["status"] == "complete":
            self.pace.learn(int(np.count_nonzero(fit.weights[: self.problem.sloped])), perf_counter() - began)
        if found.lower > self.estimate:
            # Steeper than the search saw: other weights may be better.
            self.estimate = math.inf
        self.closable = found.relative_gap < _CLOSABLE or found.effort.get("status") != "complete"
        upper = found.upper if math.isinf(correction) else round_up(found.upper + correction, EPSILON)
        if upper < self.upper:
            method = found.method
            if math.isinf(correction):
                method += "; the level is met within rounding"
            elif correction > 0:
                method += ", and a bound for the step to weights that meet the level exactly"
            self.upper, self.certified, self.evidence, self.part_outcome = upper, fit, method, None
        if found.witness is None or found.witness.point is None or found.lower <= inner * (1 + 0.1 * rtol):
            return np.empty((0, len(weights)))
        point = scale(found.witness.point[None], -self.problem.gradient_exponent)
        return self._fresh(self.cells.lift(self.problem.scaled_points(point)))

    def _enumerable(self, deadline: float) -> bool:
        """Return whether all regions can be enumerated in the time left, or never are."""
        return self.pace.fits(self.problem.sloped, _SHARE_OF_PART * (deadline - perf_counter()))

    def _certify_in_time(self, inner: float, rtol: float, deadline: float) -> FloatArray:
        """Certify the best weights, or some on fewer units where their regions are too many for the time left."""
        left = deadline - perf_counter()
        # A part has no parts, and with an upper bound nothing more to do.
        if not self._enumerable(deadline) and (
            self._certify_part(rtol, deadline) or (self.part is None and self.upper < math.inf)
        ):
            return np.empty((0, len(self.weights)))
        return self._certify(self.weights, inner, rtol, max(_SHARE_OF_CERTIFICATE * left, 1.0))

    def _certify_part(self, rtol: float, deadline: float) -> bool:
        """Search for a fit on as many units as can be enumerated, those with the largest weights, and certify it.

        Regions grow with a power of the units, and small weights gain little. Return whether there is such a fit.
        """
        left = deadline - perf_counter()
        count = self.pace.units((_SHARE_LATER if self.pace.known else _SHARE_AT_FIRST) * left)
        if self.part is None or count >= self.problem.sloped:
            return False
        if count <= _MORE_UNITS * self.part_count:
            return self.part_count > 0
        sizes = np.abs(self.weights) * self.sizes
        sizes[self.problem.sloped :] = math.inf
        chosen = np.sort(np.argsort(-sizes, kind="stable")[: count + len(sizes) - self.problem.sloped])
        points = scale(self.cells.lower(self.points), self.problem.coordinate_exponents)
        search = self.part(chosen, Start(points, None))
        if search is None:
            return False
        search.pace = self.pace
        self.part_count = count
        exponent = search.problem.slope_exponent - self.problem.slope_exponent
        outcome = search.run(rtol, perf_counter() + _SHARE_OF_PART * left)
        upper = scaled_up(outcome.upper, exponent)
        if upper < self.upper and not outcome.undecided:
            evidence = f"{outcome.evidence}; on {count} of {self.problem.sloped} units"
            self.part_outcome = replace(outcome, evidence=evidence)
            self.upper = upper
        return True

    def _polished(self, weights: FloatArray) -> tuple[Evaluated, float]:
        """Return weights that meet the level, within rounding, and what a step to it exactly adds to their constant."""
        fits = self.reach.polished(weights, self.space)
        corrections = [self.reach.correction(fit, self.sizes) for fit in fits]
        if len(fits) == 1:
            return fits[0], corrections[0]
        slopes = [float(self.cells.slopes(self.program.patterns, fit.weights).max()) for fit in fits]
        best = int(np.argmin(np.add(slopes, corrections)))
        return fits[best], corrections[best]

    def _outcome(self, status: str, rtol: float) -> Outcome:
        hopeless = self.part_count > 0 or (self.part is None and self.upper < math.inf)
        worth = self.estimate < self.upper * (1 - 0.25 * rtol)
        if worth and not (hopeless and not self.pace.fits(self.problem.sloped, _LAST_SECONDS)):
            self._certify(self.weights, math.inf, rtol, _LAST_SECONDS)
        certificate, lower = self._certificate()
        effort: dict[str, float | int | str] = {
            "seconds": perf_counter() - self.began,
            "rounds": self.rounds,
            "steps": self.steps,
            "regions": len(self.points),
            "status": status,
        }
        if self.part_outcome is not None:
            return replace(self.part_outcome, lower=lower, certificate=certificate, effort=effort)
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
        points = scale(self.cells.lower(self.multipliers.points[used]), problem.coordinate_exponents)
        centre = self._on_samples(self.multipliers.centre)
        evidence = SmoothnessCertificate(points, shares[used] / shares[used].sum(), loss, centre, exponent)
        return evidence, evidence.lower_bound_of(self.given)

    def _on_samples(self, centre: FloatArray) -> FloatArray:
        """Return a weighted vector of the points as one of the samples, in the units of the labels."""
        full = np.empty(len(self.y))
        for group, value in zip(self.problem.members, centre, strict=True):
            full[group] = value / math.sqrt(len(group))
        return scale(full, self.problem.label_exponent)
