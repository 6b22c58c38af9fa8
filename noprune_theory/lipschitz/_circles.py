"""The great circles in which D - 2 hyperplanes of an arrangement meet, block after block, with their sorted kinks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz._circle_kernels import circle_keys, mark_later_tuples

if TYPE_CHECKING:
    from noprune_theory.lipschitz._enumeration import Essential

_EVENTS_AT_ONCE = 1 << 16
_TUPLES_AT_ONCE = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A block of circles with their sorted kinks.

    Attributes
    ----------
    tuples, bases, bits, keys, starts
        See `circle_keys`; the keys are sorted along each circle.
    limits : ndarray of int64, shape (B,)
        Kinks nearer than this (in key units) may be in either order; -1 when the tuple is dependent to rounding or
        another hyperplane contains the circle; -2 when the tuple is dependent by its zeros, or when another tuple
        stands for the same circle.
    infinity_keys : ndarray of int64, shape (B, 2)
        Key of the kink at infinity and the sign of the last lifted coordinate after it (0: no kink).
    """

    tuples: IntArray
    bases: FloatArray
    bits: int
    keys: IntArray
    starts: FloatArray
    limits: IntArray
    infinity_keys: IntArray

    def hyperplanes(self, circle: int) -> IntArray:
        """Return the hyperplanes that a circle crosses, in order; the last, one a member, mean nothing."""
        return (self.keys[circle] & ((1 << self.bits) - 1)) >> 1


