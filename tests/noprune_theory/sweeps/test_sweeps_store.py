"""The format of a store: what SQL reads and writes, files of format 1, and what a cell costs."""

import hashlib
import json
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.sweeps import Cell, Execution, ResultStore, StoreError, grid, run_sweep
from noprune_theory.sweeps._tables import pieces_of, stored_seed

HERE = Path(__file__).parent

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
names = st.text() | st.sampled_from(['a,"parameters":', '{"code":"', ',"seed":3,"version":1}', "größer", "\ud800"])
cells = st.builds(
    Cell,
    function=names,
    version=st.integers(0, 2**70),
    parameters=st.dictionaries(names, scalars | st.tuples(scalars, scalars)).map(lambda found: tuple(found.items())),
    seed=st.integers(0, 2**70),
    code=st.sampled_from(["", "0f" * 32]),
)


def uniform(rng, n):
    return {"value": float(rng.random())}


def record(cell, rows):
    """Return a cell as the table of format 1 holds it."""
    text = cell.text()
    checksums = [hashlib.sha256(part.encode()).hexdigest() for part in (text, f"{text}\n{rows}")]
    return checksums[0], text, rows, checksums[1]


def write_format_1(path, records):
    """Write a store as versions up to 0.2.0 did."""
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE cells (key TEXT PRIMARY KEY, cell TEXT NOT NULL, rows TEXT NOT NULL, digest TEXT NOT NULL) "
        "WITHOUT ROWID"
    )
    connection.execute(f"PRAGMA application_id={0x4E505357}")
    connection.execute("PRAGMA user_version=1")
    connection.commit()
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executemany("INSERT INTO cells VALUES (?, ?, ?, ?)", records)
    connection.commit()
    connection.close()
    return path


def by_sql(path, statement="SELECT key, cell, rows, digest FROM cells", *arguments):
    connection = sqlite3.connect(path, timeout=60)
    try:
        found = connection.execute(statement, arguments).fetchall()
        connection.commit()
        return found
    finally:
        connection.close()


def many_cells(count=300):
    """Cells of two functions, of two versions and codes, with long seeds among them."""
    found = []
    for number in range(count):
        function, version, code = f"m:f{number % 2}", 1 + number % 3 // 2, ("", "ab" * 32)[number % 5 // 4]
        found.append(Cell(function, version, (("b", number % 7), ("a", "é")), number if number % 11 else 2**80, code))
    return list({cell.text(): cell for cell in found}.values())


def many_records(count=300):
    return [record(cell, json.dumps([{"value": number / 7}])) for number, cell in enumerate(many_cells(count))]


# --------------------------------------------------------------------------------------------------------------- texts


@given(cells)
def test_the_text_of_a_cell_is_canonical_json_and_falls_into_its_pieces(cell):
    content = {"function": cell.function, "parameters": dict(cell.parameters), "seed": cell.seed}
    content |= {"version": cell.version} | ({"code": cell.code} if cell.code else {})
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert cell.text() == text
    assert cell.key() == hashlib.sha256(text.encode()).hexdigest()
    assert pieces_of(text) == cell.pieces()


@pytest.mark.parametrize("text", ["", "{}", '{"function":"f","parameters":{},"seed":01,"version":1}', "x" * 5000])
def test_other_texts_have_no_pieces(text):
    assert pieces_of(text) is None


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1, 2**63, 2**200, -(2**63), -(2**63) - 1])
def test_seeds_are_numbers_where_sqlite_has_them(seed):
    assert stored_seed(str(seed)) == (seed if -(2**63) <= seed < 2**63 else str(seed))


# ----------------------------------------------------------------------------------------------------------- the view


def test_sql_reads_the_columns_and_values_of_format_1(tmp_path):
    path, written = tmp_path / "store.sqlite", many_records()
    with ResultStore(path) as store:
        for cell, (_, _, rows, _) in zip(many_cells(), written, strict=True):
            store.put(cell, rows)
    assert sorted(by_sql(path)) == sorted(written)
    connection = sqlite3.connect(path)
    assert [column[0] for column in connection.execute("SELECT * FROM cells").description] == [
        "key",
        "cell",
        "rows",
        "digest",
    ]
    connection.close()
    first = written[0]
    assert by_sql(path, "SELECT rows FROM cells WHERE key = ?", first[0]) == [(first[2],)]
    like = "SELECT count(*) FROM cells WHERE cell LIKE '%\"m:f1\"%'"
    assert by_sql(path, like) == [(sum('"m:f1"' in text for _, text, _, _ in written),)]


