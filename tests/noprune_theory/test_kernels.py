"""Every compiled kernel, reached through public functions on small inputs, against plain numpy and brute force.

`make test-kernels` runs this file without the compiler, where numpy checks every index and reports every invalid
operation, and compiled with bounds checking. Bounds checking does not see the vector loads of the training kernels,
which use raw addresses; without the compiler each of those addresses is checked here.
"""

from __future__ import annotations

import ast
import math
import os
import sys
from itertools import product
from pathlib import Path

import numba
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import brentq, linprog, minimize

import noprune_theory
from noprune_theory.bounds import Noise, any_function_at_cells, any_function_law
from noprune_theory.bounds._chi import chi_lower_quantile, chi_upper_quantile, log_chi_lower_tail, log_chi_upper_tail
from noprune_theory.bounds.any_function import any_function_probability
from noprune_theory.lipschitz import exact_one_hidden, lipsdp_one_hidden
from noprune_theory.lipschitz._planar import generic_planar_bracket
from noprune_theory.lipschitz.cones import branch_and_bound
from noprune_theory.models import MLP, RandomFeatures
from noprune_theory.pruning import enumerated_masks, unpack_masks
from noprune_theory.solvers import (
    Adam,
    GradientDescent,
    Training,
    least_squares,
    smoothest_function_fit,
    smoothest_linear_fit,
    smoothest_random_features_fit,
    train_networks,
)

INTERPRETED = bool(numba.config.DISABLE_JIT)
FOLDER = Path(noprune_theory.__file__).parent
FILES = sorted(file for file in FOLDER.rglob("*.py") if "\n@njit" in file.read_text())


def kernels() -> set[tuple[str, str]]:
    """File and name of every compiled function."""
    found = set()
    for file in FILES:
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and any("njit" in ast.unparse(d) for d in node.decorator_list):
                found.add((file.name, node.name))
    return found


@pytest.fixture(scope="module", autouse=True)
def reached():
    """Kernels called so far, where calls can be seen: without the compiler."""
    seen: set[tuple[str, str]] = set()
    if not INTERPRETED:
        yield seen
        return
    names = {str(file): file.name for file in FILES}

    def note(frame, event, argument):
        if event == "call" and frame.f_code.co_filename in names:
            seen.add((names[frame.f_code.co_filename], frame.f_code.co_name))

    previous = sys.getprofile()
    sys.setprofile(note)
    yield seen
    sys.setprofile(previous)


def test_the_mode_asked_for_is_the_mode_that_runs():
    asked = {name: os.environ.get(f"NUMBA_{name}", "0") == "1" for name in ("DISABLE_JIT", "BOUNDSCHECK")}
    assert bool(numba.config.DISABLE_JIT) == asked["DISABLE_JIT"]
    assert bool(numba.config.BOUNDSCHECK) == asked["BOUNDSCHECK"]

    @numba.njit
    def beyond(array):
        return array[array.size]

    if any(asked.values()):
        with pytest.raises(IndexError):
            beyond(np.zeros(3))


# --- Masked least squares and smoothest fits --------------------------------------------------------------------------


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_masked_least_squares(ridge):
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((14, 11)), rng.standard_normal(14)
    masks = rng.random((21, 11)) < 0.5
    masks[3] = False
    fit = least_squares(X, y, masks, ridge=ridge)
    for row, mask in enumerate(masks):
        tall = np.vstack([X[:, mask], math.sqrt(ridge) * np.eye(mask.sum())])
        expected = np.linalg.lstsq(tall, np.append(y, np.zeros(mask.sum())), rcond=None)[0]
        assert_allclose(fit.weights[row, mask], expected, rtol=1e-11, atol=1e-13)
        assert (fit.weights[row, ~mask] == 0).all()
        assert fit.residual_norm[row] == pytest.approx(np.linalg.norm(X[:, mask] @ expected - y), rel=1e-11)


