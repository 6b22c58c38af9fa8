"""Neuron-wise LipSDP for deep masked networks without an SDP solver: certified upper bounds.

For f = W_m act(W_{m-1} ... act(W_1 x + b_1) ...) + b_m with slopes in [0, 1], increments h_i of the hidden layers
satisfy lambda_j h_ij ((W_i h_{i-1})_j - h_ij) >= 0 for all weights lambda >= 0 (Fazlyab et al. 2019), so that

    rho |h_0|^2 - |W_m h_{m-1}|^2 - 2 sum_i h_i^T Lambda_i (W_i h_{i-1} - h_i) >= 0 for all h proves L^2 <= rho.

Its matrix is block tridiagonal. Eliminating h_0, h_1, ... leaves, with D_i = rho / (2 Lambda_i), m - 1 hidden layers,

    P_0 = I,   A_i = (1/4) W_i P_{i-1} W_i^T,   P_i = D_i (D_i - A_i)^{-1} D_i,   D_i > A_i,
    L^2 <= rho = lambda_max(W_m P_{m-1} W_m^T),

for every choice of positive diagonals D_i: each is a certificate. D_i = (1/2) |W_i P_{i-1} W_i^T| I is ECLipsE-Fast
(Xu & Sivaranjani 2024). Better ones are the multipliers of the dual program, which `_relaxation_ascent` climbs; until
its value meets the certificate's, the distance is known. The bound returned is certified for rounding by one Cholesky
factorisation of the whole matrix. Time and memory grow linearly with depth.

Layers are scaled by powers of two, by which no product over the layers leaves the float range, however deep the
network. The powers come back at the end, as an exponent.

Biases do not enter. Which activation patterns are reachable is ignored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr, summary
from noprune_theory._scaling import scale, scale_float, size_exponent
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_float_array, check_positive
from noprune_theory.lipschitz._block_elimination import (
    Choice,
    Scaled,
    certified_square,
    closed_form,
    largest_eigenvalue,
    multipliers_level,
)
from noprune_theory.lipschitz._dyadic import root_above, two_to
from noprune_theory.lipschitz._outward import scaled_down
from noprune_theory.lipschitz._relaxation_ascent import Turn, VectorNetwork

_RANK = 16  # of the vectors: solutions had rank 5 or less, and sixteen columns cost little more than eight
_MAX_SWEEPS = 2000
_FIRST_CHECK = 16  # sweeps
_CHECK_GROWTH = 1.4
_PATIENCE = 5  # checks that bring nothing
_LARGEST_BLEND = 0.16  # and 0.16 / 4^k for k < 12
_STEP = 4.0
_STEPS = 12
_GROWTHS = (0.1, 10.0)  # growth of the multipliers a layer, in units of the blend


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
        Sweeps of the ascent through the network.
    seconds : float
    relaxation_lower : float
        A value the relaxation attains (not the constant, and rounded): `upper` is within
        `upper / relaxation_lower - 1` of the optimum of the semidefinite program.
    """

    upper: float
    eclipse_fast: float
    product_of_norms: float
    multipliers: tuple[FloatArray, ...]
    iterations: int
    seconds: float
    relaxation_lower: float = 0.0


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


