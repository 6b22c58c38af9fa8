#!/usr/bin/env bash
# cvxpy 1.9.3 with SCIP (PySCIPOpt 6.3.0): every dual value of a linear program is -0.0, and the status is "optimal".
# Seen: minimise 3 x with x >= 1: HiGHS gives the multiplier 3, SCIP the same x and -0.0; so with x == 1.
. "$(dirname "$0")/_run.sh"
finding cvxpy==1.9.3 pyscipopt==6.3.0 highspy==1.16.0 numpy==2.4.6 scipy==1.17.1 <<'PY'
import cvxpy as cp
import pyscipopt

print("cvxpy", cp.__version__, "PySCIPOpt", pyscipopt.__version__)
for solver, right in (("HIGHS", True), ("SCIP", False)):
    x = cp.Variable()
    for constraint, dual in ((x >= 1, 3.0), (x == 1, -3.0)):
        problem = cp.Problem(cp.Minimize(3 * x), [constraint])
        problem.solve(solver=solver)
        found = float(constraint.dual_value)
        print(f"{solver}: {constraint}: {problem.status}, x = {float(x.value)}, dual value {found}")
        assert problem.status == cp.OPTIMAL
        assert abs(float(x.value) - 1) < 1e-9
        assert abs(found - (dual if right else 0.0)) < 1e-9
PY
