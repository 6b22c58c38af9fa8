"""Brackets of ReLU networks of any depth and any number of outputs, over all of R^d, a ball or a box.

Below: ascent, and every point that the other methods come across. Above: LipSDP with the slopes that are possible, all
linear regions where the inputs are few, and branch and bound over the phases of units. Each only improves on what is
there, so the search may be stopped at any time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter

import numpy as np
import scipy

from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz._cells import Cell, box, orthants, point_of
from noprune_theory.lipschitz._confirm import Confirmed, Confirmer
from noprune_theory.lipschitz._domain import Ball, Domain
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic, root_above
from noprune_theory.lipschitz._outward import EPSILON, TINY, round_up, scaled_down, scaled_up
from noprune_theory.lipschitz._reduction import Reduced
from noprune_theory.lipschitz._slope_bound import SlopeBound, norm_above, slopes_between
from noprune_theory.lipschitz.ascent import ascended, confirmed_best
from noprune_theory.lipschitz.deep import lipsdp_deep
from noprune_theory.lipschitz.phases import search_phases, unit_of
from noprune_theory.lipschitz.regions import Region, enumerate_regions
from noprune_theory.lipschitz.result import Witness

MOST_INPUTS = 4  # of networks whose regions are enumerated
CLOSED = 5e-10  # relative gap at which a search counts as exact
_SHARE_FOR_REGIONS = 0.6  # of the time left
_SHARE_FOR_PHASES = 0.85  # of the time left then
_IDLE_ROUNDS = 4  # of the ascent that end the search
_EXACTLY = 20  # regions whose gradients are computed exactly
_IN_RANGE = 900  # binary exponents of what is computed


@dataclass(slots=True, eq=False)
class Best:
    """The best lower bound so far, from points of the domain, each confirmed on the network as given."""

    confirmer: Confirmer
    domain: Domain | None
    lower: float = 0.0
    witness: Witness | None = None

    def take(self, found: Confirmed | None) -> None:
        """Keep a confirmed bound if it is larger."""
        if found is not None and found.lower > self.lower:
            self.lower, self.witness = found.lower, found.witness

    def visit(self, point: FloatArray) -> None:
        """Confirm what a point shows."""
        if self.domain is None or self.domain.contains(point):
            self.take(self.confirmer.at(point))

    def visit_cell(self, cell: Cell) -> None:
        """Confirm what the middle of a cell shows, at a float64 point where one is inside."""
        middle = cell.middle()
        if middle[-1] <= 0:
            return
        before = self.lower
        point = np.array([float(x) for x in point_of(middle)]) if _fits(middle) else np.full(len(middle) - 1, np.nan)
        self.visit(point)
        if self.lower == before and not isinstance(self.domain, Ball):
            numerators = Dyadic(np.array(middle[:-1], dtype=object), 0)
            self.take(self.confirmer.at_ratio(numerators, Dyadic(np.array([middle[-1]], dtype=object), 0)))


def _fits(ray: tuple[int, ...]) -> bool:
    size = max(map(abs, ray)).bit_length() - ray[-1].bit_length()
    return abs(size) < 1000


@dataclass(frozen=True, slots=True, eq=False)
class Piecewise:
    """A ReLU network with layers scaled by powers of two to numbers near one, exactly; its gradients times 2^exponent.

    `phases` are those of units whose phase is known on the domain.
    """

    weights: list[FloatArray]
    biases: list[FloatArray]
    exponent: int
    phases: list[IntArray]


def near_one(weights: Sequence[FloatArray], biases: Sequence[FloatArray]) -> Piecewise | None:
    """Return the network with scaled layers; None where that would lose a bit or leave the range."""
    exponents = [size_exponent(W) for W in weights]
    scaled = [scale(W, -e) for W, e in zip(weights, exponents, strict=True)]
    taken = np.cumsum(exponents[:-1])
    shifts = [scale(b, -int(e)) for b, e in zip(biases, taken, strict=False)]
    exact = all(np.array_equal(scale(s, e), W) for s, e, W in zip(scaled, exponents, weights, strict=True))
    exact &= all(np.array_equal(scale(s, int(e)), b) for s, e, b in zip(shifts, taken, biases, strict=False))
    if not exact or any(size_exponent(s) > _IN_RANGE for s in shifts) or not all(np.isfinite(s).all() for s in shifts):
        return None
    phases = [np.zeros(W.shape[0], dtype=np.int64) for W in weights[:-1]]
    return Piecewise(scaled, shifts, sum(exponents), phases)


@dataclass(slots=True, eq=False)
class Progress:
    """The upper bound so far, what has been done, and how it ended."""

    upper: float
    steps: list[str]
    effort: dict[str, float | int | str]
    exact: bool = False
    interrupted: bool = False


def absolute_bound(weights: Sequence[FloatArray]) -> float:
    """Return a bound by the spectral norm of |W_m| ... |W_1|, entries of absolute values, rounded up.

    Slopes in [0, 1] give Jacobians that it dominates entry by entry. It is attained where all weights have one sign
    and all units can be active together.
    """
    product, exponent, roundings = np.abs(weights[0]), 0, 0
    lost = 0.0
    for W in weights[1:]:
        size = size_exponent(product)
        product = np.abs(W) @ scale(product, -size)
        exponent += size
        roundings += W.shape[1] + 2
        lost = max(lost, W.shape[1] * TINY * max(1.0, float(np.max(np.abs(W)))) * 4)
    size = size_exponent(product)
    product = scale(product, -size)
    exponent += size
    if not np.isfinite(product).all():
        return math.inf
    product = product * (1 + 2 * (roundings + 4) * EPSILON) + math.ldexp(lost, -min(size, 900))
    if not product.any():
        return 0.0
    # The spectral radius of a nonnegative A = M M^T is at most max_i (A y)_i / y_i for every y > 0 (Collatz).
    vector = np.abs(np.linalg.svd(product, full_matrices=False)[0][:, 0]) + 1e-12
    for _ in range(3):
        # Powers give small entries the relative accuracy that a singular vector lacks.
        vector = product @ (product.T @ vector)
        vector = vector / max(float(vector.max()), TINY) + 1e-300
    image = product @ (product.T @ vector)
    margin = 1 + 4 * (product.shape[0] + product.shape[1] + 4) * EPSILON
    return scaled_up(round_up(math.sqrt(float(np.max(image / vector)) * margin)), exponent)


def improve_everywhere(
    weights: Sequence[FloatArray],
    biases: Sequence[FloatArray],
    rest: Reduced,
    best: Best,
    progress: Progress,
    *,
    rtol: float,
    deadline: float,
    rng: np.random.Generator,
) -> None:
    """Improve a bracket over all of R^d, of a network of which `rest` is the part that varies."""
    # The smaller network has the same regions where none of its biases was rounded.
    network = near_one(rest.weights, rest.biases) if rest.exact else near_one(weights, biases)
    progress.exact = progress.upper <= best.lower * (1 + CLOSED)
    if network is None or progress.exact or not network.phases:  # without hidden units there are no regions to search
        return
    slopes = [(np.zeros(p.size), np.ones(p.size)) for p in network.phases]
    now = perf_counter()
    try:
        upper, bounds, roots = root_bound(network.weights, slopes, now + 0.2 * max(0.0, deadline - now))
        progress.upper = min(progress.upper, scaled_up(upper, network.exponent))

        def ascend(until: float) -> None:
            points = ascended(rest.weights, rest.biases, "relu", rng=rng, deadline=until)
            best.take(confirmed_best(best.confirmer, points, rng))

        improve(network, best, progress, rtol=rtol, deadline=deadline, roots=(bounds, roots), ascend=ascend)
    except KeyboardInterrupt:
        progress.interrupted = True


def improve(
    network: Piecewise,
    best: Best,
    progress: Progress,
    *,
    rtol: float,
    deadline: float,
    roots: tuple[SlopeBound, list[FloatArray]],
    ascend: Callable[[float], None],
) -> None:
    """Improve both ends by the linear regions and by branch and bound, as time allows.

    `ascend` searches for a larger lower bound until a deadline; it is asked when the rest has not closed the bracket.
    """
    domain, exponent = best.domain, network.exponent
    wanted = rtol if rtol > 1e-6 else CLOSED
    dimension = network.weights[0].shape[1]
    solid = domain is None or domain.is_solid

    def closed() -> bool:
        return progress.upper <= best.lower * (1 + wanted)

    if dimension <= MOST_INPUTS and solid and not closed() and perf_counter() < deadline:
        _by_regions(network, best, progress, perf_counter() + _SHARE_FOR_REGIONS * (deadline - perf_counter()))
    if not progress.interrupted and not closed() and not progress.exact and perf_counter() < deadline:

        def visit(point: FloatArray) -> float:
            if point.size:
                best.visit(point)
            return scaled_down(best.lower, -exponent)

        found = search_phases(
            network.weights,
            network.biases,
            network.phases,
            domain=domain,
            unit=unit_of(network.weights, network.biases, None if domain is None else domain.center),
            bounds=roots[0],
            roots=roots[1],
            upper=scaled_up(progress.upper, -exponent),
            visit=visit,
            rtol=wanted,
            deadline=perf_counter() + _SHARE_FOR_PHASES * (deadline - perf_counter()),
        )
        progress.upper = min(progress.upper, scaled_up(found.upper, exponent))
        progress.steps.append("branch and bound over the phases of units")
        progress.effort["nodes"] = found.nodes
        progress.interrupted |= found.interrupted
        try:
            idle = 0
            while not (progress.interrupted or closed()) and idle < _IDLE_ROUNDS and perf_counter() < deadline:
                before = best.lower
                ascend(deadline)
                idle = 0 if best.lower > before else idle + 1
        except KeyboardInterrupt:
            progress.interrupted = True
    progress.exact |= 0 < progress.upper <= best.lower * (1 + 2 * CLOSED)


def _by_regions(network: Piecewise, best: Best, progress: Progress, deadline: float) -> None:
    """Enumerate the linear regions."""
    domain, exponent = best.domain, network.exponent
    dimension = network.weights[0].shape[1]
    cells = orthants(dimension) if domain is None else [box(*domain.outer_box())]

    def meets(region: Region) -> float | None:
        assert isinstance(domain, Ball)
        inside = _points_in_ball(region.cell, domain)
        if inside is None:
            return None
        for point in inside:
            best.visit(point)
        return scaled_down(best.lower, -exponent)

    share = min(1.0, 0.1 * max(0.01, deadline - perf_counter()) / len(network.weights))
    tails = [lipsdp_deep(network.weights[i + 1 :], max_seconds=share).upper for i in range(len(network.weights) - 1)]
    try:
        found = enumerate_regions(
            network.weights,
            network.biases,
            cells,
            phases=network.phases,
            tails=tails,
            incumbent=scaled_down(best.lower, -exponent),
            deadline=deadline,
            meets=meets if isinstance(domain, Ball) else None,
        )
    except OverflowError:
        return
    progress.effort["regions"] = found.visited
    if not isinstance(domain, Ball):
        for region in found.regions:
            if scaled_up(region.upper, exponent) > best.lower:
                best.visit_cell(region.cell)
    progress.steps.append("all linear regions in exact arithmetic" if found.complete else "some of the linear regions")
    if found.complete:
        uppers = [exact_norm(network, region.patterns) for region in found.regions[:_EXACTLY]]
        uppers += [scaled_up(region.upper, exponent) for region in found.regions[_EXACTLY:]]
        progress.upper = min(progress.upper, max(best.lower, *uppers, 0.0))
        progress.exact = best.lower >= progress.upper * (1 - 1e-9)


def exact_norm(network: Piecewise, patterns: Sequence[BoolArray]) -> float:
    """Return the norm of the Jacobian of a pattern, computed exactly, rounded up (once, for one output)."""
    jacobian = dyadic(network.weights[-1])
    for W, active in zip(network.weights[-2::-1], patterns[::-1], strict=True):
        jacobian = Dyadic(np.where(active, jacobian.digits, 0), jacobian.exponent) @ dyadic(W)
    if jacobian.digits.shape[0] == 1 or not jacobian.digits.any():
        return root_above(Dyadic(jacobian.digits, jacobian.exponent + network.exponent).squared_norm())
    bits = max(int(x).bit_length() for x in jacobian.digits.ravel())
    floats = Dyadic(jacobian.digits, -bits).floats()
    return scaled_up(norm_above(floats), jacobian.exponent + bits + network.exponent)


def _points_in_ball(cell: Cell, ball: Ball) -> list[FloatArray] | None:
    """Return points of a bounded cell in a ball, as far as found; None where it is certain that there are none."""
    corners = cell.floats[:, :-1] / cell.floats[:, -1:]
    moves = corners - ball.center
    size = float(np.abs(moves).max())
    y = scipy.optimize.nnls(
        np.vstack([moves.T / size, np.ones((1, len(moves)))]), np.append(np.zeros(moves.shape[1]), 1.0)
    )[0]
    if not y.sum() > 0:
        return []
    nearest = y @ moves / y.sum()
    distance = float(np.linalg.norm(nearest))
    if distance > 0:
        # All of the cell lies beyond the plane through the corner least far along `nearest`.
        reach = float(np.min(moves @ nearest)) / distance
        margin = 64 * EPSILON * (size + float(np.abs(ball.center).max())) * moves.shape[1]
        if reach > ball.radius * (1 + 1e-12) + margin:
            return None
        if reach > ball.radius * (1 - 1e-9) - margin and _apart(cell, ball, nearest):
            return None
    middle = moves.mean(axis=0)
    points = []
    for share in (0.5, 0.1, 1e-2, 1e-4, 1e-6, 1e-9):
        point = ball.center + (1 - share) * nearest + share * middle
        if ball.contains(point):
            points.append(point)
            break
    return points


def _apart(cell: Cell, ball: Ball, direction: FloatArray) -> bool:
    """Return whether a hyperplane across a direction near that given leaves the open ball and the cell on two sides.

    Exactly, for balls that touch cells of networks of round numbers.
    """
    unit = direction / np.abs(direction).max()
    center = [Fraction(x) for x in ball.center.tolist()]
    corners = [point_of(ray) for ray in cell.rays]
    for denominator in (1, 12, 10**6):
        normal = [Fraction(x).limit_denominator(denominator) for x in unit.tolist()]
        reach = min(sum(n * (x - c) for n, x, c in zip(normal, corner, center, strict=True)) for corner in corners)
        if reach > 0 and reach**2 >= Fraction(ball.radius) ** 2 * sum(n * n for n in normal):
            return True
    return False


def root_bound(
    weights: Sequence[FloatArray], ranges: Sequence[tuple[FloatArray, FloatArray]], deadline: float
) -> tuple[float, SlopeBound, list[FloatArray]]:
    """Return LipSDP for slopes in some ranges, certified, with what branch and bound starts from."""
    bounds, slopes = SlopeBound(weights), slopes_between(ranges)
    roots = bounds.minimised(slopes, deadline)
    roots, _ = bounds.improved(slopes, roots, 30, deadline)
    return float(bounds.certified(slopes, roots)[0]), bounds, roots
