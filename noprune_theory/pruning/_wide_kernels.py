"""Compiled passes over numbers with exponents of their own."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True, nogil=True)
def smallest_nonzero(values):  # type: ignore[no-untyped-def]
    """Return the smallest magnitude other than 0 among the float64 numbers (m,), and inf where there is none."""
    smallest = np.inf
    for value in values:
        size = abs(value)
        if size > 0.0 and size < smallest:
            smallest = size
    return smallest
