"""Finite models in which every probability and every information quantity is enumerated.

`FiniteModel` is a finite data variable D, a learning algorithm W given by its conditional law, and statistics
`X_t(D)`. Near-worst models come from the selection family (W points at D with some probability) and from a hill climb
over all parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from scipy.special import gammaln, xlogy

from noprune_theory._display import ShortRepr
from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import (
    check_closed_unit,
    check_finite,
    check_generator,
    check_instance,
    check_integer,
)

__all__ = [
    "FiniteModel",
    "SignModel",
    "binomial_law",
    "climb",
    "entropy",
    "information_bits",
    "mutual_information",
    "random_models",
    "selection_model",
]


def entropy(probabilities: FloatArray) -> float:
    """Entropy in nats of a probability vector: `-sum p log p`."""
    return float(-xlogy(probabilities, probabilities).sum())


def mutual_information(joint: FloatArray) -> float:
    """Mutual information in nats of a joint probability table.

    Summed as relative entropy of the joint law to the product of its marginals, cell by cell, so that independence
    gives zero up to rounding.
    """
    product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    inside = joint > 0
    return float(np.sum(joint[inside] * np.log(joint[inside] / product[inside])))


# An information is a sum of terms of both signs with an absolute rounding of 1e-16; the checks divide it by an event
# probability, which this floor on each factor keeps above 1e-8.
SMALLEST = 1e-4
# Atoms of D and of W at most: tables have their product of entries.
_MOST_ATOMS = 1000


@dataclass(frozen=True, eq=False, repr=False)
class FiniteModel(ShortRepr):
    """Data variable, learning algorithm and statistics on finitely many atoms; compared by identity.

    Attributes
    ----------
    data
        `(n_data,)` probabilities of the values of D.
    kernel
        `(n_data, n_outputs)` conditional probabilities of W given D; rows sum to one.
    statistic
        `(n_outputs, n_data)` values `X_t(D)`.
    """

    data: FloatArray
    kernel: FloatArray
    statistic: FloatArray

    def __str__(self) -> str:
        """Return the laws and the statistics, to four digits."""
        parts = (("P(D)", self.data), ("P(W | D)", self.kernel), ("X", self.statistic))
        return ", ".join(f"{name} = {_rounded(values)}" for name, values in parts)

    @property
    def joint(self) -> FloatArray:
        """`(n_data, n_outputs)` joint law of D and W."""
        return self.data[:, None] * self.kernel

    @property
    def information(self) -> float:
        """`I(D; W)` in nats, equal to `I({X_t}; W)` when D can be read off the statistics."""
        return mutual_information(self.joint)

    def centred(self) -> FiniteModel:
        """Return the model with the mean of every statistic removed."""
        return FiniteModel(self.data, self.kernel, self.statistic - (self.statistic @ self.data)[:, None])

    def proxy(self) -> float:
        """Smallest C for which every `X_t` is C-subgaussian: `P(|X_t| >= s) <= 2 exp(-s^2 / C)` at each value s."""
        size = np.abs(self.statistic)
        tails = np.sum((size[:, None, :] >= size[:, :, None]) * self.data, axis=2)
        positive = size > 0
        return float(np.max(size[positive] ** 2 / np.log(2 / np.minimum(tails[positive], 1.0)), initial=0.0))

    def selected_tails(self) -> Iterator[tuple[float, float]]:
        """Yield `(u, P(|X_W| >= u))` for every positive value u of `|X_W|`."""
        size = np.abs(self.statistic.T)
        joint = self.joint
        for u in np.unique(size[(joint > 0) & (size > 0)]):
            yield float(u), float(joint[size >= u].sum())


def _rounded(values: FloatArray) -> str:
    """Return an array as nested lists of numbers with four digits."""
    if values.ndim > 1:
        return f"[{', '.join(_rounded(row) for row in values)}]"
    return f"[{', '.join(f'{x:.4g}' for x in values.tolist())}]"


def _law(weights: FloatArray) -> FloatArray:
    """Normalise the last axis and keep every probability above `SMALLEST`."""
    law = weights / weights.sum(axis=-1, keepdims=True)
    return np.asarray(SMALLEST + (1 - SMALLEST * law.shape[-1]) * law)


def random_models(rng: RNG, count: int, largest: int = 6) -> Iterator[FiniteModel]:
    """Draw centred finite models with 2 to `largest` atoms of D and of W.

    Laws are Dirichlet with concentrations from sparse to flat, so that both nearly deterministic and nearly
    independent algorithms occur; statistics are Gaussian, heavy-tailed or indicators.

    Parameters
    ----------
    rng : numpy.random.Generator or seed
        Draws the models, one after the other.
    count : int
        Number of models, >= 0.
    largest : int
        Largest number of atoms, >= 2.

    Yields
    ------
    FiniteModel
        Its probabilities are positive.

    Raises
    ------
    TypeError
        If `rng` is no generator or seed, or a number is not an integer; at the call.
    ValueError
        If a number is out of range; at the call.
    """
    return _random_models(check_generator("rng", rng), check_integer("count", count, 0), _atoms("largest", largest))


def _atoms(name: str, value: int) -> int:
    return check_integer(name, value, 2, _MOST_ATOMS)


def _random_models(rng: np.random.Generator, count: int, largest: int) -> Iterator[FiniteModel]:
    for _ in range(count):
        n_data, n_outputs = rng.integers(2, largest + 1, size=2)
        concentration = 10.0 ** rng.uniform(-1.5, 1.0)
        data = rng.dirichlet(np.full(n_data, 10.0 ** rng.uniform(-0.5, 1.0)))
        kernel = rng.dirichlet(np.full(n_outputs, concentration), size=n_data)
        shape = (n_outputs, n_data)
        draws = (rng.standard_normal(shape), rng.standard_t(2, shape), (rng.random(shape) < 0.3).astype(float))
        statistic = draws[rng.integers(3)]
        if not np.any(np.ptp(statistic, axis=1) > 0):
            statistic = rng.standard_normal(shape)
        yield FiniteModel(_law(data), _law(kernel), statistic).centred()


def selection_model(n_data: int, hit: float, background: float = 0.0) -> FiniteModel:
    """Return the model in which W equals D with probability `hit` and is uniform over the other values otherwise.

    D is uniform, `X_t(D)` is 1 when `D = t` and `background` otherwise, then centred. The event `X_W = max` has
    two-valued density, so the data-processing inequality behind Lemma 1 is tight on it.

    Parameters
    ----------
    n_data : int
        Number of values of D and of W, in [2, 1000].
    hit : float
        P(W = D), in [0, 1].
    background : float
        Of the statistics, before they are centred.

    Returns
    -------
    FiniteModel
        Its information is log n - h(hit) - (1 - hit) log(n - 1) nats, h the binary entropy.

    Raises
    ------
    TypeError
        If `n_data` is not an integer, or another argument not a real number.
    ValueError
        If an argument is out of range or not finite.
    """
    n_data, hit = _atoms("n_data", n_data), check_closed_unit("hit", hit)
    background = check_finite("background", background)
    data = np.full(n_data, 1 / n_data)
    kernel = np.full((n_data, n_data), (1 - hit) / (n_data - 1))
    np.fill_diagonal(kernel, hit)
    return FiniteModel(data, kernel, np.where(np.eye(n_data) > 0, 1.0, background)).centred()


def climb(ratio: Callable[[FiniteModel], float], start: FiniteModel, rng: RNG, steps: int) -> tuple[float, FiniteModel]:
    """Raise `ratio` by random perturbations of all parameters; return the best value and model.

    Probabilities move multiplicatively and statistics additively; the step size adapts to success (one-fifth rule).

    Parameters
    ----------
    ratio : callable, FiniteModel -> float
        What is to be raised; a value that is NaN is never taken for better.
    start : FiniteModel
        Where the search begins.
    rng : numpy.random.Generator or seed
        Draws the steps.
    steps : int
        Number of steps, >= 0.

    Returns
    -------
    best : float
        The largest value met, at least that of `start`.
    model : FiniteModel
        The model that has it.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If `steps` is negative.
    """
    check_instance("ratio", ratio, Callable)
    check_instance("start", start, FiniteModel)
    rng, steps = check_generator("rng", rng), check_integer("steps", steps, 0)
    best, best_ratio, width = start, ratio(start), 0.3
    for _ in range(steps):
        data = best.data * np.exp(width * rng.standard_normal(best.data.shape))
        kernel = best.kernel * np.exp(width * rng.standard_normal(best.kernel.shape))
        statistic = best.statistic + width * rng.standard_normal(best.statistic.shape)
        moved = FiniteModel(_law(data), _law(kernel), statistic).centred()
        value = ratio(moved)
        if value > best_ratio:
            best, best_ratio, width = moved, value, min(1.0, 1.5 * width)
        else:
            width = max(1e-6, width * 0.92)
    return best_ratio, best


@lru_cache(maxsize=64)
def binomial_law(n: int, p: float) -> FloatArray:
    """`(n + 1,)` probabilities of a binomial count, through logarithms so that n = 10^4 does not overflow.

    The array is shared between calls and read-only.
    """
    k = np.arange(n + 1)
    logarithm = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + xlogy(k, p) + xlogy(n - k, 1 - p)
    law: FloatArray = np.exp(logarithm)
    law /= law.sum()
    law.setflags(write=False)
    return law


@dataclass(frozen=True)
class SignModel:
    """`n` pairs of independent fair signs (x, y); d = k = 1; functions `w x` and `w`, masks 00, 10 and 01.

    Here g = 0, sigma^2 = 1, z = y, one isoperimetric component with c = 1/(2 log 2), and `(sum x y, sum y)` are
    independent sums of n fair signs, so that everything is a function of two binomials. The learner keeps the weight
    whose correlation with the labels is larger, if the mean square error of `±weight` there is below `1 - epsilon`.

    Attributes
    ----------
    n
        Sample size.
    weight
        Absolute value of the allowed weight, in (0, 1].
    """

    n: int
    weight: float

    isoperimetry = 1 / (2 * np.log(2))

    @property
    def sums(self) -> FloatArray:
        """`(n + 1,)` values of a sum of n signs."""
        return 2.0 * np.arange(self.n + 1) - self.n

    @property
    def law(self) -> FloatArray:
        """`(n + 1,)` probabilities of the values in `sums`."""
        return binomial_law(self.n, 0.5)

    def tail(self, threshold: float) -> float:
        """`P(|S| >= threshold)` for a sum S of n signs."""
        return float(self.law[np.abs(self.sums) >= threshold].sum())

    def success(self, epsilon: float) -> float:
        """`P(some allowed function has MSE <= 1 - epsilon)`; both errors are `w^2 - 2 |w S| / n + 1`."""
        threshold = self.n * (epsilon + self.weight**2) / (2 * self.weight)
        one = self.tail(threshold)
        return one * (2 - one)

    def output_law(self, epsilon: float) -> FloatArray:
        """Probabilities of the five outputs `(00, 10+, 10-, 01+, 01-)` of the learner; ties go to mask 10."""
        threshold = self.n * (epsilon + self.weight**2) / (2 * self.weight)
        size = np.abs(self.sums)
        order = np.argsort(size, kind="stable")
        ordered, cumulative = size[order], np.cumsum(self.law[order])
        at_most = cumulative[np.searchsorted(ordered, size, side="right") - 1]
        below_index = np.searchsorted(ordered, size, side="left") - 1
        below = np.where(below_index >= 0, cumulative[np.maximum(below_index, 0)], 0.0)
        passing = size >= threshold
        first = float(np.sum(self.law * at_most * passing))
        second = float(np.sum(self.law * below * passing))
        return np.array([1 - first - second, first / 2, first / 2, second / 2, second / 2])

    def information(self, epsilon: float) -> float:
        """`I(D; W)` in nats: the learner is deterministic, so this is the entropy of its output."""
        return entropy(np.maximum(self.output_law(epsilon), 0.0))


def information_bits(joint: Mapping[tuple[Any, Any], Fraction]) -> sp.Expr:
    """Mutual information in bits of a joint law with rational probabilities, as an exact sympy expression.

    Raises
    ------
    ValueError
        If the probabilities are negative or do not sum to one.
    """
    if sum(joint.values()) != 1 or any(p < 0 for p in joint.values()):
        raise ValueError(f"joint: needs probabilities that sum to one, given {dict(joint)}")
    first: dict[Hashable, Fraction] = {}
    second: dict[Hashable, Fraction] = {}
    for (u, v), p in joint.items():
        first[u] = first.get(u, Fraction(0)) + p
        second[v] = second.get(v, Fraction(0)) + p
    # By the exponents of the primes, whose logarithms are independent over the rationals: zero only if all vanish.
    exponents: dict[int, Fraction] = {}
    for (u, v), p in joint.items():
        if p > 0:
            ratio = p / (first[u] * second[v])
            for prime, power in sp.factorrat(sp.Rational(ratio.numerator, ratio.denominator)).items():
                exponents[int(prime)] = exponents.get(int(prime), Fraction(0)) + p * int(power)
    return sp.Add(
        *[sp.Rational(e.numerator, e.denominator) * sp.log(prime, 2) for prime, e in sorted(exponents.items())]
    )
