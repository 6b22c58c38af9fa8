"""The pruning methods by name. A new method is a new file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from noprune_theory.pruning.best_subset import prune_best_subset
from noprune_theory.pruning.correlation import prune_correlation
from noprune_theory.pruning.magnitude_after import prune_magnitude_after
from noprune_theory.pruning.random import prune_random
from noprune_theory.pruning.selection import PruningResult

METHODS: dict[str, Callable[..., PruningResult]] = {
    "random": prune_random,
    "magnitude_after": prune_magnitude_after,
    "correlation": prune_correlation,
    "best_subset": prune_best_subset,
}
"""Every method as `(model, data, *, keep | sparsity, rng, ...) -> PruningResult`."""
