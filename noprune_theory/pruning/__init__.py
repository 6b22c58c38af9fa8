"""Pruning methods, one file a method: (model, data, keep or sparsity) -> mask."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "registry": ["METHODS"],
        "selection": ["PruningResult", "SupervisedData", "keep_largest"],
        "random": ["prune_random"],
        "magnitude_after": ["prune_magnitude_after"],
        "correlation": ["prune_correlation"],
        "best_subset": ["prune_best_subset"],
    },
)