def lipsdp_deep(weights: Sequence[ArrayLike], *, max_seconds: float = 60.0, rtol: float = 1e-4) -> DeepBound:
    """Bound the Lipschitz constant of a network by neuron-wise LipSDP.

    Parameters
    ----------
    weights : sequence of array_like
        W_1 (h_1, d), W_2 (h_2, h_1), ..., W_m (c, h_{m-1}); pruned weights are zeros.
    max_seconds : float
        Stop improving the bound after this many seconds; it is valid whenever it stops.
    rtol : float
        Stop when the bound is within this relative distance of the optimum of the semidefinite program.

    Returns
    -------
    DeepBound

    Raises
    ------
    ValueError
        If a layer is not finite, the shapes do not chain, or `max_seconds` or `rtol` is not positive.

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
    check_positive("rtol", rtol)
    product = _product_of_norms(layers)
    live = live_units(layers)
    widths = [layer.shape[0] for layer in layers[:-1]]
    if not layers[-1].any() or any(not units.any() for units in live):
        return DeepBound(0.0, 0.0, product, tuple(np.zeros(width) for width in widths), 0, perf_counter() - start)
    first = closed_form(_restricted(layers, live))
    search = _Search(first.network, start + max_seconds, rtol)
    search.run()
    squared, used = certified_square([first] if search.best is None else [search.best, first])
    multipliers = []
    for width, units, diagonal, exponent in zip(
        widths, live, used.diagonals, accumulate(used.network.exponents[:-1]), strict=True
    ):
        full = np.zeros(width)
        full[units] = scale(diagonal, 2 * exponent)
        multipliers.append(full)
    total = sum(first.network.exponents)
    return DeepBound(
        root_above(squared),
        scale_float(math.sqrt(first.rho), total),
        product,
        tuple(multipliers),
        search.sweeps,
        perf_counter() - start,
        _attained(search.attained, total),
    )


def _attained(logarithm: float, exponent: int) -> float:
    """Return 2^(logarithm + exponent); 0 for minus infinity."""
    if math.isinf(logarithm):
        return 0.0
    whole = math.floor(logarithm)
    return scaled_down(2.0 ** (logarithm - whole), whole + exponent)


def _product_of_norms(layers: Sequence[FloatArray]) -> float:
    """Return the product of the spectral norms, rounded once; infinite where it overflows."""
    exponents = [size_exponent(layer) for layer in layers]
    norms = [_norm(scale(layer, -e)) for layer, e in zip(layers, exponents, strict=True)]
    try:
        return float(math.prod(map(Fraction, norms)) * two_to(sum(exponents)))
    except OverflowError:
        return math.inf


def _norm(layer: FloatArray) -> float:
    wide = layer if layer.shape[0] <= layer.shape[1] else layer.T
    return math.sqrt(max(0.0, largest_eigenvalue(wide @ wide.T)))


def _restricted(layers: Sequence[FloatArray], live: Sequence[BoolArray]) -> list[FloatArray]:
    columns = [np.ones(layers[0].shape[1], dtype=bool), *live]
    rows = [*live, np.ones(layers[-1].shape[0], dtype=bool)]
    return [layer[np.ix_(row, column)] for layer, row, column in zip(layers, rows, columns, strict=True)]


class _Search:
    """Sweeps of the ascent, and now and then a certificate from its multipliers.

    Attributes
    ----------
    best : Choice or None
        The smallest rho found, as a choice of diagonals.
    attained : float
        log2 of the largest |W_m h_{m-1}| that the relaxation attained, for the layers of `network`.
    sweeps : int
    """

    def __init__(self, network: Scaled, deadline: float, rtol: float) -> None:
        self._network, self._deadline, self._tolerance = network, deadline, math.log2(1 + rtol)
        self.best: Choice | None = None
        self.attained, self.sweeps = -math.inf, 0
        self._size = math.inf  # log2 of the bound of `best`
        self._blends = [2] * len(_GROWTHS)
        self._family: int | None = None

    def run(self) -> None:
        """Alternate until the two ends meet, nothing improves any more or time is up."""
        if len(self._network.layers) == 1 or self._expired():
            return
        vectors = VectorNetwork(self._network.layers, self._network.gram, _RANK)
        check, idle, gap = _FIRST_CHECK, 0, math.inf
        while self.sweeps < _MAX_SWEEPS and idle < _PATIENCE:
            turn = vectors.sweep()
            self.sweeps += 1
            if turn is None:
                return
            self.attained = max(self.attained, turn.value)
            expired = self._expired()
            if not expired and self.sweeps < min(check, _MAX_SWEEPS):
                continue
            with np.errstate(all="ignore"):  # infinite or undefined multipliers fail, and are proved in no case
                self._certify(turn)
            before, gap = gap, self._size - self.attained
            if gap <= self._tolerance or expired:
                return
            idle = idle + 1 if gap > 0.9 * before else 0
            check = math.ceil(_CHECK_GROWTH * self.sweeps)

    def _expired(self) -> bool:
        return perf_counter() > self._deadline

    def _certify(self, turn: Turn) -> None:
        """Look for the smallest rho near the multipliers of a sweep."""
        network, multipliers = _balanced(self._network, turn)
        families = range(len(_GROWTHS)) if self._family is None else (self._family,)
        found = [self._walk(network, multipliers, family) for family in families]
        if self._family is not None and len(found) == 1 and math.isinf(found[0]):
            self._walk(network, multipliers, 1 - self._family)

    def _walk(self, network: Scaled, multipliers: list[FloatArray], family: int) -> float:
        """Move the blend while rho falls, first down and then up; return the smallest rho."""
        smallest, place, direction = math.inf, self._blends[family], 1
        while 0 <= place < _STEPS:
            blend = _LARGEST_BLEND / _STEP**place
            rho, used = multipliers_level(network, multipliers, blend, _GROWTHS[family] * blend)
            if rho < smallest:
                smallest, self._blends[family] = rho, place
                self._keep(network, used, rho, family)
                if self._expired():
                    break
            elif direction == 1 and abs(place - self._blends[family]) <= 1:
                direction, place = -1, self._blends[family]
            elif math.isfinite(rho):
                break
            place += direction
        return smallest

    def _keep(self, network: Scaled, multipliers: list[FloatArray], rho: float, family: int) -> None:
        size = 0.5 * math.log2(rho) + sum(network.exponents) - sum(self._network.exponents)
        if size < self._size:
            diagonals = [rho / (2 * multiplier) for multiplier in multipliers]
            self.best, self._size, self._family = Choice(network, diagonals, rho), size, family


def _balanced(network: Scaled, turn: Turn) -> tuple[Scaled, list[FloatArray]]:
    """Rescale the layers to |h_i| near one for all i, and return them with their multipliers."""
    sizes = [0.0, *turn.sizes, turn.value]
    balanced = network.rescaled([round(b) - round(a) for a, b in pairwise(sizes)])
    left = [size - round(size) for size in sizes[1:]]
    multipliers = [
        2.0 ** (2 * (left[-1] - rest)) * multiplier for rest, multiplier in zip(left, turn.multipliers, strict=False)
    ]
    return balanced, multipliers
