"""The pruning methods by name. A new method is a new file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from noprune_theory.pruning.best_subset import prune_best_subset
from noprune_theory.pruning.correlation import prune_correlation
from noprune_theory.pruning.data_encoding import prune_data_encoding
from noprune_theory.pruning.exhaustive import prune_exhaustive
from noprune_theory.pruning.grasp import prune_grasp
from noprune_theory.pruning.iterative_magnitude import prune_iterative_magnitude
from noprune_theory.pruning.magnitude_after import prune_magnitude_after
from noprune_theory.pruning.magnitude_initial import prune_magnitude_initial
from noprune_theory.pruning.random import prune_random
from noprune_theory.pruning.selection import PruningResult
from noprune_theory.pruning.snip import prune_snip
from noprune_theory.pruning.synflow import prune_synflow

#: The pruning methods by name: (model, data, keep=, ...) -> PruningResult.
METHODS: dict[str, Callable[..., PruningResult]] = {
    "random": prune_random,
    "magnitude_initial": prune_magnitude_initial,
    "magnitude_after": prune_magnitude_after,
    "correlation": prune_correlation,
    "best_subset": prune_best_subset,
    "snip": prune_snip,
    "grasp": prune_grasp,
    "synflow": prune_synflow,
    "iterative_magnitude": prune_iterative_magnitude,
    "exhaustive": prune_exhaustive,
    "data_encoding": prune_data_encoding,
}
"""Every method as `(model, data, *, keep | sparsity, rng, ...) -> PruningResult`."""