def test_masked_least_squares_near_dependence():
    """Columns that are nearly or exactly dependent: refined, refactored, or of lower rank."""
    rng = np.random.default_rng(2)
    X = rng.standard_normal((20, 9))
    X[:, 1] = X[:, 0] + 1e-3 * X[:, 1]
    X[:, 2] = X[:, 0] + 1e-6 * X[:, 2]
    X[:, 3] = X[:, 4]
    X[:, 5] = 0.0
    y = rng.standard_normal(20)
    masks = rng.random((30, 9)) < 0.6
    fit = least_squares(X, y, masks)
    for row, mask in enumerate(masks):
        expected, _, rank, _ = np.linalg.lstsq(X[:, mask], y, rcond=None)
        assert fit.rank[row] == rank
        assert fit.residual_norm[row] == pytest.approx(np.linalg.norm(X[:, mask] @ expected - y), rel=1e-9)
    assert {"ok", "rank_deficient"} <= set(fit.status.tolist())


@pytest.mark.parametrize("keep", [4, 9, 15])
def test_smoothest_linear_fit(keep):
    """The ridge that spends the budget, found by bisection on ridge solutions."""
    rng = np.random.default_rng(keep)
    X, y = rng.standard_normal((10, 15)), rng.standard_normal(10)
    mask = np.arange(15) < keep
    kept = X[:, mask]
    least = float(np.mean((kept @ np.linalg.lstsq(kept, y, rcond=None)[0] - y) ** 2))
    levels = least + np.array([0.05, 0.3, 0.9]) * (float(np.mean(y**2)) - least)

    def weights(log_ridge):
        return kept.T @ np.linalg.solve(kept @ kept.T + math.exp(log_ridge) * np.eye(10), y)

    fit = smoothest_linear_fit(X, y, mask, max_mse=levels)
    for level, found in zip(levels, fit.weights, strict=True):
        root = brentq(lambda t, level=level: np.mean((kept @ weights(t) - y) ** 2) - level, -30, 15, xtol=1e-13)
        assert_allclose(found[mask], weights(root), rtol=1e-8)


# --- Tails of the chi distribution ------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1.0, 4.0, 60.0])
@pytest.mark.parametrize("exponent", [0.2, 3.0, 900.0])
def test_tails_of_the_chi_distribution(k, exponent):
    """The tail at its quantile, in float64 and where it underflows."""
    upper = chi_upper_quantile(np.array(exponent), np.array(k))
    assert_allclose(log_chi_upper_tail(upper, np.array(k)), -exponent, rtol=1e-9)
    lower = chi_lower_quantile(np.array(exponent), np.array(k))
    if lower > 0:
        assert_allclose(log_chi_lower_tail(lower, np.array(k)), -exponent, rtol=1e-9)


# --- The law for any function -----------------------------------------------------------------------------------------


def log_probability_of_signs(n, s, cells, u, theta):
    """theta n s + N log E exp(-theta min(H, 27/(32 theta)) (2 - u)^2), by all counts k and numbers a of +1."""
    factor = 0.0
    for k, a in product(range(n + 1), repeat=2):
        weight = math.comb(n, k) * (1 / cells) ** k * (1 - 1 / cells) ** (n - k) * math.comb(k, a) / 2**k
        cost = min(max(a * (k - a), 0) / max(k, 1), 27 / 32 / theta)  # no weight where a > k
        factor += weight * math.exp(-theta * cost * (2 - u) ** 2)
    return theta * n * s + cells * math.log(factor)


@pytest.mark.parametrize(("n", "s", "cells", "delta"), [(12, 0.1, 5, 0.3), (20, 0.0, 6, 0.5)])
def test_any_function_at_cells(n, s, cells, delta):
    """Valid at some multiplier, and not at any when it is raised by a few per cent."""
    signs = Noise(signs=True)
    u = float(any_function_at_cells(n, 1 - s, delta, 0.5, cells=cells, noise=signs))
    thetas = np.geomspace(0.02, 27 / 16, 60)
    assert min(log_probability_of_signs(n, s, cells, 0.995 * u, t) for t in thetas) <= math.log(delta)
    assert min(log_probability_of_signs(n, s, cells, 1.03 * u, t) for t in thetas) > math.log(delta)
    found = any_function_probability(n, 1 - s, u, 0.5, cells=cells, multiplier=1.0, noise=signs)
    assert math.log(found) == pytest.approx(min(log_probability_of_signs(n, s, cells, u, 1.0), 0.0), abs=1e-9)


