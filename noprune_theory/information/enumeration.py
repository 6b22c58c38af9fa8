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

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import scale, scale_float, size_exponent
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import as_float_array, check_choice, check_flag, check_integer, shown
from noprune_theory.bounds import log_mask_count
from noprune_theory.information._arithmetic import (
    Unit,
    as_integers,
    check_probabilities,
    entropy_nats,
    entropy_terms,
    grouped,
    in_unit,
)
from noprune_theory.information._special import binomial_log_probabilities
from noprune_theory.information.finite import JointDistribution, entropy

#: Largest number of data sets that is enumerated.
MAX_DATASETS = 5_000_000
# Integers up to here are exact in double precision, and so are their sums.
_EXACT_INTEGERS = 2**53
# Binomial terms that are computed at once.
_SCRATCH = 1 << 18
# From this n p (1 - p) on three terms of the expansion of a binomial expectation leave less than 1e-20.
_EXPANSION_FROM = 1e5
# Products of weights and numbers of orders stay in the range of doubles up to exp of this, either way.
_LARGEST_LOG_WEIGHT = 600.0
#: Largest number of draws in all the data sets that are enumerated: 4 GiB.
_MAX_DRAWS = 2**29


@dataclass(frozen=True, eq=False, repr=False)
class EnumeratedDatasets(ShortRepr):
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

        Raises
        ------
        TypeError
            If the outputs are neither integers nor booleans.
        ValueError
            If there is not one output a data set.
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

        Returns
        -------
        float
            >= 0, in `unit`.

        Raises
        ------
        TypeError
            If the outputs are neither integers nor booleans.
        ValueError
            If there is not one output a data set.
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

        Returns
        -------
        JointDistribution
            Its columns are the distinct outputs, in the order of `label_outcomes`.

        Raises
        ------
        TypeError
            If the outputs are neither integers nor booleans, or `randomness` holds no real numbers.
        ValueError
            If the shapes do not fit, or `randomness` is negative or does not sum to 1.
        """
        from scipy.sparse import coo_array

        if randomness is None:
            labels, n_labels = label_outcomes(self._checked(outputs))
            cells = (self.probabilities, (np.arange(self.n_datasets), labels))
            return JointDistribution(coo_array(cells, shape=(self.n_datasets, n_labels)))
        chances = check_probabilities("randomness", as_float_array("randomness", randomness, ndim=1))
        values = as_integers("outputs", outputs, "iub")
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
        values = as_integers("outputs", outputs, "iub")
        if values.ndim not in (1, 2) or values.shape[0] != self.n_datasets:
            raise ValueError(
                f"outputs must have shape ({self.n_datasets},) or ({self.n_datasets}, p), got {values.shape}"
            )
        return values


@dataclass(frozen=True, eq=False, repr=False)
class ConditionalInformation(ShortRepr):
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
        One value >= 0 for each initialisation, in `unit`.
    unit : {"nats", "bits"}

    Returns
    -------
    ConditionalInformation
        In `unit`.

    Raises
    ------
    TypeError
        If the values are not real numbers.
    ValueError
        If there is no value, one is negative or not finite, or `unit` is none of the two.
    """
    check_choice("unit", unit, ("nats", "bits"))
    values = as_float_array("per_initialisation", per_initialisation, ndim=1)
    if (values < 0).any():
        raise ValueError(f"per_initialisation must be >= 0, got {values.min()}")
    # In units in which sums and squares stay in the range of doubles.
    exponent = size_exponent(values)
    scaled = scale(values, -exponent)
    mean = scale_float(math.fsum(scaled.tolist()) / values.size, exponent)
    deviation = scale_float(float(scaled.std(ddof=1)), exponent) if values.size > 1 else math.nan
    error = deviation / math.sqrt(values.size)
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
        At least 1.

    Raises
    ------
    TypeError
        If the outcomes are neither integers nor booleans.
    ValueError
        If they have another shape, or there are none.
    """
    values = as_integers("outputs", outputs, "iub")
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
    TypeError
        If the weights are not real numbers, `n` or `distinct` is not made of integers, or `ordered` is no bool.
    ValueError
        If a weight is not positive, `n` is below 1, `distinct` has not one entry an atom, more than `MAX_DATASETS` data
        sets would be listed, or none satisfies `distinct`.

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
    number = _number_of_datasets(atoms.size, n, check_flag("ordered", ordered))
    if number * n > _MAX_DRAWS:
        raise ValueError(f"n must list at most {_MAX_DRAWS} draws, got {number} data sets of n = {shown(n)} draws")
    if ordered:
        rows: itertools.product[Any] | itertools.combinations_with_replacement[Any]
        rows = itertools.product(range(atoms.size), repeat=n)
    else:
        rows = itertools.combinations_with_replacement(range(atoms.size), n)
    indices = np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int64, count=number * n).reshape(number, n)
    if distinct is not None:
        groups = as_integers("distinct", distinct)
        if groups.shape != atoms.shape:
            raise ValueError(f"distinct must be integers of shape {atoms.shape}, got {groups.dtype} {groups.shape}")
        drawn = np.sort(groups[indices], axis=1)
        indices = indices[(drawn[:, 1:] != drawn[:, :-1]).all(axis=1)]
        if indices.shape[0] == 0:
            raise ValueError(f"no data set of n = {n} draws has distinct values among {np.unique(groups).size}")
    logs = np.log(atoms)
    if n * (float(np.abs(logs).max()) + math.log(atoms.size)) < _LARGEST_LOG_WEIGHT:
        weights = atoms[indices].prod(axis=1)
        if not ordered:
            weights = weights * _number_of_orders(indices)
    else:
        weights = _weights_by_logarithms(logs, indices, ordered)
    total = math.fsum(weights.tolist())
    exact = bool((atoms == np.round(atoms)).all()) and _is_exact_power(sum(map(int, atoms.tolist())), n)
    return EnumeratedDatasets(indices, weights, total, exact)


def _is_exact_power(total: int, n: int) -> bool:
    """Whether total^n <= 2^53, without the power of a large number."""
    return n * (total.bit_length() - 1) <= 53 and total**n <= _EXACT_INTEGERS


def _number_of_datasets(atoms: int, n: int, ordered: bool) -> int:
    """Return how many data sets there are, refused from its logarithm where it is large: it may have any length."""
    if atoms == 1:
        return 1
    if ordered:
        log_number = n * math.log(atoms) if n < _MAX_DRAWS else math.inf
    else:
        log_number = float(log_mask_count(atoms + n - 1, n)) if n < _MAX_DRAWS else math.inf
    if log_number < math.log(MAX_DATASETS) + 1:
        number = atoms**n if ordered else math.comb(atoms + n - 1, n)
        if number <= MAX_DATASETS:
            return number
    power = log_number / math.log(10)
    about = f"about 10^{power:.1f}" if math.isfinite(power) else "more"
    raise ValueError(
        f"n and atom_weights must give at most {MAX_DATASETS} data sets, got {about}: n = {shown(n)} draws from "
        f"{atoms} atoms exceed the limit"
    )


def _weights_by_logarithms(logs: FloatArray, indices: IntArray, ordered: bool) -> FloatArray:
    """Return the weights of the data sets, the largest 1, where their products leave the range of doubles."""
    result = logs[indices].sum(axis=1)
    if not ordered:
        run = np.ones(indices.shape[0])
        for position in range(1, indices.shape[1]):
            run = np.where(indices[:, position] == indices[:, position - 1], run + 1, 1.0)
            result += math.log(position + 1) - np.log(run)
    with np.errstate(under="ignore"):
        weights: FloatArray = np.exp(result - result.max())
    return weights


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
    nothing is sampled. For a class with n p (1 - p) >= 1e5 the expectation is its expansion in 1/(n p), which is exact
    to rounding there, as a decrease of -p log p: the result is never above the entropy.

    Parameters
    ----------
    probabilities : array_like, shape (n_classes,)
        Probabilities >= 0 that sum to 1 within 1e-12.
    n : int
        Number of samples, in [1, 2^1000].
    unit : {"nats", "bits"}

    Returns
    -------
    float
        In [0, H], in `unit`.

    Raises
    ------
    TypeError
        If the probabilities are not real numbers, or `n` is not an integer.
    ValueError
        If a probability is negative or not finite, their sum is not 1, or `n` is outside its range.
    """
    p = check_probabilities("probabilities", as_float_array("probabilities", probabilities, ndim=1))
    if check_integer("n", n, 1) > 2**1000:
        raise ValueError(f"n must be at most 2^1000, got {shown(n)}")
    size = float(n)
    p = p[p > 0]
    entropies = entropy_terms(p)
    # A class of probability 1 is seen n times and adds nothing.
    masses, first, multiplicities = np.unique(p[p < 1], return_index=True, return_counts=True)
    many = size * masses * (1 - masses) >= _EXPANSION_FROM
    terms = (multiplicities[many] * entropies[p < 1][first[many]]).tolist()
    terms += (-multiplicities[many] * masses[many] * _expected_divergence(masses[many], size)).tolist()
    terms += (multiplicities[~many] * _expected_terms(masses[~many], size)).tolist()
    # The bias is never upwards (Jensen), but its rounding may be.
    return in_unit(min(math.fsum(terms), math.fsum(entropies.tolist())) + 0.0, unit)


