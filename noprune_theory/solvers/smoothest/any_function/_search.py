"""Rounds of the flow program over a growing set of pairs: values of small slope, and the flows that bound it below."""

from __future__ import annotations

import math
from fractions import Fraction
from time import perf_counter

import numpy as np

from noprune_theory._scaling import scale, scale_float, size_exponent
from noprune_theory._types import FloatArray, IntArray
from noprune_theory.lipschitz._dyadic import root_below, two_to
from noprune_theory.lipschitz._rounding import EPSILON
from noprune_theory.solvers.smoothest._exact_loss import Labels
from noprune_theory.solvers.smoothest.any_function._flow_program import FlowProgram, Solution
from noprune_theory.solvers.smoothest.any_function._pairs import Pairs
from noprune_theory.solvers.smoothest.any_function._problem import Problem
from noprune_theory.solvers.smoothest.any_function._transport import NO_FLOWS, TransportCertificate, completed

__all__ = ["Search"]

# Above this share of the squared deviations of the labels, values are counted from their mean, else from the labels.
_LARGE_BUDGET = 0.01
# Steepest pairs of either kind and every point that a round adds.
_ADDED = 3
_FIRST_GAP = 0.1
_ROUNDS = 60
# Points are given one value where a slope lets it differ by less than rtol times this share of what values may move.
_TOGETHER = 1e-4
# Multipliers below these shares of the largest are left out of the certificate, if it loses nothing that matters.
_SHARES = (1e-4, 1e-6, 1e-9, 0.0)
# Shares of the budget that the labels' deviations inside groups of near points may take in a start.
_GROUPED = (0.25, 0.9, 0.999, 1.0 - 1e-6, 1.0 - 1e-9)


class _Ball:
    """Values of one grouping of the points, one a node, that meet the level: a ball around the mean labels.

    Attributes
    ----------
    node : ndarray of int, shape (N,)
        Node of every distinct point.
    weights, goals : ndarray
        Number of samples and mean label of every node, the labels counted from the anchor and scaled.
    radius : float
        Root of the budget that squared deviations inside nodes leave; 0 where they leave none.
    base : ndarray
        Values from which the program counts, in units of the radius: 0 where the budget is large, else the goals.
    room : float
        (radius^2 - |base - goals|^2) / radius^2, which cancels in floating point.
    contraction : float
        Least factor by which the goals may be drawn together about their mean.
    """

    def __init__(self, problem: Problem, node: IntArray, anchor: float, unit: int, centred: FloatArray) -> None:
        self.node = node
        sample = node[problem.group]
        counts = np.bincount(sample)
        self.weights: FloatArray = counts.astype(np.float64)
        self.goals: FloatArray = np.bincount(sample, centred) / self.weights
        labels = problem.labels if node.size == counts.size else Labels(problem.y, sample, counts)
        spare, between = problem.budget - labels.within, labels.total - labels.within
        self.radius = root_below(spare * two_to(-2 * unit)) if 0 < spare < between else 0.0
        self.base = self.goals
        self.room, self.contraction = 1.0, 1.0
        self.large = spare > Fraction(_LARGE_BUDGET) * between
        if self.radius > 0 and self.large:
            self.base = np.zeros_like(self.goals)
            off = problem.y.size * (labels.mean - Fraction(anchor)) ** 2
            self.room = float((problem.budget - labels.total - off) / spare)
            left = float((between - spare) / between)
            self.contraction = left / (1.0 + math.sqrt(1.0 - left))

    def averaged(self, values: FloatArray, counts: FloatArray) -> FloatArray:
        """Return the means over nodes of values (N,) of the points, of `counts` samples each."""
        return np.asarray(np.bincount(self.node, counts * values) / self.weights)

    def inner_values(self) -> FloatArray:
        """Return values (N,) strictly inside the ball: the goals, drawn together nearly as far as they may be."""
        factor = self.contraction * (1.0 + 0.05 * (1.0 - self.contraction))
        return np.asarray(factor * self.goals[self.node])


