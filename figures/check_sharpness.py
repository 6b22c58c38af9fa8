"""How sharp the sharpened laws are as everything grows in proportion, with the limits of bound and truth.

Linear functions, inputs N(0, I/d), fair signs, MSE at most s = 1 - epsilon, keep = kappa n of p = d weights. Let L be
the smallest |w| on the mask and alpha = L / sqrt(d).

*Random masks.* By Gordon's comparison and its converse for convex problems (Thrampoulidis, Oymak, Hassibi 2015), alpha
tends to the least a with 1 - s - 2 a sqrt(s kappa) + a^2 (1 - kappa) <= 0; the bound by Gordon has the same limit. The
Gaussian width tends to (1 - sqrt(s)) / sqrt(kappa).

*Masks by correlation.* Keeping the largest of |<x_j, y>| leaves the rest of the columns as it is, and makes the mean
square of <x_j, y>/|y| times d equal to m = E[g^2 | |g| > t], P(|g| > t) = keep / p. With a_1 sqrt(d) the part of w
along these correlations and b sqrt(d) the rest, alpha^2 tends to the least a_1^2 + b^2 with

    (1 - sqrt(kappa m) a_1)^2 + max(sqrt(a_1^2 + b^2) - b sqrt(kappa), 0)^2 <= s.

Paying the leakage log C(p, keep), the Gaussian width tends to (1 - sqrt(s)) / sqrt(kappa x), x > 1 the root of
(x - 1 - log x) / 2 = log C(p, keep) / keep. For all masks at once (`noprune_theory.bounds.all_masks`) kappa becomes
kappa m in both bounds for random masks.

*The best masks.* The least |w| over all masks of the size is bracketed on each data set, certified from below
(`noprune_theory.solvers.smoothest_fit_over_masks`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar
from scipy.special import lambertw
from scipy.stats import norm

from figures.check_law_of_robustness import SMOOTHEST_FIT_VERSION, smoothest_fit_cell
from figures.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILLION,
    Look,
    draw_formula,
    draw_measured,
    legend_below,
    new_figure,
    plain_ticks,
)
from figures.table import ContradictionError, Row, Table, formula, measured
from noprune_theory.bounds import (
    MaximalLeakage,
    Noise,
    all_masks_gordon_law,
    all_masks_width_law,
    gaussian_width_law,
    gordon_law,
    log_mask_count,
)
from noprune_theory.covariates import Gaussian
from noprune_theory.solvers import smoothest_fit_over_masks
from noprune_theory.sweeps import Execution, run_sweep
from noprune_theory.tasks import random_signs

NAME = "check_sharpness"
TITLE = "The sharpened laws over the truth, and the limits of both"

DELTA, KAPPA, SPARSITY = 0.25, 1.25, 0.5
RULES = {"random": "random masks", "correlation": "masks by correlation"}
GORDON, WIDTH, TRUTH = "Gordon", "Gaussian width", "truth over its limit"
BEST, BRACKET = "best masks", "width of the brackets"
ALL_GORDON, ALL_WIDTH = "all masks at once, Gordon", "all masks at once, Gaussian width"
LOOKS = {
    f"{RULES['random']}: {GORDON}": Look(BLACK, "*"),
    f"{RULES['random']}: {WIDTH}": Look(BLUE, "o", (0, (6, 1.5))),
    f"{BEST}: {ALL_GORDON}": Look(GREEN, "^", "-"),
    f"{RULES['correlation']}: {ALL_GORDON}": Look(VERMILLION, "h", "-"),
    f"{RULES['correlation']}: {ALL_WIDTH}": Look(ORANGE, "D", (0, (2.5, 1.2))),
    f"{RULES['correlation']}: {WIDTH}": Look(PURPLE, "s", (0, (4, 1.2, 1, 1.2))),
}
TRUTH_LOOKS = {"random": Look(BLACK, "o"), "correlation": Look(VERMILLION, "s", (0, (4, 1.2, 1, 1.2)))}
SIGNS = Noise(signs=True)


@dataclass(frozen=True)
class Settings:
    """Data sets drawn for each n, those whose best mask is searched, and epsilon."""

    seeds: dict[int, int]
    best: dict[int, int]
    epsilon: float


SETTINGS = {
    "quick": Settings({50: 24, 100: 24, 200: 12, 400: 6, 800: 2}, {50: 8, 100: 4, 200: 2}, 0.9),
    "paper": Settings(
        {50: 200, 100: 200, 200: 100, 400: 50, 800: 20, 1600: 10, 3200: 4, 10_000: 1},
        {50: 40, 100: 20, 200: 10, 400: 4, 800: 2},
        0.9,
    ),
}


def random_truth_limit(kappa: float, s: float) -> float:
    """Return the limit of alpha for random masks: the least root; infinite where no fit reaches the level."""
    discriminant = s * kappa - (1 - s) * (1 - kappa)
    return math.inf if discriminant < 0 else (1 - s) / (math.sqrt(s * kappa) + math.sqrt(discriminant))


def selected_square(kept_share: float) -> float:
    """Return m = E[g^2 | |g| > t], P(|g| > t) = kept_share."""
    t = float(norm.isf(kept_share / 2))
    return 1 + 2 * t * float(norm.pdf(t)) / kept_share


def correlation_truth_limit(kappa: float, s: float, kept_share: float) -> float:
    """Return the limit of alpha for masks by correlation, a minimum over a_1 with b the least that meets the level."""
    pull = math.sqrt(kappa * selected_square(kept_share))

    def length(a: float) -> float:
        room = math.sqrt(max(s - (1 - pull * a) ** 2, 0.0))
        if room >= a:
            return a
        # sqrt(a^2 + b^2) = room + b sqrt(kappa): the least b >= 0 is a root of (kappa - 1) b^2 + 2 room sqrt(kappa) b =
        # a^2 - room^2.
        half, gap = room * math.sqrt(kappa), a * a - room * room
        discriminant = half * half + (kappa - 1) * gap
        b = gap / (half + math.sqrt(discriminant)) if discriminant >= 0 and half + discriminant > 0 else math.inf
        return math.hypot(a, b)

    ends = (1 - math.sqrt(s)) / pull, 1 / pull
    found = minimize_scalar(length, bounds=ends, method="bounded", options={"xatol": 1e-12})
    return float(found.fun)


def width_limit(kappa: float, s: float, leakage_a_weight: float) -> float:
    """Return the limit of the Gaussian width's bound on alpha, paying `leakage_a_weight` nats for a kept weight."""
    x = -float(lambertw(-math.exp(-1 - 2 * leakage_a_weight), -1).real) if leakage_a_weight > 0 else 1.0
    return (1 - math.sqrt(s)) / math.sqrt(kappa * x)