def test_sql_inserts_deletes_and_changes_cells(tmp_path):
    path, written, held = tmp_path / "store.sqlite", many_records(), many_cells()
    with ResultStore(path) as store:
        store.put_all([(cell, rows) for cell, (_, _, rows, _) in zip(held, written, strict=True)][:200])
    connection = sqlite3.connect(path)
    with connection:
        connection.executemany("INSERT OR IGNORE INTO cells VALUES (?, ?, ?, ?)", written)
        connection.executemany("INSERT OR IGNORE INTO cells VALUES (?, ?, ?, ?)", written)
    assert sorted(by_sql(path)) == sorted(written)  # at once, each of them once
    with connection:
        changed = record(held[5], '[{"value":8}]')
        connection.execute("UPDATE cells SET rows = ?, digest = ? WHERE key = ?", (changed[2], changed[3], changed[0]))
        removed = connection.execute("SELECT key FROM cells WHERE cell LIKE '%\"m:f1\"%' LIMIT 40").fetchall()
        connection.executemany("DELETE FROM cells WHERE key = ?", removed)
    connection.close()
    left = [entry for entry in written if (entry[0],) not in removed and entry[0] != changed[0]]
    left += [] if (changed[0],) in removed else [changed]
    assert sorted(by_sql(path)) == sorted(left)
    with ResultStore(path) as store:
        assert len(store) == len(left)
        rows = {key: text for key, _, text, _ in left}
        assert [store.get(cell) for cell in held] == [rows.get(cell.key()) for cell in held]
    assert sorted(by_sql(path)) == sorted(left)
    assert by_sql(path, "SELECT count(*) FROM added") == [(0,)]
    with ResultStore(path) as store:  # a cell that was deleted can be computed again
        for cell in held:
            store.put(cell, "[]")
        assert len(store) == len(held)
    assert by_sql(path, "DELETE FROM cells") == []
    with ResultStore(path) as store:
        assert len(store) == 0


def test_a_cell_that_sql_removes_is_searched_for_by_point_and_seed(tmp_path):
    """And not among all cells of its point: removing 10^5 would take hours."""
    path = tmp_path / "store.sqlite"
    with ResultStore(path):
        pass
    text = by_sql(path, "SELECT sql FROM sqlite_master WHERE name = 'cells_delete'")[0][0]
    statement = re.search("(DELETE FROM results .*?); DELETE", text, re.DOTALL)[1]
    statement = re.sub(r"OLD\.(cell|key)", "'x'", statement)
    plan = " ".join(str(step) for step in by_sql(path, f"EXPLAIN QUERY PLAN {statement}"))
    assert "point=? AND seed=?" in plan
    assert "parameters=?" in plan


def test_stores_are_merged_by_sql(tmp_path):
    alone = run_sweep(uniform, grid(n=[1, 2, 3]), version=1, seeds=range(6)).table
    for name, seeds in (("a", range(4)), ("b", range(2, 6))):
        execution = Execution(store=tmp_path / name)
        run_sweep(uniform, grid(n=[1, 2, 3]), version=1, seeds=seeds, execution=execution)
    connection = sqlite3.connect(tmp_path / "a")
    connection.execute("ATTACH ? AS other", (str(tmp_path / "b"),))
    with connection:
        connection.execute("INSERT OR IGNORE INTO cells SELECT * FROM other.cells")
    connection.close()
    merged = run_sweep(uniform, grid(n=[1, 2, 3]), version=1, seeds=range(6), execution=Execution(store=tmp_path / "a"))
    assert (merged.computed, merged.reused, merged.table) == (0, 18, alone)


def test_what_sql_inserts_is_checked(tmp_path):
    path, written = tmp_path / "store.sqlite", many_records(20)
    with ResultStore(path):
        pass
    key, text, rows, digest = written[3]
    by_sql(path, "INSERT INTO cells VALUES (?, ?, ?, ?)", key, text, rows + " ", digest)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"corrupted: the record of .*checksum"), ResultStore(path):
            pass
    assert by_sql(path) == [(key, text, rows + " ", digest)]


def test_a_damaged_index_is_no_reason_to_compute_anew(tmp_path):
    path = tmp_path / "store.sqlite"
    with ResultStore(path) as store:
        for cell in many_cells():
            store.put(cell, "[]")
    content, mark = path.read_bytes(), b'{"a":"\\u00e9","b":3},"seed":'
    places = [place for place in range(len(content)) if content.startswith(mark, place)]
    assert len(places) > 4  # twice for each function
    for place in places:
        damaged = bytearray(content)
        damaged[place + len(mark) - 10] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match="corrupted"), ResultStore(path):
            pass


