"""The three engines of `noprune_theory.solvers.training`.

- Lanes: tiny networks on full batches, eight networks in the lanes of a vector (`train_lanes`).
- Lists: one network as lists of its live connections, samples in the lanes (`train_lists`); work follows the weights
  that survive. A connection is live when its source can be other than zero and its target can reach an output; all
  others have gradient zero for ever.
- Dense: one network as matrices, through BLAS.
"""

from noprune_theory.solvers.training.engines.base import Engine
from noprune_theory.solvers.training.engines.choice import choose_engine
from noprune_theory.solvers.training.engines.dense import DenseEngine
from noprune_theory.solvers.training.engines.lanes import lanes_fit, train_in_lanes
from noprune_theory.solvers.training.engines.lists import ListsEngine

__all__ = ["DenseEngine", "Engine", "ListsEngine", "choose_engine", "lanes_fit", "train_in_lanes"]
