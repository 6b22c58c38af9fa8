"""The smallest Lipschitz constant below the noise level, and at interpolation, against Theorem 4 and any function.

Labels are fair signs independent of x ~ N(0, I/d), so that sigma^2 = 1, c = 1 and k = 1. Among the linear functions
supported on a mask, `smoothest_linear_fit` finds the one of least Lipschitz constant |w| with MSE <= sigma^2 - epsilon:
every learner that keeps this mask and gets as far below the noise is at least as rough. The mask is random, the
coordinates that correlate most with the labels, or the best of all subsets of its size. Its information is bounded by
its entropy ceiling log C(p, keep), and is 0 if it is random; more information only lowers the bound, so that the
ceiling is on the safe side.

Up to `Settings.interpolated` samples, the same is solved at level 0, interpolation, where the mask has enough weights;
and for any function at all (`interpolation_robustness("any", ...)`), which no class goes below.

`law_of_robustness` gives every other version that holds for the design, each outside an event of probability
`LAW_DELTA`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.special import gammaln

from figures.law_versions import LAW_DELTA, VERSIONS, draw_ratios, measured_over, versions_of
from figures.statistics import log_log_slope
from figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    VERMILLION,
    Look,
    draw_formula,
    draw_measured,
    legend_below,
    new_figure,
    plain_ticks,
)
from figures.table import ContradictionError, Points, Row, Table, formula, measured
from noprune_theory._types import FloatArray
from noprune_theory.bounds import (
    Constants,
    Inputs,
    LawSetting,
    MaximalLeakage,
    Noise,
    law_of_robustness,
    theorem_4,
    theorem_4_condition,
)
from noprune_theory.covariates import Gaussian
from noprune_theory.information import PAPER_NET_CONSTANT, SHARP_NET_CONSTANT, effective_parameter_count
from noprune_theory.models import LinearModel
from noprune_theory.pruning import METHODS
from noprune_theory.solvers import interpolation_robustness, smoothest_linear_fit
from noprune_theory.sweeps import Execution, run_sweep
from noprune_theory.tasks import random_signs

NAME = "check_law_of_robustness"
TITLE = "Smallest Lipschitz constant below the noise level against Theorem 4"

RULES = {"random": "random masks", "correlation": "masks by correlation", "best_subset": "best subsets"}
LOOKS = {
    "random": Look(BLACK, "o"),
    "correlation": Look(VERMILLION, "s", (0, (6, 1.5))),
    "best_subset": Look(BLUE, "^", (0, (4, 1.2, 1, 1.2))),
}
#: What is measured at level 0 has this after its name.
INTERPOLATION = ", interpolation"
FLOOR = "any function"
FLOOR_LOOK = Look(GREEN, "D", (0, (2.5, 1.2)))
PAPER = "Theorem 4, constants as printed"
SHARP = "Theorem 4, sharp constants"


#: The weights lie in a ball of radius RADIUS sqrt(n d / keep) and the inputs in a ball of radius 2: |x| exceeds it with
#: probability at most n exp(-d / 2), since |x| is a 1-Lipschitz function of x with mean below 1.
RADIUS = 4.0
DATA_RADIUS = 2.0


@dataclass(frozen=True)
class Design:
    """One experiment: a rule for masks, and its sizes."""

    rule: str
    n: int
    dimension: int
    keep: int


def _designs(rule: str, sizes: tuple[int, ...], shares: tuple[float, ...], factors: tuple[int, ...]) -> list[Design]:
    """Return the designs with keep = share * n kept weights of dimension = factor * keep."""
    return [Design(rule, n, f * round(s * n), round(s * n)) for n in sizes for s in shares for f in factors]


@dataclass(frozen=True)
class Settings:
    """Sizes of the experiment.

    Attributes
    ----------
    epsilon, delta : float
        Distance below the noise level and failure probability of Theorem 4.
    designs : tuple of (tuple of Design, int)
        Groups of designs, each with its number of data sets.
    interpolated : int
        Largest n for which interpolation and any function are solved as well.
    """

    epsilon: float
    delta: float
    designs: tuple[tuple[tuple[Design, ...], int], ...]
    interpolated: int = 100


def _group(random: tuple[int, ...], factors: tuple[int, ...], shares: tuple[float, ...]) -> tuple[Design, ...]:
    """Return the same sizes for random masks and for masks by correlation, which need at least two columns a weight."""
    return (
        *_designs("random", random, shares, tuple(f for f in (1, *factors))),
        *_designs("correlation", random, tuple(max(s, 1.0) for s in shares), tuple(2 * f for f in (1, *factors))),
    )


_BEST = (*_designs("best_subset", (6, 8, 10), (0.5,), (3, 4)), *_designs("best_subset", (6, 8), (0.5,), (5,)))

SETTINGS = {
    "quick": Settings(
        0.9,
        0.5,
        (
            (_BEST, 20),
            (_group((50, 100), (3, 9), (1.25, 2.0, 4.0)), 4),
            (_group((400,), (3, 9), (1.25,)), 2),
            (_group((1800,), (2,), (1.25,)), 1),
        ),
    ),
    "paper": Settings(
        0.9,
        0.5,
        (
            (_BEST, 200),
            (_group((50, 100, 200), (3, 9), (1.25, 2.0, 4.0)), 20),
            (_group((400,), (3, 9), (1.25, 2.0)), 10),
            (_group((1800, 2400), (2, 3), (1.25,)), 3),
        ),
        400,
    ),
}


#: Declared version of the cell below, which other figures sweep too.
SMOOTHEST_FIT_VERSION = 1


def smoothest_fit_cell(
    rng: np.random.Generator, *, rule: str, n: int, dimension: int, keep: int, epsilon: float
) -> dict[str, Any]:
    """Draw data and a mask; return the least Lipschitz constant with MSE <= 1 - epsilon, NaN if no weights reach it."""
    data = random_signs(Gaussian(dimension), rng, n)
    mask = METHODS[rule](LinearModel(np.zeros(dimension)), data, keep=keep, rng=rng).mask
    fit = smoothest_linear_fit(data.X, data.y, mask, max_mse=1 - epsilon)
    return {"lipschitz": float(fit.lipschitz)}


#: Declared version of the next one.
INTERPOLATION_VERSION = 1


def interpolation_cell(
    rng: np.random.Generator, *, rule: str, n: int, dimension: int, keep: int, epsilon: float
) -> dict[str, Any]:
    """Draw data and a mask; return the least Lipschitz constants at interpolation, and those of any function.

    NaN where no weights on the mask interpolate, and for any function where the mask is not random: it sees all
    coordinates, and is measured once.
    """
    data = random_signs(Gaussian(dimension), rng, n)
    mask = METHODS[rule](LinearModel(np.zeros(dimension)), data, keep=keep, rng=rng).mask
    fit = interpolation_robustness("linear", data.X, data.y, mask)
    found = {"linear": fit.lipschitz.upper if fit.status == "ok" else math.nan, "any": math.nan, "near": math.nan}
    if rule == "random":
        found["any"] = interpolation_robustness("any", data.X, data.y).lipschitz.upper
        found["near"] = interpolation_robustness("any", data.X, data.y, max_mse=1 - epsilon, rtol=1e-8).lipschitz.lower
    return found


def _weight_radius(design: Design) -> float:
    return RADIUS * math.sqrt(design.n * design.dimension / design.keep)


def _information(design: Design) -> float:
    """Return the mask's information in nats at its entropy ceiling log C(p, k), 0 for random masks."""
    p, k = design.dimension, design.keep
    ceiling = float(gammaln(p + 1) - gammaln(k + 1) - gammaln(p - k + 1))
    return 0.0 if design.rule == "random" else max(ceiling, 0.0)


