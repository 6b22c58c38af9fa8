"""Rocq source files: copied into the folder of certificates, compiled when they changed."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from noprune_theory.verifier.rocq.installation import INSTALL, RocqMissingError
from noprune_theory.verifier.rocq.session import WARNINGS

__all__ = ["CompileError", "Sources", "copy_sources", "in_order"]

#: Folder of the certificates -> logical name of its modules.
LOGICAL = {"theory": "Obligations", "by_hand": "ByHand", "library": "NoFreePrune", "obligations": "Certificates"}

_NEEDS = {"theory": (), "by_hand": ("theory",), "library": (), "obligations": ("theory", "by_hand")}


class CompileError(Exception):
    """Rocq rejects a file; the message is what it printed."""

    def __init__(self, file: str, output: str) -> None:
        super().__init__(f"{file}: {output.strip()}")
        self.file, self.output = file, output


def copy_sources(source: Path, target: Path) -> list[Path]:
    """Copy the ``.v`` files of a folder, unchanged ones left alone, and remove what is no longer there."""
    target.mkdir(parents=True, exist_ok=True)
    names = {file.name for file in source.glob("*.v")}
    for old in target.glob("*.v"):
        if old.name not in names:
            old.unlink()
    for name in sorted(names):
        text = (source / name).read_bytes()
        if not (target / name).exists() or (target / name).read_bytes() != text:
            (target / name).write_bytes(text)
    return in_order(sorted(target / name for name in names))


def in_order(files: Sequence[Path]) -> list[Path]:
    """Return files so that each comes after those that it requires, by their module names."""
    modules = {file.stem: file for file in files}
    ordered: dict[Path, None] = {}

    def add(file: Path) -> None:
        for module in _required(file) & modules.keys() - {file.stem}:
            if modules[module] not in ordered:
                add(modules[module])
        ordered[file] = None

    for file in files:
        add(file)
    return list(ordered)


def _required(file: Path) -> set[str]:
    """Return the words of the ``Require`` sentences of a file."""
    words: set[str] = set()
    for sentence in file.read_text(encoding="utf-8").split(".\n"):
        if "Require" in sentence:
            words |= set(sentence.split())
    return words


class Sources:
    """Compile files of a folder of certificates, and remember what was compiled.

    Parameters
    ----------
    folder
        With the folders in `LOGICAL` inside.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamps_file = folder / "compiled.json"
        self._stamps: dict[str, str] = {}
        if self._stamps_file.exists():
            self._stamps = json.loads(self._stamps_file.read_text(encoding="utf-8"))

    def compile(
        self, files: Sequence[Path], jobs: int, finished: Callable[[Path], None] = lambda file: None
    ) -> Mapping[Path, CompileError]:
        """Compile what changed, or whose requirements did; return the errors by file.

        Files of one folder are compiled one after the other; those of "obligations" need each other in no way.
        """
        for folder in ("theory", "by_hand", "library"):
            for file in (f for f in files if f.parent.name == folder):
                if error := self._compile(file):
                    return {file: error}
                finished(file)
        certificates = [f for f in files if f.parent.name == "obligations"]
        errors: dict[Path, CompileError] = {}
        with ThreadPoolExecutor(max(1, jobs)) as pool:
            for file, error in zip(certificates, pool.map(self._compile, certificates), strict=True):
                if error is not None:
                    errors[file] = error
                finished(file)
        return errors

    def _stamp(self, file: Path) -> str:
        """Return a digest of a file and of all files that it may need."""
        needed = [f for folder in _NEEDS[file.parent.name] for f in (self._folder / folder).glob("*.v")]
        beside = {f.stem: f for f in file.parent.glob("*.v")} if file.parent.name != "obligations" else {}
        reached, waiting = {file}, [file]
        while waiting:
            more = {beside[m] for m in _required(waiting.pop()) & beside.keys()} - reached
            reached |= more
            waiting += more
        digest = hashlib.sha256()
        for source in sorted([*needed, *reached]):
            digest.update(source.read_bytes())
        return digest.hexdigest()

    def _compile(self, file: Path) -> CompileError | None:
        name = f"{file.parent.name}/{file.name}"
        stamp = self._stamp(file)
        if self._stamps.get(name) == stamp and file.with_suffix(".vo").exists():
            return None
        options = [part for folder, logical in LOGICAL.items() for part in ("-Q", folder, logical)]
        done = subprocess.run(
            ["coqc", *WARNINGS, *options, name], cwd=self._folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            self._stamps.pop(name, None)
            output = done.stdout + done.stderr
            if "Cannot find a physical path" in output and ("Interval" in output or "Coquelicot" in output):
                raise RocqMissingError(f"a library of Rocq is missing; install it with `{INSTALL}`")
            return CompileError(name, output)
        self._stamps[name] = stamp
        self._stamps_file.write_text(json.dumps(self._stamps, indent=1) + "\n", encoding="utf-8")
        return None
