"""How to train: optimizers with the steps of `torch.optim.SGD` and `torch.optim.Adam`, stopping rules, records."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from noprune_theory._types import IntArray
from noprune_theory._validation import check_choice, check_integer, check_nonnegative, check_positive
from noprune_theory.models.losses import LOSSES, Loss

MEMORISED_BELOW = math.log(2) / 10
"""A training point is memorised when its loss is below this number (Section 6.1 of the paper)."""


@dataclass(frozen=True)
class GradientDescent:
    """Gradient descent with momentum: b <- momentum b + g, w <- w - learning_rate b.

    Attributes
    ----------
    learning_rate : float
        > 0.
    momentum : float
        In [0, 1).
    """

    learning_rate: float
    momentum: float = 0.0

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        if check_nonnegative("momentum", self.momentum) >= 1:
            raise ValueError(f"momentum must be < 1, got {self.momentum}")


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma & Ba 2015) with bias correction.

    Attributes
    ----------
    learning_rate : float
        > 0.
    beta1, beta2 : float
        Decay of the first and second moment, in [0, 1).
    epsilon : float
        Added to the root of the second moment, > 0.
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        check_positive("epsilon", self.epsilon)
        for name in ("beta1", "beta2"):
            if check_nonnegative(name, getattr(self, name)) >= 1:
                raise ValueError(f"{name} must be < 1, got {getattr(self, name)}")


Optimizer: TypeAlias = GradientDescent | Adam

StateAtStart: TypeAlias = Literal["reset", "kept"]
STATES_AT_START: tuple[StateAtStart, ...] = ("reset", "kept")
"""What an optimizer knows when a training begins: nothing, or what it knew when the training before ended."""


@dataclass(frozen=True)
class Training:
    """How to train.

    Attributes
    ----------
    epochs : int
        Passes over the data at most, >= 0; with full batches an epoch is a step.
    loss : {"mse", "binary_cross_entropy", "cross_entropy"}
        Mean over the samples of a batch; see `noprune_theory.models.losses`.
    optimizer : GradientDescent or Adam
    batch_size : int, optional
        Samples a step; all of them by default. The last batch of an epoch may be smaller.
    gradient_noise : float
        Standard deviation of independent Gaussian noise added to every entry of every gradient, >= 0.
    record_every : int, optional
        Epochs between records; by default only epoch 0 and the last are recorded.
    stop_below : float, optional
        Stop once the mean training loss is below this number.
    stop_unchanged : int, optional
        Stop once the training accuracy has not changed for this many epochs in a row.
    unchanged_within : float
        Accuracies count as unchanged while they lie within this of each other, >= 0. Of tens of thousands of samples, a
        few change sides in every epoch.
    memorised_below : float
        A training point counts as memorised when its loss is below this number.

    Notes
    -----
    Both stopping rules are looked at before the first epoch and after every one, whatever `record_every` says: records
    do not change the training. A rule costs an evaluation of all training points an epoch.
    """

    epochs: int
    loss: Loss = "mse"
    optimizer: Optimizer = field(default_factory=Adam)
    batch_size: int | None = None
    gradient_noise: float = 0.0
    record_every: int | None = None
    stop_below: float | None = None
    stop_unchanged: int | None = None
    unchanged_within: float = 0.0
    memorised_below: float = MEMORISED_BELOW

    def __post_init__(self) -> None:
        check_integer("epochs", self.epochs, 0)
        check_choice("loss", self.loss, LOSSES)
        if not isinstance(self.optimizer, (GradientDescent, Adam)):
            raise TypeError(f"optimizer must be GradientDescent or Adam, got {type(self.optimizer).__name__}")
        for name in ("batch_size", "record_every", "stop_unchanged"):
            if getattr(self, name) is not None:
                check_integer(name, getattr(self, name), 1)
        check_nonnegative("gradient_noise", self.gradient_noise)
        check_nonnegative("unchanged_within", self.unchanged_within)
        check_positive("memorised_below", self.memorised_below)
        if self.stop_below is not None:
            check_nonnegative("stop_below", self.stop_below)
        if self.stop_unchanged is not None and self.loss == "mse":
            raise ValueError("stop_unchanged needs a classification loss, got loss='mse'")

    @property
    def recorded_epochs(self) -> IntArray:
        """Epochs at which records are made: 0, the multiples of `record_every`, the last."""
        every = self.record_every or max(self.epochs, 1)
        return np.unique(np.append(np.arange(0, self.epochs + 1, every), self.epochs))

    @property
    def random(self) -> bool:
        """Whether training draws random numbers."""
        return self.batch_size is not None or self.gradient_noise > 0

    @property
    def stops_early(self) -> bool:
        """Whether a network may stop before the last epoch."""
        return self.stop_below is not None or self.stop_unchanged is not None
