"""The machines behind the provers are one for the whole process: z3's context and flint's precision.

A proof holds the lock from its first to its last use of them, so that proofs in several threads follow each other, and
ball arithmetic runs at the precision that its certificate states.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import flint

__all__ = ["LOCK", "PRECISION", "PrecisionChangedError", "working_precision"]

# Reentrant: a proof may contain others.
LOCK = RLock()
# Of single enclosures, in bits; nothing depends on it but how close to zero a sign is still decided.
PRECISION = 96


class PrecisionChangedError(RuntimeError):
    """Something that does not hold the lock has set `flint.ctx.prec` meanwhile."""


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """Run ball arithmetic at a precision in bits, alone, and put the former precision back.

    Raises
    ------
    PrecisionChangedError
        If at the end the precision is another one: then some of the results have it.
    """
    with LOCK:
        saved = flint.ctx.prec
        flint.ctx.prec = bits
        try:
            yield
            found = flint.ctx.prec
            if found != bits:
                raise PrecisionChangedError(f"flint.ctx.prec: set to {found} bits during a computation at {bits}")
        finally:
            flint.ctx.prec = saved
