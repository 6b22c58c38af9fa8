"""Whether anything that a certification depended on has changed since, without importing it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import subprocess
import sys
import sysconfig
from pathlib import Path

from noprune_theory._files import write_whole

__all__ = ["note", "unchanged"]

_PACKAGE = Path(__file__).parents[2]


def unchanged(file: Path, source: str, library: Path | None) -> bool:
    """Whether all that `note` wrote down is still so."""
    try:
        noted = json.loads(file.read_text(encoding="utf-8"))
        return bool(noted == _state(source, library, [Path(name) for name in noted["files"]]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def note(file: Path, source: str, library: Path | None) -> None:
    """Write down what a certification that has just succeeded depended on: every module of ours that was imported."""
    outside = [Path(path).resolve() for path in {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}]
    files = set(_PACKAGE.rglob("*.v"))
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        path = Path(name).resolve() if name else None
        if path and (path.is_relative_to(_PACKAGE) or not any(path.is_relative_to(folder) for folder in outside)):
            files.add(path)
    if source.endswith(".py"):
        files.add(Path(source).resolve())
    state = _state(source, library, sorted(path for path in files if path.is_file()))
    write_whole(file, json.dumps(state, indent=1) + "\n")


def _state(source: str, library: Path | None, files: list[Path]) -> dict[str, object]:
    theorems = sorted(library.rglob("*.v")) if library is not None else []
    return {
        "source": source,
        "rocq": subprocess.run(["coqc", "--print-version"], capture_output=True, text=True, check=False).stdout,
        "sympy": importlib.metadata.version("sympy"),
        "files": {str(path): _digest(path) for path in files},
        "library": {str(path): _digest(path) for path in theorems},
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
