"""Lower bounds for deep networks: batched ascent of the slope over inputs, with a witness.

Each search climbs the derivative of a softened network along the current steepest direction, whose gradient with
respect to the input is one forward and one backward pass of (value, derivative) pairs; every point visited is judged by
the true Jacobian. The best points are refined by random moves of all sizes. The result is certified at the end: the
activation pattern at the point by interval propagation, the Jacobian by a bound on its rounding error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_float_array, check_choice, check_generator, check_integer, check_positive
from noprune_theory.lipschitz._rounding import EPSILON, norm_bounds, round_down
from noprune_theory.lipschitz.deep import check_layers, checked_network, live_units
from noprune_theory.lipschitz.result import Witness

_SHARPNESS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # of the softened slopes, in units of the typical pre-activation
_STEPS_AT_SHARPNESS = 12
_REFINED = 16
_MOVES = 24


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """Weights, biases (zeros where there are none) and the activation of a network."""

    weights: list[FloatArray]
    biases: list[FloatArray]
    activation: str

    def slopes(self, X: FloatArray) -> list[FloatArray]:
        """Return the slopes of the hidden units at the rows of X, one array (n, h_i) a layer."""
        values: FloatArray = X
        slopes: list[FloatArray] = []
        for W, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            pre = values @ W.T + b
            if self.activation == "relu":
                slopes.append((pre > 0).astype(np.float64))
                values = pre * slopes[-1]
            else:
                values = np.tanh(pre)
                slopes.append(1.0 - values**2)
        return slopes

    def steepest(self, X: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the largest singular value of the Jacobian at the rows of X, and its singular vectors.

        Shapes (n,), (n, c) of outputs and (n, d) of inputs.
        """
        jacobians = np.broadcast_to(self.weights[-1], (X.shape[0], *self.weights[-1].shape))
        for W, slopes in zip(self.weights[-2::-1], self.slopes(X)[::-1], strict=True):
            jacobians = (jacobians * slopes[:, None, :]) @ W
        if self.weights[-1].shape[0] == 1:
            norms = np.linalg.norm(jacobians[:, 0], axis=1)
            return norms, np.ones((X.shape[0], 1)), jacobians[:, 0] / (norms[:, None] + 1e-300)
        U, singular, V = np.linalg.svd(jacobians, full_matrices=False)
        return singular[:, 0], U[:, :, 0], V[:, 0]

    def uphill(self, X: FloatArray, outputs: FloatArray, inputs: FloatArray, sharpness: float) -> FloatArray:
        """Return the gradient with respect to x of <outputs, J(x) inputs> for softened slopes, shape (n, d).

        The slope of a ReLU is softened to the logistic function of k t, k = sharpness / (mean |t| of the layer).
        Forward: values, and derivatives along `inputs`. Backward: p, the adjoint of the derivatives, and q, that of
        the values.
        """
        value, tangent = X, inputs
        store = []
        for W, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            pre, tangent = value @ W.T + b, tangent @ W.T
            if self.activation == "relu":
                typical = np.mean(np.abs(pre), axis=1, keepdims=True)
                k = np.divide(sharpness, typical, out=np.zeros_like(typical), where=typical > 0)
                soft = 0.5 * (1.0 + np.tanh(0.5 * k * pre))
                bend = k * soft * (1.0 - soft)
                value = np.maximum(pre, 0.0)
            else:
                value = np.tanh(pre)
                soft = 1.0 - value**2
                bend = -2.0 * value * soft
            store.append((soft, bend * tangent))
            tangent = soft * tangent
        p, q = outputs @ self.weights[-1], np.zeros((X.shape[0], self.weights[-1].shape[1]))
        for W, (soft, bent) in zip(self.weights[-2::-1], store[::-1], strict=True):
            q = (p * bent + q * soft) @ W
            p = (p * soft) @ W
        return q


