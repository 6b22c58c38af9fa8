#!/usr/bin/env bash
# scikit-learn 1.9.1: the penalty alpha of MLPRegressor and MLPClassifier is divided by the size of the batch.
# Seen: 200 samples, alpha = 10, the same weights: the loss holds alpha/400, alpha/40 and alpha/2 times their squared norm for
# batches of 200, 20 and 1. Trained for 200 epochs, batches of 200 leave a squared norm of 11 and explain the labels; batches
# of 2 leave 2e-6, and the constant function.
. "$(dirname "$0")/_run.sh"
finding scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1 <<'PY'
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPRegressor

warnings.simplefilter("ignore")
print("scikit-learn", sklearn.__version__)
X = np.random.default_rng(0).standard_normal((200, 3))
y = X @ [1.0, 2.0, 3.0]


def fitted(batch, **options):
    layers = {"hidden_layer_sizes": (20,), "alpha": 10.0, "random_state": 0, "batch_size": batch}
    model = MLPRegressor(**layers, **options).fit(X, y)
    return model, sum(float((weights**2).sum()) for weights in model.coefs_)


for batch in (200, 20, 1):
    model, squares = fitted(batch, max_iter=1, solver="sgd", momentum=0, learning_rate_init=1e-12)
    factor = (model.loss_ - ((model.predict(X) - y) ** 2).mean() / 2) / squares
    print(f"batches of {batch}: {factor:.4f} |w|^2 in the loss")
    assert abs(factor - 10 / (2 * batch)) < 1e-6
trained = {}
for batch in (200, 2):
    model, squares = fitted(batch, max_iter=200, learning_rate_init=1e-2, tol=0, n_iter_no_change=1000)
    trained[batch] = squares, model.score(X, y)
    print(f"trained with batches of {batch}: |w|^2 = {squares:.3g}, R^2 = {model.score(X, y):.3f}")
assert trained[200][0] > 5 and trained[200][1] > 0.9
assert trained[2][0] < 1e-3 and trained[2][1] < 0.1
PY
