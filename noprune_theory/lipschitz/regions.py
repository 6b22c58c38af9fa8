"""All linear regions of a deep ReLU network of few inputs, one after the other, and the steepest of them.

On a cell where the units of a layer are linear, those of the next layer cut the cell along hyperplanes. Cells are
cones over polyhedra (`_cells`), cut in exact arithmetic, so that every cell visited is a region of full dimension (or
a part of one: the search starts from orthants) and none is missed, however degenerate the network. Signs that float64
with an error bound decides are not computed exactly. Cells on which a bound says that no gradient is longer than the
longest found so far are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz._cells import Cell, Ray, primitive
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic
from noprune_theory.lipschitz._outward import EPSILON, TINY

_BOUND_MARGIN = 1e-9  # relative; bounds of cells that are left out are off by far less


class Region(NamedTuple):
    """A region that may be the steepest: bounds on the norm of its gradient, its pattern, and a cell of it."""

    lower: float
    upper: float
    patterns: tuple[BoolArray, ...]
    cell: Cell


@dataclass(slots=True, eq=False)
class Enumeration:
    """What was found.

    Attributes
    ----------
    regions : list of Region
        Those that may be the steepest.
    best : float
        Length of a gradient that is attained, or known from elsewhere, at most the constant.
    complete : bool
        Whether all cells were visited or left out by a bound.
    visited : int
        Cells visited whose units are all linear.
    """

    best: float
    regions: list[Region] = field(default_factory=list)
    complete: bool = False
    visited: int = 0

    @property
    def upper(self) -> float:
        """At least every gradient norm on the cells of a complete enumeration."""
        return max((region.upper for region in self.regions), default=0.0)


class _Affine(NamedTuple):
    """Values of a layer on a cell as linear maps of (x, t), shape (h, D), with bounds on the errors of the floats."""

    floats: FloatArray
    errors: FloatArray


class _Node(NamedTuple):
    """A cell, the layer whose units are about to cut it, what feeds that layer, and the phases so far."""

    cell: Cell
    layer: int
    pre: _Affine
    open_units: IntArray
    active: BoolArray
    patterns: tuple[BoolArray, ...]


def enumerate_regions(
    weights: Sequence[FloatArray],
    biases: Sequence[FloatArray],
    cells: Sequence[Cell],
    *,
    phases: Sequence[IntArray] | None = None,
    tails: Sequence[float] | None = None,
    incumbent: float = 0.0,
    deadline: float = math.inf,
    meets: Callable[[Region], float | None] | None = None,
) -> Enumeration:
    """Enumerate the linear regions on some cells.

    Parameters
    ----------
    weights : sequence of ndarray
        W_1 (h_1, d), ..., W_m (c, h_{m-1}), of sizes near one.
    biases : sequence of ndarray
        b_1 (h_1,), ..., b_{m-1} (h_{m-1},).
    cells : sequence of Cell
        Where to look, in R^(d + 1).
    phases : sequence of ndarray of int, optional
        For every hidden unit 1 (active on all cells), -1 (inactive) or 0 (not known).
    tails : sequence of float, optional
        For every hidden layer an upper bound on the Lipschitz constant of what follows its values.
    incumbent : float
        A number at most the constant: what cannot exceed it is left out.
    deadline : float
        In `time.perf_counter` seconds.
    meets : callable, optional
        Asked of regions that would be the steepest: a length at most the constant that is known now, or None where the
        region does not count. By default all count.

    Returns
    -------
    Enumeration
        A keyboard interrupt stops it as the deadline does.
    """
    search = _Search(weights, biases, phases, tails, Enumeration(incumbent), meets)
    try:
        search.run(cells, deadline)
    except KeyboardInterrupt:
        search.found.complete = False
    found = search.found
    found.regions = sorted((r for r in found.regions if r.upper >= found.best), key=lambda r: -r.upper)
    return found


class _Search:
    def __init__(
        self,
        weights: Sequence[FloatArray],
        biases: Sequence[FloatArray],
        phases: Sequence[IntArray] | None,
        tails: Sequence[float] | None,
        found: Enumeration,
        meets: Callable[[Region], float | None] | None,
    ) -> None:
        self.found, self._meets = found, meets
        self._weights, self._biases, self._tails = weights, biases, tails
        self._sizes = [np.abs(W) for W in weights]
        self._phases = phases or [np.zeros(W.shape[0], dtype=np.int64) for W in weights[:-1]]
        self._exact = [(dyadic(W), dyadic(b)) for W, b in zip(weights, biases, strict=False)]
        self._remembered: tuple[tuple[bytes, ...], Dyadic] | None = None

    def run(self, cells: Sequence[Cell], deadline: float) -> None:
        dimension = self._weights[0].shape[1]
        entrance = np.eye(dimension, dimension + 1)
        start = self._following(0, _Affine(entrance, np.zeros_like(entrance)))
        stack = [self._entered(cell, 0, start, ()) for cell in cells]
        while stack:
            if perf_counter() > deadline:
                return
            node = stack.pop()
            # Units that the parent left open may not cut the part.
            signs, open_units = self._signs(node)
            active = node.active.copy()
            active[node.open_units[~open_units]] = signs[~open_units] > 0
            still = node.open_units[open_units]
            node = node._replace(open_units=still, active=active)
            if self._left_out(node):
                continue
            if still.size == 0:
                stack += self._descend(node)
                continue
            unit = int(still[0])
            above, below = node.cell.cut(self._exact_heights(node, unit))
            for part, phase in ((below, False), (above, True)):
                chosen = active.copy()
                chosen[unit] = phase
                stack.append(node._replace(cell=part, open_units=still[1:], active=chosen))
        self.found.complete = True

    def _entered(self, cell: Cell, layer: int, pre: _Affine, patterns: tuple[BoolArray, ...]) -> _Node:
        known = self._phases[layer]
        return _Node(cell, layer, pre, np.flatnonzero(known == 0), known > 0, patterns)

    def _following(self, layer: int, values: _Affine) -> _Affine:
        """Return the pre-activations of a layer."""
        W, sizes = self._weights[layer], self._sizes[layer]
        with np.errstate(over="ignore", invalid="ignore"):
            floats = W @ values.floats
            reach = sizes @ np.abs(values.floats)
            errors = sizes @ values.errors * (1 + 1e-12) + (W.shape[1] + 3) * EPSILON * reach + W.shape[1] * TINY
            if layer < len(self._biases):
                floats[:, -1] += self._biases[layer]
                errors[:, -1] += 2 * EPSILON * np.abs(floats[:, -1])
        return _Affine(floats, errors)

    def _signs(self, node: _Node) -> tuple[IntArray, BoolArray]:
        """Return the signs of the open units on the cell, and which of them change sign there."""
        rows = node.open_units
        rays = node.cell.floats.T
        with np.errstate(over="ignore", invalid="ignore"):
            heights = node.pre.floats[rows] @ rays
            sizes = np.abs(rays)
            margins = (
                (node.pre.errors[rows] + (rays.shape[0] + 3) * EPSILON * np.abs(node.pre.floats[rows])) @ sizes
            ) * (1 + 1e-12) + rays.shape[0] * TINY
            signs = np.where(np.abs(heights) > margins, np.sign(heights), 0).astype(np.int64)
        up, down = np.asarray((signs > 0).any(axis=1)), np.asarray((signs < 0).any(axis=1))
        for position in np.flatnonzero(~(up & down) & (signs == 0).any(axis=1)).tolist():
            exact = self._exact_heights(node, int(rows[position]))
            up[position], down[position] = max(exact) > 0, min(exact) < 0
        return up.astype(np.int64) - down.astype(np.int64), np.asarray(up & down)

    def _exact_heights(self, node: _Node, unit: int) -> list[int]:
        row = self._exact_row(node, unit)
        return [sum(a * x for a, x in zip(row, ray, strict=True) if a) for ray in node.cell.rays]

    def _exact_row(self, node: _Node, unit: int) -> Ray:
        """Return a positive multiple of the unit's pre-activation as a linear form of (x, t)."""
        W, b = self._exact[node.layer]
        row = Dyadic(W.digits[unit][None], W.exponent)
        values = self._exact_values(node.patterns)
        row = Dyadic(np.append(row.digits, [[0]], axis=1), row.exponent) if values is None else row @ values
        last = np.zeros_like(row.digits)
        last[0, -1] = b.digits[unit]
        return primitive(row.plus(Dyadic(last, b.exponent)).digits[0].tolist())

    def _exact_values(self, patterns: tuple[BoolArray, ...]) -> Dyadic | None:
        """Return the values of the last layer of the patterns as linear maps of (x, t); None for the inputs."""
        if not patterns:
            return None
        key = tuple(pattern.tobytes() for pattern in patterns)
        if self._remembered is not None and self._remembered[0] == key:
            return self._remembered[1]
        layer = len(patterns) - 1
        W, b = self._exact[layer]
        before = self._exact_values(patterns[:-1])
        live = patterns[-1]
        columns = W.digits[live]
        pre = Dyadic(np.column_stack([columns, np.zeros(columns.shape[0], dtype=object)]), W.exponent)
        if before is not None:
            pre = Dyadic(columns, W.exponent) @ before
        last = np.zeros_like(pre.digits)
        last[:, -1] = b.digits[live]
        some = pre.plus(Dyadic(last, b.exponent))
        digits = np.zeros((live.size, some.digits.shape[1]), dtype=object)
        digits[live] = some.digits
        values = Dyadic(digits, some.exponent)
        self._remembered = key, values
        return values

    def _descend(self, node: _Node) -> list[_Node]:
        """Return what is to be visited in the next layer of a cell whose units are all linear, or note the region."""
        kept = node.active[:, None]
        values = _Affine(np.where(kept, node.pre.floats, 0.0), np.where(kept, node.pre.errors, 0.0))
        patterns = (*node.patterns, node.active)
        pre = self._following(node.layer + 1, values)
        if node.layer + 2 < len(self._weights):
            return [self._entered(node.cell, node.layer + 1, pre, patterns)]
        self.found.visited += 1
        gradient, errors = pre.floats[:, :-1], pre.errors[:, :-1]
        if not (np.isfinite(gradient).all() and np.isfinite(errors).all()):
            raise OverflowError("gradients leave the range of float64")
        norm = _norm(gradient)
        off = float(np.linalg.norm(errors)) * (1 + 1e-12) + 16 * EPSILON * gradient.size * norm + TINY
        region = Region(max(0.0, norm - off), norm + off, patterns, node.cell)
        if region.upper < self.found.best:
            return []
        attained = region.lower if self._meets is None else self._meets(region)
        if attained is None:
            return []
        self.found.regions.append(region)
        if attained > self.found.best:
            self.found.best = attained
            self.found.regions = [r for r in self.found.regions if r.upper >= attained]
        return []

    def _left_out(self, node: _Node) -> bool:
        """Return whether no gradient on the cell is longer than the best one."""
        best = self.found.best
        if best <= 0:
            return False
        last = node.layer + 2 == len(self._weights)
        if not last and (self._tails is None or node.open_units.size):
            return False
        rows = node.pre.floats[:, :-1]
        scales = np.where(node.active, 1.0, 0.0)
        scales[node.open_units] = 0.5
        errors = float(np.linalg.norm(node.pre.errors[:, :-1]))
        with np.errstate(over="ignore", invalid="ignore"):
            if last:
                W = self._weights[-1]
                doubtful = node.open_units
                reach = _norm((W * scales) @ rows)
                columns = np.linalg.norm(W[:, doubtful], axis=0)
                reach += 0.5 * float(columns @ np.linalg.norm(rows[doubtful], axis=1))
                size = float(np.linalg.norm(W) * (np.linalg.norm(rows) + errors))
                reach += float(np.linalg.norm(W)) * errors
            else:
                assert self._tails is not None
                reach = self._tails[node.layer] * (_norm(scales[:, None] * rows) + errors)
                size = self._tails[node.layer] * float(np.linalg.norm(rows))
        return bool(reach * (1 + _BOUND_MARGIN) + 1e-12 * size <= best)


def _norm(matrix: FloatArray) -> float:
    """Return the spectral norm, off by at most 16 ulps an entry of the matrix."""
    if matrix.shape[0] == 1:
        return float(np.linalg.norm(matrix))
    if matrix.shape[0] > matrix.shape[1]:
        matrix = matrix.T
    if matrix.shape[0] == 1:
        return float(np.linalg.norm(matrix))
    return float(np.linalg.norm(matrix, 2))
