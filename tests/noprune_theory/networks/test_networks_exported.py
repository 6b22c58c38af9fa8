"""Networks pruned by PyTorch and exported to ONNX, read back from the graph (extra dev)."""

import warnings

import numpy as np
import pytest

from noprune_theory.networks import load, save

pytestmark = pytest.mark.peers


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    torch.manual_seed(0)
    return torch


def exported(torch, path, **options):
    """A network with two pruned layers, written by the exporter."""
    from torch.nn.utils import prune

    network = torch.nn.Sequential(
        torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)
    ).eval()
    for layer in (network[0], network[2]):
        prune.l1_unstructured(layer, "weight", amount=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, (torch.zeros(1, 6),), path, verbose=False, **options)
    return network


def agree(torch, model, network):
    X = torch.randn(20, 6)
    expected = network(X).detach().numpy()
    np.testing.assert_allclose(model.outputs(X.double().numpy()), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("optimize", [True, False])
def test_an_exported_pruned_network(torch, tmp_path, optimize):
    """Optimised, the exporter folds weights and masks into one initialiser, whose zeros may be -0.0."""
    network = exported(torch, tmp_path / "n.onnx", dynamo=True, optimize=optimize)
    model = load(tmp_path / "n.onnx")
    agree(torch, model, network)
    pruned = model.n_weights - int(model.mask.sum())
    # Folded, the masks are gone, and zeros count only when asked; apart, they are read from the graph.
    assert pruned == (0 if optimize else 24 + 32)
    zeros = load(tmp_path / "n.onnx", masks="zeros")
    agree(torch, zeros, network)
    assert zeros.n_weights - zeros.mask.sum() == 24 + 32


def test_the_older_exporter(torch, tmp_path):
    network = exported(torch, tmp_path / "n.onnx", dynamo=False)
    agree(torch, load(tmp_path / "n.onnx"), network)


def test_what_is_written_runs_elsewhere(torch, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    network = exported(torch, tmp_path / "n.onnx", dynamo=True)
    model = load(tmp_path / "n.onnx", masks="zeros")
    save(model, tmp_path / "again.onnx")
    again = load(tmp_path / "again.onnx")
    assert np.array_equal(again.weights, model.weights)
    assert np.array_equal(again.mask, model.mask)
    session = runtime.InferenceSession(str(tmp_path / "again.onnx"))
    declared = session.get_inputs()[0]
    X = (
        np.random.default_rng(0)
        .standard_normal((5, 6))
        .astype(np.float64 if declared.type == "tensor(double)" else np.float32)
    )
    found = session.run(None, {declared.name: X})[0]
    np.testing.assert_allclose(
        found, network(torch.from_numpy(X.astype(np.float32))).detach().numpy(), rtol=1e-4, atol=1e-5
    )


def test_repeated_pruning_rounds_what_is_left(torch):
    """torch.nn.utils.prune rounds 0.2 times the number that is left; the paper's curves keep floor(0.8 k)."""
    from torch.nn.utils import prune

    layer = torch.nn.Linear(44, 30, bias=False)
    counts, floors = [], [1320]
    for _ in range(5):
        prune.l1_unstructured(layer, "weight", amount=0.2)
        counts.append(int(layer.weight_mask.sum()))
        floors.append(int(0.8 * floors[-1]))
    assert counts == [1056, 845, 676, 541, 433]
    assert floors[1:] == [1056, 844, 675, 540, 432]