def _effective_parameters(design: Design, epsilon: float, net_constant: float) -> float:
    """Return p_eff in nats."""
    return effective_parameter_count(
        _information(design),
        design.keep,
        diameter=2 * _weight_radius(design),
        parameter_lipschitz=DATA_RADIUS,
        epsilon=epsilon,
        net_constant=net_constant,
    ).value


def _abscissa(design: Design, epsilon: float) -> float:
    return math.sqrt(design.n * design.dimension / _effective_parameters(design, epsilon, SHARP_NET_CONSTANT))


def _bounds(designs: Sequence[Design], lipschitz: dict[Design, FloatArray], settings: Settings) -> list[Row]:
    """Return each version of Theorem 4 at the designs that satisfy its condition on n."""
    rows = []
    versions = ((SHARP, Constants.SHARP, SHARP_NET_CONSTANT), (PAPER, Constants.PAPER, PAPER_NET_CONSTANT))
    for name, constants, net_constant in versions:
        required = theorem_4_condition(1, settings.delta, constants)
        for design in designs:
            if design.n * settings.epsilon**2 < required:
                continue
            if lipschitz[design].max() > _weight_radius(design):
                raise ContradictionError(f"a fit leaves the ball of weights that p_eff assumes: {design}")
            bound = theorem_4(
                n=design.n,
                d=design.dimension,
                components=1,
                epsilon=settings.epsilon,
                delta=settings.delta,
                isoperimetry=1.0,
                effective_parameters=_effective_parameters(design, settings.epsilon, net_constant),
                constants=constants,
            )
            rows += formula(name, _abscissa(design, settings.epsilon), bound)
    return rows


