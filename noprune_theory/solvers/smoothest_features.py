"""The smoothest random-features fit below a loss level, bracketed.

For f(x) = sum_j a_j relu(<w_j, x> + b_j) with variable a, the Lipschitz constant is the largest |W^T diag(s_c) a| over
the activation patterns s_c of the linear regions, a convex function of a, and the problem is::

    minimise  Lip(a)   subject to   (1/n) |Phi a - y|^2 <= max_mse.

Any subset of regions gives a lower bound on the minimum, any feasible a an upper one. A cone program over a growing set
of regions supplies both: its dual is the lower bound, and a search for steeper regions at its solution either finds
some to add or leaves a solution whose Lipschitz constant is then certified. Where regions are too many to search, the
weights whose LipSDP bound is least (a semidefinite program) give the better upper bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import as_samples, check_generator, check_nonnegative, check_positive
from noprune_theory.lipschitz import Bracket, bracket
from noprune_theory.lipschitz._rounding import pattern_at
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers._cell_program import CellProgram, Multipliers
from noprune_theory.solvers._cells import Cells
from noprune_theory.solvers._relaxed_program import smallest_relaxed_weights
from noprune_theory.solvers.masked_least_squares import least_squares
from noprune_theory.solvers.smoothest_linear import smoothest_linear_fit

# The level must exceed the smallest reachable loss by this factor: an interior is needed.
_INTERIOR = 1 + 1e-6
# Regions added at a time, and known ones from which a search starts.
_ADDED = 150
_SEEDS = 64
_FEW = 40
# Dual weights below this share of the largest are left out of the certificate.
_NEGLIGIBLE = 1e-7
_RELAXED_GAP = 1e-3
# A constant certified to this relative width can be closed in on; otherwise the search ends when what more regions
# could gain is this share of what certification leaves.
_CLOSABLE = 0.02
_SHARE_TO_GAIN = 0.1
# Time for the last certification, after the deadline.
_LAST_SECONDS = 8.0


@dataclass(frozen=True)
class SmoothnessCertificate:
    """Evidence for a lower bound on the Lipschitz constant of every fit of the loss level.

    For the linear regions that hold `points`, with weights lambda_c >= 0 of sum 1 and eta >= 0, every a with
    (1/n) |Phi a - y|^2 <= max_mse satisfies Lip(a)^2 >= min_a sum_c lambda_c |grad f_a(point_c)|^2 +
    eta (|Phi a - y|^2 - n max_mse).

    Attributes
    ----------
    points : ndarray, shape (C, d)
    region_weights : ndarray, shape (C,)
    loss_weight : float
    """

    points: FloatArray
    region_weights: FloatArray
    loss_weight: float

    def lower_bound(self, model: RandomFeatures, X: ArrayLike, y: ArrayLike, max_mse: float) -> float:
        """Evaluate the bound anew from the points alone; regions whose pattern is not certain are left out."""
        samples, labels = as_samples(X, y)
        kept = _distinct_units(model)
        W, b = model.directions[kept], None if model.offsets is None else model.offsets[kept]
        patterns = [pattern_at(W, b, point) for point in self.points]
        certain = np.flatnonzero([pattern is not None for pattern in patterns])
        if certain.size == 0:
            return 0.0
        radius = math.sqrt(len(labels) * max_mse)
        program = CellProgram(W, model.features(samples)[:, kept], labels, radius)
        program.add(np.array([patterns[c] for c in certain], dtype=np.float64))
        weights = self.region_weights[certain]
        return program.dual_bound(Multipliers(weights / weights.sum(), self.loss_weight))


@dataclass(frozen=True)
class SmoothestFeaturesFit:
    """A fit of nearly least Lipschitz constant, and certified bounds on the least one.

    Attributes
    ----------
    weights : ndarray, shape (N,)
        Output weights, zero off the mask; NaN where infeasible.
    lipschitz : Bracket
        `lower <= min Lip <= upper`, the minimum over all weights on the mask that meet the level; `upper` is at least
        the Lipschitz constant of `weights`. It carries no witness: the evidence for `lower` is `certificate`, for
        `upper` the weights themselves. Both are infinite where infeasible.
    mse : float
        Mean squared error of `weights`; where infeasible, the smallest that the mask can attain.
    certificate : SmoothnessCertificate or None
        None where `lower` needs none (it is 0 or infinite).
    status : str
        "ok" or "infeasible".
    """

    weights: FloatArray
    lipschitz: Bracket
    mse: float
    certificate: SmoothnessCertificate | None
    status: str


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
        With activation "relu". Its directions, offsets and mask are used; its weights are not.
    X : array_like, shape (n, d)
        Inputs.
    y : array_like, shape (n,)
        Labels.
    max_mse : float
        Loss level >= 0, in squared units of y; above the smallest reachable loss by a factor 1 + 1e-6 at least.
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
        If an entry is NaN or infinite, a shape does not fit, the activation is not "relu", or the level lies within a
        factor 1 + 1e-6 of the smallest reachable loss (where the feasible set has no interior).

    Examples
    --------
    >>> model = RandomFeatures([[1.0], [-1.0]], [0.0, 0.0])
    >>> fit = smoothest_random_features_fit(model, [[1.0], [-1.0]], [1.0, 1.0], max_mse=0.25)
    >>> round(fit.lipschitz.upper, 3), round(fit.mse, 3)
    (0.5, 0.25)
    """
    if not isinstance(model, RandomFeatures):
        raise TypeError(f"model must be a RandomFeatures model, got {type(model).__name__}")
    if model.activation != "relu":
        raise ValueError(f"activation must be 'relu' (linear regions are needed), got {model.activation!r}")
    samples, labels = as_samples(X, y)
    level = check_nonnegative("max_mse", max_mse)
    check_positive("rtol", rtol)
    check_positive("max_seconds", max_seconds)
    generator = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    features = model.features(samples)
    if level >= np.mean(labels**2):
        zero = Bracket(0.0, 0.0, True, None, "the constant 0 meets the level")
        return SmoothestFeaturesFit(np.zeros(model.n_weights), zero, float(np.mean(labels**2)), None, "ok")
    smallest = float(least_squares(features, labels, model.mask).residual_norm) ** 2 / len(labels)
    if level < smallest * (1 - 1e-9):
        never = Bracket(math.inf, math.inf, True, None, "no weights on the mask meet the level")
        return SmoothestFeaturesFit(np.full(model.n_weights, np.nan), never, smallest, None, "infeasible")
    if level <= smallest * _INTERIOR + 1e-12 * np.mean(labels**2):
        raise ValueError(
            f"max_mse must exceed the smallest reachable mean squared error {smallest} by a factor 1 + 1e-6 "
            f"(the feasible set needs an interior), got {level}"
        )
    search = _Search(model, samples, labels, level, smallest, generator)
    with one_blas_thread():
        return search.run(rtol, perf_counter() + max_seconds)


