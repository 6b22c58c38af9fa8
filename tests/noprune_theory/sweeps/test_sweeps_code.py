"""A stored result belongs to the code that computed it: which edits are seen, and which functions are told apart."""

import os
import shutil
import subprocess
import sys
import textwrap
import types
from pathlib import Path

import numpy as np
import pytest

import noprune_theory
from noprune_theory._code_digest import _Reached, code_digest
from noprune_theory.sweeps import Cell, Execution, ResultStore, StoreWarning, grid, run_sweep

# A program of several files in the style of a user's own. Each edit below changes one of them.
PROJECT = {
    "run.py": '''
        """Draws a curve."""
        import math
        import helpers
        import parts.inner as inner
        from helpers import TABLE, shifted as moved
        from parts import doubled, lazy_one
        from stars import *

        LEVEL = 2.0
        OTHER = 5
        WEIGHTS = {"a": 1}
        WEIGHTS["b"] = 2
        WEIGHTS.update(c=3)

        def scaled(x: float) -> float:
            """Return x scaled."""
            return LEVEL * x  # by the level

        def checked(function):
            return function

        class Base:
            def value(self):
                return 1

        class Model(Base):
            rate = 0.5

            def value(self):
                return super().value() + self.rate

        def unused(x):
            return x + 17

        def draw(table):
            return f"{table} in blue"

        @checked
        def cell(rng, n):
            from parts.late import late
            import parts.later

            table = scaled(rng.random()) + moved(n) + helpers.squared(n) + inner.cubed(n) + Model().value()
            values = [late(k) + parts.later.later(k) + from_stars(k) for k in range(n)]
            return {"value": table + sum(values) + doubled(n) + lazy_one() + TABLE["x"](n) + math.pi + WEIGHTS["b"]}

        if __name__ == "__main__":
            table = cell(None, 2)
            print(draw(table))
    ''',
    "helpers.py": """
        def base(x):
            return x + 1

        def shifted(x):
            return base(x)

        def squared(x):
            return x * x

        def quartered(x):
            return x / 4

        def entry(x):
            return x - 1

        TABLE = {"x": entry}
        offset = 3
    """,
    "parts/__init__.py": """
        from .inner import doubled

        def __getattr__(name):
            from importlib import import_module
            return getattr(import_module("parts.lazy"), name)
    """,
    "parts/__init__.pyi": """
        from .inner import doubled
        from .lazy import lazy_one, lazy_two
    """,
    "parts/inner.py": """
        from . import constants

        def doubled(x):
            return constants.TWO * x

        def cubed(x):
            return x**3
    """,
    "parts/constants.py": "TWO = 2\nTHREE = 3\n",
    "parts/lazy.py": """
        def lazy_one():
            return 1

        def lazy_two():
            return 2
    """,
    "parts/late.py": "def late(x):\n    return x\n\ndef never(x):\n    return x\n",
    "parts/later.py": "def later(x):\n    return x\n\ndef never(x):\n    return x\n",
    "stars.py": "def from_stars(x):\n    return x\n",
}


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return folder


