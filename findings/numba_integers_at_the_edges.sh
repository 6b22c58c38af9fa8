#!/usr/bin/env bash
# numba 0.68.1: integers follow rules that are neither Python's nor numpy's.
# Seen: 2 ** -1 is 0 (Python 0.5, numpy refuses); uint32 1 - 2 is 18446744073709551615 (numpy 4294967295); int8 127 + 1 is 128
# (numpy -128); int64 5 // 0 with error_model="numpy" is 0, and 10 ** 20 is 7766279631452241920.
. "$(dirname "$0")/_run.sh"
finding numba==0.68.1 numpy==2.4.6 <<'PY'
import warnings

import numba
import numpy as np

warnings.simplefilter("ignore")
print("numba", numba.__version__, "numpy", np.__version__)
power = numba.njit(lambda a, b: a**b)
add, subtract = numba.njit(lambda a, b: a + b), numba.njit(lambda a, b: a - b)
divide = numba.njit(error_model="numpy")(lambda a, b: a // b)
one, two = np.uint32(1), np.uint32(2)
found = [power(2, -1), subtract(one, two), add(np.int8(127), np.int8(1)), divide(5, 0), power(10, 20)]
print(found, " numpy:", int(one - two), int(np.int8(127) + np.int8(1)))
assert found == [0, 2**64 - 1, 128, 0, 10**20 % 2**64]
assert (int(one - two), int(np.int8(127) + np.int8(1))) == (2**32 - 1, -128)
PY
