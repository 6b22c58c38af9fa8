"""Command line: `python -m noprune_theory.verifier.rocq FILE_OR_MODULE [--out FOLDER] [--library FOLDER] [--jobs N]`.

Exit status: 0 if Rocq decided every obligation as the provers do, 1 if not, 2 for a bad call or if Rocq is missing,
130 on Ctrl-C.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from noprune_theory._console import OneLineParser, run_command
from noprune_theory.verifier.rocq.installation import RocqMissingError, find_tools

if TYPE_CHECKING:
    from noprune_theory.verifier.obligations import Obligation
    from noprune_theory.verifier.rocq.manifest import Manifest

_HERE = Path(__file__).parent


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
    parser.add_argument("--library", type=Path, metavar="FOLDER", help="Rocq theorems to check, proofs in its by_hand/")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)")
    parser.add_argument("--deep", action="store_true", help="check what was compiled once more with coqchk")
    return parser


def _sources(source: str, library: Path | None) -> list[Path]:
    """Return the files on which the result depends."""
    if source.endswith(".py"):
        root = Path(source).resolve().parent
    else:
        spec = importlib.util.find_spec(source.partition(".")[0])
        root = Path(spec.origin).parent if spec is not None and spec.origin is not None else Path(source)
    folders = [root, _HERE.parent, *([library] if library is not None else [])]
    return sorted({f for folder in folders for ending in ("py", "v") for f in folder.rglob(f"*.{ending}")})


def _stamp(source: str, library: Path | None) -> str:
    digest = hashlib.sha256(f"{source} {importlib.metadata.version('sympy')}".encode())
    for file in _sources(source, library):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Run the command line."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error(f"--jobs: must be at least 1, given {options.jobs}")
    if options.library is not None and not options.library.is_dir():
        parser.error(f"--library: there is no folder {options.library}")
    try:
        find_tools()
    except RocqMissingError as error:
        parser.error(str(error))
    sys.path.insert(0, str(Path.cwd()))
    stamp = _stamp(options.source, options.library)
    kept = options.out / "stamp"
    if not options.deep and kept.exists() and kept.read_text() == stamp and (options.out / "manifest.json").exists():
        print(f"{parser.name}: nothing changed; see {options.out / 'manifest.json'}")
        return 0
    kept.unlink(missing_ok=True)
    status = _certify(parser, options.source, options.out, options.library, options.jobs)
    if status == 0:
        kept.write_text(stamp)
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