@pytest.fixture
def digest_of(monkeypatch):
    """Return a function that imports `run` from a folder and returns the digest of its cell."""

    def digest(folder):
        with monkeypatch.context() as patch:
            patch.syspath_prepend(str(folder))
            before = set(sys.modules)
            try:
                import run

                return code_digest(run.cell)
            finally:
                for name in set(sys.modules) - before:
                    if name.partition(".")[0] in ("run", "helpers", "parts", "stars"):
                        del sys.modules[name]

    return digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("run.py", "scaled(rng.random())", "scaled(rng.normal())"),  # the function itself
        ("run.py", "LEVEL * x", "LEVEL + x"),  # what it calls
        ("run.py", "LEVEL = 2.0", "LEVEL = 2.5"),  # a constant that this uses
        ("run.py", "return function", "return lambda rng, n: function(rng, n)"),  # its decorator
        ("run.py", "rate = 0.5", "rate = 0.25"),  # a class
        ("run.py", "return 1\n", "return 11\n"),  # and its base
        ("run.py", 'WEIGHTS["b"] = 2', 'WEIGHTS["b"] = 3'),  # a table that is changed after it is made
        ("run.py", "WEIGHTS.update(c=3)", "WEIGHTS.update(b=4)"),
        ("helpers.py", "return x + 1", "return x + 2"),  # what is called by what it calls, in another file
        ("helpers.py", "return x * x", "return x * x * x"),  # helpers.squared
        ("helpers.py", "return x - 1", "return x - 2"),  # through a table
        ("parts/constants.py", "TWO = 2", "TWO = 2.5"),  # relative imports
        ("parts/inner.py", "x**3", "x**4"),  # a module with another name
        ("parts/lazy.py", "return 1", "return 11"),  # loaded at first use
        ("parts/late.py", "return x\n\n", "return 2 * x\n\n"),  # imported inside the function
        ("parts/later.py", "return x\n\n", "return 2 * x\n\n"),
        ("stars.py", "return x", "return 2 * x"),
    ],
)
def test_an_edit_of_what_runs_is_seen(tmp_path, digest_of, file, old, new):
    before = digest_of(write(tmp_path / "before", PROJECT))
    after = write(tmp_path / "after", PROJECT)
    text = (after / file).read_text()
    assert text.count(old) == 1
    (after / file).write_text(text.replace(old, new))
    assert digest_of(after) != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("run.py", '"""Draws a curve."""', '"""Draws two curves."""'),
        ("run.py", '"""Return x scaled."""', '"""Return the scaled x."""'),
        ("run.py", "  # by the level", ""),
        ("run.py", "x: float) -> float", "x) -> int"),
        ("run.py", "in blue", "in red"),
        ("run.py", "OTHER = 5", "OTHER = 6"),
        ("run.py", "x + 17", "x + 18"),
        ("run.py", "cell(None, 2)", "cell(None, 3)"),  # `table` inside the function is another one
        ("helpers.py", "x / 4", "x / 5"),
        ("helpers.py", "offset = 3", "offset = 4"),
        ("parts/constants.py", "THREE = 3", "THREE = 4"),
        ("parts/lazy.py", "return 2", "return 22"),
        ("parts/late.py", "def never(x):\n    return x", "def never(x):\n    return -x"),
        ("parts/later.py", "def never(x):\n    return x", "def never(x):\n    return -x"),
    ],
)
def test_an_edit_of_anything_else_is_not(tmp_path, digest_of, file, old, new):
    before = digest_of(write(tmp_path / "before", PROJECT))
    after = write(tmp_path / "after", PROJECT)
    text = (after / file).read_text()
    assert text.count(old) == 1
    (after / file).write_text(text.replace(old, new))
    assert digest_of(after) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("run.py", "LEVEL * x", "LEVEL + x"),
        ("run.py", "LEVEL = 2.0", "LEVEL = 2.5"),
        ("run.py", "self.rate", "1 + self.rate"),
        ("helpers.py", "return x + 1", "return x + 2"),
    ],
)
def test_a_file_that_was_edited_after_its_import_is_not_taken_for_what_runs(tmp_path, monkeypatch, file, old, new):
    monkeypatch.syspath_prepend(str(write(tmp_path, PROJECT)))
    names = ("run", "helpers", "parts", "stars")

    def forget():
        for name in list(sys.modules):
            if name.partition(".")[0] in names:
                del sys.modules[name]

    try:
        import run

        original = code_digest(run.cell)
        text = (tmp_path / file).read_text()
        (tmp_path / file).write_text("# A line more.\n" + text)
        assert code_digest(run.cell) == original
        (tmp_path / file).write_text("# A line more.\n" + text.replace(old, new))
        half = code_digest(run.cell)  # runs the old code
        forget()
        sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
        import run

        assert len({original, half, code_digest(run.cell)}) == 3
    finally:
        sys.dont_write_bytecode = before
        forget()


STATEFUL = """
    calls = 0
    memory = {}
    LEVEL = 2

    def cell(rng, n):
        global calls
        calls += 1
        memory[n] = calls
        return {"value": LEVEL * n}
"""


