import csv
import io
import json
import math
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading

import numpy as np
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.sweeps import (
    Cell,
    Execution,
    ResultStore,
    StoreError,
    SweepError,
    SweepTable,
    evaluation,
    grid,
    run_sweep,
)
from noprune_theory.sweeps import progress as progress_module

POINTS = grid(n=[5, 40], scale=[1.0, 0.25])


def singular_values(rng, n, scale):
    """Linear algebra, whose last bits depend on how it is computed."""
    values = np.linalg.svd(scale * rng.standard_normal((n, n)), compute_uv=False)
    return [{"rank": i, "value": values[i]} for i in range(3)]


def uniform(rng, name):
    return {"value": rng.random()}


def fragile(rng, size, broken):
    if size == broken:
        raise ArithmeticError("no such size")
    return {"value": rng.random()}


def deadly(rng, size, broken):
    if size == broken:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"value": rng.random()}


def test_grid_is_the_product_and_the_last_axis_varies_fastest():
    assert grid(a=[1, 2], b=["x", "y"]) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


def test_grid_refuses_empty_axes():
    with pytest.raises(ValueError, match="at least one axis"):
        grid()
    with pytest.raises(ValueError, match="axis b must not be empty"):
        grid(a=[1], b=[])
    for axis in (5, None, print):
        with pytest.raises(TypeError, match=r"^axis b must be an iterable of values, got"):
            grid(a=[1], b=axis)


def test_rows_stand_in_the_order_of_the_cells():
    result = run_sweep(singular_values, POINTS, version=1, seeds=[3, 1])
    assert result.table.columns == ("n", "scale", "seed", "rank", "value")
    assert [row[:4] for row in result.table.rows[:7]] == [
        (5, 1.0, 3, 0),
        (5, 1.0, 3, 1),
        (5, 1.0, 3, 2),
        (5, 1.0, 1, 0),
        (5, 1.0, 1, 1),
        (5, 1.0, 1, 2),
        (5, 0.25, 3, 0),
    ]
    assert (result.computed, result.reused, result.failures) == (8, 0, ())
    expected = np.linalg.svd(np.random.default_rng(3).standard_normal((5, 5)), compute_uv=False)
    assert result.table.column("value")[:3] == pytest.approx(expected[:3], rel=1e-12)


@pytest.mark.parametrize("backend", ["loky", "threading", "sequential"])
def test_same_bits_for_any_number_of_workers(backend):
    execution = Execution(jobs=2, backend=backend)
    alone = run_sweep(singular_values, POINTS, version=1, seeds=range(4)).table
    assert run_sweep(singular_values, POINTS, version=1, seeds=range(4), execution=execution).table == alone


