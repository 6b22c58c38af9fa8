"""How a benchmark is described and how it is timed.

Ours and the peer alternate in one process after a warm-up of both, so that a change of clock speed or a busy neighbour
meets both; the ratio is the median of the pairwise peer / ours. BLAS runs on one thread throughout.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from benchmarks.baseline import Baseline, Then

# A contest is repeated until it has used this much time, within these numbers of rounds.
_BUDGET_SECONDS = 4.0
_MINIMUM_ROUNDS = 3
_MAXIMUM_ROUNDS = 41


@dataclass(frozen=True)
class Contest:
    """One timed comparison.

    Attributes
    ----------
    peer : str
        What the project is compared with, in words: package and function.
    ours, theirs : callable
        Do the work once and return the result; everything that is not the work is done beforehand.
    size : mapping
        Problem size by symbol, such as {"n": 50, "k": 20}.
    accuracy : callable
        (our result, the peer's result) -> the figure described by `Case.accuracy`.
    peer_share : float
        Fraction of the work that `theirs` does, when the whole would take minutes: its time is divided by this.
    """

    peer: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    size: Mapping[str, float]
    accuracy: Callable[[Any, Any], float]
    peer_share: float = 1.0


@dataclass(frozen=True)
class Scaling:
    """Our time against one size, for a fitted exponent beside the expected one.

    Attributes
    ----------
    variable : str
        Symbol of the size that varies, with the fixed ones in words.
    values : tuple of int
        Its values, increasing.
    expected : float
        Exponent that the operation count predicts.
    prepare : callable
        value -> callable that does the work once.
    """

    variable: str
    values: tuple[int, ...]
    expected: float
    prepare: Callable[[int], Callable[[], Any]]


@dataclass(frozen=True)
class Case:
    """A named benchmark.

    Attributes
    ----------
    name : str
        Name on the command line; the module has the same name.
    summary : str
        What is solved, in one line.
    accuracy : str
        What the accuracy figure means.
    contests : callable
        Builds the contests, one at a time; the first is against the strongest peer and is the headline.
    requires : tuple of str
        Importable names of the peers, all in the extra `dev`.
    scalings : tuple of Scaling
        Growth measurements, run for the README only.
    """

    name: str
    summary: str
    accuracy: str
    contests: Callable[[], Iterator[Contest]]
    requires: tuple[str, ...] = ()
    scalings: tuple[Scaling, ...] = field(default=())

    def missing(self) -> tuple[str, ...]:
        """Return the required packages that are not installed."""
        return tuple(name for name in self.requires if importlib.util.find_spec(name) is None)


@dataclass(frozen=True)
class Comparison:
    """Outcome of one contest: median seconds of each side, and the median of the pairwise ratios peer / ours.

    `baseline` is what another build of the project took, where one was asked for.
    """

    name: str
    peer: str
    seconds: float
    peer_seconds: float
    ratio: float
    size: Mapping[str, float]
    accuracy: float
    rounds: int
    baseline: Then | None = None


@dataclass(frozen=True)
class Growth:
    """Outcome of one scaling: seconds at each value, and the slope of log seconds on log value."""

    name: str
    variable: str
    values: tuple[int, ...]
    seconds: tuple[float, ...]
    exponent: float
    expected: float


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def compare(name: str, contest: Contest, baseline: Baseline | None = None) -> Comparison:
    """Run one contest: warm-up, then ours, theirs and the baseline in turn until the time budget is used."""
    with threadpool_limits(limits=1):
        contest.ours()
        contest.theirs()
        if baseline is not None:
            baseline.ask("next")
        others: list[tuple[float, float]] = []
        pairs: list[tuple[float, float]] = []
        start = time.perf_counter()
        while len(pairs) < _MINIMUM_ROUNDS or (
            len(pairs) < _MAXIMUM_ROUNDS and time.perf_counter() - start < _BUDGET_SECONDS
        ):
            our_seconds, our_result = _timed(contest.ours)
            their_seconds, their_result = _timed(contest.theirs)
            pairs.append((our_seconds, their_seconds / contest.peer_share))
            if baseline is not None:
                others.append((our_seconds, baseline.ask("run")))
        accuracy = float(contest.accuracy(our_result, their_result))
    return Comparison(
        name=name,
        peer=contest.peer,
        seconds=statistics.median(ours for ours, _ in pairs),
        peer_seconds=statistics.median(theirs for _, theirs in pairs),
        ratio=statistics.median(theirs / ours for ours, theirs in pairs),
        size=contest.size,
        accuracy=accuracy,
        rounds=len(pairs),
        baseline=None if baseline is None else baseline.then(others),
    )


def grow(name: str, scaling: Scaling) -> Growth:
    """Time one scaling: the best of five runs at each value, after a warm-up."""
    seconds = []
    with threadpool_limits(limits=1):
        for value in scaling.values:
            work = scaling.prepare(value)
            work()
            seconds.append(min(_timed(work)[0] for _ in range(5)))
    slope = np.polynomial.Polynomial.fit(np.log(scaling.values), np.log(seconds), 1).convert().coef[1]
    return Growth(name, scaling.variable, scaling.values, tuple(seconds), float(slope), scaling.expected)