def test_what_a_function_counts_or_remembers_is_no_code(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(write(tmp_path, {"stateful.py": STATEFUL})))
    import stateful

    before = code_digest(stateful.cell)
    stateful.cell(None, 3)
    assert code_digest(stateful.cell) == before
    monkeypatch.setattr(stateful, "LEVEL", 3)  # but this is what runs
    assert code_digest(stateful.cell) != before


def test_modules_that_are_no_package_and_compiled_files_count_too(tmp_path, digest_of):
    files = {"run.py": "from parts import inner\n\ndef cell(rng, n):\n    return inner.f(n)\n"}
    digests = set()
    for number, text in enumerate(("def f(n): return 1\n", "def f(n): return 2\n")):
        digests.add(digest_of(write(tmp_path / str(number), {**files, "parts/inner.py": text})))
    assert len(digests) == 2


# ------------------------------------------------------------------------------------------------ functions of one name

CELL = """
def cell(rng, n):
    return {{"value": {value} * n}}
"""
SWEEP = """
from noprune_theory.sweeps import Execution, grid, run_sweep
if __name__ == "__main__":
    result = run_sweep(cell, grid(n=[1, 2]), version=1, execution=Execution(store="{store}"))
    print(result.table.column("value").tolist(), result.computed, result.reused)
"""


def python(*arguments, folder, **environment):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]), **environment}
    return subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, cwd=folder, env=environment, timeout=120
    )


@pytest.mark.parametrize("way", ["file", "module", "imported", "text"])
def test_two_programs_with_functions_of_one_name_share_a_store(tmp_path, way):
    store = tmp_path / "store.sqlite"

    def run(folder, value):
        text = CELL.format(value=value) + SWEEP.format(store=store)
        write(tmp_path / folder, {"run.py": text})
        arguments = {
            "file": [tmp_path / folder / "run.py"],
            "module": ["-m", "run"],
            "imported": ["-c", "from run import cell" + SWEEP.format(store=store)],
            "text": ["-c", text],
        }[way]
        done = python(*arguments, folder=tmp_path / folder)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip(), "StoreWarning: 2 of the cells of" in done.stderr

    assert run("a", 1) == ("[1, 2] 2 0", False)
    assert run("b", 10) == ("[10, 20] 2 0", True)  # and says that others are there
    assert run("a", 1) == ("[1, 2] 0 2", False)
    assert run("b", 10) == ("[10, 20] 0 2", False)
    assert run("c", 1) == ("[1, 2] 0 2", False)  # the same code elsewhere has the same results


def test_one_function_is_the_same_however_its_file_is_run(tmp_path):
    """As a script, with -m, as the main module of a worker, imported; and for every seed of Python's hashes."""
    report = """
        if __name__ != "package.run":
            from noprune_theory._code_digest import code_digest
            from noprune_theory.sweeps.cells import function_name
            print(function_name(cell), code_digest(cell))
    """
    body = "from package.helpers import shifted\n\ndef cell(rng, n):\n    return {'v': shifted(n) in {1, 2}}\n"
    files = {
        "package/__init__.py": "",
        "package/helpers.py": "def shifted(x):\n    return x + 1\n",
        "package/run.py": body + textwrap.dedent(report),
        "imports.py": "from package.run import cell\n" + textwrap.dedent(report),
        "worker.py": "import runpy\nrunpy.run_path('package/run.py', run_name='__mp_main__')\n",
        "worker_module.py": "import runpy\nrunpy.run_module('package.run', run_name='__mp_main__', alter_sys=True)\n",
    }
    write(tmp_path, files)
    ways = [["package/run.py"], ["-m", "package.run"], ["imports.py"], ["worker.py"], ["worker_module.py"]]
    answers = [
        python(*way, folder=tmp_path, PYTHONHASHSEED=str(seed)).stdout.split() for seed, way in enumerate(ways * 2)
    ]
    assert answers[0][0] == "package.run:cell"
    assert all(answer == answers[0] for answer in answers)


def typed_in(text, **names):
    """Return `cell` as if the text had been typed into a notebook."""
    namespace = {"__name__": "__main__", **names}
    exec(compile(textwrap.dedent(text), "<ipython-input-1-0123>", "exec"), namespace)
    return namespace["cell"]


