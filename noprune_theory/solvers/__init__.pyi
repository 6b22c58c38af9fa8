from .interpolation import FeaturesCertificate, InterpolationRobustness, interpolation_robustness
from .masked_least_squares import LeastSquaresFit, least_squares
from .nested import FitPath, nested_path, random_feature_sweep
from .smoothest._linear_bracket import LinearCertificate
from .smoothest._transport import TransportCertificate
from .smoothest.any_function import SmoothestFunctionFit, smoothest_function_fit
from .smoothest.extension import LipschitzExtension
from .smoothest.over_masks import AllMasksCertificate, AllMasksFit, smoothest_fit_over_masks
from .smoothest_features import SmoothestFeaturesFit, SmoothnessCertificate, smoothest_random_features_fit
from .smoothest_linear import SmoothestLinearFit, smoothest_linear_fit
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
