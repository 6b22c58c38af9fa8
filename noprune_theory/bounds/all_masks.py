r"""Linear functions of Gaussian inputs, all masks of a size at once: no union over masks, nothing to know about them.

x is N(0, Sigma) with largest eigenvalue c/d and p coordinates, independent of the noise; f = <w, x> with at most k
nonzero weights, chosen by anybody who has seen everything. For h in R^p let |h|_k be the root of the sum of its k
largest squares, the dual of the k-support norm (Argyriou, Foygel, Srebro 2012): sup over {|w| <= L, w k-sparse} of
<h, w> is L |h|_k, whatever the masks. So in the arguments of `noprune_theory.bounds.gaussian_class` and `gordon` the
chi variable of one mask becomes |h|_k, h standard normal in R^p. For the width

    Lip >= (tau / sqrt(v)) sqrt(n d / c) / q,   P(|h|_k >= q) <= delta - delta_1

(for Sigma = I/d; otherwise the supremum has a smaller mean by the comparison of Sudakov and Fernique, and is as
Lipschitz in h), and in Gordon's comparison r = |h_m| becomes r = |h|_k. A union over masks would pay log C(p, k).

*The tail of |h|_k.* It is a 1-Lipschitz function of h. For any t, |h|_k^2 <= k t^2 + sum_j (h_j^2 - t^2)_+, so

    (E |h|_k)^2 <= k t^2 + p E (g^2 - t^2)_+ = k E[g^2 | |g| > t]   at P(|g| > t) = k / p,

and P(|h|_k >= mu + u) <= exp(-u^2/2) with mu the root of the right-hand side, by Gaussian concentration. As n, d, p, k
grow in proportion mu / |h|_k tends to one: nothing is lost in the limit but what a maximum over masks brings.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri_exp

from noprune_theory._types import FloatArray
from noprune_theory.bounds._arguments import (
    Values,
    broadcasting,
    count,
    first,
    margin,
    number,
    open_unit,
    positive,
    share_of,
)
from noprune_theory.bounds.gaussian_class import ROUNDING, best_share, check_independent
from noprune_theory.bounds.gordon import gordon_from_radius
from noprune_theory.bounds.noise import Noise, relative_threshold
from noprune_theory.bounds.optimised import OptimisedBound, Split


def top_norm_mean(size: FloatArray, n_weights: FloatArray) -> FloatArray:
    """Return mu >= E |h|_k: sqrt(k (1 + t phi(t) / Q(t))), P(|g| > t) = 2 Q(t) = k / p; sqrt(p) for k = p."""
    size, n_weights = np.broadcast_arrays(np.asarray(size, dtype=np.float64), np.asarray(n_weights, dtype=np.float64))
    inner = (size > 0) & (size < n_weights)
    share = np.where(inner, size / n_weights, 0.5)
    t = -ndtri_exp(np.log(share / 2))
    density = np.exp(-0.5 * t**2) / math.sqrt(2 * math.pi)
    selected = size * (1 + 2 * t * density / share)
    return np.asarray(np.sqrt(np.where(inner, selected, size)))


class TopNormRadius:
    """A radius larger in law than |h|_k: mu plus a Rayleigh variable; the parameter is mu."""

    @staticmethod
    def quantile(exponent: FloatArray, parameter: FloatArray) -> FloatArray:
        """Return mu + sqrt(2 exponent)."""
        return np.asarray(parameter + np.sqrt(2 * exponent))

    @staticmethod
    def support(span: FloatArray, parameter: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mu and mu + span."""
        return parameter, parameter + span

    @staticmethod
    def log_density(r: FloatArray, parameter: FloatArray) -> FloatArray:
        """Return log u - u^2/2 at u = r - mu."""
        u = r - parameter
        return np.asarray(np.log(np.maximum(u, np.finfo(np.float64).tiny)) - 0.5 * u**2)


def _sizes(mask_size: ArrayLike, n_weights: ArrayLike) -> tuple[FloatArray, FloatArray]:
    size, p = np.broadcast_arrays(count("mask_size", mask_size, 0), count("n_weights", n_weights))
    beyond = size > p
    if beyond.any():
        given = f"mask_size = {first(size, beyond):g} and n_weights = {first(p, beyond):g}"
        raise ValueError(f"mask_size must be at most n_weights, got {given}")
    return size, p


