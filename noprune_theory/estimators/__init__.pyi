from .masked import MaskedLinearRegression
from .smoothest import SmoothestRandomFeatures

__all__ = ["MaskedLinearRegression", "SmoothestRandomFeatures"]
