"""Where the model is steep: the linear regions of a problem, all of them by a list or their edges, or a sample."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory.solvers.smoothest.features._cells import Cells
from noprune_theory.solvers.smoothest.features._edges import Edges

# Known regions from which a sample starts.
_SEEDS = 64


class Regions(Protocol):
    """A search for steep regions.

    Attributes
    ----------
    exact : bool
        Whether it sees all regions.
    """

    exact: bool

    def search(
        self, weights: FloatArray, bound: float, limit: int, known: tuple[FloatArray, FloatArray]
    ) -> tuple[float, FloatArray]:
        """Return the largest slope at `weights`, and points (m, D) of regions above `bound`, the steepest first.

        `known` are points and patterns of regions; those that the search starts from count for the slope.
        """


class _Listed:
    """All regions, one point each."""

    exact = True

    def __init__(self, cells: Cells, points: FloatArray) -> None:
        self.cells, self.points = cells, points
        self.patterns = cells.patterns(points).astype(np.float64)

    def search(
        self, weights: FloatArray, bound: float, limit: int, known: tuple[FloatArray, FloatArray]
    ) -> tuple[float, FloatArray]:
        slopes = self.cells.slopes(self.patterns, weights)
        order = np.argsort(-slopes, kind="stable")[:limit]
        return float(slopes[order[0]]), self.points[order[slopes[order] > bound]]


class _Walked:
    """All regions, by the edges of their arrangement."""

    exact = True

    def __init__(self, edges: Edges) -> None:
        self.edges = edges

    def search(
        self, weights: FloatArray, bound: float, limit: int, known: tuple[FloatArray, FloatArray]
    ) -> tuple[float, FloatArray]:
        return self.edges.steepest(weights), self.edges.above(bound, limit)


class _Sampled:
    """Regions along great circles from the steepest known ones and from random points."""

    exact = False

    def __init__(self, cells: Cells, rng: np.random.Generator) -> None:
        self.cells, self.rng = cells, rng

    def search(
        self, weights: FloatArray, bound: float, limit: int, known: tuple[FloatArray, FloatArray]
    ) -> tuple[float, FloatArray]:
        inner = self.cells.slopes(known[1], weights)
        seeds = known[0][np.argsort(-inner, kind="stable")[:_SEEDS]]
        points = self.cells.circle_points(weights, seeds, bound, self.rng)
        slopes = self.cells.slopes(self.cells.patterns(points), weights)
        order = np.argsort(-slopes, kind="stable")[:limit]
        largest = float(max(np.max(inner, initial=0.0), np.max(slopes, initial=0.0)))
        return largest, points[order[slopes[order] > bound]]


def regions_of(cells: Cells, rng: np.random.Generator) -> Regions:
    """Return the search that fits the number of dimensions and units."""
    edges = Edges.of(cells)
    if edges is not None:
        return _Walked(edges)
    points = cells.all_points() if cells.span.shape[1] <= 3 else None
    return _Sampled(cells, rng) if points is None else _Listed(cells, points)
