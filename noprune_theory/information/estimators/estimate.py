"""One estimate of an entropy with its intervals, from counts."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike
from scipy.special import ndtri

from noprune_theory._validation import check_choice, check_integer, check_open_unit
from noprune_theory.information._arithmetic import Unit, in_unit
from noprune_theory.information.estimators.fingerprint import Fingerprint, coverage_of, fingerprint_of
from noprune_theory.information.estimators.formulas import (
    DEFAULT_ENTROPY_ESTIMATOR,
    ENTROPY_ESTIMATORS,
    Errs,
    errs,
    estimate,
)
from noprune_theory.information.estimators.intervals import (
    extrapolated_interval,
    guaranteed_interval,
    outwards,
    rare_mass_interval,
    unseen_limit,
)

__all__ = ["EntropyEstimate", "MINIMUM_COVERAGE", "SmallSampleWarning", "estimate_entropy"]

#: Below this estimated coverage (probability of the classes seen) the error of every estimate is dominated by what the
#: sample has not seen; docs/entropy_estimators.md has the numbers.
MINIMUM_COVERAGE = 0.75


class SmallSampleWarning(UserWarning):
    """The sample has seen too little of the distribution for its entropy to be estimated: trust the interval alone."""


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
        classes (see the head of `noprune_theory.information.estimators`), within [0, log(support_size)]. It is an
        extrapolation, tested by the coverage study.
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


def _warn_of_unseen(f: Fingerprint, coverage: float, minimum: float, confidence: float) -> None:
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
    f = fingerprint_of(counts)
    check_choice("method", method, ENTROPY_ESTIMATORS)
    level = check_open_unit("confidence", confidence)
    stated = check_open_unit("minimum_coverage", minimum_coverage)
    if support_size is not None:
        support_size = check_integer("support_size", support_size, 1)
        if support_size < f.seen:
            raise ValueError(f"support_size must be at least the {round(f.seen)} classes seen, got {support_size}")
    _warn_of_unseen(f, coverage_of(f), stated, level)
    (estimated,) = estimates_of(f, [method], support_size, level, unit)
    return estimated


def estimates_of(
    f: Fingerprint, methods: Sequence[str], support_size: int | None, confidence: float, unit: Unit
) -> list[EntropyEstimate]:
    """Return the estimates of one sample by several methods, which share all intervals but their own; all checked."""
    # Of the tail: 1/2 + confidence/2 may round to 1.
    z = -float(ndtri((1 - confidence) / 2))
    low, high = extrapolated_interval(f, z)
    rare_low, rare_high = rare_mass_interval(f, support_size, confidence)
    ceiling = math.inf if support_size is None else math.log(support_size)
    guaranteed = outwards(guaranteed_interval(f, support_size, confidence), support_size, unit)
    coverage, estimated = coverage_of(f), []
    for method in methods:
        value, error = estimate(f, method, support_size)
        estimated.append(
            EntropyEstimate(
                value=in_unit(value, unit),
                standard_error=in_unit(error, unit),
                lower=in_unit(max(0.0, min(ceiling, low, rare_low, value - z * error)), unit),
                upper=in_unit(min(ceiling, max(high, rare_high, value + z * error)), unit),
                guaranteed_lower=guaranteed[0],
                guaranteed_upper=guaranteed[1],
                confidence=confidence,
                method=method,
                errs=errs(method),
                coverage=coverage,
                n_samples=f.n,
                n_seen=round(f.seen),
                unit=unit,
            )
        )
    return estimated
