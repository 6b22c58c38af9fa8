"""One interactive Rocq that tries proofs: a session loads the theory once, and an error ends an attempt only."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType

__all__ = ["WARNINGS", "Session"]

# Deprecations and ambiguous coercions inside the installed libraries.
WARNINGS = ("-w", "none")
_MARK = "end_of_attempt"
# Loading the theory, with the first attempt; the time between two looks at the clock; what Rocq may take to end when it
# is told to. All in seconds.
_LOADING, _LOOK, _ENDING = 60.0, 0.25, 5.0
# A process that waits takes no processor time: after this many times its limit on the clock it is given up.
_ON_THE_CLOCK = 40.0


class Session:
    """A running ``coqtop`` with a file loaded.

    Limits are of processor time, so that what is proved does not depend on how busy the machine is.

    Parameters
    ----------
    theory, by_hand
        Folders of compiled files, known to Rocq as ``Obligations`` and ``ByHand``.
    requires
        What to load, as a sentence.
    stopped
        An attempt ends without success when this is set.
    """

    def __init__(self, theory: Path, by_hand: Path, requires: str, stopped: threading.Event | None = None) -> None:
        self._theory, self._by_hand, self._requires = theory.resolve(), by_hand.resolve(), requires
        self._stopped = stopped or threading.Event()
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
        """Whether Rocq accepts a proof of a statement, kernel check included, within seconds of processor time."""
        fresh = self._process is None or self._process.poll() is not None
        process = self._running()
        self._attempts += 1
        name = f"attempt_{self._attempts}"
        file = Path(self._folder.name) / "attempt.v"
        file.write_text(f"Lemma {name} : {statement}.\nProof.\n{script}\nQed.\n", encoding="utf-8")
        # A failed attempt leaves its proof open, and of a lemma that exists, `About` tells more than its absence.
        try:
            self._send(process, f'Load "{file}".\nAbort All.\nAbout {name}.\nPrint {_MARK}.\n')
        except OSError:  # it ended by itself
            self._stop()
            return False
        answer = self._answer(process, seconds + _LOADING * fresh)
        return answer is not None and f"{name} not a defined object" not in answer and f"{name} is not un" in answer

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
        """Return all output up to the mark; None, without the process, when the time is over or the process ended."""
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        limit = _used(process) + seconds
        deadline = time.monotonic() + _ON_THE_CLOCK * seconds
        found, told = b"", False
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while f"{_MARK} not a defined object".encode() not in found:
                if selector.select(_LOOK):
                    piece = process.stdout.read()
                    if piece == b"":
                        break
                    found += piece or b""
                elif self._stopped.is_set() or _used(process) > limit + _ENDING or time.monotonic() > deadline:
                    break
                elif _used(process) > limit and not told:
                    process.send_signal(signal.SIGINT)  # most tactics can be interrupted, and loading is saved
                    told = True
            else:
                return None if told else found.decode(errors="replace")
        self._stop()
        return None

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


def _used(process: subprocess.Popen[bytes]) -> float:
    """Return the processor time of a process and its ended children; the clock's, where the system does not tell."""
    try:
        text = Path(f"/proc/{process.pid}/stat").read_text()
    except OSError:
        return time.monotonic()
    return sum(map(int, text.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")
