"""Compiled training loops for small masked networks.

Two layouts of the same mathematics, both with explicit vectors of `LANES` float64 numbers:

- `train_lanes`: dense tiny networks, one network a lane. Every array has the lane as its last axis, so that eight
  networks advance together and none sees another.
- `train_lists`: sparse networks as lists of their live connections, one sample a lane. The work follows the surviving
  weights.

The vector type is private to this file. Operations on it are IEEE operations lane by lane, without reassociation, so a
result does not depend on which lane or which batch a network runs in; `multiply_add` is fused where the processor can.
Without compilation (`NUMBA_DISABLE_JIT=1`) the same source runs on numpy arrays of eight entries.
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

BLOCK = 4 * LANES
"""Samples that a sparse network processes together: four vectors."""

MSE, BINARY_CROSS_ENTROPY, CROSS_ENTROPY = 0, 1, 2
GRADIENT_DESCENT, ADAM = 0, 1


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

    def power_of_two(shifted):  # type: ignore[no-untyped-def]
        return ((shifted.view(np.int64) << 52) + np.float64(1.0).view(np.int64)).view(np.float64)

    def lane_sum(a):  # type: ignore[no-untyped-def]
        half = a[:4] + a[4:]
        return (half[0] + half[2]) + (half[1] + half[3])


@njit(forceinline=True)
def _exponential_parts(x):  # type: ignore[no-untyped-def]
    """Return 2^m and exp(r) - 1 lane by lane for x in [-708, 0]; NaN stays NaN.

    x = m log 2 + r with |r| <= (log 2) / 2; the Taylor polynomial of exp(r) - 1 to degree 13.
    """
    shift = broadcast(6755399441055744.0)
    shifted = multiply_add(x, broadcast(1.4426950408889634), shift)
    m = shifted - shift
    r = multiply_add(m, broadcast(-0.693147180369123816490), x)
    r = multiply_add(m, broadcast(-1.90821492927058770002e-10), r)
    q = broadcast(1.0 / 6227020800.0)
    q = multiply_add(q, r, broadcast(1.0 / 479001600.0))
    q = multiply_add(q, r, broadcast(1.0 / 39916800.0))
    q = multiply_add(q, r, broadcast(1.0 / 3628800.0))
    q = multiply_add(q, r, broadcast(1.0 / 362880.0))
    q = multiply_add(q, r, broadcast(1.0 / 40320.0))
    q = multiply_add(q, r, broadcast(1.0 / 5040.0))
    q = multiply_add(q, r, broadcast(1.0 / 720.0))
    q = multiply_add(q, r, broadcast(1.0 / 120.0))
    q = multiply_add(q, r, broadcast(1.0 / 24.0))
    q = multiply_add(q, r, broadcast(1.0 / 6.0))
    q = multiply_add(q, r, broadcast(0.5))
    return power_of_two(shifted), multiply_add(q * r, r, r)


@njit(forceinline=True)
def exponential_minus_one(x):  # type: ignore[no-untyped-def]
    """Return exp(x) - 1 lane by lane for x <= 0, to about one unit in the last place; NaN stays NaN.

    2^m (exp(r) - 1) + (2^m - 1), see `_exponential_parts`. Arguments below -700 give -1.
    """
    lowest = broadcast(-700.0)
    power, q = _exponential_parts(if_positive(lowest - x, lowest, x))
    return multiply_add(power, q, power - broadcast(1.0))


@njit(forceinline=True)
def exponential(x):  # type: ignore[no-untyped-def]
    """Return exp(x) lane by lane for x <= 0, to about one unit in the last place; NaN stays NaN.

    exp(x) - 1 plus 1 would lose the digits of small values. Arguments below -708 give 0.
    """
    lowest = broadcast(-708.0)
    power, q = _exponential_parts(if_positive(lowest - x, lowest, x))
    return if_positive(lowest - x, broadcast(0.0), multiply_add(power, q, power))


@njit(forceinline=True)
def activate(pre, tanh):  # type: ignore[no-untyped-def]
    """Return the activation: tanh, or max(t, 0) with NaN kept."""
    zero = broadcast(0.0)
    if tanh:
        t = exponential_minus_one(broadcast(-2.0) * absolute(pre))
        size = (zero - t) / (t + broadcast(2.0))
        return if_positive(pre, size, zero - size)
    return if_positive(zero - pre, zero, pre)


@njit(forceinline=True)
def times_slope(delta, active, tanh):  # type: ignore[no-untyped-def]
    """Return delta times the derivative of the activation, given its value; a ReLU at 0 has derivative 0."""
    if tanh:
        return delta * (broadcast(1.0) - active * active)
    return if_positive(active, delta, broadcast(0.0))


@njit(forceinline=True)
def sigmoid(t):  # type: ignore[no-untyped-def]
    """Return 1 / (1 + exp(-t)) lane by lane."""
    one = broadcast(1.0)
    small = exponential(broadcast(0.0) - absolute(t))
    return if_positive(t, one, small) / (one + small)


@njit(forceinline=True)
def output_delta(loss, values, first, stride, n_outputs, y, share, delta):  # type: ignore[no-untyped-def]
    """Write the derivative of share * loss with respect to the outputs of LANES cases into `delta`.

    Output j stands at `first + j * stride` of `values` and of `delta`. `y` and `share` are vectors.
    """
    if loss == MSE:
        error = load(values, first) - y
        store(delta, first, (error + error) * share)
    elif loss == BINARY_CROSS_ENTROPY:
        store(delta, first, (broadcast(0.0) - y) * sigmoid((broadcast(0.0) - y) * load(values, first)) * share)
    else:
        largest = load(values, first)
        for j in range(1, n_outputs):
            value = load(values, first + j * stride)
            largest = if_positive(value - largest, value, largest)
        # The probability of the label minus 1 is minus the sum of the others, which keeps its digits.
        others, own = broadcast(0.0), broadcast(0.0)
        for j in range(n_outputs):
            weight = exponential(load(values, first + j * stride) - largest)
            store(delta, first + j * stride, weight)
            distance = absolute(y - broadcast(float(j)))
            others = others + if_positive(distance, weight, broadcast(0.0))
            own = own + if_positive(distance, broadcast(0.0), weight)
        total = others + own
        for j in range(n_outputs):
            distance = absolute(y - broadcast(float(j)))
            weight = if_positive(distance, load(delta, first + j * stride), broadcast(0.0) - others)
            store(delta, first + j * stride, weight / total * share)


@njit(forceinline=True)
def updated(rule, index, w, g, first, second):  # type: ignore[no-untyped-def]
    """Return the weights w after a step along the gradient g; the moments at `index` are updated in place.

    The rule is (optimizer, beta1, beta2, epsilon, rate, root). Gradient descent: b <- momentum b + g, w - rate b, with
    the momentum in `beta1`. Adam (Kingma & Ba 2015): `rate` and `root` carry the bias corrections of the step,
    rate = learning rate / (1 - beta1^t), root = (1 - beta2^t)^(-1/2).
    """
    optimizer, beta1, beta2, epsilon, rate, root = rule
    if optimizer == ADAM:
        m = multiply_add(broadcast(beta1), load(first, index), broadcast(1.0 - beta1) * g)
        v = multiply_add(broadcast(beta2), load(second, index), broadcast(1.0 - beta2) * g * g)
        store(first, index, m)
        store(second, index, v)
        return w - broadcast(rate) * m / multiply_add(square_root(v), broadcast(root), broadcast(epsilon))
    if beta1 != 0.0:
        g = multiply_add(broadcast(beta1), load(first, index), g)
        store(first, index, g)
    return multiply_add(broadcast(-rate), g, w)


@njit(forceinline=True)
def _copy(source, target, size):  # type: ignore[no-untyped-def]
    """Copy `size` numbers, a multiple of LANES, between addresses."""
    for i in range(0, size, LANES):
        store(target, i, load(source, i))


@njit(forceinline=True)
def _lanes_forward(layers, strides, tanh, n, weights, values):  # type: ignore[no-untyped-def]
    """Fill the activations of all layers; the weights of two units stay in registers while the samples pass.

    Returns the position of the outputs in `values`.
    """
    w, start = 0, 0
    for layer in range(layers):
        stride, row = integer(strides, 3 * layer + 1), integer(strides, 3 * layer + 2)
        width, target_stride = integer(strides, 3 * layer + 3), integer(strides, 3 * layer + 4)
        target, hidden = start + n * stride, layer < layers - 1
        bias0, bias1 = broadcast(0.0), broadcast(0.0)
        for o in range(0, width - 1, 2):
            if row > stride:
                bias0, bias1 = load(weights, w + stride), load(weights, w + row + stride)
            for i in range(0, stride, 4 * LANES):
                u, k = w + i, w + row + i
                u0, u1 = load(weights, u), load(weights, u + LANES)
                u2, u3 = load(weights, u + 2 * LANES), load(weights, u + 3 * LANES)
                w0, w1 = load(weights, k), load(weights, k + LANES)
                w2, w3 = load(weights, k + 2 * LANES), load(weights, k + 3 * LANES)
                finish = hidden and i + 4 * LANES == stride
                for s in range(n):
                    a, b = start + s * stride + i, target + s * target_stride + o * LANES
                    a0, a1 = load(values, a), load(values, a + LANES)
                    a2, a3 = load(values, a + 2 * LANES), load(values, a + 3 * LANES)
                    p, q = (load(values, b), load(values, b + LANES)) if i else (bias0, bias1)
                    p = multiply_add(u2, a2, multiply_add(u0, a0, p)) + multiply_add(u3, a3, u1 * a1)
                    q = multiply_add(w2, a2, multiply_add(w0, a0, q)) + multiply_add(w3, a3, w1 * a1)
                    if finish:
                        p, q = activate(p, tanh), activate(q, tanh)
                    store(values, b, p)
                    store(values, b + LANES, q)
            w += 2 * row
        if width % 2:
            if row > stride:
                bias0 = load(weights, w + stride)
            for i in range(0, stride, 4 * LANES):
                u = w + i
                u0, u1 = load(weights, u), load(weights, u + LANES)
                u2, u3 = load(weights, u + 2 * LANES), load(weights, u + 3 * LANES)
                finish = hidden and i + 4 * LANES == stride
                for s in range(n):
                    a, b = start + s * stride + i, target + s * target_stride + (width - 1) * LANES
                    p = load(values, b) if i else bias0
                    p = multiply_add(u2, load(values, a + 2 * LANES), multiply_add(u0, load(values, a), p))
                    p = p + multiply_add(u3, load(values, a + 3 * LANES), u1 * load(values, a + LANES))
                    store(values, b, activate(p, tanh) if finish else p)
            w += row
        start = target
    return start


@njit(forceinline=True)
def _lanes_propose(rule, k, g, free, weights, first, second, proposal):  # type: ignore[no-untyped-def]
    """Write the stepped weight at `k` to `proposal`; return 0 in the lanes where it is finite, NaN in the others."""
    g = if_positive(load(free, k), g, broadcast(0.0))
    w = updated(rule, k, load(weights, k), g, first, second)
    store(proposal, k, w)
    return w * broadcast(0.0)


@njit(forceinline=True)
def _lanes_propose_four(rule, k, g0, g1, g2, g3, free, weights, first, second, proposal):  # type: ignore[no-untyped-def]
    """Do `_lanes_propose` for four weights in a row."""
    c0 = _lanes_propose(rule, k, g0, free, weights, first, second, proposal)
    c1 = _lanes_propose(rule, k + LANES, g1, free, weights, first, second, proposal)
    c2 = _lanes_propose(rule, k + 2 * LANES, g2, free, weights, first, second, proposal)
    c3 = _lanes_propose(rule, k + 3 * LANES, g3, free, weights, first, second, proposal)
    return (c0 + c1) + (c2 + c3)


@njit(forceinline=True)
def _lanes_inputs_step(  # type: ignore[no-untyped-def]
    stride, row, pairs, target_stride, n, rule, values, delta, free, weights, first, second, proposal, check
):
    """Step the weights from the inputs, two units at a time so that they share the inputs that are loaded."""
    zero = broadcast(0.0)
    for o in range(0, 2 * pairs, 2):
        for i in range(0, stride, 4 * LANES):
            g0, g1, g2, g3, g = zero, zero, zero, zero, zero
            h0, h1, h2, h3, h = zero, zero, zero, zero, zero
            for s in range(n):
                d = load(delta, s * target_stride + o * LANES)
                e = load(delta, s * target_stride + o * LANES + LANES)
                a = s * stride + i
                a0, a1 = load(values, a), load(values, a + LANES)
                a2, a3 = load(values, a + 2 * LANES), load(values, a + 3 * LANES)
                g0, g1 = multiply_add(d, a0, g0), multiply_add(d, a1, g1)
                g2, g3 = multiply_add(d, a2, g2), multiply_add(d, a3, g3)
                h0, h1 = multiply_add(e, a0, h0), multiply_add(e, a1, h1)
                h2, h3 = multiply_add(e, a2, h2), multiply_add(e, a3, h3)
                g, h = g + d, h + e
            k = o * row + i
            check = check + _lanes_propose_four(rule, k, g0, g1, g2, g3, free, weights, first, second, proposal)
            check = check + _lanes_propose_four(rule, k + row, h0, h1, h2, h3, free, weights, first, second, proposal)
            if i == 0 and row > stride:
                check = check + _lanes_propose(rule, k + stride, g, free, weights, first, second, proposal)
                check = check + _lanes_propose(rule, k + row + stride, h, free, weights, first, second, proposal)
    return check


@njit(forceinline=True)
def _lanes_step(  # type: ignore[no-untyped-def]
    layers, strides, tanh, n, rule, values, delta, free, weights, first, second, proposal
):
    """Backpropagate the output derivatives in `delta`, laid out like `values`; write the stepped weights to `proposal`.

    Returns a vector that is 0 in the lanes whose new weights are all finite and NaN in the others.
    """
    w, start = 0, 0
    for layer in range(layers):
        w += integer(strides, 3 * layer + 3) * integer(strides, 3 * layer + 2)
        start += n * integer(strides, 3 * layer + 1)
    zero = broadcast(0.0)
    check = zero
    for layer in range(layers - 1, -1, -1):
        stride, row = integer(strides, 3 * layer + 1), integer(strides, 3 * layer + 2)
        width, target_stride = integer(strides, 3 * layer + 3), integer(strides, 3 * layer + 4)
        source = start - n * stride
        w -= width * row
        pairs = 0
        if layer == 0:
            pairs = width // 2
            check = _lanes_inputs_step(
                stride, row, pairs, target_stride, n, rule,
                values, delta + 8 * start, free, weights, first, second, proposal, check,
            )  # fmt: skip
        for o in range(2 * pairs, width):
            last = o == width - 1
            for i in range(0, stride, 4 * LANES):
                k = w + o * row + i
                w0, w1 = load(weights, k), load(weights, k + LANES)
                w2, w3 = load(weights, k + 2 * LANES), load(weights, k + 3 * LANES)
                g0, g1, g2, g3, total = zero, zero, zero, zero, zero
                for s in range(n):
                    d = load(delta, start + s * target_stride + o * LANES)
                    a = source + s * stride + i
                    a0, a1 = load(values, a), load(values, a + LANES)
                    a2, a3 = load(values, a + 2 * LANES), load(values, a + 3 * LANES)
                    g0, g1 = multiply_add(d, a0, g0), multiply_add(d, a1, g1)
                    g2, g3 = multiply_add(d, a2, g2), multiply_add(d, a3, g3)
                    total = total + d
                    if layer:
                        d0, d1, d2, d3 = w0 * d, w1 * d, w2 * d, w3 * d
                        if o:
                            d0, d1 = d0 + load(delta, a), d1 + load(delta, a + LANES)
                            d2, d3 = d2 + load(delta, a + 2 * LANES), d3 + load(delta, a + 3 * LANES)
                        if last:
                            d0, d1 = times_slope(d0, a0, tanh), times_slope(d1, a1, tanh)
                            d2, d3 = times_slope(d2, a2, tanh), times_slope(d3, a3, tanh)
                        store(delta, a, d0)
                        store(delta, a + LANES, d1)
                        store(delta, a + 2 * LANES, d2)
                        store(delta, a + 3 * LANES, d3)
                check = check + _lanes_propose_four(rule, k, g0, g1, g2, g3, free, weights, first, second, proposal)
                if i == 0 and row > stride:
                    check = check + _lanes_propose(rule, k + stride, total, free, weights, first, second, proposal)
        start = source
    return check


@njit(forceinline=True)
def _lanes_constants(layers, strides, n, values):  # type: ignore[no-untyped-def]
    """Set the padding of the hidden layers' activations: 1 for the bias, 0 beyond; returns the size of `values`."""
    start = 0
    for layer in range(layers):
        width, stride = integer(strides, 3 * layer), integer(strides, 3 * layer + 1)
        for s in range(n):
            for i in range(width * LANES, stride, LANES):
                store(values, start + s * stride + i, broadcast(1.0 if i == width * LANES else 0.0))
        start += n * stride
    return start + n * integer(strides, 3 * layers + 1)


