"""Fits of masked models: least squares, nested paths, and the smoothest fit below a loss level.

A fit carries its value, its status and how sure it is. Heavy modules load when a name is first used.
"""

from typing import Any

import lazy_loader as lazy

__getattr__: Any
__dir__: Any
__getattr__, __dir__, _ = lazy.attach(
    __name__,
    submod_attrs={
        "masked_least_squares": ["LeastSquaresFit", "least_squares"],
        "nested": ["FitPath", "nested_path", "random_feature_sweep"],
        "smoothest_linear": ["SmoothestLinearFit", "smoothest_linear_fit"],
        "smoothest_features": ["SmoothestFeaturesFit", "SmoothnessCertificate", "smoothest_random_features_fit"],
        "training": ["Adam", "GradientDescent", "Training", "TrainingResult", "train", "train_networks"],
    },
)

__all__ = [
    "LeastSquaresFit",
    "least_squares",
    "FitPath",
    "nested_path",
    "random_feature_sweep",
    "SmoothestLinearFit",
    "smoothest_linear_fit",
    "SmoothestFeaturesFit",
    "SmoothnessCertificate",
    "smoothest_random_features_fit",
    "Adam",
    "GradientDescent",
    "Training",
    "TrainingResult",
    "train",
    "train_networks",
]