def limits(epsilon: float) -> dict[str, float]:
    """Return the limits of bound over truth, by series."""
    s, kept = 1 - epsilon, 1 - SPARSITY
    leakage = -(kept * math.log(kept) + SPARSITY * math.log(SPARSITY)) / kept
    random, correlation = random_truth_limit(KAPPA, s), correlation_truth_limit(KAPPA, s, kept)
    wide = KAPPA * selected_square(kept)
    return {
        f"{RULES['random']}: {GORDON}": 1.0,
        f"{RULES['random']}: {WIDTH}": width_limit(KAPPA, s, 0.0) / random,
        f"{RULES['correlation']}: {ALL_GORDON}": random_truth_limit(wide, s) / correlation,
        f"{RULES['correlation']}: {ALL_WIDTH}": width_limit(wide, s, 0.0) / correlation,
        f"{RULES['correlation']}: {WIDTH}": width_limit(KAPPA, s, leakage) / correlation,
    }


def best_mask_cell(rng: np.random.Generator, *, n: int, dimension: int, keep: int, epsilon: float) -> dict[str, float]:
    """Draw a data set and bracket the least Lipschitz constant over all masks of the size."""
    data = random_signs(Gaussian(dimension), rng, n)
    found = smoothest_fit_over_masks(data.X, data.y, keep=keep, max_mse=1 - epsilon).lipschitz
    return {"lower": found.lower, "upper": found.upper}


def _best_rows(settings: Settings, execution: Execution) -> list[Row]:
    """Return the law for all masks over the best mask (its lower end, so that the ratio is not too small)."""
    rows = []
    for n, seeds in settings.best.items():
        keep = round(KAPPA * n)
        cell = {"n": n, "dimension": round(keep / (1 - SPARSITY)), "keep": keep, "epsilon": settings.epsilon}
        table = run_sweep(best_mask_cell, [cell], version=1, seeds=range(seeds), execution=execution).complete_table()
        lower, upper = table.column("lower"), table.column("upper")
        law = all_masks_gordon_law(
            n, cell["dimension"], settings.epsilon, DELTA, mask_size=keep, n_weights=cell["dimension"], noise=SIGNS
        )
        rows.append(measured(f"{BEST}: {ALL_GORDON}", n, float(law) / lower))
        rows += formula(f"{BEST}: {BRACKET}", n, float(np.max(upper / lower)) - 1)
    return rows


def _truth_limit(rule: str, epsilon: float) -> float:
    s = 1 - epsilon
    return random_truth_limit(KAPPA, s) if rule == "random" else correlation_truth_limit(KAPPA, s, 1 - SPARSITY)


