"""Sweeps that are killed, run out of disk, may not write, or run on a cluster."""

import importlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from noprune_theory.sweeps import Execution, ResultStore, SweepError, grid, run_sweep
from noprune_theory.sweeps import cluster as cluster_module

HERE = Path(__file__).parent
POINTS = grid(level=[0.5, 1.0, 2.0, 4.0])
SEEDS = range(15)


computed = 0  # cells, in this process


def uniform(rng, level):
    """A process that is to be killed computes no more than $CELLS of these, and then waits for that."""
    global computed
    if computed == int(os.environ.get("CELLS", -1)):
        signal.pause()
    computed += 1
    return {"value": level * rng.random(), "text": "x" * 200}


def last_bits(rng, level):
    return {"value": float(np.linalg.svd(level * rng.standard_normal((60, 60)), compute_uv=False).sum())}


def kill_own_worker(rng, level):
    if level == 2.0:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"value": rng.random()}


def sweep_into(store, jobs=1, seeds=SEEDS):
    execution = Execution(jobs=jobs, store=store)
    return run_sweep(uniform, POINTS, version=1, seeds=seeds, execution=execution)


RUN = """
import os, resource, sys
sys.path.insert(0, sys.argv[3])
from noprune_theory.sweeps import ResultStore, StoreError
from test_sweeps_survive import sweep_into

def put_and_tell(self, cell, rows, put=ResultStore.put):
    put(self, cell, rows)
    print("committed", flush=True)

ResultStore.put = put_and_tell
if sys.argv[4] == "unprivileged" and os.getuid() == 0:
    os.setuid(65534)  # permissions do not bind root
elif sys.argv[4].isdigit():
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
try:
    sweep_into(sys.argv[1], int(sys.argv[2]), range(int(sys.argv[5])))
except StoreError as error:
    sys.exit(f"store: {error}")
"""


def start(store, jobs=1, *, seeds=SEEDS, mode="", folder=None, cells=-1):
    """Start a sweep in a process of its own, which prints a line for each cell that it has committed.

    `mode` is a limit on file sizes in bytes, or "unprivileged"; each process waits after so many `cells`.
    """
    arguments = [sys.executable, "-c", RUN, str(store), str(jobs), str(HERE), mode, str(len(seeds))]
    environment = {**os.environ, "CELLS": str(cells)}
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, env=environment
    )


def cells_in(store):
    if not store.exists():
        return 0
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute("SELECT count(*) FROM cells").fetchone()[0]
    except sqlite3.OperationalError:  # the table is not there yet
        return 0
    finally:
        connection.close()


def test_kill_9_ten_times(tmp_path):
    store = tmp_path / "store.sqlite"
    seeds = range(75)
    undisturbed = run_sweep(uniform, POINTS, version=1, seeds=seeds).table
    total, kept, kills = len(undisturbed), 0, 0
    for attempt in range(10):
        process = start(store, jobs=1 if attempt % 5 else 2, seeds=seeds, cells=12)
        for _ in range(4):  # and not when it has come to a halt: others are being written
            assert process.stdout.readline() == "committed\n", process.stderr.read()
        process.kill()
        process.communicate(timeout=60)  # ends when the last worker has closed its end of the pipes
        assert process.returncode == -signal.SIGKILL, "the sweep ended before it was killed"
        found = cells_in(store)
        assert kept + 4 <= found < total, "a finished cell was lost"
        kept = found
        kills += 1
    assert kills == 10
    resumed = sweep_into(store, seeds=seeds)
    assert resumed.reused == kept
    assert resumed.table == undisturbed


def after_the_last(rng, number, folder, slow):
    """Of the slow cells each waits for the one before it to be committed; says whether it was."""
    if number <= slow:
        return {"waited": True}
    wait = threading.Event().wait
    patience = 6000  # times 10 ms, and then the test fails
    while patience and not (Path(folder) / str(number - 1)).exists():
        wait(0.01)
        patience -= 1
    return {"waited": patience > 0}


def test_a_finished_cell_is_committed_at_once(tmp_path, monkeypatch):
    """Fast cells must not teach the pool to keep slow cells back until a batch of them is complete."""

    def put(self, cell, rows, put=ResultStore.put):
        put(self, cell, rows)
        (tmp_path / str(dict(cell.parameters)["number"])).touch()

    monkeypatch.setattr(ResultStore, "put", put)
    points = [{"number": number, "folder": str(tmp_path), "slow": 600} for number in range(608)]
    execution = Execution(jobs=2, store=tmp_path / "store.sqlite")
    table = run_sweep(after_the_last, points, version=1, execution=execution).complete_table()
    assert table.column("waited").all()


