"""Independent oracles for Lipschitz constants: linear programs over activation patterns, and random slopes."""

import numpy as np
from scipy.optimize import linprog


def brute_force(directions, weights, offsets=None):
    """Largest gradient norm over all activation patterns that a linear program finds to be full-dimensional."""
    kinked = directions.any(axis=1) & (weights != 0)
    W, a = directions[kinked], weights[kinked]
    shifts = np.zeros(a.size) if offsets is None else offsets[kinked]
    normals = np.column_stack([W, shifts])
    normals /= np.abs(normals).max(axis=1, keepdims=True, initial=1e-300)
    products = a[:, None] * W
    best = 0.0
    stack = [()]
    while stack:
        signs = stack.pop()
        if signs and not _has_interior(normals[: len(signs)], np.array(signs), offsets is not None):
            continue
        if len(signs) == a.size:
            best = max(best, float(np.linalg.norm(products[np.array(signs, dtype=int) > 0].sum(axis=0))))
        else:
            stack += [(*signs, 1), (*signs, -1)]
    return best


def _has_interior(normals, signs, lifted):
    """Whether some x in the unit cube (with positive last coordinate when lifted) has margins of those signs."""
    dimension = normals.shape[1]
    rows = np.column_stack([-signs[:, None] * normals, np.ones(signs.size)])
    if lifted:
        height = np.zeros(dimension + 1)
        height[dimension - 1], height[dimension] = -1.0, 1.0
        rows = np.vstack([rows, height])
    cost = np.zeros(dimension + 1)
    cost[-1] = -1.0
    bounds = [(-1.0, 1.0)] * dimension + [(0.0, 1.0)]
    found = linprog(cost, A_ub=rows, b_ub=np.zeros(rows.shape[0]), bounds=bounds, method="highs")
    return found.status == 0 and -found.fun > 1e-9


def layer(rng, n_units, dimension, kind="gaussian", offsets=False):
    """A random hidden layer; `kind` chooses how degenerate it is."""
    W = rng.standard_normal((n_units, dimension))
    a = rng.standard_normal(n_units)
    b = rng.standard_normal(n_units) if offsets else None
    if kind == "masked":
        W *= rng.random(W.shape) < 0.5
        a *= rng.random(n_units) < 0.8
    elif kind == "lattice":
        W = rng.integers(-1, 2, W.shape).astype(float)
        a = rng.integers(-2, 3, n_units).astype(float)
        b = rng.integers(-1, 2, n_units).astype(float) if offsets else None
    elif kind == "parallel":
        source = rng.integers(0, max(1, n_units // 2), n_units)
        scale = rng.choice([-2.0, -1.0, 0.5, 1.0], n_units)
        W = W[source] * scale[:, None]
        if offsets and rng.random() < 0.5:
            b = b[source] * scale
    return W, a, b


def sampled_slope(W, a, b, rng, n_points=4000):
    """Largest gradient norm over random points."""
    X = rng.standard_normal((n_points, W.shape[1])) * rng.choice([0.1, 1.0, 10.0], (n_points, 1))
    pre = X @ W.T + (0.0 if b is None else b)
    return float(np.linalg.norm(((pre > 0) * a) @ W, axis=1).max())
