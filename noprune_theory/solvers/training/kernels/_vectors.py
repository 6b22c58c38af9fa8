"""Vectors of `LANES` float64 numbers in compiled loops, and the memory that they are loaded from.

The vector type is private to this folder. Operations on it are IEEE operations lane by lane, without reassociation, so
a result does not depend on which lane or which batch a network runs in; `multiply_add` is fused where the processor
can. Without compilation (`NUMBA_DISABLE_JIT=1`) the same source runs on numpy arrays of eight entries.
"""

from __future__ import annotations

import ctypes
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
"""Numbers in a vector: one AVX-512 register, two AVX2 registers."""


class VectorType(types.Type):
    """`LANES` float64 numbers in vector registers."""

    def __init__(self) -> None:
        super().__init__(name=f"float64x{LANES}")


_vector = VectorType()
_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)
_INTEGERS = ir.VectorType(ir.IntType(64), LANES)


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: VectorType) -> None:
        super().__init__(manager, vector, _DOUBLES)


def _operation(symbol: Callable[..., Any], instruction: str) -> None:
    """Make `symbol` (an operator) the vector `instruction`."""

    class Template(ConcreteTemplate):
        key = symbol
        cases = [typing.signature(_vector, _vector, _vector)]  # noqa: RUF012

    infer_global(symbol)(Template)

    @lower_builtin(symbol, _vector, _vector)  # type: ignore[untyped-decorator]
    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)


_operation(operator.add, "fadd")
_operation(operator.sub, "fsub")
_operation(operator.mul, "fmul")
_operation(operator.truediv, "fdiv")


def _pointer(builder: Any, element: Any, address: Any, index: Any) -> Any:
    return builder.gep(builder.inttoptr(address, element.as_pointer()), [index])


def _place(builder: Any, address: Any, index: Any) -> Any:
    return builder.bitcast(_pointer(builder, ir.DoubleType(), address, index), _DOUBLES.as_pointer())


def _call(builder: Any, name: str, args: Any) -> Any:
    function_type = ir.FunctionType(_DOUBLES, [_DOUBLES] * len(args))
    return builder.call(cgutils.get_or_insert_function(builder.module, function_type, f"{name}.v{LANES}f64"), args)


def _constant(value: float) -> Any:
    return ir.Constant(_DOUBLES, [value] * LANES)


# Memory is reached by raw addresses: passing arrays to helpers would count references atomically at every call, which
# costs more than the arithmetic. The entry points read the addresses of their array arguments, which outlive the call.
@intrinsic
def load(typing_context, address, index):  # type: ignore[no-untyped-def]
    """Return the vector that starts at entry `index` of the float64 numbers at `address`."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vector = builder.load(_place(builder, *args))
        vector.align = 8
        return vector

    return _vector(types.intp, types.intp), generate


@intrinsic
def store(typing_context, address, index, vector):  # type: ignore[no-untyped-def]
    """Write `vector` from entry `index` of the float64 numbers at `address`."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        builder.store(args[2], _place(builder, args[0], args[1])).align = 8
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, _vector), generate


@intrinsic
def number(typing_context, address, index):  # type: ignore[no-untyped-def]
    """Return entry `index` of the float64 numbers at `address`."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.load(_pointer(builder, ir.DoubleType(), *args))

    return types.float64(types.intp, types.intp), generate


@intrinsic
def set_number(typing_context, address, index, value):  # type: ignore[no-untyped-def]
    """Write entry `index` of the float64 numbers at `address`."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        builder.store(args[2], _pointer(builder, ir.DoubleType(), args[0], args[1]))
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.float64), generate


@intrinsic
def integer(typing_context, address, index):  # type: ignore[no-untyped-def]
    """Return entry `index` of the int64 numbers at `address`."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.load(_pointer(builder, ir.IntType(64), *args))

    return types.intp(types.intp, types.intp), generate


@intrinsic
def broadcast(typing_context, value):  # type: ignore[no-untyped-def]
    """Return the vector whose lanes all hold `value`."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        undefined = ir.Constant(_DOUBLES, ir.Undefined)
        first = builder.insert_element(undefined, args[0], ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), None))

    return _vector(types.float64), generate


