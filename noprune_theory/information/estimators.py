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
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import entr, exp1, gammaln, ndtri, psi

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory._validation import check_choice, check_integer, check_open_unit
from noprune_theory.information._arithmetic import Unit, as_integers, in_unit
from noprune_theory.information._nsb import Sample, nsb
from noprune_theory.information._special import (
    beta_quantiles,
    leave_one_out_rest,
    log_minus_psi,
    log_minus_psi_half,
    log_ratio,
)

Errs: TypeAlias = Literal["low", "low when undersampled", "either"]

#: Below this estimated coverage (probability of the classes seen) the error of every estimate is dominated by what the
#: sample has not seen; docs/entropy_estimators.md has the numbers.
MINIMUM_COVERAGE = 0.75
# Least and largest multiple of the last change by which the interval is extended.
_LEAST_EXTENSION, _LARGEST_EXTENSION = 2.0, 10.0
# Classes seen more often than this are halved in a normal approximation, in bounded memory.
_LARGE_COUNT = 1000
_LOG_FACTORIALS = gammaln(np.arange(_LARGE_COUNT + 1) + 1.0)
# Gauss-Laguerre rule for the tails of the logarithmic series.
_LAGUERRE = np.polynomial.laguerre.laggauss(100)
#: More classes than this change no digit of the NSB estimate.
_MANY_CLASSES = 10**200
# The parts of the guaranteed interval are computed to a few 1e-14, relatively; each is widened by this share.
_SLACK = 1e-12
# The root behind the bound on the bias is bracketed to this share of itself.
_BRACKET = 1e-9


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
        Proved interval of level `confidence`, whatever the estimator (infinite above if no support size is given);
        rounded outwards.
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


