#!/usr/bin/env bash
# cvxpy 1.9.3: options that QOCO 0.3.2 and ProxQP (proxsuite 0.8.0) do not know are dropped without a word, and for ProxQP
# all but six that it does know; Clarabel, OSQP and PIQP refuse an unknown one.
# Seen: the misspelt `max_itrs=1` solves to the end with both; ProxQP's own `max_iter_in=1`, which changes its
# course when set on its settings, does nothing through cvxpy.
. "$(dirname "$0")/_run.sh"
finding cvxpy==1.9.3 qoco==0.3.2 proxsuite==0.8.0 clarabel==0.11.1 osqp==1.1.3 piqp==0.7.0 numpy==2.4.6 scipy==1.17.1 <<'PY'
import cvxpy as cp
import numpy as np
import proxsuite

print("cvxpy", cp.__version__)
A = np.random.default_rng(0).standard_normal((30, 10))
x = cp.Variable(10)
problem = cp.Problem(cp.Minimize(cp.sum_squares(x - 3)), [A @ x <= 1])
for solver in ("CLARABEL", "OSQP", "PIQP"):
    try:
        problem.solve(solver=solver, max_itrs=1)
    except (TypeError, cp.error.SolverError) as error:
        print(f"{solver}: {type(error).__name__}: {error}")
    else:
        raise SystemExit(f"{solver} accepted it")
for solver, name in (("QOCO", "max_itrs"), ("PROXQP", "max_itrs"), ("PROXQP", "max_iter_in")):
    problem.solve(solver=solver)
    needed = problem.solver_stats.num_iters
    problem.solve(solver=solver, warm_start=False, **{name: 1})
    print(f"{solver}, {name}=1: {problem.status} after {problem.solver_stats.num_iters} iterations, without {needed}")
    assert problem.status == cp.OPTIMAL
    assert problem.solver_stats.num_iters == needed > 1



def iterations(**settings):
    """Return how many inner iterations ProxQP itself takes on the problem."""
    direct = proxsuite.proxqp.dense.QP(10, 0, 30)
    direct.init(2 * np.eye(10), np.full(10, -6.0), None, None, A, np.full(30, -1e20), np.ones(30))
    for name, value in settings.items():
        setattr(direct.settings, name, value)
    direct.solve()
    return direct.results.info.iter


print("ProxQP itself:", iterations(), "iterations; max_iter_in = 1:", iterations(max_iter_in=1))
assert iterations(max_iter_in=1) != iterations()
PY
