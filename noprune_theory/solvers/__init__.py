"""Fits: how robust an interpolant can be, the smoothest fit at a loss level, least squares, nested paths, training.

A fit carries its value, its status and how sure it is. Heavy modules load when a name is first used.
"""

import lazy_loader as _lazy

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
