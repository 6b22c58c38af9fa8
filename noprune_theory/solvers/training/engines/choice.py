"""Which engine trains a network: the one that is expected to be faster."""

from __future__ import annotations

from noprune_theory.solvers.training.engines.base import Engine, up
from noprune_theory.solvers.training.engines.dense import DenseEngine
from noprune_theory.solvers.training.engines.lists import ListsEngine
from noprune_theory.solvers.training.kernels.lists import BLOCK
from noprune_theory.solvers.training.task import Task

_LIST_SECONDS = 3e-10
"""Seconds a live connection and sample in `train_lists`, measured; only the ratio to the next two matters."""

_DENSE_SECONDS = 2e-10
"""Seconds a weight and sample in the dense engine, measured."""

_DENSE_OVERHEAD_SECONDS = 1e-4
"""Seconds a dense step takes however small the network is, measured."""


def choose_engine(task: Task, network: int) -> Engine:
    """Return the engine that is expected to be faster; the choice depends on this network's task alone."""
    samples = min(task.training.batch_size or task.X.shape[1], task.X.shape[1])
    lists = _LIST_SECONDS * int(task.masks[network].sum()) * up(samples, BLOCK)
    dense = _DENSE_OVERHEAD_SECONDS + _DENSE_SECONDS * task.template.n_weights * samples
    return ListsEngine(task, network) if lists <= dense else DenseEngine(task, network)
