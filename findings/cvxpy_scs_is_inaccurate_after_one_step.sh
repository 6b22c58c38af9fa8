#!/usr/bin/env bash
# cvxpy 1.9.3 with SCS 3.3.1: a run that is stopped by max_iters is "optimal_inaccurate", however far it is from anything.
# Seen: after one iteration, a constraint violated by 11 and an objective of 17.7 below the minimum 63.5 read
# "optimal_inaccurate"; Clarabel, stopped after one, says "user_limit". SCS itself: "solved (inaccurate - ...)".
. "$(dirname "$0")/_run.sh"
finding cvxpy==1.9.3 scs==3.3.1 clarabel==0.11.1 numpy==2.4.6 scipy==1.17.1 <<'PY'
import cvxpy as cp
import numpy as np
import scs

print("cvxpy", cp.__version__, "SCS", scs.__version__)
A = np.random.default_rng(0).standard_normal((30, 10))
x = cp.Variable(10)
problem = cp.Problem(cp.Minimize(cp.sum_squares(x - 3)), [A @ x <= 1])
minimum = problem.solve(solver="CLARABEL")
problem.solve(solver="CLARABEL", max_iter=1)
print("Clarabel, one iteration:", problem.status)
assert problem.status == cp.USER_LIMIT
problem.solve(solver="SCS", max_iters=1)
violation = float((A @ x.value - 1).max())
print(f"SCS, one iteration: {problem.status}, {problem.value:.2f} (minimum {minimum:.2f}), violated by {violation:.2f}")
assert problem.status == cp.OPTIMAL_INACCURATE
assert violation > 1
assert abs(problem.value - minimum) > 0.1 * minimum
PY
