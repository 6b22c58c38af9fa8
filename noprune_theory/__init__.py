"""Machine-checked theory of pruning at initialisation: bounds, solvers, Lipschitz constants and information.

The rooms are the terms of the theorem: `covariates` and `tasks` draw the data, `models` and `pruning` make the sparse
function, `solvers` fit it, `lipschitz` measures its robustness, `information` counts what its mask knows, `bounds`
holds every numbered statement as a function, and `sweeps` runs grids. Importing the package loads none of them.
"""

import lazy_loader as _lazy

__version__ = "0.2.0"

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
