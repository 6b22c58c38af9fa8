"""Ascent of the relaxation that neuron-wise LipSDP is the dual of: a network whose units hold vectors.

With |h_0|_F = 1, rows h_ij in R^r and v_i = W_i h_{i-1}, the dual of the semidefinite program maximises
|W_m h_{m-1}|_F^2 over rows with <h_ij, v_ij - h_ij> >= 0: each lies in the ball whose diameter is v_ij. On its surface
h_ij = (v_ij + |v_ij| u_ij) / 2 for a unit vector u_ij. A pass backwards,

    b_{m-1} = W_m^T W_m h_{m-1},   u_i = b_i / |b_i|,   lambda_i = |b_i| / |v_i|,   b_{i-1} = W_i^T (lambda_i h_i),

row by row, h_i with the new u_i, and h_0 = b_0 / |b_0|_F never lowers the objective: it is convex in h_{m-1}, so the
u_{m-1} that maximises its linear part raises it, sum_j (|b_j| |v_j| + <b_j, v_j>) / 2 is convex in v again, and so on.
That is the power method where there is one layer, and the mixing method (Wang & Kolter 2017) with all rows at once.
Steps are extrapolated (Nesterov 1983) and restarted where the value falls (O'Donoghue & Candes 2015). At a fixed point
lambda_i are the multipliers of the constraints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory.lipschitz.lipsdp import spread

_NOTHING = 1e-300


class Turn(NamedTuple):
    """What one sweep saw: log2 of the attained |W_m h_{m-1}|, log2 |h_i| for i >= 1, and the multipliers lambda_i.

    The multipliers belong to layers scaled to |h_i| = 1 for all i.
    """

    value: float
    sizes: list[float]
    multipliers: list[FloatArray]


def _lengths(rows: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", rows, rows)))


class VectorNetwork:
    """Vectors of all units, moved by sweeps.

    Parameters
    ----------
    layers : sequence of ndarray
        W_1, ..., W_m, m >= 2, without units that lie on no path.
    gram : ndarray, shape (h_1, h_1)
        W_1 W_1^T: the inputs enter through it alone, h_0 = W_1^T q.
    rank : int
        r.
    """

    def __init__(self, layers: Sequence[FloatArray], gram: FloatArray, rank: int) -> None:
        self._layers, self._gram = layers, gram
        widths = [layer.shape[0] for layer in layers[:-1]]
        count = sum(widths)
        self._slices = [slice(start, stop) for start, stop in pairwise([0, *accumulate(widths)])]
        rows = spread(count + widths[0], rank)
        self._turned, self._seeds = rows[:count], self._normalised(rows[count:])  # u and q, as the last sweep left them
        self._ahead = self._turned, self._seeds
        self._last, self._momentum = -math.inf, 1.0

    def _normalised(self, seeds: FloatArray) -> FloatArray:
        """Return q with |W_1^T q|_F = 1."""
        return np.asarray(seeds / math.sqrt(max(0.0, float(np.vdot(seeds, self._gram @ seeds)))))

    def sweep(self) -> Turn | None:
        """Pass through the network once in both directions; None where it is degenerate."""
        turned, seeds = self._ahead
        with np.errstate(all="ignore"):
            passed = self._passes(turned, seeds)
            if passed is None:
                return None
            turn, new, q = passed
            self._momentum = 1.0 if turn.value < self._last else 0.5 * (1 + math.sqrt(1 + 4 * self._momentum**2))
            weight = (self._momentum - 1) / self._momentum if turn.value >= self._last else 0.0
            ahead = new + weight * (new - self._turned)
            ahead /= np.maximum(_lengths(ahead), _NOTHING)[:, None]
            self._ahead = ahead, self._normalised(q + weight * (q - self._seeds))
        self._last, self._turned, self._seeds = turn.value, new, q
        return turn

    def _passes(self, turned: FloatArray, seeds: FloatArray) -> tuple[Turn, FloatArray, FloatArray] | None:
        layers = self._layers
        h, kept, sizes, size = seeds, [], [], 0.0
        for i, part in enumerate(self._slices):
            v = layers[i] @ h if i else self._gram @ h
            lengths = _lengths(v)
            h = turned[part] * lengths[:, None]
            h += v
            gain = 0.5 * math.sqrt(np.vdot(h, h))
            if not gain > 0:
                return None
            h *= 0.5 / gain
            v /= gain
            kept.append((v, lengths / gain, gain))
            size += math.log2(gain)
            sizes.append(size)
        out = layers[-1] @ h
        square = float(np.vdot(out, out))
        if not square > 0:
            return None
        b = layers[-1].T @ out
        b /= square
        value = size + 0.5 * math.log2(square)
        new, multipliers, grown = turned.copy(), list[FloatArray](), 1.0
        for i in range(len(self._slices) - 1, -1, -1):
            part, (v, lengths, gain) = self._slices[i], kept[i]
            heights = _lengths(b)
            np.divide(b, heights[:, None], out=new[part], where=heights[:, None] > 0)
            weights = heights / np.maximum(lengths, _NOTHING)
            multipliers.append(grown * weights)
            v *= weights[:, None]
            v += b
            # |p|_F changes from layer to layer until the sweeps have converged.
            length = 0.5 * math.sqrt(np.vdot(v, v))
            if not length > 0:
                return None
            grown *= length
            v *= 0.5 / (length * gain)
            b = layers[i].T @ v if i else v
        return Turn(value, sizes, multipliers[::-1]), new, self._normalised(b)
