"""The theorems of a library as Rocq prints them: statements, and the axioms that they rest on."""

from __future__ import annotations

import re
import subprocess
import textwrap
from pathlib import Path

from noprune_theory._files import write_whole
from noprune_theory.verifier.rocq.manifest import TheoremEntry
from noprune_theory.verifier.rocq.sources import LOGICAL, CompileError, in_order, module_paths
from noprune_theory.verifier.rocq.subjects import subject

__all__ = ["check_deeply", "printed_theorems", "printing_files"]

# Of the lines that Rocq prints, and how far it indents the first line of a statement, after the colon.
_WIDTH, _INDENT = 110, 7


def printing_files(folder: Path, *, axioms: bool = True) -> list[Path]:
    """Write a file for each one of the library that has theorems: compiled, it prints them.

    Parameters
    ----------
    folder : Path
        Folder of certificates with the library inside.
    axioms : bool
        Whether to print the axioms too: of a theorem that rests on interval arithmetic that takes some seconds.
    """
    target = folder / "theorems"
    target.mkdir(exist_ok=True)
    written = []
    for file, names in _theorems(folder):
        full = [f"NoFreePrune.{file.stem}.{name}" for name in names]
        lines = [
            "From Coq Require Import Reals.",
            f"From NoFreePrune Require Import {file.stem}.",
            "Open Scope R_scope.",
        ]
        lines.append(f"Set Printing Width {_WIDTH}. Set Printing Depth 1000.")
        lines += [f"Check @{name}. Print Assumptions {name if axioms else 'eq_refl'}." for name in full]
        printing, text = target / f"Print{file.stem}.v", "\n".join(lines) + "\n"
        if not printing.exists() or printing.read_text(encoding="utf-8") != text:
            printing.write_text(text, encoding="utf-8")
        written.append(printing)
    for old in set(target.glob("*.v")) - set(written):
        for compiled in target.glob(f"{old.stem}.*"):
            compiled.unlink()
    return written


def _theorems(folder: Path) -> list[tuple[Path, list[str]]]:
    """Return the files of the library, each after those that it requires, with the names of their theorems."""
    files = in_order(sorted((folder / "library").glob("*.v")))
    named = [(file, re.findall(r"^Theorem (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)) for file in files]
    return [(file, names) for file, names in named if names]


def printed_theorems(folder: Path) -> list[TheoremEntry]:
    """Return every `Theorem` of the library, as the compiled files of `printing_files` printed it.

    The same is written into theorems.txt.

    Raises
    ------
    CompileError
        If what was printed is not of the form that is known.
    """
    found = []
    for file, names in _theorems(folder):
        output = (folder / "theorems" / f"Print{file.stem}.out").read_text(encoding="utf-8")
        try:
            found += _parsed(output, file, names)
        except ValueError as error:
            raise CompileError(file.name, f"its theorems are not printed as expected: {output}") from error
    shown = [f"{t.name} ({t.file})\n{t.statement}\nAxioms: {', '.join(t.axioms) or 'none'}\n" for t in found]
    write_whole(folder / "theorems.txt", "\n".join(shown))
    return found


_PRINTED = re.compile(
    r"^\S+\n {5}: (?P<statement>.*?)\n(?P<axioms>Closed under the global context|Axioms:\n.*?)\s*(?=^\S+\n {5}: |\Z)",
    re.DOTALL | re.MULTILINE,
)


def _parsed(output: str, file: Path, names: list[str]) -> list[TheoremEntry]:
    """Read what `Check` and `Print Assumptions` print of the theorems of a file one after the other."""
    found = []
    text = file.read_text(encoding="utf-8")
    for name, printed in zip(names, _PRINTED.finditer(output), strict=True):
        axioms = re.findall(r"^([A-Za-z_][\w.']*)(?= :|$)", printed["axioms"].partition("Axioms:\n")[2], re.MULTILINE)
        statement = textwrap.dedent(" " * _INDENT + printed["statement"]).strip()
        found.append(TheoremEntry(name, file.name, tuple(axioms), statement, *subject(name, file.stem, text)))
    return found


def check_deeply(folder: Path) -> str:
    """Check the compiled library and certificates once more with `coqchk`, a separate and smaller program.

    What the modules rest on (Rocq's standard library, Coquelicot, Interval) is trusted: `-norec`.

    Raises
    ------
    CompileError
        If it rejects a module.
    """
    modules = [f"{LOGICAL[f.parent.name]}.{f.stem}" for f in sorted(folder.glob("*/*.vo"))]
    arguments = [part for module in modules for part in ("-norec", module)]
    done = subprocess.run(
        ["coqchk", "-silent", "-o", *module_paths(), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    (folder / "coqchk.txt").write_text(output, encoding="utf-8")
    if done.returncode != 0:
        raise CompileError("coqchk", output)
    return output
