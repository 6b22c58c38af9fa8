"""The front door: a certified bracket for any model, by the method that fits its shape."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_generator, check_positive
from noprune_theory.lipschitz._rounding import norm_bounds, pattern_gradient, round_down, round_up
from noprune_theory.lipschitz.exact import exact_one_hidden
from noprune_theory.lipschitz.great_circle import great_circle_lower, smooth_lower
from noprune_theory.lipschitz.lipsdp import lipsdp_one_hidden
from noprune_theory.lipschitz.result import Bracket, Witness
from noprune_theory.models import LinearModel, Model, RandomFeatures


def bracket(
    model: Model, *, rtol: float = 1e-6, max_seconds: float = 60.0, rng: np.random.Generator | None = None
) -> Bracket:
    """Bracket the global Euclidean Lipschitz constant of a model.

    Parameters
    ----------
    model : LinearModel or RandomFeatures
    rtol : float
        Stop when `(upper - lower) / upper` is at most this.
    max_seconds : float
        Start no further work after this many seconds; the bracket reached by then is returned.
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
    raise TypeError(f"model must be a LinearModel or RandomFeatures, got {type(model).__name__}")


def _constant_gradient(gradient: FloatArray, error: float, method: str) -> Bracket:
    start = perf_counter()
    lower, upper = norm_bounds(gradient)
    lower, upper = round_down(max(0.0, lower - error)), round_up(upper + error)
    witness = Witness(np.zeros(gradient.shape[0]), gradient.copy())
    return Bracket(lower, upper, True, witness, method, {"seconds": perf_counter() - start, "status": "complete"})


def _bracket_tanh(W: FloatArray, a: FloatArray, b: FloatArray | None, rng: np.random.Generator) -> Bracket:
    start = perf_counter()
    bound = lipsdp_one_hidden(W, a)
    effort: dict[str, float | int | str] = {"sweeps": bound.sweeps, "status": "complete"}
    method = "LipSDP above (valid for slopes in [0, 1]), quasi-Newton ascent below (tanh has no linear regions)"
    if bound.upper == 0:
        return Bracket(0.0, 0.0, True, Witness(np.zeros(W.shape[1]), np.zeros(W.shape[1])), method, effort)
    lower, witness = smooth_lower(W, a, b, rng=rng)
    effort["seconds"] = perf_counter() - start
    lower = min(lower, bound.upper)
    return Bracket(lower, bound.upper, lower >= bound.upper * (1 - 1e-12), witness, method, effort)


def _bracket_relu(
    W: FloatArray, a: FloatArray, b: FloatArray | None, rtol: float, max_seconds: float, rng: np.random.Generator
) -> Bracket:
    start = perf_counter()
    if W.shape[1] + (b is not None) <= 2:
        result = exact_one_hidden(W, a, b)
        return replace(result, method=f"{result.method}; picked because the kinks are points of a circle")
    bound = lipsdp_one_hidden(W, a, rtol=min(rtol, 1e-3))
    lower, witness = great_circle_lower(W, a, b, rng=rng, max_seconds=max_seconds)
    effort: dict[str, float | int | str] = {"sweeps": bound.sweeps, "status": "complete"}
    effort["seconds"] = perf_counter() - start
    method = "LipSDP above, great-circle search below"
    return Bracket(min(lower, bound.upper), bound.upper, False, witness, method, effort)
