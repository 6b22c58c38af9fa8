"""Pages that are written from the code: the theory, the figures and the public names.

They are written into docs/generated before Sphinx reads the sources, and only what changed, so that a second build is
short.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import _public_names
import sympy as sp

from figures import FIGURES
from noprune_theory.verifier.paper import Paper
from noprune_theory.verifier.statement import RULES, Claim, Statement, Step, Verdict
from noprune_theory.verifier.typeset import presentation, rich_text
from verification.papers import PAPERS, UNPREFIXED
from verification.readme_table import PLACES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TARGET = HERE / "generated"
FIGURE_FILES = ROOT / "build" / "figures"


_WRITTEN: set[Path] = set()


def write(name: str, text: str) -> None:
    """Write a page, and leave one alone that says the same."""
    file = TARGET / name
    _WRITTEN.add(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.is_file() or file.read_text("utf-8") != text:
        file.write_text(text, "utf-8")


# --- Theory -----------------------------------------------------------------------------------------------------------

#: The verdicts and their meanings, from the class.
VERDICTS = [line for line in inspect.cleandoc(Verdict.__doc__ or "").splitlines() if line.startswith("- ")]


def formula(expression: sp.Basic) -> str:
    """Return an expression as displayed MathML, on one line: an empty line would end the block of HTML."""
    return f'<div class="formula"><math display="block">{" ".join(presentation(expression).split())}</math></div>'


def claim(asserted: Claim) -> str:
    """Return a claim: its words, its hypotheses, its conclusion."""
    lines = [f"<p>{rich_text(asserted.words)}</p>"] if asserted.words else []
    if asserted.hypotheses:
        lines += ["<p>Given</p>", *(formula(h) for h in asserted.hypotheses), "<p>then</p>"]
    return "\n".join([*lines, formula(asserted.conclusion)])


def derivation(steps: Sequence[Step]) -> str:
    """Return the steps of a derivation as a list."""
    listed = "\n".join(f"<li>{rich_text(' '.join(step.text.split()))}</li>" for step in steps)
    return f"<ol>\n{listed}\n</ol>"


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
        f"`{name}`: {statement.source}. Verdict: [{shown_verdict(statement)}](../index.md#verdicts).",
        "## The claim",
        claim(statement.claim),
    ]
    if statement.repair is not None:
        parts += [
            f"## {'Sharpened' if statement.repair.sharpens else 'Repaired'}",
            claim(statement.repair.claim),
        ]
    steps = list(statement.derivation)
    if steps:
        parts += ["## The derivation", derivation(statement.derivation)]
    if statement.repair is not None and statement.repair.derivation:
        how = "sharper" if statement.repair.sharpens else "repaired"
        parts += [f"## The derivation of the {how} form", derivation(statement.repair.derivation)]
        steps += statement.repair.derivation
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
    listed = "\n".join(
        f"- [{paper.title}]({paper.name}.md): {plain(paper.source)}; {len(paper.statements)} statements"
        for paper in PAPERS
    )
    meanings = "\n".join(f"- {plain(line.strip().removeprefix('- '))}" for line in VERDICTS)
    tree = "\n".join(paper.name for paper in PAPERS)
    write(
        "theory/index.md",
        f"# Statement by statement\n\n{listed}\n\nEach page has the claim as it is printed, what became of it, the "
        "steps of the derivation, the facts that it rests on, links to code and figure. The pages are written from the "
        f"files that `python -m verification` decides.\n\n## Verdicts\n\n{meanings}\n- *repaired*: a form that is "
        "established stands beside the printed one; *sharpened*: a form with better constants does.\n\n"
        f"```{{toctree}}\n:hidden:\n\n{tree}\n```\n",
    )


def cited() -> None:
    """Write which statements rest on which facts that are not proved by machine here."""
    users: dict[str, list[str]] = {}
    for paper in PAPERS:
        for identifier in paper.statements:
            statement = paper.load(identifier)
            steps = [*statement.derivation, *(statement.repair.derivation if statement.repair else ())]
            for fact in dict.fromkeys(fact for step in steps for fact in step.rests_on):
                users.setdefault(fact, []).append(f"[{identifier}]({paper.name}/{identifier}.md)")
    rows = "\n".join(f"| {plain(RULES.get(fact, fact))} | {', '.join(users[fact])} |" for fact in sorted(users))
    write(
        "theory/cited.md",
        "# What is proved and what is taken\n\nEvery step of a derivation is an obligation that a prover decides. What "
        "lifts an obligation about numbers to random variables is named at the step: these facts. Which of them have "
        "been proved in a proof assistant, here or elsewhere, is said under [the kernels](../../theory/trust.md) and "
        "[formal proofs](../../formal_proofs.md).\n\n"
        f"| fact | statements that rest on it |\n|---|---|\n{rows}\n",
    )


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
        page = f"figures/{name}.md"
        cards.append(
            f":::{{container}} card\n[![{escape(title)}](figures/{name}.svg)]({page})\n\n"
            f"[{plain(title)}]({page})\n:::\n"
        )
    tree = "\n".join(f"figures/{name}" for name in FIGURES)
    write(
        "gallery.md",
        "# Gallery\n\nEvery figure of the project, in the quick profile; each page has the caption with its numbers, "
        f"and the code.\n\n::::{{container}} gallery\n{chr(10).join(cards)}::::\n\n"
        f"```{{toctree}}\n:hidden:\n\n{tree}\n```\n",
    )


def forget_others() -> None:
    """Remove pages that earlier builds have written: of a statement or figure that is no more."""
    for file in TARGET.rglob("*.*"):
        if file.suffix in {".md", ".rst"} and file not in _WRITTEN and TARGET / "tutorials" not in file.parents:
            file.unlink()


def setup(app: Any) -> dict[str, Any]:
    """Write all pages, before Sphinx looks for the sources, and register with it."""
    theory()
    cited()
    figures()
    for name, text in _public_names.pages().items():
        write(name, text)
    forget_others()
    app.connect("autodoc-process-docstring", _public_names.escape_docstring, priority=100)
    app.connect("autodoc-skip-member", _public_names.skip_foreign)
    return {"parallel_read_safe": True}
