"""Short representations of results: scalars in full, arrays by shape."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

_FEW_ENTRIES = 4
_LONGEST = 60


def summary(value: Any) -> str:
    """Return one short line for a value: arrays of more than four entries by shape and dtype, long texts cut.

    Examples
    --------
    >>> summary(np.zeros((3, 5))), summary(np.array([1.0, 2.5])), summary(0.25)
    ('<float64 array, shape (3, 5)>', '[1.0, 2.5]', '0.25')
    """
    if isinstance(value, np.ndarray):
        if value.size <= _FEW_ENTRIES and value.ndim == 1:
            return repr(value.tolist())
        return f"<{value.dtype} array, shape {value.shape}>"
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, tuple | list) and any(isinstance(item, np.ndarray) for item in value):
        return f"<{len(value)} arrays>"
    text = repr(value)
    return text if len(text) <= _LONGEST or isinstance(value, ShortRepr) else text[: _LONGEST - 3] + "..."


class ShortRepr:
    """Gives a dataclass (declared with `repr=False`) a representation of one line."""

    __slots__ = ()

    def __repr__(self) -> str:
        # Any: `fields` wants a dataclass, which the subclass is.
        described: Any = self
        parts = (f"{item.name}={summary(getattr(self, item.name))}" for item in fields(described) if item.repr)
        return f"{type(self).__name__}({', '.join(parts)})"