# ----------------------------------------------------------------------------------------------------------- format 1


def test_a_file_of_format_1_is_rewritten_once(tmp_path):
    path, written = write_format_1(tmp_path / "store.sqlite", many_records()), many_records()
    by_sql(path, "CREATE VIEW mine AS SELECT count(*) AS number FROM cells")
    long = path.stat().st_size
    with ResultStore(path) as store:
        assert len(store) == len(written)
        assert [store.get(cell) for cell in many_cells()] == [rows for _, _, rows, _ in written]
    assert sorted(by_sql(path)) == sorted(written)
    assert by_sql(path, "SELECT number FROM mine") == [(len(written),)]
    assert by_sql(path, "PRAGMA user_version") == [(2,)]
    assert by_sql(path, "PRAGMA integrity_check") == [("ok",)]
    assert path.stat().st_size < long
    with ResultStore(path) as store:
        assert len(store) == len(written)


def test_a_text_that_is_no_cell_is_kept(tmp_path):
    texts = ["", "hello", '{"seed":1}']
    written = [
        (hashlib.sha256(t.encode()).hexdigest(), t, "[]", hashlib.sha256(f"{t}\n[]".encode()).hexdigest())
        for t in texts
    ]
    path = write_format_1(tmp_path / "store.sqlite", written + many_records(5))
    for _ in range(2):
        with ResultStore(path) as store:
            assert len(store) == 8
        assert sorted(by_sql(path)) == sorted(written + many_records(5))


def test_a_sweep_goes_on_from_a_file_of_format_1(tmp_path):
    path = tmp_path / "new.sqlite"
    points, seeds = grid(n=[1, 2]), [0, 1, 2**70]
    first = run_sweep(uniform, points, version=1, seeds=seeds, execution=Execution(store=path))
    old = write_format_1(tmp_path / "old.sqlite", by_sql(path))
    again = run_sweep(uniform, points, version=1, seeds=seeds, execution=Execution(store=old))
    assert (again.computed, again.reused, again.table) == (0, 6, first.table)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE cells SET rows = '[]'",
        "UPDATE cells SET rows = CAST(x'ff' AS TEXT)",
        "UPDATE cells SET rows = CAST(rows AS BLOB)",
        "UPDATE cells SET digest = x'00'",
        "UPDATE cells SET key = 'f' || substr(key, 2) WHERE substr(key, 1, 1) != 'f'",
        "UPDATE cells SET cell = replace(cell, 'm:f', 'm:g')",
        "DROP TABLE cells",
        "ALTER TABLE cells DROP COLUMN digest",
    ],
)
def test_a_damaged_file_of_format_1_is_refused_and_not_touched(tmp_path, damage):
    path = write_format_1(tmp_path / "store.sqlite", many_records())
    by_sql(path, damage)
    before = by_sql(path, "SELECT * FROM sqlite_master")
    with pytest.raises(StoreError, match="corrupted"), ResultStore(path):
        pass
    assert by_sql(path, "SELECT * FROM sqlite_master") == before
    assert by_sql(path, "PRAGMA user_version") == [(1,)]


def test_an_older_version_that_has_the_file_open_goes_on_writing(tmp_path):
    path, written = write_format_1(tmp_path / "store.sqlite", many_records()[:100]), many_records()
    older = sqlite3.connect(path, isolation_level=None)
    insert = "INSERT OR IGNORE INTO cells VALUES (?, ?, ?, ?)"
    older.execute(insert, written[100])
    with ResultStore(path):
        for entry in written[90:]:
            older.execute(insert, entry)
        assert older.execute("SELECT count(*) FROM cells").fetchone() == (len(written),)
    older.close()
    with ResultStore(path) as store:
        assert [store.get(cell) for cell in many_cells()] == [rows for _, _, rows, _ in written]


AT_ONCE = """
import multiprocessing, sys
from noprune_theory.sweeps import ResultStore

def open_all(barrier, answers):
    for attempt in range(6):
        barrier.wait(60)
        try:
            with ResultStore(f"{sys.argv[1]}/{attempt}.sqlite") as store:
                answers.put(len(store))
        except Exception as error:
            answers.put(f"{type(error).__name__}: {error}")

fork = multiprocessing.get_context("fork")
barrier, answers = fork.Barrier(3), fork.Queue()
for number in range(3):
    fork.Process(target=open_all, args=(barrier, answers), daemon=True).start()
print({answers.get(timeout=120) for _ in range(18)})
"""


