"""Hand obligations to Rocq: find proofs in a session, write them into files, and compile what changed.

A proof that the search finds is written down without alternatives and time limits, so that the files can be compiled
by anyone, without Python: `coqc`, or `make -f Makefile.coq`. Only what compiles is called accepted.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import queue
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.rocq.goals import obligation_digest
from noprune_theory.verifier.rocq.installation import find_tools
from noprune_theory.verifier.rocq.manifest import Entry, KernelStatus, Manifest, TheoremEntry
from noprune_theory.verifier.rocq.scripts import Candidate, export
from noprune_theory.verifier.rocq.session import Session
from noprune_theory.verifier.rocq.sources import CompileError, Sources, copy_sources
from noprune_theory.verifier.rocq.translate import UntranslatableError

__all__ = ["THEORY", "certify"]

#: The theory that exported obligations rest on.
THEORY = Path(__file__).parent / "theory"
# Seconds that a sentence of a proof may take: first every method briefly, then the same with patience.
_LIMITS = (6.0, 30.0)
_HEADER = "(** Obligations of {0}, exported and proved by machine; the comments are their names. *)\n{1}\n"


@dataclass
class _Task:
    """One goal on its way to the manifest."""

    id: str
    digest: str
    comment: str
    statement: str = ""
    negation: str = ""
    candidates: Callable[[], Iterator[Candidate]] = lambda: iter(())
    negations: Callable[[], Iterator[Candidate]] = lambda: iter(())
    status: KernelStatus = KernelStatus.OPEN
    method: str = ""
    seconds: float = 0.0
    script: str = ""
    hopeless: bool = False
    recalled: bool = False

    @property
    def key(self) -> str:
        """Digest of the proposition: a proof that was found belongs to it, whatever the obligation is called."""
        return hashlib.sha256(self.statement.encode()).hexdigest()[:32]

    @property
    def lemma(self) -> str:
        """The name of the lemma in its file."""
        return re.sub(r"[^A-Za-z0-9]+", "_", self.id)

    @property
    def module(self) -> str:
        """The file that it belongs into."""
        return re.sub(r"[^A-Za-z0-9]+", "_", self.id.removesuffix(".defined").rpartition(".")[0])

    @property
    def text(self) -> str:
        """The lemma with its proof."""
        shown = self.negation if self.status is KernelStatus.REFUTED else self.statement
        comment = self.comment.replace("(*", "( *").replace("*)", "* )")
        return f"(* {comment} *)\nLemma {self.lemma} : {shown}.\nProof.\n{self.script}\nQed.\n"

    def entry(self) -> Entry:
        """Return what the manifest says of it."""
        return Entry(self.id, self.statement, self.digest, self.status, self.method, round(self.seconds, 2))


def certify(
    obligations: Mapping[str, Obligation],
    folder: Path,
    *,
    by_hand: Path | None = None,
    library: Path | None = None,
    jobs: int = 1,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Manifest:
    """Have obligations, and a library of theorems, checked by Rocq.

    Parameters
    ----------
    obligations : mapping of str to Obligation
        "statement.position" -> obligation.
    folder : Path
        Gets the sources, what was compiled, and `manifest.json`; proofs found there before are used again.
    by_hand : Path, optional
        Folder with hand-written ``.v`` files whose lemmas state obligations literally, as the export writes them.
    library : Path, optional
        Folder with ``.v`` files whose theorems are listed with their axioms.
    jobs : int
        Number of processes.
    progress : callable
        Called with what is done, how many are done, and how many there are.

    Returns
    -------
    Manifest
        One entry a goal, in the order of the obligations.

    Raises
    ------
    RocqMissingError
        If Rocq or one of its libraries is not installed.
    CompileError
        If the theory, a hand-written file or the library does not compile.
    """
    find_tools()
    folder.mkdir(parents=True, exist_ok=True)
    sources = Sources(folder)
    written = copy_sources(THEORY, folder / "theory")
    lemmas: list[str] = []
    modules = ["From Obligations Require Import Portfolio."]
    if by_hand is not None:
        files = copy_sources(by_hand, folder / "by_hand")
        written += files
        lemmas = [name for file in files for name in re.findall(r"^(?:Lemma|Theorem) (\w+)", file.read_text(), re.M)]
        modules += [f"From ByHand Require Import {file.stem}." for file in files]
    _raise_first(sources.compile(written, 1, lambda file: progress(f"compiling {file.name}", 0, 1)))
    tasks = [task for name, obligation in obligations.items() for task in _tasks(name, obligation, lemmas)]
    _search(tasks, folder, " ".join(modules), jobs, progress)
    # A proof that was remembered may rest on a theory that has changed since: then another one is looked for.
    if stale := _compile(tasks, sources, folder, modules, jobs, progress):
        _search(stale, folder, " ".join(modules), jobs, progress)
        _compile(tasks, sources, folder, modules, jobs, progress)
    theorems = _library(library, sources, folder, progress) if library is not None else ()
    manifest = Manifest(tuple(task.entry() for task in tasks), theorems)
    manifest.write(folder / "manifest.json")
    return manifest


def _counted(what: str, total: int, progress: Callable[[str, int, int], None]) -> Callable[[Path], None]:
    """Return a function that reports how many files are done."""
    numbers = itertools.count(1)
    return lambda file: progress(what, next(numbers), total)


def _raise_first(errors: Mapping[Path, CompileError]) -> None:
    for error in errors.values():
        raise error


def _tasks(name: str, obligation: Obligation, lemmas: list[str]) -> list[_Task]:
    """Return the goals of an obligation; one that cannot be translated stays open and says why."""
    digest = obligation_digest(obligation)
    try:
        exported = export(obligation)
    except UntranslatableError as reason:
        return [_Task(name, digest, obligation.name, method=f"not translated: {reason}", hopeless=True)]
    hand = [Candidate("by hand", f"exact {lemma}.") for lemma in lemmas]
    found = [
        _Task(
            name,
            digest,
            obligation.name,
            exported.statement.text,
            exported.statement.negation,
            lambda: itertools.chain(exported.candidates(), hand),
            exported.negations,
        )
    ]
    if exported.defined is not None:
        defined = exported.defined
        comment = f"{obligation.name}: every part has a value"
        found.append(
            _Task(
                f"{name}.defined",
                digest,
                comment,
                defined.text,
                defined.negation,
                lambda: itertools.chain(exported.definedness(), hand),
            )
        )
    return found


def _search(
    tasks: list[_Task], folder: Path, requires: str, jobs: int, progress: Callable[[str, int, int], None]
) -> None:
    """Find a proof of every goal, those found before first."""
    memory = _Memory(folder / "proofs.json")
    waiting: queue.SimpleQueue[_Task] = queue.SimpleQueue()
    total = 0
    for task in tasks:
        if not task.hopeless and not memory.recall(task):
            waiting.put(task)
            total += 1
    lock, done = threading.Lock(), 0

    def work() -> None:
        nonlocal done
        with Session(folder / "theory", folder / "by_hand", requires) as session:
            while True:
                try:
                    task = waiting.get_nowait()
                except queue.Empty:
                    return
                _try(task, session)
                with lock:
                    done += 1
                    progress("looking for proofs", done, total)
                    memory.keep(task)

    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(min(max(1, jobs), total))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _try(task: _Task, session: Session) -> None:
    """Go through the portfolio, and through the negations where a counterexample is known."""
    for seconds in _LIMITS:
        attempts = [
            (KernelStatus.ACCEPTED, task.statement, task.candidates),
            (KernelStatus.REFUTED, task.negation, task.negations),
        ]
        for status, statement, candidates in attempts:
            for candidate in candidates():
                start = time.monotonic()
                if session.accepts(statement, candidate.script, seconds):
                    task.status, task.method, task.script = status, candidate.method, candidate.script
                    task.seconds = time.monotonic() - start
                    return
    task.method = "no method of the portfolio proves it or its negation"


# A script is tactics, which begin with a small letter. A sentence that begins with a capital is a command: it could end
# the proof, admit something, or begin anything else.
_COMMANDS = re.compile(r"(?:^|\.\s)[\s\-+*{}]*[A-Z]|\b(?:admit|give_up)\b", re.MULTILINE)


class _Memory:
    """Proofs that were found, by proposition; goals that stayed open are tried anew.

    The file is no more trusted than a search: Rocq checks every proof again, and a script that holds a command is none.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._found: dict[str, dict[str, str | float]] = {}
        if file.exists():
            self._found = json.loads(file.read_text(encoding="utf-8"))

    def recall(self, task: _Task) -> bool:
        """Complete a task from memory, if its proposition was proved or refuted before."""
        known = self._found.get(task.key)
        if known is None or _COMMANDS.search(str(known["script"])):
            return False
        task.status, task.method = KernelStatus(str(known["status"])), str(known["method"])
        task.script, task.seconds, task.recalled = str(known["script"]), float(known["seconds"]), True
        return True

    def keep(self, task: _Task) -> None:
        """Remember what was found."""
        if task.status is KernelStatus.OPEN:
            self._found.pop(task.key, None)
        else:
            self._found[task.key] = {
                "status": task.status,
                "method": task.method,
                "script": task.script,
                "seconds": task.seconds,
            }
        self._file.write_text(json.dumps(self._found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def forget(self, task: _Task) -> None:
        """Remember no longer, as the proof does not compile."""
        task.status = KernelStatus.OPEN
        self.keep(task)


def _compile(
    tasks: list[_Task],
    sources: Sources,
    folder: Path,
    modules: list[str],
    jobs: int,
    progress: Callable[[str, int, int], None],
) -> list[_Task]:
    """Write the proofs into one file a statement and compile them; a proof that does not compile is taken back.

    Of those that are taken back, the ones from memory are returned.
    """
    memory = _Memory(folder / "proofs.json")
    target = folder / "obligations"
    target.mkdir(exist_ok=True)
    stale: list[_Task] = []
    while True:
        files = _written(tasks, target, modules)
        errors = sources.compile(files, jobs, _counted("compiling", len(files), progress))
        if not errors:
            return stale
        for file, error in errors.items():
            task = _failing(error, file, tasks)
            memory.forget(task)
            task.method = f"found by {task.method}, but it does not compile"
            if task.recalled:
                task.recalled = False
                stale.append(task)


def _written(tasks: list[_Task], target: Path, modules: list[str]) -> list[Path]:
    """Write the files of all proofs, leaving unchanged ones alone; remove others."""
    texts: dict[str, list[str]] = {}
    for task in tasks:
        if task.status is not KernelStatus.OPEN:
            texts.setdefault(task.module, []).append(task.text)
    for old in target.glob("*.v"):
        if old.stem not in texts:
            old.unlink()
    files = []
    for module, lemmas in texts.items():
        file = target / f"{module}.v"
        text = _HEADER.format(module.replace("_", "-"), "\n".join(modules)) + "\n" + "\n".join(lemmas)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
        files.append(file)
    return files


def _failing(error: CompileError, file: Path, tasks: Iterable[_Task]) -> _Task:
    """Return the goal whose proof does not compile: the last lemma that starts before the line of the error."""
    place = re.search(r"line (\d+), characters", error.output)
    if place is None:
        raise error
    before = file.read_text(encoding="utf-8").splitlines()[: int(place[1])]
    names = [found[1] for line in before if (found := re.match(r"Lemma (\w+) :", line))]
    by_name = {task.lemma: task for task in tasks}
    if not names or names[-1] not in by_name:
        raise error
    return by_name[names[-1]]


def _library(
    library: Path, sources: Sources, folder: Path, progress: Callable[[str, int, int], None]
) -> tuple[TheoremEntry, ...]:
    """Compile the library and list its theorems with their axioms."""
    from noprune_theory.verifier.rocq.library import printed_theorems

    files = copy_sources(library, folder / "library")
    _raise_first(sources.compile(files, 1, _counted("compiling the library", len(files), progress)))
    return tuple(TheoremEntry(t.name, t.file, t.axioms) for t in printed_theorems(folder))
