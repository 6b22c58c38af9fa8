"""The smoothest random-features fit, bracketed, against one cone program over all linear regions of the plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import SmoothestFeaturesFit, smoothest_random_features_fit

LEVEL = 0.5


def all_regions_program(model: RandomFeatures, X: FloatArray, y: FloatArray) -> float:
    """Return the least Lipschitz constant by Clarabel, one second-order cone for each sector of the plane."""
    import clarabel

    W, features = model.directions, model.features(X)
    angles = np.arctan2(W[:, 1], W[:, 0]) + 0.5 * np.pi
    angles = np.sort(np.concatenate([angles, angles + np.pi]) % (2 * np.pi))
    middles = 0.5 * (angles + np.append(angles[1:], angles[0] + 2 * np.pi))
    active = np.column_stack([np.cos(middles), np.sin(middles)]) @ W.T > 0
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
    rng = np.random.default_rng(0)
    n, n_features = 60, 120
    model = RandomFeatures.draw(rng, n_features, 2)
    X, y = rng.standard_normal((n, 2)), rng.choice([-1.0, 1.0], n)

    def ours() -> SmoothestFeaturesFit:
        return smoothest_random_features_fit(model, X, y, max_mse=LEVEL, rtol=1e-5)

    def error(fit: SmoothestFeaturesFit, theirs: float) -> float:
        # The bracket is certified, Clarabel's value is not: its distance from the bracket, or the width of that.
        outside = max(fit.lipschitz.lower - theirs, theirs - fit.lipschitz.upper, 0.0) / fit.lipschitz.upper
        return max(outside, fit.lipschitz.relative_gap)

    yield Contest(
        "Clarabel, all sectors at once (no certificate)",
        ours,
        lambda: all_regions_program(model, X, y),
        {"n": n, "N": n_features, "d": 2},
        error,
    )


def _by_features(n_features: int) -> Callable[[], SmoothestFeaturesFit]:
    rng = np.random.default_rng(0)
    model = RandomFeatures.draw(rng, n_features, 2)
    X, y = rng.standard_normal((n_features // 2, 2)), rng.choice([-1.0, 1.0], n_features // 2)
    return lambda: smoothest_random_features_fit(model, X, y, max_mse=0.7, rtol=1e-4)


CASE = Case(
    name="smoothest_random_features_fit",
    summary="Least Lipschitz constant of a random-features fit at mean squared error <= 0.5, bracketed.",
    accuracy="relative width of the certified bracket, or the peer's distance from it",
    contests=_contests,
    requires=("clarabel",),
    scalings=(Scaling("N (d = 2, n = N / 2, 2 N regions)", (40, 80, 160, 320), 3.0, _by_features),),
)