def blas_threads():
    return max(library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas")


others_began = threading.Event()


def threads_while_others_end(rng, number):
    """The first cell runs on while the second one ends: the same worker has begun a third by then."""
    at_the_start = blas_threads()
    if number == 2:
        others_began.set()
    waited = number > 0 or others_began.wait(60)
    before_a_solve = blas_threads()
    with one_blas_thread():
        pass
    return {"threads": max(at_the_start, before_a_solve, blas_threads()), "waited": waited}


def test_every_cell_runs_on_one_blas_thread_until_its_end():
    with threadpool_limits(limits=2, user_api="blas"):
        execution = Execution(jobs=2, backend="threading")
        for _ in range(3):
            others_began.clear()
            table = run_sweep(threads_while_others_end, grid(number=range(6)), version=1, execution=execution).table
            assert table.column("waited").all()
            assert set(table.column("threads")) == {1}
        assert blas_threads() == 2


def test_same_bits_in_any_order():
    alone = run_sweep(singular_values, POINTS, version=1, seeds=range(4)).table
    turned = run_sweep(singular_values, POINTS[::-1], version=1, seeds=[2, 0, 3, 1]).table
    assert set(turned.rows) == set(alone.rows)


def test_same_bits_resumed(tmp_path):
    alone = run_sweep(singular_values, POINTS, version=1, seeds=range(4))
    execution = Execution(store=tmp_path / "store.sqlite")
    run_sweep(singular_values, POINTS[2:], version=1, seeds=[1, 3], execution=execution)
    resumed = run_sweep(singular_values, POINTS, version=1, seeds=range(4), execution=execution)
    assert resumed.table == alone.table
    assert (resumed.computed, resumed.reused) == (12, 4)


def test_only_what_changed_is_computed_anew(tmp_path):
    execution = Execution(store=tmp_path / "store.sqlite")

    def counts(names, version, seeds):
        result = run_sweep(uniform, grid(name=names), version=version, seeds=seeds, execution=execution)
        return result.computed, result.reused

    assert counts(["a", "b"], 1, [0, 1]) == (4, 0)
    assert counts(["a", "b"], 1, [0, 1]) == (0, 4)
    assert counts(["a", "c"], 1, [0, 1]) == (2, 2)
    assert counts(["a", "b"], 1, [0, 2]) == (2, 2)
    assert counts(["a", "b"], 2, [0, 1]) == (4, 0)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(scalars, scalars)
def test_keys_tell_apart_what_is_not_the_same(first, second):
    keys = [Cell("f", 1, (("a", value),), 0).key() for value in (first, second)]
    assert (keys[0] == keys[1]) == (type(first) is type(second) and repr(first) == repr(second))


def test_key_covers_function_version_and_seed_but_not_the_order_of_parameters():
    base = Cell("f", 1, (("a", 1), ("b", 2)), 0)
    assert base.key() == Cell("f", 1, (("b", 2), ("a", 1)), 0).key()
    others = [
        Cell("g", 1, base.parameters, 0),
        Cell("f", 2, base.parameters, 0),
        Cell("f", 1, base.parameters, 1),
    ]
    assert base.key() not in {cell.key() for cell in others}


@given(st.floats())
def test_every_float_comes_back(value):
    table = run_sweep(from_hexadecimal, [{"text": value.hex()}], version=1).table
    assert repr(table.rows[0][-1]) == repr(value)


def from_hexadecimal(rng, text):
    return {"value": float.fromhex(text)}


def test_numpy_scalars_are_parameters_like_any_other(tmp_path):
    execution = Execution(store=tmp_path / "store.sqlite")
    run_sweep(singular_values, grid(n=[5], scale=[1.0]), version=1, execution=execution)
    again = run_sweep(
        singular_values,
        grid(n=np.array([5]), scale=np.array([1.0])),
        version=1,
        seeds=np.arange(1),
        execution=execution,
    )
    assert again.reused == 1


@pytest.mark.parametrize(
    ("parameters", "options", "error", "said"),
    [
        ([{"name": {"a": 1}}], {}, TypeError, "parameter name"),
        ([{"name": math.nan}], {}, ValueError, "parameter name must be finite"),
        ([{"name": "a"}, {"name": "a"}], {}, ValueError, "occurs twice"),
        ([{"name": "a"}], {"seeds": [0, 0]}, ValueError, "occurs twice"),
        ([{"name": "a"}], {"seeds": [-1]}, ValueError, "seeds must be >= 0, got -1"),
        ([{"name": "a"}], {"seeds": [0.5]}, TypeError, "seeds must be an integer"),
        ([{"name": "a"}], {"version": -1}, ValueError, "version"),
        ([], {}, ValueError, "at least one cell"),
        ([{"name": "a"}, {"other": "a"}], {}, ValueError, "same parameters"),
        ([{"seed": 1}], {}, ValueError, "seed"),
    ],
)
def test_bad_cells_are_refused(parameters, options, error, said):
    with pytest.raises(error, match=said):
        run_sweep(uniform, parameters, **{"version": 1, **options})


def test_functions_without_a_name_are_refused():
    with pytest.raises(ValueError, match="named function"):
        run_sweep(lambda rng, name: {"v": 0}, grid(name=["a"]), version=1)


class Holder:
    def cell(self, rng, name):
        return {"value": 0}


def closure(value):
    def cell(rng, name):
        return {"value": value}

    return cell


def with_default(rng, name, *, scale=2):
    return {"value": scale * rng.random()}


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (Holder().cell, "bound method, got Holder.cell"),
        (closure(3), "closure or a bound method, got closure.<locals>.cell"),
        (with_default, "parameter scale of with_default must be given: its default, 2,"),
    ],
)
def test_functions_that_depend_on_more_than_their_key_are_refused(function, said):
    with pytest.raises(ValueError, match=said):
        run_sweep(function, grid(name=["a"]), version=1)


