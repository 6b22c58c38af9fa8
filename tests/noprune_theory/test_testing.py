"""The strategies keep their promises, and reach the cases that break naive code."""

import math
from itertools import pairwise

import numpy as np
import pytest
from exact_oracles import exact_least_squares, exact_rank, exact_squared_residual
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from noprune_theory import testing
from noprune_theory.models.parameters import layer_matrices

# Whether a case is reached at all is the question, not which is the smallest.
_REACH = settings(phases=(Phase.generate,), max_examples=2000, derandomize=True, database=None)


def reach(strategy, condition):
    """Draw until the condition holds."""
    return find(strategy, condition, settings=_REACH)


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


@pytest.mark.parametrize(
    ("strategy", "argument", "smallest"),
    [
        (testing.relu_layers, "max_units", 1),
        (testing.relu_layers, "max_dimension", 1),
        (testing.pruned_networks, "max_hidden_layers", 0),
        (testing.pruned_networks, "max_width", 1),
        (testing.pruned_networks, "max_inputs", 1),
        (testing.pruned_networks, "max_outputs", 1),
        (testing.pruned_networks, "decades", 0),
        (testing.masked_regressions, "max_samples", 1),
        (testing.masked_regressions, "max_weights", 1),
        (testing.masked_regressions, "max_masks", 1),
        (testing.scaled_regressions, "max_masks", 1),
        (testing.scaled_regressions, "decades", 0),
        (testing.joint_distributions, "max_data", 1),
        (testing.joint_distributions, "max_outputs", 1),
        (testing.covariates, "max_dimension", 2),
    ],
)
def test_sizes_are_checked_at_the_call(strategy, argument, smallest):
    strategy(**{argument: smallest}).validate()
    for wrong, error in ((smallest - 1, ValueError), (1.5, TypeError), (True, TypeError), ("2", TypeError)):
        with pytest.raises(error, match=rf"^{argument} must be"):
            strategy(**{argument: wrong})


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: testing.relu_layers(offsets="no"), TypeError, "^offsets must be True or False"),
        (lambda: testing.pruned_networks(biases=1), TypeError, "^biases must be True or False"),
        (lambda: testing.pruned_networks(activation="gelu"), ValueError, "^activation must be one of"),
        (lambda: testing.pruned_networks(decades=601), ValueError, r"^decades must be in \[0, 600\], got 601"),
        (lambda: testing.masks(0, 3), ValueError, "^n_weights must be >= 1"),
        (lambda: testing.masks(3, 0.5), TypeError, "^n_masks must be an integer"),
        (lambda: testing.loss_levels(np.eye(2), np.array([1e200, 0.0])), ValueError, "^y must have a mean square"),
        (lambda: testing.loss_levels(np.eye(2), np.ones(3)), ValueError, "^y must have one entry a row"),
    ],
)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_units_of_all_decades_give_numbers():
    reach(testing.scaled_regressions(decades=600), lambda p: np.abs(p.X).max() > 1e250)


def test_degenerate_cases_are_reached():
    reach(testing.joint_distributions(), lambda joint: (joint.sum(axis=1) == 0).any())
    reach(testing.masked_regressions(), lambda problem: not problem.masks[0].any())
    reach(testing.masked_regressions(), lambda p: np.linalg.matrix_rank(p.X) < min(p.X.shape))
    reach(testing.relu_layers(), lambda layer: not layer.directions.any(axis=1).all() and layer.weights.any())
    reach(testing.relu_layers(offsets=True), lambda layer: layer.offsets is not None and layer.offsets.any())
    reach(testing.relu_layers(), lambda layer: (layer.weights == 0).any())


@given(st.data())
def test_levels_lie_on_both_sides_of_the_smallest_reachable_loss(data):
    problem = data.draw(testing.scaled_regressions(max_samples=4, max_weights=3))
    mask = problem.masks[0]
    level = data.draw(testing.loss_levels(problem.X, problem.y, mask))
    assert 0 <= level < math.inf


def test_edges_of_problems_are_reached():
    problems = testing.scaled_regressions()
    sizes = lambda p: np.abs(p.X[:, p.X.any(axis=0)]).max(axis=0, initial=0.0)  # noqa: E731
    reach(problems, lambda p: sizes(p).size > 1 and sizes(p).max() > 1e100 * sizes(p).min())
    reach(problems, lambda p: p.X.shape[0] == 1 and p.X.any())
    reach(problems, lambda p: p.X.shape[1] == 1 and p.X.any())
    reach(problems, lambda p: p.masks[0].all() and p.masks.shape[1] > 1)
    reach(problems, lambda p: exact_rank(p.X) < min(p.X.shape) and p.X.any())
    reach(problems, lambda p: 0 < np.abs(p.y).max() < 1e-100)
    levels = testing.loss_levels(np.array([[1.0], [1.0]]), np.array([0.0, 1.0]))
    for edge in (0.0, 0.25, math.nextafter(0.25, 0), math.nextafter(0.25, 1)):
        assert reach(levels, lambda level, edge=edge: level == edge) == edge


def _constant_unit(network, sign):
    """Whether a hidden unit has no incoming weight and a bias of this sign, and a weight out of it."""
    if not network.biases or len(network.widths) < 3:
        return False
    layers = layer_matrices(network.weights, network.widths, network.biases)
    return any(
        not layer[unit, :-1].any() and sign * layer[unit, -1] > 0 and after[:, unit].any()
        for layer, after in pairwise(layers)
        for unit in range(layer.shape[0])
    )


def test_what_pruning_leaves_is_reached():
    networks = testing.pruned_networks()
    reach(networks, lambda network: _constant_unit(network, 1))
    reach(networks, lambda network: _constant_unit(network, -1))
    reach(networks, lambda network: len(network.widths) == 5 and network.weights.all())
    reach(networks, lambda network: network.n_outputs == 2 and not network.mask.all())
    reach(testing.pruned_networks(decades=200), lambda network: np.abs(network.weights).max() > 1e90)


@given(testing.masked_regressions(max_samples=4, max_weights=4))
def test_the_exact_oracle_is_the_least_squares_solution_of_least_norm(problem):
    """X^T (X w - y) = 0 and w in the row space, in fractions."""
    weights, squared = exact_least_squares(problem.X, problem.y)
    assert exact_squared_residual(problem.X, problem.y, np.zeros(len(weights))) >= squared
    stacked = np.vstack([problem.X, [float(weight) for weight in weights]])
    if all(float(weight) == weight for weight in weights):
        assert exact_rank(stacked) == exact_rank(problem.X)
        assert exact_squared_residual(problem.X, problem.y, weights) == squared
