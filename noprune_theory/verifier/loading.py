"""Statements of users: from a file, or from a module that can be imported."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from noprune_theory._validation import check_instance
from noprune_theory.verifier.paper import Paper, PaperError, installed_papers
from noprune_theory.verifier.statement import Statement

__all__ = ["load_papers"]


@dataclass(frozen=True)
class _FromFile(Paper):
    """The statements that stand in one file; other processes read the file again."""

    file: str = ""

    def load(self, identifier: str) -> Statement:
        """Read the file, once a process, and return the statement."""
        found = _statements(_module_of_file(self.file), self.file)
        if identifier not in found:
            raise PaperError(f"id: unknown statement '{identifier}'; known: {', '.join(found)}")
        return found[identifier]


def load_papers(source: str) -> tuple[Paper, ...]:
    """Return the papers of a file or module.

    Parameters
    ----------
    source : str
        A Python file (its name ends in ".py"), the name of a paper that an installed package offers, or the dotted
        name of a module. A file or module holds `Paper` objects, or tuples of them, under any names; or, without
        one, `Statement` objects under any names, which make a paper of the file's name.

    Returns
    -------
    tuple of Paper
        At least one.

    Raises
    ------
    TypeError
        If `source` is no string.
    PaperError
        If there is no such file or module, it cannot be run, it holds no statement, or two of one id.
    """
    check_instance("source", source, str)
    if source.endswith(".py"):
        module, label = _module_of_file(str(Path(source).resolve())), source
    elif source in (offered := installed_papers()):
        return (offered[source],)
    elif re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", source):
        module, label = _module_of_name(source), source
    else:
        raise PaperError(f"FILE_OR_MODULE: needs NAME.py, a dotted module name or an installed paper, given '{source}'")
    held = [
        item for value in vars(module).values() for item in (value if isinstance(value, tuple | list) else (value,))
    ]
    papers = {value.name: value for value in held if isinstance(value, Paper)}
    if papers:
        return tuple(papers.values())
    found = _statements(module, label)
    name = re.sub(r"[^a-z0-9]+", "-", Path(source).stem.rpartition(".")[2].lower()).strip("-") or "statements"
    if source.endswith(".py"):
        return (_FromFile(name, name, source, dict.fromkeys(found, source), file=str(Path(source).resolve())),)
    places = {value.id: attribute for attribute, value in vars(module).items() if isinstance(value, Statement)}
    return (Paper(name, name, source, {identifier: f"{source}:{places[identifier]}" for identifier in found}),)


def _statements(module: ModuleType, label: str) -> dict[str, Statement]:
    """Return the statements of a module by id."""
    found: dict[str, Statement] = {}
    for value in vars(module).values():
        if isinstance(value, Statement) and found.setdefault(value.id, value) is not value:
            raise PaperError(f"{label}: two statements have the id '{value.id}'; rename one")
    if not found:
        raise PaperError(f"{label}: holds neither a Paper nor a Statement; `noprune-theory new-statement` writes one")
    return found


def _module_of_name(name: str) -> ModuleType:
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))  # as `python -m` does
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise PaperError(f"FILE_OR_MODULE: there is no module {name} (a file needs its ending .py)") from error
        raise PaperError(_reason(error, name)) from error
    except Exception as error:
        raise PaperError(_reason(error, name)) from error


@cache
def _module_of_file(file: str) -> ModuleType:
    """Run a file as a module, once a process; it can import what lies beside it."""
    path = Path(file)
    if not path.is_file():
        raise PaperError(f"FILE_OR_MODULE: there is no file {path.name}")
    name = path.stem if path.stem.isidentifier() and path.stem not in sys.modules else f"_statements_in_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PaperError(f"FILE_OR_MODULE: {path.name} cannot be read as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise PaperError(_reason(error, path.name, file)) from error
    return module


def _reason(error: Exception, label: str, file: str | None = None) -> str:
    """Return one line: where in the file, and what."""
    if isinstance(error, SyntaxError):
        return f"{label}: line {error.lineno}: {error.msg}"
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if file is not None and f.filename == file]
    where = f" line {lines[-1]}:" if lines else ""
    return f"{label}:{where} {type(error).__name__}: {' '.join(str(error).split())}"
