"""What an estimator sees of a sample: how many classes were seen once, twice, and so on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.information._arithmetic import as_integers
from noprune_theory.information._special import (
    log_ratio,
)

__all__ = ["Fingerprint", "count_outcomes", "coverage_of", "fingerprint_of", "sample_coverage"]

# Classes seen more often than this are halved in a normal approximation, in bounded memory.
_LARGE_COUNT = 1000
_LOG_FACTORIALS = gammaln(np.arange(_LARGE_COUNT + 1) + 1.0)


@dataclass(frozen=True, eq=False)
class Fingerprint:
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
    def of(cls, counts: list[int], multiplicities: list[int]) -> Fingerprint:
        """Return the fingerprint of a sample: its distinct positive counts, and how many classes have each."""
        n = sum(c * m for c, m in zip(counts, multiplicities, strict=True))
        rests = np.array([n - c for c in counts], dtype=np.float64)
        as_floats = [np.array(values, dtype=np.float64) for values in (counts, multiplicities)]
        return cls(as_floats[0], as_floats[1], n, rests, tuple(counts))

    @property
    def size(self) -> float:
        """The size of the sample."""
        return float(self.n)

    @property
    def seen(self) -> float:
        """The number of classes seen."""
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

    def expected_part(self, size: int) -> Fingerprint:
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
        return Fingerprint(counts[kept], multiplicities[kept], size, np.maximum(others[kept], 0.0))

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


def coverage_of(f: Fingerprint) -> float:
    """Return the estimated total probability of the classes seen."""
    once, twice = f.number_seen(1), f.number_seen(2)
    if once == f.n:
        return 0.0
    if once == 0:
        return 1.0
    # Good & Turing's f1 / n, corrected through the doubletons; without any, the bias-corrected form takes their place.
    odds = (f.n - 1) * once / (2 * twice) if twice else (f.n - 1) * (once - 1) / 2
    return 1 - once / f.n * (odds / (1 + odds))


def fingerprint_of(counts: ArrayLike) -> Fingerprint:
    """Return the fingerprint of checked counts."""
    values = as_integers("counts", counts)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"counts must have shape (n_classes,) with n_classes >= 1, got {values.shape}")
    if values.min() < 0:
        raise ValueError(f"counts must be >= 0, got {values.min()}")
    distinct, multiplicities = np.unique(values[values > 0], return_counts=True)
    # The sum is that of Python's integers: no type of fixed width holds it.
    f = Fingerprint.of(distinct.tolist(), multiplicities.tolist())
    if f.n < 2:
        raise ValueError(f"counts must hold at least 2 samples, got {f.n}")
    return f


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

    Raises
    ------
    TypeError
        If the outcomes are neither integers nor booleans.
    ValueError
        If they have another shape, or there are none.
    """
    values = as_integers("samples", samples, "iub")
    if values.ndim not in (1, 2) or values.size == 0:
        raise ValueError(f"samples must have shape (n,) or (n, p) with n, p >= 1, got {values.shape}")
    if values.dtype == np.bool_ and values.ndim == 2:
        values = np.packbits(values, axis=1)
    counts: IntArray = np.unique(values, axis=0, return_counts=True)[1].astype(np.int64)
    return counts


def sample_coverage(counts: ArrayLike) -> float:
    """Estimate the total probability of the classes that a sample has seen (Chao & Jost 2012).

    Parameters
    ----------
    counts : array_like of int, shape (n_classes,)
        How often each class was seen, at least 2 samples in all; zeros are allowed.

    Returns
    -------
    float
        In [0, 1]; 0 if no class was seen twice.

    Raises
    ------
    TypeError
        If the counts are not integers.
    ValueError
        If a count is negative, or there are fewer than 2 samples.
    """
    return coverage_of(fingerprint_of(counts))
