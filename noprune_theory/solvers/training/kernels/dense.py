"""What the dense engine does between its matrix products, each in one pass over memory.

Entry by entry these are the operations of numpy in its order, without fused multiplications: the same bits.
"""

from __future__ import annotations

import math

from noprune_theory._compile import njit


@njit(cache=True, nogil=True)
def relu_slope(active, delta):  # type: ignore[no-untyped-def]
    """Set `delta` to 0 where the activation is not positive; where it is NaN, `delta` stays. Both (units, samples)."""
    for unit in range(len(delta)):
        for sample in range(delta.shape[1]):
            delta[unit, sample] = 0.0 if active[unit, sample] <= 0.0 else delta[unit, sample]


@njit(cache=True, nogil=True, error_model="numpy")
def adam_step(theta, gradient, first, second, beta1, beta2, epsilon, rate, root, new):  # type: ignore[no-untyped-def]
    """Write the weights after a step of Adam to `new`; the moments are updated in place. All (p,); see `updated`."""
    for k in range(len(theta)):
        g = gradient[k]
        m = first[k] * beta1 + (1.0 - beta1) * g
        v = second[k] * beta2 + (1.0 - beta2) * g * g
        first[k], second[k] = m, v
        new[k] = theta[k] - rate * m / (math.sqrt(v) * root + epsilon)
