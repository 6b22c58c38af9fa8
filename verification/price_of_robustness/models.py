"""Exact models: classifiers on finite point sets, their margins, Lipschitz constants and Rademacher averages.

Coordinates are integers or fractions, so squared distances are exact; on the line the distances are too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory.verifier.statement import Profile

__all__ = [
    "Labels",
    "Point",
    "classifiers",
    "clouds",
    "distances",
    "isoperimetry_of_two_points",
    "line_margins",
    "line_stability",
    "margins",
    "rademacher",
    "sign_cube",
    "squared_distance",
]

Point = tuple[Fraction, ...]
Labels = tuple[int, ...]


def sign_cube(dimension: int) -> list[Point]:
    """Return the vertices {-1, 1}^d."""
    return [tuple(map(Fraction, corner)) for corner in product((-1, 1), repeat=dimension)]


def classifiers(count: int) -> Iterator[Labels]:
    """Yield every labelling of `count` points that is not constant."""
    for labels in product((-1, 1), repeat=count):
        if len(set(labels)) == 2:
            yield labels


def squared_distance(a: Point, b: Point) -> Fraction:
    """Return |a - b|^2, exactly."""
    return sum(((p - q) ** 2 for p, q in zip(a, b, strict=True)), Fraction(0))


def distances(points: Sequence[Point]) -> FloatArray:
    """Return the distances of all pairs; squares of integer coordinates are exact."""
    rows = np.array([[float(v) for v in point] for point in points])
    return np.sqrt(np.sum((rows[:, None] - rows[None]) ** 2, axis=2))


def margins(points: Sequence[Point], labels: Labels) -> FloatArray:
    """Return h_f at each point: the distance to the nearest point of the other class."""
    own = np.array(labels)
    return np.asarray(np.min(np.where(own[:, None] != own[None], distances(points), np.inf), axis=1))


def line_margins(points: Sequence[Fraction], labels: Labels) -> list[Fraction]:
    """Return h_f at points of the line, in fractions."""
    return [
        min(abs(p - q) for q, other in zip(points, labels, strict=True) if other != own)
        for p, own in zip(points, labels, strict=True)
    ]


def line_stability(points: Sequence[Fraction], labels: Labels, masses: Sequence[Fraction]) -> Fraction:
    """Return S(f), in fractions."""
    return sum((m * h for m, h in zip(masses, line_margins(points, labels), strict=True)), Fraction(0))


def clouds(profile: Profile, seed: int) -> Iterator[tuple[str, list[Point], Labels]]:
    """Yield every classifier of the sign cubes with d <= 3, and random ones of integer clouds."""
    for dimension in (1, 2, 3):
        points = sign_cube(dimension)
        for labels in classifiers(len(points)):
            yield f"{{-1, 1}}^{dimension}, {labels}", points, labels
    rng = np.random.default_rng(seed)
    for model in range(min(profile.random_models, 300)):
        count, dimension = int(rng.integers(2, 9)), int(rng.integers(1, 4))
        rows = np.unique(rng.integers(-5, 6, (count, dimension)), axis=0)
        labels = tuple(int(v) for v in rng.choice((-1, 1), len(rows)))
        if len(set(labels)) == 2:
            yield f"cloud {model}", [tuple(map(Fraction, map(int, row))) for row in rows], labels


def rademacher(vectors: Sequence[Sequence[int]], absolute: bool = True) -> Fraction:
    """Return (1/n) E sup over integer vectors of |sum sigma_i v_i| (or without |.|), over all signs, exactly."""
    rows = np.array(vectors, dtype=np.int64)
    count = rows.shape[1]
    sums = rows @ np.array(list(product((-1, 1), repeat=count)), dtype=np.int64).T
    largest = (np.abs(sums) if absolute else sums).max(axis=0)
    return Fraction(int(largest.sum()), count * 2**count)


def isoperimetry_of_two_points(mass: float, distance: float, dimension: int = 1) -> float:
    """Return the least c of the law with `mass` <= 1/2 at one point and the rest at another, at that distance.

    A 1-Lipschitz function differs by at most the distance D between the two: it deviates by (1 - mass) D with
    probability `mass`, and by mass D always, which the definition allows up to 2 exp(-d t^2/(2c)).
    """
    often = (mass * distance) ** 2 / (2 * np.log(2))
    seldom = ((1 - mass) * distance) ** 2 / (2 * np.log(2 / mass))
    return float(dimension * max(often, seldom))
