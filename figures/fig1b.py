"""Figure 1b: memorisation capacity of pruned networks on images with pixel noise.

The paper takes FashionMNIST; its IDX files are read from --data-dir. Without them the 8 x 8 digits that come with
scikit-learn stand in, and the figure says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.style import METHODS, draw_measured, new_figure
from figures.table import ContradictionError, Row, Table, formula, measured
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.models import MLP
from noprune_theory.pruning import keep_largest, prune_grasp, prune_random, prune_snip, prune_synflow
from noprune_theory.pruning.iterative_magnitude import geometric_counts
from noprune_theory.solvers import Adam, Training, train_networks
from noprune_theory.sweeps import Execution, grid, run_sweep
from noprune_theory.tasks import Dataset, read_idx

NAME = "fig1b"
TITLE = "Figure 1b: memorisation capacity, noisy images"
SERIES = ("IMP", "MagAfter", "SNIP", "Random", "SynFlow", "GraSP")
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
NOISE_VARIANCE = 3.0
PAPER_PATIENCE = 3
FASHION, DIGITS = "FashionMNIST", "scikit-learn digits"


@dataclass(frozen=True)
class Settings:
    """Sizes, and what the paper leaves open.

    Attributes
    ----------
    seeds : int
        Networks and draws of the pixel noise.
    samples : int
        Digits used, if they stand in; all 60,000 images of FashionMNIST are used, as in the paper.
    width : int
        Units in each of the two hidden layers, 200 in the paper.
    epochs : int
        Ceiling on the passes over the data.
    patience : int
        Stop when the accuracy has not changed for so many epochs (or the mean loss is below 0.01). Three in the paper,
        which are 2,800 steps on FashionMNIST; a few hundred digits give hardly ten steps an epoch, so they are given
        more.
    data_dir : str, optional
        Folder with FashionMNIST's training files, plain or with .gz.

    Pixels are scaled to [0, 1] before the noise is added.
    """

    seeds: int
    samples: int
    width: int
    epochs: int = 150
    patience: int = 40
    data_dir: str | None = None


SETTINGS = {"quick": Settings(seeds=1, samples=500, width=100), "paper": Settings(seeds=10, samples=1000, width=200)}
SPARSITIES = (0.965, 0.997)


def _fashion(folder: Path) -> tuple[FloatArray, FloatArray]:
    """Read FashionMNIST's training set.

    Raises
    ------
    OSError
        If a file is missing, or is not what it should be: magic numbers, sizes and labels are checked.
    """
    arrays = []
    for name, rank in ((IMAGES, 3), (LABELS, 1)):
        found = [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]
        if not found:
            raise FileNotFoundError(f"{folder} must hold {name} or {name}.gz")
        try:
            array = read_idx(found[0])
        except ValueError as error:
            raise OSError(str(error)) from error
        if array.ndim != rank or array.dtype != np.uint8:
            raise OSError(f"{found[0]} must hold {rank}-dimensional bytes, got {array.dtype} of shape {array.shape}")
        arrays.append(array)
    images, labels = arrays
    if len(images) != len(labels) or labels.max() > 9:
        raise OSError(f"{folder}: {len(images)} images and {len(labels)} labels up to {labels.max()} do not fit")
    return images.reshape(len(images), -1) / 255.0, labels.astype(np.float64)  # type: ignore[operator]


def _digits() -> tuple[FloatArray, FloatArray]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.data / 16.0, digits.target.astype(np.float64)


def _data(rng: np.random.Generator, data_dir: str | None, samples: int) -> Dataset:
    X, y = _digits() if data_dir is None else _fashion(Path(data_dir))
    chosen = np.sort(rng.permutation(len(X))[: samples if data_dir is None else len(X)])
    X = X[chosen] + np.sqrt(NOISE_VARIANCE) * rng.standard_normal((len(chosen), X.shape[1]))
    zeros = np.zeros(len(chosen))
    return Dataset(X, y[chosen], y[chosen], zeros, zeros.astype(np.int64), 0.0, bounded=False)


def _shown(prunable: int) -> list[int]:
    """Return the weights kept by the rounds of iterative magnitude pruning within the sparsities of the figure."""
    fewest = int((1 - SPARSITIES[1]) * prunable)
    return [k for k in geometric_counts(prunable, fewest) if 1 - k / prunable >= SPARSITIES[0]]


def _accuracy(
    network: MLP, mask: BoolArray, data: Dataset, training: Training, rng: np.random.Generator
) -> tuple[float, FloatArray]:
    start = np.where(mask, network.weights, 0.0)[None]
    result = train_networks(network, start, data.X, data.y, training, masks=mask, rngs=[rng])
    accuracies = result.accuracies[0]
    return 100 * float(accuracies[np.isfinite(accuracies)][-1]), result.weights[0]


def image_cell(
    rng: np.random.Generator, *, method: str, samples: int, width: int, epochs: int, patience: int, data_dir: str | None
) -> list[dict[str, Any]]:
    """Draw a network and pixel noise; return the training accuracy in percent at every sparsity shown."""
    data = _data(rng, data_dir, samples)
    network = MLP.draw(rng, (data.X.shape[1], width, width, 10))
    training = Training(
        epochs=epochs,
        loss="cross_entropy",
        optimizer=Adam(1e-3),
        batch_size=64,
        record_every=1,
        stop_below=0.01,
        stop_unchanged=patience,
    )
    prunable = int(network.prunable.sum())
    shown, rows = _shown(prunable), []
    if method in ("IMP", "MagAfter"):
        mask = network.mask
        _, trained = _accuracy(network, mask, data, training, rng)
        for keep in geometric_counts(prunable, shown[-1]) if method == "IMP" else shown:
            candidates = (mask if method == "IMP" else network.mask) & network.prunable
            mask = keep_largest(np.abs(trained), candidates, keep) | ~network.prunable
            accuracy, weights = _accuracy(network, mask, data, training, rng)
            trained = weights if method == "IMP" else trained
            if keep in shown:
                rows.append({"keep": keep, "prunable": prunable, "accuracy": accuracy})
        return rows
    for keep in shown:
        if method == "Random":
            mask = prune_random(network, keep=keep, rng=rng).mask
        elif method == "SynFlow":
            mask = prune_synflow(network, keep=keep).mask
        else:
            prune = {"SNIP": prune_snip, "GraSP": prune_grasp}[method]
            mask = prune(network, data, keep=keep, loss="cross_entropy").mask
        rows.append({"keep": keep, "prunable": prunable, "accuracy": _accuracy(network, mask, data, training, rng)[0]})
    return rows


def compute(settings: Settings, execution: Execution) -> Table:
    """Train all methods, seeds and sparsities."""
    if settings.data_dir is not None:
        _fashion(Path(settings.data_dir))  # a clear error now rather than in every worker
    cells = grid(
        method=SERIES,
        samples=[settings.samples],
        width=[settings.width],
        epochs=[settings.epochs],
        patience=[settings.patience if settings.data_dir is None else PAPER_PATIENCE],
        data_dir=[settings.data_dir],
    )
    seeds = range(settings.seeds)
    table = run_sweep(image_cell, cells, version=2, seeds=seeds, execution=execution).complete_table()
    prunable = int(table.column("prunable")[0])
    rows: list[Row] = []
    for method in SERIES:
        for keep in sorted(set(table.column("keep").tolist()), reverse=True):
            accuracies = table.where(method=method, keep=keep).column("accuracy")
            rows.append(measured(method, 1 - keep / prunable, accuracies))
    # Guessing at random; the name of the series tells which images were used.
    used = DIGITS if settings.data_dir is None else FASHION
    return Table.of(NAME, rows + formula(f"chance ({used})", SPARSITIES, 10.0))


def _used(table: Table) -> str:
    return next(name for name in table.series if name.startswith("chance")).removeprefix("chance (").rstrip(")")


def check(table: Table) -> None:
    """Demand the paper's finding: at the lowest sparsity shown, IMP memorises more than random masks."""
    if not table.points("IMP").y[0] > table.points("Random").y[0]:
        raise ContradictionError("IMP does not memorise more than random masks at the lowest sparsity shown")


def caption(table: Table) -> str:
    """State the setting, and which images were used."""
    used = _used(table)
    note = "" if used == FASHION else " The paper takes FashionMNIST (--data-dir); these are 8 × 8 digits in its place."
    return (
        f"How many noisy images can a pruned network memorise? Training accuracy on {used} with Gaussian noise of "
        f"variance {NOISE_VARIANCE:g} on every pixel, two hidden layers, Adam, mean and standard error over "
        f"{table.points('IMP').n[0]} seeds.{note} No published curve of this panel is held to compare with."
    )


def draw(table: Table) -> Figure:
    """Draw one curve a method."""
    figure, (axes,) = new_figure()
    for series in SERIES:
        draw_measured(axes, table.points(series), METHODS[series], series)
    axes.axhline(10, color="#777777", linewidth=0.8, linestyle=(0, (1, 1.2)))
    axes.set(xlabel="sparsity", ylabel="training accuracy (%)")
    axes.set_title(_used(table), loc="left")
    axes.legend(loc="upper right")
    return figure
