"""What is recorded of a training on its way, and the rules that end it early."""

from __future__ import annotations

from collections import deque

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.models.losses import Loss, mean_losses, sample_losses
from noprune_theory.solvers.training.task import Task


def _right(loss: Loss, outputs: FloatArray, y: FloatArray) -> BoolArray:
    """Return which points are classified rightly, shape (..., n), for outputs (..., n, c) and labels (..., n)."""
    if loss == "cross_entropy":
        return np.asarray(outputs.argmax(axis=-1) == y)
    return np.asarray(outputs[..., 0] * y > 0)


class Recorder:
    """Turns outputs into records."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.epochs = task.training.recorded_epochs
        shape = (len(task.weights), len(self.epochs))
        self.losses, self.memorised, self.accuracies = (np.full(shape, np.nan) for _ in range(3))
        self.correlations = None if task.noise is None else np.full(shape, np.nan)

    def record(self, networks: slice | IntArray, column: int, outputs: FloatArray) -> None:
        """Record the outputs (len(networks), n, c)."""
        task, loss = self.task, self.task.training.loss
        y = task.y[networks]
        with np.errstate(all="ignore"):  # a network may be on its way to divergence
            losses = sample_losses(loss, outputs, y)
            self.losses[networks, column] = mean_losses(losses)
            self.memorised[networks, column] = (losses < task.training.memorised_below).mean(axis=1)
            if loss != "mse":
                self.accuracies[networks, column] = _right(loss, outputs, y).mean(axis=1)
            if self.correlations is not None and task.noise is not None:
                centred = outputs[..., 0] - outputs[..., 0].mean(axis=1, keepdims=True)
                self.correlations[networks, column] = (centred * task.noise[networks]).mean(axis=1)


class StoppingRules:
    """The stopping rules of one network, which is shown its outputs at every epoch."""

    def __init__(self, task: Task, network: int) -> None:
        self.training, self.y = task.training, task.y[network]
        self.recent: deque[float] = deque(maxlen=(task.training.stop_unchanged or 0) + 1)

    def hold(self, outputs: FloatArray) -> bool:
        """Whether a rule says stop, now that the outputs are `outputs` (n, c)."""
        training = self.training
        with np.errstate(all="ignore"):  # the network may be on its way to divergence
            if training.stop_below is not None:
                loss = mean_losses(sample_losses(training.loss, outputs, self.y))
                if loss < training.stop_below:
                    return True
            if training.stop_unchanged is None:
                return False
            self.recent.append(float(_right(training.loss, outputs, self.y).mean()))
        spread = max(self.recent) - min(self.recent)
        return len(self.recent) > training.stop_unchanged and spread <= training.unchanged_within
