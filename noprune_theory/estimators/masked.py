"""Least squares on the features that a mask keeps, for scikit-learn."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._scaling import scale, size_exponents
from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_float_array, as_masks, check_flag, check_nonnegative
from noprune_theory.estimators._scikit_learn import BaseEstimator, RegressorMixin, check_is_fitted, validate_data
from noprune_theory.lipschitz import Bracket, bracket
from noprune_theory.models import LinearModel
from noprune_theory.solvers import least_squares

__all__ = ["MaskedLinearRegression"]


class MaskedLinearRegression(RegressorMixin, BaseEstimator):
    """Linear regression on the features of a mask: least squares, ridge, and minimum norm where that is not unique.

    Minimises |X_S w + b - y|^2 + ridge |w|^2 over the weights w of the features S that the mask keeps and the intercept
    b, and takes the weights of smallest norm where there are several. The fit is that of
    `noprune_theory.solvers.least_squares`, on centred data where there is an intercept.

    Parameters
    ----------
    mask : array_like of bool, shape (n_features,), optional
        True for the features kept; all by default.
    ridge : float, default=0.0
        Coefficient >= 0 of |w|^2 beside the sum of squared errors: `alpha` of `sklearn.linear_model.Ridge`.
    fit_intercept : bool, default=True
        Whether to fit b, which `ridge` does not touch; 0 otherwise.

    Attributes
    ----------
    coef_ : ndarray, shape (n_features,)
        Weights, zero off the mask.
    intercept_ : float
    mask_ : ndarray of bool, shape (n_features,)
    lipschitz_ : Bracket
        The Lipschitz constant of `predict`, |coef_|, certified.
    rank_ : int
        Numerical rank of the (centred) features kept; their number where ridge > 0.
    residual_norm_ : float
        |X w + b - y|, each square times its sample weight.
    status_ : str
        "ok", "ill_conditioned" or "rank_deficient"; see `noprune_theory.solvers.LeastSquaresFit`.
    model_ : LinearModel
        x -> <coef_, x> with its mask, for the other functions of this library.
    n_features_in_ : int
    feature_names_in_ : ndarray of str, shape (n_features,)
        Where X has names.

    Examples
    --------
    >>> from noprune_theory.estimators import MaskedLinearRegression
    >>> X, y = [[0.0, 1.0, 3.0], [1.0, 1.0, 2.0], [2.0, 1.0, 9.0]], [1.0, 3.0, 5.0]
    >>> fit = MaskedLinearRegression(mask=[True, True, False]).fit(X, y)
    >>> fit.coef_, round(fit.intercept_, 12), fit.status_, round(fit.lipschitz_.upper, 12)
    (array([2., 0., 0.]), 1.0, 'rank_deficient', 2.0)
    """

    coef_: FloatArray
    intercept_: float
    mask_: BoolArray
    lipschitz_: Bracket
    rank_: int
    residual_norm_: float
    status_: str
    model_: LinearModel

    def __init__(self, mask: ArrayLike | None = None, *, ridge: float = 0.0, fit_intercept: bool = True) -> None:
        self.mask = mask
        self.ridge = ridge
        self.fit_intercept = fit_intercept

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the weights.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,)
        sample_weight : array_like, shape (n_samples,), optional
            Weights >= 0 of the squared errors, not all zero; a sample of weight 2 counts as two.

        Returns
        -------
        MaskedLinearRegression
            Itself.

        Raises
        ------
        ValueError
            If a shape does not fit, an entry is not finite, a parameter is not allowed, or a coefficient leaves the
            range of float64.
        """
        samples, labels = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        labels = np.asarray(labels, dtype=np.float64)
        n_features = samples.shape[1]
        kept = np.ones(n_features, dtype=bool) if self.mask is None else as_masks("mask", self.mask, n_features, ndim=1)
        strength = check_nonnegative("ridge", self.ridge)
        weights = np.ones(len(labels)) if sample_weight is None else _sample_weights(sample_weight, len(labels))
        # Samples of weight 0 are not there: they must not decide which features are constant.
        samples, labels, weights = samples[weights > 0], labels[weights > 0], weights[weights > 0]
        centre, level = np.zeros(n_features), 0.0
        with np.errstate(over="ignore"):  # what overflows is refused by name below
            if check_flag("fit_intercept", self.fit_intercept):
                centre, level = _mean(samples, weights), float(_mean(labels[:, None], weights)[0])
                samples, labels = samples - centre, labels - level
            root = np.sqrt(weights)
            fit = least_squares(samples * root[:, None], labels * root, kept, ridge=strength)
            intercept = (
                level - float(np.where(kept, centre, 0.0) @ fit.weights) if fit.status != "out_of_range" else 0.0
            )
        if fit.status == "out_of_range" or not np.isfinite(intercept):
            raise ValueError("X and y must have a fit within the range of doubles, got coefficients that leave it")
        self.coef_, self.intercept_, self.mask_ = fit.weights, intercept, kept
        self.model_ = LinearModel(fit.weights, kept)
        self.lipschitz_ = bracket(self.model_)
        self.rank_, self.residual_norm_, self.status_ = int(fit.rank), float(fit.residual_norm), str(fit.status)
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return the predictions at the rows of X (n_samples, n_features), shape (n_samples,)."""
        check_is_fitted(self)
        samples = validate_data(self, X, dtype=np.float64, reset=False)
        return self.model_.value(samples) + self.intercept_


def _sample_weights(value: ArrayLike, n: int) -> FloatArray:
    weights = as_float_array("sample_weight", value, ndim=1)
    if weights.shape != (n,):
        raise ValueError(f"sample_weight must have shape ({n},), one entry a row of X, got {weights.shape}")
    if not ((weights >= 0).all() and weights.any()):
        raise ValueError("sample_weight must be >= 0 and not all zero")
    return weights


def _mean(columns: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted means of the columns; that of a constant column is the constant to the last bit.

    A constant column must be exactly zero once it is centred, since the rank is decided whatever the unit of a column.
    """
    exponents = size_exponents(columns, 0)
    share = weights / weights.max()
    means = scale(share @ scale(columns, -exponents) / share.sum(), exponents)
    return np.where(columns.min(axis=0) == columns.max(axis=0), columns[0], means)
