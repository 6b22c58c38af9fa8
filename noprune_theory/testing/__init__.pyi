from .networks import ReluLayer, pruned_networks, relu_layers
from .problems import Regression, loss_levels, masked_regressions, masks, scaled_regressions
from .theorems import (
    TheoremArguments,
    covariates,
    generators,
    joint_distributions,
    theorem_arguments,
)

__all__ = [
    "Regression",
    "ReluLayer",
    "TheoremArguments",
    "covariates",
    "generators",
    "joint_distributions",
    "loss_levels",
    "masked_regressions",
    "masks",
    "pruned_networks",
    "relu_layers",
    "scaled_regressions",
    "theorem_arguments",
]
