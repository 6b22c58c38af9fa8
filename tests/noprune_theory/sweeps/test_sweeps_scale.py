"""What many short cells cost: messages, searches for libraries, memory, reading the store."""

import gc
import os
import subprocess
import sys
import tracemalloc
import warnings

import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

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


def held_and_peak(count):
    """Return the bytes that the result of a sweep takes, and the most that were taken on the way."""
    gc.collect()
    tracemalloc.start()
    result = run_sweep(mean, grid(n=[2]), version=1, seeds=range(count))
    gc.collect()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(result.table) == count
    return kept, peak


def test_a_sweep_holds_little_more_than_its_table():
    run_sweep(mean, grid(n=[2]), version=1)
    (_, small), (kept, large) = held_and_peak(200), held_and_peak(1200)
    assert (large - small) / 1000 < kept / 1200 + 150


seen, held = [], []


def grows(rng, number):
    """In each process the third cell takes 360 MB for good; loky looks after every cell whether it has grown."""
    from joblib.externals.loky import process_executor

    process_executor._MEMORY_LEAK_CHECK_DELAY = -1.0
    seen.append(number)
    if len(seen) == 3:
        held.append(np.ones(45_000_000))
    return {"process": os.getpid(), "held": len(held)}


ENOUGH_MEMORY = 4 * 2**30


@pytest.mark.skipif(
    not hasattr(os, "sysconf") or os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < ENOUGH_MEMORY,
    reason="little memory",
)
def test_workers_that_grow_are_not_taken_for_leaking():
    """Loky stops one that has grown by 300 MB since its first cell, with a warning, and starts another."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = run_sweep(grows, grid(number=range(60)), version=1, execution=Execution(jobs=2)).complete_table()
    assert caught == []
    assert len(set(table.column("process"))) <= 2
    assert table.column("held").max() == 1
    get_reusable_executor().shutdown()
