"""Lower bounds for deep networks: batched ascent of the slope over inputs, with a witness.

The search runs on the part of the network that varies, scaled to values near one. Each search climbs the derivative of
a softened network along the current steepest direction, whose gradient with respect to the input is one forward and one
backward pass of (value, derivative) pairs; every point visited is judged by the true Jacobian. The best points are
refined by random moves of all sizes. What is returned is confirmed from the point alone, on the network as given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import scipy
from numpy.typing import ArrayLike

from noprune_theory._scaling import binary_exponent, scale, size_exponent
from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import as_float_array, check_choice, check_generator, check_integer, check_positive
from noprune_theory.lipschitz._confirm import Confirmed, Confirmer
from noprune_theory.lipschitz._domain import Domain
from noprune_theory.lipschitz._pattern_climb import all_active_point, climb_patterns
from noprune_theory.lipschitz._reduction import reduced
from noprune_theory.lipschitz.deep import check_layers, checked_network
from noprune_theory.lipschitz.lipsdp import spread
from noprune_theory.lipschitz.result import Witness

_SHARPNESS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # of the softened slopes, in units of the typical pre-activation
_STEPS_AT_SHARPNESS = 12
_REFINED = 16
_MOVES = 24
_PROBES = 32
_POLISHING = 100  # iterations
_MOST_ROUNDS = 100  # where slopes only tend to their supremum, as those of tanh units do far out
_PROGRESS = 1e-6  # rise of log2 of the slope that keeps a search going
_LAYERS_IN_RANGE = 8  # slopes change by far less than the range of float64 over so many scaled layers


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """Weights, biases of hidden layers and the activation of a network.

    Slopes are compared by their binary logarithms, so that products over many layers stay in range.
    """

    weights: list[FloatArray]
    biases: list[FloatArray]
    activation: str

    def activate(self, pre: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the values of hidden units and their slopes."""
        if self.activation == "relu":
            slopes = (pre > 0).astype(np.float64)
            return pre * slopes, slopes
        # The slope is far below an ulp of tanh = +-1 before it vanishes.
        q = np.exp(-2 * np.abs(pre))
        return np.copysign((1.0 - q) / (1.0 + q), pre), 4 * q / (1.0 + q) ** 2

    def slopes(self, X: FloatArray) -> list[FloatArray]:
        """Return the slopes of the hidden units at the rows of X, one array (n, h_i) a layer."""
        values: FloatArray = X
        slopes: list[FloatArray] = []
        for W, b in zip(self.weights[:-1], self.biases, strict=True):
            values, slope = self.activate(values @ W.T + b)
            slopes.append(slope)
        return slopes

    def steepest(self, X: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log2 of the largest singular value of the Jacobian at the rows of X, and its singular vectors.

        Shapes (n,), (n, c) of outputs and (n, d) of inputs.
        """
        jacobians = np.broadcast_to(self.weights[-1], (X.shape[0], *self.weights[-1].shape))
        exponents = np.zeros(X.shape[0], dtype=np.int64)
        for layer, (W, slopes) in enumerate(zip(self.weights[-2::-1], self.slopes(X)[::-1], strict=True)):
            jacobians = (jacobians * slopes[:, None, :]) @ W
            if layer % _LAYERS_IN_RANGE == _LAYERS_IN_RANGE - 1:
                sizes = np.frexp(np.max(np.abs(jacobians), axis=(1, 2)))[1]
                jacobians = np.ldexp(jacobians, -sizes[:, None, None])
                exponents += sizes
        if self.weights[-1].shape[0] == 1:
            norms = np.linalg.norm(jacobians[:, 0], axis=1)
            outputs, inputs = np.ones((X.shape[0], 1)), jacobians[:, 0] / (norms[:, None] + 1e-300)
        else:
            U, singular, V = np.linalg.svd(jacobians, full_matrices=False)
            norms, outputs, inputs = singular[:, 0], U[:, :, 0], V[:, 0]
        logarithms = np.log2(norms, out=np.full(X.shape[0], -np.inf), where=norms > 0)
        return logarithms + exponents, outputs, inputs

    def uphill(
        self, X: FloatArray, outputs: FloatArray, inputs: FloatArray, sharpness: float, *, scaled: bool = True
    ) -> FloatArray:
        """Return the gradient with respect to x of <outputs, J(x) inputs> for softened slopes, shape (n, d).

        The slope of a ReLU is softened to the logistic function of k t, k = sharpness / (mean |t| of the layer).
        Forward: values, and derivatives along `inputs`. Backward: p, the adjoint of the derivatives, and q, that of
        the values. Each row comes times a power of two that brings it near one, if `scaled`.
        """
        value, tangent = X, inputs
        store = []
        for W, b in zip(self.weights[:-1], self.biases, strict=True):
            pre, tangent = value @ W.T + b, tangent @ W.T
            value, soft = self.activate(pre)
            if self.activation == "relu":
                typical = np.mean(np.abs(pre), axis=1, keepdims=True)
                k = np.divide(sharpness, typical, out=np.zeros_like(typical), where=typical > 0)
                soft = 0.5 * (1.0 + np.tanh(0.5 * k * pre))
                bend = k * soft * (1.0 - soft)
            else:
                bend = -2.0 * value * soft
            store.append((soft, bend * tangent))
            tangent = soft * tangent
        p, q = outputs @ self.weights[-1], np.zeros((X.shape[0], self.weights[-1].shape[1]))
        for W, (soft, bent) in zip(self.weights[-2::-1], store[::-1], strict=True):
            q = (p * bent + q * soft) @ W
            p = (p * soft) @ W
        return np.ldexp(q, -np.frexp(np.max(np.abs(q), axis=1))[1][:, None]) if scaled else q


def activation_ascent_lower(
    weights: Sequence[ArrayLike],
    biases: Sequence[ArrayLike] | None = None,
    *,
    rng: RNG,
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
    rng : numpy.random.Generator or seed
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
    rng = check_generator("rng", rng)
    check_choice("activation", activation, ("relu", "tanh"))
    check_integer("starts", starts, 1)
    deadline = perf_counter() + check_positive("max_seconds", max_seconds)
    shifts = _checked_biases(layers, biases)
    found = reduced(layers, shifts, activation)
    if found is None:
        return 0.0, None
    points = ascended(found.weights, found.biases, activation, rng=rng, starts=starts, deadline=deadline)
    best = confirmed_best(Confirmer(layers, shifts, activation), points, rng)
    return (0.0, None) if best is None else (best.lower, best.witness)


def ascended(
    weights: Sequence[FloatArray],
    biases: Sequence[FloatArray],
    activation: str,
    *,
    rng: np.random.Generator,
    starts: int = 128,
    deadline: float = math.inf,
    domain: Domain | None = None,
) -> FloatArray:
    """Return points of large slope, steepest first, in the domain if there is one; nothing about them is certain.

    `weights` and `biases` are those of a network whose units all vary, `deadline` is in `time.perf_counter` seconds.
    """
    network, exponent = _near_one(_Network(list(weights), list(biases), activation))
    # The search runs in other units, its results are judged in those given.
    inside = None if domain is None else domain.scaled(-exponent)
    # Values that leave the float range where weights of a tanh network are extreme are no good, and lose.
    with np.errstate(over="ignore", invalid="ignore"):
        points = _search(network, rng, starts, deadline, inside)
    return scale(points, exponent)


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


def _near_one(network: _Network) -> tuple[_Network, int]:
    """Return the network with layers and inputs scaled by powers of two, and the exponent of the unit of the inputs.

    A ReLU network scales its values layer by layer so that typical pre-activations are near one; the last layer of any
    network scales its outputs. That changes no comparison of slopes. Rounding here (of entries far below the largest)
    does not matter: the network only guides the search.
    """
    weights = [scale(W, -size_exponent(W)) for W in network.weights]
    if not network.biases:
        return _Network(weights, [], network.activation), 0
    if network.activation == "tanh":
        return _Network([weights[0], *network.weights[1:-1], weights[-1]], network.biases, "tanh"), -size_exponent(
            network.weights[0]
        )
    taken = np.cumsum([size_exponent(W) for W in network.weights[:-1]])
    sizes = [size_exponent(b) - int(e) for b, e in zip(network.biases, taken, strict=True) if b.any()]
    unit = max(sizes, default=0)
    biases = [scale(b, -int(e) - unit) for b, e in zip(network.biases, taken, strict=True)]
    values: FloatArray = np.sqrt(weights[0].shape[1]) * spread(_PROBES, weights[0].shape[1])
    total = 0
    for index in range(len(biases)):
        pre = values @ weights[index].T + scale(biases[index], -total)
        carry = binary_exponent(float(np.mean(np.abs(pre))))
        weights[index], total = scale(weights[index], -carry), total + carry
        biases[index] = scale(biases[index], -total)
        values = np.maximum(scale(pre, -carry), 0.0)
    return _Network(weights, biases, "relu"), unit


def _search(
    network: _Network, rng: np.random.Generator, starts: int, deadline: float, domain: Domain | None
) -> FloatArray:
    """Return the best points found, steepest first."""
    points = _random_points(network, rng, starts)
    if domain is not None:
        # A large domain holds its kinks in a small part of it, a small one only there.
        points = np.vstack([domain.draw(rng, starts - starts // 2), domain.inward(points[: starts // 2])])
    values, climbed = _climb(network, points, deadline, domain)
    order = np.argsort(-values, kind="stable")[:_REFINED]
    best = climbed[order]
    if network.activation == "tanh":
        best = np.array([_polished(network, point, deadline, domain) for point in best])
    best = _refine(network, best, rng, deadline, domain)
    if network.activation == "tanh" or not network.biases:
        return best
    # From region to region: from the steepest places, and from some that owe nothing to softened slopes.
    unit = float(np.median(np.linalg.norm(climbed, axis=1))) or 1.0
    beginnings = np.vstack([best, climbed[order], points[:_REFINED]])
    everywhere = all_active_point(network.weights, network.biases, domain, unit)
    if everywhere is not None:
        beginnings = np.vstack([everywhere, beginnings])
    led_to, _ = climb_patterns(network.weights, network.biases, beginnings, domain=domain, unit=unit, deadline=deadline)
    found = np.vstack([best, led_to])
    return found[np.argsort(-network.steepest(found)[0], kind="stable")]


def _lengths(points: FloatArray, domain: Domain | None) -> FloatArray:
    """Return the sizes that moves are measured by: that of the domain, or the distance from the origin."""
    if domain is not None:
        low, high = domain.outer_box()
        return np.full((points.shape[0], 1), 0.5 * float(np.linalg.norm(high - low)))
    return np.asarray(np.linalg.norm(points, axis=1, keepdims=True) + 1e-9)


def _kept_inside(points: FloatArray, domain: Domain | None) -> FloatArray:
    return points if domain is None else domain.inward(points)


def _random_points(network: _Network, rng: np.random.Generator, count: int) -> FloatArray:
    """Return points at the distances from the origin at which the first layer's kinks lie, the origin among them."""
    W = network.weights[0]
    norms = np.linalg.norm(W, axis=1)
    used = norms > 0
    distances = np.abs(network.biases[0][used]) / norms[used] if network.biases else np.zeros(0)
    distances = distances[distances > 0]
    if network.activation == "tanh":
        distances = np.append(distances, 0.0) + 1.0 / float(norms.max())
    elif any(b.any() for b in network.biases[1:]) or distances.size == 0:
        # Where a unit of the first layer reaches the size of later biases, whose unit is one.
        distances = np.append(distances, 1.0 / norms[used])
    scales = np.full((count, 1), np.median(distances))
    # Half of the searches at the distance of a kink of their own: distances may differ by orders of magnitude.
    scales[1::2, 0] = rng.choice(distances, scales[1::2].size)
    points: FloatArray = scales * np.exp(rng.standard_normal((count, 1))) * rng.standard_normal((count, W.shape[1]))
    points[0] = 0.0
    return points


def _climb(
    network: _Network, points: FloatArray, deadline: float, domain: Domain | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return the best true slope (log2) of every search and where it was attained."""
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
            size = _lengths(points, domain)
            points = points + length * size * step / (np.linalg.norm(step, axis=1, keepdims=True) + 1e-300)
            points = _kept_inside(points, domain)
            values, outputs, inputs = network.steepest(points)
            better = values > best
            best = np.where(better, values, best)
            best_points[better] = points[better]
            length *= 0.8
    return best, best_points


def _polished(network: _Network, point: FloatArray, deadline: float, domain: Domain | None = None) -> FloatArray:
    """Return a point of larger slope by quasi-Newton ascent of log |J|, smooth for tanh where its norm is simple."""
    if perf_counter() > deadline:
        return point

    def objective(x: FloatArray) -> tuple[float, FloatArray]:
        logarithm, outputs, inputs = network.steepest(x[None])
        if not abs(logarithm[0]) < 1000 or perf_counter() > deadline:
            return np.inf, np.zeros_like(x)
        gradient = network.uphill(x[None], outputs, inputs, 1.0, scaled=False)[0]
        return -float(logarithm[0]) * math.log(2.0), -gradient / math.exp2(logarithm[0])

    limits = None if domain is None else np.column_stack(domain.outer_box())
    found = scipy.optimize.minimize(
        objective, point, jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": _POLISHING}
    )
    if not np.isfinite(found.x).all():
        return point
    reached = _kept_inside(np.asarray(found.x), domain)
    return reached if network.steepest(reached[None])[0] > network.steepest(point[None])[0] else point


def _refine(
    network: _Network, points: FloatArray, rng: np.random.Generator, deadline: float, domain: Domain | None = None
) -> FloatArray:
    """Improve points by random moves of all sizes, a batch for each at a time; return them steepest first."""
    best = network.steepest(points)[0]
    stale = rounds = 0
    while stale < 12 and rounds < _MOST_ROUNDS and perf_counter() < deadline:
        rounds += 1
        sizes = 10.0 ** rng.uniform(-4, 0.3, (points.shape[0], _MOVES, 1))
        moves = rng.standard_normal((points.shape[0], _MOVES, points.shape[1]))
        # Some moves change one coordinate only, as pruned first layers call for.
        single = rng.random((points.shape[0], _MOVES, 1)) < 0.25
        coordinate = rng.integers(0, points.shape[1], (points.shape[0], _MOVES, 1))
        moves = np.where(single & (np.arange(points.shape[1]) != coordinate), 0.0, moves)
        reach = _lengths(points, domain)[:, :, None]
        trials = points[:, None] + sizes * reach * moves / np.linalg.norm(moves, axis=2, keepdims=True)
        trials = _kept_inside(trials, domain)
        values = network.steepest(trials.reshape(-1, points.shape[1]))[0].reshape(trials.shape[:2])
        choice = np.argmax(values, axis=1)
        rows = np.arange(points.shape[0])
        found = values[rows, choice]
        risen = (found > best + _PROGRESS)[: max(1, points.shape[0] // 4)].any()
        better = found > best
        best = np.where(better, found, best)
        points = np.where(better[:, None], trials[rows, choice], points)
        stale = 0 if risen else stale + 1
        order = np.argsort(-best, kind="stable")
        points, best = points[order], best[order]
    return points


def confirmed_best(
    network: Confirmer, points: FloatArray, rng: np.random.Generator, domain: Domain | None = None
) -> Confirmed | None:
    """Return the best bound confirmed at one of the first four points, or else at the first that works, or nudged."""
    best: Confirmed | None = None
    for index, point in enumerate(points):
        if index >= 4 and best is not None:
            break
        for nudge in (0.0, 1e-12, 1e-9, 1e-6):
            moved = _kept_inside(point * (1 + nudge * rng.standard_normal(point.size)), domain)
            found = network.at(moved) if domain is None or domain.contains(moved) else None
            firmer = best is not None and found is not None and found.firm and not best.firm
            if found is not None and (best is None or found.lower > best.lower * (1 - 1e-9 * firmer)):
                best = found
            if found is not None and found.firm:
                break
    return best
