"""Compiled training of tiny networks of one hidden ReLU layer, one output and at most four inputs with the bias.

One network a lane, laid out as in `lanes`; the shape is written out, so that a sample's inputs and a unit's gradient
stay in registers.
"""

from __future__ import annotations

from noprune_theory._compile import njit
from noprune_theory.solvers.training.kernels._vectors import (
    LANES,
    absolute,
    broadcast,
    copy,
    if_positive,
    lane_sum,
    load,
    multiply_add,
    positive_part,
    store,
)
from noprune_theory.solvers.training.kernels.steps import ADAM, MSE, sigmoid, updated

FOUR = 4 * LANES
"""Numbers that the inputs of a sample, or the weights of a hidden unit, take."""


@njit(forceinline=True)
def _shallow_forward(n, hidden, biases, ones, w, inputs, active, values):  # type: ignore[no-untyped-def]
    """Write the activations of the hidden units and the outputs."""
    zero, output = broadcast(0.0), hidden * FOUR
    bias, rest = load(w, output + hidden * LANES) if biases else zero, hidden % 4
    for s in range(n):
        a = s * FOUR
        a0, a1, a2 = load(inputs, a), load(inputs, a + LANES), load(inputs, a + 2 * LANES)
        a3 = load(inputs, a + 3 * LANES)
        # The bias comes first if the units fill fours, else where the next unit would be.
        total, odd = zero if rest else bias, zero
        for u in range(hidden):
            k = u * FOUR
            # The sums are paired as in `lanes`, to the same bits.
            q = load(w, k + LANES) * a1
            q = q + load(w, k + 3 * LANES) if ones else multiply_add(load(w, k + 3 * LANES), a3, q)
            p = positive_part(multiply_add(load(w, k + 2 * LANES), a2, load(w, k) * a0) + q)
            store(active, (s * hidden + u) * LANES, p)
            product = load(w, output + u * LANES)
            if u % 4 == 0:
                total = multiply_add(product, p, total)
            elif u % 4 == 1:
                odd = product * p
            elif u % 4 == 2:
                total = multiply_add(product, p, total)
            else:
                total = total + multiply_add(product, p, odd)
        if rest == 1:
            total = total + bias
        elif rest == 2:
            total = total + bias + odd
        elif rest == 3:
            total = total + (odd + bias)
        store(values, s * LANES, total)


@njit(forceinline=True)
def _shallow_gradient(n, hidden, biases, ones, loss, w, inputs, labels, shares, active, values, delta, gradient):  # type: ignore[no-untyped-def]
    """Write the gradient, laid out like the weights."""
    zero, output = broadcast(0.0), hidden * FOUR
    total = zero
    for s in range(n):
        y, share, value = load(labels, s * LANES), load(shares, s * LANES), load(values, s * LANES)
        if loss == MSE:
            error = value - y
            d = (error + error) * share
        else:
            d = (zero - y) * sigmoid((zero - y) * value) * share
        store(delta, s * LANES, d)
        total = total + d
    if biases:
        store(gradient, output + hidden * LANES, total)
    for u in range(hidden):
        g0, g1, g2, g3, g = zero, zero, zero, zero, zero
        weight = load(w, output + u * LANES)
        for s in range(n):
            d, p, a = load(delta, s * LANES), load(active, (s * hidden + u) * LANES), s * FOUR
            g = multiply_add(d, p, g)
            d = if_positive(p, weight * d, zero)
            g0, g1 = multiply_add(d, load(inputs, a), g0), multiply_add(d, load(inputs, a + LANES), g1)
            g2 = multiply_add(d, load(inputs, a + 2 * LANES), g2)
            g3 = g3 + d if ones else multiply_add(d, load(inputs, a + 3 * LANES), g3)
        k = u * FOUR
        store(gradient, k, g0)
        store(gradient, k + LANES, g1)
        store(gradient, k + 2 * LANES, g2)
        store(gradient, k + 3 * LANES, g3)
        store(gradient, output + u * LANES, g)