@pytest.mark.parametrize("d", [2, 60])
def test_any_function_law(d):
    """The best partition in few dimensions, one cell a component in many: never below any of some partitions."""
    signs, variance = Noise(signs=True), 1.0 / d
    law = float(any_function_law(60, d, 1, 0.9, 0.25, 1.0, noise=signs, inputs="gaussian"))
    one = float(any_function_at_cells(60, 0.9, 0.25, d * variance, cells=1, noise=signs))
    assert law >= one * (1 - 1e-12)
    assert law > 0


# --- The floor of all functions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [2, 9])
def test_smoothest_function_fit(dimension):
    """Distances computed anew, or kept; points so close that squares underflow; the projection by a general solver."""
    rng = np.random.default_rng(dimension)
    X, y = rng.standard_normal((7, dimension)), np.array([1.0, -1.0, 1.0, -1.0, 0.5, 0.5, 1.0])
    X[6] = X[0]
    X[6, 0] = X[0, 0] = 0.0
    X[6, 0] = 1e-310
    fit = smoothest_function_fit(X, y, max_mse=0.3)
    i, j = np.triu_indices(6, 1)
    lengths = np.linalg.norm(X[i] - X[j], axis=1)
    weights = np.array([2.0, 1.0, 1.0, 1.0, 1.0, 1.0])

    def excess(constant):
        limits = [{"type": "ineq", "fun": lambda v, s=s: constant * lengths - s * (v[i] - v[j])} for s in (1.0, -1.0)]
        found = minimize(lambda v: weights @ (v - y[:6]) ** 2, np.zeros(6), constraints=limits, tol=1e-12)
        return found.fun / 7 - 0.3

    truth = brentq(excess, 1e-3, 10.0, xtol=1e-8)
    assert fit.lipschitz.lower == pytest.approx(truth, rel=1e-4)
    assert fit.lipschitz.relative_gap <= 1e-6


# --- Smoothest random features ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("d", "N"), [(2, 9), (3, 8), (4, 8)])
def test_smoothest_random_features(d, N):
    """The constant of the minimiser by all of its linear regions, and its loss by a product."""
    rng = np.random.default_rng(d)
    model = RandomFeatures(rng.standard_normal((N, d)), np.zeros(N), rng.uniform(-1, 1, N))
    X, y = rng.standard_normal((5, d)), rng.choice([-1.0, 1.0], 5)
    fit = smoothest_random_features_fit(model, X, y, max_mse=0.4, rtol=1e-3, max_seconds=20.0)
    features = np.maximum(X @ model.directions.T + model.offsets, 0.0)
    weights = fit.weights
    assert np.mean((y - features @ weights) ** 2) <= 0.4 * (1 + 1e-9)
    constant = brute_force_lipschitz(model.directions, weights, model.offsets)
    assert fit.lipschitz.lower <= constant * (1 + 1e-12)
    assert constant <= fit.lipschitz.upper * (1 + 1e-12)


# --- Lipschitz constants ----------------------------------------------------------------------------------------------


def brute_force_lipschitz(W, a, b=None):
    """Largest gradient over all activation patterns of open sets of inputs, each decided by linear programming.

    A linear program maximises the margin t of the signs in homogeneous coordinates (x, s), s > 0.
    """
    lifted = np.column_stack([W, np.zeros(len(a)) if b is None else b])
    rows = lifted[lifted.any(axis=1)]
    best = 0.0
    for signs in product([-1.0, 1.0], repeat=len(rows)):
        margins = np.column_stack([-np.array(signs)[:, None] * rows, np.ones(len(rows))])
        scale = np.append(np.zeros(rows.shape[1] - 1), [-1.0, 1.0])
        constraints = np.vstack([margins, scale])
        bounds = [(-1, 1)] * rows.shape[1] + [(None, 1)]
        cost = np.append(np.zeros(rows.shape[1]), -1.0)
        solved = linprog(cost, A_ub=constraints, b_ub=np.zeros(len(constraints)), bounds=bounds)
        if solved.x[-1] > 1e-7:
            active = np.zeros(len(a), dtype=bool)
            active[lifted.any(axis=1)] = np.array(signs) > 0
            best = max(best, float(np.linalg.norm(a[active] @ W[active])))
    return best