def circle_blocks(system: Essential, *, simple: bool) -> Iterator[Block]:
    """Yield the circles of all (D - 2)-tuples of hyperplanes, or of those that a simple arrangement needs."""
    count, dimension = system.normals.shape
    transposed = np.ascontiguousarray(system.normals.T)
    at_once = max(1, _EVENTS_AT_ONCE // count)
    for members in increasing_tuples(count, dimension - 2):
        chosen = members[:, covering(members, count)] if simple else members
        bases, volumes = circle_bases(transposed, chosen)
        tuples = np.ascontiguousarray(chosen.T)
        for start in range(0, tuples.shape[0], at_once):
            part = slice(start, start + at_once)
            yield _located(system, transposed, tuples[part], bases[part], volumes[part])


def increasing_tuples(count: int, size: int) -> Iterator[IntArray]:
    """Yield all increasing `size`-tuples below `count` in lexicographic order, in blocks, as columns."""
    if size == 0:
        yield np.zeros((0, 1), dtype=np.int64)
        return
    for prefixes in increasing_tuples(count - 1, size - 1):
        following = prefixes[-1] + 1 if size > 1 else np.zeros(1, dtype=np.int64)
        ends = np.cumsum(count - following)
        for first in range(0, int(ends[-1]), _TUPLES_AT_ONCE):
            last = min(first + _TUPLES_AT_ONCE, int(ends[-1]))
            low, high = np.searchsorted(ends, [first, last - 1], side="right")
            lengths = np.diff(np.clip(ends[low : high + 1], first, last), prepend=first)
            tuples = np.empty((size, last - first), dtype=np.int64)
            tuples[:-1] = np.repeat(prefixes[:, low : high + 1], lengths, axis=1)
            tuples[-1] = np.arange(first, last) + np.repeat(count - ends[low : high + 1], lengths)
            yield tuples


def covering(tuples: IntArray, count: int) -> BoolArray:
    """Return which t-tuples belong to a family of which every (t + 1)-set of `count` planes contains one.

    A simple arrangement has a vertex on every cell, t + 1 planes through it, and an edge of the cell along each t of
    them.

    Parameters
    ----------
    tuples : ndarray of int, shape (t, B)
    count : int
    """
    size = tuples.shape[0]
    if size == 1:
        return np.asarray(tuples[0] < count - 1)
    if size == 3:
        # Turan's family for triples: all in one of three parts, or two in a part and one in the next. The digits of
        # `codes` to the base 4 are the numbers of members in the parts.
        codes = np.sum((4 ** (np.arange(count) % 3))[tuples], axis=0)
        allowed = np.zeros(64, dtype=bool)
        allowed[[0o003, 0o014, 0o060, 0o006, 0o030, 0o041]] = True
        return allowed[codes]
    # Removing a member from a set that meets both parts gives either parity.
    odd = np.sum(tuples & 1, axis=0)
    return np.asarray((odd % 2 == 0) | (odd == size))


def circle_bases(normals: FloatArray, tuples: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return orthonormal bases of the planes orthogonal to tuples of normals, by Householder's reflections.

    Parameters
    ----------
    normals : ndarray, shape (D, M)
    tuples : ndarray of int, shape (D - 2, B)

    Returns
    -------
    bases : ndarray, shape (B, 2, D)
    volumes : ndarray, shape (B,)
        Of the parallelotopes of unit normals: the products of the pivots, 0 where one is below 1e-14.
    """
    dimension, (size, circles) = normals.shape[0], tuples.shape
    columns = np.ascontiguousarray((normals / _norms(normals))[:, tuples].swapaxes(0, 1))
    volumes, basis = np.ones(circles), np.zeros((2, dimension, circles))
    basis[0, size], basis[1, size + 1] = 1.0, 1.0
    for k in range(size):
        reflector = columns[k, k:]
        pivot = _norms(reflector)
        volumes *= np.where(pivot < 1e-14, 0.0, pivot)
        reflector[0] += np.where(reflector[0] >= 0.0, pivot, -pivot)
        reflector /= np.maximum(_norms(reflector), 1e-300)
        _reflect(columns[k + 1 :, k:], reflector)
    for k in range(size - 1, -1, -1):
        _reflect(basis[:, k:], columns[k, k:])
    return np.ascontiguousarray(basis.transpose(2, 0, 1)), volumes


def _norms(columns: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.einsum("db,db->b", columns, columns)))


def _reflect(vectors: FloatArray, reflectors: FloatArray) -> None:
    """Reflect vectors (m, D, B) in the hyperplanes orthogonal to unit vectors (D, B), in place."""
    vectors -= (2.0 * np.einsum("mdb,db->mb", vectors, reflectors))[:, None] * reflectors


def dependent_by_zeros(supports: IntArray, tuples: IntArray) -> BoolArray:
    """Return where some members have fewer coordinates between them than they are: then they are dependent."""
    found = np.zeros(tuples.shape[0], dtype=bool)
    for subset in range(1, 1 << tuples.shape[1]):
        members = [k for k in range(tuples.shape[1]) if (subset >> k) & 1]
        union = np.bitwise_or.reduce(supports[tuples[:, members]], axis=1)
        found |= np.bitwise_count(union) < len(members)
    return found


def _located(
    system: Essential, transposed: FloatArray, tuples: IntArray, bases: FloatArray, volumes: FloatArray
) -> Block:
    """Return the block of the circles of tuples whose bases are known."""
    (dimension, count), circles = transposed.shape, tuples.shape[0]
    bits = max(1, (2 * count - 1).bit_length())
    scale = float(1 << (61 - bits))
    keys, starts, nearest = np.empty((circles, count), dtype=np.int64), np.empty((circles, 8)), np.empty(circles)
    circle_keys(transposed, system.jumps, tuples, bases, bits, scale, keys, starts, nearest, np.empty((3, count)))
    # Householder's error is below 16 D^2 ulps; the circle amplifies it by 1 / volume, the angle by 1 / nearest.
    tolerance = 64.0 * dimension * dimension * 2.3e-16 / np.maximum(volumes, 1e-13)
    limits = (np.minimum(2.0 * tolerance / nearest, 2.0) * scale).astype(np.int64) + 2
    dependent = volumes < 1e-13
    flat = (nearest <= tolerance) & ~dependent
    limits[dependent | flat] = -1
    if dependent.any():
        limits[dependent] -= dependent_by_zeros(system.supports, tuples[dependent])
    if flat.any():
        scratch = np.empty((dimension - 2, dimension))
        mark_later_tuples(transposed, tuples, bases, np.flatnonzero(flat), limits, scratch)
    infinity_keys = np.zeros((circles, 2), dtype=np.int64)
    if system.infinity >= 0:
        infinity_keys[:, 0] = keys[:, system.infinity]
        inside = (tuples == system.infinity).any(axis=1)
        infinity_keys[:, 1] = np.where(inside, 0, 1 - 2 * (infinity_keys[:, 0] & 1))
    keys.sort(axis=1)
    return Block(tuples, bases, bits, keys, starts, limits, infinity_keys)
