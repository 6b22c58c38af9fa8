#!/usr/bin/env bash
# HiGHS 1.16.0: its solver of quadratic programs adds 1e-7 x^2/2 to the objective, and reports the result as optimal.
# Seen: the minimum of h x^2/2 - x lies at 1/h; HiGHS says "Optimal" at 0.909/h for h = 1e-6 and at 0.5/h for h = 1e-7,
# with no dual infeasibility, and calls h = 1e-8 unbounded. With qp_regularization_value = 0 it finds 1/h.
. "$(dirname "$0")/_run.sh"
finding highspy==1.16.0 numpy==2.4.6 <<'PY'
import highspy
import numpy as np


def solved(h, regularisation=None):
    """Return status, solution and dual infeasibility of the minimum of h x^2/2 - x."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    if regularisation is not None:
        solver.setOptionValue("qp_regularization_value", regularisation)
    solver.addVar(-highspy.kHighsInf, highspy.kHighsInf)
    solver.changeColCost(0, -1.0)
    hessian = highspy.HighsHessian()
    hessian.dim_, hessian.format_ = 1, highspy.HessianFormat.kTriangular
    hessian.start_, hessian.index_, hessian.value_ = np.array([0, 1]), np.array([0]), np.array([h])
    solver.passHessian(hessian)
    solver.run()
    status = solver.modelStatusToString(solver.getModelStatus())
    return status, solver.getSolution().col_value[0], solver.getInfo().max_dual_infeasibility


print("HiGHS", highspy.Highs().version())
for h in (1.0, 1e-6, 1e-7, 1e-8):
    status, x, infeasibility = solved(h)
    print(f"h = {h:g}: {status} at {x * h:.4f}/h, dual infeasibility {infeasibility:g}; without:", solved(h, 0.0))
    assert solved(h, 0.0)[0] == "Optimal"
    assert abs(solved(h, 0.0)[1] * h - 1) < 1e-9
    if h == 1e-8:
        assert status == "Unbounded"
    else:
        assert status == "Optimal"
        assert abs(x - 1 / (h + 1e-7)) < 1e-6 * x
        assert infeasibility == 0
PY
