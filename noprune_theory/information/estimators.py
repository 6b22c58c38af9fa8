"""Entropy of a discrete variable from samples: seven estimators, and for each an interval and the side it errs on.

A sample enters only through its fingerprint: how many classes were seen once, twice, and so on. Logs are natural.

No estimator is unbiased for every distribution (Paninski 2003), so an interval of the form value +- z s, with s the
standard error, covers only when the bias is small against s. Two honest intervals are therefore given:

* `lower`, `upper`: the smallest interval that holds three others.

  - value +- z s.
  - Miller & Madow's estimate M, M +- z s, extended by the bias that is still visible. Let M(n), M(n/2), M(n/4) be its
    values for the whole sample and those expected for half and a quarter of it. A bias that decays like n^-a has the
    changes g = M(n) - M(n/2) and g' = M(n/2) - M(n/4) in the ratio r = g / g' = 2^-a, and what remains is
    g r / (1 - r). The extension is that, at least 2 g and at most 10 g (decay slower than n^-0.14 is not told from no
    decay). Miller & Madow's estimate is used because it errs low and hardly fluctuates, so that r can be read off one
    sample.
  - The range of h(m) + m H_rarer + (1 - m) H_commoner, h the binary entropy, for a split of the classes into rarer and
    commoner ones, as the probability m of the rarer runs through its interval of Clopper & Pearson (1934). All splits
    by count are tried, with Miller & Madow's estimates within both sides; in the first the rarer are n classes never
    seen. Room for those is left by every finite sample, so the interval has positive width unless `support_size`
    excludes them. For at most two classes this range alone holds the truth with probability `confidence`, whatever the
    size of the sample.

* `guaranteed_lower`, `guaranteed_upper`: a proved interval for every distribution on at most `support_size` classes
  (`_guaranteed_interval` has the argument). Without a support size its upper end is infinite: unseen classes of tiny
  probability can hold any amount of entropy.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import betaincinv, entr, exp1, gammaln, ndtri, psi

from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import check_choice, check_integer, check_open_unit
from noprune_theory.information._arithmetic import Unit, in_unit
from noprune_theory.information._nsb import nsb

Errs: TypeAlias = Literal["low", "low when undersampled", "either"]

#: Below this estimated coverage (probability of the classes seen) the error of every estimate is dominated by what the
#: sample has not seen; docs/entropy_estimators.md has the numbers.
MINIMUM_COVERAGE = 0.75
# Least and largest multiple of the last change by which the interval is extended.
_LEAST_EXTENSION, _LARGEST_EXTENSION = 2.0, 10.0
# Classes seen more often than this are halved in a normal approximation, in bounded memory.
_LARGE_COUNT = 1000
# Gauss-Laguerre rule for the tails of the logarithmic series.
_LAGUERRE = np.polynomial.laguerre.laggauss(100)
#: More classes than this change no digit of the NSB estimate.
_MANY_CLASSES = 1e200


class SmallSampleWarning(UserWarning):
    """The sample has seen too little of the distribution for its entropy to be estimated."""


@dataclass(frozen=True)
class EntropyEstimate:
    """An entropy estimated from a sample, in `unit`.

    Attributes
    ----------
    value : float
        The estimate.
    standard_error : float
        Jackknife standard error (NSB: standard deviation of its posterior). It does not contain the bias.
    lower, upper : float
        Interval of level `confidence` that allows for the bias still visible in the sample and for rare and unseen
        classes (see the head of this module), within [0, log(support_size)]. It is an extrapolation, tested by the
        coverage study.
    guaranteed_lower, guaranteed_upper : float
        Proved interval of level `confidence`, whatever the estimator (infinite above if no support size is given).
    confidence : float
    method : str
    errs : {"low", "low when undersampled", "either"}
        The side of the truth on which the estimator errs in expectation. "low" is proved for every distribution.
    coverage : float
        Estimated probability of the classes that were seen (Chao & Jost 2012).
    n_samples, n_seen : int
        Size of the sample and number of distinct classes in it.
    unit : {"nats", "bits"}
    """

    value: float
    standard_error: float
    lower: float
    upper: float
    guaranteed_lower: float
    guaranteed_upper: float
    confidence: float
    method: str
    errs: Errs
    coverage: float
    n_samples: int
    n_seen: int
    unit: Unit


@dataclass(frozen=True)
class _Fingerprint:
    """Positive counts, increasing in a sample, and the number of classes that have each.

    The multiplicities need not be whole numbers: the expected fingerprint of a part of the sample is one too. `n` is
    the size of the sample, the sum of counts times multiplicities.
    """

    counts: FloatArray
    multiplicities: FloatArray
    n: int

    @property
    def seen(self) -> float:
        return float(self.multiplicities.sum())

    def number_seen(self, times: int) -> float:
        """Return the number of classes seen exactly `times` times."""
        return float(self.multiplicities[self.counts == times].sum())

    def without_one(self, index: int) -> _Fingerprint:
        """Return the fingerprint after one sample of a class with count `counts[index]` is removed."""
        counts = np.append(self.counts, self.counts[index] - 1)
        multiplicities = np.append(self.multiplicities, 1.0)
        multiplicities[index] -= 1.0
        kept = (counts > 0) & (multiplicities > 0)
        return _Fingerprint(counts[kept], multiplicities[kept], self.n - 1)

    def expected_part(self, size: int) -> _Fingerprint:
        """Return the expected fingerprint of `size` of the samples, drawn without replacement; whole counts only."""
        small = self.counts <= _LARGE_COUNT
        kept, expected = self._small_part(size, self.counts[small], self.multiplicities[small])
        # The part of a large class is nearly normal: the three-point Gauss-Hermite rule has its first five moments.
        large = self.counts[~small]
        share = size / self.n
        deviation = np.sqrt(large * share * (1 - large / self.n) * (self.n - size) / max(self.n - 1, 1))
        points = large[:, None] * share + math.sqrt(3) * deviation[:, None] * np.array([-1.0, 0.0, 1.0])
        weights = self.multiplicities[~small, None] * np.array([1 / 6, 2 / 3, 1 / 6])
        return _Fingerprint(np.append(kept, points.ravel()), np.append(expected, weights.ravel()), size)

    def _small_part(self, size: int, counts: FloatArray, multiplicities: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Hypergeometric expectation of the fingerprint of a part, for classes of small counts."""
        kept = np.arange(1, int(min(counts.max(initial=0), size)) + 1, dtype=np.float64)
        c, rest = counts[:, None], self.n - size
        possible = (kept <= c) & (c - kept <= rest)
        k = np.where(possible, kept, np.maximum(c - rest, 0))
        log_probability = _log_binomial(c, k) + _log_binomial(self.n - c, size - k) - _log_binomial(self.n, size)
        expected = multiplicities @ np.where(possible, np.exp(log_probability), 0.0)
        return kept[expected > 0], expected[expected > 0]