def _expected_divergence(masses: FloatArray, n: float) -> FloatArray:
    """Return E[(1 + U) log(1 + U) - U], U = C / (n p) - 1, for C ~ Binomial(n, p): three terms in 1/(n p).

    They are those of the central moments up to the sixth, of which U's powers are multiples.
    """
    p, q = masses, 1 - masses
    r = 1 / (n * p)
    second, third = (1 + p) / 12, (1 - 6 * p * q) / 12 - q * (q - p) / 2 + q * q / 2
    result: FloatArray = q * r * (0.5 + r * (second + r * third))
    return result


# Terms of the last sample sizes: masses in increasing order, and the term of each. Masks of enumerated data sets have
# few probabilities, the same ones whatever the number of weights kept and the initialisation.
_KNOWN_TERMS: dict[float, tuple[FloatArray, FloatArray]] = {}
_SIZES_KNOWN, _TERMS_KNOWN = 4, 100_000


def _expected_terms(masses: FloatArray, n: float) -> FloatArray:
    """Return E[-(C/n) log(C/n)] of C ~ Binomial(n, p) for each p < 1, all different."""
    known, terms = _KNOWN_TERMS.get(n, (np.empty(0), np.empty(0)))
    place = np.searchsorted(known, masses)
    new = np.append(known, -1.0)[place] != masses
    if not new.any():
        return np.asarray(terms[place])
    result = np.empty(masses.size)
    result[~new] = terms[place[~new]]
    result[new] = _computed_terms(masses[new], n)
    if known.size + masses.size <= _TERMS_KNOWN:
        joined = np.append(known, masses[new])
        order = np.argsort(joined)
        if len(_KNOWN_TERMS) >= _SIZES_KNOWN and n not in _KNOWN_TERMS:
            _KNOWN_TERMS.clear()
        _KNOWN_TERMS[n] = joined[order], np.append(terms, result[new])[order]
    return result


