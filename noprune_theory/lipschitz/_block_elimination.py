"""Block elimination of the matrix of neuron-wise LipSDP, in both directions, and a proof that it is positive.

M(rho, Lambda) is the matrix of rho |h_0|^2 - |W_m h_{m-1}|^2 - 2 sum_i h_i^T Lambda_i (W_i h_{i-1} - h_i): block
tridiagonal, so that time and memory grow linearly with depth. Forwards, with D_i = rho / (2 Lambda_i),

    A_1 = W_1 W_1^T / 4,   D_i > A_i,   A_{i+1} = (1/4) W_{i+1} D_i (D_i - A_i)^{-1} D_i W_{i+1}^T,   rho = 4 |A_m|,

and backwards, which needs Lambda alone,

    B_{m-1} = W_m^T W_m,   2 Lambda_i > B_i,   B_{i-1} = W_i^T Lambda_i (2 Lambda_i - B_i)^{-1} Lambda_i W_i,
    rho = |B_0|.

The inputs enter through W_1 W_1^T only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import scipy

from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import FloatArray
from noprune_theory.lipschitz._dyadic import two_to
from noprune_theory.lipschitz._outward import EPSILON, TINY

_FIRST_MARGIN = 1e-9


class Scaled(NamedTuple):
    """Layers divided by powers of two 2^e_i, the e_i, and the Gram matrix of the rows of the first."""

    layers: list[FloatArray]
    exponents: list[int]
    gram: FloatArray

    def rescaled(self, exponents: Sequence[int]) -> Scaled:
        """Divide the layers by further powers of two."""
        layers = [_shifted(layer, -e) for layer, e in zip(self.layers, exponents, strict=True)]
        total = [old + new for old, new in zip(self.exponents, exponents, strict=True)]
        return Scaled(layers, total, _shifted(self.gram, -2 * exponents[0]))


class Choice(NamedTuple):
    """Diagonals D_1, ..., D_{m-1} for scaled layers, and the rho that they give, rounded."""

    network: Scaled
    diagonals: list[FloatArray]
    rho: float


def _shifted(values: FloatArray, exponent: int) -> FloatArray:
    """Return values * 2^exponent; a product takes a twentieth of the time of `numpy.ldexp`."""
    return values * 2.0**exponent if abs(exponent) < 1000 else scale(values, exponent)


def largest_eigenvalue(matrix: FloatArray) -> float:
    """Return the largest eigenvalue of a symmetric matrix."""
    return float(np.linalg.eigvalsh(matrix)[-1])


def closed_form(layers: Sequence[FloatArray]) -> Choice:
    """Scale the layers and return the choice of ECLipsE-Fast (Xu & Sivaranjani 2024), D_i = 2 |A_i| I.

    The powers of two bring every |A_i| near 1/4: no product over the layers leaves the float range, however deep the
    network.
    """
    scaled, exponents, diagonals = list[FloatArray](), list[int](), list[FloatArray]()
    gram: FloatArray = np.zeros((0, 0))
    root, largest = gram, 0.0
    for index, layer in enumerate(layers):
        exponent = size_exponent(layer)
        near = _shifted(layer, -exponent)
        root = root @ near.T if index else near.T
        S: FloatArray = root.T @ root
        largest, carry = math.frexp(largest_eigenvalue(S))
        shift = carry // 2
        largest, S = math.ldexp(largest, carry - 2 * shift), _shifted(S, -2 * shift)
        exponents.append(exponent + shift)
        scaled.append(_shifted(near, -shift))
        gram = gram if index else S
        if index + 1 < len(layers):
            diagonals.append(np.full(layer.shape[0], 0.5 * largest))
            found = _root(diagonals[-1], 0.25 * S)
            assert found is not None  # D - A >= |A| I
            root = found
    return Choice(Scaled(scaled, exponents, gram), diagonals, largest)


def _factor(matrix: FloatArray) -> FloatArray | None:
    """Return the lower Cholesky factor of a symmetric matrix (rubbish above its diagonal), or None."""
    factor, failed = scipy.linalg.lapack.dpotrf(matrix, lower=1, clean=0)
    return None if failed or not np.isfinite(factor[-1, -1]) else factor


def _root(diagonal: FloatArray, A: FloatArray) -> FloatArray | None:
    """Return K with K^T K = D (D - A)^{-1} D; None unless D > A."""
    factor = _factor(np.diag(diagonal) - A)
    return None if factor is None else np.asarray(scipy.linalg.lapack.dtrtrs(factor, np.diag(diagonal), lower=1)[0])


def multipliers_level(
    network: Scaled, multipliers: Sequence[FloatArray], blend: float, growth: float
) -> tuple[float, list[FloatArray]]:
    """Return rho for multipliers near the ones given, by elimination backwards, and those used; infinite if it fails.

    Lambda_i is a mean of (1 + growth)^(m - i) lambda_i and of diagonals E_i > B_i, with weights 1 - blend and blend:
    from multipliers that make M(rho, Lambda) indefinite by rounding, or by a search that has not converged, to nearby
    ones that do not. E_i are the sums of rows of |B_i| scaled to a unit diagonal (Gershgorin), scaled back: they
    follow where a unit is rescaled.
    """
    B = network.layers[-1].T @ network.layers[-1]
    used, grown = list[FloatArray](), 1.0
    for layer, multiplier in zip(network.layers[-2::-1], multipliers[::-1], strict=True):
        grown *= 1 + growth
        roots = np.sqrt(np.maximum(B.diagonal(), TINY))
        sums = roots * (np.abs(B) @ (1 / roots))
        chosen = (1 - blend) * grown * multiplier + blend * sums
        used.append(chosen)
        factor = _factor(np.diag(2 * chosen) - B)
        if factor is None:
            return math.inf, []
        if len(used) == len(multipliers):
            half = scipy.linalg.lapack.dtrtrs(factor, chosen[:, None] * network.gram * chosen, lower=1)[0]
            B = scipy.linalg.lapack.dtrtrs(factor, half.T, lower=1)[0]
        else:
            K = scipy.linalg.lapack.dtrtrs(factor, chosen[:, None] * layer, lower=1)[0]
            B = K.T @ K
    rho = largest_eigenvalue(B)
    return (rho if rho > 0 else math.inf), used[::-1]


def certified_square(choices: Sequence[Choice]) -> tuple[Fraction, Choice]:
    """Return a certified bound on L^2 and the choice that gives it, the smallest over the choices."""
    # The product of norms needs no factorisation: |W|_2 is at most the Frobenius norm.
    layers, exponents, _ = choices[0].network
    best = math.prod((Fraction(float(np.sum(layer**2)) * (1 + 1e-9) + TINY) for layer in layers), start=Fraction(1))
    best *= two_to(2 * sum(exponents))
    used = choices[0]
    for choice in choices:
        # The matrix, its diagonal scaled to ones, rises by about margin / (2 m).
        unit, margin = two_to(2 * sum(choice.network.exponents)), _FIRST_MARGIN * min(len(layers), 64)
        while math.isfinite(choice.rho) and margin < 1:
            level = choice.rho * (1 + margin)
            if Fraction(level) * unit >= best:
                break
            # More of rho at the same Lambda where D_i - A_i is singular in a direction that no output sees, else at
            # the same D.
            raised = [diagonal * (1 + margin) for diagonal in choice.diagonals]
            proved = next((d for d in (raised, choice.diagonals) if proves(choice.network.layers, d, level)), None)
            if proved is not None:
                best, used = Fraction(level) * unit, Choice(choice.network, proved, level)
                break
            margin *= 4
    return best, used


def proves(layers: Sequence[FloatArray], diagonals: Sequence[FloatArray], rho: float) -> bool:
    """Prove M(rho, Lambda) >= 0, Lambda_i = rho / (2 D_i), rounding included.

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
    # Entries: a few roundings each (norm of |M| at most its Frobenius norm), the Gram block (norm of its sums of sizes,
    # scaled, at most the sum of the squares), entries of layers that underflowed when those were scaled.
    squares, lost = float(sum(sizes)), TINY * (1 + gram_size) * float(np.max(scales[-1])) ** 2
    lost += (layers[-1].shape[0] + 3) * EPSILON * float(np.sum((layers[-1] * scales[-1]) ** 2))
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
    return _factorises(scales, blocks, below, last, shift)


def _factorises(
    scales: Sequence[FloatArray],
    blocks: Sequence[FloatArray],
    below: Sequence[FloatArray],
    last: FloatArray,
    shift: float,
) -> bool:
    """Factorise the scaled matrix less `shift`, block after block; False unless it is positive."""
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
        factor, failed = scipy.linalg.lapack.dpotrf(rest, lower=1)
        if failed or not np.isfinite(factor).all():
            return False
        if i < len(below):
            half = scipy.linalg.lapack.dtrtrs(factor, below[i].T, lower=1)[0]
    return True