@njit(forceinline=True)
def _shallow_propose(size, rule, w, gradient, first, second, proposal):  # type: ignore[no-untyped-def]
    """Write the stepped weights; returns their sum, which is not finite in the lanes where one of them is not."""
    total = broadcast(0.0)
    if rule[0] == ADAM or rule[1] != 0.0:
        for k in range(0, size, LANES):
            new = updated(rule, k, load(w, k), load(gradient, k), first, second)
            store(proposal, k, new)
            total = total + new
        return total
    back = broadcast(-rule[4])
    for k in range(0, size, LANES):
        new = multiply_add(back, load(gradient, k), load(w, k))
        store(proposal, k, new)
        total = total + new
    return total


@njit(forceinline=True)
def _shallow_check(size, proposal):  # type: ignore[no-untyped-def]
    """Return 0 in the lanes whose stepped weights are all finite, NaN in the others."""
    zero = broadcast(0.0)
    check = zero
    for k in range(0, size, LANES):
        check = multiply_add(load(proposal, k), zero, check)
    return check


@njit(cache=True, nogil=True)
def train_shallow(  # type: ignore[no-untyped-def]
    hidden, biases, ones, masked, loss, optimizer, beta1, beta2, epsilon, rates, roots, done,
    X, y, shares, free, weights, first, second, diverged, outputs, work,
):  # fmt: skip
    """Do what `train_lanes` does, for `hidden` ReLU units and a loss of one output.

    Parameters
    ----------
    hidden, biases : int
        Hidden units; whether there are biases.
    ones : int
        Whether the last of the four inputs is 1 for every sample.
    masked : int
        Whether `free` is 0 anywhere but in padding that is fed with 0.
    loss, optimizer, beta1, beta2, epsilon, rates, roots, done
    X, y, shares, free, weights, first, second, diverged, outputs
        See `train_lanes`; four inputs a sample.
    work : float64
        At least 5 p + n (hidden + 8) LANES numbers, p standing for `weights.shape[1]`.
    """
    n, p = y.shape[1] // LANES, weights.shape[1]
    size = (5 * hidden + biases) * LANES
    w = work.ctypes.data
    proposal, m, v, gradient = w + 8 * p, w + 16 * p, w + 24 * p, w + 32 * p
    inputs = gradient + 8 * p
    labels = inputs + 8 * n * FOUR
    share, values, delta = labels + 8 * n * LANES, labels + 16 * n * LANES, labels + 24 * n * LANES
    active = labels + 32 * n * LANES
    zero, one = broadcast(0.0), broadcast(1.0)
    for block in range(len(weights)):
        row = 8 * block * p
        unfrozen = free.ctypes.data + row
        copy(weights.ctypes.data + row, w, p)
        copy(weights.ctypes.data + row, proposal, p)
        copy(first.ctypes.data + row, m, p)
        copy(second.ctypes.data + row, v, p)
        copy(X.ctypes.data + 8 * block * X.shape[1], inputs, X.shape[1])
        copy(y.ctypes.data + 8 * block * y.shape[1], labels, y.shape[1])
        copy(shares.ctypes.data + 8 * block * y.shape[1], share, y.shape[1])
        lost = load(diverged.ctypes.data, block * LANES)
        _shallow_forward(n, hidden, biases, ones, w, inputs, active, values)
        copy(values, outputs.ctypes.data + 8 * block * outputs.shape[1], n * LANES)
        for step in range(len(rates)):
            if step:
                _shallow_forward(n, hidden, biases, ones, w, inputs, active, values)
            _shallow_gradient(n, hidden, biases, ones, loss, w, inputs, labels, share, active, values, delta, gradient)
            if masked:
                for k in range(0, size, LANES):
                    store(gradient, k, if_positive(load(unfrozen, k), load(gradient, k), zero))
            rule = (optimizer, beta1, beta2, epsilon, rates[step], roots[step])
            total = _shallow_propose(size, rule, w, gradient, m, v, proposal)
            if lane_sum(multiply_add(total, zero, lost)) == 0.0:
                w, proposal = proposal, w
                continue
            finite = if_positive(one - absolute(_shallow_check(size, proposal)), one, zero)
            alive = if_positive(lost, zero, finite)
            for k in range(0, size, LANES):
                store(w, k, if_positive(alive, load(proposal, k), load(w, k)))
            lost = if_positive(lost, lost, if_positive(finite, zero, broadcast(float(done + step + 1))))
        copy(w, weights.ctypes.data + row, p)
        copy(m, first.ctypes.data + row, p)
        copy(v, second.ctypes.data + row, p)
        store(diverged.ctypes.data, block * LANES, lost)
