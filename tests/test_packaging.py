"""The package as a user gets it: metadata stated once, lazy import, every public name there, a wheel that works."""

import importlib
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import noprune_theory

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def python(code, *options):
    return subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)


def test_every_package_is_listed():
    found = {"noprune_theory"} | {
        module.name for module in pkgutil.walk_packages(noprune_theory.__path__, "noprune_theory.") if module.ispkg
    }
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found


def test_version_is_the_same_everywhere():
    assert noprune_theory.__version__ == PROJECT["project"]["version"]
    assert f"\nversion: {noprune_theory.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_import_loads_nothing_heavy():
    loaded = python("import noprune_theory, sys; print(*sys.modules)").stdout.split()
    heavy = {"numpy", "scipy", "sympy", "numba", "matplotlib", "joblib", "rich", "hypothesis"}
    assert heavy.isdisjoint(loaded)


def test_import_is_fast():
    """Cumulative import time under 0.3 s, the best of three fresh interpreters."""

    def seconds():
        report = python("import noprune_theory", "-X", "importtime").stderr
        line = next(row for row in report.splitlines() if row.rstrip().endswith("| noprune_theory"))
        return int(line.split("|")[1]) / 1e6

    assert min(seconds() for _ in range(3)) < 0.3


@pytest.mark.parametrize("name", noprune_theory.__all__)
def test_every_public_name_exists_and_is_documented(name):
    room = importlib.import_module(f"noprune_theory.{name}")
    assert room.__doc__
    assert room.__all__, f"noprune_theory.{name} lists no public names"
    for public in room.__all__:
        value = getattr(room, public)
        if callable(value):
            assert value.__doc__, f"noprune_theory.{name}.{public} has no docstring"


def test_library_knows_nothing_of_the_rooms_above_it():
    """Data flows one way: the library imports neither the verification, the figures nor the benchmarks."""
    for source in (ROOT / "noprune_theory").rglob("*.py"):
        for line in source.read_text().splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]):
                assert words[1].split(".")[0] not in {"verification", "figures", "benchmarks", "tests"}, source


@pytest.mark.slow
def test_wheel_installs_and_imports_in_an_empty_environment(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    inside = str(environment / "bin" / "python")
    subprocess.run([inside, "-m", "pip", "install", "--quiet", str(wheel)], check=True)
    code = (
        "import importlib, pathlib, noprune_theory as package\n"
        "assert pathlib.Path(package.__file__).parent.joinpath('py.typed').exists()\n"
        "for name in package.__all__:\n"
        "    if name != 'testing':\n"
        "        room = importlib.import_module(f'noprune_theory.{name}')\n"
        "        [getattr(room, public) for public in room.__all__]\n"
    )
    subprocess.run([inside, "-c", code], check=True, cwd=tmp_path)
