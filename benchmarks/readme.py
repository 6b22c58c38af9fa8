"""The text of benchmarks/README.md, generated from one run."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence

import numpy
import scipy

from benchmarks.timing import Case, Comparison, Growth

_HEADER = """# Benchmarks

This file is generated: `python -m benchmarks --readme` runs every case and rewrites it (peers: extra `dev`).
`python -m benchmarks [NAME...] [--json FILE]` runs some of them; `python -m benchmarks --list` names them.

Ours and the peer alternate in one process after a warm-up of both; the ratio is the median of the pairwise peer / ours,
so 10 means that the peer takes ten times as long. BLAS runs on one thread. The first peer of a case is the strongest
that we know. Only the ratios carry over to another machine.
"""


def format_seconds(seconds: float) -> str:
    """Return a time with three digits and its unit."""
    for scale, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def _sizes(size: Mapping[str, float]) -> str:
    return ", ".join(f"{symbol} = {value:g}" for symbol, value in size.items())


def _comparisons(results: Sequence[Comparison]) -> list[str]:
    lines = ["| case | size | peer | ours | peer | ratio | accuracy |", "|---|---|---|---:|---:|---:|---:|"]
    lines += [
        f"| {r.name} | {_sizes(r.size)} | {r.peer} | {format_seconds(r.seconds)} | {format_seconds(r.peer_seconds)} "
        f"| {r.ratio:.3g} | {r.accuracy:.1e} |"
        for r in results
    ]
    return lines


def _growths(growths: Sequence[Growth]) -> list[str]:
    lines = ["| case | variable | values | seconds | fitted exponent | expected |", "|---|---|---|---|---:|---:|"]
    lines += [
        f"| {g.name} | {g.variable} | {', '.join(map(str, g.values))} | {', '.join(map(format_seconds, g.seconds))} "
        f"| {g.exponent:.2f} | {g.expected:g} |"
        for g in growths
    ]
    return lines


def document(cases: Sequence[Case], results: Sequence[Comparison], growths: Sequence[Growth]) -> str:
    """Return the whole README."""
    machine = (
        f"Measured on {os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, "
        f"numpy {numpy.__version__}, scipy {scipy.__version__}."
    )
    meaning = [f"- `{case.name}`: {case.summary} Accuracy: {case.accuracy}." for case in cases]
    growth = [
        "## Growth",
        "",
        "Our time against one size; the exponent is the slope of log time on log size. Where it is below the expected "
        "one, fixed costs or faster kernels at larger sizes still show.",
        "",
        *_growths(growths),
    ]
    parts = [_HEADER, machine, "", *_comparisons(results), "", "## The cases", "", *meaning, ""]
    return "\n".join([*parts, *(growth if growths else []), ""])
