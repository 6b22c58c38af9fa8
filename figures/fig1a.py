"""Figure 1a: memorisation capacity of pruned networks on random labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from matplotlib.figure import Figure

from figures.conventions_open import named
from figures.one_shot import one_shot_masks
from figures.published import label_published, order_kept, published_points, published_rows, said
from figures.style import METHODS, draw_measured, draw_published, legend_below, new_figure
from figures.table import ContradictionError, Row, Table, measured
from noprune_theory._types import BoolArray
from noprune_theory.covariates import Gaussian
from noprune_theory.models import MLP
from noprune_theory.pruning import keep_largest, prune_random
from noprune_theory.pruning.iterative_magnitude import geometric_counts
from noprune_theory.pruning.random import Allocation
from noprune_theory.pruning.selection import Compat
from noprune_theory.solvers import Adam, GradientDescent, Training, TrainingResult, train_networks
from noprune_theory.solvers.training import StateAtStart
from noprune_theory.sweeps import Execution, SweepTable, run_sweep
from noprune_theory.tasks import Dataset, random_signs

NAME = "fig1a"
TITLE = "Figure 1a: memorisation capacity, Gaussian data"
SERIES = ("IMP", "SNIP", "Random", "SynFlow", "GraSP")
WIDTHS = (30, 24, 24, 1)
LEARNING_RATE = 1e-2
RandomMasks: TypeAlias = Literal["each", "nested", "one for all"]


@dataclass(frozen=True)
class Settings:
    """Seeds, and what the paper leaves open: chosen by `figures.conventions`, for all series together.

    Attributes
    ----------
    seeds : int
        Networks and data sets a method.
    synflow_seeds : int, optional
        Those of SynFlow, whose hundred rounds a mask cost more than all else; by default as many.
    optimizer : {"adam", "gradient descent"}
        On full batches, with the learning rate 0.01 and the cross entropy that the paper states. Plain gradient descent
        memorises next to nothing in 500 steps at this rate, and less than published in 3,000.
    epochs : int
        Steps. SNIP memorises more with every step after these, IMP hardly.
    initialisation : str
        He's, with biases 0. From PyTorch's default IMP memorises less than published, whatever the number of steps.
    biases : bool
        Whether units have biases; they are never pruned, since the published sparsities are whole numbers of the 1320
        weights alone. Without them IMP memorises less than published.
    compat : str
        "exact" keeps exactly k weights; "threshold" keeps scores strictly above the k-th smallest, which changes
        nothing here.
    optimizer_state : {"reset", "kept"}
        Of a round of IMP: Adam begun anew, or gone on with while the weights are rewound.
    allocation : {"global", "layerwise", "erk"}
        Of random masks; see `prune_random`.
    random_masks : {"each", "nested", "one for all"}
        "each": drawn anew for every seed and sparsity, as the public reference code does; "nested": one ranking of the
        weights a seed; "one for all": one ranking for all seeds.
    """

    seeds: int
    optimizer: str = "adam"
    epochs: int = 300
    initialisation: str = "he"
    biases: bool = True
    compat: str = "exact"
    optimizer_state: StateAtStart = "reset"
    allocation: Allocation = "global"
    random_masks: RandomMasks = "each"
    synflow_seeds: int | None = None


#: What concerns one method alone; the cells of the others do not name it.
OF_ONE_METHOD = {"optimizer_state": "IMP", "allocation": "Random", "random_masks": "Random"}

SETTINGS = {"quick": Settings(seeds=120, synflow_seeds=8), "paper": Settings(seeds=250)}


def _counts() -> list[int]:
    """Return the weights kept by the rounds of iterative magnitude pruning: 1056, 844, ..., 8."""
    return geometric_counts(1320, 8)


#: The rounds that the figure shows.
SHOWN = [count for count in _counts() if count <= 176]


def _trained(network: MLP, masks: BoolArray, data: Dataset, training: Training, **options: Any) -> TrainingResult:
    """Train from the same initial weights with each mask (m, p)."""
    start = np.where(masks, network.weights, 0.0)
    return train_networks(network, start, data.X, data.y, training, masks=masks, **options)


def _random_masks(
    network: MLP, rng: np.random.Generator, allocation: Allocation, random_masks: RandomMasks
) -> list[BoolArray]:
    """Return random masks of all sparsities shown; generators with equal seeds draw equal rankings of the weights."""
    if random_masks == "each":
        return [prune_random(network, keep=keep, rng=rng, allocation=allocation).mask for keep in SHOWN]
    seed = 0 if random_masks == "one for all" else int(rng.integers(2**63))
    rankings = (np.random.default_rng(seed) for _ in SHOWN)
    return [
        prune_random(network, keep=keep, rng=ranking, allocation=allocation).mask
        for keep, ranking in zip(SHOWN, rankings, strict=True)
    ]


def memorisation_cell(
    rng: np.random.Generator,
    *,
    method: str,
    optimizer: str,
    epochs: int,
    initialisation: str,
    biases: bool,
    compat: Compat,
    optimizer_state: StateAtStart | None,
    allocation: Allocation | None,
    random_masks: RandomMasks | None,
) -> list[dict[str, Any]]:
    """Draw a network and random labels; return the fraction memorised at every sparsity that the figure shows."""
    network = MLP.draw(rng, WIDTHS, initialisation=initialisation, biases=biases)  # type: ignore[arg-type]
    data = random_signs(Gaussian(30, covariance=np.eye(30)), rng, 30)
    rule = {"adam": Adam, "gradient descent": GradientDescent}[optimizer]
    training = Training(epochs=epochs, loss="binary_cross_entropy", optimizer=rule(LEARNING_RATE))
    if method != "IMP":
        if allocation is not None and random_masks is not None:
            masks = _random_masks(network, rng, allocation, random_masks)
        else:
            masks = one_shot_masks(method, network, data, SHOWN, "binary_cross_entropy", compat)
        fractions = _trained(network, np.array(masks), data, training).memorised[:, -1]
        return [{"keep": keep, "memorised": float(f)} for keep, f in zip(SHOWN, fractions, strict=True)]
    rows, mask = [], network.mask
    trained = _trained(network, mask[None], data, training)
    for keep in _counts():
        mask = keep_largest(np.abs(trained.weights[0]), mask & network.prunable, keep) | (mask & ~network.prunable)
        state = {"optimizer_state": "kept", "previous": trained} if optimizer_state == "kept" else {}
        trained = _trained(network, mask[None], data, training, **state)
        if keep in SHOWN:
            rows.append({"keep": keep, "memorised": float(trained.memorised[0, -1])})
    return rows


def cell(method: str, conventions: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of `memorisation_cell` for a method: None for what concerns another one."""
    named = {name: value if OF_ONE_METHOD.get(name, method) == method else None for name, value in conventions.items()}
    return {"method": method, **named}


