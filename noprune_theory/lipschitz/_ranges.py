"""Bounds on the pre-activations of a network over a ball or a box, and the slopes that they leave, rounded outward.

Interval arithmetic, and linear bounds carried backwards through the layers (Zhang et al. 2018, Singh et al. 2019):
every unit lies between two lines over its range, so a pre-activation lies above a linear form of the inputs, whose
minimum over the domain is known. Rounding errors of its coefficients are paid for by the sizes of what they multiply.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.lipschitz._confirm import tanh_and_slope
from noprune_theory.lipschitz._domain import Domain
from noprune_theory.lipschitz._outward import EPSILON, TINY


class Range(NamedTuple):
    """Lower and upper bounds of the pre-activations of a layer, shape (h,)."""

    low: FloatArray
    high: FloatArray


class _Lines(NamedTuple):
    """Lines below and above the activation over a range: slope t + shift."""

    below: FloatArray
    below_shift: FloatArray
    above: FloatArray
    above_shift: FloatArray


def preactivation_ranges(
    weights: Sequence[FloatArray], biases: Sequence[FloatArray], activation: str, domain: Domain
) -> list[Range]:
    """Return ranges of the pre-activations of every hidden layer over the domain; infinite where nothing is known."""
    ranges: list[Range] = []
    sizes = [domain.sizes()]
    lines: list[_Lines] = []
    for layer, b in enumerate(biases[: len(weights) - 1]):
        W = weights[layer]
        with np.errstate(over="ignore", invalid="ignore"):
            found = _backward(weights, biases, lines, ranges, sizes, layer, domain)
            if layer:
                found = _intersected(found, _interval(W, b, _values(ranges[-1], activation)))
            low, high = np.nan_to_num(found.low, nan=-np.inf), np.nan_to_num(found.high, nan=np.inf)
            ranges.append(Range(np.minimum(low, high), np.maximum(low, high)))
            values = _values(ranges[-1], activation)
            sizes.append(np.maximum(np.abs(values.low), np.abs(values.high)))
            lines.append(_lines(ranges[-1], activation))
    return ranges


def slope_ranges(ranges: Sequence[Range], activation: str) -> list[tuple[FloatArray, FloatArray]]:
    """Return the least and the largest slope of the units of every layer over their ranges."""
    slopes: list[tuple[FloatArray, FloatArray]] = []
    for low, high in ranges:
        if activation == "relu":
            slopes.append(((low > 0).astype(np.float64), (high >= 0).astype(np.float64)))
            continue
        nearest = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
        farthest = np.maximum(np.abs(low), np.abs(high))
        largest = np.minimum(tanh_and_slope(_finite(nearest))[1] * (1 + 4 * EPSILON) + TINY, 1.0)
        least = np.maximum(tanh_and_slope(_finite(farthest))[1] * (1 - 4 * EPSILON) - TINY, 0.0)
        slopes.append((least, np.maximum(least, largest)))
    return slopes


def phases_of(ranges: Sequence[Range]) -> list[IntArray]:
    """Return 1 for ReLU units that are active on all of the domain, -1 for inactive ones, 0 for the others."""
    return [(r.low > 0).astype(np.int64) - (r.high < 0).astype(np.int64) for r in ranges]


def _finite(values: FloatArray) -> FloatArray:
    return np.minimum(values, 1e300)


def _intersected(a: Range, b: Range) -> Range:
    return Range(np.fmax(a.low, b.low), np.fmin(a.high, b.high))


def _values(r: Range, activation: str) -> Range:
    """Return the range of the values of units."""
    if activation == "relu":
        return Range(np.maximum(r.low, 0.0), np.maximum(r.high, 0.0))
    low, high = (np.sign(end) * tanh_and_slope(_finite(np.abs(end)))[0] for end in r)
    return Range(np.maximum(low - 2 * EPSILON, -1.0), np.minimum(high + 2 * EPSILON, 1.0))


def _interval(W: FloatArray, b: FloatArray, values: Range) -> Range:
    up, down = np.maximum(W, 0.0), np.minimum(W, 0.0)
    margin = np.abs(W) @ np.maximum(np.abs(values.low), np.abs(values.high)) + np.abs(b)
    margin = (W.shape[1] + 6) * EPSILON * margin + (W.shape[1] + 1) * TINY
    return Range(up @ values.low + down @ values.high + b - margin, up @ values.high + down @ values.low + b + margin)


def _lines(r: Range, activation: str) -> _Lines:
    """Return lines between which the activation lies over its range; their shifts are rounded outward."""
    low, high = r
    known = np.isfinite(low) & np.isfinite(high)
    if activation == "tanh":
        # tanh has at least the slope that it has at the farther end, so it lies between two parallel lines.
        slope = np.where(known, tanh_and_slope(_finite(np.maximum(np.abs(low), np.abs(high))))[1], 0.0)
        slope = np.maximum(slope * (1 - 4 * EPSILON) - TINY, 0.0)
        values = _values(r, activation)
        reach = np.where(known, slope * np.maximum(np.abs(low), np.abs(high)), 0.0)
        margin = 4 * EPSILON * (reach + 1)
        at_low, at_high = (np.where(known, slope * np.where(known, end, 0.0), 0.0) for end in r)
        return _Lines(slope, values.low - at_low - margin, slope, values.high - at_high + margin)
    crossing = (low < 0) & (high > 0)
    width = np.where(crossing & known, high - low, 1.0)
    above = np.where(crossing, np.where(known, high / width, 1.0), (low >= 0).astype(np.float64))
    # The chord, at both ends of the range; a slope of 1 where there is none.
    at_ends = np.maximum(np.where(crossing, -above * low, 0.0), np.where(crossing, high - above * high, 0.0))
    above_shift = np.where(crossing, at_ends * (1 + 8 * EPSILON) + 4 * EPSILON * np.abs(high) + TINY, 0.0)
    below = np.where(crossing, (high > -low).astype(np.float64), (low >= 0).astype(np.float64))
    return _Lines(below, np.zeros_like(below), above, above_shift)


def _backward(
    weights: Sequence[FloatArray],
    biases: Sequence[FloatArray],
    lines: Sequence[_Lines],
    ranges: Sequence[Range],
    sizes: Sequence[FloatArray],
    layer: int,
    domain: Domain,
) -> Range:
    """Return the range of a layer from linear bounds: lower bounds of its rows and of their negatives."""
    rows = np.vstack([weights[layer], -weights[layer]])
    shifts = np.concatenate([biases[layer], -biases[layer]])
    slack = np.zeros_like(shifts)
    for index in range(layer - 1, -1, -1):
        line, W, b = lines[index], weights[index], biases[index]
        up, down = np.maximum(rows, 0.0), np.minimum(rows, 0.0)
        count = rows.shape[1]
        shift_sizes = up @ np.abs(line.below_shift) - down @ np.abs(line.above_shift)
        through = up * line.below + down * line.above
        slack += (count + 4) * EPSILON * (shift_sizes + np.abs(shifts))
        pre_sizes = np.maximum(np.abs(ranges[index].low), np.abs(ranges[index].high))
        slack += 2 * EPSILON * (np.abs(through) @ pre_sizes)
        shifts = shifts + up @ line.below_shift + down @ line.above_shift
        bias_sizes = np.abs(through) @ np.abs(b)
        coefficients = np.abs(through) @ np.abs(W)
        slack += (count + 4) * EPSILON * (bias_sizes + np.abs(shifts) + coefficients @ sizes[index]) + count * TINY
        shifts = shifts + through @ b
        rows = through @ W
    bounds = domain.least(rows, shifts) - slack * (1 + 1e-9)
    half = weights[layer].shape[0]
    return Range(bounds[:half], -bounds[half:])
