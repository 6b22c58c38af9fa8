"""Convolutions and average pooling as matrices; entries off their windows are masked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.networks._layers import NetworkFormatError, refuse_large
from noprune_theory.networks._onnx.constants import Shape

__all__ = ["convolution", "pooling"]


def _geometry(
    shape: Shape, kernel: Sequence[int], attributes: dict[str, Any], label: str
) -> tuple[list[int], list[int], list[int], list[int], list[int]]:
    """Return strides, dilations, leading and trailing pads, and output sizes of the two image axes."""
    strides = list(attributes.get("strides", [1, 1]))
    dilations = list(attributes.get("dilations", [1, 1]))
    pads = list(attributes.get("pads", [0, 0, 0, 0]))
    mode = attributes.get("auto_pad", "NOTSET")
    before, after, sizes = pads[:2], pads[2:], []
    for axis in range(2):
        size, window = shape[2 + axis], (kernel[axis] - 1) * dilations[axis] + 1
        if mode in ("SAME_UPPER", "SAME_LOWER"):
            total = max((math.ceil(size / strides[axis]) - 1) * strides[axis] + window - size, 0)
            before[axis] = total // 2 if mode == "SAME_UPPER" else total - total // 2
            after[axis] = total - before[axis]
        elif mode not in ("NOTSET", "VALID"):
            raise NetworkFormatError(f"{label}: auto_pad {mode!r} is not known")
        room = size + before[axis] + after[axis] - window
        if room < 0:
            raise NetworkFormatError(f"{label}: a window of {window} does not fit an axis of {size} with its padding")
        steps = math.ceil(room / strides[axis]) if attributes.get("ceil_mode", 0) else room // strides[axis]
        # A window that would start beyond the image and its leading padding does not count.
        if attributes.get("ceil_mode", 0) and steps * strides[axis] >= size + before[axis]:
            steps -= 1
        sizes.append(steps + 1)
    return strides, dilations, before, after, sizes


def _taps(
    shape: Shape, kernel: Sequence[int], geometry: tuple[list[int], list[int], list[int], list[int], list[int]]
) -> list[tuple[int, int, IntArray, IntArray]]:
    """Return, for every position (i, j) of the window, output pixels and the input pixels under it, flat."""
    strides, dilations, before, _, sizes = geometry
    taps = []
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            rows = np.arange(sizes[0]) * strides[0] + i * dilations[0] - before[0]
            columns = np.arange(sizes[1]) * strides[1] + j * dilations[1] - before[1]
            inside_rows = np.flatnonzero((rows >= 0) & (rows < shape[2]))
            inside_columns = np.flatnonzero((columns >= 0) & (columns < shape[3]))
            outputs = (inside_rows[:, None] * sizes[1] + inside_columns).ravel()
            inputs = (rows[inside_rows][:, None] * shape[3] + columns[inside_columns]).ravel()
            taps.append((i, j, outputs, inputs))
    return taps


def convolution(
    shape: Shape, filters: FloatArray, pattern: BoolArray, attributes: dict[str, Any], label: str
) -> tuple[FloatArray, BoolArray, Shape]:
    """Return a convolution as a matrix with its mask, and the shape of its value."""
    groups = int(attributes.get("group", 1))
    if filters.ndim != 4 or filters.shape[1] * groups != shape[1] or filters.shape[0] % groups:
        raise NetworkFormatError(
            f"{label}: filters of shape {filters.shape} in {groups} groups do not fit {shape[1]} channels"
        )
    geometry = _geometry(shape, filters.shape[2:], attributes, label)
    pixels, out_pixels = shape[2] * shape[3], math.prod(geometry[-1])
    target = (1, filters.shape[0], *geometry[-1])
    refuse_large(label, math.prod(target) * math.prod(shape))
    weights = np.zeros((math.prod(target), math.prod(shape)))
    mask = np.zeros(weights.shape, dtype=bool)
    per_group = filters.shape[0] // groups
    for i, j, outputs, inputs in _taps(shape, filters.shape[2:], geometry):
        for out in range(filters.shape[0]):
            first = (out // per_group) * filters.shape[1]
            for channel in range(filters.shape[1]):
                rows, columns = out * out_pixels + outputs, (first + channel) * pixels + inputs
                weights[rows, columns] = filters[out, channel, i, j]
                mask[rows, columns] = pattern[out, channel, i, j]
    return weights, mask, target


def pooling(
    shape: Shape, attributes: dict[str, Any], everything: bool, label: str
) -> tuple[FloatArray, BoolArray, Shape]:
    """Return average pooling as a matrix with its mask, and the shape of its value."""
    kernel = list(shape[2:]) if everything else list(attributes["kernel_shape"])
    geometry = _geometry(shape, kernel, {} if everything else attributes, label)
    strides, dilations, before, after, sizes = geometry
    pixels, out_pixels = shape[2] * shape[3], math.prod(sizes)
    target = (1, shape[1], *sizes)
    refuse_large(label, math.prod(target) * math.prod(shape))
    counts = np.zeros(out_pixels)
    one = np.zeros((out_pixels, pixels))
    for _, _, outputs, inputs in _taps(shape, kernel, geometry):
        one[outputs, inputs] = 1.0
        counts[outputs] += 1.0
    if attributes.get("count_include_pad", 0) and not everything:
        # Padding counts, but not what a last window reaches beyond it.
        ends = [shape[2 + axis] + before[axis] + after[axis] for axis in range(2)]
        lengths = [
            sum(
                (np.arange(sizes[axis]) * strides[axis] + k * dilations[axis]) < ends[axis] for k in range(kernel[axis])
            )
            for axis in range(2)
        ]
        counts = np.outer(lengths[0], lengths[1]).ravel().astype(np.float64)
    one /= counts[:, None]
    weights, mask = (
        np.zeros((math.prod(target), math.prod(shape))),
        np.zeros((math.prod(target), math.prod(shape)), dtype=bool),
    )
    for channel in range(shape[1]):
        rows, columns = (
            slice(channel * out_pixels, (channel + 1) * out_pixels),
            slice(channel * pixels, (channel + 1) * pixels),
        )
        weights[rows, columns], mask[rows, columns] = one, one != 0
    return weights, mask, target
