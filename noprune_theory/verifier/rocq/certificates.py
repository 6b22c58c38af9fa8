"""The files of certificates: one for the statements whose ids begin alike, with the lemmas and their proofs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from noprune_theory.verifier.rocq.sources import CompileError
from noprune_theory.verifier.rocq.tasks import Task

__all__ = ["compiled_seconds", "failing", "write_certificates"]

_HEADER = "(** Obligations exported and proved by machine; the comments are their names, and the methods. *)\n{0}\n"


def write_certificates(tasks: Iterable[Task], target: Path, modules: Sequence[str]) -> list[Path]:
    """Write the files of all tasks that have a script, leaving unchanged ones alone, and remove others.

    Parameters
    ----------
    tasks : iterable of Task
    target : Path
        Folder of the files.
    modules : sequence of str
        The sentences that load what proofs rest on.
    """
    target.mkdir(exist_ok=True)
    texts: dict[str, list[str]] = {}
    for task in tasks:
        if task.script:
            texts.setdefault(task.module, []).append(task.text)
    for old in target.glob("*.v"):
        if old.stem not in texts:
            for compiled in target.glob(f"{old.stem}.*"):
                compiled.unlink()
    files = []
    for module, lemmas in texts.items():
        file = target / f"{module}.v"
        text = _HEADER.format("\n".join(modules)) + "\n" + "\n".join(lemmas)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
        files.append(file)
    return files


def failing(error: CompileError, file: Path, tasks: Iterable[Task]) -> Task:
    """Return the task whose proof does not compile: the last lemma that starts before the line of the error.

    Raises
    ------
    CompileError
        If the error is in no proof.
    """
    places = re.findall(r"line (\d+), characters", error.output)
    if not places:
        raise error
    before = file.read_text(encoding="utf-8").splitlines()[: int(places[-1])]
    names = [found[1] for line in before if (found := re.match(r"Lemma (\w+) :", line))]
    by_name = {task.lemma: task for task in tasks}
    if not names or names[-1] not in by_name:
        raise error
    return by_name[names[-1]]


_SENTENCE = re.compile(r"^Chars \d+ - \d+ \[(\S*)\] \S+ secs \((\S+)u,(\S+)s\)$", re.MULTILINE)


def compiled_seconds(file: Path) -> dict[str, float]:
    """Return the lemmas of a compiled file -> the seconds of processor time that Rocq took for them."""
    seconds: list[float] = []
    for start, user, system in _SENTENCE.findall(file.with_suffix(".out").read_text(encoding="utf-8")):
        if start.startswith("Lemma~"):
            seconds.append(0.0)
        if seconds:
            seconds[-1] += float(user) + float(system)
    names = re.findall(r"^Lemma (\w+) :", file.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(zip(names, seconds, strict=True))
