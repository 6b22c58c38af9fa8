"""Proofs that were found before: those of a folder of Rocq files, and those of earlier searches.

Neither is more trusted than a search: Rocq checks every proof again, of the statement as it is exported now, and a
script that holds a command is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from noprune_theory._files import write_whole
from noprune_theory.verifier.rocq.manifest import KernelStatus
from noprune_theory.verifier.rocq.tasks import Task

__all__ = ["Lemma", "Proofs", "differences", "is_tactics", "read_lemmas"]

_LEMMA = re.compile(
    r"^\(\* [^\n]* \[(?P<method>[^\n\[\]]*)\] \*\)\nLemma (?P<name>\w+) : (?P<proposition>.*?)\.\n"
    r"Proof\.\n(?P<script>.*?)\nQed\.$",
    re.DOTALL | re.MULTILINE,
)
# A script is sentences of tactics, which begin with a small letter, perhaps after bullets, braces and the number of a
# goal. Anything else could be a command, which ends the proof, admits something, or begins anything at all; a comment
# or an attribute could stand before it.
_SENTENCE = re.compile(r"[\s\-+*{}]*(?:\d+\s*:\s*)?(?:[a-z(][^\"]*|)", re.DOTALL)
_ADMISSION = re.compile(r"\(\*|\b(?:admit|give_up)\b")


class Lemma(NamedTuple):
    """A lemma of a file of certificates."""

    name: str
    proposition: str
    method: str
    script: str


def read_lemmas(folder: Path) -> list[Lemma]:
    """Return the lemmas in the files of a folder, in the form in which `Task.text` writes them."""
    return [
        Lemma(found["name"], found["proposition"], found["method"], found["script"])
        for file in sorted(folder.glob("*.v"))
        for found in _LEMMA.finditer(file.read_text(encoding="utf-8"))
    ]


def is_tactics(script: str) -> bool:
    """Whether every sentence of a script is a tactic."""
    return not _ADMISSION.search(script) and all(_SENTENCE.fullmatch(s) for s in re.split(r"\.(?:\s|$)", script))


class Proofs:
    """Proofs by their propositions.

    Parameters
    ----------
    file : Path
        What searches found, as JSON; it need not exist.
    recorded : Path, optional
        Folder with ``.v`` files that hold proofs. One of them is preferred until Rocq has rejected it.
    """

    def __init__(self, file: Path, recorded: Path | None = None) -> None:
        self._file = file
        self._found: dict[str, dict[str, str]] = {}
        if file.exists():
            try:
                self._found = dict(json.loads(file.read_text(encoding="utf-8")))
            except ValueError:
                file.unlink()  # whatever is missing is looked for again
        lemmas = read_lemmas(recorded) if recorded is not None else ()
        self._recorded = {lemma.proposition: lemma for lemma in lemmas}

    def recall(self, task: Task) -> bool:
        """Complete a task from memory, if its proposition was proved or refuted before."""
        for status, proposition in ((KernelStatus.ACCEPTED, task.statement), (KernelStatus.REFUTED, task.negation)):
            recorded, found = self._recorded.get(proposition), self._found.get(proposition)
            if found is not None and (recorded is None or found.get("instead") == recorded.script):
                method, script = str(found.get("method")), str(found.get("script"))
            elif recorded is not None:
                method, script = recorded.method, recorded.script
            else:
                continue
            if is_tactics(script):
                task.status, task.method, task.script = status, method, script
                return True
        return False

    def keep(self, task: Task) -> None:
        """Remember what was found of a task, or that nothing was."""
        for proposition in (task.statement, task.negation):
            self._found.pop(proposition, None)
        if task.status is not KernelStatus.OPEN:
            recorded = self._recorded.get(task.proposition)
            if recorded is None or recorded.script != task.script:
                entry = {"method": task.method, "script": task.script}
                self._found[task.proposition] = entry | ({"instead": recorded.script} if recorded else {})
        write_whole(self._file, json.dumps(self._found, indent=1, ensure_ascii=False) + "\n")


def differences(recorded: Path, certified: Path) -> Mapping[str, str]:
    """Return the names of lemmas that differ between two folders -> in which way."""
    before, now = ({lemma.name: lemma for lemma in read_lemmas(folder)} for folder in (recorded, certified))
    found = {name: "has no recorded proof" for name in now.keys() - before.keys()}
    found |= {name: "is recorded and no longer proved" for name in before.keys() - now.keys()}
    for name in before.keys() & now.keys():
        if before[name].proposition != now[name].proposition:
            found[name] = "is recorded with another statement"
        elif before[name].script != now[name].script:
            found[name] = "has a recorded proof that is not taken"
    return dict(sorted(found.items()))
