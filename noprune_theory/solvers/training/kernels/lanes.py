"""Compiled training of dense tiny networks, one network a lane.

Every array has the lane as its last axis, so that eight networks advance together and none sees another.
"""

from __future__ import annotations

from noprune_theory._compile import njit
from noprune_theory.solvers.training.kernels._vectors import (
    LANES,
    absolute,
    broadcast,
    copy,
    if_positive,
    integer,
    lane_sum,
    load,
    multiply_add,
    store,
)
from noprune_theory.solvers.training.kernels.steps import activate, output_delta, times_slope, updated


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
        Whether the activation is tanh; codes in `steps`.
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
        copy(weights.ctypes.data + row, w, p)
        copy(free.ctypes.data + row, unfrozen, p)
        copy(first.ctypes.data + row, m, p)
        copy(second.ctypes.data + row, v, p)
        copy(X.ctypes.data + 8 * block * X.shape[1], values, X.shape[1])
        copy(y.ctypes.data + 8 * block * y.shape[1], labels, y.shape[1])
        copy(shares.ctypes.data + 8 * block * y.shape[1], share, y.shape[1])
        lost = load(diverged.ctypes.data, block * LANES)
        last = _lanes_forward(layers, shape, tanh, n, w, values)
        target = outputs.ctypes.data + 8 * block * outputs.shape[1]
        for s in range(n):
            source = values + 8 * (last + s * output_stride)
            copy(source, target + 8 * s * n_outputs * LANES, n_outputs * LANES)
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
        copy(w, weights.ctypes.data + row, p)
        copy(m, first.ctypes.data + row, p)
        copy(v, second.ctypes.data + row, p)
        store(diverged.ctypes.data, block * LANES, lost)
