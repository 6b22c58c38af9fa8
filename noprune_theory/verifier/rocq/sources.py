"""Rocq source files: copied into the folder of certificates, compiled when they changed."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path

from noprune_theory._files import write_whole
from noprune_theory.verifier.rocq.installation import INSTALL, RocqMissingError
from noprune_theory.verifier.rocq.session import WARNINGS

__all__ = ["LOGICAL", "CompileError", "Sources", "copy_sources", "in_order", "module_paths"]

#: Folder of the certificates -> logical name of its modules.
LOGICAL = {
    "theory": "Obligations",
    "by_hand": "ByHand",
    "library": "NoFreePrune",
    "theorems": "Printed",
    "obligations": "Certificates",
}
# Seconds of processor time that a file may take, many times what any needs.
_LIMIT = 600


class CompileError(Exception):
    """Rocq rejects a file; the message is what it printed."""

    def __init__(self, file: str, output: str) -> None:
        super().__init__(f"{file}: {output.strip()}")
        self.file, self.output = file, output


def module_paths() -> list[str]:
    """Return the options that tell Rocq, in a folder of certificates, where its modules are."""
    return [part for folder, logical in LOGICAL.items() for part in ("-Q", folder, logical)]


def copy_sources(source: Path, target: Path) -> list[Path]:
    """Copy the ``.v`` files of a folder, unchanged ones left alone, and remove what is no longer there."""
    target.mkdir(parents=True, exist_ok=True)
    names = {file.name for file in source.glob("*.v")}
    for old in target.glob("*.v"):
        if old.name not in names:
            for compiled in target.glob(f"{old.stem}.*"):
                compiled.unlink()
    for name in sorted(names):
        text = (source / name).read_bytes()
        if not (target / name).exists() or (target / name).read_bytes() != text:
            (target / name).write_bytes(text)
    return in_order(sorted(target / name for name in names))


def in_order(files: Sequence[Path]) -> list[Path]:
    """Return files so that each comes after those that it requires."""
    requirements = _requirements(files)
    return list(TopologicalSorter({file: sorted(requirements[file]) for file in files}).static_order())


_REQUIRE = re.compile(r"^\s*(?:From\s+(\S+)\s+)?Require\s+(?:Import\s+|Export\s+)?([\w.\s]+?)\.(?:\s|$)", re.MULTILINE)


def _requirements(files: Sequence[Path]) -> dict[Path, set[Path]]:
    """Return each file -> those of the files that it requires."""
    modules = {(LOGICAL.get(file.parent.name, ""), file.stem): file for file in files}
    found: dict[Path, set[Path]] = {}
    for file in files:
        text = re.sub(r"\(\*.*?\*\)", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        names = [
            (prefix or name.rpartition(".")[0] or LOGICAL.get(file.parent.name, ""), name.rpartition(".")[2])
            for prefix, words in _REQUIRE.findall(text)
            for name in words.split()
        ]
        found[file] = {modules[name] for name in names if name in modules} - {file}
    return found


@functools.cache
def _version() -> str:
    """Return Rocq's version: what another one compiled it does not read."""
    return subprocess.run(["coqc", "--print-version"], capture_output=True, text=True, check=False).stdout


def _limit(process: subprocess.Popen[str]) -> None:
    """Limit the processor time of a process, where the system can."""
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError):  # it has ended
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (_LIMIT, _LIMIT))


def _work(file: Path) -> int:
    """Return about how long a file takes, in an unknown unit: by its size; axioms are looked for in all libraries."""
    return file.stat().st_size + 20_000 * file.read_text(encoding="utf-8").count("Print Assumptions")


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
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        if self._stamps_file.exists():
            try:
                self._stamps = dict(json.loads(self._stamps_file.read_text(encoding="utf-8")))
            except ValueError:
                self._stamps_file.unlink()  # everything is compiled again

    def compile(
        self, files: Sequence[Path], jobs: int, finished: Callable[[Path], None] = lambda file: None
    ) -> Mapping[Path, CompileError]:
        """Compile what changed, or whose requirements did; return the errors by file.

        Each file comes after those that it requires; one that requires a rejected file is not tried.

        Raises
        ------
        RocqMissingError
            If a library of Rocq is missing.
        """
        requirements = _requirements(files)
        stamps: dict[Path, str] = {}
        for file in in_order(files):
            needed = "".join(stamps[other] for other in sorted(requirements[file]))
            stamps[file] = hashlib.sha256(f"{_version()}{needed}".encode() + file.read_bytes()).hexdigest()
        sorter = TopologicalSorter(requirements)
        sorter.prepare()
        # What much waits for comes first.
        urgency = {file: _work(file) for file in files}
        for file in reversed(in_order(files)):
            for other in requirements[file]:
                urgency[other] = max(urgency[other], _work(other) + urgency[file])
        errors: dict[Path, CompileError] = {}
        waiting: list[Path] = []
        running: dict[Future[CompileError | bool], Path] = {}
        renewed: set[Path] = set()
        with ThreadPoolExecutor(max(1, jobs)) as pool:
            try:
                while True:
                    waiting = sorted((*waiting, *sorter.get_ready()), key=lambda file: urgency[file])
                    while waiting and len(running) < max(1, jobs):
                        file = waiting.pop()
                        again = not renewed.isdisjoint(requirements[file])
                        running[pool.submit(self._compile, file, stamps[file], again)] = file
                    if not running:
                        return errors
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        file = running.pop(future)
                        outcome = future.result()
                        if isinstance(outcome, CompileError):
                            errors[file] = outcome
                        else:
                            sorter.done(file)
                            renewed |= {file} if outcome else set()
                        finished(file)
            except BaseException:
                for process in list(self._running):
                    process.kill()
                raise

    def _compile(self, file: Path, stamp: str, again: bool) -> CompileError | bool:
        """Compile a file if it has to be, and return whether it had to be."""
        name = f"{file.parent.name}/{file.name}"
        if not again and self._stamps.get(name) == stamp and file.with_suffix(".vo").exists():
            return False
        self._keep(name, None)
        timing = ("-time",) if file.parent.name == "obligations" else ()
        with subprocess.Popen(
            ["coqc", *WARNINGS, *timing, *module_paths(), name],
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            _limit(process)
            self._running.add(process)
            try:
                output, _ = process.communicate()
            finally:
                self._running.discard(process)
        if process.returncode != 0:
            if "Cannot find a physical path" in output and ("Interval" in output or "Coquelicot" in output):
                raise RocqMissingError(f"a library of Rocq is missing; install it with `{INSTALL}`")
            return CompileError(name, output)
        write_whole(file.with_suffix(".out"), output)
        self._keep(name, stamp)
        return True

    def _keep(self, name: str, stamp: str | None) -> None:
        """Remember a stamp; None: the file is about to be compiled, and what was compiled of it may be half written."""
        with self._lock:
            if stamp is None:
                if self._stamps.pop(name, None) is None:
                    return
            else:
                self._stamps[name] = stamp
            write_whole(self._stamps_file, json.dumps(self._stamps, indent=1) + "\n")
