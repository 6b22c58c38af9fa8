"""Command line: `python -m noprune_theory.verifier.smtlib FILE_OR_MODULE [--out FOLDER] [--page FILE]`.

Exit status: 0 if no solver contradicts the provers, 1 if one does or cannot read what was written, 2 for a bad call.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from noprune_theory._console import OneLineParser, run_command
from noprune_theory._validation import UnwritableError, check_writable


def main(arguments: Sequence[str]) -> int:
    """Run the command line."""
    parser = OneLineParser(
        prog="python -m noprune_theory.verifier.smtlib",
        description="Write the obligations of statements in SMT-LIB 2 and compare solvers with the provers.",
    )
    parser.add_argument(
        "source", metavar="FILE_OR_MODULE", help="a Python file, or a module, with statements or papers"
    )
    parser.add_argument("--out", type=Path, default=Path("build/smtlib"), metavar="FOLDER", help="for the .smt2 files")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the table as a page in Markdown")
    options = parser.parse_args(arguments)

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from noprune_theory.verifier.loading import load_papers
    from noprune_theory.verifier.paper import PaperError
    from noprune_theory.verifier.rocq.collect import papers_obligations
    from noprune_theory.verifier.smtlib import NoSmtError, agreement, all_opinions, installed, smt_script
    from noprune_theory.verifier.smtlib.page import contradictions, page

    sys.path.insert(0, str(Path.cwd()))
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        for file in (options.out / "x.smt2", *([options.page] if options.page is not None else [])):
            check_writable(file)
        obligations = papers_obligations(load_papers(options.source))
    except (PaperError, UnwritableError) as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"--out: cannot make the folder {options.out}: {error.strerror}")
    for name, obligation in obligations.items():
        try:
            script, _ = smt_script(obligation, ("exp",))
        except NoSmtError:
            continue
        (options.out / f"{name}.smt2").write_text(script, encoding="utf-8")
    solvers = installed()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"asking {' and '.join(solvers)}", total=len(obligations))
        found = all_opinions(obligations, solvers, lambda done: bar.update(task, completed=done))
    print(f"{'solver':8} {'provers':10} {'solver answers':20} obligations")
    for (solver, ours, answer), count in sorted(agreement(found).items()):
        print(f"{solver:8} {ours:10} {answer:20} {count}")
    if options.page is not None:
        command = f"{parser.prog} {options.source} --page {options.page.as_posix()}"
        options.page.write_text(page(command, found, solvers), encoding="utf-8")
    opposed = contradictions(found)
    for line in opposed:
        print(line)
    return 1 if opposed else 0


if __name__ == "__main__":
    run_command("python -m noprune_theory.verifier.smtlib", main)
