"""The LipSDP bound of one hidden layer, against Clarabel and SCS on the same semidefinite program."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.lipschitz_exact import hidden_layer
from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray
from noprune_theory.lipschitz import LipSDPBound, lipsdp_one_hidden

_RTOL = 1e-5


def compact_program(W: FloatArray, a: FloatArray) -> Any:
    """Return the cvxpy problem with a (d + 1) x (d + 1) matrix: the smallest form of the bound we know of.

    Minimise (1/2) sum 1 / u_j + t subject to [[I - (1/2) sum u_j v_j v_j^T, c], [c^T, t]] >= 0, v_j = a_j w_j,
    c = (1/2) sum v_j; the square of the bound is the optimum.
    """
    import cvxpy as cp

    v = a[:, None] * W
    u, t = cp.Variable(a.size, pos=True), cp.Variable((1, 1))
    corner = np.eye(W.shape[1]) - 0.5 * v.T @ cp.diag(u) @ v
    center = 0.5 * v.sum(axis=0)[:, None]
    block = cp.bmat([[corner, center], [center.T, t]])
    return cp.Problem(cp.Minimize(0.5 * cp.sum(cp.inv_pos(u)) + t[0, 0]), [block >> 0])


def clarabel_solver(problem: Any) -> Callable[[], float]:
    """Return a function that solves the compiled program with Clarabel alone, without cvxpy's own time."""
    import clarabel
    import cvxpy as cp
    from scipy.sparse import csc_array

    data = problem.get_problem_data(cp.CLARABEL)[0]
    cones = cp.reductions.solvers.conic_solvers.clarabel_conif.dims_to_solver_cones(data["dims"])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    columns = data["A"].shape[1]
    quadratic = csc_array((columns, columns))

    def solve() -> float:
        solver = clarabel.DefaultSolver(quadratic, data["c"], data["A"], data["b"], cones, settings)
        return float(solver.solve().obj_val) + float(data.get("offset", 0.0))

    return solve


def scs_solver(problem: Any) -> Callable[[], float]:
    """Return a function that solves the program with SCS at its default accuracy."""
    import cvxpy as cp

    return lambda: float(problem.solve(solver=cp.SCS))


def _relative_to_clarabel(W: FloatArray, a: FloatArray) -> Callable[[LipSDPBound, Any], float]:
    reference = math.sqrt(compact_program(W, a).solve(solver="CLARABEL"))
    return lambda ours, _: ours.upper / reference - 1


def _contests() -> Iterator[Contest]:
    W, a = hidden_layer(200, 20)
    size = {"d": 20, "N": 200}
    accuracy = _relative_to_clarabel(W, a)

    def ours() -> LipSDPBound:
        return lipsdp_one_hidden(W, a, rtol=_RTOL)

    yield Contest("Clarabel, (d + 1) x (d + 1) form", ours, clarabel_solver(compact_program(W, a)), size, accuracy)
    yield Contest("SCS, (d + 1) x (d + 1) form", ours, scs_solver(compact_program(W, a)), size, accuracy)


def _by_units(n_units: int) -> Callable[[], LipSDPBound]:
    W, a = hidden_layer(n_units, 20)
    return lambda: lipsdp_one_hidden(W, a, rtol=_RTOL)


CASE = Case(
    name="lipsdp_one_hidden",
    summary="Neuron-wise LipSDP bound of one hidden layer, to 1e-5 of its optimum, certified for rounding.",
    accuracy="our bound / Clarabel's optimum - 1",
    contests=_contests,
    requires=("cvxpy", "clarabel", "scs"),
    # A sweep costs N d^2; the number of sweeps grows slowly.
    scalings=(Scaling("N (d = 20)", (200, 400, 800, 1600, 3200), 1.0, _by_units),),
)
