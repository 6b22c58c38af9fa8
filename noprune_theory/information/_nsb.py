"""The estimator of Nemenman, Shafee & Bialek (2002): Dirichlet priors, averaged so that the entropy is nearly flat.

For a symmetric Dirichlet prior of concentration beta over K classes the prior mean of the entropy is
xi(beta) = psi(K beta + 1) - psi(beta + 1). NSB puts the density d xi / d beta on beta and averages the posterior mean
(and second moment) of the entropy, which are closed forms (Wolpert & Wolf 1995), over the posterior of beta.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln, polygamma, psi

from noprune_theory._types import FloatArray

# Posterior weights below exp(-40) of the largest do not reach the sixteenth digit of the averages.
_LOG_WEIGHT_RANGE = 40.0
# The trapezoidal rule converges geometrically for an analytic weight that vanishes at both ends.
_NODES = 257
# Beyond this argument three terms of Stirling's series leave an error below 1e-17.
_ASYMPTOTIC = 100.0


def _prior_density(beta: FloatArray, classes: float) -> FloatArray:
    """Return d xi / d beta = K psi'(K beta + 1) - psi'(beta + 1)."""
    far = beta > _ASYMPTOTIC
    near = np.where(far, 1.0, beta)
    exact = classes * polygamma(1, classes * near + 1) - polygamma(1, near + 1)
    # The leading 1/beta of the two terms cancels; psi'(x + 1) = 1/x - 1/(2x^2) + 1/(6x^3) - 1/(30x^5) + ...
    x = np.where(far, beta, 1.0)
    tail = (1 - 1 / classes) / (2 * x**2) - (1 - classes**-2.0) / (6 * x**3) + (1 - classes**-4.0) / (30 * x**5)
    return np.where(far, tail, exact)


def _log_rising(start: FloatArray, steps: FloatArray) -> FloatArray:
    """Return log( Gamma(start + steps) / (Gamma(start) start^steps) ) = sum_{j < steps} log(1 + j / start)."""
    far = start > _ASYMPTOTIC
    near = np.where(far, 1.0, start)
    exact = gammaln(near + steps) - gammaln(near) - steps * np.log(near)
    x = np.where(far, start, 1.0)
    stirling = (x + steps - 0.5) * np.log1p(steps / x) - steps + _stirling_tail(x + steps) - _stirling_tail(x)
    return np.where(far, stirling, exact)


def _stirling_tail(x: FloatArray) -> FloatArray:
    """Return the part of log Gamma(x) that vanishes as x grows."""
    r = 1 / x
    return r * (1 / 12 - r**2 * (1 / 360 - r**2 / 1260))


def _log_weight(log_beta: FloatArray, counts: FloatArray, multiplicities: FloatArray, classes: float) -> FloatArray:
    """Log posterior density of log(beta), up to a constant; beta runs along the first axis."""
    beta = np.exp(log_beta)
    n = float(counts @ multiplicities)
    # The powers of beta in the two rising factorials cancel up to the constant K^-n.
    evidence = _log_rising(beta[:, None], counts) @ multiplicities - _log_rising(classes * beta, np.array(n))
    result: FloatArray = np.log(_prior_density(beta, classes)) + log_beta + evidence
    return result


def _moments(
    beta: FloatArray, counts: FloatArray, multiplicities: FloatArray, classes: float
) -> tuple[FloatArray, FloatArray]:
    """Posterior mean and variance of the entropy for each beta (Wolpert & Wolf 1995)."""
    counts = np.append(counts, 0.0)
    multiplicities = np.append(multiplicities, classes - multiplicities.sum())
    a = counts + beta[:, None]
    total = (a @ multiplicities)[:, None]
    mean = psi(total[:, 0] + 1) - (a / total * psi(a + 1)) @ multiplicities
    # Moments of S - mean instead of S, by adding the mean to each log p: nothing cancels in the variance.
    single = psi(a + 1) - psi(total + 2) + mean[:, None]
    double = psi(a + 2) - psi(total + 2) + mean[:, None]
    last = polygamma(1, total + 2)
    cross = ((a * single) @ multiplicities) ** 2 - (a * single) ** 2 @ multiplicities
    cross = cross - (total[:, 0] ** 2 - a**2 @ multiplicities) * last[:, 0]
    diagonal = (a * (a + 1) * (double**2 + polygamma(1, a + 2) - last)) @ multiplicities
    return mean, (cross + diagonal) / (total * (total + 1))[:, 0]


def nsb(counts: FloatArray, multiplicities: FloatArray, classes: float) -> tuple[float, float]:
    """Return the posterior mean and standard deviation of the entropy in nats.

    Parameters
    ----------
    counts : array, shape (m,)
        The distinct positive counts.
    multiplicities : array, shape (m,)
        How many classes have each count.
    classes : float
        Number K of classes, seen or not; at least the number seen, at most 1e200.
    """
    if classes == 1:
        return 0.0, 0.0
    n = float(counts @ multiplicities)

    def negative(log_beta: float) -> float:
        return -float(_log_weight(np.array([log_beta]), counts, multiplicities, classes)[0])

    # beta ~ 1/K .. 1 matters for few classes seen; without coincidences the posterior reaches up to beta ~ n^2.
    coarse = np.linspace(-np.log(classes) - 50.0, 2 * np.log(n + 1) + 50.0, 400)
    weights = _log_weight(coarse, counts, multiplicities, classes)
    top = int(weights[1:-1].argmax()) + 1
    mode = float(minimize_scalar(negative, bounds=(coarse[top - 1], coarse[top + 1]), method="bounded").x)
    level = negative(mode) + _LOG_WEIGHT_RANGE
    low = brentq(lambda t: negative(t) - level, coarse[0], mode)
    high = brentq(lambda t: negative(t) - level, mode, coarse[-1])
    nodes = np.linspace(low, high, _NODES)
    weights = _log_weight(nodes, counts, multiplicities, classes)
    weights = np.exp(weights - weights.max())
    weights /= weights.sum()
    mean, variance = _moments(np.exp(nodes), counts, multiplicities, classes)
    average = float(weights @ mean)
    return average, float(np.sqrt(weights @ (variance + (mean - average) ** 2)))
