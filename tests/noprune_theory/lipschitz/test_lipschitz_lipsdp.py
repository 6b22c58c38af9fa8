"""The d x d LipSDP certificate against exact constants, a semidefinite solver and a search that tries to beat it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lipschitz_oracles import layer
from scipy.optimize import minimize

from noprune_theory.lipschitz import exact_one_hidden, lipsdp_one_hidden
from noprune_theory.lipschitz.lipsdp import certified_value


def clarabel_optimum(W, a):
    """The neuron-wise LipSDP of Fazlyab et al. (2019), slopes in [0, 1], as a semidefinite program for Clarabel."""
    cvxpy = pytest.importorskip("cvxpy")
    n_units, dimension = W.shape
    squared, t = cvxpy.Variable(), cvxpy.Variable(n_units)
    corner = -squared * np.eye(dimension)
    # alpha = 0, beta = 1: [[0, W^T T], [T W, -2 T]] + [[-L^2 I, 0], [0, a a^T]] <= 0.
    off = W.T @ cvxpy.diag(t)
    block = cvxpy.bmat([[corner, off], [off.T, np.outer(a, a) - 2 * cvxpy.diag(t)]])
    problem = cvxpy.Problem(cvxpy.Minimize(squared), [block << 0, t >= 0])
    problem.solve(solver="CLARABEL")
    return math.sqrt(squared.value)


@pytest.mark.peers
@pytest.mark.parametrize(("dimension", "n_units"), [(3, 12), (6, 20), (20, 40)])
def test_agrees_with_clarabel(dimension, n_units):
    W, a, _ = layer(np.random.default_rng(dimension), n_units, dimension)
    bound = lipsdp_one_hidden(W, a, rtol=1e-8, max_sweeps=20_000)
    assert math.isclose(bound.upper, clarabel_optimum(W, a), rel_tol=1e-5)


@given(seed=st.integers(0, 10**6), dimension=st.integers(1, 3), n_units=st.integers(1, 12))
def test_bounds_the_exact_constant_with_and_without_offsets(seed, dimension, n_units):
    W, a, b = layer(np.random.default_rng(seed), n_units, dimension, "masked", offsets=True)
    upper = lipsdp_one_hidden(W, a).upper
    assert exact_one_hidden(W, a).lower <= upper
    assert exact_one_hidden(W, a, b).lower <= upper


@given(seed=st.integers(0, 10**6), dimension=st.integers(1, 8), n_units=st.integers(1, 30))
def test_no_slopes_between_zero_and_one_beat_it(seed, dimension, n_units):
    """Ascend |sum s_j a_j w_j| over slopes s in [0, 1], reachable or not: coordinate ascent from random starts."""
    rng = np.random.default_rng(seed)
    W, a, _ = layer(rng, n_units, dimension)
    products = a[:, None] * W
    bound = lipsdp_one_hidden(W, a)
    for _ in range(5):
        active = rng.random(n_units) < 0.5
        for _ in range(10):
            gradient = active @ products
            active = products @ gradient > 0.5 * np.sum(products**2, axis=1) * (1 - 2 * active) + 0.0
        assert np.linalg.norm(active @ products) <= bound.upper
    assert bound.relaxation_lower <= bound.upper <= bound.relaxation_lower * (1 + 1e-5)


@given(seed=st.integers(0, 10**6), dimension=st.integers(1, 6), n_units=st.integers(1, 10))
def test_random_multipliers_never_certify_less_than_an_attained_value(seed, dimension, n_units):
    rng = np.random.default_rng(seed)
    vectors, center = rng.standard_normal((n_units, dimension)), rng.standard_normal(dimension)
    signs = np.sign(rng.standard_normal((200, n_units)))
    attained = np.max(np.sum((center + 0.5 * signs @ vectors) ** 2, axis=1))
    e = np.exp(rng.standard_normal(n_units)) * np.linalg.norm(vectors, axis=1) * math.sqrt(n_units * attained)
    assert certified_value(vectors, center, e) >= attained * (1 - 1e-14)


def test_certificate_is_refused_where_it_does_not_hold():
    vectors = np.array([[2.0, 0.0], [0.0, 1.0]])
    # K = (1/2) sum v v^T / e has largest eigenvalue 2 / e_1 = 1 at e_1 = 2: not below the identity.
    assert certified_value(vectors, np.ones(2), np.array([2.0, 9.0])) == math.inf
    assert certified_value(vectors, np.ones(2), np.array([2.0 * (1 - 1e-12), 9.0])) == math.inf
    assert certified_value(vectors, np.ones(2), np.array([2.1, 9.0])) < math.inf


def test_multipliers_are_near_the_minimum_over_all_multipliers():
    W, a, _ = layer(np.random.default_rng(3), 8, 3)
    vectors = a[:, None] * W
    bound = lipsdp_one_hidden(W, a, rtol=1e-9, max_sweeps=20_000)

    def value(log_e):
        return min(certified_value(vectors, 0.5 * vectors.sum(axis=0), np.exp(log_e)), 1e6)

    polished = minimize(
        value, np.log(bound.multipliers * bound.upper**2 + 1e-9), method="Nelder-Mead", options={"maxiter": 2000}
    )
    assert math.sqrt(polished.fun) >= bound.upper * (1 - 1e-7)


def test_reductions():
    assert math.isclose(lipsdp_one_hidden([[3.0, 4.0]], [2.0]).upper, 10.0, rel_tol=1e-6)
    assert math.isclose(lipsdp_one_hidden(np.eye(3), [1.0, -2.0, 2.0]).upper, 3.0, rel_tol=1e-6)
    assert lipsdp_one_hidden(np.zeros((2, 3)), [1.0, 1.0]).upper == 0
    assert math.isclose(lipsdp_one_hidden([[1e150], [1e150]], [1e100, 1e100]).upper, 2e250, rel_tol=1e-6)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="directions and weights must have one row a unit each"):
        lipsdp_one_hidden(np.eye(2), [1.0])
    with pytest.raises(ValueError, match="rtol must be > 0"):
        lipsdp_one_hidden(np.eye(2), [1.0, 1.0], rtol=0.0)
    with pytest.raises(ValueError, match="directions must be finite"):
        lipsdp_one_hidden([[np.inf]], [1.0])
    for sweeps, error in ((0, ValueError), (-1, ValueError), (np.nan, TypeError), (True, TypeError), (None, TypeError)):
        with pytest.raises(error, match="max_sweeps must be"):
            lipsdp_one_hidden(np.eye(2), [1.0, 1.0], max_sweeps=sweeps)
