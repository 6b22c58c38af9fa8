"""How robust can a fit be? The smallest Lipschitz constant at a loss level, for a class of functions by name.

The law of robustness is about this number: a function that fits n labels within `max_mse` needs a Lipschitz constant,
and the smallest one of a class is what theorems bound from below. A function of constant L moves by 1 (in units of y)
only where its input moves by 1 / L at least: the robustness radius.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr, summary
from noprune_theory._types import RNG, BoolArray, FloatArray
from noprune_theory._validation import (
    as_masks,
    as_samples,
    check_generator,
    check_nonnegative,
    check_positive,
)
from noprune_theory.lipschitz import Bracket
from noprune_theory.lipschitz._dyadic import dyadic
from noprune_theory.models import MLP, LinearModel, RandomFeatures
from noprune_theory.solvers.smoothest._exact_loss import float_above, float_below
from noprune_theory.solvers.smoothest.any_function._transport import TransportCertificate
from noprune_theory.solvers.smoothest.any_function.extension import LipschitzExtension
from noprune_theory.solvers.smoothest.any_function.fit import smoothest_function_fit
from noprune_theory.solvers.smoothest.features.fit import SmoothnessCertificate, smoothest_random_features_fit
from noprune_theory.solvers.smoothest.linear._bracket import LinearCertificate, linear_ends
from noprune_theory.solvers.smoothest.linear.fit import smoothest_linear_fit

_FEATURES_RTOL = 1e-4
_FUNCTIONS_RTOL = 1e-6
_ALLOWED = "a LinearModel or 'linear', a RandomFeatures model, or 'any'"


@dataclass(frozen=True, eq=False, repr=False)
class FeaturesCertificate(ShortRepr):
    """Evidence for a lower bound on the Lipschitz constant of every fit of one random-features model.

    Attributes
    ----------
    model : RandomFeatures
        Its features and mask count, its weights do not.
    evidence : SmoothnessCertificate or None
        None where the bound is 0.
    """

    model: RandomFeatures
    evidence: SmoothnessCertificate | None

    def lower_bound(self, X: ArrayLike, y: ArrayLike, max_mse: float) -> float:
        """Evaluate the bound anew from the evidence; infinite where it shows that no weights meet the level.

        Parameters
        ----------
        X : array_like, shape (n, d)
        y : array_like, shape (n,)
        max_mse : float
        """
        if self.evidence is None:
            as_samples(X, y)
            check_nonnegative("max_mse", max_mse)
            return 0.0
        return self.evidence.lower_bound(self.model, X, y, max_mse)


Certificate = LinearCertificate | FeaturesCertificate | TransportCertificate
Minimiser = LinearModel | RandomFeatures | LipschitzExtension


@dataclass(frozen=True, eq=False, repr=False)
class InterpolationRobustness(ShortRepr):
    """The smallest Lipschitz constant of a class at a loss level, bracketed, with both evidences.

    Attributes
    ----------
    lipschitz : Bracket
        `lower <= min Lip <= upper` over the functions of the class with mean squared error <= max_mse. `lower` holds by
        `certificate`; `upper` is at least the constant of `minimiser`. Both are infinite where no function of the class
        meets the level. Where an equality can be met up to rounding only (`mse` is then above max_mse by that
        rounding), `upper` is enlarged to hold for max_mse itself if an exact solution exists; where the rank of the
        data is not verified, both ends hold for the level `mse`, and `lipschitz.method` says so.
    minimiser : LinearModel, RandomFeatures, LipschitzExtension or None
        A function of the class that attains `upper`, with `value(X)`; None where no function was found.
    mse : float
        Its mean squared error on the samples; where infeasible, the smallest that the class attains. Rounded up, except
        for random features.
    certificate : LinearCertificate, FeaturesCertificate or TransportCertificate
        Dual multipliers: `certificate.lower_bound(X, y, max_mse)` evaluates the lower end anew from them and the data.
    radius : tuple of float
        The robustness radius 1 / Lip, as (1 / upper, 1 / lower) rounded outward: the distance that an input of the most
        robust fit can move before its output moves by 1.
    status : str
        "ok"; "infeasible", with a certificate; or that of the solver of the class where it could not decide.
    """

    lipschitz: Bracket
    minimiser: Minimiser | None
    mse: float
    certificate: Certificate
    radius: tuple[float, float]
    status: str


def interpolation_robustness(
    model_or_class: LinearModel | type[LinearModel] | RandomFeatures | str,
    X: ArrayLike,
    y: ArrayLike,
    mask: ArrayLike | None = None,
    *,
    max_mse: float = 0.0,
    rtol: float | None = None,
    max_seconds: float = 60.0,
    rng: RNG | None = None,
) -> InterpolationRobustness:
    """Bracket the smallest Lipschitz constant with which functions of a class interpolate, or fit to a loss level.

    Parameters
    ----------
    model_or_class : LinearModel, RandomFeatures, or {"linear", "any"}
        The class: linear functions (of the coordinates that an instance keeps), random features with the directions,
        offsets and mask of an instance, or any function at all, which no class can go below.
    X : array_like, shape (n, d)
        Inputs.
    y : array_like, shape (n,)
        Labels.
    mask : array_like of bool, optional
        True for the weights kept, in addition to the mask of the model: shape (d,) for linear functions, (N,) for
        random features. For any function, shape (d,): the coordinates that it sees.
    max_mse : float
        Loss level >= 0, in squared units of y; 0, the default, is interpolation.
    rtol : float, optional
        Stop when the bracket is relatively this narrow; by default 1e-4 for random features and 1e-6 for any function.
        Linear fits are solved to rounding.
    max_seconds : float
        Start no further round after this many seconds; the bracket reached by then is returned.
    rng : numpy.random.Generator or seed, optional
        Draws search directions for random features.

    Returns
    -------
    InterpolationRobustness

    Raises
    ------
    TypeError
        If the class is another one. Networks are refused: the weights of their first layers enter the fit nonlinearly,
        the program is not convex, and no certificate of its minimum is known.
    ValueError
        If an entry is NaN or infinite, a shape does not fit, or an argument is out of range.

    Examples
    --------
    >>> X, y = [[0.0, 0.0], [3.0, 4.0], [6.0, 0.0]], [0.0, 10.0, 0.0]
    >>> interpolation_robustness("any", X, y).lipschitz.upper
    2.0
    >>> interpolation_robustness("linear", X, y).status
    'ok'
    >>> interpolation_robustness("linear", X, y, [True, False]).status
    'infeasible'
    """
    samples, labels = as_samples(X, y)
    level = check_nonnegative("max_mse", max_mse)
    width = None if rtol is None else check_positive("rtol", rtol)
    check_positive("max_seconds", max_seconds)
    if rng is not None:
        rng = check_generator("rng", rng)
    if isinstance(model_or_class, RandomFeatures):
        model = model_or_class if mask is None else model_or_class.masked(mask)
        return _features(model, samples, labels, level, width or _FEATURES_RTOL, max_seconds, rng)
    if isinstance(model_or_class, LinearModel) or model_or_class is LinearModel or model_or_class == "linear":
        return _linear(_kept(model_or_class, samples.shape[1], mask), samples, labels, level)
    if isinstance(model_or_class, str) and model_or_class == "any":
        seen = None if mask is None else as_masks("mask", mask, samples.shape[1], ndim=1)
        return _any_function(samples, labels, level, seen, width or _FUNCTIONS_RTOL, max_seconds)
    raise _refusal(model_or_class)


def _refusal(given: object) -> Exception:
    """Return the error for a class that is not one of those offered."""
    if isinstance(given, MLP) or given is MLP:
        return TypeError(
            f"model_or_class must be {_ALLOWED}, got an MLP: over the weights of a network the smallest Lipschitz "
            "constant is not a convex program, and no certificate of its minimum is known"
        )
    if given is RandomFeatures:
        return TypeError(
            f"model_or_class must be {_ALLOWED}, got the class RandomFeatures: its directions are needed, give a model"
        )
    if isinstance(given, str):
        return ValueError(f"model_or_class must be {_ALLOWED}, got {summary(given)}")
    return TypeError(f"model_or_class must be {_ALLOWED}, got {summary(given)} of type {type(given).__name__}")


def _kept(model: object, dimension: int, mask: ArrayLike | None) -> BoolArray:
    """Return the coordinates that linear functions may use."""
    kept = np.ones(dimension, dtype=bool) if mask is None else as_masks("mask", mask, dimension, ndim=1)
    if isinstance(model, LinearModel):
        if model.dimension != dimension:
            raise ValueError(f"X must have {model.dimension} columns as the model has, got {dimension}")
        kept = kept & model.mask
    return kept


def _result(
    lipschitz: Bracket, minimiser: Minimiser | None, mse: float, certificate: Certificate, status: str
) -> InterpolationRobustness:
    radius = (_inverse(lipschitz.upper, below=True), _inverse(lipschitz.lower, below=False))
    return InterpolationRobustness(lipschitz, minimiser, mse, certificate, radius, status)


def _inverse(constant: float, *, below: bool) -> float:
    """Return 1 / constant, rounded down or up."""
    if constant == 0 or math.isinf(constant):
        return math.inf if constant == 0 else 0.0
    exact = 1 / Fraction(constant)
    return float_below(exact) if below and constant > 1e-308 else float_above(exact)


def _any_function(
    X: FloatArray, y: FloatArray, level: float, mask: BoolArray | None, rtol: float, max_seconds: float
) -> InterpolationRobustness:
    fit = smoothest_function_fit(X, y, max_mse=level, mask=mask, rtol=rtol, max_seconds=max_seconds)
    minimiser = None if fit.status == "infeasible" else fit.extension()
    return _result(fit.lipschitz, minimiser, fit.mse, fit.certificate, fit.status)


def _features(
    model: RandomFeatures,
    X: FloatArray,
    y: FloatArray,
    level: float,
    rtol: float,
    max_seconds: float,
    rng: np.random.Generator | None,
) -> InterpolationRobustness:
    fit = smoothest_random_features_fit(model, X, y, max_mse=level, rtol=rtol, max_seconds=max_seconds, rng=rng)
    minimiser = model.with_weights(fit.weights) if np.isfinite(fit.weights).all() else None
    return _result(fit.lipschitz, minimiser, fit.mse, FeaturesCertificate(model, fit.certificate), fit.status)


def _linear(mask: BoolArray, X: FloatArray, y: FloatArray, level: float) -> InterpolationRobustness:
    fit = smoothest_linear_fit(X, y, mask, max_mse=level)
    status = str(fit.status)
    block = X[:, mask]
    if status == "infeasible":
        direction = y if fit.certificate is None else np.asarray(fit.certificate)
        never = Bracket(math.inf, math.inf, True, None, "no weights on the mask meet the level")
        return _result(never, None, float(fit.mse), LinearCertificate(direction, mask, True), status)
    if not np.isfinite(fit.weights).all():
        # Not decided: the direction that bounds best at this level, from the weights that come closest.
        certificate = LinearCertificate(y, mask)
        lower = certificate.lower_bound(X, y, level)
        open_end = Bracket(lower, math.inf, False, None, f"no weights found: {status}")
        return _result(open_end, None, float(fit.mse), certificate, status)
    total = dyadic(y).squared_norm()
    if total <= y.size * Fraction(level):
        zero = Bracket(0.0, 0.0, True, None, "the constant 0 meets the level")
        constant = LinearModel(np.zeros(mask.size), mask)
        return _result(zero, constant, float_above(total / y.size), LinearCertificate(y, mask), status)
    ends = linear_ends(block, y, level, fit.weights[mask])
    weights = np.zeros(mask.size)
    weights[mask] = ends.weights
    where = "at the level" if ends.holds else f"at the level {ends.mse}, which the weights reach"
    method = f"a direction in label space below, the weights above, {where}"
    bracket = Bracket(ends.lower, ends.upper, False, None, method)
    return _result(bracket, LinearModel(weights, mask), ends.mse, LinearCertificate(ends.direction, mask), status)
