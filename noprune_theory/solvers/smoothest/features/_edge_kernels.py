"""Walks along the edges of an arrangement of planes through 0: slopes of all cells for given weights.

A circle is the intersection of s planes. The other planes cross it in an order that no weight changes: entry after
entry, 4 plane + 2 (active before the crossing) + (the arc behind the crossing has a width); -1 ends a row.
"""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit
from noprune_theory._types import FloatArray, IntArray


@njit(cache=True)
def steepest_spatial(
    entries: IntArray, members: IntArray, jumps: FloatArray, base: FloatArray, best: FloatArray, place: IntArray
) -> None:
    """Write the largest squared slope beside each circle, and the entry before its arc; inputs of at most 3 dimensions.

    `jumps` (planes, 3) are the changes of the gradient from the inactive to the active side, `base` (3,) the gradient
    where no plane is active. Circles lie on one plane or two.
    """
    two = members.shape[1] == 2
    for c in range(entries.shape[0]):
        g0, g1, g2 = base[0], base[1], base[2]
        for e in range(entries.shape[1]):
            entry = entries[c, e]
            if entry < 0:
                break
            if entry & 2:
                k = entry >> 2
                g0 += jumps[k, 0]
                g1 += jumps[k, 1]
                g2 += jumps[k, 2]
        a0, a1, a2 = jumps[members[c, 0], 0], jumps[members[c, 0], 1], jumps[members[c, 0], 2]
        a_square = a0 * a0 + a1 * a1 + a2 * a2
        b0, b1, b2 = 0.0, 0.0, 0.0
        if two:
            b0, b1, b2 = jumps[members[c, 1], 0], jumps[members[c, 1], 1], jumps[members[c, 1], 2]
        b_square = b0 * b0 + b1 * b1 + b2 * b2
        mixed = 2.0 * (a0 * b0 + a1 * b1 + a2 * b2)
        largest, where = -1.0, -2
        for e in range(-1, entries.shape[1]):
            if e >= 0:
                entry = entries[c, e]
                if entry < 0:
                    break
                k = entry >> 2
                sign = 1.0 - (entry & 2)
                g0 += sign * jumps[k, 0]
                g1 += sign * jumps[k, 1]
                g2 += sign * jumps[k, 2]
                if not entry & 1:
                    continue
            gain = 2.0 * (g0 * a0 + g1 * a1 + g2 * a2) + a_square
            if two:
                other = 2.0 * (g0 * b0 + g1 * b1 + g2 * b2) + b_square
                gain = max(max(0.0, gain), max(other, gain + other + mixed))
            square = g0 * g0 + g1 * g1 + g2 * g2 + max(0.0, gain)
            if square > largest:
                largest, where = square, e
        best[c], place[c] = largest, where


@njit(cache=True)
def steepest_general(
    entries: IntArray, members: IntArray, jumps: FloatArray, base: FloatArray, best: FloatArray, place: IntArray
) -> None:
    """Do as `steepest_spatial` for circles on any number of planes and inputs of any dimension."""
    d, s = jumps.shape[1], members.shape[1]
    gradient = np.empty(d)
    sums = np.empty((1 << s, d))
    squares = np.empty(1 << s)
    for c in range(entries.shape[0]):
        for i in range(d):
            gradient[i] = base[i]
        for e in range(entries.shape[1]):
            entry = entries[c, e]
            if entry < 0:
                break
            if entry & 2:
                for i in range(d):
                    gradient[i] += jumps[entry >> 2, i]
        for side in range(1 << s):
            squares[side] = 0.0
            for i in range(d):
                sums[side, i] = 0.0
                for m in range(s):
                    if (side >> m) & 1:
                        sums[side, i] += jumps[members[c, m], i]
                squares[side] += sums[side, i] ** 2
        largest, where, longest = -1.0, -2, np.sqrt(np.max(squares))
        for e in range(-1, entries.shape[1]):
            if e >= 0:
                entry = entries[c, e]
                if entry < 0:
                    break
                sign = 1.0 - (entry & 2)
                for i in range(d):
                    gradient[i] += sign * jumps[entry >> 2, i]
                if not entry & 1:
                    continue
            square, gain = 0.0, 0.0
            for i in range(d):
                square += gradient[i] ** 2
            if (np.sqrt(square) + longest) ** 2 <= largest:
                continue
            for side in range(1, 1 << s):
                product = 0.0
                for i in range(d):
                    product += gradient[i] * sums[side, i]
                gain = max(gain, 2.0 * product + squares[side])
            if square + gain > largest:
                largest, where = square + gain, e
        best[c], place[c] = largest, where


@njit(cache=True)
def steepest_sides(
    rows: IntArray,
    entries: IntArray,
    members: IntArray,
    jumps: FloatArray,
    base: FloatArray,
    place: IntArray,
    sides: IntArray,
) -> None:
    """Write the sides (rows, s), 1 active and -1 not, of the steepest cell at the arcs `place` of some circles."""
    d, s = jumps.shape[1], members.shape[1]
    gradient = np.empty(d)
    for r in range(len(rows)):
        c = rows[r]
        for i in range(d):
            gradient[i] = base[i]
        for e in range(entries.shape[1]):
            entry = entries[c, e]
            if entry < 0:
                break
            if ((entry & 2) != 0) != (e <= place[c]):
                for i in range(d):
                    gradient[i] += jumps[entry >> 2, i]
        largest, chosen = -1.0, 0
        for side in range(1 << s):
            square = 0.0
            for i in range(d):
                value = gradient[i]
                for m in range(s):
                    if (side >> m) & 1:
                        value += jumps[members[c, m], i]
                square += value * value
            if square > largest:
                largest, chosen = square, side
        for m in range(s):
            sides[r, m] = 1 if (chosen >> m) & 1 else -1
