"""LipSDP with a range of slopes for every unit: certified bounds for local constants and for fixed phases.

A unit of slope in [c - e, c + e] contributes h = c z + v with v^2 <= e^2 z^2. With a multiplier 1 / tau_j a unit of
e_j > 0, eliminating the layers one after the other leaves (P and S play the role of covariances)

    S_1 = W_1 W_1^T,   K_i = R_i S_i R_i with R_i = diag(e / sqrt(tau)),   K_i < I,
    P_i = C_i [S_i + S_i R_i (I - K_i)^{-1} R_i S_i] C_i + diag(tau_i),   S_{i+1} = W_{i+1} P_i W_{i+1}^T,

and L^2 <= lambda_max(S_m) for every tau > 0 (the S-procedure; for slopes in [0, 1], e = c = 1/2, this is the recursion
of `deep` with tau = D). Units of one slope (e = 0) have no multiplier. P_i increases with S_i in Loewner's order, so
rounding is paid for by adding to diagonals: an error with entries at most eps u_i u_j is at most eps h diag(u^2).

Everything is batched over nodes, which differ by C and E alone: arrays C, E, R have shape (n, h).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np
import scipy

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz._lbfgs import minimise_smooth
from noprune_theory.lipschitz._outward import EPSILON, TINY, round_up

_BARRIERS = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 1e-5)
_DECREASE = 1e-6
_MAX_ITERATIONS = 300
_LARGEST_SHARE = 0.98  # of K below the identity, after slopes have changed
_TEMPERATURE = 0.05
_SMALLEST = 1e-40  # of K before it is scaled: where a layer hardly varies
_FARTHEST = 50.0  # that a logarithm of a multiplier moves


class Slopes(NamedTuple):
    """Middles and half-widths of the slopes of every hidden layer, shapes (n, h_i)."""

    middles: list[FloatArray]
    halves: list[FloatArray]

    def take(self, index: slice) -> Slopes:
        """Return some of the nodes."""
        return Slopes([c[index] for c in self.middles], [e[index] for e in self.halves])


def slopes_between(ranges: Sequence[tuple[FloatArray, FloatArray]]) -> Slopes:
    """Return one node whose middles and half-widths cover the ranges, rounding included."""
    middles = [0.5 * low + 0.5 * high for low, high in ranges]
    halves = [
        np.where(low == high, 0.0, np.maximum(high - c, c - low) * (1 + 4 * EPSILON))
        for (low, high), c in zip(ranges, middles, strict=True)
    ]
    return Slopes([c[None] for c in middles], [e[None] for e in halves])


class _Stage(NamedTuple):
    S: FloatArray
    G: FloatArray
    B: FloatArray
    tau: FloatArray


class SlopeBound:
    """Bounds for a network W_1, ..., W_m (m >= 2), of entries near one; all without the biases."""

    def __init__(self, weights: Sequence[FloatArray]) -> None:
        self.weights = list(weights)
        # Once and for all: W_1 may have many columns.
        self._gram = _gram_above(self.weights[0])

    def start(self, slopes: Slopes) -> list[FloatArray]:
        """Return R for tau = e (c + e) lambda_max(S), layer by layer, S restricted to the units of e > 0.

        K is then at most its largest e / (c + e), 1/2 for slopes in [0, 1]: the closed form of `deep`. For narrow
        ranges the bound exceeds that of the middles by about e / c.
        """
        count = slopes.middles[0].shape[0]
        S: FloatArray = np.broadcast_to(self._gram, (count, *self._gram.shape))
        roots: list[FloatArray] = []
        for layer, (c, e) in enumerate(zip(*slopes, strict=True)):
            free = e > 0
            largest = np.linalg.eigvalsh(free[:, :, None] * S * free[:, None, :])[:, -1:]
            share = np.divide(e, c + e, out=np.zeros_like(e), where=free)
            r = np.sqrt(share / np.maximum(largest, _SMALLEST))
            roots.append(r)
            S = self._onward(layer, self._stage(S, c, e, r), c)
        return roots

    def _stage(self, S: FloatArray, c: FloatArray, e: FloatArray, r: FloatArray) -> _Stage:
        K = r[:, :, None] * S * r[:, None, :]
        G = np.linalg.inv(np.eye(K.shape[-1]) - K)
        tau = np.divide(e**2, r**2, out=np.zeros_like(r), where=r > 0)
        return _Stage(S, G, c[:, :, None] * S * r[:, None, :], tau)

    def _onward(self, layer: int, stage: _Stage, c: FloatArray) -> FloatArray:
        S, G, B, tau = stage
        P = c[:, :, None] * S * c[:, None, :] + B @ G @ B.transpose(0, 2, 1)
        index = np.arange(P.shape[-1])
        P[:, index, index] += tau
        W = self.weights[layer + 1]
        return np.asarray(W @ P @ W.T)

    def _fitted(self, slopes: Slopes, roots: Sequence[FloatArray]) -> tuple[list[FloatArray], FloatArray, list[_Stage]]:
        """Return R, made smaller where K is not below the identity, S_m and what led there."""
        S: FloatArray = np.broadcast_to(self._gram, (slopes.middles[0].shape[0], *self._gram.shape))
        fitted, stages = [], []
        for layer, (c, e, r) in enumerate(zip(*slopes, roots, strict=True)):
            largest = np.linalg.eigvalsh(r[:, :, None] * S * r[:, None, :])[:, -1:]
            r = np.where(largest > _LARGEST_SHARE, r * np.sqrt(0.9 / np.maximum(largest, 1e-300)), r)
            stage = self._stage(S, c, e, r)
            fitted.append(r)
            stages.append(stage)
            S = self._onward(layer, stage, c)
        return fitted, S, stages

    def improved(
        self, slopes: Slopes, roots: Sequence[FloatArray], steps: int, deadline: float = math.inf
    ) -> tuple[list[FloatArray], FloatArray]:
        """Return R after a few damped steps towards q_j = p_j, from the best of them, and their bounds (uncertified).

        The logarithm of lambda_max has, in log tau_j, the derivative q_j^2 - p_j^2 in units of lambda_max.
        """
        best: list[FloatArray] = []
        best_values = np.full(slopes.middles[0].shape[0], np.inf)
        current = list(roots)
        for step in range(steps + 1):
            current, S, stages = self._fitted(slopes, current)
            top = np.linalg.eigvalsh(S)[:, -1]
            better = top < best_values
            best_values = np.where(better, top, best_values)
            best = (
                [r.copy() for r in current]
                if not best
                else [np.where(better[:, None], r, old) for r, old in zip(current, best, strict=True)]
            )
            if step == steps or perf_counter() > deadline:
                break
            current = [
                r * np.exp(0.5 * np.clip(0.25 * np.log((q + 1e-30) / (p + 1e-30)), -0.5, 0.5))
                for r, (p, q) in zip(current, self._pulls(slopes, current, S, stages), strict=True)
            ]
        return best, np.sqrt(np.maximum(best_values, 0.0))

    def _pulls(
        self, slopes: Slopes, roots: Sequence[FloatArray], S: FloatArray, stages: Sequence[_Stage]
    ) -> list[tuple[FloatArray, FloatArray]]:
        """Return p^2 and q^2 of every unit, layer by layer."""
        values, vectors = np.linalg.eigh(S)
        top = values[:, -1:]
        share = np.exp((values - top) / (_TEMPERATURE * top + 1e-300))
        share /= share.sum(axis=1, keepdims=True)
        S_bar = (vectors * share[:, None, :]) @ vectors.transpose(0, 2, 1)
        pulls = []
        for layer in range(len(stages) - 1, -1, -1):
            S, G, B, tau = stages[layer]
            c, r, W = slopes.middles[layer], roots[layer], self.weights[layer + 1]
            P_bar = W.T @ S_bar @ W
            N = G @ B.transpose(0, 2, 1)
            p = np.einsum("nij,nij->ni", N @ P_bar, N)
            pulls.append((np.maximum(p, 0.0), np.maximum(tau * np.einsum("njj->nj", P_bar), 0.0)))
            right = np.eye(S.shape[-1]) + S @ (r[:, :, None] * G * r[:, None, :])
            S_bar = right.transpose(0, 2, 1) @ (c[:, :, None] * P_bar * c[:, None, :]) @ right
        return pulls[::-1]

    def scores(self, slopes: Slopes, roots: Sequence[FloatArray]) -> list[FloatArray]:
        """Return how much the bounds owe to the free slope of every unit."""
        fitted, S, stages = self._fitted(slopes, roots)
        return [q for _, q in self._pulls(slopes, fitted, S, stages)]

    def minimised(self, slopes: Slopes, deadline: float) -> list[FloatArray]:
        """Return R of a single node for a bound near the least, by L-BFGS along a central path."""
        roots = self.start(slopes)
        free = [np.flatnonzero(e[0] > 0) for e in slopes.halves]
        halves = [e[0, index] for e, index in zip(slopes.halves, free, strict=True)]
        if not any(index.size for index in free):
            return roots
        ends = np.cumsum([index.size for index in free])[:-1]

        def unpacked(z: FloatArray) -> list[FloatArray]:
            found = []
            for r, index, e, log_tau in zip(roots, free, halves, np.split(z[:-1], ends), strict=True):
                full = np.zeros_like(r)
                full[0, index] = e * np.exp(-0.5 * log_tau)
                found.append(full)
            return found

        logs = [2 * np.log(e / r[0, index]) for r, index, e in zip(roots, free, halves, strict=True)]
        best, best_value = roots, self._largest(slopes, roots)
        if not 0 < best_value < math.inf:
            return roots
        z = beginning = np.concatenate([*logs, [math.log(2 * best_value)]])
        for barrier in _BARRIERS:

            def objective(z: FloatArray, mu: float = barrier) -> tuple[float, FloatArray]:
                # Multipliers of units that do not matter may drift.
                if not float(np.max(np.abs(z - beginning))) < _FARTHEST:
                    return math.inf, np.zeros_like(z)
                with np.errstate(all="ignore"):
                    value, gradient = self._barrier(slopes, unpacked(z), free, float(z[-1]), mu)
                return (value, gradient) if np.isfinite(gradient).all() else (math.inf, np.zeros_like(z))

            z, _ = minimise_smooth(
                objective,
                z,
                decrease=_DECREASE,
                max_iterations=_MAX_ITERATIONS,
                expired=lambda: perf_counter() > deadline,
            )
            found = unpacked(z)
            value = self._largest(slopes, found)
            if value < best_value:
                best, best_value = found, value
            if perf_counter() > deadline:
                break
        return best

    def _largest(self, slopes: Slopes, roots: Sequence[FloatArray]) -> float:
        """Return lambda_max(S_m) of a single node; infinite unless every K is below the identity."""
        S: FloatArray = self._gram[None]
        for layer, (c, e, r) in enumerate(zip(*slopes, roots, strict=True)):
            if np.linalg.eigvalsh(r[:, :, None] * S * r[:, None, :])[0, -1] >= 1:
                return math.inf
            S = self._onward(layer, self._stage(S, c, e, r), c)
        return float(np.linalg.eigvalsh(S)[0, -1])

    def _barrier(
        self, slopes: Slopes, roots: Sequence[FloatArray], free: Sequence[IntArray], log_rho: float, mu: float
    ) -> tuple[float, FloatArray]:
        """Return log rho - mu [logdet(I - S_m / rho) + sum_i logdet(I - K_i)] and its gradient by log tau, log rho."""
        outside = math.inf, np.zeros(sum(index.size for index in free) + 1)
        S: FloatArray = self._gram[None]
        stages: list[_Stage] = []
        value = log_rho
        for layer, (c, e, r) in enumerate(zip(*slopes, roots, strict=True)):
            logdet = _log_determinant(np.eye(r.shape[1]) - r[0, :, None] * S[0] * r[0])
            if logdet is None:
                return outside
            value -= mu * logdet
            stages.append(self._stage(S, c, e, r))
            S = self._onward(layer, stages[-1], c)
        rho = math.exp(log_rho)
        size = S.shape[-1]
        logdet = _log_determinant(rho * np.eye(size) - S[0])
        if logdet is None:
            return outside
        value -= mu * (logdet - size * log_rho)
        inverse = np.linalg.inv(rho * np.eye(size) - S)
        gradient = [np.array([1.0 - mu * (rho * np.trace(inverse[0]) - size)])]
        S_bar = mu * inverse
        for layer in range(len(stages) - 1, -1, -1):
            S, G, B, tau = stages[layer]
            c, r, W = slopes.middles[layer], roots[layer], self.weights[layer + 1]
            P_bar = W.T @ S_bar @ W
            N = G @ B.transpose(0, 2, 1)
            slope = tau[0] * np.diag(P_bar[0]) - np.einsum("ij,ij->i", (N @ P_bar)[0], N[0])
            slope -= mu * (np.diag(G[0]) - 1.0)
            gradient.append(slope[free[layer]])
            RGR = r[:, :, None] * G * r[:, None, :]
            right = np.eye(S.shape[-1]) + S @ RGR
            S_bar = right.transpose(0, 2, 1) @ (c[:, :, None] * P_bar * c[:, None, :]) @ right + mu * RGR
        return float(value), np.concatenate(gradient[::-1])

    def certified(self, slopes: Slopes, roots: Sequence[FloatArray]) -> FloatArray:
        """Return bounds on the Lipschitz constant, rounding included, shape (n,); infinite where R proves nothing."""
        count = slopes.middles[0].shape[0]
        S: FloatArray = np.broadcast_to(self._gram, (count, *self._gram.shape)).copy()
        sound = np.ones(count, dtype=bool)
        with np.errstate(all="ignore"):
            for layer, (c, e, r) in enumerate(zip(*slopes, roots, strict=True)):
                G, fine = _inverse_above(r[:, :, None] * S * r[:, None, :])
                sound &= fine
                S = self._onward_above(layer, S, c, e, r, G)
            bounds = [
                round_up(math.sqrt(value)) if ok and math.isfinite(value) else math.inf
                for value, ok in zip(map(_largest_above, S), sound.tolist(), strict=True)
            ]
        return np.array(bounds)

    def _onward_above(
        self, layer: int, S: FloatArray, c: FloatArray, e: FloatArray, r: FloatArray, G: FloatArray
    ) -> FloatArray:
        """Return a matrix at least S_{i+1}, for S and G at least theirs."""
        size = S.shape[-1]
        index = np.arange(size)
        tau = np.divide(e**2, r**2, out=np.zeros_like(r), where=r > 0) * (1 + 8 * EPSILON)
        B = c[:, :, None] * S * r[:, None, :]
        P = c[:, :, None] * S * c[:, None, :] + B @ G @ B.transpose(0, 2, 1)
        # |S_ij| <= (S_ii S_jj)^(1/2) and the same for G, so the errors of the two terms are at most eps u_i u_j.
        S_roots = np.sqrt(S[:, index, index])
        G_roots = np.sqrt(G[:, index, index])
        direct = c * S_roots
        through = (np.abs(B) @ G_roots[:, :, None])[:, :, 0]
        P[:, index, index] += tau + size * EPSILON * (8 * direct**2 + 4 * (size + 4) * through**2) + size * TINY
        P = 0.5 * (P + P.transpose(0, 2, 1))
        P[:, index, index] *= 1 + 8 * size * EPSILON
        W = self.weights[layer + 1]
        following = W @ P @ W.T
        reach = np.sqrt(P[:, index, index]) @ np.abs(W).T
        rows = np.arange(W.shape[0])
        following[:, rows, rows] += W.shape[0] * EPSILON * 4 * (size + 4) * reach**2 + size * TINY
        following = 0.5 * (following + following.transpose(0, 2, 1))
        following[:, rows, rows] *= 1 + 8 * W.shape[0] * EPSILON
        return np.asarray(following)


def _gram_above(W: FloatArray) -> FloatArray:
    """Return a matrix at least W W^T."""
    gram: FloatArray = W @ W.T
    gram[np.diag_indices_from(gram)] *= 1 + 4 * (W.shape[1] + 4) * W.shape[0] * EPSILON
    gram[np.diag_indices_from(gram)] += W.shape[1] * TINY
    return np.asarray(0.5 * (gram + gram.T))


def norm_above(matrix: FloatArray) -> float:
    """Return a number at least the spectral norm of a matrix of entries near one, each of them off by an ulp."""
    return round_up(math.sqrt(_largest_above(_gram_above(matrix))), 4 * math.sqrt(matrix.size) * EPSILON)


def _log_determinant(matrix: FloatArray) -> float | None:
    """Return the log determinant of a symmetric matrix, None unless it is positive definite."""
    factor, failed = scipy.linalg.lapack.dpotrf(matrix, lower=1)
    return None if failed else 2 * float(np.sum(np.log(factor.diagonal())))


def _inverse_above(K: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return matrices at least (I - K)^{-1}, and where K < I is proved; K may be off by 4 ulps an entry.

    A Cholesky factorisation of I - K - shift that runs to completion proves I - K > 0 (Rump 2006). For any X with
    residual |I - (I - K) X| <= delta < 1 the inverse differs from X by at most |X| delta / (1 - delta).
    """
    size = K.shape[-1]
    M = np.eye(size) - K
    # |K_ij| <= 1 where K < I, so K and the difference are off by at most 6 ulps an entry.
    off = 6 * EPSILON * size
    shift = off + 2 * (size + 4) * size * EPSILON
    fine = np.array([not scipy.linalg.lapack.dpotrf(matrix - shift * np.eye(size), lower=1)[1] for matrix in M])
    M[~fine] = np.eye(size)
    X = np.linalg.inv(M)
    X = 0.5 * (X + X.transpose(0, 2, 1))
    X_norm = np.linalg.norm(X, axis=(1, 2))
    residual = np.linalg.norm(np.eye(size) - M @ X, axis=(1, 2)) * (1 + 1e-9)
    delta = residual + (off + 2 * (size + 4) * EPSILON * np.linalg.norm(M, axis=(1, 2))) * X_norm
    fine &= delta < 0.5
    index = np.arange(size)
    X[:, index, index] += (X_norm * 2.0 * delta + 4 * EPSILON * X_norm)[:, None]
    return X, fine


def _largest_above(S: FloatArray) -> float:
    """Return a number at least the largest eigenvalue of a symmetric positive semidefinite matrix."""
    size = S.shape[0]
    if size == 1:
        return float(S[0, 0])
    trace = float(np.trace(S)) * (1 + 2 * size * EPSILON)
    if not math.isfinite(trace):
        return math.inf
    value, margin = float(np.linalg.eigvalsh(S)[-1]), 1e-11
    while value * (1 + margin) < trace:
        top = value * (1 + margin)
        shift = 2 * (size + 4) * size * EPSILON * top
        if not scipy.linalg.lapack.dpotrf((top - shift) * np.eye(size) - S, lower=1)[1]:
            return top
        margin *= 8
    return trace