def _distinct_units(model: RandomFeatures) -> IntArray:
    """Return one kept unit for each class of exactly proportional ones: they act through one sum of their weights.

    Proportional rows have equal entries after division by their largest entry, for a correctly rounded quotient depends
    on the exact ratio alone; candidates found that way are confirmed in rational arithmetic. Dead rows (all zero, or
    without direction and with an offset <= 0) are left out.
    """
    rows = model.directions if model.offsets is None else np.column_stack([model.directions, model.offsets])
    alive = model.directions.any(axis=1)
    if model.offsets is not None:
        alive |= model.offsets > 0
    classes: dict[bytes, list[int]] = {}
    for unit in np.flatnonzero(model.mask & alive):
        scaled = rows[unit] / np.abs(rows[unit]).max() + 0.0
        members = classes.setdefault(scaled.tobytes(), [])
        if not any(_proportional(rows[unit], rows[member]) for member in members):
            members.append(int(unit))
    return np.sort(np.array([unit for members in classes.values() for unit in members], dtype=np.int64))


def _proportional(row: FloatArray, other: FloatArray) -> bool:
    """Return whether two rows are proportional, exactly."""
    pivot = int(np.argmax(np.abs(row)))
    top, other_top = Fraction(float(row[pivot])), Fraction(float(other[pivot]))
    return all(Fraction(float(a)) * other_top == Fraction(float(b)) * top for a, b in zip(row, other, strict=True))


