"""The first calls that are measured: they run, in processes of their own, and the table has what those print."""

import json
import os
import subprocess
import sys

import pytest

from benchmarks import first_use


def test_a_child_prints_both_calls_and_its_high_water_mark(monkeypatch, capsys):
    made = []
    monkeypatch.setattr(first_use, "calls", lambda: {"toy": lambda: made.append(len(made))})
    first_use.measure("toy")
    found = json.loads(capsys.readouterr().out)
    assert made == [0, 1]
    assert set(found) == {"first", "first_cpu", "second", "second_cpu", "peak"}
    assert found["peak"] > 1
    assert min(found.values()) >= 0


def test_both_processes_share_a_cache_that_starts_empty(monkeypatch, capsys):
    caches = []

    def run(command, *, env, **_):
        assert command[-1] == "bracket, 3-24-1"
        caches.append((env["NUMBA_CACHE_DIR"], os.listdir(env["NUMBA_CACHE_DIR"])))
        open(os.path.join(env["NUMBA_CACHE_DIR"], "kernel.nbc"), "w").close()
        number = len(caches)
        found = {
            "first": 4.0 / number,
            "first_cpu": 2.0 / number,
            "second": 0.5,
            "second_cpu": 0.5,
            "peak": 99.0 + number,
        }
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps(found))

    monkeypatch.setattr(subprocess, "run", run)
    first_use.main(["bracket, 3-24-1"])
    *_, line = capsys.readouterr().out.splitlines()
    assert line == "| bracket, 3-24-1 | 4 s | 2 s | 2 s | 1 s | 500 ms | 100, 101 |"
    (first, empty), (second, filled) = caches
    assert first == second
    assert (empty, filled) == ([], ["kernel.nbc"])
    assert not os.path.exists(first)


@pytest.mark.parametrize("name", ["bracket, 3-24-1, biases", "exact constant, 24 units, 3 inputs"])
def test_a_real_call_in_a_process_of_its_own(name):
    done = subprocess.run([sys.executable, "-c", first_use._CHILD, name], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["first"] > 0


def test_the_names_are_those_of_the_table(capsys):
    with pytest.raises(SystemExit):
        first_use.main(["no such call"])
    said = capsys.readouterr().err
    assert "unknown call 'no such call'" in said
    assert all(name in said for name in first_use.calls())