def test_a_default_that_the_grid_overrides_is_accepted():
    assert len(run_sweep(with_default, grid(name=["a"], scale=[1]), version=1).table) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"jobs": 0}, "jobs"),
        ({"backend": "dask"}, "go together"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "go together"),
        ({"backend": "nonsense"}, "backend must be one of dask, loky, sequential, threading, got 'nonsense'"),
        ({"backend": "multiprocessing"}, "backend must be one of .*, got 'multiprocessing'"),
        ({"backend": np.arange(1000)}, "backend must be one of .*, got <int64 array, shape"),
    ],
)
def test_bad_executions_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        Execution(**options)


def exits(rng, size):
    if size == 1:
        sys.exit("no more")
    return {"value": size}


def fails_at_length(rng, size):
    raise ValueError("first line\n\tsecond line\r\n")


@pytest.mark.parametrize("execution", [Execution(), Execution(jobs=2), Execution(jobs=2, backend="threading")])
def test_a_cell_that_exits_fails_alone(execution):
    result = run_sweep(exits, grid(size=range(4)), version=1, execution=execution)
    assert result.table.column("size").tolist() == [0, 2, 3]
    assert [failure.message.split(" (")[0] for failure in result.failures] == ["SystemExit: no more"]


def test_the_message_of_a_failure_is_one_line():
    (failure,) = run_sweep(fails_at_length, [{"size": 1}], version=1).failures
    assert failure.message.startswith("ValueError: first line second line (test_sweeps.py:")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failing_cell_fails_alone_and_is_tried_again(tmp_path, jobs):
    execution = Execution(jobs=jobs, store=tmp_path / "store.sqlite")
    points = [{"size": size, "broken": 2} for size in range(5)]
    first = run_sweep(fragile, points, version=1, execution=execution)
    assert first.table.column("size").tolist() == [0, 1, 3, 4]
    assert [failure.cell.parameters[0] for failure in first.failures] == [("size", 2)]
    assert "ArithmeticError: no such size (test_sweeps.py:" in first.failures[0].message
    with pytest.raises(SweepError, match=r"1 of 5 cells failed; first: .*no such size"):
        first.complete_table()
    again = run_sweep(fragile, points, version=1, execution=execution)
    assert (again.computed, again.reused, len(again.failures)) == (0, 4, 1)


def test_a_dead_worker_fails_its_cell_and_no_other(tmp_path):
    points = [{"size": size, "broken": 7} for size in range(12)]
    result = run_sweep(deadly, points, version=1, execution=Execution(jobs=2, store=tmp_path / "store.sqlite"))
    assert result.table.column("size").tolist() == [size for size in range(12) if size != 7]
    assert [dict(failure.cell.parameters)["size"] for failure in result.failures] == [7]
    assert "worker died" in result.failures[0].message


def returns_list_in_column(rng, name):
    return {"value": [1, 2]}


def returns_number(rng, name):
    return [3.0]


def returns_nothing(rng, name):
    pass


def returns_text(rng, name):
    return "3.0"


def returns_number_as_name(rng, name):
    return {1: 2}


def returns_a_parameter(rng, name):
    return {"value": 1, "name": name}


def returns_the_seed(rng, name):
    return [{"seed": 1}]


def returns_ragged_rows(rng, name):
    return [{"a": 1}, {"a": 1, "b": 2}]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (returns_list_in_column, "TypeError: column value must hold scalars, got list"),
        (returns_number, "TypeError: a cell must return a mapping or a sequence of mappings, got float in it"),
        (returns_nothing, "TypeError: a cell must return a mapping or a sequence of mappings, got NoneType"),
        (returns_text, "TypeError: a cell must return a mapping or a sequence of mappings, got str"),
        (returns_number_as_name, "TypeError: names of columns must be strings, got 1 of type int"),
        (returns_a_parameter, "ValueError: column name is there already; none may be called name, seed"),
        (returns_the_seed, "ValueError: column seed is there already"),
        (returns_ragged_rows, "ValueError: rows of a cell must have the same columns, got a, b after a"),
    ],
)
def test_what_is_not_a_row_is_reported(function, said):
    result = run_sweep(function, grid(name=["a"]), version=1)
    assert result.failures[0].message.startswith(said)


def changing_columns(rng, name):
    return {"x": 1, "y": 2} if name == "c" else {"y": 2, "x": 1} if name == "d" else {name: 1, "y": 2}


