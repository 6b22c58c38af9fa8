"""Compiled kernel for the normal equations of many small masked blocks, LANES masks side by side.

A vector holds the same entry of LANES different problems, so that no lane sees another and nothing is reassociated.
Without compilation (`NUMBA_DISABLE_JIT=1`) the same source runs on numpy arrays of LANES entries.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, typing
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import ConcreteTemplate, infer_global
from numba.extending import intrinsic, models, register_model

from noprune_theory._compile import njit

LANES = 8
"""Masks solved side by side: float64 numbers in one AVX-512 register or two AVX2 registers."""


class LanesType(types.Type):
    """`LANES` float64 numbers in vector registers."""

    def __init__(self) -> None:
        super().__init__(name=f"lanes_float64x{LANES}")


_lanes = LanesType()
_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: LanesType) -> None:
        super().__init__(manager, lanes, _DOUBLES)


def _operation(symbol: Callable[..., Any], instruction: str) -> None:
    """Make `symbol` (an operator) the vector `instruction`."""

    class Template(ConcreteTemplate):
        key = symbol
        cases = [typing.signature(_lanes, _lanes, _lanes)]  # noqa: RUF012

    infer_global(symbol)(Template)

    @lower_builtin(symbol, _lanes, _lanes)  # type: ignore[untyped-decorator]
    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)


_operation(operator.mul, "fmul")


def _address(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), _DOUBLES.as_pointer())


def _call(builder: Any, name: str, args: Any) -> Any:
    function_type = ir.FunctionType(_DOUBLES, [_DOUBLES] * len(args))
    return builder.call(cgutils.get_or_insert_function(builder.module, function_type, f"{name}.v{LANES}f64"), args)


@intrinsic
def load(typing_context, array, index):  # type: ignore[no-untyped-def]
    """Return the vector at `array[index : index + LANES]` of a flat float64 array."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vector = builder.load(_address(context, builder, signature.args[0], args[0], args[1]))
        vector.align = 8
        return vector

    return _lanes(array, types.intp), generate


@intrinsic
def store(typing_context, array, index, vector):  # type: ignore[no-untyped-def]
    """Write `vector` to `array[index : index + LANES]` of a flat float64 array."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        builder.store(args[2], _address(context, builder, signature.args[0], args[0], args[1])).align = 8
        return context.get_dummy_value()

    return types.void(array, types.intp, _lanes), generate


@intrinsic
def less_product(typing_context, total, a, b):  # type: ignore[no-untyped-def]
    """Return total - a * b lane by lane, rounded once where the processor fuses the two operations."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return _call(builder, "llvm.fmuladd", [builder.fneg(args[1]), args[2], args[0]])

    return _lanes(_lanes, _lanes, _lanes), generate


@intrinsic
def inverse_root(typing_context, a):  # type: ignore[no-untyped-def]
    """Return 1 / sqrt(a) lane by lane, each of the two operations rounded; NaN where a < 0."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fdiv(ir.Constant(_DOUBLES, [1.0] * LANES), _call(builder, "llvm.sqrt", args))

    return _lanes(_lanes), generate


@intrinsic
def away_from_zero(typing_context, a):  # type: ignore[no-untyped-def]
    """Return a + 1 where a >= 0 and a - 1 where a < 0, lane by lane."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        one = ir.Constant(_DOUBLES, [1.0] * LANES)
        return builder.fadd(args[0], _call(builder, "llvm.copysign", [one, args[0]]))

    return _lanes(_lanes), generate


if numba.config.DISABLE_JIT:

    def load(array, index):  # type: ignore[no-untyped-def]
        return array[index : index + LANES].copy()

    def store(array, index, vector):  # type: ignore[no-untyped-def]
        array[index : index + LANES] = vector

    def less_product(total, a, b):  # type: ignore[no-untyped-def]
        return total - a * b

    def inverse_root(a):  # type: ignore[no-untyped-def]
        return 1.0 / np.sqrt(a)

    def away_from_zero(a):  # type: ignore[no-untyped-def]
        return a + np.copysign(1.0, a)


@njit(cache=True)
def _gather(gram, moments, masks, counts, first, stride, work, right, support):  # type: ignore[no-untyped-def]
    """Copy the blocks of LANES masks into `work` and `right`, padded with rows of the identity up to `stride`."""
    n_masks, p = masks.shape
    for lane in range(LANES):
        count = 0
        if first + lane < n_masks:
            count = counts[first + lane]
            mask = masks[first + lane]
            indices = support[lane]
            # Without a branch: an index is written always, and kept only if the mask is True.
            filled = 0
            for j in range(p):
                indices[filled] = j
                filled += mask[j]
            moment = moments[min(first + lane, moments.shape[0] - 1)]
            for i in range(count):
                row = gram[indices[i]]
                start = i * stride * LANES + lane
                for j in range(i + 1):
                    work[start + j * LANES] = row[indices[j]]
                right[i * LANES + lane] = moment[indices[i]]
        for i in range(count, stride):
            start = i * stride * LANES + lane
            for j in range(i):
                work[start + j * LANES] = 0.0
            work[start + i * LANES] = 1.0
            right[i * LANES + lane] = 0.0


