"""Former place of `noprune_theory.solvers.training.engines`."""

import warnings

from noprune_theory.solvers.training.engines import (
    DenseEngine,
    Engine,
    ListsEngine,
    choose_engine,
    lanes_fit,
    train_in_lanes,
)

__all__ = ["DenseEngine", "Engine", "ListsEngine", "choose_engine", "lanes_fit", "train_in_lanes"]

warnings.warn(
    "noprune_theory.solvers.training_engines has moved to noprune_theory.solvers.training.engines",
    DeprecationWarning,
    stacklevel=2,
)
