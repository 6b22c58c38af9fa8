"""What both compiled loops do to a vector of numbers: activations, derivatives of losses, steps of optimizers."""

from __future__ import annotations

from noprune_theory._compile import njit
from noprune_theory.solvers.training.kernels._vectors import (
    absolute,
    broadcast,
    if_positive,
    load,
    multiply_add,
    positive_part,
    power_of_two,
    square_root,
    store,
)

MSE, BINARY_CROSS_ENTROPY, CROSS_ENTROPY = 0, 1, 2
GRADIENT_DESCENT, ADAM = 0, 1


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
    if tanh:
        zero = broadcast(0.0)
        t = exponential_minus_one(broadcast(-2.0) * absolute(pre))
        size = (zero - t) / (t + broadcast(2.0))
        return if_positive(pre, size, zero - size)
    return positive_part(pre)


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
