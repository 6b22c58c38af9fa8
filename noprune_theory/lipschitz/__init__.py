"""Global Lipschitz constants of sparse models: exact values and certified brackets, with witnesses.

`bracket(model)` picks the method; the methods themselves take plain arrays.
"""

from typing import Any

import lazy_loader as _lazy

__getattr__: Any
__dir__: Any
__getattr__, __dir__, _ = _lazy.attach(
    __name__,
    submod_attrs={
        "dispatch": ["bracket"],
        "exact": ["exact_one_hidden"],
        "great_circle": ["great_circle_lower"],
        "lipsdp": ["LipSDPBound", "lipsdp_one_hidden"],
        "result": ["Bracket", "Witness"],
    },
)

__all__ = [
    "bracket",
    "Bracket",
    "Witness",
    "exact_one_hidden",
    "great_circle_lower",
    "lipsdp_one_hidden",
    "LipSDPBound",
]