NOTEBOOK = """
    import math
    import numpy as np
    from noprune_theory.covariates import Gaussian
    LEVEL = 2.0
    DATA = np.arange(3.0)
    NAMES = {"a": [1, 2]}

    class Base:
        def value(self):
            return 1

    class Model(Base):
        rate = 0.5

        @property
        def value(self):
            return self.rate

    def scaled(x):
        return LEVEL * x

    def cell(rng, n, scale=3):
        from noprune_theory.tasks import random_signs
        values = [scaled(k) + Model().value + DATA[0] for k in range(n)]
        return {"value": math.fsum(values) + scale + len(NAMES)}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LEVEL * x", "LEVEL + x"),
        ("LEVEL = 2.0", "LEVEL = 2.5"),
        ("arange(3.0)", "arange(4.0)"),
        ("[1, 2]", "[1, 3]"),
        ("scale=3", "scale=4"),
        ("+ scale", "- scale"),
        ("math.fsum", "math.sqrt"),
        ("range(n)", "range(n + 1)"),
        ("rate = 0.5", "rate = 0.25"),
        ("return self.rate", "return -self.rate"),
        ("return 1", "return 2"),
    ],
)
def test_a_function_without_a_file_is_known_by_what_it_does(old, new):
    assert NOTEBOOK.count(old) == 1
    digest = code_digest(typed_in(NOTEBOOK))
    assert digest == code_digest(typed_in(NOTEBOOK))
    assert digest == code_digest(typed_in("\n\nunrelated = 7\n" + textwrap.dedent(NOTEBOOK)))
    assert digest != code_digest(typed_in(NOTEBOOK.replace(old, new)))


def test_a_function_without_a_file_counts_what_it_imports(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    digests = set()
    for factor in (2, 3):
        write(tmp_path, {"used_here.py": f"def twice(x):\n    return {factor} * x\n\ndef other(x):\n    return x\n"})
        for text in (
            "def cell(rng, n):\n    from used_here import twice\n    return {'v': twice(n)}\n",
            "import used_here\ndef cell(rng, n):\n    return {'v': used_here.twice(n)}\n",
            "from used_here import twice\ndef cell(rng, n):\n    return {'v': twice(n)}\n",
        ):
            digests.add(code_digest(typed_in(text)))
        for name in ("used_here",):
            sys.modules.pop(name, None)
    assert len(digests) == 6


def test_a_compiled_function_is_known_by_its_source():
    import numba

    def plain(rng, n):
        return {"value": n}

    def other(rng, n):
        return {"value": n + 1}

    text = "def cell(rng, n):\n    return n + {}\n"
    first, same, changed = (numba.njit(typed_in(text.format(k))) for k in (1, 1, 2))
    assert code_digest(first) == code_digest(same) != code_digest(changed)
    assert code_digest(numba.njit(plain)) == code_digest(plain)


# ------------------------------------------------------------------------------------------------- edits of the library

LIBRARY = """
from noprune_theory.covariates import Gaussian
from noprune_theory.sweeps import Execution, grid, run_sweep

def cell(rng, n):
    return {"value": float(Gaussian(3).sample(rng, n).X.sum())}

if __name__ == "__main__":
    result = run_sweep(cell, grid(n=[1, 2]), version=1, execution=Execution(store="store.sqlite"))
    result.complete_table()
    print(result.computed, result.reused)
