"""Hand obligations to Rocq: recall or find proofs, write them into files, and compile what changed.

A proof that the search finds is written down without alternatives and time limits, so that the files can be compiled
by anyone, without Python: `coqc`, or `make -f Makefile.coq`. Only what compiles is called accepted.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.rocq.certificates import compiled_seconds, failing, write_certificates
from noprune_theory.verifier.rocq.installation import find_tools
from noprune_theory.verifier.rocq.library import printed_theorems, printing_files
from noprune_theory.verifier.rocq.manifest import Manifest
from noprune_theory.verifier.rocq.proofs import Proofs
from noprune_theory.verifier.rocq.search import search
from noprune_theory.verifier.rocq.sources import CompileError, Sources, copy_sources
from noprune_theory.verifier.rocq.tasks import tasks_of

__all__ = ["THEORY", "certify"]

#: The theory that exported obligations rest on.
THEORY = Path(__file__).parent / "theory"


def certify(
    obligations: Mapping[str, Obligation],
    folder: Path,
    *,
    by_hand: Path | None = None,
    library: Path | None = None,
    recorded: Path | None = None,
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
    recorded : Path, optional
        Folder with ``.v`` files of certificates, as they are written into `folder`: their proofs are compiled of the
        statements as they are exported now, and what they do not prove is searched.
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
    written = copy_sources(THEORY, folder / "theory")
    lemmas: list[str] = []
    modules = ["From Obligations Require Import Portfolio."]
    if by_hand is not None:
        files = copy_sources(by_hand, folder / "by_hand")
        written += files
        lemmas = [name for file in files for name in re.findall(r"^(?:Lemma|Theorem) (\w+)", file.read_text(), re.M)]
        modules += [f"From ByHand Require Import {file.stem}." for file in files]
    if library is not None:
        written += copy_sources(library, folder / "library")
        written += printing_files(folder)
    tasks = [task for name, obligation in obligations.items() for task in tasks_of(name, obligation, lemmas)]
    proofs = Proofs(folder / "proofs.json", recorded)
    for task in tasks:
        proofs.recall(task)

    sources = Sources(folder)
    target = folder / "obligations"

    def compiled() -> tuple[list[Path], dict[Path, CompileError]]:
        files = write_certificates(tasks, target, modules)
        numbers, total = itertools.count(1), len(written) + len(files)
        errors = sources.compile(
            [*written, *files], jobs, lambda file: progress(f"compiling {file.name}", next(numbers), total)
        )
        for file in written:
            if file in errors:
                raise errors[file]
        return files, dict(errors)

    files, errors = compiled()
    # A proof that was remembered may rest on a theory that has changed since: those of its file are tried one by one.
    rejected = {file.stem for file in errors}
    if waiting := [task for task in tasks if not task.script or task.module in rejected]:
        search(waiting, proofs, folder, " ".join(modules), jobs, progress)
        files, errors = compiled()
    while errors:
        for file, error in errors.items():
            task = failing(error, file, tasks)
            task.take_back(f"found by {task.method}, but it does not compile")
            proofs.keep(task)
        files, errors = compiled()
    seconds = {name: used for file in files for name, used in compiled_seconds(file).items()}
    for task in tasks:
        task.seconds = seconds.get(task.lemma, 0.0)
    theorems = printed_theorems(folder) if library is not None else []
    manifest = Manifest(tuple(task.entry() for task in tasks), tuple(theorems))
    manifest.write(folder / "manifest.json")
    return manifest
