from .masked_least_squares import LeastSquaresFit, least_squares
from .nested import FitPath, nested_path, random_feature_sweep
from .smoothest_features import SmoothestFeaturesFit, SmoothnessCertificate, smoothest_random_features_fit
from .smoothest_linear import SmoothestLinearFit, smoothest_linear_fit
from .smoothest.any_function import SmoothestFunctionFit, smoothest_function_fit
from .smoothest.extension import LipschitzExtension
from .smoothest._transport import TransportCertificate
from .training import Adam, GradientDescent, Training, TrainingResult, train, train_networks

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
    "LipschitzExtension",
    "SmoothestFunctionFit",
    "TransportCertificate",
    "smoothest_function_fit",
    "Adam",
    "GradientDescent",
    "Training",
    "TrainingResult",
    "train",
    "train_networks",
]
