"""The smoothest random-features fit at a loss level, for scikit-learn."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_flag, check_nonnegative
from noprune_theory.estimators._scikit_learn import (
    BaseEstimator,
    RegressorMixin,
    check_is_fitted,
    check_random_state,
    validate_data,
)
from noprune_theory.lipschitz import Bracket
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers import smoothest_random_features_fit

__all__ = ["SmoothestRandomFeatures"]


class SmoothestRandomFeatures(RegressorMixin, BaseEstimator):
    """The random-features regression of smallest Lipschitz constant among those whose training error is small enough.

    f(x) = sum_j w_j relu(<v_j, x> + b_j) + b with directions v_j uniform on the unit sphere, Gaussian offsets b_j, and
    weights w and intercept b that make the Lipschitz constant of f smallest subject to a mean squared error of at most
    `max_mse`. The fit is that of `noprune_theory.solvers.smoothest_random_features_fit`. Features should be of
    comparable size: put a `StandardScaler` before it.

    Parameters
    ----------
    n_components : int, default=100
        Number of random features.
    max_mse : float, default=0.0
        Loss level >= 0, in squared units of y; 0 interpolates. Where no weights meet it the level is the smallest
        training error that was found (`level_`); a warning says so where more than 0 was asked for.
    offset_scale : float or None, default=1.0
        Standard deviation of the offsets b_j, in the units of the inputs; None for no offsets.
    fit_intercept : bool, default=True
        Whether to fit b, which costs no smoothness; 0 otherwise.
    rtol : float, default=1e-2
        Stop when the bracket of the smallest Lipschitz constant is relatively this narrow.
    max_seconds : float, default=60.0
        Start no further round of the search after this many seconds. A fit that ends so depends on the machine.
    random_state : int, RandomState instance or None, default=None
        Draws the features and directions of the search; an int gives the same fit each time.

    Attributes
    ----------
    coef_ : ndarray, shape (n_components,)
        Weights w_j.
    intercept_ : float
    directions_ : ndarray, shape (n_components, n_features)
        v_j.
    offsets_ : ndarray, shape (n_components,)
        b_j.
    lipschitz_ : Bracket
        Certified: `lower` <= smallest Lipschitz constant at the level <= `upper`, and the constant of `predict` is at
        most `upper`.
    mse_ : float
        Mean squared error on the training data.
    level_ : float
        Loss level that the fit is for: `max_mse`, or the smallest training error where that is larger.
    status_ : str
        "ok"; or "undecided", where it is not certain that the level can be met. See
        `noprune_theory.solvers.SmoothestFeaturesFit`.
    model_ : RandomFeatures
        `predict` as a model of this library; the intercept is a last unit without direction.
    n_features_in_ : int
    feature_names_in_ : ndarray of str, shape (n_features,)
        Where X has names.

    Examples
    --------
    >>> from noprune_theory.estimators import SmoothestRandomFeatures
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 0.0, 1.0]
    >>> fit = SmoothestRandomFeatures(50, max_mse=0.01, random_state=0).fit(X, y)
    >>> fit.status_, bool(fit.mse_ < 0.0101), bool(0.8 < fit.lipschitz_.lower)
    ('ok', True, True)
    """

    coef_: FloatArray
    intercept_: float
    directions_: FloatArray
    offsets_: FloatArray
    lipschitz_: Bracket
    mse_: float
    level_: float
    status_: str
    model_: RandomFeatures

    def __init__(
        self,
        n_components: int = 100,
        *,
        max_mse: float = 0.0,
        offset_scale: float | None = 1.0,
        fit_intercept: bool = True,
        rtol: float = 1e-2,
        max_seconds: float = 60.0,
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.max_mse = max_mse
        self.offset_scale = offset_scale
        self.fit_intercept = fit_intercept
        self.rtol = rtol
        self.max_seconds = max_seconds
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Draw the features and find the weights.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,)

        Returns
        -------
        SmoothestRandomFeatures
            Itself.

        Raises
        ------
        ValueError
            If a shape does not fit, an entry is not finite, or a parameter is not allowed.

        Warns
        -----
        UserWarning
            If no weights meet a level above 0, or it is not certain that any meet the level.
        """
        samples, labels = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        labels = np.asarray(labels, dtype=np.float64)
        level = check_nonnegative("max_mse", self.max_mse)
        intercept = check_flag("fit_intercept", self.fit_intercept)
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**32, size=4, dtype=np.uint32))
        drawn = RandomFeatures.draw(rng, self.n_components, samples.shape[1], offset_scale=self.offset_scale)
        offsets = np.zeros(drawn.n_weights) if drawn.offsets is None else drawn.offsets
        features = drawn
        if intercept:
            # A unit without direction is a constant, and the solver knows that it is free.
            directions = np.vstack([drawn.directions, np.zeros((1, drawn.dimension))])
            features = RandomFeatures(directions, np.zeros(len(directions)), np.append(offsets, 1.0))
        settings: dict[str, Any] = {"rtol": self.rtol, "max_seconds": self.max_seconds, "rng": rng}
        fit = smoothest_random_features_fit(features, samples, labels, max_mse=level, **settings)
        if fit.status != "ok" and fit.mse > level:
            if level > 0:  # 0 asks for the smallest error that there is
                warnings.warn(
                    f"max_mse={level:g} was not reached with n_components={self.n_components}; the fit is the "
                    f"smoothest of the smallest mean squared error, {fit.mse:g}",
                    stacklevel=2,
                )
            level = fit.mse
            fit = smoothest_random_features_fit(features, samples, labels, max_mse=level, **settings)
        if fit.status != "ok":
            warnings.warn(
                f"it is not certain that any weights have a mean squared error of {level:g} or less (status "
                f"{fit.status!r}); the fit has {fit.mse:g}",
                stacklevel=2,
            )
        self.model_ = features.with_weights(fit.weights)
        self.coef_ = fit.weights[: drawn.n_weights]
        self.intercept_ = float(fit.weights[-1]) if intercept else 0.0
        self.directions_, self.offsets_ = drawn.directions, offsets
        self.lipschitz_, self.mse_, self.level_, self.status_ = fit.lipschitz, fit.mse, level, fit.status
        return self

    def predict(self, X: ArrayLike) -> FloatArray:
        """Return the predictions at the rows of X (n_samples, n_features), shape (n_samples,)."""
        check_is_fitted(self)
        return self.model_.value(validate_data(self, X, dtype=np.float64, reset=False))
