"""Measures of how much the mask knows about the data, as objects that the optimised bounds accept.

Each turns a bound q = exp(-exponent) on the probability of an event at a fixed mask into a bound on its probability at
the learned mask, and back (`noprune_theory.bounds.change_of_measure`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory.bounds import change_of_measure
from noprune_theory.bounds._arguments import ByValue, Values, above, closed_unit, nonnegative, number, open_unit


class Dependence(Protocol):
    """What the optimised bounds need to know about the dependence of the mask on the data.

    An object of one's own will do if it has the two methods; those of this package refer to functions of
    `noprune_theory.bounds.change_of_measure`, and check what they hold when they are made (ValueError, TypeError).
    """

    def exponent(self, delta: ArrayLike) -> Values:
        """Smallest exponent for which the event has probability at most delta; infinite where none will do.

        Parameters
        ----------
        delta : array_like
            Failure probability in (0, 1).

        Returns
        -------
        float or ndarray
            log(1/q) in nats, of the broadcast shape of delta and what the measure holds.

        Raises
        ------
        TypeError
            If delta does not hold real numbers.
        ValueError
            If it is out of (0, 1), or the result is beyond the range of doubles.
        """

    def probability(self, exponent: ArrayLike) -> Values:
        """Probability at the learned mask of an event of probability exp(-exponent) at every fixed mask.

        Parameters
        ----------
        exponent : array_like
            log(1/q) >= 0 in nats.

        Returns
        -------
        float or ndarray
            In [0, 1], of the broadcast shape of the exponent and what the measure holds.

        Raises
        ------
        TypeError
            If the exponent does not hold real numbers.
        ValueError
            If it is negative or not finite.
        """


@dataclass(frozen=True, eq=False, repr=False)
class MutualInformation(ByValue):
    """I(m; D) in nats. Small delta costs 1/delta.

    Attributes
    ----------
    nats : float or ndarray
        I(m; D) >= 0.
    """

    nats: ArrayLike

    def __post_init__(self) -> None:
        nonnegative("nats", self.nats)

    def exponent(self, delta: ArrayLike) -> Values:
        """`information_exponent`, the exact inversion of kl(delta || q) <= I."""
        return change_of_measure.information_exponent(delta, self.nats)

    def probability(self, exponent: ArrayLike) -> Values:
        """`information_probability`."""
        return change_of_measure.information_probability(exponent, self.nats)


@dataclass(frozen=True, eq=False, repr=False)
class MaximalLeakage(ByValue):
    """Maximal leakage from D to m in nats; at most the logarithm of the number of masks.

    Attributes
    ----------
    nats : float or ndarray
        Leakage >= 0; 0 for a mask drawn without looking at the data.
    """

    nats: ArrayLike

    def __post_init__(self) -> None:
        nonnegative("nats", self.nats)

    def exponent(self, delta: ArrayLike) -> Values:
        """`leakage_exponent`."""
        return change_of_measure.leakage_exponent(delta, self.nats)

    def probability(self, exponent: ArrayLike) -> Values:
        """`leakage_probability`."""
        return change_of_measure.leakage_probability(exponent, self.nats)


@dataclass(frozen=True, eq=False, repr=False)
class SibsonInformation(ByValue):
    """Sibson's information of m about D in nats, of order > 1.

    Attributes
    ----------
    nats : float or ndarray
        I_a >= 0.
    order : float or ndarray
        a > 1, finite.
    """

    nats: ArrayLike
    order: ArrayLike

    def __post_init__(self) -> None:
        nonnegative("nats", self.nats)
        above("order", self.order, 1.0)

    def exponent(self, delta: ArrayLike) -> Values:
        """`sibson_exponent`."""
        return change_of_measure.sibson_exponent(delta, self.nats, self.order)

    def probability(self, exponent: ArrayLike) -> Values:
        """`sibson_probability`."""
        return change_of_measure.sibson_probability(exponent, self.nats, self.order)


@dataclass(frozen=True, eq=False, repr=False)
class InformationDensity(ByValue):
    """The information density i(m; D) exceeds `level` (nats) with probability at most `exceedance`.

    Attributes
    ----------
    level : float or ndarray
        >= 0, in nats.
    exceedance : float or ndarray
        Probability in [0, 1]; the bound at delta says nothing unless it is smaller than delta.
    """

    level: ArrayLike
    exceedance: ArrayLike

    def __post_init__(self) -> None:
        nonnegative("level", self.level)
        closed_unit("exceedance", self.exceedance)

    def exponent(self, delta: ArrayLike) -> Values:
        """`density_exponent`, infinite where the exceedance uses up delta."""
        left = open_unit("delta", delta) - closed_unit("exceedance", self.exceedance)
        enough = left > 0
        return number(np.where(enough, nonnegative("level", self.level) - np.log(np.where(enough, left, 1.0)), np.inf))

    def probability(self, exponent: ArrayLike) -> Values:
        """`density_probability`."""
        return change_of_measure.density_probability(exponent, self.level, self.exceedance)
