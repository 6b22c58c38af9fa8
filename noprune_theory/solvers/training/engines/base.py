"""What all engines share: an optimizer as the compiled loops take it, and one network in training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from noprune_theory._types import FloatArray, IntArray
from noprune_theory.solvers.training.kernels._vectors import LANES
from noprune_theory.solvers.training.kernels.steps import ADAM, GRADIENT_DESCENT
from noprune_theory.solvers.training.settings import GradientDescent, Optimizer
from noprune_theory.solvers.training.task import Task


@dataclass(frozen=True)
class Rule:
    """An optimizer as the kernels take it."""

    code: int
    learning_rate: float
    beta1: float
    beta2: float
    epsilon: float

    @classmethod
    def of(cls, optimizer: Optimizer) -> Rule:
        """Return the rule of an optimizer."""
        if isinstance(optimizer, GradientDescent):
            return cls(GRADIENT_DESCENT, optimizer.learning_rate, optimizer.momentum, 0.0, 0.0)
        return cls(ADAM, optimizer.learning_rate, optimizer.beta1, optimizer.beta2, optimizer.epsilon)

    def coefficients(self, done: int, steps: int) -> tuple[FloatArray, FloatArray]:
        """Return the rates and roots of the steps done + 1, ..., done + steps; see `updated` in `kernels.steps`."""
        if self.code == GRADIENT_DESCENT:
            return np.full(steps, self.learning_rate), np.ones(steps)
        t = np.arange(done + 1, done + steps + 1)
        return self.learning_rate / (1 - self.beta1**t), 1 / np.sqrt(1 - self.beta2**t)


def aligned(size: int) -> FloatArray:
    """Return `size` zeros that start at a cache line: a vector across two lines costs two loads."""
    padded = np.zeros(size + LANES)
    skip = (-padded.ctypes.data // 8) % LANES
    return padded[skip : skip + size]


def up(value: int, multiple: int) -> int:
    """Return the least multiple of `multiple` that is at least `value`."""
    return -(-value // multiple) * multiple


class Engine(ABC):
    """One network in training."""

    def __init__(self, task: Task, network: int) -> None:
        self.task, self.training, self.template = task, task.training, task.template
        self.n = task.X.shape[1]
        self.batch = min(self.training.batch_size or self.n, self.n)
        self.rng = None if task.rngs is None else task.rngs[network]
        self.rule = Rule.of(self.training.optimizer)
        self.before = task.before
        self.steps_before = 0 if task.before is None else int(task.before.steps[network])
        self.steps_done = self.epochs_done = self.diverged_at = 0

    @abstractmethod
    def advance(self, epochs: int) -> FloatArray:
        """Return the outputs (n, c) on the training inputs, then train for `epochs` epochs."""

    @abstractmethod
    def weights(self) -> FloatArray:
        """Return all p parameters."""

    @abstractmethod
    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Return the optimizer's moments of all p parameters."""

    def _order(self) -> IntArray | None:
        """Return the order in which an epoch visits the samples; None for full batches."""
        if self.training.batch_size is None:
            return None
        assert self.rng is not None
        return self.rng.permutation(self.n)

    def _noise(self, steps: int) -> FloatArray | None:
        """Return the gradient noise of an epoch, shape (steps, p)."""
        if self.training.gradient_noise == 0:
            return None
        assert self.rng is not None
        return self.training.gradient_noise * self.rng.standard_normal((steps, self.template.n_weights))
