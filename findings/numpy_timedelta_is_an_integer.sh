#!/usr/bin/env bash
# numpy 2.4.6: a timedelta64 scalar is an instance of np.integer, but not an integer to Python: int() raises TypeError.
# Seen: isinstance(np.timedelta64(5, "s"), np.integer) is True, of numbers.Integral False. A check by np.integer alone
# lets seconds through, and fails later.
. "$(dirname "$0")/_run.sh"
finding numpy==2.4.6 <<'PY'
import numbers

import numpy as np

print("numpy", np.__version__)
value = np.timedelta64(5, "s")
print(repr(value), "np.integer:", isinstance(value, np.integer), "Integral:", isinstance(value, numbers.Integral))
assert isinstance(value, np.integer)
assert not isinstance(value, numbers.Integral)
try:
    int(value)
except TypeError as error:
    print("int():", error)
else:
    raise SystemExit("int() accepted it")
PY
