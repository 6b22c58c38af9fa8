"""Branch and bound over the phases of ReLU units: the largest gradient norm over all of R^d, a ball or a box.

A node fixes some units to be active or inactive. Its bound is LipSDP with the slopes that are left (`_slope_bound`),
inherited multipliers improved a little. Phases of a layer whose predecessors are all fixed are half spaces, so nodes
without a point in the domain are dropped, by proof (`_feasible`). Points found on the way give lower bounds. The
search is best first: whenever it stops, the largest bound of what is left holds.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.lipschitz._domain import Domain
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic
from noprune_theory.lipschitz._feasible import feasible
from noprune_theory.lipschitz._outward import EPSILON, TINY
from noprune_theory.lipschitz._slope_bound import SlopeBound, Slopes

_LARGEST_BATCH = 32
_ENTRIES = 2e6  # of the matrices of a batch
_STEPS = 6


@dataclass(slots=True, eq=False)
class PhaseSearch:
    """What a search found: a bound on every gradient norm, nodes looked at, and whether the search closed."""

    upper: float
    nodes: int
    closed: bool
    interrupted: bool


class _Node(NamedTuple):
    """Phases and R of all units, one layer after the other, a point with the phases (or None), and a bound."""

    phases: IntArray
    roots: FloatArray
    point: FloatArray | None
    bound: float


def search_phases(
    weights: Sequence[FloatArray],
    biases: Sequence[FloatArray],
    phases: Sequence[IntArray],
    *,
    domain: Domain | None,
    unit: float,
    bounds: SlopeBound,
    roots: Sequence[FloatArray],
    upper: float,
    visit: Callable[[FloatArray], float],
    rtol: float,
    deadline: float,
) -> PhaseSearch:
    """Shrink an upper bound on the gradient norms over the domain.

    Parameters
    ----------
    weights, biases : sequences of ndarray
        W_1, ..., W_m and b_1, ..., b_{m-1}, of sizes near one.
    phases : sequence of ndarray of int
        1 for units that are active on all of the domain, -1 for inactive ones, 0 for the others.
    domain : Domain or None
        None for all of R^d.
    unit : float
        Typical distance of kinks from the centre of the domain, or from the origin.
    bounds, roots
        The bound and its R at the root, each of shape (1, h).
    upper : float
        A bound known already.
    visit : callable
        Takes a point and returns the largest norm of a gradient known to be attained.
    rtol : float
        Stop when the bound exceeds that by this relative amount at most.
    deadline : float
        In `time.perf_counter` seconds.
    """
    search = _Search(weights, biases, phases, domain, unit, bounds)
    root = _Node(np.concatenate(phases), np.concatenate([r[0] for r in roots]), None, upper)
    best = visit(np.zeros(0)) if domain is None else visit(domain.center)
    heap: list[tuple[float, int, _Node]] = [(-upper, 0, root)]
    count, settled, dropped, interrupted = 0, 0.0, 0.0, False
    batch: list[_Node] = []
    size = 1
    try:
        while heap and -heap[0][0] > best * (1 + rtol) and perf_counter() < deadline:
            begun = perf_counter()
            batch = [heapq.heappop(heap)[2] for _ in range(min(size, len(heap)))]
            children = []
            for node in batch:
                if (node.phases != 0).all():
                    # Fixed in every unit: nothing is left to branch on, whether or not a point was found.
                    settled = max(settled, node.bound)
                else:
                    children += search.branch(node)
            for node in search.bounded(children):
                if node.point is not None:
                    best = max(best, visit(node.point))
                if node.bound > best * (1 + rtol):
                    count += 1
                    heapq.heappush(heap, (-node.bound, count, node))
                else:
                    dropped = max(dropped, node.bound)
            # Nodes of wide networks take seconds: no more at a time than are left.
            now = perf_counter()
            each = max((now - begun) / len(batch), 1e-9)
            size = max(1, int(min(2 * size, search.batch, (deadline - now) / each)))
            batch = []
            if each > deadline - now:
                break
            if settled > best * (1 + rtol):
                # A leaf that is neither reached nor excluded stands in the way.
                break
    except KeyboardInterrupt:
        interrupted = True
    rest = [node.bound for node in batch] + [-item[0] for item in heap[:1]] + [settled]
    left = max(rest, default=0.0)
    return PhaseSearch(min(upper, max(left, dropped, best)), search.nodes, left <= best * (1 + rtol), interrupted)


class _Search:
    def __init__(
        self,
        weights: Sequence[FloatArray],
        biases: Sequence[FloatArray],
        known: Sequence[IntArray],
        domain: Domain | None,
        unit: float,
        bounds: SlopeBound,
    ) -> None:
        self.nodes = 0
        self._weights, self._biases, self._domain, self._unit = weights, biases, domain, unit
        self._bounds, self._known = bounds, known
        self.batch = max(1, min(_LARGEST_BATCH, int(_ENTRIES / sum(W.shape[0] ** 2 for W in weights[:-1]))))
        self._ends = np.cumsum([W.shape[0] for W in weights[:-1]])
        self._exact = [(dyadic(W), dyadic(b)) for W, b in zip(weights, biases, strict=False)]
        self._lengths = np.linalg.norm(weights[0], axis=1)
        independent = domain is None and int(np.linalg.matrix_rank(weights[0])) == weights[0].shape[0]
        self._inverse = np.linalg.pinv(weights[0]) if independent else None

    def _split(self, values: FloatArray | IntArray) -> list[FloatArray]:
        return np.split(values, self._ends[:-1], axis=-1)

    def branch(self, node: _Node) -> list[_Node]:
        """Return the children of a node that are not proved empty."""
        unit = self._choice(node)
        children = []
        for phase in (1, -1):
            phases = node.phases.copy()
            phases[unit] = phase
            roots = node.roots.copy()
            roots[unit] = 0.0
            point, possible = self._looked_for(phases, node.point)
            if possible:
                children.append(_Node(phases, roots, point, node.bound))
        return children

    def _choice(self, node: _Node) -> int:
        """Return the free unit of the first layer that has one whose slope matters most to the bound."""
        by_layer = self._split(node.phases)
        layer = next(i for i, phases in enumerate(by_layer) if (phases == 0).any())
        start = int(self._ends[layer - 1]) if layer else 0
        free = np.flatnonzero(by_layer[layer] == 0)
        scores = self._bounds.scores(_slopes([node.phases], self._ends), self._split(node.roots[None]))[layer][0]
        return start + int(free[np.argmax(scores[free])])

    def _looked_for(self, phases: IntArray, point: FloatArray | None) -> tuple[FloatArray | None, bool]:
        """Return a point with the phases that are half spaces, and whether there may be one."""
        by_layer = self._split(phases)
        complete = next((i for i, layer in enumerate(by_layer) if (layer == 0).any()), len(by_layer))
        reach = min(complete + 1, len(by_layer))
        if point is not None and self._has(point, by_layer[:reach]):
            return point, True
        if reach == 1 and self._inverse is not None:
            # Every pattern of the first layer occurs.
            aim = np.where(by_layer[0] == 0, 1.0, by_layer[0])
            return self._unit * (self._inverse @ (aim * self._lengths - self._biases[0] / self._unit)), True
        rows, errors, exact = self._half_spaces(by_layer[:reach])
        if rows.shape[0] == 0:
            return None, True
        answer = feasible(rows, errors, self._domain, self._unit, exact)
        return answer.point, not answer.impossible

    def _has(self, point: FloatArray, by_layer: Sequence[FloatArray]) -> bool:
        """Return whether the point has the phases, by floats: a guess that costs nothing if wrong."""
        value = point
        for phases, known, W, b in zip(by_layer, self._known, self._weights, self._biases, strict=False):
            pre = W @ value + b
            if (pre * phases < 0)[known == 0].any():
                return False
            value = np.where((phases > 0) | ((phases == 0) & (pre > 0)), pre, 0.0)
        return True

    def _half_spaces(
        self, by_layer: Sequence[FloatArray]
    ) -> tuple[FloatArray, FloatArray, Callable[[Sequence[int]], list[list[int]]]]:
        """Return s (a, b) of the fixed units of layers whose predecessors are fixed, error bounds, and exact rows."""
        dimension = self._weights[0].shape[1]
        value, value_errors = np.eye(dimension, dimension + 1), np.zeros((dimension, dimension + 1))
        rows, errors = [], []
        names: list[tuple[int, int]] = []
        for layer, phases in enumerate(by_layer):
            W, b = self._weights[layer], self._biases[layer]
            pre = W @ value
            sizes = np.abs(W)
            off = sizes @ value_errors * (1 + 1e-12) + (W.shape[1] + 3) * EPSILON * (sizes @ np.abs(value))
            off += W.shape[1] * TINY
            pre[:, -1] += b
            off[:, -1] += 2 * EPSILON * np.abs(pre[:, -1])
            # Phases known from the start hold on all of the domain, and say nothing about the point.
            chosen = (phases != 0) & (self._known[layer] == 0)
            fixed = np.flatnonzero(chosen & (np.abs(pre[:, :-1]) > off[:, :-1]).any(axis=1))
            rows.append(pre[fixed] * phases[fixed, None])
            errors.append(off[fixed])
            names += [(layer, int(unit)) for unit in fixed]
            kept = (phases > 0)[:, None]
            value, value_errors = np.where(kept, pre, 0.0), np.where(kept, off, 0.0)

        def exact(indices: Sequence[int]) -> list[list[int]]:
            return [self._exact_row(*names[index], by_layer) for index in indices]

        return np.vstack(rows), np.vstack(errors), exact

    def _exact_row(self, layer: int, unit: int, by_layer: Sequence[FloatArray]) -> list[int]:
        """Return s (a, b) of a unit in integers, times a positive number."""
        W, b = self._exact[layer]
        row, shift = Dyadic(W.digits[unit], W.exponent), Dyadic(b.digits[unit : unit + 1], b.exponent)
        for before in range(layer - 1, -1, -1):
            row = row.where(by_layer[before] > 0)
            W, b = self._exact[before]
            product = row @ b
            shift = shift.plus(Dyadic(np.array([product.digits], dtype=object), product.exponent))
            row = row @ W
        low = min(row.exponent, shift.exponent)
        digits = [x << (row.exponent - low) for x in row.digits.tolist()]
        sign = int(by_layer[layer][unit])
        return [sign * x for x in (*digits, int(shift.digits[0]) << (shift.exponent - low))]

    def bounded(self, children: Sequence[_Node]) -> list[_Node]:
        """Return the nodes with bounds of their own."""
        found: list[_Node] = []
        for start in range(0, len(children), self.batch):
            part = children[start : start + self.batch]
            slopes = _slopes([node.phases for node in part], self._ends)
            roots = self._split(np.array([node.roots for node in part]))
            improved, _ = self._bounds.improved(slopes, roots, _STEPS)
            values = self._bounds.certified(slopes, improved)
            flat = np.concatenate(improved, axis=1)
            for node, r, value in zip(part, flat, values.tolist(), strict=True):
                found.append(node._replace(roots=r, bound=min(node.bound, value)))
        self.nodes += len(children)
        return found


def _slopes(phases: Sequence[IntArray], ends: IntArray) -> Slopes:
    """Return the slopes that phases leave."""
    stacked = np.array(phases)
    middles, halves = 0.5 * (1 + stacked), np.where(stacked == 0, 0.5, 0.0)
    return Slopes(np.split(middles, ends[:-1], axis=1), np.split(halves, ends[:-1], axis=1))


def unit_of(weights: Sequence[FloatArray], biases: Sequence[FloatArray], center: FloatArray | None = None) -> float:
    """Return a typical distance of a kink of the first layer from a point (the origin); 1 where all go through it."""
    lengths = np.linalg.norm(weights[0], axis=1)
    shifts = biases[0] if center is None else biases[0] + weights[0] @ center
    live = (lengths > 0) & (shifts != 0)
    if not live.any():
        return 1.0
    value = float(np.median(np.abs(shifts[live]) / lengths[live]))
    return value if 0 < value < math.inf else 1.0
