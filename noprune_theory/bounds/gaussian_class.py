r"""Linear functions of Gaussian inputs: no inequality at all.

x is N(0, Sigma) with largest eigenvalue c/d, independent of the noise, f = <w, x> with w supported on the mask m,
|m| <= M, Lip = |w|; E f = 0.

*Width.* Given z, sup over {|w| <= L} of X_w = L |mean z_i x_{i,m}| is at most L sqrt(c v / (n d)) chi_M, equal in law
for Sigma = I/d. So a fixed mask fails with probability P(chi_M >= (tau/sqrt(v)) sqrt(n d / c) / L) exactly, and

    Lip(f^W) >= (tau / sqrt(v)) sqrt(n d / c) / q_M(R),   R = exponent(delta - delta_1),

q_M(R) the quantile of the chi distribution with P(chi_M >= q_M) = exp(-R).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_instance
from noprune_theory.bounds._arguments import Values, broadcasting, count, margin, number, open_unit, positive, share_of
from noprune_theory.bounds._chi import chi_upper_quantile
from noprune_theory.bounds.dependence import Dependence
from noprune_theory.bounds.noise import Noise, relative_threshold
from noprune_theory.bounds.optimised import OptimisedBound, Split, _check_dependence, _search

ROUNDING = 1 + 4 * float(np.finfo(np.float64).eps)


def check_independent(noise: Noise) -> None:
    """Refuse noise that may depend on the inputs."""
    check_instance("noise", noise, Noise)
    if not noise.is_independent:
        raise ValueError("noise must be independent of the inputs for this bound, got Noise(independent=False)")


@broadcasting
def gaussian_width_at_split(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike = 1.0,
    *,
    mask_size: ArrayLike,
    dependence: Dependence,
    noise: Noise,
    concentration: ArrayLike,
) -> Values:
    """Return the law for linear functions of Gaussian inputs, at a given share of delta for the noise.

    (tau/sqrt(v)) sqrt(n d / c) / q, P(chi_M >= q) = exp(-exponent(delta - delta_1)), tau and v as in
    `noprune_theory.bounds.noise`. Proof: `python -m verification sharp-gaussian-width`.

    Parameters
    ----------
    n, d : array_like
        Samples and input dimension, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, sigma^2].
    delta : array_like
        Failure probability in (0, 1).
    isoperimetry : array_like
        c = d times the largest eigenvalue of the covariance, > 0.
    mask_size : array_like
        Largest number M of kept weights, at least 0.
    dependence : Dependence
        Of the mask on the data, in nats.
    noise : Noise
        Independent of the inputs.
    concentration : array_like
        Share of delta, in (0, 1), for the fluctuations of the noise.

    Returns
    -------
    float or ndarray
        Lower bound on |w|, given MSE <= sigma^2 - epsilon, outside an event of probability delta; infinite for M = 0,
        where no fit reaches the level. Zero where nothing is proved. Of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, `dependence` lacks a method of `Dependence`, or `noise` no `Noise`.
    ValueError
        If one is out of its range (epsilon > sigma^2 included), the noise may depend on the inputs, or shapes do not
        broadcast.
    """
    _check_dependence(dependence)
    check_independent(noise)
    n, d, delta = count("n", n), count("d", d), open_unit("delta", delta)
    epsilon, c, size = (
        margin("epsilon", epsilon),
        positive("isoperimetry", isoperimetry),
        count("mask_size", mask_size, 0),
    )
    share = open_unit("concentration", concentration)
    threshold = relative_threshold(noise, n, np.ones(()), epsilon, share_of(delta, share), centred=True)
    quantile = chi_upper_quantile(np.asarray(dependence.exponent(share_of(delta, 1 - share))), size) * ROUNDING
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = threshold * np.sqrt(n * d) / np.sqrt(c) / quantile
    return number(np.where(threshold > 0, bound, 0.0))


@broadcasting
def gaussian_width_law(
    n: ArrayLike,
    d: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike = 1.0,
    *,
    mask_size: ArrayLike,
    dependence: Dependence,
    noise: Noise,
) -> OptimisedBound:
    """Return the law for linear functions of Gaussian inputs, at a share of delta for the noise that makes it large.

    Parameters
    ----------
    n, d, epsilon, delta, isoperimetry, mask_size, dependence, noise
        As in `gaussian_width_at_split`.

    Returns
    -------
    OptimisedBound
        `gaussian_width_at_split` at the share found, entry by entry; `lipschitz` has the broadcast shape and
        `split.rounding` is 1/2, which means nothing here.

    Raises
    ------
    TypeError, ValueError
        As `gaussian_width_at_split`.

    Examples
    --------
    >>> from noprune_theory.bounds import MaximalLeakage, Noise, gaussian_width_law
    >>> found = gaussian_width_law(
    ...     2200, 5500, 0.9, 0.25, mask_size=2750, dependence=MaximalLeakage(0.0), noise=Noise(signs=True)
    ... )
    >>> round(float(found.lipschitz), 1)
    45.0
    """

    def value(concentration: FloatArray) -> FloatArray:
        return np.asarray(
            gaussian_width_at_split(
                n,
                d,
                epsilon,
                delta,
                isoperimetry,
                mask_size=mask_size,
                dependence=dependence,
                noise=noise,
                concentration=concentration,
            )
        )

    share, found = best_share(value, noise)
    return OptimisedBound(number(found), Split(number(share), 0.5), number(_threshold(n, epsilon, delta, share, noise)))


def best_share(value: Callable[[FloatArray], FloatArray], noise: Noise) -> tuple[FloatArray, FloatArray]:
    """Return the share of delta for the noise, next to nothing for fair signs (which are still), and the value."""
    if noise.signs:
        found = value(np.asarray(1e-15))
        return np.full(found.shape, 1e-15), found
    (share,) = _search(value, value(np.asarray(0.5)).shape, dimensions=1)
    return share, value(share)


def _threshold(n: ArrayLike, epsilon: ArrayLike, delta: ArrayLike, share: FloatArray, noise: Noise) -> FloatArray:
    return relative_threshold(
        noise,
        count("n", n),
        np.ones(()),
        margin("epsilon", epsilon),
        share_of(open_unit("delta", delta), share),
        centred=True,
    )
