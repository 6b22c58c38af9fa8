"""The report on a network: counts by hand, bits by binomials, the law by the front door, and the command."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given

from noprune_theory.bounds import LawSetting, MaximalLeakage, Noise, law_of_robustness
from noprune_theory.command_line import _run as run
from noprune_theory.covariates import Gaussian
from noprune_theory.models import MLP
from noprune_theory.models.parameters import bias_positions
from noprune_theory.networks import report, report_html, report_lines, save
from noprune_theory.testing import pruned_networks


def hand_made():
    """2 -> 3 -> 1: the second unit has no input but a bias, the third no output."""
    weights = [1, 0, 0, 0, 0, 2, 0, 3, 0, 1, 1, 0, 5]
    mask = [1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 0, 1]
    return MLP((2, 3, 1), weights, np.array(mask, dtype=bool))


def test_counts_by_hand():
    found = report(hand_made())
    first, second = found.layers
    assert (first.weights, first.kept, first.kept_biases, first.inactive, first.constant) == (6, 3, 3, 2, 1)
    assert (second.weights, second.kept, second.kept_biases, second.inactive) == (3, 2, 1, 0)
    assert (found.parameters, found.prunable, found.kept) == (13, 9, 9)
    assert found.sparsity == pytest.approx(4 / 9)
    assert found.log2_masks == pytest.approx(math.log2(math.comb(9, 5)))
    assert found.log2_masks_layout_known == pytest.approx(math.log2(math.comb(6, 3) * math.comb(3, 2)))
    assert found.entropy_ceiling == pytest.approx(math.log(math.comb(6, 3) * math.comb(3, 2)))
    assert found.lipschitz.upper == pytest.approx(1.0)
    assert found.collapsed == ()
    assert found.data is None


def test_a_collapsed_layer_is_named():
    network = MLP((1, 1, 1, 1), [1.0, 0.0, 1.0], biases=False)
    assert report(network).collapsed == (1, 2)
    assert any("collapsed" in line for line in report_lines(report(network)))


@given(pruned_networks())
def test_counts_add_up(network):
    found = report(network, max_seconds=0.01)
    biases = bias_positions(network.widths, network.biases)
    assert sum(layer.kept for layer in found.layers) == np.count_nonzero(network.mask & ~biases)
    assert sum(layer.kept_biases for layer in found.layers) == np.count_nonzero(network.mask & biases)
    assert 0 <= found.log2_masks_layout_known <= found.log2_masks * (1 + 1e-12) + 1e-9
    if found.collapsed:
        assert found.lipschitz.upper == 0
    json.dumps(found.to_dict(), allow_nan=False)


def problem(sigma2=0.81, n=3000, d=20):
    rng = np.random.default_rng(0)
    network = MLP.draw(rng, (d, 8, 1))
    network = network.masked((rng.random(network.n_weights) < 0.5) | ~network.prunable)
    z = 0.9 * rng.choice([-1.0, 1.0], n)
    X = rng.standard_normal((n, d)) / math.sqrt(d)
    return network, {"X": X, "y": z, "z": z, "sigma2": sigma2}


def test_data_without_a_fit_below_the_noise():
    network, data = problem()
    found = report(network, data, inputs=Gaussian(20))
    assert found.data.mse == pytest.approx(np.mean((network.value(data["X"]) - data["y"]) ** 2))
    values = network.value(data["X"])
    assert found.data.noise_correlation == pytest.approx(np.mean((values - values.mean()) * data["z"]))
    assert found.data.law is None
    assert "is not below the noise level" in found.data.reason


def test_the_law_is_that_of_the_front_door():
    network, data = problem(sigma2=1.0)
    found = report(network, data, inputs=Gaussian(20), delta=0.1)
    expected = law_of_robustness(
        LawSetting(
            n=3000,
            inputs=Gaussian(20),
            noise=Noise(1.0),
            epsilon=1 - found.data.mse,
            delta=0.1,
            mask_size=found.kept,
            dependence=MaximalLeakage(found.entropy_ceiling),
            diameter=found.constants.diameter,
            parameter_lipschitz=found.constants.parameter_lipschitz,
        )
    )
    assert float(found.data.law.lipschitz) == float(expected.lipschitz)
    blind, interpolating, *_ = found.data.changes
    assert blind.bound >= float(expected.lipschitz)
    assert interpolating.bound >= float(expected.lipschitz)
    without = report(network, data)
    assert "give inputs" in without.data.reason


def test_with_data_the_constant_on_their_ball_is_reported():
    network, data = problem(sigma2=1.0)
    found = report(network, data)
    assert found.constants.data_radius == np.linalg.norm(data["X"], axis=1).max()
    local = found.lipschitz_on_ball
    assert local.lower <= found.lipschitz.upper
    assert np.linalg.norm(local.witness.point) <= found.constants.data_radius
    assert np.linalg.norm(network.input_gradient(data["X"]), axis=1).max() <= local.upper * (1 + 1e-12)
    assert found.to_dict()["lipschitz_on_ball"]["upper"] == local.upper
    assert any("on the ball" in line for line in report_lines(found))
    assert report(network).lipschitz_on_ball is None


def test_a_bound_above_the_constant_is_said():
    network, data = problem(sigma2=1.0, n=200_000)
    network = network.with_weights(network.weights * 1e-6)
    data["y"] = data["y"] * 0.1
    found = report(network, data, inputs=Gaussian(20))
    assert float(found.data.law.lipschitz) > found.lipschitz.upper
    assert "something given does not hold" in found.data.reason


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"X": [[1.0]]}, 'data must have "X" and "y"'),
        ({"X": [[1.0]], "y": [1.0]}, "X must have 20 columns"),
        ({"X": np.ones((2, 20)), "y": [1.0, 1.0], "z": [1.0]}, "z must have shape"),
    ],
)
def test_data_that_do_not_fit_are_refused(data, message):
    with pytest.raises(ValueError, match=message):
        report(problem()[0], data)


def test_the_command_writes_what_it_says(tmp_path):
    network, data = problem(sigma2=1.0)
    save(network, tmp_path / "n.npz")
    np.savez(tmp_path / "d.npz", **data)
    arguments = ["inspect", "n.npz", "--data", "d.npz", "--inputs", "gaussian", "--json", "r.json", "--html", "r.html"]
    done = subprocess.run(
        [sys.executable, "-m", "noprune_theory", *arguments], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    written = json.loads((tmp_path / "r.json").read_text())
    assert written["schema"] == 1
    assert written["kept"] == int(network.mask.sum())
    assert written["data"]["law"]["theorem"] in done.stdout
    page = (tmp_path / "r.html").read_text()
    assert page.count("<img") == 2
    assert page == report_html(report(network, data, inputs=Gaussian(20)), network, "n.npz")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("inspect none.npz", "no file none.npz"),
        ("inspect d.npz", "wrong: not the name"),
        ("inspect n.npz --data d.npz", "must hold X and y"),
        ("inspect n.npz --json no/such/r.json", "cannot write"),
        ("inspect n.npz --delta 2", "delta must satisfy"),
    ],
)
def test_the_command_refuses_with_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    np.savez("d.npz", wrong=[1.0])
    save(hand_made(), "n.npz")
    assert run(arguments.split()) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""
