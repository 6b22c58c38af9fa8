"""The front door: a certified bracket for any model, by the method that fits its shape."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._scaling import as_float, scale, size_exponent
from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import check_generator, check_positive
from noprune_theory.lipschitz._arrangement import TooWideError, largest_entries, scaled_products, typical_exponent
from noprune_theory.lipschitz._confirm import Confirmed, Confirmer
from noprune_theory.lipschitz._domain import Domain, checked_domain
from noprune_theory.lipschitz._dyadic import Dyadic, root_above
from noprune_theory.lipschitz._line import steepest_piece
from noprune_theory.lipschitz._outward import (
    EPSILON,
    TINY,
    column_sums,
    norm_bounds,
    round_down,
    round_up,
    scaled_down,
    scaled_up,
)
from noprune_theory.lipschitz._reduction import Reduced, reduced
from noprune_theory.lipschitz.ascent import activation_ascent_lower
from noprune_theory.lipschitz.cones import branch_and_bound
from noprune_theory.lipschitz.deep import lipsdp_deep
from noprune_theory.lipschitz.exact import LARGEST_DIMENSION, enumeration_seconds, exact_one_hidden
from noprune_theory.lipschitz.great_circle import great_circle_lower, smooth_lower
from noprune_theory.lipschitz.lipsdp import lipsdp_one_hidden
from noprune_theory.lipschitz.local import bracket_on
from noprune_theory.lipschitz.piecewise import Best, Progress, absolute_bound, improve_everywhere
from noprune_theory.lipschitz.result import Bracket, Witness
from noprune_theory.models import MLP, LinearModel, Model, RandomFeatures

_SHARE_FOR_ENUMERATION = 0.7  # of the time allowed, by estimate; the estimate is good to a factor of about two
_SHARE_FOR_PIECES = 0.2  # of the time allowed, before other methods take over
_MOST_PIECES = 20_000
LARGEST_CONE_RANK = 7  # beyond it, 2^(D - 1) root cones and their offspring do not beat LipSDP in minutes


def bracket(
    model: Model,
    *,
    ball: tuple[ArrayLike, float] | None = None,
    box: tuple[ArrayLike, ArrayLike] | None = None,
    rtol: float = 1e-6,
    max_seconds: float = 60.0,
    rng: RNG | None = None,
) -> Bracket:
    """Bracket the Euclidean Lipschitz constant of a model: over all of R^d, or on a ball or a box.

    What does not vary (constant, dead and duplicated units, outputs that nothing reaches) is taken away first, exactly.
    Exact constants: linear models; networks that are constant; one hidden layer of ReLUs, as long as enumeration fits
    the time; ReLU networks of up to four inputs, as long as their regions do; deeper ones where branch and bound over
    the phases of their units closes in time; ReLU networks whose weights have one sign and whose units can be active
    together. Otherwise LipSDP above and searches below. Weights may be in any units: they are scaled by powers of two.

    On a ball or a box the slopes are those that bounds on the pre-activations leave, rounded outward, and all points
    lie inside. Where it has an interior the constant is that of the model restricted to it, the largest norm of a
    gradient there. At a point (radius 0) it is the norm of the gradient, and at a kink the largest over the linear
    regions that touch the point; likewise for a box without an interior, for regions that touch it.

    Parameters
    ----------
    model : LinearModel, RandomFeatures or MLP
        With several outputs, the constant from the Euclidean norm to the Euclidean norm.
    ball : (array_like of shape (d,), float), optional
        Centre and radius >= 0 of a Euclidean ball.
    box : (array_like of shape (d,) or float, the same), optional
        Lower and upper ends of every coordinate, low <= high; a number stands for all coordinates.
    rtol : float
        Stop when `(upper - lower) / upper` is at most this.
    max_seconds : float
        Start no further work after this many seconds; the bracket reached by then is returned. So it is at a keyboard
        interrupt once the first upper bound (LipSDP, seconds at most for thousands of units) is there; an interrupt
        before that leaves nothing to return and passes on.
    rng : numpy.random.Generator or seed, optional
        Draws starting points of lower-bound searches; `numpy.random.default_rng(0)` by default.

    Returns
    -------
    Bracket
        `lower <= Lipschitz constant <= upper`, rounding included; `method` says what was run and why. The witness of
        `lower` has been evaluated anew, from its point alone, on the model as given.

    Raises
    ------
    TypeError
        If the model is of a class without a method, or `ball` or `box` is not a pair.
    ValueError
        If `rtol` or `max_seconds` is not positive, `ball` or `box` does not fit the model, or both are given.

    Examples
    --------
    >>> from noprune_theory.lipschitz import bracket
    >>> from noprune_theory.models import LinearModel
    >>> result = bracket(LinearModel([3.0, 4.0]))
    >>> result.exact, round(result.upper, 12)
    (True, 5.0)

    At the kink of |x_1| + x_2 the four regions around it count, far from it one:

    >>> from noprune_theory.models import RandomFeatures
    >>> model = RandomFeatures([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], [1.0, 1.0, 3.0])
    >>> [round(bracket(model, ball=(centre, 0.0)).upper, 6) for centre in ([0.0, 0.0], [1.0, -1.0])]
    [3.162278, 1.0]
    """
    check_positive("rtol", rtol)
    check_positive("max_seconds", max_seconds)
    generator = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    if (ball is not None or box is not None) and isinstance(model, LinearModel | RandomFeatures | MLP):
        domain = checked_domain(ball, box, model.dimension)
        if domain is not None and not isinstance(model, LinearModel):
            return _bracket_on(model, domain, rtol, max_seconds, generator)
    if isinstance(model, LinearModel):
        return _constant_gradient(model.weights, 0.0, 0, "norm of the weights (the model is linear)")
    if isinstance(model, RandomFeatures):
        W, b, a = model.hidden_layer()
        if model.activation == "identity":
            return _constant_gradient(*_whole_gradient(W, a), "norm of the gradient (the activation is the identity)")
        if model.activation == "tanh":
            return _bracket_tanh(W, a, b, generator)
        return _bracket_relu(W, a, b, rtol, max_seconds, generator)
    if isinstance(model, MLP):
        return _bracket_network(model, rtol, max_seconds, generator)
    raise TypeError(f"model must be a LinearModel, RandomFeatures or MLP, got {type(model).__name__}")


def _whole_gradient(W: FloatArray, a: FloatArray) -> tuple[FloatArray, float, int]:
    """Return sum_j a_j w_j 2^-e, a bound on the norm of its rounding error, and e."""
    products, exponent = scaled_products(W, a)
    sizes = column_sums(np.abs(products))
    per_entry = np.where(sizes > 0, (16 + np.log2(a.shape[0] + 1)) * EPSILON * sizes + a.shape[0] * TINY, 0.0)
    return column_sums(products), norm_bounds(per_entry)[1], exponent


def _constant_gradient(scaled_gradient: FloatArray, error: float, exponent: int, method: str) -> Bracket:
    """Return the bracket of a function of gradient scaled_gradient 2^exponent, off by at most error 2^exponent."""
    start = perf_counter()
    lower, upper = norm_bounds(scaled_gradient)
    lower, upper = round_down(max(0.0, lower - error)), round_up(upper + error)
    lower, upper = scaled_down(lower, exponent), scaled_up(upper, exponent)
    witness = Witness(np.zeros(scaled_gradient.shape[0]), scale(scaled_gradient, exponent))
    effort: dict[str, float | int | str] = {"seconds": perf_counter() - start, "status": "complete"}
    return Bracket(lower, upper, not math.isinf(upper), witness, method, effort)


def _bracket_network(model: MLP, rtol: float, max_seconds: float, rng: np.random.Generator) -> Bracket:
    """Take away what does not vary, and pick a method for the depth and the outputs that are left."""
    start = perf_counter()
    weights = [layer for layer, _ in model.layers()]
    biases = [np.zeros(layer.shape[0]) if bias is None else bias for layer, bias in model.layers()]
    rest = reduced(weights, biases, model.activation)
    if rest is None:
        effort: dict[str, float | int | str] = {"seconds": perf_counter() - start, "status": "complete"}
        return Bracket(0.0, 0.0, True, None, "no output varies: the function is constant", effort)
    if rest.weights[-1].shape[0] == 1 and len(rest.weights) == 1:
        return _constant_gradient(rest.weights[0][0], 0.0, 0, "norm of the weights (the network is linear)")
    deep = rest.weights[-1].shape[0] > 1 or len(rest.weights) > 2 or not rest.exact
    if deep and model.activation == "relu" and model.dimension == 1:
        found = _bracket_line(weights, biases, rest, start + _SHARE_FOR_PIECES * max_seconds)
        if found is not None:
            return found
    if deep:
        left = max(1e-3, max_seconds - (perf_counter() - start))
        return _bracket_deep(weights, biases, rest, model.activation, rtol, left, rng)
    if len(model.widths) == 3 and model.n_outputs == 1:
        W, b, a = model.hidden_layer()
    else:
        W, b, a = rest.weights[0], rest.biases[0] if rest.biases[0].any() else None, rest.weights[1][0]
    if model.activation == "tanh":
        found = _bracket_tanh(W, a, b, rng)
    else:
        found = _bracket_relu(W, a, b, rtol, max_seconds, rng)
    if len(model.widths) == 3 and model.n_outputs == 1:
        return found
    method = f"{found.method}; on the part of the network that varies, which has one hidden layer and one output"
    confirmer = Confirmer(weights, biases, model.activation)
    return replace(_confirmed(found, confirmer, lambda witness: _at_point(confirmer, witness.point)), method=method)


def _bracket_line(
    weights: list[FloatArray], biases: list[FloatArray], rest: Reduced | None, deadline: float
) -> Bracket | None:
    """Return the exact constant of a ReLU network of one input, by all of its linear pieces; None if they are many."""
    start = perf_counter()
    smaller = (rest.weights, rest.biases) if rest is not None and rest.exact else (weights, biases)
    steepest = steepest_piece(*smaller, _MOST_PIECES, deadline)
    if steepest is None:
        return None
    upper = round_up(root_above(steepest.square))
    confirmer = Confirmer(weights, biases, "relu")
    found = confirmer.at(np.array([as_float(steepest.point)]))
    if found is None or found.lower < upper * (1 - 1e-9):
        numerator, denominator = (np.array([part], dtype=object) for part in steepest.point.as_integer_ratio())
        found = max(
            (shown for shown in (found, confirmer.at_ratio(Dyadic(numerator, 0), Dyadic(denominator, 0))) if shown),
            key=lambda shown: shown.lower,
            default=None,
        )
    lower = 0.0 if found is None else min(found.lower, upper)
    exact = upper == 0 or (lower >= upper * (1 - 1e-9) and not math.isinf(upper))
    effort: dict[str, float | int | str] = {
        "seconds": perf_counter() - start,
        "pieces": steepest.pieces,
        "status": "complete",
    }
    method = "all linear pieces in rational arithmetic; picked because the network has one input"
    return Bracket(lower, upper, exact, None if found is None else found.witness, method, effort)


def _at_point(confirmer: Confirmer, point: FloatArray | None) -> Confirmed | None:
    return None if point is None else confirmer.at(point)


def _confirmed(
    found: Bracket, confirmer: Confirmer, confirm: Callable[[Witness], Confirmed | None], exponent: int = 0
) -> Bracket:
    """Return the bracket, times 2^exponent, with the bound that its witness gives for the model as it stands."""
    upper = scaled_up(found.upper, exponent)
    best = None if found.witness is None else confirm(found.witness)
    if best is None:
        return replace(found, lower=0.0, upper=upper, exact=found.exact and upper == 0, witness=None)
    lower = min(best.lower, upper)
    exact = found.exact and lower >= scaled_down(found.lower, exponent) * (1 - 1e-9) and not math.isinf(upper)
    return replace(found, lower=lower, upper=upper, exact=exact, witness=best.witness)


def _bracket_tanh(W: FloatArray, a: FloatArray, b: FloatArray | None, rng: np.random.Generator) -> Bracket:
    start = perf_counter()
    merged, outputs, exponent = _merge_odd(W, a, b)
    bound = lipsdp_one_hidden(merged, outputs)
    upper = scaled_up(bound.upper, exponent)
    effort: dict[str, float | int | str] = {"sweeps": bound.sweeps, "status": "complete"}
    method = "LipSDP above (valid for slopes in [0, 1]), quasi-Newton ascent below (tanh has no linear regions)"
    if upper == 0:
        return Bracket(0.0, 0.0, True, Witness(np.zeros(W.shape[1]), np.zeros(W.shape[1])), method, effort)
    lower, witness = smooth_lower(W, a, b, rng=rng)
    effort["seconds"] = perf_counter() - start
    lower = min(lower, upper)
    exact = lower >= upper * (1 - 1e-12) and not math.isinf(upper)
    return Bracket(lower, upper, exact, witness, method, effort)


def _bracket_deep(
    weights: list[FloatArray],
    biases: list[FloatArray],
    rest: Reduced,
    activation: str,
    rtol: float,
    max_seconds: float,
    rng: np.random.Generator,
) -> Bracket:
    start = perf_counter()
    bound = lipsdp_deep(rest.weights, max_seconds=0.3 * max_seconds)
    progress = Progress(min(bound.upper, absolute_bound(rest.weights)), ["LipSDP by block elimination"], {})
    best = Best(Confirmer(weights, biases, activation), None)
    try:
        best.lower, best.witness = activation_ascent_lower(
            weights, biases, rng=rng, activation=activation, max_seconds=0.3 * max_seconds
        )
    except KeyboardInterrupt:
        progress.interrupted = True
    progress.steps.append("ascent over activation patterns")
    if activation == "relu" and not progress.interrupted and progress.upper > 0:
        improve_everywhere(weights, biases, rest, best, progress, rtol=rtol, deadline=start + max_seconds, rng=rng)
    upper = progress.upper
    seconds = perf_counter() - start
    late = seconds >= max_seconds and best.lower < upper * (1 - rtol)
    effort: dict[str, float | int | str] = {
        "seconds": seconds,
        "evaluations": bound.iterations,
        "eclipse_fast": bound.eclipse_fast,
        "status": "interrupted" if progress.interrupted else "out of time" if late else "complete",
    }
    method = f"{', '.join(progress.steps)}; picked because the model is deep"
    lower = min(best.lower, upper)
    exact = upper == 0 or (progress.exact and lower > 0 and not math.isinf(upper))
    return Bracket(lower, upper, exact, best.witness if lower > 0 else None, method, progress.effort | effort)


def _bracket_on(
    model: RandomFeatures | MLP, domain: Domain, rtol: float, max_seconds: float, rng: np.random.Generator
) -> Bracket:
    """Bracket the constant on a ball or a box."""
    if isinstance(model, RandomFeatures):
        W, b, a = model.hidden_layer()
        if model.activation == "identity" or a.size == 0:
            return bracket(model, rtol=rtol, max_seconds=max_seconds, rng=rng)
        weights, biases = [W, a[None]], [np.zeros(a.size) if b is None else b, np.zeros(1)]
    else:
        weights = [layer for layer, _ in model.layers()]
        biases = [np.zeros(layer.shape[0]) if bias is None else bias for layer, bias in model.layers()]
        if len(weights) == 1:
            return bracket(model, rtol=rtol, max_seconds=max_seconds, rng=rng)
    return bracket_on(
        weights,
        biases,
        str(model.activation),
        domain,
        rtol=rtol,
        max_seconds=max_seconds,
        rng=rng,
        everywhere=lambda seconds: bracket(model, rtol=rtol, max_seconds=seconds, rng=np.random.default_rng(0)),
    )


def _merge_odd(W: FloatArray, a: FloatArray, b: FloatArray | None) -> tuple[FloatArray, FloatArray, int]:
    """Merge units that are equal up to sign: tanh(-t) = -tanh(t), so their output weights add with that sign.

    Returns the rows, the output weights times 2^-exponent, each sum rounded once, and the exponent.
    """
    exponent = size_exponent(a)
    rows, outputs = W if b is None else np.column_stack([W, b]), scale(a, -exponent)
    if rows.shape[0] == 0:
        return W, outputs, exponent
    leading = np.argmax(rows != 0, axis=1)
    signs = np.where(rows[np.arange(rows.shape[0]), leading] < 0, -1.0, 1.0)
    merged, inverse = np.unique(signs[:, None] * rows + 0.0, axis=0, return_inverse=True)
    order = np.argsort(inverse.ravel(), kind="stable")
    groups = np.split((signs * outputs)[order], np.cumsum(np.bincount(inverse.ravel()))[:-1])
    return merged[:, : W.shape[1]], np.array([math.fsum(group) for group in groups]), exponent


def _bracket_relu(
    W: FloatArray, a: FloatArray, b: FloatArray | None, rtol: float, max_seconds: float, rng: np.random.Generator
) -> Bracket:
    """Bracket the layer in units in which its numbers are near one, and confirm the witness in those given."""
    # Units: relu(2^r t) = 2^r relu(t), row by row; inputs in units of the typical distance of a kink.
    rows = np.frexp(largest_entries(W))[1].astype(np.int64)
    live = W.any(axis=1) & (a != 0)
    exponents = rows + np.frexp(a)[1]
    exponent = int(exponents[live].max()) if live.any() else 0
    unit = 0 if b is None else typical_exponent(b[live], rows[live])
    # An output weight that loses bits is 2^-1000 of the largest: every method's rounding margin covers that.
    scaled = scale(W, -rows[:, None]), np.where(live, scale(a, rows - exponent), 0.0)
    shifts = None if b is None else np.where(live, scale(b, -rows - unit), 0.0)
    confirmer = Confirmer([W, a[None]], [np.zeros(a.shape[0]) if b is None else b], "relu")

    exactly = np.array_equal(scale(scaled[0], rows[:, None]), W)
    if b is not None and shifts is not None and not np.array_equal(scale(shifts, rows + unit)[live], b[live]):
        return _bracket_apart(W, a, b, max_seconds, rng)

    def confirm(witness: Witness) -> Confirmed | None:
        found = _at_point(confirmer, None if witness.point is None else scale(witness.point, unit))
        # Positive factors leave patterns alone, so one confirmed without a point holds as well, if no bit was lost.
        if found is None and witness.pattern is not None and exactly:
            return confirmer.of_pattern([witness.pattern])
        return found

    try:
        found = _bracket_scaled(*scaled, shifts, rtol, max_seconds, rng)
    except TooWideError:
        return _bracket_apart(W, a, b, max_seconds, rng)
    return _confirmed(found, confirmer, confirm, exponent)


def _bracket_apart(
    W: FloatArray, a: FloatArray, b: FloatArray | None, max_seconds: float, rng: np.random.Generator
) -> Bracket:
    """Bracket a layer whose kinks lie at distances that no common unit brings into range."""
    start = perf_counter()
    if W.shape[1] == 1 and b is not None:
        found = _bracket_line([W, a[None]], [b], None, start + _SHARE_FOR_PIECES * max_seconds)
        if found is not None:
            return found
    upper = lipsdp_one_hidden(W, a).upper
    lower, witness = _ascended(W, a, b, rng, 0.5 * max_seconds)
    effort: dict[str, float | int | str] = {"seconds": perf_counter() - start, "status": "complete"}
    method = "LipSDP above, ascent over patterns below; picked because offsets differ by more than 2^400"
    return Bracket(min(lower, upper), upper, upper == 0, witness, method, effort)


def _bracket_scaled(
    W: FloatArray, a: FloatArray, b: FloatArray | None, rtol: float, max_seconds: float, rng: np.random.Generator
) -> Bracket:
    """Pick enumeration while it fits the time, then cones in few dimensions, then LipSDP and great circles."""
    start = perf_counter()
    rank = W.shape[1] + (b is not None)
    if rank <= 2:
        result = exact_one_hidden(W, a, b)
        return replace(result, method=f"{result.method}; picked because one sort is enough")
    seconds = enumeration_seconds(a.shape[0] + (b is not None), rank)
    if seconds <= _SHARE_FOR_ENUMERATION * max_seconds and W.shape[1] <= LARGEST_DIMENSION:
        result = exact_one_hidden(W, a, b, max_seconds=max_seconds, rng=rng)
        return replace(result, method=f"{result.method}; picked because about {seconds:.2g} s fit {max_seconds:g} s")
    bound = lipsdp_one_hidden(W, a, rtol=min(rtol, 1e-3))
    effort: dict[str, float | int | str] = {"sweeps": bound.sweeps, "status": "complete"}
    method = (
        "LipSDP above, great circles and ascent over patterns below; "
        f"picked because enumeration would take {seconds:.2g} s"
    )
    lower, witness, upper = 0.0, None, bound.upper
    try:
        lower, witness = great_circle_lower(W, a, b, rng=rng, max_seconds=0.2 * max_seconds)
        if W.shape[1] > LARGEST_CONE_RANK:
            found = _ascended(W, a, b, rng, 0.2 * max_seconds)
            lower, witness = max((lower, witness), found, key=lambda pair: pair[0])
        if rank <= LARGEST_CONE_RANK and upper > lower * (1 + rtol):
            left = max(1e-3, max_seconds - (perf_counter() - start))
            result = branch_and_bound(W, a, b, rtol=rtol, max_seconds=left, rng=rng)
            effort |= result.effort
            if result.lower > lower:
                lower, witness = result.lower, result.witness
            method = f"{result.method}; picked because enumeration would take {seconds:.2g} s and D = {rank} is small"
            upper = min(upper, result.upper)
    except KeyboardInterrupt:
        effort["status"] = "interrupted"
    effort["seconds"] = perf_counter() - start
    return Bracket(min(lower, upper), upper, False, witness, method, effort)


def _ascended(
    W: FloatArray, a: FloatArray, b: FloatArray | None, rng: np.random.Generator, max_seconds: float
) -> tuple[float, Witness | None]:
    """Return the lower bound of the ascent over activation patterns, which beats great circles in many dimensions."""
    biases = None if b is None else [b, np.zeros(1)]
    return activation_ascent_lower([W, a[None]], biases, rng=rng, max_seconds=max_seconds) if a.size else (0.0, None)
