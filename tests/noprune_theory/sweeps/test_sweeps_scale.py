"""What many short cells cost: messages, searches for libraries, reading the store."""

import subprocess
import sys

import numpy as np
import pytest

from noprune_theory.solvers import _blas
from noprune_theory.sweeps import Execution, grid, run_sweep
from noprune_theory.sweeps.cells import make_cells
from noprune_theory.sweeps.evaluation import evaluate, evaluate_some
from noprune_theory.sweeps.store import ResultStore


def mean(rng, n):
    return {"mean": float(rng.standard_normal(n).mean())}


def failing(rng, n):
    raise ValueError(f"no {n}")


def test_a_message_begins_no_cell_after_its_time():
    tasks = [(index, mean, {"n": 3}, index) for index in range(20)]
    assert [outcome.index for outcome in evaluate_some(tasks, 0.0)] == [0]
    assert evaluate_some(tasks, 1e9) == [evaluate(*task) for task in tasks]


def test_a_failing_cell_does_not_end_its_message():
    outcomes = evaluate_some([(0, mean, {"n": 3}, 0), (1, failing, {"n": 3}, 0), (2, mean, {"n": 3}, 0)], 1e9)
    assert [outcome.rows is None for outcome in outcomes] == [False, True, False]
    assert "no 3" in outcomes[1].message


LIBRARIES = """
import sys
from noprune_theory.solvers import _blas
if _blas._loads() is None:
    sys.exit("unknown")
first = _blas._libraries()
assert _blas._libraries() is first
import numpy, _decimal, _sqlite3
assert _blas._libraries() is not first
"""


def test_libraries_are_looked_for_again_when_one_was_loaded():
    done = subprocess.run([sys.executable, "-c", LIBRARIES], capture_output=True, text=True)
    if done.stderr.strip() == "unknown":
        pytest.skip("the system does not tell how many libraries were loaded")
    assert done.returncode == 0, done.stderr


def test_libraries_are_looked_for_every_time_where_loads_are_not_counted(monkeypatch):
    monkeypatch.setattr(_blas, "_visit_objects", lambda: None)
    assert _blas._loads() is None
    assert _blas._libraries() is not _blas._libraries()
    with _blas.one_thread():
        assert np.ones(3) @ np.ones(3) == 3.0


def test_the_store_is_read_once_for_all_cells(tmp_path, monkeypatch):
    path = tmp_path / "store.sqlite"
    points, seeds = grid(n=[2, 3]), range(50)
    first = run_sweep(mean, points, version=1, seeds=seeds, execution=Execution(store=path))
    cells = make_cells(mean, points, 1, seeds, with_code=True)
    with ResultStore(path) as store:
        one_by_one = {place: store.get(cell) for place, cell in enumerate(cells)}
        assert store.finished(cells) == one_by_one
        others = make_cells(mean, grid(n=[3, 4]), 1, seeds, with_code=True)
        assert set(store.finished(others)) == set(range(50))
    monkeypatch.setattr(ResultStore, "get", None)
    again = run_sweep(mean, points, version=1, seeds=seeds, execution=Execution(store=path))
    assert (again.reused, again.computed) == (100, 0)
    assert again.table == first.table