@pytest.mark.parametrize("names", ["cxad", "dacx"])
def test_columns_must_agree_up_to_their_order(tmp_path, names):
    execution = Execution(store=tmp_path / "store.sqlite")
    points = grid(name=names)
    for reused in (0, 3):  # a rerun says the same
        result = run_sweep(changing_columns, points, version=1, execution=execution)
        assert [dict(failure.cell.parameters)["name"] for failure in result.failures] == ["a"]
        assert "cells must return the same columns, got a, y after" in result.failures[0].message
        assert result.table.column("x").tolist() == [1, 1, 1]
        assert result.table.column("y").tolist() == [2, 2, 2]
        assert (result.computed, result.reused) == (3 - reused, reused)
    with pytest.raises(SweepError, match=r'1 of 4 cells failed; first: .*"name":"a"'):
        result.complete_table()


# ---------------------------------------------------------------------------------------------------------------- table


def test_where_selects_rows():
    table = run_sweep(singular_values, POINTS, version=1, seeds=range(2)).table
    assert len(table.where(n=5, scale=0.25)) == 6
    assert set(table.where(n=5, seed=1).column("seed")) == {1}
    with pytest.raises(ValueError, match="one of n, scale, seed, rank, value, got 'no'"):
        table.column("no")


def test_where_refuses_unknown_columns_and_finds_nan():
    table = SweepTable(("n", "value"), ((1, math.nan), (2, 0.5), (3, math.inf)))
    with pytest.raises(ValueError, match="name must be one of n, value, got 'no'"):
        table.where(no=1)
    assert table.where(value=math.nan).rows == table.rows[:1]
    assert table.where(value=np.float64("inf")).rows == table.rows[2:]


def test_results_are_compared_and_shown_in_one_line():
    first, again = (run_sweep(singular_values, POINTS, version=1, seeds=range(9)) for _ in range(2))
    assert first == again
    assert hash(first) == hash(again)
    assert first != run_sweep(singular_values, POINTS, version=1, seeds=range(8))
    table = "SweepTable(columns=('n', 'scale', 'seed', 'rank', 'value'), rows=<108 rows>)"
    assert repr(first) == f"SweepResult(table={table}, failures=(), computed=36, reused=0)"


def test_columns_of_tuples_have_one_entry_a_row():
    points = grid(widths=[(2, 1), (3, 3, 1)], same=[(1, 2)])
    table = run_sweep(nothing, points, version=1).table
    assert table.column("widths").tolist() == [(2, 1), (3, 3, 1)]
    assert (table.column("same").shape, table.column("same")[0]) == ((2,), (1, 2))
    assert len(table.where(widths=(3, 3, 1))) == 1
    assert len(table.where(widths=[2, 1])) == 1


def nothing(rng, widths, same):
    return {"value": None}


def test_one_value_selects_rows_and_no_array():
    table = SweepTable(("n",), ((1,), (2,)))
    with pytest.raises(TypeError, match="n must be one value of its column, got <int64 array, shape"):
        table.where(n=np.arange(1000))
    with pytest.raises(TypeError, match="n must be one value of its column, got"):
        table.where(n=np.ma.array([1]))


@pytest.mark.parametrize(
    "value", [np.arange(1000.0), np.ma.masked, np.longdouble(1) / 3, 1j, np.timedelta64(1, "s"), {"a": 10**5000}]
)
def test_parameters_and_results_that_are_no_scalars_are_named_in_one_line(value):
    with pytest.raises(TypeError, match=r"parameter name must be None, a bool, a number") as caught:
        run_sweep(uniform, [{"name": value}], version=1)
    assert len(str(caught.value)) < 250
    with pytest.raises(TypeError, match="column value must hold scalars"):
        evaluation.rows_text({"value": value}, ())


@pytest.mark.parametrize("values", [(2**63, 1), (-(2**70), 0), (1, "a"), (1.0, "a"), (True, 2.5), ("\ud800", "a")])
def test_columns_without_a_type_in_parquet_are_named(tmp_path, values):
    table = SweepTable(("fine", "mixed"), tuple((i, value) for i, value in enumerate(values)))
    with pytest.raises(ValueError, match="column mixed cannot be written as Parquet") as caught:
        table.write_parquet(tmp_path / "t.parquet")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_csv_and_parquet_hold_the_table(tmp_path):
    table = run_sweep(singular_values, POINTS, version=1, seeds=range(2)).table
    table.write_csv(tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="") as stream:
        header, *rows = csv.reader(stream)
    assert tuple(header) == table.columns
    assert [float(row[-1]) for row in rows] == table.column("value").tolist()

    table.write_parquet(tmp_path / "t.parquet")
    read = pyarrow.parquet.read_table(tmp_path / "t.parquet").to_pydict()
    assert list(read) == list(table.columns)
    assert read["value"] == table.column("value").tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv", "t.parquet"]


