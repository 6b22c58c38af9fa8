#!/usr/bin/env bash
# scikit-learn 1.9.1: LinearRegression can give weight to a feature that never varies.
# Seen: ten samples of the one feature 1/3 and y = 0, 0.1, ..., 0.9: coef_ is 1.26, rank_ is 1, and the prediction at 1 is
# 1.29, not the mean 0.45. The mean of ten equal numbers rounds, the centred feature is a constant of size 1e-17, and the
# cut-off of small singular values is relative to the largest one, which is that feature itself.
. "$(dirname "$0")/_run.sh"
finding scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1 <<'PY'
import numpy as np
import sklearn
from sklearn.linear_model import LinearRegression

print("scikit-learn", sklearn.__version__)
X, y = np.full((10, 1), 1 / 3), np.arange(10) * 0.1
fit = LinearRegression().fit(X, y)
print("coef_", fit.coef_, "rank_", fit.rank_, "singular_", fit.singular_)
print("at the training data", fit.predict(X[:1]), "at 1", fit.predict([[1.0]]), "mean of y", y.mean())
assert fit.rank_ == 1
assert abs(fit.coef_[0]) > 0.1
assert abs(fit.predict([[1.0]])[0] - y.mean()) > 0.1
zero = LinearRegression().fit(np.full((10, 1), 0.5), y)
print("the feature 1/2, whose mean does not round: coef_", zero.coef_, "rank_", zero.rank_)
assert zero.coef_[0] == 0
PY
