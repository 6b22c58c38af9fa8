"""Training of masked networks: gradient descent and Adam, on full or small batches, for one network or thousands.

    training = Training(loss="binary_cross_entropy", optimizer=Adam(1e-2), epochs=1000)
    result = train(network, data, training)
    result.model().value(X)

Three engines do the work, chosen by the shape of the task alone, so that a network trains to the same bits alone, in
any batch of networks, in any order and with any number of workers; see `noprune_theory.solvers.training.engines`.
Optimizers take the steps of `torch.optim.SGD` and `torch.optim.Adam`. A masked weight is zero before, during and after.
"""

from noprune_theory.solvers.training.networks import train, train_networks, train_one
from noprune_theory.solvers.training.records import Recorder, StoppingRules
from noprune_theory.solvers.training.settings import (
    MEMORISED_BELOW,
    STATES_AT_START,
    Adam,
    GradientDescent,
    Optimizer,
    StateAtStart,
    Training,
)
from noprune_theory.solvers.training.task import OptimizerState, Task, TrainingResult, checked_task

__all__ = [
    "MEMORISED_BELOW",
    "STATES_AT_START",
    "Adam",
    "GradientDescent",
    "Optimizer",
    "OptimizerState",
    "Recorder",
    "StateAtStart",
    "StoppingRules",
    "Task",
    "Training",
    "TrainingResult",
    "checked_task",
    "train",
    "train_networks",
    "train_one",
]