def layer(kind, d, N, offsets):
    """Weights of a layer: "dense"; "sparse", a random mask of half; "integers", with parallel and dead units."""
    rng = np.random.default_rng(5)
    W, a, b = rng.standard_normal((N, d)), rng.standard_normal(N), rng.standard_normal(N)
    if kind == "sparse":
        W *= rng.random((N, d)) < 0.5
    if kind == "integers":
        W, a = rng.integers(-1, 2, (N, d)).astype(float), rng.integers(-1, 3, N).astype(float)
        b = rng.integers(-1, 2, N).astype(float)
    return W, a, b if offsets else None


@pytest.mark.parametrize(
    ("kind", "d", "N", "offsets"),
    [
        ("dense", 1, 5, True),
        ("dense", 2, 7, False),
        ("dense", 2, 6, True),
        ("integers", 2, 7, True),
        ("dense", 3, 7, False),
        ("integers", 3, 8, False),
        ("integers", 3, 6, True),
        ("sparse", 4, 7, False),
        ("sparse", 5, 8, False),
        ("dense", 5, 7, False),
    ],
)
def test_exact_lipschitz_constants(kind, d, N, offsets):
    W, a, b = layer(kind, d, N, offsets)
    expected = brute_force_lipschitz(W, a, b)
    found = exact_one_hidden(W, a, b)
    assert found.exact
    assert found.lower <= expected * (1 + 1e-14)
    assert expected <= found.upper * (1 + 1e-14)
    assert found.upper - found.lower <= 1e-12 * expected


def test_planar_constants_of_many_units():
    W, a, _ = layer("dense", 2, 60, False)
    found = generic_planar_bracket(W, a, 0.0)
    assert found.lower <= exact_one_hidden(W, a).upper
    assert exact_one_hidden(W, a).lower <= found.upper
    assert found.upper - found.lower <= 1e-8 * found.upper


@pytest.mark.parametrize(
    ("kind", "d", "N", "offsets"),
    [("dense", 2, 6, True), ("integers", 3, 7, False), ("sparse", 4, 7, False), ("dense", 4, 14, False)],
)
def test_branch_and_bound(kind, d, N, offsets):
    W, a, b = layer(kind, d, N, offsets)
    expected = brute_force_lipschitz(W, a, b) if N < 10 else exact_one_hidden(W, a, b).lower
    found = branch_and_bound(W, a, b, rtol=1e-2)
    assert found.lower <= expected * (1 + 1e-14)
    assert expected <= found.upper * (1 + 1e-14)
    assert found.upper <= found.lower * (1 + 1e-2) * (1 + 1e-12)


def test_lipsdp_against_its_multipliers():
    """Weak duality, evaluated here from the multipliers: S/2 + c^T (I - V^T diag(1/e) V / 2)^{-1} c."""
    rng = np.random.default_rng(6)
    W, a = rng.standard_normal((9, 4)), rng.standard_normal(9)
    found = lipsdp_one_hidden(W, a)
    V, e = a[:, None] * W, found.multipliers * found.upper**2
    c = 0.5 * V.sum(axis=0)
    bound = 0.5 * e.sum() + c @ np.linalg.solve(np.eye(4) - 0.5 * V.T @ (V / e[:, None]), c)
    assert found.upper == pytest.approx(math.sqrt(bound), rel=1e-9)
    assert brute_force_lipschitz(W, a) <= found.upper
    assert lipsdp_one_hidden(np.eye(3), [1.0, 2.0, 2.0]).upper == pytest.approx(3.0, rel=1e-6)


