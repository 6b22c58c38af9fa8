from .ascent import activation_ascent_lower
from .cones import branch_and_bound
from .deep import DeepBound, lipsdp_deep
from .dispatch import bracket
from .exact import exact_one_hidden
from .great_circle import great_circle_lower
from .lipsdp import LipSDPBound, lipsdp_one_hidden
from .plots import plot_brackets
from .result import Bracket, Witness

__all__ = [
    "Bracket",
    "DeepBound",
    "LipSDPBound",
    "Witness",
    "activation_ascent_lower",
    "bracket",
    "branch_and_bound",
    "exact_one_hidden",
    "great_circle_lower",
    "lipsdp_deep",
    "lipsdp_one_hidden",
    "plot_brackets",
]
