"""The smoothest random-features fit, bracketed, against one cone program over all linear regions of the plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import SmoothestFeaturesFit, smoothest_random_features_fit

LEVEL = 0.5


def sectors(model: RandomFeatures) -> BoolArray:
    """Return the activation patterns of the sectors of a plane without offsets."""
    angles = np.arctan2(model.directions[:, 1], model.directions[:, 0]) + 0.5 * np.pi
    angles = np.sort(np.concatenate([angles, angles + np.pi]) % (2 * np.pi))
    middles = 0.5 * (angles + np.append(angles[1:], angles[0] + 2 * np.pi))
    return np.asarray(np.column_stack([np.cos(middles), np.sin(middles)]) @ model.directions.T > 0)


def regions(model: RandomFeatures) -> BoolArray:
    """Return the activation patterns of the regions of a plane with offsets: four meet wherever two kinks cross."""
    W = model.directions
    b = np.zeros(len(W)) if model.offsets is None else model.offsets
    i, j = np.triu_indices(len(W), 1)
    crossings = np.linalg.solve(np.stack([W[i], W[j]], axis=1), -np.stack([b[i], b[j]], axis=1)[:, :, None])[:, :, 0]
    active = crossings @ W.T + b > 0
    rows, patterns = np.arange(len(i)), []
    for first in (False, True):
        for second in (False, True):
            active[rows, i], active[rows, j] = first, second
            patterns.append(active.copy())
    return np.unique(np.vstack(patterns), axis=0)


def all_regions_program(model: RandomFeatures, active: BoolArray, X: FloatArray, y: FloatArray) -> float:
    """Return the least Lipschitz constant by Clarabel, one second-order cone for each region."""
    import clarabel

    W, features = model.directions, model.features(X)
    count, n = W.shape[0], y.size
    slope_rows = np.zeros((len(active), 3, count + 1))
    slope_rows[:, 0, -1] = -1.0
    slope_rows[:, 1:, :-1] = -(active[:, None, :] * W.T)
    loss_rows = np.zeros((n + 1, count + 1))
    loss_rows[1:, :-1] = -features
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    objective = np.zeros(count + 1)
    objective[-1] = 1.0
    cones = [clarabel.SecondOrderConeT(3)] * len(active) + [clarabel.SecondOrderConeT(n + 1)]
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix((count + 1, count + 1)),
        objective,
        sparse.csc_matrix(np.vstack([slope_rows.reshape(-1, count + 1), loss_rows])),
        np.concatenate([np.zeros(3 * len(active)), [np.sqrt(n * LEVEL)], -y]),
        cones,
        settings,
    )
    return float(solver.solve().x[-1])


def _contests() -> Iterator[Contest]:
    yield _contest(120, 60, None, 1e-5, "Clarabel, all sectors at once (no certificate)")
    yield _contest(60, 30, 1.5, 1e-4, "Clarabel, all regions at once (no certificate)")


def _problem(n_features: int, n: int, width: float | None) -> tuple[RandomFeatures, FloatArray, FloatArray]:
    rng = np.random.default_rng(0)
    model = RandomFeatures.draw(rng, n_features, 2)
    if width is not None:
        model = RandomFeatures(model.directions, model.weights, rng.uniform(-width, width, n_features))
    return model, rng.standard_normal((n, 2)), rng.choice([-1.0, 1.0], n)


def _contest(n_features: int, n: int, width: float | None, rtol: float, peer: str) -> Contest:
    model, X, y = _problem(n_features, n, width)
    active = sectors(model) if width is None else regions(model)

    def ours() -> SmoothestFeaturesFit:
        return smoothest_random_features_fit(model, X, y, max_mse=LEVEL, rtol=rtol)

    def error(fit: SmoothestFeaturesFit, theirs: float) -> float:
        # The bracket is certified, Clarabel's value is not: its distance from the bracket, or the width of that.
        outside = max(fit.lipschitz.lower - theirs, theirs - fit.lipschitz.upper, 0.0) / fit.lipschitz.upper
        return max(outside, fit.lipschitz.relative_gap)

    size = {"n": n, "N": n_features, "d": 2, "regions": len(active)}
    return Contest(peer, ours, lambda: all_regions_program(model, active, X, y), size, error)


def _by_features(n_features: int) -> Callable[[], SmoothestFeaturesFit]:
    model, X, y = _problem(n_features, n_features // 2, None)
    return lambda: smoothest_random_features_fit(model, X, y, max_mse=0.7, rtol=1e-4)


def _with_offsets(n_features: int) -> Callable[[], SmoothestFeaturesFit]:
    model, X, y = _problem(n_features, n_features // 2, 1.5)
    return lambda: smoothest_random_features_fit(model, X, y, max_mse=LEVEL, rtol=1e-3)


CASE = Case(
    name="smoothest_random_features_fit",
    summary="Least Lipschitz constant of a random-features fit at mean squared error <= 0.5, bracketed.",
    accuracy="relative width of the certified bracket, or the peer's distance from it",
    contests=_contests,
    requires=("clarabel",),
    scalings=(
        Scaling("N (d = 2, n = N / 2, 2 N regions)", (40, 80, 160, 320), 3.0, _by_features),
        Scaling("N (d = 2, offsets, n = N / 2, N^2 / 2 regions)", (60, 120, 240, 480), 3.0, _with_offsets),
    ),
)
