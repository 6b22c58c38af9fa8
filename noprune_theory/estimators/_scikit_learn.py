"""What the estimators use of scikit-learn, and what to install where it is missing."""

try:
    from sklearn.base import BaseEstimator, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        f"noprune_theory.estimators needs scikit-learn 1.6 or later ({error}): pip install 'noprune-theory[sklearn]'"
    ) from error

__all__ = ["BaseEstimator", "RegressorMixin", "check_is_fitted", "check_random_state", "validate_data"]
