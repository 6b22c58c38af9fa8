from .interpolation import FeaturesCertificate, InterpolationRobustness, interpolation_robustness
from .regression.masked_least_squares import LeastSquaresFit, least_squares
from .regression.nested import FitPath, nested_path, random_feature_sweep
from .smoothest.any_function._transport import TransportCertificate
from .smoothest.any_function.extension import LipschitzExtension
from .smoothest.any_function.fit import SmoothestFunctionFit, smoothest_function_fit
from .smoothest.features.fit import SmoothestFeaturesFit, SmoothnessCertificate, smoothest_random_features_fit
from .smoothest.linear._bracket import LinearCertificate
from .smoothest.linear.fit import SmoothestLinearFit, smoothest_linear_fit
from .smoothest.linear.over_masks import AllMasksCertificate, AllMasksFit, smoothest_fit_over_masks
from .training import Adam, GradientDescent, Training, TrainingResult, train, train_networks

__all__ = [
    "InterpolationRobustness",
    "interpolation_robustness",
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
    "FeaturesCertificate",
    "LinearCertificate",
    "LipschitzExtension",
    "SmoothestFunctionFit",
    "TransportCertificate",
    "smoothest_function_fit",
    "AllMasksFit",
    "AllMasksCertificate",
    "smoothest_fit_over_masks",
    "Adam",
    "GradientDescent",
    "Training",
    "TrainingResult",
    "train",
    "train_networks",
]
