"""Where the model is steep: the linear regions of a problem, all of them by a list or their edges, or a sample."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory.solvers.smoothest.features._cells import Cells
from noprune_theory.solvers.smoothest.features._edges import Circles, Planes, all_edges, circles_near

# Known regions and random points from which a sample starts, and how often they move on.
_SEEDS, _RANDOM, _ROUNDS = 64, 96, 24
_LARGEST_EFFORT = 4
# Beyond, circles lie on twice as many planes: few of the regions at a point are beside three of its planes.
_MANY_DIMENSIONS = 8


class Regions(Protocol):
    """A search for steep regions.

    Attributes
    ----------
    exact : bool
        Whether it sees all regions.
    count : int or None
        Number of regions, where they are listed.
    """

    exact: bool
    count: int | None

    def more(self) -> bool:
        """Search harder from now on; return whether that is possible."""

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
        self.count: int | None = len(points)
        self.patterns = cells.patterns(points).astype(np.float64)

    def more(self) -> bool:
        return False

    def search(
        self, weights: FloatArray, bound: float, limit: int, known: tuple[FloatArray, FloatArray]
    ) -> tuple[float, FloatArray]:
        slopes = self.cells.slopes(self.patterns, weights)
        order = np.argsort(-slopes, kind="stable")[:limit]
        return float(slopes[order[0]]), self.points[order[slopes[order] > bound]]


class _Walked:
    """All regions, by the edges of their arrangement."""

    exact = True
    count: int | None = None

    def __init__(self, edges: Circles) -> None:
        self.edges = edges

    def more(self) -> bool:
        return False

    def search(
        self, weights: FloatArray, bound: float, limit: int, known: tuple[FloatArray, FloatArray]
    ) -> tuple[float, FloatArray]:
        return self.edges.steepest(weights), self.edges.above(bound, limit)


class _Sampled:
    """Regions beside circles near the steepest known ones and random points, which move to the steepest on the way.

    Attributes
    ----------
    effort : int
        Factor of the number of circles.
    """

    exact = False
    count: int | None = None

    def __init__(self, cells: Cells, planes: Planes, rng: np.random.Generator) -> None:
        self.cells, self.planes, self.rng, self.effort = cells, planes, rng, 1

    def more(self) -> bool:
        self.effort *= 2
        return self.effort <= _LARGEST_EFFORT

    def search(
        self, weights: FloatArray, bound: float, limit: int, known: tuple[FloatArray, FloatArray]
    ) -> tuple[float, FloatArray]:
        inner = self.cells.slopes(known[1], weights)
        seeds = known[0][np.argsort(-inner, kind="stable")[: _SEEDS * self.effort]]
        random = self.rng.standard_normal((_RANDOM * self.effort, seeds.shape[1]))
        if self.cells.lifted:
            random[:, -1] = np.abs(random[:, -1])
        points: FloatArray = np.vstack([seeds, random])
        slopes = self.cells.slopes(self.cells.patterns(points), weights)
        jumps, base = self.planes.jumps(weights)
        found = [points[:0]]
        for number in range(_ROUNDS):
            circles = self._circles(points, number, jumps, base)
            circles.steepest(weights)
            reached = circles.points(np.arange(len(circles.P)))
            reached = reached[np.all(np.isfinite(reached), axis=1)]
            steep = self.cells.slopes(self.cells.patterns(reached), weights)
            found.append(reached[steep > bound])
            # The steepest of old and new go on, with different regions to themselves.
            points, slopes = np.vstack([points, reached]), np.append(slopes, steep)
            _, first = np.unique(slopes, return_index=True)
            kept = first[::-1][: len(seeds) + len(random)]
            points, slopes = points[kept], slopes[kept]
        points = self.cells.distinct(np.vstack(found))
        steep = self.cells.slopes(self.cells.patterns(points), weights)
        order = np.argsort(-steep, kind="stable")[:limit]
        return float(max(np.max(inner, initial=0.0), np.max(steep, initial=0.0))), points[order]

    def _circles(self, points: FloatArray, number: int, jumps: FloatArray, base: FloatArray) -> Circles:
        """Return a circle near each point, on up to six planes that are near or whose crossing gains slope."""
        x = points @ self.planes.span
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        heights = x @ self.planes.normals.T
        s = (1 + number % 3) * (2 if self.planes.normals.shape[1] > _MANY_DIMENSIONS else 1)
        s = min(s, self.planes.normals.shape[1] - 2, len(self.planes.normals) - 1)
        score = np.abs(heights)
        if number % 2:
            active = heights > 0
            change = np.where(active, -1.0, 1.0) * (2 * (active @ jumps + base) @ jumps.T) + np.sum(jumps**2, axis=1)
            score = -change / np.maximum(score, 1e-9)
        score *= self.rng.exponential(size=score.shape)
        members = np.argpartition(score, s, axis=1)[:, :s] if s > 0 else np.empty((len(x), 0), dtype=np.int64)
        heading = self.rng.standard_normal(x.shape)
        if number % 4 > 1:
            # Towards another point: steep cells tend to lie near each other.
            heading = x[self.rng.permutation(len(x))] + 0.1 * heading
        return circles_near(self.planes, members, x, heading)


def regions_of(cells: Cells, rng: np.random.Generator) -> Regions:
    """Return the search that fits the number of dimensions and units."""
    planes = Planes(cells)
    edges = all_edges(planes)
    if edges is not None:
        return _Walked(edges)
    points = cells.all_points()
    return _Sampled(cells, planes, rng) if points is None else _Listed(cells, points)