@njit(cache=True, nogil=True)
def train_lanes(  # type: ignore[no-untyped-def]
    strides, tanh, loss, optimizer, beta1, beta2, epsilon, rates, roots, done,
    X, y, shares, free, weights, first, second, diverged, outputs, work,
):  # fmt: skip
    """Advance blocks of LANES networks by full-batch steps; write the outputs before the first step.

    All arrays have a row a block, flat with the lane last. The inputs of a layer are padded to a multiple of four.
    Where there is padding, the first is 1 and its weight is the bias, and the rest is 0; where there is none, the bias
    follows the weights of its unit. Modified in place: `weights`, the moments `first` and `second`, `diverged`,
    `outputs`, and the scratch `work`.

    Parameters
    ----------
    strides : int64 (layers + 1, 3)
        Width of every layer of units; LANES times its padded width; LANES times the parameters of a unit it feeds.
    tanh, loss, optimizer : int
        Whether the activation is tanh; codes at the top of this file.
    beta1, beta2, epsilon : float
        See `updated`.
    rates, roots : float64 (steps,)
        Coefficients of the steps; see `updated`.
    done : int
        Steps done before.
    X, y, shares : float64 (blocks, n padded d LANES), (blocks, n LANES), (blocks, n LANES)
        Inputs with their padding, labels, and each sample's share of the mean loss.
    free, weights, first, second : float64 (blocks, padded p LANES)
        `free` is 1 where a weight is kept, 0 where it is pruned or padding and stays 0.
    diverged : float64 (blocks, LANES)
        0, or the number of the step whose update was not finite; that network keeps its last finite weights.
    outputs : float64 (blocks, n c LANES)
    work : float64
        At least 5 p + 2 n LANES + 2 n (sum of padded widths) numbers, p standing for `weights.shape[1]`; best aligned
        to cache lines.
    """
    layers, n, p = len(strides) - 1, y.shape[1] // LANES, weights.shape[1]
    n_outputs, output_stride = strides[layers, 0], strides[layers, 1]
    shape = strides.ctypes.data
    w = work.ctypes.data
    proposal, m, v, unfrozen, labels = w + 8 * p, w + 16 * p, w + 24 * p, w + 32 * p, w + 40 * p
    share = labels + 8 * y.shape[1]
    values = share + 8 * y.shape[1]
    delta = values + 8 * _lanes_constants(layers, shape, n, values)
    zero, one = broadcast(0.0), broadcast(1.0)
    for block in range(len(weights)):
        row = 8 * block * p
        _copy(weights.ctypes.data + row, w, p)
        _copy(free.ctypes.data + row, unfrozen, p)
        _copy(first.ctypes.data + row, m, p)
        _copy(second.ctypes.data + row, v, p)
        _copy(X.ctypes.data + 8 * block * X.shape[1], values, X.shape[1])
        _copy(y.ctypes.data + 8 * block * y.shape[1], labels, y.shape[1])
        _copy(shares.ctypes.data + 8 * block * y.shape[1], share, y.shape[1])
        lost = load(diverged.ctypes.data, block * LANES)
        last = _lanes_forward(layers, shape, tanh, n, w, values)
        target = outputs.ctypes.data + 8 * block * outputs.shape[1]
        for s in range(n):
            source = values + 8 * (last + s * output_stride)
            _copy(source, target + 8 * s * n_outputs * LANES, n_outputs * LANES)
        for step in range(len(rates)):
            if step:
                _lanes_forward(layers, shape, tanh, n, w, values)
            for s in range(n):
                at, label, weight = last + s * output_stride, load(labels, s * LANES), load(share, s * LANES)
                output_delta(loss, values, at, LANES, n_outputs, label, weight, delta)
            rule = (optimizer, beta1, beta2, epsilon, rates[step], roots[step])
            check = _lanes_step(layers, shape, tanh, n, rule, values, delta, unfrozen, w, m, v, proposal)
            if lane_sum(check + lost) == 0.0:
                w, proposal = proposal, w
                continue
            finite = if_positive(one - absolute(check), one, zero)
            alive = if_positive(lost, zero, finite)
            for i in range(0, p, LANES):
                store(w, i, if_positive(alive, load(proposal, i), load(w, i)))
            lost = if_positive(lost, lost, if_positive(finite, zero, broadcast(float(done + step + 1))))
        _copy(w, weights.ctypes.data + row, p)
        _copy(m, first.ctypes.data + row, p)
        _copy(v, second.ctypes.data + row, p)
        store(diverged.ctypes.data, block * LANES, lost)


