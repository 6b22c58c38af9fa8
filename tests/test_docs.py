"""The pages tell the truth: their examples print what they show, their links lead somewhere, no public name is missing.

`make docs` executes the tutorials and checks every link of the built site; here a tutorial is only asked whether the
names that it uses exist, and is run with the slow tests.
"""

import ast
import doctest
import importlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import noprune_theory
import verification
from noprune_theory import solvers

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if DOCS / "generated" not in page.parents)
WITH_EXAMPLES = [page for page in PAGES if "```python\n" in page.read_text("utf-8")]
WITH_COMMANDS = [page for page in PAGES if "```console\n$ " in page.read_text("utf-8")]
OTHERS = [ROOT / "CONTRIBUTING.md", ROOT / "findings" / "README.md", *sorted((ROOT / ".github").rglob("*.md"))]
TUTORIALS = sorted((DOCS / "tutorials").glob("*.py"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def name_of(page):
    return page.relative_to(ROOT).with_suffix("").as_posix()


def blocks(page):
    """Languages and texts of the fenced blocks of a page."""
    return BLOCK.findall(page.read_text("utf-8"))


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name_of)
def test_python_blocks_print_what_the_page_shows(page):
    """A python block that is followed by a text block prints it; all blocks of a page run in one program."""
    program, shown = [], []
    found = blocks(page)
    for (language, text), (follower, output) in zip(found, [*found[1:], ("", "")], strict=False):
        if language == "python":
            program.append(text)
            shown.append(output if follower == "text" else "")
    code = "\nprint('-' * 9)\n".join(program)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.stderr == ""
    assert run.stdout == "---------\n".join(shown)


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_console_blocks_print_what_the_page_shows(page, tmp_path):
    """Lines after `$ ` run in one empty folder; `...` stands for anything, a last line gives an exit status not 0."""
    checker = doctest.OutputChecker()
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for language, text in blocks(page):
        if language != "console" or not text.startswith("$ "):
            continue
        for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, expected = command.partition("\n")
            run = subprocess.run(
                line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            status = f"[exit status {run.returncode}]\n" if run.returncode else ""
            found = run.stdout + run.stderr + status
            assert checker.check_output(expected, found, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE), found


def test_examples_and_commands_are_there():
    assert len(WITH_EXAMPLES) >= 6
    assert WITH_COMMANDS


@pytest.mark.slow
@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_runs(tutorial):
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    run = subprocess.run(
        [sys.executable, tutorial], capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.stem)
def test_names_of_a_tutorial_exist(tutorial):
    """What it imports from the library, and what it takes from the packages that it imports."""
    tree = ast.parse(tutorial.read_text("utf-8"))
    packages = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] == "noprune_theory":
            for alias in node.names:
                value = getattr(importlib.import_module(node.module), alias.name)
                packages |= {alias.name: value} if node.module == "noprune_theory" else {}
    used = {
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in packages
    }
    assert [f"{package}.{name}" for package, name in used if not hasattr(packages[package], name)] == []


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name_of)
def test_local_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
        if "generated/" not in target:  # by `make docs`, which checks them
            assert (page.parent / target).exists(), target