# --- Training ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def checked_addresses(monkeypatch):
    """Without the compiler, refuse every address outside the arrays that a training kernel was given."""
    if not INTERPRETED:
        return
    from noprune_theory.solvers.training.engines import lanes as lanes_engine
    from noprune_theory.solvers.training.engines import lists as lists_engine
    from noprune_theory.solvers.training.kernels import _vectors, lanes, lists, shallow, steps

    blocks: list[tuple[int, int]] = []

    def entry(function):
        def call(*arguments):
            arrays = [value for value in arguments if isinstance(value, np.ndarray)]
            blocks[:] = [(array.ctypes.data, array.ctypes.data + array.nbytes) for array in arrays]
            return function(*arguments)

        return call

    def access(function, count):
        def call(address, index, *value):
            first = address + 8 * index
            if not any(start <= first and first + 8 * count <= stop for start, stop in blocks):
                raise IndexError(f"{function.__name__} of {count} numbers at {first} is outside of all arrays")
            return function(address, index, *value)

        return call

    monkeypatch.setattr(lanes_engine, "train_lanes", entry(lanes.train_lanes))
    monkeypatch.setattr(lanes_engine, "train_shallow", entry(shallow.train_shallow))
    monkeypatch.setattr(lists_engine, "train_lists", entry(lists.train_lists))
    counts = {"load": _vectors.LANES, "store": _vectors.LANES, "number": 1, "set_number": 1, "integer": 1}
    for name, count in counts.items():
        checked = access(getattr(_vectors, name), count)
        for module in (_vectors, lanes, lists, shallow, steps):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, checked)


def reference_training(network, X, y, training, rng=None):
    """Weights after training, by a plain loop over `MLP.loss_gradient`."""
    w, rule, n = network.weights.copy(), training.optimizer, len(X)
    first, second, step = np.zeros_like(w), np.zeros_like(w), 0
    for _ in range(training.epochs):
        size = training.batch_size or n
        order = np.arange(n) if training.batch_size is None else rng.permutation(n)
        batches = [order[start : start + size] for start in range(0, n, size)]
        noise = np.zeros((len(batches), w.size))
        if training.gradient_noise:
            noise = training.gradient_noise * rng.standard_normal(noise.shape)
        for batch, disturbance in zip(batches, noise, strict=True):
            step += 1
            gradient = network.with_weights(w).loss_gradient(X[batch], y[batch], training.loss) + disturbance
            gradient[~network.mask] = 0.0
            if isinstance(rule, GradientDescent):
                first = rule.momentum * first + gradient
                w = w - rule.learning_rate * first
            else:
                first = rule.beta1 * first + (1 - rule.beta1) * gradient
                second = rule.beta2 * second + (1 - rule.beta2) * gradient**2
                mean, square = first / (1 - rule.beta1**step), second / (1 - rule.beta2**step)
                w = w - rule.learning_rate * mean / (np.sqrt(square) + rule.epsilon)
    return w


LABELS = {
    "mse": lambda rng, n: rng.standard_normal(n),
    "binary_cross_entropy": lambda rng, n: rng.choice([-1.0, 1.0], n),
    "cross_entropy": lambda rng, n: rng.integers(0, 3, n).astype(float),
}
OPTIMIZERS = [GradientDescent(0.2, momentum=0.9), Adam(0.05)]


