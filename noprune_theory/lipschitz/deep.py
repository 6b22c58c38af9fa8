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
factorisation of the whole matrix, which is block tridiagonal: time and memory grow linearly with depth.

Layers are scaled by powers of two so that every A_i of the closed form has norm near 1/4: no product over the layers
leaves the float range, however deep the network. The powers come back at the end, as an exponent.

Biases do not enter. Which activation patterns are reachable is ignored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import accumulate, pairwise
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import LinAlgError, cho_factor, cho_solve, lapack, solve_triangular

from noprune_theory._display import ShortRepr, summary
from noprune_theory._scaling import scale, scale_float, size_exponent
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_float_array, check_positive
from noprune_theory.lipschitz._dyadic import root_above, two_to
from noprune_theory.lipschitz._lbfgs import minimise_smooth
from noprune_theory.lipschitz._outward import EPSILON, TINY

_BARRIERS = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4)
_DECREASE = 1e-6
_MAX_ITERATIONS = 300
_FIRST_MARGIN = 1e-9


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DeepBound(ShortRepr):
    """A certified upper bound on the Lipschitz constant of a deep network with slopes in [0, 1].

    Attributes
    ----------
    upper : float
        At least the constant, rounding included; infinite where that exceeds the largest float64.
    eclipse_fast : float
        The closed-form bound from which the search started (not certified for rounding).
    product_of_norms : float
        Product of the spectral norms of the layers, for comparison.
    multipliers : tuple of ndarray
        D_1, ..., D_{m-1} (zero for units without input or output); they reproduce `upper`. Where a product of squared
        norms leaves the range of float64 they are infinite or zero.
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
        raise TypeError(
            f"{name} must be a sequence of one array a layer, got {summary(value)} of type {type(value).__name__}"
        )


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
    product = _product_of_norms(layers)
    live = live_units(layers)
    widths = [layer.shape[0] for layer in layers[:-1]]
    if not layers[-1].any() or any(not units.any() for units in live):
        return DeepBound(0.0, 0.0, product, tuple(np.zeros(width) for width in widths), 0, perf_counter() - start)
    scaled, exponents = _scaled(_restricted(layers, live))
    problem = _Elimination(scaled)
    first = problem.closed_form()
    diagonals, iterations = problem.minimise(first, start + max_seconds)
    squared, used = _certified_square(scaled, [first, diagonals])
    multipliers = []
    for width, units, diagonal, exponent in zip(widths, live, used, accumulate(exponents[:-1]), strict=True):
        full = np.zeros(width)
        full[units] = scale(diagonal, 2 * exponent)
        multipliers.append(full)
    total = sum(exponents)
    return DeepBound(
        root_above(squared * two_to(2 * total)),
        scale_float(math.sqrt(problem.rho(first)), total),
        product,
        tuple(multipliers),
        iterations,
        perf_counter() - start,
    )


def _product_of_norms(layers: Sequence[FloatArray]) -> float:
    """Return the product of the spectral norms, rounded once; infinite where it overflows."""
    exponents = [size_exponent(layer) for layer in layers]
    norms = [float(np.linalg.norm(scale(layer, -e), 2)) for layer, e in zip(layers, exponents, strict=True)]
    try:
        return float(math.prod(map(Fraction, norms)) * two_to(sum(exponents)))
    except OverflowError:
        return math.inf


def _restricted(layers: Sequence[FloatArray], live: Sequence[BoolArray]) -> list[FloatArray]:
    columns = [np.ones(layers[0].shape[1], dtype=bool), *live]
    rows = [*live, np.ones(layers[-1].shape[0], dtype=bool)]
    return [layer[np.ix_(row, column)] for layer, row, column in zip(layers, rows, columns, strict=True)]


def _scaled(layers: Sequence[FloatArray]) -> tuple[list[FloatArray], list[int]]:
    """Scale every layer by a power of two to lambda_max(W_i P_{i-1} W_i^T) near one; return the exponents taken out.

    P as for `_Elimination.closed_form`, to which the scaled layers lend numbers near one.
    """
    P: FloatArray = np.eye(layers[0].shape[1])
    scaled, exponents = [], []
    for layer in layers:
        exponent = size_exponent(layer)
        S = scale(layer, -exponent) @ P @ scale(layer, -exponent).T
        largest, carry = math.frexp(float(np.linalg.eigvalsh(S)[-1]))
        exponent += carry // 2
        scaled.append(scale(layer, -exponent))
        exponents.append(exponent)
        P = _eliminated(np.full(layer.shape[0], math.ldexp(largest, carry % 2 - 1)), scale(S, -2 * (carry // 2) - 2))
    return scaled, exponents


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
                inverse, logdet = _inverse(np.diag(diagonal) - 0.25 * layer @ P @ layer.T)
                value -= barrier * (logdet - float(np.sum(np.log(diagonal))))
                inverses.append(inverse)
                P = diagonal[:, None] * inverse * diagonal
            last = self._layers[-1]
            S = last @ P @ last.T
            inverse, logdet = _inverse(rho * np.eye(S.shape[0]) - S)
        except LinAlgError:
            return math.inf, np.zeros_like(z)
        value -= barrier * (logdet - S.shape[0] * z[-1])
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


def _inverse(gap: FloatArray) -> tuple[FloatArray, float]:
    """Return the inverse and the log determinant of a symmetric matrix; LinAlgError unless it is positive definite."""
    factor, failed = lapack.dpotrf(gap, lower=1)
    if failed:
        raise LinAlgError("not positive definite")
    root = lapack.dtrtri(factor, lower=1)[0]
    return root.T @ root, 2 * float(np.sum(np.log(factor.diagonal())))


def _eliminated(diagonal: FloatArray, A: FloatArray) -> FloatArray:
    """Return D (D - A)^{-1} D; LinAlgError unless D > A."""
    factor = cho_factor(np.diag(diagonal) - A, lower=True, check_finite=False)
    return np.asarray(diagonal[:, None] * cho_solve(factor, np.diag(diagonal), check_finite=False))


def _certified_square(
    layers: Sequence[FloatArray], choices: Sequence[list[FloatArray]]
) -> tuple[Fraction, list[FloatArray]]:
    """Return a certified bound on L^2 and the diagonals that give it, the smallest over the choices."""
    # The product of norms needs no factorisation: |W|_2 is at most the Frobenius norm.
    best = math.prod((Fraction(float(np.sum(layer**2)) * (1 + 1e-9) + TINY) for layer in layers), start=Fraction(1))
    used = choices[0]
    problem = _Elimination(layers)
    for diagonals in choices:
        rho, margin = problem.rho(diagonals), _FIRST_MARGIN
        while margin < 1 and rho * (1 + margin) < best:
            if _proves(layers, diagonals, rho * (1 + margin)):
                best, used = Fraction(rho * (1 + margin)), diagonals
                break
            margin *= 4
    return best, used


def _proves(layers: Sequence[FloatArray], diagonals: Sequence[FloatArray], rho: float) -> bool:
    """Prove rho |h_0|^2 - |W_m h_{m-1}|^2 - 2 sum h_i^T Lambda_i (W_i h_{i-1} - h_i) >= 0, Lambda_i = rho / (2 D_i).

    The matrix is scaled to a unit diagonal, M = T M T, and a Cholesky factorisation R^T R of M - c I that runs to
    completion proves M > 0. Whatever the order of its sums, it is exact for a matrix that differs from M - c I by at
    most gamma_{k+1} |R|^T |R| entry by entry, k the most terms of a sum (Higham 2002, Theorem 10.3). Diagonals are at
    most one, so by Cauchy-Schwarz |R|^T |R| <= 1 (1 + gamma) entry by entry, and it is zero outside the band: the norm
    is at most gamma times the band's width. c covers that and the rounding of the entries of M.
    """
    sizes = [layers[0].shape[1], *(diagonal.size for diagonal in diagonals)]
    half_band = max(map(sum, pairwise(sizes)), default=sizes[0])
    gram = layers[-1].T @ layers[-1]
    gram_size = float(np.sum(layers[-1] ** 2))
    blocks: list[FloatArray] = [np.full(sizes[0], rho)]
    weights = [rho / (2 * diagonal) for diagonal in diagonals]
    blocks += [2 * weight for weight in weights]
    blocks[-1] = blocks[-1] - np.diag(gram)
    if any((block <= 0).any() for block in blocks):
        return False
    scales = [1 / np.sqrt(block) for block in blocks]
    # Entries: a few roundings each (norm of |M| at most its Frobenius norm), the Gram block, entries of layers that
    # underflowed when those were scaled.
    squares, lost = float(sum(sizes)), (layers[-1].shape[0] + 2) * EPSILON * gram_size + TINY * (1 + gram_size)
    lost *= float(np.max(scales[-1])) ** 2
    below = []
    for i, (layer, weight) in enumerate(zip(layers[:-1], weights, strict=True)):
        rows = scales[i + 1] * weight
        block = -rows[:, None] * layer * scales[i]
        squares += 2 * float(np.sum(block**2))
        lost += TINY * layer.size * float(np.max(rows)) * float(np.max(scales[i]))
        below.append(block)
    last = scales[-1][:, None] * gram * scales[-1]
    squares += 2 * float(np.sum(last**2))
    entries = 8 * EPSILON * math.sqrt(squares) + lost + sum(sizes) * TINY
    shift = entries + 2 * (half_band + 8) * EPSILON * min(2 * half_band, sum(sizes))
    try:
        return _factorises(scales, blocks, below, last, shift)
    except np.linalg.LinAlgError:
        return False


def _factorises(
    scales: Sequence[FloatArray],
    blocks: Sequence[FloatArray],
    below: Sequence[FloatArray],
    last: FloatArray,
    shift: float,
) -> bool:
    """Factorise the scaled matrix less `shift`, block after block; LinAlgError or False unless it is positive."""
    half: FloatArray | None = None
    for i, (scale_, block) in enumerate(zip(scales, blocks, strict=True)):
        diagonal = scale_ * block * scale_ - shift
        if half is None and below:
            # The first block is diagonal.
            if not (diagonal > 0).all():
                return False
            half = below[0].T / np.sqrt(diagonal)[:, None]
            continue
        rest = np.diag(diagonal)
        if i + 1 == len(blocks):
            rest -= last - np.diag(np.diag(last))
        if half is not None:
            rest -= half.T @ half
        factor = np.linalg.cholesky(rest)
        if not np.isfinite(factor).all():
            return False
        if i < len(below):
            half = solve_triangular(factor, below[i].T, lower=True, check_finite=False)
    return True
