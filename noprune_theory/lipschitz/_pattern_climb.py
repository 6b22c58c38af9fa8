"""Ascent from region to region of a ReLU network: one unit of any layer changes its phase at a time.

Across a facet of a linear region one unit changes its phase and the gradient changes by a product of a column and a
row, so the norms in all neighbouring patterns come at once. The steepest ones are tried until one of them is found to
have a point, in the domain if there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.lipschitz._domain import Domain
from noprune_theory.lipschitz._feasible import feasible

_PROGRESS = 1e-9
_TRIED = 12  # neighbours a step


class _Place(NamedTuple):
    """A point, the units active there, their pre-activations as rows (a, b), and factors of the Jacobian.

    J = last[i] diag(active[i]) rows[i][:, :-1] for every hidden layer i.
    """

    point: FloatArray
    active: list[BoolArray]
    rows: list[FloatArray]
    last: list[FloatArray]


def climb_patterns(
    weights: Sequence[FloatArray],
    biases: Sequence[FloatArray],
    points: FloatArray,
    *,
    domain: Domain | None,
    unit: float,
    deadline: float,
) -> tuple[FloatArray, FloatArray]:
    """Return the point to which every search leads and the norm of the Jacobian there, both by floats alone.

    Parameters
    ----------
    weights, biases : sequences of ndarray
        W_1, ..., W_m and b_1, ..., b_{m-1}, of sizes near one.
    points : ndarray, shape (n, d)
    domain : Domain or None
    unit : float
        Typical size of inputs.
    deadline : float
        In `time.perf_counter` seconds; what has been reached by then is returned.
    """
    reached, values = points.copy(), np.zeros(points.shape[0])
    seen: set[bytes] = set()
    for index, start in enumerate(points):
        place = _place(weights, biases, start)
        value = _value(place)
        while perf_counter() < deadline:
            key = np.concatenate(place.active).tobytes()
            if key in seen:
                break
            seen.add(key)
            step = _step(weights, biases, place, value, domain, unit)
            if step is None:
                break
            place, value = step
        reached[index], values[index] = place.point, value
    return reached, values


def _place(weights: Sequence[FloatArray], biases: Sequence[FloatArray], point: FloatArray) -> _Place:
    homogeneous = np.append(point, 1.0)
    value = np.eye(point.size, point.size + 1)
    active: list[BoolArray] = []
    rows: list[FloatArray] = []
    for W, b in zip(weights[:-1], biases, strict=False):
        pre = W @ value
        pre[:, -1] += b
        on = pre @ homogeneous > 0
        rows.append(pre)
        active.append(on)
        value = np.where(on[:, None], pre, 0.0)
    last: list[FloatArray] = [weights[-1]]
    for W, on in zip(weights[-2:0:-1], active[:0:-1], strict=True):
        last.append((last[-1] * on) @ W)
    return _Place(point, active, rows, last[::-1])


def all_active_point(
    weights: Sequence[FloatArray], biases: Sequence[FloatArray], domain: Domain | None, unit: float
) -> FloatArray | None:
    """Return a point at which every unit is active, if one is found.

    Where all weights have one sign, or the signs of all paths agree, no gradient is longer than there.
    """
    value = np.eye(weights[0].shape[1], weights[0].shape[1] + 1)
    rows = []
    for W, b in zip(weights[:-1], biases, strict=False):
        value = W @ value
        value[:, -1] += b
        rows.append(value)
    stacked = np.vstack(rows)
    live = np.abs(stacked[:, :-1]).max(axis=1) > 0
    if not live.any():
        return None
    return feasible(stacked[live], np.zeros_like(stacked[live]), domain, unit, None).point


def _value(place: _Place) -> float:
    return float(np.linalg.norm((place.last[0] * place.active[0]) @ place.rows[0][:, :-1], 2))


def _step(
    weights: Sequence[FloatArray],
    biases: Sequence[FloatArray],
    place: _Place,
    value: float,
    domain: Domain | None,
    unit: float,
) -> tuple[_Place, float] | None:
    """Return the steepest neighbour that has a point and is steeper than `value`; None if none was found."""
    rows = np.vstack(place.rows)
    active = np.concatenate(place.active)
    columns = np.hstack(place.last)
    norms = _flipped(place, rows, columns, active)
    signed = np.where(active[:, None], rows, -rows)
    live = np.abs(rows[:, :-1]).max(axis=1) > 0
    for unit_index in np.argsort(-norms, kind="stable")[:_TRIED]:
        if not norms[unit_index] > value * (1 + _PROGRESS):
            return None
        if not live[unit_index]:
            continue
        trial = signed.copy()
        trial[unit_index] *= -1
        answer = feasible(trial[live], np.zeros_like(trial[live]), domain, unit, None)
        if answer.point is None:
            continue
        found = _place(weights, biases, answer.point)
        reached = _value(found)
        if reached > value * (1 + _PROGRESS):
            return found, reached
    return None


def _flipped(place: _Place, rows: FloatArray, columns: FloatArray, active: BoolArray) -> FloatArray:
    """Return the norms of J with one unit's phase changed, for every unit."""
    J = (place.last[0] * place.active[0]) @ place.rows[0][:, :-1]
    signs = np.where(active, -1.0, 1.0)
    gradients = rows[:, :-1]
    # (J + s l r^T)(J + s l r^T)^T = J J^T + s (J r) l^T + s l (J r)^T + |r|^2 l l^T, of the size of the outputs.
    Jr = (gradients @ J.T) * signs[:, None]
    outer = Jr[:, :, None] * columns.T[:, None, :]
    squares = np.einsum("ij,ij->i", gradients, gradients)[:, None, None]
    grams = J @ J.T + outer + outer.transpose(0, 2, 1) + squares * columns.T[:, :, None] * columns.T[:, None, :]
    return np.sqrt(np.maximum(np.linalg.eigvalsh(grams)[:, -1], 0.0))