def activation_ascent_lower(
    weights: Sequence[ArrayLike],
    biases: Sequence[ArrayLike] | None = None,
    *,
    rng: np.random.Generator,
    activation: str = "relu",
    starts: int = 128,
    max_seconds: float = 10.0,
) -> tuple[float, Witness | None]:
    """Return a certified lower bound on the Lipschitz constant of a deep network, with its witness.

    Parameters
    ----------
    weights : sequence of array_like
        W_1 (h_1, d), ..., W_m (c, h_{m-1}).
    biases : sequence of array_like, optional
        b_1 (h_1,), ..., b_m (c,); none by default. The last does not matter.
    rng : numpy.random.Generator
    activation : {"relu", "tanh"}
    starts : int
        Searches run side by side.
    max_seconds : float
        Start no further step after this many seconds.

    Returns
    -------
    lower : float
        At most the Lipschitz constant, rounding included. Errs below, by how much is not known.
    witness : Witness or None
        Point, pattern (ReLU) and gradient; with c > 1 outputs the gradient of <v, f>, v the leading left singular
        vector of the Jacobian. None where `lower` is 0.

    Raises
    ------
    ValueError
        If a layer is not finite or shapes do not chain.
    """
    layers = checked_network(weights)
    check_generator("rng", rng)
    check_choice("activation", activation, ("relu", "tanh"))
    check_integer("starts", starts, 1)
    deadline = perf_counter() + check_positive("max_seconds", max_seconds)
    network = _Network(layers, _checked_biases(layers, biases), activation)
    if any(not units.any() for units in live_units(layers)):
        return 0.0, None
    points = _random_points(network, rng, starts)
    values, points = _climb(network, points, deadline)
    order = np.argsort(-values, kind="stable")[:_REFINED]
    points = _refine(network, points[order], rng, deadline)
    return _certified_best(network, points, rng)


def _checked_biases(layers: Sequence[FloatArray], biases: Sequence[ArrayLike] | None) -> list[FloatArray]:
    if biases is None:
        return [np.zeros(layer.shape[0]) for layer in layers]
    check_layers("biases", biases)
    if len(biases) != len(layers):
        raise ValueError(f"biases must hold one array a layer, {len(layers)}, got {len(biases)}")
    checked = [as_float_array(f"biases[{i}]", bias, ndim=1) for i, bias in enumerate(biases)]
    for i, (layer, bias) in enumerate(zip(layers, checked, strict=True)):
        if bias.shape[0] != layer.shape[0]:
            raise ValueError(f"biases[{i}] must have shape ({layer.shape[0]},), got {bias.shape}")
    return checked


def _random_points(network: _Network, rng: np.random.Generator, count: int) -> FloatArray:
    """Return points at the distances from the origin at which the first layer's kinks lie."""
    W, b = network.weights[0], network.biases[0]
    norms = np.linalg.norm(W, axis=1)
    used = norms > 0
    scale = float(np.median(np.abs(b[used]) / norms[used])) if b.any() else 1.0
    if network.activation == "tanh":
        scale += 1.0 / float(norms.max())
    spread = np.exp(rng.standard_normal((count, 1)))
    directions = rng.standard_normal((count, W.shape[1]))
    points: FloatArray = max(scale, 1e-300) * spread * directions
    points[0] = 0.0
    return points


def _climb(network: _Network, points: FloatArray, deadline: float) -> tuple[FloatArray, FloatArray]:
    """Return the best true slope of every search and where it was attained."""
    best, outputs, inputs = network.steepest(points)
    best_points = points.copy()
    for sharpness in _SHARPNESS:
        # Each stage restarts from the best point so far: a softened network is a guide, not the goal.
        points = best_points.copy()
        _, outputs, inputs = network.steepest(points)
        length = 0.3
        for _ in range(_STEPS_AT_SHARPNESS):
            if perf_counter() > deadline:
                return best, best_points
            step = network.uphill(points, outputs, inputs, sharpness)
            size = np.linalg.norm(points, axis=1, keepdims=True) + 1e-9
            points = points + length * size * step / (np.linalg.norm(step, axis=1, keepdims=True) + 1e-300)
            values, outputs, inputs = network.steepest(points)
            better = values > best
            best = np.where(better, values, best)
            best_points[better] = points[better]
            length *= 0.8
    return best, best_points


