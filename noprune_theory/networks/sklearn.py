"""Networks trained by scikit-learn, without importing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from noprune_theory._validation import shown
from noprune_theory.models import MLP
from noprune_theory.models.passes import ACTIVATIONS
from noprune_theory.networks._layers import DenseLayer, NetworkFormatError, assemble, real_array


def from_sklearn(estimator: Any) -> MLP:
    """Return the network of a fitted `MLPClassifier` or `MLPRegressor`, with linear outputs.

    A classifier applies softmax, or for two classes the logistic function, to these outputs (the logits).

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
        Fitted.

    Returns
    -------
    MLP
        Dense, with the biases of the estimator, which pruning does not remove.

    Raises
    ------
    TypeError
        If it has no `coefs_`: it is another object, or not fitted.
    NetworkFormatError
        If its activation is not "relu" or "tanh" (with no hidden layer it does not matter), or a parameter is not
        finite.
    """
    if not (hasattr(estimator, "coefs_") and hasattr(estimator, "intercepts_") and hasattr(estimator, "activation")):
        raise TypeError(
            "estimator must be a fitted MLPClassifier or MLPRegressor (with coefs_, intercepts_ and activation), "
            f"got {type(estimator).__name__}"
        )
    sizes = [len(part) if isinstance(part, Sequence) else -1 for part in (estimator.coefs_, estimator.intercepts_)]
    if sizes[0] != sizes[1] or sizes[0] < 1:
        raise NetworkFormatError(
            f"coefs_ and intercepts_ must be lists of one entry a layer each, got {shown(estimator.coefs_)} and "
            f"{shown(estimator.intercepts_)}"
        )
    layers = []
    for index, (coefficients, intercepts) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True)):
        weights = np.ascontiguousarray(real_array(f"coefs_[{index}]", coefficients).T)
        biases = real_array(f"intercepts_[{index}]", intercepts)
        kept = np.ones(weights.shape, dtype=bool)
        layers.append(DenseLayer(f"layer {index}", weights, kept, biases, np.ones(biases.shape, dtype=bool)))
    for activation in ACTIVATIONS:
        if estimator.activation == activation or len(layers) == 1:
            return assemble(layers, activation=activation)
    raise NetworkFormatError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {estimator.activation!r}")
