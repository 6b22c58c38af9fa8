"""Pages that are written from the code: the theory, the figures and the public names.

They are written into docs/generated before Sphinx reads the sources, and only what changed, so that a second build is
short.
"""

from __future__ import annotations

import importlib
import json
import re
import shutil
from html import escape
from pathlib import Path
from typing import Any

import sympy as sp

import noprune_theory
from figures import FIGURES
from noprune_theory.verifier.paper import Paper
from noprune_theory.verifier.statement import RULES, Claim, Statement
from noprune_theory.verifier.typeset import presentation, rich_text
from verification.papers import PAPERS, UNPREFIXED
from verification.readme_table import PLACES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TARGET = HERE / "generated"
FIGURE_FILES = ROOT / "build" / "figures"


def write(name: str, text: str) -> None:
    """Write a page, and leave one alone that says the same."""
    file = TARGET / name
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.is_file() or file.read_text("utf-8") != text:
        file.write_text(text, "utf-8")


# --- Theory -----------------------------------------------------------------------------------------------------------


def formula(expression: sp.Basic) -> str:
    """Return an expression as displayed MathML, on one line: an empty line would end the block of HTML."""
    return f'<math display="block">{" ".join(presentation(expression).split())}</math>'


def claim(asserted: Claim) -> str:
    """Return a claim: its words, its hypotheses, its conclusion."""
    lines = [f"<p>{rich_text(asserted.words)}</p>"] if asserted.words else []
    if asserted.hypotheses:
        lines += ["<p>Given</p>", *(formula(h) for h in asserted.hypotheses), "<p>then</p>"]
    return "\n".join([*lines, formula(asserted.conclusion)])


def shown_verdict(statement: Statement) -> str:
    """Return the recorded verdict, with what became of the statement."""
    if statement.repair is None:
        return str(statement.recorded)
    return f"{statement.recorded}, {'sharpened' if statement.repair.sharpens else 'repaired'}"


def statement_page(paper: Paper, statement: Statement) -> str:
    """Return the page of one statement."""
    name = statement.id if paper is UNPREFIXED else f"{paper.name}/{statement.id}"
    place, figure = PLACES[name]
    parts = [
        f"# {statement.title}",
        f'`{name}`: {statement.source}. Verdict: <span class="verdict">{shown_verdict(statement)}</span>.',
        "## The claim",
        claim(statement.claim),
    ]
    if statement.repair is not None:
        parts += [
            f"## {'Sharpened' if statement.repair.sharpens else 'Repaired'}",
            claim(statement.repair.claim),
        ]
    steps = [*statement.derivation, *(statement.repair.derivation if statement.repair else ())]
    listed = "\n".join(f"<li>{rich_text(' '.join(step.text.split()))}</li>" for step in steps)
    parts += ["## The derivation", f"<ol>\n{listed}\n</ol>"]
    cited = dict.fromkeys(RULES.get(fact, fact) for step in steps for fact in step.rests_on)
    if cited:
        parts += ["Facts of probability theory that it rests on:", "\n".join(f"- {plain(fact)}" for fact in cited)]
    if statement.remarks:
        parts += ["## Remarks", *(plain(remark) for remark in statement.remarks)]
    links = [f"`python -m verification {name}` checks it"]
    if place:
        links.append(f"{{py:obj}}`noprune_theory.{place}` computes it")
    if figure:
        links.append(f"[{figure}](../../figures/{figure}.md) shows it")
    module = paper.statements[statement.id].partition(":")[0]
    return "\n\n".join([*parts, "## Where", "; ".join(links) + f". Its file is `{module.replace('.', '/')}`.", ""])


def plain(text: str) -> str:
    """Return text in which MyST finds no markup, on one line."""
    return re.sub(r"([\\`*_\[\]<>|$#{}~])", r"\\\1", " ".join(text.split()))


