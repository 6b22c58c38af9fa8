from .dispatch import bracket
from .halfspaces import gaussian_halfspace_stability, linear_margins
from .planar import planar_margins
from .result import StabilityBracket

__all__ = [
    "StabilityBracket",
    "bracket",
    "gaussian_halfspace_stability",
    "linear_margins",
    "planar_margins",
]
