"""What PyTorch and its pruning tools write, read back (extra dev)."""

import numpy as np
import pytest

from noprune_theory.models import MLP
from noprune_theory.networks import NetworkFormatError, load, save

pytestmark = pytest.mark.peers


@pytest.fixture
def torch():
    import torch

    torch.manual_seed(0)
    return torch


def pruned_sequential(torch):
    from torch.nn.utils import prune

    network = torch.nn.Sequential(
        torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)
    )
    for layer in (network[0], network[2]):
        prune.l1_unstructured(layer, "weight", amount=0.5)
    return network


def agree(torch, model, network):
    X = torch.randn(5, 6)
    expected = network(X).detach().numpy()
    np.testing.assert_allclose(model.outputs(X.double().numpy()), expected, rtol=1e-5, atol=1e-6)


def test_a_network_pruned_by_torch(torch, tmp_path):
    network = pruned_sequential(torch)
    torch.save(network.state_dict(), tmp_path / "n.pt")
    model = load(tmp_path / "n.pt")
    agree(torch, model, network)
    assert model.n_weights - model.mask.sum() == 24 + 32


def test_a_stale_product_does_not_count(torch, tmp_path):
    """After `load_state_dict` the attribute `weight` is the old product until the next forward pass."""
    network, other = pruned_sequential(torch), pruned_sequential(torch)
    other.load_state_dict(network.state_dict())
    assert not torch.equal(other[0].weight, network[0].weight)
    torch.save({**other.state_dict(), "0.weight": other[0].weight.detach()}, tmp_path / "n.pt")
    agree(torch, load(tmp_path / "n.pt"), network)


def test_after_prune_remove_only_zeros_are_left(torch, tmp_path):
    from torch.nn.utils import prune

    network = pruned_sequential(torch)
    for layer in (network[0], network[2]):
        prune.remove(layer, "weight")
    torch.save(network.state_dict(), tmp_path / "n.pt")
    assert load(tmp_path / "n.pt").mask.all()
    assert load(tmp_path / "n.pt", masks="zeros").n_weights - load(tmp_path / "n.pt", masks="zeros").mask.sum() == 56


def test_torch_ao_keeps_its_masks_elsewhere(torch, tmp_path):
    from torch.ao.pruning import WeightNormSparsifier

    network = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    sparsifier = WeightNormSparsifier(sparsity_level=0.5, sparse_block_shape=(1, 1), zeros_per_block=1)
    sparsifier.prepare(network, config=[{"tensor_fqn": "0.weight"}])
    sparsifier.step()
    torch.save(network.state_dict(), tmp_path / "n.pt")
    with pytest.raises(NetworkFormatError, match=r"0.parametrizations.weight.original.*outside the state dict"):
        load(tmp_path / "n.pt")
    sparsifier.squash_mask()
    torch.save(network.state_dict(), tmp_path / "n.pt")
    model = load(tmp_path / "n.pt", masks="zeros")
    agree(torch, model, network)
    assert 0 < model.n_weights - model.mask.sum() <= 24


def test_half_precision_and_wrapped_checkpoints(torch, tmp_path):
    weights = torch.tensor([[1.5, -2.0]], dtype=torch.bfloat16, requires_grad=True)
    torch.save({"state_dict": {"fc.weight": weights}, "epoch": 3}, tmp_path / "n.pth")
    assert load(tmp_path / "n.pth").weights.tolist() == [1.5, -2.0]


def test_whole_modules_are_not_unpickled(torch, tmp_path):
    torch.save(torch.nn.Linear(2, 1), tmp_path / "n.pt")
    with pytest.raises(NetworkFormatError, match="weights-only loader refused it"):
        load(tmp_path / "n.pt")
    (tmp_path / "n.pt").write_bytes(b"text")
    with pytest.raises(NetworkFormatError):
        load(tmp_path / "n.pt")


def test_round_trip_into_torch_with_masks(torch, tmp_path):
    from torch.nn.utils import prune

    rng = np.random.default_rng(0)
    model = MLP.draw(rng, (6, 8, 3))
    model = model.masked((rng.random(model.n_weights) < 0.5) | ~model.prunable)
    save(model, tmp_path / "n.pt")
    read = load(tmp_path / "n.pt")
    assert np.array_equal(read.weights, model.weights)
    assert np.array_equal(read.mask, model.mask)
    network = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)).double()
    for layer in (network[0], network[2]):
        prune.identity(layer, "weight")
    network.load_state_dict(torch.load(tmp_path / "n.pt", weights_only=True))
    X = torch.randn(5, 6, dtype=torch.float64)
    np.testing.assert_allclose(network(X).detach().numpy(), model.outputs(X.numpy()), rtol=1e-12)