@dataclass(frozen=True, eq=False)
class _Fingerprint:
    """Positive counts, increasing in a sample, and the number of classes that have each.

    Neither need be whole numbers: the expected fingerprint of a part of the sample is one too. `n` is the size of the
    sample, the sum of counts times multiplicities, and `rests` is n - counts, each with its own relative accuracy:
    counts beyond 2^53 are known exactly only before they become doubles.
    """

    counts: FloatArray
    multiplicities: FloatArray
    n: int
    rests: FloatArray
    whole: tuple[int, ...] = ()

    @classmethod
    def of(cls, counts: list[int], multiplicities: list[int]) -> _Fingerprint:
        n = sum(c * m for c, m in zip(counts, multiplicities, strict=True))
        rests = np.array([n - c for c in counts], dtype=np.float64)
        as_floats = [np.array(values, dtype=np.float64) for values in (counts, multiplicities)]
        return cls(as_floats[0], as_floats[1], n, rests, tuple(counts))

    @property
    def size(self) -> float:
        return float(self.n)

    @property
    def seen(self) -> float:
        return float(self.multiplicities.sum())

    @property
    def shares(self) -> FloatArray:
        """Share of the sample that the classes of each count hold together."""
        return self.counts * self.multiplicities / self.size

    @property
    def log_inverses(self) -> FloatArray:
        """Return log(n / count) >= 0 to full relative accuracy."""
        return np.log1p(self.rests / self.counts)

    @cached_property
    def even(self) -> BoolArray:
        """Whether each count is even."""
        return np.array([c % 2 == 0 for c in self.whole])

    @cached_property
    def reference(self) -> int:
        """Index of the count whose classes hold most samples."""
        return int((self.counts * self.multiplicities).argmax())

    @cached_property
    def steps(self) -> FloatArray:
        """Counts less that of `reference`."""
        return np.array([c - self.whole[self.reference] for c in self.whole], dtype=np.float64)

    @cached_property
    def log_steps(self) -> FloatArray:
        """Return log(count / r), r the count of `reference`."""
        return log_ratio(self.counts, self.counts[self.reference], self.steps)

    def number_seen(self, times: int) -> float:
        """Return the number of classes seen exactly `times` times."""
        return float(self.multiplicities[self.counts == times].sum())

    def expected_part(self, size: int) -> _Fingerprint:
        """Return the expected fingerprint of `size` of the samples, drawn without replacement; whole counts only."""
        small = self.counts <= _LARGE_COUNT
        few_others = ~small & (self.rests <= _LARGE_COUNT)
        large = ~small & ~few_others
        parts = [self._small_part(size, self.counts[small], self.multiplicities[small])]
        # Of a class that holds nearly all samples, what is missing is counted.
        for rest, multiplicity in zip(self.rests[few_others], self.multiplicities[few_others], strict=True):
            missing, chances, _ = self._small_part(size, np.array([rest]), np.array([multiplicity]), first=0)
            parts.append((size - missing, chances, missing))
        # The part of a large class is nearly normal: the three-point Gauss-Hermite rule has its first five moments.
        share = size / self.n
        spread = share * (1 - share) / max(self.n - 1, 1)
        deviation = np.sqrt(3 * self.counts[large] * self.rests[large] * spread)
        points = share * self.counts[large, None] + deviation[:, None] * np.array([-1.0, 0.0, 1.0])
        rests = share * self.rests[large, None] - deviation[:, None] * np.array([-1.0, 0.0, 1.0])
        weights = self.multiplicities[large, None] * np.array([1 / 6, 2 / 3, 1 / 6])
        parts.append((points.ravel(), weights.ravel(), rests.ravel()))
        counts, multiplicities, others = (np.concatenate(part) for part in zip(*parts, strict=True))
        kept = (counts > 0) & (multiplicities > 0)
        return _Fingerprint(counts[kept], multiplicities[kept], size, np.maximum(others[kept], 0.0))

    def _small_part(
        self, size: int, counts: FloatArray, multiplicities: FloatArray, first: int = 1
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Hypergeometric expectation of the fingerprint of a part, for classes of small counts.

        P(k) = C(c, k) (size)_k (n - size)_(c-k) / (n)_c with falling factorials, each a power times a product of
        1 - i / size (or n - size, n): nothing cancels, however large n is.
        """
        top = int(counts.max(initial=0))
        kept = np.arange(first, min(top, size) + 1, dtype=np.float64)
        if not kept.size or not counts.size:
            return kept[:0], kept[:0], kept[:0]
        c, rest = counts[:, None], self.n - size
        possible = (kept <= c) & (c - kept <= rest)
        k = np.where(possible, kept, np.minimum(np.maximum(c - float(rest), 0.0), c))
        falling = [_log_falling(base, top) for base in (size, rest, self.n)]
        log_probability = (
            _LOG_FACTORIALS[c.astype(np.int64)]
            - _LOG_FACTORIALS[k.astype(np.int64)]
            - _LOG_FACTORIALS[(c - k).astype(np.int64)]
            + (k * math.log(size / self.n) + falling[0][k.astype(np.int64)])
            + (np.where(c > k, (c - k) * math.log(max(rest, 1) / self.n), 0.0) + falling[1][(c - k).astype(np.int64)])
            - falling[2][c.astype(np.int64)]
        )
        expected = multiplicities @ np.where(possible, np.exp(log_probability), 0.0)
        return kept, expected, size - kept


def _log_falling(base: int, top: int) -> FloatArray:
    """Return log( base (base - 1) ... (base - j + 1) / base^j ) for j = 0, ..., top; 0 beyond j = base."""
    steps = np.arange(top, dtype=np.float64)
    factors = np.where(steps < base, -steps / max(base, 1), 0.0)
    return np.concatenate([[0.0], np.cumsum(np.log1p(factors))])


# Each estimator gives its value, and how the value after the loss of one sample of a class depends on the class's
# count: an array that is zero for the class of `reference`. Those values differ in their last digits only.


def _plug_in(f: _Fingerprint) -> float:
    return float(f.shares @ f.log_inverses) + 0.0


def _plug_in_losses(f: _Fingerprint) -> FloatArray:
    # After the loss sum c log c is smaller by log c + (c - 1) log(c / (c - 1)).
    return (f.log_steps - _from_reference(f, leave_one_out_rest(f.counts))) / (f.size - 1)


def _from_reference(f: _Fingerprint, values: FloatArray) -> FloatArray:
    return values - values[f.reference]


def _miller_madow(f: _Fingerprint) -> float:
    return _plug_in(f) + (f.seen - 1) / (2 * f.size)


def _miller_madow_losses(f: _Fingerprint) -> FloatArray:
    once = np.where(f.counts == 1, 0.5, 0.0)
    return _plug_in_losses(f) - _from_reference(f, once) / (f.size - 1)


def _log_less_grassberger(f: _Fingerprint) -> FloatArray:
    """Return log c - G(c), G(c) = psi(c/2) + log 2 for odd c and psi((c + 1)/2) + log 2 for even c."""
    half = f.counts / 2
    return np.where(f.even, log_minus_psi_half(np.maximum(half, 1.0)), log_minus_psi(half))


def _grassberger(f: _Fingerprint) -> float:
    return float(f.shares @ (f.log_inverses + _log_less_grassberger(f)))


def _grassberger_losses(f: _Fingerprint) -> FloatArray:
    # c G(c) - (c - 1) G(c - 1) is G(c), and 2 more for even c.
    return (f.log_steps + _from_reference(f, 2.0 * f.even) - _from_reference(f, _log_less_grassberger(f))) / (
        f.size - 1
    )


def _jackknife(f: _Fingerprint) -> float:
    # n H - (n - 1) mean(H less one sample), with what the logarithms have in common taken out.
    return _plug_in(f) + float(f.shares @ leave_one_out_rest(f.counts)) - float(leave_one_out_rest(np.array(f.size)))


def _jackknife_losses(f: _Fingerprint) -> FloatArray:
    change = _change(lambda c: c * leave_one_out_rest(np.maximum(c, 1.0)), f.counts)
    return _plug_in_losses(f) - _from_reference(f, change) / (f.size - 1)


def _change(function: Callable[[FloatArray], FloatArray], counts: FloatArray) -> FloatArray:
    """Return function(c) - function(c - 1), taken to vanish where both are at their limit to sixteen digits."""
    return np.where(counts < 1e8, function(counts) - function(counts - 1), 0.0)


def _uncovered(once: float, size: float) -> float:
    """Return Good & Turing's probability of the classes not seen; of singletons alone, one is not counted."""
    return (once if once < size else size - 1) / size


def _log_miss(counts: FloatArray, rests: FloatArray, size: float, uncovered: float) -> FloatArray:
    """Return log(1 - p) for p = (1 - uncovered) counts / size: 1 - p is (rests + uncovered counts) / size."""
    p = (1 - uncovered) * counts / size
    others = rests / size + uncovered * (counts / size)
    small = p < 0.5
    with np.errstate(divide="ignore"):
        return np.where(small, np.log1p(-np.where(small, p, 0.0)), np.log(others))


def _chao_shen(f: _Fingerprint) -> float:
    uncovered = _uncovered(f.number_seen(1), f.size)
    log_p = math.log1p(-uncovered) - f.log_inverses
    with np.errstate(under="ignore"):
        included = -np.expm1(f.size * _log_miss(f.counts, f.rests, f.size, uncovered))
        return float((np.exp(log_p) * -log_p / included) @ f.multiplicities) + 0.0


def _chao_shen_losses(f: _Fingerprint) -> FloatArray:
    if f.counts.size == 1:
        return np.zeros(1)
    size, once, c = f.size - 1, f.number_seen(1), f.counts
    uncovered = np.array([_uncovered(once - (x == 1) + (x == 2), size) for x in c.tolist()])
    coverage, base = 1 - uncovered, 1 - float(uncovered[f.reference])
    step = float(uncovered[f.reference]) - uncovered
    # First the sum of -p log p: as the coverage changes for all classes, and as one class loses a sample.
    shares = f.shares * (f.size / size)
    entropy = float(shares @ np.log1p((f.rests - 1) / c))
    scaled = step * entropy - float(shares.sum()) * (step * np.log(coverage) + base * np.log1p(step / base))
    rest = leave_one_out_rest(c)
    lost = step * (np.log(coverage / size) + np.log(c) + 1 - rest)
    lost += base * (np.log1p(step / base) + f.log_steps - _from_reference(f, rest))
    # Then what the chance 1 - (1 - p)^n of being seen adds: rare classes only.
    extra = np.empty(c.size)
    for value in np.unique(uncovered):
        at = uncovered == value
        before = _unseen_share(c, f.rests - 1, size, float(value))
        after = _unseen_share(c - 1, f.rests, size, float(value))
        extra[at] = float(before @ f.multiplicities) + (after - before)[at]
    return scaled + lost / size + _from_reference(f, extra)


def _unseen_share(counts: FloatArray, rests: FloatArray, size: float, uncovered: float) -> FloatArray:
    """Return -p log p (1 - p)^n / (1 - (1 - p)^n), n = size; 0 for a count of 0."""
    seen = counts > 0
    c, rest = np.where(seen, counts, 1.0), np.where(seen, rests, size - 1)
    log_p = np.log(c / size) + math.log1p(-uncovered)
    with np.errstate(under="ignore"):
        exponent = size * _log_miss(c, rest, size, uncovered)
        odds = np.exp(exponent) / -np.expm1(exponent)
        return np.where(seen, np.exp(log_p) * -log_p * odds, 0.0)


def _zhang(f: _Fingerprint) -> float:
    """Return sum_x (x/n) sum_{k=x}^{n-1} 1/k, unbiased for sum_i p_i sum_{k<n} (1 - p_i)^k / k <= H (Zhang 2012)."""
    # psi(n) - psi(x), whose leading part is log(n / x).
    return float(f.shares @ (f.log_inverses + (log_minus_psi(f.counts) - log_minus_psi(f.size))))


def _zhang_losses(f: _Fingerprint) -> FloatArray:
    # x psi(x) - (x - 1) psi(x - 1) is psi(x) + 1, and psi(1) for a class that disappears.
    kept = np.where(f.counts > 1, 1.0, 0.0)
    return (f.log_steps + _from_reference(f, kept) - _from_reference(f, log_minus_psi(f.counts))) / (f.size - 1)


def _log_tail(n: int, a: float) -> float:
    """Return log sum_{k >= n} (1 - a)^k / k for 0 < a < 1, without overflow or cancellation."""
    return _log_scaled_tail(n, a) + (n - 1) * math.log1p(-a)


def _log_scaled_tail(n: int, a: float) -> float:
    """Return log of sum_{k >= n} (1 - a)^(k - n + 1) / k for 0 < a < 1."""
    s = -math.log1p(-a)
    if n * a <= 1 and n < 100:
        # The tail is at least 0.2 here: the difference of two numbers of order -log(a) keeps its digits.
        return math.log(-math.log(a) - math.fsum(math.exp(-s * k) / k for k in range(1, n))) + (n - 1) * s
    if n * a <= 1:
        # Euler-Maclaurin for f(k) = exp(-s k) / k: the next term is below 1e-14.
        edge = 1 / 2 + (s + 1 / n) / 12 - (s**3 + 3 * s**2 / n + 6 * s / n**2 + 6 / n**3) / 720
        return math.log(float(exp1(s * n)) + math.exp(-s * n) / n * edge) + (n - 1) * s
    # (1 - a)^n / n times the integral of exp(-t) / (1 - (1 - a) exp(-t / n)); its pole is at t = -n a or beyond.
    nodes, weights = _LAGUERRE
    integral = float(weights @ (1 / (a - (1 - a) * np.expm1(-nodes / n))))
    return -s - math.log(n) + math.log(integral)


def _unseen_tail(once: float, twice: float, n: int) -> float:
    """Return the tail that Chao, Wang & Jost add to Zhang's series, from the numbers of classes seen once and twice."""
    # Estimated probability of a class seen once; without doubletons, the bias-corrected form.
    singletons, doubletons = (once, 2 * twice) if twice > 0 else (max(once - 1, 0.0), 2.0)
    a = doubletons / ((n - 1) * singletons + doubletons)
    return once / n * math.exp(_log_scaled_tail(n, a)) if a < 1 else 0.0


def _chao_wang_jost(f: _Fingerprint) -> float:
    return _zhang(f) + _unseen_tail(f.number_seen(1), f.number_seen(2), f.n)


def _chao_wang_jost_losses(f: _Fingerprint) -> FloatArray:
    if f.counts.size == 1:
        return np.zeros(1)
    once, twice = f.number_seen(1), f.number_seen(2)
    # A singleton disappears, a doubleton becomes a singleton, a tripleton a doubleton.
    tails = np.full(f.counts.size, _unseen_tail(once, twice, f.n - 1))
    for count, change in ((1, (-1, 0)), (2, (1, -1)), (3, (0, 1))):
        if (f.counts == count).any():
            tails[f.counts == count] = _unseen_tail(once + change[0], twice + change[1], f.n - 1)
    return _zhang_losses(f) + _from_reference(f, tails)


_Additive: TypeAlias = tuple[Callable[[_Fingerprint], float], Callable[[_Fingerprint], FloatArray], Errs]

_ESTIMATORS: dict[str, _Additive] = {
    "plug_in": (_plug_in, _plug_in_losses, "low"),
    "miller_madow": (_miller_madow, _miller_madow_losses, "low when undersampled"),
    "grassberger": (_grassberger, _grassberger_losses, "either"),
    "jackknife": (_jackknife, _jackknife_losses, "either"),
    "chao_shen": (_chao_shen, _chao_shen_losses, "either"),
    "chao_wang_jost": (_chao_wang_jost, _chao_wang_jost_losses, "low when undersampled"),
}

#: Names of the estimators.
ENTROPY_ESTIMATORS: tuple[str, ...] = (*_ESTIMATORS, "nsb")

#: The estimator used unless another is named: in the study of docs/entropy_estimators.md it has the smallest error over
#: all among those that need not be told the number of classes.
DEFAULT_ENTROPY_ESTIMATOR = "chao_wang_jost"


def _jackknife_error(losses: Callable[[_Fingerprint], FloatArray], f: _Fingerprint) -> float:
    """Jackknife standard error; removing one sample gives only as many values as there are distinct counts."""
    values = losses(f)
    deviations = values - float(f.shares @ values)
    return math.sqrt((f.size - 1) * float(f.shares @ deviations**2))


def _nsb_sample(f: _Fingerprint, support_size: int | None) -> Sample:
    if support_size is None and f.whole[-1] < 2:
        raise ValueError(
            f"support_size must be given to method 'nsb' for a sample without repetitions: all {f.n} samples are of "
            "different classes, and the estimate grows without bound with the number of classes"
        )
    classes = _MANY_CLASSES if support_size is None else min(support_size, _MANY_CLASSES)
    return Sample(
        counts=f.counts,
        multiplicities=f.multiplicities,
        n=f.size,
        classes=float(classes),
        unseen=float(classes - round(f.seen)),
        excess=np.array([float(classes * c - f.n) for c in f.whole]),
        logs=f.log_steps,
        reference=f.reference,
        steps=f.steps,
        entropy=_plug_in(f),
    )


def _extrapolated_interval(f: _Fingerprint, z: float) -> tuple[float, float]:
    """Return Miller & Madow's interval extended by its visible bias; see the head of this module."""
    half = f.expected_part((f.n + 1) // 2)
    quarter = f.expected_part((half.n + 1) // 2)
    whole = _miller_madow(f)
    last, before = whole - _miller_madow(half), _miller_madow(half) - _miller_madow(quarter)
    ratio = last / before if before != 0 else 0.0
    multiple = ratio / (1 - ratio) if ratio < 1 else _LARGEST_EXTENSION
    extension = last * min(max(multiple, _LEAST_EXTENSION), _LARGEST_EXTENSION)
    spread = z * _jackknife_error(_miller_madow_losses, f)
    return whole - spread + min(extension, 0.0), whole + spread + max(extension, 0.0)


def unseen_limit(n: int, confidence: float) -> float:
    """Return the largest probability that n samples miss with probability (1 - confidence) / 2 or more."""
    return -math.expm1(math.log((1 - confidence) / 2) / n)


def _rare_mass_interval(f: _Fingerprint, support_size: int | None, confidence: float) -> tuple[float, float]:
    """Return the range of the entropy in nats as the probability of the rarer classes moves; see the module's head."""
    c = np.repeat(f.counts, f.multiplicities.astype(np.int64))
    # Entry i is the split into the i rarest of the classes seen, beside all unseen ones, and the others.
    up_to, from_here = np.cumsum(c), np.cumsum(c[::-1])[::-1]
    rarer, others = np.append(0.0, up_to[:-1]), from_here
    classes = np.arange(c.size)
    # Entropies within a side, times its size: each class adds what joining it to those before (or after) it does.
    low_side = np.append(0.0, np.cumsum(_joining(c[1:], up_to[:-1]))[:-1]) if c.size > 1 else np.zeros(0)
    within_rarer = np.append(0.0, low_side)
    within_others = np.append(np.cumsum(_joining(c[:-1], from_here[1:])[::-1])[::-1], 0.0)
    within_rarer = (within_rarer + np.maximum(classes - 1, 0) / 2) / np.maximum(rarer, 1.0)
    within_others = (within_others + (c.size - classes - 1) / 2) / others
    tail = (1 - confidence) / 2
    low = np.append(0.0, beta_quantiles(rarer[1:], others[1:] + 1, tail, upper=False))
    high = np.append(unseen_limit(f.n, confidence), beta_quantiles(rarer[1:] + 1, others[1:], tail, upper=True))
    unseen = f.n if support_size is None else min(f.n, support_size - round(f.seen))
    if unseen > 0:
        within_rarer[0] = math.log(unseen)
    else:
        high[0] = 0.0

    def total(mass: FloatArray) -> FloatArray:
        # -(1 - m) log(1 - m), where 1 - m would round the mass away.
        certain = np.where(mass < 1.0, -(1.0 - mass) * np.log1p(-np.where(mass < 1.0, mass, 0.0)), 0.0)
        result: FloatArray = entr(mass) + certain + mass * within_rarer + (1 - mass) * within_others
        return result

    # Concave in the mass: smallest at an end, largest where the derivative vanishes or at the end nearest to that.
    largest = total(np.clip(1 / (1 + np.exp(within_others - within_rarer)), low, high))
    return float(np.minimum(total(low), total(high)).min()), float(largest.max())


def _joining(count: FloatArray, others: FloatArray) -> FloatArray:
    """Return (c + o) h(c / (c + o)): what a class of c samples adds to the entropy of o others, times their sum."""
    result: FloatArray = count * np.log1p(others / count) + others * np.log1p(count / others)
    return result


def _estimate(f: _Fingerprint, method: str, support_size: int | None) -> tuple[float, float]:
    """Return the estimate and its standard error in nats."""
    if method == "nsb":
        return nsb(_nsb_sample(f, support_size))
    estimator, losses, _ = _ESTIMATORS[method]
    return estimator(f), _jackknife_error(losses, f)


def _largest_bias_of_zhang(n: int, support_size: int) -> float:
    """Return a bound on H - E[Zhang's estimator] over all distributions on `support_size` classes.

    The bias is sum_i q(p_i) with q(p) = p sum_{k >= n} (1 - p)^k / k. q'' has the sign of n p - 1, so q is concave up
    to 1/n, and it has its maximum p* there. If 1/K <= p*, Jensen's inequality (for the concave envelope of q, which
    agrees with q up to p*) gives K q(1/K), reached by the uniform distribution; otherwise K q(p*) bounds the sum term
    by term.

    The result is rounded upwards.
    """
    if support_size >= 2**600:
        return (math.log(support_size) - float(psi(float(n)) - psi(1.0))) * (1 + _SLACK)

    def slope(t: float) -> float:
        # Of the sign of q'(p) = sum_{k >= n} (1 - p)^k / k - (1 - p)^(n - 1) at p = t/n, and log q' over the last term.
        return _log_scaled_tail(n, t / n)

    # The root is sought in n p, which is of order one: a tolerance would be no small one in p.
    peak = brentq(slope, 1e-3, 1.0, xtol=1e-14)
    before, after = (1 - _BRACKET) * peak, (1 + _BRACKET) * peak
    while slope(before) < 0:
        before /= 2
    while slope(after) > 0:
        after *= 2
    p = before / n
    if support_size * p >= 1:
        return math.exp(_log_tail(n, 1 / support_size)) * (1 + _SLACK)
    # The maximum lies between: q is concave, so it is at most q at the first point and the slope there times the width.
    last = math.exp((n - 1) * math.log1p(-p))
    highest = p * math.exp(_log_tail(n, p)) + last * math.expm1(slope(before)) * (after - before) / n
    return support_size * highest * (1 + _SLACK)


def _largest_change_of_zhang(n: int) -> float:
    """Return the largest change of Zhang's estimator when one of n samples is replaced, (H_{n-1} + 1) / n.

    H_{n-1} is a harmonic number. A class that appears adds H_{n-1} / n, one that loses a sample takes or gives at most
    as much as the last of n equal samples, 1/n.
    """
    return float(psi(float(n)) - psi(1.0) + 1) / n


def _guaranteed_interval(f: _Fingerprint, support_size: int | None, confidence: float) -> tuple[float, float]:
    """Return an interval for H in nats that holds for every distribution on at most `support_size` classes.

    E[Z] <= H <= E[Z] + `_largest_bias_of_zhang` for Zhang's estimator Z, and McDiarmid's inequality bounds Z - E[Z] on
    each side by `_largest_change_of_zhang`.
    """
    radius = _largest_change_of_zhang(f.n) * math.sqrt(f.size * math.log(2 / (1 - confidence)) / 2) * (1 + _SLACK)
    value = _zhang(f)
    # Outwards: the value is computed to a few 1e-14 of itself.
    lower = max(0.0, value * (1 - _SLACK) - radius) * (1 - _SLACK)
    if support_size is None:
        return lower, math.inf
    upper = (value * (1 + _SLACK) + _largest_bias_of_zhang(f.n, support_size) + radius) * (1 + _SLACK)
    return lower, upper


def _log_ceiling(support_size: int, unit: Unit) -> float:
    """Return log(support_size) in `unit`, rounded upwards; exact where it is a whole number of bits."""
    if support_size & (support_size - 1) == 0 and (unit == "bits" or support_size == 1):
        return float(support_size.bit_length() - 1)
    return math.nextafter(math.log2(support_size) if unit == "bits" else math.log(support_size), math.inf)


def _outwards(ends: tuple[float, float], support_size: int | None, unit: Unit) -> tuple[float, float]:
    """Convert a proved interval from nats to `unit`, and cut it at the largest entropy that there is."""
    lower = math.nextafter(in_unit(ends[0], unit), 0.0) if ends[0] > 0 else 0.0
    if support_size is None:
        return lower, math.inf
    ceiling = _log_ceiling(support_size, unit)
    return min(lower, ceiling), min(math.nextafter(in_unit(ends[1], unit), math.inf), ceiling)


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
    values = as_integers("counts", counts)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"counts must have shape (n_classes,) with n_classes >= 1, got {values.shape}")
    if values.min() < 0:
        raise ValueError(f"counts must be >= 0, got {values.min()}")
    distinct, multiplicities = np.unique(values[values > 0], return_counts=True)
    # The sum is that of Python's integers: no type of fixed width holds it.
    f = _Fingerprint.of(distinct.tolist(), multiplicities.tolist())
    if f.n < 2:
        raise ValueError(f"counts must hold at least 2 samples, got {f.n}")
    return f


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
    values = as_integers("samples", samples, "iub")
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
        At least 2 samples in all, each count at most 2^64 - 1; zeros are allowed and mean nothing. See
        `count_outcomes`.
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
    # Of the tail: 1/2 + level/2 may round to 1.
    z = -float(ndtri((1 - level) / 2))
    low, high = _extrapolated_interval(f, z)
    rare_low, rare_high = _rare_mass_interval(f, support_size, level)
    ceiling = math.inf if support_size is None else math.log(support_size)
    guaranteed = _outwards(_guaranteed_interval(f, support_size, level), support_size, unit)
    return EntropyEstimate(
        value=in_unit(value, unit),
        standard_error=in_unit(error, unit),
        lower=in_unit(max(0.0, min(ceiling, low, rare_low, value - z * error)), unit),
        upper=in_unit(min(ceiling, max(high, rare_high, value + z * error)), unit),
        guaranteed_lower=guaranteed[0],
        guaranteed_upper=guaranteed[1],
        confidence=level,
        method=method,
        errs="either" if method == "nsb" else _ESTIMATORS[method][2],
        coverage=coverage,
        n_samples=f.n,
        n_seen=round(f.seen),
        unit=unit,
    )