def _computed_terms(masses: FloatArray, n: float) -> FloatArray:
    """Return E[-(C/n) log(C/n)] of C ~ Binomial(n, p) for each p < 1: a sum over the counts near n p."""
    # Beyond t = 31 + 10 sqrt(n p (1 - p)) of its mean, Bernstein's inequality leaves a binomial 1e-20. Likely classes
    # are counted by what they miss.
    flipped = masses > 0.5
    rare = np.where(flipped, 1 - masses, masses)
    reach = 31 + 10 * np.sqrt(n * rare * (1 - rare))
    first = np.maximum(np.where(flipped, 0, 1), np.floor(n * rare - reach))
    last = np.minimum(n, np.ceil(n * rare + reach))
    widths = (last - first).astype(np.int64) + 1
    ends = np.cumsum(widths)
    result = np.zeros(masses.size)
    start = 0
    while start < masses.size:
        # Many classes at once, but at least one, within a bounded scratch.
        taken = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, taken + _SCRATCH, side="right")))
        part = slice(start, stop)
        result[part] = _binomial_terms(rare[part], n, first[part], widths[part], flipped[part])
        start = stop
    return result


def _binomial_terms(rare: FloatArray, n: float, first: FloatArray, widths: IntArray, flipped: BoolArray) -> FloatArray:
    """Return E[-(C/n) log(C/n)], C ~ Binomial(n, rare) or n less that, over `widths` counts from `first`."""
    starts = np.cumsum(widths) - widths
    k = (np.arange(widths.sum()) - np.repeat(starts, widths)).astype(np.float64) + np.repeat(first, widths)
    with np.errstate(under="ignore"):
        chance = np.exp(binomial_log_probabilities(k, n, np.repeat(rare, widths)))
    complement = np.repeat(flipped, widths)
    count = np.where(complement, n - k, k)
    # log(C/n) from what is missing, where that is the small part; a count of 0 adds nothing.
    logs = np.where(complement, np.log1p(-np.where(complement & (k < n), k, 0.0) / n), np.log(np.maximum(k, 1.0) / n))
    # No term is negative, so plain summation is accurate.
    with np.errstate(under="ignore"):
        sums: FloatArray = np.add.reduceat(chance * (count / n) * -logs, starts)
    return sums
