"""Estimators for scikit-learn (extra `sklearn`): masked linear regression and the smoothest random-features fit.

They hold to scikit-learn's conventions, so that they work in its pipelines, searches and cross-validation; the fits are
those of `noprune_theory.solvers`, and every fitted one has its Lipschitz bracket as `lipschitz_`.
"""

import lazy_loader as _lazy

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
