"""A sweep's store knows its cells by function, declared version and parameters: whoever edits a cell must say so.

`python tests/figures/test_figures_cells.py` records the cells anew: after an edit that changes results, raise the
declared version first; after one that does not, record alone.
"""

import ast
import hashlib
import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from types import CodeType, FunctionType

import pytest

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("golden") / "cells.json"

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))


def _names(code):
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def reached(function, seen=None):
    """Map the functions and constants of `figures` that a function uses to their source or value."""
    seen = {} if seen is None else seen
    seen[f"{function.__module__}.{function.__qualname__}"] = inspect.getsource(function)
    for name in sorted(_names(function.__code__) & set(function.__globals__)):
        value = function.__globals__[name]
        if isinstance(value, FunctionType):
            label = f"{value.__module__}.{value.__qualname__}"
            if value.__module__.startswith("figures") and label not in seen:
                reached(value, seen)
        elif name.isupper() or name.lstrip("_").isupper():
            seen[f"{function.__module__}.{name}"] = re.sub(r" at 0x[0-9a-f]+", "", repr(value))
    return seen


def _evaluated(module, node):
    return eval(compile(ast.Expression(node), "<argument>", "eval"), vars(module))


def cells():
    """Return what every call of `run_sweep` in `figures` declares: {function: (versions, digest)}."""
    found = {}
    for path in sorted((ROOT / "figures").glob("[!_]*.py")):
        module = importlib.import_module(f"figures.{path.stem}")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "run_sweep":
                function = _evaluated(module, node.args[0])
                (version,) = [_evaluated(module, key.value) for key in node.keywords if key.arg == "version"]
                name = f"{function.__module__}.{function.__qualname__}"
                digest = hashlib.sha256(json.dumps(reached(function), sort_keys=True).encode()).hexdigest()
                versions = found.get(name, (set(), digest))[0] | {version}
                found[name] = (versions, digest)
    return found


CELLS = cells()


@pytest.mark.parametrize("name", CELLS)
def test_every_sweep_of_a_cell_declares_the_same_version(name):
    assert len(CELLS[name][0]) == 1


@pytest.mark.parametrize("name", CELLS)
def test_an_edited_cell_has_a_new_version(name):
    (version,) = CELLS[name][0]
    recorded = json.loads(RECORD.read_text("utf-8"))
    assert recorded.get(name) == [version, CELLS[name][1]], (
        f"{name} was edited: raise its declared version if results change, and run python {Path(__file__).name}"
    )


def test_a_constant_that_a_cell_uses_is_part_of_its_digest(monkeypatch):
    from figures import fig1a

    before = reached(fig1a.memorisation_cell)
    assert "figures.one_shot.one_shot_masks" in before
    monkeypatch.setattr(fig1a, "WIDTHS", (30, 8, 1))
    after = reached(fig1a.memorisation_cell)
    assert {name for name in before if before[name] != after[name]} == {"figures.fig1a.WIDTHS"}


if __name__ == "__main__":
    content = {name: [*versions, digest] for name, (versions, digest) in CELLS.items()}
    RECORD.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
