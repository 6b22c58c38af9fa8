"""The package as a user gets it: metadata stated once, lazy import, every public name there, a wheel that works."""

import importlib
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from lower_bounds import lower_bounds

import noprune_theory

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def python(code, *options):
    return subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)


def test_every_folder_of_modules_is_packed():
    """A folder without `__init__.py` imports from a checkout and is missing in the wheel."""
    folders = {file.parent for file in (ROOT / "noprune_theory").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
    assert PROJECT["tool"]["setuptools"]["packages"]["find"] == {"include": ["noprune_theory*"], "namespaces": False}


def test_version_is_stated_once():
    """In `__init__.py`; the citation repeats it, with the date under which the changelog releases it."""
    assert "version" in PROJECT["project"]["dynamic"]
    assert PROJECT["tool"]["setuptools"]["dynamic"] == {"version": {"attr": "noprune_theory.__version__"}}
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {noprune_theory.__version__}\n" in citation
    date = re.search(r"^date-released: (\d{4}-\d\d-\d\d)$", citation, re.MULTILINE)[1]
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    released = [heading for heading in headings if heading != "Unreleased"]
    assert not released or released[0] == f"{noprune_theory.__version__} ({date})"


def test_lower_bounds_are_those_of_the_requirements():
    """`make test-oldest` installs the extras of `make setup`, each package at its oldest version."""
    (target,) = re.findall(r"^test-oldest:.*\n(?:\t.*\n)+", (ROOT / "Makefile").read_text(), re.MULTILINE)
    (extras,) = re.findall(r"lower_bounds\.py ([\w ]+) >", target)
    assert f".[{','.join(extras.split())}]" in target
    pins = lower_bounds(PROJECT["project"], extras.split())
    optional = PROJECT["project"]["optional-dependencies"]
    required = {*PROJECT["project"]["dependencies"], *(line for extra in extras.split() for line in optional[extra])}
    assert {pin.replace("==", ">=") for pin in pins} == required
    project = {"dependencies": ["b >= 1.2"], "optional-dependencies": {"x": ["b>=1.2", "a>=3"], "y": ["c"]}}
    assert lower_bounds(project, ["x"]) == ["a==3", "b==1.2"]
    assert lower_bounds(project, []) == ["b==1.2"]
    for wrong in (["a"], ["a<2"], ["a>=1,<2"], ["a==1"], ["a>=1", "a>=2"]):
        with pytest.raises(ValueError, match=r"lower bound|name>=version"):
            lower_bounds({"dependencies": wrong}, [])


def test_import_loads_nothing_heavy():
    loaded = python("import noprune_theory, sys; print(*sys.modules)").stdout.split()
    heavy = {"numpy", "scipy", "sympy", "numba", "matplotlib", "joblib", "rich", "hypothesis"}
    assert heavy.isdisjoint(loaded)


def test_rooms_load_nothing_heavy_until_a_name_is_used():
    """SPEC 1: importing any public package loads none of its modules."""
    rooms = [name for name in noprune_theory.__all__ if (ROOT / "noprune_theory" / name).is_dir()]
    loaded = python(f"import sys, {', '.join(f'noprune_theory.{room}' for room in rooms)}; print(*sys.modules)").stdout
    heavy = {"numpy", "scipy", "sympy", "numba", "matplotlib", "joblib", "rich", "hypothesis", "sklearn", "pandas"}
    assert heavy.isdisjoint(loaded.split())
    assert {"bounds", "estimators", "testing", "verifier"} <= set(rooms)


def test_import_is_fast():
    """Less than 0.3 s of processor time, the best of three fresh interpreters; other processes do not count."""
    code = "import time; start = time.process_time(); import noprune_theory; print(time.process_time() - start)"
    assert min(float(python(code).stdout) for _ in range(3)) < 0.3


def test_console_is_there_before_anything_heavy():
    loaded = python("import noprune_theory._console, sys; print(*sys.modules)").stdout.split()
    assert {"numpy", "joblib", "rich"}.isdisjoint(loaded)


def test_setup_installs_what_the_default_tests_need():
    """Every package of an extra, but the peers' in `dev` and the site's: no test is skipped for lack of one."""
    extras = PROJECT["project"]["optional-dependencies"]

    def packages(names):
        return {re.match(r"[\w-]+", requirement)[0] for name in names for requirement in extras[name]}

    makefile = (ROOT / "Makefile").read_text()
    stamps = dict(re.findall(r"^([\w-]+):.*?\.venv/stamp-([\w+]+)", makefile, re.MULTILINE))
    installed = {target: packages(stamp.split("+")) for target, stamp in stamps.items()}
    assert set(installed) == {"setup", "test-peers", "mutation", "benchmarks", "docs", "links", "opinions"}
    setup = installed.pop("setup")
    assert installed.pop("docs") == installed.pop("links") == setup | packages(["docs"])
    tested = packages(extras) - packages(["docs"])
    assert tested - setup <= packages(["dev"])
    assert all(found == tested for found in installed.values())


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


def run(*arguments, cwd=None):
    return subprocess.run([str(word) for word in arguments], cwd=cwd, capture_output=True, text=True, check=True).stdout


def environment(folder, *packages):
    """Return the interpreter of a new environment with some packages."""
    run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", *packages)
    return python


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """The sdist and the wheel, built as for a release."""
    folder = tmp_path_factory.mktemp("distributions")
    tools = environment(folder / "tools", "build", "twine")
    printed = run(tools, "-m", "build", "--outdir", folder / "dist", ROOT)
    assert "is absent from the `packages` configuration" not in printed
    run(tools, "-m", "twine", "check", "--strict", *(folder / "dist").iterdir())
    (sdist,), (wheel,) = ((folder / "dist").glob(pattern) for pattern in ("*.tar.gz", "*.whl"))
    return sdist, wheel


@pytest.fixture
def oldest(tmp_path):
    """Constraints for pip: the oldest versions of all dependencies."""
    pins = lower_bounds(PROJECT["project"], ["verify", "sklearn", "pandas"])
    (tmp_path / "oldest.txt").write_text("\n".join(pins))
    return ["--constraint", tmp_path / "oldest.txt"]


@pytest.mark.slow
def test_sdist_holds_its_tests_and_runs_them(distributions, tmp_path):
    with tarfile.open(distributions[0]) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*")}
    if (ROOT / ".git").exists():
        kept = set(run("git", "ls-files", cwd=ROOT).splitlines()) - {".gitignore"}
        assert {name for name in kept - files if not name.startswith(".ci/") and (ROOT / name).exists()} == set()
    assert not [name for name in files if name.endswith((".pyc", ".nbi", ".nbc"))]
    python = environment(tmp_path / "environment", f"{folder}[verify,cluster,test]")
    done = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_packaging.py", cwd=folder)
    assert " passed" in done.splitlines()[-1]


@pytest.mark.slow
def test_wheel_holds_the_package_alone(distributions):
    with zipfile.ZipFile(distributions[1]) as archive:
        names = {name for name in archive.namelist() if not re.match(r"[^/]*\.dist-info/", name)}
    there = {file.relative_to(ROOT).as_posix() for file in (ROOT / "noprune_theory").rglob("*") if file.is_file()}
    assert names == {name for name in there if name.endswith((".py", ".pyi", ".v", "py.typed"))}
    assert "noprune_theory/py.typed" in names


@pytest.mark.slow
@pytest.mark.parametrize("versions", ["newest", "oldest"])
def test_wheel_verifies_a_theorem_without_the_checkout(distributions, oldest, versions, tmp_path):
    """In an empty environment with the extra `verify`: a template is written, listed and checked."""
    constraints = oldest if versions == "oldest" else []
    inside = environment(tmp_path / "environment", *constraints, f"{distributions[1]}[verify]").parent
    work = tmp_path / "work"
    work.mkdir()

    def command(*arguments):
        return subprocess.run(
            [str(inside / "noprune-theory"), *arguments], cwd=work, capture_output=True, text=True, check=False
        )

    assert command("new-statement", "mine").returncode == 0
    assert command("list", "mine.py").stdout.splitlines()[1].split() == ["mine"]
    done = command("verify", "mine.py", "--json", "answers.json", "--html", "page.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert {file.name for file in work.iterdir()} >= {"mine.py", "answers.json", "page.html"}


@pytest.mark.slow
@pytest.mark.parametrize("versions", ["newest", "oldest"])
@pytest.mark.parametrize("extras", ["", "[sklearn,pandas]"])
def test_wheel_installs_and_imports_in_an_empty_environment(distributions, oldest, versions, extras, tmp_path):
    """Every public name, but those that need an extra."""
    constraints = oldest if versions == "oldest" else []
    inside = environment(tmp_path / "environment", *constraints, f"{distributions[1]}{extras}")
    missing = ["testing", "verifier"] if extras else ["estimators", "testing", "verifier"]
    code = (
        "import importlib, noprune_theory as package\n"
        "for name in package.__all__:\n"
        f"    if name not in {missing}:\n"
        "        room = importlib.import_module(f'noprune_theory.{name}')\n"
        "        [getattr(room, public) for public in room.__all__]\n"
        "print(package.lipschitz.bracket(package.models.LinearModel([3.0, 4.0])).upper)\n"
    )
    assert float(run(inside, "-c", code, cwd=tmp_path)) == pytest.approx(5.0)
    assert run(inside.parent / "noprune-theory", "--version").split()[-1] == noprune_theory.__version__
