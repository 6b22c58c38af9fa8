"""Exact information in a finite model: a joint distribution of data and output that is given entry by entry.

Nothing is sampled. Every quantity is a sum over the cells of positive probability; see `_arithmetic` for how the sums
are arranged. Independence gives exactly 0.0, and no quantity is ever negative. Probabilities may be as small as doubles
go: what they contribute keeps its digits as long as it is itself a normal double.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import HtmlRepr, ShortRepr
from noprune_theory._frames import data_frame
from noprune_theory._plots import axes_of
from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import as_array, as_float_array, check_choice, check_finite, shown
from noprune_theory.information._arithmetic import (
    Unit,
    as_integers,
    check_probabilities,
    entropy_nats,
    grouped,
    in_unit,
    likelihood_ratios,
    log_mean_exp,
    log_sum_exp,
    power_terms,
    weighted_divergence_terms,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

# Largest table (data sets times outputs) whose cells of probability zero are visited one by one: 32 MiB of doubles.
_DENSE_CELLS = 2**22


# Means of powers beyond this are summed by their logarithms.
_FAR_CHANGE = 1e100


def _as_labels(name: str, value: ArrayLike, length: int) -> tuple[IntArray, int]:
    """Return the codes renumbered 0, 1, ... in their order, and how many there are: their size costs nothing."""
    codes = as_integers(name, value)
    if codes.shape != (length,):
        raise ValueError(f"{name} must have shape ({length},), got {codes.shape}")
    if codes.min() < 0:
        raise ValueError(f"{name} must be >= 0, got {codes.min()}")
    distinct, labels = np.unique(codes, return_inverse=True)
    return labels.astype(np.int64), distinct.size


def _number(name: str, value: Any) -> float:
    """Return `value` as a double, which may be infinite or NaN."""
    if isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        raise ValueError(f"{name} must be a double or infinite, got {shown(value)}")
    return check_finite(name, value)


def _check_order(order: Any, minimum: float) -> float:
    number = _number("order", order)
    if not number >= minimum:
        raise ValueError(f"order must be in [{minimum:g}, inf], got {number}")
    return number


def _prior(value: ArrayLike) -> FloatArray:
    return check_probabilities("data_probabilities", as_float_array("data_probabilities", value, ndim=1))


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
    TypeError
        If the entries are not real numbers.
    ValueError
        If an entry is negative or not finite, or the sum is not 1.

    Examples
    --------
    >>> entropy([0.5, 0.25, 0.25], unit="bits")
    1.5
    """
    values = as_float_array("probabilities", np.ravel(as_array("probabilities", probabilities)), ndim=1)
    return in_unit(entropy_nats(check_probabilities("probabilities", values)), unit)