def _refine(network: _Network, points: FloatArray, rng: np.random.Generator, deadline: float) -> FloatArray:
    """Improve points by random moves of all sizes, a batch for each at a time; return them steepest first."""
    best = network.steepest(points)[0]
    stale = 0
    while stale < 12 and perf_counter() < deadline:
        sizes = 10.0 ** rng.uniform(-4, 0.3, (points.shape[0], _MOVES, 1))
        moves = rng.standard_normal((points.shape[0], _MOVES, points.shape[1]))
        # Some moves change one coordinate only, as pruned first layers call for.
        single = rng.random((points.shape[0], _MOVES, 1)) < 0.25
        coordinate = rng.integers(0, points.shape[1], (points.shape[0], _MOVES, 1))
        moves = np.where(single & (np.arange(points.shape[1]) != coordinate), 0.0, moves)
        reach = np.linalg.norm(points, axis=1)[:, None, None] + 1e-9
        trials = points[:, None] + sizes * reach * moves / np.linalg.norm(moves, axis=2, keepdims=True)
        values = network.steepest(trials.reshape(-1, points.shape[1]))[0].reshape(trials.shape[:2])
        choice = np.argmax(values, axis=1)
        rows = np.arange(points.shape[0])
        better = values[rows, choice] > best * (1 + 1e-12)
        best = np.where(better, values[rows, choice], best)
        points = np.where(better[:, None], trials[rows, choice], points)
        stale = 0 if better[: max(1, points.shape[0] // 4)].any() else stale + 1
        order = np.argsort(-best, kind="stable")
        points, best = points[order], best[order]
    return points


def _certified_best(network: _Network, points: FloatArray, rng: np.random.Generator) -> tuple[float, Witness | None]:
    """Return the best bound among points whose certificate goes through, each tried with small nudges."""
    best: tuple[float, Witness | None] = (0.0, None)
    for point in points[:4]:
        for nudge in (0.0, 1e-12, 1e-9):
            trial = point * (1 + nudge * rng.standard_normal(point.size))
            lower, witness = certified_slope(network, trial)
            if lower > best[0]:
                best = lower, witness
            if witness is not None:
                break
    return best


def certified_slope(network: _Network, point: FloatArray) -> tuple[float, Witness | None]:
    """Return a certified lower bound on the spectral norm of the Jacobian at a point; (0, None) on a kink."""
    certain = _certain_slopes(network, point)
    if certain is None:
        return 0.0, None
    slopes, doubts = certain
    _, outputs, _ = network.steepest(point[None])
    row, size = outputs[0] @ network.weights[-1], np.abs(outputs[0]) @ np.abs(network.weights[-1])
    worst = size.copy()
    count = network.weights[-1].shape[0]
    for W, slope, doubt in zip(network.weights[-2::-1], slopes[::-1], doubts[::-1], strict=True):
        row, size, worst = (row * slope) @ W, (size * slope) @ np.abs(W), (worst * (slope + doubt)) @ np.abs(W)
        count += W.shape[0] + 2
    # Off by the doubtful part of the slopes, and by `count` roundings of sums of absolute values.
    off = (worst - size) + 2 * count * EPSILON * worst
    error = norm_bounds(off)[1]
    unit = norm_bounds(outputs[0])[1]
    lower = round_down(max(0.0, norm_bounds(row)[0] - error) / unit)
    pattern = np.concatenate([slope > 0 for slope in slopes]) if network.activation == "relu" and slopes else None
    return (lower, Witness(point, row, pattern)) if lower > 0 else (0.0, None)


def _certain_slopes(network: _Network, point: FloatArray) -> tuple[list[FloatArray], list[FloatArray]] | None:
    """Return slopes and bounds on their errors by interval propagation; None when a live ReLU's sign is open."""
    value, radius = point, np.zeros_like(point)
    slopes: list[FloatArray] = []
    doubts: list[FloatArray] = []
    for W, b, live in zip(network.weights[:-1], network.biases[:-1], live_units(network.weights), strict=True):
        pre = W @ value + b
        size = np.abs(W) @ np.abs(value) + np.abs(b)
        radius = (np.abs(W) @ radius + (W.shape[1] + 3) * EPSILON * size) * (1 + 1e-12)
        if network.activation == "relu":
            undecided: BoolArray = live & (np.abs(pre) <= radius)
            # A unit fed by zeros alone has a constant pre-activation, known exactly: its bias.
            if (undecided & (size > 0)).any():
                return None
            slopes.append(((pre > 0) & live).astype(np.float64))
            doubts.append(np.zeros_like(pre))
            value, radius = pre * slopes[-1], radius * slopes[-1]
        else:
            value = np.tanh(pre)
            radius = np.minimum(radius, 2.0) + 4 * EPSILON
            slopes.append((1.0 - value**2) * live)
            doubts.append((2 * radius + radius**2 + 4 * EPSILON) * live)
    return slopes, doubts