def _versions(designs: Sequence[Design], lipschitz: dict[Design, FloatArray], epsilon: float) -> list[Row]:
    """Return every version of the law at every design, series by series, where it proves something."""
    dimensions = np.array([design.dimension for design in designs])
    bound = law_of_robustness(
        LawSetting(
            n=np.array([design.n for design in designs]),
            inputs=Inputs(dimensions, moment_isoperimetry=1.0, gaussian=True, isotropic=True),
            noise=Noise(signs=True),
            epsilon=epsilon,
            delta=LAW_DELTA,
            mask_size=np.array([design.keep for design in designs]),
            dependence=MaximalLeakage(np.array([_information(design) for design in designs])),
            function_class="linear",
            diameter=2 * np.array([_weight_radius(design) for design in designs]),
            parameter_lipschitz=DATA_RADIUS,
        )
    )
    found: dict[str, list[Row]] = {}
    for k, design in enumerate(designs):
        for identifier, (version, _) in VERSIONS.items():
            value = float(np.atleast_1d(bound.versions[identifier])[k])
            if value > lipschitz[design].mean():
                raise ContradictionError(f"{identifier} exceeds what was measured: {design}")
            if value > 0:
                series = f"{RULES[design.rule]}: {version}"
                found.setdefault(series, []).extend(formula(series, _abscissa(design, epsilon), value))
    return [row for rows in found.values() for row in rows]


def _measure(designs: tuple[Design, ...], seeds: int, epsilon: float, execution: Execution) -> dict[Design, FloatArray]:
    """Return the smallest Lipschitz constants of each design, one a data set that the mask can fit this well."""
    cells = [{"rule": d.rule, "n": d.n, "dimension": d.dimension, "keep": d.keep, "epsilon": epsilon} for d in designs]
    sweep = run_sweep(smoothest_fit_cell, cells, version=SMOOTHEST_FIT_VERSION, seeds=range(seeds), execution=execution)
    table = sweep.complete_table()
    found = {}
    for design in designs:
        cell = table.where(rule=design.rule, n=design.n, dimension=design.dimension, keep=design.keep)
        values = cell.column("lipschitz")
        if np.isfinite(values).any():
            found[design] = values[np.isfinite(values)]
    return found


def _interpolate(settings: Settings, execution: Execution) -> list[Row]:
    """Return the series at interpolation and of any function, a point a design that is small enough."""
    found: dict[str, list[Row]] = {label + INTERPOLATION: [] for label in RULES.values()}
    found |= {FLOOR: [], FLOOR + INTERPOLATION: []}
    for designs, seeds in settings.designs:
        small = [d for d in designs if d.rule != "best_subset" and d.n <= settings.interpolated]
        if not small:
            continue
        cells = [
            {"rule": d.rule, "n": d.n, "dimension": d.dimension, "keep": d.keep, "epsilon": settings.epsilon}
            for d in small
        ]
        sweep = run_sweep(
            interpolation_cell, cells, version=INTERPOLATION_VERSION, seeds=range(seeds), execution=execution
        )
        table = sweep.complete_table()
        for design in small:
            cell = table.where(rule=design.rule, n=design.n, dimension=design.dimension, keep=design.keep)
            names = (("linear", RULES[design.rule] + INTERPOLATION), ("near", FLOOR), ("any", FLOOR + INTERPOLATION))
            for column, series in names:
                values = cell.column(column)
                if np.isfinite(values).any():
                    x = _abscissa(design, settings.epsilon)
                    found[series].append(measured(series, x, values[np.isfinite(values)]))
    return [row for rows in found.values() for row in sorted(rows, key=lambda row: row.x)]


