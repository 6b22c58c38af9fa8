"""Sparse models f(x; m, w): value, input gradient, and the constants J and W that Theorem 4 asks for."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "base": ["Model", "TheoremConstants"],
        "linear": ["LinearModel"],
        "random_features": ["RandomFeatures"],
        "mlp": ["MLP"],
    },
)