OPEN_AT_ONCE = """
import multiprocessing, sys
from noprune_theory.sweeps import Cell, ResultStore

def open_all(number, barrier, answers):
    for attempt in range(60):
        barrier.wait(60)
        try:
            with ResultStore(f"{sys.argv[1]}/{attempt}.sqlite") as store:
                store.put(Cell("f", 1, (), number), "[]")
        except Exception as error:
            answers.put(f"{type(error).__name__}: {error}")
    answers.put("done")

fork = multiprocessing.get_context("fork")
barrier, answers = fork.Barrier(4), fork.Queue()
for number in range(4):
    fork.Process(target=open_all, args=(number, barrier, answers), daemon=True).start()
done = 0
while done < 4:
    answer = answers.get(timeout=120)
    done += answer == "done"
    if answer != "done":
        print(answer)
"""


def test_processes_that_open_a_new_store_at_once_all_succeed(tmp_path):
    run = subprocess.run([sys.executable, "-c", OPEN_AT_ONCE, tmp_path], capture_output=True, text=True, timeout=300)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert [cells_in(store) for store in sorted(tmp_path.glob("*.sqlite"))] == [4] * 60


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path, jobs):
    store = tmp_path / "store.sqlite"
    process = start(store, jobs, mode="40000")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.count("\n") == 1
    assert err.startswith(f"store: cannot write the store {store}")
    kept = cells_in(store)
    assert 0 < kept < len(POINTS) * len(SEEDS)
    resumed = sweep_into(store)
    assert resumed.reused == kept
    assert resumed.table == run_sweep(uniform, POINTS, version=1, seeds=SEEDS).table


def test_where_no_file_can_be_made(tmp_path):
    process = start("/proc/store.sqlite")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.count("\n") == 1
    assert err.startswith("store: cannot open the store /proc/store.sqlite")


@pytest.mark.parametrize("exists", [False, True])
def test_a_read_only_folder_is_one_line_and_loses_nothing(tmp_path, exists):
    store = tmp_path / "locked" / "store.sqlite"
    store.parent.mkdir()
    if exists:
        run_sweep(uniform, POINTS, version=1, seeds=[0], execution=Execution(store=store))
        store.chmod(0o444)
    store.parent.chmod(0o555)
    try:
        _, err = (process := start(store.name, mode="unprivileged", folder=store.parent)).communicate(timeout=60)
    finally:
        store.parent.chmod(0o755)
    assert process.returncode == 1
    assert err.count("\n") == 1
    assert err.startswith("store: cannot")
    if exists:
        store.chmod(0o644)
        assert cells_in(store) == len(POINTS)