@pytest.fixture
def public_names(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    return importlib.import_module("_public_names")


@pytest.mark.parametrize("room", noprune_theory.__all__)
def test_every_public_name_is_on_a_page(public_names, room):
    """As the stub lists them, with what makes Sphinx print the docstring, or the comment above a constant."""
    page = public_names.room_page(room)
    package = Path(importlib.import_module(f"noprune_theory.{room}").__file__)
    listed = package.with_suffix(".pyi") if package.with_suffix(".pyi").is_file() else package
    for node in ast.parse(listed.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            names = ast.literal_eval(node.value)
    entries = re.findall(r"^\.\. (?:autoclass|autofunction|py:data):: (\w+)$", page, flags=re.MULTILINE)
    assert sorted(entries) == sorted(names)
    assert f"<{room}>" in public_names.pages()["api/index.rst"]


@pytest.mark.parametrize(
    ("lines", "escaped"),
    [
        (["|w| is a norm, f^*"], [r"\|w\| is a norm, f^\*"]),
        (["`a|b` and ``c*``"], ["`a|b` and ``c*``"]),
        (["seeded `Generator`s"], [r"seeded `Generator`\ s"]),
        (["hence", "", "    |w| >= 1", "", "and |v|"], ["hence", "", "::", "", "    |w| >= 1", "", r"and \|v\|"]),
        (["hence::", "", "    |w| >= 1"], ["hence::", "", "    |w| >= 1"]),
        (["x : float", "    |x|, a size"], ["x : float", r"    \|x\|, a size"]),
        (["* |a|", "* b"], [r"* \|a\|", "* b"]),
        ([">>> a | b"], [">>> a | b"]),
        (["x_i of x_"], [r"x_i of x\_"]),
    ],
)
def test_mathematics_in_docstrings_is_no_markup(public_names, lines, escaped):
    public_names.escape_lines(lines)
    assert lines == escaped


def test_a_constant_without_words_is_refused(public_names, tmp_path, monkeypatch):
    package = tmp_path / "package_without_words"
    package.mkdir()
    (package / "__init__.py").write_text("from .inside import LIMIT\n__all__ = ['LIMIT']\n")
    (package / "inside.py").write_text("\nLIMIT = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("package_without_words")
    with pytest.raises(RuntimeError, match=r"LIMIT needs a comment above it"):
        public_names.entry(module, "LIMIT", "package_without_words.inside")


def test_dead_links_and_loads_from_the_network_are_found(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(DOCS))
    links = importlib.import_module("_local_links")
    (tmp_path / "a.html").write_text(
        '<h1 id="top"><a href="b.html#there">1</a><a href="b.html#nowhere">2</a><a href="c.html">3</a>'
        '<a href="#top">4</a><a href="#bottom">5</a><a href="https://example.org">6</a><script src="https://cdn/x.js">'
    )
    (tmp_path / "b.html").write_text('<p id="there">')
    assert links.faults(tmp_path, ["a", "b"]) == [
        "a.html loads https://cdn/x.js",
        "a.html: no anchor for b.html#nowhere",
        "a.html: no file for c.html",
        "a.html: no anchor for #bottom",
    ]


def test_deprecations_are_listed():
    """Every old name that still works, and every file that warns of one."""
    page = (DOCS / "deprecations.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `([\w.]+)` \| `([\w.]+)` \|$", page, flags=re.MULTILINE))
    moved = {(f"noprune_theory.solvers.{old}", f"noprune_theory.solvers.{new}") for old, new in solvers._MOVED.items()}
    rooms = (*verification._ENGINE, *verification._FACTS, "statements")
    moved |= {(f"verification.{room}", verification._new_name(f"verification.{room}")) for room in rooms}
    assert rows >= moved
    warned = set()
    for folder in ("noprune_theory", "verification", "figures", "benchmarks"):
        for file in (ROOT / folder).rglob("*.py"):
            text = file.read_text("utf-8")
            if "DeprecationWarning" in text and any(
                isinstance(node, ast.Name) and node.id.endswith("DeprecationWarning")
                for node in ast.walk(ast.parse(text))
            ):
                warned.add(file.relative_to(ROOT).as_posix())
    users = {"noprune_theory/_moved.py", *re.findall(r"^<!-- warned in (\S+) -->$", page, flags=re.MULTILINE)}
    assert warned == users, "list what is deprecated in docs/deprecations.md"


def test_every_extra_is_in_the_table():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    table = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", (DOCS / "index.md").read_text("utf-8"), flags=re.MULTILINE)
    assert sorted(re.findall(r"\w+", " ".join(table))) == sorted(extras)


def test_findings_are_indexed():
    """Every script of findings/ has its line, and says what it means for a user."""
    text = (ROOT / "findings" / "README.md").read_text("utf-8")
    listed = re.findall(r"\[`(\w+)`\]\((\w+)\.sh\)", text)
    assert all(name == target for name, target in listed)
    scripts = {file.stem for file in (ROOT / "findings").glob("*.sh") if not file.name.startswith("_")}
    assert {name for name, _ in listed} == scripts