def test_a_failed_export_leaves_the_old_file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        SweepTable(("a",), (("\ud800",),)).write_csv(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


# ---------------------------------------------------------------------------------------------------------------- store


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "store.sqlite"
    run_sweep(uniform, grid(name=list("abcdef")), version=1, seeds=range(20), execution=Execution(store=path))
    return path


def read_back(path):
    return run_sweep(uniform, grid(name=list("abcdef")), version=1, seeds=range(20), execution=Execution(store=path))


def edit(path, statement, *arguments):
    with sqlite3.connect(path) as connection:
        connection.execute(statement, arguments)
    connection.close()


def test_the_store_is_a_log_with_one_record_a_cell(store):
    with ResultStore(store) as opened:
        assert len(opened) == 120
    connection = sqlite3.connect(store)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    cell, rows = connection.execute("SELECT cell, rows FROM cells LIMIT 1").fetchone()
    connection.close()
    assert json.loads(cell)["function"] == "test_sweeps:uniform"
    assert set(json.loads(rows)[0]) == {"value"}


def test_a_changed_value_is_detected(store):
    edit(store, "UPDATE cells SET rows = replace(rows, '0.', '1.') WHERE cell LIKE '%\"name\":\"c\"%'")
    with pytest.raises(StoreError, match=r"corrupted: the record of .*checksum"):
        read_back(store)


def test_a_record_under_a_wrong_key_is_detected(store):
    edit(store, "CREATE TEMP TABLE t AS SELECT key FROM cells ORDER BY key LIMIT 2")
    connection = sqlite3.connect(store)
    (first,), (second,) = connection.execute("SELECT key FROM cells ORDER BY key LIMIT 2").fetchall()
    for old, new in ((first, "x"), (second, first), ("x", second)):
        connection.execute("UPDATE cells SET key = ? WHERE key = ?", (new, old))
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="checksum"):
        read_back(store)


@pytest.mark.parametrize(
    "damage",
    [
        "key = 'f' || substr(key, 2) WHERE substr(key, 1, 1) != 'f'",  # would hide the record, not change it
        "cell = replace(cell, 'uniform', 'uniforn')",
        "rows = CAST(x'ff' AS TEXT)",  # not UTF-8
        "rows = CAST(rows AS BLOB)",
        "digest = x'00'",
    ],
)
def test_every_part_of_every_record_is_checked_at_opening(store, damage):
    edit(store, f"UPDATE cells SET {damage}")
    with pytest.raises(StoreError, match="corrupted") as caught, ResultStore(store):
        pass
    assert str(caught.value).isprintable()
    assert "finished earlier are kept" not in str(caught.value)


@pytest.mark.parametrize("statement", ["DROP TABLE results", "DROP TABLE points", "DROP TABLE functions"])
def test_a_store_without_its_table_is_corrupted(store, statement):
    edit(store, statement)
    with pytest.raises(StoreError, match="corrupted"):
        read_back(store)


def test_no_flipped_bit_goes_unnoticed(store):
    content = store.read_bytes()
    undamaged = read_back(store).table
    rng = np.random.default_rng(0)
    refusals = []
    for position, bit in zip(rng.integers(len(content), size=150), rng.integers(8, size=150), strict=True):
        damaged = bytearray(content)
        damaged[position] ^= 1 << bit
        for path in store.parent.iterdir():
            path.unlink()
        store.write_bytes(damaged)
        try:
            found = read_back(store)
        except StoreError as error:
            refusals.append(str(error))
        else:  # an unused byte
            assert found.table == undamaged
            assert found.reused == len(undamaged)
    assert len(refusals) > 75
    assert "".join(refusals).isprintable()


@pytest.mark.parametrize("position", [0, 0.3, 0.6, 0.9])  # none of them in a part of a page that holds nothing
def test_damaged_bytes_are_detected(store, position):
    content = bytearray(store.read_bytes())
    start = int(position * len(content))
    content[start : start + 64] = bytes(byte ^ 0x5A for byte in content[start : start + 64])
    store.write_bytes(content)
    with pytest.raises(StoreError, match="corrupted"):
        read_back(store)


