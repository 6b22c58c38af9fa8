"""What GraSP leaves open in Figure 4 (left), searched one choice at a time from the public reference code."""

from __future__ import annotations

from typing import Any

import numpy as np

from figures import fig4
from figures.published import PREFIX, published_rows
from figures.table import Table
from noprune_theory._types import FloatArray, IntArray
from noprune_theory.information import toy_datasets
from noprune_theory.information.enumeration import expected_plug_in_entropy
from noprune_theory.models import MLP
from noprune_theory.models.losses import Loss
from noprune_theory.pruning import enumerated_masks
from noprune_theory.pruning.grasp import Ranking
from noprune_theory.sweeps import Execution, run_sweep
from noprune_theory.tasks import cube_atoms

INITIALISATIONS = 100
HIDDEN = 4
#: What the public reference code does.
REFERENCE: dict[str, Any] = {"temperature": 200.0, "ranking": "largest", "loss": "mse"}
#: Options tried in its place.
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"temperature": 1.0},
    {"ranking": "magnitude"},
    {"ranking": "magnitude", "temperature": 1.0},
    {"ranking": "smallest"},
    {"ranking": "smallest", "temperature": 1.0},
    {"loss": "binary_cross_entropy"},
    {"loss": "binary_cross_entropy", "temperature": 1.0},
)


def published() -> tuple[IntArray, FloatArray]:
    """Return the published numbers of parameters pruned, without the ends, and the information in bits."""
    points = Table.of("", published_rows("fig4_regression")).points(PREFIX + "GraSP")
    return np.round(points.x[1:-1]).astype(np.int64), points.y[1:-1]


def grasp_cell(rng: np.random.Generator, *, temperature: float, ranking: Ranking, loss: Loss) -> list[dict[str, Any]]:
    """Draw an initialisation; return the expected plug-in estimate from 1,000 data sets at the published abscissas."""
    network = MLP.draw(rng, (3, HIDDEN, 1), initialisation="pytorch", prune_biases=True)
    (X, y), datasets, (pruned, _) = cube_atoms(3), toy_datasets(distinct_inputs=True), published()
    keeps = (network.n_weights - pruned).tolist()
    codes = enumerated_masks(
        "grasp", network, datasets.indices, X, y, keeps=keeps, temperature=temperature, ranking=ranking, loss=loss
    ).codes
    size = fig4.PLUG_IN_SIZES[0]
    return [
        {
            "pruned": int(count),
            "bits": expected_plug_in_entropy(datasets.output_probabilities(column), size, unit="bits"),
        }
        for count, column in zip(pruned, codes.T, strict=True)
    ]


def roughness(curve: FloatArray) -> float:
    """Return the mean absolute second difference of a curve (..., m) over its last ten points, one parameter apart."""
    return float(np.abs(np.diff(curve[..., -10:], 2)).mean())


def table(execution: Execution) -> str:
    """Return, for every option, the distances from the published curve and the roughness of our curves."""
    _, theirs = published()
    names = list(REFERENCE)
    lines = [*names, "of the mean", "closest", "median", "roughness of the mean", "of single ones"]
    rows = [lines, ["---"] * len(lines)]
    for options in OPTIONS:
        cell = {**REFERENCE, **options}
        found = run_sweep(grasp_cell, [cell], version=1, seeds=range(INITIALISATIONS), execution=execution)
        curves = found.complete_table().column("bits").reshape(INITIALISATIONS, -1)
        mean, single = curves.mean(axis=0), np.abs(curves - theirs).mean(axis=1)
        values = [np.abs(mean - theirs).mean(), single.min(), np.median(single), roughness(mean), roughness(curves)]
        mark = "" if options else "**"
        written = [f"{cell[name]:g}" if name == "temperature" else str(cell[name]) for name in names]
        rows.append([f"{mark}{text}{mark}" for text in [*written, *(f"{value:.2f}" for value in values)]])
    rows.append(["published", *[""] * (len(names) + 3), f"{roughness(theirs):.2f}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


#: Title, what the numbers say, and the table.
PARTS = (
    (
        "GraSP of Figure 4 (left)",
        "Distance from the published curve, in bits, of the expected plug-in estimate from 1,000 data sets with "
        f"distinct inputs: of the mean over {INITIALISATIONS} initialisations, and of the closest and the median "
        "single one; and mean absolute second difference over the last ten parameters, of the mean and of single "
        "initialisations. In the public reference code the first gradient is summed over all batches, the Hessian "
        "is that of the same loss, both of outputs divided by 200; the scores are divided by the absolute value of "
        "their sum, which changes no order; the largest are kept; the model is in evaluation mode, which changes "
        "nothing without batch normalisation. Six points are one batch. No option is close to the published curve "
        "in the mean. The published curve is rougher than a mean over many initialisations, and single ones are as "
        "far apart as it is from the mean: it may be of one or a few.",
        table,
    ),
)