@dataclass(frozen=True, eq=False, repr=False)
class InformationSpectrum(ShortRepr):
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
        """Return P(i(D; W) > threshold), `threshold` in `unit`; it may be infinite."""
        bound = _number("threshold", threshold)
        if math.isnan(bound):
            raise ValueError(f"threshold must be a number, got {threshold}")
        return math.fsum(self.probabilities[self.values > bound].tolist())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the tail P(i(D; W) > t) over t, a staircase, and the mean as a vertical line.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Those of a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        TypeError
            If `ax` is no axes.
        """
        drawn = axes_of(ax, xlabel=f"information density in {self.unit}", ylabel="probability of more")
        tail = np.cumsum(self.probabilities[::-1])[::-1]
        drawn.stairs(tail, np.append(self.values[0] - 1.0, self.values), baseline=None)
        drawn.axvline(self.mean(), linestyle="--")
        return drawn

    def to_pandas(self) -> DataFrame:
        """Return a data frame, one row a value of the density (needs pandas, extra `pandas`)."""
        return data_frame({"value": self.values, "probability": self.probabilities})


@dataclass(frozen=True)
class ChainRule(HtmlRepr):
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
    # The cells of positive probability, ordered by output and then by data. Rows and columns are numbered among those
    # that occur: nothing but the public arrays has the size of the table.
    _cells: FloatArray = field(init=False)
    _data: IntArray = field(init=False)
    _output: IntArray = field(init=False)
    _rows: IntArray = field(init=False)
    _columns: IntArray = field(init=False)

    def __post_init__(self) -> None:
        if hasattr(self.probabilities, "tocoo"):
            table = self.probabilities.tocoo()
            values = as_float_array("probabilities", table.data, ndim=1)
            shape = (int(table.shape[0]), int(table.shape[1]))
            row, column = table.row.astype(np.int64), table.col.astype(np.int64)
            check_probabilities("probabilities", values)
            row, column, values = row[values > 0], column[values > 0], values[values > 0]
        else:
            values = check_probabilities("probabilities", as_float_array("probabilities", self.probabilities, ndim=2))
            object.__setattr__(self, "probabilities", values)
            shape = (values.shape[0], values.shape[1])
            row, column = (index.astype(np.int64) for index in np.nonzero(values))
            values = values[row, column]
        rows, data = np.unique(row, return_inverse=True)
        columns, output = np.unique(column, return_inverse=True)
        # One cell per pair: a sparse array may list a pair twice.
        pair, where = np.unique(output.astype(np.int64) * rows.size + data, return_inverse=True)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "_cells", grouped(values, where, pair.size))
        object.__setattr__(self, "_data", pair % rows.size)
        object.__setattr__(self, "_output", pair // rows.size)
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_columns", columns)

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

        Returns
        -------
        JointDistribution

        Raises
        ------
        TypeError
            If an argument is not made of real numbers.
        ValueError
            If probabilities are negative or do not sum to 1 within 1e-12, or the shapes do not fit.
        """
        prior = _prior(data_probabilities)
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
            Code >= 0 of the output for each data set, of any size: the columns are the distinct codes, increasing.

        Returns
        -------
        JointDistribution

        Raises
        ------
        TypeError
            If the probabilities are not real numbers, or the codes not integers.
        ValueError
            If probabilities are negative or do not sum to 1 within 1e-12, or codes are negative, beyond 64 bits or of
            another number.
        """
        from scipy.sparse import coo_array

        prior = _prior(data_probabilities)
        labels, n_labels = _as_labels("outputs", outputs, prior.size)
        return cls(coo_array((prior, (np.arange(prior.size), labels)), shape=(prior.size, n_labels)))

    @cached_property
    def data_probabilities(self) -> FloatArray:
        """P(D), shape (n_data,)."""
        return self._spread(self._data_masses, self._rows, self.shape[0])

    @cached_property
    def output_probabilities(self) -> FloatArray:
        """P(W), shape (n_output,)."""
        return self._spread(self._output_masses, self._columns, self.shape[1])

    @staticmethod
    def _spread(masses: FloatArray, where: IntArray, size: int) -> FloatArray:
        if masses.size == size:
            return masses
        result = np.zeros(size)
        result[where] = masses
        return result

    @cached_property
    def _total(self) -> float:
        return math.fsum(self._cells.tolist())

    @cached_property
    def _data_masses(self) -> FloatArray:
        return grouped(self._cells, self._data, self._rows.size)

    @cached_property
    def _output_masses(self) -> FloatArray:
        return grouped(self._cells, self._output, self._columns.size)

    @cached_property
    def _output_shares(self) -> FloatArray:
        """P(W) for the outputs that occur, with the rounding of the total removed."""
        return self._output_masses / self._total

    @cached_property
    def _ratios(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return r - 1 and log r for r = P(D, W) / (P(D) P(W)) at each cell, and the product P(D) P(W)."""
        data, output = self._data_masses[self._data], self._output_masses[self._output]
        # For a nearly certain data set or output the ratio is 1 up to what the others hold.
        rest_of_row = self._rest(self._data, self._data_masses) / data
        rest_of_column = self._rest(self._output, self._output_masses) / output
        complements = (
            (self._others(self._output_masses)[self._output] / self._total, rest_of_row),
            (self._others(self._data_masses)[self._data] / self._total, rest_of_column),
        )
        return likelihood_ratios(self._cells, data, output, self._total, complements)

    def _rest(self, groups: IntArray, masses: FloatArray) -> FloatArray:
        """Return for each cell the sum of the others in its row (or column), summed where the cell is over half."""
        mass = masses[groups]
        large = self._cells > 0.5 * mass
        others = grouped(np.where(large, 0.0, self._cells), groups, masses.size)[groups]
        return np.where(large, others, mass)

    @staticmethod
    def _others(masses: FloatArray) -> FloatArray:
        """Return for each mass the sum of the others where it is the largest, and the sum of all elsewhere."""
        total = math.fsum(masses.tolist())
        result = np.full(masses.size, total)
        largest = int(masses.argmax())
        result[largest] = math.fsum(np.delete(masses, largest).tolist())
        return result

    @property
    def _density(self) -> FloatArray:
        """Information density of each cell in nats."""
        return self._ratios[1]

    @property
    def _is_function(self) -> bool:
        """Whether each data set gives one output."""
        return self._rows.size == self._cells.size

    def data_entropy(self, *, unit: Unit = "nats") -> float:
        """Return H(D)."""
        return in_unit(entropy_nats(self._data_masses), unit)

    def output_entropy(self, *, unit: Unit = "nats") -> float:
        """Return H(W)."""
        return in_unit(entropy_nats(self._output_masses), unit)

    def entropy(self, *, unit: Unit = "nats") -> float:
        """Return H(D, W)."""
        return in_unit(entropy_nats(self._cells), unit)

    def conditional_entropy(self, *, unit: Unit = "nats") -> float:
        """Return H(W | D), the learner's own randomness: exactly 0.0 for a function of the data."""
        mass = self._data_masses[self._data]
        rest = self._rest(self._data, self._data_masses) / mass
        # Where one output takes more than half of a data set, its log is that of one less the others.
        large = rest < 1.0
        logs = np.where(large, np.log1p(np.where(large, -rest, 0.0)), np.log(self._cells) - np.log(mass))
        return in_unit(math.fsum((-self._cells * logs).tolist()) + 0.0, unit)

    @cached_property
    def _missed(self) -> FloatArray:
        """Probability of the data sets that never give the output, for each output that occurs."""
        shares = self._data_masses / self._total
        partial = np.flatnonzero(np.bincount(self._output) < self._rows.size)
        result = np.zeros(self._columns.size)
        if partial.size * self._rows.size > _DENSE_CELLS:
            # This difference is good to 1e-16 absolute, where the sum below is good to 1e-16 relative; never below 0.
            given = grouped(-shares[self._data], self._output, self._columns.size, lambda p: math.fsum([1.0, *p]))
            result[partial] = np.maximum(given[partial], 0.0)
            return result
        position = np.full(self._columns.size, -1)
        position[partial] = np.arange(partial.size)
        left = np.tile(shares, (partial.size, 1))
        inside = position[self._output] >= 0
        left[position[self._output][inside], self._data[inside]] = 0.0
        result[partial] = [math.fsum(row) for row in left.tolist()]
        return result

    def mutual_information(self, *, unit: Unit = "nats") -> float:
        """Return I(D; W) = D(P(D, W) || P(D) P(W)).

        Every term of the sum is >= 0 (see `weighted_divergence_terms`), so the result is too, and it is exactly 0.0
        when data and output are independent.
        """
        if self._is_function:
            return self.output_entropy(unit=unit)
        if self._columns.size == self._cells.size:
            return self.data_entropy(unit=unit)
        terms = weighted_divergence_terms(self._cells, *self._ratios)
        return in_unit(math.fsum([*(self._output_shares * self._missed).tolist(), *terms.tolist()]), unit)

    def coarsen(self, labels: ArrayLike) -> JointDistribution:
        """Return the joint distribution of D and labels[W], an output that says less.

        Parameters
        ----------
        labels : array_like of int, shape (n_output,)
            Code >= 0 of the class of each output, for example the mask of each network; codes may have any size. The
            columns of the result are the distinct codes, increasing.

        Returns
        -------
        JointDistribution

        Raises
        ------
        TypeError
            If the labels are not integers.
        ValueError
            If a label is negative or beyond 64 bits, or there is not one an output.
        """
        from scipy.sparse import coo_array

        classes, n_classes = _as_labels("labels", labels, self.shape[1])
        pairs = (self._rows[self._data], classes[self._columns[self._output]])
        return JointDistribution(coo_array((self._cells, pairs), shape=(self.shape[0], n_classes)))

    def transpose(self) -> JointDistribution:
        """Return the same distribution with the roles of D and W exchanged."""
        from scipy.sparse import coo_array

        pairs = (self._columns[self._output], self._rows[self._data])
        return JointDistribution(coo_array((self._cells, pairs), shape=self.shape[::-1]))

    def conditional_mutual_information(self, labels: ArrayLike, *, unit: Unit = "nats") -> float:
        """Return I(D; W | labels[W]), the sum over the classes l of P(l) I(D; W | l).

        Parameters
        ----------
        labels : array_like of int, shape (n_output,)
        unit : {"nats", "bits"}

        Returns
        -------
        float
            >= 0, in `unit`.

        Raises
        ------
        TypeError
            If the labels are not integers.
        ValueError
            If a label is negative or beyond 64 bits, or there is not one an output.
        """
        from scipy.sparse import coo_array

        classes = _as_labels("labels", labels, self.shape[1])[0][self._columns[self._output]]
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

        Returns
        -------
        ChainRule
            In `unit`.

        Raises
        ------
        TypeError
            If the labels are not integers.
        ValueError
            If a label is negative or beyond 64 bits, or there is not one an output.
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
        if self._is_function:
            return in_unit(math.log(self._columns.size), unit)
        # max_d P(w | d) less P(w) is >= 0, and 0 when the output ignores the data.
        excess = self._ratios[0]
        near = np.abs(excess) < 0.5
        below = self._output_shares[self._output] * np.where(near, excess, 0.0)
        gain = np.where(near, below, self._cells / self._data_masses[self._data] - self._output_shares[self._output])
        largest = np.maximum(grouped(gain, self._output, self._columns.size, max), 0.0)
        return in_unit(math.log1p(math.fsum(largest.tolist())), unit)

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

        Returns
        -------
        float
            >= 0, in `unit`.

        Raises
        ------
        TypeError
            If `order` is not a real number.
        ValueError
            If `order` is negative or NaN.
        """
        order = _check_order(order, 0.0)
        if order == 1:
            return self.mutual_information(unit=unit)
        if order == math.inf:
            return self.maximal_leakage(unit=unit)
        if order == 0:
            # The largest reach among the outputs; near one it is taken from what it misses.
            missed = float(self._missed.min())
            if missed < 0.5:
                return in_unit(-math.log1p(-missed) + 0.0, unit)
            reach = grouped(self._data_masses[self._data], self._output, self._columns.size)
            return in_unit(math.log(self._total) - math.log(float(reach.max())), unit)
        inner = self._log_power_means(order)
        if order > 1:
            return in_unit(log_mean_exp(self._log_output_shares, inner / order) * (order / (order - 1.0)) + 0.0, unit)
        # Both parts of the logarithm are <= 0; in this form the power 1/order of a tiny order does no harm.
        with np.errstate(over="ignore", under="ignore"):
            drop = np.expm1(inner / order)
            spent = math.fsum((self._output_shares * drop).tolist())
            if spent > -0.5:
                return in_unit(order / (order - 1.0) * math.log1p(spent) + 0.0, unit)
            largest = float(inner.max())
            rest = log_sum_exp((inner - largest) / order + self._log_output_shares)
        return in_unit((largest + order * rest) / (order - 1.0) + 0.0, unit)

    def _log_power_means(self, order: float) -> FloatArray:
        """Return log( sum_d P(d) (P(w | d) / P(w))^alpha ) for each output w that occurs.

        It has the sign of alpha - 1. With r = P(w | d) / P(w), whose mean over the data is 1, the mean of r^alpha less
        one is that of r^alpha - 1 - alpha (r - 1), whose terms share their sign: no digit is lost for alpha -> 1 or for
        nearly independent tables. Where an exponent is large, or the mean far below one, logarithms are summed.
        """
        n = self._columns.size
        excess, density, _ = self._ratios
        # Normalised within the output: the masses themselves may be too small to be multiplied.
        posterior = self._cells / self._output_masses[self._output]
        prior = (self._data_masses / self._total)[self._data]
        change = grouped(power_terms(order, posterior, excess, density, prior), self._output, n)
        change += (order - 1.0) * self._missed
        near = (change > -0.5) & (change < _FAR_CHANGE)
        result = np.log1p(np.where(near, change, 0.0))
        if not near.all():
            exponents = order * density + np.log(self._data_masses[self._data]) - math.log(self._total)
            sums = grouped(exponents, self._output, n, lambda part: log_sum_exp(np.array(part)))
            result = np.where(near, result, sums)
        result = np.maximum(result, 0.0) if order > 1 else np.minimum(result, 0.0)
        return np.asarray(result, dtype=np.float64)

    @property
    def _log_output_shares(self) -> FloatArray:
        return np.log(self._output_masses) - math.log(self._total)

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

        Returns
        -------
        float
            At least `sibson_information`, in `unit`.

        Raises
        ------
        TypeError
            If an argument is not made of real numbers.
        ValueError
            If `order` is below 1 or NaN, or `log_counts` has not one finite entry >= 0 an output.
        """
        order = _check_order(order, 1.0)
        sizes = as_float_array("log_counts", log_counts, ndim=1)
        if sizes.shape != (self.shape[1],) or (sizes < 0).any():
            raise ValueError(f"log_counts must be >= 0 of shape ({self.shape[1]},), got {shown(sizes)}")
        sizes = sizes[self._columns]
        if order == 1:
            mean = math.fsum((self._output_shares * sizes).tolist())
            return in_unit(self.mutual_information() + mean, unit)
        if order == math.inf:
            largest = np.maximum(grouped(self._density, self._output, self._columns.size, max), 0.0)
            return in_unit(log_mean_exp(self._log_output_shares, largest + sizes), unit)
        share = (order - 1.0) / order
        outer = log_mean_exp(self._log_output_shares, self._log_power_means(order) / order + share * sizes)
        return in_unit(outer / share + 0.0, unit)

    def information_density(self, *, unit: Unit = "nats") -> FloatArray:
        """Return i(d; w) = log P(d, w) / (P(d) P(w)), shape (n_data, n_output); -inf where P(d, w) = 0."""
        check_choice("unit", unit, ("nats", "bits"))
        density = np.full(self.shape, -np.inf)
        density[self._rows[self._data], self._columns[self._output]] = self._density * in_unit(1.0, unit)
        return density

    def information_spectrum(self, *, unit: Unit = "nats") -> InformationSpectrum:
        """Return the distribution of the information density i(D; W), the information spectrum."""
        values, where = np.unique(self._density * in_unit(1.0, unit), return_inverse=True)
        return InformationSpectrum(values, grouped(self._cells, where, values.size), unit)
