"""Every version of Theorem 4 and the sharpened laws at many designs at once, as `check_slack` divides by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.bounds import (
    Constants,
    Dependence,
    MaximalLeakage,
    MutualInformation,
    Noise,
    all_masks_gordon_law,
    all_masks_width_law,
    any_function_law,
    gaussian_width_law,
    gordon_law,
    linear_class_law,
    log_net_size_per_weight,
    theorem_4,
    theorem_4_condition,
    theorem_4_optimised,
)

PRINTED, SHARP = "printed constants", "sharp constants"
INFORMATION, LEAKAGE = "optimised, mutual information", "optimised, maximal leakage"
TAIL_CLASS, LINEAR_CLASS = "linear class, Definition 1 alone", "linear class"
WIDTH, GORDON, THRESHOLD = "Gaussian width", "Gordon", "exact threshold, maximal leakage"
ALL_WIDTH, ALL_GORDON = "all masks at once, Gaussian width", "all masks at once, Gordon"
ANY = "any function"
SIGNS = Noise(signs=True)


def where_it_holds(holds: BoolArray, bound: Callable[[BoolArray], Any]) -> FloatArray:
    """Return a bound where it holds, from its value at these places, and zero elsewhere."""
    found = np.zeros(holds.shape)
    if holds.any():
        found[holds] = bound(holds)
    return found


def theorem_4_bounds(
    n: FloatArray,
    d: FloatArray,
    keep: FloatArray,
    *,
    epsilon: float,
    delta: FloatArray,
    information: FloatArray,
    diameter: FloatArray,
    parameter_lipschitz: FloatArray,
) -> dict[str, FloatArray]:
    """Return every version of Theorem 4 at many designs, zero where it does not apply or proves nothing."""

    def at_condition(constants: Constants) -> FloatArray:
        weight = log_net_size_per_weight(diameter, parameter_lipschitz, epsilon, constants)
        exponent = information + keep * weight
        return where_it_holds(
            n * epsilon**2 >= theorem_4_condition(1, delta, constants),
            lambda at: theorem_4(n[at], d[at], 1, epsilon, delta[at], 1.0, exponent[at], constants),
        )

    def optimised(dependence: Dependence) -> FloatArray:
        found = theorem_4_optimised(
            n,
            d,
            1,
            epsilon,
            delta,
            1.0,
            mask_size=keep,
            diameter=diameter,
            parameter_lipschitz=parameter_lipschitz,
            dependence=dependence,
        )
        return np.asarray(found.lipschitz)

    return {
        PRINTED: at_condition(Constants.PAPER),
        SHARP: at_condition(Constants.SHARP),
        INFORMATION: optimised(MutualInformation(information)),
        LEAKAGE: optimised(MaximalLeakage(information)),
    }


def feature_bounds(
    n: FloatArray, d: FloatArray, keep: FloatArray, *, epsilon: float, delta: FloatArray, leakage: FloatArray
) -> dict[str, FloatArray]:
    """Return the sharpened laws for a class linear in its weights, for the features' means in [-1, 1]."""
    learner: dict[str, Any] = {"mask_size": keep, "dependence": MaximalLeakage(leakage), "noise": SIGNS}
    law = (n, d, 1, epsilon, delta, 1.0)
    return {
        TAIL_CLASS: np.asarray(linear_class_law(*law, **learner).lipschitz),
        LINEAR_CLASS: np.asarray(linear_class_law(*law, moment_form=True, **learner).lipschitz),
        ANY: np.asarray(any_function_law(*law, noise=SIGNS, inputs="gaussian")),
    }


def linear_bounds(
    n: FloatArray,
    d: FloatArray,
    keep: FloatArray,
    *,
    epsilon: float,
    delta: FloatArray,
    leakage: FloatArray,
    blind: BoolArray,
) -> dict[str, FloatArray]:
    """Return the sharpened laws for linear functions of Gaussian inputs; some hold for masks that do not look alone."""
    learner: dict[str, Any] = {"mask_size": keep, "dependence": MaximalLeakage(leakage), "noise": SIGNS}
    law = (n, d, 1, epsilon, delta, 1.0)

    def gordon(at: BoolArray) -> Any:
        fixed = MaximalLeakage(leakage[at])
        return gordon_law(n[at], d[at], epsilon, delta[at], mask_size=keep[at], dependence=fixed, noise=SIGNS)

    def chosen(at: BoolArray) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (n[at], d[at], epsilon, delta[at]), {"mask_size": keep[at], "n_weights": d[at], "noise": SIGNS}

    def all_width(at: BoolArray) -> Any:
        arguments, options = chosen(at)
        return all_masks_width_law(*arguments, **options).lipschitz

    def all_gordon(at: BoolArray) -> Any:
        arguments, options = chosen(at)
        return all_masks_gordon_law(*arguments, **options)

    return {
        TAIL_CLASS: np.asarray(linear_class_law(*law, centred=True, **learner).lipschitz),
        LINEAR_CLASS: np.asarray(linear_class_law(*law, centred=True, moment_form=True, **learner).lipschitz),
        WIDTH: np.asarray(gaussian_width_law(n, d, epsilon, delta, **learner).lipschitz),
        GORDON: where_it_holds(blind, gordon),
        ALL_WIDTH: where_it_holds(~blind, all_width),
        ALL_GORDON: where_it_holds(~blind, all_gordon),
    }
