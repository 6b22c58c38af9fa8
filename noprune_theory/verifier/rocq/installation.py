"""Whether Rocq and its libraries are installed, and what to do where they are not."""

from __future__ import annotations

import shutil

__all__ = ["INSTALL", "RocqMissingError", "find_tools"]

INSTALL = "apt-get install coq libcoq-interval libcoq-coquelicot coinor-csdp"
_TOOLS = ("coqc", "coqtop", "csdp")


class RocqMissingError(RuntimeError):
    """A program or library is not installed; the message is one line that says how to install it."""


def find_tools() -> None:
    """Check that the programs are on the path.

    Raises
    ------
    RocqMissingError
        If one is not.
    """
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise RocqMissingError(f"{', '.join(missing)} not found; install Rocq with `{INSTALL}`")
