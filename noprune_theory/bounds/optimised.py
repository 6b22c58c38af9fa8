r"""Theorem 4 and Lemma 6 with epsilon and delta split as well as they can be, for any measure of dependence.

The hypotheses are those of `noprune_theory.bounds.continuous_class`, with J on a ball that holds the inputs with
probability 1 - P(max_i |x_i| > R): that probability is to be added to delta. Two things are new against Theorem 4.

*The net stays inside the mask.* At a fixed mask m let E_m be the event that some point of the net of
{w in W_m : Lip(f_{m,w}) <= L} correlates with the noise by tau. A union gives
P(E_m) <= exp(M log(1 + W J / eta) - tau^2 n d / (8 c L^2)) for at most M kept weights. The event that matters is
E_{m^W}, which depends on the learner through the mask alone: the dependence of m^W on the data is paid for, with its
1/delta if it is mutual information, and that of the weights is not.

*The split is free.* Any share of delta for the concentration event (which asks for
t = sqrt((17/2)(k log 2 + log(1/delta_1)) / n)) and any rounding eta (which loses rho = 2 eta sqrt(1 - epsilon) + eta^2)
leave tau = (epsilon - t - rho)/2 and give

    Lip(f^W) >= tau sqrt(n d / (8 c R)),   R = M log(1 + W J / eta) + exponent(delta - delta_1).

The bound holds at every split: the search below is for a large value and needs no trust.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_instance
from noprune_theory.bounds._arguments import (
    ByValue,
    Values,
    broadcasting,
    count,
    divisible,
    log1p_product,
    margin,
    nonnegative,
    number,
    open_unit,
    positive,
    share_of,
)
from noprune_theory.bounds.constants import Constants
from noprune_theory.bounds.dependence import Dependence
from noprune_theory.bounds.finite_class import CONCENTRATION_RATE, sign_union
from noprune_theory.bounds.subgaussian import average_proxy, tail_exponent

# The search looks at this many points an axis, then zooms in on the best one this many times.
_POINTS = 25
_ZOOMS = 6


@dataclass(frozen=True, eq=False, repr=False)
class Split(ByValue):
    """How epsilon and delta are spent.

    Attributes
    ----------
    concentration : float or ndarray
        Share of delta, in (0, 1), for the concentration event; the rest is for the correlation with the noise.
    rounding : float or ndarray
        Share of epsilon, in (0, 1), lost to the rounding of the weights.
    """

    concentration: float | FloatArray
    rounding: float | FloatArray

    def __post_init__(self) -> None:
        open_unit("concentration", self.concentration)
        open_unit("rounding", self.rounding)

    @property
    def shares(self) -> tuple[FloatArray, FloatArray]:
        """Both shares as arrays."""
        return open_unit("concentration", self.concentration), open_unit("rounding", self.rounding)


@dataclass(frozen=True, eq=False, repr=False)
class OptimisedBound(ByValue):
    """A lower bound on the Lipschitz constant and the split that proves it.

    Attributes
    ----------
    lipschitz : float or ndarray
        The bound; zero where no split proves anything.
    split : Split
    threshold : float or ndarray
        tau, what is left of epsilon for the correlation with the noise (epsilon/2 at best).
    """

    lipschitz: Values
    split: Split
    threshold: Values


def _threshold(
    n: FloatArray, components: FloatArray, epsilon: FloatArray, concentration_delta: FloatArray, rounding: FloatArray
) -> FloatArray:
    spent = (components * np.log(2) - np.log(concentration_delta)) / (CONCENTRATION_RATE * n)
    result: FloatArray = np.maximum(epsilon * (1 - rounding) - np.sqrt(spent), 0.0) / 2
    return result


def _log_net(
    diameter: FloatArray, parameter_lipschitz: FloatArray, epsilon: FloatArray, rounding: FloatArray
) -> FloatArray:
    """log(1 + W J / eta) per weight, eta the positive root of 2 eta sqrt(1 - epsilon) + eta^2 = rho."""
    rho = epsilon * rounding
    eta = share_of(rho, 1 / (np.sqrt(1 - epsilon + rho) + np.sqrt(1 - epsilon)))
    return log1p_product(1.0, diameter, parameter_lipschitz, eta)


def _check_dependence(dependence: Dependence) -> None:
    check_instance("dependence", dependence, Dependence, ("exponent", "probability"))


@broadcasting
def theorem_4_at_split(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    mask_size: ArrayLike,
    diameter: ArrayLike,
    parameter_lipschitz: ArrayLike,
    dependence: Dependence,
    split: Split,
) -> Values:
    """Theorem 4 at a given split of epsilon and delta: a valid bound whatever the split, zero if nothing is left.

    tau sqrt(n d / (8 c R)), R = M log(1 + W J/eta) + exponent(delta - delta_1), with t, rho and
    tau = (epsilon - t - rho)/2 of this module's head.

    Parameters
    ----------
    n, d, components : array_like
        Samples, input dimension and mixture components k, at least 1.
    epsilon : array_like
        Margin below sigma^2, in (0, 1].
    delta : array_like
        Failure probability in (0, 1).
    isoperimetry : array_like
        Isoperimetry constant c > 0 of every component.
    mask_size : array_like
        Largest number M of kept weights, at least 0.
    diameter, parameter_lipschitz : array_like
        W and J of Theorem 4, both >= 0.
    dependence : Dependence
        Of the mask on the data, in nats, such as ``MutualInformation(nats)``.
    split : Split

    Returns
    -------
    float or ndarray
        Lower bound on Lip(f^W), given MSE(f^W) <= sigma^2 - epsilon, outside an event of probability delta;
        of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, `dependence` lacks a method of `Dependence`, or `split` no `Split`.
    ValueError
        If one is out of its range, delta < 1e-300 (it is split), or shapes do not broadcast.
    """
    _check_dependence(dependence)
    check_instance("split", split, Split)
    n, d, k = count("n", n), count("d", d), count("components", components)
    epsilon, delta, c = margin("epsilon", epsilon), divisible("delta", delta), positive("isoperimetry", isoperimetry)
    size = count("mask_size", mask_size, minimum=0)
    reach = nonnegative("diameter", diameter), nonnegative("parameter_lipschitz", parameter_lipschitz)
    share, rounding = split.shares
    threshold = _threshold(n, k, epsilon, share * delta, rounding)
    exponent = size * _log_net(*reach, epsilon, rounding) + dependence.exponent((1 - share) * delta)
    return number(threshold * np.sqrt(n * d / Constants.SHARP.proxy) / np.sqrt(c) / np.sqrt(exponent))


def _zoom(grid: FloatArray, best: NDArray[np.intp]) -> FloatArray:
    """Grids along the first axis, of the same length, between the neighbours of their best points."""
    last = grid.shape[0] - 1
    lower = np.take_along_axis(grid, np.maximum(best - 1, 0)[None], axis=0)
    upper = np.take_along_axis(grid, np.minimum(best + 1, last)[None], axis=0)
    result: FloatArray = lower + (upper - lower) * np.linspace(0, 1, grid.shape[0]).reshape(-1, *[1] * best.ndim)
    return result


def _search(value: Callable[..., FloatArray], shape: tuple[int, ...], dimensions: int) -> list[FloatArray]:
    """Maximise value(share, ...) of `dimensions` shares in (0, 1), entry by entry, by a grid that zooms in.

    `value` takes shares of shape (points, 1, *shape), (1, points, *shape) and so on, and returns their broadcast shape.
    """
    logits: list[FloatArray] = [
        np.broadcast_to(np.linspace(-30.0, 10.0, _POINTS).reshape(-1, *[1] * len(shape)), (_POINTS, *shape))
    ] * dimensions
    for _ in range(_ZOOMS):
        shares = [
            np.expand_dims(1 / (1 + np.exp(-grid)), tuple(other for other in range(dimensions) if other != axis))
            for axis, grid in enumerate(logits)
        ]
        table = value(*shares).reshape(-1, *shape)
        best = np.unravel_index(np.argmax(table, axis=0), (_POINTS,) * dimensions)
        found = [np.take_along_axis(grid, index[None], axis=0)[0] for grid, index in zip(logits, best, strict=True)]
        logits = [_zoom(grid, index) for grid, index in zip(logits, best, strict=True)]
    return [1 / (1 + np.exp(-logit)) for logit in found]


@broadcasting
def theorem_4_optimised(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    mask_size: ArrayLike,
    diameter: ArrayLike,
    parameter_lipschitz: ArrayLike,
    dependence: Dependence,
) -> OptimisedBound:
    """Theorem 4 at a split of epsilon and delta that makes the bound large.

    There is no condition on the number of components: where no split proves anything the bound is zero.

    Parameters
    ----------
    n, d, components, epsilon, delta, isoperimetry, mask_size, diameter, parameter_lipschitz, dependence
        As in `theorem_4_at_split`.

    Returns
    -------
    OptimisedBound
        `theorem_4_at_split` at the split found, entry by entry; its fields have the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `theorem_4_at_split`.

    Examples
    --------
    >>> from noprune_theory.bounds import MaximalLeakage, theorem_4_optimised
    >>> found = theorem_4_optimised(
    ...     4000, 400, 1, 0.1, 0.05, 1.0,
    ...     mask_size=400, diameter=6.0, parameter_lipschitz=1.0, dependence=MaximalLeakage(0.0),
    ... )
    >>> bool(found.lipschitz > 0)
    True
    """
    arguments = (n, d, components, epsilon, delta, isoperimetry)
    options: dict[str, Any] = {
        "mask_size": mask_size,
        "diameter": diameter,
        "parameter_lipschitz": parameter_lipschitz,
        "dependence": dependence,
    }

    def value(concentration: FloatArray, rounding: FloatArray) -> FloatArray:
        return np.asarray(theorem_4_at_split(*arguments, **options, split=Split(concentration, rounding)))

    shape = np.shape(theorem_4_at_split(*arguments, **options, split=Split(0.5, 0.5)))
    split = Split(*map(number, _search(value, shape, dimensions=2)))
    threshold = _threshold(
        count("n", n),
        count("components", components),
        margin("epsilon", epsilon),
        split.concentration * divisible("delta", delta),
        np.asarray(split.rounding),
    )
    return OptimisedBound(theorem_4_at_split(*arguments, **options, split=split), split, number(threshold))


@broadcasting
def lemma_6_at_threshold(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    lipschitz: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    dependence: Dependence,
    threshold: ArrayLike,
) -> Values:
    """Lemma 6 with any threshold for the correlation with the noise; valid whatever the threshold.

    2^k exp(-(2/17) n (epsilon - 2 tau)^2) + P_dependence(tau^2 n d / (8 c L^2)), tau = threshold epsilon: the
    concentration of `noprune_theory.bounds.finite_class` and the `probability` of `dependence`.

    Parameters
    ----------
    n, d, components, epsilon, lipschitz, isoperimetry : array_like
        As in `noprune_theory.bounds.lemma_6`.
    dependence : Dependence
        Of the learner's output on {X_t}, in nats.
    threshold : array_like
        As a share of epsilon, in (0, 1); the bound is one from 1/2 on.

    Returns
    -------
    float or ndarray
        Bound on P(MSE(f^W) <= sigma^2 - epsilon) in [0, 1], of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `dependence` lacks a method of `Dependence`.
    ValueError
        If one is out of its range, shapes do not broadcast, or `average_proxy` is beyond the range of doubles.
    """
    _check_dependence(dependence)
    n, epsilon, k = count("n", n), margin("epsilon", epsilon), count("components", components)
    share = open_unit("threshold", threshold)
    left = np.maximum(epsilon * (1 - 2 * share), 0.0)
    proxy = average_proxy(n, d, lipschitz, isoperimetry, Constants.SHARP)
    concentration = sign_union(k, CONCENTRATION_RATE * n * left**2)
    return number(
        np.minimum(concentration + dependence.probability(tail_exponent(share_of(epsilon, share), proxy, tails=1)), 1.0)
    )


@broadcasting
def lemma_6_optimised(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    lipschitz: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    dependence: Dependence,
) -> Values:
    """Lemma 6 at the threshold that makes the bound small.

    Parameters
    ----------
    n, d, components, epsilon, lipschitz, isoperimetry : array_like
        As in `noprune_theory.bounds.lemma_6`.
    dependence : Dependence
        Of the learner's output on {X_t}.

    Returns
    -------
    float or ndarray
        `lemma_6_at_threshold` at the threshold found, entry by entry for arrays.

    Raises
    ------
    TypeError, ValueError
        As `lemma_6_at_threshold`.
    """
    arguments = (n, d, components, epsilon, lipschitz, isoperimetry)
    shape = np.shape(lemma_6_at_threshold(*arguments, dependence=dependence, threshold=0.25))

    def value(share: FloatArray) -> FloatArray:
        return -np.asarray(lemma_6_at_threshold(*arguments, dependence=dependence, threshold=share / 2))

    (share,) = _search(value, shape, dimensions=1)
    return lemma_6_at_threshold(*arguments, dependence=dependence, threshold=share / 2)