def theory() -> None:
    """Write one page a statement and one a paper."""
    for paper in PAPERS:
        statements = [paper.load(identifier) for identifier in paper.statements]
        for statement in statements:
            write(f"theory/{paper.name}/{statement.id}.md", statement_page(paper, statement))
        rows = [f"| [{s.id}]({paper.name}/{s.id}.md) | {plain(s.title)} | {shown_verdict(s)} |" for s in statements]
        tree = "\n".join(f"{paper.name}/{s.id}" for s in statements)
        write(
            f"theory/{paper.name}.md",
            f"# {paper.title}\n\n{plain(paper.source)}\n\n| statement | title | verdict |\n|---|---|---|\n"
            + "\n".join(rows)
            + f"\n\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n",
        )
    listed = "\n".join(f"- [{paper.title}]({paper.name}.md): {len(paper.statements)} statements" for paper in PAPERS)
    tree = "\n".join(paper.name for paper in PAPERS)
    write("theory/index.md", f"# The papers\n\n{listed}\n\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n")


# --- Figures ----------------------------------------------------------------------------------------------------------


def figures() -> None:
    """Write one page a figure: the picture, its caption, its code; the pictures are those of `python -m figures`."""
    captions_file = FIGURE_FILES / "captions.json"
    captions: dict[str, str] = json.loads(captions_file.read_text("utf-8")) if captions_file.is_file() else {}
    missing = [name for name in FIGURES if not (FIGURE_FILES / f"{name}.svg").is_file() or name not in captions]
    if missing:
        raise RuntimeError(f"{FIGURE_FILES} lacks {', '.join(missing)}; `make docs` draws them")
    (TARGET / "figures").mkdir(parents=True, exist_ok=True)
    cards = []
    for name in FIGURES:
        shutil.copyfile(FIGURE_FILES / f"{name}.svg", TARGET / "figures" / f"{name}.svg")
        title = importlib.import_module(f"figures.{name}").TITLE
        write(
            f"figures/{name}.md",
            f"# {plain(title)}\n\n![{escape(title)}]({name}.svg)\n\n{plain(captions[name])}\n\n"
            f"`python -m figures {name} --out DIR` draws it and writes its numbers to `DIR/{name}.csv`.\n\n"
            f"```{{literalinclude}} ../../../figures/{name}.py\n:language: python\n```\n",
        )
        cards.append(f"## [{plain(title)}](figures/{name}.md)\n\n![{escape(title)}](figures/{name}.svg)\n")
    tree = "\n".join(f"figures/{name}" for name in FIGURES)
    write(
        "gallery.md",
        "# Gallery\n\nEvery figure of the project, in the quick profile; each page has the caption with its numbers, "
        f"and the code.\n\n{chr(10).join(cards)}\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n",
    )


# --- Public names -----------------------------------------------------------------------------------------------------


def public_names() -> None:
    """Write one page a room, with the names of its `__all__`."""
    for room in noprune_theory.__all__:
        module = importlib.import_module(f"noprune_theory.{room}")
        title = f"noprune_theory.{room}"
        names = "\n".join(f"   {name}" for name in module.__all__)
        about = (module.__doc__ or "").strip().splitlines()[0]
        write(
            f"api/{room}.rst",
            f"{title}\n{'=' * len(title)}\n\n{escaped(about)}\n\n.. currentmodule:: {title}\n\n"
            f".. autosummary::\n   :toctree: {room}\n   :nosignatures:\n\n{names}\n",
        )
    tree = "\n".join(f"   {room}" for room in noprune_theory.__all__)
    write("api/index.rst", f"Public names\n============\n\n.. toctree::\n   :maxdepth: 1\n\n{tree}\n")


_LITERAL = re.compile(r"(``.+?``|`[^`]+`|:\w+:`[^`]+`)")


def escaped(line: str) -> str:
    """Return a line of prose in which bars, stars and trailing underscores are characters and no markup."""
    pieces = _LITERAL.split(line)
    for position in range(0, len(pieces), 2):
        pieces[position] = re.sub(r"([|*]|(?<=\w)_(?!\w))", r"\\\1", pieces[position])
    return "".join(pieces)


def escape_docstring(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Escape mathematics in docstrings, but not in examples and indented formulas."""
    literal = False
    for position, line in enumerate(lines):
        indented = line.startswith("    ") and not lines[position - 1].strip() if position else False
        literal = (literal or indented) and (line.startswith("    ") or not line.strip())
        if not literal and not line.lstrip().startswith(">>>"):
            lines[position] = escaped(line)


def setup(app: Any) -> dict[str, Any]:
    """Write all pages, before Sphinx looks for the sources, and register with it."""
    theory()
    figures()
    public_names()
    app.connect("autodoc-process-docstring", escape_docstring, priority=100)
    return {"parallel_read_safe": True}