class Search:
    """Rounds of the program over a growing set of pairs; values and slopes are scaled by powers of two.

    Near points share a node, one value: their distance is far below what the level lets values move.
    """

    def __init__(self, problem: Problem, pairs: Pairs, rtol: float) -> None:
        self.problem, self.pairs, self.rtol = problem, pairs, rtol
        self.began = perf_counter()
        y, mean = problem.y, float(problem.labels.mean)
        # Values are kept as differences from an anchor, which loses no digits where labels share their leading ones;
        # labels that differ by as much as their size are kept as they are, unless the budget is as large.
        spread = float(np.max(np.abs(0.5 * y - 0.5 * mean)))
        large = problem.budget - problem.labels.within > Fraction(_LARGE_BUDGET) * problem.labels.total
        self.anchor = mean if large or float(np.min(np.abs(0.5 * y))) > 2.0 * spread else 0.0
        self.unit = size_exponent(0.5 * y - 0.5 * self.anchor) + 1
        self.centred: FloatArray = scale(y, -self.unit) - scale_float(self.anchor, -self.unit)
        self.counts: FloatArray = problem.counts.astype(np.float64)
        self.tree = pairs.spanning_tree()
        self.ball = self._ball(np.arange(len(pairs)))
        self.rounds, self.set_size, self.status = 0, 0, "complete"
        self.lower, self.upper, self.unit_slope = 0.0, math.inf, math.inf
        self.found: tuple[FlowProgram, Solution, IntArray] | None = None

    def run(self, deadline: float) -> tuple[FloatArray, float, Fraction] | None:
        """Return values (N,) that meet the level, a bound on their slopes, and their squared loss."""
        if self.ball.radius == 0:
            return None
        certified = self._certified(self._solve(deadline))
        if certified is None:
            return None
        offsets, upper, loss = certified
        return self.anchor + offsets, upper, loss

    def effort(self) -> dict[str, float | int | str]:
        """Return the work done."""
        return {
            "seconds": perf_counter() - self.began,
            "rounds": self.rounds,
            "pairs": self.set_size,
            "status": self.status,
        }

    # -- start ---------------------------------------------------------------------------------------------------------

    def _ball(self, node: IntArray) -> _Ball:
        return _Ball(self.problem, node, self.anchor, self.unit, self.centred)

    def _grouped(self, share: float, length: float) -> IntArray:
        """Return groups (N,) of near points: those of the tree's edges up to `length`, shortest first.

        They end where the labels' squared deviations inside groups would exceed this share of the budget.
        """
        first, second, lengths = self.tree
        parents = list(range(len(self.pairs)))

        def root(node: int) -> int:
            while parents[node] != node:
                parents[node] = parents[parents[node]]
                node = parents[node]
            return node

        whole = self.ball
        with np.errstate(over="ignore"):
            sizes, means = self.counts.tolist(), (whole.goals / whole.radius).tolist()
        spent = 0.0
        for edge in np.argsort(lengths, kind="stable").tolist():
            a, b = root(int(first[edge])), root(int(second[edge]))
            total, difference = sizes[a] + sizes[b], means[b] - means[a]
            spent += sizes[a] * (sizes[b] / total) * difference * difference
            if lengths[edge] > length or not spent <= share:
                break
            means[a] += difference * (sizes[b] / total)
            sizes[a], parents[b] = total, a
        return np.unique([root(node) for node in range(len(self.pairs))], return_inverse=True)[1].ravel()

    def _start(self) -> FloatArray:
        """Return values (N,) strictly inside the budget, of the smallest slope found, and note the slope.

        Where labels of near points differ, their means are smoother than the labels drawn together; how near is told by
        the budget.
        """
        best = self.ball.inner_values()
        self.upper = self.pairs.steepest(best, math.inf, 1)[2]
        groups = len(self.pairs)
        for share in _GROUPED:
            ball = self._ball(self._grouped(share, math.inf))
            if ball.weights.size < groups and ball.radius > 0:
                groups = ball.weights.size
                values = ball.inner_values()
                slope = self.pairs.steepest(values, math.inf, 1)[2]
                if slope < self.upper:
                    self.upper, best = slope, values
        return best

    # -- rounds --------------------------------------------------------------------------------------------------------

    def _solve(self, deadline: float) -> FloatArray:
        """Return values (N,) of small slope."""
        best = self._start()
        self.unit_slope = self.upper
        if not 0.0 < self.unit_slope < math.inf:
            return best
        moved = min(self.ball.radius / math.sqrt(len(self.pairs)), float(np.ptp(best)))
        near = _TOGETHER * min(1.0, self.rtol) * moved / self.unit_slope
        joined = self._ball(self._grouped(_GROUPED[-1], near))
        if joined.radius > 0:
            self.ball = joined
        ball = self.ball
        first, second, _ = self.tree
        known = self._coded(np.concatenate([first, second]), np.concatenate([second, first]))
        known = np.union1d(known, self._coded(*self.pairs.steepest(best, 0.0, _ADDED)[:2]))
        current: FloatArray = (ball.averaged(best, self.counts) - ball.base) / ball.radius
        gap = _FIRST_GAP
        while True:
            program = self._program(known)
            while not program.ball(current) > 0:
                current = 0.5 * (current - program.offset)
            steepest = float(program.slopes(current).max())
            solution = program.solve(current, steepest * 1.1 + gap * self.lower / self.unit_slope, gap)
            self.rounds, self.set_size = self.rounds + 1, max(self.set_size, known.size)
            bound = program.dual_slope(solution.multipliers) * self.unit_slope
            if bound > self.lower or self.found is None:
                self.lower, self.found = max(bound, 0.0), (program, solution, known)
            values = (ball.base + ball.radius * solution.values)[ball.node]
            level = solution.slope * self.unit_slope
            higher, lower, slope = self.pairs.steepest(values, level * (1.0 - gap), _ADDED)
            if slope < self.upper:
                self.upper, best = slope, np.asarray(values)
            fresh = np.setdiff1d(self._coded(higher, lower), known, assume_unique=True)
            done = self.lower >= self.upper * (1.0 - 0.5 * self.rtol) or self.rounds == _ROUNDS
            if done or (fresh.size == 0 and gap <= 0.01 * self.rtol):
                return best
            if perf_counter() > deadline:
                self.status = "out of time"
                return best
            if slope <= level * (1.0 + 2.0 * gap):
                gap = max(0.1 * gap, 0.01 * self.rtol)
            known = np.union1d(known, fresh)
            current = self._inward(program, solution)

    def _coded(self, higher: IntArray, lower: IntArray) -> IntArray:
        """Return the pairs that join two nodes as numbers, ascending and distinct."""
        apart = self.ball.node[higher] != self.ball.node[lower]
        return np.unique(higher[apart] * len(self.pairs) + lower[apart])

    def _program(self, known: IntArray) -> FlowProgram:
        ball = self.ball
        first, second = known // len(self.pairs), known % len(self.pairs)
        i, j = ball.node[first], ball.node[second]
        with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
            lengths = self.pairs.distances(first, second)
            slopes = (ball.base[i] - ball.base[j]) / lengths / self.unit_slope
            coefficients = ball.radius / lengths / self.unit_slope
        offset = (ball.base - ball.goals) / ball.radius
        return FlowProgram(i, j, slopes, coefficients, ball.weights, offset, ball.room)

    def _inward(self, program: FlowProgram, solution: Solution) -> FloatArray:
        """Return the values moved towards the labels, so that the ball has room for about a tenth of the slope."""
        towards = -(solution.values + program.offset)
        square = float(np.sum(program.weights * towards**2))
        pull = solution.ball_multiplier * square
        step = 0.05 if pull <= 2.0 * solution.slope else 0.1 * solution.slope / pull
        return np.asarray(solution.values + step * towards)

    # -- ends ----------------------------------------------------------------------------------------------------------

    def _certified(self, values: FloatArray) -> tuple[FloatArray, float, Fraction] | None:
        """Return offsets from the anchor (N,) that meet the level exactly, a bound on their slopes, and their loss."""
        problem, away = self.problem, 0.0
        goals = self.ball.goals[self.ball.node]
        while away < 1e-3:
            offsets = scale(values + away * (goals - values), self.unit)
            loss = problem.labels.loss(self.anchor, offsets[problem.group])
            if loss <= problem.budget:
                return offsets, self.pairs.certified_constant(offsets, np.zeros_like(offsets)), loss
            away = max(4.0 * away, EPSILON)
        return None

    def evidence(self) -> tuple[TransportCertificate, float]:
        """Return the certificate, with as few pairs as it needs, and the bound evaluated from it."""
        if self.found is None:
            return NO_FLOWS, 0.0
        problem, ball, (program, solution, known) = self.problem, self.ball, self.found
        values = (ball.base + ball.radius * solution.values)[ball.node]
        first = np.full(ball.weights.size, -1, dtype=np.int64)
        first[ball.node[::-1]] = problem.first[::-1]
        # A flow is a multiplier over its distance, here in units of the largest coefficient.
        coefficients = program.coefficients / program.coefficients.max()
        enough = scale_float(self.lower * (1.0 - 0.1 * self.rtol), self.unit - self.pairs.exponent)
        best, evidence = 0.0, NO_FLOWS
        for share in _SHARES:
            used = np.flatnonzero(solution.multipliers >= share * solution.multipliers.max())
            flows = solution.multipliers[used] * coefficients[used]
            samples = problem.first[np.column_stack([known[used] // len(self.pairs), known[used] % len(self.pairs)])]
            between = TransportCertificate(samples, flows)
            # The best share of flows inside nodes: in all, the net flow is then along y - v.
            net = np.bincount(program.first[used], flows, first.size) - np.bincount(
                program.second[used], flows, first.size
            )
            price = float(np.linalg.norm(net / np.sqrt(ball.weights))) / ball.radius
            deviations = self.centred - values[problem.group]
            tried = completed(between, ball.node[problem.group], first, deviations, price)
            bound = tried.lower_bound(problem.seen, problem.y, problem.level)
            if bound > best:
                best, evidence = bound, tried
            if best >= enough:
                break
        return evidence, best
