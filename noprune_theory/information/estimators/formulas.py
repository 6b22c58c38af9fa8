"""The estimators: value, jackknife standard error, and the side that each errs on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import exp1

from noprune_theory._types import FloatArray
from noprune_theory.information._nsb import Sample, nsb
from noprune_theory.information._special import (
    leave_one_out_rest,
    log_minus_psi,
    log_minus_psi_half,
)
from noprune_theory.information.estimators.fingerprint import Fingerprint

__all__ = [
    "DEFAULT_ENTROPY_ESTIMATOR",
    "ENTROPY_ESTIMATORS",
    "Errs",
    "errs",
    "estimate",
    "jackknife_error",
    "log_scaled_tail",
    "log_tail",
    "miller_madow",
    "miller_madow_losses",
    "zhang",
]

Errs: TypeAlias = Literal["low", "low when undersampled", "either"]

# Gauss-Laguerre rule for the tails of the logarithmic series.
_LAGUERRE = np.polynomial.laguerre.laggauss(100)
#: More classes than this change no digit of the NSB estimate.
_MANY_CLASSES = 10**200

# Each estimator gives its value, and how the value after the loss of one sample of a class depends on the class's
# count: an array that is zero for the class of `reference`. Those values differ in their last digits only.


def _plug_in(f: Fingerprint) -> float:
    return float(f.shares @ f.log_inverses) + 0.0


def _plug_in_losses(f: Fingerprint) -> FloatArray:
    # After the loss sum c log c is smaller by log c + (c - 1) log(c / (c - 1)).
    return (f.log_steps - _from_reference(f, leave_one_out_rest(f.counts))) / (f.size - 1)


def _from_reference(f: Fingerprint, values: FloatArray) -> FloatArray:
    return values - values[f.reference]


def miller_madow(f: Fingerprint) -> float:
    """Return the plug-in estimate corrected by (classes seen - 1) / (2 n) (Miller 1955)."""
    return _plug_in(f) + (f.seen - 1) / (2 * f.size)


def miller_madow_losses(f: Fingerprint) -> FloatArray:
    """Return how its value after the loss of a sample depends on the count of the class."""
    once = np.where(f.counts == 1, 0.5, 0.0)
    return _plug_in_losses(f) - _from_reference(f, once) / (f.size - 1)


def _log_less_grassberger(f: Fingerprint) -> FloatArray:
    """Return log c - G(c), G(c) = psi(c/2) + log 2 for odd c and psi((c + 1)/2) + log 2 for even c."""
    half = f.counts / 2
    return np.where(f.even, log_minus_psi_half(np.maximum(half, 1.0)), log_minus_psi(half))


def _grassberger(f: Fingerprint) -> float:
    return float(f.shares @ (f.log_inverses + _log_less_grassberger(f)))


def _grassberger_losses(f: Fingerprint) -> FloatArray:
    # c G(c) - (c - 1) G(c - 1) is G(c), and 2 more for even c.
    return (f.log_steps + _from_reference(f, 2.0 * f.even) - _from_reference(f, _log_less_grassberger(f))) / (
        f.size - 1
    )


def _jackknife(f: Fingerprint) -> float:
    # n H - (n - 1) mean(H less one sample), with what the logarithms have in common taken out.
    return _plug_in(f) + float(f.shares @ leave_one_out_rest(f.counts)) - float(leave_one_out_rest(np.array(f.size)))


def _jackknife_losses(f: Fingerprint) -> FloatArray:
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


def _chao_shen(f: Fingerprint) -> float:
    uncovered = _uncovered(f.number_seen(1), f.size)
    log_p = math.log1p(-uncovered) - f.log_inverses
    with np.errstate(under="ignore"):
        included = -np.expm1(f.size * _log_miss(f.counts, f.rests, f.size, uncovered))
        return float((np.exp(log_p) * -log_p / included) @ f.multiplicities) + 0.0


def _chao_shen_losses(f: Fingerprint) -> FloatArray:
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


def zhang(f: Fingerprint) -> float:
    """Return sum_x (x/n) sum_{k=x}^{n-1} 1/k, unbiased for sum_i p_i sum_{k<n} (1 - p_i)^k / k <= H (Zhang 2012)."""
    # psi(n) - psi(x), whose leading part is log(n / x).
    return float(f.shares @ (f.log_inverses + (log_minus_psi(f.counts) - log_minus_psi(f.size))))


def _zhang_losses(f: Fingerprint) -> FloatArray:
    # x psi(x) - (x - 1) psi(x - 1) is psi(x) + 1, and psi(1) for a class that disappears.
    kept = np.where(f.counts > 1, 1.0, 0.0)
    return (f.log_steps + _from_reference(f, kept) - _from_reference(f, log_minus_psi(f.counts))) / (f.size - 1)


def log_tail(n: int, a: float) -> float:
    """Return log sum_{k >= n} (1 - a)^k / k for 0 < a < 1, without overflow or cancellation."""
    return log_scaled_tail(n, a) + (n - 1) * math.log1p(-a)


def log_scaled_tail(n: int, a: float) -> float:
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
    return once / n * math.exp(log_scaled_tail(n, a)) if a < 1 else 0.0


def _chao_wang_jost(f: Fingerprint) -> float:
    return zhang(f) + _unseen_tail(f.number_seen(1), f.number_seen(2), f.n)


def _chao_wang_jost_losses(f: Fingerprint) -> FloatArray:
    if f.counts.size == 1:
        return np.zeros(1)
    once, twice = f.number_seen(1), f.number_seen(2)
    # A singleton disappears, a doubleton becomes a singleton, a tripleton a doubleton.
    tails = np.full(f.counts.size, _unseen_tail(once, twice, f.n - 1))
    for count, change in ((1, (-1, 0)), (2, (1, -1)), (3, (0, 1))):
        if (f.counts == count).any():
            tails[f.counts == count] = _unseen_tail(once + change[0], twice + change[1], f.n - 1)
    return _zhang_losses(f) + _from_reference(f, tails)


_Additive: TypeAlias = tuple[Callable[[Fingerprint], float], Callable[[Fingerprint], FloatArray], Errs]

_ESTIMATORS: dict[str, _Additive] = {
    "plug_in": (_plug_in, _plug_in_losses, "low"),
    "miller_madow": (miller_madow, miller_madow_losses, "low when undersampled"),
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


def jackknife_error(losses: Callable[[Fingerprint], FloatArray], f: Fingerprint) -> float:
    """Jackknife standard error; removing one sample gives only as many values as there are distinct counts."""
    values = losses(f)
    deviations = values - float(f.shares @ values)
    return math.sqrt((f.size - 1) * float(f.shares @ deviations**2))


def _nsb_sample(f: Fingerprint, support_size: int | None) -> Sample:
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


def estimate(f: Fingerprint, method: str, support_size: int | None) -> tuple[float, float]:
    """Return the estimate and its standard error in nats."""
    if method == "nsb":
        return nsb(_nsb_sample(f, support_size))
    estimator, losses, _ = _ESTIMATORS[method]
    return estimator(f), jackknife_error(losses, f)


def errs(method: str) -> Errs:
    """Return the side that an estimator errs on."""
    return "either" if method == "nsb" else _ESTIMATORS[method][2]
