#!/usr/bin/env bash
# scikit-learn 1.9.1: the first positional argument of MLPRegressor is the loss, that of MLPClassifier the hidden layers.
# Seen: MLPClassifier((3,)) has hidden_layer_sizes (3,); MLPRegressor((3,)) has loss (3,), and fit refuses it with
# InvalidParameterError ("The 'loss' parameter ... must be a str among ..."). A user of ours who trains both: name it.
. "$(dirname "$0")/_run.sh"
finding scikit-learn==1.9.1 <<'PY'
import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor

print("scikit-learn", sklearn.__version__)
classifier, regressor = MLPClassifier((3,)), MLPRegressor((3,))
print("MLPClassifier((3,)).hidden_layer_sizes =", classifier.hidden_layer_sizes)
print("MLPRegressor((3,)).loss =", regressor.loss, ", hidden_layer_sizes =", regressor.hidden_layer_sizes)
assert classifier.hidden_layer_sizes == (3,)
assert regressor.loss == (3,)
try:
    regressor.fit(np.eye(4), np.arange(4.0))
except ValueError as error:
    print(type(error).__name__ + ":", str(error).splitlines()[0][:90])
else:
    raise SystemExit("fit accepted it")
PY
