"""Hypothesis strategies that satisfy the theorems' hypotheses by construction (needs the `test` extra).

What they draw is what goes wrong: singular and badly scaled designs, ties, one sample, one column, loss levels at the
edge of what can be reached, networks with units that pruning has cut off.

Examples
--------
>>> from hypothesis import given
>>> from noprune_theory.testing import joint_distributions
>>> @given(joint_distributions())
... def test_information_is_nonnegative(joint):
...     assert joint.sum() > 0.99
"""

from noprune_theory.testing.networks import ReluLayer, pruned_networks, relu_layers
from noprune_theory.testing.problems import Regression, loss_levels, masked_regressions, masks, scaled_regressions
from noprune_theory.testing.theorems import (
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
