"""The front door: a certified bracket for any model, by the method that fits its shape."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_generator, check_positive
from noprune_theory.lipschitz._rounding import norm_bounds, pattern_gradient, round_down, round_up
from noprune_theory.lipschitz.ascent import activation_ascent_lower
from noprune_theory.lipschitz.cones import branch_and_bound
from noprune_theory.lipschitz.deep import lipsdp_deep
from noprune_theory.lipschitz.exact import LARGEST_DIMENSION, enumeration_seconds, exact_one_hidden
from noprune_theory.lipschitz.great_circle import great_circle_lower, smooth_lower
from noprune_theory.lipschitz.lipsdp import lipsdp_one_hidden
from noprune_theory.lipschitz.result import Bracket, Witness
from noprune_theory.models import MLP, LinearModel, Model, RandomFeatures

_SHARE_FOR_ENUMERATION = 0.7  # of the time allowed, by estimate; the estimate is good to a factor of about two
LARGEST_CONE_RANK = 7  # beyond it, 2^(D - 1) root cones and their offspring do not beat LipSDP in minutes


def bracket(
    model: Model, *, rtol: float = 1e-6, max_seconds: float = 60.0, rng: np.random.Generator | None = None
) -> Bracket:
    """Bracket the global Euclidean Lipschitz constant of a model.

    Parameters
    ----------
    model : LinearModel, RandomFeatures or MLP
        With several outputs, the constant from the Euclidean norm to the Euclidean norm.
    rtol : float
        Stop when `(upper - lower) / upper` is at most this.
    max_seconds : float
        Start no further work after this many seconds; the bracket reached by then is returned. So it is at a keyboard
        interrupt once the first upper bound (LipSDP, seconds at most for thousands of units) is there; an interrupt
        before that leaves nothing to return and passes on.
    rng : numpy.random.Generator, optional
        Draws starting points of lower-bound searches; `numpy.random.default_rng(0)` by default.

    Returns
    -------
    Bracket
        `lower <= Lipschitz constant <= upper`, rounding included; `method` says what was run and why.

    Raises
    ------
    TypeError
        If the model is of a class without a method.
    ValueError
        If `rtol` or `max_seconds` is not positive.

    Examples
    --------
    >>> from noprune_theory.lipschitz import bracket
    >>> from noprune_theory.models import LinearModel
    >>> result = bracket(LinearModel([3.0, 4.0]))
    >>> result.exact, round(result.upper, 12)
    (True, 5.0)
    """
    check_positive("rtol", rtol)
    check_positive("max_seconds", max_seconds)
    generator = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    if isinstance(model, LinearModel):
        return _constant_gradient(model.weights, 0.0, "norm of the weights (the model is linear)")
    if isinstance(model, RandomFeatures):
        W, b, a = model.hidden_layer()
        if model.activation == "identity":
            gradient, error = pattern_gradient(W, a, np.ones(a.shape[0], dtype=bool))
            return _constant_gradient(gradient, error, "norm of the gradient (the activation is the identity)")
        if model.activation == "tanh":
            return _bracket_tanh(W, a, b, generator)
        return _bracket_relu(W, a, b, rtol, max_seconds, generator)
    if isinstance(model, MLP):
        if len(model.widths) == 3 and model.n_outputs == 1 and model.activation == "relu":
            W, b, a = model.hidden_layer()
            return _bracket_relu(W, a, b, rtol, max_seconds, generator)
        return _bracket_deep(model, max_seconds, generator)
    raise TypeError(f"model must be a LinearModel, RandomFeatures or MLP, got {type(model).__name__}")


def _constant_gradient(gradient: FloatArray, error: float, method: str) -> Bracket:
    start = perf_counter()
    lower, upper = norm_bounds(gradient)
    lower, upper = round_down(max(0.0, lower - error)), round_up(upper + error)
    witness = Witness(np.zeros(gradient.shape[0]), gradient.copy())
    return Bracket(lower, upper, True, witness, method, {"seconds": perf_counter() - start, "status": "complete"})


def _bracket_tanh(W: FloatArray, a: FloatArray, b: FloatArray | None, rng: np.random.Generator) -> Bracket:
    start = perf_counter()
    bound = lipsdp_one_hidden(*_merge_odd(W, a, b))
    effort: dict[str, float | int | str] = {"sweeps": bound.sweeps, "status": "complete"}
    method = "LipSDP above (valid for slopes in [0, 1]), quasi-Newton ascent below (tanh has no linear regions)"
    if bound.upper == 0:
        return Bracket(0.0, 0.0, True, Witness(np.zeros(W.shape[1]), np.zeros(W.shape[1])), method, effort)
    lower, witness = smooth_lower(W, a, b, rng=rng)
    effort["seconds"] = perf_counter() - start
    lower = min(lower, bound.upper)
    return Bracket(lower, bound.upper, lower >= bound.upper * (1 - 1e-12), witness, method, effort)


def _bracket_deep(model: MLP, max_seconds: float, rng: np.random.Generator) -> Bracket:
    start = perf_counter()
    weights = [layer for layer, _ in model.layers()]
    biases = [np.zeros(layer.shape[0]) if bias is None else bias for layer, bias in model.layers()]
    bound = lipsdp_deep(weights, max_seconds=0.7 * max_seconds)
    lower, witness, interrupted = 0.0, None, False
    try:
        lower, witness = activation_ascent_lower(
            weights, biases, rng=rng, activation=model.activation, max_seconds=0.3 * max_seconds
        )
    except KeyboardInterrupt:
        interrupted = True
    effort: dict[str, float | int | str] = {
        "seconds": perf_counter() - start,
        "evaluations": bound.iterations,
        "eclipse_fast": bound.eclipse_fast,
        "status": "complete" if perf_counter() - start < max_seconds else "out of time",
    }
    if interrupted:
        effort["status"] = "interrupted"
    method = (
        "LipSDP by block elimination above, ascent over activation patterns below; picked because the model is deep"
    )
    return Bracket(min(lower, bound.upper), bound.upper, bound.upper == 0, witness, method, effort)


def _merge_odd(W: FloatArray, a: FloatArray, b: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Merge units that are equal up to sign: tanh(-t) = -tanh(t), so their output weights add with that sign."""
    rows = W if b is None else np.column_stack([W, b])
    if rows.shape[0] == 0:
        return W, a
    leading = np.argmax(rows != 0, axis=1)
    signs = np.where(rows[np.arange(rows.shape[0]), leading] < 0, -1.0, 1.0)
    merged, inverse = np.unique(signs[:, None] * rows, axis=0, return_inverse=True)
    outputs = np.zeros(merged.shape[0])
    np.add.at(outputs, inverse.ravel(), signs * a)
    return merged[:, : W.shape[1]], outputs


def _bracket_relu(
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
