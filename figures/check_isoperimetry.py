"""The isoperimetry constants that each input distribution guarantees, against what adversarial functions force.

A 1-Lipschitz f with P(|f - E f| >= t) >= q at some t forces c >= d t^2 / (2 log(2 / q)) in Definition 1. Sampled
functions (a coordinate, the norm, the largest coordinate, the distance to the half space or half cube of non-positive
sum) give such q as lower ends of Clopper-Pearson intervals, and t less five standard errors of the mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.statistics import clopper_pearson, log_log_slope
from figures.style import CYCLE, draw_formula, draw_measured, new_figure, plain_ticks
from figures.table import ContradictionError, Row, Table, formula
from noprune_theory._types import FloatArray
from noprune_theory.covariates import Covariate, DiscreteCube, Gaussian, SolidCube, Sphere
from noprune_theory.sweeps import Execution, grid, run_sweep

NAME = "check_isoperimetry"
TITLE = "Isoperimetry constants: guaranteed, and forced by adversarial functions"

COVARIATES: dict[str, Callable[[int], Covariate]] = {
    "Gaussian": Gaussian,
    "sphere": Sphere,
    "solid cube": SolidCube,
    "discrete cube": DiscreteCube,
}
FORCED, GUARANTEED = ", forced", ", guaranteed"
QUANTILES = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)


@dataclass(frozen=True)
class Settings:
    """Dimensions, and samples for each."""

    dimensions: tuple[int, ...]
    samples: int


SETTINGS = {
    "quick": Settings((2, 4, 8, 16, 32, 64, 128), 20_000),
    "paper": Settings((2, 4, 8, 16, 32, 64, 128, 256), 200_000),
}


def _functions(name: str, X: FloatArray) -> list[FloatArray]:
    """Return 1-Lipschitz functions at the rows of X (n, d), each of shape (n,)."""
    d = X.shape[1]
    total = X.sum(axis=1)
    if name == "discrete cube":
        # From a vertex with s more positive than negative signs, s / 2 flips of length 2 / sqrt(d) lead to sum zero.
        excess = np.maximum(np.round(total * math.sqrt(d)), 0.0)
        distance = 2 * np.sqrt(np.ceil(excess / 2) / d)
    else:
        distance = np.maximum(total, 0.0) / math.sqrt(d)
    return [X[:, 0], np.sqrt(np.einsum("ij,ij->i", X, X)), X.max(axis=1), distance]


def forced_constant_cell(
    rng: np.random.Generator, *, name: str, dimension: int, samples: int, quantiles: tuple[float, ...]
) -> dict[str, Any]:
    """Return the largest constant that the sampled tails force, at joint confidence 99.9%."""
    X = COVARIATES[name](dimension).sample(rng, samples).X
    forced = 0.0
    functions = _functions(name, X)
    confidence = 1 - 0.001 / (len(functions) * len(quantiles))
    for values in functions:
        deviation = np.abs(values - values.mean())
        slack = 5 * values.std() / math.sqrt(samples)
        for quantile in quantiles:
            t = float(np.quantile(deviation, quantile))
            tail = clopper_pearson(int((deviation >= t).sum()), samples, confidence=confidence)[0]
            if t > slack and tail > 0:
                forced = max(forced, dimension * (t - slack) ** 2 / (2 * math.log(2 / tail)))
    return {"forced": forced}


def compute(settings: Settings, execution: Execution) -> Table:
    """Sample, and list the guaranteed constants."""
    parameters = grid(name=COVARIATES, dimension=settings.dimensions, samples=[settings.samples], quantiles=[QUANTILES])
    table = run_sweep(forced_constant_cell, parameters, version=2, execution=execution).complete_table()
    rows: list[Row] = []
    for name, covariate in COVARIATES.items():
        for d in settings.dimensions:
            (value,) = table.where(name=name, dimension=d).column("forced")
            rows.append(Row(name + FORCED, d, float(value), math.nan, settings.samples))
        rows += formula(
            name + GUARANTEED, settings.dimensions, [covariate(d).isoperimetry for d in settings.dimensions]
        )
    return Table.of(NAME, rows)


def check(table: Table) -> None:
    """No function may force more than is guaranteed, and the discrete cube may not come out as O(1)."""
    for name in COVARIATES:
        forced, guaranteed = table.points(name + FORCED), table.points(name + GUARANTEED)
        if (forced.y > guaranteed.y).any():
            raise ContradictionError(f"{name}: a sampled tail forces a constant above the guaranteed one")
    growth = log_log_slope(table.points("discrete cube" + FORCED).x, table.points("discrete cube" + FORCED).y)
    if growth.lower <= 0.25:
        raise ContradictionError(f"discrete cube: the forced constant grows like d^{growth}, not like sqrt(d)")


def caption(table: Table) -> str:
    """State the question and the growth on the discrete cube."""
    cube = table.points("discrete cube" + FORCED)
    return (
        "Are the isoperimetry constants right, and are they O(1)? Lines: the constant c that each distribution "
        "guarantees in Definition 1. Markers: the constant that sampled tails of adversarial 1-Lipschitz functions "
        f"force, at 99.9% confidence, from {table.points('Gaussian' + FORCED).n[0]:,} samples each. No marker lies "
        "above its line. On the discrete cube the distance to a half cube forces c to grow like d^"
        f"{log_log_slope(cube.x, cube.y)}: it is not O(1), and the guaranteed c = d is safe."
    )


def draw(table: Table) -> Figure:
    """Draw guaranteed and forced constants against the dimension."""
    figure, (axes,) = new_figure()
    for look, name in zip(CYCLE, COVARIATES, strict=False):
        draw_formula(axes, table.points(name + GUARANTEED), look, f"{name}: guaranteed")
        draw_measured(axes, table.points(name + FORCED), look, f"{name}: forced", line=False)
    axes.set(xscale="log", yscale="log", xlabel="dimension $d$", ylabel="isoperimetry constant $c$")
    axes.set_xticks(table.points("Gaussian" + FORCED).x)
    axes.get_xaxis().set_major_formatter("{x:g}")
    axes.get_xaxis().set_minor_formatter("")
    plain_ticks(axes.yaxis)
    axes.legend(loc="upper left", ncols=1)
    return figure
