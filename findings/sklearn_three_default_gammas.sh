#!/usr/bin/env bash
# scikit-learn 1.9.1: RBFSampler and Nystroem approximate two different kernels by default.
# Seen: in 3 dimensions, at two points with squared distance 1: RBFSampler's features have product exp(-1) = 0.37 (gamma 1),
# Nystroem's and rbf_kernel exp(-1/3) = 0.72 (gamma 1/d), and SVR has a third gamma, 1/(d Var X).
. "$(dirname "$0")/_run.sh"
finding scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1 <<'PY'
import numpy as np
import sklearn
from sklearn.kernel_approximation import Nystroem, RBFSampler
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVR

print("scikit-learn", sklearn.__version__)
X = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
sampled = RBFSampler(n_components=200_000, random_state=0).fit_transform(X)
landmarks = Nystroem(n_components=2, random_state=0).fit_transform(X)
products = {"RBFSampler": sampled[0] @ sampled[1], "Nystroem": landmarks[0] @ landmarks[1], "rbf_kernel": rbf_kernel(X)[0, 1]}
print({name: round(float(value), 4) for name, value in products.items()})
assert abs(products["RBFSampler"] - np.exp(-1)) < 0.02
assert abs(products["Nystroem"] - np.exp(-1 / 3)) < 1e-6
assert abs(products["rbf_kernel"] - np.exp(-1 / 3)) < 1e-12
steeper = SVR().fit(X, [0.0, 1.0])
print("SVR:", steeper.gamma, "=", float(steeper._gamma), "= 1/(d Var X)", 1 / (3 * X.var()))
assert abs(steeper._gamma - 1 / (3 * X.var())) < 1e-9
PY
