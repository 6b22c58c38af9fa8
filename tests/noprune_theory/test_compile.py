"""Kernels where numba's cache has no place to be: the same numbers, and one warning that says what to set."""

import ast
import copy
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

import noprune_theory
from noprune_theory import _compile
from noprune_theory._compile import njit

PACKAGE = Path(noprune_theory.__file__).parent
KERNELS = """
from noprune_theory._compile import njit

@njit(cache=True)
def add(a, b):
    return a + b

@njit(cache=True)
def twice(a):
    return add(a, a)

@njit(forceinline=True)
def same(a):
    return a
"""
USE = """
import kernels
print(kernels.add(1, 2), kernels.twice(2.0), sum(kernels.add.stats.cache_misses.values()))
"""
WORKERS = """
from joblib import Parallel, delayed

def call(number):
    import kernels
    return kernels.twice(number)

if __name__ == "__main__":
    import kernels
    print(Parallel(n_jobs=2)(delayed(call)(number) for number in range(4)))
"""


def run(folder, program=USE, **environment):
    """Run a program beside `kernels.py`; no variable of this process says where a cache may be."""
    names = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "_NOPRUNE_THEORY_UNCACHED")
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    path = os.pathsep.join([str(folder), str(PACKAGE.parent)])
    (folder / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "program.py"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**inherited, "PYTHONPATH": path, "HOME": "/dev/null", **environment},
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(), done.stderr


@pytest.fixture
def unwritable(tmp_path):
    """A folder in which no cache can be made, not even by root, whom no permission binds: a file has its name."""
    (tmp_path / "kernels.py").write_text(KERNELS)
    (tmp_path / "__pycache__").write_text("in the way")
    return tmp_path


def test_without_a_writable_place_functions_are_compiled_and_one_warning_says_so(unwritable):
    answer, said = run(unwritable)
    assert answer[:2] == ["3", "4.0"]
    assert said.count("Warning") == 1
    assert "RuntimeWarning: compiled functions cannot be cached" in said
    assert "set NUMBA_CACHE_DIR to a folder" in said


def test_the_place_that_the_warning_asks_for_is_used(unwritable):
    place = unwritable / "cache"
    for misses in ("2", "0"):
        assert run(unwritable, NUMBA_CACHE_DIR=str(place)) == (["3", "4.0", misses], "")
    assert list(place.rglob("*.nbi"))


def test_workers_do_not_repeat_the_warning(unwritable):
    answer, said = run(unwritable, WORKERS)
    assert " ".join(answer) == "[0, 2, 4, 6]"
    assert said.count("Warning") == 1


@pytest.mark.parametrize("place", ["/dev/null/cache", "/proc/cache"])
def test_a_place_that_cannot_be_written_is_as_good_as_none(unwritable, place):
    answer, said = run(unwritable, NUMBA_CACHE_DIR=place)
    assert answer[:2] == ["3", "4.0"]
    assert said.count("Warning") == 1


@pytest.mark.parametrize("damage", ["truncated", "a folder"])
def test_a_cache_that_cannot_be_read_is_passed_over(tmp_path, damage):
    (tmp_path / "kernels.py").write_text(KERNELS)
    assert run(tmp_path)[1] == ""
    for index in (tmp_path / "__pycache__").glob("*.nbi"):
        if damage == "truncated":
            index.write_bytes(index.read_bytes()[:7])
        else:
            index.unlink()
            index.mkdir()
    answer, said = run(tmp_path)
    assert answer[:2] == ["3", "4.0"]
    assert said.count("Warning") == 1


CALLER = """
import callees
from callees import one
from noprune_theory._compile import njit

@njit(cache=True)
def total(a):
    return below(a) + callees.ten(a)

@njit(forceinline=True)
def below(a):
    return one(a)
"""
CALLEES = """
from noprune_theory._compile import njit

@njit
def one(a):
    return a + 1

@njit
def ten(a):
    return a + deeper(10)

@njit
def deeper(a):
    return a
"""


def test_an_edit_of_a_called_file_is_seen(tmp_path):
    program = "import caller; print(caller.total(1), sum(caller.total.stats.cache_misses.values()))"
    (tmp_path / "caller.py").write_text(CALLER)

    def edited(old, new):
        (tmp_path / "callees.py").write_text(CALLEES.replace("@njit\n", "@njit()\n").replace(old, new))
        return [run(tmp_path, program)[0] for _ in range(2)]

    assert edited("", "") == [["13", "1"], ["13", "0"]]
    assert edited("a + 1", "a + 23") == [["35", "1"], ["35", "0"]]
    assert edited("return a\n", "return a * 5\n") == [["53", "1"], ["53", "0"]]


LATER = """
import numba.core.event as event
import kernels
with event.install_recorder("numba:compile") as compiled:
    print(kernels.add(1, 2), len(compiled.buffer))
    print(kernels.twice(2.0), kernels.twice(3), len(compiled.buffer) > 0)
"""


def test_after_machine_code_was_loaded_the_compiler_still_works(tmp_path):
    """A new type of argument, and a new caller of a loaded function, are compiled as ever."""
    (tmp_path / "kernels.py").write_text(KERNELS)
    assert run(tmp_path, "import kernels; print(kernels.add(1, 2))")[0] == ["3"]
    assert run(tmp_path, LATER) == (["3", "0", "4.0", "6", "True"], "")


def test_a_full_disk_is_no_reason_to_stop(tmp_path):
    (tmp_path / "kernels.py").write_text(KERNELS)
    limited = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limited += "import numba\nresource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n" + USE
    answer, said = run(tmp_path, limited)
    assert answer[:2] == ["3", "4.0"]
    assert said.count("Warning") == 1


def test_other_errors_of_numba_are_not_hidden(monkeypatch):
    def broken(**options):
        raise RuntimeError("no compiler here")

    monkeypatch.setattr(_compile.numba, "njit", broken)
    for cache in (True, False):
        with pytest.raises(RuntimeError, match="no compiler here"):
            _compile.njit(cache=cache)(abs)


def test_a_compiled_function_can_be_sent_to_workers_and_its_cache_copied():
    if not numba.config.DISABLE_JIT:
        kernel = njit(cache=True)(abs_of)
        assert pickle.loads(pickle.dumps(kernel))(-2) == 2
        assert copy.copy(kernel._cache).cache_path == kernel._cache.cache_path


def abs_of(a):
    return abs(a)


PUBLIC = """
import numpy as np
from noprune_theory.solvers import smoothest_linear_fit
fit = smoothest_linear_fit([[3.0, 0.0], [0.0, 1.0]], [1.0, 1.0], max_mse=0.125)
print(fit.status, round(float(fit.mse), 12))
"""


def test_the_package_works_where_nothing_can_be_written(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "noprune_theory", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [*(tmp_path / "noprune_theory").rglob("*/"), tmp_path / "noprune_theory"]:
        (folder / "__pycache__").write_text("in the way")
    answer, said = run(tmp_path, PUBLIC)
    assert answer == ["ok", "0.125"]
    assert said.count("Warning") == 1


def test_every_kernel_is_compiled_this_way():
    """numba's own decorators, by whatever name they are imported, stand in `_compile` alone."""
    decorators = {"jit", "njit", "vectorize", "guvectorize"}
    others = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "numba":
                found = not decorators.isdisjoint(alias.name for alias in node.names)
            else:
                found = (
                    isinstance(node, ast.Attribute) and ast.unparse(node.value) == "numba" and node.attr in decorators
                )
            if found:
                others.append(str(path.relative_to(PACKAGE)))
    assert set(others) == {"_compile.py"}
