"""How often do entropy intervals contain the truth? A study over known distributions.

`noprune_theory.information.study` runs it on named distributions and writes docs/entropy_estimators.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import (
    as_float_array,
    check_choice,
    check_generator,
    check_instance,
    check_integer,
    check_nonnegative,
    check_open_unit,
    shown,
)
from noprune_theory.information.estimators import ENTROPY_ESTIMATORS, EntropyEstimate
from noprune_theory.information.estimators.estimate import estimates_of
from noprune_theory.information.estimators.fingerprint import fingerprint_of
from noprune_theory.information.finite import entropy

# Classes, or samples for one cell, that a study can be asked for.
_MOST = 2**31


@dataclass(frozen=True)
class CoverageRow:
    """What one estimator did on repeated samples of one distribution (entropies in nats).

    Attributes
    ----------
    distribution : str
    n_classes, n_samples, repetitions : int
    method : str
    entropy : float
        The exact entropy.
    bias, root_mean_square_error : float
        Mean error and root mean squared error of the estimate.
    nominal_coverage : float
        Fraction of the samples for which value +- z standard_error contains the truth.
    coverage : float
        The same for the interval `lower`, `upper`.
    guaranteed_coverage : float
        The same for the guaranteed interval, given the true number of classes.
    width, guaranteed_width : float
        Mean widths of the last two intervals.
    sample_coverage : float
        Mean estimated probability of the classes seen.
    """

    distribution: str
    n_classes: int
    n_samples: int
    repetitions: int
    method: str
    entropy: float
    bias: float
    root_mean_square_error: float
    nominal_coverage: float
    coverage: float
    guaranteed_coverage: float
    width: float
    guaranteed_width: float
    sample_coverage: float


def zipf_distribution(n_classes: int, exponent: float) -> FloatArray:
    """Return probabilities proportional to rank^-exponent.

    Parameters
    ----------
    n_classes : int
        In [1, 2^31].
    exponent : float
        At least 0; 0 is the uniform distribution.

    Returns
    -------
    array, shape (n_classes,)
        Decreasing, with sum 1; classes too rare for a double have probability 0.

    Raises
    ------
    TypeError
        If `n_classes` is not an integer, or `exponent` not a real number.
    ValueError
        If an argument is outside its range.
    """
    ranks = np.arange(1, check_integer("n_classes", n_classes, 1, _MOST) + 1, dtype=np.float64)
    with np.errstate(under="ignore"):
        weights = ranks ** -check_nonnegative("exponent", exponent)
    result: FloatArray = weights / math.fsum(weights.tolist())
    return result


def _row(
    name: str, probabilities: FloatArray, estimates: Sequence[EntropyEstimate], truth: float, confidence: float
) -> CoverageRow:
    values = np.array([estimate.value for estimate in estimates])
    errors = np.array([estimate.standard_error for estimate in estimates])
    lower, upper, safe_lower, safe_upper = (
        np.array([getattr(estimate, side) for estimate in estimates])
        for side in ("lower", "upper", "guaranteed_lower", "guaranteed_upper")
    )
    z = -float(ndtri((1 - confidence) / 2))
    return CoverageRow(
        distribution=name,
        n_classes=int(np.count_nonzero(probabilities)),
        n_samples=estimates[0].n_samples,
        repetitions=len(estimates),
        method=estimates[0].method,
        entropy=truth,
        bias=float(values.mean() - truth),
        root_mean_square_error=float(np.sqrt(np.mean((values - truth) ** 2))),
        nominal_coverage=float(np.mean(np.abs(values - truth) <= z * errors)),
        coverage=float(np.mean((lower <= truth) & (truth <= upper))),
        guaranteed_coverage=float(np.mean((safe_lower <= truth) & (truth <= safe_upper))),
        width=float(np.mean(upper - lower)),
        guaranteed_width=float(np.mean(safe_upper - safe_lower)),
        sample_coverage=float(np.mean([estimate.coverage for estimate in estimates])),
    )


def _checked_sequence(name: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return `values`; they must be a sequence (no string) that is not empty."""
    if isinstance(values, (str, bytes)) or not isinstance(values, (Sequence, np.ndarray)):
        raise TypeError(f"{name} must be a sequence, got {shown(values)} of type {type(values).__name__}")
    if len(values) == 0:
        raise ValueError(f"{name} must not be empty")
    return values


def coverage_study(
    distributions: Mapping[str, ArrayLike],
    sample_sizes: Sequence[int],
    *,
    repetitions: int,
    rng: RNG,
    methods: Sequence[str] = ENTROPY_ESTIMATORS,
    confidence: float = 0.95,
) -> tuple[CoverageRow, ...]:
    """Draw samples from known distributions and compare every estimate and interval with the exact entropy.

    Parameters
    ----------
    distributions : mapping of str to array_like, shape (n_classes,)
        Probabilities by name; at least one distribution.
    sample_sizes : sequence of int
        At least one size, each at least 2 and below 2^63.
    repetitions : int
        Samples drawn for each distribution and size, in [1, 2^31]; all methods see the same samples.
    rng : numpy.random.Generator or seed
        Draws the samples.
    methods : sequence of str
        At least one of `ENTROPY_ESTIMATORS`.
    confidence : float
        Level of the intervals, in (0, 1).

    Returns
    -------
    tuple of CoverageRow
        One for each distribution, sample size and method, in that order; entropies in nats.

    Raises
    ------
    TypeError
        If `distributions` is no mapping, `sample_sizes` or `methods` no sequence, or an argument is not of its kind.
    ValueError
        If one of these is empty, probabilities are negative or do not sum to 1, or an argument is outside its range.

    Notes
    -----
    The estimates are made from the sample alone, except that NSB and both upper ends are told the number of classes of
    positive probability.
    """
    rng = check_generator("rng", rng)
    repetitions = check_integer("repetitions", repetitions, 1, _MOST)
    confidence = check_open_unit("confidence", confidence)
    check_instance("distributions", distributions, Mapping)
    sizes = _checked_sequence("sample_sizes", sample_sizes)
    sizes = [check_integer(f"sample_sizes[{index}]", size, 2) for index, size in enumerate(sizes)]
    if max(sizes) >= 2**63:
        raise ValueError(f"sample_sizes must be below 2^63, got {shown(max(sizes))}")
    methods = [
        check_choice(f"methods[{index}]", method, ENTROPY_ESTIMATORS)
        for index, method in enumerate(_checked_sequence("methods", methods))
    ]
    if not distributions:
        raise ValueError("distributions must not be empty")
    rows = []
    for name, given in distributions.items():
        probabilities = as_float_array(f"distributions[{name!r}]", given, ndim=1)
        truth = entropy(probabilities)
        classes = int(np.count_nonzero(probabilities))
        for size in sizes:
            samples = rng.multinomial(size, probabilities / probabilities.sum(), size=repetitions)
            estimates = [
                estimates_of(fingerprint_of(counts), methods, classes, confidence, "nats") for counts in samples
            ]
            rows += [
                _row(name, probabilities, of_method, truth, confidence) for of_method in zip(*estimates, strict=True)
            ]
    return tuple(rows)
