"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; move it over `path` if the block succeeds.

    Several processes may replace one file at a time: each has a temporary path of its own. An existing file keeps its
    permissions.

    Parameters
    ----------
    path : Path

    Raises
    ------
    OSError
        With the name of the file, if the folder cannot be written to or the disk is full.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno or errno.EIO, f"cannot write: {reason}", str(path)) from error


def write_whole(path: Path, text: str) -> None:
    """Write a text as UTF-8 by `replacing`: whoever reads the file finds all of it, or the one before."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


_UMASK = threading.Lock()


def _umask() -> int:
    """Return the mask of new files; it is read by setting it, which two threads must not do at once."""
    with _UMASK:
        mask = os.umask(0o077)
        os.umask(mask)
    return mask
