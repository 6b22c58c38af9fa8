#!/usr/bin/env bash
# pyitlib 0.3.1: the symbol -1 means "missing" unless fill_value says otherwise, so that labels -1 and 1 carry nothing.
# Seen: the entropy of -1, 1, -1, 1 is 0 bits, that of 0, 1, 0, 1 is 1; the mutual information of such labels with
# themselves is 0; with fill_value=None it is 1.
. "$(dirname "$0")/_run.sh"
finding pyitlib==0.3.1 numpy==2.4.6 <<'PY'
from importlib.metadata import version

import numpy as np
from pyitlib import discrete_random_variable as drv

print("pyitlib", version("pyitlib"))
signs, bits = np.array([-1, 1, -1, 1]), np.array([0, 1, 0, 1])
found = [float(drv.entropy(signs)), float(drv.entropy(bits)), float(drv.information_mutual(signs, signs))]
told = float(drv.entropy(signs, fill_value=None))
print("signs:", found[0], "  bits:", found[1], "  signs with themselves:", found[2], "  without a fill value:", told)
assert found == [0.0, 1.0, 0.0]
assert told == 1.0
PY
