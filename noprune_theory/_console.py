"""The console of a command line: marks that its encoding lacks, and Ctrl-C.

Imports nothing heavy, so that a command can use it before its own imports.
"""

from __future__ import annotations

import argparse
import codecs
import signal
import sys
import threading
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from typing import NoReturn

__all__ = ["OneLineParser", "plain", "replace_missing_marks", "run_command"]

_HANDLER = "noprune_theory.plain"

_SPELLINGS = {
    "✓": "+", "✗": "x", "✔": "+", "✘": "x", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "±": "+-", "×": "x", "·": "*",
    "→": "->", "←": "<-", "∞": "inf", "√": "sqrt", "−": "-", "–": "-", "—": "-", "…": "...", "∈": "in", "∀": "for all",
    "∃": "exists", "‖": "||", "‘": "'", "’": "'", "“": '"', "”": '"', "ø": "o", "ß": "ss", "ı": "i", "ł": "l",
}  # fmt: skip


def _spelling(character: str) -> str:
    """Return ASCII for a character: a mark that resembles it, its letter without accents, or a Greek one's name."""
    if character in _SPELLINGS:
        return _SPELLINGS[character]
    letters = "".join(c for c in unicodedata.normalize("NFKD", character) if c.isascii())
    kind, _, name = unicodedata.name(character, "").partition(" LETTER ")
    if not letters and kind in ("GREEK SMALL", "GREEK CAPITAL"):
        letters = name.split()[0].lower() if kind == "GREEK SMALL" else name.split()[0].title()
    return letters or "?"


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelling, error.object[error.start : error.end])), error.end


codecs.register_error(_HANDLER, _replace)


def plain(text: str, encoding: str | None) -> str:
    """Return `text` with marks in place of the characters that an encoding lacks; None stands for ASCII."""
    name = encoding or "ascii"
    return text.encode(name, _HANDLER).decode(name)


def replace_missing_marks() -> None:
    """Let standard output and error write a resembling mark where their encoding lacks a character, and not raise."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_HANDLER)


class OneLineParser(argparse.ArgumentParser):
    """A parser that answers a bad call with one line and exit status 2."""

    @property
    def name(self) -> str:
        """What stands in front of every line that the command says."""
        return self.prog.removeprefix("python -m ")

    def error(self, message: str) -> NoReturn:
        """Say one line on standard error and exit with 2."""
        self.exit(2, plain(f"{self.name}: {message}\n", getattr(sys.stderr, "encoding", None)))


def run_command(name: str, main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run the command line of the main program and exit with its status; 130 and one line on Ctrl-C.

    Call from the main thread. Warnings are one line each, and standard output and error replace what they cannot
    encode. Whatever the process had set for Ctrl-C before (such as a handler for the time of the imports) is in force
    again when `main` has returned: what is left is to end.

    Parameters
    ----------
    name : str
        Stands in front of the line.
    main : callable
        `main(arguments)` returns the exit status.
    """
    replace_missing_marks()
    warnings.showwarning = lambda message, *_: print(f"{name}: warning: {message}", file=sys.stderr)
    sys.unraisablehook = _deliver_later
    ending = signal.getsignal(signal.SIGINT)
    if ending is not signal.SIG_IGN:  # ignored for commands in the background, and to stay so
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = main(sys.argv[1:])
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        status = 130
    finally:
        signal.signal(signal.SIGINT, ending)
    # An interrupt inside `exec`, for instance while a dataclass is made, leaves Python a mark to end by that signal
    # even if it was caught. Running a text takes the mark away.
    exec("")
    sys.exit(status)


def _deliver_later(lost: sys.UnraisableHookArgs) -> None:
    """Raise an interrupt again that arrived where Python cannot raise it, such as in `__del__`; report other errors."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Timer(0.01, _interrupt_main_thread).start()
    else:
        sys.__unraisablehook__(lost)


def _interrupt_main_thread() -> None:
    # A signal to the process, or to this thread, need not end a system call in which the main thread waits.
    identity = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and identity is not None:
        signal.pthread_kill(identity, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