@broadcasting
def all_masks_width_law(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike = 1.0,
    *,
    mask_size: ArrayLike,
    n_weights: ArrayLike,
    noise: Noise,
) -> OptimisedBound:
    """Return the law for linear functions of Gaussian inputs that holds for all masks at once, by the Gaussian width.

    (tau/sqrt(v)) sqrt(n d / c) / q, q = mu + sqrt(2 log(1/(delta - delta_1))), mu >= E |h|_k as at the head of this
    module. Proof: `python -m verification sharp-all-masks`.

    Parameters
    ----------
    n, d, epsilon, delta, isoperimetry
        As in `gaussian_width_at_split`.
    mask_size : array_like
        Largest number k of kept weights, from 0 to p.
    n_weights : array_like
        Number p of weights that they are chosen from, at least 1.
    noise
        As in `gaussian_width_at_split`.

    Returns
    -------
    OptimisedBound
        Lower bound on |w| for every w with at most k nonzero weights and MSE <= sigma^2 - epsilon, outside an event of
        probability delta. `lipschitz` has the broadcast shape; it is infinite for k = 0 where a fit needs weights.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `noise` is no `Noise`.
    ValueError
        If one is out of its range (epsilon > sigma^2 or k > p included), the noise may depend on the inputs, or shapes
        do not broadcast.

    Examples
    --------
    >>> from noprune_theory.bounds import Noise, all_masks_width_law
    >>> found = all_masks_width_law(
    ...     2200, 5500, 0.9, 0.25, mask_size=2750, n_weights=5500, noise=Noise(signs=True)
    ... )
    >>> round(float(found.lipschitz), 1)
    32.5
    """
    check_independent(noise)
    n, d, delta = count("n", n), count("d", d), open_unit("delta", delta)
    epsilon, c = margin("epsilon", epsilon), positive("isoperimetry", isoperimetry)
    size, p = _sizes(mask_size, n_weights)

    def threshold(share: FloatArray) -> FloatArray:
        return relative_threshold(noise, n, np.ones(()), epsilon, share_of(delta, share), centred=True)

    def value(share: FloatArray) -> FloatArray:
        radius = top_norm_mean(size, p) + np.sqrt(-2 * np.log(share_of(delta, 1 - share)))
        reached = threshold(share) * np.sqrt(n * d) / np.sqrt(c) / (radius * ROUNDING)
        return np.asarray(np.where(size > 0, reached, np.where(threshold(share) > 0, math.inf, 0.0)))

    share, found = best_share(value, noise)
    return OptimisedBound(number(found), Split(number(share), 0.5), number(threshold(share)))


@broadcasting
def all_masks_gordon_law(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    *,
    mask_size: ArrayLike,
    n_weights: ArrayLike,
    noise: Noise,
) -> Values:
    """Return the law for linear functions of inputs N(0, I/d), y = z, for all masks at once, by Gordon's comparison.

    Proof: `python -m verification sharp-all-masks`.

    Parameters
    ----------
    n, d, epsilon, delta
        As in `gordon_law`.
    mask_size, n_weights
        As in `all_masks_width_law`.
    noise
        As in `gordon_law`.

    Returns
    -------
    float or ndarray
        Lower bound on |w| for every w with at most k nonzero weights and MSE <= sigma^2 - epsilon, outside an event of
        probability delta; infinite where none reaches the level. Of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `all_masks_width_law`.

    Examples
    --------
    >>> from noprune_theory.bounds import Noise, all_masks_gordon_law
    >>> signs = Noise(signs=True)
    >>> round(float(all_masks_gordon_law(2200, 5500, 0.9, 0.25, mask_size=2750, n_weights=5500, noise=signs)), 1)
    37.9
    """
    size, p = _sizes(mask_size, n_weights)
    return gordon_from_radius(
        n,
        d,
        epsilon,
        delta,
        noise,
        lambda left: -np.log(np.asarray(left)),
        TopNormRadius,
        top_norm_mean(size, p),
        empty=size == 0,
    )