def _log_binomial(n: FloatArray | float, k: FloatArray | float) -> FloatArray:
    result: FloatArray = gammaln(np.asarray(n) + 1.0) - gammaln(np.asarray(k) + 1.0) - gammaln(np.asarray(n - k) + 1.0)
    return result


def _plug_in(f: _Fingerprint) -> float:
    frequencies = f.counts / f.n
    return float(-(frequencies * np.log(frequencies)) @ f.multiplicities) + 0.0


def _miller_madow(f: _Fingerprint) -> float:
    return _plug_in(f) + (f.seen - 1) / (2 * f.n)


def _grassberger(f: _Fingerprint) -> float:
    c = f.counts
    sign = np.where(np.round(c) % 2 == 0, 1.0, -1.0)
    correction = psi(c) + 0.5 * sign * (psi((c + 1) / 2) - psi(c / 2))
    return math.log(f.n) - float((c * correction) @ f.multiplicities) / f.n


def _jackknife(f: _Fingerprint) -> float:
    n, c = f.n, f.counts
    if n == 1:
        return 0.0
    shorter = np.where(c > 1, (c - 1) * np.log(np.maximum(c - 1, 1)), 0.0)
    change = c * np.log(c) - shorter
    total = float((c * np.log(c)) @ f.multiplicities)
    leave_one_out = math.log(n - 1) - (total - change) / (n - 1)
    return n * _plug_in(f) - (n - 1) / n * float((c * leave_one_out) @ f.multiplicities)


