"""Noise memorised by masked linear fits against the effective number of parameters, for every rule that chooses masks.

Labels z are n fair signs independent of a Gaussian design X (n, p); a rule keeps k columns, and least squares on them
explains |P_m z|^2 of the noise. For a mask that ignores z the explained noise is k at most in the mean, with a
subgaussian tail (Hsu, Kakade & Zhang 2012), and the Donsker-Varadhan formula turns that into

    E|P_m z|^2 <= [I(m; z | X) + (k/2) log(1 / (1 - 2 t))] / t   for every 0 < t < 1/2,

so, with 1 - 2 t = 1/e, at most p_eff / t = 3.16 p_eff for p_eff = I + k/2: half a nat for each weight. The information
enters at its ceiling min(log C(p, k), (n - 1) log 2), and is 0 for random masks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.style import BLACK, CYCLE, GREY, Look, draw_formula, draw_measured, new_figure, plain_ticks
from figures.table import ContradictionError, Table, formula, measured
from noprune_theory._types import FloatArray
from noprune_theory.bounds import log_mask_count
from noprune_theory.information import choose_masks, explained_noise
from noprune_theory.sweeps import Execution, run_sweep

NAME = "check_information_capacity"
TITLE = "Noise memorised against the effective number of parameters"

RULES = {
    "random": ("random", Look(BLACK, "x")),
    "magnitude_after": ("magnitude after training", CYCLE[4]),
    "correlation": ("correlation", CYCLE[1]),
    "orthogonal_matching_pursuit": ("orthogonal matching pursuit", CYCLE[2]),
    "best_subset": ("best subset", CYCLE[0]),
}
BOUND = "proved ceiling"
#: 1/t of the Donsker-Varadhan bound at 1 - 2 t = 1/e.
CEILING = 2 / (1 - math.exp(-1))


@dataclass(frozen=True)
class Settings:
    """Designs (n, p) for all rules but best subset, small ones for it, shares k/n kept, and seeds."""

    designs: tuple[tuple[int, int], ...]
    small_designs: tuple[tuple[int, int], ...]
    shares: tuple[float, ...]
    seeds: int


SETTINGS = {
    "quick": Settings(((100, 120), (100, 400), (100, 2000)), ((16, 16),), (0.02, 0.05, 0.1, 0.2, 0.4), 10),
    "paper": Settings(
        ((100, 120), (100, 400), (100, 2000), (400, 500), (400, 8000)),
        ((16, 16), (20, 18)),
        (0.02, 0.05, 0.1, 0.2, 0.4),
        50,
    ),
}


def explained_noise_cell(rng: np.random.Generator, *, rule: str, n: int, p: int, keep: int) -> dict[str, Any]:
    """Draw a design and labels, choose a mask, and return the fraction |P_m z|^2 / n of the noise that it explains."""
    X = rng.standard_normal((n, p))
    labels = rng.choice([-1.0, 1.0], size=(1, n))
    if rule == "random":
        masks = np.zeros((1, p), dtype=bool)
        masks[0, rng.permutation(p)[:keep]] = True
    else:
        masks = choose_masks(X, labels, keep, rule)
    return {"explained": float(explained_noise(X, labels, masks)[0]) / n}


def _effective_parameters(rule: str, n: int, p: int, keep: int) -> float:
    information = 0.0 if rule == "random" else min(float(log_mask_count(p, keep)), (n - 1) * math.log(2))
    return information + keep / 2


def _cells(settings: Settings) -> list[dict[str, Any]]:
    cells = []
    for rule in RULES:
        for n, p in settings.small_designs if rule == "best_subset" else settings.designs:
            kept = sorted({max(1, round(share * n)) for share in settings.shares})
            cells += [{"rule": rule, "n": n, "p": p, "keep": keep} for keep in kept]
    return cells


def compute(settings: Settings, execution: Execution) -> Table:
    """Measure the explained noise, and evaluate the bound."""
    cells = _cells(settings)
    sweep = run_sweep(explained_noise_cell, cells, version=1, seeds=range(settings.seeds), execution=execution)
    table = sweep.complete_table()
    rows = []
    for cell in cells:
        x = _effective_parameters(cell["rule"], cell["n"], cell["p"], cell["keep"]) / cell["n"]
        rows.append(measured(RULES[cell["rule"]][0], x, table.where(**cell).column("explained")))
    rows.sort(key=lambda row: row.x)
    xs = np.geomspace(rows[0].x / 1.3, 1 / CEILING, 30)
    return Table.of(NAME, rows + formula(BOUND, xs, CEILING * xs))


def _ratios(table: Table, name: str) -> FloatArray:
    """Return explained noise over p_eff / n where less than half of the noise is explained."""
    points = table.points(name)
    return np.asarray((points.y / points.x)[points.y < 0.5])


def check(table: Table) -> None:
    """Demand that no rule memorises more than the ceiling, beyond five standard errors."""
    for name, _ in RULES.values():
        points = table.points(name)
        if (points.y - 5 * np.nan_to_num(points.stderr) > CEILING * points.x).any():
            raise ContradictionError(f"{name}: more noise is explained than p_eff allows")


def caption(table: Table) -> str:
    """State the question and how well the rules agree."""
    ratios = {name: _ratios(table, name) for name, _ in RULES.values()}
    said = ", ".join(f"{values.min():.2g} to {values.max():.2g} for {name}" for name, values in ratios.items())
    return (
        "Does the effective number of parameters say how much noise a pruned linear fit memorises, whatever chose the "
        "mask? Fraction of n fair-sign labels explained by least squares on the mask, mean over data sets, against "
        "p_eff/n with p_eff = I + k/2 in nats, the information of chosen masks at its ceiling. Explained noise over "
        f"p_eff/n, while less than half is explained: {said}; the proved ceiling is {CEILING:.2f}. Rules that use what "
        "they know fall on one curve within a factor of about 2; magnitude after training wastes most of it where "
        "columns outnumber the samples."
    )


def draw(table: Table) -> Figure:
    """Draw all rules on one pair of axes."""
    figure, (axes,) = new_figure()
    draw_formula(axes, table.points(BOUND), Look(GREY), r"$3.16\, p_{\mathrm{eff}} / n$, proved ceiling")
    for name, look in RULES.values():
        draw_measured(axes, table.points(name), look, name, line=False)
    axes.set(
        xscale="log", yscale="log", xlabel=r"$p_{\mathrm{eff}} / n$ (nats)", ylabel="fraction of the noise explained"
    )
    plain_ticks(axes.xaxis)
    plain_ticks(axes.yaxis)
    axes.set_ylim(top=1.3)
    axes.legend(loc="lower right")
    return figure
