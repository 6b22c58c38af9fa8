#!/usr/bin/env bash
# skl2onnx 1.20.0: an MLPRegressor with several outputs is exported as a graph whose outputs are one column.
# Seen: three samples of a regressor with two outputs: predict has shape (3, 2), the graph gives (6, 1), the same numbers: a
# last Reshape to (-1, 1). The first three rows of the output are not those of the three samples.
. "$(dirname "$0")/_run.sh"
finding skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0 scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1 <<'PY'
import numpy as np
import onnxruntime
import skl2onnx
from onnx import numpy_helper
from sklearn.neural_network import MLPRegressor

print("skl2onnx", skl2onnx.__version__, "onnxruntime", onnxruntime.__version__)
X = np.random.default_rng(0).standard_normal((50, 3))
Y = np.column_stack([X @ [1.0, 2.0, 3.0], X @ [3.0, 2.0, 1.0]])
model = MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0).fit(X, Y)
exported = skl2onnx.to_onnx(model, X[:1])
session = onnxruntime.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])
found = session.run(None, {session.get_inputs()[0].name: X[:3]})[0]
last = exported.graph.node[-1]
shape = [numpy_helper.to_array(entry) for entry in exported.graph.initializer if entry.name == last.input[1]][0]
print("predict:", model.predict(X[:3]).shape, "graph:", found.shape, "last node:", last.op_type, shape.tolist())
assert model.predict(X[:3]).shape == (3, 2)
assert found.shape == (6, 1)
assert np.allclose(found.ravel(), model.predict(X[:3]).ravel())
assert (last.op_type, shape.tolist()) == ("Reshape", [-1, 1])
PY