def test_a_truncated_store_is_detected(store):
    store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])
    with pytest.raises(StoreError, match="corrupted"):
        read_back(store)


def test_other_files_are_refused(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("not a store, " * 100)
    with pytest.raises(StoreError, match="not an SQLite file"):
        read_back(text)
    assert text.read_text().startswith("not a store")
    foreign = tmp_path / "foreign.sqlite"
    edit(foreign, "CREATE TABLE cells (key TEXT)")
    with pytest.raises(StoreError, match="not a store of sweeps"):
        read_back(foreign)


def test_another_format_is_refused(store):
    edit(store, f"PRAGMA user_version = {ResultStore.FORMAT + 1}")
    with pytest.raises(StoreError, match=r"has format 3, this version reads format 2.* newer version"):
        read_back(store)


def test_a_closed_store_and_a_missing_folder_are_named(tmp_path):
    with pytest.raises(StoreError, match="not open"):
        len(ResultStore(tmp_path / "s"))
    with pytest.raises(StoreError, match="there is no folder"):
        read_back(tmp_path / "no" / "s.sqlite")


# ------------------------------------------------------------------------------------------------------------- progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_shows_on_a_terminal_only(capsys, monkeypatch):
    def sweep(progress):
        execution = Execution(progress=progress)
        run_sweep(uniform, grid(name=["a"]), version=1, seeds=range(3), execution=execution)

    sweep(True)
    assert capsys.readouterr() == ("", "")
    for progress in (True, False):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        sweep(progress)
        assert ("3/3" in terminal.getvalue()) == progress


def test_pace_is_measured_over_the_whole_run():
    assert progress_module._pace(0, 5, 10.0) == ""
    assert progress_module._pace(2, 9, 60.0) == "0.0333 cells/s, 0:04:30 left"
    assert progress_module._pace(3, 0, 1.5) == "2 cells/s, 0:00:00 left"


class Clock:
    """Stands for the module `time` in sweeps; a cell takes a fifth of a second by it."""

    now = 0.0

    def monotonic(self):
        return Clock.now


def slow_cell(rng, number):
    Clock.now += 0.2
    return {"value": number}


@pytest.mark.parametrize(("width", "label"), [(160, "test_sweeps:slow_cell"), (60, "slow_cell")])
def test_progress_counts_no_reused_cell_as_done_now(tmp_path, monkeypatch, width, label):
    execution = Execution(store=tmp_path / "store.sqlite")
    run_sweep(slow_cell, grid(number=[0, 1]), version=1, execution=execution)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress_module, "time", Clock())
    for name, value in {"COLUMNS": width, "LINES": 24, "TERM": "xterm"}.items():
        monkeypatch.setenv(name, str(value))
    run_sweep(slow_cell, grid(number=range(6)), version=1, execution=execution)
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())
    last = next(line for line in reversed(re.split(r"[\r\n]", shown)) if "6/6" in line)
    assert last.startswith(f"{label} ")
    assert "5 cells/s, 0:00:00 left" in last  # 4 cells in 0.8 s


def größer(rng, number):
    return {"value": number}


def test_a_terminal_that_lacks_a_character_shows_the_progress(monkeypatch):
    class Strict(io.TextIOWrapper):
        def isatty(self):
            return True

    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", Strict(written, encoding="ascii", errors="strict", write_through=True))
    for name, value in {"COLUMNS": 160, "LINES": 24, "TERM": "xterm"}.items():
        monkeypatch.setenv(name, str(value))
    run_sweep(größer, grid(number=range(3)), version=1)
    assert b"test_sweeps:grosser" in written.getvalue()
    assert b"3/3" in written.getvalue()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_closed_standard_error_does_no_harm(jobs):
    sweep = (
        "from noprune_theory.sweeps import *; from test_sweeps import uniform; "
        f"print(len(run_sweep(uniform, grid(name='ab'), version=1, execution=Execution(jobs={jobs})).table))"
    )
    folder = os.path.dirname(__file__)
    command = ["sh", "-c", '"$0" "$@" 2>&-', sys.executable, "-c", f"import sys; sys.path.append({folder!r}); {sweep}"]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (0, "2\n")
