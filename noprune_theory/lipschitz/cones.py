"""Branch and bound over simplicial cones: certified brackets of one-hidden-layer ReLU models in few dimensions.

On a cone of inputs most kinks do not cut, and the signs of those units are fixed. The gradients on the cone are then
a fixed vector plus half a signed sum of the remaining jumps. Its norm is bounded over all patterns of the remaining
signs where they are few (parallel kinks are crossed in order, so m of them have m + 1 patterns), else over free signs
(the LipSDP certificate of `lipsdp`); any point of the cone attains a value. Cones whose bound exceeds the best value
by more than the tolerance are halved across the edge that most jumps cross.
"""

from __future__ import annotations

import math
from itertools import product
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import check_generator, check_positive
from noprune_theory.lipschitz._arrangement import Arrangement, build_arrangement, checked_layer, parallel_families
from noprune_theory.lipschitz._cone_kernels import refine_cones
from noprune_theory.lipschitz._outward import EPSILON, round_up, scaled_up
from noprune_theory.lipschitz._rounding import confirmer
from noprune_theory.lipschitz.exact import best_witness
from noprune_theory.lipschitz.great_circle import circle_search
from noprune_theory.lipschitz.lipsdp import lipsdp_one_hidden, spread
from noprune_theory.lipschitz.result import Bracket

_NODES_AT_ONCE = 20_000  # between two looks at the clock: a fraction of a second
_MOST_OPEN_CONES = 1_000_000
_CONES_AT_ONCE = 2_000
_LARGEST_RANK = 10  # 2^D root cones


def branch_and_bound(
    directions: ArrayLike,
    weights: ArrayLike,
    offsets: ArrayLike | None = None,
    *,
    rtol: float = 1e-2,
    max_seconds: float = 60.0,
    rng: RNG | None = None,
) -> Bracket:
    """Bracket the Lipschitz constant of f(x) = sum_j a_j relu(<w_j, x> + b_j) by branch and bound over cones.

    The bracket holds whatever the layer. It need not close to `rtol` where more kink hyperplanes share a ray than their
    number of dimensions allows for (small integer weights): the bound there treats their signs as free, but for those
    of parallel kinks, and the search then ends "out of time" or "out of memory".

    Parameters
    ----------
    directions, weights, offsets : array_like, shapes (N, d), (N,), (N,)
        w_j, a_j, b_j.
    rtol : float
        Stop once `upper <= lower (1 + rtol)`.
    max_seconds : float
        Stop after about this many seconds, or at a keyboard interrupt, with the bracket reached by then.
    rng : numpy.random.Generator or seed, optional
        Draws the circles of the search for the first lower bound; `numpy.random.default_rng(0)` by default.

    Returns
    -------
    Bracket
        `effort["status"]` is "complete", "out of time", "interrupted" or "out of memory".

    Raises
    ------
    ValueError
        If an array is not finite, shapes disagree, `rtol` is not positive, or D = d (+ 1 with offsets) exceeds 10.
    """
    W, a, b = checked_layer(directions, weights, offsets)
    rtol = check_positive("rtol", rtol)
    max_seconds = check_positive("max_seconds", max_seconds)
    generator = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    start = perf_counter()
    arrangement = build_arrangement(W, a, b)
    if arrangement.normals.shape[1] > _LARGEST_RANK:
        raise ValueError(
            f"directions must have at most {_LARGEST_RANK - arrangement.lifted} columns for cones, got {W.shape[1]}"
        )
    points = circle_search(arrangement, generator, 64, 40, start + 0.2 * max_seconds)
    network = confirmer(W, a, b)
    witness, lower = best_witness(network, points[:4])
    search = ConeSearch(arrangement, math.ldexp(lower, -arrangement.exponent), rtol)
    status = search.run(start + max_seconds)
    if search.point is not None:
        found = best_witness(network, arrangement.inputs(search.point[None]))
        if found[1] > lower:
            witness, lower = found
    error = arrangement.error + 4 * (arrangement.normals.shape[0] + 16) * EPSILON * arrangement.total
    upper = scaled_up(round_up(search.upper) + error, arrangement.exponent)
    upper = min(upper, lipsdp_one_hidden(W, a, rtol=1e-3).upper)
    effort: dict[str, float | int | str] = {
        "seconds": perf_counter() - start,
        "cones": search.nodes,
        "open cones": search.cones.shape[0],
        "status": status,
    }
    return Bracket(min(lower, upper), upper, False, witness, "branch and bound over simplicial cones", effort)


