"""The smallest Lipschitz constant below the noise level against p_eff, for every pruning method at equal sparsity.

Two classes that are linear in their trained weights: linear functions, and random ReLU features of the plane. A method
sees the features as inputs of a network without hidden layer, with its own initial weights, and returns a mask; among
all weights on the mask the smoothest fit of fair random signs with MSE <= 1 - epsilon is found (exactly for linear
functions, to 1% for random features). Methods that do not look at the data have I = 0, the others at most log C(p, k).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.style import GREY, SKY, Look, draw_measured, legend_below, new_figure, plain_ticks
from figures.style import METHODS as LOOKS
from figures.table import ContradictionError, Row, Table, formula, measured
from noprune_theory._types import FloatArray
from noprune_theory.bounds import MaximalLeakage, log_mask_count, theorem_4_optimised
from noprune_theory.covariates import Gaussian
from noprune_theory.information import SHARP_NET_CONSTANT, effective_parameter_count
from noprune_theory.models import MLP, LinearModel, RandomFeatures
from noprune_theory.pruning import METHODS
from noprune_theory.solvers import Adam, Training, smoothest_linear_fit, smoothest_random_features_fit
from noprune_theory.sweeps import Execution, grid, run_sweep
from noprune_theory.tasks import Dataset, random_signs

NAME = "check_pruning_frontier"
TITLE = "Smallest Lipschitz constant against p_eff for every pruning method"

SERIES = {
    "Random": "random",
    "SynFlow": "synflow",
    "MagInit": "magnitude_initial",
    "SNIP": "snip",
    "GraSP": "grasp",
    "MagAfter": "magnitude_after",
    "IMP": "iterative_magnitude",
    "Correlation": "correlation",
}
BLIND = ("random", "synflow", "magnitude_initial")
ALL_LOOKS = {**LOOKS, "MagInit": Look(GREY, "P"), "Correlation": Look(SKY, "*")}
CLASSES = {"linear": "linear functions", "features": "random features, d = 2"}
#: Radii of the balls that hold weights (over sqrt(n d / keep)) and inputs, as in `check_law_of_robustness`.
RADIUS, DATA_RADIUS = 4.0, 2.0
BOUND = "linear: Theorem 4, optimised"


@dataclass(frozen=True)
class Settings:
    """Sizes of both classes: samples, weights, weights kept, seeds; and the distance below the noise."""

    linear: tuple[int, int, tuple[int, ...], int]
    features: tuple[int, int, tuple[int, ...], int]
    epsilon: float = 0.5


SETTINGS = {
    "quick": Settings((200, 600, (150, 250, 450), 4), (24, 96, (40, 72), 2)),
    "paper": Settings((200, 600, (150, 200, 250, 350, 450), 20), (24, 96, (32, 40, 56, 72), 8)),
}


def _mask(rng: np.random.Generator, method: str, features: FloatArray, data: Dataset, keep: int) -> Any:
    """Return the mask of a method that sees the features (n, p) as the inputs of a network without hidden layer."""
    p = features.shape[1]
    seen = Dataset(features, data.y, data.g, data.z, data.labels, data.sigma2)
    if method in ("correlation", "magnitude_after", "random"):
        return METHODS[method](LinearModel(np.zeros(p)), seen, keep=keep, rng=rng).mask
    network = MLP.draw(rng, (p, 1), biases=False)
    options: dict[str, Any] = {}
    if method == "iterative_magnitude":
        options["training"] = Training(epochs=300, optimizer=Adam(1e-2))
    return METHODS[method](network, seen, keep=keep, **options).mask


def frontier_cell(
    rng: np.random.Generator, *, kind: str, method: str, n: int, p: int, keep: int, epsilon: float
) -> dict[str, Any]:
    """Draw data, prune, and return the smallest Lipschitz constant (its certified upper end for random features)."""
    if kind == "linear":
        data = random_signs(Gaussian(p), rng, n)
        mask = _mask(rng, method, data.X, data, keep)
        return {"lipschitz": float(smoothest_linear_fit(data.X, data.y, mask, max_mse=1 - epsilon).lipschitz)}
    data = random_signs(Gaussian(2), rng, n)
    angles = rng.uniform(0, 2 * math.pi, p)
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    model = RandomFeatures(directions, np.zeros(p), offsets=rng.uniform(-1.5, 1.5, p))
    mask = _mask(rng, method, model.features(data.X), data, keep)
    # The time is more than enough: a bracket must not depend on how fast the machine is.
    fit = smoothest_random_features_fit(
        model.masked(mask), data.X, data.y, max_mse=1 - epsilon, rtol=1e-2, max_seconds=600
    )
    return {"lipschitz": float(fit.lipschitz.upper)}


def _information(method: str, p: int, keep: int) -> float:
    return 0.0 if method in BLIND else float(log_mask_count(p, keep))


def _effective_parameters(kind: str, method: str, n: int, p: int, keep: int, epsilon: float) -> float:
    """Return p_eff in nats with the sharp net; J is the Lipschitz constant of f in the trained weights."""
    dimension = p if kind == "linear" else 2
    data_radius = DATA_RADIUS if kind == "linear" else 2 * DATA_RADIUS * math.sqrt(keep)
    return effective_parameter_count(
        _information(method, p, keep),
        keep,
        diameter=2 * RADIUS * math.sqrt(n * dimension / keep),
        parameter_lipschitz=data_radius,
        epsilon=epsilon,
        net_constant=SHARP_NET_CONSTANT,
    ).value


def _bound(method: str, n: int, p: int, keep: int, epsilon: float) -> float:
    found = theorem_4_optimised(
        n,
        p,
        1,
        epsilon,
        0.5,
        1.0,
        mask_size=keep,
        diameter=2 * RADIUS * math.sqrt(n * p / keep),
        parameter_lipschitz=DATA_RADIUS,
        dependence=MaximalLeakage(_information(method, p, keep)),
    )
    return float(found.lipschitz)


def compute(settings: Settings, execution: Execution) -> Table:
    """Prune and fit both classes, and evaluate the bound for linear functions."""
    rows: list[Row] = []
    bounds: dict[float, float] = {}
    for kind in CLASSES:
        n, p, kept, seeds = getattr(settings, kind)
        cells = grid(kind=[kind], method=SERIES.values(), n=[n], p=[p], keep=kept, epsilon=[settings.epsilon])
        table = run_sweep(frontier_cell, cells, version=1, seeds=range(seeds), execution=execution).complete_table()
        for series, method in SERIES.items():
            for keep in kept:
                x = _effective_parameters(kind, method, n, p, keep, settings.epsilon)
                values = table.where(method=method, keep=keep).column("lipschitz")
                rows.append(measured(f"{kind}: {series}", x, values[np.isfinite(values)]))
                if kind == "linear":
                    bounds[x] = _bound(method, n, p, keep, settings.epsilon)
    xs = sorted(bounds)
    return Table.of(NAME, rows + formula(BOUND, xs, [bounds[x] for x in xs]))


def _least(table: Table, kind: str, methods: tuple[str, ...]) -> FloatArray:
    """Return, at each number of weights kept, the smallest mean Lipschitz constant of some methods."""
    chosen = [series for series, method in SERIES.items() if method in methods]
    return np.asarray(np.min([table.points(f"{kind}: {series}").y for series in chosen], axis=0))


def check(table: Table) -> None:
    """Demand the bound, and that no blind mask is smoother than the best mask that knows the data."""
    bounds = dict(zip(table.points(BOUND).x, table.points(BOUND).y, strict=True))
    for series in SERIES:
        points = table.points(f"linear: {series}")
        for x, y in zip(points.x, points.y, strict=True):
            if y < bounds[x]:
                raise ContradictionError(
                    f"linear: {series}: Lipschitz constant {y:.4g} is below Theorem 4, {bounds[x]:.4g}"
                )
    informed = tuple(method for method in SERIES.values() if method not in BLIND)
    for kind in CLASSES:
        if (_least(table, kind, informed) > _least(table, kind, BLIND)).any():
            raise ContradictionError(f"{kind}: a mask that does not look at the data is smoother than all that do")


def caption(table: Table) -> str:
    """State the question and what knowing the data buys."""
    informed = tuple(method for method in SERIES.values() if method not in BLIND)
    gains = {kind: _least(table, kind, BLIND) / _least(table, kind, informed) for kind in CLASSES}
    said = " and ".join(
        f"{gain.min():.2g} to {gain.max():.2g} times for {CLASSES[kind]}" for kind, gain in gains.items()
    )
    bounds = dict(zip(table.points(BOUND).x, table.points(BOUND).y, strict=True))
    ratios = [y / bounds[x] for s in SERIES for x, y in zip(*_xy(table, f"linear: {s}"), strict=True) if bounds[x] > 0]
    return (
        "At equal sparsity, what does a mask that knows the data buy? Smallest Lipschitz constant of a fit of fair "
        "random signs with mean squared error 0.5, over all weights on the mask, mean and standard error over data "
        "sets, against p_eff of Theorem 4 (sharp net, information of masks that look at the data at its ceiling). The "
        f"best of these masks is smoother than the best blind one by {said}, and has more effective parameters, as "
        f"Theorem 4 demands; its optimised form stays {min(ratios):.0f} to {max(ratios):.0f} times below."
    )


def _xy(table: Table, series: str) -> tuple[FloatArray, FloatArray]:
    points = table.points(series)
    return points.x, points.y


def draw(table: Table) -> Figure:
    """Draw one panel a class."""
    figure, panels = new_figure(2, width=7.4, height=3.9)
    for axes, (kind, title) in zip(panels, CLASSES.items(), strict=True):
        for series in SERIES:
            draw_measured(axes, table.points(f"{kind}: {series}"), ALL_LOOKS[series], series)
        axes.set(xscale="log", yscale="log", xlabel=r"$p_{\mathrm{eff}}$ (nats)")
        axes.set_title(title, loc="left")
        plain_ticks(axes.xaxis, minor=(2, 3, 5))
        plain_ticks(axes.yaxis, minor=(1.5, 2, 3, 5, 7))
    panels[0].set_ylabel("smallest Lipschitz constant")
    legend_below(figure, panels[0], columns=4)
    return figure
