"""Local constants: the Lipschitz constant of a model on a ball or a box."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz._confirm import Confirmed, Confirmer
from noprune_theory.lipschitz._domain import Domain, is_bounded
from noprune_theory.lipschitz._dyadic import dyadic
from noprune_theory.lipschitz._outward import scaled_up
from noprune_theory.lipschitz._ranges import phases_of, preactivation_ranges, slope_ranges
from noprune_theory.lipschitz._reduction import reduced
from noprune_theory.lipschitz.ascent import ascended, confirmed_best
from noprune_theory.lipschitz.piecewise import (
    Best,
    Piecewise,
    Progress,
    absolute_bound,
    exact_norm,
    improve,
    near_one,
    root_bound,
)
from noprune_theory.lipschitz.result import Bracket

_SHARE_BELOW = 0.2  # of the time for the ascent
_SHARE_FOR_ROOT = 0.3
_SHARE_OF_GLOBAL = 0.3
_EXACT_WEIGHTS = 100_000
_DIRECTIONS = 32


def bracket_on(
    weights: list[FloatArray],
    biases: list[FloatArray],
    activation: str,
    domain: Domain,
    *,
    rtol: float,
    max_seconds: float,
    rng: np.random.Generator,
    everywhere: Callable[[float], Bracket],
) -> Bracket:
    """Bracket the constant of a network on a ball or a box.

    Parameters
    ----------
    weights, biases : lists of ndarray
        W_1, ..., W_m and b_1, ..., b_m.
    activation : {"relu", "tanh"}
    domain : Ball or Box
    rtol, max_seconds, rng
        As for `bracket`.
    everywhere : callable
        Returns the bracket over all of R^d from the seconds it may take; asked where it might be the smaller one.
    """
    start = perf_counter()
    rest = reduced(weights, biases, activation)
    if rest is None:
        effort: dict[str, float | int | str] = {"seconds": perf_counter() - start, "status": "complete"}
        return Bracket(0.0, 0.0, True, None, "no output varies: the function is constant", effort)
    # The rest is for the constant everywhere, which may be the smaller bound.
    deadline = start + (1 - _SHARE_OF_GLOBAL) * max_seconds
    best = Best(Confirmer(weights, biases, activation), domain)
    progress = Progress(math.inf, [], {})
    best.visit(domain.center)
    try:
        if activation == "relu" and domain.is_point:
            _at_point(weights, biases, domain.center, best, progress, rtol, deadline)
        else:
            # The smaller network has the same gradients, and the same regions where none of its biases was rounded.
            hidden = list(biases[: len(weights) - 1])
            layers, shifts = (rest.weights, rest.biases) if rest.exact else (list(weights), hidden)
            work = _relu if activation == "relu" else _tanh
            work(layers, shifts, domain, best, progress, rtol, deadline, rng)
        if not progress.exact and not progress.interrupted and progress.upper > 0:
            _compared(best, progress, everywhere, weights, biases, activation, max_seconds, rng)
    except KeyboardInterrupt:
        if math.isinf(progress.upper):
            raise
        progress.interrupted = True
    upper = progress.upper
    lower = min(best.lower, upper)
    late = perf_counter() > deadline and lower < upper * (1 - rtol)
    status = "interrupted" if progress.interrupted else "out of time" if late else "complete"
    effort = progress.effort | {"seconds": perf_counter() - start, "status": status}
    where = "at a point" if domain.is_point else f"in the {type(domain).__name__.lower()}"
    method = f"{' and '.join(dict.fromkeys(progress.steps)) or 'ascent'}, {where}"
    exact = upper == 0 or (progress.exact and lower > 0 and not math.isinf(upper))
    return Bracket(lower, upper, exact, best.witness if lower > 0 else None, method, effort)


def _relu(
    weights: list[FloatArray],
    biases: list[FloatArray],
    domain: Domain,
    best: Best,
    progress: Progress,
    rtol: float,
    deadline: float,
    rng: np.random.Generator,
) -> None:
    network = near_one(weights, biases) if is_bounded(domain) else None
    if network is None:
        _ascend(weights, biases, "relu", domain, best, progress, deadline, rng)
        return
    ranges = preactivation_ranges(network.weights, network.biases, "relu", domain)
    network = replace(network, phases=phases_of(ranges))
    if all((phases != 0).all() for phases in network.phases):
        progress.steps.append("the gradient, which is constant")
        _constant(network, progress)
        progress.exact = best.lower >= progress.upper * (1 - 1e-9)
        if progress.exact:
            return
    _bounded_and_improved(network, weights, biases, domain, best, progress, rtol, deadline, rng)


def _bounded_and_improved(
    network: Piecewise,
    weights: list[FloatArray],
    biases: list[FloatArray],
    domain: Domain | None,
    best: Best,
    progress: Progress,
    rtol: float,
    deadline: float,
    rng: np.random.Generator,
) -> None:
    """Bound by LipSDP with the phases known, ascend, and improve both."""
    now = perf_counter()
    slopes = [((p > 0).astype(np.float64), (p >= 0).astype(np.float64)) for p in network.phases]
    upper, bounds, roots = root_bound(network.weights, slopes, now + _SHARE_FOR_ROOT * max(0.0, deadline - now))
    absolute = absolute_bound(
        [W * (p >= 0)[:, None] for W, p in zip(network.weights, network.phases, strict=False)] + [network.weights[-1]]
    )
    progress.upper = min(progress.upper, scaled_up(min(upper, absolute), network.exponent))
    progress.steps.append("LipSDP with the slopes that are possible")
    if domain is not None:
        _ascend(weights, biases, "relu", domain, best, progress, deadline, rng)
    if not progress.interrupted:

        def ascend(until: float) -> None:
            points = ascended(weights, biases, "relu", rng=rng, deadline=until, domain=domain)
            best.take(confirmed_best(best.confirmer, points, rng, domain))

        improve(network, best, progress, rtol=rtol, deadline=deadline, roots=(bounds, roots), ascend=ascend)


def _ascend(
    weights: list[FloatArray],
    biases: list[FloatArray],
    activation: str,
    domain: Domain,
    best: Best,
    progress: Progress,
    deadline: float,
    rng: np.random.Generator,
) -> None:
    now = perf_counter()
    until = now + _SHARE_BELOW * max(0.0, deadline - now)
    try:
        points = ascended(weights, biases, activation, rng=rng, deadline=until, domain=domain)
        best.take(confirmed_best(best.confirmer, points, rng, domain))
    except KeyboardInterrupt:
        progress.interrupted = True
    progress.steps.append("ascent")
    if activation == "relu" and (best.lower == 0 or not domain.is_solid):
        # A ball may be too small for float64 points off the kinks, a flat box may lie on one. The regions that touch
        # the centre reach into the ball, and count for the box.
        center, still = domain.center, [np.zeros_like(b) for b in biases]
        if domain.contains(center):
            tangent = _Tangent(weights, still, "relu", tangent_phases(weights, biases, center))
            for direction in rng.standard_normal((_DIRECTIONS, center.size)):
                best.take(tangent.at(direction))


def _constant(network: Piecewise, progress: Progress) -> None:
    """Bound the norm of the gradient of a network whose phases are all known."""
    if sum(W.size for W in network.weights) <= _EXACT_WEIGHTS:
        progress.upper = min(progress.upper, exact_norm(network, [p > 0 for p in network.phases]))


def _tanh(
    weights: list[FloatArray],
    biases: list[FloatArray],
    domain: Domain,
    best: Best,
    progress: Progress,
    rtol: float,
    deadline: float,
    rng: np.random.Generator,
) -> None:
    if is_bounded(domain):
        ranges = slope_ranges(preactivation_ranges(weights, biases, "tanh", domain), "tanh")
        exponents = [size_exponent(W) for W in weights]
        scaled = [scale(W, -e) for W, e in zip(weights, exponents, strict=True)]
        now = perf_counter()
        with np.errstate(all="ignore"):
            try:
                upper, _, _ = root_bound(scaled, ranges, now + _SHARE_FOR_ROOT * max(0.0, deadline - now))
            except np.linalg.LinAlgError:
                upper = math.inf
        progress.upper = min(progress.upper, scaled_up(upper, sum(exponents)))
        progress.steps.append("LipSDP with the slopes that are possible")
    if not domain.is_point:
        _ascend(weights, biases, "tanh", domain, best, progress, deadline, rng)
    progress.exact = best.lower >= progress.upper * (1 - 1e-12)


def _at_point(
    weights: list[FloatArray],
    biases: list[FloatArray],
    point: FloatArray,
    best: Best,
    progress: Progress,
    rtol: float,
    deadline: float,
) -> None:
    """Bracket the largest norm of a gradient in a region that touches the point.

    Around the point the network is, up to a constant, one without biases of the direction: units that do not vanish
    there keep their phase, and so the regions that touch the point are those of that network.
    """
    phases = tangent_phases(weights, biases, point)
    still = [np.zeros_like(b) for b in biases[: len(weights) - 1]]
    network = near_one(weights, still)
    if network is None:
        return
    network = replace(network, phases=phases)
    progress.steps.append("the regions that touch the point")
    if all((p != 0).all() for p in phases):
        _constant(network, progress)
        best.take(best.confirmer.of_pattern([p > 0 for p in phases], point))
        if not math.isinf(progress.upper):
            progress.exact = best.lower >= progress.upper * (1 - 1e-9)
            return
    # The search is one over directions, and has no points of its own to show.
    tangent = Best(_Tangent(weights, still, "relu", phases), None)
    _bounded_and_improved(network, weights, still, None, tangent, progress, rtol, deadline, np.random.default_rng(0))
    if tangent.lower > best.lower:
        best.lower, best.witness = tangent.lower, tangent.witness


class _Tangent(Confirmer):
    """Confirms directions from a point: the witness is the region that a direction leads into, without a point."""

    def of_pattern(
        self, patterns: Sequence[BoolArray], point: FloatArray | None = None, *, firm: bool = False
    ) -> Confirmed | None:
        """Return what the region shows."""
        return super().of_pattern(patterns, None, firm=firm)


def tangent_phases(weights: list[FloatArray], biases: list[FloatArray], point: FloatArray) -> list[IntArray]:
    """Return the signs of all pre-activations at a point, exactly."""
    value, phases = dyadic(point), []
    for W, b in zip(weights[:-1], biases, strict=False):
        pre = (dyadic(W) @ value).plus(dyadic(b))
        phases.append(np.array([(x > 0) - (x < 0) for x in pre.digits.tolist()], dtype=np.int64))
        value = pre.where(phases[-1] > 0)
    return phases


def _compared(
    best: Best,
    progress: Progress,
    everywhere: Callable[[float], Bracket],
    weights: list[FloatArray],
    biases: list[FloatArray],
    activation: str,
    max_seconds: float,
    rng: np.random.Generator,
) -> None:
    """Take the bound over all of R^d where it is smaller, and its witness where that lies inside."""
    assert best.domain is not None
    if not math.isinf(progress.upper):
        # Some gradient elsewhere that is longer settles that it is not.
        rest = reduced(weights, biases, activation)
        assert rest is not None
        until = perf_counter() + 0.1 * max_seconds
        points = ascended(rest.weights, rest.biases, activation, rng=rng, starts=16, deadline=until)
        found = confirmed_best(best.confirmer, points, rng)
        if found is not None and found.lower >= progress.upper:
            return
    whole = everywhere(_SHARE_OF_GLOBAL * max_seconds)
    if whole.witness is not None and whole.witness.point is not None and not best.domain.is_point:
        best.visit(whole.witness.point)
    if whole.upper < progress.upper:
        progress.upper = whole.upper
        progress.steps.append(f"the constant over all of R^d ({whole.method})")
    progress.exact = best.lower >= progress.upper * (1 - 1e-9)
