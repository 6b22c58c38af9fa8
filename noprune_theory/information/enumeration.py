"""All data sets that n i.i.d. draws from finitely many atoms can give, and what a learner's output knows about them.

A learner that ignores the order of its samples sees only their multiset: data sets are then listed once per multiset,
with its multinomial probability. For atoms with whole-number weights every probability is a ratio of integers that
double precision holds exactly, and so is the probability of every output.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import as_float_array, check_integer
from noprune_theory.information._arithmetic import Unit, check_probabilities, entropy_nats, grouped, in_unit
from noprune_theory.information.finite import JointDistribution, entropy

#: Largest number of data sets that is enumerated.
MAX_DATASETS = 5_000_000
# Integers up to here are exact in double precision, and so are their sums.
_EXACT_INTEGERS = 2.0**53
# Binomial terms that are computed at once.
_SCRATCH = 1 << 18


@dataclass(frozen=True, eq=False)
class EnumeratedDatasets:
    """Every data set of n draws, with its probability.

    Attributes
    ----------
    indices : int array, shape (n_datasets, n)
        The atoms drawn; increasing along a row when the order is ignored.
    weights : array, shape (n_datasets,)
        Proportional to the probabilities.
    total : float
        Sum of the weights.
    exact : bool
        Whether the weights are integers and the total is below 2^53, so that sums of weights are exact.
    """

    indices: IntArray
    weights: FloatArray
    total: float
    exact: bool

    @property
    def n_datasets(self) -> int:
        """Number of data sets."""
        return self.indices.shape[0]

    @cached_property
    def probabilities(self) -> FloatArray:
        """Probability of each data set, shape (n_datasets,)."""
        return self.weights / self.total

    def entropy(self, *, unit: Unit = "nats") -> float:
        """Return H(D) of the data set as listed (of the multiset, when the order is ignored)."""
        return entropy(self.probabilities, unit=unit)

    def output_probabilities(self, outputs: ArrayLike) -> FloatArray:
        """Return the probability of each distinct output of a learner without randomness.

        Parameters
        ----------
        outputs : array_like of int or bool, shape (n_datasets,) or (n_datasets, p)
            The output for each data set; the second form holds one mask (or other integer vector) a row.

        Returns
        -------
        array, shape (n_distinct,)
            In the order of `label_outcomes`.
        """
        labels, n_labels = label_outcomes(self._checked(outputs))
        if self.exact:
            return np.bincount(labels, weights=self.weights, minlength=n_labels) / self.total
        return grouped(self.weights, labels, n_labels) / self.total

    def information(self, outputs: ArrayLike, *, unit: Unit = "nats") -> float:
        """Return I(D; m) = H(m) for a learner without randomness; exactly 0.0 if the output never changes.

        Parameters
        ----------
        outputs : array_like of int or bool, shape (n_datasets,) or (n_datasets, p)
        unit : {"nats", "bits"}
        """
        return in_unit(entropy_nats(self.output_probabilities(outputs)), unit)

    def joint(self, outputs: ArrayLike, randomness: ArrayLike | None = None) -> JointDistribution:
        """Return the joint distribution of the data set and the learner's output.

        Parameters
        ----------
        outputs : array_like of int or bool
            Shape (n_datasets,) or (n_datasets, p) for a learner without randomness; (n_random, n_datasets) or
            (n_random, n_datasets, p) if its internal randomness has `n_random` values.
        randomness : array_like, shape (n_random,), optional
            Probabilities of those values, independent of the data.
        """
        from scipy.sparse import coo_array

        if randomness is None:
            labels, n_labels = label_outcomes(self._checked(outputs))
            cells = (self.probabilities, (np.arange(self.n_datasets), labels))
            return JointDistribution(coo_array(cells, shape=(self.n_datasets, n_labels)))
        chances = check_probabilities("randomness", as_float_array("randomness", randomness, ndim=1))
        values = np.asarray(outputs)
        if values.ndim not in (2, 3) or values.shape[:2] != (chances.size, self.n_datasets):
            raise ValueError(
                f"outputs must have shape ({chances.size}, {self.n_datasets}) or ({chances.size}, {self.n_datasets}, p)"
                f" with this randomness, got {values.shape}"
            )
        labels, n_labels = label_outcomes(values.reshape(-1, *values.shape[2:]))
        table = np.outer(chances, self.probabilities).ravel()
        rows = np.tile(np.arange(self.n_datasets), chances.size)
        return JointDistribution(coo_array((table, (rows, labels)), shape=(self.n_datasets, n_labels)))

    def _checked(self, outputs: ArrayLike) -> NDArray[Any]:
        values = np.asarray(outputs)
        if values.ndim not in (1, 2) or values.shape[0] != self.n_datasets:
            raise ValueError(
                f"outputs must have shape ({self.n_datasets},) or ({self.n_datasets}, p), got {values.shape}"
            )
        return values


@dataclass(frozen=True)
class ConditionalInformation:
    """I(D; m | init), the mean over initialisations of the information given each.

    Attributes
    ----------
    value : float
        The mean, in `unit`.
    per_initialisation : array, shape (n_init,)
    standard_error : float
        Standard error of the mean if the initialisations were drawn at random; NaN for a single one.
    unit : {"nats", "bits"}
    """

    value: float
    per_initialisation: FloatArray
    standard_error: float
    unit: Unit


def average_information(per_initialisation: ArrayLike, *, unit: Unit = "nats") -> ConditionalInformation:
    """Average exact values I(D; m | init = i) over initialisations drawn at random.

    Parameters
    ----------
    per_initialisation : array_like, shape (n_init,)
        One value for each initialisation, in `unit`.
    unit : {"nats", "bits"}
    """
    values = as_float_array("per_initialisation", per_initialisation, ndim=1)
    mean = math.fsum(values.tolist()) / values.size
    error = float(values.std(ddof=1)) / math.sqrt(values.size) if values.size > 1 else math.nan
    return ConditionalInformation(mean, values, error, unit)


def label_outcomes(outputs: ArrayLike) -> tuple[IntArray, int]:
    """Give equal outcomes equal numbers.

    Parameters
    ----------
    outputs : array_like of int or bool, shape (n,) or (n, p)
        One outcome a row.

    Returns
    -------
    labels : int array, shape (n,)
        Equal for equal outcomes, in [0, n_distinct).
    n_distinct : int
    """
    values = np.asarray(outputs)
    if values.dtype.kind not in "iub":
        raise TypeError(f"outputs must be integers or booleans, got dtype {values.dtype}")
    if values.ndim not in (1, 2) or values.size == 0:
        raise ValueError(f"outputs must have shape (n,) or (n, p) with n, p >= 1, got {values.shape}")
    if values.ndim == 2:
        rows = np.ascontiguousarray(np.packbits(values, axis=1) if values.dtype == np.bool_ else values)
        # Equal rows have equal bytes: they are compared as single opaque items.
        values = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
        if values.dtype.itemsize <= 8:
            padded = np.zeros((rows.shape[0], 8), dtype=np.uint8)
            padded[:, : values.dtype.itemsize] = rows.view(np.uint8)
            values = padded.view(np.uint64).ravel()
    distinct, labels = np.unique(values, return_inverse=True)
    return labels.astype(np.int64), distinct.size


def enumerate_datasets(
    atom_weights: ArrayLike, n: int, *, ordered: bool = False, distinct: ArrayLike | None = None
) -> EnumeratedDatasets:
    """List every data set of n i.i.d. draws from finitely many atoms.

    Parameters
    ----------
    atom_weights : array_like, shape (n_atoms,)
        Positive weights proportional to the probabilities of the atoms (pairs (x, y)); integers keep everything exact.
    n : int
        Number of draws, >= 1.
    ordered : bool
        False lists multisets, weighted by the number of their orders: for learners that ignore the order of samples.
        True lists all n_atoms^n sequences.
    distinct : array_like of int, shape (n_atoms,), optional
        Condition on no two draws sharing a value: with the input's index for each atom, on distinct inputs.

    Returns
    -------
    EnumeratedDatasets

    Raises
    ------
    ValueError
        If a weight is not positive, more than `MAX_DATASETS` data sets would be listed, or none satisfies `distinct`.

    Examples
    --------
    Six draws from the 16 pairs of {-1, +1}^3 and a sign:

    >>> enumerate_datasets(np.ones(16, dtype=int), 6).n_datasets
    54264
    >>> enumerate_datasets(np.ones(16, dtype=int), 6, distinct=np.arange(16) // 2).n_datasets
    1792
    """
    atoms = as_float_array("atom_weights", atom_weights, ndim=1)
    if (atoms <= 0).any():
        raise ValueError(f"atom_weights must be > 0, got {atoms.min()}")
    n = check_integer("n", n, 1)
    number = atoms.size**n if ordered else math.comb(atoms.size + n - 1, n)
    if number > MAX_DATASETS:
        raise ValueError(f"{number} data sets of n = {n} draws from {atoms.size} atoms exceed the limit {MAX_DATASETS}")
    if ordered:
        rows: itertools.product[Any] | itertools.combinations_with_replacement[Any]
        rows = itertools.product(range(atoms.size), repeat=n)
    else:
        rows = itertools.combinations_with_replacement(range(atoms.size), n)
    indices = np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int64, count=number * n).reshape(number, n)
    if distinct is not None:
        groups = np.asarray(distinct)
        if groups.dtype.kind not in "iu" or groups.shape != atoms.shape:
            raise ValueError(f"distinct must be integers of shape {atoms.shape}, got {groups.dtype} {groups.shape}")
        drawn = np.sort(groups[indices], axis=1)
        indices = indices[(np.diff(drawn, axis=1) != 0).all(axis=1)]
        if indices.shape[0] == 0:
            raise ValueError(f"no data set of n = {n} draws has distinct values among {np.unique(groups).size}")
    weights = atoms[indices].prod(axis=1)
    if not ordered:
        weights = weights * _number_of_orders(indices)
    total = math.fsum(weights.tolist())
    whole = bool((atoms == np.round(atoms)).all())
    return EnumeratedDatasets(indices, weights, total, whole and math.fsum(atoms.tolist()) ** n <= _EXACT_INTEGERS)


def _number_of_orders(indices: IntArray) -> FloatArray:
    """Return n! / prod(multiplicity!) for each row of increasing indices, exact below 2^53."""
    orders = np.ones(indices.shape[0])
    run = np.ones(indices.shape[0])
    for position in range(1, indices.shape[1]):
        run = np.where(indices[:, position] == indices[:, position - 1], run + 1, 1.0)
        # Binomial recursion: the division is exact, since every partial product is a multinomial coefficient.
        orders = orders * (position + 1) / run
    return orders


def expected_plug_in_entropy(probabilities: ArrayLike, n: int, *, unit: Unit = "nats") -> float:
    """Return the exact expectation of the plug-in entropy of n samples from a known distribution.

    The plug-in entropy is a sum over the classes, so its expectation is a sum of one-dimensional binomial expectations;
    nothing is sampled.

    Parameters
    ----------
    probabilities : array_like, shape (n_classes,)
    n : int
        Number of samples, >= 1.
    unit : {"nats", "bits"}
    """
    p = check_probabilities("probabilities", as_float_array("probabilities", probabilities, ndim=1))
    n = check_integer("n", n, 1)
    # A class of probability 1 is seen n times and adds nothing.
    masses, multiplicities = np.unique(p[(p > 0) & (p < 1)], return_counts=True)
    # Beyond t = 31 + 10 sqrt(n p (1 - p)) of its mean, Bernstein's inequality leaves a binomial 1e-20.
    reach = 31 + 10 * np.sqrt(n * masses * (1 - masses))
    first = np.maximum(1, np.floor(n * masses - reach)).astype(np.int64)
    last = np.minimum(n, np.ceil(n * masses + reach)).astype(np.int64)
    ends = np.cumsum(last - first + 1)
    terms, start = [], 0
    while start < masses.size:
        # Many classes at once, but at least one, within a bounded scratch.
        taken = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, taken + _SCRATCH, side="right")))
        part = slice(start, stop)
        terms += (multiplicities[part] * _binomial_terms(masses[part], n, first[part], last[part])).tolist()
        start = stop
    return in_unit(math.fsum(terms) + 0.0, unit)


def _binomial_terms(masses: FloatArray, n: int, first: IntArray, last: IntArray) -> FloatArray:
    """Return E[-(C / n) log(C / n)] of C ~ Binomial(n, mass), summed from `first` to `last`, for each mass < 1."""
    widths = last - first + 1
    starts = np.cumsum(widths) - widths
    c = (np.arange(widths.sum()) - np.repeat(starts - first, widths)).astype(np.float64)
    log_binomial = gammaln(n + 1) - gammaln(c + 1) - gammaln(n - c + 1)
    log_chance = log_binomial + c * np.repeat(np.log(masses), widths) + (n - c) * np.repeat(np.log1p(-masses), widths)
    # No term is negative, so plain summation is accurate.
    sums: FloatArray = np.add.reduceat(np.exp(log_chance) * (c / n) * -np.log(c / n), starts)
    return sums
