"""The pages of docs/ tell the truth: their examples print what the pages show, and their links lead somewhere."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.py"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page):
    """Languages and texts of the fenced blocks of a page."""
    return BLOCK.findall(page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_blocks_print_what_the_page_shows(page):
    """A python block that is followed by a text block prints it; all blocks of a page run in one program."""
    program, shown = [], []
    found = blocks(page)
    for (language, text), (follower, output) in zip(found, [*found[1:], ("", "")], strict=False):
        if language == "python":
            program.append(text)
            shown.append(output if follower == "text" else "")
    if program:
        code = "\nprint('-' * 9)\n".join(program)
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
        assert run.stderr == ""
        assert run.stdout == "---------\n".join(shown)


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_runs(tutorial):
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    run = subprocess.run(
        [sys.executable, tutorial], capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_local_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
        if not target.startswith("generated/"):  # by `make docs`, which checks them
            assert (page.parent / target).exists(), target
