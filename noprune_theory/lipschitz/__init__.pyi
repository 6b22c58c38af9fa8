from .cones import branch_and_bound
from .dispatch import bracket
from .exact import exact_one_hidden
from .great_circle import great_circle_lower
from .lipsdp import LipSDPBound, lipsdp_one_hidden
from .result import Bracket, Witness

__all__ = [
    "Bracket",
    "LipSDPBound",
    "Witness",
    "bracket",
    "branch_and_bound",
    "exact_one_hidden",
    "great_circle_lower",
    "lipsdp_one_hidden",
]