@njit(cache=True)
def _factor(stride, work, right, growing):  # type: ignore[no-untyped-def]
    """Cholesky by 2 x 2 tiles, with L y = right and L v = e along the way; the diagonal receives 1 / L_ii.

    `stride`, the order of the matrices, is even. The signs of e are chosen so that v grows.
    """
    for i in range(0, stride, 2):
        row0 = i * stride * LANES
        row1 = row0 + stride * LANES
        for j in range(0, i, 2):
            other0 = j * stride * LANES
            other1 = other0 + stride * LANES
            at = j * LANES
            a00, a01 = load(work, row0 + at), load(work, row0 + at + LANES)
            a10, a11 = load(work, row1 + at), load(work, row1 + at + LANES)
            for t in range(0, at, LANES):
                x0, x1 = load(work, row0 + t), load(work, row1 + t)
                y0, y1 = load(work, other0 + t), load(work, other1 + t)
                a00, a01 = less_product(a00, x0, y0), less_product(a01, x0, y1)
                a10, a11 = less_product(a10, x1, y0), less_product(a11, x1, y1)
            pivot0, corner, pivot1 = load(work, other0 + at), load(work, other1 + at), load(work, other1 + at + LANES)
            a00, a10 = a00 * pivot0, a10 * pivot0
            a01, a11 = less_product(a01, a00, corner) * pivot1, less_product(a11, a10, corner) * pivot1
            store(work, row0 + at, a00)
            store(work, row0 + at + LANES, a01)
            store(work, row1 + at, a10)
            store(work, row1 + at + LANES, a11)
        at = i * LANES
        d0, corner, d1 = load(work, row0 + at), load(work, row1 + at), load(work, row1 + at + LANES)
        r0, r1 = load(right, at), load(right, at + LANES)
        g0, g1 = load(growing, at), load(growing, at + LANES)
        for t in range(0, at, LANES):
            x0, x1 = load(work, row0 + t), load(work, row1 + t)
            y, v = load(right, t), load(growing, t)
            d0, corner, d1 = less_product(d0, x0, x0), less_product(corner, x0, x1), less_product(d1, x1, x1)
            r0, r1 = less_product(r0, x0, y), less_product(r1, x1, y)
            g0, g1 = less_product(g0, x0, v), less_product(g1, x1, v)
        d0 = inverse_root(d0)
        corner = corner * d0
        r0 = r0 * d0
        g0 = away_from_zero(g0) * d0
        d1 = inverse_root(less_product(d1, corner, corner))
        r1 = less_product(r1, corner, r0) * d1
        g1 = away_from_zero(less_product(g1, corner, g0)) * d1
        store(work, row0 + at, d0)
        store(work, row1 + at, corner)
        store(work, row1 + at + LANES, d1)
        store(right, at, r0)
        store(right, at + LANES, r1)
        store(growing, at, g0)
        store(growing, at + LANES, g1)


@njit(cache=True)
def _substitute_back(stride, work, right):  # type: ignore[no-untyped-def]
    """Solve L^T w = right in place."""
    for i in range(stride - 1, -1, -1):
        row = i * stride * LANES
        solution = load(right, i * LANES) * load(work, row + i * LANES)
        store(right, i * LANES, solution)
        for t in range(0, i * LANES, LANES):
            store(right, t, less_product(load(right, t), load(work, row + t), solution))


@njit(cache=True)
def solve_gram_blocks(gram, moments, scale, masks, counts, weights, explained, growth):  # type: ignore[no-untyped-def]
    """Solve gram[S, S] w = moments[S] for every mask by Cholesky, LANES masks at a time.

    Blocks shorter than the longest of their group are padded, so groups should be of similar block size.

    Parameters
    ----------
    gram : float64, shape (p, p)
        Symmetric, unit diagonal.
    moments : float64, shape (1, p) or (n_masks, p)
        Right-hand sides; a single one is shared by all masks.
    scale : float64, shape (p,)
        The solutions are multiplied by it.
    masks : bool, shape (n_masks, p)
    counts : int64, shape (n_masks,)
        Number of True entries of each mask.
    weights : float64, shape (n_masks, p)
        The scaled solutions are written where the mask is True.
    explained : float64, shape (n_masks,)
        Receives moments[S]^T w, w before scaling.
    growth : float64, shape (n_masks,)
        Receives |v|^2 with L v = e, the signs of e chosen during substitution so that v grows (the first half of the
        LINPACK condition estimator): a lower estimate of k |gram[S, S]^(-1)|. NaN or inf where a pivot vanished.
    """
    n_masks, p = masks.shape
    largest = 0
    for row in range(n_masks):
        largest = max(largest, counts[row])
    largest += largest % 2
    work = np.empty(largest * largest * LANES)
    right = np.empty(largest * LANES)
    growing = np.empty(largest * LANES)
    support = np.empty((LANES, p + 1), np.int64)
    for first in range(0, n_masks, LANES):
        stride = 0
        for row in range(first, min(first + LANES, n_masks)):
            stride = max(stride, counts[row])
        stride += stride % 2
        _gather(gram, moments, masks, counts, first, stride, work, right, support)
        growing[:] = 0.0
        _factor(stride, work, right, growing)
        for row in range(first, min(first + LANES, n_masks)):
            lane = row - first
            total, grown = 0.0, 0.0
            for i in range(counts[row]):
                total += right[i * LANES + lane] ** 2
                grown += growing[i * LANES + lane] ** 2
            explained[row] = total
            growth[row] = grown
        _substitute_back(stride, work, right)
        for row in range(first, min(first + LANES, n_masks)):
            lane = row - first
            out = weights[row]
            for i in range(counts[row]):
                j = support[lane, i]
                out[j] = right[i * LANES + lane] * scale[j]
