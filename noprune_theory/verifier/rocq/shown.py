"""The theorems of the library in the report: as Rocq prints them, with their axioms, and how to check them oneself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from noprune_theory.verifier.paper import Paper
from noprune_theory.verifier.rocq.axioms import meanings
from noprune_theory.verifier.rocq.manifest import TheoremEntry

__all__ = ["about_statement", "kernel_section", "shown_theorems"]

_UNKNOWN = "an axiom that is not of Rocq's standard library, or not known here"
# From this number on, axioms of one meaning are counted instead of named.
_MANY = 3


def about_statement(
    theorems: Iterable[TheoremEntry], identifier: str, paper: Paper | None, papers: Sequence[Paper]
) -> list[TheoremEntry]:
    """Return the theorems that are about a statement; without a title, a theorem belongs to the first paper."""
    titles = {paper.title if paper else ""} | ({""} if not papers or paper == papers[0] else set())
    return [t for t in theorems if identifier in t.about and t.paper in titles]


def shown_theorems(theorems: Iterable[TheoremEntry]) -> str:
    """Return theorems, each unfolding to its statement and its axioms, or "" for none."""
    return "".join(
        f"""<details class="obligations rocq"><summary><code>{escape(t.name)}</code> ({escape(t.file)})</summary>
<pre>{escape(t.statement)}</pre>
<p class="note"><code>Print Assumptions</code>: {_axioms(t.axioms)}</p>
<p class="note">Check it: <code>sh verification/rocq/check.sh {escape(t.name)}</code></p></details>"""
        for t in theorems
    )


def _axioms(axioms: Sequence[str]) -> str:
    """Return the names of axioms; of many with one meaning their number."""
    if not axioms:
        return "closed under the global context, no axiom."
    parts = ", ".join(_named(names) for names in meanings(axioms).values())
    return f"{parts}; <a href='#rocq'>what they mean</a>."


def _named(names: Sequence[str]) -> str:
    """Return the names of axioms of one meaning; of many their number and the modules."""
    if len(names) < _MANY:
        return ", ".join(f"<code>{escape(name)}</code>" for name in names)
    modules = dict.fromkeys(escape(name.partition(".")[0]) for name in names)
    return f"{len(names)} of {' and '.join(f'<code>{module}</code>' for module in modules)}"


def kernel_section(theorems: Sequence[TheoremEntry], others: Sequence[TheoremEntry]) -> str:
    """Return the section that says what the axioms mean and how to check everything without Python.

    Parameters
    ----------
    theorems : sequence of TheoremEntry
        All of the library.
    others : sequence of TheoremEntry
        Those that are shown with no statement.
    """
    if not theorems:
        return ""
    found = meanings(dict.fromkeys(axiom for t in theorems for axiom in t.axioms))
    rows = "".join(f"<li>{_named(names)}: {escape(meaning or _UNKNOWN)}.</li>" for meaning, names in found.items())
    return f"""<section id="rocq"><h2>The second kernel</h2>
<p>Rocq has checked {len(theorems)} theorems and the obligations that are marked so. Without Python, with Rocq, Interval
and Coquelicot installed, in a copy of the repository: <code>sh verification/rocq/check.sh</code> compiles all of them;
with the name of a theorem it prints its statement and the axioms that it rests on.</p>
<h3>Axioms</h3><ul>{rows or "<li>None.</li>"}</ul>
{"<h3>Other theorems of the library</h3>" if others else ""}{shown_theorems(others)}</section>"""
