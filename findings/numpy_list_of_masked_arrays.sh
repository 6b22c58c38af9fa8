#!/usr/bin/env bash
# numpy 2.4.6: np.asarray of one masked array drops its mask, and so does np.asarray of a list of them, which is no
# masked array that a check for one would see. Seen: the value under the mask, 99.0, in both results.
. "$(dirname "$0")/_run.sh"
finding numpy==2.4.6 <<'PY'
import numpy as np

print("numpy", np.__version__)
row = np.ma.masked_greater([1.0, 99.0], 50)
rows = [row, row]
print("isinstance of the list's array:", type(np.asarray(rows)).__name__, np.asarray(rows).tolist())
assert np.asarray(row).tolist() == [1.0, 99.0]
assert np.asarray(rows).tolist() == [[1.0, 99.0], [1.0, 99.0]]
assert not isinstance(np.asarray(rows), np.ma.MaskedArray)
PY
