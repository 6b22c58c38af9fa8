"""Compiled scalar root finding for the secular equation of the smoothest fit."""

import math

from noprune_theory._compile import njit


@njit(cache=True, error_model="numpy")
def secular_root(squares, beta, budget, slack, start):  # type: ignore[no-untyped-def]
    """Return the ridge at which sum_i (beta_i / (1 + squares_i / ridge))^2 = budget.

    inf if the budget holds all of |beta|^2, 0 if it is zero up to `slack`, NaN if it is negative.

    Newton's method on 1/h(mu) = 1/sqrt(budget), h(mu) = |beta / (1 + mu squares)|, mu = 1 / ridge. 1/h is increasing
    and concave (Reinsch 1971; Moré & Sorensen 1983), so the iterates increase to the root from any point left of it,
    and a step from the right of it lands left.

    Parameters
    ----------
    squares : float64, shape (m,)
        Squared singular values, > 0.
    beta : float64, shape (m,)
    budget, slack : float
    start : float
        Guess of the root; inf for none.
    """
    total = 0.0
    for value in beta:
        total += value * value
    if budget >= total:
        return math.inf
    if budget <= slack:
        return 0.0 if budget >= -slack else math.nan
    target = math.sqrt(budget)
    mu = 1.0 / start
    for _ in range(200):
        size, slope = 0.0, 0.0
        for i in range(beta.shape[0]):
            damping = 1.0 / (1.0 + mu * squares[i])
            part = (beta[i] * damping) ** 2
            size += part
            slope += part * squares[i] * damping
        change = (math.sqrt(size) / target - 1.0) * size / slope
        mu = max(mu + change, 0.0)
        if abs(change) <= 1e-15 * mu:
            break
    return 1.0 / mu if mu > 0 else math.inf
