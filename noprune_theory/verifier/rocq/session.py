"""One interactive Rocq that tries proofs: a session loads the theory once, and an error ends an attempt only."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

__all__ = ["WARNINGS", "Session"]

# Deprecations and ambiguous coercions inside the installed libraries.
WARNINGS = ("-w", "none")
_MARK = "end_of_attempt"
# Rocq stops a sentence itself; an attempt of many slow sentences, or one that it cannot interrupt, is killed after
# this many times its limit, and the seconds that loading the theory may take.
_PATIENCE, _START = 3, 30


class Session:
    """A running ``coqtop`` with a file loaded.

    Parameters
    ----------
    theory, by_hand
        Folders of compiled files, known to Rocq as ``Obligations`` and ``ByHand``.
    requires
        What to load, as a sentence.
    """

    def __init__(self, theory: Path, by_hand: Path, requires: str) -> None:
        self._theory, self._by_hand, self._requires = theory.resolve(), by_hand.resolve(), requires
        self._folder = tempfile.TemporaryDirectory(prefix="rocq-")
        self._process: subprocess.Popen[bytes] | None = None
        self._attempts = 0

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._folder.cleanup()

    def accepts(self, statement: str, script: str, seconds: float) -> bool:
        """Whether Rocq accepts a proof of a statement, kernel check included, each sentence within some seconds."""
        process = self._running()
        self._attempts += 1
        name = f"attempt_{self._attempts}"
        file = Path(self._folder.name) / "attempt.v"
        limit = f"Set Default Timeout {max(1, round(seconds))}."
        file.write_text(f"{limit}\nLemma {name} : {statement}.\nProof.\n{script}\nQed.\n", encoding="utf-8")
        # A failed attempt leaves its proof open, and of a lemma that exists, `About` tells more than its absence.
        self._send(process, f'Load "{file}".\nAbort All.\nAbout {name}.\n')
        answer = self._answer(process, _PATIENCE * seconds + _START)
        if answer is None:
            self._stop()
            return False
        return f"{name} not a defined object" not in answer and f"{name} is not universe" in answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                ["coqtop", "-q", *WARNINGS, "-Q", self._theory, "Obligations", "-Q", self._by_hand, "ByHand"],
                cwd=self._folder.name,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            self._send(self._process, self._requires + "\n")
        return self._process

    @staticmethod
    def _send(process: subprocess.Popen[bytes], text: str) -> None:
        assert process.stdin is not None
        process.stdin.write(text.encode())
        process.stdin.flush()

    def _answer(self, process: subprocess.Popen[bytes], seconds: float) -> str | None:
        """Return all output up to a mark, or None when the time is over or the process ended."""
        self._send(process, f"Print {_MARK}.\n")
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        deadline = time.monotonic() + seconds
        found = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while f"{_MARK} not a defined object".encode() not in found:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    return None
                piece = process.stdout.read()
                if piece == b"":
                    return None
                found += piece or b""
        return found.decode(errors="replace")

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._process = None