class _Search:
    """Rounds of cone program, region search and certification, and the best bounds so far."""

    def __init__(
        self,
        model: RandomFeatures,
        X: FloatArray,
        y: FloatArray,
        level: float,
        smallest: float,
        rng: np.random.Generator,
    ) -> None:
        self.model, self.rng, self.X, self.y, self.level = model, rng, X, y, level
        self.kept = _distinct_units(model)
        self.features = np.ascontiguousarray(model.features(X)[:, self.kept])
        offsets = None if model.offsets is None else model.offsets[self.kept]
        self.cells = Cells(np.ascontiguousarray(model.directions[self.kept]), offsets)
        self.program = CellProgram(self.cells.directions, self.features, y, math.sqrt(len(y) * level))
        # A strictly feasible start, smooth already.
        self.start: FloatArray = np.asarray(
            smoothest_linear_fit(self.features, y, max_mse=smallest + 0.8 * (level - smallest)).weights
        )
        self.points: FloatArray = np.empty((0, self.cells.normals.shape[1]))
        self.known: set[bytes] = set()
        self.lower, self.upper = 0.0, math.inf
        self.weights, self.estimate = self.start, math.inf
        self.certified, self.evidence, self.closable = self.start, "", True
        self.multipliers = Multipliers(np.empty(0), 0.0)
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
        lifted = self.cells.lift(self.X)
        random = self.cells.lift(self.rng.standard_normal((len(self.kept), self.X.shape[1])))
        mirrored = lifted if self.cells.lifted else -lifted
        self._add(np.vstack([lifted, mirrored, random]))
        self.pool = self.cells.all_points()
        if self.pool is not None:
            self.pool_patterns = self.cells.patterns(self.pool).astype(np.float64)
        if self.pool is not None and len(self.pool) <= 4 * len(self.kept) + 4:
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
        if self.pool is None:
            relaxed = smallest_relaxed_weights(
                self.cells.directions, self.features, self.y, self.program.radius, self.start, _RELAXED_GAP
            )
            self._certify(relaxed, math.inf, rtol, deadline)
        gap, status = (0.25 * rtol if self.all_known else 1e-2), "complete"
        while self.lower < self.upper * (1 - rtol) and not self._hopeless():
            if self.rounds and perf_counter() > deadline:
                status = "out of time"
                break
            weights, multipliers = self.program.solve(self.start, gap)
            self.rounds += 1
            self._raise_lower(multipliers)
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
                self._certify(0.5 * (weights + self.certified), inner, rtol, deadline)
            if added == 0:
                if gap <= 0.25 * rtol:
                    break
                gap = max(0.2 * gap, 0.25 * rtol)
            elif worst < inner * (1 + 3 * gap):
                gap = max(0.5 * gap, 0.25 * rtol)
        return self._result(status, rtol)

    def _hopeless(self) -> bool:
        """Return whether most of the gap is one that certification leaves, not one that more regions would close."""
        left = self.upper / max(self.estimate, self.lower) - 1
        return not self.closable and self.estimate < self.lower * (1 + _SHARE_TO_GAIN * left)

    def _raise_lower(self, multipliers: Multipliers) -> None:
        bound = self.program.dual_bound(multipliers)
        if bound > self.lower:
            self.lower, self.multipliers = bound, multipliers

    def _certify(self, weights: FloatArray, inner: float, rtol: float, deadline: float) -> bool:
        """Certify the Lipschitz constant of `weights`; return whether that added a region steeper than `inner`."""
        seconds = max(0.25 * (deadline - perf_counter()), 1.0)
        found = bracket(self._model(weights), rtol=0.25 * rtol, max_seconds=seconds, rng=self.rng)
        self.closable = found.relative_gap < _CLOSABLE or found.effort.get("status") != "complete"
        if found.upper < self.upper:
            self.upper, self.certified, self.evidence = found.upper, weights, found.method
        if found.witness is None or found.witness.point is None or found.lower <= inner * (1 + 0.1 * rtol):
            return False
        return self._add(self.cells.lift(found.witness.point[None])) > 0

    def _model(self, weights: FloatArray) -> RandomFeatures:
        full = np.zeros(self.model.n_weights)
        full[self.kept] = weights
        return self.model.with_weights(full)

    def _result(self, status: str, rtol: float) -> SmoothestFeaturesFit:
        if self.estimate < self.upper:
            self._certify(self.weights, math.inf, rtol, perf_counter() + _LAST_SECONDS)
        certificate, lower = self._certificate()
        lower = min(lower, self.upper)
        effort: dict[str, float | int | str] = {
            "seconds": perf_counter() - self.began,
            "rounds": self.rounds,
            "regions": len(self.points),
            "status": status,
        }
        method = f"cone program over linear regions below; above, the fit's own constant: {self.evidence}"
        model = self._model(self.certified)
        mse = float(np.mean((self.features @ self.certified - self.y) ** 2))
        return SmoothestFeaturesFit(
            model.weights, Bracket(lower, self.upper, False, None, method, effort), mse, certificate, "ok"
        )

    def _certificate(self) -> tuple[SmoothnessCertificate | None, float]:
        """Return the evidence for the lower bound, with as few regions as it needs, and the bound evaluated from it."""
        best: tuple[SmoothnessCertificate | None, float] = (None, 0.0)
        shares = self.multipliers.cells
        for used in (np.flatnonzero(shares > _NEGLIGIBLE * shares.max(initial=0.0)), np.arange(len(shares))):
            if used.size == 0 or best[1] >= self.lower * (1 - 1e-7):
                break
            points = self.cells.lower(self.points[used])
            evidence = SmoothnessCertificate(points, shares[used] / shares[used].sum(), self.multipliers.loss)
            bound = evidence.lower_bound(self.model, self.X, self.y, self.level)
            if bound > best[1]:
                best = (evidence, bound)
        return best
