#!/usr/bin/env bash
# numba 0.68.1: `a.sum()` and `a.mean()` add the entries one by one in the type of the array, where numpy adds pairwise.
# Seen: the mean of a million float32 entries 0.1 is 0.10096 (numpy: 0.1), an error of 1%; the sum of ten million float64
# entries 0.1 is off by 1.6e-4 (numpy: 0).
. "$(dirname "$0")/_run.sh"
finding numba==0.68.1 numpy==2.4.6 <<'PY'
import numba
import numpy as np

print("numba", numba.__version__, "numpy", np.__version__)
mean, total = numba.njit(lambda a: a.mean()), numba.njit(lambda a: a.sum())
single, double = np.full(10**6, 0.1, dtype=np.float32), np.full(10**7, 0.1)
print("mean of float32: numba", float(mean(single)), "numpy", float(single.mean()))
print("error of the sum of float64: numba", total(double) - 1e6, "numpy", double.sum() - 1e6)
assert mean(single) > 0.1009
assert abs(single.mean() - 0.1) < 1e-7
assert abs(total(double) - 1e6) > 1e-4
assert abs(double.sum() - 1e6) < 1e-8
PY
