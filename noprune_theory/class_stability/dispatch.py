"""The front door: certified margins of a classifier sgn(g) at a sample, by the method that fits the model."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory import lipschitz as lipschitz_room
from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import as_samples, check_generator, check_instance, check_integer, check_positive
from noprune_theory.class_stability._network import Network
from noprune_theory.class_stability._search import decided, other_class_points
from noprune_theory.class_stability.planar import MOST_LINES, planar_margins
from noprune_theory.class_stability.result import StabilityBracket
from noprune_theory.lipschitz import Bracket
from noprune_theory.lipschitz._dyadic import dyadic, root_above, root_below, two_to
from noprune_theory.lipschitz._outward import norm_bounds, round_down, round_up, scaled_down, scaled_up
from noprune_theory.models import Model


def bracket(
    model: Model,
    X: ArrayLike,
    *,
    lipschitz: Bracket | None = None,
    rounds: int = 40,
    max_seconds: float = 60.0,
    rng: RNG | None = None,
) -> StabilityBracket:
    """Bracket the margins of the classifier sgn(g), sgn(0) = 1, at a sample, and their mean.

    The margin is the distance to the other class in the whole space; in a subset it can only be larger. Exact: linear
    models, and one hidden layer of at most 64 ReLUs of one or two inputs. Otherwise |g|/L below, L the upper end of the
    Lipschitz constant, and above the distance to a point of the other class: found by a search, decided by float64 with
    a bound on its rounding error or exactly (tanh: by the bound alone).

    Parameters
    ----------
    model : LinearModel, RandomFeatures or MLP
        g, with d inputs and one output; its class is sgn(g), sgn(0) = 1.
    X : array_like, shape (n, d)
        The sample, finite.
    lipschitz : Bracket, optional
        Of g, by `noprune_theory.lipschitz.bracket`, which is called where it is needed and not given.
    rounds : int
        Largest number of rounds of the search, at least 0, each of which lets points come nearer.
    max_seconds : float
        For the Lipschitz constant, > 0.
    rng : numpy.random.Generator or seed, optional
        Draws directions of the search; `numpy.random.default_rng(0)` by default.

    Returns
    -------
    StabilityBracket
        Margins in the unit of X, rounded outward.

    Raises
    ------
    TypeError
        If the model is of another class, `lipschitz` no `Bracket`, or X does not hold real numbers.
    ValueError
        If shapes do not fit, a number is not finite or out of its range, or the model has several outputs.

    Examples
    --------
    >>> from noprune_theory.class_stability import bracket
    >>> from noprune_theory.models import LinearModel
    >>> found = bracket(LinearModel([3.0, 4.0]), [[1.0, 1.0], [-5.0, 0.0]])
    >>> found.exact, round(found.lower, 12), round(found.upper, 12)
    (True, 2.2, 2.2)
    """
    network = Network.of(model)
    samples = as_samples(X)
    if samples.shape[1] != network.weights[0].shape[1]:
        raise ValueError(f"X must have {network.weights[0].shape[1]} columns, got shape {samples.shape}")
    check_integer("rounds", rounds, 0)
    check_positive("max_seconds", max_seconds)
    generator = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    if lipschitz is not None:
        check_instance("lipschitz", lipschitz, Bracket)
    started = perf_counter()
    scaled, inputs, unit, level = network.scaled(samples)
    if network.activation == "identity" or len(network.weights) == 1:
        return _in_units(_linear(scaled, inputs, started), unit)
    live = (network.weights[-1][0] != 0) & network.weights[0].any(axis=1) if len(network.weights) == 2 else None
    if live is not None and network.activation == "relu" and samples.shape[1] <= 2 and live.sum() <= MOST_LINES:
        return _in_units(_planar(scaled, inputs, started), unit)
    found = lipschitz_room.bracket(model, max_seconds=max_seconds) if lipschitz is None else lipschitz
    constant = scaled_up(found.upper, unit - level) if math.isfinite(found.upper) else math.inf
    result = _searched(scaled, inputs, constant, rounds, generator, started)
    return replace(_in_units(result, unit), lipschitz=found.upper)


def _in_units(found: StabilityBracket, exponent: int) -> StabilityBracket:
    """Return the bracket with lengths multiplied by a power of two, rounded outward where that leaves the range."""
    if exponent == 0:
        return found
    margins = found.margins.copy()
    for i, (low, high) in enumerate(found.margins):
        margins[i] = low if math.isinf(low) else scaled_down(low, exponent), scaled_up(high, exponent)
    lower = found.lower if math.isinf(found.lower) else scaled_down(found.lower, exponent)
    with np.errstate(over="ignore", under="ignore"):
        witness = np.ldexp(found.witness, exponent)
    return replace(found, lower=lower, upper=scaled_up(found.upper, exponent), margins=margins, witness=witness)


def _result(
    margins: FloatArray, witness: FloatArray, exact: bool, constant: float, method: str, started: float
) -> StabilityBracket:
    effort: dict[str, float | int] = {"seconds": perf_counter() - started, "samples": margins.shape[0]}
    lower, upper = (math.fsum(column) / margins.shape[0] for column in margins.T)
    lower = lower if math.isinf(lower) else round_down(lower)
    return StabilityBracket(lower, round_up(upper), exact, witness, margins, constant, method, effort)


def _linear(network: Network, X: FloatArray, started: float) -> StabilityBracket:
    """Return |<w, x> + b|/|w| from exact integers."""
    weights, offset = dyadic(network.weights[0]), dyadic(network.biases[0])
    for W, b in zip(network.weights[1:], network.biases[1:], strict=True):
        weights, offset = dyadic(W) @ weights, (dyadic(W) @ offset).plus(dyadic(b))
    square = weights.take(0).squared_norm()
    margins, nearest = np.full((X.shape[0], 2), np.inf), np.full_like(X, np.nan)
    if square == 0:
        return _result(margins, nearest, True, 0.0, "the classifier is constant", started)
    direction = weights.take(0)
    for i, x in enumerate(X):
        value = (weights @ dyadic(x)).plus(offset)
        exact: Fraction = value.digits[0] * two_to(value.exponent)
        margins[i] = root_below(exact * exact / square), root_above(exact * exact / square)
        nearest[i] = x - float(exact / square) * direction.floats()
    witness = decided(network, X, network.classes(X), nearest)
    return _result(margins, witness, True, math.nan, "distance to the hyperplane (the model is linear)", started)


def _planar(network: Network, X: FloatArray, started: float) -> StabilityBracket:
    """Return exact margins; one input is embedded in the plane."""
    missing = 2 - X.shape[1]
    W, samples = np.pad(network.weights[0], ((0, 0), (0, missing))), np.pad(X, ((0, 0), (0, missing)))
    margins, nearest = planar_margins(
        W, network.biases[0], network.weights[1][0], samples, output_offset=float(network.biases[1][0])
    )
    witness = decided(network, X, network.classes(X), nearest[:, : X.shape[1]])
    return _result(margins, witness, True, math.nan, "cells of the arrangement, in fractions", started)


def _searched(
    network: Network, X: FloatArray, constant: float, rounds: int, rng: np.random.Generator, started: float
) -> StabilityBracket:
    margins = np.full((X.shape[0], 2), np.inf)
    if constant == 0:
        return _result(margins, np.full_like(X, np.nan), True, 0.0, "the classifier is constant", started)
    values, errors = network.values(X)
    with np.errstate(invalid="ignore"):
        sizes = np.abs(values) - errors
    for i, size in enumerate(sizes):
        margins[i, 0] = round_down(size / constant) if size > 0 and not math.isinf(constant) else 0.0
    witness = decided(network, X, network.classes(X), other_class_points(network, X, rng, rounds))
    for i, difference in enumerate(witness - X):
        if np.isfinite(difference).all():
            margins[i, 1] = round_up(norm_bounds(difference)[1])
    return _result(margins, witness, False, constant, "|g|/L below, a point of the other class above", started)
