"""Fits: how robust an interpolant can be, the smoothest fit at a loss level, least squares, nested paths, training.

A fit carries its value, its status and how sure it is. Heavy modules load when a name is first used.
"""

import lazy_loader as _lazy

from noprune_theory._moved import forward_modules as _forward_modules

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)

# Where modules were before they had folders.
_FEATURES = ("certificate", "exact", "problem", "reach", "search", "space", "units", "verified")
_MOVED = {
    "masked_least_squares": "regression.masked_least_squares",
    "nested": "regression.nested",
    "smoothest_features": "smoothest.features.fit",
    "smoothest_linear": "smoothest.linear.fit",
    "training_engines": "training.engines",
    "smoothest.extension": "smoothest.any_function.extension",
    "smoothest.over_masks": "smoothest.linear.over_masks",
    **{f"smoothest.features_{name}": f"smoothest.features.{name}" for name in _FEATURES},
}
_forward_modules({f"{__name__}.{old}": f"{__name__}.{new}" for old, new in _MOVED.items()})
