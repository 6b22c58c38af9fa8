"""Exact information in a finite model: a joint distribution of data and output that is given entry by entry.

Nothing is sampled. Every quantity is a sum over the cells of positive probability; see `_arithmetic` for how the sums
are arranged. Independence gives exactly 0.0, and the mutual information is never negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import as_float_array, check_choice
from noprune_theory.information._arithmetic import (
    Unit,
    check_probabilities,
    divergence_terms,
    entropy_nats,
    grouped,
    in_unit,
    log_mean_exp,
    relative_excess,
)

# Largest table (data sets times outputs) whose cells of probability zero are visited one by one: 32 MiB of doubles.
_DENSE_CELLS = 2**22


def _as_labels(name: str, value: ArrayLike, length: int) -> IntArray:
    labels = np.asarray(value)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name} must be an array of integers, got dtype {labels.dtype}")
    if labels.shape != (length,):
        raise ValueError(f"{name} must have shape ({length},), got {labels.shape}")
    if labels.min() < 0:
        raise ValueError(f"{name} must be >= 0, got {labels.min()}")
    return labels.astype(np.int64)


def _check_order(order: float, minimum: float) -> float:
    if isinstance(order, bool) or not isinstance(order, (int, float, np.integer, np.floating)):
        raise TypeError(f"order must be a real number, got {order!r} of type {type(order).__name__}")
    if not order >= minimum:
        raise ValueError(f"order must be in [{minimum:g}, inf], got {order}")
    return float(order)


def entropy(probabilities: ArrayLike, *, unit: Unit = "nats") -> float:
    """Shannon entropy H = -sum p log p of a finite distribution.

    Parameters
    ----------
    probabilities : array_like, any shape
        Probabilities >= 0 that sum to 1 within 1e-12; zeros contribute nothing.
    unit : {"nats", "bits"}

    Returns
    -------
    float
        Exactly 0.0 for a certain outcome.

    Raises
    ------
    ValueError
        If an entry is negative or not finite, or the sum is not 1.

    Examples
    --------
    >>> entropy([0.5, 0.25, 0.25], unit="bits")
    1.5
    """
    values = as_float_array("probabilities", np.ravel(np.asarray(probabilities)), ndim=1)
    return in_unit(entropy_nats(check_probabilities("probabilities", values)), unit)


@dataclass(frozen=True)
class InformationSpectrum:
    """Distribution of the information density i(D; W) under the joint distribution.

    Attributes
    ----------
    values : array, shape (n_values,)
        The distinct values, increasing, in `unit`.
    probabilities : array, shape (n_values,)
        P(i(D; W) = value).
    unit : {"nats", "bits"}
    """

    values: FloatArray
    probabilities: FloatArray
    unit: Unit

    def mean(self) -> float:
        """Return the mean of the density, which is the mutual information."""
        return math.fsum((self.values * self.probabilities).tolist())

    def tail(self, threshold: float) -> float:
        """Return P(i(D; W) > threshold), `threshold` in `unit`."""
        return math.fsum(self.probabilities[self.values > threshold].tolist())


@dataclass(frozen=True)
class ChainRule:
    """The parts of I(D; (M, W)) = I(D; M) + I(D; W | M), each computed by its own sum.

    Attributes
    ----------
    total, first, second : float
        I(D; (M, W)), I(D; M) and I(D; W | M), in `unit`.
    unit : {"nats", "bits"}
    """

    total: float
    first: float
    second: float
    unit: Unit


@dataclass(frozen=True, eq=False, repr=False)
class JointDistribution:
    """Joint distribution of the data D and the output W of a learner, both with finitely many values.

    Parameters
    ----------
    probabilities : array_like or scipy.sparse array, shape (n_data, n_output)
        P(D = i, W = j) >= 0, with sum 1 within 1e-12. A sparse array is never made dense.

    Raises
    ------
    TypeError
        If the entries are not real numbers.
    ValueError
        If the shape is not two-dimensional or empty, an entry is negative or not finite, or the sum is not 1.

    Examples
    --------
    A binary symmetric channel that flips a fair bit with probability 0.11 transmits half a bit:

    >>> channel = JointDistribution([[0.445, 0.055], [0.055, 0.445]])
    >>> round(channel.mutual_information(unit="bits"), 4)
    0.5001
    """

    probabilities: Any
    shape: tuple[int, int] = field(init=False)
    _data: IntArray = field(init=False)
    _output: IntArray = field(init=False)
    _cells: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        if hasattr(self.probabilities, "tocoo"):
            table = self.probabilities.tocoo()
            values = as_float_array("probabilities", table.data, ndim=1)
            shape = (int(table.shape[0]), int(table.shape[1]))
            row, column = table.row.astype(np.int64), table.col.astype(np.int64)
            check_probabilities("probabilities", values)
        else:
            values = check_probabilities("probabilities", as_float_array("probabilities", self.probabilities, ndim=2))
            object.__setattr__(self, "probabilities", values)
            shape = (values.shape[0], values.shape[1])
            row, column = (index.astype(np.int64) for index in np.nonzero(values))
            values = values[row, column]
        # One cell per pair, ordered by output and then by data: a sparse array may list a pair twice.
        pair, where = np.unique(column * shape[0] + row, return_inverse=True)
        merged = grouped(values, where, pair.size)
        kept = merged > 0
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "_data", (pair % shape[0])[kept])
        object.__setattr__(self, "_output", (pair // shape[0])[kept])
        object.__setattr__(self, "_cells", merged[kept])

    def __repr__(self) -> str:
        return f"JointDistribution(n_data={self.shape[0]}, n_output={self.shape[1]}, cells={self._cells.size})"

    @classmethod
    def from_channel(cls, data_probabilities: ArrayLike, channel: ArrayLike) -> JointDistribution:
        """Build the joint distribution from P(D) and the learner P(W | D).

        Parameters
        ----------
        data_probabilities : array_like, shape (n_data,)
        channel : array_like, shape (n_data, n_output)
            P(W = j | D = i); each row sums to 1.
        """
        prior = as_float_array("data_probabilities", data_probabilities, ndim=1)
        rows = as_float_array("channel", channel, ndim=2)
        if rows.shape[0] != prior.size:
            raise ValueError(f"channel must have {prior.size} rows, one per data probability, got shape {rows.shape}")
        for index, row in enumerate(rows):
            check_probabilities(f"channel[{index}]", row)
        return cls(prior[:, None] * rows)

    @classmethod
    def from_function(cls, data_probabilities: ArrayLike, outputs: ArrayLike) -> JointDistribution:
        """Build the joint distribution of D and W = outputs[D], a learner without randomness.

        Parameters
        ----------
        data_probabilities : array_like, shape (n_data,)
        outputs : array_like of int, shape (n_data,)
            Index >= 0 of the output for each data set.
        """
        from scipy.sparse import coo_array

        prior = as_float_array("data_probabilities", data_probabilities, ndim=1)
        labels = _as_labels("outputs", outputs, prior.size)
        shape = (prior.size, int(labels.max()) + 1)
        return cls(coo_array((prior, (np.arange(prior.size), labels)), shape=shape))

    @cached_property
    def data_probabilities(self) -> FloatArray:
        """P(D), shape (n_data,)."""
        return grouped(self._cells, self._data, self.shape[0])

    @cached_property
    def output_probabilities(self) -> FloatArray:
        """P(W), shape (n_output,)."""
        return grouped(self._cells, self._output, self.shape[1])

    @cached_property
    def _reference(self) -> FloatArray:
        """P(D) P(W) at each cell, relative to the same total as the cells themselves."""
        total = math.fsum(self._cells.tolist())
        return self.data_probabilities[self._data] * self.output_probabilities[self._output] / total

    @cached_property
    def _excess(self) -> FloatArray:
        """P(D, W) / (P(D) P(W)) - 1 at each cell."""
        return relative_excess(self._cells, self._reference)

    @cached_property
    def _density(self) -> FloatArray:
        """Information density of each cell in nats."""
        near = np.abs(self._excess) < 0.5
        return np.where(near, np.log1p(np.where(near, self._excess, 0.0)), np.log(self._cells / self._reference))

    def data_entropy(self, *, unit: Unit = "nats") -> float:
        """Return H(D)."""
        return in_unit(entropy_nats(self.data_probabilities), unit)

    def output_entropy(self, *, unit: Unit = "nats") -> float:
        """Return H(W)."""
        return in_unit(entropy_nats(self.output_probabilities), unit)

    def entropy(self, *, unit: Unit = "nats") -> float:
        """Return H(D, W)."""
        return in_unit(entropy_nats(self._cells), unit)

    def conditional_entropy(self, *, unit: Unit = "nats") -> float:
        """Return H(W | D), the learner's own randomness: exactly 0.0 for a function of the data."""
        channel = self._cells / self.data_probabilities[self._data]
        return in_unit(math.fsum((-self._cells * np.log(channel)).tolist()) + 0.0, unit)

    def _zero_cell_mass(self) -> float:
        """Product probability of the pairs that never occur together, sum of P(D) P(W) where P(D, W) = 0."""
        data, output = self.data_probabilities, self.output_probabilities
        if self.shape[0] * self.shape[1] <= _DENSE_CELLS:
            product = np.outer(data, output)
            product[self._data, self._output] = 0.0
            return math.fsum(product.ravel().tolist())
        # This difference is good to 1e-16 absolute, where the sum above is good to 1e-16 relative; never below zero.
        return max(0.0, math.fsum([1.0, *(-self._reference).tolist()]))

    def mutual_information(self, *, unit: Unit = "nats") -> float:
        """Return I(D; W) = D(P(D, W) || P(D) P(W)).

        Every term of the sum is >= 0 (see `divergence_terms`), so the result is too, and it is exactly 0.0 when data
        and output are independent.
        """
        if np.unique(self._data).size == self._data.size:
            return self.output_entropy(unit=unit)
        if np.unique(self._output).size == self._output.size:
            return self.data_entropy(unit=unit)
        terms = self._reference * divergence_terms(self._excess)
        return in_unit(math.fsum([self._zero_cell_mass(), *terms.tolist()]), unit)

    def coarsen(self, labels: ArrayLike) -> JointDistribution:
        """Return the joint distribution of D and labels[W], an output that says less.

        Parameters
        ----------
        labels : array_like of int, shape (n_output,)
            Index >= 0 of the class of each output, for example the mask of each network.
        """
        from scipy.sparse import coo_array

        classes = _as_labels("labels", labels, self.shape[1])
        shape = (self.shape[0], int(classes.max()) + 1)
        return JointDistribution(coo_array((self._cells, (self._data, classes[self._output])), shape=shape))

    def transpose(self) -> JointDistribution:
        """Return the same distribution with the roles of D and W exchanged."""
        from scipy.sparse import coo_array

        return JointDistribution(coo_array((self._cells, (self._output, self._data)), shape=self.shape[::-1]))

    def conditional_mutual_information(self, labels: ArrayLike, *, unit: Unit = "nats") -> float:
        """Return I(D; W | labels[W]), the sum over the classes l of P(l) I(D; W | l).

        Parameters
        ----------
        labels : array_like of int, shape (n_output,)
        unit : {"nats", "bits"}
        """
        from scipy.sparse import coo_array

        classes = _as_labels("labels", labels, self.shape[1])[self._output]
        parts = []
        for label in np.unique(classes):
            inside = classes == label
            mass = math.fsum(self._cells[inside].tolist())
            # Rows and columns that the class never meets are left out: the work is that of its own cells.
            data, row = np.unique(self._data[inside], return_inverse=True)
            output, column = np.unique(self._output[inside], return_inverse=True)
            cells = coo_array((self._cells[inside] / mass, (row, column)), shape=(data.size, output.size))
            parts.append(mass * JointDistribution(cells).mutual_information())
        return in_unit(math.fsum(parts), unit)

    def chain_rule(self, labels: ArrayLike, *, unit: Unit = "nats") -> ChainRule:
        """Return the parts of I(D; W) = I(D; M) + I(D; W | M) for M = labels[W], each computed by its own sum.

        Parameters
        ----------
        labels : array_like of int, shape (n_output,)
            The mask M contained in each output.
        unit : {"nats", "bits"}
        """
        return ChainRule(
            total=self.mutual_information(unit=unit),
            first=self.coarsen(labels).mutual_information(unit=unit),
            second=self.conditional_mutual_information(labels, unit=unit),
            unit=unit,
        )

    def maximal_leakage(self, *, unit: Unit = "nats") -> float:
        """Return L(D -> W) = log sum_w max_{d: P(d) > 0} P(w | d) (Issa, Wagner & Kamath 2020).

        It bounds I(D; W) from above; for a function of the data it is the log of the number of outputs.
        """
        if np.unique(self._data).size == self._data.size:
            return in_unit(math.log(np.unique(self._output).size), unit)
        # max_d P(w | d) = P(w) (1 + u): the excesses u alone are summed, all zero when the output ignores the data.
        largest = grouped(self._excess, self._output, self.shape[1], max)
        return in_unit(math.log1p(math.fsum((self.output_probabilities * largest).tolist())), unit)

    def sibson_information(self, order: float, *, unit: Unit = "nats") -> float:
        """Return Sibson's mutual information I_alpha(D; W) of order alpha = `order`.

        I_alpha = alpha/(alpha - 1) log sum_w ( sum_d P(d) P(w | d)^alpha )^(1/alpha)   (Sibson 1969; Verdu 2015),
        increasing in alpha: the limit alpha -> 1 is I(D; W), alpha -> infinity is the maximal leakage and alpha -> 0 is
        -log max_w P(D can give w).

        Parameters
        ----------
        order : float
            In [0, infinity]; `math.inf` is allowed.
        unit : {"nats", "bits"}

        Raises
        ------
        ValueError
            If `order` is negative or NaN.
        """
        order = _check_order(order, 0.0)
        if order == 1:
            return self.mutual_information(unit=unit)
        if order == math.inf:
            return self.maximal_leakage(unit=unit)
        if order == 0:
            if np.bincount(self._output).max() == np.unique(self._data).size:
                return in_unit(0.0, unit)  # every data set can give the same output
            reachable = grouped(self.data_probabilities[self._data], self._output, self.shape[1])
            return in_unit(-math.log(reachable.max()), unit)
        outputs, exponents = self._sibson_exponents(order)
        outer = log_mean_exp(self.output_probabilities[outputs], exponents)
        return in_unit(outer * (order / (order - 1.0)) + 0.0, unit)

    def _sibson_exponents(self, order: float) -> tuple[IntArray, FloatArray]:
        """Return the outputs w that occur and log( ( sum_d P(d) P(w | d)^alpha )^(1/alpha) / P(w) ) for each.

        With r = P(w | d) / P(w) and s = alpha - 1 the inner sum is P(w)^alpha E[r^s | w]: this average and that over w
        are averages of exponentials, which `log_mean_exp` evaluates for s -> 0 (orders near 1) and for huge orders.
        """
        exponents = (order - 1.0) * self._density
        posterior = self._cells / self.output_probabilities[self._output]
        starts = np.flatnonzero(np.diff(self._output, prepend=-1))
        ends = [*starts[1:].tolist(), self._output.size]
        inner = [log_mean_exp(posterior[a:b], exponents[a:b]) for a, b in zip(starts.tolist(), ends, strict=True)]
        return self._output[starts], np.array(inner) / order

    def refined_sibson_bound(self, order: float, log_counts: ArrayLike, *, unit: Unit = "nats") -> float:
        """Bound Sibson's information of (W, V) about D when V takes at most N_w values given W = w.

        alpha/(alpha - 1) log sum_w N_w^((alpha - 1)/alpha) ( sum_d P(d) P(w | d)^alpha )^(1/alpha):
        by the power-mean inequality over the N_w values, and P(w, v | d) summed over v being P(w | d). Order 1 is
        I(D; W) + E[log N_W], as in Lemma 3; order infinity is log sum_w N_w max_d P(w | d).

        Parameters
        ----------
        order : float
            In [1, infinity].
        log_counts : array_like, shape (n_output,)
            log N_w >= 0 in nats.
        unit : {"nats", "bits"}
            Of the result.
        """
        order = _check_order(order, 1.0)
        sizes = as_float_array("log_counts", log_counts, ndim=1)
        if sizes.shape != (self.shape[1],) or (sizes < 0).any():
            raise ValueError(f"log_counts must be >= 0 of shape ({self.shape[1]},), got {sizes}")
        if order == 1:
            mean = math.fsum((self.output_probabilities * sizes).tolist())
            return in_unit(self.mutual_information() + mean, unit)
        if order == math.inf:
            largest = np.log1p(grouped(self._excess, self._output, self.shape[1], max))
            return in_unit(log_mean_exp(self.output_probabilities, largest + sizes), unit)
        outputs, exponents = self._sibson_exponents(order)
        share = (order - 1.0) / order
        outer = log_mean_exp(self.output_probabilities[outputs], exponents + share * sizes[outputs])
        return in_unit(outer / share + 0.0, unit)

    def information_density(self, *, unit: Unit = "nats") -> FloatArray:
        """Return i(d; w) = log P(d, w) / (P(d) P(w)), shape (n_data, n_output); -inf where P(d, w) = 0."""
        check_choice("unit", unit, ("nats", "bits"))
        density = np.full(self.shape, -np.inf)
        density[self._data, self._output] = self._density * in_unit(1.0, unit)
        return density

    def information_spectrum(self, *, unit: Unit = "nats") -> InformationSpectrum:
        """Return the distribution of the information density i(D; W), the information spectrum."""
        values, where = np.unique(self._density * in_unit(1.0, unit), return_inverse=True)
        return InformationSpectrum(values, grouped(self._cells, where, values.size), unit)
