"""State dicts: what the names of each pruning tool mean, and what is refused."""

import numpy as np
import pytest
from hypothesis import given

from noprune_theory.models.parameters import layer_matrices
from noprune_theory.networks import NetworkFormatError, from_state_dict
from noprune_theory.testing import pruned_networks

W1 = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
W2 = np.array([[7.0, -8.0]])
M1 = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])


def layers(model):
    return [weights.tolist() for weights, _ in model.layers()]


def test_plain_weights_are_all_kept_zeros_too():
    model = from_state_dict({"0.weight": W1 * M1, "2.weight": W2})
    assert model.mask.all()
    assert layers(model) == [(W1 * M1).tolist(), W2.tolist()]


def test_zeros_are_masks_only_when_asked():
    model = from_state_dict({"0.weight": W1 * M1, "0.bias": np.zeros(2), "2.weight": W2}, masks="zeros")
    kept = layer_matrices(model.mask, model.widths, model.biases)
    assert np.array_equal(kept[0][:, :3], M1 == 1)
    # A bias of zero is an initial value, not a sign of pruning; the second layer has no biases at all.
    assert kept[0][:, 3].all()
    assert not kept[1][:, 2].any()


@pytest.mark.parametrize("stale", [False, True])
def test_orig_and_mask_multiply_whatever_the_stored_product_says(stale):
    arrays = {"0.weight_orig": W1, "0.weight_mask": M1, "2.weight": W2}
    if stale:
        arrays["0.weight"] = np.full_like(W1, 9.0)
    model = from_state_dict(arrays)
    assert layers(model)[0] == (W1 * M1).tolist()
    assert model.mask.tolist() == [*(M1.ravel() == 1).tolist(), True, True]
    assert from_state_dict(arrays, masks="none").mask.all()


def test_weight_and_mask_side_by_side_multiply():
    model = from_state_dict({"fc.weight": W2, "fc.weight_mask": [[0, 1]], "fc.bias": [0.5], "fc.bias_mask": [0.0]})
    assert layers(model) == [[[0.0, -8.0]]]
    assert model.mask.tolist() == [False, True, False]
    assert model.prune_biases


def test_masks_in_a_mapping_of_their_own():
    model = from_state_dict({"fc.weight": W1}, masks={"fc.weight": M1})
    assert model.mask.tolist() == (M1.ravel() == 1).tolist()
    with pytest.raises(NetworkFormatError, match=r"masks\['fc2.weight'\] masks nothing"):
        from_state_dict({"fc.weight": W1}, masks={"fc2.weight": M1})


def test_a_parametrisation_without_its_mask_is_said():
    arrays = {"0.parametrizations.weight.original": W1 * M1}
    with pytest.raises(NetworkFormatError, match="keeps its masks outside the state dict"):
        from_state_dict(arrays)
    assert from_state_dict(arrays, masks="none").mask.all()
    assert from_state_dict(arrays, masks="zeros").mask.sum() == M1.sum()


def test_numbered_names_count_up_as_numbers():
    square = [np.full((2, 2), float(i)) for i in range(12)]
    model = from_state_dict({f"fc{i}.weight": square[i] for i in sorted(range(12), key=str)})
    assert [layer[0][0] for layer in layers(model)] == [float(i) for i in range(12)]


def test_shapes_settle_names_without_numbers():
    wide, narrow = np.ones((5, 3)), np.ones((2, 5))
    for arrays in ({"head.weight": narrow, "body.weight": wide}, {"body.weight": wide, "head.weight": narrow}):
        assert from_state_dict(arrays).widths == (3, 5, 2)


def test_an_order_that_is_not_certain_is_refused_until_given():
    arrays = {"encoder.weight": np.ones((5, 3)), "decoder.weight": 2 * np.ones((3, 5))}
    with pytest.raises(NetworkFormatError, match="order of the layers is not certain"):
        from_state_dict(arrays)
    assert from_state_dict(arrays, order=["encoder", "decoder"]).widths == (3, 5, 3)
    assert from_state_dict(arrays, order=["decoder", "encoder"]).widths == (5, 3, 5)
    with pytest.raises(NetworkFormatError, match="order must name each of decoder, encoder once"):
        from_state_dict(arrays, order=["encoder"])
    with pytest.raises(NetworkFormatError, match="order must name each of decoder, encoder once"):
        from_state_dict(arrays, order=["encoder", 5])
    for order in (5, True, np.ones((2, 2))):
        with pytest.raises(TypeError, match=r"^order must be a Sequence"):
            from_state_dict(arrays, order=order)