@pytest.mark.usefixtures("checked_addresses")
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=["gradient_descent", "adam"])
@pytest.mark.parametrize("loss", list(LABELS))
@pytest.mark.parametrize("batch_size", [None, 4, 9])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_training(activation, batch_size, loss, optimizer):
    """Full batches train in lanes, small ones as lists of connections; nine networks leave lanes over."""
    rng = np.random.default_rng(7)
    X, y = rng.standard_normal((9, 3)), LABELS[loss](rng, 9)
    template = MLP.draw(rng, (3, 5, 4, 3 if loss == "cross_entropy" else 1), activation=activation)
    networks = 9 if batch_size is None else 2
    masks = rng.random((networks, template.n_weights)) < 0.7
    starts = np.where(masks, rng.standard_normal(masks.shape) * 0.6, 0.0)
    noise = 0.1 if batch_size == 4 else 0.0
    training = Training(4, loss=loss, optimizer=optimizer, batch_size=batch_size, gradient_noise=noise)
    rngs = None if batch_size is None else [np.random.default_rng(i) for i in range(networks)]
    found = train_networks(template, starts, X, y, training, masks=masks, rngs=rngs)
    for i in range(networks):
        network = template.masked(masks[i]).with_weights(starts[i])
        expected = reference_training(network, X, y, training, np.random.default_rng(i))
        assert_allclose(found.weights[i], expected, rtol=1e-8, atol=1e-10)
        last = network.with_weights(expected).loss(X, y, loss)
        assert found.losses[i, -1] == pytest.approx(last, rel=1e-8)


@pytest.mark.usefixtures("checked_addresses")
@pytest.mark.parametrize("batch_size", [None, 3])
def test_training_that_diverges(batch_size):
    """The last finite weights stay, and the neighbours in the vector are not disturbed."""
    rng = np.random.default_rng(8)
    X, y = rng.standard_normal((6, 2)), rng.standard_normal(6)
    template = MLP.draw(rng, (2, 3, 1))
    starts = rng.standard_normal((3, template.n_weights)) * 0.5
    starts[1] *= 1e80
    training = Training(4, optimizer=GradientDescent(0.01), batch_size=batch_size)
    rngs = None if batch_size is None else [np.random.default_rng(i) for i in range(3)]
    with np.errstate(all="ignore"):  # without the compiler numpy reports the overflow that is wanted here
        found = train_networks(template, starts, X, y, training, rngs=rngs)
    assert (found.diverged_at > 0).tolist() == [False, True, False]
    assert np.isfinite(found.weights).all()
    for i in (0, 2):
        expected = reference_training(template.with_weights(starts[i]), X, y, training, np.random.default_rng(i))
        assert_allclose(found.weights[i], expected, rtol=1e-9, atol=1e-11)


def test_training_of_a_dense_network():
    """A network large enough for matrix products, with the passes between them."""
    rng = np.random.default_rng(10)
    X, y = rng.standard_normal((33, 50)), rng.standard_normal(33)
    network = MLP.draw(rng, (50, 170, 170, 1))
    training = Training(2, optimizer=Adam(1e-3))
    found = train_networks(network, network.weights[None], X, y, training)
    assert_allclose(found.weights[0], reference_training(network, X, y, training), rtol=1e-8, atol=1e-10)


# --- Pruning ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["snip", "grasp"])
def test_masks_of_enumerated_data_sets(method):
    """Each data set by itself: the largest scores from the gradient of the network and its Hessian."""
    rng = np.random.default_rng(9)
    network = MLP.draw(rng, (2, 3, 1), activation="tanh")
    atoms_X, atoms_y = rng.standard_normal((5, 2)), rng.standard_normal(5)
    data_sets = rng.integers(0, 5, (12, 4))
    keeps = [5, 2]
    found = enumerated_masks(method, network, data_sets, atoms_X, atoms_y, keeps=keeps, temperature=1.0)
    masks = unpack_masks(found.codes, network.n_weights)
    for row, chosen in enumerate(data_sets):
        X, y = atoms_X[chosen], atoms_y[chosen]
        gradient = network.loss_gradient(X, y)
        if method == "snip":
            scores = np.abs(network.weights * gradient)
        else:
            gradient = np.where(network.prunable, gradient, 0.0)
            scores = network.weights * network.hessian_vector_product(X, y, gradient)
        places = np.flatnonzero(network.prunable)
        for column, keep in enumerate(keeps):
            best = places[np.argsort(-scores[places], kind="stable")[:keep]]
            expected = ~network.prunable
            expected[best] = True
            assert_array_equal(masks[row, column], expected)


# --- Completeness -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not INTERPRETED, reason="calls between compiled functions cannot be seen; make test-kernels")
def test_every_kernel_was_reached(reached):
    """Keep this test last."""
    assert sorted(kernels() - reached) == []