@njit(forceinline=True)
def _lists_gather(  # type: ignore[no-untyped-def]
    n_inputs, inputs, X, sample_stride, feature_stride, y, order, block, count, values, labels, share
):
    """Load one block of samples: activations of the live inputs, labels, and each sample's share of the mean loss.

    Without an `order` (address 0) the samples stand in their own order and a feature's samples are contiguous. Samples
    beyond `count` are repetitions with share 0.
    """
    first = block * BLOCK
    for r in range(n_inputs):
        feature = integer(inputs, r) * feature_stride
        if order == 0:
            _copy(X + 8 * (feature + first), values + 8 * r * BLOCK, BLOCK)
        else:
            for i in range(BLOCK):
                set_number(values, r * BLOCK + i, number(X, feature + integer(order, first + i) * sample_stride))
    for i in range(BLOCK):
        sample = first + i if order == 0 else integer(order, first + i)
        set_number(labels, i, number(y, sample))
        set_number(share, i, 1.0 / count if first + i < count else 0.0)


@njit(forceinline=True)
def _lists_forward(n_units, n_hidden, n_inputs, firsts, sources, biases, tanh, theta, values):  # type: ignore[no-untyped-def]
    """Fill the activations of the units of one block of samples, each from its own connections."""
    for u in range(n_units):
        bias = integer(biases, u)
        a0 = broadcast(number(theta, bias)) if bias >= 0 else broadcast(0.0)
        a1, a2, a3 = a0, a0, a0
        for c in range(integer(firsts, u), integer(firsts, u + 1)):
            w, s = broadcast(number(theta, c)), integer(sources, c) * BLOCK
            a0 = multiply_add(w, load(values, s), a0)
            a1 = multiply_add(w, load(values, s + LANES), a1)
            a2 = multiply_add(w, load(values, s + 2 * LANES), a2)
            a3 = multiply_add(w, load(values, s + 3 * LANES), a3)
        if u < n_hidden:
            a0, a1, a2, a3 = activate(a0, tanh), activate(a1, tanh), activate(a2, tanh), activate(a3, tanh)
        t = (n_inputs + u) * BLOCK
        store(values, t, a0)
        store(values, t + LANES, a1)
        store(values, t + 2 * LANES, a2)
        store(values, t + 3 * LANES, a3)


