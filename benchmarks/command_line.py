"""The command line of the benchmarks: parse, run with progress, report."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from threadpoolctl import threadpool_limits

from benchmarks import CASES
from benchmarks.baseline import Baseline, BaselineError, interpreter
from benchmarks.readme import document, format_seconds
from benchmarks.timing import Case, Comparison, Growth, compare, grow
from noprune_theory._validation import UnwritableError, check_writable

_README = Path(__file__).with_name("README.md")


class _Parser(argparse.ArgumentParser):
    """Parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"benchmarks: {message}\n")


class _UsageError(Exception):
    """Something the caller can put right; its text is the one line to print."""


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(prog="python -m benchmarks", description="Time the project against its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="cases to run (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to FILE")
    parser.add_argument(
        "--baseline", type=Path, metavar="PATH", help="also run the cases with another checkout or environment"
    )
    parser.add_argument("--list", action="store_true", help="list the cases and stop")
    parser.add_argument("--readme", action="store_true", help="also measure growth and rewrite benchmarks/README.md")
    return parser.parse_args(arguments)


def _select(names: Sequence[str]) -> list[Case]:
    """Return the named cases, or all of them; unknown names and missing peers are usage errors."""
    unknown = [name for name in names if name not in CASES]
    if unknown:
        raise _UsageError(f"unknown case {', '.join(unknown)}; known: {', '.join(CASES)}")
    cases = [importlib.import_module(f"benchmarks.{name}").CASE for name in names or CASES]
    for case in cases:
        if case.missing():
            raise _UsageError(
                f"{case.name} needs {', '.join(case.missing())}: install with pip install 'noprune-theory[dev]'"
            )
    return cases


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _run(cases: Sequence[Case], baseline: Path | None) -> Iterator[Comparison]:
    for number, case in enumerate(cases, start=1):
        _progress(f"[{number}/{len(cases)}] {case.name}: {case.summary}")
        # Contests are prepared on one BLAS thread too: preparation computes references.
        with threadpool_limits(limits=1), nullcontext() if baseline is None else Baseline(baseline, case.name) as other:
            for contest in case.contests():
                result = compare(case.name, contest, other)
                _progress(
                    f"    {result.ratio:.3g} x {result.peer}: {format_seconds(result.seconds)} against "
                    f"{format_seconds(result.peer_seconds)}, {case.accuracy} {result.accuracy:.1e}"
                )
                if result.baseline is not None:
                    then = result.baseline
                    _progress(
                        f"    today / now {then.ratio:.3g}: {format_seconds(then.seconds)} with {then.path}, "
                        f"{case.accuracy} {then.accuracy:.1e}"
                    )
                yield result


def _grow(cases: Sequence[Case]) -> Iterator[Growth]:
    for case in cases:
        for scaling in case.scalings:
            result = grow(case.name, scaling)
            _progress(
                f"    {case.name} in {result.variable}: exponent {result.exponent:.2f}, expected {result.expected:g}"
            )
            yield result


def as_json(results: Sequence[Comparison]) -> dict[str, Any]:
    """Return the JSON document: one entry a case, its further peers under `also`."""
    cases: dict[str, dict[str, Any]] = {}
    for result in results:
        entry = asdict(result)
        if result.name in cases:
            cases[result.name]["also"].append(entry)
        else:
            cases[result.name] = {**entry, "also": []}
    return {"schema": 1, "cases": list(cases.values())}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = _parse(arguments)
    try:
        if options.list:
            print("\n".join(CASES))
            return 0
        if options.readme and options.names:
            raise _UsageError("--readme rewrites the whole table: give no names with it")
        for path in (options.json, _README if options.readme else None):
            if path is not None:
                check_writable(path)
        if options.baseline is not None:
            interpreter(options.baseline)
        cases = _select(options.names)
        results = list(_run(cases, options.baseline))
        if options.json is not None:
            options.json.write_text(json.dumps(as_json(results), indent=2) + "\n", encoding="utf-8")
        if options.readme:
            _README.write_text(document(cases, results, list(_grow(cases))), encoding="utf-8")
    except (_UsageError, BaselineError, UnwritableError) as error:
        _progress(f"benchmarks: {error}")
        return 2
    except OSError as error:
        _progress(f"benchmarks: cannot write: {error}")
        return 2
    return 0
