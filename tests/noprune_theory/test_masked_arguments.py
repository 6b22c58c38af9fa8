"""No array argument of a public function is read through the mask of a masked array, or taken from a numpy.matrix."""

import importlib
import warnings

import numpy as np
import pytest

X = np.array([[1.0, 0.5], [2.0, -1.0], [4.0, 3.0]])
Y = np.array([1.0, 2.0, 5.0])
SIGNS = np.array([1.0, -1.0, 1.0])
MASK = np.array([True, False])
LABELS = np.array([SIGNS, -SIGNS])
DIRECTIONS = np.array([[1.0, 0.0], [0.5, -1.0], [0.0, 2.0]])
WEIGHTS = np.array([1.0, -1.0, 0.5])
LAYERS = [np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[1.0, -1.0]])]
THIRDS = np.full(3, 1 / 3)
HALVES = np.full(2, 0.5)


def rng():
    return np.random.default_rng(0)


def model(kind):
    models = importlib.import_module("noprune_theory.models")
    return models.RandomFeatures(DIRECTIONS, WEIGHTS) if kind == "features" else models.MLP((2, 1), [1.0, 2.0, 0.0])


def training():
    return importlib.import_module("noprune_theory.solvers").Training(epochs=1)


def data():
    tasks = importlib.import_module("noprune_theory.tasks")
    return tasks.Dataset(X, SIGNS, np.zeros(3), SIGNS, np.zeros(3, dtype=int), 1.0)


# Name, arguments that are right, and those among them that are arrays. A function in place of an argument makes it.
CALLS = [
    ("solvers.least_squares", {"X": X, "y": Y, "masks": MASK}, "X y masks"),
    ("solvers.nested_path", {"X": X, "y": Y, "order": [0, 1], "X_test": X}, "X y order X_test"),
    ("solvers.smoothest_linear_fit", {"X": X, "y": Y, "masks": MASK, "max_mse": [5.0]}, "X y masks max_mse"),
    (
        "solvers.random_feature_sweep",
        {"model": lambda: model("features"), "X": X, "y": Y, "sizes": [1, 2], "X_test": X},
        "X y sizes X_test",
    ),
    (
        "solvers.smoothest_random_features_fit",
        {"model": lambda: model("features"), "X": X, "y": Y, "max_mse": 9.0},
        "X y",
    ),
    ("solvers.smoothest_function_fit", {"X": X, "y": Y, "max_mse": 0.0}, "X y"),
    (
        "solvers.train_networks",
        {
            "template": lambda: model("mlp"),
            "weights": [[1.0, 2.0, 0.0]],
            "X": X,
            "y": Y,
            "training": training,
            "masks": [[True, True, True]],
            "noise": Y,
        },
        "weights X y masks noise",
    ),
    ("solvers.train", {"model": lambda: model("mlp"), "data": data, "training": training, "noise": Y}, "noise"),
    ("pruning.keep_largest", {"scores": WEIGHTS, "candidates": [True, True, False], "keep": 1}, "scores candidates"),
    ("pruning.unpack_masks", {"codes": np.array([1, 2], dtype=np.uint64), "n_weights": 2}, "codes"),
    ("models.LinearModel", {"weights": [1.0, 0.0], "mask": MASK}, "weights mask"),
    ("models.MLP", {"widths": (2, 1), "weights": [1.0, 2.0, 3.0], "mask": [True, True, True]}, "weights mask"),
    (
        "models.RandomFeatures",
        {"directions": DIRECTIONS, "weights": WEIGHTS, "offsets": WEIGHTS, "mask": [True, True, True]},
        "directions weights offsets mask",
    ),
    (
        "lipschitz.exact_one_hidden",
        {"directions": DIRECTIONS, "weights": WEIGHTS, "offsets": WEIGHTS},
        "directions weights offsets",
    ),
    (
        "lipschitz.branch_and_bound",
        {"directions": DIRECTIONS, "weights": WEIGHTS, "offsets": WEIGHTS},
        "directions weights offsets",
    ),
    (
        "lipschitz.great_circle_lower",
        {"directions": DIRECTIONS, "weights": WEIGHTS, "offsets": WEIGHTS, "rng": rng},
        "directions weights offsets",
    ),
    ("lipschitz.lipsdp_one_hidden", {"directions": DIRECTIONS, "weights": WEIGHTS}, "directions weights"),
    ("lipschitz.lipsdp_deep", {"weights": LAYERS}, "weights"),
    (
        "lipschitz.activation_ascent_lower",
        {"weights": LAYERS, "biases": [[0.0, 0.0], [0.0]], "rng": rng},
        "weights biases",
    ),
    ("information.JointDistribution", {"probabilities": [[0.5, 0.0], [0.25, 0.25]]}, "probabilities"),
    ("information.average_information", {"per_initialisation": HALVES}, "per_initialisation"),
    (
        "information.bound_from_correlation",
        {"values": HALVES, "variance_proxy": 1.0, "low": -1.0, "high": 1.0},
        "values",
    ),
    ("information.bound_from_exceedance", {"values": HALVES, "radius": 0.1, "variance_proxy": 1.0}, "values"),
    ("information.bound_from_explained_noise", {"explained": HALVES, "kept": 1, "n": 3}, "explained"),
    ("information.bound_from_labels", {"predictions": LABELS, "labels": LABELS}, "predictions labels"),
    ("information.choose_masks", {"X": X, "labels": LABELS, "keep": 1, "rule": "correlation"}, "X labels"),
    ("information.count_outcomes", {"samples": [1, 1, 2]}, "samples"),
    (
        "information.coverage_study",
        {"distributions": {"a": THIRDS}, "sample_sizes": [10], "repetitions": 2, "rng": rng, "methods": ["plug_in"]},
        "distributions",
    ),
    ("information.entropy", {"probabilities": HALVES}, "probabilities"),
    ("information.enumerate_datasets", {"atom_weights": HALVES, "n": 2, "distinct": [0, 1]}, "atom_weights distinct"),
    ("information.estimate_entropy", {"counts": [300, 400]}, "counts"),
    ("information.expected_plug_in_entropy", {"probabilities": HALVES, "n": 5}, "probabilities"),
    ("information.explained_noise", {"X": X, "labels": LABELS, "masks": [MASK, MASK]}, "X labels masks"),
    (
        "information.finite_class_parameter_count",
        {"mask_information": 0.5, "mask_probabilities": HALVES, "weight_counts": [2, 4]},
        "mask_probabilities weight_counts",
    ),
    ("information.label_outcomes", {"outputs": [[1, 0], [0, 1]]}, "outputs"),
    ("information.linear_mask_information", {"X": X, "keep": 1, "rule": "correlation"}, "X"),
    ("information.lower_mean_limit", {"values": HALVES, "low": 0.0, "high": 1.0}, "values"),
    ("information.noise_correlation", {"values": Y, "mean": 0.0, "noise": SIGNS}, "values noise"),
    ("information.sample_coverage", {"counts": [300, 400]}, "counts"),
    ("covariates.Gaussian", {"dimension": 2, "mean": [0.0, 1.0], "covariance": np.eye(2)}, "mean covariance"),
    (
        "covariates.GaussianMixture",
        {"weights": HALVES, "means": np.eye(2), "covariances": [np.eye(2), np.eye(2)]},
        "weights means covariances",
    ),
    ("covariates.SphereMixture", {"weights": HALVES, "centers": np.eye(2)}, "weights centers"),
    (
        "tasks.Dataset",
        {"X": X, "y": SIGNS, "g": np.zeros(3), "z": SIGNS, "labels": [0, 0, 1], "sigma2": 1.0},
        "X y g z labels",
    ),
    ("tasks.clipped_linear_signal", {"direction": [1.0, 0.0], "bound": 1.0}, "direction"),
    ("bounds.binary_entropy", {"q": HALVES}, "q"),
    ("bounds.massart", {"m": [2, 3], "bound": HALVES, "n_functions": [2, 3]}, "m bound n_functions"),
    ("bounds.log_mask_count", {"n_weights": [4, 5], "kept": [2, 3]}, "n_weights kept"),
]


