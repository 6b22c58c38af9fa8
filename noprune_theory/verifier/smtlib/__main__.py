"""Command line: `python -m noprune_theory.verifier.smtlib FILE_OR_MODULE [--out FOLDER]`.

Exit status: 0 if no solver contradicts the provers, 1 if one does, 2 for a bad call.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from noprune_theory._console import OneLineParser, run_command


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
    options = parser.parse_args(arguments)

    from noprune_theory.verifier.loading import load_papers
    from noprune_theory.verifier.obligations import Status
    from noprune_theory.verifier.paper import PaperError
    from noprune_theory.verifier.rocq.collect import papers_obligations
    from noprune_theory.verifier.smtlib import Answer, NoSmtError, agreement, installed, smt_script

    sys.path.insert(0, str(Path.cwd()))
    try:
        obligations = papers_obligations(load_papers(options.source))
    except PaperError as error:
        parser.error(str(error))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, obligation in obligations.items():
        try:
            script, _ = smt_script(obligation, ("exp",))
        except NoSmtError:
            continue
        (options.out / f"{name}.smt2").write_text(script, encoding="utf-8")
    counts = agreement(obligations, installed())
    contradictions = 0
    print(f"{'solver':8} {'provers':10} {'solver answers':20} obligations")
    for (solver, ours, answer), count in sorted(counts.items()):
        print(f"{solver:8} {ours:10} {answer:20} {count}")
        pair = (ours, answer)
        contradictions += count * (pair in ((Status.PROVED, Answer.REFUTED), (Status.REFUTED, Answer.PROVED)))
    return 1 if contradictions else 0


if __name__ == "__main__":
    run_command("python -m noprune_theory.verifier.smtlib", main)
