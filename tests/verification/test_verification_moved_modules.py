"""Modules that have moved import under their old names too, as the same objects."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("verification.statement", "noprune_theory.verifier.statement"),
        ("verification.provers", "noprune_theory.verifier.provers"),
        ("verification.provers.balls", "noprune_theory.verifier.provers.balls"),
        ("verification.statements", "verification.no_free_prune"),
        ("verification.statements.theorem_4", "verification.no_free_prune.theorem_4"),
        ("verification.concentration", "verification.facts.concentration"),
    ],
)
def test_old_names_are_the_new_modules_and_warn(old, new):
    code = f"""
import importlib, sys, warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    import {old} as moved
assert moved is importlib.import_module({new!r})
assert sys.modules[{old!r}] is moved
messages = [(w.category, str(w.message), w.filename) for w in seen if "has moved" in str(w.message)]
assert (DeprecationWarning, "{old} has moved to {new}", "<string>") in messages, messages
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_names_that_never_were_are_not_found():
    code = "import verification.nothing"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'verification.nothing'"
