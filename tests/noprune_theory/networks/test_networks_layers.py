"""Networks from layers, and from scikit-learn."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier, MLPRegressor

from noprune_theory.models import MLP
from noprune_theory.networks import NetworkFormatError, from_sklearn, report
from noprune_theory.testing import pruned_networks


@given(pruned_networks(biases=False))
def test_layers_there_and_back(network):
    weights, biases, masks = network.to_layers()
    assert biases is None
    again = MLP.from_layers(weights, masks=masks)
    assert again.widths == network.widths
    assert np.array_equal(again.weights, network.weights)
    assert np.array_equal(again.mask, network.mask)


@given(pruned_networks(biases=True))
def test_biases_there_and_back(network):
    weights, biases, masks = network.to_layers()
    again = MLP.from_layers(weights, biases, masks)
    assert np.array_equal(again.weights, network.weights)
    weights[0][:] = 7.0  # copies
    assert np.array_equal(again.weights, network.weights)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weights": []}, "weights must hold at least one layer"),
        ({"weights": [[[1.0]], [[1.0, 2.0]]]}, r"weights\[1\] must have 1 columns"),
        ({"weights": [[[1.0]]], "biases": [[1.0], [2.0]]}, "biases must have one entry a layer, 1 of them, got 2"),
        ({"weights": [[[1.0]]], "biases": [[1.0, 2.0]]}, r"biases\[0\] must have shape \(1,\)"),
        ({"weights": [[[1.0, 2.0]]], "masks": [[[True], [False]]]}, r"masks\[0\] must have shape \(1, 2\)"),
        ({"weights": [[[1.0, 2.0]]], "masks": [[[True, False]]]}, "weights must be 0 where the mask is False"),
    ],
)
def test_layers_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        MLP.from_layers(**arguments)


def test_a_classifier_of_scikit_learn_on_digits():
    X, y = load_digits(return_X_y=True)
    X = X / 16
    classifier = MLPClassifier((20, 15), random_state=0, tol=1.0, n_iter_no_change=10).fit(X, y)
    network = from_sklearn(classifier)
    assert network.widths == (64, 20, 15, 10)
    outputs = network.outputs(X)
    assert np.array_equal(np.argmax(outputs, axis=1), classifier.predict(X))
    probabilities = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, classifier.predict_proba(X), rtol=1e-9, atol=1e-15)
    largest = np.abs(np.diff(outputs, axis=0)).max()
    found = report(network, max_seconds=2.0)
    assert 0 < largest < found.lipschitz.upper * 64
    assert MLP.from_sklearn(classifier).widths == network.widths


def test_what_is_not_a_fitted_network_is_refused():
    with pytest.raises(TypeError, match="must be a fitted MLPClassifier"):
        from_sklearn(MLPRegressor())
    for coefs in (5, [], [np.ones((2, 1)), np.ones((1, 1))]):
        other = SimpleNamespace(coefs_=coefs, intercepts_=[np.zeros(1)], activation="relu")
        with pytest.raises(NetworkFormatError, match=r"^coefs_ and intercepts_ must be lists of one entry"):
            from_sklearn(other)
    rng = np.random.default_rng(0)
    regressor = MLPRegressor(
        hidden_layer_sizes=(3,), activation="logistic", max_iter=300, random_state=0, tol=1.0, n_iter_no_change=3
    )
    with pytest.raises(NetworkFormatError, match="activation must be one of relu, tanh, got 'logistic'"):
        from_sklearn(regressor.fit(rng.standard_normal((30, 2)), rng.standard_normal(30)))