@intrinsic
def multiply_add(typing_context, a, b, c):  # type: ignore[no-untyped-def]
    """Return a * b + c lane by lane, rounded once where the processor fuses the two operations."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return _call(builder, "llvm.fmuladd", args)

    return _vector(_vector, _vector, _vector), generate


@intrinsic
def square_root(typing_context, a):  # type: ignore[no-untyped-def]
    """Return the square roots, lane by lane."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return _call(builder, "llvm.sqrt", args)

    return _vector(_vector), generate


@intrinsic
def absolute(typing_context, a):  # type: ignore[no-untyped-def]
    """Return the absolute values, lane by lane."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return _call(builder, "llvm.fabs", args)

    return _vector(_vector), generate


@intrinsic
def if_positive(typing_context, condition, then, otherwise):  # type: ignore[no-untyped-def]
    """Return `then` in the lanes where `condition` > 0 and `otherwise` elsewhere, NaN conditions included."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.select(builder.fcmp_ordered(">", args[0], _constant(0.0)), args[1], args[2])

    return _vector(_vector, _vector, _vector), generate


@intrinsic
def positive_part(typing_context, a):  # type: ignore[no-untyped-def]
    """Return 0 in the lanes where `a` < 0 and `a` elsewhere, NaN included: one instruction for a maximum."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.select(builder.fcmp_ordered(">", _constant(0.0), args[0]), _constant(0.0), args[0])

    return _vector(_vector), generate


@intrinsic
def power_of_two(typing_context, shifted):  # type: ignore[no-untyped-def]
    """Return 2^m lane by lane for `shifted` = m + 1.5 * 2^52, |m| <= 1022: the low bits of `shifted` hold m."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        bits = builder.bitcast(args[0], _INTEGERS)
        exponent = builder.shl(bits, ir.Constant(_INTEGERS, [52] * LANES))
        one = builder.bitcast(_constant(1.0), _INTEGERS)
        return builder.bitcast(builder.add(exponent, one), _DOUBLES)

    return _vector(_vector), generate


@intrinsic
def lane_sum(typing_context, a):  # type: ignore[no-untyped-def]
    """Return the sum of the lanes, halves added pairwise: ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7))."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vector, width = args[0], LANES
        while width > 1:
            width //= 2
            halves = [
                builder.shuffle_vector(
                    vector,
                    ir.Constant(vector.type, ir.Undefined),
                    ir.Constant(ir.VectorType(ir.IntType(32), width), list(range(start, start + width))),
                )
                for start in (0, width)
            ]
            vector = builder.fadd(*halves)
        return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))

    return types.float64(_vector), generate


if numba.config.DISABLE_JIT:

    def load(address, index):  # type: ignore[no-untyped-def]
        return np.array((ctypes.c_double * LANES).from_address(int(address + 8 * index)))

    def store(address, index, vector):  # type: ignore[no-untyped-def]
        (ctypes.c_double * LANES).from_address(int(address + 8 * index))[:] = vector.tolist()

    def number(address, index):  # type: ignore[no-untyped-def]
        return ctypes.c_double.from_address(int(address + 8 * index)).value

    def set_number(address, index, value):  # type: ignore[no-untyped-def]
        ctypes.c_double.from_address(int(address + 8 * index)).value = value

    def integer(address, index):  # type: ignore[no-untyped-def]
        return ctypes.c_int64.from_address(int(address + 8 * index)).value

    def broadcast(value):  # type: ignore[no-untyped-def]
        return np.full(LANES, value)

    def multiply_add(a, b, c):  # type: ignore[no-untyped-def]
        return a * b + c

    square_root, absolute = np.sqrt, np.abs

    def if_positive(condition, then, otherwise):  # type: ignore[no-untyped-def]
        return np.where(condition > 0, then, otherwise)

    def positive_part(a):  # type: ignore[no-untyped-def]
        return np.where(a < 0, 0.0, a)

    def power_of_two(shifted):  # type: ignore[no-untyped-def]
        return ((shifted.view(np.int64) << 52) + np.float64(1.0).view(np.int64)).view(np.float64)

    def lane_sum(a):  # type: ignore[no-untyped-def]
        half = a[:4] + a[4:]
        return (half[0] + half[2]) + (half[1] + half[3])


@njit(forceinline=True)
def copy(source, target, size):  # type: ignore[no-untyped-def]
    """Copy `size` numbers, a multiple of LANES, between addresses."""
    for i in range(0, size, LANES):
        store(target, i, load(source, i))
