"""Neuron-wise LipSDP for deep masked networks by block elimination: certified upper bounds without an SDP solver.

For f = W_m act(W_{m-1} ... act(W_1 x + b_1) ...) + b_m with slopes in [0, 1], increments h_i of the hidden layers
satisfy lambda_j h_ij ((W_i h_{i-1})_j - h_ij) >= 0 for all weights lambda >= 0 (Fazlyab et al. 2019). Eliminating
h_0, h_1, ... from rho |h_0|^2 - |W_m h_{m-1}|^2 - 2 sum_i h_i^T Lambda_i (W_i h_{i-1} - h_i) >= 0 leaves, with
D_i = 2 rho Lambda_i^{-1} / 4 and m - 1 hidden layers,

    P_0 = I,   A_i = (1/4) W_i P_{i-1} W_i^T,   P_i = D_i (D_i - A_i)^{-1} D_i,   D_i > A_i,
    L^2 <= rho = lambda_max(W_m P_{m-1} W_m^T),

for every choice of positive diagonals D_i: each is a certificate. The logarithm of rho plus a log-det barrier is
minimised over log D by L-BFGS with the adjoint below, from the closed-form choice D_i = (1/2) |W_i P_{i-1} W_i^T| I,
which is ECLipsE-Fast (Xu & Sivaranjani 2024). The bound returned is certified for rounding by one Cholesky
factorisation of the whole block-tridiagonal matrix.

Biases do not enter. Which activation patterns are reachable is ignored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_float_array, check_positive
from noprune_theory.lipschitz._lbfgs import minimise_smooth
from noprune_theory.lipschitz._rounding import EPSILON, round_up, scaled_up

_BARRIERS = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4)
_DECREASE = 1e-6
_MAX_ITERATIONS = 300
_FIRST_MARGIN = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class DeepBound:
    """A certified upper bound on the Lipschitz constant of a deep network with slopes in [0, 1].

    Attributes
    ----------
    upper : float
        At least the constant, rounding included.
    eclipse_fast : float
        The closed-form bound from which the search started (not certified for rounding).
    product_of_norms : float
        Product of the spectral norms of the layers, for comparison.
    multipliers : tuple of ndarray
        D_1, ..., D_{m-1} (zero for units without input or output); they reproduce `upper`.
    iterations : int
        Evaluations of the objective and its gradient.
    seconds : float
    """

    upper: float
    eclipse_fast: float
    product_of_norms: float
    multipliers: tuple[FloatArray, ...]
    iterations: int
    seconds: float


def check_layers(name: str, value: Any) -> None:
    """Refuse `value` unless it is a sequence, or an array of them, of one array a layer."""
    if isinstance(value, str) or not (isinstance(value, Sequence) or (isinstance(value, np.ndarray) and value.ndim)):
        raise TypeError(f"{name} must be a sequence of one array a layer, got {value!r} of type {type(value).__name__}")


def checked_network(weights: Sequence[ArrayLike]) -> list[FloatArray]:
    """Return the layers W_1, ..., W_m as finite float64 matrices whose shapes chain."""
    check_layers("weights", weights)
    if len(weights) == 0:
        raise ValueError("weights must hold at least one layer, got none")
    layers = [as_float_array(f"weights[{i}]", layer, ndim=2) for i, layer in enumerate(weights)]
    for i in range(1, len(layers)):
        if layers[i].shape[1] != layers[i - 1].shape[0]:
            raise ValueError(
                f"weights[{i}] must have {layers[i - 1].shape[0]} columns to follow weights[{i - 1}], "
                f"got shape {layers[i].shape}"
            )
    return layers


def live_units(layers: Sequence[FloatArray]) -> list[BoolArray]:
    """Return for every hidden layer which units lie on a path of nonzero weights from the inputs to the outputs."""
    forward = [np.ones(layers[0].shape[1], dtype=bool)]
    for layer in layers[:-1]:
        forward.append((layer[:, forward[-1]] != 0).any(axis=1))
    backward = np.ones(layers[-1].shape[0], dtype=bool)
    live: list[BoolArray] = []
    for layer, reached in zip(reversed(layers), reversed(forward), strict=True):
        backward = (layer[backward] != 0).any(axis=0) & reached
        live.append(backward)
    return live[::-1][1:]


def lipsdp_deep(weights: Sequence[ArrayLike], *, max_seconds: float = 60.0) -> DeepBound:
    """Bound the Lipschitz constant of a network by neuron-wise LipSDP.

    Parameters
    ----------
    weights : sequence of array_like
        W_1 (h_1, d), W_2 (h_2, h_1), ..., W_m (c, h_{m-1}); pruned weights are zeros.
    max_seconds : float
        Stop improving the bound after this many seconds; it is valid whenever it stops.

    Returns
    -------
    DeepBound

    Raises
    ------
    ValueError
        If a layer is not finite or the shapes do not chain.

    Examples
    --------
    >>> from noprune_theory.lipschitz import lipsdp_deep
    >>> bound = lipsdp_deep([[[2.0]], [[3.0]], [[1.0]]])
    >>> round(bound.upper, 5), round(bound.product_of_norms, 12)
    (6.0, 6.0)
    """
    start = perf_counter()
    layers = checked_network(weights)
    check_positive("max_seconds", max_seconds)
    product = math.prod(float(np.linalg.norm(layer, 2)) for layer in layers)
    live = live_units(layers)
    widths = [layer.shape[0] for layer in layers[:-1]]
    if any(not units.any() for units in live):
        return DeepBound(0.0, 0.0, product, tuple(np.zeros(width) for width in widths), 0, perf_counter() - start)
    scaled, exponent = _scaled(_restricted(layers, live))
    problem = _Elimination(scaled)
    first = problem.closed_form()
    diagonals, iterations = problem.minimise(first, start + max_seconds)
    squared, used = _certified_square(scaled, [first, diagonals])
    multipliers = []
    for width, units, diagonal in zip(widths, live, used, strict=True):
        full = np.zeros(width)
        full[units] = diagonal
        multipliers.append(full)
    return DeepBound(
        scaled_up(round_up(math.sqrt(squared)), exponent),
        math.ldexp(math.sqrt(problem.rho(first)), exponent),
        product,
        tuple(multipliers),
        iterations,
        perf_counter() - start,
    )


def _restricted(layers: Sequence[FloatArray], live: Sequence[BoolArray]) -> list[FloatArray]:
    columns = [np.ones(layers[0].shape[1], dtype=bool), *live]
    rows = [*live, np.ones(layers[-1].shape[0], dtype=bool)]
    return [layer[np.ix_(row, column)] for layer, row, column in zip(layers, rows, columns, strict=True)]


def _scaled(layers: Sequence[FloatArray]) -> tuple[list[FloatArray], int]:
    """Scale every layer by a power of two to a Frobenius norm near one; return the sum of the exponents."""
    exponents = [math.frexp(float(np.abs(layer).max()) * math.sqrt(max(layer.shape)))[1] for layer in layers]
    return [np.ldexp(layer, -e) for layer, e in zip(layers, exponents, strict=True)], sum(exponents)


class _Elimination:
    """The objective log rho - mu sum logdet barrier as a function of (log D_1, ..., log D_{m-1}, log rho)."""

    def __init__(self, layers: Sequence[FloatArray]) -> None:
        self._layers = layers
        self._sizes = [layer.shape[0] for layer in layers[:-1]]
        self._neurons = sum(self._sizes) + layers[-1].shape[0]

    def closed_form(self) -> list[FloatArray]:
        """Return the diagonals of ECLipsE-Fast, D_i = (1/2) lambda_max(W_i P_{i-1} W_i^T) I."""
        P: FloatArray = np.eye(self._layers[0].shape[1])
        diagonals = []
        for layer in self._layers[:-1]:
            S = layer @ P @ layer.T
            diagonals.append(np.full(layer.shape[0], 0.5 * float(np.linalg.eigvalsh(S)[-1])))
            P = _eliminated(diagonals[-1], 0.25 * S)
        return diagonals

    def rho(self, diagonals: Sequence[FloatArray]) -> float:
        """Return lambda_max(W_m P_{m-1} W_m^T); infinite outside the domain."""
        P: FloatArray = np.eye(self._layers[0].shape[1])
        try:
            for layer, diagonal in zip(self._layers[:-1], diagonals, strict=True):
                P = _eliminated(diagonal, 0.25 * layer @ P @ layer.T)
        except LinAlgError:
            return math.inf
        last = self._layers[-1]
        return float(np.linalg.eigvalsh(last @ P @ last.T)[-1])

    def minimise(self, first: list[FloatArray], deadline: float) -> tuple[list[FloatArray], int]:
        """Follow the central path from strictly feasible diagonals; return the best diagonals and evaluations."""
        best, best_rho, evaluations = first, self.rho(first), 0
        if not first:
            return first, 0
        point = np.concatenate([*(np.log(d) for d in first), [math.log(2.0 * best_rho)]])
        for barrier in _BARRIERS:
            point, used = minimise_smooth(
                partial(self.value_and_gradient, barrier=barrier),
                point,
                decrease=_DECREASE,
                max_iterations=_MAX_ITERATIONS,
                expired=lambda: perf_counter() > deadline,
            )
            evaluations += used
            diagonals = self._diagonals(point)
            rho = self.rho(diagonals)
            if rho < best_rho:
                best, best_rho = diagonals, rho
        return best, evaluations

    def _diagonals(self, z: FloatArray) -> list[FloatArray]:
        return [np.exp(part) for part in np.split(z[:-1], np.cumsum(self._sizes)[:-1])]

    def value_and_gradient(self, z: FloatArray, barrier: float) -> tuple[float, FloatArray]:
        """Return, with mu the barrier's weight, its value and gradient in (log D_1, ..., log D_{m-1}, log rho).

        log rho - mu [logdet(I - S / rho) + sum_i logdet(I - D_i^{-1} A_i)], S = W_m P_{m-1} W_m^T. The adjoint: with
        R = (D - A)^{-1} and bars for derivatives of the objective, P = D R D gives D_bar += 2 diag(R D P_bar) and
        (D - A)_bar = -R D P_bar D R, the barrier adds -mu R to (D - A)_bar and mu D^{-1} to D_bar, and
        A = (1/4) W P W^T gives P_bar = (1/4) W^T A_bar W, A_bar = -(D - A)_bar.
        """
        diagonals, rho = self._diagonals(z), math.exp(z[-1])
        P: FloatArray = np.eye(self._layers[0].shape[1])
        inverses, value = [], z[-1]
        try:
            for layer, diagonal in zip(self._layers[:-1], diagonals, strict=True):
                gap = np.diag(diagonal) - 0.25 * layer @ P @ layer.T
                factor = cho_factor(gap, lower=True, check_finite=False)
                value -= barrier * (2 * np.sum(np.log(np.diag(factor[0]))) - np.sum(np.log(diagonal)))
                inverse = cho_solve(factor, np.eye(diagonal.size), check_finite=False)
                inverses.append(inverse)
                P = diagonal[:, None] * inverse * diagonal
            last = self._layers[-1]
            S = last @ P @ last.T
            factor = cho_factor(rho * np.eye(S.shape[0]) - S, lower=True, check_finite=False)
        except LinAlgError:
            return math.inf, np.zeros_like(z)
        value -= barrier * (2 * np.sum(np.log(np.diag(factor[0]))) - S.shape[0] * z[-1])
        inverse = cho_solve(factor, np.eye(S.shape[0]), check_finite=False)
        gradient = np.empty_like(z)
        gradient[-1] = 1.0 - barrier * (rho * np.trace(inverse) - S.shape[0])
        P_bar = barrier * last.T @ inverse @ last
        stop = z.size - 1
        for layer, diagonal, R in zip(self._layers[-2::-1], diagonals[::-1], inverses[::-1], strict=True):
            half = R @ (diagonal[:, None] * P_bar)
            gap_bar = -((half * diagonal) @ R) - barrier * R
            D_bar = 2 * np.diag(half) + np.diag(gap_bar) + barrier / diagonal
            gradient[stop - diagonal.size : stop] = D_bar * diagonal
            stop -= diagonal.size
            P_bar = -0.25 * layer.T @ gap_bar @ layer
        return float(value), gradient


def _eliminated(diagonal: FloatArray, A: FloatArray) -> FloatArray:
    """Return D (D - A)^{-1} D; LinAlgError unless D > A."""
    factor = cho_factor(np.diag(diagonal) - A, lower=True, check_finite=False)
    return np.asarray(diagonal[:, None] * cho_solve(factor, np.diag(diagonal), check_finite=False))


def _certified_square(
    layers: Sequence[FloatArray], choices: Sequence[list[FloatArray]]
) -> tuple[float, list[FloatArray]]:
    """Return a certified bound on L^2 and the diagonals that give it, the smallest over the choices."""
    best: tuple[float, list[FloatArray]] = (math.inf, list(choices[0]))
    problem = _Elimination(layers)
    for diagonals in choices:
        rho, margin = problem.rho(diagonals), _FIRST_MARGIN
        while margin < 1 and rho * (1 + margin) < best[0]:
            if _proves(layers, diagonals, rho * (1 + margin)):
                best = (rho * (1 + margin), diagonals)
                break
            margin *= 4
    if math.isinf(best[0]):
        # The product of norms needs no factorisation: |W|_2 is at most the Frobenius norm.
        best = (math.prod(float(np.sum(layer**2)) * (1 + 1e-12) for layer in layers), best[1])
    return best


def _proves(layers: Sequence[FloatArray], diagonals: Sequence[FloatArray], rho: float) -> bool:
    """Prove rho |h_0|^2 - |W_m h_{m-1}|^2 - 2 sum h_i^T Lambda_i (W_i h_{i-1} - h_i) >= 0, Lambda_i = rho / (2 D_i).

    The matrix is scaled to a unit diagonal, M = T M T, and a Cholesky factorisation of M - c I that runs to completion
    proves M > 0, where c covers the rounding of the entries and the backward error (n + 2) eps trace (Rump 2006).
    """
    sizes = [layers[0].shape[1], *(diagonal.size for diagonal in diagonals)]
    ends = np.concatenate([[0], np.cumsum(sizes)])
    count = int(ends[-1])
    M = np.zeros((count, count))
    np.fill_diagonal(M[: sizes[0], : sizes[0]], rho)
    for i, (layer, diagonal) in enumerate(zip(layers[:-1], diagonals, strict=True)):
        weight = rho / (2 * diagonal)
        rows, columns = slice(ends[i + 1], ends[i + 2]), slice(ends[i], ends[i + 1])
        M[rows, columns] = -weight[:, None] * layer
        M[columns, rows] = M[rows, columns].T
        M[rows, rows] = np.diag(2 * weight)
    tail = slice(ends[-2], ends[-1])
    gram = layers[-1].T @ layers[-1]
    gram_error = (layers[-1].shape[0] + 2) * EPSILON * float(np.sum(layers[-1] ** 2))
    M[tail, tail] -= gram
    diagonal = np.diag(M)
    if (diagonal <= 0).any():
        return False
    scale = 1 / np.sqrt(diagonal)
    unit = scale[:, None] * M * scale
    # Entries: a few roundings each (norm of |M| at most its Frobenius norm), the Gram block as bounded above.
    entries = 8 * EPSILON * float(np.linalg.norm(unit)) + gram_error * float(np.max(scale[tail])) ** 2
    shift = entries + 2 * (count + 2) * EPSILON * count
    try:
        np.linalg.cholesky(unit - shift * np.eye(count))
    except np.linalg.LinAlgError:
        return False
    return True