def compute(settings: Settings, execution: Execution) -> Table:
    """Fit, and divide the bounds by what was found."""
    epsilon = settings.epsilon
    rows = []
    for n, seeds in settings.seeds.items():
        keep = round(KAPPA * n)
        d = round(keep / (1 - SPARSITY))
        cells: dict[str, dict[str, Any]] = {
            rule: {"rule": rule, "n": n, "dimension": d, "keep": keep, "epsilon": epsilon} for rule in RULES
        }
        table = run_sweep(
            smoothest_fit_cell,
            list(cells.values()),
            version=SMOOTHEST_FIT_VERSION,
            seeds=range(seeds),
            execution=execution,
        ).complete_table()
        for rule, cell in cells.items():
            found = table.where(**cell).column("lipschitz")
            leakage = 0.0 if rule == "random" else float(log_mask_count(d, keep))
            learner: dict[str, Any] = {"mask_size": keep, "dependence": MaximalLeakage(leakage), "noise": SIGNS}
            width = float(gaussian_width_law(n, d, epsilon, DELTA, **learner).lipschitz)
            rows.append(measured(f"{RULES[rule]}: {WIDTH}", n, width / found))
            if rule == "random":
                bounds = {GORDON: gordon_law(n, d, epsilon, DELTA, **learner)}
            else:
                chosen: dict[str, Any] = {"mask_size": keep, "n_weights": d, "noise": SIGNS}
                bounds = {
                    ALL_GORDON: all_masks_gordon_law(n, d, epsilon, DELTA, **chosen),
                    ALL_WIDTH: all_masks_width_law(n, d, epsilon, DELTA, **chosen).lipschitz,
                }
            rows += [measured(f"{RULES[rule]}: {name}", n, float(bound) / found) for name, bound in bounds.items()]
            rows.append(measured(f"{RULES[rule]}: {TRUTH}", n, found / (math.sqrt(d) * _truth_limit(rule, epsilon))))
    rows += _best_rows(settings, execution)
    ends = np.array([min(settings.seeds), max(settings.seeds)], dtype=np.float64)
    for series, limit in limits(epsilon).items():
        rows += formula(f"{series}, limit", ends, limit)
    return Table.of(NAME, rows)


def check(table: Table) -> None:
    """Demand that bounds stay below the truth, and that both come to their limits as n grows."""
    if not (table.points(f"{BEST}: {ALL_GORDON}").y <= 1).all():
        raise ContradictionError("the law for all masks exceeds the certified constant of the best mask")
    for series in (name for name in LOOKS if not name.startswith(BEST)):
        points, limit = table.points(series), table.points(f"{series}, limit").y[0]
        if not (points.y <= 1).all():
            raise ContradictionError(f"{series}: the bound exceeds what was measured")
        errors = 3 * np.nan_to_num(points.stderr)
        off = np.abs(points.y - limit) - errors
        if off[-1] > max(off[0], 0.12 * limit):
            raise ContradictionError(f"{series}: bound over truth does not tend to {limit:.3f}")
    for rule in RULES.values():
        points = table.points(f"{rule}: {TRUTH}")
        if abs(points.y[-1] - 1) > 0.06:
            raise ContradictionError(f"{rule}: the truth does not tend to its limit")


def caption(table: Table) -> str:
    """State the question and the numbers at the largest n."""
    n = max(row.x for row in table.rows)
    said = []
    for series in (name for name in LOOKS if not name.startswith(BEST)):
        points = table.points(series)
        limit = table.points(f"{series}, limit").y[0]
        said.append(f"{series} {points.y[points.x == n][0]:.3f} (limit {limit:.3f})")
    best = table.points(f"{BEST}: {ALL_GORDON}")
    width = table.points(f"{BEST}: {BRACKET}").y.max()
    return (
        "How sharp can the law be? Linear functions of Gaussian inputs, fair signs, MSE at most 0.1, keep = 5n/4 of "
        f"p = d weights, half pruned, δ = {DELTA}. Left: bound over the smallest Lipschitz constant found; lines "
        f"without markers are limits as n, d and keep grow in proportion. At n = {n:,.0f}: {'; '.join(said)}. For "
        "random masks Gordon's bound is the truth in the limit. Masks that look at the data paid for a union over all "
        "masks; the law for all masks at once pays for the best of them, which is smoother than the masks by "
        f"correlation: over the best mask (found and certified, brackets at most {width:.1%} wide) it is "
        f"{best.y[-1]:.3f} at n = {best.x[-1]:,.0f}. What is left: for random masks the fluctuations of Gordon's "
        "comparison, which vanish; the width, in the limit too, takes the largest correlation with the noise for the "
        "fit; for masks by correlation the gap between them and the best masks, and beyond it nothing but the "
        "comparison for all masks at once. Right: the truth over its own limit, derived in closed form."
    )


def draw(table: Table) -> Figure:
    """Draw bound over truth, and the truth over its limit."""
    figure, (left, right) = new_figure(2, width=8.2, height=4.0)
    for series, look in LOOKS.items():
        draw_measured(left, table.points(series), look, series)
        if f"{series}, limit" in table.series:
            draw_formula(left, table.points(f"{series}, limit"), Look(look.color, line=(0, (1, 1.2))), "")
    left.set(xscale="log", xlabel="samples $n$", ylabel="bound over truth", ylim=(0, 1.05))
    for rule, look in TRUTH_LOOKS.items():
        draw_measured(right, table.points(f"{RULES[rule]}: {TRUTH}"), look, RULES[rule])
    right.axhline(1, color="#444444", linewidth=0.8)
    right.set(xscale="log", xlabel="samples $n$", ylabel="truth over its limit")
    right.legend()
    for axes in (left, right):
        plain_ticks(axes.xaxis, minor=(3,))
    legend_below(figure, left, columns=2)
    return figure