@njit(forceinline=True)
def _lists_backward(  # type: ignore[no-untyped-def]
    n_units, n_hidden, n_inputs, firsts, sources, biases, tanh, theta, values, delta, gradient
):
    """Add the gradient of one block of samples, given the derivatives of the outputs in `delta`."""
    for u in range(n_inputs * BLOCK, (n_inputs + n_hidden) * BLOCK, LANES):
        store(delta, u, broadcast(0.0))
    for u in range(n_units - 1, -1, -1):
        t = (n_inputs + u) * BLOCK
        d0, d1, d2, d3 = load(delta, t), load(delta, t + LANES), load(delta, t + 2 * LANES), load(delta, t + 3 * LANES)
        if u < n_hidden:
            d0, d1 = times_slope(d0, load(values, t), tanh), times_slope(d1, load(values, t + LANES), tanh)
            d2 = times_slope(d2, load(values, t + 2 * LANES), tanh)
            d3 = times_slope(d3, load(values, t + 3 * LANES), tanh)
        bias = integer(biases, u)
        if bias >= 0:
            set_number(gradient, bias, number(gradient, bias) + lane_sum((d0 + d1) + (d2 + d3)))
        for c in range(integer(firsts, u), integer(firsts, u + 1)):
            source = integer(sources, c)
            s = source * BLOCK
            even = multiply_add(d2, load(values, s + 2 * LANES), d0 * load(values, s))
            odd = multiply_add(d3, load(values, s + 3 * LANES), d1 * load(values, s + LANES))
            set_number(gradient, c, number(gradient, c) + lane_sum(even + odd))
            if source >= n_inputs:
                w = broadcast(number(theta, c))
                store(delta, s, multiply_add(w, d0, load(delta, s)))
                store(delta, s + LANES, multiply_add(w, d1, load(delta, s + LANES)))
                store(delta, s + 2 * LANES, multiply_add(w, d2, load(delta, s + 2 * LANES)))
                store(delta, s + 3 * LANES, multiply_add(w, d3, load(delta, s + 3 * LANES)))