def _chao_shen(f: _Fingerprint) -> float:
    n, once = f.n, f.number_seen(1)
    # If every sample is of its own class the coverage estimate would be zero; one singleton is then not counted.
    coverage = 1 - (once if once < n else n - 1) / n
    p = coverage * f.counts / n
    return float(-(p * np.log(p) / (1 - (1 - p) ** n)) @ f.multiplicities) + 0.0


def _log_tail(n: int, a: float) -> float:
    """Return log sum_{k >= n} (1 - a)^k / k for 0 < a < 1, without overflow or cancellation."""
    s = -math.log1p(-a)
    if n * a <= 1 and n < 100:
        # The tail is at least 0.2 here: the difference of two numbers of order -log(a) keeps its digits.
        return math.log(-math.log(a) - math.fsum(math.exp(-s * k) / k for k in range(1, n)))
    if n * a <= 1:
        # Euler-Maclaurin for f(k) = exp(-s k) / k: the next term is below 1e-14.
        edge = 1 / 2 + (s + 1 / n) / 12 - (s**3 + 3 * s**2 / n + 6 * s / n**2 + 6 / n**3) / 720
        return math.log(float(exp1(s * n)) + math.exp(-s * n) / n * edge)
    # (1 - a)^n / n times the integral of exp(-t) / (1 - (1 - a) exp(-t / n)); its pole is at t = -n a or beyond.
    nodes, weights = _LAGUERRE
    integral = float(weights @ (1 / (a - (1 - a) * np.expm1(-nodes / n))))
    return -n * s - math.log(n) + math.log(integral)


def _zhang(f: _Fingerprint) -> float:
    """Return sum_x (x/n) sum_{k=x}^{n-1} 1/k, unbiased for sum_i p_i sum_{k<n} (1 - p_i)^k / k <= H (Zhang 2012)."""
    return float((f.counts / f.n * (psi(f.n) - psi(f.counts))) @ f.multiplicities)


def _chao_wang_jost(f: _Fingerprint) -> float:
    n, once, twice = f.n, f.number_seen(1), f.number_seen(2)
    # Estimated probability of a class seen once; without doubletons, the bias-corrected form.
    singletons, doubletons = (once, 2 * twice) if twice > 0 else (max(once - 1, 0.0), 2.0)
    a = doubletons / ((n - 1) * singletons + doubletons)
    if a >= 1:
        return _zhang(f)
    return _zhang(f) + once / n * math.exp(_log_tail(n, a) - (n - 1) * math.log1p(-a))


_ESTIMATORS: dict[str, tuple[Callable[[_Fingerprint], float], Errs]] = {
    "plug_in": (_plug_in, "low"),
    "miller_madow": (_miller_madow, "low when undersampled"),
    "grassberger": (_grassberger, "either"),
    "jackknife": (_jackknife, "either"),
    "chao_shen": (_chao_shen, "either"),
    "chao_wang_jost": (_chao_wang_jost, "low when undersampled"),
}

#: Names of the estimators.
ENTROPY_ESTIMATORS: tuple[str, ...] = (*_ESTIMATORS, "nsb")

#: The estimator used unless another is named: in the study of docs/entropy_estimators.md it has the smallest error over
#: all among those that need not be told the number of classes.
DEFAULT_ENTROPY_ESTIMATOR = "chao_wang_jost"


def _jackknife_error(estimator: Callable[[_Fingerprint], float], f: _Fingerprint) -> float:
    """Jackknife standard error; removing one sample gives only as many values as there are distinct counts."""
    weights = f.counts * f.multiplicities / f.n
    values = np.array([estimator(f.without_one(index)) for index in range(f.counts.size)])
    deviations = values - float(weights @ values)
    return math.sqrt((f.n - 1) * float(weights @ deviations**2))


def _nsb_classes(f: _Fingerprint, support_size: int | None) -> float:
    if support_size is not None:
        return min(float(support_size), _MANY_CLASSES) if support_size < 2**1000 else _MANY_CLASSES
    if f.counts[-1] < 2:
        raise ValueError(
            f"support_size must be given to method 'nsb' for a sample without repetitions: all {f.n} samples are of "
            "different classes, and the estimate grows without bound with the number of classes"
        )
    return _MANY_CLASSES


