"""Array types shared by all rooms."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# float64 at run time; numpy's stubs lose the width in mixed arithmetic.
FloatArray: TypeAlias = NDArray[np.floating[Any]]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

# A generator, or what seeds one (SPEC 7 of Scientific Python).
RNG: TypeAlias = (
    np.random.Generator
    | np.random.BitGenerator
    | np.random.SeedSequence
    | int
    | np.integer[Any]
    | Sequence[int]
    | IntArray
)
