"""The strategies keep their promises, and reach the cases that break naive code."""

import math

import numpy as np
from hypothesis import find, given

from noprune_theory import testing


@given(testing.joint_distributions())
def test_joint_distributions_sum_to_one(joint):
    assert joint.ndim == 2
    assert joint.min() >= 0
    assert math.fsum(joint.ravel()) == np.float64(1) or abs(math.fsum(joint.ravel()) - 1) < 1e-15 * joint.size


@given(testing.masked_regressions())
def test_regressions_have_matching_shapes(problem):
    assert problem.y.shape == (problem.X.shape[0],)
    assert problem.masks.shape[1] == problem.X.shape[1]


@given(testing.theorem_arguments())
def test_theorem_arguments_satisfy_the_condition_on_k(arguments):
    """8^3 k log(8 k / delta) <= n epsilon^2."""
    needed = 8**3 * arguments.components * math.log(8 * arguments.components / arguments.delta)
    assert needed <= arguments.n * arguments.epsilon**2


def test_degenerate_cases_are_reached():
    find(testing.joint_distributions(), lambda joint: (joint.sum(axis=1) == 0).any())
    find(testing.masked_regressions(), lambda problem: not problem.masks[0].any())
    find(testing.masked_regressions(), lambda p: np.linalg.matrix_rank(p.X) < min(p.X.shape))
    find(testing.relu_layers(), lambda layer: not layer.directions.any(axis=1).all() and layer.weights.any())
    find(testing.relu_layers(offsets=True), lambda layer: layer.offsets is not None and layer.offsets.any())
    find(testing.relu_layers(), lambda layer: (layer.weights == 0).any())
