"""Polyhedral cones by generators and facets, cut by hyperplanes in exact arithmetic (double description).

A point x of R^d stands for the ray through (x, 1); a ray (u, 0) is a direction towards infinity. So cells of R^d,
bounded or not, are pointed cones in R^D, D = d + 1, whose generators are primitive integer vectors. Floats come along
as a filter for signs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

import numpy as np

from noprune_theory._types import FloatArray

Ray = tuple[int, ...]


class Cell(NamedTuple):
    """A pointed cone of full dimension.

    Attributes
    ----------
    rays : list of tuple of int
        Generators, primitive.
    floats : ndarray, shape (k, D)
        The generators divided by their largest entry; entries rounded to nearest.
    facets : list of int
        Which facets hold each generator, as bits.
    n_facets : int
        Bits in use.
    """

    rays: list[Ray]
    floats: FloatArray
    facets: list[int]
    n_facets: int

    def cut(self, heights: Sequence[int]) -> tuple[Cell, Cell]:
        """Return the parts where a linear form is >= 0 and <= 0; `heights` are its values, of both signs.

        New generators lie on the edges that the hyperplane crosses. Two generators span an edge when they share D - 2
        facets that no third one has in common (Fukuda & Prodon 1996).
        """
        bit = 1 << self.n_facets
        needed = len(self.rays[0]) - 2
        above = [k for k, height in enumerate(heights) if height > 0]
        below = [k for k, height in enumerate(heights) if height < 0]
        new: dict[Ray, int] = {}
        for p in above:
            for q in below:
                common = self.facets[p] & self.facets[q]
                if common.bit_count() < needed or any(
                    mask & common == common for k, mask in enumerate(self.facets) if k not in (p, q)
                ):
                    continue
                a, b = heights[p], -heights[q]
                ray = primitive([b * x + a * y for x, y in zip(self.rays[p], self.rays[q], strict=True)])
                new[ray] = common | bit
        on = [k for k, height in enumerate(heights) if height == 0]
        shared = [self.rays[k] for k in on] + list(new)
        shared_floats = np.vstack([self.floats[on], as_floats(new)]) if new else self.floats[on]
        shared_facets = [self.facets[k] | bit for k in on] + list(new.values())
        parts = [
            Cell(
                [self.rays[k] for k in side] + shared,
                np.vstack([self.floats[side], shared_floats]),
                [self.facets[k] for k in side] + shared_facets,
                self.n_facets + 1,
            )
            for side in (above, below)
        ]
        return parts[0], parts[1]

    def middle(self) -> Ray:
        """Return a vector in the interior: the sum of the generators, each brought to about the same size."""
        sizes = [max(map(abs, ray)).bit_length() for ray in self.rays]
        top = max(sizes)
        total = [0] * len(self.rays[0])
        for ray, size in zip(self.rays, sizes, strict=True):
            for i, x in enumerate(ray):
                total[i] += x << (top - size)
        return primitive(total)


def primitive(vector: Sequence[int]) -> Ray:
    """Return the vector divided by the greatest common divisor of its entries."""
    divisor = math.gcd(*vector)
    return tuple(x // divisor for x in vector) if divisor > 1 else tuple(vector)


def as_floats(rays: Sequence[Ray] | dict[Ray, int]) -> FloatArray:
    """Return the rays divided by their largest entries, each entry rounded once."""
    return np.array([[x / largest for x in ray] for ray in rays for largest in (max(map(abs, ray)),)])


def orthants(dimension: int) -> list[Cell]:
    """Return the 2^d cones over the orthants of R^d, whose union is the half space of (x, t) with t >= 0."""
    cells = []
    for signs in product((1, -1), repeat=dimension):
        rays = [tuple(sign * (i == k) for i in range(dimension + 1)) for k, sign in enumerate((*signs, 1))]
        everything = (1 << (dimension + 1)) - 1
        masks = [everything & ~(1 << k) for k in range(dimension + 1)]
        cells.append(Cell(rays, np.array(rays, dtype=np.float64), masks, dimension + 1))
    return cells


def box(low: FloatArray, high: FloatArray) -> Cell:
    """Return the cone over a box with low < high."""
    ends = [[Fraction(float(x)) for x in end] for end in (low, high)]
    rays, masks = [], []
    for choice in product((0, 1), repeat=low.size):
        corner = [ends[side][k] for k, side in enumerate(choice)]
        denominator = math.lcm(*(x.denominator for x in corner))
        rays.append(primitive([*(int(x * denominator) for x in corner), denominator]))
        masks.append(sum(1 << (2 * k + side) for k, side in enumerate(choice)))
    return Cell(rays, as_floats(rays), masks, 2 * low.size)


def point_of(ray: Ray) -> tuple[Fraction, ...]:
    """Return the point x of a vector (x t, t), t > 0."""
    return tuple(Fraction(x, ray[-1]) for x in ray[:-1])
