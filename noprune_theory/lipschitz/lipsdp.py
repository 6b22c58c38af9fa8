"""Neuron-wise LipSDP for one hidden layer without an SDP solver: a d x d certificate and a mixing ascent.

Slopes s_j in [0, 1] give gradients c + (1/2) sum_j sigma_j v_j with sigma_j in [-1, 1], v_j = a_j w_j and
c = (1/2) sum_j v_j. For every e > 0 with K(e) = (1/2) sum_j v_j v_j^T / e_j, K < I,

    |c + (1/2) sum_j sigma_j v_j|^2 <= (1/2) sum_j e_j + c^T (I - K(e))^{-1} c,

for y = (1/2) sum_j sigma_j v_j satisfies y^T K^{-1} y <= (1/2) sum_j e_j sigma_j^2 (Cauchy-Schwarz), and the maximum
over y of |c + y|^2 - y^T K^{-1} y is c^T (I - K)^{-1} c. The minimum over e is the bound of Fazlyab et al. (2019),
"Efficient and accurate estimation of Lipschitz constants for deep neural networks", with one multiplier a neuron. Its
dual, max |c z_0^T + (1/2) sum_j v_j z_j^T|_F^2 over unit vectors z, is climbed one z_j at a time (the mixing method,
Wang & Kolter 2017); rank d + 1 leaves no spurious local maximum, for then the matrix of the z is rank deficient.

The bound ignores which patterns are reachable. It also holds for every activation with slopes in [0, 1], such as tanh.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import scipy
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._types import FloatArray
from noprune_theory._validation import as_float_array, check_integer, check_positive
from noprune_theory.lipschitz._arrangement import scaled_products
from noprune_theory.lipschitz._mixing_kernels import mixing_sweeps
from noprune_theory.lipschitz._outward import EPSILON, column_sums, round_up, scaled_down, scaled_up

_RELAXATION = 1.7  # fastest of 1, 1.4, 1.7, 1.85 on Gaussian layers with d = 20, N = 200
_FEW_SWEEPS = 120


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LipSDPBound(ShortRepr):
    """A certified upper bound on the Lipschitz constant of one hidden layer.

    Attributes
    ----------
    upper : float
        At least the constant, rounding included; infinite where that exceeds the largest float64.
    relaxation_lower : float
        A value the relaxation attains (not the constant): `upper` is within `upper / relaxation_lower - 1` of the
        optimum of the semidefinite program.
    multipliers : ndarray, shape (N,)
        e / upper^2, which does not change with the scale of the weights; zero for units that do not count.
    sweeps : int
        Ascent sweeps over the units.
    seconds : float
    """

    upper: float
    relaxation_lower: float
    multipliers: FloatArray
    sweeps: int
    seconds: float


def lipsdp_one_hidden(
    directions: ArrayLike, weights: ArrayLike, *, rtol: float = 1e-6, max_sweeps: int = 2000
) -> LipSDPBound:
    """Bound the Lipschitz constant of f(x) = sum_j a_j act(<w_j, x> + b_j) for every offset b and slope in [0, 1].

    Parameters
    ----------
    directions : array_like, shape (N, d)
        w_j.
    weights : array_like, shape (N,)
        a_j.
    rtol : float
        Stop when the bound is within this relative distance of the optimum of the semidefinite program.
    max_sweeps : int
        Stop after about this many sweeps (they come in blocks of eight and more), at least 1; the bound is valid
        whenever it stops.

    Returns
    -------
    LipSDPBound

    Raises
    ------
    ValueError
        If an array is not finite, shapes disagree, `rtol` is not positive or `max_sweeps` < 1.

    Examples
    --------
    >>> from noprune_theory.lipschitz import lipsdp_one_hidden
    >>> round(lipsdp_one_hidden([[1.0, 0.0], [0.0, 1.0]], [3.0, 4.0]).upper, 6)
    5.0
    """
    start = perf_counter()
    rows = as_float_array("directions", directions, ndim=2, allow_empty=True)
    outputs = as_float_array("weights", weights, ndim=1, allow_empty=True)
    if outputs.shape[0] != rows.shape[0]:
        raise ValueError(
            f"directions and weights must have one row a unit each, got shapes {rows.shape} and {outputs.shape}"
        )
    check_positive("rtol", rtol)
    check_integer("max_sweeps", max_sweeps, 1)
    vectors, exponent = scaled_products(rows, outputs)
    live = np.flatnonzero(vectors.any(axis=1))
    multipliers = np.zeros(rows.shape[0])
    if live.size == 0:
        return LipSDPBound(0.0, 0.0, multipliers, 0, perf_counter() - start)
    vectors = vectors[live]
    center = 0.5 * column_sums(vectors)
    value, attained, e, sweeps = minimise_bound(vectors, center, rtol=rtol, max_sweeps=max_sweeps)
    # The products and their half-sum are rounded; the bound is 1-Lipschitz in every v_j.
    total = float(np.sum(np.linalg.norm(vectors, axis=1)))
    margin = (14 + math.log2(live.size + 1)) * EPSILON * total
    multipliers[live] = e / value
    return LipSDPBound(
        scaled_up(round_up(math.sqrt(value)) + margin, exponent),
        scaled_down(math.sqrt(attained), exponent),
        multipliers,
        sweeps,
        perf_counter() - start,
    )


def minimise_bound(
    vectors: FloatArray, center: FloatArray, *, rtol: float, max_sweeps: int
) -> tuple[float, float, FloatArray, int]:
    """Return certified bound on |center + (1/2) sum sigma_j v_j|^2, value attained by the relaxation, e, sweeps.

    A few columns are enough for most problems; the full rank, which leaves no spurious local maximum, takes over when
    they have not closed the gap.
    """
    count, dimension = vectors.shape
    squares = np.einsum("ij,ij->i", vectors, vectors)
    full = min(dimension, count) + 1
    few = min(8 + 4 * (dimension // 32), full)
    factors = spread(count, few)
    budget = max_sweeps if few == full else min(_FEW_SWEEPS, max_sweeps)
    best = _ascend(vectors, center, squares, factors, rtol, budget)
    if few == full or math.sqrt(best[0]) <= math.sqrt(best[1]) * (1 + rtol):
        return best
    factors = np.hstack([factors, 0.05 * spread(count, full - few)])
    factors /= np.linalg.norm(factors, axis=1, keepdims=True)
    more = _ascend(vectors, center, squares, factors, rtol, max_sweeps - best[3])
    value, e = min((best[0], best[2]), (more[0], more[2]), key=lambda pair: pair[0])
    return value, max(best[1], more[1]), e, best[3] + more[3]


def _ascend(
    vectors: FloatArray, center: FloatArray, squares: FloatArray, factors: FloatArray, rtol: float, max_sweeps: int
) -> tuple[float, float, FloatArray, int]:
    """Sweep until certificate and attained value agree; return as `minimise_bound`."""
    anchor = np.zeros(factors.shape[1])
    anchor[0] = 1.0
    best, best_e, attained, sweeps, block, relaxation = math.inf, squares, 0.0, 0, 8, 1.0
    while sweeps < max_sweeps:
        G = np.outer(center, anchor) + 0.5 * vectors.T @ factors
        mixing_sweeps(vectors, factors, G, squares, block, relaxation)
        sweeps += block
        attained = max(attained, float(np.sum(G * G)))
        e = np.linalg.norm(vectors @ G, axis=1)
        value, e = certify(vectors, center, np.maximum(e, 1e-9 * e.max() + 1e-300))
        if value < best:
            best, best_e = value, e
        if math.sqrt(best) <= math.sqrt(attained) * (1 + rtol):
            break
        block, relaxation = (16, _RELAXATION) if sweeps == 8 else (min(32, max(8, sweeps // 3)), _RELAXATION)
    return best, attained, best_e, sweeps


def spread(count: int, rank: int) -> FloatArray:
    """Return deterministic unit vectors in general position, shape (count, rank)."""
    raw = np.sin(np.outer(np.arange(1.0, count + 1) * math.sqrt(2.0), np.arange(1.0, rank + 1)) * math.sqrt(3.0))
    spread: FloatArray = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    return spread


def certify(vectors: FloatArray, center: FloatArray, e: FloatArray) -> tuple[float, FloatArray]:
    """Scale the multipliers e > 0 for the best bound and return it, certified for rounding, with the scaled e.

    With K = Q diag(kappa) Q^T and g = Q^T c the bound at t e is t S + sum_k g_k^2 t / (t - kappa_k), S = (1/2) sum e,
    convex in t > max kappa. The value returned is recomputed at the chosen t by `certified_value`.
    """
    K = 0.5 * (vectors.T / e) @ vectors
    kappa, Q = scipy.linalg.eigh(K, check_finite=False)
    g2 = (Q.T @ center) ** 2
    half_sum = 0.5 * float(np.sum(e))
    top = float(kappa[-1])

    # The minimum over log(t / top - 1) is bracketed by nested grids: six leave an error of about 1e-5, whose
    # square is what the bound feels.
    low, high = -25.0, 5.0
    for _ in range(6):
        excess = np.linspace(low, high, 21)
        t = top * (1 + np.exp(excess))
        values = t * half_sum + np.sum(g2[:, None] * t / (t - kappa[:, None]), axis=0)
        best = int(np.argmin(values))
        low, high = excess[max(best - 1, 0)], excess[min(best + 1, 20)]
    scaled = e * t[best]
    return certified_value(vectors, center, scaled), scaled


def certified_value(vectors: FloatArray, center: FloatArray, e: FloatArray) -> float:
    """Return a number at least (1/2) sum e + c^T (I - K(e))^{-1} c; infinity when K(e) < I cannot be certified.

    K is computed with an error below `shift` in norm, so the true I - K dominates A = I - K - shift I, computed. A
    Cholesky factorisation of A - mu I that runs to completion proves lambda_min(A) >= mu up to a backward error of
    order d eps, covered by `shift` again (Rump 2006). For any y, with rho = c - A y,
    c^T A^{-1} c = 2 c^T y - y^T A y + rho^T A^{-1} rho <= 2 c^T y - y^T A y + |rho|^2 / mu.
    """
    count, dimension = vectors.shape
    K = 0.5 * (vectors.T / e) @ vectors
    shift = 4 * (count + dimension + 10) * EPSILON * (1 + float(np.trace(K)))
    A = (1 - shift) * np.eye(dimension) - K
    try:
        factor = scipy.linalg.cho_factor(A, lower=True, check_finite=False)
        smallest = 0.5 / float(np.linalg.norm(scipy.linalg.cho_solve(factor, np.eye(dimension), check_finite=False), 2))
        mu = smallest - shift
        if mu <= 0:
            return math.inf
        np.linalg.cholesky(A - smallest * np.eye(dimension))
    except np.linalg.LinAlgError:
        return math.inf
    y = scipy.linalg.cho_solve(factor, center, check_finite=False)
    Ay = A @ y
    rounding = 4 * (dimension + 4) * EPSILON * (float(np.abs(center) @ np.abs(y)) + float(np.linalg.norm(y)) ** 2 * 2)
    residual = float(np.linalg.norm(center - Ay)) + 4 * (dimension + 4) * EPSILON * (
        float(np.linalg.norm(center)) + 2 * float(np.linalg.norm(y))
    )
    quadratic = float(2 * center @ y - y @ Ay) + rounding + residual**2 / mu
    return round_up(0.5 * math.fsum(e) + quadratic, 16 * EPSILON)