"""


@pytest.fixture
def library(tmp_path):
    """Make a copy of the library, to be edited."""
    package = Path(noprune_theory.__file__).parent
    shutil.copytree(package, tmp_path / "noprune_theory", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.mark.usefixtures("library")
def test_an_edit_of_the_library_below_a_function_is_seen_and_no_other(tmp_path):
    (tmp_path / "study.py").write_text(LIBRARY)

    def run():
        done = python("study.py", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip(), "StoreWarning" in done.stderr

    def edit(name, old, new):
        path = tmp_path / "noprune_theory" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    assert run() == ("2 0", False)
    edit("solvers/regression/nested.py", "def nested_path(", "def nested_path(  # of another module\n    ")
    edit("covariates.py", "class Sphere", "SPARE = 1\n\n\nclass Sphere")  # another class of the same one
    assert run() == ("0 2", False)
    edit("_validation.py", "def as_array(", "def as_array(  # a comment\n    ")
    assert run() == ("0 2", False)
    edit("_validation.py", "return array\n", "return array + 0\n")  # far below
    assert run() == ("2 0", True)
    assert run() == ("0 2", False)
    version = noprune_theory.__version__
    edit("__init__.py", f'__version__ = "{version}"', f'__version__ = "{version}.post1"')
    assert run() == ("2 0", True)
    edit("__init__.py", f'__version__ = "{version}.post1"', f'__version__ = "{version}"')
    assert run() == ("0 2", False)


def test_cells_of_figures_are_followed_into_the_package():
    import figures.fig1a as figures

    reached = {text.partition(" ")[0] for text in _Reached(figures.memorisation_cell).texts}
    assert {"fig1a.py", "mlp.py", "synflow.py", "networks.py", "lists.py", "_vectors.py"} <= reached
    assert {"published.py", "style.py", "masked_least_squares.py", "deep.py"}.isdisjoint(reached)


EVERYTHING = """
import importlib, pkgutil
from noprune_theory import _code_digest

def cell(rng):
    import noprune_theory
    return noprune_theory

before = _code_digest._Reached(cell).texts
import noprune_theory
for module in pkgutil.walk_packages(noprune_theory.__path__, "noprune_theory."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
after = _code_digest._Reached(cell).texts
print(len(before) > 1000, *after ^ before)
"""


@pytest.mark.usefixtures("library")
def test_the_digest_does_not_depend_on_what_is_imported_already(tmp_path):
    (tmp_path / "program.py").write_text(EVERYTHING)
    done = python("program.py", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


# ------------------------------------------------------------------------------------------------- stores of other days


def uniform(rng, n):
    return {"value": rng.random()}


def changed_uniform(rng, n):
    return {"value": 1 + rng.random()}


def test_results_without_a_code_are_kept_and_not_used(tmp_path):
    """A store that was written before the code was part of the key."""
    path = tmp_path / "store.sqlite"
    with ResultStore(path) as store:
        for n in (1, 2):
            store.put(Cell("test_sweeps_code:uniform", 1, (("n", n),), 0), '[{"value":-1.0}]')
    execution = Execution(store=path)
    with pytest.warns(StoreWarning, match=r"^2 of the cells of test_sweeps_code:uniform .* computed anew$") as caught:
        result = run_sweep(uniform, grid(n=[1, 2, 3]), version=1, execution=execution)
    assert caught[0].filename == __file__
    assert (result.computed, result.reused) == (3, 0)
    assert set(result.table.column("value")) == {np.random.default_rng(0).random()}
    with ResultStore(path) as store:
        assert len(store) == 5
        assert store.get(Cell("test_sweeps_code:uniform", 1, (("n", 2),), 0)) == '[{"value":-1.0}]'
    again = run_sweep(uniform, grid(n=[1, 2, 3]), version=1, execution=execution)
    assert (again.computed, again.reused) == (0, 3)
    assert run_sweep(uniform, grid(n=[1, 2]), version=2, execution=execution).computed == 2  # another version: no news


def test_results_of_another_function_of_this_name_are_not_used(tmp_path, monkeypatch):
    execution = Execution(store=tmp_path / "store.sqlite")
    run_sweep(uniform, grid(n=[1]), version=1, execution=execution)
    namesake = types.FunctionType(changed_uniform.__code__, globals(), "uniform")
    namesake.__qualname__ = "uniform"
    namesake.__module__ = __name__
    monkeypatch.setattr(namesake, "__code__", changed_uniform.__code__.replace(co_filename="<typed>"))
    with pytest.warns(StoreWarning, match="1 of the cells"):
        result = run_sweep(namesake, grid(n=[1]), version=1, execution=execution)
    assert result.table.column("value").tolist() == [1 + np.random.default_rng(0).random()]
    assert run_sweep(uniform, grid(n=[1]), version=1, execution=execution).reused == 1


def test_without_a_store_no_code_is_looked_at():
    failing = run_sweep(fails, [{"n": 1}], version=1).failures[0]
    assert failing.cell.code == ""


def fails(rng, n):
    raise ValueError
