"""Class stability of sparse classifiers that interpolate, against the law for pruned classifiers.

Inputs uniform on the unit sphere, fair labels, random features of which a rule keeps some; the least-norm fit on them,
its weights rounded to 8 bits, has the labels' signs on all samples, where every classifier has risk 1/2. S(f) is the
mean margin of fresh inputs, bracketed: |g|/L below, L by LipSDP, and points of the other class above, found by search
and confirmed. The law pays for 8 bits a kept weight and, where the mask has seen the data, for the leakage
log C(p, keep); p_eff is the sum, with log(1/delta).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.style import BLACK, BLUE, GREEN, VERMILLION, Look, draw_formula, draw_measured, legend_below, new_figure
from figures.table import ContradictionError, Row, Table, formula, measured
from noprune_theory.bounds import MaximalLeakage, class_stability_law, log_mask_count
from noprune_theory.class_stability import bracket, gaussian_halfspace_stability
from noprune_theory.covariates import Sphere
from noprune_theory.lipschitz import Bracket, lipsdp_one_hidden
from noprune_theory.models import RandomFeatures
from noprune_theory.pruning import prune_correlation, prune_random
from noprune_theory.sweeps import Execution, run_sweep
from noprune_theory.tasks import random_signs

NAME = "check_class_stability"
TITLE = "Class stability of interpolating sparse classifiers, and its law"

RULES = {"random": "random masks", "correlation": "masks by correlation"}
BELOW, ABOVE, LAW, HALFSPACE = "|g|/L", "boundary points", "law", "halfspaces under N(0, I/d)"
DELTA, BITS, OFFSETS = 0.1, 8, 0.5
LOOKS = {
    f"{RULES['random']}: {ABOVE}": Look(BLACK, "o"),
    f"{RULES['random']}: {BELOW}": Look(BLACK, "v", (0, (4, 1.2, 1, 1.2))),
    f"{RULES['correlation']}: {ABOVE}": Look(VERMILLION, "s"),
    f"{RULES['correlation']}: {BELOW}": Look(VERMILLION, "D", (0, (4, 1.2, 1, 1.2))),
}
LAW_LOOKS = {"random": Look(BLACK, line=(0, (1, 1.2))), "correlation": Look(BLUE, line=(0, (5, 1.5)))}


@dataclass(frozen=True)
class Settings:
    """Samples, input dimension, kept weights over samples, fresh inputs, and data sets drawn."""

    n: int
    dimension: int
    kept: tuple[float, ...]
    points: int
    seeds: int


SETTINGS = {
    "quick": Settings(60, 600, (1.5, 2.5, 4), 24, 3),
    "paper": Settings(150, 800, (1.5, 2, 3, 4), 60, 6),
}


def interpolating_cell(
    rng: np.random.Generator, *, rule: str, n: int, dimension: int, keep: int, points: int
) -> dict[str, float]:
    """Fit a masked classifier to random signs, round its weights and bracket its class stability."""
    covariate = Sphere(dimension)
    data = random_signs(covariate, rng, n)
    model = RandomFeatures.draw(rng, 2 * keep, dimension, offset_scale=OFFSETS / math.sqrt(dimension))
    if rule == "random":
        mask = prune_random(model, keep=keep, rng=rng).mask
    else:
        mask = prune_correlation(model, data, keep=keep).mask
    fitted = np.zeros(2 * keep)
    fitted[mask] = np.linalg.lstsq(model.features(data.X)[:, mask], data.y, rcond=None)[0]
    # Multiples of one step, 2^BITS - 1 of them; the step does not matter to the sign.
    steps = np.round(fitted / np.max(np.abs(fitted)) * (2 ** (BITS - 1) - 1))
    classifier = model.masked(mask).with_weights(steps)
    wrong = float(np.mean((classifier.value(data.X) >= 0) != (data.y > 0)))
    upper = lipsdp_one_hidden(classifier.directions, classifier.weights).upper
    fresh = covariate.sample(rng, points).X
    found = bracket(classifier, fresh, lipschitz=Bracket(0.0, upper, False, None, "LipSDP"), rounds=15)
    return {"lower": found.lower, "upper": found.upper, "wrong": wrong}


def compute(settings: Settings, execution: Execution) -> Table:
    """Fit, bracket, and evaluate the law at each number of kept weights."""
    n, d = settings.n, settings.dimension
    rows: list[Row] = []
    for share in settings.kept:
        keep = round(share * n)
        cells: list[dict[str, Any]] = [
            {"rule": rule, "n": n, "dimension": d, "keep": keep, "points": settings.points} for rule in RULES
        ]
        table = run_sweep(
            interpolating_cell, cells, version=1, seeds=range(settings.seeds), execution=execution
        ).complete_table()
        for rule, name in RULES.items():
            found = table.where(rule=rule, keep=keep)
            interpolates = found.column("wrong") == 0
            leakage = 0.0 if rule == "random" else float(log_mask_count(2 * keep, keep))
            law = class_stability_law(
                n,
                d,
                0.5,
                DELTA,
                Sphere(d).isoperimetry,
                log_count=keep * BITS * math.log(2),
                dependence=MaximalLeakage(leakage),
            )
            x = math.sqrt(float(law.effective_exponent) / (n * d))
            rows.append(measured(f"{name}: {ABOVE}", x, found.column("upper")[interpolates]))
            rows.append(measured(f"{name}: {BELOW}", x, found.column("lower")[interpolates]))
            rows += formula(f"{name}: {LAW}", x, float(law.stability))
            rows += formula(HALFSPACE, x, gaussian_halfspace_stability(np.eye(d)[0]))
    return Table.of(NAME, rows)


def check(table: Table) -> None:
    """Demand that the ends of the bracket are in order and that no classifier is certified to be above the law."""
    for name in RULES.values():
        above, below, law = (table.points(f"{name}: {kind}") for kind in (ABOVE, BELOW, LAW))
        if not (below.y <= above.y).all():
            raise ContradictionError(f"{name}: |g|/L exceeds the distance to a point of the other class")
        if not (below.y < law.y).all():
            raise ContradictionError(f"{name}: the certified class stability exceeds the law")
        if not (np.diff(law.y) > 0).all():
            raise ContradictionError(f"{name}: the law does not grow with the number of weights")


def caption(table: Table) -> str:
    """State the question and the numbers at both ends."""
    said = []
    for name in RULES.values():
        above, below, law = (table.points(f"{name}: {kind}") for kind in (ABOVE, BELOW, LAW))
        said.append(
            f"{name}, S between {below.y[0]:.3f} and {above.y[0]:.3f} at {above.x[0]:.2f}, between {below.y[-1]:.3f} "
            f"and {above.y[-1]:.3f} at {above.x[-1]:.2f}, where the law allows {law.y[-1]:.2f}"
        )
    level = table.points(HALFSPACE).y[0]
    return (
        "How stable is a sparse classifier that interpolates noise? Inputs on the unit sphere, fair labels, ReLU "
        f"random features, half of them pruned, weights of {BITS} bits. Mean distance of fresh inputs to the other "
        "class, from below by |g|/L and from above by boundary points, against √(p_eff/(nd)), and the law for pruned "
        f"classifiers, δ = {DELTA}. {'; '.join(said)}. More weights allow larger margins; least-norm fits do not take "
        f"them: their stability stays near √(2/(πd)) = {level:.3f}, that of a halfspace."
    )


def draw(table: Table) -> Figure:
    """Draw both ends of the bracket and the law."""
    figure, (axes,) = new_figure(1, width=5.2, height=3.8)
    for series, look in LOOKS.items():
        draw_measured(axes, table.points(series), look, series)
    for rule, look in LAW_LOOKS.items():
        draw_formula(axes, table.points(f"{RULES[rule]}: {LAW}"), look, f"{RULES[rule]}: {LAW}")
    draw_formula(axes, table.points(HALFSPACE), Look(GREEN, line=(0, (3, 1.2, 1, 1.2, 1, 1.2))), HALFSPACE)
    axes.set(yscale="log", xlabel=r"$\sqrt{p_{\mathrm{eff}}/(nd)}$", ylabel="class stability $S(f)$")
    legend_below(figure, axes, columns=2)
    return figure