def compute(settings: Settings, execution: Execution) -> Table:
    """Fit, and evaluate Theorem 4 where its condition holds."""
    lipschitz: dict[Design, FloatArray] = {}
    for designs, seeds in settings.designs:
        lipschitz |= _measure(designs, seeds, settings.epsilon, execution)
    rows: list[Row] = []
    ordered = sorted(lipschitz, key=lambda design: _abscissa(design, settings.epsilon))
    for rule, label in RULES.items():
        for design in ordered:
            if design.rule != rule:
                continue
            rows.append(measured(label, _abscissa(design, settings.epsilon), lipschitz[design]))
    rows += _interpolate(settings, execution)
    rows += _bounds(ordered, lipschitz, settings)
    return Table.of(NAME, rows + _versions(ordered, lipschitz, settings.epsilon))


def _smallest(table: Table) -> dict[float, float]:
    """Return the measured constant at each abscissa, the smallest where several designs share it."""
    smallest: dict[float, float] = {}
    for label in RULES.values():
        points = table.points(label)
        for x, y in zip(points.x, points.y, strict=True):
            smallest[x] = min(y, smallest.get(x, math.inf))
    return smallest


def _ratios(table: Table, bound: str) -> FloatArray:
    """Return measured / bound wherever the bound applies."""
    smallest, points = _smallest(table), table.points(bound)
    return np.array([smallest[x] / y for x, y in zip(points.x, points.y, strict=True)])


def _quotients(table: Table, above: str, below: str) -> FloatArray:
    """Return the quotients of two series over the designs that both hold, which share their order."""
    lower: dict[float, list[float]] = {}
    points = table.points(below)
    for x, y in zip(points.x.tolist(), points.y.tolist(), strict=True):
        lower.setdefault(x, []).append(y)
    points = table.points(above)
    return np.array([y / lower[x].pop(0) for x, y in zip(points.x.tolist(), points.y.tolist(), strict=True)])


def check(table: Table) -> None:
    """Theorem 4 is a lower bound: no design may lie below either version of it."""
    for bound in (PAPER, SHARP):
        if (_ratios(table, bound) < 1).any():
            raise ContradictionError(
                f"a measured Lipschitz constant is below {bound}: ratio {_ratios(table, bound).min():.4g}"
            )
    if _ratios(table, PAPER).min() <= _ratios(table, SHARP).max() / 2:
        raise ContradictionError("the sharp constants do not bring Theorem 4 closer to the measurements")
    for rule in RULES:
        for series in versions_of(table, RULES[rule]):
            if (measured_over(table, series)[1] < 1).any():
                raise ContradictionError(f"a measured Lipschitz constant is below {series}")
    linear = RULES["random"]
    for above, below in (
        (linear + INTERPOLATION, FLOOR + INTERPOLATION),
        (linear + INTERPOLATION, linear),
        (FLOOR + INTERPOLATION, FLOOR),
    ):
        if (_quotients(table, above, below) < 1).any():
            raise ContradictionError(f"{above!r} is smoother than {below!r}: {_quotients(table, above, below).min()}")