def matrix(value):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.matrix(value)


def ragged(value):
    return not isinstance(value, np.ndarray) and len({np.shape(item) for item in value}) > 1


def masked(value):
    """Return the same argument with its last entry masked; of arrays in a list or mapping, the last array."""
    if isinstance(value, dict):
        return {name: masked(item) for name, item in value.items()}
    if ragged(value):
        return [*value[:-1], masked(value[-1])]
    array = np.ma.array(value)
    array[(-1,) * array.ndim] = np.ma.masked
    return array


def made(arguments):
    return {name: value() if callable(value) else value for name, value in arguments.items()}


def public(name):
    room, _, function = name.partition(".")
    return getattr(importlib.import_module(f"noprune_theory.{room}"), function)


@pytest.mark.parametrize(("name", "arguments", "arrays"), CALLS, ids=[call[0] for call in CALLS])
def test_masked_arrays_are_refused_by_name(name, arguments, arrays):
    function = public(name)
    function(**made(arguments))
    for array in arrays.split():
        with pytest.raises((TypeError, ValueError), match=r"must not be a masked array") as caught:
            function(**{**made(arguments), array: masked(arguments[array])})
        said = str(caught.value)
        assert said.startswith(array) or array == "distributions" or f" {array}" in said, said


@pytest.mark.parametrize(("name", "arguments", "arrays"), CALLS, ids=[call[0] for call in CALLS])
def test_matrices_are_refused_by_name(name, arguments, arrays):
    function = public(name)
    for array in arrays.split():
        value = arguments[array]
        if not isinstance(value, dict) and not ragged(value) and np.ndim(value) == 2:
            with pytest.raises(TypeError, match=f"{array} must be a plain numpy array, got a numpy.matrix"):
                function(**{**made(arguments), array: matrix(value)})


def test_methods_refuse_masked_inputs():
    models = importlib.import_module("noprune_theory.models")
    for one in (models.LinearModel([1.0, 2.0]), model("features"), model("mlp")):
        with pytest.raises(TypeError, match="X must not be a masked array"):
            one.value(masked(X))
    joint = importlib.import_module("noprune_theory.information").JointDistribution
    with pytest.raises(TypeError, match="probabilities must not be a masked array"):
        joint.from_function(masked(HALVES), [0, 1])
    with pytest.raises(TypeError, match="outputs must not be a masked array"):
        joint.from_function(HALVES, masked([0, 1]))
