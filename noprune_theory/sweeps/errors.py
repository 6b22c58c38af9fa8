"""What can go wrong in a sweep."""

from __future__ import annotations

__all__ = ["StoreError", "StoreWarning", "SweepError", "one_line"]


class SweepError(RuntimeError):
    """Cells of a sweep failed."""


class StoreError(RuntimeError):
    """The file of results cannot be read or written, or is not what it should be."""


class StoreWarning(UserWarning):
    """Stored results of these cells were computed by other code, and are not used."""


def one_line(text: str) -> str:
    """Return a message of other software without line ends and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
