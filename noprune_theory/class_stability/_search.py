"""Boundary points of a classifier near given points: a search in float64, and classes decided at what it finds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from noprune_theory._scaling import stable_norms
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.class_stability._network import Network

_COARSE, _FINE = 20, 55  # halvings while searching, and once at the end
_NEWTON = 12
_BLENDS = (1.0, 0.4, 0.1)
_PUSHES = (0.0, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)


class _Search:
    """The nearest point of the other class known for every sample; classes by the sign in float64."""

    def __init__(self, network: Network, X: FloatArray) -> None:
        self._network, self._X = network, X
        self._first = network.first_layer(X)
        self._own = network.after_first_layer(self._first) >= 0
        self.points = np.full_like(X, np.nan)
        self.distances = np.full(X.shape[0], np.inf)

    def _side(self, X: FloatArray) -> BoolArray:
        return np.asarray(self._network.forward(X) >= 0)

    def offer(self, index: IntArray, targets: FloatArray) -> None:
        """Take targets of the other class (others are ignored) back along the segment to the sample, and keep them."""
        finite = np.isfinite(targets).all(axis=1)
        index, targets = index[finite], targets[finite]
        ends = self._network.first_layer(targets)
        other = (self._network.after_first_layer(ends) >= 0) != self._own[index]
        index, targets = index[other], targets[other]
        if index.size == 0:
            return
        # The first layer is affine along a segment.
        begins = self._first[index]
        ways = ends[other] - begins

        def side(t: FloatArray) -> BoolArray:
            return self._network.after_first_layer(begins + t[:, None] * ways) >= 0

        self._keep(index, targets, side, _COARSE)

    def _keep(
        self, index: IntArray, targets: FloatArray, side: Callable[[FloatArray], BoolArray], halvings: int
    ) -> None:
        """Bisect on the segments from the samples to targets of the other class, and keep what is nearer than known."""
        start, low, high = self._X[index], np.zeros(index.size), np.ones(index.size)
        for _ in range(halvings):
            middle = 0.5 * (low + high)
            crossed = side(middle) != self._own[index]
            low, high = np.where(crossed, low, middle), np.where(crossed, middle, high)
        found = start + high[:, None] * (targets - start)
        lengths = np.linalg.norm(found - start, axis=1)
        for place in np.argsort(-lengths, kind="stable"):  # the nearest is written last
            i = index[place]
            if lengths[place] < self.distances[i]:
                self.distances[i], self.points[i] = lengths[place], found[place]

    def start(self, rng: np.random.Generator) -> None:
        """Offer the nearest sample of the other class, Newton steps towards g = 0, and rays."""
        X, everyone = self._X, np.arange(self._X.shape[0])
        for first in range(0, X.shape[0], 256):
            part = slice(first, first + 256)
            squares = np.sum(X[part] ** 2, axis=1)[:, None] - 2 * X[part] @ X.T + np.sum(X**2, axis=1)
            squares[self._own[part, None] == self._own[None, :]] = np.inf
            nearest = np.argmin(squares, axis=1)
            self.offer(everyone[part], X[nearest])
        moving = X.copy()
        for _ in range(_NEWTON):
            value, gradient = self._network.forward(moving), self._network.gradients(moving)
            square = np.sum(gradient**2, axis=1)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                moving = moving - 1.05 * np.where(square > 0, value / square, 0.0)[:, None] * gradient
            self.offer(everyone, moving)
        # Where the units of the first layer switch, or the samples, whichever is farther out.
        rows, offsets = stable_norms(self._network.weights[0]), np.abs(self._network.biases[0])
        switches = np.max(offsets[rows > 0] / rows[rows > 0], initial=0.0)
        scale = max(float(np.max(np.linalg.norm(X, axis=1), initial=0.0)), float(switches)) or 1.0
        for reach in (0.25, 1.0, 4.0, 16.0, 64.0):
            missing = np.flatnonzero(np.isinf(self.distances))
            if missing.size == 0:
                break
            for _ in range(8):
                direction = rng.standard_normal((missing.size, X.shape[1]))
                direction /= np.linalg.norm(direction, axis=1, keepdims=True)
                self.offer(missing, X[missing] + reach * scale * direction)

    def polish(self) -> None:
        """Bring every point to the boundary on its segment, as near as float64 tells."""
        index = np.flatnonzero(np.isfinite(self.distances))
        index = index[self._side(self.points[index]) != self._own[index]]
        start, targets = self._X[index], self.points[index]
        if index.size:
            self._keep(index, targets, lambda t: self._side(start + t[:, None] * (targets - start)), _FINE)

    def improve(self) -> bool:
        """Turn towards the foot of the perpendicular on the tangent plane; return whether anything came nearer."""
        before = self.distances.copy()
        index = np.flatnonzero(np.isfinite(self.distances) & (self.distances > 0))
        if index.size == 0:
            return False
        start = self._X[index]
        normal = self._network.gradients(self.points[index])
        square = np.sum(normal**2, axis=1)
        index, start, normal, square = (part[square > 0] for part in (index, start, normal, square))
        towards = normal * (np.sum(normal * (self.points[index] - start), axis=1) / square)[:, None]
        for blend in _BLENDS:
            way = blend * towards + (1 - blend) * (self.points[index] - start)
            length = np.linalg.norm(way, axis=1)
            known = length > 0
            reach = self.distances[index] * (1 - 1e-12)
            target = start[known] + way[known] * (reach[known] / length[known])[:, None]
            self.offer(index[known], target)
        return bool(np.any(self.distances < before * (1 - 1e-9)))


def other_class_points(network: Network, X: FloatArray, rng: np.random.Generator, rounds: int) -> FloatArray:
    """Return points near the rows of X that float64 takes to be of the other class, nan where none was found."""
    with np.errstate(over="ignore", invalid="ignore"):  # what leaves the range is no candidate
        search = _Search(network, X)
        search.start(rng)
        for _ in range(rounds):
            if not search.improve():
                break
        search.polish()
    return search.points


def decided(network: Network, X: FloatArray, classes: FloatArray, points: FloatArray) -> FloatArray:
    """Return the points, pushed away from the rows of X until their class is decided to be the other; nan if never."""
    found = np.full_like(points, np.nan)
    left = np.flatnonzero(np.isfinite(points).all(axis=1) & np.isfinite(classes))
    for push in _PUSHES:
        if left.size == 0:
            break
        tried = points[left] + push * (points[left] - X[left])
        right = network.classes(tried) == -classes[left]
        found[left[right]] = tried[right]
        left = left[~right]
    return found
