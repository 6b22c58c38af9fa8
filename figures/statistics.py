"""The few statistics that figures quote: fitted slopes and exact binomial intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from noprune_theory._types import FloatArray


@dataclass(frozen=True, slots=True)
class Slope:
    """Power law y = exp(intercept) x^value fitted to points, with a two-sided confidence interval for its exponent."""

    value: float
    lower: float
    upper: float
    intercept: float

    def line(self, x: FloatArray) -> FloatArray:
        """Return the fitted power law at x."""
        return np.asarray(np.exp(self.intercept + self.value * np.log(x)))

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.lower:.2f}, {self.upper:.2f}]"


def log_log_slope(x: FloatArray, y: FloatArray, *, confidence: float = 0.95) -> Slope:
    """Fit log y = a + b log x by least squares and return b with its Student-t interval.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        n >= 3 positive points with at least two different x.
    confidence : float
        Level of the interval.
    """
    from scipy.stats import linregress, t

    if x.size < 3 or (x <= 0).any() or (y <= 0).any():
        raise ValueError(f"a slope needs at least three positive points, got x = {x}, y = {y}")
    fit = linregress(np.log(x), np.log(y))
    margin = float(t.ppf(0.5 + confidence / 2, x.size - 2) * fit.stderr)
    return Slope(float(fit.slope), float(fit.slope) - margin, float(fit.slope) + margin, float(fit.intercept))


def clopper_pearson(successes: int, trials: int, *, confidence: float = 0.999) -> tuple[float, float]:
    """Return the exact two-sided interval for a binomial probability (Clopper & Pearson 1934)."""
    from scipy.stats import beta

    tail = (1 - confidence) / 2
    lower = float(beta.ppf(tail, successes, trials - successes + 1)) if successes > 0 else 0.0
    upper = float(beta.isf(tail, successes + 1, trials - successes)) if successes < trials else 1.0
    return lower, upper
