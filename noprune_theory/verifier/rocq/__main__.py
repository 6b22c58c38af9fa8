"""Command line: `python -m noprune_theory.verifier.rocq FILE_OR_MODULE [--out FOLDER] [--library FOLDER] [--jobs N]`.

Exit status: 0 if Rocq decided every obligation as the provers do, 1 if not, 2 for a bad call or if Rocq is missing,
130 on Ctrl-C.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from noprune_theory._console import OneLineParser, run_command
from noprune_theory._validation import UnwritableError, check_writable
from noprune_theory.verifier.rocq.installation import RocqMissingError, find_tools
from noprune_theory.verifier.rocq.unchanged import note, unchanged

if TYPE_CHECKING:
    from noprune_theory.verifier.obligations import Obligation
    from noprune_theory.verifier.rocq.manifest import Manifest

# Names of lemmas that are shown of those that are not as they are recorded.
_SHOWN = 20


def _parser() -> OneLineParser:
    parser = OneLineParser(
        prog="python -m noprune_theory.verifier.rocq",
        description="Have the obligations of statements proved and checked by Rocq.",
        epilog="Exit 0: Rocq decided every obligation, as the provers do. Exit 1: not so. Exit 2: bad use, no Rocq.",
    )
    parser.add_argument(
        "source", metavar="FILE_OR_MODULE", help="a Python file, or a module, with statements or papers"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("build/certificates"), metavar="FOLDER", help="for the results"
    )
    parser.add_argument(
        "--library",
        type=Path,
        metavar="FOLDER",
        help="Rocq theorems to check; proofs in its by_hand/, and those that were found before in its obligations/",
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)")
    parser.add_argument("--record", action="store_true", help="write the proofs into LIBRARY/obligations, to be kept")
    parser.add_argument("--deep", action="store_true", help="check what was compiled once more with coqchk")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run the command line."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error(f"--jobs: must be at least 1, given {options.jobs}")
    if options.library is not None and not options.library.is_dir():
        parser.error(f"--library: there is no folder {options.library}")
    if options.record and options.library is None:
        parser.error("--record: needs --library, in which the proofs are kept")
    try:
        find_tools()
        options.out.mkdir(parents=True, exist_ok=True)
        check_writable(options.out / "manifest.json")
    except (RocqMissingError, UnwritableError) as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"--out: cannot make the folder {options.out}: {error.strerror}")
    sys.path.insert(0, str(Path.cwd()))
    kept = options.out / "unchanged.json"
    if unchanged(kept, options.source, options.library) and (options.out / "manifest.json").exists():
        print(f"{parser.name}: nothing changed; see {options.out / 'manifest.json'}")
        status = 0
    else:
        kept.unlink(missing_ok=True)
        status = _certify(parser, options.source, options.out, options.library, options.jobs)
        if status == 0:
            note(kept, options.source, options.library)
    if options.library is not None:
        _recorded(options.library / "obligations", options.out / "obligations", options.record)
        if options.record and status == 0:
            note(kept, options.source, options.library)
    return _deep(options.out) if options.deep and status == 0 else status


def _certify(parser: OneLineParser, source: str, out: Path, library: Path | None, jobs: int) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from noprune_theory.verifier.loading import load_papers
    from noprune_theory.verifier.paper import PaperError
    from noprune_theory.verifier.rocq.certify import certify
    from noprune_theory.verifier.rocq.collect import papers_obligations
    from noprune_theory.verifier.rocq.sources import CompileError

    start = time.monotonic()
    try:
        obligations = papers_obligations(load_papers(source))
    except PaperError as error:
        parser.error(str(error))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("translating")
        try:
            manifest = certify(
                obligations,
                out,
                by_hand=_existing(library, "by_hand"),
                library=library,
                recorded=_existing(library, "obligations"),
                jobs=jobs,
                progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
            )
        except (RocqMissingError, CompileError) as error:
            parser.error(str(error))
    return _report(manifest, obligations, out, time.monotonic() - start)


def _existing(folder: Path | None, name: str) -> Path | None:
    return folder / name if folder is not None and (folder / name).is_dir() else None


def _report(manifest: Manifest, obligations: dict[str, Obligation], out: Path, seconds: float) -> int:
    """Print what is open or decided otherwise than by the provers, and the counts; return the exit status."""
    from noprune_theory.verifier.obligations import Status, decide
    from noprune_theory.verifier.rocq.goals import obligation_digest
    from noprune_theory.verifier.rocq.manifest import KernelStatus

    statuses = manifest.statuses()
    bad = 0
    for entry in manifest.obligations:
        if entry.status is KernelStatus.OPEN:
            bad += 1
            print(f"open: {entry.id}: {entry.method}")
    for name, obligation in obligations.items():
        # What Rocq refutes, our provers have to refute; of the accepted ones the report shows both.
        refuted = statuses[obligation_digest(obligation)] is KernelStatus.REFUTED
        if refuted and decide(obligation).status is not Status.REFUTED:
            bad += 1
            print(f"refuted by Rocq and not by {obligation.prover.method}: {name}")
    counts = {status: sum(s is status for s in statuses.values()) for status in KernelStatus}
    shown = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    print(
        f"{len(statuses)} obligations: {shown}; {len(manifest.theorems)} theorems; "
        f"{seconds:.0f} s; {out / 'manifest.json'}"
    )
    return 1 if bad else 0


def _recorded(recorded: Path, certified: Path, record: bool) -> None:
    """Say which proofs are not as they are recorded, or record them."""
    from noprune_theory.verifier.rocq.proofs import differences
    from noprune_theory.verifier.rocq.sources import copy_sources

    if record:
        copy_sources(certified, recorded)
        print(f"the proofs are recorded in {recorded}")
        return
    found = differences(recorded, certified)
    for name, how in list(found.items())[:_SHOWN]:
        print(f"{name} {how}")
    if found:
        more = f"{len(found) - _SHOWN} more are not as recorded; " if len(found) > _SHOWN else ""
        print(f"{more}--record writes all proofs into {recorded}")


def _deep(out: Path) -> int:
    from noprune_theory.verifier.rocq.library import check_deeply
    from noprune_theory.verifier.rocq.sources import CompileError

    start = time.monotonic()
    try:
        check_deeply(out)
    except CompileError as error:
        print(error)
        return 1
    print(f"coqchk accepts what was compiled; {time.monotonic() - start:.0f} s; {out / 'coqchk.txt'}")
    return 0


if __name__ == "__main__":
    run_command("python -m noprune_theory.verifier.rocq", main)
