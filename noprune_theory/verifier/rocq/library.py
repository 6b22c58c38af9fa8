"""The theorems of a library as Rocq prints them: statements, and the axioms that they rest on."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from noprune_theory.verifier.rocq.session import WARNINGS
from noprune_theory.verifier.rocq.sources import LOGICAL, CompileError, in_order

__all__ = ["PrintedTheorem", "check_deeply", "printed_theorems"]


@dataclass(frozen=True)
class PrintedTheorem:
    """A theorem as Rocq prints it.

    Attributes
    ----------
    name, file
        Where it stands.
    statement
        Its type, hypotheses of its section included.
    axioms
        Names of the axioms that it rests on; empty for none.
    """

    name: str
    file: str
    statement: str
    axioms: tuple[str, ...]


def _options() -> list[str]:
    return [part for folder, logical in LOGICAL.items() for part in ("-Q", folder, logical)]


def printed_theorems(folder: Path, *, axioms: bool = True) -> list[PrintedTheorem]:
    """Print every `Theorem` of the compiled library in a folder of certificates; the text is kept in theorems.txt.

    Parameters
    ----------
    folder : Path
    axioms : bool
        Whether to look for the axioms: of a theorem that rests on interval arithmetic that takes some seconds.

    Raises
    ------
    CompileError
        If Rocq does not know one of them.
    """
    files = in_order(sorted((folder / "library").glob("*.v")))
    theorems = [(name, file) for file in files for name in re.findall(r"^Theorem (\w+)", file.read_text(), re.M)]
    lines = ["From Coq Require Import Reals.", f"From NoFreePrune Require Import {' '.join(f.stem for f in files)}."]
    lines.append("Open Scope R_scope. Set Printing Width 118. Set Printing Depth 1000.")
    for name, file in theorems:
        full = f"NoFreePrune.{file.stem}.{name}"
        lines.append(f"Check @{full}. Print Assumptions {full if axioms else 'eq_refl'}.")
    (folder / "statements.v").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        ["coqc", *WARNINGS, *_options(), "statements.v"], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CompileError("statements.v", done.stdout + done.stderr)
    found = _parsed(done.stdout, [(name, file.name) for name, file in theorems])
    shown = [f"{t.name} ({t.file})\n{t.statement}\nAxioms: {', '.join(t.axioms) or 'none'}\n" for t in found]
    (folder / "theorems.txt").write_text("\n".join(shown), encoding="utf-8")
    return found


_PRINTED = re.compile(
    r"^\S+\n {5}: (?P<statement>.*?)\n(?P<axioms>Closed under the global context|Axioms:\n.*?)\s*(?=^\S+\n {5}: |\Z)",
    re.DOTALL | re.MULTILINE,
)


def _parsed(output: str, theorems: list[tuple[str, str]]) -> list[PrintedTheorem]:
    """Read what `Check` and `Print Assumptions` print of the theorems one after the other."""
    found = []
    for (name, file), printed in zip(theorems, _PRINTED.finditer(output), strict=True):
        axioms = re.findall(r"^([A-Za-z_][\w.']*)(?= :|$)", printed["axioms"].partition("Axioms:\n")[2], re.MULTILINE)
        found.append(PrintedTheorem(name, file, " ".join(printed["statement"].split()), tuple(axioms)))
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
        ["coqchk", "-silent", "-o", *_options(), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    output = done.stdout + done.stderr
    (folder / "coqchk.txt").write_text(output, encoding="utf-8")
    if done.returncode != 0:
        raise CompileError("coqchk", output)
    return output
