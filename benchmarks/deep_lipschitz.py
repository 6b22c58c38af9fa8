"""Brackets of deep ReLU networks: tightness against time, with and without branch and bound, and ECLipsE."""

from __future__ import annotations

import contextlib
import importlib
import io
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.lipsdp_deep import eclipse_fast, lipsdp_program, network
from benchmarks.lipsdp_one_hidden import clarabel_solver
from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray
from noprune_theory.lipschitz import Bracket, bracket, lipsdp_deep
from noprune_theory.models import MLP

_WIDTHS = (10, 15, 10, 3)


def model(widths: Sequence[int], seed: int = 0) -> tuple[MLP, list[FloatArray]]:
    """Return a Gaussian network with Gaussian biases of deviation 1/2, and its layers."""
    weights = network(widths, seed)
    rng = np.random.default_rng(seed + 1)
    return MLP.from_layers(weights, [0.5 * rng.standard_normal(W.shape[0]) for W in weights]), weights


def eclipse(weights: Sequence[FloatArray]) -> Callable[[], float]:
    """Return what runs ECLipsE as published in `eclipse-nn`; what it prints is dropped."""
    estimators, torch = importlib.import_module("eclipse_nn.LipConstEstimator"), importlib.import_module("torch")

    def run() -> float:
        with contextlib.redirect_stdout(io.StringIO()):
            estimator = estimators.LipConstEstimator(weights=[torch.from_numpy(W) for W in weights])
            return float(estimator.estimate(method="ECLipsE"))

    return run


def _contests() -> Iterator[Contest]:
    deep, weights = model(_WIDTHS)
    size = {f"w{index}": width for index, width in enumerate(_WIDTHS)}

    def excess(ours: Bracket, theirs: Any) -> float:
        return float(theirs) / ours.upper - 1

    # A short and a long run of ours: with branch and bound the bracket closes.
    for label, seconds in (("bracket closed by branch and bound", 60.0), ("bracket after half a second", 0.5)):
        ours = _run(deep, seconds)
        squared = clarabel_solver(lipsdp_program(weights))
        yield Contest(
            f"Clarabel on the LipSDP program ({label})",
            ours,
            squared,
            size,
            lambda found, value: math.sqrt(value) / found.upper - 1,
        )
        yield Contest(f"ECLipsE-Fast, closed form ({label})", ours, lambda: eclipse_fast(weights), size, excess)
        yield Contest(
            f"our LipSDP without branch and bound ({label})", ours, lambda: lipsdp_deep(weights).upper, size, excess
        )
    try:
        published = eclipse(weights)
    except ImportError:
        return
    yield Contest("ECLipsE as published in eclipse-nn", _run(deep, 0.5), published, size, excess)


def _run(deep: MLP, seconds: float) -> Callable[[], Bracket]:
    return lambda: bracket(deep, max_seconds=seconds)


def _by_width(width: int) -> Callable[[], Bracket]:
    return _run(model((2, width, width, 1))[0], 60.0)


CASE = Case(
    name="deep_lipschitz",
    summary="Bracket of a deep ReLU network of widths 10-15-10-3, closed by branch and bound over phases of units.",
    accuracy="the peer's bound / our upper end - 1",
    contests=_contests,
    requires=("cvxpy", "clarabel"),
    # 2-w-w-1 exactly, by linear regions: about w^2 of them, each with w units to look at.
    scalings=(Scaling("width (2-w-w-1, exact)", (10, 20, 40), 3.0, _by_width),),
)