@pytest.mark.slow  # the client tries for ten seconds
def test_an_unknown_scheduler_is_named():
    with pytest.raises(SweepError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        run_sweep(last_bits, POINTS, version=1, execution=Execution(backend="dask", scheduler="tcp://127.0.0.1:9"))


@pytest.mark.parametrize(
    "address", ["", "notanaddress", "foo://x", "tcp://127.0.0.1", "tcp://h:0", "tls://127.0.0.1:1"]
)
def test_a_malformed_scheduler_address_is_one_line(address):
    with pytest.raises(SweepError, match=f"scheduler must be an address .*, got '{address}'") as caught:
        run_sweep(last_bits, POINTS, version=1, execution=Execution(backend="dask", scheduler=address))
    assert str(caught.value).isprintable()


@pytest.fixture
def distributed():
    """Dask takes a second to import, which the processes that only compute cells do not need."""
    return importlib.import_module("distributed")


@pytest.fixture
def processes(tmp_path, distributed):
    """Start a scheduler and a worker as processes of their own; return both and the address."""
    found = tmp_path / "scheduler.json"
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": HERE}
    options["env"] = {**os.environ, "CELLS": "10"}  # of 100, so that the worker is at work when one of them is killed
    dask = [sys.executable, "-m", "dask"]
    scheduler = subprocess.Popen(
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", found],
        **options,
    )
    worker = subprocess.Popen(
        [*dask, "worker", "--scheduler-file", found, "--no-dashboard", "--no-nanny", "--local-directory", tmp_path],
        **options,
    )
    try:
        with distributed.Client(scheduler_file=str(found), set_as_default=False) as client:  # waits for the file
            client.wait_for_workers(1, timeout=120)
            address = client.scheduler.address
        yield scheduler, worker, address
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()


@pytest.mark.filterwarnings("default")  # warnings of the client's own threads are not ours
@pytest.mark.parametrize(("killed", "said"), [(0, "scheduler at .* went away"), (1, "has had no worker for 2 s")])
def test_a_cluster_that_goes_away_ends_the_sweep(processes, tmp_path, monkeypatch, caplog, killed, said):
    monkeypatch.setattr(cluster_module, "_WORKERLESS_SECONDS", 2.0)
    store = tmp_path / "store.sqlite"

    def put_and_kill(self, cell, rows, put=ResultStore.put):
        put(self, cell, rows)
        if cells_in(store) == 3:
            processes[killed].kill()

    execution = Execution(backend="dask", scheduler=processes[2], store=store)
    with monkeypatch.context() as patch:
        patch.setattr(ResultStore, "put", put_and_kill)
        with pytest.raises(SweepError, match=said):
            run_sweep(uniform, POINTS, version=1, seeds=range(25), execution=execution)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    kept = cells_in(store)
    assert 3 <= kept <= 10
    resumed = run_sweep(uniform, POINTS, version=1, seeds=range(25), execution=Execution(store=store))
    assert (resumed.reused, resumed.computed) == (kept, 100 - kept)


def import_from(folder, module):
    sys.path.insert(0, folder)
    importlib.import_module(module)


@pytest.fixture(scope="module")
def cluster():
    import dask
    import distributed

    # Dask gives up a worker that is not back within 15 s, which a busy machine may need to start it again.
    patient = {"distributed.deploy.lost-worker-timeout": "10 minutes", "distributed.scheduler.allowed-failures": 1}
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": "CRITICAL"}
    with dask.config.set(patient), distributed.LocalCluster(**options) as running:
        yield running


@pytest.mark.filterwarnings("default")  # warnings of the cluster's own threads are not ours
class TestOnACluster:
    @pytest.fixture(autouse=True)
    def all_workers(self, cluster, distributed):
        """A worker that a test has killed is started again, with the module path of that moment."""
        with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)

    def execution(self, cluster, **options):
        return Execution(backend="dask", scheduler=cluster.scheduler_address, **options)

    def test_same_bits(self, cluster, tmp_path):
        alone = run_sweep(last_bits, POINTS, version=1, seeds=range(5))
        execution = self.execution(cluster, store=tmp_path / "store.sqlite")
        run_sweep(last_bits, POINTS[1:3], version=1, seeds=range(3), execution=execution)
        spread = run_sweep(last_bits, POINTS, version=1, seeds=range(5), execution=execution)
        assert spread.table == alone.table
        assert (spread.computed, spread.reused) == (14, 6)

    def test_a_dead_worker_fails_its_cell_and_no_other(self, cluster):
        result = run_sweep(kill_own_worker, POINTS, version=1, execution=self.execution(cluster))
        assert result.table.column("level").tolist() == [0.5, 1.0, 4.0]
        assert [dict(failure.cell.parameters) for failure in result.failures] == [{"level": 2.0}]

    def test_short_cells_share_messages_and_a_dead_one_loses_no_other(self, cluster, monkeypatch):
        sent = []

        def send(self, cells, send=cluster_module._Messages.send):
            sent.append(len(cells))
            send(self, cells)

        monkeypatch.setattr(cluster_module._Messages, "send", send)
        levels = [3.0 + number for number in range(300)]
        levels[200] = 2.0  # kills its worker
        points = [{"level": level} for level in levels]
        result = run_sweep(kill_own_worker, points, version=1, execution=self.execution(cluster))
        assert result.table.column("level").tolist() == [level for level in levels if level != 2.0]
        assert [dict(failure.cell.parameters) for failure in result.failures] == [{"level": 2.0}]
        first_round = sent[: len(sent) - sent[::-1].index(max(sent))]
        assert max(sent) > 1
        assert sum(first_round) > len(first_round)

    def test_a_function_that_the_workers_cannot_import_is_named(self, cluster, tmp_path, monkeypatch):
        (tmp_path / "only_here.py").write_text("def cell(rng, level):\n    return {'value': level}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        import only_here

        with pytest.raises(SweepError, match="cannot import only_here"):
            run_sweep(only_here.cell, POINTS, version=1, execution=self.execution(cluster))

    def test_workers_with_other_code_are_named(self, cluster, distributed, tmp_path, monkeypatch):
        """What the workers import is not what this process has."""
        folder = tmp_path / "theirs"
        folder.mkdir()
        (folder / "differs.py").write_text("def cell(rng, level):\n    return {'value': level}\n")
        with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
            client.run(import_from, str(folder), "differs")
        (tmp_path / "differs.py").write_text("def cell(rng, level):\n    return {'value': 2 * level}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        import differs

        with pytest.raises(SweepError, match="runs other code for differs:cell than this process"):
            run_sweep(differs.cell, POINTS, version=1, execution=self.execution(cluster))
