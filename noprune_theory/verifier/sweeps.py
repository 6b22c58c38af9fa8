"""Simulated probabilities compared with a claimed bound through a Clopper-Pearson interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scipy.special import betaincinv

__all__ = ["CONFIDENCE", "Frequency", "clopper_pearson", "compare_with_claim"]

CONFIDENCE = 0.999

Judgement = Literal["supported", "violated", "undecided"]


@dataclass(frozen=True)
class Frequency:
    """An observed frequency with its interval.

    Attributes
    ----------
    successes, trials
        Counts.
    lower, upper
        Clopper-Pearson interval at `CONFIDENCE`.
    claimed
        Claimed upper bound on the probability.
    judgement
        "supported" when the whole interval lies below the claim, "violated" when it lies above, else "undecided".
    """

    successes: int
    trials: int
    lower: float
    upper: float
    claimed: float
    judgement: Judgement


def clopper_pearson(successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the exact two-sided interval of Clopper and Pearson (1934) for a binomial probability.

    Parameters
    ----------
    successes, trials
        Counts, `0 <= successes <= trials`, `trials >= 1`.
    confidence
        Coverage, in (0, 1).

    Raises
    ------
    ValueError
        If an argument lies outside its range.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(
            f"successes, trials: need 0 <= successes <= trials and trials >= 1, given {successes}, {trials}"
        )
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: must lie in (0, 1), given {confidence}")
    tail = (1 - confidence) / 2
    lower = 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, tail))
    upper = 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, 1 - tail))
    return lower, upper


def compare_with_claim(successes: int, trials: int, claimed: float) -> Frequency:
    """Judge the claim `probability <= claimed` from counts."""
    lower, upper = clopper_pearson(successes, trials)
    judgement: Judgement = "supported" if upper <= claimed else "violated" if lower > claimed else "undecided"
    return Frequency(successes, trials, lower, upper, claimed, judgement)
