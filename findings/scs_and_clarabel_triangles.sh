#!/usr/bin/env bash
# SCS 3.3.1 and Clarabel 0.11.1: both take a semidefinite matrix as a triangle, column by column, off-diagonal entries times
# sqrt(2): SCS the lower one, Clarabel the upper one, which for three rows is another order.
# Seen: the largest t with M - t I semidefinite is the smallest eigenvalue of M, -1.30. Written in Clarabel's order, Clarabel
# finds it, and SCS, to which the same vectors are other matrices, says "solved" at 0.12; the other way round likewise.
. "$(dirname "$0")/_run.sh"
finding scs==3.3.1 clarabel==0.11.1 numpy==2.4.6 scipy==1.17.1 <<'PY'
import math

import clarabel
import numpy as np
import scs
from scipy.sparse import csc_matrix

M = np.array([[2.0, 1.0, 0.5], [1.0, -1.0, 0.25], [0.5, 0.25, 3.0]])
orders = {
    "upper": [(i, j) for j in range(3) for i in range(j + 1)],
    "lower": [(i, j) for j in range(3) for i in range(j, 3)],
}


def vector(matrix, order):
    return np.array([matrix[i, j] * (1 if i == j else math.sqrt(2)) for i, j in orders[order]])


def by_clarabel(order):
    A, b, c = csc_matrix(vector(np.eye(3), order)[:, None]), vector(M, order), np.array([-1.0])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    found = clarabel.DefaultSolver(csc_matrix((1, 1)), c, A, b, [clarabel.PSDTriangleConeT(3)], settings).solve()
    return str(found.status), found.x[0]


def by_scs(order):
    A, b, c = csc_matrix(vector(np.eye(3), order)[:, None]), vector(M, order), np.array([-1.0])
    found = scs.SCS({"A": A, "b": b, "c": c}, {"s": [3]}, verbose=False, eps_abs=1e-9, eps_rel=1e-9).solve()
    return found["info"]["status"], float(found["x"][0])


smallest = float(np.linalg.eigvalsh(M)[0])
print("SCS", scs.__version__, "Clarabel", clarabel.__version__, "smallest eigenvalue", smallest)
for order in orders:
    print(order, "triangle: Clarabel", by_clarabel(order), " SCS", by_scs(order))
assert abs(by_clarabel("upper")[1] - smallest) < 1e-5
assert abs(by_scs("lower")[1] - smallest) < 1e-5
status, wrong = by_scs("upper")
assert status == "solved"
assert abs(wrong - smallest) > 0.1
PY
