"""The README tells the truth: its example prints what it shows, its table is the current one, its commands exist."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from figures import FIGURES
from noprune_theory.verifier.command import known_names
from verification import readme_table
from verification.papers import PAPERS, UNPREFIXED

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", README, flags=re.DOTALL)


def test_there_are_examples():
    assert EXAMPLES
    assert README.count("```python") == len(EXAMPLES), "a python block is not followed by what it prints"


@pytest.mark.parametrize(("code", "shown"), EXAMPLES)
def test_an_example_prints_what_the_readme_shows(code, shown):
    assert len(code.splitlines()) <= 20
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout == shown


def test_the_table_is_the_current_one():
    """`python -m verification.readme_table` rewrites it."""
    assert readme_table.replace_block(README, readme_table.table()) == README


def test_the_table_names_what_exists():
    assert set(readme_table.PLACES) == set(known_names(PAPERS, UNPREFIXED))
    for place, figure in readme_table.PLACES.values():
        if place is not None:
            room, name = place.split(".")
            assert hasattr(importlib.import_module(f"noprune_theory.{room}"), name), place
        assert figure is None or figure in FIGURES


def test_a_text_without_markers_is_refused():
    with pytest.raises(ValueError, match="must hold"):
        readme_table.replace_block("no markers here", "table")


def test_every_make_target_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)", README))
    assert {"reproduce", "test", "benchmarks"} <= named <= targets


def test_no_section_is_empty():
    sections = re.split(r"^## ", README, flags=re.MULTILINE)[1:]
    assert all(section.split("\n", 1)[1].strip() for section in sections)


def test_every_local_link_leads_somewhere():
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", README):
        assert (ROOT / target).exists(), target