class ConeSearch:
    """State of a branch and bound; `upper` is a valid bound (arrangement scale) whenever it stops.

    Parameters
    ----------
    arrangement : Arrangement
    best : float
        A gradient norm known to be attained, in the arrangement's scale.
    rtol : float
        Cones whose bound is at most `best (1 + rtol)` need no further work.
    """

    def __init__(self, arrangement: Arrangement, best: float, rtol: float) -> None:
        self._arrangement = arrangement
        self._rtol = rtol
        order, self._families, self._senses = parallel_families(arrangement)
        self._jumps = arrangement.jumps[order]
        self._normals, self._stretch = _balanced(arrangement.normals[order], arrangement.lifted)
        self._margins = 1e-13 * np.abs(self._normals).max(axis=1, initial=0.0)
        self._lengths = np.linalg.norm(self._jumps, axis=1)
        self._factors = spread(arrangement.normals.shape[0], 4)
        self.best = best
        self.point: FloatArray | None = None
        self.cones = _orthants(arrangement.normals.shape[1])
        self.bounds = np.full(self.cones.shape[0], np.inf)
        self.dropped = 0.0
        self.nodes = 0

    @property
    def upper(self) -> float:
        """Bound on all gradient norms: of the best point, of the dropped and of the open cones."""
        return max(self.best, self.dropped, float(np.max(self.bounds, initial=0.0)))

    def run(self, deadline: float) -> str:
        """Halve the gap, pass after pass, until no cone is open; return the status."""
        try:
            self._refine(math.inf)
            while self.cones.size:
                level = max(0.5 * (self.upper + self.best), self.best * (1 + self._rtol))
                while self.cones.size and self.bounds[0] > level:
                    if perf_counter() > deadline:
                        return "out of time"
                    if self.cones.shape[0] > _MOST_OPEN_CONES:
                        return "out of memory"
                    self._refine(level)
        except KeyboardInterrupt:
            return "interrupted"
        return "complete"

    def _refine(self, level: float) -> None:
        """Split the worst open cones down to `level`, and keep the list sorted by bound."""
        arrangement = self._arrangement
        above = int(np.sum(self.bounds > level)) if level < math.inf else self.cones.shape[0]
        chunk = min(above, _CONES_AT_ONCE)
        room = chunk + _NODES_AT_ONCE + 50 * self._normals.shape[1]
        cones, bounds = np.empty((room, *self.cones.shape[1:])), np.empty(room)
        point = np.zeros(self._normals.shape[1])
        survivors, nodes, best, dropped = refine_cones(
            self._normals, self._margins, self._jumps, self._lengths, arrangement.center, self._families, self._senses,
            self._factors, not arrangement.lifted, self.cones[:chunk], self.bounds[:chunk], level, self.best,
            self._rtol, _NODES_AT_ONCE, cones, bounds, point,
        )  # fmt: skip
        bounds = np.concatenate([bounds[:survivors], self.bounds[chunk:]])
        cones = np.concatenate([cones[:survivors], self.cones[chunk:]])
        order = np.argsort(-bounds, kind="stable")
        n_open = int(np.sum(bounds > best * (1 + self._rtol)))
        closed = float(bounds[order[n_open]]) if n_open < bounds.size else 0.0
        # One assignment after the other, each of which leaves a valid bound if an interrupt strikes in between.
        self.dropped = max(self.dropped, dropped, closed)
        self.cones, self.bounds = cones[order[:n_open]], bounds[order[:n_open]]
        self.nodes += int(nodes)
        if best > self.best:
            self.best = best
            self.point = point * self._stretch


def _balanced(normals: FloatArray, lifted: bool) -> tuple[FloatArray, FloatArray]:
    """Stretch the lifted coordinate by a power of two so that offsets weigh as much as directions.

    Returns the normals in new coordinates and the factors that take points back.
    """
    stretch = np.ones(normals.shape[1])
    if lifted and normals.shape[0] > 1:
        offset, direction = np.abs(normals[:-1, -1]), np.linalg.norm(normals[:-1, :-1], axis=1)
        ratio = float(np.median(direction)) / max(float(np.median(offset)), 1e-100)
        stretch[-1] = 2.0 ** round(math.log2(min(max(ratio, 1e-6), 1e6)))
    return normals * stretch, stretch


def _orthants(rank: int) -> FloatArray:
    """Return the coordinate cones of the half space x_D >= 0, generators as rows, shape (2^(D - 1), D, D)."""
    signs = [(*first, 1.0) for first in product((1.0, -1.0), repeat=rank - 1)]
    return np.array([np.diag(sign) for sign in signs])
