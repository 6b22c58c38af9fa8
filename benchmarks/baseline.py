"""The same case in a second environment or checkout, in a process beside this one: today / now.

The case, its data and its peers are those of this checkout; only `noprune_theory` is the other's.
"""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.timing import Case

_ROOT = str(Path(__file__).resolve().parent.parent)
# `benchmarks` is imported from this checkout before the other one comes first.
_START = """
import sys
sys.path.insert(0, {root!r})
import benchmarks.baseline
sys.path[:1] = {first!r}
benchmarks.baseline.serve({name!r})
"""


class BaselineError(Exception):
    """The baseline cannot be run; the text is one line."""


@dataclass(frozen=True)
class Then:
    """What the baseline took: median seconds, median of the pairwise baseline / ours, and its accuracy."""

    path: str
    seconds: float
    ratio: float
    accuracy: float


def interpreter(path: Path) -> tuple[str, list[str]]:
    """Return the interpreter of an environment or checkout, and what its `sys.path` starts with.

    Raises
    ------
    BaselineError
        If `path` is neither a checkout (a folder with `noprune_theory`), nor an environment, nor its interpreter.
    """
    if (path / "noprune_theory" / "__init__.py").is_file():
        own = path / ".venv" / "bin" / "python"
        return (str(own) if own.is_file() else sys.executable), [str(path.resolve())]
    for executable in (path / "bin" / "python", path / "Scripts" / "python.exe", path):
        if executable.is_file():
            return str(executable), []
    raise BaselineError(f"--baseline must be a checkout, an environment or its python, got {str(path)!r}")


class Baseline(AbstractContextManager["Baseline"]):
    """One case running elsewhere, one answer a request."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        executable, first = interpreter(path)
        code = _START.format(root=_ROOT, first=first, name=name)
        try:
            self.process = subprocess.Popen(
                [executable, "-P", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise BaselineError(f"cannot start the baseline {str(path)!r}: {error.strerror}") from None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process, which waits for its next request."""
        if kind is not None:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self.process.wait()

    def ask(self, request: str) -> float:
        """Return the answer to "next" (0.0 once a contest is prepared and warm), "run" (seconds) or "accuracy"."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise BaselineError(f"the baseline {str(self.path)!r} ended while {self.name} ran")
        found: dict[str, Any] = json.loads(answer)
        if "error" in found:
            raise BaselineError(f"the baseline {str(self.path)!r} cannot run {self.name}: {found['error']}")
        return float(found["value"])

    def then(self, pairs: Sequence[tuple[float, float]]) -> Then:
        """Return the outcome of pairs of seconds (ours, baseline)."""
        return Then(
            str(self.path),
            statistics.median(other for _, other in pairs),
            statistics.median(other / ours for ours, other in pairs),
            self.ask("accuracy"),
        )


def serve(name: str) -> None:
    """Answer requests on standard input, for the case `name`, until it ends."""
    import importlib

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    answers, sys.stdout = sys.stdout, sys.stderr

    def answer(**found: Any) -> None:
        print(json.dumps(found), file=answers, flush=True)

    try:
        case: Case = importlib.import_module(f"benchmarks.{name}").CASE
        with threadpool_limits(limits=1):
            contests = case.contests()
            for request in map(str.strip, sys.stdin):
                if request == "next":
                    contest = next(contests)
                    result, value = contest.ours(), 0.0
                elif request == "run":
                    start = time.perf_counter()
                    result = contest.ours()
                    value = time.perf_counter() - start
                else:
                    value = float(contest.accuracy(result, contest.theirs()))
                answer(value=value)
    except Exception as error:
        text = str(error).partition("\n")[0]
        answer(error=f"{type(error).__name__}: {text}")
