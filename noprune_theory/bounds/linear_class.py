r"""Classes linear in their weights: f_{m,w} = sum over j in m of w_j phi_j, plus a constant.

Linear models and random features. N_m(w) = Lip(f_{m,w}) is a seminorm on R^m, X_w = mean z (f_w(x) - E_l f_w) is
linear in w and vanishes where N_m does. A maximal eta-separated subset of the unit ball of N_m has at most
(1 + 2/eta)^r points, r = dim of R^m modulo the kernel of N_m, at most |m| (volumes of disjoint balls of the norm
itself); every point of the unit ball is within eta of one, so sup over {N_m <= 1} of X is at most its maximum over the
net divided by 1 - eta. Hence

    P(sup over {N_m <= L} of X >= tau) <= (1 + 2/eta)^|m| exp(-(1 - eta)^2 tau^2 n d / (P L^2)),

P = 8 c for noise as in Theorem 4, and, given noise that is independent of the inputs, P = 2 c v with the constant c of
the moment form of isoperimetry, E exp(t (f - E f)) <= exp(c L^2 t^2 / (2 d)). The mask alone has to be paid for:

    Lip(f^W) >= (1 - eta) tau sqrt(n d / (P (M log(1 + 2/eta) + exponent(delta - delta_1)))).

There is no J, no W, no ball that holds the inputs or the weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory.bounds._arguments import Values, broadcasting, count, margin, number, open_unit, positive, share_of
from noprune_theory.bounds.dependence import Dependence
from noprune_theory.bounds.noise import Noise, joint_threshold, relative_threshold
from noprune_theory.bounds.optimised import OptimisedBound, Split, _check_dependence, _search

# Factor of c L^2 / (n d) in the exponent: for the tail form of isoperimetry, and given independent noise (times v).
TAIL_PROXY = 8.0
MOMENT_PROXY = 2.0


@broadcasting
def linear_class_at_split(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    mask_size: ArrayLike,
    dependence: Dependence,
    noise: Noise,
    centred: bool,
    moment_form: bool,
    split: Split,
) -> Values:
    """Return the law for a class linear in its weights at a given split: valid whatever the split.

    (1 - eta) tau sqrt(n d / (8 c R)), R = M log(1 + 2/eta) + exponent(delta - delta_1); where `moment_form` meets
    independent noise (1 - eta) (tau/sqrt(v)) sqrt(n d / (2 c R)). tau and v as in `noprune_theory.bounds.noise`.
    Proofs: `python -m verification sharp-linear-class sharp-independent-noise`.

    Parameters
    ----------
    n, d, components : array_like
        Samples, input dimension and mixture components k, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, sigma^2].
    delta : array_like
        Failure probability in (0, 1).
    isoperimetry : array_like
        Constant c > 0 of every component; of the moment form if `moment_form`.
    mask_size : array_like
        Largest number M of kept weights, at least 1.
    dependence : Dependence
        Of the mask on the data, in nats.
    noise : Noise
        Its `sigma2` is the noise level of epsilon.
    centred : bool
        Whether E[f | component] = 0 for every function of the class; else the means must lie in [-1, 1].
    moment_form : bool
        Whether c is the constant of the moment form, which noise that is independent of the inputs makes use of.
    split : Split
        `concentration` is the share of delta for the fluctuations of the noise; `rounding` is eta.

    Returns
    -------
    float or ndarray
        Lower bound on Lip(f^W), given MSE(f^W) <= sigma^2 - epsilon, outside an event of probability delta;
        zero where nothing is proved. Of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, an object is not of its class, or a flag is none.
    ValueError
        If one is out of its range (epsilon > sigma^2 included), or shapes do not broadcast.
    """
    _check_dependence(dependence)
    n, d, k = count("n", n), count("d", d), count("components", components)
    epsilon, delta, c = margin("epsilon", epsilon), open_unit("delta", delta), positive("isoperimetry", isoperimetry)
    size = count("mask_size", mask_size)
    share, eta = split.shares
    given_noise = moment_form and noise.is_independent
    threshold = (relative_threshold if given_noise else joint_threshold)(
        noise, n, k, epsilon, share_of(delta, share), centred=centred
    )
    exponent = size * np.log1p(2 / eta) + dependence.exponent(share_of(delta, 1 - share))
    proxy = MOMENT_PROXY if given_noise else TAIL_PROXY
    return number((1 - eta) * threshold * np.sqrt(n * d / proxy) / np.sqrt(c) / np.sqrt(exponent))


@broadcasting
def linear_class_law(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    mask_size: ArrayLike,
    dependence: Dependence,
    noise: Noise | None = None,
    centred: bool = False,
    moment_form: bool = False,
) -> OptimisedBound:
    """Return the law for a class linear in its weights, at a split and a width of the net that make it large.

    Parameters
    ----------
    n, d, components, epsilon, delta, isoperimetry, mask_size, dependence, noise, centred, moment_form
        As in `linear_class_at_split`; `noise` is `Noise()` by default.

    Returns
    -------
    OptimisedBound
        `linear_class_at_split` at the split found, entry by entry; `lipschitz` has the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `linear_class_at_split`.

    Examples
    --------
    >>> from noprune_theory.bounds import MaximalLeakage, Noise, linear_class_law
    >>> found = linear_class_law(
    ...     2200, 5500, 1, 0.9, 0.25, 1.0, mask_size=2750, dependence=MaximalLeakage(0.0),
    ...     noise=Noise(signs=True), centred=True, moment_form=True,
    ... )
    >>> bool(16.7 < found.lipschitz < 16.8)
    True
    """
    known = Noise() if noise is None else noise

    def value(concentration: FloatArray, rounding: FloatArray) -> FloatArray:
        return np.asarray(
            linear_class_at_split(
                n,
                d,
                components,
                epsilon,
                delta,
                isoperimetry,
                mask_size=mask_size,
                dependence=dependence,
                noise=known,
                centred=centred,
                moment_form=moment_form,
                split=Split(concentration, rounding),
            )
        )

    shape = value(np.asarray(0.5), np.asarray(0.5)).shape
    split = Split(*map(number, _search(value, shape, dimensions=2)))
    threshold = joint_threshold(
        known,
        count("n", n),
        count("components", components),
        margin("epsilon", epsilon),
        share_of(open_unit("delta", delta), np.asarray(split.concentration)),
        centred=centred,
    )
    found = value(np.asarray(split.concentration), np.asarray(split.rounding))
    return OptimisedBound(number(found), split, number(threshold))