def _extrapolated_interval(f: _Fingerprint, z: float) -> tuple[float, float]:
    """Return Miller & Madow's interval extended by its visible bias; see the head of this module."""
    half = f.expected_part((f.n + 1) // 2)
    quarter = f.expected_part((half.n + 1) // 2)
    whole = _miller_madow(f)
    last, before = whole - _miller_madow(half), _miller_madow(half) - _miller_madow(quarter)
    ratio = last / before if before != 0 else 0.0
    multiple = ratio / (1 - ratio) if ratio < 1 else _LARGEST_EXTENSION
    extension = last * min(max(multiple, _LEAST_EXTENSION), _LARGEST_EXTENSION)
    spread = z * _jackknife_error(_miller_madow, f)
    return whole - spread + min(extension, 0.0), whole + spread + max(extension, 0.0)


def unseen_limit(n: int, confidence: float) -> float:
    """Return the largest probability that n samples miss with probability (1 - confidence) / 2 or more."""
    return -math.expm1(math.log((1 - confidence) / 2) / n)


def _rare_mass_interval(f: _Fingerprint, support_size: int | None, confidence: float) -> tuple[float, float]:
    """Return the range of the entropy in nats as the probability of the rarer classes moves; see the module's head."""
    c = np.repeat(f.counts, f.multiplicities.astype(np.int64))
    # Entry i is the split into the i rarest of the classes seen, beside all unseen ones, and the others.
    rarer = np.append(0.0, np.cumsum(c)[:-1])
    spread = np.append(0.0, np.cumsum(c * np.log(c)))
    others, some = f.n - rarer, np.maximum(rarer, 1.0)
    classes = np.arange(c.size)
    within_rarer = np.log(some) + (np.maximum(classes - 1, 0) / 2 - spread[:-1]) / some
    within_others = np.log(others) + ((c.size - classes - 1) / 2 - (spread[-1] - spread[:-1])) / others
    tail = (1 - confidence) / 2
    low = np.append(0.0, betaincinv(rarer[1:], others[1:] + 1, tail))
    high = np.append(unseen_limit(f.n, confidence), betaincinv(rarer[1:] + 1, others[1:], 1 - tail))
    unseen = f.n if support_size is None else min(f.n, support_size - round(f.seen))
    if unseen > 0:
        within_rarer[0] = math.log(unseen)
    else:
        high[0] = 0.0

    def total(mass: FloatArray) -> FloatArray:
        result: FloatArray = entr(mass) + entr(1 - mass) + mass * within_rarer + (1 - mass) * within_others
        return result

    # Concave in the mass: smallest at an end, largest where the derivative vanishes or at the end nearest to that.
    largest = total(np.clip(1 / (1 + np.exp(within_others - within_rarer)), low, high))
    return float(np.minimum(total(low), total(high)).min()), float(largest.max())


def _estimate(f: _Fingerprint, method: str, support_size: int | None) -> tuple[float, float]:
    """Return the estimate and its standard error in nats."""
    if method == "nsb":
        return nsb(f.counts, f.multiplicities, _nsb_classes(f, support_size))
    estimator = _ESTIMATORS[method][0]
    return estimator(f), _jackknife_error(estimator, f)


def _largest_bias_of_zhang(n: int, support_size: int) -> float:
    """Return a bound on H - E[Zhang's estimator] over all distributions on `support_size` classes.

    The bias is sum_i q(p_i) with q(p) = p sum_{k >= n} (1 - p)^k / k. q'' has the sign of n p - 1, so q is concave up
    to 1/n, and it has its maximum p* there. If 1/K <= p*, Jensen's inequality (for the concave envelope of q, which
    agrees with q up to p*) gives K q(1/K), reached by the uniform distribution; otherwise K q(p*) bounds the sum term
    by term.
    """
    if support_size >= 2**600:
        return math.log(support_size) - float(psi(n) - psi(1))
    # q'(p) = sum_{k >= n} (1 - p)^k / k - (1 - p)^(n - 1).
    peak = brentq(lambda p: _log_tail(n, p) - (n - 1) * math.log1p(-p), 1e-3 / n, 1 / n)
    p = min(1 / support_size, peak)
    return support_size * p * math.exp(_log_tail(n, p))


def _largest_change_of_zhang(n: int) -> float:
    """Return the largest change of Zhang's estimator when one of n samples is replaced, (H_{n-1} + 1) / n.

    H_{n-1} is a harmonic number. A class that appears adds H_{n-1} / n, one that loses a sample takes or gives at most
    as much as the last of n equal samples, 1/n.
    """
    return float(psi(n) - psi(1) + 1) / n


def _guaranteed_interval(f: _Fingerprint, support_size: int | None, confidence: float) -> tuple[float, float]:
    """Return an interval for H in nats that holds for every distribution on at most `support_size` classes.

    E[Z] <= H <= E[Z] + `_largest_bias_of_zhang` for Zhang's estimator Z, and McDiarmid's inequality bounds Z - E[Z] on
    each side by `_largest_change_of_zhang`.
    """
    radius = _largest_change_of_zhang(f.n) * math.sqrt(f.n * math.log(2 / (1 - confidence)) / 2)
    value = _zhang(f)
    lower = max(0.0, value - radius)
    if support_size is None:
        return lower, math.inf
    upper = value + _largest_bias_of_zhang(f.n, support_size) + radius
    return lower, min(math.log(support_size), upper)


def sample_coverage(counts: ArrayLike) -> float:
    """Estimate the total probability of the classes that a sample has seen (Chao & Jost 2012).

    Parameters
    ----------
    counts : array_like of int, shape (n_classes,)
        How often each class was seen; zeros are allowed.

    Returns
    -------
    float
        In [0, 1]; 0 if no class was seen twice.
    """
    return _coverage(_fingerprint(counts))


def _coverage(f: _Fingerprint) -> float:
    once, twice = f.number_seen(1), f.number_seen(2)
    if once == f.n:
        return 0.0
    if once == 0:
        return 1.0
    # Good & Turing's f1 / n, corrected through the doubletons; without any, the bias-corrected form takes their place.
    odds = (f.n - 1) * once / (2 * twice) if twice else (f.n - 1) * (once - 1) / 2
    return 1 - once / f.n * (odds / (1 + odds))


def _fingerprint(counts: ArrayLike) -> _Fingerprint:
    values = np.asarray(counts)
    if values.dtype.kind not in "iu":
        raise TypeError(f"counts must be an array of integers, got dtype {values.dtype}")
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"counts must have shape (n_classes,) with n_classes >= 1, got {values.shape}")
    if values.dtype.kind == "i" and values.min() < 0:
        raise ValueError(f"counts must be >= 0, got {values.min()}")
    n = int(values.sum())
    if n < 2:
        raise ValueError(f"counts must hold at least 2 samples, got {n}")
    distinct, multiplicities = np.unique(values[values > 0], return_counts=True)
    return _Fingerprint(distinct.astype(np.float64), multiplicities.astype(np.float64), n)


def _warn_of_unseen(f: _Fingerprint, coverage: float, minimum: float, confidence: float) -> None:
    if coverage < minimum:
        said = f"show {round(f.seen)} classes that carry an estimated {coverage:.3g} of the probability, less than"
    elif 1 - unseen_limit(f.n, confidence) < minimum:
        said = f"may have missed {unseen_limit(f.n, confidence):.3g} of the probability, which leaves less than"
    else:
        return
    warnings.warn(
        f"the {f.n} samples {said} {minimum:g}: the estimate extrapolates, trust the interval",
        SmallSampleWarning,
        stacklevel=3,
    )


def count_outcomes(samples: ArrayLike) -> IntArray:
    """Count how often each distinct outcome occurs.

    Parameters
    ----------
    samples : array_like, shape (n,) or (n, p)
        Discrete outcomes, one a row: integers or booleans, for example n masks of p weights.

    Returns
    -------
    int array, shape (n_seen,)
        The counts, in the lexicographic order of the outcomes.
    """
    values = np.asarray(samples)
    if values.dtype.kind not in "iub":
        raise TypeError(f"samples must be integers or booleans, got dtype {values.dtype}")
    if values.ndim not in (1, 2) or values.size == 0:
        raise ValueError(f"samples must have shape (n,) or (n, p) with n, p >= 1, got {values.shape}")
    if values.dtype == np.bool_ and values.ndim == 2:
        values = np.packbits(values, axis=1)
    counts: IntArray = np.unique(values, axis=0, return_counts=True)[1].astype(np.int64)
    return counts


def estimate_entropy(
    counts: ArrayLike,
    *,
    method: str = DEFAULT_ENTROPY_ESTIMATOR,
    support_size: int | None = None,
    confidence: float = 0.95,
    minimum_coverage: float = MINIMUM_COVERAGE,
    unit: Unit = "nats",
) -> EntropyEstimate:
    """Estimate the entropy of a discrete variable from how often each class was seen.

    Parameters
    ----------
    counts : array_like of int, shape (n_classes,)
        At least 2 samples in all; zeros are allowed and mean nothing. See `count_outcomes`.
    method : str
        One of `ENTROPY_ESTIMATORS`:

        - "plug_in": entropy of the observed frequencies; errs low for every distribution (Jensen).
        - "miller_madow": plug-in + (classes seen - 1) / (2 n) (Miller 1955).
        - "grassberger": log n - sum (c/n) G(c) (Grassberger 2003).
        - "jackknife": n H - (n - 1)/n sum of the leave-one-out plug-ins (Zahl 1977).
        - "chao_shen": Horvitz-Thompson with the coverage estimate of Good & Turing (Chao & Shen 2003).
        - "chao_wang_jost": Zhang's series plus an estimate of its tail (Chao, Wang & Jost 2013).
        - "nsb": Bayes with a nearly flat prior on the entropy (Nemenman, Shafee & Bialek 2002); without `support_size`
          the limit of many classes.
    support_size : int, optional
        A number of classes that the variable surely does not exceed: C(p, k) for masks that keep k of p weights, or the
        number of data sets for a learner without randomness. Needed for a finite guaranteed upper end.
    confidence : float
        Level of the intervals, in (0, 1).
    minimum_coverage : float
        Warn when the coverage of the sample is estimated below this level, or may be below it, in (0, 1).
    unit : {"nats", "bits"}

    Returns
    -------
    EntropyEstimate

    Warns
    -----
    SmallSampleWarning
        If the classes seen carry less than `minimum_coverage` of the probability (estimated), or so few samples were
        drawn that they may well do so (at most 12, at the defaults): the estimate then rests on an extrapolation, and
        only the interval should be trusted, best the guaranteed one.

    Raises
    ------
    TypeError
        If the counts are not integers.
    ValueError
        If a count is negative, fewer than 2 samples are given, or more classes were seen than `support_size`.

    Examples
    --------
    >>> estimate = estimate_entropy([2, 4, 6, 4, 2], method="plug_in")
    >>> round(estimate.value, 6), estimate.errs
    (1.522955, 'low')
    """
    f = _fingerprint(counts)
    check_choice("method", method, ENTROPY_ESTIMATORS)
    level = check_open_unit("confidence", confidence)
    stated = check_open_unit("minimum_coverage", minimum_coverage)
    if support_size is not None:
        support_size = check_integer("support_size", support_size, 1)
        if support_size < f.seen:
            raise ValueError(f"support_size must be at least the {round(f.seen)} classes seen, got {support_size}")
    coverage = _coverage(f)
    _warn_of_unseen(f, coverage, stated, level)
    value, error = _estimate(f, method, support_size)
    z = float(ndtri(0.5 + level / 2))
    low, high = _extrapolated_interval(f, z)
    rare_low, rare_high = _rare_mass_interval(f, support_size, level)
    ceiling = math.inf if support_size is None else math.log(support_size)
    guaranteed = _guaranteed_interval(f, support_size, level)
    return EntropyEstimate(
        value=in_unit(value, unit),
        standard_error=in_unit(error, unit),
        lower=in_unit(max(0.0, min(low, rare_low, value - z * error)), unit),
        upper=in_unit(min(ceiling, max(high, rare_high, value + z * error)), unit),
        guaranteed_lower=in_unit(guaranteed[0], unit),
        guaranteed_upper=in_unit(guaranteed[1], unit),
        confidence=level,
        method=method,
        errs="either" if method == "nsb" else _ESTIMATORS[method][1],
        coverage=coverage,
        n_samples=f.n,
        n_seen=round(f.seen),
        unit=unit,
    )
