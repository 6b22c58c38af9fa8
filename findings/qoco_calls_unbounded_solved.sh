#!/usr/bin/env bash
# QOCO 0.3.2: there is no status for an unbounded or infeasible problem; an unbounded one is "solved".
# Seen: minimise x with x <= 0 gives QOCO_SOLVED at -2.3e16 (in cvxpy 1.9.3: "optimal"), and x >= 1, x <= 0 gives
# QOCO_NUMERICAL_ERROR at 0.5.
. "$(dirname "$0")/_run.sh"
finding qoco==0.3.2 cvxpy==1.9.3 numpy==2.4.6 scipy==1.17.1 <<'PY'
from importlib.metadata import version

import cvxpy as cp
import numpy as np
import qoco
from scipy.sparse import csc_matrix

print("QOCO", version("qoco"), "cvxpy", cp.__version__)


def solved(G, h):
    """Minimise x subject to G x <= h."""
    solver = qoco.QOCO()
    rows = len(h)
    no_cones = np.array([], dtype=np.int32)
    solver.setup(1, rows, 0, None, np.ones(1), None, np.array([]), csc_matrix(G), np.array(h), rows, 0, no_cones)
    return solver.solve()


unbounded, infeasible = solved([[1.0]], [0.0]), solved([[-1.0], [1.0]], [-1.0, 0.0])
print("unbounded:", unbounded.status, "at", unbounded.x, "  infeasible:", infeasible.status, "at", infeasible.x)
assert unbounded.status == "QOCO_SOLVED"
assert unbounded.x[0] < -1e15
assert infeasible.status == "QOCO_NUMERICAL_ERROR"
x = cp.Variable()
problem = cp.Problem(cp.Minimize(x), [x <= 0])
problem.solve(solver="QOCO")
print("cvxpy:", problem.status, problem.value)
assert problem.status == cp.OPTIMAL
assert problem.value < -1e15
PY
