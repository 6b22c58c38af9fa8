"""The smoothest linear fit below a loss level for many masks, against a conic solver a mask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.masked_least_squares import problem
from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray
from noprune_theory.solvers import SmoothestLinearFit, smoothest_linear_fit

LEVEL = 0.5


def conic_program(block: FloatArray, y: FloatArray, level: float) -> FloatArray:
    """Return the minimiser of |w| subject to |X_S w - y| <= sqrt(n level), by Clarabel called directly.

    Reduced by hand to n variables, w = X_S^T z and K = X_S X_S^T: minimise z^T K z subject to K z - y in a cone. Of the
    forms tried (w and a norm cone, w and a quadratic objective, z) this is the fastest.
    """
    import clarabel

    n = y.size
    gram = block @ block.T
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-10
    # Clarabel's form: A z + s = b with s = (sqrt(n level), K z - y) in the second-order cone.
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix(np.triu(gram)),
        np.zeros(n),
        sparse.csc_matrix(np.vstack([np.zeros(n), -gram])),
        np.concatenate([[np.sqrt(n * level)], -y]),
        [clarabel.SecondOrderConeT(n + 1)],
        settings,
    )
    return np.asarray(block.T @ np.array(solver.solve().x))


def _contests() -> Iterator[Contest]:
    n, p, k, n_masks = 200, 500, 250, 1000
    X, y, masks = problem(n, p, k, n_masks)
    timed = 5

    def error(fit: SmoothestLinearFit, theirs: list[FloatArray]) -> float:
        norms = np.array([np.linalg.norm(w) for w in theirs])
        return float(np.max(np.abs(np.atleast_1d(fit.lipschitz)[:timed] / norms - 1.0)))

    yield Contest(
        f"Clarabel, one conic program a mask ({timed} of {n_masks} timed)",
        lambda: smoothest_linear_fit(X, y, masks, max_mse=LEVEL),
        lambda: [conic_program(X[:, mask], y, LEVEL) for mask in masks[:timed]],
        {"n": n, "p": p, "k": k, "masks": n_masks},
        error,
        peer_share=timed / n_masks,
    )
    yield _levels_contest(X, y)


def _levels_contest(X: FloatArray, y: FloatArray) -> Contest:
    """Many levels for one mask, against one scalar root search with a factorisation a trial."""
    from scipy.linalg import cho_factor, cho_solve
    from scipy.optimize import brentq

    block = X[:, :250]
    levels = np.linspace(0.05, 0.9, 50)
    n = y.size

    def peer() -> FloatArray:
        gram = block @ block.T

        def dual(ridge: float) -> FloatArray:
            solution: FloatArray = cho_solve(cho_factor(gram + ridge * np.eye(n), lower=True, check_finite=False), y)
            return solution

        def excess(log_ridge: float, level: float) -> float:
            ridge = np.exp(log_ridge)
            return float(np.log(ridge**2 * np.mean(dual(ridge) ** 2) / level))

        ridges = [np.exp(brentq(excess, -10.0, 15.0, args=(level,), xtol=1e-12)) for level in levels]
        return np.array([np.linalg.norm(block.T @ dual(ridge)) for ridge in ridges])

    def error(fit: SmoothestLinearFit, norms: Any) -> float:
        return float(np.max(np.abs(fit.lipschitz / norms - 1.0)))

    return Contest(
        "scipy.optimize.brentq over Cholesky solves, a level at a time",
        lambda: smoothest_linear_fit(block, y, max_mse=levels),
        peer,
        {"n": n, "k": 250, "levels": levels.size},
        error,
    )


def _by_samples(n: int) -> Callable[[], SmoothestLinearFit]:
    X, y, masks = problem(n, 3 * n, 3 * n // 2, 50)
    return lambda: smoothest_linear_fit(X, y, masks, max_mse=LEVEL)


CASE = Case(
    name="smoothest_linear_fit",
    summary="Least Lipschitz constant at mean squared error <= 0.5 for 1,000 masks; 50 levels for one mask.",
    accuracy="largest relative distance of the Lipschitz constant from the peer's",
    contests=_contests,
    requires=("clarabel",),
    scalings=(Scaling("n (k = 1.5 n, 50 masks)", (50, 100, 200, 400), 3.0, _by_samples),),
)
