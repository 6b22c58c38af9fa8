"""The report on a network: counts by hand, bits by binomials, the law by the front door, and the command."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from matplotlib.figure import Figure

from noprune_theory.bounds import LawSetting, MaximalLeakage, Noise, law_of_robustness
from noprune_theory.command_line import _run as run
from noprune_theory.covariates import Gaussian
from noprune_theory.models import MLP
from noprune_theory.models.parameters import bias_positions
from noprune_theory.networks import plot_bracket, plot_masks, report, report_html, report_lines, save
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
        ({"X": np.ones((2, 20)), "y": [1.0, 1.0], "sigma2": [0.5, 0.5]}, r"^sigma2 must be one number, got shape"),
        ({"X": np.ones((2, 20)), "y": [1.0, 1.0], "sigma2": 0.0}, r"^sigma2 must be > 0, got 0.0"),
    ],
)
def test_data_that_do_not_fit_are_refused(data, message):
    with pytest.raises(ValueError, match=message):
        report(problem()[0], data)


@pytest.mark.parametrize("name", ["inputs", "noise", "dependence"])
def test_what_is_no_assumption_is_refused_whether_it_is_used_or_not(name):
    network, data = problem(sigma2=1.0)
    for known in (None, data):
        with pytest.raises(TypeError, match=rf"^{name} must be a \w+.*, got 5 of type int"):
            report(network, known, **{name: 5})
    for level in (True, "0.5"):
        with pytest.raises(TypeError, match=r"^sigma2 must be a real number"):
            report(network, {**data, "sigma2": level})


@pytest.mark.parametrize("size", [2.0**-900, 2.0**900])
def test_errors_are_compared_whatever_the_unit_of_the_labels(size):
    network = MLP((1, 1), [3.0], biases=False)
    scaled = MLP((1, 1), [3.0 * size], biases=False)
    X, noise = np.array([[1.0], [2.0], [5.0]]), np.array([1.0, -1.0, 2.0])
    for y, fits in ((3.0 * X[:, 0], True), (3.0 * X[:, 0] + [0.0, 0.0, 1.0], False)):
        plain = report(network, {"X": X, "y": y, "z": noise})
        found = report(scaled, {"X": X, "y": y * size, "z": noise / size})
        assert plain.data.interpolates == found.data.interpolates == fits
        assert found.data.noise_correlation == plain.data.noise_correlation
        squared = size**2 if size < 1 else math.inf
        assert found.data.mse == (plain.data.mse * squared if plain.data.mse else 0.0)


def test_pages_and_pictures_refuse_what_is_no_report_or_no_network():
    network = hand_made()
    found = report(network)
    axes = Figure().subplots(1, 2)
    for call, message in [
        (lambda: report_lines(network), r"^found must be a NetworkReport, got MLP"),
        (lambda: report_html(network, network, "t"), r"^found must be a NetworkReport"),
        (lambda: report_html(found, found, "t"), r"^model must be a MLP, got NetworkReport"),
        (lambda: report_html(found, network, 5), r"^title must be a str, got 5"),
        (lambda: plot_bracket(None, found), r"^axes must be a Axes, got None"),
        (lambda: plot_bracket(axes[0], network), r"^found must be a NetworkReport"),
        (lambda: plot_masks(axes, None), r"^model must be a MLP, got None"),
        (lambda: plot_masks(axes[0], network), r"^axes must be a Iterable"),
        (lambda: plot_masks([axes[0], 2], network), r"^axes\[1\] must be a Axes, got 2"),
    ]:
        with pytest.raises(TypeError, match=message):
            call()
    with pytest.raises(ValueError, match=r"^axes must be one for each of the 2 layers, got 1"):
        plot_masks(axes[:1], network)
    with pytest.raises(ValueError, match=r"^model must have the widths \(2, 3, 1\) of the report, got \(2, 1\)"):
        report_html(found, MLP((2, 1), [1.0, 2.0], biases=False), "t")


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
