#!/usr/bin/env bash
# onnx 1.23.2: the reference evaluator computes old versions of operators by the newest rules, where it has no class for them.
# Seen: Softmax of opset 11 flattens a (1, 2, 2) array to rows of 4, 0.25 each (onnxruntime 1.32.0); the reference gives 0.5,
# the rule of opset 13. Add of opset 6 with broadcast=1, axis=0 adds (1, 2) to the rows; the reference adds it to the
# columns.
. "$(dirname "$0")/_run.sh"
finding onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 <<'PY'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

print("onnx", onnx.__version__, "onnxruntime", onnxruntime.__version__)


def model(node, shape, opset, ir, *constants):
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "y")]
    graph = helper.make_graph([node], "one node", ends[:1], ends[1:], constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)
    onnx.checker.check_model(made)
    return made


softmax = model(helper.make_node("Softmax", ["x"], ["y"]), [1, 2, 2], 11, 7)
ones = {"x": np.ones((1, 2, 2), np.float32)}
reference = ReferenceEvaluator(softmax).run(None, ones)[0]
runtime = onnxruntime.InferenceSession(softmax.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, ones)[0]
print("Softmax of opset 11: reference", reference.ravel(), "onnxruntime", runtime.ravel())
assert np.allclose(reference, 0.5)
assert np.allclose(runtime, 0.25)

offsets = numpy_helper.from_array(np.array([1.0, 2.0], np.float32), "c")
add = model(helper.make_node("Add", ["x", "c"], ["y"], broadcast=1, axis=0), [2, 2], 6, 4, offsets)
found = ReferenceEvaluator(add).run(None, {"x": np.zeros((2, 2), np.float32)})[0]
print("Add of opset 6, axis=0: reference", found.tolist(), "by its text [[1, 1], [2, 2]]")
assert found.tolist() == [[1.0, 2.0], [1.0, 2.0]]
PY
