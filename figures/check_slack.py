"""Theorems 3 and 4 in all their versions against the truth: what their constants cost.

*Linear functions* and *random features*: the smallest Lipschitz constant of a fit below the noise level, over all
weights on a mask (as in `check_law_of_robustness`), over each version of Theorem 4: printed constants; sharp constants;
the split of epsilon and delta optimised, with the net inside the mask, for mutual information and for maximal leakage.
Random features are solved by a certified bracket, for samples too few for the condition of the first two versions.
Then the sharpened laws: classes linear in their weights (by the moment form of isoperimetry, and by Definition 1 alone)
and, for linear functions of Gaussian inputs, the Gaussian width and, for masks that do not look, Gordon's comparison;
for random features of few inputs the law for any function, which knows neither class nor mask.

*Sign model* (as in `check_tail`): the number of samples from which a fit below the noise has probability at most delta,
by each version of Theorem 3, over the exact number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.check_law_of_robustness import SMOOTHEST_FIT_VERSION, Design, smoothest_fit_cell
from figures.check_tail import EPSILON, SIGN_CONSTANT, WEIGHT, exact_sign_probability
from figures.slack_bounds import (
    ALL_GORDON,
    ALL_WIDTH,
    ANY,
    GORDON,
    INFORMATION,
    LEAKAGE,
    LINEAR_CLASS,
    PRINTED,
    SHARP,
    SIGNS,
    TAIL_CLASS,
    THRESHOLD,
    WIDTH,
    feature_bounds,
    linear_bounds,
    theorem_4_bounds,
    where_it_holds,
)
from figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    Look,
    draw_measured,
    new_figure,
    plain_ticks,
)
from figures.table import ContradictionError, Row, Table, formula, measured
from noprune_theory._types import FloatArray
from noprune_theory.bounds import (
    Constants,
    MaximalLeakage,
    MutualInformation,
    lemma_6,
    lemma_6_exact_threshold,
    lemma_6_optimised,
    log_mask_count,
    theorem_3,
)
from noprune_theory.covariates import Gaussian
from noprune_theory.models import LinearModel, RandomFeatures
from noprune_theory.pruning import prune_correlation
from noprune_theory.solvers import smoothest_random_features_fit
from noprune_theory.sweeps import Execution, SweepTable, run_sweep
from noprune_theory.tasks import Dataset, random_signs

NAME = "check_slack"
TITLE = "Measured over bound, for every version of Theorems 3 and 4"

DELTA = 0.25
DELTAS = (0.5, 0.25, 0.1, 1e-2, 1e-3, 1e-4, 1e-6)
SPARSITIES = (0.2, 0.5, 0.8, 0.9, 0.95)
DATA_RADIUS, RADIUS = 2.0, 4.0
RULES = {"random": "random masks", "correlation": "masks by correlation"}
BY_DELTA, BY_SPARSITY, SIGN = "failure probability", "sparsity", "sign model"
VERSIONS = {
    PRINTED: Look(GREY, "x", (0, (1, 1.2))),
    SHARP: Look(ORANGE, "s", (0, (6, 1.5))),
    INFORMATION: Look(BLUE, "o", "-"),
    LEAKAGE: Look(GREEN, "^", (0, (4, 1.2, 1, 1.2))),
    TAIL_CLASS: Look(SKY, "v", (0, (2.5, 1.2))),
    LINEAR_CLASS: Look(PURPLE, "D", "-"),
    WIDTH: Look(VERMILLION, "P", (0, (6, 1.5))),
    GORDON: Look(BLACK, "*", "-"),
    ALL_WIDTH: Look(ORANGE, "<", (0, (3, 2))),
    ALL_GORDON: Look(BLACK, "h", (0, (4, 1.2, 1, 1.2))),
    THRESHOLD: Look(PURPLE, "D", (0, (1, 1.2))),
    ANY: Look(VERMILLION, "X", "-"),
}
#: Random features: kept features a sample, largest offset, and the radii of the balls of weights and inputs. For
#: x ~ N(0, I/d), d = 2 or 3, |x| exceeds 5 with probability at most exp(-25).
FEATURES_A_SAMPLE, LARGEST_OFFSET = 4, 1.5
FEATURE_WEIGHT_RADIUS, FEATURE_DATA_RADIUS = 1e4, 5.0
BRACKET = "width of the brackets"
MEAN_SAMPLE = 20_000


@dataclass(frozen=True)
class Settings:
    """Sizes: n samples, keep = 5n/4 weights of p = d = 2 keep, MSE at most 1 - epsilon.

    Attributes
    ----------
    seeds : mapping of int to int
        Data sets drawn for each n; the largest n is taken for the failure probabilities.
    epsilon : float
    sparse_samples : int
        An n of `seeds`, at which the sparsity varies: p = d = keep / (1 - gamma).
    features : mapping of int to tuple of int
        For each dimension of the inputs of random features, the numbers of samples.
    feature_seeds : int
    """

    seeds: dict[int, int]
    epsilon: float
    sparse_samples: int
    features: dict[int, tuple[int, ...]]
    feature_seeds: int


SETTINGS = {
    "quick": Settings({48: 4, 100: 4, 200: 2, 400: 2, 800: 1, 2200: 1}, 0.9, 200, {2: (36, 44, 56), 3: (36, 40)}, 1),
    "paper": Settings(
        {48: 50, 100: 50, 200: 20, 400: 20, 800: 10, 1600: 4, 2200: 3, 3200: 2},
        0.9,
        400,
        {2: (36, 44, 56, 68), 3: (36, 44, 56)},
        6,
    ),
}


def feature_fit_cell(
    rng: np.random.Generator, *, dimension: int, n: int, keep: int, largest_offset: float, epsilon: float
) -> dict[str, Any]:
    """Keep half of the random features by correlation; bracket the least Lipschitz constant with MSE <= 1 - epsilon."""
    data = random_signs(Gaussian(dimension), rng, n)
    directions = rng.standard_normal((2 * keep, dimension))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    offsets = rng.uniform(-largest_offset, largest_offset, 2 * keep)
    model = RandomFeatures(directions, np.zeros(2 * keep), offsets=offsets)
    seen = Dataset(model.features(data.X), data.y, data.g, data.z, data.labels, data.sigma2)
    mask = prune_correlation(LinearModel(np.zeros(2 * keep)), seen, keep=keep).mask
    # The time is more than enough: a bracket must not depend on how fast the machine is.
    fit = smoothest_random_features_fit(
        model.masked(mask), data.X, data.y, max_mse=1 - epsilon, rtol=2e-2, max_seconds=600, rng=rng
    )
    # The class linear in its weights asks for a mean of f in [-1, 1].
    fresh = Gaussian(dimension).sample(rng, MEAN_SAMPLE).X
    return {
        "lower": fit.lipschitz.lower,
        "upper": fit.lipschitz.upper,
        "weight_norm": float(np.linalg.norm(fit.weights)),
        "mean": float(np.mean(model.features(fresh) @ fit.weights)),
    }


@dataclass(frozen=True)
class _Place:
    """A design of the linear class at an abscissa of a panel."""

    label: str
    x: float
    design: Design
    delta: float = DELTA


def _ratio_rows(places: Sequence[_Place], lipschitz: dict[Design, FloatArray], epsilon: float) -> list[Row]:
    """Return the ratios of designs of the linear class, place by place."""
    designs = [place.design for place in places]
    n, d, keep = (
        np.array([getattr(design, size) for design in designs], dtype=np.float64) for size in ("n", "dimension", "keep")
    )
    delta, blind = np.array([place.delta for place in places]), np.array([d.rule == "random" for d in designs])
    information = where_it_holds(~blind, lambda at: log_mask_count(d[at], keep[at]))
    bounds = theorem_4_bounds(
        n,
        d,
        keep,
        epsilon=epsilon,
        delta=delta,
        information=information,
        diameter=2 * RADIUS * np.sqrt(n * d / keep),
        parameter_lipschitz=np.full(n.shape, DATA_RADIUS),
    ) | linear_bounds(n, d, keep, epsilon=epsilon, delta=delta, leakage=information, blind=blind)
    return [
        measured(f"{place.label}: {version}", place.x, lipschitz[place.design] / bound[k])
        for k, place in enumerate(places)
        for version, bound in bounds.items()
        if bound[k] > 0
    ]


def _lipschitz(seeds: dict[Design, int], epsilon: float, execution: Execution) -> dict[Design, FloatArray]:
    """Return the least Lipschitz constants of designs of the linear class, each on its number of data sets."""
    found: dict[Design, FloatArray] = {}
    for number in dict.fromkeys(seeds.values()):
        cells = {
            d: {"rule": d.rule, "n": d.n, "dimension": d.dimension, "keep": d.keep, "epsilon": epsilon}
            for d, wanted in seeds.items()
            if wanted == number
        }
        table = run_sweep(
            smoothest_fit_cell,
            list(cells.values()),
            version=SMOOTHEST_FIT_VERSION,
            seeds=range(number),
            execution=execution,
        ).complete_table()
        found |= {design: table.where(**cell).column("lipschitz") for design, cell in cells.items()}
    return found


def _linear_rows(settings: Settings, execution: Execution) -> list[Row]:
    seeds: dict[Design, int] = {}
    places, late = [], []
    for n, number in settings.seeds.items():
        keep = round(1.25 * n)
        for rule, label in RULES.items():
            design = Design(rule, n, 2 * keep, keep)
            seeds[design] = number
            places.append(_Place(label, n, design))
            if n == max(settings.seeds) and rule == "correlation":
                late += [_Place(BY_DELTA, delta, design, delta) for delta in DELTAS]
    keep = round(1.25 * settings.sparse_samples)
    for gamma in SPARSITIES:
        design = Design("correlation", settings.sparse_samples, round(keep / (1 - gamma)), keep)
        seeds[design] = settings.seeds[settings.sparse_samples]
        late.append(_Place(BY_SPARSITY, gamma, design))
    return _ratio_rows([*places, *late], _lipschitz(seeds, settings.epsilon, execution), settings.epsilon)


def _feature_label(dimension: int) -> str:
    return f"random features, d = {dimension}"


def _feature_bounds(settings: Settings) -> dict[tuple[int, int], dict[str, float]]:
    """Return every bound that proves something for random features, by dimension and number of samples."""
    sizes = [(dimension, n) for dimension, several in settings.features.items() for n in several]
    d, n = (np.array(part, dtype=np.float64) for part in zip(*sizes, strict=True))
    keep, delta = FEATURES_A_SAMPLE * n, np.full(n.shape, DELTA)
    information = np.asarray(log_mask_count(2 * keep, keep))
    bounds = theorem_4_bounds(
        n,
        d,
        keep,
        epsilon=settings.epsilon,
        delta=delta,
        information=information,
        diameter=np.full(n.shape, 2 * FEATURE_WEIGHT_RADIUS),
        # The directions are unit vectors: |df/dw_j| <= |x| + |b_j|.
        parameter_lipschitz=np.sqrt(keep) * (FEATURE_DATA_RADIUS + LARGEST_OFFSET),
    ) | feature_bounds(n, d, keep, epsilon=settings.epsilon, delta=delta, leakage=information)
    return {
        size: {version: float(bound[k]) for version, bound in bounds.items() if bound[k] > 0}
        for k, size in enumerate(sizes)
    }


def _feature_ratios(dimension: int, n: int, table: SweepTable, bounds: dict[str, float]) -> list[Row]:
    if table.column("weight_norm").max() > FEATURE_WEIGHT_RADIUS:
        raise ContradictionError(f"a fit of random features with n = {n} leaves the ball of weights of Theorem 4")
    if np.abs(table.column("mean")).max() > 0.9:
        raise ContradictionError(f"a fit of random features with n = {n} has a mean too near the ends of [-1, 1]")
    label = _feature_label(dimension)
    lower, upper = table.column("lower"), table.column("upper")
    rows = [measured(f"{label}: {version}", n, lower / bound) for version, bound in bounds.items()]
    return [*rows, *formula(f"{label}: {BRACKET}", n, np.max(upper / lower - 1))]


def _feature_rows(settings: Settings, execution: Execution) -> list[Row]:
    cells = [
        {
            "dimension": dimension,
            "n": n,
            "keep": FEATURES_A_SAMPLE * n,
            "largest_offset": LARGEST_OFFSET,
            "epsilon": settings.epsilon,
        }
        for dimension, sizes in settings.features.items()
        for n in sizes
    ]
    seeds = range(settings.feature_seeds)
    table = run_sweep(feature_fit_cell, cells, version=3, seeds=seeds, execution=execution).complete_table()
    bounds, rows = _feature_bounds(settings), []
    for cell in cells:
        dimension, n = int(cell["dimension"]), int(cell["n"])
        rows += _feature_ratios(dimension, n, table.where(**cell), bounds[dimension, n])
    return rows


def _samples_needed(probability: Callable[[FloatArray], Any], deltas: FloatArray) -> FloatArray:
    """Return the least n in [1, 2^53] with probability(n) <= delta, for each delta, infinite where there is none."""
    low, high = np.zeros_like(deltas), np.full_like(deltas, 2.0**53)
    reached = np.asarray(probability(high)) <= deltas
    while (high - low > 1).any():
        middle = np.clip(np.floor(np.sqrt(np.maximum(low, 1) * high)), low + 1, np.maximum(high - 1, low + 1))
        below = np.asarray(probability(middle)) <= deltas
        low, high = np.where(below | (high - low <= 1), low, middle), np.where(below, np.minimum(high, middle), high)
    return np.where(reached, high, np.inf)


def _sign_rows() -> list[Row]:
    """Return the samples that each version of Theorem 3 asks for, over those that suffice."""
    deltas = np.array(DELTAS)
    n = np.arange(1.0, 1e4)
    exact = exact_sign_probability(n)
    sufficient = np.array([n[exact > delta].max() + 1 for delta in DELTAS])

    def arguments(n: FloatArray) -> tuple[FloatArray, int, int, float, float, float]:
        return n, 1, 1, EPSILON, WEIGHT, SIGN_CONSTANT

    versions: dict[str, Callable[[FloatArray], Any]] = {
        PRINTED: lambda n: theorem_3(*arguments(n), np.log(2), Constants.PAPER),
        SHARP: lambda n: lemma_6(*arguments(n), np.log(2), Constants.SHARP),
        INFORMATION: lambda n: lemma_6_optimised(*arguments(n), dependence=MutualInformation(np.log(2))),
        LEAKAGE: lambda n: lemma_6_optimised(*arguments(n), dependence=MaximalLeakage(np.log(2))),
        THRESHOLD: lambda n: lemma_6_exact_threshold(
            *arguments(n), dependence=MaximalLeakage(np.log(2)), noise=SIGNS, centred=True
        ),
    }
    rows = []
    for version, probability in versions.items():
        ratio = _samples_needed(probability, deltas) / sufficient
        proved = np.isfinite(ratio)
        rows += formula(f"{SIGN}: {version}", deltas[proved], ratio[proved])
    return rows


def compute(settings: Settings, execution: Execution) -> Table:
    """Fit, and divide by every bound that applies."""
    rows = _linear_rows(settings, execution) + _feature_rows(settings, execution)
    return Table.of(NAME, rows + _sign_rows())


def check(table: Table) -> None:
    """Demand that no bound exceeds what was measured, and that leakage comes at least 15 times closer than printed."""
    for series in table.series:
        ratios = table.points(series).y
        if not series.endswith(BRACKET) and not (np.isfinite(ratios) & (ratios >= 1)).all():
            raise ContradictionError(f"{series}: what was measured is below the bound, or no fit was found")
    for label in (*RULES.values(), BY_DELTA, SIGN):
        if f"{label}: {PRINTED}" not in table.series:
            continue  # nothing of these settings meets the printed condition
        printed, leakage = table.points(f"{label}: {PRINTED}"), table.points(f"{label}: {LEAKAGE}")
        closest = dict(zip(leakage.x, leakage.y, strict=True))
        if any(y < 15 * closest[x] for x, y in zip(printed.x, printed.y, strict=True)):
            raise ContradictionError(f"{label}: the leakage version is not 15 times closer than the printed one")
    for label in _feature_labels(table):
        classes, floor = table.points(f"{label}: {LINEAR_CLASS}").y, table.points(f"{label}: {ANY}").y
        if (5 * floor > classes).any():
            raise ContradictionError(f"{label}: the law for any function is not 5 times closer than that of the class")


def _at_end(table: Table, label: str, at: Callable[[FloatArray], Any] = np.max) -> str:
    """Return the ratio of each version at the end of its panel, in words."""
    said = []
    for version in VERSIONS:
        series = f"{label}: {version}"
        if series in table.series:
            points = table.points(series)
            if at(points.x) == at(np.array([row.x for row in table.rows if row.series.startswith(f"{label}: ")])):
                ratio = points.y[points.x == at(points.x)][0]
                said.append(f"{ratio:,.0f} ({version})" if ratio >= 10 else f"{ratio:.2f} ({version})")
    return ", ".join(said)


def _feature_labels(table: Table) -> list[str]:
    ending = f": {BRACKET}"
    return [series.removesuffix(ending) for series in table.series if series.endswith(ending)]


def caption(table: Table) -> str:
    """State the question and the ratios at the ends of the panels."""
    largest = max(row.x for row in table.rows if row.series.startswith(RULES["random"]))
    linear = "; ".join(f"{label} {_at_end(table, label)}" for label in RULES.values())
    features = "; ".join(f"{label} {_at_end(table, label)}" for label in _feature_labels(table))
    widths = [table.points(f"{label}: {BRACKET}").y.max() for label in _feature_labels(table)]
    return (
        "How far is each version of Theorems 3 and 4 from the truth? Linear functions and random features: Lipschitz "
        "constant of the smoothest fit of fair signs with MSE at most 0.1, over bound; a version stands where its "
        f"condition on n holds and it proves something. Linear: keep = 5n/4 weights of p = d, half pruned, δ = {DELTA} "
        f"unless varied. At the largest n, {largest:,.0f}: {linear}. With δ = {min(DELTAS):g} there: "
        f"{_at_end(table, BY_DELTA, np.min)}. Random features: 4n of 8n kept, by correlation, lower ends of certified "
        f"brackets at most {max(widths):.1%} wide; n is far below the condition of the printed and of the sharp "
        f"version, which prove nothing here; at the largest n: {features}. Sign "
        "model: samples from which each version of Theorem 3 makes a fit below the noise less likely than "
        f"δ, over the exact number; at δ = {min(DELTAS):g}: "
        f"{_at_end(table, SIGN, np.min)}. The exact threshold replaces the half of ε, a class linear in its weights "
        "pays log(1 + 2/η) for a weight instead of the logarithm of the net, noise that is independent of the inputs "
        "turns the factor 8 of the concentration into 2, and Gaussian inputs need no inequality at all. What is left: "
        "for random masks the fluctuations that Gordon's comparison adds; for masks that look at the data the best of "
        "all masks, which is bounded at once by the largest of all correlations instead of a union over masks, and is "
        "smoother than the masks by correlation. In few dimensions no count of parameters binds, and the law for any "
        "function at all is the closest: what it loses is Chernoff's bound at so few samples, and that only pairs of "
        "unlike labels inside one cell of the inputs count; the rest is the roughness of features against any function."
    )


def _draw_panel(axes: Axes, table: Table, label: str, title: str, xlabel: str) -> None:
    for version, look in VERSIONS.items():
        if f"{label}: {version}" in table.series:
            draw_measured(axes, table.points(f"{label}: {version}"), look, version)
    axes.axhline(1, color="#444444", linewidth=0.8)
    axes.set(yscale="log", xlabel=xlabel)
    axes.set_title(title, loc="left")


def draw(table: Table) -> Figure:
    """Draw one panel a class and quantity that varies; the legend takes the last place."""
    figure, panels = new_figure(4, rows=2, width=10.4, height=5.4)
    samples, failure = "samples $n$", r"failure probability $\delta$"
    largest = max(row.x for row in table.rows if row.series.startswith(RULES["random"]))
    shown = [
        (RULES["random"], "linear, random masks", samples),
        (RULES["correlation"], "linear, by correlation", samples),
        (BY_DELTA, f"linear, by correlation, n = {largest:,.0f}", failure),
        (BY_SPARSITY, "linear, by correlation", r"sparsity $\gamma = 1 - \mathrm{keep}/p$"),
        *((label, label, samples) for label in _feature_labels(table)),
        (SIGN, "sign model, Theorem 3", failure),
    ]
    highest = max(row.y for row in table.rows if not row.series.startswith(SIGN))
    for axes, (label, title, xlabel) in zip(panels, shown, strict=False):
        _draw_panel(axes, table, label, title, xlabel)
        if label in RULES.values() or xlabel == failure:
            axes.set_xscale("log")
        if label in RULES.values():
            plain_ticks(axes.xaxis, minor=(3,))
        if label != SIGN:
            axes.set_ylim(0.6, 2 * highest)
        axes.set_ylabel("samples asked for over needed" if label == SIGN else "")
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    for axes in (panels[0], panels[4]):
        axes.set_ylabel("measured over bound")
    entries = {
        label: handle for axes in panels for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    panels[-1].legend(entries.values(), entries.keys(), loc="center left")
    return figure
