"""Array types shared by all rooms."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# float64 at run time; numpy's stubs lose the width in mixed arithmetic.
FloatArray: TypeAlias = NDArray[np.floating[Any]]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]