def test_numbered_matrices_of_either_orientation():
    for layout in ("outputs-first", "inputs-first"):
        turned = [matrix if layout == "outputs-first" else matrix.T for matrix in (W1, W2)]
        arrays = {"W1": turned[0], "b1": [1.0, 2.0], "W2": turned[1], "b2": [3.0]}
        for given_layout in (None, layout):
            model = from_state_dict(arrays, layout=given_layout)
            assert layers(model) == [W1.tolist(), W2.tolist()]
            assert model.layers()[0][1].tolist() == [1.0, 2.0]


def test_square_numbered_matrices_need_a_layout():
    arrays = {"W1": np.array([[1.0, 2.0], [3.0, 4.0]]), "W2": np.eye(2)}
    with pytest.raises(NetworkFormatError, match="give layout="):
        from_state_dict(arrays)
    assert layers(from_state_dict(arrays, layout="inputs-first"))[0] == [[1.0, 3.0], [2.0, 4.0]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "empty"),
        ({"0.weight": W1, "optimizer": 3.0}, "optimizer: not the name"),
        ({"0.weight": [[np.nan]]}, r"0.weight must be finite, got nan at index \(0, 0\)"),
        ({"0.weight_orig": W1}, "the mask that belongs to it is missing"),
        ({"0.weight_mask": W1}, "the weights that it masks are missing"),
        ({"0.weight": W1, "0.weight_mask": M1 / 2}, "mask of zeros and ones, got an entry 0.5"),
        ({"0.weight": W1, "0.weight_mask": M1[:1]}, "must have the shape"),
        ({"0.weight": W1, "2.weight": W1}, "do not chain"),
        ({"0.weight": np.ones((4, 2, 3, 3))}, "a convolution"),
        ({"0.weight": np.ones(3), "0.bias": np.ones(3)}, "a normalisation layer"),
        ({"0.bias": np.ones(3)}, "a bias without a weight"),
        ({"0.weight": W1, "0.bias": np.ones(4)}, "one entry a unit"),
        ({"0.weight": W1 * 1j}, "real numbers of at most 64 bits"),
        ({"0.weight": np.array([[None]])}, "real numbers of at most 64 bits"),
        ({"0.weight": np.ma.masked_equal(W1, 2.0)}, "masked array"),
        ({"0.parametrizations.weight.original0": W1}, "parametrisation that is not a mask"),
        ({3: W1}, "keys must be text"),
        ({"0.weight": np.ones((0, 3))}, "must not be empty"),
    ],
)
def test_refusals_name_the_key(arrays, message):
    with pytest.raises(NetworkFormatError, match=message):
        from_state_dict(arrays)


def test_bad_settings_are_refused():
    for setting in ({"masks": "guess"}, {"layout": "rows"}, {"activation": "gelu"}):
        with pytest.raises(ValueError, match="must be one of"):
            from_state_dict({"0.weight": W1}, **setting)
    with pytest.raises(TypeError, match="mapping must be a mapping"):
        from_state_dict([W1])


@given(pruned_networks())
def test_layers_named_as_pytorch_does_give_the_network_back(network):
    kept = layer_matrices(network.mask, network.widths, network.biases)
    arrays = {}
    for index, ((weights, biases), mask) in enumerate(zip(network.layers(), kept, strict=True)):
        arrays[f"{index}.weight_orig"] = weights + 7.0 * ~mask[:, : weights.shape[1]]
        arrays[f"{index}.weight_mask"] = mask[:, : weights.shape[1]]
        if biases is not None:
            arrays[f"{index}.bias_orig"], arrays[f"{index}.bias_mask"] = biases, mask[:, -1]
    model = from_state_dict(arrays)
    assert model.widths == network.widths
    assert np.array_equal(model.weights, network.weights)
    assert np.array_equal(model.mask, network.mask)
