"""Growth of time and memory in child processes, and the trained networks that cases run on."""

import json
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import growth
from benchmarks.lipsdp_deep import eclipse_fast
from benchmarks.timing import Case, Scaling
from benchmarks.trained_networks import trained_network
from noprune_theory.lipschitz import lipsdp_deep


@pytest.fixture
def toy(monkeypatch):
    held = []
    module = type(sys)("benchmarks.toy")
    scaling = Scaling("n", (1, 2, 4), 2.0, lambda n: lambda: held.append(np.ones(n * 1_000_000)))
    module.CASE = Case("toy", "A toy.", "difference", lambda: iter(()), scalings=(scaling,))
    monkeypatch.setitem(sys.modules, "benchmarks.toy", module)
    return held


def test_a_child_prints_its_time_and_its_high_water_mark(toy, capsys):
    growth.measure("toy", 0, 4)
    found = json.loads(capsys.readouterr().out)
    assert len(toy) == 2, "the second of two runs is timed"
    assert found["seconds"] >= 0
    assert found["peak"] >= found["before"] > 1


def test_the_exponent_is_that_of_the_seconds(toy, monkeypatch, capsys):
    def run(command, **_):
        value = int(command[-1])
        text = json.dumps({"seconds": 0.5 * value**2, "before": 40.0, "peak": 50.0 + value})
        return subprocess.CompletedProcess(command, 0, stdout=text)

    monkeypatch.setattr(subprocess, "run", run)
    growth.main(["toy"])
    *_, line = capsys.readouterr().out.splitlines()
    assert line == "| toy | n | 1, 2, 4 | 500 ms, 2 s, 8 s | 2.00 | 2 | 51, 52, 54 (40 before) |"


def test_trained_networks_are_what_they_stand_for():
    weights = trained_network(2, width=16, epochs=1)
    assert [W.shape for W in weights] == [(16, 784), (16, 16), (10, 16)]
    for W in weights:
        assert 1 - 1e-9 <= np.linalg.norm(W, 2) <= 1.03 + 1e-9
    np.testing.assert_array_equal(weights[1], trained_network(2, width=16, epochs=1)[1])
    bound = lipsdp_deep(weights)
    assert bound.relaxation_lower <= bound.upper <= eclipse_fast(weights)
    assert bound.upper <= bound.relaxation_lower * (1 + 1.01e-4)
