"""Smoothest random-features fits against all regions in fractions and cutting planes, on degenerate layers too."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog

from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import smoothest_random_features_fit
from noprune_theory.testing import loss_levels, relu_layers


def dot(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def region_points(planes, dimension):
    """A point inside every cell of the planes (n, b): <n, x> + b = 0, by recursion over the planes themselves."""
    planes = [(n, b) for n, b in planes if any(n)]
    if not planes:
        return [[Fraction(0)] * dimension]
    found = []
    for n, b in planes:
        pivot = next(k for k in range(dimension) if n[k])
        rest = [k for k in range(dimension) if k != pivot]
        traces = []
        for m, c in planes:
            factor = m[pivot] / n[pivot]
            traces.append((tuple(m[k] - factor * n[k] for k in rest), c - factor * b))
        for point in region_points(traces, dimension - 1):
            x = [Fraction(0)] * dimension
            for k, value in zip(rest, point, strict=True):
                x[k] = value
            x[pivot] = (-b - sum((n[k] * x[k] for k in rest), Fraction(0))) / n[pivot]
            step = Fraction(1)
            for m, c in planes:
                height, rate = dot(m, x) + c, dot(m, n)
                if height and rate:
                    step = min(step, abs(height / rate) / 2)
            found += [[v + side * step * w for v, w in zip(x, n, strict=True)] for side in (1, -1)]
    return found


def exact_planes(model):
    """The units of the mask as planes in fractions, proportional ones once."""
    offsets = np.zeros(model.n_weights) if model.offsets is None else model.offsets
    planes, seen = [], set()
    for j in np.flatnonzero(model.mask):
        row = [Fraction(float(v)) for v in (*model.directions[j], offsets[j])]
        lead = next((abs(v) for v in row if v), None)
        if lead is not None and tuple(v / lead for v in row) not in seen:
            seen.add(tuple(v / lead for v in row))
            planes.append((tuple(row[:-1]), row[-1]))
    return planes


def exact_feature_table(planes, X):
    return [[max(Fraction(0), dot(n, map(Fraction, map(float, x))) + b) for n, b in planes] for x in X]


def smallest_square(table, y):
    """min |Phi a - y|^2 in fractions, by Gram-Schmidt."""
    residual, basis = [Fraction(float(label)) for label in y], []
    for column in zip(*table, strict=True):
        vector = list(column)
        for other, square in basis:
            factor = dot(vector, other) / square
            vector = [a - factor * b for a, b in zip(vector, other, strict=True)]
        if any(vector):
            basis.append((vector, dot(vector, vector)))
    for other, square in basis:
        factor = dot(residual, other) / square
        residual = [a - factor * b for a, b in zip(residual, other, strict=True)]
    return dot(residual, residual)


def smallest_constant(planes, X, y, level):
    """min max_c |W^T diag(s_c) a| over fits of the level, by cutting planes with a simplex method."""
    dimension = len(planes[0][0])
    table = exact_feature_table(planes, X)
    left = max(Fraction(0), Fraction(level) * len(y) - smallest_square(table, y))
    A = np.array(table, dtype=np.float64)
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    rank = int(np.count_nonzero(s > 1e-11 * s.max(initial=1e-300)))
    L, target, radius = s[:rank, None] * Vt[:rank], U[:, :rank].T @ y, float(left) ** 0.5
    W = np.array([n for n, _ in planes], dtype=np.float64)
    patterns = {tuple(dot(n, x) + b > 0 for n, b in planes) for x in region_points(planes, dimension)}
    slopes = [W.T * np.array(pattern, dtype=np.float64) for pattern in sorted(patterns)]
    axes = np.vstack([np.eye(dimension), -np.eye(dimension)])
    cuts = [np.append(axis @ slope, -1.0) for slope in slopes for axis in axes]
    bounds = [0.0] * len(cuts)
    equalities = {}
    if radius == 0:
        equalities = {"A_eq": np.column_stack([L, np.zeros(rank)]), "b_eq": target}
    else:
        cuts += [np.append(sign * row, 0.0) for row in L for sign in (1, -1)]
        bounds += [sign * value + radius for value in target for sign in (1, -1)]
    for _ in range(200):
        solution = linprog(
            np.append(np.zeros(len(W)), 1.0),
            A_ub=np.array(cuts),
            b_ub=np.array(bounds),
            bounds=[(-1e3, 1e3)] * len(W) + [(0, None)],
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
            **equalities,
        )
        assert solution.status == 0, solution.message
        a, t = solution.x[:-1], solution.x[-1]
        before = len(cuts)
        for slope in slopes:
            gradient = slope @ a
            size = np.linalg.norm(gradient)
            if size > t * (1 + 1e-9) + 1e-12:
                cuts.append(np.append((gradient / size) @ slope, -1.0))
                bounds.append(0.0)
        misfit = L @ a - target
        size = np.linalg.norm(misfit)
        if radius > 0 and size > radius * (1 + 1e-9) + 1e-10:
            cuts.append(np.append((misfit / size) @ L, 0.0))
            bounds.append(float((misfit / size) @ target) + radius)
        if len(cuts) == before:
            return t
    raise AssertionError("the cutting planes did not converge")


coarse = st.integers(-16, 16).map(lambda step: step / 8)


@st.composite
def coarse_problems(draw):
    """Layers, samples and labels in eighths: coincidences of every kind, and features that floats hold exactly."""
    dimension, count, n = draw(st.integers(1, 2)), draw(st.integers(1, 5)), draw(st.integers(1, 5))
    directions = draw(hnp.arrays(np.float64, (count, dimension), elements=coarse))
    offsets = draw(st.one_of(st.none(), hnp.arrays(np.float64, count, elements=coarse)))
    for _ in range(draw(st.integers(0, 2))):
        j, k = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))
        factor = draw(st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0]))
        directions[j] = factor * directions[k]
        if offsets is not None:
            offsets[j] = factor * offsets[k]
    mask = draw(hnp.arrays(np.bool_, count, elements=st.sampled_from([True, True, True, False])))
    model = RandomFeatures(directions, np.zeros(count), offsets, mask=mask)
    X = draw(hnp.arrays(np.float64, (n, dimension), elements=coarse))
    y = draw(hnp.arrays(np.float64, n, elements=coarse))
    if draw(st.booleans()):
        y = np.where(mask, draw(hnp.arrays(np.float64, count, elements=coarse)), 0.0) @ model.features(X).T
    return model, X, y, draw(loss_levels(model.features(X), y, mask))


@given(coarse_problems())
def test_brackets_hold_the_least_constant(problem):
    model, X, y, level = problem
    fit = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=1e-6, max_seconds=5)
    planes = exact_planes(model)
    table = exact_feature_table(planes, X)
    floor = smallest_square(table, y) if planes else dot(*[[Fraction(float(v)) for v in y]] * 2)
    assert fit.status in {"ok", "infeasible"}
    if fit.status == "infeasible":
        assert Fraction(level) * len(y) < floor
        assert fit.certificate.smallest_loss(model, X, y) > level
        return
    assert Fraction(level) * len(y) >= floor * (1 - Fraction(1, 10**11))
    assert fit.mse <= level * (1 + 1e-11) + 1e-26
    expected = smallest_constant(planes, X, y, level) if planes else 0.0
    assert fit.lipschitz.lower <= expected * (1 + 2e-6) + 1e-7
    assert fit.lipschitz.upper >= expected * (1 - 2e-6) - 1e-7
    assert fit.lipschitz.upper - fit.lipschitz.lower <= 1e-4 * expected + 1e-6


@st.composite
def wild_problems(draw):
    """Any layer, entries from 1e-300 to 2, and samples and labels to match."""
    drawn = draw(relu_layers(max_units=5, max_dimension=3))
    count, dimension = drawn.directions.shape
    n = draw(st.integers(1, 4))
    entries = st.one_of(coarse, st.floats(-2, 2, allow_subnormal=False))
    X = draw(hnp.arrays(np.float64, (n, dimension), elements=entries))
    y = draw(hnp.arrays(np.float64, n, elements=entries))
    model = RandomFeatures(drawn.directions, np.zeros(count), drawn.offsets)
    return model, X, y, draw(loss_levels(model.features(X), y))


@settings(max_examples=40)
@given(wild_problems())
def test_what_is_said_is_true(problem):
    """No claim is false, whatever the numbers: weights, losses and slopes are evaluated in fractions."""
    model, X, y, level = problem
    fit = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=1e-3, max_seconds=2)
    n = len(y)
    planes = [
        (tuple(map(Fraction, map(float, w))), Fraction(float(b)))
        for w, b in zip(model.directions, _offsets(model), strict=True)
    ]
    table = exact_feature_table(planes, X)
    total = dot(*[[Fraction(float(v)) for v in y]] * 2)
    if fit.status == "infeasible":
        assert Fraction(level) * n < smallest_square(table, y)
        return
    weights = [Fraction(float(w)) for w in fit.weights]
    square = sum((dot(row, weights) - Fraction(float(label))) ** 2 for row, label in zip(table, y, strict=True))
    size = max(float(dot(row, map(abs, weights))) + abs(label) for row, label in zip(table, y, strict=True))
    assert float(square / n) ** 0.5 == pytest.approx(fit.mse**0.5, rel=1e-9, abs=1e-14 * size + 1e-160)
    if fit.status == "ok":
        assert float(square) ** 0.5 <= (level * n) ** 0.5 * (1 + 1e-12) + fit.level_excess * (1 + 1e-9) + 1e-160
        assert Fraction(level) * n >= smallest_square(table, y) * (1 - Fraction(2, 10**12)) - total / 10**20
    if fit.certificate is not None:
        assert fit.certificate.lower_bound(model, X, y, level) >= fit.lipschitz.lower
    # Slopes of the weights at points off all kinks, and the slope between samples, which no fit of level 0 can avoid.
    for x in X + 0.12345:
        point = [Fraction(float(v)) for v in x]
        heights = [dot(w, point) + b for w, b in planes]
        if all(height or not any(w) for height, (w, _) in zip(heights, planes, strict=True)):
            live = [(a, w) for a, height, (w, _) in zip(weights, heights, planes, strict=True) if height > 0]
            slope = [sum((a * w[k] for a, w in live), Fraction(0)) for k in range(len(point))]
            assert dot(slope, slope) <= Fraction(min(fit.lipschitz.upper, 1e300)) ** 2 * (1 + Fraction(1, 10**9))


def _offsets(model):
    return np.zeros(model.n_weights) if model.offsets is None else model.offsets
