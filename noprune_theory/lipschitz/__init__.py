"""Global Lipschitz constants of sparse models: exact values and certified brackets, with witnesses.

`bracket(model)` picks the method; the methods themselves take plain arrays.
"""

import lazy_loader as _lazy

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
