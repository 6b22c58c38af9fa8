#!/usr/bin/env bash
# numpy 2.4.6: a timedelta64 scalar is an instance of np.integer and of numbers.Integral, yet int() of it raises
# TypeError. Seen: both are True for np.timedelta64(5, "s"). A check for integers lets seconds through, and fails later.
. "$(dirname "$0")/_run.sh"
finding numpy==2.4.6 <<'PY'
import numbers

import numpy as np

print("numpy", np.__version__)
value = np.timedelta64(5, "s")
print(repr(value), "np.integer:", isinstance(value, np.integer), "Integral:", isinstance(value, numbers.Integral))
assert isinstance(value, np.integer)
assert isinstance(value, numbers.Integral)
try:
    int(value)
except TypeError as error:
    print("int():", error)
else:
    raise SystemExit("int() accepted it")
PY