def caption(table: Table) -> str:
    """State the question, the slopes and the distance."""
    slopes = ", ".join(
        f"{log_log_slope(table.points(label).x, table.points(label).y)} for {label}" for label in RULES.values()
    )
    printed, sharp = _ratios(table, PAPER), _ratios(table, SHARP)
    rougher = _quotients(table, RULES["random"] + INTERPOLATION, RULES["random"])
    closest = "; ".join(
        f"{RULES[rule]} "
        + ", ".join(
            f"{measured_over(table, series)[1].min():.3g} ({series.split(': ')[1]})"
            for series in versions_of(table, RULES[rule])
        )
        for rule in ("random", "correlation")
    )
    floor = table.points(FLOOR + INTERPOLATION).y
    floor_ratio = _quotients(table, RULES["random"] + INTERPOLATION, FLOOR + INTERPOLATION)
    return (
        "How rough must a linear function be to fit fair random signs with a mean squared error of 0.1, and how far "
        "below does Theorem 4 stay? Smallest Lipschitz constant of all weights on the mask, x ~ N(0, I/d), mean over "
        f"data sets. Fitted log-log slopes with 95% intervals: {slopes}. Measured over bound, at the sizes that meet "
        f"the condition on n: {printed.min():.0f} to {printed.max():.0f} with the printed constants, "
        f"{sharp.min():.0f} to {sharp.max():.0f} with the sharp ones. A slope above 1 for random masks comes from "
        "masks that hold hardly more weights than samples; a slope below 1 for chosen masks from the logarithm of the "
        "net, which counts every kept weight for more than the choice. The information of a chosen mask enters at its "
        "ceiling log C(p, keep). Best subsets can be searched for few samples only, where the theorem does not apply. "
        f"Interpolation (filled markers) asks random masks for {rougher.min():.1f} to {rougher.max():.1f} times as "
        f"much as an error of 0.1. Any function at all that interpolates needs {floor.min():.1f} to {floor.max():.1f} "
        "(diamonds; the largest |y - y'| / |x - x'|): linear functions on random masks are "
        f"{floor_ratio.min():.0f} to {floor_ratio.max():.0f} times as rough, which is the price of the class. Right: "
        f"measured over bound for every version of the law (δ = {LAW_DELTA}); at its closest: {closest}. What is left: "
        "for random masks the fluctuations at few samples; for chosen masks the width pays the leakage at its ceiling, "
        "a union over all masks, and all masks at once pays for the best of them; linear class and Theorem 4 pay for "
        "nets and inequalities; any function at all knows no class."
    )


def _draw_interpolation(axes: Axes, points: Points, look: Look) -> None:
    """Draw a series at level 0: smaller filled markers, behind those of the level above."""
    axes.plot(points.x, points.y, color=look.color, marker=look.marker, markersize=3.4, linestyle="none", zorder=2.5)


def draw(table: Table) -> Figure:
    """Draw measured constants with their fitted power laws, interpolation, the floor, and all bounds, on log axes."""
    figure, (axes, right) = new_figure(2, width=10.4, height=4.9)
    draw_ratios(right, table)
    for rule, label in RULES.items():
        points, look = table.points(label), LOOKS[rule]
        fit = log_log_slope(points.x, points.y)
        draw_measured(axes, points, look, f"{label}: slope {fit}", line=False)
        ends = np.array([points.x.min(), points.x.max()])
        axes.plot(ends, fit.line(ends), color=look.color, linestyle=look.line, linewidth=0.8, zorder=2)
    for rule, label in RULES.items():
        if label + INTERPOLATION in table.series:
            _draw_interpolation(axes, table.points(label + INTERPOLATION), LOOKS[rule])
    draw_measured(axes, table.points(FLOOR), FLOOR_LOOK, "any function at all", line=False)
    _draw_interpolation(axes, table.points(FLOOR + INTERPOLATION), FLOOR_LOOK)
    smallest = _smallest(table)
    for bound, look, text in (
        (SHARP, Look(ORANGE, line=(0, (6, 1.5))), "Theorem 4,\nsharp constants"),
        (PAPER, Look(GREY), "Theorem 4,\nconstants as printed"),
    ):
        points = table.points(bound)
        draw_formula(axes, points, look, bound)
        axes.text(points.x.min() / 1.06, points.y.min(), text, ha="right", va="center", fontsize=8.5)
        x, y = points.x.max(), points.y.max()
        axes.annotate(
            "", (x, smallest[x] / 1.15), (x, y * 1.05), arrowprops={"arrowstyle": "<->", "lw": 0.7, "color": GREY}
        )
        middle = y * 2.2
        axes.text(x / 1.03, middle, f"× {smallest[x] / y:,.0f}", ha="right", va="center", fontsize=8.5, color="#444444")
    axes.set(
        xscale="log", yscale="log", xlabel=r"$\sqrt{n d / p_{\mathrm{eff}}}$", ylabel="smallest Lipschitz constant"
    )
    plain_ticks(axes.xaxis)
    handles, labels = axes.get_legend_handles_labels()
    shown = [(h, t) for h, t in zip(handles, labels, strict=True) if t not in (PAPER, SHARP)]
    filled = Line2D([], [], color=GREY, marker="o", markersize=3.4, linestyle="none")
    shown.append((filled, "filled: the same, interpolating"))
    axes.legend(*zip(*shown, strict=True), loc="upper left")
    axes.set_ylim(bottom=table.points(PAPER).y.min() / 3, top=1500)
    legend_below(figure, right, columns=4)
    return figure
