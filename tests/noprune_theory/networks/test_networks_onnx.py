"""ONNX graphs, made by hand and evaluated by ONNX's own reference implementation."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from noprune_theory.models.parameters import layer_matrices
from noprune_theory.networks import NetworkFormatError, load

RNG = np.random.default_rng(0)


def graph(nodes, constants, inputs, outputs, sparse=()):
    made = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, inputs)],
        [helper.make_tensor_value_info("y", TensorProto.DOUBLE, outputs)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
        sparse_initializer=list(sparse),
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def read(tmp_path, model, **settings):
    onnx.save(model, str(tmp_path / "n.onnx"))
    return load(tmp_path / "n.onnx", **settings)


def agree(network, model, shape):
    for _ in range(3):
        x = RNG.standard_normal(shape)
        (expected,) = ReferenceEvaluator(model).run(None, {"x": x})
        np.testing.assert_allclose(network.outputs(x.reshape(1, -1)).ravel(), expected.ravel(), rtol=1e-12, atol=1e-12)


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs, [output], f"{kind} to {output}", **attributes)


@pytest.mark.parametrize("trans_b", [0, 1])
@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 1.0), (0.5, 2.0)])
def test_gemm_with_either_orientation_and_factors(tmp_path, trans_b, alpha, beta):
    W, b = RNG.standard_normal((4, 3)), RNG.standard_normal(4)
    made = graph(
        [node("Gemm", ["x", "W", "b"], "h", transB=trans_b, alpha=alpha, beta=beta), node("Relu", ["h"], "y")],
        {"W": W if trans_b else W.T, "b": b},
        [1, 3],
        [1, 4],
    )
    network = read(tmp_path, made)
    assert network.widths == (3, 4, 4)  # the last activation is followed by the identity
    agree(network, made, (1, 3))


def test_matmul_add_mask_and_identity(tmp_path):
    W, M = RNG.standard_normal((3, 4)), np.array([[1.0, 0, 1, 1], [0, 0, 1, 0], [1, 1, 1, 0]])
    made = graph(
        [
            node("Mul", ["W", "M"], "masked"),
            node("Identity", ["x"], "same"),
            node("MatMul", ["same", "masked"], "h"),
            node("Add", ["b", "h"], "pre"),
            node("Relu", ["pre"], "active"),
            node("Flatten", ["active"], "flat"),
            node("MatMul", ["flat", "V"], "y"),
        ],
        {"W": W, "M": M, "b": RNG.standard_normal(4), "V": RNG.standard_normal((4, 2))},
        ["batch", 3],
        ["batch", 2],
    )
    network = read(tmp_path, made)
    agree(network, made, (1, 3))
    kept = layer_matrices(network.mask, network.widths, network.biases)
    assert np.array_equal(kept[0][:, :3], M.T == 1)
    assert read(tmp_path, made, masks="none").mask[: 4 * 4].all()


def test_zeros_of_a_plain_initialiser_are_kept_until_asked(tmp_path):
    W = np.array([[1.0, 0.0], [0.0, -0.0]])
    made = graph([node("Gemm", ["x", "W"], "y", transB=1)], {"W": W}, [1, 2], [1, 2])
    assert read(tmp_path, made).mask.all()
    assert read(tmp_path, made, masks="zeros").mask.tolist() == [True, False, False, False]


def test_columns_and_scalings_on_the_path(tmp_path):
    """W x for a column, elementwise constants before and after, a transposition of pixels."""
    made = graph(
        [
            node("Sub", ["x", "mean"], "centred"),
            node("Div", ["centred", "spread"], "scaled"),
            node("Transpose", ["scaled"], "turned", perm=[0, 2, 1]),
            node("Reshape", ["turned", "column"], "col"),
            node("MatMul", ["W", "col"], "h"),
            node("Tanh", ["h"], "a"),
            node("Mul", ["a", "gain"], "g"),
            node("MatMul", ["V", "g"], "out"),
            node("Squeeze", ["out", "last"], "row"),
            node("Sub", ["one", "row"], "y"),
        ],
        {
            "mean": RNG.standard_normal((2, 3)),
            "spread": np.array(2.0),
            "column": np.array([1, -1, 1]),
            "W": RNG.standard_normal((5, 6)),
            "gain": RNG.standard_normal((5, 1)),
            "V": RNG.standard_normal((2, 5)),
            "last": np.array([2]),
            "one": np.array(1.0),
        },
        [1, 2, 3],
        [1, 2],
    )
    network = read(tmp_path, made)
    assert (network.widths, network.activation) == ((6, 5, 2), "tanh")
    agree(network, made, (1, 2, 3))


@pytest.mark.parametrize("linear", [False, True])
def test_sparse_initialisers_in_both_index_formats(tmp_path, linear):
    dense = np.array([[0.0, 2.0, 0.0], [3.0, 0.0, 4.0]])
    places = np.flatnonzero(dense) if linear else np.argwhere(dense)
    values = numpy_helper.from_array(dense[dense != 0], "W")
    indices = numpy_helper.from_array(places.astype(np.int64), "W_places")
    sparse = helper.make_sparse_tensor(values, indices, [2, 3])
    made = graph([node("Gemm", ["x", "W"], "y", transB=1)], {}, [1, 3], [1, 2], [sparse])
    network = read(tmp_path, made)
    assert network.weights.tolist() == dense.ravel().tolist()
    assert network.mask.tolist() == (dense.ravel() != 0).tolist()


def test_external_data(tmp_path):
    W = RNG.standard_normal((300, 3))
    made = graph([node("Gemm", ["x", "W"], "y", transB=1)], {"W": W}, [1, 3], [1, 300])
    onnx.save(made, str(tmp_path / "n.onnx"), save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert (tmp_path / "weights.bin").stat().st_size >= W.nbytes
    assert load(tmp_path / "n.onnx").weights.tolist() == W.ravel().tolist()
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(NetworkFormatError, match="external data"):
        load(tmp_path / "n.onnx")


@pytest.mark.parametrize(
    "attributes",
    [
        {"pads": [0, 0, 0, 0]},
        {"pads": [1, 0, 2, 1], "strides": [2, 1]},
        {"pads": [2, 2, 2, 2], "dilations": [2, 1]},
        {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
        {"auto_pad": "SAME_LOWER", "strides": [2, 2]},
        {"group": 2, "pads": [1, 1, 1, 1]},
    ],
)
def test_convolutions_as_masked_dense_layers(tmp_path, attributes):
    groups = attributes.get("group", 1)
    F, b = RNG.standard_normal((4, 2 // groups, 3, 2)), RNG.standard_normal(4)
    made = graph([node("Conv", ["x", "F", "b"], "y", **attributes)], {"F": F, "b": b}, [1, 2, 5, 6], None)
    network = read(tmp_path, made)
    agree(network, made, (1, 2, 5, 6))
    assert 0 < network.mask.sum() < network.n_weights


@pytest.mark.parametrize(
    "attributes",
    [
        {"kernel_shape": [2, 3]},
        {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [1, 1, 0, 0]},
        {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "count_include_pad": 1},
        {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1},
        None,
    ],
)
def test_average_pooling_as_masked_dense_layers(tmp_path, attributes):
    pooling = (
        node("GlobalAveragePool", ["x"], "p") if attributes is None else node("AveragePool", ["x"], "p", **attributes)
    )
    made = graph([pooling, node("Relu", ["p"], "y")], {}, [1, 2, 6, 6], None)
    agree(read(tmp_path, made), made, (1, 2, 6, 6))


def test_affine_maps_without_an_activation_between_become_one(tmp_path):
    F, M = RNG.standard_normal((3, 1, 2, 2)), np.array([[[[1.0, 0], [0, 1]]], [[[1, 1], [1, 1]]], [[[0, 0], [0, 0]]]])
    made = graph(
        [
            node("Mul", ["F", "M"], "masked"),
            node("Conv", ["x", "masked", "c"], "h"),
            node("AveragePool", ["h"], "p", kernel_shape=[2, 2]),
            node("Flatten", ["p"], "f"),
            node("Gemm", ["f", "W", "b"], "y"),
        ],
        {"F": F, "M": M, "c": np.ones(3), "W": RNG.standard_normal((12, 2)), "b": np.ones(2)},
        [1, 1, 4, 4],
        [1, 2],
    )
    network = read(tmp_path, made)
    assert network.widths == (16, 2)
    agree(network, made, (1, 1, 4, 4))


@pytest.mark.parametrize("to", ["FLOAT16", "FLOAT", "INT64", "INT8", "UINT8", "BOOL"])
def test_casts_of_constants_are_carried_out(tmp_path, to):
    W = np.array([[0.0, 1.9], [0.1, 127.6], [2.5, 0.0]]) * (1 if to[0] in "UB" else -1)
    made = graph(
        [
            node("Cast", ["W"], "narrow", to=getattr(TensorProto, to)),
            node("Cast", ["narrow"], "back", to=TensorProto.DOUBLE),
            node("Cast", ["x"], "same", to=TensorProto.DOUBLE),
            node("MatMul", ["same", "back"], "y"),
        ],
        {"W": W},
        [1, 3],
        [1, 2],
    )
    agree(read(tmp_path, made), made, (1, 3))


def test_a_mask_that_is_cast_from_weights(tmp_path):
    made = graph(
        [
            node("Cast", ["W"], "kept", to=TensorProto.BOOL),
            node("Cast", ["kept"], "mask", to=TensorProto.DOUBLE),
            node("Mul", ["V", "mask"], "masked"),
            node("MatMul", ["x", "masked"], "y"),
        ],
        {"W": np.array([[0.0, -0.3], [2.0, 0.0]]), "V": np.array([[1.0, 2.0], [3.0, 4.0]])},
        [1, 2],
        [1, 2],
    )
    network = read(tmp_path, made)
    assert layer_matrices(network.mask, network.widths, network.biases)[0].tolist() == [[False, True], [True, False]]
    agree(network, made, (1, 2))


@pytest.mark.parametrize(("axis", "shape"), [(-2, (1, 3)), (-1, (1, 3)), (0, (1, 3)), (1, (1, 3)), (2, (3, 1))])
def test_flatten_counts_axes_from_either_end(tmp_path, axis, shape):
    # A constant of another shape would not fit.
    nodes = [node("Flatten", ["x"], "f", axis=axis), node("Add", ["f", "b"], "y")]
    made = graph(nodes, {"b": np.arange(3.0).reshape(shape)}, [1, 3], shape)
    agree(read(tmp_path, made), made, (1, 3))


@pytest.mark.parametrize(
    ("kind", "attributes", "message"),
    [
        ("Add", {"axis": 1, "broadcast": 1}, "broadcasting along an axis, of operator set 6"),
        ("Dropout", {}, "is in training mode"),
    ],
)
def test_old_rules_are_refused(tmp_path, kind, attributes, message):
    inputs = ["x", "b"] if kind == "Add" else ["x"]
    made = graph([node(kind, inputs, "y", **attributes)], {"b": np.arange(2.0)}, [1, 2, 2], [1, 2, 2])
    made.opset_import[0].version = 6
    with pytest.raises(NetworkFormatError, match=message):
        read(tmp_path, made)
    if kind == "Dropout":
        made.graph.node[0].attribute.append(helper.make_attribute("is_test", 1))
        assert read(tmp_path, made).widths == (4, 4)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([node("Relu", ["x"], "a"), node("Add", ["a", "x"], "y")], r"node 'Add to y' \(Add\)"),
        ([node("Softmax", ["x"], "y")], r"node 'Softmax to y' \(Softmax\): this operator is not read"),
        ([node("Relu", ["x"], "a"), node("Tanh", ["a"], "y")], "all activations must be the same"),
        ([node("Gemm", ["x", "W"], "y", transA=1)], "must be one row"),
        ([node("MatMul", ["x", "bad"], "y")], r"node 'MatMul to y' \(MatMul\) takes 3 inputs, but 2 come"),
        ([node("Div", ["one", "x"], "y")], "divides by a computed value"),
        ([node("Div", ["x", "nought"], "y")], "divides by 0"),
        ([node("Exp", ["W"], "e"), node("MatMul", ["x", "e"], "y")], r"node 'Exp to e' \(Exp\): a constant"),
        ([node("MatMul", ["x", "nan"], "y")], "nan must be finite"),
        ([node("Relu", ["x"], "z")], "output 'y' is not computed from the input"),
        ([node("Cast", ["x"], "y", to=TensorProto.FLOAT16)], "computed values are not cast to float16"),
        ([node("Cast", ["W"], "w", to=TensorProto.BFLOAT16), node("MatMul", ["x", "w"], "y")], "the type 16 are not"),
        ([node("Cast", ["many"], "i", to=TensorProto.INT8), node("Add", ["x", "i"], "y")], "lies outside int8"),
        ([node("Flatten", ["x"], "y", axis=-3)], r"axis -1 does not fit shape \(1, 2\)"),
        ([node("Reshape", ["x", "empty"], "y", allowzero=1)], r"shape \[0, 2\] has no entries"),
    ],
)
def test_what_is_not_read_is_refused_by_node(tmp_path, nodes, message):
    constants = {
        "W": np.eye(2),
        "bad": np.ones((3, 2)),
        "one": np.ones(2),
        "nought": np.zeros(2),
        "nan": np.array([[np.nan], [1.0]]),
        "many": np.array([1.0, 128.0]),
        "empty": np.array([0, 2]),
    }
    with pytest.raises(NetworkFormatError, match=message):
        read(tmp_path, graph(nodes, constants, [1, 2], None))


def test_inputs_of_unknown_size_are_refused(tmp_path):
    with pytest.raises(NetworkFormatError, match="input 'x' must have known sizes"):
        read(tmp_path, graph([node("Relu", ["x"], "y")], {}, ["batch", "features"], None))
