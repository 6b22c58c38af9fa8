"""Class stability: how far points are from the other class of a classifier sgn(g), sgn(0) = 1.

The margin h_f(x) of f = sgn(g) is the distance from x to the points of the other class, the class stability S(f) its
mean (von Berg, Fono, Datres, Maskey, Kutyniok 2026). `bracket(model, X)` encloses the margins at a sample and their
mean; `noprune_theory.bounds.class_stability_law` says how large the stability of a fit below the noise level can be.
"""

import lazy_loader as _lazy

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
