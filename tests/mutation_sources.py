"""Copy the sources to a folder in which mutmut can change every function of the bounds.

mutmut leaves decorated functions alone. In the copy a decorator that is a plain name is applied after the function
instead: `def f(): ...` and `f = decorator(f)`, which means the same.

Usage: python tests/mutation_sources.py FOLDER
"""

from __future__ import annotations

import ast
import filecmp
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("noprune_theory", "verification", "tests", "setup.cfg", "pyproject.toml")
DECORATORS = {"broadcasting"}


def undecorated(source: str) -> str:
    """Return the source with the decorators of its module-level functions applied after the functions."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if not isinstance(node, ast.FunctionDef):
            continue
        named = [d for d in node.decorator_list if isinstance(d, ast.Name) and d.id in DECORATORS]
        if not named or len(named) < len(node.decorator_list):
            continue
        assert node.end_lineno is not None
        after = [f"{node.name} = {d.id}({node.name})" for d in reversed(named)]
        lines[node.end_lineno : node.end_lineno] = ["", "", *after]
        for decorator in reversed(named):
            del lines[decorator.lineno - 1]
    return "\n".join(lines) + "\n"


def copy(folder: Path) -> None:
    """Bring the copy up to date; files that have not changed keep their times, so that a run can go on."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source = ROOT / name
        files = [source] if source.is_file() else [f for f in source.rglob("*") if f.is_file()]
        for file in files:
            if "__pycache__" in file.parts:
                continue
            target = folder / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            if "bounds" in file.parts and file.suffix == ".py" and file.is_relative_to(ROOT / "noprune_theory"):
                text = undecorated(file.read_text())
                if not target.exists() or target.read_text() != text:
                    target.write_text(text)
            elif not target.exists() or not filecmp.cmp(file, target, shallow=False):
                shutil.copy2(file, target)


if __name__ == "__main__":
    copy(Path(sys.argv[1]))
