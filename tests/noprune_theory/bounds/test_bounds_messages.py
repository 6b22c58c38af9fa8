"""What a refused argument is told, word for word: the name, what is allowed, what was given."""

import inspect
from dataclasses import replace

import numpy as np
import pytest

from noprune_theory import bounds
from noprune_theory.bounds import Constants

CASES = {
    "positive": (
        lambda: bounds.lemma_1([1.0, -2.0], 1.0, 0.1),
        "proxy must be finite and > 0, got -2.0",
    ),
    "nonnegative": (lambda: bounds.lemma_1(1.0, -3.0, 0.1), "information must be finite and >= 0, got -3.0"),
    "above": (lambda: bounds.sibson_exponent(0.1, 1.0, 0.5), "order must be finite and > 1, got 0.5"),
    "open unit": (lambda: bounds.lemma_1(1.0, 1.0, 1.0), "delta must be in the open interval (0, 1), got 1.0"),
    "closed unit": (lambda: bounds.binary_entropy(-0.5), "q must be in [0, 1], got -0.5"),
    "margin": (lambda: bounds.equation_7(0.0, 1.0, 1.0), "epsilon must be in (0, 1], got 0.0"),
    "count": (lambda: bounds.massart(2.5, 1.0, 3), "m must be a whole number >= 1, got 2.5"),
    "count from zero": (lambda: bounds.log_mask_count(5, -1), "kept must be a whole number >= 0, got -1.0"),
    "infinite": (lambda: bounds.lemma_1(np.inf, 1.0, 0.1), "proxy must be finite and > 0, got inf"),
    "not a number": (lambda: bounds.massart(3, np.nan, 3), "bound must be finite and > 0, got nan"),
    "empty": (lambda: bounds.binary_entropy(np.zeros((2, 0))), "q must not be empty, got shape (2, 0)"),
    "exceedance": (
        lambda: bounds.density_exponent(0.1, 1.0, 0.25),
        "exceedance must be smaller than delta, got exceedance=0.25 and delta=0.1: the probability that the information"
        " density exceeds the level is spent in full",
    ),
    "exceedance of a half": (
        lambda: bounds.theorem_4_density(10**6, 3, 1, 0.5, 0.1, 1.0, 1.0, [0.01, 0.05]),
        "exceedance must be smaller than delta/2, got exceedance = 0.05 and delta = 0.1",
    ),
    "level in an array": (
        lambda: bounds.linear_class_law(**{**FUNCTIONS["linear_class_law"], "noise": bounds.Noise(0.25)}),
        "epsilon must be at most sigma2, got epsilon = 0.5 and sigma2 = 0.25",
    ),
    "level for Gordon": (
        lambda: bounds.gordon_law(
            **{**FUNCTIONS["gordon_law"], "epsilon": np.full(99, 0.9), "noise": bounds.Noise(0.25, independent=True)}
        ),
        "epsilon must be at most sigma2, got epsilon = 0.9 and sigma2 = 0.25",
    ),
    "size of a mask": (
        lambda: bounds.all_masks_width_law(**{**FUNCTIONS["all_masks_width_law"], "mask_size": np.arange(999)}),
        "mask_size must be at most n_weights, got mask_size = 301 and n_weights = 300",
    ),
    "level of fair signs": (
        lambda: bounds.Noise(np.array([1.0, 0.5]), signs=True),
        "sigma2 must be 1 for fair signs, got 0.5",
    ),
    "components of a Gaussian": (
        lambda: bounds.Inputs(3, [1, 2], gaussian=True),
        "components must be 1 for Gaussian inputs and for a cube, got 2",
    ),
    "condition": (
        lambda: bounds.theorem_4(100, 10, 1, 0.5, 0.1, 1.0, 5.0),
        "n epsilon^2 = 25 is below 2243.6, which Theorem 4 needs for this components and delta (its condition on"
        " k): raise n or epsilon",
    ),
    "Theorem 5 printed": (
        lambda: bounds.theorem_5(5, 4, 0.0, 0.5),
        "m must exceed vc_dimension + 1, got m = 5.0 and vc_dimension = 4.0",
    ),
    "Theorem 5 repaired": (
        lambda: bounds.theorem_5(3, 4, 0.0, 0.5, Constants.SHARP),
        "m must be at least vc_dimension (Sauer's bound starts there), got m = 3.0, vc_dimension = 4.0",
    ),
    "kept": (
        lambda: bounds.log_mask_count(5, 6),
        "kept must be at most n_weights, got kept = 6.0 and n_weights = 5.0",
    ),
    "unit": (lambda: bounds.log_mask_count(5, 2, unit="digits"), "unit must be one of 'nats', 'bits', got 'digits'"),
    "form": (
        lambda: bounds.equation_1(5, 0.5, "rough"),
        "form must be one of 'exact', 'second order', 'first order', 'printed', got 'rough'",
    ),
    "constants": (
        lambda: replace(Constants.SHARP, correlation=0.5),
        "correlation and net must leave a part of epsilon to concentration, 2 correlation + 2/net < 1: got correlation"
        " = 0.5 and net = 8.0",
    ),
    "lemma 1": (
        lambda: replace(Constants.SHARP, lemma_1="chaining"),
        "lemma_1 must be one of 'printed', 'binary entropy', 'relative entropy', got 'chaining'",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_message(name):
    call, message = CASES[name]
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared below
        call()
    assert str(caught.value) == message


def test_type_message():
    with pytest.raises(TypeError) as caught:
        bounds.binary_entropy("0.5")
    assert str(caught.value) == "q must be a real number or an array of real numbers, got '0.5'"


# Every function checks every argument under its own name.
ONE = {"n": 10**6, "d": 3, "components": 1, "epsilon": 0.5, "delta": 0.1, "isoperimetry": 1.0}
LEAKAGE, SIGNS, HALVES = bounds.MaximalLeakage(1.0), bounds.Noise(signs=True), bounds.Split(0.5, 0.5)
SPLIT = {"mask_size": 3, "diameter": 1.0, "parameter_lipschitz": 1.0, "dependence": LEAKAGE}
LEMMA_6 = {"n": 10, "d": 3, "components": 1, "epsilon": 0.5, "lipschitz": 1.0, "isoperimetry": 1.0}
CLASS = {"noise": SIGNS, "centred": False, "moment_form": False}
PAIR = {"n": 100, "d": 300, "epsilon": 0.9, "delta": 0.25}
SELECTED = {"mask_size": 150, "n_weights": 300, "noise": SIGNS}
FITTED = {"mask_size": 150, "dependence": LEAKAGE, "noise": SIGNS}
CELLS = {"distortion": 0.01, "cells": 20, "mass": 1.0, "noise": SIGNS}
STABLE = {"n": 100, "d": 3, "epsilon": 0.5, "delta": 0.1, "isoperimetry": 1.0, "dependence": LEAKAGE}
WEIGHTS = {"n_weights": 4, "diameter": 1.0, "parameter_lipschitz": 1.0, "radius": 0.1}
FUNCTIONS = {
    "binary_entropy": {"q": 0.5},
    "lemma_1": {"proxy": 1.0, "information": 1.0, "delta": 0.1},
    "lemma_1_tail": {"radius": 1.0, "proxy": 1.0, "information": 1.0},
    "lemma_1_leakage": {"proxy": 1.0, "leakage": 1.0, "delta": 0.1},
    "lemma_1_leakage_tail": {"radius": 1.0, "proxy": 1.0, "leakage": 1.0},
    "lemma_1_sibson": {"proxy": 1.0, "sibson_information": 1.0, "order": 2.0, "delta": 0.1},
    "lemma_1_sibson_tail": {"radius": 1.0, "proxy": 1.0, "sibson_information": 1.0, "order": 2.0},
    "lemma_1_density": {"proxy": 1.0, "level": 1.0, "exceedance": 0.01, "delta": 0.1},
    "lemma_1_density_tail": {"radius": 1.0, "proxy": 1.0, "level": 1.0, "exceedance": 0.01},
    "information_probability": {"exponent": 2.0, "information": 1.0},
    "information_probability_closed_form": {"exponent": 2.0, "information": 1.0},
    "information_exponent": {"delta": 0.1, "information": 1.0},
    "information_exponent_closed_form": {"delta": 0.1, "information": 1.0},
    "leakage_probability": {"exponent": 2.0, "leakage": 1.0},
    "leakage_exponent": {"delta": 0.1, "leakage": 1.0},
    "sibson_probability": {"exponent": 2.0, "sibson_information": 1.0, "order": 2.0},
    "sibson_exponent": {"delta": 0.1, "sibson_information": 1.0, "order": 2.0},
    "density_probability": {"exponent": 2.0, "level": 1.0, "exceedance": 0.01},
    "density_exponent": {"delta": 0.1, "level": 1.0, "exceedance": 0.01},
    "bernoulli_relative_entropy": {"q": 0.5, "r": 0.5},
    "average_proxy": {"n": 10, "d": 3, "lipschitz": 1.0, "isoperimetry": 1.0},
    "correlation_tail": {"radius": 1.0, "proxy": 1.0, "information": 1.0},
    "equation_7": {"epsilon": 0.5, "proxy": 1.0, "information": 1.0},
    "lemma_2_concentration": {"n": 10, "epsilon": 0.5, "components": 1},
    "lemma_4_failure": {"n": 10, "epsilon": 0.5},
    "lemma_5_failure": {"n": 10, "epsilon": 0.5, "components": 1},
    "log_net_size_per_weight": {"diameter": 1.0, "parameter_lipschitz": 1.0, "epsilon": 0.5},
    "theorem_4_condition": {"components": 1, "delta": 0.1},
    "theorem_4": {**ONE, "effective_parameters": 1.0},
    "theorem_4_leakage": {**ONE, "leakage": 1.0},
    "theorem_4_sibson": {**ONE, "sibson_information": 1.0, "order": 2.0},
    "theorem_4_density": {**ONE, "level": 1.0, "exceedance": 0.01},
    "theorem_1": {**ONE, "parameters": 3, "diameter": 1.0, "parameter_lipschitz": 1.0},
    "theorem_1_order": {"n": 10, "d": 3, "epsilon": 0.5, "sigma": 1.0, "parameters": 3},
    "theorem_2_order": {"n": 10, "d": 3, "epsilon": 0.5, "effective_parameters": 3.0},
    "theorem_4_at_split": {**ONE, **SPLIT, "split": HALVES},
    "theorem_4_optimised": {**ONE, **SPLIT},
    "lemma_6": {**LEMMA_6, "information": 1.0},
    "theorem_3": {**LEMMA_6, "information": 1.0},
    "lemma_6_at_threshold": {**LEMMA_6, "dependence": LEAKAGE, "threshold": 0.25},
    "lemma_6_optimised": {**LEMMA_6, "dependence": LEAKAGE},
    "lemma_6_exact_threshold": {**LEMMA_6, "dependence": LEAKAGE, "noise": SIGNS, "centred": False},
    "theorem_3_exact_threshold": {**LEMMA_6, "dependence": LEAKAGE, "noise": SIGNS, "centred": False},
    "exact_threshold": {"epsilon": 0.5, "sigma2": 1.0, "fluctuation": 0.1},
    "noise_fluctuation": {"n": 10, "components": 1, "delta": 0.1, "centred": False},
    "lemma_4_exact_threshold": {"n": 10, "epsilon": 0.5, "threshold": 0.1, "noise": SIGNS},
    "lemma_5_exact_threshold": {
        "n": 10,
        "epsilon": 0.5,
        "components": 1,
        "threshold": 0.1,
        "noise": SIGNS,
        "centred": False,
    },
    "linear_class_at_split": {**ONE, "mask_size": 3, "dependence": LEAKAGE, **CLASS, "split": HALVES},
    "linear_class_law": {**ONE, "mask_size": 3, "dependence": LEAKAGE, **CLASS},
    "net_class_at_split": {**ONE, **SPLIT, **CLASS, "split": HALVES},
    "net_class_law": {**ONE, **SPLIT, **CLASS},
    "theorem_4_exact_threshold": {**ONE, **SPLIT, **CLASS},
    "gaussian_width_at_split": {**PAIR, "isoperimetry": 1.0, **FITTED, "concentration": 0.5},
    "gaussian_width_law": {**PAIR, "isoperimetry": 1.0, **FITTED},
    "gordon_law": {**PAIR, **FITTED},
    "all_masks_width_law": {**PAIR, "isoperimetry": 1.0, **SELECTED},
    "all_masks_gordon_law": {**PAIR, **SELECTED},
    "any_function_probability": {"n": 100, "epsilon": 0.9, "lipschitz": 1.0, **CELLS, "multiplier": 1.0},
    "any_function_at_cells": {"n": 100, "epsilon": 0.9, "delta": 0.05, **CELLS},
    "any_function_law": {**ONE, "n": 100, "d": 2, "noise": SIGNS},
    "margin_tail": {"d": 3, "stability": 1.0, "isoperimetry": 1.0, "share": 0.5},
    "uniform_deviation": {"n": 10, "rademacher": 0.1, "delta": 0.1, "bound": 1.0, "printed": False},
    "stable_class_rademacher": {
        "n": 10,
        "d": 3,
        "log_size": 10.0,
        "stability": 1.0,
        "isoperimetry": 1.0,
        "convex": True,
    },
    "class_stability_at_split": {**STABLE, "log_count": 1.0, "convex": True, "share": 0.5, "theta": 0.5},
    "class_stability_law": {**STABLE, "log_count": 1.0, "convex": True},
    "normalised_stability_law": {**STABLE, **SPLIT, "least_costability": 0.1},
    "price_fact_2": {"d": 3, "stability": 1.0, "isoperimetry": 1.0},
    "price_theorem_4": {
        "n": 10,
        "d": 3,
        "log_size": 10.0,
        "stability": 1.0,
        "isoperimetry": 1.0,
        "convex": True,
    },
    "price_corollary_6": {"n": 10, "d": 3, "log_size": 10.0, "epsilon": 0.5, "isoperimetry": 1.0, "convex": True},
    "price_theorem_13": {
        "n": 10,
        "d": 3,
        **WEIGHTS,
        "costability": 1.0,
        "lipschitz": 1.0,
        "isoperimetry": 1.0,
        "printed": False,
    },
    "price_corollary_15": {"n": 10, "d": 3, **WEIGHTS, "epsilon": 0.5, "isoperimetry": 1.0},
    "theorem_5": {"m": 10, "vc_dimension": 3, "information": 1.0, "delta": 0.1},
    "theorem_6": {"m": 10, "bound": 1.0, "rademacher": 0.1, "information": 1.0, "delta": 0.1},
    "massart": {"m": 10, "bound": 1.0, "n_functions": 3},
    "mcdiarmid_tail": {"radius": 0.1, "m": 10, "spread": 1.0},
    "log_mask_count": {"n_weights": 10, "kept": 3},
    "equation_1": {"n_weights": 10, "sparsity": 0.5},
    "effective_count_ratio": {"sparsity": 0.5, "log_net": 1.0},
}


def numerical(arguments):
    """Return the arguments that are numbers, by name."""
    return {name: value for name, value in arguments.items() if type(value) in (int, float)}


def test_every_public_function_is_in_the_table():
    public = {name for name in bounds.__all__ if inspect.isfunction(getattr(bounds, name))}
    assert set(FUNCTIONS) == public - {"law_of_robustness"}
    for name, arguments in FUNCTIONS.items():
        words = {"constants", "unit", "form", "inputs"}
        assert set(arguments) == set(inspect.signature(getattr(bounds, name)).parameters) - words, name


@pytest.mark.parametrize("constants", [Constants.PAPER, Constants.CLOSED_FORM, Constants.SHARP])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_is_refused_under_its_own_name(name, constants):
    function, arguments = getattr(bounds, name), FUNCTIONS[name]
    takes_constants = "constants" in inspect.signature(function).parameters
    if not takes_constants and constants is not Constants.PAPER:
        return
    options = {"constants": constants} if takes_constants else {}
    found = function(**arguments, **options)
    value = getattr(found, "lipschitz", getattr(found, "stability", found))
    assert np.all(np.isfinite(np.asarray(value, dtype=float)))
    for argument in numerical(arguments):
        for wrong in (np.nan, np.inf, -1.0):
            with pytest.raises(ValueError, match=f"^{argument} must be"):
                function(**{**arguments, argument: wrong}, **options)
        for wrong in ("1", True, 1j, None):
            with pytest.raises(TypeError, match=f"^{argument} must be"):
                function(**{**arguments, argument: wrong}, **options)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_flags_and_objects_are_of_their_kind(name):
    """A string in the place of a flag is true: it would change a bound without a word."""
    function, arguments = getattr(bounds, name), FUNCTIONS[name]
    parameters = inspect.signature(function).parameters
    wrong = {"constants": ("sharp", None), "dependence": (2.0, None), "split": ((0.5, 0.5), 0.5), "noise": (1.0, "x")}
    wrong |= dict.fromkeys(("centred", "moment_form", "convex", "printed"), ("no", 1, None, 0.5))
    for key in set(wrong) & set(parameters):
        for value in wrong[key]:
            with pytest.raises(TypeError, match=f"^{key} must be "):
                function(**{**arguments, key: value})