def compute(settings: Settings, execution: Execution) -> Table:
    """Train all methods, seeds and sparsities."""
    conventions = dataclasses.asdict(settings)
    seeds = conventions.pop("seeds")
    of_synflow = conventions.pop("synflow_seeds") or seeds
    rows: list[Row] = []
    for methods, repetitions in ((SERIES[:-2], seeds), (["SynFlow"], of_synflow), (["GraSP"], seeds)):
        cells = [cell(method, conventions) for method in methods]
        rows += memorisation_rows(memorisation_table(cells, range(repetitions), execution), cells)
    return Table.of(NAME, rows + published_rows(NAME))


def memorisation_table(cells: list[dict[str, Any]], seeds: Iterable[int], execution: Execution) -> SweepTable:
    """Compute cells of `memorisation_cell` for all seeds."""
    return run_sweep(memorisation_cell, cells, version=3, seeds=seeds, execution=execution).complete_table()


def memorisation_rows(table: SweepTable, cells: Iterable[dict[str, Any]]) -> list[Row]:
    """Return the mean over seeds of every cell at every sparsity shown."""
    return [
        measured(cell["method"], 1 - keep / 1320, table.where(**cell, keep=keep).column("memorised"))
        for cell in cells
        for keep in SHOWN
    ]


def check(table: Table) -> None:
    """Demand the paper's finding: masks that know the data memorise more than masks that do not."""
    middle = {series: np.interp(0.966, table.points(series).x, table.points(series).y) for series in SERIES}
    if not middle["IMP"] > max(middle["SNIP"], middle["Random"], middle["SynFlow"]) + 0.1:
        raise ContradictionError(f"IMP does not memorise more than the others at sparsity 0.966: {middle}")


def caption(table: Table) -> str:
    """State the setting, the conventions and the difference from the paper."""
    return (
        "How many random labels can a pruned network memorise? Fraction of 30 points in 30 dimensions with loss below "
        f"log(2)/10, mean and standard error over {table.rows[0].n} seeds of network and data (SynFlow: "
        f"{table.points('SynFlow').n[0]}); pale: published. "
        f"{said(table)} In brackets: ours less published. {order_kept(table)} Random masks stay below the published "
        "curve under every convention tried but one that is far above it; their curve is not smooth, as one ranking of "
        f"the weights for all seeds would have it. {named('1a')}"
    )


def draw(table: Table) -> Figure:
    """Draw one curve a method."""
    figure, (axes,) = new_figure()
    for series in SERIES:
        look = METHODS[series]
        theirs = published_points(table, series)
        if theirs is not None:
            draw_published(axes, theirs, look)
        draw_measured(axes, table.points(series), look, series)
    axes.set(xlabel="sparsity", ylabel="fraction of points memorised", xlim=(0.88, 1.0), ylim=(-0.02, 1.03))
    label_published(axes, table.series)
    legend_below(figure, axes, columns=6)
    return figure