def test_processes_that_open_a_file_of_format_1_at_once_all_succeed(tmp_path):
    written = many_records()
    for attempt in range(6):
        write_format_1(tmp_path / f"{attempt}.sqlite", written)
    run = subprocess.run([sys.executable, "-c", AT_ONCE, tmp_path], capture_output=True, text=True, timeout=300)
    assert (run.returncode, run.stdout, run.stderr) == (0, f"{{{len(written)}}}\n", "")
    for attempt in range(6):
        assert sorted(by_sql(tmp_path / f"{attempt}.sqlite")) == sorted(written)


KILLED = """
import os, signal, sys
from noprune_theory.sweeps import ResultStore

def execute(self, statement, arguments=(), execute=ResultStore._execute):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(self, statement, arguments)

ResultStore._execute = execute
for left in map(int, sys.argv[2:]):
    child = os.fork()
    if child == 0:
        with ResultStore(f"{sys.argv[1]}/{left}.sqlite"):
            os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_rewriting_that_is_killed_loses_nothing(tmp_path):
    """Before one of its statements: at the beginning, amid the records, in the view, as the file shrinks."""
    written = many_records(20)
    steps = [str(step) for step in (*range(1, 82, 5), *range(82, 92))]
    for step in steps:
        write_format_1(tmp_path / f"{step}.sqlite", written)
    command = [sys.executable, "-c", KILLED, tmp_path, *steps]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.stdout.split() == [str(-signal.SIGKILL)] * len(steps), run.stderr
    for step in steps:
        path = tmp_path / f"{step}.sqlite"
        assert sorted(by_sql(path)) == sorted(written)
        with ResultStore(path) as store:
            assert [store.get(cell) for cell in many_cells(20)] == [rows for _, _, rows, _ in written]
        assert sorted(by_sql(path)) == sorted(written)


READ = """
import os, sys
from noprune_theory.sweeps import ResultStore, StoreError
if os.getuid() == 0:
    os.setuid(65534)  # permissions do not bind root
try:
    with ResultStore(sys.argv[1]):
        pass
except StoreError as error:
    sys.exit(f"store: {error}")
"""


def test_a_file_of_format_1_that_may_not_be_written_is_one_line_and_stays(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    path = write_format_1(folder / "store.sqlite", many_records())
    content = path.read_bytes()
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        run = subprocess.run([sys.executable, "-c", READ, path.name], capture_output=True, text=True, cwd=folder)
    finally:
        folder.chmod(0o755)
        path.chmod(0o644)
    assert run.returncode == 1
    assert run.stderr.startswith("store: cannot open the store store.sqlite")
    assert run.stderr.count("\n") == 1
    assert path.read_bytes() == content


def test_formats_that_are_not_known_are_refused(tmp_path):
    path = tmp_path / "store.sqlite"
    with ResultStore(path):
        pass
    for version, said in ((3, "newer version of noprune_theory"), (0, "has format 0"), (-1, "has format -1")):
        by_sql(path, f"PRAGMA user_version={version}")
        with pytest.raises(StoreError, match=said) as caught, ResultStore(path):
            pass
        assert ("newer" in str(caught.value)) == (version == 3)


# ------------------------------------------------------------------------------------------------------------- its size


@pytest.mark.parametrize("order", [1, 7919])
def test_a_short_cell_costs_less_than_a_hundred_bytes_beyond_its_rows(tmp_path, order):
    """In the order of the seeds, and in one that has nothing to do with it."""
    path, count = tmp_path / "store.sqlite", 20_000
    rows = [f'[{{"value":{seed / 7!r}}}]' for seed in range(count)]
    places = [place * order % count for place in range(count)]
    with ResultStore(path) as store:
        for start in range(0, count, 500):
            some = places[start : start + 500]
            store.put_all([(Cell("module:function", 1, (("n", 10),), p, "ab" * 32), rows[p]) for p in some])
    assert (path.stat().st_size - sum(map(len, rows))) / count < 100


def test_a_failed_commit_leaves_no_number_of_a_point_behind(tmp_path, monkeypatch):
    path, first, second = tmp_path / "store.sqlite", Cell("f", 1, (("n", 1),), 0), Cell("f", 1, (("n", 2),), 0)
    with ResultStore(path) as store:

        def interrupted():
            yield first, "[]"
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            store.put_all(interrupted())
        assert len(store) == 0
        store.put(second, "[]")
        store.put(first, '[{"a":1}]')
        assert (store.get(first), store.get(second)) == ('[{"a":1}]', "[]")
    with ResultStore(path) as store:
        assert (store.get(first), store.get(second)) == ('[{"a":1}]', "[]")
