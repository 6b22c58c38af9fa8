from .best_subset import prune_best_subset
from .correlation import prune_correlation
from .data_encoding import prune_data_encoding
from .enumerated import EnumeratedMasks, enumerated_masks, unpack_masks
from .exhaustive import prune_exhaustive
from .grasp import prune_grasp
from .iterative_magnitude import PruningRound, geometric_counts, iterative_magnitude_rounds, prune_iterative_magnitude
from .magnitude_after import prune_magnitude_after
from .magnitude_initial import prune_magnitude_initial
from .random import prune_random
from .registry import METHODS
from .selection import PruningResult, SupervisedData, keep_largest
from .snip import prune_snip
from .synflow import prune_synflow

__all__ = [
    "METHODS",
    "PruningResult",
    "SupervisedData",
    "keep_largest",
    "prune_random",
    "prune_magnitude_initial",
    "prune_magnitude_after",
    "prune_correlation",
    "prune_best_subset",
    "prune_snip",
    "prune_grasp",
    "prune_synflow",
    "prune_iterative_magnitude",
    "PruningRound",
    "geometric_counts",
    "iterative_magnitude_rounds",
    "prune_exhaustive",
    "prune_data_encoding",
    "EnumeratedMasks",
    "enumerated_masks",
    "unpack_masks",
]
