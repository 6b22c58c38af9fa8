from .base import Model, TheoremConstants
from .linear import LinearModel
from .mlp import MLP
from .random_features import RandomFeatures

__all__ = ["MLP", "LinearModel", "Model", "RandomFeatures", "TheoremConstants"]
