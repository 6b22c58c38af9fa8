"""Layer by layer: kept weights, units that no path of nonzero weights connects, and the number of masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from noprune_theory._types import BoolArray
from noprune_theory.bounds import log_mask_count
from noprune_theory.models import MLP
from noprune_theory.models.parameters import layer_matrices


@dataclass(frozen=True)
class LayerReport:
    """One layer.

    Attributes
    ----------
    inputs, outputs : int
    weights, kept : int
        Weights without biases, before and after pruning.
    biases, kept_biases : int
    inactive : int
        Units of the layer on no path of nonzero weights from an input to an output: the function does not see the
        inputs through them. Counted are the outputs of the network too.
    constant : int
        Those of them that no path from an input reaches: their value is a constant (a bias may be left).
    log2_masks : float
        log2 of the number of masks that keep as many of the layer's weights.
    """

    inputs: int
    outputs: int
    weights: int
    kept: int
    biases: int
    kept_biases: int
    inactive: int
    constant: int
    log2_masks: float


def _reached(model: MLP) -> tuple[list[BoolArray], list[BoolArray]]:
    """Return, layer by layer, which units a path of nonzero weights reaches from the inputs, and to the outputs."""
    weights = [matrix != 0 for matrix, _ in model.layers()]
    forward, backward = [np.ones(model.dimension, dtype=bool)], [np.ones(model.n_outputs, dtype=bool)]
    for matrix in weights:
        forward.append((matrix & forward[-1]).any(axis=1))
    for matrix in weights[::-1]:
        backward.append((matrix & backward[-1][:, None]).any(axis=0))
    return forward[1:], backward[::-1][1:]


def layer_reports(model: MLP) -> tuple[LayerReport, ...]:
    """Return the counts of every layer, from the inputs to the outputs."""
    forward, backward = _reached(model)
    reports = []
    for matrix, inputs, from_inputs, to_outputs in zip(
        layer_matrices(model.mask, model.widths, model.biases), model.widths[:-1], forward, backward, strict=True
    ):
        weights = matrix[:, :inputs]
        kept = int(np.count_nonzero(weights))
        reports.append(
            LayerReport(
                inputs=inputs,
                outputs=matrix.shape[0],
                weights=weights.size,
                kept=kept,
                biases=matrix.shape[0] if model.biases else 0,
                kept_biases=int(np.count_nonzero(matrix[:, inputs:])),
                inactive=int(np.count_nonzero(~(from_inputs & to_outputs))),
                constant=int(np.count_nonzero(~from_inputs)),
                log2_masks=float(log_mask_count(weights.size, kept, unit="bits")),
            )
        )
    return tuple(reports)


def log2_masks_layout_known(model: MLP) -> float:
    """Return the sum over layers of log2 of the number of masks of as many prunable parameters, in bits."""
    total = 0.0
    for mask, prunable in zip(
        layer_matrices(model.mask, model.widths, model.biases),
        layer_matrices(model.prunable, model.widths, model.biases),
        strict=True,
    ):
        count = int(np.count_nonzero(prunable))
        if count:
            total += float(log_mask_count(count, int(np.count_nonzero(mask & prunable)), unit="bits"))
    return total
