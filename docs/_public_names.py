"""One page a package with all of its public names, in the order and under the files of its `__init__`.

A page a name would be a hundred times as many pages, each with the navigation to all others: the build would take as
many minutes as it takes seconds.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import noprune_theory

_LITERAL = re.compile(r"(``.+?``|`[^`]+`|:\w+:`[^`]+`)")


def pages() -> dict[str, str]:
    """Return file name -> text of every page."""
    written = {f"api/{room}.rst": room_page(room) for room in noprune_theory.__all__}
    tree = "\n".join(f"   {room}" for room in noprune_theory.__all__)
    rows = "\n".join(
        f"   * - :doc:`{room} <{room}>`\n     - {escaped(first_paragraph(_module(room)))}\n"
        f"     - {len(_module(room).__all__)}"
        for room in noprune_theory.__all__
    )
    written["api/index.rst"] = (
        "Public names\n============\n\nEvery name that `noprune_theory` offers, with its formula and the source of the "
        "formula, one page a package. What is not listed here is not public and may change. Arrays are float64; "
        "information is in nats unless a `unit` is given; randomness comes in as a generator or a seed for one.\n\n"
        ".. list-table::\n   :header-rows: 1\n   :widths: 20 70 10\n\n   * - package\n     - holds\n     - names\n"
        f"{rows}\n\n.. toctree::\n   :hidden:\n\n{tree}\n"
    )
    return written


def room_page(room: str) -> str:
    """Return the page of one package of the library."""
    module = _module(room)
    title = module.__name__
    parts = [f"{room}\n{'=' * len(room)}", f"`from noprune_theory import {room}`", paragraphs(module)]
    parts.append(f".. currentmodule:: {title}")
    # A summary of a constant would be the docstring of its type.
    listed = "\n".join(f"   {name}" for name in module.__all__ if callable(getattr(module, name)))
    parts.append(f".. autosummary::\n   :nosignatures:\n\n{listed}")
    for source, names in groups(module).items():
        if source != title:
            heading = source.removeprefix(f"{title}.")
            parts += [f"{heading}\n{'-' * len(heading)}", paragraphs(importlib.import_module(source))]
        parts += [entry(module, name, source) for name in names]
    return "\n\n".join(parts) + "\n"


def groups(module: Any) -> dict[str, list[str]]:
    """Return module of definition -> public names, as the `__init__` of the package imports them.

    Raises
    ------
    RuntimeError
        If a public name is missing: every one has to have its place on the page.
    """
    file = Path(module.__file__)
    stub = file.with_suffix(".pyi")
    tree = ast.parse((stub if stub.is_file() else file).read_text("utf-8"))
    found: dict[str, list[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            source = f"{module.__name__}.{node.module}" if node.level else node.module
            names = [alias.asname or alias.name for alias in node.names]
            public = [name for name in names if name in module.__all__]
            if public:
                found.setdefault(source, []).extend(public)
    placed = {name for names in found.values() for name in names}
    rest = [name for name in module.__all__ if name not in placed]
    own = [name for name in rest if getattr(module, name).__module__ == module.__name__]
    if own:
        found[module.__name__] = own
    missing = set(rest) - set(own)
    if missing:
        raise RuntimeError(f"{module.__name__}: no place on the page for {', '.join(sorted(missing))}")
    return found


def entry(module: Any, name: str, source: str) -> str:
    """Return what documents one name: its docstring, or the comment above a constant."""
    value = getattr(module, name)
    if inspect.isclass(value):
        return f".. autoclass:: {name}\n   :members:"
    if callable(value):
        return f".. autofunction:: {name}"
    text = comment_above(module, name)
    if isinstance(value, Mapping):
        text = f"{text} Keys: {', '.join(f'`{key}`' for key in value)}.".strip()
    if not text:
        raise RuntimeError(f"{source}.{name} needs a comment above it, which is its documentation")
    short = f"\n   :value: {value!r}" if len(repr(value)) < 80 else ""
    return f".. py:data:: {name}{short}\n\n   {escaped(text)}"


def comment_above(module: Any, name: str) -> str:
    """Return the comment above the line in which a package assigns a constant, "" where there is none."""
    for file in sorted(Path(module.__file__).parent.rglob("*.py")):
        lines = file.read_text("utf-8").splitlines()
        for at, line in enumerate(lines):
            if re.match(rf"{name}\b[^=]*=[^=]", line):
                start = at
                while lines[start - 1].startswith("#"):
                    start -= 1
                return " ".join(part.lstrip("#: ") for part in lines[start:at])
    raise RuntimeError(f"no file of {module.__name__} assigns {name}")


def paragraphs(module: Any) -> str:
    """Return the docstring of a module as reStructuredText, without its examples and its list of public names."""
    text = inspect.cleandoc(module.__doc__ or "")
    lines = re.split(r"^(?:Examples|Public names)\n-+$", text, flags=re.MULTILINE)[0].strip().splitlines()
    escape_lines(lines)
    return "\n".join(lines)


def first_paragraph(module: Any) -> str:
    """Return what a module is, on one line."""
    return " ".join(inspect.cleandoc(module.__doc__ or "").partition("\n\n")[0].split())


def _module(room: str) -> Any:
    return importlib.import_module(f"noprune_theory.{room}")


# --- Docstrings hold mathematics, and reStructuredText would read its bars and stars as markup. -----------------------


def escaped(line: str) -> str:
    """Return a line of prose in which bars, stars and trailing underscores are characters and no markup."""
    pieces = _LITERAL.split(line)
    for position in range(0, len(pieces), 2):
        text = re.sub(r"([|*]|(?<=\w)_(?!\w)|`(?=\w))", r"\\\1", pieces[position])
        # Markup ends at a character that is no letter: `Generator`s is none.
        pieces[position] = f"\\ {text}" if position and re.match(r"\w", text) else text
    pieces[0] = re.sub(r"^(\s*)\\\* ", r"\1* ", pieces[0])  # the item of a list
    return "".join(pieces)


def escape_lines(lines: list[str]) -> None:
    """Escape mathematics in a docstring, but not in examples; a formula on lines of its own becomes a literal block."""
    done: list[str] = []
    margin, marked, literal = 0, False, None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            done.append(line)
            continue
        if literal is not None and indent < literal:
            literal = None
        if literal is None and done and not done[-1].strip() and indent >= margin + 4:
            if not marked:
                done += [" " * margin + "::", ""]
            literal = indent
        if literal is None:
            margin, marked = indent, line.endswith("::")
        done.append(line if literal is not None or line.lstrip().startswith((">>>", "...")) else escaped(line))
    lines[:] = done


def escape_docstring(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Escape a docstring as autodoc hands it over."""
    escape_lines(lines)


def skip_foreign(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Leave out the methods that a base class of another library makes."""
    home = getattr(obj, "__module__", None) or noprune_theory.__name__
    return skip or not home.startswith(noprune_theory.__name__) or None
