"""The estimator of Nemenman, Shafee & Bialek (2002): Dirichlet priors, averaged so that the entropy is nearly flat.

For a symmetric Dirichlet prior of concentration beta over K classes the prior mean of the entropy is
xi(beta) = psi(K beta + 1) - psi(beta + 1). NSB puts the density d xi / d beta on beta and averages the posterior mean
(and second moment) of the entropy, which are closed forms (Wolpert & Wolf 1995), over the posterior of beta.

The closed forms are differences of large numbers. They are rearranged here into sums of terms that share a sign, with
c the count of a class, a = c + beta, A = n + K beta:

* The evidence is exp(-n kl(c/n || a/A) - K beta kl(1/K || a/A)) up to Stirling's remainders.
* The mean is the entropy of the frequencies c/n plus what beta adds to it.
* The variance is (sum a (z - mean z)^2 + sum rho(a) - rho(A)) / (A (A + 1)), with z = psi(a + 1), its mean weighted by
  a/A, and rho(x) = x (x + 1) psi'(x + 1) - x, which increases from 0 to 1/2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import polygamma, psi

from noprune_theory._types import FloatArray
from noprune_theory.information._arithmetic import divergence_terms, log_remainder
from noprune_theory.information._special import log_ratio, psi_minus_log, stirling_rest, trigamma_rest

# Posterior weights below exp(-40) of the largest do not reach the sixteenth digit of the averages.
_LOG_WEIGHT_RANGE = 40.0
# The mode and the ends are sought on grids of so many points, each between two points of the one before; many points
# at once cost hardly more than one. The mode is refined so often, and the ends until they are known to this share of
# their distance from it, at most so often.
_POINTS, _REFINEMENTS, _END_ACCURACY, _PASSES = 33, 3, 1e-2, 12
# The trapezoidal rule converges geometrically for an analytic weight that vanishes at both ends.
_NODES = 257
# Beyond this argument three terms of Stirling's series leave an error below 1e-17.
_ASYMPTOTIC = 100.0


@dataclass(frozen=True)
class Sample:
    """A sample as `nsb` sees it; every difference of counts is exact up to its own rounding.

    Attributes
    ----------
    counts, multiplicities : array, shape (m,)
        The distinct positive counts, and how many classes have each.
    n : float
        Size of the sample.
    classes : float
        Number K of classes, seen or not.
    unseen : float
        Number of classes not seen.
    excess : array, shape (m,)
        K c - n.
    logs : array, shape (m,)
        log(c / r), r the count of the class that holds most samples.
    reference : int
        Index of r.
    steps : array, shape (m,)
        c - r.
    entropy : float
        -sum (c/n) log(c/n).
    """

    counts: FloatArray
    multiplicities: FloatArray
    n: float
    classes: float
    unseen: float
    excess: FloatArray
    logs: FloatArray
    reference: int
    steps: FloatArray
    entropy: float


def _prior_density(beta: FloatArray, classes: float) -> FloatArray:
    """Return d xi / d beta = K psi'(K beta + 1) - psi'(beta + 1)."""
    far = beta > _ASYMPTOTIC
    near = np.where(far, 1.0, beta)
    exact = classes * polygamma(1, classes * near + 1) - polygamma(1, near + 1)
    # The leading 1/beta of the two terms cancels; psi'(x + 1) = 1/x - 1/(2x^2) + 1/(6x^3) - 1/(30x^5) + ...
    r = 1.0 / np.where(far, beta, 1.0)
    tail = r * r * ((1 - 1 / classes) / 2 - r * ((1 - classes**-2.0) / 6 - r * r * (1 - classes**-4.0) / 30))
    return np.where(far, tail, exact)


def _log_evidence(beta: FloatArray, sample: Sample) -> FloatArray:
    """Return the log evidence of each beta, up to a constant."""
    b, c, k = beta[:, None], sample.counts, sample.classes
    total = sample.n + k * beta
    # a/A over c/n and over 1/K, each less one.
    over_frequency = -(b * sample.excess) / (c * total[:, None])
    over_uniform = sample.excess / total[:, None]
    moved = c * _log_remainder_of(over_frequency, (c + b) / c * (sample.n / total[:, None]))
    moved += b * _log_remainder_of(over_uniform, (c + b) / total[:, None] * k)
    unseen = sample.unseen * beta / total
    if sample.unseen > 0:
        # An unseen class has a/A = beta/A: n/A below 1/K, relatively.
        to_unseen = _log_remainder_of(-sample.n / total, k * beta / total)
        spread = sample.n * unseen + sample.unseen * beta * to_unseen
    else:
        spread = np.zeros_like(beta)
    stirling = (stirling_rest(c + b) - stirling_rest(b)) @ sample.multiplicities
    result: FloatArray = (
        stirling - stirling_rest(total) + stirling_rest(k * beta) - moved @ sample.multiplicities - spread
    )
    return result


def _log_remainder_of(u: FloatArray, one_more: FloatArray) -> FloatArray:
    """Return u - log(1 + u), given both u and 1 + u: either may be the accurate one."""
    near = np.abs(u) < 0.5
    return np.where(near, log_remainder(np.where(near, u, 0.0)), u - np.log(np.where(near, 1.0, one_more)))


def _moments(beta: FloatArray, sample: Sample) -> tuple[FloatArray, FloatArray]:
    """Return for each beta the posterior mean of the entropy, less `sample.entropy`, and its variance."""
    b, c, k, n = beta[:, None], sample.counts, sample.classes, sample.n
    total = n + k * beta
    a, share = c + b, sample.multiplicities * c / n
    change = -(b * sample.excess) / (c * total[:, None])  # of a/A against c/n, relative
    # The entropy of a/A less that of c/n, on the classes seen; the sum of their changes is what the unseen take.
    taken = sample.unseen * beta / total
    reference = math.log(n) - math.log(c[sample.reference])
    seen = -(share * (change * sample.logs + divergence_terms(change))).sum(axis=1)
    # From logarithms to psi, which is what Wolpert and Wolf's means are made of.
    beyond = (share * (1.0 + change) * (psi_minus_log(total)[:, None] - psi_minus_log(a))).sum(axis=1)
    mean = seen + beyond + taken * (psi(total + 1) - psi(b[:, 0] + 1) - reference + 1.0)
    # psi(a + 1) less that of the reference class.
    anchor = a[:, sample.reference]
    z = log_ratio(a, anchor[:, None], sample.steps) + psi_minus_log(a) - psi_minus_log(anchor)[:, None]
    z_unseen = psi(b[:, 0] + 1) - psi(anchor + 1)
    weights = sample.multiplicities * a
    center = ((weights * z).sum(axis=1) + sample.unseen * beta * z_unseen) / total
    squares = (weights * (z - center[:, None]) ** 2).sum(axis=1) + sample.unseen * beta * (z_unseen - center) ** 2
    return mean, (squares + _rest_of_variance(a, beta, total, sample)) / total / (total + 1)


def _rest_of_variance(a: FloatArray, beta: FloatArray, total: FloatArray, sample: Sample) -> FloatArray:
    """Return sum rho(a) - rho(A) >= 0: each rho is a half, or none, and a remainder."""
    parts = [
        (*trigamma_rest(a), sample.multiplicities),
        (*trigamma_rest(beta[:, None]), np.array([sample.unseen])),
        (*trigamma_rest(total[:, None]), np.array([-1.0])),
    ]
    halves = sum(large @ weights for _, large, weights in parts)
    return np.asarray(halves / 2 + sum(rest @ weights for rest, _, weights in parts), dtype=np.float64)


def _outermost(log_weight: Callable[[FloatArray], FloatArray], level: float, outside: float, mode: float) -> float:
    """Return the place between `outside` and the mode at which the log weight passes `level`, or a little beyond."""
    inside = mode
    for _ in range(_PASSES):
        points = np.linspace(outside, inside, _POINTS)
        first = int((log_weight(points) >= level).argmax())
        outside, inside = float(points[max(first - 1, 0)]), float(points[max(first, 1)])
        if abs(inside - outside) <= _END_ACCURACY * abs(mode - outside):
            break
    return outside


def nsb(sample: Sample) -> tuple[float, float]:
    """Return the posterior mean and standard deviation of the entropy in nats."""
    if sample.classes == 1:
        return 0.0, 0.0

    def log_weight(log_beta: FloatArray) -> FloatArray:
        """Log posterior density of log(beta), up to a constant."""
        beta = np.exp(log_beta)
        density = np.log(_prior_density(beta, sample.classes))
        return np.asarray(density + log_beta + _log_evidence(beta, sample), dtype=np.float64)

    # beta ~ 1/K .. 1 matters for few classes seen; without coincidences the posterior reaches up to beta ~ n^2.
    coarse = np.linspace(-np.log(sample.classes) - 50.0, 2 * np.log(sample.n + 1) + 50.0, 400)
    levels = log_weight(coarse)
    top = int(levels[1:-1].argmax()) + 1
    # The mode and the ends only say where to integrate: they need not be accurate.
    left, right = coarse[top - 1], coarse[top + 1]
    for _ in range(_REFINEMENTS):
        points = np.linspace(left, right, _POINTS)
        values = log_weight(points)
        best = int(values.argmax())
        left, mode, right = points[max(best - 1, 0)], points[best], points[min(best + 1, _POINTS - 1)]
    level = float(values[best]) - _LOG_WEIGHT_RANGE
    below = np.flatnonzero(levels < level)
    low = _outermost(log_weight, level, coarse[below[below < top].max(initial=0)], mode)
    high = _outermost(log_weight, level, coarse[below[below > top].min(initial=len(coarse) - 1)], mode)
    nodes = np.linspace(low, high, _NODES)
    weights = log_weight(nodes)
    weights = np.exp(weights - weights.max())
    weights /= weights.sum()
    mean, variance = _moments(np.exp(nodes), sample)
    average = float(weights @ mean)
    return sample.entropy + average, float(np.sqrt(weights @ (variance + (mean - average) ** 2)))
