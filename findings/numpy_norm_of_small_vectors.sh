#!/usr/bin/env bash
# numpy 2.4.6: `np.linalg.norm` of a vector squares its entries without scaling.
# Seen: the norm of (3e-200, 4e-200) is 0 and that of (3e200, 4e200) infinite, where scipy.linalg.norm and math.hypot give
# 5e-200 and 5e200, and so does np.linalg.norm(..., 2) of the same numbers as a matrix. A bound by such a norm can be 0.
. "$(dirname "$0")/_run.sh"
finding numpy==2.4.6 scipy==1.17.1 <<'PY'
import math
import warnings

import numpy as np
import scipy.linalg

warnings.simplefilter("ignore")
print("numpy", np.__version__, "scipy", scipy.__version__)
for scale, seen in ((1e-200, 0.0), (1e200, math.inf)):
    vector = np.array([3 * scale, 4 * scale])
    others = [float(scipy.linalg.norm(vector)), math.hypot(*vector), float(np.linalg.norm(vector[None, :], 2))]
    print(vector, "numpy:", float(np.linalg.norm(vector)), " scipy, hypot, as a matrix:", others)
    assert np.linalg.norm(vector) == seen
    assert all(abs(value - 5 * scale) < 1e-12 * scale for value in others)
PY
