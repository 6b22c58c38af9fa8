"""Compiled training of sparse networks as lists of their live connections, one sample a lane.

The work follows the surviving weights.
"""

from __future__ import annotations

from noprune_theory._compile import njit
from noprune_theory.solvers.training.kernels._vectors import (
    LANES,
    broadcast,
    copy,
    integer,
    lane_sum,
    load,
    multiply_add,
    number,
    set_number,
    store,
)
from noprune_theory.solvers.training.kernels.steps import activate, output_delta, times_slope, updated

BLOCK = 4 * LANES
"""Samples that a sparse network processes together: four vectors."""


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
            copy(X + 8 * (feature + first), values + 8 * r * BLOCK, BLOCK)
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
                    copy(values + 8 * (last + o * BLOCK), target, BLOCK)
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
        copy(w, proposal, q)
    return failed