@njit(cache=True, nogil=True)
def train_lists(  # type: ignore[no-untyped-def]
    inputs, firsts, sources, biases, n_outputs, tanh, loss, optimizer, beta1, beta2, epsilon, rates, roots,
    X, sample_stride, feature_stride, y, n, order, counts, noise, theta, first, second, outputs, work,
):  # fmt: skip
    """Train one network given as lists of its live connections; return the step that was not finite, or -1.

    With steps, a step follows every entry of `rates`, over all samples or over the samples of its row of `order`; the
    full-batch form writes the outputs before its first step. Without steps, the outputs of all samples are written. The
    network stops at the first step whose update is not finite and keeps its last finite weights. Modified in place:
    `theta`, the moments, `outputs`, `work`.

    Parameters
    ----------
    inputs : int64 (live inputs,)
        Their columns; they are the first rows of activations. The live units follow, layer by layer, outputs last.
    firsts : int64 (units + 1,)
        Connections of unit u: firsts[u] to firsts[u + 1].
    sources : int64 (connections,)
        Row of activations that a connection comes from.
    biases : int64 (units,)
        Entry of `theta` that holds the unit's bias, -1 for none.
    n_outputs, tanh, loss, optimizer : int
    beta1, beta2, epsilon : float
    rates, roots : float64 (steps,)
        See `updated`.
    X : float64
        Entry (sample, feature) at sample * sample_stride + feature * feature_stride, sample_stride = 1 without `order`.
    y : float64 (>= n,)
    n : int
        Number of samples; without `order`, X and y are padded to whole blocks.
    order : int64 (rows, whole blocks of samples), or (0, 0) for full batches
    counts : int64 (rows,)
        Samples of a row that count; the others are repetitions.
    noise : float64 (steps, size of theta), or (0, 0)
        Added to the gradients.
    theta, first, second : float64 (q,)
        Weights of the connections, then biases, padded with zeros to a multiple of LANES; the moments.
    outputs : float64 (n_outputs, whole blocks of samples)
    work : float64
        At least 2 q + (2 (live inputs + units) + 2) BLOCK numbers.
    """
    n_inputs, n_units, q = len(inputs), len(biases), len(theta)
    n_hidden, rows = n_units - n_outputs, n_inputs + n_units
    w, proposal, gradient = theta.ctypes.data, work.ctypes.data, work.ctypes.data + 8 * q
    labels, share = gradient + 8 * q, gradient + 8 * (q + BLOCK)
    values, delta = share + 8 * BLOCK, share + 8 * BLOCK * (1 + rows)
    evaluate, in_order = len(rates) == 0, len(order) > 0
    blocks = order.shape[1] // BLOCK if in_order else (n + BLOCK - 1) // BLOCK
    swapped, zero = False, broadcast(0.0)
    failed = -1
    for step in range((len(order) if in_order else 1) if evaluate else len(rates)):
        for i in range(0, q, LANES):
            store(gradient, i, load(noise.ctypes.data, step * q + i) if len(noise) else zero)
        count = counts[step] if in_order else n
        for block in range(blocks):
            if in_order or blocks > 1 or step == 0:
                _lists_gather(
                    n_inputs, inputs.ctypes.data, X.ctypes.data, sample_stride, feature_stride, y.ctypes.data,
                    order.ctypes.data + 8 * step * blocks * BLOCK if in_order else 0, block, count,
                    values, labels, share,
                )  # fmt: skip
            _lists_forward(
                n_units,
                n_hidden,
                n_inputs,
                firsts.ctypes.data,
                sources.ctypes.data,
                biases.ctypes.data,
                tanh,
                w,
                values,
            )
            last = (n_inputs + n_hidden) * BLOCK
            if evaluate or (step == 0 and not in_order):
                column = ((step if in_order else 0) * blocks + block) * BLOCK
                for o in range(n_outputs):
                    target = outputs.ctypes.data + 8 * (o * outputs.shape[1] + column)
                    _copy(values + 8 * (last + o * BLOCK), target, BLOCK)
            if evaluate:
                continue
            for i in range(0, BLOCK, LANES):
                output_delta(loss, values, last + i, BLOCK, n_outputs, load(labels, i), load(share, i), delta)
            _lists_backward(
                n_units, n_hidden, n_inputs, firsts.ctypes.data, sources.ctypes.data, biases.ctypes.data, tanh,
                w, values, delta, gradient,
            )  # fmt: skip
        if evaluate:
            continue
        check = zero
        rule = (optimizer, beta1, beta2, epsilon, rates[step], roots[step])
        for i in range(0, q, LANES):
            new = updated(rule, i, load(w, i), load(gradient, i), first.ctypes.data, second.ctypes.data)
            check = multiply_add(new, zero, check)
            store(proposal, i, new)
        if lane_sum(check) != 0.0:
            failed = step
            break
        w, proposal, swapped = proposal, w, not swapped
    if swapped:
        _copy(w, proposal, q)
    return failed
