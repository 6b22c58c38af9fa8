"""Certified brackets by branch and bound, against exhaustive enumeration in batched numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from benchmarks.lipschitz_exact import circles_numpy, hidden_layer
from benchmarks.timing import Case, Contest, Scaling
from noprune_theory.lipschitz import Bracket, branch_and_bound


def _gap(ours: Bracket, _: Any) -> float:
    return ours.upper / ours.lower - 1


def _contest(n_units: int, dimension: int, rtol: float, n_circles: int) -> Contest:
    W, a = hidden_layer(n_units, dimension)
    tuples = np.array(list(combinations(range(n_units), dimension - 2)), dtype=np.int64)
    chosen = tuples[:: max(1, tuples.shape[0] // n_circles)]
    share = chosen.shape[0] / tuples.shape[0]
    return Contest(
        f"all linear regions in batched numpy, timed on {share:.2%} of the circles",
        lambda: branch_and_bound(W, a, rtol=rtol, max_seconds=120.0),
        lambda: circles_numpy(W, a, chosen),
        {"d": dimension, "N": n_units, "rtol": rtol},
        _gap,
        peer_share=share,
    )


def _contests() -> Iterator[Contest]:
    yield _contest(200, 5, 0.01, 1000)
    yield _contest(200, 4, 0.01, 1000)
    yield _contest(1000, 4, 0.02, 200)


def _by_units(n_units: int) -> Callable[[], Bracket]:
    W, a = hidden_layer(n_units, 4)
    return lambda: branch_and_bound(W, a, rtol=0.05)


CASE = Case(
    name="lipschitz_bracket",
    summary="Certified bracket of a one-hidden-layer ReLU model by branch and bound over cones.",
    accuracy="upper / lower - 1 of our bracket",
    contests=_contests,
    # The cones near the maximum do not multiply with N; each costs a pass over the units that cut it.
    scalings=(Scaling("N (d = 4, 5%)", (100, 200, 400, 800), 1.0, _by_units),),
)
