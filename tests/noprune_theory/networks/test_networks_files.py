"""Files: every format gives back what was written, and reads what other writers leave."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from scipy.io import savemat

from noprune_theory.models import MLP
from noprune_theory.networks import NetworkFormatError, load, save
from noprune_theory.testing import pruned_networks

FORMATS = (".npz", ".safetensors", ".onnx", ".mat")
W1 = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
W2 = np.array([[7.0, -8.0]])


def same(first, second):
    return (
        first.widths == second.widths
        and first.biases == second.biases
        and first.weights.tobytes() == (second.weights + 0.0).tobytes()
        and np.array_equal(first.mask, second.mask)
    )


@pytest.mark.parametrize("suffix", FORMATS)
@given(network=pruned_networks(), data=st.data())
@settings(max_examples=20)
def test_round_trip_is_exact(tmp_path_factory, suffix, network, data):
    activation = data.draw(st.sampled_from(["relu", "tanh"]))
    network = MLP(
        network.widths,
        network.weights + 0.0,
        network.mask,
        activation=activation,
        biases=network.biases,
        prune_biases=True,
    )
    path = tmp_path_factory.mktemp("round") / f"network{suffix}"
    save(network, path)
    read = load(path, layout="outputs-first" if suffix == ".mat" else None)
    assert same(read, network)
    if suffix != ".onnx":
        assert read.prune_biases
    if len(network.widths) > 2 or suffix != ".onnx":
        assert read.activation == activation


@pytest.mark.parametrize("suffix", [*FORMATS, ".nnet"])
def test_dense_networks_round_trip(tmp_path, suffix):
    network = MLP.draw(np.random.default_rng(0), (3, 5, 4, 2))
    save(network, tmp_path / f"dense{suffix}")
    assert same(
        load(tmp_path / f"dense{suffix}", normalisation="on")
        if suffix == ".nnet"
        else load(tmp_path / f"dense{suffix}"),
        network,
    )


def test_what_a_format_cannot_hold_is_refused(tmp_path):
    network = MLP((2, 1), [1.0, 0.0], [True, False], biases=False)
    with pytest.raises(NetworkFormatError, match="without masks"):
        save(network, tmp_path / "pruned.nnet")
    with pytest.raises(NetworkFormatError, match=r"must end in one of"):
        save(network, tmp_path / "pruned.h5")
    with pytest.raises(TypeError, match="model must be a MLP"):
        save([network], tmp_path / "pruned.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".mat", ".onnx", ".nnet"])
def test_files_that_are_not_what_their_suffix_says(tmp_path, suffix):
    path = tmp_path / f"other{suffix}"
    for wrong in (None, 5, b"n.npz"):
        with pytest.raises(TypeError, match=r"^path must be a str or a path, got"):
            load(wrong)
        with pytest.raises(TypeError, match=r"^path must be a str or a path, got"):
            save(MLP((1, 1), [1.0], biases=False), wrong)
    with pytest.raises(FileNotFoundError, match="no file"):
        load(path)
    for content in (b"", b"not a network at all, only text\n" * 9, bytes(range(256)) * 3):
        path.write_bytes(content)
        with pytest.raises(NetworkFormatError):
            load(path)


def test_npz_with_python_objects_is_not_unpickled(tmp_path):
    np.savez(tmp_path / "objects.npz", W1=np.array([W1, W2], dtype=object))
    with pytest.raises(NetworkFormatError, match="W1 is an array of Python objects"):
        load(tmp_path / "objects.npz")


def test_a_large_array_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("noprune_theory.networks._layers.LARGEST_ENTRIES", 5)
    np.savez(tmp_path / "large.npz", W1=W1)
    save_file({"0.weight": W1}, tmp_path / "large.safetensors")
    for suffix in ("npz", "safetensors"):
        with pytest.raises(NetworkFormatError, match="would need 6 entries"):
            load(tmp_path / f"large.{suffix}")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.bool_])
def test_safetensors_of_every_real_type(tmp_path, dtype):
    save_file({"fc.weight": np.ones((2, 3), dtype=dtype)}, tmp_path / "n.safetensors")
    assert load(tmp_path / "n.safetensors").weights.tolist() == [1.0] * 6


def test_safetensors_of_bfloat16(tmp_path):
    """The upper 16 bits of a float32: 1.5 is 0x3FC0, -2 is 0xC000."""
    import json

    header = json.dumps({"fc.weight": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]}}).encode()
    content = len(header).to_bytes(8, "little") + header + np.array([0x3FC0, 0xC000], dtype="<u2").tobytes()
    (tmp_path / "n.safetensors").write_bytes(content)
    assert load(tmp_path / "n.safetensors").weights.tolist() == [1.5, -2.0]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("form", ["cell", "list", "named"])
def test_matlab_cells_lists_and_named_matrices_of_either_orientation(tmp_path, turned, form):
    weights = [matrix.T if turned else matrix for matrix in (W1, W2)]
    biases = [np.array([[1.0], [2.0]]), np.array([[3.0]])]
    if form == "named":
        contents = {"W1": weights[0], "W2": weights[1], "b1": biases[0], "b2": biases[1]}
    else:
        cells = np.empty((1, 2) if form == "cell" else 2, dtype=object)
        shifts = np.empty_like(cells)
        for index in range(2):
            cells.flat[index], shifts.flat[index] = weights[index], biases[index]
        contents = {"weights": cells, "biases": shifts}
    savemat(tmp_path / "n.mat", contents)
    model = load(tmp_path / "n.mat")
    assert [layer.tolist() for layer, _ in model.layers()] == [W1.tolist(), W2.tolist()]
    assert [bias.tolist() for _, bias in model.layers()] == [[1.0, 2.0], [3.0]]


def test_matlab_stacks_lists_of_equal_matrices_without_a_cell(tmp_path):
    """scipy writes a list of matrices of one shape as one array of three axes, and of vectors as a matrix."""
    matrices = [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])]
    savemat(tmp_path / "n.mat", {"weights": matrices, "biases": [np.array([1.0, 2.0]), np.array([3.0, 4.0])]})
    with pytest.raises(NetworkFormatError, match="give layout="):
        load(tmp_path / "n.mat")
    model = load(tmp_path / "n.mat", layout="outputs-first")
    assert [layer.tolist() for layer, _ in model.layers()] == [matrix.tolist() for matrix in matrices]
    assert [bias.tolist() for _, bias in model.layers()] == [[1.0, 2.0], [3.0, 4.0]]
    savemat(tmp_path / "one.mat", {"weights": [W1]})
    assert load(tmp_path / "one.mat", layout="outputs-first").widths == (3, 2)


NNET = """// a hand-made network: relu(x1 + 2 x2 - 1) and its double
2,2,1,1,
2,1,1,
0,
-10.0,-10.0,
10.0,10.0,
1.0,2.0,5.0,
2.0,4.0,3.0,
1.0,2.0,
-1.0,
2.0,
0.5,
"""


def test_nnet_with_its_normalisation_on_and_off(tmp_path):
    """By hand at x = (3, 6): off: 2 relu(3 + 12 - 1) + .5 = 28.5; on: inputs become (1, 1): (2 relu(2) + .5) 3 + 5."""
    (tmp_path / "n.nnet").write_text(NNET)
    assert load(tmp_path / "n.nnet", normalisation="off").value([[3.0, 6.0]]).tolist() == [28.5]
    assert load(tmp_path / "n.nnet").value([[3.0, 6.0]]).tolist() == [18.5]
    with pytest.raises(ValueError, match="normalisation must be one of 'on', 'off'"):
        load(tmp_path / "n.nnet", normalisation="yes")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("1.0,2.0,\n-1.0", "1.0,two,\n-1.0", "must be numbers, got '1.0,two"),
        ("1.0,2.0,\n-1.0", "1.0,\n-1.0", "must be 2 numbers, got 1"),
        ("2.0,4.0,3.0", "2.0,0.0,3.0", "a range is 0"),
        ("2,2,1,1,", "3,2,1,1,", "the widths must be 4 positive integers"),
        ("2.0,\n0.5,\n", "2.0,\n", "ends before a bias of layer 1"),
        ("2.0,\n0.5,\n", "nan,\n0.5,\n", "must be finite"),
    ],
)
def test_nnet_errors_name_the_line(tmp_path, before, after, message):
    assert before in NNET
    (tmp_path / "n.nnet").write_text(NNET.replace(before, after))
    with pytest.raises(NetworkFormatError, match=message):
        load(tmp_path / "n.nnet")


def test_settings_that_a_format_states_itself_are_refused(tmp_path):
    (tmp_path / "n.nnet").write_text(NNET)
    with pytest.raises(ValueError, match=r"layout is stated by \.nnet files themselves"):
        load(tmp_path / "n.nnet", layout="outputs-first")
    with pytest.raises(NetworkFormatError, match="says that the activation is 'relu', not 'tanh'"):
        load(tmp_path / "n.nnet", activation="tanh")
